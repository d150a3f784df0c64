/* Exits that the engine holds: stops, targets and trailing stops for positions.
 *
 * An exit guards a part of a position, its *size*, with up to three legs: a stop, a
 * target, a trailing stop. They are siblings: whatever one of them closes is gone
 * from the size that all of them share.
 *
 *   entry decided -> WAITING -> its fills arm it -> ARMED -> a level is reached ->
 *   TRIGGERED -> reduce-only orders until nothing is left -> ENDED
 *   (or, while nothing may leave, HELD_BACK)
 *
 *   E1  All exits of a product together guard no more than the position; a position
 *       that shrinks for another reason takes from the oldest exits first, one that
 *       is flat or has turned around ends them.
 *   E2  An exit never makes a position larger: its orders are reduce-only, and pass
 *       the pipeline as orders that reduce.
 *   E3  What was triggered stays triggered. An order that is rejected or only partly
 *       filled is followed by another, at growing intervals; where none may leave, the
 *       exit is held back, and goes on as soon as one may (exit_orders.h). No reason is
 *       told twice, and nothing is written while nothing changes.
 *   E4  Every state is a FACT_EXIT, whole, in the turn in which it begins to matter. A
 *       restart finds all exits as they were.
 *
 * A triggered exit cancels what is left of its entry, and our resting orders that hold
 * what it wants to sell. It takes in the rests of others of its side that were too small
 * to leave alone. What triggers exits: exit_triggers.h. How they leave:
 * exit_orders.h. This is the book: which there are, and how much each guards. */
#ifndef ENGINE_EXITS_H
#define ENGINE_EXITS_H

#include "engine/exit.h"
#include "engine/exit_triggers.h"

struct engine;

struct exits {
    struct exit_entry {
        struct fact_exit exit;
        bool is_fresh; /* armed in the bar that is running */
        /* What a restart may forget (exit_orders.h): when the next order may leave, and the
         * next cancel of what is in its way; since when that is waited for, and since when it
         * is held back; a bit for each reason that was told; what the venue did not want. */
        nanos next, next_cancel, blocked_since, held_since;
        uint64_t said;
        nanos refused_at;
        decimal refused_size;
        uint64_t refused_rules;
    } * items;
    int count, cap;
    uint64_t last_id;
    bool is_walked; /* who feeds bars tells what is reached inside them */
};

void exits_clear(struct exits *exits);
/* A FACT_EXIT, for apply and recovery. */
void exits_apply(struct exits *exits, const struct fact_exit *exit);

/* An exit for what an order is about to enter, journaled with the order's intent. */
void exits_plan(struct engine *engine, order_number entry, const struct exit_plan *plan);
/* In the place of all that guards the strategy's product now; `size` zero: all that is held.
 * What an entry under way is still filled with keeps the exit that came with it, unless the
 * plan is empty. */
void exits_protect(struct engine *engine, const char *strategy, product_ref product,
                   const struct exit_plan *plan, decimal size);

/* A fill was booked; the position changed by other ways; a cycle. */
void exits_on_fill(struct engine *engine, const struct order *order, const struct fill *fill);
void exits_settle(struct engine *engine, product_ref product);
void exits_run(struct engine *engine);

#endif
