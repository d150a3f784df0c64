/* What happens to a process at a chosen moment: before its n-th input or output.
 *
 *   kill    it dies; a write at which it dies is torn: its first half gets through.
 *           Syncs are not waited for: a process that is killed takes nothing back
 *           from the disk's cache
 *   power   the machine dies: of what no sync has covered each write is there, is not,
 *           or is there in part (sectors of 512 bytes), as chance says
 *   full    from here on the disk is full
 *   ioerr   one read, write, truncation or sync fails
 *   busy    another process holds the file at about every other attempt from here on
 *   locked  another process holds the file from here on
 *
 * Steps are what can be hit: in the first two ways every write, truncation and
 * sync of a file, every send and receive, and the seams of a turn; in the others
 * what the database does of that kind. */
#ifndef CRASH_MORTAL_H
#define CRASH_MORTAL_H

#include <stdint.h>

enum mortal_way {
    MORTAL_KILL,
    MORTAL_POWER,
    MORTAL_FULL,
    MORTAL_IOERR,
    MORTAL_BUSY,
    MORTAL_LOCKED,
    MORTAL_WAY_COUNT
};

const char *mortal_way_name(enum mortal_way way);

/* Makes "faulty" a file layer (journal_options.vfs) in which `way` is met at the n-th step from
 * now on; 0: never, steps are only counted. `path`: of the database. Borrowed. */
void mortal_begin(enum mortal_way way, uint64_t step, const char *path);
uint64_t mortal_steps(void);

/* A send, a receive or a seam is about to happen. */
void mortal_step(void);

#endif
