/* Bars of the past reach indicators and guards, and nobody else. */
#include "engine/warm_up.h"

#include "engine/engine_private.h"
#include "market_world.h"

struct listener {
    struct world *world;
    nanos last;
    int64_t fed[PRODUCTS_MAX], needs;
};

static struct listener of_btc, of_all;

static void feed(void *ctx, product_ref product, const struct bar *bar)
{
    struct listener *listener = ctx;

    listener->fed[product]++;
    listener->last = bar->start;
}

static int64_t warm_up(void *ctx, nanos interval)
{
    struct listener *listener = ctx;

    assert_int_equal(interval, MINUTES(1));
    return listener->needs;
}

static enum err call(void *ctx, const struct strategy_call *call, struct decision_list *out,
                     struct fault *why)
{
    struct listener *listener = ctx;

    return world_call(listener->world, call, out, why);
}

static void add(struct world *world, struct listener *listener, product_ref product)
{
    struct strategy_port port = {.ctx = listener,
                                 .name = "listener",
                                 .product = product,
                                 .call = call,
                                 .feed = feed,
                                 .warm_up = warm_up,
                                 .wants = HOOK_BIT(HOOK_BAR)};

    *listener = (struct listener){.world = world};
    engine_add_strategy(world->engine, &port);
}

/* Bars of a minute; the world's time is 20 s into one. */
static struct world *open_world(struct world *world)
{
    world->settings.timeframe = MINUTES(1);
    world_make_engine(world, "r1");
    add(world, &of_btc, BTC);
    add(world, &of_all, PRODUCT_NONE);
    engine_set_balance(world->engine, "USD", D(10000), "opening");
    world_start(world);
    return world;
}

static struct bar bar_at(nanos start, int close)
{
    decimal price = D(close);

    return (struct bar){start, MINUTES(1), price, price, price, price, D(1)};
}

/* The minutes before the one that runs, oldest first, and that one. */
static void warm(struct world *world, product_ref product, const int closes[], int count)
{
    nanos running = world->now / MINUTES(1) * MINUTES(1);
    struct bar bars[16];

    for (int i = 0; i < count; i++)
        bars[i] = bar_at(running - (count - 1 - i) * MINUTES(1), closes[i]);
    warm_up_feed(world->engine, product, bars, count);
}

static const int closes[] = {100, 101, 102, 103};

TEST(bars_that_ended_are_fed_to_who_trades_the_product_and_no_handler_is_called)
{
    struct world *world = open_world(world_new());
    int before = world->calls[HOOK_BAR];

    warm(world, BTC, closes, 4);
    warm(world, ETH, closes, 4);
    assert_int_equal(of_btc.fed[BTC], 3);
    assert_int_equal(of_btc.fed[ETH], 0);
    assert_int_equal(of_all.fed[BTC], 3);
    assert_int_equal(of_all.fed[ETH], 3);
    assert_int_equal(world->calls[HOOK_BAR], before);
    assert_int_equal(world->fact_count, world->committed);
    assert_int_equal(engine_counters(world->engine).orders, 0);
    world_free(world);
}

TEST(the_bar_that_has_not_ended_goes_on_with_the_trades_that_come)
{
    struct world *world = open_world(world_new());
    nanos running = world->now / MINUTES(1) * MINUTES(1);

    warm(world, BTC, closes, 4);
    world_price(world, BTC, "99");
    assert_int_equal(world->calls[HOOK_BAR], 0);
    world_wait(world, running + MINUTES(1) - world->now);
    assert_int_equal(world->calls[HOOK_BAR], 3); /* the two listeners, and the world's own */
    const struct bar *bar = &engine_market(world->engine, BTC)->bar;
    assert_int_equal(bar->start, running);
    assert_decimal(bar->open, "103");
    assert_decimal(bar->low, "99");
    assert_decimal(bar->close, "99");
    assert_decimal(bar->volume, "2");
    world_free(world);
}

TEST(what_is_under_way_here_already_is_not_replaced)
{
    struct world *world = open_world(world_new());
    nanos running = world->now / MINUTES(1) * MINUTES(1);

    world_price(world, BTC, "99");
    warm(world, BTC, closes, 4);
    world_wait(world, running + MINUTES(1) - world->now);
    assert_decimal(engine_market(world->engine, BTC)->bar.open, "99");
    world_free(world);
}

TEST(a_bar_of_the_past_is_no_price)
{
    struct world *world = open_world(world_new());

    warm(world, BTC, closes, 4);
    assert_int_equal(engine_market(world->engine, BTC)->mark_time, 0);
    assert_decimal(engine_market(world->engine, BTC)->bar.close, "102");
    world_cycle(world);
    assert_string_equal(world_level(world, BTC), "normal");
    world_free(world);
}

TEST(a_guard_sees_the_closes_of_before)
{
    static const int wild[] = {100, 100, 60, 100, 100, 100};
    static const int calm[] = {100, 101, 100, 101, 100, 100};

    for (int is_wild = 0; is_wild < 2; is_wild++) {
        struct world *world = world_new();
        world->settings.guards.volatility_share = dec("0.1");
        world->settings.guards.volatility_window = 5;
        open_world(world);
        warm(world, BTC, is_wild ? wild : calm, 6);
        world_price(world, BTC, "100");
        world_cycle(world);
        assert_string_equal(world_level(world, BTC), is_wild ? "reduce_only" : "normal");
        world_free(world);
    }
}

TEST(as_many_bars_are_wanted_as_the_one_that_wants_most_needs_by_far)
{
    struct world *world = world_new();

    world->settings.guards.volatility_window = 30;
    world->settings.guards.correlation_window = 50;
    open_world(world);
    assert_int_equal(warm_up_bars_wanted(world->engine), 100);
    of_btc.needs = 30;
    of_all.needs = 20;
    assert_int_equal(warm_up_bars_wanted(world->engine), 14 * 30);
    world_free(world);
}

TEST(a_strategy_that_is_switched_off_is_not_fed)
{
    struct world *world = open_world(world_new());

    world->engine->strategies[1].is_off = true;
    warm(world, BTC, closes, 4);
    assert_int_equal(of_btc.fed[BTC], 0);
    assert_int_equal(of_all.fed[BTC], 3);
    world_free(world);
}
