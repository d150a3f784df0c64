/* The tables that follow from the events: what `perigee orders`, `positions` and
 * a person with an SQL prompt read.
 *
 *   runs fills                          one row per fact, key is the sequence number
 *   orders traces positions balances    the latest by number, symbol or currency;
 *   causes exits baselines script_state   ended causes and exits are gone
 *
 * A row is (key, seq, time_ns, payload): the event that touched it last, and the
 * fact it amounts to, in the form facts have in the journal. It stands in
 * orders_rows; orders is a view of it where the members are columns as well:
 * SELECT product, side, state FROM orders.
 *
 * Snapshots change no row. The rows are a function of the events alone. The journal keeps them
 * in the transaction that adds the events; `perigee verify` makes them anew and compares. */
#ifndef STORE_JOURNAL_TABLES_H
#define STORE_JOURNAL_TABLES_H

#include "engine/fact.h"
#include "store/db.h"

struct journal_tables;

enum err journal_tables_create(struct db *db, struct fault *why) MUST_CHECK;
/* The views show the members that facts have now. */
enum err journal_tables_renew_views(struct db *db, struct fault *why) MUST_CHECK;
/* Borrows the database. */
enum err journal_tables_open(struct db *db, struct journal_tables **out,
                             struct fault *why) MUST_CHECK;
void journal_tables_close(struct journal_tables *tables); /* NULL is fine */

/* Applies one event, inside the caller's transaction. `payload` is the fact as encoded. */
enum err journal_tables_apply(struct journal_tables *tables, const struct fact *fact,
                              const char *payload, size_t len,
                              const struct product_table *products,
                              struct fault *why) MUST_CHECK;

/* Reads the row whose key `row` holds, of the table whose rows are of row->kind; sequence and
 * time are those of the event that touched it last. Kinds that no table holds are not found. */
enum err journal_tables_find(struct journal_tables *tables, struct fact *row,
                             const struct product_table *products, bool *found,
                             struct fault *why) MUST_CHECK;

/* The names of all tables, for reading and comparing; the kind of fact their rows hold. */
struct journal_table {
    const char *name;
    enum fact_kind kind;
    const char *key; /* the member that is the key; NULL: the event's sequence number */
};
const struct journal_table *journal_table_list(int *count);

#endif
