/* Troubles that go on for hours: what they hold is told as it begins, once more as it turns out
 * to last, and as it ends; and it is right at every moment, also after a restart. */
#include "engine/engine_private.h"
#include "engine/recover.h"
#include "market_world.h"

/* A second of a day on which BTC is quoted so. */
static void second_at(struct world *world, const char *bid, const char *ask)
{
    if (bid)
        world_quote(world, BTC, bid, ask);
    world_quote(world, ETH, "100", "100");
    world_cycle(world);
}

static void second(struct world *world)
{
    second_at(world, "100", "100");
}

static void lose_stream(struct world *world)
{
    world_stream(world, STREAM_USER, STREAM_DOWN);
}

static void regain_stream(struct world *world)
{
    world_stream(world, STREAM_USER, STREAM_UP);
}

static void regain_price(struct world *world)
{
    world_quote(world, BTC, "100", "100");
}

static void second_without_stream(struct world *world)
{
    second(world);
}

/* Nobody trades BTC. */
static void second_without_price(struct world *world)
{
    second_at(world, NULL, NULL);
}

static void second_of_spread(struct world *world)
{
    second_at(world, "99", "101");
}

static void narrow(struct world *world)
{
    world_quote(world, BTC, "100", "100");
}

static void second_of_rates(struct world *world)
{
    world_gauge(world, GAUGE_RATE_USAGE, "0.95");
    second(world);
}

static void spend_less(struct world *world)
{
    world_gauge(world, GAUGE_RATE_USAGE, "0.1");
}

static bool guard_asks;

static enum err judge(void *ctx, const struct view *view, struct guard_action *out,
                      struct fault *why)
{
    (void)ctx, (void)view, (void)why;
    if (guard_asks)
        *out = (struct guard_action){.level = LEVEL_REDUCE_ONLY,
                                     .global = true,
                                     .duration = MINUTES(1),
                                     .reason = "it said so"};
    return OK;
}

static void second_of_guard(struct world *world)
{
    guard_asks = true;
    second(world);
}

static void be_silent(struct world *world)
{
    (void)world;
    guard_asks = false;
}

static const struct {
    const char *source;
    product_ref product;
    void (*begin)(struct world *world);
    void (*go_on)(struct world *world); /* a second of the trouble */
    void (*end)(struct world *world);
    nanos lingers;
} troubles[] = {
    {"stream_down", PRODUCT_NONE, lose_stream, second_without_stream, regain_stream,
     SECONDS(5)},
    {"mark_stale", BTC, NULL, second_without_price, regain_price, SECONDS(120)},
    {"guards.1:spread_bps", BTC, NULL, second_of_spread, narrow, SECONDS(30)},
    {"rate_usage", PRODUCT_NONE, NULL, second_of_rates, spend_less, SECONDS(5)},
    {"guard:mine", PRODUCT_NONE, NULL, second_of_guard, be_silent, MINUTES(1)},
};
enum { TROUBLES = ARRAY_LEN(troubles) };

static void make_engine(struct world *world, const char *run)
{
    struct guard_port guard = {.name = "mine", .has_cycle = true, .cycle = judge};

    world_make_engine(world, run);
    engine_add_guard(world->engine, &guard);
}

static struct world *trader(void)
{
    struct world *world = world_new();
    struct engine_settings defaults;

    guard_asks = false;
    engine_settings_init(&defaults);
    world->settings.guards = defaults.guards;
    world->settings.guards.order_stuck_after = 0;
    world->settings.degrade.reconnect_pause = 0;
    world->settings.reconcile.order_sweep_every = 0; /* nobody here answers */
    world->settings.rules[0] = (struct metric_guard){.place = 1,
                                                     .metric = METRIC_SPREAD_BPS,
                                                     .compare = COMPARE_GT,
                                                     .threshold = D(50),
                                                     .symbols = NULL,
                                                     .action = RULE_PAUSE,
                                                     .action_for = SECONDS(30)};
    world->settings.rule_count = 1;
    make_engine(world, "r1");
    engine_set_balance(world->engine, "USD", D(10000), "opening");
    world_start(world);
    world_price(world, BTC, "100");
    world_price(world, ETH, "100");
    second(world);
    return world;
}

static const struct fact_cause *held(const struct world *world, int i)
{
    return degrade_find(world->engine->degrade, troubles[i].source, troubles[i].product);
}

/* Of this cause: how often it was told, and that it ended. */
static int told(const struct world *world, int i)
{
    int count = 0;

    for (int k = 0; k < world->fact_count; k++)
        count += world->facts[k].kind == FACT_CAUSE &&
                 world->facts[k].cause.product == troubles[i].product &&
                 strcmp(world->facts[k].cause.source, troubles[i].source) == 0;
    return count;
}

static int ended(const struct world *world, int i)
{
    uint64_t id = 0;
    int count = 0;

    for (int k = 0; k < world->fact_count; k++) {
        const struct fact *fact = &world->facts[k];
        if (fact->kind == FACT_CAUSE && fact->cause.product == troubles[i].product &&
            strcmp(fact->cause.source, troubles[i].source) == 0)
            id = fact->cause.id;
        count += fact->kind == FACT_CAUSE_END && fact->cause_end.id == id;
    }
    return count;
}

static void suffer(struct world *world, int i, int seconds)
{
    for (int k = 0; k < seconds; k++) {
        troubles[i].go_on(world);
        if (k > 60 && !held(world, i))
            fail_msg("%s ended after %d s", troubles[i].source, k);
    }
}

static struct world *troubled(int i, int seconds)
{
    struct world *world = trader();

    if (troubles[i].begin)
        troubles[i].begin(world);
    suffer(world, i, seconds);
    return world;
}

static void recover(struct world *world)
{
    struct fault why = {OK, ""};

    engine_free(world->engine);
    world->fact_count = world->committed;
    make_engine(world, "r2");
    if (engine_recover(world->engine, world->now, &why))
        fail_msg("%s", why.text);
}

static int seconds_until_it_ends(struct world *world, int i)
{
    int count = 0;

    for (; held(world, i) && count < 1000; count++)
        second(world);
    return count;
}

TEST(three_hours_of_trouble_are_told_twice_and_their_end_once)
{
    for (int i = 0; i < TROUBLES; i++) {
        struct world *world = troubled(i, 3 * 3600);
        assert_non_null(held(world, i));
        if (told(world, i) != 2 || ended(world, i))
            fail_msg("%s: told %d times", troubles[i].source, told(world, i));
        troubles[i].end(world);
        seconds_until_it_ends(world, i);
        assert_int_equal(told(world, i), 2);
        assert_int_equal(ended(world, i), 1);
        world_free(world);
    }
}

TEST(what_lasts_ends_its_time_after_it_was_found_last)
{
    for (int i = 0; i < TROUBLES; i++) {
        struct world *world = troubled(i, 600);
        nanos end = degrade_end(world->engine->degrade, held(world, i));
        if (end != world->now + troubles[i].lingers)
            fail_msg("%s would end in %lld s", troubles[i].source,
                     (long long)((end - world->now) / SECONDS(1)));
        assert_int_equal(engine_next_deadline(world->engine), world->now + SECONDS(1));
        troubles[i].end(world);
        int seconds = seconds_until_it_ends(world, i);
        assert_int_equal(seconds, troubles[i].lingers / SECONDS(1));
        world_free(world);
    }
}

TEST(what_was_found_once_has_an_end_and_is_told_once)
{
    for (int i = 0; i < TROUBLES; i++) {
        struct world *world = trader();
        if (troubles[i].begin)
            troubles[i].begin(world);
        while (!held(world, i))
            troubles[i].go_on(world);
        troubles[i].end(world);
        assert_true(held(world, i)->until > world->now);
        assert_int_equal(held(world, i)->lingers, 0);
        seconds_until_it_ends(world, i);
        if (told(world, i) != 1)
            fail_msg("%s: told %d times", troubles[i].source, told(world, i));
        assert_int_equal(ended(world, i), 1);
        world_free(world);
    }
}

TEST(what_lasted_when_the_engine_died_is_held_until_its_time_has_passed_anew)
{
    for (int i = 0; i < TROUBLES; i++) {
        struct world *world = troubled(i, 600);
        troubles[i].end(world);
        recover(world);
        world->now += DAYS(1);
        world_turn(world); /* before the start, as when the clock is told first */
        assert_non_null(held(world, i));
        world_start(world);
        second(world);
        assert_non_null(held(world, i));
        world_buy(world, BTC, "1");
        assert_string_not_equal(world_code(world), "none");
        int seconds = seconds_until_it_ends(world, i) + 1;
        assert_int_equal(seconds, troubles[i].lingers / SECONDS(1));
        assert_int_equal(ended(world, i), 1);
        world_free(world);
    }
}

TEST(what_goes_on_after_a_restart_is_held_without_another_word)
{
    for (int i = 0; i < TROUBLES; i++) {
        struct world *world = troubled(i, 600);
        recover(world);
        world_start(world);
        world_quote(world, BTC, "100", "100");
        if (troubles[i].begin)
            troubles[i].begin(world);
        for (int k = 0; k < 1800; k++) {
            troubles[i].go_on(world);
            if (!held(world, i))
                fail_msg("%s ended after %d s", troubles[i].source, k);
        }
        assert_int_equal(told(world, i), 2);
        assert_int_equal(ended(world, i), 0);
        world_free(world);
    }
}

/* ---- what is asked for changes ---- */

static const struct fact_cause *ask(struct world *world, enum level level, nanos duration,
                                    bool allow_reduce)
{
    engine_hold_cause(world->engine, level, ETH, "test", "why not", duration, allow_reduce);
    return degrade_find(world->engine->degrade, "test", ETH);
}

static struct world *lasting(void)
{
    struct world *world = trader();

    ask(world, LEVEL_REDUCE_ONLY, SECONDS(10), true);
    world->engine->now += SECONDS(6);
    assert_int_equal(ask(world, LEVEL_REDUCE_ONLY, SECONDS(10), true)->lingers, SECONDS(10));
    return world;
}

TEST(what_is_worse_or_longer_is_told_and_lowers_nothing)
{
    struct world *world = lasting();
    int before = world_facts(world, FACT_CAUSE);

    ask(world, LEVEL_REDUCE_ONLY, SECONDS(3), true);
    assert_int_equal(world_facts(world, FACT_CAUSE), before);
    assert_int_equal(ask(world, LEVEL_PAUSED, SECONDS(3), true)->level, LEVEL_PAUSED);
    assert_int_equal(ask(world, LEVEL_REDUCE_ONLY, SECONDS(20), true)->lingers, SECONDS(20));
    assert_int_equal(ask(world, LEVEL_REDUCE_ONLY, SECONDS(20), true)->level, LEVEL_PAUSED);
    assert_false(ask(world, LEVEL_PAUSED, SECONDS(3), false)->allow_reduce);
    assert_int_equal(world_facts(world, FACT_CAUSE), before + 3);
    nanos end = degrade_end(world->engine->degrade, ask(world, LEVEL_PAUSED, 1, true));
    assert_int_equal(end, world->engine->now + SECONDS(20));
    assert_true(ask(world, LEVEL_REDUCE_ONLY, 0, true)->sticky);
    assert_int_equal(ask(world, LEVEL_PAUSED, SECONDS(3), true)->lingers, 0);
    assert_int_equal(world_facts(world, FACT_CAUSE), before + 4);
    world_free(world);
}

TEST(what_had_an_end_further_away_keeps_it)
{
    struct world *world = trader();

    ask(world, LEVEL_REDUCE_ONLY, SECONDS(10), true);
    nanos end = world->engine->now + SECONDS(10);
    const struct fact_cause *cause = ask(world, LEVEL_PAUSED, SECONDS(2), true);
    assert_int_equal(cause->lingers, SECONDS(2));
    assert_int_equal(degrade_end(world->engine->degrade, cause), end);
    world_free(world);
}

TEST(an_operators_pause_keeps_its_end_however_often_it_is_asked_for)
{
    struct world *world = trader();

    world_command(world, COMMAND_PAUSE, MINUTES(10));
    world_wait(world, MINUTES(9));
    world_command(world, COMMAND_PAUSE, MINUTES(10));
    const struct fact_cause *cause =
        degrade_find(world->engine->degrade, "operator:pause:anna", PRODUCT_NONE);
    assert_int_equal(cause->until, world->now + MINUTES(10));
    assert_int_equal(cause->lingers, 0);
    world_free(world);
}
