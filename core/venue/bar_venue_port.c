/* What the engine asks of the venue: orders, cancels, edits, queries. */
#include <string.h>

#include "venue/bar_venue_private.h"
#include "venue/preview_answer.h"

static decimal reference_price(const struct bar_desk *desk, const struct order_request *request)
{
    switch (request->type) {
    case ORDER_LIMIT:
    case ORDER_STOP_LIMIT:
        return request->limit_price;
    case ORDER_STOP:
        return request->stop_price;
    default:
        return desk->price;
    }
}

/* Whether a limit order would trade at the last price; IOC and FOK are there for nothing else.
 * Before the first bar nobody knows, and the open decides. */
static bool comes_to_take(const struct bar_desk *desk, const struct order_request *request)
{
    if (request->type != ORDER_LIMIT || request->post_only)
        return false;
    if (request->tif == TIF_IOC || request->tif == TIF_FOK || decimal_is_zero(desk->price))
        return true;
    return request->side == SIDE_BUY ? !decimal_is_less(request->limit_price, desk->price)
                                     : !decimal_is_less(desk->price, request->limit_price);
}

static bool post_only_crosses(const struct bar_desk *desk, const struct order_request *request)
{
    struct order_request plain = *request;

    plain.post_only = false;
    return request->post_only && !decimal_is_zero(desk->price) && comes_to_take(desk, &plain);
}

static bool check_reduce_only(const struct bar_venue *venue,
                              const struct order_request *request, struct rejection *why)
{
    if (!bar_must_reduce(venue, request))
        return true;
    decimal size = bar_reducible(venue, request);
    *why = decimal_is_zero(size) ? rejection_reduce_flat : rejection_reduce_size;
    return !decimal_is_less(size, request->size);
}

static struct ledger_claim claim_of(const struct bar_venue *venue,
                                    const struct order_request *request)
{
    const struct fee_schedule *fees = &venue->settings.fees;

    return (struct ledger_claim){
        .product = request->product,
        .side = request->side,
        .size = request->size,
        .price = reference_price(&venue->desks[request->product], request),
        .rate = decimal_max(fees->maker_rate, fees->taker_rate),
    };
}

/* Every check the venue makes; reserves the funds when it passes. */
static bool admit(struct bar_venue *venue, const struct order_request *request,
                  struct ledger_claim *claim, struct rejection *why)
{
    const struct bar_desk *desk = &venue->desks[request->product];

    if (!admission_check(bar_product(venue, request->product), request, desk->price, venue->now,
                         why))
        return false;
    *why = rejection_post_only;
    if (post_only_crosses(desk, request))
        return false;
    if (!check_reduce_only(venue, request, why))
        return false;
    *claim = claim_of(venue, request);
    *why = rejection_funds;
    return ledger_claim(venue->ledger, claim);
}

/* Trades where the market is or not at all. */
static bool is_for_now(const struct order_request *request)
{
    return request->type == ORDER_MARKET ||
           (request->type == ORDER_LIMIT &&
            (request->tif == TIF_IOC || request->tif == TIF_FOK));
}

static void submit(void *ctx, const struct order_request *request)
{
    struct bar_venue *venue = ctx;
    const struct bar_desk *desk = &venue->desks[request->product];
    struct bar_order *order = map_find(venue->by_client_id, request->client_id.text);
    struct ledger_claim claim;
    struct rejection why;

    if (order) { /* sent again: the same order, and no other */
        bar_report(venue, REPORT_ACCEPTED, order, NULL);
        return;
    }
    if (!admit(venue, request, &claim, &why)) {
        bar_report_absent(venue, REPORT_REJECTED, request->product, &request->client_id, &why,
                          0);
        return;
    }
    order = bar_order_add(venue, request, &claim, comes_to_take(desk, request));
    bar_report(venue, REPORT_ACCEPTED, order, NULL);
    if (UNLIKELY(decimal_is_positive(desk->reached)) && is_for_now(request)) {
        bar_order_meet(venue, order, desk->reached);
        return;
    }
    bool trades_now = request->type == ORDER_MARKET || order->takes;
    if (venue->settings.market_fill == BAR_FILL_CLOSE && !desk->in_bar && trades_now &&
        !decimal_is_zero(desk->price))
        bar_order_meet(venue, order, desk->price);
}

static struct bar_order *find_order(const struct bar_venue *venue,
                                    const client_order_id *client_id)
{
    return map_find(venue->by_client_id, client_id->text);
}

static const struct rejection unknown_order = {"UNKNOWN_CANCEL_ORDER", "No such order works"};

static void cancel(void *ctx, const client_order_id *client_id, const venue_order_id *venue_id)
{
    static const struct rejection filled = {"ORDER_IS_FULLY_FILLED", "The order is filled"};
    static const struct rejection asked = {"", "User requested cancel"};
    struct bar_venue *venue = ctx;
    struct bar_order *order = find_order(venue, client_id);

    (void)venue_id;
    if (!order)
        bar_report_absent(venue, REPORT_CANCEL_REFUSED, PRODUCT_NONE, client_id, &unknown_order,
                          0);
    else if (order->state != BAR_WORKING)
        bar_report(venue, REPORT_CANCEL_REFUSED, order,
                   order->state == BAR_FILLED ? &filled : &unknown_order);
    else
        bar_order_cancel(venue, order, &asked);
}

static bool check_amend(struct bar_venue *venue, const struct bar_order *order,
                        const struct venue_amend *amend, struct rejection *why)
{
    const struct bar_desk *desk = &venue->desks[order->request.product];
    struct order_request edited = order->request;

    if (order->state != BAR_WORKING) {
        *why = (struct rejection){"ONLY_OPEN_ORDERS_CAN_BE_EDITED", "The order is not open"};
        return false;
    }
    if (!admission_check_edit(bar_product(venue, order->request.product), &order->request,
                              order->filled, amend->size, amend->limit_price, desk->price, why))
        return false;
    edited.limit_price = amend->limit_price;
    *why = rejection_post_only;
    return !post_only_crosses(desk, &edited);
}

static void replace(struct bar_venue *venue, struct bar_order *order,
                    const struct venue_amend *amend)
{
    order->request.size = amend->size;
    order->request.limit_price = amend->limit_price;
    order->takes = comes_to_take(&venue->desks[order->request.product], &order->request);
    order->updated = order->placed = venue->now;
    bar_report_replaced(venue, order);
}

static void amend(void *ctx, const struct venue_amend *amend)
{
    static const struct rejection absent = {"ORDER_NOT_FOUND", "No such order"};
    struct bar_venue *venue = ctx;
    struct bar_order *order = find_order(venue, &amend->client_id);
    struct rejection why;

    if (!order) {
        bar_report_absent(venue, REPORT_REPLACE_REFUSED, PRODUCT_NONE, &amend->client_id,
                          &absent, 0);
        return;
    }
    bool allowed = check_amend(venue, order, amend, &why);
    if (allowed &&
        !ledger_reclaim(venue->ledger, &order->claim, decimal_sub(amend->size, order->filled),
                        amend->limit_price)) {
        allowed = false;
        why = rejection_funds;
    }
    if (allowed)
        replace(venue, order, amend);
    else
        bar_report(venue, REPORT_REPLACE_REFUSED, order, &why);
}

/* Queries */

static void query_order(void *ctx, uint64_t query, const client_order_id *client_id,
                        const venue_order_id *venue_id)
{
    static const struct rejection absent = {"NOT_FOUND", "No such order"};
    struct bar_venue *venue = ctx;
    const struct bar_order *order = find_order(venue, client_id);

    (void)venue_id;
    if (order)
        bar_report_state(venue, order, query);
    else
        bar_report_absent(venue, REPORT_NOT_FOUND, PRODUCT_NONE, client_id, &absent, query);
    bar_report_answer(venue, query, true);
}

/* The rings' oldest entries first. */
static uint64_t ring_start(uint64_t count)
{
    return count > BAR_VENUE_KEPT ? count - BAR_VENUE_KEPT : 0;
}

static void query_orders(void *ctx, uint64_t query, nanos since)
{
    struct bar_venue *venue = ctx;

    for (uint64_t i = ring_start(venue->final_count); i < venue->final_count; i++) {
        const struct bar_order *order = venue->finals[i % BAR_VENUE_KEPT];
        if (order->updated >= since)
            bar_report_state(venue, order, query);
    }
    for (int i = 0; i < venue->products->count; i++)
        for (struct bar_order *order = venue->desks[i].first; order; order = order->next)
            bar_report_state(venue, order, query);
    bar_report_answer(venue, query, venue->orders_forgotten < since);
}

static void query_fills(void *ctx, uint64_t query, nanos since)
{
    struct bar_venue *venue = ctx;

    for (uint64_t i = ring_start(venue->fill_count); i < venue->fill_count; i++) {
        const struct kept_fill *kept = &venue->fills[i % BAR_VENUE_KEPT];
        if (kept->fill.time >= since)
            bar_report_fill(venue, kept, query);
    }
    bar_report_answer(venue, query, venue->fills_forgotten < since);
}

static void query_account(void *ctx, uint64_t query)
{
    struct bar_venue *venue = ctx;

    for (int i = 0; i < ledger_currency_count(venue->ledger); i++)
        bar_report_balance(venue, ledger_currency_at(venue->ledger, i), query);
    for (int i = 0; i < venue->products->count; i++)
        if (venue->products->items[i].type == PRODUCT_FUTURE)
            bar_report_holding(venue, (product_ref)i, query);
    bar_report_answer(venue, query, true);
}

/* All at the price that is known, or at its own: bars show no book. */
static struct preview_fills fills_of(const struct bar_desk *desk,
                                     const struct order_request *request)
{
    bool is_stop = request->type == ORDER_STOP || request->type == ORDER_STOP_LIMIT;
    decimal price = reference_price(desk, request);

    return (struct preview_fills){.rest = request->size,
                                  .rest_price = price,
                                  .rest_takes = is_stop || request->type == ORDER_MARKET ||
                                                comes_to_take(desk, request)};
}

static void preview(void *ctx, uint64_t query, const struct order_request *request)
{
    struct bar_venue *venue = ctx;
    const struct product *product = bar_product(venue, request->product);
    const struct bar_desk *desk = &venue->desks[request->product];
    struct preview_fills fills = fills_of(desk, request);
    struct event event = {
        .kind = EVENT_PREVIEW, .product = request->product, .time = venue->now};
    struct ledger_claim claim;
    struct rejection why;

    event.preview.query = query;
    event.preview.best_bid = event.preview.best_ask = desk->price;
    preview_answer_fill(product, request, &venue->settings.fees, &fills, &event.preview);
    if (admit(venue, request, &claim, &why))
        ledger_release(venue->ledger, &claim);
    else
        strcpy(event.preview.reason, preview_answer_reason(product, &why));
    bus_push(venue->bus, &event);
    bar_report_answer(venue, query, true);
}

struct venue_port bar_venue_port(struct bar_venue *venue)
{
    return (struct venue_port){
        .ctx = venue,
        .name = "backtest",
        .can_amend = true,
        .submit = submit,
        .cancel = cancel,
        .amend = amend,
        .query_order = query_order,
        .query_orders = query_orders,
        .query_fills = query_fills,
        .query_account = query_account,
        .preview = preview,
    };
}
