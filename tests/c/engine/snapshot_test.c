/* A snapshot and what came after it lead to the state that all facts lead to. */
#include "engine/snapshot.h"

#include "base/buf.h"
#include "base/rng.h"

#include "engine/engine_private.h"
#include "engine/recover.h"
#include "engine_world.h"

static struct world *trader(void)
{
    struct world *world = world_new();

    world_open(world, "100000");
    world_price(world, BTC, "100");
    world_price(world, ETH, "10");
    world_price(world, BIP, "100");
    return world;
}

static void take_snapshot(struct world *world)
{
    snapshot_write(world->engine);
    world_turn(world);
}

/* Another engine on the facts from `first` on. */
static struct world recovered(const struct world *world, int first)
{
    struct world other = *world;

    world_make_engine(&other, "r2");
    struct recovery recovery = {.engine = other.engine};
    for (int i = first; i < world->fact_count; i++) {
        struct fault why = {OK, ""};
        struct fact fact = world->facts[i];
        fact.sequence = (uint64_t)i + 1;
        if (recovery_take(&recovery, &fact, &why))
            fail_msg("%s", why.text);
    }
    return other;
}

/* ---- the whole state, as text ---- */

struct description {
    struct world *world;
    const bool *is_left_out; /* by order number: those that the snapshot did not speak of */
    struct buf *out;
};

static void describe_fact(const struct description *d, struct fact *fact)
{
    buf_add_format(d->out, "%s ", fact_kind_name(fact->kind));
    fact_encode(fact, &d->world->products, d->out);
    buf_add_text(d->out, "\n");
}

static void describe_fills(const struct description *d, order_number number)
{
    const struct oms *oms = d->world->engine->oms;
    int count;
    const uint64_t *fills = oms_fills(oms, number, &count);

    for (int i = 0; i < count; i++)
        buf_add_format(d->out, " fill %llx", (unsigned long long)fills[i]);
    buf_add_format(d->out, " wish %d %d\n", oms_wants_cancel(oms, number),
                   oms_must_end(oms, number));
}

static void describe_orders(const struct description *d)
{
    const struct oms *oms = d->world->engine->oms;

    for (order_number n = oms_first_number(oms); n < oms_next_number(oms); n++) {
        const struct order *order = oms_find(oms, n);
        struct fact fact = {.kind = FACT_ORDER};
        if (!order || (d->is_left_out && d->is_left_out[n]))
            continue;
        fact.order = *order;
        describe_fact(d, &fact);
        describe_fills(d, n);
    }
    buf_add_format(d->out, "next %llu, open %d:", (unsigned long long)oms_next_number(oms),
                   oms_open_count(oms));
    for (int i = 0; i < oms_open_count(oms); i++)
        buf_add_format(d->out, " %llu", (unsigned long long)oms_open(oms)[i]->number);
    buf_add_text(d->out, "\n");
}

static void describe_money(const struct description *d)
{
    const struct portfolio *portfolio = d->world->engine->portfolio;
    char a[DECIMAL_TEXT_MAX], b[DECIMAL_TEXT_MAX];

    for (int i = 0; i < portfolio_balance_count(portfolio); i++) {
        const struct balance *held = portfolio_balance_at(portfolio, i);
        buf_add_format(d->out, "%s %s %s\n", held->currency, decimal_format(held->total, a),
                       decimal_format(held->hold, b));
    }
    for (int i = 0; i < d->world->products.count; i++) {
        struct fact fact = {.kind = FACT_POSITION, .position.product = (product_ref)i};
        fact.position.position = *portfolio_position(portfolio, (product_ref)i);
        describe_fact(d, &fact);
    }
    buf_add_format(d->out, "realised %s, fees %s, positions %d\n",
                   decimal_format(portfolio_realised(portfolio), a),
                   decimal_format(portfolio_fees(portfolio), b),
                   portfolio_open_positions(portfolio));
    buf_add_format(d->out, "fees %s of the day %lld\n",
                   decimal_format(d->world->engine->guards.fees_today, a),
                   (long long)d->world->engine->guards.fee_day);
    portfolio_check(portfolio);
}

static void describe_causes(const struct description *d)
{
    const struct degrade *degrade = d->world->engine->degrade;

    for (int i = 0; i < degrade_count(degrade); i++) {
        struct fact fact = {.kind = FACT_CAUSE, .cause = *degrade_at(degrade, i)};
        describe_fact(d, &fact);
    }
    buf_add_format(d->out, "last cause %llu, level %s\n",
                   (unsigned long long)degrade_last_id(degrade),
                   level_name(degrade_level(degrade, PRODUCT_NONE)));
}

static void describe_windows(const struct description *d)
{
    const struct engine *engine = d->world->engine;
    const struct equity_watch *watch = &engine->watch;
    char a[DECIMAL_TEXT_MAX], b[DECIMAL_TEXT_MAX], c[DECIMAL_TEXT_MAX];

    int64_t kept = pace_kept(engine->pace, d->world->now);
    for (int w = 0; w < PACE_WINDOW_COUNT; w++)
        buf_add_format(d->out, "%lld ",
                       (long long)pace_count(engine->pace, (enum pace_window)w, d->world->now));
    for (int64_t i = 0; i < kept; i++)
        buf_add_format(d->out, "%lld ", (long long)pace_at(engine->pace, i));
    buf_add_format(d->out, "\nday %lld %s, peak %s, last %s, losses %lld, cycle %llu\n",
                   (long long)watch->day, decimal_format(watch->day_start, a),
                   decimal_format(watch->peak, b), decimal_format(watch->last, c),
                   (long long)watch->losses_in_row,
                   (unsigned long long)engine->counters.cycles);
    for (int i = 0; i < d->world->products.count; i++)
        buf_add_format(d->out, "trip %s\n", decimal_format(watch->trip[i], a));
    buf_add_format(d->out, "fees of %lld: %s\n", (long long)engine->guards.fee_day,
                   decimal_format(engine->guards.fees_today, a));
    for (int i = 0; i < engine->exits.count; i++) {
        struct fact fact = {.kind = FACT_EXIT, .exit = engine->exits.items[i].exit};
        describe_fact(d, &fact);
    }
    buf_add_format(d->out, "last exit %llu\n", (unsigned long long)engine->exits.last_id);
    for (int i = 0; i < engine->states.count; i++)
        buf_add_format(d->out, "%s %llu: %s\n", engine->states.items[i].subject,
                       (unsigned long long)engine->states.items[i].version,
                       engine->states.items[i].json);
}

static void describe(struct world *world, const bool *is_left_out, struct buf *out)
{
    struct description d = {world, is_left_out, out};

    oms_check(engine_oms(world->engine));
    describe_orders(&d);
    describe_money(&d);
    describe_causes(&d);
    describe_windows(&d);
}

static void compare(struct world *a, struct world *b, const bool *is_left_out, const char *what)
{
    struct buf was = BUF_INIT, is = BUF_INIT;

    describe(a, is_left_out, &was);
    describe(b, is_left_out, &is);
    const char *left = buf_text(&was), *right = buf_text(&is);
    size_t at = 0, line = 0;
    for (; left[at] && left[at] == right[at]; at++)
        line = left[at] == '\n' ? at + 1 : line;
    if (left[at] != right[at])
        fail_msg("%s: it should be\n%.500s\nand is\n%.500s", what, left + line, right + line);
    buf_clear(&was);
    buf_clear(&is);
}

/* ---- random days ---- */

static void trade_at_random(struct world *world, struct rng *rng)
{
    order_number last = oms_next_number(engine_oms(world->engine)) - 1;
    order_number first = last > 8 ? last - 8 : 1;
    order_number some = last ? first + rng_below(rng, last - first + 1) : 0;
    char id[32], size[32];

    snprintf(id, sizeof id, "f%d", (int)rng_below(rng, 30));
    snprintf(size, sizeof size, "0.%d", 1 + (int)rng_below(rng, 9));
    if (!some || !oms_find(engine_oms(world->engine), some) || rng_chance(rng, 0.3))
        world_limit(world, rng_chance(rng, 0.6) ? ACTION_BUY : ACTION_SELL,
                    rng_chance(rng, 0.5) ? BTC : ETH, "1", "99");
    else if (rng_chance(rng, 0.4))
        world_say(world, some, (enum report_kind)rng_below(rng, REPORT_KIND_COUNT));
    else if (rng_chance(rng, 0.6))
        world_fill(world, some, id, size, rng_chance(rng, 0.5) ? "99" : "90", "0.1");
    else
        world_push(world, world_totals_event(world, some, REPORT_FILL, size, "50", "0.2"));
}

static void command_at_random(struct world *world, struct rng *rng)
{
    static const enum command_kind kinds[] = {COMMAND_PAUSE, COMMAND_RESUME, COMMAND_CANCEL_ALL,
                                              COMMAND_REDUCE_ONLY};
    struct event event = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE};

    event.command.kind = kinds[rng_below(rng, ARRAY_LEN(kinds))];
    event.command.duration = rng_chance(rng, 0.5) ? MINUTES(3) : 0;
    snprintf(event.command.who, sizeof event.command.who, "anna");
    world_push(world, event);
}

/* Most are never reached, some at once. */
static void protect_at_random(struct world *world, struct rng *rng)
{
    struct exit_plan plan = {.stop = rng_chance(rng, 0.3) ? dec("99") : dec("50"),
                             .target = dec("500")};

    if (decimal_is_positive(world_position(world, BTC)))
        exits_protect(world->engine, "told", BTC, &plan, dec("0.1"));
    world_turn(world);
}

static void act_at_random(struct world *world, struct rng *rng, int step)
{
    switch (rng_below(rng, 12)) {
    case 0:
        world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
        break;
    case 1:
        world_wait(world, SECONDS(rng_between(rng, 1, 20)));
        break;
    case 2:
        world_wait(world, MINUTES(rng_between(rng, 1, rng_chance(rng, 0.2) ? 2000 : 30)));
        break;
    case 3:
        command_at_random(world, rng);
        break;
    case 4:
        engine_add_cause(world->engine, LEVEL_REDUCE_ONLY, ETH, "test", "why", SECONDS(50), 1);
        world_turn(world);
        break;
    case 5:
        world_price(world, BTC, step % 2 ? "101" : "98");
        break;
    case 6:
        protect_at_random(world, rng);
        break;
    default:
        trade_at_random(world, rng);
    }
}

/* Those that ended more than an hour ago, but for the newest. */
static void note_left_out(const struct world *world, bool *is_left_out)
{
    const struct oms *oms = world->engine->oms;

    for (order_number n = 1; n + 1 < oms_next_number(oms); n++) {
        const struct order *order = oms_find(oms, n);
        assert_true(order && n < ORDERS_KEPT);
        is_left_out[n] =
            order_state_is_final(order->state) && order->updated < world->now - HOURS(1);
    }
}

static void live_a_day(uint64_t seed)
{
    struct rng rng = rng_stream(seed, "snapshots");
    struct world *world = trader();
    bool is_left_out[ORDERS_KEPT] = {false};
    char what[64];

    for (int step = 0; step < 150; step++) {
        act_at_random(world, &rng, step);
        if (!rng_chance(&rng, 0.03) && step != 120)
            continue;
        take_snapshot(world);
        memset(is_left_out, 0, sizeof is_left_out);
        note_left_out(world, is_left_out);
    }
    struct world whole = recovered(world, 0);
    struct world tail = recovered(world, world_last_snapshot(world));
    snprintf(what, sizeof what, "seed %llu, a whole replay", (unsigned long long)seed);
    compare(world, &whole, NULL, what);
    snprintf(what, sizeof what, "seed %llu, from the snapshot", (unsigned long long)seed);
    compare(world, &tail, is_left_out, what);
    engine_free(whole.engine);
    engine_free(tail.engine);
    world_free(world);
}

TEST(a_snapshot_and_its_tail_lead_to_the_state_of_all_facts)
{
    for (uint64_t seed = 0; seed < 120; seed++)
        live_a_day(seed);
}

static void count(void *to, struct fact *fact)
{
    ++((int *)to)[fact->kind];
}

TEST(what_the_state_is_after_a_snapshot_gives_the_same_snapshot)
{
    struct rng rng = rng_stream(7, "again");
    struct world *world = trader();
    int live[FACT_KIND_COUNT] = {0}, again[FACT_KIND_COUNT] = {0};

    for (int step = 0; step < 200; step++)
        act_at_random(world, &rng, step);
    take_snapshot(world);
    struct world tail = recovered(world, world_last_snapshot(world));
    snapshot_restate(world->engine, world->now, count, live);
    snapshot_restate(tail.engine, world->now, count, again);
    assert_memory_equal(live, again, sizeof live);
    engine_free(tail.engine);
    world_free(world);
}

/* ---- when ---- */

static int snapshots(const struct world *world)
{
    int ended = 0;

    for (int i = 0; i < world->fact_count; i++)
        ended += world->facts[i].kind == FACT_SNAPSHOT && world->facts[i].snapshot_ends;
    return ended;
}

static int snapshots_in(nanos every, int64_t facts, int cycles)
{
    struct world *world = world_new();

    world->settings.snapshot = (struct snapshot_settings){every, facts};
    world_open(world, "1000");
    for (int i = 0; i < cycles; i++)
        world_wait(world, SECONDS(1));
    int written = snapshots(world);
    world_free(world);
    return written;
}

TEST(snapshots_are_written_by_time_or_by_number_of_facts_or_not)
{
    assert_int_equal(snapshots_in(0, 0, 100), 0);
    assert_int_equal(snapshots_in(SECONDS(25), 0, 100), 3); /* counted from the first cycle */
    assert_int_equal(snapshots_in(SECONDS(10), 0, 100), 9);
    assert_int_equal(snapshots_in(0, 40, 190), 4); /* a cycle is one fact */
    assert_true(snapshots_in(SECONDS(10), 5, 100) > 9);
}

TEST(a_clean_stop_ends_with_a_snapshot_unless_they_are_off)
{
    struct fault why;

    for (int on = 0; on < 2; on++) {
        struct world *world = world_new();
        world->settings.snapshot.every = on ? MINUTES(10) : 0;
        world_open(world, "1000");
        assert_int_equal(engine_stop(world->engine, "enough", world->now, &why), OK);
        assert_int_equal(snapshots(world), on);
        assert_int_equal(world->committed, world->fact_count);
        world_free(world);
    }
}

/* ---- what must not be forgotten ---- */

static struct world *restarted(struct world *world)
{
    struct fault why = {OK, ""};

    engine_free(world->engine);
    world->fact_count = world->committed;
    world->sent_count = 0;
    world_make_engine(world, "r2");
    if (engine_recover(world->engine, world->now, &why))
        fail_msg("%s", why.text);
    world_start(world);
    return world;
}

TEST(a_fill_that_is_told_again_after_a_snapshot_is_not_booked_again)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "20", "100");
    world_say(world, 1, REPORT_ACCEPTED);
    for (int i = 0; i < 40; i++) { /* more than one fact can list */
        char id[16];
        snprintf(id, sizeof id, "f%d", i);
        world_fill(world, 1, id, "0.5", "100", "0");
    }
    take_snapshot(world);
    restarted(world);
    assert_string_equal(world_state(world, 1), "FILLED");
    for (int i = 0; i < 40; i++) {
        char id[16];
        snprintf(id, sizeof id, "f%d", i);
        world_fill(world, 1, id, "0.5", "100", "0");
    }
    assert_decimal(world_position(world, BTC), "20");
    world_free(world);
}

TEST(a_cancel_that_had_to_wait_is_asked_for_after_a_restart)
{
    for (int with_snapshot = 0; with_snapshot < 2; with_snapshot++) {
        struct world *world = trader();
        world_limit(world, ACTION_BUY, BTC, "1", "90");
        world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL)); /* not accepted yet */
        assert_int_equal(world_sent(world, SENT_CANCEL), 0);
        if (with_snapshot)
            take_snapshot(world);
        restarted(world);
        world_say(world, 1, REPORT_WORKING);
        assert_string_equal(world_state(world, 1), "PENDING_CANCEL");
        assert_int_equal(world_sent(world, SENT_CANCEL), 1);
        world_free(world);
    }
}

TEST(money_of_an_order_that_ended_long_ago_is_booked_although_no_snapshot_knows_it)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_say(world, 1, REPORT_ACCEPTED);
    world_say(world, 1, REPORT_CANCELED);
    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_wait(world, DAYS(1));
    take_snapshot(world);
    world_fill(world, 1, "late", "1", "90", "0");
    restarted(world);
    assert_null(oms_find(engine_oms(world->engine), 1));
    assert_decimal(world_position(world, BTC), "1");
    assert_decimal(world_cash(world), "99910");
    world_free(world);
}

TEST(numbers_go_on_although_every_order_ended_long_ago)
{
    struct world *world = trader();

    for (order_number n = 1; n <= 5; n++) {
        world_limit(world, ACTION_BUY, BTC, "1", "90");
        world_say(world, n, REPORT_REJECTED);
    }
    world_wait(world, DAYS(3));
    take_snapshot(world);
    restarted(world);
    assert_int_equal(oms_next_number(engine_oms(world->engine)), 6);
    assert_null(oms_find(engine_oms(world->engine), 4));
    world_free(world);
}

TEST(orders_of_the_last_day_count_in_the_rate_after_a_restart)
{
    struct world *world = trader();

    for (order_number n = 1; n <= 60; n++) {
        world_limit(world, ACTION_BUY, BTC, "1", "90");
        world_say(world, n, REPORT_REJECTED);
        world_wait(world, MINUTES(20));
    }
    take_snapshot(world);
    nanos now = world->now;
    restarted(world);
    assert_int_equal(pace_count(world->engine->pace, PACE_DAY, now), 60);
    assert_int_equal(pace_count(world->engine->pace, PACE_HOUR, now), 2);
    assert_int_equal(pace_count(world->engine->pace, PACE_DAY, now + HOURS(14)), 29);
    world_free(world);
}

/* ---- one that was interrupted ---- */

TEST(a_snapshot_without_its_end_counts_for_nothing)
{
    struct world *world = trader();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    world_say(world, 1, REPORT_ACCEPTED);
    take_snapshot(world);
    world_limit(world, ACTION_BUY, BTC, "1", "91");
    take_snapshot(world);
    world->committed = world->fact_count - 3; /* the end and some more never reached the disk */
    world->engine->is_broken = true;
    restarted(world);
    assert_string_equal(world_state(world, 1), "NEW");
    assert_string_equal(world_state(world, 2), "UNKNOWN");
    assert_decimal(world_held(world, "USD"), "181");
    world_limit(world, ACTION_SELL, ETH, "1", "9"); /* and life goes on */
    take_snapshot(world);
    struct world whole = recovered(world, 0);
    struct world tail = recovered(world, world_last_snapshot(world));
    compare(&whole, &tail, NULL, "after an interrupted snapshot");
    engine_free(whole.engine);
    engine_free(tail.engine);
    world_free(world);
}

static bool passes(struct snapshot_bracket *bracket, enum fact_kind kind, bool ends)
{
    struct fact fact = {.kind = kind, .snapshot_ends = ends};

    return snapshot_passes(bracket, &fact);
}

TEST(a_snapshot_is_over_with_its_end_or_with_a_fact_that_none_has)
{
    struct snapshot_bracket bracket = {false};

    assert_false(passes(&bracket, FACT_ORDER, false));
    assert_false(passes(&bracket, FACT_SNAPSHOT, false));
    assert_true(passes(&bracket, FACT_ORDER, false));
    assert_true(passes(&bracket, FACT_STATE, false));
    assert_false(passes(&bracket, FACT_SNAPSHOT, true));
    assert_false(passes(&bracket, FACT_ORDER, false));
    assert_false(passes(&bracket, FACT_SNAPSHOT, false));
    assert_true(passes(&bracket, FACT_BALANCE, false));
    assert_false(passes(&bracket, FACT_RUN, false));
    assert_false(passes(&bracket, FACT_BALANCE, false));
}

TEST(lists_are_numbers_and_nothing_else)
{
    assert_true(snapshot_list_is_sound(""));
    assert_true(snapshot_list_is_sound("0"));
    assert_true(snapshot_list_is_sound("1f ffffffffffffffff 0"));
    assert_false(snapshot_list_is_sound("1g"));
    assert_false(snapshot_list_is_sound("1,2"));
    assert_false(snapshot_list_is_sound("-1"));
}
