/* Port: a place that takes orders. Every call returns at once; what came of it
 * arrives later as events on the bus. A call may also lead to no event at all:
 * answers get lost, and the engine has deadlines of its own for that.
 *
 * The contract every adapter keeps:
 *   - submit places at most one order per client id, however often it is called with it
 *   - an answer is REPORT_REJECTED, _CANCEL_REFUSED or _NOT_FOUND only if the venue said so
 *     itself; a timeout, a broken connection, a 5xx or an unreadable body is REPORT_LOST, with
 *     its errand and its outcome
 *   - that a cancel was taken is REPORT_CANCEL_TAKEN; the end of the order comes by itself
 *   - fills come with ids, or as cumulative totals, or both; repeated and out of order
 *   - a query ends with EVENT_ANSWER carrying its number, complete or not
 *   - a preview is a query: it places nothing, and may be asked again
 *   - what it learns of the venue's clock and of its own budget of requests it tells as
 *     EVENT_GAUGE, at least once a minute */
#ifndef ENGINE_VENUE_H
#define ENGINE_VENUE_H

#include <stdint.h>

#include "model/order.h"

struct venue_amend {
    client_order_id client_id;
    venue_order_id venue_id;
    decimal size;        /* new total size */
    decimal limit_price; /* new limit */
};

struct venue_port {
    void *ctx;
    const char *name;
    bool can_amend; /* of limit GTC orders; otherwise the engine cancels and replaces */

    void (*submit)(void *ctx, const struct order_request *request);
    void (*cancel)(void *ctx, const client_order_id *client_id, const venue_order_id *venue_id);
    void (*amend)(void *ctx, const struct venue_amend *amend);

    /* One order, by our id and, if known, the venue's: a report or REPORT_NOT_FOUND. */
    void (*query_order)(void *ctx, uint64_t query, const client_order_id *client_id,
                        const venue_order_id *venue_id);
    /* Every order that works now or was touched since: reports REPORT_WORKING and the like with
     * totals. */
    void (*query_orders)(void *ctx, uint64_t query, nanos since);
    /* Every fill since: REPORT_FILL with has_fill. */
    void (*query_fills)(void *ctx, uint64_t query, nanos since);
    /* Balances and positions: EVENT_BALANCE and EVENT_HOLDING. */
    void (*query_account)(void *ctx, uint64_t query);
    /* What would come of this order if it were placed now: EVENT_PREVIEW. NULL: the venue does
     * not say. */
    void (*preview)(void *ctx, uint64_t query, const struct order_request *request);
};

#endif
