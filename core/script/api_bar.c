/* Bars, trades and quotes: what a market handler is told of. */
#include <lauxlib.h>

#include "script/api.h"

enum { BAR_OPEN, BAR_HIGH, BAR_LOW, BAR_CLOSE, BAR_VOLUME, BAR_START, BAR_TIME, BAR_SYMBOL };

static const struct entry bar_entries[] = {
    {ENTRY_FIELD, "open", "number", "First price of the interval.", NULL},
    {ENTRY_FIELD, "high", "number", "Highest price.", NULL},
    {ENTRY_FIELD, "low", "number", "Lowest price.", NULL},
    {ENTRY_FIELD, "close", "number", "Last price.", NULL},
    {ENTRY_FIELD, "volume", "number", "Traded size, in base units.", NULL},
    {ENTRY_FIELD, "start", "number", "When the interval began: seconds since 1970, UTC.", NULL},
    {ENTRY_FIELD, "time", "number", "When it ended, which is when the bar became known.", NULL},
    {ENTRY_FIELD, "symbol", "string", "Of which market.", NULL},
    {0},
};

const struct group api_bar = {
    "bar", "One bar that has ended. Lent for the call that brings it.", true, bar_entries};

/* A strategy sees bars of its own timeframe; guards and sizing rules the market's. */
const struct bar *api_bar_of(lua_State *L, product_ref product)
{
    const struct script_context *context = api_context(L);
    const struct view *view = context->view;
    const struct timeframes *timeframes = api_timeframes(context, product);

    if (timeframes)
        return timeframes->bar;
    return view && view->markets[product].bar.interval ? &view->markets[product].bar : NULL;
}

static int read_bar(lua_State *L, const void *handle, int field)
{
    const struct bar *bar = api_bar_of(L, api_product(handle));

    if (!bar)
        return luaL_error(L, "no bar has ended yet");
    switch (field) {
    case BAR_OPEN:
        api_push_decimal_number(L, bar->open);
        break;
    case BAR_HIGH:
        api_push_decimal_number(L, bar->high);
        break;
    case BAR_LOW:
        api_push_decimal_number(L, bar->low);
        break;
    case BAR_CLOSE:
        api_push_decimal_number(L, bar->close);
        break;
    case BAR_VOLUME:
        api_push_decimal_number(L, bar->volume);
        break;
    case BAR_START:
        api_push_time(L, bar->start);
        break;
    case BAR_TIME:
        api_push_time(L, bar->start + bar->interval);
        break;
    case BAR_SYMBOL:
        api_push_symbol(L, api_product(handle));
        break;
    }
    return 1;
}

enum { TRADE_PRICE, TRADE_SIZE, TRADE_TAKER, TRADE_SYMBOL };

static const struct entry trade_entries[] = {
    {ENTRY_FIELD, "price", "number", "What was paid.", NULL},
    {ENTRY_FIELD, "size", "number", "In base units.", NULL},
    {ENTRY_FIELD, "taker", "side", "The side that took liquidity: \"buy\" or \"sell\".", NULL},
    {ENTRY_FIELD, "symbol", "string", "Of which market.", NULL},
    {0},
};

const struct group api_trade = {"trade", "Somebody's trade. Lent for the call that brings it.",
                                true, trade_entries};

static int read_trade(lua_State *L, const void *unused, int field)
{
    const struct product_handle *handle = lua_touserdata(L, 1);
    const struct trade *trade = api_context(L)->trade;

    (void)unused;
    if (!trade)
        return luaL_error(L, "no trade in this call");
    if (field == TRADE_PRICE)
        api_push_decimal_number(L, trade->price);
    else if (field == TRADE_SIZE)
        api_push_decimal_number(L, trade->size);
    else if (field == TRADE_TAKER)
        lua_pushstring(L, side_name(trade->taker));
    else
        api_push_symbol(L, api_product(handle));
    return 1;
}

enum { QUOTE_BID, QUOTE_BID_SIZE, QUOTE_ASK, QUOTE_ASK_SIZE, QUOTE_SYMBOL };

static const struct entry quote_entries[] = {
    {ENTRY_FIELD, "bid", "number", "Best price somebody buys at.", NULL},
    {ENTRY_FIELD, "bid_size", "number", "And how much, in base units.", NULL},
    {ENTRY_FIELD, "ask", "number", "Best price somebody sells at.", NULL},
    {ENTRY_FIELD, "ask_size", "number", "And how much, in base units.", NULL},
    {ENTRY_FIELD, "symbol", "string", "Of which market.", NULL},
    {0},
};

const struct group api_quote = {
    "quote", "The best bid and ask. Lent for the call that brings it.", true, quote_entries};

static int read_quote(lua_State *L, const void *unused, int field)
{
    const struct product_handle *handle = lua_touserdata(L, 1);
    const struct quote *quote = api_context(L)->quote;

    (void)unused;
    if (!quote)
        return luaL_error(L, "no quote in this call");
    const decimal fields[] = {quote->bid, quote->bid_size, quote->ask, quote->ask_size};
    if (field == QUOTE_SYMBOL)
        api_push_symbol(L, api_product(handle));
    else
        api_push_decimal_number(L, fields[field]);
    return 1;
}

void api_add_bars(lua_State *L)
{
    api_add_class(L, &api_bar, read_bar);
    api_add_class(L, &api_trade, read_trade);
    api_add_class(L, &api_quote, read_quote);
}
