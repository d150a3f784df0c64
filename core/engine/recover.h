/* Starts an engine from what its journal holds.
 *
 * Every fact is applied again, in order, and leads to the state that was. What
 * was under way then is not known now: orders whose request had not been answered
 * are UNKNOWN, and the resolver asks about them. New risk waits until a first
 * sweep and a first check of the account were complete (engine/reconcile.h);
 * orders that only reduce do not wait.
 *
 * Not kept over a restart: wishes to cancel that could not be asked yet, the
 * counters, and what guards count between cycles. */
#ifndef ENGINE_RECOVER_H
#define ENGINE_RECOVER_H

#include "base/clock.h"
#include "base/err.h"

struct engine;

/* After engine_new and before engine_start; strategies may be added before or after. With an
 * empty journal the state is new, and the venue is asked all the same. ERR_CORRUPT when a fact
 * contradicts the ones before it; or what the journal says. */
enum err engine_recover(struct engine *engine, nanos now, struct fault *why) MUST_CHECK;

#endif
