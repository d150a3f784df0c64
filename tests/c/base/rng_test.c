#include "base/rng.h"

#include <inttypes.h>
#include <math.h>

#include "base/attr.h"
#include "check.h"

TEST(the_numbers_are_those_of_xoshiro256_starstar)
{
    struct rng rng = {{1, 2, 3, 4}};
    static const uint64_t published[] = {11520,
                                         0,
                                         1509978240,
                                         1215971899390074240,
                                         1216172134540287360,
                                         607988272756665600,
                                         16172922978634559625u,
                                         8476171486693032832,
                                         10595114339597558777u,
                                         2904607092377533576};

    for (size_t i = 0; i < ARRAY_LEN(published); i++)
        assert_int_equal(rng_next(&rng), published[i]);
}

TEST(the_same_seed_and_name_give_the_same_stream)
{
    struct rng a = rng_stream(42, "prices"), b = rng_stream(42, "prices");

    for (int i = 0; i < 100; i++)
        assert_int_equal(rng_next(&a), rng_next(&b));
}

/* A change here would change every recorded simulation. */
TEST(streams_stay_what_they_are_from_version_to_version)
{
    struct rng rng = rng_stream(42, "prices");

    assert_int_equal(rng_next(&rng), UINT64_C(17107786196356695485));
    assert_int_equal(rng_next(&rng), UINT64_C(14438555112797156196));
}

TEST(another_seed_or_name_gives_another_stream)
{
    struct rng streams[] = {rng_stream(42, "prices"), rng_stream(43, "prices"),
                            rng_stream(42, "sizes"),  rng_stream(42, ""),
                            rng_stream(0, ""),        rng_stream(0, "prices")};
    enum { COUNT = ARRAY_LEN(streams), DRAWS = 100 };
    uint64_t drawn[COUNT][DRAWS];

    for (size_t s = 0; s < COUNT; s++)
        for (size_t i = 0; i < DRAWS; i++)
            drawn[s][i] = rng_next(&streams[s]);
    for (size_t s = 0; s < COUNT; s++)
        for (size_t t = s + 1; t < COUNT; t++)
            for (size_t i = 0; i < DRAWS; i++)
                assert_int_not_equal(drawn[s][i], drawn[t][i]);
}

TEST(numbers_below_a_bound_are_evenly_spread)
{
    enum { BOUND = 7, DRAWS = 70000 };
    struct rng rng = rng_stream(1, "below");
    int count[BOUND] = {0};

    for (int i = 0; i < DRAWS; i++)
        count[rng_below(&rng, BOUND)]++;
    for (int i = 0; i < BOUND; i++) /* five standard deviations of a binomial count */
        assert_in_range(count[i], DRAWS / BOUND - 470, DRAWS / BOUND + 470);
}

/* A plain remainder would make the lower half of this bound twice as likely. */
TEST(a_bound_that_does_not_divide_the_range_favours_nobody)
{
    enum { DRAWS = 60000 };
    const uint64_t bound = UINT64_MAX / 3 * 2;
    struct rng rng = rng_stream(1, "bias");
    int low = 0;

    for (int i = 0; i < DRAWS; i++) {
        uint64_t x = rng_below(&rng, bound);
        assert_true(x < bound);
        low += x < bound / 2;
    }
    assert_in_range(low, DRAWS / 2 - 620, DRAWS / 2 + 620);
}

TEST(a_bound_of_one_leaves_only_zero)
{
    struct rng rng = rng_stream(1, "one");

    for (int i = 0; i < 100; i++)
        assert_int_equal(rng_below(&rng, 1), 0);
}

TEST(both_ends_of_between_can_come)
{
    struct rng rng = rng_stream(1, "between");
    bool seen[5] = {false};

    for (int i = 0; i < 1000; i++) {
        int64_t x = rng_between(&rng, -2, 2);
        assert_true(x >= -2 && x <= 2);
        seen[x + 2] = true;
    }
    for (int i = 0; i < 5; i++)
        assert_true(seen[i]);
    assert_int_equal(rng_between(&rng, 5, 5), 5);
    assert_int_equal(rng_between(&rng, INT64_MIN, INT64_MIN), INT64_MIN);
}

TEST(between_spans_all_of_64_bits)
{
    struct rng rng = rng_stream(1, "wide");
    int negative = 0;

    for (int i = 0; i < 1000; i++)
        negative += rng_between(&rng, INT64_MIN, INT64_MAX) < 0;
    assert_in_range(negative, 420, 580);
}

TEST(units_are_at_least_zero_and_below_one)
{
    struct rng rng = rng_stream(1, "unit");
    double sum = 0;

    for (int i = 0; i < 100000; i++) {
        double x = rng_unit(&rng);
        assert_true(x >= 0 && x < 1);
        sum += x;
    }
    assert_in_range(lround(sum), 50000 - 460, 50000 + 460);
}

TEST(chances_come_as_often_as_they_say)
{
    struct rng rng = rng_stream(1, "chance");
    int hits = 0;

    for (int i = 0; i < 100000; i++) {
        hits += rng_chance(&rng, 0.1);
        assert_false(rng_chance(&rng, 0));
        assert_true(rng_chance(&rng, 1));
    }
    assert_in_range(hits, 10000 - 480, 10000 + 480);
}

TEST(normals_have_mean_nought_deviation_one_and_no_tails_beyond_six)
{
    enum { DRAWS = 100000 };
    struct rng rng = rng_stream(1, "normal");
    double sum = 0, squares = 0;
    int within = 0;

    for (int i = 0; i < DRAWS; i++) {
        double x = rng_normal(&rng);
        assert_true(x > -6 && x < 6);
        sum += x;
        squares += x * x;
        within += fabs(x) < 1;
    }
    assert_true(fabs(sum / DRAWS) < 0.02);
    assert_true(fabs(squares / DRAWS - 1) < 0.02);
    assert_in_range(within, 66500, 69500); /* 68.3 % of a normal distribution, 67.9 % of this */
}

static void draw_below_zero(void)
{
    struct rng rng = rng_stream(1, "");

    rng_below(&rng, 0);
}

static void draw_between_nothing(void)
{
    struct rng rng = rng_stream(1, "");

    rng_between(&rng, 2, 1);
}

TEST(an_empty_range_is_a_bug_and_dies)
{
    assert_true(check_dies(draw_below_zero));
    assert_true(check_dies(draw_between_nothing));
}
