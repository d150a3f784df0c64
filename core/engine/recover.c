/* Facts are applied by assertion: the engine that wrote them had checked. A
 * journal that another program, or another version, has written is checked here
 * first, so that a contradiction is a message and not a crash. */
#include "engine/recover.h"

#include <inttypes.h>
#include <stdio.h>

#include "engine/engine_private.h"

static enum err refuse(const struct fact *fact, const char *what, struct fault *why)
{
    return fail(why, ERR_CORRUPT,
                "event %" PRIu64 " of the journal (%s) contradicts what comes before it: %s. "
                "`perigee verify` tells whether the file is damaged",
                fact->sequence, fact_kind_name(fact->kind), what);
}

static enum err check_order(const struct engine *engine, const struct fact *fact,
                            struct fault *why)
{
    const struct order *order = &fact->order;

    if (order->number < oms_next_number(engine->oms))
        return refuse(fact, "the order's number is taken", why);
    if (oms_find_client(engine->oms, &order->request.client_id))
        return refuse(fact, "the order's client id is taken", why);
    if (!order->request.client_id.text[0])
        return refuse(fact, "the order has no client id", why);
    return OK;
}

/* An event of an order: it must be there, and its table must have the arrow. */
static enum err check_arrow(const struct engine *engine, const struct fact *fact,
                            order_number number, enum order_event event, struct fault *why)
{
    const struct order *order = oms_find(engine->oms, number);

    if (!order)
        return refuse(fact, "there is no such order", why);
    bool is_fill = event == ORDER_EVENT_PARTIAL_FILL || event == ORDER_EVENT_FULL_FILL;
    if (is_fill || !order_state_next(order->state, event, decimal_is_positive(order->filled)))
        return refuse(fact, order_state_name(order->state), why);
    return OK;
}

static enum err check_amend_asked(const struct engine *engine, const struct fact *fact,
                                  struct fault *why)
{
    const struct fact_amend_asked *asked = &fact->amend_asked;
    const struct order *order = oms_find(engine->oms, asked->order);
    enum order_event event =
        asked->change.is_anew ? ORDER_EVENT_ASK_CANCEL : ORDER_EVENT_ASK_REPLACE;

    if (!decimal_is_positive(asked->change.size))
        return refuse(fact, "the new size is not above zero", why);
    if (order && decimal_is_positive(order->asked.size))
        return refuse(fact, "another change is under way", why);
    return check_arrow(engine, fact, asked->order, event, why);
}

static enum err check_fill(const struct engine *engine, const struct fact *fact,
                           struct fault *why)
{
    const struct fill *fill = &fact->fill;

    if (fill->order && !oms_find(engine->oms, fill->order))
        return refuse(fact, "there is no such order", why);
    if (!decimal_is_positive(fill->size) || decimal_is_negative(fill->value))
        return refuse(fact, "it has no size, or a negative value", why);
    return OK;
}

static enum err check_known(const struct engine *engine, const struct fact *fact,
                            struct fault *why)
{
    const struct fill *fill = &fact->fill;

    if (!oms_find(engine->oms, fill->order))
        return refuse(fact, "there is no such order", why);
    if (!fill->is_inferred &&
        decimal_compare(fill->size, oms_inferred(engine->oms, fill->order).size) > 0)
        return refuse(fact, "it explains more than was inferred", why);
    return OK;
}

static enum err check_wish(const struct engine *engine, const struct fact *fact,
                           struct fault *why)
{
    const struct order *order = oms_find(engine->oms, fact->wish.order);

    return order ? OK : refuse(fact, "there is no such order", why);
}

static enum err check_seen(const struct engine *engine, const struct fact *fact,
                           struct fault *why)
{
    if (!oms_find(engine->oms, fact->seen.order))
        return refuse(fact, "there is no such order", why);
    return snapshot_list_is_sound(fact->seen.fills) ? OK : refuse(fact, "it has no list", why);
}

static enum err check_preview(const struct engine *engine, const struct fact *fact,
                              struct fault *why)
{
    const struct order *order = oms_find(engine->oms, fact->preview.order);

    return order && order->awaits_preview ? OK : refuse(fact, "no order waits for it", why);
}

static enum err check(const struct engine *engine, const struct fact *fact, struct fault *why)
{
    switch (fact->kind) {
    case FACT_ORDER:
        return check_order(engine, fact, why);
    case FACT_ORDER_EVENT:
        return check_arrow(engine, fact, fact->order_event.order, fact->order_event.event, why);
    case FACT_AMEND:
        if (!decimal_is_positive(fact->amend.size))
            return refuse(fact, "the new size is not above zero", why);
        return check_arrow(engine, fact, fact->amend.order, ORDER_EVENT_REPLACE, why);
    case FACT_AMEND_ASKED:
        return check_amend_asked(engine, fact, why);
    case FACT_FILL:
        return check_fill(engine, fact, why);
    case FACT_FILL_KNOWN:
        return check_known(engine, fact, why);
    case FACT_CAUSE:
        return fact->cause.level == LEVEL_NORMAL ? refuse(fact, "it holds no level", why) : OK;
    case FACT_WISH:
        return check_wish(engine, fact, why);
    case FACT_SEEN:
        return check_seen(engine, fact, why);
    case FACT_PREVIEW:
        return check_preview(engine, fact, why);
    case FACT_PACE:
        return snapshot_list_is_sound(fact->pace.steps) ? OK : refuse(fact, "no list", why);
    default:
        return OK;
    }
}

static order_number order_of(const struct fact *fact)
{
    switch (fact->kind) {
    case FACT_ORDER_EVENT:
        return fact->order_event.order;
    case FACT_FILL:
    case FACT_FILL_KNOWN:
        return fact->fill.order;
    case FACT_AMEND:
        return fact->amend.order;
    case FACT_AMEND_ASKED:
        return fact->amend_asked.order;
    case FACT_WISH:
        return fact->wish.order;
    case FACT_PREVIEW:
        return fact->preview.order;
    default:
        return 0;
    }
}

/* An order that had ended long before the snapshot, which does not speak of it. */
static bool is_forgotten(const struct recovery *recovery, const struct fact *fact)
{
    const struct oms *oms = recovery->engine->oms;
    order_number number = order_of(fact);

    return recovery->is_partial && number && number < oms_next_number(oms) &&
           !oms_find(oms, number);
}

/* Of such an order only money is news. */
static enum err take_late(struct recovery *recovery, const struct fact *fact, struct fault *why)
{
    struct fact fill = *fact;

    if (fact->kind != FACT_FILL)
        return OK;
    fill.fill.order = 0;
    enum err err = check_fill(recovery->engine, &fill, why);
    if (!err)
        engine_apply(recovery->engine, &fill);
    return err;
}

enum err recovery_take(struct recovery *recovery, const struct fact *fact, struct fault *why)
{
    bool is_restated = snapshot_passes(&recovery->bracket, fact);

    if (fact->kind == FACT_SNAPSHOT)
        recovery->is_loading = !recovery->has_begun && !fact->snapshot_ends;
    recovery->is_partial = recovery->is_partial || recovery->is_loading;
    recovery->has_begun = true;
    recovery->last = fact->time;
    if (is_restated && !recovery->is_loading)
        return OK;
    if (is_forgotten(recovery, fact))
        return take_late(recovery, fact, why);
    enum err err = check(recovery->engine, fact, why);
    if (!err)
        engine_apply(recovery->engine, fact);
    return err;
}

/* Far more than a running engine keeps: what it still speaks of is known here. */
void recovery_tidy(struct recovery *recovery)
{
    oms_forget_old(recovery->engine->oms, 8 * ORDERS_KEPT);
    recovery->is_partial = true;
}

static enum err take(void *to, const struct fact *fact, struct fault *why)
{
    return recovery_take(to, fact, why);
}

static void emit(struct engine *engine, const struct order *order, enum order_event event,
                 const char *text)
{
    struct fact fact = {.kind = FACT_ORDER_EVENT};

    fact.order_event = (struct fact_order_event){.order = order->number, .event = event};
    if (event == ORDER_EVENT_DENY)
        fact.order_event.code = order->awaits_preview ? REFUSAL_ORDER_PREVIEW : REFUSAL_UNKNOWN;
    snprintf(fact.order_event.text, sizeof fact.order_event.text, "%s", text);
    engine_emit(engine, &fact);
}

static bool awaits_answer(const struct order *order)
{
    return order->state == ORDER_PENDING_NEW || order->state == ORDER_PENDING_CANCEL ||
           order->state == ORDER_PENDING_REPLACE;
}

/* What was under way when the engine ended. An order that was never sent never will be: what it
 * was decided on is long gone. */
static void lose_pending(struct engine *engine)
{
    for (order_number n = oms_first_number(engine->oms); n < oms_next_number(engine->oms);
         n++) {
        const struct order *order = oms_find(engine->oms, n);
        if (!order)
            continue;
        if (order->state == ORDER_INITIALIZED)
            emit(engine, order, ORDER_EVENT_DENY,
                 order->awaits_preview ? "the engine ended while it waited for its preview"
                                       : "the engine ended before it was sent");
        if (order_state_is_final(order->state) && order->asked.is_anew)
            emit(engine, order, ORDER_EVENT_REPLACE_REFUSED,
                 "the engine ended before it was made anew");
        if (awaits_answer(order))
            emit(engine, order, ORDER_EVENT_LOSE, "the engine ended before the answer came");
    }
}

enum err engine_recover(struct engine *engine, nanos now, struct fault *why)
{
    struct recovery replay = {.engine = engine};
    const struct journal_port *journal = &engine->ports.journal;

    engine->is_replaying = true;
    enum err err = journal->replay(journal->ctx, take, &replay, why);
    engine->is_replaying = false;
    if (err)
        return err;
    if (!replay.has_begun)
        replay.last = now;
    engine->now = replay.last > now ? replay.last : now;
    oms_forget_old(engine->oms, ORDERS_KEPT);
    lose_pending(engine);
    resolver_expect(&engine->resolver, engine->now);
    reconcile_start(engine, replay.last < now ? replay.last : now, true);
    return OK;
}
