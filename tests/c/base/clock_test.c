#include "base/clock.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#include "base/rng.h"
#include "check.h"

static nanos at(const char *text)
{
    nanos out = 0;
    struct fault why;

    if (nanos_parse(text, &out, &why))
        fail_msg("%s", why.text);
    return out;
}

static const char *show(nanos time)
{
    static char out[NANOS_TEXT_MAX];

    return nanos_format(time, out);
}

static const char *show_span(nanos span)
{
    static char out[NANOS_TEXT_MAX];

    return nanos_format_duration(span, out);
}

TEST(the_wall_clock_is_this_century_and_the_monotonic_clock_never_goes_back)
{
    assert_true(clock_wall() > at("2020-01-01"));
    nanos before = clock_monotonic();
    for (int i = 0; i < 1000; i++) {
        nanos now = clock_monotonic();
        assert_true(now >= before);
        before = now;
    }
}

TEST(times_are_written_with_the_fraction_cut_in_threes)
{
    assert_string_equal(show(0), "1970-01-01T00:00:00Z");
    assert_string_equal(show(1723161254087891268), "2024-08-08T23:54:14.087891268Z");
    assert_string_equal(show(1723161254087891000), "2024-08-08T23:54:14.087891Z");
    assert_string_equal(show(1723161254087000000), "2024-08-08T23:54:14.087Z");
    assert_string_equal(show(1723161254080000000), "2024-08-08T23:54:14.080Z");
    assert_string_equal(show(1723161254000000001), "2024-08-08T23:54:14.000000001Z");
    assert_string_equal(show(-1), "1969-12-31T23:59:59.999999999Z");
    assert_string_equal(show(INT64_MIN), "1677-09-21T00:12:43.145224192Z");
    assert_string_equal(show(INT64_MAX), "2262-04-11T23:47:16.854775807Z");
}

TEST(leap_days_are_where_the_gregorian_calendar_has_them)
{
    assert_string_equal(show(at("2024-02-28") + DAYS(1)), "2024-02-29T00:00:00Z");
    assert_string_equal(show(at("2023-02-28") + DAYS(1)), "2023-03-01T00:00:00Z");
    assert_string_equal(show(at("2000-02-28") + DAYS(1)), "2000-02-29T00:00:00Z");
    assert_string_equal(show(at("2100-02-28") + DAYS(1)), "2100-03-01T00:00:00Z");
    assert_string_equal(show(at("2024-12-31") + DAYS(1)), "2025-01-01T00:00:00Z");
}

TEST(times_are_read_in_every_length)
{
    static const struct {
        const char *text, *same;
    } rows[] = {
        {"2024-08-08", "2024-08-08T00:00:00Z"},
        {"2024-08-08Z", "2024-08-08T00:00:00Z"},
        {"2024-08-08T23:54", "2024-08-08T23:54:00Z"},
        {"2024-08-08T23:54Z", "2024-08-08T23:54:00Z"},
        {"2024-08-08T23:54:14", "2024-08-08T23:54:14Z"},
        {"2024-08-08T23:54:14Z", "2024-08-08T23:54:14Z"},
        {"2024-08-08 23:54:14.5", "2024-08-08T23:54:14.500Z"},
        {"2024-08-08T23:54:14.4104Z", "2024-08-08T23:54:14.410400Z"},
        {"2024-08-08T23:54:14.087891268Z", "2024-08-08T23:54:14.087891268Z"},
        {"2024-08-08T23:54:14.0878912689Z", "2024-08-08T23:54:14.087891268Z"},
        {"1678-01-01", "1678-01-01T00:00:00Z"},
        {"2261-12-31T23:59:59.999999999Z", "2261-12-31T23:59:59.999999999Z"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(show(at(rows[i].text)), rows[i].same);
}

TEST(what_is_not_a_time_is_refused_with_the_place_and_the_reason)
{
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"",
         "\"\" is not a time: at character 1, it must start with a date such as 2024-08-08"},
        {"yesterday", "\"yesterday\" is not a time: at character 1, it must start with a date "
                      "such as 2024-08-08"},
        {"2024", "\"2024\" is not a time: at character 5, it must start with a date such as "
                 "2024-08-08"},
        {"2024-13-01",
         "\"2024-13-01\" is not a time: at character 8, the month must be 01 to 12"},
        {"2024-8-8", "\"2024-8-8\" is not a time: at character 7, the month must be 01 to 12"},
        {"2024-08-32",
         "\"2024-08-32\" is not a time: at character 11, the day must be 01 to 31"},
        {"2023-02-29",
         "\"2023-02-29\" is not a time: at character 11, that month has fewer days"},
        {"2024-08-08T24:00",
         "\"2024-08-08T24:00\" is not a time: at character 14, the hour must be 00 to 23"},
        {"2024-08-08T12",
         "\"2024-08-08T12\" is not a time: at character 14, minutes must follow the hour"},
        {"2024-08-08T12:60",
         "\"2024-08-08T12:60\" is not a time: at character 17, the minute must be 00 to 59"},
        {"2024-08-08T12:00:60",
         "\"2024-08-08T12:00:60\" is not a time: at character 20, the second must be 00 to 59"},
        {"2024-08-08T12:00:00.", "\"2024-08-08T12:00:00.\" is not a time: at character 21, "
                                 "digits must follow the point"},
        {"2024-08-08T12:00+02:00", "\"2024-08-08T12:00+02:00\" is not a time: at character 17, "
                                   "it must end there, or go on "
                                   "as in 2024-08-08T23:54:14.087Z (UTC)"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fault why = {0};
        nanos out = 42;
        assert_string_equal(err_name(nanos_parse(rows[i].text, &out, &why)), "parse");
        assert_string_equal(why.text, rows[i].reason);
        assert_int_equal(out, 42);
    }
}

TEST(a_date_that_nanoseconds_cannot_hold_is_out_of_range)
{
    struct fault why;
    nanos out;

    assert_string_equal(err_name(nanos_parse("0001-01-01T00:00:00Z", &out, &why)), "range");
    assert_string_equal(why.text,
                        "\"0001-01-01T00:00:00Z\" is a time outside the years 1678 to 2261");
    assert_int_equal(nanos_parse("2262-01-01", &out, NULL), ERR_RANGE);
    assert_int_equal(nanos_parse("1677-12-31", &out, NULL), ERR_RANGE);
}

TEST(dates_agree_with_the_c_library)
{
    struct rng rng = rng_stream(1, "dates");

    for (int i = 0; i < 100000; i++) {
        int64_t seconds = rng_between(&rng, INT64_C(-9214560000), INT64_C(9214646399));
        time_t time = (time_t)seconds;
        char want[64];
        struct tm tm;
        assert_non_null(gmtime_r(&time, &tm));
        strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%SZ", &tm);
        assert_string_equal(show(SECONDS(seconds)), want);
        assert_int_equal(at(want), SECONDS(seconds));
        assert_int_equal(nanos_weekday(SECONDS(seconds)), (tm.tm_wday + 6) % 7);
        assert_int_equal(nanos_minute_of_day(SECONDS(seconds)), tm.tm_hour * 60 + tm.tm_min);
    }
}

TEST(every_time_reads_back)
{
    struct rng rng = rng_stream(2, "times");

    for (int i = 0; i < 100000; i++) {
        nanos time = rng_between(&rng, at("1678-01-01"), at("2261-12-31"));
        assert_int_equal(at(show(time)), time);
    }
}

TEST(a_day_starts_at_midnight_utc_before_and_after_1970)
{
    assert_string_equal(show(nanos_day(at("2024-08-08T23:59:59.999999999"))),
                        "2024-08-08T00:00:00Z");
    assert_string_equal(show(nanos_day(at("2024-08-08"))), "2024-08-08T00:00:00Z");
    assert_string_equal(show(nanos_day(-1)), "1969-12-31T00:00:00Z");
    assert_int_equal(nanos_minute_of_day(at("2024-08-08T23:59:59")), 1439);
    assert_int_equal(nanos_minute_of_day(-1), 1439);
    assert_int_equal(nanos_weekday(at("2024-08-05")), 0);
    assert_int_equal(nanos_weekday(at("2024-08-11T23:59")), 6);
    assert_int_equal(nanos_weekday(-1), 2);
}

TEST(durations_are_read_in_every_unit)
{
    static const struct {
        const char *text;
        nanos span;
    } rows[] = {
        {"500ms", MILLISECONDS(500)},
        {"30s", SECONDS(30)},
        {"15m", MINUTES(15)},
        {"4h", HOURS(4)},
        {"2d", DAYS(2)},
        {"1.5h", MINUTES(90)},
        {".5s", MILLISECONDS(500)},
        {"250us", MICROSECONDS(250)},
        {"1ns", 1},
        {"0.000000001s", 1},
        {"1.000000s", SECONDS(1)},
        {"106751d", DAYS(106751)},
        {"9223372036854775807ns", INT64_MAX},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        nanos out = 0;
        assert_int_equal(nanos_parse_duration(rows[i].text, &out, NULL), OK);
        assert_int_equal(out, rows[i].span);
    }
}

TEST(what_is_not_a_duration_is_refused_with_the_remedy)
{
    static const struct {
        const char *text, *code, *reason;
    } rows[] = {
        {"15 minutes", "parse",
         "\"15 minutes\" is not a duration: write a number and a unit (d, h, m, s, ms, us, "
         "ns), "
         "such as 1.5h, 15m or 500ms"},
        {"", "parse",
         "\"\" is not a duration: write a number and a unit (d, h, m, s, ms, us, ns), "
         "such as 1.5h, 15m or 500ms"},
        {"15", "parse", NULL},
        {"m", "parse", NULL},
        {"1.2.3s", "parse", NULL},
        {"-5s", "parse", NULL},
        {"1e3s", "parse", NULL},
        {"5S", "parse", NULL},
        {" 5s", "parse", NULL},
        {"0s", "range", "\"0s\" is not a whole number of nanoseconds above zero"},
        {"0.5ns", "range", "\"0.5ns\" is not a whole number of nanoseconds above zero"},
        {"0.0000000000001d", "range", "\"0.0000000000001\" has more than 12 fraction digits"},
        {"106752d", "range", "\"106752d\" is longer than 292 years"},
        {"9223372036854775808ns", "range",
         "\"9223372036854775808ns\" is longer than 292 years"},
        {"9999999999999999999999999d", "range",
         "\"9999999999999999999999999d\" is longer than 292 years"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fault why = {0};
        nanos out = 42;
        assert_string_equal(err_name(nanos_parse_duration(rows[i].text, &out, &why)),
                            rows[i].code);
        if (rows[i].reason)
            assert_string_equal(why.text, rows[i].reason);
        assert_int_equal(out, 42);
    }
}

TEST(durations_are_written_in_the_largest_unit_that_fits)
{
    assert_string_equal(show_span(0), "0s");
    assert_string_equal(show_span(DAYS(2)), "2d");
    assert_string_equal(show_span(HOURS(36)), "36h");
    assert_string_equal(show_span(MINUTES(90)), "90m");
    assert_string_equal(show_span(SECONDS(90)), "90s");
    assert_string_equal(show_span(MILLISECONDS(2500)), "2.5s");
    assert_string_equal(show_span(MILLISECONDS(500)), "500ms");
    assert_string_equal(show_span(MICROSECONDS(1500)), "1.5ms");
    assert_string_equal(show_span(7), "7ns");
    assert_string_equal(show_span(-SECONDS(30)), "-30s");
    assert_string_equal(show_span(INT64_MAX), "9223372036.854775807s");
    assert_string_equal(show_span(INT64_MIN), "-9223372036.854775808s");
}

TEST(every_duration_reads_back)
{
    struct rng rng = rng_stream(3, "durations");

    for (int i = 0; i < 100000; i++) {
        nanos out = 0, span = (nanos)(rng_next(&rng) >> (1 + rng_below(&rng, 63)));
        if (i % 2)
            span -= span % SECONDS(1);
        if (span == 0)
            continue;
        assert_int_equal(nanos_parse_duration(show_span(span), &out, NULL), OK);
        assert_int_equal(out, span);
    }
}
