#include "store/journal_verify.h"

#include <stdlib.h>
#include <unistd.h>

#include <sqlite3.h>

#include "journal_help.h"
#include "store/journal_schema.h"

static enum err verify(const char *path, struct journal_report *report, struct fault *why)
{
    struct journal_verify_options options = {.path = path};

    return journal_verify(&options, report, why);
}

static void assert_sound(const char *path)
{
    struct journal_report report;
    struct fault why;

    if (verify(path, &report, &why))
        fail_msg("%s", why.text);
}

static void assert_wrong(const char *path, const char *sentence)
{
    struct journal_report report;
    struct fault why = {0};

    enum err err = verify(path, &report, &why);
    assert_string_equal(err_name(err), "corrupt");
    if (!strstr(why.text, sentence) || !strstr(why.text, path))
        fail_msg("\"%s\" does not say \"%s\" and where", why.text, sentence);
}

/* A journal with snapshots in it, closed. */
static const char *some_journal(uint64_t seed, int steps)
{
    struct story *story = story_new(seed);
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);

    for (int i = 0; i < 3; i++) {
        tell(story, journal, steps / 3);
        story_snapshot(story);
        commit(journal, false);
    }
    journal_close(journal);
    story_free(story);
    return path;
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *sqlite;

    assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
    if (sqlite3_exec(sqlite, sql, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(sqlite));
    sqlite3_close(sqlite);
}

#define FREELY "DROP TRIGGER events_stay; DROP TRIGGER events_remain;"

TEST(what_the_journal_writes_is_sound)
{
    for (uint64_t seed = 0; seed < 6; seed++)
        assert_sound(some_journal(seed, 400));
}

TEST(a_new_journal_is_sound)
{
    struct story *story = story_new(0);
    const char *path = fresh_path();
    struct journal_report report;
    struct fault why;

    journal_close(open_journal(path, &story->products));
    assert_int_equal(verify(path, &report, &why), OK);
    assert_int_equal(report.events, 0);
    story_free(story);
}

TEST(the_report_counts_and_carries_the_last_hash)
{
    struct story *story = story_new(1);
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);
    struct journal_report report;
    struct fault why;

    nanos first = story->now;
    story->port = journal_port(journal);
    story_balance(story);
    tell(story, journal, 100);
    story_snapshot(story);
    commit(journal, false);
    assert_int_equal(verify(path, &report, &why), OK); /* beside the writer */
    assert_int_equal(report.events, story->told);
    assert_int_equal(report.orders, story->order_count);
    assert_int_equal(report.snapshots, 1);
    assert_int_equal(report.first, first);
    assert_int_equal(report.last, story->now);
    assert_string_equal(report.hash, journal_hash(journal));
    journal_close(journal);
    story_free(story);
}

TEST(there_is_nothing_to_verify_in_a_file_that_is_not_there)
{
    struct journal_report report;
    struct fault why;

    assert_int_equal(verify(fresh_path(), &report, &why), ERR_MISSING);
}

/* One thing is changed; it is found and named. */

static void assert_found(const char *sql, const char *sentence)
{
    const char *path = some_journal(2, 150);

    run_sql(path, sql);
    assert_wrong(path, sentence);
}

TEST(a_changed_event_is_named)
{
    assert_found(FREELY "UPDATE events SET payload = replace(payload, '\"', '') WHERE seq = 40",
                 "event 40 is not what was written");
    assert_found(FREELY "UPDATE events SET kind = 'stop' WHERE seq = 41",
                 "event 41 is not what was written");
    assert_found(FREELY "UPDATE events SET time_ns = time_ns - 1 WHERE seq = 1",
                 "event 1 is not what was written");
    assert_found(FREELY "UPDATE events SET hash = upper(hash) WHERE seq = 42",
                 "event 42 is not what was written");
}

TEST(a_missing_event_is_named)
{
    assert_found(FREELY "DELETE FROM events WHERE seq = 40", "event 40 is missing");
    assert_found(FREELY "DELETE FROM events WHERE seq = 1", "event 1 is missing");
    assert_found(FREELY "DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)",
                 "not the one that was committed last");
    assert_found(FREELY "DELETE FROM events", "not the one that was committed last");
}

TEST(swapped_events_are_named)
{
    assert_found(FREELY "UPDATE events SET seq = -1 WHERE seq = 40;"
                        "UPDATE events SET seq = 40 WHERE seq = 41;"
                        "UPDATE events SET seq = 41 WHERE seq = -1",
                 "event 40 is not what was written");
}

TEST(an_event_that_was_put_in_is_named)
{
    assert_found(FREELY "UPDATE events SET seq = seq + 1000 WHERE seq > 40;"
                        "UPDATE events SET seq = seq - 999 WHERE seq > 1000;"
                        "INSERT INTO events SELECT 41, time_ns, kind, payload, hash FROM events"
                        " WHERE seq = 40;"
                        "UPDATE head SET seq = seq + 1",
                 "event 41 is not what was written");
}

TEST(a_row_that_does_not_follow_from_the_events_is_named)
{
    assert_found("UPDATE orders_rows SET payload = replace(payload, '\"buy\"', '\"sell\"')"
                 " WHERE key = (SELECT min(key) FROM orders WHERE side = 'buy')",
                 "table orders, row ");
    assert_found("DELETE FROM orders_rows WHERE key = 2", "table orders, row 2 ");
    assert_found(
        "INSERT INTO orders_rows SELECT 999, seq, time_ns, payload FROM orders WHERE key = 1",
        "table orders, row 999 ");
    assert_found("UPDATE positions_rows SET seq = seq - 1 WHERE key = 'BTC-USD'",
                 "table positions, row BTC-USD ");
    assert_found("UPDATE balances_rows SET payload = json_set(payload, '$.total', '1000000')"
                 " WHERE key = 'USD'",
                 "table balances, row USD ");
    assert_found("UPDATE traces_rows SET time_ns = 0 WHERE key = 1", "table traces, row 1 ");
    assert_found("DELETE FROM script_state_rows WHERE key = 'script 0'",
                 "table script_state, row script 0 ");
}

TEST(of_two_wrong_rows_the_earlier_is_reported)
{
    const char *path = some_journal(3, 200);
    struct journal_report report;
    struct fault why;
    char sql[200], event[60];
    sqlite3_stmt *statement;
    sqlite3 *sqlite;

    run_sql(path, "UPDATE traces_rows SET time_ns = 0 WHERE key = 5;"
                  "UPDATE fills_rows SET time_ns = 0 WHERE key = (SELECT max(key) FROM fills);"
                  "UPDATE balances_rows SET time_ns = 0");
    assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
    snprintf(sql, sizeof sql, "SELECT seq FROM traces WHERE key = 5");
    sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    snprintf(event, sizeof event, "event %d: table traces, row 5",
             sqlite3_column_int(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(sqlite);
    assert_int_equal(verify(path, &report, &why), ERR_CORRUPT);
    assert_non_null(strstr(why.text, event));
}

/* Histories that the chain holds together and that cannot be. */

struct lie {
    struct story *story;
    struct journal *journal;
    const char *path;
};

static struct lie begin_lie(void)
{
    struct lie lie = {.story = story_new(4), .path = fresh_path()};

    lie.journal = open_journal(lie.path, &lie.story->products);
    tell(lie.story, lie.journal, 60);
    return lie;
}

static void end_lie(struct lie *lie, const char *sentence)
{
    commit(lie->journal, false);
    journal_close(lie->journal);
    assert_wrong(lie->path, sentence);
    story_free(lie->story);
}

TEST(a_fill_of_an_order_that_does_not_exist_is_named)
{
    struct lie lie = begin_lie();
    struct fact fact = {.kind = FACT_FILL,
                        .fill = {.order = 5000, .size = D(1), .price = D(1), .value = D(1)}};

    story_tell(lie.story, &fact);
    end_lie(&lie, "it moves order 5000, which does not exist");
}

TEST(a_step_that_the_table_of_states_does_not_have_is_named)
{
    struct lie lie = begin_lie();
    struct order *order = &lie.story->orders[0];
    struct fact fact = {.kind = FACT_ORDER_EVENT,
                        .order_event = {.order = 1, .event = ORDER_EVENT_DENY}};

    while (order->state == ORDER_INITIALIZED)
        story_step(lie.story);
    story_tell(lie.story, &fact);
    end_lie(&lie, "order 1 cannot do this in state");
}

TEST(an_order_that_comes_into_being_twice_is_named)
{
    struct lie lie = begin_lie();
    struct fact fact = {.kind = FACT_ORDER};

    fact.order = lie.story->orders[0];
    story_tell(lie.story, &fact);
    end_lie(&lie, "order 1 comes into being a second time");
}

TEST(a_snapshot_that_says_something_else_is_named)
{
    struct lie lie = begin_lie();
    struct fact fact = {.kind = FACT_POSITION};

    story_mark(lie.story, false);
    fact.position.position = *portfolio_position(lie.story->portfolio, 0);
    fact.position.position.fees = D(77);
    story_tell(lie.story, &fact);
    story_mark(lie.story, true);
    end_lie(&lie, "and the events before it ");
}

/* Leaves out one fact of a kind. */
struct omission {
    struct story *story;
    enum fact_kind kind;
    bool is_done;
};

static void tell_but_one(void *to, struct fact *fact)
{
    struct omission *omission = to;

    if (fact->kind == omission->kind && !omission->is_done)
        omission->is_done = true;
    else
        story_take(omission->story, fact);
}

static void lie_by_omission(enum fact_kind kind, const char *sentence)
{
    struct lie lie = begin_lie();
    struct story *story = lie.story;
    struct omission omission = {story, kind, false};

    do
        story_new_order(story);
    while (story->orders[story->order_count - 1].state != ORDER_PENDING_NEW);
    story_mark(story, false);
    snapshot_restate(story->engine, story->now, tell_but_one, &omission);
    story_mark(story, true);
    assert_true(omission.is_done);
    end_lie(&lie, sentence);
}

TEST(a_snapshot_that_leaves_something_out_is_named)
{
    static const enum fact_kind kinds[] = {FACT_ORDER, FACT_POSITION, FACT_BALANCE, FACT_MEMORY,
                                           FACT_PACE};
    char sentence[80];

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        snprintf(sentence, sizeof sentence, "the snapshot that ends here leaves out %s {",
                 fact_kind_name(kinds[i]));
        lie_by_omission(kinds[i], sentence);
    }
}

TEST(a_snapshot_that_leaves_an_exit_out_is_named)
{
    struct lie lie = begin_lie();
    struct omission omission = {lie.story, FACT_EXIT, false};
    struct fact exit = {.kind = FACT_EXIT,
                        .exit = {.id = 99, .state = EXIT_ARMED, .size = D(1)}};

    story_tell(lie.story, &exit);
    story_mark(lie.story, false);
    snapshot_restate(lie.story->engine, lie.story->now, tell_but_one, &omission);
    story_mark(lie.story, true);
    end_lie(&lie, "the snapshot that ends here speaks of ");
}

TEST(a_snapshot_that_remembers_wrongly_is_named)
{
    struct lie lie = begin_lie();
    struct fact fact = {.kind = FACT_MEMORY, .memory = {.losses_in_row = 17}};

    story_mark(lie.story, false);
    story_tell(lie.story, &fact);
    story_mark(lie.story, true);
    end_lie(&lie, "and the events before it do not");
}

TEST(a_snapshot_that_was_interrupted_is_passed_over)
{
    struct lie lie = begin_lie();

    story_mark(lie.story, false);
    story_restate(lie.story);
    struct fact run = {.kind = FACT_RUN, .run = {.run = "again"}};
    story_tell(lie.story, &run); /* the next start, which begins with what no snapshot has */
    while (lie.story->order_count < 60)
        tell(lie.story, lie.journal, 1);
    story_snapshot(lie.story);
    commit(lie.journal, false);
    journal_close(lie.journal);
    assert_sound(lie.path);
    story_free(lie.story);
}

TEST(a_snapshot_that_never_began_is_named)
{
    struct lie lie = begin_lie();

    story_mark(lie.story, true);
    end_lie(&lie, "a snapshot ends that did not begin");
}

/* Any bytes of the file */

/* All that a reader of the file can see. */
static char *content_of(const char *path)
{
    static const char *const tables[] = {
        "events",    "head",     "products", "runs",  "orders",    "traces",      "fills",
        "positions", "balances", "causes",   "exits", "baselines", "script_state"};
    struct buf text = BUF_INIT;
    sqlite3 *sqlite;

    assert_int_equal(sqlite3_open_v2(path, &sqlite, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        sqlite3_stmt *statement;
        char sql[80];
        snprintf(sql, sizeof sql, "SELECT * FROM %s", tables[i]);
        assert_int_equal(sqlite3_prepare_v2(sqlite, sql, -1, &statement, NULL), SQLITE_OK);
        while (sqlite3_step(statement) == SQLITE_ROW)
            for (int c = 0; c < sqlite3_column_count(statement); c++)
                buf_add_format(&text, "%s|", (const char *)sqlite3_column_text(statement, c));
        sqlite3_finalize(statement);
    }
    sqlite3_close(sqlite);
    return text.data;
}

static void write_bytes(const char *path, const struct buf *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes->data, 1, len, file), len);
    fclose(file);
}

/* Damages a copy; returns how many bytes of it are left. */
static size_t damage(struct rng *rng, struct buf *copy)
{
    size_t at = rng_below(rng, copy->len), other = rng_below(rng, copy->len / 4096) * 4096;
    char page[4096];

    switch (rng_below(rng, 6)) {
    case 0: /* cut short */
        return rng_chance(rng, 0.5) ? at : at / 4096 * 4096;
    case 1: /* two pages swapped */
        at = at / 4096 * 4096;
        memcpy(page, copy->data + at, sizeof page);
        memcpy(copy->data + at, copy->data + other, sizeof page);
        memcpy(copy->data + other, page, sizeof page);
        break;
    case 2: /* a sector of zeros */
        memset(copy->data + at / 512 * 512, 0, 512);
        break;
    case 3: /* one bit */
        copy->data[at] = (char)(copy->data[at] ^ (1 << rng_below(rng, 8)));
        break;
    default: /* one byte */
        copy->data[at] = (char)(copy->data[at] + (char)rng_between(rng, 1, 255));
    }
    return copy->len;
}

TEST(damage_is_found_or_changes_nothing_that_can_be_read)
{
    struct rng rng = rng_stream(6, "damage");
    const char *path = some_journal(6, 150);
    struct buf bytes = BUF_INIT;
    struct journal_report report;
    struct fault why;
    char copy_path[300];
    int found = 0;

    char *content = content_of(path);
    snprintf(copy_path, sizeof copy_path, "%s.damaged", path);
    if (buf_read_file(&bytes, path, 100000000, &why))
        fail_msg("%s", why.text);
    for (int i = 0; i < 250; i++) {
        struct buf copy = BUF_INIT;
        buf_add(&copy, bytes.data, bytes.len);
        size_t len = damage(&rng, &copy);
        write_bytes(copy_path, &copy, len);
        if (verify(copy_path, &report, &why) == OK) {
            char *now = content_of(copy_path);
            if (strcmp(now, content) != 0)
                fail_msg("damage %d was not found", i);
            free(now);
        } else {
            assert_true(strlen(why.text) > 20);
            found++;
        }
        buf_clear(&copy);
    }
    assert_true(found > 100);
    buf_clear(&bytes);
    free(content);
}

TEST(any_change_of_any_row_is_found)
{
    static const char *const changes[] = {
        "DELETE FROM events WHERE seq = %d",
        "UPDATE events SET payload = payload || ' ' WHERE seq = %d",
        "UPDATE events SET kind = kind || 'x' WHERE seq = %d",
        "UPDATE events SET time_ns = time_ns + 1 WHERE seq = %d",
        "UPDATE events SET hash = substr(hash, 2) || '0' WHERE seq = %d",
        "UPDATE events SET seq = seq + 100000 WHERE seq >= %d",
        "UPDATE orders_rows SET seq = seq + 1 WHERE key = 1 + %d %% 10",
        "DELETE FROM fills_rows WHERE key >= %d",
        "UPDATE head SET seq = seq + 1 + %d",
    };
    struct rng rng = rng_stream(7, "rows");
    const char *path = some_journal(7, 150);
    struct buf bytes = BUF_INIT;
    struct journal_report report;
    struct fault why;
    char copy_path[300], sql[300];

    assert_int_equal(verify(path, &report, &why), OK);
    int last = (int)report.events;
    snprintf(copy_path, sizeof copy_path, "%s.changed", path);
    if (buf_read_file(&bytes, path, 100000000, &why))
        fail_msg("%s", why.text);
    for (size_t i = 0; i < 40; i++) {
        const char *change = changes[i % (sizeof changes / sizeof *changes)];
        int at = (int)rng_between(&rng, 1, strstr(change, "fills") ? 20 : last);
        write_bytes(copy_path, &bytes, bytes.len);
        snprintf(sql, sizeof sql, FREELY "UPDATE head SET seq = seq + 0 * %d;", at);
        snprintf(sql + strlen(sql), sizeof sql - strlen(sql), change, at);
        run_sql(copy_path, sql);
        if (verify(copy_path, &report, &why) == OK)
            fail_msg("not found: %s", sql);
    }
    buf_clear(&bytes);
}

static void count_calls(void *to, uint64_t done, uint64_t all)
{
    assert_true(done <= all);
    ++*(int *)to;
}

TEST(long_work_shows_its_progress)
{
    struct story *story = story_new(8);
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);
    struct journal_report report;
    struct fault why;
    int calls = 0;
    struct journal_verify_options options = {path, count_calls, &calls};

    story->port = journal_port(journal);
    for (int i = 0; i < 9000; i++)
        story_balance(story);
    commit(journal, false);
    assert_int_equal(journal_verify(&options, &report, &why), OK);
    assert_int_equal(calls, 2);
    journal_close(journal);
    story_free(story);
}

TEST(a_view_that_shows_something_else_is_named)
{
    assert_found("DROP VIEW positions; CREATE VIEW positions AS SELECT 1 AS key",
                 "its schema is not a journal's, at view positions");
    assert_found("DROP TRIGGER events_stay", "its schema is not a journal's, at ");
    assert_found("CREATE TABLE more(n)", "its schema is not a journal's, at ");
}

/* If this fails, facts have gained or lost members: raise journal_schema.version, let the new
 * step make the views anew, and put the new hash here. */
TEST(the_schema_of_a_version_never_changes)
{
    struct story *story = story_new(0);
    const char *path = fresh_path();
    struct digest *digest = digest_new();
    char hash[DIGEST_TEXT_MAX];
    sqlite3_stmt *statement;
    sqlite3 *sqlite;

    journal_close(open_journal(path, &story->products));
    assert_int_equal(sqlite3_open(path, &sqlite), SQLITE_OK);
    sqlite3_prepare_v2(sqlite,
                       "SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY name", -1,
                       &statement, NULL);
    while (sqlite3_step(statement) == SQLITE_ROW)
        digest_add(digest, sqlite3_column_text(statement, 0),
                   (size_t)sqlite3_column_bytes(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(sqlite);
    digest_finish(digest, hash);
    digest_free(digest);
    assert_int_equal(journal_schema.version, 7);
    assert_string_equal(hash,
                        "af9da6040d1c60ac90c70fe4224f8d0c73f024d288a3864f37666df4a6c4aa3b");
    story_free(story);
}
