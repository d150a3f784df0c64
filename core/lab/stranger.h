/* Somebody else on the same account: another bot, or a person with a telephone.
 * Buys coins, trades futures both ways and cancels, by chance, and tells nobody.
 * Of coins he sells no more than he has bought, the others may be the engine's, and at once: an
 * order that rested would bind coins that the engine has to count on. */
#ifndef LAB_STRANGER_H
#define LAB_STRANGER_H

#include "base/rng.h"
#include "venue/simulator.h"

enum { STRANGER_ORDERS_MAX = 8 };

struct stranger {
    struct rng rng;
    nanos every; /* between two acts, on average; 0: there is nobody */
    nanos next;
    decimal value_max; /* of an order */
    uint64_t number;
    venue_order_id resting[STRANGER_ORDERS_MAX];
    int resting_count;
};

void stranger_init(struct stranger *stranger, uint64_t seed, nanos every, decimal value_max,
                   nanos now);

/* Does what he wants to do by now. */
void stranger_act(struct stranger *stranger, struct simulator *venue,
                  const struct product_table *products, nanos now);

#endif
