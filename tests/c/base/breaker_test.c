#include "base/breaker.h"

#include <string.h>

#include "check.h"

static struct breaker breaker_of_three(void)
{
    return breaker_init(3, 2, SECONDS(30));
}

static const char *state_of(const struct breaker *breaker)
{
    return breaker_state_name(breaker->state);
}

TEST(failures_in_a_row_open_it_and_a_success_between_starts_the_count_again)
{
    struct breaker breaker = breaker_of_three();

    breaker_fail(&breaker, 0);
    breaker_fail(&breaker, 0);
    breaker_succeed(&breaker);
    breaker_fail(&breaker, 0);
    breaker_fail(&breaker, 0);
    assert_string_equal(state_of(&breaker), "closed");
    assert_int_equal(breaker_ask(&breaker, 0), BREAKER_PASS);
    breaker_fail(&breaker, 0);
    assert_string_equal(state_of(&breaker), "open");
}

TEST(what_tells_nothing_neither_opens_nor_heals)
{
    struct breaker breaker = breaker_of_three();

    for (int i = 0; i < 10; i++)
        breaker_learn_nothing(&breaker);
    breaker_fail(&breaker, 0);
    breaker_fail(&breaker, 0);
    breaker_learn_nothing(&breaker);
    breaker_fail(&breaker, 0);
    assert_string_equal(state_of(&breaker), "open");
}

TEST(open_refuses_until_the_cool_down_is_over_and_then_tries_one)
{
    struct breaker breaker = breaker_of_three();

    for (int i = 0; i < 3; i++)
        breaker_fail(&breaker, SECONDS(5));
    assert_int_equal(breaker_ask(&breaker, SECONDS(35) - 1), BREAKER_REFUSE);
    assert_int_equal(breaker_ask(&breaker, SECONDS(35)), BREAKER_PASS);
    assert_string_equal(state_of(&breaker), "half_open");
    assert_int_equal(breaker_ask(&breaker, SECONDS(35)), BREAKER_WAIT);
    breaker_succeed(&breaker);
    assert_string_equal(state_of(&breaker), "half_open");
    assert_int_equal(breaker_ask(&breaker, SECONDS(36)), BREAKER_PASS);
    breaker_succeed(&breaker);
    assert_string_equal(state_of(&breaker), "closed");
    assert_int_equal(breaker_ask(&breaker, SECONDS(36)), BREAKER_PASS);
    assert_int_equal(breaker_ask(&breaker, SECONDS(36)), BREAKER_PASS);
}

TEST(one_failure_while_half_open_opens_it_again)
{
    struct breaker breaker = breaker_of_three();

    for (int i = 0; i < 3; i++)
        breaker_fail(&breaker, 0);
    assert_int_equal(breaker_ask(&breaker, SECONDS(30)), BREAKER_PASS);
    breaker_fail(&breaker, SECONDS(31));
    assert_string_equal(state_of(&breaker), "open");
    assert_int_equal(breaker_ask(&breaker, SECONDS(60)), BREAKER_REFUSE);
    assert_int_equal(breaker_ask(&breaker, SECONDS(61)), BREAKER_PASS);
}

TEST(a_probe_that_tells_nothing_makes_room_for_the_next)
{
    struct breaker breaker = breaker_of_three();

    for (int i = 0; i < 3; i++)
        breaker_fail(&breaker, 0);
    assert_int_equal(breaker_ask(&breaker, SECONDS(30)), BREAKER_PASS);
    breaker_learn_nothing(&breaker);
    assert_int_equal(breaker_ask(&breaker, SECONDS(30)), BREAKER_PASS);
    assert_string_equal(state_of(&breaker), "half_open");
}

TEST(who_goes_although_it_is_open_can_show_that_all_is_well)
{
    struct breaker breaker = breaker_of_three();

    for (int i = 0; i < 3; i++)
        breaker_fail(&breaker, 0);
    breaker_fail(&breaker, SECONDS(20));
    assert_int_equal(breaker.until, SECONDS(30)); /* failures meanwhile prolong nothing */
    breaker_succeed(&breaker);
    assert_string_equal(state_of(&breaker), "half_open");
    breaker_succeed(&breaker);
    assert_string_equal(state_of(&breaker), "closed");
}

TEST(every_state_has_a_name_of_its_own)
{
    assert_string_equal(breaker_state_name(BREAKER_CLOSED), "closed");
    assert_string_equal(breaker_state_name(BREAKER_HALF_OPEN), "half_open");
    assert_string_equal(breaker_state_name(BREAKER_OPEN), "open");
}
