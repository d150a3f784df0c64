/* Rows of market history as lines of a CSV that history_open reads back: the
 * same rows, without the symbol and the interval, which a CSV does not hold. */
#ifndef STORE_HISTORY_TEXT_H
#define STORE_HISTORY_TEXT_H

#include "base/buf.h"
#include "store/history_row.h"

void history_text_header(enum history_kind kind, struct buf *out);
void history_text_row(const struct history_row *row, struct buf *out);

#endif
