#include "script/sandbox.h"

#include <lauxlib.h>

#include <assert.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "script/printable.h"
#include "script/sandbox_private.h"
#include "script/watchdog.h"

/* Life, calls and death of a sandbox. What a script finds inside is put together in
 * sandbox_env.c.
 *
 * How a call ends that would not:
 *
 *     watchdog   the time is up: signals the thread
 *     on_bark    in the handler on that thread: `end` is set, and a hook at the coroutine
 *                that runs, due at the next instruction; built-in functions at work meet
 *                the end of that at their next charge, which still knows the place
 *     on_hook    raises the end value
 *     wrappers   pcall, xpcall and coroutines raise it again (sandbox_check_end)
 *     on_bark    again, after the extra time, when C code did not come back to the
 *                interpreter: jumps to sandbox_call
 *
 * A call that takes long, within its budget, is asked whether it should go on:
 *
 *     on_nudge   in the handler, every 50 ms: a hook due at the next instruction
 *     on_ask     asks the host, where anything may be done; raises the end value if it
 *                wants the thread for itself
 *
 * Work and memory set `end` themselves and go the same way. Invariants:
 *
 * 1. Once `end` is set it stays, and no instruction of the script runs but those until the
 *    next hook, wrapper or charge.
 * 2. `current` is the thread whose code runs, so that a hook set there is met.
 * 3. The state of a dead sandbox is not touched again: its arena is unmapped, never closed
 *    by lua_close.
 * 4. in_host > 0 only in code that raises no Lua error; scripts run with 0.
 * 5. Between calls the stack holds the message handler at index 1, above it what is kept for
 *    the host, and nothing else: `resting` values. */

enum {
    HANDLER = 1,
    GRACE = 128 * 1024,
    STACK_SLOTS = 60 + SANDBOX_KEPT_MAX,
    DEEP = 10000, /* calls inside each other that look like a recursion without end */
    COLLECT_STEP = 256 * 1024,
    LINE_MAX_CUT = 4096,
};

static const struct sandbox_limits defaults = {
    .memory = 16 * 1024 * 1024,
    .call = MILLISECONDS(20),
    .extra = MILLISECONDS(30),
    .work = 5000000,
    .print_line = 1000,
    .print_burst = 16 * 1024,
    .print_refill = 200,
};

/* Of the process: NULL, nobody interrupts. */
static struct {
    bool (*wants)(void *ctx);
    void *ctx;
} interrupt;

/* The end of a budget. */

/* A place in our own half of the API says nothing to who wrote the script. */
static bool is_own_file(const char *name)
{
    return strncmp(name, "lua/perigee/", 12) == 0;
}

static void note_where(lua_State *L, char where[WHERE_MAX])
{
    lua_Debug at;

    where[0] = '\0';
    for (int level = 0; lua_getstack(L, level, &at); level++) {
        lua_getinfo(L, "Sl", &at);
        if (at.currentline <= 0 || is_own_file(at.short_src))
            continue;
        snprintf(where, WHERE_MAX, "%s:%d", at.short_src, at.currentline);
        return;
    }
}

static void set_end(struct sandbox *s, enum sandbox_end end)
{
    if (!s->end)
        s->end = (sig_atomic_t)end;
}

static void set_end_of_memory(struct sandbox *s)
{
    set_end(s, END_MEMORY);
    memcpy(s->where, s->short_at, sizeof s->where);
    arena_open_grace(s->arena);
}

int sandbox_raise_end(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);

    if (!s->end)
        set_end_of_memory(s); /* the only end that comes as a status */
    if (!s->where[0])
        note_where(L, s->where);
    lua_settop(L, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->end_value);
    return lua_error(L);
}

void sandbox_spend(lua_State *L)
{
    set_end(sandbox_of(L), END_WORK);
    sandbox_raise_end(L);
}

static void on_hook(lua_State *L, lua_Debug *unused)
{
    struct sandbox *s = sandbox_of(L);

    (void)unused;
    if (!s->where[0])
        note_where(L, s->where);
    lua_rawgeti(L, LUA_REGISTRYINDEX, s->end_value);
    lua_error(L);
}

static void on_bark(void *subject, bool hard)
{
    struct sandbox *s = subject;

    set_end(s, END_TIME);
    s->port.work = -1;
    if (hard && !s->in_host)
        siglongjmp(s->abandon, 1);
    lua_sethook(s->current, on_hook, LUA_MASKCALL | LUA_MASKCOUNT, 1);
}

/* A bark that comes meanwhile sets its own hook, at the latest with its next. */
static void on_ask(lua_State *L, lua_Debug *unused)
{
    struct sandbox *s = sandbox_of(L);

    lua_sethook(L, NULL, 0, 0);
    sandbox_host_begin(L);
    bool wants = interrupt.wants && interrupt.wants(interrupt.ctx);
    sandbox_host_end(L);
    if (wants)
        set_end(s, END_INTERRUPTED);
    if (s->end)
        on_hook(L, unused);
}

static void on_nudge(void *subject)
{
    struct sandbox *s = subject;

    if (!s->end)
        lua_sethook(s->current, on_ask, LUA_MASKCALL | LUA_MASKCOUNT, 1);
}

void sandbox_set_interrupt(bool (*wants)(void *ctx), void *ctx)
{
    watchdog_set_nudge(NULL);
    interrupt.wants = wants;
    interrupt.ctx = ctx;
    watchdog_set_nudge(wants ? on_nudge : NULL);
}

bool sandbox_is_interrupted(const struct sandbox *s)
{
    return s->end == END_INTERRUPTED;
}

/* Lua collects all garbage and asks once more before it gives up; the place is noted while
 * there is one, since no handler is called for a memory error. */
static void *allocate(void *sandbox, void *old, size_t old_size, size_t size)
{
    struct sandbox *s = sandbox;
    void *block = arena_resize(s->arena, old, old_size, size);
    lua_Debug unused;

    if (LIKELY(block) || size == 0)
        return block;
    if (s->phase == PHASE_RUNNING && !s->end) {
        note_where(s->current, s->short_at);
        s->is_deep = lua_getstack(s->current, DEEP, &unused);
    }
    return NULL;
}

static int on_panic(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);

    if (s->phase != PHASE_RUNNING) {
        fprintf(stderr, "perigee: a Lua call between sandbox_enter and sandbox_leave raised\n");
        abort();
    }
    set_end(s, END_PANIC);
    siglongjmp(s->abandon, 1);
}

/* What went wrong, in words. */

static void words_of_end(const struct sandbox *s, struct fault *why)
{
    const char *at = s->where, *colon = s->where[0] ? ": " : "";
    double ms = (double)s->allowed / 1e6;

    switch ((enum sandbox_end)s->end) {
    case END_TIME:
        fail(why, ERR_BUDGET, "%s%sstopped: more than %g ms in one call", at, colon, ms);
        return;
    case END_ABANDONED:
        fail(why, ERR_BUDGET, "%s%sstopped: more than %g ms in one call, inside an operation",
             at, colon, ms);
        return;
    case END_WORK:
        fail(why, ERR_BUDGET, "%s%sstopped: too much work for built-in functions in one call",
             at, colon);
        return;
    case END_MEMORY:
        fail(why, ERR_BUDGET, "%s%sstopped: more than %.4g MiB of memory%s", at, colon,
             (double)s->limits.memory / 1048576, s->is_deep ? ", calls thousands deep" : "");
        return;
    case END_PANIC:
        fail(why, ERR_BUDGET, "%s%sstopped: Lua failed where it must not", at, colon);
        return;
    case END_INTERRUPTED:
        fail(why, ERR_BUDGET, "%s%sstopped: an operator's kill comes first", at, colon);
        return;
    case ALIVE:
    case END_COUNT:
        break;
    }
    abort();
}

static enum err repeat_last_words(const struct sandbox *s, struct fault *why)
{
    if (why)
        *why = s->last_words;
    return ERR_BUDGET;
}

static enum err die(struct sandbox *s, struct fault *why)
{
    words_of_end(s, &s->last_words);
    return repeat_last_words(s, why);
}

bool sandbox_names_place(const char *text)
{
    size_t name = strcspn(text, ":");
    size_t digits = text[name] == ':' ? strspn(text + name + 1, "0123456789") : 0;
    bool is_one_word = strcspn(text, " ") >= name;
    bool is_script = name > 4 && strncmp(text + name - 4, ".lua", 4) == 0; /* "my bots/a.lua" */

    return name > 0 && digits > 0 && text[name + 1 + digits] == ':' &&
           (is_one_word || is_script);
}

static enum err words_of_error(struct sandbox *s, struct fault *why)
{
    lua_State *L = s->L;
    char text[SANDBOX_MESSAGE_MAX + 1];
    int type = lua_type(L, -1);

    if (type != LUA_TSTRING)
        return fail(why, ERR_SCRIPT, "%s%sthe error value is a %s, not a message", s->where,
                    s->where[0] ? ": " : "", lua_typename(L, type));
    size_t len;
    const char *message = lua_tolstring(L, -1, &len);
    printable_format(message, len, text, sizeof text);
    const char *said = text;
    bool has_place = sandbox_names_place(text);
    if (has_place && is_own_file(text)) { /* the caller's mistake, and the caller's place */
        said = strstr(text, ": ") + 2;
        has_place = false;
    }
    if (has_place || !s->where[0])
        return fail(why, ERR_SCRIPT, "%s", said);
    return fail(why, ERR_SCRIPT, "%s: %s", s->where, said);
}

/* The handler of every call: notes the place; the error value stays what it is. */
static int on_error(lua_State *L)
{
    struct sandbox *s = sandbox_of(L);

    if (!s->end)
        note_where(L, s->where);
    return 1;
}

/* Calls. */

static inline bool begin(struct sandbox *s)
{
    assert(s->phase == PHASE_IDLE);
    if (UNLIKELY(s->end))
        return false;
    s->phase = PHASE_ENTERED;
    s->port.call++;
    return true;
}

lua_State *sandbox_enter(struct sandbox *s, int function)
{
    if (UNLIKELY(!begin(s)))
        return NULL;
    lua_rawgeti(s->L, LUA_REGISTRYINDEX, function);
    return s->L;
}

int sandbox_keep(struct sandbox *s, int reference)
{
    assert(s->phase == PHASE_IDLE && !s->end);
    assert(s->resting - HANDLER < SANDBOX_KEPT_MAX);
    lua_rawgeti(s->L, LUA_REGISTRYINDEX, reference);
    return ++s->resting;
}

lua_State *sandbox_enter_kept(struct sandbox *s, int function)
{
    assert(function > HANDLER && function <= s->resting);
    if (UNLIKELY(!begin(s)))
        return NULL;
    lua_pushvalue(s->L, function);
    return s->L;
}

static enum err on_failed_call(struct sandbox *s, int status, struct fault *why)
{
    s->phase = PHASE_ENTERED;
    if (status == LUA_ERRMEM && !s->end)
        set_end_of_memory(s);
    if (s->end)
        return die(s, why);
    return words_of_error(s, why);
}

static enum err on_abandoned_call(struct sandbox *s, struct fault *why)
{
    sigset_t ours;

    watchdog_disarm();
    sigemptyset(&ours);
    sigaddset(&ours, SIGUSR1); /* blocked by the handler we left */
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
    if (s->end == END_TIME)
        s->end = END_ABANDONED;
    s->phase = PHASE_ENTERED;
    return die(s, why);
}

static void set_budget(struct sandbox *s, nanos budget)
{
    assert(budget > 0);
    s->allowed = budget;
    int64_t times = budget / s->limits.call;
    if (times > 1 && s->port.work < INT64_MAX / times)
        s->port.work *= times;
}

enum err sandbox_call(struct sandbox *s, int arguments, int results, nanos budget,
                      struct fault *why)
{
    assert(s->phase == PHASE_ENTERED);
    if (UNLIKELY(s->end))
        return repeat_last_words(s, why);
    s->allowed = s->limits.call;
    s->port.work = s->limits.work;
    if (budget)
        set_budget(s, budget);
    s->where[0] = '\0';
    s->in_host = 0;
    s->phase = PHASE_RUNNING;
    if (UNLIKELY(sigsetjmp(s->abandon, 0)))
        return on_abandoned_call(s, why);
    if (UNLIKELY(!watchdog_arm(on_bark, s, s->allowed, s->limits.extra))) {
        s->phase = PHASE_ENTERED;
        return fail(why, ERR_IO, "%s: the watchdog cannot guard one more call",
                    s->options.name);
    }
    int status = lua_pcall(s->L, arguments, results, HANDLER);
    watchdog_disarm();
    if (UNLIKELY(status != LUA_OK || s->end))
        return on_failed_call(s, status, why);
    s->phase = PHASE_ENTERED;
    return OK;
}

bool sandbox_take_result(struct sandbox *s, int *index)
{
    int count = lua_gettop(s->L) - s->resting;

    *index = s->resting + 1;
    if (UNLIKELY(count > 1))
        lua_settop(s->L, *index); /* thousands may have come, and left no room above them */
    return count > 0;
}

void sandbox_leave(struct sandbox *s)
{
    s->phase = PHASE_IDLE;
    if (UNLIKELY(s->end))
        return;
    if (lua_gettop(s->L) != s->resting)
        lua_settop(s->L, s->resting);
    if (UNLIKELY(arena_used(s->arena) > s->collect_at))
        sandbox_collect(s);
}

struct run {
    sandbox_body *body;
    void *context;
};

static int run_body(lua_State *L)
{
    struct run *run = lua_touserdata(L, 1);

    lua_settop(L, 0);
    run->body(L, run->context);
    return 0;
}

enum err sandbox_run(struct sandbox *s, sandbox_body *body, void *context, nanos budget,
                     struct fault *why)
{
    struct run run = {body, context};

    if (s->end)
        return repeat_last_words(s, why);
    begin(s);
    lua_pushcfunction(s->L, run_body);
    lua_pushlightuserdata(s->L, &run);
    enum err err = sandbox_call(s, 1, 0, budget, why);
    sandbox_leave(s);
    return err;
}

struct chunk {
    const char *name, *text;
    size_t len;
    int value;
};

static void load_chunk(lua_State *L, void *context)
{
    struct chunk *chunk = context;

    sandbox_push_chunk(L, chunk->name, chunk->text, chunk->len);
    lua_call(L, 0, 1);
    chunk->value = luaL_ref(L, LUA_REGISTRYINDEX);
}

enum err sandbox_load(struct sandbox *s, const char *name, const char *text, size_t len,
                      nanos budget, int *value, struct fault *why)
{
    struct chunk chunk = {name, text, len, LUA_NOREF};
    enum err err = sandbox_run(s, load_chunk, &chunk, budget, why);

    if (!err)
        *value = chunk.value;
    else if (why && !sandbox_names_place(why->text) && strncmp(why->text, name, strlen(name)))
        fault_prefix(why, "%s: ", name); /* compiling took too long: no line of it ran */
    return err;
}

void sandbox_unref(struct sandbox *s, int reference)
{
    if (!s->end)
        luaL_unref(s->L, LUA_REGISTRYINDEX, reference);
}

void sandbox_host_begin(lua_State *L)
{
    sandbox_of(L)->in_host++;
    atomic_signal_fence(memory_order_seq_cst);
}

void sandbox_host_end(lua_State *L)
{
    atomic_signal_fence(memory_order_seq_cst);
    sandbox_of(L)->in_host--;
}

nanos sandbox_time(lua_State *L)
{
    return sandbox_of(L)->now;
}

/* Life. */

void sandbox_collect(struct sandbox *s)
{
    if (s->end)
        return;
    lua_gc(s->L, LUA_GCCOLLECT);
    size_t used = arena_used(s->arena);
    size_t room = used < s->limits.memory ? s->limits.memory - used : 0;
    size_t step = used + COLLECT_STEP;
    s->collect_at = used + (step < room / 2 ? step : room / 2);
}

static void set_limits(struct sandbox *s, const struct sandbox_limits *given)
{
    struct sandbox_limits *l = &s->limits;

    *l = *given;
    l->memory = l->memory ? l->memory : defaults.memory;
    l->call = l->call ? l->call : defaults.call;
    l->extra = l->extra ? l->extra : defaults.extra;
    l->work = l->work ? l->work : defaults.work;
    l->print_line = l->print_line ? l->print_line : defaults.print_line;
    l->print_line = l->print_line < LINE_MAX_CUT ? l->print_line : LINE_MAX_CUT;
    l->print_burst = l->print_burst ? l->print_burst : defaults.print_burst;
    l->print_refill = l->print_refill ? l->print_refill : defaults.print_refill;
}

static bool locale_is_c(int category)
{
    const char *name = setlocale(category, NULL);

    return name && (!strcmp(name, "C") || !strcmp(name, "POSIX"));
}

static enum err start_state(struct sandbox *s, struct fault *why)
{
    s->arena = arena_new(s->limits.memory, GRACE);
    if (!s->arena)
        return fail(why, ERR_IO, "%s: no address space for %zu bytes of script memory",
                    s->options.name, s->limits.memory);
    s->L = lua_newstate(allocate, s);
    if (!s->L)
        return fail(why, ERR_BUDGET, "%s: %zu bytes of memory are too few for a script",
                    s->options.name, s->limits.memory);
    s->current = s->L;
    *(struct sandbox **)lua_getextraspace(s->L) = s;
    lua_atpanic(s->L, on_panic);
    lua_gc(s->L, LUA_GCSTOP);
    lua_checkstack(s->L, STACK_SLOTS);
    lua_pushcfunction(s->L, on_error);
    s->resting = HANDLER;
    return OK;
}

/* Text that Lua would make where it has no way to report that it cannot. */
static void prepare_last_words(lua_State *L, void *unused)
{
    (void)unused;
    lua_pushliteral(L, "a budget of the sandbox is spent");
    sandbox_of(L)->end_value = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_pushliteral(L, "error in error handling");
    luaL_ref(L, LUA_REGISTRYINDEX);
}

enum err sandbox_new(const struct sandbox_options *options, struct sandbox **out,
                     struct fault *why)
{
    enum err err;

    assert(options->name);
    if (!locale_is_c(LC_NUMERIC) || !locale_is_c(LC_COLLATE))
        return fail(why, ERR_USAGE,
                    "scripts need LC_NUMERIC and LC_COLLATE of the process to be \"C\"");
    if ((err = watchdog_start(why)))
        return err;
    struct sandbox *s = mem_new(sizeof *s);
    s->options = *options;
    s->options.name = mem_copy_text(options->name);
    s->port.host = options->host;
    s->rng = rng_stream(options->seed, options->name);
    set_limits(s, &options->limits);
    s->print_left = s->limits.print_burst;
    if (!(err = start_state(s, why)) &&
        !(err = sandbox_run(s, prepare_last_words, NULL, SECONDS(1), why)))
        err = sandbox_run(s, sandbox_build, NULL, SECONDS(1), why);
    s->options.install = NULL;
    if (err) {
        sandbox_free(s);
        return err;
    }
    sandbox_collect(s);
    *out = s;
    return OK;
}

void sandbox_free(struct sandbox *s)
{
    if (!s)
        return;
    assert(s->phase == PHASE_IDLE);
    arena_free(s->arena);
    buf_clear(&s->source.text);
    buf_clear(&s->with_shortcuts);
    shortcuts_free(s->shortcuts);
    mem_free((void *)(uintptr_t)s->options.name);
    mem_free(s);
}

bool sandbox_is_dead(const struct sandbox *s)
{
    return s->end != ALIVE;
}

bool sandbox_is_out_of_memory(const struct sandbox *s)
{
    return s->end == END_MEMORY;
}

size_t sandbox_memory_used(const struct sandbox *s)
{
    return arena_used(s->arena);
}

void sandbox_set_time(struct sandbox *s, nanos now)
{
    s->now = now;
}
