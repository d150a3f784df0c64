/* How long a start takes: journals of a trading engine, short and long, without
 * snapshots and with one every ten minutes. Checking the file reads all of it;
 * the replay reads from the last snapshot on. What an engine holds after its start
 * must be what the one before it held.
 *
 *     recover [folder] [facts]       (the present folder, 100000)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"
#include "engine/engine.h"
#include "engine/oms.h"
#include "engine/recover.h"
#include "store/journal.h"

static struct product_table products;
static struct bus *bus; /* of the engine that runs: a venue that fills whole, at once */
static uint64_t fills;

static void must(enum err err, const struct fault *why)
{
    if (!err)
        return;
    fprintf(stderr, "recover: %s\n", why->text);
    exit(1);
}

static void submit(void *ctx, const struct order_request *request)
{
    struct event event = {.kind = EVENT_REPORT, .product = request->product};

    (void)ctx;
    event.report =
        (struct order_report){.kind = REPORT_ACCEPTED, .client_id = request->client_id};
    snprintf(event.report.venue_id.text, VENUE_ORDER_ID_MAX, "v-%llu",
             (unsigned long long)++fills);
    bus_push(bus, &event);
    event.report.kind = REPORT_FILL;
    event.report.has_fill = true;
    event.report.fill = (struct fill){.product = request->product,
                                      .side = request->side,
                                      .size = request->size,
                                      .price = D(100),
                                      .value = decimal_mul(request->size, D(100), ROUND_DOWN)};
    snprintf(event.report.fill.id.text, FILL_ID_MAX, "f-%llu", (unsigned long long)fills);
    bus_push(bus, &event);
}

static void cancel(void *ctx, const client_order_id *client_id, const venue_order_id *venue_id)
{
    (void)ctx, (void)client_id, (void)venue_id; /* nothing ever rests */
}

/* Buys and sells in turns, once in fifty cycles. */
static enum err decide(void *ctx, const struct strategy_call *call, struct decision_list *out,
                       struct fault *why)
{
    uint64_t cycle = call->view->cycle;

    (void)ctx, (void)why;
    if (cycle % 50 == 0)
        out->items[out->count++] = (struct decision){
            .action = cycle % 100 ? ACTION_BUY : ACTION_SELL,
            .type = ORDER_MARKET,
            .tif = TIF_IOC,
            .has_size = true,
            .size = D(1),
        };
    return OK;
}

static struct engine *engine_on(struct journal *journal, nanos every)
{
    struct engine_ports ports = {
        .venue = {.name = "all at once", .submit = submit, .cancel = cancel},
        .journal = journal_port(journal)};
    struct strategy_port strategy = {
        .name = "bench", .wants = HOOK_BIT(HOOK_CYCLE), .call = decide};
    struct engine_settings settings;

    engine_settings_init_unlimited(&settings);
    settings.cycle_every = SECONDS(1);
    settings.snapshot.every = every;
    struct engine *engine = engine_new(&settings, &products, &ports, "bench");
    engine_add_strategy(engine, &strategy);
    bus = engine_bus(engine);
    return engine;
}

static struct journal *open_journal(const char *path)
{
    struct journal_options options = {.path = path, .products = &products};
    struct journal *journal = NULL;
    struct fault why;

    must(journal_open(&options, &journal, &why), &why);
    return journal;
}

/* Runs until the journal is so long, and ends without a word; what it holds then. */
static decimal write_journal(const char *path, uint64_t facts, nanos every)
{
    struct journal *journal = open_journal(path);
    struct engine *engine = engine_on(journal, every);
    struct fact_run run = {.run = "bench"};
    struct event event = {.kind = EVENT_TRADE, .trade = {.price = D(100), .size = D(1)}};
    nanos now = SECONDS(1723161254);
    struct fault why;

    fills = 0;
    must(engine_turn(engine, now, &why), &why);
    engine_set_balance(engine, "USD", D(1000000), "opening");
    must(engine_start(engine, &run, now, &why), &why);
    while (journal_sequence(journal) < facts) {
        event.time = now += SECONDS(1);
        bus_push(bus, &event);
        must(engine_turn(engine, now, &why), &why);
    }
    decimal cash = portfolio_balance(engine_portfolio(engine), "USD").total;
    engine_free(engine);
    journal_close(journal);
    return cash;
}

static double processor_ms(void)
{
    struct timespec time;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

/* Prints how long it took, and returns what there is. */
static decimal start_again(const char *path, const char *what)
{
    struct fault why;
    double begin = processor_ms();
    struct journal *journal = open_journal(path);
    double opened = processor_ms();
    struct engine *engine = engine_on(journal, 0);

    must(engine_recover(engine, SECONDS(1723161254), &why), &why);
    double replayed = processor_ms();
    decimal cash = portfolio_balance(engine_portfolio(engine), "USD").total;
    printf("%7llu events, %-28s check %7.1f ms   replay %7.1f ms\n",
           (unsigned long long)journal_sequence(journal), what, opened - begin,
           replayed - opened);
    engine_free(engine);
    journal_close(journal);
    return cash;
}

static void measure(const char *folder, uint64_t facts)
{
    static const struct {
        const char *what;
        nanos every;
    } ways[] = {{"no snapshot", 0}, {"a snapshot every 10 minutes", MINUTES(10)}};
    char path[512], part[540];
    for (int i = 0; i < 2; i++) {
        snprintf(path, sizeof path, "%s/recover-%d-%d.db", folder, (int)getpid(), i);
        decimal was = write_journal(path, facts, ways[i].every);
        decimal is = start_again(path, ways[i].what);
        if (!decimal_is_equal(was, is)) {
            fprintf(stderr, "recover: the books are not what they were\n");
            exit(1);
        }
        remove(path);
        snprintf(part, sizeof part, "%s.lock", path);
        remove(part);
    }
}

int main(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : ".";
    uint64_t facts = argc > 2 ? strtoull(argv[2], NULL, 10) : 100000;
    struct product *product = &products.items[0];

    product_table_init(&products);
    products.count = 1;
    *product = (struct product){.symbol = "BTC-USD",
                                .base = "BTC",
                                .quote = "USD",
                                .type = PRODUCT_SPOT,
                                .base_increment = {DECIMAL_ONE / 1000},
                                .quote_increment = {DECIMAL_ONE / 100},
                                .price_increment = {DECIMAL_ONE / 100},
                                .base_min_size = {DECIMAL_ONE / 1000},
                                .base_max_size = D(1000),
                                .quote_max_size = D(10000000),
                                .contract_size = D(1)};
    measure(folder, facts / 10);
    measure(folder, facts);
    return 0;
}
