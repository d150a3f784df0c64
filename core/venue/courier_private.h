/* What the files of the courier share: courier.c (handing over, time),
 * courier_send.c (what leaves, and when), courier_hear.c (what comes back).
 * Nobody else includes this. */
#ifndef VENUE_COURIER_PRIVATE_H
#define VENUE_COURIER_PRIVATE_H

#include "base/backoff.h"
#include "base/token_bucket.h"
#include "venue/courier.h"
#include "venue/request_meter.h"
#include "venue/retry_policy.h"

enum { ATTEMPTS_MAX = 10 }; /* what retry.attempts may say */

/* One request of the engine, until the engine is told what became of it. */
struct parcel {
    enum errand errand;
    client_order_id client_id; /* SUBMIT, CANCEL, AMEND, QUERY_ORDER, PREVIEW */
    venue_order_id venue_id;
    struct order_request request; /* SUBMIT, PREVIEW */
    struct venue_amend amend;     /* AMEND */
    uint64_t query;               /* the engine's number of a question */
    nanos since;

    nanos due;              /* not before this */
    nanos deadline;         /* and not after */
    int attempts;           /* that left */
    bool is_doubtful;       /* one of them may have had an effect */
    enum refusal waits_for; /* why it did not leave when it was due */

    bool is_out;   /* an attempt is on its way */
    nanos timeout; /* of that attempt */
    uint64_t
        numbers[ATTEMPTS_MAX]; /* of the attempts at a question, as the adapter knows them */
    int number_count;
    enum outcome last;                                   /* how the last attempt ended */
    char reason[VENUE_REASON_MAX], text[VENUE_TEXT_MAX]; /* in the adapter's words */
};

struct courier {
    struct venue_port adapter;
    struct retry_settings retry;
    decimal usage_limit; /* of the guard: the engine must hear when usage falls below */
    struct backoff backoff;
    struct rng rng;

    struct bus *inbox, *bus;
    struct courier_gate gate;

    struct parcel **parcels; /* as they were handed over */
    int count, cap;
    uint64_t last_number;

    struct token_bucket buckets[ERRAND_CLASS_COUNT];
    struct breaker breakers[ERRAND_CLASS_COUNT];
    struct request_meter meters[ERRAND_CLASS_COUNT];
    int64_t per_minute[ERRAND_CLASS_COUNT];
    nanos hold_until; /* nothing leaves before */

    bool has_told; /* the figures: */
    decimal told_usage;
    int told_open;
    nanos told_at;
    nanos now;
};

/* courier.c */

void courier_drop(struct courier *courier, struct parcel *parcel);
void courier_tell(struct courier *courier, struct event *event);

/* courier_send.c */

/* Lets leave what may, and ends what may not; false when nothing changed. */
bool courier_send(struct courier *courier);
/* When the parcel can next be sent, if the answer to nothing else is in its way. */
nanos courier_ready_at(const struct courier *courier, const struct parcel *parcel);

/* courier_end.c */

/* The attempt on its way ended so. */
void courier_end_attempt(struct courier *courier, struct parcel *parcel, enum outcome outcome);
/* It failed: it is made again, or given up. */
void courier_fail_attempt(struct courier *courier, struct parcel *parcel, enum outcome outcome,
                          nanos retry_after);
/* No more attempts: the engine is told what is certain. The parcel is gone. */
void courier_give_up(struct courier *courier, struct parcel *parcel, enum refusal code);
/* A submit that never left, or surely had no effect, and is not wanted any more. */
void courier_give_back(struct courier *courier, struct parcel *parcel);
/* The venue's refusal cannot be believed: what became of it has to be asked. */
void courier_doubt(struct courier *courier, struct parcel *parcel);

/* courier_hear.c */

/* Passes on what came from the adapter; false when nothing did. */
bool courier_hear(struct courier *courier);

#endif
