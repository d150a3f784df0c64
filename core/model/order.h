/* An order: what was asked, and what has become of it.
 *
 * `order_apply` and its two companions are the only functions that move an order
 * from state to state (model/order_state.h has the table). Invariants, checked by order_check:
 *   O1  0 <= filled; overfill is what of it exceeds the size, normally zero
 *   O2  filled >= size in FILLED and nowhere else; filled > 0 in
 *       PARTIALLY_FILLED; filled = 0 in NEW and REJECTED
 *   O3  DENIED and INITIALIZED orders have no venue id and no fills; of them O1 and O2 say
 *       nothing, since a wish that is refused may be for a size of zero
 *   O4  size and limit price change by a replace, the rest of the request never
 *   O5  lost_since is zero but in UNKNOWN
 *   O6  an edit is asked for in open states alone, and while it is, the order is full only
 *       when the larger of both sizes is
 *   O7  only what is INITIALIZED waits for a preview
 */
#ifndef MODEL_ORDER_H
#define MODEL_ORDER_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/fill.h"
#include "model/ids.h"
#include "model/order_state.h"
#include "model/side.h"

enum order_type {
    ORDER_MARKET,
    ORDER_LIMIT,
    ORDER_STOP,       /* a market order once the last trade reaches the stop price */
    ORDER_STOP_LIMIT, /* a limit order once the last trade reaches the stop price */
    ORDER_TYPE_COUNT
};

enum time_in_force { TIF_GTC, TIF_GTD, TIF_IOC, TIF_FOK, TIF_COUNT };

/* Who asked. Every origin passes the same pipeline. */
enum order_origin {
    ORIGIN_STRATEGY,
    ORIGIN_OPERATOR,
    ORIGIN_FLATTEN,
    ORIGIN_REPL,
    ORIGIN_EMULATION, /* a stop, bracket leg or trailing stop that the engine holds */
    ORIGIN_EXTERNAL,  /* not ours: found at the venue */
    ORIGIN_COUNT
};

const char *order_type_name(enum order_type type);       /* "market", "stop_limit" */
const char *time_in_force_name(enum time_in_force tif);  /* "gtc" */
const char *order_origin_name(enum order_origin origin); /* "strategy" */
bool order_type_parse(const char *text, enum order_type *out);
bool time_in_force_parse(const char *text, enum time_in_force *out);
bool order_origin_parse(const char *text, enum order_origin *out);

enum { ORDER_REASON_MAX = 160 };

/* What is asked of the venue. Plain data. */
struct order_request {
    client_order_id client_id;
    product_ref product;
    enum side side;
    enum order_type type;
    enum time_in_force tif;
    bool post_only;
    bool reduce_only;
    decimal size;        /* base units or contracts, > 0 */
    decimal limit_price; /* of limit and stop-limit orders, else zero */
    decimal stop_price;  /* of stop and stop-limit orders, else zero */
    nanos expires;       /* of GTD orders, else zero */
};

/* What of an order's fills only cumulative totals have told (fill.is_inferred), and single
 * executions may still come to explain. Its money is a guess until then. */
struct inferred {
    decimal size, value, fee;
};

/* New terms that were asked for and are not known to hold. Until they do, or never will, funds
 * and exposure are reserved for the larger of both. */
struct order_change {
    decimal size; /* new total, what is filled included; zero: nothing is asked for */
    decimal limit_price, stop_price;
    nanos since;
    bool is_anew; /* by a cancel and an order in its place, not by an edit at the venue */
};

struct order {
    order_number number;
    order_number replaces; /* the order that ended so that this one could go on; 0: none */
    order_number logical;  /* the first of that chain, 0 in the first: together they are one */
    struct order_request request;
    enum order_origin origin;
    char strategy[STRATEGY_NAME_MAX];
    char reason[ORDER_REASON_MAX]; /* why it was wanted, in the script's words */

    venue_order_id venue_id; /* empty until known */
    enum order_state state;
    bool awaits_preview;  /* INITIALIZED, and of a size that is decided: see order_counts */
    decimal filled;       /* cumulative base units */
    decimal filled_value; /* cumulative quote units */
    decimal fees;         /* cumulative quote units */
    decimal overfill;     /* what the venue filled beyond the size; normally zero */
    struct inferred inferred;
    struct order_change asked;
    decimal reserved_price; /* price that funds and exposure are reserved at while it works */
    nanos created;
    nanos sent; /* the first time: where a search for it has to begin */
    nanos updated;
    nanos lost_since; /* since when its outcome is not known, else zero */
};

/* Checks that the combination makes sense (a limit has a price, GTD an expiry, post-only rests,
 * ...). ERR_REFUSED with a sentence. Pure; knows nothing of products. */
enum err order_request_validate(const struct order_request *request,
                                struct fault *why) MUST_CHECK;

/* Whether funds and exposure are reserved for it: it is open, or waits for the venue's preview
 * before it may leave. */
bool order_counts(const struct order *order);
/* Size not yet filled, never negative. */
decimal order_remaining(const struct order *order);
/* What may still fill, and at which price it counts, under the present terms or those asked
 * for, whichever is more. */
decimal order_exposed_size(const struct order *order);
decimal order_exposed_price(const struct order *order);
/* Whether an edit at the venue is under way, or may be. */
bool order_is_edited(const struct order *order);
/* filled_value / filled, contract size aside; zero when nothing is filled, or when the venue's
 * figures make no price. */
decimal order_average_price(const struct order *order);

/* Moves the order along the table. False, and the order byte-identical, when
 * the table has no such arrow (or, of a denial, when the venue was heard of it): the caller
 * reports an anomaly. Fills go through
 * order_apply_fill instead, and a replace with its new terms through
 * order_apply_replace. */
bool order_apply(struct order *order, enum order_event event, nanos time) MUST_CHECK;

/* Adds an execution and moves the order; the same false, also when the fill has
 * another product or side, no size, a negative value, or figures out of all
 * range. Whether this fill was seen before is the caller's knowledge. */
bool order_apply_fill(struct order *order, const struct fill *fill) MUST_CHECK;
/* Whether it would. */
bool order_takes_fill(const struct order *order, const struct fill *fill);

/* The change is about to be asked for: ORDER_EVENT_ASK_REPLACE, or ASK_CANCEL of one that is
 * made anew, and the terms in one; the same false. Asserts that no other one is under way. */
bool order_apply_ask(struct order *order, const struct order_change *change,
                     nanos time) MUST_CHECK;

/* The venue has changed the order: the new terms (size > 0 is the new total,
 * filled part included) and ORDER_EVENT_REPLACE in one; the same false. Made no
 * larger than what is filled, the order is FILLED. What was asked for is over when these are
 * its terms; so it is with a refusal, or with the end of the order. */
bool order_apply_replace(struct order *order, decimal size, decimal limit_price,
                         nanos time) MUST_CHECK;

/* An execution of at most the inferred size, which was booked with the totals: it takes its
 * size and money out of what is inferred; what money is left when no size is was a wrong guess,
 * and leaves the order's figures too. Or, inferred itself and of size zero, a correction of the
 * money by later totals. */
void order_explain(struct order *order, const struct fill *fill);

/* Asserts O1 to O3 and O5 to O7. */
void order_check(const struct order *order);

#endif
