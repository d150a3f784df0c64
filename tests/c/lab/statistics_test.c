#include "lab/statistics.h"

#include <math.h>

#include "base/attr.h"
#include "check.h"

static const nanos start = SECONDS(1704067200); /* 2024-01-01 */

#define NEAR(a, b) assert_true(fabs((a) - (b)) < 1e-9)

/* One mark at the end of each day. */
static struct equity_curve *curve_of(const int *equity, int count)
{
    struct equity_curve *curve = equity_curve_new();

    for (int i = 0; i < count; i++)
        equity_curve_add(curve, start + DAYS(i), D(equity[i]), i % 2);
    return curve;
}

TEST(the_deepest_fall_is_measured_from_the_peak_before_it)
{
    static const int equity[] = {100, 120, 90, 110, 150, 120, 160};
    struct equity_curve *curve = curve_of(equity, ARRAY_LEN(equity));
    struct statistics s = equity_curve_statistics(curve);

    NEAR(s.max_drawdown, 0.25);
    NEAR(s.total_return, 0.6);
    assert_int_equal(s.longest_drawdown / DAYS(1), 2);
    NEAR(s.exposure, 3.0 / 7);
    equity_curve_free(curve);
}

/* A fall that is smaller in money can be deeper in share: 40 of 100 against 50 of 1000. */
TEST(a_fall_is_deep_by_its_share_not_by_its_money)
{
    static const int equity[] = {100, 60, 1000, 950, 1000};
    struct equity_curve *curve = curve_of(equity, ARRAY_LEN(equity));

    NEAR(equity_curve_statistics(curve).max_drawdown, 0.4);
    equity_curve_free(curve);
}

/* Daily returns 10 %, -10 %, 10 %: mean 1/30, sample deviation 0.11547..., computed by hand. */
TEST(sharpe_and_sortino_follow_their_formulas)
{
    static const int equity[] = {100000, 110000, 99000, 108900, 108900};
    struct equity_curve *curve = curve_of(equity, ARRAY_LEN(equity));
    struct statistics s = equity_curve_statistics(curve);

    /* The curve has ended four days: 0, +10 %, -10 %, +10 %. */
    double mean = 0.1 / 4, squares = 0.025 * 0.025 + 2 * 0.075 * 0.075 + 0.125 * 0.125;
    assert_int_equal(s.days, 4);
    NEAR(s.sharpe, mean / sqrt(squares / 3) * sqrt(365));
    NEAR(s.sortino, mean / sqrt(0.01 / 4) * sqrt(365));
    equity_curve_free(curve);
}

/* Bars of a day end at midnight: two of them, after a start, are the returns of two days. */
TEST(a_mark_at_midnight_is_the_last_of_its_day)
{
    struct equity_curve *curve = equity_curve_new();

    equity_curve_start(curve, start, D(100));
    equity_curve_add(curve, start + DAYS(1), D(110), true);
    equity_curve_add(curve, start + DAYS(2), D(99), true);
    equity_curve_add(curve, start + DAYS(2) + HOURS(5), D(50), true); /* of no whole day */
    struct statistics s = equity_curve_statistics(curve);
    assert_int_equal(s.days, 2);
    NEAR(s.volatility, sqrt(0.02) * sqrt(365)); /* +10 % and -10 % */
    NEAR(s.sharpe, 0);
    NEAR(s.exposure, 1); /* the start is no bar */
    NEAR(s.total_return, -0.5);
    equity_curve_free(curve);
}

TEST(the_best_trip_of_losing_ones_is_a_loss)
{
    struct equity_curve *curve = equity_curve_new();

    equity_curve_add_trip(curve, D(-7));
    equity_curve_add_trip(curve, D(-3));
    struct statistics s = equity_curve_statistics(curve);
    assert_true(decimal_is_equal(s.best, D(-3)));
    assert_true(decimal_is_equal(s.worst, D(-7)));
    equity_curve_free(curve);
}

TEST(what_is_undefined_is_not_a_number)
{
    static const int equity[] = {100, 100};
    struct equity_curve *curve = curve_of(equity, ARRAY_LEN(equity));
    struct statistics s = equity_curve_statistics(curve);

    assert_true(isnan(s.sharpe));
    assert_true(isnan(s.sortino));
    assert_true(isnan(s.annual_return));
    assert_true(isnan(s.win_rate));
    assert_true(isnan(s.profit_factor));
    equity_curve_free(curve);
}

TEST(round_trips_are_counted_net)
{
    static const int profits[] = {10, -5, -5, 20, 0, -10};
    struct equity_curve *curve = equity_curve_new();

    equity_curve_add(curve, start, D(100), false);
    for (size_t i = 0; i < ARRAY_LEN(profits); i++)
        equity_curve_add_trip(curve, D(profits[i]));
    struct statistics s = equity_curve_statistics(curve);

    assert_int_equal(s.trips, 6);
    assert_int_equal(s.wins, 2);
    assert_int_equal(s.losses, 3);
    assert_int_equal(s.losses_in_row, 2);
    NEAR(s.win_rate, 1.0 / 3);
    NEAR(s.profit_factor, 1.5);
    NEAR(s.expectancy, 10.0 / 6);
    assert_true(decimal_is_equal(s.best, D(20)));
    assert_true(decimal_is_equal(s.worst, D(-10)));
    equity_curve_free(curve);
}
