#include "venue/request_meter.h"

#include "base/rng.h"

#include "check.h"

TEST(what_left_in_the_last_minute_counts_and_what_left_before_does_not)
{
    struct request_meter meter = {{0}, 0};
    nanos start = SECONDS(1700006400);

    for (int i = 0; i < 3; i++)
        request_meter_add(&meter, start);
    assert_int_equal(request_meter_count(&meter, start), 3);
    assert_int_equal(request_meter_count(&meter, start + SECONDS(59)), 3);
    assert_int_equal(request_meter_count(&meter, start + SECONDS(60)), 0);
    request_meter_add(&meter, start + SECONDS(58));
    assert_int_equal(request_meter_count(&meter, start + SECONDS(60)), 1);
    request_meter_add(&meter, start + HOURS(5));
    assert_int_equal(request_meter_count(&meter, start + HOURS(5)), 1);
}

TEST(an_empty_meter_counts_nothing_at_any_time)
{
    struct request_meter meter = {{0}, 0};

    assert_int_equal(request_meter_count(&meter, 0), 0);
    assert_int_equal(request_meter_count(&meter, SECONDS(1700006400)), 0);
    request_meter_add(&meter, 1);
    assert_int_equal(request_meter_count(&meter, 2), 1);
}

/* Against a count of every time, cut to steps. */
TEST(it_counts_as_a_list_of_all_times_does)
{
    enum { ADDED = 3000 };
    static nanos times[ADDED];
    struct rng rng = rng_stream(5, "meter");
    struct request_meter meter = {{0}, 0};
    nanos now = SECONDS(1000), step = request_meter_step();

    for (int i = 0; i < ADDED; i++) {
        now += rng_between(&rng, 0, rng_chance(&rng, 0.02) ? MINUTES(2) : SECONDS(1));
        request_meter_add(&meter, now);
        times[i] = now;
        nanos look = now + rng_between(&rng, 0, SECONDS(70));
        int64_t expected = 0;
        for (int k = 0; k <= i; k++)
            expected += times[k] / step > look / step - REQUEST_METER_SLOTS;
        assert_int_equal(request_meter_count(&meter, look), expected);
    }
}
