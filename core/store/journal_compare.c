#include "store/journal_compare.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "store/journal_tables.h"

struct comparison {
    struct db *file, *made;
    const struct journal_audit *audit;
    struct journal_symbols *symbols;
    struct buf payload;
    uint64_t sequence; /* of the difference that is to be reported, 0: none */
    struct fault fault;
};

struct row {
    bool is_there;
    uint64_t sequence;
    int64_t time;
    const char *key, *payload;
};

static enum err next_row(struct db_statement *statement, struct row *out, struct fault *why)
{
    enum err err = db_step(statement, &out->is_there, why);

    if (err || !out->is_there)
        return err;
    out->key = db_get_text(statement, 0, NULL);
    out->sequence = (uint64_t)db_get_int(statement, 1);
    out->time = db_get_int(statement, 2);
    out->payload = db_get_text(statement, 3, NULL);
    return OK;
}

static bool is_same(const struct row *a, const struct row *b)
{
    if (!a->is_there || !b->is_there)
        return a->is_there == b->is_there;
    return a->sequence == b->sequence && a->time == b->time && strcmp(a->key, b->key) == 0 &&
           strcmp(a->payload, b->payload) == 0;
}

static void note(struct comparison *c, uint64_t sequence, const struct fault *fault)
{
    if (c->sequence && c->sequence <= sequence)
        return;
    c->sequence = sequence;
    c->fault = *fault;
}

static void note_rows(struct comparison *c, const char *table, const struct row *file,
                      const struct row *made)
{
    const struct row *row = made->is_there ? made : file;
    struct fault fault;

    fail(
        &fault, ERR_CORRUPT,
        "table %s, row %s is not what the events amount to: it is %.150s, and should be %.150s",
        table, row->key, file->is_there ? file->payload : "missing",
        made->is_there ? made->payload : "missing");
    note(c, row->sequence, &fault);
}

/* Books against sums; the row is good by itself. */
static enum err audit_row(struct comparison *c, enum fact_kind kind, const struct row *row,
                          struct fault *why)
{
    const struct product_table *products;
    struct fact fact;

    if (kind != FACT_ORDER && kind != FACT_POSITION && kind != FACT_BALANCE)
        return OK;
    buf_reset(&c->payload);
    buf_add_text(&c->payload, row->payload);
    enum err err =
        journal_symbols_find(c->symbols, c->payload.data, c->payload.len, &products, why);
    if (!err)
        err = fact_decode(kind, c->payload.data, c->payload.len, products, &fact, why);
    return err ? err : journal_audit_compare(c->audit, &fact, products, why);
}

static enum err compare_rows(struct comparison *c, const struct journal_table *table,
                             struct db_statement *file, struct db_statement *made,
                             struct fault *why)
{
    struct row theirs = {.is_there = true}, ours = {.is_there = true};
    struct fault fault;

    while (theirs.is_there || ours.is_there) {
        enum err err = next_row(file, &theirs, why);
        if (!err)
            err = next_row(made, &ours, why);
        if (err)
            return err;
        if (!is_same(&theirs, &ours)) {
            note_rows(c, table->name, &theirs, &ours);
            return OK; /* rows behind it are no longer side by side */
        }
        if (ours.is_there && audit_row(c, table->kind, &ours, &fault))
            note(c, ours.sequence, &fault);
    }
    return OK;
}

static enum err compare_table(struct comparison *c, const struct journal_table *table,
                              struct fault *why)
{
    struct db_statement *file = NULL, *made = NULL;
    char sql[96];

    snprintf(sql, sizeof sql, "SELECT key, seq, time_ns, payload FROM %s_rows ORDER BY key",
             table->name);
    enum err err = db_prepare(c->file, sql, &file, why);
    if (!err)
        err = db_prepare(c->made, sql, &made, why);
    if (!err)
        err = compare_rows(c, table, file, made, why);
    db_statement_free(file);
    db_statement_free(made);
    return err;
}

enum err journal_compare_tables(struct db *file, struct db *made,
                                const struct journal_audit *audit,
                                struct journal_symbols *symbols, struct fault *why)
{
    struct comparison c = {.file = file, .made = made, .audit = audit, .symbols = symbols};
    int count;
    const struct journal_table *tables = journal_table_list(&count);
    enum err err = OK;

    for (int i = 0; !err && i < count; i++)
        err = compare_table(&c, &tables[i], why);
    buf_clear(&c.payload);
    if (err || !c.sequence)
        return err;
    return fail(why, ERR_CORRUPT, "%s: event %" PRIu64 ": %s", db_path(file), c.sequence,
                c.fault.text);
}

/* The schema: a table, trigger or view that was changed shows other things than the rows. */

static enum err open_schema(struct db *db, struct db_statement **out, struct fault *why)
{
    return db_prepare(
        db, "SELECT type || ' ' || name, sql FROM sqlite_schema ORDER BY type, name", out, why);
}

static bool is_same_object(struct db_statement *a, struct db_statement *b)
{
    return strcmp(db_get_text(a, 0, NULL), db_get_text(b, 0, NULL)) == 0 &&
           strcmp(db_get_text(a, 1, NULL), db_get_text(b, 1, NULL)) == 0;
}

static enum err compare_objects(struct db *db, struct db_statement *file,
                                struct db_statement *made, struct fault *why)
{
    bool is_theirs = true, is_ours = true;

    while (is_theirs || is_ours) {
        enum err err = db_step(file, &is_theirs, why);
        if (!err)
            err = db_step(made, &is_ours, why);
        if (err || (!is_theirs && !is_ours))
            return err;
        if (is_theirs != is_ours || !is_same_object(file, made))
            return fail(why, ERR_CORRUPT,
                        "%s: its schema is not a journal's, at %s: put a backup in its place",
                        db_path(db), db_get_text(is_theirs ? file : made, 0, NULL));
    }
    return OK;
}

enum err journal_compare_schema(struct db *file, struct db *made, struct fault *why)
{
    struct db_statement *theirs = NULL, *ours = NULL;
    enum err err = open_schema(file, &theirs, why);

    if (!err)
        err = open_schema(made, &ours, why);
    if (!err)
        err = compare_objects(file, theirs, ours, why);
    db_statement_free(theirs);
    db_statement_free(ours);
    return err;
}
