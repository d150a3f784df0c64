/* What must hold whatever strategies, scripts and the venue do: limits that many orders share,
 * orders that only ever get smaller, levels that nothing automatic lowers, and figures from
 * outside that make no sense. */
#include "engine/engine_private.h"
#include "engine_world.h"

/* ---- limits ---- */

TEST(what_is_held_counts_at_the_mark_when_a_limit_below_it_is_checked)
{
    struct world *world = world_new();

    world->settings.limits.max_position_value = D(1200);
    given_market(world, "10000");
    world_hold(world, BTC, "10", "100");
    then_limit(world, ACTION_BUY, BTC, "4.1", "50",
               "pre_trade_exposure"); /* 1000 held and 205 more */
    then_limit(world, ACTION_BUY, BTC, "4", "50", "none");
    world_free(world);
}

TEST(working_orders_count_at_their_own_prices)
{
    struct world *world = world_new();

    world->settings.limits.max_position_value = D(1200);
    given_market(world, "10000");
    world_limit(world, ACTION_BUY, BTC, "10", "100");
    then_limit(world, ACTION_BUY, BTC, "21", "10", "pre_trade_exposure");
    then_limit(world, ACTION_BUY, BTC, "20", "10", "none");
    world_free(world);
}

TEST(a_flip_is_limited_by_what_works_beyond_the_position_at_the_worst_price)
{
    struct world *world = world_new();

    world->settings.limits.max_position_value = D(10);
    given_market(world, "10000");
    world_hold(world, BIP, "3", "100");
    world_limit(world, ACTION_SELL, BIP, "3", "120");        /* closes it */
    then_limit(world, ACTION_SELL, BIP, "8", "120", "none"); /* 9.6 short */
    then_limit(world, ACTION_SELL, BIP, "1", "100", "pre_trade_exposure");
    world_free(world);
}

TEST(a_resting_sale_of_coins_leaves_the_room_for_exposure_as_it_was)
{
    struct world *world = world_new();

    world->settings.limits.max_exposure_value = D(1000);
    given_market(world, "10000");
    world_hold(world, BTC, "5", "100");
    world_limit(world, ACTION_SELL, BTC, "5", "120");
    then_buy(world, ETH, "50", "none");
    then_buy(world, ETH, "1", "pre_trade_exposure");
    world_free(world);
}

/* 1000 of cash of which a future binds 10 %: 9000 contracts of 1 bind 900. */
TEST(margin_that_is_bound_buys_no_coins)
{
    struct world *world = world_new();

    world->products.items[BIP].base_max_size = D(100000);
    given_market(world, "1000");
    world_hold(world, BIP, "9000", "100");
    then_buy(world, BTC, "1.01", "insufficient_funds");
    then_buy(world, BTC, "1", "none");
    world_free(world);
}

TEST(losses_of_futures_buy_no_coins)
{
    struct world *world = world_new();

    world->products.items[BIP].base_max_size = D(100000);
    given_market(world, "1000");
    world_hold(world, BIP, "1000", "100"); /* binds 100 */
    world_price(world, BIP, "50");         /* binds 50, has lost 500 */
    then_buy(world, BTC, "4.51", "insufficient_funds");
    then_buy(world, BTC, "4.5", "none");
    world_free(world);
}

TEST(margin_is_reckoned_at_the_mark_and_not_at_what_was_paid)
{
    struct world *world = world_new();

    world->products.items[BIP].base_max_size = D(100000);
    given_market(world, "1000");
    world_hold(world, BIP, "1000", "100"); /* 100 of margin */
    world_price(world, BIP, "200");        /* 200 of 2000 */
    then_buy(world, BIP, "9001", "pre_trade_margin");
    world_free(world);
}

TEST(the_liquidation_buffer_is_of_futures_alone_and_traps_no_exit)
{
    struct world *world = world_new();

    world->settings.limits.min_liquidation_buffer_share = dec("0.5");
    world->products.items[BIP].base_max_size = D(100000);
    given_market(world, "1000");
    then_buy(world, BTC, "6", "none");
    world_say(world, world_last_order(world), REPORT_CANCELED);
    world_hold(world, BIP, "9000", "100");
    world_price(world, BIP, "95"); /* equity of 550, maintenance of 427.5 */
    world_buy(world, BIP, "1");
    then_refused(world);
    then_sell(world, BIP, "5000", "none");
    world_free(world);
}

TEST(coins_that_are_held_bind_no_cash)
{
    struct world *world = given_market(world_new(), "10000");

    world_hold(world, BTC, "60", "100");
    then_buy(world, ETH, "400", "none");
    world_free(world);
}

TEST(equity_below_zero_leaves_room_for_nothing_but_exits)
{
    struct world *world = world_new();

    world->settings.limits.max_position_share = D(1);
    world->settings.limits.max_exposure_share = D(1);
    world->products.items[BIP].base_max_size = D(100000);
    given_market(world, "1000");
    world_hold(world, BIP, "9000", "100");
    world_price(world, BIP, "80"); /* 1800 lost */
    then_buy(world, BTC, "0.01", "pre_trade_exposure");
    then_sell(world, BIP, "5000", "none");
    world_free(world);
}

TEST(no_book_is_too_thin_for_an_exit)
{
    struct world *world = world_new();
    struct event event = {.kind = EVENT_BOOK, .product = BTC};

    world->settings.limits.max_impact_bps = D(1);
    world->settings.limits.max_slippage_bps = D(1);
    given_market(world, "10000");
    world_hold(world, BTC, "2", "100");
    event.book.side = SIDE_BUY;
    event.book.price = D(50);
    event.book.size = dec("0.1");
    world_push(world, event);
    then_buy(world, BTC, "1", "slippage_guard");
    then_sell(world, BTC, "2", "none");
    world_free(world);
}

TEST(a_cap_reckons_with_the_price_that_leaves)
{
    struct world *world = world_new();

    world->settings.limits.max_order_value = D(1000);
    world->settings.size_fixed = D(5000);
    given_market(world, "100000");
    world_decide(world, world_limit_wish(ACTION_SELL, BIP, NULL, "101")); /* in steps of 5 */
    then_code(world, "none");
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.limit_price, "105");
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "952");
    world_free(world);
}

/* ---- orders that reduce ---- */

static enum refusal submit(struct world *world, product_ref product, enum side side,
                           const char *size, bool reduce_only)
{
    struct intent intent = {.origin = ORIGIN_OPERATOR};
    enum refusal code;

    intent.request = (struct order_request){.product = product,
                                            .side = side,
                                            .type = ORDER_MARKET,
                                            .tif = TIF_IOC,
                                            .reduce_only = reduce_only,
                                            .size = dec(size)};
    intent.decision = world_wish(side == SIDE_BUY ? ACTION_BUY : ACTION_SELL, product, NULL);
    engine_submit(world->engine, &intent, &code);
    world_turn(world);
    return code;
}

TEST(an_order_without_a_size_never_flips_a_position_in_a_pause)
{
    struct world *world = world_new();

    world->settings.size_fixed = D(8);
    given_market(world, "10000");
    world_hold(world, BIP, "5", "100");
    engine_add_cause(world->engine, LEVEL_PAUSED, PRODUCT_NONE, "test", "to see", 0, true);
    assert_int_equal(submit(world, BIP, SIDE_SELL, "0", false), REFUSAL_NONE);
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "5");
    assert_true(world_last_sent(world, SENT_SUBMIT)->request.reduce_only);
    world_free(world);
}

TEST(a_reduce_only_order_that_the_rule_sizes_is_not_trapped_by_a_limit)
{
    struct world *world = world_new();

    world->settings.size_fixed = D(8);
    given_market(world, "10000");
    world_hold(world, BIP, "5", "100");
    world_limits(world)->max_order_value = dec("0.5");
    assert_int_equal(submit(world, BIP, SIDE_SELL, "0", true), REFUSAL_NONE);
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "5");
    world_free(world);
}

TEST(a_position_below_one_step_is_refused_with_a_sentence)
{
    struct world *world = world_new();

    given_market(world, "10000");
    world_hold(world, BTC, "1", "100");
    world->products.items[BTC].base_increment = D(2);
    assert_int_equal(submit(world, BTC, SIDE_SELL, "2", true), REFUSAL_REDUCE_ONLY_EMPTY);
    assert_true(world_last_fact(world, FACT_TRACE)->trace.detail[0]);
    world_free(world);
}

/* ---- levels ---- */

TEST(a_halt_does_not_end_with_the_clock)
{
    struct world *world = given_market(world_new(), "10000");

    engine_add_cause(world->engine, LEVEL_HALTED, PRODUCT_NONE, "guard:mine", "to see",
                     SECONDS(5), true);
    world_wait(world, SECONDS(60));
    then_level(world, PRODUCT_NONE, "halted");
    world_free(world);
}

TEST(who_asks_for_less_lowers_and_shortens_nothing)
{
    struct world *world = given_market(world_new(), "10000");

    engine_add_cause(world->engine, LEVEL_PAUSED, BTC, "guard:mine", "first", SECONDS(60),
                     false);
    engine_add_cause(world->engine, LEVEL_REDUCE_ONLY, BTC, "guard:mine", "second", SECONDS(5),
                     true);
    then_level(world, BTC, "paused");
    assert_false(degrade_allows_reducing(world->engine->degrade, BTC));
    world_wait(world, SECONDS(59));
    then_level(world, BTC, "paused");
    world_wait(world, SECONDS(1));
    then_level(world, BTC, "normal");
    world_free(world);
}

TEST(a_full_table_of_causes_loses_no_symbols_level)
{
    struct degrade *degrade = degrade_new();
    struct fact_cause cause = {.level = LEVEL_REDUCE_ONLY, .allow_reduce = true};

    for (int i = 0; i < CAUSES_MAX; i++) {
        cause.id = (uint64_t)i + 1;
        cause.product = (product_ref)(i % 4);
        cause.sticky = i % 2;
        cause.until = i % 2 ? 0 : 100 + i;
        snprintf(cause.source, sizeof cause.source, "s%d", i);
        degrade_apply_cause(degrade, &cause);
    }
    cause.id++;
    cause.product = 7;
    cause.level = LEVEL_PAUSED;
    snprintf(cause.source, sizeof cause.source, "more");
    degrade_apply_cause(degrade, &cause);
    assert_int_equal(degrade_level(degrade, 7), LEVEL_PAUSED);
    cause.id++;
    cause.product = 9;
    cause.level = LEVEL_REDUCE_ONLY;
    degrade_apply_cause(degrade, &cause);
    assert_true(degrade_level(degrade, 9) >= LEVEL_REDUCE_ONLY);
    for (product_ref i = 0; i < 4; i++)
        assert_true(degrade_level(degrade, i) >= LEVEL_REDUCE_ONLY);
    degrade_free(degrade);
}

static struct degrade *full_table(void)
{
    struct degrade *degrade = degrade_new();
    struct fact_cause cause = {.level = LEVEL_PAUSED, .product = 3, .allow_reduce = true};

    cause.sticky = true;
    for (cause.id = 1; cause.id <= CAUSES_MAX; cause.id++)
        degrade_apply_cause(degrade, &cause);
    return degrade;
}

TEST(what_no_longer_fits_into_the_table_still_forbids_what_it_forbade)
{
    struct degrade *degrade = full_table();
    struct fact_cause cause = {.id = CAUSES_MAX + 1, .level = LEVEL_PAUSED, .product = 5};

    assert_int_equal(degrade_level(degrade, 5), LEVEL_NORMAL);
    degrade_apply_cause(degrade, &cause);
    assert_int_equal(degrade_level(degrade, 5), LEVEL_PAUSED);
    assert_false(degrade_allows_reducing(degrade, 5));
    degrade_apply_end(degrade, cause.id); /* it has no id of its own any more */
    assert_int_equal(degrade_level(degrade, 5), LEVEL_PAUSED);
    assert_int_equal(degrade_count(degrade), CAUSES_MAX);
    degrade_apply_end(degrade, 0);
    assert_int_equal(degrade_level(degrade, 5), LEVEL_NORMAL);
    assert_int_equal(degrade_level(degrade, 3), LEVEL_PAUSED);
    degrade_free(degrade);
}

TEST(of_equal_causes_the_older_one_is_named_and_one_that_is_gone_ends_no_other)
{
    struct degrade *degrade = full_table();

    assert_int_equal(degrade_worst(degrade, 3)->id, 1);
    degrade_apply_end(degrade, 77777);
    assert_int_equal(degrade_count(degrade), CAUSES_MAX);
    degrade_apply_end(degrade, 1);
    degrade_apply_end(degrade, 1);
    assert_int_equal(degrade_count(degrade), CAUSES_MAX - 1);
    assert_int_equal(degrade_worst(degrade, 3)->id, 2);
    degrade_free(degrade);
}

/* ---- figures that make no sense ---- */

TEST(a_size_beyond_all_numbers_is_refused_and_stops_nothing)
{
    struct world *world = world_new();

    world->settings.limits.allow_shorts = false;
    given_market(world, "10000");
    world_hold(world, BIP, "2", "100");
    world_sell(world, BIP, "1");
    world_sell(world, BIP, "10000000000000000000000000");
    then_refused(world);
    world_buy(world, BTC, "10000000000000000000000000");
    then_refused(world);
    world_free(world);
}

TEST(a_quote_beyond_all_sense_refuses_and_stops_nothing)
{
    struct world *world = world_new();

    world->settings.limits.max_spread_bps = D(100);
    given_market(world, "10000");
    when_quoted(world, BTC, "0.000000000001", "100000000000000000000");
    world_buy(world, BTC, "1");
    then_refused(world);
    world_free(world);
}

TEST(a_price_beyond_all_numbers_leaves_the_books_as_they_were)
{
    struct world *world = given_market(world_new(), "10000");

    world_hold(world, BTC, "10", "100");
    world_price(world, BTC, "9999999999999999999999999");
    assert_decimal(portfolio_equity(engine_portfolio(world->engine)), "10000");
    world_free(world);
}

TEST(terms_beyond_all_numbers_are_an_anomaly_and_stop_nothing)
{
    struct world *world = given_market(world_new(), "10000");

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    when_accepted(world);
    struct event event = world_report(world, world_last_order(world), REPORT_WORKING);
    event.report.has_request = true;
    event.report.request = world_order(world, world_last_order(world))->request;
    event.report.request.size = dec("9000000000000000000000000");
    event.report.request.limit_price = dec("1");
    world_push(world, event);
    assert_decimal(world_order(world, world_last_order(world))->request.size, "1");
    assert_true(engine_counters(world->engine).anomalies > 0);
    world_free(world);
}

/* ---- what other traders' programs got wrong ---- */

TEST(buying_coins_trips_no_daily_loss)
{
    struct world *world = world_new();

    world->settings.limits.daily_loss_share = dec("0.01");
    world->settings.limits.max_drawdown_share = dec("0.01");
    given_market(world, "10000");
    world_wait(world, SECONDS(1));
    world_hold(world, BTC, "90", "100");
    for (int i = 0; i < 5; i++)
        world_wait(world, SECONDS(1));
    then_level(world, BTC, "normal");
    world_free(world);
}

TEST(coins_that_were_bought_are_a_position_that_can_be_closed)
{
    struct world *world = given_market(world_new(), "10000");

    world_hold(world, BTC, "2", "100");
    world_decide(world, world_wish(ACTION_CLOSE, BTC, NULL));
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "2");
    assert_int_equal(world_last_sent(world, SENT_SUBMIT)->request.side, SIDE_SELL);
    world_free(world);
}

TEST(a_size_of_exactly_the_limit_passes_and_the_smallest_unit_more_does_not)
{
    struct world *world = world_new();

    world->settings.limits.max_position_share = dec("0.1");
    given_market(world, "10000");
    then_buy(world, BTC, "10.00000001", "pre_trade_exposure");
    then_buy(world, BTC, "10", "none");
    world_free(world);
}

TEST(a_filled_market_order_is_open_no_more)
{
    struct world *world = given_market(world_new(), "10000");

    order_number number = world_hold(world, BTC, "2", "100");
    then_state(world, number, "FILLED");
    assert_int_equal(oms_open_count(engine_oms(world->engine)), 0);
    then_held(world, "0");
    world_free(world);
}

TEST(repeated_buys_stop_at_the_limit_of_the_position)
{
    struct world *world = world_new();

    world->settings.limits.max_position_value = D(350);
    given_market(world, "10000");
    for (int i = 0; i < 9; i++)
        world_buy(world, BTC, "1");
    then_sent(world, SENT_SUBMIT, 3);
    world_free(world);
}

TEST(refused_orders_count_for_no_rate)
{
    struct world *world = world_new();

    world->settings.limits.orders_per_minute = 2;
    world->settings.limits.max_order_value = D(100);
    given_market(world, "10000");
    for (int i = 0; i < 5; i++)
        world_buy(world, BTC, "2");
    world_buy(world, BTC, "1");
    then_buy(world, BTC, "1", "none");
    then_buy(world, BTC, "1", "order_rate");
    world_free(world);
}

/* A strategy that is told of a fill decides in the same turn: its order is checked against what
 * the fill has left, and the order that was filled. */
TEST(a_decision_on_a_fill_sees_the_fill)
{
    struct world *world = world_new();

    world->settings.limits.max_position_value = D(250);
    given_market(world, "10000");
    world_limit(world, ACTION_BUY, BTC, "2", "100");
    when_accepted(world);
    world->wishes[world->wish_count++] = world_wish(ACTION_BUY, BTC, "1");
    world_fill(world, world_last_order(world), "f", "1", "100", "0");
    then_code(world, "pre_trade_exposure");
    world_free(world);
}

/* ---- what an order is reckoned at ---- */

static decimal reserved(struct world *world, struct decision wish)
{
    world_decide(world, wish);
    then_code(world, "none");
    return world_order(world, world_last_order(world))->reserved_price;
}

static struct decision stop_wish(enum action action, const char *price)
{
    struct decision wish = world_wish(action, BTC, "1");

    wish.type = ORDER_STOP;
    wish.tif = TIF_GTC;
    wish.stop_price = dec(price);
    return wish;
}

TEST(an_order_reserves_what_it_can_cost_at_worst)
{
    struct world *world = world_new();

    world->settings.market_cushion_share = dec("0.013");
    given_market(world, "10000");
    world_hold(world, BTC, "20", "100");
    assert_decimal(reserved(world, world_wish(ACTION_BUY, BTC, "1")), "101.3");
    assert_decimal(reserved(world, world_wish(ACTION_SELL, BTC, "1")), "100");
    assert_decimal(reserved(world, world_limit_wish(ACTION_BUY, BTC, "1", "90")), "90");
    assert_decimal(reserved(world, world_limit_wish(ACTION_BUY, BTC, "1", "120")), "120");
    assert_decimal(reserved(world, world_limit_wish(ACTION_SELL, BTC, "1", "90")), "100");
    assert_decimal(reserved(world, world_limit_wish(ACTION_SELL, BTC, "1", "120")), "120");
    assert_decimal(reserved(world, stop_wish(ACTION_BUY, "200")), "202.6");
    assert_decimal(reserved(world, stop_wish(ACTION_SELL, "50")), "100");
    world_free(world);
}

TEST(a_market_order_reserves_at_the_touch)
{
    struct world *world = given_market(world_new(), "10000");

    when_quoted(world, BTC, "99", "103");
    assert_decimal(reserved(world, world_wish(ACTION_BUY, BTC, "1")), "103");
    world_free(world);
}

TEST(a_limit_outside_the_venues_band_is_an_invalid_price)
{
    struct world *world = world_new();

    world->products.items[BTC].price_band = dec("0.1");
    given_market(world, "10000");
    then_limit(world, ACTION_BUY, BTC, "1", "89", "invalid_price");
    world_free(world);
}

TEST(while_the_account_is_reconciled_only_what_reduces_leaves)
{
    struct world *world = given_market(world_new(), "10000");

    world_hold(world, BTC, "2", "100");
    world->engine->reconcile.is_starting = true;
    then_buy(world, ETH, "1", "reconciling");
    then_sell(world, BTC, "1", "none");
    world_free(world);
}

/* ---- a sizing rule ---- */

struct rule {
    const char *size;
    enum err err;
};

static enum err rule_size(void *ctx, const struct decision *decision, const struct view *view,
                          decimal *out, struct fault *why)
{
    const struct rule *rule = ctx;

    (void)decision, (void)view;
    if (rule->err)
        return fail(why, rule->err, "the rule broke");
    *out = dec(rule->size);
    return OK;
}

static const char *sized(struct world *world, struct rule rule)
{
    world->engine->ports.sizing.ctx = &rule;
    world->engine->ports.sizing.size = rule_size;
    world_buy(world, BTC, NULL);
    return world_code(world);
}

TEST(a_sizing_rule_sizes_and_one_that_fails_or_says_nothing_refuses)
{
    struct world *world = given_market(world_new(), "10000");

    assert_string_equal(sized(world, (struct rule){"1", ERR_SCRIPT}), "script_error");
    assert_string_equal(sized(world, (struct rule){"0", OK}), "quantity_zero");
    assert_string_equal(sized(world, (struct rule){"-1", OK}), "invalid_size");
    assert_string_equal(sized(world, (struct rule){"2.5", OK}), "none");
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "2.5");
    world_free(world);
}
