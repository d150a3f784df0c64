/* The way to a venue: a venue port that stands before another one and makes it
 * dependable.
 *
 *     engine -> courier -> adapter (mock, coinbase ...)
 *            <-         <-  its events go into courier_inbox
 *
 * What it promises to the engine:
 *   - requests wait for tokens of their class (budget.*); cancels go first, have tokens of
 *     their own, and may use those of the others
 *   - an attempt that failed is made again as venue/retry_policy.h says: with the same client
 *     id, after a backoff with jitter, not before Retry-After, at most retry.attempts times and
 *     never after retry.answer_deadline
 *   - an order is rejected only if the venue refused the one attempt that ever left, or if
 *     surely no attempt had an effect. In doubt it is REPORT_LOST, and the engine finds out
 *   - before each attempt the gate is asked whether the order may still leave; one that never
 *     left is withdrawn (REPORT_WITHDRAWN with the code), or canceled when that was asked
 *   - one circuit breaker for each class. Open: what adds risk is withdrawn, questions fail at
 *     once; cancels and what reduces go all the same, and may show that all is well
 *   - EVENT_RETRY for each attempt that is made again; GAUGE_RATE_USAGE and GAUGE_BREAKERS_OPEN
 *     when they change
 *
 * What it promises to the adapter: nothing but the port. It asks an adapter for
 * nothing that the port's contract does not say, and works in front of any.
 *
 * Time is told, chance comes from the seed: the same requests at the same times
 * and the same answers give the same attempts.
 *
 *     courier_advance(courier, now)      after the adapter's, before the engine's turn */
#ifndef VENUE_COURIER_H
#define VENUE_COURIER_H

#include "base/breaker.h"
#include "engine/bus.h"
#include "engine/clearance.h"
#include "engine/settings.h"
#include "engine/venue.h"

struct courier;

/* Asked before an order or an edit leaves, each time. */
struct courier_gate {
    void *ctx;
    struct clearance (*check)(void *ctx, const struct order_request *request);
    struct clearance (*check_edit)(void *ctx, const struct venue_amend *amend);
};

/* Takes what it needs from the settings: retry, budgets, breaker, bot. Borrows what the port's
 * ctx points to. */
struct courier *courier_new(const struct engine_settings *settings,
                            const struct venue_port *adapter, uint64_t seed);
void courier_free(struct courier *courier);

/* Where the adapter's events have to go. */
struct bus *courier_inbox(struct courier *courier);
/* The engine's port. */
struct venue_port courier_port(struct courier *courier);
/* Where the engine's events go, and whom to ask before an order leaves (NULL: it may). Borrows
 * the bus and the gate's ctx. */
void courier_connect(struct courier *courier, struct bus *bus, const struct courier_gate *gate);
/* The gate that asks this engine. */
struct courier_gate courier_gate_of(const struct engine *engine);

/* When it next has something to do although nothing happens; INT64_MAX: never. */
nanos courier_next_time(const struct courier *courier);
/* Passes on what came, sends what may leave. `now` does not go back. */
void courier_advance(struct courier *courier, nanos now);

/* Whether nothing waits and nothing is on its way. */
bool courier_is_idle(const struct courier *courier);

struct courier_state {
    enum breaker_state breakers[ERRAND_CLASS_COUNT];
    decimal usage[ERRAND_CLASS_COUNT]; /* share of a minute's budget */
    int waiting, on_the_way;
    nanos held_until; /* by a 429; zero: not held */
};
struct courier_state courier_state(const struct courier *courier);

#endif
