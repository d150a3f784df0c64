#include "model/fees.h"

#include <assert.h>

#include "base/attr.h"
#include "base/names.h"

static const char *const names[] = {
    [LIQUIDITY_TAKER] = "taker",
    [LIQUIDITY_MAKER] = "maker",
};
static_assert(ARRAY_LEN(names) == LIQUIDITY_COUNT, "name every kind of liquidity");

const char *liquidity_name(enum liquidity liquidity)
{
    assert(liquidity < LIQUIDITY_COUNT);
    return names[liquidity];
}

bool liquidity_parse(const char *text, enum liquidity *out)
{
    int found = names_find(names, LIQUIDITY_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum liquidity)found;
    return true;
}

decimal fee_of(const struct fee_schedule *fees, decimal value, enum liquidity liquidity)
{
    decimal rate = liquidity == LIQUIDITY_MAKER ? fees->maker_rate : fees->taker_rate;

    return decimal_mul(value, rate, ROUND_HALF_EVEN);
}

/* clang-format off */
#define BPS(n) {(int128)(n) * (DECIMAL_ONE / 10000)} /* hundredths of a percent */
#define TIER(volume, maker, taker) {{(int128)(volume) * DECIMAL_ONE}, {BPS(maker), BPS(taker)}}
/* clang-format on */

/* The three lowest rows as the venue's tables of 2026 are reported, the others as client
 * libraries carry them; the two agree where they meet, at 10,000. Whoever trades asks the venue
 * for the account's own rates; too high a fee in a simulation is the harmless direction. */
const struct fee_tier fee_tiers[] = {
    TIER(400000000, 0, 5), TIER(250000000, 0, 8), TIER(75000000, 3, 12), TIER(15000000, 6, 16),
    TIER(1000000, 8, 18),  TIER(100000, 10, 20),  TIER(50000, 15, 25),   TIER(10000, 25, 40),
    TIER(1000, 35, 75),    TIER(0, 60, 120),
};
const int fee_tier_count = ARRAY_LEN(fee_tiers);

const struct fee_schedule *fee_schedule_of_volume(decimal volume_30d)
{
    int i = 0;

    assert(!decimal_is_negative(volume_30d));
    while (decimal_is_less(volume_30d, fee_tiers[i].volume_min))
        i++;
    return &fee_tiers[i].fees;
}
