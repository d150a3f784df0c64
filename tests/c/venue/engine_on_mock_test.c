/* The engine and the embedded venue together: two sets of books, kept by code that shares
 * nothing, that must agree to the last digit. */
#include "engine/engine.h"
#include "engine/journal_null.h"
#include "venue/mock.h"

#include "base/rng.h"

#include "venue_check.h"

enum { PRODUCTS = 4 };

static const char *const symbols[PRODUCTS] = {"BTC-USD", "SOL-USD", "DOGE-USD",
                                              "BIP-20DEC30-CDE"};
static const nanos start = SECONDS(1700006400);

struct bench {
    struct product_table products;
    struct mock *mock;
    struct fault_plan *plan;
    struct journal_null *journal;
    struct engine *engine;
    struct rng rng;
    bool is_tired; /* the strategy wants nothing more */
};

/* Enters, leaves, quotes and cancels at random, all products, both sides where it may. */
static enum err wish_at_random(void *ctx, const struct strategy_call *call,
                               struct decision_list *out, struct fault *why)
{
    struct bench *bench = ctx;

    (void)why;
    for (int i = 0; i < PRODUCTS && !bench->is_tired; i++) {
        const struct market *market = &call->view->markets[i];
        struct decision *d = &out->items[out->count];
        if (rng_below(&bench->rng, 4) || decimal_is_zero(market->quote.bid))
            continue;
        *d = (struct decision){.product = (product_ref)i, .has_size = true};
        d->action = (enum action)rng_between(&bench->rng, ACTION_BUY, ACTION_CANCEL);
        d->size = decimal_mul_div(D(rng_between(&bench->rng, 50, 2000)), D(1), market->mark,
                                  ROUND_DOWN);
        if (i == PRODUCTS - 1)
            d->size = D(rng_between(&bench->rng, 1, 5));
        if (rng_below(&bench->rng, 2)) {
            d->type = ORDER_LIMIT;
            d->limit_price = d->action == ACTION_BUY ? market->quote.bid : market->quote.ask;
        }
        out->count++;
    }
    return OK;
}

static void bench_begin(struct bench *bench, uint64_t seed, bool at_touch)
{
    struct mock_setup setup = {.market = {.seed = seed,
                                          .start = start,
                                          .step = SECONDS(1),
                                          .fees = {dec("0.004"), dec("0.006")},
                                          .fills_at_touch = at_touch},
                               .latency_min = MILLISECONDS(5),
                               .latency_max = MILLISECONDS(120)};
    struct strategy_port strategy = {
        .ctx = bench, .name = "random", .wants = HOOK_BIT(HOOK_CYCLE), .call = wish_at_random};
    struct fact_run run = {.run = "t1"};
    struct engine_settings settings;
    struct fault why;

    *bench = (struct bench){.rng = rng_stream(seed, "wishes"), .plan = fault_plan_new(seed)};
    product_table_init(&bench->products);
    for (int i = 0; i < PRODUCTS; i++) {
        struct product product;
        assert_true(catalogue_find(symbols[i], &product, NULL));
        add_product(&bench->products, product);
    }
    engine_settings_init_unlimited(&settings);
    settings.cycle_every = SECONDS(1);
    settings.limits.allow_shorts = true;
    settings.maker_rate = dec("0.004");
    settings.taker_rate = dec("0.006");
    bench->mock = mock_new(&bench->products, &setup);
    bench->journal = journal_null_new(false);
    struct engine_ports ports = {.venue = mock_port(bench->mock),
                                 .journal = journal_null_port(bench->journal)};
    bench->engine = engine_new(&settings, &bench->products, &ports, "t1");
    engine_set_balance(bench->engine, "USD", D(50000), "opening");
    for (strategy.product = 0; strategy.product < PRODUCTS; strategy.product++)
        engine_add_strategy(bench->engine, &strategy);
    mock_deposit(bench->mock, "USD", D(50000));
    mock_connect(bench->mock, engine_bus(bench->engine));
    mock_set_faults(bench->mock, bench->plan);
    if (engine_start(bench->engine, &run, start, &why))
        fail_msg("%s", why.text);
}

static void bench_end(struct bench *bench)
{
    simulator_check(mock_simulator(bench->mock));
    engine_free(bench->engine);
    mock_free(bench->mock);
    journal_null_free(bench->journal);
    fault_plan_free(bench->plan);
}

static void run_until(struct bench *bench, nanos end)
{
    struct fault why;
    nanos now;

    do {
        nanos venue = mock_next_time(bench->mock), own = engine_next_deadline(bench->engine);
        now = venue < own ? venue : own;
        now = now < end ? now : end;
        mock_advance(bench->mock, now);
        if (engine_turn(bench->engine, now, &why))
            fail_msg("%s", why.text);
    } while (now < end);
}

static void assert_same(decimal venue, decimal engine, const char *what, uint64_t seed)
{
    char a[DECIMAL_TEXT_MAX], b[DECIMAL_TEXT_MAX];

    if (!decimal_is_equal(venue, engine))
        fail_msg("seed %llu: %s is %s at the venue and %s in the engine",
                 (unsigned long long)seed, what, decimal_format(venue, a),
                 decimal_format(engine, b));
}

/* Lets what is on its way arrive; what rests is canceled, for fills must not be on their way.
 */
static void settle(struct bench *bench)
{
    struct simulator *sim = mock_simulator(bench->mock);
    nanos now = simulator_now(sim);

    bench->is_tired = true;
    mock_set_faults(bench->mock, NULL);
    for (uint64_t i = 0; i < simulator_order_count(sim); i++) {
        const struct sim_order *order = simulator_order_at(sim, i);
        if (order->state == SIM_OPEN)
            simulator_cancel(sim, &order->request.client_id, &order->venue_id, now);
    }
    run_until(bench, now + SECONDS(10));
}

static void compare_books(struct bench *bench, uint64_t seed)
{
    const struct portfolio *portfolio = engine_portfolio(bench->engine);
    const struct ledger *ledger = simulator_ledger(mock_simulator(bench->mock));

    for (int i = 0; i < ledger_currency_count(ledger); i++) {
        const char *currency = ledger_currency_at(ledger, i);
        assert_same(ledger_total(ledger, currency),
                    portfolio_balance(portfolio, currency).total, currency, seed);
    }
    assert_same(ledger_position(ledger, PRODUCTS - 1).size,
                portfolio_position(portfolio, PRODUCTS - 1)->size, "the future", seed);
    assert_same(ledger_position(ledger, PRODUCTS - 1).cost,
                portfolio_position(portfolio, PRODUCTS - 1)->cost, "its cost", seed);
}

TEST(the_engines_books_and_the_venues_agree_to_the_last_digit)
{
    struct bench bench;

    for (uint64_t seed = 1; seed <= 4; seed++) {
        bench_begin(&bench, seed, seed % 2 == 0);
        run_until(&bench, start + SECONDS(400));
        settle(&bench);
        compare_books(&bench, seed);
        assert_true(simulator_fill_count(mock_simulator(bench.mock)) > 100);
        bench_end(&bench);
    }
}

TEST(fills_that_come_twice_late_or_out_of_order_change_nothing_of_that)
{
    struct bench bench;

    for (uint64_t seed = 1; seed <= 4; seed++) {
        bench_begin(&bench, seed, false);
        fault_plan_set_chance(bench.plan, FAULT_DUPLICATE, dec("0.1"));
        fault_plan_set_chance(bench.plan, FAULT_DELAY, dec("0.1"));
        fault_plan_set_chance(bench.plan, FAULT_REORDER, dec("0.1"));
        run_until(&bench, start + SECONDS(400));
        settle(&bench);
        compare_books(&bench, seed);
        bench_end(&bench);
    }
}
