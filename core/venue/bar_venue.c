/* Working orders hang in one list per product, oldest first, so that a bar of a
 * product with none costs a comparison. Final orders wait in a ring of
 * BAR_VENUE_KEPT until newer ones push them out.
 *
 * Invariants:
 *   B1  an order is in its product's list exactly while it is working
 *   B2  a claim on the ledger has a size exactly while its order works, and that size is the
 *       order's unfilled rest
 *   B3  nothing fills in a bar whose close the decision had seen, but for market orders where
 *       BAR_FILL_CLOSE says so
 *   B4  nothing fills at a price from before it was placed: bars of several products come one
 *       by one, and a decision on one of them may be younger than the open of the next */
#include "venue/bar_venue.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "venue/bar_venue_private.h"
#include "venue/id_text.h"

struct bar_venue *bar_venue_new(const struct product_table *products,
                                const struct bar_venue_settings *settings)
{
    struct bar_venue *venue = mem_new(sizeof *venue);

    venue->products = products;
    venue->settings = *settings;
    venue->rules = (struct bar_fill_rules){settings->slippage_bps, settings->limit_touch};
    venue->ledger = ledger_new(products);
    venue->by_client_id = map_new();
    venue->fills = mem_new_array(BAR_VENUE_KEPT, sizeof *venue->fills);
    venue->orders_forgotten = venue->fills_forgotten = INT64_MIN;
    for (int i = 0; i < products->count; i++)
        venue->desks[i].is_future = products->items[i].type == PRODUCT_FUTURE;
    return venue;
}

static void slots_free(struct bar_order *slot)
{
    while (slot) {
        struct bar_order *next = slot->next;
        mem_free(slot);
        slot = next;
    }
}

void bar_venue_free(struct bar_venue *venue)
{
    if (!venue)
        return;
    for (int i = 0; i < PRODUCTS_MAX; i++)
        slots_free(venue->desks[i].first);
    for (int i = 0; i < BAR_VENUE_KEPT; i++)
        mem_free(venue->finals[i]);
    slots_free(venue->free_slots);
    map_free(venue->by_client_id);
    ledger_free(venue->ledger);
    mem_free(venue->fills);
    mem_free(venue);
}

void bar_venue_connect(struct bar_venue *venue, struct bus *bus)
{
    venue->bus = bus;
}

void bar_venue_deposit(struct bar_venue *venue, const char *currency, decimal amount)
{
    ledger_deposit(venue->ledger, currency, amount);
}

const struct ledger *bar_venue_ledger(const struct bar_venue *venue)
{
    return venue->ledger;
}

int bar_venue_open_orders(const struct bar_venue *venue)
{
    return venue->open_orders;
}

/* The life of a slot */

static struct bar_order *slot_take(struct bar_venue *venue)
{
    struct bar_order *slot = venue->free_slots;

    if (!slot)
        return mem_new(sizeof *slot);
    venue->free_slots = slot->next;
    *slot = (struct bar_order){0};
    return slot;
}

static void slot_give_back(struct bar_venue *venue, struct bar_order *slot)
{
    slot->next = venue->free_slots;
    venue->free_slots = slot;
}

static void list_append(struct bar_desk *desk, struct bar_order *order)
{
    order->previous = desk->last;
    order->next = NULL;
    *(desk->last ? &desk->last->next : &desk->first) = order;
    desk->last = order;
}

static void list_remove(struct bar_desk *desk, struct bar_order *order)
{
    *(order->previous ? &order->previous->next : &desk->first) = order->next;
    *(order->next ? &order->next->previous : &desk->last) = order->previous;
}

static void keep_final(struct bar_venue *venue, struct bar_order *order)
{
    struct bar_order **place = &venue->finals[venue->final_count++ % BAR_VENUE_KEPT];

    if (*place) {
        venue->orders_forgotten = (*place)->updated;
        map_remove(venue->by_client_id, (*place)->request.client_id.text);
        slot_give_back(venue, *place);
    }
    *place = order;
}

static void end_order(struct bar_venue *venue, struct bar_order *order,
                      enum bar_order_state state)
{
    ledger_release(venue->ledger, &order->claim);
    list_remove(&venue->desks[order->request.product], order);
    order->state = state;
    order->updated = venue->now;
    venue->open_orders--;
    keep_final(venue, order);
}

void bar_order_cancel(struct bar_venue *venue, struct bar_order *order,
                      const struct rejection *why)
{
    end_order(venue, order, BAR_CANCELED);
    bar_report(venue, REPORT_CANCELED, order, why);
}

static void expire_order(struct bar_venue *venue, struct bar_order *order)
{
    static const struct rejection why = {"", "Order expired"};

    end_order(venue, order, BAR_EXPIRED);
    bar_report(venue, REPORT_EXPIRED, order, &why);
}

struct bar_order *bar_order_add(struct bar_venue *venue, const struct order_request *request,
                                const struct ledger_claim *claim, bool takes)
{
    struct bar_desk *desk = &venue->desks[request->product];
    struct bar_order *order = slot_take(venue);

    order->request = *request;
    order->number = ++venue->order_count;
    id_text_format(order->venue_id.text, "bar-", order->number, 0);
    order->claim = *claim;
    order->updated = order->placed = venue->now;
    order->came_in_bar = desk->in_bar;
    order->takes = takes;
    list_append(desk, order);
    venue->open_orders++;
    map_set(venue->by_client_id, order->request.client_id.text, order);
    return order;
}

/* Filling */

const struct product *bar_product(const struct bar_venue *venue, product_ref product)
{
    return product_table_get(venue->products, product);
}

decimal bar_reducible(const struct bar_venue *venue, const struct order_request *request)
{
    decimal held = ledger_position(venue->ledger, request->product).size;
    int closing = request->side == SIDE_BUY ? -1 : 1;

    return decimal_sign(held) == closing ? decimal_abs(held) : DECIMAL_ZERO;
}

bool bar_must_reduce(const struct bar_venue *venue, const struct order_request *request)
{
    return request->reduce_only && bar_product(venue, request->product)->type == PRODUCT_FUTURE;
}

static decimal remaining(const struct bar_order *order)
{
    return decimal_sub(order->request.size, order->filled);
}

/* The part of the order that funds, position and the bar's volume allow at this price. */
static decimal size_possible(const struct bar_venue *venue, const struct bar_order *order,
                             decimal price)
{
    const struct bar_desk *desk = &venue->desks[order->request.product];
    decimal size = remaining(order);

    if (bar_must_reduce(venue, &order->request))
        size = decimal_min(size, bar_reducible(venue, &order->request));
    if (order->request.side == SIDE_BUY)
        size = decimal_min(size, ledger_affordable(venue->ledger, &order->claim, price));
    if (desk->has_room_limit)
        size = decimal_min(size, desk->room);
    return size;
}

static struct fill make_fill(const struct bar_venue *venue, const struct bar_order *order,
                             const struct bar_fill_price *at, decimal size)
{
    struct fill fill = {.product = order->request.product,
                        .side = order->request.side,
                        .size = size,
                        .price = at->price,
                        .liquidity = at->liquidity,
                        .time = venue->now};
    bool in_range =
        product_value(bar_product(venue, fill.product), size, at->price, &fill.value);

    assert(in_range); /* admission has checked the largest value */
    fill.fee = fee_of(&venue->settings.fees, fill.value, at->liquidity);
    id_text_format(fill.id.text, "bar-", order->number, order->fills);
    return fill;
}

static const struct kept_fill *keep_fill(struct bar_venue *venue, const struct bar_order *order,
                                         const struct fill *fill)
{
    struct kept_fill *place = &venue->fills[venue->fill_count % BAR_VENUE_KEPT];

    if (venue->fill_count++ >= BAR_VENUE_KEPT)
        venue->fills_forgotten = place->fill.time;
    place->client_id = order->request.client_id;
    place->venue_id = order->venue_id;
    place->fill = *fill;
    return place;
}

static void book_fill(struct bar_venue *venue, struct bar_order *order,
                      const struct bar_fill_price *at, decimal size)
{
    struct bar_desk *desk = &venue->desks[order->request.product];
    struct fill fill;

    order->fills++;
    fill = make_fill(venue, order, at, size);
    ledger_settle(venue->ledger, &order->claim, size, fill.value, fill.fee);
    order->filled = decimal_add(order->filled, size);
    order->value = decimal_add(order->value, fill.value);
    order->fees = decimal_add(order->fees, fill.fee);
    order->updated = venue->now;
    if (desk->has_room_limit)
        desk->room = decimal_sub(desk->room, size);
    bar_report_fill(venue, keep_fill(venue, order, &fill), 0);
}

static bool is_all_or_now(const struct order_request *request)
{
    return request->type == ORDER_LIMIT && (request->tif == TIF_IOC || request->tif == TIF_FOK);
}

static const struct rejection not_at_once = {"", "Immediate or cancel"};

/* Why the unfilled rest of an order ends now; NULL when it waits for the next bar. */
static const struct rejection *end_of_rest(const struct bar_venue *venue,
                                           const struct bar_order *order, decimal price)
{
    const struct order_request *request = &order->request;
    decimal rest = remaining(order);

    if (bar_must_reduce(venue, request) && decimal_is_less(bar_reducible(venue, request), rest))
        return &rejection_reduce_flat;
    if (request->side == SIDE_BUY &&
        decimal_is_less(ledger_affordable(venue->ledger, &order->claim, price), rest))
        return &rejection_funds;
    return is_all_or_now(request) ? &not_at_once : NULL;
}

static void fill_order(struct bar_venue *venue, struct bar_order *order,
                       const struct bar_fill_price *at)
{
    decimal size = size_possible(venue, order, at->price);
    bool whole = decimal_is_equal(size, remaining(order));

    if (decimal_is_positive(size) && (whole || order->request.tif != TIF_FOK))
        book_fill(venue, order, at, size);
    if (decimal_is_zero(remaining(order))) {
        end_order(venue, order, BAR_FILLED);
        return;
    }
    const struct rejection *why = end_of_rest(venue, order, at->price);
    if (why)
        bar_order_cancel(venue, order, why);
}

/* Bars */

static struct bar_fill_order rules_view(const struct bar_venue *venue,
                                        const struct bar_order *order)
{
    return (struct bar_fill_order){bar_product(venue, order->request.product), &order->request,
                                   order->is_triggered, order->takes};
}

static bool is_stop(const struct order_request *request)
{
    return request->type == ORDER_STOP || request->type == ORDER_STOP_LIMIT;
}

void bar_order_meet(struct bar_venue *venue, struct bar_order *order, decimal price)
{
    struct bar_fill_order view = rules_view(venue, order);
    struct bar_fill_price at;
    bool fills = bar_fill_at_open(&venue->rules, &view, price, &at);

    if (is_stop(&order->request) && bar_fill_opens_beyond_stop(&order->request, price))
        order->is_triggered = true;
    if (fills)
        fill_order(venue, order, &at);
    if (order->state != BAR_WORKING || !order->takes)
        return;
    /* It came to trade and could not, or not wholly: it rests now, or ends. */
    order->takes = false;
    if (is_all_or_now(&order->request))
        bar_order_cancel(venue, order, &not_at_once);
}

static bool is_expired(const struct bar_order *order, nanos now)
{
    return order->request.tif == TIF_GTD && order->request.expires <= now;
}

static void mark_price(struct bar_venue *venue, product_ref product, decimal price)
{
    venue->desks[product].price = price;
    if (venue->desks[product].is_future)
        ledger_set_mark(venue->ledger, product, price);
}

static decimal room_of(const struct bar_venue *venue, product_ref product,
                       const struct bar *bar)
{
    decimal room = decimal_mul(bar->volume, venue->settings.participation, ROUND_DOWN);

    return product_round_size(bar_product(venue, product), room);
}

void bar_venue_move_time(struct bar_venue *venue, nanos now)
{
    if (now > venue->now)
        venue->now = now;
}

void bar_venue_open_bar(struct bar_venue *venue, product_ref product, const struct bar *bar)
{
    struct bar_desk *desk = &venue->desks[product];

    assert(!desk->in_bar);
    bar_venue_move_time(venue, bar->start);
    mark_price(venue, product, bar->open);
    desk->in_bar = true;
    desk->has_room_limit = !decimal_is_zero(venue->settings.participation);
    if (desk->has_room_limit)
        desk->room = room_of(venue, product, bar);
    if (LIKELY(!desk->first))
        return;
    for (struct bar_order *next, *order = desk->first; order; order = next) {
        next = order->next;
        order->came_in_bar = order->is_late = order->placed > bar->start;
        if (is_expired(order, bar->start))
            expire_order(venue, order);
        else if (!order->is_late)
            bar_order_meet(venue, order, bar->open);
    }
}

void bar_venue_reach(struct bar_venue *venue, product_ref product, decimal price)
{
    venue->desks[product].reached = price;
}

static void fill_stops_inside(struct bar_venue *venue, struct bar_desk *desk,
                              const struct bar *bar)
{
    struct bar_fill_price at;

    for (struct bar_order *next, *order = desk->first; order; order = next) {
        next = order->next;
        struct bar_fill_order view = rules_view(venue, order);
        if (order->is_late)
            continue;
        if (!bar_fill_of_stop(&venue->rules, &view, bar, &at))
            continue;
        desk->stopped[order->request.side] = true;
        order->is_triggered = true;
        fill_order(venue, order, &at);
    }
}

/* An order whose time runs out inside the bar is not given the bar's best price. */
static void fill_limits_inside(struct bar_venue *venue, struct bar_desk *desk,
                               const struct bar *bar)
{
    struct bar_fill_price at;

    for (struct bar_order *next, *order = desk->first; order; order = next) {
        next = order->next;
        if (order->came_in_bar || desk->stopped[order->request.side] ||
            is_expired(order, bar->start + bar->interval - 1))
            continue;
        struct bar_fill_order view = rules_view(venue, order);
        if (bar_fill_of_limit(&venue->rules, &view, bar, &at))
            fill_order(venue, order, &at);
    }
}

/* Market orders and taking limits that came after the open, where they fill at the close. */
static void fill_at_close(struct bar_venue *venue, struct bar_desk *desk, const struct bar *bar)
{
    for (struct bar_order *next, *order = desk->first; order; order = next) {
        next = order->next;
        if (order->came_in_bar && (order->request.type == ORDER_MARKET || order->takes))
            bar_order_meet(venue, order, bar->close);
    }
}

static void expire_orders(struct bar_venue *venue, struct bar_desk *desk, nanos now)
{
    for (struct bar_order *next, *order = desk->first; order; order = next) {
        next = order->next;
        if (is_expired(order, now))
            expire_order(venue, order);
    }
}

void bar_venue_close_bar(struct bar_venue *venue, product_ref product, const struct bar *bar)
{
    struct bar_desk *desk = &venue->desks[product];
    nanos end = bar->start + bar->interval;

    assert(desk->in_bar);
    bar_venue_move_time(venue, end);
    if (desk->first) {
        desk->stopped[SIDE_BUY] = desk->stopped[SIDE_SELL] = false;
        fill_stops_inside(venue, desk, bar);
        fill_limits_inside(venue, desk, bar);
        if (venue->settings.market_fill == BAR_FILL_CLOSE)
            fill_at_close(venue, desk, bar);
        expire_orders(venue, desk, end);
    }
    desk->in_bar = false;
    mark_price(venue, product, bar->close);
}
