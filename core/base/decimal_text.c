/* Decimals as text and as doubles.
 *
 * Text of up to 19 characters, which is nearly all there is, is read in one pass
 * with 64-bit arithmetic; whatever that pass does not like, errors included, is
 * read again by the thorough one. Doubles go through their shortest decimal;
 * most have at most 15 digits and are recognised without printing them. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "base/decimal_units.h"

static const uint64_t powers_of_ten[] = {
    1,
    10,
    100,
    1000,
    10000,
    100000,
    1000000,
    10000000,
    100000000,
    1000000000,
    10000000000,
    100000000000,
    1000000000000,
    10000000000000,
    100000000000000,
    1000000000000000,
    10000000000000000,
    100000000000000000,
    1000000000000000000,
    10000000000000000000u,
};

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

static inline uint64_t digit_value(char c)
{
    return (unsigned char)(c - '0');
}

static enum err refuse(struct fault *why, enum err code, const char *text, size_t len,
                       const char *reason)
{
    char shown[44];
    size_t n = len < 40 ? len : 40;

    for (size_t i = 0; i < n; i++)
        shown[i] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
    strcpy(shown + n, n < len ? "..." : "");
    return fail(why, code, "\"%s\" %s", shown, reason);
}

enum { SHORT_TEXT_MAX = 19 }; /* so many digits fit 64 bits */

/* False when the text is longer, wrong, or has more than 12 fraction digits. */
static bool parse_short(const char *text, size_t len, decimal *out)
{
    const char *p = text, *end = text + len;
    uint64_t digits = 0;

    if (len == 0 || len > SHORT_TEXT_MAX)
        return false;
    bool negative = *p == '-';
    p += negative || *p == '+';
    const char *start = p;
    for (; p < end && is_digit(*p); p++)
        digits = digits * 10 + digit_value(*p);
    if (p == end) {
        out->units = (int128)digits * (negative ? -DECIMAL_ONE : DECIMAL_ONE);
        return p > start;
    }
    if (*p != '.')
        return false;
    start = ++p;
    for (; p < end && is_digit(*p); p++)
        digits = digits * 10 + digit_value(*p);
    if (p < end || p == start || p - start > DECIMAL_DIGITS)
        return false;
    int128 scale = (int128)powers_of_ten[DECIMAL_DIGITS - (p - start)];
    out->units = (int128)digits * (negative ? -scale : scale);
    return true;
}

/* The pieces of a number's text, without leading zeros and zeros at the end of the fraction. */
struct pieces {
    const char *whole, *fraction;
    size_t whole_len, fraction_len;
    bool negative;
};

static size_t count_digits(const char *text, const char *end)
{
    size_t n = 0;

    while (text + n < end && is_digit(text[n]))
        n++;
    return n;
}

static bool split(const char *text, size_t len, struct pieces *out)
{
    const char *p = text, *end = text + len;

    out->negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    out->whole = p;
    out->whole_len = count_digits(p, end);
    p += out->whole_len;
    bool has_point = p < end && *p == '.';
    p += has_point;
    out->fraction = p;
    out->fraction_len = has_point ? count_digits(p, end) : 0;
    p += out->fraction_len;
    if (p != end || out->whole_len + out->fraction_len == 0 ||
        (has_point && out->fraction_len == 0))
        return false;
    for (; out->whole_len > 0 && *out->whole == '0'; out->whole_len--)
        out->whole++;
    while (out->fraction_len > 0 && out->fraction[out->fraction_len - 1] == '0')
        out->fraction_len--;
    return true;
}

static uint128 read_digits(uint128 units, const char *digits, size_t len)
{
    for (size_t i = 0; i < len; i++)
        units = units * 10 + digit_value(digits[i]);
    return units;
}

/* The part of the fraction beyond 12 digits, which does not end in a zero: the sign of it
 * less half a unit. */
static int compare_to_half(const char *digits, size_t len)
{
    if (digits[0] != '5')
        return digits[0] > '5' ? 1 : -1;
    return len > 1;
}

enum { WHOLE_DIGITS_MAX = 26 }; /* of 10^25 */

static enum err parse_long(const char *text, size_t len, const enum rounding *rounding,
                           decimal *out, struct fault *why)
{
    struct pieces n;

    if (!split(text, len, &n))
        return refuse(why, ERR_PARSE, text, len,
                      "is not a decimal number (digits with one point at most, no exponent)");
    if (n.whole_len > WHOLE_DIGITS_MAX)
        return refuse(why, ERR_RANGE, text, len, "is larger than 10^25");
    size_t kept = n.fraction_len < DECIMAL_DIGITS ? n.fraction_len : DECIMAL_DIGITS;
    uint128 units = read_digits(read_digits(0, n.whole, n.whole_len), n.fraction, kept);
    units *= powers_of_ten[DECIMAL_DIGITS - kept];
    if (n.fraction_len > kept) {
        if (!rounding)
            return refuse(why, ERR_RANGE, text, len, "has more than 12 fraction digits");
        int half = compare_to_half(n.fraction + kept, n.fraction_len - kept);
        units += rounds_away(*rounding, n.negative, units & 1, half);
    }
    if (!decimal_from_magnitude(units, n.negative, out))
        return refuse(why, ERR_RANGE, text, len, "is larger than 10^25");
    return OK;
}

enum err decimal_parse(const char *text, size_t len, decimal *out, struct fault *why)
{
    decimal number;

    if (LIKELY(parse_short(text, len, &number))) {
        *out = number;
        return OK;
    }
    return parse_long(text, len, NULL, out, why);
}

enum err decimal_parse_rounded(const char *text, size_t len, enum rounding rounding,
                               decimal *out, struct fault *why)
{
    decimal number;

    if (LIKELY(parse_short(text, len, &number))) {
        *out = number;
        return OK;
    }
    return parse_long(text, len, &rounding, out, why);
}

/* Writes the digits of number so that they end before `end`, at least one; returns their start.
 */
static char *write_digits(char *end, uint64_t number)
{
    do {
        *--end = (char)('0' + number % 10);
        number /= 10;
    } while (number);
    return end;
}

/* As above, with leading zeros. */
static char *write_padded(char *end, uint64_t number, int width)
{
    char *start = end - width;

    for (end = write_digits(end, number); end > start;)
        *--end = '0';
    return start;
}

static char *write_fraction(char *end, uint64_t fraction)
{
    int width = DECIMAL_DIGITS;

    if (fraction == 0)
        return end;
    for (; fraction % 10 == 0; width--)
        fraction /= 10;
    end = write_padded(end, fraction, width);
    *--end = '.';
    return end;
}

const char *decimal_format(decimal a, char out[DECIMAL_TEXT_MAX])
{
    char text[DECIMAL_TEXT_MAX];
    char *end = text + sizeof text, *p;
    uint64_t fraction;
    uint128 whole = divide_by_one(magnitude(a), &fraction);
    enum { WORD_DIGITS = 18 };

    p = write_fraction(end, fraction);
    if (high_half(whole)) {
        p = write_padded(p, (uint64_t)(whole % powers_of_ten[WORD_DIGITS]), WORD_DIGITS);
        whole /= powers_of_ten[WORD_DIGITS];
    }
    p = write_digits(p, (uint64_t)whole);
    if (a.units < 0)
        *--p = '-';
    memcpy(out, p, (size_t)(end - p));
    out[end - p] = '\0';
    return out;
}

/* A double that is a decimal of at most 12 fraction and 15 significant digits. No two of
 * those share a double, so the one found is the shortest; dividing integers below 2^53 by
 * powers of ten up to 10^22 is how correctly rounded reading works for them, so the
 * comparison asks exactly whether the decimal reads back as the double. */
static bool from_short_double(double number, decimal *out)
{
    const double limit = 1e15;
    int places = DECIMAL_DIGITS;

    while (places > 0 && fabs(number) * (double)powers_of_ten[places] >= limit)
        places--;
    double scale = (double)powers_of_ten[places];
    if (fabs(number * scale) >= limit)
        return false;
    int64_t digits = llround(number * scale);
    if ((double)digits / scale < number || (double)digits / scale > number)
        return false;
    out->units = (int128)digits * (int64_t)powers_of_ten[DECIMAL_DIGITS - places];
    return true;
}

/* digits * 10^exponent, a positive number. */
struct scientific {
    uint64_t digits;
    int exponent;
};

/* Without the C library's point, which depends on the locale. */
static struct scientific print_scientific(double number, int precision)
{
    struct scientific result = {0};
    char text[48], *p;

    snprintf(text, sizeof text, "%.*e", precision - 1, number);
    for (p = text; *p != 'e'; p++)
        if (is_digit(*p))
            result.digits = result.digits * 10 + digit_value(*p);
    result.exponent = atoi(p + 1) - (precision - 1);
    return result;
}

static bool reads_back(struct scientific text, double number)
{
    char digits[48];

    snprintf(digits, sizeof digits, "%" PRIu64 "e%d", text.digits, text.exponent);
    double read = strtod(digits, NULL);
    return read >= number && read <= number;
}

/* Fifteen digits always survive a double and seventeen always tell it; printing gives the
 * nearest decimal of each length. (Below a power of two doubles are closer than above it,
 * where a decimal that is not the nearest could be the shortest; that happens for none of
 * the powers in the range of decimals, as the tests show by trying all.) */
static struct scientific print_shortest(double number)
{
    for (int precision = 15; precision < 17; precision++) {
        struct scientific text = print_scientific(number, precision);
        if (reads_back(text, number))
            return text;
    }
    return print_scientific(number, 17);
}

static bool from_scientific(struct scientific text, bool negative, decimal *out)
{
    int places = text.exponent + DECIMAL_DIGITS;
    uint128 units = text.digits;

    if (places < -(int)ARRAY_LEN(powers_of_ten) + 1)
        return false;
    if (places < 0) {
        uint128 rest, unit = powers_of_ten[-places];
        units = divide(units, unit, &rest);
        units = round_quotient(units, rest, unit, negative, ROUND_HALF_EVEN);
    }
    for (; places > 0; places--)
        units *= 10;
    return units != 0 && decimal_from_magnitude(units, negative, out);
}

bool decimal_from_double(double number, decimal *out)
{
    if (!isfinite(number) || fabs(number) > 1e25)
        return false;
    if (from_short_double(number, out))
        return true;
    return from_scientific(print_shortest(fabs(number)), number < 0, out);
}

/* Integers up to 2^53 divided by 10^12 are rounded correctly by the processor. Larger ones
 * are shifted until the quotient has far more bits than a double; what is left over becomes
 * its last bit, so that the conversion sees no tie where there is none. */
double decimal_to_double(decimal a)
{
    uint128 units = magnitude(a);
    uint64_t rest;

    if (units <= (uint64_t)1 << 53)
        return (double)(int64_t)a.units / (double)DECIMAL_ONE;
    int shift = high_half(units) ? __builtin_clzll(high_half(units))
                                 : 64 + __builtin_clzll(low_half(units));
    uint128 quotient = divide_by_one(units << shift, &rest);
    double result = ldexp((double)(quotient | (rest != 0)), -shift);
    return a.units < 0 ? -result : result;
}
