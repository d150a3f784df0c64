/* The account: what the venue says is there, against what the books say. */
#include <stdio.h>
#include <string.h>

#include "engine/engine_private.h"
#include "engine/reconcile_private.h"

/* A difference is looked at again this soon; and what was looked at often, not sooner than that
 * although something has happened. */
#define RECHECK     SECONDS(2)
#define RECHECK_MIN SECONDS(8)

void reconcile_escalate(struct engine *engine, const char *why)
{
    if (engine->reconcile.is_starting)
        return; /* what changed while nobody looked is no sign of trouble */
    bool is_new = !degrade_find(engine->degrade, "drift", PRODUCT_NONE);
    engine_hold_cause(engine, LEVEL_REDUCE_ONLY, PRODUCT_NONE, "drift", why,
                      engine->settings.degrade.api_health_pause, true);
    if (is_new && engine->settings.degrade.cancel_entries)
        commands_cancel_risk(engine, PRODUCT_NONE);
}

void reconcile_read_account(struct engine *engine)
{
    const struct reconcile_settings *settings = &engine->settings.reconcile;
    struct reconcile *reconcile = &engine->reconcile;

    nanos overdue = reconcile->account.asked + engine->settings.retry.answer_deadline;

    if (reconcile->account.query) {
        reconcile->next_positions = reconcile->next_balances = overdue;
        if (engine->now < overdue)
            return;
        guards_on_request(engine, false); /* the one before was never answered */
    }
    for (int i = 0; i < reconcile->balance_count; i++)
        reconcile->balances[i].is_read = false;
    memset(reconcile->holdings, 0, sizeof reconcile->holdings);
    reconcile->account.query = engine_ask(engine, REQUEST_QUERY_ACCOUNT, NULL, 0);
    reconcile->account.asked = engine->now;
    reconcile->account.fills = engine->counters.fills;
    reconcile->next_positions = engine->now + settings->position_check_every;
    reconcile->next_balances = engine->now + settings->balance_check_every;
}

static struct reading *reading_of(struct reconcile *reconcile, const char *currency)
{
    for (int i = 0; i < reconcile->balance_count; i++)
        if (strcmp(reconcile->balances[i].currency, currency) == 0)
            return &reconcile->balances[i];
    if (reconcile->balance_count == READINGS_MAX)
        return NULL;
    struct reading *reading = &reconcile->balances[reconcile->balance_count++];
    snprintf(reading->currency, sizeof reading->currency, "%s", currency);
    return reading;
}

void reconcile_on_balance(struct engine *engine, const struct event *event)
{
    struct reconcile *reconcile = &engine->reconcile;
    struct reading *reading;

    if (event->balance.query == 0 || event->balance.query != reconcile->account.query ||
        !(reading = reading_of(reconcile, event->balance.currency)))
        return;
    reading->total = event->balance.total;
    reading->is_read = true;
}

void reconcile_on_holding(struct engine *engine, const struct event *event)
{
    struct reconcile *reconcile = &engine->reconcile;

    if (event->holding.query && event->holding.query == reconcile->account.query &&
        event->product < engine->products->count)
        reconcile->holdings[event->product] = event->holding;
}

static bool has_orders_under_way(const struct engine *engine)
{
    for (int i = 0; i < oms_open_count(engine->oms); i++) {
        const struct order *order = oms_open(engine->oms)[i];
        if (order->state == ORDER_UNKNOWN || order->state == ORDER_PENDING_NEW)
            return true;
    }
    return false;
}

/* A fill or a request may have crossed with the reading. */
static bool is_in_motion(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;

    reconcile->account.in_motion = has_orders_under_way(engine);
    return reconcile->account.in_motion || engine->counters.fills != reconcile->account.fills;
}

/* Another difference is news, but one that is another each time is not. */
static void note_change(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;
    nanos every = engine->settings.reconcile.balance_check_every;

    if (engine->now - reconcile->account.restless < every)
        return;
    reconcile->account.restless = engine->now;
    reconcile->account.unsettled = 0;
}

/* Counts a difference that a sweep since the reading before has not explained; true once it was
 * found often enough. */
static bool is_confirmed(struct engine *engine, struct drift *drift, decimal difference)
{
    if (decimal_is_zero(difference)) {
        *drift = (struct drift){.checks = 0};
        return false;
    }
    bool is_same = decimal_is_equal(drift->difference, difference);
    reconcile_want(engine);
    if (!is_same)
        note_change(engine);
    if (is_same && engine->reconcile.sweep.complete < drift->seen)
        return false;
    *drift = (struct drift){difference, is_same ? drift->checks + 1 : 1, engine->now};
    return drift->checks >= engine->settings.degrade.drift_checks;
}

/* ---- balances ---- */

/* What a unit is worth, as far as a product of the account's currency tells. */
static bool find_price(const struct engine *engine, const char *currency, decimal *out)
{
    const char *account = portfolio_currency(engine->portfolio);

    if (strcmp(currency, account) == 0) {
        *out = D(1);
        return true;
    }
    for (int i = 0; i < engine->products->count; i++) {
        const struct product *product = &engine->products->items[i];
        *out = portfolio_mark(engine->portfolio, (product_ref)i);
        if (product->type == PRODUCT_SPOT && strcmp(product->base, currency) == 0 &&
            strcmp(product->quote, account) == 0)
            return decimal_is_positive(*out);
    }
    return false;
}

static decimal balance_difference(const struct engine *engine, const struct reading *reading)
{
    decimal total = portfolio_balance(engine->portfolio, reading->currency).total;
    decimal difference, price, value;

    if (!decimal_try_sub(reading->total, total, &difference))
        return DECIMAL_ZERO;
    if (find_price(engine, reading->currency, &price) &&
        decimal_try_mul(decimal_abs(difference), price, ROUND_UP, &value) &&
        decimal_compare(value, engine->settings.reconcile.balance_tolerance) <= 0)
        return DECIMAL_ZERO;
    return difference;
}

/* Exits and orders that reduce may not want more than there is now. */
static void set_position(struct engine *engine, struct fact *fact)
{
    engine_emit(engine, fact);
    exits_settle(engine, fact->position.product);
    reducers_trim(engine, fact->position.product);
}

/* What was bought here is not all there any more: the position is what can still be sold. */
static void shrink_positions(struct engine *engine, const struct reading *reading)
{
    for (int i = 0; i < engine->products->count; i++) {
        const struct product *product = &engine->products->items[i];
        struct fact fact = {.kind = FACT_POSITION, .position.product = (product_ref)i};
        position *now = &fact.position.position;
        *now = *portfolio_position(engine->portfolio, (product_ref)i);
        if (product->type != PRODUCT_SPOT || strcmp(product->base, reading->currency) != 0 ||
            decimal_compare(now->size, reading->total) <= 0)
            continue;
        position_shrink(now, reading->total);
        snprintf(fact.position.why, sizeof fact.position.why, "the venue has fewer coins");
        set_position(engine, &fact);
    }
}

static bool check_balance(struct engine *engine, struct reading *reading)
{
    decimal difference = balance_difference(engine, reading);
    char is[DECIMAL_TEXT_MAX], by[DECIMAL_TEXT_MAX];

    if (!is_confirmed(engine, &reading->drift, difference))
        return decimal_is_zero(difference);
    engine_note(engine, FACT_REPAIR, "balance", "warning", 0, PRODUCT_NONE,
                "the venue has %s %s, %s more than the books: they are set to it",
                decimal_format(reading->total, is), reading->currency,
                decimal_format(difference, by));
    engine_set_balance(engine, reading->currency, reading->total, "reconciliation");
    shrink_positions(engine, reading);
    reading->drift = (struct drift){.checks = 0};
    reconcile_escalate(engine, "a balance differs from the venue's");
    return true;
}

/* ---- positions of futures ---- */

static position position_of(const struct engine *engine, product_ref product)
{
    const struct holding *holding = &engine->reconcile.holdings[product];
    const struct product *rules = &engine->products->items[product];
    position now = *portfolio_position(engine->portfolio, product);
    decimal price = decimal_is_positive(holding->average_price)
                        ? holding->average_price
                        : portfolio_mark(engine->portfolio, product);
    bool was_flat = decimal_is_zero(now.size);

    now.size = holding->size;
    if (decimal_is_zero(now.size) || !product_value(rules, now.size, price, &now.cost))
        now.cost = DECIMAL_ZERO;
    if (decimal_is_zero(now.size))
        now.opened = 0;
    else if (was_flat)
        now.opened = engine->now;
    return now;
}

static bool check_holding(struct engine *engine, product_ref product)
{
    struct drift *drift = &engine->reconcile.holding_drift[product];
    struct fact fact = {.kind = FACT_POSITION, .position.product = product};
    decimal held = portfolio_position(engine->portfolio, product)->size, difference;
    char is[DECIMAL_TEXT_MAX], by[DECIMAL_TEXT_MAX];

    if (!decimal_try_sub(engine->reconcile.holdings[product].size, held, &difference))
        return true;
    if (!is_confirmed(engine, drift, difference))
        return decimal_is_zero(difference);
    fact.position.position = position_of(engine, product);
    snprintf(fact.position.why, sizeof fact.position.why, "reconciliation");
    engine_note(engine, FACT_REPAIR, "position", "warning", 0, product,
                "the venue holds %s, %s more than the books: they are set to it",
                decimal_format(fact.position.position.size, is),
                decimal_format(difference, by));
    set_position(engine, &fact);
    *drift = (struct drift){.checks = 0};
    reconcile_escalate(engine, "a position differs from the venue's");
    return true;
}

static bool check_all(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;
    bool is_settled = true;

    for (int i = 0; i < reconcile->balance_count; i++)
        if (reconcile->balances[i].is_read && !check_balance(engine, &reconcile->balances[i]))
            is_settled = false;
    for (int i = 0; i < engine->products->count; i++)
        if (engine->products->items[i].type == PRODUCT_FUTURE &&
            !check_holding(engine, (product_ref)i))
            is_settled = false;
    return is_settled;
}

static nanos recheck_pause(const struct engine *engine)
{
    int64_t readings = engine->reconcile.account.unsettled;

    return reconcile_pause(engine, RECHECK, readings - engine->settings.degrade.drift_checks);
}

static void recheck_in(struct engine *engine, nanos since, nanos pause)
{
    struct reconcile *reconcile = &engine->reconcile;
    nanos next = since + pause > engine->now ? since + pause : engine->now;

    if (next < reconcile->next_balances)
        reconcile->next_positions = reconcile->next_balances = next;
    reconcile_plan(reconcile);
}

void reconcile_on_motion(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;
    nanos pause = recheck_pause(engine);

    if (!reconcile->account.in_motion || has_orders_under_way(engine))
        return;
    reconcile->account.in_motion = false;
    recheck_in(engine, reconcile->account.asked, pause < RECHECK_MIN ? pause : RECHECK_MIN);
}

void reconcile_retry_account(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;

    if (!reconcile->account.failures || reconcile->account.query)
        return;
    reconcile->account.failures = 0;
    recheck_in(engine, reconcile->account.asked, RECHECK);
}

void reconcile_compare_account(struct engine *engine, bool is_complete)
{
    struct reconcile *reconcile = &engine->reconcile;

    reconcile->account.query = 0;
    if (!is_complete) {
        recheck_in(engine, engine->now,
                   reconcile_pause(engine, RECHECK, reconcile->account.failures++));
        return;
    }
    reconcile->account.failures = 0;
    if (!is_in_motion(engine) && check_all(engine) && reconcile_adopt_coins(engine)) {
        reconcile->is_starting = false;
        reconcile->account.unsettled = 0;
        return;
    }
    reconcile->account.unsettled++;
    recheck_in(engine, engine->now, recheck_pause(engine));
}
