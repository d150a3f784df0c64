/* One indicator at work: fed bars, it keeps its latest values.
 *
 * Fed the same bars, it gives the same bits: with every compiler, on every
 * machine, in a backtest and live, and after being saved and loaded. Values are
 * finite whatever the bars are; what flat, empty and absurd bars give stands in
 * the notes of the table.
 *
 * It believes its bars: their order and completeness are the owner's business.
 * It counts bars, not time; an interval without a trade has no bar and leaves no
 * trace. */
#ifndef SERIES_INDICATOR_H
#define SERIES_INDICATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "model/candle.h"
#include "series/indicator_info.h"

enum {
    INDICATOR_HISTORY_MIN = 64, /* values every indicator keeps */
    INDICATOR_HISTORY_MAX = 16384,
};

struct indicator;

/* Options in the order of the table; NULL for the defaults. ERR_RANGE says which one is
 * wrong.
 */
enum err indicator_new(const struct indicator_info *info, const double *options,
                       struct indicator **out, struct fault *why) MUST_CHECK;
void indicator_free(struct indicator *indicator);

/* Keeps at least this many values from now on; never fewer than before. Asking
 * for more than INDICATOR_HISTORY_MAX is a programmer's error. */
void indicator_keep_history(struct indicator *indicator, int values);
int indicator_history(const struct indicator *indicator); /* how many it keeps */

void indicator_update(struct indicator *indicator, const struct bar *bar);

/* The value of an output: ago = 0 now, 1 a bar earlier. False during the warm-up
 * and beyond what is kept. */
bool indicator_value(const struct indicator *indicator, int output, int ago, double *out);
/* The first output's value now and a bar earlier, in one step: what a cross asks for. */
bool indicator_last_two(const struct indicator *indicator, double *now, double *before);
bool indicator_is_ready(const struct indicator *indicator);

const struct indicator_info *indicator_info(const struct indicator *indicator);
const double *indicator_options(const struct indicator *indicator);
int64_t indicator_updates(const struct indicator *indicator); /* bars seen */
int indicator_warm_up(const struct indicator *indicator);     /* bars until the first value */

/* Appends one line that holds all of its state. Loading it gives an indicator that goes on as
 * if nothing had happened; ERR_CORRUPT when the line is cut short, breaks a bound or is of
 * another version, and then the way on is a new indicator and the bars again. A digit that
 * became another is not noticed: whoever stores the line keeps it whole. */
void indicator_save(const struct indicator *indicator, struct buf *out);
enum err indicator_load(const char *text, size_t len, struct indicator **out,
                        struct fault *why) MUST_CHECK;

/* Exchanges what two indicators are; those who borrowed one then hold the other's state. */
void indicator_swap(struct indicator *a, struct indicator *b);

#endif
