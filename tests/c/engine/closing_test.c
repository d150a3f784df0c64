#include "engine/closing.h"

#include <string.h>

#include "engine/clearance.h"
#include "engine/engine_private.h"
#include "engine_world.h"

/* Two coins are the bot's, bought at 100; five more were there before. */
static struct world *given_coins(enum external_orders policy)
{
    struct world *world = world_new();

    world->settings.reconcile.external_orders = policy;
    given_market(world, "100000");
    world_hold(world, BTC, "2", "100");
    engine_set_balance(world->engine, "BTC", D(7), "and five from before");
    return world;
}

/* Somebody's take-profit, at the venue. */
static void given_offer(struct world *world, product_ref product, enum side side,
                        const char *size)
{
    struct event event = {.kind = EVENT_REPORT, .product = product};
    struct order_report *report = &event.report;

    report->kind = REPORT_WORKING;
    strcpy(report->client_id.text, "theirs");
    strcpy(report->venue_id.text, "v-theirs");
    report->has_request = true;
    report->request = sample_limit(side, size, "150");
    report->request.product = product;
    report->request.client_id = report->client_id;
    world_push(world, event);
}

static decimal closing(const struct world *world, product_ref product, enum side side)
{
    const struct engine *engine = world->engine;

    return closing_size(&engine->settings, engine->portfolio, engine->oms,
                        &engine->products->items[product], product, side);
}

TEST(of_what_others_offer_only_what_is_not_theirs_closes_a_position)
{
    static const struct {
        const char *offer, *closing;
    } rows[] = {{"1", "0"}, {"5", "0"}, {"5.5", "0.5"}, {"6", "1"}, {"7", "2"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *world = given_coins(EXTERNAL_IGNORE);
        given_offer(world, BTC, SIDE_SELL, rows[i].offer);
        assert_decimal(closing(world, BTC, SIDE_SELL), rows[i].closing);
        world_free(world);
    }
}

TEST(what_is_ours_always_closes)
{
    struct world *world = given_coins(EXTERNAL_IGNORE);

    given_offer(world, BTC, SIDE_SELL, "5");
    world_limit(world, ACTION_SELL, BTC, "1.5", "150");
    assert_decimal(closing(world, BTC, SIDE_SELL), "1.5");
    world_free(world);
}

TEST(adopted_coins_are_in_the_position_and_their_offers_close_it)
{
    struct world *world = given_coins(EXTERNAL_ADOPT);

    given_offer(world, BTC, SIDE_SELL, "2");
    assert_decimal(closing(world, BTC, SIDE_SELL), "2");
    world_free(world);
}

/* A future's position is one, whoever trades it. */
TEST(what_others_offer_of_a_future_or_bid_for_coins_counts_in_full)
{
    struct world *world = given_coins(EXTERNAL_IGNORE);

    given_offer(world, BIP, SIDE_SELL, "2");
    assert_decimal(closing(world, BIP, SIDE_SELL), "2");
    given_offer(world, BTC, SIDE_BUY, "3");
    assert_decimal(closing(world, BTC, SIDE_BUY), "0"); /* one report tells of one order */
    world_free(world);
    world = given_coins(EXTERNAL_IGNORE);
    given_offer(world, BTC, SIDE_BUY, "3");
    assert_decimal(closing(world, BTC, SIDE_BUY), "3");
    world_free(world);
}

static void then_sold(struct world *world, const char *size)
{
    const struct order_request *sent = &world_last_sent(world, SENT_SUBMIT)->request;

    assert_int_equal(world_sent(world, SENT_SUBMIT), 2); /* the first bought what is held */
    assert_string_equal(side_name(sent->side), "sell");
    assert_decimal(sent->size, size);
}

static void reduce_only(struct world *world)
{
    when_commanded(world, COMMAND_REDUCE_ONLY);
}

/* Through the pipeline, and at the moment when it leaves. */
TEST(a_take_profit_of_somebody_elses_coins_keeps_no_exit_from_leaving)
{
    struct world *world = given_coins(EXTERNAL_IGNORE);

    given_offer(world, BTC, SIDE_SELL, "5");
    reduce_only(world);
    world_sell(world, BTC, "2");
    then_sold(world, "2");
    struct clearance clearance =
        engine_clearance(world->engine, &world_last_sent(world, SENT_SUBMIT)->request);
    assert_string_equal(refusal_name(clearance.code), "none");
    assert_true(clearance.reduces);
    world_free(world);
}

TEST(where_less_is_free_than_is_held_only_that_much_leaves)
{
    struct world *world = given_coins(EXTERNAL_IGNORE);

    given_offer(world, BTC, SIDE_SELL, "6");
    reduce_only(world);
    world_sell(world, BTC, "2");
    then_sold(world, "1");
    struct order_request more = world_last_sent(world, SENT_SUBMIT)->request;
    more.size = dec("1.5");
    assert_false(engine_clearance(world->engine, &more).reduces);
    world_free(world);
}

TEST(a_signal_to_close_closes_beside_what_others_offer)
{
    struct world *world = given_coins(EXTERNAL_CANCEL);

    given_offer(world, BTC, SIDE_SELL, "5");
    world_decide(world, world_wish(ACTION_CLOSE, BTC, NULL));
    then_sold(world, "2");
    world_free(world);
}

TEST(a_flatten_closes_beside_what_others_offer)
{
    struct world *world = given_coins(EXTERNAL_IGNORE);

    given_offer(world, BTC, SIDE_SELL, "5");
    when_commanded(world, COMMAND_FLATTEN);
    then_sold(world, "2");
    world_free(world);
}
