/* How often orders left, in sliding windows of a second, a minute, an hour and
 * a day. A pure function of the times it is told. */
#ifndef ENGINE_PACE_H
#define ENGINE_PACE_H

#include <stdint.h>

#include "base/clock.h"

enum pace_window { PACE_SECOND, PACE_MINUTE, PACE_HOUR, PACE_DAY, PACE_WINDOW_COUNT };

struct pace;

struct pace *pace_new(void);
void pace_free(struct pace *pace);

const char *pace_window_name(enum pace_window window); /* "minute" */
void pace_add(struct pace *pace, nanos time);
/* How many were added in (now - window, now]. */
int64_t pace_count(struct pace *pace, enum pace_window window, nanos now);

/* The times of the last day, oldest first: how many, and each by its index. */
int64_t pace_kept(struct pace *pace, nanos now);
nanos pace_at(const struct pace *pace, int64_t index);

#endif
