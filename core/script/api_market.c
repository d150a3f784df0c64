/* A market: what is known of one product, and its indicators. */
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "base/mem.h"
#include "script/api.h"
#include "script/api_indicator.h"
#include "series/indicators.h"

enum {
    MARKET_SYMBOL,
    MARKET_PRICE,
    MARKET_BID,
    MARKET_ASK,
    MARKET_SPREAD_BPS,
    MARKET_LAST,
    MARKET_TIME,
    MARKET_SIZE_STEP,
    MARKET_PRICE_STEP,
    MARKET_MIN_SIZE,
    MARKET_MIN_VALUE,
    MARKET_CONTRACT_SIZE,
    MARKET_CAN_SHORT,
    MARKET_LEVEL,
    MARKET_POSITION,
    MARKET_BAR,
};

static int market_bars(lua_State *L);
static int market_ready(lua_State *L);
static int market_depth(lua_State *L);
static int market_orders(lua_State *L);

static const struct entry market_entries[] = {
    {ENTRY_FIELD, "symbol", "string", "\"BTC-USD\".", NULL},
    {ENTRY_FIELD, "price", "number?",
     "The mark: middle of bid and ask, else the last trade, else the last close.", NULL},
    {ENTRY_FIELD, "bid", "number?", "Best bid; nil where there are no quotes.", NULL},
    {ENTRY_FIELD, "ask", "number?", "Best ask; nil where there are no quotes.", NULL},
    {ENTRY_FIELD, "spread_bps", "number?", "Ask over bid, in basis points.", NULL},
    {ENTRY_FIELD, "last", "number?", "Price of the last trade.", NULL},
    {ENTRY_FIELD, "time", "number", "Now: seconds since 1970, UTC, by the engine's clock.",
     NULL},
    {ENTRY_FIELD, "size_step", "number", "Sizes are multiples of it.", NULL},
    {ENTRY_FIELD, "price_step", "number", "Prices are multiples of it.", NULL},
    {ENTRY_FIELD, "min_size", "number", "Smallest order, in base units.", NULL},
    {ENTRY_FIELD, "min_value", "number", "Smallest order, in quote units.", NULL},
    {ENTRY_FIELD, "contract_size", "number",
     "Coins in one unit of size: those of a future's contract; 1 on spot.", NULL},
    {ENTRY_FIELD, "can_short", "boolean", "Whether the product may be sold short.", NULL},
    {ENTRY_FIELD, "level", "string",
     "What the engine may do with it now: \"normal\", \"reduce_only\", \"paused\" or "
     "\"halted\".",
     NULL},
    {ENTRY_FIELD, "position", "position", "What is held of it.", NULL},
    {ENTRY_FIELD, "bar", "bar?", "The last bar that ended; nil before the first.", NULL},
    {ENTRY_METHOD, "bars", "bars(interval: string): frame",
     "Bars of a longer interval (\"15m\", \"1h\", \"1d\") and indicators on them. They show "
     "only bars "
     "that have ended.",
     market_bars},
    {ENTRY_METHOD, "ready", "ready(): boolean",
     "Whether every indicator made on this market is past its warm-up.", market_ready},
    {ENTRY_METHOD, "depth", "depth(side: side, levels?: integer): number",
     "Size of the best levels of the book (default 5), 0 where no book is known.",
     market_depth},
    {ENTRY_METHOD, "orders", "orders(): table[]",
     "The strategy's open orders here, oldest first: a table each, with symbol, number, side, "
     "type, "
     "size, filled, limit_price, stop_price and state. For amend and cancel.",
     market_orders},
    {ENTRY_METHOD, "exits", "exits(): exit[]",
     "The strategy's exits here, oldest first. For protect, which puts others in their place.",
     api_market_exits},
    {0},
};

const struct group api_market = {
    "market",
    "One product as it is known now, and the indicators on it. Every indicator of the "
    "catalogue is a "
    "method: market:sma(20), market:macd{fast = 8}. Lent for the call.",
    true, market_entries};

static product_ref product_of(lua_State *L)
{
    const struct product_handle *handle = api_check(L, 1, &api_market);

    return handle->product;
}

static int push_known(lua_State *L, decimal value)
{
    if (decimal_is_positive(value))
        api_push_decimal_number(L, value);
    else
        lua_pushnil(L);
    return 1;
}

static int push_spread(lua_State *L, const struct quote *quote)
{
    double bid = decimal_to_double(quote->bid), ask = decimal_to_double(quote->ask);

    if (bid > 0 && ask > 0)
        lua_pushnumber(L, (ask - bid) / bid * 10000);
    else
        lua_pushnil(L);
    return 1;
}

enum { ITS_POSITION = 1, ITS_BAR }; /* user values of a market */

/* A handle that belongs to this market's: one of its user values, so it is made once. A guard's
 * market is another one on every call, and its relatives go with it. */
static int push_relative(lua_State *L, int which, product_ref product)
{
    struct product_handle *handle;

    if (UNLIKELY(lua_getiuservalue(L, 1, which) != LUA_TUSERDATA)) {
        lua_pop(L, 1);
        api_push_handle(L, which == ITS_POSITION ? &api_position : &api_bar, sizeof *handle);
        lua_pushvalue(L, -1);
        lua_setiuservalue(L, 1, which);
    }
    handle = lua_touserdata(L, -1);
    handle->product = product;
    handle->handle.call = sandbox_port(L)->call;
    return 1;
}

static int read_product(lua_State *L, const struct product *product, int field)
{
    switch (field) {
    case MARKET_SYMBOL:
        lua_pushstring(L, product->symbol);
        break;
    case MARKET_SIZE_STEP:
        api_push_decimal_number(L, product->base_increment);
        break;
    case MARKET_PRICE_STEP:
        api_push_decimal_number(L, product->price_increment);
        break;
    case MARKET_MIN_SIZE:
        api_push_decimal_number(L, product->base_min_size);
        break;
    case MARKET_MIN_VALUE:
        api_push_decimal_number(L, product->quote_min_size);
        break;
    case MARKET_CONTRACT_SIZE:
        api_push_decimal_number(L, product->contract_size);
        break;
    default:
        lua_pushboolean(L, product->can_short);
        break;
    }
    return 1;
}

static int read_market(lua_State *L, const void *handle, int field)
{
    product_ref product = api_product(handle);

    if (field == MARKET_SYMBOL || (field >= MARKET_SIZE_STEP && field <= MARKET_CAN_SHORT))
        return read_product(L, product_table_get(api_context(L)->products, product), field);
    const struct view *view = api_view(L);
    const struct market *market = &view->markets[product];
    switch (field) {
    case MARKET_PRICE:
        return push_known(L, market->mark);
    case MARKET_BID:
        return push_known(L, market->quote.bid);
    case MARKET_ASK:
        return push_known(L, market->quote.ask);
    case MARKET_SPREAD_BPS:
        return push_spread(L, &market->quote);
    case MARKET_LAST:
        return push_known(L, market->trade.price);
    case MARKET_TIME:
        api_push_time(L, view->now);
        return 1;
    case MARKET_LEVEL:
        lua_pushstring(L, level_name(view->levels ? view->levels[product] : view->level));
        return 1;
    case MARKET_POSITION:
        return push_relative(L, ITS_POSITION, product);
    default:
        if (!api_bar_of(L, product))
            lua_pushnil(L);
        else
            push_relative(L, ITS_BAR, product);
        return 1;
    }
}

static int make_on_market(lua_State *L)
{
    const struct script_context *context = api_context(L);
    product_ref product = product_of(L);
    struct timeframes *timeframes = api_timeframes(context, product);

    if (!timeframes)
        return luaL_error(L,
                          "indicators belong to strategies; a guard or sizing rule has none");
    if (timeframes->count == 0 ||
        (product != context->product && context->product != PRODUCT_NONE))
        return luaL_error(L, "indicators are made on the strategy's own market");
    return api_make_indicator(L, &timeframes->frames[0],
                              lua_touserdata(L, lua_upvalueindex(1)));
}

/* Waiting for the warm-up of indicators on any timeframe. */
static int market_ready(lua_State *L)
{
    const struct timeframes *timeframes = api_timeframes(api_context(L), product_of(L));

    lua_pushboolean(L, !timeframes || timeframes_are_ready(timeframes));
    return 1;
}

static int market_depth(lua_State *L)
{
    product_ref product = product_of(L);
    enum side side;
    lua_Integer levels = luaL_optinteger(L, 3, 5);

    luaL_argcheck(L, side_parse(luaL_checkstring(L, 2), &side), 2,
                  "expected \"buy\" or \"sell\"");
    luaL_argcheck(L, levels > 0 && levels <= 1000, 3, "expected 1 to 1000");
    const struct order_book *book = api_view(L)->markets[product].book;
    lua_pushnumber(L, book ? decimal_to_double(order_book_size(book, side, (int)levels)) : 0);
    return 1;
}

static void set_number(lua_State *L, const char *name, decimal value)
{
    api_push_decimal_number(L, value);
    lua_setfield(L, -2, name);
}

static void push_order(lua_State *L, const struct order *order)
{
    const struct order_request *request = &order->request;

    lua_createtable(L, 0, 9);
    api_push_symbol(L, request->product);
    lua_setfield(L, -2, "symbol");
    lua_pushinteger(L, (lua_Integer)order->number);
    lua_setfield(L, -2, "number");
    lua_pushstring(L, side_name(request->side));
    lua_setfield(L, -2, "side");
    lua_pushstring(L, order_type_name(request->type));
    lua_setfield(L, -2, "type");
    lua_pushstring(L, order_state_name(order->state));
    lua_setfield(L, -2, "state");
    set_number(L, "size", request->size);
    set_number(L, "filled", order->filled);
    if (decimal_is_positive(request->limit_price))
        set_number(L, "limit_price", request->limit_price);
    if (decimal_is_positive(request->stop_price))
        set_number(L, "stop_price", request->stop_price);
}

/* Copies, so that a script may keep them; those of others are not its business. */
static int market_orders(lua_State *L)
{
    product_ref product = product_of(L);
    const char *strategy = api_context(L)->strategy;
    const struct view *view = api_view(L);
    lua_Integer count = 0;

    lua_newtable(L);
    for (int i = 0; i < view->order_count; i++) {
        const struct order *order = view->orders[i];
        if (order->request.product != product || !strategy ||
            strcmp(order->strategy, strategy) != 0)
            continue;
        push_order(L, order);
        lua_rawseti(L, -2, ++count);
    }
    return 1;
}

/* ---- longer timeframes ---- */

static const struct entry frame_entries[] = {
    {ENTRY_FIELD, "interval", "number", "Seconds of one bar.", NULL},
    {ENTRY_FIELD, "open", "number?", "Of the last bar that ended; nil before the first.", NULL},
    {ENTRY_FIELD, "high", "number?", "Likewise.", NULL},
    {ENTRY_FIELD, "low", "number?", "Likewise.", NULL},
    {ENTRY_FIELD, "close", "number?", "Likewise.", NULL},
    {ENTRY_FIELD, "volume", "number?", "Likewise.", NULL},
    {0},
};

const struct group api_frame = {"frame",
                                "Bars of a longer interval, from market:bars(\"1h\"). Every "
                                "indicator of the catalogue is a "
                                "method. It stays valid between calls.",
                                true, frame_entries};

static struct frame *frame_of(lua_State *L, const struct frame_handle *handle)
{
    return &api_timeframes(api_context(L), handle->product)->frames[handle->frame];
}

static int read_frame(lua_State *L, const void *handle, int field)
{
    const struct frame *frame = frame_of(L, handle);
    const decimal fields[] = {DECIMAL_ZERO,   frame->bar.open,  frame->bar.high,
                              frame->bar.low, frame->bar.close, frame->bar.volume};

    if (field == 0)
        lua_pushnumber(L, (double)frame->interval / 1e9);
    else if (frame->bar.interval == 0)
        lua_pushnil(L);
    else
        api_push_decimal_number(L, fields[field]);
    return 1;
}

static int make_on_frame(lua_State *L)
{
    struct frame *frame = frame_of(L, api_check(L, 1, &api_frame));

    return api_make_indicator(L, frame, lua_touserdata(L, lua_upvalueindex(1)));
}

static int add_frame(lua_State *L, struct timeframes *timeframes, nanos interval)
{
    if (timeframes->count == FRAMES_MAX)
        return luaL_error(L, "more than %d timeframes", FRAMES_MAX);
    sandbox_host_begin(L);
    int index = timeframes_add(timeframes, interval);
    sandbox_host_end(L);
    return index;
}

static int market_bars(lua_State *L)
{
    product_ref product = product_of(L);
    struct timeframes *timeframes = api_timeframes(api_context(L), product);
    nanos interval, base = timeframes ? timeframes->frames[0].interval : 0;
    struct fault why = {OK, ""};

    if (nanos_parse_duration(luaL_checkstring(L, 2), &interval, &why))
        return luaL_argerror(L, 2, why.text);
    if (!timeframes)
        return luaL_error(L,
                          "timeframes belong to strategies; a guard or sizing rule has none");
    if (base == 0)
        return luaL_error(L,
                          "this strategy takes bars of any interval, and has no longer ones");
    if (interval < base || interval % base != 0)
        return luaL_argerror(L, 2,
                             "a longer timeframe must be a multiple of the strategy's own");
    struct frame_handle *handle = api_push_handle(L, &api_frame, sizeof *handle);
    handle->handle.call = API_FOREVER;
    handle->product = product;
    handle->frame = timeframes_find(timeframes, interval);
    if (handle->frame < 0)
        handle->frame = add_frame(L, timeframes, interval);
    return 1;
}

/* ---- binding ---- */

/* Adds a method for each indicator to the members of a class that is registered already. */
static void add_indicator_methods(lua_State *L, const struct group *group, lua_CFunction make)
{
    luaL_getmetatable(L, group->name);
    lua_getfield(L, -1, "__index");
    lua_getupvalue(L, -1, 1);
    for (int i = 0; i < indicators_count(); i++) {
        lua_pushlightuserdata(L, (void *)(uintptr_t)indicators_at(i));
        lua_pushcclosure(L, make, 1);
        lua_setfield(L, -2, indicators_at(i)->name);
    }
    lua_pop(L, 3);
}

void api_add_market(lua_State *L)
{
    api_add_class(L, &api_market, read_market);
    add_indicator_methods(L, &api_market, make_on_market);
    api_add_class(L, &api_frame, read_frame);
    add_indicator_methods(L, &api_frame, make_on_frame);
}
