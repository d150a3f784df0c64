#include "engine/reducers.h"

#include "engine/engine_private.h"

static void cut_down(struct engine *engine, const struct order *order, decimal left)
{
    struct amend_terms terms = {.size = decimal_add(order->filled, left),
                                .reason = "the position has shrunk"};
    bool is_settled = order->state == ORDER_NEW || order->state == ORDER_PARTIALLY_FILLED;

    if (order->state == ORDER_PENDING_CANCEL || order_is_edited(order) ||
        oms_wants_cancel(engine->oms, order->number))
        return;
    if (!is_settled || !decimal_is_positive(left) || !engine->ports.venue.can_amend ||
        engine_amend(engine, order, &terms))
        engine_cancel(engine, order);
}

static bool is_reducer(const struct order *order, product_ref product, enum side side)
{
    bool rests = order->request.tif == TIF_GTC || order->request.tif == TIF_GTD;

    return order->request.product == product && order->request.side == side &&
           order->request.reduce_only && rests && order->origin != ORIGIN_EXTERNAL;
}

static void trim_side(struct engine *engine, product_ref product, enum side side)
{
    decimal held = portfolio_position(engine->portfolio, product)->size;
    bool can_reduce = decimal_sign(held) == (side == SIDE_SELL ? 1 : -1);
    decimal left = can_reduce ? decimal_abs(held) : DECIMAL_ZERO;

    for (int i = 0; i < oms_open_count(engine->oms); i++) {
        const struct order *order = oms_open(engine->oms)[i];
        if (!is_reducer(order, product, side))
            continue;
        decimal rest = order_remaining(order), stays = decimal_min(rest, left);
        if (decimal_is_less(stays, rest))
            cut_down(engine, order, stays);
        left = decimal_sub(left, stays);
    }
}

void reducers_trim(struct engine *engine, product_ref product)
{
    if (oms_open_count(engine->oms) == 0)
        return;
    trim_side(engine, product, SIDE_BUY);
    trim_side(engine, product, SIDE_SELL);
}
