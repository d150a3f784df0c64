#include "store/csv_value.h"

#include <inttypes.h>

#include "base/rng.h"
#include "files.h"

/* A cell with room behind it, and something there that must not matter. */
static struct csv_cell cell_of(const char *text)
{
    static char room[4][128];
    static int next;
    char *copy = room[next++ % 4];

    memset(copy, next % 2 ? '7' : '.', sizeof room[0]);
    memcpy(copy, text, strlen(text));
    return (struct csv_cell){copy, strlen(text)};
}

static const char *decimal_of(const char *text)
{
    static char out[FAULT_TEXT_MAX];
    decimal value;
    bool rounded = false;
    struct fault why;

    if (csv_read_decimal(cell_of(text), &value, &rounded, &why))
        return strcpy(out, why.text);
    decimal_format(value, out);
    return rounded ? strcat(out, " rounded") : out;
}

TEST(numbers_are_read_exactly)
{
    static const char *const same[] = {
        "0",
        "1",
        "12345678",
        "123456789",
        "1234567.5",
        "1234567.12",
        "12345678.5",
        "0.1",
        "0.000000000001",
        "5.12345678",
        "-3",
        "-0.5",
        "61837.63",
        "9999999999999.123456",
        "0.12345678901",
        "1.5",
        "99999999",
        "99999999.99999999",
        "1234567.123456789012",
    };

    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        assert_string_equal(decimal_of(same[i]), same[i]);
}

TEST(numbers_are_read_as_other_programs_write_them)
{
    static const struct {
        const char *text, *value;
    } rows[] = {
        {"300.0", "300"},
        {"+7", "7"},
        {".5", "0.5"},
        {"007.50", "7.5"},
        {"1e3", "1000"},
        {"6.45e-06", "0.00000645"},
        {"6.45E-6", "0.00000645"},
        {"1.2345e2", "123.45"},
        {"1.2345e+4", "12345"},
        {"1.2345e+6", "1234500"},
        {"-5e-1", "-0.5"},
        {"0e0", "0"},
        {"0.00000000", "0"},
        {"1e-12", "0.000000000001"},
        {"12.340000000000000000", "12.34"},
        {"193.89318208999998", "193.89318209 rounded"},
        {"9.342381490000001", "9.34238149 rounded"},
        {"0.0000000000005", "0 rounded"},
        {"0.0000000000015", "0.000000000002 rounded"},
        {"1e-13", "0 rounded"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_string_equal(decimal_of(rows[i].text), rows[i].value);
}

TEST(what_is_no_number_is_quoted_back)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"", "the cell is empty where a number was expected"},
        {"abc", "\"abc\" is not a number such as 4642.42"},
        {"12,5", "commas are not accepted"},
        {"1.2.3", "\"1.2.3\" is not a number"},
        {"12.", "\"12.\" is not a number"},
        {".", "\".\" is not a number"},
        {"-", "\"-\" is not a number"},
        {"nan", "\"nan\" is not a number"},
        {"inf", "\"inf\" is not a number"},
        {"0x10", "\"0x10\" is not a number"},
        {"1e", "\"1e\" is not a number"},
        {"e5", "\"e5\" is not a number"},
        {"1e5e5", "\"1e5e5\" is not a number"},
        {"1 2", "\"1 2\" is not a number"},
        {"1:2", "\"1:2\" is not a number"},
        {"1/2", "\"1/2\" is not a number"},
        {"1\x80", "\"1?\" is not a number"},
        {"1234567\xff", "\"1234567?\" is not a number"},
        {"123456789012345678901234567890", "larger than any price or size"},
        {"1e30", "larger than any price or size"},
        {"1e99", "\"1e99\" is not a number"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        const char *message = decimal_of(rows[i].text);
        assert_contains(message, rows[i].message);
        assert_contains(message, "correct or remove this row");
    }
}

/* Digits and points in a random order: mostly numbers, of all lengths. */
static void make_text(struct rng *rng, char out[40])
{
    static const char characters[] =
        "0123456789012345678901234567890123456789.-+e ,:/x\x80\xff";
    size_t len = rng_below(rng, 24), point = rng_below(rng, 24);
    bool is_wild = rng_chance(rng, 0.2);

    for (size_t i = 0; i < len; i++)
        out[i] = i == point ? '.' : (char)('0' + rng_below(rng, 10));
    if (is_wild && len > 0)
        out[rng_below(rng, len)] = characters[rng_below(rng, sizeof characters - 1)];
    out[len] = '\0';
}

TEST(every_number_is_what_the_decimal_parser_says)
{
    const uint64_t seed = 20240808;
    struct rng rng = rng_stream(seed, "csv numbers");
    char text[40];

    for (int i = 0; i < 200000; i++) {
        decimal value, expected;
        bool rounded = false;
        make_text(&rng, text);
        enum err err = csv_read_decimal(cell_of(text), &value, &rounded, NULL);
        enum err oracle =
            decimal_parse_rounded(text, strlen(text), ROUND_HALF_EVEN, &expected, NULL);
        if (strchr(text, 'e'))
            continue;
        if (err != oracle || (!err && !decimal_is_equal(value, expected)))
            fail_msg("seed %" PRIu64 ", turn %d: \"%s\"", seed, i, text);
        enum err exact = decimal_parse(text, strlen(text), &expected, NULL);
        if (!err && rounded != (exact == ERR_RANGE))
            fail_msg("seed %" PRIu64 ", turn %d: rounded %d: \"%s\"", seed, i, rounded, text);
    }
}

TEST(counts_are_whole_numbers)
{
    uint64_t value;
    struct fault why;

    assert_int_equal(csv_read_count(cell_of("0"), &value, NULL), OK);
    assert_int_equal(value, 0);
    assert_int_equal(csv_read_count(cell_of("50093239189"), &value, NULL), OK);
    assert_int_equal(value, 50093239189);
    assert_int_equal(csv_read_count(cell_of("9999999999999999999"), &value, NULL), OK);
    assert_int_equal(value, UINT64_C(9999999999999999999));
    assert_int_equal(csv_read_count(cell_of("10000000000000000000"), &value, &why), ERR_PARSE);
    assert_contains(why.text, "at most 19 digits");
    assert_int_equal(csv_read_count(cell_of("1.5"), &value, &why), ERR_PARSE);
    assert_contains(why.text, "\"1.5\" is not a whole number");
    assert_int_equal(csv_read_count(cell_of("-1"), &value, &why), ERR_PARSE);
    assert_int_equal(csv_read_count(cell_of(""), &value, &why), ERR_PARSE);
    assert_contains(why.text, "the cell is empty");
}

TEST(sides_are_read_in_the_words_of_every_feed)
{
    static const char *const buys[] = {"buy", "BUY", "Bid", "b", "bids"};
    static const char *const sells[] = {"sell", "Sell", "ASK", "a", "s", "offer", "asks"};
    enum side side;
    struct fault why;

    for (size_t i = 0; i < ARRAY_LEN(buys); i++) {
        assert_int_equal(csv_read_side(cell_of(buys[i]), &side, NULL), OK);
        assert_int_equal(side, SIDE_BUY);
    }
    for (size_t i = 0; i < ARRAY_LEN(sells); i++) {
        assert_int_equal(csv_read_side(cell_of(sells[i]), &side, NULL), OK);
        assert_int_equal(side, SIDE_SELL);
    }
    assert_int_equal(csv_read_side(cell_of("long"), &side, &why), ERR_PARSE);
    assert_contains(why.text, "\"long\" is not a side; expected buy or sell");
}

TEST(flags_are_true_or_false)
{
    bool flag;
    struct fault why;

    assert_int_equal(csv_read_bool(cell_of("True"), &flag, NULL), OK);
    assert_true(flag);
    assert_int_equal(csv_read_bool(cell_of("0"), &flag, NULL), OK);
    assert_false(flag);
    assert_int_equal(csv_read_bool(cell_of("maybe"), &flag, &why), ERR_PARSE);
    assert_contains(why.text, "\"maybe\" is neither true nor false");
}

/* Times */

static const char *time_in(struct csv_time *time, const char *text)
{
    static char out[FAULT_TEXT_MAX];
    nanos value;
    struct fault why;

    if (csv_read_time(time, cell_of(text), &value, &why))
        return strcpy(out, why.text);
    return nanos_format(value, out);
}

static const char *time_of(const char *column, const char *text)
{
    size_t len;
    struct csv_time time = csv_time_of_name(column, &len);

    return time_in(&time, text);
}

TEST(the_unit_of_a_time_comes_from_its_column_or_its_size)
{
    static const struct {
        const char *column, *text, *time;
    } rows[] = {
        {"ts", "1723161254", "2024-08-08T23:54:14Z"},
        {"ts", "1723161254087", "2024-08-08T23:54:14.087Z"},
        {"ts", "1723161254087891", "2024-08-08T23:54:14.087891Z"},
        {"ts", "1723161254087891268", "2024-08-08T23:54:14.087891268Z"},
        {"ts_s", "5", "1970-01-01T00:00:05Z"},
        {"ts_ms", "5000", "1970-01-01T00:00:05Z"},
        {"TS_US", "5000000", "1970-01-01T00:00:05Z"},
        {"ts_ns", "5000000000", "1970-01-01T00:00:05Z"},
        {"time_sec", "1723161254", "2024-08-08T23:54:14Z"},
        {"ts", "99999999999", "5138"},
        {"ts", "1723161254.5", "2024-08-08T23:54:14.500Z"},
        {"ts", "1723161254.087891268", "2024-08-08T23:54:14.087891268Z"},
        {"ts", "1723161254.0878912689", "2024-08-08T23:54:14.087891268Z"},
        {"ts_ms", "1723161254087.25", "2024-08-08T23:54:14.087250Z"},
        {"ts", "2024-08-08", "2024-08-08T00:00:00Z"},
        {"date", "2024-08-08 23:54", "2024-08-08T23:54:00Z"},
        {"ts", "2024-08-08T23:54:14.087Z", "2024-08-08T23:54:14.087Z"},
        {"ts", "2024-08-08 23:54:14 UTC", "2024-08-08T23:54:14Z"},
        {"ts", "2024-08-08 23:54:14+00:00", "2024-08-08T23:54:14Z"},
        {"ts", "2024-08-08T23:54:14-0530", "2024-08-09T05:24:14Z"},
        {"ts", "2024-08-08T23:54:14.5+02", "2024-08-08T21:54:14.500Z"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (strcmp(rows[i].time, "5138") == 0)
            assert_contains(time_of(rows[i].column, rows[i].text), "outside the years");
        else
            assert_string_equal(time_of(rows[i].column, rows[i].text), rows[i].time);
    }
}

TEST(what_is_no_time_is_quoted_back)
{
    static const struct {
        const char *column, *text, *message;
    } rows[] = {
        {"ts", "", "\"\" is not a time; expected one such as 2024-08-08T23:54:14Z"},
        {"ts", "yesterday", "\"yesterday\" is not a time"},
        {"ts", "08/08/2024", "\"08/08/2024\" is not a time"},
        {"ts", "1.7e12", "\"1.7e12\" is not a time"},
        {"ts", "-5", "\"-5\" is not a time"},
        {"ts", "2024-13-01", "\"2024-13-01\" is not a time"},
        {"ts", "2024-08-08T23:54:14+25:00", "is not a time"},
        {"ts", "1723161254.", "\"1723161254.\" is not a time"},
        {"ts", "1723161254.5x", "\"1723161254.5x\" is not"},
        {"ts", "99999999999999999999999", "is not a time"},
        {"ts", "1969-12-31", "outside the years 1970 to 2261"},
        {"ts_ms", "2024-08-08", "is not a unix time in milliseconds, which the column's name"},
        {"ts_ns", "99999999999999999999", "is not a unix time in nanoseconds"},
        {"ts_s", "9999999999999", "outside the years 1970 to 2261"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        assert_contains(time_of(rows[i].column, rows[i].text), rows[i].message);
}

TEST(all_rows_of_a_column_write_time_the_same_way)
{
    struct csv_time numbers = {0}, dates = {0};

    assert_string_equal(time_in(&numbers, "1723161254087"), "2024-08-08T23:54:14.087Z");
    assert_contains(time_in(&numbers, "1723161254"),
                    "looks like seconds, but the rows before are milliseconds");
    assert_contains(time_in(&numbers, "2024-08-08"), "not a unix time in milliseconds, as in");
    assert_string_equal(time_in(&dates, "2024-08-08"), "2024-08-08T00:00:00Z");
    assert_contains(time_in(&dates, "1723161254087"), "is not a date such as");
}

TEST(the_unit_is_cut_off_the_name_of_a_column)
{
    size_t len;

    assert_int_equal(csv_time_of_name("local_ts_ns", &len).unit, TIME_UNIT_NANOSECONDS);
    assert_int_equal(len, strlen("local_ts"));
    assert_int_equal(csv_time_of_name("timestamp", &len).unit, TIME_UNIT_UNKNOWN);
    assert_int_equal(len, strlen("timestamp"));
    assert_int_equal(csv_time_of_name("_ms", &len).unit, TIME_UNIT_UNKNOWN);
}
