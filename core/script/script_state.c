#include "script/script_state.h"

#include <string.h>

#include <lauxlib.h>

struct transfer {
    const struct script_instance *instance;
    int handler;
    struct buf *out;              /* of saving */
    char place[SCRIPT_PLACE_MAX]; /* of the handler that saves */
    const char *json;             /* of restoring */
    uint64_t version;
};

static void push_call(lua_State *L, const struct transfer *transfer)
{
    lua_rawgeti(L, LUA_REGISTRYINDEX, transfer->instance->handlers[transfer->handler]);
    lua_rawgeti(L, LUA_REGISTRYINDEX, transfer->instance->self);
}

static void save_body(lua_State *L, void *context)
{
    struct transfer *transfer = context;
    size_t len;

    script_instance_place(transfer->instance, L, transfer->handler, transfer->place);
    push_call(L, transfer);
    lua_call(L, 1, 1);
    if (!lua_istable(L, -1))
        luaL_error(L, "%s: on_save returned a %s; expected a table", transfer->place,
                   luaL_typename(L, -1));
    sandbox_push_json(L, -1);
    const char *text = lua_tolstring(L, -1, &len);
    sandbox_host_begin(L);
    buf_add(transfer->out, text, len);
    sandbox_host_end(L);
}

static void restore_body(lua_State *L, void *context)
{
    const struct transfer *transfer = context;

    push_call(L, transfer);
    sandbox_push_from_json(L, transfer->json, strlen(transfer->json));
    lua_pushinteger(L, (lua_Integer)transfer->version);
    lua_call(L, 3, 0);
}

static enum err dead(const struct script_instance *instance, struct fault *why)
{
    return fail(why, ERR_BUDGET, "%s was stopped earlier and could not be restarted",
                instance->path);
}

enum err script_state_save(struct script_instance *instance, int handler, nanos budget,
                           struct buf *out, struct fault *why)
{
    struct buf json = BUF_INIT;
    struct transfer transfer = {.instance = instance, .handler = handler, .out = &json};

    if (!script_instance_has(instance, handler))
        return dead(instance, why);
    enum err err = sandbox_run(instance->sandbox, save_body, &transfer, budget, why);
    if (err == ERR_SCRIPT && why && !sandbox_names_place(why->text))
        fault_prefix(why, "%s: ", transfer.place); /* what it returned is no JSON */
    if (!err)
        buf_add(out, buf_text(&json), json.len);
    buf_clear(&json);
    return err;
}

enum err script_state_restore(struct script_instance *instance, int handler, nanos budget,
                              const char *json, uint64_t version, struct fault *why)
{
    struct transfer transfer = {
        .instance = instance, .handler = handler, .json = json, .version = version};

    if (!script_instance_has(instance, handler))
        return dead(instance, why);
    return sandbox_run(instance->sandbox, restore_body, &transfer, budget, why);
}

enum err script_state_check(const struct script_instance *instance, int save, int restore,
                            struct fault *why)
{
    if (script_instance_has(instance, save) == script_instance_has(instance, restore))
        return OK;
    return fail(why, ERR_SCRIPT, "%s: on_save and on_restore belong together", instance->path);
}
