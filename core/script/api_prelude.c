/* The comfortable half of the API, written in Lua under lua/perigee and compiled
 * in; and the list of all parts. */
#include <string.h>

#include <lauxlib.h>

#include "base/log.h"
#include "script/api.h"
#include "script/decision_reader.h"
#include "script/lua_files.h"

static const struct lua_file *find_file(const char *name)
{
    for (const struct lua_file *file = lua_files; file->name; file++)
        if (strcmp(file->name, name) == 0)
            return file;
    return NULL;
}

/* Runs a file of the prelude, with the value on top as its argument, and leaves what it
 * returned in its place. */
static void run_file(lua_State *L, const char *name)
{
    const struct lua_file *file = find_file(name);

    if (!file)
        luaL_error(L, "%s is not compiled in", name);
    sandbox_push_chunk(L, name, file->bytes, file->len);
    lua_insert(L, -2);
    lua_call(L, 1, 1);
}

/* Copies the members of the table on top into the globals below it, and pops it. */
static void spread(lua_State *L)
{
    int globals = lua_gettop(L) - 1;

    for (lua_pushnil(L); lua_next(L, -2);) {
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, globals);
    }
    lua_pop(L, 1);
}

/* What is wrong with a symbol that a decision names; nil when it may. Told where the decision
 * is made, since the core, which looks again, cannot name that line. */
static int find_symbol_mistake(lua_State *L)
{
    const struct script_context *context = api_context(L);
    const struct decision_scope scope = {context->products, context->product, context->markets};
    product_ref product;
    struct fault why;

    if (decision_find_product(&scope, luaL_checkstring(L, 1), &product, &why))
        lua_pushstring(L, why.text);
    else
        lua_pushnil(L);
    return 1;
}

void api_add_prelude(lua_State *L)
{
    lua_pushnil(L);
    run_file(L, "lua/perigee/roles.lua");
    spread(L);
    lua_pushcfunction(L, find_symbol_mistake);
    run_file(L, "lua/perigee/decision.lua");
    spread(L);
}

/* log.info("text") and its kind: the level is the upvalue. */
static int write_log(lua_State *L)
{
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    enum log_level level = (enum log_level)lua_tointeger(L, lua_upvalueindex(1));
    const char *script = api_context(L)->script;

    sandbox_charge(L, 2000); /* a line of output; a loop of them ends by the budget */
    const char *line = sandbox_make_line(L, text, len);
    if (!line)
        return 0;
    sandbox_host_begin(L);
    log_line(level, "script.log", "script=%s text=\"%s\"", script ? script : "?", line);
    sandbox_host_end(L);
    return 0;
}

void api_add_log(lua_State *L)
{
    static const char *const names[] = {
        [LOG_ERROR] = "error", [LOG_WARN] = "warn", [LOG_INFO] = "info", [LOG_DEBUG] = "debug"};

    lua_newtable(L);
    for (int level = 0; level < (int)ARRAY_LEN(names); level++) {
        lua_pushinteger(L, level);
        lua_pushcclosure(L, write_log, 1);
        lua_setfield(L, -2, names[level]);
    }
    lua_setfield(L, -2, "log");
}

void (*const api_install[])(lua_State *L) = {
    api_add_param,
    api_add_bars,
    api_add_indicators,
    api_add_market,
    api_add_position,
    api_add_portfolio,
    api_add_ta,
    api_add_decimal,
    api_add_log,
    api_add_prelude,
    NULL,
};
