#include "model/portfolio.h"

#include "base/rng.h"
#include "exact.h"
#include "model_sample.h"

/* The roundabout ways come first, so that no order of the table finds the short ones. */
enum { BTC_USDC, BTC_USD, ETH_BTC, ETH_USD, FUTURE, SOL_EUR, PRODUCT_COUNT };

static struct product_table table;

static const struct product_table *all_products(void)
{
    const struct product products[] = {
        [BTC_USDC] = sample_spot("BTC", "USDC"),
        [ETH_BTC] = sample_spot("ETH", "BTC"),
        [BTC_USD] = sample_spot("BTC", "USD"),
        [ETH_USD] = sample_spot("ETH", "USD"),
        [FUTURE] = sample_future(),
        [SOL_EUR] = sample_spot("SOL", "EUR"),
    };
    product_ref ref;

    product_table_init(&table);
    for (int i = 0; i < PRODUCT_COUNT; i++)
        assert_int_equal(product_table_add(&table, &products[i], &ref, NULL), OK);
    return &table;
}

static struct portfolio *account(const char *usd)
{
    struct portfolio *portfolio = portfolio_new(all_products(), "USD");

    portfolio_set_balance(portfolio, "USD", dec(usd));
    return portfolio;
}

static void mark(struct portfolio *portfolio, product_ref product, const char *price)
{
    portfolio_set_mark(portfolio, product, dec(price), 1);
}

/* A fill whose value is what the product makes of it. */
static struct position_change trade(struct portfolio *portfolio, product_ref product,
                                    enum side side, const char *size, const char *price,
                                    const char *fee)
{
    struct fill fill = {.product = product,
                        .side = side,
                        .size = dec(size),
                        .price = dec(price),
                        .fee = dec(fee),
                        .time = 1};

    assert_true(product_value(&table.items[product], fill.size, fill.price, &fill.value));
    struct position_change change = portfolio_apply_fill(portfolio, &fill);
    portfolio_check(portfolio);
    return change;
}

static decimal total(const struct portfolio *portfolio, const char *currency)
{
    return portfolio_balance(portfolio, currency).total;
}

/* Stories */

TEST(buying_a_coin_at_its_mark_costs_the_fee_and_nothing_else)
{
    struct portfolio *p = account("1000");

    mark(p, BTC_USD, "500");
    trade(p, BTC_USD, SIDE_BUY, "1", "500", "3");
    assert_decimal(total(p, "USD"), "497");
    assert_decimal(total(p, "BTC"), "1");
    assert_decimal(portfolio_equity(p), "997");
    assert_decimal(portfolio_exposure(p), "500");
    assert_decimal(portfolio_fees(p), "3");
    assert_int_equal(portfolio_open_positions(p), 1);

    mark(p, BTC_USD, "600");
    assert_decimal(portfolio_equity(p), "1097");
    assert_decimal(portfolio_unrealised(p), "100");

    trade(p, BTC_USD, SIDE_SELL, "1", "600", "3.6");
    assert_decimal(total(p, "USD"), "1093.4");
    assert_decimal(portfolio_equity(p), "1093.4");
    assert_decimal(portfolio_realised(p), "100");
    assert_decimal(portfolio_unrealised(p), "0");
    assert_int_equal(portfolio_open_positions(p), 0);
    portfolio_free(p);
}

TEST(a_future_moves_cash_only_when_it_realises)
{
    struct portfolio *p = account("1000");

    mark(p, FUTURE, "60000");
    trade(p, FUTURE, SIDE_SELL, "2", "60000", "0.5");
    assert_decimal(total(p, "USD"), "999.5");
    mark(p, FUTURE, "59000");
    assert_decimal(portfolio_equity(p), "1019.5");
    trade(p, FUTURE, SIDE_BUY, "1", "59000", "0.5");
    assert_decimal(total(p, "USD"), "1009");
    assert_decimal(portfolio_equity(p), "1019");
    assert_decimal(portfolio_exposure(p), "590");
    portfolio_free(p);
}

TEST(selling_a_coin_that_was_there_before_keeps_equity)
{
    struct portfolio *p = account("0");

    portfolio_set_balance(p, "BTC", D(2));
    mark(p, BTC_USD, "500");
    assert_decimal(portfolio_equity(p), "1000");
    trade(p, BTC_USD, SIDE_SELL, "1", "500", "1");
    assert_decimal(total(p, "BTC"), "1");
    assert_decimal(portfolio_equity(p), "999");
    portfolio_free(p);
}

TEST(what_has_no_price_counts_zero_and_is_counted)
{
    struct portfolio *p = account("1000");

    assert_int_equal(portfolio_unpriced(p), 0);
    portfolio_set_balance(p, "BTC", D(1));
    portfolio_set_balance(p, "DOGE", D(5));
    assert_int_equal(portfolio_unpriced(p), 2);
    assert_decimal(portfolio_equity(p), "1000");
    mark(p, BTC_USD, "500");
    assert_int_equal(portfolio_unpriced(p), 1);
    assert_decimal(portfolio_equity(p), "1500");
    portfolio_set_balance(p, "DOGE", D(0));
    assert_int_equal(portfolio_unpriced(p), 0);
    portfolio_check(p);
    portfolio_free(p);
}

TEST(a_future_without_a_mark_is_counted_and_exposed_at_cost)
{
    struct portfolio *p = account("1000");

    trade(p, FUTURE, SIDE_BUY, "1", "60000", "0");
    assert_int_equal(portfolio_unpriced(p), 1);
    assert_decimal(portfolio_equity(p), "1000");
    assert_decimal(portfolio_exposure(p), "600");
    mark(p, FUTURE, "60100");
    assert_int_equal(portfolio_unpriced(p), 0);
    assert_decimal(portfolio_equity(p), "1001");
    portfolio_free(p);
}

TEST(usd_and_usdc_are_worth_the_same_in_wallets_of_their_own)
{
    struct portfolio *p = account("1000");

    portfolio_set_balance(p, "USDC", D(500));
    assert_decimal(portfolio_equity(p), "1500");
    mark(p, BTC_USD, "100");
    trade(p, BTC_USDC, SIDE_BUY, "1", "100", "0");
    assert_decimal(total(p, "USDC"), "400");
    assert_decimal(total(p, "USD"), "1000");
    assert_decimal(portfolio_equity(p), "1500");
    portfolio_free(p);
}

TEST(a_coin_is_priced_by_the_shortest_way_to_the_account)
{
    struct portfolio *p = account("0");

    portfolio_set_balance(p, "BTC", D(1));
    portfolio_set_balance(p, "ETH", D(1));
    mark(p, BTC_USDC, "99");
    mark(p, ETH_BTC, "0.05");
    assert_int_equal(portfolio_unpriced(p), 2); /* the direct ways have no mark yet */
    mark(p, BTC_USD, "100");
    mark(p, ETH_USD, "6");
    assert_decimal(portfolio_equity(p), "106");
    portfolio_check(p);
    portfolio_free(p);
}

TEST(a_coin_sold_for_another_coin_only_is_priced_through_it)
{
    struct product products[] = {sample_spot("ETH", "BTC"), sample_spot("BTC", "USDC")};
    struct product_table small;
    product_ref eth_btc, btc_usdc;

    product_table_init(&small);
    assert_int_equal(product_table_add(&small, &products[0], &eth_btc, NULL), OK);
    assert_int_equal(product_table_add(&small, &products[1], &btc_usdc, NULL), OK);
    struct portfolio *p = portfolio_new(&small, "USD");
    portfolio_set_balance(p, "ETH", D(10));
    mark(p, eth_btc, "0.05");
    assert_int_equal(portfolio_unpriced(p), 1);
    mark(p, btc_usdc, "100");
    assert_decimal(portfolio_equity(p), "50");
    mark(p, btc_usdc, "200");
    assert_decimal(portfolio_equity(p), "100");
    mark(p, eth_btc, "0.06");
    assert_decimal(portfolio_equity(p), "120");
    portfolio_check(p);
    portfolio_free(p);
}

TEST(profit_in_a_foreign_currency_is_converted_at_its_price)
{
    struct product products[] = {sample_spot("SOL", "EUR"), sample_spot("EUR", "USD"),
                                 sample_future()};
    struct product_table small;
    product_ref sol, eur, future;

    strcpy(products[2].quote, "EUR");
    product_table_init(&small);
    assert_int_equal(product_table_add(&small, &products[0], &sol, NULL), OK);
    assert_int_equal(product_table_add(&small, &products[1], &eur, NULL), OK);
    assert_int_equal(product_table_add(&small, &products[2], &future, NULL), OK);
    struct portfolio *p = portfolio_new(&small, "USD");
    struct fill fill = {
        .product = future, .side = SIDE_BUY, .size = D(1), .price = D(60000), .value = D(600)};
    portfolio_apply_fill(p, &fill);
    mark(p, future, "61000");
    assert_decimal(portfolio_equity(p), "0");
    mark(p, eur, "1.1");
    assert_decimal(portfolio_equity(p), "11");
    assert_decimal(portfolio_unrealised(p), "11");
    assert_decimal(portfolio_exposure(p), "671");
    portfolio_check(p);
    portfolio_free(p);
}

TEST(a_mark_that_is_none_changes_nothing)
{
    struct portfolio *p = account("1000");

    assert_decimal(portfolio_mark(p, BTC_USD), "0");
    portfolio_set_mark(p, BTC_USD, D(500), 7);
    portfolio_set_mark(p, BTC_USD, D(0), 8);
    portfolio_set_mark(p, BTC_USD, D(-1), 9);
    assert_decimal(portfolio_mark(p, BTC_USD), "500");
    assert_int_equal(portfolio_mark_time(p, BTC_USD), 7);
    portfolio_set_mark(p, BTC_USD, D(500), 10);
    assert_int_equal(portfolio_mark_time(p, BTC_USD), 10);
    portfolio_free(p);
}

TEST(holds_take_from_what_is_available_and_not_from_the_total)
{
    struct portfolio *p = account("1000");

    portfolio_add_hold(p, "USD", D(300));
    portfolio_add_hold(p, "USD", D(200));
    assert_decimal(portfolio_available(p, "USD"), "500");
    assert_decimal(total(p, "USD"), "1000");
    assert_decimal(portfolio_equity(p), "1000");
    portfolio_remove_hold(p, "USD", D(300));
    assert_decimal(portfolio_available(p, "USD"), "800");
    portfolio_check(p);
    portfolio_free(p);
}

TEST(a_currency_never_seen_has_a_balance_of_zero)
{
    struct portfolio *p = account("1000");
    struct balance none = portfolio_balance(p, "XYZ");

    assert_string_equal(none.currency, "XYZ");
    assert_decimal(none.total, "0");
    assert_decimal(portfolio_available(p, "XYZ"), "0");
    portfolio_free(p);
}

TEST(balances_are_listed_from_the_account_s_own_on_without_an_end)
{
    struct portfolio *p = account("1000");
    char name[CURRENCY_MAX];
    int before = portfolio_balance_count(p);

    assert_string_equal(portfolio_balance_at(p, 0)->currency, "USD");
    assert_string_equal(portfolio_currency(p), "USD");
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "C%d", i);
        portfolio_set_balance(p, name, D(1));
    }
    assert_int_equal(portfolio_balance_count(p), before + 500);
    assert_string_equal(portfolio_balance_at(p, before + 499)->currency, "C499");
    portfolio_check(p);
    portfolio_free(p);
}

TEST(a_position_put_back_counts_as_before_and_leaves_balances_alone)
{
    struct portfolio *p = account("1000"), *again = account("1000");

    mark(p, FUTURE, "60000");
    trade(p, FUTURE, SIDE_BUY, "2", "60000", "0.5");
    trade(p, BTC_USD, SIDE_BUY, "1", "500", "0.5");
    trade(p, BTC_USD, SIDE_SELL, "0.5", "600", "0.5");
    mark(p, FUTURE, "61000");
    mark(p, BTC_USD, "550");

    portfolio_set_balance(again, "BTC", total(p, "BTC"));
    portfolio_set_position(again, BTC_USD, portfolio_position(p, BTC_USD));
    portfolio_check(again);
    portfolio_set_balance(again, "USD", total(p, "USD"));
    mark(again, FUTURE, "61000");
    mark(again, BTC_USD, "550");
    portfolio_set_position(again, FUTURE, portfolio_position(p, FUTURE));
    portfolio_check(again);
    assert_decimal_equal(portfolio_equity(again), portfolio_equity(p));
    assert_decimal_equal(portfolio_realised(again), portfolio_realised(p));
    assert_decimal_equal(portfolio_unrealised(again), portfolio_unrealised(p));
    assert_decimal_equal(portfolio_fees(again), portfolio_fees(p));
    trade(again, FUTURE, SIDE_SELL, "2", "61000", "0.5");
    portfolio_check(again);
    portfolio_free(p);
    portfolio_free(again);
}

/* Against exact arithmetic */

/* What everything must come to, from the list of fills alone: sizes, cash and fees in units. */
struct oracle {
    mpz_t size[PRODUCT_COUNT], cash[PRODUCT_COUNT], fees[PRODUCT_COUNT];
};

static void oracle_init(struct oracle *o)
{
    for (int i = 0; i < PRODUCT_COUNT; i++)
        mpz_inits(o->size[i], o->cash[i], o->fees[i], NULL);
}

static void oracle_clear(struct oracle *o)
{
    for (int i = 0; i < PRODUCT_COUNT; i++)
        mpz_clears(o->size[i], o->cash[i], o->fees[i], NULL);
}

static void oracle_fill(struct oracle *o, const struct fill *fill)
{
    bool buys = fill->side == SIDE_BUY;

    exact_sub_units(o->size[fill->product], buys ? decimal_negate(fill->size) : fill->size);
    exact_sub_units(o->cash[fill->product], buys ? fill->value : decimal_negate(fill->value));
    exact_sub_units(o->fees[fill->product], decimal_negate(fill->fee));
}

/* Profit of all fills at these marks, without any rounding: cash + size * contract * mark -
 * fees. */
static void oracle_profit(const struct oracle *o, const struct portfolio *p, mpq_t out)
{
    mpq_t size, price;

    mpq_inits(size, price, NULL);
    mpq_set_ui(out, 0, 1);
    for (int i = 0; i < PRODUCT_COUNT; i++) {
        mpz_add(mpq_numref(out), mpq_numref(out), o->cash[i]);
        mpz_sub(mpq_numref(out), mpq_numref(out), o->fees[i]);
    }
    mpz_set_ui(mpq_denref(out), (unsigned long)DECIMAL_ONE);
    mpq_canonicalize(out);
    for (int i = 0; i < PRODUCT_COUNT; i++) {
        mpz_set(mpq_numref(size), o->size[i]);
        mpz_set_ui(mpq_denref(size), (unsigned long)DECIMAL_ONE);
        mpq_canonicalize(size);
        exact_set(price, portfolio_mark(p, (product_ref)i));
        mpq_mul(size, size, price);
        exact_set(price, table.items[i].contract_size);
        mpq_mul(size, size, price);
        mpq_add(out, out, size);
    }
    mpq_clears(size, price, NULL);
}

/* The definition of equity, term by term, with nothing kept. */
static decimal equity_recomputed(const struct portfolio *p)
{
    static const struct {
        const char *currency;
        product_ref mark;
    } prices[] = {{"BTC", BTC_USD}, {"ETH", ETH_USD}};
    decimal sum = decimal_add(total(p, "USD"), total(p, "USDC"));

    for (size_t i = 0; i < ARRAY_LEN(prices); i++)
        sum = decimal_add(sum, decimal_mul(total(p, prices[i].currency),
                                           portfolio_mark(p, prices[i].mark), ROUND_HALF_EVEN));
    const position *future = portfolio_position(p, FUTURE);
    if (decimal_is_zero(portfolio_mark(p, FUTURE)))
        return sum;
    return decimal_add(
        sum, position_unrealised(future, &table.items[FUTURE], portfolio_mark(p, FUTURE)));
}

struct scale {
    int size_shift, price_shift; /* how much smaller than 2^63 units numbers may get */
    bool in_steps;               /* sizes and prices are multiples of the products' steps */
};

static decimal random_amount(struct rng *rng, int shift, decimal step, bool in_steps)
{
    decimal amount = {(int128)(rng_next(rng) >> (1 + rng_below(rng, (uint64_t)shift))) + 1};

    if (!in_steps)
        return amount;
    amount = decimal_quantize(amount, step, ROUND_DOWN);
    return decimal_is_zero(amount) ? step : amount;
}

static bool random_fill(struct rng *rng, const struct portfolio *p, product_ref product,
                        const struct scale *scale, struct fill *fill)
{
    const struct product *rules = &table.items[product];
    decimal held = decimal_abs(portfolio_position(p, product)->size);

    *fill = (struct fill){.product = product, .side = (enum side)rng_below(rng, 2), .time = 1};
    fill->size = random_amount(rng, scale->size_shift, rules->base_increment,
                               scale->in_steps || product == FUTURE);
    if (!decimal_is_zero(held) && rng_chance(rng, 0.3))
        fill->size = held;
    fill->price =
        random_amount(rng, scale->price_shift, rules->price_increment, scale->in_steps);
    if (!product_value(rules, fill->size, fill->price, &fill->value) ||
        decimal_is_less(D(100000000000000000), fill->value))
        return false;
    fill->fee = (decimal){fill->value.units / 250 * (rng_chance(rng, 0.2) ? -1 : 1)};
    return true;
}

/* Random fills and marks on the products that trade against USD, and what must hold after each.
 */
static void run_random_account(uint64_t seed, const struct scale *scale)
{
    static const product_ref traded[] = {BTC_USD, ETH_USD, FUTURE};
    struct rng rng = rng_stream(seed, "portfolio");
    struct portfolio *p = account("1000000");
    struct oracle o;
    mpq_t profit;

    oracle_init(&o);
    mpq_init(profit);
    for (size_t i = 0; i < ARRAY_LEN(traded); i++)
        portfolio_set_mark(p, traded[i], D(5 * (int)(i + 1)), 1);
    for (int step = 0; step < 100; step++) {
        product_ref product = traded[rng_below(&rng, ARRAY_LEN(traded))];
        struct fill fill;
        decimal price = random_amount(&rng, scale->price_shift,
                                      table.items[product].price_increment, scale->in_steps);
        if (rng_chance(&rng, 0.5)) {
            portfolio_set_mark(p, product, price, step);
        } else if (random_fill(&rng, p, product, scale, &fill)) {
            portfolio_apply_fill(p, &fill);
            oracle_fill(&o, &fill);
        }
        portfolio_check(p);
        oracle_profit(&o, p, profit);

        decimal gained = decimal_sub(portfolio_equity(p), D(1000000));
        decimal told = decimal_sub(decimal_add(portfolio_realised(p), portfolio_unrealised(p)),
                                   portfolio_fees(p));
        bool ok = decimal_is_equal(portfolio_equity(p), equity_recomputed(p)) &&
                  decimal_is_equal(gained, told) && /* F3 */
                  exact_is_near(profit, gained, scale->in_steps ? 0 : ARRAY_LEN(traded) + 1);
        if (!ok)
            fail_msg("seed %llu, step %d: equity %s", (unsigned long long)seed, step,
                     decimal_format(portfolio_equity(p), (char[DECIMAL_TEXT_MAX]){0}));
    }
    mpq_clear(profit);
    oracle_clear(&o);
    portfolio_free(p);
}

TEST(equity_is_exactly_opening_plus_profit_less_fees_in_the_steps_of_the_venue)
{
    const struct scale scale = {.size_shift = 40, .price_shift = 30, .in_steps = true};

    for (uint64_t seed = 1; seed <= 100; seed++)
        run_random_account(seed, &scale);
}

TEST(equity_and_profit_agree_to_the_unit_for_tiny_and_huge_numbers)
{
    const struct scale scale = {.size_shift = 62, .price_shift = 62};

    for (uint64_t seed = 1000; seed <= 1100; seed++)
        run_random_account(seed, &scale);
}

/* Everything that can happen to an account, on all products, several currencies deep. */
TEST(kept_equity_is_the_recomputed_one_after_every_step)
{
    static const char *const currencies[] = {"USD", "BTC", "ETH", "EUR", "SOL", "USDC", "XRP"};
    const struct scale scale = {.size_shift = 40, .price_shift = 40};

    for (uint64_t seed = 1; seed <= 50; seed++) {
        struct rng rng = rng_stream(seed, "account");
        struct portfolio *p = account("1000");
        for (int step = 0; step < 100; step++) {
            product_ref product = (product_ref)rng_below(&rng, PRODUCT_COUNT);
            const char *currency = currencies[rng_below(&rng, ARRAY_LEN(currencies))];
            struct fill fill;
            switch (rng_below(&rng, 4)) {
            case 0:
                portfolio_set_balance(p, currency, D((int)rng_below(&rng, 1000)));
                break;
            case 1:
                portfolio_set_position(
                    p, product,
                    portfolio_position(p, rng_chance(&rng, 0.5) ? product : BTC_USD));
                break;
            case 2:
                portfolio_set_mark(p, product, random_amount(&rng, 40, D(1), false), step);
                break;
            default:
                if (random_fill(&rng, p, product, &scale, &fill))
                    portfolio_apply_fill(p, &fill);
            }
            portfolio_check(p);
            if (!decimal_is_equal(portfolio_equity(p), equity_recomputed(p)))
                fail_msg("seed %llu, step %d", (unsigned long long)seed, step);
        }
        portfolio_free(p);
    }
}
