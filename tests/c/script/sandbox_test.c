#include "scripts.h"

#include <locale.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

/* Chunks and their errors. */

TEST(a_chunk_returns_a_value)
{
    assert_string_equal(run("return 1 + 1"), "2");
}

TEST(an_undefined_variable_is_an_error_with_file_and_line)
{
    assert_string_equal(run("\nreturn foo"), "error: t.lua:2: undefined variable 'foo'");
}

TEST(a_global_cannot_be_assigned)
{
    assert_string_equal(run("x = 1"),
                        "error: t.lua:1: globals are read-only: make 'x' a local variable");
}

TEST(an_endless_loop_is_stopped)
{
    assert_string_equal(run("while true do end"),
                        "budget: t.lua:1: stopped: more than 20 ms in one call");
}

TEST(memory_is_limited)
{
    struct sandbox_options options = {.name = "test",
                                      .limits = {.memory = 1 << 20, .call = SECONDS(5)}};
    struct sandbox *sandbox = new_sandbox(&options);
    const char *bomb = "local t = {} for i = 1, 1e9 do t[i] = {} end";

    assert_string_equal(run_in(sandbox, bomb, strlen(bomb)),
                        "budget: t.lua:1: stopped: more than 1 MiB of memory");
    sandbox_free(sandbox);
}

TEST(an_error_leaves_the_sandbox_as_it_was)
{
    struct sandbox *sandbox = new_sandbox(NULL);

    for (int i = 0; i < 100; i++)
        assert_string_equal(run_in(sandbox, "error('no')", 11), "error: t.lua:1: no");
    assert_string_equal(run_in(sandbox, "return 'fine'", 13), "fine");
    assert_false(sandbox_is_dead(sandbox));
    sandbox_free(sandbox);
}

TEST(garbage_is_collected_between_calls)
{
    struct sandbox *sandbox = new_sandbox(NULL);
    const char *script = "local t = {} for i = 1, 2000 do t[i] = {i} end return #t";

    run_in(sandbox, script, strlen(script));
    sandbox_collect(sandbox);
    size_t before = sandbox_memory_used(sandbox);
    for (int i = 0; i < 100; i++)
        assert_string_equal(run_in(sandbox, script, strlen(script)), "2000");
    sandbox_collect(sandbox);
    assert_int_equal(sandbox_memory_used(sandbox), before);
    sandbox_free(sandbox);
}

/* Calls. */

static int load(struct sandbox *sandbox, const char *script)
{
    struct fault why;
    int value;

    if (sandbox_load(sandbox, "t.lua", script, strlen(script), 0, &value, &why))
        fail_msg("%s", why.text);
    return value;
}

TEST(numbers_go_in_and_out)
{
    struct sandbox *sandbox = new_sandbox(NULL);
    int sum = load(sandbox, "return function(a, b, c) return a + b + c, a * b * c end");

    for (int i = 0; i < 1000; i++) {
        lua_State *L = sandbox_enter(sandbox, sum);
        lua_pushnumber(L, i);
        lua_pushnumber(L, 2);
        lua_pushnumber(L, 0.5);
        assert_int_equal(sandbox_call(sandbox, 3, 2, 0, NULL), OK);
        assert_true(lua_tonumber(L, -2) == i + 2.5);
        assert_true(lua_tonumber(L, -1) == i);
        sandbox_leave(sandbox);
    }
    sandbox_free(sandbox);
}

TEST(what_is_kept_stays_at_hand)
{
    static const char script[] = "local n = 0 return function(by) n = n + by "
                                 "if n > 100 then error('enough') end "
                                 "if n % 2 == 0 then return n, n, n end end";
    struct sandbox *sandbox = new_sandbox(NULL);
    int add, result;

    assert_int_equal(sandbox_load(sandbox, "add.lua", script, strlen(script), 0, &add, NULL),
                     OK);
    int kept = sandbox_keep(sandbox, add);
    for (int n = 1; n <= 101; n++) {
        lua_State *L = sandbox_enter_kept(sandbox, kept);
        lua_pushinteger(L, 1);
        enum err err = sandbox_call(sandbox, 1, LUA_MULTRET, 0, NULL);
        assert_int_equal(err, n > 100 ? ERR_SCRIPT : OK);
        if (!err) {
            assert_int_equal(sandbox_take_result(sandbox, &result), n % 2 == 0);
            if (n % 2 == 0)
                assert_int_equal(lua_tointeger(L, result), n);
            assert_int_equal(lua_gettop(L), kept + (n % 2 == 0));
        }
        sandbox_leave(sandbox);
        sandbox_collect(sandbox);
    }
    sandbox_free(sandbox);
}

TEST(a_failed_call_can_be_followed_by_another_one)
{
    struct sandbox *sandbox = new_sandbox(NULL);
    struct fault why;
    int check = load(sandbox, "return function(ok) assert(ok, 'not ok') return 1 end");

    for (int i = 0; i < 10; i++) {
        lua_State *L = sandbox_enter(sandbox, check);
        lua_pushboolean(L, i % 2);
        enum err err = sandbox_call(sandbox, 1, 1, 0, &why);
        assert_int_equal(err, i % 2 ? OK : ERR_SCRIPT);
        if (err)
            assert_string_equal(why.text, "t.lua:1: not ok");
        sandbox_leave(sandbox);
    }
    sandbox_free(sandbox);
}

TEST(one_call_can_have_a_bigger_budget)
{
    struct sandbox_options options = {.name = "test", .limits = {.call = MILLISECONDS(2)}};
    const char *script =
        "return function() local n = 0 for i = 1, 2e6 do n = n + i % 3 end end";
    struct fault why;

    for (int i = 0; i < 2; i++) {
        struct sandbox *sandbox = new_sandbox(&options);
        int work = load(sandbox, script);
        sandbox_enter(sandbox, work);
        enum err err = sandbox_call(sandbox, 0, 0, i ? SECONDS(20) : 0, &why);
        assert_string_equal(err_name(err), i ? "ok" : "budget");
        sandbox_leave(sandbox);
        sandbox_free(sandbox);
    }
}

static int doubled(lua_State *L)
{
    lua_pushnumber(L, 2 * luaL_checknumber(L, 1));
    return 1;
}

struct exchange {
    int function;
    char text[32];
    double number;
};

/* What is not quick: strings in, a table out. */
static void exchange(lua_State *L, void *context)
{
    struct exchange *exchange = context;

    assert_int_equal(lua_gettop(L), 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, exchange->function);
    lua_pushstring(L, "symbol");
    lua_pushcfunction(L, doubled);
    lua_call(L, 2, 1);
    lua_pushliteral(L, "text");
    lua_rawget(L, -2);
    snprintf(exchange->text, sizeof exchange->text, "%s", lua_tostring(L, -1));
    lua_pushliteral(L, "number");
    lua_rawget(L, -3);
    exchange->number = lua_tonumber(L, -1);
}

TEST(a_body_may_allocate_and_read_tables)
{
    struct sandbox *sandbox = new_sandbox(NULL);
    struct exchange it = {.function = load(sandbox, "return function(s, f) "
                                                    "return {text = s:upper(), number = f(21)} "
                                                    "end")};

    assert_int_equal(sandbox_run(sandbox, exchange, &it, 0, NULL), OK);
    assert_string_equal(it.text, "SYMBOL");
    assert_true(it.number == 42);
    sandbox_free(sandbox);
}

static void raise_error(lua_State *L, void *unused)
{
    (void)unused;
    luaL_error(L, "the host says %d", 7);
}

TEST(an_error_of_a_body_is_a_fault)
{
    struct sandbox *sandbox = new_sandbox(NULL);
    struct fault why;

    assert_int_equal(sandbox_run(sandbox, raise_error, NULL, 0, &why), ERR_SCRIPT);
    assert_string_equal(why.text, "the host says 7");
    sandbox_free(sandbox);
}

/* What a host installs. */

struct host {
    struct sandbox *other;
    int function;
    char lines[4096];
    int times;
};

static void on_print(void *context, const char *line)
{
    struct host *host = context;

    host->times++;
    if (strlen(host->lines) + strlen(line) + 2 < sizeof host->lines)
        strcat(strcat(host->lines, line), "\n");
}

static int count_calls(lua_State *L)
{
    struct host *host = sandbox_port(L)->host;

    lua_pushinteger(L, ++host->times);
    return 1;
}

struct bar {
    uint64_t call;
    double close;
};

static int bar_index(lua_State *L)
{
    struct bar *bar = luaL_checkudata(L, 1, "test.bar");

    if (bar->call != sandbox_port(L)->call)
        return luaL_error(L, "bar is only valid inside the handler that received it");
    lua_pushnumber(L, bar->close);
    return 1;
}

static int new_bar(lua_State *L)
{
    struct bar *bar = lua_newuserdatauv(L, sizeof *bar, 0);

    *bar = (struct bar){sandbox_port(L)->call, 101.5};
    luaL_setmetatable(L, "test.bar");
    return 1;
}

static void install_bar(lua_State *L)
{
    lua_createtable(L, 0, 1);
    lua_pushcfunction(L, bar_index);
    lua_setfield(L, -2, "__index");
    sandbox_add_type(L, "test.bar");
    lua_pushcfunction(L, new_bar);
    lua_setfield(L, -2, "new_bar");
    lua_pushcfunction(L, count_calls);
    lua_setfield(L, -2, "count_calls");
}

/* A library written in Lua, its tables nested and cyclic. */
static void install_prelude(lua_State *L)
{
    static const char prelude[] =
        "local class = {} class.__index = class class.deep = {x = {1}} "
        "function class.new() return setmetatable({}, class) end "
        "function class:hello() return 'hello' end return class";

    sandbox_push_chunk(L, "prelude.lua", prelude, sizeof prelude - 1);
    lua_call(L, 0, 1);
    lua_setfield(L, -2, "class");
}

static struct sandbox *new_with_host(struct host *host)
{
    static void (*const install[])(lua_State *) = {install_bar, install_prelude, NULL};
    struct sandbox_options options = {
        .name = "test", .host = host, .print = on_print, .install = install};

    return new_sandbox(&options);
}

static void expect(struct sandbox *sandbox, const char *script, const char *answer)
{
    assert_string_equal(run_in(sandbox, script, strlen(script)), answer);
}

TEST(installed_functions_reach_the_host)
{
    struct host host = {0};
    struct sandbox *sandbox = new_with_host(&host);

    expect(sandbox, "count_calls() return count_calls()", "2");
    assert_int_equal(host.times, 2);
    sandbox_free(sandbox);
}

TEST(what_is_installed_becomes_read_only)
{
    struct host host = {0};
    struct sandbox *sandbox = new_with_host(&host);

    expect(sandbox, "return class.new():hello()", "hello");
    expect(sandbox, "class.hello = 1",
           "error: t.lua:1: this table is read-only (field 'hello')");
    expect(sandbox, "rawset(class.deep.x, 1, 2)", "error: t.lua:1: this table is read-only");
    expect(sandbox, "class.__index.new = 1",
           "error: t.lua:1: this table is read-only (field 'new')");
    expect(sandbox, "return class.deep.x[1]", "1");
    expect(sandbox, "count_calls = 1",
           "error: t.lua:1: globals are read-only: make 'count_calls' a local variable");
    expect(sandbox, "return getmetatable(new_bar())", "false");
    expect(sandbox, "setmetatable(new_bar(), {})",
           "error: t.lua:1: bad argument #1 to 'setmetatable' (table expected, got test.bar)");
    sandbox_free(sandbox);
}

TEST(what_is_lent_ends_with_the_call)
{
    struct host host = {0};
    struct sandbox *sandbox = new_with_host(&host);
    int handler = load(sandbox, "local kept return function() "
                                "if kept then return kept.close end "
                                "kept = new_bar() return kept.close end");
    struct fault why;

    lua_State *L = sandbox_enter(sandbox, handler);
    assert_int_equal(sandbox_call(sandbox, 0, 1, 0, &why), OK);
    assert_true(lua_tonumber(L, -1) == 101.5);
    sandbox_leave(sandbox);
    sandbox_enter(sandbox, handler);
    assert_int_equal(sandbox_call(sandbox, 0, 1, 0, &why), ERR_SCRIPT);
    assert_string_equal(why.text,
                        "t.lua:1: bar is only valid inside the handler that received it");
    sandbox_leave(sandbox);
    sandbox_free(sandbox);
}

static void install_badly(lua_State *L)
{
    luaL_error(L, "cannot install");
}

static void install_endlessly(lua_State *L)
{
    sandbox_push_chunk(L, "prelude.lua", "while true do end", 17);
    lua_call(L, 0, 0);
}

TEST(a_host_that_cannot_install_gets_no_sandbox)
{
    static void (*const badly[])(lua_State *) = {install_badly, NULL};
    static void (*const endlessly[])(lua_State *) = {install_endlessly, NULL};
    struct sandbox_options options = {.name = "test", .install = badly};
    struct sandbox *sandbox;
    struct fault why;

    assert_int_equal(sandbox_new(&options, &sandbox, &why), ERR_SCRIPT);
    assert_string_equal(why.text, "cannot install");
    options.install = endlessly;
    assert_int_equal(sandbox_new(&options, &sandbox, &why), ERR_BUDGET);
    assert_string_equal(why.text, "prelude.lua:1: stopped: more than 1000 ms in one call");
}

/* A sandbox inside the call of another one, as an ensemble asks its signals. */

static int ask_other(lua_State *L)
{
    struct host *host = sandbox_port(L)->host;
    double answer = -1;

    sandbox_host_begin(L);
    lua_State *other = sandbox_enter(host->other, host->function);
    if (other) {
        if (!sandbox_call(host->other, 0, 1, 0, NULL))
            answer = lua_tonumber(other, -1);
        sandbox_leave(host->other);
    }
    sandbox_host_end(L);
    lua_pushnumber(L, answer);
    return 1;
}

static void install_ask(lua_State *L)
{
    lua_pushcfunction(L, ask_other);
    lua_setfield(L, -2, "ask");
}

static struct sandbox *new_asking(struct host *host, const char *answer)
{
    static void (*const install[])(lua_State *) = {install_ask, NULL};
    struct sandbox_options options = {.name = "outer", .host = host, .install = install};

    host->other = new_sandbox(NULL);
    host->function = load(host->other, answer);
    return new_sandbox(&options);
}

TEST(sandboxes_nest)
{
    struct host host;
    struct sandbox *outer = new_asking(&host, "return function() return 7 end");

    expect(outer, "return ask() + ask()", "14.0");
    sandbox_free(outer);
    sandbox_free(host.other);
}

TEST(an_inner_sandbox_dies_alone)
{
    struct host host;
    struct sandbox *outer = new_asking(&host, "return function() while true do end end");

    int value = load(outer, "return function() return ask() end");
    lua_State *L = sandbox_enter(outer, value);
    assert_int_equal(sandbox_call(outer, 0, 1, SECONDS(20), NULL), OK);
    assert_true(lua_tonumber(L, -1) == -1);
    sandbox_leave(outer);
    assert_true(sandbox_is_dead(host.other));
    assert_false(sandbox_is_dead(outer));
    sandbox_free(outer);
    sandbox_free(host.other);
}

TEST(an_outer_sandbox_cannot_hide_behind_inner_calls)
{
    struct host host;
    struct sandbox *outer = new_asking(&host, "return function() return 1 end");

    expect(outer, "while true do ask() end",
           "budget: t.lua:1: stopped: more than 20 ms in one call");
    assert_false(sandbox_is_dead(host.other));
    expect(host.other, "return 1", "1");
    sandbox_free(outer);
    sandbox_free(host.other);
}

/* print */

TEST(print_hands_over_one_escaped_line)
{
    struct host host = {0};
    struct sandbox *sandbox = new_with_host(&host);

    expect(sandbox, "print('a', 1, nil, {}, 'x\\ny\\27[31m\\0', 'é€')", "nil");
    assert_string_equal(host.lines, "a 1 nil table x\\ny\\x1B[31m\\x00 é€\n");
    sandbox_free(sandbox);
}

TEST(a_long_line_is_cut)
{
    struct host host = {0};
    struct sandbox *sandbox = new_with_host(&host);

    expect(sandbox, "print(('x'):rep(100000), 'more', 'and more')", "nil");
    assert_in_range(strlen(host.lines), 990, 1001);
    assert_string_equal(host.lines + strlen(host.lines) - 5, "x...\n");
    sandbox_free(sandbox);
}

TEST(a_flood_of_lines_is_dropped_and_said)
{
    struct host host = {0};
    struct sandbox *sandbox = new_with_host(&host);
    const char *flood = "for i = 1, 1000 do print(('x'):rep(99)) end";

    expect(sandbox, flood, "nil");
    assert_int_equal(host.times, 16 * 1024 / 100 + 1);
    host.lines[0] = '\0';
    for (int i = 0; i < 2; i++)
        expect(sandbox, "print('later')", "nil");
    assert_string_equal(host.lines, "(837 lines were dropped)\nlater\nlater\n");
    sandbox_free(sandbox);
}

/* require */

static enum err find_module(void *context, const char *module, struct sandbox_source *out,
                            struct fault *why)
{
    struct host *host = context;
    static const char *const modules[][2] = {
        {"ok", "local n = 0 return {add = function() n = n + 1 return n end}"},
        {"quiet", "local x = 1"},
        {"broken", "return 1 +"},
        {"fails", "error('at load')"},
        {"cycle_a", "return require 'cycle_b'"},
        {"cycle_b", "return require 'cycle_a'"},
        {"sub.dir.leaf", "return (...)"},
        {"endless", "while true do end"},
    };

    host->times++;
    for (size_t i = 0; i < ARRAY_LEN(modules); i++) {
        if (strcmp(modules[i][0], module))
            continue;
        snprintf(out->name, sizeof out->name, "lua/%s.lua", module);
        buf_add_text(&out->text, modules[i][1]);
        return OK;
    }
    return (fail)(why, ERR_MISSING, "there is no file lua/%s.lua", module);
}

TEST(require_loads_modules_once)
{
    struct host host = {0};
    struct sandbox_options options = {
        .name = "test", .host = &host, .find_module = find_module};
    struct sandbox *sandbox = new_sandbox(&options);

    expect(sandbox, "require('ok').add() return require('ok').add()", "2");
    expect(sandbox, "return require('ok').add()", "3");
    assert_int_equal(host.times, 1);
    expect(sandbox, "return require('quiet')", "true");
    expect(sandbox, "return require('sub.dir.leaf')", "sub.dir.leaf");
    sandbox_free(sandbox);
}

TEST(require_says_what_is_wrong)
{
    struct host host = {0};
    struct sandbox_options options = {
        .name = "test", .host = &host, .find_module = find_module};
    struct sandbox *sandbox = new_sandbox(&options);

    expect(sandbox, "require 'nowhere'",
           "error: t.lua:1: cannot require 'nowhere': there is no file lua/nowhere.lua");
    expect(sandbox, "require 'broken'",
           "error: lua/broken.lua:1: unexpected symbol near <eof>");
    expect(sandbox, "require 'fails'", "error: lua/fails.lua:1: at load");
    expect(
        sandbox, "require 'cycle_a'",
        "error: lua/cycle_b.lua:1: module 'cycle_a' requires itself or failed to load before");
    expect(sandbox, "require 'endless'",
           "budget: lua/endless.lua:1: stopped: more than 20 ms in one call");
    sandbox_free(sandbox);
}

TEST(require_takes_names_only)
{
    static const char *const names[] = {
        "'..'",         "'../x'",  "'/etc/passwd'", "'a/b'",    "'a..b'",   "'.a'",
        "'a.'",         "''",      "'a b'",         "'1a'",     "'a.1b'",   "'a\\0b'",
        "'a\\n'",       "'a-b'",   "'a;b'",         "'a%2e'",   "'a\\\\b'", "('x'):rep(65)",
        "'\\xC3\\xA9'", "'~root'", "'C:x'",         "'a.lua/'", "'*'"};
    struct host host = {0};
    struct sandbox_options options = {
        .name = "test", .host = &host, .find_module = find_module};
    struct sandbox *sandbox = new_sandbox(&options);
    char script[80];

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        snprintf(script, sizeof script, "require(%s)", names[i]);
        expect(
            sandbox, script,
            "error: t.lua:1: require wants names joined by dots, such as 'signals.momentum'");
    }
    assert_int_equal(host.times, 0);
    sandbox_free(sandbox);
}

/* Time, threads, processes. */

TEST(time_is_the_hosts)
{
    struct sandbox *sandbox = new_sandbox(NULL);

    sandbox_set_time(sandbox, SECONDS(1723161254) + MILLISECONDS(500));
    expect(sandbox, "return time.now()", "1723161254.5");
    sandbox_free(sandbox);
}

static void *stop_a_loop(void *context)
{
    struct sandbox *sandbox = context;
    int value;

    return sandbox_load(sandbox, "t.lua", "while true do end", 17, MILLISECONDS(5), &value,
                        NULL) == ERR_BUDGET
               ? context
               : NULL;
}

TEST(threads_are_guarded_each_on_its_own)
{
    pthread_t threads[4];
    struct sandbox *sandboxes[4];
    void *result;

    for (int i = 0; i < 4; i++) {
        sandboxes[i] = new_sandbox(NULL);
        assert_int_equal(pthread_create(&threads[i], NULL, stop_a_loop, sandboxes[i]), 0);
    }
    for (int i = 0; i < 4; i++) {
        pthread_join(threads[i], &result);
        assert_ptr_equal(result, sandboxes[i]);
        sandbox_free(sandboxes[i]);
    }
}

TEST(a_sandbox_may_move_between_threads)
{
    struct sandbox *sandbox = new_sandbox(NULL);
    pthread_t thread;
    void *result;

    expect(sandbox, "return 1", "1");
    assert_int_equal(pthread_create(&thread, NULL, stop_a_loop, sandbox), 0);
    pthread_join(thread, &result);
    assert_ptr_equal(result, sandbox);
    sandbox_free(sandbox);
}

TEST(a_forked_child_has_a_watchdog_of_its_own)
{
    struct sandbox *sandbox = new_sandbox(NULL);
    int status;

    expect(sandbox, "return 1", "1");
    pid_t child = fork();
    if (child == 0)
        _exit(stop_a_loop(sandbox) ? 0 : 1);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_ptr_equal(stop_a_loop(sandbox), sandbox);
    sandbox_free(sandbox);
}

TEST(a_foreign_locale_is_refused)
{
    struct sandbox_options options = {.name = "test"};
    struct sandbox *sandbox;

    if (!setlocale(LC_NUMERIC, "C.UTF-8"))
        return;
    assert_int_equal(sandbox_new(&options, &sandbox, NULL), ERR_USAGE);
    setlocale(LC_NUMERIC, "C");
}

/* However little memory there is: a fault or a sandbox, never a crash. */
TEST(a_sandbox_can_be_refused_at_any_size)
{
    struct sandbox *sandbox;
    int made = 0, refused = 0;

    for (size_t memory = 1024; memory < 80 * 1024; memory += 128) {
        struct sandbox_options options = {.name = "small", .limits = {.memory = memory}};
        if (sandbox_new(&options, &sandbox, NULL)) {
            refused++;
            continue;
        }
        made++;
        sandbox_free(sandbox);
    }
    assert_true(made > 10);
    assert_true(refused > 100);
}

TEST(a_place_may_lie_in_a_folder_with_a_space)
{
    assert_true(sandbox_names_place("bots.lua:3: no"));
    assert_true(sandbox_names_place("my bots/first try.lua:12: no"));
    assert_true(sandbox_names_place("...bots/x.lua:3: no"));
    assert_false(sandbox_names_place("no: 3: 4"));
    assert_false(sandbox_names_place("not at 10:30: too early"));
    assert_false(sandbox_names_place("x.lua: no"));
    assert_false(sandbox_names_place(":3: no"));
}

TEST(a_byte_order_mark_before_a_script_is_no_part_of_it)
{
    assert_string_equal(run("\xef\xbb\xbfreturn 5"), "5");
    assert_string_equal(run("\xef\xbb\xbf\nerror('x')"), "error: t.lua:2: x");
    assert_string_equal(run("\xef\xbb\xbf"), "nil");
    assert_string_equal(run("return '\xef\xbb\xbf'"), "\xef\xbb\xbf");
}

/* A text of `part`, many times, between two others. */
static const char *repeat(const char *before, const char *part, int times, const char *after)
{
    static struct buf text;

    buf_reset(&text);
    buf_add_text(&text, before);
    for (int i = 0; i < times; i++)
        buf_add_text(&text, part);
    buf_add_text(&text, after);
    return buf_text(&text);
}

TEST(what_is_not_even_compiled_names_the_file)
{
    struct sandbox_options options = {
        .name = "slow", .limits = {.call = MILLISECONDS(1), .extra = MILLISECONDS(1)}};
    static const char deep[] =
        "error: t.lua: C stack overflow: blocks or expressions stand too "
        "deep inside each other (Lua ends at about 200)";

    assert_string_equal(run(repeat("return ", "(", 300, "1")), deep);
    assert_string_equal(run(repeat("return ", "- ", 300, "1")), deep);
    assert_string_equal(run(repeat("", "do ", 300, "")), deep);
    struct sandbox *sandbox = new_sandbox(&options);
    const char *jumps = repeat("", "goto a ", 9000, "::a::"); /* takes quadratic time */
    assert_non_null(strstr(run_in(sandbox, jumps, strlen(jumps)), "budget: t.lua"));
    sandbox_free(sandbox);
}
