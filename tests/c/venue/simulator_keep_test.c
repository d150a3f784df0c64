/* A simulated exchange that was saved line by line is the same one when it is loaded. */
#include "venue/simulator_keep.h"

#include "base/mem.h"
#include "base/rng.h"
#include "venue/simulator_private.h"

#include "venue_check.h"

static struct product_table products;
static const nanos start = SECONDS(1700006400);

/* Some take their time over edits. */
static struct simulator *exchange(uint64_t seed, bool at_touch)
{
    struct sim_setup setup = {.seed = seed,
                              .start = start,
                              .step = SECONDS(1),
                              .fees = {dec("0.001"), dec("0.002")},
                              .fills_at_touch = at_touch,
                              .edit_span = seed % 2 ? SECONDS(5) : 0,
                              .candle = SECONDS(10)};
    static const char *const symbols[] = {"BTC-USD", "ETH-USD", "BIP-20DEC30-CDE"};
    struct sim_listener nobody = {.ctx = NULL};

    product_table_init(&products);
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
        struct product product;
        assert_true(catalogue_find(symbols[i], &product, NULL));
        add_product(&products, product);
    }
    return simulator_new(&products, &setup, &nobody);
}

static decimal near_price(const struct simulator *sim, struct rng *rng, product_ref product)
{
    decimal last = simulator_last_price(sim, product);
    decimal share = {rng_between(rng, 9900, 10100) * (DECIMAL_ONE / 10000)};
    decimal step = sim_product(sim, product)->price_increment;

    return decimal_quantize(decimal_mul(last, share, ROUND_DOWN), step, ROUND_DOWN);
}

static void order_at_random(struct simulator *sim, struct rng *rng, nanos now, int number)
{
    product_ref product = (product_ref)rng_below(rng, 3);
    struct order_request request = {.product = product,
                                    .side = (enum side)rng_below(rng, 2),
                                    .type = (enum order_type)rng_below(rng, ORDER_TYPE_COUNT),
                                    .tif = TIF_GTC,
                                    .size = product == 2 ? D(1) : dec("0.01")};

    snprintf(request.client_id.text, CLIENT_ORDER_ID_MAX, "c-%d", number);
    if (request.type == ORDER_MARKET)
        request.tif = TIF_IOC;
    if (request.type == ORDER_LIMIT || request.type == ORDER_STOP_LIMIT)
        request.limit_price = near_price(sim, rng, product);
    if (request.type == ORDER_STOP || request.type == ORDER_STOP_LIMIT)
        request.stop_price = request.type == ORDER_STOP_LIMIT ? request.limit_price
                                                              : near_price(sim, rng, product);
    if (request.type == ORDER_LIMIT && rng_chance(rng, 0.2)) {
        request.tif = TIF_GTD;
        request.expires = now + SECONDS(rng_between(rng, 1, 200));
    }
    simulator_submit(sim, &request, now);
}

static void act_at_random(struct simulator *sim, struct rng *rng, nanos now, int number)
{
    const venue_order_id none = {""};
    client_order_id id;
    product_ref product = (product_ref)rng_below(rng, 3);

    snprintf(id.text, sizeof id.text, "c-%d", (int)rng_below(rng, (uint64_t)number + 1));
    switch (rng_below(rng, 4)) {
    case 0:
        simulator_cancel(sim, &id, &none, now);
        break;
    case 1:
        simulator_amend(sim, &id, &none, product == 2 ? D(2) : dec("0.03"),
                        near_price(sim, rng, product), now);
        break;
    default:
        order_at_random(sim, rng, now, number);
    }
}

static char *whole(struct simulator *sim)
{
    struct buf out = BUF_INIT;

    simulator_save(sim, true, &out);
    buf_add_text(&out, "");
    return out.data;
}

static struct simulator *loaded(const struct buf *text, uint64_t seed, bool at_touch)
{
    struct simulator *sim = exchange(seed, at_touch);
    struct fault why = {OK, ""};

    if (simulator_load(sim, text->data, text->len, &why))
        fail_msg("%s", why.text);
    return sim;
}

/* Held and available funds, which no row says: they follow from claims and marks. */
static void compare_funds(struct simulator *a, struct simulator *b)
{
    char left[DECIMAL_TEXT_MAX], right[DECIMAL_TEXT_MAX];

    for (int i = 0; i < ledger_currency_count(a->ledger); i++) {
        const char *currency = ledger_currency_at(a->ledger, i);
        assert_string_equal(decimal_format(ledger_held(a->ledger, currency), left),
                            decimal_format(ledger_held(b->ledger, currency), right));
    }
}

static struct match_view view_of(const struct simulator *sim, uint64_t index)
{
    const struct order_record *record = sim->orders[index];
    struct match_view view;

    assert_true(
        matching_find(sim->markets[record->order.request.product].book, record->match, &view));
    return view;
}

/* Every open order has as much before it as it had; and of two the same one is the older. */
static uint64_t compare_places(const struct simulator *a, const struct simulator *b)
{
    char left[DECIMAL_TEXT_MAX], right[DECIMAL_TEXT_MAX];
    uint64_t behind = 0;

    for (uint64_t i = 0; i < a->open_count; i++) {
        struct match_view was = view_of(a, a->open[i]), is = view_of(b, a->open[i]);
        assert_string_equal(decimal_format(was.ahead, left), decimal_format(is.ahead, right));
        assert_string_equal(decimal_format(was.remaining, left),
                            decimal_format(is.remaining, right));
        behind += decimal_is_positive(was.ahead);
        for (uint64_t k = 0; k < i; k++) {
            if (a->orders[a->open[k]]->order.request.product !=
                a->orders[a->open[i]]->order.request.product)
                continue;
            bool was_older = view_of(a, a->open[k]).sequence < was.sequence;
            assert_int_equal(was_older, view_of(b, a->open[k]).sequence < is.sequence);
        }
    }
    return behind;
}

/* Behind the makers at the best bid of each product. */
static void join_bids(struct simulator *sim)
{
    for (product_ref product = 0; product < 3; product++) {
        struct order_request request =
            limit_order("", SIDE_BUY, product == 2 ? "1" : "0.01", "1");
        request.product = product;
        request.limit_price = simulator_quote(sim, product).bid;
        snprintf(request.client_id.text, CLIENT_ORDER_ID_MAX, "last-%d", (int)product);
        simulator_submit(sim, &request, sim->now);
    }
}

static uint64_t live(uint64_t seed, bool at_touch)
{
    struct rng rng = rng_stream(seed, "keep");
    struct simulator *sim = exchange(seed, at_touch);
    struct buf batches = BUF_INIT;
    nanos now = start;

    simulator_deposit(sim, "USD", D(1000000));
    simulator_deposit(sim, "BTC", D(1));
    for (int i = 0; i < 150; i++) {
        now += MILLISECONDS(rng_between(&rng, 1, 3000));
        simulator_advance(sim, now);
        act_at_random(sim, &rng, now, i);
        if (rng_chance(&rng, 0.3))
            simulator_save(sim, false, &batches);
    }
    join_bids(sim);
    simulator_save(sim, false, &batches);
    assert_false(simulator_has_news(sim));
    struct simulator *again = loaded(&batches, seed, at_touch);
    simulator_check(again);
    char *was = whole(sim), *is = whole(again);
    assert_string_equal(is, was);
    compare_funds(sim, again);
    uint64_t behind = at_touch ? 0 : compare_places(sim, again);
    assert_true(simulator_fill_count(sim) > 5 && sim->open_count > 0);
    mem_free(was);
    mem_free(is);
    simulator_free(again);
    simulator_free(sim);
    buf_clear(&batches);
    return behind;
}

TEST(what_was_saved_piece_by_piece_is_the_whole_when_it_is_loaded)
{
    uint64_t behind = 0;

    for (uint64_t seed = 0; seed < 12; seed++)
        behind += live(seed, seed % 3 == 2);
    assert_true(behind > 0);
}

/* A limit at the best bid stands behind the makers there, and an edit sends the first of two
 * behind the second. */
TEST(orders_keep_their_places_in_the_queue_over_a_restart)
{
    struct simulator *sim = exchange(2, false);
    const venue_order_id none = {""};
    struct buf text = BUF_INIT;

    simulator_deposit(sim, "USD", D(1000000));
    simulator_advance(sim, start + MINUTES(1));
    decimal best = simulator_quote(sim, 0).bid;
    for (int i = 0; i < 2; i++) {
        struct order_request request = limit_order(i ? "b" : "a", SIDE_BUY, "0.01", "1");
        request.limit_price = best;
        assert_true(simulator_submit(sim, &request, sim->now).is_taken);
    }
    client_order_id first = {"a"};
    assert_true(simulator_amend(sim, &first, &none, dec("0.02"), best, sim->now).is_taken);
    simulator_save(sim, false, &text);
    struct match_view a = view_of(sim, 0), b = view_of(sim, 1);
    assert_true(decimal_is_positive(b.ahead) && decimal_is_less(b.ahead, a.ahead));

    struct simulator *again = loaded(&text, 2, false);
    assert_int_equal(compare_places(sim, again), 2);
    simulator_advance(again, again->now + MINUTES(10)); /* makers find their orders again */
    simulator_check(again);
    simulator_free(again);
    simulator_free(sim);
    buf_clear(&text);
}

TEST(a_queue_of_orders_that_have_ended_is_forgotten)
{
    struct simulator *sim = exchange(2, false);
    struct buf text = BUF_INIT;

    simulator_deposit(sim, "USD", D(1000000));
    simulator_advance(sim, start + MINUTES(1));
    struct order_request request = limit_order("a", SIDE_BUY, "0.01", "1");
    request.limit_price = simulator_quote(sim, 0).bid;
    simulator_submit(sim, &request, sim->now);
    simulator_save(sim, false, &text);
    simulator_cancel(sim, &request.client_id, &(venue_order_id){""}, sim->now);
    simulator_save(sim, false, &text);
    struct simulator *again = loaded(&text, 2, false);
    assert_int_equal(matching_depth(again->markets[0].book, SIDE_BUY), 0);
    assert_null(again->markets[0].queue.places);
    simulator_check(again);
    simulator_free(again);
    simulator_free(sim);
    buf_clear(&text);
}

TEST(a_market_goes_on_along_its_path)
{
    struct simulator *sim = exchange(5, false);
    struct buf text = BUF_INIT;
    int64_t was[SYNTH_STATE_COUNT], is[SYNTH_STATE_COUNT];

    simulator_advance(sim, start + HOURS(2));
    simulator_save(sim, true, &text);
    struct simulator *again = loaded(&text, 5, false);
    simulator_advance(sim, start + HOURS(3));
    simulator_advance(again, start + HOURS(3));
    for (int i = 0; i < 3; i++) {
        synth_get_state(sim->markets[i].synth, was);
        synth_get_state(again->markets[i].synth, is);
        assert_memory_equal(was, is, sizeof was);
        struct quote a = simulator_quote(sim, (product_ref)i),
                     b = simulator_quote(again, (product_ref)i);
        assert_true(decimal_is_equal(a.bid, b.bid) && decimal_is_equal(a.ask, b.ask));
    }
    simulator_free(sim);
    simulator_free(again);
    buf_clear(&text);
}

static void compare_candles(const struct simulator *a, const struct simulator *b,
                            product_ref product)
{
    struct bar *left, *right;
    int count = simulator_candles(a, product, 1000, &left);

    assert_int_equal(simulator_candles(b, product, 1000, &right), count);
    assert_true(count > 10);
    for (int i = 0; i < count; i++)
        assert_true(left[i].start == right[i].start && left[i].interval == right[i].interval &&
                    decimal_is_equal(left[i].open, right[i].open) &&
                    decimal_is_equal(left[i].high, right[i].high) &&
                    decimal_is_equal(left[i].low, right[i].low) &&
                    decimal_is_equal(left[i].close, right[i].close) &&
                    decimal_is_equal(left[i].volume, right[i].volume));
    mem_free(left);
    mem_free(right);
}

TEST(candles_go_on_within_the_one_that_was_under_way)
{
    struct simulator *sim = exchange(5, false);
    struct buf text = BUF_INIT;

    simulator_advance(sim, start + MINUTES(5));
    simulator_save(sim, false, &text);
    simulator_advance(sim, start + MINUTES(10) + SECONDS(4));
    simulator_save(sim, false, &text);
    struct simulator *again = loaded(&text, 5, false);
    compare_candles(sim, again, 0);
    simulator_advance(sim, start + MINUTES(10) + SECONDS(8));
    simulator_advance(again, start + MINUTES(10) + SECONDS(8));
    compare_candles(sim, again, 0);
    simulator_free(sim);
    simulator_free(again);
    buf_clear(&text);
}

TEST(a_candle_ends_while_the_exchange_is_closed)
{
    struct simulator *sim = exchange(5, false);
    struct bar *bars;

    simulator_advance(sim, start + SECONDS(14));
    simulator_reopen(sim, start + HOURS(5));
    assert_int_equal(simulator_candles(sim, 0, 1000, &bars), 2);
    assert_int_equal(bars[1].start, start + SECONDS(10));
    mem_free(bars);
    simulator_advance(sim, start + HOURS(5) + SECONDS(1));
    assert_int_equal(simulator_candles(sim, 0, 1000, &bars), 3);
    assert_int_equal(bars[2].start, start + HOURS(5));
    mem_free(bars);
    simulator_free(sim);
}

static struct order_request far_limit(const struct simulator *sim)
{
    struct order_request request = limit_order("a", SIDE_BUY, "0.01", "1");
    struct rng rng = rng_stream(1, "price");

    request.limit_price = near_price(sim, &rng, 0);
    request.limit_price = decimal_quantize(
        decimal_mul_div(request.limit_price, D(95), D(100), ROUND_DOWN), D(1), ROUND_DOWN);
    return request;
}

/* Taken, then saved and loaded; it waits there as it did here, or is over there too. */
TEST(an_edit_that_waits_outlives_the_process_and_happens_when_it_is_due)
{
    for (int is_closed = 0; is_closed < 2; is_closed++) {
        struct simulator *sim = exchange(1, false);
        const venue_order_id none = {""};
        struct buf text = BUF_INIT;
        simulator_deposit(sim, "USD", D(1000000));
        simulator_advance(sim, start + SECONDS(10));
        struct order_request request = far_limit(sim);
        assert_true(simulator_submit(sim, &request, sim->now).is_taken);
        simulator_save(sim, false, &text);
        struct sim_answer answer = simulator_amend(sim, &request.client_id, &none, dec("0.02"),
                                                   request.limit_price, sim->now);
        assert_true(answer.is_taken && answer.is_waiting);
        assert_true(simulator_has_news(sim)); /* that it was taken must not be forgotten */
        simulator_save(sim, false, &text);

        struct simulator *again = loaded(&text, 1, false);
        const struct sim_order *order = simulator_find(again, &request.client_id, &none);
        assert_int_equal(again->edits, 1);
        assert_string_equal(
            "ORDER_IS_BEING_REPLACED",
            simulator_cancel(again, &request.client_id, &none, again->now).why.reason);
        if (is_closed)
            simulator_reopen(again, again->now + HOURS(1));
        simulator_advance(again, again->now + (is_closed ? 0 : SECONDS(4)));
        assert_decimal(is_closed ? "0.02" : "0.01", order->request.size);
        simulator_advance(again, again->now + SECONDS(1));
        assert_decimal("0.02", order->request.size);
        assert_int_equal(again->edits, 0);
        simulator_check(again);
        simulator_free(again);
        simulator_free(sim);
        buf_clear(&text);
    }
}

TEST(an_edit_that_came_to_nothing_is_not_waited_for_after_a_restart)
{
    struct simulator *sim = exchange(1, false);
    const venue_order_id none = {""};
    struct buf text = BUF_INIT;

    simulator_deposit(sim, "USD", D(2000));
    simulator_advance(sim, start + SECONDS(10));
    struct order_request request = far_limit(sim);
    simulator_submit(sim, &request, sim->now);
    simulator_amend(sim, &request.client_id, &none, D(1), request.limit_price, sim->now);
    simulator_save(sim, false, &text);
    simulator_advance(sim, sim->now + SECONDS(6)); /* the funds do not pay for it */
    assert_int_equal(sim->edits, 0);
    simulator_save(sim, false, &text);
    struct simulator *again = loaded(&text, 1, false);
    assert_int_equal(again->edits, 0);
    assert_int_equal(simulator_find(again, &request.client_id, &none)->state, SIM_OPEN);
    assert_true(simulator_cancel(again, &request.client_id, &none, again->now).is_taken);
    simulator_free(again);
    simulator_free(sim);
    buf_clear(&text);
}

TEST(nothing_happens_while_the_exchange_is_closed)
{
    struct simulator *sim = exchange(5, false);
    int64_t was[SYNTH_STATE_COUNT], is[SYNTH_STATE_COUNT];

    simulator_advance(sim, start + SECONDS(10));
    synth_get_state(sim->markets[0].synth, was);
    simulator_reopen(sim, start + DAYS(3));
    synth_get_state(sim->markets[0].synth, is);
    assert_memory_equal(was, is, sizeof was);
    assert_int_equal(simulator_next_time(sim), start + DAYS(3));
    assert_int_equal(sim->next_funding % HOURS(8), 0);
    assert_true(sim->next_funding > start + DAYS(3));
    simulator_advance(sim, start + DAYS(3) + SECONDS(10));
    simulator_free(sim);
}

static const char *refusal_of(const char *text)
{
    static struct fault why;
    struct simulator *sim = exchange(1, false);

    why = (struct fault){OK, ""};
    assert_int_not_equal(simulator_load(sim, text, strlen(text), &why), OK);
    simulator_free(sim);
    return why.text;
}

TEST(a_line_that_is_wrong_is_named)
{
    assert_non_null(strstr(
        refusal_of("{\"balance\":{\"currency\":\"USD\",\"total\":\"1\"}}\n{"), "line 2: "));
    assert_string_equal(refusal_of("{\"balance\":{\"currency\":\"USD\"}}\n"),
                        "line 1: total is missing or wrong");
    assert_string_equal(refusal_of("{\"luck\":{}}\n"),
                        "line 1: what it is is missing or wrong");
    assert_string_equal(refusal_of("{\"position\":{\"product\":\"X-Y\",\"size\":\"0\","
                                   "\"cost\":\"0\"}}\n"),
                        "line 1 speaks of X-Y, which is not among the products of this run: "
                        "add it to the profile");
    assert_string_equal(refusal_of("{\"order\":{\"number\":2}}\n"),
                        "line 1: number is missing or wrong");
    static const char *const places[] = {"[0]", "[2,0,\"1\",\"1\",\"1\"]", "7",
                                         "[0,10,\"1\",\"1\",\"1\"]", "[0,0,\"1\",\"1\",\"2\"]"};
    for (size_t i = 0; i < ARRAY_LEN(places); i++) {
        char text[200];
        snprintf(text, sizeof text, "{\"queue\":{\"product\":\"BTC-USD\",\"places\":[%s]}}\n",
                 places[i]);
        assert_string_equal(refusal_of(text), "line 1: places is missing or wrong");
    }
}
