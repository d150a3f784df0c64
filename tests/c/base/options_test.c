#include "base/options.h"

#include <stdio.h>
#include <string.h>

#include "base/decimal.h"
#include "check.h"

struct limit {
    char symbol[OPTION_SYMBOL_MAX];
    decimal size, value;
};

struct job {
    char script[32];
    struct option_params params;
};

struct settings {
    char bot[12];
    decimal max_order_value;
    int64_t count;
    struct option_symbols symbols;
    struct limit limits[2];
    int limit_count;
    struct job jobs[3];
    int job_count;
    struct option_params sizing;
};

#define AT(field) offsetof(struct settings, field)

static const struct option general_options[] = {
    {.key = "bot",
     .type = OPTION_WORD,
     .offset = AT(bot),
     .size = 12,
     .initial = "b",
     .help = ""},
    {.key = "symbols", .type = OPTION_SYMBOLS, .offset = AT(symbols), .help = ""},
};
static const struct option risk_options[] = {
    {.key = "max_order_value",
     .type = OPTION_DECIMAL,
     .offset = AT(max_order_value),
     .initial = "10",
     .min = "1",
     .max = "1000",
     .help = ""},
    {.key = "count", .type = OPTION_INT, .offset = AT(count), .initial = "3", .help = ""},
};
static const struct option limit_options[] = {
    {.key = "max_size",
     .type = OPTION_DECIMAL,
     .offset = offsetof(struct limit, size),
     .initial = "1",
     .help = ""},
    {.key = "max_order_value",
     .type = OPTION_DECIMAL,
     .offset = offsetof(struct limit, value),
     .initial = "2",
     .help = ""},
};
static const struct option job_options[] = {
    {.key = "script",
     .type = OPTION_TEXT,
     .offset = offsetof(struct job, script),
     .size = 32,
     .is_main = true,
     .help = ""},
    {.key = "params",
     .type = OPTION_PARAMS,
     .offset = offsetof(struct job, params),
     .help = ""},
};
static const struct option sizing_options[] = {
    {.key = "params", .type = OPTION_PARAMS, .offset = AT(sizing), .help = ""},
};
static const struct option_elements limit_elements = {OPTION_BY_SYMBOL, AT(limits),
                                                      sizeof(struct limit), AT(limit_count), 2};
static const struct option_elements job_elements = {OPTION_BY_NUMBER, AT(jobs),
                                                    sizeof(struct job), AT(job_count), 3};

#define TABLE(prefix, options, elements)                                                       \
    {                                                                                          \
        prefix, "", "", options, ARRAY_LEN(options), elements                                  \
    }
static const struct option_table tables[] = {
    TABLE("", general_options, NULL),
    TABLE("risk", risk_options, NULL),
    TABLE("risk.symbols", limit_options, &limit_elements),
    TABLE("jobs", job_options, &job_elements),
    TABLE("sizing", sizing_options, NULL),
};

static struct settings settings;
static struct fault why;
static struct buf printed;

static struct options *options_of_test(void)
{
    struct options *options = options_new();

    memset(&settings, 0, sizeof settings);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        options_add(options, &tables[i], &settings);
    return options;
}

static enum err set_from(struct options *options, enum option_source source, const char *where,
                         const char *key, const char *text)
{
    struct option_origin origin = {.source = source};

    snprintf(origin.where, sizeof origin.where, "%s", where);
    why = (struct fault){OK, ""};
    return options_set(options, key, &(struct option_value){OPTION_AS_TEXT, text, NULL},
                       &origin, &why);
}

static enum err set(struct options *options, const char *key, const char *text)
{
    return set_from(options, OPTION_FROM_PROFILE, "p.lua:1", key, text);
}

/* "value (source where)", or why there is none. */
static const char *look(const struct options *options, const char *key)
{
    struct option_entry entry;

    buf_reset(&printed);
    if (options_find(options, key, &entry, &why))
        return why.text;
    option_entry_format(&entry, &printed);
    buf_add_format(&printed, " (%s%s%s)", option_source_name(entry.origin.source),
                   entry.origin.where[0] ? " " : "", entry.origin.where);
    return buf_text(&printed);
}

TEST(a_value_remembers_where_it_came_from)
{
    struct options *options = options_of_test();

    assert_string_equal(look(options, "risk.max_order_value"), "10 (default)");
    assert_int_equal(
        set_from(options, OPTION_FROM_PROFILE, "dev.lua:12", "risk.max_order_value", "20"), OK);
    assert_string_equal(look(options, "risk.max_order_value"), "20 (profile dev.lua:12)");
    options_free(options);
}

TEST(a_stronger_source_wins_in_whatever_order_they_come)
{
    struct options *options = options_of_test();

    set_from(options, OPTION_FROM_COMMAND_LINE, "--count", "risk.count", "30");
    set_from(options, OPTION_FROM_ENVIRONMENT, "PERIGEE_RISK_COUNT", "risk.count", "20");
    set_from(options, OPTION_FROM_PROFILE, "p.lua:1", "risk.count", "10");
    assert_string_equal(look(options, "risk.count"), "30 (command line --count)");

    set_from(options, OPTION_FROM_PROFILE, "p.lua:1", "bot", "one");
    set_from(options, OPTION_FROM_ENVIRONMENT, "PERIGEE_BOT", "bot", "two");
    assert_string_equal(look(options, "bot"), "two (environment PERIGEE_BOT)");
    options_free(options);
}

TEST(within_a_source_the_later_wins)
{
    struct options *options = options_of_test();

    set_from(options, OPTION_FROM_PROFILE, "base.lua:3", "bot", "one");
    set_from(options, OPTION_FROM_PROFILE, "mine.lua:4", "bot", "two");

    assert_string_equal(look(options, "bot"), "two (profile mine.lua:4)");
    options_free(options);
}

TEST(a_value_that_a_stronger_source_hides_is_checked_all_the_same)
{
    struct options *options = options_of_test();

    set_from(options, OPTION_FROM_COMMAND_LINE, "--count", "risk.count", "30");

    assert_int_equal(set_from(options, OPTION_FROM_PROFILE, "p.lua:9", "risk.count", "x"),
                     ERR_PARSE);
    assert_string_equal(look(options, "risk.count"), "30 (command line --count)");
    options_free(options);
}

TEST(messages_begin_with_the_place_of_the_mistake)
{
    struct options *options = options_of_test();

    assert_int_equal(set_from(options, OPTION_FROM_PROFILE, "lua/profiles/dev.lua:12",
                              "risk.max_oder_value", "5"),
                     ERR_MISSING);
    assert_string_equal(why.text, "lua/profiles/dev.lua:12: unknown key 'risk.max_oder_value'; "
                                  "did you mean 'risk.max_order_value'?");
    assert_int_equal(set_from(options, OPTION_FROM_ENVIRONMENT, "PERIGEE_RISK_MAX_ORDER_VALUE",
                              "risk.max_order_value", "5000"),
                     ERR_RANGE);
    assert_string_equal(
        why.text, "PERIGEE_RISK_MAX_ORDER_VALUE: risk.max_order_value = \"5000\" is out of "
                  "range: expected a number from 1 to 1000");
    options_free(options);
}

TEST(an_unknown_key_gets_the_suggestion_that_helps)
{
    static const struct {
        const char *key, *hint;
    } cases[] = {
        {"max_order_value", "; did you mean 'risk.max_order_value'?"},
        {"limits.count", "; did you mean 'risk.count'?"},
        {"bto", "; did you mean 'bot'?"},
        {"risk.symbols.BTC-USD.max_siz", "; did you mean 'risk.symbols.BTC-USD.max_size'?"},
        {"jobs.2.scirpt", "; did you mean 'jobs.2.script'?"},
        {"rsk", "; did you mean 'risk'?"},
        {"colour", "unknown key 'colour'"},
    };
    struct options *options = options_of_test();

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_int_equal(set(options, cases[i].key, "1"), ERR_MISSING);
        if (!strstr(why.text, cases[i].hint))
            fail_msg("%s: %s", cases[i].key, why.text);
    }
    assert_null(strstr(why.text, "did you mean"));
    options_free(options);
}

TEST(tables_and_values_are_not_mixed_up)
{
    struct options *options = options_of_test();

    assert_int_equal(set(options, "risk", "5"), ERR_PARSE);
    assert_string_equal(why.text, "p.lua:1: 'risk' is a table of settings, not a single value");
    assert_int_equal(set(options, "jobs", "5"), ERR_PARSE);
    assert_string_equal(why.text, "p.lua:1: 'jobs' is a list, not a single value");
    assert_int_equal(set(options, "risk.count.a", "5"), ERR_PARSE);
    assert_string_equal(why.text,
                        "p.lua:1: 'risk.count.a' is part of a table, but a whole number "
                        "was expected there");
    assert_int_equal(set(options, "sizing.params", "5"), ERR_PARSE);
    assert_int_equal(set(options, "sizing.params.a.b", "5"), ERR_PARSE);
    assert_int_equal(set(options, "risk.symbols.btc-usd.max_size", "5"), ERR_PARSE);
    assert_non_null(strstr(why.text, "'btc-usd' is not a symbol such as BTC-USD"));
    assert_int_equal(set(options, "jobs.first.script", "x"), ERR_PARSE);
    assert_non_null(strstr(why.text, "'first' is not a place in a list"));
    options_free(options);
}

TEST(shapes_tell_values_from_groups)
{
    struct options *options = options_of_test();

    assert_int_equal(options_shape(options, "bot"), OPTION_VALUE);
    assert_int_equal(options_shape(options, "symbols"), OPTION_VALUES);
    assert_int_equal(options_shape(options, "risk"), OPTION_GROUP);
    assert_int_equal(options_shape(options, "risk.symbols"), OPTION_GROUP);
    assert_int_equal(options_shape(options, "risk.symbols.BTC-USD"), OPTION_GROUP);
    assert_int_equal(options_shape(options, "risk.symbols.BTC-USD.max_size"), OPTION_VALUE);
    assert_int_equal(options_shape(options, "jobs"), OPTION_LIST);
    assert_int_equal(options_shape(options, "jobs.1"), OPTION_GROUP);
    assert_int_equal(options_shape(options, "jobs.1.params"), OPTION_GROUP);
    assert_int_equal(options_shape(options, "jobs.1.params.fast"), OPTION_VALUE);
    assert_int_equal(options_shape(options, "sizing.params"), OPTION_GROUP);
    assert_int_equal(options_shape(options, "ris"), OPTION_UNKNOWN);
    assert_int_equal(options_shape(options, ""), OPTION_UNKNOWN);
    options_free(options);
}

TEST(an_element_comes_into_being_with_its_first_value_and_has_defaults)
{
    struct options *options = options_of_test();

    assert_string_equal(look(options, "risk.symbols.BTC-USD.max_size"), "1 (default)");
    assert_int_equal(settings.limit_count, 0);
    assert_int_equal(set(options, "risk.symbols.BTC-USD.max_size", "x"), ERR_PARSE);
    assert_int_equal(settings.limit_count, 0);
    assert_int_equal(set(options, "risk.symbols.BTC-USD.max_size", "0.5"), OK);

    assert_int_equal(settings.limit_count, 1);
    assert_string_equal(settings.limits[0].symbol, "BTC-USD");
    assert_string_equal(look(options, "risk.symbols.BTC-USD.max_size"),
                        "0.5 (profile p.lua:1)");
    assert_string_equal(look(options, "risk.symbols.BTC-USD.max_order_value"), "2 (default)");
    assert_int_equal(set(options, "risk.symbols.BTC-USD.max_size", "0.6"), OK);
    assert_int_equal(settings.limit_count, 1);
    options_free(options);
}

TEST(a_list_has_an_end)
{
    struct options *options = options_of_test();

    assert_int_equal(set(options, "risk.symbols.A-USD.max_size", "1"), OK);
    assert_int_equal(set(options, "risk.symbols.B-USD.max_size", "1"), OK);
    assert_int_equal(set(options, "risk.symbols.C-USD.max_size", "1"), ERR_RANGE);
    assert_int_equal(set(options, "jobs.3.script", "x"), OK);
    assert_int_equal(settings.job_count, 3);
    assert_string_equal(settings.jobs[0].script, "");
    assert_int_equal(set(options, "jobs.4.script", "x"), ERR_RANGE);
    options_free(options);
}

TEST(a_bare_value_stands_for_the_main_option_of_an_element)
{
    struct options *options = options_of_test();

    assert_int_equal(set(options, "jobs.1", "sma_cross"), OK);

    assert_string_equal(look(options, "jobs.1.script"), "sma_cross (profile p.lua:1)");
    options_free(options);
}

TEST(a_list_can_be_cleared_for_a_stronger_source)
{
    struct options *options = options_of_test();

    set(options, "jobs.1", "a");
    set(options, "jobs.2", "b");
    set(options, "bot", "x");
    options_clear_list(options, "jobs");
    set_from(options, OPTION_FROM_COMMAND_LINE, "--job", "jobs.1", "c");

    assert_int_equal(settings.job_count, 1);
    assert_string_equal(look(options, "jobs.1.script"), "c (command line --job)");
    assert_string_equal(look(options, "jobs.2.script"), " (default)");
    assert_string_equal(look(options, "bot"), "x (profile p.lua:1)");
    options_free(options);
}

TEST(every_value_is_listed_once_and_in_order)
{
    static const char expected[] =
        "bot=b symbols= risk.max_order_value=10 risk.count=3 risk.symbols.BTC-USD.max_size=1 "
        "risk.symbols.BTC-USD.max_order_value=7 jobs.1.script=a jobs.1.params.fast=3 "
        "jobs.1.params.slow=9 jobs.2.script=b sizing.params.x=y ";
    struct options *options = options_of_test();
    struct options_cursor at = {0};
    struct option_entry entry;
    struct buf list = BUF_INIT;

    set(options, "risk.symbols.BTC-USD.max_order_value", "7");
    set(options, "jobs.1.script", "a");
    set(options, "jobs.1.params.fast", "3");
    set(options, "jobs.1.params.slow", "9");
    set(options, "jobs.2.script", "b");
    set(options, "sizing.params.x", "y");
    while (options_next(options, &at, &entry)) {
        buf_add_format(&list, "%s=", entry.key);
        option_entry_format(&entry, &list);
        buf_add_text(&list, " ");
    }

    assert_string_equal(buf_text(&list), expected);
    buf_clear(&list);
    options_free(options);
}

TEST(a_parameter_remembers_where_it_was_written)
{
    static const char far[] =
        "/a/very/long/way/to/a/folder/of/profiles/that/somebody/made/mine.lua:7";
    struct options *options = options_of_test();

    set_from(options, OPTION_FROM_PROFILE, "mine.lua:7", "jobs.1.params.fast", "3");
    set_from(options, OPTION_FROM_PROFILE, far, "jobs.1.params.slow", "3");

    assert_string_equal(settings.jobs[0].params.items[0].where, "mine.lua:7");
    assert_string_equal(settings.jobs[0].params.items[1].where,
                        far + sizeof far - OPTION_PARAM_WHERE_MAX);
    options_free(options);
}

TEST(pairs_are_split_at_the_first_equals_sign)
{
    struct option_origin origin = {OPTION_FROM_COMMAND_LINE, "--set"};
    struct options *options = options_of_test();

    assert_int_equal(options_set_pair(options, "jobs.1.script=a=b", &origin, &why), OK);
    assert_string_equal(settings.jobs[0].script, "a=b");
    assert_int_equal(options_set_pair(options, "bot", &origin, &why), ERR_USAGE);
    assert_string_equal(why.text, "--set: expected KEY=VALUE, not 'bot'");
    assert_int_equal(options_set_pair(options, "=x", &origin, &why), ERR_USAGE);
    options_free(options);
}

TEST(variables_of_the_environment_set_their_keys)
{
    static char *const environment[] = {
        "HOME=/root",
        "PERIGEE_BOT=robo",
        "PERIGEE_RISK_MAX_ORDER_VALUE=55",
        "PERIGEE_RISK_SYMBOLS_BTC_USD_MAX_SIZE=0.25",
        "PERIGEE_RISK_SYMBOLS_ETH_USD_MAX_ORDER_VALUE=4",
        "PERIGEE_SYMBOLS=BTC-USD,ETH-USD",
        "PERIGEE_JOBS_1_SCRIPT=lua/x.lua",
        "PERIGEE_JOBS_1_PARAMS_FAST_ONE=12",
        "PERIGEE_SIZING_PARAMS_RISK=2",
        "PERIGEE_RISK_COUNT=",
        "PERIGEE_HOME=/x",
        NULL,
    };
    static const char *const others[] = {"PERIGEE_HOME", NULL};
    struct options *options = options_of_test();

    assert_int_equal(options_set_environment(options, environment, others, &why), OK);

    assert_string_equal(look(options, "bot"), "robo (environment PERIGEE_BOT)");
    assert_string_equal(look(options, "risk.max_order_value"),
                        "55 (environment PERIGEE_RISK_MAX_ORDER_VALUE)");
    assert_string_equal(look(options, "risk.symbols.BTC-USD.max_size"),
                        "0.25 (environment PERIGEE_RISK_SYMBOLS_BTC_USD_MAX_SIZE)");
    assert_string_equal(look(options, "risk.symbols.ETH-USD.max_order_value"),
                        "4 (environment PERIGEE_RISK_SYMBOLS_ETH_USD_MAX_ORDER_VALUE)");
    assert_string_equal(look(options, "symbols"),
                        "BTC-USD ETH-USD (environment PERIGEE_SYMBOLS)");
    assert_string_equal(look(options, "jobs.1.params.fast_one"),
                        "12 (environment PERIGEE_JOBS_1_PARAMS_FAST_ONE)");
    assert_string_equal(look(options, "sizing.params.risk"),
                        "2 (environment PERIGEE_SIZING_PARAMS_RISK)");
    assert_string_equal(look(options, "risk.count"), "3 (default)");
    options_free(options);
}

TEST(a_mistyped_variable_is_an_error_with_a_suggestion)
{
    static char *const typo[] = {"PERIGEE_RISK_MAX_ODER_VALUE=55", NULL};
    static char *const stranger[] = {"PERIGEE_ZZZZZZ=1", NULL};
    static char *const bad[] = {"PERIGEE_RISK_COUNT=many", NULL};
    static const char *const others[] = {NULL};
    struct options *options = options_of_test();

    assert_int_equal(options_set_environment(options, typo, others, &why), ERR_MISSING);
    assert_string_equal(why.text,
                        "the environment has PERIGEE_RISK_MAX_ODER_VALUE, but there is "
                        "no such setting; did you mean PERIGEE_RISK_MAX_ORDER_VALUE?");
    assert_int_equal(options_set_environment(options, stranger, others, &why), ERR_MISSING);
    assert_null(strstr(why.text, "did you mean"));
    assert_int_equal(options_set_environment(options, bad, others, &why), ERR_PARSE);
    assert_non_null(strstr(why.text, "PERIGEE_RISK_COUNT: risk.count = \"many\""));
    options_free(options);
}

TEST(variables_are_named_after_their_keys)
{
    char out[OPTION_KEY_MAX];

    assert_string_equal(option_variable("risk.symbols.BTC-USD.max_size", out),
                        "PERIGEE_RISK_SYMBOLS_BTC_USD_MAX_SIZE");
}
