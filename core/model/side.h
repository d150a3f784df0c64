/* Buying or selling. */
#ifndef MODEL_SIDE_H
#define MODEL_SIDE_H

#include <stdbool.h>

enum side { SIDE_BUY, SIDE_SELL, SIDE_COUNT };

const char *side_name(enum side side);             /* "buy", "sell" */
bool side_parse(const char *text, enum side *out); /* also the venue's "BUY", "SELL" */

static inline enum side side_opposite(enum side side)
{
    return side == SIDE_BUY ? SIDE_SELL : SIDE_BUY;
}

#endif
