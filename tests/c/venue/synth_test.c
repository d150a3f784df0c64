#include "venue/synth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/digest.h"

#include "venue_check.h"

static const nanos start = SECONDS(1700006400); /* a full minute and hour */

static struct synth *market(const char *symbol, uint64_t seed)
{
    struct market_shape shape;
    struct product product;

    if (!catalogue_find(symbol, &product, &shape))
        fail_msg("%s is not in the catalogue", symbol);
    return synth_new(&product, &shape, seed, start, SECONDS(1));
}

static void add_decimal(struct digest *digest, decimal a)
{
    char text[DECIMAL_TEXT_MAX];

    decimal_format(a, text);
    digest_add(digest, text, strlen(text) + 1);
}

/* The first eight digits of what `steps` steps were. */
static const char *fingerprint(const char *symbol, uint64_t seed, int steps)
{
    static char out[DIGEST_TEXT_MAX];
    struct synth *synth = market(symbol, seed);
    struct digest *digest = digest_new();
    struct synth_ladder ladder;
    struct synth_step step;

    for (int i = 0; i < steps; i++) {
        synth_step(synth, &step);
        synth_ladder(synth, &ladder);
        add_decimal(digest, step.mid);
        add_decimal(digest, step.bid);
        add_decimal(digest, step.ask);
        for (int k = 0; k < step.taker_count; k++)
            add_decimal(digest, step.takers[k].size);
        for (int k = 0; k < SYNTH_LEVELS; k++)
            add_decimal(digest, ladder.levels[k % 2][k].size);
    }
    digest_finish(digest, out);
    digest_free(digest);
    synth_free(synth);
    out[8] = '\0';
    return out;
}

/* The figures are those of every compiler and machine; a change of the model changes them. */
TEST(a_seed_is_one_market_on_every_machine)
{
    assert_string_equal(fingerprint("BTC-USD", 1, 5000), "155db5e2");
    assert_string_equal(fingerprint("BTC-USD", 2, 5000), "49c34fe8");
    assert_string_equal(fingerprint("DOGE-USD", 1, 5000), "d4552a81");
    assert_string_equal(fingerprint("BIP-20DEC30-CDE", 1, 5000), "513e9d84");
}

TEST(bid_and_ask_are_whole_steps_and_never_cross)
{
    struct synth_step step;

    for (int k = 0; k < catalogue_count(); k++) {
        struct synth *synth = market(catalogue_symbol(k), 3);
        struct product product;
        assert_true(catalogue_find(catalogue_symbol(k), &product, NULL));
        for (int i = 0; i < 2000; i++) {
            synth_step(synth, &step);
            assert_true(decimal_is_less(step.bid, step.ask));
            assert_true(decimal_is_positive(step.bid));
            assert_true(decimal_is_multiple(step.bid, product.price_increment));
            assert_true(decimal_is_multiple(step.ask, product.price_increment));
            assert_int_equal(step.time, start + SECONDS(i));
            for (int t = 0; t < step.taker_count; t++) {
                assert_true(decimal_is_multiple(step.takers[t].size, product.base_increment));
                assert_true(!decimal_is_less(step.takers[t].size, product.base_min_size));
            }
        }
        synth_free(synth);
    }
}

TEST(the_ladder_begins_at_the_quote_and_leads_away_from_it)
{
    struct synth *synth = market("ETH-USD", 3);
    struct synth_ladder ladder;
    struct synth_step step;

    for (int i = 0; i < 500; i++) {
        synth_step(synth, &step);
        synth_ladder(synth, &ladder);
        assert_true(decimal_is_equal(ladder.levels[SIDE_BUY][0].price, step.bid));
        assert_true(decimal_is_equal(ladder.levels[SIDE_SELL][0].price, step.ask));
        for (int k = 1; k < SYNTH_LEVELS; k++) {
            assert_true(decimal_is_less(ladder.levels[SIDE_BUY][k].price,
                                        ladder.levels[SIDE_BUY][k - 1].price));
            assert_true(decimal_is_less(ladder.levels[SIDE_SELL][k - 1].price,
                                        ladder.levels[SIDE_SELL][k].price));
            assert_true(decimal_is_positive(ladder.levels[SIDE_BUY][k].size));
        }
    }
    synth_free(synth);
}

TEST(reading_the_ladder_does_not_change_the_path)
{
    struct synth *plain = market("ETH-USD", 3), *read = market("ETH-USD", 3);
    struct synth_step a, b;
    struct synth_ladder ladder;

    for (int i = 0; i < 1000; i++) {
        synth_step(plain, &a);
        synth_step(read, &b);
        synth_ladder(read, &ladder);
        assert_true(decimal_is_equal(a.mid, b.mid));
        assert_int_equal(a.taker_count, b.taker_count);
    }
    synth_free(plain);
    synth_free(read);
}

TEST(bars_are_sane_aligned_and_made_of_the_trades)
{
    struct synth *bars = market("SOL-USD", 5), *trades = market("SOL-USD", 5);
    struct candle_builder builder = candle_builder_init(MINUTES(1));
    struct bar bar, built;
    struct trade trade;
    nanos time;

    for (int i = 0; i < 200; i++) {
        synth_next_bar(bars, MINUTES(1), &bar);
        assert_true(bar_is_sane(&bar));
        assert_int_equal(bar.start % MINUTES(1), 0);
        do
            synth_next_trade(trades, &time, &trade);
        while (!candle_builder_add_trade(&builder, time, trade.price, trade.size, &built));
        assert_int_equal(built.start, bar.start);
        assert_true(decimal_is_equal(built.open, bar.open));
        assert_true(decimal_is_equal(built.high, bar.high));
        assert_true(decimal_is_equal(built.low, bar.low));
        assert_true(decimal_is_equal(built.close, bar.close));
        assert_true(decimal_is_equal(built.volume, bar.volume));
    }
    synth_free(bars);
    synth_free(trades);
}

TEST(bars_of_an_hour_are_those_of_its_minutes)
{
    struct synth *hours = market("BTC-USD", 5), *minutes = market("BTC-USD", 5);
    struct bar hour, minute;

    for (int i = 0; i < 5; i++) {
        decimal high = DECIMAL_ZERO, volume = DECIMAL_ZERO;
        synth_next_bar(hours, HOURS(1), &hour);
        for (int k = 0; k < 60; k++) {
            synth_next_bar(minutes, MINUTES(1), &minute);
            high = decimal_max(high, minute.high);
            volume = decimal_add(volume, minute.volume);
        }
        assert_true(decimal_is_equal(hour.high, high));
        assert_true(decimal_is_equal(hour.close, minute.close));
        assert_true(decimal_is_equal(hour.volume, volume));
    }
    synth_free(hours);
    synth_free(minutes);
}

TEST(a_day_moves_about_as_much_as_the_shape_says)
{
    double sum = 0;

    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct synth *synth = market("BTC-USD", seed);
        struct synth_step step;
        double before = 0;
        for (int i = 0; i <= 86400; i++) {
            synth_step(synth, &step);
            if (i % 60 != 0)
                continue;
            double mid = decimal_to_double(step.mid);
            if (before > 0)
                sum += (mid / before - 1) * (mid / before - 1);
            before = mid;
        }
        synth_free(synth);
    }
    double daily = sqrt(sum / 20);
    if (daily < 0.0125 || daily > 0.05)
        fail_msg("BTC-USD moves %.2f %% a day, and its shape says 2.5 %%", 100 * daily);
}

TEST(every_regime_comes_and_lasts)
{
    struct synth *synth = market("ADA-USD", 11);
    int steps[SYNTH_REGIME_COUNT] = {0}, changes = 0;
    enum synth_regime before = SYNTH_NORMAL;
    struct synth_step step;

    for (int i = 0; i < 400000; i++) {
        synth_step(synth, &step);
        changes += step.regime != before;
        before = step.regime;
        steps[step.regime]++;
    }
    for (int i = 0; i < SYNTH_REGIME_COUNT; i++)
        if (steps[i] < 4000)
            fail_msg("%s lasted %d steps", synth_regime_name((enum synth_regime)i), steps[i]);
    assert_in_range(changes, 20, 400);
    synth_free(synth);
}

TEST(markets_of_a_seed_rise_and_fall_together_but_not_as_one)
{
    struct synth *a = market("BTC-USD", 4), *b = market("ETH-USD", 4);
    double xy = 0, xx = 0, yy = 0, x0 = 60000, y0 = 3000;
    struct synth_step step;

    for (int i = 0; i < 50000; i++) {
        synth_step(a, &step);
        double x1 = decimal_to_double(step.mid);
        synth_step(b, &step);
        double y1 = decimal_to_double(step.mid);
        double x = x1 / x0 - 1, y = y1 / y0 - 1;
        xy += x * y, xx += x * x, yy += y * y;
        x0 = x1, y0 = y1;
    }
    double correlation = xy / sqrt(xx * yy);
    if (correlation < 0.15 || correlation > 0.6)
        fail_msg("correlation is %.2f", correlation);
    synth_free(a);
    synth_free(b);
}

TEST(a_future_stays_near_its_underlying)
{
    struct synth *spot = market("BTC-USD", 6), *future = market("BIP-20DEC30-CDE", 6);
    struct synth_step a, b;

    for (int i = 0; i < 100000; i++) {
        synth_step(spot, &a);
        synth_step(future, &b);
    }
    double ratio = decimal_to_double(b.mid) / decimal_to_double(a.mid);
    if (fabs(ratio - 60130.0 / 60000) > 0.001)
        fail_msg("the future stands at %.4f of the spot", ratio);
    synth_free(spot);
    synth_free(future);
}

TEST(funding_is_a_small_rate_of_either_sign_and_depends_on_the_time_alone)
{
    struct synth *synth = market("BIP-20DEC30-CDE", 6);
    int negative = 0;

    for (int i = 0; i < 100; i++) {
        decimal rate = synth_funding_rate(synth, start + HOURS(8) * i);
        assert_true(decimal_is_equal(rate, synth_funding_rate(synth, start + HOURS(8) * i)));
        assert_true(decimal_is_less(decimal_abs(rate), dec("0.000501")));
        negative += decimal_is_negative(rate);
    }
    assert_in_range(negative, 10, 70);
    synth_free(synth);
}
