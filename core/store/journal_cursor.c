#include "store/journal_cursor.h"

#include <inttypes.h>
#include <string.h>

#include "base/mem.h"
#include "store/journal_chain.h"

struct journal_cursor {
    struct db *db;
    struct db_statement *statement;
    struct journal_chain chain;
    struct buf payload;
};

static enum err refuse(const struct journal_cursor *cursor, uint64_t sequence, const char *what,
                       struct fault *why)
{
    return fail(why, ERR_CORRUPT,
                "%s: event %" PRIu64 " %s: keep the file, and put a backup in its place",
                db_path(cursor->db), sequence, what);
}

/* The chain goes on from the hash of the event before. */
static enum err resume(struct journal_cursor *cursor, uint64_t sequence, struct fault *why)
{
    struct db_statement *statement;
    bool has_row = false;
    enum err err =
        db_prepare(cursor->db, "SELECT hash FROM events WHERE seq = ?", &statement, why);

    if (err)
        return err;
    db_bind_int(statement, 0, (int64_t)sequence);
    err = db_step(statement, &has_row, why);
    if (!err && has_row)
        journal_chain_resume(&cursor->chain, sequence, db_get_text(statement, 0, NULL));
    else if (!err)
        err = refuse(cursor, sequence, "is missing", why);
    db_statement_free(statement);
    return err;
}

enum err journal_cursor_open(struct db *db, uint64_t start, struct journal_cursor **out,
                             struct fault *why)
{
    struct journal_cursor *cursor = mem_new(sizeof *cursor);

    cursor->db = db;
    journal_chain_init(&cursor->chain);
    enum err err = db_prepare(db,
                              "SELECT seq, time_ns, kind, payload, hash FROM events"
                              " WHERE seq >= ? ORDER BY seq",
                              &cursor->statement, why);
    if (!err && start > 1)
        err = resume(cursor, start - 1, why);
    if (err) {
        journal_cursor_close(cursor);
        return err;
    }
    db_bind_int(cursor->statement, 0, (int64_t)start);
    *out = cursor;
    return OK;
}

void journal_cursor_close(struct journal_cursor *cursor)
{
    if (!cursor)
        return;
    db_statement_free(cursor->statement);
    journal_chain_clear(&cursor->chain);
    buf_clear(&cursor->payload);
    mem_free(cursor);
}

static enum err read_event(struct journal_cursor *cursor, struct journal_event *out,
                           struct fault *why)
{
    struct db_statement *row = cursor->statement;
    uint64_t sequence = (uint64_t)db_get_int(row, 0), expected = cursor->chain.sequence + 1;
    const char *kind = db_get_text(row, 2, NULL);
    size_t len;
    const char *payload = db_get_text(row, 3, &len);

    if (sequence != expected)
        return refuse(cursor, expected, "is missing", why);
    journal_chain_add(&cursor->chain, db_get_int(row, 1), kind, payload, len);
    if (strcmp(cursor->chain.hash, db_get_text(row, 4, NULL)) != 0)
        return refuse(cursor, sequence, "is not what was written", why);
    if (!fact_kind_parse(kind, &out->kind))
        return refuse(cursor, sequence, "is of a kind that nobody knows", why);
    buf_reset(&cursor->payload);
    buf_add(&cursor->payload, payload, len);
    out->sequence = sequence;
    out->time = db_get_int(row, 1);
    out->payload = cursor->payload.data;
    out->len = len;
    out->hash = cursor->chain.hash;
    return OK;
}

enum err journal_cursor_next(struct journal_cursor *cursor, struct journal_event *out,
                             bool *has_event, struct fault *why)
{
    enum err err = db_step(cursor->statement, has_event, why);

    return err || !*has_event ? err : read_event(cursor, out, why);
}
