/* The position in a product, and the exits that guard it. */
#include <string.h>

#include <lauxlib.h>

#include "engine/exits.h"
#include "script/api.h"

enum {
    POSITION_SIZE,
    POSITION_PRICE,
    POSITION_PROFIT,
    POSITION_VALUE,
    POSITION_LONG,
    POSITION_SHORT,
    POSITION_FLAT,
    POSITION_TIME,
    POSITION_STOP,
    POSITION_TARGET,
    POSITION_GUARDED
};

static const struct entry position_entries[] = {
    {ENTRY_FIELD, "size", "number", "Base units held; negative when short, 0 when flat.", NULL},
    {ENTRY_FIELD, "average_price", "number", "What was paid on average; 0 when flat.", NULL},
    {ENTRY_FIELD, "profit", "number", "Not yet realised, at the mark, in quote units.", NULL},
    {ENTRY_FIELD, "value", "number", "At the mark, in quote units; negative when short.", NULL},
    {ENTRY_FIELD, "is_long", "boolean", "Whether size > 0.", NULL},
    {ENTRY_FIELD, "is_short", "boolean", "Whether size < 0.", NULL},
    {ENTRY_FIELD, "is_flat", "boolean", "Whether nothing is held.", NULL},
    {ENTRY_FIELD, "opened", "number", "When it was opened: seconds since 1970; 0 when flat.",
     NULL},
    {ENTRY_FIELD, "stop_loss", "number?",
     "The stop that the price would reach first, trailing ones included; nil without one.",
     NULL},
    {ENTRY_FIELD, "take_profit", "number?", "Likewise the target.", NULL},
    {ENTRY_FIELD, "guarded", "number", "How much of it exits of the engine guard.", NULL},
    {0},
};

const struct group api_position = {
    "position", "What is held of one product. Lent for the call.", true, position_entries};

/* ---- exits ---- */

/* For documentation: exits are plain tables, which a script may keep. */
static const struct entry exit_entries[] = {
    {ENTRY_FIELD, "number", "integer", "The engine's number of it, 1 upwards by age.", NULL},
    {ENTRY_FIELD, "state", "string",
     "\"waiting\" for the first fill of its entry, \"armed\", \"triggered\": on its way out, "
     "or \"held_back\".",
     NULL},
    {ENTRY_FIELD, "size", "number", "What it guards now, in base units.", NULL},
    {ENTRY_FIELD, "stop_loss", "number?",
     "Where its stop is now, trailing or not; nil without one, and while it waits for the "
     "price that a percentage is of.",
     NULL},
    {ENTRY_FIELD, "take_profit", "number?", "Likewise its target.", NULL},
    {ENTRY_FIELD, "is_trailing", "boolean", "Whether its stop follows the price.", NULL},
    {ENTRY_FIELD, "entry", "integer?", "The order whose fills it guards; nil after protect.",
     NULL},
    {ENTRY_FIELD, "code", "string?", "Why it is not out yet: \"market_closed\".", NULL},
    {0},
};

const struct group api_exit = {
    "exit", "One of market:exits(): what the engine holds to leave a position by.", true,
    exit_entries};

static void set_level(lua_State *L, const char *name, decimal level)
{
    if (!decimal_is_positive(level))
        return;
    api_push_decimal_number(L, level);
    lua_setfield(L, -2, name);
}

static void push_exit(lua_State *L, const struct fact_exit *exit)
{
    lua_createtable(L, 0, 8);
    lua_pushinteger(L, (lua_Integer)exit->id);
    lua_setfield(L, -2, "number");
    lua_pushstring(L, exit_state_name(exit->state));
    lua_setfield(L, -2, "state");
    api_push_decimal_number(L, exit->size);
    lua_setfield(L, -2, "size");
    set_level(L, "stop_loss", exit_stop_level(exit));
    set_level(L, "take_profit", exit->plan.target);
    lua_pushboolean(L, exit_has_trail(exit));
    lua_setfield(L, -2, "is_trailing");
    if (exit->entry) {
        lua_pushinteger(L, (lua_Integer)exit->entry);
        lua_setfield(L, -2, "entry");
    }
    if (exit->code) {
        lua_pushstring(L, refusal_name(exit->code));
        lua_setfield(L, -2, "code");
    }
}

/* Copies; those of others are not its business. */
int api_market_exits(lua_State *L)
{
    const struct product_handle *handle = api_check(L, 1, &api_market);
    const struct exits *exits = api_view(L)->exits;
    const char *strategy = api_context(L)->strategy;
    lua_Integer count = 0;

    lua_newtable(L);
    for (int i = 0; exits && strategy && i < exits->count; i++) {
        const struct fact_exit *exit = &exits->items[i].exit;
        if (exit->product != handle->product || strcmp(exit->strategy, strategy) != 0)
            continue;
        push_exit(L, exit);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

/* ---- positions ---- */

static int push_level(lua_State *L, decimal level)
{
    if (decimal_is_positive(level))
        api_push_decimal_number(L, level);
    else
        lua_pushnil(L);
    return 1;
}

/* What the price comes to first: the highest stop and the lowest target of a long position. */
static decimal nearer(const struct fact_exit *exit, int field, decimal than)
{
    bool is_stop = field == POSITION_STOP;
    decimal level = is_stop ? exit_stop_level(exit) : exit->plan.target;

    if (!decimal_is_positive(level) || !decimal_is_positive(than))
        return decimal_is_positive(level) ? level : than;
    return exit_sells(exit) == is_stop ? decimal_max(level, than) : decimal_min(level, than);
}

static int read_guard(lua_State *L, const struct exits *exits, product_ref product, int field)
{
    decimal level = DECIMAL_ZERO, guarded = DECIMAL_ZERO;

    for (int i = 0; exits && i < exits->count; i++) {
        const struct fact_exit *exit = &exits->items[i].exit;
        if (exit->product != product || !decimal_is_positive(exit->size))
            continue;
        guarded = decimal_add(guarded, exit->size);
        if (exit->state == EXIT_ARMED && field != POSITION_GUARDED)
            level = nearer(exit, field, level);
    }
    if (field != POSITION_GUARDED)
        return push_level(L, level);
    api_push_decimal_number(L, guarded);
    return 1;
}

static int read_position(lua_State *L, const void *handle, int field)
{
    product_ref product = api_product(handle);
    const struct view *view = api_view(L);
    const struct market *market = &view->markets[product];
    const position *held = portfolio_position(view->portfolio, product);

    if (field >= POSITION_STOP)
        return read_guard(L, view->exits, product, field);
    switch (field) {
    case POSITION_SIZE:
        api_push_decimal_number(L, held->size);
        break;
    case POSITION_PRICE:
        api_push_decimal_number(L, position_average_price(held, market->product));
        break;
    case POSITION_PROFIT:
        api_push_decimal_number(L, position_unrealised(held, market->product, market->mark));
        break;
    case POSITION_VALUE:
        api_push_decimal_number(L, position_value(held, market->product, market->mark));
        break;
    case POSITION_LONG:
        lua_pushboolean(L, decimal_is_positive(held->size));
        break;
    case POSITION_SHORT:
        lua_pushboolean(L, decimal_is_negative(held->size));
        break;
    case POSITION_FLAT:
        lua_pushboolean(L, decimal_is_zero(held->size));
        break;
    default:
        api_push_time(L, held->opened);
        break;
    }
    return 1;
}

void api_add_position(lua_State *L)
{
    api_add_class(L, &api_position, read_position);
}
