#include "base/text.h"

#include "base/attr.h"
#include "check.h"

TEST(distance_counts_edits_and_swaps)
{
    static const struct {
        const char *a, *b;
        int distance;
    } rows[] = {
        {"fast", "fast", 0}, {"fsat", "fast", 1}, {"fas", "fast", 1},     {"fasst", "fast", 1},
        {"fost", "fast", 1}, {"", "abc", 3},      {"FAST", "fast", 0},    {"ca", "abc", 3},
        {"slow", "fast", 4}, {"abcdef", "", 6},   {"profile", "prof", 3},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_int_equal(text_distance(rows[i].a, rows[i].b), rows[i].distance);
}

TEST(the_nearest_word_is_suggested_and_a_far_one_is_not)
{
    static const char *const words[] = {"backtest", "config", "run"};

    assert_string_equal(text_nearest("backtset", words, 3), "backtest");
    assert_string_equal(text_nearest("confg", words, 3), "config");
    assert_null(text_nearest("zebra", words, 3));
    assert_null(text_nearest("anything", words, 0));
}
