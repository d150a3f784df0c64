#include "script/api.h"

#include <string.h>

#include <assert.h>

#include <lauxlib.h>

#include "base/text.h"

enum {
    MEMBERS_MAX = 40,  /* entries of one class */
    HANDLE_VALUES = 2, /* a market keeps the handles of its position and of its bar */
};

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

/* Names of fields are found by address: Lua keeps one copy of a short string, and the table of
 * members keeps it where it is. */
struct class
{
    const struct group *group;
    api_field_reader *read;
    size_t mask; /* slots are a power of two, twice the members or more */
    struct {
        const void *name; /* NULL: free */
        int field;
    } slots[];
};

/* The slot of a name, or the free one where it would be. */
static size_t find_slot(const struct class *class, const void *name)
{
    uintptr_t address = (uintptr_t)name;
    size_t slot = (address >> 4 ^ address >> 11) & class->mask;

    while (class->slots[slot].name && class->slots[slot].name != name)
        slot = (slot + 1) & class->mask;
    return slot;
}

/* __index of a class: upvalue 1 maps names to methods, upvalue 2 knows the fields. */
static int read_field(lua_State *L)
{
    const struct class *class = lua_touserdata(L, lua_upvalueindex(2));
    size_t slot = find_slot(class, lua_topointer(L, 2));

    if (LIKELY(class->slots[slot].name))
        return class->read(L, api_check(L, 1, class->group), class->slots[slot].field);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) == LUA_TFUNCTION)
        return 1;
    return no_field(L, class->group);
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

/* The name of entry i is on top. */
static void add_field(lua_State *L, struct class *class, int i)
{
    const void *name = lua_topointer(L, -1);
    size_t slot = find_slot(class, name);

    class->slots[slot].name = name;
    class->slots[slot].field = i;
}

/* The members' table is pushed; the fields are also added to the class. */
static void push_members(lua_State *L, const struct group *group, struct class *class)
{
    lua_newtable(L);
    for (int i = 0; group->entries[i].name; i++) {
        assert(i < MEMBERS_MAX);
        const struct entry *entry = &group->entries[i];
        lua_pushstring(L, entry->name);
        if (entry->kind == ENTRY_METHOD) {
            lua_pushcfunction(L, entry->call);
        } else {
            add_field(L, class, i);
            lua_pushboolean(L, true); /* the name stays */
        }
        lua_rawset(L, -3);
    }
}

static struct class *push_class(lua_State *L, const struct group *group)
{
    size_t members = 0, slots = 4;

    while (group->entries[members].name)
        members++;
    while (slots < 2 * members)
        slots *= 2;
    struct class *class;
    size_t size = sizeof *class + slots * sizeof class->slots[0];
    class = lua_newuserdatauv(L, size, 0);
    memset(class, 0, size);
    class->group = group;
    class->mask = slots - 1;
    return class;
}

void api_add_class(lua_State *L, const struct group *group, api_field_reader *read)
{
    struct class *class = push_class(L, group);

    class->read = read;
    lua_newtable(L);
    push_members(L, group, class);
    lua_pushvalue(L, -3);
    lua_pushcclosure(L, read_field, 2);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, group->name);
    lua_pushcclosure(L, refuse_write, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushstring(L, group->name);
    lua_pushcclosure(L, name_it, 1);
    lua_setfield(L, -2, "__tostring");
    sandbox_add_type(L, group->name);
    lua_pop(L, 1);
}

void *api_push_handle(lua_State *L, const struct group *group, size_t size)
{
    struct handle *handle = lua_newuserdatauv(L, size, HANDLE_VALUES);

    memset(handle, 0, size);
    handle->type = group;
    luaL_setmetatable(L, group->name);
    return handle;
}

void *api_check(lua_State *L, int index, const struct group *type)
{
    struct handle *handle = lua_touserdata(L, index);

    if (LIKELY(handle && handle->type == type &&
               (handle->call == sandbox_port(L)->call || handle->call == API_FOREVER)))
        return handle;
    if (!handle || handle->type != type)
        luaL_error(L, "expected a %s, not a %s; methods are called with a colon", type->name,
                   luaL_typename(L, index));
    luaL_error(L,
               "this %s was lent for an earlier call; use it only inside the handler that "
               "received it",
               type->name);
    return NULL;
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
