#include "engine/clearance.h"

#include "engine/closing.h"
#include "engine/engine_private.h"

/* Older orders go first: what they may reduce is not there for this one, and a doubt about one
 * of them is a doubt about this. */
static bool is_before(const struct order *other, const struct order *order)
{
    return other->number < order->number && other->request.product == order->request.product &&
           other->request.side == order->request.side;
}

static decimal reducible(const struct engine *engine, const struct order *order)
{
    product_ref product = order->request.product;
    decimal held = position_to_close(portfolio_position(engine->portfolio, product),
                                     &engine->products->items[product]);
    decimal rest = decimal_abs(held);

    if (decimal_sign(held) != (order->request.side == SIDE_SELL ? 1 : -1))
        return DECIMAL_ZERO;
    bool is_alone = order->origin == ORIGIN_FLATTEN &&
                    commands_overlook_others(&engine->settings,
                                             &engine->products->items[order->request.product]);
    decimal offered = DECIMAL_ZERO;
    for (int i = 0; i < oms_open_count(engine->oms); i++) {
        const struct order *other = oms_open(engine->oms)[i];
        bool is_ours = other->origin != ORIGIN_EXTERNAL;
        if (!is_before(other, order) || (is_alone && !is_ours))
            continue;
        rest = decimal_sub(rest, order_remaining(other));
        if (!is_ours)
            offered = decimal_add(offered, order_remaining(other));
    }
    return decimal_add(rest, closing_of_others(&engine->settings, engine->portfolio,
                                               &engine->products->items[product], product,
                                               order->request.side, offered));
}

static bool has_doubt_before(const struct engine *engine, const struct order *order)
{
    for (int i = 0; i < oms_open_count(engine->oms); i++) {
        const struct order *other = oms_open(engine->oms)[i];
        if (other->state == ORDER_UNKNOWN && is_before(other, order))
            return true;
    }
    return false;
}

static enum refusal check_level(const struct engine *engine, const struct order *order,
                                bool reduces)
{
    product_ref product = order->request.product;
    enum level level = degrade_level(engine->degrade, product);
    bool may_reduce = level < LEVEL_HALTED && degrade_allows_reducing(engine->degrade, product);

    if (level >= LEVEL_PAUSED)
        return reduces && may_reduce ? REFUSAL_NONE : REFUSAL_PAUSED;
    return level >= LEVEL_REDUCE_ONLY && !reduces ? REFUSAL_REDUCE_ONLY : REFUSAL_NONE;
}

static bool asks_for_less(const struct order *order, const struct venue_amend *amend)
{
    int way = decimal_compare(amend->limit_price, order->request.limit_price);
    bool is_nearer = order->request.side == SIDE_BUY ? way > 0 : way < 0;

    return !is_nearer && decimal_compare(amend->size, order->request.size) <= 0;
}

struct clearance engine_clearance_of_edit(const struct engine *engine,
                                          const struct venue_amend *amend)
{
    const struct order *order = oms_find_client(engine->oms, &amend->client_id);
    struct clearance out = {.code = REFUSAL_TIMEOUT};

    if (!order || order->state != ORDER_PENDING_REPLACE)
        return out;
    out.reduces = asks_for_less(order, amend);
    out.code = check_level(engine, order, out.reduces);
    return out;
}

struct clearance engine_clearance(const struct engine *engine,
                                  const struct order_request *request)
{
    const struct order *order = oms_find_client(engine->oms, &request->client_id);
    struct clearance out = {.code = REFUSAL_NONE};

    if (!order || order->state != ORDER_PENDING_NEW) {
        out.code = REFUSAL_TIMEOUT; /* its fate was decided without it */
        return out;
    }
    bool is_commanded = order->origin == ORIGIN_FLATTEN;
    out.reduces = decimal_compare(request->size, reducible(engine, order)) <= 0;
    out.is_unwanted = oms_wants_cancel(engine->oms, order->number);
    if (out.is_unwanted)
        return out;
    if (!is_commanded)
        out.code = check_level(engine, order, out.reduces);
    if (!out.code && request->reduce_only && !out.reduces)
        out.code = REFUSAL_REDUCE_ONLY_EMPTY;
    if (!out.code && !is_commanded && has_doubt_before(engine, order))
        out.code = REFUSAL_DUPLICATE_INTENT;
    return out;
}
