#include "store/history_book.h"

#include <assert.h>

void history_book_clear(struct history_book *book)
{
    history_chain_clear(&book->snapshots);
    history_chain_clear(&book->changes);
    order_book_free(book->past);
    *book = (struct history_book){0};
}

void history_book_skip_to(struct history_book *book, nanos from)
{
    assert(!book->past && !book->snapshot.is_read);
    book->from = from;
    book->past = order_book_new();
}

/* Putting snapshots and changes together */

static enum err read_ahead(struct history_chain *chain, struct history_head *head,
                           struct fault *why)
{
    if (head->is_read)
        return OK;
    head->is_read = true;
    return history_chain_next(chain, &head->row, &head->has_row, why);
}

static bool change_is_first(const struct history_head *change,
                            const struct history_head *snapshot)
{
    if (!change->has_row || !snapshot->has_row)
        return change->has_row;
    if (change->row.update_id > 0 && snapshot->row.update_id > 0)
        return change->row.update_id <= snapshot->row.update_id;
    return change->row.time < snapshot->row.time;
}

static void take(struct history_head *head, struct history_row *row)
{
    *row = head->row;
    head->is_read = false;
}

/* Takes in a row of a snapshot. A fresh one for a book that is known anyway does not hold up
 * the changes that were received before it. */
static void add_snapshot(struct history_book *book, struct history_row *row)
{
    const struct history_head *change = &book->change;

    if (book->has_book && change->is_read && change->has_row && change->row.time < row->time)
        row->time = change->row.time;
    book->has_book |= row->level.update.clears;
    book->last_id = row->update_id;
    book->message_id = 0;
}

/* Takes in a change. False when it must be dropped. */
static bool add_change(struct history_book *book, struct history_row *row)
{
    uint64_t id = row->update_id;

    if (!book->has_book && book->snapshots.count > 0)
        return false;
    if (id == 0 || id == book->message_id)
        return true;
    if (id <= book->last_id)
        return false;
    if (book->last_id > 0 && row->level.first_id > book->last_id + 1)
        row->level.follows_gap = true;
    book->gaps += row->level.follows_gap;
    book->last_id = book->message_id = id;
    return true;
}

static bool add_row(struct history_book *book, struct history_row *row)
{
    bool is_kept = true;

    if (row->level.is_snapshot)
        add_snapshot(book, row);
    else
        is_kept = add_change(book, row);
    book->dropped += !is_kept;
    if (is_kept) {
        row->time = row->time < book->time ? book->time : row->time;
        book->time = row->time;
    }
    return is_kept;
}

static enum err next_kept(struct history_book *book, struct history_row *row, bool *has,
                          struct fault *why)
{
    do {
        enum err err = read_ahead(&book->snapshots, &book->snapshot, why);
        if (!err)
            err = read_ahead(&book->changes, &book->change, why);
        if (err)
            return err;
        *has = book->change.has_row || book->snapshot.has_row;
        if (!*has)
            return OK;
        take(change_is_first(&book->change, &book->snapshot) ? &book->change : &book->snapshot,
             row);
    } while (!add_row(book, row));
    return OK;
}

/* The past */

static void apply(struct history_book *book, const struct history_row *row)
{
    const struct book_update *update = &row->level.update;

    if (update->clears) {
        order_book_clear(book->past);
        book->past_has_gap = false;
    } else {
        order_book_set_level(book->past, update->side, update->price, update->size);
    }
    book->past_has_gap |= row->level.follows_gap;
}

static bool past_is_empty(const struct history_book *book)
{
    return order_book_depth(book->past, SIDE_BUY) == 0 &&
           order_book_depth(book->past, SIDE_SELL) == 0;
}

/* Reads up to the first row that is wanted. */
static enum err read_past(struct history_book *book, struct fault *why)
{
    struct history_head *first = &book->first;

    do {
        enum err err = next_kept(book, &first->row, &first->has_row, why);
        if (err)
            return err;
        if (first->has_row && first->row.time < book->from)
            apply(book, &first->row);
    } while (first->has_row && first->row.time < book->from);
    first->is_read = true;
    book->past_is_open = true;
    return OK;
}

/* The next level of the past, false after the last. */
static bool next_level(struct history_book *book, struct book_update *update)
{
    for (; book->past_side < SIDE_COUNT; book->past_side++) {
        enum side side = (enum side)book->past_side;
        const struct book_level *level = order_book_level(book->past, side, book->past_level++);
        if (level) {
            *update =
                (struct book_update){.side = side, .price = level->price, .size = level->size};
            return true;
        }
        book->past_level = 0;
    }
    return false;
}

/* The next row of the snapshot of the past; false when it is through. */
static bool next_of_past(struct history_book *book, struct history_row *row)
{
    if (!book->first.has_row || past_is_empty(book))
        return false;
    *row = (struct history_row){
        .kind = HISTORY_BOOK, .source = book->first.row.source, .time = book->from};
    row->level.is_snapshot = true;
    if (book->past_is_cleared)
        return next_level(book, &row->level.update);
    book->past_is_cleared = true;
    row->level.update.clears = true;
    row->level.follows_gap = book->past_has_gap;
    return true;
}

static void end_past(struct history_book *book)
{
    order_book_free(book->past);
    book->past = NULL;
}

enum err history_book_next(struct history_book *book, struct history_row *row, bool *has,
                           struct fault *why)
{
    if (book->past && !book->past_is_open) {
        enum err err = read_past(book, why);
        if (err)
            return err;
    }
    *has = true;
    if (book->past) {
        if (next_of_past(book, row))
            return OK;
        end_past(book);
        *row = book->first.row;
        *has = book->first.has_row;
        return OK;
    }
    return next_kept(book, row, has, why);
}
