/* What guards.c and guards_symbol.c share. */
#ifndef ENGINE_GUARDS_PRIVATE_H
#define ENGINE_GUARDS_PRIVATE_H

#include "engine/engine_private.h"
#include "engine/limits.h"

struct guard_trip {
    const char *source;
    enum level level;
    product_ref product;
    nanos duration; /* 0: until an operator resumes */
    bool is_critical;
    bool stops_exits; /* reducing orders do not pass either */
    bool cancels;     /* and entries that work already are canceled, if the settings say so */
};

void guards_hold(struct engine *engine, const struct guard_trip *trip, const char *format, ...)
    PRINTF_LIKE(3, 4);
/* How long a cause is held that the next cycles will find again. */
nanos guards_while_it_lasts(const struct engine *engine);

/* Value of a side of the book near its best price. There must be a book. */
decimal guards_depth(const struct engine *engine, product_ref product, enum side side);

void guards_check_symbol(struct engine *engine, product_ref product);
/* Orders and exits that wait for long. */
void guards_check_orders(struct engine *engine);

#endif
