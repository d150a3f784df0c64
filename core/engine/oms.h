/* The order management system: every order the engine knows, by number, by our
 * id and by the venue's, with the funds that open ones hold.
 *
 * State changes only: facts are applied here, nothing is decided. Final orders
 * are kept for late fills and questions; oms_forget_old lets those go that ended
 * first.
 * Invariants, checked by oms_check:
 *   M1  an order is in the open list exactly while it counts (model/order.h): its state is
 *       open, or it waits for the venue's preview
 *   M2  the portfolio's holds equal the sum of the open orders' holds
 *   M3  no two orders share a client id, no two share a venue id */
#ifndef ENGINE_OMS_H
#define ENGINE_OMS_H

#include "model/event.h"
#include "model/order.h"
#include "model/portfolio.h"

struct oms;

/* Final orders to be kept, and for how long. Where cycles follow bars the venue has said all
 * there is to say by the end of the turn, and what is kept is to stay in the processor's cache.
 */
enum { ORDERS_KEPT = 1024, ORDERS_KEPT_BY_BARS = 16 };
#define ORDERS_KEPT_FOR HOURS(6)

/* Borrows both. `taker_rate` is the fee that funds are held for. */
struct oms *oms_new(const struct product_table *products, struct portfolio *portfolio,
                    decimal taker_rate);
void oms_free(struct oms *oms);

/* Copies the order in. Asserts that number and client id are new. */
const struct order *oms_add(struct oms *oms, const struct order *order);
/* The number the next order gets: one more than the highest ever seen. */
order_number oms_next_number(const struct oms *oms);
/* No order below this is kept; of those between the two some may be forgotten. */
order_number oms_first_number(const struct oms *oms);

/* Moves an order along the table and keeps holds, lists and indices right. `venue_id` may be
 * empty. False when the table has no such arrow: nothing changed. */
bool oms_apply(struct oms *oms, order_number number, enum order_event event,
               const venue_order_id *venue_id, nanos time) MUST_CHECK;
/* Books an execution on its order. False as above. */
bool oms_apply_fill(struct oms *oms, const struct fill *fill) MUST_CHECK;
/* An execution that the order has no arrow for: money changed hands all the same, so its id is
 * kept and it is never booked twice; the order stays as it was. */
void oms_note_fill(struct oms *oms, const struct fill *fill);
/* The venue changed size and price: terms and state in one step. False as above. */
bool oms_amend(struct oms *oms, order_number number, decimal size, decimal limit_price,
               nanos time) MUST_CHECK;
/* We are about to ask for new terms. False as above. */
bool oms_ask_amend(struct oms *oms, order_number number, const struct order_change *change,
                   nanos time) MUST_CHECK;

/* Whether a fill of this id was booked on the order before. Of the ids hashes are kept: 64
 * bits, one order's few fills apart. */
bool oms_has_fill(const struct oms *oms, order_number number, const fill_id *id);
/* All of them in the order of booking, borrowed until the next; and one more, out of a
 * snapshot.
 */
const uint64_t *oms_fills(const struct oms *oms, order_number number, int *count);
void oms_know_fill(struct oms *oms, order_number number, uint64_t hash);

/* What is booked from cumulative totals alone; and see order_explain, which also makes the
 * execution's id known. */
struct inferred oms_inferred(const struct oms *oms, order_number number);
void oms_explain(struct oms *oms, const struct fill *fill);

/* A cancel that cannot be asked for yet is kept as a wish until it can: one that was wished for
 * (FACT_WISH), and one that was asked for and whose answer got lost. */
void oms_want_cancel(struct oms *oms, order_number number, bool is_lasting);
bool oms_wants_cancel(const struct oms *oms, order_number number);
/* Whether the wish lasts until the order has ended, however often the venue refuses. */
bool oms_must_end(const struct oms *oms, order_number number);
/* Counts how often the venue would not cancel it. Not a fact. */
int oms_refuse_cancel(struct oms *oms, order_number number);

/* Of one that waits for its preview: funds and exposure are reserved at this price from now on.
 */
void oms_reprice(struct oms *oms, order_number number, decimal price);
/* An order that waits counts nowhere any more, so that it can pass the pipeline once more as if
 * it were new. Not a fact: it is sent, or ends, before anything else happens. */
void oms_set_aside(struct oms *oms, order_number number);

/* The last listing (its query) that showed the order. Not a fact. */
void oms_see(struct oms *oms, order_number number, uint64_t query);
uint64_t oms_seen(const struct oms *oms, order_number number);

/* NULL when unknown. Borrowed; stays valid until the order is forgotten. */
const struct order *oms_find(const struct oms *oms, order_number number);
const struct order *oms_find_client(const struct oms *oms, const client_order_id *id);
const struct order *oms_find_venue(const struct oms *oms, const venue_order_id *id);

/* Orders that count, oldest first. Borrowed until the next change. */
int oms_open_count(const struct oms *oms);
const struct order *const *oms_open(const struct oms *oms);

/* The order that a number means to whoever placed it: the last one of its chain that is open;
 * NULL when none is. */
const struct order *oms_find_logical(const struct oms *oms, order_number number);

/* What the open orders of one side of a product may still fill. */
decimal oms_working_size(const struct oms *oms, product_ref product, enum side side);
/* Of that, what orders of others make up. */
decimal oms_external_size(const struct oms *oms, product_ref product, enum side side);
/* Value of all that works and could enlarge a position, at reserved prices; PRODUCT_NONE:
 * everywhere. */
decimal oms_working_value(const struct oms *oms, product_ref product);
/* What one order counts there. */
decimal oms_value_of(const struct oms *oms, const struct order *order);
/* Funds an order would hold if it worked, and of which currency. */
decimal oms_hold_of(const struct oms *oms, const struct order *order, const char **currency);

/* Forgets the final orders that ended first, but for `kept` of those that were sent and as many
 * that never were: the venue still has words for the first alone. Pointers to them are void
 * then. */
void oms_forget_old(struct oms *oms, int kept);
/* Also of those that were sent the ones that ended before, though there is room. */
void oms_forget_before(struct oms *oms, nanos time);

void oms_check(const struct oms *oms);

#endif
