/* Exact decimal numbers: all money, prices and sizes of the core.
 *
 * A signed 128-bit count of units of 10^-12: twelve fraction digits, and a
 * range of +-10^25, twelve digits more than the largest sizes traded. The
 * struct keeps `price * size` from compiling; whoever multiplies names the
 * rounding.
 *
 * Addition and subtraction are exact. Operations that can leave the range come
 * in two forms: `decimal_try_...` says so by returning false (a division by
 * zero too), leaves *out alone then, and is for numbers that came from outside; the plain form
 * asserts and is for numbers already known to be tame. Text has no exponent, in or out. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

__extension__ typedef __int128 int128;
__extension__ typedef unsigned __int128 uint128;

typedef struct {
    int128 units; /* value = units / 10^12 */
} decimal;

enum rounding {
    ROUND_DOWN,      /* towards zero */
    ROUND_UP,        /* away from zero */
    ROUND_FLOOR,     /* towards minus infinity */
    ROUND_CEILING,   /* towards plus infinity */
    ROUND_HALF_UP,   /* nearest, ties away from zero */
    ROUND_HALF_EVEN, /* nearest, ties to the even unit */
};

enum {
    DECIMAL_DIGITS = 12,   /* after the point */
    DECIMAL_TEXT_MAX = 48, /* sign, digits, point, NUL */
};

#define DECIMAL_ONE  INT64_C(1000000000000)
#define DECIMAL_ZERO ((decimal){0})
/* 10^25 in units: the end of the range. Two of them still add up without overflow. */
#define DECIMAL_LIMIT ((uint128)10000000000000000000u * 1000000000000000000u)
/* An integer constant: D(500). */
#define D(integer) ((decimal){(int128)(integer)*DECIMAL_ONE})

static inline int decimal_compare(decimal a, decimal b)
{
    return (a.units > b.units) - (a.units < b.units);
}
static inline bool decimal_is_equal(decimal a, decimal b)
{
    return a.units == b.units;
}
static inline bool decimal_is_less(decimal a, decimal b)
{
    return a.units < b.units;
}
static inline bool decimal_is_zero(decimal a)
{
    return a.units == 0;
}
static inline bool decimal_is_positive(decimal a)
{
    return a.units > 0;
}
static inline bool decimal_is_negative(decimal a)
{
    return a.units < 0;
}
static inline int decimal_sign(decimal a)
{
    return (a.units > 0) - (a.units < 0);
}
static inline decimal decimal_negate(decimal a)
{
    return (decimal){-a.units};
}
static inline decimal decimal_abs(decimal a)
{
    return a.units < 0 ? decimal_negate(a) : a;
}
static inline decimal decimal_min(decimal a, decimal b)
{
    return a.units < b.units ? a : b;
}
static inline decimal decimal_max(decimal a, decimal b)
{
    return a.units > b.units ? a : b;
}

/* Whether the value lies within +-10^25, the range every decimal must keep. */
static inline bool decimal_is_in_range(decimal a)
{
    return (uint128)a.units + DECIMAL_LIMIT <= 2 * DECIMAL_LIMIT;
}

decimal decimal_from_int(int64_t integer);

/* Exact; assert that the result is in range: what is below 2^122 units is, and tested cheaply.
 */
static inline decimal decimal_add(decimal a, decimal b)
{
    decimal sum = {a.units + b.units};

    if (UNLIKELY((uint64_t)(int64_t)(sum.units >> 122) + 1 > 1))
        assert(decimal_is_in_range(sum));
    return sum;
}
static inline decimal decimal_sub(decimal a, decimal b)
{
    return decimal_add(a, decimal_negate(b));
}

/* Rounded to 12 fraction digits. The plain forms assert range and b != 0. */
decimal decimal_mul(decimal a, decimal b, enum rounding rounding);
decimal decimal_div(decimal a, decimal b, enum rounding rounding);
bool decimal_try_add(decimal a, decimal b, decimal *out) MUST_CHECK;
bool decimal_try_sub(decimal a, decimal b, decimal *out) MUST_CHECK;
bool decimal_try_mul(decimal a, decimal b, enum rounding rounding, decimal *out) MUST_CHECK;
bool decimal_try_div(decimal a, decimal b, enum rounding rounding, decimal *out) MUST_CHECK;

/* a * b / c with one rounding, the product held in 256 bits. */
decimal decimal_mul_div(decimal a, decimal b, decimal c, enum rounding rounding);
bool decimal_try_mul_div(decimal a, decimal b, decimal c, enum rounding rounding,
                         decimal *out) MUST_CHECK;

/* The multiple of step (> 0) that rounding picks; is_multiple tells whether it is one already.
 * Only a step that does not divide 10^25 can lead out of range, and only near it. */
decimal decimal_quantize(decimal a, decimal step, enum rounding rounding);
bool decimal_try_quantize(decimal a, decimal step, enum rounding rounding,
                          decimal *out) MUST_CHECK;
bool decimal_is_multiple(decimal a, decimal step);

/* "[-+]digits[.digits]" or "[-+].digits", the whole of text[0..len). More than
 * 12 fraction digits fail unless the rest are zeros, in decimal_parse; they are
 * rounded in decimal_parse_rounded. ERR_PARSE for what is not a number, ERR_RANGE for
 * one that is too large or too fine. */
enum err decimal_parse(const char *text, size_t len, decimal *out,
                       struct fault *why) MUST_CHECK;
enum err decimal_parse_rounded(const char *text, size_t len, enum rounding rounding,
                               decimal *out, struct fault *why) MUST_CHECK;

/* Shortest text: no trailing zeros, no point when whole, "-0" is "0". Returns out. */
const char *decimal_format(decimal a, char out[DECIMAL_TEXT_MAX]);

/* A number of a script: the shortest decimal that reads back as the same
 * double (0.1 means 0.1), rounded half even to 12 fraction digits. False for
 * NaN, infinities, what is out of range, and what is not zero but rounds to it. */
bool decimal_from_double(double number, decimal *out) MUST_CHECK;

/* The nearest double, correctly rounded. For indicators and statistics only. */
double decimal_to_double(decimal a);

#endif
