/* What guards say of a trip, how loud, and that those which are not set say nothing. */
#include "engine/engine_private.h"
#include "engine/guards.h"
#include "market_world.h"

static const struct fact_cause *cause(const struct world *world, const char *source)
{
    return degrade_find(world->engine->degrade, source, PRODUCT_NONE);
}

static void then_told(const struct world *world, const char *source, const char *severity)
{
    const struct fact *fact = world_last_fact(world, FACT_GUARD);

    assert_non_null(fact);
    assert_string_equal(fact->note.subject, source);
    assert_string_equal(fact->note.severity, severity);
}

/* ---- not set ---- */

TEST(guards_that_are_not_set_say_nothing_of_an_account_in_ruins)
{
    struct world *world = given_market(world_new(), "1000");

    world->settings.degrade.broker_failures = 1000;
    world_hold(world, BIP, "1000", "100");
    world_price(world, BIP, "5"); /* 950 of 1000 lost; 50 back 50 of value */
    engine_set_balance(world->engine, "USD", D(1), "taken out");
    world_gauge(world, GAUGE_CLOCK_SKEW, "0"); /* from here on they are asked */
    world_cycle(world);
    world_wait(world, HOURS(1));
    assert_int_equal(world_facts(world, FACT_CAUSE), 0);
    world_free(world);
}

TEST(a_holding_without_a_price_matters_to_no_one_who_limits_no_equity)
{
    struct world *world = world_new();

    world_make_engine(world, "r1");
    engine_set_balance(world->engine, "USD", D(1000), "opening");
    engine_set_balance(world->engine, "ETH", D(10), "opening");
    world_start(world);
    world_price(world, BTC, "100");
    world_gauge(world, GAUGE_CLOCK_SKEW, "0");
    world_cycle(world);
    assert_int_equal(world_facts(world, FACT_CAUSE), 0);
    world_free(world);
}

TEST(equity_that_is_not_known_has_lost_nothing)
{
    struct world *world = world_new();

    world->settings.limits.daily_loss_value = D(1);
    world->settings.limits.max_drawdown_share = dec("0.01");
    world_open(world, "1000");
    world_price(world, BTC, "100");
    world_cycle(world);
    engine_set_balance(world->engine, "USD", D(500), "spent at the venue");
    engine_set_balance(world->engine, "ETH", D(50), "on coins that have no price yet");
    world->engine->guards.knows_equity = false;
    world_cycle(world);
    assert_non_null(cause(world, "equity_unknown"));
    assert_null(cause(world, "daily_loss"));
    assert_null(cause(world, "drawdown"));
    world_free(world);
}

/* ---- how loud ---- */

TEST(what_is_lost_is_critical)
{
    struct world *world = world_new();

    world->settings.limits.daily_loss_value = D(100);
    given_market(world, "1000");
    world_cycle(world);
    world_hold(world, BTC, "5", "100");
    world_price(world, BTC, "70");
    world_cycle(world);
    then_told(world, "daily_loss", "critical");
    world_free(world);
}

TEST(a_stream_that_is_down_is_critical_and_one_that_is_back_a_warning)
{
    struct world *world = given_market(world_new(), "1000");

    world_stream(world, STREAM_MARKET, STREAM_DOWN);
    then_told(world, "stream_down", "critical");
    world_stream(world, STREAM_MARKET, STREAM_UP);
    then_told(world, "stream_back", "warning");
    world_free(world);
}

static void when_failing(struct world *world, int count)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer.query = 999;
    for (int i = 0; i < count; i++)
        world_push(world, event);
}

TEST(a_venue_that_does_not_answer_is_critical)
{
    struct world *world = world_new();

    world->settings.degrade.broker_failures = 3;
    given_market(world, "1000");
    when_failing(world, 3);
    then_told(world, "broker", "critical");
    world_free(world);
}

TEST(requests_that_fail_too_often_are_critical)
{
    struct world *world = world_new();

    world->settings.degrade.broker_failures = 100;
    world->settings.guards.error_rate_share = dec("0.5");
    world->settings.guards.error_rate_window = MINUTES(1);
    world->settings.guards.error_rate_min_requests = 3;
    given_market(world, "1000");
    when_failing(world, 3);
    world_cycle(world);
    then_told(world, "error_rate", "critical");
    world_free(world);
}

/* ---- streams ---- */

TEST(a_stream_that_is_down_is_named)
{
    struct world *world = given_market(world_new(), "1000");

    world_stream(world, STREAM_USER, STREAM_DOWN);
    assert_string_equal(cause(world, "stream_down")->why, "the user stream is down");
    world_wait(world, MINUTES(1)); /* its cause is over, and is found anew */
    assert_string_equal(cause(world, "stream_down")->why, "the user stream is down");
    world_free(world);
}

TEST(a_gap_in_a_stream_that_is_down_does_not_bring_it_back)
{
    struct world *world = given_market(world_new(), "1000");

    world_stream(world, STREAM_USER, STREAM_DOWN);
    world_stream(world, STREAM_USER, STREAM_GAP);
    assert_null(cause(world, "stream_back"));
    world_wait(world, MINUTES(1));
    then_level(world, BTC, "reduce_only");
    world_free(world);
}

/* ---- counts ---- */

TEST(refusals_for_slippage_are_counted_anew_after_a_pause)
{
    struct world *world = world_new();

    world->settings.limits.max_spread_bps = D(50);
    world->settings.degrade.slippage_failures = 2;
    given_market(world, "10000");
    world_quote(world, BTC, "100", "101");
    then_buy(world, BTC, "1", "slippage_guard");
    then_buy(world, BTC, "1", "slippage_guard");
    then_level(world, BTC, "paused");
    world_wait(world, world->settings.degrade.slippage_pause);
    then_buy(world, BTC, "1", "slippage_guard");
    then_level(world, BTC, "normal");
    world_free(world);
}

TEST(turnover_beyond_all_numbers_begins_anew)
{
    struct world *world = given_market(world_new(), "1000");
    struct fill fill = {.product = BTC, .value = dec("9000000000000000000000000")};

    guards_on_fill(world->engine, &fill, world->now);
    assert_decimal(world->engine->guards.turnover, "9000000000000000000000000");
    guards_on_fill(world->engine, &fill, world->now);
    assert_decimal(world->engine->guards.turnover, "0");
    world_free(world);
}
