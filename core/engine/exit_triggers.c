#include "engine/exit_triggers.h"

#include "engine/exits_private.h"

static void raise_extreme(struct engine *engine, const struct fact_exit *exit, decimal price)
{
    struct fact_exit next = *exit;

    if (!exit_has_trail(exit) || !decimal_is_positive(price))
        return;
    bool is_better = decimal_is_zero(exit->extreme) ||
                     (exit_sells(exit) ? decimal_compare(price, exit->extreme) > 0
                                       : decimal_is_less(price, exit->extreme));
    if (!is_better)
        return;
    next.extreme = price;
    exits_emit(engine, &next);
}

/* `price` is what an order would get. */
static void trigger(struct engine *engine, const struct fact_exit *exit, enum exit_leg leg,
                    decimal price)
{
    struct fact_exit next = *exit;
    const struct order *entry = exit->entry ? oms_find_logical(engine->oms, exit->entry) : NULL;

    next.state = EXIT_TRIGGERED;
    next.leg = leg;
    exits_emit(engine, &next);
    if (entry && entry->request.side != next.side)
        engine_cancel(engine, entry); /* no more of what is being left */
    exits_attempt(engine, next.id, price);
}

/* One exit at one price; `touch` is what an order would get. A price that is reached inside a
 * bar moves no trail, and takes no target that was armed in that bar. */
static void look(struct engine *engine, uint64_t id, decimal price, decimal touch, bool in_bar)
{
    const struct exit_entry *entry = exits_find(&engine->exits, id);

    if (!entry)
        return;
    const struct fact_exit *exit = &entry->exit;
    if (exit_is_leaving(exit)) {
        exits_attempt(engine, id, touch);
        return;
    }
    if (exit->state != EXIT_ARMED || !decimal_is_positive(price))
        return;
    if (exit_is_stopped(exit, price, exit_stop_level(exit)))
        trigger(engine, exit, exit_stop_leg(exit), touch);
    else if (exit_is_won(exit, touch) && !(in_bar && entry->is_fresh))
        trigger(engine, exit, EXIT_TARGET, touch);
    else if (!in_bar)
        raise_extreme(engine, exit, price);
}

void exits_on_price(struct engine *engine, product_ref product)
{
    const struct market *market = &engine->markets[product];
    const struct exit_entry *entry;

    for (uint64_t id = 0; (entry = exits_next(&engine->exits, product, id));) {
        id = entry->exit.id;
        look(engine, id, market->mark, market_touch(market, entry->exit.side), false);
    }
}

void exits_on_reach(struct engine *engine, product_ref product, decimal price)
{
    const struct exit_entry *entry;

    for (uint64_t id = 0; (entry = exits_next(&engine->exits, product, id));) {
        id = entry->exit.id;
        look(engine, id, price, price, true);
    }
}

/* ---- bars ---- */

void exits_open_bar(struct engine *engine, product_ref product)
{
    engine->exits.is_walked = true;
    for (int i = 0; i < engine->exits.count; i++)
        if (engine->exits.items[i].exit.product == product)
            engine->exits.items[i].is_fresh = false;
}

static decimal worst_of(const struct fact_exit *exit, const struct bar *bar)
{
    return exit_sells(exit) ? bar->low : bar->high;
}

static decimal best_of(const struct fact_exit *exit, const struct bar *bar)
{
    return exit_sells(exit) ? bar->high : bar->low;
}

static bool stop_in_bar(const struct fact_exit *exit, const struct bar *bar, decimal *price)
{
    decimal level = exit_stop_level(exit);

    if (!exit_is_stopped(exit, worst_of(exit, bar), level))
        return false;
    *price = exit_is_stopped(exit, bar->open, level) ? bar->open : level;
    return true;
}

/* One price step through it, or beyond it at the open. */
static bool target_in_bar(const struct engine *engine, const struct fact_exit *exit,
                          const struct bar *bar, decimal *price)
{
    decimal step = engine->products->items[exit->product].price_increment;
    decimal through = exit_worse_by(exit, best_of(exit, bar), step);

    if (!exit_is_won(exit, through))
        return false;
    *price = exit_is_won(exit, bar->open) ? bar->open : exit->plan.target;
    return true;
}

/* The one that the market comes to first on its way: stops on the way down, targets on the way
 * up, of a long position. */
static bool comes_first(const struct fact_exit *exit, bool is_stop, decimal price, decimal than)
{
    bool is_down = exit_sells(exit) == is_stop;

    return is_down ? decimal_compare(price, than) > 0 : decimal_is_less(price, than);
}

bool exits_find_reached(const struct engine *engine, product_ref product, const struct bar *bar,
                        bool is_stop, bool is_closed, decimal *price)
{
    bool has = false;
    decimal at;

    for (int i = 0; i < engine->exits.count; i++) {
        const struct exit_entry *entry = &engine->exits.items[i];
        const struct fact_exit *exit = &entry->exit;
        if (exit->product != product || exit->state != EXIT_ARMED ||
            (is_stop ? is_closed && !entry->is_fresh : entry->is_fresh || is_closed))
            continue;
        bool is_hit =
            is_stop ? stop_in_bar(exit, bar, &at) : target_in_bar(engine, exit, bar, &at);
        if (!is_hit || (has && !comes_first(exit, is_stop, at, *price)))
            continue;
        *price = at;
        has = true;
    }
    return has;
}

/* Of a bar that nobody has walked through: what was reached in it, the stop first. */
static void look_in_bar(struct engine *engine, uint64_t id, const struct bar *bar)
{
    const struct exit_entry *entry = exits_find(&engine->exits, id);
    decimal price;

    if (!entry || entry->exit.state != EXIT_ARMED || entry->is_fresh)
        return;
    const struct fact_exit *exit = &entry->exit;
    if (stop_in_bar(exit, bar, &price))
        trigger(engine, exit, exit_stop_leg(exit), price);
    else if (target_in_bar(engine, exit, bar, &price))
        trigger(engine, exit, EXIT_TARGET, price);
}

void exits_on_bar(struct engine *engine, product_ref product, const struct bar *bar)
{
    struct exit_entry *entry;

    for (uint64_t id = 0; (entry = exits_next(&engine->exits, product, id));) {
        id = entry->exit.id;
        if (!engine->exits.is_walked)
            look_in_bar(engine, id, bar);
        entry = exits_find(&engine->exits, id);
        if (!entry)
            continue;
        if (entry->exit.state == EXIT_ARMED && !entry->is_fresh)
            raise_extreme(engine, &entry->exit, best_of(&entry->exit, bar));
        entry->is_fresh = false; /* facts leave it where it is */
    }
    exits_on_price(engine, product);
}
