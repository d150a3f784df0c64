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
 * REPORT_LOST, or silence.
 *
 * Its truth can be kept in a file (venue/mock_file.h) and taken up again by another
 * process. What was on its way between the two is gone then, as a connection is. */
#ifndef VENUE_MOCK_H
#define VENUE_MOCK_H

#include "engine/bus.h"
#include "engine/venue.h"
#include "venue/faults.h"
#include "venue/mock_file.h"
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

/* Takes up what a file holds, before anything else happens: the rows of mock_file_read. */
enum err mock_load(struct mock *mock, const struct buf *rows, struct fault *why) MUST_CHECK;
/* Before it is connected: lets the market move until `then`, with nobody looking; from there to
 * `now` it was closed. */
void mock_reopen(struct mock *mock, nanos then, nanos now);
/* Keeps the truth in this file from now on, beginning with all of it. */
enum err mock_keep(struct mock *mock, const char *path, struct fault *why) MUST_CHECK;
/* Whether the file has taken everything so far; otherwise nothing that happened since may be
 * relied on. */
enum err mock_check_file(const struct mock *mock, struct fault *why) MUST_CHECK;

/* Before it is connected: the line is cut between these, as in the setup. */
void mock_set_silence(struct mock *mock, nanos from, nanos until);

nanos mock_now(const struct mock *mock);
/* When something happens next; INT64_MAX: never. */
nanos mock_next_time(const struct mock *mock);
/* `now` must not go back. */
void mock_advance(struct mock *mock, nanos now);

/* The engine has ended: what it sent last still arrives, and nobody hears the answers. */
void mock_hang_up(struct mock *mock);

/* The exchange itself: the truth to compare with, and the place for orders of others. */
struct simulator *mock_simulator(struct mock *mock);

#endif
