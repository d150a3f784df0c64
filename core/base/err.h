/* What went wrong in the world: a code for the program, a sentence for the
 * person.
 *
 * Functions that can fail return `enum err`, zero for success, and take a
 * `struct fault *why` as their last parameter. `why` is written on failure
 * only and may be NULL. Results come through out-parameters, which are written
 * on success only. Programmer errors are asserted instead, and running out of
 * memory aborts (base/mem.h). */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include "base/attr.h"

enum err {
    OK = 0,
    ERR_USAGE,   /* the person asked for something that makes no sense */
    ERR_PARSE,   /* text that is not what it should be */
    ERR_RANGE,   /* a number out of its range */
    ERR_EXISTS,  /* it is there already */
    ERR_MISSING, /* no such file, symbol, order, key... */
    ERR_IO,      /* disk or network */
    ERR_CORRUPT, /* stored data contradicts itself */
    ERR_LOCKED,  /* somebody else holds it */
    ERR_SCRIPT,  /* a Lua script failed */
    ERR_BUDGET,  /* a script used up its time or memory */
    ERR_REFUSED, /* a rule of the engine or the venue forbids it */
    ERR_COUNT
};

enum { FAULT_TEXT_MAX = 512 };

struct fault {
    enum err code;
    char text[FAULT_TEXT_MAX]; /* one sentence: what, where, what to do */
};

const char *err_name(enum err err);

/* Fills in why (if not NULL) and returns the code: return fail(why, ERR_IO, "..."). */
enum err fail(struct fault *why, enum err code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts text before the sentence that is there already: "where: what". Returns why->code, so
 * why must not be NULL here: where a caller may pass NULL, ask first. */
enum err fault_prefix(struct fault *why, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
