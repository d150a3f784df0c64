/* An operator who commands by chance, and repeats himself until he was heard: a
 * command whose turn was not committed may be lost with the process. */
#ifndef LAB_OPERATOR_H
#define LAB_OPERATOR_H

#include "base/rng.h"
#include "model/event.h"

struct operator
{
    struct rng rng;
    nanos every; /* between two commands, on average; 0: he never speaks */
    nanos next;
    struct event command; /* what he says until he is heard */
    bool has_command;
    bool is_halted;     /* he was heard to say halt or kill, and not to resume since */
    bool is_flattening; /* and flatten */
};

void operator_init(struct operator* operator, uint64_t seed, nanos every, nanos now);

/* What he says now; NULL: nothing. `has_orders`: whether any order works, as he sees it. */
const struct event *operator_speak(struct operator* operator, nanos now, bool has_orders);
/* The turn that took his command was committed. */
void operator_hear(struct operator* operator);

#endif
