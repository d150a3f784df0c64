/* A Lua state that cannot hurt: no file, network, clock, secret, endless loop or memory
 * bomb; and one that decides the same in every process.
 *
 * What a script sees: base, string, table, math, utf8 and coroutine without the parts that
 * reach outside or cannot be bounded, `json`, `time.now`, `print` to the host, `require`
 * through the host, and what the host installs. Libraries and globals are read-only.
 * `pairs` visits numbers in ascending order, then strings bytewise, then the rest;
 * `tostring` shows no address; `math.random` is seeded.
 *
 * Budgets: memory, processor time of a call, work inside built-in functions, output. A
 * script that breaks one cannot swallow it, by no pcall, coroutine or handler: the call
 * ends with ERR_BUDGET, the sandbox is dead from then on (its memory goes with
 * sandbox_free) and every later call says ERR_BUDGET again. An ordinary error of the script
 * is ERR_SCRIPT and leaves the sandbox as it was. Fault texts begin with file and line
 * where Lua knows them, are escaped, and are never made by running script code.
 *
 * One thread at a time may use a sandbox, any thread; its stack should be 8 MiB. LC_NUMERIC
 * and LC_COLLATE of the process must be "C". This is not a boundary against bugs of Lua
 * itself: where money is at stake, the process around it is.
 *
 * Rules for C functions that scripts call ("bindings"):
 *
 * 1. They may be left at any instruction, by a Lua error or by the watchdog: own nothing
 *    that must be released, and put code that changes the host's data, locks or allocates
 *    with malloc between sandbox_host_begin and sandbox_host_end, with no Lua call that can
 *    raise in between.
 * 2. Work that grows with what the script passes is charged (sandbox_charge).
 * 3. Tables of scripts are read with raw access, functions of scripts are called with
 *    lua_call, never lua_pcall, which would swallow the end of a budget.
 * 4. What is lent for one call carries the stamp sandbox_port(L)->call and compares it on
 *    each use.
 * 5. Their userdata has no __gc: a killed state is dropped, not closed. */
#ifndef SCRIPT_SANDBOX_H
#define SCRIPT_SANDBOX_H

#include <lua.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"

struct sandbox;

enum {
    SANDBOX_SOURCE_MAX = 64 * 1024, /* bytes of one chunk */
    SANDBOX_TEXT_MAX = 1024 * 1024, /* bytes a string function may return */
    SANDBOX_JSON_MAX = 256 * 1024,  /* bytes of one JSON text */
    SANDBOX_MESSAGE_MAX = 400,      /* bytes kept of a script's error message */
    SANDBOX_MODULE_NAME_MAX = 64,
    SANDBOX_KEPT_MAX = 24,
};

/* Fields left 0 take the default. */
struct sandbox_limits {
    size_t memory;    /* bytes of heap, garbage included: 16 MiB */
    nanos call;       /* processor time of one call: 20 ms */
    nanos extra;      /* what C code gets on top before it is abandoned: 30 ms */
    int64_t work;     /* units (about 3 ns each) of one call in built-in functions: 5 million */
    int print_line;   /* bytes of one printed line: 1000; longer ones are cut */
    int print_burst;  /* bytes printed at once: 16 KiB; the rest is dropped, and said so */
    int print_refill; /* bytes that each call adds, up to the burst: 200 */
};

/* The text of a module, found by the host. */
struct sandbox_source {
    char name[512]; /* for messages: "lua/signals/momentum.lua" */
    struct buf text;
};

struct sandbox_options {
    const char *name; /* for messages; copied */
    uint64_t seed;    /* of math.random, together with the name */
    struct sandbox_limits limits;
    void *host; /* for the functions below and sandbox_port(L)->host */

    /* One line without newline, escaped. NULL: output is dropped. */
    void (*print)(void *host, const char *line);
    /* Finds "signals.momentum" for require. NULL: there is nothing to require. The name is
     * checked: identifiers joined by dots. ERR_MISSING when there is no such module. */
    enum err (*find_module)(void *host, const char *module, struct sandbox_source *out,
                            struct fault *why);
    /* Adds to the globals, a plain table on top of the stack, before they are sealed;
     * leaves the stack as it was. Called in order, in protected mode; NULL ends the list.
     * What is put there becomes read-only, tables in tables included. */
    void (*const *install)(lua_State *L);
};

/* ERR_SCRIPT or ERR_BUDGET when an install function raised, ERR_IO when the system gave no
 * memory or thread, ERR_USAGE when the locale is not "C". */
enum err sandbox_new(const struct sandbox_options *options, struct sandbox **out,
                     struct fault *why) MUST_CHECK;
void sandbox_free(struct sandbox *sandbox);

bool sandbox_is_dead(const struct sandbox *sandbox);
bool sandbox_is_out_of_memory(const struct sandbox *sandbox); /* that is why it is dead */
bool sandbox_is_interrupted(const struct sandbox *sandbox);   /* that is why it is dead */
size_t sandbox_memory_used(const struct sandbox *sandbox);
void sandbox_set_time(struct sandbox *sandbox, nanos now); /* what time.now() tells */

/* Asked in the midst of a call that has run for long, every 50 ms of its time, on its thread:
 * while it says yes such calls end as if their budget were spent. For the thread that runs the
 * engine, so that an operator's kill does not wait for a script; NULL: nobody interrupts. */
void sandbox_set_interrupt(bool (*wants)(void *ctx), void *ctx);

/* Collects garbage now. It is collected between calls as needed; call this in quiet times. */
void sandbox_collect(struct sandbox *sandbox);

/* Calls. */

/* Compiles and runs a chunk (text only). *value becomes a reference in the registry to what
 * it returned, LUA_REFNIL if nothing. budget 0: the limit of a call. */
enum err sandbox_load(struct sandbox *sandbox, const char *chunk, const char *text, size_t len,
                      nanos budget, int *value, struct fault *why) MUST_CHECK;
void sandbox_unref(struct sandbox *sandbox, int reference);

/* Runs body(L, context) in protected mode under the budget, on an empty stack with 20 free
 * slots. For everything that is not quick: body may allocate, raise, call functions with
 * lua_call and read results; see the rules for bindings. */
typedef void sandbox_body(lua_State *L, void *context);
enum err sandbox_run(struct sandbox *sandbox, sandbox_body *body, void *context, nanos budget,
                     struct fault *why) MUST_CHECK;

/* The quick way, for numbers in and out:
 *
 *     lua_State *L = sandbox_enter(sandbox, on_bar);
 *     lua_pushnumber(L, close);
 *     if ((err = sandbox_call(sandbox, 1, 1, 0, why)) == OK)
 *         signal = lua_tonumber(L, -1);
 *     sandbox_leave(sandbox);
 *
 * enter pushes the function (a reference); it returns NULL when the sandbox is dead.
 * Between enter and leave only Lua functions that neither allocate nor raise may be used:
 * lua_pushnumber, lua_rawgeti, lua_toboolean... no strings, no tables, no lua_getfield.
 * leave ends what was lent for the call. */
lua_State *sandbox_enter(struct sandbox *sandbox, int function);
enum err sandbox_call(struct sandbox *sandbox, int arguments, int results, nanos budget,
                      struct fault *why) MUST_CHECK;

/* For what very many calls use: the value of a reference stays on the stack, at the index
 * that is returned. At most SANDBOX_KEPT_MAX of them, for the life of the sandbox. enter_kept
 * is enter for such a function. */
int sandbox_keep(struct sandbox *sandbox, int reference);
lua_State *sandbox_enter_kept(struct sandbox *sandbox, int function);

/* After a call with LUA_MULTRET, which is the cheapest for functions that mostly return
 * nothing: whether it returned something, the first of it at *index. The rest is dropped. */
bool sandbox_take_result(struct sandbox *sandbox, int *index);

/* Whether a sentence begins as Lua's messages and those of error() do: "file:12: ...". */
bool sandbox_names_place(const char *text);
void sandbox_leave(struct sandbox *sandbox);

/* For bindings. */

struct sandbox_port {
    void *host;
    uint64_t call; /* number of the call that runs, or of the last one */
    int64_t work;  /* units left */
};

static inline struct sandbox_port *sandbox_port(lua_State *L)
{
    return *(struct sandbox_port **)lua_getextraspace(L);
}

void sandbox_spend(lua_State *L); /* ends the call: the work is used up */

static inline void sandbox_charge(lua_State *L, int64_t units)
{
    struct sandbox_port *port = sandbox_port(L);

    port->work -= units;
    if (UNLIKELY(port->work < 0))
        sandbox_spend(L);
}

void sandbox_host_begin(lua_State *L);
void sandbox_host_end(lua_State *L);

nanos sandbox_time(lua_State *L);

/* For functions that write lines elsewhere: the text as print would put it out, escaped and
 * cut, charged and counted in the same budget; NULL when that is used up. Borrowed until the
 * next line. */
const char *sandbox_make_line(lua_State *L, const char *text, size_t len);

/* Compiles text with the sandbox's globals and pushes the function, or raises. For preludes
 * written in Lua that an install function runs. */
void sandbox_push_chunk(lua_State *L, const char *chunk, const char *text, size_t len);

/* A script-proof metatable: pops the table of metamethods on top of the stack and registers
 * it in the registry under `type`, hidden from getmetatable. */
void sandbox_add_type(lua_State *L, const char *type);

/* Pops a plain table and pushes a read-only stand-in for it, which reads and pairs see through.
 * What the table's own metatable says of missing fields holds. */
void sandbox_seal(lua_State *L);

/* Raises unless the value is a plain table a script may change. */
void sandbox_check_writable(lua_State *L, int index);

/* The text of a value in JSON, pushed; and a value from its text. Both raise. */
void sandbox_push_json(lua_State *L, int index);
void sandbox_push_from_json(lua_State *L, const char *text, size_t len);

#endif
