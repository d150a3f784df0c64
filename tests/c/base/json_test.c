#include "base/json.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/rng.h"
#include "check.h"
#include "json_oracle.h"

static struct json_doc *parse(const char *text)
{
    struct json_doc *doc;
    struct fault why;

    if (json_parse(text, strlen(text), &doc, &why))
        fail_msg("%s: %s", text, why.text);
    return doc;
}

/* Writes a parsed value again, without knowing what the text looked like. */
static void rewrite(const struct json_doc *doc, int token, const char *name,
                    struct json_writer *w)
{
    char text[256], key[256];
    size_t len;
    const char *raw = json_raw(doc, token, &len);

    switch (json_kind(doc, token)) {
    case JSON_OBJECT:
        json_open_object(w, name);
        for (int t = json_first(doc, token); t != JSON_NONE; t = json_next(doc, token, t)) {
            assert_true(json_read_text(doc, t, key, sizeof key));
            rewrite(doc, json_value(doc, t), key, w);
        }
        json_close_object(w);
        break;
    case JSON_ARRAY:
        json_open_array(w, name);
        for (int t = json_first(doc, token); t != JSON_NONE; t = json_next(doc, token, t))
            rewrite(doc, t, NULL, w);
        json_close_array(w);
        break;
    case JSON_STRING:
        assert_true(json_read_text(doc, token, text, sizeof text));
        json_add_text(w, name, text);
        break;
    case JSON_NUMBER:
        snprintf(text, sizeof text, "#%.*s", (int)len, raw);
        json_add_text(w, name, text);
        break;
    case JSON_BOOL:
        json_add_bool(w, name, raw[0] == 't');
        break;
    case JSON_NULL:
        json_add_null(w, name);
        break;
    case JSON_MISSING:
        fail_msg("a token is missing");
    }
}

static void assert_rewritten(const char *text, const char *expected)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);
    struct json_doc *doc = parse(text);

    rewrite(doc, json_root(doc), NULL, &w);
    assert_string_equal(buf_text(&out), expected);
    json_free(doc);
    buf_clear(&out);
}

/* Parsing */

TEST(documents_keep_their_shape)
{
    assert_rewritten("{}", "{}");
    assert_rewritten(" [ ] ", "[]");
    assert_rewritten("[[],[[]],{}]", "[[],[[]],{}]");
    assert_rewritten("{\"a\":{\"b\":[1,{\"c\":null}],\"d\":true},\"e\":\"f\"}",
                     "{\"a\":{\"b\":[\"#1\",{\"c\":null}],\"d\":true},\"e\":\"f\"}");
    assert_rewritten("\t{ \"a\" :\r\n 1 , \"b\" : [ 2 , 3 ] } \n",
                     "{\"a\":\"#1\",\"b\":[\"#2\",\"#3\"]}");
}

TEST(a_value_alone_is_a_document)
{
    assert_rewritten("1", "\"#1\"");
    assert_rewritten(" -0.5e+10 ", "\"#-0.5e+10\"");
    assert_rewritten("true", "true");
    assert_rewritten("null", "null");
    assert_rewritten("\"x\"", "\"x\"");
    assert_rewritten("\"\"", "\"\"");
}

TEST(what_is_not_json_is_refused_with_the_offset_and_the_reason)
{
    static const struct {
        const char *text, *reason;
    } rows[] = {
        {"", "not JSON: at byte 0 of 0 there is no value at all"},
        {"  ", "not JSON: at byte 0 of 2 there is no value at all"},
        {"{\"a\":1", "not JSON: at byte 6 of 6 there is a value that does not end"},
        {"{\"a", "not JSON: at byte 1 of 3 there is a value that does not end"},
        {"{\"a\":1]", "not JSON: at byte 6 of 7 there is a byte that cannot be there"},
        {"{\"a\" 1}", "not JSON: at byte 5 of 7 there is no colon"},
        {"{\"a\"}", "not JSON: at byte 4 of 5 there is no colon"},
        {"{\"a\":}", "not JSON: at byte 5 of 6 there is no value"},
        {"{a:1}", "not JSON: at byte 1 of 5 there is no member name in quotes"},
        {"{\"a\":1 \"b\":2}",
         "not JSON: at byte 7 of 13 there is a quote that cannot be there"},
        {"[1 2]", "not JSON: at byte 3 of 5 there is no comma"},
        {"[1 2 3]", "not JSON: at byte 5 of 7 there is no comma or colon"},
        {"[1,]", "not JSON: at byte 2 of 4 there is something else than a comma or the closing "
                 "bracket"},
        {"[,1]", "not JSON: at byte 1 of 4 there is something else than a value"},
        {"[1]]", "not JSON: at byte 3 of 4 there is a byte that cannot be there"},
        {"[1] x", "not JSON: at byte 4 of 5 there is something after the end"},
        {"1 2", "not JSON: at byte 2 of 3 there is something after the end"},
        {"[nonsense]",
         "not JSON: at byte 1 of 10 there is neither a number nor true, false or null"},
        {"[\"a\nb\"]", "not JSON: at byte 3 of 7 there is a control byte in a string"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_doc *doc = (struct json_doc *)rows;
        struct fault why = {0};
        assert_string_equal(
            err_name(json_parse(rows[i].text, strlen(rows[i].text), &doc, &why)), "parse");
        assert_string_equal(why.text, rows[i].reason);
        assert_ptr_equal(doc, rows);
    }
}

TEST(the_grammar_is_rfc_8259_and_nothing_more)
{
    static const char *const good[] = {"0",
                                       "-0",
                                       "10",
                                       "1.5",
                                       "1e9",
                                       "1E-9",
                                       "0.0e0",
                                       "[0]",
                                       "\"\\u12aB\"",
                                       "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                                       "\"é\"",
                                       "{\"\":0}",
                                       "[[[[]]]]",
                                       "{\"a\":1,\"a\":2}",
                                       "[true,false,null]",
                                       "\"\x7f\"",
                                       "[\"\\ud834\\udd1e\"]"};
    static const char *const bad[] = {"01",
                                      "-",
                                      "+1",
                                      ".5",
                                      "5.",
                                      "1.e1",
                                      "1e",
                                      "1e+",
                                      "0x10",
                                      "1_000",
                                      "NaN",
                                      "Infinity",
                                      "-Infinity",
                                      "tru",
                                      "trueish",
                                      "True",
                                      "nul",
                                      "'a'",
                                      "\"\\x\"",
                                      "\"\\u12\"",
                                      "\"\\u12g4\"",
                                      "\"",
                                      "\"\\\"",
                                      "{",
                                      "}",
                                      "[",
                                      "]",
                                      ",",
                                      ":",
                                      "{,}",
                                      "{:}",
                                      "{\"a\":1,}",
                                      "{1:2}",
                                      "{[]:1}",
                                      "{\"a\"::1}",
                                      "[:]",
                                      "[1:2]",
                                      "[\"a\":1]",
                                      "{\"a\",1}",
                                      "{\"a\":\"b\":\"c\"}",
                                      "{\"a\":1:2}",
                                      "[1}",
                                      "{\"a\":[}",
                                      "[]{}",
                                      "[] []",
                                      "\"a\" \"b\"",
                                      "/**/[]",
                                      "[1]//",
                                      "\xEF\xBB\xBF[]",
                                      "[\"\t\"]",
                                      "[\f]",
                                      "{\"a\" \"b\"}",
                                      "{null:1}",
                                      "{\"a\":1 ,, \"b\":2}"};
    struct json_doc *doc;

    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        json_free(parse(good[i]));
        assert_true(oracle_is_json(good[i], strlen(good[i])));
    }
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (!json_parse(bad[i], strlen(bad[i]), &doc, NULL))
            fail_msg("accepted %s", bad[i]);
        assert_false(oracle_is_json(bad[i], strlen(bad[i])));
    }
}

TEST(a_nul_does_not_end_the_text_early)
{
    struct json_doc *doc;

    assert_int_equal(json_parse("[1]\0", 4, &doc, NULL), ERR_PARSE);
    assert_int_equal(json_parse("[1,\0 2]", 7, &doc, NULL), ERR_PARSE);
    assert_int_equal(json_parse("\"a\0b\"", 5, &doc, NULL), ERR_PARSE);
    assert_int_equal(json_parse("1\0", 2, &doc, NULL), ERR_PARSE);
}

TEST(the_text_is_not_read_beyond_its_length)
{
    struct json_doc *doc;
    int64_t number = 0;

    assert_int_equal(json_parse("12345", 3, &doc, NULL), OK);
    assert_true(json_read_int(doc, json_root(doc), &number));
    assert_int_equal(number, 123);
    json_free(doc);
    assert_int_equal(json_parse("[1]]", 3, &doc, NULL), OK);
    json_free(doc);
}

TEST(sixty_four_levels_are_deep_enough)
{
    char text[200];
    struct json_doc *doc;
    struct fault why;

    memset(text, '[', 64);
    memset(text + 64, ']', 64);
    assert_int_equal(json_parse(text, 128, &doc, NULL), OK);
    json_free(doc);
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    assert_int_equal(json_parse(text, 130, &doc, &why), ERR_PARSE);
    assert_string_equal(why.text,
                        "not JSON: at byte 64 of 130 there is nesting deeper than 64 levels");
}

TEST(a_hundred_thousand_brackets_do_no_harm)
{
    enum { LEN = 100000 };
    static char text[LEN];
    struct json_doc *doc;

    memset(text, '[', LEN);
    assert_int_equal(json_parse(text, LEN, &doc, NULL), ERR_PARSE);
    memset(text + LEN / 2, ']', LEN / 2);
    assert_int_equal(json_parse(text, LEN, &doc, NULL), ERR_PARSE);
    memcpy(text, "[1\" ", 4); /* not a string: the brackets behind it are brackets */
    assert_int_equal(json_parse(text, LEN, &doc, NULL), ERR_PARSE);
    for (int i = 0; i + 6 < LEN; i += 6)
        memcpy(text + i, "{\"a\":1", 6);
    assert_int_equal(json_parse(text, LEN, &doc, NULL), ERR_PARSE);
}

/* Whether documents with a few random bytes changed are accepted by both or by neither. */
TEST(the_reader_and_the_oracle_agree_on_damaged_documents)
{
    static const char *const documents[] = {
        "{\"a\":{\"b\":[1,{\"c\":null}],\"d\":true},\"e\":\"f\\u00e9\\n\"}",
        "[1,-2.5e+10,\"x\",[],{},[[0]],false, true ,null]",
        "{\"channel\":\"l2_data\",\"sequence_num\":0,\"events\":[{\"side\":\"bid\"}]}"};
    static const char bytes[] = "{}[]:,\"\\u0123.eE+-truefalsn \n\t/x\x01\x00\xc3";
    struct rng rng = rng_stream(7, "damage");
    int accepted = 0;

    for (int i = 0; i < 200000; i++) {
        char text[128];
        const char *document = documents[i % (int)ARRAY_LEN(documents)];
        size_t len = strlen(document);
        memcpy(text, document, len);
        for (uint64_t n = 1 + rng_below(&rng, 3); n > 0; n--) {
            size_t at = rng_below(&rng, len);
            text[at] = bytes[rng_below(&rng, sizeof bytes - 1)];
            if (rng_chance(&rng, 0.3)) {
                memmove(text + at, text + at + 1, len - at - 1);
                len--;
            }
        }
        struct json_doc *doc = NULL;
        bool ok = json_parse(text, len, &doc, NULL) == OK;
        if (ok != oracle_is_json(text, len))
            fail_msg("the reader %s %.*s", ok ? "accepts" : "refuses", (int)len, text);
        accepted += ok;
        if (ok)
            json_free(doc);
    }
    assert_in_range(accepted, 10000, 190000); /* both answers were tried */
}

/* The reader looks at eight bytes at a time. */
TEST(every_byte_at_every_place_of_a_string_is_judged_alike)
{
    for (size_t len = 3; len <= 20; len++)
        for (size_t at = 1; at < len - 1; at++)
            for (int byte = 0; byte < 256; byte++) {
                char text[20];
                struct json_doc *doc;
                memset(text, 'n', len);
                text[0] = text[len - 1] = '"';
                text[at] = (char)byte;
                bool ok = json_parse(text, len, &doc, NULL) == OK;
                if (ok)
                    json_free(doc);
                if (ok != oracle_is_json(text, len))
                    fail_msg("byte %d at %zu of %zu is judged wrong", byte, at, len);
            }
}

/* Moving about */

TEST(members_are_found_by_name)
{
    struct json_doc *doc = parse("{\"a\":1,\"bb\":{\"a\":2,\"c\":[]},\"c\":3,\"a\":4,\"\":5}");
    int root = json_root(doc);
    int64_t n = 0;

    assert_true(json_read_int(doc, json_find(doc, root, "a"), &n));
    assert_int_equal(n, 1);
    assert_true(json_read_int(doc, json_find(doc, json_find(doc, root, "bb"), "a"), &n));
    assert_int_equal(n, 2);
    assert_true(json_read_int(doc, json_find(doc, root, "c"), &n));
    assert_int_equal(n, 3);
    assert_true(json_read_int(doc, json_find(doc, root, ""), &n));
    assert_int_equal(n, 5);
    assert_int_equal(json_find(doc, root, "b"), JSON_NONE);
    assert_int_equal(json_find(doc, root, "bbb"), JSON_NONE);
    json_free(doc);
}

TEST(a_name_written_with_escapes_is_still_that_name)
{
    struct json_doc *doc = parse("{\"s\\u0069de\":\"bid\",\"a\\\\b\":1,\"\\u00e9\":2}");
    int root = json_root(doc);
    char text[8];
    int64_t n = 0;

    assert_true(json_read_text(doc, json_find(doc, root, "side"), text, sizeof text));
    assert_string_equal(text, "bid");
    assert_true(json_read_int(doc, json_find(doc, root, "a\\b"), &n));
    assert_true(json_read_int(doc, json_find(doc, root, "\xC3\xA9"), &n));
    assert_int_equal(n, 2);
    assert_int_equal(json_find(doc, root, "sid"), JSON_NONE);
    assert_int_equal(json_find(doc, root, "sides"), JSON_NONE);
    assert_int_equal(json_find(doc, root, "a\\\\b"), JSON_NONE);
    json_free(doc);
}

TEST(elements_and_members_are_reached_by_index)
{
    struct json_doc *doc = parse("{\"list\":[10,[20],{\"x\":30},40],\"end\":null}");
    int list = json_find(doc, json_root(doc), "list"), name = 42;
    int64_t n = 0;
    char text[8];

    assert_int_equal(json_count(doc, json_root(doc)), 2);
    assert_int_equal(json_count(doc, list), 4);
    assert_true(json_read_int(doc, json_at(doc, list, 3), &n));
    assert_int_equal(n, 40);
    assert_int_equal(json_kind(doc, json_at(doc, list, 1)), JSON_ARRAY);
    assert_int_equal(json_at(doc, list, 4), JSON_NONE);
    assert_int_equal(json_at(doc, list, -1), JSON_NONE);
    assert_int_equal(json_kind(doc, json_member(doc, json_root(doc), 1, &name)), JSON_NULL);
    assert_true(json_read_text(doc, name, text, sizeof text));
    assert_string_equal(text, "end");
    assert_int_equal(json_member(doc, json_root(doc), 2, &name), JSON_NONE);
    json_free(doc);
}

TEST(walking_stops_at_the_end_of_its_own_list)
{
    struct json_doc *doc = parse("[[1,[2]],[],[3]]");
    int root = json_root(doc), first = json_first(doc, root);

    assert_int_equal(json_next(doc, first, json_at(doc, first, 1)), JSON_NONE);
    int second = json_next(doc, root, first);
    assert_int_equal(json_first(doc, second), JSON_NONE);
    int third = json_next(doc, root, second);
    assert_int_equal(json_next(doc, root, third), JSON_NONE);
    json_free(doc);
}

TEST(nothing_can_be_asked_of_what_is_not_there)
{
    struct json_doc *doc = parse("{\"a\":1}");
    size_t len = 42;
    char text[4] = "old";
    int64_t n = 42;
    bool b = true;
    decimal d = D(42);
    int name = 42, missing = json_find(doc, json_root(doc), "b");

    assert_int_equal(missing, JSON_NONE);
    assert_int_equal(json_kind(doc, missing), JSON_MISSING);
    assert_int_equal(json_count(doc, missing), 0);
    assert_int_equal(json_find(doc, missing, "a"), JSON_NONE);
    assert_int_equal(json_at(doc, missing, 0), JSON_NONE);
    assert_int_equal(json_member(doc, missing, 0, &name), JSON_NONE);
    assert_int_equal(json_first(doc, missing), JSON_NONE);
    assert_int_equal(json_next(doc, missing, missing), JSON_NONE);
    assert_int_equal(json_value(doc, missing), JSON_NONE);
    assert_string_equal(json_raw(doc, missing, &len), "");
    assert_int_equal(len, 0);
    assert_false(json_read_text(doc, missing, text, sizeof text));
    assert_false(json_read_int(doc, missing, &n) || json_read_bool(doc, missing, &b) ||
                 json_read_decimal(doc, missing, &d));
    assert_string_equal(text, "old");
    assert_true(n == 42 && b && decimal_is_equal(d, D(42)) && name == 42);
    json_free(doc);
    json_free(NULL);
}

TEST(a_scalar_has_no_members_and_an_array_no_names)
{
    struct json_doc *doc = parse("[1,\"a\"]");
    int name;

    assert_int_equal(json_find(doc, json_root(doc), "a"), JSON_NONE);
    assert_int_equal(json_member(doc, json_root(doc), 0, &name), JSON_NONE);
    assert_int_equal(json_count(doc, json_at(doc, json_root(doc), 1)), 0);
    assert_int_equal(json_at(doc, json_at(doc, json_root(doc), 0), 0), JSON_NONE);
    json_free(doc);
}

/* Reading values */

static void assert_text(const char *json, const char *expected)
{
    struct json_doc *doc = parse(json);
    char text[64] = "unchanged";
    bool ok = json_read_text(doc, json_root(doc), text, sizeof text);

    assert_string_equal(ok ? text : "(refused)", expected);
    if (!ok)
        assert_string_equal(text, "unchanged");
    json_free(doc);
}

TEST(escapes_are_undone)
{
    assert_text("\"plain\"", "plain");
    assert_text("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
    assert_text("\"\\u0041\\u00e9\\u20AC\"", "A\xC3\xA9\xE2\x82\xAC");
    assert_text("\"\\ud83d\\ude00!\"", "\xF0\x9F\x98\x80!");
    assert_text("\"\xF0\x9F\x98\x80\"", "\xF0\x9F\x98\x80");
    assert_text("1", "(refused)");
    assert_text("null", "(refused)");
}

TEST(half_a_surrogate_pair_becomes_a_replacement_character)
{
    assert_text("\"\\ud83d\"", "\xEF\xBF\xBD");
    assert_text("\"\\ude00x\"", "\xEF\xBF\xBDx");
    assert_text("\"\\ud83dabcdef\"", "\xEF\xBF\xBD"
                                     "abcdef");
    assert_text("\"\\ud83d\\u0041\"", "\xEF\xBF\xBD"
                                      "A");
    assert_text("\"\\ud83d\\ud83d\\ude00\"", "\xEF\xBF\xBD\xF0\x9F\x98\x80");
}

TEST(a_nul_in_a_string_is_refused_rather_than_cutting_it_short)
{
    assert_text("\"BTC-USD\\u0000evil\"", "(refused)");
}

TEST(text_must_fit_with_its_terminator)
{
    struct json_doc *doc = parse("\"abc\\n\"");
    char text[5] = "old";

    assert_false(json_read_text(doc, 0, text, 0));
    assert_false(json_read_text(doc, 0, text, 4));
    assert_string_equal(text, "old");
    assert_true(json_read_text(doc, 0, text, 5));
    assert_string_equal(text, "abc\n");
    json_free(doc);
}

TEST(integers_are_exact_or_refused)
{
    static const struct {
        const char *json;
        bool ok;
        int64_t value;
    } rows[] = {{"0", true, 0},
                {"-0", true, 0},
                {"\"1639508050\"", true, 1639508050},
                {"9223372036854775807", true, INT64_MAX},
                {"-9223372036854775808", true, INT64_MIN},
                {"9223372036854775808", false, 0},
                {"-9223372036854775809", false, 0},
                {"99999999999999999999999", false, 0},
                {"1.0", false, 0},
                {"1e3", false, 0},
                {"\"\"", false, 0},
                {"\"-\"", false, 0},
                {"\" 1\"", false, 0},
                {"\"+1\"", false, 0},
                {"true", false, 0},
                {"null", false, 0},
                {"[1]", false, 0}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_doc *doc = parse(rows[i].json);
        int64_t value = 42;
        assert_int_equal(json_read_int(doc, json_root(doc), &value), rows[i].ok);
        assert_int_equal(value, rows[i].ok ? rows[i].value : 42);
        json_free(doc);
    }
}

TEST(truth_comes_bare_or_in_quotes)
{
    static const struct {
        const char *json, *value;
    } rows[] = {{"true", "yes"},     {"false", "no"},      {"\"true\"", "yes"},
                {"\"false\"", "no"}, {"\"True\"", "none"}, {"1", "none"},
                {"null", "none"},    {"\"\"", "none"},     {"[true]", "none"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_doc *doc = parse(rows[i].json);
        bool value = false;
        bool ok = json_read_bool(doc, json_root(doc), &value);
        assert_string_equal(!ok ? "none" : value ? "yes" : "no", rows[i].value);
        json_free(doc);
    }
}

TEST(decimals_come_bare_in_quotes_and_with_exponents)
{
    static const struct {
        const char *json, *value;
    } rows[] = {
        {"1.5", "1.5"},
        {"\"1.5\"", "1.5"},
        {"-0", "0"},
        {"\"0.1234567890123456\"", "0.123456789012"},
        {"\"0.1234567890125\"", "0.123456789012"},
        {"\"0.1234567890135\"", "0.123456789014"},
        {"1e-7", "0.0000001"},
        {"-1.25E+3", "-1250"},
        {"1.5e1", "15"},
        {"1.5e0", "1.5"},
        {"12345.678e-3", "12.345678"},
        {"12345.678e-5", "0.12345678"},
        {"12345.678e-6", "0.012345678"},
        {"\"1e-8\"", "0.00000001"},
        {"1e25", "10000000000000000000000000"},
        {"1e26", "none"},
        {"9e-13", "0.000000000001"},
        {"5e-13", "0"},
        {"1e-300", "0"},
        {"0e999999999999", "0"},
        {"1e999999999999", "none"},
        {"1.2345678901234567e+2", "123.456789012346"},
        {"\"1e\"", "none"},
        {"\"1e+\"", "none"},
        {"\"1e5x\"", "none"},
        {"\"e5\"", "none"},
        {"\"1.e5\"", "none"},
        {"\"1e1e1\"", "none"},
        {"\"\"", "none"},
        {"\"abc\"", "none"},
        {"\" 1\"", "none"},
        {"true", "none"},
        {"null", "none"},
        {"{}", "none"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct json_doc *doc = parse(rows[i].json);
        char text[DECIMAL_TEXT_MAX];
        decimal value = D(42);
        bool ok = json_read_decimal(doc, json_root(doc), &value);
        assert_string_equal(ok ? decimal_format(value, text) : "none", rows[i].value);
        json_free(doc);
    }
}

/* Writing */

static void write_everything(struct json_writer *w)
{
    json_open_object(w, NULL);
    json_add_text(w, "text", "a \"b\" \\ c");
    json_add_text(w, "none", NULL);
    json_add_bytes(w, "bytes", "abc", 2);
    json_add_int(w, "int", INT64_MIN);
    json_add_double(w, "double", 0.1);
    json_add_double(w, "nan", (double)__builtin_nanf(""));
    json_add_bool(w, "yes", true);
    json_add_null(w, "null");
    json_add_decimal(w, "price", decimal_negate(decimal_div(D(5), D(4), ROUND_DOWN)));
    json_open_array(w, "list");
    json_add_int(w, NULL, 1);
    json_open_object(w, NULL);
    json_close_object(w);
    json_open_array(w, NULL);
    json_close_array(w);
    json_close_array(w);
    json_close_object(w);
}

TEST(commas_and_quotes_come_by_themselves)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    write_everything(&w);
    assert_string_equal(buf_text(&out),
                        "{\"text\":\"a \\\"b\\\" \\\\ c\",\"none\":null,\"bytes\":\"ab\","
                        "\"int\":-9223372036854775808,\"double\":0.1,\"nan\":null,"
                        "\"yes\":true,\"null\":null,\"price\":\"-1.25\",\"list\":[1,{},[]]}");
    buf_clear(&out);
}

TEST(pretty_output_is_indented_by_two)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    w.pretty = true;
    json_open_object(&w, NULL);
    json_add_int(&w, "a", 1);
    json_open_array(&w, "list");
    json_add_int(&w, NULL, 2);
    json_open_object(&w, NULL);
    json_close_object(&w);
    json_close_array(&w);
    json_close_object(&w);
    assert_string_equal(buf_text(&out),
                        "{\n  \"a\": 1,\n  \"list\": [\n    2,\n    {}\n  ]\n}");
    buf_clear(&out);
}

TEST(what_is_written_can_be_read_plain_and_pretty)
{
    for (int pretty = 0; pretty < 2; pretty++) {
        struct buf out = BUF_INIT;
        struct json_writer w = json_writer_init(&out);
        w.pretty = pretty;
        write_everything(&w);
        assert_true(oracle_is_json(out.data, out.len));
        struct json_doc *doc = parse(buf_text(&out));
        assert_int_equal(json_count(doc, json_root(doc)), 10);
        json_free(doc);
        buf_clear(&out);
    }
}

static void assert_written(const char *bytes, size_t len, const char *expected)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    json_add_bytes(&w, NULL, bytes, len);
    assert_string_equal(buf_text(&out), expected);
    buf_clear(&out);
}

TEST(control_bytes_are_escaped)
{
    assert_written("\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\"");
    assert_written("\xC2\x9B!\xC2\xA0", 5, "\"\\u009b!\xC2\xA0\"");
    assert_written("\0\x1b[31m\x7f", 7, "\"\\u0000\\u001b[31m\\u007f\"");
}

TEST(text_that_is_not_utf8_is_mended)
{
    assert_written("\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", 9,
                   "\"\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80\"");
    assert_written("a\xFFz", 3, "\"a\xEF\xBF\xBDz\"");
    assert_written("\xC3", 1, "\"\xEF\xBF\xBD\"");
    assert_written("\xC0\x80", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\""); /* overlong */
    assert_written("\xED\xA0\x80", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""); /* D800 */
    assert_written("\xE0\x9F\xBF", 3, "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
    assert_written("\xF4\x90\x80\x80", 4,
                   "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\""); /* 110000 */
    assert_written("\xE2\x82", 2, "\"\xEF\xBF\xBD\xEF\xBF\xBD\"");
}

TEST(any_text_without_nul_comes_back_as_it_was)
{
    struct rng rng = rng_stream(11, "text");

    for (int i = 0; i < 20000; i++) {
        struct buf out = BUF_INIT;
        struct json_writer w = json_writer_init(&out);
        char text[24] = "", back[64];
        uint64_t len = rng_below(&rng, sizeof text);
        for (uint64_t k = 0; k < len; k++)
            text[k] = (char)rng_between(&rng, 1, 0x7F);
        json_add_text(&w, NULL, text);
        struct json_doc *doc = parse(buf_text(&out));
        assert_true(json_read_text(doc, json_root(doc), back, sizeof back));
        assert_string_equal(back, text);
        json_free(doc);
        buf_clear(&out);
    }
}

TEST(doubles_are_written_as_short_as_they_read_back)
{
    static const struct {
        double number;
        const char *text;
    } rows[] = {{0, "0"},
                {-0.0, "-0"},
                {5, "5"},
                {0.1, "0.1"},
                {0.1 + 0.2, "0.30000000000000004"},
                {1e300, "1e+300"},
                {-1.0 / 3, "-0.3333333333333333"},
                {(double)__builtin_inff(), "null"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out = BUF_INIT;
        struct json_writer w = json_writer_init(&out);
        json_add_double(&w, NULL, rows[i].number);
        assert_string_equal(buf_text(&out), rows[i].text);
        buf_clear(&out);
    }
}

TEST(an_odd_byte_is_escaped_wherever_it_stands_in_the_text)
{
    for (int c = 1; c < 256; c++) {
        for (size_t place = 0; place < 17; place++) {
            struct buf out = BUF_INIT;
            struct json_writer w = json_writer_init(&out);
            char text[18] = "abcdefghijklmnopq";
            text[place] = (char)c;
            json_open_object(&w, NULL);
            json_add_text(&w, text, text);
            json_close_object(&w);
            bool is_odd = c < ' ' || c == '"' || c == '\\' || c >= 0x7F;
            assert_int_equal(out.len > 2 * 17 + 7, is_odd);
            for (size_t i = 0; i < out.len; i++)
                assert_true(out.data[i] >= ' ' || out.data[i] < 0);
            json_free(parse(buf_text(&out)));
            buf_clear(&out);
        }
    }
}

TEST(whole_numbers_are_written_to_both_ends)
{
    static const struct {
        int64_t number;
        const char *text;
    } rows[] = {{0, "0"},
                {-1, "-1"},
                {1000000007, "1000000007"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct buf out = BUF_INIT;
        struct json_writer w = json_writer_init(&out);
        json_add_int(&w, NULL, rows[i].number);
        assert_string_equal(buf_text(&out), rows[i].text);
        buf_clear(&out);
    }
}
