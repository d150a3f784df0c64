/* The scripted day: products, settings, what the trader does in each cycle, and
 * what goes wrong on the wire. The same for both processes, and every time. */
#ifndef CRASH_DAY_H
#define CRASH_DAY_H

#include "engine/settings.h"
#include "engine/strategy.h"
#include "venue/mock.h"

enum { DAY_CYCLES = 150, DAY_QUIET_CYCLES = 40 };

extern const nanos day_start, day_cycle;

void day_products(struct product_table *products);
void day_settings(struct engine_settings *settings);
struct mock_setup day_venue(const struct engine_settings *settings);
struct fault_plan *day_faults(void);
decimal day_cash(void);

/* `is_trading` is looked at in every call. */
struct strategy_port day_trader(const bool *is_trading);

#endif
