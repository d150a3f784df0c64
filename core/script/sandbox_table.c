/* The table library with raw access: a metamethod cannot lie about a length, a range is
 * bounded before it is walked, and what is read-only stays so. sort is a merge sort:
 * stable, deterministic (the stock one picks pivots by the clock), and a comparator that
 * contradicts itself can do no harm. */
#include <lauxlib.h>

#include "script/sandbox_private.h"

enum { RANGE_MAX = 1000000, SORT_MAX = 100000, UNPACK_MAX = 8192, SORTED_RUN = 8 };

static lua_Integer check_length(lua_State *L, int table)
{
    lua_Integer length = (lua_Integer)lua_rawlen(L, table);

    luaL_argcheck(L, length <= RANGE_MAX, table, "table is too long");
    return length;
}

/* Elements from..to; the difference is computed so that it cannot overflow. */
static lua_Integer check_range(lua_State *L, lua_Integer from, lua_Integer to, lua_Integer max)
{
    if (from > to)
        return 0;
    lua_Unsigned more = (lua_Unsigned)to - (lua_Unsigned)from;
    if (more >= (lua_Unsigned)max)
        luaL_error(L, "too many elements (%d are allowed)", (int)max);
    return (lua_Integer)more + 1;
}

static int insert(lua_State *L)
{
    sandbox_check_writable(L, 1);
    lua_Integer end = check_length(L, 1) + 1, at = end;

    switch (lua_gettop(L)) {
    case 2:
        break;
    case 3:
        at = luaL_checkinteger(L, 2);
        luaL_argcheck(L, at >= 1 && at <= end, 2, "position out of bounds");
        break;
    default:
        return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    sandbox_charge(L, end - at);
    for (lua_Integer i = end; i > at; i--) {
        lua_rawgeti(L, 1, i - 1);
        lua_rawseti(L, 1, i);
    }
    lua_rawseti(L, 1, at);
    return 0;
}

static int remove_element(lua_State *L)
{
    sandbox_check_writable(L, 1);
    lua_Integer length = check_length(L, 1);
    lua_Integer at = luaL_optinteger(L, 2, length);

    if (lua_gettop(L) > 1)
        luaL_argcheck(L, length == 0 ? at == 0 || at == 1 : at >= 1 && at <= length + 1, 2,
                      "position out of bounds");
    lua_rawgeti(L, 1, at);
    sandbox_charge(L, length > at ? length - at : 0);
    for (; at < length; at++) {
        lua_rawgeti(L, 1, at + 1);
        lua_rawseti(L, 1, at);
    }
    lua_pushnil(L);
    lua_rawseti(L, 1, at);
    return 1;
}

static int concat(lua_State *L)
{
    size_t separator_len, len, total = 0;
    luaL_Buffer out;

    luaL_checktype(L, 1, LUA_TTABLE);
    const char *separator = luaL_optlstring(L, 2, "", &separator_len);
    lua_Integer from = luaL_optinteger(L, 3, 1);
    lua_Integer to = luaL_opt(L, luaL_checkinteger, 4, check_length(L, 1));
    lua_Integer count = check_range(L, from, to, RANGE_MAX);
    sandbox_charge(L, count);
    luaL_buffinit(L, &out);
    for (lua_Integer i = 0; i < count; i++) {
        int type = lua_rawgeti(L, 1, from + i);
        if (type != LUA_TSTRING && type != LUA_TNUMBER)
            return luaL_error(L, "element %I is a %s, not text", from + i,
                              lua_typename(L, type));
        lua_tolstring(L, -1, &len);
        if ((total += len + separator_len) > SANDBOX_TEXT_MAX)
            return luaL_error(L, "resulting string too large");
        luaL_addvalue(&out);
        if (i + 1 < count)
            luaL_addlstring(&out, separator, separator_len);
    }
    sandbox_charge(L, (int64_t)total / 16);
    luaL_pushresult(&out);
    return 1;
}

static int unpack(lua_State *L)
{
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer from = luaL_optinteger(L, 2, 1);
    lua_Integer to = luaL_opt(L, luaL_checkinteger, 3, check_length(L, 1));
    lua_Integer count = check_range(L, from, to, UNPACK_MAX);

    luaL_checkstack(L, (int)count, "too many results to unpack");
    sandbox_charge(L, count);
    for (lua_Integer i = 0; i < count; i++)
        lua_rawgeti(L, 1, from + i);
    return (int)count;
}

static int move(lua_State *L)
{
    lua_Integer from = luaL_checkinteger(L, 2), to = luaL_checkinteger(L, 3);
    lua_Integer at = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;
    lua_Integer count = check_range(L, from, to, RANGE_MAX);

    luaL_checktype(L, 1, LUA_TTABLE);
    sandbox_check_writable(L, target);
    luaL_argcheck(L, at <= LUA_MAXINTEGER - count, 4, "destination wrap around");
    sandbox_charge(L, 2 * count);
    bool overlaps = at > from && at <= to && lua_rawequal(L, 1, target);
    for (lua_Integer n = 0; n < count; n++) {
        lua_Integer i = overlaps ? count - 1 - n : n;
        lua_rawgeti(L, 1, from + i);
        lua_rawseti(L, target, at + i);
    }
    lua_pushvalue(L, target);
    return 1;
}

/* Sorting. It goes to and fro between two copies, so that a comparator that raises leaves
 * the table as it was, and one that looks at it or changes it sees and does nothing
 * strange. */

enum { TABLE = 1, COMPARATOR, ONE, OTHER, SORT_TOP = OTHER };

/* Whether the second value from the top is less than the top one. Leaves both. */
static bool is_less(lua_State *L)
{
    if (lua_isnil(L, COMPARATOR))
        return lua_compare(L, -2, -1, LUA_OPLT);
    lua_pushvalue(L, COMPARATOR);
    lua_pushvalue(L, -3);
    lua_pushvalue(L, -3);
    lua_call(L, 2, 1);
    bool result = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

static void insertion_sort(lua_State *L, lua_Integer from, lua_Integer to)
{
    for (lua_Integer i = from + 1; i <= to; i++) {
        lua_Integer at = i;
        lua_rawgeti(L, ONE, i);
        for (; at > from; at--) {
            lua_rawgeti(L, ONE, at - 1);
            if (!is_less(L))
                break;
            lua_rawseti(L, ONE, at);
        }
        lua_settop(L, SORT_TOP + 1);
        lua_rawseti(L, ONE, at);
    }
}

/* Merges from..mid and mid+1..to of table `source` into `target`. */
static void merge(lua_State *L, int source, int target, lua_Integer from, lua_Integer mid,
                  lua_Integer to)
{
    lua_Integer left = from, right = mid + 1;

    for (lua_Integer at = from; at <= to; at++) {
        bool takes_right = left > mid;
        if (!takes_right && right <= to) {
            lua_rawgeti(L, source, right);
            lua_rawgeti(L, source, left);
            takes_right = is_less(L);
            lua_settop(L, SORT_TOP);
        }
        lua_rawgeti(L, source, takes_right ? right++ : left++);
        lua_rawseti(L, target, at);
    }
}

static void copy(lua_State *L, int source, int target, lua_Integer count)
{
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, source, i);
        lua_rawseti(L, target, i);
    }
}

static lua_Integer least(lua_Integer a, lua_Integer b)
{
    return a < b ? a : b;
}

/* Returns which of the two copies is the sorted one. */
static int merge_sort(lua_State *L, lua_Integer count)
{
    int source = ONE, target = OTHER;

    for (lua_Integer from = 1; from <= count; from += SORTED_RUN)
        insertion_sort(L, from, least(from + SORTED_RUN - 1, count));
    for (lua_Integer width = SORTED_RUN; width < count; width *= 2) {
        for (lua_Integer from = 1; from <= count; from += 2 * width)
            merge(L, source, target, from, least(from + width - 1, count),
                  least(from + 2 * width - 1, count));
        int swap = source;
        source = target;
        target = swap;
    }
    return source;
}

static int sort(lua_State *L)
{
    sandbox_check_writable(L, TABLE);
    lua_Integer count = check_length(L, TABLE);

    luaL_argcheck(L, count <= SORT_MAX, TABLE, "table is too long to sort");
    if (!lua_isnoneornil(L, COMPARATOR))
        luaL_checktype(L, COMPARATOR, LUA_TFUNCTION);
    lua_settop(L, COMPARATOR);
    if (count < 2)
        return 0;
    sandbox_charge(L, 8 * count * (64 - __builtin_clzll((unsigned long long)count)));
    lua_createtable(L, (int)count, 0);
    lua_createtable(L, (int)count, 0);
    copy(L, TABLE, ONE, count);
    copy(L, merge_sort(L, count), TABLE, count);
    return 0;
}

void sandbox_add_table(lua_State *L)
{
    static const luaL_Reg functions[] = {
        {"concat", concat}, {"insert", insert}, {"move", move}, {"remove", remove_element},
        {"sort", sort},     {"unpack", unpack}, {NULL, NULL},
    };

    lua_getfield(L, -1, "table");
    luaL_setfuncs(L, functions, 0);
    lua_pop(L, 1);
}
