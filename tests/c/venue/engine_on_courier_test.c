/* The engine, the courier and the embedded venue together: what goes wrong on the way, and what
 * it does to orders and to the level, end to end. */
#include "engine/degrade.h"
#include "engine/engine_private.h"
#include "engine/journal_null.h"
#include "venue/catalogue.h"
#include "venue/courier.h"
#include "venue/mock.h"

#include "venue_check.h"

static const nanos start = SECONDS(1700006400);

static struct engine_settings settings;
static struct product_table products;
static struct mock *mock;
static struct fault_plan *faults;
static struct courier *courier;
static struct engine *engine;
static struct journal_null *journal;
static struct decision wishes[DECISIONS_MAX];
static int wish_count;
static nanos now;

static enum err wish(void *ctx, const struct strategy_call *call, struct decision_list *out,
                     struct fault *why)
{
    (void)ctx, (void)call, (void)why;
    for (int i = 0; i < wish_count; i++)
        out->items[out->count++] = wishes[i];
    wish_count = 0;
    return OK;
}

static void prepare(void)
{
    struct product product;

    engine_settings_init_unlimited(&settings);
    settings.cycle_every = SECONDS(1);
    settings.retry.jitter_share = DECIMAL_ZERO;
    product_table_init(&products);
    assert_true(catalogue_find("BTC-USD", &product, NULL));
    add_product(&products, product);
    faults = fault_plan_new(1);
    now = start;
    wish_count = 0;
}

static void turn(void)
{
    struct fault why;

    mock_advance(mock, now);
    courier_advance(courier, now);
    if (engine_turn(engine, now, &why))
        fail_msg("%s", why.text);
}

static void pass(nanos span)
{
    nanos end = now + span;

    while (now < end) {
        nanos next = mock_next_time(mock), own = courier_next_time(courier);
        nanos wanted = engine_next_deadline(engine);
        next = own < next ? own : next;
        next = wanted < next ? wanted : next;
        next = next < end ? next : end;
        now = next > now ? next : now;
        turn();
    }
}

static void open_all(void)
{
    struct mock_setup setup = {.market = {.seed = 1, .start = start, .step = SECONDS(1)},
                               .latency_min = MILLISECONDS(10),
                               .latency_max = MILLISECONDS(10)};
    struct strategy_port strategy = {
        .name = "told", .product = PRODUCT_NONE, .wants = HOOK_BIT(HOOK_CYCLE), .call = wish};
    struct fact_run run = {.run = "t1"};
    struct fault why;

    mock = mock_new(&products, &setup);
    journal = journal_null_new(false);
    struct venue_port port = mock_port(mock);
    courier = courier_new(&settings, &port, 1);
    struct engine_ports ports = {.venue = courier_port(courier),
                                 .journal = journal_null_port(journal)};
    engine = engine_new(&settings, &products, &ports, "t1");
    engine_add_strategy(engine, &strategy);
    struct courier_gate gate = courier_gate_of(engine);
    courier_connect(courier, engine_bus(engine), &gate);
    mock_connect(mock, courier_inbox(courier));
    mock_deposit(mock, "USD", D(1000000));
    engine_set_balance(engine, "USD", D(1000000), "opening");
    mock_set_faults(mock, faults);
    courier_advance(courier, now);
    if (engine_start(engine, &run, now, &why))
        fail_msg("%s", why.text);
    pass(SECONDS(2));
}

static void open_with(const char *rule)
{
    struct fault why;

    prepare();
    if (fault_plan_parse_rule(faults, rule, &why))
        fail_msg("%s", why.text);
    open_all();
}

static void close_all(void)
{
    engine_free(engine);
    courier_free(courier);
    mock_free(mock);
    journal_null_free(journal);
    fault_plan_free(faults);
}

static void fail_with(enum fault_kind kind, const char *chance)
{
    fault_plan_set_chance(faults, kind, dec(chance));
}

/* Of the first so many submits, and of nothing else. */
static void fail_submits(int count, enum fault_kind kind)
{
    for (int i = 1; i <= count; i++)
        fault_plan_add_rule(faults, FAULT_AT_SUBMIT, (uint64_t)i, (struct fault_case){kind, 1});
}

static void rest(const char *size, const char *price)
{
    wishes[wish_count++] = (struct decision){.action = ACTION_BUY,
                                             .type = ORDER_LIMIT,
                                             .tif = TIF_GTC,
                                             .has_size = true,
                                             .size = dec(size),
                                             .limit_price = dec(price)};
}

static void command(enum command_kind kind)
{
    struct event event = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE, .time = now};

    event.command.kind = kind;
    snprintf(event.command.who, sizeof event.command.who, "anna");
    snprintf(event.command.why, sizeof event.command.why, "a test");
    bus_push(engine_bus(engine), &event);
    turn();
}

static const char *state_of(order_number number)
{
    const struct order *order = oms_find(engine_oms(engine), number);

    return order ? order_state_name(order->state) : "none";
}

static int at_venue(void)
{
    return (int)simulator_order_count(mock_simulator(mock));
}

static bool holds(const char *source)
{
    return degrade_find(engine->degrade, source, PRODUCT_NONE) != NULL;
}

static const char *level(void)
{
    return level_name(engine_level(engine, PRODUCT_NONE));
}

/* ---- orders ---- */

/* gpt-trader 15.2, 15: a POST was repeated on 5xx and timeouts, whatever had come of it. */
TEST(an_order_whose_answer_got_lost_is_sent_again_and_is_one_order)
{
    static const char *const rules[] = {"submit 1 server_after",  "submit 1 timeout",
                                        "submit 1 lose_answer",   "submit 1 half_answer",
                                        "submit 1 wrong_body",    "submit 1 lose_request",
                                        "submit 1 server_before", "submit 1 no_connection"};

    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        open_with(rules[i]);
        rest("0.01", "50000");
        pass(SECONDS(9));
        assert_string_equal(state_of(1), "NEW");
        assert_int_equal(at_venue(), 1);
        assert_int_equal(fault_plan_count(faults, FAULT_AT_SUBMIT), 2);
        close_all();
    }
}

TEST(a_401_is_tried_once_more_with_a_new_token_and_not_a_third_time)
{
    open_with("submit 1 unauthorized");
    rest("0.01", "50000");
    pass(SECONDS(5));
    assert_string_equal(state_of(1), "NEW");
    close_all();

    prepare();
    fail_with(FAULT_UNAUTHORIZED, "1");
    open_all();
    rest("0.01", "50000");
    pass(SECONDS(9));
    assert_string_equal(state_of(1), "REJECTED");
    assert_int_equal(fault_plan_count(faults, FAULT_AT_SUBMIT), 2);
    close_all();
}

TEST(a_429_is_waited_for_and_then_the_order_goes)
{
    open_with("submit 1 rate_limit 3s");
    rest("0.01", "50000");
    pass(SECONDS(3));
    assert_string_equal(state_of(1), "PENDING_NEW");
    pass(SECONDS(2));
    assert_string_equal(state_of(1), "NEW");
    close_all();
}

TEST(an_order_that_the_venue_may_have_is_unknown_and_the_venue_is_asked)
{
    prepare();
    settings.retry.attempts = 1;
    fault_plan_add_rule(faults, FAULT_AT_SUBMIT, 1, (struct fault_case){FAULT_SERVER_AFTER, 0});
    open_all();
    rest("0.01", "50000");
    pass(SECONDS(3));
    assert_string_equal(state_of(1), "NEW");
    assert_true(fault_plan_count(faults, FAULT_AT_QUERY) >= 1);
    close_all();
}

/* ---- waiting orders ---- */

static void open_slow(void)
{
    prepare();
    settings.budgets[ERRANDS_ORDERS] = (struct budget){1, 1};
    open_all();
    rest("0.01", "50000");
    rest("0.01", "49000");
    rest("0.01", "48000");
    pass(MILLISECONDS(1100));
    assert_string_equal(state_of(3), "PENDING_NEW");
}

TEST(orders_that_wait_when_trading_halts_are_denied_and_never_reach_the_venue)
{
    open_slow();
    int before = at_venue();
    command(COMMAND_HALT);
    pass(SECONDS(10));
    assert_int_equal(at_venue(), before);
    assert_string_equal(state_of(3), "DENIED");
    char held[DECIMAL_TEXT_MAX];
    command(COMMAND_CANCEL_ALL);
    pass(SECONDS(10));
    decimal_format(portfolio_balance(engine_portfolio(engine), "USD").hold, held);
    assert_string_equal(held, "0");
    close_all();
}

TEST(orders_that_wait_when_only_exits_may_go_are_denied)
{
    open_slow();
    command(COMMAND_REDUCE_ONLY);
    pass(SECONDS(1));
    assert_string_equal(state_of(3), "DENIED");
    close_all();
}

TEST(orders_that_wait_when_all_are_canceled_are_canceled_here)
{
    open_slow();
    int before = at_venue();
    command(COMMAND_CANCEL_ALL);
    pass(SECONDS(5));
    assert_string_equal(state_of(3), "CANCELED");
    assert_int_equal(at_venue(), before);
    assert_int_equal(oms_open_count(engine_oms(engine)), 0);
    close_all();
}

/* ---- the level ---- */

TEST(requests_in_a_row_that_end_without_service_pause_everything)
{
    prepare();
    settings.degrade.broker_failures = 3;
    fail_submits(9, FAULT_RATE_LIMIT);
    open_all();
    for (int i = 0; i < 3; i++) {
        rest("0.01", "50000");
        assert_false(holds("broker"));
        pass(SECONDS(4));
    }
    assert_true(holds("broker"));
    assert_string_equal(level(), "paused");
    assert_string_equal(state_of(1), "REJECTED");
    assert_int_equal(at_venue(), 0);
    pass(MINUTES(4));
    assert_string_equal(level(), "normal");
    close_all();
}

TEST(attempts_that_fail_too_often_pause_everything_although_each_request_succeeds_in_the_end)
{
    prepare();
    settings.guards.error_rate_share = dec("0.5");
    settings.guards.error_rate_window = MINUTES(1);
    settings.guards.error_rate_min_requests = 10;
    for (uint64_t i = 1; i < 60; i++)
        if (i % 3)
            fault_plan_add_rule(faults, FAULT_AT_SUBMIT, i,
                                (struct fault_case){FAULT_SERVER_BEFORE, 0});
    settings.breaker.failures = 100;
    open_all();
    for (int i = 0; i < 8; i++) {
        rest("0.01", "50000");
        pass(SECONDS(3));
    }
    assert_true(holds("error_rate"));
    assert_string_equal(level(), "paused");
    assert_string_equal(state_of(1), "NEW");
    close_all();
}

TEST(a_budget_that_is_nearly_used_up_leaves_the_rest_to_exits)
{
    prepare();
    settings.guards.rate_usage_share = dec("0.5");
    settings.budgets[ERRANDS_ORDERS] = (struct budget){1, 60};
    open_all();
    for (int i = 0; i < 31; i++)
        rest("0.001", "50000");
    pass(SECONDS(3));
    assert_true(holds("rate_usage"));
    assert_string_equal(level(), "reduce_only");
    pass(SECONDS(80));
    assert_string_equal(level(), "normal");
    close_all();
}

TEST(a_venue_that_fails_is_left_alone_for_a_while_and_then_tried_with_care)
{
    prepare();
    settings.retry.attempts = 1;
    settings.degrade.broker_failures = 100;
    fail_submits(5, FAULT_NO_CONNECTION);
    open_all();
    for (int i = 0; i < 5; i++) {
        rest("0.01", "50000");
        pass(SECONDS(2));
    }
    assert_true(holds("api_health"));
    assert_string_equal(level(), "paused");
    uint64_t asked = fault_plan_count(faults, FAULT_AT_SUBMIT);
    rest("0.01", "50000");
    pass(SECONDS(5));
    assert_int_equal(fault_plan_count(faults, FAULT_AT_SUBMIT), asked);
    pass(SECONDS(40));
    assert_string_equal(level(), "normal");
    assert_string_equal(breaker_state_name(courier_state(courier).breakers[ERRANDS_ORDERS]),
                        "open"); /* until one is tried */
    rest("0.01", "50000");
    rest("0.01", "49000");
    pass(SECONDS(2));
    assert_string_equal(breaker_state_name(courier_state(courier).breakers[ERRANDS_ORDERS]),
                        "closed");
    assert_int_equal(at_venue(), 2);
    close_all();
}

/* gpt-trader 15.2, 15: insufficient funds and the like opened circuit breakers. */
TEST(orders_that_the_venue_refuses_open_no_breaker_and_pause_nothing)
{
    prepare();
    settings.degrade.broker_failures = 3;
    fail_with(FAULT_REJECT, "1");
    open_all();
    for (int i = 0; i < 30; i++) {
        rest("0.01", "50000");
        pass(SECONDS(1));
    }
    assert_string_equal(level(), "normal");
    assert_string_equal(breaker_state_name(courier_state(courier).breakers[ERRANDS_ORDERS]),
                        "closed");
    assert_string_equal(state_of(29), "REJECTED");
    close_all();
}
