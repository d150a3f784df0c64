/* Previews on their way: a question of its own number, which waits for others. */
#include "courier_bench.h"

static void ask(uint64_t number, const char *id)
{
    struct order_request request = {.client_id = id_of(id), .side = SIDE_BUY, .size = D(1)};

    port.preview(port.ctx, number, &request);
}

/* The venue's word under the adapter's number, whole. */
static void reply(uint64_t number)
{
    struct event event = {.kind = EVENT_PREVIEW, .preview = {.query = number}};

    answer(event);
    finish(number, OUTCOME_ANSWERED);
}

/* Numbers of the previews that the engine hears. */
static const char *previews(void)
{
    static char text[200];
    const struct event *event;
    size_t len = 0;

    text[0] = '\0';
    while ((event = bus_pop(engine_side)))
        if (event->kind == EVENT_PREVIEW)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%d", len ? " " : "",
                                    (int)event->preview.query);
    return text;
}

TEST(a_preview_passes_with_the_number_that_the_engine_gave_it)
{
    begin();
    ask(7, "a");
    assert_string_equal(left(), "preview a @0s");
    assert_int_not_equal(last_number(), 7);
    reply(last_number());
    assert_string_equal(previews(), "7");
    assert_true(courier_is_idle(courier));
    end();
}

TEST(it_is_asked_again_in_doubt_since_it_creates_nothing)
{
    begin();
    ask(7, "a");
    finish(last_number(), OUTCOME_TIMEOUT);
    pass(MILLISECONDS(500));
    finish(last_number(), OUTCOME_UNREADABLE);
    pass(SECONDS(1));
    assert_string_equal(left(), "preview a @0s; preview a @500ms; preview a @1.5s");
    finish(last_number(), OUTCOME_UNAVAILABLE);
    assert_string_equal(told(), "retry preview 1 timeout 500ms; "
                                "retry preview 2 unreadable 1s; answer 7 unavailable");
    assert_true(courier_is_idle(courier));
    end();
}

TEST(a_request_that_the_venue_does_not_understand_is_not_asked_again)
{
    begin();
    ask(7, "a");
    finish(last_number(), OUTCOME_BAD_REQUEST);
    assert_string_equal(told(), "answer 7 bad_request");
    pass(MINUTES(1));
    assert_string_equal(left(), "preview a @0s");
    end();
}

TEST(silence_ends_with_the_deadline_as_of_any_question)
{
    begin();
    ask(7, "a");
    pass(MINUTES(1));
    assert_string_equal(told(), "retry preview 1 timeout 500ms; retry preview 2 timeout 1s; "
                                "answer 7 timeout");
    end();
}

TEST(a_late_answer_to_an_attempt_before_is_as_good_as_the_last_ones)
{
    begin();
    ask(7, "a");
    uint64_t first = last_number();
    pass(SECONDS(4));
    assert_string_equal(left(), "preview a @0s; preview a @3.5s");
    reply(first);
    assert_string_equal(previews(), "7");
    assert_true(courier_is_idle(courier));
    end();
}

TEST(an_answer_that_comes_twice_passes_once)
{
    begin();
    ask(7, "a");
    uint64_t number = last_number();
    reply(number);
    reply(number);
    assert_string_equal(previews(), "7");
    end();
}

TEST(previews_take_the_tokens_of_questions_and_wait_behind_them)
{
    begin();
    assert_int_equal(settings.budgets[ERRANDS_QUERIES].burst, 2);
    ask(1, "a");
    ask(2, "b");
    ask(3, "c");
    assert_string_equal(left(), "preview a @0s; preview b @0s");
    port.query_orders(port.ctx, 4, 0);
    submit("x");
    cancel("y");
    assert_string_equal(left(), "submit x @0s; cancel y @0s");
    pass(MILLISECONDS(334));
    assert_string_equal(left(), "orders @333.333334ms");
    pass(MILLISECONDS(334));
    assert_string_equal(left(), "preview c @666.666668ms");
    end();
}

TEST(while_a_429_holds_everything_no_preview_leaves)
{
    begin();
    submit("x");
    limit(ERRAND_SUBMIT, "x", SECONDS(2));
    ask(7, "a");
    pass(MILLISECONDS(1999));
    assert_string_equal(left(), "submit x @0s");
    pass(MILLISECONDS(1));
    assert_string_equal(left(), "submit x @2s; preview a @2s");
    end();
}

TEST(previews_fail_at_once_while_questions_are_given_up_and_exits_leave)
{
    begin();
    settings.breaker.failures = 2;
    end();
    open_courier(1);
    ask(1, "a");
    finish(last_number(), OUTCOME_UNAVAILABLE);
    pass(MILLISECONDS(500));
    finish(last_number(), OUTCOME_UNAVAILABLE);
    told();
    ask(2, "b");
    const char *said = told();
    assert_non_null(strstr(said, "answer 2 not_sent"));
    left();
    submit("x");
    assert_non_null(strstr(left(), "submit x"));
    end();
}

TEST(a_venue_without_previews_has_none_behind_the_courier)
{
    struct venue_port poor = adapter;

    settle_settings();
    poor.preview = NULL;
    struct courier *other = courier_new(&settings, &poor, 1);
    assert_null(courier_port(other).preview);
    courier_free(other);
    begin();
    assert_non_null(port.preview);
    end();
}
