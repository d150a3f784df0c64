/* What a seed of the simulation stands for: products, limits, the pace of the
 * market and of the engine, the latency of the wire, and which things go wrong
 * how often. Each seed leaves out a part of it and overdoes another. */
#ifndef LAB_SWARM_H
#define LAB_SWARM_H

#include "engine/settings.h"
#include "venue/mock.h"

struct swarm {
    struct product_table products;
    struct engine_settings settings;
    struct mock_setup venue;
    decimal cash, order_value_max;
    nanos fault_span;        /* of the longest delay */
    nanos quiet_every;       /* between two phases in which all has to settle */
    nanos commands_every;    /* on average; 0: the operator is away */
    nanos strangers_every;   /* on average; 0: nobody else is on the account */
    int64_t steps_to_crash;  /* mean steps of a fuse; 0: the process never dies */
    int power_cuts_per_cent; /* of the crashes */
};

void swarm_init(struct swarm *swarm, uint64_t seed, nanos start);

/* Its plan of faults; NULL when all goes well under this seed. */
struct fault_plan *swarm_faults(const struct swarm *swarm);

#endif
