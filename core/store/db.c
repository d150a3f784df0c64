#include "store/db.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "base/mem.h"

/* How long to wait for another process that holds the file: a person at the sqlite3 prompt, a
 * backup. The engine stands still meanwhile, so it is short. */
enum { BUSY_MS = 2000 };

enum { SHOWN_MAX = 60 }; /* of a statement, in messages */

struct db {
    sqlite3 *sqlite;
    char *path;
    bool read_only;
    bool syncs;
    int log_pages;
    struct db_statement *begin, *commit;
};

struct db_statement {
    sqlite3_stmt *sqlite;
    struct db *db;
};

/* What went wrong, by SQLite's primary code. */
static const struct {
    int code;
    enum err err;
    const char *what, *remedy;
} mistakes[] = {
    {SQLITE_FULL, ERR_IO, "the disk is full", "free some space and start again"},
    {SQLITE_IOERR, ERR_IO, "the disk reported an error",
     "check the disk and its file system before anything is started again"},
    {SQLITE_CORRUPT, ERR_CORRUPT, "the file is damaged",
     "keep it, and put a backup in its place; `perigee verify` shows what is still good"},
    {SQLITE_NOTADB, ERR_CORRUPT, "the file is no database",
     "check the path, or put a backup in its place"},
    {SQLITE_BUSY, ERR_LOCKED, "another program holds the file",
     "end that program (a backup, an open sqlite3 prompt) and try again"},
    {SQLITE_LOCKED, ERR_LOCKED, "another statement holds the file", "try again"},
    {SQLITE_READONLY, ERR_IO, "the file is read-only",
     "check the owner and the permissions of the file and its folder"},
    {SQLITE_PERM, ERR_IO, "permission is denied",
     "check the owner and the permissions of the file and its folder"},
    {SQLITE_CANTOPEN, ERR_IO, "the file cannot be opened",
     "check that its folder exists and may be written to"},
};

static int find_mistake(int code)
{
    for (int i = 0; i < (int)ARRAY_LEN(mistakes); i++)
        if (mistakes[i].code == code)
            return i;
    return -1;
}

/* The sentence for SQLite's last error. */
static enum err refuse(const struct db *db, const char *doing, struct fault *why)
{
    int code = sqlite3_extended_errcode(db->sqlite), primary = code & 0xFF;
    bool is_system = primary == SQLITE_IOERR || primary == SQLITE_CANTOPEN;
    int number = is_system ? sqlite3_system_errno(db->sqlite) : 0;
    bool is_full = number == ENOSPC || number == EDQUOT;
    int found = find_mistake(is_full ? SQLITE_FULL : primary);

    if (primary == SQLITE_NOMEM)
        abort(); /* as everywhere: base/mem.h */
    if (found < 0)
        return fail(why, ERR_IO, "%s: %.*s failed: %s (SQLite code %d)", db->path, SHOWN_MAX,
                    doing, sqlite3_errmsg(db->sqlite), code);
    return fail(why, mistakes[found].err, "%s: %.*s failed, because %s (%s%s%s): %s", db->path,
                SHOWN_MAX, doing, mistakes[found].what, sqlite3_errmsg(db->sqlite),
                number ? ", " : "", number ? strerror(number) : "", mistakes[found].remedy);
}

/* Opening */

static int count_log_pages(void *to, sqlite3 *sqlite, const char *name, int pages)
{
    struct db *db = to;

    (void)sqlite, (void)name;
    db->log_pages = pages;
    return SQLITE_OK;
}

/* Reads a pragma of one number. */
static enum err read_number(struct db *db, const char *sql, int64_t *out, struct fault *why)
{
    struct db_statement *statement;
    bool has_row = false;
    enum err err = db_prepare(db, sql, &statement, why);

    if (err)
        return err;
    err = db_step(statement, &has_row, why);
    if (!err)
        *out = has_row ? db_get_int(statement, 0) : 0;
    db_statement_free(statement);
    return err;
}

/* The mode is stored in the file; a file system without shared memory cannot have it. */
static enum err enter_wal(struct db *db, struct fault *why)
{
    struct db_statement *statement;
    bool has_row;
    enum err err = db_prepare(db, "PRAGMA journal_mode = WAL", &statement, why);

    if (err)
        return err;
    err = db_step(statement, &has_row, why);
    if (!err && strcmp(db_get_text(statement, 0, NULL), "wal") != 0)
        err = fail(why, ERR_IO,
                   "%s: this file system cannot hold a write-ahead log: move the file to a "
                   "local disk",
                   db->path);
    db_statement_free(statement);
    return err;
}

static enum err configure(struct db *db, struct fault *why)
{
    sqlite3_extended_result_codes(db->sqlite, 1);
    sqlite3_busy_timeout(db->sqlite, BUSY_MS);
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    enum err err = db_run(db,
                          "PRAGMA foreign_keys = OFF;"
                          "PRAGMA cell_size_check = ON;"
                          "PRAGMA secure_delete = OFF;" /* a disk that is stolen tells anyway */
                          "PRAGMA temp_store = MEMORY",
                          why);
    if (err || db->read_only)
        return err;
    if (strcmp(db->path, DB_MEMORY) != 0)
        err = enter_wal(db, why);
    if (!err)
        err = db_run(db, "PRAGMA synchronous = FULL", why);
    sqlite3_wal_hook(db->sqlite, count_log_pages, db); /* instead of checkpoints by itself */
    return err;
}

static enum err prepare_transactions(struct db *db, struct fault *why)
{
    enum err err = db_prepare(db, db->read_only ? "BEGIN" : "BEGIN IMMEDIATE", &db->begin, why);

    return err ? err : db_prepare(db, "COMMIT", &db->commit, why);
}

enum err db_open(const struct db_options *options, struct db **out, struct fault *why)
{
    struct db *db = mem_new(sizeof *db);
    int flags = SQLITE_OPEN_NOMUTEX;

    flags |=
        options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    db->path = mem_copy_text(options->path);
    db->read_only = options->read_only;
    db->syncs = true;
    mode_t before = umask(077); /* what somebody trades is nobody else's business */
    int code = sqlite3_open_v2(options->path, &db->sqlite, flags, options->vfs);
    umask(before);
    enum err err = OK;
    struct stat unused;
    if (code != SQLITE_OK && options->read_only && stat(options->path, &unused) != 0)
        err = fail(why, ERR_MISSING, "%s: there is no such file", options->path);
    else
        err = code == SQLITE_OK ? configure(db, why) : refuse(db, "opening it", why);
    if (!err)
        err = prepare_transactions(db, why);
    if (err) {
        db_close(db);
        return err;
    }
    *out = db;
    return OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db_statement_free(db->begin);
    db_statement_free(db->commit);
    int code = sqlite3_close(db->sqlite);
    assert(code == SQLITE_OK); /* a statement was not freed */
    (void)code;
    mem_free(db->path);
    mem_free(db);
}

const char *db_path(const struct db *db)
{
    return db->path;
}

/* Schema */

static enum err check_owner(struct db *db, const struct db_schema *schema, int64_t *version,
                            struct fault *why)
{
    int64_t id = 0, tables = 0;
    enum err err = read_number(db, "PRAGMA application_id", &id, why);

    if (!err)
        err = read_number(db, "PRAGMA user_version", version, why);
    if (!err)
        err = read_number(db, "SELECT count(*) FROM sqlite_schema", &tables, why);
    if (err || id == schema->application_id)
        return err;
    if (id != 0 || *version != 0 || tables != 0)
        return fail(why, ERR_CORRUPT, "%s: this is not a Perigee %s: check the path", db->path,
                    schema->what);
    if (db->read_only)
        return fail(why, ERR_CORRUPT, "%s: this is an empty file, not a Perigee %s", db->path,
                    schema->what);
    return OK;
}

static enum err lift(struct db *db, const struct db_schema *schema, int from, struct fault *why)
{
    char sql[96];
    enum err err = db_begin(db, why);

    for (int to = from + 1; !err && to <= schema->version; to++)
        err = schema->step(db, to, why);
    snprintf(sql, sizeof sql, "PRAGMA application_id = %" PRId32 "; PRAGMA user_version = %d",
             schema->application_id, schema->version);
    if (!err)
        err = db_run(db, sql, why);
    if (!err)
        err = db_commit(db, why);
    if (err)
        db_rollback(db);
    return err;
}

enum err db_migrate(struct db *db, const struct db_schema *schema, struct fault *why)
{
    int64_t version = 0;
    enum err err = check_owner(db, schema, &version, why);

    if (err || version == schema->version)
        return err;
    if (version > schema->version)
        return fail(why, ERR_REFUSED,
                    "%s: written by a newer Perigee (%s version %d; this one knows %d): use "
                    "that one",
                    db->path, schema->what, (int)version, schema->version);
    if (db->read_only)
        return fail(why, ERR_REFUSED,
                    "%s: written by an older Perigee (%s version %d; this one needs %d): start "
                    "the engine on it once, which brings it up to date",
                    db->path, schema->what, (int)version, schema->version);
    return lift(db, schema, (int)version, why);
}

enum err db_check_integrity(struct db *db, bool quick, struct fault *why)
{
    const char *sql = quick ? "PRAGMA quick_check(1)" : "PRAGMA integrity_check(1)";
    struct db_statement *statement;
    bool has_row;
    enum err err = db_prepare(db, sql, &statement, why);

    if (err)
        return err;
    err = db_step(statement, &has_row, why);
    if (!err && strcmp(db_get_text(statement, 0, NULL), "ok") != 0)
        err = fail(why, ERR_CORRUPT,
                   "%s: the file is damaged (%s): keep it, and put a backup in its place",
                   db->path, db_get_text(statement, 0, NULL));
    db_statement_free(statement);
    return err;
}

/* Transactions */

enum err db_run(struct db *db, const char *sql, struct fault *why)
{
    if (sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
        return refuse(db, sql, why);
    return OK;
}

enum err db_begin(struct db *db, struct fault *why)
{
    return db_execute(db->begin, why);
}

enum err db_commit(struct db *db, struct fault *why)
{
    return db_execute(db->commit, why);
}

void db_rollback(struct db *db)
{
    if (!sqlite3_get_autocommit(db->sqlite)) /* some errors have rolled back already */
        sqlite3_exec(db->sqlite, "ROLLBACK", NULL, NULL, NULL);
}

/* In WAL mode FULL syncs the log at each commit, NORMAL only at checkpoints. Both keep the
 * order of what is written, so a later sync covers everything before it. */
enum err db_set_sync(struct db *db, bool sync, struct fault *why)
{
    assert(sqlite3_get_autocommit(db->sqlite)); /* inside a transaction SQLite ignores it */
    if (sync == db->syncs)
        return OK;
    enum err err =
        db_run(db, sync ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL", why);
    if (!err)
        db->syncs = sync;
    return err;
}

int db_log_pages(const struct db *db)
{
    return db->log_pages;
}

enum err db_checkpoint(struct db *db, struct fault *why)
{
    int in_log = 0, done = 0;
    int code =
        sqlite3_wal_checkpoint_v2(db->sqlite, NULL, SQLITE_CHECKPOINT_PASSIVE, &in_log, &done);

    if (code != SQLITE_OK && code != SQLITE_BUSY)
        return refuse(db, "moving the log into the file", why);
    db->log_pages = in_log - done;
    return OK;
}

/* Statements */

enum err db_prepare(struct db *db, const char *sql, struct db_statement **out,
                    struct fault *why)
{
    struct db_statement *statement = mem_new(sizeof *statement);

    statement->db = db;
    if (sqlite3_prepare_v3(db->sqlite, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement->sqlite,
                           NULL) != SQLITE_OK) {
        mem_free(statement);
        return refuse(db, "reading the schema", why);
    }
    *out = statement;
    return OK;
}

void db_statement_free(struct db_statement *statement)
{
    if (statement)
        sqlite3_finalize(statement->sqlite);
    mem_free(statement);
}

void db_bind_int(struct db_statement *statement, int at, int64_t number)
{
    int code = sqlite3_bind_int64(statement->sqlite, at + 1, number);

    assert(code == SQLITE_OK);
    (void)code;
}

void db_bind_text(struct db_statement *statement, int at, const char *text, size_t len)
{
    int code =
        sqlite3_bind_text64(statement->sqlite, at + 1, text, len, SQLITE_STATIC, SQLITE_UTF8);

    assert(code == SQLITE_OK);
    (void)code;
}

enum err db_step(struct db_statement *statement, bool *has_row, struct fault *why)
{
    int code = sqlite3_step(statement->sqlite);

    *has_row = code == SQLITE_ROW;
    if (code == SQLITE_ROW)
        return OK;
    enum err err = OK;
    if (code != SQLITE_DONE)
        err = refuse(statement->db, sqlite3_sql(statement->sqlite), why);
    sqlite3_reset(statement->sqlite);
    return err;
}

enum err db_execute(struct db_statement *statement, struct fault *why)
{
    bool has_row;
    enum err err = db_step(statement, &has_row, why);

    assert(err || !has_row);
    return err;
}

void db_reset(struct db_statement *statement)
{
    sqlite3_reset(statement->sqlite);
}

int64_t db_get_int(struct db_statement *statement, int at)
{
    return sqlite3_column_int64(statement->sqlite, at);
}

const char *db_get_text(struct db_statement *statement, int at, size_t *len)
{
    const char *text = (const char *)sqlite3_column_text(statement->sqlite, at);

    if (len)
        *len = (size_t)sqlite3_column_bytes(statement->sqlite, at);
    return text ? text : "";
}
