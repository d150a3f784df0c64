#include "series/line.h"

bool line_value(struct line line, int ago, double *out)
{
    if (line.indicator)
        return indicator_value(line.indicator, line.output, ago, out);
    *out = line.level;
    return true;
}

bool line_crossed_above(struct line a, struct line b)
{
    double a_now, b_now, a_before, b_before;

    if (!line_value(a, 1, &a_before) || !line_value(b, 1, &b_before) ||
        !line_value(a, 0, &a_now) || !line_value(b, 0, &b_now))
        return false;
    return a_before <= b_before && a_now > b_now;
}

bool line_crossed_below(struct line a, struct line b)
{
    return line_crossed_above(b, a);
}
