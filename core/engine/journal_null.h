/* A journal that keeps nothing: for backtests, where a fact costs nanoseconds.
 *
 * On request it hashes what was decided and what came of it: orders, their steps,
 * replaces, refusals and fills, value by value. Two runs that decided alike have equal hashes,
 * on any machine and with any compiler. Reasons and names of the run are left out: they tell
 * people, not the market. */
#ifndef ENGINE_JOURNAL_NULL_H
#define ENGINE_JOURNAL_NULL_H

#include "base/digest.h"
#include "engine/journal.h"

struct journal_null;

struct journal_null *journal_null_new(bool hashes);
void journal_null_free(struct journal_null *journal);

/* Commits succeed, a replay has nothing to tell. */
struct journal_port journal_null_port(struct journal_null *journal);

uint64_t journal_null_count(const struct journal_null *journal); /* facts */
/* SHA-256 of everything since the last call, in hexadecimal; of nothing when it does not hash.
 */
const char *journal_null_hash(struct journal_null *journal, char out[DIGEST_TEXT_MAX]);

#endif
