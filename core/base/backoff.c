#include "base/backoff.h"

#include <assert.h>

/* Rounded down; what no longer fits is beyond every cap. */
static nanos scale(nanos wait, decimal by, nanos cap)
{
    decimal scaled;

    if (!decimal_try_mul(decimal_from_int(wait), by, ROUND_DOWN, &scaled) ||
        decimal_compare(scaled, decimal_from_int(cap)) >= 0)
        return cap;
    return (nanos)(scaled.units / DECIMAL_ONE);
}

nanos backoff_wait(const struct backoff *backoff, int64_t failed, struct rng *rng)
{
    nanos wait = backoff->base < backoff->cap ? backoff->base : backoff->cap;

    assert(failed > 0 && decimal_compare(backoff->factor, D(1)) >= 0);
    if (decimal_compare(backoff->factor, D(1)) > 0)
        for (int64_t i = 1; i < failed && wait < backoff->cap && wait > 0; i++)
            wait = scale(wait, backoff->factor, backoff->cap);
    nanos chance = scale(wait, backoff->jitter_share, wait);
    return wait - (nanos)rng_below(rng, (uint64_t)chance + 1);
}
