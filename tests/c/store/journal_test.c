#include "store/journal.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/digest.h"
#include "journal_help.h"
#include "store/db.h"

/* Keeps what it is told, to compare with a replay. */
struct witness {
    struct journal_port port;
    struct buf text;
};

static uint64_t witness_append(void *ctx, const struct fact *fact)
{
    struct witness *witness = ctx;
    struct fact numbered = *fact;

    numbered.sequence = witness->port.append(witness->port.ctx, fact);
    write_down(&witness->text, &numbered, NULL);
    return numbered.sequence;
}

TEST(a_replay_tells_what_was_committed_word_for_word)
{
    struct story *story = story_new(1);
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);
    struct witness witness = {.port = journal_port(journal), .text = BUF_INIT};

    story->port = witness.port;
    story->port.ctx = &witness;
    story->port.append = witness_append;
    for (int i = 0; i < 400; i++)
        story_step(story);
    commit(journal, true);
    journal_close(journal);
    journal = open_journal(path, &story->products);
    char *text = replayed(journal);
    assert_string_equal(text, buf_text(&witness.text));
    assert_true(count_lines(text) > 300);
    free(text);
    journal_close(journal);
    buf_clear(&witness.text);
    story_free(story);
}

TEST(what_was_not_committed_is_gone)
{
    struct story *story = story_new(2);
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);

    tell(story, journal, 30);
    uint64_t committed = journal_sequence(journal);
    while (story->told == committed)
        story_step(story);
    assert_int_equal(journal_sequence(journal), committed);
    journal_close(journal);
    journal = open_journal(path, &story->products);
    assert_int_equal(journal_sequence(journal), committed);
    char *text = replayed(journal);
    assert_int_equal(count_lines(text), committed);
    free(text);
    journal_close(journal);
    story_free(story);
}

TEST(sequence_numbers_count_on_after_a_restart)
{
    struct story *story = story_new(3);
    const char *path = fresh_path();
    struct fact fact = {.kind = FACT_RUN, .run = {.run = "r1"}};

    for (uint64_t i = 1; i <= 5; i++) {
        struct journal *journal = open_journal(path, &story->products);
        struct journal_port port = journal_port(journal);
        assert_int_equal(port.append(port.ctx, &fact), 2 * i - 1);
        assert_int_equal(port.append(port.ctx, &fact), 2 * i);
        commit(journal, i % 2);
        journal_close(journal);
    }
    story_free(story);
}

TEST(equal_histories_have_equal_hashes_and_others_have_not)
{
    char hashes[3][DIGEST_TEXT_MAX];

    for (uint64_t i = 0; i < 3; i++) {
        struct story *story = story_new(i / 2);
        struct journal *journal = open_journal(fresh_path(), &story->products);
        tell(story, journal, 50);
        strcpy(hashes[i], journal_hash(journal));
        journal_close(journal);
        story_free(story);
    }
    assert_string_equal(hashes[0], hashes[1]);
    assert_string_not_equal(hashes[0], hashes[2]);
}

/* The hash of one event, computed by another program from the description in the source. */
TEST(the_hash_of_the_first_event_is_the_same_on_every_machine)
{
    struct story *story = story_new(4);
    struct journal *journal = open_journal(fresh_path(), &story->products);
    struct fact fact = {.kind = FACT_BALANCE, .balance = {.currency = "USD", .total = D(1000)}};

    assert_string_equal(journal_hash(journal),
                        "0000000000000000000000000000000000000000000000000000000000000000");
    fact.time = SECONDS(1723161254);
    journal_port(journal).append(journal, &fact);
    commit(journal, false);
    assert_string_equal(journal_hash(journal),
                        "952c62d31b535b6acd3c9c286dce606d07a0f572e24b35610e76e459156e336f");
    journal_close(journal);
    story_free(story);
}

/* Tables */

static void add_row(struct buf *text, const struct story *story, const struct fact *fact)
{
    fact_encode(fact, &story->products, text);
    buf_add_text(text, "\n");
}

static void add_positions(struct buf *text, const struct story *story)
{
    product_ref by_symbol[] = {2, 0, 1};

    for (int i = 0; i < 3; i++) {
        struct fact fact = {.kind = FACT_POSITION, .position = {.product = by_symbol[i]}};
        fact.position.position = *portfolio_position(story->portfolio, by_symbol[i]);
        add_row(text, story, &fact);
    }
}

static void add_balances(struct buf *text, const struct story *story)
{
    const char *names[] = {"BTC", "ETH", "EUR", "USD"};

    for (int i = 0; i < 4; i++) {
        struct fact fact = {.kind = FACT_BALANCE};
        strcpy(fact.balance.currency, names[i]);
        fact.balance.total = portfolio_balance(story->portfolio, names[i]).total;
        add_row(text, story, &fact);
    }
}

/* What the tables should hold, from the story's own state. */
static char *expected_tables(const struct story *story)
{
    struct buf text = BUF_INIT;

    for (int i = 0; i < story->order_count; i++) {
        struct fact fact = {.kind = FACT_ORDER};
        fact.order = story->orders[i];
        add_row(&text, story, &fact);
    }
    add_positions(&text, story);
    add_balances(&text, story);
    for (int i = 0; i < STORY_CAUSES; i++)
        if (story->causes[i].kind)
            add_row(&text, story, &story->causes[i]);
    for (int i = 0; i < STORY_EXITS; i++)
        if (story->exits[i].kind && story->exits[i].exit.state != EXIT_ENDED)
            add_row(&text, story, &story->exits[i]);
    for (int i = 0; i < story->days; i++)
        buf_add_format(&text, "equity %d\n", i + 1);
    for (int i = 0; i < STORY_STATES; i++)
        if (story->states[i][0])
            buf_add_format(&text, "script %d %s\n", i, story->states[i]);
    return text.data;
}

/* The same from the file. Balances lose their reason: it is that of the last change. */
static char *stored_tables(const char *path)
{
    static const char *const queries[] = {
        "SELECT payload FROM orders ORDER BY number",
        "SELECT json_remove(payload, '$.why') FROM positions ORDER BY product",
        "SELECT json_remove(payload, '$.why') FROM balances ORDER BY currency",
        "SELECT payload FROM causes ORDER BY id",
        "SELECT payload FROM exits ORDER BY id",
        "SELECT 'equity ' || equity FROM baselines ORDER BY day",
        "SELECT subject || ' ' || state FROM script_state ORDER BY subject",
    };
    struct db_options options = {.path = path, .read_only = true};
    struct buf text = BUF_INIT;
    struct fault why;
    struct db *db;

    if (db_open(&options, &db, &why))
        fail_msg("%s", why.text);
    for (size_t i = 0; i < sizeof queries / sizeof *queries; i++) {
        struct db_statement *statement;
        bool has_row;
        if (db_prepare(db, queries[i], &statement, &why))
            fail_msg("%s", why.text);
        while (db_step(statement, &has_row, &why) == OK && has_row)
            buf_add_format(&text, "%s\n", db_get_text(statement, 0, NULL));
        db_statement_free(statement);
    }
    db_close(db);
    return text.data;
}

TEST(the_tables_say_what_the_events_amount_to)
{
    for (uint64_t seed = 10; seed < 18; seed++) {
        struct story *story = story_new(seed);
        const char *path = fresh_path();
        struct journal *journal = open_journal(path, &story->products);
        tell(story, journal, 600);
        story_snapshot(story);
        commit(journal, false);
        char *stored = stored_tables(path), *expected = expected_tables(story);
        assert_string_equal(stored, expected);
        free(stored);
        free(expected);
        journal_close(journal);
        story_free(story);
    }
}

/* Snapshots */

TEST(a_replay_begins_at_the_last_snapshot_that_was_closed)
{
    struct story *story = story_new(20);
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);

    tell(story, journal, 50);
    story_snapshot(story);
    tell(story, journal, 50);
    uint64_t begin = story->told + 1;
    story_snapshot(story);
    tell(story, journal, 50);
    story_mark(story, false); /* and this one never ends */
    story_restate(story);
    commit(journal, true);
    journal_close(journal);

    journal = open_journal(path, &story->products);
    char *text = replayed(journal), first[64];
    snprintf(first, sizeof first, "%llu ", (unsigned long long)begin);
    assert_memory_equal(text, first, strlen(first));
    assert_int_equal(count_lines(text), story->told - begin + 1);
    free(text);
    journal_close(journal);
    story_free(story);
}

/* State by replay: orders, positions and balances, the way recovery does it, in a story that
 * tells nobody. Final orders are not restated, and late events of theirs change nothing. */
static enum err recover(void *to, const struct fact *fact, struct fault *why)
{
    struct story *story = to;
    const struct fact_order_event *event = &fact->order_event;

    (void)why;
    if (fact->kind == FACT_ORDER) {
        story->orders[fact->order.number - 1] = fact->order;
    } else if (fact->kind == FACT_ORDER_EVENT) {
        struct order *order = &story->orders[event->order - 1];
        if (order->number)
            assert_true(order_apply(order, event->event, fact->time));
        if (!order->venue_id.text[0])
            order->venue_id = event->venue_id;
    } else if (fact->kind == FACT_FILL) {
        portfolio_apply_fill(story->portfolio, &fact->fill);
        struct order *order = &story->orders[fact->fill.order - 1];
        if (order->number)
            (void)!order_apply_fill(order, &fact->fill);
    } else if (fact->kind == FACT_FILL_KNOWN) {
        struct order *order = &story->orders[fact->fill.order - 1];
        if (order->number)
            order_explain(order, &fact->fill);
    } else if (fact->kind == FACT_AMEND) {
        struct order *order = &story->orders[fact->amend.order - 1];
        if (order->number)
            assert_true(order_apply_replace(order, fact->amend.size, fact->amend.limit_price,
                                            fact->time));
        order->reserved_price = fact->amend.limit_price;
    } else if (fact->kind == FACT_PREVIEW) {
        if (decimal_is_positive(fact->preview.reserved_price))
            story->orders[fact->preview.order - 1].reserved_price =
                fact->preview.reserved_price;
    } else if (fact->kind == FACT_POSITION) {
        portfolio_set_position(story->portfolio, fact->position.product,
                               &fact->position.position);
    } else if (fact->kind == FACT_BALANCE) {
        portfolio_set_balance(story->portfolio, fact->balance.currency, fact->balance.total);
    }
    return OK;
}

static void assert_same_account(const struct story *a, const struct story *b)
{
    for (int i = 0; i < a->order_count; i++) {
        struct fact one = {.kind = FACT_ORDER}, two = {.kind = FACT_ORDER};
        one.order = a->orders[i];
        two.order = b->orders[i];
        struct buf left = BUF_INIT, right = BUF_INIT;
        if (!order_state_is_open(one.order.state))
            continue;
        add_row(&left, a, &one);
        add_row(&right, a, &two);
        assert_string_equal(buf_text(&left), buf_text(&right));
        buf_clear(&left);
        buf_clear(&right);
    }
    struct buf left = BUF_INIT, right = BUF_INIT;
    add_positions(&left, a);
    add_balances(&left, a);
    add_positions(&right, b);
    add_balances(&right, b);
    assert_string_equal(buf_text(&left), buf_text(&right));
    buf_clear(&left);
    buf_clear(&right);
}

TEST(a_replay_from_a_snapshot_leads_to_the_state_of_a_whole_one)
{
    for (uint64_t seed = 30; seed < 34; seed++) {
        struct story *story = story_new(seed), *again = story_new(0);
        const char *path = fresh_path();
        struct journal *journal = open_journal(path, &story->products);
        struct fault why;

        tell(story, journal, 200);
        story_snapshot(story);
        tell(story, journal, 100);
        journal_close(journal);
        journal = open_journal(path, &story->products);
        struct journal_port port = journal_port(journal);
        assert_int_equal(port.replay(port.ctx, recover, again, &why), OK);
        assert_same_account(story, again);
        journal_close(journal);
        story_free(story);
        story_free(again);
    }
}

static enum err stop_at_three(void *to, const struct fact *fact, struct fault *why)
{
    (void)to;
    return fact->sequence == 3 ? fail(why, ERR_REFUSED, "three is enough") : OK;
}

TEST(whoever_takes_the_facts_may_stop_the_replay)
{
    struct story *story = story_new(35);
    struct journal *journal = open_journal(fresh_path(), &story->products);
    struct journal_port port = journal_port(journal);
    struct fault why;

    tell(story, journal, 30);
    assert_int_equal(port.replay(port.ctx, stop_at_three, NULL, &why), ERR_REFUSED);
    assert_string_equal(why.text, "three is enough");
    tell(story, journal, 30);
    journal_close(journal);
    story_free(story);
}

TEST(a_product_that_left_the_profile_is_named_by_the_replay)
{
    struct story *story = story_new(36);
    struct product_table fewer = {.count = 1, .items = {{.symbol = "BTC-USD"}}};
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);
    struct buf text = BUF_INIT;
    struct fault why;

    tell(story, journal, 100);
    journal_close(journal);
    journal = open_journal(path, &fewer);
    struct journal_port port = journal_port(journal);
    assert_int_equal(port.replay(port.ctx, write_down, &text, &why), ERR_MISSING);
    assert_non_null(strstr(why.text, "add it to the profile"));
    assert_non_null(strstr(why.text, "event "));
    buf_clear(&text);
    journal_close(journal);
    story_free(story);
}

/* One writer */

TEST(a_second_engine_on_the_same_file_is_refused)
{
    struct story *story = story_new(40);
    const char *path = fresh_path();
    struct journal *journal = open_journal(path, &story->products);
    struct fault why;
    char pid[32];

    assert_int_equal(open_error(path, &why), ERR_LOCKED);
    snprintf(pid, sizeof pid, "process %ld", (long)getpid());
    assert_non_null(strstr(why.text, pid));
    pid_t child = fork();
    if (child == 0)
        _exit(open_error(path, &why) == ERR_LOCKED ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    journal_close(journal);
    journal_close(open_journal(path, &story->products));
    story_free(story);
}

/* Tells its story until it is killed; writes each sequence number that is surely on disk. */
static void live(const char *path, uint64_t seed, int out)
{
    struct story *story = story_new(seed);
    struct journal *journal = open_journal(path, &story->products);

    story->port = journal_port(journal);
    for (;;) {
        for (uint64_t n = rng_below(&story->rng, 6); n > 0; n--)
            story_step(story);
        bool sync = rng_chance(&story->rng, 0.5);
        commit(journal, sync);
        uint64_t safe = journal_sequence(journal);
        if (write(out, &safe, sizeof safe) != sizeof safe)
            _exit(1);
    }
}

/* Returns the last number that the child had written when it was killed. */
static uint64_t live_and_die(const char *path, uint64_t seed, uint64_t commits)
{
    int pipes[2];
    uint64_t safe = 0, last = 0;

    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        close(pipes[0]);
        live(path, seed, pipes[1]);
    }
    close(pipes[1]);
    while (commits-- > 0 && read(pipes[0], &safe, sizeof safe) == sizeof safe)
        last = safe;
    kill(child, SIGKILL);
    while (read(pipes[0], &safe, sizeof safe) == sizeof safe)
        last = safe;
    close(pipes[0]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    return last;
}

TEST(a_process_that_is_killed_loses_nothing_that_was_committed)
{
    struct rng rng = rng_stream(50, "kill");

    for (int i = 0; i < 12; i++) {
        struct story *story = story_new(0);
        const char *path = fresh_path();
        uint64_t safe = live_and_die(path, (uint64_t)i, rng_below(&rng, 60));
        struct journal *journal = open_journal(path, &story->products);
        assert_true(journal_sequence(journal) >= safe);
        char *text = replayed(journal);
        assert_int_equal(count_lines(text), journal_sequence(journal));
        free(text);
        journal_close(journal);
        story_free(story);
    }
}
