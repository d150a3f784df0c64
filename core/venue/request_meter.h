/* How many requests left in the last minute, in steps of five seconds. */
#ifndef VENUE_REQUEST_METER_H
#define VENUE_REQUEST_METER_H

#include "base/clock.h"

enum { REQUEST_METER_SLOTS = 12 };

struct request_meter {
    int64_t counts[REQUEST_METER_SLOTS];
    int64_t slot; /* of time, the last that was counted in; 0: none */
};

/* Length of a step: the figures change no more often. */
nanos request_meter_step(void);
void request_meter_add(struct request_meter *meter, nanos now);
/* Of the steps that lie in the minute up to the end of the present one. */
int64_t request_meter_count(const struct request_meter *meter, nanos now);

#endif
