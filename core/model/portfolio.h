/* The account: balances with holds, positions, marks, and the one definition of
 * equity that cycle, guards, sizing and reports share.
 *
 *   equity = sum over currencies of total * price in the account's currency
 *          + sum over futures of unrealised profit
 *
 * where a currency's price is the mark of the spot product that trades it against
 * the account's currency, or against another one with a price: of several ways
 * the shortest. USD and USDC are worth the same, as at the venue. A mark counts
 * until the next, however old; what has none counts zero and is counted by
 * portfolio_unpriced. Buying a coin at its mark moves no equity but the fee.
 * Invariants, checked by portfolio_check (F3 by its tests):
 *   F1  total of a currency = opening + sum of all changes since
 *   F2  0 <= hold; available = total - hold
 *   F3  equity - opening equity = realised + unrealised - fees, to the last unit, while
 *       nothing was deposited, prices of opening balances did not move, values have no more
 *       digits than a decimal, and quotes are the account's currency
 */
#ifndef MODEL_PORTFOLIO_H
#define MODEL_PORTFOLIO_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/fill.h"
#include "model/position.h"
#include "model/product.h"

struct balance {
    char currency[CURRENCY_MAX];
    decimal total; /* available + hold */
    decimal hold;  /* reserved by working orders */
};

struct portfolio;

/* Borrows the table, which must outlive it and be complete. `currency` is the account's, "USD".
 */
struct portfolio *portfolio_new(const struct product_table *products, const char *currency);
void portfolio_free(struct portfolio *portfolio);

/* Sets a balance from outside (opening cash, a reconciliation). */
void portfolio_set_balance(struct portfolio *portfolio, const char *currency, decimal total);
/* Puts a position back as it was (recovery); balances stay as they are. */
void portfolio_set_position(struct portfolio *portfolio, product_ref product,
                            const position *position);
/* A mark that is not positive is none, and changes nothing. */
void portfolio_set_mark(struct portfolio *portfolio, product_ref product, decimal mark,
                        nanos time);

/* Books an execution: position, fees, and balances: on spot base for quote, on futures the
 * realised profit. */
struct position_change portfolio_apply_fill(struct portfolio *portfolio,
                                            const struct fill *fill);

/* Reserves and releases funds; `amount` >= 0. Release never goes below zero (asserts). */
void portfolio_add_hold(struct portfolio *portfolio, const char *currency, decimal amount);
void portfolio_remove_hold(struct portfolio *portfolio, const char *currency, decimal amount);

const char *portfolio_currency(const struct portfolio *portfolio);
const position *portfolio_position(const struct portfolio *portfolio, product_ref product);
decimal portfolio_mark(const struct portfolio *portfolio,
                       product_ref product); /* zero: none yet */
nanos portfolio_mark_time(const struct portfolio *portfolio, product_ref product);
/* Zero balance when the currency was never seen. */
struct balance portfolio_balance(const struct portfolio *portfolio, const char *currency);
decimal portfolio_available(const struct portfolio *portfolio, const char *currency);
/* The account's currency first, then those of the products, then what else was set. Borrowed
 * until a balance is set or held. */
int portfolio_balance_count(const struct portfolio *portfolio);
const struct balance *portfolio_balance_at(const struct portfolio *portfolio, int index);

/* In the account's currency. Equity is kept up to date and costs nothing; the others add up. */
decimal portfolio_equity(const struct portfolio *portfolio);
decimal portfolio_realised(const struct portfolio *portfolio);
decimal portfolio_unrealised(const struct portfolio *portfolio);
decimal portfolio_fees(const struct portfolio *portfolio);
/* Sum of the absolute values of all positions at their marks; at cost while there is none. */
decimal portfolio_exposure(const struct portfolio *portfolio);
int portfolio_open_positions(const struct portfolio *portfolio);
/* How many currencies with a balance have no price, and futures with a position no mark: unless
 * it is zero, equity is not the whole truth. */
int portfolio_unpriced(const struct portfolio *portfolio);

void portfolio_check(const struct portfolio *portfolio);

#endif
