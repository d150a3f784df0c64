#include "engine/refusal.h"

#include <assert.h>
#include <string.h>

#include "base/attr.h"

static const struct {
    const char *name, *text, *remedy;
} rows[] = {
    [REFUSAL_NONE] =
        {
            .name = "none",
            .text = "Nothing was refused.",
            .remedy = "Nothing needs to be done.",
        },
    [REFUSAL_KILL_SWITCH] =
        {
            .name = "kill_switch",
            .text = "The kill switch is on: no order leaves.",
            .remedy = "Turn kill_switch off in the profile and start again, once you know why "
                      "it was turned on.",
        },
    [REFUSAL_PAUSED] =
        {
            .name = "paused",
            .text = "Trading is paused, for everything or for this symbol.",
            .remedy = "`perigee status` shows who paused it and until when; `perigee resume` "
                      "ends it.",
        },
    [REFUSAL_REDUCE_ONLY] =
        {
            .name = "reduce_only",
            .text = "Only orders that make a position smaller may pass, and this one would "
                    "open or enlarge one.",
            .remedy = "`perigee status` shows what holds the level; close positions, or "
                      "`perigee resume` once the cause is gone.",
        },
    [REFUSAL_REDUCE_ONLY_EMPTY] =
        {
            .name = "reduce_only_empty",
            .text = "A reduce-only order found no position to reduce.",
            .remedy = "Check the position first, or leave reduce_only out when the order may "
                      "open one.",
        },
    [REFUSAL_QUANTITY_ZERO] =
        {
            .name = "quantity_zero",
            .text =
                "The sizing rule or the rounding to the product's steps left a size of zero.",
            .remedy = "Give the sizing rule more room (equity share, limits), or trade a "
                      "product with a smaller step.",
        },
    [REFUSAL_HARD_LIMIT] =
        {
            .name = "hard_limit",
            .text = "A hard limit of the profile forbids an order of this value, size or share "
                    "of the account.",
            .remedy = "Ask for less; raise the limit in the profile if it is too tight for "
                      "your account.",
        },
    [REFUSAL_ORDER_RATE] =
        {
            .name = "order_rate",
            .text = "Too many orders in this second, minute, hour or day.",
            .remedy = "Let the strategy trade less often, or raise the orders_per_... limits.",
        },
    [REFUSAL_MARK_STALENESS] =
        {
            .name = "mark_staleness",
            .text = "The last known price of the product is too old to trade on.",
            .remedy = "Wait for fresh market data; check the connection if none comes.",
        },
    [REFUSAL_EXCHANGE_RULES] =
        {
            .name = "exchange_rules",
            .text = "The order breaks a rule that the venue has for this product or this kind "
                    "of order.",
            .remedy = "Read the rule in the detail of the trace and change the order's type, "
                      "time in force or flags.",
        },
    [REFUSAL_INVALID_SIZE] =
        {
            .name = "invalid_size",
            .text =
                "The size is not one the product allows: its step, its minimum or its maximum.",
            .remedy = "Ask for a multiple of the base increment between the smallest and the "
                      "largest size.",
        },
    [REFUSAL_INVALID_PRICE] =
        {
            .name = "invalid_price",
            .text = "A price is missing, off its step, too far from the market, or on the "
                    "wrong side of it.",
            .remedy = "Use a multiple of the price increment near the market; a post-only "
                      "order must not cross the book.",
        },
    [REFUSAL_MIN_NOTIONAL] =
        {
            .name = "min_notional",
            .text = "The order is worth less than the product's minimum.",
            .remedy = "Ask for a larger size, or collect small orders into one.",
        },
    [REFUSAL_MARKET_CLOSED] =
        {
            .name = "market_closed",
            .text =
                "The product cannot be traded now: disabled, halted, or outside its session.",
            .remedy = "Wait until the venue opens it again; a trading window in the profile "
                      "keeps strategies quiet until then.",
        },
    [REFUSAL_PRE_TRADE_LEVERAGE] =
        {
            .name = "pre_trade_leverage",
            .text = "The order would take leverage beyond its limit.",
            .remedy = "Ask for less, reduce other positions, or raise max_leverage.",
        },
    [REFUSAL_PRE_TRADE_EXPOSURE] =
        {
            .name = "pre_trade_exposure",
            .text = "What is held, what is working and this order together exceed an exposure "
                    "limit.",
            .remedy =
                "Cancel working orders or reduce positions, or raise the exposure limits.",
        },
    [REFUSAL_PRE_TRADE_MARGIN] =
        {
            .name = "pre_trade_margin",
            .text = "The margin does not carry the order, or liquidation would come too close.",
            .remedy = "Add collateral, ask for less, or reduce positions.",
        },
    [REFUSAL_INSUFFICIENT_FUNDS] =
        {
            .name = "insufficient_funds",
            .text = "The account does not have the funds for the order and its fees.",
            .remedy = "Deposit, ask for less, or cancel orders that hold funds.",
        },
    [REFUSAL_SLIPPAGE_GUARD] =
        {
            .name = "slippage_guard",
            .text = "The live book cannot fill the order within the slippage, impact or spread "
                    "limit.",
            .remedy = "Ask for less, use a limit order, or wait for a deeper book.",
        },
    [REFUSAL_ORDER_PREVIEW] =
        {
            .name = "order_preview",
            .text =
                "The venue's preview says that it would refuse the order, or no preview could "
                "be had; the order was not sent.",
            .remedy = "The venue's reason, or why there was no answer, is beside this code: "
                      "change the order, or wait until the venue answers; orders.preview = "
                      "false trades without.",
        },
    [REFUSAL_GUARD_VETO] =
        {
            .name = "guard_veto",
            .text = "A guard said no to the order.",
            .remedy = "Its reason is in the trace; change the guard's threshold if it is wrong "
                      "for you.",
        },
    [REFUSAL_GUARD_ERROR] =
        {
            .name = "guard_error",
            .text = "A guard failed to compute, and a guard that cannot say yes says no to new "
                    "risk.",
            .remedy = "`perigee events --kind guard` shows the error; mend the guard or take "
                      "it out of the profile.",
        },
    [REFUSAL_SCRIPT_ERROR] =
        {
            .name = "script_error",
            .text = "A script failed, used up its time or memory, or asked for something that "
                    "makes no sense.",
            .remedy = "`perigee events --kind script` shows file, line and message.",
        },
    [REFUSAL_DUPLICATE_INTENT] =
        {
            .name = "duplicate_intent",
            .text = "An order for the same purpose is already on its way or its outcome is not "
                    "known yet.",
            .remedy = "Wait until it is settled, or cancel it first.",
        },
    [REFUSAL_RECONCILING] =
        {
            .name = "reconciling",
            .text = "Orders, positions and balances are being compared with the venue; until "
                    "that is done nothing new may start.",
            .remedy = "It ends by itself; if it does not, check the connection to the venue.",
        },
    [REFUSAL_RATE_LIMIT] =
        {
            .name = "rate_limit",
            .text = "The venue's rate limit, or our own budget below it, is used up.",
            .remedy = "Trade less often or with fewer symbols; other programs on the same key "
                      "count too.",
        },
    [REFUSAL_TIMEOUT] =
        {
            .name = "timeout",
            .text = "No answer came in time.",
            .remedy = "The engine asks until it knows what became of the order; check the "
                      "connection if this repeats.",
        },
    [REFUSAL_NETWORK] =
        {
            .name = "network",
            .text = "The venue could not be reached.",
            .remedy = "Check the connection, the name resolution and the proxy.",
        },
    [REFUSAL_AUTH] =
        {
            .name = "auth",
            .text = "The venue did not accept the key, or the key may not do this.",
            .remedy = "Check the key's permissions, allowed addresses and expiry, and the "
                      "clock of this machine.",
        },
    [REFUSAL_BROKER_REJECTED] =
        {
            .name = "broker_rejected",
            .text = "The venue rejected the order.",
            .remedy = "Its own reason is beside this code; it names what to change.",
        },
    [REFUSAL_BROKER_UNAVAILABLE] =
        {
            .name = "broker_unavailable",
            .text = "The venue is down or answers with errors.",
            .remedy = "Wait; the engine keeps trying and pauses after repeated failures.",
        },
    [REFUSAL_UNKNOWN] =
        {
            .name = "unknown",
            .text = "The cause could not be determined, so the order did not leave.",
            .remedy = "`perigee orders trace` shows how far it came; please report it with the "
                      "trace.",
        },
};
static_assert(ARRAY_LEN(rows) == REFUSAL_COUNT, "a row for every code");

const char *refusal_name(enum refusal code)
{
    assert(code < REFUSAL_COUNT);
    return rows[code].name;
}

const char *refusal_text(enum refusal code)
{
    assert(code < REFUSAL_COUNT);
    return rows[code].text;
}

const char *refusal_remedy(enum refusal code)
{
    assert(code < REFUSAL_COUNT);
    return rows[code].remedy;
}

bool refusal_parse(const char *name, enum refusal *out)
{
    for (int i = 0; i < REFUSAL_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            *out = (enum refusal)i;
            return true;
        }
    }
    return false;
}
