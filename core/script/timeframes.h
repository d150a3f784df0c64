/* The bars of one product as a strategy sees them, and the indicators on them: of
 * its own interval, and of each longer one that it asked for.
 *
 * Longer bars are made of the shorter ones and shown once they have ended. What
 * is here lives in the host, not in the sandbox: it stays warm when a script is
 * rebuilt. */
#ifndef SCRIPT_TIMEFRAMES_H
#define SCRIPT_TIMEFRAMES_H

#include <stdbool.h>

#include "model/candle.h"
#include "series/series_set.h"

/* Bars of one interval and the indicators on them. */
struct frame {
    nanos interval;                /* 0: bars of any interval */
    struct candle_builder builder; /* from the bars below it */
    struct series_set *series;
    struct bar bar; /* the last that ended; interval 0: none yet */
};

enum { FRAMES_MAX = 8 };

struct timeframes {
    struct frame frames[FRAMES_MAX]; /* 0: the strategy's own */
    int count;
    const struct bar *bar; /* the last of its own that ended; NULL: none yet */
};

/* With the strategy's own interval. */
void timeframes_init(struct timeframes *timeframes, nanos interval);
void timeframes_clear(struct timeframes *timeframes);

/* The index of the frame of that interval; -1: there is none. */
int timeframes_find(const struct timeframes *timeframes, nanos interval);
/* A frame more; there must be room. Its index. */
int timeframes_add(struct timeframes *timeframes, nanos interval);

/* Whether the strategy's own interval ended a bar with it. */
bool timeframes_feed(struct timeframes *timeframes, const struct bar *bar);
/* Bars of this interval until the indicators of all frames are ready. */
int64_t timeframes_warm_up(const struct timeframes *timeframes, nanos interval);
/* Whether every indicator is past its warm-up. */
bool timeframes_are_ready(const struct timeframes *timeframes);

#endif
