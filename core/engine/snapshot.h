/* Snapshots: the facts between a FACT_SNAPSHOT that begins and the one that ends
 * say again what all facts before them amount to, so that a start reads from the
 * last snapshot on and takes no longer the longer the journal is.
 *
 *   restated                                        kinds
 *   positions and balances that are not nothing     POSITION BALANCE
 *   open orders; those that ended within an hour    ORDER
 *     as far as they are kept, and the newest; their
 *     fills, so that late repetitions stay known;   SEEN
 *     cancels that wait                             WISH
 *   causes of degradation, with their ends          CAUSE
 *   the day's baseline; peak, losses in a row,      BASELINE MEMORY
 *     cycles; trips under way                       TRIP
 *   when orders left within the last day            PACE
 *   what scripts have saved                         STATE
 *
 * Nothing happens by them: whoever reads a journal from before a snapshot passes
 * over what it restates. One is written in one transaction with the turn it
 * belongs to; should one ever lack its end, it counts for nothing, and it is over
 * with the first fact that no snapshot has. */
#ifndef ENGINE_SNAPSHOT_H
#define ENGINE_SNAPSHOT_H

#include "engine/fact.h"

struct engine;

/* Tells the facts of a snapshot taken at `now`, one by one; time and sequence are not set. */
typedef void snapshot_take(void *to, struct fact *fact);
void snapshot_restate(struct engine *engine, nanos now, snapshot_take *take, void *to);

/* Asks scripts for their states and writes a snapshot. */
void snapshot_write(struct engine *engine);
/* After each cycle, with the sequence number of its fact: writes one if it is time
 * (snapshot.every, snapshot.facts). */
void snapshot_run(struct engine *engine, uint64_t sequence);
bool snapshot_is_on(const struct engine *engine);

/* FACT_MEMORY, _TRIP, _PACE, _SEEN to state. */
void snapshot_apply(struct engine *engine, const struct fact *fact);
/* Whether the list of a FACT_PACE or FACT_SEEN is one. */
bool snapshot_list_is_sound(const char *list);

/* Where the facts of a journal, read in order, are inside of a snapshot. */
struct snapshot_bracket {
    bool is_open;
};
/* Whether this fact is one that a snapshot restates. */
bool snapshot_passes(struct snapshot_bracket *bracket, const struct fact *fact);

#endif
