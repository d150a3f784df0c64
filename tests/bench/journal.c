/* What durability costs: an intent's commit (order, trace and step, with all
 * tables, synced) against the bare cost of a synced SQLite commit of one row,
 * on the same disk, in turns, so that both see the same weather. Then facts
 * without syncing, encoding and hashing. Checks at the end that the journal is
 * sound.
 *
 *     journal [folder] [commits]       (the present folder, 3000)
 */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/journal_null.h"
#include "store/db.h"
#include "store/journal.h"
#include "store/journal_verify.h"

static struct product_table products;

static void must(enum err err, const struct fault *why)
{
    if (!err)
        return;
    fprintf(stderr, "journal: %s\n", why->text);
    exit(1);
}

static int compare(const void *a, const void *b)
{
    const nanos *one = a, *two = b;

    return (*one > *two) - (*one < *two);
}

static double print_times(const char *what, nanos *times, int count)
{
    qsort(times, (size_t)count, sizeof *times, compare);
    double median = (double)times[count / 2] / 1000;
    printf("%-28s median %8.1f us   p99 %8.1f us\n", what, median,
           (double)times[count * 99 / 100] / 1000);
    return median;
}

/* An order as a strategy's intent makes it. */
static struct fact order_fact(order_number number)
{
    struct fact fact = {.kind = FACT_ORDER, .time = SECONDS(1723161254) + (nanos)number};

    fact.order = (struct order){
        .number = number,
        .request = {.type = ORDER_LIMIT,
                    .size = {DECIMAL_ONE / 8},
                    .limit_price = {(int128)65432 * DECIMAL_ONE + DECIMAL_ONE / 10}},
        .strategy = "trend_follow",
        .reason = "ema 12 crossed above ema 26 (64321.12 > 64320.5)",
        .state = ORDER_INITIALIZED,
        .created = fact.time,
        .updated = fact.time,
    };
    snprintf(fact.order.request.client_id.text, CLIENT_ORDER_ID_MAX, "perigee-r1-%" PRIu64,
             number);
    fact.order.reserved_price = fact.order.request.limit_price;
    return fact;
}

static struct fact trace_fact(const struct fact *order)
{
    struct fact fact = {.kind = FACT_TRACE, .time = order->time};

    fact.trace = (struct trace){.order = order->order.number, .count = STAGE_COUNT};
    for (int i = STAGE_SIZING; i < STAGE_COUNT; i++)
        fact.trace.sizes[i] = order->order.request.size;
    fact.trace.verdicts[STAGE_SIZING] = VERDICT_CHANGED;
    return fact;
}

static struct fact step_fact(const struct fact *order)
{
    struct fact fact = {.kind = FACT_ORDER_EVENT, .time = order->time};

    fact.order_event =
        (struct fact_order_event){.order = order->order.number, .event = ORDER_EVENT_SEND};
    return fact;
}

static void append_intent(const struct journal_port *port, order_number number)
{
    struct fact order = order_fact(number), trace = trace_fact(&order),
                step = step_fact(&order);

    port->append(port->ctx, &order);
    port->append(port->ctx, &trace);
    port->append(port->ctx, &step);
}

static nanos commit_intent(const struct journal_port *port, order_number number, bool sync)
{
    struct fault why;
    nanos start = clock_monotonic();

    append_intent(port, number);
    must(port->commit(port->ctx, sync, &why), &why);
    return clock_monotonic() - start;
}

static struct db *open_bare(const char *path, struct db_statement **insert)
{
    struct db_options options = {.path = path};
    struct fault why;
    struct db *db;

    must(db_open(&options, &db, &why), &why);
    must(db_run(db, "CREATE TABLE t(n INTEGER PRIMARY KEY, text TEXT)", &why), &why);
    must(db_prepare(db, "INSERT INTO t(text) VALUES (?)", insert, &why), &why);
    return db;
}

static nanos commit_bare(struct db *db, struct db_statement *insert)
{
    static const char row[] = "one row of some sixty bytes, which is what a small event has";
    struct fault why;
    nanos start = clock_monotonic();

    must(db_begin(db, &why), &why);
    db_bind_text(insert, 0, row, sizeof row - 1);
    must(db_execute(insert, &why), &why);
    must(db_commit(db, &why), &why);
    nanos took = clock_monotonic() - start;
    if (db_log_pages(db) > 1000)
        must(db_checkpoint(db, &why), &why);
    return took;
}

static void bench_synced(const struct journal_port *port, const char *bare_path, int count)
{
    nanos *bare = mem_new_array((size_t)count, sizeof *bare);
    nanos *intents = mem_new_array((size_t)count, sizeof *intents);
    struct db_statement *insert;
    struct db *db = open_bare(bare_path, &insert);

    for (int i = 0; i < count; i++) {
        bare[i] = commit_bare(db, insert);
        intents[i] = commit_intent(port, (order_number)i + 1, true);
    }
    double one = print_times("one row, bare, synced", bare, count);
    double all = print_times("intent (3 facts), synced", intents, count);
    printf("%-28s %.2f\n", "ratio of the medians", all / one);
    db_statement_free(insert);
    db_close(db);
    mem_free(bare);
    mem_free(intents);
}

static void bench_unsynced(const struct journal_port *port, order_number first, int count)
{
    nanos *times = mem_new_array((size_t)count, sizeof *times);

    for (int i = 0; i < count; i++)
        times[i] = commit_intent(port, first + (order_number)i, false);
    print_times("intent, not synced", times, count);
    mem_free(times);
}

static void bench_encoding(void)
{
    enum { ROUNDS = 200000 };
    struct fact order = order_fact(1), trace = trace_fact(&order), step = step_fact(&order);
    const struct fact *facts[] = {&order, &trace, &step};
    struct buf text = BUF_INIT;

    for (int k = 0; k < 3; k++) {
        nanos start = clock_monotonic();
        for (int i = 0; i < ROUNDS; i++) {
            buf_reset(&text);
            fact_encode(facts[k], &products, &text);
        }
        printf("%-28s %.0f ns, %zu bytes\n",
               k == 0   ? "encoding an order"
               : k == 1 ? "encoding a trace"
                        : "encoding a step",
               (double)(clock_monotonic() - start) / ROUNDS, text.len);
    }
    buf_clear(&text);
}

static void bench_null(bool hashes)
{
    enum { ROUNDS = 1000000 };
    struct journal_null *journal = journal_null_new(hashes);
    struct journal_port port = journal_null_port(journal);
    struct fact order = order_fact(1), step = step_fact(&order);
    char hash[DIGEST_TEXT_MAX];

    nanos start = clock_monotonic();
    for (int i = 0; i < ROUNDS; i++)
        port.append(port.ctx, i % 2 ? &order : &step);
    journal_null_hash(journal, hash);
    printf("%-28s %.1f ns a fact\n", hashes ? "null journal, hashing" : "null journal",
           (double)(clock_monotonic() - start) / ROUNDS);
    journal_null_free(journal);
}

static void check_journal(const char *path)
{
    struct journal_verify_options options = {.path = path};
    struct journal_report report;
    struct fault why;

    nanos start = clock_monotonic();
    must(journal_verify(&options, &report, &why), &why);
    printf("%-28s %.1f us an event (%" PRIu64 " events)\n", "verifying",
           (double)(clock_monotonic() - start) / 1000 / (double)report.events, report.events);
}

static void remove_files(const char *path)
{
    static const char *const ends[] = {"", "-wal", "-shm", ".lock"};
    char name[600];

    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        snprintf(name, sizeof name, "%s%s", path, ends[i]);
        unlink(name);
    }
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : ".";
    int count = argc > 2 ? atoi(argv[2]) : 3000;
    char path[500], bare[500];
    struct journal *journal;
    struct fault why;

    if (count < 100 || strlen(folder) > 400) {
        fprintf(stderr, "usage: journal [folder] [commits, at least 100]\n");
        return 2;
    }
    products.count = 1;
    strcpy(products.items[0].symbol, "BTC-USD");
    strcpy(products.items[0].base, "BTC");
    strcpy(products.items[0].quote, "USD");
    snprintf(path, sizeof path, "%s/bench-%ld.db", folder, (long)getpid());
    snprintf(bare, sizeof bare, "%s/bench-%ld-bare.db", folder, (long)getpid());
    struct journal_options options = {.path = path, .products = &products};
    must(journal_open(&options, &journal, &why), &why);
    struct journal_port port = journal_port(journal);
    bench_synced(&port, bare, count);
    bench_unsynced(&port, (order_number)count + 1, count);
    bench_encoding();
    bench_null(false);
    bench_null(true);
    journal_close(journal);
    check_journal(path);
    remove_files(path);
    remove_files(bare);
    return 0;
}
