/* The scripted day: products, settings, what the trader does in each cycle, and
 * what goes wrong on the wire. The same for both processes, and every time. */
#ifndef CRASH_DAY_H
#define CRASH_DAY_H

#include "engine/settings.h"
#include "engine/strategy.h"
#include "venue/mock.h"

/* Trading, then an evening and a night without: lives that begin at night end well. */
enum { DAY_CYCLES = 150, DAY_EVENING_CYCLES = 10, DAY_QUIET_CYCLES = 50 };

extern const nanos day_start, day_cycle;

void day_products(struct product_table *products);
void day_settings(struct engine_settings *settings);
struct mock_setup day_venue(const struct engine_settings *settings);
struct fault_plan *day_faults(void);
decimal day_cash(void);

/* What the trader is told before each turn. */
struct day_script {
    bool is_trading;
    nanos late; /* decides what was due so long ago: a mistake, see engine_side.h */
};

/* Each decision's reason names its cycle: one product never gets two orders for the same. */
struct strategy_port day_trader(const struct day_script *script, product_ref product);

#endif
