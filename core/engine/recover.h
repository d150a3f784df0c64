/* Starts an engine from what its journal holds.
 *
 * Every fact from the last snapshot on (engine/snapshot.h) is applied again, in
 * order, and leads to the state that was. What
 * was under way then is not known now: orders whose request had not been answered
 * are UNKNOWN, and the resolver asks about them. New risk waits until a first
 * sweep and a first check of the account were complete (engine/reconcile.h);
 * orders that only reduce do not wait.
 *
 * What guards count between cycles is taken up by engine_start
 * (engine/guard_memory.h). Not kept over a restart: counters of what happened, and
 * prices. */
#ifndef ENGINE_RECOVER_H
#define ENGINE_RECOVER_H

#include "base/clock.h"
#include "base/err.h"

#include "engine/snapshot.h"

struct engine;

/* A replay, fact by fact, for those who read a journal themselves. It begins at the first
 * fact of all, or at the snapshot whose beginning is the first that is taken. */
struct recovery {
    struct engine *engine;
    struct snapshot_bracket bracket;
    bool has_begun, is_loading; /* loading: the snapshot it begins with */
    bool is_partial;            /* it began with one: orders of the past are missing */
    nanos last;                 /* time of the last fact; 0: none was taken */
};

/* Applies the fact. ERR_CORRUPT when it contradicts the ones before it: then it was not. */
enum err recovery_take(struct recovery *recovery, const struct fact *fact,
                       struct fault *why) MUST_CHECK;

/* Lets go of what ended long ago; for readers of long journals, now and then. */
void recovery_tidy(struct recovery *recovery);

/* After engine_new and before engine_start; strategies may be added before or after. With an
 * empty journal the state is new, and the venue is asked all the same. ERR_CORRUPT when a fact
 * contradicts the ones before it; or what the journal says. */
enum err engine_recover(struct engine *engine, nanos now, struct fault *why) MUST_CHECK;

#endif
