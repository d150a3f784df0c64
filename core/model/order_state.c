/* The life of an order.
 *
 *   INITIALIZED ---deny---> DENIED,  ---cancel---> CANCELED
 *        |
 *       send
 *        v                                   from every open state
 *   PENDING_NEW --------lose--------> UNKNOWN <-----------lose-----------.
 *        |                               |                               |
 *      accept          .-----accept------'                               |
 *        v             v                                                 |
 *   .------------------------.  --------ask_cancel--------->  PENDING_CANCEL
 *   |                        |  <-----cancel_refused--------             ^
 *   | NEW, PARTIALLY_FILLED  |                                      ask_cancel
 *   |                        |  --------ask_replace-------->             |
 *   '------------------------'  <--replace, replace_refused-  PENDING_REPLACE
 *        |
 *   fills, cancel, reject, expire: from every open state
 *        v
 *   FILLED <---late fills--- CANCELED, REJECTED, EXPIRED
 *
 * Who performs the arrows. The pipeline: deny; and the courier, of an order that
 * waited for its turn and surely never left. The order manager, before a
 * request leaves for the venue: send, ask_cancel, ask_replace; and cancel, of an
 * order that waits for the venue's preview and is wanted no more (engine/preview.h). The venue,
 * by whatever way its word arrives (answer, stream, query): accept, reject, the fills, cancel,
 * cancel_refused, replace, replace_refused, expire. The order manager again, when a request's
 * answer is overdue or unreadable: lose. order_apply, order_apply_fill and order_apply_replace
 * (order.c) are the only ones that write a state.
 *
 * Invariants; the tests walk through all of them:
 *   S1  An empty cell leaves the order as it was. The caller reports an anomaly
 *       and asks the venue; it never guesses and never stops.
 *   S2  Nothing leads out of a final state but a late fill: from CANCELED and
 *       EXPIRED to FILLED, from REJECTED to CANCELED or FILLED. Nothing at all
 *       leads out of DENIED and FILLED.
 *   S3  Whatever the venue says of an order's end (full_fill, cancel, reject,
 *       expire) is legal in every open state: no order can get stuck open.
 *   S4  UNKNOWN is left by the venue's word alone. Nothing that we do or fail to
 *       hear resolves it.
 *   S5  lose leads from every open state to UNKNOWN and changes no final one.
 *   S6  NEW and PARTIALLY_FILLED differ by what is filled and by nothing else:
 *       one row serves both. A cell NEW means "works", and becomes
 *       PARTIALLY_FILLED for an order with fills.
 *   S7  A REJECTED order has no fills. A cell REJECTED becomes CANCELED for an
 *       order with fills: what the venue then refuses to work is the rest of it.
 *   S8  PENDING_CANCEL and PENDING_REPLACE are entered only after the venue has
 *       confirmed the order, so going back to "works" when it refuses is no guess.
 *
 * The arrows that surprise, and the facts behind them:
 *
 * Fills outrun acks. A market order is often filled on the stream before the
 * answer to its POST has been read. So PENDING_NEW takes fills, and FILLED takes
 * the late accept. CANCELED, REJECTED and EXPIRED do not: there, "it works" may
 * as well be a true contradiction, and a query costs little. Who knows that an
 * accept is merely the late answer to the send need not apply it.
 *
 * A fill beats a cancel. Until the venue confirms the end it may fill, so the
 * PENDING states take fills; the refusal that answers the loser of that race
 * (ORDER_IS_FULLY_FILLED, UNKNOWN_CANCEL_ORDER) arrives in a final state and
 * says nothing new.
 *
 * Fills come late. The stream that carries fills and the one that carries ends
 * are not ordered, and a sweep finds fills that both lost. Money changed hands:
 * they are booked whatever the state. A part leaves CANCELED and EXPIRED as they
 * are, the last part makes them FILLED. A fill of an order that was REJECTED shows
 * that it was not: it counts as CANCELED, or as FILLED if that was all. FILLED
 * itself takes more fills; they are the venue's overfill.
 *
 * A venue may end an order unasked (immediate-or-cancel, self-trade, halt), and
 * may reject after accepting: the answer to a POST means "taken for processing".
 *
 * UNKNOWN takes a second send, because the same client id cannot place a second
 * order; PENDING_NEW takes one too, after a 429, which proves that nothing was
 * placed. It takes ask_cancel, since wanting an order gone is most urgent when
 * nobody knows where it is, and stays UNKNOWN: that the cancel is refused may
 * mean only that the order has not arrived yet. It takes no ask_replace.
 * PENDING_NEW takes neither: the venue cancels by its own id, which nobody has
 * before the answer. The order manager keeps the wish until then.
 *
 * A lost cancel makes UNKNOWN of an order that surely was: it may be gone. If it
 * turns out to work, accept brings it back and the cancel can be asked again.
 * lose in NEW is the same: an answer that is lost after another way brought the
 * news costs one query too many, which is the harmless direction.
 *
 * Cancel outranks replace. Asked for both, in either sequence, an order is
 * PENDING_CANCEL, and the answer to the replace changes its terms, not its state.
 * A second replace has to wait for the first (ORDER_IS_ALREADY_BEING_REPLACED).
 * Answers to requests that were thought lost arrive in NEW and in each other's
 * PENDING state, and leave them alone.
 *
 * An order filled whole while a replace is pending is FILLED by the size we know
 * of. If the replace came first and made it larger, FILLED has no arrow for the
 * venue's word: an anomaly, then a query.
 *
 * Orders that others placed begin as UNKNOWN, which is what they are. */
#include "model/order_state.h"

#include <assert.h>

#include "base/attr.h"
#include "base/names.h"

static const char *const state_names[] = {
    [ORDER_STATE_NONE] = "NONE",
    [ORDER_INITIALIZED] = "INITIALIZED",
    [ORDER_DENIED] = "DENIED",
    [ORDER_PENDING_NEW] = "PENDING_NEW",
    [ORDER_NEW] = "NEW",
    [ORDER_PARTIALLY_FILLED] = "PARTIALLY_FILLED",
    [ORDER_PENDING_CANCEL] = "PENDING_CANCEL",
    [ORDER_PENDING_REPLACE] = "PENDING_REPLACE",
    [ORDER_UNKNOWN] = "UNKNOWN",
    [ORDER_FILLED] = "FILLED",
    [ORDER_CANCELED] = "CANCELED",
    [ORDER_REJECTED] = "REJECTED",
    [ORDER_EXPIRED] = "EXPIRED",
};
static_assert(ARRAY_LEN(state_names) == ORDER_STATE_COUNT, "name every state");

static const char *const event_names[] = {
    [ORDER_EVENT_DENY] = "deny",
    [ORDER_EVENT_SEND] = "send",
    [ORDER_EVENT_ACCEPT] = "accept",
    [ORDER_EVENT_REJECT] = "reject",
    [ORDER_EVENT_PARTIAL_FILL] = "partial_fill",
    [ORDER_EVENT_FULL_FILL] = "full_fill",
    [ORDER_EVENT_ASK_CANCEL] = "ask_cancel",
    [ORDER_EVENT_CANCEL] = "cancel",
    [ORDER_EVENT_CANCEL_REFUSED] = "cancel_refused",
    [ORDER_EVENT_ASK_REPLACE] = "ask_replace",
    [ORDER_EVENT_REPLACE] = "replace",
    [ORDER_EVENT_REPLACE_REFUSED] = "replace_refused",
    [ORDER_EVENT_EXPIRE] = "expire",
    [ORDER_EVENT_LOSE] = "lose",
};
static_assert(ARRAY_LEN(event_names) == ORDER_EVENT_COUNT, "name every event");

#define WORKS                                                                                  \
    {                                                                                          \
        [ORDER_EVENT_ACCEPT] = ORDER_NEW, [ORDER_EVENT_REJECT] = ORDER_REJECTED,               \
        [ORDER_EVENT_PARTIAL_FILL] = ORDER_PARTIALLY_FILLED,                                   \
        [ORDER_EVENT_FULL_FILL] = ORDER_FILLED,                                                \
        [ORDER_EVENT_ASK_CANCEL] = ORDER_PENDING_CANCEL,                                       \
        [ORDER_EVENT_CANCEL] = ORDER_CANCELED, [ORDER_EVENT_CANCEL_REFUSED] = ORDER_NEW,       \
        [ORDER_EVENT_ASK_REPLACE] = ORDER_PENDING_REPLACE, [ORDER_EVENT_REPLACE] = ORDER_NEW,  \
        [ORDER_EVENT_REPLACE_REFUSED] = ORDER_NEW, [ORDER_EVENT_EXPIRE] = ORDER_EXPIRED,       \
        [ORDER_EVENT_LOSE] = ORDER_UNKNOWN,                                                    \
    }

/* Zero, ORDER_STATE_NONE, is "no such arrow". */
static const enum order_state table[ORDER_STATE_COUNT][ORDER_EVENT_COUNT] = {
    [ORDER_INITIALIZED] =
        {
            [ORDER_EVENT_DENY] = ORDER_DENIED,
            [ORDER_EVENT_SEND] = ORDER_PENDING_NEW,
            [ORDER_EVENT_CANCEL] = ORDER_CANCELED,
        },
    [ORDER_PENDING_NEW] =
        {
            [ORDER_EVENT_DENY] = ORDER_DENIED,
            [ORDER_EVENT_SEND] = ORDER_PENDING_NEW,
            [ORDER_EVENT_ACCEPT] = ORDER_NEW,
            [ORDER_EVENT_REJECT] = ORDER_REJECTED,
            [ORDER_EVENT_PARTIAL_FILL] = ORDER_PARTIALLY_FILLED,
            [ORDER_EVENT_FULL_FILL] = ORDER_FILLED,
            [ORDER_EVENT_CANCEL] = ORDER_CANCELED,
            [ORDER_EVENT_EXPIRE] = ORDER_EXPIRED,
            [ORDER_EVENT_LOSE] = ORDER_UNKNOWN,
        },
    [ORDER_NEW] = WORKS,
    [ORDER_PARTIALLY_FILLED] = WORKS,
    [ORDER_PENDING_CANCEL] =
        {
            [ORDER_EVENT_ACCEPT] = ORDER_PENDING_CANCEL,
            [ORDER_EVENT_REJECT] = ORDER_REJECTED,
            [ORDER_EVENT_PARTIAL_FILL] = ORDER_PENDING_CANCEL,
            [ORDER_EVENT_FULL_FILL] = ORDER_FILLED,
            [ORDER_EVENT_ASK_CANCEL] = ORDER_PENDING_CANCEL,
            [ORDER_EVENT_CANCEL] = ORDER_CANCELED,
            [ORDER_EVENT_CANCEL_REFUSED] = ORDER_NEW,
            [ORDER_EVENT_ASK_REPLACE] = ORDER_PENDING_CANCEL,
            [ORDER_EVENT_REPLACE] = ORDER_PENDING_CANCEL,
            [ORDER_EVENT_REPLACE_REFUSED] = ORDER_PENDING_CANCEL,
            [ORDER_EVENT_EXPIRE] = ORDER_EXPIRED,
            [ORDER_EVENT_LOSE] = ORDER_UNKNOWN,
        },
    [ORDER_PENDING_REPLACE] =
        {
            [ORDER_EVENT_ACCEPT] = ORDER_PENDING_REPLACE,
            [ORDER_EVENT_REJECT] = ORDER_REJECTED,
            [ORDER_EVENT_PARTIAL_FILL] = ORDER_PENDING_REPLACE,
            [ORDER_EVENT_FULL_FILL] = ORDER_FILLED,
            [ORDER_EVENT_ASK_CANCEL] = ORDER_PENDING_CANCEL,
            [ORDER_EVENT_CANCEL] = ORDER_CANCELED,
            [ORDER_EVENT_CANCEL_REFUSED] = ORDER_PENDING_REPLACE,
            [ORDER_EVENT_REPLACE] = ORDER_NEW,
            [ORDER_EVENT_REPLACE_REFUSED] = ORDER_NEW,
            [ORDER_EVENT_EXPIRE] = ORDER_EXPIRED,
            [ORDER_EVENT_LOSE] = ORDER_UNKNOWN,
        },
    [ORDER_UNKNOWN] =
        {
            [ORDER_EVENT_SEND] = ORDER_UNKNOWN,
            [ORDER_EVENT_ACCEPT] = ORDER_NEW,
            [ORDER_EVENT_REJECT] = ORDER_REJECTED,
            [ORDER_EVENT_PARTIAL_FILL] = ORDER_PARTIALLY_FILLED,
            [ORDER_EVENT_FULL_FILL] = ORDER_FILLED,
            [ORDER_EVENT_ASK_CANCEL] = ORDER_UNKNOWN,
            [ORDER_EVENT_CANCEL] = ORDER_CANCELED,
            [ORDER_EVENT_CANCEL_REFUSED] = ORDER_UNKNOWN,
            [ORDER_EVENT_REPLACE] = ORDER_NEW,
            [ORDER_EVENT_REPLACE_REFUSED] = ORDER_UNKNOWN,
            [ORDER_EVENT_EXPIRE] = ORDER_EXPIRED,
            [ORDER_EVENT_LOSE] = ORDER_UNKNOWN,
        },
    [ORDER_FILLED] =
        {
            [ORDER_EVENT_ACCEPT] = ORDER_FILLED,
            [ORDER_EVENT_FULL_FILL] = ORDER_FILLED,
            [ORDER_EVENT_CANCEL_REFUSED] = ORDER_FILLED,
            [ORDER_EVENT_REPLACE_REFUSED] = ORDER_FILLED,
            [ORDER_EVENT_LOSE] = ORDER_FILLED,
        },
    [ORDER_CANCELED] =
        {
            [ORDER_EVENT_PARTIAL_FILL] = ORDER_CANCELED,
            [ORDER_EVENT_FULL_FILL] = ORDER_FILLED,
            [ORDER_EVENT_CANCEL] = ORDER_CANCELED,
            [ORDER_EVENT_CANCEL_REFUSED] = ORDER_CANCELED,
            [ORDER_EVENT_REPLACE_REFUSED] = ORDER_CANCELED,
            [ORDER_EVENT_LOSE] = ORDER_CANCELED,
        },
    [ORDER_REJECTED] =
        {
            [ORDER_EVENT_REJECT] = ORDER_REJECTED,
            [ORDER_EVENT_PARTIAL_FILL] = ORDER_CANCELED,
            [ORDER_EVENT_FULL_FILL] = ORDER_FILLED,
            [ORDER_EVENT_CANCEL_REFUSED] = ORDER_REJECTED,
            [ORDER_EVENT_REPLACE_REFUSED] = ORDER_REJECTED,
            [ORDER_EVENT_LOSE] = ORDER_REJECTED,
        },
    [ORDER_EXPIRED] =
        {
            [ORDER_EVENT_PARTIAL_FILL] = ORDER_EXPIRED,
            [ORDER_EVENT_FULL_FILL] = ORDER_FILLED,
            [ORDER_EVENT_CANCEL_REFUSED] = ORDER_EXPIRED,
            [ORDER_EVENT_REPLACE_REFUSED] = ORDER_EXPIRED,
            [ORDER_EVENT_EXPIRE] = ORDER_EXPIRED,
            [ORDER_EVENT_LOSE] = ORDER_EXPIRED,
        },
};

const char *order_state_name(enum order_state state)
{
    assert(state < ORDER_STATE_COUNT);
    return state_names[state];
}

const char *order_event_name(enum order_event event)
{
    assert(event < ORDER_EVENT_COUNT);
    return event_names[event];
}

bool order_state_parse(const char *text, enum order_state *out)
{
    int found = names_find(state_names, ORDER_STATE_COUNT, text);

    if (found <= ORDER_STATE_NONE)
        return false;
    *out = (enum order_state)found;
    return true;
}

bool order_event_parse(const char *text, enum order_event *out)
{
    int found = names_find(event_names, ORDER_EVENT_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum order_event)found;
    return true;
}

enum order_state order_state_next(enum order_state state, enum order_event event,
                                  bool has_fills)
{
    assert(state < ORDER_STATE_COUNT && event < ORDER_EVENT_COUNT);
    enum order_state next = table[state][event];

    if (has_fills && next == ORDER_NEW)
        return ORDER_PARTIALLY_FILLED;
    if (has_fills && next == ORDER_REJECTED)
        return ORDER_CANCELED;
    return next;
}

bool order_state_is_final(enum order_state state)
{
    return state == ORDER_DENIED || state == ORDER_FILLED || state == ORDER_CANCELED ||
           state == ORDER_REJECTED || state == ORDER_EXPIRED;
}

bool order_state_is_open(enum order_state state)
{
    return state >= ORDER_PENDING_NEW && state <= ORDER_UNKNOWN;
}
