/* Sweeps of orders and fills, and who is due when. The account's side is in
 * reconcile_account.c. */
#include "engine/reconcile.h"

#include <stdio.h>
#include <string.h>

#include "engine/engine_private.h"
#include "engine/reconcile_private.h"

/* Clocks differ, and a listing may lag behind: a sweep looks back a little further. */
#define SWEEP_MARGIN MINUTES(5)
/* Not more often than this, whatever goes wrong; and after a sweep that failed. */
#define SWEEP_PAUSE SECONDS(1)
#define SWEEP_RETRY SECONDS(5)
/* Nobody waits longer than this for new risk because the venue failed. */
#define STARTING_PAUSE_MAX SECONDS(10)

nanos reconcile_pause(const struct engine *engine, nanos first, int64_t doublings)
{
    const struct reconcile_settings *settings = &engine->settings.reconcile;
    nanos longest = settings->balance_check_every;

    if (engine->reconcile.is_starting && longest > STARTING_PAUSE_MAX)
        longest = STARTING_PAUSE_MAX;
    for (; doublings > 0 && first < longest; doublings--)
        first *= 2;
    return first < longest ? first : longest;
}

void reconcile_plan(struct reconcile *reconcile)
{
    nanos next = reconcile->next_sweep;

    if (reconcile->next_positions < next)
        next = reconcile->next_positions;
    if (reconcile->next_balances < next)
        next = reconcile->next_balances;
    reconcile->next = reconcile->is_on ? next : INT64_MAX;
}

void reconcile_start(struct engine *engine, nanos from, bool is_starting)
{
    const struct reconcile_settings *settings = &engine->settings.reconcile;
    const struct venue_port *venue = &engine->ports.venue;
    struct reconcile *reconcile = &engine->reconcile;

    reconcile->is_on = engine->settings.cycle_every && settings->order_sweep_every &&
                       settings->position_check_every && settings->balance_check_every &&
                       venue->query_orders && venue->query_fills && venue->query_account;
    reconcile->is_starting = reconcile->is_on && is_starting;
    reconcile->sweep.from = from;
    reconcile->next_sweep = engine->now + (is_starting ? 0 : settings->order_sweep_every);
    /* The account is read after the first sweep: fills explain most of what has changed. */
    reconcile->next_positions =
        is_starting ? INT64_MAX : engine->now + settings->position_check_every;
    reconcile->next_balances =
        is_starting ? INT64_MAX : engine->now + settings->balance_check_every;
    reconcile_plan(reconcile);
}

void reconcile_want(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;
    nanos soon = reconcile->sweep.asked + SWEEP_PAUSE;

    if (soon < engine->now)
        soon = engine->now;
    if (soon < reconcile->next_sweep)
        reconcile->next_sweep = soon;
    reconcile_plan(reconcile);
}

static void start_sweep(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;
    nanos since = reconcile->sweep.from - SWEEP_MARGIN;
    nanos overdue = reconcile->sweep.asked + engine->settings.retry.answer_deadline;

    if (reconcile->sweep.orders || reconcile->sweep.fills) {
        reconcile->next_sweep = overdue;
        if (engine->now < overdue)
            return;
        guards_on_request(engine, false); /* the one before was never answered */
    }
    reconcile->sweep.asked = engine->now;
    reconcile->sweep.failed = false;
    reconcile->sweep.orders = engine_ask(engine, REQUEST_QUERY_ORDERS, NULL, since);
    reconcile->sweep.fills = engine_ask(engine, REQUEST_QUERY_FILLS, NULL, since);
    reconcile->next_sweep = engine->now + engine->settings.reconcile.order_sweep_every;
}

void reconcile_run(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;

    if (engine->now < reconcile->next)
        return;
    if (engine->now >= reconcile->next_sweep)
        start_sweep(engine);
    if (engine->now >= reconcile->next_positions || engine->now >= reconcile->next_balances)
        reconcile_read_account(engine);
    reconcile_plan(reconcile);
}

/* Touched so lately that the listing may be older. */
static bool is_fresh(const struct engine *engine, const struct order *order)
{
    return order->updated + engine->settings.retry.answer_deadline >
           engine->reconcile.sweep.asked;
}

static bool should_be_listed(const struct order *order)
{
    return order_state_is_open(order->state) && order->state != ORDER_PENDING_NEW &&
           order->state != ORDER_UNKNOWN;
}

/* Open here, and not in a complete listing: what became of it is not known. */
static void lose_missing(struct engine *engine, uint64_t query)
{
    for (int i = oms_open_count(engine->oms); i-- > 0;) {
        const struct order *order = oms_open(engine->oms)[i];
        struct fact fact = {.kind = FACT_ORDER_EVENT};
        if (!should_be_listed(order) || is_fresh(engine, order) ||
            oms_seen(engine->oms, order->number) == query)
            continue;
        engine_note(engine, FACT_ANOMALY, "missing_order", "warning", order->number,
                    order->request.product, "order %llu is not in the venue's list",
                    (unsigned long long)order->number);
        fact.order_event =
            (struct fact_order_event){.order = order->number, .event = ORDER_EVENT_LOSE};
        snprintf(fact.order_event.text, sizeof fact.order_event.text, "not listed");
        engine_emit(engine, &fact);
    }
}

static void end_sweep(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;

    if (reconcile->sweep.orders || reconcile->sweep.fills)
        return;
    if (reconcile->sweep.failed) {
        reconcile->next_sweep =
            engine->now + reconcile_pause(engine, SWEEP_RETRY, reconcile->sweep.failures++);
        reconcile_plan(reconcile);
        return;
    }
    reconcile->sweep.failures = 0;
    reconcile->sweep.from = reconcile->sweep.complete = reconcile->sweep.asked;
    if (reconcile->is_starting && reconcile->next_balances == INT64_MAX)
        reconcile->next_positions = reconcile->next_balances = engine->now;
    reconcile_plan(reconcile);
}

static void retry(struct engine *engine)
{
    struct reconcile *reconcile = &engine->reconcile;

    if (reconcile->sweep.failures && !reconcile->sweep.orders && !reconcile->sweep.fills) {
        reconcile->sweep.failures = 0;
        reconcile_want(engine);
    }
    reconcile_retry_account(engine);
}

void reconcile_on_answer(struct engine *engine, const struct answer *answer)
{
    struct reconcile *reconcile = &engine->reconcile;
    bool is_orders = answer->query == reconcile->sweep.orders;
    bool is_fills = answer->query == reconcile->sweep.fills;

    if (answer->query == 0)
        return;
    if (answer->is_complete)
        retry(engine);
    if (answer->query == reconcile->account.query)
        reconcile_compare_account(engine, answer->is_complete);
    if (!is_orders && !is_fills)
        return;
    if (is_orders && answer->is_complete)
        lose_missing(engine, answer->query);
    reconcile->sweep.failed = reconcile->sweep.failed || !answer->is_complete;
    if (is_orders)
        reconcile->sweep.orders = 0;
    else
        reconcile->sweep.fills = 0;
    end_sweep(engine);
}

/* ---- orders that ended here and work there ---- */

static int64_t count_zombie(struct reconcile *reconcile, order_number order)
{
    int oldest = 0;

    for (int i = 0; i < ZOMBIES_MAX; i++) {
        if (reconcile->zombies[i].order == order)
            return ++reconcile->zombies[i].checks;
        if (reconcile->zombies[i].order < reconcile->zombies[oldest].order)
            oldest = i;
    }
    reconcile->zombies[oldest].order = order;
    return reconcile->zombies[oldest].checks = 1;
}

void reconcile_on_zombie(struct engine *engine, const struct order *order)
{
    int64_t limit = engine->settings.degrade.drift_checks;
    int64_t checks = count_zombie(&engine->reconcile, order->number);

    if (checks < limit)
        reconcile_want(engine);
    if (checks < limit || (checks - limit) % limit)
        return;
    engine_note(engine, FACT_REPAIR, "zombie_order", "critical", order->number,
                order->request.product,
                "order %llu is %s here and works at the venue: it is canceled there",
                (unsigned long long)order->number, order_state_name(order->state));
    engine_ask_cancel(engine, order);
    reconcile_escalate(engine, "an order that ended here works at the venue");
}

/* ---- orders of others ---- */

void reconcile_on_listed(struct engine *engine, const struct order *order)
{
    bool works = order->state == ORDER_NEW || order->state == ORDER_PARTIALLY_FILLED;

    if (works && order->origin == ORIGIN_EXTERNAL &&
        engine->settings.reconcile.external_orders == EXTERNAL_CANCEL)
        engine_cancel(engine, order);
}

bool reconcile_is_named_ours(const struct engine *engine, const client_order_id *id)
{
    size_t len = strlen(engine->settings.bot);

    return strncmp(id->text, engine->settings.bot, len) == 0 && id->text[len] == '-';
}

static bool can_take_in(const struct engine *engine, const struct order_report *report)
{
    bool works = report->kind == REPORT_WORKING || report->kind == REPORT_ACCEPTED;
    decimal filled = report->has_totals ? report->total_size : DECIMAL_ZERO;

    return works && report->has_request && report->venue_id.text[0] &&
           report->request.product < engine->products->count &&
           decimal_is_positive(report->request.size) && !decimal_is_negative(filled) &&
           !decimal_is_negative(report->request.limit_price) &&
           decimal_is_less(filled, report->request.size) &&
           decimal_is_less(report->request.size, D(1000000000000000)) &&
           decimal_is_less(report->request.limit_price, D(1000000000000));
}

/* With what it has filled so far: those fills are in the balances that the venue tells. When
 * they are told one by one they explain that, and are not booked again. */
static struct order external_order(const struct engine *engine,
                                   const struct order_report *report)
{
    struct order order = {.number = oms_next_number(engine->oms),
                          .origin = ORIGIN_EXTERNAL,
                          .request = report->request,
                          .venue_id = report->venue_id,
                          .state = ORDER_UNKNOWN};

    order.request.client_id = report->client_id;
    if (!order.request.client_id.text[0])
        snprintf(order.request.client_id.text, CLIENT_ORDER_ID_MAX, "%.36s",
                 report->venue_id.text);
    order.reserved_price = decimal_is_positive(order.request.limit_price)
                               ? order.request.limit_price
                               : engine->markets[order.request.product].mark;
    if (report->has_totals) {
        order.filled = report->total_size;
        order.filled_value = report->total_value;
        order.fees = report->total_fees;
        order.inferred = (struct inferred){order.filled, order.filled_value, order.fees};
    }
    order.created = order.sent = order.updated = order.lost_since = engine->now;
    snprintf(order.reason, sizeof order.reason, "found at the venue");
    return order;
}

static void take_in(struct engine *engine, const struct order_report *report)
{
    struct fact fact = {.kind = FACT_ORDER, .order = external_order(engine, report)};
    order_number number = fact.order.number;
    bool is_named = reconcile_is_named_ours(engine, &fact.order.request.client_id);

    if (oms_find_client(engine->oms, &fact.order.request.client_id))
        return;
    engine_emit(engine, &fact);
    fact = (struct fact){.kind = FACT_ORDER_EVENT};
    fact.order_event = (struct fact_order_event){
        .order = number, .event = ORDER_EVENT_ACCEPT, .venue_id = report->venue_id};
    engine_emit(engine, &fact);
    engine_note(engine, FACT_REPAIR, "external_order", is_named ? "critical" : "warning",
                number, report->request.product,
                "%s %s works at the venue and is not in the journal",
                is_named ? "an order of this bot's name," : "the order of somebody else,",
                report->venue_id.text);
    if (engine->settings.reconcile.external_orders == EXTERNAL_CANCEL)
        engine_cancel(engine, oms_find(engine->oms, number));
}

void reconcile_on_stranger(struct engine *engine, const struct event *event)
{
    const struct order_report *report = &event->report;

    if (can_take_in(engine, report)) {
        take_in(engine, report);
        return;
    }
    if (report->query) /* what others did and ended, in a listing */
        return;
    engine->counters.anomalies++;
    engine_note(engine, FACT_ANOMALY, "external_order", "warning", 0, event->product,
                "%s of an order that is not ours: %s %s", report_kind_name(report->kind),
                report->venue_id.text, report->client_id.text);
    reconcile_want(engine);
}
