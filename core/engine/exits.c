#include "engine/exits.h"

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/exits_private.h"

/* After its end an entry may still be filled by what is on its way. */
#define LATE_FILL_MAX MINUTES(10)

/* ---- the list ---- */

void exits_clear(struct exits *exits)
{
    mem_free(exits->items);
    *exits = (struct exits){.items = NULL};
}

/* They are kept in the order of their ids, oldest first. */
static int first_after(const struct exits *exits, uint64_t id)
{
    int low = 0, high = exits->count;

    while (low < high) {
        int middle = low + (high - low) / 2;
        if (exits->items[middle].exit.id <= id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct exit_entry *exits_find(const struct exits *exits, uint64_t id)
{
    int at = first_after(exits, id) - 1;

    return at >= 0 && exits->items[at].exit.id == id ? &exits->items[at] : NULL;
}

struct exit_entry *exits_next(const struct exits *exits, product_ref product, uint64_t id)
{
    for (int i = first_after(exits, id); i < exits->count; i++)
        if (exits->items[i].exit.product == product)
            return &exits->items[i];
    return NULL;
}

static void remove_entry(struct exits *exits, const struct exit_entry *entry)
{
    int at = (int)(entry - exits->items);

    exits->count--;
    memmove(exits->items + at, exits->items + at + 1,
            (size_t)(exits->count - at) * sizeof *exits->items);
}

static struct exit_entry *add(struct exits *exits, uint64_t id)
{
    int at = first_after(exits, id);

    if (exits->count == exits->cap) {
        exits->cap = exits->cap ? exits->cap * 2 : 8;
        exits->items = mem_resize(exits->items, (size_t)exits->cap, sizeof *exits->items);
    }
    struct exit_entry *entry = &exits->items[at];
    memmove(entry + 1, entry, (size_t)(exits->count++ - at) * sizeof *entry);
    memset(entry, 0, sizeof *entry);
    return entry;
}

void exits_apply(struct exits *exits, const struct fact_exit *exit)
{
    struct exit_entry *entry = exits_find(exits, exit->id);

    if (exit->id > exits->last_id)
        exits->last_id = exit->id;
    if (exit->state == EXIT_ENDED) {
        if (entry)
            remove_entry(exits, entry);
        return;
    }
    entry = entry ? entry : add(exits, exit->id);
    if (entry->exit.state == EXIT_WAITING && exit->state == EXIT_ARMED)
        entry->is_fresh = true;
    entry->exit = *exit;
}

void exits_emit(struct engine *engine, const struct fact_exit *exit)
{
    struct fact fact = {.kind = FACT_EXIT, .exit = *exit};

    engine_emit(engine, &fact);
}

/* ---- plans ---- */

static uint64_t next_id(const struct engine *engine)
{
    return engine->exits.last_id + 1;
}

void exits_plan(struct engine *engine, order_number entry, const struct exit_plan *plan)
{
    const struct order *order = oms_find(engine->oms, entry);
    struct fact_exit exit = {.id = next_id(engine),
                             .product = order->request.product,
                             .side = side_opposite(order->request.side),
                             .state = EXIT_WAITING,
                             .plan = *plan,
                             .entry = entry};

    memcpy(exit.strategy, order->strategy, sizeof exit.strategy);
    exits_emit(engine, &exit);
}

static void end(struct engine *engine, const struct fact_exit *exit)
{
    struct fact_exit last = *exit;

    last.state = EXIT_ENDED;
    last.size = DECIMAL_ZERO;
    exits_emit(engine, &last);
}

/* ---- sizes ---- */

static bool is_entry_open(const struct engine *engine, const struct fact_exit *exit)
{
    const struct order *entry = oms_find(engine->oms, exit->entry);

    if (!entry)
        return false;
    return oms_find_logical(engine->oms, exit->entry) || (entry->state == ORDER_INITIALIZED) ||
           decimal_is_positive(entry->asked.size) ||
           (entry->state != ORDER_DENIED && entry->state != ORDER_FILLED &&
            engine->now < entry->updated + LATE_FILL_MAX);
}

/* Nothing to guard: over, unless more of the entry may come. */
static void set_size(struct engine *engine, const struct fact_exit *exit, decimal size)
{
    struct fact_exit next = *exit;

    next.size = size;
    if (decimal_is_zero(size) && !is_entry_open(engine, exit)) {
        end(engine, exit);
        return;
    }
    if (decimal_is_zero(size))
        next.state = exit_is_leaving(exit) ? EXIT_TRIGGERED : EXIT_WAITING;
    if (!decimal_is_equal(size, exit->size) || next.state != exit->state)
        exits_emit(engine, &next);
}

static decimal sum_of(const struct engine *engine, product_ref product)
{
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < engine->exits.count; i++)
        if (engine->exits.items[i].exit.product == product)
            sum = decimal_add(sum, engine->exits.items[i].exit.size);
    return sum;
}

/* Those of the wrong side guard nothing. */
static void end_wrong_side(struct engine *engine, product_ref product, int held_sign)
{
    for (int i = engine->exits.count; i-- > 0;) {
        const struct fact_exit *exit = &engine->exits.items[i].exit;
        bool is_right = held_sign == (exit_sells(exit) ? 1 : -1);
        if (exit->product == product && decimal_is_positive(exit->size) && !is_right)
            set_size(engine, exit, DECIMAL_ZERO);
    }
}

void exits_settle(struct engine *engine, product_ref product)
{
    decimal held = portfolio_position(engine->portfolio, product)->size;

    if (!engine->exits.count)
        return;
    end_wrong_side(engine, product, decimal_sign(held));
    decimal excess = decimal_sub(sum_of(engine, product), decimal_abs(held));
    for (int i = 0; i < engine->exits.count && decimal_is_positive(excess);) {
        const struct fact_exit *exit = &engine->exits.items[i].exit;
        uint64_t id = exit->id;
        decimal cut = exit->product == product ? decimal_min(exit->size, excess) : DECIMAL_ZERO;
        if (decimal_is_positive(cut))
            set_size(engine, exit, decimal_sub(exit->size, cut));
        excess = decimal_sub(excess, cut);
        i += i < engine->exits.count && engine->exits.items[i].exit.id == id;
    }
}

/* ---- protection ---- */

/* All of a strategy's own for the product but those that are on their way out. Where an entry
 * may still be filled, its exit stays for that, unless nothing shall be guarded any more. */
static void give_way(struct engine *engine, const char *strategy, product_ref product,
                     bool is_final)
{
    for (int i = engine->exits.count; i-- > 0;) {
        const struct fact_exit *exit = &engine->exits.items[i].exit;
        if (exit->product != product || exit_is_leaving(exit) ||
            strcmp(exit->strategy, strategy) != 0)
            continue;
        if (is_final)
            end(engine, exit);
        else
            set_size(engine, exit, DECIMAL_ZERO);
    }
}

/* What of a position no exit guards. */
static decimal unguarded(const struct engine *engine, product_ref product)
{
    decimal rest = decimal_abs(portfolio_position(engine->portfolio, product)->size);

    for (int i = 0; i < engine->exits.count; i++)
        if (engine->exits.items[i].exit.product == product)
            rest = decimal_sub(rest, engine->exits.items[i].exit.size);
    return decimal_max(rest, DECIMAL_ZERO);
}

void exits_protect(struct engine *engine, const char *strategy, product_ref product,
                   const struct exit_plan *plan, decimal size)
{
    const position *held = portfolio_position(engine->portfolio, product);
    const struct product *rules = &engine->products->items[product];
    decimal paid = position_average_price(held, rules);
    struct fact_exit exit = {.product = product, .state = EXIT_ARMED, .plan = *plan};
    enum side entry = decimal_is_positive(held->size) ? SIDE_BUY : SIDE_SELL;
    char why[FACT_TEXT_MAX];

    give_way(engine, strategy, product, exit_plan_is_empty(plan));
    decimal rest = unguarded(engine, product);
    exit.id = next_id(engine);
    exit.side = side_opposite(entry);
    exit.size = decimal_is_positive(size) ? decimal_min(size, rest) : rest;
    if (exit_plan_is_empty(plan) || decimal_is_zero(exit.size))
        return;
    exit_resolve_shares(&exit, paid, rules->price_increment);
    exit.extreme = engine->markets[product].mark;
    snprintf(exit.strategy, sizeof exit.strategy, "%s", strategy);
    /* A level that the market is beyond already is reached at once, and said to be so. */
    if (!exit_plan_check(&exit.plan, entry, engine->markets[product].mark, why, sizeof why))
        engine_note(engine, FACT_GUARD, "exit", "warning", 0, product, "%s: it is reached",
                    why);
    exits_emit(engine, &exit);
    exits_on_price(engine, product);
}

/* ---- fills ---- */

static bool is_entry_of(const struct fact_exit *exit, const struct order *order)
{
    return exit->entry &&
           (exit->entry == order->number || (order->logical && exit->entry == order->logical));
}

static void arm(struct engine *engine, const struct fact_exit *exit, const struct order *order,
                const struct fill *fill)
{
    const struct product *rules = &engine->products->items[exit->product];
    decimal units, paid = fill->price;
    struct fact_exit next = *exit;

    if (decimal_try_mul(order->filled, rules->contract_size, ROUND_HALF_EVEN, &units))
        (void)!decimal_try_div(order->filled_value, units, ROUND_HALF_EVEN, &paid);
    next.size = decimal_add(next.size, fill->size);
    if (next.state == EXIT_WAITING)
        next.state = EXIT_ARMED;
    exit_resolve_shares(&next, paid, rules->price_increment);
    if (exit_has_trail(&next) && decimal_is_zero(next.extreme))
        next.extreme = fill->price;
    exits_emit(engine, &next);
}

/* Its own order gets somewhere. */
static void take_off(struct engine *engine, const struct fact_exit *exit,
                     const struct fill *fill)
{
    struct fact_exit next = *exit;

    next.tries = 0;
    if (next.state == EXIT_TRIGGERED)
        next.code = REFUSAL_NONE;
    set_size(engine, &next, decimal_max(decimal_sub(exit->size, fill->size), DECIMAL_ZERO));
}

void exits_on_fill(struct engine *engine, const struct order *order, const struct fill *fill)
{
    struct exits *exits = &engine->exits;

    for (int i = 0; i < exits->count; i++) {
        const struct fact_exit *exit = &exits->items[i].exit;
        if (exit->product != fill->product)
            continue;
        if (fill->side != exit->side && is_entry_of(exit, order)) {
            arm(engine, exit, order, fill);
            break;
        }
        if (exit->order == order->number && fill->side == exit->side) {
            take_off(engine, exit, fill);
            break;
        }
    }
    exits_settle(engine, fill->product);
}

/* A leftover whose entry may still be filled has to stay to guard that. */
void exits_take_leftovers(struct engine *engine, uint64_t id)
{
    struct fact_exit next = exits_find(&engine->exits, id)->exit;
    decimal before = next.size;

    for (int i = engine->exits.count; i-- > 0;) {
        const struct fact_exit *other = &engine->exits.items[i].exit;
        if (other->id == id || other->product != next.product || other->side != next.side ||
            !exit_is_too_small(other) || is_entry_open(engine, other))
            continue;
        next.size = decimal_add(next.size, other->size);
        end(engine, other);
    }
    if (!decimal_is_equal(next.size, before))
        exits_emit(engine, &next);
}

/* ---- a cycle ---- */

/* Exits of entries that came to nothing. */
static void end_orphans(struct engine *engine)
{
    for (int i = engine->exits.count; i-- > 0;) {
        const struct fact_exit *exit = &engine->exits.items[i].exit;
        if (decimal_is_zero(exit->size) && !is_entry_open(engine, exit))
            end(engine, exit);
    }
}

static void run_product(struct engine *engine, product_ref product)
{
    const struct exit_entry *entry;
    uint64_t id = 0;

    exits_settle(engine, product);
    for (; (entry = exits_next(&engine->exits, product, id));) {
        id = entry->exit.id;
        if (exit_is_leaving(&entry->exit))
            exits_attempt(engine, id,
                          market_touch(&engine->markets[product], entry->exit.side));
    }
}

void exits_run(struct engine *engine)
{
    end_orphans(engine);
    for (int i = 0; i < engine->products->count; i++)
        if (exits_next(&engine->exits, (product_ref)i, 0))
            run_product(engine, (product_ref)i);
    exits_hold_products(engine);
}
