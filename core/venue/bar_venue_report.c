#include <assert.h>
#include <string.h>

#include "venue/bar_venue_private.h"

static struct event report_event(const struct bar_venue *venue, enum report_kind kind,
                                 product_ref product)
{
    return (struct event){
        .kind = EVENT_REPORT, .product = product, .time = venue->now, .report.kind = kind};
}

static struct event order_event(const struct bar_venue *venue, enum report_kind kind,
                                const struct bar_order *order)
{
    struct event event = report_event(venue, kind, order->request.product);

    event.report.client_id = order->request.client_id;
    event.report.venue_id = order->venue_id;
    return event;
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
    struct event event = order_event(venue, kind, order);

    if (why)
        set_reason(&event.report, why);
    bus_push(venue->bus, &event);
}

/* About an order that is not there: only ids are known. */
void bar_report_absent(struct bar_venue *venue, enum report_kind kind, product_ref product,
                       const client_order_id *client_id, const struct rejection *why,
                       uint64_t query)
{
    struct event event = report_event(venue, kind, product);

    event.report.client_id = *client_id;
    event.report.query = query;
    set_reason(&event.report, why);
    bus_push(venue->bus, &event);
}

void bar_report_replaced(struct bar_venue *venue, const struct bar_order *order)
{
    struct event event = order_event(venue, REPORT_REPLACED, order);

    event.report.has_request = true;
    event.report.request = order->request;
    bus_push(venue->bus, &event);
}

void bar_report_fill(struct bar_venue *venue, const struct kept_fill *kept, uint64_t query)
{
    struct event event = report_event(venue, REPORT_FILL, kept->fill.product);

    event.report.client_id = kept->client_id;
    event.report.venue_id = kept->venue_id;
    event.report.query = query;
    event.report.has_fill = true;
    event.report.fill = kept->fill;
    bus_push(venue->bus, &event);
}

void bar_report_state(struct bar_venue *venue, const struct bar_order *order, uint64_t query)
{
    static const enum report_kind kinds[] = {[BAR_WORKING] = REPORT_WORKING,
                                             [BAR_FILLED] = REPORT_FILL,
                                             [BAR_CANCELED] = REPORT_CANCELED,
                                             [BAR_EXPIRED] = REPORT_EXPIRED};
    struct event event = order_event(venue, kinds[order->state], order);

    event.report.query = query;
    event.report.has_totals = true;
    event.report.total_size = order->filled;
    event.report.total_value = order->value;
    event.report.total_fees = order->fees;
    event.report.has_request = true;
    event.report.request = order->request;
    bus_push(venue->bus, &event);
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
