/* Answers to questions: one order, all of them, fills, the account, a preview. */
#include <string.h>

#include "venue/mock_private.h"

/* All events of an answer arrive together, at the time that answer_query has set. */
static void answer_part(struct mock *mock, const struct event *event)
{
    mock_deliver_at(mock, event, mock->asked->time);
}

static bool is_hidden(const struct mock *mock, const struct sim_order *order)
{
    return order->hidden_until > mock->now;
}

static void answer_state(struct mock *mock, const struct sim_order *order)
{
    static const enum report_kind kinds[] = {[SIM_OPEN] = REPORT_WORKING,
                                             [SIM_FILLED] = REPORT_FILL,
                                             [SIM_CANCELED] = REPORT_CANCELED,
                                             [SIM_EXPIRED] = REPORT_EXPIRED};
    struct event event = mock_order_event(kinds[order->state], order);

    event.report.query = mock->asked->query;
    event.report.has_totals = true;
    event.report.total_size = order->filled;
    event.report.total_value = order->value;
    event.report.total_fees = order->fees;
    mock_set_request(&event.report, order);
    mock_set_reason(&event.report, order->end.reason, order->end.text);
    answer_part(mock, &event);
}

static void answer_query_order(struct mock *mock, const struct job *job)
{
    const struct sim_order *order = simulator_find(mock->sim, &job->client_id, &job->venue_id);

    if (order && !is_hidden(mock, order)) {
        answer_state(mock, order);
        return;
    }
    struct event event = mock_report_event(REPORT_NOT_FOUND, PRODUCT_NONE, &job->client_id);
    event.report.query = job->query;
    mock_set_reason(&event.report, "NOT_FOUND", "order not found");
    answer_part(mock, &event);
}

/* Half of them when the answer breaks off. */
static void answer_query_orders(struct mock *mock, const struct job *job)
{
    uint64_t count = simulator_order_count(mock->sim);

    for (uint64_t i = 0; i < count; i++) {
        const struct sim_order *order = simulator_order_at(mock->sim, i);
        bool is_recent =
            order->state == SIM_OPEN || mock_venue_time(mock, order->updated) >= job->since;
        if (is_recent && !is_hidden(mock, order) &&
            (job->fault.kind != FAULT_HALF_ANSWER || i < count / 2))
            answer_state(mock, order);
    }
}

static void answer_query_fills(struct mock *mock, const struct job *job)
{
    uint64_t count = simulator_fill_count(mock->sim);

    for (uint64_t i = 0; i < count; i++) {
        const struct sim_fill *fill = simulator_fill_at(mock->sim, i);
        if (mock_venue_time(mock, fill->fill.time) < job->since ||
            fill->fill.time + mock->setup.fills_delay > mock->now ||
            (job->fault.kind == FAULT_HALF_ANSWER && i >= count / 2))
            continue;
        struct event event = mock_fill_event(mock, fill);
        event.report.query = job->query;
        answer_part(mock, &event);
    }
}

/* Beside the account, as the header of an answer would say it. */
static void tell_time(struct mock *mock, const struct job *job)
{
    struct event event = {.kind = EVENT_GAUGE, .product = PRODUCT_NONE};

    event.gauge = (struct gauge_event){
        GAUGE_CLOCK_SKEW,
        gauge_clock_skew(mock_venue_time(mock, mock->now), job->sent, job->time)};
    answer_part(mock, &event);
}

static void answer_query_account(struct mock *mock, const struct job *job)
{
    const struct ledger *ledger = simulator_ledger(mock->sim);

    for (int i = 0; i < ledger_currency_count(ledger); i++) {
        struct event event = mock_balance_event(mock, ledger_currency_at(ledger, i));
        event.balance.query = job->query;
        answer_part(mock, &event);
    }
    for (int i = 0; i < mock->products->count; i++) {
        product_ref product = (product_ref)i;
        if (mock->products->items[i].type != PRODUCT_FUTURE)
            continue;
        struct event event = {.kind = EVENT_HOLDING, .product = product};
        event.holding.size = ledger_position(ledger, product).size;
        event.holding.average_price = ledger_position_price(ledger, product);
        event.holding.query = job->query;
        answer_part(mock, &event);
    }
    tell_time(mock, job);
}

/* One object: an answer that breaks off has nothing of it. */
static void answer_preview(struct mock *mock, const struct job *job)
{
    struct event event = {.kind = EVENT_PREVIEW, .product = job->request.product};

    if (job->fault.kind == FAULT_HALF_ANSWER)
        return;
    simulator_preview(mock->sim, &job->request, mock->now, &event.preview);
    event.preview.query = job->query;
    if (job->fault.kind == FAULT_REJECT)
        strcpy(event.preview.reason, "PREVIEW_RISK_PROXY_FAILURE");
    answer_part(mock, &event);
}

void mock_answer_query(struct mock *mock, struct job *job)
{
    static void (*const answers[JOB_KIND_COUNT])(struct mock *, const struct job *) = {
        [JOB_QUERY_ORDER] = answer_query_order, [JOB_QUERY_ORDERS] = answer_query_orders,
        [JOB_QUERY_FILLS] = answer_query_fills, [JOB_QUERY_ACCOUNT] = answer_query_account,
        [JOB_PREVIEW] = answer_preview,
    };
    bool breaks = job->fault.kind == FAULT_HALF_ANSWER;
    struct event event = breaks ? mock_lost_event(job) : mock_answer_event(job->query, "");

    job->time = mock->now + mock_latency(mock);
    if (job->fault.kind == FAULT_REORDER)
        job->time += job->fault.span;
    else if (job->time < mock->last_delivery)
        job->time = mock->last_delivery;
    if (job->fault.kind != FAULT_REORDER)
        mock->last_delivery = job->time;
    for (int i = 0; i < 1 + (job->fault.kind == FAULT_DUPLICATE); i++) {
        answers[job->kind](mock, job);
        answer_part(mock, &event);
    }
}
