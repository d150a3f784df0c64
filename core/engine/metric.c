/* One table of rows: a name, what it is, and how to read it. Whatever has no
 * true value (no price yet, no quote, nothing told by an adapter) is not read as
 * zero: the reader returns false, and whoever asked has to be careful. */
#include "engine/metric.h"

#include <assert.h>

#include "base/attr.h"
#include "engine/guards_private.h"

typedef bool (*reader)(const struct engine *engine, product_ref product, decimal *out);

static bool say(decimal value, decimal *out)
{
    *out = value;
    return true;
}

static bool say_count(uint64_t count, decimal *out)
{
    return say(decimal_from_int((int64_t)count), out);
}

static bool say_seconds(nanos span, decimal *out)
{
    return say((decimal){(int128)span * (DECIMAL_ONE / SECONDS(1))}, out);
}

/* ---- the account ---- */

static bool read_equity(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return engine->guards.knows_equity && say(portfolio_equity(engine->portfolio), out);
}

static struct balance cash_of(const struct engine *engine)
{
    return portfolio_balance(engine->portfolio, portfolio_currency(engine->portfolio));
}

static bool read_cash(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say(cash_of(engine).total, out);
}

static bool read_available(const struct engine *engine, product_ref product, decimal *out)
{
    struct balance cash = cash_of(engine);

    (void)product;
    return say(decimal_sub(cash.total, cash.hold), out);
}

/* Equity, once the day has a baseline. */
static bool read_day(const struct engine *engine, decimal *equity)
{
    return engine->watch.day && read_equity(engine, PRODUCT_NONE, equity);
}

static bool read_daily_pnl(const struct engine *engine, product_ref product, decimal *out)
{
    decimal equity;

    (void)product;
    return read_day(engine, &equity) && say(decimal_sub(equity, engine->watch.day_start), out);
}

static bool read_daily_loss_share(const struct engine *engine, product_ref product,
                                  decimal *out)
{
    decimal equity;

    (void)product;
    return read_day(engine, &equity) &&
           say(equity_watch_day_loss_share(&engine->watch, equity), out);
}

static bool read_drawdown_share(const struct engine *engine, product_ref product, decimal *out)
{
    decimal equity;

    (void)product;
    return read_day(engine, &equity) &&
           say(equity_watch_drawdown_share(&engine->watch, equity), out);
}

static bool read_realised(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say(portfolio_realised(engine->portfolio), out);
}

static bool read_unrealised(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return engine->guards.knows_equity && say(portfolio_unrealised(engine->portfolio), out);
}

static bool read_fees_today(const struct engine *engine, product_ref product, decimal *out)
{
    bool is_today = engine->guards.fee_day == nanos_day(engine->now);

    (void)product;
    return say(is_today ? engine->guards.fees_today : DECIMAL_ZERO, out);
}

static bool read_exposure(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return engine->guards.knows_equity && say(portfolio_exposure(engine->portfolio), out);
}

/* Something over nothing has no value; nothing over nothing is nothing. */
static bool say_share(decimal part, decimal whole, decimal *out)
{
    if (decimal_is_zero(part))
        return say(DECIMAL_ZERO, out);
    return decimal_is_positive(whole) && decimal_try_div(part, whole, ROUND_HALF_EVEN, out);
}

static bool say_share_of_equity(const struct engine *engine, decimal part, decimal *out)
{
    decimal equity;

    return read_equity(engine, PRODUCT_NONE, &equity) && say_share(part, equity, out);
}

static bool read_leverage(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_share_of_equity(engine, portfolio_exposure(engine->portfolio), out);
}

static bool read_margin_share(const struct engine *engine, product_ref product, decimal *out)
{
    struct view view = engine_view(engine, PRODUCT_NONE);

    (void)product;
    return say_share_of_equity(engine, limits_margin(&view, engine->oms, true), out);
}

static bool read_maintenance_share(const struct engine *engine, product_ref product,
                                   decimal *out)
{
    struct view view = engine_view(engine, PRODUCT_NONE);

    (void)product;
    return say_share_of_equity(engine, limits_margin(&view, engine->oms, false), out);
}

static bool read_positions(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count((uint64_t)portfolio_open_positions(engine->portfolio), out);
}

static bool read_open_orders(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count((uint64_t)oms_open_count(engine->oms), out);
}

static bool read_unknown_orders(const struct engine *engine, product_ref product, decimal *out)
{
    uint64_t count = 0;

    (void)product;
    for (int i = 0; i < oms_open_count(engine->oms); i++)
        count += oms_open(engine->oms)[i]->state == ORDER_UNKNOWN;
    return say_count(count, out);
}

static bool read_losses_in_row(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count((uint64_t)engine->watch.losses_in_row, out);
}

/* ---- the way to the venue ---- */

static bool read_failures_in_row(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count(engine->guards.failed_in_row, out);
}

static bool read_market_silence(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return engine->guards.heard && say_seconds(engine->now - engine->guards.heard, out);
}

static bool read_clock_skew(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return guards_gauge(engine, GAUGE_CLOCK_SKEW, out);
}

static bool read_rate_usage(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return guards_gauge(engine, GAUGE_RATE_USAGE, out);
}

static bool read_breakers_open(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return guards_gauge(engine, GAUGE_BREAKERS_OPEN, out);
}

static bool read_disk_free(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return guards_gauge(engine, GAUGE_DISK_FREE, out);
}

/* ---- sums ---- */

static bool read_orders(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count(engine->counters.orders, out);
}

static bool read_refusals(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count(engine->counters.refusals, out);
}

static bool read_rejects(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count(engine->guards.rejects, out);
}

static bool read_fills(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count(engine->counters.fills, out);
}

static bool read_turnover(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say(engine->guards.turnover, out);
}

static bool read_fees(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say(portfolio_fees(engine->portfolio), out);
}

static bool read_requests(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count(engine->guards.requests_made, out);
}

static bool read_failed_requests(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count(engine->guards.requests_failed, out);
}

static bool read_anomalies(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count(engine->counters.anomalies, out);
}

static bool read_script_errors(const struct engine *engine, product_ref product, decimal *out)
{
    (void)product;
    return say_count(engine->counters.script_errors, out);
}

/* ---- symbols ---- */

static const position *held(const struct engine *engine, product_ref product)
{
    return portfolio_position(engine->portfolio, product);
}

static bool read_mark(const struct engine *engine, product_ref product, decimal *out)
{
    return say(engine->markets[product].mark, out) && decimal_is_positive(*out);
}

static bool read_spread_bps(const struct engine *engine, product_ref product, decimal *out)
{
    const struct quote *quote = &engine->markets[product].quote;
    decimal middle, spread = decimal_sub(quote->ask, quote->bid);

    if (!decimal_is_positive(quote->bid) || !decimal_is_positive(quote->ask))
        return false;
    middle = decimal_div(decimal_add(quote->bid, quote->ask), D(2), ROUND_HALF_EVEN);
    return decimal_try_mul(spread, D(10000), ROUND_HALF_EVEN, &spread) &&
           decimal_try_div(spread, middle, ROUND_HALF_EVEN, out);
}

static bool read_mark_age(const struct engine *engine, product_ref product, decimal *out)
{
    const struct market *market = &engine->markets[product];

    return market->mark_time && say_seconds(engine->now - market->mark_time, out);
}

static bool read_depth(const struct engine *engine, product_ref product, decimal *out)
{
    if (!engine->markets[product].book)
        return false;
    return say(decimal_min(guards_depth(engine, product, SIDE_BUY),
                           guards_depth(engine, product, SIDE_SELL)),
               out);
}

static bool read_volatility(const struct engine *engine, product_ref product, decimal *out)
{
    const struct price_window *closes = engine->guards.closes[product];

    return closes &&
           price_window_spread(closes, engine->settings.guards.volatility_window, out);
}

/* The closest among the others that are held; none is held: zero. */
static bool read_correlation(const struct engine *engine, product_ref product, decimal *out)
{
    struct price_window *const *closes = engine->guards.closes;
    int64_t length = engine->settings.guards.correlation_window, millionths;

    *out = DECIMAL_ZERO;
    for (int i = 0; i < engine->products->count; i++) {
        if (i == product || position_is_flat(held(engine, (product_ref)i)))
            continue;
        if (!closes[product] || !closes[i] ||
            !price_window_correlation(closes[product], closes[i], length, &millionths))
            return false;
        *out = decimal_max(*out, (decimal){(int128)millionths * (DECIMAL_ONE / 1000000)});
    }
    return true;
}

static bool read_position_size(const struct engine *engine, product_ref product, decimal *out)
{
    return say(held(engine, product)->size, out);
}

static bool read_position_value(const struct engine *engine, product_ref product, decimal *out)
{
    decimal mark;

    if (position_is_flat(held(engine, product)))
        return say(DECIMAL_ZERO, out);
    return read_mark(engine, product, &mark) &&
           say(position_value(held(engine, product), &engine->products->items[product], mark),
               out);
}

static bool read_position_share(const struct engine *engine, product_ref product, decimal *out)
{
    decimal value;

    return read_position_value(engine, product, &value) &&
           say_share_of_equity(engine, decimal_abs(value), out);
}

static bool read_position_age(const struct engine *engine, product_ref product, decimal *out)
{
    nanos opened = held(engine, product)->opened;

    return say_seconds(opened ? engine->now - opened : 0, out);
}

static bool read_position_pnl(const struct engine *engine, product_ref product, decimal *out)
{
    decimal value;

    return read_position_value(engine, product, &value) &&
           say(decimal_sub(value, held(engine, product)->cost), out);
}

static bool read_position_pnl_share(const struct engine *engine, product_ref product,
                                    decimal *out)
{
    decimal profit;

    return read_position_pnl(engine, product, &profit) &&
           say_share(profit, decimal_abs(held(engine, product)->cost), out);
}

static bool is_of(const struct order *order, product_ref product)
{
    return order->request.product == product;
}

static bool read_symbol_orders(const struct engine *engine, product_ref product, decimal *out)
{
    uint64_t count = 0;

    for (int i = 0; i < oms_open_count(engine->oms); i++)
        count += is_of(oms_open(engine->oms)[i], product);
    return say_count(count, out);
}

/* Open orders come oldest first. */
static bool read_order_age(const struct engine *engine, product_ref product, decimal *out)
{
    for (int i = 0; i < oms_open_count(engine->oms); i++)
        if (is_of(oms_open(engine->oms)[i], product))
            return say_seconds(engine->now - oms_open(engine->oms)[i]->created, out);
    return say(DECIMAL_ZERO, out);
}

/* ---- the table ---- */

/* Whether it begins with the engine. Others are read from what a replay restores. */
static bool is_sum(enum metric metric)
{
    return metric >= METRIC_ORDERS && metric <= METRIC_SCRIPT_ERRORS && metric != METRIC_FEES;
}

enum shape {
    LEVEL,  /* what it is now */
    GROWTH, /* how much it has grown over the window */
    CHANGE, /* that as a share of what it was */
    RATIO,  /* that as a share of another's growth */
};

#define MONEY "account currency"

/* clang-format off */
#define ROWS(ROW)                                                                              \
    ROW(EQUITY, "equity", LEVEL, false, MONEY, read_equity,                                    \
        "What the account is worth: balances at their marks and unrealised profit of futures.") \
    ROW(CASH, "cash", LEVEL, false, MONEY, read_cash,                                          \
        "The balance of the account's currency.")                                              \
    ROW(AVAILABLE, "available", LEVEL, false, MONEY, read_available,                           \
        "That less what working orders hold of it.")                                           \
    ROW(DAILY_PNL, "daily_pnl", LEVEL, false, MONEY, read_daily_pnl,                           \
        "Equity less that at 00:00 UTC; a loss is negative.")                                  \
    ROW(DAILY_LOSS_SHARE, "daily_loss_share", LEVEL, false, "share", read_daily_loss_share,    \
        "What was lost since 00:00 UTC, as a share of the equity then; never negative.")       \
    ROW(DRAWDOWN_SHARE, "drawdown_share", LEVEL, false, "share", read_drawdown_share,          \
        "Fall of equity from its peak, as a share of the peak.")                               \
    ROW(REALISED, "realised", LEVEL, false, MONEY, read_realised,                              \
        "Profit of everything that was closed, fees not taken off, since the journal began.")  \
    ROW(UNREALISED, "unrealised", LEVEL, false, MONEY, read_unrealised,                        \
        "Profit of everything that is held, at its marks.")                                    \
    ROW(FEES_TODAY, "fees_today", LEVEL, false, MONEY, read_fees_today,                        \
        "Fees of the fills booked since 00:00 UTC.")                                           \
    ROW(EXPOSURE, "exposure", LEVEL, false, MONEY, read_exposure,                              \
        "Sum of the values of all positions, longs and shorts alike.")                         \
    ROW(LEVERAGE, "leverage", LEVEL, false, "multiple of equity", read_leverage,               \
        "That as a multiple of equity.")                                                       \
    ROW(MARGIN_SHARE, "margin_share", LEVEL, false, "share of equity", read_margin_share,      \
        "Initial margin that futures held and working bind.")                                  \
    ROW(MAINTENANCE_SHARE, "maintenance_share", LEVEL, false, "share of equity",               \
        read_maintenance_share,                                                                \
        "Maintenance margin likewise; at 1 positions are liquidated.")                         \
    ROW(POSITIONS, "positions", LEVEL, false, "count", read_positions,                         \
        "Symbols that are held.")                                                              \
    ROW(OPEN_ORDERS, "open_orders", LEVEL, false, "count", read_open_orders,                   \
        "Orders that work or may work.")                                                       \
    ROW(UNKNOWN_ORDERS, "unknown_orders", LEVEL, false, "count", read_unknown_orders,          \
        "Of these, the ones whose outcome is unknown.")                                        \
    ROW(LOSSES_IN_ROW, "losses_in_row", LEVEL, false, "count", read_losses_in_row,             \
        "Round trips in a row that lost money, fees included.")                                \
    ROW(FAILURES_IN_ROW, "failures_in_row", LEVEL, false, "count", read_failures_in_row,       \
        "Requests in a row that the venue did not answer itself.")                             \
    ROW(MARKET_SILENCE, "market_silence", LEVEL, false, "seconds", read_market_silence,        \
        "Time since the last market data of any symbol.")                                      \
    ROW(CLOCK_SKEW, "clock_skew", LEVEL, false, "seconds", read_clock_skew,                    \
        "How far the venue's clock is ahead of this machine's; use abs_gt.")                   \
    ROW(RATE_USAGE, "rate_usage", LEVEL, false, "share", read_rate_usage,                      \
        "Used part of the venue's budget of requests.")                                        \
    ROW(BREAKERS_OPEN, "breakers_open", LEVEL, false, "count", read_breakers_open,             \
        "Ways to the venue that are given up for a while.")                                    \
    ROW(DISK_FREE, "disk_free", LEVEL, false, "MiB", read_disk_free,                           \
        "Room where the journal lies.")                                                        \
    ROW(ORDERS, "orders", GROWTH, false, "count", read_orders, "Orders sent.")                 \
    ROW(REFUSALS, "refusals", GROWTH, false, "count", read_refusals,                           \
        "Orders that the engine itself refused.")                                              \
    ROW(REJECTS, "rejects", GROWTH, false, "count", read_rejects,                              \
        "Orders that the venue rejected.")                                                     \
    ROW(FILLS, "fills", GROWTH, false, "count", read_fills, "Executions booked.")              \
    ROW(TURNOVER, "turnover", GROWTH, false, MONEY, read_turnover,                             \
        "Value bought and sold.")                                                              \
    ROW(FEES, "fees", GROWTH, false, MONEY, read_fees, "Fees paid.")                           \
    ROW(FAILED_REQUESTS, "failed_requests", GROWTH, false, "count", read_failed_requests,      \
        "Requests that the venue did not answer itself.")                                      \
    ROW(ERROR_SHARE, "error_share", RATIO, false, "share", read_failed_requests,               \
        "Those as a share of all requests; zero while there were none.")                       \
    ROW(ANOMALIES, "anomalies", GROWTH, false, "count", read_anomalies,                        \
        "Reports that contradict what is known of an order.")                                  \
    ROW(SCRIPT_ERRORS, "script_errors", GROWTH, false, "count", read_script_errors,            \
        "Failed calls of strategies.")                                                         \
    ROW(EQUITY_CHANGE, "equity_change", GROWTH, false, MONEY, read_equity,                     \
        "Equity less that at the window's start; a loss is negative.")                         \
    ROW(EQUITY_CHANGE_SHARE, "equity_change_share", CHANGE, false, "share", read_equity,       \
        "That as a share of equity at the window's start.")                                    \
    ROW(SPREAD_BPS, "spread_bps", LEVEL, true, "basis points", read_spread_bps,                \
        "Distance of bid and ask, as a part of their middle.")                                 \
    ROW(MARK_AGE, "mark_age", LEVEL, true, "seconds", read_mark_age,                           \
        "Time since the price was last heard.")                                                \
    ROW(DEPTH, "depth", LEVEL, true, "quote currency", read_depth,                             \
        "Value in the book within half a per cent of the best price, of the thinner side.")    \
    ROW(VOLATILITY, "volatility", LEVEL, true, "share", read_volatility,                       \
        "Furthest of the last `watch.volatility_window` closes from their mean.")              \
    ROW(CORRELATION, "correlation", LEVEL, true, "-1 to 1", read_correlation,                  \
        "With the symbol among those held that it moves with most closely; never negative.")   \
    ROW(PRICE_CHANGE_SHARE, "price_change_share", CHANGE, true, "share", read_mark,            \
        "Change of the mark over the window; a fall is negative.")                             \
    ROW(POSITION_SIZE, "position_size", LEVEL, true, "base units", read_position_size,         \
        "What is held; a short is negative.")                                                  \
    ROW(POSITION_VALUE, "position_value", LEVEL, true, "quote currency", read_position_value,  \
        "That at the mark.")                                                                   \
    ROW(POSITION_SHARE, "position_share", LEVEL, true, "share of equity", read_position_share, \
        "That without its sign, as a share of equity.")                                        \
    ROW(POSITION_AGE, "position_age", LEVEL, true, "seconds", read_position_age,               \
        "Time since the position was opened; zero when flat.")                                 \
    ROW(POSITION_PNL, "position_pnl", LEVEL, true, "quote currency", read_position_pnl,        \
        "Unrealised profit; a loss is negative.")                                              \
    ROW(POSITION_PNL_SHARE, "position_pnl_share", LEVEL, true, "share", read_position_pnl_share, \
        "That as a share of what the position cost.")                                          \
    ROW(SYMBOL_ORDERS, "symbol_orders", LEVEL, true, "count", read_symbol_orders,              \
        "Open orders of the symbol.")                                                          \
    ROW(ORDER_AGE, "order_age", LEVEL, true, "seconds", read_order_age,                        \
        "Age of its oldest open order; zero without one.")

#define AS_NAME(id, name, shape, of_symbol, unit, read, help) [METRIC_##id] = name,
#define AS_ROW(id, name, shape, of_symbol, unit, read, help)                                   \
    [METRIC_##id] = {unit, help, shape, of_symbol, read},
/* clang-format on */

const char *const metric_names[] = {[METRIC_NONE] = "none", ROWS(AS_NAME) NULL};
static_assert(ARRAY_LEN(metric_names) == METRIC_COUNT + 1, "name every metric");

static const struct {
    const char *unit, *help;
    enum shape shape;
    bool of_symbol;
    reader read;
} rows[] = {[METRIC_NONE] = {"", "", LEVEL, false, NULL}, ROWS(AS_ROW)};
static_assert(ARRAY_LEN(rows) == METRIC_COUNT, "a row for every metric");

struct metric_info metric_describe(enum metric metric)
{
    assert(metric < METRIC_COUNT);
    return (struct metric_info){
        .name = metric_names[metric],
        .unit = rows[metric].unit,
        .help = rows[metric].help,
        .of_symbol = rows[metric].of_symbol,
        .over_window = rows[metric].shape != LEVEL,
        .needs_bars = metric == METRIC_VOLATILITY || metric == METRIC_CORRELATION,
        .is_sum = is_sum(metric),
    };
}

bool metric_look(const struct engine *engine, enum metric metric, product_ref product,
                 struct metric_look *out)
{
    assert(metric > METRIC_NONE && metric < METRIC_COUNT);
    assert(rows[metric].of_symbol == (product != PRODUCT_NONE));
    out->time = engine->now;
    out->whole = DECIMAL_ZERO;
    if (rows[metric].shape == RATIO && !read_requests(engine, product, &out->whole))
        return false;
    if (!rows[metric].read(engine, product, &out->value))
        return false;
    if (!is_sum(metric))
        return true;
    out->whole = decimal_add(out->whole, engine->guards.before[metric].whole);
    return decimal_try_add(out->value, engine->guards.before[metric].value, &out->value);
}

void metric_go_on(struct engine *engine, enum metric metric, const struct metric_look *from)
{
    struct metric_look *before = &engine->guards.before[metric], now;

    *before = (struct metric_look){0};
    if (!is_sum(metric) || !metric_look(engine, metric, PRODUCT_NONE, &now))
        return;
    before->value = decimal_sub(from->value, now.value);
    before->whole = decimal_sub(from->whole, now.whole);
}

bool metric_figure(enum metric metric, const struct metric_look *then,
                   const struct metric_look *now, decimal *out)
{
    decimal growth;

    assert(metric > METRIC_NONE && metric < METRIC_COUNT);
    if (rows[metric].shape == LEVEL)
        return say(now->value, out);
    if (!decimal_try_sub(now->value, then->value, &growth))
        return false;
    if (rows[metric].shape == GROWTH)
        return say(growth, out);
    if (rows[metric].shape == CHANGE)
        return say_share(growth, then->value, out);
    return say_share(growth, decimal_sub(now->whole, then->whole), out);
}
