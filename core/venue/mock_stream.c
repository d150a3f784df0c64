/* What the venue tells without being asked: the user stream, market data, and what
 * faults make of them. */
#include "venue/mock_private.h"

static void push_stream(struct mock *mock, enum stream_kind stream, enum stream_change change)
{
    struct event event = {.kind = EVENT_STREAM, .product = PRODUCT_NONE, .time = mock->now};

    event.stream = (struct stream_event){stream, change};
    bus_push(mock->bus, &event);
}

void mock_tell_streams(struct mock *mock, enum stream_change change)
{
    push_stream(mock, STREAM_MARKET, change);
    push_stream(mock, STREAM_USER, change);
    if (change == STREAM_UP)
        simulator_retell(mock->sim);
}

static void disconnect(struct mock *mock, nanos span)
{
    mock->down_until = mock->now + span;
    mock_tell_streams(mock, STREAM_DOWN);
    mock_schedule(mock, mock_job(mock, JOB_RECONNECT), mock->down_until);
}

/* A message of the user stream. */
static void stream_report(struct mock *mock, const struct event *event)
{
    struct fault_case fault;

    if (mock_is_down(mock))
        return;
    fault = mock_fault(mock, FAULT_AT_REPORT);
    switch (fault.kind) {
    case FAULT_LOSE_MESSAGE:
        return;
    case FAULT_GAP:
        push_stream(mock, STREAM_USER, STREAM_GAP);
        return;
    case FAULT_DISCONNECT:
        disconnect(mock, fault.span);
        return;
    case FAULT_REORDER:
        mock_deliver_at(mock, event, mock->now + mock_latency(mock) + fault.span);
        return;
    case FAULT_DUPLICATE:
        mock_deliver(mock, event, 0);
        break;
    default:
        break;
    }
    mock_deliver(mock, event, fault.kind == FAULT_DELAY ? fault.span : 0);
}

/* A message of the market stream: as fast as it happens. */
static void stream_tick(struct mock *mock, struct event *event)
{
    struct fault_case fault;

    if (!mock->bus || mock_is_down(mock) || mock_is_silent(mock))
        return;
    event->time = mock->now;
    fault = mock_fault(mock, FAULT_AT_TICK);
    if (fault.kind == FAULT_DISCONNECT)
        disconnect(mock, fault.span);
    if (fault.kind == FAULT_GAP)
        push_stream(mock, STREAM_MARKET, STREAM_GAP);
    if (fault.kind == FAULT_DUPLICATE)
        bus_push(mock->bus, event);
    if (fault.kind == FAULT_NONE || fault.kind == FAULT_DUPLICATE)
        bus_push(mock->bus, event);
}

/* Whether the request in hand is what this order's change answers. */
static bool is_answer(const struct mock *mock, const struct sim_order *order)
{
    return mock->asked && !order->is_external;
}

static void on_order(void *ctx, const struct sim_order *order, enum sim_change change)
{
    struct mock *mock = ctx;
    struct event event;

    if (change == SIM_EDIT_REFUSED) {
        event = mock_order_event(REPORT_REPLACE_REFUSED, order);
        mock_set_reason(&event.report, order->edit_end.reason, order->edit_end.text);
        stream_report(mock, &event);
        return;
    }
    if (order->state == SIM_FILLED)
        return; /* its last fill has said so */
    if (change == SIM_ENDED) {
        event = mock_order_event(order->state == SIM_EXPIRED ? REPORT_EXPIRED : REPORT_CANCELED,
                                 order);
        mock_set_reason(&event.report, order->end.reason, order->end.text);
        stream_report(mock, &event);
        return;
    }
    event = mock_order_event(change == SIM_ACCEPTED ? REPORT_ACCEPTED : REPORT_REPLACED, order);
    if (change == SIM_REPLACED || order->is_external)
        mock_set_request(&event.report, order);
    if (is_answer(mock, order))
        mock_reply(mock, &event);
    else
        stream_report(mock, &event);
}

static void on_fill(void *ctx, const struct sim_fill *fill)
{
    struct mock *mock = ctx;
    struct event event = mock_fill_event(mock, fill);

    stream_report(mock, &event);
}

static void on_trade(void *ctx, product_ref product, const struct trade *trade)
{
    struct event event = {.kind = EVENT_TRADE, .product = product, .trade = *trade};

    stream_tick(ctx, &event);
}

static void on_quote(void *ctx, product_ref product, const struct quote *quote)
{
    struct event event = {.kind = EVENT_QUOTE, .product = product, .quote = *quote};

    stream_tick(ctx, &event);
}

static void on_book(void *ctx, product_ref product, const struct book_update *update)
{
    struct event event = {.kind = EVENT_BOOK, .product = product, .book = *update};

    stream_tick(ctx, &event);
}

static void on_balance(void *ctx, const char *currency)
{
    struct mock *mock = ctx;

    if (mock->bus) {
        struct event event = mock_balance_event(mock, currency);
        stream_report(mock, &event);
    }
}

const struct sim_listener mock_listener = {
    .on_order = on_order,
    .on_fill = on_fill,
    .on_trade = on_trade,
    .on_quote = on_quote,
    .on_book = on_book,
    .on_balance = on_balance,
};
