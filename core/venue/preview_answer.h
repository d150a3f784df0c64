/* What venues of our own answer to an order preview: the figures that follow from
 * how the order would fill, and the venue's reasons against it.
 *
 * Fields as in the venue's response (protocol.md 4.7). That a buy's total has the
 * commission in it and a sell's has it taken off, and that slippage is the share by
 * which the average is worse than the best price, is how its sample and its screens
 * read; neither is documented. */
#ifndef VENUE_PREVIEW_ANSWER_H
#define VENUE_PREVIEW_ANSWER_H

#include "model/event.h"
#include "model/product.h"
#include "venue/admission.h"

/* How an order would fill if it came now. */
struct preview_fills {
    decimal taken, taken_value; /* at once, out of the book; the value in quote units */
    decimal rest;               /* what stays for later */
    decimal rest_price;         /* and the price that it is reckoned at */
    bool rest_takes;            /* it will pay a taker's fee: a stop */
};

/* The money of *out. Its best bid and ask are the caller's to set before; the query, the id and
 * the reason are left alone. */
void preview_answer_fill(const struct product *product, const struct order_request *request,
                         const struct fee_schedule *fees, const struct preview_fills *fills,
                         struct preview *out);

/* The PreviewFailureReason of what a create would be refused with. A table: many are the name
 * of the other with PREVIEW_ before it, but not all. */
const char *preview_answer_reason(const struct product *product, const struct rejection *why);

#endif
