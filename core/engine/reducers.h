/* Reduce-only orders that rest: they never hold more than there is to reduce. */
#ifndef ENGINE_REDUCERS_H
#define ENGINE_REDUCERS_H

#include "model/ids.h"

struct engine;

/* Working reduce-only orders of the product that are larger than what is left to reduce are
 * made smaller, or canceled: the newest first. */
void reducers_trim(struct engine *engine, product_ref product);

#endif
