/* What leaves, and when.
 *
 * Cancels before orders before questions before previews, which share the tokens of
 * questions; within these in the order of handing over, of those whose time has come. A parcel
 * leaves if nothing holds everything (a 429), if the engine still wants it, if its breaker lets
 * it and if there is a token; looked at in this order, so that a token is never taken in vain.
 */
#include <string.h>

#include "venue/courier_private.h"

/* ---- tokens ---- */

/* The bucket to take from: its own, or for cancels any that has a token now. */
static struct token_bucket *bucket_for(struct courier *courier, enum errand_class class)
{
    struct token_bucket *own = &courier->buckets[class];

    if (class != ERRANDS_CANCELS || token_bucket_ready_at(own) <= courier->now)
        return own;
    for (int i = 0; i < ERRAND_CLASS_COUNT; i++)
        if (token_bucket_ready_at(&courier->buckets[i]) <= courier->now)
            return &courier->buckets[i];
    return own;
}

nanos courier_ready_at(const struct courier *courier, const struct parcel *parcel)
{
    enum errand_class class = errand_class_of(parcel->errand);
    nanos token = token_bucket_ready_at(&courier->buckets[class]);

    for (int i = 0; class == ERRANDS_CANCELS && i < ERRAND_CLASS_COUNT; i++) {
        nanos other = token_bucket_ready_at(&courier->buckets[i]);
        token = other < token ? other : token;
    }
    nanos ready = parcel->due > courier->hold_until ? parcel->due : courier->hold_until;
    return token > ready ? token : ready;
}

/* ---- leaving ---- */

static void ask_adapter(struct courier *courier, const struct parcel *parcel)
{
    const struct venue_port *adapter = &courier->adapter;
    uint64_t number = courier->last_number; /* of a question */

    if (parcel->errand == ERRAND_QUERY_ORDER)
        adapter->query_order(adapter->ctx, number, &parcel->client_id, &parcel->venue_id);
    else if (parcel->errand == ERRAND_SUBMIT)
        adapter->submit(adapter->ctx, &parcel->request);
    else if (parcel->errand == ERRAND_CANCEL)
        adapter->cancel(adapter->ctx, &parcel->client_id, &parcel->venue_id);
    else if (parcel->errand == ERRAND_AMEND)
        adapter->amend(adapter->ctx, &parcel->amend);
    else if (parcel->errand == ERRAND_QUERY_ORDERS)
        adapter->query_orders(adapter->ctx, number, parcel->since);
    else if (parcel->errand == ERRAND_QUERY_FILLS)
        adapter->query_fills(adapter->ctx, number, parcel->since);
    else if (parcel->errand == ERRAND_PREVIEW)
        adapter->preview(adapter->ctx, number, &parcel->request);
    else
        adapter->query_account(adapter->ctx, number);
}

/* Numbers towards the adapter begin at the time of the first: those of a life before, whose
 * answers may still come, are smaller. */
static uint64_t next_number(struct courier *courier)
{
    if (courier->last_number == 0)
        courier->last_number = (uint64_t)courier->now;
    return ++courier->last_number;
}

static void leave(struct courier *courier, struct parcel *parcel)
{
    enum errand_class class = errand_class_of(parcel->errand);

    request_meter_add(&courier->meters[class], courier->now);
    parcel->attempts++;
    parcel->is_out = true;
    parcel->timeout = courier->now + courier->retry.attempt_timeout;
    if (class == ERRANDS_QUERIES)
        parcel->numbers[parcel->number_count++] = next_number(courier);
    ask_adapter(courier, parcel);
}

/* At the moment it would leave. */
static struct clearance clear(const struct courier *courier, const struct parcel *parcel)
{
    const struct courier_gate *gate = &courier->gate;

    if (parcel->errand == ERRAND_SUBMIT && gate->check)
        return gate->check(gate->ctx, &parcel->request);
    if (parcel->errand == ERRAND_AMEND && gate->check_edit)
        return gate->check_edit(gate->ctx, &parcel->amend);
    return (struct clearance){.code = REFUSAL_NONE};
}

static enum breaker_answer ask_breaker(struct courier *courier, const struct parcel *parcel,
                                       const struct clearance *clearance)
{
    if (errand_policy(parcel->errand)->passes_breaker || clearance->reduces)
        return BREAKER_PASS;
    return breaker_ask(&courier->breakers[errand_class_of(parcel->errand)], courier->now);
}

static bool wait_for(struct parcel *parcel, enum refusal what)
{
    parcel->waits_for = what;
    return false;
}

/* False when it stays as it is. */
static bool try_to_leave(struct courier *courier, struct parcel *parcel)
{
    struct clearance clearance = clear(courier, parcel);

    if (clearance.is_unwanted) {
        courier_give_back(courier, parcel);
        return true;
    }
    if (clearance.code) {
        courier_give_up(courier, parcel, clearance.code);
        return true;
    }
    if (courier->now < parcel->due)
        return false;
    struct token_bucket *bucket = bucket_for(courier, errand_class_of(parcel->errand));
    if (courier->now < courier->hold_until || token_bucket_ready_at(bucket) > courier->now)
        return wait_for(parcel, REFUSAL_RATE_LIMIT);
    enum breaker_answer answer = ask_breaker(courier, parcel, &clearance);
    if (answer == BREAKER_WAIT)
        return wait_for(parcel, REFUSAL_BROKER_UNAVAILABLE);
    if (answer == BREAKER_REFUSE)
        courier_give_up(courier, parcel, REFUSAL_BROKER_UNAVAILABLE);
    else if (token_bucket_take(bucket, courier->now))
        leave(courier, parcel);
    return true;
}

static bool send_one(struct courier *courier, enum errand_class class, bool is_preview)
{
    for (int i = 0; i < courier->count; i++) {
        struct parcel *parcel = courier->parcels[i];
        if (!parcel->is_out && errand_class_of(parcel->errand) == class &&
            (parcel->errand == ERRAND_PREVIEW) == is_preview && try_to_leave(courier, parcel))
            return true;
    }
    return false;
}

bool courier_send(struct courier *courier)
{
    return send_one(courier, ERRANDS_CANCELS, false) ||
           send_one(courier, ERRANDS_ORDERS, false) ||
           send_one(courier, ERRANDS_QUERIES, false) ||
           send_one(courier, ERRANDS_QUERIES, true);
}
