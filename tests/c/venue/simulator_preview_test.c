/* What a preview says, held against what a submit then does. */
#include "engine/refusal.h"
#include "venue/preview_answer.h"
#include "venue/simulator.h"

#include "base/rng.h"

#include "venue_check.h"

static struct product_table products;
static struct simulator *sim;
static nanos now;
static const nanos start = SECONDS(1700006400);

static void begin_with(struct sim_setup setup)
{
    struct sim_listener listener = {.ctx = NULL};

    product_table_init(&products);
    add_product(&products, spot_product());
    add_product(&products, future_product());
    setup.start = now = start;
    setup.step = SECONDS(1);
    setup.no_crowd = true;
    sim = simulator_new(&products, &setup, &listener);
    simulator_deposit(sim, "USD", D(100000));
}

static void begin(void)
{
    begin_with((struct sim_setup){.fees = {dec("0.001"), dec("0.002")}});
}

static void end(void)
{
    simulator_check(sim);
    simulator_free(sim);
}

static void crowd(product_ref product, enum side side, const char *size, const char *price)
{
    simulator_crowd_order(sim, product, side, ORDER_LIMIT, dec(size), dec(price), now);
}

static struct preview preview(struct order_request request)
{
    struct preview out;

    simulator_preview(sim, &request, now, &out);
    return out;
}

static const char *reason(struct order_request request)
{
    static struct preview out;

    out = preview(request);
    return out.reason;
}

/* The venue's own example: 0.001 BTC, fees of 0.6 %. The venue rounds to cents, we do not. */
TEST(the_figures_are_those_of_the_venues_example)
{
    begin_with((struct sim_setup){.fees = {dec("0.004"), dec("0.006")}});
    crowd(SPOT, SIDE_BUY, "1", "60123.44");
    crowd(SPOT, SIDE_SELL, "1", "60123.45");
    struct preview out = preview(market_order("a", SIDE_BUY, "0.001"));
    assert_decimal("60.12345", out.value);
    assert_decimal("0.3607407", out.commission);
    assert_decimal("60.4841907", out.total);
    assert_decimal("0.001", out.size);
    assert_decimal("60123.44", out.best_bid);
    assert_decimal("60123.45", out.best_ask);
    assert_decimal("60123.45", out.average_price);
    assert_decimal("0", out.slippage);
    assert_decimal("0", out.margin);
    assert_string_equal(out.reason, "");
    assert_string_equal(out.warning, "");
    assert_string_equal(out.id, "sim-1700006400000000000");
    end();
}

TEST(an_order_that_walks_the_book_shows_its_average_and_what_it_slips)
{
    begin();
    crowd(SPOT, SIDE_SELL, "1", "100");
    crowd(SPOT, SIDE_SELL, "5", "103");
    struct preview out = preview(market_order("a", SIDE_BUY, "3"));
    assert_decimal("306", out.value);
    assert_decimal("102", out.average_price);
    assert_decimal("0.02", out.slippage);
    assert_decimal("0.612", out.commission);
    assert_string_equal(out.warning, "BIG_ORDER");
    end();
}

TEST(what_a_sale_brings_is_less_the_commission)
{
    begin();
    simulator_deposit(sim, "BTC", D(3));
    crowd(SPOT, SIDE_BUY, "5", "100");
    struct preview out = preview(market_order("a", SIDE_SELL, "3"));
    assert_decimal("300", out.value);
    assert_decimal("299.4", out.total);
    end();
}

TEST(a_limit_takes_what_it_reaches_and_rests_for_the_makers_fee)
{
    begin();
    crowd(SPOT, SIDE_SELL, "1", "100");
    crowd(SPOT, SIDE_SELL, "1", "102");
    struct preview out = preview(limit_order("a", SIDE_BUY, "3", "101"));
    assert_decimal("302", out.value); /* 1 at 100, 2 at 101 */
    assert_decimal("0.402", out.commission);
    assert_decimal("100", out.average_price);
    assert_decimal("0", out.slippage);
    out = preview(limit_order("a", SIDE_BUY, "3", "99"));
    assert_decimal("297", out.value);
    assert_decimal("0.297", out.commission);
    assert_decimal("99", out.average_price);
    end();
}

TEST(a_stop_is_reckoned_at_its_price_for_the_takers_fee)
{
    begin();
    crowd(SPOT, SIDE_SELL, "1", "100");
    struct preview out = preview(stop_order("a", SIDE_BUY, "2", "120"));
    assert_decimal("240", out.value);
    assert_decimal("0.48", out.commission);
    assert_decimal("0", out.slippage);
    assert_string_equal(out.warning, "");
    end();
}

TEST(a_future_asks_for_margin)
{
    struct order_request buy = market_order("a", SIDE_BUY, "10");

    begin();
    crowd(FUTURE, SIDE_SELL, "10", "60000");
    buy.product = FUTURE;
    struct preview out = preview(buy);
    assert_decimal("6000", out.value);
    assert_decimal("1500", out.margin);
    assert_decimal("1512", out.total);
    assert_decimal("60000", out.average_price);
    end();
}

TEST(a_book_that_cannot_fill_it_is_a_warning)
{
    begin();
    crowd(SPOT, SIDE_SELL, "1", "100");
    struct preview out = preview(market_order("a", SIDE_BUY, "3"));
    assert_decimal("100", out.value);
    assert_string_equal(out.warning, "BIG_ORDER");
    assert_string_equal(out.reason, "");
    end();
}

TEST(where_orders_fill_at_the_touch_a_preview_says_so)
{
    begin_with((struct sim_setup){.fills_at_touch = true});
    crowd(SPOT, SIDE_SELL, "1", "100");
    struct preview out = preview(market_order("a", SIDE_BUY, "30"));
    assert_decimal("3000", out.value);
    assert_decimal("0", out.slippage);
    assert_string_equal(out.warning, "");
    end();
}

TEST(reasons_are_the_previews_own)
{
    struct order_request post = limit_order("a", SIDE_BUY, "1", "100"), reduce;

    begin();
    assert_string_equal("PREVIEW_INVALID_NO_LIQUIDITY",
                        reason(market_order("a", SIDE_BUY, "1")));
    crowd(SPOT, SIDE_SELL, "1000", "100");
    crowd(FUTURE, SIDE_BUY, "1000", "60000");
    post.post_only = true;
    reduce = market_order("a", SIDE_SELL, "1");
    reduce.product = FUTURE;
    reduce.reduce_only = true;
    assert_string_equal("PREVIEW_INVALID_SIZE_PRECISION",
                        reason(market_order("a", SIDE_BUY, "0.0001")));
    assert_string_equal("PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
                        reason(limit_order("a", SIDE_BUY, "0", "1")));
    assert_string_equal("PREVIEW_INVALID_PRICE_PRECISION",
                        reason(limit_order("a", SIDE_BUY, "1", "99.999")));
    assert_string_equal("PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY", reason(post));
    assert_string_equal("PREVIEW_INSUFFICIENT_FUND",
                        reason(market_order("a", SIDE_BUY, "999")));
    assert_string_equal("PREVIEW_REDUCE_ONLY_INCREASED_POSITION_SIZE", reason(reduce));
    reduce.reduce_only = false;
    reduce.size = D(1000);
    assert_string_equal("PREVIEW_INSUFFICIENT_FUNDS_FOR_FUTURES", reason(reduce));
    end();
}

TEST(figures_are_told_even_if_the_venue_would_refuse)
{
    begin();
    crowd(SPOT, SIDE_SELL, "1000", "200");
    struct preview out = preview(market_order("a", SIDE_BUY, "900"));
    assert_string_equal(out.reason, "PREVIEW_INSUFFICIENT_FUND");
    assert_decimal("180000", out.value);
    end();
}

static bool is_known(const char *name)
{
    int count;
    const struct venue_reason *list = refusal_venue_reasons(&count);

    for (int i = 0; i < count; i++)
        if (strcmp(list[i].name, name) == 0)
            return true;
    return false;
}

/* Each reason that admission and the simulator can give has a name among the previews'. */
TEST(every_reason_is_one_that_the_venue_has)
{
    static const char *const given[] = {
        "CANNOT_CLOSE_ZERO_POSITION",
        "END_TIME_IS_IN_THE_PAST",
        "GTD_ORDERS_MUST_HAVE_END_TIME",
        "INSUFFICIENT_FUND",
        "INVALID_LIMIT_PRICE",
        "INVALID_LIMIT_PRICE_POST_ONLY",
        "INVALID_NO_LIQUIDITY",
        "INVALID_PRICE_PRECISION",
        "INVALID_SIZE_PRECISION",
        "LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_BUY",
        "LIMIT_ORDER_PRICE_EXCEEDS_PRICE_BAND_ON_SELL",
        "LIMIT_PRICE_TOO_FAR_FROM_MARKET",
        "ORDER_ENTRY_DISABLED",
        "POST_ONLY_NOT_ALLOWED_WITH_FOK",
        "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE",
        "PREVIEW_NOT_ALLOWED_BY_MARKET_STATE",
        "REDUCE_ONLY_INCREASED_POSITION_SIZE",
        "TRADING_DISABLED",
        "UNSUPPORTED_ORDER_CONFIGURATION",
        "UNTRADABLE_PRODUCT",
    };
    struct product spot = spot_product(), future = future_product();

    for (size_t i = 0; i < ARRAY_LEN(given); i++) {
        struct rejection why = {given[i], ""};
        const char *names[] = {preview_answer_reason(&spot, &why),
                               preview_answer_reason(&future, &why)};
        for (int k = 0; k < 2; k++)
            if (strncmp(names[k], "PREVIEW_", 8) != 0 || !is_known(names[k]))
                fail_msg("%s: %s is no reason of a preview", given[i], names[k]);
    }
}

/* ---- by chance: the ledger is the oracle ---- */

static void random_crowd(struct rng *rng)
{
    for (int i = 0; i < 6; i++) {
        enum side side = i % 2 ? SIDE_BUY : SIDE_SELL;
        int64_t off = rng_between(rng, 1, 300);
        simulator_crowd_order(sim, SPOT, side, ORDER_LIMIT,
                              decimal_from_int(rng_between(rng, 1, 4)),
                              decimal_from_int(1000 + (side == SIDE_SELL ? off : -off)), now);
    }
}

static struct order_request random_order(struct rng *rng, int n)
{
    struct order_request request = {.side = rng_chance(rng, 0.5) ? SIDE_BUY : SIDE_SELL,
                                    .type = rng_chance(rng, 0.5) ? ORDER_MARKET : ORDER_LIMIT,
                                    .tif = TIF_IOC};

    snprintf(request.client_id.text, sizeof request.client_id.text, "r%d", n);
    request.size =
        decimal_div(decimal_from_int(rng_between(rng, 0, 9000)), D(1000), ROUND_DOWN);
    if (request.type == ORDER_LIMIT)
        request.limit_price = decimal_from_int(rng_between(rng, 700, 1300));
    request.post_only = request.type == ORDER_LIMIT && rng_chance(rng, 0.1);
    if (request.post_only)
        request.tif = TIF_GTC;
    return request;
}

/* What a preview says of an order, of its figures and of nothing else. */
static void check_against_submit(const struct order_request *request, uint64_t seed)
{
    decimal usd = ledger_total(simulator_ledger(sim), "USD");
    uint64_t orders = simulator_order_count(sim);
    struct preview out, again;

    simulator_preview(sim, request, now, &out);
    simulator_preview(sim, request, now, &again);
    assert_true(decimal_is_equal(out.total, again.total));
    assert_true(decimal_is_equal(usd, ledger_total(simulator_ledger(sim), "USD")));
    assert_int_equal(orders, simulator_order_count(sim));
    struct sim_answer answer = simulator_submit(sim, request, now);
    if (answer.is_taken != (out.reason[0] == '\0'))
        fail_msg("seed %llu: previewed \"%s\", submitted \"%s\"", (unsigned long long)seed,
                 out.reason, answer.is_taken ? "" : answer.why.reason);
    if (!answer.is_taken || request->tif != TIF_IOC || answer.order->end.reason[0])
        return; /* a market buy that its funds cut short */
    decimal paid = decimal_sub(usd, ledger_total(simulator_ledger(sim), "USD"));
    decimal told = request->side == SIDE_BUY ? out.total : decimal_negate(out.total);
    char a[DECIMAL_TEXT_MAX], b[DECIMAL_TEXT_MAX];
    if (!decimal_is_less(decimal_abs(decimal_sub(paid, told)), dec("0.000001")))
        fail_msg("seed %llu: previewed %s, paid %s", (unsigned long long)seed,
                 decimal_format(told, a), decimal_format(paid, b));
}

TEST(a_preview_says_what_a_submit_then_does)
{
    for (uint64_t seed = 1; seed <= 300; seed++) {
        struct rng rng = rng_stream(seed, "preview");
        begin();
        simulator_deposit(sim, "USD", decimal_from_int(-rng_between(&rng, 0, 99000)));
        simulator_deposit(sim, "BTC", decimal_from_int(rng_between(&rng, 0, 5)));
        for (int i = 0; i < 8; i++) {
            random_crowd(&rng);
            struct order_request request = random_order(&rng, i);
            check_against_submit(&request, seed);
            simulator_cancel(sim, &request.client_id, &(venue_order_id){""}, now);
        }
        end();
    }
}
