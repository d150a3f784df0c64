/* How much the engine may do: each level forbids what the one before allowed. */
#ifndef ENGINE_LEVEL_H
#define ENGINE_LEVEL_H

#include <stdbool.h>

enum level {
    LEVEL_NORMAL,      /* everything */
    LEVEL_REDUCE_ONLY, /* only what makes a position smaller */
    LEVEL_PAUSED,      /* nothing, or reducing orders where the cause allows it */
    LEVEL_HALTED,      /* nothing but cancels, until an operator resumes */
    LEVEL_COUNT
};

const char *level_name(enum level level); /* "reduce_only" */
bool level_parse(const char *text, enum level *out);

#endif
