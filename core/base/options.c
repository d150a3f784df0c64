/* An element of a list is made only after its first value has been found good,
 * so that a refused value leaves no trace. */
#include "base/options_private.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const char *const source_names[] = {
    [OPTION_FROM_DEFAULT] = "default",
    [OPTION_FROM_PROFILE] = "profile",
    [OPTION_FROM_ENVIRONMENT] = "environment",
    [OPTION_FROM_COMMAND_LINE] = "command line",
};
static_assert(ARRAY_LEN(source_names) == OPTION_SOURCE_COUNT, "name every source");

const char *option_source_name(enum option_source source)
{
    assert(source < OPTION_SOURCE_COUNT);
    return source_names[source];
}

struct options *options_new(void)
{
    return mem_new(sizeof(struct options));
}

void options_free(struct options *options)
{
    if (!options)
        return;
    for (int i = 0; i < options->record_count; i++)
        mem_free(options->records[i].key);
    mem_free(options->records);
    mem_free(options->bindings);
    mem_free(options);
}

void options_add(struct options *options, const struct option_table *table, void *target)
{
    int n = options->binding_count++;

    options->bindings = mem_resize(options->bindings, (size_t)n + 1, sizeof *options->bindings);
    options->bindings[n] = (struct binding){table, target};
    option_table_init(table, target);
}

/* ---- where values came from ---- */

static struct record *find_record(const struct options *options, const char *key)
{
    for (int i = 0; i < options->record_count; i++)
        if (strcmp(options->records[i].key, key) == 0)
            return &options->records[i];
    return NULL;
}

static void record(struct options *options, const char *key, const struct option_origin *origin)
{
    struct record *old = find_record(options, key);

    if (old) {
        old->origin = *origin;
        return;
    }
    int n = options->record_count++;
    options->records = mem_resize(options->records, (size_t)n + 1, sizeof *options->records);
    options->records[n] = (struct record){mem_copy_text(key), *origin};
}

struct option_origin options_origin(const struct options *options, const char *key)
{
    const struct record *found = find_record(options, key);

    return found ? found->origin : (struct option_origin){0};
}

/* ---- setting ---- */

static enum err store(const struct place *place, void *target, const char *key,
                      const struct option_value *value, struct fault *why)
{
    if (place->param[0])
        return option_set_param(place->option, target, place->param, key, value, why);
    return option_set(place->option, target, key, value, why);
}

/* The first value of a new element, whose memory counts only once the value was good. In a
 * numbered list the elements before it come into being too; who reads the list finds them empty
 * and says so. */
static enum err store_in_new(const struct place *place, const char *key,
                             const struct option_value *value, struct fault *why)
{
    const struct option_table *table = place->binding->table;
    bool is_numbered = table->elements->naming == OPTION_BY_NUMBER;
    int first = binding_element_count(place->binding);
    int last = is_numbered ? atoi(place->element) - 1 : first;
    enum err err;

    if (last >= table->elements->max)
        return fail(why, ERR_RANGE, "%s: '%s' has room for %d", key, table->prefix,
                    table->elements->max);
    for (int i = first; i <= last; i++) {
        memset(binding_element(place->binding, i), 0, table->elements->stride);
        option_init_all(table->options, table->count, binding_element(place->binding, i));
    }
    char *element = binding_element(place->binding, last);
    if (!is_numbered)
        strcpy(element, place->element);
    err = store(place, element, key, value, why);
    if (!err)
        binding_set_element_count(place->binding, last + 1);
    return err;
}

static enum err set(struct options *options, const char *key, const struct option_value *value,
                    const struct option_origin *origin, struct fault *why)
{
    struct place place;
    char full[OPTION_KEY_MAX];
    enum err err;

    if (!place_find(options, key, &place) ||
        (place.option->type == OPTION_PARAMS && !place.param[0]))
        return options_refuse_key(options, key, why);
    place_key(&place, full);
    if (options_origin(options, full).source > origin->source)
        return store(&place, NULL, full, value, why);
    char *target = place_target(&place);
    err = target ? store(&place, target, full, value, why)
                 : store_in_new(&place, full, value, why);
    if (!err)
        record(options, full, origin);
    return err;
}

enum err options_set(struct options *options, const char *key, const struct option_value *value,
                     const struct option_origin *origin, struct fault *why)
{
    struct option_value from = {value->kind, value->text, origin->where};
    enum err err = set(options, key, &from, origin, why);

    if (err && why && origin->where[0])
        fault_prefix(why, "%s: ", origin->where);
    return err;
}

enum err options_set_pair(struct options *options, const char *pair,
                          const struct option_origin *origin, struct fault *why)
{
    const char *equals = strchr(pair, '=');
    char key[OPTION_KEY_MAX];

    if (!equals || equals == pair || (size_t)(equals - pair) >= sizeof key)
        return fail(why, ERR_USAGE, "%s: expected KEY=VALUE, not '%.80s'", origin->where, pair);
    snprintf(key, sizeof key, "%.*s", (int)(equals - pair), pair);
    struct option_value value = {.kind = OPTION_AS_TEXT, .text = equals + 1};
    return options_set(options, key, &value, origin, why);
}

void options_clear_list(struct options *options, const char *prefix)
{
    int kept = 0;

    for (int i = 0; i < options->binding_count; i++)
        if (options->bindings[i].table->elements &&
            strcmp(options->bindings[i].table->prefix, prefix) == 0)
            binding_set_element_count(&options->bindings[i], 0);
    for (int i = 0; i < options->record_count; i++) {
        if (key_after(options->records[i].key, prefix))
            mem_free(options->records[i].key);
        else
            options->records[kept++] = options->records[i];
    }
    options->record_count = kept;
}
