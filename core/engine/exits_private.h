/* The book of exits, for the files that together hold them: exits.c, exit_triggers.c
 * and exit_orders.c. */
#ifndef ENGINE_EXITS_PRIVATE_H
#define ENGINE_EXITS_PRIVATE_H

#include "engine/engine_private.h"

/* NULL when it has ended. Borrowed until one ends or begins. */
struct exit_entry *exits_find(const struct exits *exits, uint64_t id);

void exits_emit(struct engine *engine, const struct fact_exit *exit);

/* The leftovers of other exits of its side, too small to leave alone, become its own. */
void exits_take_leftovers(struct engine *engine, uint64_t id);

/* The product's oldest exit that is younger than an id, NULL if there is none. To go through
 * them by, since what happens to one exit may end others:
 *
 *     for (uint64_t id = 0; (entry = exits_next(exits, product, id));) {
 *         id = entry->exit.id; */
struct exit_entry *exits_next(const struct exits *exits, product_ref product, uint64_t id);

#endif
