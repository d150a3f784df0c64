/* A database file: SQLite with the settings that money needs.
 *
 * The writer opens it in WAL mode. A commit either syncs the log before it
 * returns or, when told so, leaves that to a later one (db_set_sync); either way
 * a process that is killed loses no commit, and a machine that loses power none
 * that was synced. Checkpoints happen only when asked for, so that their syncs
 * do not fall between an intent and its order.
 *
 * Errors name the file, what was being done, and what to do about it: ERR_IO
 * (disk full, disk failing, read-only), ERR_CORRUPT, ERR_LOCKED, ERR_MISSING. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db;
struct db_statement; /* prepared; its parameters and columns count from 0 */

#define DB_MEMORY ":memory:" /* as a path: a database that lives as long as it is open */

struct db_options {
    const char *path;
    bool read_only;  /* the file must exist; works beside a writer */
    const char *vfs; /* NULL: the system's. Tests name one that fails on purpose */
};

enum err db_open(const struct db_options *options, struct db **out,
                 struct fault *why) MUST_CHECK;
void db_close(struct db *db); /* all statements have to be freed before; NULL is fine */
const char *db_path(const struct db *db);

/* What a file has to be. `step` brings it from version `to - 1` to `to`, in a transaction. */
struct db_schema {
    const char *what; /* "journal", for messages */
    int32_t application_id;
    int version;
    enum err (*step)(struct db *db, int to, struct fault *why);
};

/* Creates or lifts the schema; a reader only compares. ERR_CORRUPT when the file is something
 * else, ERR_REFUSED when it was written by a newer program, or is too old for a reader. */
enum err db_migrate(struct db *db, const struct db_schema *schema,
                    struct fault *why) MUST_CHECK;

/* Reads the whole file; `quick` leaves the indices out. ERR_CORRUPT with SQLite's first
 * finding. */
enum err db_check_integrity(struct db *db, bool quick, struct fault *why) MUST_CHECK;

/* Statements without parameters and results. */
enum err db_run(struct db *db, const char *sql, struct fault *why) MUST_CHECK;

/* Transactions. A writer's begin takes the lock at once, so that nothing later waits for it.
 * db_rollback cannot fail, and is allowed outside a transaction. */
enum err db_begin(struct db *db, struct fault *why) MUST_CHECK;
enum err db_commit(struct db *db, struct fault *why) MUST_CHECK;
void db_rollback(struct db *db);
/* Whether commits sync, from the next transaction on; true after opening. */
enum err db_set_sync(struct db *db, bool sync, struct fault *why) MUST_CHECK;

/* Pages in the log that are not in the file yet, as of the last commit; and moving them there
 * as far as readers allow. */
int db_log_pages(const struct db *db);
enum err db_checkpoint(struct db *db, struct fault *why) MUST_CHECK;

enum err db_prepare(struct db *db, const char *sql, struct db_statement **out,
                    struct fault *why) MUST_CHECK;
void db_statement_free(struct db_statement *statement); /* NULL is fine */

/* Texts and bytes must stay until the statement was run or reset. */
void db_bind_int(struct db_statement *statement, int at, int64_t number);
void db_bind_text(struct db_statement *statement, int at, const char *text, size_t len);

/* One row further; *has_row false at the end, where the statement is ready to run again.
 * db_reset does that earlier. db_execute runs a statement without results. */
enum err db_step(struct db_statement *statement, bool *has_row, struct fault *why) MUST_CHECK;
enum err db_execute(struct db_statement *statement, struct fault *why) MUST_CHECK;
void db_reset(struct db_statement *statement);

/* Columns of the present row. Text is NUL-terminated, "" for NULL, borrowed until the next
 * step. */
int64_t db_get_int(struct db_statement *statement, int at);
const char *db_get_text(struct db_statement *statement, int at, size_t *len);

#endif
