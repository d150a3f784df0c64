/* The way out: one reduce-only order after the other for what a triggered exit has left.
 *
 *   TRIGGERED --nothing is left--> over
 *       |  ^
 *       |  '-- what held it back is gone, or the size is another
 *       v
 *   HELD_BACK: what would leave is refused here, or the venue has refused its size
 *
 * An order that came to nothing is followed by another after `exits.retry_base`, then twice
 * as long, up to `exits.retry_cap`; what it is and at which price: exit_terms.h. What the
 * pipeline refuses is refused once, with an order in the journal that says why; then the
 * exit is HELD_BACK, the pipeline is asked silently, and nothing is written until its answer
 * is another. That may be for long: a halt, a closed market, or a rest that is smaller than
 * the product's step or minimum. Such a rest also leaves with the next exit of its side that
 * does (exits.h), and when the venue alone finds a size wrong, it is asked again when the
 * size or the product's rules are others, or after an hour.
 *
 * Somebody is told once for each exit and reason: at once of a rest that is too small, of
 * anything else after EXIT_TRIES_LOUD orders or LOUD_AFTER; then the product may only be
 * reduced ("exit_failed") while an exit of it fails. */
#ifndef ENGINE_EXIT_ORDERS_H
#define ENGINE_EXIT_ORDERS_H

#include <stdint.h>

#include "model/event.h"
#include "model/order.h"

struct engine;

/* One order for what is left and not on its way, if it is time for it. `touch` is what an order
 * would get at best. */
void exits_attempt(struct engine *engine, uint64_t id, decimal touch);
/* The venue, or the way to it, about an order. */
void exits_on_order(struct engine *engine, const struct order *order,
                    const struct order_report *report);

/* In each cycle: the products of exits that fail stay reduce-only. */
void exits_hold_products(struct engine *engine);

#endif
