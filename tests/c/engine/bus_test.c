#include "engine/bus.h"

#include <string.h>

#include "check.h"

static struct event quote(int64_t bid)
{
    return (struct event){.kind = EVENT_QUOTE, .time = bid, .quote.bid = D(bid)};
}

static struct event report(const char *id)
{
    struct event event = {.kind = EVENT_REPORT, .report.kind = REPORT_ACCEPTED};

    strcpy(event.report.client_id.text, id);
    strcpy(event.report.text, "accepted");
    event.report.retry_after = 7;
    return event;
}

static void push_quotes(struct bus *bus, int from, int to)
{
    for (int i = from; i <= to; i++) {
        struct event event = quote(i);
        bus_push(bus, &event);
    }
}

TEST(an_empty_bus_has_nothing_to_pop)
{
    struct bus *bus = bus_new(10);

    assert_true(bus_is_empty(bus));
    assert_null(bus_pop(bus));
    assert_int_equal(bus_dropped(bus), 0);
    bus_free(bus);
}

TEST(events_come_out_in_the_order_they_went_in_while_the_ring_turns_and_grows)
{
    struct bus *bus = bus_new(1000);
    int next_in = 1, next_out = 1;

    for (int round = 0; round < 60; round++) {
        push_quotes(bus, next_in, next_in + round);
        next_in += round + 1;
        for (int i = 0; i < round - 2; i++)
            assert_int_equal(bus_pop(bus)->time, next_out++);
    }
    while (!bus_is_empty(bus))
        assert_int_equal(bus_pop(bus)->time, next_out++);
    assert_int_equal(next_out, next_in);
    bus_free(bus);
}

TEST(an_event_may_be_written_where_it_waits)
{
    struct bus *bus = bus_new(4);

    for (int i = 1; i <= 40; i++) {
        struct event *event = bus_add(bus, i % 2 ? EVENT_REPORT : EVENT_BAR);
        assert_int_equal(event->kind, i % 2 ? EVENT_REPORT : EVENT_BAR);
        event->time = i;
    }
    for (int i = 1; i <= 40; i++)
        assert_int_equal(bus_pop(bus)->time, i);
    assert_true(bus_is_empty(bus));
    bus_free(bus);
}

TEST(every_field_of_a_report_survives_the_slot_of_a_quote)
{
    struct bus *bus = bus_new(10);
    struct event event = report("a-1");

    push_quotes(bus, 1, 3);
    bus_push(bus, &event);
    for (int i = 0; i < 3; i++)
        bus_pop(bus);
    const struct event *got = bus_pop(bus);
    assert_int_equal(got->kind, EVENT_REPORT);
    assert_string_equal(got->report.client_id.text, "a-1");
    assert_string_equal(got->report.text, "accepted");
    assert_int_equal(got->report.retry_after, 7);
    bus_free(bus);
}

TEST(beyond_the_limit_ticks_are_dropped_and_counted_and_all_else_is_kept)
{
    struct bus *bus = bus_new(20);
    struct event kept[] = {
        report("a-1"),          {.kind = EVENT_BAR},     {.kind = EVENT_CYCLE},
        {.kind = EVENT_TIMER},  {.kind = EVENT_BALANCE}, {.kind = EVENT_HOLDING},
        {.kind = EVENT_ANSWER}, {.kind = EVENT_STREAM},  {.kind = EVENT_COMMAND},
        {.kind = EVENT_GAUGE},
    };
    struct event dropped[] = {{.kind = EVENT_TRADE}, {.kind = EVENT_BOOK}, quote(99)};

    push_quotes(bus, 1, 20);
    for (size_t i = 0; i < ARRAY_LEN(dropped); i++)
        bus_push(bus, &dropped[i]);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        bus_push(bus, &kept[i]);
    assert_int_equal(bus_dropped(bus), 3);
    for (int i = 1; i <= 20; i++)
        assert_int_equal(bus_pop(bus)->time, i);
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        assert_int_equal(bus_pop(bus)->kind, kept[i].kind);
    assert_true(bus_is_empty(bus));
    bus_free(bus);
}

TEST(room_made_by_a_pop_takes_market_data_again)
{
    struct bus *bus = bus_new(2);

    push_quotes(bus, 1, 3);
    assert_int_equal(bus_pop(bus)->time, 1);
    push_quotes(bus, 4, 5);
    assert_int_equal(bus_dropped(bus), 2);
    assert_int_equal(bus_pop(bus)->time, 2);
    assert_int_equal(bus_pop(bus)->time, 4);
    bus_free(bus);
}
