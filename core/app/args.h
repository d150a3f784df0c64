/* The words of a command line, read by a table of options.
 *
 * "--name value" and "--name=value"; a switch takes no value; "--" ends the
 * options. What is unknown is refused with the nearest name that exists. */
#ifndef APP_ARGS_H
#define APP_ARGS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "base/err.h"

struct arg_option {
    const char *name;  /* without the dashes; NULL ends a table */
    const char *value; /* "NAME|FILE"; NULL: a switch */
    const char *help;
    bool repeats;    /* may be given more than once */
    bool takes_many; /* "--data A B C": every word up to the next option */
};

struct args;

/* Positional words: between min and max of them. The options --help and --json are always
 * there. ERR_USAGE with a hint. Borrows argv. */
enum err args_parse(int argc, char **argv, const struct arg_option *options, int positional_min,
                    int positional_max, struct args **out, struct fault *why) MUST_CHECK;
void args_free(struct args *args);

bool args_has(const struct args *args, const char *name);
/* The value given, or `fallback`. */
const char *args_text(const struct args *args, const char *name, const char *fallback);
/* The i-th value of an option that repeats; NULL past the end. */
const char *args_text_at(const struct args *args, const char *name, int index);
/* The i-th positional word; NULL past the end. */
const char *args_positional(const struct args *args, int index);

/* Typed readers: *out keeps what it has when the option is absent. ERR_USAGE names the option.
 */
enum err args_int(const struct args *args, const char *name, int64_t min, int64_t max,
                  int64_t *out, struct fault *why) MUST_CHECK;
enum err args_decimal(const struct args *args, const char *name, decimal *out,
                      struct fault *why) MUST_CHECK;
enum err args_duration(const struct args *args, const char *name, nanos *out,
                       struct fault *why) MUST_CHECK;
enum err args_time(const struct args *args, const char *name, nanos *out,
                   struct fault *why) MUST_CHECK;

#endif
