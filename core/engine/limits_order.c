/* Rows about one order: its value and size, how many there are and how fast they come, at what
 * hours, of which type, how far from the market. */
#include <stdio.h>

#include "engine/limits_private.h"

decimal room_order_value(const struct limit_check *check)
{
    decimal limit = limits_of(check)->max_order_value;

    return decimal_is_zero(limit) ? UNLIMITED : limits_size_of_value(check, limit);
}

decimal room_symbol_order_size(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    return !own || decimal_is_zero(own->max_order_size) ? UNLIMITED : own->max_order_size;
}

decimal room_symbol_order_value(const struct limit_check *check)
{
    const struct symbol_limits *own = symbol_of(check);

    return !own || decimal_is_zero(own->max_order_value)
               ? UNLIMITED
               : limits_size_of_value(check, own->max_order_value);
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

bool holds_per_second(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    return pace_holds(check, PACE_SECOND, limits_of(check)->orders_per_second, detail);
}

bool holds_per_minute(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    return pace_holds(check, PACE_MINUTE, limits_of(check)->orders_per_minute, detail);
}

bool holds_per_hour(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    return pace_holds(check, PACE_HOUR, limits_of(check)->orders_per_hour, detail);
}

bool holds_per_day(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    return pace_holds(check, PACE_DAY, limits_of(check)->orders_per_day, detail);
}

bool holds_open_orders(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
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

bool holds_window(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    const struct limits *limits = limits_of(check);

    if (!limits->has_window || is_in_window(limits, check->view->now))
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "outside the trading window %02d:%02d to %02d:%02d UTC",
             (int)(limits->window_start_minute / 60), (int)(limits->window_start_minute % 60),
             (int)(limits->window_end_minute / 60), (int)(limits->window_end_minute % 60));
    return false;
}

bool holds_limit_only(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    enum order_type type = check->request->type;

    if (!limits_of(check)->limit_only || type == ORDER_LIMIT || type == ORDER_STOP_LIMIT)
        return true;
    snprintf(detail, LIMIT_DETAIL_MAX, "the profile lets entries be limit orders only");
    return false;
}

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
bool holds_price_band(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX])
{
    const struct order_request *request = check->request;

    if (decimal_is_zero(limits_of(check)->price_band_share) ||
        !decimal_is_positive(check->view->market->mark))
        return true;
    return is_in_band(check, "limit", request->limit_price, detail) &&
           is_in_band(check, "stop", request->stop_price, detail);
}
