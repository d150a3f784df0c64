#include "engine/level.h"

#include "check.h"

TEST(levels_are_read_back_by_name_and_each_forbids_more)
{
    for (int i = 0; i < LEVEL_COUNT; i++) {
        enum level level = LEVEL_COUNT;
        assert_true(level_parse(level_name((enum level)i), &level));
        assert_int_equal(level, i);
    }
    assert_true(LEVEL_NORMAL < LEVEL_REDUCE_ONLY && LEVEL_REDUCE_ONLY < LEVEL_PAUSED &&
                LEVEL_PAUSED < LEVEL_HALTED);
    assert_string_equal(level_name(LEVEL_REDUCE_ONLY), "reduce_only");
}

TEST(text_that_is_no_name_is_no_level)
{
    enum level level = LEVEL_PAUSED;

    assert_false(level_parse("", &level));
    assert_false(level_parse("PAUSED", &level));
    assert_int_equal(level, LEVEL_PAUSED);
}
