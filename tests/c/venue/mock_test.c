#include "venue/mock.h"

#include <string.h>

#include "base/digest.h"
#include "base/rng.h"

#include "venue_check.h"

/* A mock whose market the test is (no crowd), or one with its crowd; 50 ms each way. */
static struct product_table products;
static struct bus *bus;
static struct mock *mock;
static struct venue_port port;
static struct fault_plan *plan;
static nanos now;
static const nanos start = SECONDS(1700006400);

static const venue_order_id no_venue_id;

static void begin_with(struct mock_setup setup)
{
    product_table_init(&products);
    add_product(&products, spot_product());
    add_product(&products, future_product());
    setup.market.start = now = start;
    setup.market.step = SECONDS(1);
    setup.market.no_crowd = true;
    bus = bus_new(1000000);
    plan = fault_plan_new(1);
    mock = mock_new(&products, &setup);
    mock_deposit(mock, "USD", D(100000));
    mock_connect(mock, bus);
    mock_set_faults(mock, plan);
    port = mock_port(mock);
    drain(bus);
}

static void begin(void)
{
    begin_with((struct mock_setup){.latency_min = MILLISECONDS(50),
                                   .latency_max = MILLISECONDS(50),
                                   .market.fees = {dec("0.001"), dec("0.002")}});
}

static void begin_with_fault(const char *rule)
{
    struct fault why = {0};

    begin();
    if (fault_plan_parse_rule(plan, rule, &why) != OK)
        fail_msg("%s", why.text);
}

static void end(void)
{
    simulator_check(mock_simulator(mock));
    mock_free(mock);
    fault_plan_free(plan);
    bus_free(bus);
}

static void advance(nanos span)
{
    now += span;
    mock_advance(mock, now);
}

/* What the engine hears within the span, in words. */
static const char *within(nanos span)
{
    advance(span);
    return reports(bus);
}

static void submit(struct order_request request)
{
    port.submit(port.ctx, &request);
}

static client_order_id client(const char *id)
{
    client_order_id out = {{0}};

    strcpy(out.text, id);
    return out;
}

static void cancel(const char *id)
{
    client_order_id client_id = client(id);

    port.cancel(port.ctx, &client_id, &no_venue_id);
}

static void amend(const char *id, const char *size, const char *price)
{
    struct venue_amend request = {client(id), no_venue_id, dec(size), dec(price)};

    port.amend(port.ctx, &request);
}

static void ask_order(const char *id)
{
    client_order_id client_id = client(id);

    port.query_order(port.ctx, 77, &client_id, &no_venue_id);
}

static void crowd(enum side side, const char *size, const char *price)
{
    simulator_crowd_order(mock_simulator(mock), SPOT, side, ORDER_LIMIT, dec(size), dec(price),
                          now);
}

static const struct sim_order *truth(const char *id)
{
    client_order_id client_id = client(id);

    return simulator_find(mock_simulator(mock), &client_id, &no_venue_id);
}

TEST(a_request_takes_its_time_there_and_back)
{
    begin();
    crowd(SIDE_SELL, "1", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    assert_int_equal(mock_next_time(mock), start + MILLISECONDS(50));
    assert_string_equal("", within(MILLISECONDS(49)));
    assert_null(truth("a"));
    assert_string_equal("", within(MILLISECONDS(50)));
    assert_int_equal(truth("a")->state, SIM_FILLED);
    assert_string_equal("accepted a; fill a 1 @ 100 taker", within(MILLISECONDS(1)));
    assert_int_equal(mock_next_time(mock), (start / HOURS(8) + 1) * HOURS(8));
    end();
}

TEST(without_latency_the_answer_is_there_before_the_call_returns)
{
    begin_with((struct mock_setup){.market.fills_at_touch = true});
    crowd(SIDE_SELL, "0.001", "100");
    submit(market_order("a", SIDE_BUY, "7"));
    assert_string_equal("accepted a; fill a 7 @ 100 taker", reports(bus));
    submit(market_order("b", SIDE_BUY, "0.0001"));
    assert_string_equal("rejected b INVALID_SIZE_PRECISION", reports(bus));
    end();
}

TEST(events_carry_the_time_at_which_the_engine_gets_them_and_fills_the_venues)
{
    begin_with((struct mock_setup){.latency_min = MILLISECONDS(50),
                                   .latency_max = MILLISECONDS(50),
                                   .clock_skew = -SECONDS(3)});
    crowd(SIDE_SELL, "1", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    drain(bus);
    advance(MILLISECONDS(100));
    const struct event *event = bus_pop(bus);
    assert_int_equal(event->report.kind, REPORT_ACCEPTED);
    assert_string_equal(event->report.venue_id.text, "sim-1");
    event = bus_pop(bus);
    assert_int_equal(event->time, start + MILLISECONDS(100));
    assert_int_equal(event->report.fill.time, start + MILLISECONDS(50) - SECONDS(3));
    assert_string_equal(event->report.fill.id.text, "sim-1-1");
    assert_int_equal(event->report.fill.order, 0);
    end();
}

TEST(a_client_id_that_is_sent_again_answers_with_the_old_order)
{
    begin();
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    assert_string_equal("accepted a; accepted a", within(SECONDS(1)));
    assert_int_equal(simulator_order_count(mock_simulator(mock)), 1);
    end();
}

TEST(cancels_and_edits_are_answered)
{
    begin();
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    amend("a", "2", "91");
    amend("a", "2", "91");
    cancel("a");
    cancel("a");
    cancel("nobody");
    assert_string_equal("accepted a; replaced a; "
                        "replace refused a EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST; canceled a; "
                        "cancel taken a; "
                        "cancel refused a UNKNOWN_CANCEL_ORDER; "
                        "cancel refused nobody UNKNOWN_CANCEL_ORDER",
                        within(SECONDS(1)));
    end();
}

TEST(a_cancel_that_meets_a_fill_on_its_way_is_refused_after_the_fill)
{
    begin();
    submit(limit_order("a", SIDE_BUY, "2", "100"));
    within(SECONDS(1));
    cancel("a");
    advance(MILLISECONDS(20));
    crowd(SIDE_SELL, "2", "100");
    assert_string_equal("fill a 2 @ 100 maker; cancel refused a ORDER_IS_FULLY_FILLED",
                        within(SECONDS(1)));
    end();
}

TEST(a_part_fill_on_the_way_of_a_cancel_comes_before_the_end)
{
    begin();
    submit(limit_order("a", SIDE_BUY, "2", "100"));
    within(SECONDS(1));
    cancel("a");
    crowd(SIDE_SELL, "0.5", "100");
    assert_string_equal("fill a 0.5 @ 100 maker; canceled a; cancel taken a",
                        within(SECONDS(1)));
    end();
}

TEST(queries_tell_the_truth_with_totals_and_end_with_an_answer)
{
    begin();
    crowd(SIDE_SELL, "1", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    submit(limit_order("b", SIDE_BUY, "1", "90"));
    within(SECONDS(10));
    ask_order("a");
    ask_order("nobody");
    assert_string_equal("fill a 1 for 100; answer; not found nobody NOT_FOUND; answer",
                        within(SECONDS(1)));
    port.query_orders(port.ctx, 1, start);
    assert_string_equal("fill a 1 for 100; working b 0 for 0; answer", within(SECONDS(1)));
    port.query_orders(port.ctx, 1, now - SECONDS(1));
    assert_string_equal("working b 0 for 0; answer", within(SECONDS(1)));
    port.query_fills(port.ctx, 1, start);
    assert_string_equal("fill a 1 @ 100 taker; answer", within(SECONDS(1)));
    port.query_fills(port.ctx, 1, start + SECONDS(1));
    assert_string_equal("answer", within(SECONDS(1)));
    end();
}

TEST(the_account_is_told_by_currency_and_position)
{
    struct order_request request = market_order("a", SIDE_SELL, "3");

    begin();
    request.product = FUTURE;
    simulator_crowd_order(mock_simulator(mock), FUTURE, SIDE_BUY, ORDER_LIMIT, D(10), D(60000),
                          now);
    submit(request);
    submit(limit_order("b", SIDE_BUY, "1", "90"));
    within(SECONDS(1));
    port.query_account(port.ctx, 9);
    advance(SECONDS(1));
    const struct event *event = bus_pop(bus);
    assert_string_equal(event->balance.currency, "USD");
    assert_decimal("99996.4", event->balance.total);
    assert_decimal("90.18", event->balance.hold);
    assert_int_equal(event->balance.query, 9);
    event = bus_pop(bus);
    assert_string_equal(event->balance.currency, "BTC");
    event = bus_pop(bus);
    assert_int_equal(event->kind, EVENT_HOLDING);
    assert_int_equal(event->product, FUTURE);
    assert_decimal("-3", event->holding.size);
    assert_decimal("60000", event->holding.average_price);
    assert_int_equal(bus_pop(bus)->kind, EVENT_GAUGE);
    assert_int_equal(bus_pop(bus)->kind, EVENT_ANSWER);
    end();
}

TEST(the_venues_clock_is_told_with_the_account_as_far_as_it_is_certain)
{
    static const struct {
        nanos skew;
        const char *told;
    } cases[] = {{0, "0"}, {MILLISECONDS(99), "0"}, {SECONDS(6), "5.9"}, {-SECONDS(6), "-5.9"}};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        begin_with((struct mock_setup){.clock_skew = cases[i].skew,
                                       .latency_min = MILLISECONDS(100),
                                       .latency_max = MILLISECONDS(100)});
        const struct event *event = NULL;
        port.query_account(port.ctx, 9);
        advance(SECONDS(1));
        while ((event = bus_pop(bus)) && event->kind != EVENT_GAUGE)
            ;
        assert_non_null(event);
        assert_int_equal(event->gauge.gauge, GAUGE_CLOCK_SKEW);
        assert_decimal(cases[i].told, event->gauge.value);
        end();
    }
}

TEST(a_cut_line_loses_requests_and_tells_nothing_and_all_is_told_anew_when_it_is_back)
{
    const struct event *event;
    bool is_up = false, has_quote = false;

    begin_with((struct mock_setup){.silent_from = start + SECONDS(10),
                                   .silent_until = start + SECONDS(20)});
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    assert_int_equal(simulator_order_count(mock_simulator(mock)), 1);
    advance(SECONDS(10) - (now - start));
    while (bus_pop(bus))
        ;
    port.submit(port.ctx, &(struct order_request){.client_id = {"b"}});
    port.query_account(port.ctx, 9);
    crowd(SIDE_SELL, "1", "100");
    advance(SECONDS(9));
    assert_null(bus_pop(bus));
    assert_int_equal(simulator_order_count(mock_simulator(mock)), 1);
    advance(SECONDS(1));
    while ((event = bus_pop(bus))) {
        is_up = is_up || event->kind == EVENT_STREAM;
        has_quote = has_quote || event->kind == EVENT_QUOTE;
    }
    assert_true(is_up);
    assert_true(has_quote);
    end();
}

TEST(the_list_of_fills_can_lag)
{
    begin_with((struct mock_setup){.fills_delay = SECONDS(5)});
    crowd(SIDE_SELL, "1", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    within(SECONDS(4));
    port.query_fills(port.ctx, 1, start);
    assert_string_equal("answer", within(SECONDS(0)));
    advance(SECONDS(1));
    port.query_fills(port.ctx, 1, start);
    assert_string_equal("fill a 1 @ 100 taker; answer", within(SECONDS(0)));
    end();
}

TEST(orders_of_others_on_the_account_are_heard_with_what_they_ask)
{
    struct order_request theirs = limit_order("theirs", SIDE_BUY, "1", "90");

    begin();
    simulator_submit_external(mock_simulator(mock), &theirs, now);
    advance(SECONDS(1));
    const struct event *event = bus_pop(bus);
    while (event->kind != EVENT_REPORT)
        event = bus_pop(bus);
    assert_int_equal(event->report.kind, REPORT_ACCEPTED);
    assert_true(event->report.has_request);
    assert_decimal("90", event->report.request.limit_price);
    end();
}

TEST(a_lost_request_never_existed)
{
    begin_with_fault("submit 1 lose_request");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    assert_string_equal("", within(MINUTES(5)));
    assert_null(truth("a"));
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    assert_string_equal("accepted a", within(SECONDS(1)));
    end();
}

TEST(a_lost_answer_leaves_an_order_that_only_a_question_finds)
{
    begin_with_fault("submit 1 lose_answer");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    assert_string_equal("", within(MINUTES(5)));
    ask_order("a");
    assert_string_equal("working a 0 for 0; answer", within(SECONDS(1)));
    end();
}

TEST(a_fill_can_be_the_first_that_is_heard_of_an_order)
{
    begin_with_fault("submit 1 lose_answer");
    crowd(SIDE_SELL, "1", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    assert_string_equal("fill a 1 @ 100 taker", within(SECONDS(1)));
    end();
}

TEST(a_fill_can_overtake_the_acceptance)
{
    begin_with_fault("submit 1 reorder 300ms");
    crowd(SIDE_SELL, "1", "100");
    submit(market_order("a", SIDE_BUY, "1"));
    assert_string_equal("fill a 1 @ 100 taker; accepted a", within(SECONDS(1)));
    end();
}

/* What is heard of the first submit when this befalls it, and whether the order exists. */
static void check_submit_fault(const char *kind, const char *heard, bool exists)
{
    char rule[64];

    snprintf(rule, sizeof rule, "submit 1 %s 2s", kind);
    begin_with_fault(rule);
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    assert_string_equal(heard, within(MINUTES(1)));
    if ((truth("a") != NULL) != exists)
        fail_msg("%s: the order %s", kind, exists ? "does not exist" : "exists");
    end();
}

TEST(an_ambiguous_outcome_is_reported_lost_whether_it_took_effect_or_not)
{
    check_submit_fault("no_connection", "lost a", false);
    check_submit_fault("server_before", "lost a", false);
    check_submit_fault("rate_limit", "lost a", false);
    check_submit_fault("timeout", "lost a", true);
    check_submit_fault("server_after", "lost a", true);
    check_submit_fault("half_answer", "lost a", true);
    check_submit_fault("wrong_body", "lost a", true);
    check_submit_fault("hide", "lost a", true);
}

TEST(refusals_and_delays_are_what_they_are)
{
    check_submit_fault("reject", "rejected a COMMANDER_REJECTED_NEW_ORDER", false);
    check_submit_fault("duplicate", "accepted a; accepted a", true);
    check_submit_fault("delay", "accepted a", true);
}

TEST(a_rate_limit_says_when_to_come_back)
{
    begin_with_fault("submit 1 rate_limit 7s");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    advance(SECONDS(1));
    const struct event *event = bus_pop(bus);
    assert_int_equal(event->report.kind, REPORT_LOST);
    assert_int_equal(event->report.retry_after, SECONDS(7));
    assert_string_equal(event->report.text, "429 Too Many Requests");
    end();
}

TEST(an_order_can_be_invisible_for_a_while)
{
    begin_with_fault("submit 1 hide 2s");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    within(SECONDS(1));
    ask_order("a");
    port.query_orders(port.ctx, 1, start);
    assert_string_equal("not found a NOT_FOUND; answer; answer", within(SECONDS(1)));
    advance(SECONDS(1));
    ask_order("a");
    port.query_orders(port.ctx, 1, start);
    assert_string_equal("working a 0 for 0; answer; working a 0 for 0; answer",
                        within(SECONDS(1)));
    end();
}

TEST(a_delayed_request_arrives_late_and_holds_up_the_next)
{
    begin_with_fault("submit 1 delay 3s");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    submit(limit_order("b", SIDE_BUY, "1", "90"));
    assert_string_equal("", within(SECONDS(3)));
    assert_string_equal("accepted a; accepted b", within(SECONDS(1)));
    end();
}

TEST(a_cancel_whose_answer_is_lost_still_ends_the_order)
{
    begin_with_fault("cancel 1 timeout");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    within(SECONDS(1));
    cancel("a");
    assert_string_equal("canceled a; lost a", within(SECONDS(1)));
    end();
}

TEST(a_cancel_that_never_arrived_changes_nothing)
{
    begin_with_fault("cancel 1 server_before");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    within(SECONDS(1));
    cancel("a");
    assert_string_equal("lost a", within(SECONDS(1)));
    assert_int_equal(truth("a")->state, SIM_OPEN);
    end();
}

TEST(an_edit_whose_answer_is_lost_has_changed_the_order)
{
    begin_with_fault("amend 1 wrong_body");
    submit(limit_order("a", SIDE_BUY, "1", "90"));
    within(SECONDS(1));
    amend("a", "2", "80");
    assert_string_equal("lost a", within(SECONDS(1)));
    assert_decimal("80", truth("a")->request.limit_price);
    end();
}

TEST(fills_can_get_lost_come_twice_late_or_out_of_order)
{
    static const struct {
        const char *rule, *heard;
    } cases[] = {
        {"report 1 lose_message", "fill a 2 @ 100 maker"},
        {"report 1 duplicate",
         "fill a 1 @ 100 maker; fill a 1 @ 100 maker; fill a 2 @ 100 maker"},
        {"report 1 delay 1s", "fill a 1 @ 100 maker; fill a 2 @ 100 maker"},
        {"report 1 reorder 1s", "fill a 2 @ 100 maker; fill a 1 @ 100 maker"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        begin_with_fault(cases[i].rule);
        submit(limit_order("a", SIDE_BUY, "3", "100"));
        within(SECONDS(1));
        crowd(SIDE_SELL, "1", "100");
        crowd(SIDE_SELL, "2", "100");
        assert_string_equal(cases[i].heard, within(SECONDS(5)));
        end();
    }
}

TEST(a_query_that_fails_says_so_or_nothing)
{
    static const struct {
        const char *rule, *heard;
    } cases[] = {
        {"query 1 lose_request", ""},
        {"query 1 lose_answer", ""},
        {"query 1 no_connection", "incomplete answer"},
        {"query 1 timeout", "incomplete answer"},
        {"query 1 server_before", "incomplete answer"},
        {"query 1 wrong_body", "incomplete answer"},
        {"query 1 rate_limit", "incomplete answer"},
        {"query 1 half_answer", "working a 0 for 0; incomplete answer"},
        {"query 1 duplicate", "working a 0 for 0; working b 0 for 0; answer; "
                              "working a 0 for 0; working b 0 for 0; answer"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        begin_with_fault(cases[i].rule);
        submit(limit_order("a", SIDE_BUY, "1", "90"));
        submit(limit_order("b", SIDE_BUY, "1", "90"));
        within(SECONDS(1));
        port.query_orders(port.ctx, 1, start);
        assert_string_equal(cases[i].heard, within(SECONDS(5)));
        end();
    }
}

/* Stream events in words: "market down; user down". */
static const char *streams(void)
{
    static const char *const changes[] = {"up", "down", "gap"};
    static char all[400];
    const struct event *event;

    all[0] = '\0';
    while ((event = bus_pop(bus)))
        if (event->kind == EVENT_STREAM)
            snprintf(all + strlen(all), sizeof all - strlen(all), "%s%s %s", all[0] ? "; " : "",
                     event->stream.stream == STREAM_USER ? "user" : "market",
                     changes[event->stream.change]);
    return all;
}

TEST(a_break_of_the_streams_loses_what_happens_meanwhile)
{
    begin_with_fault("report 1 disconnect 10s");
    submit(limit_order("a", SIDE_BUY, "3", "100"));
    advance(SECONDS(1));
    drain(bus);
    crowd(SIDE_SELL, "1", "100");
    assert_string_equal("market down; user down", streams());
    crowd(SIDE_SELL, "1", "100");
    advance(SECONDS(9));
    assert_true(bus_is_empty(bus));
    advance(SECONDS(1));
    assert_string_equal("market up; user up", streams());
    crowd(SIDE_SELL, "1", "100");
    assert_string_equal("fill a 1 @ 100 maker", within(SECONDS(1)));
    port.query_fills(port.ctx, 1, start);
    assert_string_equal("fill a 1 @ 100 maker; fill a 1 @ 100 maker; fill a 1 @ 100 maker; "
                        "answer",
                        within(SECONDS(1)));
    end();
}

TEST(a_gap_in_the_numbering_is_told)
{
    begin_with_fault("report 1 gap");
    submit(limit_order("a", SIDE_BUY, "3", "100"));
    advance(SECONDS(1));
    drain(bus);
    crowd(SIDE_SELL, "1", "100");
    assert_string_equal("user gap", streams());
    assert_string_equal("", within(SECONDS(5)));
    end();
}

/* The crowd's own market, every kind of fault now and then, and a client that trades at random:
 * all that the engine is told, as a digest. */
static const char *fingerprint(uint64_t seed, decimal chance)
{
    static const char *const symbols[] = {"BTC-USD", "ETH-USD", "BIP-20DEC30-CDE"};
    static char out[DIGEST_TEXT_MAX];
    struct mock_setup setup = {.market = {.seed = seed,
                                          .start = start,
                                          .step = SECONDS(1),
                                          .fees = {dec("0.001"), dec("0.002")}},
                               .latency_min = MILLISECONDS(5),
                               .latency_max = MILLISECONDS(400),
                               .has_trades = true,
                               .has_book = true};
    struct rng rng = rng_stream(1, "client");
    struct digest *digest = digest_new();
    const struct event *event;
    char text[200], number[DECIMAL_TEXT_MAX];

    product_table_init(&products);
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
        struct product product;
        assert_true(catalogue_find(symbols[i], &product, NULL));
        add_product(&products, product);
    }
    bus = bus_new(1000000);
    plan = fault_plan_new(seed);
    for (int kind = FAULT_NONE + 1; kind < FAULT_KIND_COUNT; kind++)
        fault_plan_set_chance(plan, (enum fault_kind)kind, chance);
    mock = mock_new(&products, &setup);
    mock_deposit(mock, "USD", D(100000));
    mock_connect(mock, bus);
    mock_set_faults(mock, plan);
    port = mock_port(mock);
    now = start;
    for (int i = 0; i < 400; i++) {
        advance(MILLISECONDS(700));
        char id[24];
        snprintf(id, sizeof id, "r-%d", i);
        struct order_request request =
            market_order(id, rng_below(&rng, 2) ? SIDE_BUY : SIDE_SELL, "0.01");
        request.product = (product_ref)rng_below(&rng, 3);
        if (request.product == 2)
            request.size = D(1);
        submit(request);
        if (i % 10 == 0)
            port.query_orders(port.ctx, (uint64_t)i + 1, now - SECONDS(30));
        if (i % 7 == 0)
            cancel(id);
        while ((event = bus_pop(bus))) {
            int n = snprintf(text, sizeof text, "%d %d %lld ", (int)event->kind,
                             (int)event->product, (long long)event->time);
            digest_add(digest, text, (size_t)n);
            if (event->kind == EVENT_REPORT)
                describe(event, text);
            else if (event->kind == EVENT_QUOTE)
                strcpy(text, decimal_format(event->quote.bid, number));
            else if (event->kind == EVENT_TRADE)
                strcpy(text, decimal_format(event->trade.price, number));
            else if (event->kind == EVENT_BOOK)
                strcpy(text, decimal_format(event->book.size, number));
            digest_add(digest, text, strlen(text));
        }
    }
    simulator_check(mock_simulator(mock));
    digest_finish(digest, out);
    digest_free(digest);
    end();
    out[8] = '\0';
    return out;
}

/* The figures are those of every compiler and machine. */
TEST(one_seed_is_one_stream_of_events_on_every_machine)
{
    assert_string_equal(fingerprint(1, DECIMAL_ZERO), "0ede1588");
    assert_string_equal(fingerprint(1, DECIMAL_ZERO), "0ede1588");
    assert_string_equal(fingerprint(2, DECIMAL_ZERO), "cb87d445");
    assert_string_equal(fingerprint(1, dec("0.01")), "fdc4a181");
}

/* A client that hears badly: under every fault, what questions find in the end is the truth. */
TEST(after_all_misfortunes_questions_find_the_truth)
{
    for (uint64_t seed = 1; seed <= 5; seed++) {
        begin();
        fault_plan_free(plan);
        plan = fault_plan_new(seed);
        mock_set_faults(mock, plan);
        for (int kind = FAULT_NONE + 1; kind < FAULT_KIND_COUNT; kind++)
            fault_plan_set_chance(plan, (enum fault_kind)kind, dec("0.05"));
        for (int i = 0; i < 100; i++) {
            char id[24];
            snprintf(id, sizeof id, "r-%d", i);
            submit(limit_order(id, SIDE_BUY, "1", "100"));
            crowd(SIDE_SELL, "0.5", "100");
            advance(MILLISECONDS(100));
        }
        mock_set_faults(mock, NULL);
        advance(MINUTES(1));
        drain(bus);
        port.query_orders(port.ctx, 1, start);
        advance(SECONDS(1));
        const struct event *event;
        uint64_t told = 0;
        while ((event = bus_pop(bus))) {
            if (event->kind != EVENT_REPORT)
                continue;
            const struct sim_order *order = truth(event->report.client_id.text);
            assert_non_null(order);
            assert_true(decimal_is_equal(order->filled, event->report.total_size));
            told++;
        }
        assert_int_equal(told, simulator_order_count(mock_simulator(mock)));
        end();
    }
}
