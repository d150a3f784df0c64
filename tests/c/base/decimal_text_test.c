#include <float.h>
#include <math.h>
#include <stdio.h>

#include "decimal_random.h"

#define assert_decimal(value, expected)                                                        \
    assert_string_equal(decimal_format((value), (char[DECIMAL_TEXT_MAX]){0}), expected)

/* Text */

TEST(numbers_are_read_and_written_in_their_shortest_form)
{
    static const struct {
        const char *text, *same;
    } rows[] = {
        {"0", "0"},
        {"-0", "0"},
        {"+0", "0"},
        {"-0.000", "0"},
        {"1", "1"},
        {"+1", "1"},
        {"-1", "-1"},
        {".5", "0.5"},
        {"-.5", "-0.5"},
        {"007", "7"},
        {"1.50", "1.5"},
        {"0.000000000001", "0.000000000001"},
        {"0.000000000010", "0.00000000001"},
        {"0.100000000000000000000", "0.1"},
        {"000000000000000000000000000000000000000000000000001.5", "1.5"},
        {"9223372036854775807", "9223372036854775807"},
        {"9999999999999999999", "9999999999999999999"},
        {"-999999999999999999", "-999999999999999999"},
        {"18446744073709551616", "18446744073709551616"},
        {"18446744073709551615.999999999999", "18446744073709551615.999999999999"},
        {"1000000000000000000.1", "1000000000000000000.1"},
        {"10000000000000000000000000", "10000000000000000000000000"},
        {"-10000000000000000000000000.000", "-10000000000000000000000000"},
        {"9999999999999999999999999.999999999999", "9999999999999999999999999.999999999999"},
        {"-9999999999999999999999999.999999999999", "-9999999999999999999999999.999999999999"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fault why;
        decimal out;
        if (decimal_parse(rows[i].text, strlen(rows[i].text), &out, &why))
            fail_msg("%s", why.text);
        assert_decimal(out, rows[i].same);
    }
}

TEST(what_is_not_a_number_is_refused_with_the_reason)
{
    static const struct {
        const char *text, *code, *reason;
    } rows[] = {
        {"", "parse",
         "\"\" is not a decimal number (digits with one point at most, no exponent)"},
        {"1e5", "parse",
         "\"1e5\" is not a decimal number (digits with one point at most, no exponent)"},
        {"-", "parse", NULL},
        {"+", "parse", NULL},
        {".", "parse", NULL},
        {"-.", "parse", NULL},
        {"1.", "parse", NULL},
        {"1..2", "parse", NULL},
        {"1.2.3", "parse", NULL},
        {"--1", "parse", NULL},
        {"+-1", "parse", NULL},
        {" 1", "parse", NULL},
        {"1 ", "parse", NULL},
        {"1,000", "parse", NULL},
        {"0x10", "parse", NULL},
        {"nan", "parse", NULL},
        {"inf", "parse", NULL},
        {"1234567890123456789012345678901234567890.", "parse",
         "\"1234567890123456789012345678901234567890...\" is not a decimal number (digits with "
         "one point at most, no exponent)"},
        {"1\n2\x01", "parse",
         "\"1?2?\" is not a decimal number (digits with one point at most, no exponent)"},
        {"0.0000000000001", "range", "\"0.0000000000001\" has more than 12 fraction digits"},
        {"10000000000000000000000000.000000000001", "range",
         "\"10000000000000000000000000.000000000001\" is larger than 10^25"},
        {"-10000000000000000000000001", "range",
         "\"-10000000000000000000000001\" is larger than 10^25"},
        {"100000000000000000000000000", "range", NULL},
        {"340282366920938463463374607431768211457", "range", NULL},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct fault why = {0};
        decimal out = D(42);
        assert_string_equal(
            err_name(decimal_parse(rows[i].text, strlen(rows[i].text), &out, &why)),
            rows[i].code);
        if (rows[i].reason)
            assert_string_equal(why.text, rows[i].reason);
        assert_decimal(out, "42");
        assert_int_equal(decimal_parse(rows[i].text, strlen(rows[i].text), &out, NULL),
                         why.code);
    }
}

TEST(only_the_given_length_is_read)
{
    decimal out;

    assert_int_equal(decimal_parse("12345", 3, &out, NULL), OK);
    assert_decimal(out, "123");
    assert_int_equal(decimal_parse("1.5,2.5", 3, &out, NULL), OK);
    assert_decimal(out, "1.5");
    assert_int_equal(decimal_parse("1\0002", 3, &out, NULL), ERR_PARSE);
}

TEST(digits_beyond_the_twelfth_are_rounded_as_asked)
{
    static const struct {
        const char *text;
        const char *rounded[6]; /* down, up, floor, ceiling, half up, half even; of 10^-12 */
    } rows[] = {
        {"0.0000000000015", {"1", "2", "1", "2", "2", "2"}},
        {"0.0000000000025", {"2", "3", "2", "3", "3", "2"}},
        {"0.00000000000250", {"2", "3", "2", "3", "3", "2"}},
        {"0.0000000000025000000000000000000001", {"2", "3", "2", "3", "3", "3"}},
        {"0.0000000000024999999999999999999999", {"2", "3", "2", "3", "2", "2"}},
        {"-0.0000000000025", {"-2", "-3", "-3", "-2", "-3", "-2"}},
        {"0.00000000000000000000000001", {"0", "1", "0", "1", "0", "0"}},
        {"-0.00000000000000000000000001", {"0", "-1", "-1", "0", "0", "0"}},
        {"0.0000000000010", {"1", "1", "1", "1", "1", "1"}},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (size_t r = 0; r < ARRAY_LEN(all_roundings); r++) {
            decimal out;
            assert_int_equal(decimal_parse_rounded(rows[i].text, strlen(rows[i].text),
                                                   all_roundings[r], &out, NULL),
                             OK);
            assert_decimal((decimal){out.units * DECIMAL_ONE}, rows[i].rounded[r]);
        }
}

TEST(sixteen_digit_fills_of_the_venue_are_read)
{
    decimal out;

    assert_int_equal(
        decimal_parse_rounded("0.0009345678901234", 18, ROUND_HALF_EVEN, &out, NULL), OK);
    assert_decimal(out, "0.00093456789");
}

TEST(rounding_up_at_the_end_of_the_range_is_out_of_range)
{
    const char *text = "10000000000000000000000000.0000000000001";
    decimal out = D(42);

    assert_int_equal(decimal_parse_rounded(text, strlen(text), ROUND_UP, &out, NULL),
                     ERR_RANGE);
    assert_int_equal(decimal_parse_rounded(text, strlen(text), ROUND_DOWN, &out, NULL), OK);
    assert_decimal(out, "10000000000000000000000000");
}

/* The text GMP gives: all the digits, with the point put in and the zeros taken off. */
static void gmp_format(decimal value, char out[DECIMAL_TEXT_MAX])
{
    char digits[DECIMAL_TEXT_MAX];
    mpz_t units;

    mpz_init(units);
    mpz_set_int128(units, value.units);
    mpz_abs(units, units);
    mpz_get_str(digits, 10, units);
    mpz_clear(units);
    int len = (int)strlen(digits), zeros = len > DECIMAL_DIGITS ? 0 : DECIMAL_DIGITS + 1 - len;
    memmove(digits + zeros, digits, (size_t)len + 1);
    memset(digits, '0', (size_t)zeros);
    int whole = len + zeros - DECIMAL_DIGITS;
    sprintf(out, "%s%.*s.%s", value.units < 0 ? "-" : "", whole, digits, digits + whole);
    char *end = out + strlen(out);
    while (end[-1] == '0')
        *--end = '\0';
    if (end[-1] == '.')
        *--end = '\0';
}

TEST(text_agrees_with_gmp_and_reads_back)
{
    struct rng rng = rng_stream(test_seed(), "text");

    for (int i = 0; i < 200000; i++) {
        decimal value = random_decimal(&rng), back;
        char want[DECIMAL_TEXT_MAX], got[DECIMAL_TEXT_MAX];
        gmp_format(value, want);
        decimal_format(value, got);
        if (strcmp(got, want) != 0 || decimal_parse(got, strlen(got), &back, NULL) ||
            !decimal_is_equal(back, value))
            fail_msg("%s is written %s (PERIGEE_SEED=%" PRIu64 ")", want, got, test_seed());
    }
}

/* Random digits with a random point; the oracle sees them as digits * 10^-fraction. */
TEST(rounded_reading_agrees_with_gmp)
{
    struct rng rng = rng_stream(test_seed(), "rounded reading");
    mpz_t n, d, result;

    mpz_inits(n, d, result, NULL);
    for (int i = 0; i < 200000; i++) {
        char digits[80] = "", text[80];
        int len = (int)rng_between(&rng, 1, 45), point = (int)rng_between(&rng, 0, len);
        for (int k = 0; k < len; k++)
            digits[k] = (char)('0' + (rng_chance(&rng, 0.3)   ? rng_below(&rng, 2) * 5
                                      : rng_chance(&rng, 0.1) ? 9
                                                              : rng_below(&rng, 10)));
        bool negative = rng_chance(&rng, 0.5);
        sprintf(text, "%s%.*s%s%s", negative ? "-" : "", point, digits, point < len ? "." : "",
                digits + point);
        mpz_set_str(n, digits, 10);
        mpz_ui_pow_ui(d, 10, DECIMAL_DIGITS);
        mpz_mul(n, n, d);
        mpz_ui_pow_ui(d, 10, (unsigned)(len - point));
        if (negative)
            mpz_neg(n, n);
        bool exact = mpz_divisible_p(n, d);
        enum rounding rounding = random_rounding(&rng);
        decimal want = {0}, got = {0}, strict = {0};
        mpz_divide_rounded(result, n, d, rounding);
        bool in_range = mpz_get_decimal(result, &want);
        bool ok = decimal_parse_rounded(text, strlen(text), rounding, &got, NULL) == OK;
        bool strict_ok = decimal_parse(text, strlen(text), &strict, NULL) == OK;
        if (ok != in_range || (ok && !decimal_is_equal(got, want)) ||
            strict_ok != (in_range && exact) || (strict_ok && !decimal_is_equal(strict, want)))
            fail_msg("%s, rounding %s, is read wrong (PERIGEE_SEED=%" PRIu64 ")", text,
                     rounding_name(rounding), test_seed());
    }
    mpz_clears(n, d, result, NULL);
}

/* From doubles */

/* The shortest decimal of a double by trying all lengths, each with the neighbours of what
 * printf gives: digits * 10^exponent. */
static void oracle_shortest(double number, mpz_t digits, int *exponent)
{
    for (int precision = 1;; precision++) {
        char text[48], again[64];
        snprintf(text, sizeof text, "%.*e", precision - 1, number);
        *exponent = atoi(strchr(text, 'e') + 1) - (precision - 1);
        if (precision > 1)
            memmove(text + 1, text + 2, strlen(text + 1));
        text[precision] = '\0';
        static const int steps[] = {0, 1, -1};
        for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
            long long candidate = atoll(text) + steps[i];
            snprintf(again, sizeof again, "%llde%d", candidate, *exponent);
            if (strtod(again, NULL) == number) {
                mpz_set_si(digits, candidate);
                return;
            }
        }
    }
}

static bool oracle_from_double(double number, decimal *out)
{
    mpz_t n, d, result;
    int exponent = 0;

    if (!isfinite(number))
        return false;
    mpz_inits(n, d, result, NULL);
    if (number != 0)
        oracle_shortest(fabs(number), n, &exponent);
    exponent += DECIMAL_DIGITS;
    mpz_ui_pow_ui(d, 10, (unsigned)abs(exponent));
    if (exponent > 0) {
        mpz_mul(n, n, d);
        mpz_set_ui(d, 1);
    }
    if (number < 0)
        mpz_neg(n, n);
    mpz_divide_rounded(result, n, d, ROUND_HALF_EVEN);
    bool ok = mpz_get_decimal(result, out) && (number == 0 || out->units != 0);
    mpz_clears(n, d, result, NULL);
    return ok;
}

static void check_from_double(double number)
{
    decimal got = {0}, want = {0};
    bool ok = decimal_from_double(number, &got), expected = oracle_from_double(number, &want);
    char text[2][DECIMAL_TEXT_MAX];

    if (ok != expected || (ok && !decimal_is_equal(got, want)))
        fail_msg("%.17g: got %s, expected %s (PERIGEE_SEED=%" PRIu64 ")", number,
                 ok ? decimal_format(got, text[0]) : "nothing",
                 expected ? decimal_format(want, text[1]) : "nothing", test_seed());
}

TEST(a_double_means_the_shortest_decimal_that_reads_back)
{
    static const struct {
        double number;
        const char *decimal;
    } rows[] = {
        {0.0, "0"},
        {-0.0, "0"},
        {0.1, "0.1"},
        {-0.1, "-0.1"},
        {0.1 + 0.2, "0.3"},
        {1.0 / 3, "0.333333333333"},
        {2.0 / 3, "0.666666666667"},
        {61234.57, "61234.57"},
        {1e15, "1000000000000000"},
        {123456789012345680.0, "123456789012345680"},
        {9007199254740993.0, "9007199254740992"},
        {1e25, "10000000000000000000000000"},
        {-1e25, "-10000000000000000000000000"},
        {1e-12, "0.000000000001"},
        {5.1e-13, "0.000000000001"},
        {1.5e-12, "0.000000000002"},
        {2.5e-12, "0.000000000002"},
        {3.5e-12, "0.000000000004"},
        {1.2345678901225, "1.234567890122"},
        {1.2345678901235, "1.234567890124"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        decimal out;
        assert_true(decimal_from_double(rows[i].number, &out));
        assert_decimal(out, rows[i].decimal);
        check_from_double(rows[i].number);
    }
}

TEST(doubles_that_are_no_decimals_are_refused)
{
    const double wrong[] = {NAN,     INFINITY, -INFINITY, 1.0000000000000002e25,
                            DBL_MAX, 1e26,     -1e26,     4.9e-13,
                            5e-13,   -5e-13,   DBL_MIN,   5e-324};

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        decimal out = D(42);
        assert_false(decimal_from_double(wrong[i], &out));
        assert_decimal(out, "42");
        check_from_double(wrong[i]);
    }
}

TEST(every_power_of_two_and_its_neighbours_agree_with_the_oracle)
{
    for (int exponent = -60; exponent <= 84; exponent++) {
        double power = ldexp(1, exponent);
        check_from_double(power);
        check_from_double(-power);
        check_from_double(nextafter(power, 0));
        check_from_double(nextafter(power, INFINITY));
    }
}

TEST(every_power_of_ten_and_its_neighbours_agree_with_the_oracle)
{
    for (int exponent = -14; exponent <= 26; exponent++) {
        double power = pow(10, exponent);
        double around[] = {nextafter(power, 0), power, nextafter(power, INFINITY), power / 2,
                           power / 3};
        for (size_t i = 0; i < ARRAY_LEN(around); i++) {
            check_from_double(around[i]);
            check_from_double(-around[i]);
        }
    }
}

/* A double of a kind that scripts make. */
static double random_double(struct rng *rng)
{
    static const double powers[] = {1e0, 1e1, 1e2, 1e3,  1e4,  1e5,  1e6,
                                    1e7, 1e8, 1e9, 1e10, 1e12, 1e13, 1e15};
    double power = powers[rng_below(rng, ARRAY_LEN(powers))];
    int64_t bits;
    double number;

    switch (rng_below(rng, 5)) {
    case 0: /* a few decimals */
        return (double)rng_between(rng, -1000000000, 1000000000) / power;
    case 1: /* computed */
        return rng_unit(rng) * power;
    case 2: /* just beside one half of the last digit, or on it */
        number = ((double)rng_below(rng, 100000000) + 0.5) / 1e12;
        return rng_chance(rng, 0.5) ? number : nextafter(number, rng_unit(rng) * 1e-3);
    case 3: /* an integer of many digits */
        return (double)rng_next(rng) * (double)rng_below(rng, 1000000);
    default: /* any bits, with the exponent in or near the range */
        bits = (int64_t)(rng_next(rng) >> 12) | rng_between(rng, 1023 - 45, 1023 + 84) << 52;
        memcpy(&number, &bits, sizeof number);
        return number;
    }
}

TEST(random_doubles_agree_with_the_oracle)
{
    struct rng rng = rng_stream(test_seed(), "from double");

    for (int i = 0; i < 30000; i++)
        check_from_double(random_double(&rng));
}

/* To doubles */

static void check_to_double(decimal value)
{
    char text[DECIMAL_TEXT_MAX];
    double want = strtod(decimal_format(value, text), NULL);
    double got = decimal_to_double(value);

    if (got < want || got > want)
        fail_msg("%s: got %.17g, expected %.17g (PERIGEE_SEED=%" PRIu64 ")", text, got, want,
                 test_seed());
}

TEST(the_nearest_double_is_what_the_c_library_reads)
{
    struct rng rng = rng_stream(test_seed(), "to double");

    for (int i = 0; i < 200000; i++)
        check_to_double(random_decimal(&rng));
}

/* Whole numbers half way between two doubles, and a unit to either side. */
TEST(ties_between_doubles_go_to_the_even_one)
{
    struct rng rng = rng_stream(test_seed(), "double ties");

    for (int i = 0; i < 20000; i++) {
        int64_t odd = ((int64_t)1 << 53) + (rng_between(&rng, 0, ((int64_t)1 << 53) - 1) | 1);
        int128 units = (int128)odd * DECIMAL_ONE << rng_below(&rng, 27);
        if (!decimal_is_in_range((decimal){units}))
            continue;
        for (int step = -1; step <= 1; step++) {
            check_to_double((decimal){units + step});
            check_to_double((decimal){-units + step});
        }
    }
}

TEST(a_decimal_of_fifteen_digits_survives_a_double)
{
    struct rng rng = rng_stream(test_seed(), "survive");

    for (int i = 0; i < 200000; i++) {
        int128 digits = rng_between(&rng, -999999999999999, 999999999999999);
        decimal value = {digits * power_of_ten((unsigned)rng_below(&rng, 22))}, back;
        char text[DECIMAL_TEXT_MAX];
        if (!decimal_from_double(decimal_to_double(value), &back) ||
            !decimal_is_equal(back, value))
            fail_msg("%s does not survive (PERIGEE_SEED=%" PRIu64 ")",
                     decimal_format(value, text), test_seed());
    }
}

TEST(equal_rationals_give_equal_doubles)
{
    decimal a = decimal_div(D(1), D(4), ROUND_DOWN);
    decimal b = decimal_mul_div(D(3), D(5), D(60), ROUND_DOWN);

    assert_true(decimal_is_equal(a, b));
    check_to_double(a);
    assert_true(decimal_to_double(a) == 0.25);
    assert_true(decimal_to_double(DECIMAL_ZERO) == 0 &&
                !signbit(decimal_to_double(DECIMAL_ZERO)));
}
