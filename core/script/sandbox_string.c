/* The string functions that search, repeat and replace: results of at most SANDBOX_TEXT_MAX
 * bytes, patterns matched under the budget of work. format is in sandbox_format.c. */
#include <lauxlib.h>

#include <string.h>

#include "script/pattern.h"
#include "script/sandbox_private.h"

enum { FIND_COST = 20 };

static int repeat(lua_State *L)
{
    size_t len, separator_len;
    const char *text = luaL_checklstring(L, 1, &len);
    lua_Integer times = luaL_checkinteger(L, 2);
    const char *separator = luaL_optlstring(L, 3, "", &separator_len);
    luaL_Buffer out;

    if (times <= 0 || len + separator_len == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (len + separator_len > SANDBOX_TEXT_MAX ||
        (size_t)times > SANDBOX_TEXT_MAX / (len + separator_len))
        return luaL_error(L, "resulting string too large");
    size_t unit = len + separator_len, total = (size_t)times * unit - separator_len;
    sandbox_charge(L, (int64_t)total / 16);
    char *bytes = luaL_buffinitsize(L, &out, total + separator_len);
    memcpy(bytes, text, len);
    memcpy(bytes + len, separator, separator_len);
    for (size_t have = unit; have < total; have *= 2)
        memcpy(bytes + have, bytes, have < total - have ? have : total - have);
    luaL_pushresultsize(&out, total);
    return 1;
}

/* Searching. */

struct search {
    lua_State *L;
    const char *subject;
    size_t len;
    struct pattern pattern;
    struct pattern_match match;
};

static void compile(struct search *search, const char *text, size_t len, bool may_anchor)
{
    const char *error = pattern_compile(&search->pattern, text, len, may_anchor);

    if (error)
        luaL_error(search->L, "%s", error);
}

static bool find_next(struct search *search, size_t from, int64_t barred)
{
    struct sandbox_port *port = sandbox_port(search->L);

    sandbox_charge(search->L, FIND_COST);
    enum pattern_result result = pattern_find(&search->pattern, search->subject, search->len,
                                              from, barred, &port->work, &search->match);
    if (result == PATTERN_TIRED)
        sandbox_spend(search->L);
    return result == PATTERN_FOUND;
}

static void push_capture(const struct search *search, int number)
{
    const struct pattern_capture *capture = &search->match.captures[number];

    if (capture->is_position)
        lua_pushinteger(search->L, (lua_Integer)capture->start + 1);
    else
        lua_pushlstring(search->L, search->subject + capture->start, capture->len);
}

static void push_whole(const struct search *search)
{
    const struct pattern_match *match = &search->match;

    lua_pushlstring(search->L, search->subject + match->start, match->end - match->start);
}

static int push_captures(const struct search *search)
{
    int count = search->pattern.captures;

    luaL_checkstack(search->L, count, "too many captures");
    for (int i = 0; i < count; i++)
        push_capture(search, i);
    return count;
}

static int push_captures_or_whole(const struct search *search)
{
    if (search->pattern.captures > 0)
        return push_captures(search);
    push_whole(search);
    return 1;
}

/* The 0-based offset that argument `index` means, negative from the end; len + 1 or more is
 * beyond. */
static size_t start_argument(lua_State *L, int index, size_t len)
{
    lua_Integer at = luaL_optinteger(L, index, 1);

    if (at > 0)
        return (size_t)at - 1;
    if (at == 0 || at < -(lua_Integer)len)
        return 0;
    return len - (size_t)-at;
}

static int find_plain(lua_State *L, const char *subject, size_t len, size_t from)
{
    size_t wanted_len;
    const char *wanted = lua_tolstring(L, 2, &wanted_len);

    sandbox_charge(L, (int64_t)(len - from + wanted_len) / 4);
    const char *found = memmem(subject + from, len - from, wanted, wanted_len);
    if (!found) {
        lua_pushnil(L);
        return 1;
    }
    lua_pushinteger(L, found - subject + 1);
    lua_pushinteger(L, found - subject + (lua_Integer)wanted_len);
    return 2;
}

static bool has_no_specials(const char *text, size_t len)
{
    return strcspn(text, "^$*+?.([%-") == len;
}

static int search_once(lua_State *L, bool is_find)
{
    struct search search = {.L = L};
    size_t pattern_len;

    search.subject = luaL_checklstring(L, 1, &search.len);
    const char *text = luaL_checklstring(L, 2, &pattern_len);
    size_t from = start_argument(L, 3, search.len);
    if (from > search.len) {
        lua_pushnil(L);
        return 1;
    }
    if (is_find && (lua_toboolean(L, 4) || has_no_specials(text, pattern_len)))
        return find_plain(L, search.subject, search.len, from);
    compile(&search, text, pattern_len, true);
    if (!find_next(&search, from, PATTERN_NO_BAR)) {
        lua_pushnil(L);
        return 1;
    }
    if (!is_find)
        return push_captures_or_whole(&search);
    lua_pushinteger(L, (lua_Integer)search.match.start + 1);
    lua_pushinteger(L, (lua_Integer)search.match.end);
    return 2 + push_captures(&search);
}

static int find(lua_State *L)
{
    return search_once(L, true);
}

static int match(lua_State *L)
{
    return search_once(L, false);
}

/* Upvalues of the iterator: subject, pattern, where to go on, where the last match ended. */
static int match_again(lua_State *L)
{
    struct search search = {.L = L};
    size_t pattern_len;

    search.subject = lua_tolstring(L, lua_upvalueindex(1), &search.len);
    const char *text = lua_tolstring(L, lua_upvalueindex(2), &pattern_len);
    size_t from = (size_t)lua_tointeger(L, lua_upvalueindex(3));
    compile(&search, text, pattern_len, false);
    if (from > search.len || !find_next(&search, from, lua_tointeger(L, lua_upvalueindex(4))))
        return 0;
    lua_pushinteger(L, (lua_Integer)search.match.end);
    lua_copy(L, -1, lua_upvalueindex(3));
    lua_replace(L, lua_upvalueindex(4));
    return push_captures_or_whole(&search);
}

static int match_all(lua_State *L)
{
    struct search search = {.L = L};
    size_t len, pattern_len;

    luaL_checklstring(L, 1, &len);
    const char *text = luaL_checklstring(L, 2, &pattern_len);
    size_t from = start_argument(L, 3, len);
    compile(&search, text, pattern_len, false);
    lua_settop(L, 2);
    lua_pushinteger(L, (lua_Integer)(from > len ? len + 1 : from));
    lua_pushinteger(L, PATTERN_NO_BAR);
    lua_pushcclosure(L, match_again, 4);
    return 1;
}

/* Replacing. Stack: 1 subject, 2 pattern, 3 replacement, 4 the most replacements. */

struct replacing {
    struct search search;
    luaL_Buffer out;
    size_t total;
};

static void add_bytes(struct replacing *r, const char *bytes, size_t len)
{
    if ((r->total += len) > SANDBOX_TEXT_MAX)
        luaL_error(r->search.L, "resulting string too large");
    sandbox_charge(r->search.L, (int64_t)len / 16);
    luaL_addlstring(&r->out, bytes, len);
}

static void add_top(struct replacing *r)
{
    size_t len;

    lua_tolstring(r->search.L, -1, &len);
    if ((r->total += len) > SANDBOX_TEXT_MAX)
        luaL_error(r->search.L, "resulting string too large");
    sandbox_charge(r->search.L, (int64_t)len / 16);
    luaL_addvalue(&r->out);
}

static void add_referred(struct replacing *r, char which)
{
    int number = which - '1';

    if (which == '%') {
        add_bytes(r, "%", 1);
        return;
    }
    if (which < '0' || which > '9')
        luaL_error(r->search.L, "invalid use of '%%' in replacement string");
    if (number >= r->search.pattern.captures && number > 0)
        luaL_error(r->search.L, "invalid capture index %%%d in replacement string", number + 1);
    if (number < 0 || r->search.pattern.captures == 0)
        push_whole(&r->search);
    else
        push_capture(&r->search, number);
    add_top(r);
}

static void add_text(struct replacing *r)
{
    size_t len;
    const char *text = lua_tolstring(r->search.L, 3, &len), *end = text + len;

    while (text < end) {
        const char *percent = memchr(text, '%', (size_t)(end - text));
        add_bytes(r, text, (size_t)((percent ? percent : end) - text));
        if (!percent)
            return;
        add_referred(r, percent + 1 < end ? percent[1] : '\0');
        text = percent + 2;
    }
}

/* What the table or function makes of the match; nil or false keeps it. */
static void add_computed(struct replacing *r)
{
    lua_State *L = r->search.L;

    if (lua_type(L, 3) == LUA_TTABLE) {
        if (r->search.pattern.captures > 0)
            push_capture(&r->search, 0);
        else
            push_whole(&r->search);
        lua_gettable(L, 3);
    } else {
        lua_pushvalue(L, 3);
        lua_call(L, push_captures_or_whole(&r->search), 1);
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        push_whole(&r->search);
    } else if (!lua_isstring(L, -1)) {
        luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    }
    add_top(r);
}

static lua_Integer replace_all(struct replacing *r, lua_Integer most)
{
    bool is_text = lua_isstring(r->search.L, 3);
    const char *subject = r->search.subject;
    lua_Integer count = 0;
    int64_t last = PATTERN_NO_BAR;
    size_t at = 0;

    while (count < most && find_next(&r->search, at, last)) {
        add_bytes(r, subject + at, r->search.match.start - at);
        size_t end = r->search.match.end; /* callbacks do not change it; the copy says so */
        if (is_text)
            add_text(r);
        else
            add_computed(r);
        count++;
        last = (int64_t)end;
        at = end;
        if (r->search.pattern.is_anchored)
            break;
    }
    add_bytes(r, subject + at, r->search.len - at);
    return count;
}

static int replace(lua_State *L)
{
    struct replacing r = {.search = {.L = L}};
    size_t pattern_len;
    int type = lua_type(L, 3);

    r.search.subject = luaL_checklstring(L, 1, &r.search.len);
    const char *text = luaL_checklstring(L, 2, &pattern_len);
    luaL_argexpected(L,
                     type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION ||
                         type == LUA_TTABLE,
                     3, "string/function/table");
    lua_Integer most = luaL_optinteger(L, 4, (lua_Integer)r.search.len + 1);
    compile(&r.search, text, pattern_len, true);
    luaL_buffinit(L, &r.out);
    lua_Integer count = replace_all(&r, most);
    luaL_pushresult(&r.out);
    lua_pushinteger(L, count);
    return 2;
}

void sandbox_add_string(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"find", find},    {"format", sandbox_format}, {"gmatch", match_all},
        {"gsub", replace}, {"match", match},           {"rep", repeat},
        {NULL, NULL},
    };

    lua_getfield(L, -1, "string");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
