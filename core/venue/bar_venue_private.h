/* What the files of the bar venue share: bar_venue.c (orders and bars),
 * bar_venue_port.c (what the engine asks), bar_venue_report.c (what it is told).
 * Nobody else includes this. */
#ifndef VENUE_BAR_VENUE_PRIVATE_H
#define VENUE_BAR_VENUE_PRIVATE_H

#include "base/map.h"
#include "venue/admission.h"
#include "venue/bar_fill.h"
#include "venue/bar_venue.h"

enum bar_order_state { BAR_WORKING, BAR_FILLED, BAR_CANCELED, BAR_EXPIRED };

struct bar_order {
    struct order_request request;
    venue_order_id venue_id;
    uint64_t number;
    enum bar_order_state state;
    decimal filled, value, fees;
    uint64_t fills;
    struct ledger_claim claim;
    nanos updated;
    nanos placed;      /* or edited, last */
    bool came_in_bar;  /* after the open of the bar that is running */
    bool is_late;      /* placed when that bar had begun, though the bar was seen only later */
    bool takes;        /* a limit that came to trade at once */
    bool is_triggered; /* a stop whose price was reached */
    struct bar_order *next, *previous;
};

/* What is known of one product. */
struct bar_desk {
    struct bar_order *first, *last;
    bool is_future;
    bool in_bar;         /* opened, and not yet closed */
    decimal price;       /* the last that was seen: open, then close; zero: none */
    decimal reached;     /* where the market is inside the bar just now; zero: nobody says */
    decimal room;        /* what may still fill in this bar */
    bool has_room_limit; /* else any size may */
    bool stopped[SIDE_COUNT]; /* a stop of this side filled inside this bar */
};

/* A fill with the names of its order, which may be forgotten first. */
struct kept_fill {
    client_order_id client_id;
    venue_order_id venue_id;
    struct fill fill;
};

struct bar_venue {
    const struct product_table *products;
    struct bar_venue_settings settings;
    struct bar_fill_rules rules;
    struct bus *bus;
    struct ledger *ledger;
    struct map *by_client_id;
    struct bar_desk desks[PRODUCTS_MAX];
    nanos now;
    uint64_t order_count, fill_count, final_count; /* since the start */
    int open_orders;
    struct bar_order *free_slots;
    struct bar_order *finals[BAR_VENUE_KEPT]; /* rings, by count */
    struct kept_fill *fills;
    nanos orders_forgotten, fills_forgotten; /* up to this time */
};

/* bar_venue.c */

const struct product *bar_product(const struct bar_venue *venue, product_ref product);
/* Size that a reduce-only order of this side can close; zero: nothing. */
decimal bar_reducible(const struct bar_venue *venue, const struct order_request *request);
bool bar_must_reduce(const struct bar_venue *venue, const struct order_request *request);
/* Copies the request into a new working order. */
struct bar_order *bar_order_add(struct bar_venue *venue, const struct order_request *request,
                                const struct ledger_claim *claim, bool takes);
void bar_order_cancel(struct bar_venue *venue, struct bar_order *order,
                      const struct rejection *why);
/* Fills what a single price fills. */
void bar_order_meet(struct bar_venue *venue, struct bar_order *order, decimal price);

/* bar_venue_report.c */

/* About an order; `why` may be NULL. */
void bar_report(struct bar_venue *venue, enum report_kind kind, const struct bar_order *order,
                const struct rejection *why);
/* About an order that is not there. */
void bar_report_absent(struct bar_venue *venue, enum report_kind kind, product_ref product,
                       const client_order_id *client_id, const struct rejection *why,
                       uint64_t query);
void bar_report_fill(struct bar_venue *venue, const struct kept_fill *kept, uint64_t query);
void bar_report_replaced(struct bar_venue *venue, const struct bar_order *order);
/* The answer of a query: state and totals. */
void bar_report_state(struct bar_venue *venue, const struct bar_order *order, uint64_t query);
void bar_report_balance(struct bar_venue *venue, const char *currency, uint64_t query);
void bar_report_holding(struct bar_venue *venue, product_ref product, uint64_t query);
void bar_report_answer(struct bar_venue *venue, uint64_t query, bool is_complete);

#endif
