/* Private to decimal.c and decimal_text.c: magnitudes in units of 10^-12 and
 * how they are divided and rounded. Nobody else includes this. */
#ifndef BASE_DECIMAL_UNITS_H
#define BASE_DECIMAL_UNITS_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/decimal.h"

static inline uint64_t high_half(uint128 x)
{
    return (uint64_t)(x >> 64);
}

static inline uint64_t low_half(uint128 x)
{
    return (uint64_t)x;
}

/* Of a number that is not zero. */
static inline int leading_zeros(uint128 x)
{
    return high_half(x) ? __builtin_clzll(high_half(x)) : 64 + __builtin_clzll(low_half(x));
}

static inline uint128 magnitude(decimal a)
{
    return a.units < 0 ? -(uint128)a.units : (uint128)a.units;
}

/* False when the magnitude is out of range. */
static inline bool decimal_from_magnitude(uint128 units, bool negative, decimal *out)
{
    if (units > DECIMAL_LIMIT)
        return false;
    out->units = negative ? -(int128)units : (int128)units;
    return true;
}

/* The 128-bit division of the compiler's library is slow even for small numbers. */
static inline uint128 divide(uint128 n, uint128 divisor, uint128 *rest)
{
    if (LIKELY(!high_half(n | divisor))) {
        *rest = low_half(n) % low_half(divisor);
        return low_half(n) / low_half(divisor);
    }
    *rest = n % divisor;
    return n / divisor;
}

/* (high, low) / 10^12 for high < 10^12, everything shifted left by 24 bits so that
 * the divisor fills its word: two multiplications with the reciprocal instead of a
 * division (Moeller and Granlund, Improved division by invariant integers, 2011,
 * algorithm 4). */
#define ONE_SHIFT      24
#define ONE_NORMAL     ((uint64_t)DECIMAL_ONE << ONE_SHIFT)
#define ONE_RECIPROCAL ((uint64_t)(~(uint128)0 / ONE_NORMAL)) /* less 2^64 */

/* The algorithm corrects its estimate twice, but the second correction needs
 * (u1 k + u0 (B - d) + q0 d) / B - d >= d, where B = 2^64, all three variables are below B,
 * u1 < d, and k is what the reciprocal misses of B^2: never, if d k < B (2d - B). */
#define ONE_MISSING ((uint64_t)(0 - (((uint128)1 << 64) + ONE_RECIPROCAL) * ONE_NORMAL))
static_assert((uint64_t)((uint128)ONE_NORMAL * ONE_MISSING >> 64) < (uint64_t)(2 * ONE_NORMAL),
              "one correction is enough");

static inline uint64_t divide_word(uint64_t high, uint64_t low, uint64_t *rest)
{
    uint128 estimate = (uint128)ONE_RECIPROCAL * high + (((uint128)high << 64) | low);
    uint64_t quotient = high_half(estimate) + 1;
    uint64_t r = low - quotient * ONE_NORMAL;

    if (r > low_half(estimate)) {
        quotient--;
        r += ONE_NORMAL;
    }
    *rest = r;
    return quotient;
}

static inline uint128 divide_by_one(uint128 n, uint64_t *rest)
{
    uint64_t high, low, r;

    if (LIKELY(!high_half(n))) {
        *rest = low_half(n) % (uint64_t)DECIMAL_ONE;
        return low_half(n) / (uint64_t)DECIMAL_ONE;
    }
    high = divide_word(high_half(n) >> (64 - ONE_SHIFT), high_half(n << ONE_SHIFT), &r);
    low = divide_word(r, low_half(n) << ONE_SHIFT, &r);
    *rest = r >> ONE_SHIFT;
    return ((uint128)high << 64) | low;
}

/* Whether a quotient moves away from zero. `odd`: its last unit is; `half`: the
 * sign of what was cut off less half a unit. What was cut off is not zero. */
static inline bool rounds_away(enum rounding rounding, bool negative, bool odd, int half)
{
    switch (rounding) {
    case ROUND_DOWN:
        return false;
    case ROUND_UP:
        return true;
    case ROUND_FLOOR:
        return negative;
    case ROUND_CEILING:
        return !negative;
    case ROUND_HALF_UP:
        return half >= 0;
    case ROUND_HALF_EVEN:
        break;
    }
    return half > 0 || (half == 0 && odd);
}

/* The quotient of a division by `divisor` that left `rest`, rounded. */
static inline uint128 round_quotient(uint128 quotient, uint128 rest, uint128 divisor,
                                     bool negative, enum rounding rounding)
{
    if (rest == 0)
        return quotient;
    uint128 other = divisor - rest;
    int half = (rest > other) - (rest < other);
    return quotient + rounds_away(rounding, negative, quotient & 1, half);
}

#endif
