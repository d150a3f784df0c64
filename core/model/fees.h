/* What a fill costs. Rates are shares of the value: 0.006 is 60 basis points. */
#ifndef MODEL_FEES_H
#define MODEL_FEES_H

#include "base/decimal.h"

enum liquidity { LIQUIDITY_TAKER, LIQUIDITY_MAKER };

const char *liquidity_name(enum liquidity liquidity); /* "taker", "maker" */

struct fee_schedule {
    decimal maker_rate, taker_rate;
};

/* value * rate, not rounded to cents: the venue keeps all digits (protocol.md 4.3). */
decimal fee_of(const struct fee_schedule *fees, decimal value, enum liquidity liquidity);

/* The venue's tiers by 30-day volume in USD; the first row that the volume reaches from the
 * top. */
struct fee_tier {
    decimal volume_min;
    struct fee_schedule fees;
};

extern const struct fee_tier fee_tiers[];
extern const int fee_tier_count;

const struct fee_schedule *fee_schedule_of_volume(decimal volume_30d);

#endif
