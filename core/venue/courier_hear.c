/* What comes back from the adapter. Everything passes on to the engine but what
 * is the courier's own affair: failures that are repeated, answers to attempts
 * that were given up, and refusals that prove nothing. */
#include <assert.h>
#include <string.h>

#include "venue/courier_private.h"

/* ---- whose it is ---- */

static bool is_of(const struct parcel *parcel, const struct order_report *report)
{
    const char *ours = report->client_id.text, *theirs = report->venue_id.text;

    return (ours[0] && strcmp(parcel->client_id.text, ours) == 0) ||
           (theirs[0] && strcmp(parcel->venue_id.text, theirs) == 0);
}

static struct parcel *find(const struct courier *courier, enum errand errand,
                           const struct order_report *report)
{
    for (int i = 0; i < courier->count; i++)
        if (courier->parcels[i]->errand == errand && is_of(courier->parcels[i], report))
            return courier->parcels[i];
    return NULL;
}

static bool has_number(const struct parcel *parcel, uint64_t number)
{
    for (int i = 0; i < parcel->number_count; i++)
        if (parcel->numbers[i] == number)
            return true;
    return false;
}

/* The question that was asked under this number, this time or before. */
static struct parcel *find_number(const struct courier *courier, uint64_t number)
{
    for (int i = 0; i < courier->count; i++)
        if (has_number(courier->parcels[i], number))
            return courier->parcels[i];
    return NULL;
}

/* Whether the number is that of the attempt on its way. */
static bool is_last(const struct parcel *parcel, uint64_t number)
{
    return parcel->is_out && parcel->numbers[parcel->number_count - 1] == number;
}

static void pass_on(struct courier *courier, const struct event *event)
{
    bus_push(courier->bus, event);
}

/* ---- requests ---- */

static void settle(struct courier *courier, enum errand errand,
                   const struct order_report *report)
{
    struct parcel *parcel = find(courier, errand, report);

    if (!parcel)
        return;
    courier_end_attempt(courier, parcel, OUTCOME_ANSWERED);
    courier_drop(courier, parcel);
}

/* A refusal counts if the attempt that it answers is the only one that ever left. */
static bool is_certain(const struct parcel *parcel, const struct order_report *report)
{
    return parcel->is_out && !parcel->is_doubtful && !retry_reason_is_repeat(report->reason);
}

/* C2, C3 */
static void hear_refusal(struct courier *courier, const struct event *event, enum errand errand)
{
    struct parcel *parcel = find(courier, errand, &event->report);
    struct event doubt = *event;

    if (parcel && is_certain(parcel, &event->report)) {
        courier_end_attempt(courier, parcel, OUTCOME_ANSWERED);
        courier_drop(courier, parcel);
        pass_on(courier, event);
    } else if (parcel) {
        memcpy(parcel->text, event->report.reason, sizeof parcel->reason);
        courier_doubt(courier, parcel);
    } else if (errand == ERRAND_SUBMIT) {
        doubt.report.kind = REPORT_LOST;
        doubt.report.errand = errand;
        doubt.report.outcome = OUTCOME_ANSWERED;
        pass_on(courier, &doubt);
    } else {
        pass_on(courier, event);
    }
}

/* An adapter that does not say which request was lost means the one that is on its way. */
static struct parcel *find_lost(const struct courier *courier,
                                const struct order_report *report)
{
    if (report->errand != ERRAND_NONE)
        return find(courier, report->errand, report);
    for (int i = 0; i < courier->count; i++)
        if (courier->parcels[i]->is_out && !errand_is_query(courier->parcels[i]->errand) &&
            is_of(courier->parcels[i], report))
            return courier->parcels[i];
    return NULL;
}

/* A loss that claims to be an answer is none. */
static enum outcome outcome_of_loss(enum outcome told)
{
    return told == OUTCOME_ANSWERED || told == OUTCOME_NOT_SENT ? OUTCOME_NONE : told;
}

static void hear_loss(struct courier *courier, const struct event *event)
{
    const struct order_report *report = &event->report;
    struct parcel *parcel = find_lost(courier, report);

    if (!parcel) {
        pass_on(courier, event);
        return;
    }
    if (!parcel->is_out)
        return; /* of an attempt that was given up before */
    memcpy(parcel->reason, report->reason, sizeof parcel->reason);
    memcpy(parcel->text, report->text, sizeof parcel->text);
    courier_fail_attempt(courier, parcel, outcome_of_loss(report->outcome),
                         report->retry_after);
}

/* Whatever the venue says of an order shows that the order arrived; its end is the end of every
 * request about it. */
static void hear_of_order(struct courier *courier, const struct event *event)
{
    const struct order_report *report = &event->report;
    enum report_kind kind = report->kind;

    settle(courier, ERRAND_SUBMIT, report);
    if (kind == REPORT_CANCEL_TAKEN)
        settle(courier, ERRAND_CANCEL, report);
    if (kind == REPORT_REPLACED)
        settle(courier, ERRAND_AMEND, report);
    if (kind == REPORT_CANCELED || kind == REPORT_EXPIRED) {
        settle(courier, ERRAND_CANCEL, report);
        settle(courier, ERRAND_AMEND, report);
    }
    pass_on(courier, event);
}

/* ---- questions ---- */

static void hear_reply(struct courier *courier, const struct event *event)
{
    struct parcel *parcel = find_number(courier, event->report.query);
    struct event mine = *event;

    if (!parcel)
        return; /* C5 */
    mine.report.query = parcel->query;
    if (event->report.kind != REPORT_NOT_FOUND)
        settle(courier, ERRAND_SUBMIT, &event->report);
    pass_on(courier, &mine);
}

static void hear_answer(struct courier *courier, const struct event *event)
{
    struct parcel *parcel = find_number(courier, event->answer.query);
    struct event mine = *event;

    if (!parcel)
        return;
    if (!event->answer.is_complete && !is_last(parcel, event->answer.query))
        return; /* it was given up before */
    if (!event->answer.is_complete) {
        memcpy(parcel->text, event->answer.text, sizeof parcel->text);
        courier_fail_attempt(courier, parcel, outcome_of_loss(event->answer.outcome),
                             event->answer.retry_after);
        return;
    }
    courier_end_attempt(courier, parcel, OUTCOME_ANSWERED);
    mine.answer.query = parcel->query;
    pass_on(courier, &mine);
    courier_drop(courier, parcel);
}

static void hear_part(struct courier *courier, const struct event *event, uint64_t number)
{
    struct parcel *parcel = find_number(courier, number);
    struct event mine = *event;

    if (!parcel)
        return;
    if (event->kind == EVENT_BALANCE)
        mine.balance.query = parcel->query;
    else if (event->kind == EVENT_PREVIEW)
        mine.preview.query = parcel->query;
    else
        mine.holding.query = parcel->query;
    pass_on(courier, &mine);
}

/* ---- all of it ---- */

static void hear_report(struct courier *courier, const struct event *event)
{
    switch (event->report.kind) {
    case REPORT_REJECTED:
        hear_refusal(courier, event, ERRAND_SUBMIT);
        break;
    case REPORT_CANCEL_REFUSED:
        hear_refusal(courier, event, ERRAND_CANCEL);
        break;
    case REPORT_REPLACE_REFUSED:
        hear_refusal(courier, event, ERRAND_AMEND);
        break;
    case REPORT_LOST:
        hear_loss(courier, event);
        break;
    case REPORT_NOT_FOUND:
        pass_on(courier, event);
        break;
    default:
        hear_of_order(courier, event);
        break;
    }
}

static void hear_one(struct courier *courier, const struct event *event)
{
    if (event->kind == EVENT_REPORT && event->report.query)
        hear_reply(courier, event);
    else if (event->kind == EVENT_REPORT)
        hear_report(courier, event);
    else if (event->kind == EVENT_ANSWER && event->answer.query)
        hear_answer(courier, event);
    else if (event->kind == EVENT_BALANCE && event->balance.query)
        hear_part(courier, event, event->balance.query);
    else if (event->kind == EVENT_HOLDING && event->holding.query)
        hear_part(courier, event, event->holding.query);
    else if (event->kind == EVENT_PREVIEW)
        hear_part(courier, event, event->preview.query);
    else
        pass_on(courier, event);
}

bool courier_hear(struct courier *courier)
{
    const struct event *event;
    bool has_heard = false;

    while ((event = bus_pop(courier->inbox))) {
        hear_one(courier, event);
        has_heard = true;
    }
    return has_heard;
}
