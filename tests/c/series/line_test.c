#include "series/line.h"

#include "bars.h"

/* An indicator whose values are these. */
static struct indicator *following(const char *const *values)
{
    struct indicator *close = new_indicator("sma", (double[]){1, 0});

    for (; *values; values++) {
        struct bar bar = flat_bar(0, parse_decimal(*values), D(1));
        indicator_update(close, &bar);
    }
    return close;
}

#define VALUES(...) ((const char *const[]){__VA_ARGS__, NULL})

/* "above", "below" or "none": what a did to b on the last bar. */
static const char *cross_of(const char *const *a_values, const char *const *b_values)
{
    struct indicator *a = following(a_values), *b = following(b_values);
    bool above = line_crossed_above(line_of(a, 0), line_of(b, 0));
    bool below = line_crossed_below(line_of(a, 0), line_of(b, 0));

    indicator_free(a);
    indicator_free(b);
    assert_false(above && below);
    return above ? "above" : below ? "below" : "none";
}

TEST(a_line_crosses_on_the_bar_after_which_it_is_on_the_other_side)
{
    assert_string_equal(cross_of(VALUES("1", "3"), VALUES("2", "2")), "above");
    assert_string_equal(cross_of(VALUES("3", "1"), VALUES("2", "2")), "below");
    assert_string_equal(cross_of(VALUES("1", "3", "4"), VALUES("2", "2", "2")), "none");
    assert_string_equal(cross_of(VALUES("1", "1"), VALUES("2", "2")), "none");
}

TEST(touching_is_not_crossing_but_leaving_after_it_is)
{
    assert_string_equal(cross_of(VALUES("1", "2"), VALUES("2", "2")), "none");
    assert_string_equal(cross_of(VALUES("2", "3"), VALUES("2", "2")), "above");
    assert_string_equal(cross_of(VALUES("2", "1"), VALUES("2", "2")), "below");
    assert_string_equal(cross_of(VALUES("3", "2", "3"), VALUES("2", "2", "2")), "above");
    assert_string_equal(cross_of(VALUES("2", "2"), VALUES("2", "2")), "none");
}

TEST(without_two_values_of_both_there_is_no_cross)
{
    assert_string_equal(cross_of(VALUES("3"), VALUES("1", "2")), "none");
    assert_string_equal(cross_of(VALUES("1", "3"), VALUES("2")), "none");
}

TEST(a_line_crosses_a_level_too)
{
    struct indicator *rsi = following(VALUES("69", "71"));

    assert_true(line_crossed_above(line_of(rsi, 0), line_at(70)));
    assert_false(line_crossed_below(line_of(rsi, 0), line_at(70)));
    assert_true(line_crossed_below(line_at(70), line_of(rsi, 0)));
    assert_false(line_crossed_above(line_at(1), line_at(2)));
    indicator_free(rsi);
}

/* 0.1 + 0.2 + 0.3 and 0.2: sums of doubles make the average of the three 0.20000000000000004.
 */
TEST(averages_that_are_equal_do_not_cross)
{
    struct indicator *three = new_indicator("sma", (double[]){3, 0});
    struct indicator *one = new_indicator("sma", (double[]){1, 0});
    const char *const closes[] = {"0.1", "0.2", "0.3", "0.1", "0.2"};

    for (size_t i = 0; i < ARRAY_LEN(closes); i++) {
        struct bar bar = flat_bar(0, parse_decimal(closes[i]), D(1));
        indicator_update(three, &bar);
        indicator_update(one, &bar);
    }
    assert_true(value_of(three, 0, 0) == 0.2);
    assert_true(value_of(three, 0, 0) == value_of(one, 0, 0));
    assert_false(line_crossed_above(line_of(one, 0), line_of(three, 0)));
    indicator_free(three);
    indicator_free(one);
}
