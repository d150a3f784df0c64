/* What is told of a change, and that those which are over make room for others. */
#include "engine/engine_private.h"

#include "amend_world.h"

static const struct trace *last_trace(const struct world *world)
{
    return &world_last_fact(world, FACT_TRACE)->trace;
}

static int64_t refusals(const struct world *world)
{
    return (int64_t)engine_counters(world->engine).refusals;
}

/* ---- what is told ---- */

TEST(a_change_that_comes_too_early_is_refused_with_a_sentence_and_counted)
{
    struct world *world = given_trader();

    world_limit(world, ACTION_BUY, BTC, "2", "90");
    then_amend(world, world_last_order(world), "3", NULL, "duplicate_intent");
    assert_true(last_trace(world)->is_amend);
    assert_int_equal(last_trace(world)->order, world_last_order(world));
    assert_string_equal(last_trace(world)->detail,
                        "the venue has not confirmed the order, or is about to end it");
    assert_int_equal(refusals(world), 1);
    world_free(world);
}

TEST(a_change_that_a_limit_refuses_is_traced_under_its_order_and_counted)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    then_amend(world, number, "3000", NULL, "insufficient_funds");
    assert_int_equal(last_trace(world)->order, number);
    assert_int_equal(refusals(world), 1);
    then_amend(world, number, "3", NULL, "none");
    assert_int_equal(last_trace(world)->order, number);
    assert_string_equal(verdict_name(last_trace(world)->verdicts[STAGE_SUBMISSION]), "passed");
    assert_int_equal(refusals(world), 1);
    world_free(world);
}

TEST(a_change_of_which_rounding_leaves_nothing_is_not_told)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");
    int traces = world_facts(world, FACT_TRACE);

    when_amended(world, number, "2.000000001", NULL);
    assert_int_equal(world_facts(world, FACT_TRACE), traces);
    when_commanded(world, COMMAND_HALT);
    when_amended(world, number, "2.000000001", NULL); /* nor refused in silence */
    assert_int_equal(world_facts(world, FACT_TRACE), traces + 1);
    then_code(world, "paused");
    world_free(world);
}

TEST(the_reason_of_a_change_is_written_down)
{
    struct world *world = given_trader();
    struct decision wish = change(given_resting(world, "2", "90"), "3", NULL);

    snprintf(wish.reason, sizeof wish.reason, "the trend is stronger");
    world_decide(world, wish);
    assert_string_equal(world_last_fact(world, FACT_AMEND_ASKED)->amend_asked.reason,
                        "the trend is stronger");
    world_free(world);
}

/* ---- what is changed how ---- */

TEST(a_limit_that_does_not_rest_is_not_changed)
{
    struct world *world = given_trader();
    struct decision wish = world_limit_wish(ACTION_BUY, BTC, "2", "90");

    wish.tif = TIF_IOC;
    world_decide(world, wish);
    when_accepted(world);
    then_amend(world, world_last_order(world), "3", NULL, "duplicate_intent");
    assert_string_equal(last_trace(world)->detail,
                        "the order does not rest: there is nothing to change");
    world_free(world);
}

TEST(a_stop_without_a_limit_is_made_anew)
{
    struct world *world = given_trader();
    struct decision wish = world_wish(ACTION_BUY, BTC, "2");

    wish.type = ORDER_STOP;
    wish.tif = TIF_GTC;
    wish.stop_price = dec("110");
    world_decide(world, wish);
    when_accepted(world);
    then_amend(world, world_last_order(world), "3", NULL, "none");
    then_sent(world, SENT_AMEND, 0);
    then_sent(world, SENT_CANCEL, 1);
    world_free(world);
}

/* ---- many of them ---- */

TEST(changes_that_are_over_make_room_for_others)
{
    struct world *world = given_trader_of(true);

    order_number number = given_resting(world, "2", "90");
    for (int i = 0; i <= RENEWALS_MAX; i++) {
        then_amend(world, number, i % 2 ? "2" : "3", NULL, "none");
        when_ended(world, number, REPORT_CANCELED, "0");
        number = world_last_order(world);
        when_accepted(world);
    }
    assert_int_equal(world->engine->renewal_count, 0);
    world_free(world);
}

TEST(changes_whose_cancel_was_lost_make_room_for_others)
{
    struct world *world = given_trader_of(true);

    for (int i = 0; i <= RENEWALS_MAX; i++) {
        order_number number = given_resting(world, "0.1", "50");
        then_amend(world, number, "0.2", NULL, "none");
        world_say(world, number, REPORT_LOST);
        when_shown(world, number, REPORT_WORKING, "0.1", "50", "0");
    }
    world_free(world);
}

TEST(too_many_changes_at_one_time_are_refused)
{
    struct world *world = given_trader_of(true);

    for (int i = 0; i <= RENEWALS_MAX; i++) {
        order_number number = given_resting(world, "0.1", "50");
        then_amend(world, number, "0.2", NULL, i < RENEWALS_MAX ? "none" : "duplicate_intent");
    }
    assert_string_equal(last_trace(world)->detail, "too many changes are under way");
    world_free(world);
}

/* Of three the one in the middle ends first; the others are still known, and end with it all.
 */
TEST(a_change_that_ends_leaves_those_beside_it_under_way)
{
    struct world *world = given_trader_of(true);
    order_number numbers[3];

    for (int i = 0; i < 3; i++) {
        numbers[i] = given_resting(world, "2", "90");
        then_amend(world, numbers[i], "3", NULL, "none");
    }
    when_ended(world, numbers[1], REPORT_CANCELED, "0");
    order_number last = world_last_order(world);
    assert_int_equal(world_order(world, last)->replaces, numbers[1]);
    assert_int_equal(world->engine->renewal_count, 2);
    world_say(world, numbers[0], REPORT_CANCELED);
    world_say(world, numbers[2], REPORT_CANCELED);
    when_commanded(world, COMMAND_CANCEL_ALL);
    when_ended(world, numbers[0], REPORT_CANCELED, "0");
    when_ended(world, numbers[2], REPORT_CANCELED, "0");
    assert_int_equal(world_last_order(world), last);
    assert_int_equal(world->engine->renewal_count, 0);
    world_free(world);
}

/* ---- whose change is forgotten ---- */

/* An order of 2 BTC of the strategy "told" that is gone, and was to be made anew. */
static order_number given_gone(struct world *world)
{
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    world_say(world, number, REPORT_CANCELED);
    return number;
}

TEST(a_change_is_forgotten_by_its_strategy_its_product_and_its_number_alone)
{
    static const struct {
        const char *strategy;
        product_ref product;
        int number; /* 1: its own; 2: another's */
        bool is_meant;
    } cases[] = {
        {NULL, PRODUCT_NONE, 0, true},
        {"told", PRODUCT_NONE, 0, true},
        {"other", PRODUCT_NONE, 0, false},
        {NULL, BTC, 0, true},
        {NULL, ETH, 0, false},
        {NULL, PRODUCT_NONE, 1, true},
        {NULL, PRODUCT_NONE, 2, false},
        {"told", BTC, 1, true},
        {"told", ETH, 1, false},
        {"other", BTC, 1, false},
        {"told", BTC, 2, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *world = given_trader_of(true);
        order_number own = given_gone(world);
        order_number asked = cases[i].number == 2 ? own + 7 : cases[i].number ? own : 0;
        amend_forget(world->engine, cases[i].strategy, cases[i].product, asked, "a test");
        if (decimal_is_zero(world_order(world, own)->asked.size) != cases[i].is_meant)
            fail_msg("case %zu is %s", i, cases[i].is_meant ? "not forgotten" : "forgotten");
        assert_int_equal(world->engine->renewal_count, !cases[i].is_meant);
        world_free(world);
    }
}

TEST(a_change_is_forgotten_by_the_number_of_the_first_order)
{
    struct world *world = given_trader_of(true);
    order_number first = given_gone(world);

    when_ended(world, first, REPORT_CANCELED, "0");
    order_number second = world_last_order(world);
    when_accepted(world);
    when_amended(world, second, "4", NULL);
    world_say(world, second, REPORT_CANCELED);
    amend_forget(world->engine, NULL, PRODUCT_NONE, first, "a test");
    assert_decimal(world_order(world, second)->asked.size, "0");
    world_free(world);
}

TEST(an_order_that_is_still_open_keeps_its_change)
{
    struct world *world = given_trader_of(true);
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    amend_forget(world->engine, NULL, PRODUCT_NONE, 0, "a test");
    assert_decimal(world_order(world, number)->asked.size, "3");
    world_free(world);
}

/* ---- the order that takes the place of another ---- */

TEST(what_is_made_anew_has_a_client_id_of_its_own)
{
    struct world *world = given_trader_of(true);
    order_number old = given_gone(world);

    when_ended(world, old, REPORT_CANCELED, "0");
    assert_string_not_equal(
        world_order(world, old)->request.client_id.text,
        world_order(world, world_last_order(world))->request.client_id.text);
    world_free(world);
}

TEST(a_change_of_which_nothing_is_left_is_over)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");

    when_amended(world, old, NULL, "95");
    world_fill(world, old, "f1", "2", "90", "0");
    assert_int_equal(world_last_order(world), old);
    assert_decimal(world_order(world, old)->asked.size, "0");
    assert_int_equal(world->engine->renewal_count, 0);
    world_free(world);
}
