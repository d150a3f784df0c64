/* A trader without a plan: buys, sells, limits, amends and cancels by chance, sensible
 * and absurd, as strategies might in their worst moments. Which of its habits
 * it has, and how strong, follows from the seed, so that each seed presses on
 * other parts (swarm testing: Groce and others, 2012). */
#ifndef LAB_MONKEY_H
#define LAB_MONKEY_H

#include "base/rng.h"
#include "engine/guard.h"
#include "engine/strategy.h"

enum habit {
    HABIT_MARKET,
    HABIT_LIMIT_NEAR,
    HABIT_LIMIT_FAR,
    HABIT_POST_ONLY,
    HABIT_IOC,
    HABIT_FOK,
    HABIT_GTD,
    HABIT_STOP,
    HABIT_SIGNAL, /* no size: the sizing rule decides */
    HABIT_REDUCE,
    HABIT_CLOSE,
    HABIT_CANCEL_ONE,
    HABIT_CANCEL_ALL,
    HABIT_AMEND,
    HABIT_PROTECT, /* exits for what is held, or none */
    HABIT_HUGE,    /* far beyond every limit */
    HABIT_DUST,
    HABIT_COUNT
};

struct monkey {
    struct rng rng, guard_rng;
    int weights[HABIT_COUNT], weight_sum;
    int acts_per_mille;   /* of the cycles of a product */
    int bursts_per_mille; /* of the acts: many at once */
    int fails_per_mille;  /* of the calls */
    int vetoes_per_mille, alarms_per_mille;
    decimal value_max;   /* of an ordinary order */
    int plans_per_mille; /* of the entries: with exits */
    bool is_silent;
    bool can_halt; /* its guard may halt, which nothing but an operator ends */
};

/* value_max: of an ordinary order, in the account's currency. */
void monkey_init(struct monkey *monkey, uint64_t seed, decimal value_max);

/* The monkey as the strategy of a product, and as a guard. Borrowed. */
struct strategy_port monkey_strategy(struct monkey *monkey, product_ref product);
struct guard_port monkey_guard(struct monkey *monkey);

#endif
