/* math.random by the run's seed: the same numbers in every process. */
#include <lauxlib.h>

#include "script/sandbox_private.h"

static int draw(lua_State *L)
{
    struct rng *rng = &sandbox_of(L)->rng;
    lua_Integer low = 1, high;

    switch (lua_gettop(L)) {
    case 0:
        lua_pushnumber(L, rng_unit(rng));
        return 1;
    case 1:
        high = luaL_checkinteger(L, 1);
        if (high == 0) {
            lua_pushinteger(L, (lua_Integer)rng_next(rng));
            return 1;
        }
        break;
    case 2:
        low = luaL_checkinteger(L, 1);
        high = luaL_checkinteger(L, 2);
        break;
    default:
        return luaL_error(L, "wrong number of arguments");
    }
    luaL_argcheck(L, low <= high, lua_gettop(L), "interval is empty");
    lua_pushinteger(L, rng_between(rng, low, high));
    return 1;
}

void sandbox_add_math(lua_State *L)
{
    lua_getfield(L, -1, "math");
    lua_pushcfunction(L, draw);
    lua_setfield(L, -2, "random");
    lua_pop(L, 1);
}
