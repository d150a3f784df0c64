/* The courier before an adapter that only takes notes and answers as it is told: what its tests
 * share. */
#ifndef TESTS_VENUE_COURIER_BENCH_H
#define TESTS_VENUE_COURIER_BENCH_H

#include "venue/courier.h"

#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "venue/mock.h"

#include "venue_check.h"

static const nanos begin_at = SECONDS(1700006400);

static struct engine_settings settings;
static struct courier *courier;
static struct venue_port port;
static struct bus *engine_side;
static struct clearance clearance;
static nanos now;

/* What reached the adapter: "submit a" and the like. */
static struct note {
    char what[48];
    nanos time;
} notes[4096];
static int note_count;
static uint64_t numbered; /* the last question */

static inline struct note *note(const char *what, const char *id, uint64_t number)
{
    struct note *n = &notes[note_count++];

    assert_true(note_count < 4096);
    *n = (struct note){.time = now};
    numbered = number ? number : numbered;
    snprintf(n->what, sizeof n->what, "%s%s%s", what, id[0] ? " " : "", id);
    return n;
}

static inline void take_submit(void *ctx, const struct order_request *request)
{
    (void)ctx;
    note("submit", request->client_id.text, 0);
}

static inline void take_cancel(void *ctx, const client_order_id *id,
                               const venue_order_id *venue_id)
{
    (void)ctx, (void)venue_id;
    note("cancel", id->text, 0);
}

static inline void take_amend(void *ctx, const struct venue_amend *amend)
{
    (void)ctx;
    note("amend", amend->client_id.text, 0);
}

static inline void take_query_order(void *ctx, uint64_t number, const client_order_id *id,
                                    const venue_order_id *venue_id)
{
    (void)ctx, (void)venue_id;
    note("read", id->text, number);
}

static inline void take_query_orders(void *ctx, uint64_t number, nanos since)
{
    (void)ctx, (void)since;
    note("orders", "", number);
}

static inline void take_query_fills(void *ctx, uint64_t number, nanos since)
{
    (void)ctx, (void)since;
    note("fills", "", number);
}

static inline void take_query_account(void *ctx, uint64_t number)
{
    (void)ctx;
    note("account", "", number);
}

static inline void take_preview(void *ctx, uint64_t number, const struct order_request *request)
{
    (void)ctx;
    note("preview", request->client_id.text, number);
}

static const struct venue_port adapter = {
    .name = "notes",
    .can_amend = true,
    .submit = take_submit,
    .cancel = take_cancel,
    .amend = take_amend,
    .query_order = take_query_order,
    .query_orders = take_query_orders,
    .query_fills = take_query_fills,
    .query_account = take_query_account,
    .preview = take_preview,
};

static inline struct clearance clear_as_told(void *ctx, const struct order_request *request)
{
    (void)ctx, (void)request;
    return clearance;
}

static inline struct clearance clear_edit_as_told(void *ctx, const struct venue_amend *amend)
{
    (void)ctx, (void)amend;
    return clearance;
}

static inline void settle_settings(void)
{
    engine_settings_init(&settings);
    settings.retry.jitter_share = DECIMAL_ZERO;
    clearance = (struct clearance){.code = REFUSAL_NONE};
}

static inline void open_courier(uint64_t seed)
{
    static const struct courier_gate gate = {NULL, clear_as_told, clear_edit_as_told};

    now = begin_at;
    note_count = 0;
    engine_side = bus_new(1000000);
    courier = courier_new(&settings, &adapter, seed);
    courier_connect(courier, engine_side, &gate);
    port = courier_port(courier);
    courier_advance(courier, now);
}

static inline void begin(void)
{
    settle_settings();
    open_courier(1);
}

static inline void end(void)
{
    courier_free(courier);
    bus_free(engine_side);
}

/* Lets time pass, with everything that happens on the way. */
static inline void pass(nanos span)
{
    nanos until = now + span, next;

    while ((next = courier_next_time(courier)) <= until) {
        assert_true(next > now);
        now = next;
        courier_advance(courier, now);
    }
    now = until;
    courier_advance(courier, now);
}

/* ---- asking ---- */

static inline client_order_id id_of(const char *text)
{
    client_order_id id = {""};

    snprintf(id.text, sizeof id.text, "%s", text);
    return id;
}

static inline void submit(const char *id)
{
    struct order_request request = {.client_id = id_of(id),
                                    .side = SIDE_BUY,
                                    .type = ORDER_LIMIT,
                                    .size = D(1),
                                    .limit_price = D(100)};

    port.submit(port.ctx, &request);
}

static inline void cancel(const char *id)
{
    client_order_id client_id = id_of(id);

    port.cancel(port.ctx, &client_id, &(venue_order_id){""});
}

static inline void amend(const char *id)
{
    struct venue_amend amend = {.client_id = id_of(id), .size = D(2), .limit_price = D(99)};

    port.amend(port.ctx, &amend);
}

/* ---- answering ---- */

static inline void answer(struct event event)
{
    bus_push(courier_inbox(courier), &event);
    courier_advance(courier, now);
}

static inline struct event report(enum report_kind kind, const char *id)
{
    struct event event = {.kind = EVENT_REPORT, .report.kind = kind};

    event.report.client_id = id_of(id);
    return event;
}

static inline void say(enum report_kind kind, const char *id)
{
    answer(report(kind, id));
}

static inline void refuse(enum report_kind kind, const char *id, const char *reason)
{
    struct event event = report(kind, id);

    snprintf(event.report.reason, sizeof event.report.reason, "%s", reason);
    answer(event);
}

static inline void lose(enum errand errand, const char *id, enum outcome outcome)
{
    struct event event = report(REPORT_LOST, id);

    event.report.errand = errand;
    event.report.outcome = outcome;
    answer(event);
}

static inline void limit(enum errand errand, const char *id, nanos retry_after)
{
    struct event event = report(REPORT_LOST, id);

    event.report.errand = errand;
    event.report.outcome = OUTCOME_RATE_LIMIT;
    event.report.retry_after = retry_after;
    answer(event);
}

static inline void finish(uint64_t number, enum outcome outcome)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer.query = number;
    event.answer.is_complete = outcome == OUTCOME_ANSWERED;
    event.answer.outcome = outcome;
    answer(event);
}

static inline uint64_t last_number(void)
{
    return numbered;
}

/* ---- looking ---- */

/* What left since the last look, with the time since the beginning. */
static const char *left(void)
{
    static char text[4096];
    static int seen;
    size_t len = 0;

    seen = seen > note_count ? 0 : seen;
    text[0] = '\0';
    for (int i = seen; i < note_count; i++) {
        char span[NANOS_TEXT_MAX];
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s @%s", len ? "; " : "",
                                notes[i].what,
                                nanos_format_duration(notes[i].time - begin_at, span));
    }
    note_count = seen = 0;
    return text;
}

/* What the engine is told, gauges aside. */
static const char *told(void)
{
    static char text[8192];
    const struct event *event;
    size_t len = 0;

    text[0] = '\0';
    while ((event = bus_pop(engine_side))) {
        char one[300] = "", wait[NANOS_TEXT_MAX];
        const struct order_report *r = &event->report;
        if (event->kind == EVENT_REPORT)
            snprintf(one, sizeof one, "%s %s%s%s", report_kind_name(r->kind), r->client_id.text,
                     r->reason[0] ? " " : "", r->reason);
        else if (event->kind == EVENT_RETRY)
            snprintf(one, sizeof one, "retry %s %d %s %s", errand_name(event->retry.errand),
                     event->retry.attempt, outcome_name(event->retry.outcome),
                     nanos_format_duration(event->retry.wait, wait));
        else if (event->kind == EVENT_ANSWER)
            snprintf(one, sizeof one, "answer %d %s", (int)event->answer.query,
                     event->answer.is_complete ? "complete"
                                               : outcome_name(event->answer.outcome));
        if (one[0])
            len +=
                (size_t)snprintf(text + len, sizeof text - len, "%s%s", len ? "; " : "", one);
    }
    return text;
}

#endif
