/* Each side is an array of price levels sorted so that the best is last: what
 * comes and goes near the best price moves nothing. A level is a doubly linked
 * queue through the pool of orders. An id is an order's place in the pool and
 * how often the place was used, so finding is one look and a stale id is seen.
 *
 * Invariants, checked by matching_check (matching_read.c):
 *   M1  the best bid is below the best ask: whatever could trade has traded
 *   M2  a level is there exactly while an order rests on it, and its size is the sum of their
 *       remaining sizes
 *   M3  within a level, orders stand by sequence, and sequences are never equal
 *   M4  every order in the pool rests, waits as a stop, or is free */
#include "venue/match_book.h"

#include <stddef.h>
#include <string.h>

#include "base/mem.h"

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

match_id match_book_id(const struct matching *book, int index)
{
    return (uint64_t)book->pool[index].uses << 32 | (uint32_t)index;
}

int match_book_locate(const struct matching *book, match_id id)
{
    uint32_t index = (uint32_t)id, uses = (uint32_t)(id >> 32);

    if (index >= (uint32_t)book->pool_count || book->pool[index].uses != uses ||
        book->pool[index].place == PLACE_FREE)
        return NO_ORDER;
    return (int)index;
}

int match_book_add(struct matching *book, const struct match_order *order)
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

void match_book_end(struct matching *book, int index, enum match_end end)
{
    struct entry *entry = &book->pool[index];
    match_id id = match_book_id(book, index);

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

struct level *match_book_best(const struct matching *book, enum side side)
{
    const struct ladder *ladder = &book->sides[side];

    return ladder->count ? &ladder->levels[ladder->count - 1] : NULL;
}

bool match_book_would_take(const struct matching *book, enum side side, decimal limit)
{
    const struct level *best = match_book_best(book, side_opposite(side));

    return best && match_crosses(side, limit, best->price);
}

/* Levels */

int match_level_position(const struct ladder *ladder, enum side side, decimal price)
{
    int low = 0, high = ladder->count;

    while (low < high) {
        int middle = (low + high) / 2;
        if (match_is_better(side, price, ladder->levels[middle].price))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct level *level_get(struct ladder *ladder, enum side side, decimal price)
{
    int at = match_level_position(ladder, side, price);

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

void match_book_rest(struct matching *book, int index)
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

void match_book_unlink(struct matching *book, struct level *level, int index)
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

void match_book_unrest(struct matching *book, int index)
{
    const struct entry *entry = &book->pool[index];
    struct ladder *ladder = &book->sides[entry->order.side];
    int at = match_level_position(ladder, entry->order.side, entry->order.limit_price);

    match_book_unlink(book, &ladder->levels[at], index);
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

void match_book_add_stop(struct matching *book, int index)
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

void match_book_remove_stop(struct matching *book, int index)
{
    struct waiting *stops = &book->stops[book->pool[index].order.side];
    int at = 0;

    while (stops->entries[at] != index)
        at++;
    stops->count--;
    memmove(&stops->entries[at], &stops->entries[at + 1],
            (size_t)(stops->count - at) * sizeof *stops->entries);
}

int match_book_pop_stop(struct matching *book)
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
