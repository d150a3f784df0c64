/* Dates are counted in years that begin in March, so that the leap day is the
 * last of its year and the months' lengths follow one line: month m of such a
 * year (0 is March) starts on day (153m + 2) / 5. An era is 400 years, after
 * which the Gregorian calendar repeats. */
#include "base/clock.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/decimal.h"

enum {
    ERA_DAYS = 146097,
    ERA_YEARS = 400,
    EPOCH_DAYS = 719468, /* from 0000-03-01 to 1970-01-01 */
    YEAR_FIRST = 1678,   /* whole years that 64 bits of nanoseconds hold */
    YEAR_LAST = 2261,
};

static nanos read_clock(clockid_t id)
{
    struct timespec time;
    int failed = clock_gettime(id, &time);

    assert(!failed);
    return SECONDS(time.tv_sec) + time.tv_nsec;
}

nanos clock_wall(void)
{
    return read_clock(CLOCK_REALTIME);
}

nanos clock_monotonic(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

static int64_t floor_divide(int64_t n, int64_t divisor)
{
    return n / divisor - (n % divisor < 0);
}

/* 0..divisor-1 */
static int64_t floor_rest(int64_t n, int64_t divisor)
{
    int64_t rest = n % divisor;

    return rest < 0 ? rest + divisor : rest;
}

nanos nanos_day(nanos time)
{
    return time - floor_rest(time, DAYS(1));
}

int nanos_minute_of_day(nanos time)
{
    return (int)(floor_rest(time, DAYS(1)) / MINUTES(1));
}

int nanos_weekday(nanos time)
{
    enum { THURSDAY = 3 }; /* 1970-01-01 */

    return (int)floor_rest(floor_divide(time, DAYS(1)) + THURSDAY, 7);
}

struct date {
    int year, month, day;
};

static struct date date_from_days(int64_t days)
{
    days += EPOCH_DAYS;
    int64_t era = floor_divide(days, ERA_DAYS);
    int64_t day = floor_rest(days, ERA_DAYS);
    int64_t year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
    int64_t day_of_year = day - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day_of_year + 2) / 153;

    return (struct date){
        .year = (int)(era * ERA_YEARS + year + (month >= 10)),
        .month = (int)(month < 10 ? month + 3 : month - 9),
        .day = (int)(day_of_year - (153 * month + 2) / 5 + 1),
    };
}

static int64_t days_from_date(struct date date)
{
    int64_t year = date.year - (date.month <= 2);
    int64_t month = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t era = floor_divide(year, ERA_YEARS);

    year -= era * ERA_YEARS;
    int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
    int64_t day = 365 * year + year / 4 - year / 100 + day_of_year;
    return era * ERA_DAYS + day - EPOCH_DAYS;
}

static int days_in_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month - 1] + (month == 2 && leap);
}

static char *put_digits(char *p, int64_t number, int width)
{
    for (int i = width - 1; i >= 0; i--) {
        p[i] = (char)('0' + number % 10);
        number /= 10;
    }
    return p + width;
}

static char *put_fraction(char *p, int64_t fraction)
{
    int width = 9;

    if (fraction == 0)
        return p;
    for (; fraction % 1000 == 0; width -= 3)
        fraction /= 1000;
    *p++ = '.';
    return put_digits(p, fraction, width);
}

const char *nanos_format(nanos time, char out[NANOS_TEXT_MAX])
{
    struct date date = date_from_days(floor_divide(time, DAYS(1)));
    nanos rest = floor_rest(time, DAYS(1));
    char *p = out;

    p = put_digits(p, date.year, 4);
    *p++ = '-';
    p = put_digits(p, date.month, 2);
    *p++ = '-';
    p = put_digits(p, date.day, 2);
    *p++ = 'T';
    p = put_digits(p, rest / HOURS(1), 2);
    *p++ = ':';
    p = put_digits(p, rest / MINUTES(1) % 60, 2);
    *p++ = ':';
    p = put_digits(p, rest / SECONDS(1) % 60, 2);
    p = put_fraction(p, rest % SECONDS(1));
    memcpy(p, "Z", 2);
    return out;
}

/* What is being read, and what was the first thing wrong with it. */
struct scan {
    const char *p;
    const char *wrong;
};

static bool at_digit(const struct scan *scan)
{
    return *scan->p >= '0' && *scan->p <= '9';
}

/* Exactly `width` digits that make a number in low..high; 0 after the first mistake. */
static int scan_number(struct scan *scan, int width, int low, int high, const char *wrong)
{
    int number = 0;

    for (int i = 0; i < width && !scan->wrong; i++) {
        if (!at_digit(scan))
            scan->wrong = wrong;
        else
            number = number * 10 + (*scan->p++ - '0');
    }
    if (!scan->wrong && (number < low || number > high))
        scan->wrong = wrong;
    return scan->wrong ? 0 : number;
}

static bool scan_char(struct scan *scan, char c)
{
    if (scan->wrong || *scan->p != c)
        return false;
    scan->p++;
    return true;
}

static nanos scan_fraction(struct scan *scan)
{
    nanos fraction = 0, unit = SECONDS(1) / 10;

    if (!scan_char(scan, '.'))
        return 0;
    if (!at_digit(scan))
        scan->wrong = "digits must follow the point";
    for (; at_digit(scan); unit /= 10)
        fraction += (*scan->p++ - '0') * unit;
    return fraction;
}

static nanos scan_time_of_day(struct scan *scan)
{
    if (!scan_char(scan, 'T') && !scan_char(scan, ' '))
        return 0;
    nanos time = HOURS(scan_number(scan, 2, 0, 23, "the hour must be 00 to 23"));
    if (!scan_char(scan, ':') && !scan->wrong)
        scan->wrong = "minutes must follow the hour";
    time += MINUTES(scan_number(scan, 2, 0, 59, "the minute must be 00 to 59"));
    if (!scan_char(scan, ':'))
        return time;
    time += SECONDS(scan_number(scan, 2, 0, 59, "the second must be 00 to 59"));
    return time + scan_fraction(scan);
}

static struct date scan_date(struct scan *scan)
{
    static const char expected[] = "it must start with a date such as 2024-08-08";
    struct date date = {0};

    date.year = scan_number(scan, 4, 0, 9999, expected);
    if (!scan_char(scan, '-') && !scan->wrong)
        scan->wrong = expected;
    date.month = scan_number(scan, 2, 1, 12, "the month must be 01 to 12");
    if (!scan_char(scan, '-') && !scan->wrong)
        scan->wrong = expected;
    date.day = scan_number(scan, 2, 1, 31, "the day must be 01 to 31");
    if (!scan->wrong && date.day > days_in_month(date.year, date.month))
        scan->wrong = "that month has fewer days";
    return date;
}

enum err nanos_parse(const char *text, nanos *out, struct fault *why)
{
    struct scan scan = {text, NULL};
    struct date date = scan_date(&scan);
    nanos time = scan_time_of_day(&scan);

    scan_char(&scan, 'Z');
    if (!scan.wrong && *scan.p != '\0')
        scan.wrong = "it must end there, or go on as in 2024-08-08T23:54:14.087Z (UTC)";
    if (scan.wrong)
        return fail(why, ERR_PARSE, "\"%.40s\" is not a time: at character %d, %s", text,
                    (int)(scan.p - text) + 1, scan.wrong);
    if (date.year < YEAR_FIRST || date.year > YEAR_LAST)
        return fail(why, ERR_RANGE, "\"%.40s\" is a time outside the years %d to %d", text,
                    YEAR_FIRST, YEAR_LAST);
    *out = DAYS(days_from_date(date)) + time;
    return OK;
}

/* From the largest, which is how a span is written. */
static const struct unit {
    const char *name;
    nanos span;
} units[] = {
    {"d", DAYS(1)},          {"h", HOURS(1)},         {"m", MINUTES(1)}, {"s", SECONDS(1)},
    {"ms", MILLISECONDS(1)}, {"us", MICROSECONDS(1)}, {"ns", 1},
};

static const struct unit *find_unit(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strcmp(units[i].name, name) == 0)
            return &units[i];
    return NULL;
}

enum err nanos_parse_duration(const char *text, nanos *out, struct fault *why)
{
    size_t digits = strspn(text, "0123456789.");
    const struct unit *unit = find_unit(text + digits);
    decimal number, span;
    enum err err = decimal_parse(text, digits, &number, why);

    if (!unit || err == ERR_PARSE)
        return fail(why, ERR_PARSE,
                    "\"%.40s\" is not a duration: write a number and a unit (d, h, m, s, ms, "
                    "us, ns), such as 1.5h, 15m or 500ms",
                    text);
    if (err)
        return err;
    if (!decimal_try_mul(number, decimal_from_int(unit->span), ROUND_DOWN, &span) ||
        decimal_compare(span, decimal_from_int(INT64_MAX)) > 0)
        return fail(why, ERR_RANGE, "\"%.40s\" is longer than 292 years", text);
    if (!decimal_is_positive(span) || !decimal_is_multiple(span, D(1)))
        return fail(why, ERR_RANGE, "\"%.40s\" is not a whole number of nanoseconds above zero",
                    text);
    *out = (nanos)(span.units / DECIMAL_ONE);
    return OK;
}

/* Whole seconds in the largest unit that divides them, finer spans with a fraction. */
static const struct unit *pick_unit(nanos span)
{
    const struct unit *unit = units;

    if (span % SECONDS(1) == 0) {
        while (span % unit->span != 0)
            unit++;
        return unit;
    }
    for (unit = find_unit("s"); span / unit->span == 0;)
        unit++;
    return unit;
}

const char *nanos_format_duration(nanos span, char out[NANOS_TEXT_MAX])
{
    char number[DECIMAL_TEXT_MAX];

    if (span == 0)
        return strcpy(out, "0s");
    const struct unit *unit = pick_unit(span);
    decimal count =
        decimal_div(decimal_from_int(span), decimal_from_int(unit->span), ROUND_DOWN);
    snprintf(out, NANOS_TEXT_MAX, "%.30s%s", decimal_format(count, number), unit->name);
    return out;
}
