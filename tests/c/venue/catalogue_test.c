#include "venue/catalogue.h"

#include <string.h>

#include "check.h"

TEST(every_product_of_the_catalogue_is_valid_and_can_be_traded_together)
{
    struct product_table table;
    struct product product;
    struct market_shape shape;
    struct fault why;
    product_ref ref;

    product_table_init(&table);
    assert_int_equal(catalogue_count(), 11);
    for (int i = 0; i < catalogue_count(); i++) {
        assert_true(catalogue_find(catalogue_symbol(i), &product, &shape));
        if (product_table_add(&table, &product, &ref, &why) != OK)
            fail_msg("%s", why.text);
        assert_true(decimal_is_positive(shape.price));
        assert_true(decimal_is_multiple(shape.size, product.base_increment));
        assert_true(shape.volatility_bps > 0 && shape.trades_per_minute > 0);
    }
}

TEST(the_rules_of_bitcoin_are_the_venues)
{
    struct product product;
    char text[DECIMAL_TEXT_MAX];

    assert_true(catalogue_find("BTC-USD", &product, NULL));
    assert_string_equal(decimal_format(product.base_increment, text), "0.00000001");
    assert_string_equal(decimal_format(product.price_increment, text), "0.01");
    assert_string_equal(decimal_format(product.base_max_size, text), "3400");
    assert_string_equal(decimal_format(product.quote_min_size, text), "1");
    assert_false(product.can_short);
}

TEST(the_future_may_be_short_and_follows_its_underlying)
{
    struct product product;
    struct market_shape shape;

    assert_true(catalogue_find("BIP-20DEC30-CDE", &product, &shape));
    assert_int_equal(product.type, PRODUCT_FUTURE);
    assert_true(product.can_short);
    assert_string_equal(shape.path, "BTC-USD");
}

TEST(a_symbol_that_is_not_there_is_not_found)
{
    struct product product;

    assert_false(catalogue_find("NOPE-USD", &product, NULL));
}
