/* A matching engine for one product: a book of single orders, best price first,
 * and at one price first come, first served.
 *
 * Pure: it has no clock, draws nothing, knows neither money nor fees, and the
 * same calls give the same trades. What happens is told to a listener while the
 * call runs; a listener must not call back into the book.
 *
 * - A trade happens at the price of the order that rested.
 * - Stops wait outside the book until a trade is at or beyond their price; then they enter it
 * as market or limit orders, after the order whose trade it was is done: buys by rising price,
 *   then sells by falling price, equal prices by age.
 * - Market, IOC and FOK orders never rest. FOK fills whole or not at all. Post-only orders
 * never take: one that would is not accepted.
 * - Orders of one owner do not trade with each other: where they would meet, the newer one ends
 *   (the venue's self-trade prevention cancels the newest).
 * - An edit that only makes an order smaller keeps its place; any other loses it. */
#ifndef VENUE_MATCHING_H
#define VENUE_MATCHING_H

#include "base/attr.h"
#include "model/order.h"

struct matching;

typedef uint64_t match_id; /* never used twice; 0 is none */

struct match_order {
    uint64_t tag;   /* the caller's name for it; told to the listener */
    uint32_t owner; /* 0: nobody in particular, trades with anybody */
    enum side side;
    enum order_type type;
    enum time_in_force tif;
    bool post_only;
    decimal size;        /* > 0; of a market buy with a budget zero means any */
    decimal filled;      /* of it already, before it enters */
    decimal limit_price; /* of limit and stop-limit orders */
    decimal stop_price;  /* of stop and stop-limit orders */
    nanos expires;       /* of GTD orders */
    decimal budget;      /* of buys: the most that may be spent; zero: no limit */
    decimal size_step;   /* sizes cut by the budget are multiples of this; zero: of anything */
};

struct match_trade {
    match_id maker, taker;
    uint64_t maker_tag, taker_tag;
    uint32_t maker_owner, taker_owner;
    enum side taker_side;
    decimal price, size;
};

enum match_end {
    MATCH_END_FILLED,
    MATCH_END_CANCELED,   /* asked to */
    MATCH_END_EXPIRED,    /* its time ran out */
    MATCH_END_UNMATCHED,  /* must not rest, and found no more to trade with */
    MATCH_END_SELF_TRADE, /* would have traded with its owner */
    MATCH_END_BUDGET,     /* spent all that it might */
    MATCH_END_COUNT
};

const char *match_end_name(enum match_end end); /* "self_trade" */

struct match_listener {
    void *ctx;
    void (*on_trade)(void *ctx, const struct match_trade *trade);
    /* The order is no more. After its last trade. */
    void (*on_end)(void *ctx, match_id id, uint64_t tag, uint32_t owner, enum match_end end);
};

struct matching *matching_new(const struct match_listener *listener);
void matching_free(struct matching *book);

/* Sets *out first, then tells trades and end. False: a post-only order that would take; nothing
 * happened. */
bool matching_submit(struct matching *book, const struct match_order *order,
                     match_id *out) MUST_CHECK;
/* False: there is no such order any more. */
bool matching_cancel(struct matching *book, match_id id);

enum match_amend {
    MATCH_AMENDED,
    MATCH_AMEND_ABSENT,
    MATCH_AMEND_FILLED,    /* that much is filled already */
    MATCH_AMEND_POST_ONLY, /* it would take */
};
/* `size` is the new total, what is filled included. Only orders that rest or wait. */
enum match_amend matching_amend(struct matching *book, match_id id, decimal size,
                                decimal limit_price) MUST_CHECK;

/* Ends the orders whose time has come, by time, then age. */
void matching_expire(struct matching *book, nanos now);
/* When that is next due; INT64_MAX: never. */
nanos matching_next_expiry(const struct matching *book);

/* What rests. Levels of a side, 0 the best. */
struct match_level {
    decimal price, size;
    int orders;
};
int matching_depth(const struct matching *book, enum side side);
struct match_level matching_level(const struct matching *book, enum side side, int index);
/* Zeros when the side is empty. */
struct match_level matching_best(const struct matching *book, enum side side);
/* Of the last trade, zero before the first; a book may be opened at a price. */
decimal matching_last_price(const struct matching *book);
void matching_set_last_price(struct matching *book, decimal price);

struct match_view {
    decimal remaining, filled;
    decimal limit_price;
    uint64_t sequence; /* its age in the book: the smaller came first */
    decimal ahead;     /* what rests before it at its price; zero while a stop waits */
    bool is_waiting;   /* a stop that is not triggered */
};
bool matching_find(const struct matching *book, match_id id, struct match_view *out) MUST_CHECK;

/* Asserts the order of levels and queues, that sizes add up, and that the book is not crossed.
 */
void matching_check(const struct matching *book);

#endif
