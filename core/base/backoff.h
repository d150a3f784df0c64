/* How long to wait before something is tried again: longer each time, up to a
 * cap, and a share of it left to chance so that many who failed together do not
 * come back together. */
#ifndef BASE_BACKOFF_H
#define BASE_BACKOFF_H

#include "base/clock.h"
#include "base/decimal.h"
#include "base/rng.h"

struct backoff {
    nanos base, cap;      /* the first wait; none is longer than the cap */
    decimal factor;       /* from one wait to the next, at least 1 */
    decimal jitter_share; /* 0..1 of a wait that is drawn; the rest is certain */
};

/* The wait after so many attempts that failed, 1 for the first: between
 * (1 - jitter_share) times min(base * factor^(failed - 1), cap) and all of it. */
nanos backoff_wait(const struct backoff *backoff, int64_t failed, struct rng *rng);

#endif
