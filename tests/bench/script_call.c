/* What a guarded call of a script costs: ns per call, per state, bytes per state.
 *
 *     cc -O2 -std=c11 -D_GNU_SOURCE -Icore -I/usr/include/lua5.4 tests/bench/script_call.c \
 *        build/gcc/libperigee.a -llua5.4 -lcrypto -lm -lpthread -o script_call */
#include <lauxlib.h>
#include <lualib.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "script/sandbox.h"

enum { ROUNDS = 40, CALLS = 200000, STATES = 200 };

/* The best of some rounds in ns per repetition: what disturbs a round only makes it longer. */
static double measure(void (*run)(void *context, int times), void *context, int times)
{
    nanos best = INT64_MAX;

    for (int i = 0; i < ROUNDS; i++) {
        nanos start = clock_monotonic();
        run(context, times);
        nanos span = clock_monotonic() - start;
        best = span < best ? span : best;
    }
    return (double)best / times;
}

static struct sandbox *new_sandbox(void)
{
    struct sandbox *sandbox;
    struct fault why;

    if (sandbox_new(&(struct sandbox_options){.name = "bench"}, &sandbox, &why)) {
        fprintf(stderr, "%s\n", why.text);
        exit(1);
    }
    return sandbox;
}

struct call {
    struct sandbox *sandbox;
    int function; /* kept at hand, as the hosts do */
    int arguments, results;
};

static void call_guarded(void *context, int times)
{
    struct call *c = context;
    struct fault why;

    for (int i = 0; i < times; i++) {
        lua_State *L = sandbox_enter_kept(c->sandbox, c->function);
        for (int n = 0; n < c->arguments; n++)
            lua_pushnumber(L, i + n);
        if (sandbox_call(c->sandbox, c->arguments, c->results, 0, &why)) {
            fprintf(stderr, "%s\n", why.text);
            exit(1);
        }
        sandbox_leave(c->sandbox);
    }
}

static void empty_body(lua_State *L, void *unused)
{
    (void)L, (void)unused;
}

static void run_empty(void *context, int times)
{
    struct call *c = context;

    for (int i = 0; i < times; i++)
        if (sandbox_run(c->sandbox, empty_body, NULL, 0, NULL))
            exit(1);
}

/* The floor: nothing but lua_pcall, in a stock state. */
static void call_bare(void *context, int times)
{
    lua_State *L = context;

    for (int i = 0; i < times; i++) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, 3 + 1);
        if (lua_pcall(L, 0, 0, 0))
            exit(1);
    }
}

static void make_states(void *unused, int times)
{
    (void)unused;
    for (int i = 0; i < times; i++)
        sandbox_free(new_sandbox());
}

static size_t resident_pages(void)
{
    size_t size, pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file || fscanf(file, "%zu %zu", &size, &pages) != 2)
        pages = 0;
    if (file)
        fclose(file);
    return pages;
}

static int keep_script(struct sandbox *sandbox, const char *script)
{
    int function;

    if (sandbox_load(sandbox, "bench.lua", script, strlen(script), 0, &function, NULL))
        exit(1);
    return sandbox_keep(sandbox, function);
}

static void report_call(const char *name, const char *script, int arguments, int results)
{
    struct call c = {new_sandbox(), 0, arguments, results};

    c.function = keep_script(c.sandbox, script);
    printf("%-44s %8.1f ns\n", name, measure(call_guarded, &c, CALLS));
    sandbox_free(c.sandbox);
}

static void report_floor(void)
{
    lua_State *L = luaL_newstate();

    if (luaL_loadstring(L, "return function() end"))
        exit(1);
    lua_call(L, 0, 1);
    lua_rawseti(L, LUA_REGISTRYINDEX, 3 + 1);
    printf("%-44s %8.1f ns\n", "bare lua_pcall, empty function", measure(call_bare, L, CALLS));
    lua_close(L);
}

/* `script` does its thing 1000 times in one call. */
static void report_inside(const char *name, const char *script)
{
    struct call c = {new_sandbox(), 0, 0, 0};

    c.function = keep_script(c.sandbox, script);
    printf("%-44s %8.1f ns\n", name, measure(call_guarded, &c, 100) / 1000);
    sandbox_free(c.sandbox);
}

static void report_states(void)
{
    struct sandbox *kept[100];

    make_states(NULL, 10);
    printf("%-44s %8.1f us\n", "state: create and destroy",
           measure(make_states, NULL, STATES) / 1000);
    size_t pages = resident_pages();
    for (int i = 0; i < 100; i++)
        kept[i] = new_sandbox();
    printf("%-44s %8zu bytes\n", "state: heap of an idle one", sandbox_memory_used(kept[0]));
    printf("%-44s %8zu bytes\n", "state: resident memory of an idle one",
           (resident_pages() - pages) * 4096 / 100);
    for (int i = 0; i < 100; i++)
        sandbox_free(kept[i]);
}

int main(void)
{
    struct call run = {.sandbox = new_sandbox()};

    report_floor();
    report_call("guarded call, 0 arguments", "return function() end", 0, 0);
    report_call("guarded call, 3 numbers in, 1 out", "return function(a, b, c) return a end", 3,
                1);
    report_call("guarded call, 10 numbers in, 1 out",
                "return function(a, b, c, d, e, f, g, h, i, j) return a + f + j end", 10, 1);
    printf("%-44s %8.1f ns\n", "sandbox_run, empty body", measure(run_empty, &run, CALLS));
    report_call("a call that makes 3 objects",
                "return function(a) local t = {a} t.x = {} return function() return t end end",
                1, 0);
    report_inside("read of a global (math) and call of a function",
                  "return function() for i = 1, 1000 do local x = math.abs(i) end end");
    report_inside("the same through locals", "local abs = math.abs return function() "
                                             "for i = 1, 1000 do local x = abs(i) end end");
    report_inside("pcall", "local f = function() end return function() "
                           "for i = 1, 1000 do pcall(f) end end");
    report_inside(
        "coroutine resume and yield",
        "local co = coroutine.wrap(function() while true do coroutine.yield() end end) "
        "return function() for i = 1, 1000 do co() end end");
    report_inside("setmetatable", "local mt = {__index = {}} return function() "
                                  "for i = 1, 1000 do setmetatable({}, mt) end end");
    report_inside("pairs, 8 keys",
                  "local t = {a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8} "
                  "return function() for i = 1, 1000 do for k, v in pairs(t) do end end end");
    report_inside("pairs, 20 elements",
                  "local t = {} for i = 1, 20 do t[i] = i end "
                  "return function() for i = 1, 1000 do for k, v in pairs(t) do end end end");
    report_inside("string.match", "local s = 'key = value' return function() "
                                  "for i = 1, 1000 do s:match('^(%w+)%s*=%s*(%w+)$') end end");
    report_inside("string.format", "local s = '%d %5.2f %s' return function() "
                                   "for i = 1, 1000 do s:format(i, 1.5, 'x') end end");
    report_inside("table.insert and remove",
                  "local t = {} return function() for i = 1, 1000 do "
                  "table.insert(t, i) table.remove(t) end end");
    report_states();
    sandbox_free(run.sandbox);
    return 0;
}
