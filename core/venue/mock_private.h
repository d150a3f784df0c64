/* What the files of the mock share: mock.c (time, requests), mock_answer.c (what
 * comes back). Nobody else includes this. */
#ifndef VENUE_MOCK_PRIVATE_H
#define VENUE_MOCK_PRIVATE_H

#include "base/rng.h"
#include "venue/mock.h"

enum job_kind {
    JOB_SUBMIT, /* requests that arrive at the venue */
    JOB_CANCEL,
    JOB_AMEND,
    JOB_QUERY_ORDER,
    JOB_QUERY_ORDERS,
    JOB_QUERY_FILLS,
    JOB_QUERY_ACCOUNT,
    JOB_PREVIEW,
    JOB_DELIVER, /* an event that arrives at the engine */
    JOB_RECONNECT,
    JOB_KIND_COUNT
};

struct job {
    nanos time;
    uint64_t sequence;
    enum job_kind kind;
    struct fault_case fault; /* of requests */
    uint64_t query;
    nanos since;
    nanos sent; /* by the engine */
    client_order_id client_id;
    venue_order_id venue_id;
    union {
        struct order_request request;
        struct {
            decimal size, limit_price;
        } amend;
        struct event event;
    };
    struct job *next_free;
};

struct mock {
    struct mock_setup setup;
    const struct product_table *products;
    struct simulator *sim;
    struct bus *bus;
    struct fault_plan *faults; /* may be NULL */
    struct rng latency;
    struct job **heap; /* the earliest first, by (time, sequence) */
    size_t heap_count, heap_room;
    struct job *free_jobs;
    uint64_t sequence;
    nanos now, last_arrival, last_delivery;
    nanos down_until;       /* streams are broken before this */
    struct job *asked;      /* the request that the venue is working on */
    struct mock_file *file; /* NULL: nothing is kept */
    struct buf rows;
    nanos kept;              /* when the file was told last */
    struct fault file_fault; /* its first failure */
};

/* mock.c */

nanos mock_latency(struct mock *mock);
struct fault_case mock_fault(struct mock *mock, enum fault_point point);
/* Borrowed until it is scheduled. */
struct job *mock_job(struct mock *mock, enum job_kind kind);
void mock_schedule(struct mock *mock, struct job *job, nanos time);
bool mock_is_down(const struct mock *mock);
bool mock_is_silent(const struct mock *mock);

/* mock_answer.c */

/* The venue works on a request. */
void mock_answer(struct mock *mock, struct job *job);
/* The client is told that its request failed, or has no answer. */
void mock_tell_lost(struct mock *mock, struct job *job);
void mock_tell_streams(struct mock *mock, enum stream_change change);
/* What the simulator tells; ctx is the mock. */
extern const struct sim_listener mock_listener;

#endif
