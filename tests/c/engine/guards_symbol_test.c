/* Guards of single symbols at their edges: what one side, one product or one bar more or less
 * decides. Their usual course is in guards_test.c. */
#include "engine/engine_private.h"
#include "engine/guards.h"
#include "market_world.h"

static bool trips(const struct world *world, const char *source, product_ref product)
{
    return degrade_find(world->engine->degrade, source, product) != NULL;
}

/* ---- stale prices ---- */

TEST(a_stale_price_that_shall_pause_nothing_pauses_nothing)
{
    struct world *world = world_new();

    world->settings.guards.mark_stale_after = SECONDS(30);
    world->settings.guards.mark_stale_pause = 0;
    given_market(world, "1000");
    world_wait(world, MINUTES(5));
    assert_false(trips(world, "mark_stale", BTC));
    world_free(world);
}

TEST(after_a_bar_of_one_product_that_product_is_looked_at_alone)
{
    struct world *world = world_new();

    world->settings.cycle_every = 0; /* after every bar */
    world->settings.guards.mark_stale_after = SECONDS(30);
    world->settings.guards.mark_stale_pause = MINUTES(2);
    given_market(world, "1000");
    world->engine->now += MINUTES(1);
    guards_run(world->engine, ETH);
    assert_true(trips(world, "mark_stale", ETH));
    assert_false(trips(world, "mark_stale", BTC));
    assert_false(trips(world, "mark_stale", BIP));
    world_free(world);
}

/* ---- the book ---- */

TEST(the_thinner_side_of_the_book_counts_whichever_it_is)
{
    for (enum side thin = SIDE_BUY; thin <= SIDE_SELL; thin++) {
        struct world *world = world_new();
        world->settings.guards.min_depth_value = D(500);
        given_market(world, "1000");
        world_level_of(world, SIDE_BUY, "100", thin == SIDE_BUY ? "4" : "9");
        world_level_of(world, SIDE_SELL, "101", thin == SIDE_SELL ? "4" : "9");
        world_cycle(world);
        assert_true(trips(world, "depth", BTC));
        world_free(world);
    }
}

/* ---- products that move together ---- */

static struct world *given_walks(const char *max)
{
    static const char *const walk[] = {"100", "101", "100", "103", "102", "104"};
    struct world *world = world_new();

    world->settings.guards.correlation_max = dec(max);
    world->settings.guards.correlation_window = 5;
    given_market(world, "1000");
    world_hold(world, BTC, "1", "100");
    for (size_t i = 0; i < ARRAY_LEN(walk); i++) {
        world_bar(world, BTC, walk[i]);
        world_bar(world, ETH, walk[i]);
        world->now += SECONDS(1);
    }
    world_wait(world, SECONDS(10));
    return world;
}

TEST(what_moves_exactly_as_much_together_as_it_may_enters)
{
    struct world *world = given_walks("1");

    assert_false(trips(world, "correlation", ETH));
    world_free(world);
    world = given_walks("0.999999");
    assert_true(trips(world, "correlation", ETH));
    world_free(world);
}

TEST(a_product_without_bars_may_move_with_what_is_held)
{
    struct world *world = given_walks("1");

    assert_true(trips(world, "correlation", BIP));
    assert_false(trips(world, "correlation", BTC));
    world_free(world);
}

/* ---- waiting for long ---- */

TEST(an_order_is_stuck_only_beyond_its_time)
{
    struct world *world = world_new();

    world->settings.guards.order_stuck_after = MINUTES(5);
    given_market(world, "1000");
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    when_accepted(world);
    world->now = world_order(world, world_last_order(world))->created + MINUTES(5);
    world_turn(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 0);
    world_cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    world_free(world);
}

static void then_stuck(const struct world *world, int times)
{
    int count = 0;

    for (int i = 0; i < world->fact_count; i++)
        count += world->facts[i].kind == FACT_GUARD &&
                 strcmp(world->facts[i].note.subject, "position_stuck") == 0;
    assert_int_equal(count, times);
}

static order_number given_short_and_its_exit(struct world *world, const char *fill)
{
    world_sell(world, BIP, "5");
    when_accepted(world);
    world_fill(world, world_last_order(world), fill, "5", "100", "0");
    world_limit(world, ACTION_BUY, BIP, "5", "80");
    when_accepted(world);
    world_cycle(world);
    return world_last_order(world);
}

TEST(the_time_of_an_exit_begins_anew_with_each_position_of_a_short_as_well)
{
    struct world *world = world_new();

    world->settings.guards.position_stuck_after = MINUTES(30);
    given_market(world, "1000");
    order_number exit = given_short_and_its_exit(world, "f1");
    world_wait(world, MINUTES(31));
    then_stuck(world, 1);
    world_fill(world, exit, "f2", "5", "80", "0");
    world_cycle(world);
    given_short_and_its_exit(world, "f3");
    world_wait(world, MINUTES(29));
    then_stuck(world, 1);
    world_wait(world, MINUTES(2));
    then_stuck(world, 2);
    world_free(world);
}

TEST(a_position_that_was_closed_in_time_is_never_reported)
{
    struct world *world = world_new();

    world->settings.guards.position_stuck_after = MINUTES(30);
    given_market(world, "1000");
    order_number exit = given_short_and_its_exit(world, "f1");
    world_fill(world, exit, "f2", "5", "80", "0");
    world_wait(world, HOURS(1));
    then_stuck(world, 0);
    world_free(world);
}
