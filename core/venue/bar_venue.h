/* The venue of a backtest: it has nothing but bars, and fills orders from them
 * in ways that can be stated and are never better than what the bar proves.
 *
 * For each bar of a product, in this order:
 *
 *     bar_venue_open_bar(venue, product, &bar);    at bar.start: what trades at the open
 *     engine_turn(engine, bar.start, ...);
 *     bar_venue_close_bar(venue, product, &bar);   at its end: what traded inside it
 *     push EVENT_BAR, engine_turn(engine, bar.start + bar.interval, ...);
 *
 * - Market orders fill at the open of the next bar, exactly (BAR_FILL_OPEN), or at the close of
 *   the bar that decided (BAR_FILL_CLOSE). Slippage is added only when configured.
 * - Stops: a bar that opens beyond the stop fills at the open; else the stop price. Stops that
 *   came after the open, to protect what was bought there, count in that same bar: the market
 *   may have gone there.
 * - Limits: a bar that opens through the limit fills at the open; else the bar must trade one
 *   price step through it (`limit_touch`: reach it), and fills at the limit. Never in the bar
 *   in which they came: the good price may be older than they are.
 * - Stop and limit: when a stop filled inside a bar, limits of its side do not fill in that
 *   bar. Of two exits the worse came first, and the other can still be taken back.
 * - Exits that the engine holds trade inside the bar at the price that lab/bar_walk.h says was
 *   reached.
 * - Participation: that share of a bar's volume is all that fills in it. What is left waits for
 *   the next bar, also of market orders; IOC and FOK limits end.
 * - Funds: a market buy that the open has made too expensive fills as far as the funds go, and
 *   the rest is canceled.
 *
 * Orders are checked against the rules of the product and the account's funds, and refused with
 * the venue's reasons. Final orders and fills are remembered until BAR_VENUE_KEPT newer ones
 * are there; a query that asks for more gets an incomplete answer. */
#ifndef VENUE_BAR_VENUE_H
#define VENUE_BAR_VENUE_H

#include "engine/bus.h"
#include "engine/venue.h"
#include "model/product.h"
#include "venue/ledger.h"

struct bar_venue;

enum bar_fill { BAR_FILL_OPEN, BAR_FILL_CLOSE };

struct bar_venue_settings {
    enum bar_fill market_fill;
    struct fee_schedule fees;
    decimal slippage_bps;  /* what takers pay beyond the price; zero: none */
    decimal participation; /* share of a bar's volume, 0..1; zero: no limit */
    bool limit_touch;
};

enum { BAR_VENUE_KEPT = 128 }; /* few enough to stay in the processor's cache */

/* Borrows the products. */
struct bar_venue *bar_venue_new(const struct product_table *products,
                                const struct bar_venue_settings *settings);
void bar_venue_free(struct bar_venue *venue);

/* Where reports go; before the first order. Borrowed. */
void bar_venue_connect(struct bar_venue *venue, struct bus *bus);
struct venue_port bar_venue_port(struct bar_venue *venue);
void bar_venue_deposit(struct bar_venue *venue, const char *currency, decimal amount);

/* What is ordered from here on is ordered at this time; earlier times change nothing. Bars move
 * it too. An order that was placed after a bar had begun, on what another product or a trade
 * showed, does not trade in that bar. */
void bar_venue_move_time(struct bar_venue *venue, nanos now);
void bar_venue_open_bar(struct bar_venue *venue, product_ref product, const struct bar *bar);
/* Market orders that come now trade at this price, at once: the bar has reached it, as an exit
 * found that was decided on before the bar began. Zero ends that. */
void bar_venue_reach(struct bar_venue *venue, product_ref product, decimal price);
void bar_venue_close_bar(struct bar_venue *venue, product_ref product, const struct bar *bar);

/* The venue's own books, and how many orders work there. */
const struct ledger *bar_venue_ledger(const struct bar_venue *venue);
int bar_venue_open_orders(const struct bar_venue *venue);

#endif
