/* Watches an engine trade on the simulated exchange, and knows the truth.
 *
 * What must hold, at every step:
 *   V1  nothing is sent whose intent would not survive a power cut, and what is at the
 *       venue is what the intent said
 *   V2  an intent has at most one order at the venue; and nothing is sent for a product and
 *       side while the outcome of another send is unknown, but for a flatten: that closes
 *       what no order of known or unknown outcome may close already, and no more
 *   V3  the engine never knows of more fills than there were
 *   V4  HALTED sends nothing, also after a restart; PAUSED and REDUCE_ONLY nothing that
 *       does not reduce; a flatten sends nothing unless an operator wants it
 *   V5  a fill of a reduce-only order makes its position smaller
 *   V6  every limit is kept, what works and what is on its way included: sizes, values and
 *       rates of orders, price band, window and days, types, shorts, positions and their
 *       number, exposure, leverage by day and by night, margin, funds, spread, slippage,
 *       impact, the loss of the day, drawdown, losses in a row
 *   V7  cash at the venue is what was deposited, and what fills, fees and funding made of it
 *   V8  the engine's own books hold (oms_check, portfolio_check: assertions), its positions
 *       are the sum of its fills, and its equity is what the definition says
 *   V11 exits guard no more than is held, and only on the side that reduces
 *   V12 where orders are previewed, none that takes risk leaves before the venue has said that
 *       it would take it
 * and once all is quiet:
 *   V9  every order, position and balance of the engine is the venue's, to the last unit;
 *       orders of others that work are known, and his coins are no position of the engine's
 *       unless he is adopted
 *   V10 after a flatten nothing is left that could be closed
 *   V12 nothing works that was sent before an operator wanted all canceled
 *
 * It reckons on its own: from requests as they leave, the venue's orders and
 * fills, and plain sums, with none of the engine's ways of reckoning. */
#ifndef LAB_ORACLE_H
#define LAB_ORACLE_H

#include "engine/engine.h"
#include "lab/tape.h"
#include "venue/simulator.h"

struct oracle;

struct oracle_setup {
    const struct product_table *products;
    const struct engine_settings *settings;
    const struct simulator *venue;
    const struct tape *tape;
    decimal cash; /* deposited, in the settings' currency; nothing else was */
};

/* Borrows what the setup points to; copies the rest. */
struct oracle *oracle_new(const struct oracle_setup *setup);
void oracle_free(struct oracle *oracle);
/* After every start; NULL: there is none now. */
void oracle_set_engine(struct oracle *oracle, const struct engine *engine);

/* An operator has halted the engine, or let it go on. */
void oracle_set_halted(struct oracle *oracle, bool is_halted);

/* An operator wants everything flat, or let it trade again. */
void oracle_set_flattening(struct oracle *oracle, bool is_flattening);

/* An operator wanted all orders canceled, when so many had been sent. */
void oracle_on_cancel_all(struct oracle *oracle, size_t sent_count);
size_t oracle_sent_count(const struct oracle *oracle); /* distinct ones, until now */

/* A request is about to leave. */
void oracle_on_submit(struct oracle *oracle, const struct order_request *request, nanos now);
/* An edit is about to leave. */
void oracle_on_amend(struct oracle *oracle, const struct venue_amend *amend, nanos now);
/* After every turn. */
void oracle_on_step(struct oracle *oracle);
/* V9: true when it holds now, else what differs. */
bool oracle_is_settled(struct oracle *oracle, char difference[FAULT_TEXT_MAX]);

/* The first violation, NULL while there is none. */
const char *oracle_violation(const struct oracle *oracle);
void oracle_complain(struct oracle *oracle, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
