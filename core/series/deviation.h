/* The spread of the last `length` amounts around their mean: the standard
 * deviation, from exact sums, so it is zero if and only if they are all equal
 * and does not drift. */
#ifndef SERIES_DEVIATION_H
#define SERIES_DEVIATION_H

#include "series/window.h"

/* What the sum of squares is divided by. */
enum deviation_kind {
    DEVIATION_SAMPLE,     /* length - 1 */
    DEVIATION_POPULATION, /* length */
    DEVIATION_KIND_COUNT
};

/* By number, and NULL after the last one. */
extern const char *const deviation_kind_names[DEVIATION_KIND_COUNT + 1];

struct deviation {
    struct window window;
    wide spread;  /* length * sum of squares - square of the sum, in units^2 */
    wide divisor; /* makes a variance of it */
};

void deviation_init(struct deviation *deviation, int length, enum deviation_kind kind);
void deviation_clear(struct deviation *deviation);
void deviation_push(struct deviation *deviation, int128 units);
/* The square root of the correctly rounded variance. */
double deviation_value(const struct deviation *deviation);
void deviation_archive(struct deviation *deviation, struct archive *archive);

#endif
