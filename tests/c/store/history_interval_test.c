#include "store/history_interval.h"

#include "files.h"

static nanos find(const int *minutes, int count)
{
    nanos starts[64];

    for (int i = 0; i < count; i++)
        starts[i] = MINUTES(minutes[i]);
    return history_interval_find(starts, count);
}

#define assert_interval(expected, ...)                                                         \
    assert_int_equal(                                                                          \
        find((const int[]){__VA_ARGS__}, (int)(sizeof(int[]){__VA_ARGS__} / sizeof(int))),     \
        MINUTES(expected))

TEST(regular_bars_tell_their_length)
{
    assert_interval(1, 0, 1, 2, 3, 4);
    assert_interval(60, 0, 60, 120);
    assert_interval(5, 5, 10);
}

TEST(gaps_do_not_count)
{
    assert_interval(1, 0, 1, 2, 5, 9, 10, 11);
    /* Seconds with a trade only: half a minute apart more often than one second. */
    assert_interval(1, 0, 30, 60, 90, 91, 103, 110, 111);
}

TEST(a_few_odd_rows_do_not_make_the_bars_shorter)
{
    assert_interval(5, 0, 5, 10, 15, 17, 22, 27, 32, 37);
    assert_interval(60, 0, 60, 120, 140, 200);
}

TEST(months_are_not_taken_for_days)
{
    assert_interval(31 * 1440, 0, 44640, 84960, 129600, 172800, 217440, 260640, 305280, 349920);
}

TEST(too_little_tells_nothing)
{
    assert_interval(0, 7);
    assert_interval(0, 7, 7);
    assert_interval(0, 0, 3, 8, 17);
    assert_int_equal(history_interval_find(NULL, 0), 0);
}

TEST(files_that_run_backwards_have_an_interval_too)
{
    assert_interval(1, 9, 8, 7);
    assert_interval(1, 0, 1, 0, 1, 2);
}
