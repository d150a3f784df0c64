/* The option tables of the engine. A row is read by the profile loader, by
 * `perigee config explain` and by the reference page; the engine sees only the
 * struct. Defaults are on the careful side: who wants more says so. */
#include "engine/settings.h"

#include <assert.h>
#include <string.h>

static_assert((int)SYMBOL_MAX == (int)OPTION_SYMBOL_MAX, "a symbol of the options fits");

#define AT(field) offsetof(struct engine_settings, field)
#define NO_LIMIT  "no limit"
#define OFF       "off"

/* clang-format off */
#define ROW(name, kind, place, initial_, min_, max_, none_, unit_, help_)                      \
    {.key = name, .type = kind, .offset = place, .initial = initial_, .min = min_,             \
     .max = max_, .none = none_, .unit = unit_, .help = help_}
#define SWITCH(name, field, initial, help)                                                     \
    ROW(name, OPTION_BOOL, AT(field), initial, NULL, NULL, NULL, NULL, help)
#define COUNT(name, field, initial, min, max, none, help)                                      \
    ROW(name, OPTION_INT, AT(field), initial, min, max, none, NULL, help)
#define MONEY(name, field, initial, none, help)                                                \
    ROW(name, OPTION_DECIMAL, AT(field), initial, "0", NULL, none,               \
        "in account currency", help)
#define NUMBER(name, field, initial, min, max, none, unit, help)                               \
    ROW(name, OPTION_DECIMAL, AT(field), initial, min, max, none, unit, help)
#define SHARE(name, field, initial, min, max, none, help)                                      \
    ROW(name, OPTION_SHARE, AT(field), initial, min, max, none, NULL, help)
#define SPAN(name, field, initial, min, max, none, help)                                       \
    ROW(name, OPTION_DURATION, AT(field), initial, min, max, none, NULL, help)
/* clang-format on */

#define TABLE(name, prefix_, title_, help_)                                                    \
    static const struct option_table name##_table = {.prefix = prefix_,                        \
                                                     .title = title_,                          \
                                                     .help = help_,                            \
                                                     .options = name##_options,                \
                                                     .count = ARRAY_LEN(name##_options)}

static const struct option general_options[] = {
    {.key = "bot",
     .type = OPTION_WORD,
     .offset = AT(bot),
     .size = sizeof((struct engine_settings *)0)->bot,
     .initial = "perigee",
     .help = "First part of every client order id, by which this bot's orders are known at the "
             "venue. Two bots on one account need two names."},
    {.key = "currency",
     .type = OPTION_WORD,
     .offset = AT(currency),
     .size = CURRENCY_MAX,
     .initial = "USD",
     .help = "The account currency: equity, limits and reports are reckoned in it."},
    SPAN("cycle", cycle_every, "1s", "10ms", "1d", "after each bar",
         "Time from one cycle to the next: guards, strategies, orders, snapshot."),
};
TABLE(general, "", "General", "");

static const struct option sizing_options[] = {
    SHARE("fraction", size_fraction, "10%", "0.01%", "1000%", NULL,
          "What an entry is worth as a share of equity, where no size and no rule says more."),
    NUMBER("size", size_fixed, "none", "0", NULL, "the fraction decides", "base units",
           "Fixed size of an entry, the same for every symbol. Useful with one symbol."),
};
TABLE(
    sizing, "sizing", "Sizing",
    "How large an entry is when the strategy does not say. The limits cap whatever comes out.");

static const struct option size_options[] = {
    {.key = "",
     .type = OPTION_DECIMAL,
     .offset = offsetof(struct symbol_size, size),
     .initial = "none",
     .min = "0",
     .none = "the general size or fraction decides",
     .unit = "base units",
     .help = "Fixed size of an entry in this symbol."},
};
static const struct option_elements size_elements = {
    OPTION_BY_SYMBOL, AT(sizes), sizeof(struct symbol_size), AT(size_count), PRODUCTS_MAX};
static const struct option_table size_table = {
    .prefix = "sizing.sizes",
    .title = "Sizes of single symbols",
    .help = "`sizing = { sizes = { [\"BTC-USD\"] = \"0.001\" } }`",
    .options = size_options,
    .count = ARRAY_LEN(size_options),
    .elements = &size_elements};

static const struct option order_options[] = {
    SWITCH(
        "preview", preview, "false",
        "Ask the venue what would come of an order before it is placed, and place it only if "
        "the venue would take it; without an answer it is refused. Costs a question and its "
        "time. Orders that only reduce do not wait for it."),
    SHARE(
        "market_cushion_share", market_cushion_share, "1%", "0%", "50%", NULL,
        "Market buys reserve funds at the mark plus this share, since their price is not known "
        "before they are filled."),
};
TABLE(order, "orders", "Orders", "");

static const char *const exit_order_names[] = {
    [EXIT_BY_MARKET] = "market",
    [EXIT_BY_LIMIT] = "limit",
    NULL,
};

static const struct option exit_options[] = {
    {.key = "order",
     .type = OPTION_CHOICE,
     .offset = AT(exits.order),
     .choices = exit_order_names,
     .initial = "market",
     .help = "What an exit is left with. Where the venue takes limit orders alone just now, it "
             "is a limit in any case; in an auction it rests until that ends."},
    SHARE("limit_share", exits.limit_share, "0.5%", "0%", "50%", NULL,
          "How far beyond the best price on the other side the first limit is."),
    SHARE("limit_step_share", exits.limit_step_share, "0.5%", "0%", "50%", NULL,
          "How much further the next one is after each that nobody took."),
    SHARE("limit_max_share", exits.limit_max_share, "5%", "0.01%", "90%", NULL,
          "How far at most. The band of the product's own rules is kept in any case."),
    SPAN("retry_base", exits.retry_base, "1s", "10ms", "10m", NULL,
         "Wait after an order that came to nothing; twice as long after each that follows."),
    SPAN("retry_cap", exits.retry_cap, "1m", "10ms", "1h", NULL, "Longest wait."),
};
TABLE(exit, "exits", "Exits",
      "How the engine leaves a position whose stop, target or trailing stop was reached.");

static const struct option fee_options[] = {
    SHARE("maker_rate", maker_rate, "0.6%", "0%", "10%", NULL,
          "Fee of fills that rested in the book, as a share of their value."),
    SHARE("taker_rate", taker_rate, "1.2%", "0%", "10%", NULL,
          "Fee of fills that took from the book."),
};
TABLE(fee, "fees", "Fees",
      "What the mock charges, and what is assumed of a real venue until it has told. The "
      "defaults "
      "are the venue's lowest tier.");

static const struct option risk_options[] = {
    SWITCH("kill_switch", kill_switch, "false",
           "Refuse every order but those an operator commands."),
    SWITCH("reduce_only", reduce_only, "false", "Let pass only what makes a position smaller."),
    SWITCH("allow_shorts", limits.allow_shorts, "false",
           "Whether a position may be negative, where the product can be short at all."),
    SWITCH("limit_only", limits.limit_only, "false",
           "Whether entries have to be limit orders; exits may be of any type."),
    MONEY("max_order_value", limits.max_order_value, "none", NO_LIMIT,
          "Largest value of one order."),
    MONEY("max_position_value", limits.max_position_value, "none", NO_LIMIT,
          "Largest value of a position, held plus working."),
    SHARE("max_position_share", limits.max_position_share, "20%", "0.01%", "10000%", NO_LIMIT,
          "Largest position as a share of equity, held plus working."),
    MONEY("max_exposure_value", limits.max_exposure_value, "none", NO_LIMIT,
          "Largest sum of all positions, held plus working."),
    SHARE("max_exposure_share", limits.max_exposure_share, "80%", "0.01%", "10000%", NO_LIMIT,
          "Largest sum of all positions as a share of equity."),
    NUMBER("max_leverage", limits.max_leverage, "1", "0.01", "100", NO_LIMIT, NULL,
           "Largest sum of all positions as a multiple of equity."),
    COUNT("max_positions", limits.max_positions, "10", "1", "64", NO_LIMIT,
          "Symbols held or being entered at one time."),
    COUNT("max_open_orders", limits.max_open_orders, "50", "1", "10000", NO_LIMIT,
          "Orders working at one time."),
    COUNT("orders_per_second", limits.orders_per_second, "5", "1", "1000", NO_LIMIT,
          "Orders in any second. Orders that only reduce are never held back by a rate."),
    COUNT("orders_per_minute", limits.orders_per_minute, "60", "1", "10000", NO_LIMIT,
          "Orders in any minute."),
    COUNT("orders_per_hour", limits.orders_per_hour, "1000", "1", "100000", NO_LIMIT,
          "Orders in any hour."),
    COUNT("orders_per_day", limits.orders_per_day, "none", "1", "1000000", NO_LIMIT,
          "Orders in any 24 hours."),
    MONEY("daily_loss_value", limits.daily_loss_value, "none", NO_LIMIT,
          "Loss since 00:00 UTC after which new risk is refused until the next day."),
    SHARE("daily_loss_share", limits.daily_loss_share, "5%", "0.01%", "100%", NO_LIMIT,
          "The same as a share of the day's first equity."),
    SHARE("max_drawdown_share", limits.max_drawdown_share, "20%", "0.01%", "100%", NO_LIMIT,
          "Fall from the highest equity after which new risk is refused."),
    COUNT("max_losses_in_row", limits.max_losses_in_row, "10", "1", "1000", NO_LIMIT,
          "Round trips in a row that lost money, fees included, after which new risk is "
          "refused."),
    SHARE("price_band_share", limits.price_band_share, "10%", "0.01%", "100%", NO_LIMIT,
          "A limit or stop price further than this from the mark is refused as a slip of the "
          "hand."),
    MONEY("min_balance", limits.min_balance, "none", "nothing is kept back",
          "What must stay available after an order."),
    NUMBER(
        "max_slippage_bps", limits.max_slippage_bps, "50", "0.1", "10000", NO_LIMIT,
        "basis points",
        "How much worse than the best price a market order may fill on average, reckoned from "
        "the live book."),
    NUMBER("max_impact_bps", limits.max_impact_bps, "50", "0.1", "10000", NO_LIMIT,
           "basis points",
           "How far from the best price the last piece of a market order may fill."),
    NUMBER("max_spread_bps", limits.max_spread_bps, "100", "0.1", "10000", NO_LIMIT,
           "basis points", "No new risk while bid and ask are further apart."),
    SHARE(
        "min_liquidation_buffer_share", limits.min_liquidation_buffer_share, "10%", "0.01%",
        "100%", NO_LIMIT,
        "Futures: equity that must remain over the maintenance margin, as a share of equity."),
};
TABLE(risk, "risk", "Risk",
      "Hard limits. No script can lift them, and orders that only reduce pass them. Held and "
      "working both count.");

static const struct option window_options[] = {
    {.key = "from",
     .type = OPTION_TIME,
     .offset = AT(limits.window_start_minute),
     .has = AT(limits.has_window),
     .initial = "00:00",
     .help = "First minute in which new risk may be taken. UTC."},
    {.key = "to",
     .type = OPTION_TIME,
     .offset = AT(limits.window_end_minute),
     .has = AT(limits.has_window),
     .initial = "24:00",
     .help = "First minute in which it may not any more; before `from`, the window spans "
             "midnight."},
    {.key = "days",
     .type = OPTION_DAYS,
     .offset = AT(limits.window_days),
     .has = AT(limits.has_window),
     .initial = "mon-sun",
     .help = "Days of the week on which the window opens, UTC."},
};
TABLE(window, "risk.window", "Trading window",
      "When new risk may be taken; exits pass at any time. Without these keys always.");

static const struct option day_options[] = {
    {.key = "from",
     .type = OPTION_TIME,
     .offset = AT(limits.day_start_minute),
     .initial = "09:00",
     .help = "From here `max_leverage_day` of a symbol applies, UTC."},
    {.key = "to",
     .type = OPTION_TIME,
     .offset = AT(limits.day_end_minute),
     .initial = "17:00",
     .help = "From here `max_leverage_night`. Later than `from`."},
};
TABLE(day, "risk.day", "Day and night", "Which of a symbol's two leverage limits applies.");

#define OF_SYMBOL(field) offsetof(struct symbol_limits, field)
static const struct option symbol_options[] = {
    ROW("max_order_size", OPTION_DECIMAL, OF_SYMBOL(max_order_size), "none", "0", NULL,
        NO_LIMIT, "base units", "Largest size of one order."),
    ROW("max_order_value", OPTION_DECIMAL, OF_SYMBOL(max_order_value), "none", "0", NULL,
        NO_LIMIT, "in quote currency", "Largest value of one order."),
    ROW("max_position_size", OPTION_DECIMAL, OF_SYMBOL(max_position_size), "none", "0", NULL,
        NO_LIMIT, "base units", "Largest position, held plus working."),
    ROW("max_position_value", OPTION_DECIMAL, OF_SYMBOL(max_position_value), "none", "0", NULL,
        NO_LIMIT, "in quote currency", "Largest value of the position."),
    ROW("max_position_share", OPTION_SHARE, OF_SYMBOL(max_position_share), "none", "0.01%",
        "10000%", NO_LIMIT, NULL, "Largest position as a share of equity."),
    ROW("max_leverage_day", OPTION_DECIMAL, OF_SYMBOL(max_leverage_day), "none", "0.01", "100",
        NO_LIMIT, NULL, "Largest position as a multiple of equity, by day."),
    ROW("max_leverage_night", OPTION_DECIMAL, OF_SYMBOL(max_leverage_night), "none", "0.01",
        "100", NO_LIMIT, NULL, "The same by night."),
};
static const struct option_elements symbol_elements = {OPTION_BY_SYMBOL, AT(limits.symbols),
                                                       sizeof(struct symbol_limits),
                                                       AT(limits.symbol_count), PRODUCTS_MAX};
static const struct option_table symbol_table = {
    .prefix = "risk.symbols",
    .title = "Limits of single symbols",
    .help =
        "`risk = { symbols = { [\"BTC-USD\"] = { max_order_size = \"0.01\" } } }`. They add "
        "to the general limits; the tighter wins.",
    .options = symbol_options,
    .count = ARRAY_LEN(symbol_options),
    .elements = &symbol_elements};

static const struct option watch_options[] = {
    SPAN("mark_stale_after", guards.mark_stale_after, "30s", "100ms", "1h", OFF,
         "Age at which a price is no longer traded on."),
    SWITCH("mark_stale_allow_reduce", guards.mark_stale_allow_reduce, "true",
           "Whether an order that only reduces may go on a stale price."),
    SPAN("mark_stale_pause", guards.mark_stale_pause, "2m", "1s", "1d", OFF,
         "How long a symbol pauses when its price went stale."),
    SPAN("stream_stale_after", guards.stream_stale_after, "15s", "100ms", "1h", OFF,
         "Silence of a stream after which only reducing orders go, until it is fresh."),
    SHARE("volatility_share", guards.volatility_share, "none", "0.01%", "1000%", OFF,
          "Furthest close from the mean of the window; beyond it the symbol only reduces."),
    COUNT("volatility_window", guards.volatility_window, "20", "5", "1000", NULL,
          "Bars in that window."),
    NUMBER("correlation_max", guards.correlation_max, "none", "0.01", "1", OFF, NULL,
           "No entry in a symbol that moves with one already held more closely than this."),
    COUNT("correlation_window", guards.correlation_window, "50", "10", "1000", NULL,
          "Bars the correlation is reckoned over."),
    MONEY("min_depth_value", guards.min_depth_value, "none", OFF,
          "No new risk in a symbol whose book holds less than this near the best price."),
    SPAN("position_stuck_after", guards.position_stuck_after, "30m", "1s", "7d", OFF,
         "A position that an exit has been trying to close for longer is reported."),
    SPAN("order_stuck_after", guards.order_stuck_after, "5m", "1s", "7d", OFF,
         "An order that waits unfilled for longer is reported."),
    SHARE("error_rate_share", guards.error_rate_share, "50%", "1%", "100%", OFF,
          "Share of failed requests beyond which trading stops."),
    SPAN("error_rate_window", guards.error_rate_window, "1m", "1s", "1h", NULL,
         "Time the share is reckoned over."),
    COUNT("error_rate_min_requests", guards.error_rate_min_requests, "10", "1", "10000", NULL,
          "Fewer requests than this in the window prove nothing."),
    SHARE("margin_utilisation_share", guards.margin_utilisation_share, "80%", "1%", "100%", OFF,
          "Futures: no new risk while more of the equity than this is bound as margin."),
    SHARE(
        "rate_usage_share", guards.rate_usage_share, "90%", "1%", "100%", OFF,
        "No new risk while more than this of the venue's request budget is used: what is left "
        "is for cancels and exits."),
    ROW("disk_free_min", OPTION_INT, AT(guards.disk_free_min), "100", "1", "1000000", OFF,
        "MiB", "No new risk while the disk with the journal has less room than this."),
};
TABLE(watch, "watch", "Runtime guards",
      "What is watched all the time. Guards of your own go into the list `guards`.");

static const struct option degrade_options[] = {
    COUNT("broker_failures", degrade.broker_failures, "3", "1", "100", NULL,
          "Failures of the venue in a row that pause everything."),
    SPAN("broker_pause", degrade.broker_pause, "2m", "1s", "1d", NULL, "For how long."),
    COUNT("slippage_failures", degrade.slippage_failures, "3", "1", "100", NULL,
          "Refusals for slippage in a row that pause a symbol."),
    SPAN("slippage_pause", degrade.slippage_pause, "1m", "1s", "1d", NULL, "For how long."),
    COUNT("guard_failures", degrade.guard_failures, "1", "1", "100", NULL,
          "Critical failures of a guard after which only reducing orders go."),
    SPAN("api_health_pause", degrade.api_health_pause, "5m", "1s", "1d", NULL,
         "How long everything pauses when the venue's interface is unwell."),
    SPAN("reconnect_pause", degrade.reconnect_pause, "30s", "1s", "1h", OFF,
         "How long everything pauses after a stream came back."),
    COUNT("script_strikes", degrade.script_strikes, "3", "1", "100", NULL,
          "Failures in a row that switch a script off."),
    SPAN("clock_skew_max", degrade.clock_skew_max, "5s", "100ms", "1m", OFF,
         "Difference to the venue's clock beyond which only reducing orders go."),
    COUNT("drift_checks", degrade.drift_checks, "3", "1", "100", NULL,
          "Checks in a row that must find the same difference to the venue before it counts."),
    SWITCH("cancel_entries", degrade.cancel_entries, "true",
           "Whether working orders that could make a position larger are canceled when a loss "
           "limit, the margin, drift or a guard that fails lets only reduce."),
};
TABLE(degrade, "degrade", "Degradation",
      "When the engine does less: reduce-only, paused, halted.");

static const struct option retry_options[] = {
    COUNT("attempts", retry.attempts, "3", "1", "10", NULL,
          "Attempts at one request, the first included."),
    SPAN("base", retry.base, "500ms", "1ms", "1m", NULL, "Wait before the second attempt."),
    SPAN("cap", retry.cap, "30s", "1ms", "10m", NULL, "Longest wait."),
    NUMBER("factor", retry.factor, "2", "1", "10", NULL, NULL,
           "Each wait is this many times the one before."),
    SHARE("jitter_share", retry.jitter_share, "25%", "0%", "100%", NULL,
          "How much of a wait is left to chance, so that bots do not knock together."),
    SPAN("attempt_timeout", retry.attempt_timeout, "3s", "10ms", "5m", NULL,
         "Silence after which an attempt counts as failed; there may be others until the "
         "deadline."),
    SPAN("answer_deadline", retry.answer_deadline, "10s", "100ms", "5m", NULL,
         "Silence after which the outcome of an order counts as unknown. No attempt begins "
         "later, and an order that could not leave by then is withdrawn."),
    SPAN("resolve_base", retry.resolve_base, "1s", "10ms", "1m", NULL,
         "First wait between questions about an order whose outcome is unknown."),
    SPAN("resolve_cap", retry.resolve_cap, "30s", "10ms", "10m", NULL,
         "Longest wait between them."),
    SPAN("unknown_escalate_after", retry.unknown_escalate_after, "2m", "1s", "1h", NULL,
         "Unknown for longer: the symbol only reduces, and the operator is told."),
};
TABLE(retry, "retry", "Retries and unknown outcomes",
      "Timeouts, lost connections, 429 and 5xx are tried again under the same client order id; "
      "what the venue refused is not.");

#define BUDGET(name, class, per_second_, burst_, what)                                         \
    COUNT(name "_per_second", budgets[class].per_second, per_second_, "1", "1000", NULL,       \
          what " in a second, over time."),                                                    \
        COUNT(name "_burst", budgets[class].burst, burst_, "1", "1000", NULL,                  \
              what " at once, after a rest.")

static const struct option budget_options[] = {
    BUDGET("orders", ERRANDS_ORDERS, "5", "5", "Orders and edits"),
    BUDGET("cancels", ERRANDS_CANCELS, "10", "5", "Cancels"),
    BUDGET("queries", ERRANDS_QUERIES, "3", "2", "Questions"),
};
TABLE(
    budget, "budget", "Budgets of requests",
    "What may be asked of the venue; what exceeds it waits. Cancels go first, and may use the "
    "budgets of the others when theirs is used up; theirs is for nobody else. The defaults "
    "make 30 requests in any second, all that the venue allows one account: give less when "
    "other programs use the same key.");

static const struct option breaker_options[] = {
    COUNT(
        "failures", breaker.failures, "5", "1", "100", NULL,
        "Failures of the venue in a row that open a breaker: no connection, no answer, a 5xx, "
        "a body that cannot be read. What the venue refuses is none."),
    SPAN("cool_down", breaker.cool_down, "30s", "100ms", "1h", NULL,
         "How long it stays open before one request is tried."),
    COUNT("successes", breaker.successes, "2", "1", "100", NULL,
          "Answers in a row that close it again."),
};
TABLE(breaker, "breaker", "Circuit breakers",
      "One each for orders, cancels and questions. While one is open, orders that add risk are "
      "withdrawn and questions fail at once; cancels and orders that reduce go all the same.");

static const char *const external_names[] = {
    [EXTERNAL_IGNORE] = "ignore",
    [EXTERNAL_ADOPT] = "adopt",
    [EXTERNAL_CANCEL] = "cancel",
    NULL,
};

static const char *const holdings_names[] = {
    [HELD_COINS_BALANCE] = "balance",
    [HELD_COINS_ADOPT] = "adopt",
    NULL,
};

static const struct option reconcile_options[] = {
    SPAN("order_sweep_every", reconcile.order_sweep_every, "1m", "1s", "1h", NULL,
         "How often all orders are compared with the venue's list, even when all looks well."),
    SPAN("position_check_every", reconcile.position_check_every, "1m", "1s", "1h", NULL,
         "How often positions are."),
    SPAN("balance_check_every", reconcile.balance_check_every, "1m", "1s", "1h", NULL,
         "How often balances are."),
    {.key = "external_orders",
     .type = OPTION_CHOICE,
     .offset = AT(reconcile.external_orders),
     .choices = external_names,
     .initial = "ignore",
     .help = "What becomes of orders on the account that are not ours. They count in exposure "
             "either way; coins that they buy are a position only when they are adopted."},
    {.key = "holdings",
     .type = OPTION_CHOICE,
     .offset = AT(reconcile.holdings),
     .choices = holdings_names,
     .initial = "balance",
     .help =
         "What coins are that the account held before the bot began: only a balance, which "
         "no strategy closes; or, adopted at the start, a position at the cost of the price "
         "then."},
    NUMBER("balance_tolerance", reconcile.balance_tolerance, "0.01", "0", "1000000", NULL,
           "in account currency", "Differences of balances up to this are nobody's fault."),
};
TABLE(reconcile, "reconcile", "Reconciliation",
      "How often the engine's books are held against the venue's.");

static const struct option snapshot_options[] = {
    SPAN("every", snapshot.every, "10m", "1s", "7d", "not by time",
         "How often the journal is given a snapshot of everything."),
    COUNT("facts", snapshot.facts, "10000", "10", "100000000", "not by their number",
          "Or after so many events, whichever comes first."),
};
TABLE(
    snapshot, "snapshot", "Snapshots",
    "A start reads the journal from the last snapshot on, and scripts are asked for what they "
    "want to keep (`on_save`) whenever one is written; a clean stop writes one too. With both "
    "off a start reads the whole journal, and scripts save at a clean stop alone.");

static const struct option_table *const tables[] = {
    &general_table,   &sizing_table,   &size_table,   &order_table,  &exit_table,
    &fee_table,       &risk_table,     &window_table, &day_table,    &symbol_table,
    &watch_table,     &degrade_table,  &retry_table,  &budget_table, &breaker_table,
    &reconcile_table, &snapshot_table,
};

/* ---- defaults ---- */

void engine_settings_init(struct engine_settings *settings)
{
    memset(settings, 0, sizeof *settings);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        option_table_init(tables[i], settings);
}

void engine_settings_init_unlimited(struct engine_settings *settings)
{
    engine_settings_init(settings);
    memset(&settings->limits, 0, sizeof settings->limits);
    memset(&settings->guards, 0, sizeof settings->guards);
    settings->limits.allow_shorts = true;
    settings->market_cushion_share = DECIMAL_ZERO;
    settings->cycle_every = 0;
    settings->snapshot = (struct snapshot_settings){0, 0};
}

void engine_settings_add(struct engine_settings *settings, struct options *options)
{
    memset(settings, 0, sizeof *settings);
    for (size_t i = 0; i < ARRAY_LEN(tables); i++)
        options_add(options, tables[i], settings);
}

/* ---- what belongs together ---- */

static enum err contradict(const char **key, const char *which, struct fault *why,
                           const char *rule)
{
    *key = which;
    return fail(why, ERR_RANGE, "%s %s", which, rule);
}

enum err engine_settings_check(const struct engine_settings *settings, const char **key,
                               struct fault *why)
{
    const struct limits *limits = &settings->limits;
    const struct retry_settings *retry = &settings->retry;
    const struct exit_settings *exits = &settings->exits;

    if (!settings->bot[0])
        return contradict(key, "bot", why, "is empty: the bot needs a name of its own");
    if (!settings->currency[0])
        return contradict(key, "currency", why, "is empty: expected one such as USD");
    if (limits->has_window && limits->window_start_minute == limits->window_end_minute)
        return contradict(key, "risk.window.to", why,
                          "is the same as risk.window.from: such a window never opens");
    if (limits->day_start_minute >= limits->day_end_minute)
        return contradict(key, "risk.day.to", why, "must be later than risk.day.from");
    if (retry->cap < retry->base)
        return contradict(key, "retry.cap", why, "must not be shorter than retry.base");
    if (decimal_is_less(exits->limit_max_share, exits->limit_share))
        return contradict(key, "exits.limit_max_share", why,
                          "must not be less than exits.limit_share");
    if (exits->retry_cap < exits->retry_base)
        return contradict(key, "exits.retry_cap", why,
                          "must not be shorter than exits.retry_base");
    if (retry->resolve_cap < retry->resolve_base)
        return contradict(key, "retry.resolve_cap", why,
                          "must not be shorter than retry.resolve_base");
    /* A sweep is two requests, a reading of the account another; half the time is the venue's.
     */
    if (retry->answer_deadline < SECONDS(4) / settings->budgets[ERRANDS_QUERIES].per_second)
        return contradict(key, "retry.answer_deadline", why,
                          "is too short for budget.queries_per_second: requests would be given "
                          "up before they may leave. Expected at least 4 s divided by it");
    return OK;
}

/* ---- single symbols ---- */

const struct symbol_limits *limits_of_symbol(const struct limits *limits, const char *symbol)
{
    for (int i = 0; i < limits->symbol_count; i++)
        if (strcmp(limits->symbols[i].symbol, symbol) == 0)
            return &limits->symbols[i];
    return NULL;
}

decimal size_of_symbol(const struct engine_settings *settings, const char *symbol)
{
    for (int i = 0; i < settings->size_count; i++)
        if (strcmp(settings->sizes[i].symbol, symbol) == 0 &&
            !decimal_is_zero(settings->sizes[i].size))
            return settings->sizes[i].size;
    return settings->size_fixed;
}
