/* From a strategy's decision to the order it means: sides, sizes and flags,
 * given what is held and working. Pure.
 *
 * The rules stand in engine/decision.h. What a decision leaves open (the size
 * of an entry) stays open here: the pipeline's sizing stage fills it in. */
#ifndef ENGINE_INTENT_H
#define ENGINE_INTENT_H

#include "engine/decision.h"
#include "model/position.h"
#include "model/product.h"

struct intent {
    enum order_origin origin;
    char strategy[STRATEGY_NAME_MAX];
    struct order_request
        request;              /* client id still empty; size 0 when the sizing rule decides */
    struct decision decision; /* what it came from, for the sizing rule */
    const struct order *replaces; /* the ended order in whose place it stands; NULL: none */
};

/* What is held and on its way, of the decision's product. */
struct holdings {
    const struct product *product;
    decimal position;                  /* signed */
    decimal working_buy, working_sell; /* sizes */
};

/* True and *out, or false and a word why there is nothing to do ("flat", "already long", ...).
 */
bool intent_from_decision(const struct decision *decision, const struct holdings *held,
                          const char *strategy, struct intent *out, const char **why);

#endif
