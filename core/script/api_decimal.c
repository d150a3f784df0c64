/* decimal: exact numbers for scripts that want them. */
#include <string.h>

#include <lauxlib.h>

#include "script/api.h"

static int push_decimal(lua_State *L, decimal value)
{
    struct decimal_handle *handle = api_push_handle(L, &api_decimal, sizeof *handle);

    handle->handle.call = API_FOREVER;
    memcpy(handle->value, &value, sizeof value);
    return 1;
}

static decimal check_decimal(lua_State *L, int index)
{
    decimal value = DECIMAL_ZERO;

    if (!api_to_decimal(L, index, &value))
        luaL_argerror(L, index,
                      "expected a number, a decimal or text like \"0.1\", within 10^25");
    return value;
}

static int new_decimal(lua_State *L)
{
    return push_decimal(L, check_decimal(L, 1));
}

static int overflow(lua_State *L)
{
    return luaL_error(L, "the result is beyond 10^25");
}

static int add(lua_State *L)
{
    decimal sum;

    if (!decimal_try_add(check_decimal(L, 1), check_decimal(L, 2), &sum))
        return overflow(L);
    return push_decimal(L, sum);
}

static int subtract(lua_State *L)
{
    decimal sum;

    if (!decimal_try_add(check_decimal(L, 1), decimal_negate(check_decimal(L, 2)), &sum))
        return overflow(L);
    return push_decimal(L, sum);
}

static int multiply(lua_State *L)
{
    decimal product;

    if (!decimal_try_mul(check_decimal(L, 1), check_decimal(L, 2), ROUND_HALF_EVEN, &product))
        return overflow(L);
    return push_decimal(L, product);
}

static int divide(lua_State *L)
{
    decimal by = check_decimal(L, 2), quotient;

    luaL_argcheck(L, !decimal_is_zero(by), 2, "division by zero");
    if (!decimal_try_div(check_decimal(L, 1), by, ROUND_HALF_EVEN, &quotient))
        return overflow(L);
    return push_decimal(L, quotient);
}

static int negate(lua_State *L)
{
    return push_decimal(L, decimal_negate(check_decimal(L, 1)));
}

static int is_equal(lua_State *L)
{
    lua_pushboolean(L, decimal_is_equal(check_decimal(L, 1), check_decimal(L, 2)));
    return 1;
}

static int is_less(lua_State *L)
{
    lua_pushboolean(L, decimal_is_less(check_decimal(L, 1), check_decimal(L, 2)));
    return 1;
}

static int is_less_or_equal(lua_State *L)
{
    lua_pushboolean(L, decimal_compare(check_decimal(L, 1), check_decimal(L, 2)) <= 0);
    return 1;
}

static int to_text(lua_State *L)
{
    char text[DECIMAL_TEXT_MAX];

    lua_pushstring(L, decimal_format(check_decimal(L, 1), text));
    return 1;
}

static int to_number(lua_State *L)
{
    api_push_decimal_number(L, check_decimal(L, 1));
    return 1;
}

/* decimal:quantize(step, rounding) */
static int quantize(lua_State *L)
{
    static const char *const names[] = {"down",    "up",        "floor", "ceiling",
                                        "half_up", "half_even", NULL};
    decimal step = check_decimal(L, 2);

    luaL_argcheck(L, decimal_is_positive(step), 2, "a step must be more than 0");
    enum rounding rounding = (enum rounding)luaL_checkoption(L, 3, "down", names);
    return push_decimal(L, decimal_quantize(check_decimal(L, 1), step, rounding));
}

static const struct entry decimal_entries[] = {
    {ENTRY_METHOD, "quantize",
     "quantize(step: number|string|decimal, rounding?: string): decimal",
     "The multiple of step that rounding picks: \"down\" (default), \"up\", \"floor\", "
     "\"ceiling\", "
     "\"half_up\" or \"half_even\".",
     quantize},
    {ENTRY_METHOD, "number", "number(): number", "The nearest number.", to_number},
    {0},
};

const struct group api_decimal = {"decimal",
                                  "An exact number with 12 fraction digits. + - * / and "
                                  "comparisons work among decimals, and with "
                                  "numbers and texts on the other side of the operator.",
                                  true, decimal_entries};

static const luaL_Reg operators[] = {
    {"__add", add},    {"__sub", subtract},        {"__mul", multiply},
    {"__div", divide}, {"__unm", negate},          {"__eq", is_equal},
    {"__lt", is_less}, {"__le", is_less_or_equal}, {"__tostring", to_text},
    {NULL, NULL},
};

void api_add_decimal(lua_State *L)
{
    lua_newtable(L);
    luaL_setfuncs(L, operators, 0);
    lua_newtable(L);
    for (const struct entry *entry = decimal_entries; entry->name; entry++) {
        lua_pushcfunction(L, entry->call);
        lua_setfield(L, -2, entry->name);
    }
    lua_setfield(L, -2, "__index");
    sandbox_add_type(L, api_decimal.name);
    lua_pushcfunction(L, new_decimal);
    lua_setfield(L, -2, "decimal");
}
