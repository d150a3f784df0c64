#include "series/series_set.h"

#include "bars.h"

static struct indicator *add(struct series_set *set, const char *name, const double *options,
                             int history)
{
    struct indicator *indicator = NULL;
    struct fault why;

    if (series_set_add(set, indicators_find(name), options, history, &indicator, &why))
        fail_msg("%s", why.text);
    return indicator;
}

static void feed(struct series_set *set, const struct bar *bars, int count)
{
    for (int i = 0; i < count; i++)
        series_set_update(set, &bars[i]);
}

TEST(the_same_request_gives_the_same_indicator)
{
    struct series_set *set = series_set_new();
    struct indicator *ten = add(set, "sma", (double[]){10, 0}, 0);

    assert_ptr_equal(add(set, "sma", (double[]){10, 0}, 0), ten);
    assert_ptr_not_equal(add(set, "sma", (double[]){11, 0}, 0), ten);
    assert_ptr_not_equal(add(set, "sma", (double[]){10, 1}, 0), ten);
    assert_ptr_not_equal(add(set, "ema", (double[]){10, 0}, 0), ten);
    assert_ptr_equal(add(set, "macd", NULL, 0), add(set, "macd", (double[]){12, 26, 9, 0}, 0));
    assert_int_equal(series_set_count(set), 5);
    series_set_free(set);
}

TEST(a_second_request_can_only_lengthen_the_history)
{
    struct series_set *set = series_set_new();
    struct indicator *sma = add(set, "sma", NULL, 0);

    assert_int_equal(indicator_history(sma), 64);
    add(set, "sma", NULL, 500);
    assert_int_equal(indicator_history(sma), 512);
    add(set, "sma", NULL, 10);
    assert_int_equal(indicator_history(sma), 512);
    series_set_free(set);
}

TEST(one_update_feeds_all_and_all_must_be_ready)
{
    struct series_set *set = series_set_new();
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 40);

    assert_true(series_set_is_ready(set));
    assert_int_equal(series_set_warm_up(set), 0);
    add(set, "sma", (double[]){5, 0}, 0);
    add(set, "adx", (double[]){14}, 0);
    assert_int_equal(series_set_warm_up(set), 28);
    feed(set, bars, 27);
    assert_false(series_set_is_ready(set));
    assert_true(indicator_is_ready(series_set_at(set, 0)));
    feed(set, bars + 27, 1);
    assert_true(series_set_is_ready(set));
    add(set, "obv", NULL, 0);
    assert_false(series_set_is_ready(set));
    series_set_free(set);
    mem_free(bars);
}

TEST(wrong_requests_are_refused_and_leave_nothing_behind)
{
    struct series_set *set = series_set_new();
    struct indicator *indicator = NULL;
    struct fault why;

    assert_int_equal(
        series_set_add(set, indicators_find("sma"), (double[]){0, 0}, 0, &indicator, &why),
        ERR_RANGE);
    assert_string_equal(why.text, "sma: n must be a whole number from 1 to 10080, not 0");
    assert_int_equal(series_set_add(set, indicators_find("sma"), NULL, 16385, &indicator, &why),
                     ERR_RANGE);
    assert_string_equal(why.text, "sma: history must be from 0 to 16384 values, not 16385");
    assert_int_equal(series_set_add(set, indicators_find("sma"), NULL, -1, &indicator, &why),
                     ERR_RANGE);
    assert_null(indicator);
    assert_int_equal(series_set_count(set), 0);
    series_set_free(set);
}

TEST(a_set_has_an_end)
{
    struct series_set *set = series_set_new();
    struct indicator *indicator;
    struct fault why;

    for (int n = 1; n <= SERIES_SET_MAX; n++)
        add(set, "ema", (double[]){n, 0}, 0);
    assert_int_equal(series_set_add(set, indicators_find("ema"),
                                    (double[]){SERIES_SET_MAX + 1, 0}, 0, &indicator, &why),
                     ERR_RANGE);
    assert_string_equal(why.text,
                        "ema: there are 256 indicators already, and that is the most");
    add(set, "ema", (double[]){SERIES_SET_MAX, 0}, 0);
    series_set_free(set);
}

/* As a strategy loaded afresh does: it asks for its indicators again, some of them new. */
TEST(a_loaded_set_goes_on_where_the_saved_one_was)
{
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 200);
    struct series_set *one = series_set_new(), *other = series_set_new();
    struct buf text = BUF_INIT;
    struct fault why;

    add(one, "rsi", NULL, 0);
    add(one, "sma", (double[]){7, 0}, 0);
    feed(one, bars, 100);
    series_set_save(one, &text);
    struct indicator *sma = add(other, "sma", (double[]){7, 0}, 300);
    add(other, "obv", NULL, 0);
    if (series_set_load(other, text.data, text.len, &why))
        fail_msg("%s", why.text);
    assert_int_equal(series_set_count(other), 3);
    assert_ptr_equal(add(other, "sma", (double[]){7, 0}, 0), sma);
    assert_int_equal(indicator_history(sma), 512);
    feed(one, bars + 100, 100);
    feed(other, bars + 100, 100);
    assert_string_equal(shown(sma, 0), shown(series_set_at(one, 1), 0));
    assert_string_equal(shown(add(other, "rsi", NULL, 0), 0), shown(series_set_at(one, 0), 0));
    assert_true(value_of(sma, 0, 150) != 0);
    series_set_free(one);
    series_set_free(other);
    buf_clear(&text);
    mem_free(bars);
}

TEST(a_set_that_cannot_be_loaded_whole_is_not_loaded_at_all)
{
    struct bar *bars = random_bars(&ordinary, seed_of_run(), 100);
    struct series_set *one = series_set_new(), *other = series_set_new();
    struct buf text = BUF_INIT;
    struct fault why;

    add(one, "sma", NULL, 0);
    add(one, "rsi", NULL, 0);
    feed(one, bars, 50);
    series_set_save(one, &text);
    struct indicator *sma = add(other, "sma", NULL, 0);
    assert_int_equal(series_set_load(other, text.data, text.len - 5, &why), ERR_CORRUPT);
    assert_int_equal(series_set_count(other), 1);
    assert_int_equal(indicator_updates(sma), 0);
    assert_int_equal(series_set_load(other, text.data, text.len, &why), OK);
    assert_int_equal(indicator_updates(sma), 50);
    series_set_free(one);
    series_set_free(other);
    buf_clear(&text);
    mem_free(bars);
}
