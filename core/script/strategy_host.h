/* A Lua strategy behind the strategy port: one script, one product, one sandbox;
 * or, where the script says `portfolio = true`, one sandbox for several products.
 *
 * The host owns what the script sees: its parameters, the indicators it asked
 * for (updated here, in C, before the script is called), bars of higher
 * timeframes, and the snapshot of the market and the account. It returns
 * decisions as data; the engine validates every one again.
 *
 * A call that ran out of time kills its sandbox; the host then builds a fresh
 * one and restores what on_save last gave, and the call counts as a strike. Out
 * of memory is ERR_BUDGET, which switches the strategy off. */
#ifndef SCRIPT_STRATEGY_HOST_H
#define SCRIPT_STRATEGY_HOST_H

#include <stdint.h>

#include "engine/guard.h"
#include "engine/strategy.h"
#include "script/params.h"

struct script_options {
    const char *name; /* "sma_cross", or a path; resolved by script/script_file.h */
    const struct param_value *params; /* given by profile or command line; may be NULL */
    int param_count;
    uint64_t seed;       /* of math.random, with the script's name and product */
    product_set markets; /* of a portfolio strategy; empty: all products of the run */
    nanos timeframe; /* of on_bar and market:sma(); bars of other intervals are built from it */
    int64_t memory_max; /* bytes; 0: the default */
    nanos call_max;     /* soft deadline of a call; 0: the default */
    nanos start_max;    /* of loading, on_start, saving and restoring; 0: a second */
};

struct strategy_host;

/* Calls of on_order and on_fill in one instant; more are ERR_SCRIPT. */
enum { STRATEGY_TOLD_MAX = 10000 };

/* Loads and checks the script: syntax, that it returns a strategy, parameters (unknown, wrong
 * type, out of range: with the declaration's file and line). Borrows products.
 *
 * Whoever adds strategies does so product by product, and stops after one whose port has
 * PRODUCT_NONE: a portfolio strategy is there once, whichever product it was made with. */
enum err strategy_host_new(const struct script_options *options,
                           const struct product_table *products, product_ref product,
                           struct strategy_host **out, struct fault *why) MUST_CHECK;
void strategy_host_free(struct strategy_host *host);
/* The port borrows the host. */
struct strategy_port strategy_host_port(struct strategy_host *host);
/* The parameters as the script runs with them, for reports. */
const struct param_set *strategy_host_params(const struct strategy_host *host);

/* Guards and sizing rules likewise; one sandbox each. */
struct guard_host;
enum err guard_host_new(const struct script_options *options,
                        const struct product_table *products, struct guard_host **out,
                        struct fault *why) MUST_CHECK;
void guard_host_free(struct guard_host *host);
struct guard_port guard_host_port(struct guard_host *host);

struct sizing_host;
enum err sizing_host_new(const struct script_options *options,
                         const struct product_table *products, struct sizing_host **out,
                         struct fault *why) MUST_CHECK;
void sizing_host_free(struct sizing_host *host);
struct sizing_port sizing_host_port(struct sizing_host *host);

#endif
