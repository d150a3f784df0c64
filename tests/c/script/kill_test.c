/* Calls that end at any point: by the watchdog's two stages, and by memory. */
#include "scripts.h"

#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <time.h>

#include "base/rng.h"
#include "script/arena.h"
#include "script/sandbox_private.h"
#include "script/watchdog.h"

/* A bit of everything that changes the state of Lua, without end. */
static const char *const endless[] = {
    "while true do local t = {} for i = 1, 50 do t[i] = {i} t['k' .. i] = i end end",
    "while true do local s = '' for i = 1, 60 do s = s .. i end end",
    "while true do local c = coroutine.wrap(function(a) while true do a = coroutine.yield(a) "
    "end "
    "end) for i = 1, 9 do c(i) end end",
    "while true do pcall(function() error({}) end) pcall(error, 'x') end",
    "local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end while true do "
    "f(150) end",
    "while true do local s = ('abc'):rep(20):gsub('b', function(c) return c:upper() end) end",
    "local t = {} for i = 1, 90 do t[i] = (i * 37) % 91 end "
    "while true do table.sort(t, function(a, b) return a > b end) table.sort(t) end",
    "local mt = {__index = function(t, k) return k end, __call = function(s, x) return x end} "
    "while true do local o = setmetatable({}, mt) local x = o.y, o(1) end",
    "local t = {} for i = 1, 40 do t['k' .. i] = i end "
    "while true do for k, v in pairs(t) do t[k] = v + 1 end end",
    "while true do local t = json.decode(json.encode({1, 2.5, {a = 'b\\n'}, 'x'})) end",
    "while true do xpcall(error, function(m) return m .. '!' end, 'x') end",
    "local t = {} while true do for i = 1, 3000 do t[i] = function() return i end end "
    "for i = 1, 3000 do t[i] = nil end end",
    "while true do local a = select('#', table.unpack({1, 2, 3, 4, 5, 6, 7, 8}));"
    "('%d %s %q'):format(a, {}, 'x') end",
    "local function deep(n) if n > 0 then coroutine.wrap(function() deep(n - 1) end)() end end "
    "while true do deep(20) end",
    "while true do local x <const> = {[{}] = 1, [1.5] = 2} x[1.5] = nil next(x) end",
};

/* Plays the watchdog, but at any time it likes. */
struct killer {
    struct watched_thread *victim;
    struct rng rng;
    atomic_bool may_kill, is_done;
    int soft, hard;
};

static void wait_nanos(nanos span)
{
    for (nanos end = clock_monotonic() + span; clock_monotonic() < end;)
        ;
}

static void *kill_now_and_then(void *context)
{
    struct killer *killer = context;
    struct watch *watch = &killer->victim->watches[0];

    while (!atomic_load(&killer->is_done)) {
        uint64_t turn;
        if (!atomic_load(&killer->may_kill) || !((turn = atomic_load(&watch->turn)) & 1)) {
            sched_yield();
            continue;
        }
        atomic_store(&killer->may_kill, false);
        wait_nanos((nanos)rng_below(&killer->rng, 60000));
        bool is_hard = rng_chance(&killer->rng, 0.5);
        atomic_store(&watch->soft_turn, turn);
        if (is_hard)
            atomic_store(&watch->hard_turn, turn);
        pthread_kill(killer->victim->thread, SIGUSR1);
        *(is_hard ? &killer->hard : &killer->soft) += 1;
    }
    return NULL;
}

static void die_once(int number, struct killer *killer)
{
    struct sandbox_options options = {.name = "victim",
                                      .seed = (uint64_t)number,
                                      .limits = {.call = SECONDS(100), .work = INT64_MAX}};
    struct sandbox *sandbox = new_sandbox(&options);
    const char *script = endless[(size_t)number % ARRAY_LEN(endless)];
    struct fault why = {OK, ""};
    int value;

    atomic_store(&killer->may_kill, true);
    enum err err = sandbox_load(sandbox, "t.lua", script, strlen(script), 0, &value, &why);
    if (err != ERR_BUDGET || !strstr(why.text, "stopped: more than"))
        fail_msg("%s\n  gave %s", script, why.text);
    assert_true(sandbox_is_dead(sandbox));
    sandbox_free(sandbox);
}

static size_t pages_mapped(void)
{
    size_t pages = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    if (!file || fscanf(file, "%zu", &pages) != 1)
        pages = 0;
    if (file)
        fclose(file);
    return pages;
}

TEST(thousands_of_kills_at_any_instruction)
{
    enum { KILLS = 2000, CANARY_EVERY = 50 };
    struct sandbox *canary = new_sandbox(NULL);
    struct killer killer = {.rng = rng_stream(4, "kills")};
    pthread_t thread;

    assert_string_equal(run_in(canary, "return 1", 8), "1");
    killer.victim = watchdog_self;
    size_t pages = pages_mapped();
    assert_int_equal(pthread_create(&thread, NULL, kill_now_and_then, &killer), 0);
    for (int i = 0; i < KILLS; i++) {
        die_once(i, &killer);
        if (i % CANARY_EVERY == 0)
            assert_string_equal(run("return 'alive'"), "alive");
    }
    atomic_store(&killer.is_done, true);
    pthread_join(thread, NULL);
    assert_string_equal(run_in(canary, "return 'alive'", 14), "alive");
    assert_true(killer.soft > KILLS / 4 && killer.hard > KILLS / 4);
    assert_true(pages_mapped() < pages + 64 * 256); /* less than four arenas: none was left */
    sandbox_free(canary);
}

/* Every allocation fails once. */

static const char workload[] =
    "local t = {} for i = 1, 30 do t[i] = {i} t['k' .. i] = i end "
    "local s = '' for i = 1, 40 do s = s .. i end "
    "local c = coroutine.wrap(function(a) while true do a = coroutine.yield(a .. 'x') end end) "
    "for i = 1, 4 do c('y' .. i) end "
    "pcall(function() error({}) end) xpcall(error, function(m) return m .. '!' end, 'x') "
    "local function f(n) if n > 0 then return 1 + f(n - 1) end return 0 end f(120) "
    "s = ('abc'):rep(20):gsub('b', function(c) return c:upper() .. 'z' end) "
    "s = s:gsub('(a)', '<%1>'):gsub('%a', {a = 'very long replacement'}) "
    "for w in s:gmatch('%a+') do t[w] = true end "
    "local n = {} for i = 1, 40 do n[i] = (i * 37) % 41 end table.sort(n) "
    "local o = setmetatable({}, {__index = function(t, k) return k .. k end}) s = o.hello "
    "for k, v in pairs(t) do s = k end next(t) "
    "t = json.decode(json.encode({1, 2.5, {a = 'b\\n', c = {true, false, json.null}}, 'x'})) "
    "s = ('%d %s %q %5.2f'):format(1, {}, 'q\\n', 1.5) "
    "s = table.concat(n, ', ') table.move(n, 1, 10, 30, {}) table.insert(n, 1, 2) "
    "print(s, t, n) local a, b = pcall(require, 'nowhere') "
    "local deep = function() return coroutine.wrap(function() return coroutine.running() "
    "end)() end "
    "deep() return tostring(deep) .. select('#', table.unpack(n))";

/* The outcome of the workload with the nth request refused; OK when there is no nth. */
static enum err run_short(uint64_t nth, uint64_t times)
{
    struct sandbox_options options = {.name = "short", .limits = {.call = SECONDS(100)}};
    struct sandbox *sandbox = new_sandbox(&options);
    struct fault why = {OK, ""};
    int value;

    arena_fail_at(sandbox->arena, nth, times);
    enum err err =
        sandbox_load(sandbox, "t.lua", workload, sizeof workload - 1, 0, &value, &why);
    if (err && err != ERR_BUDGET && !strstr(why.text, "stack overflow"))
        fail_msg("allocation %d: %s", (int)nth, why.text);
    if (!sandbox_is_dead(sandbox))
        sandbox_collect(sandbox);
    sandbox_free(sandbox);
    return err;
}

TEST(every_allocation_may_fail)
{
    enum { MORE_THAN_IN_WORKLOAD = 20000 };
    uint64_t nth = 1;
    int deaths = 0;

    assert_int_equal(run_short(0, 0), OK);
    for (; nth < MORE_THAN_IN_WORKLOAD; nth++) {
        enum err err = run_short(nth, 2); /* and the retry after the emergency collection */
        if (err == OK && run_short(nth, UINT64_MAX) == OK)
            break;
        deaths += err == ERR_BUDGET;
    }
    assert_in_range(nth, 500, MORE_THAN_IN_WORKLOAD - 1);
    assert_true(deaths > 400);
}

TEST(an_allocation_that_fails_once_is_made_after_a_collection)
{
    for (uint64_t nth = 1; nth < 500; nth += 7)
        assert_int_equal(run_short(nth, 1), OK);
}

/* ---- asked in the midst of a call ---- */

static int asked, yes_from;

static bool wants(void *ctx)
{
    assert_ptr_equal(ctx, &asked);
    return ++asked >= yes_from;
}

static enum err run_patiently(const char *script, struct sandbox **out, struct fault *why)
{
    struct sandbox_options options = {.name = "patient",
                                      .limits = {.call = SECONDS(100), .work = INT64_MAX}};
    int value;

    *out = new_sandbox(&options);
    return sandbox_load(*out, "t.lua", script, strlen(script), 0, &value, why);
}

TEST(a_call_that_has_time_left_ends_when_its_thread_is_wanted)
{
    sandbox_set_interrupt(wants, &asked);
    for (size_t i = 0; i < ARRAY_LEN(endless); i++) {
        struct fault why = {OK, ""};
        struct sandbox *sandbox;
        asked = 0;
        yes_from = 1 + (int)(i % 2);
        assert_int_equal(run_patiently(endless[i], &sandbox, &why), ERR_BUDGET);
        if (!strstr(why.text, "t.lua:1: stopped: an operator's kill comes first"))
            fail_msg("%s\n  gave %s", endless[i], why.text);
        assert_int_equal(asked, yes_from);
        assert_true(sandbox_is_dead(sandbox) && sandbox_is_interrupted(sandbox));
        sandbox_free(sandbox);
    }
    sandbox_set_interrupt(NULL, NULL);
}

static const char busy[] = "local n = 0 for i = 1, 3e7 do n = n + i % 7 end return n";

TEST(a_call_that_is_asked_and_not_wanted_comes_to_what_it_would_have)
{
    static const char *const workloads[] = {
        "local n = 0 for i = 1, 4e7 do n = n + i % 7 end assert(n == 120000000)",
        "local c = coroutine.wrap(function() while true do for i = 1, 4000 do end "
        "coroutine.yield(1) end end) local n = 0 for i = 1, 6000 do n = n + c() end "
        "assert(n == 6000)",
    };

    sandbox_set_interrupt(wants, &asked);
    yes_from = INT32_MAX;
    for (size_t i = 0; i < ARRAY_LEN(workloads); i++) {
        struct fault why = {OK, ""};
        struct sandbox *sandbox;
        asked = 0;
        if (run_patiently(workloads[i], &sandbox, &why))
            fail_msg("%s", why.text);
        assert_true(asked > 0);
        assert_false(sandbox_is_dead(sandbox));
        sandbox_free(sandbox);
    }
    sandbox_set_interrupt(NULL, NULL);
}

TEST(nobody_is_asked_in_a_call_that_is_short_or_when_nobody_interrupts)
{
    struct fault why = {OK, ""};
    struct sandbox *sandbox;

    asked = 0;
    yes_from = 1;
    assert_int_equal(run_patiently(busy, &sandbox, &why), OK);
    sandbox_set_interrupt(wants, &asked);
    for (int i = 0; i < 200; i++)
        assert_string_equal(run_in(sandbox, "return 'alive'", 14), "alive");
    assert_int_equal(asked, 0);
    sandbox_set_interrupt(NULL, NULL);
    sandbox_free(sandbox);
}

TEST(a_call_whose_time_is_over_ends_by_that_however_often_it_is_asked)
{
    struct sandbox_options options = {.name = "late", .limits = {.call = MILLISECONDS(120)}};
    struct sandbox *sandbox = new_sandbox(&options);

    asked = 0;
    yes_from = INT32_MAX;
    sandbox_set_interrupt(wants, &asked);
    assert_string_equal(run_in(sandbox, "while true do end", 17),
                        "budget: t.lua:1: stopped: more than 120 ms in one call");
    assert_true(asked > 0 && !sandbox_is_interrupted(sandbox));
    sandbox_set_interrupt(NULL, NULL);
    sandbox_free(sandbox);
}
