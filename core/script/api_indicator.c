/* Indicators: handles made once, updated in C before the script is called. */
#include <string.h>

#include <lauxlib.h>

#include "script/api.h"
#include "script/api_indicator.h"
#include "series/indicators.h"

static const struct entry indicator_entries[] = {
    {ENTRY_FIELD, "value", "number?", "The first output now; nil until the warm-up is over.",
     NULL},
    {ENTRY_FIELD, "ready", "boolean", "Whether the warm-up is over.", NULL},
    {ENTRY_FIELD, "[n]", "number?",
     "`handle[1]` is the value one bar earlier, `handle[0]` the one now; nil where there is "
     "none.",
     NULL},
    {ENTRY_METHOD, "at", "at(output: string, ago?: integer): number?",
     "An output by name, `ago` bars earlier (0 is now). Every output is also a field: "
     "`macd.signal`, `bollinger.upper`.",
     NULL},
    {0},
};

const struct group api_indicator = {"indicator",
                                    "An indicator on a market, made by methods like "
                                    "market:sma(20). It stays valid between calls.",
                                    true, indicator_entries};

static int push_value(lua_State *L, const struct indicator *indicator, int output, int ago)
{
    double value;

    if (indicator_value(indicator, output, ago, &value))
        lua_pushnumber(L, value);
    else
        lua_pushnil(L);
    return 1;
}

static int read_ago(lua_State *L, const struct indicator *indicator)
{
    lua_Integer ago = lua_tointeger(L, 2);

    if (ago < 0 || ago >= INDICATOR_HISTORY_MAX)
        return luaL_error(L, "an indicator has no value %d bars ago", (int)ago);
    if (ago >= indicator_history(indicator))
        return luaL_error(
            L, "only %d values are kept; ask for more when it is made: {history = %d}",
            indicator_history(indicator), (int)ago + 1);
    return push_value(L, indicator, 0, (int)ago);
}

/* Not api_add_class: keys may be numbers and names of outputs, and `.value` is the hottest read
 * there is. Upvalue 1 is the string "value": equal strings of this length are one object. */
static int index_indicator(lua_State *L)
{
    const struct indicator_handle *handle = lua_touserdata(L, 1);
    const struct indicator *indicator = handle->indicator;

    if (lua_rawequal(L, 2, lua_upvalueindex(1)))
        return push_value(L, indicator, 0, 0);
    if (lua_isinteger(L, 2))
        return read_ago(L, indicator);
    const char *name = luaL_checkstring(L, 2);
    if (strcmp(name, "at") == 0) {
        lua_pushvalue(L, lua_upvalueindex(2));
        return 1;
    }
    if (strcmp(name, "ready") == 0) {
        lua_pushboolean(L, indicator_is_ready(indicator));
        return 1;
    }
    int output = indicator_find_output(indicator_info(indicator), name);
    if (output >= 0)
        return push_value(L, indicator, output, 0);
    return luaL_error(L, "%s has no output '%s'", indicator_info(indicator)->name, name);
}

static int value_at(lua_State *L)
{
    const struct indicator_handle *handle = api_check(L, 1, &api_indicator);
    const char *name = luaL_checkstring(L, 2);
    lua_Integer ago = luaL_optinteger(L, 3, 0);
    int output = indicator_find_output(indicator_info(handle->indicator), name);

    luaL_argcheck(L, output >= 0, 2, "no such output");
    luaL_argcheck(L, ago >= 0 && ago < indicator_history(handle->indicator), 3,
                  "not that many values are kept");
    return push_value(L, handle->indicator, output, (int)ago);
}

static int name_indicator(lua_State *L)
{
    lua_pushstring(L, "indicator");
    return 1;
}

void api_add_indicators(lua_State *L)
{
    lua_newtable(L);
    lua_pushstring(L, "value");
    lua_pushcfunction(L, value_at);
    lua_pushcclosure(L, index_indicator, 2);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, name_indicator);
    lua_setfield(L, -2, "__tostring");
    sandbox_add_type(L, api_indicator.name);
}

/* Options from the arguments behind `self`: numbers in the table's order, then or instead a
 * table by name. */
static int read_options(lua_State *L, const struct indicator_info *info, double *options)
{
    int history = 0, count = indicator_count_options(info);

    indicator_default_options(info, options);
    for (int i = 0; i < count && lua_isnumber(L, i + 2); i++)
        options[i] = lua_tonumber(L, i + 2);
    int last = lua_gettop(L);
    if (last < 2 || lua_type(L, last) != LUA_TTABLE) {
        luaL_argcheck(L, last - 1 <= count, last, "too many arguments");
        return 0;
    }
    for (lua_pushnil(L); lua_next(L, last); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        int option = indicator_find_option(info, name);
        struct fault why = {OK, ""};
        if (strcmp(name, "history") == 0)
            history = (int)luaL_checkinteger(L, -1);
        else if (option < 0)
            return luaL_error(L, "%s has no option '%s'", info->name, name);
        else if (info->options[option].kind != INDICATOR_CHOICE)
            options[option] = luaL_checknumber(L, -1);
        else if (indicator_parse_choice(info, option, luaL_checkstring(L, -1), &options[option],
                                        &why))
            return luaL_error(L, "%s", why.text);
    }
    return history;
}

int api_make_indicator(lua_State *L, struct frame *frame, const struct indicator_info *info)
{
    double options[INDICATOR_OPTIONS_MAX];
    struct indicator *indicator = NULL;
    struct fault why = {OK, ""};
    int history = read_options(L, info, options);

    luaL_argcheck(L, history >= 0 && history <= INDICATOR_HISTORY_MAX, lua_gettop(L),
                  "history out of range");
    struct indicator_handle *handle = api_push_handle(L, &api_indicator, sizeof *handle);
    handle->handle.call = API_FOREVER;
    sandbox_host_begin(L);
    enum err err = series_set_add(frame->series, info, options, history, &indicator, &why);
    sandbox_host_end(L);
    if (err)
        return luaL_error(L, "%s", why.text);
    handle->indicator = indicator;
    return 1;
}
