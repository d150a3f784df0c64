/* What goes wrong between a client and a venue: by chance from a seed, or by
 * script ("at the second submit, lose the answer"), so that every failure can be
 * had again. The plan only says what and when; who carries messages does it. */
#ifndef VENUE_FAULTS_H
#define VENUE_FAULTS_H

#include "base/clock.h"
#include "base/decimal.h"
#include "base/err.h"

/* Where a plan is asked. */
enum fault_point {
    FAULT_AT_SUBMIT, /* requests, as they leave */
    FAULT_AT_CANCEL,
    FAULT_AT_AMEND,
    FAULT_AT_QUERY,
    FAULT_AT_PREVIEW,
    FAULT_AT_REPORT, /* a message of the user stream: fill, cancel, expiry */
    FAULT_AT_TICK,   /* a message of the market stream */
    FAULT_POINT_COUNT
};

enum fault_kind {
    FAULT_NONE,
    FAULT_LOSE_REQUEST,  /* never arrives, and nobody says so */
    FAULT_LOSE_ANSWER,   /* takes effect; the answer never comes */
    FAULT_LOSE_MESSAGE,  /* of a stream; nothing shows it */
    FAULT_NO_CONNECTION, /* never arrives; the client is told that much */
    FAULT_TIMEOUT,       /* takes effect; the client is told that no answer came */
    FAULT_SERVER_BEFORE, /* a 5xx instead of the effect */
    FAULT_SERVER_AFTER,  /* the effect, and a 5xx */
    FAULT_HALF_ANSWER,   /* takes effect; the answer breaks off */
    FAULT_WRONG_BODY,    /* takes effect; the answer is not the venue's */
    FAULT_RATE_LIMIT,    /* 429: no effect, come back in a while */
    FAULT_REJECT,        /* refused for no reason of the order's; of a preview, its answer */
    FAULT_HIDE,          /* takes effect; queries do not see the order for a while */
    FAULT_DELAY,         /* late, and what comes after it waits too */
    FAULT_REORDER,       /* late, and overtaken by what comes after it */
    FAULT_DUPLICATE,     /* twice */
    FAULT_GAP,           /* the message is missing, and the stream's numbering shows it */
    FAULT_DISCONNECT,    /* both streams break for a while */
    FAULT_UNAUTHORIZED,  /* a 401 for no reason: no effect, and a new token helps */
    FAULT_KIND_COUNT
};

const char *fault_point_name(enum fault_point point); /* "submit" */
const char *fault_kind_name(enum fault_kind kind);    /* "lose_answer" */
/* Whether a kind means anything at a point. */
bool fault_kind_fits(enum fault_kind kind, enum fault_point point);

/* One thing that goes wrong; `span` of those that take time. */
struct fault_case {
    enum fault_kind kind;
    nanos span;
};

struct fault_plan;

/* A plan under which all goes well. */
struct fault_plan *fault_plan_new(uint64_t seed);
void fault_plan_free(struct fault_plan *plan);

/* From now on each message at a point that the kind fits meets it with this chance (0..1). */
void fault_plan_set_chance(struct fault_plan *plan, enum fault_kind kind, decimal chance);
/* Spans of chance are drawn between these. 50 ms to 2 s at first. */
void fault_plan_set_span(struct fault_plan *plan, nanos min, nanos max);
/* The nth message (1: the first) at the point meets the case. The kind must fit. */
void fault_plan_add_rule(struct fault_plan *plan, enum fault_point point, uint64_t nth,
                         struct fault_case what);
/* "submit 2 lose_answer" or "tick 100 disconnect 30s"; without a span half a second. ERR_PARSE.
 */
enum err fault_plan_parse_rule(struct fault_plan *plan, const char *text,
                               struct fault *why) MUST_CHECK;

/* Counts a message at a point, and says what happens to it. Rules go before chance. */
struct fault_case fault_plan_next(struct fault_plan *plan, enum fault_point point);
uint64_t fault_plan_count(const struct fault_plan *plan, enum fault_point point);

#endif
