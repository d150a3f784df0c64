#include "base/option_type.h"

#include <assert.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"

#define KIND_BIT(kind) (1u << (kind))

static const struct {
    const char *name;
    unsigned kinds; /* besides text, which may be anything */
} types[] = {
    [OPTION_BOOL] = {"true or false", KIND_BIT(OPTION_AS_BOOL)},
    [OPTION_INT] = {"whole number", KIND_BIT(OPTION_AS_NUMBER)},
    [OPTION_DECIMAL] = {"number", KIND_BIT(OPTION_AS_NUMBER) | KIND_BIT(OPTION_AS_STRING)},
    [OPTION_SHARE] = {"share", KIND_BIT(OPTION_AS_NUMBER) | KIND_BIT(OPTION_AS_STRING)},
    [OPTION_DURATION] = {"duration", KIND_BIT(OPTION_AS_STRING)},
    [OPTION_TIME] = {"time of day", KIND_BIT(OPTION_AS_STRING)},
    [OPTION_DAYS] = {"days", KIND_BIT(OPTION_AS_STRING)},
    [OPTION_CHOICE] = {"choice", KIND_BIT(OPTION_AS_STRING)},
    [OPTION_TEXT] = {"text", KIND_BIT(OPTION_AS_STRING)},
    [OPTION_WORD] = {"word", KIND_BIT(OPTION_AS_STRING)},
    [OPTION_SYMBOLS] = {"symbols", KIND_BIT(OPTION_AS_STRING)},
    [OPTION_PARAMS] = {"parameters", KIND_BIT(OPTION_AS_NUMBER) | KIND_BIT(OPTION_AS_STRING) |
                                         KIND_BIT(OPTION_AS_BOOL)},
};
static_assert(ARRAY_LEN(types) == OPTION_TYPE_COUNT, "describe every type of option");

const char *option_type_name(enum option_type type)
{
    assert(type < OPTION_TYPE_COUNT);
    return types[type].name;
}

bool option_type_is_number(enum option_type type)
{
    return type != OPTION_TEXT && type != OPTION_WORD && type != OPTION_SYMBOLS &&
           type != OPTION_PARAMS;
}

bool option_type_takes(enum option_type type, enum option_kind kind)
{
    assert(type < OPTION_TYPE_COUNT);
    return kind == OPTION_AS_TEXT || types[type].kinds & KIND_BIT(kind);
}

/* ---- text to number ---- */

static bool parse_bool(const char *text, decimal *out)
{
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(text, words[i]) == 0) {
            *out = D(i % 2);
            return true;
        }
    return false;
}

static bool parse_decimal(const char *text, size_t len, decimal *out)
{
    return decimal_parse(text, len, out, NULL) == OK;
}

static bool parse_int(const char *text, decimal *out)
{
    decimal number;

    if (!parse_decimal(text, strlen(text), &number) || !decimal_is_multiple(number, D(1)) ||
        decimal_compare(decimal_abs(number), decimal_from_int(INT64_MAX)) > 0)
        return false;
    *out = number;
    return true;
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);

    return len > end_len && strcmp(text + len - end_len, end) == 0;
}

static bool parse_share(const char *text, decimal *out)
{
    static const struct {
        const char *unit;
        int per_one;
    } units[] = {{"%", 100}, {"bps", 10000}, {"", 1}};
    size_t i = 0;
    decimal number;

    while (!ends_with(text, units[i].unit) && units[i].unit[0])
        i++;
    if (!parse_decimal(text, strlen(text) - strlen(units[i].unit), &number))
        return false;
    *out = decimal_div(number, decimal_from_int(units[i].per_one), ROUND_HALF_EVEN);
    return true;
}

static bool parse_duration(const char *text, decimal *out)
{
    nanos span;

    if (nanos_parse_duration(text, &span, NULL))
        return false;
    *out = decimal_from_int(span);
    return true;
}

static bool parse_time(const char *text, decimal *out)
{
    int hour, minute, end = 0;

    if (!isdigit((unsigned char)text[0]) ||
        sscanf(text, "%2d:%2d%n", &hour, &minute, &end) != 2 || text[end] ||
        !isdigit((unsigned char)text[end - 2]))
        return false;
    if (minute > 59 || hour * 60 + minute > 1440)
        return false;
    *out = D(hour * 60 + minute);
    return true;
}

static const char *const day_names[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
enum { WEEK = ARRAY_LEN(day_names) };

/* The day that text begins with, -1 if none. */
static int find_day(const char *text)
{
    for (int day = 0; day < WEEK; day++)
        if (strncmp(text, day_names[day], 3) == 0)
            return day;
    return -1;
}

/* "mon" or "mon-fri" at *text, which moves past it; a range may run over Sunday. */
static bool parse_day_range(const char **text, unsigned *days)
{
    int first = find_day(*text), last = first;

    if (first < 0)
        return false;
    *text += 3;
    if (**text == '-') {
        last = find_day(++*text);
        if (last < 0)
            return false;
        *text += 3;
    }
    for (int day = first;; day = (day + 1) % WEEK) {
        *days |= 1u << day;
        if (day == last)
            return true;
    }
}

static bool parse_days(const char *text, decimal *out)
{
    unsigned days = 0;

    for (;;) {
        text += strspn(text, " ,");
        if (!*text)
            break;
        if (!parse_day_range(&text, &days) || !strchr(" ,", *text))
            return false;
    }
    *out = D(days);
    return days != 0;
}

static bool parse_choice(const struct option *option, const char *text, decimal *out)
{
    for (int i = 0; option->choices[i]; i++)
        if (strcmp(text, option->choices[i]) == 0) {
            *out = D(i);
            return true;
        }
    return false;
}

bool option_parse_number(const struct option *option, const char *text, decimal *out)
{
    if (option->none && (strcmp(text, "none") == 0 || strcmp(text, "0") == 0)) {
        *out = DECIMAL_ZERO;
        return true;
    }
    switch (option->type) {
    case OPTION_BOOL:
        return parse_bool(text, out);
    case OPTION_INT:
        return parse_int(text, out);
    case OPTION_DECIMAL:
        return parse_decimal(text, strlen(text), out);
    case OPTION_SHARE:
        return parse_share(text, out);
    case OPTION_DURATION:
        return parse_duration(text, out);
    case OPTION_TIME:
        return parse_time(text, out);
    case OPTION_DAYS:
        return parse_days(text, out);
    case OPTION_CHOICE:
        return parse_choice(option, text, out);
    default:
        assert(option_type_is_number(option->type));
        return false;
    }
}

/* ---- symbols ---- */

static bool is_symbol(const char *text, size_t len)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
    const char *dash = memchr(text, '-', len);

    return len < OPTION_SYMBOL_MAX && strspn(text, letters) >= len && dash && dash != text &&
           text[len - 1] != '-';
}

static bool has_symbol(const struct option_symbols *symbols, const char *symbol)
{
    for (int i = 0; i < symbols->count; i++)
        if (strcmp(symbols->items[i], symbol) == 0)
            return true;
    return false;
}

static bool add_symbol(struct option_symbols *symbols, const char *text, size_t len)
{
    char symbol[OPTION_SYMBOL_MAX];

    if (!is_symbol(text, len) || symbols->count == OPTION_SYMBOLS_MAX)
        return false;
    snprintf(symbol, sizeof symbol, "%.*s", (int)len, text);
    if (has_symbol(symbols, symbol))
        return false;
    strcpy(symbols->items[symbols->count++], symbol);
    return true;
}

bool option_parse_symbols(const char *text, struct option_symbols *out)
{
    struct option_symbols symbols = {0};

    for (;;) {
        text += strspn(text, " ,");
        size_t len = strcspn(text, " ,");
        if (len == 0)
            break;
        if (!add_symbol(&symbols, text, len))
            return false;
        text += len;
    }
    *out = symbols;
    return true;
}

/* ---- number to text ---- */

static void format_decimal(decimal number, const char *after, struct buf *out)
{
    char text[DECIMAL_TEXT_MAX];

    buf_add_format(out, "%s%s", decimal_format(number, text), after);
}

static void format_days(unsigned days, struct buf *out)
{
    const char *gap = "";

    for (int day = 0, last; day < WEEK; day++) {
        if (!(days & 1u << day))
            continue;
        for (last = day; last + 1 < WEEK && days & 1u << (last + 1);)
            last++;
        buf_add_format(out, "%s%s", gap, day_names[day]);
        if (last > day)
            buf_add_format(out, "-%s", day_names[last]);
        day = last;
        gap = " ";
    }
}

void option_format_number(const struct option *option, decimal number, struct buf *out)
{
    char text[NANOS_TEXT_MAX];
    int64_t whole = (int64_t)(number.units / DECIMAL_ONE);

    if (option->none && decimal_is_zero(number)) {
        buf_add_text(out, "none");
        return;
    }
    switch (option->type) {
    case OPTION_BOOL:
        buf_add_text(out, whole ? "true" : "false");
        break;
    case OPTION_SHARE:
        format_decimal(decimal_mul(number, D(100), ROUND_HALF_EVEN), "%", out);
        break;
    case OPTION_DURATION:
        buf_add_text(out, nanos_format_duration(whole, text));
        break;
    case OPTION_TIME:
        buf_add_format(out, "%02d:%02d", (int)(whole / 60), (int)(whole % 60));
        break;
    case OPTION_DAYS:
        format_days((unsigned)whole, out);
        break;
    case OPTION_CHOICE:
        buf_add_text(out, option->choices[whole]);
        break;
    default:
        format_decimal(number, "", out);
    }
}

/* ---- number to struct ---- */

decimal option_load_number(const struct option *option, const void *target)
{
    const char *at = (const char *)target + option->offset;
    union {
        bool flag;
        int64_t whole;
        uint32_t bits;
        int index;
        decimal number;
    } value = {0};

    switch (option->type) {
    case OPTION_BOOL:
        memcpy(&value.flag, at, sizeof value.flag);
        return D(value.flag);
    case OPTION_INT:
    case OPTION_DURATION:
    case OPTION_TIME:
        memcpy(&value.whole, at, sizeof value.whole);
        return decimal_from_int(value.whole);
    case OPTION_DAYS:
        memcpy(&value.bits, at, sizeof value.bits);
        return decimal_from_int(value.bits);
    case OPTION_CHOICE:
        memcpy(&value.index, at, sizeof value.index);
        return decimal_from_int(value.index);
    default:
        assert(option->type == OPTION_DECIMAL || option->type == OPTION_SHARE);
        memcpy(&value.number, at, sizeof value.number);
        return value.number;
    }
}

void option_store_number(const struct option *option, void *target, decimal number)
{
    char *at = (char *)target + option->offset;
    int64_t whole = (int64_t)(number.units / DECIMAL_ONE);

    switch (option->type) {
    case OPTION_BOOL:
        memcpy(at, &(bool){whole != 0}, sizeof(bool));
        break;
    case OPTION_INT:
    case OPTION_DURATION:
    case OPTION_TIME:
        memcpy(at, &whole, sizeof whole);
        break;
    case OPTION_DAYS:
        memcpy(at, &(uint32_t){(uint32_t)whole}, sizeof(uint32_t));
        break;
    case OPTION_CHOICE:
        memcpy(at, &(int){(int)whole}, sizeof(int));
        break;
    default:
        assert(option->type == OPTION_DECIMAL || option->type == OPTION_SHARE);
        memcpy(at, &number, sizeof number);
    }
}
