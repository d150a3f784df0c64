#include "store/journal_audit.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static struct product_table products = {
    .count = 2,
    .items =
        {{.symbol = "BTC-USD", .base = "BTC", .quote = "USD", .type = PRODUCT_SPOT},
         {.symbol = "BIP-20DEC30-CDE", .base = "BTC", .quote = "USD", .type = PRODUCT_FUTURE}},
};

static struct journal_audit *audit;
static uint64_t told;

static enum err tell(struct fact fact, struct fault *why)
{
    fact.sequence = ++told;
    return journal_audit_apply(audit, &fact, &products, AUDIT_PLAIN, why);
}

static void must_tell(struct fact fact)
{
    struct fault why;

    if (tell(fact, &why))
        fail_msg("%s", why.text);
}

static struct fact order_fact(order_number number)
{
    return (struct fact){.kind = FACT_ORDER, .order = {.number = number}};
}

static struct fact fill_fact(product_ref product, enum side side, int size, int value, int fee)
{
    return (struct fact){.kind = FACT_FILL,
                         .fill = {.order = 1,
                                  .product = product,
                                  .side = side,
                                  .size = D(size),
                                  .value = D(value),
                                  .fee = D(fee)}};
}

static const char *difference(struct fact row)
{
    static struct fault why;

    strcpy(why.text, "none");
    (void)!journal_audit_compare(audit, &row, &products, &why);
    return why.text;
}

static struct fact balance_row(const char *currency, int total)
{
    struct fact row = {.kind = FACT_BALANCE, .balance = {.total = D(total)}};

    strcpy(row.balance.currency, currency);
    return row;
}

static struct fact position_row(product_ref product, int size, int cost, int realised, int fees)
{
    return (struct fact){.kind = FACT_POSITION,
                         .position = {.product = product,
                                      .position = {.size = D(size),
                                                   .cost = D(cost),
                                                   .realised = D(realised),
                                                   .fees = D(fees)}}};
}

static void begin(void)
{
    journal_audit_free(audit);
    audit = journal_audit_new();
    told = 0;
    must_tell(order_fact(1));
    must_tell(balance_row("USD", 1000));
}

static void end(void)
{
    journal_audit_free(audit);
    audit = NULL;
}

TEST(an_order_is_the_sum_of_its_fills)
{
    begin();
    must_tell(fill_fact(0, SIDE_BUY, 2, 200, 1));
    must_tell(fill_fact(0, SIDE_BUY, 3, 330, 2));
    struct fact row = {
        .kind = FACT_ORDER,
        .order = {.number = 1, .filled = D(5), .filled_value = D(530), .fees = D(3)}};
    assert_string_equal(difference(row), "none");
    row.order.filled = D(6);
    assert_string_equal(difference(row),
                        "the filled size of order 1 is 5 by the sum of its fills, "
                        "and 6 in the books");
    row.order.filled = D(5);
    row.order.fees = D(4);
    assert_string_equal(difference(row),
                        "the fees of order 1 is 3 by the sum of its fills, and 4 in the books");
    end();
}

TEST(a_fill_beside_its_order_moves_money_and_not_the_order)
{
    struct fact fact = fill_fact(0, SIDE_BUY, 2, 200, 1);
    struct fault why;

    begin();
    fact.sequence = ++told;
    assert_int_equal(journal_audit_apply(audit, &fact, &products, AUDIT_BESIDE, &why), OK);
    assert_string_equal(difference(order_fact(1)), "none");
    assert_string_equal(difference(balance_row("BTC", 2)), "none");
    assert_string_equal(difference(balance_row("USD", 799)), "none");
    end();
}

TEST(executions_that_explain_totals_replace_their_money)
{
    struct fact total = fill_fact(0, SIDE_BUY, 3, 305, 2);
    struct fact row = {
        .kind = FACT_ORDER,
        .order = {.number = 1, .filled = D(3), .filled_value = D(305), .fees = D(2)}};
    struct fact one = fill_fact(0, SIDE_BUY, 1, 100, 1),
                two = fill_fact(0, SIDE_BUY, 2, 201, 2);

    begin();
    total.fill.is_inferred = true;
    must_tell(total);
    assert_string_equal(difference(row), "none");
    one.kind = two.kind = FACT_FILL_KNOWN;
    must_tell(one);
    assert_string_equal(difference(row), "none");
    must_tell(two);
    row.order.filled_value = D(301);
    row.order.fees = D(3);
    assert_string_equal(difference(row), "none");
    end();
}

TEST(a_spot_fill_exchanges_one_currency_for_the_other)
{
    begin();
    must_tell(fill_fact(0, SIDE_BUY, 5, 500, 3));
    must_tell(fill_fact(0, SIDE_SELL, 2, 240, 1));
    assert_string_equal(difference(balance_row("USD", 736)), "none");
    assert_string_equal(difference(balance_row("BTC", 3)), "none");
    assert_string_equal(difference(position_row(0, 3, 300, 40, 4)), "none");
    assert_string_equal(
        difference(position_row(0, 3, 301, 40, 4)),
        "the profit less cost of BTC-USD is -260 by the sum of its fills, and -261 "
        "in the books");
    assert_string_equal(difference(balance_row("BTC", 4)),
                        "the balance of BTC is 3 by the sum of its fills, and 4 in the books");
    end();
}

TEST(a_future_moves_cash_by_what_it_realised)
{
    begin();
    must_tell(fill_fact(1, SIDE_SELL, 4, 400, 1));
    assert_string_equal(difference(balance_row("USD", 999)), "none");
    must_tell(fill_fact(1, SIDE_BUY, 1, 90, 1));
    assert_string_equal(difference(balance_row("USD", 1008)), "none");
    assert_string_equal(difference(balance_row("BTC", 0)), "none");
    assert_string_equal(difference(position_row(1, -3, -300, 10, 2)), "none");
    end();
}

TEST(what_is_set_from_outside_is_where_sums_begin_again)
{
    begin();
    must_tell(fill_fact(0, SIDE_BUY, 5, 500, 3));
    must_tell(balance_row("USD", 100));
    must_tell(position_row(0, 7, 700, 50, 9));
    must_tell(fill_fact(0, SIDE_SELL, 1, 120, 1));
    assert_string_equal(difference(balance_row("USD", 219)), "none");
    assert_string_equal(difference(position_row(0, 6, 600, 70, 10)), "none");
    end();
}

TEST(what_was_never_heard_of_is_nothing)
{
    begin();
    assert_string_equal(difference(balance_row("EUR", 0)), "none");
    assert_string_not_equal(difference(balance_row("EUR", 1)), "none");
    assert_string_equal(difference(position_row(1, 0, 0, 0, 0)), "none");
    assert_string_equal(difference((struct fact){.kind = FACT_ORDER, .order = {.number = 9}}),
                        "none");
    end();
}

TEST(facts_that_cannot_be_true_are_refused)
{
    struct fact fact = fill_fact(0, SIDE_BUY, 0, 1, 1);
    struct fault why;

    begin();
    assert_int_equal(tell(fact, &why), ERR_CORRUPT);
    assert_string_equal(why.text, "a fill without size, or of negative value");
    fact = fill_fact(0, SIDE_BUY, 1, 1, 1);
    fact.fill.order = 7;
    assert_int_equal(tell(fact, &why), ERR_CORRUPT);
    assert_string_equal(why.text, "a fill of order 7, which does not exist");
    assert_int_equal(tell(order_fact(1), &why), ERR_CORRUPT);
    assert_string_equal(why.text, "order 1 comes into being a second time");
    assert_int_equal(tell(order_fact(5000), &why), ERR_CORRUPT);
    assert_int_equal(tell(order_fact(0), &why), ERR_CORRUPT);
    assert_int_equal(tell(position_row(0, 5, -5, 0, 0), &why), ERR_CORRUPT);
    end();
}

TEST(a_sum_out_of_all_range_is_refused)
{
    struct fact fact = fill_fact(0, SIDE_BUY, 1, 1, 1);
    struct fault why;
    enum err err = OK;

    begin();
    fact.fill.value = (decimal){(int128)D(1000000000000).units * 9000000000000};
    for (int i = 0; !err && i < 3; i++)
        err = tell(fact, &why);
    assert_int_equal(err, ERR_CORRUPT);
    assert_string_equal(why.text, "a sum is out of all range");
    end();
}
