/* A backtest: history, the bar venue and a strategy around the same engine that
 * trades live.
 *
 * For each bar: what was ordered before trades at its open or inside it, then
 * the strategy sees the ended bar and decides. Bars of several products that end
 * at one time all trade before any of them is shown to a strategy; then come the
 * cycles, in the order of the products, and a portfolio strategy's at last. Nothing that is
 * decided on a bar can trade in that bar (BAR_FILL_OPEN) or better than its close
 * (BAR_FILL_CLOSE). The first error of a script ends the test, be it the
 * strategy, a guard or the sizing rule: the figures of what half works would mislead. Open
 * positions are marked at the last close and not closed. */
#ifndef LAB_BACKTEST_H
#define LAB_BACKTEST_H

#include <stdio.h>

#include "base/digest.h"
#include "engine/engine.h"
#include "lab/statistics.h"
#include "script/strategy_host.h"
#include "store/history.h"
#include "venue/bar_venue.h"

struct backtest_options {
    const struct product_table *products; /* those that are traded */
    const struct history_input *inputs;   /* each with a symbol of the table */
    int input_count;
    nanos from, to; /* 0: no bound */

    struct script_options strategy; /* timeframe 0: the interval of the bars */
    const struct script_options *guards;
    int guard_count;
    const struct script_options *sizing; /* NULL: the settings decide */

    struct engine_settings settings;
    struct bar_venue_settings venue;
    const char *currency;
    decimal cash;

    FILE *trades_out; /* CSV of round trips; may be NULL */
    void (*progress)(int permille,
                     uint64_t bars); /* about 20 times a second at most; may be NULL */
};

struct backtest_result {
    uint64_t bars, refusals, fills;
    uint64_t orders;      /* that came to an end: filled, canceled, rejected... */
    uint64_t open_orders; /* still working when the data ended */
    decimal cash, final_equity, fees_paid;
    decimal positions[PRODUCTS_MAX];
    nanos first, last;    /* start of the first bar, end of the last */
    decimal buy_and_hold; /* equity had the cash bought the first product at its first open; no
                             fees */
    char decisions_hash[DIGEST_TEXT_MAX];
    double elapsed_seconds; /* reading, trading and statistics; loading of scripts apart */
    double reading_seconds, trading_seconds; /* of these: waiting for rows, and the engine */
    struct statistics statistics;
    char most_refused[64]; /* the commonest refusal code, "" if none */
    uint64_t most_refused_count;
    struct param_set params;
};

enum err backtest_run(const struct backtest_options *options, struct backtest_result *out,
                      struct fault *why) MUST_CHECK;

#endif
