/* Two things happen by themselves: the simulated exchange moves, and messages
 * arrive. Messages wait in a heap by time; at equal times the market moves first
 * and messages go in the order in which they were sent.
 *
 * Each way delivers in order, as one connection does: a message is never earlier
 * than the one before it, unless a fault says so. */
#include "venue/mock.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "venue/mock_private.h"
#include "venue/simulator_keep.h"

enum { HEAP_MIN = 16 };

struct mock *mock_new(const struct product_table *products, const struct mock_setup *setup)
{
    struct mock *mock = mem_new(sizeof *mock);
    struct sim_listener listener = mock_listener;

    assert(setup->latency_min >= 0 && setup->latency_min <= setup->latency_max);
    mock->setup = *setup;
    mock->products = products;
    mock->latency = rng_stream(setup->market.seed, "latency");
    mock->now = setup->market.start;
    listener.ctx = mock;
    if (!setup->has_trades)
        listener.on_trade = NULL;
    if (!setup->has_book)
        listener.on_book = NULL;
    mock->sim = simulator_new(products, &setup->market, &listener);
    return mock;
}

void mock_free(struct mock *mock)
{
    if (!mock)
        return;
    for (size_t i = 0; i < mock->heap_count; i++)
        mem_free(mock->heap[i]);
    while (mock->free_jobs) {
        struct job *job = mock->free_jobs;
        mock->free_jobs = job->next_free;
        mem_free(job);
    }
    mem_free(mock->heap);
    mock_file_close(mock->file);
    buf_clear(&mock->rows);
    simulator_free(mock->sim);
    mem_free(mock);
}

void mock_connect(struct mock *mock, struct bus *bus)
{
    mock->bus = bus;
    mock_tell_streams(mock, STREAM_UP);
    if (mock->setup.silent_until > 0 && mock->setup.silent_until < INT64_MAX)
        mock_schedule(mock, mock_job(mock, JOB_RECONNECT), mock->setup.silent_until);
}

void mock_set_faults(struct mock *mock, struct fault_plan *plan)
{
    mock->faults = plan;
}

void mock_set_silence(struct mock *mock, nanos from, nanos until)
{
    mock->setup.silent_from = from;
    mock->setup.silent_until = until;
}

void mock_deposit(struct mock *mock, const char *currency, decimal amount)
{
    simulator_deposit(mock->sim, currency, amount);
}

struct simulator *mock_simulator(struct mock *mock)
{
    return mock->sim;
}

nanos mock_latency(struct mock *mock)
{
    return rng_between(&mock->latency, mock->setup.latency_min, mock->setup.latency_max);
}

struct fault_case mock_fault(struct mock *mock, enum fault_point point)
{
    if (!mock->faults)
        return (struct fault_case){FAULT_NONE, 0};
    return fault_plan_next(mock->faults, point);
}

bool mock_is_down(const struct mock *mock)
{
    return mock->now < mock->down_until;
}

bool mock_is_silent(const struct mock *mock)
{
    return mock->now >= mock->setup.silent_from && mock->now < mock->setup.silent_until;
}

/* The heap */

struct job *mock_job(struct mock *mock, enum job_kind kind)
{
    struct job *job = mock->free_jobs;

    if (job)
        mock->free_jobs = job->next_free;
    else
        job = mem_new(sizeof *job);
    *job = (struct job){.kind = kind};
    return job;
}

static bool is_earlier(const struct job *a, const struct job *b)
{
    return a->time != b->time ? a->time < b->time : a->sequence < b->sequence;
}

static void swap(struct job **a, struct job **b)
{
    struct job *kept = *a;

    *a = *b;
    *b = kept;
}

void mock_schedule(struct mock *mock, struct job *job, nanos time)
{
    size_t i = mock->heap_count++;

    if (mock->heap_count > mock->heap_room) {
        mock->heap_room = mock->heap_room ? 2 * mock->heap_room : HEAP_MIN;
        mock->heap = mem_resize(mock->heap, mock->heap_room, sizeof(struct job *));
    }
    job->time = time;
    job->sequence = ++mock->sequence;
    mock->heap[i] = job;
    for (; i > 0 && is_earlier(mock->heap[i], mock->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(&mock->heap[i], &mock->heap[(i - 1) / 2]);
}

static struct job *pop(struct mock *mock)
{
    struct job *first = mock->heap[0];
    size_t i = 0, child;

    mock->heap[0] = mock->heap[--mock->heap_count];
    while ((child = 2 * i + 1) < mock->heap_count) {
        if (child + 1 < mock->heap_count &&
            is_earlier(mock->heap[child + 1], mock->heap[child]))
            child++;
        if (!is_earlier(mock->heap[child], mock->heap[i]))
            break;
        swap(&mock->heap[i], &mock->heap[child]);
        i = child;
    }
    return first;
}

/* The file */

/* How far the market may have moved since the file was told where it stands. */
#define KEEP_EVERY MINUTES(1)

/* Before the engine hears of it: whoever is told of a fill must find it again. */
static void keep_news(struct mock *mock)
{
    bool has_news = simulator_has_news(mock->sim);

    if (!mock->file || mock->file_fault.code ||
        (!has_news && mock->now - mock->kept < KEEP_EVERY))
        return;
    buf_reset(&mock->rows);
    simulator_save(mock->sim, false, &mock->rows);
    mock->kept = mock->now;
    enum err err = mock_file_append(mock->file, &mock->rows, has_news, &mock->file_fault);
    (void)err; /* stays in file_fault */
}

enum err mock_load(struct mock *mock, const struct buf *rows, struct fault *why)
{
    enum err err = simulator_load(mock->sim, rows->data, rows->len, why);

    mock->now = simulator_now(mock->sim);
    return err;
}

void mock_reopen(struct mock *mock, nanos then, nanos now)
{
    assert(!mock->bus && mock->heap_count == 0);
    mock->down_until = INT64_MAX;
    if (then > mock->now)
        simulator_advance(mock->sim, then);
    simulator_reopen(mock->sim, now);
    mock->down_until = 0;
    mock->now = simulator_now(mock->sim);
}

enum err mock_keep(struct mock *mock, const char *path, struct fault *why)
{
    const struct sim_setup *market = &mock->setup.market;
    const struct mock_file_head head = {market->seed, market->start, market->step};

    buf_reset(&mock->rows);
    simulator_save(mock->sim, true, &mock->rows);
    mock->kept = mock->now;
    return mock_file_create(path, &head, &mock->rows, &mock->file, why);
}

enum err mock_check_file(const struct mock *mock, struct fault *why)
{
    if (!mock->file_fault.code)
        return OK;
    return fail(why, mock->file_fault.code, "%s", mock->file_fault.text);
}

/* Time */

nanos mock_now(const struct mock *mock)
{
    return mock->now;
}

static void run_job(struct mock *mock)
{
    struct job *job = pop(mock);

    if (job->kind == JOB_DELIVER) {
        job->event.time = mock->now;
        if (!mock_is_silent(mock))
            bus_push(mock->bus, &job->event);
    } else if (job->kind == JOB_RECONNECT) {
        if (!mock_is_down(mock)) /* it may have broken again meanwhile */
            mock_tell_streams(mock, STREAM_UP);
    } else {
        mock_answer(mock, job);
    }
    job->next_free = mock->free_jobs;
    mock->free_jobs = job;
}

static nanos next_message(const struct mock *mock)
{
    return mock->heap_count ? mock->heap[0]->time : INT64_MAX;
}

nanos mock_next_time(const struct mock *mock)
{
    nanos market = simulator_next_time(mock->sim), message = next_message(mock);

    return market < message ? market : message;
}

void mock_advance(struct mock *mock, nanos now)
{
    nanos next;

    assert(mock->bus && now >= mock->now);
    while ((next = mock_next_time(mock)) <= now) {
        mock->now = next > mock->now ? next : mock->now;
        bool is_market = simulator_next_time(mock->sim) <= next;
        simulator_advance(mock->sim, mock->now);
        if (!is_market)
            run_job(mock);
    }
    mock->now = now;
    simulator_advance(mock->sim, now);
    keep_news(mock);
}

void mock_hang_up(struct mock *mock)
{
    nanos last = mock->now;

    for (size_t i = 0; i < mock->heap_count; i++)
        if (mock->heap[i]->kind <= JOB_AMEND && mock->heap[i]->time > last)
            last = mock->heap[i]->time;
    mock_advance(mock, last);
}

/* Requests */

static void send(struct mock *mock, enum fault_point point, struct job *job)
{
    nanos arrival = mock->now + mock_latency(mock);

    job->sent = mock->now;
    job->fault = mock_fault(mock, point);
    if (job->fault.kind == FAULT_DELAY || job->fault.kind == FAULT_REORDER)
        arrival += job->fault.span;
    if (arrival < mock->last_arrival)
        arrival = mock->last_arrival;
    if (job->fault.kind != FAULT_REORDER)
        mock->last_arrival = arrival;
    if (job->fault.kind == FAULT_NO_CONNECTION)
        mock_tell_lost(mock, job);
    if (job->fault.kind == FAULT_NO_CONNECTION || job->fault.kind == FAULT_LOSE_REQUEST ||
        mock_is_silent(mock)) {
        job->next_free = mock->free_jobs;
        mock->free_jobs = job;
    } else {
        mock_schedule(mock, job, arrival);
    }
    mock_advance(mock, mock->now); /* without latency it is there already */
}

static void submit(void *ctx, const struct order_request *request)
{
    struct job *job = mock_job(ctx, JOB_SUBMIT);

    job->client_id = request->client_id;
    job->request = *request;
    send(ctx, FAULT_AT_SUBMIT, job);
}

static void cancel(void *ctx, const client_order_id *client_id, const venue_order_id *venue_id)
{
    struct job *job = mock_job(ctx, JOB_CANCEL);

    job->client_id = *client_id;
    job->venue_id = *venue_id;
    send(ctx, FAULT_AT_CANCEL, job);
}

static void amend(void *ctx, const struct venue_amend *amend)
{
    struct job *job = mock_job(ctx, JOB_AMEND);

    job->client_id = amend->client_id;
    job->venue_id = amend->venue_id;
    job->amend.size = amend->size;
    job->amend.limit_price = amend->limit_price;
    send(ctx, FAULT_AT_AMEND, job);
}

static void query_order(void *ctx, uint64_t query, const client_order_id *client_id,
                        const venue_order_id *venue_id)
{
    struct job *job = mock_job(ctx, JOB_QUERY_ORDER);

    job->query = query;
    job->client_id = *client_id;
    job->venue_id = *venue_id;
    send(ctx, FAULT_AT_QUERY, job);
}

static void query(struct mock *mock, enum job_kind kind, uint64_t number, nanos since)
{
    struct job *job = mock_job(mock, kind);

    job->query = number;
    job->since = since;
    send(mock, FAULT_AT_QUERY, job);
}

static void query_orders(void *ctx, uint64_t number, nanos since)
{
    query(ctx, JOB_QUERY_ORDERS, number, since);
}

static void query_fills(void *ctx, uint64_t number, nanos since)
{
    query(ctx, JOB_QUERY_FILLS, number, since);
}

static void query_account(void *ctx, uint64_t number)
{
    query(ctx, JOB_QUERY_ACCOUNT, number, 0);
}

static void preview(void *ctx, uint64_t number, const struct order_request *request)
{
    struct job *job = mock_job(ctx, JOB_PREVIEW);

    job->query = number;
    job->request = *request;
    send(ctx, FAULT_AT_PREVIEW, job);
}

struct venue_port mock_port(struct mock *mock)
{
    return (struct venue_port){
        .ctx = mock,
        .name = "mock",
        .can_amend = true,
        .submit = submit,
        .cancel = cancel,
        .amend = amend,
        .query_order = query_order,
        .query_orders = query_orders,
        .query_fills = query_fills,
        .query_account = query_account,
        .preview = preview,
    };
}
