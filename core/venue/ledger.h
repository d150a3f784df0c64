/* A venue's own books of one account: balances, what working orders hold of
 * them, and futures positions with their margin. Nothing of the engine's
 * portfolio is used, so that the two can be checked against each other.
 *
 * Spot: a buy holds price * size * (1 + rate) of the quote currency, a sell its
 * size of the base currency. Futures: no order holds anything by itself; margin
 * is asked for the larger of the positions that all working buys or all working
 * sells would lead to, at the mark, so that orders which reduce are free.
 *
 *   available = total - held - margin - unrealised losses
 *
 * Profits that are not realised are not available. Invariants, checked by
 * ledger_check:
 *   L1  held of a currency = sum of the amounts of its claims
 *   L2  0 <= held; and total >= held while no future has lost more than there was */
#ifndef VENUE_LEDGER_H
#define VENUE_LEDGER_H

#include <stdbool.h>

#include "base/attr.h"
#include "model/product.h"

struct ledger;

/* Borrows the table. */
struct ledger *ledger_new(const struct product_table *products);
void ledger_free(struct ledger *ledger);

/* Money from or to outside; negative takes away. */
void ledger_deposit(struct ledger *ledger, const char *currency, decimal amount);

/* What a working order has reserved. */
struct ledger_claim {
    product_ref product;
    enum side side;
    decimal size;   /* not yet filled */
    decimal price;  /* reserved at this */
    decimal rate;   /* of fees */
    decimal amount; /* held of the currency; zero on futures */
};

/* Reserves for product, side, size, price and rate of the claim; fills in the amount. False:
 * the funds are not there, and nothing happened. */
bool ledger_claim(struct ledger *ledger, struct ledger_claim *claim) MUST_CHECK;
/* Gives back what is left of it. */
void ledger_release(struct ledger *ledger, struct ledger_claim *claim);
/* The same order with another size left and another price. False: it stays as it was. */
bool ledger_reclaim(struct ledger *ledger, struct ledger_claim *claim, decimal size,
                    decimal price) MUST_CHECK;
/* Books an execution of a claim's order: balances, position, fee; the claim shrinks. What it
 * realised on a future is returned, zero on spot. */
decimal ledger_settle(struct ledger *ledger, struct ledger_claim *claim, decimal size,
                      decimal value, decimal fee);

/* The most of the claim's size, in whole steps, that its amount and what is available could pay
 * at this price and the claim's rate. All of it where nothing has to be paid in full. */
decimal ledger_affordable(const struct ledger *ledger, const struct ledger_claim *claim,
                          decimal price);

/* The price that futures of the product are valued at. */
void ledger_set_mark(struct ledger *ledger, product_ref product, decimal mark);

struct ledger_position {
    decimal size; /* signed, contracts */
    decimal cost; /* signed like the size */
};
/* Of a future; flat on spot. */
struct ledger_position ledger_position(const struct ledger *ledger, product_ref product);
decimal ledger_position_price(const struct ledger *ledger, product_ref product);

/* Out of a file: what was so, whatever there is now. */
void ledger_set_position(struct ledger *ledger, product_ref product,
                         struct ledger_position position);
void ledger_take_claim(struct ledger *ledger, const struct ledger_claim *claim);

int ledger_currency_count(const struct ledger *ledger);
const char *ledger_currency_at(const struct ledger *ledger, int index);
/* Zero for a currency that was never seen. */
decimal ledger_total(const struct ledger *ledger, const char *currency);
decimal ledger_held(const struct ledger *ledger, const char *currency);
decimal ledger_available(const struct ledger *ledger, const char *currency);

/* What futures positions in this currency need to be kept, and what there is to cover it: total
 * less held plus unrealised profit and loss. */
decimal ledger_maintenance(const struct ledger *ledger, const char *currency);
decimal ledger_equity(const struct ledger *ledger, const char *currency);

void ledger_check(const struct ledger *ledger);

#endif
