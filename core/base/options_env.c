/* Settings from the environment. A variable's name is its key in capitals, with
 * underscores for dots and dashes: that loses which was which, so a name is
 * matched against the tables, and what lies between a table's prefix and an
 * option's key is the element. The longest key that fits wins. */
#include "base/options_private.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

static const char head[] = "PERIGEE_";

static char in_capitals(char c)
{
    return c == '.' || c == '-' ? '_' : (char)toupper((unsigned char)c);
}

const char *option_variable(const char *key, char out[OPTION_KEY_MAX])
{
    size_t len = strlen(head);

    strcpy(out, head);
    for (; *key && len + 1 < OPTION_KEY_MAX; key++)
        out[len++] = in_capitals(*key);
    out[len] = '\0';
    return out;
}

/* What follows `part` and an underscore in the variable's name; NULL if it does not begin so.
 */
static const char *skip_part(const char *name, const char *part)
{
    size_t len = strlen(part);

    if (len == 0)
        return name;
    for (size_t i = 0; i < len; i++)
        if (name[i] != in_capitals(part[i]))
            return NULL;
    return name[len] == '_' ? name + len + 1 : NULL;
}

/* The element that a piece of a variable's name stands for. */
static bool read_element(enum option_naming naming, const char *text, size_t len,
                         char out[OPTION_SYMBOL_MAX])
{
    if (len == 0 || len >= OPTION_SYMBOL_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        out[i] = naming == OPTION_BY_SYMBOL && text[i] == '_' ? '-' : text[i];
    out[len] = '\0';
    return option_is_element_name(naming, out);
}

static bool read_param(const char *text, char *out, size_t size)
{
    size_t len = strlen(text);

    if (len == 0 || len >= size)
        return false;
    for (size_t i = 0; i <= len; i++)
        out[i] = (char)tolower((unsigned char)text[i]);
    return true;
}

static bool is_key(const char *text, const char *key)
{
    while (*key && *text == in_capitals(*key))
        text++, key++;
    return !*text && !*key;
}

/* Whether the text is an element and the key, with an underscore between; *len is the
 * element's. */
static bool ends_with_key(const char *text, const char *key, size_t *len)
{
    size_t text_len = strlen(text), key_len = strlen(key);

    *len = text_len;
    if (key_len == 0)
        return true;
    if (text_len <= key_len + 1)
        return false;
    *len = text_len - key_len - 1;
    return text[*len] == '_' && is_key(text + *len + 1, key);
}

/* "1_PARAMS_FAST" in a list, else "PARAMS_FAST". Only numbered lists have parameters. */
static bool match_param(const struct option_table *table, const char *rest, struct place *place)
{
    if (table->elements) {
        size_t len = strspn(rest, "0123456789");
        if (rest[len] != '_' ||
            !read_element(table->elements->naming, rest, len, place->element))
            return false;
        rest += len + 1;
    }
    const char *name = skip_part(rest, place->option->key);
    return name && read_param(name, place->param, sizeof place->param);
}

/* `rest` is the variable's name after the table's prefix. */
static bool match(const struct option_table *table, const char *rest, struct place *place)
{
    size_t len;

    if (place->option->type == OPTION_PARAMS)
        return match_param(table, rest, place);
    if (!table->elements)
        return is_key(rest, place->option->key);
    return ends_with_key(rest, place->option->key, &len) &&
           read_element(table->elements->naming, rest, len, place->element);
}

/* The key that a variable's name stands for, without its head; false if none. */
static bool find_key(const struct options *options, const char *name, char out[OPTION_KEY_MAX])
{
    size_t best = 0;
    bool found = false;

    for (int i = 0; i < options->binding_count; i++) {
        const struct option_table *table = options->bindings[i].table;
        const char *rest = skip_part(name, table->prefix);
        for (int j = 0; rest && j < table->count; j++) {
            struct place place = {&options->bindings[i], &table->options[j], "", 0, ""};
            size_t len = strlen(table->prefix) + strlen(table->options[j].key);
            if (!match(table, rest, &place) || (found && len <= best))
                continue;
            place_key(&place, out);
            best = len;
            found = true;
        }
    }
    return found;
}

static enum err refuse_variable(const struct options *options, const char *name,
                                struct fault *why)
{
    struct options_cursor at = {0};
    struct option_entry entry;
    struct key_list list = {0};
    char variable[OPTION_KEY_MAX];

    while (options_next(options, &at, &entry))
        key_list_add(&list, option_variable(entry.key, variable) + strlen(head));
    const char *nearest =
        text_nearest(name + strlen(head), (const char *const *)list.keys, list.count);
    fail(why, ERR_MISSING, "the environment has %s, but there is no such setting", name);
    if (why && nearest)
        snprintf(why->text + strlen(why->text), sizeof why->text - strlen(why->text),
                 "; did you mean %s%s?", head, nearest);
    key_list_clear(&list);
    return ERR_MISSING;
}

static bool is_listed(const char *const *names, const char *name)
{
    for (; *names; names++)
        if (strcmp(*names, name) == 0)
            return true;
    return false;
}

static enum err set_variable(struct options *options, const char *name, const char *text,
                             struct fault *why)
{
    struct option_origin origin = {.source = OPTION_FROM_ENVIRONMENT};
    struct option_value value = {OPTION_AS_TEXT, text, NULL};
    char key[OPTION_KEY_MAX];

    if (!find_key(options, name + strlen(head), key))
        return refuse_variable(options, name, why);
    snprintf(origin.where, sizeof origin.where, "%s", name);
    return options_set(options, key, &value, &origin, why);
}

enum err options_set_environment(struct options *options, char *const *environment,
                                 const char *const *others, struct fault *why)
{
    for (; *environment; environment++) {
        const char *equals = strchr(*environment, '=');
        char name[OPTION_KEY_MAX];
        if (!equals || !equals[1] || strncmp(*environment, head, strlen(head)) != 0)
            continue;
        snprintf(name, sizeof name, "%.*s", (int)(equals - *environment), *environment);
        if (is_listed(others, name))
            continue;
        enum err err = set_variable(options, name, equals + 1, why);
        if (err)
            return err;
    }
    return OK;
}
