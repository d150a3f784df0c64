/* Orders that wait for the venue's preview (`orders.preview`).
 *
 * An order that would take new risk has passed every other stage of the pipeline
 * when the venue is asked what would come of it. Until the answer is there it is
 * INITIALIZED and counts (model/order.h): its funds and its room under every
 * limit are reserved, so that nobody else takes them, and strategies see it.
 * Nothing of it is at the venue; a preview creates nothing.
 *
 *   the venue would take it    it passes the whole pipeline once more, as if it were new, since
 *                              levels, prices and books have moved meanwhile; then it leaves,
 *                              unchanged, or is denied by the stage that now refuses
 *   the venue would not        denied: order_preview, with the venue's reason
 *   no preview can be had      denied: order_preview. No answer within retry.answer_deadline,
 *                              a way to the venue that fails, an answer that says nothing. An
 *                              answer that comes later finds nobody
 *   its cancel is asked for    canceled in that turn, and what is answered is not heard
 *   the engine ends            denied at the next start: what it was decided on is long gone
 *
 * Orders that only reduce, and an operator's flatten, do not wait: nothing that goes wrong with
 * a preview holds back an exit. Nor do changes to orders that work; the venue checks an edit
 * itself, and its refusal leaves the order as it was. */
#ifndef ENGINE_PREVIEW_H
#define ENGINE_PREVIEW_H

#include "engine/intent.h"
#include "engine/trace.h"
#include "model/event.h"

struct engine;

struct preview_wait {
    order_number order;
    uint64_t query;
    nanos deadline;
    struct intent intent; /* its request is the order's */
    struct trace trace;   /* of the stages before */
};

struct previews {
    struct preview_wait *items; /* oldest first */
    int count, cap;
    nanos next; /* when there is something to do without an answer; INT64_MAX: never */
};

void previews_init(struct previews *previews);
void previews_clear(struct previews *previews);

/* The order has passed the stages before and waits from now on; the question leaves with the
 * turn. */
void previews_ask(struct engine *engine, const struct order *order, const struct intent *intent,
                  const struct trace *trace);
/* One of them is wanted no more: previews_run ends it. */
void previews_look_soon(struct engine *engine);

/* Ends what is wanted no more, and what waited too long; nothing before previews.next. */
void previews_run(struct engine *engine);

/* The engine stops: nothing waits any more. */
void previews_stop(struct engine *engine);

/* What the venue says, and the end of a question. */
void previews_on_preview(struct engine *engine, const struct preview *preview);
void previews_on_answer(struct engine *engine, const struct answer *answer);

#endif
