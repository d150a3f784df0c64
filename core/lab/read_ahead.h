/* The rows of a history, read in a thread of its own while those before are traded.
 *
 * The same rows in the same order, and the same failure behind the same row, as from
 * history_next: who trades cannot tell the difference, but by the clock. */
#ifndef LAB_READ_AHEAD_H
#define LAB_READ_AHEAD_H

#include "store/history.h"

struct read_ahead;

/* The history is lent: nobody else may read it before read_ahead_free. With `in_thread` false,
 * or where no thread can be had, rows are read when they are asked for. */
struct read_ahead *read_ahead_new(struct history *history, bool in_thread);

/* Ends the thread, which takes as long as the block that it is at. NULL is fine. */
void read_ahead_free(struct read_ahead *ahead);

/* As history_next. */
enum err read_ahead_next(struct read_ahead *ahead, struct history_row *row, bool *has,
                         struct fault *why) MUST_CHECK;

/* Share of the files that lies behind the last row given, to the block, in thousandths. */
int read_ahead_permille(const struct read_ahead *ahead);

#endif
