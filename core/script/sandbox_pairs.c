/* pairs and next in an order that is the same in every process.
 *
 * Lua's own order follows hashes that are seeded by address and time. Here keys come as
 * numbers ascending, then strings bytewise, false, true, then everything else by its place
 * in the arena, which depends on nothing but what the script did before (built-in
 * functions, which lie elsewhere, by the order of the machine code). A total order of the
 * keys alone: next(t, k) is the least key above k.
 *
 * pairs takes the keys when it begins. Assigning nil to any field while it runs is fine and
 * such fields are not visited any more; neither are fields that were added. A table that is
 * a plain sequence is walked without taking keys. */
#include <lauxlib.h>

#include <string.h>

#include "script/sandbox_private.h"

enum kind { KIND_NUMBER, KIND_STRING, KIND_FALSE, KIND_TRUE, KIND_OBJECT, KIND_BUILT_IN };

struct key {
    enum kind kind;
    bool is_float;
    int index; /* in the list of unsorted keys */
    union {
        lua_Integer integer;
        lua_Number number;
        const char *text;
        const void *place;
    };
    size_t len;
};

enum { KEY_COST = 4 };

/* An integer against a float without losing digits; keys are never NaN. */
static int compare_mixed(lua_Integer a, lua_Number b)
{
    if (b >= 0x1p63)
        return -1;
    if (b < -0x1p63)
        return 1;
    lua_Integer floor = (lua_Integer)b - (b < (lua_Number)(lua_Integer)b);
    return a <= floor ? -1 : 1; /* a float key is no integer: never equal */
}

static int compare_numbers(const struct key *a, const struct key *b)
{
    if (a->is_float && b->is_float)
        return (a->number > b->number) - (a->number < b->number);
    if (a->is_float)
        return -compare_mixed(b->integer, a->number);
    if (b->is_float)
        return compare_mixed(a->integer, b->number);
    return (a->integer > b->integer) - (a->integer < b->integer);
}

static int compare_texts(const struct key *a, const struct key *b)
{
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);

    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static int compare(const struct key *a, const struct key *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    switch (a->kind) {
    case KIND_NUMBER:
        return compare_numbers(a, b);
    case KIND_STRING:
        return compare_texts(a, b);
    case KIND_OBJECT:
    case KIND_BUILT_IN:
        return (a->place > b->place) - (a->place < b->place);
    case KIND_FALSE:
    case KIND_TRUE:
        break;
    }
    return 0;
}

/* A C function without upvalues is no object of the arena but an address. */
static bool is_built_in(lua_State *L, int index)
{
    if (!lua_iscfunction(L, index))
        return false;
    bool has_upvalue = lua_getupvalue(L, index, 1);
    if (has_upvalue)
        lua_pop(L, 1);
    return !has_upvalue;
}

static struct key key_at(lua_State *L, int index)
{
    struct key key = {.kind = KIND_OBJECT};

    switch (lua_type(L, index)) {
    case LUA_TNUMBER:
        key.kind = KIND_NUMBER;
        key.is_float = !lua_isinteger(L, index);
        if (key.is_float)
            key.number = lua_tonumber(L, index);
        else
            key.integer = lua_tointeger(L, index);
        break;
    case LUA_TSTRING:
        key.kind = KIND_STRING;
        key.text = lua_tolstring(L, index, &key.len);
        break;
    case LUA_TBOOLEAN:
        key.kind = lua_toboolean(L, index) ? KIND_TRUE : KIND_FALSE;
        break;
    default:
        key.place = lua_topointer(L, index);
        if (is_built_in(L, index))
            key.kind = KIND_BUILT_IN;
    }
    return key;
}

/* Heap sort: no memory, no bad case. */
static void sift_down(struct key *keys, int at, int count)
{
    struct key moving = keys[at];

    for (int child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && compare(&keys[child], &keys[child + 1]) < 0)
            child++;
        if (compare(&moving, &keys[child]) >= 0)
            break;
        keys[at] = keys[child];
    }
    keys[at] = moving;
}

static void sort_keys(struct key *keys, int count)
{
    for (int i = count / 2; i-- > 0;)
        sift_down(keys, i, count);
    for (int last = count; last-- > 1;) {
        struct key largest = keys[0];
        keys[0] = keys[last];
        keys[last] = largest;
        sift_down(keys, 0, last);
    }
}

/* A sequence. Upvalues: its length when pairs began, the position. */

static int step_sequence(lua_State *L)
{
    lua_Integer count = lua_tointeger(L, lua_upvalueindex(1));
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(2));

    while (at++ < count) {
        lua_pushinteger(L, at);
        if (lua_rawgeti(L, 1, at) == LUA_TNIL) {
            lua_pop(L, 2);
            continue;
        }
        lua_pushinteger(L, at);
        lua_replace(L, lua_upvalueindex(2));
        return 2;
    }
    lua_pushnil(L);
    return 1;
}

/* Anything. Upvalues: the keys in order, how many, the position. */

static int step_keys(lua_State *L)
{
    lua_Integer count = lua_tointeger(L, lua_upvalueindex(2));
    lua_Integer at = lua_tointeger(L, lua_upvalueindex(3));

    while (at < count) {
        lua_rawgeti(L, lua_upvalueindex(1), ++at);
        lua_pushvalue(L, -1);
        if (lua_rawget(L, 1) == LUA_TNIL) {
            lua_pop(L, 2);
            continue;
        }
        lua_pushinteger(L, at);
        lua_replace(L, lua_upvalueindex(3));
        return 2;
    }
    lua_pushnil(L);
    return 1;
}

/* How many keys there are; whether they are 1..n, met in that order. */
static int count_keys(lua_State *L, int table, bool *is_sequence)
{
    int count = 0;

    *is_sequence = true;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        count++;
        *is_sequence =
            *is_sequence && lua_isinteger(L, -1) && lua_tointeger(L, -1) == (lua_Integer)count;
    }
    return count;
}

static int64_t sorting_cost(int count)
{
    return KEY_COST * (int64_t)count * (32 - __builtin_clz((unsigned)count | 1));
}

/* Pushes the keys as they come, and above them what to sort them by. */
static struct key *push_unsorted(lua_State *L, int table, int count)
{
    lua_createtable(L, count, 0);
    struct key *keys = lua_newuserdatauv(L, (size_t)count * sizeof *keys, 0);
    int list = lua_gettop(L) - 1, index = 0;

    lua_pushnil(L);
    while (lua_next(L, table)) {
        lua_pop(L, 1);
        keys[index] = key_at(L, -1);
        keys[index].index = index + 1;
        lua_pushvalue(L, -1);
        lua_rawseti(L, list, ++index);
    }
    return keys;
}

int sandbox_push_keys(lua_State *L, int table)
{
    bool unused;
    int count = count_keys(L, table, &unused);

    sandbox_charge(L, sorting_cost(count));
    lua_createtable(L, count, 0);
    struct key *keys = push_unsorted(L, table, count);
    sort_keys(keys, count);
    for (int i = 0; i < count; i++) {
        lua_rawgeti(L, -2, keys[i].index);
        lua_rawseti(L, -4, i + 1);
    }
    lua_pop(L, 2);
    return count;
}

bool sandbox_is_sequence(lua_State *L, int table, int *count)
{
    bool is_sequence;

    *count = count_keys(L, table, &is_sequence);
    sandbox_charge(L, KEY_COST * (int64_t)*count);
    return is_sequence;
}

static void push_step_keys(lua_State *L, int table)
{
    lua_pushinteger(L, sandbox_push_keys(L, table));
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, step_keys, 3);
}

static void push_step_sequence(lua_State *L, int count)
{
    lua_pushinteger(L, count);
    lua_pushinteger(L, 0);
    lua_pushcclosure(L, step_sequence, 2);
}

static int pairs(lua_State *L)
{
    int count;

    luaL_checkany(L, 1);
    lua_settop(L, 1);
    if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
        lua_pushvalue(L, 1);
        lua_call(L, 1, 3);
        return 3;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    if (sandbox_push_behind(L, 1))
        lua_replace(L, 1);
    if (sandbox_is_sequence(L, 1, &count))
        push_step_sequence(L, count);
    else
        push_step_keys(L, 1);
    lua_pushvalue(L, 1);
    return 2;
}

static int next(lua_State *L)
{
    int count = 0;
    struct key after, best;

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (sandbox_push_behind(L, 1))
        lua_replace(L, 1);
    bool is_first = lua_isnil(L, 2);
    after = key_at(L, 2);
    lua_pushnil(L); /* 3: the best so far */
    lua_pushnil(L);
    for (bool found = false; lua_next(L, 1); count++) {
        lua_pop(L, 1);
        struct key key = key_at(L, -1);
        if ((!is_first && compare(&key, &after) <= 0) || (found && compare(&key, &best) >= 0))
            continue;
        found = true;
        best = key;
        lua_pushvalue(L, -1);
        lua_replace(L, 3);
    }
    sandbox_charge(L, KEY_COST * (int64_t)count);
    if (lua_isnil(L, 3))
        return 1;
    lua_pushvalue(L, 3);
    lua_rawget(L, 1);
    return 2;
}

void sandbox_add_pairs(lua_State *L)
{
    static const luaL_Reg functions[] = {{"next", next}, {"pairs", pairs}, {NULL, NULL}};

    luaL_setfuncs(L, functions, 0);
}
