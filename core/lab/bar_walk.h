/* Walks through a bar for the exits that the engine holds: what they wait for inside it is
 * told to the engine and the bar venue, price by price, in the order of engine/exits.h. Free
 * while there are no exits.
 *
 *     bar_walk_open(engine, product);                   before bar_venue_open_bar
 *     ... open the bar, take a turn if something traded ...
 *     bar_walk_inside(engine, venue, product, &bar, BAR_WALK_OPEN, ...);
 *     bar_venue_close_bar(venue, product, &bar);
 *     bar_walk_inside(engine, venue, product, &bar, BAR_WALK_CLOSED, ...);
 *     ... show the bar to the engine ... */
#ifndef LAB_BAR_WALK_H
#define LAB_BAR_WALK_H

#include "engine/engine.h"
#include "venue/bar_venue.h"

enum bar_walk { BAR_WALK_OPEN, BAR_WALK_CLOSED };

void bar_walk_open(struct engine *engine, product_ref product);
/* ERR_IO as engine_turn says it. */
enum err bar_walk_inside(struct engine *engine, struct bar_venue *venue, product_ref product,
                         const struct bar *bar, enum bar_walk when,
                         struct fault *why) MUST_CHECK;

#endif
