/* json.encode and json.decode. Why not lua-cjson: docs/decisions/008-json-of-scripts.md.
 *
 * Tables are arrays (keys 1..n) or objects (string keys, written in bytewise order; an
 * empty table is one); anything else is refused, as are NaN, infinities, functions and
 * nesting over 32 levels, which catches cycles. Integers stay integers and floats the same
 * floats. null is json.null. All memory is the script's own, all work is charged. */
#include <lauxlib.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/sandbox_private.h"

enum { DEPTH_MAX = 32, VALUE_COST = 20, NUMBER_MAX = 64 };

/* Encoding. The text grows in a userdata that keeps its place on the stack. */

struct encoder {
    lua_State *L;
    int slot;
    char *bytes;
    size_t len, cap;
};

static void reserve(struct encoder *e, size_t more)
{
    if (e->len + more > SANDBOX_JSON_MAX)
        luaL_error(e->L, "json.encode: more than %d bytes", SANDBOX_JSON_MAX);
    if (e->len + more <= e->cap)
        return;
    e->cap = 2 * (e->len + more);
    char *bytes = lua_newuserdatauv(e->L, e->cap, 0);
    if (e->len)
        memcpy(bytes, e->bytes, e->len);
    e->bytes = bytes;
    lua_replace(e->L, e->slot);
}

static void add(struct encoder *e, const char *bytes, size_t len)
{
    reserve(e, len);
    memcpy(e->bytes + e->len, bytes, len);
    e->len += len;
    sandbox_charge(e->L, (int64_t)len / 4);
}

static void add_text(struct encoder *e, const char *text)
{
    add(e, text, strlen(text));
}

static size_t plain_length(const char *text, size_t len)
{
    size_t n = 0;

    while (n < len && (unsigned char)text[n] >= ' ' && text[n] != '"' && text[n] != '\\' &&
           text[n] != 0x7F)
        n++;
    return n;
}

static void add_escape(struct encoder *e, char c)
{
    static const char names[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    char text[8];
    const char *name = c ? strchr(names, c) : NULL;

    if (name)
        snprintf(text, sizeof text, "\\%c", letters[name - names]);
    else
        snprintf(text, sizeof text, "\\u%04x", (unsigned char)c);
    add_text(e, text);
}

static void encode_string(struct encoder *e, int index)
{
    size_t len;
    const char *text = lua_tolstring(e->L, index, &len), *end = text + len;

    add(e, "\"", 1);
    while (text < end) {
        size_t plain = plain_length(text, (size_t)(end - text));
        add(e, text, plain);
        text += plain;
        if (text < end)
            add_escape(e, *text++);
    }
    add(e, "\"", 1);
}

/* The shortest text that reads back as the number, with a mark that it is a float. */
static void encode_float(struct encoder *e, double number)
{
    char text[NUMBER_MAX];

    if (!isfinite(number))
        luaL_error(e->L, "json.encode: NaN and infinities have no form in JSON");
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            break;
    }
    add_text(e, text);
    if (!strpbrk(text, ".e"))
        add(e, ".0", 2);
}

static void encode_number(struct encoder *e, int index)
{
    char text[NUMBER_MAX];

    if (!lua_isinteger(e->L, index)) {
        encode_float(e, lua_tonumber(e->L, index));
        return;
    }
    snprintf(text, sizeof text, LUA_INTEGER_FMT, lua_tointeger(e->L, index));
    add_text(e, text);
}

static void encode_value(struct encoder *e, int index, int depth);

static void encode_array(struct encoder *e, int table, int count, int depth)
{
    add(e, "[", 1);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            add(e, ",", 1);
        lua_rawgeti(e->L, table, i);
        encode_value(e, lua_gettop(e->L), depth);
        lua_pop(e->L, 1);
    }
    add(e, "]", 1);
}

static void encode_object(struct encoder *e, int table, int keys, int count, int depth)
{
    add(e, "{", 1);
    for (int i = 1; i <= count; i++) {
        if (i > 1)
            add(e, ",", 1);
        if (lua_rawgeti(e->L, keys, i) != LUA_TSTRING)
            luaL_error(e->L, "json.encode: the keys of a table must be 1..n or all strings");
        encode_string(e, -1);
        add(e, ":", 1);
        lua_rawget(e->L, table);
        encode_value(e, lua_gettop(e->L), depth);
        lua_pop(e->L, 1);
    }
    add(e, "}", 1);
}

/* An array whose elements were not assigned in order. */
static bool is_array(lua_State *L, int keys, int count)
{
    for (int i = 1; i <= count; i++) {
        lua_rawgeti(L, keys, i);
        bool is_index = lua_isinteger(L, -1) && lua_tointeger(L, -1) == i;
        lua_pop(L, 1);
        if (!is_index)
            return false;
    }
    return true;
}

static void encode_table(struct encoder *e, int table, int depth)
{
    int count;

    if (depth > DEPTH_MAX)
        luaL_error(e->L, "json.encode: nested over %d levels, or a cycle", DEPTH_MAX);
    luaL_checkstack(e->L, 12, NULL);
    if (sandbox_is_sequence(e->L, table, &count) && count > 0) {
        encode_array(e, table, count, depth);
        return;
    }
    sandbox_push_keys(e->L, table);
    int keys = lua_gettop(e->L);
    if (count > 0 && is_array(e->L, keys, count))
        encode_array(e, table, count, depth);
    else
        encode_object(e, table, keys, count, depth);
    lua_pop(e->L, 1);
}

static void encode_value(struct encoder *e, int index, int depth)
{
    sandbox_charge(e->L, VALUE_COST);
    switch (lua_type(e->L, index)) {
    case LUA_TNIL:
    case LUA_TLIGHTUSERDATA:
        add_text(e, "null");
        break;
    case LUA_TBOOLEAN:
        add_text(e, lua_toboolean(e->L, index) ? "true" : "false");
        break;
    case LUA_TNUMBER:
        encode_number(e, index);
        break;
    case LUA_TSTRING:
        encode_string(e, index);
        break;
    case LUA_TTABLE:
        encode_table(e, index, depth + 1);
        break;
    default:
        luaL_error(e->L, "json.encode: a %s has no form in JSON", luaL_typename(e->L, index));
    }
}

void sandbox_push_json(lua_State *L, int index)
{
    struct encoder e = {.L = L};

    index = lua_absindex(L, index);
    lua_pushnil(L);
    e.slot = lua_gettop(L);
    encode_value(&e, index, 0);
    lua_pushlstring(L, e.bytes, e.len);
    lua_replace(L, e.slot);
}

/* Decoding (RFC 8259, strict). */

struct decoder {
    lua_State *L;
    const char *text, *at, *end;
    int depth;
};

NORETURN static void complain(const struct decoder *d, const char *what)
{
    luaL_error(d->L, "json.decode: %s at byte %d", what, (int)(d->at - d->text) + 1);
    abort();
}

static void skip_blanks(struct decoder *d)
{
    while (d->at < d->end && strchr(" \t\n\r", *d->at) && *d->at)
        d->at++;
}

static bool accept(struct decoder *d, char c)
{
    if (d->at == d->end || *d->at != c)
        return false;
    d->at++;
    return true;
}

static void expect(struct decoder *d, char c, const char *what)
{
    skip_blanks(d);
    if (!accept(d, c))
        complain(d, what);
}

static size_t digits(const char *at, const char *end)
{
    const char *from = at;

    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return (size_t)(at - from);
}

/* The length of the number at d->at by the grammar, 0 when it breaks it. */
static size_t number_length(const struct decoder *d)
{
    const char *p = d->at + (*d->at == '-');
    size_t n = digits(p, d->end);

    if (n == 0 || (n > 1 && *p == '0'))
        return 0;
    p += n;
    if (p < d->end && *p == '.') {
        if (!(n = digits(p + 1, d->end)))
            return 0;
        p += 1 + n;
    }
    if (p < d->end && (*p == 'e' || *p == 'E')) {
        p += 1 + (p + 1 < d->end && (p[1] == '+' || p[1] == '-'));
        if (!(n = digits(p, d->end)))
            return 0;
        p += n;
    }
    return (size_t)(p - d->at);
}

static void decode_number(struct decoder *d)
{
    char text[NUMBER_MAX];
    size_t len = number_length(d);

    if (len == 0 || len >= sizeof text)
        complain(d, len ? "number too long" : "malformed number");
    memcpy(text, d->at, len);
    text[len] = '\0';
    if (!lua_stringtonumber(d->L, text) || !isfinite(lua_tonumber(d->L, -1)))
        complain(d, "number out of range");
    d->at += len;
}

static uint32_t decode_hex(struct decoder *d)
{
    static const char hex[] = "0123456789abcdef0123456789ABCDEF";
    uint32_t code = 0;

    if (d->end - d->at < 4)
        complain(d, "unfinished \\u escape");
    for (int i = 0; i < 4; i++) {
        const char *digit = *d->at ? strchr(hex, *d->at) : NULL;
        if (!digit)
            complain(d, "malformed \\u escape");
        code = code << 4 | (uint32_t)((digit - hex) % 16);
        d->at++;
    }
    return code;
}

static uint32_t decode_code_point(struct decoder *d)
{
    uint32_t code = decode_hex(d);

    if (code < 0xD800 || code > 0xDFFF)
        return code;
    if (code > 0xDBFF || !accept(d, '\\') || !accept(d, 'u'))
        complain(d, "half of a surrogate pair");
    uint32_t low = decode_hex(d);
    if (low < 0xDC00 || low > 0xDFFF)
        complain(d, "half of a surrogate pair");
    return 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
}

static void add_utf8(luaL_Buffer *out, uint32_t c)
{
    if (c < 0x80) {
        luaL_addchar(out, (char)c);
    } else if (c < 0x800) {
        luaL_addchar(out, (char)(0xC0 | c >> 6));
        luaL_addchar(out, (char)(0x80 | (c & 0x3F)));
    } else {
        if (c < 0x10000) {
            luaL_addchar(out, (char)(0xE0 | c >> 12));
        } else {
            luaL_addchar(out, (char)(0xF0 | c >> 18));
            luaL_addchar(out, (char)(0x80 | (c >> 12 & 0x3F)));
        }
        luaL_addchar(out, (char)(0x80 | (c >> 6 & 0x3F)));
        luaL_addchar(out, (char)(0x80 | (c & 0x3F)));
    }
}

static void decode_escape(struct decoder *d, luaL_Buffer *out)
{
    static const char letters[] = "bfnrt\"\\/", values[] = "\b\f\n\r\t\"\\/";

    if (accept(d, 'u')) {
        add_utf8(out, decode_code_point(d));
        return;
    }
    const char *letter = d->at < d->end && *d->at ? strchr(letters, *d->at) : NULL;
    if (!letter)
        complain(d, "unknown escape");
    luaL_addchar(out, values[letter - letters]);
    d->at++;
}

/* After the opening quote. Without escapes the text is taken as it stands. */
static void decode_string(struct decoder *d)
{
    luaL_Buffer out;
    size_t plain = plain_length(d->at, (size_t)(d->end - d->at));

    if (d->at + plain < d->end && d->at[plain] == '"') {
        lua_pushlstring(d->L, d->at, plain);
        d->at += plain + 1;
        return;
    }
    luaL_buffinit(d->L, &out);
    while (!accept(d, '"')) {
        if (d->at == d->end || (unsigned char)*d->at < ' ')
            complain(d,
                     d->at == d->end ? "unfinished string" : "control character in a string");
        if (accept(d, '\\'))
            decode_escape(d, &out);
        else
            luaL_addchar(&out, *d->at++);
    }
    luaL_pushresult(&out);
}

static void decode_value(struct decoder *d);

static void decode_array(struct decoder *d)
{
    lua_newtable(d->L);
    skip_blanks(d);
    if (accept(d, ']'))
        return;
    for (lua_Integer i = 1;; i++) {
        decode_value(d);
        lua_rawseti(d->L, -2, i);
        skip_blanks(d);
        if (accept(d, ']'))
            return;
        expect(d, ',', "expected ',' or ']'");
    }
}

static void decode_object(struct decoder *d)
{
    lua_newtable(d->L);
    skip_blanks(d);
    if (accept(d, '}'))
        return;
    for (;;) {
        expect(d, '"', "expected a name in quotes");
        decode_string(d);
        expect(d, ':', "expected ':'");
        decode_value(d);
        lua_rawset(d->L, -3);
        skip_blanks(d);
        if (accept(d, '}'))
            return;
        expect(d, ',', "expected ',' or '}'");
    }
}

static bool accept_word(struct decoder *d, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(d->end - d->at) < len || memcmp(d->at, word, len))
        return false;
    d->at += len;
    return true;
}

static void decode_word(struct decoder *d)
{
    if (accept_word(d, "null"))
        lua_pushlightuserdata(d->L, NULL);
    else if (accept_word(d, "true"))
        lua_pushboolean(d->L, true);
    else if (accept_word(d, "false"))
        lua_pushboolean(d->L, false);
    else
        complain(d, d->at == d->end ? "unexpected end" : "expected a value");
}

static void decode_nested(struct decoder *d, void (*decode)(struct decoder *d))
{
    if (++d->depth > DEPTH_MAX)
        complain(d, "nested too deeply");
    decode(d);
    d->depth--;
}

static void decode_value(struct decoder *d)
{
    sandbox_charge(d->L, VALUE_COST);
    luaL_checkstack(d->L, 8, NULL);
    skip_blanks(d);
    if (accept(d, '{'))
        decode_nested(d, decode_object);
    else if (accept(d, '['))
        decode_nested(d, decode_array);
    else if (accept(d, '"'))
        decode_string(d);
    else if (d->at < d->end && (*d->at == '-' || digits(d->at, d->end)))
        decode_number(d);
    else
        decode_word(d);
}

void sandbox_push_from_json(lua_State *L, const char *text, size_t len)
{
    struct decoder d = {.L = L, .text = text, .at = text, .end = text + len};

    if (len > SANDBOX_JSON_MAX)
        luaL_error(L, "json.decode: more than %d bytes", SANDBOX_JSON_MAX);
    sandbox_charge(L, (int64_t)len);
    decode_value(&d);
    skip_blanks(&d);
    if (d.at < d.end)
        complain(&d, "something follows the value");
}

/* For scripts. */

static int encode(lua_State *L)
{
    luaL_checkany(L, 1);
    sandbox_push_json(L, 1);
    return 1;
}

static int decode(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);

    sandbox_push_from_json(L, text, len);
    return 1;
}

void sandbox_add_json(lua_State *L)
{
    static const luaL_Reg functions[] = {{"decode", decode}, {"encode", encode}, {NULL, NULL}};

    luaL_newlib(L, functions);
    lua_pushlightuserdata(L, NULL);
    lua_setfield(L, -2, "null");
    lua_setfield(L, -2, "json");
}
