/* How one kind of indicator works: what stands behind a row of the table.
 * Private to this folder.
 *
 * The state is zeroed memory that init() fills in. Options come checked, in the
 * order of the table. update() sees every bar and writes all outputs; until
 * the warm-up of the table is over nobody reads them. archive() visits all
 * of the state that init() did not determine. */
#ifndef SERIES_KIND_H
#define SERIES_KIND_H

#include <stddef.h>

#include "model/candle.h"
#include "series/archive.h"

/* Results must not depend on whether a compiler fuses multiplications and
 * additions. gcc does not in standard C; clang has to be told. */
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

struct indicator_kind {
    size_t size;
    void (*init)(void *state, const double *options);
    void (*clear)(void *state); /* NULL: nothing to free */
    void (*update)(void *state, const struct bar *bar, double *out);
    void (*archive)(void *state, struct archive *archive);
};

/* average.c */
extern const struct indicator_kind sma_kind, ema_kind, wma_kind;
/* momentum.c */
extern const struct indicator_kind rsi_kind, macd_kind, stochastic_kind, roc_kind;
/* dispersion.c */
extern const struct indicator_kind stddev_kind, bollinger_kind, zscore_kind;
/* channel.c */
extern const struct indicator_kind highest_kind, lowest_kind, donchian_kind;
/* directional.c */
extern const struct indicator_kind atr_kind, adx_kind;
/* volume.c */
extern const struct indicator_kind obv_kind, vwap_kind;

#endif
