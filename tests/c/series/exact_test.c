/* Quotients against GMP: a double is the right one when the true quotient lies
 * between the points half way to its neighbours, ties going to the even one. */
#include "series/exact.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gmp.h> /* after stdio.h, for gmp_fprintf */

#include "base/rng.h"
#include "check.h"

static void set_int128(mpz_t out, int128 number)
{
    uint128 magnitude = number < 0 ? -(uint128)number : (uint128)number;

    mpz_import(out, 1, 1, sizeof magnitude, 0, 0, &magnitude);
    if (number < 0)
        mpz_neg(out, out);
}

static void set_wide(mpz_t out, wide number)
{
    mpz_t low;

    mpz_init(low);
    mpz_import(low, 1, 1, sizeof number.low, 0, 0, &number.low);
    set_int128(out, number.high);
    mpz_mul_2exp(out, out, 128);
    mpz_add(out, out, low);
    mpz_clear(low);
}

static bool is_even(double number)
{
    uint64_t bits;

    memcpy(&bits, &number, sizeof bits);
    return !(bits & 1);
}

/* How the true value compares with the point half way between two doubles. */
static int compare_half_way(const mpq_t value, double a, double b)
{
    mpq_t middle, other;

    mpq_inits(middle, other, NULL);
    mpq_set_d(middle, a);
    mpq_set_d(other, b);
    mpq_add(middle, middle, other);
    mpq_div_2exp(middle, middle, 1);
    int order = mpq_cmp(value, middle);
    mpq_clears(middle, other, NULL);
    return order;
}

static bool is_nearest(const mpq_t value, double number)
{
    int above = compare_half_way(value, number, nextafter(number, INFINITY));
    int below = compare_half_way(value, number, nextafter(number, -INFINITY));

    if (above == 0 || below == 0)
        return is_even(number);
    return above < 0 && below > 0;
}

static void assert_nearest(const mpq_t value, double number, uint64_t seed)
{
    if (is_nearest(value, number))
        return;
    gmp_fprintf(stderr, "%Qd\n", value);
    fail_msg("seed %" PRIu64 ": %.17g is not nearest to that", seed, number);
}

static int128 random_int128(struct rng *rng, int bits)
{
    uint128 all = (uint128)rng_next(rng) << 64 | rng_next(rng);
    int128 number = (int128)(all >> (128 - bits));

    return rng_chance(rng, 0.5) ? -number : number;
}

/* Sometimes with few digits and zeros behind them, where ties live. */
static int128 random_amount(struct rng *rng, int bits_max)
{
    int bits = (int)rng_between(rng, 1, bits_max);
    int128 number = random_int128(rng, bits);
    int zeros = (int)rng_below(rng, (uint64_t)bits);

    return rng_chance(rng, 0.3) ? number / ((int128)1 << zeros) * ((int128)1 << zeros) : number;
}

static uint64_t seed_of_run(void)
{
    const char *text = getenv("PERIGEE_SEED");

    return text ? strtoull(text, NULL, 10) : 1;
}

static void check_mean(int128 sum, uint64_t count, uint64_t seed)
{
    struct divisor by = divisor_init(count);
    mpq_t value;

    mpq_init(value);
    set_int128(mpq_numref(value), sum);
    mpz_ui_pow_ui(mpq_denref(value), 10, 12);
    mpz_mul_ui(mpq_denref(value), mpq_denref(value), count);
    mpq_canonicalize(value);
    assert_nearest(value, exact_mean(sum, &by), seed);
    if (count == 1)
        assert_nearest(value, exact_value(sum), seed);
    mpq_clear(value);
}

TEST(a_mean_is_the_double_nearest_to_the_true_quotient)
{
    uint64_t seed = seed_of_run();
    struct rng rng = rng_stream(seed, "exact mean");

    for (int i = 0; i < 30000; i++) {
        uint64_t count = 1 + rng_below(&rng, UINT64_C(1) << rng_between(&rng, 0, 36));
        check_mean(random_amount(&rng, 126), rng_chance(&rng, 0.2) ? 1 : count, seed);
    }
}

/* Prices have few decimals, so that most of their sums are doubles and a few are not. */
TEST(a_mean_of_prices_is_the_double_nearest_to_the_true_quotient)
{
    uint64_t seed = seed_of_run();
    struct rng rng = rng_stream(seed, "mean of prices");

    for (int i = 0; i < 30000; i++) {
        int64_t step = 1;
        for (int64_t decimals = rng_between(&rng, 0, 12); decimals < 12; decimals++)
            step *= 10;
        uint64_t most = (uint64_t)(INT64_MAX / step);
        int128 sum = (int128)(1 + rng_below(&rng, most)) * step;
        check_mean(rng_chance(&rng, 0.1) ? -sum : sum, 1 + rng_below(&rng, 10080), seed);
    }
}

TEST(a_mean_half_way_between_two_doubles_goes_to_the_even_one)
{
    struct divisor one = divisor_init(1);

    /* Above 2^53 a double is an even number, and every odd one is half way. */
    assert_true(exact_mean((((int128)1 << 53) + 1) * DECIMAL_ONE, &one) == 9007199254740992.0);
    assert_true(exact_mean((((int128)1 << 53) + 3) * DECIMAL_ONE, &one) == 9007199254740996.0);
    assert_true(exact_mean(-(((int128)1 << 53) + 3) * DECIMAL_ONE, &one) ==
                -9007199254740996.0);
    for (uint64_t odd = 1; odd < 2000; odd += 2) {
        check_mean((((int128)1 << 53) + (int128)odd) * DECIMAL_ONE, 1, 0);
        check_mean((((int128)1 << 53) + (int128)odd) * DECIMAL_ONE + 1, 1, 0);
        check_mean((((int128)1 << 53) + (int128)odd) * DECIMAL_ONE - 1, 1, 0);
    }
}

TEST(equal_means_of_different_lengths_are_equal_doubles)
{
    uint64_t seed = seed_of_run();
    struct rng rng = rng_stream(seed, "equal means");

    for (int i = 0; i < 30000; i++) {
        uint64_t short_length = 1 + rng_below(&rng, 100),
                 long_length = 1 + rng_below(&rng, 5000);
        int128 amount = random_amount(&rng, 90);
        struct divisor by_short = divisor_init(short_length),
                       by_long = divisor_init(long_length);
        double a = exact_mean(amount * (int128)short_length, &by_short);
        double b = exact_mean(amount * (int128)long_length, &by_long);
        assert_true(a == b);
        assert_true(a == exact_value(amount));
    }
}

TEST(the_ends_of_the_range_divide_too)
{
    uint64_t counts[] = {1, 2, 3, 7, 10080, UINT64_C(1) << 36};

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        check_mean(0, counts[i], 0);
        check_mean(1, counts[i], 0);
        check_mean(-1, counts[i], 0);
        check_mean((int128)1 << 126, counts[i], 0);
        check_mean((((int128)1 << 126) - 1) * 2 + 1, counts[i], 0);
        check_mean(EXACT_LIMIT * 10080, counts[i], 0);
    }
}

TEST(sums_around_the_end_of_a_word_divide_too)
{
    uint64_t counts[] = {1, 2, 3, 7, 10080, UINT64_C(1) << 36};

    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
        for (int bits = 62; bits <= 65; bits++)
            for (int off = -3; off <= 3; off++) {
                check_mean(((int128)1 << bits) + off, counts[i], 0);
                check_mean(-(((int128)1 << bits) + off), counts[i], 0);
            }
}

static void check_ratio(wide numerator, wide denominator, uint64_t seed)
{
    mpq_t value;

    mpq_init(value);
    set_wide(mpq_numref(value), numerator);
    set_wide(mpq_denref(value), denominator);
    mpq_canonicalize(value);
    assert_nearest(value, wide_ratio(numerator, denominator), seed);
    mpq_clear(value);
}

/* For numbers that leave room for it. */
static wide wide_times(wide number, int128 factor)
{
    const int128 half = (int128)1 << 64;
    wide low = wide_product((int128)(number.low & (uint128)(half - 1)), factor);
    wide middle = wide_product((int128)(number.low >> 64), factor);
    wide high = wide_product(number.high, factor);

    low = wide_add(
        low, (wide){middle.low << 64, (int128)((uint128)middle.high << 64 | middle.low >> 64)});
    return wide_add(low, (wide){0, (int128)high.low});
}

static wide random_wide(struct rng *rng, int bits_max)
{
    wide number =
        wide_product(random_amount(rng, bits_max / 2), random_amount(rng, bits_max / 2));

    return wide_add(number, wide_from(random_amount(rng, 20)));
}

TEST(a_ratio_is_the_double_nearest_to_the_true_quotient)
{
    uint64_t seed = seed_of_run();
    struct rng rng = rng_stream(seed, "wide ratio");

    for (int i = 0; i < 60000; i++) {
        wide denominator = random_wide(&rng, 4 + (int)rng_below(&rng, 249));
        if (wide_sign(denominator) < 0)
            denominator = wide_sub(wide_from(0), denominator);
        if (wide_sign(denominator) > 0)
            check_ratio(random_wide(&rng, 4 + (int)rng_below(&rng, 249)), denominator, seed);
    }
}

/* A whole number of 63 or 64 bits that lies half way between two doubles. */
static uint64_t random_tie(struct rng *rng)
{
    uint64_t kept = UINT64_C(1) << 53 | rng_next(rng) >> 11 | 1;

    return kept << rng_between(rng, 9, 10);
}

/* At a tie, a hair below and a hair above: there the last bit of a quotient and the smallest
 * remainder decide. */
TEST(a_ratio_next_to_a_tie_is_rounded_to_its_own_side)
{
    uint64_t seed = seed_of_run();
    struct rng rng = rng_stream(seed, "ties");

    for (int i = 0; i < 30000; i++) {
        int128 tie = random_tie(&rng);
        int128 divisor = 1 + (int128)((uint128)random_int128(&rng, 126) >> 1);
        int128 more = i % 3 ? ((int128)1 << rng_between(&rng, 0, 60)) - (i % 3 == 1) : 1;
        wide denominator = wide_product(divisor >> rng_below(&rng, 125), more);
        if (wide_sign(denominator) <= 0)
            continue;
        wide numerator = wide_times(denominator, tie);
        check_ratio(numerator, denominator, seed);
        check_ratio(wide_add(numerator, wide_from(1)), denominator, seed);
        check_ratio(wide_sub(numerator, wide_from(1)), denominator, seed);
        numerator = wide_times(denominator, tie + 1);
        check_ratio(numerator, denominator, seed);
        check_ratio(wide_sub(numerator, wide_from(1)), denominator, seed);
        numerator = wide_times(denominator, tie - 1);
        check_ratio(numerator, denominator, seed);
    }
}

/* With counts like 141 the divisor, shifted to fill its word, begins with zeros after its top
 * bit: then the first guess of the quotient is off by one most often. */
TEST(a_mean_next_to_a_tie_is_rounded_to_its_own_side)
{
    static const uint64_t awkward[] = {71, 141, 282, 285, 563, 564};
    const int128 five_to_12 = 244140625;
    uint64_t seed = seed_of_run();
    struct rng rng = rng_stream(seed, "mean ties");

    for (int i = 0; i < 30000; i++) {
        uint64_t count = i % 2 ? awkward[i / 2 % 6] : 1 + rng_below(&rng, 100000);
        int128 sum = random_tie(&rng) * (int128)count * five_to_12;
        for (int more = -1; more <= 1; more++)
            check_mean(sum + more, count, seed);
        check_mean(sum + (int128)count * five_to_12 - 1, count, seed);
    }
}

/* Divisors whose upper half is as small or as large as it can be, below numbers
 * that share their leading digits, are where a quotient digit is guessed wrong. */
TEST(a_ratio_survives_wrong_guesses_of_its_digits)
{
    static const uint64_t words[] = {
        0, 1, 2, UINT64_MAX / 2, UINT64_MAX / 2 + 1, UINT64_MAX - 1, UINT64_MAX};
    enum { WORDS = sizeof words / sizeof words[0] };
    struct rng rng = rng_stream(seed_of_run(), "wrong guesses");

    for (int i = 0; i < 60000; i++) {
        uint64_t w[8];
        for (int k = 0; k < 8; k++)
            w[k] = rng_chance(&rng, 0.8) ? words[rng_below(&rng, WORDS)] : rng_next(&rng);
        wide n = {(uint128)w[0] << 64 | w[1], (int128)((uint128)(w[2] >> 2) << 64 | w[3])};
        wide d = {(uint128)w[4] << 64 | w[5], (int128)((uint128)(w[6] >> 2) << 64 | w[7])};
        if (rng_chance(&rng, 0.3))
            d.high = 0;
        if (wide_sign(d) > 0)
            check_ratio(n, d, seed_of_run());
    }
}

TEST(wide_numbers_add_subtract_and_multiply_like_integers)
{
    uint64_t seed = seed_of_run();
    struct rng rng = rng_stream(seed, "wide");
    mpz_t a, b, want, got;

    mpz_inits(a, b, want, got, NULL);
    for (int i = 0; i < 20000; i++) {
        int128 x = random_amount(&rng, 127), y = random_amount(&rng, 127);
        wide p = random_wide(&rng, 250), q = random_wide(&rng, 250);
        set_int128(a, x);
        set_int128(b, y);
        mpz_mul(want, a, b);
        set_wide(got, wide_product(x, y));
        assert_int_equal(mpz_cmp(want, got), 0);
        set_wide(a, p);
        set_wide(b, q);
        mpz_add(want, a, b);
        set_wide(got, wide_add(p, q));
        assert_int_equal(mpz_cmp(want, got), 0);
        mpz_sub(want, a, b);
        set_wide(got, wide_sub(p, q));
        assert_int_equal(mpz_cmp(want, got), 0);
        assert_int_equal(wide_sign(p), mpz_sgn(a));
    }
    mpz_clears(a, b, want, got, NULL);
}
