#include "series/extreme.h"

#include "bars.h"

static int128 slow_extreme(const int128 *values, int i, int length, bool is_lowest)
{
    int first = i - length + 1 > 0 ? i - length + 1 : 0;
    int128 best = values[i];

    for (int k = first; k < i; k++) {
        if (is_lowest ? values[k] < best : values[k] > best)
            best = values[k];
    }
    return best;
}

static void check_against_slow(int length, bool is_lowest, int64_t values_max, struct rng *rng)
{
    enum { COUNT = 1500 };
    static int128 values[COUNT];
    struct extreme extreme;

    extreme_init(&extreme, length, is_lowest);
    for (int i = 0; i < COUNT; i++) {
        values[i] = rng_between(rng, -values_max, values_max);
        if (i % 500 >= 300) /* a stretch that only falls, and one that only rises */
            values[i] = i % 1000 < 500 ? -i : i;
        extreme_push(&extreme, values[i]);
        assert_true(extreme_units(&extreme) == slow_extreme(values, i, length, is_lowest));
    }
    extreme_clear(&extreme);
}

TEST(it_is_the_extreme_of_the_last_amounts_at_any_time)
{
    static const int lengths[] = {1, 2, 3, 20, 64, 999, 1500, 2000};
    struct rng rng = rng_stream(seed_of_run(), "extreme");

    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        check_against_slow(lengths[i], false, 1000000, &rng);
        check_against_slow(lengths[i], true, 1000000, &rng);
        check_against_slow(lengths[i], false, 3, &rng);
        check_against_slow(lengths[i], true, 3, &rng);
    }
}

/* Three amounts came in; the candidates are (amount, number of the push). */
static enum err load_candidates(const char *text)
{
    struct archive archive = archive_loader(text, strlen(text));
    struct extreme extreme;

    extreme_init(&extreme, 2, false);
    extreme_archive(&extreme, &archive);
    enum err err = archive_end(&archive, NULL);
    extreme_clear(&extreme);
    return err;
}

TEST(candidates_that_break_an_invariant_are_not_loaded)
{
    assert_int_equal(load_candidates("3 2 9 2 5 3\n"), OK);
    assert_int_equal(load_candidates("3 1 9 3\n"), OK);
    assert_int_equal(load_candidates("3 2 5 2 9 3\n"), ERR_CORRUPT); /* worse before better */
    assert_int_equal(load_candidates("3 2 9 3 5 2\n"), ERR_CORRUPT); /* younger before older */
    assert_int_equal(load_candidates("3 2 9 1 5 3\n"), ERR_CORRUPT); /* out of the window */
    assert_int_equal(load_candidates("3 1 9 2\n"), ERR_CORRUPT);     /* the latest is missing */
    assert_int_equal(load_candidates("3 0\n"), ERR_CORRUPT);
    assert_int_equal(load_candidates("3 3 9 1 5 2 4 3\n"), ERR_CORRUPT);
}
