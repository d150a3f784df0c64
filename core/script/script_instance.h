/* A loaded script of any role: its sandbox, its parameters, its handlers, and
 * the handles it is lent. Strategy, guard and sizing hosts are built on it. */
#ifndef SCRIPT_SCRIPT_INSTANCE_H
#define SCRIPT_SCRIPT_INSTANCE_H

#include "script/api.h"
#include "script/params.h"
#include "script/sandbox.h"
#include "script/script_file.h"
#include "script/strategy_host.h"

enum { HANDLERS_MAX = 16 };

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

struct script_instance {
    struct sandbox *sandbox;
    struct script_context *context; /* borrowed */
    char name[STRATEGY_NAME_MAX];   /* as the script calls itself */
    char path[SCRIPT_PATH_MAX];
    bool is_portfolio; /* declared `portfolio = true` */
    struct param_set params;
    int self;                   /* registry reference of the script's table */
    int handlers[HANDLERS_MAX]; /* of its functions, LUA_NOREF where it has none */
    int parameters[HANDLERS_MAX]; /* how many each declares, self included; more are not read */
    int lent[LENT_COUNT];
    struct handle *handles[LENT_COUNT]; /* the same, by address: Lua does not move userdata */
    const struct decision_keys *keys; /* see script/decision_reader.h */
    struct decision_keys *own_keys;
};

/* Finds, compiles and runs the script; checks its role and parameters; looks up the handlers
 * named in `names` (NULL-terminated). ERR_MISSING, ERR_SCRIPT, ERR_BUDGET, ERR_USAGE for
 * parameters. */
enum err script_instance_open(struct script_instance *instance,
                              const struct script_options *options, const char *folder,
                              const char *role, const char *const *names,
                              struct script_context *context, struct fault *why) MUST_CHECK;
void script_instance_close(struct script_instance *instance);

/* Starts a call of a handler with `self` pushed; NULL when the sandbox is dead. Then push
 * further arguments with script_instance_lend, and sandbox_call. */
lua_State *script_instance_enter(struct script_instance *instance, int handler);
void script_instance_lend(struct script_instance *instance, lua_State *L, enum lent what);

#endif
