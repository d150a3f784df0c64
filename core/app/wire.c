#include "app/wire.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "app/fact_log.h"
#include "app/journal_aside.h"
#include "app/journal_file.h"
#include "app/profile_scripts.h"
#include "app/version.h"
#include "base/mem.h"
#include "venue/catalogue.h"
#include "venue/mock.h"

enum { HOSTS_MAX = 256 };

struct wire {
    const struct config *config;
    struct engine_settings settings;
    struct product_table products;
    char journal_path[JOURNAL_PATH_MAX];

    nanos start; /* of the mock's market */
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

static enum err make_folders(char *path, struct fault *why)
{
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        int code = mkdir(path, 0700);
        int reason = errno;
        if (code != 0 && reason != EEXIST)
            return fail(why, ERR_IO, "%s: %s; set PERIGEE_HOME to a folder that can be written",
                        path, strerror(reason));
        *slash = '/';
    }
    return OK;
}

/* The lock is taken before anything is moved: a journal in use stays where it is. What the mock
 * left in the profile's folder is moved in whatever state it is; a file that somebody named may
 * be no journal at all, or the only one of its kind, and is moved only if it is sound. */
static enum err open_journal(struct wire *wire, const struct wire_options *options,
                             struct fault *why)
{
    struct journal_options how = {.path = wire->journal_path, .products = &wire->products};
    enum err err = OK;

    if (options->journal_path)
        snprintf(wire->journal_path, sizeof wire->journal_path, "%s", options->journal_path);
    else
        err = journal_file_of(wire->config, wire->journal_path, why);
    if (!err)
        err = make_folders(wire->journal_path, why);
    if (err)
        return err;
    err = journal_open(&how, &wire->journal, why);
    bool is_used = !err && journal_sequence(wire->journal) > 0;
    bool is_named = options->journal_path || wire->config->run.store_file[0];
    bool is_lost = err == ERR_MISSING || (err && err != ERR_LOCKED && !is_named);
    if (options->is_fresh && (is_used || is_lost)) {
        journal_close(wire->journal);
        wire->journal = NULL;
        err = journal_aside_move(wire->journal_path, !is_named, why);
        if (!err)
            err = journal_open(&how, &wire->journal, why);
    }
    return err;
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
        {from->disconnect, {FAULT_DISCONNECT}},
    };

    wire->faults = fault_plan_new((uint64_t)wire->config->run.mock.seed);
    fault_plan_set_span(wire->faults, MILLISECONDS(1), from->delay_max);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (const enum fault_kind *kind = rows[i].kinds; *kind != FAULT_NONE; kind++)
            fault_plan_set_chance(wire->faults, *kind, rows[i].chance);
    mock_set_faults(wire->mock, wire->faults);
}

static enum err open_mock(struct wire *wire, struct fault *why)
{
    const struct mock_settings *from = &wire->config->run.mock;
    struct mock_setup setup = {
        .market = {.seed = (uint64_t)from->seed,
                   .start = clock_wall(),
                   .step = from->step,
                   .fees = {wire->settings.maker_rate, wire->settings.taker_rate},
                   .fills_at_touch = from->deterministic_fills},
        .latency_min = from->latency,
        .latency_max = from->latency,
        .clock_skew = from->clock_skew,
        .has_trades = true,
        .has_book = true,
    };

    if (from->start[0]) {
        enum err err = nanos_parse(from->start, &setup.market.start, why);
        if (err)
            return err;
    }
    wire->start = setup.market.start;
    if (from->silent_after) {
        setup.silent_from = wire->start + from->silent_after;
        setup.silent_until =
            from->silent_for ? setup.silent_from + from->silent_for : INT64_MAX;
    }
    wire->mock = mock_new(&wire->products, &setup);
    struct venue_port port = mock_port(wire->mock);
    wire->courier = courier_new(&wire->settings, &port, (uint64_t)from->seed);
    add_faults(wire, &from->faults);
    mock_deposit(wire->mock, wire->settings.currency, from->cash);
    for (int i = 0; i < from->balance_count; i++)
        mock_deposit(wire->mock, from->balances[i].currency, from->balances[i].amount);
    return OK;
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

    for (int i = 0; i < wire->products.count; i++)
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
    for (int i = 0; i < wire->products.count && !err; i++) {
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
    char run[16];

    if (sizing) {
        enum err err = sizing_host_new(sizing, &wire->products, &wire->sizing, why);
        if (err)
            return err;
        ports.sizing = sizing_host_port(wire->sizing);
    }
    wire->log = fact_log_new(&inner, &wire->products);
    ports.journal = fact_log_port(wire->log);
    /* Client ids must differ between starts on one journal: its length names the start. */
    snprintf(run, sizeof run, "%llx", (unsigned long long)journal_sequence(wire->journal));
    wire->engine = engine_new(&wire->settings, &wire->products, &ports, run);
    fact_log_set_engine(wire->log, wire->engine);
    struct courier_gate gate = courier_gate_of(wire->engine);
    courier_connect(wire->courier, engine_bus(wire->engine), &gate);
    mock_connect(wire->mock, courier_inbox(wire->courier));
    courier_advance(wire->courier, wire->start);
    enum err err = add_strategies(wire, why);
    return err ? err : add_guards(wire, why);
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
    if (!err)
        err = open_mock(wire, why);
    if (!err)
        err = open_journal(wire, options, why);
    if (!err)
        err = build_engine(wire, why);
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
    fault_plan_free(wire->faults);
    profile_scripts_free(wire->scripts);
    mem_free(wire);
}

/* The mock's opening balances become the account's. */
static void open_account(struct wire *wire)
{
    const struct mock_settings *mock = &wire->config->run.mock;

    engine_set_balance(wire->engine, wire->settings.currency, mock->cash, "opening");
    for (int i = 0; i < mock->balance_count; i++)
        engine_set_balance(wire->engine, mock->balances[i].currency, mock->balances[i].amount,
                           "opening");
}

enum err wire_start(struct wire *wire, nanos now, struct fault *why)
{
    struct fact_run run = {.seed = (uint64_t)wire->config->run.mock.seed};

    snprintf(run.run, sizeof run.run, "%llx",
             (unsigned long long)journal_sequence(wire->journal));
    snprintf(run.profile, sizeof run.profile, "%.47s", wire->config->name);
    snprintf(run.version, sizeof run.version, "%s", PERIGEE_VERSION);
    snprintf(run.venue, sizeof run.venue, "mock");
    log_set_time(now);
    enum err err =
        engine_turn(wire->engine, now, why); /* what follows is stamped with the start */
    if (err)
        return err;
    open_account(wire);
    return engine_start(wire->engine, &run, now, why);
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
