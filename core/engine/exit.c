#include "engine/exit.h"

#include <assert.h>
#include <stdio.h>

#include "base/names.h"

static const char *const state_names[] = {
    [EXIT_WAITING] = "waiting",     [EXIT_ARMED] = "armed", [EXIT_TRIGGERED] = "triggered",
    [EXIT_HELD_BACK] = "held_back", [EXIT_ENDED] = "ended",
};
static_assert(ARRAY_LEN(state_names) == EXIT_STATE_COUNT, "name every state");

static const char *const leg_names[] = {
    [EXIT_NO_LEG] = "none",
    [EXIT_STOP] = "stop",
    [EXIT_TARGET] = "target",
    [EXIT_TRAIL] = "trail",
};
static_assert(ARRAY_LEN(leg_names) == EXIT_LEG_COUNT, "name every leg");

const char *exit_state_name(enum exit_state state)
{
    assert(state < EXIT_STATE_COUNT);
    return state_names[state];
}

const char *exit_leg_name(enum exit_leg leg)
{
    assert(leg < EXIT_LEG_COUNT);
    return leg_names[leg];
}

/* ---- levels ---- */

bool exit_is_leaving(const struct fact_exit *exit)
{
    return exit->state == EXIT_TRIGGERED || exit->state == EXIT_HELD_BACK;
}

/* A size that the venue alone objects to, against the rules we know of, may be too large. */
bool exit_is_too_small(const struct fact_exit *exit)
{
    return exit->state == EXIT_HELD_BACK &&
           (exit->code == REFUSAL_QUANTITY_ZERO || exit->code == REFUSAL_MIN_NOTIONAL ||
            (exit->code == REFUSAL_INVALID_SIZE && exit->tries == 0));
}

bool exit_is_failing(const struct fact_exit *exit)
{
    return exit_is_leaving(exit) && decimal_is_positive(exit->size) &&
           !exit_is_too_small(exit) &&
           (exit->state == EXIT_HELD_BACK || exit->tries >= EXIT_TRIES_LOUD);
}

bool exit_sells(const struct fact_exit *exit)
{
    return exit->side == SIDE_SELL;
}

/* For a long position the higher of two levels is reached first on the way down. */
static decimal nearer_stop(const struct fact_exit *exit, decimal a, decimal b)
{
    if (decimal_is_zero(a) || decimal_is_zero(b))
        return decimal_is_zero(a) ? b : a;
    return exit_sells(exit) ? decimal_max(a, b) : decimal_min(a, b);
}

decimal exit_worse_by(const struct fact_exit *exit, decimal price, decimal distance)
{
    return exit_sells(exit) ? decimal_sub(price, distance) : decimal_add(price, distance);
}

static decimal share_of(decimal price, decimal share)
{
    return decimal_mul(price, share, ROUND_DOWN);
}

static decimal trail_level(const struct fact_exit *exit)
{
    const struct exit_plan *plan = &exit->plan;
    decimal distance = decimal_is_positive(plan->trail_share)
                           ? share_of(exit->extreme, plan->trail_share)
                           : plan->trail;

    if (decimal_is_zero(distance) || decimal_is_zero(exit->extreme))
        return DECIMAL_ZERO;
    return decimal_max(exit_worse_by(exit, exit->extreme, distance), DECIMAL_ZERO);
}

decimal exit_stop_level(const struct fact_exit *exit)
{
    return nearer_stop(exit, exit->plan.stop, trail_level(exit));
}

/* Whether the price is at the level or beyond it, on the losing side; or on the winning one. */
bool exit_is_stopped(const struct fact_exit *exit, decimal price, decimal level)
{
    return decimal_is_positive(level) &&
           (exit_sells(exit) ? decimal_compare(price, level) <= 0
                             : decimal_compare(price, level) >= 0);
}

bool exit_is_won(const struct fact_exit *exit, decimal price)
{
    decimal level = exit->plan.target;

    return decimal_is_positive(level) &&
           (exit_sells(exit) ? decimal_compare(price, level) >= 0
                             : decimal_compare(price, level) <= 0);
}

enum exit_leg exit_stop_leg(const struct fact_exit *exit)
{
    return decimal_is_equal(exit_stop_level(exit), exit->plan.stop) ? EXIT_STOP : EXIT_TRAIL;
}

bool exit_has_trail(const struct fact_exit *exit)
{
    return decimal_is_positive(exit->plan.trail) || decimal_is_positive(exit->plan.trail_share);
}

/* ---- plans ---- */

bool exit_plan_is_empty(const struct exit_plan *plan)
{
    return decimal_is_zero(plan->stop) && decimal_is_zero(plan->target) &&
           decimal_is_zero(plan->trail) && decimal_is_zero(plan->stop_share) &&
           decimal_is_zero(plan->target_share) && decimal_is_zero(plan->trail_share);
}

bool exit_plan_check(const struct exit_plan *plan, enum side entry, decimal price, char *why,
                     size_t size)
{
    int way = entry == SIDE_BUY ? 1 : -1;
    bool stop_holds =
        decimal_is_zero(plan->stop) || decimal_compare(price, plan->stop) * way > 0;
    bool target_holds =
        decimal_is_zero(plan->target) || decimal_compare(plan->target, price) * way > 0;
    char level[DECIMAL_TEXT_MAX], at[DECIMAL_TEXT_MAX];

    if (stop_holds && target_holds)
        return true;
    snprintf(why, size, "the %s of a %s at %s cannot be %s",
             stop_holds ? "take profit" : "stop loss", side_name(entry),
             decimal_format(price, at),
             decimal_format(stop_holds ? plan->target : plan->stop, level));
    return false;
}

/* Shares become prices: of what was paid for the position that is guarded. */
void exit_resolve_shares(struct fact_exit *exit, decimal paid, decimal step)
{
    struct exit_plan *plan = &exit->plan;
    decimal up = decimal_is_positive(step) ? step : (decimal){1};

    if (decimal_is_positive(plan->stop_share))
        plan->stop = decimal_quantize(
            exit_worse_by(exit, paid, share_of(paid, plan->stop_share)), up, ROUND_HALF_EVEN);
    if (decimal_is_positive(plan->target_share))
        plan->target = decimal_quantize(
            exit_worse_by(exit, paid, decimal_negate(share_of(paid, plan->target_share))), up,
            ROUND_HALF_EVEN);
    plan->stop = decimal_max(plan->stop, DECIMAL_ZERO);
    plan->target = decimal_max(plan->target, DECIMAL_ZERO);
}
