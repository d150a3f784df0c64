/* After the day: what the journal says against what the venue knows. */
#ifndef CRASH_AUDIT_H
#define CRASH_AUDIT_H

#include "venue/simulator.h"

struct audit {
    int lost;    /* orders and fills at the venue that the journal does not know of */
    int doubled; /* intents with two orders, fills booked twice */
    int orders, amends, fills, unresolved;
    char first[256]; /* difference, as a sentence; "" if none */
};

/* Reads the journal as a restart would. */
void audit_run(const char *path, const struct simulator *venue, struct audit *out);

#endif
