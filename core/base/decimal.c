/* Arithmetic of decimals.
 *
 * Signs are set aside and magnitudes are worked on: a product of two is up to
 * 246 bits long, held as two halves. Nearly all products of a price and a size
 * fit the lower half, and nearly all numbers fit 64 bits, so each operation has
 * a short way for those and falls back to long division for the rest. Both
 * ways give the same bits.
 *
 * 1. Every decimal is within +-10^25, so sums of two cannot overflow 128 bits
 *    and twice a remainder cannot either.
 * 2. A division is only made when its quotient fits 128 bits; if not, the
 *    result was out of range anyway.
 * 3. There is one rounding per operation, of the exact result. */
#include "base/decimal.h"

#include <assert.h>

#include "base/decimal_units.h"

struct product {
    uint128 high, low;
};

static struct product multiply(uint128 a, uint128 b)
{
    uint128 low = (uint128)low_half(a) * low_half(b);

    if (LIKELY(!high_half(a | b)))
        return (struct product){0, low};
    uint128 middle = (uint128)high_half(a) * low_half(b) + high_half(low);
    uint128 other = (uint128)low_half(a) * high_half(b) + low_half(middle);
    uint128 high = (uint128)high_half(a) * high_half(b) + high_half(middle) + high_half(other);
    return (struct product){high, other << 64 | low_half(low)};
}

/* One word of long division (Knuth 4.3.1 D): *rest and the next word of the number by a
 * divisor whose top bit is set; *rest < divisor before and after. The estimate is at most
 * 2^64 + 1 and at most two too large; its product with a word fits 128 bits. */
static uint64_t next_word(uint128 *rest, uint64_t next, uint128 divisor)
{
    uint128 quotient = *rest / high_half(divisor);
    uint128 left = *rest % high_half(divisor);

    while (quotient * low_half(divisor) > (left << 64 | next)) {
        quotient--;
        left += high_half(divisor);
        if (high_half(left))
            break;
    }
    *rest = (*rest << 64 | next) - quotient * divisor; /* modulo 2^128, where it fits again */
    return low_half(quotient);
}

/* Needs n.high < divisor: the quotient fits. */
static uint128 divide_long(struct product n, uint128 divisor, uint128 *rest)
{
    int shift = leading_zeros(divisor);

    if (shift > 0) {
        n.high = n.high << shift | n.low >> (128 - shift);
        n.low <<= shift;
    }
    *rest = n.high;
    uint64_t high = next_word(rest, high_half(n.low), divisor << shift);
    uint64_t low = next_word(rest, low_half(n.low), divisor << shift);
    *rest >>= shift;
    return (uint128)high << 64 | low;
}

/* n / divisor with one rounding; false when out of range. */
static bool divide_rounded(struct product n, uint128 divisor, bool negative,
                           enum rounding rounding, decimal *out)
{
    uint128 quotient, rest;

    if (LIKELY(!n.high))
        quotient = divide(n.low, divisor, &rest);
    else if (n.high < divisor)
        quotient = divide_long(n, divisor, &rest);
    else
        return false;
    quotient = round_quotient(quotient, rest, divisor, negative, rounding);
    return decimal_from_magnitude(quotient, negative, out);
}

decimal decimal_from_int(int64_t integer)
{
    return D(integer);
}

bool decimal_try_add(decimal a, decimal b, decimal *out)
{
    decimal sum = {a.units + b.units};

    if (!decimal_is_in_range(sum))
        return false;
    *out = sum;
    return true;
}

bool decimal_try_sub(decimal a, decimal b, decimal *out)
{
    return decimal_try_add(a, decimal_negate(b), out);
}

/* A price times a size: both fit 64 bits, and so does what comes out. False when they are not
 * that small. */
static inline bool multiply_small(uint128 a, uint128 b, bool negative, enum rounding rounding,
                                  decimal *out)
{
    uint128 product = (uint128)low_half(a) * low_half(b), quotient;
    uint64_t rest;

    if (high_half(a | b) || high_half(product) >= (uint64_t)DECIMAL_ONE)
        return false;
    product <<= ONE_SHIFT;
    quotient = divide_word(high_half(product), low_half(product), &rest);
    if (rest)
        quotient = round_quotient(quotient, rest >> ONE_SHIFT, DECIMAL_ONE, negative, rounding);
    out->units = negative ? -(int128)quotient : (int128)quotient;
    return true;
}

bool decimal_try_mul(decimal a, decimal b, enum rounding rounding, decimal *out)
{
    bool negative = (a.units < 0) != (b.units < 0);
    uint64_t rest;

    if (LIKELY(multiply_small(magnitude(a), magnitude(b), negative, rounding, out)))
        return true;
    struct product product = multiply(magnitude(a), magnitude(b));
    if (UNLIKELY(product.high))
        return divide_rounded(product, DECIMAL_ONE, negative, rounding, out);
    uint128 quotient = divide_by_one(product.low, &rest);
    quotient = round_quotient(quotient, rest, DECIMAL_ONE, negative, rounding);
    return decimal_from_magnitude(quotient, negative, out);
}

bool decimal_try_div(decimal a, decimal b, enum rounding rounding, decimal *out)
{
    if (b.units == 0)
        return false;
    bool negative = (a.units < 0) != (b.units < 0);
    return divide_rounded(multiply(magnitude(a), DECIMAL_ONE), magnitude(b), negative, rounding,
                          out);
}

bool decimal_try_mul_div(decimal a, decimal b, decimal c, enum rounding rounding, decimal *out)
{
    if (c.units == 0)
        return false;
    if (b.units == c.units) { /* the whole of it: most positions are closed at once */
        *out = a;
        return true;
    }
    bool negative = ((a.units < 0) != (b.units < 0)) != (c.units < 0);
    return divide_rounded(multiply(magnitude(a), magnitude(b)), magnitude(c), negative,
                          rounding, out);
}

bool decimal_try_quantize(decimal a, decimal step, enum rounding rounding, decimal *out)
{
    bool negative = a.units < 0;
    uint128 rest;

    assert(step.units > 0);
    uint128 quotient = divide(magnitude(a), magnitude(step), &rest);
    quotient = round_quotient(quotient, rest, magnitude(step), negative, rounding);
    /* At most one step beyond the number: no overflow before the range is checked. */
    return decimal_from_magnitude(quotient * magnitude(step), negative, out);
}

bool decimal_is_multiple(decimal a, decimal step)
{
    uint128 rest;

    assert(step.units > 0);
    divide(magnitude(a), magnitude(step), &rest);
    return rest == 0;
}

decimal decimal_mul(decimal a, decimal b, enum rounding rounding)
{
    decimal out;
    bool in_range = decimal_try_mul(a, b, rounding, &out);

    assert(in_range);
    return out;
}

decimal decimal_div(decimal a, decimal b, enum rounding rounding)
{
    decimal out;
    bool in_range = decimal_try_div(a, b, rounding, &out);

    assert(b.units != 0 && in_range);
    return out;
}

decimal decimal_mul_div(decimal a, decimal b, decimal c, enum rounding rounding)
{
    decimal out;
    bool in_range = decimal_try_mul_div(a, b, c, rounding, &out);

    assert(c.units != 0 && in_range);
    return out;
}

decimal decimal_quantize(decimal a, decimal step, enum rounding rounding)
{
    decimal out;
    bool in_range = decimal_try_quantize(a, step, rounding, &out);

    assert(in_range);
    return out;
}
