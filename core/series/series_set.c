#include "series/series_set.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

struct series_set {
    int count;
    struct indicator *indicators[SERIES_SET_MAX];
};

struct series_set *series_set_new(void)
{
    return mem_new(sizeof(struct series_set));
}

static void drop_all(struct series_set *set)
{
    for (int i = 0; i < set->count; i++)
        indicator_free(set->indicators[i]);
    set->count = 0;
}

void series_set_free(struct series_set *set)
{
    if (!set)
        return;
    drop_all(set);
    mem_free(set);
}

static struct indicator *find(const struct series_set *set, const struct indicator_info *info,
                              const double *options)
{
    for (int i = 0; i < set->count; i++) {
        struct indicator *it = set->indicators[i];
        bool is_same = indicator_info(it) == info;
        for (int k = 0; is_same && info->options[k].name; k++)
            is_same = indicator_options(it)[k] == options[k];
        if (is_same)
            return it;
    }
    return NULL;
}

static enum err add(struct series_set *set, const struct indicator_info *info,
                    const double *options, struct indicator **out, struct fault *why)
{
    if (set->count == SERIES_SET_MAX)
        return fail(why, ERR_RANGE, "%s: there are %d indicators already, and that is the most",
                    info->name, SERIES_SET_MAX);
    enum err err = indicator_new(info, options, out, why);
    if (err)
        return err;
    set->indicators[set->count++] = *out;
    return OK;
}

enum err series_set_add(struct series_set *set, const struct indicator_info *info,
                        const double *options, int history, struct indicator **out,
                        struct fault *why)
{
    double initial[INDICATOR_OPTIONS_MAX];

    if (history < 0 || history > INDICATOR_HISTORY_MAX)
        return fail(why, ERR_RANGE, "%s: history must be from 0 to %d values, not %d",
                    info->name, INDICATOR_HISTORY_MAX, history);
    indicator_default_options(info, initial);
    if (!options)
        options = initial;
    struct indicator *indicator = find(set, info, options);
    if (!indicator) {
        enum err err = add(set, info, options, &indicator, why);
        if (err)
            return err;
    }
    indicator_keep_history(indicator, history);
    *out = indicator;
    return OK;
}

void series_set_update(struct series_set *set, const struct bar *bar)
{
    for (int i = 0; i < set->count; i++)
        indicator_update(set->indicators[i], bar);
}

bool series_set_is_ready(const struct series_set *set)
{
    for (int i = 0; i < set->count; i++) {
        if (!indicator_is_ready(set->indicators[i]))
            return false;
    }
    return true;
}

int series_set_count(const struct series_set *set)
{
    return set->count;
}

struct indicator *series_set_at(const struct series_set *set, int index)
{
    assert(index >= 0 && index < set->count);
    return set->indicators[index];
}

int series_set_warm_up(const struct series_set *set)
{
    int longest = 0;

    for (int i = 0; i < set->count; i++) {
        int warm_up = indicator_warm_up(set->indicators[i]);
        longest = warm_up > longest ? warm_up : longest;
    }
    return longest;
}

void series_set_save(const struct series_set *set, struct buf *out)
{
    for (int i = 0; i < set->count; i++)
        indicator_save(set->indicators[i], out);
}

/* Puts the indicators of a text into an empty set. */
static enum err load_lines(struct series_set *set, const char *text, size_t len,
                           struct fault *why)
{
    const char *end = text + len;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *next = newline ? newline + 1 : end;
        if (set->count == SERIES_SET_MAX)
            return fail(why, ERR_CORRUPT, "saved indicators: more than %d", SERIES_SET_MAX);
        enum err err =
            indicator_load(text, (size_t)(next - text), &set->indicators[set->count], why);
        if (err)
            return err;
        set->count++;
        text = next;
    }
    return OK;
}

/* How many of `loaded` are not in the set yet. */
static int count_new(const struct series_set *set, const struct series_set *loaded)
{
    int count = 0;

    for (int i = 0; i < loaded->count; i++) {
        const struct indicator *it = loaded->indicators[i];
        count += !find(set, indicator_info(it), indicator_options(it));
    }
    return count;
}

static void take(struct series_set *set, struct series_set *loaded)
{
    for (int i = 0; i < loaded->count; i++) {
        struct indicator *it = loaded->indicators[i];
        struct indicator *old = find(set, indicator_info(it), indicator_options(it));
        if (old) {
            indicator_keep_history(it, indicator_history(old));
            indicator_swap(old, it);
            indicator_free(it);
        } else {
            set->indicators[set->count++] = it;
        }
    }
    loaded->count = 0;
}

enum err series_set_load(struct series_set *set, const char *text, size_t len,
                         struct fault *why)
{
    struct series_set *loaded = series_set_new();

    enum err err = load_lines(loaded, text, len, why);
    if (!err && set->count + count_new(set, loaded) > SERIES_SET_MAX)
        err = fail(why, ERR_RANGE, "saved indicators: together with those there more than %d",
                   SERIES_SET_MAX);
    if (!err)
        take(set, loaded);
    series_set_free(loaded);
    return err;
}
