#include "engine/equity_watch.h"

#include <assert.h>

void equity_watch_apply_baseline(struct equity_watch *watch,
                                 const struct fact_baseline *baseline)
{
    watch->day = baseline->day;
    watch->day_start = baseline->equity;
    equity_watch_apply_equity(watch, baseline->equity);
}

void equity_watch_apply_equity(struct equity_watch *watch, decimal equity)
{
    watch->last = equity;
    watch->peak = decimal_max(watch->peak, equity);
}

void equity_watch_apply_fill(struct equity_watch *watch, const struct fill *fill,
                             const struct position_change *change)
{
    assert(fill->product < PRODUCTS_MAX);
    decimal *trip = &watch->trip[fill->product];
    *trip = decimal_sub(decimal_add(*trip, change->realised), fill->fee);
    if (decimal_is_zero(change->closed) || !(change->flat || change->opened))
        return;
    watch->losses_in_row = decimal_is_negative(*trip) ? watch->losses_in_row + 1 : 0;
    *trip = DECIMAL_ZERO;
}

void equity_watch_apply_resume(struct equity_watch *watch)
{
    watch->peak = watch->last;
    watch->losses_in_row = 0;
}

void equity_watch_apply_memory(struct equity_watch *watch, const struct fact_memory *memory)
{
    watch->peak = memory->peak;
    watch->last = memory->last;
    watch->losses_in_row = (int64_t)memory->losses_in_row;
}

void equity_watch_apply_trip(struct equity_watch *watch, const struct fact_trip *trip)
{
    assert(trip->product < PRODUCTS_MAX);
    watch->trip[trip->product] = trip->profit;
}

bool equity_watch_needs_baseline(const struct equity_watch *watch, nanos now)
{
    return watch->day == 0 || now >= watch->day + DAYS(1);
}

decimal equity_watch_day_loss(const struct equity_watch *watch, decimal equity)
{
    return decimal_max(decimal_sub(watch->day_start, equity), DECIMAL_ZERO);
}

/* Rounded up: a limit that is a share must not be crossed by rounding. */
static decimal share(decimal part, decimal whole)
{
    if (!decimal_is_positive(whole))
        return decimal_is_positive(part) ? D(1) : DECIMAL_ZERO;
    return decimal_div(part, whole, ROUND_UP);
}

decimal equity_watch_day_loss_share(const struct equity_watch *watch, decimal equity)
{
    return share(equity_watch_day_loss(watch, equity), watch->day_start);
}

decimal equity_watch_drawdown_share(const struct equity_watch *watch, decimal equity)
{
    decimal fall = decimal_sub(watch->peak, equity);

    return share(decimal_max(fall, DECIMAL_ZERO), watch->peak);
}
