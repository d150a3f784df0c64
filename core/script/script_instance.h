/* A loaded script of any role: its sandbox, its parameters, its handlers, and
 * the handles it is lent. Strategy, guard and sizing hosts are built on it. */
#ifndef SCRIPT_SCRIPT_INSTANCE_H
#define SCRIPT_SCRIPT_INSTANCE_H

#include "script/api.h"
#include "script/params.h"
#include "script/sandbox.h"
#include "script/script_file.h"
#include "script/strategy_host.h"

enum { HANDLERS_MAX = 16, SCRIPT_PLACE_MAX = SCRIPT_PATH_MAX + 16 };

/* What is passed to handlers: userdata made once, lent for each call. */
enum lent {
    LENT_MARKET,
    LENT_PORTFOLIO,
    LENT_BAR,
    LENT_TRADE,
    LENT_QUOTE,
    LENT_ORDER,
    LENT_FILL,
    LENT_DECISION,
    LENT_COUNT
};

/* A handle that a script kept must not come to life again when its turn comes. A prime number
 * of turns: scripts keep things for 2 bars, or 10, or 50, and a use in any call that is no
 * multiple of it is told. */
enum { LENT_TURNS = 31 };

/* The table `markets` and what is in it. */
struct market_handles {
    int table;                                    /* registry reference */
    int refs[PRODUCTS_MAX];                       /* of each market */
    struct product_handle *handles[PRODUCTS_MAX]; /* NULL: not traded */
};

struct script_instance {
    struct sandbox *sandbox;
    struct script_context *context; /* borrowed */
    char name[STRATEGY_NAME_MAX];   /* as the script calls itself */
    struct script_file file;        /* what runs: a rebuild takes the same text */
    const char *path;               /* of the file */
    bool is_portfolio;              /* declared `portfolio = true` */
    nanos every;      /* declared `every = "1h"`: how often on_timer is called; 0: never */
    uint64_t version; /* declared `version = 2`: of its saved state; 1 unless it says so */
    struct param_set params;
    int self;                          /* registry reference of the script's table */
    int handlers[HANDLERS_MAX];        /* of its functions, LUA_NOREF where it has none */
    int kept_self, kept[HANDLERS_MAX]; /* the same on the stack of the sandbox; 0: has none */
    int parameters[HANDLERS_MAX]; /* how many each declares, self included; more are not read */
    /* Several of a kind take turns, so that the bar of an earlier call is not the bar of this
     * one: who kept it is told, instead of reading the wrong numbers. */
    int lent[LENT_COUNT][LENT_TURNS];
    struct product_handle
        *handles[LENT_COUNT][LENT_TURNS]; /* the same, by address: Lua moves no userdata */
    unsigned char turn[LENT_COUNT];
    struct market_handles *markets; /* of a portfolio strategy; else NULL */
    struct decision_keys *keys;     /* see script/decision_reader.h */
};

/* Finds, compiles and runs the script; checks its role and parameters; looks up the handlers
 * named in `names` (NULL-terminated). ERR_MISSING, ERR_SCRIPT, ERR_BUDGET, ERR_USAGE for
 * parameters. */
enum err script_instance_open(struct script_instance *instance,
                              const struct script_options *options, const char *folder,
                              const char *role, const char *const *names,
                              struct script_context *context, struct fault *why) MUST_CHECK;
/* The same text in a fresh sandbox, after a budget ended the old one. When that fails there is
 * none: script_instance_has says false for every handler. */
enum err script_instance_reopen(struct script_instance *instance,
                                const struct script_options *options, const char *role,
                                const char *const *names, struct fault *why) MUST_CHECK;
void script_instance_close(struct script_instance *instance);

/* What starting may take: options->start_max, or the default. */
nanos script_start_budget(const struct script_options *options);

bool script_instance_has(const struct script_instance *instance, int handler);
/* "lua/strategies/x.lua:12", where a handler is written. Neither allocates nor raises. */
void script_instance_place(const struct script_instance *instance, lua_State *L, int handler,
                           char out[SCRIPT_PLACE_MAX]);

/* Puts the place of a handler before a sentence that names none: `return buy(...)` leaves no
 * line behind, since a tail call takes the caller's frame away. */
void script_instance_blame(const struct script_instance *instance, lua_State *L, int handler,
                           struct fault *why);

/* Starts a call of a handler with `self` pushed; NULL when the sandbox is dead. Then push
 * further arguments with script_instance_lend, and sandbox_call. */
lua_State *script_instance_enter(struct script_instance *instance, int handler);
void script_instance_lend(struct script_instance *instance, lua_State *L, enum lent what);
/* Of a portfolio strategy: the table of all its markets; what belongs to one of them. */
void script_instance_lend_markets(struct script_instance *instance, lua_State *L);
void script_instance_lend_of(struct script_instance *instance, lua_State *L, enum lent what,
                             product_ref product);

#endif
