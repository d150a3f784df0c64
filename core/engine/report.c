/* The venue's word about an order, turned into facts.
 *
 * What was executed goes into the books first (booking.c); then the kind of the
 * report asks for an arrow of the table of states. A report that says what is
 * known already is no news. One that the table has no arrow for is an anomaly:
 * it is journaled, changes nothing, and makes the next sweep due. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine_private.h"

static const struct order *order_of(const struct engine *engine,
                                    const struct order_report *report)
{
    const struct order *order = oms_find_client(engine->oms, &report->client_id);

    return order ? order : oms_find_venue(engine->oms, &report->venue_id);
}

void engine_suspect(struct engine *engine, const struct order *order, const char *format, ...)
{
    char text[FACT_TEXT_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    engine->counters.anomalies++;
    engine_note(engine, FACT_ANOMALY, "order", "warning", order->number, order->request.product,
                "%s", text);
    if (!engine->reconcile.is_answering) /* the answer to a question raises none */
        reconcile_want(engine);
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

/* What never left was refused by us; if its fate is in doubt all the same (a restart), the
 * venue cannot have it. */
static enum order_event withdrawal_of(const struct order *order)
{
    bool is_untouched = order->state == ORDER_PENDING_NEW && !order->venue_id.text[0];

    return is_untouched ? ORDER_EVENT_DENY : ORDER_EVENT_REJECT;
}

static enum order_event arrow_of(const struct order *order, enum report_kind kind)
{
    return kind == REPORT_WITHDRAWN ? withdrawal_of(order) : event_of(kind);
}

/* A late answer to the send says nothing of an order that has ended since; that it rests at the
 * venue, as a query found, does. */
static bool is_old_acceptance(const struct order *order, enum report_kind kind)
{
    enum order_state state = order->state;

    if (state == ORDER_CANCELED || state == ORDER_EXPIRED)
        return kind == REPORT_ACCEPTED;
    return state != ORDER_PENDING_NEW && state != ORDER_UNKNOWN && state != ORDER_INITIALIZED &&
           state != ORDER_DENIED && state != ORDER_REJECTED;
}

/* Terms of ours, as the venue has them now; those of other kinds of orders never change. */
static bool has_terms(const struct order *order, const struct order_report *report)
{
    const struct order_request *now = &report->request;

    return report->has_request && decimal_is_positive(now->size) &&
           !decimal_is_negative(now->limit_price) && order->request.type == now->type &&
           (now->type == ORDER_LIMIT || now->type == ORDER_STOP_LIMIT);
}

static bool has_same_terms(const struct order *order, const struct order_report *report)
{
    return decimal_is_equal(order->request.size, report->request.size) &&
           decimal_is_equal(order->request.limit_price, report->request.limit_price);
}

/* Whether the report only repeats what the order's state says, or comes after its end. */
static bool is_old_news(const struct order *order, const struct order_report *report)
{
    enum report_kind kind = report->kind;
    enum order_event event = event_of(kind);
    enum order_state state = order->state;

    if (kind == REPORT_WITHDRAWN)
        return state != ORDER_PENDING_NEW && state != ORDER_UNKNOWN;
    if (event == ORDER_EVENT_ACCEPT)
        return is_old_acceptance(order, kind);
    if (event == ORDER_EVENT_CANCEL)
        return state == ORDER_CANCELED || state == ORDER_FILLED || state == ORDER_EXPIRED ||
               state == ORDER_REJECTED; /* it came after all, and is gone: ended either way */
    if (event == ORDER_EVENT_LOSE)
        return state == ORDER_UNKNOWN || order_state_is_final(state);
    if (event == ORDER_EVENT_CANCEL_REFUSED || event == ORDER_EVENT_REPLACE_REFUSED)
        return order_state_is_final(state);
    if (event == ORDER_EVENT_REPLACE) /* a query was faster */
        return has_terms(order, report) && has_same_terms(order, report) &&
               !order_is_edited(order);
    return (event == ORDER_EVENT_REJECT && state == ORDER_REJECTED) ||
           (event == ORDER_EVENT_EXPIRE && state == ORDER_EXPIRED);
}

static void move(struct engine *engine, const struct order *order, enum order_event event,
                 const struct order_report *report)
{
    struct fact fact;

    /* INITIALIZED is canceled by us alone: the venue has never heard of it. */
    if (order->state == ORDER_INITIALIZED ||
        !order_state_next(order->state, event, decimal_is_positive(order->filled))) {
        engine_suspect(engine, order, "%s is not expected in %s", order_event_name(event),
                       order_state_name(order->state));
        return;
    }
    bool is_refusal = event == ORDER_EVENT_REJECT || event == ORDER_EVENT_DENY;
    fact.kind = FACT_ORDER_EVENT;
    fact.order_event.order = order->number;
    fact.order_event.event = event;
    fact.order_event.venue_id = report->venue_id;
    fact.order_event.code = REFUSAL_NONE;
    memcpy(fact.order_event.reason, report->reason, sizeof fact.order_event.reason);
    if (is_refusal && refusal_parse(report->reason, &fact.order_event.code))
        fact.order_event.reason[0] = '\0';
    else if (is_refusal)
        fact.order_event.code = refusal_of_venue(report->reason);
    if (event == ORDER_EVENT_DENY) {
        fact.order_event.venue_id = (venue_order_id){""};
        engine->counters.refusals++;
    }
    memcpy(fact.order_event.text, report->text, sizeof fact.order_event.text);
    engine_emit(engine, &fact);
}

/* Whether funds can be reserved for the terms without leaving the range of numbers. */
static bool are_sane_terms(const struct engine *engine, const struct order *order,
                           const struct order_request *now)
{
    decimal price = decimal_max(now->limit_price, order->reserved_price), value;
    const decimal most = D(1000000000000000000);

    return decimal_compare(now->size, most) <= 0 &&
           product_value(&engine->products->items[order->request.product], now->size, price,
                         &value) &&
           decimal_compare(value, most) <= 0;
}

static void amend(struct engine *engine, const struct order *order,
                  const struct order_request *now)
{
    struct fact fact = {.kind = FACT_AMEND};

    if (!are_sane_terms(engine, order, now)) {
        engine_suspect(engine, order, "terms that make no sense");
        return;
    }
    if (!order_state_next(order->state, ORDER_EVENT_REPLACE,
                          decimal_is_positive(order->filled))) {
        engine_suspect(engine, order, "replace is not expected in %s",
                       order_state_name(order->state));
        return;
    }
    fact.amend = (struct fact_amend){order->number, now->size, now->limit_price};
    engine_emit(engine, &fact);
}

/* The venue has changed it, and does not say to what: to what was asked for. */
static struct order_request asked_terms(const struct order *order)
{
    struct order_request terms = order->request;

    terms.size = order->asked.size;
    terms.limit_price = order->asked.limit_price;
    return terms;
}

/* A query shows an order with other terms: the answer to a replace was lost, or somebody edited
 * it at the venue. */
static bool has_changed(const struct order *order, const struct order_report *report)
{
    return report->kind == REPORT_WORKING && order_state_is_open(order->state) &&
           has_terms(order, report) && !has_same_terms(order, report);
}

/* The same of one that has ended there: what it ended with makes sense of its fills. */
static void learn_last_terms(struct engine *engine, const struct order *order,
                             const struct order_report *report)
{
    bool is_end = report->kind == REPORT_FILL || report->kind == REPORT_CANCELED ||
                  report->kind == REPORT_EXPIRED;

    if (is_end && report->query && order_is_edited(order) && has_terms(order, report) &&
        !has_same_terms(order, report))
        amend(engine, order, &report->request);
}

/* The arrow the report asks for, if it is news; false when it says nothing. */
static bool step(struct engine *engine, const struct order *order,
                 const struct order_report *report)
{
    enum order_event what = arrow_of(order, report->kind);
    bool is_news = what != ORDER_EVENT_COUNT && !is_old_news(order, report);
    struct order_request asked = asked_terms(order);

    if (is_news && what == ORDER_EVENT_REPLACE && has_terms(order, report))
        amend(engine, order, &report->request);
    else if (is_news && what == ORDER_EVENT_REPLACE && order_is_edited(order))
        amend(engine, order, &asked);
    else if (is_news)
        move(engine, order, what, report);
    if (!has_changed(order, report))
        return is_news;
    amend(engine, order, &report->request);
    return true;
}

/* A cancel that had to wait, or whose answer was lost, is asked for as soon as it can be. */
static void follow_wish(struct engine *engine, const struct order *order)
{
    bool waits = order->state == ORDER_NEW || order->state == ORDER_PARTIALLY_FILLED ||
                 order->state == ORDER_PENDING_REPLACE;

    if (waits && oms_wants_cancel(engine->oms, order->number))
        engine_cancel(engine, order);
}

/* Whether this kind of report says that a request was answered, or was not. */
static bool is_answer(enum report_kind kind)
{
    return kind == REPORT_ACCEPTED || kind == REPORT_REJECTED ||
           kind == REPORT_CANCEL_REFUSED || kind == REPORT_CANCEL_TAKEN ||
           kind == REPORT_REPLACED || kind == REPORT_REPLACE_REFUSED || kind == REPORT_LOST;
}

/* What was not sent says nothing of the way to the venue. */
static void count_request(struct engine *engine, const struct order_report *report)
{
    enum outcome outcome = report->outcome;
    bool is_plain = outcome == OUTCOME_NONE && report->kind != REPORT_LOST;

    if (report->query == 0 && is_answer(report->kind) && outcome != OUTCOME_NOT_SENT)
        guards_on_request(engine, is_plain || outcome_is_answer(outcome));
}

/* An edit is under way: the answer to that brings the cancel with it. */
static bool must_wait(const struct order_report *report)
{
    return strcmp(report->reason, "ORDER_IS_BEING_REPLACED") == 0;
}

static bool is_wanted_still(const struct engine *engine, const struct order *order,
                            const struct order_report *report)
{
    return order_state_is_open(order->state) &&
           (must_wait(report) || oms_must_end(engine->oms, order->number));
}

enum { REFUSALS_IN_HASTE = 3 };

/* The order stands although it was to end: who wanted that still does. It is asked again with
 * the next word about the order; for that the venue is asked at once, but not for ever. */
static void want_still(struct engine *engine, const struct order *order,
                       const struct order_report *report)
{
    engine_wish_cancel(engine, order->number);
    if (!must_wait(report) &&
        oms_refuse_cancel(engine->oms, order->number) <= REFUSALS_IN_HASTE)
        reconcile_want(engine);
}

void engine_on_report(struct engine *engine, const struct event *event)
{
    const struct order_report *report = &event->report;
    const struct order *order = order_of(engine, report);

    engine->reconcile.is_answering = report->query != 0;
    if (!order) {
        reconcile_on_stranger(engine, event);
        return;
    }
    count_request(engine, report);
    engine->guards.rejects += report->query == 0 && report->kind == REPORT_REJECTED;
    if (report->kind == REPORT_NOT_FOUND) {
        resolver_on_not_found(engine, order->number, report->query);
        return;
    }
    if (report->query) {
        oms_see(engine->oms, order->number, report->query);
        resolver_on_shown(engine, order->number, report->query);
    }
    if (report->kind == REPORT_WORKING && report->query && order_state_is_final(order->state) &&
        order->state != ORDER_FILLED)
        reconcile_on_zombie(engine, order);
    enum order_state before = order->state;
    bool is_accepted = report->kind == REPORT_ACCEPTED && before == ORDER_PENDING_NEW;
    if (is_accepted)
        move(engine, order, ORDER_EVENT_ACCEPT, report); /* before the fills it comes with */
    learn_last_terms(engine, order, report);
    if (report->has_fill)
        engine_book_fill(engine, order, &report->fill);
    if (report->has_totals)
        engine_book_totals(engine, order, report);
    bool is_news = step(engine, order, report);
    if (report->kind == REPORT_CANCEL_REFUSED && is_wanted_still(engine, order, report))
        want_still(engine, order, report);
    else
        follow_wish(engine, order);
    if (report->kind == REPORT_WORKING && report->query)
        reconcile_on_listed(engine, order);
    amend_on_report(engine, order, report);
    if (UNLIKELY(engine->exits.count))
        exits_on_order(engine, order, report);
    if (is_news || is_accepted)
        engine_tell_order(engine, order, NULL);
}

/* For the books: why an answer took its time. */
void engine_on_retry(struct engine *engine, const struct retry_event *retry)
{
    const struct order *order = oms_find_client(engine->oms, &retry->client_id);
    char wait[NANOS_TEXT_MAX];

    guards_on_failed_attempt(engine);
    engine_note(engine, FACT_ANOMALY, "retry", "info", order ? order->number : 0,
                order ? order->request.product : PRODUCT_NONE,
                "attempt %d at %s failed: %s; again in %s", retry->attempt,
                errand_name(retry->errand), outcome_text(retry->outcome),
                nanos_format_duration(retry->wait, wait));
}
