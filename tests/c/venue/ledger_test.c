#include "venue/ledger.h"

#include "base/rng.h"

#include "venue_check.h"

static struct product_table products;
static struct ledger *ledger;

static void begin(const char *cash)
{
    product_table_init(&products);
    add_product(&products, spot_product());
    add_product(&products, future_product());
    ledger = ledger_new(&products);
    ledger_deposit(ledger, "USD", dec(cash));
}

static void end(void)
{
    ledger_check(ledger);
    ledger_free(ledger);
}

static struct ledger_claim claim(product_ref product, enum side side, const char *size,
                                 const char *price)
{
    return (struct ledger_claim){.product = product,
                                 .side = side,
                                 .size = dec(size),
                                 .price = dec(price),
                                 .rate = dec("0.01")};
}

static bool take(struct ledger_claim *claim)
{
    return ledger_claim(ledger, claim);
}

TEST(a_buy_holds_its_value_and_fee_and_a_sell_its_size)
{
    struct ledger_claim buy = claim(SPOT, SIDE_BUY, "2", "100");
    struct ledger_claim sell = claim(SPOT, SIDE_SELL, "3", "100");

    begin("1000");
    ledger_deposit(ledger, "BTC", D(3));
    assert_true(take(&buy));
    assert_true(take(&sell));
    assert_decimal("202", ledger_held(ledger, "USD"));
    assert_decimal("798", ledger_available(ledger, "USD"));
    assert_decimal("3", ledger_held(ledger, "BTC"));
    ledger_release(ledger, &buy);
    ledger_release(ledger, &sell);
    assert_decimal("0", ledger_held(ledger, "USD"));
    assert_decimal("0", ledger_held(ledger, "BTC"));
    assert_decimal("1000", ledger_total(ledger, "USD"));
    end();
}

TEST(a_claim_beyond_the_funds_changes_nothing)
{
    struct ledger_claim a = claim(SPOT, SIDE_BUY, "9", "100");
    struct ledger_claim b = claim(SPOT, SIDE_BUY, "1", "100");
    struct ledger_claim c = claim(SPOT, SIDE_SELL, "1", "100");

    begin("1000");
    assert_true(take(&a));
    assert_false(take(&b));
    assert_false(take(&c));
    assert_decimal("909", ledger_held(ledger, "USD"));
    end();
}

TEST(executions_move_money_and_shrink_the_claim)
{
    struct ledger_claim buy = claim(SPOT, SIDE_BUY, "2", "100");

    begin("1000");
    assert_true(take(&buy));
    ledger_settle(ledger, &buy, dec("0.5"), D(49), dec("0.49"));
    assert_decimal("1.5", buy.size);
    assert_decimal("151.5", ledger_held(ledger, "USD"));
    assert_decimal("950.51", ledger_total(ledger, "USD"));
    assert_decimal("0.5", ledger_total(ledger, "BTC"));
    ledger_settle(ledger, &buy, dec("1.5"), D(150), dec("1.5"));
    assert_decimal("0", ledger_held(ledger, "USD"));
    assert_decimal("799.01", ledger_total(ledger, "USD"));
    end();
}

TEST(a_claim_is_changed_whole_or_not_at_all)
{
    struct ledger_claim buy = claim(SPOT, SIDE_BUY, "2", "100");

    begin("1000");
    assert_true(take(&buy));
    assert_true(ledger_reclaim(ledger, &buy, D(9), D(110)));
    assert_decimal("999.9", ledger_held(ledger, "USD"));
    assert_false(ledger_reclaim(ledger, &buy, D(9), D(111)));
    assert_decimal("999.9", ledger_held(ledger, "USD"));
    assert_decimal("9", buy.size);
    assert_decimal("110", buy.price);
    end();
}

TEST(what_can_be_afforded_counts_the_claim_the_rest_and_the_fee)
{
    struct ledger_claim buy = claim(SPOT, SIDE_BUY, "9", "100");

    begin("1000");
    assert_true(take(&buy));
    assert_decimal("9", ledger_affordable(ledger, &buy, D(110)));
    assert_decimal("8.919", ledger_affordable(ledger, &buy, D(111)));
    buy.side = SIDE_SELL;
    assert_decimal("9", ledger_affordable(ledger, &buy, D(111)));
    buy.side = SIDE_BUY;
    ledger_release(ledger, &buy);
    end();
}

static void trade(enum side side, const char *size, const char *price)
{
    struct ledger_claim order = claim(FUTURE, side, size, price);
    decimal value;

    order.rate = DECIMAL_ZERO;
    assert_true(take(&order));
    assert_true(product_value(&products.items[FUTURE], dec(size), dec(price), &value));
    ledger_settle(ledger, &order, dec(size), value, DECIMAL_ZERO);
}

TEST(a_future_realises_in_proportion_and_turns_over_zero)
{
    begin("100000");
    trade(SIDE_BUY, "10", "60000");
    trade(SIDE_BUY, "10", "62000");
    assert_decimal("61000", ledger_position_price(ledger, FUTURE));
    trade(SIDE_SELL, "5", "64000");
    assert_decimal("100150", ledger_total(ledger, "USD"));
    assert_decimal("15", ledger_position(ledger, FUTURE).size);
    trade(SIDE_SELL, "20", "60000");
    assert_decimal("100000", ledger_total(ledger, "USD"));
    assert_decimal("-5", ledger_position(ledger, FUTURE).size);
    assert_decimal("60000", ledger_position_price(ledger, FUTURE));
    trade(SIDE_BUY, "5", "60000");
    assert_decimal("0", ledger_position(ledger, FUTURE).cost);
    end();
}

TEST(margin_is_asked_for_the_worse_side_and_losses_bind_but_profits_do_not_free)
{
    struct ledger_claim buys = claim(FUTURE, SIDE_BUY, "4", "60000");
    struct ledger_claim sells = claim(FUTURE, SIDE_SELL, "10", "60000");

    begin("10000");
    trade(SIDE_BUY, "10", "60000");
    ledger_set_mark(ledger, FUTURE, D(60000));
    assert_decimal("8500", ledger_available(ledger, "USD"));
    assert_true(take(&sells)); /* leads to zero: asks for nothing more */
    assert_decimal("8500", ledger_available(ledger, "USD"));
    assert_true(take(&buys));
    assert_decimal("7900", ledger_available(ledger, "USD"));
    ledger_release(ledger, &buys);
    ledger_set_mark(ledger, FUTURE, D(50000));
    /* margin 1250, loss 1000 */
    assert_decimal("7750", ledger_available(ledger, "USD"));
    assert_decimal("9000", ledger_equity(ledger, "USD"));
    assert_decimal("1000", ledger_maintenance(ledger, "USD"));
    ledger_set_mark(ledger, FUTURE, D(70000));
    assert_decimal("8250", ledger_available(ledger, "USD"));
    assert_decimal("11000", ledger_equity(ledger, "USD"));
    ledger_release(ledger, &sells);
    end();
}

TEST(a_future_beyond_the_margin_is_refused_and_reducing_it_never_is)
{
    struct ledger_claim more = claim(FUTURE, SIDE_BUY, "1", "60000");
    struct ledger_claim out = claim(FUTURE, SIDE_SELL, "10", "40000");

    begin("1500");
    trade(SIDE_BUY, "10", "60000");
    ledger_set_mark(ledger, FUTURE, D(40000));
    assert_true(decimal_is_negative(ledger_available(ledger, "USD")));
    assert_false(take(&more));
    assert_true(take(&out));
    ledger_release(ledger, &out);
    end();
}

TEST(random_claims_and_executions_never_lose_a_unit)
{
    for (uint64_t seed = 1; seed <= 20; seed++) {
        struct rng rng = rng_stream(seed, "ledger");
        decimal cash = D(10000), coins = D(50);
        begin("10000");
        ledger_deposit(ledger, "BTC", coins);
        for (int i = 0; i < 300; i++) {
            struct ledger_claim order =
                claim(SPOT, rng_below(&rng, 2) ? SIDE_BUY : SIDE_SELL, "1", "1");
            order.size = (decimal){rng_between(&rng, 1, 5000) * (DECIMAL_ONE / 1000)};
            order.price = (decimal){rng_between(&rng, 9000, 11000) * (DECIMAL_ONE / 100)};
            if (!take(&order))
                continue;
            decimal part = (decimal){order.size.units / rng_between(&rng, 1, 4)};
            decimal value = decimal_mul(part, order.price, ROUND_HALF_EVEN);
            decimal fee = decimal_mul(value, dec("0.004"), ROUND_HALF_EVEN);
            bool buy = order.side == SIDE_BUY;
            ledger_settle(ledger, &order, part, value, fee);
            cash = decimal_sub(buy ? decimal_sub(cash, value) : decimal_add(cash, value), fee);
            coins = buy ? decimal_add(coins, part) : decimal_sub(coins, part);
            ledger_release(ledger, &order);
            ledger_check(ledger);
        }
        if (!decimal_is_equal(cash, ledger_total(ledger, "USD")) ||
            !decimal_is_equal(coins, ledger_total(ledger, "BTC")) ||
            !decimal_is_zero(ledger_held(ledger, "USD")))
            fail_msg("seed %llu: the sums differ", (unsigned long long)seed);
        end();
    }
}
