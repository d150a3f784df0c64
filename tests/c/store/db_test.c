#include "store/db.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "faulty_vfs.h"

#include "check.h"

static const char *fresh_path(void)
{
    static char path[256];
    static int count;

    snprintf(path, sizeof path, "%s/db-%d.db", check_tmp(), ++count);
    return path;
}

static struct db *open_db(const char *path, bool read_only)
{
    struct db_options options = {.path = path, .read_only = read_only};
    struct fault why;
    struct db *db;

    if (db_open(&options, &db, &why))
        fail_msg("%s", why.text);
    return db;
}

static void run(struct db *db, const char *sql)
{
    struct fault why;

    if (db_run(db, sql, &why))
        fail_msg("%s", why.text);
}

static int64_t number(struct db *db, const char *sql)
{
    struct db_statement *statement;
    struct fault why;
    bool has_row = false;

    if (db_prepare(db, sql, &statement, &why) || db_step(statement, &has_row, &why))
        fail_msg("%s", why.text);
    assert_true(has_row);
    int64_t found = db_get_int(statement, 0);
    db_statement_free(statement);
    return found;
}

TEST(what_goes_in_by_parameters_comes_out_by_columns)
{
    struct db *db = open_db(fresh_path(), false);
    struct db_statement *put, *get;
    struct fault why;
    bool has_row = false;
    size_t len;

    run(db, "CREATE TABLE t(number INTEGER, text TEXT)");
    assert_int_equal(db_prepare(db, "INSERT INTO t VALUES (?, ?)", &put, &why), OK);
    assert_int_equal(db_prepare(db, "SELECT number, text FROM t ORDER BY 1", &get, &why), OK);
    for (int64_t i = 0; i < 3; i++) {
        db_bind_int(put, 0, INT64_MAX - i);
        db_bind_text(put, 1, "caf\xC3\xA9 and more", (size_t)(5 + i));
        assert_int_equal(db_execute(put, &why), OK);
    }
    for (int64_t i = 2; i >= 0; i--) {
        assert_int_equal(db_step(get, &has_row, &why), OK);
        assert_true(has_row);
        assert_int_equal(db_get_int(get, 0), INT64_MAX - i);
        assert_memory_equal(db_get_text(get, 1, &len), "caf\xC3\xA9 a", (size_t)(5 + i));
        assert_int_equal(len, 5 + i);
    }
    assert_int_equal(db_step(get, &has_row, &why), OK);
    assert_false(has_row);
    assert_int_equal(db_step(get, &has_row, &why), OK); /* from the beginning again */
    assert_true(has_row);
    db_statement_free(put);
    db_statement_free(get);
    db_close(db);
}

TEST(a_missing_text_reads_as_empty)
{
    struct db *db = open_db(fresh_path(), false);
    struct db_statement *statement;
    struct fault why;
    bool has_row = false;
    size_t len = 7;

    assert_int_equal(db_prepare(db, "SELECT NULL", &statement, &why), OK);
    assert_int_equal(db_step(statement, &has_row, &why), OK);
    assert_string_equal(db_get_text(statement, 0, &len), "");
    assert_int_equal(len, 0);
    db_statement_free(statement);
    db_close(db);
}

TEST(a_rollback_takes_back_and_may_come_at_any_time)
{
    struct db *db = open_db(fresh_path(), false);
    struct fault why;

    run(db, "CREATE TABLE t(n)");
    assert_int_equal(db_begin(db, &why), OK);
    run(db, "INSERT INTO t VALUES (1)");
    db_rollback(db);
    db_rollback(db);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 0);
    assert_int_equal(db_begin(db, &why), OK);
    run(db, "INSERT INTO t VALUES (1)");
    assert_int_equal(db_commit(db, &why), OK);
    db_rollback(db);
    assert_int_equal(number(db, "SELECT count(*) FROM t"), 1);
    db_close(db);
}

TEST(a_reader_sees_commits_beside_the_writer_and_cannot_write)
{
    const char *path = fresh_path();
    struct db *writer = open_db(path, false);
    struct fault why;

    run(writer, "CREATE TABLE t(n); INSERT INTO t VALUES (1)");
    struct db *reader = open_db(path, true);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 1);
    assert_int_equal(db_begin(writer, &why), OK);
    run(writer, "INSERT INTO t VALUES (2)");
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 1);
    assert_int_equal(db_commit(writer, &why), OK);
    assert_int_equal(number(reader, "SELECT count(*) FROM t"), 2);
    assert_int_equal(db_run(reader, "INSERT INTO t VALUES (3)", &why), ERR_IO);
    assert_non_null(strstr(why.text, "read-only"));
    db_close(reader);
    db_close(writer);
}

TEST(a_reader_wants_a_file_that_exists)
{
    char path[300];
    struct db_options options = {.path = path, .read_only = true};
    struct fault why;
    struct db *db;

    snprintf(path, sizeof path, "%s/nothing.db", check_tmp());
    assert_int_equal(db_open(&options, &db, &why), ERR_MISSING);
    assert_non_null(strstr(why.text, "there is no such file"));
}

TEST(nobody_else_can_read_the_file)
{
    const char *path = fresh_path();
    struct db *db = open_db(path, false);
    struct stat st;
    char log[300];

    run(db, "CREATE TABLE t(n)");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(log, sizeof log, "%s-wal", path);
    assert_int_equal(stat(log, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    db_close(db);
}

TEST(a_lock_held_by_another_program_is_an_error_in_the_end)
{
    const char *path = fresh_path();
    struct db *holder = open_db(path, false), *db;
    struct fault why;

    faulty_reset(); /* waits without waiting */
    struct db_options options = {.path = path, .vfs = "faulty"};
    run(holder, "CREATE TABLE t(n)");
    assert_int_equal(db_open(&options, &db, &why), OK);
    assert_int_equal(db_begin(holder, &why), OK);
    assert_int_equal(db_begin(db, &why), ERR_LOCKED);
    assert_non_null(strstr(why.text, "another program holds the file"));
    db_rollback(holder);
    assert_int_equal(db_begin(db, &why), OK);
    db_rollback(db);
    db_close(db);
    db_close(holder);
}

TEST(a_mistake_in_sql_is_an_error_with_its_text)
{
    struct db *db = open_db(fresh_path(), false);
    struct db_statement *statement;
    struct fault why;

    assert_int_equal(db_prepare(db, "SELECT * FROM nowhere", &statement, &why), ERR_IO);
    assert_non_null(strstr(why.text, "no such table: nowhere"));
    assert_int_equal(db_run(db, "NONSENSE", &why), ERR_IO);
    assert_non_null(strstr(why.text, db_path(db)));
    db_close(db);
}

/* Schemas */

static int failing_step; /* of the one that fails, 0: none */

static enum err add_table(struct db *db, int to, struct fault *why)
{
    char sql[64];

    if (to == failing_step)
        return fail(why, ERR_IO, "step %d failed", to);
    snprintf(sql, sizeof sql, "CREATE TABLE t%d(n)", to);
    return db_run(db, sql, why);
}

static struct db_schema schema_of(int version)
{
    return (struct db_schema){
        .what = "album", .application_id = 0x70000001, .version = version, .step = add_table};
}

static enum err migrate(const char *path, int version, bool read_only, struct fault *why)
{
    struct db *db = open_db(path, read_only);
    struct db_schema schema = schema_of(version);
    enum err err = db_migrate(db, &schema, why);

    db_close(db);
    return err;
}

static int64_t tables_in(const char *path)
{
    struct db *db = open_db(path, true);
    int64_t count = number(db, "SELECT count(*) FROM sqlite_schema");

    db_close(db);
    return count;
}

TEST(a_file_is_lifted_from_version_to_version_once)
{
    const char *path = fresh_path();
    struct fault why;

    assert_int_equal(migrate(path, 2, false, &why), OK);
    assert_int_equal(tables_in(path), 2);
    assert_int_equal(migrate(path, 2, false, &why), OK);
    assert_int_equal(migrate(path, 4, false, &why), OK);
    assert_int_equal(tables_in(path), 4);
    assert_int_equal(migrate(path, 3, false, &why), ERR_REFUSED);
    assert_non_null(strstr(why.text, "newer Perigee (album version 4; this one knows 3)"));
}

TEST(a_step_that_fails_leaves_the_old_version)
{
    const char *path = fresh_path();
    struct fault why;

    assert_int_equal(migrate(path, 1, false, &why), OK);
    failing_step = 3;
    assert_int_equal(migrate(path, 3, false, &why), ERR_IO);
    failing_step = 0;
    assert_string_equal(why.text, "step 3 failed");
    assert_int_equal(tables_in(path), 1);
    assert_int_equal(migrate(path, 3, false, &why), OK);
    assert_int_equal(tables_in(path), 3);
}

TEST(a_reader_lifts_nothing)
{
    const char *path = fresh_path();
    struct fault why;

    struct db *empty = open_db(path, false);
    assert_int_equal(migrate(path, 1, true, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, "an empty file, not a Perigee album"));
    db_close(empty);
    assert_int_equal(migrate(path, 1, false, &why), OK);
    assert_int_equal(migrate(path, 1, true, &why), OK);
    assert_int_equal(migrate(path, 2, true, &why), ERR_REFUSED);
    assert_non_null(strstr(why.text, "start the engine on it once"));
    assert_int_equal(tables_in(path), 1);
}

TEST(what_belongs_to_somebody_else_is_not_touched)
{
    const char *path = fresh_path();
    struct db *db = open_db(path, false);
    struct fault why;

    run(db, "CREATE TABLE recipes(n)");
    db_close(db);
    assert_int_equal(migrate(path, 1, false, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, "not a Perigee album"));
    assert_int_equal(tables_in(path), 1);
}

TEST(damage_is_found)
{
    const char *path = fresh_path();
    struct db *db = open_db(path, false);
    struct fault why;

    run(db, "CREATE TABLE t(n UNIQUE); WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
            "FROM c WHERE i < 5000) INSERT INTO t SELECT i FROM c");
    assert_int_equal(db_check_integrity(db, true, &why), OK);
    assert_int_equal(db_check_integrity(db, false, &why), OK);
    db_close(db);
    FILE *file = fopen(path, "r+b");
    assert_non_null(file);
    fseek(file, 5 * 4096, SEEK_SET);
    for (int i = 0; i < 4096; i++)
        fputc('x', file);
    fclose(file);
    db = open_db(path, false);
    assert_int_equal(db_check_integrity(db, true, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, "the file is damaged"));
    db_close(db);
}
