/* Everything the world can tell the engine. Plain data, in the order it became
 * known; the engine's state is a function of the sequence of these. */
#ifndef MODEL_EVENT_H
#define MODEL_EVENT_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/candle.h"
#include "model/errand.h"
#include "model/fill.h"
#include "model/ids.h"
#include "model/order.h"
#include "model/side.h"

enum event_kind {
    EVENT_BAR,     /* a bar has ended */
    EVENT_TRADE,   /* somebody traded */
    EVENT_QUOTE,   /* best bid and ask */
    EVENT_BOOK,    /* one level of the book, or its clearing before a snapshot */
    EVENT_CYCLE,   /* the cycle timer */
    EVENT_TIMER,   /* a timer a script asked for */
    EVENT_REPORT,  /* the venue, or the way to it, about one order */
    EVENT_BALANCE, /* the venue about one currency */
    EVENT_HOLDING, /* the venue about one position */
    EVENT_ANSWER,  /* the end of what a query asked for */
    EVENT_STREAM,  /* a stream of the venue came, went or missed something */
    EVENT_COMMAND, /* an operator */
    EVENT_GAUGE,   /* a figure that only an adapter can know */
    EVENT_RETRY,   /* a request failed and is made again */
    EVENT_REACH,   /* a price inside the bar that is running was reached: exits ask for it */
    EVENT_PREVIEW, /* what the venue says an order would come to */
    EVENT_KIND_COUNT
};

const char *event_kind_name(enum event_kind kind);

struct trade {
    decimal price, size;
    enum side taker; /* the side that took liquidity */
    uint64_t id;     /* the venue's, 0 if none */
};

struct quote {
    decimal bid, bid_size, ask, ask_size;
};

struct book_update {
    bool clears; /* a snapshot begins: forget all levels; the rest is then void */
    enum side side;
    decimal price, size;
};

/* What is known about an order. Cumulative figures are always there when
 * has_totals is set (the venue's user channel, order queries); a single
 * execution when has_fill is set (the fills list, the mock's own stream). */
enum report_kind {
    REPORT_ACCEPTED,
    REPORT_REJECTED,
    REPORT_FILL,
    REPORT_CANCELED,
    REPORT_CANCEL_REFUSED,
    REPORT_REPLACED,
    REPORT_REPLACE_REFUSED,
    REPORT_EXPIRED,
    REPORT_WORKING,   /* answer of a query: it rests at the venue */
    REPORT_NOT_FOUND, /* answer of a query: the venue knows no such order */
    REPORT_LOST, /* no authoritative answer to a request: timeout, transport, 5xx, bad body */
    REPORT_CANCEL_TAKEN, /* the venue will cancel; that it has, the stream or a query says */
    REPORT_WITHDRAWN,    /* the submit never left us, and never will */
    REPORT_KIND_COUNT
};

const char *report_kind_name(enum report_kind kind);

enum { VENUE_REASON_MAX = 96, VENUE_TEXT_MAX = 128 };

struct order_report {
    enum report_kind kind;
    client_order_id client_id; /* empty: only the venue's id is known */
    venue_order_id venue_id;   /* empty: only ours is known */
    uint64_t query;            /* the query this answers, 0: unasked */

    bool has_totals;
    decimal total_size;  /* cumulative filled */
    decimal total_value; /* cumulative quote value */
    decimal total_fees;

    bool has_fill;
    struct fill fill; /* .order is filled in by the engine */

    bool has_request; /* the venue's view of what was asked: external orders, replaced orders */
    struct order_request request;

    /* The venue's own code, "INSUFFICIENT_FUND"; or one of ours, "rate_limit", of a request
     * that surely had no effect and is given up. */
    char reason[VENUE_REASON_MAX];
    char text[VENUE_TEXT_MAX]; /* and its words */
    enum errand errand;        /* of LOST: which request; NONE: not known */
    enum outcome outcome;      /* of LOST, and of what is given up: how it ended */
    nanos retry_after;         /* of a 429, else zero */
};

struct holding {
    decimal size; /* signed */
    decimal average_price;
    uint64_t query;
};

/* The venue's word about an order that is not placed: as of the book, the rules and the funds
 * of that moment. Money in quote units, zero where it makes no sense. */
enum { PREVIEW_ID_MAX = 40 };

struct preview {
    uint64_t query;
    char id[PREVIEW_ID_MAX];   /* the venue's; a create may name it */
    decimal size, value;       /* base_size, quote_size */
    decimal total, commission; /* order_total, commission_total */
    decimal margin;            /* order_margin_total, of futures */
    decimal best_bid, best_ask;
    decimal average_price;          /* est_average_filled_price */
    decimal slippage;               /* of it against the best price, as a share */
    char reason[VENUE_REASON_MAX];  /* the first of errs; "": it would be taken */
    char warning[VENUE_REASON_MAX]; /* the first warning; it would be taken all the same */
};

struct answer {
    uint64_t query;
    bool is_complete; /* false: the query failed, and nothing may be concluded from silence */
    char text[VENUE_TEXT_MAX];
    enum outcome outcome; /* of a query that failed */
    nanos retry_after;    /* of a 429, else zero */
};

enum stream_kind { STREAM_MARKET, STREAM_USER };
enum stream_change { STREAM_UP, STREAM_DOWN, STREAM_GAP };

struct stream_event {
    enum stream_kind stream;
    enum stream_change change;
};

/* What the way to the venue and the machine are like: told whenever an adapter learns it, the
 * last one counts. */
enum gauge {
    GAUGE_CLOCK_SKEW,    /* seconds that the venue's clock is ahead of ours, at least */
    GAUGE_RATE_USAGE,    /* share of the venue's request budget that is used, 1 is all of it */
    GAUGE_BREAKERS_OPEN, /* ways to the venue that are given up for a while */
    GAUGE_DISK_FREE,     /* MiB where the journal lies */
    GAUGE_COUNT
};

const char *gauge_name(enum gauge gauge); /* "clock_skew" */

struct gauge_event {
    enum gauge gauge;
    decimal value;
};

/* What is certain about the difference of two clocks, when an answer that was stamped by the
 * other came between two times of ours: the smallest that explains it. */
decimal gauge_clock_skew(nanos stamp, nanos asked, nanos answered);

/* An attempt at a request failed, and it will be made again; what becomes of the request comes
 * as a report or an answer. */
struct retry_event {
    enum errand errand;
    client_order_id client_id; /* empty: of no single order */
    enum outcome outcome;
    int attempt; /* the one that failed, 1 the first */
    nanos wait;  /* until the next */
};

enum command_kind {
    COMMAND_PAUSE,
    COMMAND_RESUME,
    COMMAND_REDUCE_ONLY,
    COMMAND_HALT,
    COMMAND_FLATTEN,
    COMMAND_CANCEL_ALL,
    COMMAND_KILL,
    COMMAND_STOP,
    COMMAND_KIND_COUNT
};

const char *command_kind_name(enum command_kind kind); /* "reduce-only" */
bool command_kind_parse(const char *text, enum command_kind *out);

enum { COMMAND_WHO_MAX = 48, COMMAND_WHY_MAX = 160 };

struct command {
    enum command_kind kind;
    char who[COMMAND_WHO_MAX];
    char why[COMMAND_WHY_MAX];
    nanos duration; /* of a pause; 0: until resumed */
    product_ref
        product; /* whose level it is; PRODUCT_NONE: everybody's. The event's, in facts */
};

struct event {
    enum event_kind kind;
    product_ref product; /* PRODUCT_NONE where none applies */
    nanos time;          /* when it happened, by the engine's clock */
    union {
        struct bar bar;
        struct trade trade;
        struct quote quote;
        struct book_update book;
        decimal reached;
        struct order_report report;
        struct {
            char currency[CURRENCY_MAX];
            decimal total, hold;
            uint64_t query;
        } balance;
        struct holding holding;
        struct preview preview;
        struct answer answer;
        struct stream_event stream;
        struct command command;
        struct gauge_event gauge;
        struct retry_event retry;
        uint64_t timer;
    };
};

#endif
