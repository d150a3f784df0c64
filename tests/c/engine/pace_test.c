#include "engine/pace.h"

#include "base/rng.h"

#include "check.h"

static const nanos lengths[] = {SECONDS(1), MINUTES(1), HOURS(1), DAYS(1)};

TEST(a_window_holds_what_is_younger_than_its_length)
{
    for (int w = 0; w < PACE_WINDOW_COUNT; w++) {
        struct pace *pace = pace_new();
        pace_add(pace, DAYS(2));
        assert_int_equal(pace_count(pace, (enum pace_window)w, DAYS(2) + lengths[w] - 1), 1);
        assert_int_equal(pace_count(pace, (enum pace_window)w, DAYS(2) + lengths[w]), 0);
        pace_free(pace);
    }
}

/* Against counting anew, over random times. */
TEST(counts_are_what_counting_anew_gives)
{
    enum { COUNT = 4000 };
    static nanos times[COUNT];
    struct rng rng = rng_stream(7, "pace");
    struct pace *pace = pace_new();
    nanos now = DAYS(3);

    for (int i = 0; i < COUNT; i++) {
        now += rng_between(&rng, 0, rng_chance(&rng, 0.9) ? SECONDS(2) : HOURS(3));
        times[i] = now;
        pace_add(pace, now);
        int w = (int)rng_below(&rng, PACE_WINDOW_COUNT);
        int64_t expected = 0;
        for (int k = i; k >= 0 && times[k] > now - lengths[w]; k--)
            expected++;
        assert_int_equal(pace_count(pace, (enum pace_window)w, now), expected);
    }
    pace_free(pace);
}
