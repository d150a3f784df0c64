/* Edits: size and limit price of an order that works. At once, or, as at the venue,
 * some time after they were taken; while one waits, the order takes no other and
 * cannot be canceled (ORDER_IS_ALREADY_BEING_REPLACED, ORDER_IS_BEING_REPLACED). */
#include <assert.h>

#include "venue/simulator_private.h"

static bool check_amend(struct simulator *sim, const struct sim_order *order, decimal size,
                        decimal limit_price, struct rejection *why)
{
    struct order_request edited;

    *why = (struct rejection){"ORDER_NOT_FOUND", "No such order"};
    if (!order)
        return false;
    *why = (struct rejection){"ONLY_OPEN_ORDERS_CAN_BE_EDITED", "The order is not open"};
    if (order->state != SIM_OPEN)
        return false;
    if (!admission_check_edit(sim_product(sim, order->request.product), &order->request,
                              order->filled, size, limit_price,
                              simulator_last_price(sim, order->request.product), why))
        return false;
    edited = order->request;
    edited.limit_price = limit_price;
    *why = rejection_post_only;
    return !edited.post_only || !sim_would_take(sim, &edited);
}

static void replace(struct simulator *sim, struct order_record *record, decimal size,
                    decimal limit_price)
{
    struct order_request *request = &record->order.request;

    request->size = size;
    request->limit_price = limit_price;
    record->order.updated = sim->now;
    sim_note_order(sim, record);
    sim_tell_order(sim, &record->order, SIM_REPLACED);
    if (sim->setup.fills_at_touch) {
        sim_touch_order(sim, record, true);
        return;
    }
    enum match_amend done =
        matching_amend(sim->markets[request->product].book, record->match, size, limit_price);
    assert(done == MATCH_AMENDED);
}

static bool edit(struct simulator *sim, struct order_record *record, decimal size,
                 decimal limit_price, struct rejection *why)
{
    const struct sim_order *order = &record->order;

    if (!check_amend(sim, order, size, limit_price, why))
        return false;
    *why = rejection_funds;
    if (!ledger_reclaim(sim->ledger, &record->claim, decimal_sub(size, order->filled),
                        limit_price))
        return false;
    replace(sim, record, size, limit_price);
    sim_settle_down(sim, order->request.product);
    return true;
}

static void begin(struct simulator *sim, struct order_record *record, decimal size,
                  decimal limit_price)
{
    record->edit_due = sim->now + sim->setup.edit_span;
    record->edit_size = size;
    record->edit_limit_price = limit_price;
    sim->edits++;
    sim_note_order(sim, record);
}

struct sim_answer simulator_amend(struct simulator *sim, const client_order_id *client_id,
                                  const venue_order_id *venue_id, decimal size,
                                  decimal limit_price, nanos now)
{
    static const struct rejection busy = {"ORDER_IS_ALREADY_BEING_REPLACED",
                                          "The edit before this one is not over"};
    const struct sim_order *order = simulator_find(sim, client_id, venue_id);
    struct order_record *record = order ? sim_record_of(sim, order) : NULL;
    struct rejection why;

    sim_move_time(sim, now);
    if (record && record->edit_due)
        return (struct sim_answer){.order = order, .why = busy};
    if (!check_amend(sim, order, size, limit_price, &why))
        return (struct sim_answer){.order = order, .why = why};
    if (sim->setup.edit_span) {
        begin(sim, record, size, limit_price);
        return (struct sim_answer){.is_taken = true, .is_waiting = true, .order = order};
    }
    if (!edit(sim, record, size, limit_price, &why))
        return (struct sim_answer){.order = order, .why = why};
    return (struct sim_answer){.is_taken = true, .order = order};
}

void sim_drop_edit(struct simulator *sim, struct order_record *record,
                   const struct rejection *why)
{
    static const struct rejection ended = {"ONLY_OPEN_ORDERS_CAN_BE_EDITED",
                                           "The order is not open"};

    if (!record->edit_due)
        return;
    record->edit_due = 0;
    sim->edits--;
    sim_note_order(sim, record);
    record->order.edit_end = why ? *why : ended;
    sim_tell_order(sim, &record->order, SIM_EDIT_REFUSED);
}

nanos sim_next_edit(const struct simulator *sim)
{
    nanos next = INT64_MAX;

    for (uint64_t i = 0; sim->edits && i < sim->open_count; i++) {
        nanos due = sim->orders[sim->open[i]]->edit_due;
        if (due && due < next)
            next = due;
    }
    return next;
}

static struct order_record *find_due(const struct simulator *sim)
{
    for (uint64_t i = 0; sim->edits && i < sim->open_count; i++) {
        struct order_record *record = sim->orders[sim->open[i]];
        if (record->edit_due && record->edit_due <= sim->now)
            return record;
    }
    return NULL;
}

void sim_edit_due(struct simulator *sim)
{
    struct order_record *record;
    struct rejection why;

    while ((record = find_due(sim))) {
        decimal size = record->edit_size, limit_price = record->edit_limit_price;
        if (!check_amend(sim, &record->order, size, limit_price, &why)) {
            sim_drop_edit(sim, record, &why);
            continue;
        }
        nanos due = record->edit_due;
        record->edit_due = 0; /* it happens: the order may trade, and end, within it */
        sim->edits--;
        if (edit(sim, record, size, limit_price, &why))
            continue;
        record->edit_due = due;
        sim->edits++;
        sim_drop_edit(sim, record, &why);
    }
}
