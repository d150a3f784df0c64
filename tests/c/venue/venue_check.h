/* What the tests of venues share: products, requests, and reading the bus. */
#ifndef TESTS_VENUE_CHECK_H
#define TESTS_VENUE_CHECK_H

#include <stdio.h>
#include <string.h>

#include "engine/bus.h"
#include "model/order.h"
#include "model/product.h"

#include "check.h"

/* "12.5" as a decimal. */
static inline decimal dec(const char *text)
{
    decimal out;

    if (decimal_parse(text, strlen(text), &out, NULL) != OK)
        fail_msg("%s is no decimal", text);
    return out;
}

#define assert_decimal(expected, actual)                                                       \
    do {                                                                                       \
        char text_[DECIMAL_TEXT_MAX];                                                          \
        assert_string_equal(expected, decimal_format(actual, text_));                          \
    } while (0)

static inline struct product spot_product(void)
{
    return (struct product){
        .symbol = "BTC-USD",
        .base = "BTC",
        .quote = "USD",
        .type = PRODUCT_SPOT,
        .base_increment = dec("0.001"),
        .quote_increment = dec("0.01"),
        .price_increment = dec("0.01"),
        .base_min_size = dec("0.001"),
        .base_max_size = D(1000),
        .quote_min_size = D(1),
        .quote_max_size = D(10000000),
        .contract_size = D(1),
        .initial_margin = D(1),
        .maintenance_margin = D(1),
    };
}

static inline struct product future_product(void)
{
    struct product product = spot_product();

    strcpy(product.symbol, "BIP-20DEC30-CDE");
    strcpy(product.base, "");
    product.type = PRODUCT_FUTURE;
    product.base_increment = product.base_min_size = D(1);
    product.price_increment = D(5);
    product.quote_min_size = DECIMAL_ZERO;
    product.contract_size = dec("0.01");
    product.initial_margin = dec("0.25");
    product.maintenance_margin = dec("0.2");
    product.can_short = true;
    return product;
}

/* Product 0 is the spot, product 1 the future. */
enum { SPOT, FUTURE };

static inline void add_product(struct product_table *table, struct product product)
{
    struct fault why = {0};
    product_ref ref;

    if (product_table_add(table, &product, &ref, &why) != OK)
        fail_msg("%s", why.text);
}

static inline struct order_request market_order(const char *id, enum side side,
                                                const char *size)
{
    struct order_request request = {
        .side = side, .type = ORDER_MARKET, .tif = TIF_IOC, .size = dec(size)};

    strcpy(request.client_id.text, id);
    return request;
}

static inline struct order_request limit_order(const char *id, enum side side, const char *size,
                                               const char *price)
{
    struct order_request request = market_order(id, side, size);

    request.type = ORDER_LIMIT;
    request.tif = TIF_GTC;
    request.limit_price = dec(price);
    return request;
}

static inline struct order_request stop_order(const char *id, enum side side, const char *size,
                                              const char *stop)
{
    struct order_request request = market_order(id, side, size);

    request.type = ORDER_STOP;
    request.tif = TIF_GTC;
    request.stop_price = dec(stop);
    return request;
}

/* Every report on the bus in words, one after the other: "accepted a; fill a 1 @ 100.5 taker".
 */
static inline const char *describe(const struct event *event, char out[200])
{
    static const char *const kinds[] = {
        [REPORT_ACCEPTED] = "accepted",
        [REPORT_REJECTED] = "rejected",
        [REPORT_FILL] = "fill",
        [REPORT_CANCELED] = "canceled",
        [REPORT_CANCEL_REFUSED] = "cancel refused",
        [REPORT_REPLACED] = "replaced",
        [REPORT_REPLACE_REFUSED] = "replace refused",
        [REPORT_EXPIRED] = "expired",
        [REPORT_WORKING] = "working",
        [REPORT_NOT_FOUND] = "not found",
        [REPORT_LOST] = "lost",
        [REPORT_CANCEL_TAKEN] = "cancel taken",
        [REPORT_WITHDRAWN] = "withdrawn",
    };
    const struct order_report *r = &event->report;
    char size[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];
    int n = snprintf(out, 200, "%s %s", kinds[r->kind], r->client_id.text);

    if (r->has_fill)
        n += snprintf(out + n, 200 - (size_t)n, " %s @ %s %s",
                      decimal_format(r->fill.size, size), decimal_format(r->fill.price, price),
                      r->fill.liquidity == LIQUIDITY_MAKER ? "maker" : "taker");
    if (r->has_totals)
        n += snprintf(out + n, 200 - (size_t)n, " %s for %s",
                      decimal_format(r->total_size, size),
                      decimal_format(r->total_value, price));
    if (r->reason[0])
        snprintf(out + n, 200 - (size_t)n, " %s", r->reason);
    return out;
}

/* Empties the bus. Events that are no reports, answers apart, are passed over. */
static inline const char *reports(struct bus *bus)
{
    static char all[4000];
    char one[200];
    const struct event *event;

    all[0] = '\0';
    while ((event = bus_pop(bus))) {
        if (event->kind == EVENT_ANSWER)
            strcpy(one, event->answer.is_complete ? "answer" : "incomplete answer");
        else if (event->kind == EVENT_REPORT)
            describe(event, one);
        else
            continue;
        if (strlen(all) + strlen(one) + 3 > sizeof all)
            fail_msg("too many reports to print");
        strcat(strcat(all, all[0] ? "; " : ""), one);
    }
    return all;
}

static inline void drain(struct bus *bus)
{
    while (bus_pop(bus))
        ;
}

#endif
