#include "venue/bar_venue.h"

#include "venue_check.h"

/* One venue, a spot product and a future, bars of one minute from a fixed start. */
static struct product_table products;
static struct bus *bus;
static struct bar_venue *venue;
static struct venue_port port;
static nanos next_start;

static void begin_with(struct bar_venue_settings settings)
{
    product_table_init(&products);
    add_product(&products, spot_product());
    add_product(&products, future_product());
    bus = bus_new(100000);
    venue = bar_venue_new(&products, &settings);
    bar_venue_connect(venue, bus);
    bar_venue_deposit(venue, "USD", D(100000));
    port = bar_venue_port(venue);
    next_start = SECONDS(1700000040);
}

static void begin(void)
{
    begin_with((struct bar_venue_settings){.fees = {dec("0.001"), dec("0.002")}});
}

static void end(void)
{
    ledger_check(bar_venue_ledger(venue));
    bar_venue_free(venue);
    bus_free(bus);
}

static struct bar make_bar(const char *open, const char *high, const char *low,
                           const char *close, const char *volume)
{
    struct bar bar = {.start = next_start,
                      .interval = MINUTES(1),
                      .open = dec(open),
                      .high = dec(high),
                      .low = dec(low),
                      .close = dec(close),
                      .volume = dec(volume)};

    next_start += MINUTES(1);
    return bar;
}

static struct bar last_bar;

static void open_bar(product_ref product, const char *open, const char *high, const char *low,
                     const char *close)
{
    last_bar = make_bar(open, high, low, close, "10");
    bar_venue_open_bar(venue, product, &last_bar);
}

static void close_bar(product_ref product)
{
    bar_venue_close_bar(venue, product, &last_bar);
}

static void whole_bar(const char *open, const char *high, const char *low, const char *close)
{
    open_bar(SPOT, open, high, low, close);
    close_bar(SPOT);
}

static void submit(struct order_request request)
{
    port.submit(port.ctx, &request);
}

static void cancel(const char *id)
{
    client_order_id client_id = {{0}};
    venue_order_id venue_id = {{0}};

    strcpy(client_id.text, id);
    port.cancel(port.ctx, &client_id, &venue_id);
}

static void amend(const char *id, const char *size, const char *price)
{
    struct venue_amend request = {.size = dec(size), .limit_price = dec(price)};

    strcpy(request.client_id.text, id);
    port.amend(port.ctx, &request);
}

/* Buys on the spot at the price, and forgets the reports. */
static void hold_spot(const char *size, const char *price)
{
    whole_bar(price, price, price, price);
    submit(market_order("hold", SIDE_BUY, size));
    whole_bar(price, price, price, price);
    reports(bus);
}

TEST(a_market_order_of_the_close_fills_at_the_next_open_exactly)
{
    begin();
    whole_bar("100", "110", "90", "105");
    submit(market_order("a", SIDE_BUY, "2"));
    assert_string_equal("accepted a", reports(bus));
    whole_bar("107.13", "120", "80", "90");
    assert_string_equal("fill a 2 @ 107.13 taker", reports(bus));
    assert_decimal("2", ledger_total(bar_venue_ledger(venue), "BTC"));
    /* 100000 - 214.26 * 1.002 */
    assert_decimal("99785.31148", ledger_total(bar_venue_ledger(venue), "USD"));
    end();
}

TEST(the_fill_carries_value_fee_id_and_the_time_of_the_open)
{
    begin();
    whole_bar("100", "110", "90", "105");
    submit(market_order("a", SIDE_BUY, "2"));
    bus_pop(bus);
    open_bar(SPOT, "107.13", "120", "80", "90");
    const struct event *event = bus_pop(bus);
    assert_int_equal(event->time, last_bar.start);
    assert_int_equal(event->report.fill.time, last_bar.start);
    assert_decimal("214.26", event->report.fill.value);
    assert_decimal("0.42852", event->report.fill.fee);
    assert_string_equal("bar-1-1", event->report.fill.id.text);
    assert_string_equal("bar-1", event->report.venue_id.text);
    assert_int_equal(event->report.fill.side, SIDE_BUY);
    assert_int_equal(event->report.fill.product, SPOT);
    close_bar(SPOT);
    end();
}

TEST(in_close_mode_a_market_order_fills_at_the_close_it_was_decided_on)
{
    begin_with((struct bar_venue_settings){.market_fill = BAR_FILL_CLOSE});
    whole_bar("100", "110", "90", "105.5");
    submit(market_order("a", SIDE_BUY, "2"));
    assert_string_equal("accepted a; fill a 2 @ 105.5 taker", reports(bus));
    whole_bar("107", "120", "80", "90");
    assert_string_equal("", reports(bus));
    end();
}

TEST(in_close_mode_an_order_that_came_during_a_bar_fills_at_its_close)
{
    begin_with((struct bar_venue_settings){.market_fill = BAR_FILL_CLOSE});
    whole_bar("100", "110", "90", "105");
    open_bar(SPOT, "106", "110", "90", "101");
    submit(market_order("a", SIDE_BUY, "2"));
    assert_string_equal("accepted a", reports(bus));
    close_bar(SPOT);
    assert_string_equal("fill a 2 @ 101 taker", reports(bus));
    end();
}

TEST(in_next_open_mode_no_order_fills_on_the_bar_that_decided)
{
    begin();
    open_bar(SPOT, "100", "200", "1", "100");
    submit(market_order("market", SIDE_BUY, "1"));
    submit(limit_order("limit", SIDE_BUY, "1", "50"));
    reports(bus);
    close_bar(SPOT);
    assert_string_equal("", reports(bus));
    submit(limit_order("later", SIDE_BUY, "1", "50"));
    whole_bar("100", "100", "100", "100");
    assert_string_equal("accepted later; fill market 1 @ 100 taker", reports(bus));
    end();
}

TEST(a_limit_inside_the_bar_needs_a_trade_one_step_through_it)
{
    begin();
    whole_bar("100", "100", "100", "100");
    submit(limit_order("buy", SIDE_BUY, "1", "95"));
    assert_string_equal("accepted buy", reports(bus));
    whole_bar("100", "101", "95.01", "100");
    whole_bar("100", "101", "95", "100");
    assert_string_equal("", reports(bus));
    whole_bar("100", "101", "94.99", "100");
    assert_string_equal("fill buy 1 @ 95 maker", reports(bus));
    submit(limit_order("sell", SIDE_SELL, "1", "105"));
    whole_bar("100", "105", "99", "100");
    assert_string_equal("accepted sell", reports(bus));
    whole_bar("100", "105.01", "99", "100");
    assert_string_equal("fill sell 1 @ 105 maker", reports(bus));
    end();
}

TEST(where_a_touch_is_enough_the_limit_itself_fills)
{
    begin_with((struct bar_venue_settings){.limit_touch = true});
    whole_bar("100", "100", "100", "100");
    submit(limit_order("buy", SIDE_BUY, "1", "95"));
    whole_bar("100", "101", "95.01", "100");
    whole_bar("100", "101", "95", "100");
    assert_string_equal("accepted buy; fill buy 1 @ 95 maker", reports(bus));
    end();
}

TEST(a_limit_that_the_bar_never_reached_does_not_fill)
{
    begin();
    whole_bar("100", "100", "100", "100");
    submit(limit_order("buy", SIDE_BUY, "1", "90"));
    for (int i = 0; i < 5; i++)
        whole_bar("100", "101", "95", "100");
    assert_string_equal("accepted buy", reports(bus));
    assert_int_equal(bar_venue_open_orders(venue), 1);
    end();
}

TEST(a_bar_that_opens_through_a_limit_fills_it_at_the_open)
{
    begin();
    hold_spot("1", "100");
    submit(limit_order("buy", SIDE_BUY, "1", "95"));
    submit(limit_order("sell", SIDE_SELL, "1", "105"));
    whole_bar("92", "93", "91", "92");
    whole_bar("110", "110", "110", "110");
    assert_string_equal("accepted buy; accepted sell; fill buy 1 @ 92 maker; "
                        "fill sell 1 @ 110 maker",
                        reports(bus));
    end();
}

TEST(a_limit_that_crosses_the_market_takes_at_the_open_and_never_worse_than_its_price)
{
    begin_with((struct bar_venue_settings){.slippage_bps = D(100)});
    whole_bar("100", "100", "100", "100");
    submit(limit_order("a", SIDE_BUY, "1", "101.5"));
    whole_bar("101", "101", "101", "101");
    assert_string_equal("accepted a; fill a 1 @ 101.5 taker", reports(bus));
    end();
}

TEST(a_crossing_limit_that_the_open_ran_away_from_rests)
{
    begin();
    whole_bar("100", "100", "100", "100");
    submit(limit_order("a", SIDE_BUY, "1", "101"));
    whole_bar("102", "103", "101.5", "102");
    whole_bar("102", "103", "100.99", "102");
    assert_string_equal("accepted a; fill a 1 @ 101 maker", reports(bus));
    end();
}

TEST(immediate_or_cancel_takes_the_open_or_ends)
{
    struct order_request miss = limit_order("miss", SIDE_BUY, "1", "99");
    struct order_request hit = limit_order("hit", SIDE_BUY, "1", "100");

    begin();
    miss.tif = hit.tif = TIF_IOC;
    whole_bar("101", "101", "101", "101");
    submit(miss);
    submit(hit);
    whole_bar("100", "100", "50", "100");
    assert_string_equal("accepted miss; accepted hit; canceled miss; fill hit 1 @ 100 taker",
                        reports(bus));
    assert_decimal("0", ledger_held(bar_venue_ledger(venue), "USD"));
    end();
}

TEST(a_stop_fills_at_its_price_and_a_gap_beyond_it_at_the_open)
{
    begin();
    hold_spot("2", "100");
    submit(stop_order("inside", SIDE_SELL, "1", "95"));
    submit(stop_order("gap", SIDE_SELL, "1", "90"));
    whole_bar("100", "101", "94", "96");
    whole_bar("85", "88", "84", "86");
    assert_string_equal("accepted inside; accepted gap; fill inside 1 @ 95 taker; "
                        "fill gap 1 @ 85 taker",
                        reports(bus));
    end();
}

TEST(a_stop_to_buy_waits_above)
{
    begin();
    whole_bar("100", "100", "100", "100");
    submit(stop_order("a", SIDE_BUY, "1", "105"));
    whole_bar("100", "104.99", "90", "100");
    assert_string_equal("accepted a", reports(bus));
    whole_bar("100", "105", "90", "100");
    assert_string_equal("fill a 1 @ 105 taker", reports(bus));
    end();
}

TEST(a_stop_on_the_wrong_side_of_the_market_is_refused)
{
    begin();
    hold_spot("1", "100");
    submit(stop_order("a", SIDE_SELL, "1", "100.01"));
    submit(stop_order("b", SIDE_BUY, "1", "99.99"));
    assert_string_equal("rejected a PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE; "
                        "rejected b PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE",
                        reports(bus));
    end();
}

TEST(of_a_stop_and_a_target_in_one_bar_the_stop_fills_and_the_target_waits)
{
    begin();
    hold_spot("2", "100");
    submit(limit_order("target", SIDE_SELL, "1", "105"));
    submit(stop_order("stop", SIDE_SELL, "1", "95"));
    reports(bus);
    whole_bar("100", "110", "90", "108");
    assert_string_equal("fill stop 1 @ 95 taker", reports(bus));
    cancel("target");
    assert_string_equal("canceled target", reports(bus));
    end();
}

TEST(a_stop_that_protects_what_the_open_bought_counts_in_the_same_bar_but_a_target_does_not)
{
    begin();
    whole_bar("100", "100", "100", "100");
    submit(market_order("entry", SIDE_BUY, "2"));
    open_bar(SPOT, "100", "120", "80", "100");
    assert_string_equal("accepted entry; fill entry 2 @ 100 taker", reports(bus));
    submit(stop_order("stop", SIDE_SELL, "1", "95"));
    close_bar(SPOT);
    assert_string_equal("accepted stop; fill stop 1 @ 95 taker", reports(bus));
    open_bar(SPOT, "100", "120", "80", "100");
    submit(limit_order("target", SIDE_SELL, "1", "105"));
    close_bar(SPOT);
    assert_string_equal("accepted target", reports(bus));
    end();
}

TEST(fills_inside_a_bar_are_known_at_its_end)
{
    begin();
    whole_bar("100", "100", "100", "100");
    submit(limit_order("a", SIDE_BUY, "1", "95"));
    reports(bus);
    open_bar(SPOT, "100", "100", "90", "100");
    assert_true(bus_is_empty(bus));
    close_bar(SPOT);
    assert_int_equal(bus_pop(bus)->report.fill.time, last_bar.start + last_bar.interval);
    end();
}

TEST(a_stop_limit_fills_at_the_stop_or_rests_after_a_gap_beyond_its_limit)
{
    struct order_request order = stop_order("a", SIDE_SELL, "1", "95");

    begin();
    hold_spot("2", "100");
    order.type = ORDER_STOP_LIMIT;
    order.limit_price = dec("94");
    submit(order);
    whole_bar("100", "100", "94.5", "96");
    assert_string_equal("accepted a; fill a 1 @ 95 taker", reports(bus));
    strcpy(order.client_id.text, "b");
    submit(order);
    whole_bar("90", "93", "89", "92");
    assert_string_equal("accepted b", reports(bus));
    whole_bar("92", "94.01", "91", "92");
    assert_string_equal("fill b 1 @ 94 maker", reports(bus));
    end();
}

TEST(a_good_till_date_order_expires_and_gets_no_last_good_price)
{
    struct order_request order = limit_order("a", SIDE_BUY, "1", "95");

    begin();
    order.tif = TIF_GTD;
    whole_bar("100", "100", "100", "100");
    order.expires = next_start + SECONDS(90);
    submit(order);
    whole_bar("100", "100", "96", "100");
    assert_string_equal("accepted a", reports(bus));
    whole_bar("100", "100", "90", "100");
    assert_string_equal("expired a", reports(bus));
    assert_decimal("0", ledger_held(bar_venue_ledger(venue), "USD"));
    end();
}

TEST(slippage_is_paid_by_takers_only_and_rounded_against_them)
{
    begin_with((struct bar_venue_settings){.slippage_bps = D(5)});
    hold_spot("3", "100");
    submit(market_order("buy", SIDE_BUY, "1"));
    submit(market_order("sell", SIDE_SELL, "1"));
    submit(limit_order("limit", SIDE_SELL, "1", "110"));
    whole_bar("103.33", "120", "100", "100");
    assert_string_equal("accepted buy; accepted sell; accepted limit; "
                        "fill buy 1 @ 103.39 taker; fill sell 1 @ 103.27 taker; "
                        "fill limit 1 @ 110 maker",
                        reports(bus));
    end();
}

TEST(no_more_than_the_configured_share_of_a_bars_volume_fills)
{
    begin_with((struct bar_venue_settings){.participation = dec("0.1")});
    whole_bar("100", "100", "100", "100");
    submit(market_order("a", SIDE_BUY, "2.5"));
    submit(limit_order("b", SIDE_BUY, "1", "99"));
    whole_bar("100", "100", "90", "100");
    assert_string_equal("accepted a; accepted b; fill a 1 @ 100 taker", reports(bus));
    whole_bar("101", "101", "101", "101");
    whole_bar("102", "102", "90", "102");
    assert_string_equal("fill a 1 @ 101 taker; fill a 0.5 @ 102 taker; fill b 0.5 @ 99 maker",
                        reports(bus));
    end();
}

TEST(a_share_smaller_than_a_size_step_fills_nothing_rather_than_zero)
{
    struct bar bar;

    begin_with((struct bar_venue_settings){.participation = dec("0.1")});
    whole_bar("100", "100", "100", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    bar = make_bar("100", "100", "100", "100", "0.009");
    bar_venue_open_bar(venue, SPOT, &bar);
    bar_venue_close_bar(venue, SPOT, &bar);
    assert_string_equal("accepted a", reports(bus));
    end();
}

TEST(fill_or_kill_is_all_or_nothing)
{
    struct order_request order = limit_order("a", SIDE_BUY, "2", "100");

    begin_with((struct bar_venue_settings){.participation = dec("0.1")});
    order.tif = TIF_FOK;
    whole_bar("100", "100", "100", "100");
    submit(order);
    whole_bar("100", "100", "100", "100");
    assert_string_equal("accepted a; canceled a", reports(bus));
    strcpy(order.client_id.text, "b");
    order.size = dec("1");
    submit(order);
    whole_bar("100", "100", "100", "100");
    assert_string_equal("accepted b; fill b 1 @ 100 taker", reports(bus));
    end();
}

TEST(makers_and_takers_pay_their_own_rate_and_a_rebate_is_received)
{
    begin_with((struct bar_venue_settings){.fees = {dec("-0.0001"), dec("0.006")}});
    whole_bar("100", "100", "100", "100");
    submit(market_order("taker", SIDE_BUY, "1"));
    submit(limit_order("maker", SIDE_BUY, "1", "90"));
    whole_bar("100", "100", "80", "100");
    bus_pop(bus), bus_pop(bus);
    assert_decimal("0.6", bus_pop(bus)->report.fill.fee);
    assert_decimal("-0.009", bus_pop(bus)->report.fill.fee);
    assert_decimal("99809.409", ledger_total(bar_venue_ledger(venue), "USD"));
    end();
}

TEST(orders_that_break_the_products_rules_are_refused_with_the_venues_reasons)
{
    struct order_request fine_price = limit_order("price", SIDE_BUY, "1", "99.995");
    struct order_request post = limit_order("post", SIDE_BUY, "1", "100");
    struct order_request past = limit_order("past", SIDE_BUY, "1", "90");

    begin();
    whole_bar("100", "100", "100", "100");
    post.post_only = true;
    past.tif = TIF_GTD;
    past.expires = next_start - SECONDS(1);
    submit(market_order("step", SIDE_BUY, "1.0005"));
    submit(market_order("small", SIDE_BUY, "0"));
    submit(market_order("value", SIDE_BUY, "0.009"));
    submit(market_order("large", SIDE_BUY, "1001"));
    submit(fine_price);
    submit(post);
    submit(past);
    submit(market_order("funds", SIDE_BUY, "999"));
    submit(market_order("coins", SIDE_SELL, "1"));
    assert_string_equal("rejected step INVALID_SIZE_PRECISION; "
                        "rejected small PREVIEW_INVALID_BASE_SIZE_TOO_SMALL; "
                        "rejected value PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL; "
                        "rejected large PREVIEW_INVALID_BASE_SIZE_TOO_LARGE; "
                        "rejected price INVALID_PRICE_PRECISION; "
                        "rejected post INVALID_LIMIT_PRICE_POST_ONLY; "
                        "rejected past END_TIME_IS_IN_THE_PAST; "
                        "rejected funds INSUFFICIENT_FUND; "
                        "rejected coins INSUFFICIENT_FUND",
                        reports(bus));
    assert_int_equal(bar_venue_open_orders(venue), 0);
    end();
}

TEST(a_post_only_order_rests_and_is_a_maker_even_when_the_market_gaps_to_it)
{
    struct order_request post = limit_order("post", SIDE_BUY, "1", "99.99");

    begin();
    post.post_only = true;
    whole_bar("100", "100", "100", "100");
    submit(post);
    whole_bar("98", "98", "98", "98");
    assert_string_equal("accepted post; fill post 1 @ 98 maker", reports(bus));
    end();
}

TEST(working_orders_hold_their_funds_until_they_end)
{
    begin();
    hold_spot("3", "100");
    submit(limit_order("buy", SIDE_BUY, "2", "90"));
    submit(limit_order("sell", SIDE_SELL, "2", "110"));
    assert_decimal("180.36", ledger_held(bar_venue_ledger(venue), "USD"));
    assert_decimal("2", ledger_held(bar_venue_ledger(venue), "BTC"));
    submit(limit_order("more", SIDE_SELL, "2", "110"));
    cancel("buy");
    cancel("sell");
    assert_string_equal("accepted buy; accepted sell; rejected more INSUFFICIENT_FUND; "
                        "canceled buy; canceled sell",
                        reports(bus));
    assert_decimal("0", ledger_held(bar_venue_ledger(venue), "USD"));
    assert_decimal("0", ledger_held(bar_venue_ledger(venue), "BTC"));
    end();
}

TEST(an_open_that_made_a_market_buy_too_expensive_fills_what_the_funds_pay)
{
    begin();
    whole_bar("1000", "1000", "1000", "1000");
    submit(market_order("a", SIDE_BUY, "99"));
    whole_bar("2000", "2000", "2000", "2000");
    assert_string_equal("accepted a; fill a 49.9 @ 2000 taker; canceled a INSUFFICIENT_FUND",
                        reports(bus));
    assert_decimal("0.4", ledger_total(bar_venue_ledger(venue), "USD"));
    end();
}

TEST(the_same_client_id_places_nothing_twice)
{
    begin();
    whole_bar("100", "100", "100", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    submit(market_order("a", SIDE_BUY, "1"));
    whole_bar("100", "100", "100", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    whole_bar("100", "100", "100", "100");
    assert_string_equal("accepted a; accepted a; fill a 1 @ 100 taker; accepted a",
                        reports(bus));
    assert_decimal("1", ledger_total(bar_venue_ledger(venue), "BTC"));
    end();
}

TEST(a_cancel_of_what_does_not_work_is_refused)
{
    begin();
    whole_bar("100", "100", "100", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    whole_bar("100", "100", "100", "100");
    reports(bus);
    cancel("a");
    cancel("nobody");
    assert_string_equal("cancel refused a ORDER_IS_FULLY_FILLED; "
                        "cancel refused nobody UNKNOWN_CANCEL_ORDER",
                        reports(bus));
    end();
}

TEST(an_edit_changes_size_price_and_hold_or_nothing)
{
    begin();
    whole_bar("100", "100", "100", "100");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    amend("a", "2", "80");
    assert_decimal("160.32", ledger_held(bar_venue_ledger(venue), "USD"));
    amend("a", "2", "80");
    amend("a", "2", "80.001");
    amend("a", "1000", "1000");
    amend("nobody", "1", "1");
    assert_decimal("160.32", ledger_held(bar_venue_ledger(venue), "USD"));
    whole_bar("100", "100", "79", "100");
    amend("a", "3", "80");
    assert_string_equal("accepted a; replaced a; "
                        "replace refused a EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST; "
                        "replace refused a INVALID_PRICE_PRECISION; "
                        "replace refused a INSUFFICIENT_FUND; "
                        "replace refused nobody ORDER_NOT_FOUND; fill a 2 @ 80 maker; "
                        "replace refused a ONLY_OPEN_ORDERS_CAN_BE_EDITED",
                        reports(bus));
    end();
}

static struct order_request of_future(struct order_request request)
{
    request.product = FUTURE;
    return request;
}

static void future_bar(const char *price)
{
    open_bar(FUTURE, price, price, price, price);
    close_bar(FUTURE);
}

TEST(a_future_goes_short_holds_margin_and_settles_its_profit_in_cash)
{
    const struct ledger *ledger;

    begin_with((struct bar_venue_settings){0});
    ledger = bar_venue_ledger(venue);
    future_bar("60000");
    submit(of_future(market_order("short", SIDE_SELL, "10")));
    future_bar("60000");
    assert_decimal("-10", ledger_position(ledger, FUTURE).size);
    assert_decimal("60000", ledger_position_price(ledger, FUTURE));
    /* 10 contracts of 0.01 at 60000, a quarter of it */
    assert_decimal("98500", ledger_available(ledger, "USD"));
    submit(of_future(market_order("cover", SIDE_BUY, "4")));
    future_bar("50000");
    assert_decimal("-6", ledger_position(ledger, FUTURE).size);
    assert_decimal("100400", ledger_total(ledger, "USD"));
    submit(of_future(market_order("flip", SIDE_BUY, "8")));
    future_bar("55000");
    assert_decimal("2", ledger_position(ledger, FUTURE).size);
    assert_decimal("55000", ledger_position_price(ledger, FUTURE));
    assert_decimal("100700", ledger_total(ledger, "USD"));
    reports(bus);
    end();
}

TEST(a_future_without_margin_is_refused_and_reducing_never_is)
{
    begin_with((struct bar_venue_settings){0});
    bar_venue_deposit(venue, "USD", dec("-98500"));
    future_bar("60000");
    submit(of_future(market_order("a", SIDE_BUY, "10")));
    submit(of_future(market_order("b", SIDE_BUY, "1")));
    future_bar("60000");
    submit(of_future(market_order("c", SIDE_BUY, "1")));
    submit(of_future(market_order("d", SIDE_SELL, "10")));
    future_bar("59000");
    assert_string_equal("accepted a; rejected b INSUFFICIENT_FUND; fill a 10 @ 60000 taker; "
                        "rejected c INSUFFICIENT_FUND; accepted d; fill d 10 @ 59000 taker",
                        reports(bus));
    end();
}

TEST(a_reduce_only_order_never_opens_a_position)
{
    struct order_request reduce = of_future(market_order("a", SIDE_SELL, "3"));

    begin_with((struct bar_venue_settings){0});
    reduce.reduce_only = true;
    future_bar("60000");
    submit(reduce);
    submit(of_future(market_order("long", SIDE_BUY, "3")));
    future_bar("60000");
    reports(bus);
    submit(reduce);
    strcpy(reduce.client_id.text, "b");
    submit(reduce);
    future_bar("60000");
    assert_string_equal("accepted a; accepted b; fill a 3 @ 60000 taker; "
                        "canceled b CANNOT_CLOSE_ZERO_POSITION",
                        reports(bus));
    assert_decimal("0", ledger_position(bar_venue_ledger(venue), FUTURE).size);
    end();
}

TEST(queries_tell_state_totals_fills_and_the_account)
{
    client_order_id a = {"a"}, nobody = {"nobody"};
    venue_order_id none = {{0}};
    nanos start;

    begin();
    start = next_start;
    whole_bar("100", "100", "100", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    whole_bar("100", "100", "100", "100");
    submit(limit_order("b", SIDE_BUY, "1", "90"));
    reports(bus);
    port.query_order(port.ctx, 1, &a, &none);
    port.query_order(port.ctx, 2, &nobody, &none);
    assert_string_equal("fill a 1 for 100; answer; not found nobody NOT_FOUND; answer",
                        reports(bus));
    port.query_orders(port.ctx, 3, start);
    assert_string_equal("fill a 1 for 100; working b 0 for 0; answer", reports(bus));
    port.query_orders(port.ctx, 3, next_start + 1);
    assert_string_equal("working b 0 for 0; answer", reports(bus));
    port.query_fills(port.ctx, 4, start);
    assert_string_equal("fill a 1 @ 100 taker; answer", reports(bus));
    port.query_account(port.ctx, 5);
    const struct event *event = bus_pop(bus);
    assert_string_equal("USD", event->balance.currency);
    assert_decimal("99899.8", event->balance.total);
    assert_decimal("90.18", event->balance.hold);
    assert_int_equal(event->balance.query, 5);
    reports(bus);
    end();
}

TEST(a_query_that_reaches_beyond_what_is_remembered_says_so)
{
    char id[24];
    nanos start;

    begin_with((struct bar_venue_settings){0});
    start = next_start;
    whole_bar("100", "100", "100", "100");
    for (int i = 0; i < BAR_VENUE_KEPT + 10; i++) {
        snprintf(id, sizeof id, "order-%d", i);
        submit(market_order(id, i % 2 ? SIDE_SELL : SIDE_BUY, "1"));
        whole_bar("100", "100", "100", "100");
    }
    drain(bus);
    port.query_orders(port.ctx, 1, start);
    const struct event *event, *last = NULL;
    int count = 0;
    while ((event = bus_pop(bus))) {
        last = event;
        count++;
    }
    assert_int_equal(count, BAR_VENUE_KEPT + 1);
    assert_int_equal(last->kind, EVENT_ANSWER);
    assert_false(last->answer.is_complete);
    port.query_orders(port.ctx, 2, next_start - MINUTES(5));
    while ((event = bus_pop(bus)))
        last = event;
    assert_true(last->answer.is_complete);
    end();
}

TEST(products_do_not_disturb_each_other)
{
    begin_with((struct bar_venue_settings){0});
    whole_bar("100", "100", "100", "100");
    submit(market_order("spot", SIDE_BUY, "1"));
    future_bar("60000");
    future_bar("60005");
    assert_string_equal("accepted spot", reports(bus));
    whole_bar("101", "101", "101", "101");
    assert_string_equal("fill spot 1 @ 101 taker", reports(bus));
    end();
}

TEST(an_order_of_old_times_is_held_against_the_minimum_of_its_table)
{
    struct product old = spot_product();
    struct bar_venue_settings settings = {0};

    product_table_init(&products);
    old.quote_min_size = DECIMAL_ZERO;
    add_product(&products, old);
    bus = bus_new(1000);
    venue = bar_venue_new(&products, &settings);
    bar_venue_connect(venue, bus);
    bar_venue_deposit(venue, "USD", D(100000));
    port = bar_venue_port(venue);
    whole_bar("0.06", "0.06", "0.06", "0.06");
    submit(market_order("a", SIDE_BUY, "1"));
    assert_string_equal("accepted a", reports(bus));
    end();
}

TEST(the_end_of_the_data_closes_nothing)
{
    begin();
    hold_spot("1", "100");
    submit(market_order("out", SIDE_SELL, "1"));
    assert_string_equal("accepted out", reports(bus));
    assert_int_equal(bar_venue_open_orders(venue), 1);
    assert_decimal("1", ledger_total(bar_venue_ledger(venue), "BTC"));
    end();
}
