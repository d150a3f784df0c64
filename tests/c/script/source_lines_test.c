#include "script/source_lines.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/rng.h"
#include "check.h"

static int line_of(const char *text, const char *path)
{
    struct source_lines *lines = source_lines_new(text, strlen(text));
    int line = source_lines_find(lines, path);

    source_lines_free(lines);
    return line;
}

TEST(keys_of_nested_tables_have_their_own_lines)
{
    static const char text[] = "return {\n"
                               "   cycle = \"1s\",\n"
                               "   risk = {\n"
                               "      max_order_value = 5,\n"
                               "      symbols = {\n"
                               "         [\"BTC-USD\"] = { max_order_size = 1,\n"
                               "            max_order_value = 2 },\n"
                               "      },\n"
                               "   },\n"
                               "   mock = { max_order_value = 7 };\n"
                               "}\n";

    assert_int_equal(line_of(text, "cycle"), 2);
    assert_int_equal(line_of(text, "risk"), 3);
    assert_int_equal(line_of(text, "risk.max_order_value"), 4);
    assert_int_equal(line_of(text, "risk.symbols.BTC-USD"), 6);
    assert_int_equal(line_of(text, "risk.symbols.BTC-USD.max_order_size"), 6);
    assert_int_equal(line_of(text, "risk.symbols.BTC-USD.max_order_value"), 7);
    assert_int_equal(line_of(text, "mock.max_order_value"), 10);
}

TEST(items_of_lists_are_numbered)
{
    static const char text[] = "return {\n"
                               "   symbols = { 'BTC-USD',\n"
                               "               'ETH-USD' },\n"
                               "   strategies = {\n"
                               "      { script = 'a', params = { fast = 1 } },\n"
                               "      {\n"
                               "         script = 'b',\n"
                               "         params = { fast = 2 } },\n"
                               "      'c',\n"
                               "   },\n"
                               "}\n";

    assert_int_equal(line_of(text, "symbols.1"), 2);
    assert_int_equal(line_of(text, "symbols.2"), 3);
    assert_int_equal(line_of(text, "strategies.1.params.fast"), 5);
    assert_int_equal(line_of(text, "strategies.2"), 6);
    assert_int_equal(line_of(text, "strategies.2.script"), 7);
    assert_int_equal(line_of(text, "strategies.2.params.fast"), 8);
    assert_int_equal(line_of(text, "strategies.3"), 9);
}

TEST(comments_and_strings_hide_what_looks_like_keys)
{
    static const char text[] = "-- return { a = 1 }\n"
                               "--[[ return {\n"
                               "a = 1 } ]]\n"
                               "--[==[ ]] a = 2\n"
                               "]==]\n"
                               "return { -- a = 3, {\n"
                               "   note = \"a = 4, } \\\" a = 5\",\n"
                               "   other = [[\n"
                               "a = 6 }\n"
                               "]], more = [=[ ]] }\n"
                               "]=],\n"
                               "   last = 'it\\'s }',\n"
                               "   a = 7,\n"
                               "}\n";

    assert_int_equal(line_of(text, "a"), 13);
    assert_int_equal(line_of(text, "other"), 8);
    assert_int_equal(line_of(text, "more"), 10);
    assert_int_equal(line_of(text, "last"), 12);
}

TEST(expressions_as_values_are_stepped_over)
{
    static const char text[] = "return {\n"
                               "   a = (1 + f(2, { b = 3 }))\n"
                               "      * 4,\n"
                               "   b = function(x, y) local c = 1, 2 return { d = 1 } end,\n"
                               "   c = 1 == 2,\n"
                               "   d = x and { e = 1 } or { f = 2 },\n"
                               "   [1 + 1] = 5,\n"
                               "   e = 0x1F, f = 1e-5, g = 3 .. 4,\n"
                               "   h = -1,\n"
                               "}\n";

    assert_int_equal(line_of(text, "b"), 4);
    assert_int_equal(line_of(text, "c"), 5);
    assert_int_equal(line_of(text, "d"), 6);
    assert_int_equal(line_of(text, "e"), 8);
    assert_int_equal(line_of(text, "g"), 8);
    assert_int_equal(line_of(text, "h"), 9);
}

TEST(local_tables_are_followed)
{
    static const char text[] = "local limits = {\n"
                               "   max_order_value = 5,\n"
                               "}\n"
                               "local profile = {\n"
                               "   risk = limits,\n"
                               "}\n"
                               "profile.mock = { seed = 1 }\n"
                               "profile.risk.max_positions = 3\n"
                               "profile[\"log\"] = {\n"
                               "   level = 'info' }\n"
                               "return profile\n";

    assert_int_equal(line_of(text, "risk"), 5);
    assert_int_equal(line_of(text, "risk.max_order_value"), 2);
    assert_int_equal(line_of(text, "mock.seed"), 7);
    assert_int_equal(line_of(text, "risk.max_positions"), 8);
    assert_int_equal(line_of(text, "log.level"), 10);
}

TEST(returns_inside_functions_are_not_the_files)
{
    static const char text[] = "local function f()\n"
                               "   if true then return { a = 1 } end\n"
                               "   for i = 1, 2 do return { a = 2 } end\n"
                               "   repeat local x = { a = 3 } until x\n"
                               "end\n"
                               "return {\n"
                               "   a = f(),\n"
                               "}\n";

    assert_int_equal(line_of(text, "a"), 7);
}

TEST(what_is_not_seen_has_the_line_around_it)
{
    static const char text[] = "return {\n"
                               "   risk = make(),\n"
                               "}\n";

    assert_int_equal(line_of(text, "risk.max_order_value"), 2);
    assert_int_equal(line_of(text, "mock.seed"), 1);
    assert_int_equal(line_of("x = 1", "a"), 0);
    assert_int_equal(line_of("", "a"), 0);
}

TEST(of_two_keys_of_one_name_the_later_counts)
{
    assert_int_equal(line_of("return {\na = 1,\na = 2,\n}", "a"), 3);
}

TEST(broken_text_is_read_without_harm)
{
    static const char *const texts[] = {
        "return {",
        "return { a =",
        "return { a = [==[",
        "return { [",
        "return { ['a'",
        "return { ['a'] = ",
        "return \"a\\",
        "--[[",
        "--[=",
        "local",
        "local a = a return a",
        "a.b.c",
        "a[",
        "return { a = { { { {",
        "[",
        "'",
        "\\",
        "a = b b = a return a",
    };

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_in_range(line_of(texts[i], "a.b"), 0, 1);
}

TEST(any_soup_of_words_is_read_to_its_end)
{
    static const char *const words[] = {
        "return", "local", "function", "end", "if",   "do", "repeat", "until", "a",
        "b",      "risk",  "=",        "==",  "{",    "}",  "[",      "]",     "[[",
        "]]",     "[=[",   "]=]",      "(",   ")",    ",",  ";",      ".",     "..",
        "\"",     "'",     "\\",       "--",  "--[[", "\n", "1",      "0x",    "-",
    };
    struct rng rng = rng_stream(20260105, "soup");
    struct buf text = BUF_INIT;

    for (int i = 0; i < 3000; i++) {
        buf_reset(&text);
        for (uint64_t n = rng_below(&rng, 60); n > 0; n--)
            buf_add_format(&text, "%s ", words[rng_below(&rng, ARRAY_LEN(words))]);
        assert_in_range(line_of(buf_text(&text), "a.b.risk"), 0, 61);
    }
    buf_clear(&text);
}

/* "key 2 5", or "" when none is there twice. */
static const char *repeat_in(const char *text)
{
    static char said[100];
    struct source_lines *lines = source_lines_new(text, strlen(text));
    struct source_repeat repeat;

    said[0] = '\0';
    if (source_lines_find_repeat(lines, &repeat))
        snprintf(said, sizeof said, "%s %d %d", repeat.key, repeat.first, repeat.second);
    source_lines_free(lines);
    return said;
}

TEST(a_key_that_one_table_has_twice_is_found)
{
    assert_string_equal(repeat_in("return { a = 1,\n b = 2,\n a = 3 }"), "a 1 3");
    assert_string_equal(repeat_in("return { r = { x = 1,\n ['x'] = 2 } }"), "x 1 2");
    assert_string_equal(repeat_in("local t = {\na = 1, a = 1 } return t"), "a 2 2");
    assert_string_equal(repeat_in("return { a = 1, b = 1, b = 2, a = 2 }"), "b 1 1");
}

TEST(equal_keys_of_different_tables_are_no_repeat)
{
    static const char *const texts[] = {
        "return { { a = 1 }, { a = 1 } }",
        "return { x = { a = 1 }, y = { a = 1 }, a = 1 }",
        "return { 'x', ['1'] = 2 }",
        "return { a = f { b = 1 }, b = g { b = 2 } }",
        "return { a = 1, -- a = 2\n b = 'a = 3' }",
        "return { a = a == 1, b = a == 2 }",
        "t.a = 1 t.a = 2 return t",
        "return { [a] = 1, [b] = 2, [a .. b] = 3 }",
    };

    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        assert_string_equal(repeat_in(texts[i]), "");
}
