#include "base/backoff.h"

#include "check.h"

static const struct backoff plain = {
    .base = MILLISECONDS(500), .cap = SECONDS(30), .factor = {2 * DECIMAL_ONE}};

TEST(each_wait_is_a_multiple_of_the_one_before_up_to_the_cap)
{
    static const nanos waits[] = {500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000};
    struct rng rng = rng_stream(1, "backoff");

    for (int i = 0; i < 9; i++)
        assert_int_equal(backoff_wait(&plain, i + 1, &rng), MILLISECONDS(waits[i]));
    assert_int_equal(backoff_wait(&plain, 1000000, &rng), SECONDS(30));
}

TEST(a_factor_of_one_waits_equally_long_and_a_half_is_reckoned_exactly)
{
    struct backoff backoff = plain;
    struct rng rng = rng_stream(1, "backoff");

    backoff.factor = D(1);
    assert_int_equal(backoff_wait(&backoff, 1000000000, &rng), MILLISECONDS(500));
    backoff.factor = (decimal){3 * DECIMAL_ONE / 2};
    assert_int_equal(backoff_wait(&backoff, 2, &rng), MILLISECONDS(750));
    assert_int_equal(backoff_wait(&backoff, 3, &rng), MILLISECONDS(1125));
}

TEST(a_base_above_the_cap_waits_for_the_cap)
{
    struct backoff backoff = plain;
    struct rng rng = rng_stream(1, "backoff");

    backoff.cap = MILLISECONDS(100);
    assert_int_equal(backoff_wait(&backoff, 1, &rng), MILLISECONDS(100));
}

TEST(jitter_takes_away_at_most_its_share_and_reaches_both_ends)
{
    struct backoff backoff = plain;
    struct rng rng = rng_stream(7, "backoff");
    nanos least = INT64_MAX, most = 0;

    backoff.jitter_share = (decimal){DECIMAL_ONE / 4};
    for (int i = 0; i < 2000; i++) {
        nanos wait = backoff_wait(&backoff, 2, &rng);
        least = wait < least ? wait : least;
        most = wait > most ? wait : most;
    }
    assert_in_range(least, MILLISECONDS(750), MILLISECONDS(751));
    assert_in_range(most, MILLISECONDS(999), MILLISECONDS(1000));
}

TEST(jitter_of_everything_may_leave_nothing_of_a_wait)
{
    struct backoff backoff = {
        .base = 1, .cap = 1, .factor = D(1), .jitter_share = {DECIMAL_ONE}};
    struct rng rng = rng_stream(7, "backoff");
    int zeros = 0;

    for (int i = 0; i < 100; i++)
        zeros += backoff_wait(&backoff, 1, &rng) == 0;
    assert_in_range(zeros, 20, 80);
}

TEST(the_same_seed_waits_the_same)
{
    struct backoff backoff = plain;
    struct rng one = rng_stream(3, "a"), two = rng_stream(3, "a"), other = rng_stream(4, "a");
    int differ = 0;

    backoff.jitter_share = (decimal){DECIMAL_ONE / 2};
    for (int i = 1; i < 10; i++) {
        nanos wait = backoff_wait(&backoff, i, &one);
        assert_int_equal(wait, backoff_wait(&backoff, i, &two));
        differ += wait != backoff_wait(&backoff, i, &other);
    }
    assert_true(differ > 0);
}
