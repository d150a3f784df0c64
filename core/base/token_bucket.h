/* A token bucket: so many at once, so many a second over time. In every span of
 * time t no more than burst + per_second * t tokens are given.
 *
 * Time is told and may stand still; going back gives nothing. */
#ifndef BASE_TOKEN_BUCKET_H
#define BASE_TOKEN_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct token_bucket {
    int64_t burst;
    nanos interval; /* in which one token grows, rounded up */
    nanos full_at;  /* when the bucket is full again if nothing is taken: the whole state */
};

/* A full bucket. Both at least 1; per_second at most a thousand million. */
struct token_bucket token_bucket_init(int64_t per_second, int64_t burst);

/* When there is a token; not after `now` means at once. */
nanos token_bucket_ready_at(const struct token_bucket *bucket);
/* Takes a token; false, and nothing changed, when there is none. */
bool token_bucket_take(struct token_bucket *bucket, nanos now);

#endif
