/* What a profile says beyond the engine's own settings: which venue, which
 * symbols, which scripts with which parameters, the mock's market, logging,
 * storage, monitoring. The composition root builds the run from it. */
#ifndef APP_RUN_SETTINGS_H
#define APP_RUN_SETTINGS_H

#include "base/decimal.h"
#include "base/log.h"
#include "base/options.h"
#include "engine/metric_guard.h"

enum venue_kind { VENUE_MOCK, VENUE_PAPER, VENUE_COINBASE, VENUE_KIND_COUNT };

const char *venue_kind_name(enum venue_kind kind); /* "mock" */

enum {
    SCRIPT_NAME_MAX = 200, /* a name or a path */
    STRATEGIES_MAX = 32,
    GUARDS_MAX = 32,
    BALANCES_MAX = 32,
    RUN_TEXT_MAX = 200,
};

struct strategy_setting {
    char script[SCRIPT_NAME_MAX]; /* "sma_cross", or a file */
    struct option_params params;
    struct option_symbols symbols; /* empty: all of the profile */
    nanos timeframe;               /* 0: that of the profile */
};

/* A guard is a script, or a rule written as data. */
struct guard_setting {
    char script[SCRIPT_NAME_MAX];
    struct option_params params;

    struct metric_guard rule; /* .metric METRIC_NONE: none */
    struct option_symbols symbols;
};

struct balance_setting {
    char currency[OPTION_SYMBOL_MAX];
    decimal amount;
};

/* Chances are per message, 0 to 1. */
struct mock_faults {
    decimal drop, duplicate, reorder, reject, rate_limit, server_error, unauthorized,
        disconnect;
    decimal delay;
    nanos delay_max;
};

struct mock_settings {
    int64_t seed;
    decimal cash; /* account currency at the start */
    struct balance_setting balances[BALANCES_MAX];
    int balance_count;
    char start[32]; /* simulated time of the start; "": the real time */
    nanos step;     /* simulated time between two moves of the market */
    int64_t speed;  /* simulated time against real time; 0: as fast as it goes */
    nanos latency;
    nanos clock_skew;   /* of its clock */
    nanos silent_after; /* of the run; 0: never */
    nanos silent_for;   /* 0: for good */
    bool deterministic_fills;
    struct mock_faults faults;
};

struct script_settings {
    int64_t memory_mib;
    nanos call_time, start_time;
};

struct log_settings {
    enum log_level level;
    int format; /* 0 text, 1 JSON */
};

struct run_settings {
    char description[RUN_TEXT_MAX];
    enum venue_kind venue;
    struct option_symbols symbols;
    nanos timeframe;
    struct strategy_setting strategies[STRATEGIES_MAX];
    int strategy_count;
    struct guard_setting guards[GUARDS_MAX];
    int guard_count;
    char sizing_rule[SCRIPT_NAME_MAX]; /* "": the engine's fixed sizes and fraction */
    struct option_params sizing_params;
    struct mock_settings mock;
    struct script_settings scripts;
    struct log_settings log;
    char store_file[RUN_TEXT_MAX];     /* "": perigee.db in the profile's folder of state */
    char monitor_listen[RUN_TEXT_MAX]; /* "": none */
    char monitor_webhook[RUN_TEXT_MAX];
    nanos status_every;
};

/* Binds the tables to *settings and writes the defaults. */
void run_settings_add(struct run_settings *settings, struct options *options);

/* The guards that are rules, as the engine takes them; they borrow their symbols. How many. */
int run_settings_rules(const struct run_settings *settings,
                       struct metric_guard out[METRIC_GUARDS_MAX]);

/* What no range can say. *key (at most OPTION_KEY_MAX) then names the setting. ERR_RANGE. */
enum err run_settings_check(const struct run_settings *settings, char key[OPTION_KEY_MAX],
                            struct fault *why) MUST_CHECK;

#endif
