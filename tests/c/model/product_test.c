#include "model/product.h"

#include "base/rng.h"
#include "model_sample.h"

static struct product btc(void)
{
    return sample_spot("BTC", "USD");
}

#define assert_rule(product, request, mark, name)                                              \
    assert_string_equal(product_rule_name(product_check(&(product), &(request), dec(mark))),   \
                        name)

/* Rounding */

TEST(sizes_round_down_and_prices_away_from_the_market)
{
    struct product p = btc();

    assert_decimal(product_round_size(&p, dec("0.123456789")), "0.12345678");
    assert_decimal(product_round_size(&p, dec("0.000000009")), "0");
    assert_decimal(product_round_price(&p, SIDE_BUY, dec("60000.019")), "60000.01");
    assert_decimal(product_round_price(&p, SIDE_SELL, dec("60000.011")), "60000.02");
    assert_decimal(product_round_price(&p, SIDE_SELL, dec("60000.01")), "60000.01");
}

TEST(rounding_never_enlarges_a_size_or_worsens_a_price)
{
    struct rng rng = rng_stream(11, "product");

    for (int i = 0; i < 20000; i++) {
        struct product p = btc();
        decimal size = {(int128)(rng_next(&rng) >> (rng_next(&rng) % 60))};
        decimal price = {(int128)(rng_next(&rng) >> (rng_next(&rng) % 60))};
        p.base_increment = (decimal){(int128)rng_between(&rng, 1, DECIMAL_ONE * 10)};
        p.price_increment = (decimal){(int128)rng_between(&rng, 1, DECIMAL_ONE * 10)};

        decimal down = product_round_size(&p, size);
        decimal buy = product_round_price(&p, SIDE_BUY, price);
        decimal sell = product_round_price(&p, SIDE_SELL, price);

        assert_true(decimal_is_multiple(down, p.base_increment));
        assert_false(decimal_is_less(size, down));
        assert_true(decimal_is_less(decimal_sub(size, down), p.base_increment));
        assert_false(decimal_is_less(price, buy));
        assert_false(decimal_is_less(sell, price));
        assert_true(decimal_is_less(decimal_sub(sell, buy),
                                    decimal_add(p.price_increment, (decimal){1})));
    }
}

/* Value */

TEST(the_value_of_a_future_counts_its_contract_size)
{
    struct product spot = btc(), future = sample_future();
    decimal value;

    assert_true(product_value(&spot, dec("0.5"), dec("60000.01"), &value));
    assert_decimal(value, "30000.005");
    assert_true(product_value(&future, D(3), D(60130), &value));
    assert_decimal(value, "1803.9");
    assert_true(product_value(&future, D(-3), D(60130), &value));
    assert_decimal(value, "-1803.9");
}

TEST(a_value_beyond_all_numbers_is_refused_not_wrapped)
{
    struct product p = btc();
    decimal value = D(7);

    assert_false(product_value(&p, dec("9999999999999"), dec("9999999999999"), &value));
    assert_decimal(value, "7");
}

/* Rules */

TEST(an_ordinary_order_keeps_all_rules)
{
    struct product p = btc();
    struct order_request limit = sample_limit(SIDE_BUY, "0.5", "60000.01");
    struct order_request market = sample_market(SIDE_SELL, "0.5");

    assert_rule(p, limit, "60000", "none");
    assert_rule(p, market, "60000", "none");
}

TEST(a_product_that_is_closed_in_any_way_takes_nothing)
{
    struct order_request request = sample_limit(SIDE_BUY, "0.5", "60000");
    struct product disabled = btc(), view = btc(), cancel = btc();

    disabled.trading_disabled = view.view_only = cancel.cancel_only = true;
    assert_rule(disabled, request, "60000", "disabled");
    assert_rule(view, request, "60000", "disabled");
    assert_rule(cancel, request, "60000", "disabled");
}

TEST(limit_only_and_auctions_stop_market_orders_alone)
{
    struct order_request limit = sample_limit(SIDE_BUY, "0.5", "60000");
    struct order_request market = sample_market(SIDE_BUY, "0.5");
    struct product limit_only = btc(), auction = btc();

    limit_only.limit_only = auction.auction_mode = true;
    assert_rule(limit_only, market, "60000", "limit_only");
    assert_rule(limit_only, limit, "60000", "none");
    assert_rule(auction, market, "60000", "limit_only");
    assert_rule(auction, limit, "60000", "none");
}

TEST(a_post_only_product_takes_post_only_orders_alone)
{
    struct order_request request = sample_limit(SIDE_BUY, "0.5", "60000");
    struct product p = btc();

    p.post_only = true;
    assert_rule(p, request, "60000", "post_only");
    request.post_only = true;
    assert_rule(p, request, "60000", "none");
}

TEST(sizes_keep_step_minimum_and_maximum)
{
    static const struct {
        const char *size, *rule;
    } rows[] = {
        {"0", "size_min"},
        {"-1", "size_min"},
        {"0.00009999", "size_min"},
        {"0.0001", "none"},
        {"3400", "none"},
        {"3400.00000001", "size_max"},
        {"0.000000001", "size_step"},
        {"1.000000001", "size_step"},
    };
    struct product p = btc();

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct order_request request = sample_limit(SIDE_BUY, rows[i].size, "20000");
        assert_rule(p, request, "20000", rows[i].rule);
    }
}

TEST(a_size_of_zero_is_refused_even_where_the_venue_names_no_minimum)
{
    struct order_request request = sample_market(SIDE_BUY, "0");
    struct product p = btc();

    p.base_min_size = p.quote_min_size = DECIMAL_ZERO;
    assert_rule(p, request, "60000", "size_min");
}

TEST(prices_are_positive_and_keep_their_step)
{
    struct product p = btc();
    struct order_request limit = sample_limit(SIDE_BUY, "0.5", "60000.001");
    struct order_request stop = {
        .type = ORDER_STOP_LIMIT,
        .side = SIDE_SELL,
        .size = dec("0.5"),
        .limit_price = dec("59000"),
        .stop_price = dec("59000.005"),
    };

    assert_rule(p, limit, "60000", "price_step");
    assert_rule(p, stop, "60000", "price_step");
    stop.stop_price = DECIMAL_ZERO;
    assert_rule(p, stop, "60000", "price");
    stop.stop_price = dec("59000");
    assert_rule(p, stop, "60000", "none");
    limit.limit_price = D(-1);
    assert_rule(p, limit, "60000", "price");
}

TEST(a_missing_price_is_told_before_a_crooked_one)
{
    struct product p = btc();
    struct order_request stop = {
        .type = ORDER_STOP_LIMIT, .size = dec("0.5"), .limit_price = dec("59000.005")};

    assert_rule(p, stop, "60000", "price");
}

TEST(the_price_band_is_measured_from_the_mark_and_its_edge_is_allowed)
{
    struct product p = btc();
    struct order_request request = sample_limit(SIDE_BUY, "0.5", "66000");

    p.price_band = dec("0.1");
    assert_rule(p, request, "60000", "none");
    request.limit_price = dec("66000.01");
    assert_rule(p, request, "60000", "price_band");
    request.limit_price = dec("54000");
    assert_rule(p, request, "60000", "none");
    request.limit_price = dec("53999.99");
    assert_rule(p, request, "60000", "price_band");
    assert_rule(p, request, "0", "none");
}

TEST(the_price_band_is_for_limit_prices_alone)
{
    struct product p = btc();
    struct order_request market = sample_market(SIDE_BUY, "0.5");
    struct order_request stop = {
        .type = ORDER_STOP, .size = dec("0.5"), .stop_price = D(30000)};

    p.price_band = dec("0.1");
    assert_rule(p, market, "60000", "none");
    assert_rule(p, stop, "60000", "none");
}

TEST(a_protective_stop_far_below_the_market_is_within_the_band)
{
    struct product p = btc();
    struct order_request stop = {
        .type = ORDER_STOP_LIMIT,
        .side = SIDE_SELL,
        .size = dec("0.5"),
        .limit_price = dec("39900"),
        .stop_price = dec("40000"),
    };

    p.price_band = dec("0.1");
    assert_rule(p, stop, "60000", "none");
    stop.limit_price = dec("30000");
    assert_rule(p, stop, "60000", "price_band");
}

TEST(values_keep_minimum_and_maximum)
{
    struct product p = btc();
    struct order_request market = sample_market(SIDE_BUY, "0.0001");
    struct order_request limit = sample_limit(SIDE_BUY, "0.0001", "9999.99");

    assert_rule(p, market, "10000", "none");
    assert_rule(p, market, "9999.99", "value_min");
    assert_rule(p, market, "0", "none");
    assert_rule(p, limit, "60000", "value_min");
    limit = sample_limit(SIDE_BUY, "3000", "50000");
    assert_rule(p, limit, "0", "none");
    limit = sample_limit(SIDE_BUY, "3000", "50000.01");
    assert_rule(p, limit, "0", "value_max");
}

TEST(a_value_beyond_all_numbers_breaks_the_maximum)
{
    struct product p = btc();
    struct order_request limit = sample_limit(SIDE_BUY, "9999999999999", "9999999999999");

    p.base_max_size = dec("9999999999999");
    assert_rule(p, limit, "0", "value_max");
}

TEST(every_rule_has_a_name_of_its_own_and_a_sentence)
{
    for (int i = 0; i < PRODUCT_RULE_COUNT; i++) {
        const char *name = product_rule_name((enum product_rule)i);
        assert_true(strlen(product_rule_text((enum product_rule)i)) > 10);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(name, product_rule_name((enum product_rule)k));
    }
}

/* Validation */

#define assert_invalid(product, word)                                                          \
    do {                                                                                       \
        struct fault why_ = {OK, ""};                                                          \
        assert_string_equal(err_name(product_validate(&(product), &why_)), "range");           \
        if (!strstr(why_.text, (word)))                                                        \
            fail_msg("no \"%s\" in: %s", (word), why_.text);                                   \
    } while (0)

TEST(the_products_of_the_venue_are_valid)
{
    struct product spot = btc(), future = sample_future();

    assert_int_equal(product_validate(&spot, NULL), OK);
    assert_int_equal(product_validate(&future, NULL), OK);
}

TEST(a_product_with_a_crooked_name_is_refused)
{
    struct product p = btc();

    memset(p.symbol, 'X', sizeof p.symbol);
    assert_invalid(p, "symbol");
    strcpy(p.symbol, "BTC USD");
    assert_invalid(p, "symbol");
    p = btc();
    p.base[0] = '\0';
    assert_invalid(p, "base currency");
    p = btc();
    p.quote[0] = '\0';
    assert_invalid(p, "quote currency");
    p = sample_spot("USD", "USD");
    assert_invalid(p, "both USD");
}

TEST(steps_and_margins_must_be_positive)
{
    struct product p = btc();

    p.base_increment = DECIMAL_ZERO;
    assert_invalid(p, "base_increment is 0");
    p = btc();
    p.price_increment = D(-1);
    assert_invalid(p, "price_increment is -1");
    p = sample_future();
    p.maintenance_margin = DECIMAL_ZERO;
    assert_invalid(p, "maintenance_margin");
    p.maintenance_margin = dec("0.2");
    assert_invalid(p, "maintenance margin is above");
}

TEST(a_minimum_above_the_maximum_is_refused)
{
    struct product p = btc();

    p.base_min_size = D(3401);
    assert_invalid(p, "sizes from 3401 to 3400");
    p = btc();
    p.quote_max_size = DECIMAL_ZERO;
    assert_invalid(p, "order values");
    p = btc();
    p.price_band = D(-1);
    assert_invalid(p, "price_band");
}

TEST(spot_has_no_contracts_no_margin_and_no_shorts)
{
    struct product p = btc();

    p.contract_size = dec("0.01");
    assert_invalid(p, "spot");
    p = btc();
    p.initial_margin = dec("0.5");
    assert_invalid(p, "spot");
    p = btc();
    p.can_short = true;
    assert_invalid(p, "spot");
}

/* The table */

TEST(a_table_finds_by_symbol_and_gives_by_reference)
{
    struct product_table table;
    struct product first = btc(), second = sample_future();
    product_ref a, b;

    product_table_init(&table);
    assert_int_equal(product_table_add(&table, &first, &a, NULL), OK);
    assert_int_equal(product_table_add(&table, &second, &b, NULL), OK);
    assert_int_equal(product_table_find(&table, "BTC-USD"), a);
    assert_int_equal(product_table_find(&table, "BIP-20DEC30-CDE"), b);
    assert_int_equal(product_table_find(&table, "btc-usd"), PRODUCT_NONE);
    assert_string_equal(product_table_get(&table, b)->symbol, "BIP-20DEC30-CDE");
}

TEST(a_table_refuses_a_second_product_of_a_name_and_more_than_it_holds)
{
    struct product_table table;
    struct fault why;
    product_ref ref;

    product_table_init(&table);
    for (int i = 0; i < PRODUCTS_MAX; i++) {
        struct product p = btc();
        snprintf(p.symbol, sizeof p.symbol, "C%d-USD", i);
        assert_int_equal(product_table_add(&table, &p, &ref, &why), OK);
    }
    struct product again = sample_spot("C7", "USD"), more = btc();
    assert_string_equal(err_name(product_table_add(&table, &again, &ref, &why)), "exists");
    assert_string_equal(err_name(product_table_add(&table, &more, &ref, &why)), "range");
    assert_int_equal(table.count, PRODUCTS_MAX);
    assert_int_equal(ref, PRODUCTS_MAX - 1);
}
