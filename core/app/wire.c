#include "app/wire.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/statvfs.h>

#include "app/fact_log.h"
#include "app/journal_file.h"
#include "app/profile_scripts.h"
#include "app/run_files.h"
#include "app/version.h"
#include "base/mem.h"
#include "engine/recover.h"
#include "engine/warm_up.h"
#include "venue/candles.h"
#include "venue/catalogue.h"
#include "venue/mock.h"

enum { HOSTS_MAX = 256 };

struct wire {
    const struct config *config;
    struct engine_settings settings;
    struct product_table products;
    char journal_path[JOURNAL_PATH_MAX];

    char mock_path[RUN_FILE_MAX], run[RUN_NAME_MAX];
    int traded_count; /* products of the profile, which come first */

    bool has_mock_file, is_resumed;
    struct mock_file_head mock_head;
    struct buf mock_rows;
    nanos beginning, start; /* of the mock's market, and of this run */
    struct profile_scripts *scripts;
    struct mock *mock;
    struct courier *courier;
    struct fault_plan *faults;
    struct journal *journal;
    struct fact_log *log;
    struct engine *engine;
    struct strategy_host *hosts[HOSTS_MAX];
    struct guard_host *guards[GUARDS_MAX];
    struct sizing_host *sizing;
    int host_count, guard_count;
};

static enum err add_products(struct wire *wire, struct fault *why)
{
    const struct option_symbols *symbols = &wire->config->run.symbols;

    for (int i = 0; i < symbols->count; i++) {
        struct product product;
        product_ref ref;
        if (!catalogue_find(symbols->items[i], &product, NULL))
            return fail(why, ERR_MISSING,
                        "the mock venue has no product %s; `symbols` names it",
                        symbols->items[i]);
        enum err err = product_table_add(&wire->products, &product, &ref, why);
        if (err)
            return err;
    }
    return symbols->count ? OK : fail(why, ERR_MISSING, "the profile names no symbols");
}

/* ---- the journal ---- */

/* The lock is taken before anything is moved: a journal in use stays where it is. What lies in
 * the profile's folder is moved in whatever state it is; a file that somebody named may be no
 * journal at all, or the only one of its kind, and is moved only if it is sound. */
static enum err begin_anew(struct wire *wire, const struct wire_options *options, enum err err,
                           struct fault *why)
{
    bool is_named = options->journal_path || wire->config->run.store_file[0];

    if (err == ERR_LOCKED || (err && err != ERR_MISSING && is_named))
        return err;
    bool is_used = err || journal_sequence(wire->journal) > 0 || wire->has_mock_file;
    if (!is_used)
        return OK;
    journal_close(wire->journal);
    wire->journal = NULL;
    wire->has_mock_file = false;
    return run_files_move_aside(wire->journal_path, why);
}

static enum err open_journal(struct wire *wire, const struct wire_options *options,
                             struct fault *why)
{
    struct journal_options how = {.path = wire->journal_path, .products = &wire->products};
    enum err err = journal_open(&how, &wire->journal, why);

    if (options->is_fresh)
        err = begin_anew(wire, options, err, why);
    if (!err && !wire->journal)
        err = journal_open(&how, &wire->journal, why);
    if (err || journal_sequence(wire->journal) == 0 || wire->has_mock_file)
        return err;
    return fail(why, ERR_MISSING,
                "%s: the journal has a history, and the mock broker's side of it is gone (%s). "
                "Put that back, or start anew with --fresh, which moves the journal aside",
                wire->journal_path, wire->mock_path);
}

static enum err find_files(struct wire *wire, const struct wire_options *options,
                           struct fault *why)
{
    enum err err = OK;

    if (options->journal_path)
        err = journal_file_check(options->journal_path, why);
    if (err)
        return err;
    if (options->journal_path)
        snprintf(wire->journal_path, sizeof wire->journal_path, "%s", options->journal_path);
    else
        err = journal_file_of(wire->config, wire->journal_path, why);
    run_files_mock_of(wire->journal_path, wire->mock_path);
    return err ? err : run_files_make_folders(wire->journal_path, why);
}

/* ---- the venue ---- */

/* The profile's chances as kinds of faults; one key may mean several that look alike from here.
 */
static void add_faults(struct wire *wire, const struct mock_faults *from)
{
    const struct {
        decimal chance;
        enum fault_kind kinds[4];
    } rows[] = {
        {from->drop, {FAULT_LOSE_ANSWER, FAULT_LOSE_MESSAGE, FAULT_TIMEOUT}},
        {from->duplicate, {FAULT_DUPLICATE}},
        {from->reorder, {FAULT_REORDER}},
        {from->delay, {FAULT_DELAY}},
        {from->reject, {FAULT_REJECT}},
        {from->rate_limit, {FAULT_RATE_LIMIT}},
        {from->server_error, {FAULT_SERVER_BEFORE, FAULT_SERVER_AFTER}},
        {from->unauthorized, {FAULT_UNAUTHORIZED}},
        {from->disconnect, {FAULT_DISCONNECT}},
    };

    wire->faults = fault_plan_new((uint64_t)wire->config->run.mock.seed);
    fault_plan_set_span(wire->faults, MILLISECONDS(1), from->delay_max);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (const enum fault_kind *kind = rows[i].kinds; *kind != FAULT_NONE; kind++)
            fault_plan_set_chance(wire->faults, *kind, rows[i].chance);
    mock_set_faults(wire->mock, wire->faults);
}

static enum err read_mock_file(struct wire *wire, struct fault *why)
{
    buf_reset(&wire->mock_rows);
    return mock_file_read(wire->mock_path, &wire->mock_head, &wire->mock_rows,
                          &wire->has_mock_file, why);
}

/* What is held or was traded under an older profile is known to the engine still; scripts trade
 * the profile's symbols alone. The rows of markets come first. */
static enum err add_known_products(struct wire *wire, struct fault *why)
{
    static const char begins[] = "{\"market\":{\"product\":\"";
    const char *line = buf_text(&wire->mock_rows);
    enum err err = OK;

    for (; !err && strncmp(line, begins, strlen(begins)) == 0; line = strchr(line, '\n') + 1) {
        struct product product;
        product_ref ref;
        char symbol[SYMBOL_MAX] = "";
        sscanf(line + strlen(begins), "%31[^\"]", symbol);
        if (product_table_find(&wire->products, symbol) == PRODUCT_NONE &&
            catalogue_find(symbol, &product, NULL))
            err = product_table_add(&wire->products, &product, &ref, why);
    }
    return err;
}

static enum err check_market(const struct wire *wire, struct fault *why)
{
    const struct mock_settings *mock = &wire->config->run.mock;
    const struct mock_file_head *head = &wire->mock_head;

    if (head->seed == (uint64_t)mock->seed && head->step == mock->step)
        return OK;
    return fail(why, ERR_REFUSED,
                "%s: the market of this account has mock.seed %llu and its own mock.step, the "
                "settings say another: leave them as they were, or start anew with --fresh",
                wire->mock_path, (unsigned long long)head->seed);
}

static enum err choose_beginning(struct wire *wire, struct fault *why)
{
    const struct mock_settings *mock = &wire->config->run.mock;

    if (wire->has_mock_file) {
        wire->beginning = wire->mock_head.start;
        return check_market(wire, why);
    }
    wire->beginning = clock_wall();
    return mock->start[0] ? nanos_parse(mock->start, &wire->beginning, why) : OK;
}

static void fund_mock(struct wire *wire)
{
    const struct mock_settings *from = &wire->config->run.mock;

    mock_deposit(wire->mock, wire->settings.currency, from->cash);
    for (int i = 0; i < from->balance_count; i++)
        mock_deposit(wire->mock, from->balances[i].currency, from->balances[i].amount);
}

static enum err open_mock(struct wire *wire, struct fault *why)
{
    const struct mock_settings *from = &wire->config->run.mock;
    enum err err = choose_beginning(wire, why);
    struct mock_setup setup = {
        .market = {.seed = (uint64_t)from->seed,
                   .start = wire->beginning,
                   .step = from->step,
                   .fees = {wire->settings.maker_rate, wire->settings.taker_rate},
                   .candle = wire->settings.timeframe,
                   .fills_at_touch = from->deterministic_fills},
        .latency_min = from->latency,
        .latency_max = from->latency,
        .clock_skew = from->clock_skew,
        .has_trades = true,
        .has_book = true,
    };

    if (err)
        return err;
    wire->mock = mock_new(&wire->products, &setup);
    struct venue_port port = mock_port(wire->mock);
    wire->courier = courier_new(&wire->settings, &port, (uint64_t)from->seed);
    add_faults(wire, &from->faults);
    if (!wire->has_mock_file) {
        fund_mock(wire);
        return OK;
    }
    err = mock_load(wire->mock, &wire->mock_rows, why);
    if (err && why)
        fault_prefix(why, "%s: ", wire->mock_path);
    return err;
}

static void connect_mock(struct wire *wire)
{
    struct courier_gate gate = courier_gate_of(wire->engine);

    courier_connect(wire->courier, engine_bus(wire->engine), &gate);
    mock_connect(wire->mock, courier_inbox(wire->courier));
    courier_advance(wire->courier, wire->start);
}

/* The mock goes on where the journal ends, or where it does, whichever is later: what it had
 * told nobody yet it may do again. Its market is closed while nobody runs it; a profile with a
 * time of its own (mock.start) does not feel that. */
static enum err reopen_mock(struct wire *wire, struct fault *why)
{
    const struct mock_settings *from = &wire->config->run.mock;
    nanos then = engine_now(wire->engine), now = then;

    wire->start = wire->beginning;
    if (wire->has_mock_file) {
        if (!from->start[0] && clock_wall() > now)
            now = clock_wall();
        mock_reopen(wire->mock, then, now);
        wire->start = mock_now(wire->mock);
    }
    if (from->silent_after)
        mock_set_silence(wire->mock, wire->start + from->silent_after,
                         from->silent_for ? wire->start + from->silent_after + from->silent_for
                                          : INT64_MAX);
    enum err err = mock_keep(wire->mock, wire->mock_path, why);
    if (!err)
        connect_mock(wire);
    return err;
}

/* ---- the scripts ---- */

static bool trades(const struct strategy_setting *setting, const char *symbol)
{
    if (setting->symbols.count == 0)
        return true;
    for (int i = 0; i < setting->symbols.count; i++)
        if (strcmp(setting->symbols.items[i], symbol) == 0)
            return true;
    return false;
}

static enum err add_strategy(struct wire *wire, const struct script_options *script,
                             product_ref product, bool *is_portfolio, struct fault *why)
{
    struct strategy_host **host = &wire->hosts[wire->host_count];

    if (wire->host_count == HOSTS_MAX)
        return fail(why, ERR_RANGE, "more than %d strategies times symbols", HOSTS_MAX);
    enum err err = strategy_host_new(script, &wire->products, product, host, why);
    if (err)
        return err;
    wire->host_count++;
    struct strategy_port port = strategy_host_port(*host);
    engine_add_strategy(wire->engine, &port);
    *is_portfolio = port.product == PRODUCT_NONE;
    return OK;
}

static product_set markets_of(const struct wire *wire, const struct strategy_setting *setting)
{
    product_set markets = {0};

    for (int i = 0; i < wire->traded_count; i++)
        if (trades(setting, wire->products.items[i].symbol))
            product_set_add(&markets, (product_ref)i);
    return markets;
}

/* One instance for each of its symbols, or one for all of them if the script says so. */
static enum err add_instances(struct wire *wire, int index, struct fault *why)
{
    struct script_options script = profile_scripts_strategies(wire->scripts)[index];
    enum err err = OK;

    script.markets = markets_of(wire, &wire->config->run.strategies[index]);
    for (int i = 0; i < wire->traded_count && !err; i++) {
        bool is_portfolio = false;
        if (product_set_has(script.markets, (product_ref)i))
            err = add_strategy(wire, &script, (product_ref)i, &is_portfolio, why);
        if (is_portfolio)
            break;
    }
    return err;
}

static enum err add_strategies(struct wire *wire, struct fault *why)
{
    enum err err = OK;

    for (int i = 0; i < wire->config->run.strategy_count && !err; i++)
        err = add_instances(wire, i, why);
    return err;
}

static enum err add_guards(struct wire *wire, struct fault *why)
{
    int count;
    const struct script_options *guards = profile_scripts_guards(wire->scripts, &count);

    for (int i = 0; i < count; i++) {
        enum err err = guard_host_new(&guards[i], &wire->products, &wire->guards[i], why);
        if (err)
            return err;
        wire->guard_count++;
        struct guard_port port = guard_host_port(wire->guards[i]);
        engine_add_guard(wire->engine, &port);
    }
    return OK;
}

/* ---- all of it ---- */

static enum err build_engine(struct wire *wire, struct fault *why)
{
    struct journal_port inner = journal_port(wire->journal);
    struct engine_ports ports = {.venue = courier_port(wire->courier)};
    const struct script_options *sizing = profile_scripts_sizing(wire->scripts);

    if (sizing) {
        enum err err = sizing_host_new(sizing, &wire->products, &wire->sizing, why);
        if (err)
            return err;
        ports.sizing = sizing_host_port(wire->sizing);
    }
    wire->log = fact_log_new(&inner, &wire->products);
    ports.journal = fact_log_port(wire->log);
    run_files_name_run(wire->beginning, (uint64_t)wire->config->run.mock.seed,
                       journal_sequence(wire->journal),
                       simulator_order_count(mock_simulator(wire->mock)), wire->run);
    wire->is_resumed = journal_sequence(wire->journal) > 0;
    wire->engine = engine_new(&wire->settings, &wire->products, &ports, wire->run);
    fact_log_set_engine(wire->log, wire->engine);
    enum err err = add_strategies(wire, why);
    return err ? err : add_guards(wire, why);
}

static enum err open_all(struct wire *wire, const struct wire_options *options,
                         struct fault *why)
{
    enum err err = find_files(wire, options, why);

    if (err)
        return err;
    err = read_mock_file(wire, why);
    if (err && options->is_fresh) {
        wire->has_mock_file = true; /* whatever it is, it is moved aside */
        err = OK;
    }
    if (!err && !options->is_fresh)
        err = add_known_products(wire, why);
    if (!err)
        err = open_journal(wire, options, why);
    if (!err) /* again: until the lock was taken another engine may have run */
        err = read_mock_file(wire, why);
    return err ? err : open_mock(wire, why);
}

/* What there was before is in the journal: the engine is where it was, and the venue is asked
 * what has become of everything before new risk is taken. */
static enum err resume(struct wire *wire, struct fault *why)
{
    enum err err = engine_recover(wire->engine, mock_now(wire->mock), why);

    return err ? err : reopen_mock(wire, why);
}

enum err wire_new(const struct config *config, const struct wire_options *options,
                  struct wire **out, struct fault *why)
{
    struct wire *wire = mem_new(sizeof *wire);
    enum err err = config_check_honoured(config, why);

    wire->config = config;
    wire->settings = config->engine;
    wire->settings.timeframe = config->run.timeframe;
    wire->scripts = profile_scripts_new(&config->run, (uint64_t)config->run.mock.seed);
    product_table_init(&wire->products);
    if (!err)
        err = add_products(wire, why);
    wire->traded_count = wire->products.count;
    if (!err)
        err = open_all(wire, options, why);
    if (!err)
        err = build_engine(wire, why);
    if (!err)
        err = resume(wire, why);
    if (err) {
        wire_free(wire);
        return err;
    }
    *out = wire;
    return OK;
}

void wire_free(struct wire *wire)
{
    if (!wire)
        return;
    engine_free(wire->engine);
    for (int i = 0; i < wire->host_count; i++)
        strategy_host_free(wire->hosts[i]);
    for (int i = 0; i < wire->guard_count; i++)
        guard_host_free(wire->guards[i]);
    sizing_host_free(wire->sizing);
    fact_log_free(wire->log);
    journal_close(wire->journal);
    courier_free(wire->courier);
    mock_free(wire->mock);
    buf_clear(&wire->mock_rows);
    fault_plan_free(wire->faults);
    profile_scripts_free(wire->scripts);
    mem_free(wire);
}

/* What the account holds when its journal begins. */
static void open_account(struct wire *wire)
{
    const struct ledger *ledger = simulator_ledger(mock_simulator(wire->mock));

    for (int i = 0; i < ledger_currency_count(ledger); i++) {
        const char *currency = ledger_currency_at(ledger, i);
        if (!decimal_is_zero(ledger_total(ledger, currency)))
            engine_set_balance(wire->engine, currency, ledger_total(ledger, currency),
                               "opening");
    }
}

/* Indicators go on where they were. The market is told how much of its past will be asked for
 * the next time, before it has any. */
static void warm_up(struct wire *wire)
{
    struct simulator *market = mock_simulator(wire->mock);
    int64_t wanted = warm_up_bars_wanted(wire->engine);
    int max = wanted < CANDLES_MAX ? (int)wanted : CANDLES_MAX;

    for (int i = 0; i < wire->products.count; i++) {
        struct bar *bars;
        int count = simulator_candles(market, (product_ref)i, max, &bars);
        warm_up_feed(wire->engine, (product_ref)i, bars, count);
        mem_free(bars);
    }
    simulator_set_candles(market, max);
}

enum err wire_start(struct wire *wire, nanos now, struct fault *why)
{
    struct fact_run run = {.seed = (uint64_t)wire->config->run.mock.seed};

    snprintf(run.run, sizeof run.run, "%s", wire->run);
    snprintf(run.profile, sizeof run.profile, "%.47s", wire->config->name);
    snprintf(run.version, sizeof run.version, "%s", PERIGEE_VERSION);
    snprintf(run.venue, sizeof run.venue, "mock");
    log_set_time(now);
    enum err err =
        engine_turn(wire->engine, now, why); /* what follows is stamped with the start */
    if (err)
        return err;
    if (!wire->is_resumed)
        open_account(wire);
    err = engine_start(wire->engine, &run, now, why);
    if (!err)
        warm_up(wire);
    return err;
}

void wire_measure(struct wire *wire)
{
    struct event event = {.kind = EVENT_GAUGE, .product = PRODUCT_NONE};
    struct statvfs disk;

    if (statvfs(wire->journal_path, &disk) != 0)
        return;
    uint64_t free = (uint64_t)disk.f_bavail * disk.f_frsize / (1024 * 1024);
    event.gauge = (struct gauge_event){GAUGE_DISK_FREE, decimal_from_int((int64_t)free)};
    bus_push(engine_bus(wire->engine), &event);
}

struct engine *wire_engine(struct wire *wire)
{
    return wire->engine;
}

const struct courier *wire_courier(const struct wire *wire)
{
    return wire->courier;
}

nanos wire_next_time(const struct wire *wire)
{
    nanos venue = mock_next_time(wire->mock), courier = courier_next_time(wire->courier);

    return venue < courier ? venue : courier;
}

void wire_advance(struct wire *wire, nanos now)
{
    mock_advance(wire->mock, now);
    courier_advance(wire->courier, now);
}

enum err wire_check_venue(const struct wire *wire, struct fault *why)
{
    return mock_check_file(wire->mock, why);
}

enum err wire_hang_up(struct wire *wire, struct fault *why)
{
    mock_hang_up(wire->mock);
    return mock_check_file(wire->mock, why);
}

nanos wire_start_time(const struct wire *wire)
{
    return wire->start;
}

const struct journal *wire_journal(const struct wire *wire)
{
    return wire->journal;
}

const struct product_table *wire_products(const struct wire *wire)
{
    return &wire->products;
}

const char *wire_journal_path(const struct wire *wire)
{
    return wire->journal_path;
}

bool wire_is_resumed(const struct wire *wire)
{
    return wire->is_resumed;
}
