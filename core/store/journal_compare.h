/* A journal's tables and schema against those that its events lead to. */
#ifndef STORE_JOURNAL_COMPARE_H
#define STORE_JOURNAL_COMPARE_H

#include "store/db.h"
#include "store/journal_audit.h"
#include "store/journal_symbols.h"

/* Row by row, and the books against the sums. ERR_CORRUPT with the difference of the lowest
 * sequence number. */
enum err journal_compare_tables(struct db *file, struct db *made,
                                const struct journal_audit *audit,
                                struct journal_symbols *symbols, struct fault *why) MUST_CHECK;

/* ERR_CORRUPT names the first table, index, trigger or view that differs. */
enum err journal_compare_schema(struct db *file, struct db *made, struct fault *why) MUST_CHECK;

#endif
