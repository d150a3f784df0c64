/* No limit is crossed, whatever orders are wished for and whatever fills come: limits that many
 * orders share, against an oracle that adds them up anew after each step. */
#include "base/rng.h"
#include "engine/engine_private.h"
#include "engine_world.h"

enum { STEPS = 250, SEEDS = 12 };

static struct world *opened(struct world *world, const char *cash)
{
    world_open(world, cash);
    world_price(world, BTC, "100");
    world_price(world, ETH, "10");
    world_price(world, BIP, "100");
    return world;
}

static decimal value_at(const struct world *world, product_ref product, decimal size,
                        decimal price)
{
    decimal value;

    assert_true(product_value(&world->products.items[product], size, price, &value));
    return value;
}

static decimal mark_of(const struct world *world, product_ref product)
{
    return engine_market(world->engine, product)->mark;
}

/* Value in the direction of side: held at the mark, working at what was reserved. */
static decimal in_direction(const struct world *world, product_ref product, enum side side)
{
    const struct oms *oms = engine_oms(world->engine);
    decimal held = world_position(world, product), sum;

    if (side == SIDE_SELL)
        held = decimal_negate(held);
    sum = value_at(world, product, decimal_max(held, DECIMAL_ZERO), mark_of(world, product));
    if (decimal_is_negative(held))
        return sum; /* the other side of zero has tests of its own */
    for (int i = 0; i < oms_open_count(oms); i++) {
        const struct order *order = oms_open(oms)[i];
        if (order->request.product == product && order->request.side == side)
            sum = decimal_add(
                sum, value_at(world, product, order_remaining(order), order->reserved_price));
    }
    return sum;
}

static decimal all_exposure(const struct world *world)
{
    const struct oms *oms = engine_oms(world->engine);
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < world->products.count; i++)
        sum = decimal_add(sum, value_at(world, (product_ref)i,
                                        decimal_abs(world_position(world, (product_ref)i)),
                                        mark_of(world, (product_ref)i)));
    for (int i = 0; i < oms_open_count(oms); i++) {
        const struct order *order = oms_open(oms)[i];
        bool sells_coins = world->products.items[order->request.product].type == PRODUCT_SPOT &&
                           order->request.side == SIDE_SELL;
        if (!sells_coins && !order->request.reduce_only)
            sum = decimal_add(sum, value_at(world, order->request.product,
                                            order_remaining(order), order->reserved_price));
    }
    return sum;
}

/* What may still be reduced on a side, before the order of the step. */
static decimal reducible(const struct world *world, product_ref product, enum side side)
{
    decimal held = world_position(world, product);

    if (decimal_sign(held) != (side == SIDE_SELL ? 1 : -1))
        return DECIMAL_ZERO;
    return decimal_sub(decimal_abs(held),
                       oms_working_size(engine_oms(world->engine), product, side));
}

static void assert_at_most(decimal value, decimal limit, const char *what, uint64_t seed,
                           int step)
{
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];

    if (decimal_compare(value, limit) > 0)
        fail_msg("%s is %s, limit is %s: seed %llu, step %d", what, decimal_format(value, is),
                 decimal_format(limit, max), (unsigned long long)seed, step);
}

static void assert_limits_hold(const struct world *world, const struct order *order,
                               uint64_t seed, int step)
{
    const struct limits *limits = &world->settings.limits;
    product_ref product = order->request.product;
    decimal direction = in_direction(world, product, order->request.side);
    decimal equity = portfolio_equity(engine_portfolio(world->engine)), share;
    decimal value =
        value_at(world, product, order->request.size,
                 decimal_is_positive(order->request.limit_price) ? order->request.limit_price
                                                                 : mark_of(world, product));

    assert_at_most(value, limits->max_order_value, "the order", seed, step);
    bool sells_coins =
        world->products.items[product].type == PRODUCT_SPOT && order->request.side == SIDE_SELL;
    if (sells_coins)
        return;
    assert_at_most(direction, limits->max_position_value, "the position", seed, step);
    share = decimal_mul(equity, limits->max_position_share, ROUND_DOWN);
    assert_at_most(direction, share, "the position's share", seed, step);
    assert_at_most(all_exposure(world), limits->max_exposure_value, "the exposure", seed, step);
    assert_at_most(all_exposure(world), decimal_mul(equity, limits->max_leverage, ROUND_DOWN),
                   "the leverage", seed, step);
    decimal left = portfolio_available(engine_portfolio(world->engine), "USD");
    assert_at_most(limits->min_balance, left, "the balance to keep", seed, step);
    assert_at_most(D(oms_open_count(engine_oms(world->engine))), D(limits->max_open_orders),
                   "the number of orders", seed, step);
}

static decimal random_decimal(struct rng *rng, int64_t low, int64_t high, int64_t part)
{
    return decimal_div(decimal_from_int(rng_between(rng, low, high)), decimal_from_int(part),
                       ROUND_DOWN);
}

static struct decision random_wish(struct rng *rng, const struct world *world)
{
    product_ref product = (product_ref)rng_below(rng, (uint64_t)world->products.count);
    struct decision wish =
        world_wish(rng_chance(rng, 0.65) ? ACTION_BUY : ACTION_SELL, product, NULL);
    decimal mark = mark_of(world, product);

    wish.has_size = rng_chance(rng, 0.8);
    if (wish.has_size && product == BIP)
        wish.size = random_decimal(rng, 1, 400, 1);
    else if (wish.has_size)
        wish.size = random_decimal(rng, 1, 400000, 100000);
    wish.reduce_only = rng_chance(rng, 0.1);
    if (rng_chance(rng, 0.6)) {
        wish.type = ORDER_LIMIT;
        wish.tif = TIF_GTC;
        wish.limit_price = decimal_mul(mark, random_decimal(rng, 5000, 20000, 10000), ROUND_UP);
    } else if (rng_chance(rng, 0.3)) {
        wish.type = ORDER_STOP;
        wish.tif = TIF_GTC;
        wish.stop_price = decimal_mul(mark, random_decimal(rng, 5000, 20000, 10000), ROUND_UP);
    }
    return wish;
}

static void random_answer(struct rng *rng, struct world *world, int step)
{
    const struct oms *oms = engine_oms(world->engine);
    char id[32], size[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];

    if (oms_open_count(oms) == 0)
        return;
    const struct order *order = oms_open(oms)[rng_below(rng, (uint64_t)oms_open_count(oms))];
    decimal part =
        rng_chance(rng, 0.5)
            ? order_remaining(order)
            : product_round_size(&world->products.items[order->request.product],
                                 decimal_mul(order_remaining(order), dec("0.4"), ROUND_DOWN));
    snprintf(id, sizeof id, "r-%d", step);
    if (rng_chance(rng, 0.2))
        world_say(world, order->number, REPORT_CANCELED);
    else if (decimal_is_positive(part))
        world_fill(world, order->number, id, decimal_format(part, size),
                   decimal_format(order->reserved_price, price), "0.01");
}

static void random_price(struct rng *rng, struct world *world)
{
    product_ref product = (product_ref)rng_below(rng, (uint64_t)world->products.count);
    char price[DECIMAL_TEXT_MAX];
    decimal next =
        decimal_mul(mark_of(world, product), random_decimal(rng, 970, 1031, 1000), ROUND_UP);

    world_price(world, product, decimal_format(next, price));
}

static void random_step(struct rng *rng, struct world *world, uint64_t seed, int step)
{
    struct decision wish = random_wish(rng, world);
    enum side side = wish.action == ACTION_BUY ? SIDE_BUY : SIDE_SELL;
    decimal may_reduce = reducible(world, wish.product, side);
    int sent = world_sent(world, SENT_SUBMIT);

    world_decide(world, wish);
    if (world_sent(world, SENT_SUBMIT) > sent) {
        const struct order *order = world_order(world, world_last_order(world));
        const struct product *product = &world->products.items[order->request.product];
        assert_true(decimal_is_multiple(order->request.size, product->base_increment));
        if (wish.has_size && wish.action != ACTION_CLOSE)
            assert_at_most(order->request.size, wish.size, "the size", seed, step);
        if (order->request.reduce_only)
            assert_at_most(order->request.size, may_reduce, "what reduces", seed, step);
        if (decimal_compare(order->request.size, may_reduce) > 0)
            assert_limits_hold(world, order, seed, step);
    }
    if (rng_chance(rng, 0.6))
        random_answer(rng, world, step);
    if (rng_chance(rng, 0.3))
        random_price(rng, world);
}

static struct world *limited(uint64_t seed)
{
    struct world *world = world_new();
    struct limits *limits = &world->settings.limits;

    limits->max_order_value = D(400);
    limits->max_position_value = D(900);
    limits->max_position_share = dec("0.12");
    limits->max_exposure_value = D(2500);
    limits->max_leverage = dec("0.3");
    limits->min_balance = D(5000);
    limits->max_open_orders = 12;
    world->settings.taker_rate = dec("0.012");
    world->settings.market_cushion_share = dec("0.01");
    world->settings.size_fraction = dec("0.07");
    world->settings.limits.allow_shorts = seed % 2;
    return opened(world, "8000");
}

TEST(no_limit_is_crossed_by_any_orders_and_fills)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct rng rng = rng_stream(seed, "limits");
        struct world *world = limited(seed);
        for (int step = 0; step < STEPS; step++)
            random_step(&rng, world, seed, step);
        assert_true(world_sent(world, SENT_SUBMIT) > 20);
        world_free(world);
    }
}
