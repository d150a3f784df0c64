/* The oracle of the simulation can say no: each of its rules, to an engine that is
 * sabotaged, or because it was told that a limit is tighter than the engine's. */
#include <string.h>

#include "check.h"
#include "engine/limits.h"
#include "lab/simulate.h"

enum { SEEDS_MAX = 60 };

/* Whether some seed breaks a rule with this phrase; else what the last one broke. */
static bool is_found(struct simulate_options options, const char *phrase,
                     struct simulate_result *last)
{
    for (options.seed = 1; options.seed <= SEEDS_MAX; options.seed++) {
        struct simulate_result result;
        simulate_run(&options, &result);
        if (result.has_violation)
            *last = result;
        if (result.has_violation && strstr(result.violation, phrase))
            return true;
    }
    return false;
}

static void assert_found(struct simulate_options options, const char *what, const char *phrase)
{
    struct simulate_result last = {.violation = "nothing"};

    if (!is_found(options, phrase, &last))
        fail_msg("%s: expected \"%s\", found: %s", what, phrase, last.violation);
}

/* ---- sabotage ---- */

static const struct {
    enum sabotage sabotage;
    const char *phrase;
    int hours;
} sabotages[] = {
    {SABOTAGE_NO_SYNC, "before its intent is safe", 2},
    {SABOTAGE_RESIZE, "otherwise than its intent says", 2},
    {SABOTAGE_SEND_TWICE, "that was never sent", 2},
    {SABOTAGE_ONE_NUMBER, "has two orders at the venue", 4},
    {SABOTAGE_FORGET_DOUBT, "while another of its purpose is unknown", 6},
    {SABOTAGE_HOLD_BACK, "was sent at level", 6},
    {SABOTAGE_IGNORE_HALT, "was sent while halted", 12},
    {SABOTAGE_IGNORE_FLATTEN, "flatten left", 12},
    {SABOTAGE_IGNORE_CANCEL, "was to be canceled, and works", 12},
    {SABOTAGE_SECRET_FLATTEN, "flattens, and nobody said so", 6},
    {SABOTAGE_SHRINK_LATE, "closes more than what no other order may close", 12},
    {SABOTAGE_SHRINK, "is larger than what it can reduce", 6},
    {SABOTAGE_INVENT_FILL, "the engine knows of more fills", 4},
    {SABOTAGE_FALSE_REDUCE, "does not reduce", 4},
    {SABOTAGE_FIND_MONEY, "its fills make", 4},
    {SABOTAGE_MISCOUNT, "is not the sum of its fills", 1},
    {SABOTAGE_NO_ANSWERS, "not settled after", 6},
};

TEST(the_oracle_finds_every_sabotage)
{
    bool is_tried[SABOTAGE_COUNT] = {[SABOTAGE_NONE] = true};

    for (size_t i = 0; i < ARRAY_LEN(sabotages); i++) {
        struct simulate_options options = {.span = HOURS(sabotages[i].hours),
                                           .sabotage = sabotages[i].sabotage};
        assert_found(options, sabotage_name(sabotages[i].sabotage), sabotages[i].phrase);
        is_tried[sabotages[i].sabotage] = true;
    }
    for (int i = 0; i < SABOTAGE_COUNT; i++)
        assert_true(is_tried[i]);
}

/* ---- limits ---- */

/* A statement about `limits` that the engine has never heard of. */
#define BELIEF(name, statement)                                                                \
    static void name(struct engine_settings *believed, struct product_table *products)         \
    {                                                                                          \
        struct limits *limits = &believed->limits;                                             \
                                                                                               \
        (void)products;                                                                        \
        (void)limits;                                                                          \
        statement;                                                                             \
    }
#define BELIEF_OF_SYMBOL(name, field)                                                          \
    BELIEF(name,                                                                               \
           limits->symbols[0] =                                                                \
               ((struct symbol_limits){.symbol = "BTC-USD", .field = {DECIMAL_ONE / 100000}}); \
           limits->symbol_count = 1)
#define LITTLE ((decimal){DECIMAL_ONE / 1000000})

BELIEF(window, limits->has_window = true; limits->window_start_minute = 0;
       limits->window_end_minute = 1; limits->window_days = 0x7F)
BELIEF(shorts, limits->allow_shorts = false)
BELIEF(limit_only, limits->limit_only = true)
BELIEF(open_orders, limits->max_open_orders = 1)
BELIEF(per_second, limits->orders_per_second = 1)
BELIEF(per_minute, limits->orders_per_minute = 1)
BELIEF(per_hour, limits->orders_per_hour = 1)
BELIEF(per_day, limits->orders_per_day = 1)
BELIEF(order_value, limits->max_order_value = D(1))
BELIEF_OF_SYMBOL(symbol_order_size, max_order_size)
BELIEF_OF_SYMBOL(symbol_order_value, max_order_value)
BELIEF(price_band, limits->price_band_share = LITTLE)
BELIEF(positions, limits->max_positions = 1)
BELIEF(value_held, limits->max_position_value = D(1))
BELIEF(share_held, limits->max_position_share = LITTLE)
BELIEF_OF_SYMBOL(symbol_position_size, max_position_size)
BELIEF_OF_SYMBOL(symbol_position_value, max_position_value)
BELIEF_OF_SYMBOL(symbol_position_share, max_position_share)
BELIEF(exposure_value, limits->max_exposure_value = D(1))
BELIEF(exposure_share, limits->max_exposure_share = LITTLE)
BELIEF(leverage, limits->max_leverage = LITTLE)
BELIEF_OF_SYMBOL(leverage_day, max_leverage_day)
BELIEF_OF_SYMBOL(leverage_night, max_leverage_night)
BELIEF(liquidation, limits->min_liquidation_buffer_share = decimal_sub(D(1), LITTLE))
BELIEF(funds, limits->min_balance = D(1000000))
BELIEF(spread, limits->max_spread_bps = LITTLE)
BELIEF(slippage, limits->max_slippage_bps = LITTLE)
BELIEF(impact, limits->max_impact_bps = LITTLE)
BELIEF(daily_loss, limits->daily_loss_value = LITTLE)
BELIEF(daily_loss_share, limits->daily_loss_share = LITTLE)
BELIEF(drawdown, limits->max_drawdown_share = LITTLE)
BELIEF(losses, limits->max_losses_in_row = 1)
BELIEF(preview, believed->preview = true)
BELIEF(kill_switch, believed->kill_switch = true)
BELIEF(currency, strcpy(believed->currency, "EUR"))

static void margin(struct engine_settings *believed, struct product_table *products)
{
    (void)believed;
    for (int i = 0; i < products->count; i++)
        if (products->items[i].type == PRODUCT_FUTURE)
            products->items[i].initial_margin = D(1000000);
}

static const struct {
    const char *row; /* of the table of limits; "" where the limit is a guard's */
    void (*mislead)(struct engine_settings *believed, struct product_table *products);
    const char *phrase;
} beliefs[] = {
    {"trading window", window, "outside the trading window"},
    {"shorts", shorts, "may open a short position"},
    {"limit orders only", limit_only, "is no limit order"},
    {"open orders", open_orders, "orders are open"},
    {"orders per second", per_second, "orders in one second"},
    {"orders per minute", per_minute, "orders in one minute"},
    {"orders per hour", per_hour, "orders in one hour"},
    {"orders per day", per_day, "orders in one day"},
    {"order value", order_value, "order value is"},
    {"order size of the symbol", symbol_order_size, "order size is"},
    {"order value of the symbol", symbol_order_value, "order value of the symbol is"},
    {"price band", price_band, "distance of a limit price"},
    {"number of positions", positions, "positions are held or being entered"},
    {"position value", value_held, "position value is"},
    {"position share", share_held, "position value as a share is"},
    {"position size of the symbol", symbol_position_size, "position and working"},
    {"position value of the symbol", symbol_position_value, "position value of the symbol is"},
    {"position share of the symbol", symbol_position_share, "of the symbol as a share is"},
    {"exposure value", exposure_value, "exposure is"},
    {"exposure share", exposure_share, "exposure as a share is"},
    {"leverage", leverage, "exposure by leverage is"},
    {"leverage of the symbol", leverage_day, "leverage by day is"},
    {"leverage of the symbol", leverage_night, "leverage by night is"},
    {"initial margin", margin, "initial margin is"},
    {"liquidation buffer", liquidation, "maintenance margin"},
    {"funds", funds, "what is bound and has to stay"},
    {"spread", spread, "the spread in basis points"},
    {"slippage", slippage, "the slippage in basis points"},
    {"impact", impact, "the impact in basis points"},
    {"", daily_loss, "the loss of the day is"},
    {"", daily_loss_share, "the loss of the day as a share is"},
    {"", drawdown, "the fall of equity from its peak"},
    {"", losses, "round trips in a row lost money"},
    {"", kill_switch, "under the kill switch"},
    {"", currency, "equity is reckoned otherwise"},
    {"", preview, "was sent without a preview"},
};

TEST(the_oracle_finds_every_limit_that_is_crossed)
{
    for (size_t i = 0; i < ARRAY_LEN(beliefs); i++) {
        struct simulate_options options = {.span = HOURS(3), .mislead = beliefs[i].mislead};
        assert_found(options, beliefs[i].row, beliefs[i].phrase);
    }
}

TEST(every_limit_of_the_table_has_a_rule_of_the_oracle)
{
    struct limit_info row;

    for (int i = 0; limits_describe(i, &row); i++) {
        bool is_there = false;
        for (size_t k = 0; k < ARRAY_LEN(beliefs); k++)
            is_there = is_there || strcmp(beliefs[k].row, row.name) == 0;
        if (!is_there)
            fail_msg("the oracle has no rule for \"%s\"", row.name);
    }
}
