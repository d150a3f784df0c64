/* Bars (candles), and the builder that makes them from trades or smaller bars.
 *
 * A bar carries the time of its opening, as at the venue; it ends one interval
 * later and nobody sees it before. Intervals are aligned to the epoch in UTC.
 * An interval without a trade has no bar: the venue leaves the gap, and so do
 * we. */
#ifndef MODEL_CANDLE_H
#define MODEL_CANDLE_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/decimal.h"

struct bar {
    nanos start;    /* of the interval */
    nanos interval; /* its length */
    decimal open, high, low, close;
    decimal volume; /* base units */
};

/* high >= open, low, close; low <= all; prices positive; volume not negative. */
bool bar_is_sane(const struct bar *bar);

struct candle_builder {
    nanos interval;
    bool has_bar;
    struct bar bar;  /* the one being built */
    nanos open_from; /* no bar starts before: what has ended is not opened again */
};

struct candle_builder candle_builder_init(nanos interval);

/* Takes one trade. True when it opened a new interval and so completed the bar
 * before, which is then in *done. A trade older than the bar being built, or than
 * the end of one that was flushed, is counted into the bar that is open then: late
 * prints must not open the past again. They move its high, low and volume, but not
 * the close of what came after them. */
bool candle_builder_add_trade(struct candle_builder *builder, nanos time, decimal price,
                              decimal size, struct bar *done);
/* The same for a smaller bar, whose interval must divide the builder's. */
bool candle_builder_add_bar(struct candle_builder *builder, const struct bar *bar,
                            struct bar *done);
/* Completes the bar being built if `now` has reached its end. Whoever builds from bars and
 * flushes at the end of each sees the larger bar when it ends, not when the next one begins. */
bool candle_builder_flush(struct candle_builder *builder, nanos now, struct bar *done);

#endif
