/* Rows of a CSV file, one at a time, in constant memory.
 *
 * The first line names the columns; comma, semicolon or tab separates them,
 * whichever the header uses. Quotes around a cell, blanks around it, CRLF, a
 * byte order mark and blank lines are accepted. A row must have as many cells
 * as the header. Cells are text; what they mean is the caller's business
 * (store/csv_value.h). A line break inside quotes is refused. */
#ifndef STORE_CSV_H
#define STORE_CSV_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/err.h"

enum { CSV_COLUMNS_MAX = 64, CSV_LINE_MAX = 64 * 1024, CSV_SLACK = 8 };

struct csv;

/* A cell without its quotes and the blanks around it. A doubled quote inside stays doubled.
 * CSV_SLACK bytes behind it may be read (store/csv_swar.h). */
struct csv_cell {
    const char *text;
    size_t len;
};

/* Opens the file and reads the header. ERR_MISSING, ERR_IO, or ERR_PARSE for what is no CSV. */
enum err csv_open(const char *path, struct csv **out, struct fault *why) MUST_CHECK;
void csv_close(struct csv *csv); /* NULL is fine */

int csv_column_count(const struct csv *csv);
const char *csv_column_name(const struct csv *csv, int column);

/* The cells of the next row, valid until the next call; NULL after the last. A row that cannot
 * be split is ERR_PARSE, and reading may go on behind it; ERR_IO is final. */
enum err csv_next(struct csv *csv, const struct csv_cell **out, struct fault *why) MUST_CHECK;

/* Back to the first row. ERR_IO. */
enum err csv_rewind(struct csv *csv, struct fault *why) MUST_CHECK;

/* The cells of the last line of the file, or NULL when it does not look like a row of it.
 * Disturbs nothing but the cells of csv_next. */
const struct csv_cell *csv_peek_last(struct csv *csv);

const char *csv_path(const struct csv *csv);
uint64_t csv_line(const struct csv *csv);   /* of the row last read; the header is line 1 */
uint64_t csv_offset(const struct csv *csv); /* bytes read so far, of csv_size */
uint64_t csv_size(const struct csv *csv);

/* Puts `FILE: line 12, column "close": ` before the sentence in why, which may be NULL. A
 * negative column leaves the column out. */
enum err csv_place(const struct csv *csv, int column, enum err err, struct fault *why);

#endif
