#include "engine/equity_watch.h"

#include "model/model_sample.h"

static void baseline(struct equity_watch *watch, nanos day, const char *equity)
{
    equity_watch_apply_baseline(watch, &(struct fact_baseline){day, dec(equity)});
}

TEST(a_loss_is_measured_from_the_days_start_and_a_fall_from_the_peak)
{
    struct equity_watch watch = {0};

    baseline(&watch, DAYS(100), "1000");
    equity_watch_apply_equity(&watch, D(1250));
    assert_decimal(equity_watch_day_loss(&watch, D(900)), "100");
    assert_decimal(equity_watch_day_loss(&watch, D(1100)), "0");
    assert_decimal(equity_watch_day_loss_share(&watch, D(900)), "0.1");
    assert_decimal(equity_watch_drawdown_share(&watch, D(1000)), "0.2");
    assert_decimal(equity_watch_drawdown_share(&watch, D(1300)), "0");
}

TEST(a_share_is_rounded_up_so_that_no_rounding_crosses_a_limit)
{
    struct equity_watch watch = {0};

    baseline(&watch, DAYS(100), "3");
    assert_decimal(equity_watch_day_loss_share(&watch, D(2)), "0.333333333334");
}

TEST(nothing_to_lose_is_wholly_lost)
{
    struct equity_watch watch = {0};

    baseline(&watch, DAYS(100), "0");
    assert_decimal(equity_watch_day_loss_share(&watch, dec("-1")), "1");
    assert_decimal(equity_watch_day_loss_share(&watch, D(0)), "0");
}

TEST(a_new_day_needs_a_baseline_from_its_first_instant)
{
    struct equity_watch watch = {0};

    assert_true(equity_watch_needs_baseline(&watch, 0));
    baseline(&watch, DAYS(100), "1000");
    assert_false(equity_watch_needs_baseline(&watch, DAYS(101) - 1));
    assert_true(equity_watch_needs_baseline(&watch, DAYS(101)));
}

static void trade(struct equity_watch *watch, position *held, enum side side, const char *size,
                  const char *price, const char *fee)
{
    struct fill fill = {.side = side, .size = dec(size), .price = dec(price), .fee = dec(fee)};

    fill.value = decimal_mul(fill.size, fill.price, ROUND_HALF_EVEN);
    struct position_change change = position_apply_fill(held, &fill);
    equity_watch_apply_fill(watch, &fill, &change);
}

TEST(losses_in_a_row_are_round_trips_fees_included_and_a_gain_ends_them)
{
    struct equity_watch watch = {0};
    position held = {0};

    for (int i = 0; i < 2; i++) {
        trade(&watch, &held, SIDE_BUY, "1", "100", "1");
        trade(&watch, &held, SIDE_SELL, "0.5", "101", "0");
        trade(&watch, &held, SIDE_SELL, "0.5", "100", "0");
        assert_int_equal(watch.losses_in_row, i + 1);
    }
    trade(&watch, &held, SIDE_BUY, "1", "100", "1");
    trade(&watch, &held, SIDE_SELL, "2", "102", "0"); /* a flip ends the trip too */
    assert_int_equal(watch.losses_in_row, 0);
}

TEST(a_resume_measures_the_fall_from_now_and_forgets_the_losses)
{
    struct equity_watch watch = {.losses_in_row = 3};

    baseline(&watch, DAYS(100), "1000");
    equity_watch_apply_equity(&watch, D(1200));
    equity_watch_apply_equity(&watch, D(600));
    assert_decimal(equity_watch_drawdown_share(&watch, D(600)), "0.5");
    equity_watch_apply_resume(&watch);
    assert_decimal(equity_watch_drawdown_share(&watch, D(600)), "0");
    assert_decimal(equity_watch_drawdown_share(&watch, D(540)), "0.1");
    assert_decimal(equity_watch_day_loss(&watch, D(600)),
                   "400"); /* the day stays what it was */
    assert_int_equal(watch.losses_in_row, 0);
}

TEST(a_restart_goes_on_from_the_peak_the_losses_and_the_trips_that_were)
{
    struct equity_watch watch = {0};
    position held = {.size = D(1), .cost = D(100)};

    equity_watch_apply_memory(
        &watch, &(struct fact_memory){.peak = D(2000), .last = D(1600), .losses_in_row = 2});
    assert_decimal(equity_watch_drawdown_share(&watch, D(1500)), "0.25");
    equity_watch_apply_trip(&watch, &(struct fact_trip){.profit = D(-5)});
    trade(&watch, &held, SIDE_SELL, "1", "104", "0"); /* 4 of profit do not make up for 5 */
    assert_int_equal(watch.losses_in_row, 3);
    equity_watch_apply_resume(&watch);
    assert_decimal(equity_watch_drawdown_share(&watch, D(1600)),
                   "0"); /* measured from `last` */
}
