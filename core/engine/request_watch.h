/* Which share of the requests of the last while failed. */
#ifndef ENGINE_REQUEST_WATCH_H
#define ENGINE_REQUEST_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

struct request_watch {
    struct request_end {
        nanos time;
        bool is_answered;
    } * items; /* oldest first, from `first` on */
    int64_t first, count, cap;
    int64_t failed; /* of those from `first` on */
};

void request_watch_clear(struct request_watch *watch);
void request_watch_add(struct request_watch *watch, nanos time, bool is_answered);
/* Forgets what is not younger than `window`; then the counts are watch->count and ->failed. */
void request_watch_advance(struct request_watch *watch, nanos window, nanos now);

#endif
