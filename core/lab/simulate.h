/* The whole engine and the whole venue in one process, in virtual time: a
 * monkey trades, messages get lost, the process dies and starts again, and an
 * oracle checks every step. All of it follows from the seed, so a run that
 * fails can be had again, exactly. */
#ifndef LAB_SIMULATE_H
#define LAB_SIMULATE_H

#include <stdio.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/err.h"
#include "engine/settings.h"
#include "lab/saboteur.h"

struct simulate_options {
    uint64_t seed;
    nanos span;           /* simulated time */
    bool without_faults;  /* the wire is perfect */
    bool without_crashes; /* the process never dies */
    FILE *trace;          /* where every fact is written; NULL: nowhere */
    enum sabotage sabotage;
    /* Changes what the oracle takes settings and products for, when it has to be seen that it
     * looks at them; they come as the engine's. NULL: it knows them. */
    void (*mislead)(struct engine_settings *believed, struct product_table *products);
};

struct simulate_result {
    bool has_violation;
    char violation[FAULT_TEXT_MAX];
    nanos at; /* simulated time since the start: of the violation, else of the end */
    uint64_t steps, orders, refusals, fills, venue_orders, crashes, quiets;
    char hash[DIGEST_TEXT_MAX]; /* of all that the engine journaled */
};

void simulate_run(const struct simulate_options *options, struct simulate_result *out);

#endif
