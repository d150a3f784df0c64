/* Sums that never round, and quotients that round once.
 *
 * A price is a whole number of units (10^-12), so sums of prices, of weighted
 * prices and of products of two are whole numbers too: kept in 128 and 256
 * bits they neither round nor drift, however long a series runs. Every quotient
 * made here is the double nearest to the true one, ties to even. Two averages
 * that are equal are therefore equal doubles, whatever their lengths, and a
 * cross is never decided by noise in the last bit.
 *
 * Everything is integer arithmetic and one conversion: the same bits from every
 * compiler and on every machine. */
#ifndef SERIES_EXACT_H
#define SERIES_EXACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/decimal.h"

__extension__ typedef unsigned __int128 uint128;

/* An amount of a bar beyond +-10^16 counts as 10^16: a thousand times the largest volume ever
 * traded in a bar, and small enough for every sum made of it to fit. In units. */
#define EXACT_LIMIT ((int128)INT64_C(10000000000000000) * DECIMAL_ONE)

/* Something to divide sums of units by, prepared once. */
struct divisor {
    uint64_t normal;     /* count * 5^12, shifted until its top bit is set */
    uint64_t reciprocal; /* of that */
    int shift;
    double whole;    /* count * 10^12, if that is a double */
    uint64_t uneven; /* bits that a sum, shifted likewise, must not have to be one too */
};

/* For the mean of `count` amounts, 1 <= count <= 2^36. */
struct divisor divisor_init(uint64_t count);

/* sum / count, as an amount: sum is in units, within +-2^126. Correctly rounded. */
double exact_mean(int128 sum, const struct divisor *by);

/* One amount. The same as exact_mean() with a count of one. */
double exact_value(int128 units);

/* A whole number of 256 bits: high * 2^128 + low. Products of two amounts and
 * sums of 2^30 of them fit by far; nothing here checks for overflow. */
typedef struct {
    uint128 low;
    int128 high;
} wide;

wide wide_from(int128 number);
wide wide_product(int128 a, int128 b); /* |a|, |b| < 2^127 */
wide wide_add(wide a, wide b);
wide wide_sub(wide a, wide b);
int wide_sign(wide a);

/* numerator / denominator, correctly rounded. The denominator is positive. */
double wide_ratio(wide numerator, wide denominator);

#endif
