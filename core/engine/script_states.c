/* What scripts keep over restarts: saved with every snapshot and at the end, given
 * back after on_start. */
#include <stdio.h>
#include <string.h>

#include "engine/engine_private.h"

/* Whose state it is. Two of one name on one product are told apart by their order. */
static void name_strategy(const struct engine *engine, int index, char out[FACT_SUBJECT_MAX])
{
    const struct strategy_port *port = &engine->strategies[index].port;
    const char *symbol =
        port->product == PRODUCT_NONE ? "all" : engine->products->items[port->product].symbol;
    int nth = 1;

    for (int i = 0; i < index; i++) {
        const struct strategy_port *other = &engine->strategies[i].port;
        nth += other->product == port->product && strcmp(other->name, port->name) == 0;
    }
    int len = snprintf(out, FACT_SUBJECT_MAX, "%s %s", port->name, symbol);
    if (nth > 1)
        snprintf(out + len, FACT_SUBJECT_MAX - (size_t)len, " #%d", nth);
}

static void name_guard(const struct engine *engine, int index, char out[FACT_SUBJECT_MAX])
{
    const char *name = engine->script_guards[index].name;
    int nth = 1;

    for (int i = 0; i < index; i++)
        nth += strcmp(engine->script_guards[i].name, name) == 0;
    int len = snprintf(out, FACT_SUBJECT_MAX, "guard %s", name);
    if (nth > 1)
        snprintf(out + len, FACT_SUBJECT_MAX - (size_t)len, " #%d", nth);
}

/* ---- saving ---- */

typedef enum err save_state(void *ctx, struct buf *out, struct fault *why);

void engine_keep_state(struct engine *engine, const char *subject, uint64_t version,
                       const char *json)
{
    const struct saved_state *before = saved_states_find(&engine->states, subject);
    struct fact fact = {.kind = FACT_STATE, .state = {.version = version, .json = json}};

    snprintf(fact.state.subject, sizeof fact.state.subject, "%s", subject);
    if (!before || before->version != version || strcmp(before->json, json) != 0)
        engine_emit(engine, &fact);
}

static enum err save(struct engine *engine, const char *subject, uint64_t version,
                     save_state *ask, void *ctx, struct fault *why)
{
    struct buf json = BUF_INIT;
    enum err err = ask(ctx, &json, why);

    if (!err && json.len > FACT_STATE_MAX)
        err = fail(why, ERR_SCRIPT, "%zu bytes as JSON, and at most %d are kept", json.len,
                   FACT_STATE_MAX);
    if (!err)
        engine_keep_state(engine, subject, version, buf_text(&json));
    buf_clear(&json);
    return err;
}

/* What was saved before stays: better old than nothing. */
static void complain(struct engine *engine, enum fact_kind kind, const char *name,
                     product_ref product, const struct fault *why)
{
    engine->counters.script_errors++;
    engine_note(engine, kind, name, "recoverable", 0, product, "on_save: %.200s", why->text);
}

void engine_save_scripts(struct engine *engine)
{
    char subject[FACT_SUBJECT_MAX];
    struct fault why = {OK, ""};

    for (int i = 0; i < engine->strategy_count; i++) {
        const struct strategy_slot *slot = &engine->strategies[i];
        name_strategy(engine, i, subject);
        if (!slot->is_off && slot->port.save &&
            save(engine, subject, slot->port.version, slot->port.save, slot->port.ctx, &why))
            complain(engine, FACT_SCRIPT, slot->port.name, slot->port.product, &why);
    }
    for (int i = 0; i < engine->guard_count; i++) {
        const struct guard_port *guard = &engine->script_guards[i];
        name_guard(engine, i, subject);
        if (guard->save && save(engine, subject, guard->version, guard->save, guard->ctx, &why))
            complain(engine, FACT_GUARD, guard->name, PRODUCT_NONE, &why);
    }
}

/* ---- restoring ---- */

static void restore_strategy(struct engine *engine, int index)
{
    struct strategy_slot *slot = &engine->strategies[index];
    char subject[FACT_SUBJECT_MAX];
    struct fault why = {OK, ""};

    name_strategy(engine, index, subject);
    const struct saved_state *state = saved_states_find(&engine->states, subject);
    if (!state || !slot->port.restore || slot->is_off ||
        slot->port.restore(slot->port.ctx, state->json, state->version, &why) == OK)
        return;
    engine->counters.script_errors++;
    fault_prefix(&why, "on_restore: ");
    engine_switch_off(engine, slot, why.text);
}

/* A guard that has forgotten what it watches lets nothing new through. */
static void restore_guard(struct engine *engine, int index)
{
    const struct guard_port *guard = &engine->script_guards[index];
    char subject[FACT_SUBJECT_MAX], source[48];
    struct fault why = {OK, ""};

    name_guard(engine, index, subject);
    const struct saved_state *state = saved_states_find(&engine->states, subject);
    if (!state || !guard->restore ||
        guard->restore(guard->ctx, state->json, state->version, &why) == OK)
        return;
    engine_note(engine, FACT_GUARD, guard->name, "critical", 0, PRODUCT_NONE,
                "on_restore: %.200s", why.text);
    snprintf(source, sizeof source, "guard_state:%.35s", guard->name);
    engine_add_cause(engine, LEVEL_REDUCE_ONLY, PRODUCT_NONE, source, why.text, 0, true);
}

void engine_restore_scripts(struct engine *engine)
{
    for (int i = 0; i < engine->strategy_count; i++)
        restore_strategy(engine, i);
    for (int i = 0; i < engine->guard_count; i++)
        restore_guard(engine, i);
}
