/* What the files of the script API share: the handles a script holds, and the
 * call they belong to.
 *
 * A handle is userdata that begins with `struct handle`. All userdata of our
 * sandboxes does, so its type is one pointer comparison. Handles of what is lent
 * for a call (a market, a bar, the portfolio) carry that call's stamp; using one
 * later raises an error that says so. */
#ifndef SCRIPT_API_H
#define SCRIPT_API_H

#include <lua.h>

#include "base/decimal.h"
#include "engine/strategy.h"
#include "engine/view.h"
#include "script/registry.h"
#include "script/sandbox.h"
#include "script/timeframes.h"

/* The host's side of a sandbox: what its handles read. sandbox_port(L)->host points here. */
struct script_context {
    const char *script;   /* for messages */
    const char *strategy; /* whose orders are its own; NULL in guards and sizing rules */
    const struct product_table *products;
    product_ref product;     /* PRODUCT_NONE in portfolio scripts, guards and sizing rules */
    product_set markets;     /* of a portfolio strategy */
    const struct view *view; /* of the call under way */
    const struct trade *trade;
    const struct quote *quote;
    const struct order_request *request; /* under a guard's eyes */
    const struct order *order;
    const struct fill *fill;
    const struct decision *decision; /* to be sized */

    /* Of a strategy: of its product, or, in a portfolio strategy, of each by product_ref (those
     * it does not trade have none). NULL in guards and sizing rules. */
    struct timeframes *timeframes;
    int timeframes_count;
};

/* What is known of the bars of a product, if the script is a strategy. */
static inline struct timeframes *api_timeframes(const struct script_context *context,
                                                product_ref product)
{
    if (!context->timeframes)
        return NULL;
    return &context->timeframes[context->product == PRODUCT_NONE ? product : 0];
}

struct handle {
    const struct group *type;
    uint64_t call; /* stamp; API_FOREVER: not lent */
};

#define API_FOREVER UINT64_MAX

struct product_handle { /* a market or a position */
    struct handle handle;
    product_ref product;
};

static inline product_ref api_product(const void *product_handle)
{
    return ((const struct product_handle *)product_handle)->product;
}

struct frame_handle {
    struct handle handle;
    product_ref product;
    int frame;
};

struct indicator_handle {
    struct handle handle;
    struct indicator *indicator;
    const void *value; /* where this Lua state keeps the string "value" */
};

/* Lua aligns userdata to 8 bytes, a decimal wants 16: it is copied in and out. */
struct decimal_handle {
    struct handle handle;
    char value[sizeof(decimal)];
};

extern const struct group api_globals, api_strategy, api_param, api_market, api_frame, api_bar,
    api_trade, api_quote, api_position, api_exit, api_portfolio, api_order, api_fill,
    api_decision, api_indicator, api_ta, api_decimal, api_decimal_library, api_time, api_json,
    api_log;

/* Makes the metatable of a class, from its group and a function that reads a field: pushes the
 * value of `field` (an index into the group's entries) of a handle, which lies at index 1 and
 * was checked. */
typedef int api_field_reader(lua_State *L, const void *handle, int field);
void api_add_class(lua_State *L, const struct group *group, api_field_reader *read);
/* A new handle of the class, pushed; `size` bytes beginning with struct handle. */
void *api_push_handle(lua_State *L, const struct group *group, size_t size);

/* The handle at an index: raises when it is of another type, or lent for a call that is over.
 */
void *api_check(lua_State *L, int index, const struct group *type);

static inline struct script_context *api_context(lua_State *L)
{
    return sandbox_port(L)->host;
}

/* Pushes the symbol of what a handle is about. */
void api_push_symbol(lua_State *L, product_ref product);

/* The view of the call under way; raises when there is none (while a script loads). */
const struct view *api_view(lua_State *L);

/* The last bar that ended; NULL before the first. */
const struct bar *api_bar_of(lua_State *L, product_ref product);

static inline void api_push_decimal_number(lua_State *L, decimal value)
{
    lua_pushnumber(L, decimal_to_double(value));
}

/* Seconds since 1970, with fraction. */
static inline void api_push_time(lua_State *L, nanos time)
{
    lua_pushnumber(L, (double)time / 1e9);
}

/* A number, a decimal or a string that holds one: "0.1", 0.1 and decimal("0.1") are the same.
 * False when it is nothing of the kind. Neither allocates nor raises. */
bool api_to_decimal(lua_State *L, int index, decimal *out);

/* For sandbox_options.install: every part of the API, in the order it must be added. */
extern void (*const api_install[])(lua_State *L);

/* Those parts; each leaves the stack as it was, the globals on top. */
void api_add_param(lua_State *L);
void api_add_bars(lua_State *L);
void api_add_indicators(lua_State *L);
void api_add_market(lua_State *L);
void api_add_position(lua_State *L);
int api_market_exits(lua_State *L); /* a method of markets, from the file of positions */
void api_add_portfolio(lua_State *L);
void api_add_ta(lua_State *L);
void api_add_decimal(lua_State *L);
void api_add_log(lua_State *L);
void api_add_prelude(lua_State *L); /* lua/perigee: roles, parameters, decisions */

/* Pushes the handles that calls pass; made once by the host, restamped by api_lend. */
void api_lend(lua_State *L, int index);

#endif
