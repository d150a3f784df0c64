/* What a fill costs. Rates are shares of the value: 0.006 is 60 basis points. */
#ifndef MODEL_FEES_H
#define MODEL_FEES_H

#include <stdbool.h>

#include "base/decimal.h"

enum liquidity { LIQUIDITY_TAKER, LIQUIDITY_MAKER, LIQUIDITY_COUNT };

const char *liquidity_name(enum liquidity liquidity); /* "taker", "maker" */
bool liquidity_parse(const char *text, enum liquidity *out);

struct fee_schedule {
    decimal maker_rate, taker_rate;
};

/* value * rate to the last digit of a decimal, half even: the venue does not round to cents (an
 * order of 23.63 at 0.25 % cost 0.059075). */
decimal fee_of(const struct fee_schedule *fees, decimal value, enum liquidity liquidity);

/* The venue's tiers by 30-day volume in USD, highest first; the first row that the volume
 * reaches is the one. Defaults for simulations: the venue changes them often and tells each
 * account its own (GET /transaction_summary). */
struct fee_tier {
    decimal volume_min;
    struct fee_schedule fees;
};

extern const struct fee_tier fee_tiers[];
extern const int fee_tier_count;

const struct fee_schedule *fee_schedule_of_volume(decimal volume_30d);

#endif
