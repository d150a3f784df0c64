/* Port: a strategy. Adapters (the Lua host, tests) fill in the struct; the
 * engine calls it and validates every decision again.
 *
 * A strategy trades one product and is told of that one alone, or it is a
 * portfolio strategy: it is told of each event of each of its products, and of
 * every cycle once, after the strategies of one product. In a backtest, where
 * cycles follow bars, that is after all bars that ended at one time. */
#ifndef ENGINE_STRATEGY_H
#define ENGINE_STRATEGY_H

#include <stdint.h>

#include "base/buf.h"
#include "engine/decision.h"
#include "engine/view.h"
#include "model/event.h"

enum hook {
    HOOK_START,
    HOOK_CYCLE,
    HOOK_BAR,
    HOOK_TRADE,
    HOOK_QUOTE,
    HOOK_BOOK,
    HOOK_ORDER, /* an order of this strategy changed */
    HOOK_FILL,
    HOOK_TIMER,
    HOOK_STOP,
    HOOK_COUNT
};

const char *hook_name(enum hook hook); /* "on_bar" */

#define HOOK_BIT(hook) (1u << (hook))

struct strategy_call {
    enum hook hook;
    const struct event *event; /* of market hooks; NULL otherwise */
    const struct order *order; /* of HOOK_ORDER and HOOK_FILL */
    const struct fill *fill;   /* of HOOK_FILL */
    const struct view *view;
};

struct strategy_port {
    void *ctx;
    char name[STRATEGY_NAME_MAX];
    product_ref product;  /* PRODUCT_NONE: a portfolio strategy */
    product_set products; /* of a portfolio strategy: those it is told of and may trade;
                             empty: all */
    uint32_t wants;       /* HOOK_BIT of each hook it has; others are never called */

    /* Appends decisions to *out. A failure drops the call's decisions, counts as a
     * strike, and is journaled; after three in a row, or at once when the port says ERR_BUDGET
     * for memory or is dead, the engine switches the strategy off and its products to
     * REDUCE_ONLY. */
    enum err (*call)(void *ctx, const struct strategy_call *call, struct decision_list *out,
                     struct fault *why);
    /* State as JSON text for restarts and reloads, appended to *out; either may be NULL. More
     * than FACT_STATE_MAX bytes count as a failure. */
    enum err (*save)(void *ctx, struct buf *out, struct fault *why);
    enum err (*restore)(void *ctx, const char *json, uint64_t version, struct fault *why);
    /* Takes in a bar of the past (engine/warm_up.h): no handler is called. And how many bars of
     * this length its indicators need until all are ready, asked after HOOK_START.
     * NULL: it has none. */
    void (*feed)(void *ctx, product_ref product, const struct bar *bar);
    int64_t (*warm_up)(void *ctx, nanos interval);
    uint64_t version; /* of what save gives; restore is told that of what it gets */
};

#endif
