/* Reading what is set, one value or all of them. */
#include "base/options_private.h"

#include <assert.h>
#include <string.h>

static void fill_entry(const struct options *options, const struct place *place,
                       struct option_entry *out)
{
    *out = (struct option_entry){.table = place->binding->table, .option = place->option};
    place_key(place, out->key);
    out->target = place_target(place);
    out->origin = options_origin(options, out->key);
    if (!place->param[0] || !out->target)
        return;
    const struct option_params *params =
        (const void *)((const char *)out->target + place->option->offset);
    for (int i = 0; i < params->count; i++)
        if (strcmp(params->items[i].name, place->param) == 0)
            out->param = &params->items[i];
}

enum err options_find(const struct options *options, const char *key, struct option_entry *out,
                      struct fault *why)
{
    struct place place;

    if (!place_find(options, key, &place))
        return options_refuse_key(options, key, why);
    fill_entry(options, &place, out);
    return OK;
}

/* The next place in the order of tables, elements, options, parameters. */
static bool step(const struct options *options, struct options_cursor *at, struct place *place)
{
    for (; at->table < options->binding_count; at->table++, at->element = 0) {
        const struct binding *binding = &options->bindings[at->table];
        const struct option_table *table = binding->table;
        int elements = table->elements ? binding_element_count(binding) : 1;
        for (; at->element < elements; at->element++, at->option = 0) {
            if (at->option == table->count)
                continue;
            *place = (struct place){.binding = binding, .option = &table->options[at->option]};
            place->index = at->element;
            if (table->elements)
                binding_element_name(binding, at->element, place->element);
            return true;
        }
    }
    return false;
}

static bool take_param(const struct place *place, struct options_cursor *at, char *out)
{
    const struct option_params *params =
        (const void *)(place_target(place) + place->option->offset);

    if (at->param == params->count)
        return false;
    strcpy(out, params->items[at->param++].name);
    return true;
}

bool options_next(const struct options *options, struct options_cursor *at,
                  struct option_entry *out)
{
    struct place place;

    while (step(options, at, &place)) {
        if (place.option->type == OPTION_PARAMS && take_param(&place, at, place.param)) {
            fill_entry(options, &place, out);
            return true;
        }
        at->option++;
        at->param = 0;
        if (place.option->type == OPTION_PARAMS)
            continue;
        fill_entry(options, &place, out);
        return true;
    }
    return false;
}

void option_entry_format(const struct option_entry *entry, struct buf *out)
{
    if (entry->param)
        buf_add_text(out, entry->param->text);
    else if (entry->target)
        option_format(entry->option, entry->target, out);
    else if (entry->option->initial)
        buf_add_text(out, entry->option->initial);
}

void options_write_markdown(const struct options *options, struct buf *out)
{
    for (int i = 0; i < options->binding_count; i++)
        option_table_write_markdown(options->bindings[i].table, out);
}
