/* Everything a profile can tell the engine: limits, guards, degradation,
 * retries, reconciliation. One validated configuration, filled from tables
 * of options (settings.c), each with key, type, range, default and help.
 *
 * Zero means "no limit" wherever the option's row says so, and nowhere else. */
#ifndef ENGINE_SETTINGS_H
#define ENGINE_SETTINGS_H

#include "base/clock.h"
#include "base/decimal.h"
#include "base/options.h"
#include "engine/metric_guard.h"
#include "model/errand.h"
#include "model/ids.h"
#include "model/product.h"

/* Limits of one symbol; they add to the general ones, the tighter wins. */
struct symbol_limits {
    char symbol[SYMBOL_MAX];
    decimal max_order_size;     /* base units; 0: none */
    decimal max_order_value;    /* quote units */
    decimal max_position_size;  /* base units, held plus working */
    decimal max_position_value; /* quote units, held plus working */
    decimal max_position_share; /* of equity */
    decimal max_leverage_day, max_leverage_night;
};

struct limits {
    decimal max_order_value; /* account currency; 0: none, here and below */
    decimal max_position_value;
    decimal max_position_share; /* of equity, per symbol */
    decimal max_exposure_value; /* all symbols, held plus working */
    decimal max_exposure_share; /* of equity */
    decimal max_leverage;       /* exposure / equity */
    int64_t max_positions;      /* symbols held or being entered at one time */
    int64_t max_open_orders;
    int64_t orders_per_second, orders_per_minute, orders_per_hour, orders_per_day;
    decimal daily_loss_value, daily_loss_share; /* of the day's first equity */
    decimal max_drawdown_share;                 /* from the highest equity */
    int64_t max_losses_in_row;
    decimal price_band_share; /* a limit or stop price further from the mark is refused */
    decimal min_balance;      /* account currency that must stay available */
    decimal max_slippage_bps; /* expected fill against the touch, from the live book */
    decimal max_impact_bps;   /* worst price of the sweep against the touch */
    decimal max_spread_bps;
    decimal min_liquidation_buffer_share;
    int64_t day_start_minute, day_end_minute; /* UTC, which leverage limit applies */

    bool has_window; /* new risk only inside */
    /* UTC minutes of the day; the end is excluded, may be 1440, and may lie before the start:
     * the window then spans midnight. */
    int64_t window_start_minute, window_end_minute;
    uint32_t window_days; /* bit 0 Monday .. bit 6 Sunday */
    bool allow_shorts;
    bool limit_only; /* entries are limit orders */

    struct symbol_limits symbols[PRODUCTS_MAX];
    int symbol_count;
};

struct guard_settings {
    nanos mark_stale_after;
    bool mark_stale_allow_reduce;
    nanos mark_stale_pause;
    nanos stream_stale_after;
    decimal volatility_share; /* of the mean, over volatility_window bars */
    int64_t volatility_window;
    decimal correlation_max;
    int64_t correlation_window;
    decimal min_depth_value; /* of the book near the touch */
    nanos position_stuck_after;
    decimal error_rate_share; /* of requests that failed, over error_rate_window */
    nanos error_rate_window;
    int64_t error_rate_min_requests;
    decimal margin_utilisation_share;
    decimal rate_usage_share; /* of the venue's budget of requests */
    int64_t disk_free_min;    /* MiB */
    nanos order_stuck_after;  /* an unfilled order this old is reported */
};

struct degrade_settings {
    int64_t broker_failures; /* in a row; then pause everything */
    nanos broker_pause;
    int64_t slippage_failures; /* in a row on one symbol; then pause it */
    nanos slippage_pause;
    int64_t guard_failures; /* critical ones; then reduce only */
    nanos api_health_pause;
    nanos reconnect_pause;
    int64_t script_strikes; /* failures in a row that switch a script off */
    nanos clock_skew_max;
    int64_t drift_checks; /* confirmations before drift escalates */
    bool cancel_entries;  /* when a loss, the margin, drift or a failing guard degrades */
};

struct retry_settings {
    int64_t attempts;
    nanos base, cap;
    decimal factor, jitter_share;
    nanos attempt_timeout; /* silence after which an attempt is made again */
    nanos answer_deadline; /* silence after which an order's outcome is unknown */
    nanos resolve_base, resolve_cap;
    nanos unknown_escalate_after; /* unresolved for longer: the symbol goes to reduce-only */
};

/* Requests of one class: so many at once, so many a second over time. */
struct budget {
    int64_t per_second, burst;
};

struct breaker_settings {
    int64_t failures, successes; /* in a row, that open and close it */
    nanos cool_down;
};

/* What becomes of orders on the account that are not ours. They count in exposure either way;
 * coins that they buy are a position only when they are adopted. */
enum external_orders { EXTERNAL_IGNORE, EXTERNAL_ADOPT, EXTERNAL_CANCEL };

/* What becomes of coins that were there before the bot began. */
enum held_coins { HELD_COINS_BALANCE, HELD_COINS_ADOPT };

struct reconcile_settings {
    nanos order_sweep_every, position_check_every, balance_check_every;
    enum external_orders external_orders;
    enum held_coins holdings;
    decimal balance_tolerance;
};

/* Of what order an exit makes its way out. */
enum exit_order { EXIT_BY_MARKET, EXIT_BY_LIMIT };

struct exit_settings {
    enum exit_order order;
    decimal limit_share, limit_step_share, limit_max_share;
    nanos retry_base, retry_cap;
};

struct snapshot_settings {
    nanos every;   /* 0: not by time */
    int64_t facts; /* 0: not by their number */
};

/* What an entry in this symbol is worth; overrides the general size and fraction. */
struct symbol_size {
    char symbol[SYMBOL_MAX];
    decimal size; /* base units */
};

struct engine_settings {
    char bot[12]; /* prefix of client order ids; letters and digits */
    char currency[CURRENCY_MAX];
    nanos cycle_every;     /* 0: a cycle after each bar (backtest) */
    decimal size_fraction; /* default sizing: share of equity an entry is worth */
    nanos timeframe; /* bars are built from trades, of this length; 0: they come from outside.
                        No option: the composition root takes it from the profile */
    decimal size_fixed; /* base units; overrides the fraction when not zero */
    struct symbol_size sizes[PRODUCTS_MAX]; /* ask size_of_symbol */
    int size_count;
    decimal market_cushion_share; /* added to the price that funds of market orders are reserved
                                     at */
    decimal maker_rate, taker_rate; /* fees assumed before the venue has told */
    bool kill_switch, reduce_only, preview;
    struct limits limits;
    struct guard_settings guards;
    struct degrade_settings degrade;
    struct retry_settings retry;
    struct budget budgets[ERRAND_CLASS_COUNT];
    struct breaker_settings breaker;
    struct reconcile_settings reconcile;
    struct metric_guard rules[METRIC_GUARDS_MAX]; /* no option: from the list `guards` */
    int rule_count;
    struct snapshot_settings snapshot;
    struct exit_settings exits;
};

/* Every default of the option tables. */
void engine_settings_init(struct engine_settings *settings);
/* All limits and guards off: what a backtest without a profile runs with (exchange rules and
 * funds remain). */
void engine_settings_init_unlimited(struct engine_settings *settings);

/* Binds the tables to *settings and writes the defaults. */
void engine_settings_add(struct engine_settings *settings, struct options *options);

/* What no range can say: values that contradict each other. *key then names one of them.
 * ERR_RANGE. */
enum err engine_settings_check(const struct engine_settings *settings, const char **key,
                               struct fault *why) MUST_CHECK;

/* The limits of a symbol, NULL if it has none of its own. */
const struct symbol_limits *limits_of_symbol(const struct limits *limits, const char *symbol);

/* The fixed size of an entry in base units: the symbol's own, else the general one; zero if
 * there is neither, and the fraction of equity decides. */
decimal size_of_symbol(const struct engine_settings *settings, const char *symbol);

#endif
