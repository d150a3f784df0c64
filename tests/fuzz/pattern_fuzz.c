/* Our pattern matcher against stock string.find: the same answer, or ours refuses what is
 * malformed earlier, or gives up. Input: the pattern, a newline, the subject. */
#include <assert.h>
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "script/pattern.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { WORK = 20000, SIZE_MAX_TRIED = 300 };

static lua_State *stock(void)
{
    static lua_State *L;

    if (!L) {
        L = luaL_newstate();
        luaL_openlibs(L);
        lua_getglobal(L, "string");
        lua_getfield(L, -1, "find");
        lua_replace(L, 1);
    }
    lua_settop(L, 1);
    return L;
}

static void push_ours(lua_State *L, const struct pattern *pattern,
                      const struct pattern_match *match, const char *subject)
{
    lua_pushinteger(L, (lua_Integer)match->start + 1);
    lua_pushinteger(L, (lua_Integer)match->end);
    for (int i = 0; i < pattern->captures; i++) {
        const struct pattern_capture *c = &match->captures[i];
        if (c->is_position)
            lua_pushinteger(L, (lua_Integer)c->start + 1);
        else
            lua_pushlstring(L, subject + c->start, c->len);
    }
}

static void compare(lua_State *L, int theirs, int ours)
{
    assert(ours - theirs == lua_gettop(L) - ours + 1);
    for (int i = 0; theirs + i < ours; i++)
        assert(lua_rawequal(L, theirs + i, ours + i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data, *newline = memchr(text, '\n', size);
    struct pattern pattern;
    struct pattern_match match;
    int64_t work = WORK;

    if (!newline || size > SIZE_MAX_TRIED)
        return 0;
    size_t pattern_len = (size_t)(newline - text), len = size - pattern_len - 1;
    const char *error = pattern_compile(&pattern, text, pattern_len, true);
    enum pattern_result result =
        error ? PATTERN_NONE
              : pattern_find(&pattern, newline + 1, len, 0, PATTERN_NO_BAR, &work, &match);
    if (error || result == PATTERN_TIRED)
        return 0;
    lua_State *L = stock();
    lua_pushvalue(L, 1);
    lua_pushlstring(L, newline + 1, len);
    lua_pushlstring(L, text, pattern_len);
    if (lua_pcall(L, 2, LUA_MULTRET, 0)) {
        assert(strstr(lua_tostring(L, -1), "too complex"));
        return 0;
    }
    int ours = lua_gettop(L) + 1;
    if (result == PATTERN_FOUND)
        push_ours(L, &pattern, &match, newline + 1);
    else
        lua_pushnil(L);
    compare(L, 2, ours);
    return 0;
}
