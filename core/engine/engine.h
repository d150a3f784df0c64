/* The decision machine: a pure function of (state, event, time).
 *
 * An engine owns the state (orders, positions, marks, causes of degradation)
 * and talks to the world through ports: a venue, a journal, strategies, guards,
 * a sizing rule. It holds no clock, no socket, no thread and no Lua. Backtest,
 * paper, live and replay are this one engine with other ports.
 *
 * A turn (DESIGN.md section 3): adapters have pushed events onto the bus; the
 * engine takes each in order, applies it, asks strategies, passes their wishes
 * through the pipeline; then commits one journal transaction; then, and only
 * then, lets requests leave for the venue. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "engine/bus.h"
#include "engine/guard.h"
#include "engine/journal.h"
#include "engine/settings.h"
#include "engine/strategy.h"
#include "engine/venue.h"

struct engine;

struct engine_ports {
    struct venue_port venue;
    struct journal_port journal;
    struct sizing_port sizing; /* .size NULL: the settings' fixed size or fraction */
};

/* Borrows products and ports' contexts; copies the rest. `run` names this start of the engine
 * and goes into client order ids: letters and digits, at most 12. */
struct engine *engine_new(const struct engine_settings *settings,
                          const struct product_table *products,
                          const struct engine_ports *ports, const char *run);
void engine_free(struct engine *engine);

/* Before the first turn. Calls come in the order of addition. */
void engine_add_strategy(struct engine *engine, const struct strategy_port *strategy);
void engine_add_guard(struct engine *engine, const struct guard_port *guard);

/* Asked before each call of a script; while it says yes none is called, so that an operator's
 * kill does not wait for all of a turn's scripts to use up their time. What is left out is
 * noted. */
void engine_set_interrupt(struct engine *engine, bool (*wants)(void *ctx), void *ctx);

/* Opening balance of an account that nobody else tells about (mock, backtest). */
void engine_set_balance(struct engine *engine, const char *currency, decimal total,
                        const char *why);

/* Journals the run, starts strategies and gives scripts what they have saved. */
enum err engine_start(struct engine *engine, const struct fact_run *run, nanos now,
                      struct fault *why) MUST_CHECK;
/* Calls on_stop, journals the end, what scripts save, and a snapshot. Orders stay as they are.
 */
enum err engine_stop(struct engine *engine, const char *reason, nanos now,
                     struct fault *why) MUST_CHECK;

/* Asks scripts for what they want to keep, and journals what is new; snapshots and the end do
 * so by themselves. */
void engine_save_scripts(struct engine *engine);

struct bus *engine_bus(struct engine *engine);

/* Steps every event on the bus, commits, sends; again while the sending brought new events. An
 * error means that the journal did not take the turn: nothing of it was sent, and trading must
 * end. */
enum err engine_turn(struct engine *engine, nanos now, struct fault *why) MUST_CHECK;

/* The last resort, for when the journal is what failed: asks the venue at once to cancel open
 * orders, without a word to the journal: all that may be (those of others by the policy), or
 * all but those that were sent to reduce a position. How many. The state stays as it is. */
int engine_cancel_unjournaled(struct engine *engine, bool exits_too);

/* When the engine next wants a turn although nothing happens (cycle, deadlines); INT64_MAX:
 * never. */
nanos engine_next_deadline(const struct engine *engine);

/* The time of the last turn; after a recovery that of the last fact, if it is later. */
nanos engine_now(const struct engine *engine);

/* For reading; valid until the next turn. */
struct degrade;
const struct degrade *engine_degrade(const struct engine *engine); /* who holds which level */
struct guard_tally;
const struct guard_tally *engine_guard_tally(const struct engine *engine);
const struct portfolio *engine_portfolio(const struct engine *engine);
const struct market *engine_market(const struct engine *engine, product_ref product);
const struct engine_settings *engine_settings(const struct engine *engine);
enum level engine_level(const struct engine *engine,
                        product_ref product); /* PRODUCT_NONE: global */
struct oms;
const struct oms *engine_oms(const struct engine *engine);

/* What the exits that it holds ask of who feeds it bars (lab/bar_walk.h), and for looking. */
struct exits;
const struct exits *engine_exits(const struct engine *engine);
void engine_open_bar(struct engine *engine, product_ref product);
bool engine_find_reached(const struct engine *engine, product_ref product,
                         const struct bar *bar, bool is_stop, bool is_closed, decimal *price);

struct engine_counters {
    uint64_t events, cycles, decisions, orders, refusals, fills, anomalies, script_errors;
};
struct engine_counters engine_counters(const struct engine *engine);

#endif
