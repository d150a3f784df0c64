/* Each side is an array of price levels sorted so that the best is last: what
 * comes and goes near the best price moves nothing. A level is a doubly linked
 * queue through the pool of orders. An id is an order's place in the pool and
 * how often the place was used, so finding is one look and a stale id is seen.
 *
 * Invariants, checked by matching_check:
 *   M1  the best bid is below the best ask: whatever could trade has traded
 *   M2  a level is there exactly while an order rests on it, and its size is the sum of their
 *       remaining sizes
 *   M3  within a level, orders stand by sequence, and sequences are never equal
 *   M4  every order in the pool rests, waits as a stop, or is free */
#include "venue/matching.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/mem.h"

enum place { PLACE_FREE, PLACE_ENTERING, PLACE_RESTING, PLACE_WAITING };

enum { NO_ORDER = -1, ROOM_MIN = 16 };

struct entry {
    struct match_order order;
    decimal remaining, filled;
    decimal budget; /* left */
    uint64_t sequence;
    uint32_t uses; /* of this place of the pool */
    int next, previous;
    enum place place;
};

struct level {
    decimal price, size;
    int first, last;
    int count;
};

struct ladder {
    struct level *levels; /* worst first, best last */
    int count, room;
};

/* Stops that wait, the next to be triggered last. */
struct waiting {
    int *entries;
    int count, room;
};

struct matching {
    struct match_listener listener;
    struct entry *pool;
    int pool_count, pool_room, first_free;
    struct ladder sides[SIDE_COUNT];
    struct waiting stops[SIDE_COUNT];
    uint64_t sequence;
    decimal last_price;
    int dated; /* orders with an expiry */
    nanos next_expiry;
    bool is_busy; /* a listener is being told */
};

static const char *const end_names[] = {
    [MATCH_END_FILLED] = "filled",         [MATCH_END_CANCELED] = "canceled",
    [MATCH_END_EXPIRED] = "expired",       [MATCH_END_UNMATCHED] = "unmatched",
    [MATCH_END_SELF_TRADE] = "self_trade", [MATCH_END_BUDGET] = "budget",
};
static_assert(ARRAY_LEN(end_names) == MATCH_END_COUNT, "name every end");

const char *match_end_name(enum match_end end)
{
    assert(end < MATCH_END_COUNT);
    return end_names[end];
}

struct matching *matching_new(const struct match_listener *listener)
{
    struct matching *book = mem_new(sizeof *book);

    book->listener = *listener;
    book->first_free = NO_ORDER;
    book->next_expiry = INT64_MAX;
    return book;
}

void matching_free(struct matching *book)
{
    if (!book)
        return;
    for (int side = 0; side < SIDE_COUNT; side++) {
        mem_free(book->sides[side].levels);
        mem_free(book->stops[side].entries);
    }
    mem_free(book->pool);
    mem_free(book);
}

/* The pool */

static int pool_take(struct matching *book)
{
    int index = book->first_free;

    if (index != NO_ORDER) {
        book->first_free = book->pool[index].next;
        return index;
    }
    if (book->pool_count == book->pool_room) {
        book->pool_room = book->pool_room ? 2 * book->pool_room : ROOM_MIN;
        book->pool = mem_resize(book->pool, (size_t)book->pool_room, sizeof *book->pool);
    }
    index = book->pool_count++;
    book->pool[index].uses = 0;
    return index;
}

static match_id id_of(const struct matching *book, int index)
{
    return (uint64_t)book->pool[index].uses << 32 | (uint32_t)index;
}

/* NO_ORDER when the id is stale or was never given. */
static int locate(const struct matching *book, match_id id)
{
    uint32_t index = (uint32_t)id, uses = (uint32_t)(id >> 32);

    if (index >= (uint32_t)book->pool_count || book->pool[index].uses != uses ||
        book->pool[index].place == PLACE_FREE)
        return NO_ORDER;
    return (int)index;
}

static int entry_add(struct matching *book, const struct match_order *order)
{
    int index = pool_take(book);
    uint32_t uses = book->pool[index].uses + 1;

    book->pool[index] = (struct entry){.order = *order,
                                       .remaining = decimal_sub(order->size, order->filled),
                                       .filled = order->filled,
                                       .budget = order->budget,
                                       .sequence = ++book->sequence,
                                       .uses = uses,
                                       .place = PLACE_ENTERING};
    if (order->tif != TIF_GTD)
        return index;
    book->dated++;
    if (order->expires < book->next_expiry)
        book->next_expiry = order->expires;
    return index;
}

static void entry_end(struct matching *book, int index, enum match_end end)
{
    struct entry *entry = &book->pool[index];
    match_id id = id_of(book, index);

    book->dated -= entry->order.tif == TIF_GTD;
    if (book->dated == 0)
        book->next_expiry = INT64_MAX;
    entry->place = PLACE_FREE;
    entry->next = book->first_free;
    book->first_free = index;
    book->is_busy = true;
    book->listener.on_end(book->listener.ctx, id, entry->order.tag, entry->order.owner, end);
    book->is_busy = false;
}

/* Prices */

/* Whether `a` stands before `b` on a side of the book. */
static bool is_better(enum side side, decimal a, decimal b)
{
    return side == SIDE_BUY ? decimal_is_less(b, a) : decimal_is_less(a, b);
}

static bool has_limit(const struct entry *entry)
{
    return entry->order.type == ORDER_LIMIT || entry->order.type == ORDER_STOP_LIMIT;
}

static bool is_stop(const struct match_order *order)
{
    return order->type == ORDER_STOP || order->type == ORDER_STOP_LIMIT;
}

/* Whether an order of this side and limit trades with a resting order at `price`. */
static bool crosses(enum side side, decimal limit, decimal price)
{
    return !is_better(side, price, limit);
}

static struct level *best_level(const struct matching *book, enum side side)
{
    const struct ladder *ladder = &book->sides[side];

    return ladder->count ? &ladder->levels[ladder->count - 1] : NULL;
}

static bool would_take(const struct matching *book, enum side side, decimal limit)
{
    const struct level *best = best_level(book, side_opposite(side));

    return best && crosses(side, limit, best->price);
}

/* Levels */

/* Where the level of this price is or belongs. From the best side: that is where most come. */
static int level_position(const struct ladder *ladder, enum side side, decimal price)
{
    int low = 0, high = ladder->count;

    while (low < high) {
        int middle = (low + high) / 2;
        if (is_better(side, price, ladder->levels[middle].price))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct level *level_get(struct ladder *ladder, enum side side, decimal price)
{
    int at = level_position(ladder, side, price);

    if (at < ladder->count && decimal_is_equal(ladder->levels[at].price, price))
        return &ladder->levels[at];
    if (ladder->count == ladder->room) {
        ladder->room = ladder->room ? 2 * ladder->room : ROOM_MIN;
        ladder->levels =
            mem_resize(ladder->levels, (size_t)ladder->room, sizeof *ladder->levels);
    }
    memmove(&ladder->levels[at + 1], &ladder->levels[at],
            (size_t)(ladder->count - at) * sizeof *ladder->levels);
    ladder->count++;
    ladder->levels[at] = (struct level){.price = price, .first = NO_ORDER, .last = NO_ORDER};
    return &ladder->levels[at];
}

static void level_remove(struct ladder *ladder, struct level *level)
{
    ptrdiff_t at = level - ladder->levels;

    ladder->count--;
    memmove(level, level + 1, (size_t)(ladder->count - at) * sizeof *level);
}

static void rest(struct matching *book, int index)
{
    struct entry *entry = &book->pool[index];
    enum side side = entry->order.side;
    struct level *level = level_get(&book->sides[side], side, entry->order.limit_price);

    entry->place = PLACE_RESTING;
    entry->next = NO_ORDER;
    entry->previous = level->last;
    *(level->last == NO_ORDER ? &level->first : &book->pool[level->last].next) = index;
    level->last = index;
    level->count++;
    level->size = decimal_add(level->size, entry->remaining);
}

/* Takes an order out of its queue; `level` is its own. */
static void unlink_entry(struct matching *book, struct level *level, int index)
{
    const struct entry *entry = &book->pool[index];
    int next = entry->next, previous = entry->previous;

    *(previous == NO_ORDER ? &level->first : &book->pool[previous].next) = next;
    *(next == NO_ORDER ? &level->last : &book->pool[next].previous) = previous;
    level->count--;
    level->size = decimal_sub(level->size, entry->remaining);
    if (level->count == 0)
        level_remove(&book->sides[entry->order.side], level);
}

static void unrest(struct matching *book, int index)
{
    const struct entry *entry = &book->pool[index];
    struct ladder *ladder = &book->sides[entry->order.side];
    int at = level_position(ladder, entry->order.side, entry->order.limit_price);

    unlink_entry(book, &ladder->levels[at], index);
}

/* Stops */

/* Whether stop `a` is triggered before stop `b` of the same side. */
static bool is_sooner(const struct entry *a, const struct entry *b)
{
    int order = decimal_compare(a->order.stop_price, b->order.stop_price);

    if (a->order.side == SIDE_SELL)
        order = -order;
    return order ? order < 0 : a->sequence < b->sequence;
}

static void stop_add(struct matching *book, int index)
{
    struct entry *entry = &book->pool[index];
    struct waiting *stops = &book->stops[entry->order.side];
    int at = stops->count;

    if (stops->count == stops->room) {
        stops->room = stops->room ? 2 * stops->room : ROOM_MIN;
        stops->entries =
            mem_resize(stops->entries, (size_t)stops->room, sizeof *stops->entries);
    }
    for (; at > 0 && is_sooner(&book->pool[stops->entries[at - 1]], entry); at--)
        stops->entries[at] = stops->entries[at - 1];
    stops->entries[at] = index;
    stops->count++;
    entry->place = PLACE_WAITING;
}

static void stop_remove(struct matching *book, int index)
{
    struct waiting *stops = &book->stops[book->pool[index].order.side];
    int at = 0;

    while (stops->entries[at] != index)
        at++;
    stops->count--;
    memmove(&stops->entries[at], &stops->entries[at + 1],
            (size_t)(stops->count - at) * sizeof *stops->entries);
}

/* The stop to be triggered next, NO_ORDER when the last price reached none. */
static int stop_pop(struct matching *book)
{
    for (int side = 0; side < SIDE_COUNT; side++) {
        struct waiting *stops = &book->stops[side];
        if (stops->count == 0 || decimal_is_zero(book->last_price))
            continue;
        int index = stops->entries[stops->count - 1];
        decimal stop = book->pool[index].order.stop_price;
        bool reached = side == SIDE_BUY ? !decimal_is_less(book->last_price, stop)
                                        : !decimal_is_less(stop, book->last_price);
        if (!reached)
            continue;
        stops->count--;
        return index;
    }
    return NO_ORDER;
}

/* Trading */

static bool is_self(const struct entry *a, const struct entry *b)
{
    return a->order.owner != 0 && a->order.owner == b->order.owner;
}

static void add_filled(struct entry *entry, decimal size)
{
    entry->filled = decimal_add(entry->filled, size);
    if (!decimal_is_zero(entry->order.size))
        entry->remaining = decimal_sub(entry->remaining, size);
}

static bool has_budget(const struct entry *entry)
{
    return decimal_is_positive(entry->order.budget);
}

/* What of the maker the taker can take, its budget considered. */
static decimal size_to_trade(const struct entry *taker, const struct entry *maker)
{
    decimal size = maker->remaining, price = maker->order.limit_price, paid;

    if (!decimal_is_zero(taker->order.size))
        size = decimal_min(size, taker->remaining);
    if (!has_budget(taker))
        return size;
    if (!decimal_try_div(taker->budget, price, ROUND_DOWN, &paid))
        return size; /* more than any order's size */
    if (decimal_is_less(paid, size))
        size = decimal_is_zero(taker->order.size_step)
                   ? paid
                   : decimal_quantize(paid, taker->order.size_step, ROUND_DOWN);
    return size;
}

static void tell_trade(struct matching *book, int maker, int taker, decimal size)
{
    const struct entry *m = &book->pool[maker], *t = &book->pool[taker];
    struct match_trade trade = {
        .maker = id_of(book, maker),
        .taker = id_of(book, taker),
        .maker_tag = m->order.tag,
        .taker_tag = t->order.tag,
        .maker_owner = m->order.owner,
        .taker_owner = t->order.owner,
        .taker_side = t->order.side,
        .price = m->order.limit_price,
        .size = size,
    };

    book->last_price = trade.price;
    book->is_busy = true;
    book->listener.on_trade(book->listener.ctx, &trade);
    book->is_busy = false;
}

static void trade(struct matching *book, struct level *level, int maker, int taker,
                  decimal size)
{
    struct entry *m = &book->pool[maker], *t = &book->pool[taker];

    add_filled(m, size);
    add_filled(t, size);
    level->size = decimal_sub(level->size, size);
    if (has_budget(t)) {
        decimal cost = decimal_mul(level->price, size, ROUND_HALF_EVEN);
        t->budget = decimal_max(decimal_sub(t->budget, cost), DECIMAL_ZERO);
    }
    tell_trade(book, maker, taker, size);
    if (decimal_is_zero(m->remaining)) {
        unlink_entry(book, level, maker);
        entry_end(book, maker, MATCH_END_FILLED);
    }
}

static bool is_done(const struct entry *entry)
{
    return !decimal_is_zero(entry->order.size) && decimal_is_zero(entry->remaining);
}

/* Trades until the order is done, the book holds nothing for it, or it has to stop. Returns why
 * it ends now, MATCH_END_COUNT when it may rest. */
static enum match_end take(struct matching *book, int taker)
{
    struct entry *entry = &book->pool[taker];
    enum side side = entry->order.side;
    struct level *level;

    while (!is_done(entry) && (level = best_level(book, side_opposite(side)))) {
        if (has_limit(entry) && !crosses(side, entry->order.limit_price, level->price))
            break;
        int maker = level->first;
        if (is_self(entry, &book->pool[maker]))
            return MATCH_END_SELF_TRADE;
        decimal size = size_to_trade(entry, &book->pool[maker]);
        if (decimal_is_zero(size))
            return MATCH_END_BUDGET;
        trade(book, level, maker, taker, size);
    }
    if (is_done(entry))
        return MATCH_END_FILLED;
    bool may_rest =
        has_limit(entry) && entry->order.tif != TIF_IOC && entry->order.tif != TIF_FOK;
    return may_rest ? MATCH_END_COUNT : MATCH_END_UNMATCHED;
}

/* What of one level an order could take; `*meets_own` when its owner's order stops it there. */
static decimal level_takeable(const struct matching *book, const struct entry *entry,
                              const struct level *level, bool *meets_own)
{
    decimal sum = DECIMAL_ZERO;

    if (entry->order.owner == 0)
        return level->size;
    for (int i = level->first; i != NO_ORDER; i = book->pool[i].next) {
        if (is_self(entry, &book->pool[i])) {
            *meets_own = true;
            return sum;
        }
        sum = decimal_add(sum, book->pool[i].remaining);
    }
    return sum;
}

/* Whether the book could fill the order whole, right now. */
static bool can_fill_whole(const struct matching *book, const struct entry *entry)
{
    const struct ladder *ladder = &book->sides[side_opposite(entry->order.side)];
    decimal sum = DECIMAL_ZERO;
    bool meets_own = false;

    for (int i = ladder->count - 1; i >= 0 && !meets_own; i--) {
        const struct level *level = &ladder->levels[i];
        if (has_limit(entry) &&
            !crosses(entry->order.side, entry->order.limit_price, level->price))
            break;
        sum = decimal_add(sum, level_takeable(book, entry, level, &meets_own));
        if (!decimal_is_less(sum, entry->remaining))
            return true;
    }
    return false;
}

/* An order meets the book: it trades, rests or ends. */
static void enter(struct matching *book, int index)
{
    struct entry *entry = &book->pool[index];
    enum match_end end = MATCH_END_UNMATCHED;

    entry->place = PLACE_ENTERING;
    if (entry->order.tif != TIF_FOK || can_fill_whole(book, entry))
        end = take(book, index);
    if (end == MATCH_END_COUNT)
        rest(book, index);
    else
        entry_end(book, index, end);
}

static void trigger_stops(struct matching *book)
{
    int index;

    while ((index = stop_pop(book)) != NO_ORDER) {
        book->pool[index].sequence = ++book->sequence; /* its age in the book begins now */
        enter(book, index);
    }
}

static void assert_order(const struct match_order *order)
{
    bool limit = order->type == ORDER_LIMIT || order->type == ORDER_STOP_LIMIT;

    assert(!decimal_is_negative(order->size));
    assert(decimal_is_positive(order->size) ||
           (decimal_is_positive(order->budget) && order->type == ORDER_MARKET));
    assert(!limit || decimal_is_positive(order->limit_price));
    assert(!is_stop(order) || decimal_is_positive(order->stop_price));
    assert(!order->post_only || order->type == ORDER_LIMIT);
}

bool matching_submit(struct matching *book, const struct match_order *order, match_id *out)
{
    assert(!book->is_busy);
    assert_order(order);
    if (order->post_only && would_take(book, order->side, order->limit_price))
        return false;
    int index = entry_add(book, order);
    *out = id_of(book, index);
    if (is_stop(order))
        stop_add(book, index);
    else
        enter(book, index);
    trigger_stops(book);
    return true;
}

static void withdraw(struct matching *book, int index)
{
    if (book->pool[index].place == PLACE_WAITING)
        stop_remove(book, index);
    else
        unrest(book, index);
}

bool matching_cancel(struct matching *book, match_id id)
{
    int index = locate(book, id);

    assert(!book->is_busy);
    if (index == NO_ORDER)
        return false;
    withdraw(book, index);
    entry_end(book, index, MATCH_END_CANCELED);
    return true;
}

static void shrink(struct matching *book, int index, decimal remaining)
{
    struct entry *entry = &book->pool[index];
    struct ladder *ladder = &book->sides[entry->order.side];
    struct level *level =
        &ladder->levels[level_position(ladder, entry->order.side, entry->order.limit_price)];

    level->size = decimal_add(decimal_sub(level->size, entry->remaining), remaining);
    entry->remaining = remaining;
}

enum match_amend matching_amend(struct matching *book, match_id id, decimal size,
                                decimal limit_price)
{
    int index = locate(book, id);

    assert(!book->is_busy);
    if (index == NO_ORDER)
        return MATCH_AMEND_ABSENT;
    struct entry *entry = &book->pool[index];
    decimal remaining = decimal_sub(size, entry->filled);
    bool waits = entry->place == PLACE_WAITING;
    if (!decimal_is_positive(remaining))
        return MATCH_AMEND_FILLED;
    if (entry->order.post_only && would_take(book, entry->order.side, limit_price))
        return MATCH_AMEND_POST_ONLY;
    bool stays = decimal_is_equal(limit_price, entry->order.limit_price) &&
                 !decimal_is_less(entry->remaining, remaining);
    entry->order.size = size;
    if (stays && !waits) {
        shrink(book, index, remaining);
        return MATCH_AMENDED;
    }
    if (!waits)
        unrest(book, index);
    entry->order.limit_price = limit_price;
    entry->remaining = remaining;
    if (waits)
        return MATCH_AMENDED;
    entry->sequence = ++book->sequence;
    enter(book, index);
    trigger_stops(book);
    return MATCH_AMENDED;
}

/* Expiry */

static bool expires_sooner(const struct entry *a, const struct entry *b)
{
    if (a->order.expires != b->order.expires)
        return a->order.expires < b->order.expires;
    return a->sequence < b->sequence;
}

/* The order whose time comes next; NO_ORDER when none has one. */
static int next_to_expire(const struct matching *book)
{
    int found = NO_ORDER;

    for (int i = 0; i < book->pool_count; i++) {
        const struct entry *entry = &book->pool[i];
        if (entry->place == PLACE_FREE || entry->order.tif != TIF_GTD)
            continue;
        if (found == NO_ORDER || expires_sooner(entry, &book->pool[found]))
            found = i;
    }
    return found;
}

void matching_expire(struct matching *book, nanos now)
{
    assert(!book->is_busy);
    while (book->next_expiry <= now) {
        int index = next_to_expire(book);
        if (index == NO_ORDER || book->pool[index].order.expires > now) {
            book->next_expiry = index == NO_ORDER ? INT64_MAX : book->pool[index].order.expires;
            return;
        }
        withdraw(book, index);
        entry_end(book, index, MATCH_END_EXPIRED);
    }
}

nanos matching_next_expiry(const struct matching *book)
{
    return book->next_expiry;
}

/* Reading */

int matching_depth(const struct matching *book, enum side side)
{
    return book->sides[side].count;
}

struct match_level matching_level(const struct matching *book, enum side side, int index)
{
    const struct ladder *ladder = &book->sides[side];

    assert(index >= 0 && index < ladder->count);
    const struct level *level = &ladder->levels[ladder->count - 1 - index];
    return (struct match_level){level->price, level->size, level->count};
}

struct match_level matching_best(const struct matching *book, enum side side)
{
    if (matching_depth(book, side) == 0)
        return (struct match_level){DECIMAL_ZERO, DECIMAL_ZERO, 0};
    return matching_level(book, side, 0);
}

decimal matching_last_price(const struct matching *book)
{
    return book->last_price;
}

void matching_set_last_price(struct matching *book, decimal price)
{
    book->last_price = price;
}

bool matching_find(const struct matching *book, match_id id, struct match_view *out)
{
    int index = locate(book, id);

    if (index == NO_ORDER)
        return false;
    const struct entry *entry = &book->pool[index];
    *out = (struct match_view){.remaining = entry->remaining,
                               .filled = entry->filled,
                               .limit_price = entry->order.limit_price,
                               .is_waiting = entry->place == PLACE_WAITING};
    if (out->is_waiting)
        return true;
    for (int i = entry->previous; i != NO_ORDER; i = book->pool[i].previous)
        out->ahead = decimal_add(out->ahead, book->pool[i].remaining);
    return true;
}

/* Checking */

static int check_level(const struct matching *book, enum side side, const struct level *level)
{
    decimal sum = DECIMAL_ZERO;
    uint64_t sequence = 0;
    int count = 0;

    for (int i = level->first; i != NO_ORDER; i = book->pool[i].next) {
        const struct entry *entry = &book->pool[i];
        assert(entry->place == PLACE_RESTING && entry->order.side == side);
        assert(decimal_is_equal(entry->order.limit_price, level->price));
        assert(decimal_is_positive(entry->remaining) && entry->sequence > sequence); /* M3 */
        sequence = entry->sequence;
        sum = decimal_add(sum, entry->remaining);
        count++;
    }
    assert(count > 0 && count == level->count && decimal_is_equal(sum, level->size)); /* M2 */
    return count;
}

static int check_side(const struct matching *book, enum side side)
{
    const struct ladder *ladder = &book->sides[side];
    int count = book->stops[side].count;

    for (int i = 0; i < ladder->count; i++) {
        count += check_level(book, side, &ladder->levels[i]);
        assert(i == 0 || is_better(side, ladder->levels[i].price, ladder->levels[i - 1].price));
    }
    for (int i = 0; i < book->stops[side].count; i++)
        assert(book->pool[book->stops[side].entries[i]].place == PLACE_WAITING);
    return count;
}

void matching_check(const struct matching *book)
{
    const struct level *bid = best_level(book, SIDE_BUY), *ask = best_level(book, SIDE_SELL);
    int count = check_side(book, SIDE_BUY) + check_side(book, SIDE_SELL);

    assert(!bid || !ask || decimal_is_less(bid->price, ask->price)); /* M1 */
    for (int i = book->first_free; i != NO_ORDER; i = book->pool[i].next)
        count++;
    assert(count == book->pool_count); /* M4 */
}
