#include "script/api.h"

#include <string.h>

#include <assert.h>

#include <lauxlib.h>

#include "base/text.h"

enum { MEMBERS_MAX = 40 }; /* entries of one class */

static int no_field(lua_State *L, const struct group *group)
{
    const char *names[MEMBERS_MAX];
    int count = 0;

    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "%s has no such field", group->name);
    for (; group->entries[count].name; count++)
        names[count] = group->entries[count].name;
    const char *near = text_nearest(lua_tostring(L, 2), names, count);
    return luaL_error(L, "%s has no field '%s'%s%s%s", group->name, lua_tostring(L, 2),
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* __index of a class: upvalue 1 maps names to methods or to field numbers. */
static int read_field(lua_State *L)
{
    lua_pushvalue(L, 2);
    int type = lua_rawget(L, lua_upvalueindex(1));

    if (type == LUA_TFUNCTION)
        return 1;
    const struct group *group = lua_touserdata(L, lua_upvalueindex(2));
    api_field_reader *read = *(api_field_reader **)lua_touserdata(L, lua_upvalueindex(3));
    if (type == LUA_TNUMBER) {
        int field = (int)lua_tointeger(L, -1);
        lua_pop(L, 1);
        api_check(L, 1, group);
        return read(L, field);
    }
    return no_field(L, group);
}

static int refuse_write(lua_State *L)
{
    return luaL_error(L, "%s is read-only", lua_tostring(L, lua_upvalueindex(1)));
}

static int name_it(lua_State *L)
{
    lua_pushvalue(L, lua_upvalueindex(1));
    return 1;
}

static void push_members(lua_State *L, const struct group *group)
{
    lua_newtable(L);
    for (int i = 0; group->entries[i].name; i++) {
        assert(i < MEMBERS_MAX);
        const struct entry *entry = &group->entries[i];
        if (entry->kind == ENTRY_METHOD)
            lua_pushcfunction(L, entry->call);
        else
            lua_pushinteger(L, i);
        lua_setfield(L, -2, entry->name);
    }
}

void api_add_class(lua_State *L, const struct group *group, api_field_reader *read)
{
    lua_newtable(L);
    push_members(L, group);
    lua_pushlightuserdata(L, (void *)(uintptr_t)group);
    *(api_field_reader **)lua_newuserdatauv(L, sizeof read, 0) = read;
    lua_pushcclosure(L, read_field, 3);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, group->name);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushstring(L, group->name);
    lua_pushcclosure(L, name_it, 1);
    lua_setfield(L, -2, "__tostring");
    sandbox_add_type(L, group->name);
}

void *api_push_handle(lua_State *L, const struct group *group, size_t size)
{
    struct handle *handle = lua_newuserdatauv(L, size, 1);

    memset(handle, 0, size);
    handle->type = group;
    luaL_setmetatable(L, group->name);
    return handle;
}

void *api_check(lua_State *L, int index, const struct group *type)
{
    struct handle *handle = lua_touserdata(L, index);

    if (UNLIKELY(!handle || handle->type != type))
        luaL_error(L, "expected a %s, not a %s; methods are called with a colon", type->name,
                   luaL_typename(L, index));
    if (UNLIKELY(handle->call != API_FOREVER && handle->call != sandbox_port(L)->call))
        luaL_error(L,
                   "this %s was lent for an earlier call; use it only inside the handler that "
                   "received it",
                   type->name);
    return handle;
}

void api_push_symbol(lua_State *L, product_ref product)
{
    lua_pushstring(L, product_table_get(api_context(L)->products, product)->symbol);
}

const struct view *api_view(lua_State *L)
{
    const struct view *view = api_context(L)->view;

    if (UNLIKELY(!view))
        luaL_error(L, "the market can be read only inside a handler");
    return view;
}

void api_lend(lua_State *L, int index)
{
    struct handle *handle = lua_touserdata(L, index);

    handle->call = sandbox_port(L)->call;
}

bool api_to_decimal(lua_State *L, int index, decimal *out)
{
    size_t len;
    int type = lua_type(L, index);

    if (type == LUA_TNUMBER && lua_isinteger(L, index)) {
        *out = decimal_from_int(lua_tointeger(L, index));
        return decimal_is_in_range(*out);
    }
    if (type == LUA_TNUMBER)
        return decimal_from_double(lua_tonumber(L, index), out);
    if (type == LUA_TSTRING) {
        const char *text = lua_tolstring(L, index, &len);
        return decimal_parse(text, len, out, NULL) == OK;
    }
    const struct decimal_handle *handle =
        type == LUA_TUSERDATA ? lua_touserdata(L, index) : NULL;
    if (!handle || handle->handle.type != &api_decimal)
        return false;
    memcpy(out, handle->value, sizeof *out);
    return true;
}
