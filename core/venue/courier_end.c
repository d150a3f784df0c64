/* How attempts and parcels end, and what the engine is told of it: never more
 * than is certain. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "venue/courier_private.h"

/* A venue that asks for more patience than this is asked all the same: what has to be canceled
 * cannot wait for ever. */
#define HOLD_MAX MINUTES(1)

static void learn(struct courier *courier, const struct parcel *parcel, enum outcome outcome)
{
    struct breaker *breaker = &courier->breakers[errand_class_of(parcel->errand)];

    if (outcome_policy(outcome)->is_venue_failure)
        breaker_fail(breaker, courier->now);
    else if (outcome_is_answer(outcome))
        breaker_succeed(breaker);
    else
        breaker_learn_nothing(breaker);
}

void courier_end_attempt(struct courier *courier, struct parcel *parcel, enum outcome outcome)
{
    if (!parcel->is_out)
        return;
    parcel->is_out = false;
    parcel->last = outcome;
    learn(courier, parcel, outcome);
}

/* ---- once more ---- */

static void tell_retry(struct courier *courier, const struct parcel *parcel, nanos wait)
{
    struct event event = {.kind = EVENT_RETRY, .product = PRODUCT_NONE};

    event.retry = (struct retry_event){.errand = parcel->errand,
                                       .client_id = parcel->client_id,
                                       .outcome = parcel->last,
                                       .attempt = parcel->attempts,
                                       .wait = wait};
    courier_tell(courier, &event);
}

static nanos wait_after(struct courier *courier, const struct parcel *parcel, nanos retry_after)
{
    nanos wait = backoff_wait(&courier->backoff, parcel->attempts, &courier->rng);

    return retry_after > wait ? retry_after : wait;
}

/* What the venue says of its limit it says of the key: nobody is sent before. */
static void hold(struct courier *courier, nanos wait)
{
    nanos until = courier->now + (wait < HOLD_MAX ? wait : HOLD_MAX);

    if (until > courier->hold_until)
        courier->hold_until = until;
}

void courier_fail_attempt(struct courier *courier, struct parcel *parcel, enum outcome outcome,
                          nanos retry_after)
{
    const struct outcome_policy *policy = outcome_policy(outcome);

    courier_end_attempt(courier, parcel, outcome);
    nanos wait = wait_after(courier, parcel, retry_after);
    if (policy->closes_everything)
        hold(courier, wait);
    if (policy->meaning == MEANS_DOUBTFUL)
        parcel->is_doubtful = true;
    bool is_due =
        retry_is_due(parcel->errand, outcome, parcel->attempts, courier->retry.attempts);
    if (!is_due || courier->now + wait >= parcel->deadline) {
        courier_give_up(courier, parcel, policy->code);
        return;
    }
    parcel->due = courier->now + wait;
    tell_retry(courier, parcel, wait);
}

/* ---- the end ---- */

static struct event report_of(const struct parcel *parcel, enum report_kind kind)
{
    bool is_submit = parcel->errand == ERRAND_SUBMIT;
    struct event event = {.kind = EVENT_REPORT,
                          .product = is_submit ? parcel->request.product : PRODUCT_NONE,
                          .report = {.kind = kind, .errand = parcel->errand}};

    event.report.client_id = parcel->client_id;
    event.report.venue_id = parcel->venue_id;
    event.report.outcome = parcel->attempts ? parcel->last : OUTCOME_NOT_SENT;
    return event;
}

/* "after 3 attempts: 503 Service Unavailable", or why it did not leave. */
static void describe(const struct parcel *parcel, enum refusal code, char out[VENUE_TEXT_MAX])
{
    const char *last = parcel->text[0] ? parcel->text : outcome_text(parcel->last);

    if (parcel->attempts == 0)
        snprintf(out, VENUE_TEXT_MAX, "withdrawn before it left: %s", refusal_name(code));
    else
        snprintf(out, VENUE_TEXT_MAX, "after %d attempt%s: %.90s", parcel->attempts,
                 parcel->attempts > 1 ? "s" : "", last);
}

static void tell_answer(struct courier *courier, const struct parcel *parcel, enum refusal code)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer.query = parcel->query;
    event.answer.outcome = parcel->attempts ? parcel->last : OUTCOME_NOT_SENT;
    describe(parcel, code, event.answer.text);
    courier_tell(courier, &event);
}

/* What is certain of a request on which nobody spends another attempt. A cancel that was not
 * taken stays a wish of the engine's (LOST), unless the venue itself had no use for it. */
static enum report_kind certainty(const struct parcel *parcel)
{
    if (parcel->is_doubtful)
        return REPORT_LOST;
    if (parcel->errand == ERRAND_SUBMIT)
        return parcel->attempts ? REPORT_REJECTED : REPORT_WITHDRAWN;
    if (parcel->errand == ERRAND_AMEND)
        return REPORT_REPLACE_REFUSED;
    return outcome_is_answer(parcel->last) ? REPORT_CANCEL_REFUSED : REPORT_LOST;
}

void courier_give_up(struct courier *courier, struct parcel *parcel, enum refusal code)
{
    if (errand_is_query(parcel->errand)) {
        tell_answer(courier, parcel, code);
    } else {
        struct event event = report_of(parcel, certainty(parcel));
        bool has_words = parcel->reason[0] && code == REFUSAL_BROKER_REJECTED;
        if (event.report.kind != REPORT_LOST && has_words)
            memcpy(event.report.reason, parcel->reason, sizeof parcel->reason);
        else if (event.report.kind != REPORT_LOST)
            snprintf(event.report.reason, sizeof event.report.reason, "%s", refusal_name(code));
        describe(parcel, code, event.report.text);
        courier_tell(courier, &event);
    }
    courier_drop(courier, parcel);
}

void courier_give_back(struct courier *courier, struct parcel *parcel)
{
    struct event event = report_of(parcel, parcel->is_doubtful ? REPORT_LOST : REPORT_CANCELED);

    snprintf(event.report.text, sizeof event.report.text, "canceled before it %s",
             parcel->attempts ? "was tried again" : "left");
    courier_tell(courier, &event);
    courier_drop(courier, parcel);
}

void courier_doubt(struct courier *courier, struct parcel *parcel)
{
    parcel->is_doubtful = true;
    courier_end_attempt(courier, parcel, OUTCOME_ANSWERED);
    parcel->last = OUTCOME_ANSWERED;
    courier_give_up(courier, parcel, REFUSAL_UNKNOWN);
}
