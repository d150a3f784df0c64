/* Changing an order that works.
 *
 * Where the venue edits (GTC limits and stop-limits: size and limit price) it is
 * asked to. Anything else is canceled, and once the venue has said that it is
 * gone, and how much of it had filled, a new order takes its place for the rest:
 * one logical order, of which never two live at once.
 *
 *   A1  The new terms are a fact, committed before the request leaves, and pass the
 *       pipeline as an order does; what only asks for less passes as a reducing one.
 *   A2  Until it is known which terms hold, the larger of both is reserved.
 *   A3  One change at a time. After an answer that got lost there is no second try
 *       before the order was read: either it shows the new terms, or it shows the
 *       old ones at a time when the request can no longer be on its way, or it has
 *       ended.
 *   A4  A cancel outranks a change. An order whose cancel got lost, or whose engine
 *       ended meanwhile, is not made anew: the cancel is pursued, and that is all.
 *   A5  An order that is made anew passes the pipeline again, as any order. If it is
 *       refused there, the old one is gone all the same, which is the harmless side. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine_private.h"
#include "engine/pipeline.h"

/* A request that was sent may still arrive this much later. */
#define ARRIVAL_MAX MINUTES(2)

static void refuse(struct engine *engine, const struct order *order, enum refusal code,
                   const char *why)
{
    struct fact fact = {.kind = FACT_TRACE};

    fact.trace = (struct trace){
        .order = order->number, .is_amend = true, .code = code, .refused_by = STAGE_PRE_TRADE};
    snprintf(fact.trace.detail, sizeof fact.trace.detail, "%s", why);
    engine->counters.refusals++;
    engine_emit(engine, &fact);
}

static bool is_renewed(const struct order *order)
{
    return order && decimal_is_positive(order->asked.size) && order->asked.is_anew;
}

/* Those whose change is over, however it ended. */
static void purge_renewals(struct engine *engine)
{
    int kept = 0;

    for (int i = 0; i < engine->renewal_count; i++)
        if (is_renewed(oms_find(engine->oms, engine->renewals[i])))
            engine->renewals[kept++] = engine->renewals[i];
    engine->renewal_count = kept;
}

/* Why the order cannot be changed now; NULL when it can. */
static const char *reason_against(const struct engine *engine, const struct order *order)
{
    bool rests = order->request.tif == TIF_GTC || order->request.tif == TIF_GTD;

    if (!rests || order->request.type == ORDER_MARKET)
        return "the order does not rest: there is nothing to change";
    if (decimal_is_positive(order->asked.size))
        return "the change before this one is not over";
    if (order->state != ORDER_NEW && order->state != ORDER_PARTIALLY_FILLED)
        return "the venue has not confirmed the order, or is about to end it";
    if (oms_wants_cancel(engine->oms, order->number))
        return "the order is to be canceled";
    return engine->renewal_count == RENEWALS_MAX ? "too many changes are under way" : NULL;
}

static bool can_edit(const struct engine *engine, const struct order *order,
                     const struct order_request *wish)
{
    bool has_limit =
        order->request.type == ORDER_LIMIT || order->request.type == ORDER_STOP_LIMIT;

    return engine->ports.venue.can_amend && has_limit && order->request.tif == TIF_GTC &&
           decimal_is_equal(order->request.stop_price, wish->stop_price);
}

static decimal first_positive(decimal a, decimal b)
{
    return decimal_is_positive(a) ? a : b;
}

static struct intent intent_of(const struct order *order, const struct amend_terms *terms)
{
    struct intent intent = {.origin = order->origin, .request = order->request};
    struct order_request *request = &intent.request;

    request->size = first_positive(terms->size, request->size);
    request->limit_price = first_positive(terms->limit_price, request->limit_price);
    request->stop_price = first_positive(terms->stop_price, request->stop_price);
    intent.decision = (struct decision){.action = ACTION_AMEND,
                                        .product = request->product,
                                        .has_size = true,
                                        .size = request->size,
                                        .limit_price = request->limit_price,
                                        .stop_price = request->stop_price,
                                        .order = order->number};
    memcpy(intent.strategy, order->strategy, sizeof intent.strategy);
    snprintf(intent.decision.reason, sizeof intent.decision.reason, "%s",
             terms->reason ? terms->reason : "");
    return intent;
}

static bool changes(const struct order_request *wish, const struct order_request *now)
{
    return !decimal_is_equal(wish->size, now->size) ||
           !decimal_is_equal(wish->limit_price, now->limit_price) ||
           !decimal_is_equal(wish->stop_price, now->stop_price);
}

/* An order that is made anew has to stand on its own: its rest may be too small for the venue.
 */
static bool can_stand_alone(const struct engine *engine, const struct order *order,
                            const struct order_request *wish)
{
    struct order_request rest = *wish;

    rest.size = decimal_sub(wish->size, order->filled);
    return product_check(&engine->products->items[rest.product], &rest,
                         engine->markets[rest.product].mark) == PRODUCT_RULE_NONE;
}

static void ask(struct engine *engine, const struct order *order,
                const struct order_request *wish, bool is_anew, const char *reason)
{
    struct fact fact = {.kind = FACT_AMEND_ASKED, .amend_asked = {.order = order->number}};
    struct order_change *change = &fact.amend_asked.change;

    *change = (struct order_change){wish->size, wish->limit_price, wish->stop_price,
                                    engine->now, is_anew};
    snprintf(fact.amend_asked.reason, sizeof fact.amend_asked.reason, "%s", reason);
    engine_emit(engine, &fact);
    if (is_anew) {
        engine->renewals[engine->renewal_count++] = order->number;
        engine_ask_cancel(engine, order);
        return;
    }
    engine_request(engine, REQUEST_AMEND)->amend =
        (struct venue_amend){.client_id = order->request.client_id,
                             .venue_id = order->venue_id,
                             .size = wish->size,
                             .limit_price = wish->limit_price};
}

static enum refusal pass(struct engine *engine, const struct order *order,
                         const struct intent *intent, struct order_request *wish)
{
    struct view view = engine_view(engine, wish->product);
    struct pipeline pipeline = engine_pipeline(engine, &view, &intent->request);
    struct fact fact = {.kind = FACT_TRACE};
    decimal price;

    pipeline.changed = order;
    enum refusal code = pipeline_run(&pipeline, intent, wish, &price, &fact.trace);
    if (!code && !changes(wish, &order->request))
        return code; /* rounding has left nothing of it */
    fact.trace.order = order->number;
    if (!code)
        fact.trace.verdicts[STAGE_SUBMISSION] = VERDICT_PASSED;
    engine->counters.refusals += code != REFUSAL_NONE;
    engine_emit(engine, &fact);
    return code;
}

enum refusal engine_amend(struct engine *engine, const struct order *order,
                          const struct amend_terms *terms)
{
    struct intent intent = intent_of(order, terms);
    struct order_request wish = intent.request;

    purge_renewals(engine);
    const char *against = reason_against(engine, order);
    if (!changes(&wish, &order->request))
        return REFUSAL_NONE;
    if (against) {
        refuse(engine, order, REFUSAL_DUPLICATE_INTENT, against);
        return REFUSAL_DUPLICATE_INTENT;
    }
    if (decimal_compare(wish.size, order->filled) <= 0) {
        engine_cancel(engine, order); /* no more than is filled: the rest has to go */
        return REFUSAL_NONE;
    }
    enum refusal code = pass(engine, order, &intent, &wish);
    if (code || !changes(&wish, &order->request))
        return code;
    bool is_anew = !can_edit(engine, order, &wish);
    if (is_anew && !can_stand_alone(engine, order, &wish)) {
        refuse(engine, order, REFUSAL_INVALID_SIZE,
               "the venue cannot edit it, and the rest is too small for an order of its own");
        return REFUSAL_INVALID_SIZE;
    }
    ask(engine, order, &wish, is_anew, intent.decision.reason);
    return REFUSAL_NONE;
}

/* ---- orders that are made anew ---- */

static void end_change(struct engine *engine, const struct order *order, const char *why)
{
    struct fact fact = {.kind = FACT_ORDER_EVENT};

    fact.order_event =
        (struct fact_order_event){.order = order->number, .event = ORDER_EVENT_REPLACE_REFUSED};
    snprintf(fact.order_event.text, sizeof fact.order_event.text, "%s", why);
    engine_emit(engine, &fact);
}

void amend_forget(struct engine *engine, const char *strategy, product_ref product,
                  order_number number, const char *why)
{
    for (int i = engine->renewal_count; i-- > 0;) {
        const struct order *order = oms_find(engine->oms, engine->renewals[i]);
        bool is_meant = is_renewed(order) &&
                        (!strategy || strcmp(order->strategy, strategy) == 0) &&
                        (product == PRODUCT_NONE || order->request.product == product) &&
                        (!number || number == order->number || number == order->logical);
        if (!is_meant || order_state_is_open(order->state))
            continue;
        end_change(engine, order, why);
    }
    purge_renewals(engine);
}

static void renew(struct engine *engine, const struct order *order)
{
    struct amend_terms terms = {.size = order->asked.size,
                                .limit_price = order->asked.limit_price,
                                .stop_price = order->asked.stop_price,
                                .reason = order->reason};
    struct intent intent = intent_of(order, &terms);
    enum refusal code;

    intent.replaces = order;
    intent.request.size = intent.decision.size = decimal_sub(terms.size, order->filled);
    intent.request.client_id.text[0] = '\0';
    engine_submit(engine, &intent, &code);
}

/* What a canceled order has filled must be known before another takes its place: a fill may be
 * on its way. Totals tell; an order that is full needs none. */
static void follow_renewal(struct engine *engine, const struct order *order,
                           const struct order_report *report)
{
    bool is_known = report->has_totals || order->state == ORDER_FILLED;
    bool may_go_on = order->state == ORDER_CANCELED || order->state == ORDER_FILLED;

    if (may_go_on && !is_known) {
        engine_ask(engine, REQUEST_QUERY_ORDER, order, 0);
        return;
    }
    if (may_go_on && decimal_is_less(order->filled, order->asked.size))
        renew(engine, order);
    else
        end_change(engine, order, "nothing is left to be made anew");
    purge_renewals(engine);
}

/* ---- edits whose answer is not known ---- */

static bool shows_old_terms(const struct order *order, const struct order_report *report)
{
    return report->has_request && decimal_is_equal(report->request.size, order->request.size) &&
           decimal_is_equal(report->request.limit_price, order->request.limit_price);
}

/* The request cannot be on its way any more, or finds nothing to edit. */
static bool is_too_late(const struct engine *engine, const struct order *order,
                        const struct order_report *report)
{
    nanos deadline = engine->settings.retry.answer_deadline;
    nanos span = deadline > ARRIVAL_MAX ? deadline : ARRIVAL_MAX;
    bool is_full = report->kind == REPORT_FILL && report->has_totals &&
                   decimal_compare(report->total_size, report->request.size) >= 0;

    return is_full ||
           (order->state != ORDER_PENDING_REPLACE && engine->now >= order->asked.since + span);
}

void amend_on_report(struct engine *engine, const struct order *order,
                     const struct order_report *report)
{
    if (LIKELY(decimal_is_zero(order->asked.size)))
        return;
    if (order->asked.is_anew) {
        if (order_state_is_final(order->state))
            follow_renewal(engine, order, report);
        return;
    }
    if (report->query && shows_old_terms(order, report) && is_too_late(engine, order, report))
        end_change(engine, order, "the venue shows it unchanged");
}
