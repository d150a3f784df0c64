/* What leaves and when: budgets, the gate, 429, breakers, figures, settings. */
#include "courier_bench.h"

/* ---- waiting ---- */

static void submit_many(int count)
{
    for (int i = 0; i < count; i++) {
        char id[16];
        snprintf(id, sizeof id, "o%d", i);
        submit(id);
    }
}

TEST(what_exceeds_the_burst_leaves_one_by_one_as_tokens_grow)
{
    begin();
    settings.budgets[ERRANDS_ORDERS] = (struct budget){2, 3};
    end();
    open_courier(1);
    submit_many(5);
    assert_int_equal(courier_state(courier).waiting, 2);
    assert_int_equal(courier_state(courier).on_the_way, 3);
    pass(SECONDS(2));
    assert_string_equal(left(), "submit o0 @0s; submit o1 @0s; submit o2 @0s; "
                                "submit o3 @500ms; submit o4 @1s");
    end();
}

TEST(an_order_that_could_not_leave_by_its_deadline_is_withdrawn)
{
    begin();
    settings.budgets[ERRANDS_ORDERS] = (struct budget){1, 1};
    settings.retry.answer_deadline = SECONDS(2);
    settings.retry.attempts = 1;
    end();
    open_courier(1);
    submit_many(4);
    pass(SECONDS(10));
    assert_string_equal(left(), "submit o0 @0s; submit o1 @1s");
    assert_string_equal(told(), "lost o0; lost o1; withdrawn o2 rate_limit; "
                                "withdrawn o3 rate_limit");
    end();
}

TEST(cancels_overtake_orders_and_use_the_tokens_of_all)
{
    begin();
    settings.budgets[ERRANDS_ORDERS] = (struct budget){1, 2};
    settings.budgets[ERRANDS_CANCELS] = (struct budget){1, 1};
    settings.budgets[ERRANDS_QUERIES] = (struct budget){1, 1};
    end();
    open_courier(1);
    submit_many(3);
    cancel("a");
    cancel("b");
    cancel("c");
    assert_string_equal(left(), "submit o0 @0s; submit o1 @0s; cancel a @0s; cancel b @0s");
    pass(SECONDS(1));
    assert_string_equal(left(), "cancel c @1s; submit o2 @1s");
    end();
}

TEST(orders_and_questions_never_touch_the_tokens_of_cancels)
{
    begin();
    submit_many(8);
    for (uint64_t i = 1; i < 9; i++)
        port.query_orders(port.ctx, i, 0);
    left();
    for (int i = 0; i < 5; i++) {
        char id[8];
        snprintf(id, sizeof id, "c%d", i);
        cancel(id);
    }
    assert_string_equal(left(), "cancel c0 @0s; cancel c1 @0s; cancel c2 @0s; cancel c3 @0s; "
                                "cancel c4 @0s");
    end();
}

TEST(a_429_holds_everything_until_the_venue_wants_to_be_asked_again)
{
    begin();
    submit("a");
    limit(ERRAND_SUBMIT, "a", SECONDS(4));
    submit("b");
    cancel("c");
    port.query_orders(port.ctx, 1, 0);
    assert_int_equal(courier_state(courier).held_until, begin_at + SECONDS(4));
    pass(SECONDS(4));
    assert_string_equal(left(), "submit a @0s; cancel c @4s; submit a @4s; submit b @4s; "
                                "orders @4s");
    assert_int_equal(courier_state(courier).held_until, 0);
    end();
}

TEST(a_venue_that_wants_an_hour_of_patience_gets_no_order_and_a_minute)
{
    begin();
    submit("a");
    limit(ERRAND_SUBMIT, "a", HOURS(1));
    assert_string_equal(told(), "rejected a rate_limit");
    pass(SECONDS(59));
    submit("b");
    assert_string_equal(left(), "submit a @0s");
    pass(SECONDS(1));
    assert_string_equal(left(), "submit b @1m");
    end();
}

/* ---- the gate ---- */

TEST(an_order_that_may_not_leave_any_more_is_withdrawn_before_its_turn)
{
    begin();
    settings.budgets[ERRANDS_ORDERS] = (struct budget){1, 1};
    end();
    open_courier(1);
    submit_many(2);
    clearance.code = REFUSAL_PAUSED;
    pass(MILLISECONDS(10));
    assert_string_equal(told(), "withdrawn o1 paused");
    pass(SECONDS(2));
    assert_string_equal(left(), "submit o0 @0s");
    end();
}

TEST(an_edit_that_may_not_leave_any_more_is_refused_with_our_code)
{
    begin();
    clearance.code = REFUSAL_REDUCE_ONLY;
    amend("a");
    assert_string_equal(left(), "");
    assert_string_equal(told(), "replace_refused a reduce_only");
    end();
}

TEST(an_order_is_not_tried_again_when_it_may_not_leave_any_more)
{
    begin();
    submit("a");
    limit(ERRAND_SUBMIT, "a", 0);
    submit("b");
    lose(ERRAND_SUBMIT, "b", OUTCOME_UNAVAILABLE); /* it never left: no news */
    clearance.code = REFUSAL_REDUCE_ONLY;
    pass(SECONDS(5));
    assert_string_equal(left(), "submit a @0s");
    assert_string_equal(told(), "retry submit 1 rate_limit 500ms; rejected a reduce_only; "
                                "withdrawn b reduce_only");
    clearance.code = REFUSAL_NONE;
    submit("c");
    lose(ERRAND_SUBMIT, "c", OUTCOME_UNAVAILABLE);
    clearance.code = REFUSAL_PAUSED;
    pass(SECONDS(5));
    assert_string_equal(told(), "retry submit 1 unavailable 500ms; lost c");
    end();
}

TEST(an_order_that_is_not_wanted_any_more_is_canceled_without_leaving)
{
    begin();
    limit(ERRAND_NONE, "z", 0);
    settings.budgets[ERRANDS_ORDERS] = (struct budget){1, 1};
    end();
    open_courier(1);
    submit_many(2);
    clearance.is_unwanted = true;
    pass(SECONDS(1));
    assert_string_equal(told(), "canceled o1");
    assert_string_equal(left(), "submit o0 @0s");
    lose(ERRAND_SUBMIT, "o0", OUTCOME_TIMEOUT);
    assert_string_equal(told(), "retry submit 1 timeout 500ms; lost o0");
    end();
}

/* ---- the breaker ---- */

static void fail_in_a_row(int count, enum outcome outcome)
{
    for (int i = 0; i < count; i++) {
        submit("f");
        lose(ERRAND_SUBMIT, "f", outcome);
        pass(SECONDS(1));
    }
    told();
    left();
}

static const char *breaker(enum errand_class class)
{
    return breaker_state_name(courier_state(courier).breakers[class]);
}

static void begin_single(void)
{
    settle_settings();
    settings.retry.attempts = 1;
    open_courier(1);
}

TEST(failures_of_the_venue_in_a_row_open_the_breaker_of_their_class_alone)
{
    begin_single();
    fail_in_a_row(4, OUTCOME_UNAVAILABLE);
    assert_string_equal(breaker(ERRANDS_ORDERS), "closed");
    fail_in_a_row(1, OUTCOME_TIMEOUT);
    assert_string_equal(breaker(ERRANDS_ORDERS), "open");
    assert_string_equal(breaker(ERRANDS_QUERIES), "closed");
    submit("a");
    assert_string_equal(told(), "withdrawn a broker_unavailable");
    cancel("c");
    port.query_orders(port.ctx, 1, 0);
    assert_string_equal(left(), "cancel c @5s; orders @5s");
    end();
}

TEST(no_answer_of_the_venue_opens_a_breaker)
{
    static const enum outcome answers[] = {OUTCOME_BAD_REQUEST,  OUTCOME_UNAUTHORIZED,
                                           OUTCOME_FORBIDDEN,    OUTCOME_MISSING,
                                           OUTCOME_CLIENT_ERROR, OUTCOME_RATE_LIMIT};

    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        begin_single();
        fail_in_a_row(30, answers[i]);
        assert_string_equal(breaker(ERRANDS_ORDERS), "closed");
        end();
    }
    begin_single();
    for (int i = 0; i < 30; i++) {
        submit("a");
        refuse(REPORT_REJECTED, "a", "INSUFFICIENT_FUND");
        pass(SECONDS(1));
    }
    assert_string_equal(breaker(ERRANDS_ORDERS), "closed");
    end();
}

TEST(what_reduces_and_what_cancels_passes_an_open_breaker_and_may_close_it)
{
    begin_single();
    fail_in_a_row(5, OUTCOME_UNAVAILABLE);
    clearance.reduces = true;
    submit("exit");
    assert_string_equal(left(), "submit exit @5s");
    say(REPORT_ACCEPTED, "exit");
    assert_string_equal(breaker(ERRANDS_ORDERS), "half_open");
    submit("exit2");
    say(REPORT_ACCEPTED, "exit2");
    assert_string_equal(breaker(ERRANDS_ORDERS), "closed");
    end();
}

TEST(after_the_cool_down_one_order_is_tried_while_the_others_wait)
{
    begin_single();
    fail_in_a_row(5, OUTCOME_UNAVAILABLE);
    pass(SECONDS(29));
    submit_many(3);
    assert_string_equal(left(), "submit o0 @34s");
    say(REPORT_ACCEPTED, "o0");
    assert_string_equal(left(), "submit o1 @34s");
    say(REPORT_ACCEPTED, "o1");
    assert_string_equal(left(), "submit o2 @34s");
    assert_string_equal(breaker(ERRANDS_ORDERS), "closed");
    end();
}

TEST(a_probe_that_fails_opens_it_again_and_those_who_waited_are_withdrawn)
{
    begin_single();
    fail_in_a_row(5, OUTCOME_UNAVAILABLE);
    pass(SECONDS(29));
    submit_many(2);
    lose(ERRAND_SUBMIT, "o0", OUTCOME_UNAVAILABLE);
    assert_string_equal(told(), "lost o0; withdrawn o1 broker_unavailable");
    end();
}

TEST(questions_fail_at_once_while_their_breaker_is_open_and_that_is_no_failure)
{
    begin_single();
    for (uint64_t i = 1; i < 6; i++) {
        port.query_orders(port.ctx, i, 0);
        finish(last_number(), OUTCOME_UNAVAILABLE);
        pass(SECONDS(1));
    }
    told();
    port.query_orders(port.ctx, 6, 0);
    assert_string_equal(told(), "answer 6 not_sent");
    end();
}

/* ---- figures ---- */

static const char *gauges(void)
{
    static char text[4096];
    const struct event *event;
    size_t len = 0;

    text[0] = '\0';
    while ((event = bus_pop(engine_side))) {
        char value[DECIMAL_TEXT_MAX];
        if (event->kind == EVENT_GAUGE)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s %s", len ? "; " : "",
                                    gauge_name(event->gauge.gauge),
                                    decimal_format(event->gauge.value, value));
    }
    return text;
}

TEST(the_share_of_the_budget_that_is_used_is_told_as_it_changes_and_falls_again)
{
    begin();
    settings.budgets[ERRANDS_ORDERS] = (struct budget){1, 60};
    end();
    open_courier(1);
    assert_string_equal(gauges(), "rate_usage 0; breakers_open 0");
    submit_many(57);
    const char *last = strrchr(gauges(), ';');
    assert_string_equal(last - strlen("rate_usage 0.95"), "rate_usage 0.95; breakers_open 0");
    for (int i = 0; i < 57; i++) {
        char id[8];
        snprintf(id, sizeof id, "o%d", i);
        say(REPORT_ACCEPTED, id);
    }
    gauges();
    assert_int_equal(courier_next_time(courier), now + SECONDS(5));
    pass(MINUTES(1));
    assert_string_equal(gauges(), "rate_usage 0; breakers_open 0");
    end();
}

TEST(figures_are_told_once_a_minute_although_nothing_happens)
{
    begin();
    gauges();
    assert_int_equal(courier_next_time(courier), now + MINUTES(1));
    pass(MINUTES(2));
    assert_string_equal(gauges(),
                        "rate_usage 0; breakers_open 0; rate_usage 0; breakers_open 0");
    end();
}

TEST(breakers_that_open_and_may_be_tried_again_are_told)
{
    begin_single();
    for (int i = 0; i < 5; i++) {
        submit("f");
        lose(ERRAND_SUBMIT, "f", OUTCOME_UNAVAILABLE);
    }
    assert_non_null(strstr(gauges(), "breakers_open 1"));
    assert_int_equal(courier_next_time(courier), now + SECONDS(30));
    pass(SECONDS(30));
    assert_non_null(strstr(gauges(), "breakers_open 0"));
    end();
}

TEST(events_that_are_nobodys_answer_pass_through_unchanged)
{
    struct event event = {.kind = EVENT_QUOTE, .product = 3, .time = 77};

    begin();
    gauges();
    event.quote.bid = D(5);
    answer(event);
    const struct event *out = bus_pop(engine_side);
    assert_int_equal(out->kind, EVENT_QUOTE);
    assert_int_equal(out->product, 3);
    assert_int_equal(out->time, 77);
    assert_decimal("5", out->quote.bid);
    end();
}

/* ---- every setting changes something ---- */

static const char *silent_run(void)
{
    open_courier(1);
    submit("a");
    pass(MINUTES(2));
    const char *text = left();
    end();
    return text;
}

TEST(every_setting_of_the_retries_changes_when_attempts_are_made)
{
    settle_settings();
    settings.retry.answer_deadline = MINUTES(2);
    assert_string_equal(silent_run(), "submit a @0s; submit a @3.5s; submit a @7.5s");
    settings.retry.attempts = 2;
    assert_string_equal(silent_run(), "submit a @0s; submit a @3.5s");
    settings.retry.attempts = 4;
    settings.retry.base = SECONDS(1);
    assert_string_equal(silent_run(),
                        "submit a @0s; submit a @4s; submit a @9s; submit a @16s");
    settings.retry.factor = D(3);
    assert_string_equal(silent_run(),
                        "submit a @0s; submit a @4s; submit a @10s; submit a @22s");
    settings.retry.cap = SECONDS(2);
    assert_string_equal(silent_run(),
                        "submit a @0s; submit a @4s; submit a @9s; submit a @14s");
    settings.retry.attempt_timeout = SECONDS(1);
    assert_string_equal(silent_run(), "submit a @0s; submit a @2s; submit a @5s; submit a @8s");
    settings.retry.answer_deadline = SECONDS(5);
    assert_string_equal(silent_run(), "submit a @0s; submit a @2s");
    settings.retry.jitter_share = dec("0.5");
    assert_string_not_equal(silent_run(), "submit a @0s; submit a @2s");
}

TEST(every_setting_of_the_breaker_changes_it)
{
    settle_settings();
    settings.retry.attempts = 1;
    settings.breaker = (struct breaker_settings){2, 3, SECONDS(7)};
    open_courier(1);
    fail_in_a_row(2, OUTCOME_UNAVAILABLE);
    assert_string_equal(breaker(ERRANDS_ORDERS), "open");
    pass(SECONDS(6));
    for (int i = 0; i < 3; i++) {
        submit("a");
        if (i)
            assert_string_equal(breaker(ERRANDS_ORDERS), "half_open");
        say(REPORT_ACCEPTED, "a");
    }
    assert_string_equal(breaker(ERRANDS_ORDERS), "closed");
    end();
}

TEST(jitter_comes_from_the_seed_and_the_name_of_the_bot)
{
    char first[200], again[200];

    settle_settings();
    settings.retry.jitter_share = D(1);
    snprintf(first, sizeof first, "%s", silent_run());
    snprintf(again, sizeof again, "%s", silent_run());
    assert_string_equal(first, again);
    snprintf(settings.bot, sizeof settings.bot, "other");
    assert_string_not_equal(silent_run(), first);
}
