#include "store/csv_value.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include "store/csv_swar.h"

enum { SHOWN_MAX = 40 };

/* The cell as it may be shown to a person. */
struct shown {
    char text[SHOWN_MAX + 4];
};

static struct shown show(struct csv_cell cell)
{
    struct shown shown;
    size_t n = cell.len < SHOWN_MAX ? cell.len : SHOWN_MAX;

    for (size_t i = 0; i < n; i++)
        shown.text[i] = cell.text[i] >= ' ' && cell.text[i] <= '~' ? cell.text[i] : '?';
    strcpy(shown.text + n, n < cell.len ? "..." : "");
    return shown;
}

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

/* Decimals */

static enum err refuse_number(struct csv_cell cell, struct fault *why)
{
    if (cell.len == 0)
        return fail(
            why, ERR_PARSE,
            "the cell is empty where a number was expected; correct or remove this row");
    if (memchr(cell.text, ',', cell.len))
        return fail(why, ERR_PARSE,
                    "\"%s\" is not a number: commas are not accepted, write 1234.5; correct or "
                    "remove this row",
                    show(cell).text);
    return fail(why, ERR_PARSE,
                "\"%s\" is not a number such as 4642.42; correct or remove this row",
                show(cell).text);
}

enum { EXPONENT_MAX = 40, MANTISSA_MAX = 60 };

static bool read_exponent(const char *p, const char *end, int *out)
{
    bool negative = p < end && *p == '-';
    int value = 0;

    p += p < end && (*p == '-' || *p == '+');
    if (p == end)
        return false;
    for (; p < end && is_digit(*p) && value <= EXPONENT_MAX; p++)
        value = value * 10 + (*p - '0');
    *out = negative ? -value : value;
    return p == end && value <= EXPONENT_MAX;
}

enum { PLAIN_MAX = MANTISSA_MAX + 2 * EXPONENT_MAX };

/* Writes digits with the point before digits[point], which may lie outside. */
static size_t write_plain(const char *digits, int count, int point, char *out)
{
    char *to = out;
    int last = count > point ? count : point;

    for (int i = point < 0 ? point : 0; i < last; i++) {
        if (i == point)
            *to++ = '.';
        *to++ = i >= 0 && i < count ? digits[i] : '0';
    }
    return (size_t)(to - out);
}

/* Writes "-1.25e-3" as "-.00125". Returns the length, 0 when it is no such number. */
static size_t expand_exponent(struct csv_cell cell, char out[PLAIN_MAX + 4])
{
    const char *p = cell.text, *end = cell.text + cell.len;
    char digits[MANTISSA_MAX];
    int count = 0, point = -1, exponent;
    bool has_sign = p < end && (*p == '-' || *p == '+');

    for (p += has_sign; p < end && *p != 'e' && *p != 'E'; p++) {
        if (*p == '.' && point < 0)
            point = count;
        else if (is_digit(*p) && count < MANTISSA_MAX)
            digits[count++] = *p;
        else
            return 0;
    }
    if (p == end || count == 0 || !read_exponent(p + 1, end, &exponent))
        return 0;
    out[0] = *cell.text;
    point = (point < 0 ? count : point) + exponent;
    return has_sign + write_plain(digits, count, point, out + has_sign);
}

/* Whether digits that are not zero follow the twelfth of the fraction. */
static bool is_finer_than_decimal(const char *text, size_t len)
{
    const char *point = memchr(text, '.', len);

    if (!point)
        return false;
    for (const char *p = point + 1 + DECIMAL_DIGITS; p < text + len; p++)
        if (*p != '0')
            return true;
    return false;
}

static enum err read_plain(const char *text, size_t len, decimal *out, bool *rounded)
{
    enum err err = decimal_parse_rounded(text, len, ROUND_HALF_EVEN, out, NULL);

    if (!err && is_finer_than_decimal(text, len))
        *rounded = true;
    return err;
}

static enum err read_any_decimal(struct csv_cell cell, decimal *out, bool *rounded,
                                 struct fault *why)
{
    char plain[PLAIN_MAX + 4];
    enum err err = read_plain(cell.text, cell.len, out, rounded);

    if (!err)
        return OK;
    size_t len = expand_exponent(cell, plain);
    if (len > 0)
        err = read_plain(plain, len, out, rounded);
    if (err == ERR_RANGE)
        return fail(
            why, ERR_RANGE,
            "\"%s\" is larger than any price or size (10^25); correct or remove this row",
            show(cell).text);
    return err ? refuse_number(cell, why) : OK;
}

static const int64_t powers_of_ten[] = {
    1,        10,        100,        1000,        10000,        100000,      1000000,
    10000000, 100000000, 1000000000, 10000000000, 100000000000, DECIMAL_ONE,
};

/* Digits with a point among the first eight characters, or at most eight without: nearly all
 * there is. False for everything else, right or wrong. */
static bool read_short_decimal(struct csv_cell cell, decimal *out)
{
    uint64_t whole = 0, fraction = 0;
    unsigned points = swar_find(cell.text, SWAR_EACH('.'));
    size_t before = points ? (size_t)__builtin_ctz(points) : 8;

    if (before >= cell.len) { /* what follows the cell may hold a point */
        bool is_number = cell.len > 0 && swar_parse_8(cell.text, cell.len, &whole);
        out->units = (int128)whole * DECIMAL_ONE;
        return is_number;
    }
    size_t behind = cell.len - before - 1;
    if (before == 0 || before == 8 || behind == 0 || behind > DECIMAL_DIGITS)
        return false;
    bool is_number = swar_parse_8(cell.text, before, &whole) &&
                     swar_parse(cell.text + before + 1, behind, &fraction);
    out->units =
        (int128)whole * DECIMAL_ONE + (int128)fraction * powers_of_ten[DECIMAL_DIGITS - behind];
    return is_number;
}

enum err csv_read_decimal(struct csv_cell cell, decimal *out, bool *rounded, struct fault *why)
{
    decimal value;

    if (UNLIKELY(!read_short_decimal(cell, &value)))
        return read_any_decimal(cell, out, rounded, why);
    *out = value;
    return OK;
}

/* Counts, sides and flags */

enum err csv_read_count(struct csv_cell cell, uint64_t *out, struct fault *why)
{
    uint64_t value;

    if (cell.len == 0)
        return fail(why, ERR_PARSE,
                    "the cell is empty where a whole number was expected; correct or remove "
                    "this row");
    if (cell.len > SWAR_DIGITS_MAX || !swar_parse(cell.text, cell.len, &value))
        return fail(
            why, ERR_PARSE,
            "\"%s\" is not a whole number of at most 19 digits; correct or remove this row",
            show(cell).text);
    *out = value;
    return OK;
}

struct word {
    const char *text;
    int value;
};

static bool find_word(const struct word *words, size_t count, struct csv_cell cell, int *out)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(words[i].text) == cell.len &&
            strncasecmp(words[i].text, cell.text, cell.len) == 0) {
            *out = words[i].value;
            return true;
        }
    }
    return false;
}

enum err csv_read_side(struct csv_cell cell, enum side *out, struct fault *why)
{
    static const struct word words[] = {
        {"buy", SIDE_BUY},  {"sell", SIDE_SELL}, {"bid", SIDE_BUY}, {"ask", SIDE_SELL},
        {"b", SIDE_BUY},    {"s", SIDE_SELL},    {"a", SIDE_SELL},  {"offer", SIDE_SELL},
        {"bids", SIDE_BUY}, {"asks", SIDE_SELL},
    };
    int value;

    if (!find_word(words, ARRAY_LEN(words), cell, &value))
        return fail(
            why, ERR_PARSE,
            "\"%s\" is not a side; expected buy or sell (or bid, ask); correct or remove "
            "this row",
            show(cell).text);
    *out = (enum side)value;
    return OK;
}

enum err csv_read_bool(struct csv_cell cell, bool *out, struct fault *why)
{
    static const struct word words[] = {
        {"true", true}, {"false", false}, {"1", true}, {"0", false}, {"t", true}, {"f", false},
    };
    int value;

    if (!find_word(words, ARRAY_LEN(words), cell, &value))
        return fail(why, ERR_PARSE,
                    "\"%s\" is neither true nor false; correct or remove this row",
                    show(cell).text);
    *out = value;
    return OK;
}

/* Times */

static const struct {
    const char *name;
    const char *suffix[2]; /* of column names */
    nanos span;
    int digits;   /* fraction digits down to the nanosecond */
    int64_t ends; /* where a larger number means the next unit, in units: year 5138 */
} units[] = {
    [TIME_UNIT_UNKNOWN] = {"unknown", {NULL, NULL}, 0, 0, 0},
    [TIME_UNIT_SECONDS] = {"seconds", {"_s", "_sec"}, SECONDS(1), 9, 100000000000},
    [TIME_UNIT_MILLISECONDS] =
        {"milliseconds", {"_ms", "_msec"}, MILLISECONDS(1), 6, 100000000000000},
    [TIME_UNIT_MICROSECONDS] =
        {"microseconds", {"_us", "_usec"}, MICROSECONDS(1), 3, 100000000000000000},
    [TIME_UNIT_NANOSECONDS] = {"nanoseconds", {"_ns", "_nsec"}, 1, 0, INT64_MAX},
    [TIME_UNIT_DATE] = {"dates", {NULL, NULL}, 0, 0, 0},
};
static_assert(ARRAY_LEN(units) == TIME_UNIT_COUNT, "name every unit");

const char *time_unit_name(enum time_unit unit)
{
    assert(unit < TIME_UNIT_COUNT);
    return units[unit].name;
}

struct csv_time csv_time_of_name(const char *name, size_t *base_len)
{
    size_t len = strlen(name);

    *base_len = len;
    for (int unit = TIME_UNIT_SECONDS; unit <= TIME_UNIT_NANOSECONDS; unit++) {
        for (size_t i = 0; i < ARRAY_LEN(units[unit].suffix); i++) {
            const char *suffix = units[unit].suffix[i];
            size_t n = strlen(suffix);
            if (len > n && strcasecmp(name + len - n, suffix) == 0) {
                *base_len = len - n;
                return (struct csv_time){.unit = (enum time_unit)unit, .is_named = true};
            }
        }
    }
    return (struct csv_time){.unit = TIME_UNIT_UNKNOWN};
}

static enum time_unit recognise(int64_t number)
{
    int unit = TIME_UNIT_SECONDS;

    while (unit < TIME_UNIT_NANOSECONDS && number >= units[unit].ends)
        unit++;
    return (enum time_unit)unit;
}

static enum err refuse_time(const struct csv_time *time, struct csv_cell cell,
                            struct fault *why)
{
    if (time->unit == TIME_UNIT_UNKNOWN)
        return fail(why, ERR_PARSE,
                    "\"%s\" is not a time; expected one such as 2024-08-08T23:54:14Z or a unix "
                    "time; correct or remove this row",
                    show(cell).text);
    if (time->unit == TIME_UNIT_DATE)
        return fail(why, ERR_PARSE,
                    "\"%s\" is not a date such as 2024-08-08T23:54:14Z, as in the rows before; "
                    "correct or remove this row",
                    show(cell).text);
    return fail(why, ERR_PARSE, "\"%s\" is not a unix time in %s%s; correct or remove this row",
                show(cell).text, units[time->unit].name,
                time->is_named ? ", which the column's name says" : ", as in the rows before");
}

static enum err refuse_time_range(struct csv_cell cell, struct fault *why)
{
    return fail(why, ERR_RANGE,
                "\"%s\" is a time outside the years 1970 to 2261; correct or remove this row",
                show(cell).text);
}

static bool parse_whole(const char *text, const char *end, int64_t *out)
{
    uint64_t value;
    size_t len = (size_t)(end - text);

    if (len == 0 || len > SWAR_DIGITS_MAX || !swar_parse(text, len, &value) ||
        value > INT64_MAX)
        return false;
    *out = (int64_t)value;
    return true;
}

/* "123" or "123.45": the number before the point, and where the digits behind it begin. */
static bool split_number(struct csv_cell cell, int64_t *whole, const char **fraction)
{
    const char *end = cell.text + cell.len;

    *fraction = end;
    if (LIKELY(parse_whole(cell.text, end, whole)))
        return true;
    const char *point = memchr(cell.text, '.', cell.len);
    if (!point || point + 1 == end || !parse_whole(cell.text, point, whole))
        return false;
    *fraction = point + 1;
    return true;
}

/* Digits beyond the nanosecond are cut off: a time must not move into the future. */
static bool scan_fraction(const char *p, const char *end, int digits, nanos *out)
{
    nanos value = 0;

    for (; p < end; p++) {
        if (!is_digit(*p))
            return false;
        if (digits-- > 0)
            value = value * 10 + (*p - '0');
    }
    while (digits-- > 0)
        value *= 10;
    *out = value;
    return true;
}

static enum err read_number(struct csv_time *time, struct csv_cell cell, nanos *out,
                            struct fault *why)
{
    int64_t whole;
    nanos fraction = 0;
    const char *p, *end = cell.text + cell.len;

    if (!split_number(cell, &whole, &p))
        return refuse_time(time, cell, why);
    enum time_unit looks = recognise(whole);
    enum time_unit unit = time->unit == TIME_UNIT_UNKNOWN ? looks : time->unit;
    if (!time->is_named && unit != looks)
        return fail(why, ERR_PARSE,
                    "\"%s\" looks like %s, but the rows before are %s; make all rows agree",
                    show(cell).text, units[looks].name, units[unit].name);
    if (p < end && !scan_fraction(p, end, units[unit].digits, &fraction))
        return refuse_time(time, cell, why);
    if (whole >= INT64_MAX / units[unit].span)
        return refuse_time_range(cell, why);
    time->unit = unit;
    *out = whole * units[unit].span + fraction;
    return OK;
}

/* "+02:00", "-0530", "+00" at the end of a date: its minutes; and cuts it off. */
static bool cut_offset(char *text, size_t *len, int *minutes)
{
    static const size_t lengths[] = {6, 5, 3};
    int hour, minute = 0;

    *minutes = 0;
    for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
        size_t n = lengths[i];
        const char *p = text + *len - n;
        if (*len < n + 13 || (*p != '+' && *p != '-') || (n == 6 && p[3] != ':'))
            continue;
        const char *m = p + (n == 6 ? 4 : 3);
        if (!is_digit(p[1]) || !is_digit(p[2]) ||
            (n > 3 && (!is_digit(m[0]) || !is_digit(m[1]))))
            return false;
        hour = (p[1] - '0') * 10 + p[2] - '0';
        if (n > 3)
            minute = (m[0] - '0') * 10 + m[1] - '0';
        *minutes = (*p == '-' ? -1 : 1) * (hour * 60 + minute);
        *len -= n;
        text[*len] = '\0';
        return hour < 24 && minute < 60;
    }
    return true;
}

static enum err read_date(const struct csv_time *time, struct csv_cell cell, nanos *out,
                          struct fault *why)
{
    char text[48];
    size_t len = cell.len;
    int minutes;
    nanos value;

    if (len >= sizeof text)
        return refuse_time(time, cell, why);
    memcpy(text, cell.text, len);
    text[len] = '\0';
    if (len > 4 && strcasecmp(text + len - 4, " UTC") == 0)
        text[len -= 4] = '\0';
    if (!cut_offset(text, &len, &minutes) || nanos_parse(text, &value, NULL))
        return refuse_time(time, cell, why);
    value -= MINUTES(minutes);
    if (value < 0)
        return refuse_time_range(cell, why);
    *out = value;
    return OK;
}

static bool looks_like_date(struct csv_cell cell)
{
    return cell.len >= 8 && cell.text[4] == '-';
}

enum err csv_read_time(struct csv_time *time, struct csv_cell cell, nanos *out,
                       struct fault *why)
{
    if (time->unit == TIME_UNIT_DATE)
        return read_date(time, cell, out, why);
    if (time->unit != TIME_UNIT_UNKNOWN || !looks_like_date(cell))
        return read_number(time, cell, out, why);
    enum err err = read_date(time, cell, out, why);
    if (!err)
        time->unit = TIME_UNIT_DATE;
    return err;
}
