#include "script/params.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/text.h"

static const char *const type_names[] = {
    [PARAM_INTEGER] = "integer", [PARAM_NUMBER] = "number", [PARAM_BOOLEAN] = "boolean",
    [PARAM_TEXT] = "text",       [PARAM_CHOICE] = "choice",
};
static_assert(ARRAY_LEN(type_names) == PARAM_TYPE_COUNT, "name every type");

const char *param_type_name(enum param_type type)
{
    assert(type < PARAM_TYPE_COUNT);
    return type_names[type];
}

enum err param_value_parse(const char *text, const char *source, struct param_value *out,
                           struct fault *why)
{
    const char *equals = strchr(text, '=');

    if (!equals || equals == text)
        return fail(why, ERR_USAGE, "%s %s: expected NAME=VALUE", source, text);
    if (equals - text >= PARAM_NAME_MAX || strlen(equals + 1) >= PARAM_TEXT_MAX)
        return fail(why, ERR_USAGE, "%s %.40s...: too long", source, text);
    memset(out, 0, sizeof *out);
    memcpy(out->name, text, (size_t)(equals - text));
    snprintf(out->text, sizeof out->text, "%s", equals + 1);
    snprintf(out->source, sizeof out->source, "%s", source);
    return OK;
}

static struct param *find(struct param_set *set, const char *name)
{
    for (int i = 0; i < set->count; i++)
        if (strcmp(set->items[i].name, name) == 0)
            return &set->items[i];
    return NULL;
}

const struct param *param_set_find(const struct param_set *set, const char *name)
{
    for (int i = 0; i < set->count; i++)
        if (strcmp(set->items[i].name, name) == 0)
            return &set->items[i];
    return NULL;
}

static enum err unknown(const struct param_set *set, const struct param_value *value,
                        const char *script, struct fault *why)
{
    const char *names[PARAMS_MAX];

    for (int i = 0; i < set->count; i++)
        names[i] = set->items[i].name;
    const char *near = text_nearest(value->name, names, set->count);
    if (near)
        return fail(why, ERR_USAGE, "%s: %s has no parameter '%s'; did you mean '%s'?",
                    value->source, script, value->name, near);
    if (set->count == 0)
        return fail(why, ERR_USAGE, "%s: %s has no parameters, not '%s' either", value->source,
                    script, value->name);
    char list[256] = "";
    size_t len = 0;
    for (int i = 0; i < set->count && len < sizeof list; i++)
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%s", i ? ", " : "", names[i]);
    return fail(why, ERR_USAGE, "%s: %s has no parameter '%s'; it has %s", value->source,
                script, value->name, list);
}

/* One word of "a b c". */
static bool is_choice(const char *choices, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = choices; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n == len && strncmp(at, word, n) == 0)
            return true;
        at += n;
    }
    return false;
}

/* "from 2 to 200", "of at least 2". */
static enum err out_of_range(const struct param *param, struct fault *why)
{
    if (param->has_min && param->has_max)
        return fail(why, ERR_USAGE, "is out of range: %.15g to %.15g", param->min, param->max);
    if (param->has_min)
        return fail(why, ERR_USAGE, "is out of range: at least %.15g", param->min);
    return fail(why, ERR_USAGE, "is out of range: at most %.15g", param->max);
}

/* Whole numbers end where a double stops telling neighbours apart. */
static enum err check_number(const struct param *param, const char *text, struct fault *why)
{
    bool is_whole = param->type == PARAM_INTEGER;
    char *end;
    double number = strtod(text, &end);

    if (end == text || *end || !isfinite(number) || (is_whole && number != floor(number)))
        return fail(why, ERR_USAGE, "is not a %s", is_whole ? "whole number" : "number");
    if (is_whole && fabs(number) > 9007199254740992.0)
        return fail(why, ERR_USAGE, "is out of range: whole numbers go up to 2^53");
    if ((param->has_min && number < param->min) || (param->has_max && number > param->max))
        return out_of_range(param, why);
    return OK;
}

enum err param_check(const struct param *param, const char *text, struct fault *why)
{
    switch (param->type) {
    case PARAM_INTEGER:
    case PARAM_NUMBER:
        return check_number(param, text, why);
    case PARAM_BOOLEAN:
        if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
            return OK;
        return fail(why, ERR_USAGE, "is neither true nor false");
    case PARAM_CHOICE:
        if (is_choice(param->choices, text))
            return OK;
        return fail(why, ERR_USAGE, "is not one of: %s", param->choices);
    default:
        return OK;
    }
}

static enum err check(const struct param *param, const struct param_value *value,
                      struct fault *why)
{
    struct fault local = {OK, ""};

    if (!param_check(param, value->text, &local))
        return OK;
    return fail(why, ERR_USAGE, "%s: parameter %s=%s %s%s%s%s", value->source, value->name,
                value->text, local.text, param->where[0] ? " (declared at " : "", param->where,
                param->where[0] ? ")" : "");
}

enum err param_set_apply(struct param_set *set, const struct param_value *values, int count,
                         const char *script, struct fault *why)
{
    for (int i = 0; i < count; i++) {
        struct param *param = find(set, values[i].name);
        enum err err =
            param ? check(param, &values[i], why) : unknown(set, &values[i], script, why);
        if (err)
            return err;
        snprintf(param->value, sizeof param->value, "%s", values[i].text);
    }
    return OK;
}
