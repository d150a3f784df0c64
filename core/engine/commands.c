#include "engine/commands.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "engine/closing.h"
#include "engine/engine_private.h"

static const char prefix[] = "operator:";

/* One cause per kind and person, so that a pause and a halt of one person stand side by side.
 */
static void hold(struct engine *engine, const struct event *event, enum level level,
                 bool allow_reduce)
{
    const struct command *command = &event->command;
    nanos duration = level == LEVEL_HALTED ? 0 : command->duration;
    char source[48];

    snprintf(source, sizeof source, "%s%s:%.24s", prefix, command_kind_name(command->kind),
             command->who);
    engine_add_cause(engine, level, event->product, source, command->why, duration,
                     allow_reduce);
}

/* ---- cancel-all ---- */

bool commands_may_cancel(const struct engine *engine, const struct order *order)
{
    return order->origin != ORIGIN_EXTERNAL ||
           reconcile_is_named_ours(engine, &order->request.client_id) ||
           engine->settings.reconcile.external_orders != EXTERNAL_IGNORE;
}

static void cancel_all(struct engine *engine, bool with_flatten)
{
    amend_forget(engine, NULL, PRODUCT_NONE, 0, "canceled");
    for (int i = oms_open_count(engine->oms); i-- > 0;) {
        const struct order *order = oms_open(engine->oms)[i];
        if (commands_may_cancel(engine, order) &&
            (with_flatten || order->origin != ORIGIN_FLATTEN))
            engine_end(engine, order);
    }
}

static decimal held_of(const struct engine *engine, product_ref product)
{
    return position_to_close(portfolio_position(engine->portfolio, product),
                             &engine->products->items[product]);
}

/* The oldest orders that together only close what is held may stay. */
static void cancel_risk_of(struct engine *engine, product_ref product)
{
    decimal held = held_of(engine, product);
    enum side exit = decimal_is_positive(held) ? SIDE_SELL : SIDE_BUY;
    decimal left = decimal_abs(held);

    for (int i = 0; i < oms_open_count(engine->oms); i++) {
        const struct order *order = oms_open(engine->oms)[i];
        decimal rest = decimal_sub(order->request.size, order->filled);
        if (order->request.product != product || !commands_may_cancel(engine, order))
            continue;
        bool is_exit = order->request.side == exit && decimal_compare(rest, left) <= 0;
        if (is_exit)
            left = decimal_sub(left, rest);
        else if (!order->request.reduce_only)
            engine_end(engine, order);
    }
}

void commands_cancel_risk(struct engine *engine, product_ref product)
{
    for (int i = 0; i < engine->products->count; i++)
        if (product == PRODUCT_NONE || product == i)
            cancel_risk_of(engine, (product_ref)i);
}

/* ---- resume ---- */

static bool is_resumed(const struct fact_cause *cause, product_ref product)
{
    bool waits = cause->sticky || strncmp(cause->source, prefix, strlen(prefix)) == 0;

    return waits && (product == PRODUCT_NONE || cause->product == product);
}

static void resume(struct engine *engine, const struct event *event)
{
    const struct command *command = &event->command;

    for (int i = degrade_count(engine->degrade); i-- > 0;) {
        const struct fact_cause *cause = degrade_at(engine->degrade, i);
        struct fact fact = {.kind = FACT_CAUSE_END, .cause_end = {.id = cause->id}};
        if (!is_resumed(cause, event->product))
            continue;
        snprintf(fact.cause_end.who, sizeof fact.cause_end.who, "%s", command->who);
        snprintf(fact.cause_end.why, sizeof fact.cause_end.why, "%s", command->why);
        engine_emit(engine, &fact);
    }
}

void commands_on_command(struct engine *engine, const struct event *event)
{
    struct fact fact = {.kind = FACT_COMMAND, .command = event->command};

    fact.command.product = event->product;
    engine_emit(engine, &fact);
    switch (event->command.kind) {
    case COMMAND_PAUSE:
        hold(engine, event, LEVEL_PAUSED, true);
        break;
    case COMMAND_REDUCE_ONLY:
        hold(engine, event, LEVEL_REDUCE_ONLY, true);
        break;
    case COMMAND_HALT:
        hold(engine, event, LEVEL_HALTED, false);
        break;
    case COMMAND_RESUME:
        resume(engine, event);
        break;
    case COMMAND_CANCEL_ALL:
        cancel_all(engine, true);
        break;
    case COMMAND_KILL:
        hold(engine, event, LEVEL_HALTED, false);
        cancel_all(engine, true);
        break;
    case COMMAND_FLATTEN:
        hold(engine, event, LEVEL_PAUSED, false);
        memset(&engine->flatten, 0, sizeof engine->flatten);
        commands_run(engine);
        break;
    default: /* the program's to do: COMMAND_STOP */
        break;
    }
}

/* ---- flatten ---- */

enum { TRIES_AT_ONCE = 3, TRIES_LOUD = 5 };
#define TRY_CAP    SECONDS(60)
#define WORD_EVERY SECONDS(30)

static bool is_flattening(const struct engine *engine)
{
    static const char source[] = "operator:flatten:";

    for (int i = 0; i < degrade_count(engine->degrade); i++)
        if (strncmp(degrade_at(engine->degrade, i)->source, source, strlen(source)) == 0)
            return true;
    return false;
}

/* In every cycle at first; what keeps failing, less and less often. */
static nanos next_try(const struct engine *engine, int attempts)
{
    nanos wait = SECONDS(1);

    if (attempts < TRIES_AT_ONCE)
        return engine->now;
    for (int i = TRIES_AT_ONCE; i < attempts && wait < TRY_CAP; i++)
        wait *= 2;
    return engine->now + (wait < TRY_CAP ? wait : TRY_CAP);
}

static struct intent closing(const struct engine *engine, product_ref product, decimal held,
                             decimal size)
{
    const struct product *rules = &engine->products->items[product];
    struct intent intent = {.origin = ORIGIN_FLATTEN,
                            .decision = {.action = ACTION_CLOSE, .product = product}};

    if (decimal_is_positive(rules->base_max_size))
        size = decimal_min(size, rules->base_max_size);
    intent.request = (struct order_request){
        .product = product,
        .side = decimal_is_positive(held) ? SIDE_SELL : SIDE_BUY,
        .type = ORDER_MARKET,
        .tif = TIF_IOC,
        .reduce_only = true,
        .size = size,
    };
    snprintf(intent.decision.reason, sizeof intent.decision.reason, "flatten");
    return intent;
}

static void complain(struct engine *engine, product_ref product, decimal held,
                     enum refusal code)
{
    char size[DECIMAL_TEXT_MAX];

    engine_note(engine, FACT_GUARD, "flatten", "critical", 0, product,
                "NOT FLAT after %d attempts: %s of %s is left (%s)",
                engine->flatten.attempts[product], decimal_format(held, size),
                engine->products->items[product].symbol,
                code ? refusal_text(code) : "the venue has not filled the orders");
}

bool commands_overlook_others(const struct engine_settings *settings,
                              const struct product *product)
{
    return product->type == PRODUCT_FUTURE &&
           settings->reconcile.external_orders == EXTERNAL_IGNORE;
}

/* What orders may close already. */
static decimal size_under_way(const struct engine *engine, product_ref product, enum side side)
{
    decimal working = closing_size(&engine->settings, engine->portfolio, engine->oms,
                                   &engine->products->items[product], product, side);

    if (commands_overlook_others(&engine->settings, &engine->products->items[product]))
        working = decimal_sub(working, oms_external_size(engine->oms, product, side));
    return working;
}

static void close_position(struct engine *engine, product_ref product, decimal held)
{
    struct flatten *flatten = &engine->flatten;
    enum side side = decimal_is_positive(held) ? SIDE_SELL : SIDE_BUY;
    decimal rest = decimal_sub(decimal_abs(held), size_under_way(engine, product, side));
    enum refusal code = REFUSAL_NONE;

    if (engine->now < flatten->next[product])
        return;
    if (decimal_is_positive(rest)) {
        struct intent intent = closing(engine, product, held, rest);
        engine_submit(engine, &intent, &code);
    }
    int attempts = ++flatten->attempts[product];
    flatten->next[product] = next_try(engine, attempts);
    if (attempts % TRIES_LOUD == 0)
        complain(engine, product, held, code);
}

static bool has_orders(const struct engine *engine)
{
    for (int i = 0; i < oms_open_count(engine->oms); i++)
        if (commands_may_cancel(engine, oms_open(engine->oms)[i]))
            return true;
    return false;
}

/* The books alone could be wrong: a sweep that was asked for since must have brought nothing
 * that opened a position again. */
static bool is_confirmed(const struct engine *engine)
{
    const struct reconcile *reconcile = &engine->reconcile;

    return !reconcile->is_on || reconcile->sweep.complete >= engine->flatten.done_since;
}

static void complain_of_silence(struct engine *engine)
{
    struct flatten *flatten = &engine->flatten;
    bool is_first = flatten->next_word == 0;

    if (engine->now < flatten->next_word)
        return;
    flatten->next_word = engine->now + WORD_EVERY;
    if (is_first)
        return;
    if (flatten->done_since)
        engine_note(engine, FACT_GUARD, "flatten", "critical", 0, PRODUCT_NONE,
                    "NOT CONFIRMED: flat by the books, and the venue does not answer");
    else
        engine_note(engine, FACT_GUARD, "flatten", "critical", 0, PRODUCT_NONE,
                    "NOT CONFIRMED: no position is left, and %d orders may still work",
                    oms_open_count(engine->oms));
}

static void tell_progress(struct engine *engine, bool is_flat)
{
    struct flatten *flatten = &engine->flatten;
    bool is_done = is_flat && !has_orders(engine);

    if (!is_done) {
        flatten->done_since = 0;
        flatten->has_said = false;
    } else if (!flatten->done_since) {
        flatten->done_since = engine->now;
        reconcile_want(engine);
    }
    if (flatten->has_said)
        return;
    if (is_done && is_confirmed(engine)) {
        flatten->has_said = true;
        flatten->next_word = 0;
        engine_note(engine, FACT_GUARD, "flatten", "info", 0, PRODUCT_NONE,
                    "flat: no position and no open order is left");
    } else if (is_flat) {
        complain_of_silence(engine);
    }
}

void commands_run(struct engine *engine)
{
    struct flatten *flatten = &engine->flatten;
    bool is_flat = true;

    if (!degrade_count(engine->degrade) || !is_flattening(engine))
        return;
    cancel_all(engine, false);
    for (int i = 0; i < engine->products->count; i++) {
        decimal held = held_of(engine, (product_ref)i);
        if (decimal_is_zero(held)) {
            flatten->attempts[i] = 0;
            continue;
        }
        is_flat = false;
        close_position(engine, (product_ref)i, held);
    }
    tell_progress(engine, is_flat);
}

static const char *const states[] = {
    [FLATTEN_NONE] = "none",
    [FLATTEN_WORKING] = "working",
    [FLATTEN_DONE] = "done",
};
static_assert(ARRAY_LEN(states) == FLATTEN_STATE_COUNT, "name every state");

const char *flatten_state_name(enum flatten_state state)
{
    assert(state < FLATTEN_STATE_COUNT);
    return states[state];
}

enum flatten_state commands_flatten_state(const struct engine *engine)
{
    if (!is_flattening(engine))
        return FLATTEN_NONE;
    return engine->flatten.has_said ? FLATTEN_DONE : FLATTEN_WORKING;
}
