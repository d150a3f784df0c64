/* Mistakes that others made and that have no better place: docs/known-mistakes.md lists them
 * all, with the test that rules each of them out. */
#include "engine/engine_private.h"
#include "market_world.h"

static void start_without(bool cancel)
{
    struct world *world = world_new();
    struct engine_ports ports = world_ports(world);
    struct fact_run run = {.run = "test"};

    if (cancel)
        ports.venue.cancel = NULL;
    ports.venue.can_amend = true;
    ports.venue.amend = NULL;
    struct engine *engine = engine_new(&world->settings, &world->products, &ports, "r1");
    if (engine_start(engine, &run, world->now, NULL))
        return;
}

static void start_without_cancel(void)
{
    start_without(true);
}

static void start_without_amend(void)
{
    start_without(false);
}

TEST(a_venue_that_lacks_a_request_is_noticed_before_anything_is_traded)
{
    assert_true(check_dies(start_without_cancel));
    assert_true(check_dies(start_without_amend));
}

TEST(two_engines_in_one_process_count_and_limit_each_for_itself)
{
    struct world *a = world_new(), *b = world_new();

    a->settings.limits.orders_per_minute = b->settings.limits.orders_per_minute = 1;
    world_open(a, "10000");
    world_open(b, "10000");
    world_price(a, BTC, "100");
    world_price(b, BTC, "100");
    world_buy(a, BTC, "1");
    world_buy(a, BTC, "1");
    assert_string_equal(world_code(a), "order_rate");
    world_command(a, COMMAND_HALT, 0);
    assert_int_equal(engine_counters(b->engine).orders, 0);
    assert_int_equal(engine_counters(b->engine).refusals, 0);
    assert_string_equal(world_level(b, BTC), "normal");
    world_buy(b, BTC, "1");
    assert_string_equal(world_code(b), "none");
    world_free(a);
    world_free(b);
}

TEST(a_risk_decision_uses_the_price_of_this_turn_and_no_cached_one)
{
    struct world *world = world_new();

    world->settings.limits.max_order_value = D(150);
    world_open(world, "10000");
    world_price(world, BTC, "100");
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "none");
    world_price(world, BTC, "151");
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "hard_limit");
    world_price(world, BTC, "149");
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

TEST(nothing_an_operator_or_a_guard_sees_changes_by_being_looked_at)
{
    struct world *world = world_new();
    struct metric_look first, second;

    world_open(world, "10000");
    world_hold(world, BTC, "10", "100");
    world_cycle(world);
    for (int metric = METRIC_NONE + 1; metric < METRIC_COUNT; metric++) {
        product_ref product =
            metric_describe((enum metric)metric).of_symbol ? BTC : PRODUCT_NONE;
        bool is_known = metric_look(world->engine, (enum metric)metric, product, &first);
        assert_int_equal(metric_look(world->engine, (enum metric)metric, product, &second),
                         is_known);
        if (is_known)
            assert_decimal_equal(first.value, second.value);
    }
    world_free(world);
}

TEST(a_limit_that_would_have_been_crossed_by_one_wrong_digit_holds_to_the_last)
{
    struct world *world = world_new();

    world->settings.limits.max_order_value = dec("29.999999999999");
    world_open(world, "10000");
    world_price(world, BTC, "100");
    world_limit(world, ACTION_BUY, BTC, "0.3", "100");
    assert_string_equal(world_code(world), "hard_limit");
    world_limits(world)->max_order_value = D(30);
    world_limit(world, ACTION_BUY, BTC, "0.3", "100");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}
