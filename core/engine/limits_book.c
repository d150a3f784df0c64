/* Rows about the live book: spread, slippage, impact. */
#include <stdio.h>

#include "engine/limits_private.h"

/* (a - b) / b in basis points, rounded up. */
static decimal distance_bps(decimal a, decimal b)
{
    decimal bps;

    if (!decimal_is_positive(b) ||
        !decimal_try_mul_div(decimal_abs(decimal_sub(a, b)), D(10000), b, ROUND_UP, &bps))
        return UNLIMITED;
    return bps;
}

static bool takes_liquidity(const struct order_request *request)
{
    return request->type == ORDER_MARKET || request->type == ORDER_STOP;
}

static bool bps_hold(decimal bps, decimal limit, const char *what,
                     char detail[LIMIT_DETAIL_MAX])
{
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];

    if (decimal_compare(bps, limit) <= 0)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "%s of %s bps, limit is %s", what,
             decimal_format(bps, is), decimal_format(limit, max));
    return false;
}

/* Without a quote nothing is known and the rule holds; one with an empty side does not hold. */
bool holds_spread(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    const struct quote *quote = &check->view->market->quote;
    decimal limit = limits_of(check)->max_spread_bps;
    bool has_bid = decimal_is_positive(quote->bid), has_ask = decimal_is_positive(quote->ask);

    if (decimal_is_zero(limit) || (!has_bid && !has_ask))
        return true;
    if (has_bid && has_ask)
        return bps_hold(distance_bps(quote->ask, quote->bid), limit, "spread", detail);
    snprintf(detail, LIMIT_DETAIL_MAX, "nobody %s, so that there is no spread",
             has_bid ? "sells" : "buys");
    return false;
}

static struct book_sweep sweep_of(const struct limit_check *check)
{
    return order_book_sweep(check->view->market->book, check->request->side,
                            check->request->size);
}

static bool is_too_thin(const struct limit_check *check, const struct book_sweep *sweep,
                        char detail[LIMIT_DETAIL_MAX])
{
    if (decimal_compare(sweep->size, check->request->size) >= 0)
        return false;
    snprintf(detail, LIMIT_DETAIL_MAX, "the book is too thin to fill the order");
    return true;
}

/* Expected price of a taking order against the touch. Without a book nothing is known and the
 * rule holds; a book too thin for the order does not hold. */
bool holds_slippage(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    decimal limit = limits_of(check)->max_slippage_bps;

    if (decimal_is_zero(limit) || !takes_liquidity(check->request) ||
        !check->view->market->book)
        return true;
    struct book_sweep sweep = sweep_of(check);
    if (is_too_thin(check, &sweep, detail))
        return false;
    decimal average = decimal_div(sweep.value, sweep.size, ROUND_HALF_EVEN);
    return bps_hold(
        distance_bps(average, market_touch(check->view->market, check->request->side)), limit,
        "expected slippage", detail);
}

bool holds_impact(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    decimal limit = limits_of(check)->max_impact_bps;

    if (decimal_is_zero(limit) || !takes_liquidity(check->request) ||
        !check->view->market->book)
        return true;
    struct book_sweep sweep = sweep_of(check);
    if (is_too_thin(check, &sweep, detail))
        return false;
    return bps_hold(distance_bps(sweep.worst_price,
                                 market_touch(check->view->market, check->request->side)),
                    limit, "price impact", detail);
}
