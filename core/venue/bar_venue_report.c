#include <assert.h>
#include <string.h>

#include "venue/bar_venue_private.h"

/* A report that says nothing yet: written where the engine will read it, since to clear and to
 * copy one costs as much as the fill it tells of. */
static struct event *add_report(struct bar_venue *venue, enum report_kind kind,
                                product_ref product, const client_order_id *client_id)
{
    struct event *event = bus_add(venue->bus, EVENT_REPORT);
    struct order_report *report = &event->report;

    event->product = product;
    event->time = venue->now;
    report->kind = kind;
    report->client_id = *client_id;
    report->venue_id.text[0] = '\0';
    report->query = 0;
    report->has_totals = report->has_fill = report->has_request = false;
    report->reason[0] = report->text[0] = '\0';
    report->retry_after = 0;
    return event;
}

static struct order_report *add_order_report(struct bar_venue *venue, enum report_kind kind,
                                             const struct bar_order *order)
{
    const struct order_request *request = &order->request;
    struct event *event = add_report(venue, kind, request->product, &request->client_id);

    event->report.venue_id = order->venue_id;
    return &event->report;
}

static void set_reason(struct order_report *report, const struct rejection *why)
{
    assert(strlen(why->reason) < VENUE_REASON_MAX && strlen(why->text) < VENUE_TEXT_MAX);
    strcpy(report->reason, why->reason);
    strcpy(report->text, why->text);
}

void bar_report(struct bar_venue *venue, enum report_kind kind, const struct bar_order *order,
                const struct rejection *why)
{
    struct order_report *report = add_order_report(venue, kind, order);

    if (why)
        set_reason(report, why);
}

/* About an order that is not there: only ids are known. */
void bar_report_absent(struct bar_venue *venue, enum report_kind kind, product_ref product,
                       const client_order_id *client_id, const struct rejection *why,
                       uint64_t query)
{
    struct order_report *report = &add_report(venue, kind, product, client_id)->report;

    report->query = query;
    set_reason(report, why);
}

void bar_report_replaced(struct bar_venue *venue, const struct bar_order *order)
{
    struct order_report *report = add_order_report(venue, REPORT_REPLACED, order);

    report->has_request = true;
    report->request = order->request;
}

void bar_report_fill(struct bar_venue *venue, const struct kept_fill *kept, uint64_t query)
{
    struct order_report *report =
        &add_report(venue, REPORT_FILL, kept->fill.product, &kept->client_id)->report;

    report->venue_id = kept->venue_id;
    report->query = query;
    report->has_fill = true;
    report->fill = kept->fill;
}

void bar_report_state(struct bar_venue *venue, const struct bar_order *order, uint64_t query)
{
    static const enum report_kind kinds[] = {[BAR_WORKING] = REPORT_WORKING,
                                             [BAR_FILLED] = REPORT_FILL,
                                             [BAR_CANCELED] = REPORT_CANCELED,
                                             [BAR_EXPIRED] = REPORT_EXPIRED};
    struct order_report *report = add_order_report(venue, kinds[order->state], order);

    report->query = query;
    report->has_totals = true;
    report->total_size = order->filled;
    report->total_value = order->value;
    report->total_fees = order->fees;
    report->has_request = true;
    report->request = order->request;
}

void bar_report_balance(struct bar_venue *venue, const char *currency, uint64_t query)
{
    struct event event = {.kind = EVENT_BALANCE, .product = PRODUCT_NONE, .time = venue->now};

    strcpy(event.balance.currency, currency);
    event.balance.total = ledger_total(venue->ledger, currency);
    event.balance.hold = ledger_held(venue->ledger, currency);
    event.balance.query = query;
    bus_push(venue->bus, &event);
}

void bar_report_holding(struct bar_venue *venue, product_ref product, uint64_t query)
{
    struct event event = {.kind = EVENT_HOLDING, .product = product, .time = venue->now};

    event.holding.size = ledger_position(venue->ledger, product).size;
    event.holding.average_price = ledger_position_price(venue->ledger, product);
    event.holding.query = query;
    bus_push(venue->bus, &event);
}

void bar_report_answer(struct bar_venue *venue, uint64_t query, bool is_complete)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE, .time = venue->now};

    event.answer.query = query;
    event.answer.is_complete = is_complete;
    if (!is_complete)
        strcpy(event.answer.text, "what happened so long ago is forgotten");
    bus_push(venue->bus, &event);
}
