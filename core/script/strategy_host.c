/* A strategy: calls its handlers with what they are lent, keeps its timeframes
 * and indicators, and rebuilds it after a call that ran out of time. */
#include "script/strategy_host.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "base/mem.h"
#include "script/decision_reader.h"
#include "script/script_instance.h"
#include "script/script_state.h"

enum { SAVE = HOOK_COUNT, RESTORE };

/* In the order of enum hook; then what only the host calls. */
static const char *const handler_names[] = {
    [HOOK_START] = "on_start", [HOOK_CYCLE] = "on_cycle", [HOOK_BAR] = "on_bar",
    [HOOK_TRADE] = "on_trade", [HOOK_QUOTE] = "on_quote", [HOOK_BOOK] = "on_book",
    [HOOK_ORDER] = "on_order", [HOOK_FILL] = "on_fill",   [HOOK_TIMER] = "on_timer",
    [HOOK_STOP] = "on_stop",   [SAVE] = "on_save",        [RESTORE] = "on_restore",
    [RESTORE + 1] = NULL,
};

struct strategy_host {
    struct script_options options;
    struct param_value *params; /* ours: the options point here */
    char name[SCRIPT_PATH_MAX]; /* likewise */
    struct script_context context;
    struct script_instance instance;
    nanos told_at;     /* when orders and fills were told last, */
    int told;          /* and how many of that instant */
    nanos last_timer;  /* the multiple of `every` that on_timer was called for last */
    struct buf saved;  /* what on_save gave last, for a rebuild; empty: nothing */
    uint64_t saved_by; /* the version of the script that did */
};

static bool has(const struct strategy_host *host, int handler)
{
    return script_instance_has(&host->instance, handler);
}

/* What is left to check of a strategy whose script ran. */
static enum err check_instance(const struct strategy_host *host, struct fault *why)
{
    const char *path = host->instance.path;

    if (!has(host, HOOK_BAR) && !has(host, HOOK_CYCLE) && !has(host, HOOK_TRADE) &&
        !has(host, HOOK_QUOTE) && !has(host, HOOK_BOOK))
        return fail(why, ERR_SCRIPT,
                    "%s: a strategy needs on_bar or on_cycle (or on_trade, on_quote, on_book)",
                    path);
    if (has(host, HOOK_TIMER) != (host->instance.every > 0))
        return fail(why, ERR_SCRIPT,
                    "%s: on_timer and every belong together, like bot.every = \"1h\"", path);
    return script_state_check(&host->instance, SAVE, RESTORE, why);
}

static void make_timeframes(struct strategy_host *host)
{
    struct script_context *context = &host->context;
    bool is_portfolio = context->product == PRODUCT_NONE;
    int count = is_portfolio ? context->products->count : 1;

    context->timeframes_count = count;
    context->timeframes = mem_new_array((size_t)count, sizeof *context->timeframes);
    for (int i = 0; i < count; i++)
        if (!is_portfolio || product_set_has(host->context.markets, (product_ref)i))
            timeframes_init(&context->timeframes[i], host->options.timeframe);
}

static void free_timeframes(struct strategy_host *host)
{
    for (int i = 0; i < host->context.timeframes_count; i++)
        timeframes_clear(&host->context.timeframes[i]);
    mem_free(host->context.timeframes);
    host->context.timeframes = NULL;
    host->context.timeframes_count = 0;
}

static enum err open_instance(struct strategy_host *host, struct fault *why)
{
    make_timeframes(host);
    host->context.strategy = host->instance.name;
    return script_instance_open(&host->instance, &host->options, "strategies", "strategy",
                                handler_names, &host->context, why);
}

/* Whether it is a portfolio strategy is known when the script has run; its sandbox, named and
 * seeded after one product, then gives way to one for all. */
static enum err open_strategy(struct strategy_host *host, struct fault *why)
{
    enum err err = open_instance(host, why);

    if (!err && host->instance.is_portfolio && host->context.product != PRODUCT_NONE) {
        script_instance_close(&host->instance);
        free_timeframes(host);
        host->context.product = PRODUCT_NONE;
        err = open_instance(host, why);
    }
    return err ? err : check_instance(host, why);
}

enum err strategy_host_new(const struct script_options *options,
                           const struct product_table *products, product_ref product,
                           struct strategy_host **out, struct fault *why)
{
    struct strategy_host *host = mem_new(sizeof *host);

    host->options = *options;
    host->params = mem_new_array((size_t)options->param_count, sizeof *host->params);
    if (options->param_count)
        memcpy(host->params, options->params,
               (size_t)options->param_count * sizeof *host->params);
    host->options.params = host->params;
    snprintf(host->name, sizeof host->name, "%s", options->name);
    host->options.name = host->name;
    host->context.products = products;
    host->context.product = product;
    host->context.markets =
        product_set_is_empty(options->markets) ? product_set_of(products) : options->markets;
    enum err err = open_strategy(host, why);
    if (err) {
        strategy_host_free(host);
        return err;
    }
    *out = host;
    return OK;
}

void strategy_host_free(struct strategy_host *host)
{
    if (!host)
        return;
    script_instance_close(&host->instance);
    free_timeframes(host);
    buf_clear(&host->saved);
    mem_free(host->params);
    mem_free(host);
}

const struct param_set *strategy_host_params(const struct strategy_host *host)
{
    return &host->instance.params;
}

/* ---- calls ---- */

static void set_context(struct strategy_host *host, const struct strategy_call *call)
{
    struct script_context *context = &host->context;

    context->view = call->view;
    context->trade = call->hook == HOOK_TRADE ? &call->event->trade : NULL;
    context->quote = call->hook == HOOK_QUOTE ? &call->event->quote : NULL;
    context->order = call->order;
    context->fill = call->fill;
    sandbox_set_time(host->instance.sandbox, call->view->now);
}

/* What was lent points at the caller's data, which is over with the call. */
static void forget_context(struct strategy_host *host)
{
    struct script_context *context = &host->context;

    context->view = NULL;
    context->trade = NULL;
    context->quote = NULL;
    context->order = NULL;
    context->fill = NULL;
}

/* The product an event is about; PRODUCT_NONE: no one product. */
static product_ref product_of(const struct strategy_call *call)
{
    if (call->order)
        return call->order->request.product;
    return call->event ? call->event->product : PRODUCT_NONE;
}

/* Of the arguments there are behind self, those the handler declares. */
static int count_taken(const struct strategy_host *host, enum hook hook, int count)
{
    int taken = host->instance.parameters[hook] - 1;

    taken = taken < count ? taken : count;
    return taken > 0 ? taken : 0;
}

/* Pushes the arguments behind self, as many as the handler takes; how many. */
static int push_arguments(struct strategy_host *host, lua_State *L,
                          const struct strategy_call *call)
{
    /* clang-format off */
    static const struct { int count; enum lent what[2]; } arguments[HOOK_COUNT] = {
        [HOOK_START] = {2, {LENT_MARKET, LENT_PORTFOLIO}},
        [HOOK_CYCLE] = {2, {LENT_MARKET, LENT_PORTFOLIO}},
        [HOOK_BAR] = {2, {LENT_MARKET, LENT_BAR}},
        [HOOK_TRADE] = {2, {LENT_MARKET, LENT_TRADE}},
        [HOOK_QUOTE] = {2, {LENT_MARKET, LENT_QUOTE}},
        [HOOK_BOOK] = {1, {LENT_MARKET}},
        [HOOK_ORDER] = {2, {LENT_MARKET, LENT_ORDER}},
        [HOOK_FILL] = {2, {LENT_MARKET, LENT_FILL}},
        [HOOK_TIMER] = {2, {LENT_MARKET, LENT_PORTFOLIO}},
        [HOOK_STOP] = {2, {LENT_MARKET, LENT_PORTFOLIO}},
    };
    /* clang-format on */
    const enum lent *what = arguments[call->hook].what;
    int count = count_taken(host, call->hook, arguments[call->hook].count);

    for (int i = 0; i < count; i++)
        script_instance_lend(&host->instance, L, what[i]);
    return count;
}

/* The same with all markets in the place of the one, and of a book its market: which of them
 * it is about must be told. */
static int push_portfolio_arguments(struct strategy_host *host, lua_State *L,
                                    const struct strategy_call *call)
{
    static const enum lent second[HOOK_COUNT] = {
        [HOOK_START] = LENT_PORTFOLIO, [HOOK_CYCLE] = LENT_PORTFOLIO,
        [HOOK_BAR] = LENT_BAR,         [HOOK_TRADE] = LENT_TRADE,
        [HOOK_QUOTE] = LENT_QUOTE,     [HOOK_BOOK] = LENT_MARKET,
        [HOOK_ORDER] = LENT_ORDER,     [HOOK_FILL] = LENT_FILL,
        [HOOK_TIMER] = LENT_PORTFOLIO, [HOOK_STOP] = LENT_PORTFOLIO,
    };
    int count = count_taken(host, call->hook, 2);

    if (count > 0)
        script_instance_lend_markets(&host->instance, L);
    if (count > 1)
        script_instance_lend_of(&host->instance, L, second[call->hook], product_of(call));
    return count;
}

static enum err dead(struct strategy_host *host, struct fault *why)
{
    return fail(why, ERR_BUDGET, "%s was stopped earlier and could not be restarted",
                host->instance.path);
}

/* What a handler returned: all of it or nothing. */
static enum err read_decisions(struct strategy_host *host, lua_State *L, int result,
                               int handler, struct decision_list *out, struct fault *why)
{
    struct script_instance *instance = &host->instance;
    char place[SCRIPT_PLACE_MAX];
    int before = out->count;
    const struct decision_scope scope = {host->context.products, host->context.product,
                                         host->context.markets};
    enum err err = decision_read(L, result, instance->keys, &scope, out, why);

    if (!err)
        return OK;
    out->count = before;
    script_instance_place(instance, L, handler, place);
    return why ? fault_prefix(why, "%s: ", place) : err;
}

static enum err call_handler(struct strategy_host *host, const struct strategy_call *call,
                             struct decision_list *out, struct fault *why)
{
    struct script_instance *instance = &host->instance;
    nanos budget = call->hook == HOOK_START ? script_start_budget(&host->options) : 0;

    lua_State *L = script_instance_enter(instance, (int)call->hook);
    if (!L)
        return dead(host, why);
    set_context(host, call);
    int count = instance->markets ? push_portfolio_arguments(host, L, call)
                                  : push_arguments(host, L, call);
    enum err err = sandbox_call(instance->sandbox, count + 1, LUA_MULTRET, budget, why);
    int result;
    if (LIKELY(!err)) {
        if (sandbox_take_result(instance->sandbox, &result))
            err = read_decisions(host, L, result, (int)call->hook, out, why);
    } else if (err == ERR_SCRIPT && why && !sandbox_names_place(why->text)) {
        script_instance_blame(instance, L, (int)call->hook, why);
    }
    sandbox_leave(instance->sandbox);
    forget_context(host);
    return err;
}

/* ---- state over restarts ---- */

/* Nothing is appended on failure. */
static enum err save_strategy(void *ctx, struct buf *out, struct fault *why)
{
    struct strategy_host *host = ctx;

    buf_reset(&host->saved);
    host->saved_by = host->instance.version;
    enum err err = script_state_save(&host->instance, SAVE, script_start_budget(&host->options),
                                     &host->saved, why);
    buf_add(out, buf_text(&host->saved), host->saved.len);
    return err;
}

static enum err restore(struct strategy_host *host, const char *json, uint64_t version,
                        struct fault *why)
{
    return script_state_restore(&host->instance, RESTORE, script_start_budget(&host->options),
                                json, version, why);
}

static enum err restore_strategy(void *ctx, const char *json, uint64_t version,
                                 struct fault *why)
{
    struct strategy_host *host = ctx;
    enum err err = restore(host, json, version, why);

    if (err)
        return err;
    buf_reset(&host->saved);
    buf_add_text(&host->saved, json);
    host->saved_by = version;
    return OK;
}

/* A killed sandbox is never used again. Out of time: the same text in a fresh one takes its
 * place, its indicators still warm since they live here, its state as it was last saved; and
 * the call is a strike. Out of memory stays ERR_BUDGET. */
static enum err rebuild(struct strategy_host *host, const struct strategy_call *call)
{
    struct strategy_call start = {.hook = HOOK_START, .view = call->view};
    struct decision_list ignored = {.count = 0};
    struct fault again = {OK, ""};
    enum err err = script_instance_reopen(&host->instance, &host->options, "strategy",
                                          handler_names, &again);

    if (!err && has(host, HOOK_START))
        err = call_handler(host, &start, &ignored, &again);
    if (!err && host->saved.len)
        err = restore(host, buf_text(&host->saved), host->saved_by, &again);
    return err;
}

static enum err after_budget(struct strategy_host *host, const struct strategy_call *call,
                             struct decision_list *out, struct fault *why)
{
    bool is_final = !host->instance.sandbox || call->hook == HOOK_START ||
                    sandbox_is_out_of_memory(host->instance.sandbox);

    out->count = 0;
    if (!is_final && sandbox_is_interrupted(host->instance.sandbox))
        return ERR_BUDGET; /* the engine ends: nobody needs it any more */
    if (is_final || rebuild(host, call))
        return ERR_BUDGET;
    why->code = ERR_SCRIPT;
    return ERR_SCRIPT;
}

static enum err call_guarded(struct strategy_host *host, const struct strategy_call *call,
                             struct decision_list *out, struct fault *why)
{
    if (!host->instance.sandbox)
        return dead(host, why);
    if (!has(host, (int)call->hook))
        return OK;
    enum err err = call_handler(host, call, out, why);
    return UNLIKELY(err == ERR_BUDGET) ? after_budget(host, call, out, why) : err;
}

/* Timers are the cycles in which a multiple of `every` has passed since the last, counted from
 * midnight UTC: the same in every run of the same events. */
static enum err call_timer(struct strategy_host *host, const struct strategy_call *call,
                           struct decision_list *out, struct fault *why)
{
    struct strategy_call timer = {.hook = HOOK_TIMER, .view = call->view};
    nanos every = host->instance.every, due = call->view->now / every * every;
    bool is_first = host->last_timer == 0;

    if (due == host->last_timer)
        return OK;
    host->last_timer = due;
    return is_first ? OK : call_guarded(host, &timer, out, why);
}

/* Whether a bar of the strategy's timeframe ended. */
static bool feed(struct strategy_host *host, const struct event *event)
{
    return timeframes_feed(api_timeframes(&host->context, event->product), &event->bar);
}

/* Answers to answers: on_order that orders again whenever it is told of an order. Time stands
 * still in between, so nothing else would ever be reached. */
static enum err check_echo(struct strategy_host *host, const struct strategy_call *call,
                           struct fault *why)
{
    if (call->view->now != host->told_at) {
        host->told_at = call->view->now;
        host->told = 0;
    }
    if (++host->told <= STRATEGY_TOLD_MAX)
        return OK;
    return fail(why, ERR_SCRIPT,
                "%s: orders and fills of one instant led to more than %d calls; what on_order "
                "or on_fill orders must not lead to the next order at once",
                host->instance.path, STRATEGY_TOLD_MAX);
}

static enum err call_strategy(void *ctx, const struct strategy_call *call,
                              struct decision_list *out, struct fault *why)
{
    struct strategy_host *host = ctx;
    struct fault unread;

    if (call->hook == HOOK_BAR && !feed(host, call->event))
        return OK;
    if (!why)
        why = &unread;
    enum err err = OK;
    if (call->hook == HOOK_CYCLE && host->instance.every)
        err = call_timer(host, call, out, why);
    else if (call->hook == HOOK_ORDER || call->hook == HOOK_FILL)
        err = check_echo(host, call, why);
    return err ? err : call_guarded(host, call, out, why);
}

/* ---- the past ---- */

static void feed_past(void *ctx, product_ref product, const struct bar *bar)
{
    struct strategy_host *host = ctx;

    timeframes_feed(api_timeframes(&host->context, product), bar);
}

static int64_t warm_up(void *ctx, nanos interval)
{
    const struct strategy_host *host = ctx;
    int64_t most = 0;

    for (int i = 0; i < host->context.timeframes_count; i++) {
        int64_t bars = timeframes_warm_up(&host->context.timeframes[i], interval);
        most = bars > most ? bars : most;
    }
    return most;
}

struct strategy_port strategy_host_port(struct strategy_host *host)
{
    struct strategy_port port = {
        .ctx = host, .product = host->context.product, .call = call_strategy};

    port.feed = feed_past;
    port.warm_up = warm_up;

    if (port.product == PRODUCT_NONE)
        port.products = host->context.markets;

    snprintf(port.name, sizeof port.name, "%s", host->instance.name);
    for (int hook = 0; hook < HOOK_COUNT; hook++)
        if (has(host, hook))
            port.wants |= HOOK_BIT(hook);
    if (has(host, SAVE)) {
        port.save = save_strategy;
        port.restore = restore_strategy;
        port.version = host->instance.version;
    }
    if (host->instance.every)
        port.wants |= HOOK_BIT(HOOK_CYCLE);
    port.wants |= HOOK_BIT(HOOK_BAR); /* indicators live on bars, whoever reads them */
    return port;
}
