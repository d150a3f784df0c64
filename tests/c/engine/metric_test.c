/* Every metric: what happens, what it is worth then, and that a rule at exactly this value is
 * broken and one that wants the smallest bit more is not. */
#include "engine/metric.h"

#include "engine/engine_private.h"
#include "market_world.h"

static order_number entry(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "1", "50");
    return world_last_order(world);
}

static void hold_ten(struct world *world)
{
    world_hold(world, BTC, "10", "100");
}

static void fall_to_90(struct world *world)
{
    hold_ten(world);
    world_price(world, BTC, "90");
}

static void nothing(struct world *world)
{
    (void)world;
}

static void win_ten(struct world *world)
{
    hold_ten(world);
    world_sell(world, BTC, "10");
    world_fill(world, world_last_order(world), "win", "10", "101", "0");
}

static void lose_a_round(struct world *world)
{
    hold_ten(world);
    world_sell(world, BTC, "10");
    world_fill(world, world_last_order(world), "lose", "10", "99", "0");
}

static void pay_fees(struct world *world)
{
    world_buy(world, BTC, "10");
    world_fill(world, world_last_order(world), "fee", "10", "100", "3");
}

/* 1000 contracts are worth 1000 at 100. */
static void lever(struct world *world)
{
    world_price(world, BIP, "100");
    world_buy(world, BIP, "1000");
    world_fill(world, world_last_order(world), "lever", "1000", "100", "0");
}

static void enter(struct world *world)
{
    world_say(world, entry(world), REPORT_ACCEPTED);
}

static void lose_an_answer(struct world *world)
{
    world_say(world, entry(world), REPORT_LOST);
}

static void answer_one_of_two(struct world *world)
{
    enter(world);
    lose_an_answer(world);
}

static void be_rejected(struct world *world)
{
    world_say(world, entry(world), REPORT_REJECTED);
}

static void be_refused(struct world *world)
{
    world_buy(world, BTC, "0.000000001");
}

static void be_silent(struct world *world)
{
    world_price(world, BTC, "100");
    world_wait(world, SECONDS(7));
}

static void skew(struct world *world)
{
    world_gauge(world, GAUGE_CLOCK_SKEW, "0.5");
}

static void use_rate(struct world *world)
{
    world_gauge(world, GAUGE_RATE_USAGE, "0.5");
}

static void break_ways(struct world *world)
{
    world_gauge(world, GAUGE_BREAKERS_OPEN, "2");
}

static void fill_disk(struct world *world)
{
    world_gauge(world, GAUGE_DISK_FREE, "250");
}

static void send_two(struct world *world)
{
    enter(world);
    enter(world);
}

static void be_strange(struct world *world)
{
    order_number number = entry(world);

    world_fill(world, number, "strange", "0", "100", "0");
}

static void break_script(struct world *world)
{
    world->script_err = ERR_SCRIPT;
    world_price(world, BTC, "100");
}

static void spread(struct world *world)
{
    world_quote(world, BTC, "99.5", "100.5");
}

static void fill_book(struct world *world)
{
    world_level_of(world, SIDE_BUY, "100", "5");
    world_level_of(world, SIDE_BUY, "99.4", "50"); /* too far from the best */
    world_level_of(world, SIDE_SELL, "101", "4");
}

static void swing(struct world *world)
{
    static const char *const closes[] = {"110", "110", "110", "110",
                                         "60"}; /* their mean is 100 */

    for (size_t i = 0; i < ARRAY_LEN(closes); i++)
        world_bar(world, BTC, closes[i]);
}

static void walk_together(struct world *world)
{
    static const char *const walk[] = {"100", "101", "100", "103", "102", "104"};

    world_hold(world, ETH, "1", "100");
    for (size_t i = 0; i < ARRAY_LEN(walk); i++) {
        world_bar(world, BTC, walk[i]);
        world_bar(world, ETH, walk[i]);
        world->now += SECONDS(1);
    }
}

static void fall(struct world *world)
{
    world_price(world, BTC, "90");
}

static void hold_for_a_while(struct world *world)
{
    hold_ten(world);
    world_wait(world, SECONDS(7));
}

static void order_for_a_while(struct world *world)
{
    enter(world);
    world_wait(world, SECONDS(7));
}

/* `falls`: the value is reached from above. */
static const struct {
    enum metric metric;
    void (*scene)(struct world *world);
    const char *value;
    bool falls;
} cases[] = {
    {METRIC_EQUITY, nothing, "10000", false},
    {METRIC_CASH, hold_ten, "9000", true},
    {METRIC_AVAILABLE, enter, "9950", true},
    {METRIC_DAILY_PNL, fall_to_90, "-100", true},
    {METRIC_DAILY_LOSS_SHARE, fall_to_90, "0.01", false},
    {METRIC_DRAWDOWN_SHARE, fall_to_90, "0.01", false},
    {METRIC_REALISED, win_ten, "10", false},
    {METRIC_UNREALISED, fall_to_90, "-100", true},
    {METRIC_FEES_TODAY, pay_fees, "3", false},
    {METRIC_EXPOSURE, hold_ten, "1000", false},
    {METRIC_LEVERAGE, hold_ten, "0.1", false},
    {METRIC_MARGIN_SHARE, lever, "0.01", false},
    {METRIC_MAINTENANCE_SHARE, lever, "0.005", false},
    {METRIC_POSITIONS, hold_ten, "1", false},
    {METRIC_OPEN_ORDERS, enter, "1", false},
    {METRIC_UNKNOWN_ORDERS, lose_an_answer, "1", false},
    {METRIC_LOSSES_IN_ROW, lose_a_round, "1", false},
    {METRIC_FAILURES_IN_ROW, lose_an_answer, "1", false},
    {METRIC_MARKET_SILENCE, be_silent, "8", false},
    {METRIC_CLOCK_SKEW, skew, "0.5", false},
    {METRIC_RATE_USAGE, use_rate, "0.5", false},
    {METRIC_BREAKERS_OPEN, break_ways, "2", false},
    {METRIC_DISK_FREE, fill_disk, "250", true},
    {METRIC_ORDERS, send_two, "2", false},
    {METRIC_REFUSALS, be_refused, "1", false},
    {METRIC_REJECTS, be_rejected, "1", false},
    {METRIC_FILLS, hold_ten, "1", false},
    {METRIC_TURNOVER, hold_ten, "1000", false},
    {METRIC_FEES, pay_fees, "3", false},
    {METRIC_FAILED_REQUESTS, lose_an_answer, "1", false},
    {METRIC_ERROR_SHARE, answer_one_of_two, "0.5", false},
    {METRIC_ANOMALIES, be_strange, "1", false},
    {METRIC_SCRIPT_ERRORS, break_script, "1", false},
    {METRIC_EQUITY_CHANGE, fall_to_90, "-100", true},
    {METRIC_EQUITY_CHANGE_SHARE, fall_to_90, "-0.01", true},
    {METRIC_SPREAD_BPS, spread, "100", false},
    {METRIC_MARK_AGE, be_silent, "8", false},
    {METRIC_DEPTH, fill_book, "404", true},
    {METRIC_VOLATILITY, swing, "0.4", false},
    {METRIC_CORRELATION, walk_together, "1", false},
    {METRIC_PRICE_CHANGE_SHARE, fall, "-0.1", true},
    {METRIC_POSITION_SIZE, hold_ten, "10", false},
    {METRIC_POSITION_VALUE, hold_ten, "1000", false},
    {METRIC_POSITION_SHARE, hold_ten, "0.1", false},
    {METRIC_POSITION_AGE, hold_for_a_while, "8", false},
    {METRIC_POSITION_PNL, fall_to_90, "-100", true},
    {METRIC_POSITION_PNL_SHARE, fall_to_90, "-0.1", true},
    {METRIC_SYMBOL_ORDERS, enter, "1", false},
    {METRIC_ORDER_AGE, order_for_a_while, "8", false},
};

/* Cash of 10000, bitcoin at 100, a first cycle; then the scene, and a cycle. */
static struct world *play(int index, enum comparison compare)
{
    struct world *world = world_new();
    struct metric_info info = metric_describe(cases[index].metric);

    world->settings.guards.volatility_window = world->settings.guards.correlation_window = 5;
    world->settings.degrade.clock_skew_max = 0;
    world->settings.rule_count = 1;
    world->settings.rules[0] = (struct metric_guard){
        .place = 1,
        .metric = (int)cases[index].metric,
        .compare = (int)compare,
        .threshold = dec(cases[index].value),
        .window = info.over_window ? MINUTES(10) : 0,
        .action = RULE_REDUCE_ONLY,
    };
    world_open(world, "10000");
    world_price(world, BTC, "100");
    world_cycle(world);
    cases[index].scene(world);
    world_cycle(world);
    return world;
}

static decimal value_in(const struct world *world, enum metric metric)
{
    product_ref product = metric_describe(metric).of_symbol ? BTC : PRODUCT_NONE;
    struct metric_look now, then = {0, DECIMAL_ZERO, DECIMAL_ZERO};
    decimal value;

    assert_true(metric_look(world->engine, metric, product, &now));
    assert_true(metric_figure(metric, &then, &now, &value));
    return value;
}

static bool is_broken(const struct world *world, enum metric metric)
{
    product_ref product = metric_describe(metric).of_symbol ? BTC : PRODUCT_NONE;
    char source[64];

    snprintf(source, sizeof source, "guards.1:%s", metric_names[metric]);
    const struct fact_cause *cause = degrade_find(world->engine->degrade, source, product);
    return cause && !strstr(cause->why, "cannot");
}

TEST(every_metric_is_worth_what_happened_and_trips_a_rule_at_its_edge_and_not_beyond)
{
    for (int i = 0; i < (int)ARRAY_LEN(cases); i++) {
        enum metric metric = cases[i].metric;
        struct world *world = play(i, cases[i].falls ? COMPARE_LE : COMPARE_GE);
        if (!metric_describe(metric).over_window)
            assert_decimal(value_in(world, metric), cases[i].value);
        if (!is_broken(world, metric))
            fail_msg("%s at %s: the rule is not broken", metric_names[metric], cases[i].value);
        world_free(world);
        world = play(i, cases[i].falls ? COMPARE_LT : COMPARE_GT);
        if (is_broken(world, metric))
            fail_msg("%s at %s: the rule is broken", metric_names[metric], cases[i].value);
        world_free(world);
    }
}

TEST(every_metric_has_a_case_above_a_name_of_its_own_a_unit_and_a_sentence)
{
    for (int metric = METRIC_NONE + 1; metric < METRIC_COUNT; metric++) {
        struct metric_info info = metric_describe((enum metric)metric);
        bool has_case = false;
        for (size_t i = 0; i < ARRAY_LEN(cases); i++)
            has_case = has_case || cases[i].metric == (enum metric)metric;
        if (!has_case)
            fail_msg("%s has no case", info.name);
        assert_true(info.unit[0] && info.help[0]);
        assert_int_equal(info.help[strlen(info.help) - 1], '.');
        for (int k = 0; k < metric; k++)
            assert_string_not_equal(info.name, metric_names[k]);
    }
    assert_null(metric_names[METRIC_COUNT]);
}

/* ---- what has no value ---- */

static bool is_known(const struct world *world, enum metric metric, product_ref product)
{
    struct metric_look now;
    decimal value;

    return metric_look(world->engine, metric, product, &now) &&
           metric_figure(metric, &now, &now, &value);
}

TEST(what_nobody_knows_is_not_read_as_zero)
{
    static const struct {
        enum metric metric;
        product_ref product;
    } unknown[] = {
        {METRIC_CLOCK_SKEW, PRODUCT_NONE},
        {METRIC_RATE_USAGE, PRODUCT_NONE},
        {METRIC_BREAKERS_OPEN, PRODUCT_NONE},
        {METRIC_DISK_FREE, PRODUCT_NONE},
        {METRIC_MARKET_SILENCE, PRODUCT_NONE},
        {METRIC_EQUITY, PRODUCT_NONE},
        {METRIC_DAILY_PNL, PRODUCT_NONE},
        {METRIC_LEVERAGE, PRODUCT_NONE},
        {METRIC_EXPOSURE, PRODUCT_NONE},
        {METRIC_SPREAD_BPS, BTC},
        {METRIC_MARK_AGE, BTC},
        {METRIC_DEPTH, BTC},
        {METRIC_VOLATILITY, BTC},
        {METRIC_PRICE_CHANGE_SHARE, BTC},
    };
    struct world *world = world_new();

    world_make_engine(world, "r1");
    engine_set_balance(world->engine, "USD", D(1000), "opening");
    engine_set_balance(world->engine, "ETH", D(1), "opening"); /* and it has no price */
    world_start(world);
    world_cycle(world);
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
        if (is_known(world, unknown[i].metric, unknown[i].product))
            fail_msg("%s is known", metric_names[unknown[i].metric]);
    assert_true(is_known(world, METRIC_CASH, PRODUCT_NONE));
    assert_true(is_known(world, METRIC_POSITION_VALUE, BTC)); /* flat needs no price */
    world_free(world);
}

TEST(a_share_of_nothing_is_not_known_and_nothing_of_nothing_is_zero)
{
    struct metric_look then = {0, DECIMAL_ZERO, DECIMAL_ZERO}, now = then;
    decimal value;

    assert_true(metric_figure(METRIC_ERROR_SHARE, &then, &now, &value));
    assert_decimal(value, "0");
    assert_true(metric_figure(METRIC_EQUITY_CHANGE_SHARE, &then, &now, &value));
    now.value = D(5);
    assert_false(metric_figure(METRIC_EQUITY_CHANGE_SHARE, &then, &now, &value));
    then.value = D(-10);
    assert_false(metric_figure(METRIC_EQUITY_CHANGE_SHARE, &then, &now, &value));
    then.value = D(10);
    assert_true(metric_figure(METRIC_EQUITY_CHANGE_SHARE, &then, &now, &value));
    assert_decimal(value, "-0.5");
}

TEST(fees_of_today_begin_anew_at_midnight_utc)
{
    struct world *world = world_new();
    decimal fees;
    struct metric_look now;

    world_open(world, "10000");
    world_price(world, BTC, "100");
    pay_fees(world);
    world->now = nanos_day(world->now) + DAYS(1) - 1;
    world_turn(world);
    assert_true(metric_look(world->engine, METRIC_FEES_TODAY, PRODUCT_NONE, &now));
    assert_true(metric_figure(METRIC_FEES_TODAY, &now, &now, &fees));
    assert_decimal(fees, "3");
    world_wait(world, 1);
    assert_true(metric_look(world->engine, METRIC_FEES_TODAY, PRODUCT_NONE, &now));
    assert_true(metric_figure(METRIC_FEES_TODAY, &now, &now, &fees));
    assert_decimal(fees, "0");
    world_price(world, BTC, "100");
    world_buy(world, BTC, "1");
    world_fill(world, world_last_order(world), "next", "1", "100", "2");
    assert_true(metric_look(world->engine, METRIC_FEES_TODAY, PRODUCT_NONE, &now));
    assert_true(metric_figure(METRIC_FEES_TODAY, &now, &now, &fees));
    assert_decimal(fees, "2");
    world_free(world);
}
