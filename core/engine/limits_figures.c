#include "engine/limits_private.h"

/* A unit worth more than there are numbers is not bought; a size larger than there are numbers
 * is no limit. */
decimal limits_size_of_value(const struct limit_check *check, decimal value)
{
    decimal each, size;

    if (!decimal_try_mul(check->price, product_of(check)->contract_size, ROUND_UP, &each))
        return DECIMAL_ZERO;
    if (!decimal_try_div(value, each, ROUND_DOWN, &size))
        return UNLIMITED;
    return decimal_min(size, UNLIMITED);
}

decimal limits_share_of_equity(const struct limit_check *check, decimal share)
{
    decimal value;

    if (!decimal_try_mul(check->view->equity, share, ROUND_DOWN, &value))
        return UNLIMITED;
    return value;
}

decimal limits_size_to_come(const struct limit_check *check)
{
    decimal filled = check->changed ? check->changed->filled : DECIMAL_ZERO;

    return not_negative(decimal_sub(check->request->size, filled));
}

decimal limits_add(decimal a, decimal b)
{
    decimal sum;

    return decimal_try_add(a, b, &sum) ? decimal_min(sum, UNLIMITED) : UNLIMITED;
}

decimal limits_changed_value(const struct limit_check *check)
{
    return check->changed ? oms_value_of(check->oms, check->changed) : DECIMAL_ZERO;
}

decimal limits_room_below(decimal limit, decimal used)
{
    return not_negative(decimal_sub(limit, used));
}
