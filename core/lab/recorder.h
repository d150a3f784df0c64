/* What a backtest keeps of the engine's facts: counts, round trips, a hash of
 * every decision, and the first complaint of a script. A journal that remembers
 * only what the report needs. */
#ifndef LAB_RECORDER_H
#define LAB_RECORDER_H

#include <stdio.h>

#include "base/digest.h"
#include "engine/journal.h"
#include "lab/statistics.h"

struct recorder;

/* Borrows all three; trades_out may be NULL, else it gets a CSV line per round trip. */
struct recorder *recorder_new(const struct product_table *products, struct equity_curve *curve,
                              FILE *trades_out);
void recorder_free(struct recorder *recorder);
struct journal_port recorder_port(struct recorder *recorder);

/* The first failure of a script; NULL while there is none. */
const char *recorder_complaint(const struct recorder *recorder);
/* The commonest refusal and how often; REFUSAL_NONE if nothing was refused. */
enum refusal recorder_most_refused(const struct recorder *recorder, uint64_t *count);
/* Equal for equal decisions (engine/journal_null.h). Ends the recording. */
const char *recorder_hash(struct recorder *recorder, char out[DIGEST_TEXT_MAX]);

#endif
