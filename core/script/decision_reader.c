#include "script/decision_reader.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/names.h"
#include "base/text.h"
#include "script/api.h"
#include "script/printable.h"

enum key {
    KEY_ACTION,
    KEY_REASON,
    KEY_SIZE,
    KEY_TYPE,
    KEY_LIMIT,
    KEY_STOP,
    KEY_TIF,
    KEY_EXPIRES,
    KEY_POST_ONLY,
    KEY_REDUCE_ONLY,
    KEY_CONFIDENCE,
    KEY_ORDER,
    KEY_SYMBOL,
    KEY_STOP_LOSS,
    KEY_TAKE_PROFIT,
    KEY_TRAILING_STOP,
    KEY_COUNT
};

static const char *const names[] = {
    [KEY_ACTION] = "action",
    [KEY_REASON] = "reason",
    [KEY_SIZE] = "size",
    [KEY_TYPE] = "type",
    [KEY_LIMIT] = "limit",
    [KEY_STOP] = "stop",
    [KEY_TIF] = "tif",
    [KEY_EXPIRES] = "expires",
    [KEY_POST_ONLY] = "post_only",
    [KEY_REDUCE_ONLY] = "reduce_only",
    [KEY_CONFIDENCE] = "confidence",
    [KEY_ORDER] = "order",
    [KEY_SYMBOL] = "symbol",
    [KEY_STOP_LOSS] = "stop_loss",
    [KEY_TAKE_PROFIT] = "take_profit",
    [KEY_TRAILING_STOP] = "trailing_stop",
};
_Static_assert(ARRAY_LEN(names) == KEY_COUNT && (int)KEY_COUNT <= (int)DECISION_KEYS,
               "name every member");

void decision_keys_make(lua_State *L, struct decision_keys *keys)
{
    for (int i = 0; i < KEY_COUNT; i++) {
        lua_pushstring(L, names[i]);
        keys->addresses[i] = lua_topointer(L, -1);
        keys->references[i] = luaL_ref(L, LUA_REGISTRYINDEX);
    }
}

/* What is being read: the table at `table`, whose members note_members() looked at. */
struct reader {
    lua_State *L;
    int table;
    const struct decision_keys *keys;
    const struct decision_scope *scope;
    struct fault *why;
    unsigned given;    /* a bit for each member there is */
    bool has_stranger; /* and one that decisions do not have */
};

static bool is_given(const struct reader *r, enum key key)
{
    return r->given & 1u << key;
}

/* Pushes the member; its type. */
static int push_member(const struct reader *r, enum key key)
{
    lua_rawgeti(r->L, LUA_REGISTRYINDEX, r->keys->references[key]);
    return lua_rawget(r->L, r->table);
}

static enum err wrong(const struct reader *r, enum key key, const char *expected)
{
    return fail(r->why, ERR_SCRIPT, "the decision's '%s' is a %s; expected %s", names[key],
                lua_typename(r->L, lua_type(r->L, -1)), expected);
}

/* Likewise where the type would do, but not the value. */
static enum err wrong_value(const struct reader *r, enum key key, const char *expected)
{
    char shown[40];
    int type = lua_type(r->L, -1);
    lua_Number number = lua_tonumber(r->L, -1);
    size_t len;

    if (type == LUA_TSTRING) {
        const char *text = lua_tolstring(r->L, -1, &len);
        shown[0] = '\'';
        printable_format(text, len, shown + 1, sizeof shown - 2);
        strcat(shown, "'");
    } else if (type == LUA_TNUMBER && isnan(number)) {
        strcpy(shown, "nan"); /* C may print a sign */
    } else if (type == LUA_TNUMBER) {
        snprintf(shown, sizeof shown, "%.14g", number);
    } else {
        return wrong(r, key, expected);
    }
    return fail(r->why, ERR_SCRIPT, "the decision's '%s' is %s; expected %s", names[key], shown,
                expected);
}

/* A number, decimal or text; absent leaves *out. Must be above zero. */
static enum err read_amount(const struct reader *r, enum key key, decimal *out, bool *has)
{
    enum err err = OK;

    if (!is_given(r, key))
        return OK;
    push_member(r, key);
    if (!api_to_decimal(r->L, -1, out))
        err =
            wrong_value(r, key, "a number from 1e-12 to 1e25, a decimal, or text like \"0.1\"");
    else if (!decimal_is_positive(*out))
        err = fail(r->why, ERR_SCRIPT, "the decision's '%s' is not more than 0", names[key]);
    else if (has)
        *has = true;
    lua_pop(r->L, 1);
    return err;
}

static enum err read_flag(const struct reader *r, enum key key, bool *out)
{
    enum err err = OK;

    if (!is_given(r, key))
        return OK;
    if (push_member(r, key) == LUA_TBOOLEAN)
        *out = lua_toboolean(r->L, -1);
    else
        err = wrong(r, key, "true or false");
    lua_pop(r->L, 1);
    return err;
}

/* Copies text, cut to the room there is and fit to be printed. Only real strings: a number
 * would be converted in place. */
static enum err read_text(const struct reader *r, enum key key, char *out, size_t size,
                          bool *has)
{
    enum err err = OK;

    if (has)
        *has = is_given(r, key);
    if (!is_given(r, key))
        return OK;
    if (push_member(r, key) == LUA_TSTRING) {
        size_t len;
        const char *text = lua_tolstring(r->L, -1, &len);
        printable_format(text, len, out, size);
    } else {
        err = wrong(r, key, "text");
    }
    lua_pop(r->L, 1);
    return err;
}

static enum err read_action(const struct reader *r, struct decision *out)
{
    char text[16];
    bool has;
    enum err err = read_text(r, KEY_ACTION, text, sizeof text, &has);

    if (err)
        return err;
    if (!has || !action_parse(text, &out->action))
        return fail(r->why, ERR_SCRIPT,
                    "expected a decision (buy, sell, close, hold, cancel, amend or protect), "
                    "not a table %s%s%s",
                    has ? "with the action '" : "without an action", has ? text : "",
                    has ? "'" : "");
    return OK;
}

/* An entry of whatever type its prices say, with both ways out. */
static enum err check_bracket(const struct reader *r, const struct decision *decision)
{
    bool enters = decision->action == ACTION_BUY || decision->action == ACTION_SELL;

    if (enters && is_given(r, KEY_STOP_LOSS) && is_given(r, KEY_TAKE_PROFIT))
        return OK;
    return fail(r->why, ERR_SCRIPT,
                "a decision of the type 'bracket' is a buy or sell with 'stop_loss' and "
                "'take_profit'");
}

static enum err read_type(const struct reader *r, struct decision *out)
{
    char text[16];
    bool has;
    enum err err = read_text(r, KEY_TYPE, text, sizeof text, &has);

    if (!err && has && strcmp(text, "bracket") == 0) {
        has = false;
        err = check_bracket(r, out);
    }
    if (!err && has && !order_type_parse(text, &out->type))
        return fail(
            r->why, ERR_SCRIPT,
            "the decision's type '%s' is not market, limit, stop, stop_limit or bracket", text);
    if (!err && !has && decimal_is_positive(out->limit_price))
        out->type = decimal_is_positive(out->stop_price) ? ORDER_STOP_LIMIT : ORDER_LIMIT;
    else if (!err && !has && decimal_is_positive(out->stop_price))
        out->type = ORDER_STOP;
    return err;
}

static enum err read_tif(const struct reader *r, struct decision *out)
{
    char text[16];
    bool has;
    enum err err = read_text(r, KEY_TIF, text, sizeof text, &has);

    /* What the venue gives an order that says nothing: market orders take and go, others rest.
     */
    out->tif = out->type == ORDER_MARKET ? TIF_IOC : out->expires ? TIF_GTD : TIF_GTC;
    if (!err && has && !time_in_force_parse(text, &out->tif))
        return fail(r->why, ERR_SCRIPT, "the decision's tif '%s' is not gtc, gtd, ioc or fok",
                    text);
    return err;
}

static enum err read_expiry(const struct reader *r, struct decision *out)
{
    enum err err = OK;

    if (!is_given(r, KEY_EXPIRES))
        return OK;
    if (push_member(r, KEY_EXPIRES) == LUA_TNUMBER) {
        double seconds = lua_tonumber(r->L, -1);
        if (isfinite(seconds) && seconds > 0 && seconds < 9e9)
            out->expires = (nanos)(seconds * 1e3) * 1000000;
        else
            err = fail(r->why, ERR_SCRIPT,
                       "the decision's 'expires' is no time in seconds since 1970");
    } else {
        err = wrong(r, KEY_EXPIRES, "a time in seconds since 1970");
    }
    lua_pop(r->L, 1);
    return err;
}

static enum err read_confidence(const struct reader *r, struct decision *out)
{
    enum err err = OK;

    out->confidence = D(1);
    if (!is_given(r, KEY_CONFIDENCE))
        return OK;
    push_member(r, KEY_CONFIDENCE);
    if (!api_to_decimal(r->L, -1, &out->confidence))
        err = wrong_value(r, KEY_CONFIDENCE, "a number from 0 to 1");
    else if (decimal_is_negative(out->confidence) || decimal_compare(out->confidence, D(1)) > 0)
        err = fail(r->why, ERR_SCRIPT, "the decision's 'confidence' is not from 0 to 1");
    lua_pop(r->L, 1);
    return err;
}

static enum err read_order(const struct reader *r, struct decision *out)
{
    enum err err = OK;

    if (!is_given(r, KEY_ORDER))
        return OK;
    push_member(r, KEY_ORDER);
    if (lua_isinteger(r->L, -1) && lua_tointeger(r->L, -1) > 0)
        out->order = (order_number)lua_tointeger(r->L, -1);
    else
        err = wrong_value(r, KEY_ORDER, "an order's number");
    lua_pop(r->L, 1);
    return err;
}

static enum err check_amend(const struct reader *r, const struct decision *decision)
{
    bool changes = decision->has_size || decimal_is_positive(decision->limit_price) ||
                   decimal_is_positive(decision->stop_price);

    if (decision->action != ACTION_AMEND)
        return OK;
    if (!decision->order)
        return fail(r->why, ERR_SCRIPT, "an amend names no order: add order = its number");
    if (!changes)
        return fail(r->why, ERR_SCRIPT,
                    "an amend changes nothing: give a size, a limit or a stop");
    return OK;
}

static bool is_traded(const struct decision_scope *scope, product_ref product)
{
    return scope->product == PRODUCT_NONE ? product_set_has(scope->markets, product)
                                          : scope->product == product;
}

enum err decision_find_product(const struct decision_scope *scope, const char *symbol,
                               product_ref *out, struct fault *why)
{
    const char *traded[PRODUCTS_MAX];
    int count = 0;

    *out = product_table_find(scope->products, symbol);
    if (is_traded(scope, *out))
        return OK;
    if (*out != PRODUCT_NONE)
        return fail(why, ERR_SCRIPT, "this strategy does not trade %s", symbol);
    for (int i = 0; i < scope->products->count; i++)
        if (is_traded(scope, (product_ref)i))
            traded[count++] = scope->products->items[i].symbol;
    const char *near = text_nearest(symbol, traded, count);
    return fail(why, ERR_SCRIPT, "there is no market '%.40s' in this run%s%s%s", symbol,
                near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static enum err read_product(const struct reader *r, struct decision *out)
{
    char text[SYMBOL_MAX];
    bool has;
    enum err err = read_text(r, KEY_SYMBOL, text, sizeof text, &has);

    if (!err && has) {
        err = decision_find_product(r->scope, text, &out->product, r->why);
        return err && r->why ? fault_prefix(r->why, "the decision's symbol: ") : err;
    }
    out->product = r->scope->product;
    if (!err && out->product == PRODUCT_NONE)
        return fail(r->why, ERR_SCRIPT,
                    "the decision names no symbol; a portfolio strategy says which market it "
                    "means: symbol = \"%s\"",
                    r->scope->products->items[0].symbol);
    return err;
}

static enum err read_prices(const struct reader *r, struct decision *out)
{
    enum err err = read_amount(r, KEY_SIZE, &out->size, &out->has_size);

    if (!err)
        err = read_amount(r, KEY_LIMIT, &out->limit_price, NULL);
    return err ? err : read_amount(r, KEY_STOP, &out->stop_price, NULL);
}

/* "2%": a share of 0.02. False when it is no percentage. */
static bool read_percentage(lua_State *L, decimal *share)
{
    char text[32];
    size_t len;
    struct fault why;

    if (lua_type(L, -1) != LUA_TSTRING)
        return false;
    const char *given = lua_tolstring(L, -1, &len);
    if (len < 2 || len > sizeof text || given[len - 1] != '%')
        return false;
    len--;
    while (len && given[len - 1] == ' ')
        len--;
    memcpy(text, given, len);
    return decimal_parse(text, len, share, &why) == OK &&
           decimal_try_div(*share, D(100), ROUND_HALF_EVEN, share);
}

/* A price, or a share as a percentage; absent leaves both. A stop's share is less than the
 * whole price, a target's may be many times that. */
static enum err read_level(const struct reader *r, enum key key, decimal *price, decimal *share)
{
    const int most = key == KEY_TAKE_PROFIT ? 100 : 1;
    enum err err = OK;

    if (!is_given(r, key))
        return OK;
    push_member(r, key);
    if (read_percentage(r->L, share)) {
        if (!decimal_is_positive(*share) || !decimal_is_less(*share, D(most)))
            err = fail(r->why, ERR_SCRIPT,
                       "the decision's '%s' is not more than 0 %% and less than %d %%",
                       names[key], 100 * most);
    } else if (!api_to_decimal(r->L, -1, price)) {
        err = wrong_value(r, key, "a price, or a share of the price paid like \"2%\"");
    } else if (!decimal_is_positive(*price)) {
        err = fail(r->why, ERR_SCRIPT, "the decision's '%s' is not more than 0", names[key]);
    }
    lua_pop(r->L, 1);
    return err;
}

static enum err read_plan(const struct reader *r, struct exit_plan *plan)
{
    enum err err = read_level(r, KEY_STOP_LOSS, &plan->stop, &plan->stop_share);

    if (!err)
        err = read_level(r, KEY_TAKE_PROFIT, &plan->target, &plan->target_share);
    return err ? err : read_level(r, KEY_TRAILING_STOP, &plan->trail, &plan->trail_share);
}

static enum err unknown_member(const struct reader *r, const char *name)
{
    const char *near = text_nearest(name, names, KEY_COUNT);

    return fail(r->why, ERR_SCRIPT, "a decision has no member '%.40s'%s%s%s", name,
                near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

/* A misspelt member would be ignored, and with it a size or a price. */
static enum err check_members(const struct reader *r)
{
    enum err err = OK;

    for (lua_pushnil(r->L); !err && lua_next(r->L, r->table); lua_pop(r->L, 1)) {
        const char *name = lua_type(r->L, -2) == LUA_TSTRING ? lua_tostring(r->L, -2) : NULL;
        if (!name)
            err =
                fail(r->why, ERR_SCRIPT, "the decision has a member that is no name, but a %s",
                     luaL_typename(r->L, -2));
        else if (names_find(names, KEY_COUNT, name) < 0)
            err = unknown_member(r, name);
    }
    if (err)
        lua_pop(r->L, 1);
    return err;
}

/* Time is not guarded here: of a table with more members than any decision has, the rest is not
 * looked at. */
enum { MEMBERS_MAX = 64 };

static enum key find_key(const struct reader *r, const void *address)
{
    int key = 0;

    while (key < KEY_COUNT && address != r->keys->addresses[key])
        key++;
    return (enum key)key;
}

static void note_members(struct reader *r)
{
    int count = 0;

    r->given = 0;
    r->has_stranger = false;
    lua_pushnil(r->L);
    for (; count < MEMBERS_MAX && lua_next(r->L, r->table); count++, lua_pop(r->L, 1)) {
        enum key key = find_key(r, lua_topointer(r->L, -2));
        if (key < KEY_COUNT)
            r->given |= 1u << key;
        else
            r->has_stranger = true;
    }
    if (count == MEMBERS_MAX)
        lua_pop(r->L, 1);
}

static enum err read_one(struct reader *r, struct decision *out)
{
    enum err err = read_action(r, out);

    if (!err && r->has_stranger)
        err = check_members(r);
    if (!err)
        err = read_text(r, KEY_REASON, out->reason, sizeof out->reason, NULL);
    if (!err)
        err = read_product(r, out);
    if (!err)
        err = read_prices(r, out);
    if (!err)
        err = read_plan(r, &out->plan);
    if (!err)
        err = read_expiry(r, out);
    if (!err)
        err = read_type(r, out);
    if (!err)
        err = read_tif(r, out);
    if (!err)
        err = read_flag(r, KEY_POST_ONLY, &out->post_only);
    if (!err)
        err = read_flag(r, KEY_REDUCE_ONLY, &out->reduce_only);
    if (!err)
        err = read_confidence(r, out);
    if (!err)
        err = read_order(r, out);
    return err ? err : check_amend(r, out);
}

static enum err append(struct reader *r, struct decision_list *out)
{
    if (out->count == DECISIONS_MAX)
        return fail(r->why, ERR_SCRIPT, "more than %d decisions in one call", DECISIONS_MAX);
    struct decision *decision = &out->items[out->count];
    memset(decision, 0, sizeof *decision);
    enum err err = read_one(r, decision);
    if (!err)
        out->count++;
    return err;
}

/* { buy("x"), action = "sell" }: one of the two would be ignored. */
static enum err check_list(const struct reader *r, int list)
{
    lua_Integer count = 0, len = (lua_Integer)lua_rawlen(r->L, list);

    lua_pushnil(r->L);
    for (; count <= len && lua_next(r->L, list); count++)
        lua_pop(r->L, 1);
    if (count <= len)
        return OK;
    lua_pop(r->L, 1);
    return fail(r->why, ERR_SCRIPT,
                "the list of decisions holds more than its elements 1 to %lld: decisions in a "
                "list are numbered without holes, and members are in the decisions",
                (long long)len);
}

static enum err read_list(struct reader *r, struct decision_list *out)
{
    int list = r->table;
    enum err err = OK;

    for (lua_Integer i = 1; !err && i <= (lua_Integer)lua_rawlen(r->L, list); i++) {
        if (lua_rawgeti(r->L, list, i) != LUA_TTABLE)
            err = fail(r->why, ERR_SCRIPT, "element %lld of the list is a %s, not a decision",
                       (long long)i, lua_typename(r->L, lua_type(r->L, -1)));
        r->table = lua_gettop(r->L);
        if (!err) {
            note_members(r);
            err = append(r, out);
        }
        lua_pop(r->L, 1);
    }
    return err ? err : check_list(r, list);
}

/* A decision by inheritance would look the same as nothing to do. */
static enum err check_empty(const struct reader *r)
{
    if (!lua_getmetatable(r->L, r->table))
        return OK;
    lua_pop(r->L, 1);
    return fail(r->why, ERR_SCRIPT,
                "returned an empty table with a metatable; what a decision says must be in the "
                "table itself");
}

enum err decision_read(lua_State *L, int index, const struct decision_keys *keys,
                       const struct decision_scope *scope, struct decision_list *out,
                       struct fault *why)
{
    if (lua_isnil(L, index))
        return OK;
    struct reader reader = {
        .L = L, .table = lua_absindex(L, index), .keys = keys, .scope = scope, .why = why};
    if (!lua_istable(L, index))
        return fail(why, ERR_SCRIPT,
                    "returned a %s; expected nil or a decision: buy(...), sell(...), ...",
                    lua_typename(L, lua_type(L, index)));
    if (lua_rawlen(L, reader.table) > 0)
        return read_list(&reader, out);
    note_members(&reader);
    if (!reader.given && !reader.has_stranger)
        return check_empty(&reader); /* an empty list: a script that found nothing to do */
    return append(&reader, out);
}
