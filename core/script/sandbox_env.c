/* What a script finds: an allow-list, never a deny-list.
 *
 * The stock libraries are opened, the functions named here are copied into fresh tables,
 * and nothing else keeps the originals alive. Then everything is sealed: each table becomes
 * an empty stand-in whose metatable leads reads to the real one and refuses writes. The
 * globals are such a stand-in too, over a table that raises for what is not there. The
 * functions that could go around a metatable (rawset, setmetatable, the table library)
 * recognise stand-ins by the mark. */
#include <lauxlib.h>
#include <lualib.h>

#include <stdio.h>
#include <string.h>

#include "script/sandbox_private.h"

static const char mark; /* address: key of the real table in a stand-in's metatable */

static const struct library {
    const char *name; /* NULL: globals */
    lua_CFunction open;
    const char *const *kept;
} libraries[] = {
    {NULL, luaopen_base,
     (const char *const[]){"assert", "error", "getmetatable", "ipairs", "rawequal", "rawget",
                           "rawlen", "select", "tonumber", "type", "_VERSION", NULL}},
    {LUA_STRLIBNAME, luaopen_string,
     (const char *const[]){"byte", "char", "len", "lower", "reverse", "sub", "upper", NULL}},
    {LUA_TABLIBNAME, luaopen_table, (const char *const[]){"pack", NULL}},
    {LUA_MATHLIBNAME, luaopen_math,
     (const char *const[]){"abs", "acos",       "asin", "atan", "ceil", "cos", "deg",
                           "exp", "floor",      "fmod", "huge", "log",  "max", "maxinteger",
                           "min", "mininteger", "modf", "pi",   "rad",  "sin", "sqrt",
                           "tan", "tointeger",  "type", "ult",  NULL}},
    {LUA_UTF8LIBNAME, luaopen_utf8,
     (const char *const[]){"char", "charpattern", "codepoint", "codes", "len", "offset", NULL}},
    {LUA_COLIBNAME, luaopen_coroutine,
     (const char *const[]){"isyieldable", "running", "status", "yield", NULL}},
};

static void (*const additions[])(lua_State *L) = {
    sandbox_add_base,      sandbox_add_coroutine, sandbox_add_json,  sandbox_add_math,
    sandbox_add_metatable, sandbox_add_pairs,     sandbox_add_print, sandbox_add_require,
    sandbox_add_string,    sandbox_add_table,
};

/* Reading what is not there, writing what is not ours. */

static int on_undefined(lua_State *L)
{
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "globals have names, not %s keys", luaL_typename(L, 2));
    return luaL_error(L, "undefined variable '%s'", lua_tostring(L, 2));
}

static int on_global_write(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";

    return luaL_error(L, "globals are read-only: make '%s' a local variable", name);
}

static int on_write(lua_State *L)
{
    const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "?";

    return luaL_error(L, "this table is read-only (field '%s')", name);
}

/* Stand-ins. */

bool sandbox_push_behind(lua_State *L, int index)
{
    if (!lua_getmetatable(L, index))
        return false;
    bool is_stand_in = lua_rawgetp(L, -1, &mark) == LUA_TTABLE;
    lua_remove(L, -2);
    if (!is_stand_in)
        lua_pop(L, 1);
    return is_stand_in;
}

void sandbox_check_writable(lua_State *L, int index)
{
    luaL_checktype(L, index, LUA_TTABLE);
    if (UNLIKELY(sandbox_push_behind(L, index)))
        luaL_error(L, "this table is read-only");
}

/* Pops the real table, pushes its stand-in. */
static void push_stand_in(lua_State *L, lua_CFunction refuse)
{
    int real = lua_gettop(L);

    lua_newtable(L);
    lua_createtable(L, 0, 5);
    lua_pushvalue(L, real);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    if (luaL_getmetafield(L, real, "__call") != LUA_TNIL)
        lua_setfield(L, -2, "__call");
    lua_pushvalue(L, real);
    lua_rawsetp(L, -2, &mark);
    lua_setmetatable(L, -2);
    lua_remove(L, real);
}

void sandbox_seal(lua_State *L)
{
    push_stand_in(L, on_write);
}

/* Replaces the tables in the table on top by stand-ins, all the way down; `seen` maps those
 * done already, cycles being common (a class is its own __index). */
static void seal_fields(lua_State *L, int seen)
{
    int table = lua_gettop(L);

    luaL_checkstack(L, 10, "tables nested too deeply");
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (lua_type(L, -1) != LUA_TTABLE || sandbox_push_behind(L, -1)) {
            lua_settop(L, table + 1);
            continue;
        }
        lua_pushvalue(L, -1);
        if (lua_rawget(L, seen) == LUA_TNIL) {
            lua_pop(L, 1);
            int real = lua_gettop(L);
            lua_pushvalue(L, real);
            push_stand_in(L, on_write);
            lua_pushvalue(L, real);
            lua_pushvalue(L, -2);
            lua_rawset(L, seen);
            lua_pushvalue(L, real);
            seal_fields(L, seen);
            lua_settop(L, real + 1);
        }
        lua_pushvalue(L, table + 1);
        lua_insert(L, -2);
        lua_rawset(L, table); /* an existing key: lua_next stays valid */
        lua_settop(L, table + 1);
    }
}

/* Putting it together. */

/* Copies what is kept from the library on top into the table below it. */
static void copy_kept(lua_State *L, const char *const *kept)
{
    for (; *kept; kept++) {
        lua_getfield(L, -1, *kept);
        lua_setfield(L, -3, *kept);
    }
    lua_pop(L, 1);
}

static void add_library(lua_State *L, const struct library *library)
{
    const char *name = library->name ? library->name : LUA_GNAME;

    if (library->name)
        lua_newtable(L);
    else
        lua_pushvalue(L, -1);
    luaL_requiref(L, name, library->open, false);
    copy_kept(L, library->kept);
    if (library->name)
        lua_setfield(L, -2, library->name);
    else
        lua_pop(L, 1);
}

/* ("x"):rep(2) leads to our table; the stock arithmetic of numeric strings stays. */
static void set_string_metatable(lua_State *L)
{
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_getfield(L, -3, LUA_STRLIBNAME);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    lua_pop(L, 2);
}

static int tell_time(lua_State *L)
{
    lua_pushnumber(L, (double)sandbox_of(L)->now / 1e9);
    return 1;
}

static void add_time(lua_State *L)
{
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, tell_time);
    lua_setfield(L, -2, "now");
    lua_setfield(L, -2, "time");
}

/* Pops the globals, makes them those of all chunks compiled from now on. */
static void set_globals(lua_State *L)
{
    lua_pushvalue(L, -1);
    push_stand_in(L, on_global_write);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, LUA_GNAME);
    lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
}

/* Replaces the registry of loaded libraries, which still holds the stock ones. Lua looks
 * there for the name of a function in "bad argument #1 to 'string.rep'". */
static void set_loaded(lua_State *L)
{
    int globals = lua_gettop(L);

    lua_newtable(L);
    lua_pushnil(L);
    while (lua_next(L, globals)) {
        if (lua_type(L, -1) == LUA_TTABLE) {
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, globals + 1);
        } else {
            lua_pop(L, 1);
        }
    }
    lua_pushvalue(L, globals);
    lua_setfield(L, -2, LUA_GNAME);
    lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
}

static void make_strict(lua_State *L)
{
    lua_createtable(L, 0, 2);
    lua_pushcfunction(L, on_undefined);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
}

/* Adds the names in the table on top. Tables will be stand-ins, and are left out. */
static void add_shortcuts(lua_State *L, struct shortcuts *shortcuts, const char *library)
{
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        int type = lua_type(L, -1);
        bool is_plain = type == LUA_TFUNCTION || type == LUA_TNUMBER || type == LUA_TSTRING ||
                        type == LUA_TBOOLEAN;
        if (lua_type(L, -2) != LUA_TSTRING)
            continue;
        if (is_plain)
            shortcuts_add(shortcuts, library, lua_tostring(L, -2));
        else if (type == LUA_TTABLE && !library)
            add_shortcuts(L, shortcuts, lua_tostring(L, -2));
    }
}

static void make_shortcuts(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);

    sandbox_host_begin(L);
    s->shortcuts = shortcuts_new();
    add_shortcuts(L, s->shortcuts, NULL);
    sandbox_host_end(L);
}

void sandbox_build(lua_State *L, void *unused)
{
    const struct sandbox *s = sandbox_of(L);

    (void)unused;
    lua_newtable(L);
    for (size_t i = 0; i < ARRAY_LEN(libraries); i++)
        add_library(L, &libraries[i]);
    for (size_t i = 0; i < ARRAY_LEN(additions); i++)
        additions[i](L);
    add_time(L);
    set_string_metatable(L);
    set_globals(L);
    for (void (*const *install)(lua_State *) = s->options.install; install && *install;
         install++)
        (*install)(L);
    set_loaded(L);
    make_shortcuts(L);
    make_strict(L);
    lua_newtable(L);
    lua_insert(L, -2);
    seal_fields(L, lua_gettop(L) - 1);
}

/* Chunks and types. */

/* The chunk's name is on top; pushes the function, or what is wrong and says so. */
static bool compile(lua_State *L, const char *text, size_t len)
{
    int status = luaL_loadbufferx(L, text, len, lua_tostring(L, -1), "t");

    sandbox_check_end(L, status);
    return status == LUA_OK;
}

/* The function on top, with its name below, gives way to one that finds the same faster. */
static void take_shortcuts(lua_State *L, const char *text, size_t len)
{
    struct sandbox *s = sandbox_of(L);

    if (!s->shortcuts)
        return;
    sandbox_host_begin(L);
    buf_reset(&s->with_shortcuts);
    bool has_some = shortcuts_apply(s->shortcuts, text, len, &s->with_shortcuts);
    sandbox_host_end(L);
    if (!has_some)
        return;
    lua_pushvalue(L, -2);
    bool is_good = compile(L, s->with_shortcuts.data, s->with_shortcuts.len);
    lua_remove(L, -2);
    if (is_good)
        lua_replace(L, -2);
    else
        lua_pop(L, 1); /* it assigns to what is read-only, or has 200 variables of its own */
}

/* What is wrong is on top. Of depth alone Lua tells no place. */
static int raise_compile_error(lua_State *L, const char *name)
{
    const char *message = lua_tostring(L, -1);

    if (message && strcmp(message, "C stack overflow") == 0)
        luaL_error(L,
                   "%s: C stack overflow: blocks or expressions stand too deep inside each "
                   "other (Lua ends at "
                   "about 200)",
                   name);
    return lua_error(L);
}

void sandbox_push_chunk(lua_State *L, const char *name, const char *text, size_t len)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf";

    if (len > SANDBOX_SOURCE_MAX)
        luaL_error(L, "%s: %d bytes of source; %d are allowed", name, (int)len,
                   SANDBOX_SOURCE_MAX);
    if (len && (text[0] == '\x1b' || memchr(text, '\0', len)))
        luaL_error(L, "%s: not a text file in UTF-8", name);
    if (len >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
        text += 3;
        len -= 3;
    }
    lua_pushfstring(L, "@%s", name);
    if (!compile(L, text, len))
        raise_compile_error(L, name);
    take_shortcuts(L, text, len);
    lua_remove(L, -2);
}

void sandbox_add_type(lua_State *L, const char *type)
{
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    lua_pushstring(L, type);
    lua_setfield(L, -2, "__name");
    lua_setfield(L, LUA_REGISTRYINDEX, type);
}
