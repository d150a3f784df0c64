/* Each row is a small function of what it looks at, and the table below says
 * where it belongs. Rounding is against the trader throughout: rooms round
 * down, needs round up. */
#include "engine/limits.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* Stands for "no limit": larger than any size that trades, small enough to compare. */
#define UNLIMITED D(1000000000000000)

typedef decimal (*room_function)(const struct limit_check *check);
typedef bool (*rule_function)(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX]);

struct row {
    struct limit_info info;
    room_function room; /* one of the two */
    rule_function holds;
    bool always; /* asked for reducing orders too */
};

/* ---- what the rows reckon with ---- */

static const struct product *product_of(const struct limit_check *check)
{
    return check->view->market->product;
}

static const struct limits *limits_of(const struct limit_check *check)
{
    return &check->settings->limits;
}

static const struct symbol_limits *symbol_of(const struct limit_check *check)
{
    return limits_of_symbol(limits_of(check), product_of(check)->symbol);
}

static decimal not_negative(decimal a)
{
    return decimal_max(a, DECIMAL_ZERO);
}

/* The size that a value buys at the check's price. A unit worth more than there are numbers is
 * not bought; a size larger than there are numbers is no limit. */
static decimal size_of_value(const struct limit_check *check, decimal value)
{
    decimal each, size;

    if (!decimal_try_mul(check->price, product_of(check)->contract_size, ROUND_UP, &each))
        return DECIMAL_ZERO;
    if (!decimal_try_div(value, each, ROUND_DOWN, &size))
        return UNLIMITED;
    return decimal_min(size, UNLIMITED);
}

static decimal share_of_equity(const struct limit_check *check, decimal share)
{
    decimal value;

    if (!decimal_try_mul(check->view->equity, share, ROUND_DOWN, &value))
        return UNLIMITED;
    return value;
}

/* What of the request is still to come: an order that is changed has a part of it behind it. */
static decimal size_to_come(const struct limit_check *check)
{
    decimal filled = check->changed ? check->changed->filled : DECIMAL_ZERO;

    return not_negative(decimal_sub(check->request->size, filled));
}

/* What works on the order's side. */
struct working {
    decimal size, value; /* value: each order at the price that was reserved for it */
    decimal worst;       /* the highest of those prices */
};

static decimal saturated_add(decimal a, decimal b)
{
    decimal sum;

    return decimal_try_add(a, b, &sum) ? decimal_min(sum, UNLIMITED) : UNLIMITED;
}

static decimal value_of(const struct limit_check *check, decimal size, decimal price)
{
    decimal value;

    return product_value(product_of(check), size, price, &value) ? value : UNLIMITED;
}

static struct working working_of(const struct limit_check *check)
{
    const struct order *const *open = oms_open(check->oms);
    const struct order_request *request = check->request;
    struct working sum = {DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO};

    for (int i = 0; i < oms_open_count(check->oms); i++) {
        if (open[i]->request.product != request->product ||
            open[i]->request.side != request->side || open[i] == check->changed)
            continue;
        decimal rest = order_exposed_size(open[i]), price = order_exposed_price(open[i]);
        sum.size = saturated_add(sum.size, rest);
        sum.value = saturated_add(sum.value, value_of(check, rest, price));
        sum.worst = decimal_max(sum.worst, price);
    }
    return sum;
}

/* Size held in the order's direction; negative when it is held the other way. */
static decimal held_size(const struct limit_check *check)
{
    const struct order_request *request = check->request;
    decimal held = portfolio_position(check->view->portfolio, request->product)->size;

    return request->side == SIDE_SELL ? decimal_negate(held) : held;
}

/* Size held and working in the order's direction, at least zero. */
static decimal directed_size(const struct limit_check *check)
{
    return not_negative(saturated_add(held_size(check), working_of(check).size));
}

/* Its value: what is held at the mark, what works at its own prices. The price of the order
 * itself would let a limit far below the market make little of both. What first has to close
 * the other side counts from there, all of it at the worst of its prices. */
static decimal directed_value(const struct limit_check *check)
{
    decimal held = held_size(check), mark = check->view->market->mark;
    struct working working = working_of(check);

    if (decimal_is_negative(held))
        return value_of(check, not_negative(saturated_add(held, working.size)), working.worst);
    if (!decimal_is_positive(mark))
        mark = check->price;
    return saturated_add(value_of(check, held, mark), working.value);
}

/* What the order that is changed counts now. */
static decimal changed_value(const struct limit_check *check)
{
    return check->changed ? oms_value_of(check->oms, check->changed) : DECIMAL_ZERO;
}

/* Exposure of the account, held plus working. */
static decimal total_exposure(const struct limit_check *check)
{
    decimal working = oms_working_value(check->oms, PRODUCT_NONE);

    return decimal_add(portfolio_exposure(check->view->portfolio),
                       decimal_sub(working, changed_value(check)));
}

static decimal room_below(decimal limit, decimal used)
{
    return not_negative(decimal_sub(limit, used));
}

/* ---- hard limits ---- */

static decimal room_order_value(const struct limit_check *check)
{
    decimal limit = limits_of(check)->max_order_value;

    return decimal_is_zero(limit) ? UNLIMITED : size_of_value(check, limit);
}

static decimal room_symbol_order_size(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    return !own || decimal_is_zero(own->max_order_size) ? UNLIMITED : own->max_order_size;
}

static decimal room_symbol_order_value(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    return !own || decimal_is_zero(own->max_order_value)
               ? UNLIMITED
               : size_of_value(check, own->max_order_value);
}

static bool pace_holds(const struct limit_check *check, enum pace_window window, int64_t limit,
                       char detail[LIMIT_DETAIL_MAX])
{
    if (limit == 0)
        return true;
    int64_t count = pace_count(check->pace, window, check->view->now);
    if (count < limit)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "%lld orders in the last %s, limit is %lld",
             (long long)count, pace_window_name(window), (long long)limit);
    return false;
}

static bool holds_per_second(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    return pace_holds(check, PACE_SECOND, limits_of(check)->orders_per_second, detail);
}

static bool holds_per_minute(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    return pace_holds(check, PACE_MINUTE, limits_of(check)->orders_per_minute, detail);
}

static bool holds_per_hour(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    return pace_holds(check, PACE_HOUR, limits_of(check)->orders_per_hour, detail);
}

static bool holds_per_day(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    return pace_holds(check, PACE_DAY, limits_of(check)->orders_per_day, detail);
}

static bool holds_open_orders(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    int64_t limit = limits_of(check)->max_open_orders;
    int open = oms_open_count(check->oms);

    if (limit == 0 || open < limit || check->changed)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "%d orders are open, limit is %lld", open,
             (long long)limit);
    return false;
}

static bool opens_on(const struct limits *limits, nanos day)
{
    return limits->window_days & (1u << nanos_weekday(day));
}

/* A window that spans midnight belongs to the day on which it opened. */
static bool is_in_window(const struct limits *limits, nanos now)
{
    int minute = nanos_minute_of_day(now);
    int64_t start = limits->window_start_minute, end = limits->window_end_minute;

    if (start <= end)
        return minute >= start && minute < end && opens_on(limits, now);
    return (minute >= start && opens_on(limits, now)) ||
           (minute < end && opens_on(limits, now - DAYS(1)));
}

static bool holds_window(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    const struct limits *limits = limits_of(check);

    if (!limits->has_window || is_in_window(limits, check->view->now))
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "outside the trading window %02d:%02d to %02d:%02d UTC",
             (int)(limits->window_start_minute / 60), (int)(limits->window_start_minute % 60),
             (int)(limits->window_end_minute / 60), (int)(limits->window_end_minute % 60));
    return false;
}

static bool holds_limit_only(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    enum order_type type = check->request->type;

    if (!limits_of(check)->limit_only || type == ORDER_LIMIT || type == ORDER_STOP_LIMIT)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "the profile lets entries be limit orders only");
    return false;
}

static bool holds_shorts(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    const struct order_request *request = check->request;
    decimal held = portfolio_position(check->view->portfolio, request->product)->size;

    if (limits_of(check)->allow_shorts || request->side == SIDE_BUY ||
        product_of(check)->type ==
            PRODUCT_SPOT) /* spot sells need the coins: the row of funds */
        return true;
    decimal working = working_of(check).size;
    if (decimal_compare(saturated_add(size_to_come(check), working), held) <= 0)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "short positions are not allowed by the profile");
    return false;
}

/* ---- the market ---- */

static bool is_in_band(const struct limit_check *check, const char *what, decimal price,
                       char detail[LIMIT_DETAIL_MAX])
{
    decimal band = limits_of(check)->price_band_share, mark = check->view->market->mark;
    decimal allowed;

    if (decimal_is_zero(price) || !decimal_try_mul(mark, band, ROUND_DOWN, &allowed))
        return true;
    if (decimal_compare(decimal_abs(decimal_sub(price, mark)), allowed) <= 0)
        return true;
    char at[DECIMAL_TEXT_MAX], of[DECIMAL_TEXT_MAX], share[DECIMAL_TEXT_MAX];
    snprintf(detail, LIMIT_DETAIL_MAX,
             "%s price %s is more than a share of %s from the mark %s", what,
             decimal_format(price, at), decimal_format(band, share), decimal_format(mark, of));
    return false;
}

/* Both prices of a stop-limit: a stop far away is a typing error as well. */
static bool holds_price_band(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    const struct order_request *request = check->request;

    if (decimal_is_zero(limits_of(check)->price_band_share) ||
        !decimal_is_positive(check->view->market->mark))
        return true;
    return is_in_band(check, "limit", request->limit_price, detail) &&
           is_in_band(check, "stop", request->stop_price, detail);
}

/* ---- position, exposure, leverage ---- */

static decimal room_position_value(const struct limit_check *check)
{
    decimal limit = limits_of(check)->max_position_value;

    return decimal_is_zero(limit)
               ? UNLIMITED
               : size_of_value(check, room_below(limit, directed_value(check)));
}

static decimal room_position_share(const struct limit_check *check)
{
    decimal share = limits_of(check)->max_position_share;

    if (decimal_is_zero(share))
        return UNLIMITED;
    return size_of_value(check,
                         room_below(share_of_equity(check, share), directed_value(check)));
}

static decimal room_symbol_position_size(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    if (!own || decimal_is_zero(own->max_position_size))
        return UNLIMITED;
    return room_below(own->max_position_size, directed_size(check));
}

static decimal room_symbol_position_value(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    if (!own || decimal_is_zero(own->max_position_value))
        return UNLIMITED;
    return size_of_value(check, room_below(own->max_position_value, directed_value(check)));
}

static decimal room_symbol_position_share(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    if (!own || decimal_is_zero(own->max_position_share))
        return UNLIMITED;
    decimal limit = share_of_equity(check, own->max_position_share);
    return size_of_value(check, room_below(limit, directed_value(check)));
}

static decimal room_exposure_value(const struct limit_check *check)
{
    decimal limit = limits_of(check)->max_exposure_value;

    return decimal_is_zero(limit)
               ? UNLIMITED
               : size_of_value(check, room_below(limit, total_exposure(check)));
}

static decimal room_exposure_share(const struct limit_check *check)
{
    decimal share = limits_of(check)->max_exposure_share;

    if (decimal_is_zero(share))
        return UNLIMITED;
    return size_of_value(check,
                         room_below(share_of_equity(check, share), total_exposure(check)));
}

/* A symbol counts once it is held or being entered. */
static bool is_engaged(const struct limit_check *check, product_ref product)
{
    return !position_is_flat(portfolio_position(check->view->portfolio, product)) ||
           decimal_is_positive(oms_working_value(check->oms, product));
}

static bool holds_positions(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    int64_t limit = limits_of(check)->max_positions, count = 0;

    if (limit == 0 || is_engaged(check, check->request->product))
        return true;
    for (int i = 0; i < check->view->products->count; i++)
        count += is_engaged(check, (product_ref)i);
    if (count < limit)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX,
             "%lld positions are held or being entered, limit is %lld", (long long)count,
             (long long)limit);
    return false;
}

static decimal room_leverage(const struct limit_check *check)
{
    decimal leverage = limits_of(check)->max_leverage;

    if (decimal_is_zero(leverage))
        return UNLIMITED;
    return size_of_value(check,
                         room_below(share_of_equity(check, leverage), total_exposure(check)));
}

static bool is_daytime(const struct limits *limits, nanos now)
{
    int minute = nanos_minute_of_day(now);

    return minute >= limits->day_start_minute && minute < limits->day_end_minute;
}

static decimal room_symbol_leverage(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    if (!own)
        return UNLIMITED;
    decimal leverage = is_daytime(limits_of(check), check->view->now) ? own->max_leverage_day
                                                                      : own->max_leverage_night;
    if (decimal_is_zero(leverage))
        return UNLIMITED;
    return size_of_value(check,
                         room_below(share_of_equity(check, leverage), directed_value(check)));
}

/* ---- margin of futures ---- */

decimal limits_margin(const struct view *view, const struct oms *oms, bool initial)
{
    decimal sum = DECIMAL_ZERO, need;

    for (int i = 0; i < view->products->count; i++) {
        const struct product *product = &view->products->items[i];
        decimal rate = initial ? product->initial_margin : product->maintenance_margin;
        if (product->type != PRODUCT_FUTURE)
            continue;
        const position *held = portfolio_position(view->portfolio, (product_ref)i);
        decimal mark = view->markets[i].mark;
        decimal value = decimal_is_positive(mark) ? position_value(held, product, mark)
                                                  : held->cost; /* not priced yet */
        value = saturated_add(decimal_abs(value), oms_working_value(oms, (product_ref)i));
        if (!decimal_try_mul(value, rate, ROUND_UP, &need))
            return UNLIMITED;
        sum = saturated_add(sum, need);
    }
    return sum;
}

static decimal room_margin(const struct limit_check *check)
{
    const struct product *product = product_of(check);
    decimal value;

    if (product->type != PRODUCT_FUTURE || !decimal_is_positive(product->initial_margin))
        return UNLIMITED;
    decimal freed = decimal_mul(changed_value(check), product->initial_margin, ROUND_DOWN);
    decimal free = room_below(saturated_add(check->view->equity, freed),
                              limits_margin(check->view, check->oms, true));
    if (!decimal_try_div(free, product->initial_margin, ROUND_DOWN, &value))
        return UNLIMITED;
    return size_of_value(check, value);
}

/* What equity would stay above maintenance after this order, as a share of equity, must reach
 * the buffer: (equity - maintenance) / equity >= buffer. */
static decimal room_liquidation(const struct limit_check *check)
{
    decimal buffer = limits_of(check)->min_liquidation_buffer_share;
    const struct product *product = product_of(check);
    decimal value;

    if (decimal_is_zero(buffer) || product->type != PRODUCT_FUTURE ||
        !decimal_is_positive(product->maintenance_margin))
        return UNLIMITED;
    decimal allowed = share_of_equity(check, decimal_sub(D(1), buffer));
    decimal freed = decimal_mul(changed_value(check), product->maintenance_margin, ROUND_DOWN);
    decimal free = room_below(saturated_add(allowed, freed),
                              limits_margin(check->view, check->oms, false));
    if (!decimal_try_div(free, product->maintenance_margin, ROUND_DOWN, &value))
        return UNLIMITED;
    return size_of_value(check, value);
}

/* ---- funds ---- */

/* Of a currency, what positions in futures bind: their margin, and what they have lost. */
static decimal bound_by_futures(const struct limit_check *check, const char *currency)
{
    const struct view *view = check->view;
    decimal sum = DECIMAL_ZERO, margin;

    for (int i = 0; i < view->products->count; i++) {
        const struct product *product = &view->products->items[i];
        const position *held = portfolio_position(view->portfolio, (product_ref)i);
        decimal mark = view->markets[i].mark;
        if (product->type != PRODUCT_FUTURE || position_is_flat(held) ||
            strcmp(product->quote, currency) != 0)
            continue;
        bool is_priced = decimal_is_positive(mark);
        decimal value = is_priced ? position_value(held, product, mark) : held->cost;
        decimal loss = not_negative(decimal_sub(held->cost, value));
        if (!decimal_try_mul(decimal_abs(value), product->initial_margin, ROUND_UP, &margin))
            return UNLIMITED;
        sum = saturated_add(sum, saturated_add(margin, loss));
    }
    return sum;
}

/* What is free of a currency, with what the order that is changed holds of it. */
static decimal available(const struct limit_check *check, const char *currency)
{
    decimal free = portfolio_available(check->view->portfolio, currency), held;
    const char *held_currency;

    if (!check->changed)
        return free;
    held = oms_hold_of(check->oms, check->changed, &held_currency);
    return strcmp(held_currency, currency) == 0 ? decimal_add(free, held) : free;
}

static decimal room_funds(const struct limit_check *check)
{
    const struct product *product = product_of(check);
    decimal value, factor = decimal_add(D(1), check->settings->taker_rate);

    if (product->type == PRODUCT_SPOT && check->request->side == SIDE_SELL)
        return not_negative(available(check, product->base));
    if (product->type == PRODUCT_FUTURE && check->reduces)
        return UNLIMITED;
    if (product->type == PRODUCT_FUTURE)
        factor = decimal_add(product->initial_margin, check->settings->taker_rate);
    decimal bound =
        saturated_add(bound_by_futures(check, product->quote), limits_of(check)->min_balance);
    decimal free = room_below(available(check, product->quote), bound);
    if (!decimal_try_div(free, factor, ROUND_DOWN, &value))
        return UNLIMITED;
    return size_of_value(check, value);
}

/* ---- slippage, from the live book ---- */

/* (a - b) / b in basis points, rounded up. */
static decimal distance_bps(decimal a, decimal b)
{
    decimal bps;

    if (!decimal_is_positive(b) ||
        !decimal_try_mul_div(decimal_abs(decimal_sub(a, b)), D(10000), b, ROUND_UP, &bps))
        return UNLIMITED;
    return bps;
}

static bool takes_liquidity(const struct order_request *request)
{
    return request->type == ORDER_MARKET || request->type == ORDER_STOP;
}

static bool bps_hold(decimal bps, decimal limit, const char *what,
                     char detail[LIMIT_DETAIL_MAX])
{
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];

    if (decimal_compare(bps, limit) <= 0)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "%s of %s bps, limit is %s", what,
             decimal_format(bps, is), decimal_format(limit, max));
    return false;
}

/* Without a quote nothing is known and the rule holds; one with an empty side does not hold. */
static bool holds_spread(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    const struct quote *quote = &check->view->market->quote;
    decimal limit = limits_of(check)->max_spread_bps;
    bool has_bid = decimal_is_positive(quote->bid), has_ask = decimal_is_positive(quote->ask);

    if (decimal_is_zero(limit) || (!has_bid && !has_ask))
        return true;
    if (has_bid && has_ask)
        return bps_hold(distance_bps(quote->ask, quote->bid), limit, "spread", detail);
    snprintf(detail, LIMIT_DETAIL_MAX, "nobody %s, so that there is no spread",
             has_bid ? "sells" : "buys");
    return false;
}

static struct book_sweep sweep_of(const struct limit_check *check)
{
    return order_book_sweep(check->view->market->book, check->request->side,
                            check->request->size);
}

static bool is_too_thin(const struct limit_check *check, const struct book_sweep *sweep,
                        char detail[LIMIT_DETAIL_MAX])
{
    if (decimal_compare(sweep->size, check->request->size) >= 0)
        return false;
    snprintf(detail, LIMIT_DETAIL_MAX, "the book is too thin to fill the order");
    return true;
}

/* Expected price of a taking order against the touch. Without a book nothing is known and the
 * rule holds; a book too thin for the order does not hold. */
static bool holds_slippage(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    decimal limit = limits_of(check)->max_slippage_bps;

    if (decimal_is_zero(limit) || !takes_liquidity(check->request) ||
        !check->view->market->book)
        return true;
    struct book_sweep sweep = sweep_of(check);
    if (is_too_thin(check, &sweep, detail))
        return false;
    decimal average = decimal_div(sweep.value, sweep.size, ROUND_HALF_EVEN);
    return bps_hold(
        distance_bps(average, market_touch(check->view->market, check->request->side)), limit,
        "expected slippage", detail);
}

static bool holds_impact(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    decimal limit = limits_of(check)->max_impact_bps;

    if (decimal_is_zero(limit) || !takes_liquidity(check->request) ||
        !check->view->market->book)
        return true;
    struct book_sweep sweep = sweep_of(check);
    if (is_too_thin(check, &sweep, detail))
        return false;
    return bps_hold(distance_bps(sweep.worst_price,
                                 market_touch(check->view->market, check->request->side)),
                    limit, "price impact", detail);
}

/* ---- the table ---- */

/* In the order of the stages. */
/* clang-format off */
static const struct row rows[] = {
    {{"trading window", "risk.window", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, NULL, holds_window, false},
    {{"shorts", "risk.allow_shorts", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, NULL, holds_shorts, false},
    {{"limit orders only", "risk.limit_only", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, NULL, holds_limit_only, false},
    {{"open orders", "risk.max_open_orders", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, NULL, holds_open_orders, false},
    {{"orders per second", "risk.orders_per_second", STAGE_HARD_LIMITS, REFUSAL_ORDER_RATE}, NULL, holds_per_second, false},
    {{"orders per minute", "risk.orders_per_minute", STAGE_HARD_LIMITS, REFUSAL_ORDER_RATE}, NULL, holds_per_minute, false},
    {{"orders per hour", "risk.orders_per_hour", STAGE_HARD_LIMITS, REFUSAL_ORDER_RATE}, NULL, holds_per_hour, false},
    {{"orders per day", "risk.orders_per_day", STAGE_HARD_LIMITS, REFUSAL_ORDER_RATE}, NULL, holds_per_day, false},
    {{"order value", "risk.max_order_value", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, room_order_value, NULL, false},
    {{"order size of the symbol", "risk.symbols.*.max_order_size", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, room_symbol_order_size, NULL, false},
    {{"order value of the symbol", "risk.symbols.*.max_order_value", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, room_symbol_order_value, NULL, false},
    {{"price band", "risk.price_band_share", STAGE_EXCHANGE_RULES, REFUSAL_INVALID_PRICE}, NULL, holds_price_band, false},
    {{"number of positions", "risk.max_positions", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, NULL, holds_positions, false},
    {{"position value", "risk.max_position_value", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_position_value, NULL, false},
    {{"position share", "risk.max_position_share", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_position_share, NULL, false},
    {{"position size of the symbol", "risk.symbols.*.max_position_size", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_symbol_position_size, NULL, false},
    {{"position value of the symbol", "risk.symbols.*.max_position_value", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_symbol_position_value, NULL, false},
    {{"position share of the symbol", "risk.symbols.*.max_position_share", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_symbol_position_share, NULL, false},
    {{"exposure value", "risk.max_exposure_value", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_exposure_value, NULL, false},
    {{"exposure share", "risk.max_exposure_share", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_exposure_share, NULL, false},
    {{"leverage", "risk.max_leverage", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_LEVERAGE}, room_leverage, NULL, false},
    {{"leverage of the symbol", "risk.symbols.*.max_leverage_day", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_LEVERAGE}, room_symbol_leverage, NULL, false},
    {{"initial margin", "product.initial_margin", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_MARGIN}, room_margin, NULL, false},
    {{"liquidation buffer", "risk.min_liquidation_buffer_share", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_MARGIN}, room_liquidation, NULL, false},
    {{"funds", "risk.min_balance", STAGE_FUNDS, REFUSAL_INSUFFICIENT_FUNDS}, room_funds, NULL, true},
    {{"spread", "risk.max_spread_bps", STAGE_SLIPPAGE, REFUSAL_SLIPPAGE_GUARD}, NULL, holds_spread, false},
    {{"slippage", "risk.max_slippage_bps", STAGE_SLIPPAGE, REFUSAL_SLIPPAGE_GUARD}, NULL, holds_slippage, false},
    {{"impact", "risk.max_impact_bps", STAGE_SLIPPAGE, REFUSAL_SLIPPAGE_GUARD}, NULL, holds_impact, false},
};
/* clang-format on */

static bool row_holds(const struct row *row, const struct limit_check *check,
                      char detail[LIMIT_DETAIL_MAX])
{
    if (check->reduces && !row->always)
        return true;
    if (row->holds)
        return row->holds(check, detail);
    /* Limits of a single order hold for the whole of it, the others for what it adds. */
    decimal asked =
        row->info.stage == STAGE_HARD_LIMITS ? check->request->size : size_to_come(check);
    decimal room = row->room(check);
    if (decimal_compare(asked, room) <= 0)
        return true;
    char size[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];
    snprintf(detail, LIMIT_DETAIL_MAX, "size %s, %s leaves room for %s",
             decimal_format(asked, size), row->info.name, decimal_format(room, max));
    return false;
}

enum refusal limits_check(const struct limit_check *check, enum stage stage,
                          char detail[LIMIT_DETAIL_MAX])
{
    size_t i = 0;

    assert(decimal_is_positive(check->price));
    while (i < ARRAY_LEN(rows) && rows[i].info.stage < stage)
        i++;
    for (; i < ARRAY_LEN(rows) && rows[i].info.stage == stage; i++)
        if (!row_holds(&rows[i], check, detail))
            return rows[i].info.code;
    return REFUSAL_NONE;
}

decimal limits_cap(const struct limit_check *check, decimal size, const char **by)
{
    *by = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!rows[i].room || (check->reduces && !rows[i].always))
            continue;
        decimal room = rows[i].room(check);
        if (decimal_compare(room, size) < 0) {
            size = room;
            *by = rows[i].info.name;
        }
    }
    return size;
}

bool limits_describe(int index, struct limit_info *out)
{
    if (index < 0 || (size_t)index >= ARRAY_LEN(rows))
        return false;
    *out = rows[index].info;
    return true;
}
