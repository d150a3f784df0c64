#include "store/journal_schema.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/journal_tables.h"

/* The triggers keep a slip at the SQL prompt from rewriting history. */
static const char create_events[] =
    "CREATE TABLE events("
    "  seq INTEGER PRIMARY KEY,"
    "  time_ns INTEGER NOT NULL,"
    "  kind TEXT NOT NULL,"
    "  payload TEXT NOT NULL,"
    "  hash TEXT NOT NULL) STRICT;"
    "CREATE INDEX events_snapshots ON events(seq) WHERE kind = 'snapshot';"
    "CREATE TRIGGER events_stay BEFORE UPDATE ON events"
    "  BEGIN SELECT raise(ABORT, 'events are never changed'); END;"
    "CREATE TRIGGER events_remain BEFORE DELETE ON events"
    "  BEGIN SELECT raise(ABORT, 'events are never deleted'); END;"
    "CREATE TABLE head("
    "  id INTEGER PRIMARY KEY CHECK(id = 1),"
    "  seq INTEGER NOT NULL,"
    "  hash TEXT NOT NULL) STRICT;"
    "CREATE TABLE products("
    "  symbol TEXT NOT NULL PRIMARY KEY,"
    "  base TEXT NOT NULL,"
    "  quote TEXT NOT NULL,"
    "  is_future INTEGER NOT NULL) STRICT, WITHOUT ROWID";

/* A member that facts gain is a column that views gain: the next version makes them anew.
 *   2  changes to orders that work
 *   3  the version of a script's state
 *   4  the whole of an exit
 *   5  how much longer than its reason a cause lasts
 *   6  why an exit cannot leave
 *   7  orders that wait for a preview */
static enum err lift_to(struct db *db, int to, struct fault *why)
{
    if (to > 1)
        return journal_tables_renew_views(db, why);
    enum err err = db_run(db, create_events, why);
    return err ? err : journal_tables_create(db, why);
}

const struct db_schema journal_schema = {
    .what = "journal",
    .application_id = 0x50524A4C, /* PRJL */
    .version = 7,
    .step = lift_to,
};

enum err journal_schema_create(struct db *db, struct fault *why)
{
    enum err err = OK;

    for (int to = 1; !err && to <= journal_schema.version; to++)
        err = journal_schema.step(db, to, why);
    return err;
}

static enum err corrupt(struct db *db, const char *what, struct fault *why)
{
    return fail(why, ERR_CORRUPT,
                "%s: %s: keep the file, run `perigee verify` on it, and put a backup in its "
                "place",
                db_path(db), what);
}

enum err journal_head_read(struct db *db, struct journal_head *out, struct fault *why)
{
    struct db_statement *statement;
    bool has_row;
    /* Both sides of the comparison may be missing; then there are no events yet. */
    enum err err =
        db_prepare(db,
                   "SELECT coalesce(e.seq, 0), coalesce(h.seq, 0), e.hash, h.hash FROM"
                   " (SELECT 1)"
                   " LEFT JOIN head h ON h.id = 1"
                   " LEFT JOIN events e ON e.seq = (SELECT max(seq) FROM events)",
                   &statement, why);
    if (err)
        return err;
    err = db_step(statement, &has_row, why);
    if (!err) {
        const char *last = db_get_text(statement, 2, NULL);
        *out = (struct journal_head){.sequence = (uint64_t)db_get_int(statement, 0)};
        snprintf(out->hash, sizeof out->hash, "%s", last);
        if (db_get_int(statement, 0) != db_get_int(statement, 1) ||
            strcmp(last, db_get_text(statement, 3, NULL)) != 0)
            err = corrupt(db, "its last event is not the one that was committed last", why);
    }
    db_statement_free(statement);
    return err;
}

enum err journal_products_write(struct db *db, const struct product_table *products,
                                struct fault *why)
{
    struct db_statement *statement;
    enum err err = db_prepare(db,
                              "INSERT OR REPLACE INTO products(symbol, base, quote, is_future)"
                              " VALUES (?, ?, ?, ?)",
                              &statement, why);
    if (err)
        return err;
    err = db_begin(db, why);
    for (int i = 0; !err && i < products->count; i++) {
        const struct product *product = &products->items[i];
        db_bind_text(statement, 0, product->symbol, strlen(product->symbol));
        db_bind_text(statement, 1, product->base, strlen(product->base));
        db_bind_text(statement, 2, product->quote, strlen(product->quote));
        db_bind_int(statement, 3, product->type == PRODUCT_FUTURE);
        err = db_execute(statement, why);
    }
    db_statement_free(statement);
    if (!err)
        err = db_commit(db, why);
    if (err)
        db_rollback(db);
    return err;
}

/* Base, quote and kind are the first columns. */
static void read_product(struct db_statement *statement, const char *symbol,
                         struct product *out)
{
    *out = (struct product){.contract_size = D(1)};
    snprintf(out->symbol, sizeof out->symbol, "%s", symbol);
    snprintf(out->base, sizeof out->base, "%s", db_get_text(statement, 0, NULL));
    snprintf(out->quote, sizeof out->quote, "%s", db_get_text(statement, 1, NULL));
    out->type = db_get_int(statement, 2) ? PRODUCT_FUTURE : PRODUCT_SPOT;
}

enum err journal_products_find(struct db *db, const char *symbol, struct product *out,
                               struct fault *why)
{
    struct db_statement *statement;
    bool has_row;
    enum err err = db_prepare(
        db, "SELECT base, quote, is_future FROM products WHERE symbol = ?", &statement, why);
    if (err)
        return err;
    db_bind_text(statement, 0, symbol, strlen(symbol));
    err = db_step(statement, &has_row, why);
    if (!err && has_row)
        read_product(statement, symbol, out);
    else if (!err)
        err = fail(why, ERR_MISSING, "%s: it does not say what %s is", db_path(db), symbol);
    db_statement_free(statement);
    return err;
}

enum err journal_products_list(struct db *db, struct product_table *out, bool *is_cut,
                               struct fault *why)
{
    struct db_statement *statement;
    bool has_row = false;
    enum err err =
        db_prepare(db, "SELECT base, quote, is_future, symbol FROM products ORDER BY symbol",
                   &statement, why);

    product_table_init(out);
    *is_cut = false;
    if (err)
        return err;
    while (!(err = db_step(statement, &has_row, why)) && has_row) {
        *is_cut = out->count == PRODUCTS_MAX;
        if (*is_cut)
            break;
        read_product(statement, db_get_text(statement, 3, NULL), &out->items[out->count++]);
    }
    db_statement_free(statement);
    return err;
}
