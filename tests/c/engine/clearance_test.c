/* What may have changed while an order waited for its turn. */
#include "engine/clearance.h"

#include "engine/engine_private.h"
#include "engine_world.h"

static struct world *given_trader(void)
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

static order_number given_entry(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "1", "100");
    return world_last_order(world);
}

static order_number given_exit(struct world *world, const char *size)
{
    world_limit(world, ACTION_SELL, BTC, size, "100");
    return world_last_order(world);
}

static void given_short(struct world *world, const char *size)
{
    world_price(world, BIP, "100");
    world_sell(world, BIP, size);
    when_accepted(world);
    world_fill(world, world_last_order(world), "short", size, "100", "0");
}

/* Whether the order may leave now: its code, or that nobody wants it any more. */
#define then_clearance(world, number, is) assert_string_equal(code(world, number), is)

TEST(an_entry_may_leave_as_long_as_nothing_has_changed)
{
    struct world *world = given_trader();
    order_number number = given_entry(world);

    then_clearance(world, number, "none");
    world_wait(world, SECONDS(3));
    then_clearance(world, number, "none");
    world_free(world);
}

TEST(an_entry_stays_when_the_level_rose_and_leaves_when_it_fell_again)
{
    struct world *world = given_trader();
    order_number number = given_entry(world);

    when_commanded(world, COMMAND_REDUCE_ONLY);
    then_clearance(world, number, "reduce_only");
    when_commanded(world, COMMAND_PAUSE);
    then_clearance(world, number, "paused");
    when_commanded(world, COMMAND_HALT);
    then_clearance(world, number, "paused");
    when_commanded(world, COMMAND_RESUME);
    then_clearance(world, number, "none");
    world_free(world);
}

TEST(what_reduces_leaves_in_every_level_but_halted)
{
    struct world *world = given_trader();

    world_hold(world, BTC, "2", "100");
    order_number number = given_exit(world, "2");
    assert_true(engine_clearance(world->engine, &world_order(world, number)->request).reduces);
    when_commanded(world, COMMAND_REDUCE_ONLY);
    then_clearance(world, number, "none");
    when_commanded(world, COMMAND_PAUSE);
    then_clearance(world, number, "none");
    when_commanded(world, COMMAND_HALT);
    then_clearance(world, number, "paused");
    world_free(world);
}

TEST(nothing_leaves_while_halted_whatever_the_cause_would_allow)
{
    struct world *world = given_trader();

    world_hold(world, BTC, "2", "100");
    order_number number = given_exit(world, "2");
    engine_add_cause(world->engine, LEVEL_HALTED, PRODUCT_NONE, "test", "a test", 0, true);
    then_clearance(world, number, "paused");
    world_free(world);
}

TEST(an_exit_that_the_stream_was_heard_of_does_not_leave_again)
{
    struct world *world = given_trader();

    world_hold(world, BTC, "2", "100");
    when_commanded(world, COMMAND_REDUCE_ONLY);
    order_number first = given_exit(world, "2"); /* made reduce-only by the mode */
    then_clearance(world, first, "none");
    world_fill(world, first, "f1", "1", "100", "0"); /* the stream was faster */
    then_clearance(world, first, "timeout");
    world_free(world);
}

/* Sold at the venue by hand meanwhile. */
TEST(an_exit_whose_position_became_smaller_stays)
{
    struct world *world = given_trader();

    world_hold(world, BTC, "2", "100");
    when_commanded(world, COMMAND_REDUCE_ONLY);
    order_number number = given_exit(world, "2");
    struct fact fact = {.kind = FACT_POSITION, .position = {.product = BTC}};
    fact.position.position = *portfolio_position(engine_portfolio(world->engine), BTC);
    fact.position.position.size = dec("1.5");
    engine_emit(world->engine, &fact);
    then_clearance(world, number, "reduce_only");
    when_commanded(world, COMMAND_RESUME);
    then_clearance(world, number, "reduce_only_empty");
    world_free(world);
}

TEST(older_orders_go_first_and_take_what_there_is_to_reduce)
{
    struct world *world = given_trader();

    world_hold(world, BIP, "2", "100");
    world_limit(world, ACTION_SELL, BIP, "2", "100");
    order_number first = world_last_order(world);
    world_limit(world, ACTION_SELL, BIP, "1", "100"); /* this one would open a short */
    order_number second = world_last_order(world);
    when_commanded(world, COMMAND_REDUCE_ONLY);
    then_clearance(world, first, "none");
    then_clearance(world, second, "reduce_only");
    world_free(world);
}

TEST(what_buys_back_a_short_leaves)
{
    struct world *world = given_trader();

    given_short(world, "2");
    world_limit(world, ACTION_BUY, BIP, "2", "100");
    order_number number = world_last_order(world);
    when_commanded(world, COMMAND_REDUCE_ONLY);
    then_clearance(world, number, "none");
    world_free(world);
}

/* Somebody else's sale of all that is held, which came first. */
static void given_external_sale(struct world *world, const char *size)
{
    struct event event = {.kind = EVENT_REPORT, .product = BIP};
    struct order_report *report = &event.report;

    report->kind = REPORT_WORKING;
    strcpy(report->client_id.text, "theirs");
    strcpy(report->venue_id.text, "v-theirs");
    report->has_request = true;
    report->request = sample_limit(SIDE_SELL, size, "150");
    report->request.product = BIP;
    report->request.client_id = report->client_id;
    world_push(world, event);
}

/* The policy overlooks others' orders in futures, but for the operator's flatten alone. */
TEST(an_exit_of_a_script_waits_for_others_orders_that_came_first)
{
    struct world *world = given_trader();

    world->engine->settings.reconcile.external_orders = EXTERNAL_IGNORE;
    world_hold(world, BIP, "2", "100");
    given_external_sale(world, "2");
    world_limit(world, ACTION_SELL, BIP, "2", "100");
    order_number number = world_last_order(world);
    when_commanded(world, COMMAND_REDUCE_ONLY);
    then_clearance(world, number, "reduce_only");
    world_free(world);
}

TEST(the_operators_flatten_passes_others_orders_but_not_its_own)
{
    struct world *world = given_trader();

    world->engine->settings.reconcile.external_orders = EXTERNAL_IGNORE;
    world_hold(world, BIP, "2", "100");
    given_external_sale(world, "2");
    when_commanded(world, COMMAND_FLATTEN);
    order_number first = world_last_order(world);
    then_clearance(world, first, "none");
    struct fact fact = {.kind = FACT_POSITION, .position = {.product = BIP}};
    fact.position.position = *portfolio_position(engine_portfolio(world->engine), BIP);
    fact.position.position.size = D(1);
    engine_emit(world->engine, &fact); /* sold by hand meanwhile */
    then_clearance(world, first, "reduce_only_empty");
    world_free(world);
}

TEST(nothing_leaves_while_an_older_order_of_its_purpose_is_unknown)
{
    struct world *world = given_trader();
    order_number first = given_entry(world), second = given_entry(world);

    then_clearance(world, second, "none");
    world_say(world, first, REPORT_LOST);
    then_clearance(world, second, "duplicate_intent");
    world_say(world, first, REPORT_WORKING);
    then_clearance(world, second, "none");
    world_free(world);
}

TEST(a_younger_order_of_unknown_fate_does_not_hold_up_an_older_one)
{
    struct world *world = given_trader();
    order_number first = given_entry(world), second = given_entry(world);

    world_say(world, second, REPORT_LOST);
    then_clearance(world, first, "none");
    world_free(world);
}

TEST(an_order_whose_cancel_was_asked_for_is_not_wanted)
{
    struct world *world = given_trader();
    order_number number = given_entry(world);

    when_commanded(world, COMMAND_CANCEL_ALL);
    then_clearance(world, number, "unwanted");
    world_free(world);
}

TEST(what_the_venue_already_knows_or_nobody_knows_does_not_leave)
{
    struct world *world = given_trader();
    order_number number = given_entry(world);
    struct order_request stranger = world_order(world, number)->request;

    world_say(world, number, REPORT_ACCEPTED);
    then_clearance(world, number, "timeout");
    snprintf(stranger.client_id.text, sizeof stranger.client_id.text, "nobody");
    assert_string_equal(refusal_name(engine_clearance(world->engine, &stranger).code),
                        "timeout");
    world_free(world);
}

/* ---- edits ---- */

static const char *edit_code(struct world *world, order_number number, const char *size,
                             const char *price)
{
    struct venue_amend amend = {.client_id = world_order(world, number)->request.client_id,
                                .size = dec(size),
                                .limit_price = dec(price)};

    return refusal_name(engine_clearance_of_edit(world->engine, &amend).code);
}

#define then_edit(world, number, size, price, is)                                              \
    assert_string_equal(edit_code(world, number, size, price), is)

/* The last order is accepted, and a change of it is on its way. */
static order_number when_changed(struct world *world, const char *price)
{
    order_number number = world_last_order(world);
    product_ref product = world_order(world, number)->request.product;
    struct decision change = {.action = ACTION_AMEND, .product = product, .order = number};

    change.limit_price = dec(price);
    when_accepted(world);
    world_decide(world, change);
    then_state(world, number, "PENDING_REPLACE");
    return number;
}

TEST(an_edit_that_nobody_asked_for_does_not_leave)
{
    struct world *world = given_trader();
    order_number number = given_entry(world);

    when_accepted(world);
    then_edit(world, number, "1", "99", "timeout");
    world_free(world);
}

TEST(an_edit_that_asks_for_less_leaves_in_every_level_but_halted)
{
    struct world *world = given_trader();

    given_entry(world);
    order_number number = when_changed(world, "101");
    then_edit(world, number, "2", "101", "none");
    when_commanded(world, COMMAND_REDUCE_ONLY);
    then_edit(world, number, "1", "100", "none"); /* its own terms */
    then_edit(world, number, "1", "99", "none");
    then_edit(world, number, "2", "99", "reduce_only");
    then_edit(world, number, "1", "101", "reduce_only");
    when_commanded(world, COMMAND_HALT);
    then_edit(world, number, "1", "99", "paused");
    world_free(world);
}

TEST(a_sale_asks_for_less_at_a_higher_price)
{
    struct world *world = given_trader();

    world_price(world, BIP, "100");
    world_limit(world, ACTION_SELL, BIP, "2", "110"); /* to open a short */
    order_number number = when_changed(world, "105");
    when_commanded(world, COMMAND_REDUCE_ONLY);
    then_edit(world, number, "2", "110", "none"); /* its own terms */
    then_edit(world, number, "2", "115", "none");
    then_edit(world, number, "3", "115", "reduce_only");
    then_edit(world, number, "2", "105", "reduce_only");
    world_free(world);
}
