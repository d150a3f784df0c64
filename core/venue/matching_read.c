/* Looking at a book, and checking it. */
#include <assert.h>

#include "venue/match_book.h"

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
    int index = match_book_locate(book, id);

    if (index == NO_ORDER)
        return false;
    const struct entry *entry = &book->pool[index];
    *out = (struct match_view){.remaining = entry->remaining,
                               .filled = entry->filled,
                               .limit_price = entry->order.limit_price,
                               .sequence = entry->sequence,
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
        assert(i == 0 ||
               match_is_better(side, ladder->levels[i].price, ladder->levels[i - 1].price));
    }
    for (int i = 0; i < book->stops[side].count; i++)
        assert(book->pool[book->stops[side].entries[i]].place == PLACE_WAITING);
    return count;
}

void matching_check(const struct matching *book)
{
    const struct level *bid = match_book_best(book, SIDE_BUY),
                       *ask = match_book_best(book, SIDE_SELL);
    int count = check_side(book, SIDE_BUY) + check_side(book, SIDE_SELL);

    assert(!bid || !ask || decimal_is_less(bid->price, ask->price)); /* M1 */
    for (int i = book->first_free; i != NO_ORDER; i = book->pool[i].next)
        count++;
    assert(count == book->pool_count); /* M4 */
}
