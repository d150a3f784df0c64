#include "bars.h"

#include <math.h>

#include "base/digest.h"

/* Feeds n equal bars: open = high = low = close. */
static void feed_flat(struct indicator *indicator, int n, const char *price, const char *volume)
{
    for (int i = 0; i < n; i++) {
        struct bar bar = flat_bar(i, parse_decimal(price), parse_decimal(volume));
        indicator_update(indicator, &bar);
    }
}

static void feed_closes(struct indicator *indicator, const char *const *closes)
{
    for (; *closes; closes++)
        feed_flat(indicator, 1, *closes, "1");
}

TEST(the_first_value_appears_on_the_bar_the_table_names)
{
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 200);

    for (int i = 0; i < indicators_count(); i++) {
        const struct indicator_info *info = indicators_at(i);
        double options[INDICATOR_OPTIONS_MAX];
        indicator_default_options(info, options);
        struct indicator *indicator = new_indicator(info->name, options);
        assert_int_equal(indicator_warm_up(indicator), info->warm_up(options));
        for (int k = 1; k <= 100; k++) {
            indicator_update(indicator, &bars[k]);
            assert_int_equal(indicator_is_ready(indicator), k >= info->warm_up(options));
            for (int out = 0; info->outputs[out].name; out++)
                assert_int_equal(strcmp(shown(indicator, out), "none") != 0,
                                 k >= info->warm_up(options));
        }
        indicator_free(indicator);
    }
    mem_free(bars);
}

TEST(warm_ups_follow_from_the_options)
{
    static const struct {
        const char *name;
        double options[INDICATOR_OPTIONS_MAX];
        int bars;
    } cases[] = {
        {"sma", {10}, 10},      {"ema", {10}, 10},         {"wma", {10}, 10},
        {"rsi", {14}, 15},      {"macd", {12, 26, 9}, 34}, {"bollinger", {20, 2}, 20},
        {"atr", {14}, 15},      {"adx", {14}, 28},         {"stochastic", {14, 3, 3}, 18},
        {"donchian", {20}, 20}, {"stddev", {20}, 20},      {"roc", {10}, 11},
        {"obv", {0}, 1},        {"vwap", {0}, 1},          {"vwap", {20}, 20},
        {"zscore", {20}, 20},   {"highest", {20}, 20},     {"lowest", {1}, 1},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct indicator *indicator = new_indicator(cases[i].name, cases[i].options);
        assert_int_equal(indicator_warm_up(indicator), cases[i].bars);
        indicator_free(indicator);
    }
}

TEST(a_value_is_looked_up_by_how_many_bars_ago_it_was)
{
    struct indicator *close = new_indicator("sma", (double[]){1, 0});
    double value = -1;

    feed_closes(close, (const char *const[]){"1", "2", "3", NULL});
    assert_true(value_of(close, 0, 0) == 3);
    assert_true(value_of(close, 0, 1) == 2);
    assert_true(value_of(close, 0, 2) == 1);
    assert_false(indicator_value(close, 0, 3, &value));
    assert_false(indicator_value(close, 0, -1, &value));
    assert_true(value == -1);
    indicator_free(close);
}

TEST(sixty_four_values_are_kept_and_more_if_asked)
{
    struct indicator *close = new_indicator("sma", (double[]){1, 0});
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 400);
    double value;

    for (int i = 0; i < 100; i++)
        indicator_update(close, &bars[i]);
    assert_true(indicator_value(close, 0, 63, &value));
    assert_false(indicator_value(close, 0, 64, &value));
    indicator_keep_history(close, 200);
    for (int i = 100; i < 400; i++)
        indicator_update(close, &bars[i]);
    for (int ago = 0; ago < 200; ago++)
        assert_true(value_of(close, 0, ago) == decimal_to_double(bars[399 - ago].close));
    indicator_keep_history(close, 1);
    assert_int_equal(indicator_history(close), 256);
    indicator_free(close);
    mem_free(bars);
}

/* A history asked for late shows what was there, not what was overwritten or never was. */
TEST(a_longer_history_shows_no_more_than_was_kept)
{
    struct indicator *close = new_indicator("sma", (double[]){1, 0});
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 110);
    double value;

    for (int i = 0; i < 100; i++)
        indicator_update(close, &bars[i]);
    indicator_keep_history(close, 128);
    assert_true(indicator_value(close, 0, 63, &value));
    assert_false(indicator_value(close, 0, 64, &value));
    indicator_update(close, &bars[100]);
    assert_true(value_of(close, 0, 64) == decimal_to_double(bars[36].close));
    assert_false(indicator_value(close, 0, 65, &value));
    indicator_free(close);
    mem_free(bars);
}

TEST(an_ema_starts_as_the_simple_average)
{
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 9);
    struct indicator *ema = new_indicator("ema", (double[]){9, 0});
    struct indicator *sma = new_indicator("sma", (double[]){9, 0});

    for (int i = 0; i < 9; i++) {
        indicator_update(ema, &bars[i]);
        indicator_update(sma, &bars[i]);
    }
    assert_true(value_of(ema, 0, 0) == value_of(sma, 0, 0));
    indicator_free(ema);
    indicator_free(sma);
    mem_free(bars);
}

/* What each output is when every bar is 0.1, 0.1, 0.1, 0.1: the double nearest to 0.1 and no
 * neighbour of it, and a number where a formula divides by zero. */
TEST(a_price_that_never_moves_gives_the_numbers_of_the_table)
{
    static const struct {
        const char *name, *values[INDICATOR_OUTPUTS_MAX];
    } cases[] = {
        {"sma", {"0.1"}},
        {"ema", {"0.1"}},
        {"wma", {"0.1"}},
        {"rsi", {"100"}},
        {"macd", {"0", "0", "0"}},
        {"bollinger", {"0.1", "0.1", "0.1", "0"}},
        {"atr", {"0"}},
        {"adx", {"0", "0", "0"}},
        {"stochastic", {"50", "50"}},
        {"donchian", {"0.1", "0.1", "0.1"}},
        {"stddev", {"0"}},
        {"roc", {"0"}},
        {"obv", {"0"}},
        {"vwap", {"0.1"}},
        {"zscore", {"0"}},
        {"highest", {"0.1"}},
        {"lowest", {"0.1"}},
    };

    assert_int_equal(ARRAY_LEN(cases), indicators_count());
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct indicator *indicator = new_indicator(cases[i].name, NULL);
        feed_flat(indicator, 1000, "0.1", "3.7");
        for (int k = 0; k < INDICATOR_OUTPUTS_MAX && cases[i].values[k]; k++)
            assert_true(value_of(indicator, k, 0) == strtod(cases[i].values[k], NULL));
        indicator_free(indicator);
    }
}

TEST(an_rsi_without_losses_is_100_and_without_gains_0)
{
    struct indicator *rsi = new_indicator("rsi", (double[]){3, 0});

    feed_closes(rsi, (const char *const[]){"1", "2", "3", "4", NULL});
    assert_string_equal(shown(rsi, 0), "100");
    indicator_free(rsi);
    rsi = new_indicator("rsi", (double[]){3, 0});
    feed_closes(rsi, (const char *const[]){"4", "3", "2", "1", NULL});
    assert_string_equal(shown(rsi, 0), "0");
    indicator_free(rsi);
}

TEST(a_gap_counts_into_the_true_range)
{
    struct indicator *atr = new_indicator("atr", (double[]){1});

    feed_closes(atr, (const char *const[]){"100", "110", NULL});
    assert_string_equal(shown(atr, 0), "10");
    feed_closes(atr, (const char *const[]){"95", NULL});
    assert_string_equal(shown(atr, 0), "15");
    indicator_free(atr);
}

TEST(a_channel_includes_the_latest_bar)
{
    struct indicator *donchian = new_indicator("donchian", (double[]){2});

    feed_closes(donchian, (const char *const[]){"10", "12", "15", NULL});
    assert_string_equal(shown(donchian, 0), "15");
    assert_string_equal(shown(donchian, 1), "12");
    assert_string_equal(shown(donchian, 2), "13.5");
    assert_true(value_of(donchian, 0, 1) == 12);
    indicator_free(donchian);
}

TEST(a_session_vwap_starts_afresh_at_midnight_utc)
{
    struct indicator *vwap = new_indicator("vwap", NULL);
    struct bar evening = flat_bar(23 * 60, D(100), D(5));
    struct bar late = flat_bar(24 * 60 - 1, D(106), D(1));
    struct bar midnight = flat_bar(24 * 60, D(50), D(2));

    indicator_update(vwap, &evening);
    indicator_update(vwap, &late);
    assert_string_equal(shown(vwap, 0), "101");
    indicator_update(vwap, &midnight);
    assert_string_equal(shown(vwap, 0), "50");
    indicator_free(vwap);
}

TEST(a_vwap_without_volume_is_the_plain_mean)
{
    struct indicator *session = new_indicator("vwap", NULL);
    struct indicator *rolling = new_indicator("vwap", (double[]){2});

    feed_flat(session, 1, "10", "0");
    feed_flat(session, 1, "20", "0");
    assert_string_equal(shown(session, 0), "15");
    feed_flat(session, 1, "30", "0.001");
    assert_string_equal(shown(session, 0), "30");
    feed_flat(rolling, 1, "10", "7");
    feed_flat(rolling, 1, "20", "0");
    assert_string_equal(shown(rolling, 0), "10");
    feed_flat(rolling, 1, "40", "0");
    assert_string_equal(shown(rolling, 0), "30");
    indicator_free(session);
    indicator_free(rolling);
}

/* One unit of 10^-12 on top of a price of 10^9: 22 digits, which no double holds. */
TEST(a_deviation_far_below_the_digits_of_a_double_is_seen)
{
    struct indicator *stddev = new_indicator("stddev", (double[]){2, 1, 0});
    struct indicator *zscore = new_indicator("zscore", (double[]){2, 0});
    const char *const closes[] = {"1000000000", "1000000000.000000000001", NULL};

    feed_closes(stddev, closes);
    feed_closes(zscore, closes);
    assert_string_equal(shown(stddev, 0), "5e-13");
    assert_string_equal(shown(zscore, 0), "0.707106781186548");
    indicator_free(stddev);
    indicator_free(zscore);
}

static struct bar absurd_bar(struct rng *rng, int64_t number)
{
    static const char *const prices[] = {"0",
                                         "0.000000000001",
                                         "-5",
                                         "1",
                                         "10000000000000000000000000",
                                         "-10000000000000000000000000",
                                         "123456789.123456789123"};
    struct bar bar = flat_bar(number, DECIMAL_ZERO, DECIMAL_ZERO);
    decimal *fields[] = {&bar.open, &bar.high, &bar.low, &bar.close, &bar.volume};

    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        *fields[i] = parse_decimal(prices[rng_below(rng, ARRAY_LEN(prices))]);
    bar.start = (nanos)rng_between(rng, 0, INT64_MAX / 2);
    return bar;
}

TEST(no_bar_however_absurd_makes_a_value_that_is_not_finite)
{
    for (int i = 0; i < 2 * indicators_count(); i++) {
        const struct indicator_info *info = indicators_at(i / 2);
        struct rng rng = rng_stream(seed_of_run(), info->name);
        double options[INDICATOR_OPTIONS_MAX];
        indicator_default_options(info, options);
        if (i % 2)
            short_options(info, options);
        struct indicator *indicator = new_indicator(info->name, options);
        for (int bar = 0; bar < 3000; bar++) {
            struct bar absurd = absurd_bar(&rng, bar);
            indicator_update(indicator, &absurd);
            for (int k = 0; indicator_is_ready(indicator) && info->outputs[k].name; k++)
                if (!isfinite(value_of(indicator, k, 0)))
                    fail_msg("%s.%s on bar %d", info->name, info->outputs[k].name, bar);
        }
        indicator_free(indicator);
    }
}

TEST(amounts_beyond_the_limit_count_as_the_limit)
{
    struct indicator *sma = new_indicator("sma", (double[]){1, 0});

    feed_flat(sma, 1, "10000000000000001", "0");
    assert_string_equal(shown(sma, 0), "1e+16");
    feed_flat(sma, 1, "-10000000000000001", "0");
    assert_string_equal(shown(sma, 0), "-1e+16");
    indicator_free(sma);
}

/* The same bits from gcc and clang, at -O0 and -O2, with and without sanitizers: this is their
 * digest. A change of it changes what strategies decide. */
TEST(every_compiler_gives_the_same_bits)
{
    struct bar *bars = random_bars(&ordinary, 7, 3000);
    struct digest *digest = digest_new();
    char text[DIGEST_TEXT_MAX];

    for (int i = 0; i < indicators_count(); i++) {
        struct indicator *indicator = new_indicator(indicators_at(i)->name, NULL);
        for (int bar = 0; bar < 3000; bar++) {
            indicator_update(indicator, &bars[bar]);
            for (int k = 0; k < indicator_count_outputs(indicators_at(i)); k++) {
                double value = 0;
                bool is_there = indicator_value(indicator, k, 0, &value);
                digest_add(digest, &is_there, sizeof is_there);
                digest_add(digest, &value, sizeof value);
            }
        }
        indicator_free(indicator);
    }
    assert_string_equal(digest_finish(digest, text),
                        "5549ba18e325784073c5bcf2ea0323ed61e2ea1030323b08578825be63085f0d");
    digest_free(digest);
    mem_free(bars);
}
