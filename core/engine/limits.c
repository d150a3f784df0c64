/* The table says where each row belongs and asks them; limits_private.h says what they are. */
#include "engine/limits.h"

#include <assert.h>
#include <stddef.h>
#include <stdio.h>

#include "engine/limits_private.h"

/* What of the limits switches a row on. */
struct setting {
    enum { ALWAYS, BY_AMOUNT, BY_COUNT, BY_FLAG, BY_SYMBOL } kind;
    size_t offset;
};

#define AMOUNT(field)                                                                          \
    {                                                                                          \
        BY_AMOUNT, offsetof(struct limits, field)                                              \
    }
#define COUNT(field)                                                                           \
    {                                                                                          \
        BY_COUNT, offsetof(struct limits, field)                                               \
    }
#define FLAG(field)                                                                            \
    {                                                                                          \
        BY_FLAG, offsetof(struct limits, field)                                                \
    }

struct row {
    struct limit_info info;
    room_function *room; /* one of the two */
    rule_function *holds;
    bool always; /* asked for reducing orders too */
    struct setting on;
};

/* In the order of the stages. */
/* clang-format off */
static const struct row rows[] = {
    {{"trading window", "risk.window", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, NULL, holds_window, false, FLAG(has_window)},
    {{"shorts", "risk.allow_shorts", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, NULL, holds_shorts, false, {ALWAYS, 0}},
    {{"limit orders only", "risk.limit_only", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, NULL, holds_limit_only, false, FLAG(limit_only)},
    {{"open orders", "risk.max_open_orders", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, NULL, holds_open_orders, false, COUNT(max_open_orders)},
    {{"orders per second", "risk.orders_per_second", STAGE_HARD_LIMITS, REFUSAL_ORDER_RATE}, NULL, holds_per_second, false, COUNT(orders_per_second)},
    {{"orders per minute", "risk.orders_per_minute", STAGE_HARD_LIMITS, REFUSAL_ORDER_RATE}, NULL, holds_per_minute, false, COUNT(orders_per_minute)},
    {{"orders per hour", "risk.orders_per_hour", STAGE_HARD_LIMITS, REFUSAL_ORDER_RATE}, NULL, holds_per_hour, false, COUNT(orders_per_hour)},
    {{"orders per day", "risk.orders_per_day", STAGE_HARD_LIMITS, REFUSAL_ORDER_RATE}, NULL, holds_per_day, false, COUNT(orders_per_day)},
    {{"order value", "risk.max_order_value", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, room_order_value, NULL, false, AMOUNT(max_order_value)},
    {{"order size of the symbol", "risk.symbols.*.max_order_size", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, room_symbol_order_size, NULL, false, {BY_SYMBOL, 0}},
    {{"order value of the symbol", "risk.symbols.*.max_order_value", STAGE_HARD_LIMITS, REFUSAL_HARD_LIMIT}, room_symbol_order_value, NULL, false, {BY_SYMBOL, 0}},
    {{"price band", "risk.price_band_share", STAGE_EXCHANGE_RULES, REFUSAL_INVALID_PRICE}, NULL, holds_price_band, false, AMOUNT(price_band_share)},
    {{"number of positions", "risk.max_positions", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, NULL, holds_positions, false, COUNT(max_positions)},
    {{"position value", "risk.max_position_value", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_position_value, NULL, false, AMOUNT(max_position_value)},
    {{"position share", "risk.max_position_share", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_position_share, NULL, false, AMOUNT(max_position_share)},
    {{"position size of the symbol", "risk.symbols.*.max_position_size", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_symbol_position_size, NULL, false, {BY_SYMBOL, 0}},
    {{"position value of the symbol", "risk.symbols.*.max_position_value", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_symbol_position_value, NULL, false, {BY_SYMBOL, 0}},
    {{"position share of the symbol", "risk.symbols.*.max_position_share", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_symbol_position_share, NULL, false, {BY_SYMBOL, 0}},
    {{"exposure value", "risk.max_exposure_value", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_exposure_value, NULL, false, AMOUNT(max_exposure_value)},
    {{"exposure share", "risk.max_exposure_share", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_EXPOSURE}, room_exposure_share, NULL, false, AMOUNT(max_exposure_share)},
    {{"leverage", "risk.max_leverage", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_LEVERAGE}, room_leverage, NULL, false, AMOUNT(max_leverage)},
    {{"leverage of the symbol", "risk.symbols.*.max_leverage_day", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_LEVERAGE}, room_symbol_leverage, NULL, false, {BY_SYMBOL, 0}},
    {{"initial margin", "product.initial_margin", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_MARGIN}, room_margin, NULL, false, {ALWAYS, 0}},
    {{"liquidation buffer", "risk.min_liquidation_buffer_share", STAGE_PRE_TRADE, REFUSAL_PRE_TRADE_MARGIN}, room_liquidation, NULL, false, AMOUNT(min_liquidation_buffer_share)},
    {{"funds", "risk.min_balance", STAGE_FUNDS, REFUSAL_INSUFFICIENT_FUNDS}, room_funds, NULL, true, {ALWAYS, 0}},
    {{"spread", "risk.max_spread_bps", STAGE_SLIPPAGE, REFUSAL_SLIPPAGE_GUARD}, NULL, holds_spread, false, AMOUNT(max_spread_bps)},
    {{"slippage", "risk.max_slippage_bps", STAGE_SLIPPAGE, REFUSAL_SLIPPAGE_GUARD}, NULL, holds_slippage, false, AMOUNT(max_slippage_bps)},
    {{"impact", "risk.max_impact_bps", STAGE_SLIPPAGE, REFUSAL_SLIPPAGE_GUARD}, NULL, holds_impact, false, AMOUNT(max_impact_bps)},
};
/* clang-format on */

_Static_assert(ARRAY_LEN(rows) <= 32, "a bit each");

static bool is_on(const struct setting *on, const struct limits *limits)
{
    const char *field = (const char *)limits + on->offset;

    switch (on->kind) {
    case BY_AMOUNT:
        return !decimal_is_zero(*(const decimal *)field);
    case BY_COUNT:
        return *(const int64_t *)field != 0;
    case BY_FLAG:
        return *(const bool *)field;
    case BY_SYMBOL:
        return limits->symbol_count > 0;
    case ALWAYS:
        break;
    }
    return true;
}

uint32_t limits_idle(const struct limits *limits)
{
    uint32_t idle = 0;

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (!is_on(&rows[i].on, limits))
            idle |= UINT32_C(1) << i;
    return idle;
}

static bool is_idle(const struct limit_check *check, size_t row)
{
    return check->idle >> row & 1;
}

static bool row_holds(const struct row *row, const struct limit_check *check,
                      char detail[LIMIT_DETAIL_MAX])
{
    if (check->reduces && !row->always)
        return true;
    if (row->holds)
        return row->holds(check, detail);
    /* Limits of a single order hold for the whole of it, the others for what it adds. */
    decimal asked = row->info.stage == STAGE_HARD_LIMITS ? check->request->size
                                                         : limits_size_to_come(check);
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
        if (!is_idle(check, i) && !row_holds(&rows[i], check, detail))
            return rows[i].info.code;
    return REFUSAL_NONE;
}

decimal limits_cap(const struct limit_check *check, decimal size, const char **by)
{
    *by = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if (!rows[i].room || is_idle(check, i) || (check->reduces && !rows[i].always))
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
