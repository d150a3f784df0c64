/* What the tokens say: escapes undone, names compared, numbers and truth values read. The
 * parser has checked the syntax of every token, escapes included. */
#include <string.h>

#include "base/json.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

static unsigned read_hex(const char *p)
{
    unsigned value = 0;

    for (int i = 0; i < 4; i++) {
        unsigned c = (unsigned char)p[i];
        value = value * 16 + (is_digit(p[i]) ? c - '0' : (c | 32) - 'a' + 10);
    }
    return value;
}

static size_t encode_utf8(unsigned code, char out[4])
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

/* *p stands behind a \u; half a surrogate pair alone becomes U+FFFD. */
static unsigned read_escaped_code(const char **p, const char *end)
{
    unsigned code = read_hex(*p);

    *p += 4;
    if (code < 0xD800 || code > 0xDFFF)
        return code;
    if (code < 0xDC00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u') {
        unsigned low = read_hex(*p + 2);
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *p += 6;
            return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        }
    }
    return 0xFFFD;
}

/* Takes one character off the text, at most four bytes; the parser has checked the escapes. */
static size_t read_character(const char **p, const char *end, char out[4])
{
    static const char letters[] = "bfnrt", plain[] = "\b\f\n\r\t";
    const char *found;

    out[0] = *(*p)++;
    if (out[0] != '\\')
        return 1;
    out[0] = *(*p)++;
    if (out[0] == 'u')
        return encode_utf8(read_escaped_code(p, end), out);
    found = strchr(letters, out[0]);
    if (found)
        out[0] = plain[found - letters];
    return 1;
}

/* Whether the escaped text is the plain one. */
static bool is_same_text(const char *raw, size_t len, const char *plain)
{
    const char *end = raw + len;
    char bytes[4];

    while (raw < end) {
        size_t n = read_character(&raw, end, bytes);
        for (size_t i = 0; i < n; i++)
            if (*plain == '\0' || *plain++ != bytes[i])
                return false;
    }
    return *plain == '\0';
}

int json_find(const struct json_doc *doc, int object, const char *name)
{
    size_t name_len = strlen(name), len;

    if (json_kind(doc, object) != JSON_OBJECT)
        return JSON_NONE;
    for (int token = json_first(doc, object); token != JSON_NONE;
         token = json_next(doc, object, token)) {
        const char *raw = json_raw(doc, token, &len);
        if (len == name_len
                ? memcmp(raw, name, len) == 0 && !memchr(raw, '\\', len)
                : len > name_len && memchr(raw, '\\', len) && is_same_text(raw, len, name))
            return json_value(doc, token);
    }
    return JSON_NONE;
}

bool json_read_text(const struct json_doc *doc, int token, char *out, size_t cap)
{
    size_t len, need = 0;
    const char *raw = json_raw(doc, token, &len), *end = raw + len;
    char bytes[4];

    if (json_kind(doc, token) != JSON_STRING)
        return false;
    for (const char *p = raw; p < end;) {
        need += read_character(&p, end, bytes);
        if (bytes[0] == '\0')
            return false; /* \u0000 would cut the text short */
    }
    if (need >= cap)
        return false;
    while (raw < end) {
        size_t n = read_character(&raw, end, bytes);
        memcpy(out, bytes, n);
        out += n;
    }
    *out = '\0';
    return true;
}

/* Numbers and truth */

static bool is_scalar(const struct json_doc *doc, int token)
{
    enum json_kind kind = json_kind(doc, token);

    return kind == JSON_NUMBER || kind == JSON_STRING || kind == JSON_BOOL;
}

bool json_read_int(const struct json_doc *doc, int token, int64_t *out)
{
    enum { DIGITS_MAX = 19 }; /* what surely fits 64 bits without a sign */
    size_t len;
    const char *p = json_raw(doc, token, &len), *end = p + len;
    bool negative = len > 0 && *p == '-';
    uint64_t number = 0;

    p += negative;
    if (!is_scalar(doc, token) || p == end || end - p > DIGITS_MAX)
        return false;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return false;
        number = number * 10 + (uint64_t)(*p - '0');
    }
    if (number > (uint64_t)INT64_MAX + negative)
        return false;
    *out = (int64_t)(negative ? 0 - number : number);
    return true;
}

bool json_read_bool(const struct json_doc *doc, int token, bool *out)
{
    size_t len;
    const char *raw = json_raw(doc, token, &len);

    if (!is_scalar(doc, token))
        return false;
    bool is_true = is_word(raw, len, "true");
    if (!is_true && !is_word(raw, len, "false"))
        return false;
    *out = is_true;
    return true;
}

/* Numbers with an exponent come from programs that print doubles: at most 40 characters
 * before it, and nothing beyond 10^60 either way is worth reading. */
enum { MANTISSA_MAX = 40, EXPONENT_MAX = 60, PLAIN_MAX = MANTISSA_MAX + EXPONENT_MAX + 4 };

/* False when it is not one. Far beyond the maximum it is cut short. */
static bool read_exponent(const char *p, const char *end, int *out)
{
    bool negative = p < end && *p == '-';
    int exponent = 0;

    p += p < end && (*p == '-' || *p == '+');
    if (p == end)
        return false;
    for (; p < end; p++) {
        if (!is_digit(*p))
            return false;
        if (exponent <= EXPONENT_MAX)
            exponent = exponent * 10 + (*p - '0');
    }
    *out = negative ? -exponent : exponent;
    return true;
}

/* mantissa * 10^exponent as text without one: the point moves, zeros fill the gaps. */
static size_t move_point(const char *mantissa, size_t len, int exponent, char out[PLAIN_MAX])
{
    const char *point = memchr(mantissa, '.', len);
    int whole = (int)(point ? (size_t)(point - mantissa) : len);
    int digits = (int)len - (point != NULL);
    int place = whole + exponent; /* the index of the first digit behind the new point */
    char *p = out;

    for (int i = place > 0 ? 0 : place - 1; i < digits || i < place; i++) {
        if (i == place)
            *p++ = '.';
        *p++ = i < 0 || i >= digits ? '0' : mantissa[i < whole ? i : i + 1];
    }
    return (size_t)(p - out);
}

static bool read_scientific(const char *raw, size_t len, size_t mantissa, decimal *out)
{
    bool negative = raw[0] == '-', has_sign = negative || raw[0] == '+';
    int exponent;
    char plain[PLAIN_MAX] = "-";
    decimal number = D(1);

    if (mantissa > MANTISSA_MAX || !read_exponent(raw + mantissa + 1, raw + len, &exponent) ||
        decimal_parse(raw, mantissa, &number, NULL) == ERR_PARSE)
        return false;
    if (decimal_is_zero(number) || exponent < -EXPONENT_MAX) {
        *out = DECIMAL_ZERO;
        return true;
    }
    if (exponent > EXPONENT_MAX)
        return false;
    size_t n = move_point(raw + has_sign, mantissa - has_sign, exponent, plain + negative);
    return decimal_parse_rounded(plain, n + negative, ROUND_HALF_EVEN, out, NULL) == OK;
}

bool json_read_decimal(const struct json_doc *doc, int token, decimal *out)
{
    size_t len, mantissa = 0;
    const char *raw = json_raw(doc, token, &len);

    if (!is_scalar(doc, token))
        return false;
    while (mantissa < len && raw[mantissa] != 'e' && raw[mantissa] != 'E')
        mantissa++;
    if (mantissa < len)
        return read_scientific(raw, len, mantissa, out);
    return decimal_parse_rounded(raw, len, ROUND_HALF_EVEN, out, NULL) == OK;
}
