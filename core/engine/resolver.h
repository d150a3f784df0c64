/* Finds out what became of requests that nobody answered.
 *
 * A timeout is not a rejection. A request that is not answered within
 * retry.answer_deadline makes its order UNKNOWN, and the resolver asks the venue
 * until it has answered, with growing waits. Meanwhile the order counts as if it
 * worked: its funds and exposure stay reserved, and no second order for the same
 * purpose passes the pipeline.
 *
 * That the venue knows no such order is believed only when it has said so twice,
 * in two ways: to a question by our id, and afterwards by a complete listing of
 * all orders since before the send in which the order does not appear; and not
 * within two minutes of the send, nor within one of the last attempt at it,
 * since a request can be slower than the questions after it. Whatever an incomplete or missing
 * answer leaves open stays open. Unknown for longer than retry.unknown_escalate_after: the
 * symbol goes to REDUCE_ONLY for as long as it lasts, and the operator is told. */
#ifndef ENGINE_RESOLVER_H
#define ENGINE_RESOLVER_H

#include "model/event.h"

struct engine;

/* What is being asked about one unknown order. */
struct doubt {
    order_number order;
    int attempts;
    nanos next;              /* question */
    uint64_t query, listing; /* the last of each kind, 0: none */
    bool is_denied;          /* the venue said to `query` that there is no such order */
    bool is_shown;           /* a listing showed it */
    bool is_escalated;
};

struct resolver {
    struct doubt *doubts;
    int count, cap;
    nanos next; /* when there may be something to do; INT64_MAX: never */
};

void resolver_init(struct resolver *resolver);
void resolver_clear(struct resolver *resolver);

/* A request about an order left, or an answer was lost: look again no later than this. */
void resolver_expect(struct resolver *resolver, nanos by);

/* Loses what is overdue and asks about what is unknown; nothing before resolver.next. */
void resolver_run(struct engine *engine);

/* What the answers say: a query's report of an order, NOT_FOUND, and the end of a query. */
void resolver_on_shown(struct engine *engine, order_number order, uint64_t query);
void resolver_on_not_found(struct engine *engine, order_number order, uint64_t query);
void resolver_on_answer(struct engine *engine, const struct answer *answer);

#endif
