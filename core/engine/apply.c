/* Facts to state: the only place where the engine's lasting state changes.
 *
 * Nothing here decides, asks or can fail. What the emitting side checked holds
 * here by assertion; a journal that was tampered with is refused before replay
 * by its hash chain. */
#include <assert.h>

#include "engine/engine_private.h"

static void apply_order_event(struct engine *engine, const struct fact_order_event *fact,
                              nanos time)
{
    bool moved = oms_apply(engine->oms, fact->order, fact->event, &fact->venue_id, time);

    assert(moved);
    (void)moved;
    if (UNLIKELY(engine->reconcile.account.in_motion))
        reconcile_on_motion(engine);
    if (fact->event == ORDER_EVENT_SEND)
        pace_add(engine->pace, time);
    if (fact->event == ORDER_EVENT_LOSE)
        resolver_expect(&engine->resolver, time);
    if (fact->event == ORDER_EVENT_SEND || fact->event == ORDER_EVENT_ASK_CANCEL ||
        fact->event == ORDER_EVENT_ASK_REPLACE)
        resolver_expect(&engine->resolver, time + engine->settings.retry.answer_deadline);
}

static void apply_amend(struct engine *engine, const struct fact_amend *fact, nanos time)
{
    bool moved = oms_amend(engine->oms, fact->order, fact->size, fact->limit_price, time);

    assert(moved);
    (void)moved;
}

static void apply_amend_asked(struct engine *engine, const struct fact_amend_asked *fact,
                              nanos time)
{
    struct order_change change = fact->change;

    change.since = time;
    bool moved = oms_ask_amend(engine->oms, fact->order, &change, time);
    assert(moved);
    (void)moved;
    pace_add(engine->pace, time);
    resolver_expect(&engine->resolver, time + engine->settings.retry.answer_deadline);
}

/* What somebody else gains or loses with his coins ends no round trip of the bot's. */
static bool is_coin_of_others(const struct engine *engine, const struct fill *fill)
{
    const struct order *order = fill->order ? oms_find(engine->oms, fill->order) : NULL;

    return order && order->origin == ORIGIN_EXTERNAL &&
           engine->products->items[fill->product].type == PRODUCT_SPOT;
}

/* Money that changed hands is booked whatever the order's table says of it. */
static void apply_fill(struct engine *engine, const struct fill *fill, nanos time)
{
    if (fill->order && !oms_apply_fill(engine->oms, fill))
        oms_note_fill(engine->oms, fill);
    struct position_change change = portfolio_apply_fill(engine->portfolio, fill);
    if (!is_coin_of_others(engine, fill))
        equity_watch_apply_fill(&engine->watch, fill, &change);
    guards_on_fill(engine, fill, time);
}

void engine_apply(struct engine *engine, const struct fact *fact)
{
    switch (fact->kind) {
    case FACT_ORDER:
        oms_add(engine->oms, &fact->order);
        break;
    case FACT_ORDER_EVENT:
        apply_order_event(engine, &fact->order_event, fact->time);
        break;
    case FACT_FILL:
        apply_fill(engine, &fact->fill, fact->time);
        break;
    case FACT_FILL_KNOWN:
        oms_explain(engine->oms, &fact->fill);
        break;
    case FACT_AMEND:
        apply_amend(engine, &fact->amend, fact->time);
        break;
    case FACT_AMEND_ASKED:
        apply_amend_asked(engine, &fact->amend_asked, fact->time);
        break;
    case FACT_BALANCE:
        portfolio_set_balance(engine->portfolio, fact->balance.currency, fact->balance.total);
        break;
    case FACT_POSITION:
        portfolio_set_position(engine->portfolio, fact->position.product,
                               &fact->position.position);
        break;
    case FACT_CAUSE:
        degrade_apply_cause(engine->degrade, &fact->cause);
        break;
    case FACT_CAUSE_END:
        degrade_apply_end(engine->degrade, fact->cause_end.id);
        break;
    case FACT_EXIT:
        exits_apply(&engine->exits, &fact->exit);
        break;
    case FACT_BASELINE:
        equity_watch_apply_baseline(&engine->watch, &fact->baseline);
        break;
    case FACT_COMMAND:
        if (fact->command.kind == COMMAND_RESUME)
            equity_watch_apply_resume(&engine->watch);
        break;
    case FACT_CYCLE:
        equity_watch_apply_equity(&engine->watch, fact->cycle.equity);
        engine->counters.cycles = fact->cycle.number;
        break;
    case FACT_STATE:
        saved_states_apply(&engine->states, &fact->state);
        break;
    case FACT_WISH:
        oms_want_cancel(engine->oms, fact->wish.order, fact->wish.is_lasting);
        break;
    case FACT_PREVIEW:
        if (decimal_is_positive(fact->preview.reserved_price))
            oms_reprice(engine->oms, fact->preview.order, fact->preview.reserved_price);
        break;
    case FACT_MEMORY:
    case FACT_TRIP:
    case FACT_PACE:
    case FACT_SEEN:
        snapshot_apply(engine, fact);
        break;
    default: /* notes, traces and marks of runs tell people, not the engine */
        break;
    }
}
