#include "venue/simulator.h"

#include <string.h>

#include "base/rng.h"

#include "venue_check.h"

/* One simulator with the spot and the future of venue_check.h, whose market the test is. */
static struct product_table products;
static struct simulator *sim;
static nanos now;
static const nanos start = SECONDS(1700006400);

/* What the listener heard since the last look, in words. */
static char told[4000];

static void say(const char *text)
{
    if (strlen(told) + strlen(text) + 3 < sizeof told)
        strcat(strcat(told, told[0] ? "; " : ""), text);
}

static const char *heard(void)
{
    static char text[sizeof told];

    strcpy(text, told);
    told[0] = '\0';
    return text;
}

static void on_order(void *ctx, const struct sim_order *order, enum sim_change change)
{
    static const char *const ends[] = {"open", "filled", "canceled", "expired"};
    char text[200];

    (void)ctx;
    const char *reason =
        change == SIM_EDIT_REFUSED ? order->edit_end.reason : order->end.reason;
    snprintf(text, sizeof text, "%s %s%s%s", order->request.client_id.text,
             change == SIM_ACCEPTED       ? "accepted"
             : change == SIM_REPLACED     ? "replaced"
             : change == SIM_EDIT_REFUSED ? "not replaced"
                                          : ends[order->state],
             reason[0] ? " " : "", reason);
    say(text);
}

static void on_fill(void *ctx, const struct sim_fill *fill)
{
    char size[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX], text[200];

    (void)ctx;
    snprintf(text, sizeof text, "%s %s @ %s %s", fill->order->request.client_id.text,
             decimal_format(fill->fill.size, size), decimal_format(fill->fill.price, price),
             liquidity_name(fill->fill.liquidity));
    say(text);
}

static void begin_with(struct sim_setup setup)
{
    struct sim_listener listener = {.on_order = on_order, .on_fill = on_fill};

    product_table_init(&products);
    add_product(&products, spot_product());
    add_product(&products, future_product());
    setup.start = now = start;
    setup.step = SECONDS(1);
    setup.no_crowd = true;
    told[0] = '\0';
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

static void crowd_market(product_ref product, enum side side, const char *size)
{
    simulator_crowd_order(sim, product, side, ORDER_MARKET, dec(size), DECIMAL_ZERO, now);
}

/* Answers with the reason of a refusal, "" when it was taken. */
static const char *submit(struct order_request request)
{
    struct sim_answer answer = simulator_submit(sim, &request, now);

    return answer.is_taken ? "" : answer.why.reason;
}

static const char *cancel(const char *id)
{
    client_order_id client_id = {{0}};
    venue_order_id none = {{0}};

    strcpy(client_id.text, id);
    struct sim_answer answer = simulator_cancel(sim, &client_id, &none, now);
    return answer.is_taken ? "" : answer.why.reason;
}

static const char *amend(const char *id, const char *size, const char *price)
{
    client_order_id client_id = {{0}};
    venue_order_id none = {{0}};

    strcpy(client_id.text, id);
    struct sim_answer answer =
        simulator_amend(sim, &client_id, &none, dec(size), dec(price), now);
    return answer.is_taken ? "" : answer.why.reason;
}

static void advance(nanos span)
{
    now += span;
    simulator_advance(sim, now);
}

static decimal usd(void)
{
    return ledger_total(simulator_ledger(sim), "USD");
}

TEST(a_market_order_walks_the_book_and_pays_for_it)
{
    begin();
    crowd(SPOT, SIDE_SELL, "1", "100");
    crowd(SPOT, SIDE_SELL, "5", "101");
    assert_string_equal("", submit(market_order("a", SIDE_BUY, "3")));
    assert_string_equal("a accepted; a 1 @ 100 taker; a 2 @ 101 taker; a filled", heard());
    /* 302 * 1.002 */
    assert_decimal("99697.396", usd());
    assert_decimal("3", ledger_total(simulator_ledger(sim), "BTC"));
    assert_decimal("0", ledger_held(simulator_ledger(sim), "USD"));
    end();
}

TEST(a_resting_order_is_filled_in_parts_as_a_maker)
{
    begin();
    crowd(SPOT, SIDE_SELL, "1", "110");
    submit(limit_order("a", SIDE_BUY, "3", "100"));
    assert_decimal("300.6", ledger_held(simulator_ledger(sim), "USD"));
    crowd_market(SPOT, SIDE_SELL, "1");
    assert_decimal("200.4", ledger_held(simulator_ledger(sim), "USD"));
    crowd(SPOT, SIDE_SELL, "5", "99");
    assert_string_equal("a accepted; a 1 @ 100 maker; a 2 @ 100 maker; a filled", heard());
    assert_decimal("99699.7", usd());
    end();
}

TEST(orders_are_refused_with_the_venues_reasons)
{
    struct order_request post = limit_order("post", SIDE_BUY, "1", "100");
    struct order_request reduce = market_order("reduce", SIDE_SELL, "1");

    begin();
    assert_string_equal("INVALID_NO_LIQUIDITY", submit(market_order("a", SIDE_BUY, "1")));
    crowd(SPOT, SIDE_SELL, "1000", "100");
    crowd(FUTURE, SIDE_BUY, "10", "60000");
    post.post_only = true;
    reduce.reduce_only = true;
    reduce.product = FUTURE;
    assert_string_equal("INVALID_SIZE_PRECISION",
                        submit(market_order("a", SIDE_BUY, "0.0001")));
    assert_string_equal("PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
                        submit(limit_order("a", SIDE_BUY, "0", "1")));
    assert_string_equal("PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL",
                        submit(limit_order("a", SIDE_BUY, "0.009", "90")));
    assert_string_equal("INVALID_PRICE_PRECISION",
                        submit(limit_order("a", SIDE_BUY, "1", "99.999")));
    assert_string_equal("INVALID_LIMIT_PRICE_POST_ONLY", submit(post));
    assert_string_equal("INSUFFICIENT_FUND", submit(market_order("a", SIDE_BUY, "999")));
    assert_string_equal("INSUFFICIENT_FUND", submit(limit_order("a", SIDE_SELL, "1", "200")));
    assert_string_equal("CANNOT_CLOSE_ZERO_POSITION", submit(reduce));
    assert_string_equal("UNKNOWN_CANCEL_ORDER", cancel("a"));
    assert_string_equal("ORDER_NOT_FOUND", amend("a", "1", "1"));
    assert_int_equal(simulator_order_count(sim), 0);
    assert_string_equal("", heard());
    end();
}

TEST(a_repeated_client_id_is_the_old_order)
{
    struct order_request request = limit_order("a", SIDE_BUY, "1", "90");
    struct sim_answer first, second;

    begin();
    first = simulator_submit(sim, &request, now);
    request.size = D(5);
    second = simulator_submit(sim, &request, now);
    assert_true(second.is_taken && second.is_repeat);
    assert_ptr_equal(first.order, second.order);
    assert_decimal("1", second.order->request.size);
    assert_int_equal(simulator_order_count(sim), 1);
    cancel("a");
    assert_true(simulator_submit(sim, &request, now).is_repeat);
    assert_int_equal(simulator_order_count(sim), 1);
    end();
}

TEST(where_asked_for_a_repeated_client_id_is_refused)
{
    begin_with((struct sim_setup){.refuses_duplicates = true});
    assert_string_equal("", submit(limit_order("a", SIDE_BUY, "1", "90")));
    assert_string_equal("DUPLICATE_CLIENT_ORDER_ID",
                        submit(limit_order("a", SIDE_BUY, "1", "90")));
    end();
}

TEST(a_market_buy_spends_what_there_is_and_the_rest_is_canceled)
{
    begin_with((struct sim_setup){.fees = {DECIMAL_ZERO, dec("0.01")}});
    crowd(SPOT, SIDE_SELL, "500", "100");
    crowd(SPOT, SIDE_SELL, "500", "150");
    assert_string_equal("", submit(market_order("a", SIDE_BUY, "900")));
    assert_string_equal("a accepted; a 500 @ 100 taker; a 326.732 @ 150 taker; "
                        "a canceled INSUFFICIENT_FUND",
                        heard());
    /* 100000 - (50000 + 49009.8) * 1.01 */
    assert_decimal("0.102", usd());
    end();
}

TEST(a_cancel_gives_back_what_was_held_and_a_second_one_is_refused)
{
    begin();
    submit(limit_order("a", SIDE_BUY, "10", "100"));
    assert_string_equal("", cancel("a"));
    assert_string_equal("UNKNOWN_CANCEL_ORDER", cancel("a"));
    assert_decimal("0", ledger_held(simulator_ledger(sim), "USD"));
    crowd(SPOT, SIDE_SELL, "1", "100");
    submit(market_order("b", SIDE_BUY, "1"));
    assert_string_equal("ORDER_IS_FULLY_FILLED", cancel("b"));
    end();
}

TEST(an_edit_moves_the_order_and_its_hold)
{
    begin();
    crowd(SPOT, SIDE_SELL, "1", "120");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    assert_string_equal("", amend("a", "2", "100"));
    assert_decimal("200.4", ledger_held(simulator_ledger(sim), "USD"));
    assert_string_equal("INSUFFICIENT_FUND", amend("a", "2", "60000"));
    assert_string_equal("CANNOT_EDIT_TO_BELOW_FILLED_SIZE", amend("a", "0", "100"));
    assert_string_equal("", amend("a", "2", "120"));
    assert_string_equal("a accepted; a replaced; a replaced; a 1 @ 120 taker", heard());
    assert_string_equal("CANNOT_EDIT_TO_BELOW_FILLED_SIZE", amend("a", "1", "100"));
    end();
}

TEST(while_an_edit_is_under_way_the_order_takes_no_other_and_is_not_canceled)
{
    begin_with((struct sim_setup){.edit_span = SECONDS(2)});
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    assert_string_equal("", amend("a", "2", "100"));
    assert_string_equal("ORDER_IS_ALREADY_BEING_REPLACED", amend("a", "3", "100"));
    assert_string_equal("ORDER_IS_BEING_REPLACED", cancel("a"));
    assert_int_equal(simulator_next_time(sim), start + SECONDS(2));
    advance(SECONDS(1));
    assert_string_equal("a accepted", heard());
    advance(SECONDS(1));
    assert_string_equal("a replaced", heard());
    assert_string_equal("", amend("a", "3", "100"));
    end();
}

TEST(an_order_that_fills_before_its_edit_takes_effect_is_not_edited)
{
    begin_with((struct sim_setup){.edit_span = SECONDS(2)});
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    amend("a", "2", "90");
    crowd(SPOT, SIDE_SELL, "1", "90");
    assert_string_equal("a accepted; a 1 @ 90 maker; "
                        "a not replaced ONLY_OPEN_ORDERS_CAN_BE_EDITED; a filled",
                        heard());
    end();
}

TEST(a_dated_order_expires_in_time)
{
    struct order_request request = limit_order("a", SIDE_BUY, "1", "90");

    begin();
    request.tif = TIF_GTD;
    request.expires = start + SECONDS(10);
    submit(request);
    assert_int_equal(simulator_next_time(sim), start + SECONDS(10));
    advance(SECONDS(9));
    assert_string_equal("a accepted", heard());
    advance(SECONDS(5));
    assert_string_equal("a expired", heard());
    assert_int_equal(simulator_order_at(sim, 0)->updated, start + SECONDS(10));
    end();
}

TEST(an_order_does_not_trade_with_an_order_of_its_own_account)
{
    struct order_request theirs = limit_order("theirs", SIDE_BUY, "1", "100");

    begin();
    simulator_submit_external(sim, &theirs, now);
    crowd(SPOT, SIDE_SELL, "1", "110");
    submit(market_order("a", SIDE_BUY, "1"));
    submit(limit_order("b", SIDE_SELL, "1", "100"));
    assert_string_equal("theirs accepted; a accepted; a 1 @ 110 taker; a filled; b accepted; "
                        "b canceled",
                        heard());
    assert_true(simulator_order_at(sim, 0)->is_external);
    end();
}

TEST(a_stop_to_buy_holds_a_little_more_and_fills_above_its_price)
{
    begin_with((struct sim_setup){.volume_30d = DECIMAL_ZERO});
    crowd(SPOT, SIDE_SELL, "1", "105");
    crowd(SPOT, SIDE_SELL, "5", "105.5");
    submit(stop_order("a", SIDE_BUY, "2", "105"));
    assert_decimal("212.1", ledger_held(simulator_ledger(sim), "USD"));
    crowd_market(SPOT, SIDE_BUY, "1");
    assert_string_equal("a accepted; a 2 @ 105.5 taker; a filled", heard());
    assert_decimal("0", ledger_held(simulator_ledger(sim), "USD"));
    end();
}

TEST(fees_follow_the_volume_of_thirty_days)
{
    begin_with((struct sim_setup){.fees_by_volume = true, .volume_30d = D(900)});
    assert_decimal("0.012", simulator_fees(sim).taker_rate);
    crowd(SPOT, SIDE_SELL, "1000", "100");
    submit(market_order("a", SIDE_BUY, "2"));
    assert_decimal("2.4", simulator_order_at(sim, 0)->fees);
    submit(market_order("b", SIDE_BUY, "2"));
    assert_decimal("1.5", simulator_order_at(sim, 1)->fees);
    advance(DAYS(29));
    assert_decimal("0.0075", simulator_fees(sim).taker_rate);
    advance(DAYS(1));
    assert_decimal("0.012", simulator_fees(sim).taker_rate);
    end();
}

static struct order_request of_future(struct order_request request)
{
    request.product = FUTURE;
    return request;
}

static void quote_future(const char *bid, const char *ask)
{
    crowd(FUTURE, SIDE_BUY, "1000", bid);
    crowd(FUTURE, SIDE_SELL, "1000", ask);
}

TEST(a_future_goes_short_and_settles_in_cash)
{
    begin_with((struct sim_setup){0});
    quote_future("60000", "60010");
    submit(of_future(market_order("a", SIDE_SELL, "10")));
    assert_decimal("-10", ledger_position(simulator_ledger(sim), FUTURE).size);
    /* margin 0.25 of 10 * 0.01 * 60005, and the loss of half the spread */
    assert_decimal("98499.375", ledger_available(simulator_ledger(sim), "USD"));
    submit(of_future(market_order("b", SIDE_BUY, "10")));
    assert_decimal("99999", usd());
    assert_decimal("0", ledger_position(simulator_ledger(sim), FUTURE).size);
    heard();
    end();
}

TEST(reduce_only_orders_end_with_the_position_they_were_to_reduce)
{
    struct order_request target = of_future(limit_order("target", SIDE_SELL, "5", "60100"));

    begin_with((struct sim_setup){0});
    quote_future("60000", "60010");
    submit(of_future(market_order("long", SIDE_BUY, "5")));
    target.reduce_only = true;
    assert_string_equal("", submit(target));
    strcpy(target.client_id.text, "again");
    assert_string_equal("CANNOT_CLOSE_ZERO_POSITION", submit(target));
    heard();
    submit(of_future(market_order("out", SIDE_SELL, "5")));
    assert_string_equal("out accepted; out 5 @ 60000 taker; out filled; target canceled",
                        heard());
    end();
}

TEST(a_position_that_the_account_cannot_carry_is_closed_by_the_venue)
{
    struct product product;
    struct sim_setup setup = {.start = start, .step = SECONDS(1), .seed = 1};
    struct sim_listener listener = {.on_order = on_order};
    struct order_request request = market_order("a", SIDE_BUY, "100");

    product_table_init(&products);
    assert_true(catalogue_find("BIP-20DEC30-CDE", &product, NULL));
    product.maintenance_margin = product.initial_margin;
    add_product(&products, product);
    sim = simulator_new(&products, &setup, &listener);
    /* 100 contracts are 60130, and their margin 18418: enough for the entry, not for a dip. */
    simulator_deposit(sim, "USD", D(18600));
    now = start;
    simulator_advance(sim, now);
    told[0] = '\0';
    assert_string_equal("", submit(request));
    for (int i = 0; i < 20000 && simulator_order_count(sim) == 1; i++)
        advance(SECONDS(1));
    assert_string_equal("a accepted; a filled; liquidation-1 accepted; liquidation-1 filled",
                        heard());
    assert_true(simulator_order_at(sim, 1)->is_external);
    assert_decimal("0", ledger_position(simulator_ledger(sim), 0).size);
    end();
}

TEST(funding_is_paid_three_times_a_day_and_shorts_get_what_longs_pay)
{
    struct sim_setup setup = {.start = start, .step = MINUTES(10), .seed = 3};
    struct sim_listener listener = {0};
    decimal paid[2];

    for (int side = 0; side < 2; side++) {
        struct product product;
        struct order_request request = market_order("a", side ? SIDE_SELL : SIDE_BUY, "1");
        product_table_init(&products);
        assert_true(catalogue_find("BIP-20DEC30-CDE", &product, NULL));
        add_product(&products, product);
        sim = simulator_new(&products, &setup, &listener);
        simulator_deposit(sim, "USD", D(100000));
        simulator_advance(sim, start);
        assert_true(simulator_submit(sim, &request, start).is_taken);
        decimal before = usd();
        simulator_advance(sim, start + HOURS(24));
        paid[side] = simulator_funding_paid(sim);
        assert_true(decimal_is_equal(usd(), decimal_sub(before, paid[side])));
        simulator_check(sim);
        simulator_free(sim);
    }
    assert_false(decimal_is_zero(paid[0]));
    assert_true(decimal_is_equal(paid[0], decimal_negate(paid[1])));
}

TEST(at_the_touch_orders_fill_whole_whatever_the_size_of_the_book)
{
    begin_with((struct sim_setup){.fills_at_touch = true});
    crowd(SPOT, SIDE_SELL, "0.001", "100");
    crowd(SPOT, SIDE_BUY, "0.001", "99");
    submit(market_order("market", SIDE_BUY, "500"));
    submit(limit_order("cross", SIDE_BUY, "10", "101"));
    submit(limit_order("rest", SIDE_SELL, "400", "105"));
    submit(stop_order("stop", SIDE_SELL, "10", "98"));
    assert_string_equal("market accepted; market 500 @ 100 taker; market filled; "
                        "cross accepted; cross 10 @ 100 taker; cross filled; rest accepted; "
                        "stop accepted",
                        heard());
    crowd_market(SPOT, SIDE_BUY, "0.001");
    crowd(SPOT, SIDE_BUY, "0.002", "106");
    assert_string_equal("rest 400 @ 105 maker; rest filled", heard());
    crowd_market(SPOT, SIDE_SELL, "0.002");
    crowd_market(SPOT, SIDE_SELL, "0.001");
    crowd(SPOT, SIDE_BUY, "1", "97");
    crowd(SPOT, SIDE_SELL, "1", "97");
    assert_string_equal("", heard());
    crowd(SPOT, SIDE_BUY, "1", "97.5");
    assert_string_equal("stop 10 @ 97.5 taker; stop filled", heard());
    end();
}

TEST(at_the_touch_dated_orders_expire_and_ioc_misses)
{
    struct order_request dated = limit_order("dated", SIDE_BUY, "1", "90");
    struct order_request miss = limit_order("miss", SIDE_BUY, "1", "90");

    begin_with((struct sim_setup){.fills_at_touch = true});
    crowd(SPOT, SIDE_SELL, "1", "100");
    dated.tif = TIF_GTD;
    dated.expires = start + SECONDS(3);
    miss.tif = TIF_IOC;
    submit(dated);
    submit(miss);
    assert_int_equal(simulator_next_time(sim), start + SECONDS(3));
    advance(SECONDS(3));
    assert_string_equal("dated accepted; miss accepted; miss canceled; dated expired", heard());
    end();
}

/* A crowd of its own, random orders of ours, and books kept apart that must agree to the last
 * digit: what the fills say, added up, is what the account has. */
static void trade_at_random(uint64_t seed, bool at_touch)
{
    static const char *const symbols[] = {"BTC-USD", "DOGE-USD", "BIP-20DEC30-CDE"};
    struct sim_setup setup = {.seed = seed,
                              .start = start,
                              .step = SECONDS(1),
                              .fees = {dec("0.0005"), dec("0.0011")},
                              .fills_at_touch = at_touch};
    struct sim_listener listener = {0};
    struct rng rng = rng_stream(seed, "our orders");

    product_table_init(&products);
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
        struct product product;
        assert_true(catalogue_find(symbols[i], &product, NULL));
        add_product(&products, product);
    }
    sim = simulator_new(&products, &setup, &listener);
    simulator_deposit(sim, "USD", D(50000));
    now = start;
    for (int i = 0; i < 1500; i++) {
        advance(MILLISECONDS(rng_between(&rng, 1, 2000)));
        product_ref ref = (product_ref)rng_below(&rng, 3);
        const struct product *product = &products.items[ref];
        struct quote quote = simulator_quote(sim, ref);
        char id[24];
        snprintf(id, sizeof id, "r-%d", i);
        struct order_request request =
            market_order(id, rng_below(&rng, 2) ? SIDE_BUY : SIDE_SELL, "1");
        static const int sizes[] = {20000, 40000, 3};
        request.product = ref;
        request.size = (decimal){(int128)rng_between(&rng, 1, sizes[ref]) *
                                 (ref == 0 ? 1000 : 1) * product->base_increment.units};
        if (rng_below(&rng, 3)) {
            request.type = ORDER_LIMIT;
            request.tif = (enum time_in_force)rng_below(&rng, TIF_COUNT);
            request.expires = request.tif == TIF_GTD ? now + SECONDS(30) : 0;
            request.limit_price = (decimal){quote.bid.units + product->price_increment.units *
                                                                  rng_between(&rng, -40, 40)};
        }
        simulator_submit(sim, &request, now);
        if (rng_below(&rng, 4) == 0 && simulator_order_count(sim)) {
            const struct sim_order *order =
                simulator_order_at(sim, rng_below(&rng, simulator_order_count(sim)));
            simulator_cancel(sim, &order->request.client_id, &order->venue_id, now);
        }
        simulator_check(sim);
    }
    advance(SECONDS(60));
}

static void compare_with_fills(uint64_t seed)
{
    decimal cash = decimal_sub(D(50000), simulator_funding_paid(sim));
    decimal coins[3] = {{0}}, cost = DECIMAL_ZERO;

    for (uint64_t i = 0; i < simulator_fill_count(sim); i++) {
        const struct fill *fill = &simulator_fill_at(sim, i)->fill;
        bool buy = fill->side == SIDE_BUY;
        decimal value = buy ? decimal_negate(fill->value) : fill->value;
        decimal size = buy ? fill->size : decimal_negate(fill->size);
        cash = decimal_sub(decimal_add(cash, value), fill->fee);
        coins[fill->product] = decimal_add(coins[fill->product], size);
    }
    const struct ledger *ledger = simulator_ledger(sim);
    cost = ledger_position(ledger, 2).cost; /* a future's cost is not paid, only realised */
    if (!decimal_is_equal(decimal_add(cash, cost), ledger_total(ledger, "USD")) ||
        !decimal_is_equal(coins[0], ledger_total(ledger, "BTC")) ||
        !decimal_is_equal(coins[1], ledger_total(ledger, "DOGE")) ||
        !decimal_is_equal(coins[2], ledger_position(ledger, 2).size))
        fail_msg("seed %llu: the account is not what its fills add up to",
                 (unsigned long long)seed);
    assert_true(simulator_fill_count(sim) > 200);
}

TEST(the_account_is_what_its_fills_add_up_to)
{
    for (uint64_t seed = 1; seed <= 6; seed++) {
        trade_at_random(seed, seed % 3 == 0);
        compare_with_fills(seed);
        end();
    }
}

TEST(whatever_we_trade_the_crowd_goes_its_way)
{
    struct sim_setup setup = {.seed = 5, .start = start, .step = SECONDS(1)};
    struct sim_listener listener = {0};
    struct simulator *alone;
    struct product product;
    int equal = 0;

    trade_at_random(5, false);
    struct product_table one;
    product_table_init(&one);
    assert_true(catalogue_find("DOGE-USD", &product, NULL));
    add_product(&one, product);
    alone = simulator_new(&one, &setup, &listener);
    for (int i = 0; i < 200; i++) {
        advance(SECONDS(1));
        simulator_advance(alone, now);
        struct quote a = simulator_quote(alone, 0), b = simulator_quote(sim, 1);
        equal += decimal_is_equal(a.bid, b.bid) && decimal_is_equal(a.ask, b.ask);
    }
    /* But for what our own orders still rest between. */
    assert_true(equal > 150);
    simulator_free(alone);
    end();
}
