/* Coroutines that pass the end of a budget on. A hook is set at the thread that runs, and a
 * coroutine turns the error into a result for the one that resumed it: so that one is told
 * again. Each resume is charged, because a fresh coroutine starts with fresh counters. / */
#include <lauxlib.h>

#include "script/sandbox_private.h"

enum { CREATE_COST = 100, RESUME_COST = 200 };

static int create(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TFUNCTION);
    sandbox_charge(L, CREATE_COST);
    lua_State *co = lua_newthread(L);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

/* Passes the topmost arguments to co; returns the number of results on L, or -1 with an
 * error value there. */
static int resume(lua_State *L, lua_State *co, int arguments)
{
    struct sandbox *s = sandbox_of(L);
    int results;

    sandbox_charge(L, RESUME_COST);
    if (!lua_checkstack(co, arguments)) {
        lua_pushliteral(L, "too many arguments to resume");
        return -1;
    }
    lua_xmove(L, co, arguments);
    s->current = co;
    int status = lua_resume(co, L, arguments, &results);
    s->current = L;
    sandbox_check_end(L, status);
    if (status != LUA_OK && status != LUA_YIELD) {
        lua_xmove(co, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(co, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(co, L, results);
    return results;
}

static int resume_protected(lua_State *L)
{
    lua_State *co = lua_tothread(L, 1);

    luaL_argexpected(L, co, 1, "coroutine");
    int results = resume(L, co, lua_gettop(L) - 1);
    lua_pushboolean(L, results >= 0);
    lua_insert(L, results >= 0 ? -results - 1 : -2);
    return results >= 0 ? results + 1 : 2;
}

static int resume_wrapped(lua_State *L)
{
    int results = resume(L, lua_tothread(L, lua_upvalueindex(1)), lua_gettop(L));

    if (results >= 0)
        return results;
    if (lua_type(L, -1) == LUA_TSTRING) {
        luaL_where(L, 1);
        lua_insert(L, -2);
        lua_concat(L, 2);
    }
    return lua_error(L);
}

static int wrap(lua_State *L)
{
    create(L);
    lua_pushcclosure(L, resume_wrapped, 1);
    return 1;
}

void sandbox_add_coroutine(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"create", create},
        {"resume", resume_protected},
        {"wrap", wrap},
        {NULL, NULL},
    };

    lua_getfield(L, -1, "coroutine");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
