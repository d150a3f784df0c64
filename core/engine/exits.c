#include "engine/exits.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/names.h"
#include "engine/engine_private.h"

/* After its end an entry may still be filled by what is on its way. */
#define LATE_FILL_MAX MINUTES(10)
enum { TRIES_LOUD = 3 };
#define TRY_CAP SECONDS(60)

static const char *const state_names[] = {
    [EXIT_WAITING] = "waiting",
    [EXIT_ARMED] = "armed",
    [EXIT_TRIGGERED] = "triggered",
    [EXIT_ENDED] = "ended",
};
static_assert(ARRAY_LEN(state_names) == EXIT_STATE_COUNT, "name every state");

static const char *const leg_names[] = {
    [EXIT_NO_LEG] = "none",
    [EXIT_STOP] = "stop",
    [EXIT_TARGET] = "target",
    [EXIT_TRAIL] = "trail",
};
static_assert(ARRAY_LEN(leg_names) == EXIT_LEG_COUNT, "name every leg");

const char *exit_state_name(enum exit_state state)
{
    assert(state < EXIT_STATE_COUNT);
    return state_names[state];
}

const char *exit_leg_name(enum exit_leg leg)
{
    assert(leg < EXIT_LEG_COUNT);
    return leg_names[leg];
}

/* ---- the list ---- */

void exits_clear(struct exits *exits)
{
    mem_free(exits->items);
    *exits = (struct exits){.items = NULL};
}

static int find(const struct exits *exits, uint64_t id)
{
    for (int i = 0; i < exits->count; i++)
        if (exits->items[i].exit.id == id)
            return i;
    return -1;
}

static struct exit_entry *add(struct exits *exits)
{
    if (exits->count == exits->cap) {
        exits->cap = exits->cap ? exits->cap * 2 : 8;
        exits->items = mem_resize(exits->items, (size_t)exits->cap, sizeof *exits->items);
    }
    struct exit_entry *entry = &exits->items[exits->count++];
    memset(entry, 0, sizeof *entry);
    return entry;
}

void exits_apply(struct exits *exits, const struct fact_exit *exit)
{
    int at = find(exits, exit->id);

    if (exit->id > exits->last_id)
        exits->last_id = exit->id;
    if (exit->state == EXIT_ENDED) {
        if (at < 0)
            return;
        exits->count--;
        memmove(exits->items + at, exits->items + at + 1,
                (size_t)(exits->count - at) * sizeof *exits->items);
        return;
    }
    struct exit_entry *entry = at < 0 ? add(exits) : &exits->items[at];
    if (entry->exit.state == EXIT_WAITING && exit->state == EXIT_ARMED)
        entry->is_fresh = true;
    entry->exit = *exit;
}

static void emit(struct engine *engine, const struct fact_exit *exit)
{
    struct fact fact = {.kind = FACT_EXIT, .exit = *exit};

    engine_emit(engine, &fact);
}

/* ---- levels ---- */

static bool sells(const struct fact_exit *exit)
{
    return exit->side == SIDE_SELL;
}

/* For a long position the higher of two levels is reached first on the way down. */
static decimal nearer_stop(const struct fact_exit *exit, decimal a, decimal b)
{
    if (decimal_is_zero(a) || decimal_is_zero(b))
        return decimal_is_zero(a) ? b : a;
    return sells(exit) ? decimal_max(a, b) : decimal_min(a, b);
}

static decimal worse_by(const struct fact_exit *exit, decimal price, decimal distance)
{
    return sells(exit) ? decimal_sub(price, distance) : decimal_add(price, distance);
}

static decimal share_of(decimal price, decimal share)
{
    return decimal_mul(price, share, ROUND_DOWN);
}

static decimal trail_level(const struct fact_exit *exit)
{
    const struct exit_plan *plan = &exit->plan;
    decimal distance = decimal_is_positive(plan->trail_share)
                           ? share_of(exit->extreme, plan->trail_share)
                           : plan->trail;

    if (decimal_is_zero(distance) || decimal_is_zero(exit->extreme))
        return DECIMAL_ZERO;
    return decimal_max(worse_by(exit, exit->extreme, distance), DECIMAL_ZERO);
}

decimal exit_stop_level(const struct fact_exit *exit)
{
    return nearer_stop(exit, exit->plan.stop, trail_level(exit));
}

/* Whether the price is at the level or beyond it, on the losing side; or on the winning one. */
static bool is_stopped(const struct fact_exit *exit, decimal price, decimal level)
{
    return decimal_is_positive(level) && (sells(exit) ? decimal_compare(price, level) <= 0
                                                      : decimal_compare(price, level) >= 0);
}

static bool is_won(const struct fact_exit *exit, decimal price)
{
    decimal level = exit->plan.target;

    return decimal_is_positive(level) && (sells(exit) ? decimal_compare(price, level) >= 0
                                                      : decimal_compare(price, level) <= 0);
}

static enum exit_leg stop_leg(const struct fact_exit *exit)
{
    return decimal_is_equal(exit_stop_level(exit), exit->plan.stop) ? EXIT_STOP : EXIT_TRAIL;
}

static bool has_trail(const struct fact_exit *exit)
{
    return decimal_is_positive(exit->plan.trail) || decimal_is_positive(exit->plan.trail_share);
}

static void raise_extreme(struct engine *engine, const struct fact_exit *exit, decimal price)
{
    struct fact_exit next = *exit;

    if (!has_trail(exit) || !decimal_is_positive(price))
        return;
    bool is_better = decimal_is_zero(exit->extreme) ||
                     (sells(exit) ? decimal_compare(price, exit->extreme) > 0
                                  : decimal_is_less(price, exit->extreme));
    if (!is_better)
        return;
    next.extreme = price;
    emit(engine, &next);
}

/* ---- plans ---- */

bool exit_plan_is_empty(const struct exit_plan *plan)
{
    return decimal_is_zero(plan->stop) && decimal_is_zero(plan->target) &&
           decimal_is_zero(plan->trail) && decimal_is_zero(plan->stop_share) &&
           decimal_is_zero(plan->target_share) && decimal_is_zero(plan->trail_share);
}

bool exit_plan_check(const struct exit_plan *plan, enum side entry, decimal price, char *why,
                     size_t size)
{
    int way = entry == SIDE_BUY ? 1 : -1;
    bool stop_holds =
        decimal_is_zero(plan->stop) || decimal_compare(price, plan->stop) * way > 0;
    bool target_holds =
        decimal_is_zero(plan->target) || decimal_compare(plan->target, price) * way > 0;
    char level[DECIMAL_TEXT_MAX], at[DECIMAL_TEXT_MAX];

    if (stop_holds && target_holds)
        return true;
    snprintf(why, size, "the %s of a %s at %s cannot be %s",
             stop_holds ? "take profit" : "stop loss", side_name(entry),
             decimal_format(price, at),
             decimal_format(stop_holds ? plan->target : plan->stop, level));
    return false;
}

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
    emit(engine, &exit);
}

/* Shares become prices: of what was paid for the position that is guarded. */
static void resolve(struct fact_exit *exit, decimal paid, decimal step)
{
    struct exit_plan *plan = &exit->plan;
    decimal up = decimal_is_positive(step) ? step : (decimal){1};

    if (decimal_is_positive(plan->stop_share))
        plan->stop = decimal_quantize(worse_by(exit, paid, share_of(paid, plan->stop_share)),
                                      up, ROUND_HALF_EVEN);
    if (decimal_is_positive(plan->target_share))
        plan->target = decimal_quantize(
            worse_by(exit, paid, decimal_negate(share_of(paid, plan->target_share))), up,
            ROUND_HALF_EVEN);
    plan->stop = decimal_max(plan->stop, DECIMAL_ZERO);
    plan->target = decimal_max(plan->target, DECIMAL_ZERO);
}

static void end(struct engine *engine, const struct fact_exit *exit)
{
    struct fact_exit last = *exit;

    last.state = EXIT_ENDED;
    last.size = DECIMAL_ZERO;
    emit(engine, &last);
}

/* The newest of the product, a strategy's own; those that are on their way out stay so. */
static void end_all_of(struct engine *engine, const char *strategy, product_ref product)
{
    for (int i = engine->exits.count; i-- > 0;) {
        const struct fact_exit *exit = &engine->exits.items[i].exit;
        if (exit->product == product && exit->state != EXIT_TRIGGERED &&
            strcmp(exit->strategy, strategy) == 0)
            end(engine, exit);
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

    end_all_of(engine, strategy, product);
    decimal rest = unguarded(engine, product);
    exit.id = next_id(engine);
    exit.side = side_opposite(entry);
    exit.size = decimal_is_positive(size) ? decimal_min(size, rest) : rest;
    if (exit_plan_is_empty(plan) || decimal_is_zero(exit.size))
        return;
    resolve(&exit, paid, rules->price_increment);
    exit.extreme = engine->markets[product].mark;
    snprintf(exit.strategy, sizeof exit.strategy, "%s", strategy);
    /* A level that the market is beyond already is reached at once, and said to be so. */
    if (!exit_plan_check(&exit.plan, entry, engine->markets[product].mark, why, sizeof why))
        engine_note(engine, FACT_GUARD, "exit", "warning", 0, product, "%s: it is reached",
                    why);
    emit(engine, &exit);
    exits_on_price(engine, product);
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
    if (decimal_is_zero(size) && exit->state == EXIT_ARMED)
        next.state = EXIT_WAITING;
    if (!decimal_is_equal(size, exit->size) || next.state != exit->state)
        emit(engine, &next);
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
        bool is_right = held_sign == (sells(exit) ? 1 : -1);
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
    resolve(&next, paid, rules->price_increment);
    if (has_trail(&next) && decimal_is_zero(next.extreme))
        next.extreme = fill->price;
    emit(engine, &next);
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
            set_size(engine, exit,
                     decimal_max(decimal_sub(exit->size, fill->size), DECIMAL_ZERO));
            break;
        }
    }
    exits_settle(engine, fill->product);
}

/* ---- out ---- */

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
static void attempt(struct engine *engine, uint64_t id)
{
    struct exit_entry *entry = &engine->exits.items[find(&engine->exits, id)];
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
    entry = &engine->exits.items[find(&engine->exits, id)];
    emit(engine, &next);
    entry->next = next_try(engine, ++entry->attempts);
    if (entry->attempts % TRIES_LOUD == 0)
        complain(engine, &next, entry->attempts, code);
}

static void trigger(struct engine *engine, const struct fact_exit *exit, enum exit_leg leg)
{
    struct fact_exit next = *exit;
    const struct order *entry = exit->entry ? oms_find_logical(engine->oms, exit->entry) : NULL;

    next.state = EXIT_TRIGGERED;
    next.leg = leg;
    emit(engine, &next);
    if (entry && entry->request.side != next.side)
        engine_cancel(engine, entry); /* no more of what is being left */
    attempt(engine, next.id);
}

/* ---- what happens ---- */

/* Copies of the ids: what happens to one exit may end others. */
enum { AT_ONCE = 64 };

static int ids_of(const struct engine *engine, product_ref product, uint64_t ids[AT_ONCE])
{
    int count = 0;

    for (int i = 0; i < engine->exits.count && count < AT_ONCE; i++)
        if (engine->exits.items[i].exit.product == product)
            ids[count++] = engine->exits.items[i].exit.id;
    return count;
}

/* One exit at one price; `touch` is what an order would get. A price that is reached inside a
 * bar moves no trail, and takes no target that was armed in that bar. */
static void look(struct engine *engine, uint64_t id, decimal price, decimal touch, bool in_bar)
{
    int at = find(&engine->exits, id);

    if (at < 0)
        return;
    const struct exit_entry *entry = &engine->exits.items[at];
    const struct fact_exit *exit = &entry->exit;
    if (exit->state == EXIT_TRIGGERED)
        attempt(engine, id);
    if (exit->state != EXIT_ARMED || !decimal_is_positive(price))
        return;
    if (is_stopped(exit, price, exit_stop_level(exit)))
        trigger(engine, exit, stop_leg(exit));
    else if (is_won(exit, touch) && !(in_bar && entry->is_fresh))
        trigger(engine, exit, EXIT_TARGET);
    else if (!in_bar)
        raise_extreme(engine, exit, price);
}

void exits_on_price(struct engine *engine, product_ref product)
{
    const struct market *market = &engine->markets[product];
    uint64_t ids[AT_ONCE];

    for (int i = 0, count = ids_of(engine, product, ids); i < count; i++) {
        int at = find(&engine->exits, ids[i]);
        if (at >= 0)
            look(engine, ids[i], market->mark,
                 market_touch(market, engine->exits.items[at].exit.side), false);
    }
}

void exits_on_reach(struct engine *engine, product_ref product, decimal price)
{
    uint64_t ids[AT_ONCE];

    for (int i = 0, count = ids_of(engine, product, ids); i < count; i++)
        look(engine, ids[i], price, price, true);
}

void exits_on_order(struct engine *engine, const struct order *order)
{
    if (!order_state_is_final(order->state) || !decimal_is_positive(order->filled))
        return;
    for (int i = 0; i < engine->exits.count; i++)
        if (engine->exits.items[i].exit.order == order->number)
            engine->exits.items[i].attempts = 0; /* it gets somewhere */
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
    return sells(exit) ? bar->low : bar->high;
}

static decimal best_of(const struct fact_exit *exit, const struct bar *bar)
{
    return sells(exit) ? bar->high : bar->low;
}

static bool stop_in_bar(const struct fact_exit *exit, const struct bar *bar, decimal *price)
{
    decimal level = exit_stop_level(exit);

    if (!is_stopped(exit, worst_of(exit, bar), level))
        return false;
    *price = is_stopped(exit, bar->open, level) ? bar->open : level;
    return true;
}

/* One price step through it, or beyond it at the open. */
static bool target_in_bar(const struct engine *engine, const struct fact_exit *exit,
                          const struct bar *bar, decimal *price)
{
    decimal step = engine->products->items[exit->product].price_increment;
    decimal through = worse_by(exit, best_of(exit, bar), step);

    if (!is_won(exit, through))
        return false;
    *price = is_won(exit, bar->open) ? bar->open : exit->plan.target;
    return true;
}

/* The one that the market comes to first on its way: stops on the way down, targets on the way
 * up, of a long position. */
static bool comes_first(const struct fact_exit *exit, bool is_stop, decimal price, decimal than)
{
    bool is_down = sells(exit) == is_stop;

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
    int at = find(&engine->exits, id);
    decimal price;

    if (at < 0 || engine->exits.items[at].exit.state != EXIT_ARMED ||
        engine->exits.items[at].is_fresh)
        return;
    const struct fact_exit *exit = &engine->exits.items[at].exit;
    if (stop_in_bar(exit, bar, &price))
        trigger(engine, exit, stop_leg(exit));
    else if (target_in_bar(engine, exit, bar, &price))
        trigger(engine, exit, EXIT_TARGET);
}

void exits_on_bar(struct engine *engine, product_ref product, const struct bar *bar)
{
    uint64_t ids[AT_ONCE];

    for (int i = 0, count = ids_of(engine, product, ids); i < count; i++) {
        if (!engine->exits.is_walked)
            look_in_bar(engine, ids[i], bar);
        int at = find(&engine->exits, ids[i]);
        if (at < 0)
            continue;
        struct exit_entry *entry = &engine->exits.items[at];
        if (entry->exit.state == EXIT_ARMED && !entry->is_fresh)
            raise_extreme(engine, &entry->exit, best_of(&entry->exit, bar));
        engine->exits.items[at].is_fresh = false;
    }
    exits_on_price(engine, product);
}

/* Exits of entries that came to nothing. */
static void end_orphans(struct engine *engine)
{
    for (int i = engine->exits.count; i-- > 0;) {
        const struct fact_exit *exit = &engine->exits.items[i].exit;
        if (decimal_is_zero(exit->size) && !is_entry_open(engine, exit))
            end(engine, exit);
    }
}

void exits_run(struct engine *engine)
{
    uint64_t ids[AT_ONCE];

    end_orphans(engine);
    for (int product = 0; product < engine->products->count; product++) {
        int count = ids_of(engine, (product_ref)product, ids);
        if (count)
            exits_settle(engine, (product_ref)product);
        for (int i = 0; i < count; i++) {
            int at = find(&engine->exits, ids[i]);
            if (at >= 0 && engine->exits.items[at].exit.state == EXIT_TRIGGERED)
                attempt(engine, ids[i]);
        }
    }
}

/* ---- reduce-only orders that are too large ---- */

static void cut_down(struct engine *engine, const struct order *order, decimal left)
{
    struct amend_terms terms = {.size = decimal_add(order->filled, left),
                                .reason = "the position has shrunk"};
    bool is_settled = order->state == ORDER_NEW || order->state == ORDER_PARTIALLY_FILLED;

    if (order->state == ORDER_PENDING_CANCEL || order_is_edited(order) ||
        oms_wants_cancel(engine->oms, order->number))
        return;
    if (!is_settled || !decimal_is_positive(left) || !engine->ports.venue.can_amend ||
        engine_amend(engine, order, &terms))
        engine_cancel(engine, order);
}

static bool is_reducer(const struct order *order, product_ref product, enum side side)
{
    bool rests = order->request.tif == TIF_GTC || order->request.tif == TIF_GTD;

    return order->request.product == product && order->request.side == side &&
           order->request.reduce_only && rests && order->origin != ORIGIN_EXTERNAL;
}

static void trim_side(struct engine *engine, product_ref product, enum side side)
{
    decimal held = portfolio_position(engine->portfolio, product)->size;
    bool can_reduce = decimal_sign(held) == (side == SIDE_SELL ? 1 : -1);
    decimal left = can_reduce ? decimal_abs(held) : DECIMAL_ZERO;

    for (int i = 0; i < oms_open_count(engine->oms); i++) {
        const struct order *order = oms_open(engine->oms)[i];
        if (!is_reducer(order, product, side))
            continue;
        decimal rest = order_remaining(order), stays = decimal_min(rest, left);
        if (decimal_is_less(stays, rest))
            cut_down(engine, order, stays);
        left = decimal_sub(left, stays);
    }
}

void exits_trim_reducers(struct engine *engine, product_ref product)
{
    if (oms_open_count(engine->oms) == 0)
        return;
    trim_side(engine, product, SIDE_BUY);
    trim_side(engine, product, SIDE_SELL);
}
