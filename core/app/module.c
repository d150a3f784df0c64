/* The Lua module: `require "perigee"` in a plain Lua 5.4, for specs. It runs the
 * scripts in the real sandbox; the specs around them are trusted.
 *
 * lua/perigee/test.lua makes it comfortable; this is only what that needs. */
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>
#include <lua.h>

#include "lab/bot.h"
#include "venue/catalogue.h"

static const char type_name[] = "perigee.bot";

enum { GUARDS_MAX = 8 };

/* What a table of options says, and what it points to. */
struct request {
    struct bot_options options;
    struct param_value params[2 + GUARDS_MAX][PARAMS_MAX];
    struct script_options guards[GUARDS_MAX], sizing;
    int used; /* rows of params */
};

static decimal check_amount(lua_State *L, int index, const char *what)
{
    decimal value = DECIMAL_ZERO;

    if (!decimal_from_double(luaL_checknumber(L, index), &value))
        luaL_error(L, "%s is out of range", what);
    return value;
}

static decimal amount_field(lua_State *L, int table, const char *key, decimal fallback)
{
    if (lua_getfield(L, table, key) != LUA_TNIL)
        fallback = check_amount(L, -1, key);
    lua_pop(L, 1);
    return fallback;
}

static const char *text_field(lua_State *L, int table, const char *key, const char *fallback)
{
    lua_getfield(L, table, key);
    const char *text = luaL_optstring(L, -1, fallback);
    lua_pop(L, 1); /* the table keeps it */
    return text;
}

/* { script = "name", params = { fast = 2 } }, on top of the stack. */
static struct script_options read_script(lua_State *L, struct request *request,
                                         const char *name_key)
{
    int table = lua_gettop(L);
    struct param_value *values = request->params[request->used++];
    struct script_options script = {
        .name = text_field(L, table, name_key, NULL), .params = values, .seed = 1};

    if (!script.name)
        luaL_error(L, "'%s' is missing: the name of a script or a file", name_key);
    if (lua_getfield(L, table, "params") == LUA_TTABLE)
        for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
            struct param_value *value = &values[script.param_count++];
            luaL_argcheck(L, script.param_count < PARAMS_MAX, 1, "too many parameters");
            lua_pushvalue(L, -2);
            snprintf(value->name, sizeof value->name, "%s", lua_tostring(L, -1));
            lua_pop(L, 1);
            snprintf(value->text, sizeof value->text, "%s", luaL_tolstring(L, -1, NULL));
            lua_pop(L, 1);
            snprintf(value->source, sizeof value->source, "params");
        }
    lua_settop(L, table);
    return script;
}

static void read_guards(lua_State *L, struct request *request)
{
    if (lua_getfield(L, 1, "guards") == LUA_TTABLE)
        for (int i = 1; lua_rawgeti(L, -1, i) == LUA_TTABLE; i++) {
            luaL_argcheck(L, i <= GUARDS_MAX, 1, "too many guards");
            request->guards[i - 1] = read_script(L, request, "script");
            request->options.guard_count = i;
            lua_pop(L, 1);
        }
    request->options.guards = request->guards;
    lua_settop(L, 1);
}

static void read_sizing(lua_State *L, struct request *request)
{
    if (lua_getfield(L, 1, "sizing") == LUA_TTABLE) {
        request->sizing = read_script(L, request, "script");
        request->options.sizing = &request->sizing;
    }
    lua_settop(L, 1);
}

static void read_money(lua_State *L, struct bot_options *options)
{
    decimal rate = amount_field(L, 1, "fee_rate", DECIMAL_ZERO);

    engine_settings_init_unlimited(&options->settings);
    options->settings.size_fixed =
        amount_field(L, 1, "size", options->sizing ? DECIMAL_ZERO : D(1));
    options->settings.maker_rate = options->settings.taker_rate = rate;
    options->settings.degrade.script_strikes = 1;
    options->venue.fees.maker_rate = options->venue.fees.taker_rate = rate;
    options->venue.market_fill = strcmp(text_field(L, 1, "fill", "close"), "close") == 0
                                     ? BAR_FILL_CLOSE
                                     : BAR_FILL_OPEN;
    options->cash = amount_field(L, 1, "cash", D(1000000));
}

static void add_product(lua_State *L, struct product_table *products, const char *symbol)
{
    struct product product;
    product_ref ref;
    struct fault why = {OK, ""};

    if (!symbol || !catalogue_find(symbol, &product, NULL))
        luaL_error(L, "unknown symbol '%s'", symbol ? symbol : "?");
    if (product_table_add(products, &product, &ref, &why))
        luaL_error(L, "%s", why.text);
}

/* `symbols`, a list, or `symbol`. */
static void read_products(lua_State *L, struct product_table *products)
{
    product_table_init(products);
    if (lua_getfield(L, 1, "symbols") != LUA_TTABLE)
        add_product(L, products, text_field(L, 1, "symbol", "BTC-USD"));
    else
        for (int i = 1; lua_rawgeti(L, 2, i) != LUA_TNIL; lua_settop(L, 2), i++)
            add_product(L, products, lua_tostring(L, 3));
    luaL_argcheck(L, products->count > 0, 1, "symbols names no product");
    lua_settop(L, 1);
}

static void read_request(lua_State *L, struct request *request)
{
    struct bot_options *options = &request->options;
    struct fault why = {OK, ""};

    read_products(L, &options->products);
    options->strategy = read_script(L, request, "strategy");
    read_guards(L, request);
    read_sizing(L, request);
    read_money(L, options);
    if (nanos_parse_duration(text_field(L, 1, "timeframe", "1m"), &options->strategy.timeframe,
                             &why))
        luaL_error(L, "timeframe: %s", why.text);
    if (nanos_parse(text_field(L, 1, "start", "2024-01-01"), &options->start, &why))
        luaL_error(L, "start: %s", why.text);
}

static int new_bot(lua_State *L)
{
    struct fault why = {OK, ""};

    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    /* The request lives in the table of options itself: freed with it, whatever raises here. */
    struct request *request = lua_newuserdatauv(L, sizeof *request, 0);
    memset(request, 0, sizeof *request);
    lua_rawsetp(L, 1, request);
    read_request(L, request);
    struct bot **bot = lua_newuserdatauv(L, sizeof *bot, 0);
    *bot = NULL;
    luaL_setmetatable(L, type_name);
    if (bot_new(&request->options, bot, &why))
        return luaL_error(L, "%s", why.text);
    return 1;
}

static struct bot *check_bot(lua_State *L)
{
    struct bot **bot = luaL_checkudata(L, 1, type_name);

    luaL_argcheck(L, *bot, 1, "this bot is closed");
    return *bot;
}

/* Six arguments: a symbol, then open, high, low, close and volume. */
static void read_bar(lua_State *L, const struct bot *bot, int at, struct bot_bar *out)
{
    const char *symbol = luaL_checkstring(L, at);

    out->product = product_table_find(bot_products(bot), symbol);
    if (out->product == PRODUCT_NONE)
        luaL_error(L, "this bot does not trade '%s'", symbol);
    out->open = check_amount(L, at + 1, "open");
    out->high = check_amount(L, at + 2, "high");
    out->low = check_amount(L, at + 3, "low");
    out->close = check_amount(L, at + 4, "close");
    out->volume = check_amount(L, at + 5, "volume");
}

/* Bars of one time, six arguments each. */
static int feed(lua_State *L)
{
    struct bot *bot = check_bot(L);
    struct bot_bar bars[PRODUCTS_MAX];
    product_set seen = {0};
    struct fault why = {OK, ""};
    int count = 0;

    for (int at = 2; at <= lua_gettop(L); at += 6) {
        struct bot_bar bar;
        read_bar(L, bot, at, &bar);
        luaL_argcheck(L, !product_set_has(seen, bar.product), at, "fed twice");
        product_set_add(&seen, bar.product);
        bars[count++] = bar;
    }
    luaL_argcheck(L, count > 0, 2, "expected a bar");
    if (bot_feed(bot, bars, count, &why))
        return luaL_error(L, "%s", why.text);
    return 0;
}

static int restart(lua_State *L)
{
    struct bot **bot = luaL_checkudata(L, 1, type_name);
    struct fault why = {OK, ""};

    if (bot_restart(check_bot(L), &why) == OK)
        return 0;
    bot_free(*bot);
    *bot = NULL;
    return luaL_error(L, "%s", why.text);
}

static void set_amount(lua_State *L, const char *key, decimal value)
{
    lua_pushnumber(L, decimal_to_double(value));
    lua_setfield(L, -2, key);
}

static void set_text(lua_State *L, const char *key, const char *text)
{
    lua_pushstring(L, text);
    lua_setfield(L, -2, key);
}

static void set_symbol(lua_State *L, const struct bot *bot, product_ref product)
{
    set_text(L, "symbol", product_table_get(bot_products(bot), product)->symbol);
}

static int decisions(lua_State *L)
{
    const struct bot *bot = check_bot(L);

    lua_newtable(L);
    for (int i = 0; i < bot_decision_count(bot); i++) {
        const struct decision *decision = bot_decision(bot, i);
        lua_newtable(L);
        set_symbol(L, bot, decision->product);
        set_text(L, "action", action_name(decision->action));
        set_text(L, "reason", decision->reason);
        set_text(L, "type", order_type_name(decision->type));
        set_amount(L, "size", decision->size);
        set_amount(L, "confidence", decision->confidence);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

static int fills(lua_State *L)
{
    const struct bot *bot = check_bot(L);

    lua_newtable(L);
    for (int i = 0; i < bot_fill_count(bot); i++) {
        const struct fill *fill = bot_fill(bot, i);
        lua_newtable(L);
        set_symbol(L, bot, fill->product);
        set_text(L, "side", side_name(fill->side));
        set_amount(L, "size", fill->size);
        set_amount(L, "price", fill->price);
        set_amount(L, "fee", fill->fee);
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

static int orders(lua_State *L)
{
    const struct bot *bot = check_bot(L);

    lua_newtable(L);
    for (int i = 0; i < bot_order_count(bot); i++) {
        enum refusal code;
        const char *detail;
        const struct order *order = bot_order(bot, i, &code, &detail);
        lua_newtable(L);
        set_symbol(L, bot, order->request.product);
        set_text(L, "side", side_name(order->request.side));
        set_text(L, "type", order_type_name(order->request.type));
        set_amount(L, "size", order->request.size);
        set_text(L, "reason", order->reason);
        if (code) {
            set_text(L, "refused", refusal_name(code));
            set_text(L, "detail", detail);
        }
        lua_rawseti(L, -2, i + 1);
    }
    return 1;
}

static void set_positions(lua_State *L, const struct bot *bot)
{
    const struct product_table *products = bot_products(bot);
    const struct portfolio *portfolio = engine_portfolio(bot_engine(bot));

    lua_newtable(L);
    for (int i = 0; i < products->count; i++)
        set_amount(L, products->items[i].symbol,
                   portfolio_position(portfolio, (product_ref)i)->size);
    lua_setfield(L, -2, "positions");
}

static int account(lua_State *L)
{
    const struct bot *bot = check_bot(L);
    const struct engine *engine = bot_engine(bot);
    const struct portfolio *portfolio = engine_portfolio(engine);

    lua_newtable(L);
    set_positions(L, bot);
    set_amount(L, "equity", portfolio_equity(portfolio));
    set_amount(L, "cash", portfolio_balance(portfolio, portfolio_currency(portfolio)).total);
    set_amount(L, "position", portfolio_position(portfolio, 0)->size);
    set_amount(L, "realised", portfolio_realised(portfolio));
    set_amount(L, "fees", portfolio_fees(portfolio));
    set_text(L, "level", level_name(engine_level(engine, 0)));
    return 1;
}

static int close_bot(lua_State *L)
{
    struct bot **bot = luaL_checkudata(L, 1, type_name);

    bot_free(*bot);
    *bot = NULL;
    return 0;
}

static const luaL_Reg methods[] = {
    {"feed", feed},     {"restart", restart}, {"decisions", decisions}, {"fills", fills},
    {"orders", orders}, {"account", account}, {"close", close_bot},     {NULL, NULL},
};

int luaopen_perigee(lua_State *L);

int luaopen_perigee(lua_State *L)
{
    luaL_newmetatable(L, type_name);
    lua_newtable(L);
    luaL_setfuncs(L, methods, 0);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, close_bot);
    lua_setfield(L, -2, "__gc");
    lua_newtable(L);
    lua_pushcfunction(L, new_bot);
    lua_setfield(L, -2, "bot");
    return 1;
}
