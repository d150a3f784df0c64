#include "model/order_state.h"

#include <string.h>

#include "base/attr.h"
#include "check.h"

/* Folds events over the table, from INITIALIZED. "NONE" from the first that has no arrow on. */
static const char *after(int count, const enum order_event *events)
{
    enum order_state state = ORDER_INITIALIZED;
    bool has_fills = false;

    for (int i = 0; i < count && state; i++) {
        has_fills |=
            events[i] == ORDER_EVENT_PARTIAL_FILL || events[i] == ORDER_EVENT_FULL_FILL;
        state = order_state_next(state, events[i], has_fills);
    }
    return order_state_name(state);
}

#define AFTER(...)                                                                             \
    after(ARRAY_LEN(((enum order_event[]){__VA_ARGS__})), (enum order_event[]){__VA_ARGS__})

#define SEND            ORDER_EVENT_SEND
#define ACCEPT          ORDER_EVENT_ACCEPT
#define REJECT          ORDER_EVENT_REJECT
#define PARTIAL_FILL    ORDER_EVENT_PARTIAL_FILL
#define FULL_FILL       ORDER_EVENT_FULL_FILL
#define ASK_CANCEL      ORDER_EVENT_ASK_CANCEL
#define CANCEL          ORDER_EVENT_CANCEL
#define CANCEL_REFUSED  ORDER_EVENT_CANCEL_REFUSED
#define ASK_REPLACE     ORDER_EVENT_ASK_REPLACE
#define REPLACE         ORDER_EVENT_REPLACE
#define REPLACE_REFUSED ORDER_EVENT_REPLACE_REFUSED
#define EXPIRE          ORDER_EVENT_EXPIRE
#define LOSE            ORDER_EVENT_LOSE

/* Names */

TEST(every_state_is_read_back_from_its_name)
{
    for (int i = ORDER_INITIALIZED; i < ORDER_STATE_COUNT; i++) {
        enum order_state read;
        assert_true(order_state_parse(order_state_name((enum order_state)i), &read));
        assert_int_equal(read, i);
    }
}

TEST(every_event_is_read_back_from_its_name)
{
    for (int i = 0; i < ORDER_EVENT_COUNT; i++) {
        enum order_event event;
        assert_true(order_event_parse(order_event_name((enum order_event)i), &event));
        assert_int_equal(event, i);
    }
}

TEST(an_empty_cell_is_no_state_of_an_order)
{
    enum order_state read = ORDER_NEW;
    enum order_event event = ORDER_EVENT_LOSE;

    assert_false(order_state_parse("NONE", &read));
    assert_false(order_state_parse("new", &read));
    assert_false(order_event_parse("LOSE", &event));
    assert_string_equal(order_state_name(read), "NEW");
    assert_string_equal(order_event_name(event), "lose");
}

/* Stories */

/* One that waits for its preview: no venue has heard of it. */
TEST(an_order_that_was_not_sent_yet_is_canceled_at_once)
{
    assert_string_equal(AFTER(CANCEL), "CANCELED");
    assert_string_equal(AFTER(CANCEL, SEND), "NONE");
    assert_string_equal(AFTER(ASK_CANCEL), "NONE");
}

TEST(an_order_is_sent_accepted_and_filled_in_parts)
{
    assert_string_equal(AFTER(SEND), "PENDING_NEW");
    assert_string_equal(AFTER(SEND, ACCEPT), "NEW");
    assert_string_equal(AFTER(SEND, ACCEPT, PARTIAL_FILL), "PARTIALLY_FILLED");
    assert_string_equal(AFTER(SEND, ACCEPT, PARTIAL_FILL, PARTIAL_FILL, FULL_FILL), "FILLED");
}

TEST(a_denied_order_never_leaves)
{
    assert_string_equal(AFTER(ORDER_EVENT_DENY), "DENIED");
    assert_string_equal(AFTER(ORDER_EVENT_DENY, SEND), "NONE");
}

TEST(an_order_that_waited_and_was_kept_back_is_denied_and_nothing_leads_out_of_that)
{
    assert_string_equal(AFTER(SEND, ORDER_EVENT_DENY), "DENIED");
    assert_string_equal(AFTER(SEND, ORDER_EVENT_DENY, SEND), "NONE");
    assert_string_equal(AFTER(SEND, ORDER_EVENT_DENY, ACCEPT), "NONE");
    assert_string_equal(AFTER(SEND, ACCEPT, ORDER_EVENT_DENY), "NONE");
    assert_string_equal(AFTER(SEND, LOSE, ORDER_EVENT_DENY), "NONE");
}

TEST(fills_outrun_the_ack)
{
    assert_string_equal(AFTER(SEND, FULL_FILL), "FILLED");
    assert_string_equal(AFTER(SEND, FULL_FILL, ACCEPT), "FILLED");
    assert_string_equal(AFTER(SEND, PARTIAL_FILL), "PARTIALLY_FILLED");
    assert_string_equal(AFTER(SEND, PARTIAL_FILL, ACCEPT), "PARTIALLY_FILLED");
}

TEST(a_full_fill_beats_a_cancel_already_on_its_way)
{
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, FULL_FILL), "FILLED");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, FULL_FILL, CANCEL_REFUSED), "FILLED");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, FULL_FILL, LOSE), "FILLED");
}

TEST(a_partial_fill_does_not_call_off_the_cancel)
{
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, PARTIAL_FILL), "PENDING_CANCEL");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, PARTIAL_FILL, CANCEL), "CANCELED");
}

TEST(a_refused_cancel_goes_back_to_what_the_fills_say)
{
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, CANCEL_REFUSED), "NEW");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, PARTIAL_FILL, CANCEL_REFUSED),
                        "PARTIALLY_FILLED");
    assert_string_equal(AFTER(SEND, PARTIAL_FILL, ASK_CANCEL, CANCEL_REFUSED),
                        "PARTIALLY_FILLED");
}

TEST(a_late_fill_after_the_end_is_booked_and_the_last_one_fills)
{
    assert_string_equal(AFTER(SEND, ACCEPT, CANCEL, PARTIAL_FILL), "CANCELED");
    assert_string_equal(AFTER(SEND, ACCEPT, CANCEL, PARTIAL_FILL, FULL_FILL), "FILLED");
    assert_string_equal(AFTER(SEND, ACCEPT, EXPIRE, PARTIAL_FILL), "EXPIRED");
    assert_string_equal(AFTER(SEND, ACCEPT, EXPIRE, FULL_FILL), "FILLED");
}

TEST(a_rejected_order_that_filled_was_not_rejected)
{
    assert_string_equal(AFTER(SEND, REJECT, PARTIAL_FILL), "CANCELED");
    assert_string_equal(AFTER(SEND, REJECT, FULL_FILL), "FILLED");
    assert_string_equal(AFTER(SEND, PARTIAL_FILL, REJECT), "CANCELED");
    assert_string_equal(AFTER(SEND, LOSE, REJECT), "REJECTED");
}

TEST(the_venue_may_reject_after_accepting_and_end_an_order_unasked)
{
    assert_string_equal(AFTER(SEND, ACCEPT, REJECT), "REJECTED");
    assert_string_equal(AFTER(SEND, CANCEL), "CANCELED");
    assert_string_equal(AFTER(SEND, ACCEPT, CANCEL), "CANCELED");
    assert_string_equal(AFTER(SEND, EXPIRE), "EXPIRED");
}

TEST(a_lost_answer_is_resolved_by_the_venue_alone)
{
    assert_string_equal(AFTER(SEND, LOSE), "UNKNOWN");
    assert_string_equal(AFTER(SEND, LOSE, LOSE), "UNKNOWN");
    assert_string_equal(AFTER(SEND, LOSE, SEND), "UNKNOWN");
    assert_string_equal(AFTER(SEND, LOSE, ASK_CANCEL), "UNKNOWN");
    assert_string_equal(AFTER(SEND, LOSE, ASK_CANCEL, CANCEL_REFUSED), "UNKNOWN");
    assert_string_equal(AFTER(SEND, LOSE, ASK_CANCEL, CANCEL), "CANCELED");
    assert_string_equal(AFTER(SEND, LOSE, ACCEPT), "NEW");
    assert_string_equal(AFTER(SEND, LOSE, REJECT), "REJECTED");
    assert_string_equal(AFTER(SEND, LOSE, PARTIAL_FILL), "PARTIALLY_FILLED");
    assert_string_equal(AFTER(SEND, LOSE, FULL_FILL), "FILLED");
    assert_string_equal(AFTER(SEND, LOSE, EXPIRE), "EXPIRED");
}

TEST(a_lost_cancel_leaves_an_order_that_may_be_gone)
{
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, LOSE), "UNKNOWN");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, LOSE, CANCEL), "CANCELED");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, LOSE, ACCEPT), "NEW");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, LOSE, ACCEPT, ASK_CANCEL, CANCEL),
                        "CANCELED");
    assert_string_equal(AFTER(SEND, PARTIAL_FILL, ASK_CANCEL, LOSE, ACCEPT),
                        "PARTIALLY_FILLED");
}

TEST(a_lost_replace_is_settled_by_its_late_answer)
{
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, LOSE), "UNKNOWN");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, LOSE, REPLACE), "NEW");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, LOSE, ACCEPT, REPLACE), "NEW");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, LOSE, ACCEPT, REPLACE_REFUSED), "NEW");
}

TEST(an_order_is_replaced_and_may_fill_meanwhile)
{
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE), "PENDING_REPLACE");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, REPLACE), "NEW");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, REPLACE_REFUSED), "NEW");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, PARTIAL_FILL), "PENDING_REPLACE");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, PARTIAL_FILL, REPLACE),
                        "PARTIALLY_FILLED");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, FULL_FILL), "FILLED");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, FULL_FILL, REPLACE_REFUSED), "FILLED");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, FULL_FILL, REPLACE), "NONE");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, ASK_REPLACE), "NONE");
}

TEST(cancel_outranks_replace_whichever_was_asked_first)
{
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, ASK_CANCEL), "PENDING_CANCEL");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, ASK_REPLACE), "PENDING_CANCEL");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, ASK_CANCEL, REPLACE),
                        "PENDING_CANCEL");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, ASK_CANCEL, REPLACE_REFUSED, CANCEL),
                        "CANCELED");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, ASK_CANCEL, CANCEL_REFUSED, REPLACE),
                        "NEW");
}

TEST(an_order_is_not_canceled_or_replaced_before_the_venue_knows_it)
{
    assert_string_equal(AFTER(SEND, ASK_CANCEL), "NONE");
    assert_string_equal(AFTER(SEND, ASK_REPLACE), "NONE");
    assert_string_equal(AFTER(SEND, LOSE, ASK_REPLACE), "NONE");
    assert_string_equal(AFTER(ASK_CANCEL), "NONE");
}

TEST(an_order_that_ended_is_not_said_to_work_again)
{
    assert_string_equal(AFTER(SEND, CANCEL, ACCEPT), "NONE");
    assert_string_equal(AFTER(SEND, REJECT, ACCEPT), "NONE");
    assert_string_equal(AFTER(SEND, EXPIRE, ACCEPT), "NONE");
    assert_string_equal(AFTER(SEND, FULL_FILL, CANCEL), "NONE");
}

TEST(the_venue_may_say_everything_twice)
{
    assert_string_equal(AFTER(SEND, ACCEPT, ACCEPT), "NEW");
    assert_string_equal(AFTER(SEND, CANCEL, CANCEL), "CANCELED");
    assert_string_equal(AFTER(SEND, REJECT, REJECT), "REJECTED");
    assert_string_equal(AFTER(SEND, EXPIRE, EXPIRE), "EXPIRED");
}

TEST(an_order_is_sent_again_when_the_venue_was_too_busy_to_take_it)
{
    assert_string_equal(AFTER(SEND, SEND), "PENDING_NEW");
    assert_string_equal(AFTER(SEND, ACCEPT, SEND), "NONE");
}

TEST(the_news_that_it_works_does_not_answer_a_request_about_it)
{
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, ACCEPT), "PENDING_CANCEL");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, ASK_CANCEL), "PENDING_CANCEL");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, ACCEPT), "PENDING_REPLACE");
}

TEST(a_late_refusal_of_one_request_does_not_answer_the_other)
{
    assert_string_equal(
        AFTER(SEND, ACCEPT, ASK_CANCEL, LOSE, ACCEPT, ASK_REPLACE, CANCEL_REFUSED),
        "PENDING_REPLACE");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, ASK_CANCEL, REPLACE_REFUSED),
                        "PENDING_CANCEL");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_REPLACE, LOSE, REPLACE_REFUSED), "UNKNOWN");
    assert_string_equal(AFTER(SEND, ACCEPT, ASK_CANCEL, LOSE, ACCEPT, CANCEL_REFUSED), "NEW");
    assert_string_equal(
        AFTER(SEND, ACCEPT, PARTIAL_FILL, ASK_CANCEL, LOSE, ACCEPT, CANCEL_REFUSED),
        "PARTIALLY_FILLED");
}

TEST(requests_that_crossed_the_end_of_an_order_are_refused_without_effect)
{
    assert_string_equal(AFTER(SEND, CANCEL, CANCEL_REFUSED, REPLACE_REFUSED), "CANCELED");
    assert_string_equal(AFTER(SEND, REJECT, CANCEL_REFUSED, REPLACE_REFUSED), "REJECTED");
    assert_string_equal(AFTER(SEND, EXPIRE, CANCEL_REFUSED, REPLACE_REFUSED), "EXPIRED");
    assert_string_equal(AFTER(SEND, FULL_FILL, CANCEL_REFUSED, REPLACE_REFUSED), "FILLED");
}

TEST(the_venue_may_fill_more_than_all)
{
    assert_string_equal(AFTER(SEND, FULL_FILL, FULL_FILL), "FILLED");
}

/* Invariants of order_state.c over the whole table */

#define for_each_state(s)                                                                      \
    for (enum order_state s = ORDER_INITIALIZED; s < ORDER_STATE_COUNT; s++)
#define for_each_event(e) for (enum order_event e = 0; e < ORDER_EVENT_COUNT; e++)

static bool is_fill(enum order_event event)
{
    return event == PARTIAL_FILL || event == FULL_FILL;
}

TEST(a_state_is_before_the_venue_open_or_final)
{
    for_each_state(s)
    {
        int kinds = (s == ORDER_INITIALIZED) + order_state_is_open(s) + order_state_is_final(s);
        if (kinds != 1)
            fail_msg("%s is %d of these", order_state_name(s), kinds);
    }
}

TEST(nothing_leads_out_of_a_final_state_but_a_late_fill)
{
    for_each_state(s) for_each_event(e) for (int has_fills = 0; has_fills < 2; has_fills++)
    {
        enum order_state next = order_state_next(s, e, has_fills);
        bool exists = s != ORDER_REJECTED || has_fills == is_fill(e); /* S7 */
        if (!exists || !order_state_is_final(s) || !next || next == s)
            continue;
        bool ok = is_fill(e) && order_state_is_final(next) && s != ORDER_FILLED;
        if (!ok)
            fail_msg("%s -%s-> %s", order_state_name(s), order_event_name(e),
                     order_state_name(next));
    }
}

TEST(no_arrow_makes_a_new_or_rejected_order_of_one_with_fills)
{
    for_each_state(s) for_each_event(e)
    {
        enum order_state next = order_state_next(s, e, true);
        assert_true(next != ORDER_NEW && next != ORDER_REJECTED);
    }
}

TEST(the_venue_ends_every_open_order_with_the_state_of_its_word)
{
    static const struct {
        enum order_event word;
        enum order_state end;
    } ends[] = {{FULL_FILL, ORDER_FILLED},
                {CANCEL, ORDER_CANCELED},
                {REJECT, ORDER_REJECTED},
                {EXPIRE, ORDER_EXPIRED}};

    for_each_state(s) for (size_t i = 0; i < ARRAY_LEN(ends); i++)
    {
        if (!order_state_is_open(s))
            continue;
        enum order_state next = order_state_next(s, ends[i].word, false);
        if (next != ends[i].end)
            fail_msg("%s -%s-> %s", order_state_name(s), order_event_name(ends[i].word),
                     order_state_name(next));
    }
}

TEST(every_open_order_takes_fills_and_the_news_that_it_works)
{
    for_each_state(s)
    {
        if (!order_state_is_open(s))
            continue;
        assert_true(order_state_is_open(order_state_next(s, PARTIAL_FILL, true)));
        assert_true(order_state_is_open(order_state_next(s, ACCEPT, false)));
    }
}

TEST(unknown_is_left_by_the_word_of_the_venue_alone)
{
    static const enum order_event ours[] = {ORDER_EVENT_DENY, SEND, ASK_CANCEL, ASK_REPLACE,
                                            LOSE};

    for (size_t i = 0; i < ARRAY_LEN(ours); i++) {
        enum order_state next = order_state_next(ORDER_UNKNOWN, ours[i], false);
        assert_true(next == ORDER_STATE_NONE || next == ORDER_UNKNOWN);
    }
}

TEST(a_lost_answer_makes_every_open_order_unknown_and_changes_no_other)
{
    for_each_state(s)
    {
        enum order_state next = order_state_next(s, LOSE, false);
        const char *want = order_state_is_open(s)                        ? "UNKNOWN"
                           : s == ORDER_INITIALIZED || s == ORDER_DENIED ? "NONE"
                                                                         : order_state_name(s);
        assert_string_equal(order_state_name(next), want);
    }
}

TEST(new_and_partially_filled_have_the_same_arrows)
{
    for_each_event(e) for (int has_fills = 0; has_fills < 2; has_fills++) assert_string_equal(
        order_state_name(order_state_next(ORDER_NEW, e, has_fills)),
        order_state_name(order_state_next(ORDER_PARTIALLY_FILLED, e, has_fills)));
}

TEST(pending_states_are_entered_from_working_ones_only)
{
    for_each_state(s) for_each_event(e)
    {
        enum order_state next = order_state_next(s, e, false);
        if (next != ORDER_PENDING_CANCEL && next != ORDER_PENDING_REPLACE)
            continue;
        if (s < ORDER_NEW || s > ORDER_PENDING_REPLACE)
            fail_msg("%s -%s-> %s", order_state_name(s), order_event_name(e),
                     order_state_name(next));
    }
}

TEST(no_arrow_leads_back_before_the_venue)
{
    for_each_state(s) for_each_event(e)
    {
        enum order_state next = order_state_next(s, e, false);
        assert_true(next != ORDER_INITIALIZED);
        assert_true(next != ORDER_DENIED || s == ORDER_INITIALIZED || s == ORDER_PENDING_NEW);
        assert_true(next != ORDER_PENDING_NEW || s <= ORDER_PENDING_NEW);
    }
}
