/* The synthetic market of one product: a price that wanders through quiet times,
 * trends, storms and jumps, a spread around it, orders on both sides and the
 * traders who take them. All of it follows from (seed, symbol), step by step.
 *
 * A market draws from streams of its own, so it takes the same path alone or
 * beside others, whatever anybody trades in it, and whether its orders, its
 * trades or its bars are read. A part of every move is common to all markets of
 * a seed, as real coins rise and fall together. A future follows its
 * underlying's path.
 *
 * Integers only: every compiler and machine gives the same market. */
#ifndef VENUE_SYNTH_H
#define VENUE_SYNTH_H

#include "base/clock.h"
#include "model/candle.h"
#include "model/event.h"
#include "venue/catalogue.h"

struct synth;

enum synth_regime {
    SYNTH_QUIET,
    SYNTH_NORMAL,
    SYNTH_RISING,
    SYNTH_FALLING,
    SYNTH_STORMY,
    SYNTH_REGIME_COUNT
};

const char *synth_regime_name(enum synth_regime regime); /* "quiet" */

/* `step` is the time between two moves: more than zero, at most an hour. Another step is
 * another path. */
struct synth *synth_new(const struct product *product, const struct market_shape *shape,
                        uint64_t seed, nanos start, nanos step);
void synth_free(struct synth *synth);

enum { SYNTH_TRADES_MAX = 8, SYNTH_LEVELS = 10 };

/* One move: the market at `time`, and the orders of those who take liquidity then. */
struct synth_step {
    nanos time;
    enum synth_regime regime;
    decimal mid, bid, ask; /* bid and ask are whole price steps, bid < ask */
    int taker_count;
    struct {
        enum side side;
        decimal size;
    } takers[SYNTH_TRADES_MAX];
};
void synth_step(struct synth *synth, struct synth_step *out);

/* The orders that makers want to have in the book after the last step, best first, both sides
 * SYNTH_LEVELS long. At most once per step. */
struct synth_ladder {
    struct {
        decimal price, size;
    } levels[SIDE_COUNT][SYNTH_LEVELS];
};
void synth_ladder(struct synth *synth, struct synth_ladder *out);

/* The next trade at bid or ask; the next bar of trades (an interval without trades has none).
 * Bars begin at multiples of their interval. A market is read by steps, by trades or by bars,
 * not by turns. */
void synth_next_trade(struct synth *synth, nanos *time, struct trade *out);
void synth_next_bar(struct synth *synth, nanos interval, struct bar *out);

/* Where the path stands, as numbers; another market of the same seed, product and step goes on
 * from there. False: such a state cannot be. */
enum { SYNTH_STATE_COUNT = 28 };
void synth_get_state(const struct synth *synth, int64_t out[SYNTH_STATE_COUNT]);
bool synth_set_state(struct synth *synth, const int64_t state[SYNTH_STATE_COUNT]) MUST_CHECK;

/* Of a funding payment at this time: the rate that longs pay to shorts, -0.0003 to 0.0005.
 * Drawn from the time alone. */
decimal synth_funding_rate(const struct synth *synth, nanos time);

#endif
