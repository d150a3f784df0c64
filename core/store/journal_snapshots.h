/* Whether snapshots say what they should (point 4 of store/journal_verify.h): an
 * engine without a venue follows the facts, as recovery would from the first of
 * them on, and says at each snapshot what it would have restated.
 *
 * Everything has to be there and nothing else, but for orders that have ended: how
 * many of those are kept depends on when the program was started. */
#ifndef STORE_JOURNAL_SNAPSHOTS_H
#define STORE_JOURNAL_SNAPSHOTS_H

#include "engine/fact.h"
#include "store/db.h"

struct journal_snapshots;

/* Reads from the file what its symbols stand for. */
enum err journal_snapshots_new(struct db *db, struct journal_snapshots **out,
                               struct fault *why) MUST_CHECK;
void journal_snapshots_free(struct journal_snapshots *snapshots);

/* The next fact, its text, and the products that its own are of. ERR_CORRUPT when it cannot be
 * true after the ones before it, restates what is not so, or ends a snapshot too early. */
enum err journal_snapshots_take(struct journal_snapshots *snapshots, const struct fact *fact,
                                const char *payload, const struct product_table *products,
                                struct fault *why) MUST_CHECK;

#endif
