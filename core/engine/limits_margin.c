/* Rows about money that is bound: margin of futures, the distance to liquidation, funds. */
#include <string.h>

#include "engine/limits_private.h"

decimal limits_margin(const struct view *view, const struct oms *oms, bool initial)
{
    decimal sum = DECIMAL_ZERO, need;

    for (int i = 0; i < view->products->count; i++) {
        const struct product *product = &view->products->items[i];
        decimal rate = initial ? product->initial_margin : product->maintenance_margin;
        if (product->type != PRODUCT_FUTURE)
            continue;
        const position *held = portfolio_position(view->portfolio, (product_ref)i);
        decimal mark = view->markets[i].mark;
        decimal value = decimal_is_positive(mark) ? position_value(held, product, mark)
                                                  : held->cost; /* not priced yet */
        value = limits_add(decimal_abs(value), oms_working_value(oms, (product_ref)i));
        if (!decimal_try_mul(value, rate, ROUND_UP, &need))
            return UNLIMITED;
        sum = limits_add(sum, need);
    }
    return sum;
}

decimal room_margin(const struct limit_check *check)
{
    const struct product *product = product_of(check);
    decimal value;

    if (product->type != PRODUCT_FUTURE || !decimal_is_positive(product->initial_margin))
        return UNLIMITED;
    decimal freed =
        decimal_mul(limits_changed_value(check), product->initial_margin, ROUND_DOWN);
    decimal free = limits_room_below(limits_add(check->view->equity, freed),
                                     limits_margin(check->view, check->oms, true));
    if (!decimal_try_div(free, product->initial_margin, ROUND_DOWN, &value))
        return UNLIMITED;
    return limits_size_of_value(check, value);
}

/* What equity would stay above maintenance after this order, as a share of equity, must reach
 * the buffer: (equity - maintenance) / equity >= buffer. */
decimal room_liquidation(const struct limit_check *check)
{
    decimal buffer = limits_of(check)->min_liquidation_buffer_share;
    const struct product *product = product_of(check);
    decimal value;

    if (decimal_is_zero(buffer) || product->type != PRODUCT_FUTURE ||
        !decimal_is_positive(product->maintenance_margin))
        return UNLIMITED;
    decimal allowed = limits_share_of_equity(check, decimal_sub(D(1), buffer));
    decimal freed =
        decimal_mul(limits_changed_value(check), product->maintenance_margin, ROUND_DOWN);
    decimal free = limits_room_below(limits_add(allowed, freed),
                                     limits_margin(check->view, check->oms, false));
    if (!decimal_try_div(free, product->maintenance_margin, ROUND_DOWN, &value))
        return UNLIMITED;
    return limits_size_of_value(check, value);
}

/* Of a currency, what positions in futures bind: their margin, and what they have lost. */
static decimal bound_by_futures(const struct limit_check *check, const char *currency)
{
    const struct view *view = check->view;
    decimal sum = DECIMAL_ZERO, margin;

    for (int i = 0; i < view->products->count; i++) {
        const struct product *product = &view->products->items[i];
        const position *held = portfolio_position(view->portfolio, (product_ref)i);
        decimal mark = view->markets[i].mark;
        if (product->type != PRODUCT_FUTURE || position_is_flat(held) ||
            strcmp(product->quote, currency) != 0)
            continue;
        bool is_priced = decimal_is_positive(mark);
        decimal value = is_priced ? position_value(held, product, mark) : held->cost;
        decimal loss = not_negative(decimal_sub(held->cost, value));
        if (!decimal_try_mul(decimal_abs(value), product->initial_margin, ROUND_UP, &margin))
            return UNLIMITED;
        sum = limits_add(sum, limits_add(margin, loss));
    }
    return sum;
}

/* What is free of a currency, with what the order that is changed holds of it. */
static decimal available(const struct limit_check *check, const char *currency)
{
    decimal free = portfolio_available(check->view->portfolio, currency), held;
    const char *held_currency;

    if (!check->changed)
        return free;
    held = oms_hold_of(check->oms, check->changed, &held_currency);
    return strcmp(held_currency, currency) == 0 ? decimal_add(free, held) : free;
}

decimal room_funds(const struct limit_check *check)
{
    const struct product *product = product_of(check);
    decimal value, factor = decimal_add(D(1), check->settings->taker_rate);

    if (product->type == PRODUCT_SPOT && check->request->side == SIDE_SELL)
        return not_negative(available(check, product->base));
    if (product->type == PRODUCT_FUTURE && check->reduces)
        return UNLIMITED;
    if (product->type == PRODUCT_FUTURE)
        factor = decimal_add(product->initial_margin, check->settings->taker_rate);
    decimal bound =
        limits_add(bound_by_futures(check, product->quote), limits_of(check)->min_balance);
    decimal free = limits_room_below(available(check, product->quote), bound);
    if (!decimal_try_div(free, factor, ROUND_DOWN, &value))
        return UNLIMITED;
    return limits_size_of_value(check, value);
}
