/* How a quotient is rounded once.
 *
 * Numerator and denominator are shifted until their quotient is a whole number
 * q of 63 or 64 bits. The last bit of q is then set if anything was left over: it
 * lies ten bits below the last one a double keeps, so it cannot change which
 * double is nearest unless q would otherwise sit exactly half way between two.
 * The conversion of q to a double is the one rounding (the hardware's, nearest
 * even), and the scaling by a power of two that follows is exact.
 *
 * A mean divides by count * 10^12. The 2^12 of it goes into the exponent, and
 * what remains, count * 5^12, fits 64 bits and stays the same for the life of an
 * average: it is divided by with two multiplications (Moeller and Granlund,
 * Improved division by invariant integers, 2011, algorithm 4). */
#include "series/exact.h"

#include <assert.h>
#include <float.h>
#include <string.h>

#include "base/attr.h"

#define FIVE_TO_12 UINT64_C(244140625)

enum { TWOS_IN_ONE = 12 };

/* Of 64 bits that begin with a one, those that a double has no room for. */
#define BELOW_DOUBLE ((UINT64_C(1) << (64 - DBL_MANT_DIG)) - 1)

static_assert((FIVE_TO_12 << TWOS_IN_ONE) == DECIMAL_ONE, "a unit is 10^-12");

static uint64_t high_half(uint128 x)
{
    return (uint64_t)(x >> 64);
}

static uint64_t low_half(uint128 x)
{
    return (uint64_t)x;
}

static uint128 magnitude(int128 x)
{
    return x < 0 ? -(uint128)x : (uint128)x;
}

static int leading_zeros(uint128 x)
{
    return high_half(x) ? __builtin_clzll(high_half(x)) : 64 + __builtin_clzll(low_half(x));
}

static double power_of_two(int exponent)
{
    uint64_t bits = (uint64_t)(1023 + exponent) << 52;
    double power;

    memcpy(&power, &bits, sizeof power);
    return power;
}

/* q * 2^exponent for a q of 63 or 64 bits. Halved first, for a signed conversion needs no
 * branch; `inexact` and the bit shifted out stay visible in the last one. */
static inline double round_quotient(uint64_t q, bool inexact, int exponent)
{
    uint64_t half = q >> 1 | (q & 1) | inexact;

    return (double)(int64_t)half * power_of_two(exponent + 1);
}

struct divisor divisor_init(uint64_t count)
{
    struct divisor by;

    assert(count >= 1 && count <= UINT64_C(1) << 36);
    by.shift = __builtin_clzll(count * FIVE_TO_12);
    by.normal = count * FIVE_TO_12 << by.shift;
    by.reciprocal = low_half(~(uint128)0 / by.normal); /* less 2^64 */
    by.whole = (double)(count * FIVE_TO_12) * (1 << TWOS_IN_ONE);
    by.uneven = count * FIVE_TO_12 >> DBL_MANT_DIG ? UINT64_MAX : BELOW_DOUBLE;
    return by;
}

/* n / by->normal, for n.high < by->normal. The first correction is needed for half of all
 * numbers, so it does not branch. */
static inline uint64_t divide(uint128 n, const struct divisor *by, bool *inexact)
{
    uint128 estimate = (uint128)by->reciprocal * high_half(n) + n;
    uint64_t q = high_half(estimate) + 1;
    uint64_t rest = low_half(n) - q * by->normal;
    uint64_t too_large = -(uint64_t)(rest > low_half(estimate));

    q += too_large;
    rest += too_large & by->normal;
    if (UNLIKELY(rest >= by->normal)) {
        q++;
        rest -= by->normal;
    }
    *inexact = rest != 0;
    return q;
}

/* The same for a sum of 1 to 2^63 - 1, which those of prices are. They have few digits, so
 * most are doubles: the machine's own quotient of two doubles is the nearest one. */
static inline double mean_of_word(uint64_t sum, const struct divisor *by)
{
    bool inexact;
    int shift = __builtin_clzll(sum) - 1;

    if (LIKELY(!(sum << shift << 1 & by->uneven)))
        return (double)(int64_t)sum / by->whole;
    uint64_t q = divide((uint128)(sum << shift) << 64, by, &inexact);
    return round_quotient(q, inexact, by->shift - 64 - shift - TWOS_IN_ONE);
}

double exact_mean(int128 sum, const struct divisor *by)
{
    bool inexact;

    if (sum == 0)
        return 0;
    if (LIKELY(sum >> 63 == 0))
        return mean_of_word((uint64_t)sum, by);
    uint128 n = magnitude(sum);
    int shift = leading_zeros(n) - 1; /* top bit to 126: below every divisor */
    uint64_t q = divide(n << shift, by, &inexact);
    double mean = round_quotient(q, inexact, by->shift - shift - TWOS_IN_ONE);
    return sum < 0 ? -mean : mean;
}

double exact_value(int128 units)
{
    static const struct divisor one = {
        FIVE_TO_12 << 36, (uint64_t)(~(uint128)0 / (FIVE_TO_12 << 36)), 36, 1e12, BELOW_DOUBLE};
    return exact_mean(units, &one);
}

wide wide_from(int128 number)
{
    return (wide){(uint128)number, number < 0 ? -1 : 0};
}

wide wide_add(wide a, wide b)
{
    uint128 low = a.low + b.low;

    return (wide){low, a.high + b.high + (low < a.low)};
}

wide wide_sub(wide a, wide b)
{
    return (wide){a.low - b.low, a.high - b.high - (a.low < b.low)};
}

int wide_sign(wide a)
{
    return a.high < 0 ? -1 : a.high > 0 || a.low > 0;
}

static wide wide_negate(wide a)
{
    return wide_sub((wide){0, 0}, a);
}

static wide multiply(uint128 a, uint128 b)
{
    uint128 low = (uint128)low_half(a) * low_half(b);

    if (!high_half(a | b))
        return (wide){low, 0};
    uint128 middle = (uint128)high_half(a) * low_half(b) + high_half(low);
    uint128 other = (uint128)low_half(a) * high_half(b) + low_half(middle);
    uint128 high = (uint128)high_half(a) * high_half(b) + high_half(middle) + high_half(other);
    return (wide){other << 64 | low_half(low), (int128)high};
}

wide wide_product(int128 a, int128 b)
{
    wide product = multiply(magnitude(a), magnitude(b));

    return (a < 0) == (b < 0) ? product : wide_negate(product);
}

/* The magnitude of a number that is not zero, as two halves. */
struct halves {
    uint128 high, low;
};

static struct halves shift_left(struct halves a, int shift)
{
    if (shift >= 128)
        return (struct halves){a.low << (shift - 128), 0};
    if (shift == 0)
        return a;
    return (struct halves){a.high << shift | a.low >> (128 - shift), a.low << shift};
}

static int leading_zeros_of_halves(struct halves a)
{
    return a.high ? leading_zeros(a.high) : 128 + leading_zeros(a.low);
}

/* (*rest, next) / divisor, where the divisor's top bit is set and *rest < 2^127: one digit of
 * long division (Knuth 4.3.1 D) with digits of 64 bits. */
static uint64_t divide_digit(uint128 *rest, uint64_t next, uint128 divisor)
{
    uint64_t q = low_half(*rest / high_half(divisor));
    uint128 left = *rest - (uint128)q * high_half(divisor);

    while ((uint128)q * low_half(divisor) > (left << 64 | next)) {
        q--;
        left += high_half(divisor);
        if (high_half(left))
            break;
    }
    *rest = (*rest << 64 | next) - q * divisor; /* modulo 2^128, where it fits again */
    return q;
}

/* n * 2^64 / d for n with its top bit at 254 and d at 255. The quotient by d's upper half is
 * right or one too large, which the lower half tells. */
static uint64_t divide_halves(struct halves n, struct halves d, bool *inexact)
{
    uint128 rest = n.high;
    uint64_t q = divide_digit(&rest, high_half(n.low), d.high);
    uint128 below = n.low << 64;
    wide taken = multiply(q, d.low);
    uint128 taken_high = (uint128)taken.high;

    if (rest < taken_high || (rest == taken_high && below < taken.low)) {
        *inexact = true;
        return q - 1;
    }
    *inexact = rest != taken_high || below != taken.low;
    return q;
}

static struct halves magnitude_of_wide(wide a)
{
    if (a.high < 0)
        a = wide_negate(a);
    return (struct halves){(uint128)a.high, a.low};
}

double wide_ratio(wide numerator, wide denominator)
{
    struct halves n = magnitude_of_wide(numerator), d = magnitude_of_wide(denominator);
    bool inexact;

    assert(wide_sign(denominator) > 0);
    if (wide_sign(numerator) == 0)
        return 0;
    int n_shift = leading_zeros_of_halves(n) - 1, d_shift = leading_zeros_of_halves(d);
    uint64_t q = divide_halves(shift_left(n, n_shift), shift_left(d, d_shift), &inexact);
    double ratio = round_quotient(q, inexact, d_shift - n_shift - 64);
    return numerator.high < 0 ? -ratio : ratio;
}
