#include "app/run_settings.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define AT(field) offsetof(struct run_settings, field)

static const char *const venue_names[] = {
    [VENUE_MOCK] = "mock",
    [VENUE_PAPER] = "paper",
    [VENUE_COINBASE] = "coinbase",
    NULL,
};
static_assert(ARRAY_LEN(venue_names) == VENUE_KIND_COUNT + 1, "name every venue");

const char *venue_kind_name(enum venue_kind kind)
{
    assert(kind < VENUE_KIND_COUNT);
    return venue_names[kind];
}

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warn",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
    NULL,
};
static const char *const format_names[] = {"text", "json", NULL};

/* clang-format off */
#define TEXT(name, field, bytes, initial_, help_)                                              \
    {.key = name, .type = OPTION_TEXT, .offset = field, .size = bytes, .initial = initial_,    \
     .help = help_}
#define NAMED(name, field, names, initial_, help_)                                             \
    {.key = name, .type = OPTION_CHOICE, .offset = field, .choices = names,                    \
     .initial = initial_, .help = help_}
#define SPAN(name, field, initial_, min_, max_, none_, help_)                                  \
    {.key = name, .type = OPTION_DURATION, .offset = field, .initial = initial_, .min = min_,  \
     .max = max_, .none = none_, .help = help_}
#define CHANCE(name, field, help_)                                                             \
    {.key = name, .type = OPTION_SHARE, .offset = AT(field), .initial = "0%", .min = "0%",     \
     .max = "100%", .help = help_}
/* clang-format on */

static const struct option general_options[] = {
    TEXT("description", AT(description), RUN_TEXT_MAX, "",
         "What the profile is for, in a sentence. Shown when it starts."),
    {.key = "venue",
     .type = OPTION_CHOICE,
     .offset = AT(venue),
     .choices = venue_names,
     .initial = "mock",
     .planned = "paper coinbase",
     .help = "Where orders go: the embedded mock broker, paper trading on live prices, or "
             "Coinbase with real money."},
    {.key = "symbols",
     .type = OPTION_SYMBOLS,
     .offset = AT(symbols),
     .initial = "BTC-USD",
     .help = "What is traded."},
    SPAN("timeframe", AT(timeframe), "1m", "1s", "1d", NULL,
         "Length of a bar. A day must be a whole number of them."),
};

static const struct option strategy_options[] = {
    {.key = "script",
     .type = OPTION_TEXT,
     .offset = offsetof(struct strategy_setting, script),
     .size = SCRIPT_NAME_MAX,
     .initial = "",
     .is_main = true,
     .help = "Name of a strategy under `lua/strategies/`, or a file."},
    {.key = "params",
     .type = OPTION_PARAMS,
     .offset = offsetof(struct strategy_setting, params),
     .help = "Parameters that the script declares."},
    {.key = "symbols",
     .type = OPTION_SYMBOLS,
     .offset = offsetof(struct strategy_setting, symbols),
     .initial = "",
     .help = "The symbols it trades; without them all of the profile."},
    SPAN("timeframe", offsetof(struct strategy_setting, timeframe), "none", "1s", "1d",
         "that of the profile", "Length of the bars it is given."),
};
static const struct option_elements strategy_elements = {OPTION_BY_NUMBER, AT(strategies),
                                                         sizeof(struct strategy_setting),
                                                         AT(strategy_count), STRATEGIES_MAX};

#define OF_GUARD(field) offsetof(struct guard_setting, field)
#define OF_RULE(field)  offsetof(struct guard_setting, rule.field)
static const struct option guard_options[] = {
    {.key = "script",
     .type = OPTION_TEXT,
     .offset = OF_GUARD(script),
     .size = SCRIPT_NAME_MAX,
     .initial = "",
     .is_main = true,
     .help = "Name of a guard under `lua/guards/`, or a file."},
    {.key = "params",
     .type = OPTION_PARAMS,
     .offset = OF_GUARD(params),
     .help = "Parameters that the script declares."},
    {.key = "metric",
     .type = OPTION_CHOICE,
     .offset = OF_RULE(metric),
     .choices = metric_names,
     .unit = "the name of a figure; docs/metrics.md lists them",
     .initial = "none",
     .help = "Instead of a script: the figure that a rule watches."},
    NAMED("compare", OF_RULE(compare), comparison_names, "gt",
          "How the figure compares with the threshold when the rule is broken."),
    {.key = "threshold",
     .type = OPTION_DECIMAL,
     .offset = OF_RULE(threshold),
     .initial = "0",
     .help = "What the figure is compared with, in the figure's unit."},
    {.key = "symbols",
     .type = OPTION_SYMBOLS,
     .offset = OF_GUARD(symbols),
     .initial = "",
     .help = "Of a figure of symbols: those it watches; without them all of the profile."},
    {.key = "warning_share",
     .type = OPTION_SHARE,
     .offset = OF_RULE(warning_share),
     .initial = "none",
     .min = "1%",
     .max = "100%",
     .none = "no warning",
     .help = "Share of the threshold at which a warning is given."},
    SPAN("window", OF_RULE(window), "none", "1s", "7d", "what the figure is now",
         "Time that the figure is reckoned over, of those that are."),
    SPAN("lasting", OF_RULE(lasting), "none", "1s", "1d", "at once",
         "How long the rule must be broken before it acts."),
    SPAN("cooldown", OF_RULE(cooldown), "5m", "1s", "1d", "none",
         "How long it rests after an operator resumed what it held, and between two warnings."),
    NAMED("action", OF_RULE(action), rule_action_names, "reduce_only",
          "What it does: only tell; let pass only what reduces; that, and cancel the orders "
          "that could make a position larger; pause; halt."),
    SPAN("action_for", OF_RULE(action_for), "none", "1s", "7d", "until an operator resumes",
         "For how long, counted from when the rule was last broken."),
    NAMED("scope", OF_RULE(scope), rule_scope_names, "metric",
          "What it acts on: the symbol, where the figure is a symbol's, or everything."),
};
static const struct option_elements guard_elements = {
    OPTION_BY_NUMBER, AT(guards), sizeof(struct guard_setting), AT(guard_count), GUARDS_MAX};

static const struct option sizing_options[] = {
    TEXT("rule", AT(sizing_rule), SCRIPT_NAME_MAX, "",
         "Name of a rule under `lua/sizing/`, or a file, that sizes entries instead."),
    {.key = "params",
     .type = OPTION_PARAMS,
     .offset = AT(sizing_params),
     .help = "Parameters that the rule declares."},
};

static const struct option mock_options[] = {
    {.key = "seed",
     .type = OPTION_INT,
     .offset = AT(mock.seed),
     .initial = "1",
     .min = "0",
     .max = "9007199254740992",
     .help = "The same seed gives the same market, fills and faults."},
    {.key = "cash",
     .type = OPTION_DECIMAL,
     .offset = AT(mock.cash),
     .initial = "100000",
     .min = "0",
     .unit = "in account currency",
     .help = "What the account holds at the start."},
    TEXT("start", AT(mock.start), sizeof((struct run_settings *)0)->mock.start, "",
         "Simulated time of the start, UTC, such as \"2026-01-05T14:00\"; empty for the real "
         "time."),
    SPAN("step", AT(mock.step), "1s", "1ms", "1h", NULL,
         "Simulated time between two moves of the market."),
    {.key = "speed",
     .type = OPTION_INT,
     .offset = AT(mock.speed),
     .initial = "1",
     .min = "1",
     .max = "1000000",
     .none = "as fast as it goes",
     .help = "Simulated seconds in a real one."},
    SPAN("latency", AT(mock.latency), "50ms", "1us", "1m", "none",
         "Time from a request to its answer."),
    SPAN("clock_skew", AT(mock.clock_skew), "none", "1ms", "1h", "none",
         "How far its clock is ahead of this machine's."),
    SPAN("silent_after", AT(mock.silent_after), "none", "1s", "30d", "never",
         "From this much time after the start it answers nothing and tells nothing, as if the "
         "line were cut."),
    SPAN("silent_for", AT(mock.silent_for), "none", "1s", "30d", "for good",
         "How long that lasts."),
    {.key = "deterministic_fills",
     .type = OPTION_BOOL,
     .offset = AT(mock.deterministic_fills),
     .initial = "false",
     .help =
         "Fill every order whole and at once at its limit or the best price, with no partial "
         "fills and no queue."},
};

static const struct option balance_options[] = {
    {.key = "",
     .type = OPTION_DECIMAL,
     .offset = offsetof(struct balance_setting, amount),
     .initial = "0",
     .min = "0",
     .help = "What the account holds of this currency at the start."},
};
static const struct option_elements balance_elements = {OPTION_BY_WORD, AT(mock.balances),
                                                        sizeof(struct balance_setting),
                                                        AT(mock.balance_count), BALANCES_MAX};

static const struct option fault_options[] = {
    CHANCE("drop", mock.faults.drop, "An answer is lost on its way."),
    CHANCE("duplicate", mock.faults.duplicate, "An answer comes twice."),
    CHANCE("reorder", mock.faults.reorder, "An answer overtakes the one before."),
    CHANCE("delay", mock.faults.delay, "An answer is late."),
    SPAN("delay_max", AT(mock.faults.delay_max), "5s", "1ms", "10m", NULL, "How late at most."),
    CHANCE("reject", mock.faults.reject, "An order is refused for no reason."),
    CHANCE("rate_limit", mock.faults.rate_limit, "A request is answered with 429."),
    CHANCE("server_error", mock.faults.server_error, "A request is answered with a 5xx."),
    CHANCE("unauthorized", mock.faults.unauthorized, "A request is answered with 401."),
    CHANCE("disconnect", mock.faults.disconnect, "The stream breaks."),
};

static const struct option script_options[] = {
    {.key = "memory_mib",
     .type = OPTION_INT,
     .offset = AT(scripts.memory_mib),
     .initial = "16",
     .min = "1",
     .max = "1024",
     .unit = "MiB",
     .help = "Memory of one script; one that wants more is switched off."},
    SPAN("call_time", AT(scripts.call_time), "20ms", "1ms", "10s", NULL,
         "Processor time of one call; one that takes longer is a strike."),
    SPAN("start_time", AT(scripts.start_time), "1s", "1ms", "1m", NULL,
         "Processor time of loading and starting."),
};

static const struct option log_options[] = {
    NAMED("level", AT(log.level), level_names, "info", "What is said, and all that is worse."),
    NAMED("format", AT(log.format), format_names, "text", "For people or for machines."),
};

static const struct option store_options[] = {
    TEXT("file", AT(store_file), RUN_TEXT_MAX, "",
         "The journal's file; empty for perigee.db in the profile's folder of state."),
};

static const struct option monitor_options[] = {
    {.key = "listen",
     .type = OPTION_TEXT,
     .offset = AT(monitor_listen),
     .size = RUN_TEXT_MAX,
     .initial = "",
     .planned = "*",
     .help =
         "Address of the page for health and metrics, such as \"127.0.0.1:9090\"; empty for "
         "none."},
    {.key = "webhook",
     .type = OPTION_TEXT,
     .offset = AT(monitor_webhook),
     .size = RUN_TEXT_MAX,
     .initial = "",
     .planned = "*",
     .help = "Address that alerts are posted to; empty for none."},
    SPAN("status_every", AT(status_every), "1m", "1s", "1h", "never",
         "How often a line on equity, exposure and level is logged."),
};

#define TABLE(prefix, title, help, options, elements)                                          \
    {                                                                                          \
        prefix, title, help, options, ARRAY_LEN(options), elements                             \
    }

static const struct option_table tables[] = {
    TABLE("", "The run", "", general_options, NULL),
    TABLE("strategies", "Strategies",
          "A list: `strategies = { { script = \"sma_cross\", params = { fast = 10 } } }`, or "
          "just names: `strategies = { \"sma_cross\" }`.",
          strategy_options, &strategy_elements),
    TABLE("guards", "Guards of your own",
          "A list like that of strategies. Each is a script, or a rule written as data: "
          "`guards = { { metric = \"spread_bps\", compare = \"gt\", threshold = 40 } }`. "
          "docs/metrics.md says what can be watched, and what a rule does.",
          guard_options, &guard_elements),
    TABLE("sizing", "Sizing rule", "", sizing_options, NULL),
    TABLE("mock", "The mock broker", "Used when `venue` is `mock`.", mock_options, NULL),
    TABLE("mock.balances", "Balances of the mock",
          "Besides `mock.cash`: `mock = { balances = { BTC = \"0.5\" } }`.", balance_options,
          &balance_elements),
    TABLE("mock.faults", "Faults of the mock",
          "Chances per message, to see what the bot makes of a bad day.", fault_options, NULL),
    TABLE("scripts", "Budgets of scripts", "", script_options, NULL),
    TABLE("log", "Log", "", log_options, NULL),
    TABLE("store", "Storage", "", store_options, NULL),
    TABLE("monitor", "Monitoring", "", monitor_options, NULL),
};

void run_settings_add(struct run_settings *settings, struct options *options)
{
    memset(settings, 0, sizeof *settings);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        options_add(options, &tables[i], settings);
}

/* ---- what belongs together ---- */

static bool has_symbol(const struct option_symbols *symbols, const char *symbol)
{
    for (int i = 0; i < symbols->count; i++)
        if (strcmp(symbols->items[i], symbol) == 0)
            return true;
    return false;
}

static bool divides_day(nanos timeframe)
{
    return timeframe == 0 || DAYS(1) % timeframe == 0;
}

static enum err check_general(const struct run_settings *settings, char key[OPTION_KEY_MAX],
                              struct fault *why)
{
    nanos start;

    strcpy(key, "symbols");
    if (settings->symbols.count == 0)
        return fail(why, ERR_RANGE, "symbols is empty: name at least one, such as \"BTC-USD\"");
    strcpy(key, "timeframe");
    if (!divides_day(settings->timeframe))
        return fail(why, ERR_RANGE, "timeframe: a day is not a whole number of such bars");
    strcpy(key, "sizing.rule");
    if (settings->sizing_params.count > 0 && !settings->sizing_rule[0])
        return fail(why, ERR_RANGE, "sizing.rule is missing, but sizing.params are given");
    strcpy(key, "mock.silent_for");
    if (settings->mock.silent_for && !settings->mock.silent_after)
        return fail(why, ERR_RANGE, "mock.silent_for: mock.silent_after is missing");
    strcpy(key, "mock.start");
    if (settings->mock.start[0] && nanos_parse(settings->mock.start, &start, why)) {
        if (why)
            fault_prefix(why, "mock.start: ");
        return ERR_RANGE;
    }
    if (settings->mock.start[0] && start <= 0)
        return fail(why, ERR_RANGE, "mock.start: must lie after 1970-01-01");
    return OK;
}

static enum err check_strategy(const struct run_settings *settings, int index,
                               char key[OPTION_KEY_MAX], struct fault *why)
{
    const struct strategy_setting *strategy = &settings->strategies[index];

    snprintf(key, OPTION_KEY_MAX, "strategies.%d.script", index + 1);
    if (!strategy->script[0])
        return fail(why, ERR_RANGE, "%s is missing: which strategy is it?", key);
    snprintf(key, OPTION_KEY_MAX, "strategies.%d.timeframe", index + 1);
    if (!divides_day(strategy->timeframe))
        return fail(why, ERR_RANGE, "%s: a day is not a whole number of such bars", key);
    snprintf(key, OPTION_KEY_MAX, "strategies.%d.symbols", index + 1);
    for (int i = 0; i < strategy->symbols.count; i++)
        if (!has_symbol(&settings->symbols, strategy->symbols.items[i]))
            return fail(why, ERR_RANGE, "%s: %s is not among the profile's symbols", key,
                        strategy->symbols.items[i]);
    return OK;
}

static bool is_rule(const struct guard_setting *guard)
{
    return guard->rule.metric != METRIC_NONE;
}

static struct metric_guard rule_of(const struct guard_setting *guard, int index)
{
    struct metric_guard rule = guard->rule;

    rule.place = index + 1;
    rule.symbols = &guard->symbols;
    return rule;
}

int run_settings_rules(const struct run_settings *settings,
                       struct metric_guard out[METRIC_GUARDS_MAX])
{
    int count = 0;

    for (int i = 0; i < settings->guard_count; i++)
        if (is_rule(&settings->guards[i]))
            out[count++] = rule_of(&settings->guards[i], i);
    return count;
}

static enum err check_rule(const struct run_settings *settings, int index,
                           char key[OPTION_KEY_MAX], struct fault *why)
{
    const struct option_symbols *symbols = &settings->guards[index].symbols;
    struct metric_guard rule = rule_of(&settings->guards[index], index);
    const char *which = "metric";
    enum err err = metric_guard_check(&rule, &which, why);

    snprintf(key, OPTION_KEY_MAX, "guards.%d.%s", index + 1, which);
    if (err && why)
        fault_prefix(why, "guards.%d.", index + 1);
    if (err)
        return err;
    snprintf(key, OPTION_KEY_MAX, "guards.%d.symbols", index + 1);
    for (int i = 0; i < symbols->count; i++)
        if (!has_symbol(&settings->symbols, symbols->items[i]))
            return fail(why, ERR_RANGE, "%s: %s is not among the profile's symbols", key,
                        symbols->items[i]);
    return OK;
}

static enum err check_guard(const struct run_settings *settings, int index,
                            char key[OPTION_KEY_MAX], struct fault *why)
{
    const struct guard_setting *guard = &settings->guards[index];

    snprintf(key, OPTION_KEY_MAX, "guards.%d.script", index + 1);
    if (!guard->script[0] && !is_rule(guard))
        return fail(why, ERR_RANGE, "guards.%d: name a script or a metric", index + 1);
    if (guard->script[0] && is_rule(guard))
        return fail(why, ERR_RANGE, "guards.%d: a guard is a script or a metric, not both",
                    index + 1);
    return guard->script[0] ? OK : check_rule(settings, index, key, why);
}

enum err run_settings_check(const struct run_settings *settings, char key[OPTION_KEY_MAX],
                            struct fault *why)
{
    enum err err = check_general(settings, key, why);

    for (int i = 0; !err && i < settings->strategy_count; i++)
        err = check_strategy(settings, i, key, why);
    for (int i = 0; !err && i < settings->guard_count; i++)
        err = check_guard(settings, i, key, why);
    return err;
}
