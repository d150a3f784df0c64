#include "app/command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "check.h"

static struct buf out, err_out;
static struct fault why;

static int redirect(int fd, const char *path)
{
    int saved = dup(fd);

    assert_non_null(freopen(path, "w+", fd == 1 ? stdout : stderr));
    return saved;
}

static void restore(int fd, int saved, const char *path, struct buf *text)
{
    fflush(fd == 1 ? stdout : stderr);
    dup2(saved, fd);
    close(saved);
    buf_reset(text);
    assert_int_equal(buf_read_file(text, path, 1000000, NULL), OK);
}

/* Runs "config" with these words; what it printed is in out and err_out. */
static enum err config(int count, const char *const words[])
{
    char out_path[300], err_path[300];
    struct args *args = NULL;

    snprintf(out_path, sizeof out_path, "%s/out", check_tmp());
    snprintf(err_path, sizeof err_path, "%s/err", check_tmp());
    why = (struct fault){OK, ""};
    assert_int_equal(args_parse(count, (char **)(uintptr_t)words, command_config.options, 1, 32,
                                &args, &why),
                     OK);
    int saved_out = redirect(1, out_path), saved_err = redirect(2, err_path);
    enum err err = command_config.run(args, &why);
    restore(1, saved_out, out_path, &out);
    restore(2, saved_err, err_path, &err_out);
    args_free(args);
    return err;
}

#define CONFIG(...)                                                                            \
    config((int)ARRAY_LEN(((const char *const[]){__VA_ARGS__})),                               \
           (const char *const[]){__VA_ARGS__})

static bool has(const struct buf *text, const char *part)
{
    return strstr(buf_text(text), part) != NULL;
}

static struct json_doc *parse_out(void)
{
    struct json_doc *doc = NULL;

    if (json_parse(buf_text(&out), strlen(buf_text(&out)), &doc, &why))
        fail_msg("%s", why.text);
    return doc;
}

TEST(show_lists_every_value_with_its_source)
{
    assert_int_equal(CONFIG("show", "--profile", "canary", "--set", "cycle=3s"), OK);

    assert_true(has(&out, "cycle"));
    assert_true(has(&out, "3s"));
    assert_true(has(&out, "--set\n"));
    assert_true(has(&out, "lua/profiles/canary.lua:"));
    assert_true(has(&out, "  default\n"));
}

TEST(show_can_be_narrowed_to_a_part_or_to_what_is_set)
{
    assert_int_equal(CONFIG("show", "retry", "--profile", "canary"), OK);
    assert_true(has(&out, "retry.attempts"));
    assert_false(has(&out, "risk."));

    assert_int_equal(CONFIG("show", "--changed", "--profile", "canary"), OK);
    assert_true(has(&out, "risk.window.from"));
    assert_false(has(&out, "retry."));
    assert_false(has(&out, "  default\n"));
}

TEST(show_of_nothing_known_suggests)
{
    assert_int_equal(CONFIG("show", "rsk"), ERR_MISSING);
    assert_true(strstr(why.text, "did you mean 'risk'?") != NULL);
}

TEST(show_in_json_has_value_source_and_place)
{
    assert_int_equal(CONFIG("show", "risk", "--json", "--profile", "dev"), OK);

    struct json_doc *doc = parse_out();
    char text[64];
    int settings = json_find(doc, json_root(doc), "settings");
    int entry = json_find(doc, settings, "risk.max_order_value");
    assert_true(json_read_text(doc, json_find(doc, entry, "value"), text, sizeof text));
    assert_string_equal(text, "500");
    assert_true(json_read_text(doc, json_find(doc, entry, "source"), text, sizeof text));
    assert_string_equal(text, "profile");
    assert_true(
        json_read_text(doc, json_find(doc, json_root(doc), "profile"), text, sizeof text));
    assert_string_equal(text, "dev");
    json_free(doc);
}

TEST(explain_says_value_source_range_variable_and_meaning)
{
    assert_int_equal(
        CONFIG("explain", "risk.max_order_value", "--set", "risk.max_order_value=77"), OK);

    assert_string_equal(
        buf_text(&out),
        "risk.max_order_value = 77\n"
        "  from      --set\n"
        "  default   none\n"
        "  takes     a number of at least 0 in account currency, or \"none\" (no "
        "limit)\n"
        "  variable  PERIGEE_RISK_MAX_ORDER_VALUE\n"
        "  Largest value of one order.\n");
}

TEST(explain_knows_limits_of_symbols_that_have_none_yet)
{
    assert_int_equal(CONFIG("explain", "risk.symbols.DOGE-EUR.max_order_size"), OK);
    assert_true(has(&out, "risk.symbols.DOGE-EUR.max_order_size = none\n"));
}

TEST(explain_of_a_part_explains_what_is_in_it)
{
    assert_int_equal(CONFIG("explain", "retry", "fees.taker_rate"), OK);
    assert_true(has(&out, "retry.attempts = 3\n"));
    assert_true(has(&out, "retry.unknown_escalate_after = "));
    assert_true(has(&out, "fees.taker_rate = 1.2%\n"));
}

TEST(explain_without_a_key_explains_the_profile)
{
    static const char *const names[] = {"dev", "paper", "canary", "prod"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_int_equal(CONFIG("explain", "--profile", names[i]), OK);
        assert_memory_equal(buf_text(&out), names[i], strlen(names[i]));
        assert_true(has(&out, "venue = "));
        assert_false(has(&out, "  from      default\n"));
    }
}

TEST(explain_of_an_unknown_key_suggests)
{
    assert_int_equal(CONFIG("explain", "risk.max_oder_value"), ERR_MISSING);
    assert_string_equal(why.text, "unknown key 'risk.max_oder_value'; did you mean "
                                  "'risk.max_order_value'?");
    assert_string_equal(buf_text(&out), "");
}

TEST(explain_in_json_is_a_list)
{
    assert_int_equal(CONFIG("explain", "cycle", "venue", "--json", "--set", "venue=paper"), OK);

    struct json_doc *doc = parse_out();
    bool honoured = true;
    int settings = json_find(doc, json_root(doc), "settings");
    assert_int_equal(json_count(doc, settings), 2);
    assert_true(
        json_read_bool(doc, json_find(doc, json_at(doc, settings, 1), "honoured"), &honoured));
    assert_false(honoured);
    json_free(doc);
}

TEST(check_says_what_is_valid_and_what_is_not_honoured_yet)
{
    assert_int_equal(CONFIG("check", "dev", "paper", "canary", "prod"), OK);

    assert_true(has(&out, "dev: valid\n"));
    assert_true(has(&out, "canary: valid\n"));
    assert_true(
        has(&out, "paper: valid, but this version does not honour yet:\nvenue = paper ("));
    assert_true(
        has(&out, "prod: valid, but this version does not honour yet:\nvenue = coinbase ("));
}

TEST(check_tells_every_mistake_with_file_and_line)
{
    char path[300];

    snprintf(path, sizeof path, "%s/bad.lua", check_tmp());
    FILE *file = fopen(path, "w");
    fputs("return {\n cycle = 5,\n rsk = {},\n}\n", file);
    fclose(file);

    assert_int_equal(CONFIG("check", path, "dev"), ERR_PARSE);
    assert_true(has(&err_out, "bad.lua:2: cycle = 5 is of the wrong type"));
    assert_true(has(&err_out, "bad.lua:3: unknown key 'rsk'; did you mean 'risk'?\n"));
    assert_true(has(&out, "dev: valid\n"));
    assert_string_equal(why.text, "");

    assert_int_equal(CONFIG("check", path, "--json"), ERR_PARSE);
    struct json_doc *doc = parse_out();
    bool valid = true;
    assert_true(json_read_bool(doc, json_find(doc, json_root(doc), "valid"), &valid));
    assert_false(valid);
    assert_int_equal(json_count(doc, json_find(doc, json_root(doc), "problems")), 2);
    json_free(doc);
}

static void write_profile(const char *text, char path[300])
{
    snprintf(path, 300, "%s/scripts.lua", check_tmp());
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

TEST(check_loads_the_scripts_that_are_named)
{
    char path[300];

    write_profile("return { strategies = {\n"
                  "   { script = \"sma_cross\",\n"
                  "     params = { fast = 5, slo = 20 } },\n"
                  "   { script = \"sma_cros\" },\n"
                  "}, sizing = {\n"
                  "   rule = \"nowhere\" } }\n",
                  path);

    assert_int_equal(CONFIG("check", path), ERR_PARSE);

    assert_true(has(&err_out, "scripts.lua:3: sma_cross has no parameter 'slo'; did you mean "
                              "'slow'?\n"));
    assert_true(has(&err_out, "scripts.lua:4: strategies.2.script: no 'sma_cros' in "));
    assert_true(has(&err_out, "did you mean 'sma_cross'?; known by name: baseline, "));
    assert_true(has(&err_out, "scripts.lua:6: sizing.rule: no 'nowhere' in "));
}

TEST(a_wrong_setting_of_the_command_line_is_wrong_usage)
{
    assert_int_equal(CONFIG("show", "--set", "cycle=never"), ERR_USAGE);
    assert_true(has(&err_out, "--set: cycle = \"never\" is not understood"));
    assert_int_equal(CONFIG("list"), ERR_USAGE);
}
