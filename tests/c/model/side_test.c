#include "model/side.h"

#include "check.h"

TEST(every_side_is_read_back_from_its_name)
{
    for (int i = 0; i < SIDE_COUNT; i++) {
        enum side side;
        assert_true(side_parse(side_name((enum side)i), &side));
        assert_int_equal(side, i);
    }
}

TEST(the_venue_shouts_its_sides)
{
    enum side side;

    assert_true(side_parse("BUY", &side));
    assert_string_equal(side_name(side), "buy");
    assert_true(side_parse("SELL", &side));
    assert_string_equal(side_name(side), "sell");
}

TEST(what_is_no_side_leaves_the_result_alone)
{
    enum side side = SIDE_SELL;

    assert_false(side_parse("", &side));
    assert_false(side_parse("buys", &side));
    assert_false(side_parse("bid", &side));
    assert_string_equal(side_name(side), "sell");
}

TEST(the_opposite_of_the_opposite_is_the_side_itself)
{
    assert_string_equal(side_name(side_opposite(SIDE_BUY)), "sell");
    assert_string_equal(side_name(side_opposite(SIDE_SELL)), "buy");
}
