/* How each type of option is read and written; used by option.c alone. Every
 * type but the texts is a number inside, so bounds and defaults are compared in
 * one way: shares are 0..1, durations nanoseconds, times minutes, days a bit
 * mask, choices an index. */
#ifndef BASE_OPTION_TYPE_H
#define BASE_OPTION_TYPE_H

#include "base/decimal.h"
#include "base/option.h"

bool option_type_is_number(enum option_type type); /* has bounds, a zero and a none */

/* Whether a value written as `kind` can be of this type. */
bool option_type_takes(enum option_type type, enum option_kind kind);

/* False when the text is not of the type; says nothing about bounds. */
bool option_parse_number(const struct option *option, const char *text, decimal *out);
bool option_parse_symbols(const char *text, struct option_symbols *out);

void option_format_number(const struct option *option, decimal number, struct buf *out);

/* Between the number and the struct it lives in. */
decimal option_load_number(const struct option *option, const void *target);
void option_store_number(const struct option *option, void *target, decimal number);

#endif
