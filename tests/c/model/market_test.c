#include "model/market.h"

#include "model_sample.h"

enum { PRODUCT = 2 };

static void see_quote(struct market *market, nanos time, const char *bid, const char *ask)
{
    struct event event = {.kind = EVENT_QUOTE, .product = PRODUCT, .time = time};

    event.quote = (struct quote){.bid = dec(bid), .ask = dec(ask)};
    market_apply(market, &event);
}

static void see_trade(struct market *market, nanos time, const char *price)
{
    struct event event = {.kind = EVENT_TRADE, .product = PRODUCT, .time = time};

    event.trade = (struct trade){.price = dec(price), .size = D(1)};
    market_apply(market, &event);
}

static void see_bar(struct market *market, nanos time, const char *close)
{
    struct event event = {.kind = EVENT_BAR, .product = PRODUCT, .time = time};

    event.bar = (struct bar){.interval = MINUTES(1), .close = dec(close)};
    market_apply(market, &event);
}

static void see_level(struct market *market, bool clears, enum side side, const char *price)
{
    struct event event = {.kind = EVENT_BOOK, .product = PRODUCT};

    event.book = (struct book_update){clears, side, dec(price), D(1)};
    market_apply(market, &event);
}

TEST(the_mark_is_the_middle_of_the_quote_whatever_trades)
{
    struct market market = {.ref = PRODUCT};

    see_quote(&market, 5, "100", "101");
    assert_decimal(market.mark, "100.5");
    assert_int_equal(market.mark_time, 5);
    see_trade(&market, 6, "90");
    see_bar(&market, 7, "91");
    assert_decimal(market.mark, "100.5");
    assert_int_equal(market.mark_time, 5);
    assert_decimal(market.trade.price, "90");
    assert_int_equal(market.trade_time, 6);
    assert_int_equal(market.bar_time, 7);
}

TEST(without_a_quote_the_last_trade_or_close_is_the_mark)
{
    struct market market = {.ref = PRODUCT};

    see_bar(&market, 1, "91");
    assert_decimal(market.mark, "91");
    see_trade(&market, 2, "92");
    assert_decimal(market.mark, "92");
    see_bar(&market, 3, "93");
    assert_decimal(market.mark, "93");
    assert_int_equal(market.mark_time, 3);
}

TEST(a_quote_of_one_side_is_kept_and_makes_no_mark)
{
    struct market market = {.ref = PRODUCT};

    see_quote(&market, 1, "100", "0");
    assert_decimal(market.mark, "0");
    assert_int_equal(market.quote_time, 1);
    see_trade(&market, 2, "99");
    assert_decimal(market.mark, "99");
}

TEST(an_order_touches_the_other_side_or_at_least_the_mark)
{
    struct market market = {.ref = PRODUCT};

    see_quote(&market, 1, "100", "101");
    assert_decimal(market_touch(&market, SIDE_BUY), "101");
    assert_decimal(market_touch(&market, SIDE_SELL), "100");
    see_quote(&market, 2, "0", "101");
    assert_decimal(market_touch(&market, SIDE_SELL), "100.5");
}

TEST(a_book_begins_with_its_first_level_and_is_cleared_by_a_snapshot)
{
    struct market market = {.ref = PRODUCT};

    assert_null(market.book);
    see_level(&market, false, SIDE_BUY, "100");
    see_level(&market, false, SIDE_SELL, "101");
    assert_decimal(order_book_mid(market.book), "100.5");
    see_level(&market, true, SIDE_BUY, "0");
    assert_int_equal(order_book_depth(market.book, SIDE_BUY), 0);
    assert_decimal(market.mark, "0");
    order_book_free(market.book);
}
