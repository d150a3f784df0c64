/* Rules written as data: a metric, how it compares with a threshold, and what
 * happens when it does.
 *
 *     guards = { { metric = "spread_bps", compare = "gt", threshold = 40,
 *                  lasting = "10s", action = "pause", action_for = "5m" } }
 *
 * A rule is looked at in every cycle. Of a metric of symbols it watches each
 * symbol (or those it names) for itself and acts on that one, unless its scope is
 * everything. What it holds is a cause of degradation named after its place in
 * the profile, "guards.2:spread_bps":
 *
 *   action        holds                                       until
 *   warn          nothing: it is told                         -
 *   reduce_only   REDUCE_ONLY                                 action_for, or an operator
 *   pause         PAUSED; what reduces passes                 action_for, or an operator
 *   cancel        REDUCE_ONLY, and cancels working orders     action_for, or an operator
 *                 that could make a position larger
 *   halt          HALTED: nothing but cancels                 an operator
 *
 * While the rule is broken its cause is renewed, so nothing opens between two of
 * its times. The cooldown keeps it quiet after an operator has resumed what it
 * held, and between two of its warnings.
 *
 * A figure that cannot be computed (no quote, too few bars, nobody has told) is
 * a failure: it is counted, and unless the rule only warns new risk is refused
 * where the rule would have acted, until it can be computed again. Symbols that
 * never had a price trade nothing anyway and are left out.
 *
 * Everything outlives the engine: what is held, what has been looked at, since
 * when a rule is broken, cooldowns (engine/guard_memory.h). Time that nobody was
 * running counts as well. */
#ifndef ENGINE_METRIC_GUARD_H
#define ENGINE_METRIC_GUARD_H

#include "base/option.h"
#include "engine/metric.h"
#include "model/product.h"

struct engine;
struct engine_settings;

enum comparison {
    COMPARE_GT,
    COMPARE_GE,
    COMPARE_LT,
    COMPARE_LE,
    COMPARE_EQ,
    COMPARE_NE,
    COMPARE_ABS_GT,
    COMPARE_ABS_GE,
    COMPARISON_COUNT
};

enum rule_action {
    RULE_WARN,
    RULE_REDUCE_ONLY,
    RULE_PAUSE,
    RULE_CANCEL,
    RULE_HALT,
    RULE_ACTION_COUNT
};

enum rule_scope {
    SCOPE_METRIC, /* the symbol, of a metric of symbols */
    SCOPE_ALL,
    RULE_SCOPE_COUNT
};

/* By value, with a NULL at the end: choices of settings. */
extern const char *const comparison_names[];  /* "gt" */
extern const char *const rule_action_names[]; /* "reduce_only" */
extern const char *const rule_scope_names[];  /* "metric" */

enum { METRIC_GUARDS_MAX = 32 };

struct metric_guard {
    int place; /* in the profile's list, from 1 */
    int metric, compare, action, scope;
    decimal threshold;
    decimal warning_share; /* 0: no warning */
    nanos window;          /* of metrics over one */
    nanos lasting;         /* broken for so long before it acts */
    nanos cooldown;
    nanos action_for;                     /* 0: until an operator */
    const struct option_symbols *symbols; /* NULL or none: all; borrowed */
};

/* What no range can say about a rule; *key names the setting ("window"). ERR_RANGE. */
enum err metric_guard_check(const struct metric_guard *guard, const char **key,
                            struct fault *why) MUST_CHECK;

/* Whether the rule is broken by this value; and whether it has come near. */
bool metric_guard_is_broken(const struct metric_guard *guard, decimal value);
bool metric_guard_is_near(const struct metric_guard *guard, decimal value);

/* The rules at work. */
struct metric_watch;

/* NULL when the settings have no rules. */
struct metric_watch *metric_watch_new(const struct engine_settings *settings,
                                      const struct product_table *products);
void metric_watch_free(struct metric_watch *watch);
bool metric_watch_needs_bars(const struct metric_watch *watch);

/* In each cycle: the account's rules, and those of one product or (PRODUCT_NONE) of all. */
void metric_watch_run(struct engine *engine, product_ref product);

/* Journals what is new of that; and takes it up again. */
void metric_watch_keep(struct engine *engine);
void metric_watch_restore(struct engine *engine);

#endif
