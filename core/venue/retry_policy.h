/* What the ending of a request means, and whether it is asked again: one table
 * by outcome, one by errand, and nothing decided anywhere else. Pure.
 *
 * What an outcome proves about the request:
 *   ANSWERED   the venue itself spoke; what it says counts
 *   NOT_DONE   surely nothing came of it
 *   DOUBTFUL   something may have come of it: a timeout is no rejection
 *
 * Sources: the venue's status codes and idempotency, of which these matter. A
 * create may be repeated under its client id, the old order is returned. A batch
 * cancel is idempotent. An edit is not: one that arrives late undoes the next, so
 * in doubt the engine reads the order first (engine/amend.c). A 429 and a 401 are
 * given by the gate, before anything is done. */
#ifndef VENUE_RETRY_POLICY_H
#define VENUE_RETRY_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#include "engine/refusal.h"
#include "model/errand.h"

enum outcome_meaning { MEANS_ANSWERED, MEANS_NOT_DONE, MEANS_DOUBTFUL };

struct outcome_policy {
    enum outcome_meaning meaning;
    int attempts_max;       /* of a row of such outcomes; 0: as many as the settings allow */
    bool is_venue_failure;  /* opens the breaker, if there are enough in a row */
    bool closes_everything; /* nobody is asked until the wait is over: a 429 is for the key */
    enum refusal code;      /* of the order that is given up for it */
};

const struct outcome_policy *outcome_policy(enum outcome outcome);

struct errand_policy {
    bool repeats_doubt;  /* may be asked again although something may have come of it */
    bool passes_breaker; /* goes even where a breaker is open */
};

const struct errand_policy *errand_policy(enum errand errand);

/* The rule the tables make: whether there is another attempt after `attempts` of at most
 * `most`, the last of which ended so. */
bool retry_is_due(enum errand errand, enum outcome outcome, int64_t attempts, int64_t most);

/* Whether a venue's reason says that what was asked is there already: a repeated request met
 * the first, and has not failed. */
bool retry_reason_is_repeat(const char *reason);

#endif
