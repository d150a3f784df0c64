#include "model/candle.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/rng.h"
#include "model_sample.h"

static const char *shown(const struct bar *bar)
{
    static char text[256];
    char o[DECIMAL_TEXT_MAX], h[DECIMAL_TEXT_MAX], l[DECIMAL_TEXT_MAX], c[DECIMAL_TEXT_MAX],
        v[DECIMAL_TEXT_MAX];

    snprintf(text, sizeof text, "%lld+%lld: %s %s %s %s, %s",
             (long long)(bar->start / SECONDS(1)), (long long)(bar->interval / SECONDS(1)),
             decimal_format(bar->open, o), decimal_format(bar->high, h),
             decimal_format(bar->low, l), decimal_format(bar->close, c),
             decimal_format(bar->volume, v));
    return text;
}

static bool trade(struct candle_builder *builder, int second, const char *price,
                  const char *size, struct bar *done)
{
    return candle_builder_add_trade(builder, SECONDS(second), dec(price), dec(size), done);
}

TEST(trades_of_one_interval_make_one_bar)
{
    struct candle_builder builder = candle_builder_init(MINUTES(1));
    struct bar done;

    assert_false(trade(&builder, 61, "10", "1", &done));
    assert_false(trade(&builder, 62, "12", "2", &done));
    assert_false(trade(&builder, 90, "9", "0.5", &done));
    assert_false(trade(&builder, 119, "11", "0.5", &done));
    assert_true(trade(&builder, 120, "20", "1", &done));
    assert_string_equal(shown(&done), "60+60: 10 12 9 11, 4");
    assert_true(candle_builder_flush(&builder, SECONDS(180), &done));
    assert_string_equal(shown(&done), "120+60: 20 20 20 20, 1");
}

TEST(an_interval_without_a_trade_has_no_bar)
{
    struct candle_builder builder = candle_builder_init(MINUTES(1));
    struct bar done;

    assert_false(trade(&builder, 0, "10", "1", &done));
    assert_true(trade(&builder, 600, "11", "1", &done));
    assert_string_equal(shown(&done), "0+60: 10 10 10 10, 1");
    assert_false(candle_builder_flush(&builder, SECONDS(659), &done));
    assert_true(candle_builder_flush(&builder, SECONDS(660), &done));
    assert_string_equal(shown(&done), "600+60: 11 11 11 11, 1");
    assert_false(candle_builder_flush(&builder, SECONDS(9999), &done));
}

TEST(a_late_print_counts_but_neither_opens_the_past_nor_sets_the_close)
{
    struct candle_builder builder = candle_builder_init(MINUTES(1));
    struct bar done;

    trade(&builder, 59, "10", "1", &done);
    assert_true(trade(&builder, 60, "11", "1", &done));
    assert_false(trade(&builder, 58, "15", "2", &done));
    assert_false(trade(&builder, 1, "5", "2", &done));
    assert_true(candle_builder_flush(&builder, SECONDS(120), &done));
    assert_string_equal(shown(&done), "60+60: 11 15 5 11, 5");
}

TEST(a_late_print_after_a_flush_belongs_to_the_next_bar)
{
    struct candle_builder builder = candle_builder_init(MINUTES(1));
    struct bar done;

    trade(&builder, 30, "10", "1", &done);
    assert_true(candle_builder_flush(&builder, SECONDS(60), &done));
    assert_false(trade(&builder, 59, "11", "1", &done));
    assert_false(trade(&builder, 61, "12", "1", &done));
    assert_true(candle_builder_flush(&builder, SECONDS(120), &done));
    assert_string_equal(shown(&done), "60+60: 11 12 11 12, 2");
}

TEST(intervals_are_aligned_to_the_epoch_also_before_it)
{
    struct candle_builder builder = candle_builder_init(HOURS(1));
    struct bar done;

    assert_false(trade(&builder, -1, "10", "1", &done));
    assert_true(trade(&builder, 0, "11", "1", &done));
    assert_string_equal(shown(&done), "-3600+3600: 10 10 10 10, 1");
}

TEST(smaller_bars_make_larger_ones)
{
    struct candle_builder builder = candle_builder_init(HOURS(1));
    struct bar done, minute = {.interval = MINUTES(1),
                               .open = D(10),
                               .high = D(13),
                               .low = D(8),
                               .close = D(12),
                               .volume = D(3)};

    assert_false(candle_builder_add_bar(&builder, &minute, &done));
    minute = (struct bar){.start = MINUTES(59),
                          .interval = MINUTES(1),
                          .open = D(20),
                          .high = D(21),
                          .low = D(9),
                          .close = D(11),
                          .volume = D(4)};
    assert_false(candle_builder_add_bar(&builder, &minute, &done));
    assert_true(candle_builder_flush(&builder, MINUTES(60), &done));
    assert_string_equal(shown(&done), "0+3600: 10 21 8 11, 7");
}

TEST(a_bar_of_the_builder_s_own_interval_passes_through)
{
    struct candle_builder builder = candle_builder_init(MINUTES(1));
    struct bar done, minute = {.start = MINUTES(5),
                               .interval = MINUTES(1),
                               .open = D(10),
                               .high = D(13),
                               .low = D(8),
                               .close = D(12),
                               .volume = D(3)};

    assert_false(candle_builder_add_bar(&builder, &minute, &done));
    assert_true(candle_builder_flush(&builder, MINUTES(6), &done));
    assert_memory_equal(&done, &minute, sizeof done);
}

TEST(a_bar_is_sane_when_high_and_low_hold_the_others)
{
    const struct bar good = {.open = D(10), .high = D(12), .low = D(9), .close = D(11)};
    struct bar bar = good;

    assert_true(bar_is_sane(&bar));
    bar.volume = D(-1);
    assert_false(bar_is_sane(&bar));
    bar = good, bar.high = dec("10.5");
    assert_false(bar_is_sane(&bar));
    bar = good, bar.low = dec("10.5");
    assert_false(bar_is_sane(&bar));
    bar = good, bar.low = D(0);
    assert_false(bar_is_sane(&bar));
    bar = good, bar.open = D(13);
    assert_false(bar_is_sane(&bar));
    bar = (struct bar){.open = D(7), .high = D(7), .low = D(7), .close = D(7)};
    assert_true(bar_is_sane(&bar));
}

/* Against bars made by putting trades into drawers, one for each interval */

enum { DRAWERS = 60, INTERVAL = 7 };

static void put(struct bar *drawer, decimal price, decimal size)
{
    if (drawer->interval == 0) {
        drawer->interval = SECONDS(INTERVAL);
        drawer->open = drawer->high = drawer->low = price;
    }
    if (decimal_compare(price, drawer->high) > 0)
        drawer->high = price;
    if (decimal_compare(price, drawer->low) < 0)
        drawer->low = price;
    drawer->close = price;
    drawer->volume = decimal_add(drawer->volume, size);
}

static void run_random_trades(uint64_t seed)
{
    struct rng rng = rng_stream(seed, "trades");
    struct candle_builder builder = candle_builder_init(SECONDS(INTERVAL));
    struct bar drawers[DRAWERS] = {{0}}, done;
    nanos now = 0, end = SECONDS(INTERVAL) * DRAWERS;
    int next = 0, wrong = 0;

    for (bool more = true; more;) {
        now += rng_chance(&rng, 0.05) ? SECONDS(30) : MILLISECONDS(rng_below(&rng, 3000));
        more = now < end;
        bool is_done;
        if (!more || rng_chance(&rng, 0.3)) {
            is_done = candle_builder_flush(&builder, more ? now : end, &done);
        } else {
            decimal price = D(rng_between(&rng, 1, 100)), size = D(rng_between(&rng, 1, 9));
            is_done = candle_builder_add_trade(&builder, now, price, size, &done);
            struct bar *drawer = &drawers[now / SECONDS(INTERVAL)];
            drawer->start = now / SECONDS(INTERVAL) * SECONDS(INTERVAL);
            put(drawer, price, size);
        }
        if (!is_done)
            continue;
        while (next < DRAWERS && drawers[next].interval == 0)
            next++;
        wrong += next == DRAWERS || memcmp(&drawers[next], &done, sizeof done) != 0 ||
                 !bar_is_sane(&done);
        next++;
    }
    while (next < DRAWERS)
        wrong += drawers[next++].interval != 0;
    if (wrong)
        fail_msg("seed %llu: %d bars are wrong", (unsigned long long)seed, wrong);
}

TEST(random_trades_make_the_bars_that_sorting_them_makes)
{
    for (uint64_t seed = 1; seed <= 300; seed++)
        run_random_trades(seed);
}

TEST(whatever_the_order_of_trades_no_volume_is_lost_and_no_bar_goes_back)
{
    for (uint64_t seed = 1; seed <= 100; seed++) {
        struct rng rng = rng_stream(seed, "late");
        struct candle_builder builder = candle_builder_init(SECONDS(INTERVAL));
        decimal in = DECIMAL_ZERO, out = DECIMAL_ZERO;
        nanos last = INT64_MIN, now = 0;
        struct bar done;
        for (int i = 0; i <= 500; i++) {
            bool is_done;
            now += SECONDS(rng_below(&rng, 3));
            if (i == 500) {
                is_done = candle_builder_flush(&builder, INT64_MAX, &done);
            } else if (rng_chance(&rng, 0.2)) {
                is_done = candle_builder_flush(&builder, now, &done);
            } else {
                decimal size = D(rng_between(&rng, 0, 9)), price = D(rng_between(&rng, 1, 9));
                nanos late = SECONDS(rng_below(&rng, 30));
                in = decimal_add(in, size);
                is_done = candle_builder_add_trade(&builder, now - late, price, size, &done);
            }
            if (!is_done)
                continue;
            out = decimal_add(out, done.volume);
            if (done.start <= last || !bar_is_sane(&done) || done.start % SECONDS(INTERVAL))
                fail_msg("seed %llu, step %d: %s", (unsigned long long)seed, i, shown(&done));
            last = done.start;
        }
        if (!decimal_is_equal(in, out))
            fail_msg("seed %llu: volume was lost", (unsigned long long)seed);
    }
}

/* The venue's own bars of a second against its own bars of a minute. The files are not part of
 * the project. */

static bool read_bar(char **at, nanos interval, struct bar *bar)
{
    char *line = strsep(at, "\n");
    decimal *const values[] = {&bar->open, &bar->high, &bar->low, &bar->close, &bar->volume};

    if (!line || !*line)
        return false;
    bar->start = MILLISECONDS(atoll(strsep(&line, ",")));
    bar->interval = interval;
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        *values[i] = dec(strsep(&line, ","));
    return true;
}

static bool read_data(struct buf *buf, const char *name)
{
    char path[512];

    snprintf(path, sizeof path, "%s/../shared/data/%s", check_root(), name);
    if (buf_read_file(buf, path, 100u << 20, NULL) != OK) {
        print_message("no %s: only generated trades were tested\n", path);
        return false;
    }
    return true;
}

static void compare_bars(char *seconds, char *minutes)
{
    struct candle_builder builder = candle_builder_init(MINUTES(1));
    struct bar second, minute, done;
    int compared = 0;

    strsep(&seconds, "\n");
    strsep(&minutes, "\n");
    while (read_bar(&seconds, SECONDS(1), &second)) {
        if (!candle_builder_add_bar(&builder, &second, &done))
            continue;
        assert_true(read_bar(&minutes, MINUTES(1), &minute));
        char want[256];
        strcpy(want, shown(&minute));
        assert_string_equal(shown(&done), want);
        compared++;
    }
    assert_true(compared > 1000);
}

TEST(recorded_seconds_add_up_to_the_recorded_minutes)
{
    struct buf seconds = BUF_INIT, minutes = BUF_INIT;

    if (read_data(&seconds, "coinbase_BTC-USD_1s.csv") &&
        read_data(&minutes, "coinbase_BTC-USD_1m.csv"))
        compare_bars(seconds.data, minutes.data);
    buf_clear(&seconds);
    buf_clear(&minutes);
}
