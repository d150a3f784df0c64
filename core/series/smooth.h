/* A recursive average that starts as the plain mean of its first `length` inputs
 * and then moves a fixed part of the way to each new one: value += (x - value) /
 * period. An EMA has the period (length + 1) / 2, Wilder's average has the length
 * itself. A constant input leaves it where it is, to the bit.
 *
 * Feed one object either amounts or doubles; the mean of amounts is exact. */
#ifndef SERIES_SMOOTH_H
#define SERIES_SMOOTH_H

#include "series/archive.h"
#include "series/exact.h"

struct smooth {
    int length, count; /* inputs so far, up to length */
    double period;
    int128 units; /* sum of the first inputs: amounts */
    double sum;   /* the same: doubles */
    double value; /* once count == length */
};

struct smooth smooth_ema(int length);
struct smooth smooth_wilder(int length);
void smooth_push_units(struct smooth *smooth, int128 units);
void smooth_push(struct smooth *smooth, double number);

static inline bool smooth_is_ready(const struct smooth *smooth)
{
    return smooth->count == smooth->length;
}

void smooth_archive(struct smooth *smooth, struct archive *archive);

#endif
