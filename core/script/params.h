/* Parameters of a script: declared in it, given from outside.
 *
 * The declaration (type, default, range, help) stands in the script and drives
 * everything: validation, the command line, profiles, sweeps and docs. */
#ifndef SCRIPT_PARAMS_H
#define SCRIPT_PARAMS_H

#include <stdbool.h>

#include "base/err.h"

enum { PARAM_NAME_MAX = 48, PARAM_TEXT_MAX = 128, PARAMS_MAX = 64 };

enum param_type {
    PARAM_INTEGER,
    PARAM_NUMBER,
    PARAM_BOOLEAN,
    PARAM_TEXT,
    PARAM_CHOICE,
    PARAM_TYPE_COUNT
};

const char *param_type_name(enum param_type type); /* "integer" */

/* One value from outside, as text. */
struct param_value {
    char name[PARAM_NAME_MAX];
    char text[PARAM_TEXT_MAX];
    char source[64]; /* "--param", "dev.lua:12" */
};

struct param {
    char name[PARAM_NAME_MAX];
    enum param_type type;
    char fallback[PARAM_TEXT_MAX]; /* the default */
    char value[PARAM_TEXT_MAX];    /* in force */
    bool has_min, has_max;
    double min, max;
    char choices[PARAM_TEXT_MAX]; /* "a b c" */
    char help[PARAM_TEXT_MAX];
    int line;       /* of the declaration */
    char where[80]; /* "lua/strategies/sma_cross.lua:7"; "" when unknown */
};

struct param_set {
    int count;
    struct param items[PARAMS_MAX]; /* in the order of their names */
};

/* "k=v" into a param_value. ERR_USAGE. */
enum err param_value_parse(const char *text, const char *source, struct param_value *out,
                           struct fault *why) MUST_CHECK;

/* Whether a text is a value of the parameter. ERR_USAGE goes on after a value: "is out of
 * range: 2 to 200". */
enum err param_check(const struct param *param, const char *text, struct fault *why) MUST_CHECK;

/* Puts the given values into the set: unknown names (with the nearest), wrong types, ranges. */
enum err param_set_apply(struct param_set *set, const struct param_value *values, int count,
                         const char *script, struct fault *why) MUST_CHECK;

const struct param *param_set_find(const struct param_set *set, const char *name);

#endif
