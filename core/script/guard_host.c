/* Guards and sizing rules: one sandbox each, asked with what they are lent. */
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/mem.h"
#include "base/names.h"
#include "script/printable.h"
#include "script/script_instance.h"
#include "script/script_state.h"
#include "script/strategy_host.h"

enum { GUARD_CHECK, GUARD_CYCLE, GUARD_SAVE, GUARD_RESTORE };
static const char *const guard_handlers[] = {"check", "on_cycle", "on_save", "on_restore",
                                             NULL};

/* The members of what on_cycle returns. */
static const char *const action_names[] = {"level", "seconds", "reason"};

struct guard_host {
    struct script_context context;
    struct script_instance instance;
    nanos start_max; /* the budget of saving and restoring too */
};

enum err guard_host_new(const struct script_options *options,
                        const struct product_table *products, struct guard_host **out,
                        struct fault *why)
{
    struct guard_host *host = mem_new(sizeof *host);

    host->context.products = products;
    host->context.product = PRODUCT_NONE;
    enum err err = script_instance_open(&host->instance, options, "guards", "guard",
                                        guard_handlers, &host->context, why);
    if (!err && !script_instance_has(&host->instance, GUARD_CHECK) &&
        !script_instance_has(&host->instance, GUARD_CYCLE))
        err = fail(why, ERR_SCRIPT, "%s: a guard needs check or on_cycle", host->instance.path);
    if (!err)
        err = script_state_check(&host->instance, GUARD_SAVE, GUARD_RESTORE, why);
    host->start_max = script_start_budget(options);
    if (err) {
        guard_host_free(host);
        return err;
    }
    *out = host;
    return OK;
}

void guard_host_free(struct guard_host *host)
{
    if (host)
        script_instance_close(&host->instance);
    mem_free(host);
}

static enum err dead(const struct script_instance *instance, struct fault *why)
{
    return fail(why, ERR_BUDGET, "%s broke its budget earlier; restart or reload it",
                instance->path);
}

/* Puts the place and name of a handler before what is wrong with its result. */
static enum err at_handler(lua_State *L, const struct script_instance *instance, int handler,
                           const char *name, struct fault *why)
{
    char place[SCRIPT_PLACE_MAX];

    script_instance_place(instance, L, handler, place);
    return why ? fault_prefix(why, "%s: %s ", place, name) : ERR_SCRIPT;
}

/* Fit to be printed, and cut to the room there is. */
static void copy_reason(lua_State *L, int index, char reason[GUARD_REASON_MAX])
{
    size_t len;
    const char *text = lua_tolstring(L, index, &len);

    printable_format(text, len, reason, GUARD_REASON_MAX);
}

static enum err read_verdict(lua_State *L, const struct script_instance *instance, bool *allow,
                             char reason[GUARD_REASON_MAX], struct fault *why)
{
    bool has_reason = lua_type(L, -1) == LUA_TSTRING;

    if (!lua_isboolean(L, -2) || (!has_reason && !lua_isnil(L, -1))) {
        fail(why, ERR_SCRIPT, "returned a %s and a %s; expected true, or false and a reason",
             luaL_typename(L, -2), luaL_typename(L, -1));
        return at_handler(L, instance, GUARD_CHECK, "check", why);
    }
    *allow = lua_toboolean(L, -2);
    if (has_reason)
        copy_reason(L, -1, reason);
    else
        snprintf(reason, GUARD_REASON_MAX, "no reason given");
    return OK;
}

static enum err check(void *ctx, const struct order_request *request, const struct view *view,
                      bool *allow, char reason[GUARD_REASON_MAX], struct fault *why)
{
    struct guard_host *host = ctx;
    struct script_instance *instance = &host->instance;
    lua_State *L = script_instance_enter(instance, GUARD_CHECK);

    if (!L)
        return dead(instance, why);
    host->context.view = view;
    host->context.request = request;
    host->context.product = request->product;
    sandbox_set_time(instance->sandbox, view->now);
    script_instance_lend(instance, L, LENT_ORDER);
    script_instance_lend(instance, L, LENT_PORTFOLIO);
    script_instance_lend(instance, L, LENT_MARKET);
    struct product_handle *market = lua_touserdata(L, -1);
    market->product = request->product;
    enum err err = sandbox_call(instance->sandbox, 4, 2, 0, why);
    if (!err)
        err = read_verdict(L, instance, allow, reason, why);
    sandbox_leave(instance->sandbox);
    host->context.view = NULL;
    host->context.request = NULL;
    return err;
}

/* One member of an action: its name below its value on top. */
static enum err read_member(lua_State *L, struct guard_action *out, struct fault *why)
{
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
    int type = lua_type(L, -1),
        member = names_find(action_names, ARRAY_LEN(action_names), name);

    if (member == 0) {
        if (type == LUA_TSTRING && level_parse(lua_tostring(L, -1), &out->level))
            return OK;
        return fail(why, ERR_SCRIPT,
                    "has no such level; expected \"reduce_only\", \"paused\" or \"halted\"");
    }
    if (member == 1) {
        double seconds = type == LUA_TNUMBER ? lua_tonumber(L, -1) : 0;
        if (!(seconds >= 0.001 && seconds < 1e8))
            return fail(why, ERR_SCRIPT, "has seconds that are no number above 0");
        out->duration = (nanos)(seconds * 1000) * 1000000;
        return OK;
    }
    if (member == 2 && type == LUA_TSTRING) {
        copy_reason(L, -1, out->reason);
        return OK;
    }
    return fail(why, ERR_SCRIPT,
                "has a member '%.40s' that is %s; expected level, seconds, reason", name,
                member == 2 ? "no text" : "unknown");
}

/* What on_cycle returned, on top of the stack. */
static enum err read_members(lua_State *L, struct guard_action *out, struct fault *why)
{
    enum err err = OK;
    int table = lua_gettop(L);

    if (!lua_istable(L, table))
        return fail(why, ERR_SCRIPT,
                    "is a %s; expected nil or { level =, seconds =, reason = }",
                    luaL_typename(L, table));
    out->level = LEVEL_COUNT;
    for (lua_pushnil(L); !err && lua_next(L, table); lua_pop(L, 1))
        err = read_member(L, out, why);
    lua_settop(L, table);
    if (!err && out->level == LEVEL_COUNT)
        err = fail(why, ERR_SCRIPT, "has no level");
    return err;
}

static enum err read_action(struct guard_host *host, lua_State *L, struct guard_action *out,
                            struct fault *why)
{
    struct guard_action action = *out;

    if (lua_isnil(L, -1))
        return OK;
    snprintf(action.reason, sizeof action.reason, "no reason given");
    if (read_members(L, &action, why))
        return at_handler(L, &host->instance, GUARD_CYCLE, "what on_cycle returned", why);
    *out = action;
    return OK;
}

static enum err cycle(void *ctx, const struct view *view, struct guard_action *out,
                      struct fault *why)
{
    struct guard_host *host = ctx;
    struct script_instance *instance = &host->instance;
    lua_State *L = script_instance_enter(instance, GUARD_CYCLE);

    if (!L)
        return dead(instance, why);
    host->context.view = view;
    sandbox_set_time(instance->sandbox, view->now);
    script_instance_lend(instance, L, LENT_PORTFOLIO);
    if (view->market) {
        script_instance_lend(instance, L, LENT_MARKET);
        struct product_handle *market = lua_touserdata(L, -1);
        market->product = view->market->ref;
    } else {
        lua_pushnil(L);
    }
    enum err err = sandbox_call(instance->sandbox, 3, 1, 0, why);
    if (!err)
        err = read_action(host, L, out, why);
    sandbox_leave(instance->sandbox);
    host->context.view = NULL;
    return err;
}

static enum err save_guard(void *ctx, struct buf *out, struct fault *why)
{
    struct guard_host *host = ctx;

    return script_state_save(&host->instance, GUARD_SAVE, host->start_max, out, why);
}

static enum err restore_guard(void *ctx, const char *json, uint64_t version, struct fault *why)
{
    struct guard_host *host = ctx;

    return script_state_restore(&host->instance, GUARD_RESTORE, host->start_max, json, version,
                                why);
}

struct guard_port guard_host_port(struct guard_host *host)
{
    struct guard_port port = {
        .ctx = host,
        .has_check = script_instance_has(&host->instance, GUARD_CHECK),
        .has_cycle = script_instance_has(&host->instance, GUARD_CYCLE),
        .check = check,
        .cycle = cycle,
    };

    if (script_instance_has(&host->instance, GUARD_SAVE)) {
        port.save = save_guard;
        port.restore = restore_guard;
        port.version = host->instance.version;
    }
    snprintf(port.name, sizeof port.name, "%s", host->instance.name);
    return port;
}

/* ---- sizing ---- */

static const char *const sizing_handlers[] = {"size", NULL};

struct sizing_host {
    struct script_context context;
    struct script_instance instance;
};

enum err sizing_host_new(const struct script_options *options,
                         const struct product_table *products, struct sizing_host **out,
                         struct fault *why)
{
    struct sizing_host *host = mem_new(sizeof *host);

    host->context.products = products;
    host->context.product = PRODUCT_NONE;
    enum err err = script_instance_open(&host->instance, options, "sizing", "sizing",
                                        sizing_handlers, &host->context, why);
    if (!err && !script_instance_has(&host->instance, 0))
        err = fail(why, ERR_SCRIPT,
                   "%s: a sizing rule needs size(self, decision, portfolio, market)",
                   host->instance.path);
    if (err) {
        sizing_host_free(host);
        return err;
    }
    *out = host;
    return OK;
}

void sizing_host_free(struct sizing_host *host)
{
    if (host)
        script_instance_close(&host->instance);
    mem_free(host);
}

static enum err read_size(lua_State *L, const struct script_instance *instance, decimal *out,
                          struct fault *why)
{
    if (lua_isnil(L, -1)) {
        *out = DECIMAL_ZERO;
        return OK;
    }
    if (!api_to_decimal(L, -1, out) || decimal_is_negative(*out)) {
        fail(why, ERR_SCRIPT, "returned a %s that is no size; expected base units, 0 or more",
             luaL_typename(L, -1));
        return at_handler(L, instance, 0, "size", why);
    }
    return OK;
}

static enum err size(void *ctx, const struct decision *decision, const struct view *view,
                     decimal *out, struct fault *why)
{
    struct sizing_host *host = ctx;
    struct script_instance *instance = &host->instance;
    lua_State *L = script_instance_enter(instance, 0);

    if (!L)
        return dead(instance, why);
    host->context.view = view;
    host->context.decision = decision;
    host->context.product = view->market->ref;
    sandbox_set_time(instance->sandbox, view->now);
    script_instance_lend(instance, L, LENT_DECISION);
    script_instance_lend(instance, L, LENT_PORTFOLIO);
    script_instance_lend(instance, L, LENT_MARKET);
    struct product_handle *market = lua_touserdata(L, -1);
    market->product = view->market->ref;
    enum err err = sandbox_call(instance->sandbox, 4, 1, 0, why);
    if (!err)
        err = read_size(L, instance, out, why);
    sandbox_leave(instance->sandbox);
    host->context.view = NULL;
    host->context.decision = NULL;
    return err;
}

struct sizing_port sizing_host_port(struct sizing_host *host)
{
    return (struct sizing_port){host, size};
}
