/* The process that is killed: an engine on a journal, whose venue is the other
 * end of a socket. */
#ifndef CRASH_ENGINE_SIDE_H
#define CRASH_ENGINE_SIDE_H

#include <stdint.h>

#include "base/attr.h"

/* Serves until it is stopped (exit code 0), killed, or fails (3, with a word on stderr).
 * `kill_at`: the step at which it dies, 0: none. */
NORETURN void engine_side_run(int fd, const char *path, uint64_t kill_at);

#endif
