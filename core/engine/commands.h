/* What an operator says, and what the engine does about it. Every command is
 * journaled with who and why before anything else happens.
 *
 *   pause        PAUSED, exits pass; for a time, or until resumed
 *   reduce-only  REDUCE_ONLY; likewise
 *   halt         HALTED: nothing but cancels, until resumed
 *   cancel-all   asks the venue to cancel every open order
 *   flatten      cancels, then closes every position with reduce-only market
 *                orders, again in each cycle, until everything is flat; says so
 *                once a listing that was asked for afterwards agrees, or says
 *                loudly what is left. Nothing else trades until resumed, and what
 *                a late fill opens is closed as well. Survives a restart
 *   kill         halt and cancel-all
 *   resume       ends what operators began and what waits for one (HALTED, sticky
 *                guards; scripts that were switched off stay off). Causes with a
 *                time of their own run on. The peak that drawdown is measured from
 *                and the losses in a row begin anew
 *
 * With a product, levels are its own; without one, everybody's. Orders of others
 * are canceled only if the policy is to adopt or to cancel them. */
#ifndef ENGINE_COMMANDS_H
#define ENGINE_COMMANDS_H

#include "engine/settings.h"
#include "model/event.h"
#include "model/product.h"

struct engine;

/* How far a flatten has come. Its standing order is the cause that it holds. */
struct flatten {
    int attempts[PRODUCTS_MAX];
    nanos next[PRODUCTS_MAX];
    nanos done_since; /* neither position nor order is left; 0: something is */
    nanos next_word;  /* when what is not confirmed is said again */
    bool has_said;    /* that everything is flat */
};

enum flatten_state {
    FLATTEN_NONE,
    FLATTEN_WORKING,
    FLATTEN_DONE, /* and the venue's own lists have confirmed it */
    FLATTEN_STATE_COUNT
};
const char *flatten_state_name(enum flatten_state state); /* "working" */
enum flatten_state commands_flatten_state(const struct engine *engine);

/* Whether a flatten of this product looks past orders of others. It does not wait for what
 * somebody else may do some day: his orders to close a future count for nothing if they are
 * left alone. (The coins that his orders sell are bound.) */
bool commands_overlook_others(const struct engine_settings *settings,
                              const struct product *product);

/* Whether a word about all orders means this one: orders of others only where the policy lets
 * us. */
bool commands_may_cancel(const struct engine *engine, const struct order *order);

void commands_on_command(struct engine *engine, const struct event *event);
/* Cancels what works and could make a position larger, of one product or (PRODUCT_NONE) of all;
 * exits stay. */
void commands_cancel_risk(struct engine *engine, product_ref product);
/* In each cycle: what a flatten has still to do. */
void commands_run(struct engine *engine);

#endif
