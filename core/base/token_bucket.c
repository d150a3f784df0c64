/* One number is enough: when the bucket will be full. A token taken moves that
 * time away by one interval; a token is there as long as it is no further than
 * the burst. Nothing has to be refilled, and integers round nothing away. */
#include "base/token_bucket.h"

#include <assert.h>

struct token_bucket token_bucket_init(int64_t per_second, int64_t burst)
{
    assert(per_second > 0 && per_second <= SECONDS(1) && burst > 0);
    return (struct token_bucket){
        .burst = burst,
        .interval = (SECONDS(1) + per_second - 1) / per_second,
        .full_at = INT64_MIN,
    };
}

nanos token_bucket_ready_at(const struct token_bucket *bucket)
{
    if (bucket->full_at == INT64_MIN)
        return INT64_MIN;
    return bucket->full_at - (bucket->burst - 1) * bucket->interval;
}

bool token_bucket_take(struct token_bucket *bucket, nanos now)
{
    if (token_bucket_ready_at(bucket) > now)
        return false;
    bucket->full_at = (bucket->full_at > now ? bucket->full_at : now) + bucket->interval;
    return true;
}
