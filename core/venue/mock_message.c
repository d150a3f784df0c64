/* What is said on the wire: events as the engine hears them, how they get there, and
 * what is left of an answer that a fault has met. */
#include <assert.h>
#include <string.h>

#include "venue/mock_private.h"

/* Delivering */

void mock_deliver_at(struct mock *mock, const struct event *event, nanos time)
{
    struct job *job = mock_job(mock, JOB_DELIVER);

    job->event = *event;
    mock_schedule(mock, job, time);
}

/* After everything that was sent before it. */
void mock_deliver(struct mock *mock, const struct event *event, nanos extra)
{
    nanos time = mock->now + mock_latency(mock) + extra;

    if (time < mock->last_delivery)
        time = mock->last_delivery;
    mock->last_delivery = time;
    mock_deliver_at(mock, event, time);
}

struct event mock_report_event(enum report_kind kind, product_ref product,
                               const client_order_id *client_id)
{
    struct event event = {.kind = EVENT_REPORT, .product = product, .report.kind = kind};

    event.report.client_id = *client_id;
    return event;
}

struct event mock_order_event(enum report_kind kind, const struct sim_order *order)
{
    struct event event =
        mock_report_event(kind, order->request.product, &order->request.client_id);

    event.report.venue_id = order->venue_id;
    return event;
}

void mock_set_reason(struct order_report *report, const char *reason, const char *text)
{
    assert(strlen(reason) < VENUE_REASON_MAX && strlen(text) < VENUE_TEXT_MAX);
    strcpy(report->reason, reason);
    strcpy(report->text, text);
}

void mock_set_request(struct order_report *report, const struct sim_order *order)
{
    report->has_request = true;
    report->request = order->request;
}

nanos mock_venue_time(const struct mock *mock, nanos time)
{
    return time + mock->setup.clock_skew;
}

struct event mock_fill_event(const struct mock *mock, const struct sim_fill *fill)
{
    struct event event = mock_order_event(REPORT_FILL, fill->order);

    event.report.has_fill = true;
    event.report.fill = fill->fill;
    event.report.fill.order = 0; /* the engine's number, which the venue does not know */
    event.report.fill.time = mock_venue_time(mock, fill->fill.time);
    return event;
}

struct event mock_balance_event(const struct mock *mock, const char *currency)
{
    const struct ledger *ledger = simulator_ledger(mock->sim);
    struct event event = {.kind = EVENT_BALANCE, .product = PRODUCT_NONE};

    strcpy(event.balance.currency, currency);
    event.balance.total = ledger_total(ledger, currency);
    event.balance.hold = ledger_held(ledger, currency);
    return event;
}

/* Requests whose outcome the client does not learn */

bool mock_is_query(const struct job *job)
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

struct event mock_answer_event(uint64_t query, const char *text)
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

struct event mock_lost_event(const struct job *job)
{
    const char *text = text_of_loss(job->fault.kind);
    product_ref product = job->kind == JOB_SUBMIT ? job->request.product : PRODUCT_NONE;

    if (mock_is_query(job)) {
        struct event failed = mock_answer_event(job->query, text);
        failed.answer.outcome = outcome_of(job->fault.kind);
        failed.answer.retry_after = retry_after(&job->fault);
        return failed;
    }
    struct event event = mock_report_event(REPORT_LOST, product, &job->client_id);
    event.report.venue_id = job->venue_id;
    event.report.errand = errand_of(job);
    event.report.outcome = outcome_of(job->fault.kind);
    event.report.retry_after = retry_after(&job->fault);
    mock_set_reason(&event.report, "", text);
    return event;
}

void mock_tell_lost(struct mock *mock, struct job *job)
{
    struct event event = mock_lost_event(job);

    mock_deliver(mock, &event, 0);
}

/* The answer to the request in hand, as far as its fault lets it through. */
void mock_reply(struct mock *mock, const struct event *event)
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
        lost = mock_lost_event(job);
        mock_deliver(mock, &lost, 0);
        return;
    case FAULT_REORDER:
        mock_deliver_at(mock, event, mock->now + mock_latency(mock) + job->fault.span);
        return;
    case FAULT_DUPLICATE:
        mock_deliver(mock, event, 0);
        break;
    default:
        break;
    }
    mock_deliver(mock, event, 0);
}
