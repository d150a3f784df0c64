/* What the files of the sandbox share. Not for bindings. */
#ifndef SCRIPT_SANDBOX_PRIVATE_H
#define SCRIPT_SANDBOX_PRIVATE_H

#include <setjmp.h>
#include <signal.h>

#include "base/rng.h"
#include "script/arena.h"
#include "script/sandbox.h"
#include "script/shortcuts.h"

/* Why a sandbox is dead. */
enum sandbox_end {
    ALIVE = 0,
    END_TIME,
    END_ABANDONED, /* time, and C code did not come back */
    END_WORK,
    END_MEMORY,
    END_PANIC, /* an error where Lua cannot have one */
    END_INTERRUPTED,
    END_COUNT
};

enum { WHERE_MAX = 80 };

enum sandbox_phase { PHASE_IDLE, PHASE_ENTERED, PHASE_RUNNING };

struct sandbox {
    struct sandbox_port port; /* first: sandbox_port() casts */
    lua_State *L;
    lua_State *volatile current; /* the coroutine that runs */
    struct arena *arena;
    volatile sig_atomic_t end;     /* enum sandbox_end; set also by the signal handler */
    volatile sig_atomic_t in_host; /* > 0: must not be left by a jump */
    enum sandbox_phase phase;
    int resting; /* values on the stack between calls */
    sigjmp_buf abandon;

    struct sandbox_limits limits;
    struct sandbox_options options; /* name is ours, install is not kept */
    size_t collect_at;
    nanos now;
    nanos allowed; /* of the call that runs, for messages */
    struct rng rng;

    int end_value;            /* registry: what is raised once a budget is spent */
    char where[WHERE_MAX];    /* file:line of the end or the error; "" when unknown */
    char short_at[WHERE_MAX]; /* the same of the last refused request for memory */
    bool is_deep;             /* which was in a recursion without end */
    struct fault last_words;  /* of the death */

    int print_left; /* bytes */
    uint64_t print_call;
    int lines_dropped;
    char line[4096 + 16];
    struct sandbox_source source; /* of the module being loaded */
    struct shortcuts *shortcuts;  /* NULL until all globals are there */
    struct buf with_shortcuts;    /* the chunk being compiled */
};

static inline struct sandbox *sandbox_of(lua_State *L)
{
    return *(struct sandbox **)lua_getextraspace(L);
}

/* The end of a budget. */
int sandbox_raise_end(lua_State *L); /* does not return */
/* After every protected call or resume inside the sandbox: nothing swallows the end. */
static inline void sandbox_check_end(lua_State *L, int status)
{
    struct sandbox *s = sandbox_of(L);

    s->in_host = 0; /* a binding that raised inside its section broke rule 1; not for long */
    if (UNLIKELY(s->end || status == LUA_ERRMEM))
        sandbox_raise_end(L);
}

/* Parts of the environment; each leaves the stack as it was, the globals on top. */
void sandbox_add_base(lua_State *L);
void sandbox_add_coroutine(lua_State *L);
void sandbox_add_json(lua_State *L);
void sandbox_add_math(lua_State *L);
void sandbox_add_metatable(lua_State *L);
void sandbox_add_pairs(lua_State *L);
void sandbox_add_print(lua_State *L);
void sandbox_add_require(lua_State *L);
void sandbox_add_string(lua_State *L);
void sandbox_add_table(lua_State *L);

/* sandbox_env.c: makes everything, runs the install functions, seals. */
void sandbox_build(lua_State *L, void *unused);
/* The real table behind a read-only one is pushed; false and nothing if it is not one. */
bool sandbox_push_behind(lua_State *L, int index);

/* sandbox_pairs.c: pushes the keys of the table at an absolute index in the order of pairs,
 * as a list; returns how many. */
int sandbox_push_keys(lua_State *L, int table);
/* Whether the keys are 1..count, and kept in that order. */
bool sandbox_is_sequence(lua_State *L, int table, int *count);

/* sandbox_base.c: like luaL_tolstring, without addresses. */
const char *sandbox_push_text(lua_State *L, int index, size_t *len);

/* sandbox_format.c: string.format. */
int sandbox_format(lua_State *L);

#endif
