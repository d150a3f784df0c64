/* What the journal's file holds, for those who write, read and verify it.
 *
 *   events    the journal: append-only, hash chained, one row per fact
 *   head      one row: sequence number and hash of the last event
 *   products  what the symbols stand for, so that sums can be checked without a profile
 *
 * and the tables that follow from the events (store/journal_tables.h). */
#ifndef STORE_JOURNAL_SCHEMA_H
#define STORE_JOURNAL_SCHEMA_H

#include "base/digest.h"
#include "model/product.h"
#include "store/db.h"

extern const struct db_schema journal_schema;

/* Makes all of it in an empty database, in the caller's transaction. */
enum err journal_schema_create(struct db *db, struct fault *why) MUST_CHECK;

struct journal_head {
    uint64_t sequence; /* 0: no event yet */
    char hash[DIGEST_TEXT_MAX];
};

/* ERR_CORRUPT when the row is missing or is not of the last event. */
enum err journal_head_read(struct db *db, struct journal_head *out,
                           struct fault *why) MUST_CHECK;

/* Writes down what the symbols stand for; and looks one up: ERR_MISSING when it was never
 * written. Only symbol, currencies and type are filled in. */
enum err journal_products_write(struct db *db, const struct product_table *products,
                                struct fault *why) MUST_CHECK;
/* All that were ever written, as many as a table holds; *is_cut when there are more. */
enum err journal_products_list(struct db *db, struct product_table *out, bool *is_cut,
                               struct fault *why) MUST_CHECK;
enum err journal_products_find(struct db *db, const char *symbol, struct product *out,
                               struct fault *why) MUST_CHECK;

#endif
