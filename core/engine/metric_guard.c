/* Each rule has a line of state for the account, or one per product. A line
 * keeps looks at its metric, at most SAMPLES of them evenly over the window, so
 * a window is exact to a sixtieth of itself and never shorter than asked.
 *
 * What a line does in a cycle: look, compute, compare; then hold, warn, or
 * forget. The cause that it holds is the degradation's; the line only remembers
 * until when it asked for it, to notice that an operator has ended it early. */
#include "engine/metric_guard.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "engine/metric_guard_private.h"

const char *const comparison_names[] = {
    [COMPARE_GT] = "gt",         [COMPARE_GE] = "ge",         [COMPARE_LT] = "lt",
    [COMPARE_LE] = "le",         [COMPARE_EQ] = "eq",         [COMPARE_NE] = "ne",
    [COMPARE_ABS_GT] = "abs_gt", [COMPARE_ABS_GE] = "abs_ge", NULL,
};
static_assert(ARRAY_LEN(comparison_names) == COMPARISON_COUNT + 1, "name every comparison");

const char *const rule_action_names[] = {
    [RULE_WARN] = "warn",   [RULE_REDUCE_ONLY] = "reduce_only",
    [RULE_PAUSE] = "pause", [RULE_CANCEL] = "cancel",
    [RULE_HALT] = "halt",   NULL,
};
static_assert(ARRAY_LEN(rule_action_names) == RULE_ACTION_COUNT + 1, "name every action");

const char *const rule_scope_names[] = {
    [SCOPE_METRIC] = "metric",
    [SCOPE_ALL] = "all",
    NULL,
};
static_assert(ARRAY_LEN(rule_scope_names) == RULE_SCOPE_COUNT + 1, "name every scope");

/* ---- one rule ---- */

static bool compares(enum comparison compare, decimal value, decimal threshold)
{
    bool is_abs = compare == COMPARE_ABS_GT || compare == COMPARE_ABS_GE;
    int order = decimal_compare(is_abs ? decimal_abs(value) : value, threshold);

    switch (compare) {
    case COMPARE_GT:
    case COMPARE_ABS_GT:
        return order > 0;
    case COMPARE_GE:
    case COMPARE_ABS_GE:
        return order >= 0;
    case COMPARE_LT:
        return order < 0;
    case COMPARE_LE:
        return order <= 0;
    case COMPARE_EQ:
        return order == 0;
    default:
        return order != 0;
    }
}

bool metric_guard_is_broken(const struct metric_guard *guard, decimal value)
{
    return compares((enum comparison)guard->compare, value, guard->threshold);
}

/* A share of the threshold on its safe side: of 100 above which a rule is broken, 80; of 100
 * below which it is, 125; of -100 below which it is, -80. */
static bool warning_level(const struct metric_guard *guard, decimal *out)
{
    bool is_below = guard->compare == COMPARE_LT || guard->compare == COMPARE_LE;
    decimal part, whole;

    if (!decimal_try_mul(guard->threshold, guard->warning_share, ROUND_HALF_EVEN, &part) ||
        !decimal_try_div(guard->threshold, guard->warning_share, ROUND_HALF_EVEN, &whole))
        return false;
    *out = is_below ? decimal_max(part, whole) : decimal_min(part, whole);
    return true;
}

bool metric_guard_is_near(const struct metric_guard *guard, decimal value)
{
    decimal level;

    return !decimal_is_zero(guard->warning_share) && warning_level(guard, &level) &&
           compares((enum comparison)guard->compare, value, level);
}

static enum err contradict(const char **key, const char *which, struct fault *why,
                           const char *text)
{
    *key = which;
    return fail(why, ERR_RANGE, "%s", text);
}

static enum err check_figure(const struct metric_guard *guard, const char **key,
                             struct fault *why)
{
    struct metric_info info = metric_describe((enum metric)guard->metric);

    *key = "metric";
    if (info.over_window && !guard->window)
        return fail(why, ERR_RANGE,
                    "window is missing: %s is reckoned over one, such as \"1h\"", info.name);
    *key = "window";
    if (!info.over_window && guard->window)
        return fail(why, ERR_RANGE,
                    "window: %s is what it is now; `lasting` says how long a rule must be "
                    "broken before it acts",
                    info.name);
    *key = "symbols";
    if (!info.of_symbol && guard->symbols && guard->symbols->count > 0)
        return fail(why, ERR_RANGE, "symbols: %s is of the whole account, not of symbols",
                    info.name);
    return OK;
}

static enum err check_warning(const struct metric_guard *guard, const char **key,
                              struct fault *why)
{
    bool is_abs = guard->compare == COMPARE_ABS_GT || guard->compare == COMPARE_ABS_GE;

    if (is_abs && decimal_is_negative(guard->threshold))
        return contradict(
            key, "threshold", why,
            "threshold: no figure without its sign is less than zero, so the rule "
            "would always be broken");
    if (decimal_is_zero(guard->warning_share))
        return OK;
    if (guard->compare == COMPARE_EQ || guard->compare == COMPARE_NE)
        return contradict(key, "warning_share", why,
                          "warning_share: nothing is near to eq and ne; leave it out");
    if (decimal_is_zero(guard->threshold))
        return contradict(key, "warning_share", why,
                          "warning_share: a share of a threshold of 0 is 0; leave it out");
    return OK;
}

static enum err check_action(const struct metric_guard *guard, const char **key,
                             struct fault *why)
{
    if (guard->action_for && guard->action == RULE_WARN)
        return contradict(key, "action_for", why,
                          "action_for: a warning does not last; leave it out");
    if (guard->action_for && guard->action == RULE_HALT)
        return contradict(key, "action_for", why,
                          "action_for: only an operator ends a halt; leave it out");
    if (guard->scope == SCOPE_ALL && guard->action == RULE_WARN)
        return contradict(key, "scope", why, "scope: a warning holds nothing; leave it out");
    return OK;
}

enum err metric_guard_check(const struct metric_guard *guard, const char **key,
                            struct fault *why)
{
    enum err err = check_figure(guard, key, why);

    if (!err)
        err = check_warning(guard, key, why);
    return err ? err : check_action(guard, key, why);
}

/* ---- state ---- */

static bool names_symbol(const struct metric_guard *guard, const char *symbol)
{
    if (!guard->symbols || guard->symbols->count == 0)
        return true;
    for (int i = 0; i < guard->symbols->count; i++)
        if (strcmp(guard->symbols->items[i], symbol) == 0)
            return true;
    return false;
}

static void init_rule(struct rule *rule, const struct metric_guard *guard,
                      const struct product_table *products)
{
    rule->guard = *guard;
    rule->info = metric_describe((enum metric)guard->metric);
    snprintf(rule->source, sizeof rule->source, "guards.%d:%s", guard->place, rule->info.name);
    for (int i = 0; i < products->count; i++)
        rule->is_watched[i] = names_symbol(guard, products->items[i].symbol);
    rule->lines =
        mem_new_array(rule->info.of_symbol ? (size_t)products->count : 1, sizeof *rule->lines);
}

struct metric_watch *metric_watch_new(const struct engine_settings *settings,
                                      const struct product_table *products)
{
    size_t count = (size_t)settings->rule_count;

    if (count == 0)
        return NULL;
    struct metric_watch *watch = mem_new(sizeof *watch + count * sizeof watch->rules[0]);
    watch->count = settings->rule_count;
    for (size_t i = 0; i < count; i++) {
        init_rule(&watch->rules[i], &settings->rules[i], products);
        watch->needs_bars = watch->needs_bars || watch->rules[i].info.needs_bars;
    }
    return watch;
}

void metric_watch_free(struct metric_watch *watch)
{
    for (int i = 0; watch && i < watch->count; i++)
        mem_free(watch->rules[i].lines);
    mem_free(watch);
}

bool metric_watch_needs_bars(const struct metric_watch *watch)
{
    return watch && watch->needs_bars;
}

/* ---- looking ---- */

struct metric_look *metric_line_look(struct line *line, int index)
{
    return &line->looks[(line->first + index) % SAMPLES];
}

void metric_line_add(struct line *line, const struct metric_look *look)
{
    if (line->count == SAMPLES) {
        line->first = (line->first + 1) % SAMPLES;
        line->count--;
    }
    *metric_line_look(line, line->count++) = *look;
}

static void keep(struct line *line, const struct metric_look *look, nanos window)
{
    if (!line->count || look->time >= metric_line_look(line, line->count - 1)->time +
                                          window / SAMPLES_PER_WINDOW)
        metric_line_add(line, look);
}

/* The latest look that is at least a window old, else the oldest there is. */
static const struct metric_look *look_before(struct line *line, nanos time)
{
    const struct metric_look *found = metric_line_look(line, 0);

    for (int i = 1; i < line->count && metric_line_look(line, i)->time <= time; i++)
        found = metric_line_look(line, i);
    return found;
}

/* A line that cannot look has a gap; it begins anew. At the start of the engine it cannot look
 * yet, and goes on with what it had. */
static bool compute(const struct engine *engine, const struct rule *rule, struct line *line,
                    product_ref product, decimal *out)
{
    enum metric metric = (enum metric)rule->guard.metric;
    struct metric_look now;

    if (!metric_look(engine, metric, product, &now)) {
        if (line->has_looked)
            line->count = 0;
        return false;
    }
    line->has_looked = true;
    if (!rule->info.over_window)
        return metric_figure(metric, &now, &now, out);
    keep(line, &now, rule->guard.window);
    return metric_figure(metric, look_before(line, now.time - rule->guard.window), &now, out);
}

/* ---- acting ---- */

product_ref metric_rule_place(const struct rule *rule, product_ref product)
{
    return rule->guard.scope == SCOPE_ALL ? PRODUCT_NONE : product;
}

static enum level level_of(const struct rule *rule)
{
    switch (rule->guard.action) {
    case RULE_PAUSE:
        return LEVEL_PAUSED;
    case RULE_HALT:
        return LEVEL_HALTED;
    default:
        return LEVEL_REDUCE_ONLY;
    }
}

static void tell(struct engine *engine, const struct rule *rule, product_ref product,
                 const char *how, decimal value)
{
    char is[DECIMAL_TEXT_MAX], limit[DECIMAL_TEXT_MAX];

    engine_note(engine, FACT_GUARD, rule->source, "warning", 0, product,
                "%s is %s, %s %s %s (%s)", rule->info.name, decimal_format(value, is), how,
                comparison_names[rule->guard.compare],
                decimal_format(rule->guard.threshold, limit), rule->info.unit);
}

/* Whether somebody has ended what the rule held before its time was over. */
static bool was_resumed(const struct engine *engine, const struct rule *rule,
                        const struct line *line, product_ref product)
{
    return engine->now < line->held_until &&
           !degrade_find(engine->degrade, rule->source, metric_rule_place(rule, product));
}

static void hold(struct engine *engine, const struct rule *rule, struct line *line,
                 product_ref product, decimal value)
{
    product_ref place = metric_rule_place(rule, product);
    bool is_new = !degrade_find(engine->degrade, rule->source, place);
    struct guard_trip trip = {.source = rule->source,
                              .level = level_of(rule),
                              .product = place,
                              .duration = rule->guard.action_for,
                              .is_critical = true};
    char is[DECIMAL_TEXT_MAX], limit[DECIMAL_TEXT_MAX];

    if (was_resumed(engine, rule, line, product)) {
        line->held_until = 0;
        line->marks.has_cause = false;
        line->marks.rests_until = engine->now + rule->guard.cooldown;
    }
    if (engine->now < line->marks.rests_until)
        return;
    guards_hold(engine, &trip, "%s of %s is %s, broken when %s %s (%s)", rule->info.name,
                product == PRODUCT_NONE ? "the account"
                                        : engine->products->items[product].symbol,
                decimal_format(value, is), comparison_names[rule->guard.compare],
                decimal_format(rule->guard.threshold, limit), rule->info.unit);
    const struct fact_cause *held = degrade_find(engine->degrade, rule->source, place);
    line->held_until = held ? degrade_end(engine->degrade, held) : 0;
    line->marks.has_cause = held != NULL;
    if (is_new && rule->guard.action == RULE_CANCEL)
        commands_cancel_risk(engine, place);
}

/* Worse than before is told at once, the same again after the cooldown. */
static void warn(struct engine *engine, const struct rule *rule, struct line *line,
                 product_ref product, enum grade grade, decimal value)
{
    bool is_old = grade <= line->marks.told;

    if (is_old && (!rule->guard.cooldown || engine->now < line->marks.quiet_until))
        return;
    line->marks.told = grade;
    line->marks.quiet_until = engine->now + rule->guard.cooldown;
    guard_tally_add(&engine->guards.tally, rule->source, TALLY_TRIP);
    tell(engine, rule, product, grade == NEAR ? "near to" : "and should not be", value);
}

static void act(struct engine *engine, const struct rule *rule, struct line *line,
                product_ref product, decimal value)
{
    if (rule->guard.action == RULE_WARN)
        warn(engine, rule, line, product, BROKEN, value);
    else
        hold(engine, rule, line, product, value);
}

/* Counted every time, told once, and careful all the while. */
static void act_blind(struct engine *engine, const struct rule *rule, struct line *line,
                      product_ref product)
{
    bool is_critical = rule->guard.action != RULE_WARN;
    struct guard_trip trip = {.source = rule->source,
                              .level = LEVEL_REDUCE_ONLY,
                              .product = metric_rule_place(rule, product),
                              .duration = guards_while_it_lasts(engine),
                              .is_critical = true};

    guard_tally_add(&engine->guards.tally, rule->source,
                    is_critical ? TALLY_CRITICAL : TALLY_RECOVERABLE);
    if (is_critical)
        guards_hold(engine, &trip, "%s cannot be computed", rule->info.name);
    else if (!line->is_blind)
        engine_note(engine, FACT_GUARD, rule->source, "recoverable", 0, product,
                    "%s cannot be computed", rule->info.name);
    line->is_blind = true;
    if (line->has_looked)
        line->marks.broken_since = 0;
}

/* The figure is well. What was resumed since it was broken is over and done with: the next time
 * is another matter. */
static void rest(struct engine *engine, const struct rule *rule, struct line *line,
                 product_ref product, decimal value)
{
    line->marks.broken_since = 0;
    if (line->marks.has_cause &&
        !degrade_find(engine->degrade, rule->source, metric_rule_place(rule, product))) {
        line->held_until = 0;
        line->marks.has_cause = false;
    }
    if (metric_guard_is_near(&rule->guard, value))
        warn(engine, rule, line, product, NEAR, value);
    else if (engine->now >= line->marks.quiet_until)
        line->marks.told = FINE;
}

static void run_line(struct engine *engine, const struct rule *rule, struct line *line,
                     product_ref product)
{
    decimal value;

    if (!compute(engine, rule, line, product, &value)) {
        act_blind(engine, rule, line, product);
        return;
    }
    line->is_blind = false;
    if (!metric_guard_is_broken(&rule->guard, value)) {
        rest(engine, rule, line, product, value);
        return;
    }
    if (!line->marks.broken_since)
        line->marks.broken_since = engine->now;
    if (engine->now - line->marks.broken_since >= rule->guard.lasting)
        act(engine, rule, line, product, value);
}

static void run_symbols(struct engine *engine, struct rule *rule, product_ref product)
{
    for (int i = 0; i < engine->products->count; i++)
        if ((product == PRODUCT_NONE || product == i) && rule->is_watched[i] &&
            engine->markets[i].mark_time)
            run_line(engine, rule, &rule->lines[i], (product_ref)i);
}

void metric_watch_run(struct engine *engine, product_ref product)
{
    struct metric_watch *watch = engine->guards.rules;

    for (int i = 0; watch && i < watch->count; i++)
        if (watch->rules[i].info.of_symbol)
            run_symbols(engine, &watch->rules[i], product);
        else
            run_line(engine, &watch->rules[i], &watch->rules[i].lines[0], PRODUCT_NONE);
}
