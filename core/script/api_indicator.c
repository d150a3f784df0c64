/* Indicators: handles made once, updated in C before the script is called. */
#include <string.h>

#include <lauxlib.h>

#include "base/text.h"
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

static void check_ago(lua_State *L, const struct indicator *indicator, lua_Integer ago)
{
    if (ago < 0 || ago >= INDICATOR_HISTORY_MAX)
        luaL_error(L, "an indicator has no value %I bars ago", ago);
    if (ago >= indicator_history(indicator))
        luaL_error(L, "only %d values are kept; ask for more when it is made: {history = %I}",
                   indicator_history(indicator), ago + 1);
}

static int read_ago(lua_State *L, const struct indicator *indicator)
{
    lua_Integer ago = lua_tointeger(L, 2);

    check_ago(L, indicator, ago);
    return push_value(L, indicator, 0, (int)ago);
}

static int no_output(lua_State *L, const struct indicator_info *info, const char *name)
{
    const char *names[INDICATOR_OUTPUTS_MAX + 2] = {"value", "ready"};
    int count = 2;

    for (; info->outputs[count - 2].name; count++)
        names[count] = info->outputs[count - 2].name;
    const char *near = text_nearest(name, names, count);
    return luaL_error(L, "%s has no output '%s'%s%s%s", info->name, name,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* Not api_add_class: keys may be numbers and names of outputs, and `.value` is the hottest read
 * there is. Upvalue 1 keeps the string "value" where the handles know it to be. */
static int index_indicator(lua_State *L)
{
    const struct indicator_handle *handle = lua_touserdata(L, 1);
    const struct indicator *indicator = handle->indicator;

    if (LIKELY(lua_topointer(L, 2) == handle->value))
        return push_value(L, indicator, 0, 0);
    if (lua_isinteger(L, 2))
        return read_ago(L, indicator);
    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "an indicator has values by bars ago and by name, not by %s",
                          luaL_typename(L, 2));
    const char *name = lua_tostring(L, 2);
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
    return no_output(L, indicator_info(indicator), name);
}

static int value_at(lua_State *L)
{
    const struct indicator_handle *handle = api_check(L, 1, &api_indicator);
    const char *name = luaL_checkstring(L, 2);
    lua_Integer ago = luaL_optinteger(L, 3, 0);
    int output = indicator_find_output(indicator_info(handle->indicator), name);

    if (output < 0)
        return no_output(L, indicator_info(handle->indicator), name);
    check_ago(L, handle->indicator, ago);
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

/* ---- making them ---- */

enum {
    /* Numbers that all indicators of a script may keep together: 8 MiB. They live in the host,
     * outside the script's own quota. */
    KEPT_MAX = 1024 * 1024
};

/* One option, from the value on top of the stack. */
static void read_option(lua_State *L, const struct indicator_info *info, int option,
                        double *options)
{
    const struct indicator_option *row = &info->options[option];
    struct fault why = {OK, ""};

    if (row->kind == INDICATOR_CHOICE) {
        if (lua_type(L, -1) != LUA_TSTRING)
            luaL_error(L, "%s: %s must be text, not a %s", info->name, row->name,
                       luaL_typename(L, -1));
        if (indicator_parse_choice(info, option, lua_tostring(L, -1), &options[option], &why))
            luaL_error(L, "%s", why.text);
        return;
    }
    if (lua_type(L, -1) != LUA_TNUMBER)
        luaL_error(L, "%s: %s must be a number, not a %s", info->name, row->name,
                   luaL_typename(L, -1));
    options[option] = lua_tonumber(L, -1);
}

static int read_history(lua_State *L, const struct indicator_info *info)
{
    lua_Integer history = lua_isinteger(L, -1) ? lua_tointeger(L, -1) : -1;

    if (history < 0 || history > INDICATOR_HISTORY_MAX)
        luaL_error(L, "%s: history must be a whole number from 0 to %d", info->name,
                   INDICATOR_HISTORY_MAX);
    return (int)history;
}

static void unknown_option(lua_State *L, const struct indicator_info *info, const char *name)
{
    const char *names[INDICATOR_OPTIONS_MAX + 1] = {"history"};
    int count = 1;

    for (; info->options[count - 1].name; count++)
        names[count] = info->options[count - 1].name;
    const char *near = text_nearest(name, names, count);
    luaL_error(L, "%s has no option '%s'%s%s%s", info->name, name,
               near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* The table on top of the stack: options by name. Returns the history asked for. */
static int read_table(lua_State *L, const struct indicator_info *info, double *options)
{
    int history = 0, table = lua_gettop(L);

    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        int option = indicator_find_option(info, name);
        if (strcmp(name, "history") == 0)
            history = read_history(L, info);
        else if (option < 0)
            unknown_option(L, info, name);
        else
            read_option(L, info, option, options);
    }
    return history;
}

/* Options from the arguments behind `self`: values in the order of the indicators' table, then
 * or instead a table by name. Returns the history asked for. */
static int read_options(lua_State *L, const struct indicator_info *info, double *options)
{
    int last = lua_gettop(L), count = indicator_count_options(info);
    bool has_table = last >= 2 && lua_type(L, last) == LUA_TTABLE;
    int given = last - 1 - has_table;

    indicator_default_options(info, options);
    if (given > count)
        luaL_error(L, "%s takes at most %d options, not %d", info->name, count, given);
    for (int i = 0; i < given; i++) {
        lua_pushvalue(L, i + 2);
        read_option(L, info, i, options);
        lua_pop(L, 1);
    }
    return has_table ? read_table(L, info, options) : 0;
}

/* Numbers an indicator keeps: its values, and about as many inputs as its warm-up is long. */
static int64_t count_kept(const struct indicator_info *info, int history, int warm_up)
{
    int values = history > INDICATOR_HISTORY_MIN ? history : INDICATOR_HISTORY_MIN;

    return (int64_t)values * indicator_count_outputs(info) + warm_up;
}

static int64_t count_kept_on(const struct series_set *series)
{
    int64_t kept = 0;

    for (int i = 0; i < series_set_count(series); i++) {
        const struct indicator *it = series_set_at(series, i);
        kept += count_kept(indicator_info(it), indicator_history(it), indicator_warm_up(it));
    }
    return kept;
}

static int64_t count_all_kept(const struct script_context *context)
{
    int64_t kept = 0;

    for (int i = 0; i < context->timeframes_count; i++)
        for (int k = 0; k < context->timeframes[i].count; k++)
            kept += count_kept_on(context->timeframes[i].frames[k].series);
    return kept;
}

int api_make_indicator(lua_State *L, struct frame *frame, const struct indicator_info *info)
{
    double options[INDICATOR_OPTIONS_MAX];
    struct indicator *indicator = NULL;
    struct fault why = {OK, ""};
    int history = read_options(L, info, options);

    sandbox_charge(L, 1000);
    if (indicator_check_options(info, options, &why))
        return luaL_error(L, "%s", why.text);
    if (count_all_kept(api_context(L)) + count_kept(info, history, info->warm_up(options)) >
        KEPT_MAX)
        return luaL_error(L, "%s: the indicators of this script would keep more than %d values",
                          info->name, KEPT_MAX);
    struct indicator_handle *handle = api_push_handle(L, &api_indicator, sizeof *handle);
    handle->handle.call = API_FOREVER;
    lua_pushliteral(L, "value");
    handle->value = lua_topointer(L, -1);
    lua_pop(L, 1);
    sandbox_host_begin(L);
    enum err err = series_set_add(frame->series, info, options, history, &indicator, &why);
    sandbox_host_end(L);
    if (err)
        return luaL_error(L, "%s", why.text);
    handle->indicator = indicator;
    return 1;
}
