#include "base/option.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/option_type.h"
#include "base/text.h"

const char *option_table_key(const struct option_table *table, const struct option *option,
                             const char *element, char out[OPTION_KEY_MAX])
{
    static const char *const any[] = {"N", "SYMBOL", "NAME"};
    const char *parts[3] = {table->prefix, "", option->key};
    size_t len = 0;

    if (table->elements)
        parts[1] = element ? element : any[table->elements->naming];
    out[0] = '\0';
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (parts[i][0])
            len += (size_t)snprintf(out + len, OPTION_KEY_MAX - len, "%s%s", len ? "." : "",
                                    parts[i]);
    assert(len < OPTION_KEY_MAX);
    return out;
}

/* ---- what would be right ---- */

static void describe_bounds(const struct option *option, struct buf *out)
{
    const char *quote =
        option->type == OPTION_DURATION || option->type == OPTION_TIME ? "\"" : "";

    if (option->min && option->max)
        buf_add_format(out, " from %s%s%s to %s%s%s", quote, option->min, quote, quote,
                       option->max, quote);
    else if (option->min)
        buf_add_format(out, " of at least %s%s%s", quote, option->min, quote);
    else if (option->max)
        buf_add_format(out, " of at most %s%s%s", quote, option->max, quote);
    if (option->unit)
        buf_add_format(out, " %s", option->unit);
}

static void describe_choices(const struct option *option, struct buf *out)
{
    if (option->unit) { /* too many to list */
        buf_add_text(out, option->unit);
        return;
    }
    buf_add_text(out, "one of");
    for (int i = 0; option->choices[i]; i++)
        buf_add_format(out, "%s \"%s\"", i ? "," : "", option->choices[i]);
}

void option_describe(const struct option *option, struct buf *out)
{
    switch (option->type) {
    case OPTION_DAYS:
        buf_add_text(out, "days such as \"mon-fri\" or \"sat sun\"");
        break;
    case OPTION_CHOICE:
        describe_choices(option, out);
        break;
    case OPTION_TEXT:
        buf_add_format(out, "a text of at most %zu characters", option->size - 1);
        break;
    case OPTION_WORD:
        buf_add_format(out, "a word of at most %zu letters and digits", option->size - 1);
        break;
    case OPTION_SYMBOLS:
        buf_add_text(out, "symbols such as \"BTC-USD\", each once");
        break;
    case OPTION_PARAMS:
        buf_add_text(out, "parameters by name: numbers, texts, true or false");
        break;
    default:
        buf_add_format(out, "%s%s", option->type == OPTION_BOOL ? "" : "a ",
                       option_type_name(option->type));
        describe_bounds(option, out);
        if (option->type == OPTION_SHARE)
            buf_add_text(out, " (0.05 and \"5%\" are the same)");
        if (option->none)
            buf_add_format(out, ", or \"none\" (%s)", option->none);
    }
}

static void suggest_choice(const struct option *option, const char *text, struct fault *why)
{
    size_t len = strlen(why->text);
    int count = 0;

    while (option->choices[count])
        count++;
    const char *nearest = text_nearest(text, option->choices, count);
    if (nearest)
        snprintf(why->text + len, sizeof why->text - len, "; did you mean \"%s\"?", nearest);
}

static enum err refuse(const struct option *option, const char *key,
                       const struct option_value *value, enum err code, struct fault *why)
{
    bool is_bare = value->kind == OPTION_AS_NUMBER || value->kind == OPTION_AS_BOOL;
    const char *quote = is_bare ? "" : "\"";
    struct buf right = BUF_INIT;
    const char *wrong = code == ERR_RANGE                              ? "out of range"
                        : option_type_takes(option->type, value->kind) ? "not understood"
                                                                       : "of the wrong type";

    option_describe(option, &right);
    fail(why, code, "%s = %s%.60s%s is %s: expected %s", key, quote, value->text, quote, wrong,
         buf_text(&right));
    if (why && option->type == OPTION_CHOICE)
        suggest_choice(option, value->text, why);
    buf_clear(&right);
    return code;
}

/* ---- one value ---- */

static decimal bound(const struct option *option, const char *text)
{
    decimal number;
    bool is_number = option_parse_number(option, text, &number);

    assert(is_number);
    return number;
}

static bool is_in_bounds(const struct option *option, decimal number)
{
    if (option->none && decimal_is_zero(number))
        return true;
    if (option->min && decimal_is_less(number, bound(option, option->min)))
        return false;
    return !option->max || !decimal_is_less(bound(option, option->max), number);
}

/* A bare 0, and "none", are understood wherever zero has a meaning. */
static bool says_none(const struct option *option, const struct option_value *value)
{
    return option->none && (strcmp(value->text, "none") == 0 ||
                            (value->kind != OPTION_AS_STRING && strcmp(value->text, "0") == 0));
}

static enum err set_number(const struct option *option, void *target, const char *key,
                           const struct option_value *value, struct fault *why)
{
    decimal number;

    if (!option_type_takes(option->type, value->kind) && !says_none(option, value))
        return refuse(option, key, value, ERR_PARSE, why);
    if (!option_parse_number(option, value->text, &number))
        return refuse(option, key, value, ERR_PARSE, why);
    if (!is_in_bounds(option, number))
        return refuse(option, key, value, ERR_RANGE, why);
    if (target)
        option_store_number(option, target, number);
    return OK;
}

static bool is_word(const char *text)
{
    while (isalnum((unsigned char)*text))
        text++;
    return !*text;
}

static bool is_printable(const char *text)
{
    while (*text && !iscntrl((unsigned char)*text))
        text++;
    return !*text;
}

static enum err set_text(const struct option *option, void *target, const char *key,
                         const struct option_value *value, struct fault *why)
{
    size_t len = strlen(value->text);

    if (!option_type_takes(option->type, value->kind))
        return refuse(option, key, value, ERR_PARSE, why);
    if (len >= option->size)
        return refuse(option, key, value, ERR_RANGE, why);
    if (option->type == OPTION_WORD ? !is_word(value->text) : !is_printable(value->text))
        return refuse(option, key, value, ERR_PARSE, why);
    if (target)
        memcpy((char *)target + option->offset, value->text, len + 1);
    return OK;
}

static enum err set_symbols(const struct option *option, void *target, const char *key,
                            const struct option_value *value, struct fault *why)
{
    struct option_symbols symbols;

    if (!option_type_takes(option->type, value->kind) ||
        !option_parse_symbols(value->text, &symbols))
        return refuse(option, key, value, ERR_PARSE, why);
    if (target)
        memcpy((char *)target + option->offset, &symbols, sizeof symbols);
    return OK;
}

static enum err set_value(const struct option *option, void *target, const char *key,
                          const struct option_value *value, struct fault *why)
{
    switch (option->type) {
    case OPTION_TEXT:
    case OPTION_WORD:
        return set_text(option, target, key, value, why);
    case OPTION_SYMBOLS:
        return set_symbols(option, target, key, value, why);
    case OPTION_PARAMS:
        return refuse(option, key, value, ERR_PARSE, why);
    default:
        return set_number(option, target, key, value, why);
    }
}

enum err option_set(const struct option *option, void *target, const char *key,
                    const struct option_value *value, struct fault *why)
{
    enum err err = set_value(option, target, key, value, why);

    if (!err && target && option->has)
        memcpy((char *)target + option->has, &(bool){true}, sizeof(bool));
    return err;
}

/* ---- parameters ---- */

static struct option_param *find_param(struct option_params *params, const char *name)
{
    for (int i = 0; i < params->count; i++)
        if (strcmp(params->items[i].name, name) == 0)
            return &params->items[i];
    return NULL;
}

static bool is_name(const char *text)
{
    size_t len =
        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

    return len > 0 && !text[len] && !isdigit((unsigned char)text[0]);
}

static enum err check_param(const char *name, const char *key, const struct option_value *value,
                            struct fault *why)
{
    if (!is_name(name) || strlen(name) >= OPTION_PARAM_NAME_MAX)
        return fail(why, ERR_PARSE, "%s: '%.60s' is not a parameter's name", key, name);
    if (strlen(value->text) >= OPTION_PARAM_TEXT_MAX)
        return fail(why, ERR_RANGE, "%s is longer than %d characters", key,
                    OPTION_PARAM_TEXT_MAX - 1);
    return OK;
}

enum err option_set_param(const struct option *option, void *target, const char *name,
                          const char *key, const struct option_value *value, struct fault *why)
{
    enum err err = check_param(name, key, value, why);

    assert(option->type == OPTION_PARAMS);
    if (err || !target)
        return err;
    struct option_params *params = (void *)((char *)target + option->offset);
    struct option_param *param = find_param(params, name);
    if (!param && params->count == OPTION_PARAMS_MAX)
        return fail(why, ERR_RANGE, "%s: more than %d parameters", key, OPTION_PARAMS_MAX);
    if (!param)
        param = &params->items[params->count++];
    snprintf(param->name, sizeof param->name, "%s", name);
    snprintf(param->text, sizeof param->text, "%s", value->text);
    param->kind = value->kind;
    const char *where = value->where ? value->where : "";
    size_t len = strlen(where), room = sizeof param->where - 1;
    snprintf(param->where, sizeof param->where, "%s", where + (len > room ? len - room : 0));
    return OK;
}

/* ---- defaults ---- */

static void init(const struct option *option, void *target)
{
    struct fault why;
    struct option_value value = {OPTION_AS_TEXT, option->initial ? option->initial : "", NULL};

    if (option->type == OPTION_PARAMS) {
        memset((char *)target + option->offset, 0, sizeof(struct option_params));
        return;
    }
    enum err err = set_value(option, target, option->key, &value, &why);
    assert(!err);
    if (option->has)
        memcpy((char *)target + option->has, &(bool){false}, sizeof(bool));
}

void option_init_all(const struct option *options, int count, void *target)
{
    for (int i = 0; i < count; i++)
        init(&options[i], target);
}

void option_table_init(const struct option_table *table, void *target)
{
    if (table->elements)
        memset((char *)target + table->elements->count, 0, sizeof(int));
    else
        option_init_all(table->options, table->count, target);
}

/* ---- printing ---- */

static void format_symbols(const struct option_symbols *symbols, struct buf *out)
{
    for (int i = 0; i < symbols->count; i++)
        buf_add_format(out, "%s%s", i ? " " : "", symbols->items[i]);
}

static void format_params(const struct option_params *params, struct buf *out)
{
    for (int i = 0; i < params->count; i++)
        buf_add_format(out, "%s%s=%s", i ? " " : "", params->items[i].name,
                       params->items[i].text);
}

void option_format(const struct option *option, const void *target, struct buf *out)
{
    const void *at = (const char *)target + option->offset;

    switch (option->type) {
    case OPTION_TEXT:
    case OPTION_WORD:
        buf_add_text(out, at);
        break;
    case OPTION_SYMBOLS:
        format_symbols(at, out);
        break;
    case OPTION_PARAMS:
        format_params(at, out);
        break;
    default:
        option_format_number(option, option_load_number(option, target), out);
    }
}

/* ---- what is not honoured yet ---- */

/* Whether `word` is one of the blank-separated words. */
static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);

    for (;;) {
        words += strspn(words, " ");
        size_t n = strcspn(words, " ");
        if (n == 0)
            return false;
        if (n == len && memcmp(words, word, n) == 0)
            return true;
        words += n;
    }
}

bool option_is_planned(const struct option *option, const void *target)
{
    struct buf now = BUF_INIT, initial = BUF_INIT;
    decimal number;
    bool is_planned = false;

    if (!option->planned)
        return false;
    option_format(option, target, &now);
    if (strcmp(option->planned, "*") != 0) {
        is_planned = has_word(option->planned, buf_text(&now));
        goto done;
    }
    if (option_type_is_number(option->type) &&
        option_parse_number(option, option->initial, &number))
        option_format_number(option, number, &initial);
    else if (option->initial)
        buf_add_text(&initial, option->initial);
    is_planned = strcmp(buf_text(&now), buf_text(&initial)) != 0;
done:
    buf_clear(&now);
    buf_clear(&initial);
    return is_planned;
}
