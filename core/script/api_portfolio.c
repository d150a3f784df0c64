/* The account, and the orders and fills that change it. */
#include <stdio.h>

#include <lauxlib.h>

#include "script/api.h"

enum {
    PORTFOLIO_EQUITY,
    PORTFOLIO_CASH,
    PORTFOLIO_EXPOSURE,
    PORTFOLIO_REALISED,
    PORTFOLIO_UNREALISED,
    PORTFOLIO_FEES,
    PORTFOLIO_DAY_START,
    PORTFOLIO_PEAK,
    PORTFOLIO_DAY_LOSS,
    PORTFOLIO_DRAWDOWN,
    PORTFOLIO_POSITIONS,
    PORTFOLIO_ORDERS,
    PORTFOLIO_LEVEL,
    PORTFOLIO_CURRENCY,
};

static int portfolio_available_of(lua_State *L);
static int portfolio_position_of(lua_State *L);

static const struct entry portfolio_entries[] = {
    {ENTRY_FIELD, "equity", "number", "Everything at its mark, in the account's currency.",
     NULL},
    {ENTRY_FIELD, "cash", "number", "Of the account's currency, holds included.", NULL},
    {ENTRY_FIELD, "exposure", "number", "Sum of the values of all positions, without sign.",
     NULL},
    {ENTRY_FIELD, "realised", "number", "Profit of what was closed, fees not taken off.", NULL},
    {ENTRY_FIELD, "unrealised", "number", "Profit of what is held, at the marks.", NULL},
    {ENTRY_FIELD, "fees", "number", "Paid since the start.", NULL},
    {ENTRY_FIELD, "day_start_equity", "number", "Equity at 00:00 UTC.", NULL},
    {ENTRY_FIELD, "peak_equity", "number", "The highest so far.", NULL},
    {ENTRY_FIELD, "day_loss", "number",
     "Share of the day's first equity that is gone, 0.01 is 1 %; 0 in profit.", NULL},
    {ENTRY_FIELD, "drawdown", "number", "Share below the peak, 0.1 is 10 %.", NULL},
    {ENTRY_FIELD, "open_positions", "integer", "How many products are held.", NULL},
    {ENTRY_FIELD, "open_orders", "integer", "How many orders work.", NULL},
    {ENTRY_FIELD, "level", "string",
     "The engine's level: \"normal\", \"reduce_only\", \"paused\", \"halted\".", NULL},
    {ENTRY_FIELD, "currency", "string", "The account's, \"USD\".", NULL},
    {ENTRY_METHOD, "available", "available(currency?: string): number",
     "What is not held by orders, of the account's currency or another.",
     portfolio_available_of},
    {ENTRY_METHOD, "position", "position(symbol: string): position",
     "What is held of a product.", portfolio_position_of},
    {0},
};

const struct group api_portfolio = {"portfolio", "The account. Lent for the call.", true,
                                    portfolio_entries};

static int push_share(lua_State *L, decimal part, decimal whole)
{
    double share = decimal_to_double(part) / decimal_to_double(whole);

    lua_pushnumber(L, decimal_is_positive(whole) && share > 0 ? share : 0);
    return 1;
}

static int read_state(lua_State *L, const struct view *view, int field)
{
    switch (field) {
    case PORTFOLIO_DAY_LOSS:
        return push_share(L, decimal_sub(view->day_start_equity, view->equity),
                          view->day_start_equity);
    case PORTFOLIO_DRAWDOWN:
        return push_share(L, decimal_sub(view->peak_equity, view->equity), view->peak_equity);
    case PORTFOLIO_POSITIONS:
        lua_pushinteger(L, portfolio_open_positions(view->portfolio));
        return 1;
    case PORTFOLIO_ORDERS:
        lua_pushinteger(L, view->order_count);
        return 1;
    case PORTFOLIO_LEVEL:
        lua_pushstring(L, level_name(view->level));
        return 1;
    default:
        lua_pushstring(L, portfolio_currency(view->portfolio));
        return 1;
    }
}

static int read_portfolio(lua_State *L, const void *unused, int field)
{
    const struct view *view = api_view(L);
    const struct portfolio *portfolio = view->portfolio;

    (void)unused;
    if (field >= PORTFOLIO_DAY_LOSS)
        return read_state(L, view, field);
    switch (field) {
    case PORTFOLIO_EQUITY:
        api_push_decimal_number(L, view->equity);
        break;
    case PORTFOLIO_CASH:
        api_push_decimal_number(
            L, portfolio_balance(portfolio, portfolio_currency(portfolio)).total);
        break;
    case PORTFOLIO_EXPOSURE:
        api_push_decimal_number(L, portfolio_exposure(portfolio));
        break;
    case PORTFOLIO_REALISED:
        api_push_decimal_number(L, portfolio_realised(portfolio));
        break;
    case PORTFOLIO_UNREALISED:
        api_push_decimal_number(L, portfolio_unrealised(portfolio));
        break;
    case PORTFOLIO_FEES:
        api_push_decimal_number(L, portfolio_fees(portfolio));
        break;
    case PORTFOLIO_DAY_START:
        api_push_decimal_number(L, view->day_start_equity);
        break;
    default:
        api_push_decimal_number(L, view->peak_equity);
        break;
    }
    return 1;
}

static int portfolio_available_of(lua_State *L)
{
    api_check(L, 1, &api_portfolio);
    const struct portfolio *portfolio = api_view(L)->portfolio;
    const char *currency = luaL_optstring(L, 2, portfolio_currency(portfolio));

    api_push_decimal_number(L, portfolio_available(portfolio, currency));
    return 1;
}

static int portfolio_position_of(lua_State *L)
{
    api_check(L, 1, &api_portfolio);
    const char *symbol = luaL_checkstring(L, 2);
    product_ref product = product_table_find(api_context(L)->products, symbol);

    if (product == PRODUCT_NONE)
        return luaL_error(L, "no product '%s' in this run", symbol);
    struct product_handle *handle = api_push_handle(L, &api_position, sizeof *handle);
    handle->product = product;
    api_lend(L, -1);
    return 1;
}

/* ---- orders ---- */

enum {
    ORDER_FIELD_SYMBOL,
    ORDER_FIELD_SIDE,
    ORDER_FIELD_TYPE,
    ORDER_FIELD_SIZE,
    ORDER_FIELD_LIMIT,
    ORDER_FIELD_STOP_PRICE,
    ORDER_FIELD_VALUE,
    ORDER_FIELD_REDUCE,
    ORDER_FIELD_STATE,
    ORDER_FIELD_FILLED,
    ORDER_FIELD_PRICE,
    ORDER_FIELD_NUMBER,
    ORDER_FIELD_REASON
};

static const struct entry order_entries[] = {
    {ENTRY_FIELD, "symbol", "string", "\"BTC-USD\".", NULL},
    {ENTRY_FIELD, "side", "side", "\"buy\" or \"sell\".", NULL},
    {ENTRY_FIELD, "type", "string", "\"market\", \"limit\", \"stop\" or \"stop_limit\".", NULL},
    {ENTRY_FIELD, "size", "number", "In base units.", NULL},
    {ENTRY_FIELD, "limit_price", "number?", "Nil without one.", NULL},
    {ENTRY_FIELD, "stop_price", "number?", "Nil without one.", NULL},
    {ENTRY_FIELD, "value", "number",
     "Size at the limit price, else at the mark, in quote units.", NULL},
    {ENTRY_FIELD, "reduce_only", "boolean", "Whether it may only reduce.", NULL},
    {ENTRY_FIELD, "state", "string?",
     "\"NEW\", \"FILLED\" and so on; nil under a guard's eyes.", NULL},
    {ENTRY_FIELD, "filled", "number", "Size filled so far.", NULL},
    {ENTRY_FIELD, "average_price", "number", "Of what is filled; 0 when nothing is.", NULL},
    {ENTRY_FIELD, "number", "integer", "The engine's number of it; 0 under a guard's eyes.",
     NULL},
    {ENTRY_FIELD, "reason", "string", "Why it was wanted.", NULL},
    {0},
};

const struct group api_order = {"order",
                                "An order: one that a guard is asked about, or one of the "
                                "strategy's own. Lent for the call.",
                                true, order_entries};

static const struct order_request *request_of(lua_State *L)
{
    const struct script_context *context = api_context(L);

    if (!context->order && !context->request)
        luaL_error(L, "no order in this call");
    return context->order ? &context->order->request : context->request;
}

static int push_price(lua_State *L, decimal price)
{
    if (decimal_is_positive(price))
        api_push_decimal_number(L, price);
    else
        lua_pushnil(L);
    return 1;
}

static int push_value(lua_State *L, const struct order_request *request)
{
    const struct market *market = &api_view(L)->markets[request->product];
    decimal price =
        decimal_is_positive(request->limit_price) ? request->limit_price : market->mark;
    decimal value = DECIMAL_ZERO;

    if (!product_value(market->product, request->size, price, &value))
        return luaL_error(L, "the order's value is out of range");
    api_push_decimal_number(L, value);
    return 1;
}

static int read_progress(lua_State *L, const struct order *order, int field)
{
    switch (field) {
    case ORDER_FIELD_STATE:
        if (order)
            lua_pushstring(L, order_state_name(order->state));
        else
            lua_pushnil(L);
        break;
    case ORDER_FIELD_FILLED:
        api_push_decimal_number(L, order ? order->filled : DECIMAL_ZERO);
        break;
    case ORDER_FIELD_PRICE:
        api_push_decimal_number(L, order ? order_average_price(order) : DECIMAL_ZERO);
        break;
    case ORDER_FIELD_NUMBER:
        lua_pushinteger(L, order ? (lua_Integer)order->number : 0);
        break;
    default:
        lua_pushstring(L, order ? order->reason : "");
        break;
    }
    return 1;
}

static int read_order(lua_State *L, const void *unused, int field)
{
    const struct order_request *request = request_of(L);

    (void)unused;
    if (field >= ORDER_FIELD_STATE)
        return read_progress(L, api_context(L)->order, field);
    switch (field) {
    case ORDER_FIELD_SYMBOL:
        api_push_symbol(L, request->product);
        return 1;
    case ORDER_FIELD_SIDE:
        lua_pushstring(L, side_name(request->side));
        return 1;
    case ORDER_FIELD_TYPE:
        lua_pushstring(L, order_type_name(request->type));
        return 1;
    case ORDER_FIELD_SIZE:
        api_push_decimal_number(L, request->size);
        return 1;
    case ORDER_FIELD_LIMIT:
        return push_price(L, request->limit_price);
    case ORDER_FIELD_STOP_PRICE:
        return push_price(L, request->stop_price);
    case ORDER_FIELD_VALUE:
        return push_value(L, request);
    default:
        lua_pushboolean(L, request->reduce_only);
        return 1;
    }
}

enum { FILL_SIDE, FILL_SIZE, FILL_PRICE, FILL_FEE, FILL_LIQUIDITY, FILL_SYMBOL };

static const struct entry fill_entries[] = {
    {ENTRY_FIELD, "side", "side", "\"buy\" or \"sell\".", NULL},
    {ENTRY_FIELD, "size", "number", "In base units.", NULL},
    {ENTRY_FIELD, "price", "number", "What was paid.", NULL},
    {ENTRY_FIELD, "fee", "number", "In quote units; negative is a rebate.", NULL},
    {ENTRY_FIELD, "liquidity", "string", "\"maker\" or \"taker\".", NULL},
    {ENTRY_FIELD, "symbol", "string", "Of which market.", NULL},
    {0},
};

const struct group api_fill = {
    "fill", "An execution of one of the strategy's orders. Lent for the call.", true,
    fill_entries};

static int read_fill(lua_State *L, const void *handle, int field)
{
    const struct fill *fill = api_context(L)->fill;

    if (!fill)
        return luaL_error(L, "no fill in this call");
    if (field == FILL_SIDE)
        lua_pushstring(L, side_name(fill->side));
    else if (field == FILL_LIQUIDITY)
        lua_pushstring(L, liquidity_name(fill->liquidity));
    else if (field == FILL_SYMBOL)
        api_push_symbol(L, api_product(handle));
    else
        api_push_decimal_number(L, field == FILL_SIZE    ? fill->size
                                   : field == FILL_PRICE ? fill->price
                                                         : fill->fee);
    return 1;
}

enum { DECISION_ACTION, DECISION_REASON, DECISION_CONFIDENCE, DECISION_LIMIT, DECISION_STOP };

static const struct entry decision_entries[] = {
    {ENTRY_FIELD, "action", "string", "\"buy\" or \"sell\".", NULL},
    {ENTRY_FIELD, "reason", "string", "In the strategy's words.", NULL},
    {ENTRY_FIELD, "confidence", "number", "0 to 1; 1 when the strategy said nothing.", NULL},
    {ENTRY_FIELD, "limit_price", "number?", "Nil without one.", NULL},
    {ENTRY_FIELD, "stop_price", "number?", "Nil without one.", NULL},
    {0},
};

const struct group api_decision = {"decision",
                                   "What a sizing rule is asked to size. Lent for the call.",
                                   true, decision_entries};

static int read_decision(lua_State *L, const void *unused, int field)
{
    const struct decision *decision = api_context(L)->decision;

    (void)unused;
    if (!decision)
        return luaL_error(L, "no decision in this call");
    switch (field) {
    case DECISION_ACTION:
        lua_pushstring(L, action_name(decision->action));
        return 1;
    case DECISION_REASON:
        lua_pushstring(L, decision->reason);
        return 1;
    case DECISION_CONFIDENCE:
        api_push_decimal_number(L, decision->confidence);
        return 1;
    case DECISION_LIMIT:
        return push_price(L, decision->limit_price);
    default:
        return push_price(L, decision->stop_price);
    }
}

void api_add_portfolio(lua_State *L)
{
    api_add_class(L, &api_portfolio, read_portfolio);
    api_add_class(L, &api_order, read_order);
    api_add_class(L, &api_fill, read_fill);
    api_add_class(L, &api_decision, read_decision);
}
