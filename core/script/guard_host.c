/* Guards and sizing rules: one sandbox each, asked with what they are lent. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/mem.h"
#include "script/script_instance.h"
#include "script/strategy_host.h"

enum { GUARD_CHECK, GUARD_CYCLE };
static const char *const guard_handlers[] = {"check", "on_cycle", NULL};

/* The members of what on_cycle returns, as references: read between enter and leave. */
enum { ACTION_LEVEL, ACTION_SECONDS, ACTION_REASON, ACTION_KEYS };
static const char *const action_names[] = {"level", "seconds", "reason"};

struct guard_host {
    struct script_context context;
    struct script_instance instance;
    int keys[ACTION_KEYS];
};

static void make_keys(lua_State *L, void *context)
{
    struct guard_host *host = context;

    for (int i = 0; i < ACTION_KEYS; i++) {
        lua_pushstring(L, action_names[i]);
        host->keys[i] = luaL_ref(L, LUA_REGISTRYINDEX);
    }
}

enum err guard_host_new(const struct script_options *options,
                        const struct product_table *products, struct guard_host **out,
                        struct fault *why)
{
    struct guard_host *host = mem_new(sizeof *host);

    host->context.products = products;
    host->context.product = PRODUCT_NONE;
    enum err err = script_instance_open(&host->instance, options, "guards", "guard",
                                        guard_handlers, &host->context, why);
    if (!err)
        err = sandbox_run(host->instance.sandbox, make_keys, host, 0, why);
    if (!err && host->instance.handlers[GUARD_CHECK] == LUA_NOREF &&
        host->instance.handlers[GUARD_CYCLE] == LUA_NOREF)
        err = fail(why, ERR_SCRIPT, "%s: a guard needs check or on_cycle", host->instance.path);
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

static enum err read_verdict(lua_State *L, const struct script_instance *instance, bool *allow,
                             char reason[GUARD_REASON_MAX], struct fault *why)
{
    if (!lua_isboolean(L, -2))
        return fail(why, ERR_SCRIPT,
                    "%s: check returned a %s; expected true, or false and a reason",
                    instance->path, luaL_typename(L, -2));
    *allow = lua_toboolean(L, -2);
    snprintf(reason, GUARD_REASON_MAX, "%s",
             lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "no reason given");
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
    struct product_handle *market = NULL;
    sandbox_set_time(instance->sandbox, view->now);
    script_instance_lend(instance, L, LENT_ORDER);
    script_instance_lend(instance, L, LENT_PORTFOLIO);
    script_instance_lend(instance, L, LENT_MARKET);
    market = lua_touserdata(L, -1);
    market->product = request->product;
    enum err err = sandbox_call(instance->sandbox, 4, 2, 0, why);
    if (!err)
        err = read_verdict(L, instance, allow, reason, why);
    sandbox_leave(instance->sandbox);
    host->context.view = NULL;
    host->context.request = NULL;
    return err;
}

static int push_member(const struct guard_host *host, lua_State *L, int table, int key)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, host->keys[key]);
    return lua_rawget(L, table);
}

static enum err read_action(struct guard_host *host, lua_State *L, struct guard_action *out,
                            struct fault *why)
{
    const char *path = host->instance.path;
    int table = lua_gettop(L);

    if (lua_isnil(L, table))
        return OK;
    if (!lua_istable(L, table))
        return fail(
            why, ERR_SCRIPT,
            "%s: on_cycle returned a %s; expected nil or { level =, seconds =, reason = }",
            path, luaL_typename(L, table));
    if (push_member(host, L, table, ACTION_LEVEL) != LUA_TSTRING ||
        !level_parse(lua_tostring(L, -1), &out->level))
        return fail(why, ERR_SCRIPT,
                    "%s: on_cycle's level must be \"reduce_only\", \"paused\" or \"halted\"",
                    path);
    if (push_member(host, L, table, ACTION_SECONDS) == LUA_TNUMBER) {
        double seconds = lua_tonumber(L, -1);
        if (!(seconds > 0 && seconds < 1e8))
            return fail(why, ERR_SCRIPT, "%s: on_cycle's seconds must be more than 0", path);
        out->duration = (nanos)(seconds * 1000) * 1000000;
    }
    if (push_member(host, L, table, ACTION_REASON) == LUA_TSTRING)
        snprintf(out->reason, sizeof out->reason, "%s", lua_tostring(L, -1));
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

struct guard_port guard_host_port(struct guard_host *host)
{
    struct guard_port port = {
        .ctx = host,
        .has_check = host->instance.handlers[GUARD_CHECK] != LUA_NOREF,
        .has_cycle = host->instance.handlers[GUARD_CYCLE] != LUA_NOREF,
        .check = check,
        .cycle = cycle,
    };

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
    if (!err && host->instance.handlers[0] == LUA_NOREF)
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
    if (!api_to_decimal(L, -1, out) || decimal_is_negative(*out))
        return fail(why, ERR_SCRIPT,
                    "%s: size returned a %s that is no size; expected base units, 0 or more",
                    instance->path, luaL_typename(L, -1));
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
