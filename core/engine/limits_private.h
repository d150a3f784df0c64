/* Between limits.c, whose table has the rows, and the files they are reckoned in:
 *
 *     limits_order.c      one order, how many, at what hours and prices
 *     limits_position.c   what is held and works: positions, exposure, leverage
 *     limits_margin.c     what futures bind, and the funds
 *     limits_book.c       spread, slippage and impact, from the live book
 *     limits_figures.c    what all of them reckon with
 *
 * Each row is a small function of what it looks at. Rounding is against the trader
 * throughout: rooms round down, needs round up. */
#ifndef ENGINE_LIMITS_PRIVATE_H
#define ENGINE_LIMITS_PRIVATE_H

#include "engine/limits.h"

/* Stands for "no limit": larger than any size that trades, small enough to compare. */
#define UNLIMITED D(1000000000000000)

/* The largest size that the row allows. */
typedef decimal room_function(const struct limit_check *check);
/* Whether the row holds; if not, why. */
typedef bool rule_function(const struct limit_check *check, char detail[LIMIT_DETAIL_MAX]);

/* ---- the rows, by file ---- */

rule_function holds_window, holds_limit_only, holds_open_orders, holds_price_band;
rule_function holds_per_second, holds_per_minute, holds_per_hour, holds_per_day;
room_function room_order_value, room_symbol_order_size, room_symbol_order_value;

rule_function holds_shorts, holds_positions;
room_function room_position_value, room_position_share, room_symbol_position_size;
room_function room_symbol_position_value, room_symbol_position_share;
room_function room_exposure_value, room_exposure_share, room_leverage, room_symbol_leverage;

room_function room_margin, room_liquidation, room_funds;

rule_function holds_spread, holds_slippage, holds_impact;

/* ---- what they reckon with ---- */

static inline const struct product *product_of(const struct limit_check *check)
{
    return check->view->market->product;
}

static inline const struct limits *limits_of(const struct limit_check *check)
{
    return &check->settings->limits;
}

static inline const struct symbol_limits *symbol_of(const struct limit_check *check)
{
    return limits_of_symbol(limits_of(check), product_of(check)->symbol);
}

static inline decimal not_negative(decimal a)
{
    return decimal_max(a, DECIMAL_ZERO);
}

/* The size that a value buys at the check's price. */
decimal limits_size_of_value(const struct limit_check *check, decimal value);
decimal limits_share_of_equity(const struct limit_check *check, decimal share);
/* What of the request is still to come: an order that is changed has a part of it behind it. */
decimal limits_size_to_come(const struct limit_check *check);
/* What the order that is changed counts now. */
decimal limits_changed_value(const struct limit_check *check);
decimal limits_room_below(decimal limit, decimal used);
/* a + b, at most UNLIMITED. */
decimal limits_add(decimal a, decimal b);

#endif
