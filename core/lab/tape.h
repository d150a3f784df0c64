/* A journal in memory, for simulations: facts are encoded as for the disk and
 * decoded again by replay, and a crash loses what a disk would lose.
 *
 * What was committed survives the death of the process; what was committed with
 * `sync`, and all before it, survives a power cut too. A fuse counts the steps at
 * which a process can die: it may burn down in a commit, before or after the
 * turn is kept, or at a request (simulate.c). From then on nothing is taken. */
#ifndef LAB_TAPE_H
#define LAB_TAPE_H

#include <stdio.h>

#include "base/digest.h"
#include "base/rng.h"
#include "engine/journal.h"

struct fuse {
    int64_t left; /* steps; negative: it does not burn */
    bool is_blown;
};

/* One step. True when the process dies here, or is dead already. */
bool fuse_burn(struct fuse *fuse);

struct tape;

/* Borrows both. */
struct tape *tape_new(const struct product_table *products, struct fuse *fuse);
void tape_free(struct tape *tape);
/* Writes every fact as it comes, one line each; NULL: nowhere. */
void tape_set_trace(struct tape *tape, FILE *to);
/* Mistakes, for tests: it does not sync, whatever it is asked; all intents have one number. */
void tape_set_mistakes(struct tape *tape, bool is_lazy, bool has_one_number);
struct journal_port tape_port(struct tape *tape);

uint64_t tape_sequence(const struct tape *tape); /* of the last committed fact */

/* The process has died: what was not committed is gone, and with `power` as much as chance says
 * of what was not synced. */
void tape_crash(struct tape *tape, struct rng *rng, bool power);

/* An order as it was journaled. */
struct tape_intent {
    uint64_t sequence;
    order_number number;
    struct order_request request;
    enum order_origin origin;
    uint64_t previewed; /* the fact that the venue would take it; 0: it has not said so */
};
/* NULL when no such intent would survive a power cut. */
const struct tape_intent *tape_find_durable(const struct tape *tape, const client_order_id *id);

/* Whether these new terms of an order were journaled and would survive a power cut. */
bool tape_has_durable_amend(const struct tape *tape, order_number order, decimal size,
                            decimal limit_price);

/* What was journaled that the sums of an account are made of: fills, positions that were set,
 * equity at the begin of a day and at each cycle, and operators who resumed. */
struct tape_mark {
    uint64_t sequence;
    enum fact_kind kind; /* FACT_FILL, _POSITION, _BASELINE, _CYCLE, _COMMAND */
    nanos time;
    struct fill fill; /* of a position its product and size alone */
    decimal equity;
    nanos day; /* of a baseline */
};
size_t tape_mark_count(const struct tape *tape);
const struct tape_mark *tape_mark_at(const struct tape *tape, size_t index);
/* How often the process died: then marks may be gone. */
uint64_t tape_cuts(const struct tape *tape);

/* Of all that is committed, in order. Equal runs have equal hashes. */
const char *tape_hash(const struct tape *tape, char out[DIGEST_TEXT_MAX]);

#endif
