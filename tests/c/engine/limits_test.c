/* Every row of the table of limits, on both sides of its edge. */
#include "limits_world.h"

TEST(the_value_of_an_order_is_limited)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_order_value = D(250);
    edge(rig, HARD, BTC, SIDE_BUY, "2.5", "2.50000001", "hard_limit");
    edge(rig, HARD, BTC, SIDE_SELL, "2.5", "2.50000001", "hard_limit");
    edge(rig, HARD, BIP, SIDE_BUY, "250", "251", "hard_limit");
    rig_free(rig);
}

TEST(the_size_and_value_of_a_symbols_order_are_limited_and_no_other_symbols)
{
    struct rig *rig = rig_new();

    btc_limits(rig)->max_order_size = D(2);
    edge(rig, HARD, BTC, SIDE_BUY, "2", "2.00000001", "hard_limit");
    assert_int_equal(ask(rig, HARD, ETH, SIDE_BUY, "50"), REFUSAL_NONE);
    btc_limits(rig)->max_order_size = D(0);
    btc_limits(rig)->max_order_value = D(300);
    edge(rig, HARD, BTC, SIDE_BUY, "3", "3.00000001", "hard_limit");
    rig_free(rig);
}

TEST(open_orders_are_limited)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_open_orders = 2;
    works(rig, BTC, SIDE_BUY, "1", "90");
    assert_int_equal(ask(rig, HARD, ETH, SIDE_BUY, "1"), REFUSAL_NONE);
    works(rig, ETH, SIDE_BUY, "1", "9");
    assert_int_equal(ask(rig, HARD, ETH, SIDE_BUY, "1"), REFUSAL_HARD_LIMIT);
    rig_free(rig);
}

/* `count` orders were sent, the oldest exactly `span` before now, which is just outside. */
static void check_rate(int64_t *limit, struct rig *rig, nanos span)
{
    *limit = 2;
    rig->view.now = DAYS(20000);
    pace_add(rig->pace, rig->view.now - span);
    pace_add(rig->pace, rig->view.now - span + 1);
    assert_int_equal(ask(rig, HARD, BTC, SIDE_BUY, "1"), REFUSAL_NONE);
    pace_add(rig->pace, rig->view.now);
    assert_int_equal(ask(rig, HARD, BTC, SIDE_BUY, "1"), REFUSAL_ORDER_RATE);
    rig_free(rig);
}

TEST(orders_per_second_are_limited)
{
    struct rig *rig = rig_new();
    check_rate(&rig->settings.limits.orders_per_second, rig, SECONDS(1));
}

TEST(orders_per_minute_are_limited)
{
    struct rig *rig = rig_new();
    check_rate(&rig->settings.limits.orders_per_minute, rig, MINUTES(1));
}

TEST(orders_per_hour_are_limited)
{
    struct rig *rig = rig_new();
    check_rate(&rig->settings.limits.orders_per_hour, rig, HOURS(1));
}

TEST(orders_per_day_are_limited)
{
    struct rig *rig = rig_new();
    check_rate(&rig->settings.limits.orders_per_day, rig, DAYS(1));
}

/* 2024-01-01 was a Monday. */
static void check_minute(struct rig *rig, int days, int minute, const char *code)
{
    rig->view.now = DAYS(19723 + days) + MINUTES(minute);
    assert_string_equal(refusal_name(ask(rig, HARD, BTC, SIDE_BUY, "1")), code);
}

TEST(the_trading_window_has_its_first_minute_and_not_its_last)
{
    struct rig *rig = rig_new();
    struct limits *limits = &rig->settings.limits;

    limits->has_window = true;
    limits->window_days = 0x7F;
    limits->window_start_minute = 840;
    limits->window_end_minute = 900;
    check_minute(rig, 0, 839, "hard_limit");
    check_minute(rig, 0, 840, "none");
    check_minute(rig, 0, 899, "none");
    check_minute(rig, 0, 900, "hard_limit");
    rig_free(rig);
}

TEST(a_trading_window_may_span_midnight)
{
    struct rig *rig = rig_new();
    struct limits *limits = &rig->settings.limits;

    limits->has_window = true;
    limits->window_days = 0x7F;
    limits->window_start_minute = 1320;
    limits->window_end_minute = 60;
    check_minute(rig, 0, 1319, "hard_limit");
    check_minute(rig, 0, 1320, "none");
    check_minute(rig, 1, 59, "none");
    check_minute(rig, 1, 60, "hard_limit");
    rig_free(rig);
}

/* The window of a Monday that spans midnight is still Monday's on Tuesday morning. */
TEST(a_window_that_ends_as_it_begins_never_opens)
{
    struct rig *rig = rig_new();

    rig->settings.limits.has_window = true;
    rig->settings.limits.window_days = 0x7f;
    rig->settings.limits.window_start_minute = rig->settings.limits.window_end_minute = 840;
    for (int minute = 0; minute < 1440; minute += 60) {
        rig->view.now = MINUTES(minute);
        assert_int_equal(ask(rig, HARD, BTC, SIDE_BUY, "1"), REFUSAL_HARD_LIMIT);
    }
    rig_free(rig);
}

TEST(a_window_opens_on_its_days_alone)
{
    struct rig *rig = rig_new();
    struct limits *limits = &rig->settings.limits;

    limits->has_window = true;
    limits->window_days = 1; /* Monday */
    limits->window_end_minute = 1440;
    check_minute(rig, 0, 0, "none");
    check_minute(rig, 0, 1439, "none");
    check_minute(rig, 1, 0, "hard_limit");
    limits->window_start_minute = 1320;
    limits->window_end_minute = 60;
    check_minute(rig, 0, 30, "hard_limit");
    check_minute(rig, 0, 1380, "none");
    check_minute(rig, 1, 30, "none");
    check_minute(rig, 1, 1380, "hard_limit");
    rig_free(rig);
}

TEST(entries_can_be_kept_to_limit_orders)
{
    static const struct {
        enum order_type type;
        const char *code;
    } cases[] = {{ORDER_MARKET, "hard_limit"},
                 {ORDER_STOP, "hard_limit"},
                 {ORDER_LIMIT, "none"},
                 {ORDER_STOP_LIMIT, "none"}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct rig *rig = rig_new();
        rig->request.type = cases[i].type;
        assert_int_equal(ask(rig, HARD, BTC, SIDE_BUY, "1"), REFUSAL_NONE);
        rig->settings.limits.limit_only = true;
        assert_string_equal(refusal_name(ask(rig, HARD, BTC, SIDE_BUY, "1")), cases[i].code);
        rig->check.reduces = true;
        assert_int_equal(ask(rig, HARD, BTC, SIDE_BUY, "1"), REFUSAL_NONE);
        rig_free(rig);
    }
}

TEST(shorts_need_leave)
{
    struct rig *rig = rig_new();

    rig->settings.limits.allow_shorts = false;
    bought(rig, BIP, "5", "100");
    edge(rig, HARD, BIP, SIDE_SELL, "5", "6", "hard_limit");
    works(rig, BIP, SIDE_SELL, "2", "100");
    edge(rig, HARD, BIP, SIDE_SELL, "3", "4", "hard_limit");
    assert_int_equal(ask(rig, HARD, BIP, SIDE_BUY, "100"), REFUSAL_NONE);
    rig->settings.limits.allow_shorts = true;
    assert_int_equal(ask(rig, HARD, BIP, SIDE_SELL, "100"), REFUSAL_NONE);
    rig_free(rig);
}

/* 2 of the order are filled and it shall be 1 now: nothing is to come, and what others sell is
 * still 1 more than is held. */
TEST(an_order_made_smaller_than_its_fills_lends_nothing_to_others)
{
    struct rig *rig = rig_new();
    struct order filled = {.request = sample_limit(SIDE_SELL, "3", "100"), .filled = D(2)};

    rig->settings.limits.allow_shorts = false;
    works(rig, BIP, SIDE_SELL, "1", "100");
    rig->changed = &filled;
    filled.request.product = BIP;
    assert_int_equal(ask(rig, HARD, BIP, SIDE_SELL, "1"), REFUSAL_HARD_LIMIT);
    bought(rig, BIP, "1", "100");
    assert_int_equal(ask(rig, HARD, BIP, SIDE_SELL, "1"), REFUSAL_NONE);
    rig_free(rig);
}

TEST(a_limit_price_far_from_the_mark_is_a_slip_of_the_hand)
{
    struct rig *rig = rig_new();

    rig->settings.limits.price_band_share = dec("0.1");
    assert_string_equal(at_limit(rig, "90"), "none");
    assert_string_equal(at_limit(rig, "89.99"), "invalid_price");
    assert_string_equal(at_limit(rig, "110"), "none");
    assert_string_equal(at_limit(rig, "110.01"), "invalid_price");
    assert_string_equal(at_limit(rig, "0"), "none"); /* a market order */
    rig_free(rig);
}

/* A stop, or with a limit price a stop-limit. */
static const char *at_stop(struct rig *rig, enum side side, const char *stop, const char *limit)
{
    rig->request.type = decimal_is_zero(dec(limit)) ? ORDER_STOP : ORDER_STOP_LIMIT;
    rig->request.stop_price = dec(stop);
    rig->request.limit_price = dec(limit);
    return refusal_name(ask(rig, STAGE_EXCHANGE_RULES, BTC, side, "1"));
}

TEST(a_stop_price_far_from_the_mark_is_one_too)
{
    struct rig *rig = rig_new();

    rig->settings.limits.price_band_share = dec("0.1");
    assert_string_equal(at_stop(rig, SIDE_BUY, "110", "0"), "none");
    assert_string_equal(at_stop(rig, SIDE_BUY, "110.01", "0"), "invalid_price");
    assert_string_equal(at_stop(rig, SIDE_BUY, "90", "0"), "none");
    assert_string_equal(at_stop(rig, SIDE_BUY, "89.99", "0"), "invalid_price");
    assert_string_equal(at_stop(rig, SIDE_BUY, "109", "110"), "none");
    assert_string_equal(at_stop(rig, SIDE_BUY, "110.01", "109"), "invalid_price");
    assert_string_equal(at_stop(rig, SIDE_BUY, "109", "110.01"), "invalid_price");
    rig_free(rig);
}

TEST(a_stop_that_protects_a_position_may_be_as_far_away_as_it_likes)
{
    struct rig *rig = rig_new();

    rig->settings.limits.price_band_share = dec("0.1");
    rig->check.reduces = true;
    assert_string_equal(at_stop(rig, SIDE_SELL, "50", "0"), "none");
    rig_free(rig);
}

TEST(the_number_of_positions_counts_what_is_held_and_what_is_being_entered)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_positions = 2;
    bought(rig, BTC, "1", "100");
    assert_int_equal(ask(rig, TRADE, ETH, SIDE_BUY, "1"), REFUSAL_NONE);
    works(rig, BIP, SIDE_BUY, "1", "100");
    assert_int_equal(ask(rig, TRADE, ETH, SIDE_BUY, "1"), REFUSAL_PRE_TRADE_EXPOSURE);
    assert_int_equal(ask(rig, TRADE, BTC, SIDE_BUY, "1"), REFUSAL_NONE);
    rig_free(rig);
}

/* Held 2, working 1: of a limit of 10 units, 7 are left. */
static struct rig *engaged(void)
{
    struct rig *rig = rig_new();

    bought(rig, BTC, "2", "100");
    works(rig, BTC, SIDE_BUY, "1", "100");
    return rig;
}

TEST(the_value_of_a_position_counts_held_and_working)
{
    struct rig *rig = engaged();

    rig->settings.limits.max_position_value = D(1000);
    edge(rig, TRADE, BTC, SIDE_BUY, "7", "7.00000001", "pre_trade_exposure");
    rig_free(rig);
}

TEST(the_share_of_a_position_counts_held_and_working)
{
    struct rig *rig = engaged();

    rig->settings.limits.max_position_share = dec("0.1");
    edge(rig, TRADE, BTC, SIDE_BUY, "7", "7.00000001", "pre_trade_exposure");
    rig_free(rig);
}

TEST(a_symbols_own_position_limits_count_held_and_working)
{
    struct rig *rig = engaged();
    struct symbol_limits *own = btc_limits(rig);

    own->max_position_size = D(10);
    edge(rig, TRADE, BTC, SIDE_BUY, "7", "7.00000001", "pre_trade_exposure");
    own->max_position_size = D(0);
    own->max_position_value = D(1000);
    edge(rig, TRADE, BTC, SIDE_BUY, "7", "7.00000001", "pre_trade_exposure");
    own->max_position_value = D(0);
    own->max_position_share = dec("0.1");
    edge(rig, TRADE, BTC, SIDE_BUY, "7", "7.00000001", "pre_trade_exposure");
    assert_int_equal(ask(rig, TRADE, ETH, SIDE_BUY, "500"), REFUSAL_NONE);
    rig_free(rig);
}

TEST(a_position_limit_counts_from_the_other_side_of_zero)
{
    struct rig *rig = rig_new();

    bought(rig, BIP, "3", "100");
    rig->settings.limits.max_position_value = D(10);
    edge(rig, TRADE, BIP, SIDE_SELL, "10", "11", "pre_trade_exposure");
    rig_free(rig);
}

/* Short 5, of which an order at work buys back 1: what is short makes no room beyond the limit.
 */
TEST(a_position_limit_is_no_larger_for_being_on_the_other_side)
{
    struct rig *rig = rig_new();

    traded(rig, BIP, SIDE_SELL, "5", "100");
    works(rig, BIP, SIDE_BUY, "1", "100");
    rig->settings.limits.max_position_value = D(3);
    edge(rig, TRADE, BIP, SIDE_BUY, "3", "4", "pre_trade_exposure");
    rig_free(rig);
}

TEST(a_size_limit_counts_from_the_other_side_of_zero)
{
    struct rig *rig = rig_new();

    bought(rig, BTC, "3", "100");
    btc_limits(rig)->max_position_size = D(10);
    edge(rig, TRADE, BTC, SIDE_SELL, "10", "10.00000001", "pre_trade_exposure");
    rig_free(rig);
}

TEST(orders_of_other_products_and_of_the_other_side_do_not_fill_a_position)
{
    struct rig *rig = engaged();

    works(rig, ETH, SIDE_BUY, "50", "10");
    works(rig, BTC, SIDE_SELL, "1", "110");
    rig->settings.limits.max_position_value = D(1000);
    edge(rig, TRADE, BTC, SIDE_BUY, "7", "7.00000001", "pre_trade_exposure");
    rig_free(rig);
}

TEST(exposure_counts_every_symbol_held_and_working)
{
    struct rig *rig = engaged(); /* 300 in BTC */

    bought(rig, ETH, "10", "10");
    works(rig, ETH, SIDE_BUY, "10", "10");
    rig->settings.limits.max_exposure_value = D(600);
    edge(rig, TRADE, BTC, SIDE_BUY, "1", "1.00000001", "pre_trade_exposure");
    edge(rig, TRADE, ETH, SIDE_BUY, "10", "10.00000001", "pre_trade_exposure");
    rig->settings.limits.max_exposure_value = D(0);
    rig->settings.limits.max_exposure_share = dec("0.06");
    edge(rig, TRADE, ETH, SIDE_BUY, "10", "10.00000001", "pre_trade_exposure");
    rig_free(rig);
}

TEST(leverage_is_exposure_over_equity)
{
    struct rig *rig = engaged();

    rig->settings.limits.max_leverage = dec("0.05");
    edge(rig, TRADE, ETH, SIDE_BUY, "20", "20.00000001", "pre_trade_leverage");
    rig_free(rig);
}

TEST(a_symbols_leverage_is_one_by_day_and_another_by_night)
{
    struct rig *rig = engaged();
    struct symbol_limits *own = btc_limits(rig);

    rig->settings.limits.day_start_minute = 540;
    rig->settings.limits.day_end_minute = 1020;
    own->max_leverage_day = dec("0.1");
    own->max_leverage_night = dec("0.05");
    rig->view.now = MINUTES(539);
    edge(rig, TRADE, BTC, SIDE_BUY, "2", "2.00000001", "pre_trade_leverage");
    rig->view.now = MINUTES(540);
    edge(rig, TRADE, BTC, SIDE_BUY, "7", "7.00000001", "pre_trade_leverage");
    rig->view.now = MINUTES(1019);
    edge(rig, TRADE, BTC, SIDE_BUY, "7", "7.00000001", "pre_trade_leverage");
    rig->view.now = MINUTES(1020);
    edge(rig, TRADE, BTC, SIDE_BUY, "2", "2.00000001", "pre_trade_leverage");
    rig_free(rig);
}

/* 10000 of equity at 10 % margin carry 100000; 20000 are held, 10000 work. */
static struct rig *margined(void)
{
    struct rig *rig = rig_new();

    bought(rig, BIP, "20000", "100");
    works(rig, BIP, SIDE_BUY, "10000", "100");
    return rig;
}

TEST(initial_margin_of_held_and_working_fits_into_equity)
{
    struct rig *rig = margined();

    edge(rig, TRADE, BIP, SIDE_BUY, "70000", "70001", "pre_trade_margin");
    rig_free(rig);
}

/* Maintenance of 5 % may take half of the equity: a value of 100000. */
TEST(equity_stays_above_maintenance_by_the_liquidation_buffer)
{
    struct rig *rig = margined();

    rig->products.items[BIP].initial_margin = dec("0.05");
    rig->settings.limits.min_liquidation_buffer_share = dec("0.5");
    edge(rig, TRADE, BIP, SIDE_BUY, "70000", "70001", "pre_trade_margin");
    rig->settings.limits.min_liquidation_buffer_share = dec("0.8");
    edge(rig, TRADE, BIP, SIDE_BUY, "10000", "10001", "pre_trade_margin");
    rig_free(rig);
}

TEST(coins_bind_no_margin)
{
    struct rig *rig = margined();

    bought(rig, BTC, "50", "100");
    edge(rig, TRADE, BIP, SIDE_BUY, "70000", "70001", "pre_trade_margin");
    rig_free(rig);
}

TEST(the_margin_of_a_short_position_counts_like_that_of_a_long_one)
{
    struct rig *rig = rig_new();

    traded(rig, BIP, SIDE_SELL, "20000", "100");
    edge(rig, TRADE, BIP, SIDE_SELL, "80000", "80001", "pre_trade_margin");
    portfolio_set_balance(rig->portfolio, "USD", D(2010));
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "0.1", "0.11", "insufficient_funds");
    rig_free(rig);
}

TEST(what_a_future_has_lost_is_not_free_and_what_it_has_gained_is_not_yet)
{
    struct rig *rig = rig_new();

    bought(rig, BIP, "10000", "100");
    portfolio_set_balance(rig->portfolio, "USD", D(5000));
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "40", "40.01", "insufficient_funds");
    set_mark(rig, BIP, "90"); /* 1000 lost, 900 of margin */
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "31", "31.01", "insufficient_funds");
    set_mark(rig, BIP, "110"); /* 1100 of margin */
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "39", "39.01", "insufficient_funds");
    strcpy(rig->products.items[BIP].quote, "EUR");
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "50", "50.01", "insufficient_funds");
    rig_free(rig);
}

TEST(funds_are_what_is_free_less_what_stays_back_fee_included)
{
    struct rig *rig = rig_new();

    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "100", "100.00000001", "insufficient_funds");
    rig->settings.limits.min_balance = D(1000);
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "90", "90.00000001", "insufficient_funds");
    works(rig, ETH, SIDE_BUY, "100", "10");
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "80", "80.00000001", "insufficient_funds");
    rig->settings.taker_rate = dec("0.25");
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "64", "64.00000001", "insufficient_funds");
    rig_free(rig);
}

TEST(a_spot_sale_needs_the_coins_that_no_other_order_holds)
{
    struct rig *rig = rig_new();

    bought(rig, BTC, "3", "100");
    works(rig, BTC, SIDE_SELL, "1", "110");
    edge(rig, STAGE_FUNDS, BTC, SIDE_SELL, "2", "2.00000001", "insufficient_funds");
    rig->check.reduces = true; /* funds hold for everyone */
    edge(rig, STAGE_FUNDS, BTC, SIDE_SELL, "2", "2.00000001", "insufficient_funds");
    rig_free(rig);
}

TEST(a_future_needs_its_margin_and_closing_one_needs_nothing)
{
    struct rig *rig = rig_new();

    portfolio_set_balance(rig->portfolio, "USD", D(50));
    edge(rig, STAGE_FUNDS, BIP, SIDE_BUY, "500", "501", "insufficient_funds");
    rig->settings.taker_rate = dec("0.025"); /* of the value, as the margin of 10 % */
    edge(rig, STAGE_FUNDS, BIP, SIDE_BUY, "400", "401", "insufficient_funds");
    rig->check.reduces = true;
    assert_int_equal(ask(rig, STAGE_FUNDS, BIP, SIDE_SELL, "5000"), REFUSAL_NONE);
    rig_free(rig);
}

/* ---- slippage ---- */

TEST(a_wide_spread_stops_new_risk)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_spread_bps = D(100);
    quote(rig, "100", "101");
    assert_string_equal(slips(rig, ORDER_LIMIT, "1"), "none");
    quote(rig, "100", "101.01");
    assert_string_equal(slips(rig, ORDER_LIMIT, "1"), "slippage_guard");
    rig_free(rig);
}

TEST(a_quote_with_an_empty_side_stops_new_risk_and_no_quote_says_nothing)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_spread_bps = D(10000);
    assert_string_equal(slips(rig, ORDER_LIMIT, "1"), "none");
    quote(rig, "100", "0");
    assert_string_equal(slips(rig, ORDER_LIMIT, "1"), "slippage_guard");
    quote(rig, "0", "100");
    assert_string_equal(slips(rig, ORDER_LIMIT, "1"), "slippage_guard");
    rig_free(rig);
}

TEST(a_sale_slips_downwards)
{
    struct rig *rig = rig_new();

    quote(rig, "100", "101");
    level(rig, SIDE_BUY, "100", "1");
    level(rig, SIDE_BUY, "98", "1");
    rig->request.type = ORDER_MARKET;
    rig->settings.limits.max_slippage_bps = D(100);
    assert_int_equal(ask(rig, STAGE_SLIPPAGE, BTC, SIDE_SELL, "2"), REFUSAL_NONE);
    rig->settings.limits.max_slippage_bps = D(99);
    assert_int_equal(ask(rig, STAGE_SLIPPAGE, BTC, SIDE_SELL, "2"), REFUSAL_SLIPPAGE_GUARD);
    rig->settings.limits.max_slippage_bps = D(0);
    rig->settings.limits.max_impact_bps = D(200);
    assert_int_equal(ask(rig, STAGE_SLIPPAGE, BTC, SIDE_SELL, "2"), REFUSAL_NONE);
    rig->settings.limits.max_impact_bps = D(199);
    assert_int_equal(ask(rig, STAGE_SLIPPAGE, BTC, SIDE_SELL, "2"), REFUSAL_SLIPPAGE_GUARD);
    rig_free(rig);
}

TEST(expected_slippage_is_reckoned_from_the_live_book_for_orders_that_take)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_slippage_bps = D(50);
    quote(rig, "99", "100");
    assert_string_equal(slips(rig, ORDER_MARKET, "1000"), "none"); /* no book, no word */
    level(rig, SIDE_SELL, "100", "1");
    level(rig, SIDE_SELL, "101", "1");
    assert_string_equal(slips(rig, ORDER_MARKET, "2"), "none"); /* 100.5 on average */
    level(rig, SIDE_SELL, "101", "0");
    level(rig, SIDE_SELL, "101.01", "1");
    assert_string_equal(slips(rig, ORDER_MARKET, "2"), "slippage_guard");
    assert_string_equal(slips(rig, ORDER_LIMIT, "2"), "none");
    assert_string_equal(slips(rig, ORDER_MARKET, "2.1"), "slippage_guard"); /* too thin */
    rig_free(rig);
}

TEST(the_worst_price_of_a_sweep_is_limited)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_impact_bps = D(100);
    quote(rig, "99", "100");
    level(rig, SIDE_SELL, "100", "1");
    level(rig, SIDE_SELL, "101", "1");
    level(rig, SIDE_SELL, "101.01", "1");
    assert_string_equal(slips(rig, ORDER_MARKET, "2"), "none");
    assert_string_equal(slips(rig, ORDER_MARKET, "2.1"), "slippage_guard");
    level(rig, SIDE_SELL, "101.01", "0");
    assert_string_equal(slips(rig, ORDER_MARKET, "2.1"), "slippage_guard"); /* too thin */
    rig_free(rig);
}

/* A guard that cannot compute refuses new risk. */
TEST(an_empty_book_refuses_what_would_take_from_it)
{
    struct rig *rig = rig_new();

    quote(rig, "99", "100");
    level(rig, SIDE_SELL, "100", "1");
    level(rig, SIDE_SELL, "100", "0");
    rig->settings.limits.max_slippage_bps = D(50);
    assert_string_equal(slips(rig, ORDER_MARKET, "1"), "slippage_guard");
    rig->settings.limits.max_slippage_bps = D(0);
    rig->settings.limits.max_impact_bps = D(50);
    assert_string_equal(slips(rig, ORDER_MARKET, "1"), "slippage_guard");
    rig_free(rig);
}

/* ---- the table ---- */

static void set_everything(struct rig *rig)
{
    struct limits *limits = &rig->settings.limits;
    struct symbol_limits *own = btc_limits(rig);
    decimal least = dec("0.000000000001");

    limits->max_order_value = limits->max_position_value = limits->max_exposure_value = least;
    limits->max_position_share = limits->max_exposure_share = limits->max_leverage = least;
    limits->price_band_share = limits->max_slippage_bps = limits->max_impact_bps = least;
    limits->max_spread_bps = least;
    limits->max_positions = limits->max_open_orders = 1;
    limits->orders_per_second = limits->orders_per_minute = 1;
    limits->orders_per_hour = limits->orders_per_day = 1;
    limits->has_window = true;
    limits->allow_shorts = false;
    own->max_order_size = own->max_order_value = own->max_position_size = least;
    own->max_position_value = own->max_position_share = least;
    own->max_leverage_day = own->max_leverage_night = least;
}

TEST(a_row_that_is_asked_though_it_is_not_set_lets_everything_pass)
{
    struct rig *rig = rig_new();

    rig->asks_all = true;
    bought(rig, ETH, "1", "10");
    works(rig, ETH, SIDE_BUY, "1", "10");
    btc_limits(rig); /* a symbol of which nothing is limited */
    quote(rig, "50", "150");
    level(rig, SIDE_SELL, "150", "99");
    pace_add(rig->pace, 0);
    rig->request.limit_price = D(500);
    rig->request.stop_price = D(1);
    for (int stage = 0; stage < STAGE_COUNT; stage++)
        assert_int_equal(ask(rig, (enum stage)stage, BTC, SIDE_BUY, "90"), REFUSAL_NONE);
    rig_free(rig);
}

TEST(a_price_band_waits_for_a_price)
{
    struct rig *rig = rig_new();

    rig->settings.limits.price_band_share = dec("0.1");
    rig->price = D(100);
    rig->markets[BTC].mark = DECIMAL_ZERO;
    assert_string_equal(at_limit(rig, "500"), "none");
    rig_free(rig);
}

TEST(an_order_that_only_reduces_passes_every_limit)
{
    struct rig *rig = rig_new();

    bought(rig, BTC, "5", "100");
    works(rig, ETH, SIDE_BUY, "1", "10");
    set_everything(rig);
    quote(rig, "90", "110");
    pace_add(rig->pace, 0);
    rig->request.limit_price = D(50);
    rig->check.reduces = true;
    for (int stage = 0; stage < STAGE_COUNT; stage++) {
        assert_int_equal(ask(rig, (enum stage)stage, BTC, SIDE_SELL, "5"), REFUSAL_NONE);
        assert_int_equal(ask(rig, (enum stage)stage, BIP, SIDE_SELL, "5"), REFUSAL_NONE);
    }
    rig_free(rig);
}

TEST(a_cap_is_the_tightest_room_and_says_whose)
{
    struct rig *rig = rig_new();
    const char *by;

    ask(rig, HARD, BTC, SIDE_BUY, "1");
    assert_decimal(limits_cap(&rig->check, D(50), &by), "50");
    assert_null(by);
    rig->settings.limits.max_order_value = D(500);
    rig->settings.limits.max_position_value = D(300);
    ask(rig, HARD, BTC, SIDE_BUY, "1");
    assert_decimal(limits_cap(&rig->check, D(50), &by), "3");
    assert_string_equal(by, "position value");
    limits_cap(&rig->check, D(3), &by);
    assert_null(by); /* what just fits is not capped */
    rig_free(rig);
}

TEST(where_there_is_less_than_no_room_a_cap_is_zero)
{
    struct rig *rig = engaged();
    const char *by;

    rig->settings.limits.max_position_value = D(100); /* 300 are held and working */
    ask(rig, HARD, BTC, SIDE_BUY, "1");
    assert_decimal(limits_cap(&rig->check, D(50), &by), "0");
    rig->settings.limits.max_position_value = D(0);
    works(rig, BTC, SIDE_SELL, "5", "110"); /* of 2 held */
    ask(rig, HARD, BTC, SIDE_SELL, "1");
    assert_decimal(limits_cap(&rig->check, D(50), &by), "0");
    assert_string_equal(by, "funds");
    rig_free(rig);
}

TEST(without_limits_only_what_no_setting_switches_off_is_asked)
{
    struct rig *rig = rig_new();
    struct limit_info info;

    uint32_t idle = limits_idle(&rig->settings.limits);
    for (int row = 0; limits_describe(row, &info); row++) {
        bool is_asked = !strcmp(info.name, "shorts") || !strcmp(info.name, "initial margin") ||
                        !strcmp(info.name, "funds");
        assert_int_equal(!(idle >> row & 1), is_asked);
    }
    rig_free(rig);
}

TEST(every_row_names_a_stage_a_setting_and_a_code)
{
    struct limit_info info;
    enum stage last = STAGE_KILL_SWITCH;
    int rows = 0;

    for (; limits_describe(rows, &info); rows++) {
        assert_true(info.stage >= last); /* limits_check relies on it */
        last = info.stage;
        assert_true(info.name[0] && info.setting[0]);
        assert_true(info.code > REFUSAL_NONE && info.code < REFUSAL_COUNT);
        assert_true(info.stage < STAGE_COUNT);
    }
    assert_int_equal(rows, 28);
    assert_false(limits_describe(-1, &info));
}
