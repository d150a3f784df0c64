/* A circuit breaker: who failed several times in a row is left alone for a
 * while, and then asked carefully.
 *
 *   CLOSED ----failures in a row----> OPEN <-----------failure-----.
 *      ^                               |                           |
 *      |                           cool-down                       |
 *      |                               v                           |
 *      '-------successes in a row-- HALF_OPEN ---------------------'
 *
 * CLOSED lets everything pass, OPEN nothing, HALF_OPEN one at a time. What
 * counts as a failure is the caller's knowledge. Time is told. */
#ifndef BASE_BREAKER_H
#define BASE_BREAKER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

enum breaker_state { BREAKER_CLOSED, BREAKER_HALF_OPEN, BREAKER_OPEN, BREAKER_STATE_COUNT };

const char *breaker_state_name(enum breaker_state state); /* "half_open" */

struct breaker {
    int64_t failures_max; /* in a row that open it */
    int64_t successes;    /* in a row that close it again */
    nanos cool_down;

    enum breaker_state state;
    int64_t count;   /* failures in a row when closed, successes when half open */
    nanos until;     /* of OPEN */
    bool is_probing; /* HALF_OPEN: one has passed and has not ended yet */
};

/* Closed. Counts and span are at least 1. */
struct breaker breaker_init(int64_t failures_max, int64_t successes, nanos cool_down);

enum breaker_answer { BREAKER_PASS, BREAKER_WAIT, BREAKER_REFUSE };

/* May one go? Moves from OPEN to HALF_OPEN when the cool-down is over. WAIT: another is being
 * tried. Who is told PASS reports how it ended, with one of the three below. */
enum breaker_answer breaker_ask(struct breaker *breaker, nanos now);

/* How one ended, whether it had asked or went all the same: a success in OPEN begins HALF_OPEN,
 * a failure there changes nothing. */
void breaker_succeed(struct breaker *breaker);
void breaker_fail(struct breaker *breaker, nanos now);
/* It ended without telling anything. */
void breaker_learn_nothing(struct breaker *breaker);

#endif
