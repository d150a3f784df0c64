/* Mistakes that an engine, or what is around it, could make, made on purpose: so
 * that it can be seen that the oracle of the simulation finds each of them.
 *
 * The engine stays as it is. The saboteur sits on the wire, at the operator's
 * mouth and at the journal, and now and then has a hand in the books. */
#ifndef LAB_SABOTEUR_H
#define LAB_SABOTEUR_H

#include "engine/engine.h"
#include "lab/tape.h"
#include "venue/mock.h"

/* X(constant, name, what goes wrong) */
#define SABOTAGES(X)                                                                           \
    X(NO_SYNC, "no-sync", "commits are not waited for")                                        \
    X(RESIZE, "resize", "orders leave twice as large as they were journaled")                  \
    X(SEND_TWICE, "send-twice", "each order is sent a second time under a new id")             \
    X(FORGET_DOUBT, "forget-doubt", "an order of unknown outcome does not stop the next")      \
    X(HOLD_BACK, "hold-back", "an order waits on the way until trading is not normal")         \
    X(IGNORE_HALT, "ignore-halt", "halts do not reach the engine")                             \
    X(IGNORE_FLATTEN, "ignore-flatten", "flattens do not reach the engine")                    \
    X(IGNORE_CANCEL, "ignore-cancel", "cancel-alls do not reach the engine")                   \
    X(SECRET_FLATTEN, "secret-flatten", "the engine flattens, and no operator said so")        \
    X(SHRINK, "shrink", "a position shrinks while an order that closes it leaves")             \
    X(SHRINK_LATE, "shrink-late", "the same while a flatten closes it")                        \
    X(ONE_NUMBER, "one-number", "all orders are sent for one intent")                          \
    X(INVENT_FILL, "invent-fill", "the engine is told of a fill that never was")               \
    X(FALSE_REDUCE, "false-reduce", "orders that open arrive as reduce-only")                  \
    X(FIND_MONEY, "find-money", "money appears at the venue")                                  \
    X(MISCOUNT, "miscount", "a position changes without a fill")                               \
    X(NO_ANSWERS, "no-answers", "nothing of the venue reaches the engine once all is quiet")

enum sabotage {
    SABOTAGE_NONE,
#define SABOTAGE_CONSTANT(constant, name, text) SABOTAGE_##constant,
    SABOTAGES(SABOTAGE_CONSTANT)
#undef SABOTAGE_CONSTANT
        SABOTAGE_COUNT
};

const char *sabotage_name(enum sabotage sabotage); /* "resize"; "none" */
const char *sabotage_text(enum sabotage sabotage);
/* False: there is none of this name. */
bool sabotage_parse(const char *name, enum sabotage *out);

struct saboteur {
    enum sabotage kind;
    struct order_request held; /* on the way */
    bool is_holding;
    uint64_t done;
};

/* Before the oracle sees a request that leaves; false: it does not leave now. */
bool saboteur_on_send(struct saboteur *saboteur, const struct engine *engine,
                      struct order_request *request);
/* Before the venue gets it. */
void saboteur_on_arrival(struct saboteur *saboteur, const struct venue_port *venue,
                         struct order_request *request);
/* True: the engine is not told. */
bool saboteur_swallows(const struct saboteur *saboteur, enum command_kind kind);
/* After each turn. True: `*request` leaves only now. */
bool saboteur_on_step(struct saboteur *saboteur, struct engine *engine, struct mock *mock,
                      struct order_request *request);

#endif
