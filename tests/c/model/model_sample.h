/* Products, numbers and orders that the tests of the model share. */
#ifndef TESTS_MODEL_SAMPLE_H
#define TESTS_MODEL_SAMPLE_H

#include <stdio.h>
#include <string.h>

#include "check.h"

#include "base/decimal.h"
#include "model/order.h"
#include "model/product.h"

static inline decimal dec(const char *text)
{
    decimal out;
    struct fault why;

    if (decimal_parse(text, strlen(text), &out, &why))
        fail_msg("%s", why.text);
    return out;
}

#define assert_decimal(value, expected)                                                        \
    assert_string_equal(decimal_format((value), (char[DECIMAL_TEXT_MAX]){0}), expected)

#define assert_decimal_equal(a, b)                                                             \
    assert_string_equal(decimal_format((a), (char[DECIMAL_TEXT_MAX]){0}),                      \
                        decimal_format((b), (char[DECIMAL_TEXT_MAX]){0}))

static inline struct product sample_spot(const char *base, const char *quote)
{
    struct product product = {
        .type = PRODUCT_SPOT,
        .base_increment = dec("0.00000001"),
        .quote_increment = dec("0.01"),
        .price_increment = dec("0.01"),
        .base_min_size = dec("0.0001"),
        .base_max_size = D(3400),
        .quote_min_size = D(1),
        .quote_max_size = D(150000000),
        .contract_size = D(1),
        .initial_margin = D(1),
        .maintenance_margin = D(1),
    };
    snprintf(product.base, sizeof product.base, "%s", base);
    snprintf(product.quote, sizeof product.quote, "%s", quote);
    snprintf(product.symbol, sizeof product.symbol, "%s-%s", base, quote);
    return product;
}

/* The venue's perpetual-style contract: whole contracts of 0.01 BTC. */
static inline struct product sample_future(void)
{
    return (struct product){
        .symbol = "BIP-20DEC30-CDE",
        .quote = "USD",
        .type = PRODUCT_FUTURE,
        .base_increment = D(1),
        .quote_increment = dec("0.01"),
        .price_increment = D(5),
        .base_min_size = D(1),
        .base_max_size = D(5000),
        .quote_max_size = D(100000000),
        .contract_size = dec("0.01"),
        .initial_margin = dec("0.1"),
        .maintenance_margin = dec("0.05"),
        .can_short = true,
    };
}

static inline struct order_request sample_limit(enum side side, const char *size,
                                                const char *price)
{
    return (struct order_request){
        .client_id = {"pg-test-1"},
        .side = side,
        .type = ORDER_LIMIT,
        .size = dec(size),
        .limit_price = dec(price),
    };
}

static inline struct order_request sample_market(enum side side, const char *size)
{
    return (struct order_request){
        .client_id = {"pg-test-1"},
        .side = side,
        .type = ORDER_MARKET,
        .tif = TIF_IOC,
        .size = dec(size),
    };
}

#endif
