/* The book of a matching engine, for the files that together are it: who rests at
 * which price, behind whom, and which stops wait. Nothing trades here; that is
 * matching.c, and matching_read.c looks. Nobody else includes this. */
#ifndef VENUE_MATCH_BOOK_H
#define VENUE_MATCH_BOOK_H

#include "venue/matching.h"

enum place { PLACE_FREE, PLACE_ENTERING, PLACE_RESTING, PLACE_WAITING };

enum { NO_ORDER = -1, ROOM_MIN = 16 };

struct entry {
    struct match_order order;
    decimal remaining, filled;
    decimal budget; /* left */
    uint64_t sequence;
    uint32_t uses; /* of this place of the pool */
    int next, previous;
    enum place place;
};

struct level {
    decimal price, size;
    int first, last;
    int count;
};

struct ladder {
    struct level *levels; /* worst first, best last */
    int count, room;
};

/* Stops that wait, the next to be triggered last. */
struct waiting {
    int *entries;
    int count, room;
};

struct matching {
    struct match_listener listener;
    struct entry *pool;
    int pool_count, pool_room, first_free;
    struct ladder sides[SIDE_COUNT];
    struct waiting stops[SIDE_COUNT];
    uint64_t sequence;
    decimal last_price;
    int dated; /* orders with an expiry */
    nanos next_expiry;
    bool is_busy; /* a listener is being told */
};

/* Whether `a` stands before `b` on a side of the book. */
static inline bool match_is_better(enum side side, decimal a, decimal b)
{
    return side == SIDE_BUY ? decimal_is_less(b, a) : decimal_is_less(a, b);
}

static inline bool match_has_limit(const struct entry *entry)
{
    return entry->order.type == ORDER_LIMIT || entry->order.type == ORDER_STOP_LIMIT;
}

static inline bool match_is_stop(const struct match_order *order)
{
    return order->type == ORDER_STOP || order->type == ORDER_STOP_LIMIT;
}

/* Whether an order of this side and limit trades with a resting order at `price`. */
static inline bool match_crosses(enum side side, decimal limit, decimal price)
{
    return !match_is_better(side, price, limit);
}

/* A new order, in no place yet; its index in the pool. */
int match_book_add(struct matching *book, const struct match_order *order);
/* Frees the place of one that is in no queue any more, and tells its end. */
void match_book_end(struct matching *book, int index, enum match_end end);
match_id match_book_id(const struct matching *book, int index);
/* NO_ORDER when the id is stale or was never given. */
int match_book_locate(const struct matching *book, match_id id);

/* NULL when the side is empty. */
struct level *match_book_best(const struct matching *book, enum side side);
bool match_book_would_take(const struct matching *book, enum side side, decimal limit);
/* Where the level of this price is or belongs. */
int match_level_position(const struct ladder *ladder, enum side side, decimal price);
/* To the end of the queue at its limit. */
void match_book_rest(struct matching *book, int index);
/* Takes an order out of its queue; `level` is its own. */
void match_book_unlink(struct matching *book, struct level *level, int index);
void match_book_unrest(struct matching *book, int index);

void match_book_add_stop(struct matching *book, int index);
void match_book_remove_stop(struct matching *book, int index);
/* The stop to be triggered next, NO_ORDER when the last price reached none. */
int match_book_pop_stop(struct matching *book);

#endif
