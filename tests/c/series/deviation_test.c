/* Standard deviations against GMP: the root of a double that is nearest to the
 * variance, taken of the amounts in the window and nothing else. */
#include "series/deviation.h"

#include <gmp.h>
#include <math.h>

#include "bars.h"

static void set_units(mpq_t out, int128 units)
{
    uint64_t high = (uint64_t)((uint128)units >> 64), low = (uint64_t)(uint128)units;

    mpz_set_si(mpq_numref(out), (int64_t)high);
    mpz_mul_2exp(mpq_numref(out), mpq_numref(out), 64);
    mpz_add_ui(mpq_numref(out), mpq_numref(out), low);
    mpz_ui_pow_ui(mpq_denref(out), 10, 12);
    mpq_canonicalize(out);
}

/* sum((x - mean)^2) / (n - less) */
static void exact_variance(mpq_t out, const int128 *values, int n, int less)
{
    mpq_t mean, x, count;

    mpq_inits(mean, x, count, NULL);
    mpq_set_ui(out, 0, 1);
    for (int i = 0; i < n; i++) {
        set_units(x, values[i]);
        mpq_add(mean, mean, x);
    }
    mpq_set_ui(count, (unsigned)n, 1);
    mpq_div(mean, mean, count);
    for (int i = 0; i < n; i++) {
        set_units(x, values[i]);
        mpq_sub(x, x, mean);
        mpq_mul(x, x, x);
        mpq_add(out, out, x);
    }
    mpq_set_ui(count, (unsigned)(n - less), 1);
    mpq_div(out, out, count);
    mpq_clears(mean, x, count, NULL);
}

/* Half a unit in the last place for the variance, half for the root: within one of the truth.
 */
static void assert_root(const mpq_t variance, double got)
{
    mpq_t below, above;

    mpq_inits(below, above, NULL);
    mpq_set_d(below, nextafter(got, -INFINITY));
    mpq_set_d(above, nextafter(got, INFINITY));
    mpq_mul(below, below, below);
    mpq_mul(above, above, above);
    if (mpq_sgn(variance) == 0)
        assert_true(got == 0);
    else
        assert_true(mpq_cmp(below, variance) <= 0 && mpq_cmp(above, variance) >= 0);
    mpq_clears(below, above, NULL);
}

static void check_series(int length, enum deviation_kind kind, int digits_max, struct rng *rng)
{
    enum { COUNT = 300 };
    static int128 values[COUNT];
    struct deviation deviation;
    mpq_t variance;

    mpq_init(variance);
    deviation_init(&deviation, length, kind);
    for (int i = 0; i < COUNT; i++) {
        values[i] = rng_between(rng, -1000, 1000);
        for (int64_t digits = rng_between(rng, 0, digits_max); digits > 0; digits--)
            values[i] *= 10;
        if (rng_chance(rng, 0.3) && i > 0)
            values[i] = values[i - 1];
        deviation_push(&deviation, values[i]);
        if (i < length - 1)
            continue;
        exact_variance(variance, &values[i - length + 1], length, kind == DEVIATION_SAMPLE);
        assert_root(variance, deviation_value(&deviation));
    }
    deviation_clear(&deviation);
    mpq_clear(variance);
}

TEST(a_deviation_is_the_root_of_the_exact_variance)
{
    static const int digits[] = {0, 1, 4, 12, 25}, lengths[] = {2, 3, 20, 50};
    struct rng rng = rng_stream(seed_of_run(), "deviation");

    for (size_t i = 0; i < ARRAY_LEN(digits); i++) {
        for (size_t k = 0; k < ARRAY_LEN(lengths); k++) {
            check_series(lengths[k], DEVIATION_SAMPLE, digits[i], &rng);
            check_series(lengths[k], DEVIATION_POPULATION, digits[i], &rng);
        }
    }
}

TEST(it_is_zero_only_if_all_amounts_are_equal)
{
    struct deviation deviation;

    deviation_init(&deviation, 3, DEVIATION_SAMPLE);
    for (int i = 0; i < 3; i++)
        deviation_push(&deviation, EXACT_LIMIT);
    assert_true(deviation_value(&deviation) == 0);
    deviation_push(&deviation, EXACT_LIMIT - 1);
    assert_true(deviation_value(&deviation) > 0);
    for (int i = 0; i < 3; i++)
        deviation_push(&deviation, -7);
    assert_true(deviation_value(&deviation) == 0);
    deviation_clear(&deviation);
}

/* The largest sums there can be: the longest window, full of the largest amounts of both signs.
 */
TEST(the_longest_window_of_the_largest_amounts_fits)
{
    struct deviation deviation;

    deviation_init(&deviation, WINDOW_LENGTH_MAX, DEVIATION_POPULATION);
    for (int i = 0; i < 3 * WINDOW_LENGTH_MAX; i++)
        deviation_push(&deviation, i % 2 ? EXACT_LIMIT : -EXACT_LIMIT);
    assert_true(deviation_value(&deviation) == 1e16);
    assert_true(window_mean(&deviation.window) == 0);
    deviation_clear(&deviation);
}
