/* The engine, the courier and the embedded venue together, with orders that wait for their
 * preview: what goes wrong with it, and what it does to the order, end to end. */
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
    struct product product;
    struct fault why;

    engine_settings_init_unlimited(&settings);
    settings.preview = true;
    settings.cycle_every = SECONDS(1);
    settings.retry.jitter_share = DECIMAL_ZERO;
    product_table_init(&products);
    assert_true(catalogue_find("BTC-USD", &product, NULL));
    add_product(&products, product);
    faults = fault_plan_new(1);
    now = start;
    wish_count = 0;
    if (rule && fault_plan_parse_rule(faults, rule, &why))
        fail_msg("%s", why.text);
    open_all();
}

static void close_all(void)
{
    oms_check(engine_oms(engine));
    simulator_check(mock_simulator(mock));
    engine_free(engine);
    courier_free(courier);
    mock_free(mock);
    journal_null_free(journal);
    fault_plan_free(faults);
}

static struct decision *wish_for(enum action action, const char *size)
{
    struct decision *decision = &wishes[wish_count++];

    *decision = (struct decision){
        .action = action, .type = ORDER_MARKET, .tif = TIF_IOC, .has_size = size != NULL};
    if (size)
        decision->size = dec(size);
    return decision;
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

static int previews(void)
{
    return (int)fault_plan_count(faults, FAULT_AT_PREVIEW);
}

TEST(an_order_is_previewed_then_placed_and_filled)
{
    open_with(NULL);
    wish_for(ACTION_BUY, "0.01");
    pass(SECONDS(1));
    assert_string_equal(state_of(1), "INITIALIZED");
    assert_int_equal(at_venue(), 0);
    pass(MILLISECONDS(20)); /* there and back */
    assert_string_equal(state_of(1), "PENDING_NEW");
    pass(MILLISECONDS(20));
    assert_string_equal(state_of(1), "FILLED");
    assert_int_equal(previews(), 1);
    close_all();
}

TEST(an_exit_is_placed_without_a_preview)
{
    open_with(NULL);
    wish_for(ACTION_BUY, "0.01");
    pass(SECONDS(2));
    wish_for(ACTION_CLOSE, NULL);
    pass(SECONDS(2));
    assert_string_equal(state_of(2), "FILLED");
    assert_int_equal(previews(), 1);
    close_all();
}

TEST(a_preview_that_goes_wrong_is_asked_again_and_the_order_is_placed_once)
{
    static const char *const rules[] = {
        "preview 1 lose_request", "preview 1 lose_answer",   "preview 1 no_connection",
        "preview 1 timeout",      "preview 1 server_before", "preview 1 server_after",
        "preview 1 half_answer",  "preview 1 wrong_body",    "preview 1 rate_limit 2s",
        "preview 1 unauthorized",
    };

    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        open_with(rules[i]);
        wish_for(ACTION_BUY, "0.01");
        pass(SECONDS(9));
        if (strcmp(state_of(1), "FILLED") != 0)
            fail_msg("%s: %s", rules[i], state_of(1));
        assert_int_equal(previews(), 2);
        assert_int_equal(at_venue(), 1);
        close_all();
    }
}

TEST(a_preview_that_is_late_or_comes_twice_places_one_order)
{
    static const char *const rules[] = {"preview 1 duplicate", "preview 1 delay 2s",
                                        "preview 1 reorder 2s", "preview 1 delay 4s"};

    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        open_with(rules[i]);
        wish_for(ACTION_BUY, "0.01");
        pass(SECONDS(15));
        if (strcmp(state_of(1), "FILLED") != 0)
            fail_msg("%s: %s", rules[i], state_of(1));
        assert_int_equal(at_venue(), 1);
        close_all();
    }
}

TEST(a_preview_that_the_venue_refuses_denies_the_order_and_pauses_nothing)
{
    open_with("preview 1 reject");
    wish_for(ACTION_BUY, "0.01");
    pass(SECONDS(3));
    assert_string_equal(state_of(1), "DENIED");
    assert_int_equal(at_venue(), 0);
    assert_string_equal(level_name(engine_level(engine, PRODUCT_NONE)), "normal");
    wish_for(ACTION_BUY, "0.01");
    pass(SECONDS(3));
    assert_string_equal(state_of(2), "FILLED");
    close_all();
}

TEST(while_previews_fail_entries_are_denied_and_exits_are_filled)
{
    open_with(NULL);
    wish_for(ACTION_BUY, "0.01");
    pass(SECONDS(2));
    for (uint64_t i = 2; i < 20; i++)
        fault_plan_add_rule(faults, FAULT_AT_PREVIEW, i,
                            (struct fault_case){FAULT_SERVER_BEFORE, 1});
    wish_for(ACTION_BUY, "0.01");
    pass(SECONDS(12));
    assert_string_equal(state_of(2), "DENIED");
    wish_for(ACTION_CLOSE, NULL);
    pass(SECONDS(2));
    assert_string_equal(state_of(3), "FILLED");
    assert_decimal("0", portfolio_position(engine_portfolio(engine), 0)->size);
    close_all();
}

TEST(a_silent_line_denies_what_waits_and_leaves_nothing_in_doubt)
{
    open_with(NULL);
    mock_set_silence(mock, now, INT64_MAX);
    wish_for(ACTION_BUY, "0.01");
    pass(SECONDS(15));
    assert_string_equal(state_of(1), "DENIED");
    assert_int_equal(at_venue(), 0);
    assert_int_equal(oms_open_count(engine_oms(engine)), 0);
    close_all();
}

TEST(orders_under_faults_are_placed_once_or_denied)
{
    static const struct {
        enum fault_kind kind;
        const char *chance;
    } chances[] = {
        {FAULT_LOSE_ANSWER, "0.05"}, {FAULT_LOSE_REQUEST, "0.05"}, {FAULT_TIMEOUT, "0.05"},
        {FAULT_HALF_ANSWER, "0.05"}, {FAULT_SERVER_AFTER, "0.05"}, {FAULT_DUPLICATE, "0.1"},
        {FAULT_DELAY, "0.1"},        {FAULT_REORDER, "0.1"},       {FAULT_REJECT, "0.05"}};
    int placed = 0, denied = 0;

    open_with(NULL);
    engine->settings.degrade.broker_failures = 1000;
    engine->settings.guards.error_rate_share = DECIMAL_ZERO;
    for (size_t i = 0; i < ARRAY_LEN(chances); i++)
        fault_plan_set_chance(faults, chances[i].kind, dec(chances[i].chance));
    for (int i = 0; i < 250; i++) {
        struct decision *buy = wish_for(ACTION_BUY, "0.0001");
        buy->type = ORDER_LIMIT;
        buy->tif = TIF_GTC;
        buy->limit_price = dec("50000");
        pass(SECONDS(4));
    }
    mock_set_faults(mock, NULL);
    pass(MINUTES(10));
    for (order_number n = 1; n < oms_next_number(engine_oms(engine)); n++) {
        const struct order *order = oms_find(engine_oms(engine), n);
        const struct sim_order *truth =
            order ? simulator_find(mock_simulator(mock), &order->request.client_id,
                                   &order->venue_id)
                  : NULL;
        if (!order)
            continue;
        assert_true(order->state != ORDER_INITIALIZED && order->state != ORDER_UNKNOWN);
        if (order->state == ORDER_DENIED)
            assert_null(truth);
        placed += truth != NULL;
        denied += order->state == ORDER_DENIED;
    }
    assert_int_equal(at_venue(), placed);
    assert_true(placed > 20 && denied > 5);
    close_all();
}
