/* Changing an order that works: by an edit or anew, never more than the limits allow, never two
 * at once, and nothing guessed when an answer gets lost. */
#include "engine/recover.h"

#include "amend_world.h"

static bool last_trace_is_amend(const struct world *world)
{
    return world_last_fact(world, FACT_TRACE)->trace.is_amend;
}

/* ---- edits ---- */

TEST(a_limit_order_is_edited_at_the_venue)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", "95");
    const struct sent *sent = world_last_sent(world, SENT_AMEND);
    assert_decimal(sent->request.size, "3");
    assert_decimal(sent->request.limit_price, "95");
    then_state(world, number, "PENDING_REPLACE");
    assert_true(world->synced);
    when_replaced(world, number, "3", "95");
    then_state(world, number, "NEW");
    assert_decimal(world_order(world, number)->request.size, "3");
    then_held(world, "285");
    then_sent(world, SENT_SUBMIT, 1);
    assert_true(last_trace_is_amend(world));
    world_free(world);
}

TEST(what_is_left_out_of_a_change_stays_as_it_is)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, NULL, "91");
    assert_decimal(world_last_sent(world, SENT_AMEND)->request.size, "2");
    world_say(world, number, REPORT_REPLACED); /* a success that tells no terms */
    assert_decimal(world_order(world, number)->request.limit_price, "91");
    when_amended(world, number, "1", NULL);
    assert_decimal(world_last_sent(world, SENT_AMEND)->request.limit_price, "91");
    world_free(world);
}

TEST(until_the_answer_the_larger_of_both_terms_is_reserved)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", "95");
    then_held(world, "285");
    world_say(world, number, REPORT_REPLACE_REFUSED);
    then_state(world, number, "NEW");
    then_held(world, "180");
    when_amended(world, number, "1", NULL);
    then_held(world, "180");
    when_replaced(world, number, "1", "90");
    then_held(world, "90");
    world_free(world);
}

TEST(a_change_is_rounded_like_an_order_and_one_that_rounds_to_nothing_is_none)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, NULL, "90.009");
    when_amended(world, number, "2", "90");
    then_sent(world, SENT_AMEND, 0);
    when_amended(world, number, "2.000000019", "91.009");
    assert_decimal(world_last_sent(world, SENT_AMEND)->request.size, "2.00000001");
    assert_decimal(world_last_sent(world, SENT_AMEND)->request.limit_price, "91");
    world_free(world);
}

TEST(no_more_than_is_filled_means_that_the_rest_is_canceled)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    world_fill(world, number, "f1", "1", "90", "0");
    when_amended(world, number, "1", NULL);
    then_state(world, number, "PENDING_CANCEL");
    then_sent(world, SENT_AMEND, 0);
    world_free(world);
}

TEST(one_change_at_a_time)
{
    struct world *world = given_trader();

    world_limit(world, ACTION_BUY, BTC, "2", "90");
    order_number number = world_last_order(world);
    then_amend(world, number, "3", NULL, "duplicate_intent"); /* not confirmed yet */
    world_say(world, number, REPORT_ACCEPTED);
    when_amended(world, number, "3", NULL);
    then_amend(world, number, "4", NULL, "duplicate_intent");
    then_sent(world, SENT_AMEND, 1);
    world_free(world);
}

TEST(an_order_that_does_not_rest_is_not_changed)
{
    struct world *world = given_trader();

    world_buy(world, BTC, "1");
    then_amend(world, world_last_order(world), "2", NULL, "duplicate_intent");
    then_sent(world, SENT_AMEND, 0);
    world_free(world);
}

TEST(others_orders_are_not_changed)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");
    struct decision wish = change(number, "3", NULL);

    wish.product = ETH;
    world_price(world, ETH, "10");
    world_decide(world, wish);
    world_decide(world, change(number + 7, "3", NULL));
    then_sent(world, SENT_AMEND, 0);
    world_free(world);
}

/* ---- the pipeline ---- */

TEST(limits_are_asked_for_the_difference)
{
    struct world *world = world_new();
    struct symbol_limits *own = &world->settings.limits.symbols[0];

    world->settings.limits.symbol_count = 1;
    strcpy(own->symbol, "BTC-USD");
    own->max_position_size = dec("10");
    world_open(world, "100000");
    world_price(world, BTC, "100");
    order_number number = given_resting(world, "8", "90");
    then_amend(world, number, "10.1", NULL, "pre_trade_exposure");
    world_fill(world, number, "f1", "4", "90", "0");
    then_amend(world, number, "10.1", NULL, "pre_trade_exposure");
    when_amended(world, number, "10", NULL);
    then_sent(world, SENT_AMEND, 1);
    /* What the change may add is taken: nothing else fits beside it. */
    then_limit(world, ACTION_BUY, BTC, "0.1", "90", "pre_trade_exposure");
    world_free(world);
}

TEST(funds_and_exposure_are_asked_for_the_difference)
{
    struct world *world = world_new();

    world->settings.limits.max_exposure_value = dec("1000");
    world_open(world, "600");
    world_price(world, BTC, "100");
    order_number number = given_resting(world, "5", "100");
    then_amend(world, number, "6.1", NULL, "insufficient_funds");
    when_amended(world, number, "6", NULL);
    then_sent(world, SENT_AMEND, 1);
    world_free(world);
    world = world_new();
    world->settings.limits.max_exposure_value = dec("500");
    world_open(world, "10000");
    world_price(world, BTC, "100");
    number = given_resting(world, "4", "100");
    then_amend(world, number, "5.1", NULL, "pre_trade_exposure");
    when_amended(world, number, "5", NULL);
    then_sent(world, SENT_AMEND, 1);
    world_free(world);
}

TEST(limits_of_one_order_hold_for_all_of_it)
{
    struct world *world = world_new();

    world->settings.limits.max_order_value = dec("500");
    world_open(world, "100000");
    world_price(world, BTC, "100");
    order_number number = given_resting(world, "5", "100");
    world_fill(world, number, "f1", "4", "100", "0");
    then_amend(world, number, "6", NULL, "hard_limit");
    world_free(world);
}

TEST(what_asks_for_less_passes_where_only_reducing_orders_do)
{
    static const enum command_kind commands[] = {COMMAND_REDUCE_ONLY, COMMAND_PAUSE};
    static const char *const codes[] = {"reduce_only", "paused"};

    for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
        struct world *world = given_trader();
        order_number number = given_resting(world, "2", "90");
        when_commanded(world, commands[i]);
        then_amend(world, number, "3", NULL, codes[i]);
        then_amend(world, number, NULL, "91", codes[i]); /* nearer to the market */
        then_sent(world, SENT_AMEND, 0);
        when_amended(world, number, "1", "89");
        then_sent(world, SENT_AMEND, 1);
        world_free(world);
    }
}

struct easing {
    enum action action;
    const char *stop, *limit; /* of the order, of 10 contracts; 100 is the mark */
    const char *new_size, *new_stop, *new_limit; /* NULL: as it is */
    bool passes;                                 /* where only what reduces does */
};

static void try_easing(const struct easing *easing)
{
    struct world *world = given_trader();
    struct decision wish = world_limit_wish(easing->action, BIP, "10", easing->limit);

    world_price(world, BIP, "100");
    if (easing->stop) {
        wish.type = ORDER_STOP_LIMIT;
        wish.stop_price = dec(easing->stop);
    }
    world_decide(world, wish);
    order_number number = world_last_order(world);
    world_say(world, number, REPORT_ACCEPTED);
    when_commanded(world, COMMAND_REDUCE_ONLY);
    struct decision asked = change(number, easing->new_size, easing->new_limit);
    asked.product = BIP;
    if (easing->new_stop)
        asked.stop_price = dec(easing->new_stop);
    world_decide(world, asked);
    int begun = world_sent(world, SENT_AMEND) + world_sent(world, SENT_CANCEL); /* or anew */
    if ((begun == 1) != easing->passes)
        fail_msg("%s 10 stop %s limit %s to %s stop %s limit %s: %s",
                 action_name(easing->action), easing->stop, easing->limit, easing->new_size,
                 easing->new_stop, easing->new_limit, world_code(world));
    world_free(world);
}

TEST(less_risk_is_no_more_size_no_more_value_and_a_price_no_nearer_to_trading)
{
    static const struct easing easings[] = {
        {ACTION_BUY, NULL, "90", "9", NULL, NULL, true},
        {ACTION_BUY, NULL, "90", "11", NULL, NULL, false},
        {ACTION_BUY, NULL, "90", NULL, NULL, "85", true},
        {ACTION_BUY, NULL, "90", NULL, NULL, "95", false},
        {ACTION_BUY, NULL, "90", "9", NULL, "95", false},
        {ACTION_BUY, NULL, "90", "11", NULL, "50", false},
        {ACTION_SELL, NULL, "110", "9", NULL, NULL, true},
        {ACTION_SELL, NULL, "110", "11", NULL, NULL, false},
        {ACTION_SELL, NULL, "110", NULL, NULL, "105", false},
        {ACTION_SELL, NULL, "110", NULL, NULL, "115", false}, /* worth more than before */
        {ACTION_SELL, NULL, "110", "9", NULL, "115", true},
        {ACTION_BUY, "120", "130", NULL, "125", NULL, true},
        {ACTION_BUY, "120", "130", NULL, "115", NULL, false},
        {ACTION_BUY, "120", "130", "9", "115", NULL, false},
        {ACTION_SELL, "80", "70", NULL, "75", NULL, true},
        {ACTION_SELL, "80", "70", NULL, "85", NULL, false},
    };

    for (size_t i = 0; i < ARRAY_LEN(easings); i++)
        try_easing(&easings[i]);
}

TEST(of_a_change_that_filled_in_part_the_rest_counts)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "10", "90");

    world_fill(world, number, "f1", "4", "90", "0"); /* 6 are left, and 4 held */
    when_commanded(world, COMMAND_REDUCE_ONLY);
    when_amended(world, number, "10.1", NULL);
    then_sent(world, SENT_AMEND, 0);
    when_amended(world, number, "9", NULL);
    then_sent(world, SENT_AMEND, 1);
    world_free(world);
}

TEST(what_asks_for_less_passes_even_where_a_limit_is_crossed_already)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "900", "100");

    world_price(world, BTC, "50"); /* and the order is larger than equity by now */
    when_amended(world, number, "100", NULL);
    then_sent(world, SENT_AMEND, 1);
    world_free(world);
}

TEST(halted_nothing_is_changed)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_commanded(world, COMMAND_HALT);
    then_amend(world, number, "1", NULL, "paused");
    then_sent(world, SENT_AMEND, 0);
    world_free(world);
}

TEST(a_change_counts_in_the_rate_of_orders)
{
    struct world *world = world_new();

    world->settings.limits.orders_per_minute = 2;
    world_open(world, "100000");
    world_price(world, BTC, "100");
    order_number number = given_resting(world, "1", "90");
    when_amended(world, number, "2", NULL);
    world_say(world, number, REPORT_REPLACED);
    then_amend(world, number, "3", NULL, "order_rate");
    world_free(world);
}

TEST(a_reduce_only_order_grows_to_what_there_is_to_reduce)
{
    struct world *world = given_trader();

    world_hold(world, BTC, "5", "100");
    struct decision wish = world_limit_wish(ACTION_SELL, BTC, "2", "110");
    wish.reduce_only = true;
    world_decide(world, wish);
    order_number number = world_last_order(world);
    world_say(world, number, REPORT_ACCEPTED);
    when_amended(world, number, "8", NULL);
    assert_decimal(world_last_sent(world, SENT_AMEND)->request.size, "5");
    world_free(world);
}

/* ---- fills in the middle ---- */

TEST(a_part_that_fills_in_the_middle_counts_in_the_new_size)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    world_fill(world, number, "f1", "1", "90", "0");
    then_state(world, number, "PENDING_REPLACE");
    then_held(world, "180");
    when_replaced(world, number, "3", "90");
    then_state(world, number, "PARTIALLY_FILLED");
    assert_decimal(order_remaining(world_order(world, number)), "2");
    world_free(world);
}

TEST(an_order_that_may_have_grown_is_not_full_at_its_old_size)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    world_fill(world, number, "f1", "2", "90", "0");
    then_state(world, number, "PENDING_REPLACE");
    then_held(world, "90");
    when_replaced(world, number, "3", "90");
    then_state(world, number, "PARTIALLY_FILLED");
    world_fill(world, number, "f2", "1", "90", "0");
    then_state(world, number, "FILLED");
    assert_int_equal(engine_counters(world->engine).anomalies, 0);
    world_free(world);
}

TEST(an_order_that_filled_before_its_edit_is_filled_by_the_refusal)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    world_fill(world, number, "f1", "2", "90", "0");
    world_say(world, number, REPORT_REPLACE_REFUSED);
    then_state(world, number, "FILLED");
    then_held(world, "0");
    world_free(world);
}

TEST(an_order_that_filled_at_its_smaller_size_is_filled_when_the_venue_shows_it)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "1", NULL);
    world_fill(world, number, "f1", "1", "90", "0");
    then_state(world, number, "PENDING_REPLACE");
    world_say(world, number, REPORT_LOST);
    when_shown(world, number, REPORT_FILL, "1", "90", "1");
    then_state(world, number, "FILLED");
    assert_decimal(world_order(world, number)->overfill, "0");
    then_held(world, "0");
    world_free(world);
}

TEST(a_venue_that_ends_an_order_at_its_old_size_had_made_it_larger)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    world_fill(world, number, "f1", "2", "90", "0");
    world_say(world, number, REPORT_CANCELED);
    then_state(world, number, "CANCELED");
    assert_decimal(world_order(world, number)->request.size, "3");
    assert_decimal(world_order(world, number)->overfill, "0");
    world_free(world);
}

TEST(a_cancel_outranks_an_edit)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
    then_state(world, number, "PENDING_CANCEL");
    when_replaced(world, number, "3", "90");
    then_state(world, number, "PENDING_CANCEL");
    world_say(world, number, REPORT_CANCELED);
    then_state(world, number, "CANCELED");
    then_held(world, "0");
    world_free(world);
}

TEST(a_cancel_that_an_edit_keeps_out_is_asked_for_again_when_the_edit_is_over)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");
    struct event refused;

    when_amended(world, number, "3", NULL);
    world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
    refused = world_report(world, number, REPORT_CANCEL_REFUSED);
    strcpy(refused.report.reason, "ORDER_IS_BEING_REPLACED");
    world_push(world, refused);
    then_state(world, number, "NEW");
    then_sent(world, SENT_CANCEL, 1);
    when_replaced(world, number, "3", "90");
    then_state(world, number, "PENDING_CANCEL");
    then_sent(world, SENT_CANCEL, 2);
    world_free(world);
}

/* ---- answers that get lost ---- */

TEST(an_edit_whose_answer_is_lost_is_not_tried_again_before_the_order_was_read)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    world_say(world, number, REPORT_LOST);
    then_state(world, number, "UNKNOWN");
    then_held(world, "270");
    when_amended(world, number, "3", NULL);
    when_shown(world, number, REPORT_WORKING, "2", "90", "0");
    then_state(world, number, "NEW");
    then_held(world, "270"); /* it may still arrive */
    when_amended(world, number, "3", NULL);
    then_sent(world, SENT_AMEND, 1);
    world->now += MINUTES(3);
    when_shown(world, number, REPORT_WORKING, "2", "90", "0");
    then_held(world, "180");
    when_amended(world, number, "3", NULL);
    then_sent(world, SENT_AMEND, 2);
    world_free(world);
}

TEST(an_edit_whose_answer_is_lost_is_found_by_the_question)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", "95");
    world_say(world, number, REPORT_LOST);
    when_shown(world, number, REPORT_WORKING, "3", "95", "0");
    then_state(world, number, "NEW");
    assert_decimal(world_order(world, number)->request.limit_price, "95");
    then_held(world, "285");
    when_replaced(world, number, "3", "95"); /* after all */
    assert_int_equal(engine_counters(world->engine).anomalies, 0);
    when_amended(world, number, "4", NULL);
    then_sent(world, SENT_AMEND, 2);
    world_free(world);
}

TEST(silence_makes_an_edited_order_unknown)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    world_wait(world, world->settings.retry.answer_deadline);
    then_state(world, number, "UNKNOWN");
    world_wait(world, 1);
    assert_true(world_sent(world, SENT_QUERY_ORDER) > 0);
    world_free(world);
}

static void restart(struct world *world)
{
    struct fault why = {OK, ""};

    engine_free(world->engine);
    world_make_engine(world, "r2");
    if (engine_recover(world->engine, world->now, &why))
        fail_msg("%s", why.text);
    world_start(world);
}

TEST(an_edit_that_was_under_way_is_reserved_and_asked_for_after_a_restart)
{
    struct world *world = given_trader();
    order_number number = given_resting(world, "2", "90");

    when_amended(world, number, "3", NULL);
    restart(world);
    then_state(world, number, "UNKNOWN");
    then_held(world, "270");
    when_shown(world, number, REPORT_WORKING, "3", "90", "1");
    then_state(world, number, "PARTIALLY_FILLED");
    then_held(world, "180");
    then_sent(world, SENT_AMEND, 1);
    world_free(world);
}

/* ---- made anew ---- */

TEST(what_the_venue_cannot_edit_is_canceled_and_made_anew_once_it_is_gone)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");

    when_amended(world, old, "3", "95");
    then_state(world, old, "PENDING_CANCEL");
    then_sent(world, SENT_CANCEL, 1);
    then_sent(world, SENT_SUBMIT, 1);
    then_held(world, "285");
    when_ended(world, old, REPORT_CANCELED, "0");
    then_sent(world, SENT_SUBMIT, 2);
    const struct order *order = world_order(world, world_last_order(world));
    assert_decimal(order->request.size, "3");
    assert_decimal(order->request.limit_price, "95");
    assert_int_equal(order->replaces, old);
    assert_int_equal(order->logical, old);
    assert_decimal(world_order(world, old)->asked.size, "0");
    then_held(world, "285");
    world_free(world);
}

TEST(a_gtd_order_is_made_anew_and_keeps_its_end)
{
    struct world *world = given_trader();
    struct decision wish = world_limit_wish(ACTION_BUY, BTC, "2", "90");

    wish.tif = TIF_GTD;
    wish.expires = world->now + HOURS(1);
    world_decide(world, wish);
    order_number old = world_last_order(world);
    world_say(world, old, REPORT_ACCEPTED);
    when_amended(world, old, NULL, "91");
    when_ended(world, old, REPORT_CANCELED, "0");
    const struct order *order = world_order(world, world_last_order(world));
    assert_int_equal(order->replaces, old);
    assert_true(order->request.expires == wish.expires);
    world_free(world);
}

TEST(fills_until_the_end_make_the_new_order_smaller)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");

    when_amended(world, old, "3", NULL);
    world_fill(world, old, "f1", "0.5", "90", "0");
    when_ended(world, old, REPORT_CANCELED, "1.5"); /* a fill that was not heard of is in it */
    const struct order *order = world_order(world, world_last_order(world));
    assert_decimal(order->request.size, "1.5");
    assert_decimal(world_position(world, BTC), "1.5");
    world_free(world);
}

TEST(without_totals_the_ended_order_is_read_before_another_takes_its_place)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");

    when_amended(world, old, "3", NULL);
    world_say(world, old, REPORT_CANCELED);
    then_sent(world, SENT_SUBMIT, 1);
    then_sent(world, SENT_QUERY_ORDER, 1);
    when_ended(world, old, REPORT_CANCELED, "1");
    then_sent(world, SENT_SUBMIT, 2);
    then_last_size(world, "2");
    world_free(world);
}

TEST(an_order_that_filled_instead_is_followed_by_what_was_asked_beyond_it)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");

    when_amended(world, old, "3", NULL);
    world_fill(world, old, "f1", "2", "90", "0");
    then_state(world, old, "FILLED");
    then_last_size(world, "1");
    world_free(world);
    world = given_trader_of(true);
    old = given_resting(world, "2", "90");
    when_amended(world, old, NULL, "95");
    world_fill(world, old, "f1", "2", "90", "0");
    assert_int_equal(world_last_order(world), old);
    world_free(world);
}

TEST(a_cancel_that_is_refused_or_lost_makes_nothing_anew)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");

    when_amended(world, old, "3", NULL);
    world_say(world, old, REPORT_LOST);
    assert_decimal(world_order(world, old)->asked.size, "0");
    then_held(world, "180");
    when_ended(world, old, REPORT_CANCELED, "0");
    assert_int_equal(world_last_order(world), old);
    world_free(world);
}

TEST(who_cancels_all_gets_no_new_order)
{
    for (int is_gone = 0; is_gone < 2; is_gone++) {
        struct world *world = given_trader_of(true);
        order_number old = given_resting(world, "2", "90");
        when_amended(world, old, "3", NULL);
        if (is_gone)
            world_say(world, old, REPORT_CANCELED);
        when_commanded(world, COMMAND_CANCEL_ALL);
        when_ended(world, old, REPORT_CANCELED, "0");
        assert_int_equal(world_last_order(world), old);
        then_held(world, "0");
        world_free(world);
    }
}

TEST(a_script_cancels_the_order_that_waits_to_be_made_anew)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");
    struct decision wish = world_wish(ACTION_CANCEL, BTC, NULL);

    wish.order = old;
    when_amended(world, old, "3", NULL);
    world_say(world, old, REPORT_CANCELED);
    world_decide(world, wish);
    when_ended(world, old, REPORT_CANCELED, "0");
    assert_int_equal(world_last_order(world), old);
    world_free(world);
}

TEST(a_restart_makes_nothing_anew)
{
    for (int is_gone = 0; is_gone < 2; is_gone++) {
        struct world *world = given_trader_of(true);
        order_number old = given_resting(world, "2", "90");
        when_amended(world, old, "3", NULL);
        if (is_gone)
            world_say(world, old, REPORT_CANCELED);
        restart(world);
        assert_decimal(world_order(world, old)->asked.size, "0");
        when_ended(world, old, REPORT_CANCELED, "0");
        assert_int_equal(world_last_order(world), old);
        world_free(world);
    }
}

TEST(the_number_of_the_first_order_names_the_one_that_took_its_place)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");
    struct decision wish = world_wish(ACTION_CANCEL, BTC, NULL);

    when_amended(world, old, NULL, "91");
    when_ended(world, old, REPORT_CANCELED, "0");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    when_amended(world, old, NULL, "92");
    when_ended(world, world_last_order(world), REPORT_CANCELED, "0");
    order_number third = world_last_order(world);
    assert_int_equal(world_order(world, third)->logical, old);
    world_say(world, third, REPORT_ACCEPTED);
    wish.order = old;
    world_decide(world, wish);
    then_state(world, third, "PENDING_CANCEL");
    world_free(world);
}

TEST(a_new_order_that_is_refused_leaves_the_old_one_gone)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");

    when_amended(world, old, "3", NULL);
    when_commanded(world, COMMAND_REDUCE_ONLY);
    when_ended(world, old, REPORT_CANCELED, "0");
    then_state(world, world_last_order(world), "DENIED");
    then_held(world, "0");
    assert_decimal(world_order(world, old)->asked.size, "0");
    world_free(world);
}

TEST(a_rest_that_is_too_small_for_an_order_of_its_own_is_not_made_anew)
{
    struct world *world = given_trader_of(true);
    order_number old = given_resting(world, "2", "90");

    world_fill(world, old, "f1", "1.99995", "90", "0");
    then_amend(world, old, NULL, "91", "invalid_size");
    then_state(world, old, "PARTIALLY_FILLED");
    world_free(world);
}
