#include "engine/warm_up.h"

#include "engine/engine_private.h"

/* A recursive average of n bars is at its warm-up's end a mean of what it began with and of
 * what came: of its beginning a share of exp(-2) is left after n bars, and of Wilder's kind
 * exp(-1). */
enum { TIMES = 14 };

int64_t warm_up_bars_wanted(const struct engine *engine)
{
    const struct guard_settings *guards = &engine->settings.guards;
    int64_t closes = guards->volatility_window > guards->correlation_window
                         ? guards->volatility_window
                         : guards->correlation_window;
    int64_t most = 2 * closes;

    for (int i = 0; i < engine->strategy_count; i++) {
        const struct strategy_port *port = &engine->strategies[i].port;
        int64_t bars =
            port->warm_up ? TIMES * port->warm_up(port->ctx, engine->settings.timeframe) : 0;
        most = bars > most ? bars : most;
    }
    return most;
}

static bool is_told_of(const struct strategy_port *port, product_ref product)
{
    return port->product == product ||
           (port->product == PRODUCT_NONE && product_set_has(port->products, product));
}

static void feed_ended(struct engine *engine, product_ref product, const struct bar *bar)
{
    struct market *market = &engine->markets[product];

    market->bar = *bar;
    market->bar_time = bar->start + bar->interval;
    if (engine->is_guarded)
        guards_on_bar(engine, product, bar);
    for (int i = 0; i < engine->strategy_count; i++) {
        const struct strategy_slot *slot = &engine->strategies[i];
        if (slot->port.feed && !slot->is_off && is_told_of(&slot->port, product))
            slot->port.feed(slot->port.ctx, product, bar);
    }
}

/* Trades add to it as if they had all been heard here. */
static void go_on_building(struct engine *engine, product_ref product, const struct bar *bar)
{
    struct candle_builder *builder = &engine->builders[product];

    if (bar->interval != engine->settings.timeframe || builder->has_bar)
        return;
    builder->bar = *bar;
    builder->has_bar = true;
    builder->open_from = bar->start;
}

void warm_up_feed(struct engine *engine, product_ref product, const struct bar *bars, int count)
{
    for (int i = 0; i < count; i++)
        if (bars[i].start + bars[i].interval <= engine->now)
            feed_ended(engine, product, &bars[i]);
        else
            go_on_building(engine, product, &bars[i]);
}
