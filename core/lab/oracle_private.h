/* What the files that together are the oracle share: oracle.c (requests and the
 * venue's truth), oracle_limits.c (V6) and oracle_settled.c (what holds once all
 * is quiet). */
#ifndef LAB_ORACLE_PRIVATE_H
#define LAB_ORACLE_PRIVATE_H

#include "engine/oms.h"
#include "lab/oracle.h"

struct map;

struct sent {
    client_order_id client_id;
    order_number number;
    product_ref product;
    enum side side;
    decimal size;
    nanos time;
    bool is_at_venue;
};

/* A cycle in which all that was held had a price. */
struct equity_mark {
    uint64_t sequence; /* of the fact */
    nanos time;
    decimal equity;
};

enum { LOSSES_KEPT = 16 };

/* What the fills in the journal add up to, as far as they were looked at. */
struct journal_sum {
    size_t marks; /* of the tape */
    decimal size[PRODUCTS_MAX];
    decimal flow[PRODUCTS_MAX]; /* money in and out since the product was last flat */
    bool is_told[PRODUCTS_MAX]; /* a reconciliation put it there: its cost is not known */
    int64_t losses_in_row;
    uint64_t lost_at[LOSSES_KEPT]; /* the facts of the last of them, a ring */
    uint64_t at;                   /* the fact that is added */
    decimal day_start;             /* equity; the last baseline */
    nanos day;
    nanos resumed; /* when an operator last did */
};

struct oracle {
    struct oracle_setup setup;
    const struct engine *engine;
    struct map *sent_by_id;
    struct sent **sent; /* distinct client ids, oldest first */
    size_t sent_count, sent_room;
    struct sent **active; /* those of them that work or may still arrive */
    size_t active_count, active_room;
    uint64_t orders_seen, fills_seen;
    decimal positions[PRODUCTS_MAX]; /* by the venue's fills */
    decimal ours[PRODUCTS_MAX];      /* by those of orders that the engine sent */
    decimal bought[PRODUCTS_MAX], sold[PRODUCTS_MAX]; /* by somebody else */
    bool is_shared[PRODUCTS_MAX];                     /* he has traded it */
    decimal cash;                                     /* without funding */
    bool is_halted, is_flattening;                    /* by an operator */
    size_t canceled_count; /* of those sent, as many were to be canceled */
    struct journal_sum sum;
    size_t marks_seen; /* that were held against the venue's fills */
    uint64_t cuts;     /* of the tape, when it was last added up */
    struct equity_mark *equities;
    size_t equity_count, equity_room;
    char violation[FAULT_TEXT_MAX];
};

/* The engine's open orders that were decided on no later than this one. */
struct standing {
    const struct order *order;    /* itself */
    decimal buys, sells, offered; /* of the product, without it */
    int open;                     /* of all products, without it */
    bool is_doubtful;             /* an unknown outcome of its product and side */
};

static inline const struct product *oracle_product(const struct oracle *oracle,
                                                   product_ref product)
{
    return &oracle->setup.products->items[product];
}

decimal oracle_value_of(const struct oracle *oracle, product_ref product, decimal size,
                        decimal price);

/* What leaves and does not only reduce: an order, or an edit of one. */
struct send {
    const struct order_request *request; /* an edit's as it would be */
    const struct order *order;
    order_number until; /* orders up to here were there when it was decided */
    int open;           /* of them, without itself */
    uint64_t
        previewed; /* the fact after which it was decided to send it; 0: all that is told */
    bool is_edit;
    nanos now;
};

/* V6: every limit has to be kept, itself included. */
void oracle_check_limits(struct oracle *oracle, const struct send *send);
/* V6: sizes of positions, at the venue. */
void oracle_check_sizes(struct oracle *oracle);
/* V8: equity by the oracle's own sum; false while something has no price. */
bool oracle_equity(const struct oracle *oracle, decimal *out);
/* Adds up what the journal has got since. */
void oracle_sum_journal(struct oracle *oracle);

#endif
