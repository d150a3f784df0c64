/* The journal of a profile: facts in a SQLite file, hash chained, with the
 * tables that follow from them kept in the same transaction.
 *
 * It is the one writer of its file: opening takes a lock that ends with the
 * process (PATH.lock), and checks the file before anything else: that it is a
 * journal, of a version known here, undamaged, and not older than what was last
 * known to be on disk (somebody copied it without its -wal file, or put an old
 * backup there).
 *
 * Appending fills memory. Commit writes, all or nothing; with `sync` everything
 * up to here survives a power cut before it returns, without it a killed process
 * but not a power cut. The first failure is final: later commits return it again
 * and write nothing, until the journal is opened anew. */
#ifndef STORE_JOURNAL_H
#define STORE_JOURNAL_H

#include "engine/journal.h"

struct journal;

struct journal_options {
    const char *path;
    const struct product_table *products; /* borrowed */
    const char *vfs;                      /* see store/db.h */
};

/* ERR_LOCKED, ERR_CORRUPT, ERR_REFUSED (newer version), ERR_IO, ERR_MISSING (no such folder).
 */
enum err journal_open(const struct journal_options *options, struct journal **out,
                      struct fault *why) MUST_CHECK;
void journal_close(struct journal *journal); /* what was not committed is gone; NULL is fine */

/* Replay checks the chain as it reads. ERR_CORRUPT names the event; ERR_MISSING a product that
 * is no longer among the run's. It is for before the first append. */
struct journal_port journal_port(struct journal *journal);

/* Of the last committed event: equal histories have equal hashes. */
const char *journal_hash(const struct journal *journal);
uint64_t journal_sequence(const struct journal *journal);

#endif
