/* The length of bars, told from their starts. */
#ifndef STORE_HISTORY_INTERVAL_H
#define STORE_HISTORY_INTERVAL_H

#include "base/clock.h"

/* The distance between neighbours that more than half of them have; otherwise, where many bars
 * are missing because nobody traded, the smallest if all are multiples of it; otherwise, and
 * with fewer than two starts, 0. A file that runs backwards has distances too.
 *
 * An interval too short would let a bar be known before it ended, so a few odd rows must not
 * make it shorter; one too long shows at the first row that begins inside the one before. */
nanos history_interval_find(const nanos *starts, int count);

#endif
