/* require: modules by name through the host, text only, each run once per sandbox. */
#include <lauxlib.h>

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "script/printable.h"
#include "script/sandbox_private.h"

enum { FIND_COST = 10000, LOADED = 1 };

/* [A-Za-z_][A-Za-z0-9_]* joined by dots. */
static bool is_module_name(const char *name, size_t len)
{
    static const char digits[] = "0123456789", others[] = "abcdefghijklmnopqrstuvwxyz"
                                                          "ABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    char at = '.';

    if (len == 0 || len > SANDBOX_MODULE_NAME_MAX)
        return false;
    for (size_t i = 0; i < len; i++) {
        char before = at;
        at = name[i];
        bool ok =
            at && (strchr(others, at) || (before != '.' && (at == '.' || strchr(digits, at))));
        if (!ok)
            return false;
    }
    return at != '.';
}

static void find(lua_State *L, const char *name)
{
    struct sandbox *s = sandbox_of(L);
    struct fault why = {.text = "the host has no modules"};
    enum err err = ERR_MISSING;

    buf_reset(&s->source.text);
    snprintf(s->source.name, sizeof s->source.name, "%s", name);
    if (s->options.find_module) {
        sandbox_host_begin(L);
        err = s->options.find_module(s->port.host, name, &s->source, &why);
        sandbox_host_end(L);
    }
    if (err)
        luaL_error(L, "cannot require '%s': %s", name, why.text);
    sandbox_push_chunk(L, s->source.name, buf_text(&s->source.text), s->source.text.len);
}

static int require(lua_State *L)
{
    static const char in_progress;
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);

    if (!is_module_name(name, len))
        return luaL_error(L, "require wants names joined by dots, such as 'signals.momentum'");
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    int type = lua_rawget(L, lua_upvalueindex(LOADED));
    if (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == &in_progress)
        return luaL_error(L, "module '%s' requires itself or failed to load before", name);
    if (type != LUA_TNIL)
        return 1;
    sandbox_charge(L, FIND_COST);
    find(L, name);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, (void *)(uintptr_t)&in_progress);
    lua_rawset(L, lua_upvalueindex(LOADED));
    lua_pushvalue(L, 1);
    lua_call(L, 1, 1);
    if (lua_isnil(L, -1)) {
        lua_pushboolean(L, true);
        lua_replace(L, -2);
    }
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, lua_upvalueindex(LOADED));
    return 1;
}

void sandbox_add_require(lua_State *L)
{
    lua_newtable(L);
    lua_pushcclosure(L, require, 1);
    lua_setfield(L, -2, "require");
}
