/* Orders whose outcome nobody told: asked about until the venue has answered, and believed gone
 * only when it said so twice. */
#include "engine/resolver.h"

#include "engine/engine_private.h"
#include "engine_world.h"

static struct world *trader(void)
{
    struct world *world = world_new();

    world->settings.retry.jitter_share = DECIMAL_ZERO;
    world->settings.cycle_every = DAYS(1);
    world->settings.reconcile.order_sweep_every = 0;
    world_open(world, "1000000");
    world_price(world, BTC, "100");
    return world;
}

static order_number pending(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "2", "100");
    return world_last_order(world);
}

/* Waits until the engine itself wants a turn. */
static void wait_deadline(struct world *world)
{
    world->now = engine_next_deadline(world->engine);
    world_turn(world);
}

static order_number unknown(struct world *world)
{
    order_number number = pending(world);

    wait_deadline(world);
    assert_string_equal(world_state(world, number), "UNKNOWN");
    return number;
}

static void answer(struct world *world, uint64_t query, bool is_complete)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer = (struct answer){.query = query, .is_complete = is_complete};
    world_push(world, event);
}

static void deny(struct world *world, order_number number)
{
    struct event event = world_report(world, number, REPORT_NOT_FOUND);

    event.report.query = world_last_sent(world, SENT_QUERY_ORDER)->query;
    world_push(world, event);
    answer(world, event.report.query, true);
}

/* Until the venue is asked for all orders. */
static void wait_listing(struct world *world)
{
    for (int i = 0; i < 50 && world_sent(world, SENT_QUERY_ORDERS) == 0; i++)
        wait_deadline(world);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 1);
}

TEST(silence_for_the_answer_deadline_makes_an_order_unknown_and_asks_about_it)
{
    struct world *world = trader();
    nanos sent = world->now;
    order_number number = pending(world);

    assert_int_equal(engine_next_deadline(world->engine), sent + SECONDS(10));
    world->now = sent + SECONDS(10) - 1;
    world_turn(world);
    assert_string_equal(world_state(world, number), "PENDING_NEW");
    world->now++;
    world_turn(world);
    assert_string_equal(world_state(world, number), "UNKNOWN");
    assert_int_equal(world_sent(world, SENT_QUERY_ORDER), 1);
    assert_string_equal(world_last_sent(world, SENT_QUERY_ORDER)->request.client_id.text,
                        "perigee-r1-1");
    world_free(world);
}

TEST(an_answered_order_is_not_asked_about)
{
    struct world *world = trader();

    pending(world);
    world_say(world, 1, REPORT_ACCEPTED);
    world_wait(world, HOURS(1));
    assert_int_equal(world_sent(world, SENT_QUERY_ORDER), 0);
    assert_string_equal(world_state(world, 1), "NEW");
    world_free(world);
}

TEST(a_silent_cancel_makes_its_order_unknown_and_is_asked_again_when_it_works)
{
    struct world *world = trader();

    pending(world);
    world_say(world, 1, REPORT_ACCEPTED);
    world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
    wait_deadline(world);
    assert_string_equal(world_state(world, 1), "UNKNOWN");
    world_say(world, 1, REPORT_WORKING);
    assert_string_equal(world_state(world, 1), "PENDING_CANCEL");
    assert_int_equal(world_sent(world, SENT_CANCEL), 2);
    world_free(world);
}

TEST(questions_back_off_up_to_the_cap)
{
    static const int waits[] = {1, 2, 4, 8, 16, 30, 30};
    struct world *world = trader();

    unknown(world);
    for (size_t i = 0; i < ARRAY_LEN(waits); i++) {
        assert_int_equal(world_sent(world, SENT_QUERY_ORDER), i + 1);
        assert_int_equal(engine_next_deadline(world->engine), world->now + SECONDS(waits[i]));
        wait_deadline(world);
    }
    world_free(world);
}

TEST(waits_are_stretched_by_a_chance_that_repeats)
{
    nanos first[2];

    for (int i = 0; i < 2; i++) {
        struct world *world = trader();
        world->engine->settings.retry.jitter_share = dec("0.5");
        unknown(world);
        first[i] = engine_next_deadline(world->engine) - world->now;
        world_free(world);
    }
    assert_int_equal(first[0], first[1]);
    assert_true(first[0] > SECONDS(1) && first[0] <= MILLISECONDS(1500));
}

TEST(not_found_is_believed_only_after_a_complete_listing_has_not_shown_it_either)
{
    struct world *world = trader();
    nanos sent = world->now;
    order_number number = unknown(world);

    deny(world, number);
    assert_string_equal(world_state(world, number), "UNKNOWN");
    assert_decimal(world_held(world, "USD"), "200");
    wait_listing(world);
    assert_int_equal(world->now, sent + MINUTES(2));
    const struct sent *listing = world_last_sent(world, SENT_QUERY_ORDERS);
    assert_true(listing->since < sent);
    answer(world, listing->query, true);
    assert_string_equal(world_state(world, number), "REJECTED");
    assert_decimal(world_held(world, "USD"), "0");
    assert_int_equal(world_facts(world, FACT_REPAIR), 1);
    wait_deadline(world);
    assert_int_equal(engine_next_deadline(world->engine), world->engine->next_cycle);
    world_free(world);
}

TEST(an_incomplete_listing_proves_nothing_and_all_is_asked_anew)
{
    struct world *world = trader();
    order_number number = unknown(world);

    deny(world, number);
    wait_listing(world);
    answer(world, world_last_sent(world, SENT_QUERY_ORDERS)->query, false);
    assert_string_equal(world_state(world, number), "UNKNOWN");
    wait_deadline(world);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDER), 2);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 1);
    world_free(world);
}

TEST(a_listing_that_shows_the_order_is_believed)
{
    struct world *world = trader();
    order_number number = unknown(world);

    deny(world, number);
    wait_listing(world);
    struct event event = world_report(world, number, REPORT_WORKING);
    event.report.query = world_last_sent(world, SENT_QUERY_ORDERS)->query;
    world_push(world, event);
    answer(world, event.report.query, true);
    assert_string_equal(world_state(world, number), "NEW");
    world_free(world);
}

/* The connection broke at once; the request may still be on its way. */
TEST(a_denial_too_soon_after_the_send_waits_for_what_may_still_arrive)
{
    struct world *world = trader();
    nanos sent = world->now;
    order_number number = pending(world);

    world_say(world, number, REPORT_LOST);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDER), 1);
    deny(world, number);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 0);
    world->now = sent + MINUTES(2) - 1;
    world_turn(world);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 0);
    wait_listing(world);
    assert_int_equal(world->now, sent + MINUTES(2));
    world_free(world);
}

TEST(the_longer_attempts_may_go_on_the_later_a_denial_is_believed)
{
    struct world *world = world_new();
    nanos sent = world->now;

    world->settings.retry.answer_deadline = MINUTES(5);
    world->settings.retry.jitter_share = DECIMAL_ZERO;
    world->settings.cycle_every = DAYS(1);
    world->settings.reconcile.order_sweep_every = 0;
    world_open(world, "1000000");
    world_price(world, BTC, "100");
    unknown(world);
    deny(world, 1);
    wait_listing(world);
    assert_int_equal(world->now, sent + MINUTES(6));
    world_free(world);
}

TEST(a_denial_of_an_order_that_the_venue_once_had_means_that_it_ended)
{
    struct world *world = trader();

    pending(world);
    world_say(world, 1, REPORT_ACCEPTED);
    world_fill(world, 1, "f1", "1", "100", "0");
    world_say(world, 1, REPORT_LOST);
    world_wait(world, SECONDS(10));
    deny(world, 1);
    wait_listing(world);
    answer(world, world_last_sent(world, SENT_QUERY_ORDERS)->query, true);
    assert_string_equal(world_state(world, 1), "CANCELED");
    assert_decimal(world_position(world, BTC), "1");
    world_free(world);
}

TEST(the_answer_to_an_older_question_denies_nothing)
{
    struct world *world = trader();
    order_number number = unknown(world);
    struct event event = world_report(world, number, REPORT_NOT_FOUND);

    event.report.query = world_last_sent(world, SENT_QUERY_ORDER)->query;
    wait_deadline(world);
    world_push(world, event);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 0);
    world_free(world);
}

TEST(unknown_for_long_degrades_the_symbol_until_it_is_known)
{
    struct world *world = trader();
    order_number number = unknown(world);
    nanos since = world->now;

    while (world->now < since + MINUTES(2) - SECONDS(30)) {
        assert_string_equal(world_level(world, BTC), "normal");
        wait_deadline(world);
    }
    for (int i = 0; i < 10; i++)
        wait_deadline(world);
    assert_string_equal(world_level(world, BTC), "reduce_only");
    assert_string_equal(world_level(world, ETH), "normal");
    assert_string_equal(world_last_fact(world, FACT_ANOMALY)->note.severity, "critical");
    assert_int_equal(world_facts(world, FACT_ANOMALY), 1);
    world_say(world, number, REPORT_CANCELED);
    world_wait(world, MINUTES(3));
    assert_string_equal(world_level(world, BTC), "normal");
    world_free(world);
}
