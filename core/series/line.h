/* What a strategy compares: an output of an indicator, or a level.
 *
 * A crosses above B on the bar after which it is above, having not been above
 * one bar before; touching is not being above. Below likewise. There is no cross
 * while either lacks one of its two values. */
#ifndef SERIES_LINE_H
#define SERIES_LINE_H

#include <stdbool.h>

#include "series/indicator.h"

struct line {
    const struct indicator *indicator; /* NULL: the level, at all times */
    int output;
    double level;
};

static inline struct line line_of(const struct indicator *indicator, int output)
{
    return (struct line){.indicator = indicator, .output = output};
}

static inline struct line line_at(double level)
{
    return (struct line){.level = level};
}

/* As indicator_value(). */
bool line_value(struct line line, int ago, double *out);

/* Each line counts its own bars: lines of a higher timeframe stay crossed until its next bar.
 */
bool line_crossed_above(struct line a, struct line b);
bool line_crossed_below(struct line a, struct line b);

#endif
