#include "preview_world.h"

/* ---- waiting ---- */

TEST(an_order_that_takes_risk_waits_for_its_preview_and_leaves_when_the_venue_would_take_it)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    assert_string_equal(world_state(world, 1), "INITIALIZED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    assert_int_equal(world_sent(world, SENT_PREVIEW), 1);
    assert_decimal(world_last_sent(world, SENT_PREVIEW)->request.size, "2");
    assert_string_equal(verdict(world, STAGE_PREVIEW), "waiting");
    assert_string_equal(verdict(world, STAGE_SUBMISSION), "none");

    assert_int_equal(engine_counters(world->engine).orders, 0);
    answer(world, "");
    assert_string_equal(world_state(world, 1), "PENDING_NEW");
    assert_int_equal(engine_counters(world->engine).orders, 1);
    assert_int_equal(last_move(world)->code, REFUSAL_NONE);
    assert_int_equal(last_trace(world)->order, 1);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "2");
    assert_string_equal(verdict(world, STAGE_PREVIEW), "passed");
    assert_string_equal(verdict(world, STAGE_SUBMISSION), "passed");
    assert_true(world->synced);
    world_free(world);
}

TEST(a_question_needs_no_sync_and_the_order_after_it_does)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    assert_false(world->synced);
    answer(world, "");
    world_free(world);
}

TEST(without_the_setting_nobody_is_asked_and_the_stage_is_skipped)
{
    struct world *world = world_new();

    world_open(world, "1000");
    world_price(world, BTC, "100");
    world_buy(world, BTC, "1");
    assert_int_equal(world_sent(world, SENT_PREVIEW), 0);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    assert_string_equal(verdict(world, STAGE_PREVIEW), "skipped");
    world_free(world);
}

TEST(what_the_venue_said_is_a_fact_beside_the_trace)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    answer(world, "");
    const struct fact_preview *fact = &world_last_fact(world, FACT_PREVIEW)->preview;
    assert_int_equal(fact->order, 1);
    assert_decimal(fact->preview.total, "101.2");
    assert_decimal(fact->preview.commission, "1.2");
    world_free(world);
}

TEST(an_order_that_only_reduces_does_not_wait)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "");
    world_say(world, 1, REPORT_ACCEPTED);
    world_fill(world, 1, "f1", "2", "100", "0");
    world_sell(world, BTC, "2");
    assert_int_equal(world_sent(world, SENT_PREVIEW), 1);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 2);
    assert_string_equal(verdict(world, STAGE_PREVIEW), "skipped");
    world_free(world);
}

TEST(an_order_that_goes_through_flat_waits)
{
    struct world *world = begin();

    world_buy(world, BIP, "1");
    assert_string_equal(world_code(world), "mark_staleness");
    world_price(world, BIP, "10");
    world_buy(world, BIP, "1");
    answer(world, "");
    world_say(world, 2, REPORT_ACCEPTED);
    world_fill(world, 2, "f1", "1", "10", "0");
    world_sell(world, BIP, "3");
    assert_string_equal(world_state(world, 3), "INITIALIZED");
    assert_int_equal(world_sent(world, SENT_PREVIEW), 2);
    world_free(world);
}

TEST(a_change_of_an_order_is_not_previewed)
{
    struct world *world = begin();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    answer(world, "");
    world_say(world, 1, REPORT_ACCEPTED);
    struct decision amend = world_wish(ACTION_AMEND, BTC, "3");
    amend.order = 1;
    world_decide(world, amend);
    assert_int_equal(world_sent(world, SENT_AMEND), 1);
    assert_int_equal(world_sent(world, SENT_PREVIEW), 1);
    assert_string_equal(verdict(world, STAGE_PREVIEW), "skipped");
    world_free(world);
}

/* ---- what waits counts ---- */

TEST(funds_of_an_order_that_waits_are_reserved_and_given_back_when_it_is_denied)
{
    struct world *world = begin();

    world_limit(world, ACTION_BUY, BTC, "6", "100");
    assert_decimal(world_held(world, "USD"), "600");
    world_limit(world, ACTION_BUY, BTC, "5", "100");
    assert_string_equal(world_code(world), "insufficient_funds");
    answer(world, "PREVIEW_INSUFFICIENT_FUND");
    assert_decimal(world_held(world, "USD"), "0");
    world_limit(world, ACTION_BUY, BTC, "5", "100");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

static void one_position(struct engine_settings *settings)
{
    settings->limits.max_positions = 1;
}

TEST(room_of_an_order_that_waits_is_not_given_to_another)
{
    struct world *world = begin_with(one_position);

    world_price(world, ETH, "10");
    world_buy(world, BTC, "1");
    world_buy(world, ETH, "1");
    assert_string_equal(world_code(world), "pre_trade_exposure");
    assert_int_equal(oms_open_count(engine_oms(world->engine)), 1);
    world_free(world);
}

TEST(a_strategy_sees_the_order_that_waits_among_its_orders)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    world_wait(world, SECONDS(1));
    assert_int_equal(oms_open_count(engine_oms(world->engine)), 1);
    assert_decimal(oms_working_size(engine_oms(world->engine), BTC, SIDE_BUY), "1");
    world_free(world);
}

/* ---- refusals ---- */

TEST(what_the_venue_would_refuse_is_denied_with_its_reason)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "PREVIEW_INSUFFICIENT_FUND");
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    assert_string_equal(world_code(world), "order_preview");
    assert_string_equal(verdict(world, STAGE_PREVIEW), "refused");
    assert_string_equal(stage_name(last_trace(world)->refused_by), "preview");
    assert_string_equal(last_trace(world)->detail,
                        "PREVIEW_INSUFFICIENT_FUND (insufficient_funds)");
    assert_string_equal(last_move(world)->reason, "PREVIEW_INSUFFICIENT_FUND");
    assert_int_equal(last_move(world)->code, REFUSAL_ORDER_PREVIEW);
    assert_int_equal(world_last_fact(world, FACT_PREVIEW)->preview.order, 1);
    world_free(world);
}

TEST(a_warning_of_the_venue_holds_nothing_back)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    struct event event = preview_of(asked(world), "");
    strcpy(event.preview.warning, "BIG_ORDER");
    world_push(world, event);
    assert_string_equal(world_state(world, 1), "PENDING_NEW");
    assert_string_equal(world_last_fact(world, FACT_PREVIEW)->preview.preview.warning,
                        "BIG_ORDER");
    world_free(world);
}

TEST(an_order_whose_preview_cannot_be_had_is_denied)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    fail_to_answer(world);
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(world_code(world), "order_preview");
    assert_string_equal(last_trace(world)->detail,
                        "no preview could be had: after 3 attempts: 503 Service Unavailable");
    assert_int_equal(world_facts(world, FACT_PREVIEW), 0);
    assert_int_equal(engine_counters(world->engine).refusals, 1);
    world_free(world);
}

TEST(an_answer_that_says_nothing_is_no_preview)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    world_push(world, end_of(asked(world), ""));
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(last_trace(world)->detail,
                        "no preview could be had: the answer does not say");
    world_free(world);
}

TEST(while_previews_cannot_be_had_what_reduces_still_leaves)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "");
    world_say(world, 1, REPORT_ACCEPTED);
    world_fill(world, 1, "f1", "2", "100", "0");
    world_buy(world, BTC, "1");
    fail_to_answer(world);
    assert_string_equal(world_code(world), "order_preview");
    world_sell(world, BTC, "2");
    assert_string_equal(world_state(world, 3), "PENDING_NEW");
    world_free(world);
}

TEST(the_strategy_is_told_that_its_order_was_denied)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    int told = world->calls[HOOK_ORDER];
    answer(world, "PREVIEW_INSUFFICIENT_FUND");
    assert_int_equal(world->calls[HOOK_ORDER], told + 1);
    world_free(world);
}

/* ---- time ---- */

TEST(without_an_answer_by_the_deadline_the_order_is_denied_and_a_later_one_finds_nobody)
{
    struct world *world = begin();
    nanos deadline = world->settings.retry.answer_deadline;

    world_buy(world, BTC, "2");
    uint64_t query = asked(world);
    assert_true(engine_next_deadline(world->engine) <= world->now + deadline);
    world_wait(world, deadline - 1);
    assert_string_equal(world_state(world, 1), "INITIALIZED");
    world_wait(world, 1);
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(last_trace(world)->detail,
                        "no preview could be had: no answer within 10s");
    world_push(world, preview_of(query, ""));
    world_push(world, end_of(query, ""));
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    world_free(world);
}

TEST(an_engine_whose_orders_have_been_answered_waits_for_nothing)
{
    for (int way = 0; way < 4; way++) {
        struct world *world = begin();
        world_buy(world, BTC, "2");
        assert_true(world->engine->previews.next < INT64_MAX);
        if (way == 0)
            answer(world, "");
        else if (way == 1)
            fail_to_answer(world);
        else if (way == 2)
            command(world, COMMAND_CANCEL_ALL);
        else
            world_wait(world, world->settings.retry.answer_deadline);
        assert_int_equal(world->engine->previews.count, 0);
        assert_true(world->engine->previews.next == INT64_MAX);
        assert_true(engine_next_deadline(world->engine) > world->now);
        world_free(world);
    }
}

TEST(an_answer_that_comes_with_the_deadline_is_too_late)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    world->now += world->settings.retry.answer_deadline;
    world_push(world, preview_of(asked(world), ""));
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    world_free(world);
}

TEST(an_answer_that_comes_twice_sends_once)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "");
    uint64_t query = asked(world);
    world_push(world, preview_of(query, ""));
    world_push(world, end_of(query, ""));
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    world_free(world);
}

TEST(answers_find_their_orders_in_any_sequence)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    uint64_t first = asked(world);
    world_buy(world, BTC, "2");
    uint64_t second = asked(world);
    world_push(world, preview_of(second, ""));
    assert_string_equal(world_state(world, 1), "INITIALIZED");
    assert_string_equal(world_state(world, 2), "PENDING_NEW");
    world_push(world, preview_of(first, "PREVIEW_INVALID_NO_LIQUIDITY"));
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(world_state(world, 2), "PENDING_NEW");
    world_free(world);
}

/* ---- cancels ---- */

TEST(an_order_that_waits_is_canceled_at_once_and_its_answer_is_not_heard)
{
    struct world *world = begin();

    world_limit(world, ACTION_BUY, BTC, "6", "100");
    uint64_t query = asked(world);
    int told = world->calls[HOOK_ORDER];
    world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
    assert_string_equal(world_state(world, 1), "CANCELED");
    assert_int_equal(world->calls[HOOK_ORDER], told + 1);
    assert_string_equal(last_move(world)->text, "canceled while it waited for its preview");
    assert_int_equal(last_move(world)->code, REFUSAL_NONE);
    assert_decimal(world_held(world, "USD"), "0");
    assert_int_equal(world_sent(world, SENT_CANCEL), 0);
    world_push(world, preview_of(query, ""));
    assert_string_equal(world_state(world, 1), "CANCELED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    world_free(world);
}

TEST(an_operator_who_cancels_all_reaches_orders_that_wait)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    world_buy(world, BTC, "2");
    command(world, COMMAND_CANCEL_ALL);
    assert_string_equal(world_state(world, 1), "CANCELED");
    assert_string_equal(world_state(world, 2), "CANCELED");
    world_free(world);
}

TEST(a_flatten_ends_orders_that_wait_and_does_not_wait_itself)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "");
    world_say(world, 1, REPORT_ACCEPTED);
    world_fill(world, 1, "f1", "2", "100", "0");
    world_buy(world, BTC, "1");
    command(world, COMMAND_FLATTEN);
    assert_string_equal(world_state(world, 2), "CANCELED");
    assert_string_equal(world_state(world, 3), "PENDING_NEW");
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "2");
    world_free(world);
}

TEST(the_last_resort_cancels_nothing_that_never_left)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    assert_int_equal(engine_cancel_unjournaled(world->engine, true), 0);
    assert_int_equal(world_sent(world, SENT_CANCEL), 0);
    world_free(world);
}
