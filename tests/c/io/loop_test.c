#include "io/loop.h"

#include <signal.h>

#include "check.h"

TEST(a_wait_for_the_past_returns_at_once)
{
    struct loop *loop;

    assert_int_equal(loop_new(&loop, NULL), OK);
    loop_wait(loop, 0);
    loop_free(loop);
}

TEST(a_wait_ends_no_earlier_than_its_deadline)
{
    struct loop *loop;

    assert_int_equal(loop_new(&loop, NULL), OK);
    nanos deadline = clock_monotonic() + MILLISECONDS(3);
    while (clock_monotonic() < deadline)
        loop_wait(loop, deadline);
    assert_true(clock_monotonic() >= deadline);
    loop_free(loop);
}

TEST(a_signal_ends_a_long_wait_and_is_remembered)
{
    struct loop *loop;

    assert_int_equal(loop_new(&loop, NULL), OK);
    assert_int_equal(loop_catch_signals(loop, NULL), OK);
    assert_int_equal(loop_signal(loop), 0);
    raise(SIGTERM);
    loop_wait(loop, clock_monotonic() + SECONDS(60));

    assert_int_equal(loop_signal(loop), SIGTERM);
    loop_free(loop);
}
