#include "lab/stranger.h"

#include <stdio.h>

static void plan(struct stranger *stranger, nanos now)
{
    stranger->next =
        stranger->every ? now + rng_between(&stranger->rng, 0, 2 * stranger->every) : INT64_MAX;
}

void stranger_init(struct stranger *stranger, uint64_t seed, nanos every, decimal value_max,
                   nanos now)
{
    *stranger = (struct stranger){.every = every, .value_max = value_max};
    stranger->rng = rng_stream(seed, "stranger");
    plan(stranger, now);
}

static void cancel(struct stranger *stranger, struct simulator *venue, nanos now)
{
    uint64_t at = rng_below(&stranger->rng, (uint64_t)stranger->resting_count);
    venue_order_id id = stranger->resting[at];

    stranger->resting[at] = stranger->resting[--stranger->resting_count];
    simulator_cancel(venue, &(client_order_id){""}, &id, now);
}

static decimal draw_size(struct stranger *stranger, const struct product *product,
                         decimal price)
{
    decimal each = decimal_mul(price, product->contract_size, ROUND_UP);
    decimal value = decimal_mul_div(stranger->value_max,
                                    decimal_from_int(rng_between(&stranger->rng, 1, 100)),
                                    D(100), ROUND_DOWN);

    return decimal_max(product_round_size(product, decimal_div(value, each, ROUND_DOWN)),
                       product->base_min_size);
}

/* What he has bought of coins and not sold, nor offered. */
static decimal coins_of(const struct stranger *stranger, const struct simulator *venue,
                        product_ref product)
{
    decimal coins = DECIMAL_ZERO;

    for (uint64_t i = 0; i < simulator_fill_count(venue); i++) {
        const struct sim_fill *fill = simulator_fill_at(venue, i);
        if (!fill->order->is_external || fill->fill.product != product)
            continue;
        coins = fill->fill.side == SIDE_BUY ? decimal_add(coins, fill->fill.size)
                                            : decimal_sub(coins, fill->fill.size);
    }
    for (int i = 0; i < stranger->resting_count; i++) {
        const struct sim_order *order =
            simulator_find(venue, &(client_order_id){""}, &stranger->resting[i]);
        if (order->state == SIM_OPEN && order->request.product == product &&
            order->request.side == SIDE_SELL)
            coins = decimal_sub(coins, decimal_sub(order->request.size, order->filled));
    }
    return coins;
}

/* At the market, or up to two per cent away from it. */
static void draw_order(struct stranger *stranger, const struct product *product, decimal price,
                       decimal coins, struct order_request *out)
{
    struct rng *rng = &stranger->rng;
    bool is_spot = product->type == PRODUCT_SPOT;
    bool has_coins = decimal_compare(coins, product->base_min_size) >= 0;
    bool is_buy = (is_spot && !has_coins) || rng_chance(rng, 0.5);

    out->side = is_buy ? SIDE_BUY : SIDE_SELL;
    out->size = draw_size(stranger, product, price);
    if (is_spot && !is_buy)
        out->size = decimal_min(out->size, product_round_size(product, coins));
    bool is_now = rng_chance(rng, 0.4);
    out->type = is_now ? ORDER_MARKET : ORDER_LIMIT;
    out->tif = out->type == ORDER_MARKET ? TIF_IOC : TIF_GTC;
    snprintf(out->client_id.text, sizeof out->client_id.text, "phone-%llu",
             (unsigned long long)++stranger->number);
    if (out->type == ORDER_MARKET)
        return;
    int64_t bps = rng_between(rng, 0, 200);
    decimal limit = decimal_mul_div(price, decimal_from_int(is_buy ? 10000 - bps : 10000 + bps),
                                    D(10000), ROUND_HALF_EVEN);
    out->limit_price = product_round_price(product, out->side, limit);
}

static void order(struct stranger *stranger, struct simulator *venue,
                  const struct product_table *products, nanos now)
{
    product_ref ref = (product_ref)rng_below(&stranger->rng, (uint64_t)products->count);
    decimal price = simulator_last_price(venue, ref);
    struct order_request request = {.product = ref};

    if (!decimal_is_positive(price))
        return;
    decimal coins = coins_of(stranger, venue, ref);
    draw_order(stranger, &products->items[ref], price, coins, &request);
    struct sim_answer answer = simulator_submit_external(venue, &request, now);
    if (answer.is_taken && answer.order && request.type == ORDER_LIMIT &&
        stranger->resting_count < STRANGER_ORDERS_MAX)
        stranger->resting[stranger->resting_count++] = answer.order->venue_id;
}

void stranger_act(struct stranger *stranger, struct simulator *venue,
                  const struct product_table *products, nanos now)
{
    if (now < stranger->next)
        return;
    plan(stranger, now);
    if (stranger->resting_count && rng_chance(&stranger->rng, 0.3))
        cancel(stranger, venue, now);
    else
        order(stranger, venue, products, now);
}
