#include "venue/preview_answer.h"

#include <stdio.h>
#include <string.h>

/* Worse than the best price by more than this share: the venue warns. Its own threshold is not
 * known. */
static decimal big_slippage(void)
{
    return decimal_div(D(1), D(100), ROUND_DOWN);
}

static decimal value_of(const struct product *product, decimal size, decimal price)
{
    decimal value;

    return product_value(product, size, price, &value) ? value : DECIMAL_ZERO;
}

/* Per unit, not per contract. */
static decimal average_of(const struct product *product, const struct preview_fills *fills)
{
    decimal units = decimal_mul(fills->taken, product->contract_size, ROUND_HALF_EVEN), price;

    if (!decimal_try_div(fills->taken_value, units, ROUND_HALF_EVEN, &price))
        return fills->rest_price;
    return price;
}

static decimal slippage_of(const struct order_request *request,
                           const struct preview_fills *fills, const struct preview *preview)
{
    decimal best = request->side == SIDE_BUY ? preview->best_ask : preview->best_bid, share;
    decimal off = decimal_abs(decimal_sub(preview->average_price, best));

    if (!decimal_is_positive(fills->taken) ||
        !decimal_try_div(off, best, ROUND_HALF_EVEN, &share))
        return DECIMAL_ZERO;
    return share;
}

static decimal total_of(const struct product *product, const struct order_request *request,
                        const struct preview *preview)
{
    if (product->type == PRODUCT_FUTURE)
        return decimal_add(preview->margin, preview->commission);
    return request->side == SIDE_BUY ? decimal_add(preview->value, preview->commission)
                                     : decimal_sub(preview->value, preview->commission);
}

void preview_answer_fill(const struct product *product, const struct order_request *request,
                         const struct fee_schedule *fees, const struct preview_fills *fills,
                         struct preview *out)
{
    decimal rest_value = value_of(product, fills->rest, fills->rest_price);
    enum liquidity later = fills->rest_takes ? LIQUIDITY_TAKER : LIQUIDITY_MAKER;

    out->size = request->size;
    out->value = decimal_add(fills->taken_value, rest_value);
    out->commission = decimal_add(fee_of(fees, fills->taken_value, LIQUIDITY_TAKER),
                                  fee_of(fees, rest_value, later));
    out->margin = product->type == PRODUCT_FUTURE
                      ? decimal_mul(out->value, product->initial_margin, ROUND_UP)
                      : DECIMAL_ZERO;
    out->total = total_of(product, request, out);
    out->average_price = average_of(product, fills);
    out->slippage = slippage_of(request, fills, out);
    decimal filled = decimal_add(fills->taken, fills->rest);
    bool is_big = decimal_is_less(big_slippage(), out->slippage) ||
                  decimal_is_less(filled, request->size);
    strcpy(out->warning, is_big ? "BIG_ORDER" : "");
}

static const struct {
    const char *create, *preview;
} reasons[] = {
    {"CANNOT_CLOSE_ZERO_POSITION", "PREVIEW_REDUCE_ONLY_INCREASED_POSITION_SIZE"},
    {"END_TIME_IS_IN_THE_PAST", "PREVIEW_END_TIME_IS_IN_THE_PAST"},
    {"GTD_ORDERS_MUST_HAVE_END_TIME", "PREVIEW_GTD_ORDERS_MUST_HAVE_END_TIME"},
    {"INSUFFICIENT_FUND", "PREVIEW_INSUFFICIENT_FUND"},
    {"INVALID_LIMIT_PRICE", "PREVIEW_INVALID_LIMIT_PRICE"},
    {"INVALID_LIMIT_PRICE_POST_ONLY", "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY"},
    {"INVALID_NO_LIQUIDITY", "PREVIEW_INVALID_NO_LIQUIDITY"},
    {"INVALID_PRICE_PRECISION", "PREVIEW_INVALID_PRICE_PRECISION"},
    {"INVALID_SIZE_PRECISION", "PREVIEW_INVALID_SIZE_PRECISION"},
    {"LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY",
     "PREVIEW_LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY"},
    {"LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL",
     "PREVIEW_LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL"},
    {"LIMIT_PRICE_TOO_FAR_FROM_MARKET", "PREVIEW_LIMIT_PRICE_TOO_FAR_FROM_MARKET"},
    {"ORDER_ENTRY_DISABLED", "PREVIEW_NOT_ALLOWED_BY_MARKET_STATE"},
    {"POST_ONLY_NOT_ALLOWED_WITH_FOK", "PREVIEW_POST_ONLY_NOT_ALLOWED_WITH_FOK"},
    {"REDUCE_ONLY_INCREASED_POSITION_SIZE", "PREVIEW_REDUCE_ONLY_INCREASED_POSITION_SIZE"},
    {"TRADING_DISABLED", "PREVIEW_TRADING_DISABLED"},
    {"UNSUPPORTED_ORDER_CONFIGURATION", "PREVIEW_INVALID_ORDER_CONFIG"},
    {"UNTRADABLE_PRODUCT", "PREVIEW_UNTRADABLE_PRODUCT"},
};

const char *preview_answer_reason(const struct product *product, const struct rejection *why)
{
    if (product->type == PRODUCT_FUTURE && strcmp(why->reason, rejection_funds.reason) == 0)
        return "PREVIEW_INSUFFICIENT_FUNDS_FOR_FUTURES";
    for (size_t i = 0; i < ARRAY_LEN(reasons); i++)
        if (strcmp(reasons[i].create, why->reason) == 0)
            return reasons[i].preview;
    return why->reason; /* a preview reason already: admission.c */
}
