/* What the engine's own guards remember over restarts, so that none is evaded by
 * ending the engine: as states, like those of scripts (FACT_STATE), under names
 * of their own.
 *
 *   watch requests        failures in a row; how many requests of the window of
 *                         the error rate failed
 *   watch engine          refusals for slippage in a row, since when exits work,
 *                         failures in a row of guards in Lua
 *   watch sums            what the sums that rules watch have reached
 *   watch guards.2:depth BTC-USD    a rule's line: its looks, since when it is
 *                         broken, its cooldown, what it has warned of
 *
 * They are journaled in the cycle in which they change, as far as that is not
 * told by anything else: a process that is killed forgets one cycle at most, and
 * of windows a sixteenth. The rest that guards look at is in facts of its own:
 * baseline, peak, losses in a row, the rate of orders, causes. Prices and the
 * figures of adapters are told anew; closes of bars come from the venue's history.
 *
 * Only where cycles follow the clock: a backtest has no restarts. */
#ifndef ENGINE_GUARD_MEMORY_H
#define ENGINE_GUARD_MEMORY_H

#include "base/buf.h"
#include "base/json.h"

struct engine;

/* At the end of each cycle, and of the run. */
void guard_memory_keep(struct engine *engine);
/* At the start, once causes are held. */
void guard_memory_restore(struct engine *engine);

/* Journals the state unless it is what was journaled last; nothing is what never was. */
void guard_memory_keep_one(struct engine *engine, const char *subject, const struct buf *json);
/* The state as it was journaled last, NULL if there is none. Yours, as is the text behind it.
 */
struct json_doc *guard_memory_find(const struct engine *engine, const char *subject,
                                   struct buf *text);

#endif
