/* The base functions that could swallow the end of a budget, show an address or change what
 * is sealed. */
#include <lauxlib.h>

#include <string.h>

#include "script/sandbox_private.h"

enum { CALL_COST = 10 };

const char *sandbox_push_text(lua_State *L, int index, size_t *len)
{
    index = lua_absindex(L, index);
    if (luaL_callmeta(L, index, "__tostring")) {
        if (!lua_isstring(L, -1))
            luaL_error(L, "'__tostring' must return a string");
        return lua_tolstring(L, -1, len);
    }
    switch (lua_type(L, index)) {
    case LUA_TSTRING:
    case LUA_TNUMBER:
    case LUA_TBOOLEAN:
    case LUA_TNIL:
        return luaL_tolstring(L, index, len);
    case LUA_TLIGHTUSERDATA:
        lua_pushliteral(L, "null"); /* the only one there is: json.null */
        return lua_tolstring(L, -1, len);
    default:
        if (luaL_getmetafield(L, index, "__name") != LUA_TSTRING)
            lua_pushstring(L, luaL_typename(L, index));
        return lua_tolstring(L, -1, len);
    }
}

static int to_string(lua_State *L)
{
    luaL_checkany(L, 1);
    sandbox_push_text(L, 1, NULL);
    return 1;
}

/* Stack: pcall's `false` or xpcall's nothing at the bottom, as `extra` tells. */
static int finish_protected(lua_State *L, int status, lua_KContext extra)
{
    sandbox_check_end(L, status);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_pushboolean(L, false);
        lua_pushvalue(L, -2);
        return 2;
    }
    return lua_gettop(L) - (int)extra;
}

static int protected_call(lua_State *L)
{
    luaL_checkany(L, 1);
    sandbox_charge(L, CALL_COST);
    lua_pushboolean(L, true);
    lua_insert(L, 1);
    int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, finish_protected);
    return finish_protected(L, status, 0);
}

/* Upvalue: the script's handler. */
static int handle_error(lua_State *L)
{
    if (sandbox_of(L)->end)
        return 1;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, 1, 1);
    return 1;
}

static int protected_call_with_handler(lua_State *L)
{
    int arguments = lua_gettop(L) - 2;

    luaL_checktype(L, 2, LUA_TFUNCTION);
    sandbox_charge(L, CALL_COST);
    lua_pushvalue(L, 2);
    lua_pushcclosure(L, handle_error, 1);
    lua_replace(L, 2);
    lua_pushboolean(L, true);
    lua_pushvalue(L, 1);
    lua_rotate(L, 3, 2); /* function, handler, true, function, arguments */
    int status = lua_pcallk(L, arguments, LUA_MULTRET, 2, 2, finish_protected);
    return finish_protected(L, status, 2);
}

static int raw_set(lua_State *L)
{
    sandbox_check_writable(L, 1);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    lua_rawset(L, 1);
    return 1;
}

/* Scripts may look at the heap, not steer its collection (which has been the way into more
 * than one Lua host). */
static int count_memory(lua_State *L)
{
    luaL_argcheck(L, !strcmp(luaL_optstring(L, 1, "collect"), "count"), 1,
                  "only 'count' is available");
    lua_pushnumber(L, (double)arena_used(sandbox_of(L)->arena) / 1024);
    return 1;
}

void sandbox_add_base(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"collectgarbage", count_memory},
        {"pcall", protected_call},
        {"rawset", raw_set},
        {"tostring", to_string},
        {"xpcall", protected_call_with_handler},
        {NULL, NULL},
    };

    luaL_setfuncs(L, functions, 0);
}
