#include "script/script_instance.h"

#include <assert.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "script/decision_reader.h"
#include "script/script_file.h"

/* What the protected body that inspects a fresh script is given. */
struct inspection {
    struct script_instance *instance;
    const struct script_options *options;
    const char *role;
    const char *const *names;
    int chunk; /* reference of what the chunk returned */
    struct fault why;
};

static void print_line(void *host, const char *line)
{
    const struct script_context *context = host;

    log_info("script.print", "script=%s text=\"%s\"", context->script, line);
}

/* "signals.momentum" is lua/signals/momentum.lua: the folder is all but the last word. */
static enum err find_module(void *host, const char *module, struct sandbox_source *out,
                            struct fault *why)
{
    char folder[SANDBOX_MODULE_NAME_MAX + 1];
    const char *dot = strrchr(module, '.');
    struct script_file file = {.text = BUF_INIT};

    (void)host;
    if (!dot)
        return fail(why, ERR_MISSING,
                    "no module '%s': modules are named FOLDER.NAME, like signals.%s", module,
                    module);
    snprintf(folder, sizeof folder, "%.*s", (int)(dot - module), module);
    for (char *c = folder; *c; c++)
        if (*c == '.')
            *c = '/';
    enum err err = script_file_load(folder, dot + 1, &file, why);
    if (err)
        return err;
    snprintf(out->name, sizeof out->name, "%.255s", file.path);
    buf_add(&out->text, buf_text(&file.text), file.text.len);
    script_file_clear(&file);
    return OK;
}

/* ---- parameters ---- */

static void read_text(lua_State *L, const char *key, char *out, size_t size)
{
    lua_pushstring(L, key);
    if (lua_rawget(L, -2) == LUA_TSTRING)
        snprintf(out, size, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
}

static bool read_bound(lua_State *L, const char *key, double *out)
{
    lua_pushstring(L, key);
    bool has = lua_rawget(L, -2) == LUA_TNUMBER;
    if (has)
        *out = lua_tonumber(L, -1);
    lua_pop(L, 1);
    return has;
}

static void format_value(lua_State *L, int index, char *out, size_t size)
{
    int type = lua_type(L, index);

    if (type == LUA_TBOOLEAN)
        snprintf(out, size, "%s", lua_toboolean(L, index) ? "true" : "false");
    else if (lua_isinteger(L, index))
        snprintf(out, size, "%lld", (long long)lua_tointeger(L, index));
    else if (type == LUA_TNUMBER)
        snprintf(out, size, "%.17g", lua_tonumber(L, index));
    else if (type == LUA_TSTRING)
        snprintf(out, size, "%s", lua_tostring(L, index));
}

static void read_choices(lua_State *L, struct param *param)
{
    size_t len = 0;

    lua_pushstring(L, "choices");
    if (lua_rawget(L, -2) == LUA_TTABLE)
        for (int i = 1; lua_rawgeti(L, -1, i) == LUA_TSTRING && len < sizeof param->choices - 1;
             i++) {
            len += (size_t)snprintf(param->choices + len, sizeof param->choices - len, "%s%s",
                                    i > 1 ? " " : "", lua_tostring(L, -1));
            lua_pop(L, 1);
        }
    lua_settop(L, -2);
}

/* The declaration on top of the stack. */
static void read_declaration(lua_State *L, const char *name, struct param *param)
{
    static const char *const types[] = {"integer", "number", "boolean", "text", "choice"};
    char kind[16] = "";
    int top = lua_gettop(L);

    memset(param, 0, sizeof *param);
    snprintf(param->name, sizeof param->name, "%s", name);
    read_text(L, "kind", kind, sizeof kind);
    while (param->type < PARAM_CHOICE && strcmp(types[param->type], kind) != 0)
        param->type++;
    param->has_min = read_bound(L, "min", &param->min);
    param->has_max = read_bound(L, "max", &param->max);
    read_text(L, "help", param->help, sizeof param->help);
    if (param->type == PARAM_CHOICE)
        read_choices(L, param);
    lua_settop(L, top);
    lua_pushstring(L, "default");
    lua_rawget(L, -2);
    format_value(L, -1, param->fallback, sizeof param->fallback);
    lua_settop(L, top);
    memcpy(param->value, param->fallback, sizeof param->value);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct param *)a)->name, ((const struct param *)b)->name);
}

/* Every declaration in the table on top of the stack: those of param.integer {...} and the
 * like; a bare value declares itself. */
static enum err read_declarations(lua_State *L, struct inspection *in)
{
    struct param_set *set = &in->instance->params;

    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            return fail(&in->why, ERR_SCRIPT,
                        "parameters have names, like fast = param.integer { 10 }");
        if (lua_type(L, -1) != LUA_TTABLE)
            return fail(&in->why, ERR_SCRIPT,
                        "parameter '%s' is not declared: write %s = param.number { ... }",
                        lua_tostring(L, -2), lua_tostring(L, -2));
        if (set->count == PARAMS_MAX)
            return fail(&in->why, ERR_SCRIPT, "more than %d parameters", PARAMS_MAX);
        read_declaration(L, lua_tostring(L, -2), &set->items[set->count++]);
    }
    qsort(set->items, (size_t)set->count, sizeof set->items[0], compare_names);
    return OK;
}

/* A default outside its own range is a mistake of the script. */
static enum err check_defaults(struct inspection *in)
{
    struct param_set copy = in->instance->params;

    for (int i = 0; i < copy.count; i++) {
        struct param_value value;
        memset(&value, 0, sizeof value);
        memcpy(value.name, copy.items[i].name, sizeof value.name);
        memcpy(value.text, copy.items[i].fallback, sizeof value.text);
        snprintf(value.source, sizeof value.source, "its default");
        if (param_set_apply(&copy, &value, 1, in->instance->name, &in->why))
            return in->why.code = ERR_SCRIPT;
    }
    return OK;
}

/* self.params, on top of the stack, gets the values in force. */
static void push_values(lua_State *L, const struct param_set *set)
{
    for (int i = 0; i < set->count; i++) {
        const struct param *param = &set->items[i];
        lua_pushstring(L, param->name);
        if (param->type == PARAM_INTEGER)
            lua_pushinteger(L, (lua_Integer)strtod(param->value, NULL));
        else if (param->type == PARAM_NUMBER)
            lua_pushnumber(L, strtod(param->value, NULL));
        else if (param->type == PARAM_BOOLEAN)
            lua_pushboolean(L, strcmp(param->value, "true") == 0);
        else
            lua_pushstring(L, param->value);
        lua_rawset(L, -3);
    }
}

static enum err set_params(lua_State *L, struct inspection *in)
{
    struct script_instance *instance = in->instance;
    int top = lua_gettop(L);

    lua_pushstring(L, "declared");
    if (lua_rawget(L, top) == LUA_TTABLE && read_declarations(L, in))
        return in->why.code;
    lua_settop(L, top);
    if (check_defaults(in))
        return in->why.code;
    if (param_set_apply(&instance->params, in->options->params, in->options->param_count,
                        instance->name, &in->why))
        return in->why.code;
    lua_pushstring(L, "params");
    lua_newtable(L);
    push_values(L, &instance->params);
    lua_rawset(L, top);
    return OK;
}

/* ---- what a fresh script must be ---- */

static enum err check_role(lua_State *L, struct inspection *in)
{
    char role[16] = "";

    if (!lua_istable(L, -1))
        return fail(&in->why, ERR_SCRIPT,
                    "%s returns a %s; it must return what %s.new(...) made", in->instance->path,
                    luaL_typename(L, -1), in->role);
    read_text(L, "role", role, sizeof role);
    read_text(L, "name", in->instance->name, sizeof in->instance->name);
    if (strcmp(role, in->role) == 0)
        return OK;
    return fail(&in->why, ERR_SCRIPT, "%s returns %s%s; expected what %s.new(...) made",
                in->instance->path, role[0] ? "a " : "a table of its own", role, in->role);
}

/* Misspelt handlers would never be called and nobody would know. */
static enum err check_handlers(lua_State *L, struct inspection *in)
{
    int count = 0;

    while (in->names[count])
        count++;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "";
        bool is_known = strncmp(key, "on_", 3) != 0 || lua_type(L, -1) != LUA_TFUNCTION;
        for (int i = 0; i < count && !is_known; i++)
            is_known = strcmp(in->names[i], key) == 0;
        if (is_known)
            continue;
        const char *near = text_nearest(key, in->names, count);
        return fail(&in->why, ERR_SCRIPT, "%s: a %s has no handler '%s'%s%s%s",
                    in->instance->path, in->role, key, near ? "; did you mean '" : "",
                    near ? near : "", near ? "'?" : "");
    }
    return OK;
}

/* Of the function on top. */
static int count_parameters(lua_State *L)
{
    lua_Debug function;

    lua_pushvalue(L, -1);
    lua_getinfo(L, ">u", &function);
    return function.isvararg ? INT_MAX : function.nparams;
}

static void find_handlers(lua_State *L, struct inspection *in)
{
    for (int i = 0; i < HANDLERS_MAX; i++)
        in->instance->handlers[i] = LUA_NOREF;
    for (int i = 0; in->names[i]; i++) {
        assert(i < HANDLERS_MAX);
        lua_pushstring(L, in->names[i]);
        if (lua_rawget(L, -2) != LUA_TFUNCTION) {
            lua_pop(L, 1);
            continue;
        }
        in->instance->parameters[i] = count_parameters(L);
        in->instance->handlers[i] = luaL_ref(L, LUA_REGISTRYINDEX);
    }
}

static void make_handles(lua_State *L, struct script_instance *instance)
{
    static const struct group *const groups[LENT_COUNT] = {
        [LENT_MARKET] = &api_market, [LENT_PORTFOLIO] = &api_portfolio,
        [LENT_BAR] = &api_bar,       [LENT_TRADE] = &api_trade,
        [LENT_QUOTE] = &api_quote,   [LENT_ORDER] = &api_order,
        [LENT_FILL] = &api_fill,     [LENT_DECISION] = &api_decision};

    for (int i = 0; i < LENT_COUNT; i++) {
        struct product_handle *handle = api_push_handle(L, groups[i], sizeof *handle);
        handle->product = instance->context->product;
        instance->handles[i] = &handle->handle;
        instance->lent[i] = luaL_ref(L, LUA_REGISTRYINDEX);
    }
}

static void inspect(lua_State *L, void *context)
{
    struct inspection *in = context;
    struct script_instance *instance = in->instance;

    lua_rawgeti(L, LUA_REGISTRYINDEX, in->chunk);
    if (check_role(L, in) || check_handlers(L, in) || set_params(L, in))
        return;
    lua_pushstring(L, "portfolio");
    lua_rawget(L, -2);
    instance->is_portfolio = lua_toboolean(L, -1);
    lua_pop(L, 1);
    find_handlers(L, in);
    make_handles(L, instance);
    decision_keys_make(L, instance->own_keys);
    instance->self = luaL_ref(L, LUA_REGISTRYINDEX);
}

static enum err load(struct script_instance *instance, const struct script_file *file,
                     struct inspection *in, struct fault *why)
{
    nanos budget = in->options->start_max;
    enum err err = sandbox_load(instance->sandbox, file->path, buf_text(&file->text),
                                file->text.len, budget, &in->chunk, why);

    if (!err)
        err = sandbox_run(instance->sandbox, inspect, in, budget, why);
    if (!err && in->why.code) {
        err = in->why.code;
        if (why)
            *why = in->why;
    }
    return err;
}

enum err script_instance_open(struct script_instance *instance,
                              const struct script_options *options, const char *folder,
                              const char *role, const char *const *names,
                              struct script_context *context, struct fault *why)
{
    struct script_file file = {.text = BUF_INIT};
    struct inspection in = {
        .instance = instance, .options = options, .role = role, .names = names};

    memset(instance, 0, sizeof *instance);
    instance->context = context;
    instance->own_keys = mem_new(sizeof *instance->own_keys);
    instance->keys = instance->own_keys;
    enum err err = script_file_load(folder, options->name, &file, why);
    if (err)
        return err;
    snprintf(instance->path, sizeof instance->path, "%s", file.path);
    struct sandbox_options box = {
        .name = options->name,
        .seed = options->seed,
        .limits = {.memory = (size_t)options->memory_max, .call = options->call_max},
        .host = context,
        .print = print_line,
        .find_module = find_module,
        .install = api_install,
    };
    context->script = instance->path;
    err = sandbox_new(&box, &instance->sandbox, why);
    if (!err)
        err = load(instance, &file, &in, why);
    script_file_clear(&file);
    return err;
}

void script_instance_close(struct script_instance *instance)
{
    sandbox_free(instance->sandbox);
    mem_free(instance->own_keys);
    memset(instance, 0, sizeof *instance);
}

lua_State *script_instance_enter(struct script_instance *instance, int handler)
{
    assert(instance->handlers[handler] != LUA_NOREF);
    lua_State *L = sandbox_enter(instance->sandbox, instance->handlers[handler]);
    if (L)
        lua_rawgeti(L, LUA_REGISTRYINDEX, instance->self);
    return L;
}

void script_instance_lend(struct script_instance *instance, lua_State *L, enum lent what)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, instance->lent[what]);
    instance->handles[what]->call = sandbox_port(L)->call;
}
