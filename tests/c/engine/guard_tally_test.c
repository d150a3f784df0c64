#include "engine/guard_tally.h"

#include <stdio.h>

#include "check.h"

TEST(trips_and_failures_of_each_guard_are_counted_apart)
{
    static struct guard_tally tally;

    guard_tally_add(&tally, "daily_loss", TALLY_TRIP);
    guard_tally_add(&tally, "mine", TALLY_CRITICAL);
    guard_tally_add(&tally, "mine", TALLY_CRITICAL);
    assert_int_equal(tally.count, 2);
    assert_int_equal(guard_tally_get(&tally, "mine", TALLY_CRITICAL), 2);
    assert_int_equal(guard_tally_get(&tally, "mine", TALLY_RECOVERABLE), 0);
    assert_int_equal(guard_tally_get(&tally, "daily_loss", TALLY_TRIP), 1);
    assert_int_equal(guard_tally_get(&tally, "nobody", TALLY_TRIP), 0);
    assert_string_equal(tally_kind_name(TALLY_RECOVERABLE), "recoverable");
}

TEST(more_guards_than_rows_share_the_last_one)
{
    static struct guard_tally tally;
    char name[32];

    for (int i = 0; i < TALLY_ROWS + 10; i++) {
        snprintf(name, sizeof name, "guard-%d", i);
        guard_tally_add(&tally, name, TALLY_TRIP);
    }
    assert_int_equal(tally.count, TALLY_ROWS);
    assert_int_equal(guard_tally_get(&tally, "guard-62", TALLY_TRIP), 1);
    assert_int_equal(guard_tally_get(&tally, "others", TALLY_TRIP), 11);
}
