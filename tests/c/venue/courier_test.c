/* What becomes of one request: attempts, doubt, refusals. */
#include "courier_bench.h"

/* ---- one request ---- */

TEST(what_the_venue_takes_is_passed_on_and_done)
{
    begin();
    submit("a");
    assert_string_equal(left(), "submit a @0s");
    assert_false(courier_is_idle(courier));
    say(REPORT_ACCEPTED, "a");
    cancel("a");
    assert_string_equal(left(), "cancel a @0s");
    say(REPORT_CANCEL_TAKEN, "a");
    say(REPORT_CANCELED, "a");
    assert_true(courier_is_idle(courier));
    pass(MINUTES(1));
    assert_string_equal(left(), "");
    assert_string_equal(told(), "accepted a; cancel_taken a; canceled a");
    end();
}

TEST(a_failed_attempt_is_made_again_with_growing_waits_and_the_same_id)
{
    begin();
    submit("a");
    lose(ERRAND_SUBMIT, "a", OUTCOME_UNAVAILABLE);
    pass(MILLISECONDS(499));
    assert_string_equal(left(), "submit a @0s");
    pass(MILLISECONDS(1));
    assert_string_equal(left(), "submit a @500ms");
    lose(ERRAND_SUBMIT, "a", OUTCOME_NO_CONNECTION);
    pass(SECONDS(1));
    assert_string_equal(left(), "submit a @1.5s");
    say(REPORT_ACCEPTED, "a");
    pass(MINUTES(1));
    assert_string_equal(left(), "");
    assert_string_equal(told(), "retry submit 1 unavailable 500ms; "
                                "retry submit 2 no_connection 1s; accepted a");
    end();
}

TEST(an_order_in_doubt_ends_lost_and_one_that_surely_had_no_effect_rejected)
{
    static const struct {
        enum outcome outcomes[3];
        const char *end;
    } rows[] = {
        {{OUTCOME_UNAVAILABLE, OUTCOME_UNAVAILABLE, OUTCOME_UNAVAILABLE}, "lost a"},
        {{OUTCOME_NO_CONNECTION, OUTCOME_TIMEOUT, OUTCOME_NO_CONNECTION}, "lost a"},
        {{OUTCOME_UNREADABLE, OUTCOME_BAD_REQUEST}, "lost a"},
        {{OUTCOME_BROKEN, OUTCOME_UNAUTHORIZED}, "lost a"},
        {{OUTCOME_NO_CONNECTION, OUTCOME_NO_CONNECTION, OUTCOME_NO_CONNECTION},
         "rejected a network"},
        {{OUTCOME_RATE_LIMIT, OUTCOME_NO_CONNECTION, OUTCOME_RATE_LIMIT},
         "rejected a rate_limit"},
        {{OUTCOME_UNAUTHORIZED, OUTCOME_UNAUTHORIZED}, "rejected a auth"},
        {{OUTCOME_BAD_REQUEST}, "rejected a broker_rejected"},
        {{OUTCOME_FORBIDDEN}, "rejected a auth"},
        {{OUTCOME_RATE_LIMIT, OUTCOME_MISSING}, "rejected a broker_rejected"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin();
        submit("a");
        for (int k = 0; k < 3 && rows[i].outcomes[k]; k++) {
            lose(ERRAND_SUBMIT, "a", rows[i].outcomes[k]);
            pass(SECONDS(1));
        }
        const char *said = told();
        const char *last = strrchr(said, ';');
        assert_string_equal(last ? last + 2 : said, rows[i].end);
        assert_true(courier_is_idle(courier));
        end();
    }
}

TEST(silence_is_a_failed_attempt_and_no_attempt_begins_after_the_deadline)
{
    begin();
    submit("a");
    pass(MINUTES(1));
    assert_string_equal(left(), "submit a @0s; submit a @3.5s; submit a @7.5s");
    assert_string_equal(told(), "retry submit 1 timeout 500ms; retry submit 2 timeout 1s; "
                                "lost a");
    assert_true(courier_is_idle(courier));
    end();
}

TEST(when_the_next_attempt_would_be_too_late_the_engine_is_told_at_once)
{
    begin();
    settings.retry.answer_deadline = SECONDS(4);
    end();
    open_courier(1);
    submit("a");
    pass(SECONDS(3));
    assert_string_equal(told(), "retry submit 1 timeout 500ms");
    lose(ERRAND_SUBMIT, "a", OUTCOME_TIMEOUT); /* the adapter's own word on the first, late */
    pass(MILLISECONDS(500));
    lose(ERRAND_SUBMIT, "a", OUTCOME_UNAVAILABLE);
    assert_string_equal(told(), "lost a");
    end();
}

/* ---- refusals ---- */

TEST(the_only_attempt_that_left_may_be_refused)
{
    begin();
    submit("a");
    refuse(REPORT_REJECTED, "a", "INSUFFICIENT_FUND");
    assert_string_equal(told(), "rejected a INSUFFICIENT_FUND");
    end();
}

TEST(a_refusal_after_an_attempt_in_doubt_proves_nothing)
{
    begin();
    submit("a");
    lose(ERRAND_SUBMIT, "a", OUTCOME_TIMEOUT);
    pass(SECONDS(1));
    refuse(REPORT_REJECTED, "a", "INSUFFICIENT_FUND");
    assert_string_equal(told(), "retry submit 1 timeout 500ms; lost a");
    refuse(REPORT_REJECTED, "a", "INSUFFICIENT_FUND"); /* the first one's, late */
    assert_string_equal(told(), "lost a INSUFFICIENT_FUND");
    end();
}

TEST(that_the_id_is_taken_means_that_the_order_is_there)
{
    begin();
    submit("a");
    refuse(REPORT_REJECTED, "a", "DUPLICATE_CLIENT_ORDER_ID");
    assert_string_equal(told(), "lost a");
    end();
}

TEST(a_refusal_after_attempts_without_effect_is_believed)
{
    begin();
    submit("a");
    limit(ERRAND_SUBMIT, "a", 0);
    pass(SECONDS(1));
    refuse(REPORT_REJECTED, "a", "INSUFFICIENT_FUND");
    assert_string_equal(told(),
                        "retry submit 1 rate_limit 500ms; rejected a INSUFFICIENT_FUND");
    end();
}

TEST(the_old_order_that_a_repeated_id_returns_is_success)
{
    begin();
    submit("a");
    lose(ERRAND_SUBMIT, "a", OUTCOME_UNAVAILABLE);
    pass(SECONDS(1));
    say(REPORT_ACCEPTED, "a");
    say(REPORT_ACCEPTED, "a"); /* the first attempt's */
    assert_string_equal(told(), "retry submit 1 unavailable 500ms; accepted a; accepted a");
    assert_true(courier_is_idle(courier));
    end();
}

TEST(a_fill_on_the_stream_ends_the_attempts_at_the_order)
{
    begin();
    submit("a");
    lose(ERRAND_SUBMIT, "a", OUTCOME_UNAVAILABLE);
    say(REPORT_FILL, "a");
    pass(MINUTES(1));
    assert_string_equal(left(), "submit a @0s");
    end();
}

TEST(what_a_question_shows_ends_the_attempts_too)
{
    begin();
    submit("a");
    lose(ERRAND_SUBMIT, "a", OUTCOME_UNAVAILABLE);
    port.query_orders(port.ctx, 7, 0);
    struct event event = report(REPORT_WORKING, "a");
    event.report.query = last_number();
    answer(event);
    finish(last_number(), OUTCOME_ANSWERED);
    pass(MINUTES(1));
    assert_string_equal(left(), "submit a @0s; orders @0s");
    assert_string_equal(told(), "retry submit 1 unavailable 500ms; working a; "
                                "answer 7 complete");
    end();
}

/* ---- cancels ---- */

TEST(a_cancel_is_made_again_and_a_refusal_in_doubt_is_none)
{
    begin();
    cancel("a");
    lose(ERRAND_CANCEL, "a", OUTCOME_TIMEOUT);
    pass(SECONDS(1));
    refuse(REPORT_CANCEL_REFUSED, "a", "UNKNOWN_CANCEL_ORDER");
    assert_string_equal(left(), "cancel a @0s; cancel a @500ms");
    assert_string_equal(told(), "retry cancel 1 timeout 500ms; lost a");
    cancel("a");
    refuse(REPORT_CANCEL_REFUSED, "a", "UNKNOWN_CANCEL_ORDER");
    assert_string_equal(told(), "cancel_refused a UNKNOWN_CANCEL_ORDER");
    end();
}

TEST(a_cancel_that_nobody_took_is_lost_so_that_the_engine_asks_again)
{
    begin();
    cancel("a");
    for (int i = 0; i < 3; i++) {
        limit(ERRAND_CANCEL, "a", 0);
        pass(SECONDS(1));
    }
    assert_string_equal(told(),
                        "retry cancel 1 rate_limit 500ms; retry cancel 2 rate_limit 1s; "
                        "lost a");
    pass(SECONDS(1)); /* of the third 429 */
    cancel("b");
    lose(ERRAND_CANCEL, "b", OUTCOME_BAD_REQUEST);
    assert_string_equal(told(), "cancel_refused b broker_rejected");
    end();
}

TEST(asking_twice_for_the_end_of_an_order_is_asking_once)
{
    begin();
    cancel("a");
    cancel("a");
    cancel("b");
    assert_string_equal(left(), "cancel a @0s; cancel b @0s");
    say(REPORT_CANCELED, "a"); /* the stream was faster than the answer */
    cancel("a");
    assert_string_equal(left(), "cancel a @0s");
    end();
}

/* ---- edits ---- */

TEST(an_edit_in_doubt_is_not_made_again_since_a_late_one_would_undo_the_next)
{
    begin();
    amend("a");
    lose(ERRAND_AMEND, "a", OUTCOME_UNAVAILABLE);
    amend("b");
    pass(MINUTES(1));
    assert_string_equal(left(), "amend a @0s; amend b @0s");
    assert_string_equal(told(), "lost a; lost b");
    assert_true(courier_is_idle(courier));
    end();
}

TEST(an_edit_that_the_venue_refuses_stands_refused)
{
    begin();
    amend("a");
    refuse(REPORT_REPLACE_REFUSED, "a", "ORDER_IS_FULLY_FILLED");
    amend("b");
    say(REPORT_REPLACED, "b");
    amend("c");
    say(REPORT_CANCELED, "c");
    assert_true(courier_is_idle(courier));
    assert_string_equal(told(),
                        "replace_refused a ORDER_IS_FULLY_FILLED; replaced b; canceled c");
    end();
}

TEST(an_edit_that_surely_had_no_effect_is_made_again_and_refused_in_the_end)
{
    begin();
    amend("a");
    for (int i = 0; i < 3; i++) {
        lose(ERRAND_AMEND, "a", OUTCOME_NO_CONNECTION);
        pass(SECONDS(1));
    }
    assert_string_equal(left(), "amend a @0s; amend a @500ms; amend a @2s");
    assert_string_equal(told(), "retry amend 1 no_connection 500ms; "
                                "retry amend 2 no_connection 1s; replace_refused a network");
    end();
}

/* ---- questions ---- */

TEST(a_late_answer_to_an_attempt_at_a_question_is_as_good_as_the_last_ones)
{
    begin();
    port.query_orders(port.ctx, 5, 0);
    uint64_t first = last_number();
    pass(MILLISECONDS(3100));
    finish(first, OUTCOME_ANSWERED); /* while it waits for the next */
    pass(MINUTES(1));
    assert_string_equal(left(), "orders @0s");
    assert_string_equal(told(), "retry query_orders 1 timeout 500ms; answer 5 complete");
    end();
}

TEST(a_question_is_asked_again_under_a_new_number_and_what_answers_no_question_is_dropped)
{
    begin();
    port.query_orders(port.ctx, 5, 0);
    uint64_t first = last_number();
    pass(MILLISECONDS(3500));
    uint64_t second = last_number();
    assert_true(second != first);
    struct event event = report(REPORT_WORKING, "a");
    event.report.query = first;
    answer(event);
    finish(first, OUTCOME_UNAVAILABLE);
    assert_string_equal(told(), "retry query_orders 1 timeout 500ms; working a");
    assert_false(courier_is_idle(courier));
    finish(second, OUTCOME_ANSWERED);
    assert_string_equal(told(), "answer 5 complete");
    event.report.query = first;
    answer(event);
    finish(first, OUTCOME_ANSWERED);
    assert_string_equal(told(), "");
    end();
}

TEST(a_question_that_fails_for_good_is_answered_incomplete)
{
    begin();
    port.query_fills(port.ctx, 5, 0);
    for (int i = 0; i < 3; i++) {
        finish(last_number(), OUTCOME_SERVER_ERROR);
        pass(SECONDS(2));
    }
    assert_string_equal(told(), "retry query_fills 1 server_error 500ms; "
                                "retry query_fills 2 server_error 1s; answer 5 server_error");
    end();
}

TEST(balances_and_holdings_carry_the_number_that_the_engine_gave)
{
    begin();
    port.query_account(port.ctx, 9);
    struct event balance = {.kind = EVENT_BALANCE}, holding = {.kind = EVENT_HOLDING};
    balance.balance.query = holding.holding.query = last_number();
    answer(balance);
    answer(holding);
    const struct event *event;
    int seen = 0;
    while ((event = bus_pop(engine_side))) {
        if (event->kind == EVENT_BALANCE)
            assert_int_equal(event->balance.query, 9);
        if (event->kind == EVENT_HOLDING)
            assert_int_equal(event->holding.query, 9);
        seen += event->kind == EVENT_BALANCE || event->kind == EVENT_HOLDING;
    }
    assert_int_equal(seen, 2);
    balance.balance.query = 12345;
    answer(balance);
    balance.balance.query = 0; /* the stream's */
    answer(balance);
    assert_int_equal(bus_pop(engine_side)->balance.query, 0);
    assert_true(bus_is_empty(engine_side));
    end();
}
