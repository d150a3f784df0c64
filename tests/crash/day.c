#include "day.h"

#include <stdio.h>
#include <stdlib.h>

const nanos day_start = INT64_C(1767225600) * 1000000000; /* 2026-01-01 */
const nanos day_cycle = SECONDS(10);

void day_products(struct product_table *products)
{
    static const char *const symbols[] = {"BTC-USD", "DOGE-USD", "BIP-20DEC30-CDE"};
    struct product product;
    product_ref ref;

    product_table_init(products);
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++)
        if (!catalogue_find(symbols[i], &product, NULL) ||
            product_table_add(products, &product, &ref, NULL))
            abort();
}

void day_settings(struct engine_settings *settings)
{
    engine_settings_init_unlimited(settings);
    snprintf(settings->bot, sizeof settings->bot, "crash");
    snprintf(settings->currency, sizeof settings->currency, "USD");
    settings->cycle_every = day_cycle;
    settings->retry.answer_deadline = SECONDS(3);
    settings->reconcile.order_sweep_every = SECONDS(30);
    settings->reconcile.position_check_every = SECONDS(30);
    settings->reconcile.balance_check_every = SECONDS(30);
    settings->reconcile.balance_tolerance = DECIMAL_ZERO;
    settings->degrade.broker_failures = 100; /* the day goes on, whatever fails */
    settings->degrade.reconnect_pause = 0;
    settings->snapshot.every = MINUTES(2);
    settings->preview = true;
}

decimal day_cash(void)
{
    return D(100000);
}

struct mock_setup day_venue(const struct engine_settings *settings)
{
    return (struct mock_setup){
        .market = {.seed = 7,
                   .start = day_start,
                   .step = SECONDS(5),
                   .fees = {settings->maker_rate, settings->taker_rate}},
        .latency_min = MILLISECONDS(20),
        .latency_max = MILLISECONDS(80),
    };
}

/* Every so many messages of a kind one goes wrong. */
struct fault_plan *day_faults(void)
{
    static const struct {
        enum fault_point point;
        int first, every;
        enum fault_kind kind;
    } rows[] = {
        {FAULT_AT_SUBMIT, 5, 23, FAULT_TIMEOUT},
        {FAULT_AT_SUBMIT, 9, 29, FAULT_LOSE_ANSWER},
        {FAULT_AT_SUBMIT, 13, 31, FAULT_LOSE_REQUEST},
        {FAULT_AT_SUBMIT, 4, 19, FAULT_REJECT},
        {FAULT_AT_SUBMIT, 17, 37, FAULT_SERVER_AFTER},
        {FAULT_AT_CANCEL, 3, 7, FAULT_TIMEOUT},
        {FAULT_AT_CANCEL, 5, 11, FAULT_LOSE_REQUEST},
        {FAULT_AT_AMEND, 2, 7, FAULT_TIMEOUT},
        {FAULT_AT_AMEND, 4, 9, FAULT_LOSE_REQUEST},
        {FAULT_AT_AMEND, 6, 11, FAULT_REJECT},
        {FAULT_AT_REPORT, 6, 17, FAULT_LOSE_MESSAGE},
        {FAULT_AT_REPORT, 8, 13, FAULT_DUPLICATE},
        {FAULT_AT_QUERY, 10, 21, FAULT_HALF_ANSWER},
        {FAULT_AT_PREVIEW, 7, 43, FAULT_TIMEOUT},
        {FAULT_AT_PREVIEW, 11, 47, FAULT_LOSE_ANSWER},
        {FAULT_AT_PREVIEW, 15, 53, FAULT_REJECT},
        {FAULT_AT_PREVIEW, 19, 41, FAULT_DUPLICATE},
    };
    struct fault_plan *plan = fault_plan_new(1);

    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        for (int n = 0; n < 60; n++)
            fault_plan_add_rule(plan, rows[i].point,
                                (uint64_t)(rows[i].first + n * rows[i].every),
                                (struct fault_case){rows[i].kind, MILLISECONDS(500)});
    return plan;
}

/* ---- the trader ---- */

static void set_limit(struct decision *decision, decimal mark, int64_t bps)
{
    decision->type = ORDER_LIMIT;
    decision->tif = TIF_GTC;
    decision->limit_price =
        decimal_mul_div(mark, decimal_from_int(10000 + bps), D(10000), ROUND_HALF_EVEN);
}

static decimal size_for(const struct market *market, int64_t value)
{
    decimal each = decimal_mul(market->mark, market->product->contract_size, ROUND_UP);
    decimal size = decimal_div(decimal_from_int(value), each, ROUND_DOWN);

    return decimal_max(size, market->product->base_min_size);
}

/* What is done in the n-th cycle with one of the products. */
static void plan_decision(struct decision *decision, int64_t n, const struct market *market)
{
    decision->action = n % 4 < 2 ? ACTION_BUY : ACTION_SELL;
    decision->size = size_for(market, 300 + 50 * (n % 7));
    switch (n % 12) {
    case 1:
    case 6:
        set_limit(decision, market->mark, -5);
        break;
    case 2:
        set_limit(decision, market->mark, 40);
        break;
    case 3:
        decision->size = size_for(market, 20000); /* more than the first level holds */
        set_limit(decision, market->mark, 0);
        break;
    case 5:
    case 10:
        decision->action = ACTION_CANCEL;
        break;
    case 9: /* rests until it is canceled, changed, or over; the venue cannot edit it */
        set_limit(decision, market->mark, -500);
        decision->action = ACTION_BUY;
        decision->tif = n % 24 < 12 ? TIF_GTC : TIF_GTD;
        decision->expires = n % 24 < 12 ? 0 : day_start + (n + 30) * day_cycle;
        break;
    case 11:
        decision->action = ACTION_CLOSE;
        decision->has_size = false;
        break;
    default:
        break;
    }
}

/* Larger and nearer, or smaller and further away. */
static void plan_amend(struct decision *decision, int64_t n, const struct order *order,
                       const struct market *market)
{
    decision->action = ACTION_AMEND;
    decision->order = order->number;
    decision->size = decimal_mul_div(order->request.size, D(n % 2 ? 3 : 1), D(2), ROUND_DOWN);
    set_limit(decision, market->mark, n % 2 ? -300 : -600);
}

/* An order of the product that rests; NULL: there is none. */
static const struct order *find_resting(const struct view *view)
{
    for (int i = 0; i < view->order_count; i++)
        if (view->orders[i]->request.product == view->market->ref &&
            view->orders[i]->request.type == ORDER_LIMIT &&
            view->orders[i]->request.side == SIDE_BUY)
            return view->orders[i];
    return NULL;
}

/* Some entries come with a stop, some with one that follows and a target. */
static void add_exits(struct decision *decision, int64_t n)
{
    decimal bps = decimal_div(D(1), D(10000), ROUND_DOWN);

    if (decision->action != ACTION_BUY || n % 3 == 2)
        return;
    if (n % 3 == 0)
        decision->plan.stop_share = decimal_mul(bps, D(4), ROUND_DOWN);
    else
        decision->plan.trail_share = decision->plan.target_share =
            decimal_mul(bps, D(8), ROUND_DOWN);
}

static enum err call(void *ctx, const struct strategy_call *call, struct decision_list *out,
                     struct fault *why)
{
    const struct day_script *script = ctx;
    const struct market *market = call->view->market;
    int64_t n = (call->view->now - script->late - day_start) / day_cycle;

    (void)why;
    if (!script->is_trading || call->hook != HOOK_CYCLE)
        return OK;
    struct decision *decision = &out->items[out->count++];
    *decision = (struct decision){
        .product = market->ref, .type = ORDER_MARKET, .tif = TIF_IOC, .has_size = true};
    int64_t step = n + 5 * market->ref;
    const struct order *resting = find_resting(call->view);
    if (resting && (step % 12 == 10 || step % 12 == 0 || step % 12 == 2))
        plan_amend(decision, n, resting, market);
    else
        plan_decision(decision, step, market);
    add_exits(decision, n);
    snprintf(decision->reason, sizeof decision->reason, "cycle %lld", (long long)n);
    return OK;
}

struct strategy_port day_trader(const struct day_script *script, product_ref product)
{
    struct strategy_port port = {.ctx = (void *)(uintptr_t)script,
                                 .product = product,
                                 .wants = HOOK_BIT(HOOK_CYCLE),
                                 .call = call};

    snprintf(port.name, sizeof port.name, "script");
    return port;
}
