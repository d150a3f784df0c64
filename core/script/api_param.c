/* param: declarations of parameters. A declaration is a handle that holds it; a
 * mistake in one is reported where it stands. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "script/api_param.h"

struct param_handle {
    struct handle handle;
    struct param param;
};

static const struct entry no_entries[] = {{0}};

/* The class of what param.integer and its kind return; scripts only pass it on. */
static const struct group declaration_class = {"declaration", "", true, no_entries};

static void note_place(lua_State *L, struct param *param)
{
    lua_Debug at;

    if (!lua_getstack(L, 1, &at))
        return;
    lua_getinfo(L, "Sl", &at);
    param->line = at.currentline;
    snprintf(param->where, sizeof param->where, "%s:%d", at.short_src, at.currentline);
}

/* A number as the shortest text that reads back as it. */
static void format_number(lua_State *L, int index, char out[PARAM_TEXT_MAX])
{
    double number = lua_tonumber(L, index);

    if (isnan(number)) { /* C may print a sign */
        strcpy(out, "nan");
        return;
    }
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(out, PARAM_TEXT_MAX, "%.*g", digits, number);
        if (strtod(out, NULL) == number)
            return;
    }
}

static void copy_text(lua_State *L, int index, char out[PARAM_TEXT_MAX], const char *what)
{
    size_t len;
    const char *text = lua_tolstring(L, index, &len);

    if (len >= PARAM_TEXT_MAX || memchr(text, '\0', len))
        luaL_error(L, "the %s of a parameter is at most %d characters long", what,
                   PARAM_TEXT_MAX - 1);
    memcpy(out, text, len + 1);
}

static void wrong_type(lua_State *L, const char *what, const char *expected)
{
    luaL_error(L, "the %s is a %s; expected %s", what, luaL_typename(L, -1), expected);
}

/* The default, on top of the stack. */
static void read_default(lua_State *L, struct param *param)
{
    int type = lua_type(L, -1);

    if (param->type == PARAM_INTEGER || param->type == PARAM_NUMBER) {
        if (type != LUA_TNUMBER)
            wrong_type(L, "default", "a number");
        format_number(L, -1, param->fallback);
    } else if (param->type == PARAM_BOOLEAN) {
        if (type != LUA_TBOOLEAN)
            wrong_type(L, "default", "true or false");
        snprintf(param->fallback, sizeof param->fallback, "%s",
                 lua_toboolean(L, -1) ? "true" : "false");
    } else {
        if (type != LUA_TSTRING)
            wrong_type(L, "default", "text");
        copy_text(L, -1, param->fallback, "default");
    }
}

static void read_bound(lua_State *L, const struct param *param, const char *name, double *bound,
                       bool *has)
{
    if (param->type != PARAM_INTEGER && param->type != PARAM_NUMBER)
        luaL_error(L, "'%s' belongs to integers and numbers", name);
    if (lua_type(L, -1) != LUA_TNUMBER || !isfinite(lua_tonumber(L, -1)))
        luaL_error(L, "'%s' must be a finite number", name);
    *bound = lua_tonumber(L, -1);
    *has = true;
}

/* The list on top of the stack, as words with blanks between. */
static void read_choices(lua_State *L, struct param *param)
{
    size_t len = 0, room = sizeof param->choices;

    if (param->type != PARAM_CHOICE)
        luaL_error(L, "'choices' belongs to param.choice");
    if (lua_type(L, -1) != LUA_TTABLE)
        wrong_type(L, "list of choices", "{ \"one\", \"another\" }");
    for (int i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++) {
        const char *word = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        if (!word[0] || strchr(word, ' '))
            luaL_error(L, "choice %d is not a word", i);
        int n = snprintf(param->choices + len, room - len, "%s%s", i > 1 ? " " : "", word);
        len += (size_t)n;
        if (len >= room)
            luaL_error(L, "the choices are longer than %d characters", (int)room - 1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/* One member of the declaration: its name below its value on top. */
static void read_member(lua_State *L, struct param *param)
{
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";

    if (lua_isinteger(L, -2) && lua_tointeger(L, -2) == 1)
        read_default(L, param);
    else if (strcmp(name, "min") == 0)
        read_bound(L, param, "min", &param->min, &param->has_min);
    else if (strcmp(name, "max") == 0)
        read_bound(L, param, "max", &param->max, &param->has_max);
    else if (strcmp(name, "choices") == 0)
        read_choices(L, param);
    else if (strcmp(name, "help") != 0)
        luaL_error(L, "a parameter has a default and min, max, choices and help, not '%s'",
                   name[0] ? name : luaL_typename(L, -2));
    else if (lua_type(L, -1) == LUA_TSTRING)
        copy_text(L, -1, param->help, "help");
    else
        wrong_type(L, "help", "text");
}

static void check_whole(lua_State *L, const struct param *param)
{
    struct fault why = {OK, ""};

    if (!param->fallback[0] && param->type != PARAM_TEXT)
        luaL_error(L, "a parameter needs a default as its first value");
    if (param->type == PARAM_CHOICE && !param->choices[0])
        luaL_error(L, "param.choice needs choices = { \"one\", \"another\" }");
    if (param->has_min && param->has_max && param->min > param->max)
        luaL_error(L, "min is more than max");
    if (param_check(param, param->fallback, &why))
        luaL_error(L, "the default %s %s", param->fallback, why.text);
}

/* param.integer { 10, min = 2, max = 200, help = "bars" }: the type is upvalue 1, its name 2.
 */
static int declare(lua_State *L)
{
    const char *type = lua_tostring(L, lua_upvalueindex(2));

    if (lua_type(L, 1) != LUA_TTABLE)
        return luaL_error(L, "param.%s takes a table: param.%s { default, help = \"...\" }",
                          type, type);
    lua_settop(L, 1);
    struct param_handle *handle = api_push_handle(L, &declaration_class, sizeof *handle);
    handle->handle.call = API_FOREVER;
    handle->param.type = (enum param_type)lua_tointeger(L, lua_upvalueindex(1));
    note_place(L, &handle->param);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1))
        read_member(L, &handle->param);
    check_whole(L, &handle->param);
    return 1;
}

const struct param *api_to_param(lua_State *L, int index)
{
    const struct param_handle *handle =
        lua_type(L, index) == LUA_TUSERDATA ? lua_touserdata(L, index) : NULL;

    return handle && handle->handle.type == &declaration_class ? &handle->param : NULL;
}

static int read_nothing(lua_State *L, const void *unused, int field)
{
    (void)unused, (void)field;
    return luaL_error(L, "a declaration is no value; read self.params inside a handler");
}

void api_add_param(lua_State *L)
{
    api_add_class(L, &declaration_class, read_nothing);
    lua_newtable(L);
    for (int type = 0; type < PARAM_TYPE_COUNT; type++) {
        lua_pushinteger(L, type);
        lua_pushstring(L, param_type_name((enum param_type)type));
        lua_pushcclosure(L, declare, 2);
        lua_setfield(L, -2, param_type_name((enum param_type)type));
    }
    lua_setfield(L, -2, "param");
}
