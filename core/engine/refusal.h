/* Why an order did not leave: one table of stable codes, with the text for the
 * trader and the remedy. Journals, metrics, docs and exit messages all use it;
 * the venue's own reasons map onto it by table, never by searching in text. */
#ifndef ENGINE_REFUSAL_H
#define ENGINE_REFUSAL_H

#include <stdbool.h>

enum refusal {
    REFUSAL_NONE,
    REFUSAL_KILL_SWITCH,
    REFUSAL_PAUSED,
    REFUSAL_REDUCE_ONLY,
    REFUSAL_REDUCE_ONLY_EMPTY,
    REFUSAL_QUANTITY_ZERO,
    REFUSAL_HARD_LIMIT,
    REFUSAL_ORDER_RATE,
    REFUSAL_MARK_STALENESS,
    REFUSAL_EXCHANGE_RULES,
    REFUSAL_INVALID_SIZE,
    REFUSAL_INVALID_PRICE,
    REFUSAL_MIN_NOTIONAL,
    REFUSAL_MARKET_CLOSED,
    REFUSAL_PRE_TRADE_LEVERAGE,
    REFUSAL_PRE_TRADE_EXPOSURE,
    REFUSAL_PRE_TRADE_MARGIN,
    REFUSAL_INSUFFICIENT_FUNDS,
    REFUSAL_SLIPPAGE_GUARD,
    REFUSAL_ORDER_PREVIEW,
    REFUSAL_GUARD_VETO,
    REFUSAL_GUARD_ERROR,
    REFUSAL_SCRIPT_ERROR,
    REFUSAL_DUPLICATE_INTENT,
    REFUSAL_RECONCILING,
    REFUSAL_RATE_LIMIT,
    REFUSAL_TIMEOUT,
    REFUSAL_NETWORK,
    REFUSAL_AUTH,
    REFUSAL_BROKER_REJECTED,
    REFUSAL_BROKER_UNAVAILABLE,
    REFUSAL_UNKNOWN,
    REFUSAL_COUNT
};

const char *refusal_name(enum refusal code);   /* "min_notional" */
const char *refusal_text(enum refusal code);   /* what it means, one sentence */
const char *refusal_remedy(enum refusal code); /* what the trader can do, one sentence */
bool refusal_parse(const char *name, enum refusal *out);

/* The venue's failure reason ("INSUFFICIENT_FUND") as a code; REFUSAL_BROKER_REJECTED when the
 * table does not know it. The original is kept beside it. */
enum refusal refusal_of_venue(const char *reason);

/* The table behind it, sorted by name; for docs and tests. */
struct venue_reason {
    const char *name;
    enum refusal code;
};
const struct venue_reason *refusal_venue_reasons(int *count);

#endif
