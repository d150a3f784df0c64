/* The book of exits, for the files that together hold them: exits.c, exit_triggers.c
 * and exit_orders.c. */
#ifndef ENGINE_EXITS_PRIVATE_H
#define ENGINE_EXITS_PRIVATE_H

#include "engine/engine_private.h"

/* NULL when it has ended. Borrowed until one ends or begins. */
struct exit_entry *exits_find(const struct exits *exits, uint64_t id);

void exits_emit(struct engine *engine, const struct fact_exit *exit);

/* Copies of the ids: what happens to one exit may end others. */
enum { AT_ONCE = 64 };
int exits_ids(const struct engine *engine, product_ref product, uint64_t ids[AT_ONCE]);

#endif
