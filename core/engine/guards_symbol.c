/* Guards of single symbols: is the price fresh, the market quiet and deep enough,
 * does it move with what is held; and orders that wait for long. */
#include <stdio.h>

#include "engine/closing.h"
#include "engine/guards_private.h"

/* How far from the best price the book still counts as near it: half a per cent. */
#define NEAR_SHARE ((decimal){DECIMAL_ONE / 200})

static struct guard_trip symbol_trip(const struct engine *engine, const char *source,
                                     product_ref product)
{
    return (struct guard_trip){.source = source,
                               .level = LEVEL_REDUCE_ONLY,
                               .product = product,
                               .duration = guards_while_it_lasts(engine)};
}

static void check_mark(struct engine *engine, product_ref product)
{
    const struct guard_settings *settings = &engine->settings.guards;
    nanos age = engine->now - engine->markets[product].mark_time;
    struct guard_trip trip = {.source = "mark_stale",
                              .level = LEVEL_PAUSED,
                              .product = product,
                              .duration = settings->mark_stale_pause,
                              .stops_exits = !settings->mark_stale_allow_reduce};
    char is[NANOS_TEXT_MAX], max[NANOS_TEXT_MAX];

    if (!settings->mark_stale_after || !settings->mark_stale_pause ||
        age <= settings->mark_stale_after)
        return;
    guards_hold(engine, &trip, "the price is %s old, limit is %s",
                nanos_format_duration(age, is),
                nanos_format_duration(settings->mark_stale_after, max));
}

static void check_volatility(struct engine *engine, product_ref product)
{
    const struct guard_settings *settings = &engine->settings.guards;
    struct guard_trip trip = symbol_trip(engine, "volatility", product);
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];
    decimal spread;

    if (decimal_is_zero(settings->volatility_share) || !engine->guards.closes[product])
        return;
    if (!price_window_spread(engine->guards.closes[product], settings->volatility_window,
                             &spread))
        return; /* too few bars yet: strategies warm up as well */
    if (decimal_compare(spread, settings->volatility_share) > 0)
        guards_hold(engine, &trip, "a close strays from the mean by a share of %s, limit is %s",
                    decimal_format(spread, is),
                    decimal_format(settings->volatility_share, max));
}

/* Value of the levels of a side within NEAR_SHARE of its best. */
decimal guards_depth(const struct engine *engine, product_ref product, enum side side)
{
    const struct market *market = &engine->markets[product];
    const struct book_level *level;
    decimal sum = DECIMAL_ZERO, value, reach;

    for (int i = 0; (level = order_book_level(market->book, side, i)); i++) {
        decimal best = order_book_best(market->book, side)->price;
        reach = decimal_mul(best, NEAR_SHARE, ROUND_DOWN);
        if (decimal_compare(decimal_abs(decimal_sub(level->price, best)), reach) > 0)
            break;
        if (product_value(market->product, level->size, level->price, &value))
            sum = decimal_add(sum, value);
    }
    return sum;
}

static void check_depth(struct engine *engine, product_ref product)
{
    decimal limit = engine->settings.guards.min_depth_value;
    struct guard_trip trip = symbol_trip(engine, "depth", product);
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];

    if (decimal_is_zero(limit))
        return;
    if (!engine->markets[product].book) {
        guards_hold(engine, &trip, "no book is known");
        return;
    }
    decimal depth = decimal_min(guards_depth(engine, product, SIDE_BUY),
                                guards_depth(engine, product, SIDE_SELL));
    if (decimal_is_less(depth, limit))
        guards_hold(engine, &trip,
                    "a side of the book holds %s near the best price, limit is %s",
                    decimal_format(depth, is), decimal_format(limit, max));
}

static bool is_held(const struct engine *engine, product_ref product)
{
    return !position_is_flat(portfolio_position(engine->portfolio, product));
}

/* Enough bars are wanted of both; until then nothing is known, and nothing enters. */
static bool move_together(const struct engine *engine, product_ref a, product_ref b)
{
    const struct guard_settings *settings = &engine->settings.guards;
    int64_t correlation;
    decimal share;

    if (!engine->guards.closes[a] || !engine->guards.closes[b] ||
        !price_window_correlation(engine->guards.closes[a], engine->guards.closes[b],
                                  settings->correlation_window, &correlation))
        return true;
    share = (decimal){(int128)correlation * (DECIMAL_ONE / 1000000)};
    return decimal_compare(share, settings->correlation_max) > 0;
}

static void check_correlation(struct engine *engine, product_ref product)
{
    struct guard_trip trip = symbol_trip(engine, "correlation", product);

    if (decimal_is_zero(engine->settings.guards.correlation_max) || is_held(engine, product))
        return;
    for (int i = 0; i < engine->products->count; i++) {
        if (i == product || !is_held(engine, (product_ref)i) ||
            !move_together(engine, product, (product_ref)i))
            continue;
        guards_hold(engine, &trip, "it moves with %s, which is held",
                    engine->products->items[i].symbol);
        return;
    }
}

void guards_check_symbol(struct engine *engine, product_ref product)
{
    if (engine->markets[product].mark_time == 0)
        return; /* never priced: nothing passes the pipeline */
    check_mark(engine, product);
    check_volatility(engine, product);
    check_depth(engine, product);
    check_correlation(engine, product);
}

void guards_on_bar(struct engine *engine, product_ref product, const struct bar *bar)
{
    const struct guard_settings *settings = &engine->settings.guards;
    struct price_window **closes = &engine->guards.closes[product];
    bool is_wanted = !decimal_is_zero(settings->volatility_share) ||
                     !decimal_is_zero(settings->correlation_max) ||
                     metric_watch_needs_bars(engine->guards.rules);

    if (!is_wanted)
        return;
    int64_t length = settings->volatility_window > settings->correlation_window
                         ? settings->volatility_window
                         : settings->correlation_window;
    if (!*closes)
        *closes = price_window_new(2 * length); /* bars that only one of two has leave gaps */
    price_window_add(*closes, bar->start, bar->close);
}

/* ---- waiting for long ---- */

/* Numbers grow with time, so all up to the last one reported have been. */
static void check_stuck_order(struct engine *engine, const struct order *order)
{
    nanos age = engine->now - order->created;
    char is[NANOS_TEXT_MAX];

    if (order->number <= engine->guards.orders_reported ||
        age <= engine->settings.guards.order_stuck_after)
        return;
    engine->guards.orders_reported = order->number;
    engine_note(engine, FACT_GUARD, "order_stuck", "warning", order->number,
                order->request.product, "order %llu is open for %s",
                (unsigned long long)order->number, nanos_format_duration(age, is));
}

static bool has_exit(const struct engine *engine, product_ref product)
{
    decimal held = portfolio_position(engine->portfolio, product)->size;
    enum side side = decimal_is_positive(held) ? SIDE_SELL : SIDE_BUY;

    return !decimal_is_zero(held) &&
           decimal_is_positive(closing_size(&engine->settings, engine->portfolio, engine->oms,
                                            &engine->products->items[product], product, side));
}

/* From the first exit on: those that take another's place do not start the time anew. */
static void check_stuck_exit(struct engine *engine, product_ref product)
{
    struct guards *guards = &engine->guards;
    nanos *since = &guards->exit_since[product];
    char is[NANOS_TEXT_MAX];

    if (!is_held(engine, product)) {
        *since = 0;
        guards->exit_reported[product] = false;
        return;
    }
    if (*since == 0 && has_exit(engine, product))
        *since = engine->now;
    nanos age = engine->now - *since;
    if (*since == 0 || guards->exit_reported[product] ||
        age <= engine->settings.guards.position_stuck_after)
        return;
    guards->exit_reported[product] = true;
    engine_note(engine, FACT_GUARD, "position_stuck", "critical", 0, product,
                "an exit has been trying to close the position for %s",
                nanos_format_duration(age, is));
}

void guards_check_orders(struct engine *engine)
{
    if (engine->settings.guards.order_stuck_after)
        for (int i = 0; i < oms_open_count(engine->oms); i++)
            check_stuck_order(engine, oms_open(engine->oms)[i]);
    if (engine->settings.guards.position_stuck_after)
        for (int i = 0; i < engine->products->count; i++)
            check_stuck_exit(engine, (product_ref)i);
}
