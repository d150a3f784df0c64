#include "app/fact_log.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "engine/exit.h"
#include "engine/oms.h"
#include "engine/snapshot.h"

struct fact_log {
    struct journal_port inner;
    const struct product_table *products;
    const struct engine *engine;
    struct snapshot_bracket bracket;
    struct trace trace; /* of the order last seen: a denial follows its trace */
};

struct fact_log *fact_log_new(const struct journal_port *inner,
                              const struct product_table *products)
{
    struct fact_log *log = mem_new(sizeof *log);

    log->inner = *inner;
    log->products = products;
    return log;
}

void fact_log_free(struct fact_log *log)
{
    mem_free(log);
}

void fact_log_set_engine(struct fact_log *log, const struct engine *engine)
{
    log->engine = engine;
}

static const char *symbol_of(const struct fact_log *log, product_ref product)
{
    return product == PRODUCT_NONE ? "all" : product_table_get(log->products, product)->symbol;
}

static void say_order(const struct fact_log *log, const struct order *order)
{
    char size[DECIMAL_TEXT_MAX];

    log_debug("order.intent", "order=%llu symbol=%s side=%s type=%s size=%s by=%s why=\"%s\"",
              (unsigned long long)order->number, symbol_of(log, order->request.product),
              side_name(order->request.side), order_type_name(order->request.type),
              decimal_format(order->request.size, size),
              order->strategy[0] ? order->strategy : order_origin_name(order->origin),
              order->reason);
}

static void say_preview(const struct fact_preview *fact)
{
    const struct preview *preview = &fact->preview;
    char total[DECIMAL_TEXT_MAX], commission[DECIMAL_TEXT_MAX], slippage[DECIMAL_TEXT_MAX];

    log_debug("order.preview",
              "order=%llu total=%s commission=%s slippage=%s reason=%s warning=%s",
              (unsigned long long)fact->order, decimal_format(preview->total, total),
              decimal_format(preview->commission, commission),
              decimal_format(preview->slippage, slippage),
              preview->reason[0] ? preview->reason : "none",
              preview->warning[0] ? preview->warning : "none");
}

static void say_refusal(const struct fact_log *log, const struct order *order,
                        const struct fact_order_event *event)
{
    bool is_ours = event->event == ORDER_EVENT_DENY;

    log_warn("order.refused", "order=%llu symbol=%s side=%s code=%s by=%s why=\"%s\"",
             (unsigned long long)event->order, symbol_of(log, order->request.product),
             side_name(order->request.side), refusal_name(event->code),
             is_ours ? stage_name(log->trace.refused_by) : "venue",
             is_ours            ? log->trace.detail
             : event->reason[0] ? event->reason
                                : event->text);
}

static void say_order_event(const struct fact_log *log, const struct fact_order_event *event)
{
    const struct order *order = oms_find(engine_oms(log->engine), event->order);
    char size[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];

    if (!order)
        return;
    if (event->code) {
        say_refusal(log, order, event);
        return;
    }
    if (event->event != ORDER_EVENT_SEND) {
        log_debug("order.moved", "order=%llu symbol=%s event=%s venue_id=%s",
                  (unsigned long long)event->order, symbol_of(log, order->request.product),
                  order_event_name(event->event), event->venue_id.text);
        return;
    }
    bool has_limit = !decimal_is_zero(order->request.limit_price);
    log_info("order.sent", "order=%llu symbol=%s side=%s type=%s size=%s%s%s why=\"%s\"",
             (unsigned long long)event->order, symbol_of(log, order->request.product),
             side_name(order->request.side), order_type_name(order->request.type),
             decimal_format(order->request.size, size), has_limit ? " limit=" : "",
             has_limit ? decimal_format(order->request.limit_price, price) : "", order->reason);
}

static void say_fill(const struct fact_log *log, const struct fill *fill)
{
    char size[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX], fee[DECIMAL_TEXT_MAX];

    log_info("order.filled", "order=%llu symbol=%s side=%s size=%s price=%s fee=%s %s",
             (unsigned long long)fill->order, symbol_of(log, fill->product),
             side_name(fill->side), decimal_format(fill->size, size),
             decimal_format(fill->price, price), decimal_format(fill->fee, fee),
             liquidity_name(fill->liquidity));
}

static void say_cause(const struct fact_log *log, const struct fact_cause *cause, nanos now)
{
    char span[NANOS_TEXT_MAX] = "an operator";

    if (cause->until)
        nanos_format_duration(cause->until - now, span);
    else if (cause->lingers)
        snprintf(span, sizeof span, "its reason is gone");
    log_warn("level.raised", "level=%s symbol=%s source=%s until=\"%s\" why=\"%s\"",
             level_name(cause->level), symbol_of(log, cause->product), cause->source, span,
             cause->why);
}

static void say_cycle(const struct fact_cycle *cycle)
{
    char equity[DECIMAL_TEXT_MAX], exposure[DECIMAL_TEXT_MAX], fees[DECIMAL_TEXT_MAX];

    log_debug("cycle.done", "cycle=%llu equity=%s exposure=%s fees=%s open_orders=%d level=%s",
              (unsigned long long)cycle->number, decimal_format(cycle->equity, equity),
              decimal_format(cycle->exposure, exposure), decimal_format(cycle->fees, fees),
              cycle->open_orders, level_name(cycle->level));
}

static void say_exit(const struct fact_log *log, const struct fact_exit *exit)
{
    char size[DECIMAL_TEXT_MAX], stop[DECIMAL_TEXT_MAX], target[DECIMAL_TEXT_MAX];
    bool is_stuck = exit->state == EXIT_HELD_BACK;

    log_line(is_stuck ? LOG_WARN : LOG_DEBUG, is_stuck ? "exit.held_back" : "exit.changed",
             "exit=%llu symbol=%s state=%s size=%s stop=%s target=%s code=%s",
             (unsigned long long)exit->id, symbol_of(log, exit->product),
             exit_state_name(exit->state), decimal_format(exit->size, size),
             decimal_format(exit_stop_level(exit), stop),
             decimal_format(exit->plan.target, target), refusal_name(exit->code));
}

static void say_note(const struct fact_log *log, const char *event,
                     const struct fact_note *note)
{
    enum log_level level = strcmp(note->severity, "critical") == 0 ? LOG_ERROR
                           : strcmp(note->severity, "info") == 0   ? LOG_INFO
                                                                   : LOG_WARN;

    log_line(level, event, "subject=%s symbol=%s severity=%s text=\"%s\"", note->subject,
             symbol_of(log, note->product), note->severity, note->text);
}

static void say(struct fact_log *log, const struct fact *fact)
{
    switch (fact->kind) {
    case FACT_RUN:
        log_info("engine.started", "run=%s profile=%s venue=%s seed=%llu", fact->run.run,
                 fact->run.profile, fact->run.venue, (unsigned long long)fact->run.seed);
        break;
    case FACT_STOP:
        say_note(log, "engine.stopped", &fact->note);
        break;
    case FACT_ORDER:
        say_order(log, &fact->order);
        break;
    case FACT_TRACE:
        log->trace = fact->trace;
        break;
    case FACT_PREVIEW:
        say_preview(&fact->preview);
        break;
    case FACT_ORDER_EVENT:
        say_order_event(log, &fact->order_event);
        break;
    case FACT_FILL:
        say_fill(log, &fact->fill);
        break;
    case FACT_EXIT:
        say_exit(log, &fact->exit);
        break;
    case FACT_CAUSE:
        say_cause(log, &fact->cause, fact->time);
        break;
    case FACT_CAUSE_END:
        log_info("level.released", "cause=%llu who=%s why=\"%s\"",
                 (unsigned long long)fact->cause_end.id, fact->cause_end.who,
                 fact->cause_end.why);
        break;
    case FACT_COMMAND:
        log_warn("operator.command", "command=%s who=%s why=\"%s\"",
                 command_kind_name(fact->command.kind), fact->command.who, fact->command.why);
        break;
    case FACT_CYCLE:
        say_cycle(&fact->cycle);
        break;
    case FACT_GUARD:
        say_note(log, "guard.tripped", &fact->note);
        break;
    case FACT_SCRIPT:
        say_note(log, "script.failed", &fact->note);
        break;
    case FACT_ANOMALY:
        say_note(log, "engine.anomaly", &fact->note);
        break;
    case FACT_REPAIR:
        say_note(log, "engine.repaired", &fact->note);
        break;
    default:
        break;
    }
}

static uint64_t append(void *ctx, const struct fact *fact)
{
    struct fact_log *log = ctx;

    log_set_time(fact->time);
    if (!snapshot_passes(&log->bracket, fact))
        say(log, fact);
    return log->inner.append(log->inner.ctx, fact);
}

static enum err commit(void *ctx, bool sync, struct fault *why)
{
    struct fact_log *log = ctx;

    return log->inner.commit(log->inner.ctx, sync, why);
}

static enum err replay(void *ctx,
                       enum err (*each)(void *to, const struct fact *fact, struct fault *why),
                       void *to, struct fault *why)
{
    struct fact_log *log = ctx;

    return log->inner.replay(log->inner.ctx, each, to, why);
}

struct journal_port fact_log_port(struct fact_log *log)
{
    return (struct journal_port){log, append, commit, replay};
}
