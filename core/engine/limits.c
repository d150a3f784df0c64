/* The table says where each row belongs and asks them; limits_private.h says what they are. */
#include "engine/limits.h"

#include <assert.h>
#include <stdio.h>

#include "engine/limits_private.h"

struct row {
    struct limit_info info;
    room_function *room; /* one of the two */
    rule_function *holds;
    bool always; /* asked for reducing orders too */
};

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
