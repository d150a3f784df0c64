/* The turn: journal first, then send; cycles that keep to their grid; days that begin at
 * midnight UTC. */
#include "engine/engine.h"

#include "engine/engine_private.h"
#include "engine_world.h"

static struct world *trader(void)
{
    struct world *world = world_new();

    world_open(world, "1000000");
    world_price(world, BTC, "100");
    return world;
}

TEST(an_intent_is_committed_with_sync_before_it_leaves)
{
    struct world *world = trader();

    assert_false(world->synced);
    world_buy(world, BTC, "1"); /* world_turn checks that nothing left uncommitted */
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    assert_true(world->synced);
    world_free(world);
}

TEST(a_failed_commit_sends_nothing_and_ends_the_engine)
{
    struct world *world = trader();
    struct event event = {.kind = EVENT_TRADE, .product = BTC, .time = world->now};
    struct fault why = {OK, ""};

    event.trade = (struct trade){.price = D(100), .size = D(1)};
    world->commit_fails = true;
    world->wishes[world->wish_count++] = world_wish(ACTION_BUY, BTC, "1");
    bus_push(engine_bus(world->engine), &event);
    assert_int_equal(engine_turn(world->engine, world->now, &why), ERR_IO);
    assert_string_equal(why.text, "the disk is full");
    world->commit_fails = false;
    assert_int_equal(engine_turn(world->engine, world->now + 1, &why), ERR_IO);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    world_free(world);
}

TEST(a_turn_without_requests_needs_no_sync)
{
    struct world *world = trader();

    world_buy(world, BTC, "1");
    world_say(world, 1, REPORT_ACCEPTED);
    assert_false(world->synced);
    world_free(world);
}

TEST(client_ids_carry_bot_and_run_and_differ)
{
    struct world *world = trader();

    for (int i = 0; i < 40; i++)
        world_buy(world, BTC, "1");
    assert_string_equal(world->sent[0].request.client_id.text, "perigee-r1-1");
    assert_string_equal(world->sent[35].request.client_id.text, "perigee-r1-10");
    world_free(world);
}

TEST(cycles_keep_to_their_grid_and_missed_ones_are_skipped)
{
    struct world *world = trader();
    nanos start = world->now;

    assert_int_equal(engine_next_deadline(world->engine), start + SECONDS(1));
    world_wait(world, SECONDS(1) + MILLISECONDS(300));
    assert_int_equal(world->calls[HOOK_CYCLE], 1); /* one symbol has a price */
    assert_int_equal(engine_next_deadline(world->engine), start + SECONDS(2));
    world_wait(world, SECONDS(5));
    assert_int_equal(world->calls[HOOK_CYCLE], 2);
    assert_int_equal(engine_next_deadline(world->engine), start + SECONDS(7));
    world_free(world);
}

TEST(a_clock_that_steps_back_does_not_turn_time_around)
{
    struct world *world = trader();
    nanos before = world->now;

    world_wait(world, SECONDS(5));
    world->now = before;
    world_price(world, BTC, "101");
    assert_int_equal(world->engine->now, before + SECONDS(5));
    world_free(world);
}

/* The world begins at 22:13:20 UTC. */
TEST(the_baseline_of_losses_rolls_over_at_midnight_utc)
{
    struct world *world = trader();
    nanos midnight = nanos_day(world->now) + DAYS(1);

    world_hold(world, BTC, "10", "100");
    world_wait(world, SECONDS(1));
    const struct equity_watch *watch = &world->engine->watch;
    assert_decimal(watch->day_start, "1000000");
    world_price(world, BTC, "90");
    world->now = midnight - 1;
    world_turn(world);
    assert_decimal(equity_watch_day_loss(watch, portfolio_equity(world->engine->portfolio)),
                   "100");
    world->now = midnight + SECONDS(1);
    world_turn(world);
    assert_decimal(watch->day_start, "999900");
    assert_int_equal(watch->day, midnight);
    assert_int_equal(world_facts(world, FACT_BASELINE), 2);
    world_free(world);
}

TEST(a_script_that_fails_three_times_in_a_row_is_switched_off_and_its_symbols_reduce)
{
    struct world *world = trader();

    for (int i = 0; i < 2; i++) {
        world->script_err = ERR_SCRIPT;
        world_price(world, BTC, "100");
    }
    world_price(world, BTC, "100"); /* a good call forgives */
    for (int i = 0; i < 3; i++) {
        assert_string_equal(world_level(world, BTC), "normal");
        world->script_err = ERR_SCRIPT;
        world_price(world, BTC, "100");
    }
    assert_string_equal(world_level(world, BTC), "reduce_only");
    int calls = world->calls[HOOK_TRADE];
    world_price(world, BTC, "100");
    assert_int_equal(world->calls[HOOK_TRADE], calls);
    world_free(world);
}

TEST(a_script_out_of_budget_is_switched_off_at_once)
{
    struct world *world = trader();

    world->script_err = ERR_BUDGET;
    world_price(world, BTC, "100");
    assert_string_equal(world_level(world, BTC), "reduce_only");
    world_free(world);
}

TEST(buying_coins_moves_no_equity_but_the_fee)
{
    struct world *world = trader();

    world_buy(world, BTC, "10");
    world_fill(world, 1, "f1", "10", "100", "3");
    assert_decimal(portfolio_equity(engine_portfolio(world->engine)), "999997");
    world_free(world);
}

/* A long-lived order ends after thousands of later ones: what is told of its end must not be
 * told of a forgotten order. */
TEST(final_orders_are_forgotten_between_turns_only)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "50");
    world_say(world, 1, REPORT_ACCEPTED);
    for (int i = 0; i < 2 * ORDERS_KEPT; i++)
        world_buy(world, BTC, "0.0000001");
    world_buy(world, BTC, "0.0000001");
    world->wishes[world->wish_count++] = world_wish(ACTION_BUY, BTC, "0.0000001");
    struct event event = world_fill_event(world, 1, "f1", "1", "50", "0");
    world_push(world, event);
    world_say(world, 2 * ORDERS_KEPT, REPORT_ACCEPTED);
    assert_decimal(world_position(world, BTC), "1");
    assert_null(oms_find(engine_oms(world->engine), 2));
    world_free(world);
}
