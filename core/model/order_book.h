/* A limit order book by price levels (L2) of one product, best first.
 *
 * The book believes its feed: it never asks the time, never logs and cannot
 * fail. Whether an update may be applied at all (sequence, staleness) is the
 * feed's business. */
#ifndef MODEL_ORDER_BOOK_H
#define MODEL_ORDER_BOOK_H

#include "base/decimal.h"
#include "model/side.h"

struct order_book;

struct book_level {
    decimal price, size;
};

struct order_book *order_book_new(void);
void order_book_free(struct order_book *book);
void order_book_clear(struct order_book *book);

/* Sets the size resting at a price (> 0); zero removes the level. SIDE_BUY are the bids. */
void order_book_set_level(struct order_book *book, enum side side, decimal price, decimal size);

/* Levels of a side; 0 is the best. NULL beyond the last. Borrowed until the next set or clear.
 */
int order_book_depth(const struct order_book *book, enum side side);
const struct book_level *order_book_level(const struct order_book *book, enum side side,
                                          int index);
const struct book_level *order_book_best(const struct order_book *book, enum side side);

/* Middle of the best prices, zero when a side is empty; spread in basis points of it, zero
 * likewise. Both half even. A crossed book has a negative spread. */
decimal order_book_mid(const struct order_book *book);
decimal order_book_spread_bps(const struct order_book *book);

/* What an order of this side and size would pay if it took liquidity now: the base size that is
 * there (at most `size`), the quote value of it, each level's rounded half even, and the price
 * of the last level it reaches (zero: none). `side` is the taker's. */
struct book_sweep {
    decimal size, value, worst_price;
};
struct book_sweep order_book_sweep(const struct order_book *book, enum side side, decimal size);

/* Sum of the sizes of the best `levels` levels. */
decimal order_book_size(const struct order_book *book, enum side side, int levels);

#endif
