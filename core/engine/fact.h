/* Facts: what the engine decided or learned, in the past tense.
 *
 * State changes in one way only: a fact is emitted, which appends it to the
 * journal and applies it. Recovery applies the same facts again and arrives at
 * the same state. Market data is not a fact; it is what facts are decided on.
 *
 * Facts are plain structs; one table of fields encodes them as JSON objects for
 * the journal and reads them back, so a field that is added is stored, restored
 * and printed at once. */
#ifndef ENGINE_FACT_H
#define ENGINE_FACT_H

#include "base/buf.h"
#include "engine/decision.h"
#include "engine/level.h"
#include "engine/refusal.h"
#include "engine/trace.h"
#include "model/event.h"
#include "model/order.h"
#include "model/position.h"

enum fact_kind {
    FACT_RUN,         /* an engine started */
    FACT_STOP,        /* and ended */
    FACT_ORDER,       /* an order came into being: the intent, before anything leaves */
    FACT_TRACE,       /* what each stage of the pipeline said about it */
    FACT_ORDER_EVENT, /* an order moved along its table */
    FACT_FILL,        /* an execution was booked */
    FACT_FILL_KNOWN,  /* a single execution turned out to be booked already, from totals; or,
                         inferred and of size zero, later totals corrected their money */
    FACT_AMEND,       /* the venue changed an order: its new terms, and the replace itself */
    FACT_AMEND_ASKED, /* new terms were asked for: the intent, before anything leaves */
    FACT_BALANCE,     /* a balance was set: opening, deposit, reconciliation */
    FACT_POSITION,    /* a position was set: reconciliation, snapshot */
    FACT_CAUSE,       /* a degradation cause began */
    FACT_CAUSE_END,   /* and ended */
    FACT_BASELINE,    /* the equity that a UTC day is measured from */
    FACT_COMMAND,     /* an operator said something */
    FACT_CYCLE,       /* a cycle ended: equity, exposure, level */
    FACT_GUARD,       /* a guard tripped or failed */
    FACT_SCRIPT,      /* a script failed, was switched off, was loaded */
    FACT_ANOMALY,     /* the world contradicted the tables */
    FACT_REPAIR,      /* reconciliation changed something, and why */
    FACT_EXIT,        /* an exit the engine holds: stop, target, trailing stop */
    FACT_STATE,       /* a script's saved state */
    FACT_SNAPSHOT,    /* the facts up to the closing one restate everything */
    FACT_WISH,        /* a cancel that cannot be asked for yet is wanted */
    FACT_MEMORY,      /* of snapshots: peaks and counters (engine/snapshot.h) */
    FACT_TRIP,        /* of snapshots: what the round trip under way has brought */
    FACT_PACE,        /* of snapshots: when orders left */
    FACT_SEEN,        /* of snapshots: fills that are booked */
    FACT_PREVIEW,     /* what the venue said of an order that waited for it */
    FACT_KIND_COUNT
};

const char *fact_kind_name(enum fact_kind kind); /* "order_event" */
bool fact_kind_parse(const char *text, enum fact_kind *out);

enum { FACT_TEXT_MAX = 240, FACT_STATE_MAX = 65536, FACT_SUBJECT_MAX = 96 };

struct fact_run {
    char run[40], profile[48], version[24], venue[24];
    uint64_t seed;
};

struct fact_order_event {
    order_number order;
    enum order_event event;
    venue_order_id venue_id;       /* empty: not learned by this */
    enum refusal code;             /* of deny and reject */
    char reason[VENUE_REASON_MAX]; /* the venue's own code */
    char text[VENUE_TEXT_MAX];
};

struct fact_amend {
    order_number order;
    decimal size, limit_price;
};

struct fact_amend_asked {
    order_number order;
    struct order_change change; /* .since is the fact's time */
    char reason[ORDER_REASON_MAX];
};

struct fact_balance {
    char currency[CURRENCY_MAX];
    decimal total;
    char why[VENUE_TEXT_MAX];
};

struct fact_position {
    product_ref product;
    position position;
    char why[VENUE_TEXT_MAX];
};

struct fact_cause {
    uint64_t id;
    enum level level;
    product_ref product; /* PRODUCT_NONE: global */
    bool allow_reduce;   /* reducing orders pass */
    bool sticky;         /* only an operator ends it */
    nanos until;         /* wall time of its end; 0: none */
    nanos lingers;       /* not 0: it has no end, but lasts this much longer than its reason */
    char source[48];     /* who: "daily_loss", "operator:anna", "guard:max_drawdown" */
    char why[COMMAND_WHY_MAX];
};

struct fact_cause_end {
    uint64_t id;
    char who[COMMAND_WHO_MAX];
    char why[COMMAND_WHY_MAX];
};

struct fact_baseline {
    nanos day; /* its start, UTC */
    decimal equity;
};

struct fact_cycle {
    uint64_t number;
    decimal equity, cash, exposure, realised, unrealised, fees;
    enum level level;
    int open_orders;
};

/* A guard, a script, an anomaly, a repair, a stop: who or what, how bad, and the sentence. */
struct fact_note {
    char subject[64];
    char severity[12]; /* "info", "warning", "recoverable", "critical" */
    order_number order;
    product_ref product;
    char text[FACT_TEXT_MAX];
};

enum exit_state {
    EXIT_WAITING,   /* nothing of its entry is filled yet */
    EXIT_ARMED,     /* guards `size` of the position */
    EXIT_TRIGGERED, /* a level was reached: out, until nothing is left */
    EXIT_HELD_BACK, /* likewise, but nothing of it may leave: `code` says why */
    EXIT_ENDED,
    EXIT_STATE_COUNT
};

enum exit_leg { EXIT_NO_LEG, EXIT_STOP, EXIT_TARGET, EXIT_TRAIL, EXIT_LEG_COUNT };

const char *exit_state_name(enum exit_state state); /* "armed" */
const char *exit_leg_name(enum exit_leg leg);       /* "stop" */

/* An exit held by the engine for a part of a position (engine/exits.h): its legs are one
 * another's siblings and share the one size. Whole, whatever of it has changed. */
struct fact_exit {
    uint64_t id; /* 1 upwards, by age */
    product_ref product;
    enum side side; /* of the exit order */
    enum exit_state state;
    enum exit_leg leg;     /* that was triggered */
    enum refusal code;     /* why its last order came to nothing; NONE: nobody took it, or none
                              has */
    uint64_t tries;        /* orders in a row, the last included, that nothing is filled of */
    decimal size;          /* what it guards now */
    struct exit_plan plan; /* shares as prices too, once armed */
    decimal extreme;       /* best price seen, of a trailing stop */
    order_number entry;    /* whose fills it guards; 0: what is held */
    order_number order;    /* the last it has sent; 0: none */
    char strategy[STRATEGY_NAME_MAX];
};

struct fact_state {
    char subject[FACT_SUBJECT_MAX]; /* "sma_cross BTC-USD", "guard max_drawdown" */
    uint64_t version;               /* of the script that saved it; 0: none was told */
    const char *json;               /* borrowed for the call */
};

/* A cancel. */
struct fact_wish {
    order_number order;
    bool is_lasting; /* until the order has ended, whatever the venue answers */
};

/* What the limits of the account remember, and how far the counting is. */
struct fact_memory {
    uint64_t cycles;
    uint64_t last_cause, last_exit;
    uint64_t losses_in_row;
    nanos fee_day;      /* the UTC day of fees_today; 0: none yet */
    decimal peak, last; /* equity */
    decimal fees_today;
};

struct fact_trip {
    product_ref product;
    decimal profit; /* fees off */
};

/* A list in a text: as many as fit; the next fact goes on. */
enum { FACT_LIST_MAX = 240 };

struct fact_pace {
    nanos first;               /* of a send */
    char steps[FACT_LIST_MAX]; /* "3f 0 1a2b": from each to the next, nanoseconds in hex */
};

struct fact_seen {
    order_number order;
    char fills[FACT_LIST_MAX]; /* hashes of their ids (engine/oms.h), in hex */
};

struct fact_preview {
    order_number order;
    struct preview preview;
    decimal reserved_price; /* of the order from now on; zero: it stays */
};

/* Much larger than most kinds need. Who emits often writes the members of its kind and leaves
 * the rest as it is: nobody looks at it. */
struct fact {
    enum fact_kind kind;
    uint64_t sequence; /* given by the journal, 1 upwards */
    nanos time;
    union {
        struct fact_run run;
        struct order order;
        struct trace trace;
        struct fact_order_event order_event;
        struct fill fill; /* FILL, FILL_KNOWN */
        struct fact_amend amend;
        struct fact_amend_asked amend_asked;
        struct fact_balance balance;
        struct fact_position position;
        struct fact_cause cause;
        struct fact_cause_end cause_end;
        struct fact_baseline baseline;
        struct command command;
        struct fact_cycle cycle;
        struct fact_note note; /* STOP, GUARD, SCRIPT, ANOMALY, REPAIR */
        struct fact_exit exit;
        struct fact_state state;
        bool snapshot_ends; /* SNAPSHOT: false begins one, true closes it */
        struct fact_wish wish;
        struct fact_memory memory;
        struct fact_trip trip;
        struct fact_pace pace;
        struct fact_seen seen;
        struct fact_preview preview;
    };
};

/* The payload as one JSON object on one line, members in the table's order
 * (engine/fact_field.h). A state that is not JSON, or longer than FACT_STATE_MAX, is stored as
 * null. */
void fact_encode(const struct fact *fact, const struct product_table *products,
                 struct buf *out);

/* Reads it back; sequence and time, which are columns of the journal, are left zero.
 * `fact->state.json` then points into `json`, which gets a NUL behind it: the text may be
 * written to. ERR_CORRUPT names the member, ERR_MISSING a product that the table does not know.
 */
enum err fact_decode(enum fact_kind kind, char *json, size_t len,
                     const struct product_table *products, struct fact *out,
                     struct fault *why) MUST_CHECK;

#endif
