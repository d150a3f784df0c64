#include "script/shortcuts.h"

#include <string.h>

#include "base/rng.h"
#include "check.h"
#include "script/sandbox_private.h"
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

/* ---- made-up programs ---- */

static const char *const names[] = {"max", "math", "type", "len", "string", "utf8", "x", "_G"};

static void add_program(struct rng *rng, int depth, struct buf *out);

/* %N: a name, %E: an expression, %S: a program. */
static void add_form(struct rng *rng, const char *form, int depth, struct buf *out)
{
    static const char *const expressions[] = {
        "math.max(1, %E)",
        "type(%E)",
        "string.len('ab')",
        "utf8.len('abc')",
        "%N",
        "math.type(%E)",
        "%N.%N",
        "'%N'",
        "{%N = %E}",
        "1",
        "(function(%N, ...) %S return %E end)(%E)",
        "select('#', %N)",
        "#'max' + 1",
        "math.pi",
        "(math).max(2, 1)",
        "math . max(3)",
        "--[[ %N ]] 5",
        "('x'):len()",
        "[[%N]]",
    };

    for (; *form; form++) {
        if (*form != '%') {
            buf_add(out, form, 1);
            continue;
        }
        form++;
        if (*form == 'N')
            buf_add_text(out, names[rng_below(rng, ARRAY_LEN(names))]);
        else if (*form == 'S')
            add_program(rng, depth - 1, out);
        else if (depth > 0)
            add_form(rng, expressions[rng_below(rng, ARRAY_LEN(expressions))], depth - 1, out);
        else
            buf_add_text(out, "7");
    }
}

static void add_program(struct rng *rng, int depth, struct buf *out)
{
    static const char *const statements[] = {
        "local %N = %E ",
        "local %N, %N <const> = %E, %E ",
        "do %S end ",
        "local function %N(%N) %S return %E end ",
        "%N = %E ",
        "local x <const> = %E ",
        "for %N = 1, 2 do %S end ",
        "goto %N %S ::%N:: ",
        "-- %E\n",
        "if %E == %E then %S end ",
        "for %N in pairs({%E}) do %S end ",
        "x = x or %E\n",
        "local _ENV = {%N = %E, type = type} ",
        "math.%N = %E ",
    };

    for (int64_t i = rng_between(rng, 0, 3); depth > 0 && i > 0; i--)
        add_form(rng, statements[rng_below(rng, ARRAY_LEN(statements))], depth, out);
}

/* What a chunk says, without the names of variables that messages of errors have. */
static void answer_of(struct sandbox *sandbox, const struct buf *chunk, char out[ANSWER_MAX])
{
    strcpy(out, run_in(sandbox, chunk->data, chunk->len));
    if (strncmp(out, "error: t.lua:", 13) == 0)
        out[13 + strspn(out + 13, "0123456789")] = '\0';
}

static struct sandbox *fast, *plain;

/* A recursion without end kills its sandbox. */
static void renew(void)
{
    if (fast && !sandbox_is_dead(fast) && !sandbox_is_dead(plain))
        return;
    sandbox_free(fast);
    sandbox_free(plain);
    fast = new_sandbox(NULL);
    plain = new_sandbox(NULL);
    shortcuts_free(plain->shortcuts);
    plain->shortcuts = NULL;
}

TEST(made_up_programs_do_the_same_with_shortcuts_and_without)
{
    char with[ANSWER_MAX], without[ANSWER_MAX];
    struct rng rng = rng_stream(17, "programs");
    struct buf chunk = BUF_INIT;
    int succeeded = 0, rewritten = 0;

    for (int i = 0; i < 4000; i++) {
        renew();
        buf_reset(&chunk);
        buf_add_text(&chunk, "local x ");
        add_program(&rng, 3, &chunk);
        add_form(&rng, "\nreturn tostring((%E))", 3, &chunk);
        buf_reset(&fast->with_shortcuts);
        answer_of(fast, &chunk, with);
        answer_of(plain, &chunk, without);
        bool died = sandbox_is_dead(fast) || sandbox_is_dead(plain);
        if (!died && strcmp(with, without) != 0)
            fail_msg("%s\n  with: %s, without: %s\n%s", chunk.data, with, without,
                     buf_text(&fast->with_shortcuts));
        bool is_result = !died && strncmp(with, "error", 5) != 0;
        succeeded += is_result;
        rewritten += is_result && fast->with_shortcuts.len > 0;
    }
    assert_in_range(succeeded, 500, 4000); /* else it is the programs that are wrong */
    assert_in_range(rewritten, 300, 4000);
    buf_clear(&chunk);
    sandbox_free(fast);
    sandbox_free(plain);
}
