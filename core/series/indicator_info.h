/* What is known of an indicator before there is one: a row of the table, and
 * what can be asked of it.
 *
 * An option is a number in an array, in the order of the row; a choice is the
 * index of its name. */
#ifndef SERIES_INDICATOR_INFO_H
#define SERIES_INDICATOR_INFO_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

enum {
    INDICATOR_OPTIONS_MAX = 4,
    INDICATOR_OUTPUTS_MAX = 4,
};

enum indicator_option_kind {
    INDICATOR_WHOLE,  /* a whole number */
    INDICATOR_NUMBER, /* any number in the range */
    INDICATOR_CHOICE, /* one of the names in `choices` */
};

struct indicator_option {
    const char *name; /* NULL: no more options */
    const char *summary;
    enum indicator_option_kind kind;
    double initial, min, max;   /* both ends belong to the range */
    const char *const *choices; /* NULL-terminated */
};

struct indicator_output {
    const char *name; /* NULL: no more outputs */
    const char *summary;
};

struct indicator_kind;

struct indicator_info {
    const char *name;    /* as in market:sma(10) */
    const char *summary; /* one line */
    const char *notes;   /* formula, seeding and what degenerate input gives */
    const char *inputs;  /* of each bar: "close", "high, low, close"; "source" is an option */
    struct indicator_option options[INDICATOR_OPTIONS_MAX + 1];
    struct indicator_output outputs[INDICATOR_OUTPUTS_MAX + 1];
    /* Bars until there is a value, that one included. All outputs appear together. */
    int (*warm_up)(const double *options);
    /* Rules between options; NULL: none beyond their ranges. */
    enum err (*check)(const double *options, struct fault *why);
    const struct indicator_kind *kind;
};

int indicator_count_options(const struct indicator_info *info);
int indicator_count_outputs(const struct indicator_info *info);
int indicator_find_option(const struct indicator_info *info, const char *name); /* -1: none */
int indicator_find_output(const struct indicator_info *info, const char *name); /* -1: none */

/* The index of a choice's name, for the option's place in the array. ERR_RANGE lists the names.
 */
enum err indicator_parse_choice(const struct indicator_info *info, int option, const char *name,
                                double *out, struct fault *why) MUST_CHECK;

void indicator_default_options(const struct indicator_info *info,
                               double options[INDICATOR_OPTIONS_MAX]);
/* ERR_RANGE with a sentence that names the indicator, the option and its range. */
enum err indicator_check_options(const struct indicator_info *info, const double *options,
                                 struct fault *why) MUST_CHECK;

/* "macd(fast = 12, slow = 26, signal = 9, source = close)". */
void indicator_format_usage(const struct indicator_info *info, struct buf *out);
/* "macd(12, 26, 9)": what was asked for; options at the end that are the default are left out,
 * but for the first. */
void indicator_format_call(const struct indicator_info *info, const double *options,
                           struct buf *out);

#endif
