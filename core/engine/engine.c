#include "engine/engine.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/limits.h"

enum { BUS_LIMIT = 65536 };

/* Whether a cycle has anything to watch: a bar of a backtest without guards costs nothing. */
static bool has_guards(const struct engine_settings *settings)
{
    const struct limits *limits = &settings->limits;
    const struct guard_settings *guards = &settings->guards;
    const decimal shares[] = {
        limits->daily_loss_value,         limits->daily_loss_share,
        limits->max_drawdown_share,       limits->min_liquidation_buffer_share,
        guards->volatility_share,         guards->correlation_max,
        guards->min_depth_value,          guards->error_rate_share,
        guards->margin_utilisation_share,
    };

    for (size_t i = 0; i < ARRAY_LEN(shares); i++)
        if (!decimal_is_zero(shares[i]))
            return true;
    return limits->max_losses_in_row || settings->rule_count || guards->mark_stale_after ||
           guards->stream_stale_after || guards->position_stuck_after ||
           guards->order_stuck_after;
}

struct engine *engine_new(const struct engine_settings *settings,
                          const struct product_table *products,
                          const struct engine_ports *ports, const char *run)
{
    struct engine *engine = mem_new(sizeof *engine);

    assert(strlen(run) > 0 && strlen(run) < RUN_MAX);
    engine->settings = *settings;
    engine->products = products;
    engine->ports = *ports;
    snprintf(engine->run, sizeof engine->run, "%s", run);
    engine->bus = bus_new(BUS_LIMIT);
    engine->portfolio = portfolio_new(products, settings->currency);
    engine->oms = oms_new(products, engine->portfolio, settings->taker_rate);
    engine->degrade = degrade_new();
    engine->pace = pace_new();
    engine->idle_limits = limits_idle(&settings->limits);
    engine->strategies = mem_new_array(STRATEGIES_MAX, sizeof *engine->strategies);
    engine->next_cycle = INT64_MAX;
    engine->reconcile.next = INT64_MAX;
    resolver_init(&engine->resolver);
    previews_init(&engine->previews);
    engine->is_guarded = has_guards(settings);
    engine->guards.rules = metric_watch_new(settings, products);
    for (int i = 0; i < products->count; i++)
        engine->markets[i] =
            (struct market){.product = &products->items[i], .ref = (product_ref)i};
    for (int i = 0; i < products->count && settings->timeframe; i++)
        engine->builders[i] = candle_builder_init(settings->timeframe);
    return engine;
}

void engine_free(struct engine *engine)
{
    if (!engine)
        return;
    for (int i = 0; i < engine->products->count; i++)
        order_book_free(engine->markets[i].book);
    mem_free(engine->strategies);
    mem_free(engine->outbox);
    resolver_clear(&engine->resolver);
    previews_clear(&engine->previews);
    exits_clear(&engine->exits);
    guards_clear(&engine->guards);
    saved_states_clear(&engine->states);
    pace_free(engine->pace);
    degrade_free(engine->degrade);
    oms_free(engine->oms);
    portfolio_free(engine->portfolio);
    bus_free(engine->bus);
    mem_free(engine);
}

void engine_add_strategy(struct engine *engine, const struct strategy_port *strategy)
{
    assert(engine->strategy_count < STRATEGIES_MAX);
    struct strategy_port *port = &engine->strategies[engine->strategy_count++].port;
    *port = *strategy;
    if (product_set_is_empty(port->products))
        port->products = product_set_of(engine->products);
    engine->wants |= strategy->wants;
}

void engine_add_guard(struct engine *engine, const struct guard_port *guard)
{
    assert(engine->guard_count < GUARDS_MAX);
    engine->script_guards[engine->guard_count++] = *guard;
}

void engine_set_interrupt(struct engine *engine, bool (*wants)(void *ctx), void *ctx)
{
    engine->interrupt.wants = wants;
    engine->interrupt.ctx = ctx;
}

void engine_append(struct engine *engine, struct fact *fact)
{
    assert(!engine->is_replaying);
    fact->time = engine->now;
    fact->sequence = engine->ports.journal.append(engine->ports.journal.ctx, fact);
    engine->is_dirty = true;
}

void engine_emit(struct engine *engine, struct fact *fact)
{
    engine_append(engine, fact);
    engine->has_command = engine->has_command || fact->kind == FACT_COMMAND;
    engine_apply(engine, fact);
}

void engine_note(struct engine *engine, enum fact_kind kind, const char *subject,
                 const char *severity, order_number order, product_ref product,
                 const char *format, ...)
{
    struct fact fact = {.kind = kind, .note = {.order = order, .product = product}};
    va_list args;

    snprintf(fact.note.subject, sizeof fact.note.subject, "%s", subject);
    snprintf(fact.note.severity, sizeof fact.note.severity, "%s", severity);
    va_start(args, format);
    vsnprintf(fact.note.text, sizeof fact.note.text, format, args);
    va_end(args);
    engine_emit(engine, &fact);
}

/* Who holds a cause and asks for less or for a shorter time lowers nothing; and no clock ends a
 * halt. */
static void keep_what_is_held(struct fact_cause *cause, const struct fact_cause *held)
{
    if (held && held->level > cause->level) {
        cause->level = held->level;
        cause->allow_reduce = held->allow_reduce;
    } else if (held && held->level == cause->level) {
        cause->allow_reduce = cause->allow_reduce && held->allow_reduce;
    }
    if (held && held->until > cause->until)
        cause->until = held->until;
    if (held && held->lingers > cause->lingers)
        cause->lingers = held->lingers;
    cause->sticky = cause->sticky || cause->level == LEVEL_HALTED || (held && held->sticky);
    if (cause->sticky)
        cause->lingers = 0;
    if (cause->sticky || cause->lingers)
        cause->until = 0;
}

static void tell_cause(struct engine *engine, struct fact_cause *cause, const char *source,
                       const char *why)
{
    const struct fact_cause *held = degrade_find(engine->degrade, source, cause->product);
    struct fact fact = {.kind = FACT_CAUSE};
    nanos end = held ? degrade_end(engine->degrade, held) : 0;

    cause->id = degrade_id_for(engine->degrade, source, cause->product);
    keep_what_is_held(cause, held);
    fact.cause = *cause;
    snprintf(fact.cause.source, sizeof fact.cause.source, "%s", source);
    snprintf(fact.cause.why, sizeof fact.cause.why, "%s", why);
    engine_emit(engine, &fact);
    degrade_renew(engine->degrade, cause->id, engine->now + cause->lingers);
    if (end != INT64_MAX) /* what was there before may have been longer */
        degrade_renew(engine->degrade, cause->id, end);
}

void engine_add_cause(struct engine *engine, enum level level, product_ref product,
                      const char *source, const char *why, nanos duration, bool allow_reduce)
{
    struct fact_cause cause = {
        .level = level,
        .product = product,
        .allow_reduce = allow_reduce,
        .sticky = duration == 0,
        .until = duration ? engine->now + duration : 0,
    };

    tell_cause(engine, &cause, source, why);
}

void engine_hold_cause(struct engine *engine, enum level level, product_ref product,
                       const char *source, const char *why, nanos duration, bool allow_reduce)
{
    struct fact_cause cause = {
        .level = level, .product = product, .allow_reduce = allow_reduce, .lingers = duration};

    if (engine_keeps_cause(engine, level, product, source, duration, allow_reduce))
        return;
    if (duration && degrade_find(engine->degrade, source, product))
        tell_cause(engine, &cause, source, why);
    else
        engine_add_cause(engine, level, product, source, why, duration, allow_reduce);
}

/* One that has an end, and more than half of what is asked for still before it, says nothing
 * new: what happens once is not yet something that lasts. */
bool engine_keeps_cause(struct engine *engine, enum level level, product_ref product,
                        const char *source, nanos duration, bool allow_reduce)
{
    const struct fact_cause *held = degrade_find(engine->degrade, source, product);

    if (!held || held->level < level ||
        (held->level == level && held->allow_reduce && !allow_reduce))
        return false;
    if (held->sticky || !duration)
        return held->sticky;
    if (!held->lingers)
        return held->until >= engine->now + duration / 2;
    if (held->lingers < duration)
        return false;
    degrade_renew(engine->degrade, held->id, engine->now + duration);
    return true;
}

void engine_set_balance(struct engine *engine, const char *currency, decimal total,
                        const char *why)
{
    struct fact fact = {.kind = FACT_BALANCE, .balance = {.total = total}};

    snprintf(fact.balance.currency, sizeof fact.balance.currency, "%s", currency);
    snprintf(fact.balance.why, sizeof fact.balance.why, "%s", why);
    engine_emit(engine, &fact);
}

struct view engine_view(const struct engine *engine, product_ref product)
{
    return (struct view){
        .now = engine->now,
        .market = product == PRODUCT_NONE ? NULL : &engine->markets[product],
        .markets = engine->markets,
        .products = engine->products,
        .portfolio = engine->portfolio,
        .orders = oms_open(engine->oms),
        .order_count = oms_open_count(engine->oms),
        .exits = &engine->exits,
        .equity = portfolio_equity(engine->portfolio),
        .day_start_equity = engine->watch.day_start,
        .peak_equity = engine->watch.peak,
        .level = degrade_level(engine->degrade, product),
        .cycle = engine->counters.cycles,
    };
}

/* Those that last: their triggers may be found again, or they end. */
static void give_time_to_causes(struct engine *engine)
{
    for (int i = 0; i < degrade_count(engine->degrade); i++) {
        const struct fact_cause *cause = degrade_at(engine->degrade, i);
        degrade_renew(engine->degrade, cause->id, engine->now + cause->lingers);
    }
}

enum err engine_start(struct engine *engine, const struct fact_run *run, nanos now,
                      struct fault *why)
{
    const struct venue_port *venue = &engine->ports.venue;
    struct fact fact = {.kind = FACT_RUN, .run = *run};

    assert(venue->submit && venue->cancel && (venue->amend || !venue->can_amend));
    assert(venue->preview || !engine->settings.preview);
    engine->now = now;
    engine_emit(engine, &fact);
    give_time_to_causes(engine);
    guard_memory_restore(engine);
    engine_call_strategies(engine, HOOK_START, PRODUCT_NONE, NULL);
    engine_restore_scripts(engine);
    if (engine->settings.cycle_every)
        engine->next_cycle = now + engine->settings.cycle_every;
    if (!engine->reconcile.is_on)
        reconcile_start(engine, now, false);
    return engine_turn(engine, now, why);
}

enum err engine_stop(struct engine *engine, const char *reason, nanos now, struct fault *why)
{
    engine->now = now;
    engine_call_strategies(engine, HOOK_STOP, PRODUCT_NONE, NULL);
    previews_stop(engine);
    engine_note(engine, FACT_STOP, "engine", "info", 0, PRODUCT_NONE, "%s", reason);
    guard_memory_keep(engine);
    if (snapshot_is_on(engine))
        snapshot_write(engine);
    else if (engine->settings.cycle_every)
        engine_save_scripts(engine);
    return engine_turn(engine, now, why);
}

static void on_bar(struct engine *engine, const struct event *event)
{
    struct market *market = &engine->markets[event->product];

    market_apply(market, event);
    portfolio_set_mark(engine->portfolio, event->product, market->mark, market->mark_time);
    engine->guards.heard = engine->now;
    if (engine->is_guarded)
        guards_on_bar(engine, event->product, &event->bar);
    if (UNLIKELY(engine->exits.count))
        exits_on_bar(engine, event->product, &event->bar);
    engine_call_strategies(engine, HOOK_BAR, event->product, event);
    if (engine->settings.cycle_every == 0)
        product_set_add(&engine->ended, event->product);
}

/* A bar that ended among the trades is an event like one from outside. */
static void end_bar(struct engine *engine, product_ref product, const struct bar *bar)
{
    struct event event = {.kind = EVENT_BAR, .product = product, .bar = *bar};

    event.time = bar->start + bar->interval;
    on_bar(engine, &event);
}

static void build_bar(struct engine *engine, const struct event *event)
{
    struct bar done;

    if (candle_builder_add_trade(&engine->builders[event->product], event->time,
                                 event->trade.price, event->trade.size, &done))
        end_bar(engine, event->product, &done);
}

/* Bars whose time is over end with the clock, not with the next trade. */
static void flush_bars(struct engine *engine)
{
    struct bar done;

    for (int i = 0; i < engine->products->count; i++)
        if (candle_builder_flush(&engine->builders[i], engine->now, &done))
            end_bar(engine, (product_ref)i, &done);
}

static void on_market(struct engine *engine, const struct event *event, enum hook hook)
{
    struct market *market = &engine->markets[event->product];

    market_apply(market, event);
    engine->guards.heard = engine->now;
    if (event->kind != EVENT_BOOK)
        portfolio_set_mark(engine->portfolio, event->product, market->mark, market->mark_time);
    if (UNLIKELY(engine->exits.count))
        exits_on_price(engine, event->product);
    engine_call_strategies(engine, hook, event->product, event);
}

static void step(struct engine *engine, const struct event *event)
{
    engine->counters.events++;
    switch (event->kind) {
    case EVENT_BAR:
        on_bar(engine, event);
        break;
    case EVENT_TRADE:
        if (engine->settings.timeframe)
            build_bar(engine, event); /* the bar it ends comes before the trade itself */
        on_market(engine, event, HOOK_TRADE);
        break;
    case EVENT_QUOTE:
        on_market(engine, event, HOOK_QUOTE);
        break;
    case EVENT_BOOK:
        on_market(engine, event, HOOK_BOOK);
        break;
    case EVENT_REACH:
        exits_on_reach(engine, event->product, event->reached);
        break;
    case EVENT_TIMER:
        engine_call_strategies(engine, HOOK_TIMER, event->product, event);
        break;
    case EVENT_REPORT:
        engine_on_report(engine, event);
        break;
    case EVENT_COMMAND:
        commands_on_command(engine, event);
        break;
    case EVENT_STREAM:
        engine->is_guarded = true;
        guards_on_stream(engine, &event->stream);
        reconcile_want(engine);
        break;
    case EVENT_GAUGE:
        engine->is_guarded = true;
        guards_on_gauge(engine, &event->gauge);
        break;
    case EVENT_RETRY:
        engine_on_retry(engine, &event->retry);
        break;
    case EVENT_ANSWER:
        if (event->answer.outcome != OUTCOME_NOT_SENT) /* that says nothing of the venue */
            guards_on_request(engine, event->answer.is_complete);
        resolver_on_answer(engine, &event->answer);
        reconcile_on_answer(engine, &event->answer);
        previews_on_answer(engine, &event->answer);
        break;
    case EVENT_PREVIEW:
        previews_on_preview(engine, &event->preview);
        break;
    case EVENT_BALANCE:
        reconcile_on_balance(engine, event);
        break;
    case EVENT_HOLDING:
        reconcile_on_holding(engine, event);
        break;
    default:
        break;
    }
}

/* Ends the causes whose time is over. */
static void expire_causes(struct engine *engine)
{
    const struct fact_cause *cause;

    while ((cause = degrade_expired(engine->degrade, engine->now))) {
        struct fact fact = {.kind = FACT_CAUSE_END, .cause_end = {.id = cause->id}};
        snprintf(fact.cause_end.who, sizeof fact.cause_end.who, "clock");
        snprintf(fact.cause_end.why, sizeof fact.cause_end.why, "%s is over", cause->source);
        engine_emit(engine, &fact);
    }
}

/* Cycles keep to their grid; those that were missed are skipped, not made up for. */
static void run_cycle(struct engine *engine)
{
    nanos every = engine->settings.cycle_every;

    if (engine->settings.timeframe)
        flush_bars(engine);
    engine->next_cycle += every * ((engine->now - engine->next_cycle) / every + 1);
    engine_cycle(engine);
}

static void run_timers(struct engine *engine)
{
    if (degrade_count(engine->degrade))
        expire_causes(engine);
    resolver_run(engine);
    reconcile_run(engine);
    if (engine->now >= engine->next_cycle)
        run_cycle(engine);
    if (UNLIKELY(engine->previews.count))
        previews_run(engine);
}

/* Questions change nothing at the venue: no power cut can make them wrong. A halt that was
 * heard must outlive one. */
static bool needs_sync(const struct engine *engine)
{
    for (int i = 0; i < engine->outbox_count; i++)
        if (engine->outbox[i].kind < REQUEST_QUERY_ORDER)
            return true;
    return engine->has_command;
}

static enum err commit(struct engine *engine, struct fault *why)
{
    if (!engine->is_dirty)
        return OK;
    bool sync = needs_sync(engine);
    enum err err = engine->ports.journal.commit(engine->ports.journal.ctx, sync, why);
    engine->is_dirty = engine->has_command = false;
    if (err) {
        engine->is_broken = true;
        engine->outbox_count = 0;
    }
    return err;
}

static void query(const struct venue_port *venue, const struct request *request)
{
    uint64_t number = request->query.number;

    if (request->kind == REQUEST_QUERY_ORDER)
        venue->query_order(venue->ctx, number, &request->query.client_id,
                           &request->query.venue_id);
    else if (request->kind == REQUEST_QUERY_ORDERS)
        venue->query_orders(venue->ctx, number, request->query.since);
    else if (request->kind == REQUEST_QUERY_FILLS)
        venue->query_fills(venue->ctx, number, request->query.since);
    else
        venue->query_account(venue->ctx, number);
}

int engine_cancel_unjournaled(struct engine *engine, bool exits_too)
{
    const struct venue_port *venue = &engine->ports.venue;
    int count = 0;

    for (int i = 0; i < oms_open_count(engine->oms); i++) {
        const struct order *order = oms_open(engine->oms)[i];
        bool is_kept = order->request.reduce_only && !exits_too;
        if (order->awaits_preview || is_kept || !commands_may_cancel(engine, order))
            continue;
        venue->cancel(venue->ctx, &order->request.client_id, &order->venue_id);
        count++;
    }
    return count;
}

static void send_one(const struct venue_port *venue, const struct request *request)
{
    if (request->kind == REQUEST_SUBMIT)
        venue->submit(venue->ctx, &request->submit);
    else if (request->kind == REQUEST_CANCEL)
        venue->cancel(venue->ctx, &request->cancel.client_id, &request->cancel.venue_id);
    else if (request->kind == REQUEST_AMEND)
        venue->amend(venue->ctx, &request->amend);
    else if (request->kind == REQUEST_PREVIEW)
        venue->preview(venue->ctx, request->preview.number, &request->preview.order);
    else
        query(venue, request);
}

/* Venues only queue events on the bus, so the outbox cannot grow meanwhile. */
static void send(struct engine *engine)
{
    int count = engine->outbox_count;

    engine->outbox_count = 0;
    for (int i = 0; i < count; i++)
        send_one(&engine->ports.venue, &engine->outbox[i]);
}

/* Words about orders that ended come late, and later still after a time in which the venue
 * could not be asked. Bars bring none. */
static void forget_orders(struct engine *engine)
{
    const struct reconcile *reconcile = &engine->reconcile;
    nanos asked = reconcile->is_on ? reconcile->sweep.from : engine->now;

    if (engine->settings.cycle_every == 0) {
        oms_forget_old(engine->oms, ORDERS_KEPT_BY_BARS);
        return;
    }
    oms_forget_old(engine->oms, ORDERS_KEPT);
    oms_forget_before(engine->oms, asked - ORDERS_KEPT_FOR);
}

enum err engine_turn(struct engine *engine, nanos now, struct fault *why)
{
    const struct event *event;

    if (engine->is_broken)
        return fail(why, ERR_IO, "the journal failed earlier: the engine has ended");
    if (now > engine->now) /* a clock that steps back must not turn time around */
        engine->now = now;
    engine->interrupt.was_noted = false;
    do {
        while ((event = bus_pop(engine->bus)))
            step(engine, event);
        if (!product_set_is_empty(engine->ended))
            engine_cycle_ended(engine);
        run_timers(engine);
        enum err err = commit(engine, why);
        if (err)
            return err;
        send(engine);
    } while (!bus_is_empty(engine->bus));
    forget_orders(engine);
    return OK;
}

nanos engine_next_deadline(const struct engine *engine)
{
    nanos next = degrade_next_deadline(engine->degrade);

    next = engine->next_cycle < next ? engine->next_cycle : next;
    next = engine->reconcile.next < next ? engine->reconcile.next : next;
    next = engine->previews.next < next ? engine->previews.next : next;
    return engine->resolver.next < next ? engine->resolver.next : next;
}

nanos engine_now(const struct engine *engine)
{
    return engine->now;
}

struct bus *engine_bus(struct engine *engine)
{
    return engine->bus;
}

const struct portfolio *engine_portfolio(const struct engine *engine)
{
    return engine->portfolio;
}

const struct market *engine_market(const struct engine *engine, product_ref product)
{
    assert(product < engine->products->count);
    return &engine->markets[product];
}

const struct engine_settings *engine_settings(const struct engine *engine)
{
    return &engine->settings;
}

enum level engine_level(const struct engine *engine, product_ref product)
{
    return degrade_level(engine->degrade, product);
}

const struct degrade *engine_degrade(const struct engine *engine)
{
    return engine->degrade;
}

const struct guard_tally *engine_guard_tally(const struct engine *engine)
{
    return &engine->guards.tally;
}

const struct oms *engine_oms(const struct engine *engine)
{
    return engine->oms;
}

struct engine_counters engine_counters(const struct engine *engine)
{
    return engine->counters;
}

const struct exits *engine_exits(const struct engine *engine)
{
    return &engine->exits;
}

void engine_open_bar(struct engine *engine, product_ref product)
{
    exits_open_bar(engine, product);
}

bool engine_find_reached(const struct engine *engine, product_ref product,
                         const struct bar *bar, bool is_stop, bool is_closed, decimal *price)
{
    return exits_find_reached(engine, product, bar, is_stop, is_closed, price);
}
