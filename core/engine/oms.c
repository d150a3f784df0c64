#include "engine/oms.h"

#include <assert.h>
#include <string.h>

#include "base/map.h"
#include "base/mem.h"

enum { FILLS_AT_HAND = 4 };

struct entry {
    struct order order; /* first: an entry is found by its order's ids */
    decimal hold;       /* what it holds of its currency now */
    bool wants_cancel, must_end;
    int cancels_refused;
    uint64_t seen;
    uint64_t *fills; /* hashes of the fill ids booked */
    int fill_count, fill_cap;
    uint64_t fills_at_hand[FILLS_AT_HAND]; /* where `fills` points until there are more */
    struct entry *next;                    /* of the final ones, or of the free ones */
};

/* Orders kept although final, as they ended. */
struct queue {
    struct entry *first, *last;
    int count;
};

struct oms {
    const struct product_table *products;
    struct portfolio *portfolio;
    decimal taker_rate;
    order_number last;
    struct map *by_client, *by_venue;
    struct entry **by_number; /* window of the numbers [first, last] */
    size_t number_cap;
    order_number first;
    size_t gone; /* entries at the window's front that were forgotten */
    const struct order **open;
    int open_count, open_cap;
    struct queue ended, denied;
    struct entry *free; /* to be used again: they are in the cache */
};

struct oms *oms_new(const struct product_table *products, struct portfolio *portfolio,
                    decimal taker_rate)
{
    struct oms *oms = mem_new(sizeof *oms);

    oms->products = products;
    oms->portfolio = portfolio;
    oms->taker_rate = taker_rate;
    oms->first = 1;
    oms->by_client = map_new();
    oms->by_venue = map_new();
    return oms;
}

static struct entry *entry_take(struct oms *oms)
{
    struct entry *entry = oms->free;

    if (entry)
        oms->free = entry->next;
    else
        entry = mem_new(sizeof *entry);
    return entry;
}

static void entry_init(struct entry *entry, const struct order *order)
{
    entry->order = *order;
    entry->hold = DECIMAL_ZERO;
    entry->wants_cancel = entry->must_end = false;
    entry->cancels_refused = 0;
    entry->seen = 0;
    entry->fills = entry->fills_at_hand;
    entry->fill_count = 0;
    entry->fill_cap = FILLS_AT_HAND;
    entry->next = NULL;
}

static void entry_free_fills(struct entry *entry)
{
    if (entry->fills != entry->fills_at_hand)
        mem_free(entry->fills);
}

static void entry_free(struct entry *entry)
{
    if (entry)
        entry_free_fills(entry);
    mem_free(entry);
}

void oms_free(struct oms *oms)
{
    if (!oms)
        return;
    for (order_number n = oms->first; n <= oms->last; n++)
        entry_free(oms->by_number[n - oms->first]);
    for (struct entry *next, *entry = oms->free; entry; entry = next) {
        next = entry->next;
        mem_free(entry);
    }
    mem_free(oms->by_number);
    mem_free(oms->open);
    map_free(oms->by_client);
    map_free(oms->by_venue);
    mem_free(oms);
}

static struct entry *find(const struct oms *oms, order_number number)
{
    if (number < oms->first || number > oms->last)
        return NULL;
    return oms->by_number[number - oms->first];
}

static struct entry *get(const struct oms *oms, order_number number)
{
    struct entry *entry = find(oms, number);

    assert(entry);
    return entry;
}

order_number oms_next_number(const struct oms *oms)
{
    return oms->last + 1;
}

order_number oms_first_number(const struct oms *oms)
{
    return oms->first;
}

/* Makes room in the window for `number`. */
static void reserve_number(struct oms *oms, order_number number)
{
    size_t need = (size_t)(number - oms->first) + 1;

    if (need <= oms->number_cap)
        return;
    size_t cap = need * 2 > 64 ? need * 2 : 64;
    oms->by_number = mem_resize(oms->by_number, cap, sizeof *oms->by_number);
    memset(oms->by_number + oms->number_cap, 0,
           (cap - oms->number_cap) * sizeof *oms->by_number);
    oms->number_cap = cap;
}

static bool sells_coins(const struct product *product, const struct order *order)
{
    return product->type == PRODUCT_SPOT && order->request.side == SIDE_SELL;
}

static const char *held_currency(const struct oms *oms, const struct order *order)
{
    const struct product *product = product_table_get(oms->products, order->request.product);

    return sells_coins(product, order) ? product->base : product->quote;
}

decimal oms_hold_of(const struct oms *oms, const struct order *order, const char **currency)
{
    const struct product *product = product_table_get(oms->products, order->request.product);
    decimal remaining = order_exposed_size(order), value, fee;

    *currency = held_currency(oms, order);
    if (sells_coins(product, order))
        return remaining;
    if (product->type == PRODUCT_FUTURE && order->request.reduce_only)
        return DECIMAL_ZERO;
    if (!product_value(product, remaining, order_exposed_price(order), &value))
        return D(10000000000000); /* beyond all funds; the pipeline never lets it through */
    fee = decimal_mul(value, oms->taker_rate, ROUND_UP);
    if (product->type == PRODUCT_FUTURE)
        value = decimal_mul(value, product->initial_margin, ROUND_UP);
    return decimal_add(value, fee);
}

/* Brings what the entry holds in line with its order. */
static void update_hold(struct oms *oms, struct entry *entry)
{
    const char *currency = held_currency(oms, &entry->order);
    decimal hold = DECIMAL_ZERO;

    if (order_counts(&entry->order))
        hold = oms_hold_of(oms, &entry->order, &currency);
    int change = decimal_compare(hold, entry->hold);
    if (change > 0)
        portfolio_add_hold(oms->portfolio, currency, decimal_sub(hold, entry->hold));
    else if (change < 0)
        portfolio_remove_hold(oms->portfolio, currency, decimal_sub(entry->hold, hold));
    entry->hold = hold;
}

static void open_add(struct oms *oms, const struct order *order)
{
    if (oms->open_count == oms->open_cap) {
        oms->open_cap = oms->open_cap ? oms->open_cap * 2 : 16;
        oms->open = mem_resize(oms->open, (size_t)oms->open_cap, sizeof *oms->open);
    }
    int at = oms->open_count++;
    for (; at > 0 && oms->open[at - 1]->number > order->number; at--)
        oms->open[at] = oms->open[at - 1];
    oms->open[at] = order;
}

static void open_remove(struct oms *oms, const struct order *order)
{
    int at = 0;

    while (oms->open[at] != order)
        at++;
    oms->open_count--;
    memmove(oms->open + at, oms->open + at + 1,
            (size_t)(oms->open_count - at) * sizeof *oms->open);
}

static void queue_add(struct queue *queue, struct entry *entry)
{
    *(queue->last ? &queue->last->next : &queue->first) = entry;
    queue->last = entry;
    queue->count++;
}

static struct entry *queue_take(struct queue *queue)
{
    struct entry *entry = queue->first;

    queue->first = entry->next;
    if (!queue->first)
        queue->last = NULL;
    queue->count--;
    return entry;
}

/* Drops the empty front of the window once it is half of it. */
static void shrink(struct oms *oms)
{
    size_t count = (size_t)(oms->last - oms->first + 1), rest;

    while (oms->gone < count && !oms->by_number[oms->gone])
        oms->gone++;
    rest = count - oms->gone;
    if (oms->gone < rest)
        return;
    memcpy(oms->by_number, oms->by_number + oms->gone, rest * sizeof *oms->by_number);
    memset(oms->by_number + rest, 0, oms->gone * sizeof *oms->by_number);
    oms->first += oms->gone;
    oms->gone = 0;
}

static void forget(struct oms *oms, struct entry *entry)
{
    map_remove(oms->by_client, entry->order.request.client_id.text);
    if (entry->order.venue_id.text[0])
        map_remove(oms->by_venue, entry->order.venue_id.text);
    oms->by_number[entry->order.number - oms->first] = NULL;
    entry_free_fills(entry);
    entry->next = oms->free;
    oms->free = entry;
    shrink(oms);
}

void oms_forget_old(struct oms *oms, int kept)
{
    while (oms->ended.count > kept)
        forget(oms, queue_take(&oms->ended));
    while (oms->denied.count > kept)
        forget(oms, queue_take(&oms->denied));
}

void oms_forget_before(struct oms *oms, nanos time)
{
    while (oms->ended.first && oms->ended.first->order.updated < time)
        forget(oms, queue_take(&oms->ended));
}

/* In which lists an order is. */
struct place {
    bool is_open, is_final;
};

static struct place place_of(const struct order *order)
{
    return (struct place){order_counts(order), order_state_is_final(order->state)};
}

/* Keeps the lists right after the order was in `before`. True when it began to count or ended:
 * what it holds is another sum then, whether or not its figures have changed. */
static bool settle(struct oms *oms, struct entry *entry, struct place before)
{
    struct place now = place_of(&entry->order);

    if (now.is_open && !before.is_open)
        open_add(oms, &entry->order);
    if (before.is_open && !now.is_open)
        open_remove(oms, &entry->order);
    if (now.is_final && !before.is_final) {
        entry->wants_cancel = entry->must_end = false; /* it has */
        queue_add(entry->order.state == ORDER_DENIED ? &oms->denied : &oms->ended, entry);
    }
    return before.is_open != now.is_open;
}

/* The order that took its place is there: nothing of the change is left to be done. */
static void end_change(struct oms *oms, order_number number)
{
    struct entry *entry = find(oms, number);

    if (entry)
        entry->order.asked = (struct order_change){.size = DECIMAL_ZERO};
}

const struct order *oms_add(struct oms *oms, const struct order *order)
{
    if (oms->last == 0) /* a snapshot leaves out what ended long ago */
        oms->first = order->number;
    assert(order->number >= oms->first && !find(oms, order->number));
    struct entry *entry = entry_take(oms);
    entry_init(entry, order);
    reserve_number(oms, order->number);
    oms->by_number[order->number - oms->first] = entry;
    if (order->number > oms->last)
        oms->last = order->number;
    size_t others = map_count(oms->by_client);
    map_set(oms->by_client, entry->order.request.client_id.text, entry);
    assert(map_count(oms->by_client) == others + 1); /* its client id is its own */
    if (order->venue_id.text[0])
        map_set(oms->by_venue, entry->order.venue_id.text, entry);
    if (settle(oms, entry, (struct place){false, false}))
        update_hold(oms, entry);
    end_change(oms, order->replaces);
    return &entry->order;
}

static void learn_venue_id(struct oms *oms, struct entry *entry, const venue_order_id *id)
{
    if (!id->text[0] || entry->order.venue_id.text[0])
        return;
    entry->order.venue_id = *id;
    map_set(oms->by_venue, entry->order.venue_id.text, entry);
}

/* A cancel that was asked for is no wish any more; one that got lost is one again. */
static void follow_cancel(struct entry *entry, enum order_state before)
{
    if (entry->order.state == ORDER_PENDING_CANCEL)
        entry->wants_cancel = false;
    else if (before == ORDER_PENDING_CANCEL && entry->order.state == ORDER_UNKNOWN)
        entry->wants_cancel = true;
}

bool oms_apply(struct oms *oms, order_number number, enum order_event event,
               const venue_order_id *venue_id, nanos time)
{
    struct entry *entry = get(oms, number);
    struct place before = place_of(&entry->order);
    enum order_state state = entry->order.state;
    bool was_asked = decimal_is_positive(entry->order.asked.size);

    if (!order_apply(&entry->order, event, time))
        return false;
    learn_venue_id(oms, entry, venue_id);
    if (settle(oms, entry, before) || was_asked)
        update_hold(oms, entry);
    follow_cancel(entry, state);
    return true;
}

static uint64_t fill_hash(const fill_id *id)
{
    uint64_t h = 0xCBF29CE484222325u;

    for (const char *c = id->text; *c; c++)
        h = (h ^ (unsigned char)*c) * 0x100000001B3u;
    return h;
}

static void grow_fills(struct entry *entry)
{
    uint64_t *fills = entry->fills == entry->fills_at_hand ? NULL : entry->fills;

    entry->fill_cap *= 2;
    entry->fills = mem_resize(fills, (size_t)entry->fill_cap, sizeof *fills);
    if (!fills)
        memcpy(entry->fills, entry->fills_at_hand, sizeof entry->fills_at_hand);
}

static void remember_hash(struct entry *entry, uint64_t hash)
{
    if (entry->fill_count == entry->fill_cap)
        grow_fills(entry);
    entry->fills[entry->fill_count++] = hash;
}

static void remember_fill(struct entry *entry, const fill_id *id)
{
    remember_hash(entry, fill_hash(id));
}

bool oms_apply_fill(struct oms *oms, const struct fill *fill)
{
    struct entry *entry = get(oms, fill->order);
    struct place before = place_of(&entry->order);

    if (!order_apply_fill(&entry->order, fill))
        return false;
    remember_fill(entry, &fill->id);
    settle(oms, entry, before);
    update_hold(oms, entry);
    return true;
}

void oms_note_fill(struct oms *oms, const struct fill *fill)
{
    struct entry *entry = find(oms, fill->order);

    if (entry)
        remember_fill(entry, &fill->id);
}

bool oms_amend(struct oms *oms, order_number number, decimal size, decimal limit_price,
               nanos time)
{
    struct entry *entry = get(oms, number);
    struct place before = place_of(&entry->order);

    if (!order_apply_replace(&entry->order, size, limit_price, time))
        return false;
    if (decimal_is_positive(limit_price))
        entry->order.reserved_price = limit_price;
    settle(oms, entry, before);
    update_hold(oms, entry);
    return true;
}

bool oms_ask_amend(struct oms *oms, order_number number, const struct order_change *change,
                   nanos time)
{
    struct entry *entry = get(oms, number);
    struct place before = place_of(&entry->order);

    if (!order_apply_ask(&entry->order, change, time))
        return false;
    settle(oms, entry, before);
    update_hold(oms, entry);
    return true;
}

bool oms_has_fill(const struct oms *oms, order_number number, const fill_id *id)
{
    const struct entry *entry = get(oms, number);

    if (entry->fill_count == 0)
        return false;
    uint64_t hash = fill_hash(id);
    for (int i = 0; i < entry->fill_count; i++)
        if (entry->fills[i] == hash)
            return true;
    return false;
}

const uint64_t *oms_fills(const struct oms *oms, order_number number, int *count)
{
    const struct entry *entry = get(oms, number);

    *count = entry->fill_count;
    return entry->fills;
}

void oms_know_fill(struct oms *oms, order_number number, uint64_t hash)
{
    remember_hash(get(oms, number), hash);
}

struct inferred oms_inferred(const struct oms *oms, order_number number)
{
    return get(oms, number)->order.inferred;
}

void oms_explain(struct oms *oms, const struct fill *fill)
{
    struct entry *entry = get(oms, fill->order);

    order_explain(&entry->order, fill);
    if (!fill->is_inferred)
        remember_fill(entry, &fill->id);
}

void oms_want_cancel(struct oms *oms, order_number number, bool is_lasting)
{
    struct entry *entry = get(oms, number);

    entry->wants_cancel = entry->order.state != ORDER_PENDING_CANCEL; /* it is asked for */
    entry->must_end = entry->must_end || is_lasting;
}

bool oms_must_end(const struct oms *oms, order_number number)
{
    return get(oms, number)->must_end;
}

bool oms_wants_cancel(const struct oms *oms, order_number number)
{
    return get(oms, number)->wants_cancel;
}

void oms_reprice(struct oms *oms, order_number number, decimal price)
{
    struct entry *entry = get(oms, number);

    assert(decimal_is_positive(price));
    entry->order.reserved_price = price;
    update_hold(oms, entry);
}

void oms_set_aside(struct oms *oms, order_number number)
{
    struct entry *entry = get(oms, number);

    assert(entry->order.awaits_preview);
    open_remove(oms, &entry->order);
    entry->order.awaits_preview = false;
    update_hold(oms, entry);
}

int oms_refuse_cancel(struct oms *oms, order_number number)
{
    return ++get(oms, number)->cancels_refused;
}

void oms_see(struct oms *oms, order_number number, uint64_t query)
{
    get(oms, number)->seen = query;
}

uint64_t oms_seen(const struct oms *oms, order_number number)
{
    return get(oms, number)->seen;
}

const struct order *oms_find(const struct oms *oms, order_number number)
{
    const struct entry *entry = find(oms, number);

    return entry ? &entry->order : NULL;
}

const struct order *oms_find_client(const struct oms *oms, const client_order_id *id)
{
    const struct entry *entry = id->text[0] ? map_find(oms->by_client, id->text) : NULL;

    return entry ? &entry->order : NULL;
}

const struct order *oms_find_venue(const struct oms *oms, const venue_order_id *id)
{
    const struct entry *entry = id->text[0] ? map_find(oms->by_venue, id->text) : NULL;

    return entry ? &entry->order : NULL;
}

const struct order *oms_find_logical(const struct oms *oms, order_number number)
{
    const struct entry *named = find(oms, number);
    order_number first = named && named->order.logical ? named->order.logical : number;

    for (int i = oms->open_count; i-- > 0;)
        if (oms->open[i]->number == number || oms->open[i]->number == first ||
            oms->open[i]->logical == first)
            return oms->open[i];
    return NULL;
}

int oms_open_count(const struct oms *oms)
{
    return oms->open_count;
}

const struct order *const *oms_open(const struct oms *oms)
{
    return oms->open;
}

decimal oms_working_size(const struct oms *oms, product_ref product, enum side side)
{
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < oms->open_count; i++) {
        const struct order *order = oms->open[i];
        if (order->request.product == product && order->request.side == side)
            sum = decimal_add(sum, order_exposed_size(order));
    }
    return sum;
}

decimal oms_external_size(const struct oms *oms, product_ref product, enum side side)
{
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < oms->open_count; i++) {
        const struct order *order = oms->open[i];
        if (order->origin == ORIGIN_EXTERNAL && order->request.product == product &&
            order->request.side == side)
            sum = decimal_add(sum, order_exposed_size(order));
    }
    return sum;
}

decimal oms_value_of(const struct oms *oms, const struct order *order)
{
    const struct product *rules = product_table_get(oms->products, order->request.product);
    decimal value;

    if (order->request.reduce_only || sells_coins(rules, order) ||
        !product_value(rules, order_exposed_size(order), order_exposed_price(order), &value))
        return DECIMAL_ZERO;
    return value;
}

decimal oms_working_value(const struct oms *oms, product_ref product)
{
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < oms->open_count; i++) {
        const struct order *order = oms->open[i];
        if (product == PRODUCT_NONE || order->request.product == product)
            sum = decimal_add(sum, oms_value_of(oms, order));
    }
    return sum;
}

static void check_holds(const struct oms *oms)
{
    int count = portfolio_balance_count(oms->portfolio);

    for (int i = 0; i < count; i++) {
        const struct balance *balance = portfolio_balance_at(oms->portfolio, i);
        decimal sum = DECIMAL_ZERO;
        for (int k = 0; k < oms->open_count; k++) {
            const struct entry *entry = find(oms, oms->open[k]->number);
            const char *currency;
            oms_hold_of(oms, oms->open[k], &currency);
            if (strcmp(currency, balance->currency) == 0)
                sum = decimal_add(sum, entry->hold);
        }
        assert(decimal_is_equal(sum, balance->hold)); /* M2 */
    }
}

void oms_check(const struct oms *oms)
{
    int open = 0;

    for (order_number n = oms->first; n <= oms->last; n++) {
        const struct entry *entry = find(oms, n);
        if (!entry)
            continue;
        order_check(&entry->order);
        open += order_counts(&entry->order);
        assert(map_find(oms->by_client, entry->order.request.client_id.text) == entry); /* M3 */
        if (entry->order.venue_id.text[0])
            assert(map_find(oms->by_venue, entry->order.venue_id.text) == entry); /* M3 */
    }
    assert(open == oms->open_count); /* M1 */
    for (int i = 0; i < oms->open_count; i++)
        assert(order_counts(oms->open[i])); /* M1 */
    check_holds(oms);
}
