/* Between reconcile.c and reconcile_account.c. */
#ifndef ENGINE_RECONCILE_PRIVATE_H
#define ENGINE_RECONCILE_PRIVATE_H

#include <stdbool.h>

#include "base/clock.h"

struct engine;
struct reconcile;

/* Twice as long each time, as far as the usual interval; while new risk waits not as far. */
nanos reconcile_pause(const struct engine *engine, nanos first, int64_t doublings);
/* The venue answers again: what it failed to say is asked at once. */
void reconcile_retry_account(struct engine *engine);
void reconcile_plan(struct reconcile *reconcile);

void reconcile_read_account(struct engine *engine);
void reconcile_compare_account(struct engine *engine, bool is_complete);
/* Drift that was confirmed: everything reduces only for a while. */
void reconcile_escalate(struct engine *engine, const char *why);

/* At the start, once balances are settled: true when nothing is left to adopt. */
bool reconcile_adopt_coins(struct engine *engine);

#endif
