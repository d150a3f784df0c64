/* The book: for each side a sorted array of levels, best first, with a gap.
 *
 * A feed tells the changes of one moment in order, so the next change is close to
 * the last, and both are mostly close to the best price. The free room of an array
 * therefore lies where the last level came or went: the next one moves only the
 * levels in between, and a search starts there, doubling its steps. A snapshot,
 * best first, is appended without moving anything.
 *
 *     slots  [ b b b b b . . . . . w w w w w w ]
 *              front levels   gap   back levels
 *
 * Invariants:
 *   B1  levels of a side are strictly ordered, best first, across the gap
 *   B2  every level has a positive price and a positive size */
#include "model/order_book.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

enum { ROOM_MIN = 64 };

struct book_side {
    struct book_level *slots;
    int front, back; /* how many levels are before and behind the gap */
    int cap;
};

struct order_book {
    struct book_side sides[SIDE_COUNT];
};

struct order_book *order_book_new(void)
{
    return mem_new(sizeof(struct order_book));
}

void order_book_free(struct order_book *book)
{
    if (!book)
        return;
    for (int i = 0; i < SIDE_COUNT; i++)
        mem_free(book->sides[i].slots);
    mem_free(book);
}

void order_book_clear(struct order_book *book)
{
    for (int i = 0; i < SIDE_COUNT; i++)
        book->sides[i].front = book->sides[i].back = 0;
}

static int count_of(const struct book_side *levels)
{
    return levels->front + levels->back;
}

static struct book_level *level_at(const struct book_side *levels, int index)
{
    int gap = levels->cap - count_of(levels);

    return &levels->slots[index < levels->front ? index : index + gap];
}

/* ---- finding ---- */

static inline bool is_better(bool bids, decimal a, decimal b)
{
    return bids ? decimal_is_less(b, a) : decimal_is_less(a, b);
}

/* The first of levels[low..high) that is not better than the price, or high. */
static inline int first_not_better(const struct book_level *levels, int low, int high,
                                   bool bids, decimal price)
{
    while (low < high) {
        int middle = low + (high - low) / 2;
        if (is_better(bids, levels[middle].price, price))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Likewise for levels[0..count), from the front on. */
static inline int search_forward(const struct book_level *levels, int count, bool bids,
                                 decimal price)
{
    int low = 0, high = 0;

    for (int step = 1; high < count && is_better(bids, levels[high].price, price); step *= 2) {
        low = high + 1;
        high += step;
    }
    return first_not_better(levels, low, high < count ? high : count, bids, price);
}

/* Likewise from the end on. */
static inline int search_backward(const struct book_level *levels, int count, bool bids,
                                  decimal price)
{
    int low = count - 1, high = count;

    for (int step = 1; low >= 0 && !is_better(bids, levels[low].price, price); step *= 2) {
        high = low;
        low -= step;
    }
    return first_not_better(levels, low < 0 ? 0 : low + 1, high, bids, price);
}

/* How many levels are better than the price: its index, whether it is there or not. */
static inline int search(const struct book_side *levels, bool bids, decimal price)
{
    int front = levels->front;

    if (front > 0 && !is_better(bids, levels->slots[front - 1].price, price))
        return search_backward(levels->slots, front - 1, bids, price);
    return front + search_forward(levels->slots + levels->cap - levels->back, levels->back,
                                  bids, price);
}

/* Once for each side, so that the comparison is settled when this is compiled. */
static int index_of(const struct book_side *levels, enum side side, decimal price)
{
    if (count_of(levels) == 0)
        return 0;
    return side == SIDE_BUY ? search(levels, true, price) : search(levels, false, price);
}

/* ---- changing ---- */

static void make_room(struct book_side *levels)
{
    int cap = 2 * levels->cap + ROOM_MIN;
    size_t front = (size_t)levels->front, back = (size_t)levels->back;
    struct book_level *slots = mem_new_array((size_t)cap, sizeof *slots);

    if (front > 0)
        memcpy(slots, levels->slots, front * sizeof *slots);
    if (back > 0)
        memcpy(slots + (size_t)cap - back, levels->slots + (size_t)levels->cap - back,
               back * sizeof *slots);
    mem_free(levels->slots);
    levels->slots = slots;
    levels->cap = cap;
}

/* Puts the gap before the level with this index. */
static void move_gap(struct book_side *levels, int index)
{
    struct book_level *front_end = levels->slots + levels->front;
    struct book_level *back = levels->slots + levels->cap - levels->back;
    int count = index - levels->front;

    if (count > 0)
        memmove(front_end, back, (size_t)count * sizeof *back);
    else if (count < 0)
        memmove(back + count, front_end + count, (size_t)-count * sizeof *back);
    levels->front += count;
    levels->back -= count;
}

static void insert(struct book_side *levels, int index, struct book_level level)
{
    if (count_of(levels) == levels->cap)
        make_room(levels);
    move_gap(levels, index);
    levels->slots[levels->front++] = level;
}

static void erase(struct book_side *levels, int index)
{
    move_gap(levels, index);
    levels->back--;
}

/* B1 around one level; the others did not change. */
static void check_around(const struct book_side *levels, enum side side, int index)
{
    int count = count_of(levels);

    assert(levels->front >= 0 && levels->back >= 0 && count <= levels->cap);
    for (int i = index > 0 ? index : 1; i <= index + 1 && i < count; i++)
        assert(is_better(side == SIDE_BUY, level_at(levels, i - 1)->price,
                         level_at(levels, i)->price));
}

void order_book_set_level(struct order_book *book, enum side side, decimal price, decimal size)
{
    struct book_side *levels = &book->sides[side];
    int index = index_of(levels, side, price);
    struct book_level *level = index < count_of(levels) ? level_at(levels, index) : NULL;
    bool is_there = level && decimal_is_equal(level->price, price);

    assert(decimal_is_positive(price) && !decimal_is_negative(size)); /* B2 */
    if (is_there && decimal_is_positive(size))
        level->size = size;
    else if (is_there)
        erase(levels, index);
    else if (decimal_is_positive(size))
        insert(levels, index, (struct book_level){price, size});
    check_around(levels, side, index);
}

/* ---- asking ---- */

int order_book_depth(const struct order_book *book, enum side side)
{
    return count_of(&book->sides[side]);
}

const struct book_level *order_book_level(const struct order_book *book, enum side side,
                                          int index)
{
    const struct book_side *levels = &book->sides[side];

    assert(index >= 0);
    return index < count_of(levels) ? level_at(levels, index) : NULL;
}

const struct book_level *order_book_best(const struct order_book *book, enum side side)
{
    return order_book_level(book, side, 0);
}

decimal order_book_mid(const struct order_book *book)
{
    const struct book_level *bid = order_book_best(book, SIDE_BUY);
    const struct book_level *ask = order_book_best(book, SIDE_SELL);

    if (!bid || !ask)
        return DECIMAL_ZERO;
    return decimal_div(decimal_add(bid->price, ask->price), D(2), ROUND_HALF_EVEN);
}

decimal order_book_spread_bps(const struct order_book *book)
{
    decimal mid = order_book_mid(book);

    if (decimal_is_zero(mid))
        return DECIMAL_ZERO;
    decimal spread = decimal_sub(order_book_best(book, SIDE_SELL)->price,
                                 order_book_best(book, SIDE_BUY)->price);
    return decimal_mul_div(spread, D(10000), mid, ROUND_HALF_EVEN);
}

struct book_sweep order_book_sweep(const struct order_book *book, enum side side, decimal size)
{
    enum side resting = side_opposite(side);
    struct book_sweep sweep = {0};
    const struct book_level *level;

    for (int i = 0; decimal_is_less(sweep.size, size); i++) {
        level = order_book_level(book, resting, i);
        if (!level)
            break;
        decimal taken = decimal_min(level->size, decimal_sub(size, sweep.size));
        decimal value = decimal_mul(taken, level->price, ROUND_HALF_EVEN);
        sweep.size = decimal_add(sweep.size, taken);
        sweep.value = decimal_add(sweep.value, value);
        sweep.worst_price = level->price;
    }
    return sweep;
}

decimal order_book_size(const struct order_book *book, enum side side, int levels)
{
    decimal sum = DECIMAL_ZERO;
    int count = order_book_depth(book, side);

    for (int i = 0; i < levels && i < count; i++)
        sum = decimal_add(sum, order_book_level(book, side, i)->size);
    return sum;
}
