/* Bars of the past, told at the start, so that indicators are where they would be
 * had the engine never stopped.
 *
 * Who reads them is the core: indicators of strategies, on every timeframe, and
 * the guards that watch closes. No handler of a script is called, so nothing can
 * be decided on what is over, and what a script has saved (on_save) is as it was:
 * after a restart a strategy is as after a rebuild (script/strategy_host.h). A bar
 * that has not ended yet goes on: the engine builds it to its end.
 *
 * Prices are not taken from them: nothing is tradable before the venue has told
 * one. */
#ifndef ENGINE_WARM_UP_H
#define ENGINE_WARM_UP_H

#include <stdint.h>

#include "model/candle.h"
#include "model/ids.h"

struct engine;

/* After engine_start: how many bars it takes until everything is warm, by far; averages that
 * never quite forget where they began are then exact to about a millionth. */
int64_t warm_up_bars_wanted(const struct engine *engine);

/* After engine_start, before its next turn; oldest first, without repetition. Only the last may
 * be one that has not ended, of the settings' timeframe. */
void warm_up_feed(struct engine *engine, product_ref product, const struct bar *bars,
                  int count);

#endif
