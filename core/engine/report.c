/* The venue's word about an order, turned into facts.
 *
 * Reports come late, twice and out of order; totals and single executions mix.
 * Two rules keep the books right:
 *   R1  a single execution is booked once, by its id
 *   R2  totals book only what they exceed; the size so inferred is remembered, and single
 * executions that arrive later explain it first, before they book anything more A report that
 * says what is known already is no news. One that the table of states has no arrow for is an
 * anomaly: it is journaled, and changes nothing. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine_private.h"

static const struct order *order_of(const struct engine *engine,
                                    const struct order_report *report)
{
    const struct order *order = oms_find_client(engine->oms, &report->client_id);

    return order ? order : oms_find_venue(engine->oms, &report->venue_id);
}

static void emit_fill(struct engine *engine, enum fact_kind kind, const struct order *order,
                      const struct fill *fill)
{
    struct fact fact = {.kind = kind, .fill = *fill};

    fact.fill.order = order->number;
    fact.fill.product = order->request.product;
    fact.fill.side = order->request.side;
    engine_emit(engine, &fact);
}

static void book(struct engine *engine, const struct order *order, const struct fill *fill)
{
    engine->counters.fills++;
    emit_fill(engine, FACT_FILL, order, fill);
    engine_tell_order(engine, order, fill);
}

/* A part of a fill, its money in proportion. */
static struct fill part_of(const struct fill *fill, decimal size)
{
    struct fill part = *fill;

    part.size = size;
    part.value = decimal_mul_div(fill->value, size, fill->size, ROUND_HALF_EVEN);
    part.fee = decimal_mul_div(fill->fee, size, fill->size, ROUND_HALF_EVEN);
    return part;
}

static void on_fill(struct engine *engine, const struct order *order,
                    const struct fill *reported)
{
    struct fill fill = *reported;

    if (oms_has_fill(engine->oms, order->number, &fill.id)) /* R1 */
        return;
    decimal inferred = oms_inferred(engine->oms, order->number);
    if (decimal_is_positive(inferred)) { /* R2 */
        struct fill known = part_of(&fill, decimal_min(inferred, fill.size));
        emit_fill(engine, FACT_FILL_KNOWN, order, &known);
        if (decimal_is_equal(known.size, fill.size))
            return;
        fill = part_of(&fill, decimal_sub(fill.size, known.size));
    }
    book(engine, order, &fill);
}

/* What the totals know beyond what is booked becomes one fill of its own. */
static void on_totals(struct engine *engine, const struct order *order,
                      const struct order_report *report)
{
    decimal size = decimal_sub(report->total_size, order->filled);
    char total[DECIMAL_TEXT_MAX];

    if (!decimal_is_positive(size))
        return;
    struct fill fill = {
        .size = size,
        .value = decimal_sub(report->total_value, order->filled_value),
        .fee = decimal_sub(report->total_fees, order->fees),
        .liquidity = LIQUIDITY_TAKER,
        .is_inferred = true,
        .time = engine->now,
    };
    const struct product *product = &engine->products->items[order->request.product];
    if (!decimal_is_positive(
            fill.value)) /* totals without money: reckon at the reserved price */
        if (!product_value(product, size, order->reserved_price, &fill.value))
            return;
    decimal units = decimal_mul(size, product->contract_size, ROUND_HALF_EVEN);
    fill.price = decimal_div(fill.value, units, ROUND_HALF_EVEN);
    snprintf(fill.id.text, sizeof fill.id.text, "total:%llu:%s",
             (unsigned long long)order->number, decimal_format(report->total_size, total));
    book(engine, order, &fill);
}

/* The arrow that a kind of report asks for; ORDER_EVENT_COUNT: none, fills speak for
 * themselves. */
static enum order_event event_of(enum report_kind kind)
{
    switch (kind) {
    case REPORT_ACCEPTED:
    case REPORT_WORKING:
        return ORDER_EVENT_ACCEPT;
    case REPORT_REJECTED:
        return ORDER_EVENT_REJECT;
    case REPORT_CANCELED:
        return ORDER_EVENT_CANCEL;
    case REPORT_CANCEL_REFUSED:
        return ORDER_EVENT_CANCEL_REFUSED;
    case REPORT_REPLACED:
        return ORDER_EVENT_REPLACE;
    case REPORT_REPLACE_REFUSED:
        return ORDER_EVENT_REPLACE_REFUSED;
    case REPORT_EXPIRED:
        return ORDER_EVENT_EXPIRE;
    case REPORT_LOST:
        return ORDER_EVENT_LOSE;
    default:
        return ORDER_EVENT_COUNT;
    }
}

/* Whether the report only repeats what the order's state says, or comes after its end. */
static bool is_old_news(const struct order *order, enum order_event event)
{
    enum order_state state = order->state;

    if (event == ORDER_EVENT_ACCEPT)
        return state != ORDER_PENDING_NEW && state != ORDER_UNKNOWN &&
               state != ORDER_INITIALIZED;
    if (event == ORDER_EVENT_CANCEL)
        return state == ORDER_CANCELED || state == ORDER_FILLED || state == ORDER_EXPIRED;
    if (event == ORDER_EVENT_LOSE)
        return state == ORDER_UNKNOWN || order_state_is_final(state);
    if (event == ORDER_EVENT_CANCEL_REFUSED || event == ORDER_EVENT_REPLACE_REFUSED)
        return order_state_is_final(state);
    return (event == ORDER_EVENT_REJECT && state == ORDER_REJECTED) ||
           (event == ORDER_EVENT_EXPIRE && state == ORDER_EXPIRED);
}

static void anomaly(struct engine *engine, const struct order *order, enum order_event event)
{
    engine->counters.anomalies++;
    engine_note(engine, FACT_ANOMALY, "order", "warning", order->number, order->request.product,
                "%s is not expected in %s", order_event_name(event),
                order_state_name(order->state));
}

static void move(struct engine *engine, const struct order *order, enum order_event event,
                 const struct order_report *report)
{
    struct fact fact = {.kind = FACT_ORDER_EVENT};

    if (!order_state_next(order->state, event, decimal_is_positive(order->filled))) {
        anomaly(engine, order, event);
        return;
    }
    fact.order_event = (struct fact_order_event){
        .order = order->number, .event = event, .venue_id = report->venue_id};
    if (event == ORDER_EVENT_REJECT)
        fact.order_event.code = refusal_of_venue(report->reason);
    memcpy(fact.order_event.reason, report->reason, sizeof fact.order_event.reason);
    memcpy(fact.order_event.text, report->text, sizeof fact.order_event.text);
    engine_emit(engine, &fact);
}

static void amend(struct engine *engine, const struct order *order,
                  const struct order_report *report)
{
    struct fact fact = {.kind = FACT_AMEND};

    fact.amend =
        (struct fact_amend){order->number, report->request.size, report->request.limit_price};
    engine_emit(engine, &fact);
}

/* An order that nobody here sent. It is shown; what to do about it is reconciliation's policy.
 */
static void on_stranger(struct engine *engine, const struct event *event)
{
    engine->counters.anomalies++;
    engine_note(engine, FACT_ANOMALY, "external_order", "warning", 0, event->product,
                "%s of an order that is not ours: %s %s", report_kind_name(event->report.kind),
                event->report.venue_id.text, event->report.client_id.text);
}

void engine_on_report(struct engine *engine, const struct event *event)
{
    const struct order_report *report = &event->report;
    const struct order *order = order_of(engine, report);

    if (!order) {
        on_stranger(engine, event);
        return;
    }
    if (report->kind == REPORT_ACCEPTED && order->state == ORDER_PENDING_NEW)
        move(engine, order, ORDER_EVENT_ACCEPT, report); /* before the fills it comes with */
    if (report->has_fill)
        on_fill(engine, order, &report->fill);
    if (report->has_totals)
        on_totals(engine, order, report);
    enum order_event what = event_of(report->kind);
    if (what == ORDER_EVENT_COUNT || is_old_news(order, what))
        return;
    if (what == ORDER_EVENT_REPLACE && report->has_request)
        amend(engine, order, report);
    move(engine, order, what, report);
    engine_tell_order(engine, order, NULL);
}
