/* What a script is shown: a snapshot of plain data and borrowed const pointers,
 * good for one call. The same in backtest, paper, live and replay, inline or in
 * a worker process. */
#ifndef ENGINE_VIEW_H
#define ENGINE_VIEW_H

#include "engine/level.h"
#include "model/market.h"
#include "model/order.h"
#include "model/portfolio.h"

struct exits;

struct view {
    nanos now;
    const struct market *market;  /* of the product in question; NULL in portfolio calls */
    const struct market *markets; /* of all products, by product_ref */
    const struct product_table *products;
    const struct portfolio *portfolio;
    const struct order *const *orders; /* all open orders, oldest first */
    int order_count;
    const struct exits *exits; /* all that the engine holds (engine/exits.h); may be NULL */
    decimal equity;
    decimal day_start_equity; /* at 00:00 UTC; equity at start on the first day */
    decimal peak_equity;
    enum level level;         /* effective for the product, or globally */
    const enum level *levels; /* of all products, by product_ref; NULL but in portfolio calls */
    uint64_t cycle;
};

#endif
