/* What the files of the simulator share: simulator.c (orders and money),
 * simulator_market.c (what happens by itself), simulator_touch.c (fills at the
 * touch). Nobody else includes this. */
#ifndef VENUE_SIMULATOR_PRIVATE_H
#define VENUE_SIMULATOR_PRIVATE_H

#include "base/map.h"
#include "venue/candles.h"
#include "venue/matching.h"
#include "venue/simulator.h"
#include "venue/synth.h"

/* Owners in the books. Makers do not trade with makers; takers with anybody. */
enum { OWNER_ANYBODY, OWNER_MAKERS, OWNER_ACCOUNT };

struct order_record {
    struct sim_order order; /* first: a record is found from its order */
    struct ledger_claim claim;
    match_id match;    /* 0 where the book does not hold it */
    bool is_triggered; /* of stops: it waits no more */
    bool is_noted;     /* changed since the last save */
    nanos edit_due;    /* of the edit that waits; 0: none does */
    decimal edit_size, edit_limit_price;
    char *end_texts; /* of one that was loaded: what order.end points to */
};

/* While a file is loaded: who stood where in the book. */
struct sim_queue {
    struct sim_place *places;
    int count, room;
};

struct sim_market {
    struct matching *book;
    struct synth *synth; /* NULL: no crowd */
    match_id makers[SIDE_COUNT][SYNTH_LEVELS];
    decimal maker_prices[SIDE_COUNT][SYNTH_LEVELS];
    decimal maker_sizes[SIDE_COUNT][SYNTH_LEVELS];
    uint64_t trade_count;
    struct candles candles;
    struct quote quote; /* as last published */
    struct book_update levels[SIDE_COUNT][SIM_BOOK_LEVELS];
    int level_count[SIDE_COUNT];
    bool has_told_book;
    struct sim_queue queue;
    struct sim_book_ctx {
        struct simulator *sim;
        product_ref product;
    } ctx; /* of the book's listener */
};

enum { VOLUME_DAYS = 30 };

struct simulator {
    const struct product_table *products;
    struct sim_setup setup;
    struct sim_listener listener;
    struct ledger *ledger;
    struct sim_market markets[PRODUCTS_MAX];
    struct order_record **orders;
    uint64_t order_count, order_room;
    struct sim_fill *fills;
    uint64_t fill_count, fill_room;
    uint64_t *open; /* indices of open orders, oldest first */
    uint64_t open_count, open_room;
    struct map *by_client_id, *by_venue_id;
    uint64_t edits; /* that wait */
    decimal funding_paid;
    decimal volumes[VOLUME_DAYS]; /* by day, a ring */
    nanos now, next_step, next_funding;
    uint64_t liquidations;
    uint64_t *noted; /* indices of orders that changed since the last save */
    uint64_t noted_count, noted_room, fills_saved;
    bool has_deposit;
};

/* simulator.c */

const struct product *sim_product(const struct simulator *sim, product_ref product);
/* Books an execution of an order: totals, ledger, fee, truth; tells the listener. */
void sim_fill_order(struct simulator *sim, struct order_record *record, decimal price,
                    decimal size, enum liquidity liquidity);
/* Ends an order and gives back what it held; `end` is one of SIM_FILLED and the later. */
void sim_end_order(struct simulator *sim, struct order_record *record, enum sim_state end,
                   struct rejection why);
/* A new order, open, with its ids; and an execution that is booked already. */
struct order_record *sim_add_record(struct simulator *sim, const struct order_request *request,
                                    bool is_external);
void sim_add_fill(struct simulator *sim, const struct fill *fill);
/* Puts what is left of an order into the book, its claim is made. */
void sim_enter_book(struct simulator *sim, struct order_record *record);
/* Books of the market's book tell the simulator. */
void sim_on_trade(void *ctx, const struct match_trade *trade);
void sim_on_end(void *ctx, match_id id, uint64_t tag, uint32_t owner, enum match_end end);
void sim_move_time(struct simulator *sim, nanos now);
/* After anything that may have traded: reduce-only orders without a position end, the market's
 * new picture is told. */
void sim_settle_down(struct simulator *sim, product_ref product);
/* An order of the venue itself or of somebody else. */
struct sim_answer sim_submit_as(struct simulator *sim, const struct order_request *request,
                                bool is_external, nanos now);

struct order_record *sim_record_of(struct simulator *sim, const struct sim_order *order);
void sim_tell_order(struct simulator *sim, const struct sim_order *order,
                    enum sim_change change);
/* Every check of the venue, in its order; reserves the funds when all is well. */
bool sim_admit(struct simulator *sim, const struct order_request *request,
               struct ledger_claim *claim, struct rejection *why);
bool sim_would_take(const struct simulator *sim, const struct order_request *request);

/* simulator_edit.c */

/* The order ends, or cannot be edited any more (`why`): a waiting edit is refused. */
void sim_drop_edit(struct simulator *sim, struct order_record *record,
                   const struct rejection *why);
nanos sim_next_edit(const struct simulator *sim);
void sim_edit_due(struct simulator *sim);

/* simulator_market.c */

void sim_open_markets(struct simulator *sim);
void sim_close_markets(struct simulator *sim);
/* Tells quotes and levels that have changed. */
void sim_publish(struct simulator *sim, product_ref product);

/* simulator_keep.c */

/* It has changed, and belongs into the next save. */
void sim_note_order(struct simulator *sim, struct order_record *record);

/* simulator_queue.c */

struct json_doc;
struct json_writer;
/* Whether there is anything to be said of the queues of a product's book. */
bool sim_has_queue(const struct simulator *sim, product_ref product);
void sim_save_queue(const struct simulator *sim, product_ref product, struct json_writer *w);
/* False when it is not such a list. */
bool sim_load_queue(struct simulator *sim, product_ref product, const struct json_doc *doc,
                    int places);
/* All open orders enter the books, those first whose places are known. */
void sim_restore_queues(struct simulator *sim);
void sim_clear_queue(struct sim_queue *queue);

/* simulator_touch.c */

/* Fills the open orders of a product that the touch has reached. */
void sim_touch_orders(struct simulator *sim, product_ref product);
void sim_touch_order(struct simulator *sim, struct order_record *record, bool is_new);
/* Ends the orders whose time has come, where no book does it. */
void sim_touch_expire(struct simulator *sim);

#endif
