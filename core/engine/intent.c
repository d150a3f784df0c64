#include "engine/intent.h"

#include <assert.h>
#include <string.h>

static void fill_in(struct intent *out, const struct decision *decision, enum side side,
                    const char *strategy)
{
    out->origin = ORIGIN_STRATEGY;
    out->replaces = NULL;
    out->decision = *decision;
    memset(out->strategy, 0, sizeof out->strategy);
    strncpy(out->strategy, strategy, sizeof out->strategy - 1);
    out->request = (struct order_request){
        .product = decision->product,
        .side = side,
        .type = decision->type,
        .tif = decision->tif,
        .post_only = decision->post_only,
        .reduce_only = decision->reduce_only,
        .size = decision->has_size ? decision->size : DECIMAL_ZERO,
        .limit_price = decision->limit_price,
        .stop_price = decision->stop_price,
        .expires = decision->expires,
    };
}

/* What closing may still take: the position less what already works against it. */
static decimal closable(const struct holdings *held)
{
    bool is_long = decimal_is_positive(held->position);
    decimal working = is_long ? held->working_sell : held->working_buy;
    decimal rest = decimal_sub(decimal_abs(held->position), working);

    return decimal_is_positive(rest) ? rest : DECIMAL_ZERO;
}

static bool close_position(const struct decision *decision, const struct holdings *held,
                           const char *strategy, struct intent *out, const char **why)
{
    decimal rest = closable(held);

    if (decimal_is_zero(held->position)) {
        *why = "flat";
        return false;
    }
    if (decimal_is_zero(rest)) {
        *why = "already closing";
        return false;
    }
    fill_in(out, decision, decimal_is_positive(held->position) ? SIDE_SELL : SIDE_BUY,
            strategy);
    out->request.reduce_only = true;
    out->request.size = decision->has_size ? decimal_min(decision->size, rest) : rest;
    return true;
}

static bool enter(const struct decision *decision, enum side side, const struct holdings *held,
                  const char *strategy, struct intent *out, const char **why)
{
    bool is_buy = side == SIDE_BUY;
    int direction = is_buy ? 1 : -1;

    if (decimal_sign(held->position) == direction) {
        *why = is_buy ? "already long" : "already short";
        return false;
    }
    if (decimal_is_positive(is_buy ? held->working_buy : held->working_sell)) {
        *why = "already entering";
        return false;
    }
    if (!is_buy && !held->product->can_short) {
        *why = "cannot be short";
        return false;
    }
    fill_in(out, decision, side, strategy);
    return true;
}

bool intent_from_decision(const struct decision *decision, const struct holdings *held,
                          const char *strategy, struct intent *out, const char **why)
{
    enum side side = decision->action == ACTION_BUY ? SIDE_BUY : SIDE_SELL;

    if (decision->action != ACTION_BUY && decision->action != ACTION_SELL &&
        decision->action != ACTION_CLOSE) {
        *why = "hold";
        return false;
    }
    if (decision->action == ACTION_CLOSE)
        return close_position(decision, held, strategy, out, why);
    if (decision->has_size) {
        fill_in(out, decision, side, strategy);
        return true;
    }
    /* A signal against the position leaves it first; the next one may enter the other way. */
    if (decimal_sign(held->position) == (side == SIDE_BUY ? -1 : 1))
        return close_position(decision, held, strategy, out, why);
    return enter(decision, side, held, strategy, out, why);
}
