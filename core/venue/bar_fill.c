#include "venue/bar_fill.h"

/* Whether a price is as good for a trader of this side as the limit, or better. */
static bool is_within(enum side side, decimal price, decimal limit)
{
    return side == SIDE_BUY ? !decimal_is_less(limit, price) : !decimal_is_less(price, limit);
}

static decimal worse_by(enum side side, decimal price, decimal distance)
{
    return side == SIDE_BUY ? decimal_add(price, distance) : decimal_sub(price, distance);
}

static decimal better_of(enum side side, decimal a, decimal b)
{
    return side == SIDE_BUY ? decimal_min(a, b) : decimal_max(a, b);
}

/* What a taker gets at this price: worse by the slippage, rounded to a price step against him,
 * and still a price. */
static decimal slipped(const struct bar_fill_rules *rules, const struct bar_fill_order *order,
                       decimal price)
{
    enum side side = order->request->side;
    decimal step = order->product->price_increment;

    if (decimal_is_zero(rules->slippage_bps))
        return price;
    decimal distance = decimal_mul_div(price, rules->slippage_bps, D(10000), ROUND_UP);
    decimal worse = decimal_quantize(worse_by(side, price, distance), step,
                                     side == SIDE_BUY ? ROUND_CEILING : ROUND_FLOOR);
    return decimal_max(worse, step);
}

static struct bar_fill_price taken(const struct bar_fill_rules *rules,
                                   const struct bar_fill_order *order, decimal price)
{
    decimal worse = slipped(rules, order, price);

    if (order->request->type == ORDER_LIMIT || order->request->type == ORDER_STOP_LIMIT)
        worse = better_of(order->request->side, worse, order->request->limit_price);
    return (struct bar_fill_price){worse, LIQUIDITY_TAKER};
}

/* A price that proves that a limit which rests has been filled: one step beyond it, or the
 * limit itself where a touch is enough. */
static decimal proof(const struct bar_fill_rules *rules, const struct bar_fill_order *order)
{
    decimal limit = order->request->limit_price;
    decimal step = order->product->price_increment;

    return rules->limit_touch ? limit
                              : worse_by(side_opposite(order->request->side), limit, step);
}

bool bar_fill_opens_beyond_stop(const struct order_request *request, decimal open)
{
    return !is_within(request->side, open, request->stop_price) ||
           decimal_is_equal(open, request->stop_price);
}

static bool limit_at_open(const struct bar_fill_rules *rules,
                          const struct bar_fill_order *order, decimal open, bool takes,
                          struct bar_fill_price *out)
{
    enum side side = order->request->side;

    if (takes && is_within(side, open, order->request->limit_price)) {
        *out = taken(rules, order, open);
        return true;
    }
    if (takes || !is_within(side, open, proof(rules, order)))
        return false;
    *out = (struct bar_fill_price){open, LIQUIDITY_MAKER};
    return true;
}

bool bar_fill_at_open(const struct bar_fill_rules *rules, const struct bar_fill_order *order,
                      decimal open, struct bar_fill_price *out)
{
    switch (order->request->type) {
    case ORDER_LIMIT:
        return limit_at_open(rules, order, open, order->takes, out);
    case ORDER_STOP_LIMIT:
        if (order->is_triggered)
            return limit_at_open(rules, order, open, false, out);
        return bar_fill_opens_beyond_stop(order->request, open) &&
               limit_at_open(rules, order, open, true, out);
    case ORDER_STOP:
        if (!order->is_triggered && !bar_fill_opens_beyond_stop(order->request, open))
            return false;
        break;
    default:
        break;
    }
    *out = taken(rules, order, open);
    return true;
}

bool bar_fill_of_stop(const struct bar_fill_rules *rules, const struct bar_fill_order *order,
                      const struct bar *bar, struct bar_fill_price *out)
{
    const struct order_request *request = order->request;
    decimal extreme = request->side == SIDE_BUY ? bar->high : bar->low;

    if ((request->type != ORDER_STOP && request->type != ORDER_STOP_LIMIT) ||
        order->is_triggered || !bar_fill_opens_beyond_stop(request, extreme))
        return false;
    *out = taken(rules, order, request->stop_price);
    return true;
}

bool bar_fill_of_limit(const struct bar_fill_rules *rules, const struct bar_fill_order *order,
                       const struct bar *bar, struct bar_fill_price *out)
{
    const struct order_request *request = order->request;
    decimal extreme = request->side == SIDE_BUY ? bar->low : bar->high;

    bool rests = request->type == ORDER_LIMIT ||
                 (request->type == ORDER_STOP_LIMIT && order->is_triggered);

    if (!rests)
        return false;
    if (!is_within(request->side, extreme, proof(rules, order)))
        return false;
    *out = (struct bar_fill_price){request->limit_price, LIQUIDITY_MAKER};
    return true;
}
