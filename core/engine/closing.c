#include "engine/closing.h"

/* Coins of the account that are not in the position. */
static decimal spare_coins(const struct portfolio *portfolio, const struct product *product,
                           product_ref ref)
{
    decimal held = portfolio_position(portfolio, ref)->size;
    decimal total = portfolio_balance(portfolio, product->base).total;

    return decimal_max(decimal_sub(total, decimal_max(held, DECIMAL_ZERO)), DECIMAL_ZERO);
}

decimal closing_of_others(const struct engine_settings *settings,
                          const struct portfolio *portfolio, const struct product *product,
                          product_ref ref, enum side side, decimal offered)
{
    if (decimal_is_zero(offered) || side == SIDE_BUY || product->type != PRODUCT_SPOT ||
        settings->reconcile.external_orders == EXTERNAL_ADOPT)
        return DECIMAL_ZERO;
    return decimal_min(offered, spare_coins(portfolio, product, ref));
}

decimal closing_size(const struct engine_settings *settings, const struct portfolio *portfolio,
                     const struct oms *oms, const struct product *product, product_ref ref,
                     enum side side)
{
    decimal working = oms_working_size(oms, ref, side);

    if (decimal_is_zero(working))
        return working;
    decimal offered = oms_external_size(oms, ref, side);
    return decimal_sub(working,
                       closing_of_others(settings, portfolio, product, ref, side, offered));
}
