/* One entry per order that waits, by the number of its question. It is taken out
 * before anything is done with it: what follows may submit other orders. Nothing
 * of this outlives the process; the orders do, and recovery denies them. */
#include "engine/preview.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/pipeline.h"

void previews_init(struct previews *previews)
{
    *previews = (struct previews){.next = INT64_MAX};
}

void previews_clear(struct previews *previews)
{
    mem_free(previews->items);
    previews_init(previews);
}

static void plan(struct previews *previews)
{
    previews->next = INT64_MAX;
    for (int i = 0; i < previews->count; i++)
        if (previews->items[i].deadline < previews->next)
            previews->next = previews->items[i].deadline;
}

void previews_look_soon(struct engine *engine)
{
    engine->previews.next = engine->now;
}

void previews_ask(struct engine *engine, const struct order *order, const struct intent *intent,
                  const struct trace *trace)
{
    struct previews *previews = &engine->previews;

    if (previews->count == previews->cap) {
        previews->cap = previews->cap ? previews->cap * 2 : 8;
        previews->items =
            mem_resize(previews->items, (size_t)previews->cap, sizeof *previews->items);
    }
    struct preview_wait *wait = &previews->items[previews->count++];
    *wait =
        (struct preview_wait){.order = order->number,
                              .query = ++engine->last_query,
                              .deadline = engine->now + engine->settings.retry.answer_deadline,
                              .intent = *intent,
                              .trace = *trace};
    wait->intent.request = order->request;
    wait->intent.replaces = NULL; /* the chain is the order's already */
    struct request *request = engine_request(engine, REQUEST_PREVIEW);
    request->preview.number = wait->query;
    request->preview.order = order->request;
    plan(previews);
}

static int find(const struct previews *previews, uint64_t query)
{
    int at = 0;

    while (at < previews->count && previews->items[at].query != query)
        at++;
    return at;
}

static struct preview_wait take(struct previews *previews, int at)
{
    struct preview_wait wait = previews->items[at];

    previews->count--;
    memmove(&previews->items[at], &previews->items[at + 1],
            (size_t)(previews->count - at) * sizeof *previews->items);
    plan(previews);
    return wait;
}

/* ---- ends ---- */

static void move(struct engine *engine, const struct preview_wait *wait, enum order_event event,
                 enum refusal code, const char *reason, const char *text)
{
    struct fact fact = {.kind = FACT_ORDER_EVENT};

    fact.order_event =
        (struct fact_order_event){.order = wait->order, .event = event, .code = code};
    snprintf(fact.order_event.reason, sizeof fact.order_event.reason, "%s", reason);
    snprintf(fact.order_event.text, sizeof fact.order_event.text, "%s", text);
    engine_emit(engine, &fact);
}

static void emit_trace(struct engine *engine, const struct preview_wait *wait)
{
    struct fact fact = {.kind = FACT_TRACE, .trace = wait->trace};

    fact.trace.order = wait->order;
    engine_emit(engine, &fact);
}

static void tell(struct engine *engine, const struct preview_wait *wait)
{
    engine_tell_order(engine, oms_find(engine->oms, wait->order), NULL);
}

static void cancel(struct engine *engine, const struct preview_wait *wait)
{
    move(engine, wait, ORDER_EVENT_CANCEL, REFUSAL_NONE, "",
         "canceled while it waited for its preview");
    tell(engine, wait);
}

static void deny(struct engine *engine, const struct preview_wait *wait, const char *reason)
{
    const struct trace *trace = &wait->trace;

    engine->counters.refusals++;
    emit_trace(engine, wait);
    move(engine, wait, ORDER_EVENT_DENY, trace->code, reason, trace->detail);
    tell(engine, wait);
}

/* By the stage itself. */
PRINTF_LIKE(4, 5)
static void refuse(struct engine *engine, struct preview_wait *wait, const char *reason,
                   const char *format, ...)
{
    struct trace *trace = &wait->trace;
    va_list args;

    trace->code = REFUSAL_ORDER_PREVIEW;
    trace->refused_by = STAGE_PREVIEW;
    trace->verdicts[STAGE_PREVIEW] = VERDICT_REFUSED;
    va_start(args, format);
    vsnprintf(trace->detail, sizeof trace->detail, format, args);
    va_end(args);
    deny(engine, wait, reason);
}

static void send(struct engine *engine, const struct preview_wait *wait)
{
    engine->counters.orders++;
    emit_trace(engine, wait);
    move(engine, wait, ORDER_EVENT_SEND, REFUSAL_NONE, "", "");
    engine_request(engine, REQUEST_SUBMIT)->submit = wait->intent.request;
}

/* ---- the second passage ---- */

/* What was previewed leaves as it was, or not at all. A mode that came meanwhile may have made
 * it smaller; the strategy can ask for that anew. */
static enum refusal refuse_change(struct trace *trace)
{
    trace->code = REFUSAL_REDUCE_ONLY;
    trace->refused_by = STAGE_REDUCE_MODE;
    trace->verdicts[STAGE_REDUCE_MODE] = VERDICT_REFUSED;
    trace->count = STAGE_REDUCE_MODE + 1;
    snprintf(trace->detail, sizeof trace->detail,
             "only less of it may pass since it was previewed");
    return trace->code;
}

static enum refusal pass_again(struct engine *engine, struct preview_wait *wait, decimal *price)
{
    struct order_request request;

    oms_set_aside(engine->oms, wait->order);
    struct view view = engine_view(engine, wait->intent.request.product);
    struct pipeline pipeline = engine_pipeline(engine, &view, &wait->intent.request);
    pipeline.is_previewed = true;
    enum refusal code = pipeline_run(&pipeline, &wait->intent, &request, price, &wait->trace);
    if (!code && !decimal_is_equal(request.size, wait->intent.request.size))
        code = refuse_change(&wait->trace);
    if (!code || code == REFUSAL_SLIPPAGE_GUARD)
        guards_on_slippage(engine, request.product, code == REFUSAL_SLIPPAGE_GUARD);
    return code;
}

static void emit_preview(struct engine *engine, const struct preview_wait *wait,
                         const struct preview *preview, decimal price)
{
    struct fact fact = {.kind = FACT_PREVIEW};

    fact.preview = (struct fact_preview){wait->order, *preview, price};
    engine_emit(engine, &fact);
}

static void conclude(struct engine *engine, struct preview_wait *wait,
                     const struct preview *preview)
{
    decimal price = DECIMAL_ZERO;

    if (preview->reason[0]) {
        emit_preview(engine, wait, preview, price);
        refuse(engine, wait, preview->reason, "%s (%s)", preview->reason,
               refusal_name(refusal_of_venue(preview->reason)));
        return;
    }
    enum refusal code = pass_again(engine, wait, &price);
    emit_preview(engine, wait, preview, code ? DECIMAL_ZERO : price);
    if (code) {
        deny(engine, wait, "");
        return;
    }
    wait->trace.verdicts[STAGE_SUBMISSION] = VERDICT_PASSED;
    send(engine, wait);
}

/* ---- what happens ---- */

static void end_late(struct engine *engine, struct preview_wait *wait)
{
    char span[NANOS_TEXT_MAX];

    if (oms_wants_cancel(engine->oms, wait->order)) {
        cancel(engine, wait);
        return;
    }
    nanos_format_duration(engine->settings.retry.answer_deadline, span);
    refuse(engine, wait, "", "no preview could be had: no answer within %s", span);
}

static bool is_over(const struct engine *engine, const struct preview_wait *wait)
{
    return engine->now >= wait->deadline || oms_wants_cancel(engine->oms, wait->order);
}

static int find_over(const struct engine *engine)
{
    const struct previews *previews = &engine->previews;
    int at = 0;

    while (at < previews->count && !is_over(engine, &previews->items[at]))
        at++;
    return at;
}

/* Scripts that hear of it may ask for the end of others. */
void previews_run(struct engine *engine)
{
    struct previews *previews = &engine->previews;
    int at;

    if (engine->now < previews->next)
        return;
    while ((at = find_over(engine)) < previews->count) {
        struct preview_wait wait = take(previews, at);
        end_late(engine, &wait);
    }
    plan(previews);
}

void previews_stop(struct engine *engine)
{
    while (engine->previews.count) {
        struct preview_wait wait = take(&engine->previews, 0);
        refuse(engine, &wait, "", "the engine stopped while it waited for its preview");
    }
}

void previews_on_preview(struct engine *engine, const struct preview *preview)
{
    struct previews *previews = &engine->previews;
    int at = find(previews, preview->query);

    if (at == previews->count)
        return; /* it was decided without it */
    struct preview_wait wait = take(previews, at);
    if (is_over(engine, &wait))
        end_late(engine, &wait);
    else
        conclude(engine, &wait, preview);
}

void previews_on_answer(struct engine *engine, const struct answer *answer)
{
    struct previews *previews = &engine->previews;
    int at = answer->query ? find(previews, answer->query) : previews->count;

    if (at == previews->count)
        return;
    struct preview_wait wait = take(previews, at);
    if (oms_wants_cancel(engine->oms, wait.order))
        cancel(engine, &wait);
    else
        refuse(engine, &wait, "", "no preview could be had: %.80s",
               answer->text[0] ? answer->text : "the answer does not say");
}
