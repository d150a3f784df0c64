/* What an order would come to: the checks of a submit, and the book as it is, with
 * nothing left behind. Orders of the account itself that rest there are taken for
 * anybody's. */
#include <string.h>

#include "venue/id_text.h"
#include "venue/preview_answer.h"
#include "venue/simulator_private.h"

static bool has_limit(const struct order_request *request)
{
    return request->type == ORDER_LIMIT || request->type == ORDER_STOP_LIMIT;
}

static bool is_stop(const struct order_request *request)
{
    return request->type == ORDER_STOP || request->type == ORDER_STOP_LIMIT;
}

static bool reaches(const struct order_request *request, decimal price)
{
    if (!has_limit(request))
        return true;
    return request->side == SIDE_BUY ? !decimal_is_less(request->limit_price, price)
                                     : !decimal_is_less(price, request->limit_price);
}

static void take(const struct simulator *sim, const struct order_request *request, decimal size,
                 decimal price, struct preview_fills *fills)
{
    decimal value;

    if (!product_value(sim_product(sim, request->product), size, price, &value))
        return;
    fills->taken = decimal_add(fills->taken, size);
    fills->taken_value = decimal_add(fills->taken_value, value);
}

static void walk(const struct simulator *sim, const struct order_request *request,
                 struct preview_fills *fills)
{
    const struct matching *book = sim->markets[request->product].book;
    enum side side = side_opposite(request->side);
    int depth = matching_depth(book, side);

    for (int i = 0; i < depth; i++) {
        struct match_level level = matching_level(book, side, i);
        decimal left = decimal_sub(request->size, fills->taken);
        if (!decimal_is_positive(left) || !reaches(request, level.price))
            return;
        if (sim->setup.fills_at_touch) { /* whole, at the first */
            take(sim, request, left, level.price, fills);
            return;
        }
        take(sim, request, decimal_min(left, level.size), level.price, fills);
    }
}

static struct preview_fills fills_of(const struct simulator *sim,
                                     const struct order_request *request)
{
    struct preview_fills fills = {.rest_takes = is_stop(request)};
    bool may_rest =
        (has_limit(request) && request->tif != TIF_IOC && request->tif != TIF_FOK) ||
        is_stop(request);

    if (!is_stop(request))
        walk(sim, request, &fills);
    if (may_rest)
        fills.rest = decimal_sub(request->size, fills.taken);
    fills.rest_price = has_limit(request) ? request->limit_price : request->stop_price;
    return fills;
}

void simulator_preview(struct simulator *sim, const struct order_request *request, nanos now,
                       struct preview *out)
{
    const struct product *product = sim_product(sim, request->product);
    const struct matching *book = sim->markets[request->product].book;
    struct fee_schedule fees = simulator_fees(sim);
    struct ledger_claim claim;
    struct rejection why;

    sim_move_time(sim, now);
    *out = (struct preview){.best_bid = matching_best(book, SIDE_BUY).price,
                            .best_ask = matching_best(book, SIDE_SELL).price};
    id_text_format(out->id, "sim-", (uint64_t)now, 0);
    struct preview_fills fills = fills_of(sim, request);
    preview_answer_fill(product, request, &fees, &fills, out);
    if (sim_admit(sim, request, &claim, &why))
        ledger_release(sim->ledger, &claim);
    else
        strcpy(out->reason, preview_answer_reason(product, &why));
}
