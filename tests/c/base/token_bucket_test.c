#include "base/token_bucket.h"

#include "base/rng.h"

#include "check.h"

TEST(a_bucket_gives_its_burst_at_once_and_then_one_by_one)
{
    struct token_bucket bucket = token_bucket_init(10, 3);
    nanos now = SECONDS(100);

    for (int i = 0; i < 3; i++)
        assert_true(token_bucket_take(&bucket, now));
    assert_false(token_bucket_take(&bucket, now));
    assert_int_equal(token_bucket_ready_at(&bucket), now + MILLISECONDS(100));
    assert_false(token_bucket_take(&bucket, now + MILLISECONDS(100) - 1));
    assert_true(token_bucket_take(&bucket, now + MILLISECONDS(100)));
    assert_false(token_bucket_take(&bucket, now + MILLISECONDS(100)));
}

TEST(a_rest_fills_it_to_the_burst_and_no_further)
{
    struct token_bucket bucket = token_bucket_init(10, 3);
    int given = 0;

    while (token_bucket_take(&bucket, 0))
        ;
    while (token_bucket_take(&bucket, HOURS(5)))
        given++;
    assert_int_equal(given, 3);
}

TEST(a_clock_that_goes_back_gives_nothing)
{
    struct token_bucket bucket = token_bucket_init(1, 1);

    assert_true(token_bucket_take(&bucket, SECONDS(50)));
    assert_false(token_bucket_take(&bucket, SECONDS(10)));
    assert_true(token_bucket_take(&bucket, SECONDS(51)));
}

/* Rates that do not divide a second give a little less, never more. */
TEST(three_a_second_are_never_four)
{
    struct token_bucket bucket = token_bucket_init(3, 1);
    int given = 0;

    for (nanos now = 0; now < SECONDS(1000); now += MILLISECONDS(1))
        given += token_bucket_take(&bucket, now);
    assert_in_range(given, 2990, 3000);
}

enum { TAKEN = 4000 };

TEST(no_span_of_time_sees_more_than_burst_and_rate_allow)
{
    struct rng rng = rng_stream(11, "bucket");

    for (int round = 0; round < 20; round++) {
        int64_t rate = rng_between(&rng, 1, 50), burst = rng_between(&rng, 1, 20);
        struct token_bucket bucket = token_bucket_init(rate, burst);
        nanos times[TAKEN], now = 0;
        int count = 0;
        while (count < TAKEN) {
            now += rng_between(&rng, 0, rng_chance(&rng, 0.1) ? SECONDS(2) : MILLISECONDS(40));
            if (token_bucket_take(&bucket, now))
                times[count++] = now;
        }
        for (int i = 0; i < TAKEN; i++)
            for (int k = i; k < TAKEN && k < i + 200; k++) {
                nanos span = times[k] - times[i];
                int64_t most = burst + rate * span / SECONDS(1);
                if (k - i + 1 > most)
                    fail_msg("rate %d, burst %d: %d tokens in %lld ns", (int)rate, (int)burst,
                             k - i + 1, (long long)span);
            }
    }
}
