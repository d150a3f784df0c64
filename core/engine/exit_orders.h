/* The way out: one reduce-only order after the other for what a triggered exit has left. */
#ifndef ENGINE_EXIT_ORDERS_H
#define ENGINE_EXIT_ORDERS_H

#include <stdint.h>

#include "model/order.h"

struct engine;

/* One order for what is left and not on its way, if it is time for it. Ends no exit. */
void exits_attempt(struct engine *engine, uint64_t id);
/* An order ended. */
void exits_on_order(struct engine *engine, const struct order *order);

#endif
