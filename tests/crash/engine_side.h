/* The process that is killed: an engine on a journal, whose venue is the other
 * end of a socket. On demand it makes one of the mistakes that an engine must not
 * make, so that it can be seen that the sweep finds them. */
#ifndef CRASH_ENGINE_SIDE_H
#define CRASH_ENGINE_SIDE_H

#include "base/attr.h"
#include "mortal.h"

enum mistake {
    MISTAKE_NONE,
    MISTAKE_SEND_FIRST, /* orders leave before what led to them is committed */
    MISTAKE_NO_SYNC,    /* commits are not waited for */
    MISTAKE_REDO,       /* after a restart the cycle that it cut off is decided again */
    MISTAKE_COUNT
};

/* NULL past the end. */
const char *mistake_name(enum mistake mistake);

struct engine_life {
    const char *path; /* of the journal */
    enum mortal_way way;
    uint64_t step; /* at which `way` is met, 0: never */
    enum mistake mistake;
};

enum { ENGINE_GAVE_UP = 3 };

/* Serves until it is stopped (exit code 0), dies, or its journal fails (ENGINE_GAVE_UP). */
NORETURN void engine_side_run(int fd, const struct engine_life *life);

#endif
