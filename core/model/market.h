/* What is known about one product right now: the last of everything that was
 * heard. Plain data; strategies and guards read it through their view. */
#ifndef MODEL_MARKET_H
#define MODEL_MARKET_H

#include "model/event.h"
#include "model/order_book.h"
#include "model/product.h"

struct market {
    const struct product *product;
    product_ref ref;
    struct quote quote; /* zeros until the first */
    nanos quote_time;
    struct trade trade;
    nanos trade_time;
    struct bar bar;          /* the last that ended */
    nanos bar_time;          /* when it ended */
    struct order_book *book; /* NULL where the feed has none */
    decimal mark; /* middle of the quote, else last trade, else last close; zero: none yet */
    nanos mark_time;
};

/* Takes in a bar, trade, quote or book event of this product. */
void market_apply(struct market *market, const struct event *event);

/* What an order of this side would pay at best: the other side's quote, else the mark. */
decimal market_touch(const struct market *market, enum side side);

#endif
