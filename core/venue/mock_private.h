/* What the files of the mock share: mock.c (time, requests on their way), mock_message.c
 * (what is said on the wire), mock_answer.c and mock_query.c (what becomes of requests
 * and questions), mock_stream.c (what comes unasked). Nobody else includes this. */
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

/* mock_message.c */

void mock_deliver_at(struct mock *mock, const struct event *event, nanos time);
/* After everything that was sent before it. */
void mock_deliver(struct mock *mock, const struct event *event, nanos extra);
struct event mock_report_event(enum report_kind kind, product_ref product,
                               const client_order_id *client_id);
struct event mock_order_event(enum report_kind kind, const struct sim_order *order);
struct event mock_fill_event(const struct mock *mock, const struct sim_fill *fill);
struct event mock_balance_event(const struct mock *mock, const char *currency);
void mock_set_reason(struct order_report *report, const char *reason, const char *text);
void mock_set_request(struct order_report *report, const struct sim_order *order);
/* By the venue's clock. */
nanos mock_venue_time(const struct mock *mock, nanos time);
bool mock_is_query(const struct job *job);
/* The end of a query: complete if there is no text. */
struct event mock_answer_event(uint64_t query, const char *text);
/* What the client is told of a request that its fault has met, and telling it. */
struct event mock_lost_event(const struct job *job);
void mock_tell_lost(struct mock *mock, struct job *job);
/* The answer to the request in hand, as far as its fault lets it through. */
void mock_reply(struct mock *mock, const struct event *event);

/* mock_answer.c */

/* The venue works on a request. */
void mock_answer(struct mock *mock, struct job *job);

/* mock_query.c */

void mock_answer_query(struct mock *mock, struct job *job);

/* mock_stream.c */

void mock_tell_streams(struct mock *mock, enum stream_change change);
/* What the simulator tells; ctx is the mock. */
extern const struct sim_listener mock_listener;

#endif
