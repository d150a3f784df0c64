/* The price at which a bar fills an order: pure, one order and one bar at a
 * time. What each rule believes is stated in venue/bar_venue.h. */
#ifndef VENUE_BAR_FILL_H
#define VENUE_BAR_FILL_H

#include "model/candle.h"
#include "model/fees.h"
#include "model/order.h"
#include "model/product.h"

struct bar_fill_rules {
    decimal slippage_bps;
    bool limit_touch;
};

/* What the venue knows of the order beyond its request. */
struct bar_fill_order {
    const struct product *product;
    const struct order_request *request;
    bool is_triggered; /* a stop that is a market order now, a stop-limit that is a limit */
    bool takes;        /* a limit that came to trade at once, not to rest */
};

struct bar_fill_price {
    decimal price;
    enum liquidity liquidity;
};

/* Whether the opening trade is at or beyond the stop price. */
bool bar_fill_opens_beyond_stop(const struct order_request *request, decimal open);

/* At the open: market orders, stops and limits that the open has passed. */
bool bar_fill_at_open(const struct bar_fill_rules *rules, const struct bar_fill_order *order,
                      decimal open, struct bar_fill_price *out);
/* Inside the bar: a stop, or a stop-limit that is triggered there. */
bool bar_fill_of_stop(const struct bar_fill_rules *rules, const struct bar_fill_order *order,
                      const struct bar *bar, struct bar_fill_price *out);
/* Inside the bar: a limit that rests. */
bool bar_fill_of_limit(const struct bar_fill_rules *rules, const struct bar_fill_order *order,
                       const struct bar *bar, struct bar_fill_price *out);

#endif
