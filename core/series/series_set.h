/* All indicators that one strategy uses on one market and one timeframe, fed
 * together: one call per bar.
 *
 * The same request gives the same indicator. So a strategy that is loaded afresh
 * and asks again finds its indicators warm. The set never asks for bars: the
 * owner feeds it from history first, then as bars end. */
#ifndef SERIES_SERIES_SET_H
#define SERIES_SERIES_SET_H

#include <stdbool.h>

#include "base/err.h"
#include "model/candle.h"
#include "series/indicator.h"

enum { SERIES_SET_MAX = 256 };

struct series_set;

struct series_set *series_set_new(void);
void series_set_free(struct series_set *set);

/* The indicator of these options (NULL: the defaults), made if it is not there yet: one made
 * after bars were fed starts its warm-up with the next. It keeps at least `history` values.
 * Borrowed until the set is freed. ERR_RANGE: a wrong option, too long a history, or too many
 * indicators. */
enum err series_set_add(struct series_set *set, const struct indicator_info *info,
                        const double *options, int history, struct indicator **out,
                        struct fault *why) MUST_CHECK;

void series_set_update(struct series_set *set, const struct bar *bar);

bool series_set_is_ready(const struct series_set *set); /* all of them; an empty set is */
int series_set_count(const struct series_set *set);
struct indicator *series_set_at(const struct series_set *set, int index);
/* Bars to feed a new set until it is ready. Recursive averages keep a trace of
 * where they started: feed several times as many if there are. */
int series_set_warm_up(const struct series_set *set);

/* One line for each indicator. Loading gives the state to those that are there and adds the
 * others, all or none. */
void series_set_save(const struct series_set *set, struct buf *out);
enum err series_set_load(struct series_set *set, const char *text, size_t len,
                         struct fault *why) MUST_CHECK;

#endif
