/* The death of a process, at a chosen moment: before its n-th input or output.
 *
 * The file layer "mortal" is SQLite's own, with a step before every write,
 * truncation and sync. A write at which the process dies is torn: its first half
 * still gets through. Syncs are not waited for: a process that is killed takes
 * nothing back from the disk's cache. */
#ifndef CRASH_MORTAL_H
#define CRASH_MORTAL_H

#include <stdbool.h>
#include <stdint.h>

/* From now on; 0: lives on, and only counts. */
void mortal_set(uint64_t steps);
uint64_t mortal_steps(void);

/* One input or output is about to happen. */
void mortal_step(void);

/* Registers the file layer, for journal_options.vfs. */
void mortal_register(void);

#endif
