/* Decisions as a script returns them, read into plain data.
 *
 * Reading happens between sandbox_enter and sandbox_leave: it neither allocates
 * in Lua nor raises, so the names of the members are kept as references. */
#ifndef SCRIPT_DECISION_READER_H
#define SCRIPT_DECISION_READER_H

#include <lua.h>

#include "engine/decision.h"
#include "model/product.h"

enum { DECISION_KEYS = 20 };

struct decision_keys {
    int references[DECISION_KEYS];
    /* Where Lua keeps them: strings this short exist once in a state, so that names are
     * compared by address. */
    const void *addresses[DECISION_KEYS];
};

/* In protected mode: makes the references. */
void decision_keys_make(lua_State *L, struct decision_keys *keys);

/* What a script may trade. */
struct decision_scope {
    const struct product_table *products; /* of the run */
    product_ref product; /* meant where no symbol is named; PRODUCT_NONE: one must be */
    product_set markets; /* then: which */
};

/* The value at `index`: nil, a decision, or a list of them; appended to *out. ERR_SCRIPT says
 * what was wrong with which member. */
enum err decision_read(lua_State *L, int index, const struct decision_keys *keys,
                       const struct decision_scope *scope, struct decision_list *out,
                       struct fault *why) MUST_CHECK;

/* The product of a symbol; ERR_SCRIPT when a decision may not name it: "there is no market
 * 'ETHUSD' in this run; did you mean 'ETH-USD'?" */
enum err decision_find_product(const struct decision_scope *scope, const char *symbol,
                               product_ref *out, struct fault *why) MUST_CHECK;

#endif
