/* setmetatable with sealed copies.
 *
 * What an object gets as its metatable is a hidden copy that holds the fields allowed here;
 * the script's own table is what getmetatable returns. So a field that cannot be had can
 * neither be sneaked in later:
 *
 *     __gc      runs where no hook does, and after the end of a call
 *     __close   likewise in coroutines that were killed
 *     __mode    use after free in Lua 5.4.4 under a limited allocator
 *     __concat  use after free in Debian's 5.4.4 (its patch for CVE-2022-33099 lacks the
 * follow-up)
 *
 * Copies are found again by the original in a table weak in keys and values: a copy holds
 * its original, so ephemerons would keep both forever or cost the collector quadratic time.
 * Fields added to the original later count from the next setmetatable with it. */
#include <lauxlib.h>

#include <string.h>

#include "script/sandbox_private.h"

static const char mark; /* address: in every copy, the number of its fields */

static const char *const allowed[] = {
    "__index", "__newindex", "__call", "__eq",  "__lt",  "__le",       "__len",   "__unm",
    "__add",   "__sub",      "__mul",  "__div", "__mod", "__pow",      "__idiv",  "__band",
    "__bor",   "__bxor",     "__bnot", "__shl", "__shr", "__tostring", "__pairs", "__name",
};

static const char *const refused[] = {"__gc", "__close", "__mode", "__concat", "__metatable"};

/* Upvalues of setmetatable: original to copy; name to whether it is allowed. */
enum { COPIES = 1, RULES };

/* The stack of setmetatable. The source is the original, or the real table behind it. */
enum { OBJECT = 1, ORIGINAL, SOURCE, COPY, KEY, VALUE };

enum { FIELD_COST = 5 };

static void check_object(lua_State *L)
{
    luaL_checktype(L, OBJECT, LUA_TTABLE);
    if (!lua_getmetatable(L, OBJECT))
        return;
    if (lua_rawgetp(L, -1, &mark) == LUA_TNIL)
        luaL_error(L, "cannot change a protected metatable");
    lua_pop(L, 2);
}

static void push_source(lua_State *L)
{
    if (!sandbox_push_behind(L, ORIGINAL))
        lua_pushvalue(L, ORIGINAL);
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
    lua_pushinteger(L, 0);
    lua_rawsetp(L, -2, &mark);
    lua_pushvalue(L, ORIGINAL);
    lua_pushvalue(L, -2);
    lua_rawset(L, lua_upvalueindex(COPIES));
}

/* Whether the key on top is a field to copy. Raises when it is one that cannot be had. */
static bool is_field(lua_State *L)
{
    const char *name = lua_type(L, KEY) == LUA_TSTRING ? lua_tostring(L, KEY) : "";

    if (name[0] != '_' || name[1] != '_')
        return false;
    lua_pushvalue(L, KEY);
    int type = lua_rawget(L, lua_upvalueindex(RULES));
    if (type == LUA_TBOOLEAN && !lua_toboolean(L, -1))
        luaL_error(L, "metatables of scripts cannot have '%s'", name);
    lua_pop(L, 1);
    return type == LUA_TBOOLEAN;
}

/* Lua follows a chain of values that call each other without an instruction in between: in
 * quadratic time, out of reach of the watchdog's hook. */
static void check_value(lua_State *L)
{
    if (strcmp(lua_tostring(L, KEY), "__call") == 0 && !lua_isfunction(L, VALUE))
        luaL_error(L, "'__call' must be a function, not a %s", luaL_typename(L, VALUE));
}

/* Whether the copy had no such field before. */
static bool copy_field(lua_State *L)
{
    lua_pushvalue(L, KEY);
    bool is_new = lua_rawget(L, COPY) == LUA_TNIL;
    if (!lua_rawequal(L, -1, VALUE)) {
        lua_pushvalue(L, KEY);
        lua_pushvalue(L, VALUE);
        lua_rawset(L, COPY);
    }
    return is_new;
}

/* Returns how many fields the source has; *added are new. */
static int copy_fields(lua_State *L, int *added)
{
    int fields = 0, keys = 0;

    for (lua_pushnil(L); lua_next(L, SOURCE); lua_settop(L, KEY), keys++) {
        if (!is_field(L))
            continue;
        check_value(L);
        *added += copy_field(L);
        fields++;
    }
    sandbox_charge(L, FIELD_COST * (int64_t)keys);
    return fields;
}

static void drop_what_is_gone(lua_State *L)
{
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
        lua_pushstring(L, allowed[i]);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, SOURCE) == LUA_TNIL)
            lua_rawset(L, COPY);
        lua_settop(L, COPY);
    }
}

static void bring_up_to_date(lua_State *L)
{
    int added = 0, fields = copy_fields(L, &added);

    lua_rawgetp(L, COPY, &mark);
    lua_Integer before = lua_tointeger(L, -1);
    lua_pop(L, 1);
    if (before + added > fields)
        drop_what_is_gone(L);
    if (fields != before) {
        lua_pushinteger(L, fields);
        lua_rawsetp(L, COPY, &mark);
    }
}

static int set_metatable(lua_State *L)
{
    int type = lua_type(L, ORIGINAL);

    luaL_argexpected(L, type == LUA_TNIL || type == LUA_TTABLE, ORIGINAL, "nil or table");
    lua_settop(L, 2);
    check_object(L);
    if (type == LUA_TTABLE) {
        push_source(L);
        push_copy(L);
        bring_up_to_date(L);
    }
    lua_setmetatable(L, OBJECT);
    lua_settop(L, OBJECT);
    return 1;
}

static void push_rules(lua_State *L)
{
    lua_createtable(L, 0, ARRAY_LEN(allowed) + ARRAY_LEN(refused));
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
        lua_pushboolean(L, true);
        lua_setfield(L, -2, allowed[i]);
    }
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        lua_pushboolean(L, false);
        lua_setfield(L, -2, refused[i]);
    }
}

void sandbox_add_metatable(lua_State *L)
{
    lua_newtable(L);
    lua_createtable(L, 0, 1);
    lua_pushliteral(L, "kv");
    lua_setfield(L, -2, "__mode");
    lua_setmetatable(L, -2);
    push_rules(L);
    lua_pushcclosure(L, set_metatable, 2);
    lua_setfield(L, -2, "setmetatable");
}
