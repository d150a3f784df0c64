/* What an operator says happens, is journaled, and can be taken back. */
#include "engine/commands.h"

#include "engine/clearance.h"
#include "engine/engine_private.h"
#include "engine_world.h"

static struct world *trader(void)
{
    struct world *world = world_new();

    world_open(world, "100000");
    world_price(world, BTC, "100");
    world_price(world, BIP, "100");
    return world;
}

static void say(struct world *world, enum command_kind kind, product_ref product,
                nanos duration)
{
    struct event event = {.kind = EVENT_COMMAND, .product = product};

    event.command = (struct command){.kind = kind, .duration = duration};
    strcpy(event.command.who, "anna");
    strcpy(event.command.why, "to be sure");
    world_push(world, event);
}

static void cycle(struct world *world)
{
    world_wait(world, SECONDS(1));
}

static const struct fact_note *last_word(const struct world *world)
{
    const struct fact *fact = world_last_fact(world, FACT_GUARD);

    assert_non_null(fact);
    return &fact->note;
}

TEST(a_command_is_journaled_with_who_and_why)
{
    struct world *world = trader();

    say(world, COMMAND_HALT, PRODUCT_NONE, 0);
    const struct command *command = &world_last_fact(world, FACT_COMMAND)->command;
    assert_string_equal(command_kind_name(command->kind), "halt");
    assert_string_equal(command->who, "anna");
    assert_string_equal(command->why, "to be sure");
    assert_int_equal(command->product, PRODUCT_NONE);
    say(world, COMMAND_PAUSE, ETH, 0);
    assert_int_equal(world_last_fact(world, FACT_COMMAND)->command.product, ETH);
    world_free(world);
}

TEST(a_pause_ends_with_its_time_or_when_resumed_and_lets_exits_pass)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    say(world, COMMAND_PAUSE, PRODUCT_NONE, SECONDS(60));
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "paused");
    world_sell(world, BTC, "1");
    assert_string_equal(world_code(world), "none");
    world_say(world, world_last_order(world), REPORT_REJECTED);
    world_wait(world, SECONDS(60));
    assert_string_equal(world_level(world, BTC), "normal");
    say(world, COMMAND_PAUSE, BTC, 0);
    assert_string_equal(world_level(world, BTC), "paused");
    assert_string_equal(world_level(world, ETH), "normal");
    world_wait(world, DAYS(3));
    assert_string_equal(world_level(world, BTC), "paused");
    say(world, COMMAND_RESUME, PRODUCT_NONE, 0);
    assert_string_equal(world_level(world, BTC), "normal");
    world_free(world);
}

TEST(a_weaker_command_does_not_lower_what_the_same_person_said_before)
{
    struct world *world = trader();

    say(world, COMMAND_HALT, PRODUCT_NONE, 0);
    say(world, COMMAND_REDUCE_ONLY, PRODUCT_NONE, 0);
    assert_string_equal(world_level(world, PRODUCT_NONE), "halted");
    world_free(world);
}

TEST(a_halt_has_no_end_but_a_resume)
{
    struct world *world = trader();

    say(world, COMMAND_HALT, PRODUCT_NONE, SECONDS(5));
    world_wait(world, DAYS(1));
    assert_string_equal(world_level(world, BTC), "halted");
    say(world, COMMAND_RESUME, PRODUCT_NONE, 0);
    assert_string_equal(world_level(world, BTC), "normal");
    world_free(world);
}

TEST(resume_ends_what_waits_for_an_operator_and_not_what_has_a_time_of_its_own)
{
    struct world *world = trader();
    struct engine *engine = world->engine;

    engine_add_cause(engine, LEVEL_REDUCE_ONLY, PRODUCT_NONE, "drawdown", "fell", 0, true);
    engine_add_cause(engine, LEVEL_PAUSED, BTC, "slippage", "thin", SECONDS(60), true);
    say(world, COMMAND_RESUME, PRODUCT_NONE, 0);
    assert_string_equal(world_level(world, PRODUCT_NONE), "normal");
    assert_string_equal(world_level(world, BTC), "paused");
    world_free(world);
}

TEST(after_a_resume_a_drawdown_is_measured_from_where_equity_stands)
{
    struct world *world = world_new();

    world->settings.limits.max_drawdown_share = dec("0.1");
    world_open(world, "1000");
    world_hold(world, BTC, "10", "100");
    cycle(world);
    world_price(world, BTC, "90");
    cycle(world);
    assert_string_equal(world_level(world, BTC), "reduce_only");
    say(world, COMMAND_RESUME, PRODUCT_NONE, 0);
    cycle(world);
    assert_string_equal(world_level(world, BTC), "normal");
    world_price(world, BTC, "81");
    cycle(world);
    assert_string_equal(world_level(world, BTC), "reduce_only");
    world_free(world);
}

TEST(cancel_all_asks_for_every_open_order_also_those_without_an_answer)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_say(world, 1, REPORT_ACCEPTED);
    world_limit(world, ACTION_BUY, BTC, "1", "91");
    say(world, COMMAND_CANCEL_ALL, PRODUCT_NONE, 0);
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    world_say(world, 2, REPORT_ACCEPTED);
    assert_int_equal(world_sent(world, SENT_CANCEL), 2);
    world_free(world);
}

TEST(kill_halts_and_cancels)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_say(world, 1, REPORT_ACCEPTED);
    say(world, COMMAND_KILL, PRODUCT_NONE, 0);
    assert_string_equal(world_level(world, BTC), "halted");
    assert_string_equal(world_state(world, 1), "PENDING_CANCEL");
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "paused");
    world_free(world);
}

/* The venue's lists, asked for since, have nothing to add. */
static void confirm(struct world *world)
{
    cycle(world);
    cycle(world);
    for (int i = SENT_QUERY_ORDERS; i <= SENT_QUERY_FILLS; i++) {
        struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};
        event.answer.query = world_last_sent(world, (enum sent_kind)i)->query;
        event.answer.is_complete = true;
        world_push(world, event);
    }
    cycle(world);
}

TEST(a_cancel_that_the_venue_refuses_is_asked_again_until_the_order_has_ended)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_say(world, 1, REPORT_ACCEPTED);
    say(world, COMMAND_KILL, PRODUCT_NONE, 0);
    for (int i = 1; i <= 5; i++) {
        int sweeps = world_sent(world, SENT_QUERY_ORDERS);
        assert_int_equal(world_sent(world, SENT_CANCEL), i);
        world_say(world, 1, REPORT_CANCEL_REFUSED);
        assert_string_equal(world_state(world, 1), "NEW");
        assert_int_equal(world_sent(world, SENT_CANCEL), i); /* not at once: no endless loop */
        world_wait(world, SECONDS(2));
        /* three times in a hurry, then with the sweeps that come anyway */
        assert_int_equal(world_sent(world, SENT_QUERY_ORDERS) > sweeps, i <= 3);
        world_wait(world, SECONDS(60));
        struct event listed = world_report(world, 1, REPORT_WORKING);
        listed.report.query = world_last_sent(world, SENT_QUERY_ORDERS)->query;
        world_push(world, listed);
        confirm(world);
    }
    assert_string_equal(world_state(world, 1), "PENDING_CANCEL");
    world_say(world, 1, REPORT_CANCELED);
    assert_int_equal(world_sent(world, SENT_CANCEL), 6);
    world_free(world);
}

TEST(when_the_journal_failed_orders_can_still_be_canceled)
{
    struct world *world = trader();
    struct fault why;

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world->commit_fails = true;
    world->now += SECONDS(1);
    assert_int_equal(engine_turn(world->engine, world->now, &why), ERR_IO);
    assert_int_equal(engine_cancel_unjournaled(world->engine, true), 1);
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    world_free(world);
}

TEST(when_the_journal_failed_what_reduces_may_be_left_working)
{
    struct world *world = trader();
    struct decision exit = world_limit_wish(ACTION_SELL, BTC, "1", "200");
    struct fault why;

    world_hold(world, BTC, "2", "100");
    exit.reduce_only = true;
    world_decide(world, exit);
    world_limit(world, ACTION_BUY, BTC, "1", "90");
    order_number entry = world_last_order(world);
    world->commit_fails = true;
    world->now += SECONDS(1);
    assert_int_equal(engine_turn(world->engine, world->now, &why), ERR_IO);
    assert_int_equal(engine_cancel_unjournaled(world->engine, false), 1);
    assert_string_equal(world_last_sent(world, SENT_CANCEL)->request.client_id.text,
                        world_order(world, entry)->request.client_id.text);
    world_free(world);
}

/* Somebody else's order that would close what is held, resting at the venue. */
static struct event external_sell(struct world *world, product_ref product)
{
    struct event event = {.kind = EVENT_REPORT, .product = product, .time = world->now};
    struct order_report *report = &event.report;

    report->kind = REPORT_WORKING;
    strcpy(report->client_id.text, "theirs");
    strcpy(report->venue_id.text, "v-theirs");
    report->has_request = true;
    report->request = sample_limit(SIDE_SELL, "10", "150");
    report->request.product = product;
    report->request.client_id = report->client_id;
    return event;
}

TEST(orders_of_others_are_left_alone_when_the_journal_failed_if_the_policy_is_so)
{
    static const int canceled[] = {[EXTERNAL_IGNORE] = 0, [EXTERNAL_ADOPT] = 1};

    for (int policy = EXTERNAL_IGNORE; policy <= EXTERNAL_ADOPT; policy++) {
        struct world *world = trader();
        world->engine->settings.reconcile.external_orders = (enum external_orders)policy;
        world_push(world, external_sell(world, BIP));
        assert_int_equal(engine_cancel_unjournaled(world->engine, true), canceled[policy]);
        world_free(world);
    }
}

/* ---- flatten ---- */

static const char *progress(const struct world *world)
{
    return flatten_state_name(commands_flatten_state(world->engine));
}

static const struct order_request *last_submit(const struct world *world)
{
    return &world_last_sent(world, SENT_SUBMIT)->request;
}

TEST(flatten_cancels_closes_with_reduce_only_orders_and_says_when_it_is_done)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    world_limit(world, ACTION_BUY, BTC, "1", "90");
    order_number resting = world_last_order(world);
    world_say(world, resting, REPORT_ACCEPTED);
    world->engine->reconcile.sweep.complete = world->now; /* one from before proves nothing */
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    assert_string_equal(world_state(world, resting), "PENDING_CANCEL");
    order_number closing = world_last_order(world);
    assert_string_equal(order_origin_name(world_order(world, closing)->origin), "flatten");
    assert_true(last_submit(world)->reduce_only);
    assert_decimal(last_submit(world)->size, "2");
    world_fill(world, closing, "c1", "2", "100", "0");
    cycle(world);
    assert_null(world_last_fact(world, FACT_GUARD)); /* the resting one is not gone yet */
    world_say(world, resting, REPORT_CANCELED);
    cycle(world);
    assert_null(world_last_fact(world, FACT_GUARD)); /* nor has the venue confirmed it */
    assert_string_equal(progress(world), "working");
    confirm(world);
    assert_string_equal(last_word(world)->severity, "info");
    assert_string_equal(progress(world), "done");
    cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    say(world, COMMAND_RESUME, PRODUCT_NONE, 0);
    assert_string_equal(progress(world), "none");
    world_free(world);
}

TEST(flatten_says_loudly_that_a_silent_venue_has_not_confirmed_it)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    world_fill(world, world_last_order(world), "c1", "2", "100", "0");
    for (int i = 0; i < 40; i++)
        cycle(world);
    assert_string_equal(progress(world), "working");
    assert_string_equal(last_word(world)->severity, "critical");
    assert_non_null(strstr(last_word(world)->text, "the venue does not answer"));
    confirm(world);
    assert_string_equal(progress(world), "done");
    world_free(world);
}

TEST(flatten_says_loudly_that_orders_may_still_work)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_say(world, 1, REPORT_ACCEPTED);
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    for (int i = 0; i < 40; i++)
        cycle(world);
    assert_string_equal(last_word(world)->severity, "critical");
    assert_non_null(strstr(last_word(world)->text, "1 orders may still work"));
    world_say(world, 1, REPORT_CANCELED);
    confirm(world);
    assert_string_equal(progress(world), "done");
    world_free(world);
}

TEST(flatten_tries_again_until_it_is_flat_and_closes_shorts_too)
{
    struct world *world = trader();

    world_sell(world, BIP, "10");
    world_fill(world, 1, "f1", "10", "100", "0");
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    assert_string_equal(side_name(last_submit(world)->side), "buy");
    world_fill(world, 2, "c1", "4", "100", "0");
    world_say(world, 2, REPORT_CANCELED);
    cycle(world);
    assert_decimal(last_submit(world)->size, "6");
    world_say(world, 3, REPORT_REJECTED);
    cycle(world);
    world_fill(world, 4, "c2", "6", "100", "0");
    cycle(world);
    confirm(world);
    assert_string_equal(last_word(world)->severity, "info");
    world_free(world);
}

TEST(flatten_sends_no_second_order_while_the_first_may_work)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    for (int i = 0; i < 30; i++)
        cycle(world);
    assert_string_equal(world_state(world, world_last_order(world)), "UNKNOWN");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 2);
    assert_string_equal(last_word(world)->severity, "critical"); /* and it says so */
    world_free(world);
}

TEST(flatten_closes_what_an_order_of_unknown_outcome_leaves_and_no_more)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    world_limit(world, ACTION_SELL, BTC, "1.5", "120");
    order_number resting = world_last_order(world);
    world_say(world, resting, REPORT_ACCEPTED);
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    order_number first = world_last_order(world);
    assert_decimal(last_submit(world)->size, "0.5");
    world_say(world, first, REPORT_LOST);
    cycle(world);
    assert_int_equal(world_last_order(world), first);
    world_say(world, resting, REPORT_CANCELED); /* what it covered is open now */
    cycle(world);
    assert_decimal(last_submit(world)->size, "1.5");
    order_number second = world_last_order(world);
    cycle(world);
    assert_int_equal(world_last_order(world), second);
    assert_string_equal(world_state(world, first), "UNKNOWN");
    world_free(world);
}

TEST(coins_from_before_that_were_sold_are_nothing_to_close)
{
    struct world *world = trader();

    engine_set_balance(world->engine, "BTC", D(5), "there before");
    world_sell(world, BTC, "2");
    world_fill(world, world_last_order(world), "s1", "2", "100", "0");
    assert_decimal(world_position(world, BTC), "-2");
    int before = world_sent(world, SENT_SUBMIT);
    world_decide(world, world_wish(ACTION_CLOSE, BTC, NULL));
    say(world, COMMAND_PAUSE, PRODUCT_NONE, SECONDS(30));
    world_buy(world, BTC, "1"); /* which reduces nothing */
    assert_string_equal(world_code(world), "paused");
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    confirm(world);
    assert_int_equal(world_sent(world, SENT_SUBMIT), before);
    assert_string_equal(flatten_state_name(commands_flatten_state(world->engine)), "done");
    world_free(world);
}

TEST(flatten_does_not_wait_for_an_order_of_somebody_else_that_is_left_alone)
{
    static const int closing_orders[] = {[EXTERNAL_IGNORE] = 1, [EXTERNAL_ADOPT] = 0};

    for (int policy = EXTERNAL_IGNORE; policy <= EXTERNAL_ADOPT; policy++) {
        struct world *world = trader();
        world->engine->settings.reconcile.external_orders = (enum external_orders)policy;
        world_buy(world, BIP, "10");
        world_fill(world, world_last_order(world), "f1", "10", "100", "0");
        world_push(world, external_sell(world, BIP));
        int before = world_sent(world, SENT_SUBMIT);
        say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
        assert_int_equal(world_sent(world, SENT_SUBMIT) - before, closing_orders[policy]);
        if (closing_orders[policy]) /* nor is it held back when it leaves */
            assert_int_equal(engine_clearance(world->engine, last_submit(world)).code,
                             REFUSAL_NONE);
        world_free(world);
    }
}

TEST(flatten_works_while_halted_and_under_the_kill_switch_and_without_fresh_prices)
{
    struct world *world = world_new();

    world->settings.guards.mark_stale_after = SECONDS(30);
    world->settings.limits.max_order_value = D(1000);
    world_open(world, "100000");
    world_hold(world, BTC, "2", "100");
    world->engine->settings.kill_switch = true;
    say(world, COMMAND_HALT, PRODUCT_NONE, 0);
    world_wait(world, HOURS(1));
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 2);
    world_free(world);
}

TEST(what_cannot_be_closed_is_said_loudly_and_tried_less_and_less_often)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    world->products.items[BTC].trading_disabled = true;
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    int before = world_facts(world, FACT_TRACE);
    for (int i = 0; i < 600; i++)
        cycle(world);
    assert_string_equal(last_word(world)->severity, "critical");
    assert_true(world_facts(world, FACT_TRACE) - before < 25);
    world->products.items[BTC].trading_disabled = false;
    for (int i = 0; i < 61; i++)
        cycle(world);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 2);
    world_free(world);
}

TEST(nothing_trades_after_a_flatten_until_resumed_and_late_fills_are_closed_too)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_say(world, 1, REPORT_ACCEPTED);
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    world_say(world, 1, REPORT_CANCELED);
    world_buy(world, ETH, "1");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    confirm(world);
    assert_string_equal(progress(world), "done");
    world_fill(world, 1, "late", "1", "90", "0");
    cycle(world);
    assert_string_equal(progress(world), "working");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 2);
    assert_true(last_submit(world)->reduce_only);
    world_fill(world, world_last_order(world), "c1", "1", "90", "0");
    cycle(world);
    say(world, COMMAND_RESUME, PRODUCT_NONE, 0);
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

TEST(flatten_splits_what_is_larger_than_one_order_may_be)
{
    struct world *world = trader();

    world_hold(world, BTC, "2", "100");
    world->products.items[BTC].base_max_size = dec("1.5");
    say(world, COMMAND_FLATTEN, PRODUCT_NONE, 0);
    assert_decimal(last_submit(world)->size, "1.5");
    cycle(world);
    assert_decimal(last_submit(world)->size, "0.5");
    world_free(world);
}
