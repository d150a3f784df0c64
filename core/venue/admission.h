/* What a venue checks before it takes an order or an edit: the state of the
 * product, the configuration, precision, bounds, stop prices; with the venue's
 * own reasons for a refusal. Funds, duplicates and post-only crossing are
 * checked by whoever holds the balances, the ids and the book. */
#ifndef VENUE_ADMISSION_H
#define VENUE_ADMISSION_H

#include "model/order.h"
#include "model/product.h"

/* Static texts: the venue's code and its words. */
struct rejection {
    const char *reason, *text;
};

extern const struct rejection rejection_funds, rejection_post_only, rejection_duplicate,
    rejection_no_liquidity, rejection_reduce_flat, rejection_reduce_size;

/* True when the order may be taken. `last` is the price of the last trade, zero when there was
 * none: then band, stop side and the value of market orders are not checked. */
bool admission_check(const struct product *product, const struct order_request *request,
                     decimal last, nanos now, struct rejection *why) MUST_CHECK;

/* Whether a working order of which `filled` is filled may be changed to this total size and
 * limit price. */
bool admission_check_edit(const struct product *product, const struct order_request *request,
                          decimal filled, decimal size, decimal limit_price, decimal last,
                          struct rejection *why) MUST_CHECK;

#endif
