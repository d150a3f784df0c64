/* Exits that the engine holds: stops, targets and trailing stops for positions.
 *
 * An exit guards a part of a position, its *size*, with up to three legs: a stop, a
 * target, a trailing stop. They are siblings: whatever one of them closes is gone
 * from the size that all of them share.
 *
 *   entry decided -> WAITING -> its fills arm it -> ARMED -> a level is reached ->
 *   TRIGGERED -> reduce-only orders until nothing is left -> ENDED
 *
 *   E1  All exits of a product together guard no more than the position; a position
 *       that shrinks for another reason takes from the oldest exits first, one that
 *       is flat or has turned around ends them.
 *   E2  An exit never makes a position larger: its orders are reduce-only, and pass
 *       the pipeline as orders that reduce.
 *   E3  What was triggered stays triggered. An order that is refused, rejected or only
 *       partly filled is followed by another, at growing intervals (1 s to 60 s); after
 *       three attempts the product goes to REDUCE_ONLY and the operator is told.
 *   E4  Every state is a FACT_EXIT, whole, in the turn in which it begins to matter. A
 *       restart finds all exits as they were.
 *
 * Stops and trailing stops look at the mark (a wide spread alone triggers none),
 * targets at the price that a market order would get. A triggered exit cancels what
 * is left of its entry, and our resting orders that hold what it wants to sell.
 *
 * In a bar nobody knows what came first: a stop is taken to have been reached before
 * a target (and no target then fills on that side of that bar); a stop counts from
 * the moment it is armed, in the same bar too; targets, and the rise of a trailing
 * stop, begin with the next bar. Beyond a level at its open, a bar trades at its open,
 * else at the level; a target has to be traded through by one price step. */
#ifndef ENGINE_EXITS_H
#define ENGINE_EXITS_H

#include "engine/fact.h"
#include "model/candle.h"

struct engine;

struct exits {
    struct exit_entry {
        struct fact_exit exit;
        bool is_fresh; /* armed in the bar that is running */
        int attempts;  /* to get out, that failed in a row */
        nanos next;    /* the next one */
    } * items;
    int count, cap;
    uint64_t last_id;
    bool is_walked; /* who feeds bars tells what is reached inside them */
};

void exits_clear(struct exits *exits);
/* A FACT_EXIT, for apply and recovery. */
void exits_apply(struct exits *exits, const struct fact_exit *exit);

bool exit_plan_is_empty(const struct exit_plan *plan);
/* Whether its levels are on the right sides of a price: for who enters on this side, and a
 * sentence why not. */
bool exit_plan_check(const struct exit_plan *plan, enum side entry, decimal price, char *why,
                     size_t size);

/* An exit for what an order is about to enter, journaled with the order's intent. */
void exits_plan(struct engine *engine, order_number entry, const struct exit_plan *plan);
/* In the place of all that guards the strategy's product now; `size` zero: all that is held. */
void exits_protect(struct engine *engine, const char *strategy, product_ref product,
                   const struct exit_plan *plan, decimal size);

/* A fill was booked; the position changed by other ways; an order ended. */
void exits_on_fill(struct engine *engine, const struct order *order, const struct fill *fill);
void exits_settle(struct engine *engine, product_ref product);
void exits_on_order(struct engine *engine, const struct order *order);

/* The market moved; a bar ended; a cycle. Free when there are none. */
void exits_on_price(struct engine *engine, product_ref product);
void exits_on_bar(struct engine *engine, product_ref product, const struct bar *bar);
void exits_on_reach(struct engine *engine, product_ref product, decimal price);
void exits_open_bar(struct engine *engine, product_ref product);
/* The first stop, or target, that is reached inside the bar, and the price there; after its
 * close only those that were armed in it. */
bool exits_find_reached(const struct engine *engine, product_ref product, const struct bar *bar,
                        bool is_stop, bool is_closed, decimal *price);
void exits_run(struct engine *engine);

/* Working reduce-only orders of the product that are larger than what is left to reduce are
 * made smaller, or canceled: the newest first. */
void exits_trim_reducers(struct engine *engine, product_ref product);

/* The effective stop of an exit, of its stop and its trail; zero: none. */
decimal exit_stop_level(const struct fact_exit *exit);

#endif
