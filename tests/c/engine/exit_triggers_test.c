/* What is reached inside a bar: which level first, at which price, and what was armed too late.
 */
#include "engine/exit_triggers.h"

#include "engine/engine_private.h"
#include "exits_world.h"

/* ---- what is given ---- */

/* The position is there, and a bar has begun since. */
static struct world *given_long(const char *stop, const char *target)
{
    struct world *world = trader();

    guarded(world, plan(stop, target, NULL));
    exits_open_bar(world->engine, BTC);
    return world;
}

static void when_shorted(struct world *world, const char *fill, const char *stop,
                         const char *target)
{
    struct decision wish = world_wish(ACTION_SELL, BIP, "2");

    wish.plan = plan(stop, target, NULL);
    world_decide(world, wish);
    when_accepted(world);
    world_fill(world, world_last_order(world), fill, "2", "100", "0");
    exits_open_bar(world->engine, BIP);
}

/* Short 2 contracts at 100; prices in steps of 5. */
static struct world *given_short(const char *stop, const char *target)
{
    struct world *world = trader();

    world_price(world, BIP, "100");
    when_shorted(world, "short", stop, target);
    return world;
}

static const char *reached_as(struct world *world, product_ref product, bool is_stop,
                              bool is_closed, const char *open, const char *high,
                              const char *low)
{
    static char text[DECIMAL_TEXT_MAX];
    struct bar bar = {world->now, MINUTES(1), dec(open), dec(high), dec(low), dec(open), D(1)};
    decimal price;

    if (!exits_find_reached(world->engine, product, &bar, is_stop, is_closed, &price))
        return "nothing";
    return decimal_format(price, text);
}

#define then_stop(world, product, open, high, low, at)                                         \
    assert_string_equal(reached_as(world, product, true, false, open, high, low), at)
#define then_target(world, product, open, high, low, at)                                       \
    assert_string_equal(reached_as(world, product, false, false, open, high, low), at)

/* ---- levels ---- */

TEST(a_stop_is_reached_at_its_level_and_beyond_it_at_the_open)
{
    struct world *world = given_long("95", "110");

    then_stop(world, BTC, "100", "101", "95.01", "nothing");
    then_stop(world, BTC, "100", "101", "95", "95");
    then_stop(world, BTC, "100", "101", "90", "95");
    then_stop(world, BTC, "93", "101", "90", "93");
    world_free(world);
}

TEST(a_target_has_to_be_traded_through_by_a_step)
{
    struct world *world = given_long("95", "110");

    then_target(world, BTC, "100", "110", "99", "nothing");
    then_target(world, BTC, "100", "110.01", "99", "110");
    then_target(world, BTC, "112", "113", "99", "112");
    world_free(world);
}

TEST(a_short_is_stopped_above_and_wins_below)
{
    struct world *world = given_short("120", "80");

    then_stop(world, BIP, "100", "115", "90", "nothing");
    then_stop(world, BIP, "100", "120", "90", "120");
    then_stop(world, BIP, "125", "130", "90", "125");
    then_target(world, BIP, "100", "101", "80", "nothing");
    then_target(world, BIP, "100", "101", "75", "80");
    then_target(world, BIP, "70", "101", "65", "70");
    world_free(world);
}

TEST(of_many_levels_the_first_on_the_way_is_reached)
{
    struct world *world = given_long("90", "120");

    guarded(world, plan("95", "110", NULL));
    guarded(world, plan("85", "130", NULL));
    exits_open_bar(world->engine, BTC);
    then_stop(world, BTC, "100", "101", "80", "95");
    then_target(world, BTC, "100", "140", "99", "110");
    then_stop(world, ETH, "100", "101", "80", "nothing"); /* nothing guards ETH */
    world_free(world);
}

TEST(of_a_short_the_lowest_stop_and_the_highest_target_come_first)
{
    struct world *world = given_short("130", "70");

    when_shorted(world, "more", "120", "80");
    then_stop(world, BIP, "100", "140", "99", "120");
    then_target(world, BIP, "100", "101", "60", "80");
    world_free(world);
}

/* ---- what was armed inside the bar ---- */

TEST(what_is_armed_inside_a_bar_has_a_stop_in_it_and_a_target_in_the_next)
{
    struct world *world = trader();

    exits_open_bar(world->engine, BTC);
    guarded(world, plan("95", "110", NULL));
    then_stop(world, BTC, "100", "120", "90", "95");
    then_target(world, BTC, "100", "120", "90", "nothing");
    exits_open_bar(world->engine, BTC);
    then_target(world, BTC, "100", "120", "90", "110");
    world_free(world);
}

TEST(after_its_close_a_bar_stops_only_what_was_armed_in_it)
{
    struct world *world = given_long("95", "110");

    assert_string_equal(reached_as(world, BTC, true, true, "100", "120", "90"), "nothing");
    assert_string_equal(reached_as(world, BTC, false, true, "100", "120", "90"), "nothing");
    guarded(world, plan("96", "110", NULL));
    assert_string_equal(reached_as(world, BTC, true, true, "100", "120", "90"), "96");
    world_free(world);
}

/* ---- reaching ---- */

static void when_reached(struct world *world, product_ref product, const char *price)
{
    struct event event = {.kind = EVENT_REACH, .product = product};

    event.reached = dec(price);
    world_push(world, event);
}

TEST(a_level_that_is_reached_inside_a_bar_sends_its_order)
{
    struct world *world = given_long("95", "110");
    order_number entry = world_last_order(world);

    when_reached(world, BTC, "95.01");
    assert_int_equal(world_last_order(world), entry);
    when_reached(world, BTC, "95");
    assert_string_equal(world_order(world, world_last_order(world))->reason, "stop at 95");
    assert_int_equal(world_order(world, world_last_order(world))->request.side, SIDE_SELL);
    world_free(world);
}

TEST(a_target_that_is_armed_inside_the_bar_is_not_taken_in_it)
{
    struct world *world = trader();

    exits_open_bar(world->engine, BTC);
    guarded(world, plan("95", "110", NULL));
    order_number entry = world_last_order(world);
    when_reached(world, BTC, "111");
    assert_int_equal(world_last_order(world), entry);
    exits_open_bar(world->engine, BTC);
    when_reached(world, BTC, "111");
    assert_string_equal(world_order(world, world_last_order(world))->reason, "target at 110");
    world_free(world);
}

TEST(what_is_reached_inside_a_bar_moves_no_trail)
{
    struct world *world = trader();

    guarded(world, plan(NULL, NULL, "5"));
    exits_open_bar(world->engine, BTC);
    when_reached(world, BTC, "150");
    then_stop(world, BTC, "100", "101", "95.01", "nothing");
    then_stop(world, BTC, "100", "101", "95", "95");
    world_free(world);
}
