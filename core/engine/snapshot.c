#include "engine/snapshot.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "engine/engine_private.h"

/* How long after its end an order is still spoken of: late fills and repetitions come within
 * minutes, and a sweep looks back five. */
#define ENDED_MAX HOURS(1)

struct teller {
    struct engine *engine;
    nanos now;
    snapshot_take *take;
    void *to;
};

static void tell(const struct teller *teller, struct fact *fact)
{
    teller->take(teller->to, fact);
}

/* ---- lists of numbers in a text ---- */

/* False, and the list as it was, when the number has no room any more. */
static bool list_add(char list[FACT_LIST_MAX], uint64_t number)
{
    char text[24];
    size_t len = strlen(list);
    int more = snprintf(text, sizeof text, len ? " %" PRIx64 : "%" PRIx64, number);

    if (len + (size_t)more >= FACT_LIST_MAX)
        return false;
    memcpy(list + len, text, (size_t)more + 1);
    return true;
}

static int digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The next number; false at the end, and at what is none. */
static bool list_next(const char **at, uint64_t *out)
{
    int digits = 0, digit;

    while (**at == ' ')
        (*at)++;
    for (*out = 0; (digit = digit_of(**at)) >= 0 && digits < 16; (*at)++, digits++)
        *out = *out << 4 | (unsigned)digit;
    return digits > 0;
}

bool snapshot_list_is_sound(const char *list)
{
    uint64_t number;

    while (list_next(&list, &number))
        ;
    return *list == '\0';
}

/* ---- money ---- */

static void tell_positions(const struct teller *teller)
{
    const struct engine *engine = teller->engine;

    for (int i = 0; i < engine->products->count; i++) {
        struct fact fact = {.kind = FACT_POSITION, .position.product = (product_ref)i};
        const position *held = portfolio_position(engine->portfolio, (product_ref)i);
        fact.position.position = *held;
        if (!position_is_flat(held) || !decimal_is_zero(held->realised) ||
            !decimal_is_zero(held->fees))
            tell(teller, &fact);
    }
}

static void tell_balances(const struct teller *teller)
{
    const struct portfolio *portfolio = teller->engine->portfolio;

    for (int i = 0; i < portfolio_balance_count(portfolio); i++) {
        const struct balance *balance = portfolio_balance_at(portfolio, i);
        struct fact fact = {.kind = FACT_BALANCE, .balance.total = balance->total};
        memcpy(fact.balance.currency, balance->currency, sizeof fact.balance.currency);
        if (!decimal_is_zero(balance->total))
            tell(teller, &fact);
    }
}

/* ---- orders ---- */

static void tell_fills(const struct teller *teller, order_number number)
{
    int count;
    const uint64_t *fills = oms_fills(teller->engine->oms, number, &count);
    struct fact fact = {.kind = FACT_SEEN, .seen.order = number};

    for (int i = 0; i < count; i++) {
        if (list_add(fact.seen.fills, fills[i]))
            continue;
        tell(teller, &fact);
        fact.seen.fills[0] = '\0';
        list_add(fact.seen.fills, fills[i]);
    }
    if (count)
        tell(teller, &fact);
}

static void tell_order(const struct teller *teller, const struct order *order)
{
    const struct oms *oms = teller->engine->oms;
    struct fact fact = {.kind = FACT_ORDER};

    fact.order = *order;
    tell(teller, &fact);
    tell_fills(teller, order->number);
    bool must_end = oms_must_end(oms, order->number);
    if (!must_end && !oms_wants_cancel(oms, order->number))
        return;
    fact = (struct fact){.kind = FACT_WISH,
                         .wish = {.order = order->number, .is_lasting = must_end}};
    tell(teller, &fact);
}

static void tell_orders(const struct teller *teller)
{
    const struct oms *oms = teller->engine->oms;
    order_number newest = oms_next_number(oms) - 1;

    for (order_number n = oms_first_number(oms); n <= newest; n++) {
        const struct order *order = oms_find(oms, n);
        if (!order)
            continue;
        bool is_late = order->updated >= teller->now - ENDED_MAX;
        if (!order_state_is_final(order->state) || is_late || n == newest)
            tell_order(teller, order);
    }
}

/* ---- what limits and guards look at ---- */

static void tell_exits(const struct teller *teller)
{
    const struct exits *exits = &teller->engine->exits;

    for (int i = 0; i < exits->count; i++) {
        struct fact fact = {.kind = FACT_EXIT, .exit = exits->items[i].exit};
        tell(teller, &fact);
    }
}

static void tell_causes(const struct teller *teller)
{
    const struct degrade *degrade = teller->engine->degrade;

    for (int i = 0; i < degrade_count(degrade); i++) {
        struct fact fact = {.kind = FACT_CAUSE, .cause = *degrade_at(degrade, i)};
        tell(teller, &fact);
    }
}

static void tell_watch(const struct teller *teller)
{
    const struct engine *engine = teller->engine;
    const struct equity_watch *watch = &engine->watch;
    struct fact fact = {.kind = FACT_BASELINE, .baseline = {watch->day, watch->day_start}};

    if (watch->day)
        tell(teller, &fact);
    for (int i = 0; i < engine->products->count; i++) {
        fact = (struct fact){.kind = FACT_TRIP, .trip = {(product_ref)i, watch->trip[i]}};
        if (!decimal_is_zero(watch->trip[i]))
            tell(teller, &fact);
    }
    fact = (struct fact){.kind = FACT_MEMORY}; /* after the baseline, which moves the peak */
    fact.memory = (struct fact_memory){
        .cycles = engine->counters.cycles,
        .last_cause = degrade_last_id(engine->degrade),
        .last_exit = engine->exits.last_id,
        .losses_in_row = (uint64_t)watch->losses_in_row,
        .peak = watch->peak,
        .last = watch->last,
        .fee_day = engine->guards.fee_day,
        .fees_today = engine->guards.fees_today,
    };
    tell(teller, &fact);
}

static void tell_pace(const struct teller *teller)
{
    struct pace *pace = teller->engine->pace;
    int64_t count = pace_kept(pace, teller->now);
    struct fact fact = {.kind = FACT_PACE};

    for (int64_t i = 0; i < count; i++) {
        nanos time = pace_at(pace, i);
        if (fact.pace.first &&
            list_add(fact.pace.steps, (uint64_t)(time - pace_at(pace, i - 1))))
            continue;
        if (fact.pace.first)
            tell(teller, &fact);
        fact.pace = (struct fact_pace){.first = time};
    }
    if (count)
        tell(teller, &fact);
}

static void tell_states(const struct teller *teller)
{
    const struct saved_states *states = &teller->engine->states;

    for (int i = 0; i < states->count; i++) {
        struct fact fact = {.kind = FACT_STATE, .state.json = states->items[i].json};
        fact.state.version = states->items[i].version;
        memcpy(fact.state.subject, states->items[i].subject, sizeof fact.state.subject);
        tell(teller, &fact);
    }
}

void snapshot_restate(struct engine *engine, nanos now, snapshot_take *take, void *to)
{
    struct teller teller = {engine, now, take, to};

    tell_positions(&teller);
    tell_balances(&teller);
    tell_orders(&teller);
    tell_causes(&teller);
    tell_exits(&teller);
    tell_watch(&teller);
    tell_pace(&teller);
    tell_states(&teller);
}

/* ---- writing ---- */

static void append(void *to, struct fact *fact)
{
    engine_append(to, fact);
}

static void mark(struct engine *engine, bool ends)
{
    struct fact fact = {.kind = FACT_SNAPSHOT, .snapshot_ends = ends};

    engine_append(engine, &fact);
    engine->snapshot.sequence = fact.sequence;
}

void snapshot_write(struct engine *engine)
{
    engine_save_scripts(engine);
    mark(engine, false);
    snapshot_restate(engine, engine->now, append, engine);
    mark(engine, true);
    engine->snapshot.time = engine->now;
}

bool snapshot_is_on(const struct engine *engine)
{
    return engine->settings.snapshot.every || engine->settings.snapshot.facts;
}

void snapshot_run(struct engine *engine, uint64_t sequence)
{
    const struct snapshot_settings *settings = &engine->settings.snapshot;
    struct snapshot_clock *last = &engine->snapshot;

    if (last->time == 0) { /* the first cycle: both are counted from here */
        last->time = engine->now;
        last->sequence = sequence;
    }
    bool is_long_ago = settings->every && engine->now - last->time >= settings->every;
    bool is_far_away =
        settings->facts && sequence - last->sequence >= (uint64_t)settings->facts;
    if (is_long_ago || is_far_away)
        snapshot_write(engine);
}

/* ---- reading ---- */

static void apply_pace(struct engine *engine, const struct fact_pace *pace)
{
    const char *at = pace->steps;
    nanos time = pace->first;
    uint64_t step;

    pace_add(engine->pace, time);
    while (list_next(&at, &step))
        pace_add(engine->pace, time += (nanos)step);
}

static void apply_seen(struct engine *engine, const struct fact_seen *seen)
{
    const char *at = seen->fills;
    uint64_t hash;

    while (list_next(&at, &hash))
        oms_know_fill(engine->oms, seen->order, hash);
}

void snapshot_apply(struct engine *engine, const struct fact *fact)
{
    switch (fact->kind) {
    case FACT_MEMORY:
        equity_watch_apply_memory(&engine->watch, &fact->memory);
        degrade_set_last_id(engine->degrade, fact->memory.last_cause);
        engine->exits.last_id = fact->memory.last_exit;
        engine->counters.cycles = fact->memory.cycles;
        engine->guards.fee_day = fact->memory.fee_day;
        engine->guards.fees_today = fact->memory.fees_today;
        break;
    case FACT_TRIP:
        equity_watch_apply_trip(&engine->watch, &fact->trip);
        break;
    case FACT_PACE:
        apply_pace(engine, &fact->pace);
        break;
    case FACT_EXIT:
        exits_apply(&engine->exits, &fact->exit);
        break;
    case FACT_SEEN:
        apply_seen(engine, &fact->seen);
        break;
    default:
        assert(false && "a fact of snapshots");
    }
}

static bool is_restated(enum fact_kind kind)
{
    switch (kind) {
    case FACT_POSITION:
    case FACT_BALANCE:
    case FACT_ORDER:
    case FACT_SEEN:
    case FACT_WISH:
    case FACT_CAUSE:
    case FACT_BASELINE:
    case FACT_TRIP:
    case FACT_MEMORY:
    case FACT_PACE:
    case FACT_EXIT:
    case FACT_STATE:
        return true;
    default:
        return false;
    }
}

bool snapshot_passes(struct snapshot_bracket *bracket, const struct fact *fact)
{
    if (fact->kind == FACT_SNAPSHOT)
        bracket->is_open = !fact->snapshot_ends;
    else if (!is_restated(fact->kind))
        bracket->is_open = false;
    return bracket->is_open && fact->kind != FACT_SNAPSHOT;
}
