/* The life of an order: states, events, and the one table that joins them.
 *
 * The names are FIX's, with UNKNOWN for "may or may not exist at the venue".
 * The diagram, the invariants and who performs each arrow stand in the .c. */
#ifndef MODEL_ORDER_STATE_H
#define MODEL_ORDER_STATE_H

#include <stdbool.h>

enum order_state {
    ORDER_STATE_NONE,       /* never a state of an order: an empty cell of the table */
    ORDER_INITIALIZED,      /* exists here only; the intent is journaled */
    ORDER_DENIED,           /* refused by our own pipeline; final */
    ORDER_PENDING_NEW,      /* handed to the venue port, no answer yet */
    ORDER_NEW,              /* working at the venue */
    ORDER_PARTIALLY_FILLED, /* working, and something of it is filled */
    ORDER_PENDING_CANCEL,   /* working, and we asked for its end */
    ORDER_PENDING_REPLACE,  /* working, and we asked to change it */
    ORDER_UNKNOWN,  /* an answer got lost: may work, may be done, may never have arrived */
    ORDER_FILLED,   /* final */
    ORDER_CANCELED, /* final, but late fills are applied */
    ORDER_REJECTED, /* final, but late fills are applied */
    ORDER_EXPIRED,  /* final, but late fills are applied */
    ORDER_STATE_COUNT
};

enum order_event {
    ORDER_EVENT_DENY,            /* pipeline: refused */
    ORDER_EVENT_SEND,            /* engine: about to leave for the venue */
    ORDER_EVENT_ACCEPT,          /* venue: it works */
    ORDER_EVENT_REJECT,          /* venue: it never will */
    ORDER_EVENT_PARTIAL_FILL,    /* venue: some of it, more to come */
    ORDER_EVENT_FULL_FILL,       /* venue: all of it */
    ORDER_EVENT_ASK_CANCEL,      /* engine: cancel request leaves */
    ORDER_EVENT_CANCEL,          /* venue: it ended without being filled whole, asked or not */
    ORDER_EVENT_CANCEL_REFUSED,  /* venue: cannot cancel; the order stands as it did */
    ORDER_EVENT_ASK_REPLACE,     /* engine: amend request leaves */
    ORDER_EVENT_REPLACE,         /* venue: changed */
    ORDER_EVENT_REPLACE_REFUSED, /* venue: not changed; the order stands as it did */
    ORDER_EVENT_EXPIRE,          /* venue: its time ran out */
    ORDER_EVENT_LOSE,            /* engine: the outcome of a request is not known */
    ORDER_EVENT_COUNT
};

const char *order_state_name(enum order_state state);            /* "PENDING_NEW" */
const char *order_event_name(enum order_event event);            /* "ask_cancel" */
bool order_state_parse(const char *text, enum order_state *out); /* not "NONE" */
bool order_event_parse(const char *text, enum order_event *out);

/* The state that follows, or ORDER_STATE_NONE when the table has no such arrow.
 * `has_fills`: whether anything of the order is filled, which tells NEW from
 * PARTIALLY_FILLED wherever an order comes to work, and REJECTED from CANCELED. */
enum order_state order_state_next(enum order_state state, enum order_event event,
                                  bool has_fills);

bool order_state_is_final(enum order_state state);
/* Whether the venue may hold it: its exposure and funds stay reserved. */
bool order_state_is_open(enum order_state state);

#endif
