/* Incremental values against the same ones computed from scratch. */
#include "bars.h"
#include "naive.h"

enum { BARS = 600 };

static const struct market markets[] = {
    {5000, 40, {DECIMAL_ONE / 100}, 0.05, 0.05, 0.2, 0.1},
    {100, 3, {100}, 0.1, 0.1, 0.3, 0.1}, /* at 10^-8, a tick of 10^-10 */
    {20, 2, {1}, 0.1, 0.1, 0.3, 0.5},    /* the smallest decimals there are */
    {1000000, 5000, {DECIMAL_ONE * 1000}, 0.05, 0.05, 0.1, 0}, /* at 10^9 */
    {6000000000000, 9000000, {10000}, 0.01, 0, 0, 0.05},       /* 60,000 with 8 digits */
    {3, 1, {DECIMAL_ONE}, 0.5, 0.3, 0.8, 0.9},                 /* hardly anything happens */
};

static void check_output(const struct indicator *indicator, int output, number want,
                         number scale, uint64_t seed)
{
    double got = value_of(indicator, output, 0);

    if (!(fabsl(got - want) <= 1e-12L * fmaxl(fabsl(want), scale)))
        fail_msg("seed %" PRIu64 ": %s.%s on bar %" PRId64 ": %.17g instead of %.17Lg", seed,
                 indicator_info(indicator)->name,
                 indicator_info(indicator)->outputs[output].name,
                 indicator_updates(indicator) - 1, got, want);
}

static void check_outputs(const struct naive *naive, const struct indicator *indicator,
                          const struct bar *bars, int i, uint64_t seed)
{
    number want[INDICATOR_OUTPUTS_MAX];
    number price = naive_get(&bars[i], SOURCE_CLOSE) / DECIMAL_ONE;

    naive->compute(bars, i, indicator_options(indicator), want);
    for (int k = 0; k < indicator_count_outputs(indicator_info(indicator)); k++) {
        bool is_amount = k < naive->amounts;
        check_output(indicator, k, is_amount ? want[k] / DECIMAL_ONE : want[k],
                     is_amount ? price : 1, seed);
    }
}

static void check_naive(const struct naive *naive, const double *options,
                        const struct bar *bars, uint64_t seed)
{
    struct indicator *indicator = new_indicator(naive->name, options);

    for (int i = 0; i < BARS; i++) {
        indicator_update(indicator, &bars[i]);
        if (indicator_is_ready(indicator) && (i < 100 || i % 37 == 0))
            check_outputs(naive, indicator, bars, i, seed);
    }
    indicator_free(indicator);
}

TEST(incremental_values_are_those_computed_from_all_bars)
{
    uint64_t seed = seed_of_run();

    assert_int_equal(ARRAY_LEN(naives), indicators_count());
    for (size_t m = 0; m < ARRAY_LEN(markets); m++) {
        struct bar *bars = random_bars(&markets[m], seed + m, BARS);
        for (size_t k = 0; k < ARRAY_LEN(naives); k++) {
            double options[INDICATOR_OPTIONS_MAX];
            check_naive(&naives[k], NULL, bars, seed);
            short_options(indicators_find(naives[k].name), options);
            check_naive(&naives[k], options, bars, seed);
        }
        mem_free(bars);
    }
}

/* Those whose value follows from the bars of the warm-up alone. */
static const char *const windowed[] = {"sma",     "wma",      "bollinger", "stochastic",
                                       "stddev",  "donchian", "zscore",    "roc",
                                       "highest", "lowest"};

static void assert_same_values(const struct indicator *a, const struct indicator *b)
{
    for (int k = 0; k < indicator_count_outputs(indicator_info(a)); k++) {
        double x = value_of(a, k, 0), y = value_of(b, k, 0);
        if (memcmp(&x, &y, sizeof x) != 0)
            fail_msg("%s.%s after %" PRId64 " bars: %.17g, from scratch %.17g",
                     indicator_info(a)->name, indicator_info(a)->outputs[k].name,
                     indicator_updates(a), x, y);
    }
}

static void check_no_trace(const char *name, const double *options, const struct bar *bars,
                           int count)
{
    struct indicator *long_running = new_indicator(name, options);
    int warm_up = indicator_warm_up(long_running);

    for (int i = 0; i < count; i++) {
        indicator_update(long_running, &bars[i]);
        if (i + 1 < warm_up || i % 53 != 0)
            continue;
        struct indicator *fresh = new_indicator(name, options);
        for (int k = i - warm_up + 1; k <= i; k++)
            indicator_update(fresh, &bars[k]);
        assert_same_values(long_running, fresh);
        indicator_free(fresh);
    }
    indicator_free(long_running);
}

/* Prices from 10^-12 to 10^16 in one series: whatever a sum in floating point would have lost
 * there stays lost, an exact one has no memory of it. */
TEST(what_has_left_a_window_leaves_no_trace_to_the_last_bit)
{
    enum { COUNT = 20000 };
    struct rng rng = rng_stream(seed_of_run(), "wild");
    struct bar *bars = random_bars(&markets[0], seed_of_run(), COUNT);

    for (int i = 0; i < COUNT; i++) {
        if (rng_chance(&rng, 0.7))
            continue;
        int128 price = (int128)rng_between(&rng, 1, 999999999);
        for (int64_t digits = rng_between(&rng, 0, 19); digits > 0; digits--)
            price *= 10;
        bars[i] = flat_bar(i, (decimal){price}, D(1));
        bars[i].low.units -= price / 3;
    }
    for (size_t k = 0; k < ARRAY_LEN(windowed); k++) {
        double options[INDICATOR_OPTIONS_MAX];
        check_no_trace(windowed[k], NULL, bars, COUNT);
        short_options(indicators_find(windowed[k]), options);
        check_no_trace(windowed[k], options, bars, COUNT);
    }
    check_no_trace("vwap", (double[]){20}, bars, COUNT);
    mem_free(bars);
}

/* Ten closes come again and again in a different order: after each ten the averages of 10 and
 * of 30 bars are equal, and mostly not a decimal. */
TEST(averages_of_different_lengths_meet_exactly)
{
    struct indicator *shorter = new_indicator("sma", (double[]){10, 0});
    struct indicator *longer = new_indicator("sma", (double[]){30, 0});
    struct rng rng = rng_stream(seed_of_run(), "meeting");
    static const int orders[] = {1, 3, 7}; /* steps through ten that meet each once */

    for (int round = 0; round < 3000; round++) {
        decimal closes[10];
        for (int i = 0; i < 10; i++)
            closes[i].units = rng_between(&rng, 1, 10000000) * (DECIMAL_ONE / 1000);
        for (int i = 0; i < 30; i++) {
            struct bar bar = flat_bar(i, closes[i * orders[i / 10] % 10], D(1));
            indicator_update(shorter, &bar);
            indicator_update(longer, &bar);
        }
        assert_true(value_of(shorter, 0, 0) == value_of(longer, 0, 0));
    }
    indicator_free(shorter);
    indicator_free(longer);
}
