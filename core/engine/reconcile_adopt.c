/* Coins that the account held before the bot began. By default they are a balance
 * and no position: a strategy that closes its position must not sell what somebody
 * keeps there for another reason. reconcile.holdings = "adopt" makes them one, at
 * the start, at the cost of the price then. */
#include <stdio.h>
#include <string.h>

#include "engine/engine_private.h"
#include "engine/reconcile_private.h"

/* The product that sells the coin for the account's currency; PRODUCT_NONE: none does. */
static product_ref market_of(const struct engine *engine, const char *coin)
{
    const char *account = portfolio_currency(engine->portfolio);

    for (int i = 0; i < engine->products->count; i++) {
        const struct product *product = &engine->products->items[i];
        if (product->type == PRODUCT_SPOT && strcmp(product->base, coin) == 0 &&
            strcmp(product->quote, account) == 0)
            return (product_ref)i;
    }
    return PRODUCT_NONE;
}

/* What no position of the coin explains. */
static decimal unexplained(const struct engine *engine, const struct balance *balance)
{
    decimal rest = balance->total;

    for (int i = 0; i < engine->products->count; i++) {
        const struct product *product = &engine->products->items[i];
        if (product->type == PRODUCT_SPOT && strcmp(product->base, balance->currency) == 0)
            rest =
                decimal_sub(rest, portfolio_position(engine->portfolio, (product_ref)i)->size);
    }
    return rest;
}

static void adopt(struct engine *engine, product_ref product, decimal size, decimal cost)
{
    struct fact fact = {.kind = FACT_POSITION, .position.product = product};
    position *now = &fact.position.position;
    char is[DECIMAL_TEXT_MAX], worth[DECIMAL_TEXT_MAX];

    *now = *portfolio_position(engine->portfolio, product);
    now->opened = now->opened ? now->opened : engine->now;
    now->size = decimal_add(now->size, size);
    now->cost = decimal_add(now->cost, cost);
    snprintf(fact.position.why, sizeof fact.position.why, "adopted at the start");
    engine_note(engine, FACT_REPAIR, "holding", "info", 0, product,
                "%s were there before and are a position now, at a cost of %s",
                decimal_format(size, is), decimal_format(cost, worth));
    engine_emit(engine, &fact);
}

/* False while the coin has no price. */
static bool consider(struct engine *engine, const struct balance *balance)
{
    product_ref product = market_of(engine, balance->currency);
    decimal size = unexplained(engine, balance), cost;

    if (product == PRODUCT_NONE || !decimal_is_positive(size) ||
        decimal_is_negative(portfolio_position(engine->portfolio, product)->size))
        return true;
    const struct product *rules = &engine->products->items[product];
    decimal mark = portfolio_mark(engine->portfolio, product);
    if (!decimal_is_positive(mark))
        return false;
    if (decimal_compare(size, rules->base_min_size) < 0 ||
        !product_value(rules, size, mark, &cost))
        return true; /* dust cannot be sold, and would be a position for ever */
    adopt(engine, product, size, cost);
    return true;
}

bool reconcile_adopt_coins(struct engine *engine)
{
    int count = portfolio_balance_count(engine->portfolio);
    bool is_done = true;

    if (engine->settings.reconcile.holdings != HELD_COINS_ADOPT ||
        !engine->reconcile.is_starting)
        return true;
    for (int i = 0; i < count; i++) {
        struct balance balance = *portfolio_balance_at(engine->portfolio, i);
        is_done = consider(engine, &balance) && is_done;
    }
    return is_done;
}
