/* What is held of one product: signed size, average cost, realised profit.
 *
 * Cost is kept as one sum, not as a price, so that nothing is lost to rounding:
 * closing a part takes the same part of the cost (rounded once) and realises
 * exactly the rest. Invariants, checked by position_check:
 *   P1  size and cost have the same sign, or cost is zero
 *   P2  a flat position has no cost
 *   P3  sum of (sell values - buy values) = realised - cost, to the last unit */
#ifndef MODEL_POSITION_H
#define MODEL_POSITION_H

#include <stdbool.h>

#include "base/clock.h"
#include "base/decimal.h"
#include "model/fill.h"
#include "model/product.h"

typedef struct {
    decimal size;     /* > 0 long, < 0 short */
    decimal cost;     /* quote units paid for it; negative when short: what was received */
    decimal realised; /* quote units, fees not included */
    decimal fees;     /* quote units, all since the start */
    nanos opened;     /* of the present position, 0 when flat */
} position;

/* What one fill did, for statistics and journals. */
struct position_change {
    decimal closed;   /* size that was closed, >= 0 */
    decimal realised; /* profit on it, fees not included */
    bool opened;      /* from flat, or flipped: a new position began */
    bool flat;        /* flat afterwards */
};

struct position_change position_apply_fill(position *position, const struct fill *fill);

/* Average entry price, zero when flat. */
decimal position_average_price(const position *position, const struct product *product);
/* Value at the mark, signed; and that less the cost. */
decimal position_value(const position *position, const struct product *product, decimal mark);
decimal position_unrealised(const position *position, const struct product *product,
                            decimal mark);

bool position_is_flat(const position *position);
/* Whether an order of this side and size makes the position smaller and does not flip it. */
bool position_is_reduced_by(const position *position, enum side side, decimal size);

/* What closing it has to trade, of its sign. Coins from before that were sold make a position
 * in them negative; they are no debt, and nobody has to buy them back: zero. */
decimal position_to_close(const position *position, const struct product *product);

/* Leaves no more than `most` of a long position and nothing of a short one, the cost in
 * proportion and rounded half to even: the units went another way than by a fill, and nothing
 * is realised. */
void position_shrink(position *position, decimal most);

void position_check(const position *position);

#endif
