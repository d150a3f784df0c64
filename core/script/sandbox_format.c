/* string.format: the conversions of the stock function but %p, at most 64 of them, with a
 * result of at most SANDBOX_TEXT_MAX bytes. */
#include <lauxlib.h>

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "script/sandbox_private.h"

enum {
    CONVERSIONS_MAX = 64,
    SPEC_MAX = 16,    /* "%-+ #099.99" and room */
    NUMBER_MAX = 512, /* the longest double with 99 digits of precision has 410 bytes */
    CONVERSION_COST = 50,
};

struct format {
    lua_State *L;
    const char *at; /* the conversion, after read_spec */
    const char *end;
    int argument, arguments;
    luaL_Buffer out;
    size_t total;
    char spec[SPEC_MAX]; /* "%-08.3", without the conversion */
    size_t spec_len;
    bool has_precision;
};

static void charge_bytes(struct format *f, size_t len)
{
    if ((f->total += len) > SANDBOX_TEXT_MAX)
        luaL_error(f->L, "resulting string too large");
    sandbox_charge(f->L, (int64_t)len / 16);
}

static void add_bytes(struct format *f, const char *bytes, size_t len)
{
    charge_bytes(f, len);
    luaL_addlstring(&f->out, bytes, len);
}

/* Flags, width and precision. Strings of Lua end with a NUL, so the spans stop. */
static void read_spec(struct format *f)
{
    const char *from = f->at;
    size_t flags = strspn(f->at, "-+ #0");
    size_t width = strspn(f->at + flags, "0123456789"), precision = 0;

    f->at += flags + width;
    f->has_precision = *f->at == '.';
    if (f->has_precision) {
        precision = strspn(f->at + 1, "0123456789");
        f->at += 1 + precision;
    }
    if (flags > 5 || width > 2 || precision > 2 || f->at >= f->end)
        luaL_error(f->L, "invalid format: '%%' with too long or unfinished modifiers");
    f->spec_len = 1 + (size_t)(f->at - from);
    f->spec[0] = '%';
    memcpy(f->spec + 1, from, f->spec_len - 1);
    f->spec[f->spec_len] = '\0';
}

/* The spec as printf wants it: with the length modifier and the conversion at f->at. */
static const char *complete_spec(struct format *f, const char *length)
{
    size_t n = f->spec_len;

    while (*length)
        f->spec[n++] = *length++;
    f->spec[n++] = *f->at;
    f->spec[n] = '\0';
    return f->spec;
}

/* Each conversion takes the modifiers that mean something for it. */
static void check_spec(struct format *f, const char *flags, bool may_have_precision)
{
    size_t have = strspn(f->spec + 1, "-+ #0");

    if (strspn(f->spec + 1, flags) < have || (f->has_precision && !may_have_precision))
        luaL_error(f->L, "invalid conversion '%s%c' to 'format'", f->spec, *f->at);
}

static void add_character(struct format *f)
{
    char text[NUMBER_MAX];

    check_spec(f, "-", false);
    int c = (int)luaL_checkinteger(f->L, f->argument);
    add_bytes(f, text, (size_t)snprintf(text, sizeof text, complete_spec(f, ""), c));
}

static void add_integer(struct format *f, const char *flags)
{
    char text[NUMBER_MAX];

    check_spec(f, flags, true);
    lua_Integer n = luaL_checkinteger(f->L, f->argument);
    const char *spec = complete_spec(f, LUA_INTEGER_FRMLEN);
    add_bytes(f, text, (size_t)snprintf(text, sizeof text, spec, n));
}

static void add_float(struct format *f)
{
    char text[NUMBER_MAX];

    check_spec(f, "-+ #0", true);
    double n = luaL_checknumber(f->L, f->argument);
    add_bytes(f, text, (size_t)snprintf(text, sizeof text, complete_spec(f, ""), n));
}

static void add_string(struct format *f)
{
    char text[NUMBER_MAX];
    size_t len;

    check_spec(f, "-", true);
    const char *value = sandbox_push_text(f->L, f->argument, &len);
    if (f->spec_len == 1 || (len >= 100 && !f->has_precision)) {
        charge_bytes(f, len);
        luaL_addvalue(&f->out);
        return;
    }
    if (len != strlen(value))
        luaL_argerror(f->L, f->argument, "string contains zeros");
    int written = snprintf(text, sizeof text, complete_spec(f, ""), value);
    lua_pop(f->L, 1);
    add_bytes(f, text, (size_t)written);
}

/* %q: a literal that reads back as the value. */

static void add_quoted_text(struct format *f, const char *text, size_t len)
{
    char code[8];

    charge_bytes(f, len);
    luaL_addchar(&f->out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool digit_follows = i + 1 < len && text[i + 1] >= '0' && text[i + 1] <= '9';
        if (c == '"' || c == '\\' || c == '\n') {
            luaL_addchar(&f->out, '\\');
            luaL_addchar(&f->out, (char)c);
        } else if (c < ' ' || c == 0x7F) {
            snprintf(code, sizeof code, digit_follows ? "\\%03d" : "\\%d", c);
            luaL_addstring(&f->out, code);
        } else {
            luaL_addchar(&f->out, (char)c);
        }
    }
    luaL_addchar(&f->out, '"');
}

static void add_quoted_number(struct format *f)
{
    char text[NUMBER_MAX];
    double number = lua_tonumber(f->L, f->argument);
    int len;

    if (lua_isinteger(f->L, f->argument)) {
        lua_Integer integer = lua_tointeger(f->L, f->argument);
        len =
            snprintf(text, sizeof text,
                     integer == LUA_MININTEGER ? "0x%" LUA_INTEGER_FRMLEN "x" : LUA_INTEGER_FMT,
                     integer);
    } else if (isnan(number)) {
        len = snprintf(text, sizeof text, "(0/0)");
    } else if (isinf(number)) {
        len = snprintf(text, sizeof text, number > 0 ? "1e9999" : "-1e9999");
    } else {
        len = snprintf(text, sizeof text, "%a", number);
    }
    add_bytes(f, text, (size_t)len);
}

static void add_quoted(struct format *f)
{
    size_t len;

    check_spec(f, "", false);
    if (f->spec_len > 1)
        luaL_error(f->L, "specifier '%%q' cannot have modifiers");
    switch (lua_type(f->L, f->argument)) {
    case LUA_TSTRING: {
        const char *text = lua_tolstring(f->L, f->argument, &len);
        add_quoted_text(f, text, len);
        return;
    }
    case LUA_TNUMBER:
        add_quoted_number(f);
        return;
    case LUA_TNIL:
    case LUA_TBOOLEAN:
        luaL_tolstring(f->L, f->argument, NULL);
        luaL_addvalue(&f->out);
        return;
    default:
        luaL_argerror(f->L, f->argument, "value has no literal form");
    }
}

static void add_conversion(struct format *f)
{
    if (++f->argument > f->arguments)
        luaL_argerror(f->L, f->argument, "no value");
    sandbox_charge(f->L, CONVERSION_COST);
    read_spec(f);
    switch (*f->at) {
    case 'c':
        add_character(f);
        break;
    case 'd':
    case 'i':
        add_integer(f, "-+ 0");
        break;
    case 'u':
        add_integer(f, "-0");
        break;
    case 'o':
    case 'x':
    case 'X':
        add_integer(f, "-#0");
        break;
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
        add_float(f);
        break;
    case 's':
        add_string(f);
        break;
    case 'q':
        add_quoted(f);
        break;
    default:
        luaL_error(f->L, "invalid conversion '%s%c' to 'format'", f->spec, *f->at);
    }
    f->at++;
}

int sandbox_format(lua_State *L)
{
    struct format f = {.L = L, .argument = 1, .arguments = lua_gettop(L)};
    int conversions = 0;
    size_t len;

    f.at = luaL_checklstring(L, 1, &len);
    f.end = f.at + len;
    luaL_buffinit(L, &f.out);
    while (f.at < f.end) {
        const char *percent = memchr(f.at, '%', (size_t)(f.end - f.at));
        add_bytes(&f, f.at, (size_t)((percent ? percent : f.end) - f.at));
        if (!percent)
            break;
        f.at = percent + 1;
        if (*f.at == '%') {
            add_bytes(&f, f.at++, 1);
            continue;
        }
        if (++conversions > CONVERSIONS_MAX)
            return luaL_error(L, "more than %d values to format", CONVERSIONS_MAX);
        add_conversion(&f);
    }
    luaL_pushresult(&f.out);
    return 1;
}
