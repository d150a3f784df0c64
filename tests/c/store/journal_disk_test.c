/* The journal on disks that fail, and files that are not what they should be. */
#include <stdlib.h>
#include <unistd.h>

#include "faulty_vfs.h"
#include "journal_help.h"

/* Disks that fail */

static struct journal *open_faulty(const char *path, const struct product_table *products)
{
    struct journal_options options = {.path = path, .products = products, .vfs = "faulty"};
    struct journal *journal;
    struct fault why;

    if (journal_open(&options, &journal, &why))
        fail_msg("%s", why.text);
    return journal;
}

/* Opens it on a good disk and reads all of it. */
static uint64_t sequence_after(const char *path, const struct product_table *products)
{
    struct journal *journal = open_journal(path, products);
    uint64_t sequence = journal_sequence(journal);
    char *text = replayed(journal);

    assert_int_equal(count_lines(text), sequence);
    free(text);
    journal_close(journal);
    return sequence;
}

TEST(only_a_commit_that_is_asked_to_syncs)
{
    struct story *story = story_new(60);

    faulty_reset();
    struct journal *journal = open_faulty(fresh_path(), &story->products);
    story->port = journal_port(journal);
    story_balance(story);
    faulty.syncs = 0;
    commit(journal, false);
    assert_int_equal(faulty.syncs, 0);
    story_balance(story);
    commit(journal, true);
    assert_int_equal(faulty.syncs, 1);
    commit(journal, true); /* nothing is new */
    assert_int_equal(faulty.syncs, 1);
    story_balance(story);
    commit(journal, false);
    commit(journal, true); /* what an earlier commit left to it */
    assert_int_equal(faulty.syncs, 2);
    journal_close(journal);
    story_free(story);
}

TEST(after_a_power_cut_everything_that_was_synced_is_there)
{
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct story *story = story_new(seed);
        struct rng rng = rng_stream(seed, "power");
        const char *path = fresh_path();
        uint64_t safe = 0;
        char shm[300];

        faulty_reset();
        faulty.records = true;
        struct journal *journal = open_faulty(path, &story->products);
        story->port = journal_port(journal);
        for (uint64_t n = rng_below(&rng, 500); n > 0; n--) {
            story_step(story);
            bool sync = rng_chance(&rng, 0.1);
            commit(journal, sync);
            if (sync)
                safe = journal_sequence(journal);
        }
        uint64_t all = journal_sequence(journal);
        faulty.is_dead = true;
        journal_close(journal);
        faulty_take_back(&rng);
        snprintf(shm, sizeof shm, "%s-shm", path);
        unlink(shm); /* it is memory */
        uint64_t found = sequence_after(path, &story->products);
        if (found < safe || found > all)
            fail_msg("seed %d: %d events, %d of %d were synced", (int)seed, (int)found,
                     (int)safe, (int)all);
        story_free(story);
    }
}

/* Tells until a commit fails; *safe is what was committed before. */
static enum err tell_until_failure(struct story *story, struct journal *journal, uint64_t *safe,
                                   struct fault *why)
{
    enum err err = OK;

    story->port = journal_port(journal);
    for (int i = 0; !err && i < 30; i++) {
        story_step(story);
        *safe = journal_sequence(journal);
        err = story->port.commit(story->port.ctx, i % 3 == 0, why);
    }
    return err;
}

static void fail_at(int change, int code, const char *sentence)
{
    struct story *story = story_new(70);
    const char *path = fresh_path();
    struct fault why, again;
    uint64_t safe;

    faulty_reset();
    struct journal *journal = open_faulty(path, &story->products);
    faulty.countdown = change;
    faulty.code = code;
    if (tell_until_failure(story, journal, &safe, &why)) {
        assert_string_equal(err_name(why.code), "io");
        if (!strstr(why.text, sentence) && !strstr(why.text, "the disk reported an error"))
            fail_msg("%s", why.text);
        assert_int_equal(journal_sequence(journal), safe);
        story_balance(story); /* the disk is well again, but nothing goes on */
        assert_int_equal(story->port.commit(story->port.ctx, true, &again), why.code);
        assert_string_equal(again.text, why.text);
        assert_int_equal(journal_sequence(journal), safe);
    }
    faulty_reset();
    journal_close(journal);
    assert_true(sequence_after(path, &story->products) >= safe);
    story_free(story);
}

TEST(the_first_failure_is_final_and_nothing_before_it_is_lost)
{
    for (int change = 0; change < 150; change += 5)
        fail_at(change, SQLITE_FULL, "the disk is full");
    for (int change = 1; change < 150; change += 11)
        fail_at(change, SQLITE_IOERR_WRITE, "the disk reported an error");
}

TEST(a_disk_that_is_full_says_so_and_what_to_do)
{
    struct story *story = story_new(71);
    struct fault why;
    uint64_t safe;

    faulty_reset();
    struct journal *journal = open_faulty(fresh_path(), &story->products);
    faulty.countdown = 0;
    faulty.fails_on = true;
    faulty.code = SQLITE_FULL;
    assert_int_equal(tell_until_failure(story, journal, &safe, &why), ERR_IO);
    assert_non_null(strstr(why.text, "the disk is full"));
    assert_non_null(strstr(why.text, "free some space and start again"));
    assert_int_equal(safe, 0);
    faulty_reset();
    journal_close(journal);
    story_free(story);
}

/* Moving the log into the file is not a part of the commit that it follows: that one is on
 * disk. The next one says what happened. */
TEST(a_checkpoint_that_fails_shows_in_the_next_commit)
{
    struct story *story = story_new(72);
    const char *path = fresh_path();
    struct fault why;
    int changes = 0;

    faulty_reset();
    struct journal *journal = open_faulty(path, &story->products);
    story->port = journal_port(journal);
    for (int i = 0; i < 400; i++) { /* synced commits let the log grow */
        faulty.changes = 0;
        story_balance(story);
        commit(journal, true);
        changes = faulty.changes;
    }
    faulty.countdown = changes + 20; /* behind the commit, within the checkpoint */
    faulty.fails_on = true;
    faulty.code = SQLITE_FULL;
    story_balance(story);
    commit(journal, false);
    story_balance(story);
    assert_int_equal(story->port.commit(story->port.ctx, false, &why), ERR_IO);
    assert_non_null(strstr(why.text, "moving the log into the file failed"));
    assert_non_null(strstr(why.text, "the disk is full"));
    faulty_reset();
    journal_close(journal);
    assert_int_equal(sequence_after(path, &story->products), story->told - 1);
    story_free(story);
}

/* Files that are not what they should be */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *sqlite;

    assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
    if (sqlite3_exec(sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(sqlite));
    sqlite3_close(sqlite);
}

/* A journal of some events, closed. */
static const char *some_journal(uint64_t seed)
{
    struct story *story = story_new(seed);
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);

    tell(story, journal, 60);
    story_balance(story);
    commit(journal, true);
    journal_close(journal);
    story_free(story);
    return path;
}

static void assert_refused(const char *path, enum err expected, const char *sentence)
{
    struct fault why = {0};
    enum err err = open_error(path, &why);

    assert_string_equal(err_name(err), err_name(expected));
    if (!strstr(why.text, sentence) || !strstr(why.text, path))
        fail_msg("\"%s\" does not say \"%s\" and where", why.text, sentence);
}

TEST(a_file_that_is_no_journal_is_refused_and_left_alone)
{
    const char *path = fresh_path();
    char long_text[5000];

    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    write_file(path, long_text);
    assert_refused(path, ERR_CORRUPT, "the file is no database");
    path = fresh_path();
    run_sql(path, "CREATE TABLE recipes(name)");
    assert_refused(path, ERR_CORRUPT, "not a Perigee journal");
    path = fresh_path();
    run_sql(path, "PRAGMA application_id = 1234");
    assert_refused(path, ERR_CORRUPT, "not a Perigee journal");
}

TEST(a_journal_of_a_newer_program_is_refused)
{
    const char *path = some_journal(80);

    run_sql(path, "PRAGMA user_version = 99");
    assert_refused(path, ERR_REFUSED, "written by a newer Perigee (journal version 99");
}

TEST(a_folder_that_is_not_there_is_named)
{
    char path[300];

    snprintf(path, sizeof path, "%s/nowhere/journal.db", check_tmp());
    assert_refused(path, ERR_MISSING, "No such file or directory");
}

TEST(a_damaged_file_is_refused)
{
    const char *path = some_journal(81);
    FILE *file = fopen(path, "r+b");

    assert_non_null(file);
    for (long at = 4096; at < 12 * 4096; at += 4096) {
        fseek(file, at, SEEK_SET);
        fputs("this was a page", file);
    }
    fclose(file);
    assert_refused(path, ERR_CORRUPT, "damaged");
}

TEST(a_file_cut_short_is_refused)
{
    const char *path = some_journal(82);

    assert_int_equal(truncate(path, 8 * 4096), 0);
    assert_refused(path, ERR_CORRUPT, "damaged");
}

TEST(an_event_removed_from_the_end_is_noticed_on_opening)
{
    const char *path = some_journal(83);

    run_sql(path, "DROP TRIGGER events_remain;"
                  "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)");
    assert_refused(path, ERR_CORRUPT, "not the one that was committed last");
}

static void copy_file(const char *from, const char *to)
{
    struct buf bytes = BUF_INIT;
    struct fault why;
    FILE *file = fopen(to, "wb");

    assert_non_null(file);
    if (buf_read_file(&bytes, from, 100000000, &why))
        fail_msg("%s", why.text);
    fwrite(bytes.data, 1, bytes.len, file);
    fclose(file);
    buf_clear(&bytes);
}

TEST(an_older_copy_in_the_journals_place_is_noticed_on_opening)
{
    struct story *story = story_new(84);
    const char *path = some_journal(84);
    char copy[300], lock[300];

    snprintf(copy, sizeof copy, "%s.copy", path);
    snprintf(lock, sizeof lock, "%s.lock", path);
    copy_file(path, copy);
    struct journal *journal = open_journal(path, &story->products);
    story->port = journal_port(journal);
    story_balance(story);
    commit(journal, true);
    journal_close(journal);
    copy_file(copy, path);
    assert_refused(path, ERR_CORRUPT, "were on disk");
    assert_int_equal(unlink(lock), 0); /* "if this one is meant" */
    journal_close(open_journal(path, &story->products));
    story_free(story);
}

TEST(another_journal_in_its_place_is_noticed_on_opening)
{
    const char *path = some_journal(85);
    char first[300];

    snprintf(first, sizeof first, "%s", path);
    path = some_journal(86);
    copy_file(path, first);
    struct fault why;
    assert_int_equal(open_error(first, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, ".lock and start again"));
}

/* Without its log a file is what it was at the last checkpoint. */
TEST(a_journal_without_its_log_is_noticed_on_opening)
{
    struct story *story = story_new(87);
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);
    char copy[300], from[310], to[310];

    tell(story, journal, 20);
    story_balance(story);
    commit(journal, true);
    snprintf(copy, sizeof copy, "%s.copy", path);
    copy_file(path, copy);
    snprintf(from, sizeof from, "%s.lock", path);
    snprintf(to, sizeof to, "%s.lock", copy);
    copy_file(from, to);
    struct fault why;
    assert_int_equal(open_error(copy, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, "without its -wal file"));
    journal_close(journal);
    story_free(story);
}

TEST(an_event_changed_in_the_middle_stops_the_replay)
{
    struct story *story = story_new(88);
    const char *path = some_journal(88);
    struct buf text = BUF_INIT;
    struct fault why;

    run_sql(path, "DROP TRIGGER events_stay;"
                  "UPDATE events SET time_ns = time_ns + 1 WHERE seq = 17");
    struct journal *journal = open_journal(path, &story->products);
    struct journal_port port = journal_port(journal);
    assert_int_equal(port.replay(port.ctx, write_down, &text, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, "event 17 is not what was written"));
    assert_int_equal(count_lines(buf_text(&text)), 16);
    buf_clear(&text);
    journal_close(journal);
    story_free(story);
}

TEST(events_cannot_be_changed_or_deleted_by_a_slip_at_the_prompt)
{
    const char *path = some_journal(89);
    sqlite3 *sqlite;

    assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
    assert_int_not_equal(sqlite3_exec(sqlite, "DELETE FROM events", NULL, NULL, NULL),
                         SQLITE_OK);
    assert_string_equal(sqlite3_errmsg(sqlite), "events are never deleted");
    assert_int_not_equal(
        sqlite3_exec(sqlite, "UPDATE events SET payload = '{}'", NULL, NULL, NULL), SQLITE_OK);
    assert_string_equal(sqlite3_errmsg(sqlite), "events are never changed");
    sqlite3_close(sqlite);
}
