/* One parcel for each request, in the order of handing over, until the engine
 * has been told what became of it. Three things happen to parcels, again and
 * again until none of them changes anything: what came back is heard
 * (courier_hear.c), what took too long is ended, what may leave is sent
 * (courier_send.c). How a parcel ends is in courier_end.c.
 *
 * Invariants:
 *   C1  a client id has at most one submit among the parcels, and one attempt of it on its way;
 *       attempts carry the same request
 *   C2  is_doubtful is never taken back: one attempt that may have had an effect makes every
 *       later refusal worthless, because the venue may refuse the second for the first's sake
 *   C3  a refusal without a parcel is not believed either: it answers an attempt that was given
 *       up, or one of a life before
 *   C4  nothing of a parcel leaves after its deadline, nor without a token
 *   C5  each attempt at a question has a number of its own towards the adapter. A late answer
 * to an earlier one is as good as the last one's, its late failure says nothing, and what
 *       answers nothing that is asked is dropped */
#include "venue/courier.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "venue/courier_private.h"

enum { INBOX_LIMIT = 65536 };

struct courier *courier_new(const struct engine_settings *settings,
                            const struct venue_port *adapter, uint64_t seed)
{
    struct courier *courier = mem_new(sizeof *courier);
    const struct retry_settings *retry = &settings->retry;

    courier->adapter = *adapter;
    courier->retry = *retry;
    courier->usage_limit = settings->guards.rate_usage_share;
    courier->backoff =
        (struct backoff){retry->base, retry->cap, retry->factor, retry->jitter_share};
    courier->rng = rng_stream(seed, settings->bot);
    courier->inbox = bus_new(INBOX_LIMIT);
    for (int i = 0; i < ERRAND_CLASS_COUNT; i++) {
        const struct budget *budget = &settings->budgets[i];
        courier->buckets[i] = token_bucket_init(budget->per_second, budget->burst);
        courier->per_minute[i] = 60 * budget->per_second;
        courier->breakers[i] =
            breaker_init(settings->breaker.failures, settings->breaker.successes,
                         settings->breaker.cool_down);
    }
    return courier;
}

void courier_free(struct courier *courier)
{
    if (!courier)
        return;
    for (int i = 0; i < courier->count; i++)
        mem_free(courier->parcels[i]);
    mem_free(courier->parcels);
    bus_free(courier->inbox);
    mem_free(courier);
}

struct bus *courier_inbox(struct courier *courier)
{
    return courier->inbox;
}

void courier_connect(struct courier *courier, struct bus *bus, const struct courier_gate *gate)
{
    courier->bus = bus;
    courier->gate = gate ? *gate : (struct courier_gate){NULL, NULL, NULL};
}

static struct clearance ask_engine(void *ctx, const struct order_request *request)
{
    return engine_clearance(ctx, request);
}

static struct clearance ask_engine_of_edit(void *ctx, const struct venue_amend *amend)
{
    return engine_clearance_of_edit(ctx, amend);
}

struct courier_gate courier_gate_of(const struct engine *engine)
{
    return (struct courier_gate){(void *)(uintptr_t)engine, ask_engine, ask_engine_of_edit};
}

void courier_tell(struct courier *courier, struct event *event)
{
    event->time = courier->now;
    bus_push(courier->bus, event);
}

/* ---- parcels ---- */

static struct parcel *add(struct courier *courier, enum errand errand)
{
    struct parcel *parcel = mem_new(sizeof *parcel);

    assert(courier->bus);
    if (courier->count == courier->cap) {
        courier->cap = courier->cap ? 2 * courier->cap : 16;
        courier->parcels =
            mem_resize(courier->parcels, (size_t)courier->cap, sizeof(struct parcel *));
    }
    courier->parcels[courier->count++] = parcel;
    *parcel = (struct parcel){.errand = errand,
                              .due = courier->now,
                              .deadline = courier->now + courier->retry.answer_deadline,
                              .waits_for = REFUSAL_TIMEOUT};
    return parcel;
}

void courier_drop(struct courier *courier, struct parcel *parcel)
{
    int i = 0;

    while (courier->parcels[i] != parcel)
        i++;
    courier->count--;
    memmove(courier->parcels + i, courier->parcels + i + 1,
            (size_t)(courier->count - i) * sizeof(struct parcel *));
    mem_free(parcel);
}

bool courier_is_idle(const struct courier *courier)
{
    return courier->count == 0;
}

/* ---- figures for the guards ---- */

static decimal usage_of(const struct courier *courier, int class)
{
    int64_t count = request_meter_count(&courier->meters[class], courier->now);
    decimal share = decimal_div(decimal_from_int(count),
                                decimal_from_int(courier->per_minute[class]), ROUND_HALF_EVEN);

    return decimal_min(share, D(1));
}

/* Cancels are left out: they may use up what there is. */
static decimal usage(const struct courier *courier)
{
    return decimal_max(usage_of(courier, ERRANDS_ORDERS), usage_of(courier, ERRANDS_QUERIES));
}

static bool is_open(const struct courier *courier, int class)
{
    const struct breaker *breaker = &courier->breakers[class];

    return breaker->state == BREAKER_OPEN && courier->now < breaker->until;
}

static int count_open(const struct courier *courier)
{
    int count = 0;

    for (int i = 0; i < ERRAND_CLASS_COUNT; i++)
        count += is_open(courier, i);
    return count;
}

static void tell_gauge(struct courier *courier, enum gauge gauge, decimal value)
{
    struct event event = {.kind = EVENT_GAUGE, .product = PRODUCT_NONE};

    event.gauge = (struct gauge_event){gauge, value};
    courier_tell(courier, &event);
}

/* Once a minute even if nothing changes: who hears nothing for long believes nothing. */
static const nanos tell_every = MINUTES(1);

static void tell_gauges(struct courier *courier)
{
    decimal used = usage(courier);
    int open = count_open(courier);

    if (courier->has_told && decimal_is_equal(used, courier->told_usage) &&
        open == courier->told_open && courier->now < courier->told_at + tell_every)
        return;
    courier->has_told = true;
    courier->told_at = courier->now;
    courier->told_usage = used;
    courier->told_open = open;
    tell_gauge(courier, GAUGE_RATE_USAGE, used);
    tell_gauge(courier, GAUGE_BREAKERS_OPEN, decimal_from_int(open));
}

/* The guards hold a cause for as long as they were told the last figure: they must hear of the
 * next, although nothing else happens. */
static nanos next_figure(const struct courier *courier)
{
    nanos next = courier->told_at + tell_every, step = request_meter_step();
    bool is_high = !decimal_is_zero(courier->usage_limit) &&
                   decimal_compare(courier->told_usage, courier->usage_limit) >= 0;

    for (int i = 0; i < ERRAND_CLASS_COUNT; i++)
        if (is_open(courier, i) && courier->breakers[i].until < next)
            next = courier->breakers[i].until;
    nanos soon = (courier->now / step + 1) * step;
    return is_high && soon < next ? soon : next;
}

struct courier_state courier_state(const struct courier *courier)
{
    struct courier_state state = {.waiting = 0};

    for (int i = 0; i < ERRAND_CLASS_COUNT; i++) {
        state.breakers[i] = courier->breakers[i].state;
        state.usage[i] = usage_of(courier, i);
    }
    for (int i = 0; i < courier->count; i++)
        state.on_the_way += courier->parcels[i]->is_out;
    state.waiting = courier->count - state.on_the_way;
    state.held_until = courier->hold_until > courier->now ? courier->hold_until : 0;
    return state;
}

/* ---- time ---- */

static bool is_overdue(const struct courier *courier, const struct parcel *parcel)
{
    return courier->now >= parcel->deadline ||
           (parcel->is_out && courier->now >= parcel->timeout);
}

/* Ends one attempt or parcel that took too long; false when there is none. */
static bool end_overdue(struct courier *courier)
{
    for (int i = 0; i < courier->count; i++) {
        struct parcel *parcel = courier->parcels[i];
        if (!is_overdue(courier, parcel))
            continue;
        if (parcel->is_out)
            courier_fail_attempt(courier, parcel, OUTCOME_TIMEOUT, 0);
        else
            courier_give_up(courier, parcel, parcel->waits_for);
        return true;
    }
    return false;
}

static void run(struct courier *courier)
{
    while (courier_hear(courier) || end_overdue(courier) || courier_send(courier))
        ;
    tell_gauges(courier);
}

void courier_advance(struct courier *courier, nanos now)
{
    assert(courier->bus);
    if (now > courier->now)
        courier->now = now;
    run(courier);
}

static nanos next_of(const struct courier *courier, const struct parcel *parcel)
{
    nanos next = parcel->is_out ? parcel->timeout : courier_ready_at(courier, parcel);

    if (next <= courier->now) /* it waits for another's answer, not for a time */
        next = parcel->deadline;
    return next < parcel->deadline ? next : parcel->deadline;
}

nanos courier_next_time(const struct courier *courier)
{
    nanos next = next_figure(courier);

    for (int i = 0; i < courier->count; i++) {
        nanos time = next_of(courier, courier->parcels[i]);
        next = time < next ? time : next;
    }
    return next;
}

/* ---- the port ---- */

static void submit(void *ctx, const struct order_request *request)
{
    struct parcel *parcel = add(ctx, ERRAND_SUBMIT);

    parcel->client_id = request->client_id;
    parcel->request = *request;
    run(ctx);
}

static bool is_asked(const struct courier *courier, const client_order_id *client_id,
                     const venue_order_id *venue_id)
{
    for (int i = 0; i < courier->count; i++) {
        const struct parcel *parcel = courier->parcels[i];
        if (parcel->errand == ERRAND_CANCEL &&
            strcmp(parcel->client_id.text, client_id->text) == 0 &&
            strcmp(parcel->venue_id.text, venue_id->text) == 0)
            return true;
    }
    return false;
}

/* Asking twice for the end of one order is asking once. */
static void cancel(void *ctx, const client_order_id *client_id, const venue_order_id *venue_id)
{
    if (is_asked(ctx, client_id, venue_id))
        return;
    struct parcel *parcel = add(ctx, ERRAND_CANCEL);
    parcel->client_id = *client_id;
    parcel->venue_id = *venue_id;
    run(ctx);
}

static void amend(void *ctx, const struct venue_amend *amend)
{
    struct parcel *parcel = add(ctx, ERRAND_AMEND);

    parcel->client_id = amend->client_id;
    parcel->venue_id = amend->venue_id;
    parcel->amend = *amend;
    run(ctx);
}

static void query_order(void *ctx, uint64_t query, const client_order_id *client_id,
                        const venue_order_id *venue_id)
{
    struct parcel *parcel = add(ctx, ERRAND_QUERY_ORDER);

    parcel->query = query;
    parcel->client_id = *client_id;
    parcel->venue_id = *venue_id;
    run(ctx);
}

static void query(struct courier *courier, enum errand errand, uint64_t number, nanos since)
{
    struct parcel *parcel = add(courier, errand);

    parcel->query = number;
    parcel->since = since;
    run(courier);
}

static void query_orders(void *ctx, uint64_t number, nanos since)
{
    query(ctx, ERRAND_QUERY_ORDERS, number, since);
}

static void query_fills(void *ctx, uint64_t number, nanos since)
{
    query(ctx, ERRAND_QUERY_FILLS, number, since);
}

static void query_account(void *ctx, uint64_t number)
{
    query(ctx, ERRAND_QUERY_ACCOUNT, number, 0);
}

static void preview(void *ctx, uint64_t number, const struct order_request *request)
{
    struct parcel *parcel = add(ctx, ERRAND_PREVIEW);

    parcel->query = number;
    parcel->client_id = request->client_id;
    parcel->request = *request;
    run(ctx);
}

struct venue_port courier_port(struct courier *courier)
{
    const struct venue_port *adapter = &courier->adapter;

    return (struct venue_port){
        .ctx = courier,
        .name = adapter->name,
        .can_amend = adapter->can_amend,
        .submit = submit,
        .cancel = cancel,
        .amend = adapter->amend ? amend : NULL,
        .query_order = adapter->query_order ? query_order : NULL,
        .query_orders = adapter->query_orders ? query_orders : NULL,
        .query_fills = adapter->query_fills ? query_fills : NULL,
        .query_account = adapter->query_account ? query_account : NULL,
        .preview = adapter->preview ? preview : NULL,
    };
}
