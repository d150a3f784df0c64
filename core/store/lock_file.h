/* A file that says "this is in use", and a note left in it.
 *
 * The lock is the operating system's (flock): it cannot outlive the process,
 * however that ends, and a second open of the same file is refused in the same
 * process too. The note survives: whoever takes the lock next can read it. */
#ifndef STORE_LOCK_FILE_H
#define STORE_LOCK_FILE_H

#include "base/err.h"

struct lock_file;

enum { LOCK_NOTE_MAX = 256 };

/* ERR_LOCKED names the holder's process. */
enum err lock_file_open(const char *path, struct lock_file **out, struct fault *why) MUST_CHECK;
void lock_file_close(struct lock_file *lock); /* the file stays; NULL is fine */

/* The note: one line of text, "" when there is none. Writing replaces it, and is not synced. */
const char *lock_file_note(const struct lock_file *lock);
enum err lock_file_write_note(struct lock_file *lock, const char *note,
                              struct fault *why) MUST_CHECK;

#endif
