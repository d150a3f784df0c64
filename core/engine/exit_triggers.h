/* What triggers exits: prices, and what is reached inside bars.
 *
 * Stops and trailing stops look at the mark (a wide spread alone triggers none),
 * targets at the price that a market order would get.
 *
 * In a bar nobody knows what came first: a stop is taken to have been reached before
 * a target (and no target then fills on that side of that bar); a stop counts from
 * the moment it is armed, in the same bar too; targets, and the rise of a trailing
 * stop, begin with the next bar. Beyond a level at its open, a bar trades at its open,
 * else at the level; a target has to be traded through by one price step.
 *
 * Free while there are no exits. */
#ifndef ENGINE_EXIT_TRIGGERS_H
#define ENGINE_EXIT_TRIGGERS_H

#include "model/candle.h"
#include "model/ids.h"

struct engine;

/* The market moved; a bar ended. */
void exits_on_price(struct engine *engine, product_ref product);
void exits_on_bar(struct engine *engine, product_ref product, const struct bar *bar);

/* Who feeds bars tells that one begins, asks what is reached inside it, and tells that. */
void exits_open_bar(struct engine *engine, product_ref product);
void exits_on_reach(struct engine *engine, product_ref product, decimal price);
/* The first stop, or target, that is reached inside the bar, and the price there; after its
 * close only those that were armed in it. */
bool exits_find_reached(const struct engine *engine, product_ref product, const struct bar *bar,
                        bool is_stop, bool is_closed, decimal *price);

#endif
