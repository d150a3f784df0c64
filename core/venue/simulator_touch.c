/* Fills at the touch: orders do not enter the book but wait beside it, and each
 * is filled whole at once. What market orders and limits that come to trade get
 * is the best price; what a resting limit gets is its limit. */
#include "venue/simulator_private.h"

static decimal touch_price(const struct simulator *sim, const struct order_request *request)
{
    return matching_best(sim->markets[request->product].book, side_opposite(request->side))
        .price;
}

static bool is_stop(const struct order_request *request)
{
    return request->type == ORDER_STOP || request->type == ORDER_STOP_LIMIT;
}

/* Whether the last trade has reached the stop price. */
static bool reaches_stop(const struct simulator *sim, const struct order_request *request)
{
    decimal last = simulator_last_price(sim, request->product);

    if (decimal_is_zero(last))
        return false;
    return request->side == SIDE_BUY ? !decimal_is_less(last, request->stop_price)
                                     : !decimal_is_less(request->stop_price, last);
}

static bool is_within_limit(const struct order_request *request, decimal price)
{
    if (request->type != ORDER_LIMIT && request->type != ORDER_STOP_LIMIT)
        return true;
    return request->side == SIDE_BUY ? !decimal_is_less(request->limit_price, price)
                                     : !decimal_is_less(price, request->limit_price);
}

static void fill_whole(struct simulator *sim, struct order_record *record, decimal price,
                       enum liquidity liquidity)
{
    const struct sim_order *order = &record->order;
    decimal size = decimal_sub(order->request.size, order->filled);

    if (order->request.side == SIDE_BUY)
        size = decimal_min(size, ledger_affordable(sim->ledger, &record->claim, price));
    if (decimal_is_positive(size))
        sim_fill_order(sim, record, price, size, liquidity);
    if (decimal_is_equal(order->filled, order->request.size))
        sim_end_order(sim, record, SIM_FILLED, (struct rejection){"", ""});
    else
        sim_end_order(sim, record, SIM_CANCELED, rejection_funds);
}

void sim_touch_order(struct simulator *sim, struct order_record *record, bool is_new)
{
    static const struct rejection missed = {"", "Immediate or cancel"};
    const struct order_request *request = &record->order.request;
    decimal touch = touch_price(sim, request);

    if (is_stop(request) && !record->is_triggered) {
        if (!reaches_stop(sim, request))
            return;
        record->is_triggered = is_new = true;
    }
    if (!decimal_is_zero(touch) && is_within_limit(request, touch)) {
        bool rested = !is_new && request->type != ORDER_STOP && request->type != ORDER_MARKET;
        fill_whole(sim, record, rested ? request->limit_price : touch,
                   rested ? LIQUIDITY_MAKER : LIQUIDITY_TAKER);
        return;
    }
    if (request->tif == TIF_IOC || request->tif == TIF_FOK)
        sim_end_order(sim, record, SIM_CANCELED, missed);
}

/* The first order from `at` on that is of the product; open_count when there is none. */
static uint64_t next_of_product(const struct simulator *sim, product_ref product, uint64_t at)
{
    while (at < sim->open_count && sim->orders[sim->open[at]]->order.request.product != product)
        at++;
    return at;
}

void sim_touch_orders(struct simulator *sim, product_ref product)
{
    uint64_t at = next_of_product(sim, product, 0);

    while (at < sim->open_count) {
        uint64_t index = sim->open[at];
        sim_touch_order(sim, sim->orders[index], false);
        /* An order that ended is gone from the list: the next one stands in its place. */
        bool stays = at < sim->open_count && sim->open[at] == index;
        at = next_of_product(sim, product, at + stays);
    }
}

void sim_touch_expire(struct simulator *sim)
{
    static const struct rejection expired = {"", "Order expired"};
    uint64_t at = 0;

    while (at < sim->open_count) {
        struct order_record *record = sim->orders[sim->open[at]];
        const struct order_request *request = &record->order.request;
        if (request->tif == TIF_GTD && request->expires <= sim->now)
            sim_end_order(sim, record, SIM_EXPIRED, expired);
        else
            at++;
    }
}
