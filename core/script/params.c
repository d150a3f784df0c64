#include "script/params.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

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
    return fail(why, ERR_USAGE, "%s: %s has no parameter '%s'; it has %s%s", value->source,
                script, value->name, names[0], set->count > 1 ? " and others" : "");
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

static enum err check_number(const struct param *param, const struct param_value *value,
                             struct fault *why)
{
    bool is_whole = param->type == PARAM_INTEGER;
    char *end;
    double number = strtod(value->text, &end);

    if (end == value->text || *end || !isfinite(number) ||
        (is_whole && number != floor(number)))
        return fail(why, ERR_USAGE, "%s: parameter %s=%s: expected a %s", value->source,
                    value->name, value->text, is_whole ? "whole number" : "number");
    if ((param->has_min && number < param->min) || (param->has_max && number > param->max))
        return fail(why, ERR_USAGE, "%s: parameter %s=%s is out of range: %s%.15g to %.15g",
                    value->source, value->name, value->text, "",
                    param->has_min ? param->min : -INFINITY,
                    param->has_max ? param->max : INFINITY);
    return OK;
}

static enum err check(const struct param *param, const struct param_value *value,
                      struct fault *why)
{
    switch (param->type) {
    case PARAM_INTEGER:
    case PARAM_NUMBER:
        return check_number(param, value, why);
    case PARAM_BOOLEAN:
        if (strcmp(value->text, "true") == 0 || strcmp(value->text, "false") == 0)
            return OK;
        return fail(why, ERR_USAGE, "%s: parameter %s=%s: expected true or false",
                    value->source, value->name, value->text);
    case PARAM_CHOICE:
        if (is_choice(param->choices, value->text))
            return OK;
        return fail(why, ERR_USAGE, "%s: parameter %s=%s: expected one of: %s", value->source,
                    value->name, value->text, param->choices);
    default:
        return OK;
    }
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
