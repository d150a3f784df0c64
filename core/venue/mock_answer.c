/* What comes back from the venue: answers to requests, the user stream, market
 * data; and what faults make of them. */
#include <assert.h>
#include <string.h>

#include "venue/mock_private.h"

/* Delivering */

static void deliver_at(struct mock *mock, const struct event *event, nanos time)
{
    struct job *job = mock_job(mock, JOB_DELIVER);

    job->event = *event;
    mock_schedule(mock, job, time);
}

/* After everything that was sent before it. */
static void deliver(struct mock *mock, const struct event *event, nanos extra)
{
    nanos time = mock->now + mock_latency(mock) + extra;

    if (time < mock->last_delivery)
        time = mock->last_delivery;
    mock->last_delivery = time;
    deliver_at(mock, event, time);
}

static struct event report_event(enum report_kind kind, product_ref product,
                                 const client_order_id *client_id)
{
    struct event event = {.kind = EVENT_REPORT, .product = product, .report.kind = kind};

    event.report.client_id = *client_id;
    return event;
}

static struct event order_event(enum report_kind kind, const struct sim_order *order)
{
    struct event event = report_event(kind, order->request.product, &order->request.client_id);

    event.report.venue_id = order->venue_id;
    return event;
}

static void set_reason(struct order_report *report, const char *reason, const char *text)
{
    assert(strlen(reason) < VENUE_REASON_MAX && strlen(text) < VENUE_TEXT_MAX);
    strcpy(report->reason, reason);
    strcpy(report->text, text);
}

static void set_request(struct order_report *report, const struct sim_order *order)
{
    report->has_request = true;
    report->request = order->request;
}

/* Requests whose outcome the client does not learn */

static bool is_query(const struct job *job)
{
    return job->kind >= JOB_QUERY_ORDER && job->kind <= JOB_PREVIEW;
}

static const char *text_of_loss(enum fault_kind kind)
{
    switch (kind) {
    case FAULT_NO_CONNECTION:
        return "no connection to the venue";
    case FAULT_SERVER_BEFORE:
    case FAULT_SERVER_AFTER:
        return "503 Service Unavailable";
    case FAULT_HALF_ANSWER:
        return "the answer broke off";
    case FAULT_WRONG_BODY:
        return "the answer cannot be read";
    case FAULT_RATE_LIMIT:
        return "429 Too Many Requests";
    case FAULT_UNAUTHORIZED:
        return "401 Unauthorized";
    default:
        return "no answer in time";
    }
}

static struct event answer_event(uint64_t query, const char *text)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer.query = query;
    event.answer.is_complete = text[0] == '\0';
    strcpy(event.answer.text, text);
    return event;
}

static enum outcome outcome_of(enum fault_kind kind)
{
    switch (kind) {
    case FAULT_NO_CONNECTION:
        return OUTCOME_NO_CONNECTION;
    case FAULT_SERVER_BEFORE:
    case FAULT_SERVER_AFTER:
        return OUTCOME_UNAVAILABLE;
    case FAULT_HALF_ANSWER:
    case FAULT_WRONG_BODY:
        return OUTCOME_UNREADABLE;
    case FAULT_RATE_LIMIT:
        return OUTCOME_RATE_LIMIT;
    case FAULT_UNAUTHORIZED:
        return OUTCOME_UNAUTHORIZED;
    default:
        return OUTCOME_TIMEOUT;
    }
}

static nanos retry_after(const struct fault_case *fault)
{
    return fault->kind == FAULT_RATE_LIMIT ? fault->span : 0;
}

static enum errand errand_of(const struct job *job)
{
    return job->kind == JOB_SUBMIT   ? ERRAND_SUBMIT
           : job->kind == JOB_CANCEL ? ERRAND_CANCEL
                                     : ERRAND_AMEND;
}

static struct event lost_event(const struct job *job)
{
    const char *text = text_of_loss(job->fault.kind);
    product_ref product = job->kind == JOB_SUBMIT ? job->request.product : PRODUCT_NONE;

    if (is_query(job)) {
        struct event failed = answer_event(job->query, text);
        failed.answer.outcome = outcome_of(job->fault.kind);
        failed.answer.retry_after = retry_after(&job->fault);
        return failed;
    }
    struct event event = report_event(REPORT_LOST, product, &job->client_id);
    event.report.venue_id = job->venue_id;
    event.report.errand = errand_of(job);
    event.report.outcome = outcome_of(job->fault.kind);
    event.report.retry_after = retry_after(&job->fault);
    set_reason(&event.report, "", text);
    return event;
}

void mock_tell_lost(struct mock *mock, struct job *job)
{
    struct event event = lost_event(job);

    deliver(mock, &event, 0);
}

/* The answer to the request in hand, as far as its fault lets it through. */
static void answer(struct mock *mock, const struct event *event)
{
    const struct job *job = mock->asked;
    struct event lost;

    switch (job->fault.kind) {
    case FAULT_LOSE_ANSWER:
        return;
    case FAULT_TIMEOUT:
    case FAULT_SERVER_AFTER:
    case FAULT_HALF_ANSWER:
    case FAULT_WRONG_BODY:
    case FAULT_HIDE:
        lost = lost_event(job);
        deliver(mock, &lost, 0);
        return;
    case FAULT_REORDER:
        deliver_at(mock, event, mock->now + mock_latency(mock) + job->fault.span);
        return;
    case FAULT_DUPLICATE:
        deliver(mock, event, 0);
        break;
    default:
        break;
    }
    deliver(mock, event, 0);
}

static void answer_refused(struct mock *mock, enum report_kind kind,
                           const struct sim_answer *result)
{
    const struct job *job = mock->asked;
    struct event event = report_event(kind, PRODUCT_NONE, &job->client_id);

    if (job->kind == JOB_SUBMIT)
        event.product = job->request.product;
    if (result->order) {
        event.product = result->order->request.product;
        event.report.venue_id = result->order->venue_id;
    }
    set_reason(&event.report, result->why.reason, result->why.text);
    answer(mock, &event);
}

/* Requests */

static void answer_submit(struct mock *mock, struct job *job)
{
    struct sim_answer result = simulator_submit(mock->sim, &job->request, mock->now);

    if (!result.is_taken) {
        answer_refused(mock, REPORT_REJECTED, &result);
        return;
    }
    if (result.is_repeat) { /* the listener has told new ones */
        struct event event = order_event(REPORT_ACCEPTED, result.order);
        answer(mock, &event);
    }
    if (job->fault.kind == FAULT_HIDE)
        simulator_hide(mock->sim, result.order, mock->now + job->fault.span);
}

/* That a cancel was taken is the answer; that the order has ended says the stream. */
static void answer_cancel(struct mock *mock, struct job *job)
{
    struct sim_answer result =
        simulator_cancel(mock->sim, &job->client_id, &job->venue_id, mock->now);

    if (!result.is_taken) {
        answer_refused(mock, REPORT_CANCEL_REFUSED, &result);
        return;
    }
    struct event event = order_event(REPORT_CANCEL_TAKEN, result.order);
    answer(mock, &event);
}

static bool tells_loss(enum fault_kind kind)
{
    return kind == FAULT_TIMEOUT || kind == FAULT_SERVER_AFTER || kind == FAULT_HALF_ANSWER ||
           kind == FAULT_WRONG_BODY || kind == FAULT_HIDE;
}

static void answer_amend(struct mock *mock, struct job *job)
{
    struct sim_answer result =
        simulator_amend(mock->sim, &job->client_id, &job->venue_id, job->amend.size,
                        job->amend.limit_price, mock->now);

    if (!result.is_taken)
        answer_refused(mock, REPORT_REPLACE_REFUSED, &result);
    else if (result.is_waiting && tells_loss(job->fault.kind))
        mock_tell_lost(mock, job); /* that it was taken nobody hears, its outcome they will */
}

/* Queries */

/* All events of an answer arrive together, at the time that answer_query has set. */
static void answer_part(struct mock *mock, const struct event *event)
{
    deliver_at(mock, event, mock->asked->time);
}

static nanos venue_time(const struct mock *mock, nanos time)
{
    return time + mock->setup.clock_skew;
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
    struct event event = order_event(kinds[order->state], order);

    event.report.query = mock->asked->query;
    event.report.has_totals = true;
    event.report.total_size = order->filled;
    event.report.total_value = order->value;
    event.report.total_fees = order->fees;
    set_request(&event.report, order);
    set_reason(&event.report, order->end.reason, order->end.text);
    answer_part(mock, &event);
}

static void answer_query_order(struct mock *mock, const struct job *job)
{
    const struct sim_order *order = simulator_find(mock->sim, &job->client_id, &job->venue_id);

    if (order && !is_hidden(mock, order)) {
        answer_state(mock, order);
        return;
    }
    struct event event = report_event(REPORT_NOT_FOUND, PRODUCT_NONE, &job->client_id);
    event.report.query = job->query;
    set_reason(&event.report, "NOT_FOUND", "order not found");
    answer_part(mock, &event);
}

/* Half of them when the answer breaks off. */
static void answer_query_orders(struct mock *mock, const struct job *job)
{
    uint64_t count = simulator_order_count(mock->sim);

    for (uint64_t i = 0; i < count; i++) {
        const struct sim_order *order = simulator_order_at(mock->sim, i);
        bool is_recent =
            order->state == SIM_OPEN || venue_time(mock, order->updated) >= job->since;
        if (is_recent && !is_hidden(mock, order) &&
            (job->fault.kind != FAULT_HALF_ANSWER || i < count / 2))
            answer_state(mock, order);
    }
}

static struct event fill_event(const struct mock *mock, const struct sim_fill *fill)
{
    struct event event = order_event(REPORT_FILL, fill->order);

    event.report.has_fill = true;
    event.report.fill = fill->fill;
    event.report.fill.order = 0; /* the engine's number, which the venue does not know */
    event.report.fill.time = venue_time(mock, fill->fill.time);
    return event;
}

static void answer_query_fills(struct mock *mock, const struct job *job)
{
    uint64_t count = simulator_fill_count(mock->sim);

    for (uint64_t i = 0; i < count; i++) {
        const struct sim_fill *fill = simulator_fill_at(mock->sim, i);
        if (venue_time(mock, fill->fill.time) < job->since ||
            fill->fill.time + mock->setup.fills_delay > mock->now ||
            (job->fault.kind == FAULT_HALF_ANSWER && i >= count / 2))
            continue;
        struct event event = fill_event(mock, fill);
        event.report.query = job->query;
        answer_part(mock, &event);
    }
}

static struct event balance_event(const struct mock *mock, const char *currency)
{
    const struct ledger *ledger = simulator_ledger(mock->sim);
    struct event event = {.kind = EVENT_BALANCE, .product = PRODUCT_NONE};

    strcpy(event.balance.currency, currency);
    event.balance.total = ledger_total(ledger, currency);
    event.balance.hold = ledger_held(ledger, currency);
    return event;
}

/* Beside the account, as the header of an answer would say it. */
static void tell_time(struct mock *mock, const struct job *job)
{
    struct event event = {.kind = EVENT_GAUGE, .product = PRODUCT_NONE};

    event.gauge = (struct gauge_event){
        GAUGE_CLOCK_SKEW, gauge_clock_skew(venue_time(mock, mock->now), job->sent, job->time)};
    answer_part(mock, &event);
}

static void answer_query_account(struct mock *mock, const struct job *job)
{
    const struct ledger *ledger = simulator_ledger(mock->sim);

    for (int i = 0; i < ledger_currency_count(ledger); i++) {
        struct event event = balance_event(mock, ledger_currency_at(ledger, i));
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

static void answer_query(struct mock *mock, struct job *job)
{
    static void (*const answers[JOB_KIND_COUNT])(struct mock *, const struct job *) = {
        [JOB_QUERY_ORDER] = answer_query_order, [JOB_QUERY_ORDERS] = answer_query_orders,
        [JOB_QUERY_FILLS] = answer_query_fills, [JOB_QUERY_ACCOUNT] = answer_query_account,
        [JOB_PREVIEW] = answer_preview,
    };
    bool breaks = job->fault.kind == FAULT_HALF_ANSWER;
    struct event event = breaks ? lost_event(job) : answer_event(job->query, "");

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

static void refuse_for_nothing(struct mock *mock, const struct job *job)
{
    static const struct rejection no_reason[] = {
        [JOB_SUBMIT] = {"COMMANDER_REJECTED_NEW_ORDER", "The order was refused"},
        [JOB_CANCEL] = {"COMMANDER_REJECTED_CANCEL_ORDER", "The cancel was refused"},
        [JOB_AMEND] = {"COMMANDER_REJECTED_EDIT_ORDER", "The edit was refused"},
    };
    static const enum report_kind kinds[] = {[JOB_SUBMIT] = REPORT_REJECTED,
                                             [JOB_CANCEL] = REPORT_CANCEL_REFUSED,
                                             [JOB_AMEND] = REPORT_REPLACE_REFUSED};
    struct sim_answer result = {.why = no_reason[job->kind]};

    answer_refused(mock, kinds[job->kind], &result);
}

/* Faults in whose way the request itself stands: it has no effect, or is a query that shows
 * nothing. */
static bool has_no_effect(const struct job *job)
{
    enum fault_kind fault = job->fault.kind;

    if (fault == FAULT_SERVER_BEFORE || fault == FAULT_RATE_LIMIT ||
        fault == FAULT_UNAUTHORIZED)
        return true;
    return is_query(job) &&
           (fault == FAULT_TIMEOUT || fault == FAULT_SERVER_AFTER || fault == FAULT_WRONG_BODY);
}

static void work(struct mock *mock, struct job *job)
{
    if (job->kind == JOB_SUBMIT)
        answer_submit(mock, job);
    else if (job->kind == JOB_CANCEL)
        answer_cancel(mock, job);
    else if (job->kind == JOB_AMEND)
        answer_amend(mock, job);
    else if (job->fault.kind != FAULT_LOSE_ANSWER)
        answer_query(mock, job);
}

void mock_answer(struct mock *mock, struct job *job)
{
    mock->asked = job;
    if (has_no_effect(job))
        mock_tell_lost(mock, job);
    else if (job->fault.kind == FAULT_REJECT && !is_query(job))
        refuse_for_nothing(mock, job);
    else
        work(mock, job);
    mock->asked = NULL;
}

/* Streams */

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
        deliver_at(mock, event, mock->now + mock_latency(mock) + fault.span);
        return;
    case FAULT_DUPLICATE:
        deliver(mock, event, 0);
        break;
    default:
        break;
    }
    deliver(mock, event, fault.kind == FAULT_DELAY ? fault.span : 0);
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
        event = order_event(REPORT_REPLACE_REFUSED, order);
        set_reason(&event.report, order->edit_end.reason, order->edit_end.text);
        stream_report(mock, &event);
        return;
    }
    if (order->state == SIM_FILLED)
        return; /* its last fill has said so */
    if (change == SIM_ENDED) {
        event =
            order_event(order->state == SIM_EXPIRED ? REPORT_EXPIRED : REPORT_CANCELED, order);
        set_reason(&event.report, order->end.reason, order->end.text);
        stream_report(mock, &event);
        return;
    }
    event = order_event(change == SIM_ACCEPTED ? REPORT_ACCEPTED : REPORT_REPLACED, order);
    if (change == SIM_REPLACED || order->is_external)
        set_request(&event.report, order);
    if (is_answer(mock, order))
        answer(mock, &event);
    else
        stream_report(mock, &event);
}

static void on_fill(void *ctx, const struct sim_fill *fill)
{
    struct mock *mock = ctx;
    struct event event = fill_event(mock, fill);

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
        struct event event = balance_event(mock, currency);
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
