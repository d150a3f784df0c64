/* Rows about what is held and what works: the position of the symbol, exposure of the account,
 * leverage. */
#include <stdio.h>

#include "engine/limits_private.h"

/* What works on the order's side. */
struct working {
    decimal size, value; /* value: each order at the price that was reserved for it */
    decimal worst;       /* the highest of those prices */
};

static decimal value_of(const struct limit_check *check, decimal size, decimal price)
{
    decimal value;

    return product_value(product_of(check), size, price, &value) ? value : UNLIMITED;
}

static struct working working_of(const struct limit_check *check)
{
    const struct order *const *open = oms_open(check->oms);
    const struct order_request *request = check->request;
    struct working sum = {DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO};

    for (int i = 0; i < oms_open_count(check->oms); i++) {
        if (open[i]->request.product != request->product ||
            open[i]->request.side != request->side || open[i] == check->changed)
            continue;
        decimal rest = order_exposed_size(open[i]), price = order_exposed_price(open[i]);
        sum.size = limits_add(sum.size, rest);
        sum.value = limits_add(sum.value, value_of(check, rest, price));
        sum.worst = decimal_max(sum.worst, price);
    }
    return sum;
}

/* Size held in the order's direction; negative when it is held the other way. */
static decimal held_size(const struct limit_check *check)
{
    const struct order_request *request = check->request;
    decimal held = portfolio_position(check->view->portfolio, request->product)->size;

    return request->side == SIDE_SELL ? decimal_negate(held) : held;
}

/* Size held and working in the order's direction, at least zero. */
static decimal directed_size(const struct limit_check *check)
{
    return not_negative(limits_add(held_size(check), working_of(check).size));
}

/* Its value: what is held at the mark, what works at its own prices. The price of the order
 * itself would let a limit far below the market make little of both. What first has to close
 * the other side counts from there, all of it at the worst of its prices. */
static decimal directed_value(const struct limit_check *check)
{
    decimal held = held_size(check), mark = check->view->market->mark;
    struct working working = working_of(check);

    if (decimal_is_negative(held))
        return value_of(check, not_negative(limits_add(held, working.size)), working.worst);
    if (!decimal_is_positive(mark))
        mark = check->price;
    return limits_add(value_of(check, held, mark), working.value);
}

/* Exposure of the account, held plus working. */
static decimal total_exposure(const struct limit_check *check)
{
    decimal working = oms_working_value(check->oms, PRODUCT_NONE);

    return decimal_add(portfolio_exposure(check->view->portfolio),
                       decimal_sub(working, limits_changed_value(check)));
}

bool holds_shorts(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    const struct order_request *request = check->request;
    decimal held = portfolio_position(check->view->portfolio, request->product)->size;
    bool is_spot = product_of(check)->type == PRODUCT_SPOT; /* the row of funds has them */

    if (limits_of(check)->allow_shorts || request->side == SIDE_BUY || is_spot)
        return true;
    decimal working = working_of(check).size;
    if (decimal_compare(limits_add(limits_size_to_come(check), working), held) <= 0)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "short positions are not allowed by the profile");
    return false;
}

decimal room_position_value(const struct limit_check *check)
{
    decimal limit = limits_of(check)->max_position_value;

    return decimal_is_zero(limit)
               ? UNLIMITED
               : limits_size_of_value(check, limits_room_below(limit, directed_value(check)));
}

decimal room_position_share(const struct limit_check *check)
{
    decimal share = limits_of(check)->max_position_share;

    if (decimal_is_zero(share))
        return UNLIMITED;
    return limits_size_of_value(
        check, limits_room_below(limits_share_of_equity(check, share), directed_value(check)));
}

decimal room_symbol_position_size(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    if (!own || decimal_is_zero(own->max_position_size))
        return UNLIMITED;
    return limits_room_below(own->max_position_size, directed_size(check));
}

decimal room_symbol_position_value(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    if (!own || decimal_is_zero(own->max_position_value))
        return UNLIMITED;
    return limits_size_of_value(
        check, limits_room_below(own->max_position_value, directed_value(check)));
}

decimal room_symbol_position_share(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    if (!own || decimal_is_zero(own->max_position_share))
        return UNLIMITED;
    decimal limit = limits_share_of_equity(check, own->max_position_share);
    return limits_size_of_value(check, limits_room_below(limit, directed_value(check)));
}

decimal room_exposure_value(const struct limit_check *check)
{
    decimal limit = limits_of(check)->max_exposure_value;

    return decimal_is_zero(limit)
               ? UNLIMITED
               : limits_size_of_value(check, limits_room_below(limit, total_exposure(check)));
}

decimal room_exposure_share(const struct limit_check *check)
{
    decimal share = limits_of(check)->max_exposure_share;

    if (decimal_is_zero(share))
        return UNLIMITED;
    return limits_size_of_value(
        check, limits_room_below(limits_share_of_equity(check, share), total_exposure(check)));
}

/* A symbol counts once it is held or being entered. */
static bool is_engaged(const struct limit_check *check, product_ref product)
{
    return !position_is_flat(portfolio_position(check->view->portfolio, product)) ||
           decimal_is_positive(oms_working_value(check->oms, product));
}

bool holds_positions(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    int64_t limit = limits_of(check)->max_positions, count = 0;

    if (limit == 0 || is_engaged(check, check->request->product))
        return true;
    for (int i = 0; i < check->view->products->count; i++)
        count += is_engaged(check, (product_ref)i);
    if (count < limit)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX,
             "%lld positions are held or being entered, limit is %lld", (long long)count,
             (long long)limit);
    return false;
}

decimal room_leverage(const struct limit_check *check)
{
    decimal leverage = limits_of(check)->max_leverage;

    if (decimal_is_zero(leverage))
        return UNLIMITED;
    return limits_size_of_value(
        check,
        limits_room_below(limits_share_of_equity(check, leverage), total_exposure(check)));
}

static bool is_daytime(const struct limits *limits, nanos now)
{
    int minute = nanos_minute_of_day(now);

    return minute >= limits->day_start_minute && minute < limits->day_end_minute;
}

decimal room_symbol_leverage(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    if (!own)
        return UNLIMITED;
    decimal leverage = is_daytime(limits_of(check), check->view->now) ? own->max_leverage_day
                                                                      : own->max_leverage_night;
    if (decimal_is_zero(leverage))
        return UNLIMITED;
    return limits_size_of_value(
        check,
        limits_room_below(limits_share_of_equity(check, leverage), directed_value(check)));
}
