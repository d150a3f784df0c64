/* Ids that venues of our own give out: a prefix, then a number or two. */
#ifndef VENUE_ID_TEXT_H
#define VENUE_ID_TEXT_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Appends the number in decimal digits at `out`; returns the end, where a NUL is. Without
 * snprintf, which would cost more than all the rest of a fill. */
static inline char *id_text_number(char *out, uint64_t number)
{
    char digits[20];
    size_t len = 0;

    do
        digits[len++] = (char)('0' + number % 10);
    while (number /= 10);
    while (len > 0)
        *out++ = digits[--len];
    *out = '\0';
    return out;
}

/* "prefix" number, or "prefix" number "-" part when part is not zero. The caller's array must
 * have room for prefix and 41 characters more. */
static inline void id_text_format(char *out, const char *prefix, uint64_t number, uint64_t part)
{
    size_t len = strlen(prefix);

    memcpy(out, prefix, len);
    out = id_text_number(out + len, number);
    if (part == 0)
        return;
    *out++ = '-';
    id_text_number(out, part);
}

#endif
