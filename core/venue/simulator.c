/* Orders and money. The books match; this file decides what may enter them and
 * books what they tell.
 *
 * Invariants, checked by simulator_check:
 *   S1  an order is in the open list exactly while its state is open, and then its claim's size
 *       is what is not filled of it
 *   S2  an order's totals are the sums of its fills
 *   S3  ledger and books keep their own invariants */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "venue/id_text.h"
#include "venue/simulator_private.h"

enum { ROOM_MIN = 16 };

struct simulator *simulator_new(const struct product_table *products,
                                const struct sim_setup *setup,
                                const struct sim_listener *listener)
{
    struct simulator *sim = mem_new(sizeof *sim);

    assert(setup->step > 0);
    sim->products = products;
    sim->setup = *setup;
    sim->listener = *listener;
    sim->ledger = ledger_new(products);
    sim->by_client_id = map_new();
    sim->by_venue_id = map_new();
    sim->now = setup->start;
    sim->volumes[setup->start / DAYS(1) % VOLUME_DAYS] = setup->volume_30d;
    sim_open_markets(sim);
    return sim;
}

void simulator_free(struct simulator *sim)
{
    if (!sim)
        return;
    sim_close_markets(sim);
    for (uint64_t i = 0; i < sim->order_count; i++) {
        mem_free(sim->orders[i]->end_texts);
        mem_free(sim->orders[i]);
    }
    mem_free(sim->noted);
    mem_free(sim->orders);
    mem_free(sim->fills);
    mem_free(sim->open);
    map_free(sim->by_client_id);
    map_free(sim->by_venue_id);
    ledger_free(sim->ledger);
    mem_free(sim);
}

void simulator_set_candles(struct simulator *sim, int limit)
{
    for (int i = 0; i < sim->products->count; i++)
        candles_set_limit(&sim->markets[i].candles, limit);
}

int simulator_candles(const struct simulator *sim, product_ref product, int max,
                      struct bar **out)
{
    return candles_list(&sim->markets[product].candles, max, out);
}

void simulator_deposit(struct simulator *sim, const char *currency, decimal amount)
{
    ledger_deposit(sim->ledger, currency, amount);
    sim->has_deposit = true;
    if (sim->listener.on_balance)
        sim->listener.on_balance(sim->listener.ctx, currency);
}

const struct product *sim_product(const struct simulator *sim, product_ref product)
{
    return product_table_get(sim->products, product);
}

/* A day's volume falls out of the sum thirty days later. */
static void forget_volumes(struct simulator *sim, nanos now)
{
    nanos day = sim->now / DAYS(1), last = now / DAYS(1);

    if (last - day > VOLUME_DAYS)
        day = last - VOLUME_DAYS;
    while (day < last)
        sim->volumes[++day % VOLUME_DAYS] = DECIMAL_ZERO;
}

void sim_move_time(struct simulator *sim, nanos now)
{
    assert(now >= sim->now);
    forget_volumes(sim, now);
    sim->now = now;
}

struct fee_schedule simulator_fees(const struct simulator *sim)
{
    decimal sum = DECIMAL_ZERO;

    if (!sim->setup.fees_by_volume)
        return sim->setup.fees;
    for (int i = 0; i < VOLUME_DAYS; i++)
        sum = decimal_add(sum, sim->volumes[i]);
    return *fee_schedule_of_volume(sum);
}

/* Records */

/* Makes room for one more element. */
static void *with_room(void *items, uint64_t count, uint64_t *room, size_t size)
{
    if (count < *room)
        return items;
    *room = *room ? 2 * *room : ROOM_MIN;
    return mem_resize(items, (size_t)*room, size);
}

struct order_record *sim_add_record(struct simulator *sim, const struct order_request *request,
                                    bool is_external)
{
    struct order_record *record = mem_new(sizeof *record);
    struct sim_order *order = &record->order;

    sim->orders = with_room(sim->orders, sim->order_count, &sim->order_room, sizeof(void *));
    sim->open = with_room(sim->open, sim->open_count, &sim->open_room, sizeof *sim->open);
    sim->open[sim->open_count++] = sim->order_count;
    sim->orders[sim->order_count++] = record;
    order->number = sim->order_count;
    order->request = *request;
    order->is_external = is_external;
    order->end = (struct rejection){"", ""};
    order->created = order->updated = sim->now;
    id_text_format(order->venue_id.text, "sim-", order->number, 0);
    map_set(sim->by_client_id, order->request.client_id.text, order);
    map_set(sim->by_venue_id, order->venue_id.text, order);
    sim_note_order(sim, record);
    return record;
}

static void open_remove(struct simulator *sim, uint64_t index)
{
    uint64_t at = 0;

    while (sim->open[at] != index)
        at++;
    sim->open_count--;
    memmove(&sim->open[at], &sim->open[at + 1],
            (size_t)(sim->open_count - at) * sizeof *sim->open);
}

struct order_record *sim_record_of(struct simulator *sim, const struct sim_order *order)
{
    return sim->orders[order->number - 1];
}

void sim_tell_order(struct simulator *sim, const struct sim_order *order,
                    enum sim_change change)
{
    if (sim->listener.on_order)
        sim->listener.on_order(sim->listener.ctx, order, change);
}

static decimal remaining(const struct sim_order *order)
{
    return decimal_sub(order->request.size, order->filled);
}

/* Executions */

static struct fill make_fill(struct simulator *sim, const struct sim_order *order,
                             decimal price, decimal size, enum liquidity liquidity)
{
    struct fee_schedule fees = simulator_fees(sim);
    struct fill fill = {
        .order = order->number,
        .product = order->request.product,
        .side = order->request.side,
        .size = size,
        .price = price,
        .liquidity = liquidity,
        .time = sim->now,
    };
    bool in_range = product_value(sim_product(sim, fill.product), size, price, &fill.value);

    assert(in_range); /* admission has checked the largest value */
    fill.fee = fee_of(&fees, fill.value, liquidity);
    id_text_format(fill.id.text, "sim-", order->number, (uint64_t)order->fills);
    return fill;
}

/* Among the fills, and in the volume of its day as long as that counts. */
static struct sim_fill *fill_add(struct simulator *sim, const struct fill *fill)
{
    decimal *volume = &sim->volumes[fill->time / DAYS(1) % VOLUME_DAYS];

    sim->fills = with_room(sim->fills, sim->fill_count, &sim->fill_room, sizeof *sim->fills);
    if (fill->time / DAYS(1) > sim->now / DAYS(1) - VOLUME_DAYS)
        *volume = decimal_add(*volume, fill->value);
    sim->fills[sim->fill_count] =
        (struct sim_fill){*fill, &sim->orders[fill->order - 1]->order};
    return &sim->fills[sim->fill_count++];
}

void sim_add_fill(struct simulator *sim, const struct fill *fill)
{
    fill_add(sim, fill);
}

void sim_fill_order(struct simulator *sim, struct order_record *record, decimal price,
                    decimal size, enum liquidity liquidity)
{
    struct sim_order *order = &record->order;

    order->fills++;
    struct fill made = make_fill(sim, order, price, size, liquidity);
    struct sim_fill *fill = fill_add(sim, &made);
    ledger_settle(sim->ledger, &record->claim, size, fill->fill.value, fill->fill.fee);
    order->filled = decimal_add(order->filled, size);
    order->value = decimal_add(order->value, fill->fill.value);
    order->fees = decimal_add(order->fees, fill->fill.fee);
    order->updated = sim->now;
    sim_note_order(sim, record);
    if (sim->listener.on_fill)
        sim->listener.on_fill(sim->listener.ctx, fill);
}

void sim_end_order(struct simulator *sim, struct order_record *record, enum sim_state end,
                   struct rejection why)
{
    assert(record->order.state == SIM_OPEN && end != SIM_OPEN);
    ledger_release(sim->ledger, &record->claim);
    open_remove(sim, record->order.number - 1);
    record->order.state = end;
    record->order.end = why;
    record->order.updated = sim->now;
    sim_note_order(sim, record);
    sim_drop_edit(sim, record, NULL);
    sim_tell_order(sim, &record->order, SIM_ENDED);
}

/* What the books tell */

void sim_on_trade(void *ctx, const struct match_trade *trade)
{
    const struct sim_book_ctx *book = ctx;
    struct simulator *sim = book->sim;
    struct sim_market *market = &sim->markets[book->product];
    struct trade public = {trade->price, trade->size, trade->taker_side, ++market->trade_count};

    candles_add_trade(&market->candles, sim->now, trade->price, trade->size);
    if (sim->listener.on_trade)
        sim->listener.on_trade(sim->listener.ctx, book->product, &public);
    if (trade->maker_owner == OWNER_ACCOUNT)
        sim_fill_order(sim, sim->orders[trade->maker_tag], trade->price, trade->size,
                       LIQUIDITY_MAKER);
    if (trade->taker_owner == OWNER_ACCOUNT)
        sim_fill_order(sim, sim->orders[trade->taker_tag], trade->price, trade->size,
                       LIQUIDITY_TAKER);
}

void sim_on_end(void *ctx, match_id id, uint64_t tag, uint32_t owner, enum match_end end)
{
    static const struct {
        enum sim_state state;
        struct rejection why;
    } ends[] = {
        [MATCH_END_FILLED] = {SIM_FILLED, {"", ""}},
        [MATCH_END_CANCELED] = {SIM_CANCELED, {"", "User requested cancel"}},
        [MATCH_END_EXPIRED] = {SIM_EXPIRED, {"", "Order expired"}},
        [MATCH_END_UNMATCHED] = {SIM_CANCELED, {"", "Immediate or cancel"}},
        [MATCH_END_SELF_TRADE] = {SIM_CANCELED, {"", "Self trade prevention"}},
        [MATCH_END_BUDGET] = {SIM_CANCELED,
                              {"INSUFFICIENT_FUND", "The funds did not pay for all of it"}},
    };
    static_assert(ARRAY_LEN(ends) == MATCH_END_COUNT, "every end means something");
    const struct sim_book_ctx *book = ctx;

    (void)id;
    if (owner == OWNER_ACCOUNT)
        sim_end_order(book->sim, book->sim->orders[tag], ends[end].state, ends[end].why);
}

/* Admission */

static bool has_limit(const struct order_request *request)
{
    return request->type == ORDER_LIMIT || request->type == ORDER_STOP_LIMIT;
}

/* What an order of this side would trade with first; zeros when there is nothing. */
static struct match_level touch_of(const struct simulator *sim, product_ref product,
                                   enum side side)
{
    return matching_best(sim->markets[product].book, side_opposite(side));
}

bool sim_would_take(const struct simulator *sim, const struct order_request *request)
{
    struct match_level touch = touch_of(sim, request->product, request->side);

    if (touch.orders == 0)
        return false;
    return request->side == SIDE_BUY ? !decimal_is_less(request->limit_price, touch.price)
                                     : !decimal_is_less(touch.price, request->limit_price);
}

static bool must_reduce(const struct simulator *sim, const struct order_request *request)
{
    return request->reduce_only && sim_product(sim, request->product)->type == PRODUCT_FUTURE;
}

/* What is left to reduce when all reduce-only orders of this side that work are filled;
 * negative when there are too many of them. */
static decimal reducible(const struct simulator *sim, const struct order_request *request)
{
    decimal held = ledger_position(sim->ledger, request->product).size;
    bool opposite = decimal_sign(held) == (request->side == SIDE_BUY ? -1 : 1);
    decimal left = opposite ? decimal_abs(held) : DECIMAL_ZERO;

    for (uint64_t i = 0; i < sim->open_count; i++) {
        const struct sim_order *order = &sim->orders[sim->open[i]]->order;
        if (order->request.product == request->product &&
            order->request.side == request->side && order->request.reduce_only)
            left = decimal_sub(left, remaining(order));
    }
    return left;
}

static bool check_reduce_only(const struct simulator *sim, const struct order_request *request,
                              struct rejection *why)
{
    if (!must_reduce(sim, request))
        return true;
    decimal left = reducible(sim, request);
    *why = decimal_is_positive(left) ? rejection_reduce_size : rejection_reduce_flat;
    return !decimal_is_less(left, request->size);
}

/* Stops to buy may fill above their price: one percent more is held for that where it is there.
 */
static bool claim_stop(struct simulator *sim, struct ledger_claim *claim)
{
    decimal stop = claim->price;

    claim->price = decimal_add(stop, decimal_mul_div(stop, D(1), D(100), ROUND_UP));
    if (ledger_claim(sim->ledger, claim))
        return true;
    claim->price = stop;
    return ledger_claim(sim->ledger, claim);
}

static bool claim_funds(struct simulator *sim, const struct order_request *request,
                        struct ledger_claim *claim)
{
    struct fee_schedule fees = simulator_fees(sim);

    *claim = (struct ledger_claim){
        .product = request->product,
        .side = request->side,
        .size = request->size,
        .price = request->limit_price,
        .rate = decimal_max(fees.maker_rate, fees.taker_rate),
    };
    if (request->type == ORDER_MARKET)
        claim->price = touch_of(sim, request->product, request->side).price;
    if (request->type == ORDER_STOP) {
        claim->price = request->stop_price;
        return claim_stop(sim, claim);
    }
    return ledger_claim(sim->ledger, claim);
}

bool sim_admit(struct simulator *sim, const struct order_request *request,
               struct ledger_claim *claim, struct rejection *why)
{
    const struct product *product = sim_product(sim, request->product);

    if (!admission_check(product, request, simulator_last_price(sim, request->product),
                         sim->now, why))
        return false;
    *why = rejection_no_liquidity;
    if (request->type == ORDER_MARKET &&
        touch_of(sim, request->product, request->side).orders == 0)
        return false;
    *why = rejection_post_only;
    if (request->post_only && sim_would_take(sim, request))
        return false;
    if (!check_reduce_only(sim, request, why))
        return false;
    *why = rejection_funds;
    return claim_funds(sim, request, claim);
}

/* The most that a buy without a limit may spend, fees apart. */
static decimal budget_of(const struct simulator *sim, const struct order_record *record)
{
    const struct order_request *request = &record->order.request;
    const struct product *product = sim_product(sim, request->product);
    decimal funds = record->claim.amount;

    if (product->type == PRODUCT_FUTURE || request->side == SIDE_SELL || has_limit(request))
        return DECIMAL_ZERO;
    if (request->type == ORDER_MARKET)
        funds = decimal_add(funds, ledger_available(sim->ledger, product->quote));
    return decimal_div(funds, decimal_add(D(1), record->claim.rate), ROUND_DOWN);
}

void sim_enter_book(struct simulator *sim, struct order_record *record)
{
    const struct order_request *request = &record->order.request;
    struct match_order order = {
        .tag = record->order.number - 1,
        .owner = OWNER_ACCOUNT,
        .side = request->side,
        .type = record->is_triggered ? ORDER_LIMIT : request->type,
        .tif = request->tif,
        .post_only = request->post_only,
        .size = request->size,
        .filled = record->order.filled,
        .limit_price = request->limit_price,
        .stop_price = request->stop_price,
        .expires = request->expires,
        .budget = budget_of(sim, record),
        .size_step = sim_product(sim, request->product)->base_increment,
    };
    bool taken = matching_submit(sim->markets[request->product].book, &order, &record->match);

    assert(taken); /* post-only was checked */
}

/* Reduce-only orders that no longer have a position to reduce. */
static void cancel_reducers(struct simulator *sim, product_ref product)
{
    for (uint64_t i = sim->open_count; i-- > 0;) {
        struct order_record *record = sim->orders[sim->open[i]];
        const struct order_request *request = &record->order.request;
        if (request->product != product || !must_reduce(sim, request) ||
            !decimal_is_negative(reducible(sim, request)))
            continue;
        sim_drop_edit(sim, record, NULL);
        simulator_cancel(sim, &request->client_id, &record->order.venue_id, sim->now);
    }
}

void sim_settle_down(struct simulator *sim, product_ref product)
{
    if (sim_product(sim, product)->type == PRODUCT_FUTURE)
        cancel_reducers(sim, product);
    sim_publish(sim, product);
}

struct sim_answer sim_submit_as(struct simulator *sim, const struct order_request *request,
                                bool is_external, nanos now)
{
    const struct sim_order *old = map_find(sim->by_client_id, request->client_id.text);
    struct ledger_claim claim;
    struct rejection why;

    sim_move_time(sim, now);
    if (old)
        return (struct sim_answer){.is_taken = !sim->setup.refuses_duplicates,
                                   .is_repeat = true,
                                   .order = old,
                                   .why = rejection_duplicate};
    if (!sim_admit(sim, request, &claim, &why))
        return (struct sim_answer){.why = why};
    struct order_record *record = sim_add_record(sim, request, is_external);
    record->claim = claim;
    sim_tell_order(sim, &record->order, SIM_ACCEPTED);
    if (sim->setup.fills_at_touch)
        sim_touch_order(sim, record, true);
    else
        sim_enter_book(sim, record);
    sim_settle_down(sim, request->product);
    return (struct sim_answer){.is_taken = true, .order = &record->order};
}

struct sim_answer simulator_submit(struct simulator *sim, const struct order_request *request,
                                   nanos now)
{
    return sim_submit_as(sim, request, false, now);
}

struct sim_answer simulator_submit_external(struct simulator *sim,
                                            const struct order_request *request, nanos now)
{
    return sim_submit_as(sim, request, true, now);
}

const struct sim_order *simulator_find(const struct simulator *sim,
                                       const client_order_id *client_id,
                                       const venue_order_id *venue_id)
{
    const struct sim_order *order = NULL;

    if (venue_id->text[0])
        order = map_find(sim->by_venue_id, venue_id->text);
    if (!order && client_id->text[0])
        order = map_find(sim->by_client_id, client_id->text);
    return order;
}

struct sim_answer simulator_cancel(struct simulator *sim, const client_order_id *client_id,
                                   const venue_order_id *venue_id, nanos now)
{
    static const struct rejection unknown = {"UNKNOWN_CANCEL_ORDER", "No such order works"},
                                  filled = {"ORDER_IS_FULLY_FILLED", "The order is filled"},
                                  busy = {"ORDER_IS_BEING_REPLACED", "An edit is under way"},
                                  asked = {"", "User requested cancel"};
    const struct sim_order *order = simulator_find(sim, client_id, venue_id);

    sim_move_time(sim, now);
    if (!order || order->state != SIM_OPEN)
        return (struct sim_answer){
            .order = order, .why = order && order->state == SIM_FILLED ? filled : unknown};
    struct order_record *record = sim_record_of(sim, order);
    if (record->edit_due)
        return (struct sim_answer){.order = order, .why = busy};
    if (sim->setup.fills_at_touch)
        sim_end_order(sim, record, SIM_CANCELED, asked);
    else
        matching_cancel(sim->markets[order->request.product].book, record->match);
    sim_publish(sim, order->request.product);
    return (struct sim_answer){.is_taken = true, .order = order};
}

/* Reading */

uint64_t simulator_order_count(const struct simulator *sim)
{
    return sim->order_count;
}

const struct sim_order *simulator_order_at(const struct simulator *sim, uint64_t index)
{
    assert(index < sim->order_count);
    return &sim->orders[index]->order;
}

uint64_t simulator_fill_count(const struct simulator *sim)
{
    return sim->fill_count;
}

const struct sim_fill *simulator_fill_at(const struct simulator *sim, uint64_t index)
{
    assert(index < sim->fill_count);
    return &sim->fills[index];
}

const struct ledger *simulator_ledger(const struct simulator *sim)
{
    return sim->ledger;
}

decimal simulator_funding_paid(const struct simulator *sim)
{
    return sim->funding_paid;
}

nanos simulator_now(const struct simulator *sim)
{
    return sim->now;
}

void simulator_hide(struct simulator *sim, const struct sim_order *order, nanos until)
{
    sim_record_of(sim, order)->order.hidden_until = until;
}

void simulator_check(const struct simulator *sim)
{
    uint64_t open = 0, fills = 0;

    for (uint64_t i = 0; i < sim->order_count; i++) {
        const struct order_record *record = sim->orders[i];
        bool is_open = record->order.state == SIM_OPEN;
        decimal left = is_open ? remaining(&record->order) : DECIMAL_ZERO;
        assert(decimal_is_equal(record->claim.size, left)); /* S1 */
        open += is_open;
        fills += (uint64_t)record->order.fills;
    }
    assert(open == sim->open_count && fills == sim->fill_count); /* S1, S2 */
    ledger_check(sim->ledger);
    for (int i = 0; i < sim->products->count; i++)
        matching_check(sim->markets[i].book);
}
