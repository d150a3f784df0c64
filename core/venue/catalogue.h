/* The products that the embedded venue trades, with their rules and the shape of
 * their synthetic markets. The rules are the venue's of the year 2026 (GET
 * /products); a live run never reads them from here. */
#ifndef VENUE_CATALOGUE_H
#define VENUE_CATALOGUE_H

#include "model/product.h"

/* What a market of this product looks like on an ordinary day. */
struct market_shape {
    char
        path[SYMBOL_MAX]; /* whose price it follows: its own symbol, or a future's underlying */
    decimal price;        /* where it begins, and what it is drawn to over the years */
    int volatility_bps;   /* of a day's move */
    int spread_centibps;  /* hundredths of a basis point; never below a price step */
    int trades_per_minute;
    decimal size; /* of an ordinary order, in base units or contracts */
};

int catalogue_count(void);
const char *catalogue_symbol(int index);

/* False when the symbol is not in the list. `shape` may be NULL. */
bool catalogue_find(const char *symbol, struct product *product,
                    struct market_shape *shape) MUST_CHECK;

#endif
