/* What becomes of a request when it arrives at the venue, and its answer. */
#include "venue/mock_private.h"

static void answer_refused(struct mock *mock, enum report_kind kind,
                           const struct sim_answer *result)
{
    const struct job *job = mock->asked;
    struct event event = mock_report_event(kind, PRODUCT_NONE, &job->client_id);

    if (job->kind == JOB_SUBMIT)
        event.product = job->request.product;
    if (result->order) {
        event.product = result->order->request.product;
        event.report.venue_id = result->order->venue_id;
    }
    mock_set_reason(&event.report, result->why.reason, result->why.text);
    mock_reply(mock, &event);
}

static void answer_submit(struct mock *mock, struct job *job)
{
    struct sim_answer result = simulator_submit(mock->sim, &job->request, mock->now);

    if (!result.is_taken) {
        answer_refused(mock, REPORT_REJECTED, &result);
        return;
    }
    if (result.is_repeat) { /* the listener has told new ones */
        struct event event = mock_order_event(REPORT_ACCEPTED, result.order);
        mock_reply(mock, &event);
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
    struct event event = mock_order_event(REPORT_CANCEL_TAKEN, result.order);
    mock_reply(mock, &event);
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
    return mock_is_query(job) &&
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
        mock_answer_query(mock, job);
}

void mock_answer(struct mock *mock, struct job *job)
{
    mock->asked = job;
    if (has_no_effect(job))
        mock_tell_lost(mock, job);
    else if (job->fault.kind == FAULT_REJECT && !mock_is_query(job))
        refuse_for_nothing(mock, job);
    else
        work(mock, job);
    mock->asked = NULL;
}
