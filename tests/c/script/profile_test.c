#include "script/profile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "engine/settings.h"

/* A stand-in for what the program adds to the engine's settings. */
struct rest {
    char description[80];
    struct option_symbols symbols;
    struct {
        char script[40];
        struct option_params params;
        struct option_symbols symbols;
    } strategies[4];
    int strategy_count;
    bool flag;
};

static const struct option rest_options[] = {
    {.key = "description",
     .type = OPTION_TEXT,
     .offset = offsetof(struct rest, description),
     .size = 80,
     .initial = "",
     .help = ""},
    {.key = "symbols",
     .type = OPTION_SYMBOLS,
     .offset = offsetof(struct rest, symbols),
     .initial = "BTC-USD",
     .help = ""},
    {.key = "flag",
     .type = OPTION_BOOL,
     .offset = offsetof(struct rest, flag),
     .initial = "false",
     .help = ""},
};
static const struct option strategy_options[] = {
    {.key = "script",
     .type = OPTION_TEXT,
     .offset = 0,
     .size = 40,
     .initial = "",
     .is_main = true,
     .help = ""},
    {.key = "params",
     .type = OPTION_PARAMS,
     .offset = offsetof(struct rest, strategies[0].params) - offsetof(struct rest, strategies),
     .help = ""},
    {.key = "symbols",
     .type = OPTION_SYMBOLS,
     .offset = offsetof(struct rest, strategies[0].symbols) - offsetof(struct rest, strategies),
     .initial = "",
     .help = ""},
};
static const struct option_elements strategy_elements = {
    OPTION_BY_NUMBER, offsetof(struct rest, strategies),
    sizeof(((struct rest *)0)->strategies[0]), offsetof(struct rest, strategy_count), 4};
static const struct option_table rest_table = {
    "", "", "", rest_options, ARRAY_LEN(rest_options), NULL};
static const struct option_table strategy_table = {
    "strategies", "", "", strategy_options, ARRAY_LEN(strategy_options), &strategy_elements};

static struct rest rest;
static struct engine_settings engine;
static struct options *options;
static struct profile profile;
static struct buf problems;
static struct fault why;

static const char *path_of(const char *name)
{
    static char path[4][300];
    static int turn;

    turn = (turn + 1) % 4;
    snprintf(path[turn], sizeof path[turn], "%s/%s.lua", check_tmp(), name);
    return path[turn];
}

static void write_file(const char *name, const char *text)
{
    FILE *file = fopen(path_of(name), "w");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static enum err load(const char *name)
{
    options_free(options);
    options = options_new();
    memset(&rest, 0, sizeof rest);
    options_add(options, &rest_table, &rest);
    options_add(options, &strategy_table, &rest);
    engine_settings_add(&engine, options);
    buf_reset(&problems);
    why = (struct fault){OK, ""};
    return profile_load(name, options, &profile, &problems, &why);
}

static enum err load_text(const char *text)
{
    write_file("p", text);
    return load(path_of("p"));
}

/* The problems, with the folder of the test taken out: "p.lua:3: ...". */
static const char *complaints(void)
{
    static struct buf out;
    const char *tmp = check_tmp(), *text = buf_text(&problems);

    buf_reset(&out);
    for (const char *hit; (hit = strstr(text, tmp)); text = hit + strlen(tmp) + 1)
        buf_add(&out, text, (size_t)(hit - text));
    buf_add_text(&out, text);
    return buf_text(&out);
}

static const char *look(const char *key)
{
    static struct buf out;
    struct option_entry entry;

    buf_reset(&out);
    if (options_find(options, key, &entry, NULL))
        return "?";
    option_entry_format(&entry, &out);
    return buf_text(&out);
}

static const char *where(const char *key)
{
    static char text[OPTION_WHERE_MAX];
    const char *slash;

    snprintf(text, sizeof text, "%s", options_origin(options, key).where);
    slash = strrchr(text, '/');
    return slash ? slash + 1 : text;
}

TEST(a_profile_sets_keys_and_remembers_their_lines)
{
    assert_int_equal(
        load_text("return {\n"
                  "   description = \"mine\",\n"
                  "   symbols = { \"BTC-USD\", \"ETH-USD\" },\n"
                  "   cycle = \"500ms\",\n"
                  "   flag = true,\n"
                  "   risk = {\n"
                  "      max_order_value = 250.5,\n"
                  "      max_exposure_share = 0.5,\n"
                  "      daily_loss_share = \"2%\",\n"
                  "      window = { from = \"14:00\", to = \"15:00\",\n"
                  "                 days = { \"mon\", \"wed\" } },\n"
                  "      symbols = { [\"BTC-USD\"] = { max_order_size = \"0.01\" } },\n"
                  "   },\n"
                  "   strategies = {\n"
                  "      { script = \"sma_cross\",\n"
                  "        params = { fast = 5, slow = 20, note = \"x\", on = true } },\n"
                  "      \"other\",\n"
                  "   },\n"
                  "}\n"),
        OK);

    assert_string_equal(look("description"), "mine");
    assert_string_equal(look("symbols"), "BTC-USD ETH-USD");
    assert_string_equal(look("cycle"), "500ms");
    assert_string_equal(look("flag"), "true");
    assert_string_equal(look("risk.max_order_value"), "250.5");
    assert_string_equal(where("risk.max_order_value"), "p.lua:7");
    assert_string_equal(look("risk.max_exposure_share"), "50%");
    assert_string_equal(look("risk.daily_loss_share"), "2%");
    assert_string_equal(look("risk.window.days"), "mon wed");
    assert_string_equal(where("risk.window.days"), "p.lua:11");
    assert_string_equal(look("risk.symbols.BTC-USD.max_order_size"), "0.01");
    assert_string_equal(look("strategies.1.script"), "sma_cross");
    assert_string_equal(look("strategies.1.params.slow"), "20");
    assert_string_equal(where("strategies.1.params.slow"), "p.lua:16");
    assert_string_equal(look("strategies.1.params.on"), "true");
    assert_string_equal(look("strategies.2.script"), "other");
    assert_int_equal(rest.strategy_count, 2);
    assert_true(engine.limits.has_window);
    assert_int_equal(profile.count, 1);
    assert_false(profile.is_builtin[0]);
}

TEST(mistakes_are_told_with_file_line_and_a_suggestion)
{
    assert_int_equal(load_text("return {\n"
                               "   risk = { max_oder_value = 1,\n"
                               "      max_positions = \"ten\" },\n"
                               "   cycle = 5,\n"
                               "   symbols = { \"BTC-USD\", 7 },\n"
                               "   flag = \"true\",\n"
                               "   sizing = { fraction = 20 },\n"
                               "   wach = { mark_stale_after = \"1s\" },\n"
                               "}\n"),
                     ERR_PARSE);

    assert_string_equal(
        complaints(),
        "p.lua:2: unknown key 'risk.max_oder_value'; did you mean 'risk.max_order_value'?\n"
        "p.lua:3: risk.max_positions = \"ten\" is of the wrong type: expected a whole number "
        "from "
        "1 to 64, or \"none\" (no limit)\n"
        "p.lua:4: cycle = 5 is of the wrong type: expected a duration from \"10ms\" to \"1d\", "
        "or "
        "\"none\" (after each bar)\n"
        "p.lua:5: symbols.2 is not a text; expected a list of texts\n"
        "p.lua:6: flag = \"true\" is of the wrong type: expected true or false\n"
        "p.lua:7: sizing.fraction = 20 is out of range: expected a share from 0.01% to 1000% "
        "(0.05 and \"5%\" are the same)\n"
        "p.lua:8: unknown key 'wach'; did you mean 'watch'?\n");
    assert_non_null(strstr(why.text, "p.lua:2: unknown key 'risk.max_oder_value'"));
    assert_non_null(strstr(why.text, "(and 6 more)"));
}

TEST(the_same_name_in_two_tables_is_told_apart)
{
    assert_int_equal(load_text("return {\n"
                               "   -- risk = { max_order_value = -1 }\n"
                               "   description = \"risk = { max_order_value = -1 }\",\n"
                               "   risk = {\n"
                               "      symbols = {\n"
                               "         [\"BTC-USD\"] = { max_order_value = 1 },\n"
                               "         [\"ETH-USD\"] = { max_order_value = -2 },\n"
                               "      },\n"
                               "      max_order_value = 5,\n"
                               "   },\n"
                               "}\n"),
                     ERR_PARSE);

    assert_string_equal(
        complaints(),
        "p.lua:7: risk.symbols.ETH-USD.max_order_value = -2 is out of range: "
        "expected a number of at least 0 in quote currency, or \"none\" (no limit)\n");
    assert_string_equal(where("risk.max_order_value"), "p.lua:9");
}

TEST(only_data_is_taken)
{
    assert_int_equal(load_text("return {\n"
                               "   cycle = function() return 1 end,\n"
                               "   risk = { 1, max_positions = 2 },\n"
                               "   watch = setmetatable({}, { __index = { a = 1 } }),\n"
                               "   sizing = { fraction = 0/0 },\n"
                               "   retry = { [\"a.b\"] = 1, [true] = 2 },\n"
                               "   fees = { 1, 2 },\n"
                               "   orders = { preview = { on = true } },\n"
                               "   strategies = { script = \"x\" },\n"
                               "   bot = { \"a\" },\n"
                               "}\n"),
                     ERR_PARSE);

    assert_string_equal(
        complaints(),
        "p.lua:2: cycle is a function; only numbers, texts, true, false and tables are data\n"
        "p.lua:3: risk mixes a list with names, or has holes\n"
        "p.lua:4: watch has a metatable; only plain tables are data\n"
        "p.lua:5: sizing.fraction is not a number but the result of something like 0/0\n"
        "p.lua:6: retry has a key that is no name: names have no dots and no blanks\n"
        "p.lua:6: retry has a key that is no name: names have no dots and no blanks\n"
        "p.lua:7: fees is a list, but takes keys by name\n"
        "p.lua:8: orders.preview is a table, but takes one value\n"
        "p.lua:9: strategies takes a list: strategies = { { ... }, { ... } }\n"
        "p.lua:10: bot is a list, but takes one value\n");
}

TEST(a_file_that_is_no_profile_says_why)
{
    assert_int_equal(load_text("return {\n   a = = 1\n}\n"), ERR_SCRIPT);
    assert_non_null(strstr(why.text, "p.lua:2:"));
    assert_int_equal(load_text("local x = 1\n"), ERR_PARSE);
    assert_non_null(strstr(why.text, "p.lua: it returns nothing; expected a table"));
    assert_int_equal(load_text("return 5\n"), ERR_PARSE);
    assert_non_null(strstr(why.text, "it returns number"));
    assert_int_equal(load_text("error(\"no way\")\n"), ERR_SCRIPT);
    assert_non_null(strstr(why.text, "p.lua:1: no way"));
    assert_int_equal(load_text("while true do end"), ERR_BUDGET);
    assert_int_equal(load_text("return io.open('/etc/passwd')"), ERR_SCRIPT);
    assert_int_equal(load_text("local t = {} t.risk = t return t"), ERR_PARSE);
    assert_non_null(strstr(buf_text(&problems), "risk"));
    assert_int_equal(load_text("return { 1, 2 }"), ERR_PARSE);
    assert_int_equal(load_text("return {}"), OK);
}

TEST(a_child_changes_what_its_parent_said_key_by_key)
{
    write_file("base", "return {\n"
                       "   description = \"base\",\n"
                       "   symbols = { \"BTC-USD\", \"ETH-USD\", \"SOL-USD\" },\n"
                       "   risk = { max_order_value = 100, max_positions = 5 },\n"
                       "   strategies = {\n"
                       "      { script = \"a\", params = { x = 1 } }, { script = \"b\" },\n"
                       "   },\n"
                       "}\n");
    write_file("middle", "return { extends = \"./base.lua\", risk = { max_positions = 4 } }\n");

    assert_int_equal(load_text("return {\n"
                               "   extends = \"middle.lua\",\n"
                               "   symbols = { \"ETH-USD\" },\n"
                               "   risk = { max_order_value = 50 },\n"
                               "   strategies = { { script = \"c\" } },\n"
                               "}\n"),
                     OK);

    assert_int_equal(profile.count, 3);
    assert_string_equal(look("description"), "base");
    assert_string_equal(where("description"), "base.lua:2");
    assert_string_equal(look("symbols"), "ETH-USD");
    assert_string_equal(look("risk.max_order_value"), "50");
    assert_string_equal(where("risk.max_order_value"), "p.lua:4");
    assert_string_equal(look("risk.max_positions"), "4");
    assert_string_equal(where("risk.max_positions"), "middle.lua:1");
    assert_int_equal(rest.strategy_count, 1);
    assert_string_equal(look("strategies.1.script"), "c");
    assert_int_equal(rest.strategies[0].params.count, 0);
}

TEST(an_empty_list_takes_the_parents_away_and_an_empty_table_does_not)
{
    write_file("base", "return { strategies = { \"a\" }, risk = { max_positions = 5 } }");

    assert_int_equal(load_text("return { extends = 'base.lua', strategies = {}, risk = {} }"),
                     OK);

    assert_int_equal(rest.strategy_count, 0);
    assert_string_equal(look("risk.max_positions"), "5");
}

TEST(a_mistake_in_a_parent_is_told_there)
{
    write_file("base", "return {\n   cycle = 5,\n   bot = \"b\",\n}\n");

    assert_int_equal(load_text("return { extends = \"base.lua\",\n cycle = \"2s\", bto = 1 }"),
                     ERR_PARSE);

    assert_string_equal(complaints(),
                        "p.lua:2: unknown key 'bto'; did you mean 'bot'?\n"
                        "base.lua:2: cycle = 5 is of the wrong type: expected a duration from "
                        "\"10ms\" to \"1d\", or \"none\" (after each bar)\n");
}

TEST(circles_and_missing_parents_are_named)
{
    write_file("a", "return {\n extends = \"./b.lua\" }");
    write_file("b", "return { extends = \"./a.lua\" }");

    assert_int_equal(load(path_of("a")), ERR_PARSE);
    assert_non_null(strstr(why.text, "b.lua:1: 'extends' runs in a circle: "));
    assert_non_null(strstr(why.text, "a.lua is extended already"));
    assert_int_equal(load_text("return { extends = \"p.lua\" }"), ERR_PARSE);
    assert_int_equal(load_text("return {\n\n extends = \"nowhere\" }"), ERR_MISSING);
    assert_non_null(strstr(why.text, "p.lua:3: extends: no 'nowhere' in lua/profiles/"));
    assert_int_equal(load_text("return { extends = 5 }"), ERR_PARSE);
    assert_non_null(
        strstr(why.text, "p.lua:1: extends takes the name of a profile or its file"));
    assert_int_equal(load(path_of("not_there")), ERR_MISSING);
    assert_non_null(strstr(why.text, "not_there.lua"));
}

TEST(a_chain_of_profiles_has_an_end)
{
    char name[16], text[64];

    for (int i = 0; i < PROFILE_CHAIN_MAX + 1; i++) {
        snprintf(name, sizeof name, "c%d", i);
        snprintf(text, sizeof text, "return { extends = \"c%d.lua\" }", i + 1);
        write_file(name, text);
    }

    assert_int_equal(load(path_of("c0")), ERR_RANGE);
    assert_non_null(strstr(why.text, "more than 8 profiles"));
}

TEST(a_stronger_source_is_not_undone_by_the_profile)
{
    struct option_origin origin = {OPTION_FROM_COMMAND_LINE, "--cycle"};
    struct option_value value = {OPTION_AS_TEXT, "9s", NULL};

    write_file("p", "return { cycle = \"2s\" }");
    assert_int_equal(load(path_of("p")), OK);
    assert_int_equal(options_set(options, "cycle", &value, &origin, &why), OK);
    assert_int_equal(profile_load(path_of("p"), options, &profile, NULL, &why), OK);

    assert_string_equal(look("cycle"), "9s");
}

TEST(names_are_looked_for_in_the_tree_the_home_and_the_program)
{
    char cwd[400];

    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_int_equal(chdir(check_tmp()), 0);
    setenv("PERIGEE_HOME", "home", 1);
    mkdir("home", 0700);
    mkdir("home/lua", 0700);
    mkdir("home/lua/profiles", 0700);
    FILE *file = fopen("home/lua/profiles/mine.lua", "w");
    fputs("return { bot = \"mine\" }", file);
    fclose(file);

    struct script_file found;
    assert_int_equal(script_file_load("profiles", "mine", &found, &why), OK);
    assert_string_equal(found.path, "home/lua/profiles/mine.lua");
    assert_false(found.is_builtin);
    script_file_clear(&found);
    assert_int_equal(script_file_load("profiles", "dev", &found, &why), OK);
    assert_string_equal(found.path, "lua/profiles/dev.lua");
    assert_true(found.is_builtin);
    script_file_clear(&found);
    assert_int_equal(script_file_load("profiles", "mien", &found, &why), ERR_MISSING);
    assert_non_null(strstr(why.text, "did you mean 'mine'?"));
    assert_int_equal(script_file_load("profiles", "canari", &found, &why), ERR_MISSING);
    assert_non_null(strstr(why.text, "did you mean 'canary'?"));
    assert_int_equal(script_file_load("profiles", "a b", &found, &why), ERR_USAGE);
    assert_int_equal(script_file_load("profiles", "..", &found, &why), ERR_USAGE);

    unsetenv("PERIGEE_HOME");
    assert_int_equal(chdir(cwd), 0);
}

TEST(what_would_be_ignored_is_an_error)
{
    static const struct {
        const char *text, *says;
    } cases[] = {
        {"return { cycle = '1s',\n cycle = '2s' }",
         "p.lua:2: 'cycle' is written a second time in one table, first on line 1; remove one "
         "of "
         "the two"},
        {"return { strategies = { {} } }",
         "p.lua:1: strategies.1 is empty; leave it out, or say what it is"},
        {"return { extends = '' }", "p.lua:1: extends takes the name of a profile or its file"},
        {"return { extends = './' }",
         "p.lua:1: extends takes the name of a profile or its file"},
        {"return { description = '\\xff' }",
         "p.lua:1: description is a text that is not UTF-8"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(load_text(cases[i].text), ERR_PARSE);
        const char *at = strstr(why.text, "p.lua:");
        assert_string_equal(at ? at : why.text, cases[i].says);
    }
}

TEST(what_a_profile_holds_is_shown_without_its_control_characters)
{
    assert_int_equal(load_text("return { cycle = '\\27[31m\\n' }"), ERR_PARSE);
    assert_non_null(strstr(why.text, "cycle = \"\\x1B[31m\\n\" is not understood"));
}
