/* The queue of events on their way to the engine: first in, first out, bounded.
 * Adapters append; the engine's turn empties it. */
#ifndef ENGINE_BUS_H
#define ENGINE_BUS_H

#include <stdbool.h>

#include "model/event.h"

struct bus;

/* Grows as needed. With `limit` events waiting, further quotes, trades and book updates are
 * dropped (and counted); everything else never is. */
struct bus *bus_new(int limit);
void bus_free(struct bus *bus);

void bus_push(struct bus *bus, const struct event *event);
/* Room for an event at the end of the queue, to be filled in before anything else is done with
 * the bus: its kind is set, all else holds what was there before. For kinds that are never
 * dropped. */
struct event *bus_add(struct bus *bus, enum event_kind kind);
/* The oldest event, valid until the next push or pop; NULL when empty. */
const struct event *bus_pop(struct bus *bus);
bool bus_is_empty(const struct bus *bus);
uint64_t bus_dropped(const struct bus *bus);

#endif
