/* How often each guard tripped or failed since the engine started: what is shown
 * as perigee_guard_failures_total{guard,severity}. A recoverable failure is
 * counted and told; a critical one also refuses new risk. */
#ifndef ENGINE_GUARD_TALLY_H
#define ENGINE_GUARD_TALLY_H

#include <stdbool.h>
#include <stdint.h>

enum tally_kind {
    TALLY_TRIP, /* it did what it is there for */
    TALLY_RECOVERABLE,
    TALLY_CRITICAL,
    TALLY_KIND_COUNT
};

enum { TALLY_ROWS = 64, TALLY_NAME_MAX = 48 };

struct guard_tally {
    int count;
    struct guard_count {
        char guard[TALLY_NAME_MAX];
        uint64_t counts[TALLY_KIND_COUNT];
    } rows[TALLY_ROWS]; /* in the order in which they were first heard of */
};

const char *tally_kind_name(enum tally_kind kind); /* "critical" */

/* When all rows are taken, the last one is everybody else's, "others". */
void guard_tally_add(struct guard_tally *tally, const char *guard, enum tally_kind kind);
uint64_t guard_tally_get(const struct guard_tally *tally, const char *guard,
                         enum tally_kind kind);

#endif
