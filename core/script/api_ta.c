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

static int crossed_above(lua_State *L)
{
    double a, a_before, b, b_before;
    bool known = (int)two_values(L, 1, &a, &a_before) & (int)two_values(L, 2, &b, &b_before);

    lua_pushboolean(L, known && a > b && !(a_before > b_before));
    return 1;
}

static int crossed_below(lua_State *L)
{
    double a, a_before, b, b_before;
    bool known = (int)two_values(L, 1, &a, &a_before) & (int)two_values(L, 2, &b, &b_before);

    lua_pushboolean(L, known && a < b && !(a_before < b_before));
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
    {0},
};

const struct group api_ta = {"ta", "Questions about indicators.", false, ta_entries};

void api_add_ta(lua_State *L)
{
    lua_newtable(L);
    for (const struct entry *entry = ta_entries; entry->name; entry++) {
        lua_pushcfunction(L, entry->call);
        lua_setfield(L, -2, entry->name);
    }
    lua_setfield(L, -2, "ta");
}
