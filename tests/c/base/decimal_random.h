/* What the tests of decimals share: a seeded source of awkward numbers, an oracle that
 * rounds with GMP, and a report that names the seed. */
#ifndef TESTS_BASE_DECIMAL_RANDOM_H
#define TESTS_BASE_DECIMAL_RANDOM_H

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <gmp.h>

#include "base/decimal.h"
#include "base/rng.h"
#include "check.h"

/* PERIGEE_SEED in the environment repeats a failure. */
static uint64_t test_seed(void)
{
    const char *text = getenv("PERIGEE_SEED");

    return text ? strtoull(text, NULL, 0) : 20240808;
}

static const enum rounding all_roundings[] = {ROUND_DOWN,    ROUND_UP,      ROUND_FLOOR,
                                              ROUND_CEILING, ROUND_HALF_UP, ROUND_HALF_EVEN};

static inline const char *rounding_name(enum rounding rounding)
{
    static const char *const names[] = {"down",    "up",      "floor",
                                        "ceiling", "half up", "half even"};
    return names[rounding];
}

static inline enum rounding random_rounding(struct rng *rng)
{
    return all_roundings[rng_below(rng, ARRAY_LEN(all_roundings))];
}

static inline int128 power_of_ten(unsigned exponent)
{
    int128 power = 1;

    while (exponent-- > 0)
        power *= 10;
    return power;
}

#define LIMIT_UNITS power_of_ten(37)

/* Every magnitude is equally likely; one in four is within a few units of a power of ten or
 * two, a whole number, or the end of the range. */
static inline decimal random_decimal(struct rng *rng)
{
    int128 units = (int128)rng_next(rng) << 62 | (int128)(rng_next(rng) >> 2);

    units >>= rng_below(rng, 127);
    switch (rng_below(rng, 16)) {
    case 0:
        units = power_of_ten((unsigned)rng_below(rng, 38)) + rng_between(rng, -2, 2);
        break;
    case 1:
        units = ((int128)1 << rng_below(rng, 123)) + rng_between(rng, -2, 2);
        break;
    case 2:
        units -= units % DECIMAL_ONE;
        break;
    case 3:
        units = LIMIT_UNITS - (int128)rng_below(rng, 3);
        break;
    default:
        break;
    }
    units %= LIMIT_UNITS + 1;
    return (decimal){rng_next(rng) & 1 ? -units : units};
}

static inline decimal random_positive(struct rng *rng)
{
    decimal a = decimal_abs(random_decimal(rng));

    return decimal_is_zero(a) ? (decimal){1} : a;
}

static inline void mpz_set_int128(mpz_t out, int128 value)
{
    uint64_t words[2];

    memcpy(words, &(int128){value < 0 ? -value : value}, sizeof words);
    mpz_import(out, 2, -1, sizeof words[0], 0, 0, words);
    if (value < 0)
        mpz_neg(out, out);
}

/* False when beyond 128 bits or the range of decimals. */
static inline bool mpz_get_decimal(const mpz_t value, decimal *out)
{
    uint64_t words[2] = {0, 0};
    size_t count = 0;

    if (mpz_sizeinbase(value, 2) > 126)
        return false;
    mpz_export(words, &count, -1, sizeof words[0], 0, 0, value);
    memcpy(&out->units, words, sizeof words);
    if (mpz_sgn(value) < 0)
        out->units = -out->units;
    return out->units <= LIMIT_UNITS && out->units >= -LIMIT_UNITS;
}

/* result = numerator / denominator, rounded: written from the definitions, with floors of
 * (2n + d) / 2d for the nearest. The arguments are left changed. */
static inline void mpz_divide_rounded(mpz_t result, mpz_t n, mpz_t d, enum rounding rounding)
{
    if (mpz_sgn(d) < 0) {
        mpz_neg(n, n);
        mpz_neg(d, d);
    }
    bool negative = mpz_sgn(n) < 0;
    switch (rounding) {
    case ROUND_DOWN:
        mpz_tdiv_q(result, n, d);
        return;
    case ROUND_FLOOR:
        mpz_fdiv_q(result, n, d);
        return;
    case ROUND_CEILING:
        mpz_cdiv_q(result, n, d);
        return;
    case ROUND_UP:
        (negative ? mpz_fdiv_q : mpz_cdiv_q)(result, n, d);
        return;
    case ROUND_HALF_UP:
    case ROUND_HALF_EVEN:
        break;
    }
    mpz_abs(n, n);
    mpz_mul_2exp(n, n, 1);
    mpz_add(n, n, d);
    mpz_mul_2exp(d, d, 1);
    mpz_fdiv_q(result, n, d);
    if (rounding == ROUND_HALF_EVEN && mpz_divisible_p(n, d) && mpz_odd_p(result))
        mpz_sub_ui(result, result, 1);
    if (negative)
        mpz_neg(result, result);
}

#endif
