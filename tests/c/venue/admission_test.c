#include "venue/admission.h"

#include "venue_check.h"

static const nanos now = SECONDS(1700006400);

/* The reason of the refusal, "" when the order is taken. */
static const char *check_at(struct product product, struct order_request request,
                            const char *last)
{
    struct rejection why;

    return admission_check(&product, &request, dec(last), now, &why) ? "" : why.reason;
}

static const char *check(struct order_request request)
{
    return check_at(spot_product(), request, "100");
}

static struct order_request with_tif(struct order_request request, enum time_in_force tif)
{
    request.tif = tif;
    return request;
}

static struct order_request post_only(struct order_request request)
{
    request.post_only = true;
    return request;
}

static struct order_request stop_limit(enum side side, const char *stop, const char *limit)
{
    struct order_request request = stop_order("a", side, "1", stop);

    request.type = ORDER_STOP_LIMIT;
    request.limit_price = dec(limit);
    return request;
}

TEST(ordinary_orders_of_every_type_are_taken)
{
    assert_string_equal("", check(market_order("a", SIDE_BUY, "1")));
    assert_string_equal("", check(limit_order("a", SIDE_SELL, "1", "100.01")));
    assert_string_equal("", check(stop_order("a", SIDE_SELL, "1", "99")));
    assert_string_equal("", check(stop_limit(SIDE_BUY, "101", "102")));
    assert_string_equal("", check(post_only(limit_order("a", SIDE_BUY, "1", "90"))));
    assert_string_equal("", check(with_tif(limit_order("a", SIDE_BUY, "1", "90"), TIF_FOK)));
    assert_string_equal("", check_at(spot_product(), market_order("a", SIDE_BUY, "1"), "0"));
}

TEST(combinations_that_the_venue_does_not_know_are_refused)
{
    struct order_request limit = limit_order("a", SIDE_BUY, "1", "90");

    assert_string_equal("UNSUPPORTED_ORDER_CONFIGURATION",
                        check(with_tif(market_order("a", SIDE_BUY, "1"), TIF_FOK)));
    assert_string_equal("",
                        check_at(future_product(),
                                 with_tif(market_order("a", SIDE_BUY, "1"), TIF_FOK), "60000"));
    assert_string_equal("UNSUPPORTED_ORDER_CONFIGURATION",
                        check(with_tif(stop_limit(SIDE_BUY, "101", "102"), TIF_IOC)));
    assert_string_equal("UNSUPPORTED_ORDER_CONFIGURATION",
                        check(post_only(with_tif(limit, TIF_IOC))));
    assert_string_equal("UNSUPPORTED_ORDER_CONFIGURATION",
                        check(post_only(market_order("a", SIDE_BUY, "1"))));
    assert_string_equal("POST_ONLY_NOT_ALLOWED_WITH_FOK",
                        check(post_only(with_tif(limit, TIF_FOK))));
}

TEST(a_date_is_needed_and_lies_ahead)
{
    struct order_request dated = with_tif(limit_order("a", SIDE_BUY, "1", "90"), TIF_GTD);

    assert_string_equal("GTD_ORDERS_MUST_HAVE_END_TIME", check(dated));
    dated.expires = now;
    assert_string_equal("END_TIME_IS_IN_THE_PAST", check(dated));
    dated.expires = now + 1;
    assert_string_equal("", check(dated));
}

TEST(the_state_of_the_product_decides_first)
{
    struct order_request market = market_order("a", SIDE_BUY, "1");
    struct order_request limit = limit_order("a", SIDE_BUY, "1", "90");
    struct product product = spot_product();

    product.trading_disabled = true;
    assert_string_equal("TRADING_DISABLED", check_at(product, limit, "100"));
    product = spot_product();
    product.view_only = true;
    assert_string_equal("UNTRADABLE_PRODUCT", check_at(product, limit, "100"));
    product = spot_product();
    product.cancel_only = true;
    assert_string_equal("ORDER_ENTRY_DISABLED", check_at(product, limit, "100"));
    product = spot_product();
    product.limit_only = true;
    assert_string_equal("PREVIEW_NOT_ALLOWED_BY_MARKET_STATE",
                        check_at(product, market, "100"));
    assert_string_equal("", check_at(product, limit, "100"));
    product = spot_product();
    product.post_only = true;
    assert_string_equal("PREVIEW_NOT_ALLOWED_BY_MARKET_STATE", check_at(product, limit, "100"));
    assert_string_equal("", check_at(product, post_only(limit), "100"));
}

TEST(precision_and_bounds_have_their_reasons)
{
    assert_string_equal("INVALID_SIZE_PRECISION", check(market_order("a", SIDE_BUY, "1.0001")));
    assert_string_equal("PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
                        check(market_order("a", SIDE_BUY, "0")));
    assert_string_equal("PREVIEW_INVALID_BASE_SIZE_TOO_LARGE",
                        check(market_order("a", SIDE_BUY, "1001")));
    assert_string_equal("PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL",
                        check(market_order("a", SIDE_BUY, "0.009")));
    assert_string_equal("PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE",
                        check(limit_order("a", SIDE_BUY, "1000", "10001")));
    assert_string_equal("INVALID_LIMIT_PRICE", check(limit_order("a", SIDE_BUY, "1", "0")));
    assert_string_equal("INVALID_PRICE_PRECISION",
                        check(limit_order("a", SIDE_BUY, "1", "90.001")));
}

TEST(a_limit_beyond_the_band_is_refused_in_the_words_of_its_market)
{
    struct product spot = spot_product(), future = future_product();

    spot.price_band = future.price_band = dec("0.1");
    assert_string_equal("LIMIT_PRICE_TOO_FAR_FROM_MARKET",
                        check_at(spot, limit_order("a", SIDE_BUY, "1", "89"), "100"));
    assert_string_equal("", check_at(spot, limit_order("a", SIDE_BUY, "1", "90"), "100"));
    assert_string_equal("LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY",
                        check_at(future, limit_order("a", SIDE_BUY, "1", "50000"), "60000"));
    assert_string_equal("LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL",
                        check_at(future, limit_order("a", SIDE_SELL, "1", "67000"), "60000"));
}

TEST(stops_wait_on_their_side_of_the_market_and_of_their_limit)
{
    assert_string_equal("PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE",
                        check(stop_order("a", SIDE_BUY, "1", "99.99")));
    assert_string_equal("PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE",
                        check(stop_order("a", SIDE_SELL, "1", "100.01")));
    assert_string_equal("PREVIEW_STOP_PRICE_ABOVE_LIMIT_PRICE",
                        check(stop_limit(SIDE_BUY, "102", "101")));
    assert_string_equal("PREVIEW_STOP_PRICE_BELOW_LIMIT_PRICE",
                        check(stop_limit(SIDE_SELL, "98", "99")));
    assert_string_equal("",
                        check_at(spot_product(), stop_order("a", SIDE_SELL, "1", "500"), "0"));
}

static const char *edit(struct order_request request, const char *filled, const char *size,
                        const char *price)
{
    struct product product = spot_product();
    struct rejection why;

    return admission_check_edit(&product, &request, dec(filled), dec(size), dec(price), D(100),
                                &why)
               ? ""
               : why.reason;
}

TEST(edits_keep_to_the_rules_of_the_product_and_to_what_is_filled)
{
    struct order_request order = limit_order("a", SIDE_BUY, "5", "90");

    assert_string_equal("", edit(order, "1", "4", "90"));
    assert_string_equal("", edit(order, "1", "5", "91"));
    assert_string_equal("EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST", edit(order, "1", "5", "90"));
    assert_string_equal("CANNOT_EDIT_TO_BELOW_FILLED_SIZE", edit(order, "1", "1", "90"));
    assert_string_equal("INVALID_PRICE_PRECISION", edit(order, "1", "5", "90.001"));
    assert_string_equal("ONLY_LIMIT_ORDER_EDITS_SUPPORTED",
                        edit(with_tif(order, TIF_GTD), "1", "5", "91"));
    assert_string_equal("ONLY_LIMIT_ORDER_EDITS_SUPPORTED",
                        edit(stop_order("a", SIDE_SELL, "5", "90"), "0", "4", "0"));
}
