/* Any bytes as a decimal number, and any eight bytes as a double. */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t skip_digits(const char *text, size_t len, size_t at)
{
    while (at < len && text[at] >= '0' && text[at] <= '9')
        at++;
    return at;
}

/* [-+]digits[.digits] or [-+].digits */
static bool is_number(const char *text, size_t len)
{
    size_t start = len > 0 && (text[0] == '-' || text[0] == '+');
    size_t point = skip_digits(text, len, start);

    if (point == len)
        return point > start;
    return text[point] == '.' && point + 1 < len && skip_digits(text, len, point + 1) == len;
}

static decimal read_rounded(const char *text, size_t len, enum rounding rounding)
{
    decimal out;
    enum err err = decimal_parse_rounded(text, len, rounding, &out, NULL);

    assert(!err);
    return out;
}

static void check_double(double number)
{
    decimal out;

    if (!decimal_from_double(number, &out))
        return;
    assert(decimal_is_in_range(out));
    double back = decimal_to_double(out);
    if (fabs(number) >= 16384) /* where doubles are more than 10^-12 apart */
        assert(back >= number && back <= number);
    else
        assert(fabs(back - number) < 1e-12);
}

static void check_value(decimal value)
{
    char text[DECIMAL_TEXT_MAX], again[DECIMAL_TEXT_MAX];
    decimal back;

    assert(decimal_is_in_range(value));
    decimal_format(value, text);
    enum err err = decimal_parse(text, strlen(text), &back, NULL);
    assert(!err && decimal_is_equal(back, value));
    assert(strcmp(decimal_format(back, again), text) == 0);
    double number = decimal_to_double(value), read = strtod(text, NULL);
    assert(number >= read && number <= read);
    check_double(number);
}

/* The roundings of one text are in order and at most a unit apart. */
static void check_roundings(const char *text, size_t len, const decimal *exact)
{
    decimal floor = read_rounded(text, len, ROUND_FLOOR);
    decimal ceiling = read_rounded(text, len, ROUND_CEILING);
    decimal down = read_rounded(text, len, ROUND_DOWN), up = read_rounded(text, len, ROUND_UP);
    decimal half_up = read_rounded(text, len, ROUND_HALF_UP);
    decimal half_even = read_rounded(text, len, ROUND_HALF_EVEN);

    assert(ceiling.units - floor.units == (exact ? 0 : 1));
    assert(!exact || decimal_is_equal(floor, *exact));
    assert(exact || decimal_is_less(decimal_abs(down), decimal_abs(up)));
    assert(decimal_is_equal(decimal_min(down, up), floor));
    assert(decimal_is_equal(half_up, floor) || decimal_is_equal(half_up, ceiling));
    assert(decimal_is_equal(half_even, half_up) || half_even.units % 2 == 0);
    check_value(half_even);
}

static void check_text(const char *text, size_t len)
{
    struct fault why = {0}, rounded_why = {0};
    decimal value, rounded;
    enum err err = decimal_parse(text, len, &value, &why);
    enum err rounded_err = decimal_parse_rounded(text, len, ROUND_UP, &rounded, &rounded_why);

    assert((err != ERR_PARSE) == is_number(text, len));
    assert((rounded_err != ERR_PARSE) == is_number(text, len));
    assert(!err == !why.text[0] && !rounded_err == !rounded_why.text[0]);
    assert(!rounded_err || err);
    if (!rounded_err)
        check_roundings(text, len, err ? NULL : &value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    double number;
    char *text = malloc(size ? size : 1); /* just as long, so that reading beyond is found */

    if (size)
        memcpy(text, data, size);
    check_text(text, size);
    if (size >= sizeof number) {
        memcpy(&number, data, sizeof number);
        check_double(number);
    }
    free(text);
    return 0;
}
