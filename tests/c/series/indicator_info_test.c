#include "series/indicator_info.h"

#include <math.h>
#include <string.h>

#include "series/indicators.h"

#include "check.h"

static const char *usage_of(const char *name, struct buf *buf)
{
    buf_reset(buf);
    indicator_format_usage(indicators_find(name), buf);
    return buf_text(buf);
}

static const char *call_of(const char *name, const double *options, struct buf *buf)
{
    buf_reset(buf);
    indicator_format_call(indicators_find(name), options, buf);
    return buf_text(buf);
}

/* What is wrong with these options, "" if nothing is. */
static const char *fault_of(const char *name, const double *options, struct fault *why)
{
    *why = (struct fault){OK, ""};
    enum err err = indicator_check_options(indicators_find(name), options, why);
    assert_int_equal(err, why->code);
    return why->text;
}

TEST(every_choice_is_read_back_from_its_name)
{
    for (int i = 0; i < indicators_count(); i++) {
        const struct indicator_info *info = indicators_at(i);
        for (int k = 0; info->options[k].name; k++) {
            const char *const *choices = info->options[k].choices;
            for (int c = 0; choices && choices[c]; c++) {
                double value = -1;
                assert_int_equal(indicator_parse_choice(info, k, choices[c], &value, NULL), OK);
                assert_true(value == c && value <= info->options[k].max);
            }
        }
    }
}

TEST(a_wrong_choice_is_told_the_names)
{
    struct fault why;
    double value = -1;

    assert_int_equal(indicator_parse_choice(indicators_find("sma"), 1, "price", &value, &why),
                     ERR_RANGE);
    assert_string_equal(
        why.text, "sma: source must be one of close, open, high, low, volume, not 'price'");
    assert_true(value == -1);
}

TEST(a_wrong_option_is_named_with_its_range)
{
    struct fault why;

    assert_string_equal(fault_of("sma", (double[]){10, 0}, &why), "");
    assert_string_equal(fault_of("sma", (double[]){0, 0}, &why),
                        "sma: n must be a whole number from 1 to 10080, not 0");
    assert_string_equal(fault_of("sma", (double[]){10081, 0}, &why),
                        "sma: n must be a whole number from 1 to 10080, not 10081");
    assert_string_equal(fault_of("sma", (double[]){2.5, 0}, &why),
                        "sma: n must be a whole number from 1 to 10080, not 2.5");
    assert_string_equal(fault_of("sma", (double[]){10, 5}, &why),
                        "sma: source must be a whole number from 0 to 4, not 5");
    assert_string_equal(fault_of("stddev", (double[]){1, 0, 0}, &why),
                        "stddev: n must be a whole number from 2 to 10080, not 1");
    assert_string_equal(fault_of("bollinger", (double[]){20, 0, 1, 0}, &why),
                        "bollinger: deviations must be a number from 0.01 to 100, not 0");
    assert_string_equal(fault_of("stochastic", (double[]){14, 101, 3}, &why),
                        "stochastic: smooth must be a whole number from 1 to 100, not 101");
    assert_true(strlen(fault_of("sma", (double[]){NAN, 0}, &why)) > 0);
    assert_true(strlen(fault_of("bollinger", (double[]){20, NAN, 1, 0}, &why)) > 0);
    assert_true(strlen(fault_of("sma", (double[]){INFINITY, 0}, &why)) > 0);
}

TEST(a_macd_is_fast_less_slow_and_not_the_other_way_round)
{
    struct fault why;

    assert_string_equal(fault_of("macd", (double[]){12, 26, 9, 0}, &why), "");
    assert_string_equal(fault_of("macd", (double[]){26, 12, 9, 0}, &why),
                        "macd: fast (26) must be less than slow (12)");
    assert_string_equal(fault_of("macd", (double[]){12, 12, 9, 0}, &why),
                        "macd: fast (12) must be less than slow (12)");
}

TEST(usage_shows_every_option_with_its_default)
{
    struct buf buf = BUF_INIT;

    assert_string_equal(usage_of("sma", &buf), "sma(n = 20, source = close)");
    assert_string_equal(usage_of("bollinger", &buf),
                        "bollinger(n = 20, deviations = 2, kind = population, source = close)");
    assert_string_equal(usage_of("highest", &buf), "highest(n = 20, source = high)");
    assert_string_equal(usage_of("obv", &buf), "obv()");
    buf_clear(&buf);
}

TEST(a_call_shows_what_was_asked_for)
{
    struct buf buf = BUF_INIT;

    assert_string_equal(call_of("sma", (double[]){20, 0}, &buf), "sma(20)");
    assert_string_equal(call_of("sma", (double[]){10, 4}, &buf), "sma(10, volume)");
    assert_string_equal(call_of("bollinger", (double[]){20, 2.5, 1, 0}, &buf),
                        "bollinger(20, 2.5)");
    assert_string_equal(call_of("obv", (double[]){0}, &buf), "obv()");
    buf_clear(&buf);
}
