/* Each trigger of degradation in one row: what happens, what an entry and an exit are told
 * then, that it outlives a restart, and how it ends. */
#include "engine/engine_private.h"
#include "engine/recover.h"
#include "market_world.h"

/* ---- what happens ---- */

static void fail_requests(struct world *world)
{
    for (int i = 0; i < 3; i++) {
        world_limit(world, ACTION_SELL, BTC, "0.01", "500");
        world_say(world, world_last_order(world), REPORT_LOST);
        world_say(world, world_last_order(world), REPORT_CANCELED);
    }
}

static void slip(struct world *world)
{
    world_limits(world)->max_spread_bps = D(50);
    world_quote(world, BTC, "99", "101");
    for (int i = 0; i < 3; i++)
        world_buy(world, BTC, "1");
    world_quote(world, BTC, "100", "100");
}

/* Prices of the others go on. */
static void let_price_age(struct world *world)
{
    for (int i = 0; i < 31; i++) {
        world_price(world, ETH, "100");
        world_cycle(world);
    }
}

static void let_stream_age(struct world *world)
{
    for (int i = 0; i < 16; i++)
        world_cycle(world);
}

static void lose_stream(struct world *world)
{
    world_stream(world, STREAM_USER, STREAM_DOWN);
}

static void regain_stream(struct world *world)
{
    world_stream(world, STREAM_USER, STREAM_UP);
}

static void flap_stream(struct world *world)
{
    lose_stream(world);
    regain_stream(world);
}

static void answer(struct world *world, enum sent_kind kind)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer =
        (struct answer){.query = world_last_sent(world, kind)->query, .is_complete = true};
    world_push(world, event);
}

/* Three readings in a row find less money than the books have, and sweeps between them find
 * nothing that explains it. */
static void drift(struct world *world)
{
    for (int i = 0; i < 12; i++) {
        world_price(world, BTC, "100");
        world_price(world, ETH, "100");
        world_wait(world, SECONDS(5));
    }
    answer(world, SENT_QUERY_ORDERS);
    answer(world, SENT_QUERY_FILLS);
    for (int i = 0; i < 3; i++) {
        struct event event = {.kind = EVENT_BALANCE, .product = PRODUCT_NONE};
        strcpy(event.balance.currency, "USD");
        event.balance.total = D(8000);
        event.balance.query = world_last_sent(world, SENT_QUERY_ACCOUNT)->query;
        world_push(world, event);
        answer(world, SENT_QUERY_ACCOUNT);
        world_wait(world, SECONDS(1));
        answer(world, SENT_QUERY_ORDERS);
        answer(world, SENT_QUERY_FILLS);
        world_wait(world, SECONDS(1));
    }
    world_price(world, BTC, "100");
}

static void spend_rate(struct world *world)
{
    world_gauge(world, GAUGE_RATE_USAGE, "0.95");
}

static void regain_rate(struct world *world)
{
    world_gauge(world, GAUGE_RATE_USAGE, "0.5");
}

static void set_clock_wrong(struct world *world)
{
    world_gauge(world, GAUGE_CLOCK_SKEW, "-6");
}

static void set_clock_right(struct world *world)
{
    world_gauge(world, GAUGE_CLOCK_SKEW, "-1");
}

static void fill_disk(struct world *world)
{
    world_gauge(world, GAUGE_DISK_FREE, "99");
}

static void clear_disk(struct world *world)
{
    world_gauge(world, GAUGE_DISK_FREE, "1000");
}

static void break_way(struct world *world)
{
    world_gauge(world, GAUGE_BREAKERS_OPEN, "1");
}

static void mend_way(struct world *world)
{
    world_gauge(world, GAUGE_BREAKERS_OPEN, "0");
}

static void lose_share_of_requests(struct world *world)
{
    world->engine->settings.degrade.broker_failures = 100;
    for (int i = 0; i < 12; i++) {
        struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};
        event.answer = (struct answer){.query = 999, .is_complete = i % 2};
        world_push(world, event);
    }
    for (int i = 0; i < 3; i++) {
        struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};
        event.answer = (struct answer){.query = 999};
        world_push(world, event);
    }
}

static bool guard_breaks;

static enum err judge(void *ctx, const struct view *view, struct guard_action *out,
                      struct fault *why)
{
    (void)ctx, (void)view, (void)out;
    return guard_breaks ? fail(why, ERR_SCRIPT, "nil value") : OK;
}

static void break_guard(struct world *world)
{
    (void)world;
    guard_breaks = true;
}

static void mend_guard(struct world *world)
{
    (void)world;
    guard_breaks = false;
}

static void break_script(struct world *world)
{
    for (int i = 0; i < 3; i++) {
        world->script_err = ERR_SCRIPT;
        world_price(world, BTC, "100");
    }
}

static void lose_today(struct world *world)
{
    world_limits(world)->daily_loss_value = D(50);
    world_price(world, BTC, "94");
}

static void fall_from_peak(struct world *world)
{
    world_limits(world)->max_drawdown_share = dec("0.005");
    world_price(world, BTC, "94");
}

static void lose_twice(struct world *world)
{
    world_limits(world)->max_losses_in_row = 2;
    for (int i = 0; i < 2; i++) {
        char id[16];
        world_hold(world, ETH, "1", "100");
        world_sell(world, ETH, "1");
        snprintf(id, sizeof id, "l-%d", i);
        world_fill(world, world_last_order(world), id, "1", "99", "0");
    }
}

static void bars(struct world *world, const char *const closes[], int count)
{
    for (int i = 0; i < count; i++)
        world_bar(world, BTC, closes[i]);
}

static void swing(struct world *world)
{
    static const char *const closes[] = {"100", "100", "100", "100", "70", "100"};

    bars(world, closes, ARRAY_LEN(closes));
}

static void calm(struct world *world)
{
    static const char *const closes[] = {"100", "100", "100", "100", "100"};

    bars(world, closes, ARRAY_LEN(closes));
}

static void thin_out(struct world *world)
{
    world->engine->settings.guards.min_depth_value = D(500);
    world_level_of(world, SIDE_BUY, "100", "4");
    world_level_of(world, SIDE_SELL, "100", "6");
}

static void deepen(struct world *world)
{
    world_level_of(world, SIDE_BUY, "100", "6");
}

static void lose_sight_of_an_order(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    world_say(world, world_last_order(world), REPORT_LOST);
    for (int i = 0; i < 160; i++) {
        world_price(world, BTC, "100");
        world_price(world, ETH, "100");
        world_cycle(world);
    }
}

static void see_it_again(struct world *world)
{
    world_say(world, world_last_order(world), REPORT_CANCELED);
}

static void bind_margin(struct world *world)
{
    world->engine->settings.guards.margin_utilisation_share = dec("0.005");
    world_price(world, BIP, "100");
    world_hold(world, BIP, "1000", "100");
}

static void free_margin(struct world *world)
{
    world->engine->settings.guards.margin_utilisation_share = dec("0.5");
}

static void near_liquidation(struct world *world)
{
    world_limits(world)->min_liquidation_buffer_share = dec("0.996");
    world_hold(world, BIP, "1000", "100");
}

static void leave_liquidation(struct world *world)
{
    world_limits(world)->min_liquidation_buffer_share = dec("0.1");
}

/* ---- the table ---- */

enum ending {
    BY_TIME,     /* when its span is over */
    BY_CURE,     /* some cycles after the reason is gone */
    BY_MIDNIGHT, /* of UTC */
    BY_OPERATOR, /* and by nothing else */
};

static const struct {
    const char *source;
    void (*happen)(struct world *world);
    bool of_symbol;
    const char *entry, *exit; /* what they are told */
    enum ending ending;
    nanos span;
    void (*cure)(struct world *world);
} triggers[] = {
    {"broker", fail_requests, false, "paused", "none", BY_TIME, SECONDS(120), NULL},
    {"slippage", slip, true, "paused", "none", BY_TIME, SECONDS(60), NULL},
    {"mark_stale", let_price_age, true, "paused", "none", BY_TIME, SECONDS(120), NULL},
    {"stream_stale", let_stream_age, false, "reduce_only", "none", BY_CURE, 0, NULL},
    {"stream_down", lose_stream, false, "reduce_only", "none", BY_CURE, 0, regain_stream},
    {"stream_back", flap_stream, false, "paused", "none", BY_TIME, SECONDS(30), NULL},
    {"drift", drift, false, "reduce_only", "none", BY_TIME, MINUTES(5), NULL},
    {"guard_failure", break_guard, false, "reduce_only", "none", BY_CURE, 0, mend_guard},
    {"script:told", break_script, false, "reduce_only", "none", BY_OPERATOR, 0, NULL},
    {"daily_loss", lose_today, false, "reduce_only", "none", BY_MIDNIGHT, 0, NULL},
    {"drawdown", fall_from_peak, false, "reduce_only", "none", BY_OPERATOR, 0, NULL},
    {"losses_in_row", lose_twice, false, "reduce_only", "none", BY_OPERATOR, 0, NULL},
    {"volatility", swing, true, "reduce_only", "none", BY_CURE, 0, calm},
    {"depth", thin_out, true, "reduce_only", "none", BY_CURE, 0, deepen},
    {"error_rate", lose_share_of_requests, false, "paused", "none", BY_TIME, MINUTES(6), NULL},
    {"rate_usage", spend_rate, false, "reduce_only", "none", BY_CURE, 0, regain_rate},
    {"clock_skew", set_clock_wrong, false, "reduce_only", "none", BY_CURE, 0, set_clock_right},
    {"disk_low", fill_disk, false, "reduce_only", "none", BY_CURE, 0, clear_disk},
    {"api_health", break_way, false, "paused", "none", BY_CURE, 0, mend_way},
    {"unknown_order", lose_sight_of_an_order, true, "reduce_only", "none", BY_CURE, 0,
     see_it_again},
    {"margin_utilisation", bind_margin, false, "reduce_only", "none", BY_CURE, 0, free_margin},
    {"liquidation_buffer", near_liquidation, false, "reduce_only", "none", BY_CURE, 0,
     leave_liquidation},
};
enum { TRIGGERS = ARRAY_LEN(triggers) };

/* ---- */

static void add_guard(struct world *world)
{
    struct guard_port guard = {.name = "mine", .has_cycle = true, .cycle = judge};

    guard_breaks = false;
    engine_add_guard(world->engine, &guard);
}

/* 10 bitcoin held at 100, of 10000; all that is watched is as the defaults have it. */
static struct world *trader(int i)
{
    struct world *world = world_new();
    struct engine_settings defaults;

    engine_settings_init(&defaults);
    world->settings.guards = defaults.guards;
    world->settings.guards.volatility_share = dec("0.2");
    world->settings.guards.volatility_window = 5;
    world->settings.guards.order_stuck_after = 0;
    if (triggers[i].happen != drift) /* nobody here answers what the engine asks by itself */
        world->settings.reconcile.order_sweep_every = 0;
    world_make_engine(world, "r1");
    add_guard(world);
    engine_set_balance(world->engine, "USD", D(10000), "opening");
    world_start(world);
    world_price(world, BIP, "100");
    world_hold(world, BTC, "10", "100");
    world_price(world, ETH, "100");
    world_cycle(world);
    return world;
}

static const struct fact_cause *held(const struct world *world, int i)
{
    product_ref product = triggers[i].of_symbol ? BTC : PRODUCT_NONE;

    return degrade_find(world->engine->degrade, triggers[i].source, product);
}

static struct world *triggered(int i)
{
    struct world *world = trader(i);

    assert_null(held(world, i));
    triggers[i].happen(world);
    world_cycle(world);
    if (!held(world, i))
        fail_msg("%s is not held", triggers[i].source);
    return world;
}

/* Prices and cycles as on any day, every 5 s, for as long as it takes. */
static void live(struct world *world, nanos span)
{
    for (nanos end = world->now + span; world->now < end;) {
        world_price(world, BTC, "100");
        world_price(world, ETH, "100");
        world_wait(world, SECONDS(5));
    }
}

static void is_told(struct world *world, int i, enum action action, const char *code)
{
    world_limits(world)->max_spread_bps = DECIMAL_ZERO;
    world_decide(world, world_wish(action, BTC, "1"));
    if (strcmp(world_code(world), code) != 0)
        fail_msg("%s: %s is told %s, not %s", triggers[i].source, action_name(action),
                 world_code(world), code);
}

TEST(when_a_trigger_happens_new_risk_is_refused_with_its_code_and_an_exit_passes)
{
    for (int i = 0; i < TRIGGERS; i++) {
        struct world *world = triggered(i);
        for (int s = 0; s < world->engine->strategy_count; s++)
            world->engine->strategies[s].is_off = false; /* the orders are not its own */
        is_told(world, i, ACTION_BUY, triggers[i].entry);
        is_told(world, i, ACTION_SELL, triggers[i].exit);
        bool is_hit = !triggers[i].of_symbol || triggers[i].happen == thin_out; /* no book */
        world_buy(world, ETH, "1");
        assert_string_equal(world_code(world), is_hit ? triggers[i].entry : "none");
        world_free(world);
    }
}

TEST(what_a_trigger_holds_says_why_and_lets_exits_pass_and_is_counted_once)
{
    for (int i = 0; i < TRIGGERS; i++) {
        struct world *world = triggered(i);
        const char *source = triggers[i].source;
        uint64_t trips = guard_tally_get(&world->engine->guards.tally, source, TALLY_TRIP);
        bool is_guard = strcmp(source, "drift") != 0 && strcmp(source, "unknown_order") != 0 &&
                        strcmp(source, "script:told") != 0;
        assert_true(held(world, i)->why[0] && held(world, i)->allow_reduce);
        bool is_right = triggers[i].of_symbol ? trips > 0 : trips == 1; /* symbols are many */
        if (is_guard != (trips > 0) || (is_guard && !is_right))
            fail_msg("%s tripped %d times", source, (int)trips);
        world_free(world);
    }
}

TEST(what_a_trigger_holds_outlives_a_restart)
{
    for (int i = 0; i < TRIGGERS; i++) {
        struct world *world = triggered(i);
        struct fault why;
        engine_free(world->engine);
        world_make_engine(world, "r2");
        assert_int_equal(engine_recover(world->engine, world->now, &why), OK);
        assert_non_null(held(world, i));
        world_free(world);
    }
}

static void end_by_time(struct world *world, int i)
{
    nanos until = held(world, i)->until;

    assert_true(until > world->now);
    if (triggers[i].ending == BY_TIME && until - world->now > triggers[i].span)
        fail_msg("%s is held for longer than %lld s", triggers[i].source,
                 (long long)(triggers[i].span / SECONDS(1)));
    if (triggers[i].ending == BY_MIDNIGHT)
        assert_int_equal(until, nanos_day(world->now) + DAYS(1));
    world_command(world, COMMAND_RESUME, 0); /* it runs on */
    assert_non_null(held(world, i));
    live(world, until - world->now - SECONDS(6));
    if (triggers[i].ending == BY_MIDNIGHT || triggers[i].span > SECONDS(30))
        assert_non_null(held(world, i));
    live(world, triggers[i].span + SECONDS(12));
}

static void end_by_cure(struct world *world, int i)
{
    if (triggers[i].cure)
        triggers[i].cure(world);
    live(world, MINUTES(6));
}

static void end_by_operator(struct world *world, int i)
{
    live(world, HOURS(1));
    world_wait(world, DAYS(3));
    assert_non_null(held(world, i));
    world_command(world, COMMAND_RESUME, 0);
}

TEST(what_a_trigger_holds_ends_with_its_time_its_reason_or_an_operators_word)
{
    for (int i = 0; i < TRIGGERS; i++) {
        struct world *world = triggered(i);
        if (triggers[i].ending == BY_CURE)
            end_by_cure(world, i);
        else if (triggers[i].ending == BY_OPERATOR)
            end_by_operator(world, i);
        else
            end_by_time(world, i);
        if (held(world, i))
            fail_msg("%s does not end", triggers[i].source);
        world_free(world);
    }
}

TEST(what_lasts_is_held_as_long_as_its_reason)
{
    for (int i = 0; i < TRIGGERS; i++) {
        if (triggers[i].ending != BY_CURE || !triggers[i].cure)
            continue;
        struct world *world = triggered(i);
        for (int k = 0; k < 60; k++) {
            world_cycle(world);
            if (!held(world, i))
                fail_msg("%s ended after %d s", triggers[i].source, k);
        }
        world_free(world);
    }
}

/* ---- the account's own losses, and what works already ---- */

TEST(a_loss_cancels_the_entries_that_work_and_leaves_exits_unless_told_not_to)
{
    static const char *const losses[] = {"daily_loss",         "drawdown", "losses_in_row",
                                         "margin_utilisation", "drift",    "guard_failure",
                                         "liquidation_buffer"};

    for (int cancels = 0; cancels < 2; cancels++)
        for (int i = 0; i < TRIGGERS; i++) {
            bool is_loss = false;
            for (size_t k = 0; k < ARRAY_LEN(losses); k++)
                is_loss = is_loss || strcmp(losses[k], triggers[i].source) == 0;
            struct world *world = trader(i);
            world->engine->settings.degrade.cancel_entries = cancels;
            world_limit(world, ACTION_BUY, BTC, "0.1", "50");
            order_number entry = world_last_order(world);
            world_say(world, entry, REPORT_ACCEPTED);
            world_limit(world, ACTION_SELL, BTC, "1", "500");
            order_number exit = world_last_order(world);
            world_say(world, exit, REPORT_ACCEPTED);
            triggers[i].happen(world);
            world_cycle(world);
            if (is_loss && strcmp(triggers[i].source, "drift") != 0)
                assert_string_equal(world_state(world, entry),
                                    cancels ? "PENDING_CANCEL" : "NEW");
            else if (!is_loss)
                assert_string_not_equal(world_state(world, entry), "PENDING_CANCEL");
            assert_string_not_equal(world_state(world, exit), "PENDING_CANCEL");
            world_free(world);
        }
}

TEST(a_stale_price_stops_exits_too_when_the_settings_say_so)
{
    struct world *world = trader(0);

    world->engine->settings.guards.mark_stale_allow_reduce = false;
    let_price_age(world);
    world_cycle(world);
    is_told(world, 2, ACTION_SELL, "paused");
    world_free(world);
}
