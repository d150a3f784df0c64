#include "lab/bar_walk.h"

#include "base/attr.h"
#include "engine/exits.h"

void bar_walk_open(struct engine *engine, product_ref product)
{
    engine_open_bar(engine, product);
}

/* The engine sends its order within this turn, and hears of the fill in it. */
static enum err reach(struct engine *engine, struct bar_venue *venue, product_ref product,
                      const struct bar *bar, decimal price, struct fault *why)
{
    struct event *event = bus_add(engine_bus(engine), EVENT_REACH);
    nanos end = bar->start + bar->interval;

    event->product = product;
    event->time = end;
    event->reached = price;
    bar_venue_reach(venue, product, price);
    enum err err = engine_turn(engine, end, why);
    bar_venue_reach(venue, product, DECIMAL_ZERO);
    return err;
}

/* Whether something of the kind is reached, and the turns that follow from it. */
static enum err walk(struct engine *engine, struct bar_venue *venue, product_ref product,
                     const struct bar *bar, bool is_stop, bool is_closed, bool *has,
                     struct fault *why)
{
    int most = engine_exits(engine)->count; /* each is triggered once */
    decimal price;
    enum err err = OK;

    *has = false;
    for (int i = 0; i < most && !err &&
                    engine_find_reached(engine, product, bar, is_stop, is_closed, &price);
         i++) {
        *has = *has || !decimal_is_equal(price, bar->open);
        err = reach(engine, venue, product, bar, price, why);
    }
    return err;
}

enum err bar_walk_inside(struct engine *engine, struct bar_venue *venue, product_ref product,
                         const struct bar *bar, enum bar_walk when, struct fault *why)
{
    bool is_closed = when == BAR_WALK_CLOSED, has_stopped, has_won;

    enum err err = OK;

    if (engine_exits(engine)->count == 0)
        return OK;
    if (is_closed && !bus_is_empty(engine_bus(engine))) /* fills inside the bar arm exits */
        err = engine_turn(engine, bar->start + bar->interval, why);
    if (!err)
        err = walk(engine, venue, product, bar, true, is_closed, &has_stopped, why);
    if (err || is_closed || has_stopped)
        return err;
    return walk(engine, venue, product, bar, false, false, &has_won, why);
}
