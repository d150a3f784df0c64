#include "script/script_instance.h"

#include <assert.h>
#include <ctype.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "base/home.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "script/api_param.h"
#include "script/decision_reader.h"
#include "script/printable.h"
#include "script/script_tree.h"

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

/* A module below lua/ in the working directory, else below the home, else compiled in. */
static enum err find_module(void *host, const char *module, struct sandbox_source *out,
                            struct fault *why)
{
    char own[HOME_PATH_MAX];
    bool has_home = home_path("lua", own);
    const char *const roots[] = {"lua", has_home ? own : NULL};

    (void)host;
    for (size_t i = 0; i < ARRAY_LEN(roots) && roots[i]; i++) {
        struct script_tree *tree;
        if (script_tree_open(roots[i], &tree, NULL))
            continue; /* there is no such folder */
        enum err err = script_tree_find(tree, module, out, why);
        script_tree_close(tree);
        if (err != ERR_MISSING)
            return err;
    }
    if (script_builtin_find(module, out, NULL) == OK)
        return OK;
    return fail(why, ERR_MISSING, "it is not below lua/%s%.200s, and not compiled in",
                has_home ? " or " : "", has_home ? own : "");
}

/* ---- parameters ---- */

static void read_text(lua_State *L, const char *key, char *out, size_t size)
{
    lua_pushstring(L, key);
    if (lua_rawget(L, -2) == LUA_TSTRING)
        snprintf(out, size, "%s", lua_tostring(L, -1));
    lua_pop(L, 1);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(((const struct param *)a)->name, ((const struct param *)b)->name);
}

/* Names that can be written as self.params.NAME and given as --param NAME=VALUE. */
static enum err check_param_name(const char *name, size_t len, const char *where,
                                 struct fault *why)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"
                                  "0123456789";
    bool is_identifier =
        len > 0 && strspn(name, letters) == len && (*name < '0' || *name > '9');
    char shown[64];

    if (is_identifier && len < PARAM_NAME_MAX)
        return OK;
    printable_format(name, len, shown, sizeof shown);
    if (is_identifier)
        return fail(why, ERR_SCRIPT, "%s: the name '%s' is longer than %d characters", where,
                    shown, PARAM_NAME_MAX - 1);
    return fail(why, ERR_SCRIPT,
                "%s: '%s' is no name for a parameter: letters, digits and _, no digit first",
                where, shown);
}

/* One declaration: its name below its value on top. */
static enum err read_declaration(lua_State *L, struct inspection *in)
{
    struct param_set *set = &in->instance->params;
    const char *path = in->instance->path;
    size_t len = 0;
    const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tolstring(L, -2, &len) : NULL;
    const struct param *declared = api_to_param(L, -1);

    if (!name)
        return fail(&in->why, ERR_SCRIPT,
                    "%s: parameters have names, like fast = param.integer { 10 }", path);
    if (!declared)
        return fail(&in->why, ERR_SCRIPT,
                    "%s: parameter '%.40s' is a %s; declare it: %.40s = param.number { ... }",
                    path, name, luaL_typename(L, -1), name);
    if (check_param_name(name, len, declared->where, &in->why))
        return in->why.code;
    if (set->count == PARAMS_MAX)
        return fail(&in->why, ERR_SCRIPT, "%s: more than %d parameters", path, PARAMS_MAX);
    struct param *param = &set->items[set->count++];
    *param = *declared;
    snprintf(param->name, sizeof param->name, "%s", name);
    memcpy(param->value, param->fallback, sizeof param->value);
    return OK;
}

/* Every declaration in the table on top of the stack. */
static enum err read_declarations(lua_State *L, struct inspection *in)
{
    struct param_set *set = &in->instance->params;

    set->count = 0;
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
        if (read_declaration(L, in))
            return in->why.code;
    qsort(set->items, (size_t)set->count, sizeof set->items[0], compare_names);
    return OK;
}

/* A misspelt parameter would be nil, and nil means many things. */
static int refuse_unknown(lua_State *L)
{
    const struct param_set *set = lua_touserdata(L, lua_upvalueindex(1));
    const char *names[PARAMS_MAX],
        *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";

    for (int i = 0; i < set->count; i++)
        names[i] = set->items[i].name;
    const char *near = text_nearest(name, names, set->count);
    return luaL_error(L, "there is no parameter '%s'%s%s%s", name,
                      near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
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
    if (param_set_apply(&instance->params, in->options->params, in->options->param_count,
                        instance->name, &in->why))
        return in->why.code;
    lua_pushstring(L, "params");
    lua_newtable(L);
    push_values(L, &instance->params);
    lua_createtable(L, 0, 1);
    lua_pushlightuserdata(L, &instance->params);
    lua_pushcclosure(L, refuse_unknown, 1);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, false);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_rawset(L, top);
    return OK;
}

/* ---- what a fresh script must be ---- */

/* Names go into ids, journals and file names. */
static bool is_name(const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789_";

    return name[0] >= 'a' && name[0] <= 'z' && strspn(name, letters) == strlen(name);
}

static enum err check_role(lua_State *L, struct inspection *in)
{
    struct script_instance *instance = in->instance;
    char role[16] = "", name[STRATEGY_NAME_MAX + 1] = "";

    if (!lua_istable(L, -1))
        return fail(&in->why, ERR_SCRIPT,
                    "%s returns a %s; its last line must return what %s.new(...) made",
                    instance->path, luaL_typename(L, -1), in->role);
    read_text(L, "role", role, sizeof role);
    read_text(L, "name", name, sizeof name);
    if (strcmp(role, in->role) != 0)
        return fail(&in->why, ERR_SCRIPT, "%s returns a %s; expected what %s.new(...) made",
                    instance->path, role[0] ? role : "table of its own", in->role);
    if (!is_name(name) || strlen(name) >= STRATEGY_NAME_MAX)
        return fail(&in->why, ERR_SCRIPT,
                    "%s: '%.60s' is no name for a %s: lower-case letters, digits and _, a "
                    "letter first, at most %d",
                    instance->path, name, in->role, STRATEGY_NAME_MAX - 1);
    memcpy(instance->name, name, strlen(name) + 1);
    return OK;
}

/* "onBar", "OnBar" and "on_bar" are the same to a person. */
static bool is_like(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, "_");
        b += strspn(b, "_");
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

static const char *find_like(const char *const *names, const char *key)
{
    for (; *names; names++)
        if (is_like(*names, key))
            return *names;
    return NULL;
}

/* Where the function on top of the stack is written: "file:12". */
static void format_place(lua_State *L, const char *path, char out[SCRIPT_PLACE_MAX])
{
    lua_Debug at;

    snprintf(out, SCRIPT_PLACE_MAX, "%s", path);
    if (lua_type(L, -1) != LUA_TFUNCTION)
        return;
    lua_pushvalue(L, -1);
    lua_getinfo(L, ">S", &at);
    if (at.linedefined > 0)
        snprintf(out, SCRIPT_PLACE_MAX, "%s:%d", at.short_src, at.linedefined);
}

/* A member that looks like a handler must be one: a misspelt handler would never be called,
 * and nobody would know. The key lies below its value on top. */
static enum err check_handler(lua_State *L, const char *key, struct inspection *in)
{
    int count = 0;
    char place[SCRIPT_PLACE_MAX];
    const char *like = find_like(in->names, key);
    bool is_function = lua_type(L, -1) == LUA_TFUNCTION, is_exact = like && !strcmp(like, key);

    if ((is_exact && is_function) || (!like && (strncmp(key, "on_", 3) != 0 || !is_function)))
        return OK;
    format_place(L, in->instance->path, place);
    if (is_exact)
        return fail(&in->why, ERR_SCRIPT, "%s: %s is a %s; it must be a function", place, key,
                    luaL_typename(L, -1));
    while (in->names[count])
        count++;
    const char *near = like ? like : text_nearest(key, in->names, count);
    return fail(&in->why, ERR_SCRIPT, "%s: a %s has no handler '%.40s'%s%s%s", place, in->role,
                key, near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static enum err check_handlers(lua_State *L, struct inspection *in)
{
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1))
        if (lua_type(L, -2) == LUA_TSTRING && check_handler(L, lua_tostring(L, -2), in))
            return in->why.code;
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

static void make_handle(lua_State *L, struct script_instance *instance,
                        const struct group *group, int what, int turn)
{
    struct product_handle *handle = api_push_handle(L, group, sizeof *handle);

    handle->product = instance->context->product;
    instance->handles[what][turn] = handle;
    instance->lent[what][turn] = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* A market and a portfolio are what they are now, whichever call asks. */
static bool takes_turns(enum lent what)
{
    return what != LENT_MARKET && what != LENT_PORTFOLIO;
}

static void make_handles(lua_State *L, struct script_instance *instance)
{
    static const struct group *const groups[LENT_COUNT] = {
        [LENT_MARKET] = &api_market, [LENT_PORTFOLIO] = &api_portfolio,
        [LENT_BAR] = &api_bar,       [LENT_TRADE] = &api_trade,
        [LENT_QUOTE] = &api_quote,   [LENT_ORDER] = &api_order,
        [LENT_FILL] = &api_fill,     [LENT_DECISION] = &api_decision};

    for (int i = 0; i < LENT_COUNT; i++)
        for (int turn = 0; turn < LENT_TURNS; turn++)
            if (turn == 0 || takes_turns((enum lent)i))
                make_handle(L, instance, groups[i], i, turn);
}

/* A misspelt symbol would be nil, and the error about it somewhere else. */
static int refuse_unknown_market(lua_State *L)
{
    const struct script_instance *instance = lua_touserdata(L, lua_upvalueindex(1));
    const struct decision_scope scope = {instance->context->products, PRODUCT_NONE,
                                         instance->context->markets};
    struct fault why;
    product_ref product;

    if (lua_type(L, 2) != LUA_TSTRING)
        return luaL_error(L, "markets have symbols as keys, not a %s", luaL_typename(L, 2));
    if (decision_find_product(&scope, lua_tostring(L, 2), &product, &why))
        return luaL_error(L, "%s", why.text);
    return 0;
}

/* In `markets`, on top of the stack, by its symbol. */
static void add_market(lua_State *L, struct script_instance *instance, product_ref product)
{
    struct product_handle *handle = api_push_handle(L, &api_market, sizeof *handle);

    handle->product = product;
    instance->markets->handles[product] = handle;
    lua_pushvalue(L, -1);
    instance->markets->refs[product] = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_setfield(L, -2, product_table_get(instance->context->products, product)->symbol);
}

static void make_markets(lua_State *L, struct script_instance *instance)
{
    lua_newtable(L);
    for (int i = 0; i < instance->context->products->count; i++)
        if (product_set_has(instance->context->markets, (product_ref)i))
            add_market(L, instance, (product_ref)i);
    lua_createtable(L, 0, 1);
    lua_pushlightuserdata(L, instance);
    lua_pushcclosure(L, refuse_unknown_market, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    sandbox_seal(L);
    instance->markets->table = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* `portfolio = true` of the table on top. */
static enum err read_portfolio(lua_State *L, struct inspection *in)
{
    lua_pushstring(L, "portfolio");
    int type = lua_rawget(L, -2);
    in->instance->is_portfolio = lua_toboolean(L, -1);
    lua_pop(L, 1);
    if (type == LUA_TNIL || type == LUA_TBOOLEAN)
        return OK;
    return fail(&in->why, ERR_SCRIPT, "%s: portfolio is a %s; it must be true or false",
                in->instance->path, lua_typename(L, type));
}

/* `every = "1h"` of the table on top. */
static enum err read_every(lua_State *L, struct inspection *in)
{
    char text[32] = "";

    lua_pushstring(L, "every");
    bool has = lua_rawget(L, -2) != LUA_TNIL;
    lua_pop(L, 1);
    in->instance->every = 0;
    if (!has)
        return OK;
    read_text(L, "every", text, sizeof text);
    if (!nanos_parse_duration(text, &in->instance->every, NULL) && in->instance->every > 0)
        return OK;
    return fail(&in->why, ERR_SCRIPT, "%s: every must be a duration like \"15m\" or \"1h\"",
                in->instance->path);
}

/* `version = 2` of the table on top. */
static enum err read_version(lua_State *L, struct inspection *in)
{
    int is_whole = 1;

    lua_pushstring(L, "version");
    bool has = lua_rawget(L, -2) != LUA_TNIL;
    lua_Integer version = has ? lua_tointegerx(L, -1, &is_whole) : 1;
    bool is_number = !has || lua_type(L, -1) == LUA_TNUMBER;
    lua_pop(L, 1);
    in->instance->version = (uint64_t)version;
    if (is_number && is_whole && version >= 1)
        return OK;
    return fail(&in->why, ERR_SCRIPT, "%s: version must be a whole number from 1 upwards",
                in->instance->path);
}

/* What check_params returned, its results on top, does not let the script run with these. */
static enum err refuse_params(lua_State *L, struct inspection *in, const char *place)
{
    const struct script_options *options = in->options;
    int count = options->param_count;
    const char *why = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    char text[128];

    if (lua_type(L, -2) != LUA_TBOOLEAN || !why)
        return fail(&in->why, ERR_SCRIPT,
                    "%s: check_params returned %s and %s; expected true, or false and why",
                    place, luaL_typename(L, -2), luaL_typename(L, -1));
    printable_format(why, strlen(why), text, sizeof text);
    return fail(&in->why, ERR_USAGE, "%s: the parameters do not go together: %s (says %s)",
                count ? options->params[count - 1].source : in->instance->name, text, place);
}

/* Relations between parameters, which no range can say: `check_params(params)` of the table on
 * top, with the values in force. */
static enum err check_params(lua_State *L, struct inspection *in)
{
    int table = lua_gettop(L);
    char place[SCRIPT_PLACE_MAX];
    enum err err = OK;

    lua_pushstring(L, "check_params");
    int type = lua_rawget(L, table);
    format_place(L, in->instance->path, place);
    if (type == LUA_TFUNCTION) {
        lua_pushstring(L, "params");
        lua_rawget(L, table);
        lua_call(L, 1, 2);
        if (lua_type(L, -2) != LUA_TBOOLEAN || !lua_toboolean(L, -2))
            err = refuse_params(L, in, place);
    } else if (type != LUA_TNIL) {
        err = fail(&in->why, ERR_SCRIPT, "%s: check_params is a %s; it must be a function",
                   in->instance->path, lua_typename(L, type));
    }
    lua_settop(L, table);
    return err;
}

static void inspect(lua_State *L, void *context)
{
    struct inspection *in = context;
    struct script_instance *instance = in->instance;

    lua_rawgeti(L, LUA_REGISTRYINDEX, in->chunk);
    if (check_role(L, in) || check_handlers(L, in) || set_params(L, in) ||
        check_params(L, in) || read_every(L, in) || read_version(L, in) ||
        read_portfolio(L, in))
        return;
    find_handlers(L, in);
    make_handles(L, instance);
    if (instance->markets)
        make_markets(L, instance);
    decision_keys_make(L, instance->keys);
    instance->self = luaL_ref(L, LUA_REGISTRYINDEX);
}

/* For the calls, which would look them up in the registry each time. */
static void keep_at_hand(struct script_instance *instance)
{
    instance->kept_self = sandbox_keep(instance->sandbox, instance->self);
    for (int i = 0; i < HANDLERS_MAX; i++)
        if (instance->handlers[i] != LUA_NOREF)
            instance->kept[i] = sandbox_keep(instance->sandbox, instance->handlers[i]);
}

nanos script_start_budget(const struct script_options *options)
{
    return options->start_max ? options->start_max : SECONDS(1);
}

static enum err load(struct script_instance *instance, const struct script_file *file,
                     struct inspection *in, struct fault *why)
{
    nanos budget = script_start_budget(in->options);
    enum err err = sandbox_load(instance->sandbox, file->path, buf_text(&file->text),
                                file->text.len, budget, &in->chunk, why);

    if (!err)
        err = sandbox_run(instance->sandbox, inspect, in, budget, why);
    if (!err && in->why.code) {
        err = in->why.code;
        if (why)
            *why = in->why;
    }
    if (!err)
        keep_at_hand(instance);
    return err;
}

/* "sma_cross on BTC-USD". It seeds math.random too, and so must not depend on where the file
 * lies or whether it was given by its path. */
static void format_name(const char *script, const char *symbol, char *out, size_t size)
{
    const char *slash = strrchr(script, '/'), *base = slash ? slash + 1 : script;
    size_t len = strlen(base);

    if (len > 4 && strcmp(base + len - 4, ".lua") == 0)
        len -= 4;
    snprintf(out, size, "%.*s on %s", (int)len, base, symbol);
}

/* A fresh sandbox that ran the source. On failure there is none, and no handler. */
static enum err build(struct script_instance *instance, const struct script_options *options,
                      const char *role, const char *const *names, struct fault *why)
{
    struct script_context *context = instance->context;
    struct inspection in = {
        .instance = instance, .options = options, .role = role, .names = names};
    const char *symbol = context->product == PRODUCT_NONE
                             ? "all"
                             : product_table_get(context->products, context->product)->symbol;
    char name[SCRIPT_PATH_MAX + SYMBOL_MAX + 8];
    struct sandbox_options box = {
        .name = name,
        .seed = options->seed,
        .limits = {.memory = (size_t)options->memory_max, .call = options->call_max},
        .host = context,
        .print = print_line,
        .find_module = find_module,
        .install = api_install,
    };

    format_name(options->name, symbol, name, sizeof name);
    for (int i = 0; i < HANDLERS_MAX; i++)
        instance->handlers[i] = LUA_NOREF;
    context->script = instance->file.path;
    enum err err = sandbox_new(&box, &instance->sandbox, why);
    if (!err)
        err = load(instance, &instance->file, &in, why);
    if (err) {
        sandbox_free(instance->sandbox);
        instance->sandbox = NULL;
        for (int i = 0; i < HANDLERS_MAX; i++)
            instance->handlers[i] = LUA_NOREF;
    }
    return err;
}

enum err script_instance_open(struct script_instance *instance,
                              const struct script_options *options, const char *folder,
                              const char *role, const char *const *names,
                              struct script_context *context, struct fault *why)
{
    memset(instance, 0, sizeof *instance);
    instance->context = context;
    enum err err = script_file_load(folder, options->name, &instance->file, why);
    if (err)
        return err;
    instance->path = instance->file.path;
    instance->keys = mem_new(sizeof *instance->keys);
    if (context->product == PRODUCT_NONE && context->timeframes)
        instance->markets = mem_new(sizeof *instance->markets);
    return build(instance, options, role, names, why);
}

enum err script_instance_reopen(struct script_instance *instance,
                                const struct script_options *options, const char *role,
                                const char *const *names, struct fault *why)
{
    sandbox_free(instance->sandbox);
    instance->sandbox = NULL;
    return build(instance, options, role, names, why);
}

void script_instance_close(struct script_instance *instance)
{
    sandbox_free(instance->sandbox);
    script_file_clear(&instance->file);
    mem_free(instance->keys);
    mem_free(instance->markets);
    memset(instance, 0, sizeof *instance);
}

bool script_instance_has(const struct script_instance *instance, int handler)
{
    return instance->sandbox && instance->handlers[handler] != LUA_NOREF;
}

void script_instance_place(const struct script_instance *instance, lua_State *L, int handler,
                           char out[SCRIPT_PLACE_MAX])
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, instance->handlers[handler]);
    format_place(L, instance->path, out);
    lua_pop(L, 1);
}

void script_instance_blame(const struct script_instance *instance, lua_State *L, int handler,
                           struct fault *why)
{
    char place[SCRIPT_PLACE_MAX];

    script_instance_place(instance, L, handler, place);
    fault_prefix(why, "%s: ", place);
}

lua_State *script_instance_enter(struct script_instance *instance, int handler)
{
    assert(script_instance_has(instance, handler));
    lua_State *L = sandbox_enter_kept(instance->sandbox, instance->kept[handler]);
    if (L)
        lua_pushvalue(L, instance->kept_self);
    return L;
}

void script_instance_lend(struct script_instance *instance, lua_State *L, enum lent what)
{
    int turn = instance->turn[what];

    if (takes_turns(what))
        turn = instance->turn[what] = (unsigned char)(turn + 1 == LENT_TURNS ? 0 : turn + 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, instance->lent[what][turn]);
    instance->handles[what][turn]->handle.call = sandbox_port(L)->call;
}

void script_instance_lend_markets(struct script_instance *instance, lua_State *L)
{
    struct market_handles *markets = instance->markets;

    for (int i = 0; i < instance->context->products->count; i++)
        if (markets->handles[i])
            markets->handles[i]->handle.call = sandbox_port(L)->call;
    lua_rawgeti(L, LUA_REGISTRYINDEX, markets->table);
}

void script_instance_lend_of(struct script_instance *instance, lua_State *L, enum lent what,
                             product_ref product)
{
    if (what == LENT_MARKET) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, instance->markets->refs[product]);
        return; /* lent with the others */
    }
    script_instance_lend(instance, L, what);
    instance->handles[what][instance->turn[what]]->product = product;
}
