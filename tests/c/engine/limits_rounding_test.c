/* Rounding is always against the trader, and what has no number is refused or no limit. */
#include "engine/limits_private.h"
#include "limits_world.h"

/* ---- rounding, always against the trader ---- */

static struct rig *priced(const char *btc, const char *bip)
{
    struct rig *rig = rig_new();

    set_mark(rig, BTC, btc);
    set_mark(rig, BIP, bip);
    return rig;
}

TEST(the_size_a_value_buys_is_rounded_down)
{
    struct rig *rig = priced("3", "0.000000000003");

    rig->settings.limits.max_order_value = D(1);
    edge(rig, HARD, BTC, SIDE_BUY, "0.333333333333", "0.333333333334", "hard_limit");
    rig->products.items[BIP].contract_size = dec("0.5"); /* a contract costs 2 units, not 1.5 */
    rig->settings.limits.max_order_value = dec("0.000000000012");
    edge(rig, HARD, BIP, SIDE_BUY, "6", "7", "hard_limit");
    rig_free(rig);
}

TEST(a_share_of_equity_is_rounded_down)
{
    struct rig *rig = priced("0.000000000001", "100");

    portfolio_set_balance(rig->portfolio, "USD", dec("0.000000000003"));
    rig->settings.limits.max_position_share = dec("0.5");
    edge(rig, TRADE, BTC, SIDE_BUY, "1", "2", "pre_trade_exposure");
    rig_free(rig);
}

TEST(a_price_band_is_rounded_down)
{
    struct rig *rig = priced("0.000000000003", "100");

    rig->settings.limits.price_band_share = dec("0.5");
    assert_string_equal(at_limit(rig, "0.000000000004"), "none");
    assert_string_equal(at_limit(rig, "0.000000000005"), "invalid_price");
    rig_free(rig);
}

/* A contract costs 10^-12; 15 of them need 1.5 units of margin. */
TEST(margin_needed_is_rounded_up_and_what_it_carries_down)
{
    struct rig *rig = priced("0.000000000001", "0.0000000001");

    bought(rig, BIP, "15", "0.0000000001");
    portfolio_set_balance(rig->portfolio, "USD", dec("0.00000000001"));
    edge(rig, TRADE, BIP, SIDE_BUY, "80", "81", "pre_trade_margin");
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "8", "9", "insufficient_funds");
    rig->products.items[BIP].initial_margin = dec("0.3"); /* 4.5 units are 5, 5 carry 16.7 */
    edge(rig, TRADE, BIP, SIDE_BUY, "16", "17", "pre_trade_margin");
    rig->products.items[BIP].initial_margin = dec("0.01");
    rig->products.items[BIP].maintenance_margin = dec("0.3");
    rig->settings.limits.min_liquidation_buffer_share = dec("0.5"); /* 5 units, all needed */
    edge(rig, TRADE, BIP, SIDE_BUY, "0", "1", "pre_trade_margin");
    rig->settings.limits.min_liquidation_buffer_share = dec("0.4"); /* 1 more carries 3.3 */
    edge(rig, TRADE, BIP, SIDE_BUY, "3", "4", "pre_trade_margin");
    rig_free(rig);
}

TEST(funds_are_divided_downwards)
{
    struct rig *rig = priced("1", "100");

    portfolio_set_balance(rig->portfolio, "USD", D(1));
    rig->settings.taker_rate = D(2);
    edge(rig, STAGE_FUNDS, BTC, SIDE_BUY, "0.333333333333", "0.333333333334",
         "insufficient_funds");
    rig_free(rig);
}

TEST(basis_points_are_rounded_up)
{
    struct rig *rig = rig_new();

    quote(rig, "3", "3.000000000001");
    rig->settings.limits.max_spread_bps = dec("0.000000003334");
    assert_string_equal(slips(rig, ORDER_LIMIT, "1"), "none");
    rig->settings.limits.max_spread_bps = dec("0.000000003333");
    assert_string_equal(slips(rig, ORDER_LIMIT, "1"), "slippage_guard");
    rig_free(rig);
}

/* ---- what has no number ---- */

#define HUGE_NUMBER "1000000000000000000000000" /* 10^24; the range ends at 10^25 */
#define TINY        "0.000000000001"

static void passes(struct rig *rig, enum stage stage, product_ref product, const char *size)
{
    assert_string_equal(refusal_name(ask(rig, stage, product, SIDE_BUY, size)), "none");
}

static void fails(struct rig *rig, enum stage stage, product_ref product, const char *code)
{
    assert_string_equal(refusal_name(ask(rig, stage, product, SIDE_BUY, TINY)), code);
}

TEST(a_contract_worth_more_than_there_are_numbers_is_not_bought)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_order_value = dec(HUGE_NUMBER);
    passes(rig, HARD, BIP, "1");
    rig->products.items[BIP].contract_size = dec(HUGE_NUMBER);
    fails(rig, HARD, BIP, "hard_limit");
    rig_free(rig);
}

TEST(a_limit_that_allows_a_size_beyond_all_numbers_allows_every_size)
{
    struct rig *rig = rig_new();

    set_mark(rig, BTC, TINY);
    rig->settings.limits.max_order_value = dec(HUGE_NUMBER);
    passes(rig, HARD, BTC, "1000000000000000");
    rig_free(rig);
}

TEST(a_share_of_equity_beyond_all_numbers_is_no_limit)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_position_share = dec(HUGE_NUMBER);
    passes(rig, TRADE, BTC, "1000000");
    rig_free(rig);
}

TEST(a_price_band_beyond_all_numbers_is_no_limit)
{
    struct rig *rig = rig_new();

    rig->settings.limits.price_band_share = dec(HUGE_NUMBER);
    assert_string_equal(at_limit(rig, "1000000"), "none");
    rig_free(rig);
}

/* A holding that has no mark yet is valued at the order's own price. */
TEST(a_position_without_a_mark_counts_at_the_orders_price)
{
    struct rig *rig = rig_new();

    bought(rig, BTC, "3", "100");
    rig->markets[BTC].mark = DECIMAL_ZERO;
    rig->price = D(50);
    rig->settings.limits.max_position_value = D(200);
    edge(rig, TRADE, BTC, SIDE_BUY, "1", "1.00000001", "pre_trade_exposure");
    rig_free(rig);
}

TEST(a_margin_beyond_all_numbers_leaves_no_room)
{
    struct rig *rig = rig_new();

    bought(rig, BIP, "100", "100");
    passes(rig, TRADE, BIP, "1");
    passes(rig, STAGE_FUNDS, BIP, "1");
    rig->products.items[BIP].initial_margin = dec(HUGE_NUMBER);
    fails(rig, TRADE, BIP, "pre_trade_margin");
    fails(rig, STAGE_FUNDS, BTC, "insufficient_funds");
    rig_free(rig);
}

TEST(margin_is_the_largest_number_where_there_is_none_for_it)
{
    struct rig *rig = rig_new();

    bought(rig, BIP, "100", "100");
    rig->products.items[BIP].initial_margin = dec(HUGE_NUMBER);
    ask(rig, TRADE, BTC, SIDE_BUY, "1");
    assert_decimal(limits_margin(&rig->view, rig->oms, true), "1000000000000000");
    assert_decimal(limits_margin(&rig->view, rig->oms, false), "5");
    rig_free(rig);
}

TEST(sums_end_at_the_largest_number)
{
    assert_decimal(limits_add(dec(HUGE_NUMBER), D(-1)), "1000000000000000");
    assert_decimal(
        limits_add(dec("9000000000000000000000000"), dec("9000000000000000000000000")),
        "1000000000000000");
    assert_decimal(limits_add(D(2), D(3)), "5");
}

TEST(an_order_at_work_beyond_all_numbers_leaves_no_room)
{
    struct rig *rig = rig_new();
    struct order order = {
        .number = 1, .request = sample_limit(SIDE_BUY, HUGE_NUMBER, "1"), .state = ORDER_NEW};

    order.reserved_price = dec(HUGE_NUMBER);
    oms_add(rig->oms, &order);
    rig->settings.limits.max_position_value = dec("100000000000000");
    fails(rig, TRADE, BTC, "pre_trade_exposure");
    passes(rig, TRADE, ETH, "1");
    rig_free(rig);
}

/* The order that is changed counts a unit of 10^-12: a tenth of it frees nothing, though the
 * sum over all orders needs a unit for it. */
static void frees_downwards(struct rig *rig)
{
    struct order order = {
        .number = 1, .request = sample_limit(SIDE_BUY, "1", "100"), .state = ORDER_NEW};

    order.request.product = BIP;
    order.reserved_price = dec("0.0000000001");
    oms_add(rig->oms, &order);
    rig->changed = oms_find(rig->oms, 1);
    edge(rig, TRADE, BIP, SIDE_BUY, "99999.99999999", "100000", "pre_trade_margin");
}

TEST(margin_that_a_change_frees_is_rounded_down)
{
    struct rig *rig = rig_new();

    frees_downwards(rig);
    rig_free(rig);
}

TEST(maintenance_that_a_change_frees_is_rounded_down)
{
    struct rig *rig = rig_new();

    rig->products.items[BIP].initial_margin = dec(TINY);
    rig->products.items[BIP].maintenance_margin = dec("0.1");
    rig->settings.limits.min_liquidation_buffer_share = dec("0.5");
    portfolio_set_balance(rig->portfolio, "USD", D(20000));
    frees_downwards(rig);
    rig_free(rig);
}

TEST(a_margin_of_next_to_nothing_is_no_limit)
{
    struct rig *rig = rig_new();

    portfolio_set_balance(rig->portfolio, "USD", dec("100000000000000"));
    rig->settings.limits.min_liquidation_buffer_share = dec("0.5");
    rig->products.items[BIP].initial_margin = dec(TINY);
    rig->products.items[BIP].maintenance_margin = dec(TINY);
    passes(rig, TRADE, BIP, "1000000000000");
    passes(rig, STAGE_FUNDS, BIP, "1000000000000");
    rig_free(rig);
}

TEST(a_spread_beyond_all_numbers_stops_new_risk)
{
    struct rig *rig = rig_new();

    rig->settings.limits.max_spread_bps = D(100);
    quote(rig, TINY, HUGE_NUMBER);
    assert_string_equal(slips(rig, ORDER_LIMIT, "1"), "slippage_guard");
    rig_free(rig);
}
