/* The checks run in the order of the venue's (protocol.md 12.2): configuration,
 * then the rules of the product, then what depends on the market. Where the
 * venue has a reason only among its preview reasons, that one is given: clients
 * see it in the same place. */
#include "venue/admission.h"

#include <assert.h>
#include <stddef.h>

const struct rejection rejection_funds = {"INSUFFICIENT_FUND",
                                          "Insufficient balance in source account"};
const struct rejection rejection_post_only = {"INVALID_LIMIT_PRICE_POST_ONLY",
                                              "Post only order would take liquidity"};
const struct rejection rejection_duplicate = {"DUPLICATE_CLIENT_ORDER_ID",
                                              "An order with this client order id exists"};
const struct rejection rejection_no_liquidity = {"INVALID_NO_LIQUIDITY",
                                                 "Nothing to trade with in the book"};
const struct rejection rejection_reduce_flat = {"CANNOT_CLOSE_ZERO_POSITION",
                                                "There is no position to reduce"};
const struct rejection rejection_reduce_size = {"REDUCE_ONLY_INCREASED_POSITION_SIZE",
                                                "The order is larger than the position"};

static bool refuse(struct rejection *why, const char *reason, const char *text)
{
    *why = (struct rejection){reason, text};
    return false;
}

static bool is_limit(const struct order_request *request)
{
    return request->type == ORDER_LIMIT || request->type == ORDER_STOP_LIMIT;
}

static bool check_post_only(const struct order_request *r, struct rejection *why)
{
    if (!r->post_only)
        return true;
    if (r->tif == TIF_FOK)
        return refuse(why, "POST_ONLY_NOT_ALLOWED_WITH_FOK",
                      "A fill-or-kill order cannot be post only");
    if (r->type != ORDER_LIMIT || r->tif == TIF_IOC)
        return refuse(why, "UNSUPPORTED_ORDER_CONFIGURATION",
                      "Only limit orders that rest can be post only");
    return true;
}

static bool check_time(const struct order_request *r, nanos now, struct rejection *why)
{
    if (r->tif != TIF_GTD)
        return true;
    if (r->expires <= 0)
        return refuse(why, "GTD_ORDERS_MUST_HAVE_END_TIME",
                      "An order that is good till a date needs the date");
    if (r->expires <= now)
        return refuse(why, "END_TIME_IS_IN_THE_PAST", "The end time is in the past");
    return true;
}

static bool check_configuration(const struct product *product, const struct order_request *r,
                                nanos now, struct rejection *why)
{
    if (r->type == ORDER_MARKET && r->tif == TIF_FOK && product->type == PRODUCT_SPOT)
        return refuse(why, "UNSUPPORTED_ORDER_CONFIGURATION",
                      "Market orders on spot cannot be fill or kill");
    if (r->type == ORDER_STOP_LIMIT && (r->tif == TIF_IOC || r->tif == TIF_FOK))
        return refuse(why, "UNSUPPORTED_ORDER_CONFIGURATION",
                      "Stop-limit orders are good till cancelled or till a date");
    return check_post_only(r, why) && check_time(r, now, why);
}

static const struct rejection *disabled(const struct product *product)
{
    static const struct rejection off = {"TRADING_DISABLED",
                                         "Trading of this product is disabled"},
                                  view = {"UNTRADABLE_PRODUCT",
                                          "This product can only be viewed"},
                                  entry = {"ORDER_ENTRY_DISABLED",
                                           "Only cancels are taken for this product now"};

    if (product->trading_disabled)
        return &off;
    return product->view_only ? &view : &entry;
}

/* The band is the exchange's own on futures, a protection of the trader on spot. */
static const struct rejection *beyond_band(const struct product *product, enum side side)
{
    static const struct rejection spot = {"LIMIT_PRICE_TOO_FAR_FROM_MARKET",
                                          "The limit is too far from the market"},
                                  buy = {"LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY",
                                         "The limit is beyond the band"},
                                  sell = {"LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL",
                                          "The limit is beyond the band"};

    if (product->type == PRODUCT_SPOT)
        return &spot;
    return side == SIDE_BUY ? &buy : &sell;
}

static const struct rejection by_rule[] = {
    [PRODUCT_RULE_LIMIT_ONLY] = {"PREVIEW_NOT_ALLOWED_BY_MARKET_STATE",
                                 "Only limit orders are taken for this product now"},
    [PRODUCT_RULE_POST_ONLY] = {"PREVIEW_NOT_ALLOWED_BY_MARKET_STATE",
                                "Only post-only orders are taken for this product now"},
    [PRODUCT_RULE_SIZE_STEP] = {"INVALID_SIZE_PRECISION", "Too many decimals in order amount"},
    [PRODUCT_RULE_SIZE_MIN] = {"PREVIEW_INVALID_BASE_SIZE_TOO_SMALL", ""},
    [PRODUCT_RULE_SIZE_MAX] = {"PREVIEW_INVALID_BASE_SIZE_TOO_LARGE", ""},
    [PRODUCT_RULE_PRICE] = {"INVALID_LIMIT_PRICE", "The price is missing or not positive"},
    [PRODUCT_RULE_PRICE_STEP] = {"INVALID_PRICE_PRECISION", "Too many decimals in order price"},
    [PRODUCT_RULE_VALUE_MIN] = {"PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL", ""},
    [PRODUCT_RULE_VALUE_MAX] = {"PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE", ""},
};
static_assert(ARRAY_LEN(by_rule) == PRODUCT_RULE_COUNT, "every rule has a reason");

static bool check_rules(const struct product *product, const struct order_request *request,
                        decimal last, struct rejection *why)
{
    enum product_rule rule = product_check(product, request, last);

    if (rule == PRODUCT_RULE_NONE)
        return true;
    if (rule == PRODUCT_RULE_DISABLED)
        *why = *disabled(product);
    else if (rule == PRODUCT_RULE_PRICE_BAND)
        *why = *beyond_band(product, request->side);
    else
        *why = by_rule[rule];
    return false;
}

static bool check_stop_limit(const struct order_request *r, struct rejection *why)
{
    if (r->type != ORDER_STOP_LIMIT)
        return true;
    if (r->side == SIDE_BUY && decimal_is_less(r->limit_price, r->stop_price))
        return refuse(why, "PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE",
                      "A stop to buy must not be above its limit");
    if (r->side == SIDE_SELL && decimal_is_less(r->stop_price, r->limit_price))
        return refuse(why, "PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE",
                      "A stop to sell must not be below its limit");
    return true;
}

/* A stop to buy waits above the market, a stop to sell below it. */
static bool check_stop_side(const struct order_request *r, decimal last, struct rejection *why)
{
    if ((r->type != ORDER_STOP && r->type != ORDER_STOP_LIMIT) || decimal_is_zero(last))
        return true;
    if (r->side == SIDE_BUY && decimal_is_less(r->stop_price, last))
        return refuse(why, "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE",
                      "A stop to buy must not be below the last trade");
    if (r->side == SIDE_SELL && decimal_is_less(last, r->stop_price))
        return refuse(why, "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE",
                      "A stop to sell must not be above the last trade");
    return true;
}

bool admission_check(const struct product *product, const struct order_request *request,
                     decimal last, nanos now, struct rejection *why)
{
    return check_configuration(product, request, now, why) &&
           check_rules(product, request, last, why) && check_stop_limit(request, why) &&
           check_stop_side(request, last, why);
}

bool admission_check_edit(const struct product *product, const struct order_request *request,
                          decimal filled, decimal size, decimal limit_price, decimal last,
                          struct rejection *why)
{
    struct order_request edited = *request;

    if (!is_limit(request) || request->tif != TIF_GTC)
        return refuse(why, "ONLY_LIMIT_ORDER_EDITS_SUPPORTED",
                      "Only limit orders that are good till cancelled can be edited");
    if (decimal_is_equal(size, request->size) &&
        decimal_is_equal(limit_price, request->limit_price))
        return refuse(why, "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST",
                      "The edit changes nothing");
    if (!decimal_is_less(filled, size))
        return refuse(why, "CANNOT_EDIT_TO_BELOW_FILLED_SIZE",
                      "The new size is filled already");
    edited.size = size;
    edited.limit_price = limit_price;
    return check_rules(product, &edited, last, why) && check_stop_limit(&edited, why);
}
