/* How much of a position is being closed already, so that nothing is closed twice.
 *
 * Everything that works on the closing side counts, whoever placed it: the venue makes no
 * difference between one's coins and another's. But coins that are there beyond the position
 * are not the bot's (DESIGN: external orders), and what their owner offers of them closes
 * nothing of ours. It would be his take-profit, standing for weeks, that keeps our stop from
 * leaving. Where orders of others are adopted, their coins are in the position. */
#ifndef ENGINE_CLOSING_H
#define ENGINE_CLOSING_H

#include "engine/oms.h"
#include "engine/settings.h"
#include "model/portfolio.h"

/* Of `offered`, the size of others' orders that sell the product: what does not come out of the
 * position. */
decimal closing_of_others(const struct engine_settings *settings,
                          const struct portfolio *portfolio, const struct product *product,
                          product_ref ref, enum side side, decimal offered);

/* The size that closes a position by orders of this side. */
decimal closing_size(const struct engine_settings *settings, const struct portfolio *portfolio,
                     const struct oms *oms, const struct product *product, product_ref ref,
                     enum side side);

#endif
