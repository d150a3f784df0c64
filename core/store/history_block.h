/* Columns of numbers, packed: the building block of columnar history files.
 *
 * A block holds up to HISTORY_BLOCK_ROWS rows. Each column is stored as a
 * smallest value, a step that divides all differences to it, and per row the
 * number of steps in as few bytes (0, 1, 2, 4, 8 or 16) as the largest needs.
 * Prices in cents, minutes that follow each other and ids that count up thus
 * take two to four bytes without any further compression, and reading a value
 * is one multiplication. */
#ifndef STORE_HISTORY_BLOCK_H
#define STORE_HISTORY_BLOCK_H

#include "base/buf.h"
#include "store/history_row.h"

__extension__ typedef unsigned __int128 uint128;

enum {
    HISTORY_BLOCK_ROWS = 16384,
    HISTORY_BLOCK_HEADER = 64, /* bytes before the values of a column */
    HISTORY_BLOCK_BYTES_MAX =
        HISTORY_COLUMNS_MAX * (HISTORY_BLOCK_HEADER + 16 * HISTORY_BLOCK_ROWS),
};

/* Appends the packed columns; values[column][row]. */
void history_block_encode(int128 *const values[], int columns, int rows, struct buf *out);

struct history_packed {
    int128 low, high; /* the smallest and the largest value */
    uint128 step;
    int width; /* bytes a row */
    const unsigned char *data;
};

struct history_block {
    int columns, rows;
    struct history_packed column[HISTORY_COLUMNS_MAX];
};

/* Finds the columns in the bytes, which must outlive the block. ERR_CORRUPT; whatever the bytes
 * are, reading values afterwards is safe. */
enum err history_block_decode(const void *bytes, size_t len, int columns, int rows,
                              struct history_block *out, struct fault *why) MUST_CHECK;

int128 history_block_value(const struct history_block *block, int column, int row);
/* One row, all columns. */
void history_block_row(const struct history_block *block, int row,
                       int128 values[HISTORY_COLUMNS_MAX]);

#endif
