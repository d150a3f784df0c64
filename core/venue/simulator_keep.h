/* The truth of a simulated exchange as lines of text, so that it outlives the
 * process: one JSON object a line, of which the last of each key counts.
 *
 *   {"market":...}     symbol: where its path and last price stand
 *   {"candles":...}    symbol: candles that ended since the batch before, and the
 *                      one under way
 *   {"balance":...}    currency: total
 *   {"position":...}   symbol of a future: size and cost
 *   {"order":...}      number: the whole order, with what it has reserved, and an edit that
 *                      was taken and has not happened yet
 *   {"queue":...}      symbol: the places of its open orders in the book, if there are any
 *   {"fill":...}       executions, in order, each once
 *   {"exchange":...}   time and counters; the last line of each batch
 *
 * What an order has in front of it in the book is kept with it; makers that rest elsewhere
 * put their ladder up again with the next move. */
#ifndef VENUE_SIMULATOR_KEEP_H
#define VENUE_SIMULATOR_KEEP_H

#include "base/buf.h"
#include "base/err.h"
#include "venue/simulator.h"

/* Whether orders or money changed since the last save. */
bool simulator_has_news(struct simulator *sim);
/* Appends a batch: what changed, or (`all`) everything. */
void simulator_save(struct simulator *sim, bool all, struct buf *out);

/* Takes over batches, into a simulator in which nothing has happened. ERR_CORRUPT names the
 * line, ERR_MISSING a product that it does not have; then it is of no use any more. */
enum err simulator_load(struct simulator *sim, const char *text, size_t len,
                        struct fault *why) MUST_CHECK;

/* The exchange was closed until `now`: nothing moved, and it goes on from here. */
void simulator_reopen(struct simulator *sim, nanos now);

#endif
