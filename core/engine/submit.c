/* Decisions to orders: through the pipeline, into the journal, into the outbox. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/closing.h"
#include "engine/engine_private.h"
#include "engine/pipeline.h"

static char *put_text(char *at, const char *text)
{
    size_t len = strlen(text);

    memcpy(at, text, len);
    return at + len;
}

/* "bot-run-number", the number in base 36: unique as long as a run's name is not used twice,
 * since the number counts over the life of the journal. */
static client_order_id make_client_id(const struct engine *engine, order_number number)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    client_order_id id = {""};
    char reversed[16];
    int len = 0;

    char *at = put_text(id.text, engine->settings.bot);
    *at++ = '-';
    at = put_text(at, engine->run);
    *at++ = '-';
    for (; number; number /= 36)
        reversed[len++] = digits[number % 36];
    while (len)
        *at++ = reversed[--len];
    assert(at < id.text + sizeof id.text);
    return id;
}

/* Whether an order of this product and side may or may not exist at the venue. */
static bool has_unresolved(const struct engine *engine, const struct order_request *request)
{
    const struct order *const *open = oms_open(engine->oms);

    for (int i = oms_open_count(engine->oms); i-- > 0;)
        if (open[i]->state == ORDER_UNKNOWN && open[i]->request.product == request->product &&
            open[i]->request.side == request->side)
            return true;
    return false;
}

struct request *engine_request(struct engine *engine, enum request_kind kind)
{
    if (engine->outbox_count == engine->outbox_cap) {
        engine->outbox_cap = engine->outbox_cap ? engine->outbox_cap * 2 : 8;
        engine->outbox =
            mem_resize(engine->outbox, (size_t)engine->outbox_cap, sizeof *engine->outbox);
    }
    struct request *request = &engine->outbox[engine->outbox_count++];
    request->kind = kind;
    return request;
}

static void order_init(struct order *order, const struct engine *engine,
                       const struct intent *intent)
{
    memset(order, 0, sizeof *order);
    order->number = oms_next_number(engine->oms);
    order->origin = intent->origin;
    order->state = ORDER_INITIALIZED;
    order->created = order->updated = engine->now;
    memcpy(order->strategy, intent->strategy, sizeof order->strategy);
    memcpy(order->reason, intent->decision.reason, sizeof order->reason);
    if (intent->replaces) {
        const struct order *before = intent->replaces;
        order->replaces = before->number;
        order->logical = before->logical ? before->logical : before->number;
    }
}

static void emit_order_event(struct engine *engine, order_number number, enum order_event event,
                             enum refusal code)
{
    struct fact fact;

    fact.kind = FACT_ORDER_EVENT;
    fact.order_event = (struct fact_order_event){.order = number, .event = event, .code = code};
    engine_emit(engine, &fact);
}

static void journal_order(struct engine *engine, struct fact *made, struct fact *traced)
{
    struct trace *trace = &traced->trace;

    engine_emit(engine, made);
    trace->order = made->order.number;
    if (!trace->code && !made->order.awaits_preview)
        trace->verdicts[STAGE_SUBMISSION] = VERDICT_PASSED; /* it leaves with this turn */
    engine_emit(engine, traced);
}

struct pipeline engine_pipeline(struct engine *engine, const struct view *view,
                                const struct order_request *request)
{
    return (struct pipeline){
        .settings = &engine->settings,
        .view = view,
        .oms = engine->oms,
        .degrade = engine->degrade,
        .watch = &engine->watch,
        .pace = engine->pace,
        .idle_limits = engine->idle_limits,
        .sizing = &engine->ports.sizing,
        .guards = engine->script_guards,
        .guard_count = engine->guard_count,
        .tally = &engine->guards.tally,
        .reconciling = engine->reconcile.is_starting,
        .has_unresolved = has_unresolved(engine, request),
    };
}

order_number engine_submit(struct engine *engine, const struct intent *intent,
                           enum refusal *code)
{
    struct view view = engine_view(engine, intent->request.product);
    struct pipeline pipeline = engine_pipeline(engine, &view, &intent->request);
    struct fact made, traced; /* written in place: both are large */
    struct order *order = &made.order;

    made.kind = FACT_ORDER;
    traced.kind = FACT_TRACE;
    order_init(order, engine, intent);
    *code =
        pipeline_run(&pipeline, intent, &order->request, &order->reserved_price, &traced.trace);
    bool slips = *code == REFUSAL_SLIPPAGE_GUARD;
    order->request.client_id = make_client_id(engine, order->number);
    order->awaits_preview = !*code && traced.trace.verdicts[STAGE_PREVIEW] == VERDICT_WAITING;
    journal_order(engine, &made, &traced);
    if (slips || !*code)
        guards_on_slippage(engine, order->request.product, slips);
    if (*code) {
        engine->counters.refusals++;
        emit_order_event(engine, order->number, ORDER_EVENT_DENY, *code);
        return order->number;
    }
    if (UNLIKELY(order->awaits_preview)) {
        previews_ask(engine, order, intent, &traced.trace);
        return order->number;
    }
    engine->counters.orders++;
    emit_order_event(engine, order->number, ORDER_EVENT_SEND, REFUSAL_NONE);
    engine_request(engine, REQUEST_SUBMIT)->submit = order->request;
    return order->number;
}

void engine_ask_cancel(struct engine *engine, const struct order *order)
{
    struct request *request = engine_request(engine, REQUEST_CANCEL);

    request->cancel.client_id = order->request.client_id;
    request->cancel.venue_id = order->venue_id;
}

/* A wish outlives the program: who wanted out of an order still does after a restart. */
void engine_wish_cancel(struct engine *engine, order_number number)
{
    struct fact fact = {.kind = FACT_WISH, .wish = {.order = number}};

    if (!oms_wants_cancel(engine->oms, number))
        engine_emit(engine, &fact);
}

bool engine_end(struct engine *engine, const struct order *order)
{
    struct fact fact = {.kind = FACT_WISH,
                        .wish = {.order = order->number, .is_lasting = true}};

    if (order_state_is_open(order->state) && !oms_must_end(engine->oms, order->number))
        engine_emit(engine, &fact);
    return engine_cancel(engine, order);
}

bool engine_cancel(struct engine *engine, const struct order *order)
{
    bool waits = order->state == ORDER_PENDING_NEW;

    if (order->awaits_preview) {
        engine_wish_cancel(engine, order->number);
        previews_look_soon(engine);
        return true;
    }
    if (decimal_is_positive(order->asked.size) && order->asked.is_anew)
        emit_order_event(engine, order->number, ORDER_EVENT_REPLACE_REFUSED, REFUSAL_NONE);
    if (!order_state_is_open(order->state))
        return false;
    if (waits || order->state == ORDER_UNKNOWN)
        engine_wish_cancel(engine, order->number);
    if (waits || order->state == ORDER_PENDING_CANCEL)
        return true;
    engine_ask_cancel(engine, order);
    emit_order_event(engine, order->number, ORDER_EVENT_ASK_CANCEL, REFUSAL_NONE);
    return true;
}

uint64_t engine_ask(struct engine *engine, enum request_kind kind, const struct order *order,
                    nanos since)
{
    struct request *request = engine_request(engine, kind);

    assert(kind >= REQUEST_QUERY_ORDER);
    memset(&request->query, 0, sizeof request->query);
    request->query.number = ++engine->last_query;
    request->query.since = since > 0 ? since : 0;
    if (order) {
        request->query.client_id = order->request.client_id;
        request->query.venue_id = order->venue_id;
    }
    return request->query.number;
}

/* Cancels the strategy's orders of the product: the named one, or all. What exits have sent is
 * their affair: it would be sent again. */
static void cancel_by_decision(struct engine *engine, const char *strategy,
                               const struct decision *decision)
{
    const struct order *named =
        decision->order ? oms_find_logical(engine->oms, decision->order) : NULL;

    amend_forget(engine, strategy, decision->product, decision->order, "canceled");
    for (int i = oms_open_count(engine->oms); i-- > 0;) {
        const struct order *order = oms_open(engine->oms)[i];
        bool is_meant = order->request.product == decision->product &&
                        (decision->order == 0 || order == named);
        if (is_meant && order->origin != ORIGIN_EMULATION &&
            strcmp(order->strategy, strategy) == 0)
            engine_cancel(engine, order);
    }
}

static void amend_by_decision(struct engine *engine, const char *strategy,
                              const struct decision *decision)
{
    const struct order *order = oms_find_logical(engine->oms, decision->order);
    struct amend_terms terms = {.size = decision->size,
                                .limit_price = decision->limit_price,
                                .stop_price = decision->stop_price,
                                .reason = decision->reason};

    if (order && order->request.product == decision->product &&
        strcmp(order->strategy, strategy) == 0)
        engine_amend(engine, order, &terms);
}

void engine_decide(struct engine *engine, const struct strategy_port *strategy,
                   const struct decision *decision)
{
    product_ref product = decision->product;
    struct intent intent;
    enum refusal code;
    const char *nothing;

    if (decision->action == ACTION_HOLD)
        return;
    assert(product < engine->products->count);
    engine->counters.decisions++;
    if (decision->action == ACTION_CANCEL) {
        cancel_by_decision(engine, strategy->name, decision);
        return;
    }
    if (decision->action == ACTION_AMEND) {
        amend_by_decision(engine, strategy->name, decision);
        return;
    }
    if (decision->action == ACTION_PROTECT) {
        exits_protect(engine, strategy->name, product, &decision->plan, decision->size);
        return;
    }
    struct holdings held = {
        .product = &engine->products->items[product],
        .position = position_to_close(portfolio_position(engine->portfolio, product),
                                      &engine->products->items[product]),
        .working_buy = closing_size(&engine->settings, engine->portfolio, engine->oms,
                                    &engine->products->items[product], product, SIDE_BUY),
        .working_sell = closing_size(&engine->settings, engine->portfolio, engine->oms,
                                     &engine->products->items[product], product, SIDE_SELL),
    };
    if (!intent_from_decision(decision, &held, strategy->name, &intent, &nothing))
        return;
    order_number number = engine_submit(engine, &intent, &code);
    if (!code && !intent.request.reduce_only && !exit_plan_is_empty(&decision->plan))
        exits_plan(engine, number, &decision->plan);
}
