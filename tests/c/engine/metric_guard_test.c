/* Rules written as data: both sides of every comparison, and what a rule holds, for how long,
 * on whom, and what it does when it cannot see. */
#include "engine/metric_guard.h"

#include "engine/engine_private.h"
#include "engine/recover.h"
#include "market_world.h"

static const decimal step = {1}; /* the smallest there is */

/* ---- one rule ---- */

TEST(every_comparison_has_two_sides)
{
    static const struct {
        enum comparison compare;
        const char *threshold, *broken[2], *holds[2];
    } cases[] = {
        {COMPARE_GT, "5", {"5.000000000001", "99"}, {"5", "-99"}},
        {COMPARE_GE, "5", {"5", "99"}, {"4.999999999999", "-99"}},
        {COMPARE_LT, "5", {"4.999999999999", "-99"}, {"5", "99"}},
        {COMPARE_LE, "5", {"5", "-99"}, {"5.000000000001", "99"}},
        {COMPARE_EQ, "5", {"5", "5"}, {"5.000000000001", "4.999999999999"}},
        {COMPARE_NE, "5", {"5.000000000001", "4.999999999999"}, {"5", "5"}},
        {COMPARE_ABS_GT, "5", {"5.000000000001", "-5.000000000001"}, {"5", "-5"}},
        {COMPARE_ABS_GE, "5", {"5", "-5"}, {"4.999999999999", "-4.999999999999"}},
    };
    bool is_there[COMPARISON_COUNT] = {false};

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct metric_guard guard = {.compare = (int)cases[i].compare,
                                     .threshold = dec(cases[i].threshold)};
        is_there[cases[i].compare] = true;
        for (int k = 0; k < 2; k++) {
            assert_true(metric_guard_is_broken(&guard, dec(cases[i].broken[k])));
            assert_false(metric_guard_is_broken(&guard, dec(cases[i].holds[k])));
        }
    }
    for (int i = 0; i < COMPARISON_COUNT; i++)
        assert_true(is_there[i]);
}

TEST(a_comparison_without_sign_holds_for_all_that_lies_between)
{
    struct metric_guard guard = {.compare = COMPARE_ABS_GT, .threshold = D(5)};

    assert_false(metric_guard_is_broken(&guard, dec("4.999999999999")));
    assert_false(metric_guard_is_broken(&guard, DECIMAL_ZERO));
    assert_false(metric_guard_is_broken(&guard, dec("-4.999999999999")));
}

TEST(a_warning_comes_on_the_safe_side_of_the_threshold)
{
    static const struct {
        enum comparison compare;
        const char *threshold, *near;
    } cases[] = {
        {COMPARE_GE, "100", "80"},    {COMPARE_LE, "100", "125"}, {COMPARE_LE, "-100", "-80"},
        {COMPARE_GE, "-100", "-125"}, {COMPARE_ABS_GE, "5", "4"}, {COMPARE_ABS_GE, "5", "-4"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct metric_guard guard = {.compare = (int)cases[i].compare,
                                     .threshold = dec(cases[i].threshold),
                                     .warning_share = dec("0.8")};
        bool is_below = cases[i].compare == COMPARE_LE;
        decimal near = dec(cases[i].near), out = is_below || decimal_is_negative(near)
                                                     ? decimal_add(near, step)
                                                     : decimal_sub(near, step);
        if (cases[i].compare == COMPARE_GE)
            out = decimal_sub(near, step);
        assert_true(metric_guard_is_near(&guard, near));
        assert_false(metric_guard_is_near(&guard, out));
        assert_false(metric_guard_is_broken(&guard, near));
        guard.warning_share = DECIMAL_ZERO;
        assert_false(metric_guard_is_near(&guard, near));
    }
}

TEST(nothing_is_near_to_a_threshold_whose_share_is_beyond_all_numbers)
{
    struct metric_guard guard = {.compare = COMPARE_LT,
                                 .threshold = dec("1000000000000000000000000"),
                                 .warning_share = dec("0.001")};

    assert_false(metric_guard_is_near(&guard, guard.threshold));
    guard.compare = COMPARE_GT;
    assert_false(metric_guard_is_near(&guard, guard.threshold));
}

TEST(rules_that_contradict_themselves_are_refused_with_their_key)
{
    static const struct option_symbols symbols = {.count = 1, .items = {"BTC-USD"}};
    static const struct {
        struct metric_guard guard;
        const char *key, *text;
    } cases[] = {
        {{.metric = METRIC_ORDERS}, "metric", "window is missing: orders"},
        {{.metric = METRIC_EQUITY, .window = SECONDS(1)}, "window", "`lasting`"},
        {{.metric = METRIC_EQUITY, .symbols = &symbols}, "symbols", "of the whole account"},
        {{.metric = METRIC_EQUITY, .compare = COMPARE_ABS_GT, .threshold = {-1}},
         "threshold",
         "always be broken"},
        {{.metric = METRIC_EQUITY,
          .compare = COMPARE_EQ,
          .threshold = {5},
          .warning_share = {DECIMAL_ONE / 2}},
         "warning_share",
         "near to eq"},
        {{.metric = METRIC_EQUITY, .warning_share = {DECIMAL_ONE / 2}},
         "warning_share",
         "threshold of 0"},
        {{.metric = METRIC_EQUITY, .action = RULE_WARN, .action_for = 1}, "action_for", "last"},
        {{.metric = METRIC_EQUITY, .action = RULE_HALT, .action_for = 1}, "action_for", "halt"},
        {{.metric = METRIC_SPREAD_BPS, .action = RULE_WARN, .scope = SCOPE_ALL},
         "scope",
         "holds"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fault why = {OK, ""};
        const char *key = "";
        assert_int_equal(metric_guard_check(&cases[i].guard, &key, &why), ERR_RANGE);
        assert_string_equal(key, cases[i].key);
        if (!strstr(why.text, cases[i].text))
            fail_msg("'%s' is not in: %s", cases[i].text, why.text);
    }
    struct metric_guard good = {.metric = METRIC_SPREAD_BPS,
                                .threshold = D(40),
                                .symbols = &symbols,
                                .scope = SCOPE_ALL,
                                .action = RULE_PAUSE,
                                .warning_share = {DECIMAL_ONE / 2}};
    const char *key;
    assert_int_equal(metric_guard_check(&good, &key, NULL), OK);
}

TEST(rules_that_only_look_like_a_contradiction_are_taken)
{
    static const struct option_symbols none = {.count = 0};
    static const struct metric_guard cases[] = {
        {.metric = METRIC_EQUITY, .symbols = &none},
        {.metric = METRIC_EQUITY, .compare = COMPARE_LT, .threshold = {-1}},
        {.metric = METRIC_EQUITY, .compare = COMPARE_ABS_GT, .threshold = {1}},
        {.metric = METRIC_EQUITY, .compare = COMPARE_ABS_GE, .threshold = {1}},
        {.metric = METRIC_EQUITY, .action = RULE_PAUSE, .action_for = 1},
        {.metric = METRIC_EQUITY, .action = RULE_HALT},
        {.metric = METRIC_EQUITY, .action = RULE_WARN},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct fault why = {OK, ""};
        const char *key = "";
        if (metric_guard_check(&cases[i], &key, &why))
            fail_msg("rule %zu: %s", i, why.text);
    }
}

/* ---- at work ---- */

static const char source[] = "guards.3:open_orders";

/* More than two open orders break it. */
static struct metric_guard crowded(enum rule_action action)
{
    return (struct metric_guard){.place = 3,
                                 .metric = METRIC_OPEN_ORDERS,
                                 .compare = COMPARE_GT,
                                 .threshold = D(2),
                                 .action = (int)action};
}

static struct world *ruled(struct metric_guard guard)
{
    struct world *world = world_new();

    world->settings.rules[0] = guard;
    world->settings.rule_count = 1;
    world_open(world, "100000");
    world_price(world, BTC, "100");
    world_price(world, ETH, "100");
    world_cycle(world);
    return world;
}

static order_number rest(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    return world_last_order(world);
}

static void end(struct world *world, order_number number)
{
    world_say(world, number, REPORT_CANCELED);
}

static const struct fact_cause *held(const struct world *world, const char *by,
                                     product_ref product)
{
    return degrade_find(world->engine->degrade, by, product);
}

static uint64_t tally(const struct world *world, const char *by, enum tally_kind kind)
{
    return guard_tally_get(&world->engine->guards.tally, by, kind);
}

static struct world *crowd(struct metric_guard guard)
{
    struct world *world = ruled(guard);

    world_hold(world, BTC, "2", "100");
    for (int i = 0; i < 3; i++)
        rest(world);
    return world;
}

TEST(each_action_refuses_new_risk_as_it_says_and_lets_exits_pass_but_for_a_halt)
{
    static const struct {
        enum rule_action action;
        const char *level, *entry, *exit;
    } cases[] = {
        {RULE_WARN, "normal", "none", "none"},
        {RULE_REDUCE_ONLY, "reduce_only", "reduce_only", "none"},
        {RULE_CANCEL, "reduce_only", "reduce_only", "none"},
        {RULE_PAUSE, "paused", "paused", "none"},
        {RULE_HALT, "halted", "paused", "paused"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *world = crowd(crowded(cases[i].action));
        assert_string_equal(world_level(world, PRODUCT_NONE), "normal");
        world_cycle(world);
        assert_string_equal(world_level(world, BTC), cases[i].level);
        assert_int_equal(tally(world, source, TALLY_TRIP), 1);
        world_buy(world, BTC, "1");
        assert_string_equal(world_code(world), cases[i].entry);
        world_sell(world, BTC, "1");
        assert_string_equal(world_code(world), cases[i].exit);
        world_command(world, COMMAND_RESUME, 0);
        assert_string_equal(world_level(world, BTC), "normal");
        world_free(world);
    }
}

TEST(two_rules_of_one_figure_act_each_for_itself)
{
    struct world *world = world_new();

    world->settings.rules[0] = crowded(RULE_WARN);
    world->settings.rules[1] = crowded(RULE_PAUSE);
    world->settings.rules[1].place = 4;
    world->settings.rules[1].threshold = D(3);
    world->settings.rule_count = 2;
    given_market(world, "100000");
    for (int i = 0; i < 3; i++)
        rest(world);
    world_cycle(world);
    assert_int_equal(tally(world, "guards.3:open_orders", TALLY_TRIP), 1);
    assert_int_equal(tally(world, "guards.4:open_orders", TALLY_TRIP), 0);
    rest(world);
    world_cycle(world);
    then_level(world, BTC, "paused");
    world_free(world);
}

TEST(a_rule_that_holds_something_is_critical)
{
    struct world *world = crowd(crowded(RULE_PAUSE));

    world_cycle(world);
    assert_string_equal(world_last_fact(world, FACT_GUARD)->note.subject, source);
    assert_string_equal(world_last_fact(world, FACT_GUARD)->note.severity, "critical");
    world_free(world);
}

TEST(cancel_asks_for_what_could_make_a_position_larger_and_leaves_exits_working)
{
    struct world *world = ruled(crowded(RULE_CANCEL));

    world_hold(world, BTC, "2", "100");
    order_number entry = rest(world);
    world_limit(world, ACTION_SELL, BTC, "1.5", "200");
    order_number exit = world_last_order(world);
    world_say(world, exit, REPORT_ACCEPTED);
    world_limit(world, ACTION_SELL, BTC, "0.5", "300");
    order_number second = world_last_order(world);
    world_say(world, second, REPORT_ACCEPTED);
    world_cycle(world);
    assert_string_equal(world_state(world, entry), "PENDING_CANCEL");
    assert_string_equal(world_state(world, exit), "NEW");
    assert_string_equal(world_state(world, second), "NEW");
    world_free(world);
}

TEST(a_cause_with_a_time_is_renewed_while_the_rule_is_broken_and_ends_after_it)
{
    struct metric_guard guard = crowded(RULE_PAUSE);
    guard.action_for = SECONDS(10);
    struct world *world = crowd(guard);

    for (int i = 0; i < 60; i++) {
        world_cycle(world);
        assert_non_null(held(world, source, PRODUCT_NONE));
    }
    end(world, world_last_order(world));
    for (int i = 0; i < 11; i++)
        world_cycle(world);
    assert_null(held(world, source, PRODUCT_NONE));
    assert_int_equal(tally(world, source, TALLY_TRIP), 1);
    rest(world); /* broken again: it ended by itself, so there is no cooldown */
    world_cycle(world);
    assert_non_null(held(world, source, PRODUCT_NONE));
    world_free(world);
}

TEST(a_cause_without_a_time_waits_for_an_operator_and_then_for_the_cooldown)
{
    struct metric_guard guard = crowded(RULE_REDUCE_ONLY);
    guard.cooldown = SECONDS(30);
    struct world *world = crowd(guard);

    world_cycle(world);
    world_wait(world, DAYS(2));
    assert_non_null(held(world, source, PRODUCT_NONE));
    world_command(world, COMMAND_RESUME, 0);
    for (int i = 0; i < 30; i++) {
        assert_null(held(world, source, PRODUCT_NONE));
        world_cycle(world);
    }
    world_cycle(world);
    assert_non_null(held(world, source, PRODUCT_NONE)); /* and it is broken still */
    world_free(world);
}

TEST(a_rule_acts_once_it_was_broken_for_as_long_as_it_says_without_a_break)
{
    struct metric_guard guard = crowded(RULE_PAUSE);
    guard.lasting = SECONDS(10);
    struct world *world = crowd(guard);

    for (int i = 0; i < 10; i++)
        world_cycle(world);
    assert_null(held(world, source, PRODUCT_NONE));
    end(world, world_last_order(world));
    world_cycle(world);
    rest(world);
    for (int i = 0; i < 10; i++)
        world_cycle(world);
    assert_null(held(world, source, PRODUCT_NONE));
    world_cycle(world);
    assert_non_null(held(world, source, PRODUCT_NONE));
    world_free(world);
}

TEST(a_warning_is_told_when_a_figure_comes_near_and_again_after_the_cooldown)
{
    struct metric_guard guard = crowded(RULE_PAUSE);
    guard.threshold = D(10);
    guard.warning_share = dec("0.2"); /* more than two */
    guard.cooldown = SECONDS(60);
    struct world *world = crowd(guard);

    world_cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    assert_string_equal(world_last_fact(world, FACT_GUARD)->note.text,
                        "open_orders is 3, near to gt 10 (count)");
    assert_string_equal(world_level(world, PRODUCT_NONE), "normal");
    for (int i = 0; i < 59; i++)
        world_cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    world_cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 2);
    world_free(world);
}

TEST(worse_than_before_is_told_at_once_and_to_and_fro_only_after_the_cooldown)
{
    struct metric_guard guard = crowded(RULE_WARN);
    guard.threshold = D(4);
    guard.warning_share = dec("0.5"); /* more than two, more than four */
    guard.cooldown = SECONDS(60);
    struct world *world = crowd(guard);

    world_cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    for (int i = 0; i < 10; i++) {
        end(world, world_last_order(world));
        world_cycle(world);
        rest(world);
        world_cycle(world);
    }
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    rest(world);
    rest(world);
    world_cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 2);
    assert_non_null(
        strstr(world_last_fact(world, FACT_GUARD)->note.text, "should not be gt 4"));
    world_free(world);
}

TEST(a_rule_of_symbols_acts_on_each_symbol_alone_or_on_everything)
{
    for (int scope = 0; scope < RULE_SCOPE_COUNT; scope++) {
        struct metric_guard guard = {.place = 1,
                                     .metric = METRIC_SPREAD_BPS,
                                     .compare = COMPARE_GT,
                                     .threshold = D(50),
                                     .action = RULE_PAUSE,
                                     .action_for = SECONDS(10),
                                     .scope = scope};
        struct world *world = ruled(guard);
        for (int i = 0; i < 10; i++) { /* until both have quotes nothing is known */
            world_quote(world, BTC, "100", "101");
            world_quote(world, ETH, "100", "100.1");
            world_cycle(world);
        }
        assert_string_equal(world_level(world, BTC), "paused");
        assert_string_equal(world_level(world, ETH), scope == SCOPE_ALL ? "paused" : "normal");
        world_free(world);
    }
}

TEST(a_rule_watches_the_symbols_it_names_and_no_others)
{
    static const struct option_symbols eth = {.count = 1, .items = {"ETH-USD"}};
    struct metric_guard guard = {.place = 1,
                                 .metric = METRIC_MARK_AGE,
                                 .compare = COMPARE_GE,
                                 .symbols = &eth,
                                 .action = RULE_PAUSE};
    struct world *world = ruled(guard);

    assert_string_equal(world_level(world, ETH), "paused");
    assert_string_equal(world_level(world, BTC), "normal");
    world_free(world);
}

/* ---- windows ---- */

TEST(a_window_counts_what_happened_in_it_and_forgets_what_is_older)
{
    struct metric_guard guard = {.place = 1,
                                 .metric = METRIC_REJECTS,
                                 .compare = COMPARE_GE,
                                 .threshold = D(2),
                                 .window = MINUTES(1),
                                 .action = RULE_PAUSE,
                                 .action_for = SECONDS(1)};

    for (int apart = 59; apart <= 60; apart++) {
        struct world *world = ruled(guard);
        for (int i = 0; i < 2; i++) {
            rest(world);
            world_limit(world, ACTION_BUY, BTC, "0.1", "50");
            world_say(world, world_last_order(world), REPORT_REJECTED);
            for (int k = 0; i == 0 && k < apart; k++)
                world_cycle(world);
        }
        world_cycle(world);
        assert_int_equal(held(world, "guards.1:rejects", PRODUCT_NONE) != NULL, apart < 60);
        world_free(world);
    }
}

TEST(a_fall_of_the_price_within_the_window_trips_and_a_slow_one_does_not)
{
    struct metric_guard guard = {.place = 1,
                                 .metric = METRIC_PRICE_CHANGE_SHARE,
                                 .compare = COMPARE_LE,
                                 .threshold = dec("-0.1"),
                                 .window = MINUTES(1),
                                 .action = RULE_PAUSE};

    for (int slow = 0; slow < 2; slow++) {
        struct world *world = ruled(guard);
        for (int i = 1; i <= 10; i++) {
            char price[16];
            snprintf(price, sizeof price, "%d", 100 - i);
            for (int k = 0; k < (slow ? 30 : 5); k++)
                world_cycle(world);
            world_price(world, BTC, price);
        }
        world_cycle(world);
        assert_int_equal(held(world, "guards.1:price_change_share", BTC) != NULL, !slow);
        world_free(world);
    }
}

/* ---- blind ---- */

TEST(a_figure_that_cannot_be_computed_refuses_new_risk_and_traps_no_exit)
{
    struct metric_guard guard = {.place = 1,
                                 .metric = METRIC_SPREAD_BPS,
                                 .compare = COMPARE_GT,
                                 .threshold = D(50),
                                 .action = RULE_PAUSE};
    struct world *world = ruled(guard); /* bitcoin has a price, and no quote */

    assert_string_equal(world_level(world, BTC), "reduce_only");
    assert_string_equal(world_level(world, BIP), "normal"); /* never priced, nothing to trade */
    assert_int_equal(tally(world, "guards.1:spread_bps", TALLY_CRITICAL), 2); /* and ether */
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "reduce_only");
    world_quote(world, BTC, "100", "100.1");
    for (int i = 0; i < 6; i++)
        world_cycle(world);
    assert_string_equal(world_level(world, BTC), "normal");
    world_hold(world, BTC, "1", "100");
    world_free(world);
}

TEST(a_rule_that_only_warns_tells_once_that_it_is_blind_and_stops_nothing)
{
    struct metric_guard guard = {.place = 1,
                                 .metric = METRIC_CLOCK_SKEW,
                                 .compare = COMPARE_ABS_GT,
                                 .threshold = D(1),
                                 .action = RULE_WARN};
    struct world *world = ruled(guard);

    for (int i = 0; i < 3; i++)
        world_cycle(world);
    assert_string_equal(world_level(world, BTC), "normal");
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    assert_int_equal(tally(world, "guards.1:clock_skew", TALLY_RECOVERABLE), 4);
    assert_int_equal(tally(world, "guards.1:clock_skew", TALLY_CRITICAL), 0);
    world_gauge(world, GAUGE_CLOCK_SKEW, "-2");
    world_cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 2);
    world_free(world);
}

TEST(what_a_rule_holds_survives_a_restart)
{
    struct world *world = crowd(crowded(RULE_REDUCE_ONLY));
    struct fault why;

    world_cycle(world);
    engine_free(world->engine);
    world_make_engine(world, "r2");
    assert_int_equal(engine_recover(world->engine, world->now, &why), OK);
    assert_non_null(held(world, source, PRODUCT_NONE));
    world_free(world);
}
