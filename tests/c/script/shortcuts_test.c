#include "script/shortcuts.h"

#include <string.h>

#include "check.h"
#include "scripts.h"

/* A world of four libraries and three globals. */
static struct shortcuts *new_shortcuts(void)
{
    static const char *const members[][2] = {
        {NULL, "buy"},     {NULL, "type"},     {NULL, "print"},
        {"math", "max"},   {"math", "type"},   {"ta", "crossed_above"},
        {"string", "len"}, {"string", "type"}, {"utf8", "len"},
    };
    struct shortcuts *shortcuts = shortcuts_new();

    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        shortcuts_add(shortcuts, members[i][0], members[i][1]);
    return shortcuts;
}

/* The chunk with shortcuts, "" when it is left alone. */
static const char *with_shortcuts(const char *text)
{
    static struct buf out;
    struct shortcuts *shortcuts = new_shortcuts();

    buf_reset(&out);
    bool changed = shortcuts_apply(shortcuts, text, strlen(text), &out);
    assert_true(changed == (out.len > 0));
    shortcuts_free(shortcuts);
    return buf_text(&out);
}

TEST(what_a_chunk_reads_is_declared_before_its_first_line)
{
    assert_string_equal(with_shortcuts("return buy('x')"),
                        "local buy<const> = buy;return buy('x')");
    assert_string_equal(with_shortcuts("if ta.crossed_above(a, b) then return buy() end\n"),
                        "local buy<const>,crossed_above<const> = buy,ta.crossed_above;"
                        "if crossed_above(a, b) then return buy() end\n");
    assert_string_equal(with_shortcuts("return 1"), "");
    assert_string_equal(with_shortcuts(""), "");
}

TEST(a_shortcut_hides_no_name_of_the_chunk)
{
    assert_string_equal(with_shortcuts("local max = math.max(1, 2)"),
                        "local math_max<const> = math.max;local max = math_max(1, 2)");
    assert_string_equal(with_shortcuts("f { max = math.max }"),
                        "local math_max<const> = math.max;f { max = math_max }");
    assert_string_equal(with_shortcuts("goto max math.max() ::max:: math_max = 1"), "");
    assert_string_equal(with_shortcuts("return type(x), math.type(x)"),
                        "local type<const>,math_type<const> = type,math.type;"
                        "return type(x), math_type(x)");
    assert_string_equal(with_shortcuts("return string.len(utf8.len(x))"),
                        "local len<const>,utf8_len<const> = string.len,utf8.len;"
                        "return len(utf8_len(x))");
}

TEST(a_library_the_chunk_names_by_itself_is_left_alone)
{
    static const char *const chunks[] = {
        "local ta = {} return ta.crossed_above",
        "return function(ta) return ta.crossed_above end",
        "for ta in x do ta.crossed_above() end",
        "for ta = 1, 2 do ta.crossed_above() end",
        "local function ta() end ta.crossed_above()",
        "local x, ta <const> = 1, 2 ta.crossed_above()",
        "local t = ta return ta.crossed_above",
        "ta.other() ta.crossed_above()",
        "ta.crossed_above() ta . crossed_above()",
        "ta.crossed_above() ta.--[[]]crossed_above()",
        "local a\rlocal ta -- \r= 5\rta.crossed_above()",
    };

    for (size_t i = 0; i < ARRAY_LEN(chunks); i++)
        assert_string_equal(with_shortcuts(chunks[i]), "");
}

TEST(members_of_other_tables_are_no_names)
{
    assert_string_equal(with_shortcuts("return x.ta.crossed_above, x.buy, x:type(), x.y.print"),
                        "");
    assert_string_equal(with_shortcuts("return x.max, math.max"),
                        "local max<const> = math.max;return x.max, max");
    assert_string_equal(with_shortcuts("return 'a'..math.max(...)math.max()"),
                        "local max<const> = math.max;return 'a'..max(...)max()");
}

TEST(strings_and_comments_are_left_alone)
{
    assert_string_equal(with_shortcuts("return 'math.max', [[math.max]], \"\\\"math.max\" "
                                       "-- math.max\n--[==[ ]] math.max ]==]"),
                        "");
    assert_string_equal(with_shortcuts("return 'buy\\' ', buy -- buy"),
                        "local buy<const> = buy;return 'buy\\' ', buy -- buy");
}

TEST(a_chunk_with_an_environment_of_its_own_is_left_alone)
{
    assert_string_equal(with_shortcuts("local _ENV = {} return buy"), "");
    assert_string_equal(with_shortcuts("return function(_ENV) return math.max end"), "");
}

/* From here on in the sandbox. */

TEST(both_texts_mean_the_same)
{
    static const struct {
        const char *script, *result;
    } cases[] = {
        {"local t = {time = 5} return t.time, type(time.now())", "5"},
        {"local max = 7 return math.max(max, 2)", "7"},
        {"local function f(math) return math.max end return f { max = 3 }", "3"},
        {"do local type = function() return 'mine' end return type(1) end", "mine"},
        {"return math.type(1) .. type(1)", "integernumber"},
        {"return string.len('abc') + utf8.len('abc')", "6"},
        {"local s = 'x' return s:rep(3) .. string.rep('y', 2)", "xxxyy"},
        {"return select('#', ...)", "0"},
        {"local _ENV = {math = {max = function() return 'mine' end}} return math.max(1)",
         "mine"},
        {"return (function(_ENV) return type end)({type = 'theirs'})", "theirs"},
        {"return 'type', [[math.max]]", "type"},
        {"return -- type\ntype(1) --[[ math.max ]]", "number"},
        {"local r = {} for type = 1, 3 do r[#r + 1] = type end return table.concat(r, ' ')",
         "1 2 3"},
        {"goto type do return 'no' end ::type:: return 'yes'", "yes"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(run(cases[i].script), cases[i].result);
}

TEST(what_does_not_compile_with_shortcuts_runs_without)
{
    struct buf text = BUF_INIT;

    buf_add_text(&text, "local n = 0\n");
    for (int i = 0; i < 199; i++)
        buf_add_format(&text, "local v%d = math.max(%d, type(1) and 0)\n", i, i);
    buf_add_text(&text, "return v198");
    assert_string_equal(run(buf_text(&text)), "198");
    buf_clear(&text);
    assert_string_equal(run("return pcall(function() math.max = 1 end)"), "false");
    assert_string_equal(run("type = 1"),
                        "error: t.lua:1: globals are read-only: make 'type' a local variable");
    assert_string_equal(run("\nfunction math.max() end"),
                        "error: t.lua:2: this table is read-only (field 'max')");
}

TEST(a_text_that_lua_refuses_is_refused)
{
    assert_string_equal(run("local math.max = 1"),
                        "error: t.lua:1: unexpected symbol near '.'");
    assert_string_equal(run("for math.max = 1, 2 do end"),
                        "error: t.lua:1: '=' or 'in' expected near '.'");
    assert_string_equal(run("\nreturn 'type"), "error: t.lua:2: unfinished string near <eof>");
}

TEST(complaints_name_the_line_and_the_function)
{
    assert_string_equal(
        run("\n\nreturn math.floor({})"),
        "error: t.lua:3: bad argument #1 to 'floor' (number expected, got table)");
    assert_string_equal(run("\nlocal x = math.flor(1)"),
                        "error: t.lua:2: attempt to call a nil value (field 'flor')");
}
