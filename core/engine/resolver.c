/* One doubt per order that is UNKNOWN, made when it is first seen and dropped
 * when the order is anything else. Nothing of it is kept over a restart: the
 * orders are, and the questions are simply asked again. */
#include "engine/resolver.h"

#include <stdio.h>

#include "base/mem.h"
#include "base/rng.h"
#include "engine/engine_private.h"

/* How long before the send a listing begins: clocks differ, the venue's and ours. */
#define LISTING_MARGIN MINUTES(5)
/* A request that was sent may still arrive this much later: on a slow way, out of a buffer, or
 * shown late by the venue. The last attempt at it may leave as late as the deadline, and has at
 * least the shorter time. */
#define ARRIVAL_MAX  MINUTES(2)
#define ARRIVAL_LAST MINUTES(1)

void resolver_init(struct resolver *resolver)
{
    *resolver = (struct resolver){.next = INT64_MAX};
}

void resolver_clear(struct resolver *resolver)
{
    mem_free(resolver->doubts);
    resolver_init(resolver);
}

void resolver_expect(struct resolver *resolver, nanos by)
{
    if (by < resolver->next)
        resolver->next = by;
}

static struct doubt *find(struct resolver *resolver, order_number order)
{
    for (int i = 0; i < resolver->count; i++)
        if (resolver->doubts[i].order == order)
            return &resolver->doubts[i];
    return NULL;
}

static struct doubt *add(struct resolver *resolver, order_number order, nanos now)
{
    if (resolver->count == resolver->cap) {
        resolver->cap = resolver->cap ? resolver->cap * 2 : 8;
        resolver->doubts =
            mem_resize(resolver->doubts, (size_t)resolver->cap, sizeof *resolver->doubts);
    }
    struct doubt *doubt = &resolver->doubts[resolver->count++];
    *doubt = (struct doubt){.order = order, .next = now};
    return doubt;
}

static bool is_unknown(const struct engine *engine, order_number number)
{
    const struct order *order = oms_find(engine->oms, number);

    return order && order->state == ORDER_UNKNOWN;
}

static void drop_resolved(struct engine *engine)
{
    struct resolver *resolver = &engine->resolver;
    int kept = 0;

    for (int i = 0; i < resolver->count; i++)
        if (is_unknown(engine, resolver->doubts[i].order))
            resolver->doubts[kept++] = resolver->doubts[i];
    resolver->count = kept;
}

/* base, 2 base, 4 base ... up to the cap, and a share of it that is the order's own chance: the
 * same again on every machine, and different for two bots. */
static nanos wait_of(const struct engine *engine, const struct order *order, int attempts)
{
    const struct retry_settings *retry = &engine->settings.retry;
    nanos wait = retry->resolve_base;

    for (int i = 1; i < attempts && wait < retry->resolve_cap; i++)
        wait *= 2;
    if (wait > retry->resolve_cap)
        wait = retry->resolve_cap;
    int128 jitter = (int128)wait * retry->jitter_share.units / DECIMAL_ONE;
    struct rng rng = rng_stream((uint64_t)attempts, order->request.client_id.text);
    return wait + (nanos)rng_below(&rng, (uint64_t)jitter + 1);
}

static nanos arrived_by(const struct engine *engine, const struct order *order)
{
    nanos last = engine->settings.retry.answer_deadline + ARRIVAL_LAST;

    return order->sent + (last > ARRIVAL_MAX ? last : ARRIVAL_MAX);
}

/* The order's own question, or, once it was denied and its send is surely over, the listing. */
static void ask(struct engine *engine, const struct order *order, struct doubt *doubt)
{
    bool is_over = engine->now >= arrived_by(engine, order);

    doubt->attempts++;
    doubt->next = engine->now + wait_of(engine, order, doubt->attempts);
    if (doubt->is_denied && is_over) {
        doubt->is_shown = false;
        doubt->listing =
            engine_ask(engine, REQUEST_QUERY_ORDERS, NULL, order->sent - LISTING_MARGIN);
    } else {
        doubt->is_denied = false;
        doubt->query = engine_ask(engine, REQUEST_QUERY_ORDER, order, 0);
    }
}

/* Renewed with every question, so that it ends by itself soon after the doubt has. */
static void escalate(struct engine *engine, const struct order *order, struct doubt *doubt)
{
    const struct retry_settings *retry = &engine->settings.retry;
    char why[COMMAND_WHY_MAX], span[NANOS_TEXT_MAX];

    if (engine->now < order->lost_since + retry->unknown_escalate_after)
        return;
    snprintf(why, sizeof why, "the outcome of order %llu is unknown for %s",
             (unsigned long long)order->number,
             nanos_format_duration(engine->now - order->lost_since, span));
    engine_hold_cause(engine, LEVEL_REDUCE_ONLY, order->request.product, "unknown_order", why,
                      2 * (doubt->next - engine->now), true);
    if (!doubt->is_escalated)
        engine_note(engine, FACT_ANOMALY, "unknown_order", "critical", order->number,
                    order->request.product, "%s", why);
    doubt->is_escalated = true;
}

static void pursue(struct engine *engine, const struct order *order)
{
    struct resolver *resolver = &engine->resolver;
    struct doubt *doubt = find(resolver, order->number);

    if (!doubt)
        doubt = add(resolver, order->number, engine->now);
    if (engine->now >= doubt->next) {
        ask(engine, order, doubt);
        escalate(engine, order, doubt);
    }
    resolver_expect(resolver, doubt->next);
}

static void emit_outcome(struct engine *engine, const struct order *order,
                         enum order_event event, const char *text)
{
    struct fact fact = {.kind = FACT_ORDER_EVENT};

    fact.order_event = (struct fact_order_event){.order = order->number, .event = event};
    if (event == ORDER_EVENT_REJECT)
        fact.order_event.code = REFUSAL_NETWORK;
    snprintf(fact.order_event.text, sizeof fact.order_event.text, "%s", text);
    engine_emit(engine, &fact);
    engine_tell_order(engine, order, NULL);
}

static bool is_pending(const struct order *order)
{
    return order->state == ORDER_PENDING_NEW || order->state == ORDER_PENDING_CANCEL ||
           order->state == ORDER_PENDING_REPLACE;
}

static nanos overdue_at(const struct engine *engine, const struct order *order)
{
    return order->updated + engine->settings.retry.answer_deadline;
}

/* Silence for as long as the deadline: what came of the request is not known. */
static void lose_if_overdue(struct engine *engine, const struct order *order)
{
    if (!is_pending(order) || engine->now < overdue_at(engine, order))
        return;
    guards_on_request(engine, false);
    emit_outcome(engine, order, ORDER_EVENT_LOSE, "no answer");
}

void resolver_run(struct engine *engine)
{
    if (engine->now < engine->resolver.next)
        return;
    for (int i = oms_open_count(engine->oms); i-- > 0;)
        lose_if_overdue(engine, oms_open(engine->oms)[i]);
    drop_resolved(engine);
    engine->resolver.next = INT64_MAX;
    for (int i = 0; i < oms_open_count(engine->oms); i++) {
        const struct order *order = oms_open(engine->oms)[i];
        if (is_pending(order))
            resolver_expect(&engine->resolver, overdue_at(engine, order));
        else if (order->state == ORDER_UNKNOWN)
            pursue(engine, order);
    }
}

void resolver_on_shown(struct engine *engine, order_number order, uint64_t query)
{
    struct doubt *doubt = find(&engine->resolver, order);

    if (doubt && doubt->listing == query)
        doubt->is_shown = true;
}

void resolver_on_not_found(struct engine *engine, order_number order, uint64_t query)
{
    struct doubt *doubt = find(&engine->resolver, order);

    if (!doubt || doubt->query != query || !is_unknown(engine, order))
        return;
    nanos over = arrived_by(engine, oms_find(engine->oms, order));
    doubt->is_denied = true;
    doubt->next = engine->now > over ? engine->now : over;
    resolver_expect(&engine->resolver, doubt->next);
}

/* Denied, and not in the listing: it never was, or, if the venue once knew it, it has ended. */
static void conclude(struct engine *engine, const struct order *order)
{
    bool was_there = order->venue_id.text[0] || decimal_is_positive(order->filled);

    engine_note(
        engine, FACT_REPAIR, "unknown_order", "info", order->number, order->request.product,
        "the venue knows order %llu neither by id nor in "
        "a complete listing: %s",
        (unsigned long long)order->number, was_there ? "it has ended" : "it never arrived");
    emit_outcome(engine, order, was_there ? ORDER_EVENT_CANCEL : ORDER_EVENT_REJECT,
                 "not found at the venue");
}

void resolver_on_answer(struct engine *engine, const struct answer *answer)
{
    struct resolver *resolver = &engine->resolver;

    for (int i = 0; i < resolver->count; i++) {
        struct doubt *doubt = &resolver->doubts[i];
        if (doubt->listing != answer->query || !is_unknown(engine, doubt->order))
            continue;
        bool is_gone = answer->is_complete && doubt->is_denied && !doubt->is_shown;
        doubt->listing = 0;
        doubt->is_denied = false; /* both anew, if this was not the end */
        if (is_gone)
            conclude(engine, oms_find(engine->oms, doubt->order));
    }
}
