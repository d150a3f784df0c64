/* Nobody evades a guard by ending the engine: each begins before a restart what it ends after
 * it; and what is long ago, or over, counts no more. */
#include "engine/guard_memory.h"

#include "engine/engine_private.h"
#include "engine/recover.h"
#include "market_world.h"

static int fills;

static enum err judge(void *ctx, const struct view *view, struct guard_action *out,
                      struct fault *why)
{
    (void)view, (void)out;
    return *(bool *)ctx ? fail(why, ERR_SCRIPT, "nil value") : OK;
}

static bool guard_breaks;

static void make_engine(struct world *world, const char *run)
{
    struct guard_port guard = {
        .ctx = &guard_breaks, .name = "mine", .has_cycle = true, .cycle = judge};

    world_make_engine(world, run);
    engine_add_guard(world->engine, &guard);
}

/* 10 bitcoin are held at 100, of 10000. */
static struct world *trader(struct world *world)
{
    world->settings.reconcile.order_sweep_every = 0; /* nobody here answers */
    guard_breaks = false;
    make_engine(world, "r1");
    engine_set_balance(world->engine, "USD", D(10000), "opening");
    world_start(world);
    world_price(world, ETH, "100");
    world_hold(world, BTC, "10", "100");
    world_cycle(world);
    return world;
}

static struct world *ruled(struct metric_guard guard)
{
    struct world *world = world_new();

    guard.place = 1;
    world->settings.rules[0] = guard;
    world->settings.rule_count = 1;
    return trader(world);
}

/* The process is killed, and another goes on after a while. */
static void restart_after(struct world *world, nanos span, const char *price)
{
    struct fault why = {OK, ""};

    engine_free(world->engine);
    world->fact_count = world->committed;
    world->now += span;
    make_engine(world, "r2");
    if (engine_recover(world->engine, world->now, &why))
        fail_msg("%s", why.text);
    world_start(world);
    world_cycle(world); /* nothing has a price yet */
    world_price(world, BTC, price);
    world_price(world, ETH, "100");
    world_cycle(world);
}

static void restart(struct world *world)
{
    restart_after(world, SECONDS(1), "100");
}

static void live(struct world *world, nanos span, const char *price)
{
    for (nanos end = world->now + span; world->now < end;) {
        world_price(world, BTC, price);
        world_cycle(world);
    }
}

static const struct fact_cause *cause(const struct world *world, const char *source)
{
    for (int i = 0; i < degrade_count(world->engine->degrade); i++)
        if (strcmp(degrade_at(world->engine->degrade, i)->source, source) == 0)
            return degrade_at(world->engine->degrade, i);
    return NULL;
}

static void order(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    world_say(world, world_last_order(world), REPORT_CANCELED);
    world_cycle(world);
}

/* ---- sums over a window ---- */

static const struct metric_guard three_orders_an_hour = {.metric = METRIC_ORDERS,
                                                         .compare = COMPARE_GE,
                                                         .threshold = {3 * DECIMAL_ONE},
                                                         .action = RULE_REDUCE_ONLY,
                                                         .window = HOURS(1)};

TEST(orders_before_a_restart_count_in_the_window)
{
    struct world *world = ruled(three_orders_an_hour);

    order(world);
    order(world);
    restart(world);
    assert_null(cause(world, "guards.1:orders"));
    order(world);
    assert_non_null(cause(world, "guards.1:orders"));
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "reduce_only");
    world_free(world);
}

TEST(orders_of_each_of_many_lives_count_in_the_window)
{
    struct metric_guard guard = three_orders_an_hour;
    guard.threshold = D(7);
    struct world *world = ruled(guard);

    for (int i = 0; i < 7; i++) {
        assert_null(cause(world, "guards.1:orders"));
        order(world);
        restart(world);
    }
    assert_non_null(cause(world, "guards.1:orders"));
    world_free(world);
}

TEST(orders_that_left_the_window_while_nobody_was_running_count_no_more)
{
    struct world *world = ruled(three_orders_an_hour);

    live(world, MINUTES(5), "100"); /* the orders are not at the window's beginning */
    order(world);
    order(world);
    live(world, MINUTES(4), "100");
    restart_after(world, HOURS(1), "100");
    order(world);
    order(world);
    assert_null(cause(world, "guards.1:orders"));
    order(world);
    assert_non_null(cause(world, "guards.1:orders"));
    world_free(world);
}

TEST(every_sum_goes_on_where_it_was)
{
    static const enum metric sums[] = {
        METRIC_ORDERS,    METRIC_REFUSALS,     METRIC_REJECTS,         METRIC_FILLS,
        METRIC_TURNOVER,  METRIC_FEES,         METRIC_FAILED_REQUESTS, METRIC_ERROR_SHARE,
        METRIC_ANOMALIES, METRIC_SCRIPT_ERRORS};
    struct world *world = world_new();
    struct metric_look before[ARRAY_LEN(sums)], after;

    for (size_t i = 0; i < ARRAY_LEN(sums); i++)
        world->settings.rules[i] = (struct metric_guard){.place = (int)i + 1,
                                                         .metric = (int)sums[i],
                                                         .compare = COMPARE_GT,
                                                         .threshold = D(1000000),
                                                         .window = HOURS(1)};
    world->settings.rule_count = ARRAY_LEN(sums);
    trader(world);
    order(world);
    world_buy(world, BTC, "1000"); /* refused */
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    world_say(world, world_last_order(world), REPORT_REJECTED);
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    world_say(world, world_last_order(world), REPORT_LOST);
    world_say(world, world_last_order(world), REPORT_WORKING);
    world->script_err = ERR_SCRIPT;
    world_price(world, BTC, "100");
    world_cycle(world);
    for (size_t i = 0; i < ARRAY_LEN(sums); i++)
        assert_true(metric_look(world->engine, sums[i], PRODUCT_NONE, &before[i]));
    restart(world);
    for (size_t i = 0; i < ARRAY_LEN(sums); i++) {
        assert_true(metric_look(world->engine, sums[i], PRODUCT_NONE, &after));
        if (!decimal_is_equal(before[i].value, after.value) ||
            !decimal_is_equal(before[i].whole, after.whole))
            fail_msg("%s does not go on", metric_names[sums[i]]);
        if (sums[i] != METRIC_FEES && sums[i] != METRIC_ANOMALIES)
            assert_true(decimal_is_positive(after.value));
    }
    world_free(world);
}

/* ---- changes over a window ---- */

TEST(a_fall_that_began_before_a_restart_counts_as_one)
{
    static const struct {
        enum metric metric;
        const char *source;
    } rules[] = {{METRIC_PRICE_CHANGE_SHARE, "guards.1:price_change_share"},
                 {METRIC_EQUITY_CHANGE, "guards.1:equity_change"}};

    for (size_t i = 0; i < ARRAY_LEN(rules); i++) {
        bool is_price = rules[i].metric == METRIC_PRICE_CHANGE_SHARE;
        struct world *world =
            ruled((struct metric_guard){.metric = (int)rules[i].metric,
                                        .compare = COMPARE_LE,
                                        .threshold = is_price ? dec("-0.1") : D(-100),
                                        .action = RULE_PAUSE,
                                        .window = HOURS(1)});
        live(world, MINUTES(10), "100");
        live(world, MINUTES(10), "94");
        restart_after(world, SECONDS(5), "94");
        live(world, MINUTES(10), "90.01");
        assert_null(cause(world, rules[i].source));
        live(world, SECONDS(1), "90");
        assert_non_null(cause(world, rules[i].source));
        world_free(world);
    }
}

TEST(a_fall_of_long_ago_counts_no_more_after_a_restart)
{
    struct world *world = ruled((struct metric_guard){.metric = METRIC_PRICE_CHANGE_SHARE,
                                                      .compare = COMPARE_LE,
                                                      .threshold = dec("-0.1"),
                                                      .action = RULE_PAUSE,
                                                      .window = HOURS(1)});

    live(world, MINUTES(10), "100");
    live(world, MINUTES(30), "94");
    restart_after(world, MINUTES(35), "94");
    live(world, MINUTES(1), "90");
    assert_null(cause(world, "guards.1:price_change_share"));
    world_free(world);
}

/* ---- waits ---- */

static const struct metric_guard crowded_for_long = {.metric = METRIC_OPEN_ORDERS,
                                                     .compare = COMPARE_GE,
                                                     .threshold = {DECIMAL_ONE},
                                                     .action = RULE_REDUCE_ONLY,
                                                     .lasting = MINUTES(10),
                                                     .cooldown = MINUTES(30)};
static const char crowded[] = "guards.1:open_orders";

static order_number rest(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    return world_last_order(world);
}

TEST(a_rule_that_waits_goes_on_waiting_after_a_restart)
{
    struct world *world = ruled(crowded_for_long);

    rest(world);
    live(world, MINUTES(6), "100");
    restart_after(world, MINUTES(1), "100");
    live(world, MINUTES(2), "100");
    assert_null(cause(world, crowded));
    live(world, MINUTES(1), "100");
    assert_non_null(cause(world, crowded));
    world_free(world);
}

TEST(a_rule_that_waits_is_not_evaded_by_a_restart_every_minute)
{
    struct world *world = ruled(crowded_for_long);

    rest(world);
    for (int i = 0; i < 11; i++) {
        live(world, MINUTES(1), "100");
        restart(world);
    }
    assert_non_null(cause(world, crowded));
    world_free(world);
}

TEST(what_was_well_before_a_restart_begins_to_wait_anew)
{
    struct world *world = ruled(crowded_for_long);
    order_number number = rest(world);

    live(world, MINUTES(6), "100");
    world_say(world, number, REPORT_CANCELED);
    live(world, MINUTES(1), "100");
    restart(world);
    rest(world);
    live(world, MINUTES(9), "100");
    assert_null(cause(world, crowded));
    live(world, MINUTES(2), "100");
    assert_non_null(cause(world, crowded));
    world_free(world);
}

/* ---- cooldowns ---- */

static struct world *resumed(nanos before)
{
    struct world *world = ruled(crowded_for_long);

    rest(world);
    live(world, MINUTES(11), "100");
    assert_non_null(cause(world, crowded));
    if (before)
        restart(world);
    assert_non_null(cause(world, crowded));
    world_command(world, COMMAND_RESUME, 0);
    return world;
}

TEST(a_cooldown_is_neither_cut_nor_stretched_by_a_restart)
{
    struct world *world = resumed(0);
    nanos end = world->now + SECONDS(1) + MINUTES(30);

    live(world, MINUTES(10), "100");
    restart(world);
    while (world->now + SECONDS(1) < end) {
        assert_null(cause(world, crowded));
        live(world, SECONDS(1), "100");
    }
    assert_null(cause(world, crowded));
    live(world, SECONDS(1), "100");
    assert_non_null(cause(world, crowded));
    world_free(world);
}

TEST(who_resumes_what_was_held_before_a_restart_gets_the_cooldown)
{
    struct world *world = resumed(1);

    live(world, MINUTES(29), "100");
    assert_null(cause(world, crowded));
    live(world, MINUTES(2), "100");
    assert_non_null(cause(world, crowded));
    world_free(world);
}

TEST(what_was_resumed_while_it_was_well_gets_no_cooldown_the_next_time)
{
    for (int restarts = 0; restarts < 2; restarts++) {
        struct world *world = ruled(crowded_for_long);
        order_number number = rest(world);
        live(world, MINUTES(11), "100");
        assert_non_null(cause(world, crowded));
        world_say(world, number, REPORT_CANCELED);
        live(world, MINUTES(1), "100");
        world_command(world, COMMAND_RESUME, 0);
        live(world, MINUTES(1), "100");
        if (restarts)
            restart(world);
        rest(world);
        live(world, MINUTES(9), "100");
        assert_null(cause(world, crowded));
        live(world, MINUTES(2), "100");
        assert_non_null(cause(world, crowded));
        world_free(world);
    }
}

TEST(a_warning_is_not_repeated_by_a_restart)
{
    struct metric_guard guard = crowded_for_long;
    guard.action = RULE_WARN;
    struct world *world = ruled(guard);

    rest(world);
    live(world, MINUTES(11), "100");
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    restart(world);
    live(world, MINUTES(25), "100");
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    live(world, MINUTES(5), "100");
    assert_int_equal(world_facts(world, FACT_GUARD), 2);
    world_free(world);
}

/* ---- the engine's own guards ---- */

static void fail_request(struct world *world)
{
    world_limit(world, ACTION_SELL, BTC, "0.01", "500");
    world_say(world, world_last_order(world), REPORT_LOST);
    world_say(world, world_last_order(world), REPORT_CANCELED);
    world_cycle(world);
}

static void fail_two(struct world *world)
{
    fail_request(world);
    fail_request(world);
}

static void answer(struct world *world, bool is_complete)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer = (struct answer){.query = 999, .is_complete = is_complete};
    world_push(world, event);
}

static void limit_errors(struct engine_settings *settings)
{
    settings->guards.error_rate_share = dec("0.5");
    settings->guards.error_rate_window = MINUTES(15);
    settings->guards.error_rate_min_requests = 11;
    settings->degrade.broker_failures = 100;
}

static void fail_nine(struct world *world)
{
    for (int i = 0; i < 9; i++)
        answer(world, false);
    world_cycle(world);
}

static void fail_one(struct world *world)
{
    answer(world, false);
    world_cycle(world);
}

static void limit_slippage(struct engine_settings *settings)
{
    settings->limits.max_spread_bps = D(50);
}

static void slip(struct world *world, int count)
{
    world_quote(world, BTC, "99", "101");
    for (int i = 0; i < count; i++)
        world_buy(world, BTC, "1");
    world_cycle(world);
}

static void slip_twice(struct world *world)
{
    slip(world, 2);
}

static void slip_once(struct world *world)
{
    slip(world, 1);
}

static void limit_loss(struct engine_settings *settings)
{
    settings->limits.daily_loss_value = D(100);
}

static void limit_drawdown(struct engine_settings *settings)
{
    settings->limits.max_drawdown_share = dec("0.01");
}

static void fall(struct world *world)
{
    world_price(world, BTC, "94");
    world_cycle(world);
}

static void fall_further(struct world *world)
{
    world_price(world, BTC, "90");
    world_cycle(world);
}

static void limit_losses(struct engine_settings *settings)
{
    settings->limits.max_losses_in_row = 2;
}

static void lose(struct world *world)
{
    char id[16];

    world_hold(world, ETH, "1", "100");
    world_sell(world, ETH, "1");
    snprintf(id, sizeof id, "l-%d", ++fills);
    world_fill(world, world_last_order(world), id, "1", "99", "0");
    world_cycle(world);
}

static const struct {
    const char *source;
    void (*limit)(struct engine_settings *settings);
    void (*begin)(struct world *world), (*end)(struct world *world);
} guards[] = {
    {"broker", NULL, fail_two, fail_request},
    {"error_rate", limit_errors, fail_nine, fail_one},
    {"slippage", limit_slippage, slip_twice, slip_once},
    {"daily_loss", limit_loss, fall, fall_further},
    {"drawdown", limit_drawdown, fall, fall_further},
    {"losses_in_row", limit_losses, lose, lose},
};
enum { GUARDS = ARRAY_LEN(guards) };

static struct world *guarded(int i)
{
    struct world *world = world_new();

    if (guards[i].limit)
        guards[i].limit(&world->settings);
    return trader(world);
}

TEST(what_began_before_a_restart_and_ends_after_it_trips_the_guard)
{
    for (int i = 0; i < GUARDS; i++) {
        struct world *world = guarded(i);
        guards[i].begin(world);
        if (cause(world, guards[i].source))
            fail_msg("%s tripped at once", guards[i].source);
        restart_after(world, SECONDS(1), "99");
        if (cause(world, guards[i].source))
            fail_msg("%s tripped by itself", guards[i].source);
        guards[i].end(world);
        if (!cause(world, guards[i].source))
            fail_msg("%s was evaded by a restart", guards[i].source);
        world_quote(world, BTC, "100", "100");
        world_buy(world, BTC, "0.1");
        assert_string_not_equal(world_code(world), "none");
        restart(world);
        if (!cause(world, guards[i].source))
            fail_msg("%s ended with a restart", guards[i].source);
        world_free(world);
    }
}

TEST(what_only_ends_after_a_restart_trips_nothing)
{
    for (int i = 0; i < GUARDS; i++) {
        struct world *world = guarded(i);
        bool is_level =
            guards[i].end == fall_further; /* it is where it is, not what happened */
        restart_after(world, SECONDS(1), "99");
        if (is_level)
            fall(world);
        else
            guards[i].end(world);
        if (cause(world, guards[i].source))
            fail_msg("%s tripped", guards[i].source);
        world_free(world);
    }
}

TEST(what_went_well_in_between_is_remembered_as_well)
{
    struct world *world = guarded(0);

    fail_two(world);
    answer(world, true);
    world_cycle(world);
    restart(world);
    fail_request(world);
    assert_null(cause(world, "broker"));
    world_free(world);
}

TEST(a_guard_that_fails_on_both_sides_of_a_restart_has_failed_in_a_row)
{
    for (int is_well = 0; is_well < 2; is_well++) {
        struct world *world = world_new();
        world->settings.degrade.guard_failures = 4;
        trader(world);
        guard_breaks = true;
        world_cycle(world);
        world_cycle(world);
        guard_breaks = !is_well;
        restart(world); /* two cycles */
        guard_breaks = true;
        assert_int_equal(cause(world, "guard_failure") == NULL, is_well);
        world_cycle(world);
        assert_int_equal(cause(world, "guard_failure") == NULL, is_well);
        world_free(world);
    }
}

TEST(errors_that_left_their_window_while_nobody_was_running_count_no_more)
{
    struct world *world = guarded(1);

    fail_nine(world);
    restart_after(world, MINUTES(15), "100");
    fail_one(world);
    assert_null(cause(world, "error_rate"));
    world_free(world);
}

TEST(the_rate_of_orders_goes_over_a_restart)
{
    struct world *world = world_new();

    world->settings.limits.orders_per_hour = 3; /* with the one that the trader has sent */
    trader(world);
    order(world);
    order(world);
    restart(world);
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    assert_string_equal(world_code(world), "order_rate");
    restart_after(world, HOURS(1), "100");
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

TEST(an_exit_that_gets_nowhere_is_told_after_its_time_and_once_over_restarts)
{
    struct world *world = world_new();

    world->settings.guards.position_stuck_after = MINUTES(10);
    trader(world);
    world_limit(world, ACTION_SELL, BTC, "1", "500");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    live(world, MINUTES(6), "100");
    restart(world);
    live(world, MINUTES(3), "100");
    assert_int_equal(world_facts(world, FACT_GUARD), 0);
    live(world, MINUTES(2), "100");
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    restart(world);
    live(world, MINUTES(20), "100");
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    world_free(world);
}

/* ---- what it costs ---- */

TEST(a_quiet_day_without_rules_is_not_told)
{
    struct world *world = trader(world_new());

    live(world, HOURS(1), "100");
    assert_int_equal(world_facts(world, FACT_STATE), 0);
    world_free(world);
}

TEST(a_window_is_told_sixteen_times_as_it_passes)
{
    struct world *world = ruled(three_orders_an_hour);

    live(world, HOURS(3), "100");
    assert_in_range(world_facts(world, FACT_STATE), 45, 52);
    world_free(world);
}

TEST(a_venue_that_fails_for_an_hour_is_told_now_and_then)
{
    struct world *world = guarded(1);
    int before;

    fail_nine(world);
    before = world_facts(world, FACT_STATE);
    for (int i = 0; i < 3600; i++)
        fail_one(world);
    assert_in_range(world_facts(world, FACT_STATE) - before, 60, 240);
    world_free(world);
}

TEST(states_that_are_no_memory_of_guards_are_taken_for_none)
{
    static const char *const texts[] = {"{}",
                                        "null",
                                        "[1]",
                                        "{\"failures\":-1,\"window\":[[]],\"exits\":[]}",
                                        "{\"looks\":[[1],[2,\"x\"]],\"told\":99}",
                                        "{\"slippage\":{\"BTC-USD\":1e9},\"orders\":[1]}"};
    static const char *const subjects[] = {"watch requests", "watch engine", "watch sums",
                                           "watch guards.1:orders"};

    for (size_t i = 0; i < ARRAY_LEN(texts) * ARRAY_LEN(subjects); i++) {
        struct world *world = ruled(three_orders_an_hour);
        engine_keep_state(world->engine, subjects[i % ARRAY_LEN(subjects)], 0,
                          texts[i / ARRAY_LEN(subjects)]);
        world_turn(world);
        restart(world);
        assert_null(cause(world, "guards.1:orders"));
        assert_string_equal(world_level(world, BTC), "normal");
        world_free(world);
    }
}
