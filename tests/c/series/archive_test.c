#include "series/archive.h"

#include "bars.h"

static struct indicator *saved_and_loaded(const struct indicator *indicator)
{
    struct indicator *copy;
    struct buf text = BUF_INIT;
    struct fault why;

    indicator_save(indicator, &text);
    if (indicator_load(text.data, text.len, &copy, &why))
        fail_msg("%s: %s", indicator_info(indicator)->name, why.text);
    buf_clear(&text);
    return copy;
}

static void assert_same(const struct indicator *a, const struct indicator *b)
{
    assert_int_equal(indicator_history(a), indicator_history(b));
    for (int k = 0; k < indicator_count_outputs(indicator_info(a)); k++) {
        for (int ago = 0; ago <= indicator_history(a); ago++) {
            double x = 0, y = 0;
            assert_int_equal(indicator_value(a, k, ago, &x), indicator_value(b, k, ago, &y));
            if (memcmp(&x, &y, sizeof x) != 0)
                fail_msg("%s.%s, %d ago: %.17g is not %.17g", indicator_info(a)->name,
                         indicator_info(a)->outputs[k].name, ago, y, x);
        }
    }
}

/* Saved after `saved` bars; what was loaded goes on beside the one that never stopped. */
static void check_resume(const struct indicator_info *info, const double *options,
                         const struct bar *bars, int saved)
{
    struct indicator *one = new_indicator(info->name, options);

    indicator_keep_history(one, saved % 2 ? 100 : 0);
    for (int i = 0; i < saved; i++)
        indicator_update(one, &bars[i]);
    struct indicator *other = saved_and_loaded(one);
    assert_int_equal(indicator_updates(other), saved);
    assert_memory_equal(indicator_options(one), indicator_options(other),
                        INDICATOR_OPTIONS_MAX * sizeof(double));
    assert_same(one, other);
    for (int i = saved; i < saved + 150; i++) {
        indicator_update(one, &bars[i]);
        indicator_update(other, &bars[i]);
        assert_same(one, other);
    }
    indicator_free(one);
    indicator_free(other);
}

TEST(an_indicator_goes_on_after_a_restart_as_if_there_had_been_none)
{
    static const int moments[] = {0, 1, 2, 5, 13, 14, 30, 100, 321};
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 500);

    for (int i = 0; i < indicators_count(); i++) {
        double options[INDICATOR_OPTIONS_MAX];
        short_options(indicators_at(i), options);
        for (size_t k = 0; k < ARRAY_LEN(moments); k++) {
            check_resume(indicators_at(i), NULL, bars, moments[k]);
            check_resume(indicators_at(i), options, bars, moments[k]);
        }
    }
    mem_free(bars);
}

TEST(saving_what_was_loaded_gives_the_same_text)
{
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 60);

    for (int i = 0; i < indicators_count(); i++) {
        struct buf first = BUF_INIT, second = BUF_INIT;
        struct indicator *indicator = new_indicator(indicators_at(i)->name, NULL);
        for (int bar = 0; bar < 60; bar++)
            indicator_update(indicator, &bars[bar]);
        struct indicator *copy = saved_and_loaded(indicator);
        indicator_save(indicator, &first);
        indicator_save(copy, &second);
        assert_string_equal(first.data, second.data);
        assert_int_equal(strcspn(first.data, "\n"), first.len - 1);
        indicator_free(indicator);
        indicator_free(copy);
        buf_clear(&first);
        buf_clear(&second);
    }
    mem_free(bars);
}

/* Whatever loads must be safe to feed; what does not must say so. */
static bool survives(const char *text, size_t len, const struct bar *bars)
{
    struct indicator *indicator;
    struct fault why = {OK, ""};

    if (indicator_load(text, len, &indicator, &why)) {
        assert_true(why.code == ERR_CORRUPT || why.code == ERR_RANGE);
        assert_true(strlen(why.text) > 0);
        return false;
    }
    for (int i = 0; i < 40; i++)
        indicator_update(indicator, &bars[i]);
    indicator_free(indicator);
    return true;
}

static void check_damage(const struct indicator_info *info, const struct bar *bars)
{
    static const char noise[] = "0123456789abcdef -\nzZ";
    struct rng rng = rng_stream(seed_of_run(), info->name);
    struct buf text = BUF_INIT;
    double options[INDICATOR_OPTIONS_MAX];

    short_options(info, options);
    struct indicator *indicator = new_indicator(info->name, options);
    for (int i = 0; i < 40; i++)
        indicator_update(indicator, &bars[i]);
    indicator_save(indicator, &text);
    for (size_t len = 0; len < text.len - 1; len += 1 + len / 50)
        survives(text.data, len, bars);
    for (int i = 0; i < 400; i++) {
        char *at = &text.data[rng_below(&rng, text.len)];
        char before = *at;
        *at = noise[rng_below(&rng, sizeof noise - 1)];
        survives(text.data, text.len, bars);
        *at = before;
    }
    assert_true(survives(text.data, text.len, bars));
    assert_false(survives(text.data, text.len - text.len / 3, bars));
    indicator_free(indicator);
    buf_clear(&text);
}

TEST(damaged_text_is_refused_or_harmless)
{
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 40);

    for (int i = 0; i < indicators_count(); i++)
        check_damage(indicators_at(i), bars);
    mem_free(bars);
}

TEST(text_of_another_version_is_refused_with_the_way_on)
{
    static const char text[] = "indicator-0 sma 0 0 0 0 40 0\n";
    struct indicator *indicator;
    struct fault why;

    assert_int_equal(indicator_load(text, strlen(text), &indicator, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, "another version"));
    assert_non_null(strstr(why.text, "feed the bars again"));
}

TEST(a_number_out_of_its_bounds_fails_and_leaves_the_field)
{
    static const char text[] = " 1f 20 ffffffffffffffffffffffffffffffff\n";
    struct archive archive = archive_loader(text, strlen(text));
    int first = 0, second = 7;
    int64_t third = 0;
    struct fault why;

    archive_int(&archive, &first, 0, 31);
    assert_int_equal(first, 31);
    archive_int(&archive, &second, 0, 31);
    assert_int_equal(second, 7);
    archive_int64(&archive, &third, -5, 5);
    assert_int_equal(third, 0);
    assert_int_equal(archive_end(&archive, &why), ERR_CORRUPT);
}

TEST(an_amount_beyond_its_limit_is_not_loaded)
{
    static const char text[] = "64\n65\nffffffffffffffffffffffffffffff9c\n"
                               "ffffffffffffffffffffffffffffff9b\n"; /* 100, 101, -100, -101 */
    struct archive archive = archive_loader(text, strlen(text));
    static const enum err want[] = {OK, ERR_CORRUPT, OK, ERR_CORRUPT};

    for (int i = 0; i < 4; i++) {
        int128 units = 0;
        archive_units(&archive, &units, 100);
        assert_int_equal(archive_end(&archive, NULL), want[i]);
        archive.has_failed = false;
        archive.next += *archive.next == '\n';
    }
}

TEST(negative_numbers_and_doubles_come_back_as_they_were)
{
    struct buf text = BUF_INIT;
    struct archive saver = archive_saver(&text);
    int64_t number = -5;
    int128 units = -EXACT_LIMIT;
    wide big = wide_product(-EXACT_LIMIT, EXACT_LIMIT - 1), big_back;
    double real = -0.1, real_back;

    archive_int64(&saver, &number, -5, 5);
    archive_units(&saver, &units, EXACT_LIMIT);
    archive_wide(&saver, &big);
    archive_double(&saver, &real);
    assert_int_equal(archive_end(&saver, NULL), OK);
    struct archive loader = archive_loader(text.data, text.len);
    number = 0, units = 0;
    archive_int64(&loader, &number, -5, 5);
    archive_units(&loader, &units, EXACT_LIMIT);
    archive_wide(&loader, &big_back);
    archive_double(&loader, &real_back);
    assert_int_equal(archive_end(&loader, NULL), OK);
    assert_int_equal(number, -5);
    assert_true(units == -EXACT_LIMIT);
    assert_true(big_back.high == big.high && big_back.low == big.low);
    assert_true(real_back == -0.1);
    buf_clear(&text);
}

static enum err load_double(const char *text, double *out)
{
    struct archive archive = archive_loader(text, strlen(text));

    archive_double(&archive, out);
    return archive_end(&archive, NULL);
}

TEST(only_finite_doubles_are_loaded)
{
    double value = 0;

    assert_int_equal(load_double("3ff0000000000000\n", &value), OK);
    assert_true(value == 1);
    assert_int_equal(load_double("7ff0000000000000\n", &value), ERR_CORRUPT);
    assert_int_equal(load_double("7ff8000000000000\n", &value), ERR_CORRUPT);
    assert_int_equal(load_double("13ff0000000000000\n", &value), ERR_CORRUPT);
    assert_int_equal(load_double("3ff000000000000g\n", &value), ERR_CORRUPT);
    assert_int_equal(load_double("\n", &value), ERR_CORRUPT);
    assert_int_equal(load_double("3ff0000000000000", &value), ERR_CORRUPT);
    assert_true(value == 1);
}
