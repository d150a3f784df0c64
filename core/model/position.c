#include "model/position.h"

#include <assert.h>

static bool is_buy(const struct fill *fill)
{
    return fill->side == SIDE_BUY;
}

/* Moves size away from zero; `value` was paid or, selling, received for it. */
static void add(position *p, const struct fill *fill, decimal size, decimal value)
{
    if (is_buy(fill)) {
        p->size = decimal_add(p->size, size);
        p->cost = decimal_add(p->cost, value);
    } else {
        p->size = decimal_sub(p->size, size);
        p->cost = decimal_sub(p->cost, value);
    }
}

/* Moves size towards zero, at most to it. What the rounding of the cost takes from this part
 * stays with the rest of the position: P3 holds whatever is rounded. */
static decimal reduce(position *p, const struct fill *fill, decimal size, decimal value)
{
    decimal cost = decimal_mul_div(p->cost, size, decimal_abs(p->size), ROUND_HALF_EVEN);
    decimal received = is_buy(fill) ? decimal_negate(value) : value;
    decimal profit = decimal_sub(received, cost);

    p->cost = decimal_sub(p->cost, cost);
    p->size = is_buy(fill) ? decimal_add(p->size, size) : decimal_sub(p->size, size);
    p->realised = decimal_add(p->realised, profit);
    return profit;
}

struct position_change position_apply_fill(position *p, const struct fill *fill)
{
    decimal held = decimal_abs(p->size), value = fill->value;
    bool was_flat = position_is_flat(p);
    bool reduces = !was_flat && decimal_is_positive(p->size) != is_buy(fill);
    struct position_change change = {0};

    assert(decimal_is_positive(fill->size) && !decimal_is_negative(fill->value));
    if (reduces) {
        change.closed = decimal_min(held, fill->size);
        decimal part = decimal_mul_div(value, change.closed, fill->size, ROUND_HALF_EVEN);
        change.realised = reduce(p, fill, change.closed, part);
        value = decimal_sub(value, part);
    }
    decimal rest = decimal_sub(fill->size, change.closed);
    change.opened = (was_flat || reduces) && decimal_is_positive(rest);
    if (decimal_is_positive(rest))
        add(p, fill, rest, value);
    p->fees = decimal_add(p->fees, fill->fee);
    change.flat = position_is_flat(p);
    if (change.opened || change.flat)
        p->opened = change.flat ? 0 : fill->time;
    position_check(p);
    return change;
}

decimal position_average_price(const position *p, const struct product *product)
{
    decimal per_unit, price;

    /* Two divisions: size times contract size may be too small to divide by. */
    if (!decimal_try_div(p->cost, p->size, ROUND_HALF_EVEN, &per_unit) ||
        !decimal_try_div(per_unit, product->contract_size, ROUND_HALF_EVEN, &price))
        return DECIMAL_ZERO;
    return price;
}

decimal position_value(const position *p, const struct product *product, decimal mark)
{
    decimal value;
    bool in_range = product_value(product, p->size, mark, &value);

    assert(in_range);
    return value;
}

decimal position_unrealised(const position *p, const struct product *product, decimal mark)
{
    return decimal_sub(position_value(p, product, mark), p->cost);
}

bool position_is_flat(const position *p)
{
    return decimal_is_zero(p->size);
}

bool position_is_reduced_by(const position *p, enum side side, decimal size)
{
    decimal against = side == SIDE_BUY ? decimal_negate(p->size) : p->size;

    return decimal_is_positive(size) && !decimal_is_less(against, size);
}

decimal position_to_close(const position *p, const struct product *product)
{
    bool is_debt = product->type != PRODUCT_SPOT || decimal_is_positive(p->size);

    return is_debt ? p->size : DECIMAL_ZERO;
}

void position_shrink(position *p, decimal most)
{
    decimal left = decimal_max(decimal_min(p->size, most), DECIMAL_ZERO);

    if (decimal_is_equal(left, p->size))
        return;
    p->cost = decimal_mul_div(p->cost, left, p->size, ROUND_HALF_EVEN);
    p->size = left;
    p->opened = decimal_is_zero(left) ? 0 : p->opened;
    position_check(p);
}

void position_check(const position *p)
{
    int size = decimal_sign(p->size), cost = decimal_sign(p->cost);

    assert(cost == 0 || cost == size); /* P1, and P2 with it */
    assert(size != 0 || p->opened == 0);
}
