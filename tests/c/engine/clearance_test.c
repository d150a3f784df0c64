/* What may have changed while an order waited for its turn. */
#include "engine/clearance.h"

#include "engine/engine_private.h"
#include "engine_world.h"

static struct world *trader(void)
{
    struct world *world = world_new();

    world_open(world, "1000000");
    world_price(world, BTC, "100");
    return world;
}

static const char *code(struct world *world, order_number number)
{
    struct clearance out =
        engine_clearance(world->engine, &world_order(world, number)->request);

    return out.is_unwanted ? "unwanted" : refusal_name(out.code);
}

static order_number entry(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "1", "100");
    return world_last_order(world);
}

static order_number exit_of(struct world *world, const char *size)
{
    world_limit(world, ACTION_SELL, BTC, size, "100");
    return world_last_order(world);
}

static void command(struct world *world, enum command_kind kind)
{
    struct event event = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE};

    event.command.kind = kind;
    snprintf(event.command.who, sizeof event.command.who, "anna");
    snprintf(event.command.why, sizeof event.command.why, "a test");
    world_push(world, event);
}

TEST(an_entry_may_leave_as_long_as_nothing_has_changed)
{
    struct world *world = trader();
    order_number number = entry(world);

    assert_string_equal(code(world, number), "none");
    world_wait(world, SECONDS(3));
    assert_string_equal(code(world, number), "none");
    world_free(world);
}

TEST(an_entry_stays_when_the_level_rose_and_leaves_when_it_fell_again)
{
    struct world *world = trader();
    order_number number = entry(world);

    command(world, COMMAND_REDUCE_ONLY);
    assert_string_equal(code(world, number), "reduce_only");
    command(world, COMMAND_PAUSE);
    assert_string_equal(code(world, number), "paused");
    command(world, COMMAND_HALT);
    assert_string_equal(code(world, number), "paused");
    command(world, COMMAND_RESUME);
    assert_string_equal(code(world, number), "none");
    world_free(world);
}

TEST(what_reduces_leaves_in_every_level_but_halted)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    order_number number = exit_of(world, "2");
    assert_true(engine_clearance(world->engine, &world_order(world, number)->request).reduces);
    command(world, COMMAND_REDUCE_ONLY);
    assert_string_equal(code(world, number), "none");
    command(world, COMMAND_PAUSE);
    assert_string_equal(code(world, number), "none");
    command(world, COMMAND_HALT);
    assert_string_equal(code(world, number), "paused");
    world_free(world);
}

TEST(nothing_leaves_while_halted_whatever_the_cause_would_allow)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    order_number number = exit_of(world, "2");
    engine_add_cause(world->engine, LEVEL_HALTED, PRODUCT_NONE, "test", "a test", 0, true);
    assert_string_equal(code(world, number), "paused");
    world_free(world);
}

TEST(an_exit_that_the_stream_was_heard_of_does_not_leave_again)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    command(world, COMMAND_REDUCE_ONLY);
    order_number first = exit_of(world, "2"); /* made reduce-only by the mode */
    assert_string_equal(code(world, first), "none");
    world_fill(world, first, "f1", "1", "100", "0"); /* the stream was faster */
    assert_string_equal(code(world, first), "timeout");
    world_free(world);
}

/* Sold at the venue by hand meanwhile. */
TEST(an_exit_whose_position_became_smaller_stays)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    command(world, COMMAND_REDUCE_ONLY);
    order_number number = exit_of(world, "2");
    struct fact fact = {.kind = FACT_POSITION, .position = {.product = BTC}};
    fact.position.position = *portfolio_position(engine_portfolio(world->engine), BTC);
    fact.position.position.size = dec("1.5");
    engine_emit(world->engine, &fact);
    assert_string_equal(code(world, number), "reduce_only");
    command(world, COMMAND_RESUME);
    assert_string_equal(code(world, number), "reduce_only_empty");
    world_free(world);
}

TEST(older_orders_go_first_and_take_what_there_is_to_reduce)
{
    struct world *world = trader();

    world_hold(world, BIP, "2", "100");
    world_limit(world, ACTION_SELL, BIP, "2", "100");
    order_number first = world_last_order(world);
    world_limit(world, ACTION_SELL, BIP, "1", "100"); /* this one would open a short */
    order_number second = world_last_order(world);
    command(world, COMMAND_REDUCE_ONLY);
    assert_string_equal(code(world, first), "none");
    assert_string_equal(code(world, second), "reduce_only");
    world_free(world);
}

TEST(nothing_leaves_while_an_older_order_of_its_purpose_is_unknown)
{
    struct world *world = trader();
    order_number first = entry(world), second = entry(world);

    assert_string_equal(code(world, second), "none");
    world_say(world, first, REPORT_LOST);
    assert_string_equal(code(world, second), "duplicate_intent");
    world_say(world, first, REPORT_WORKING);
    assert_string_equal(code(world, second), "none");
    world_free(world);
}

TEST(a_younger_order_of_unknown_fate_does_not_hold_up_an_older_one)
{
    struct world *world = trader();
    order_number first = entry(world), second = entry(world);

    world_say(world, second, REPORT_LOST);
    assert_string_equal(code(world, first), "none");
    world_free(world);
}

TEST(an_order_whose_cancel_was_asked_for_is_not_wanted)
{
    struct world *world = trader();
    order_number number = entry(world);

    command(world, COMMAND_CANCEL_ALL);
    assert_string_equal(code(world, number), "unwanted");
    world_free(world);
}

TEST(what_the_venue_already_knows_or_nobody_knows_does_not_leave)
{
    struct world *world = trader();
    order_number number = entry(world);
    struct order_request stranger = world_order(world, number)->request;

    world_say(world, number, REPORT_ACCEPTED);
    assert_string_equal(code(world, number), "timeout");
    snprintf(stranger.client_id.text, sizeof stranger.client_id.text, "nobody");
    assert_string_equal(refusal_name(engine_clearance(world->engine, &stranger).code),
                        "timeout");
    world_free(world);
}

static const char *edit_code(struct world *world, order_number number, const char *size,
                             const char *price)
{
    struct venue_amend amend = {.client_id = world_order(world, number)->request.client_id,
                                .size = dec(size),
                                .limit_price = dec(price)};

    return refusal_name(engine_clearance_of_edit(world->engine, &amend).code);
}

TEST(an_edit_that_asks_for_less_leaves_in_every_level_but_halted)
{
    struct world *world = trader();
    order_number number = entry(world);

    world_say(world, number, REPORT_ACCEPTED);
    assert_string_equal(edit_code(world, number, "1", "99"), "timeout"); /* not asked for */
    struct decision change = {.action = ACTION_AMEND, .product = BTC, .order = number};
    change.limit_price = dec("101");
    world_decide(world, change);
    assert_string_equal(world_state(world, number), "PENDING_REPLACE");
    assert_string_equal(edit_code(world, number, "2", "101"), "none");
    command(world, COMMAND_REDUCE_ONLY);
    assert_string_equal(edit_code(world, number, "1", "99"), "none");
    assert_string_equal(edit_code(world, number, "2", "99"), "reduce_only");
    assert_string_equal(edit_code(world, number, "1", "101"), "reduce_only");
    command(world, COMMAND_HALT);
    assert_string_equal(edit_code(world, number, "1", "99"), "paused");
    world_free(world);
}
