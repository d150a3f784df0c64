/* Places in the book over a restart: the account's orders of a product in the order
 * of their age there, and between them the makers that rest at the same prices.
 * Other makers put their ladder up again with the next move of the market.
 *
 *   "places":[[side,level,price,size,left],[17],[18]]   a maker's, then our own by number */
#include <stdlib.h>

#include "base/json.h"
#include "base/mem.h"
#include "venue/simulator_private.h"

struct sim_place {
    uint64_t sequence; /* in the book; void once it is loaded */
    uint64_t number;   /* of an order of the account; 0: a maker's */
    int64_t side, level;
    decimal price, size, left;
};

/* ---- collecting ---- */

static void add(struct sim_queue *queue, const struct sim_place *place)
{
    if (queue->count == queue->room) {
        queue->room = queue->room ? 2 * queue->room : 16;
        queue->places = mem_resize(queue->places, (size_t)queue->room, sizeof *queue->places);
    }
    queue->places[queue->count++] = *place;
}

static void add_own(const struct simulator *sim, product_ref product, struct sim_queue *queue)
{
    const struct matching *book = sim->markets[product].book;
    struct match_view view;

    for (uint64_t i = 0; i < sim->open_count; i++) {
        const struct order_record *record = sim->orders[sim->open[i]];
        if (record->order.request.product == product &&
            matching_find(book, record->match, &view))
            add(queue,
                &(struct sim_place){.sequence = view.sequence, .number = record->order.number});
    }
}

/* Whether an order of the account rests at this side and price. */
static bool is_joined(const struct simulator *sim, product_ref product, int side, decimal price)
{
    for (uint64_t i = 0; i < sim->open_count; i++) {
        const struct order_record *record = sim->orders[sim->open[i]];
        const struct order_request *request = &record->order.request;
        if (request->product == product && (int)request->side == side &&
            decimal_is_equal(request->limit_price, price))
            return true;
    }
    return false;
}

static void add_maker(const struct simulator *sim, product_ref product, int side, int level,
                      struct sim_queue *queue)
{
    const struct sim_market *market = &sim->markets[product];
    struct match_view view;

    if (!is_joined(sim, product, side, market->maker_prices[side][level]) ||
        !matching_find(market->book, market->makers[side][level], &view))
        return;
    add(queue, &(struct sim_place){.sequence = view.sequence,
                                   .side = side,
                                   .level = level,
                                   .price = market->maker_prices[side][level],
                                   .size = market->maker_sizes[side][level],
                                   .left = view.remaining});
}

static int by_age(const void *a, const void *b)
{
    const struct sim_place *x = a, *y = b;

    return (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

/* ---- saving ---- */

static void save_place(const struct sim_place *place, struct json_writer *w)
{
    json_open_array(w, NULL);
    if (place->number) {
        json_add_int(w, NULL, (int64_t)place->number);
    } else {
        json_add_int(w, NULL, place->side);
        json_add_int(w, NULL, place->level);
        json_add_decimal(w, NULL, place->price);
        json_add_decimal(w, NULL, place->size);
        json_add_decimal(w, NULL, place->left);
    }
    json_close_array(w);
}

bool sim_has_queue(const struct simulator *sim, product_ref product)
{
    for (uint64_t i = 0; i < sim->open_count && !sim->setup.fills_at_touch; i++)
        if (sim->orders[sim->open[i]]->order.request.product == product)
            return true;
    return false;
}

void sim_save_queue(const struct simulator *sim, product_ref product, struct json_writer *w)
{
    struct sim_queue queue = {.count = 0};

    add_own(sim, product, &queue);
    for (int side = 0; side < SIDE_COUNT; side++)
        for (int level = 0; level < SYNTH_LEVELS; level++)
            add_maker(sim, product, side, level, &queue);
    if (queue.count)
        qsort(queue.places, (size_t)queue.count, sizeof *queue.places, by_age);
    json_open_array(w, "places");
    for (int i = 0; i < queue.count; i++)
        save_place(&queue.places[i], w);
    json_close_array(w);
    mem_free(queue.places);
}

/* ---- loading ---- */

static bool read_own(const struct json_doc *doc, int token, struct sim_place *out)
{
    int64_t number;

    if (!json_read_int(doc, json_at(doc, token, 0), &number) || number < 1)
        return false;
    out->number = (uint64_t)number;
    return true;
}

static bool read_maker(const struct json_doc *doc, int token, struct sim_place *out)
{
    return json_read_int(doc, json_at(doc, token, 0), &out->side) &&
           json_read_int(doc, json_at(doc, token, 1), &out->level) &&
           json_read_decimal(doc, json_at(doc, token, 2), &out->price) &&
           json_read_decimal(doc, json_at(doc, token, 3), &out->size) &&
           json_read_decimal(doc, json_at(doc, token, 4), &out->left) && out->side >= 0 &&
           out->side < SIDE_COUNT && out->level >= 0 && out->level < SYNTH_LEVELS &&
           decimal_is_positive(out->price) && decimal_is_positive(out->left) &&
           decimal_compare(out->left, out->size) <= 0;
}

bool sim_load_queue(struct simulator *sim, product_ref product, const struct json_doc *doc,
                    int places)
{
    struct sim_queue *queue = &sim->markets[product].queue;

    queue->count = 0;
    for (int t = json_first(doc, places); t != JSON_NONE; t = json_next(doc, places, t)) {
        struct sim_place place = {.number = 0};
        bool is_own = json_count(doc, t) == 1;
        if (!(is_own ? read_own(doc, t, &place) : read_maker(doc, t, &place)))
            return false;
        add(queue, &place);
    }
    return true;
}

/* ---- taking places ---- */

static void enter_maker(struct sim_market *market, const struct sim_place *place)
{
    struct match_order order = {.owner = OWNER_MAKERS,
                                .side = (enum side)place->side,
                                .type = ORDER_LIMIT,
                                .tif = TIF_GTC,
                                .size = place->left,
                                .limit_price = place->price};

    if (!market->synth || market->makers[place->side][place->level])
        return;
    if (matching_submit(market->book, &order, &market->makers[place->side][place->level])) {
        market->maker_prices[place->side][place->level] = place->price;
        market->maker_sizes[place->side][place->level] = place->size;
    }
}

static void enter_own(struct simulator *sim, product_ref product, uint64_t number)
{
    struct order_record *record = number <= sim->order_count ? sim->orders[number - 1] : NULL;

    if (record && record->order.state == SIM_OPEN && !record->match &&
        record->order.request.product == product)
        sim_enter_book(sim, record);
}

/* The row was written while there were such orders: without any it is an old one. */
static void restore(struct simulator *sim, product_ref product)
{
    const struct sim_queue *queue = &sim->markets[product].queue;

    for (int i = 0; i < queue->count && sim_has_queue(sim, product); i++) {
        const struct sim_place *place = &queue->places[i];
        if (place->number)
            enter_own(sim, product, place->number);
        else
            enter_maker(&sim->markets[product], place);
    }
}

void sim_restore_queues(struct simulator *sim)
{
    for (int i = 0; i < sim->products->count; i++) {
        restore(sim, (product_ref)i);
        sim_clear_queue(&sim->markets[i].queue);
    }
    for (uint64_t i = 0; i < sim->open_count; i++)
        if (!sim->orders[sim->open[i]]->match)
            sim_enter_book(sim, sim->orders[sim->open[i]]);
}

void sim_clear_queue(struct sim_queue *queue)
{
    mem_free(queue->places);
    *queue = (struct sim_queue){.count = 0};
}
