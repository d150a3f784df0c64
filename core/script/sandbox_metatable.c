/* setmetatable with sealed copies.
 *
 * What an object gets as its metatable is a hidden copy that holds the fields allowed
 * here; the script's own table is what getmetatable returns. So a field that cannot be had
 * can neither be sneaked in later:
 *
 *     __gc      runs where no hook does, and after the end of a call
 *     __close   likewise in coroutines that were killed
 *     __mode    use after free in Lua 5.4.4 under a limited allocator
 *     __concat  use after free in Debian's 5.4.4 (its patch for CVE-2022-33099 lacks the
 * follow-up)
 *
 * Copies are found again by the original in a table weak in keys and values: a copy holds
 * its original, so ephemerons would keep both forever or cost the collector quadratic
 * time. Fields added to the original later count from the next setmetatable with it. */
#include <lauxlib.h>

#include "script/sandbox_private.h"

static const char mark; /* address: key in every copy */

static const char *const allowed[] = {
    "__index", "__newindex", "__call", "__eq",  "__lt",  "__le",       "__len",   "__unm",
    "__add",   "__sub",      "__mul",  "__div", "__mod", "__pow",      "__idiv",  "__band",
    "__bor",   "__bxor",     "__bnot", "__shl", "__shr", "__tostring", "__pairs", "__name",
};

static const char *const refused[] = {"__gc", "__close", "__mode", "__concat", "__metatable"};

/* Upvalues: the table of copies, then the names above. */
enum { COPIES = 1, ALLOWED, REFUSED = ALLOWED + ARRAY_LEN(allowed) };

enum { OBJECT = 1, ORIGINAL, COPY };

static void check_object(lua_State *L)
{
    luaL_checktype(L, OBJECT, LUA_TTABLE);
    if (!lua_getmetatable(L, OBJECT))
        return;
    if (lua_rawgetp(L, -1, &mark) == LUA_TNIL)
        luaL_error(L, "cannot change a protected metatable");
    lua_pop(L, 2);
}

static void check_original(lua_State *L)
{
    for (int i = 0; i < (int)ARRAY_LEN(refused); i++) {
        lua_pushvalue(L, lua_upvalueindex((int)REFUSED + i));
        if (lua_rawget(L, ORIGINAL) != LUA_TNIL)
            luaL_error(L, "metatables of scripts cannot have '%s'", refused[i]);
        lua_pop(L, 1);
    }
}

static void push_copy(lua_State *L)
{
    lua_pushvalue(L, ORIGINAL);
    if (lua_rawget(L, lua_upvalueindex(COPIES)) != LUA_TNIL)
        return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 4);
    lua_pushvalue(L, ORIGINAL);
    lua_setfield(L, -2, "__metatable");
    lua_pushboolean(L, true);
    lua_rawsetp(L, -2, &mark);
    lua_pushvalue(L, ORIGINAL);
    lua_pushvalue(L, -2);
    lua_rawset(L, lua_upvalueindex(COPIES));
}

static void bring_up_to_date(lua_State *L)
{
    for (int i = 0; i < (int)ARRAY_LEN(allowed); i++) {
        lua_pushvalue(L, lua_upvalueindex(ALLOWED + i));
        lua_pushvalue(L, -1);
        lua_rawget(L, ORIGINAL);
        lua_pushvalue(L, -2);
        lua_rawget(L, COPY);
        if (!lua_rawequal(L, -1, -2)) {
            lua_pop(L, 1);
            lua_rawset(L, COPY);
        }
        lua_settop(L, COPY);
    }
}

static int set_metatable(lua_State *L)
{
    int type = lua_type(L, ORIGINAL);

    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, ORIGINAL, "nil or table");
    lua_settop(L, 2);
    check_object(L);
    if (type == LUA_TTABLE) {
        check_original(L);
        push_copy(L);
        bring_up_to_date(L);
    }
    lua_setmetatable(L, OBJECT);
    lua_settop(L, OBJECT);
    return 1;
}

void sandbox_add_metatable(lua_State *L)
{
    luaL_checkstack(L, 40, NULL);
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "kv");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++)
        lua_pushstring(L, allowed[i]);
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        lua_pushstring(L, refused[i]);
    lua_pushcclosure(L, set_metatable, (int)(REFUSED + ARRAY_LEN(refused)) - 1);
    lua_setfield(L, -2, "setmetatable");
}
