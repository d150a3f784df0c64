/* The last closes of a product: how far they stray, and whether two products
 * move together. Exact or whole numbers throughout. */
#ifndef ENGINE_PRICE_WINDOW_H
#define ENGINE_PRICE_WINDOW_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/decimal.h"

struct price_window;

struct price_window *price_window_new(int64_t length);
void price_window_free(struct price_window *window);

/* A bar ended; bars come in the order of their times. */
void price_window_add(struct price_window *window, nanos time, decimal close);

/* Furthest of the last `length` closes from their mean, as a share of it, rounded up. False
 * while there are fewer. */
bool price_window_spread(const struct price_window *window, int64_t length, decimal *out);

/* Pearson correlation of the changes from bar to bar, over the last `length` bars that both
 * have, in millionths (-1000000..1000000). False while there are fewer, or one stands still. */
bool price_window_correlation(const struct price_window *a, const struct price_window *b,
                              int64_t length, int64_t *out);

#endif
