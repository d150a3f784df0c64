/* The embedded venue: a simulated exchange in the same process, behind the
 * engine's venue port, with the way between the two: latency, and faults by plan.
 *
 * Time is told: mock_advance lets everything happen that is due and pushes what
 * the engine gets to know onto its bus, in order of time, then of cause. Seed,
 * setup and the same requests at the same times give the same events, bit for
 * bit. Without latency and faults a request is answered before its call returns.
 *
 *     now = mock_next_time(mock), or the wall clock
 *     mock_advance(mock, now)
 *     engine_turn(engine, now, ...)
 *
 * Answers (accepted, rejected, refused, replaced) come from the request; fills
 * and ends come from the user stream, which can break. Faults show to the engine
 * only as the port's contract allows: what is not known for certain is
 * REPORT_LOST, or silence. */
#ifndef VENUE_MOCK_H
#define VENUE_MOCK_H

#include "engine/bus.h"
#include "engine/venue.h"
#include "venue/faults.h"
#include "venue/simulator.h"

struct mock;

struct mock_setup {
    struct sim_setup market;
    nanos latency_min, latency_max;  /* of each way */
    nanos clock_skew;                /* the venue's clock less the engine's, in its stamps */
    nanos silent_from, silent_until; /* the line is cut: requests are lost, nothing is told */
    nanos fills_delay;               /* until a fill shows in the list of fills */
    bool has_trades, has_book;       /* tell the engine trades and levels, beside quotes */
};

/* Borrows the products. */
struct mock *mock_new(const struct product_table *products, const struct mock_setup *setup);
void mock_free(struct mock *mock);

/* Where events go; at once the streams are reported up. Borrowed. */
void mock_connect(struct mock *mock, struct bus *bus);
/* NULL: all goes well. Borrowed. */
void mock_set_faults(struct mock *mock, struct fault_plan *plan);
struct venue_port mock_port(struct mock *mock);
void mock_deposit(struct mock *mock, const char *currency, decimal amount);

/* When something happens next; INT64_MAX: never. */
nanos mock_next_time(const struct mock *mock);
/* `now` must not go back. */
void mock_advance(struct mock *mock, nanos now);

/* The exchange itself: the truth to compare with, and the place for orders of others. */
struct simulator *mock_simulator(struct mock *mock);

#endif
