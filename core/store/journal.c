/* How a turn gets to disk.
 *
 * Appended facts wait in memory until commit, where it is known whether to sync.
 * One transaction then holds the events, what follows from them, and the head.
 *
 * Two things are kept apart from an intent's commit, because they sync too and
 * an order waits: the log is moved into the file (a checkpoint) after a commit
 * that nobody waits for, unless it has grown far; and nothing else holds the
 * write lock, so the commit waits for no one.
 *
 * What is known to be on disk is also noted in the lock file. The note is not
 * synced itself: it can only be older than the truth, never newer, so a journal
 * that ends before it has lost something. */
#include "store/journal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "store/journal_chain.h"
#include "store/journal_cursor.h"
#include "store/journal_schema.h"
#include "store/journal_tables.h"
#include "store/lock_file.h"

enum {
    LOG_PAGES_WANTED = 1000, /* 4 MB: moved when a commit without sync comes by */
    LOG_PAGES_MAX = 8000,    /* 32 MB: moved whatever comes by */
};

struct journal {
    struct lock_file *lock;
    struct db *db;
    const struct product_table *products;
    struct journal_tables *tables;
    struct db_statement *insert, *set_head;
    struct journal_chain chain; /* of what is committed */

    struct fact *pending; /* appended since; texts of states are owned */
    int count, cap;
    struct buf payload; /* the fact at hand, as text */

    bool is_unsynced; /* commits were made that a power cut would take back */
    bool is_broken;
    struct fault fault; /* the first failure */
};

/* Opening */

static enum err refuse_note(const struct journal *journal, const char *what, struct fault *why)
{
    return fail(
        why, ERR_CORRUPT,
        "%s: %s. Was it copied without its -wal file, or replaced by an older copy? Put "
        "the right one back; if this one is meant, remove %s.lock and start again",
        db_path(journal->db), what, db_path(journal->db));
}

/* "sequence hash" of an event that was known to be on disk. */
static enum err check_note(struct journal *journal, struct fault *why)
{
    struct db_statement *statement;
    char hash[DIGEST_TEXT_MAX], what[128];
    uint64_t sequence;
    bool has_row = false;

    if (sscanf(lock_file_note(journal->lock), "%" SCNu64 " %64s", &sequence, hash) != 2)
        return OK; /* never used, or emptied by hand */
    if (sequence > journal->chain.sequence) {
        snprintf(what, sizeof what,
                 "the journal ends at event %" PRIu64 ", but %" PRIu64 " were on disk",
                 journal->chain.sequence, sequence);
        return refuse_note(journal, what, why);
    }
    enum err err = db_prepare(journal->db, "SELECT 1 FROM events WHERE seq = ? AND hash = ?",
                              &statement, why);
    if (err)
        return err;
    db_bind_int(statement, 0, (int64_t)sequence);
    db_bind_text(statement, 1, hash, strlen(hash));
    err = db_step(statement, &has_row, why);
    db_statement_free(statement);
    if (err || has_row)
        return err;
    snprintf(what, sizeof what, "event %" PRIu64 " is not the one that was on disk", sequence);
    return refuse_note(journal, what, why);
}

static enum err prepare(struct journal *journal, struct fault *why)
{
    enum err err = journal_tables_open(journal->db, &journal->tables, why);

    if (!err)
        err = db_prepare(journal->db,
                         "INSERT INTO events(seq, time_ns, kind, payload, hash)"
                         " VALUES (?, ?, ?, ?, ?)",
                         &journal->insert, why);
    if (!err)
        err = db_prepare(journal->db,
                         "INSERT OR REPLACE INTO head(id, seq, hash) VALUES (1, ?, ?)",
                         &journal->set_head, why);
    return err;
}

static enum err open_file(struct journal *journal, const struct journal_options *options,
                          struct fault *why)
{
    struct db_options file = {.path = options->path, .vfs = options->vfs};
    struct journal_head head;
    char lock[4096];

    if (snprintf(lock, sizeof lock, "%s.lock", options->path) >= (int)sizeof lock)
        return fail(why, ERR_USAGE, "%.80s...: this path is too long", options->path);
    enum err err = lock_file_open(lock, &journal->lock, why);
    if (!err)
        err = db_open(&file, &journal->db, why);
    if (!err)
        err = db_migrate(journal->db, &journal_schema, why);
    if (!err)
        err = db_check_integrity(journal->db, true, why);
    if (!err)
        err = journal_head_read(journal->db, &head, why);
    if (err)
        return err;
    if (head.sequence)
        journal_chain_resume(&journal->chain, head.sequence, head.hash);
    err = check_note(journal, why);
    if (!err)
        err = journal_products_write(journal->db, journal->products, why);
    return err ? err : prepare(journal, why);
}

enum err journal_open(const struct journal_options *options, struct journal **out,
                      struct fault *why)
{
    struct journal *journal = mem_new(sizeof *journal);

    journal->products = options->products;
    journal_chain_init(&journal->chain);
    enum err err = open_file(journal, options, why);
    if (err) {
        journal_close(journal);
        return err;
    }
    *out = journal;
    return OK;
}

static void drop_pending(struct journal *journal)
{
    for (int i = 0; i < journal->count; i++)
        if (journal->pending[i].kind == FACT_STATE)
            mem_free((char *)journal->pending[i].state.json);
    journal->count = 0;
}

void journal_close(struct journal *journal)
{
    if (!journal)
        return;
    drop_pending(journal);
    mem_free(journal->pending);
    buf_clear(&journal->payload);
    journal_chain_clear(&journal->chain);
    db_statement_free(journal->insert);
    db_statement_free(journal->set_head);
    journal_tables_close(journal->tables);
    db_close(journal->db);
    lock_file_close(journal->lock); /* last: nobody else may open before the file is closed */
    mem_free(journal);
}

/* Appending */

static uint64_t append(void *ctx, const struct fact *fact)
{
    struct journal *journal = ctx;

    if (journal->count == journal->cap) {
        journal->cap = journal->cap ? journal->cap * 2 : 64;
        journal->pending =
            mem_resize(journal->pending, (size_t)journal->cap, sizeof *journal->pending);
    }
    struct fact *kept = &journal->pending[journal->count++];
    *kept = *fact;
    kept->sequence = journal->chain.sequence + (uint64_t)journal->count;
    if (fact->kind == FACT_STATE)
        kept->state.json = mem_copy_text(fact->state.json);
    return kept->sequence;
}

/* Committing */

static enum err write_event(struct journal *journal, const struct fact *fact, struct fault *why)
{
    const char *kind = fact_kind_name(fact->kind);
    struct buf *payload = &journal->payload;

    buf_reset(payload);
    fact_encode(fact, journal->products, payload);
    journal_chain_add(&journal->chain, fact->time, kind, payload->data, payload->len);
    assert(journal->chain.sequence == fact->sequence);
    db_bind_int(journal->insert, 0, (int64_t)fact->sequence);
    db_bind_int(journal->insert, 1, fact->time);
    db_bind_text(journal->insert, 2, kind, strlen(kind));
    db_bind_text(journal->insert, 3, payload->data, payload->len);
    db_bind_text(journal->insert, 4, journal->chain.hash, strlen(journal->chain.hash));
    enum err err = db_execute(journal->insert, why);
    if (err)
        return err;
    return journal_tables_apply(journal->tables, fact, payload->data, payload->len,
                                journal->products, why);
}

static enum err write_head(struct journal *journal, struct fault *why)
{
    db_bind_int(journal->set_head, 0, (int64_t)journal->chain.sequence);
    db_bind_text(journal->set_head, 1, journal->chain.hash, strlen(journal->chain.hash));
    return db_execute(journal->set_head, why);
}

static enum err write_turn(struct journal *journal, bool sync, struct fault *why)
{
    enum err err = db_set_sync(journal->db, sync, why);

    if (!err)
        err = db_begin(journal->db, why);
    for (int i = 0; !err && i < journal->count; i++)
        err = write_event(journal, &journal->pending[i], why);
    if (!err)
        err = write_head(journal, why);
    return err ? err : db_commit(journal->db, why);
}

static enum err write_note(struct journal *journal, struct fault *why)
{
    char note[LOCK_NOTE_MAX];

    snprintf(note, sizeof note, "%" PRIu64 " %s", journal->chain.sequence, journal->chain.hash);
    return lock_file_write_note(journal->lock, note, why);
}

/* What is done after a commit and is not part of it: a failure shows in the next one. */
static void look_after(struct journal *journal, bool sync)
{
    int pages = db_log_pages(journal->db);
    enum err err = sync ? write_note(journal, &journal->fault) : OK;

    if (!err && pages > (sync ? LOG_PAGES_MAX : LOG_PAGES_WANTED))
        err = db_checkpoint(journal->db, &journal->fault);
    journal->is_broken = err != OK;
}

static enum err commit(void *ctx, bool sync, struct fault *why)
{
    struct journal *journal = ctx;
    struct journal_head before = {.sequence = journal->chain.sequence};

    if (journal->is_broken) {
        drop_pending(journal);
        return fail(why, journal->fault.code, "%s", journal->fault.text);
    }
    if (journal->count == 0 && !(sync && journal->is_unsynced))
        return OK;
    strcpy(before.hash, journal->chain.hash);
    enum err err = write_turn(journal, sync, &journal->fault);
    drop_pending(journal);
    if (err) {
        db_rollback(journal->db);
        journal_chain_resume(&journal->chain, before.sequence, before.hash);
        journal->is_broken = true;
        return fail(why, err, "%s", journal->fault.text);
    }
    journal->is_unsynced = !sync;
    look_after(journal, sync);
    return OK;
}

/* Replaying */

/* The first event to read: the beginning of the last snapshot that was closed, else 1. */
static enum err find_start(struct journal *journal, uint64_t *out, struct fault *why)
{
    struct db_statement *statement;
    bool has_row;
    enum err err =
        db_prepare(journal->db,
                   "SELECT coalesce(max(seq), 1) FROM events WHERE kind = 'snapshot'"
                   " AND NOT payload ->> 'ends' AND seq < (SELECT max(seq) FROM events"
                   " WHERE kind = 'snapshot' AND payload ->> 'ends')",
                   &statement, why);

    if (err)
        return err;
    err = db_step(statement, &has_row, why);
    if (!err)
        *out = (uint64_t)db_get_int(statement, 0);
    db_statement_free(statement);
    return err;
}

static enum err take_event(struct journal *journal, const struct journal_event *event,
                           struct fact *out, struct fault *why)
{
    enum err err =
        fact_decode(event->kind, event->payload, event->len, journal->products, out, why);

    if (err)
        return why ? fault_prefix(why, "%s: event %" PRIu64 ": ", db_path(journal->db),
                                  event->sequence)
                   : err;
    out->sequence = event->sequence;
    out->time = event->time;
    return OK;
}

static enum err replay(void *ctx,
                       enum err (*each)(void *to, const struct fact *fact, struct fault *why),
                       void *to, struct fault *why)
{
    struct journal *journal = ctx;
    struct journal_cursor *cursor = NULL;
    struct journal_event event;
    struct fact fact;
    uint64_t start = 1;
    bool has_event = false;

    assert(journal->count == 0);
    enum err err = find_start(journal, &start, why);
    if (!err)
        err = journal_cursor_open(journal->db, start, &cursor, why);
    while (!err && !(err = journal_cursor_next(cursor, &event, &has_event, why)) && has_event) {
        err = take_event(journal, &event, &fact, why);
        if (!err)
            err = each(to, &fact, why);
    }
    journal_cursor_close(cursor);
    return err;
}

struct journal_port journal_port(struct journal *journal)
{
    return (struct journal_port){
        .ctx = journal, .append = append, .commit = commit, .replay = replay};
}

const char *journal_hash(const struct journal *journal)
{
    return journal->chain.hash;
}

uint64_t journal_sequence(const struct journal *journal)
{
    return journal->chain.sequence;
}
