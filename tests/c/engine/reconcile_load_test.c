/* How many questions the engine asks of its own account while something does not come right: a
 * few at once, then fewer and fewer, and at once again when something happens. */
#include "engine/reconcile.h"

#include "engine/engine_private.h"
#include "engine/recover.h"
#include "engine_world.h"

/* A venue that answers every question at once, and what it says then. */
struct venue {
    struct world *world;
    int answered;
    bool is_down, is_short;
    int dollars;
    int drifts_by; /* with every reading */
};

static void answer(struct venue *venue, uint64_t query)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer = (struct answer){
        .query = query, .is_complete = !venue->is_down, .outcome = OUTCOME_TIMEOUT};
    world_push(venue->world, event);
}

static void tell_balance(struct venue *venue, uint64_t query)
{
    struct event event = {.kind = EVENT_BALANCE, .product = PRODUCT_NONE};

    strcpy(event.balance.currency, "USD");
    venue->dollars += venue->drifts_by;
    event.balance.total =
        venue->is_short ? D(1) : decimal_add(world_cash(venue->world), D(venue->dollars));
    event.balance.query = query;
    world_push(venue->world, event);
}

static void answer_all(struct venue *venue)
{
    for (; venue->answered < venue->world->sent_count; venue->answered++) {
        struct sent sent = venue->world->sent[venue->answered];
        if (sent.kind == SENT_QUERY_ACCOUNT && !venue->is_down)
            tell_balance(venue, sent.query);
        if (sent.kind >= SENT_QUERY_ORDERS)
            answer(venue, sent.query);
    }
}

static void live(struct venue *venue, nanos span)
{
    struct world *world = venue->world;

    for (nanos end = world->now + span; world->now < end;) {
        world_wait(world, MILLISECONDS(500));
        answer_all(venue);
    }
}

static int questions(const struct venue *venue)
{
    const struct world *world = venue->world;

    return world_sent(world, SENT_QUERY_ORDERS) + world_sent(world, SENT_QUERY_FILLS) +
           world_sent(world, SENT_QUERY_ACCOUNT);
}

/* What is asked in the next ten minutes, a minute on the average. */
static int questions_a_minute(struct venue *venue)
{
    int before = questions(venue);

    live(venue, MINUTES(10));
    return (questions(venue) - before) / 10;
}

static struct venue open_venue(void)
{
    struct venue venue = {.world = world_new()};

    venue.world->settings.degrade.broker_failures = 1000000;
    world_open(venue.world, "100000");
    world_price(venue.world, BTC, "100");
    return venue;
}

TEST(when_all_is_well_three_questions_a_minute_are_asked)
{
    struct venue venue = open_venue();

    assert_int_equal(questions_a_minute(&venue), 3);
    world_free(venue.world);
}

static order_number lose_an_order(struct venue *venue)
{
    world_limit(venue->world, ACTION_BUY, BTC, "1", "50");
    world_say(venue->world, world_last_order(venue->world), REPORT_LOST);
    return world_last_order(venue->world);
}

TEST(an_order_that_stays_unknown_costs_few_questions)
{
    struct venue venue = open_venue();

    lose_an_order(&venue);
    live(&venue, MINUTES(3));
    assert_in_range(questions_a_minute(&venue), 3, 5);
    world_free(venue.world);
}

TEST(a_venue_that_is_down_is_asked_less_and_less)
{
    struct venue venue = open_venue();

    venue.is_down = true;
    live(&venue, MINUTES(3));
    assert_in_range(questions_a_minute(&venue), 3, 5);
    world_free(venue.world);
}

TEST(a_difference_that_is_never_the_same_costs_few_questions_in_the_end)
{
    struct venue venue = open_venue();

    venue.drifts_by = 1;
    live(&venue, MINUTES(3));
    assert_in_range(questions_a_minute(&venue), 3, 20);
    world_free(venue.world);
}

TEST(coins_without_a_price_cost_few_questions)
{
    struct venue venue = {.world = world_new()};
    struct world *world = venue.world;
    struct fault why = {OK, ""};

    world->settings.reconcile.holdings = HELD_COINS_ADOPT;
    world_make_engine(world, "r1");
    engine_set_balance(world->engine, "USD", D(10000), "opening");
    engine_set_balance(world->engine, "ETH", D(10), "opening");
    world_start(world);
    engine_free(world->engine);
    world_make_engine(world, "r2");
    assert_int_equal(engine_recover(world->engine, world->now, &why), OK);
    world_start(world);
    live(&venue, MINUTES(3));
    assert_in_range(questions_a_minute(&venue), 3, 10);
    assert_true(world->engine->reconcile.is_starting);
    world_price(world, ETH, "10"); /* at last */
    live(&venue, SECONDS(11));
    assert_false(world->engine->reconcile.is_starting);
    world_free(world);
}

/* ---- and at once again ---- */

static int accounts(const struct venue *venue)
{
    return world_sent(venue->world, SENT_QUERY_ACCOUNT);
}

TEST(an_order_that_is_found_at_last_has_the_account_read_at_once)
{
    struct venue venue = open_venue();
    order_number number = lose_an_order(&venue);
    order_number other;

    live(&venue, MINUTES(10));
    while (venue.world->now - venue.world->engine->reconcile.account.asked < SECONDS(10))
        live(&venue, SECONDS(1));
    other = lose_an_order(&venue);
    int before = accounts(&venue);
    world_say(venue.world, other, REPORT_CANCELED);
    live(&venue, SECONDS(1));
    assert_int_equal(accounts(&venue), before); /* the first is still under way */
    world_say(venue.world, number, REPORT_CANCELED);
    live(&venue, SECONDS(1));
    assert_int_equal(accounts(&venue), before + 1);
    live(&venue, SECONDS(50));
    assert_int_equal(accounts(&venue), before + 1);
    world_free(venue.world);
}

TEST(orders_that_come_and_go_do_not_have_it_read_with_each)
{
    struct venue venue = open_venue();

    live(&venue, SECONDS(55));
    int before = accounts(&venue);
    for (int i = 0; i < 600; i++) { /* each is under way as the account is told */
        order_number number = lose_an_order(&venue);
        live(&venue, SECONDS(1));
        world_say(venue.world, number, REPORT_CANCELED);
    }
    assert_in_range(accounts(&venue) - before, 10, 85);
    world_free(venue.world);
}

TEST(a_venue_that_answers_again_is_asked_at_once)
{
    struct venue venue = open_venue();

    venue.is_down = true;
    live(&venue, MINUTES(20));
    venue.is_down = false;
    int before = questions(&venue);
    answer(&venue, 12345); /* to somebody else's question */
    live(&venue, SECONDS(3));
    assert_int_equal(questions(&venue), before + 3);
    live(&venue, SECONDS(50));
    assert_int_equal(questions(&venue), before + 3);
    world_free(venue.world);
}

/* Seconds from the reading that finds it until the books are set to it. */
static int seconds_to_repair(struct venue *venue)
{
    int seconds = 0, before = accounts(venue);

    while (accounts(venue) == before)
        live(venue, MILLISECONDS(500));
    for (; world_facts(venue->world, FACT_REPAIR) == 0; seconds++)
        live(venue, SECONDS(1));
    return seconds;
}

TEST(a_difference_is_confirmed_as_soon_as_ever_whatever_was_the_matter_before)
{
    for (int trouble = 0; trouble < 3; trouble++) {
        struct venue venue = open_venue();
        order_number number = trouble == 1 ? lose_an_order(&venue) : 0;
        venue.is_down = trouble == 2;
        live(&venue, MINUTES(10));
        venue.is_down = false;
        if (number)
            world_say(venue.world, number, REPORT_CANCELED);
        answer(&venue, 12345);
        live(&venue, SECONDS(20));
        venue.is_short = true;
        assert_in_range(seconds_to_repair(&venue), 3, 5);
        assert_decimal(world_cash(venue.world), "1");
        world_free(venue.world);
    }
}

TEST(a_difference_behind_an_unknown_order_waits_for_it)
{
    struct venue venue = open_venue();
    order_number number = lose_an_order(&venue);

    venue.is_short = true;
    live(&venue, MINUTES(10));
    assert_int_equal(world_facts(venue.world, FACT_REPAIR), 0);
    world_say(venue.world, number, REPORT_CANCELED);
    live(&venue, SECONDS(15));
    assert_decimal(world_cash(venue.world), "1");
    world_free(venue.world);
}

/* ---- after a start ---- */

TEST(new_risk_does_not_wait_for_long_once_the_venue_is_back)
{
    struct venue venue = open_venue();
    struct world *world = venue.world;
    struct fault why = {OK, ""};

    engine_free(world->engine);
    world_make_engine(world, "r2");
    assert_int_equal(engine_recover(world->engine, world->now, &why), OK);
    world_start(world);
    venue.is_down = true;
    live(&venue, MINUTES(20));
    assert_in_range(questions_a_minute(&venue), 3, 20);
    venue.is_down = false;
    live(&venue, SECONDS(15));
    assert_false(world->engine->reconcile.is_starting);
    world_free(world);
}
