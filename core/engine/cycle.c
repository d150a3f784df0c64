/* The cycle: look at the whole, let guards judge, ask strategies, take stock. */
#include "engine/engine_private.h"

void engine_watch_equity(struct engine *engine)
{
    decimal equity = portfolio_equity(engine->portfolio);

    if (!engine->guards.knows_equity && !guards_know_equity(engine))
        return; /* a baseline without what has no price yet would hide losses */
    if (equity_watch_needs_baseline(&engine->watch, engine->now)) {
        struct fact fact = {.kind = FACT_BASELINE};
        fact.baseline = (struct fact_baseline){nanos_day(engine->now), equity};
        engine_emit(engine, &fact);
    }
    equity_watch_apply_equity(&engine->watch, equity);
}

static void cycle_product(struct engine *engine, product_ref product)
{
    engine->counters.cycles++;
    engine_watch_equity(engine);
    if (engine->is_guarded)
        guards_run(engine, product);
    if (degrade_count(engine->degrade))
        commands_run(engine);
    if (engine->guard_count)
        engine_call_guards(engine, product);
    engine_call_strategies(engine, HOOK_CYCLE, product, NULL);
}

/* In the order of the products, whatever the order of their bars. */
void engine_cycle_ended(struct engine *engine)
{
    product_set ended = engine->ended;

    engine->ended = (product_set){0};
    if (UNLIKELY(engine->exits.count))
        exits_run(engine);
    for (int i = 0; i < engine->products->count; i++)
        if (product_set_has(ended, (product_ref)i))
            cycle_product(engine, (product_ref)i);
    engine_call_strategies(engine, HOOK_CYCLE, PRODUCT_NONE, NULL);
}

static void take_stock(struct engine *engine)
{
    const struct portfolio *portfolio = engine->portfolio;
    struct fact fact = {.kind = FACT_CYCLE};

    fact.cycle = (struct fact_cycle){
        .number = engine->counters.cycles,
        .equity = portfolio_equity(portfolio),
        .cash = portfolio_balance(portfolio, portfolio_currency(portfolio)).total,
        .exposure = portfolio_exposure(portfolio),
        .realised = portfolio_realised(portfolio),
        .unrealised = portfolio_unrealised(portfolio),
        .fees = portfolio_fees(portfolio),
        .level = degrade_level(engine->degrade, PRODUCT_NONE),
        .open_orders = oms_open_count(engine->oms),
    };
    engine_emit(engine, &fact);
    snapshot_run(engine, fact.sequence);
}

void engine_cycle(struct engine *engine)
{
    engine->counters.cycles++;
    engine_watch_equity(engine);
    if (engine->is_guarded)
        guards_run(engine, PRODUCT_NONE);
    commands_run(engine);
    if (engine->guard_count)
        engine_call_guards(engine, PRODUCT_NONE);
    if (engine->exits.count)
        exits_run(engine);
    for (int i = 0; i < engine->products->count && oms_open_count(engine->oms); i++)
        reducers_trim(engine, (product_ref)i); /* positions change by repairs too */
    for (int i = 0; i < engine->products->count; i++)
        if (decimal_is_positive(engine->markets[i].mark))
            engine_call_strategies(engine, HOOK_CYCLE, (product_ref)i, NULL);
    engine_call_strategies(engine, HOOK_CYCLE, PRODUCT_NONE, NULL);
    guard_memory_keep(engine);
    take_stock(engine);
}
