/* Private to the history files: the book of one symbol from its snapshots and
 * changes, in the order of the venue's update ids.
 *
 * A snapshot is asked for while changes already stream in, so by the
 * receiver's clock the two are not in order: the changes that came before the
 * snapshot are partly older and partly newer than it. By the ids they are in order:
 *   B1  a change whose last id is not above the snapshot's is part of it: dropped
 *   B2  a change above it comes after it, and was known no earlier than it
 *   B3  before the first snapshot there is no book, and no change gets through
 *   B4  a change that does not follow the one before says so, and the book is wrong from there
 * to the next snapshot Without ids the receiver's clock decides. */
#ifndef STORE_HISTORY_BOOK_H
#define STORE_HISTORY_BOOK_H

#include "model/order_book.h"
#include "store/history_chain.h"

struct history_head {
    struct history_row row;
    bool is_read, has_row;
};

struct history_book {
    struct history_chain snapshots; /* files that hold nothing else */
    struct history_chain changes;
    struct history_head snapshot, change; /* read ahead */

    bool has_book;
    uint64_t last_id;    /* that the book contains; 0: unknown */
    uint64_t message_id; /* of the change being applied; it may have several rows */
    nanos time;          /* of the row before: never goes back */
    uint64_t dropped, gaps;

    /* What lies before `from` is not delivered but summed up in a snapshot at that time. */
    nanos from;
    struct order_book *past; /* NULL once it is delivered */
    bool past_has_gap;
    bool past_is_open;    /* being delivered */
    bool past_is_cleared; /* its first row is delivered */
    int past_side, past_level;
    struct history_head first; /* the row that ended the past */
};

void history_book_clear(struct history_book *book);
void history_book_skip_to(struct history_book *book, nanos from);

/* As history_chain_next. */
enum err history_book_next(struct history_book *book, struct history_row *row, bool *has,
                           struct fault *why) MUST_CHECK;

#endif
