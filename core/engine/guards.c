/* Guards of the account, and of the way to the venue. Those of single symbols
 * are in guards_symbol.c. */
#include "engine/guards.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/mem.h"
#include "engine/guards_private.h"

void guards_clear(struct guards *guards)
{
    for (int i = 0; i < PRODUCTS_MAX; i++)
        price_window_free(guards->closes[i]);
    metric_watch_free(guards->rules);
    request_watch_clear(&guards->requests);
}

void guards_hold(struct engine *engine, const struct guard_trip *trip, const char *format, ...)
{
    const struct fact_cause *held = degrade_find(engine->degrade, trip->source, trip->product);
    char why[COMMAND_WHY_MAX];
    va_list args;

    if (engine_keeps_cause(engine, trip->level, trip->product, trip->source, trip->duration,
                           !trip->stops_exits))
        return;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    if (!held) {
        guard_tally_add(&engine->guards.tally, trip->source, TALLY_TRIP);
        engine_note(engine, FACT_GUARD, trip->source,
                    trip->is_critical ? "critical" : "warning", 0, trip->product, "%s", why);
    }
    bool is_new = !held; /* the cause may take the place of the one held */
    engine_hold_cause(engine, trip->level, trip->product, trip->source, why, trip->duration,
                      !trip->stops_exits);
    if (is_new && trip->cancels && engine->settings.degrade.cancel_entries)
        commands_cancel_risk(engine, trip->product);
}

nanos guards_while_it_lasts(const struct engine *engine)
{
    nanos longest = SECONDS(5);

    if (engine->settings.cycle_every)
        return 3 * engine->settings.cycle_every > longest ? 3 * engine->settings.cycle_every
                                                          : longest;
    for (int i = 0; i < engine->products->count; i++)
        if (2 * engine->markets[i].bar.interval > longest)
            longest = 2 * engine->markets[i].bar.interval;
    return longest;
}

/* ---- equity ---- */

static bool is_priced(const struct engine *engine, product_ref product)
{
    const struct product *rules = &engine->products->items[product];
    bool is_held = !position_is_flat(portfolio_position(engine->portfolio, product));

    if (rules->type == PRODUCT_SPOT)
        is_held = !decimal_is_zero(portfolio_balance(engine->portfolio, rules->base).total);
    return !is_held || decimal_is_positive(portfolio_mark(engine->portfolio, product));
}

/* Prices stay once they are there, so this is asked until the first yes. */
bool guards_know_equity(struct engine *engine)
{
    struct guards *guards = &engine->guards;

    for (int i = 0; i < engine->products->count && !guards->knows_equity; i++)
        if (!is_priced(engine, (product_ref)i))
            return false;
    guards->knows_equity = true;
    return true;
}

/* What is at stake is the account itself: nothing that is on its way may make it worse. */
static struct guard_trip loss_trip(const char *source, nanos duration)
{
    return (struct guard_trip){.source = source,
                               .level = LEVEL_REDUCE_ONLY,
                               .product = PRODUCT_NONE,
                               .duration = duration,
                               .is_critical = true,
                               .cancels = true};
}

static struct guard_trip account_trip(const char *source, nanos duration)
{
    return (struct guard_trip){.source = source,
                               .level = LEVEL_REDUCE_ONLY,
                               .product = PRODUCT_NONE,
                               .duration = duration,
                               .is_critical = true};
}

static bool watches_equity(const struct limits *limits)
{
    return !decimal_is_zero(limits->daily_loss_value) ||
           !decimal_is_zero(limits->daily_loss_share) ||
           !decimal_is_zero(limits->max_drawdown_share);
}

static void check_daily_loss(struct engine *engine, decimal equity)
{
    const struct limits *limits = &engine->settings.limits;
    const struct equity_watch *watch = &engine->watch;
    struct guard_trip trip = loss_trip("daily_loss", watch->day + DAYS(1) - engine->now);
    decimal loss = equity_watch_day_loss(watch, equity);
    decimal share = equity_watch_day_loss_share(watch, equity);
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];

    if (!decimal_is_zero(limits->daily_loss_value) &&
        !decimal_is_less(loss, limits->daily_loss_value))
        guards_hold(engine, &trip, "lost %s since 00:00 UTC, limit is %s",
                    decimal_format(loss, is), decimal_format(limits->daily_loss_value, max));
    else if (!decimal_is_zero(limits->daily_loss_share) &&
             !decimal_is_less(share, limits->daily_loss_share))
        guards_hold(engine, &trip, "lost a share of %s since 00:00 UTC, limit is %s",
                    decimal_format(share, is), decimal_format(limits->daily_loss_share, max));
}

static void check_drawdown(struct engine *engine, decimal equity)
{
    decimal limit = engine->settings.limits.max_drawdown_share;
    decimal share = equity_watch_drawdown_share(&engine->watch, equity);
    struct guard_trip trip = loss_trip("drawdown", 0);
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];

    if (!decimal_is_zero(limit) && !decimal_is_less(share, limit))
        guards_hold(engine, &trip, "equity fell by a share of %s from its peak, limit is %s",
                    decimal_format(share, is), decimal_format(limit, max));
}

static void check_losses_in_row(struct engine *engine)
{
    int64_t limit = engine->settings.limits.max_losses_in_row;
    struct guard_trip trip = loss_trip("losses_in_row", 0);

    if (limit && engine->watch.losses_in_row >= limit)
        guards_hold(engine, &trip, "%lld round trips in a row lost money, limit is %lld",
                    (long long)engine->watch.losses_in_row, (long long)limit);
}

static void check_equity(struct engine *engine)
{
    decimal equity = portfolio_equity(engine->portfolio);

    if (!watches_equity(&engine->settings.limits))
        return;
    if (!guards_know_equity(engine)) {
        struct guard_trip trip = account_trip("equity_unknown", guards_while_it_lasts(engine));
        guards_hold(engine, &trip, "something that is held has no price yet");
        return;
    }
    check_daily_loss(engine, equity);
    check_drawdown(engine, equity);
}

/* ---- margin ---- */

static void check_utilisation(struct engine *engine, const struct view *view)
{
    decimal share = engine->settings.guards.margin_utilisation_share, allowed;
    struct guard_trip trip = loss_trip("margin_utilisation", guards_while_it_lasts(engine));
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];

    if (decimal_is_zero(share))
        return;
    decimal used = limits_margin(view, engine->oms, true);
    allowed = decimal_mul(decimal_max(view->equity, DECIMAL_ZERO), share, ROUND_DOWN);
    if (decimal_compare(used, allowed) > 0)
        guards_hold(engine, &trip, "margin of %s is bound, limit is %s",
                    decimal_format(used, is), decimal_format(allowed, max));
}

static void check_liquidation(struct engine *engine, const struct view *view)
{
    decimal buffer = engine->settings.limits.min_liquidation_buffer_share, allowed;
    struct guard_trip trip = loss_trip("liquidation_buffer", guards_while_it_lasts(engine));
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];

    if (decimal_is_zero(buffer))
        return;
    decimal used = limits_margin(view, engine->oms, false);
    allowed = decimal_mul(decimal_max(view->equity, DECIMAL_ZERO), decimal_sub(D(1), buffer),
                          ROUND_DOWN);
    if (decimal_compare(used, allowed) > 0)
        guards_hold(engine, &trip, "maintenance needs %s, and the buffer leaves %s",
                    decimal_format(used, is), decimal_format(allowed, max));
}

static void check_margin(struct engine *engine)
{
    struct view view = engine_view(engine, PRODUCT_NONE);

    check_utilisation(engine, &view);
    check_liquidation(engine, &view);
}

/* ---- the way to the venue ---- */

void guards_on_failed_attempt(struct engine *engine)
{
    if (!decimal_is_zero(engine->settings.guards.error_rate_share))
        request_watch_add(&engine->guards.requests, engine->now, false);
}

void guards_on_request(struct engine *engine, bool is_answered)
{
    const struct degrade_settings *degrade = &engine->settings.degrade;
    struct guards *guards = &engine->guards;
    struct guard_trip trip = {.source = "broker",
                              .level = LEVEL_PAUSED,
                              .product = PRODUCT_NONE,
                              .duration = degrade->broker_pause,
                              .is_critical = true};

    if (!decimal_is_zero(engine->settings.guards.error_rate_share))
        request_watch_add(&guards->requests, engine->now, is_answered);
    guards->requests_made++;
    guards->requests_failed += !is_answered;
    guards->failed_in_row = is_answered ? 0 : guards->failed_in_row + 1;
    guards->request_failures = is_answered ? 0 : guards->request_failures + 1;
    if (guards->request_failures < degrade->broker_failures || is_answered)
        return;
    guards->request_failures = 0;
    guards_hold(engine, &trip, "%lld requests in a row got no answer of the venue",
                (long long)degrade->broker_failures);
}

static void check_error_rate(struct engine *engine)
{
    const struct guard_settings *settings = &engine->settings.guards;
    struct request_watch *watch = &engine->guards.requests;
    struct guard_trip trip = {.source = "error_rate",
                              .level = LEVEL_PAUSED,
                              .product = PRODUCT_NONE,
                              .duration = engine->settings.degrade.api_health_pause,
                              .is_critical = true};

    if (decimal_is_zero(settings->error_rate_share))
        return;
    request_watch_advance(watch, settings->error_rate_window, engine->now);
    decimal allowed =
        decimal_mul(decimal_from_int(watch->count), settings->error_rate_share, ROUND_DOWN);
    if (watch->count < settings->error_rate_min_requests ||
        decimal_compare(decimal_from_int(watch->failed), allowed) <= 0)
        return;
    guards_hold(engine, &trip, "%lld of %lld requests failed", (long long)watch->failed,
                (long long)watch->count);
}

static void hold_stream(struct engine *engine, enum stream_kind stream)
{
    struct guard_trip trip = account_trip("stream_down", guards_while_it_lasts(engine));

    guards_hold(engine, &trip, "the %s stream is down",
                stream == STREAM_USER ? "user" : "market");
}

void guards_on_stream(struct engine *engine, const struct stream_event *event)
{
    bool *is_down = &engine->guards.stream_is_down[event->stream == STREAM_USER];
    bool was_down = *is_down;
    struct guard_trip trip = {.source = "stream_back",
                              .level = LEVEL_PAUSED,
                              .product = PRODUCT_NONE,
                              .duration = engine->settings.degrade.reconnect_pause};

    if (event->change == STREAM_GAP)
        return;
    *is_down = event->change == STREAM_DOWN;
    if (*is_down)
        hold_stream(engine, event->stream);
    else if (was_down && trip.duration)
        guards_hold(engine, &trip, "a stream came back: what it missed is being read");
}

static void check_streams(struct engine *engine)
{
    const struct guards *guards = &engine->guards;
    nanos limit = engine->settings.guards.stream_stale_after;
    nanos silence = engine->now - guards->heard;
    struct guard_trip trip = account_trip("stream_stale", guards_while_it_lasts(engine));
    char is[NANOS_TEXT_MAX], max[NANOS_TEXT_MAX];

    for (int i = 0; i < 2; i++)
        if (guards->stream_is_down[i])
            hold_stream(engine, i ? STREAM_USER : STREAM_MARKET);
    if (limit && guards->heard && silence > limit)
        guards_hold(engine, &trip, "no market data for %s, limit is %s",
                    nanos_format_duration(silence, is), nanos_format_duration(limit, max));
}

/* ---- what adapters measure ---- */

/* An adapter that has told nothing for this long knows nothing any more. */
#define GAUGE_AGE_MAX MINUTES(10)

void guards_on_gauge(struct engine *engine, const struct gauge_event *event)
{
    engine->guards.gauges[event->gauge] =
        (struct gauge_reading){.value = event->value, .time = engine->now};
}

bool guards_gauge(const struct engine *engine, enum gauge gauge, decimal *out)
{
    const struct gauge_reading *reading = &engine->guards.gauges[gauge];

    *out = reading->value;
    return reading->time && engine->now - reading->time <= GAUGE_AGE_MAX;
}

static void check_clock(struct engine *engine)
{
    nanos limit = engine->settings.degrade.clock_skew_max;
    decimal max = {(int128)limit * (DECIMAL_ONE / SECONDS(1))}, skew;
    struct guard_trip trip = account_trip("clock_skew", guards_while_it_lasts(engine));
    char is[DECIMAL_TEXT_MAX], text[NANOS_TEXT_MAX];

    if (limit && guards_gauge(engine, GAUGE_CLOCK_SKEW, &skew) &&
        decimal_compare(decimal_abs(skew), max) > 0)
        guards_hold(engine, &trip, "the venue's clock differs by %s s, limit is %s",
                    decimal_format(skew, is), nanos_format_duration(limit, text));
}

static void check_rate_usage(struct engine *engine)
{
    decimal limit = engine->settings.guards.rate_usage_share, used;
    struct guard_trip trip = account_trip("rate_usage", guards_while_it_lasts(engine));
    char is[DECIMAL_TEXT_MAX], max[DECIMAL_TEXT_MAX];

    if (!decimal_is_zero(limit) && guards_gauge(engine, GAUGE_RATE_USAGE, &used) &&
        decimal_compare(used, limit) > 0)
        guards_hold(engine, &trip, "a share of %s of the request budget is used, limit is %s",
                    decimal_format(used, is), decimal_format(limit, max));
}

static void check_disk(struct engine *engine)
{
    int64_t limit = engine->settings.guards.disk_free_min;
    struct guard_trip trip = account_trip("disk_low", guards_while_it_lasts(engine));
    char is[DECIMAL_TEXT_MAX];
    decimal free;

    if (limit && guards_gauge(engine, GAUGE_DISK_FREE, &free) &&
        decimal_is_less(free, decimal_from_int(limit)))
        guards_hold(engine, &trip, "the journal's disk has room for %s MiB, limit is %lld",
                    decimal_format(free, is), (long long)limit);
}

static void check_breakers(struct engine *engine)
{
    struct guard_trip trip = account_trip("api_health", guards_while_it_lasts(engine));
    char is[DECIMAL_TEXT_MAX];
    decimal open;

    trip.level = LEVEL_PAUSED;
    if (guards_gauge(engine, GAUGE_BREAKERS_OPEN, &open) && decimal_is_positive(open))
        guards_hold(engine, &trip, "%s ways to the venue are given up for a while",
                    decimal_format(open, is));
}

static void check_gauges(struct engine *engine)
{
    check_clock(engine);
    check_rate_usage(engine);
    check_disk(engine);
    check_breakers(engine);
}

void guards_on_slippage(struct engine *engine, product_ref product, bool is_refused)
{
    const struct degrade_settings *degrade = &engine->settings.degrade;
    int *count = &engine->guards.slippage_refusals[product];
    struct guard_trip trip = {.source = "slippage",
                              .level = LEVEL_PAUSED,
                              .product = product,
                              .duration = degrade->slippage_pause};

    *count = is_refused ? *count + 1 : 0;
    if (!is_refused || *count < degrade->slippage_failures)
        return;
    *count = 0;
    guards_hold(engine, &trip, "%lld orders in a row were refused for slippage",
                (long long)degrade->slippage_failures);
}

void guards_on_fill(struct engine *engine, const struct fill *fill, nanos time)
{
    struct guards *guards = &engine->guards;

    if (nanos_day(time) != guards->fee_day)
        guards->fees_today = DECIMAL_ZERO;
    guards->fee_day = nanos_day(time);
    guards->fees_today = decimal_add(guards->fees_today, fill->fee);
    if (!decimal_try_add(guards->turnover, fill->value, &guards->turnover))
        guards->turnover = DECIMAL_ZERO; /* beyond all numbers: it begins anew */
}

void guards_run(struct engine *engine, product_ref product)
{
    check_equity(engine);
    check_losses_in_row(engine);
    check_margin(engine);
    check_error_rate(engine);
    check_streams(engine);
    check_gauges(engine);
    for (int i = 0; i < engine->products->count; i++)
        if (product == PRODUCT_NONE || product == i)
            guards_check_symbol(engine, (product_ref)i);
    metric_watch_run(engine, product);
    guards_check_orders(engine);
}
