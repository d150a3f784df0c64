/* A last look before an order leaves.
 *
 * An order may wait for its turn: for a token, for a breaker, for the next
 * attempt. What it was decided on may be over by then. Whoever lets it leave asks
 * here at that moment; what is refused never leaves and is withdrawn.
 *
 * Looked at is what may have changed since the pipeline: the level and who holds
 * it, whether the order still only reduces, whether another of its purpose became
 * unknown, and whether it is still wanted. Limits and funds are not: those of a
 * waiting order stay reserved, so nobody took its room. */
#ifndef ENGINE_CLEARANCE_H
#define ENGINE_CLEARANCE_H

#include "engine/engine.h"
#include "engine/refusal.h"

struct clearance {
    enum refusal code; /* why it may not leave; REFUSAL_NONE: it may */
    bool is_unwanted;  /* its cancel was asked for: then the code is REFUSAL_NONE */
    bool reduces;      /* it can only make a position smaller */
};

/* Both hold until the engine's next turn. */
struct clearance engine_clearance(const struct engine *engine,
                                  const struct order_request *request);
/* Of an edit: one that only asks for less passes where an order that reduces would; but nothing
 * is edited while halted. */
struct clearance engine_clearance_of_edit(const struct engine *engine,
                                          const struct venue_amend *amend);

#endif
