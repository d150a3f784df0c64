/* A simulated exchange with one account: order books with synthetic crowds in
 * them, the rules of the products, balances, holds, margin, fees and funding.
 *
 * Everything happens at once and in order: calls take the time, which never goes
 * back, and tell a listener what came of it before they return. Latency, lost
 * messages and the like are not here (venue/mock.h adds them for an engine in
 * the same process). All orders and fills are kept, and are the truth that tests
 * and reports compare against.
 *
 * - The crowd never notices us: its mid, makers and takers follow from the seed alone. What we
 *   take is missing from the book until the makers' next step.
 * - A client id is an order for ever; sent again it places nothing and answers with that order.
 * - A market order that its funds cannot pay whole fills as far as they go.
 * - Futures whose equity falls below the maintenance margin are closed by the venue, with
 * orders that nobody here sent. Funding is paid at 00:00, 08:00 and 16:00 UTC. */
#ifndef VENUE_SIMULATOR_H
#define VENUE_SIMULATOR_H

#include "model/event.h"
#include "model/product.h"
#include "venue/admission.h"
#include "venue/catalogue.h"
#include "venue/ledger.h"

struct simulator;

enum sim_state { SIM_OPEN, SIM_FILLED, SIM_CANCELED, SIM_EXPIRED };

/* An order of the account, ours or external. */
struct sim_order {
    uint64_t number; /* 1 upwards, in order of acceptance */
    struct order_request request;
    venue_order_id venue_id;
    enum sim_state state;
    bool is_external;
    decimal filled, value, fees; /* totals */
    int fills;
    struct rejection end;      /* why it ended, other than filled; texts may be "" */
    struct rejection edit_end; /* why its last edit that had been taken came to nothing */
    nanos created, updated;
    nanos hidden_until; /* queries do not show it before */
};

struct sim_fill {
    struct fill fill; /* .order is the simulator's number */
    const struct sim_order *order;
};

enum sim_change { SIM_ACCEPTED, SIM_REPLACED, SIM_EDIT_REFUSED, SIM_ENDED };

/* Every member may be NULL. */
struct sim_listener {
    void *ctx;
    void (*on_order)(void *ctx, const struct sim_order *order, enum sim_change change);
    void (*on_fill)(void *ctx, const struct sim_fill *fill);
    void (*on_trade)(void *ctx, product_ref product, const struct trade *trade);
    void (*on_quote)(void *ctx, product_ref product, const struct quote *quote);
    void (*on_book)(void *ctx, product_ref product, const struct book_update *update);
    /* Money came or went other than by trading. */
    void (*on_balance)(void *ctx, const char *currency);
};

struct sim_setup {
    uint64_t seed;
    nanos start;              /* of the first move */
    nanos step;               /* between moves of the markets */
    struct fee_schedule fees; /* unless by volume */
    bool fees_by_volume;      /* the venue's tiers, by the account's volume of 30 days */
    decimal volume_30d;       /* what counts before the start */
    bool fills_at_touch;      /* orders fill whole, at once, at the touch; resting ones at their
                                 limit      when the touch comes there */
    nanos edit_span;          /* from an edit that is taken to its effect; 0: at once */
    bool refuses_duplicates;  /* answer a repeated client id with DUPLICATE_CLIENT_ORDER_ID */
    bool no_crowd;            /* empty books: a test is the market */
    nanos candle;             /* length of the candles that are kept; 0: none */
};

/* Borrows the products. A product that the catalogue does not know has no crowd. */
struct simulator *simulator_new(const struct product_table *products,
                                const struct sim_setup *setup,
                                const struct sim_listener *listener);
void simulator_free(struct simulator *sim);

void simulator_deposit(struct simulator *sim, const char *currency, decimal amount);

/* The answer to a request. */
struct sim_answer {
    bool is_taken;
    bool is_waiting;               /* an edit was taken, and what comes of it is told later */
    bool is_repeat;                /* the client id was there already; `order` is that order */
    const struct sim_order *order; /* NULL when there is none */
    struct rejection why;          /* when not taken */
};

struct sim_answer simulator_submit(struct simulator *sim, const struct order_request *request,
                                   nanos now);
/* Of somebody else on the same account. */
struct sim_answer simulator_submit_external(struct simulator *sim,
                                            const struct order_request *request, nanos now);
/* Either id may be empty. */
struct sim_answer simulator_cancel(struct simulator *sim, const client_order_id *client_id,
                                   const venue_order_id *venue_id, nanos now);
struct sim_answer simulator_amend(struct simulator *sim, const client_order_id *client_id,
                                  const venue_order_id *venue_id, decimal size,
                                  decimal limit_price, nanos now);

/* What would come of an order if it were placed now; it is not, and nothing changes. The query
 * is left zero. */
void simulator_preview(struct simulator *sim, const struct order_request *request, nanos now,
                       struct preview *out);

/* When something happens by itself next; INT64_MAX: never. */
nanos simulator_next_time(const struct simulator *sim);
/* Lets everything happen that is due, in order of time. */
void simulator_advance(struct simulator *sim, nanos now);

/* How many candles are kept of each product (venue/candles.h). */
void simulator_set_candles(struct simulator *sim, int limit);
/* The last candles, at most so many, oldest first, the one under way behind them; *out is
 * yours. How many. */
int simulator_candles(const struct simulator *sim, product_ref product, int max,
                      struct bar **out);

/* Reading */
const struct sim_order *simulator_find(const struct simulator *sim,
                                       const client_order_id *client_id,
                                       const venue_order_id *venue_id);
uint64_t simulator_order_count(const struct simulator *sim);
const struct sim_order *simulator_order_at(const struct simulator *sim, uint64_t index);
uint64_t simulator_fill_count(const struct simulator *sim);
const struct sim_fill *simulator_fill_at(const struct simulator *sim, uint64_t index);
const struct ledger *simulator_ledger(const struct simulator *sim);
struct fee_schedule simulator_fees(const struct simulator *sim);
decimal simulator_funding_paid(const struct simulator *sim); /* all since the start */
nanos simulator_now(const struct simulator *sim);

/* The market of a product; zeros where there is none. */
struct quote simulator_quote(const struct simulator *sim, product_ref product);
decimal simulator_last_price(const struct simulator *sim, product_ref product);
enum { SIM_BOOK_LEVELS = 16 };
/* The best levels of one side; returns how many. */
int simulator_book(const struct simulator *sim, product_ref product, enum side side,
                   struct book_update out[SIM_BOOK_LEVELS]);

/* Tells quotes and books anew, from a clearing on. */
void simulator_retell(struct simulator *sim);

/* For tests: queries do not show the order before `until`. */
void simulator_hide(struct simulator *sim, const struct sim_order *order, nanos until);
/* For tests: an order of nobody in particular; a limit rests if it can. */
void simulator_crowd_order(struct simulator *sim, product_ref product, enum side side,
                           enum order_type type, decimal size, decimal limit_price, nanos now);

/* Asserts that books, orders, fills and ledger agree. */
void simulator_check(const struct simulator *sim);

#endif
