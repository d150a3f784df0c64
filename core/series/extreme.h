/* The highest or the lowest of the last `length` amounts, in constant time per
 * amount on average. */
#ifndef SERIES_EXTREME_H
#define SERIES_EXTREME_H

#include "series/archive.h"
#include "series/exact.h"

struct candidate {
    int128 units;
    int64_t number; /* of the push that brought it */
};

struct extreme {
    int length, first, count;
    bool is_lowest;
    int64_t pushes;
    struct candidate *candidates; /* a ring of `length` */
};

void extreme_init(struct extreme *extreme, int length, bool is_lowest);
void extreme_clear(struct extreme *extreme);
void extreme_push(struct extreme *extreme, int128 units);
/* Of the amounts so far while there are fewer than `length`; there is at least one. */
int128 extreme_units(const struct extreme *extreme);
void extreme_archive(struct extreme *extreme, struct archive *archive);

#endif
