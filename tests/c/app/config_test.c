#include "app/config.h"

#include <stdio.h>
#include <string.h>

#include "check.h"

static char *const nothing[] = {NULL};
static struct fault why;
static struct buf problems;
static struct config *config;

static enum err load_with(const char *profile, const struct config_set *sets, int count,
                          char *const *environment)
{
    struct config_request request = {profile, sets, count, environment};

    config_free(config);
    config = NULL;
    buf_reset(&problems);
    why = (struct fault){OK, ""};
    return config_load(&request, &config, &problems, &why);
}

static enum err load(const char *profile)
{
    return load_with(profile, NULL, 0, nothing);
}

static enum err load_text(const char *text)
{
    char path[300];

    snprintf(path, sizeof path, "%s/mine.lua", check_tmp());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return load(path);
}

/* Lines of the shipped profiles move; profile_test is exact about lines. */
static const char *without_line(const char *where)
{
    static char text[OPTION_WHERE_MAX];

    snprintf(text, sizeof text, "%s", where);
    text[strcspn(text, ":")] = '\0';
    return text;
}

static const char *look(const char *key)
{
    static struct buf out;
    struct option_entry entry;

    buf_reset(&out);
    if (options_find(config->options, key, &entry, &why))
        return why.text;
    option_entry_format(&entry, &out);
    buf_add_format(&out, " (%s)", without_line(entry.origin.where));
    return buf_text(&out);
}

TEST(all_four_profiles_load_and_say_what_they_are_for)
{
    static const char *const names[] = {"dev", "paper", "canary", "prod"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (load(names[i]))
            fail_msg("%s: %s", names[i], why.text);
        assert_string_equal(config->name, names[i]);
        assert_true(strlen(config->run.description) > 10);
        assert_true(config->run.strategy_count > 0);
    }
}

TEST(dev_is_the_mock_with_ten_markets_and_tiny_sizes)
{
    char text[DECIMAL_TEXT_MAX];

    assert_int_equal(load("dev"), OK);

    assert_int_equal(config->run.venue, VENUE_MOCK);
    assert_int_equal(config->run.symbols.count, 10);
    assert_int_equal(config->engine.size_count, 10);
    assert_string_equal(decimal_format(size_of_symbol(&config->engine, "BTC-USD"), text),
                        "0.001");
    assert_true(config->run.mock.deterministic_fills);
    assert_int_equal(config->run.log.level, LOG_DEBUG);
    assert_int_equal(config_check_honoured(config, &why), OK);
}

TEST(canary_is_as_narrow_as_promised)
{
    assert_int_equal(load("canary"), OK);

    assert_string_equal(look("risk.symbols.BTC-USD.max_order_size"),
                        "0.01 (lua/profiles/canary.lua)");
    assert_non_null(limits_of_symbol(&config->engine.limits, "BTC-USD"));
    assert_true(decimal_is_equal(
        decimal_mul(config->engine.limits.daily_loss_share, D(100), ROUND_DOWN), D(1)));
    assert_true(config->engine.limits.has_window);
    assert_int_equal(config->engine.limits.window_start_minute, 14 * 60);
    assert_int_equal(config->engine.limits.window_end_minute, 15 * 60);
    assert_int_equal(config->engine.limits.window_days, 0x1f);
    assert_int_equal(config->engine.limits.orders_per_minute, 2);
    assert_int_equal(config->engine.limits.max_losses_in_row, 2);
    assert_int_equal(config_check_honoured(config, &why), OK);
}

TEST(what_is_not_honoured_yet_is_named)
{
    struct buf list = BUF_INIT;

    assert_int_equal(load("paper"), OK);
    assert_int_equal(config_list_planned(config, &list), 1);
    assert_non_null(strstr(buf_text(&list), "venue = paper (lua/profiles/paper.lua:"));
    assert_int_equal(config_check_honoured(config, &why), ERR_REFUSED);
    assert_non_null(strstr(why.text, "venue = paper (lua/profiles/paper.lua:"));

    buf_reset(&list);
    assert_int_equal(load("prod"), OK);
    assert_int_equal(config_list_planned(config, &list), 2);
    assert_true(config->engine.preview);
    assert_non_null(strstr(buf_text(&list), "venue = coinbase (lua/profiles/prod.lua:"));
    assert_non_null(strstr(buf_text(&list), "monitor.listen = 127.0.0.1:9090 ("));
    buf_clear(&list);
}

TEST(command_line_beats_environment_beats_profile_beats_default)
{
    static char *const environment[] = {"PERIGEE_MOCK_SEED=20", "PERIGEE_CYCLE=20s",
                                        "PERIGEE_RISK_MAX_POSITIONS=20", "PERIGEE_HOME=/x",
                                        NULL};
    static const struct config_set sets[] = {{"--seed", "mock.seed", "30"},
                                             {"--set", NULL, "cycle=30s"}};

    assert_int_equal(load_with("dev", sets, 2, environment), OK);

    assert_string_equal(look("mock.seed"), "30 (--seed)");
    assert_string_equal(look("cycle"), "30s (--set)");
    assert_string_equal(look("risk.max_positions"), "20 (PERIGEE_RISK_MAX_POSITIONS)");
    assert_string_equal(look("mock.cash"), "10000 (lua/profiles/dev.lua)");
    assert_string_equal(look("risk.max_leverage"), "1 ()");
}

TEST(without_a_profile_there_are_defaults)
{
    assert_int_equal(load(NULL), OK);
    assert_string_equal(look("symbols"), "BTC-USD ()");
    assert_int_equal(config->profile.count, 0);
    assert_string_equal(config->name, "");
}

TEST(mistakes_of_all_sources_are_told_at_once)
{
    static char *const environment[] = {"PERIGEE_CYCEL=1s", NULL};
    static const struct config_set sets[] = {{"--set", NULL, "cycle"},
                                             {"--seed", "mock.seed", "x"}};

    assert_int_equal(load_with("devv", sets, 2, environment), ERR_MISSING);

    assert_null(config);
    assert_non_null(strstr(why.text, "no 'devv' in lua/profiles/"));
    assert_non_null(strstr(why.text, "did you mean 'dev'?"));
    assert_non_null(strstr(buf_text(&problems), "did you mean PERIGEE_CYCLE?\n"));
    assert_non_null(strstr(buf_text(&problems), "--set: expected KEY=VALUE, not 'cycle'\n"));
    assert_non_null(strstr(buf_text(&problems), "--seed: mock.seed = \"x\" is not understood"));
}

TEST(a_strategy_of_the_command_line_replaces_those_of_the_profile)
{
    static const struct config_set sets[] = {{"--strategy", "strategies.1", "mine"},
                                             {"--param", "strategies.1.params.fast", "7"}};

    assert_int_equal(load_with("dev", sets, 2, nothing), OK);

    assert_int_equal(config->run.strategy_count, 1);
    assert_string_equal(look("strategies.1.script"), "mine (--strategy)");
    assert_string_equal(look("strategies.1.params.fast"), "7 (--param)");
    assert_int_equal(config->run.strategies[0].params.count, 1);
}

TEST(a_parameter_of_the_command_line_changes_that_of_the_profile)
{
    static const struct config_set sets[] = {{"--param", "strategies.1.params.fast", "7"}};

    assert_int_equal(load_with("dev", sets, 1, nothing), OK);

    assert_string_equal(look("strategies.1.script"), "sma_cross (lua/profiles/dev.lua)");
    assert_string_equal(look("strategies.1.params.fast"), "7 (--param)");
    assert_string_equal(look("strategies.1.params.slow"), "20 (lua/profiles/dev.lua)");
}

TEST(contradictions_are_told_where_they_were_written)
{
    static const struct {
        const char *text, *complaint;
    } cases[] = {
        {"return {\n symbols = {} }", "mine.lua:2: symbols is empty"},
        {"return {\n timeframe = \"7m\" }", "mine.lua:2: timeframe: a day is not a whole"},
        {"return { strategies = { {\n params = { a = 1 } } } }",
         "strategies.1.script is missing"},
        {"return { strategies = { { script = 'a',\n symbols = { 'ETH-USD' } } } }",
         "mine.lua:2: strategies.1.symbols: ETH-USD is not among"},
        {"return { guards = { {} , { script = 'a' } } }",
         "mine.lua:1: guards.1 is empty; leave it out, or say what it is"},
        {"return { guards = { { action = 'warn' } , { script = 'a' } } }", "guards.1"},
        {"return { guards = { { script = 'a',\n metric = 'equity' } } }", "not both"},
        {"return { guards = { {\n metric = 'spread_bp' } } }",
         "mine.lua:2: guards.1.metric = \"spread_bp\" is not understood: expected the name of "
         "a "
         "figure; docs/metrics.md lists them; did you mean \"spread_bps\"?"},
        {"return { guards = { { metric = 'equity',\n compare = 'under' } } }",
         "mine.lua:2: guards.1.compare = \"under\""},
        {"return { guards = { {\n metric = 'orders' } } }",
         "mine.lua:2: guards.1.window is missing: orders is reckoned over one"},
        {"return { guards = { { metric = 'equity',\n window = '1h' } } }",
         "mine.lua:2: guards.1.window: equity is what it is now"},
        {"return { guards = { { metric = 'mark_age',\n symbols = { 'ETH-USD' } } } }",
         "mine.lua:2: guards.1.symbols: ETH-USD is not among"},
        {"return { guards = { { script = 'a',\n lasting = '5s' } } }",
         "mine.lua:2: guards.1.lasting belongs to a rule"},
        {"return { guards = { { script = 'a',\n threshold = 5 } } }",
         "mine.lua:2: guards.1.threshold belongs to a rule"},
        {"return { sizing = { params = { a = 1 } } }", "sizing.rule is missing"},
        {"return {\n mock = { silent_for = '1s' } }",
         "mine.lua:2: mock.silent_for: mock.silent_after is missing"},
        {"return {\n mock = { start = 'soon' } }", "mine.lua:2: mock.start: "},
        {"return {\n mock = { start = '1970-01-01' } }",
         "mine.lua:2: mock.start: must lie after"},
        {"return { risk = {\n window = { from = '14:00', to = '14:00' } } }",
         "mine.lua:2: risk.window.to is the same"},
        {"return { risk = { symbols = {\n ['BTC-UDS'] = { max_order_size = 1 } } } }",
         "mine.lua:2: risk.symbols.BTC-UDS.max_order_size: BTC-UDS is not among the symbols"},
        {"return { sizing = { sizes = {\n ['ETH-USD'] = 1 } } }",
         "mine.lua:2: sizing.sizes.ETH-USD"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (load_text(cases[i].text) == OK)
            fail_msg("taken: %s", cases[i].text);
        if (!strstr(why.text, cases[i].complaint))
            fail_msg("%s", why.text);
        assert_string_equal(
            strstr(buf_text(&problems), why.text) ? why.text : buf_text(&problems), why.text);
    }
}

TEST(rules_of_the_profile_reach_the_engine_with_their_place_in_the_list)
{
    assert_int_equal(
        load_text("return { guards = { { script = 'a' },\n"
                  "{ metric = 'rejects', compare = 'ge', threshold = 3, window = '1m',\n"
                  "  action = 'pause', action_for = '5m' } } }"),
        OK);

    assert_int_equal(config->engine.rule_count, 1);
    const struct metric_guard *rule = &config->engine.rules[0];
    assert_int_equal(rule->place, 2);
    assert_string_equal(metric_names[rule->metric], "rejects");
    assert_string_equal(comparison_names[rule->compare], "ge");
    assert_string_equal(rule_action_names[rule->action], "pause");
    assert_true(decimal_is_equal(rule->threshold, D(3)));
    assert_true(rule->window == MINUTES(1) && rule->action_for == MINUTES(5));
    assert_true(rule->cooldown == MINUTES(5));
    assert_int_equal(config_check_honoured(config, &why), OK);
}

TEST(narrowing_the_symbols_by_hand_leaves_limits_of_the_others_alone)
{
    static const struct config_set sets[] = {{"--symbols", "symbols", "ETH-USD"}};

    assert_int_equal(load_with("dev", sets, 1, nothing), OK);
    assert_int_equal(config->run.symbols.count, 1);
}

TEST(a_profile_on_top_may_narrow_the_symbols_but_not_name_strangers)
{
    assert_int_equal(load_text("return { extends = 'dev', symbols = { 'ETH-USD' } }"), OK);
    assert_int_equal(
        load_text("return { extends = 'dev', sizing = { sizes = { ['X-USD'] = 1 } } }"),
        ERR_RANGE);
    assert_non_null(strstr(why.text, "X-USD is not among the symbols"));
}

TEST(every_row_of_the_run_has_a_default_in_its_bounds_and_a_help)
{
    struct options_cursor at = {0};
    struct option_origin origin = {OPTION_FROM_COMMAND_LINE, "--set"};
    struct option_entry entry;
    struct buf text = BUF_INIT;

    assert_int_equal(load(NULL), OK);
    while (options_next(config->options, &at, &entry)) {
        buf_reset(&text);
        option_entry_format(&entry, &text);
        if (options_set(config->options, entry.key,
                        &(struct option_value){OPTION_AS_TEXT, buf_text(&text), NULL}, &origin,
                        &why))
            fail_msg("%s", why.text);
        assert_int_equal(entry.option->help[strlen(entry.option->help) - 1], '.');
    }
    buf_clear(&text);
}

TEST(the_reference_page_has_every_table_and_key)
{
    struct buf page = BUF_INIT;

    assert_int_equal(load(NULL), OK);

    options_write_markdown(config->options, &page);

    assert_non_null(strstr(buf_text(&page), "| `risk.max_order_value` | `none` |"));
    assert_non_null(strstr(buf_text(&page), "| `risk.symbols.SYMBOL.max_order_size` |"));
    assert_non_null(strstr(buf_text(&page), "| `strategies.N.params.NAME` |"));
    assert_non_null(strstr(buf_text(&page), "| `sizing.sizes.SYMBOL` |"));
    assert_non_null(strstr(buf_text(&page), "*Not honoured yet: paper coinbase.*"));
    buf_clear(&page);
}

TEST(the_example_of_the_manual_is_a_profile)
{
    struct buf page = BUF_INIT, text = BUF_INIT;
    char path[300];

    snprintf(path, sizeof path, "%s/docs/profiles.md", check_root());
    assert_int_equal(buf_read_file(&page, path, 100000, &why), OK);
    const char *start = strstr(buf_text(&page), "```lua\n");
    assert_non_null(start);
    start += strlen("```lua\n");
    buf_add(&text, start, (size_t)(strstr(start, "```") - start));

    assert_int_equal(load_text(buf_text(&text)), OK);

    assert_true(decimal_is_equal(config->engine.limits.max_order_value, D(250)));
    buf_clear(&page);
    buf_clear(&text);
}
