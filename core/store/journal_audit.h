/* The books, kept a second time by plain addition: what orders were filled,
 * positions and balances must be if every fill counts once.
 *
 *   order      filled, value and fees are the sums of its fills; of what totals
 *              told, the money is that of the executions that explained it
 *   position   size is buys less sells; realised less cost is what sells brought
 *              less what buys cost; fees are the sum of fees
 *   balance    spot moves value and size, a future what it realised; fees leave
 *
 * all from the last time they were set from outside. It shares no code with the
 * tables it is compared with, but for how a future realises. */
#ifndef STORE_JOURNAL_AUDIT_H
#define STORE_JOURNAL_AUDIT_H

#include "engine/fact.h"

struct journal_audit;

struct journal_audit *journal_audit_new(void);
void journal_audit_free(struct journal_audit *audit);

enum audit_case {
    AUDIT_PLAIN,
    AUDIT_RESTATES, /* inside a snapshot, which sets nothing anew */
    AUDIT_BESIDE,   /* a fill that its order has no arrow for: money, but not the order's */
};

/* ERR_CORRUPT when the fact cannot be true: a fill of no size, an order that comes into being
 * twice, a sum out of all range. */
enum err journal_audit_apply(struct journal_audit *audit, const struct fact *fact,
                             const struct product_table *products, enum audit_case which,
                             struct fault *why) MUST_CHECK;

/* Compares a row of the tables orders, positions or balances; others pass. ERR_CORRUPT says
 * which sum differs. */
enum err journal_audit_compare(const struct journal_audit *audit, const struct fact *row,
                               const struct product_table *products,
                               struct fault *why) MUST_CHECK;

#endif
