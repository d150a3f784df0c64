/* What happens when orders meet the book (match_book.h): trades, stops that they
 * trigger, cancels, edits, expiry. */
#include "venue/matching.h"

#include <assert.h>

#include "base/mem.h"
#include "venue/match_book.h"

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
        .maker = match_book_id(book, maker),
        .taker = match_book_id(book, taker),
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
        match_book_unlink(book, level, maker);
        match_book_end(book, maker, MATCH_END_FILLED);
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

    while (!is_done(entry) && (level = match_book_best(book, side_opposite(side)))) {
        if (match_has_limit(entry) &&
            !match_crosses(side, entry->order.limit_price, level->price))
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
        match_has_limit(entry) && entry->order.tif != TIF_IOC && entry->order.tif != TIF_FOK;
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
        if (match_has_limit(entry) &&
            !match_crosses(entry->order.side, entry->order.limit_price, level->price))
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
        match_book_rest(book, index);
    else
        match_book_end(book, index, end);
}

static void trigger_stops(struct matching *book)
{
    int index;

    while ((index = match_book_pop_stop(book)) != NO_ORDER) {
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
    assert(!match_is_stop(order) || decimal_is_positive(order->stop_price));
    assert(!order->post_only || order->type == ORDER_LIMIT);
}

bool matching_submit(struct matching *book, const struct match_order *order, match_id *out)
{
    assert(!book->is_busy);
    assert_order(order);
    if (order->post_only && match_book_would_take(book, order->side, order->limit_price))
        return false;
    int index = match_book_add(book, order);
    *out = match_book_id(book, index);
    if (match_is_stop(order))
        match_book_add_stop(book, index);
    else
        enter(book, index);
    trigger_stops(book);
    return true;
}

static void withdraw(struct matching *book, int index)
{
    if (book->pool[index].place == PLACE_WAITING)
        match_book_remove_stop(book, index);
    else
        match_book_unrest(book, index);
}

bool matching_cancel(struct matching *book, match_id id)
{
    int index = match_book_locate(book, id);

    assert(!book->is_busy);
    if (index == NO_ORDER)
        return false;
    withdraw(book, index);
    match_book_end(book, index, MATCH_END_CANCELED);
    return true;
}

static void shrink(struct matching *book, int index, decimal remaining)
{
    struct entry *entry = &book->pool[index];
    struct ladder *ladder = &book->sides[entry->order.side];
    struct level *level = &ladder->levels[match_level_position(ladder, entry->order.side,
                                                               entry->order.limit_price)];

    level->size = decimal_add(decimal_sub(level->size, entry->remaining), remaining);
    entry->remaining = remaining;
}

enum match_amend matching_amend(struct matching *book, match_id id, decimal size,
                                decimal limit_price)
{
    int index = match_book_locate(book, id);

    assert(!book->is_busy);
    if (index == NO_ORDER)
        return MATCH_AMEND_ABSENT;
    struct entry *entry = &book->pool[index];
    decimal remaining = decimal_sub(size, entry->filled);
    bool waits = entry->place == PLACE_WAITING;
    if (!decimal_is_positive(remaining))
        return MATCH_AMEND_FILLED;
    if (entry->order.post_only && match_book_would_take(book, entry->order.side, limit_price))
        return MATCH_AMEND_POST_ONLY;
    bool stays = decimal_is_equal(limit_price, entry->order.limit_price) &&
                 !decimal_is_less(entry->remaining, remaining);
    entry->order.size = size;
    if (stays && !waits) {
        shrink(book, index, remaining);
        return MATCH_AMENDED;
    }
    if (!waits)
        match_book_unrest(book, index);
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
        match_book_end(book, index, MATCH_END_EXPIRED);
    }
}

nanos matching_next_expiry(const struct matching *book)
{
    return book->next_expiry;
}
