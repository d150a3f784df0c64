/* The candles that a simulated exchange keeps of one market: bars of one length,
 * made from its own trades, and the one under way. What has an end is told to a
 * new engine as history (engine/warm_up.h), as a venue's candles are.
 *
 * Unlike the engine's bars they are made by the exchange's clock. The two are the
 * same where no message takes as long as the market's step. */
#ifndef VENUE_CANDLES_H
#define VENUE_CANDLES_H

#include "base/json.h"
#include "model/candle.h"

enum { CANDLES_MAX = 20000 };

struct candles {
    struct candle_builder builder; /* interval 0: none are kept */
    struct bar *bars;              /* that ended, oldest first */
    int count, room;
    int limit;   /* how many are kept at least */
    int unsaved; /* of the last ones */
};

void candles_init(struct candles *candles, nanos interval);
void candles_clear(struct candles *candles);
/* CANDLES_MAX unless this was said. */
void candles_set_limit(struct candles *candles, int limit);

void candles_add_trade(struct candles *candles, nanos time, decimal price, decimal size);
/* Ends the one under way if its time is over. */
void candles_flush(struct candles *candles, nanos now);

/* The last ones, at most so many, oldest first, and after them the one under way if there is
 * one; *out is yours. How many. */
int candles_list(const struct candles *candles, int max, struct bar **out);

/* Members "interval", "ended" (since the last save; `all`: of all) and "open" of the object
 * that is being written. Nothing where none are kept. */
void candles_save(struct candles *candles, bool all, struct json_writer *w);
/* Adds what was saved. Candles of another length are of no use and are left out. False: it is
 * not what a save writes. */
bool candles_load(struct candles *candles, const struct json_doc *doc, int object);

#endif
