/* Decimals as text and as doubles.
 *
 * Text of up to 19 characters, which is nearly all there is, is read in one pass
 * with 64-bit arithmetic; whatever that pass does not like, errors included, is
 * read again by the thorough one. A double stands for the shortest decimal that
 * reads back as it, which is found with integers: at once for decimals of up to
 * 15 digits and for all numbers below 512, by trying 15 to 17 digits for others. */
#include <float.h>
#include <math.h>
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

/* Doubles are integers times a power of two; this is one, of 53 bits. */
struct binary {
    uint64_t mantissa;
    int exponent;
};

static struct binary split_double(double number)
{
    struct binary b;

    b.mantissa = (uint64_t)ldexp(frexp(number, &b.exponent), DBL_MANT_DIG);
    b.exponent -= DBL_MANT_DIG;
    return b;
}

/* Any double below 512, from its exact value. Doubles are less than 10^-13 apart there, so
 * at most one decimal of 13 fraction digits reads back as a given one. If that is half a unit,
 * it is the shortest and a tie. If not, half a unit lies beyond all that reads back, and the
 * exact value and the shortest decimal are on the same side of it. */
static bool from_small_double(double number, decimal *out)
{
    struct binary b = split_double(fabs(number));
    int shift = -b.exponent;
    enum { SHIFT_MAX = 100 }; /* 10^-14 */

    if (shift > SHIFT_MAX)
        return false;
    uint128 scaled = (uint128)b.mantissa * DECIMAL_ONE; /* units, times 2^shift */
    uint64_t units = (uint64_t)(scaled >> shift);
    double half = (double)(10 * units + 5) / 1e13; /* two exact numbers: correctly rounded */
    if (half >= fabs(number) && half <= fabs(number))
        units += units & 1;
    else
        units += (uint64_t)(scaled >> (shift - 1)) & 1;
    return units != 0 && decimal_from_magnitude(units, number < 0, out);
}

/* The nearest number of `places` decimals, in units of its last digit, if it reads back as
 * the double: if it is no further away than half the gap to the next double, which is half
 * as wide below a power of two. The gap is `step` and the last digit `unit` in one scale. */
static bool find_digits(struct binary number, int places, uint64_t *digits)
{
    uint128 step = (uint128)1 << (number.exponent > 0 ? number.exponent : 0);
    uint128 unit = (uint128)1 << (number.exponent < 0 ? -number.exponent : 0);
    uint128 rest;

    step *= powers_of_ten[places > 0 ? places : 0];
    unit *= powers_of_ten[places < 0 ? -places : 0];
    uint128 below = divide(number.mantissa * step, unit, &rest);
    uint128 nearest = round_quotient(below, rest, unit, false, ROUND_HALF_EVEN);
    uint128 distance = nearest > below ? unit - rest : rest;
    bool is_power = number.mantissa == (uint64_t)1 << (DBL_MANT_DIG - 1);
    distance *= is_power && nearest == below ? 4 : 2;
    *digits = (uint64_t)nearest;
    return distance < step || (distance == step && number.mantissa % 2 == 0);
}

/* Any double from 512 to 10^25: the first of 15, 16 and 17 digits that reads back. */
static bool from_large_double(double number, decimal *out)
{
    struct binary b = split_double(fabs(number));
    int places = 15;
    uint64_t digits;
    uint128 units;

    for (double power = 1; power <= fabs(number); power *= 10)
        places--;
    while (!find_digits(b, places, &digits))
        places++;
    if (places > DECIMAL_DIGITS) {
        uint128 rest, unit = powers_of_ten[places - DECIMAL_DIGITS];
        units = divide(digits, unit, &rest);
        units = round_quotient(units, rest, unit, number < 0, ROUND_HALF_EVEN);
    } else {
        units = (uint128)digits * powers_of_ten[(DECIMAL_DIGITS - places) / 2] *
                powers_of_ten[(DECIMAL_DIGITS - places + 1) / 2];
    }
    return decimal_from_magnitude(units, number < 0, out);
}

bool decimal_from_double(double number, decimal *out)
{
    if (!isfinite(number) || fabs(number) > 1e25)
        return false;
    if (from_short_double(number, out))
        return true;
    if (fabs(number) < 512)
        return from_small_double(number, out);
    return from_large_double(number, out);
}

/* Whole numbers up to 2^53 divided by a power of ten up to 10^22 are rounded correctly by the
 * processor: 10^12 for small numbers, 10^6 for prices, which have few digits. Others are
 * shifted until the quotient has more bits than a double and fewer than a word; what is left
 * over becomes its last bit, so that the conversion sees no tie where there is none. */
double decimal_to_double(decimal a)
{
    enum { MILLION = 1000000, SPARE_BITS = 26 };
    uint128 units = magnitude(a);
    uint64_t rest;
    double result;

    if (units <= (uint64_t)1 << DBL_MANT_DIG)
        return (double)(int64_t)a.units / (double)DECIMAL_ONE;
    if (units <= INT64_MAX && low_half(units) % MILLION == 0)
        return (double)((int64_t)a.units / MILLION) / MILLION;
    int shift = leading_zeros(units);
    uint128 quotient = divide_by_one(units << shift, &rest); /* 2^87 to 2^89 */
    uint64_t bits = (uint64_t)(quotient >> SPARE_BITS);
    bits |= rest || quotient << (128 - SPARE_BITS);
    result = ldexp((double)(int64_t)bits, SPARE_BITS - shift);
    return a.units < 0 ? -result : result;
}
