/* What scripts have saved last, by whom: "sma_cross BTC-USD", "guard max_drawdown".
 * Fed by FACT_STATE alone, so that it is the same after a replay. States of scripts
 * that are not loaded now stay: they may be again. */
#ifndef ENGINE_SAVED_STATES_H
#define ENGINE_SAVED_STATES_H

#include "engine/fact.h"

struct saved_states {
    struct saved_state {
        char subject[FACT_SUBJECT_MAX];
        uint64_t version;
        char *json;
    } * items;
    int count;
};

void saved_states_clear(struct saved_states *states);
void saved_states_apply(struct saved_states *states, const struct fact_state *state);
/* Borrowed until the next state; NULL when there is none. */
const struct saved_state *saved_states_find(const struct saved_states *states,
                                            const char *subject);

#endif
