/* ta: questions about indicators and numbers. */
#include <lauxlib.h>

#include "script/api.h"

/* The value now and one bar ago of an indicator; of a number, twice itself. False in the
 * warm-up. */
static bool two_values(lua_State *L, int index, double *now, double *before)
{
    const struct indicator_handle *handle = lua_touserdata(L, index);

    if (LIKELY(handle && handle->handle.type == &api_indicator))
        return indicator_last_two(handle->indicator, now, before);
    if (lua_type(L, index) != LUA_TNUMBER)
        luaL_typeerror(L, index, "indicator or number");
    *now = *before = lua_tonumber(L, index);
    return true;
}

/* 1 if the first argument is above the second now and was not one bar ago, -1 if it is below
 * and was not, else 0. Touching is neither. */
static int cross_of(lua_State *L)
{
    double a, a_before, b, b_before;
    bool known = (int)two_values(L, 1, &a, &a_before) & (int)two_values(L, 2, &b, &b_before);

    if (LIKELY(!known || (a > b && a_before > b_before) || (a < b && a_before < b_before)))
        return 0;
    return (a > b) - (a < b);
}

static int crossed_above(lua_State *L)
{
    lua_pushboolean(L, cross_of(L) > 0);
    return 1;
}

static int crossed_below(lua_State *L)
{
    lua_pushboolean(L, cross_of(L) < 0);
    return 1;
}

/* The words are upvalues, so that none is made or looked up on a bar. */
static int crossed(lua_State *L)
{
    int cross = cross_of(L);

    if (LIKELY(cross == 0))
        lua_pushnil(L);
    else
        lua_pushvalue(L, lua_upvalueindex(cross > 0 ? 1 : 2));
    return 1;
}

static const struct entry ta_entries[] = {
    {ENTRY_FUNCTION, "crossed_above",
     "crossed_above(a: indicator|number, b: indicator|number): boolean",
     "Whether a is above b now and was not one bar ago. Touching is not above. False during "
     "the "
     "warm-up of either.",
     crossed_above},
    {ENTRY_FUNCTION, "crossed_below",
     "crossed_below(a: indicator|number, b: indicator|number): boolean",
     "Whether a is below b now and was not one bar ago. Touching is not below. False during "
     "the "
     "warm-up of either.",
     crossed_below},
    {ENTRY_FUNCTION, "crossed",
     "crossed(a: indicator|number, b: indicator|number): \"above\"|\"below\"|nil",
     "Both questions in one: how a crossed b on this bar; nil if it did not.", crossed},
    {0},
};

const struct group api_ta = {"ta", "Questions about indicators.", false, ta_entries};

void api_add_ta(lua_State *L)
{
    lua_newtable(L);
    for (const struct entry *entry = ta_entries; entry->name; entry++) {
        lua_pushliteral(L, "above");
        lua_pushliteral(L, "below");
        lua_pushcclosure(L, entry->call, 2);
        lua_setfield(L, -2, entry->name);
    }
    lua_setfield(L, -2, "ta");
}
