/* Of what order an exit makes its way out: the kind and the price, for whatever the product
 * takes. */
#include "engine/exit_terms.h"

#include "model/model_sample.h"

static struct exit_settings by_default(void)
{
    return (struct exit_settings){.limit_share = dec("0.005"),
                                  .limit_step_share = dec("0.005"),
                                  .limit_max_share = dec("0.05")};
}

static struct fact_exit leaving(enum side side, uint64_t tries)
{
    return (struct fact_exit){
        .side = side, .state = EXIT_TRIGGERED, .size = D(2), .tries = tries};
}

/* "limit ioc 2 at 99.5", or "none". */
static const char *terms(const struct exit_settings *settings, const struct product *product,
                         const struct fact_exit *exit, const char *touch, const char *mark)
{
    static char text[128];
    char size[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];
    struct order_request request;
    struct fault why;

    if (!exit_terms_make(settings, product, exit, dec(touch), dec(mark), &request))
        return "none";
    assert_true(request.reduce_only && request.side == exit->side);
    memcpy(request.client_id.text, "x-1", 4);
    assert_int_equal(order_request_validate(&request, &why), OK);
    snprintf(text, sizeof text, "%s %s %s at %s", order_type_name(request.type),
             time_in_force_name(request.tif), decimal_format(request.size, size),
             decimal_format(request.limit_price, price));
    return text;
}

TEST(a_product_that_trades_is_left_at_the_market)
{
    struct product product = sample_spot("BTC", "USD");
    struct exit_settings settings = by_default();
    struct fact_exit exit = leaving(SIDE_SELL, 0);

    assert_string_equal(terms(&settings, &product, &exit, "100", "100"), "market ioc 2 at 0");
    assert_string_equal(terms(&settings, &product, &exit, "0", "0"), "market ioc 2 at 0");
    settings.order = EXIT_BY_LIMIT;
    assert_string_equal(terms(&settings, &product, &exit, "100", "100"), "limit ioc 2 at 99.5");
    assert_string_equal(terms(&settings, &product, &exit, "0", "0"), "none");
}

TEST(where_only_limits_are_taken_it_is_one_that_trades_at_once)
{
    struct product product = sample_spot("BTC", "USD");
    struct exit_settings settings = by_default();
    struct fact_exit sell = leaving(SIDE_SELL, 0), buy = leaving(SIDE_BUY, 0);

    product.limit_only = true;
    assert_string_equal(terms(&settings, &product, &sell, "100", "100"), "limit ioc 2 at 99.5");
    assert_string_equal(terms(&settings, &product, &buy, "100", "100"), "limit ioc 2 at 100.5");
    /* Towards trading: 99.5551 is 99.55 for who sells, 100.5561 is 100.56 for who buys. */
    assert_string_equal(terms(&settings, &product, &sell, "100.0554", "100"),
                        "limit ioc 2 at 99.55");
    assert_string_equal(terms(&settings, &product, &buy, "100.0558", "100"),
                        "limit ioc 2 at 100.56");
}

TEST(in_an_auction_it_rests)
{
    struct product product = sample_spot("BTC", "USD");
    struct exit_settings settings = by_default();
    struct fact_exit exit = leaving(SIDE_SELL, 0);

    product.auction_mode = true;
    assert_string_equal(terms(&settings, &product, &exit, "100", "100"), "limit gtc 2 at 99.5");
    assert_false(exit_terms_trade_again(&product));
    product.auction_mode = false;
    assert_true(exit_terms_trade_again(&product));
    product.cancel_only = true;
    assert_false(exit_terms_trade_again(&product));
}

TEST(each_order_that_nobody_took_makes_the_next_one_cheaper_up_to_the_most)
{
    static const char *const prices[] = {"99.5", "99", "98.5", "98", "97.5", "97",
                                         "96.5", "96", "95.5", "95", "95"};
    struct product product = sample_spot("BTC", "USD");
    struct exit_settings settings = by_default();
    char expected[64];

    product.limit_only = true;
    for (uint64_t tries = 0; tries < ARRAY_LEN(prices); tries++) {
        struct fact_exit exit = leaving(SIDE_SELL, tries);
        snprintf(expected, sizeof expected, "limit ioc 2 at %s", prices[tries]);
        assert_string_equal(terms(&settings, &product, &exit, "100", "100"), expected);
    }
    struct fact_exit tired = leaving(SIDE_SELL, UINT64_MAX);
    assert_string_equal(terms(&settings, &product, &tired, "100", "100"), "limit ioc 2 at 95");
}

TEST(the_band_of_the_product_is_kept_and_rounded_into)
{
    struct product product = sample_spot("BTC", "USD");
    struct exit_settings settings = by_default();
    struct fact_exit sell = leaving(SIDE_SELL, 9), buy = leaving(SIDE_BUY, 9);
    struct order_request request;

    product.limit_only = true;
    product.price_band = dec("0.0201234");
    assert_string_equal(terms(&settings, &product, &sell, "100", "100"),
                        "limit ioc 2 at 97.99");
    assert_string_equal(terms(&settings, &product, &buy, "100", "100"),
                        "limit ioc 2 at 102.01");
    assert_true(exit_terms_make(&settings, &product, &sell, D(100), D(100), &request));
    assert_int_equal(product_check(&product, &request, D(100)), PRODUCT_RULE_NONE);
    request.limit_price = decimal_sub(request.limit_price, product.price_increment);
    assert_int_equal(product_check(&product, &request, D(100)), PRODUCT_RULE_PRICE_BAND);
}

TEST(a_price_stays_a_price)
{
    struct product product = sample_spot("BTC", "USD");
    struct exit_settings settings = by_default();
    struct fact_exit exit = leaving(SIDE_SELL, 0);

    product.limit_only = true;
    assert_string_equal(terms(&settings, &product, &exit, "0.01", "0.01"),
                        "limit ioc 2 at 0.01");
}

TEST(no_more_leaves_at_once_than_the_product_takes)
{
    struct product product = sample_spot("BTC", "USD");
    struct exit_settings settings = by_default();
    struct fact_exit exit = leaving(SIDE_SELL, 0);

    product.base_max_size = dec("1.5");
    assert_string_equal(terms(&settings, &product, &exit, "100", "100"), "market ioc 1.5 at 0");
}
