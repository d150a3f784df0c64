/* Figures that the engine knows about itself, the account and each market, by
 * name: what rules written as data (engine/metric_guard.h) watch.
 *
 * A figure is one of three things. Some are what they are now (equity, spread).
 * Some are counted over a window (orders, fees): how much a sum has grown in it.
 * And some are shares over a window: a change as a share of what was before, or
 * one sum's growth as a share of another's. Figures over a window need two looks;
 * metric_look takes one, metric_figure compares.
 *
 * Shares are written as 0.05 and rounded half to even at the last of a decimal's
 * digits; times are in seconds; money in the account's currency, where products
 * are quoted in it. */
#ifndef ENGINE_METRIC_H
#define ENGINE_METRIC_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/ids.h"

struct engine;

enum metric {
    METRIC_NONE,
    /* of the account */
    METRIC_EQUITY,
    METRIC_CASH,
    METRIC_AVAILABLE,
    METRIC_DAILY_PNL,
    METRIC_DAILY_LOSS_SHARE,
    METRIC_DRAWDOWN_SHARE,
    METRIC_REALISED,
    METRIC_UNREALISED,
    METRIC_FEES_TODAY,
    METRIC_EXPOSURE,
    METRIC_LEVERAGE,
    METRIC_MARGIN_SHARE,
    METRIC_MAINTENANCE_SHARE,
    METRIC_POSITIONS,
    METRIC_OPEN_ORDERS,
    METRIC_UNKNOWN_ORDERS,
    METRIC_LOSSES_IN_ROW,
    /* of the way to the venue, and the machine */
    METRIC_FAILURES_IN_ROW,
    METRIC_MARKET_SILENCE,
    METRIC_CLOCK_SKEW,
    METRIC_RATE_USAGE,
    METRIC_BREAKERS_OPEN,
    METRIC_DISK_FREE,
    /* counted over a window */
    METRIC_ORDERS,
    METRIC_REFUSALS,
    METRIC_REJECTS,
    METRIC_FILLS,
    METRIC_TURNOVER,
    METRIC_FEES,
    METRIC_FAILED_REQUESTS,
    METRIC_ERROR_SHARE,
    METRIC_ANOMALIES,
    METRIC_SCRIPT_ERRORS,
    METRIC_EQUITY_CHANGE,
    METRIC_EQUITY_CHANGE_SHARE,
    /* of each symbol */
    METRIC_SPREAD_BPS,
    METRIC_MARK_AGE,
    METRIC_DEPTH,
    METRIC_VOLATILITY,
    METRIC_CORRELATION,
    METRIC_PRICE_CHANGE_SHARE,
    METRIC_POSITION_SIZE,
    METRIC_POSITION_VALUE,
    METRIC_POSITION_SHARE,
    METRIC_POSITION_AGE,
    METRIC_POSITION_PNL,
    METRIC_POSITION_PNL_SHARE,
    METRIC_SYMBOL_ORDERS,
    METRIC_ORDER_AGE,
    METRIC_COUNT
};

/* By value, "none" first, and a NULL at the end: choices of a setting. */
extern const char *const metric_names[];

struct metric_info {
    const char *name, *unit, *help;
    bool of_symbol;   /* each symbol has its own */
    bool over_window; /* means nothing without a window */
    bool needs_bars;  /* the last closes are kept for it */
    bool is_sum;      /* counted since the engine started: what it had reached goes on */
};
struct metric_info metric_describe(enum metric metric);

/* What is there now; of a figure over a window, to be compared with a later look. */
struct metric_look {
    nanos time;
    decimal value, whole;
};

/* False: it cannot be computed now. `product` is PRODUCT_NONE unless the metric is a symbol's.
 */
bool metric_look(const struct engine *engine, enum metric metric, product_ref product,
                 struct metric_look *out);
/* A sum goes on from where it was when the engine ended. */
void metric_go_on(struct engine *engine, enum metric metric, const struct metric_look *from);

/* The figure from two looks (from `now` alone, unless it is one over a window). False: it
 * cannot be computed. */
bool metric_figure(enum metric metric, const struct metric_look *then,
                   const struct metric_look *now, decimal *out);

#endif
