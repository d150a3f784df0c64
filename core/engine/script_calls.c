/* Calling strategies and guards, and what happens to one that fails. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "engine/guards_private.h"

/* What the strategy traded may only be reduced from now on. One that traded everything leaves
 * one cause that holds everywhere. */
static void reduce_what_it_traded(struct engine *engine, const struct strategy_port *port,
                                  const char *why)
{
    char source[48];
    bool is_one = port->product != PRODUCT_NONE ||
                  port->products.bits == product_set_of(engine->products).bits;

    snprintf(source, sizeof source, "script:%.38s", port->name);
    if (is_one)
        engine_add_cause(engine, LEVEL_REDUCE_ONLY, port->product, source, why, 0, true);
    for (int i = 0; i < engine->products->count && !is_one; i++)
        if (product_set_has(port->products, (product_ref)i))
            engine_add_cause(engine, LEVEL_REDUCE_ONLY, (product_ref)i, source, why, 0, true);
}

void engine_switch_off(struct engine *engine, struct strategy_slot *slot, const char *why)
{
    slot->is_off = true;
    engine_note(engine, FACT_SCRIPT, slot->port.name, "critical", 0, slot->port.product,
                "switched off: %.200s", why);
    reduce_what_it_traded(engine, &slot->port, why);
}

/* A strike: the call's decisions are gone, and the third in a row ends it. */
static void strike(struct engine *engine, struct strategy_slot *slot, enum hook hook,
                   const struct fault *why)
{
    engine->counters.script_errors++;
    slot->strikes++;
    engine_note(engine, FACT_SCRIPT, slot->port.name, "recoverable", 0, slot->port.product,
                "%s: %.200s", hook_name(hook), why->text);
    if (slot->strikes >= engine->settings.degrade.script_strikes || why->code == ERR_BUDGET)
        engine_switch_off(engine, slot, why->text);
}

static bool is_interrupted(struct engine *engine)
{
    if (!engine->interrupt.wants || !engine->interrupt.wants(engine->interrupt.ctx))
        return false;
    if (!engine->interrupt.was_noted)
        engine_note(engine, FACT_SCRIPT, "engine", "warning", 0, PRODUCT_NONE,
                    "calls of scripts are left out: an operator's kill comes first");
    engine->interrupt.was_noted = true;
    return true;
}

static void call(struct engine *engine, struct strategy_slot *slot,
                 const struct strategy_call *call)
{
    struct decision_list decisions;
    struct fault why;

    if (is_interrupted(engine))
        return;
    decisions.count = 0; /* the rest of these two is large, and is written before it is read */
    why.code = OK;
    why.text[0] = '\0';
    if (slot->port.call(slot->port.ctx, call, &decisions, &why)) {
        if (!is_interrupted(engine)) /* else it may not be to blame */
            strike(engine, slot, call->hook, &why);
        return;
    }
    slot->strikes = 0;
    for (int i = 0; i < decisions.count; i++)
        engine_decide(engine, &slot->port, &decisions.items[i]);
}

static bool is_concerned(const struct strategy_slot *slot, enum hook hook, product_ref product)
{
    if (slot->is_off || !(slot->port.wants & HOOK_BIT(hook)))
        return false;
    if (slot->port.product == product)
        return true;
    if (hook == HOOK_CYCLE)
        return false; /* each has cycles of its own */
    return product == PRODUCT_NONE || (slot->port.product == PRODUCT_NONE &&
                                       product_set_has(slot->port.products, product));
}

/* A portfolio strategy sees the whole, whatever the event is about. */
static struct view view_for(struct engine *engine, const struct strategy_slot *slot,
                            product_ref product)
{
    if (slot->port.product != PRODUCT_NONE)
        return engine_view(engine, product == PRODUCT_NONE ? slot->port.product : product);
    struct view view = engine_view(engine, PRODUCT_NONE);
    for (int i = 0; i < engine->products->count; i++)
        engine->levels[i] = degrade_level(engine->degrade, (product_ref)i);
    view.levels = engine->levels;
    return view;
}

void engine_call_strategies(struct engine *engine, enum hook hook, product_ref product,
                            const struct event *event)
{
    if (!(engine->wants & HOOK_BIT(hook)))
        return;
    for (int i = 0; i < engine->strategy_count; i++) {
        struct strategy_slot *slot = &engine->strategies[i];
        if (!is_concerned(slot, hook, product))
            continue;
        struct view view = view_for(engine, slot, product);
        struct strategy_call what = {.hook = hook, .event = event, .view = &view};
        call(engine, slot, &what);
    }
}

void engine_tell_order(struct engine *engine, const struct order *order,
                       const struct fill *fill)
{
    enum hook hook = fill ? HOOK_FILL : HOOK_ORDER;
    product_ref product = order->request.product;

    if (!(engine->wants & HOOK_BIT(hook)))
        return;
    for (int i = 0; i < engine->strategy_count; i++) {
        struct strategy_slot *slot = &engine->strategies[i];
        if (!is_concerned(slot, hook, product) || strcmp(slot->port.name, order->strategy) != 0)
            continue;
        struct view view = view_for(engine, slot, product);
        struct strategy_call what = {.hook = hook, .order = order, .fill = fill, .view = &view};
        call(engine, slot, &what);
    }
}

/* A guard that asks for a level gets it: as a cause of its own, named after it. */
static void follow(struct engine *engine, const struct guard_port *guard,
                   const struct guard_action *action, product_ref product)
{
    char source[48];

    if (action->level == LEVEL_NORMAL)
        return;
    product_ref where = action->global ? PRODUCT_NONE : product;
    snprintf(source, sizeof source, "guard:%.40s", guard->name);
    if (!degrade_find(engine->degrade, source, where))
        guard_tally_add(&engine->guards.tally, guard->name, TALLY_TRIP);
    engine_hold_cause(engine, action->level, where, source, action->reason, action->duration,
                      true);
}

/* Fewer failures in a row than the settings allow are counted and told; the last one degrades,
 * and from then on there is nothing new to tell until the guard works again. */
static void guard_failed(struct engine *engine, int index, product_ref product,
                         const struct fault *why)
{
    const struct degrade_settings *degrade = &engine->settings.degrade;
    const char *name = engine->script_guards[index].name;
    int strikes = ++engine->guard_strikes[index];
    bool is_critical = strikes >= degrade->guard_failures;
    struct guard_trip trip = {.source = "guard_failure",
                              .level = LEVEL_REDUCE_ONLY,
                              .product = PRODUCT_NONE,
                              .duration = degrade->api_health_pause,
                              .is_critical = true,
                              .cancels = true};

    guard_tally_add(&engine->guards.tally, name,
                    is_critical ? TALLY_CRITICAL : TALLY_RECOVERABLE);
    if (strikes <= degrade->guard_failures)
        engine_note(engine, FACT_GUARD, name, is_critical ? "critical" : "recoverable", 0,
                    product, "%.200s", why->text);
    if (is_critical)
        guards_hold(engine, &trip, "%.40s: %.100s", name, why->text);
}

void engine_call_guards(struct engine *engine, product_ref product)
{
    for (int i = 0; i < engine->guard_count; i++) {
        const struct guard_port *guard = &engine->script_guards[i];
        struct guard_action action = {.level = LEVEL_NORMAL, .global = true};
        struct view view = engine_view(engine, product);
        struct fault why = {OK, ""};
        if (!guard->has_cycle || is_interrupted(engine))
            continue;
        if (guard->cycle(guard->ctx, &view, &action, &why) == OK) {
            engine->guard_strikes[i] = 0;
            follow(engine, guard, &action, product);
            continue;
        }
        if (!is_interrupted(engine))
            guard_failed(engine, i, product, &why);
    }
}
