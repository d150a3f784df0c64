/* What the venue's process and the engine's tell each other, one message per
 * frame: events and turns one way, requests the other. */
#ifndef CRASH_FRAME_H
#define CRASH_FRAME_H

#include "engine/venue.h"
#include "model/event.h"

enum frame_kind {
    FRAME_START, /* to the engine: open the journal, recover, begin */
    FRAME_EVENT,
    FRAME_TURN,
    FRAME_STOP,
    FRAME_SUBMIT, /* from the engine */
    FRAME_CANCEL,
    FRAME_AMEND,
    FRAME_QUERY_ORDER,
    FRAME_QUERY_ORDERS,
    FRAME_QUERY_FILLS,
    FRAME_QUERY_ACCOUNT,
    FRAME_PREVIEW,
    FRAME_DONE, /* the turn is over */
};

struct frame {
    enum frame_kind kind;
    nanos time; /* now; since; next deadline */
    uint64_t query;
    client_order_id client_id;
    venue_order_id venue_id;
    bool is_trading; /* of a turn: the script may decide */
    union {
        struct event event;
        struct order_request request;
        struct venue_amend amend;
    };
};

/* Whole frames or nothing. False: the other side is gone. */
bool frame_send(int fd, const struct frame *frame);
bool frame_receive(int fd, struct frame *frame);

#endif
