/* What a key means, and what a key that means nothing could have been. */
#include "base/options_private.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/option_type.h"
#include "base/text.h"

/* ---- elements of lists ---- */

int binding_element_count(const struct binding *binding)
{
    int count;

    memcpy(&count, binding->target + binding->table->elements->count, sizeof count);
    return count;
}

void binding_set_element_count(const struct binding *binding, int count)
{
    memcpy(binding->target + binding->table->elements->count, &count, sizeof count);
}

char *binding_element(const struct binding *binding, int index)
{
    const struct option_elements *elements = binding->table->elements;

    assert(index < elements->max);
    return binding->target + elements->items + (size_t)index * elements->stride;
}

void binding_element_name(const struct binding *binding, int index, char out[OPTION_SYMBOL_MAX])
{
    if (binding->table->elements->naming == OPTION_BY_NUMBER)
        snprintf(out, OPTION_SYMBOL_MAX, "%d", index + 1);
    else
        snprintf(out, OPTION_SYMBOL_MAX, "%s", binding_element(binding, index));
}

bool option_is_element_name(enum option_naming naming, const char *name)
{
    struct option_symbols symbols;
    size_t len = strlen(name);

    switch (naming) {
    case OPTION_BY_NUMBER:
        return len > 0 && len < 4 && name[0] != '0' && strspn(name, "0123456789") == len;
    case OPTION_BY_SYMBOL:
        return option_parse_symbols(name, &symbols) && symbols.count == 1;
    default:
        for (size_t i = 0; i < len; i++)
            if (!isalnum((unsigned char)name[i]))
                return false;
        return isalpha((unsigned char)name[0]);
    }
}

/* Its index, or the count when there is none of this name. */
static int find_element(const struct binding *binding, const char *name)
{
    int count = binding_element_count(binding);
    char own[OPTION_SYMBOL_MAX];

    for (int i = 0; i < count; i++) {
        binding_element_name(binding, i, own);
        if (strcmp(own, name) == 0)
            return i;
    }
    return count;
}

/* ---- keys ---- */

const char *key_after(const char *key, const char *head)
{
    size_t len = strlen(head);

    if (len == 0)
        return key;
    return strncmp(key, head, len) == 0 && key[len] == '.' ? key + len + 1 : NULL;
}

/* Takes the first part of a key off it; "" stays when it was the last. */
static bool take_part(const char **key, char *out, size_t size)
{
    size_t len = strcspn(*key, ".");

    if (len == 0 || len >= size)
        return false;
    memcpy(out, *key, len);
    out[len] = '\0';
    *key += len + ((*key)[len] == '.');
    return true;
}

static bool match_option(const struct option *option, const char *rest, struct place *place)
{
    const char *name = option->type == OPTION_PARAMS ? key_after(rest, option->key) : NULL;

    if (name && *name && !strchr(name, '.') && strlen(name) < sizeof place->param)
        strcpy(place->param, name);
    else if (strcmp(rest, option->key) != 0 && !(option->is_main && !*rest))
        return false;
    place->option = option;
    return true;
}

static bool match_table(const struct binding *binding, const char *key, struct place *place)
{
    const struct option_table *table = binding->table;
    const char *rest = key_after(key, table->prefix);

    *place = (struct place){.binding = binding};
    if (!rest || !*rest)
        return false;
    if (table->elements) {
        if (!take_part(&rest, place->element, sizeof place->element) ||
            !option_is_element_name(table->elements->naming, place->element))
            return false;
        place->index = find_element(binding, place->element);
    }
    for (int i = 0; i < table->count; i++)
        if (match_option(&table->options[i], rest, place))
            return true;
    return false;
}

bool place_find(const struct options *options, const char *key, struct place *place)
{
    if (strlen(key) >= OPTION_KEY_MAX)
        return false;
    for (int i = 0; i < options->binding_count; i++)
        if (match_table(&options->bindings[i], key, place))
            return true;
    return false;
}

const char *place_key(const struct place *place, char out[OPTION_KEY_MAX])
{
    const char *element = place->binding->table->elements ? place->element : NULL;
    size_t len = strlen(option_table_key(place->binding->table, place->option, element, out));

    if (place->param[0])
        snprintf(out + len, OPTION_KEY_MAX - len, ".%s", place->param);
    return out;
}

char *place_target(const struct place *place)
{
    if (!place->binding->table->elements)
        return place->binding->target;
    if (place->index == binding_element_count(place->binding))
        return NULL;
    return binding_element(place->binding, place->index);
}

/* ---- what a wrong key could have meant ---- */

void key_list_add(struct key_list *list, const char *key)
{
    list->keys = mem_resize(list->keys, (size_t)list->count + 1, sizeof *list->keys);
    list->keys[list->count++] = mem_copy_text(key);
}

void key_list_clear(struct key_list *list)
{
    for (int i = 0; i < list->count; i++)
        mem_free(list->keys[i]);
    mem_free(list->keys);
    *list = (struct key_list){0};
}

/* Every key of a table, under the name of the element that the wrong key speaks of. */
static void add_keys(struct key_list *list, const struct option_table *table, const char *wrong)
{
    char key[OPTION_KEY_MAX], element[OPTION_SYMBOL_MAX];
    const char *rest = table->elements ? key_after(wrong, table->prefix) : NULL;
    bool has_element = rest && take_part(&rest, element, sizeof element);

    if (table->prefix[0])
        key_list_add(list, table->prefix);
    for (int i = 0; i < table->count; i++)
        key_list_add(list, option_table_key(table, &table->options[i],
                                            has_element ? element : NULL, key));
}

/* The key that is right but for what stands before its last dot: risk.max_order_value for
 * max_order_value. NULL if none. */
static const char *find_by_end(const struct key_list *list, const char *wrong)
{
    const char *last = strrchr(wrong, '.');

    last = last ? last + 1 : wrong;
    for (int i = 0; i < list->count; i++) {
        const char *dot = strrchr(list->keys[i], '.');
        if (strcmp(dot ? dot + 1 : list->keys[i], last) == 0)
            return list->keys[i];
    }
    return NULL;
}

/* A few letters are a slip; beyond that the last part of the key tells more. */
static void suggest(const struct options *options, const char *key, struct fault *why)
{
    enum { SLIP = 3 };
    struct key_list list = {0};
    size_t len = strlen(why->text);

    for (int i = 0; i < options->binding_count; i++)
        add_keys(&list, options->bindings[i].table, key);
    const char *nearest = text_nearest(key, (const char *const *)list.keys, list.count);
    if (!nearest || text_distance(key, nearest) > SLIP) {
        const char *same_end = find_by_end(&list, key);
        nearest = same_end ? same_end : nearest;
    }
    if (nearest)
        snprintf(why->text + len, sizeof why->text - len, "; did you mean '%s'?", nearest);
    key_list_clear(&list);
}

/* Whether the key is a part before the keys of a table. */
static bool is_group(const struct option_table *table, const char *key)
{
    char element[OPTION_SYMBOL_MAX];
    const char *rest;

    if (strcmp(key, table->prefix) == 0 || key_after(table->prefix, key))
        return true;
    rest = table->elements ? key_after(key, table->prefix) : NULL;
    return rest && take_part(&rest, element, sizeof element) && !*rest && table->count > 0 &&
           table->options[0].key[0];
}

static bool is_list(const struct option_table *table)
{
    return table->elements && table->elements->naming == OPTION_BY_NUMBER;
}

enum option_shape options_shape(const struct options *options, const char *key)
{
    struct place place;

    if (place_find(options, key, &place) &&
        !(place.option->is_main && is_group(place.binding->table, key))) {
        if (place.option->type == OPTION_PARAMS && !place.param[0])
            return OPTION_GROUP;
        return place.option->type == OPTION_SYMBOLS || place.option->type == OPTION_DAYS
                   ? OPTION_VALUES
                   : OPTION_VALUE;
    }
    for (int i = 0; i < options->binding_count; i++) {
        const struct option_table *table = options->bindings[i].table;
        if (*key && is_group(table, key))
            return is_list(table) && strcmp(key, table->prefix) == 0 ? OPTION_LIST
                                                                     : OPTION_GROUP;
    }
    return OPTION_UNKNOWN;
}

/* An option that the key goes on behind: a table where a value was expected. */
static const struct option *option_above(const struct options *options, const char *key)
{
    char head[OPTION_KEY_MAX];
    struct place place;

    snprintf(head, sizeof head, "%s", key);
    for (char *dot; (dot = strrchr(head, '.'));) {
        *dot = '\0';
        if (place_find(options, head, &place) && !place.option->is_main)
            return place.option;
    }
    return NULL;
}

/* The name of an element that is no such name: "btc-usd" for a symbol. */
static enum err refuse_element(const struct options *options, const char *key,
                               struct fault *why)
{
    static const char *const expected[] = {
        [OPTION_BY_NUMBER] = "a place in a list: 1, 2, 3",
        [OPTION_BY_SYMBOL] = "a symbol such as BTC-USD",
        [OPTION_BY_WORD] = "a word of letters and digits",
    };

    for (int i = 0; i < options->binding_count; i++) {
        const struct option_table *table = options->bindings[i].table;
        const char *rest = table->elements ? key_after(key, table->prefix) : NULL;
        char name[OPTION_SYMBOL_MAX] = "";
        if (rest && (!take_part(&rest, name, sizeof name) ||
                     !option_is_element_name(table->elements->naming, name)))
            return fail(why, ERR_PARSE, "unknown key '%.100s': '%s' is not %s", key, name,
                        expected[table->elements->naming]);
    }
    return OK;
}

enum err options_refuse_key(const struct options *options, const char *key, struct fault *why)
{
    const struct option *above = option_above(options, key);
    enum err err = OK;

    if (above && above->type == OPTION_PARAMS)
        return fail(why, ERR_PARSE,
                    "'%.100s': parameters are numbers, texts, true or false, not tables", key);
    if (above)
        return fail(why, ERR_PARSE, "'%.100s' is part of a table, but a %s was expected there",
                    key, option_type_name(above->type));
    enum option_shape shape = options_shape(options, key);
    if (shape == OPTION_LIST)
        return fail(why, ERR_PARSE, "'%.100s' is a list, not a single value", key);
    if (shape == OPTION_GROUP)
        return fail(why, ERR_PARSE, "'%.100s' is a table of settings, not a single value", key);
    err = refuse_element(options, key, why);
    if (err)
        return err;
    fail(why, ERR_MISSING, "unknown key '%.100s'", key);
    if (why)
        suggest(options, key, why);
    return ERR_MISSING;
}
