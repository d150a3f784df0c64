/* What scripts keep: saved with snapshots and at the end, given back after on_start. */
#include "engine/engine_private.h"
#include "engine/recover.h"
#include "engine_world.h"

/* A script with one text for a state. */
struct keeper {
    char json[FACT_STATE_MAX + 64];
    char given[64]; /* to on_restore */
    uint64_t version, given_by;
    int saved;
    bool save_fails, restore_fails;
};

static enum err save(void *ctx, struct buf *out, struct fault *why)
{
    struct keeper *keeper = ctx;

    keeper->saved++;
    if (keeper->save_fails)
        return fail(why, ERR_SCRIPT, "bot.lua:7: no idea");
    buf_add_text(out, keeper->json);
    return OK;
}

static enum err restore(void *ctx, const char *json, uint64_t version, struct fault *why)
{
    struct keeper *keeper = ctx;

    if (keeper->restore_fails)
        return fail(why, ERR_SCRIPT, "bot.lua:9: what is this");
    snprintf(keeper->given, sizeof keeper->given, "%s", json);
    keeper->given_by = version;
    return OK;
}

static enum err idle(void *ctx, const struct strategy_call *call, struct decision_list *out,
                     struct fault *why)
{
    (void)ctx, (void)call, (void)out, (void)why;
    return OK;
}

static void add_strategy(struct world *world, struct keeper *keeper, product_ref product)
{
    struct strategy_port port = {.ctx = keeper,
                                 .name = "keeper",
                                 .product = product,
                                 .wants = HOOK_BIT(HOOK_CYCLE),
                                 .call = idle,
                                 .save = save,
                                 .restore = restore,
                                 .version = keeper->version};

    engine_add_strategy(world->engine, &port);
}

static void add_guard(struct world *world, struct keeper *keeper)
{
    struct guard_port port = {.ctx = keeper,
                              .name = "watchman",
                              .save = save,
                              .restore = restore,
                              .version = keeper->version};

    engine_add_guard(world->engine, &port);
}

static struct keeper *keeper_new(const char *json)
{
    struct keeper *keeper = mem_new(sizeof *keeper);

    snprintf(keeper->json, sizeof keeper->json, "%s", json);
    return keeper;
}

static struct world *world_with(struct keeper *strategy, struct keeper *guard)
{
    struct world *world = world_new();

    world_make_engine(world, "r1");
    if (strategy)
        add_strategy(world, strategy, BTC);
    if (guard)
        add_guard(world, guard);
    world_start(world);
    return world;
}

static void stop(struct world *world)
{
    struct fault why;

    assert_int_equal(engine_stop(world->engine, "enough", world->now, &why), OK);
}

/* Another program with these scripts on the same journal. */
static void restart(struct world *world, struct keeper *strategy, struct keeper *guard)
{
    struct fault why = {OK, ""};

    engine_free(world->engine);
    world->fact_count = world->committed;
    world_make_engine(world, "r2");
    if (strategy)
        add_strategy(world, strategy, BTC);
    if (guard)
        add_guard(world, guard);
    if (engine_recover(world->engine, world->now, &why))
        fail_msg("%s", why.text);
    world_start(world);
}

static const struct fact *last_of(const struct world *world, enum fact_kind kind)
{
    for (int i = world->fact_count; i-- > 0;)
        if (world->facts[i].kind == kind)
            return &world->facts[i];
    fail_msg("there is no %s", fact_kind_name(kind));
    return NULL;
}

TEST(what_a_strategy_and_a_guard_saved_at_the_end_they_get_at_the_start)
{
    struct keeper *strategy = keeper_new("{\"n\":1}"), *guard = keeper_new("[2]");
    struct world *world = world_with(strategy, guard);

    stop(world);
    assert_int_equal(strategy->saved, 1);
    restart(world, strategy, guard);
    assert_string_equal(strategy->given, "{\"n\":1}");
    assert_string_equal(guard->given, "[2]");
    world_free(world);
    mem_free(strategy);
    mem_free(guard);
}

TEST(a_script_learns_which_version_of_it_saved_what_it_gets)
{
    struct keeper *strategy = keeper_new("{}"), *guard = keeper_new("{}");

    strategy->version = 3;
    guard->version = 1;
    struct world *world = world_with(strategy, guard);
    stop(world);
    strategy->version = guard->version = 4;
    restart(world, strategy, guard);
    assert_int_equal(strategy->given_by, 3);
    assert_int_equal(guard->given_by, 1);
    stop(world); /* the same state, by another version, is another state */
    assert_int_equal(last_of(world, FACT_STATE)->state.version, 4);
    world_free(world);
    mem_free(strategy);
    mem_free(guard);
}

TEST(after_a_crash_the_state_is_that_of_the_last_snapshot)
{
    struct keeper *strategy = keeper_new("1");
    struct world *world = world_new();

    world->settings.snapshot.every = SECONDS(10);
    world_make_engine(world, "r1");
    add_strategy(world, strategy, BTC);
    world_start(world);
    for (int i = 0; i < 15; i++)
        world_wait(world, SECONDS(1));
    strcpy(strategy->json, "2"); /* nobody has asked for this yet */
    restart(world, strategy, NULL);
    assert_string_equal(strategy->given, "1");
    for (int i = 0; i < 15; i++)
        world_wait(world, SECONDS(1));
    restart(world, strategy, NULL);
    assert_string_equal(strategy->given, "2");
    world_free(world);
    mem_free(strategy);
}

TEST(a_state_that_has_not_changed_is_journaled_once)
{
    struct keeper *strategy = keeper_new("1");
    struct world *world = world_with(strategy, NULL);
    int states = 0;

    for (int i = 0; i < 3; i++)
        engine_save_scripts(world->engine);
    for (int i = 0; i < world->fact_count; i++)
        states += world->facts[i].kind == FACT_STATE;
    assert_int_equal(states, 1);
    world_free(world);
    mem_free(strategy);
}

TEST(scripts_of_one_name_keep_their_states_apart)
{
    struct keeper *a = keeper_new("1"), *b = keeper_new("2"), *c = keeper_new("3");
    struct world *world = world_new();

    world_make_engine(world, "r1");
    add_strategy(world, a, BTC);
    add_strategy(world, b, ETH);
    add_strategy(world, c, BTC);
    world_start(world);
    engine_save_scripts(world->engine);
    const struct saved_states *states = &world->engine->states;
    assert_string_equal(saved_states_find(states, "keeper BTC-USD")->json, "1");
    assert_string_equal(saved_states_find(states, "keeper ETH-USD")->json, "2");
    assert_string_equal(saved_states_find(states, "keeper BTC-USD #2")->json, "3");
    world_free(world);
    mem_free(a);
    mem_free(b);
    mem_free(c);
}

TEST(a_script_that_cannot_save_keeps_what_it_saved_before)
{
    struct keeper *strategy = keeper_new("1");
    struct world *world = world_with(strategy, NULL);

    engine_save_scripts(world->engine);
    strategy->save_fails = true;
    stop(world);
    assert_string_equal(last_of(world, FACT_SCRIPT)->note.text, "on_save: bot.lua:7: no idea");
    restart(world, strategy, NULL);
    assert_string_equal(strategy->given, "1");
    world_free(world);
    mem_free(strategy);
}

TEST(a_state_may_be_so_large_and_not_larger)
{
    struct keeper *guard = keeper_new("");
    struct world *world = world_with(NULL, guard);

    memset(guard->json, ' ', FACT_STATE_MAX);
    guard->json[0] = '1';
    engine_save_scripts(world->engine);
    assert_int_equal(strlen(last_of(world, FACT_STATE)->state.json), FACT_STATE_MAX);
    guard->json[FACT_STATE_MAX] = ' ';
    engine_save_scripts(world->engine);
    assert_string_equal(last_of(world, FACT_GUARD)->note.text,
                        "on_save: 65537 bytes as JSON, and at most 65536 are "
                        "kept");
    assert_int_equal(strlen(last_of(world, FACT_STATE)->state.json), FACT_STATE_MAX);
    world_free(world);
    mem_free(guard);
}

TEST(a_strategy_that_does_not_know_its_state_again_is_switched_off)
{
    struct keeper *strategy = keeper_new("1");
    struct world *world = world_with(strategy, NULL);

    stop(world);
    strategy->restore_fails = true;
    restart(world, strategy, NULL);
    assert_string_equal(world_level(world, BTC), "reduce_only");
    assert_string_equal(world_level(world, ETH), "normal");
    stop(world); /* what it had saved is not lost by that */
    strategy->restore_fails = false;
    restart(world, strategy, NULL);
    assert_string_equal(strategy->given, "1");
    world_free(world);
    mem_free(strategy);
}

TEST(a_guard_that_does_not_know_its_state_again_lets_nothing_new_through)
{
    struct keeper *guard = keeper_new("1");
    struct world *world = world_with(NULL, guard);

    stop(world);
    guard->restore_fails = true;
    restart(world, NULL, guard);
    assert_string_equal(world_level(world, PRODUCT_NONE), "reduce_only");
    world_free(world);
    mem_free(guard);
}

TEST(states_of_scripts_that_are_not_there_now_wait_for_them)
{
    struct keeper *strategy = keeper_new("1");
    struct world *world = world_with(strategy, NULL);

    world->settings.snapshot.every = HOURS(1);
    stop(world);
    restart(world, NULL, NULL);
    stop(world);
    restart(world, strategy, NULL);
    assert_string_equal(strategy->given, "1");
    world_free(world);
    mem_free(strategy);
}
