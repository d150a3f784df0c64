#include "engine/exit_orders.h"

#include <stdio.h>
#include <string.h>

#include "engine/exits_private.h"

enum { TRIES_LOUD = 3 };
#define TRY_CAP SECONDS(60)

static nanos next_try(const struct engine *engine, int attempts)
{
    nanos wait = SECONDS(1);

    for (int i = 1; i < attempts && wait < TRY_CAP; i++)
        wait *= 2;
    return engine->now + (wait < TRY_CAP ? wait : TRY_CAP);
}

/* Our own orders that rest and hold what the exit has to close. True when there were some. */
static bool cancel_blockers(struct engine *engine, const struct fact_exit *exit)
{
    bool was_some = false;

    for (int i = oms_open_count(engine->oms); i-- > 0;) {
        const struct order *order = oms_open(engine->oms)[i];
        bool rests = order->request.tif == TIF_GTC || order->request.tif == TIF_GTD;
        bool is_ours = order->origin != ORIGIN_EXTERNAL && order->origin != ORIGIN_EMULATION;
        if (order->request.product != exit->product || order->request.side != exit->side ||
            !rests || !is_ours || order->state == ORDER_PENDING_CANCEL)
            continue;
        was_some |= engine_cancel(engine, order);
    }
    return was_some;
}

static struct intent closing(const struct engine *engine, const struct fact_exit *exit,
                             decimal size)
{
    const struct product *rules = &engine->products->items[exit->product];
    struct intent intent = {.origin = ORIGIN_EMULATION,
                            .decision = {.action = ACTION_CLOSE, .product = exit->product}};
    char level[DECIMAL_TEXT_MAX];
    decimal at = exit->leg == EXIT_TARGET ? exit->plan.target : exit_stop_level(exit);

    if (decimal_is_positive(rules->base_max_size))
        size = decimal_min(size, rules->base_max_size);
    intent.request = (struct order_request){.product = exit->product,
                                            .side = exit->side,
                                            .type = ORDER_MARKET,
                                            .tif = TIF_IOC,
                                            .reduce_only = true,
                                            .size = size};
    memcpy(intent.strategy, exit->strategy, sizeof intent.strategy);
    snprintf(intent.decision.reason, sizeof intent.decision.reason, "%s at %s",
             exit_leg_name(exit->leg), decimal_format(at, level));
    return intent;
}

static void complain(struct engine *engine, const struct fact_exit *exit, int attempts,
                     enum refusal code)
{
    char why[COMMAND_WHY_MAX], size[DECIMAL_TEXT_MAX];

    snprintf(why, sizeof why, "exit %llu could not close %s after %d attempts: %.80s",
             (unsigned long long)exit->id, decimal_format(exit->size, size), attempts,
             code ? refusal_text(code) : "the venue has not filled the orders");
    engine_note(engine, FACT_GUARD, "exit", "critical", exit->order, exit->product, "%s", why);
    engine_add_cause(engine, LEVEL_REDUCE_ONLY, exit->product, "exit_failed", why, 3 * TRY_CAP,
                     true);
}

/* One order for what is left and not on its way. The list does not move meanwhile: nothing here
 * ends an exit. */
void exits_attempt(struct engine *engine, uint64_t id)
{
    struct exit_entry *entry = exits_find(&engine->exits, id);
    struct fact_exit next = entry->exit;
    const struct order *order = oms_find(engine->oms, next.order);
    enum refusal code = REFUSAL_NONE;

    if (decimal_is_zero(next.size) || engine->now < entry->next ||
        (order && order_state_is_open(order->state)))
        return;
    decimal held = decimal_abs(portfolio_position(engine->portfolio, next.product)->size);
    decimal free = decimal_sub(held, oms_working_size(engine->oms, next.product, next.side));
    bool is_blocked = decimal_is_less(free, next.size) && cancel_blockers(engine, &next);
    if (is_blocked && !decimal_is_positive(free)) {
        entry->next = engine->now; /* as soon as they are gone */
        return;
    }
    struct intent intent = closing(engine, &next, next.size);
    next.order = engine_submit(engine, &intent, &code);
    entry = exits_find(&engine->exits, id);
    exits_emit(engine, &next);
    entry->next = next_try(engine, ++entry->attempts);
    if (entry->attempts % TRIES_LOUD == 0)
        complain(engine, &next, entry->attempts, code);
}

void exits_on_order(struct engine *engine, const struct order *order)
{
    if (!order_state_is_final(order->state) || !decimal_is_positive(order->filled))
        return;
    for (int i = 0; i < engine->exits.count; i++)
        if (engine->exits.items[i].exit.order == order->number)
            engine->exits.items[i].attempts = 0; /* it gets somewhere */
}
