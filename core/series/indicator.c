/* A kind's state, and a ring of the values it gave.
 *
 * The values after the u-th bar lie in slot u modulo the capacity, a power of
 * two; during the warm-up the slots hold whatever the kind wrote, and nobody is
 * shown them. */
#include "series/indicator.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "series/indicators.h"
#include "series/kind.h"

/* Changes with the state of any kind. */
#define SAVED_VERSION "indicator-1"

struct indicator {
    const struct indicator_info *info;
    const struct indicator_kind *kind;
    void *state;
    int outputs, warm_up;
    int capacity, kept; /* of the ring, in bars; how many of them can be shown */
    int64_t updates;
    double *ring;
    const double *now, *before; /* in the ring, after the last two updates */
    double options[INDICATOR_OPTIONS_MAX];
};

static double *slot_after(const struct indicator *indicator, int64_t updates)
{
    int64_t slot = updates & (indicator->capacity - 1);

    return &indicator->ring[slot * indicator->outputs];
}

static void find_last_two(struct indicator *indicator)
{
    indicator->now = slot_after(indicator, indicator->updates);
    indicator->before = slot_after(indicator, indicator->updates - 1);
}

enum err indicator_new(const struct indicator_info *info, const double *options,
                       struct indicator **out, struct fault *why)
{
    double chosen[INDICATOR_OPTIONS_MAX];

    indicator_default_options(info, chosen);
    if (options)
        memcpy(chosen, options, (size_t)indicator_count_options(info) * sizeof *options);
    enum err err = indicator_check_options(info, chosen, why);
    if (err)
        return err;
    struct indicator *indicator = mem_new(sizeof *indicator);
    indicator->info = info;
    indicator->kind = info->kind;
    indicator->state = mem_new(info->kind->size);
    indicator->outputs = indicator_count_outputs(info);
    indicator->warm_up = info->warm_up(chosen);
    memcpy(indicator->options, chosen, sizeof chosen);
    info->kind->init(indicator->state, chosen);
    indicator_keep_history(indicator, INDICATOR_HISTORY_MIN);
    *out = indicator;
    return OK;
}

void indicator_free(struct indicator *indicator)
{
    if (!indicator)
        return;
    if (indicator->kind->clear)
        indicator->kind->clear(indicator->state);
    mem_free(indicator->state);
    mem_free(indicator->ring);
    mem_free(indicator);
}

void indicator_keep_history(struct indicator *indicator, int values)
{
    struct indicator old = *indicator;
    int capacity = INDICATOR_HISTORY_MIN;

    assert(values <= INDICATOR_HISTORY_MAX);
    while (capacity < values)
        capacity *= 2;
    if (capacity <= old.capacity)
        return;
    indicator->capacity = capacity;
    indicator->ring = mem_new_array((size_t)capacity * (size_t)old.outputs, sizeof(double));
    for (int ago = 0; ago < old.capacity; ago++) {
        memcpy(slot_after(indicator, old.updates - ago), slot_after(&old, old.updates - ago),
               (size_t)old.outputs * sizeof(double));
    }
    mem_free(old.ring);
    find_last_two(indicator);
}

int indicator_history(const struct indicator *indicator)
{
    return indicator->capacity;
}

void indicator_update(struct indicator *indicator, const struct bar *bar)
{
    double *values = slot_after(indicator, ++indicator->updates);

    indicator->kind->update(indicator->state, bar, values);
    indicator->before = indicator->now;
    indicator->now = values;
    if (indicator->updates >= indicator->warm_up && indicator->kept < indicator->capacity)
        indicator->kept++;
}

bool indicator_value(const struct indicator *indicator, int output, int ago, double *out)
{
    assert(output >= 0 && output < indicator->outputs);
    if (ago < 0 || ago >= indicator->kept)
        return false;
    *out = slot_after(indicator, indicator->updates - ago)[output];
    return true;
}

bool indicator_last_two(const struct indicator *indicator, double *now, double *before)
{
    if (indicator->kept < 2)
        return false;
    *now = *indicator->now;
    *before = *indicator->before;
    return true;
}

bool indicator_is_ready(const struct indicator *indicator)
{
    return indicator->updates >= indicator->warm_up;
}

const struct indicator_info *indicator_info(const struct indicator *indicator)
{
    return indicator->info;
}

const double *indicator_options(const struct indicator *indicator)
{
    return indicator->options;
}

int64_t indicator_updates(const struct indicator *indicator)
{
    return indicator->updates;
}

int indicator_warm_up(const struct indicator *indicator)
{
    return indicator->warm_up;
}

void indicator_swap(struct indicator *a, struct indicator *b)
{
    struct indicator old = *a;

    *a = *b;
    *b = old;
}

/* Values there have been, as far as the ring holds them. */
static int count_values(const struct indicator *indicator)
{
    int64_t count = indicator->updates - indicator->warm_up + 1;

    if (count < 0)
        return 0;
    return count < indicator->capacity ? (int)count : indicator->capacity;
}

/* What follows name and options on the line. */
static void visit_state(struct indicator *indicator, struct archive *archive)
{
    int capacity = indicator->capacity;

    archive_int(archive, &capacity, INDICATOR_HISTORY_MIN, INDICATOR_HISTORY_MAX);
    indicator_keep_history(indicator, capacity);
    archive_int64(archive, &indicator->updates, 0, INT64_MAX / 2);
    find_last_two(indicator);
    indicator->kind->archive(indicator->state, archive);
    archive_int(archive, &indicator->kept, indicator_is_ready(indicator),
                count_values(indicator));
    for (int ago = indicator->kept - 1; ago >= 0; ago--) {
        double *values = slot_after(indicator, indicator->updates - ago);
        for (int output = 0; output < indicator->outputs; output++)
            archive_double(archive, &values[output]);
    }
}

void indicator_save(const struct indicator *indicator, struct buf *out)
{
    struct indicator copy = *indicator; /* an archive that saves writes what it was given */
    struct archive archive = archive_saver(out);
    char version[] = SAVED_VERSION, name[32];
    size_t len = strlen(copy.info->name);

    assert(len < sizeof name);
    memcpy(name, copy.info->name, len + 1);
    archive_word(&archive, version, sizeof version);
    archive_word(&archive, name, sizeof name);
    for (int i = 0; i < INDICATOR_OPTIONS_MAX; i++)
        archive_double(&archive, &copy.options[i]);
    visit_state(&copy, &archive);
    enum err err = archive_end(&archive, NULL);
    assert(!err);
}

static enum err load_head(struct archive *archive, const struct indicator_info **info,
                          double *options, struct fault *why)
{
    char version[sizeof SAVED_VERSION] = "", name[32] = "";

    archive_word(archive, version, sizeof version);
    archive_word(archive, name, sizeof name);
    for (int i = 0; i < INDICATOR_OPTIONS_MAX; i++)
        archive_double(archive, &options[i]);
    *info = indicators_find(name);
    if (archive->has_failed || strcmp(version, SAVED_VERSION) != 0 || !*info)
        return fail(why, ERR_CORRUPT,
                    "saved indicator '%s': damaged, or written by another version; feed the "
                    "bars again instead",
                    name);
    return OK;
}

enum err indicator_load(const char *text, size_t len, struct indicator **out, struct fault *why)
{
    struct archive archive = archive_loader(text, len);
    const struct indicator_info *info;
    double options[INDICATOR_OPTIONS_MAX] = {0};
    struct indicator *indicator;

    enum err err = load_head(&archive, &info, options, why);
    if (!err)
        err = indicator_new(info, options, &indicator, why);
    if (err)
        return err;
    visit_state(indicator, &archive);
    err = archive_end(&archive, why);
    if (err) {
        indicator_free(indicator);
        return err;
    }
    *out = indicator;
    return OK;
}
