/* Market history: bars, trades, quotes and books from files, as one stream of
 * rows in the order in which they became known.
 *
 * A file is a CSV (store/csv.h) or a columnar file (`.pgh`, made by `perigee data import`); the
 * first bytes tell which. CSV columns are found by name, in any order; which names, and what
 * makes a file of bars or of trades, is the table in store/history_schema.c.
 *
 *   bar          known at its end, though ordered and stamped by its start
 *   bar quotes   ("1m_quotes": bid and ask as candles) are taken as one quote per row, the
 * closing one, known at the end of the bar trade, quote, book   known at the receiver's stamp
 * ("local_ts_ns") where there is one, else at the venue's; both stay available
 *
 * Rows of the same time come in this order: quotes of bars, bars, and then the rest by the
 * order of the inputs. Snapshots and changes of a book are put together by the venue's update
 * ids: changes that a snapshot already holds are dropped, changes received before a snapshot
 * that it does not hold wait for it, and the first change behind a gap says so.
 *
 * What this refuses, with file, row and remedy: rows that cannot be read, disorder, duplicates,
 * prices and sizes that cannot be, files of the same symbol and kind that overlap. Gaps are
 * fine: a venue has no bar where nobody traded. Memory is constant, whatever the size of the
 * files. */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "base/digest.h"
#include "store/history_row.h"

/* What a CSV holds, by its columns. */
enum history_format {
    HISTORY_FORMAT_ANY, /* look at the header */
    HISTORY_FORMAT_BARS,
    HISTORY_FORMAT_TRADES,
    HISTORY_FORMAT_QUOTES,
    HISTORY_FORMAT_BAR_QUOTES, /* bid and ask as candles */
    HISTORY_FORMAT_SNAPSHOTS,  /* of the book: rows of one time or update id are one snapshot */
    HISTORY_FORMAT_DELTAS,     /* changes of the book; size 0 removes the level */
    HISTORY_FORMAT_BOOK,       /* both, told apart by an is_snapshot column */
    HISTORY_FORMAT_COUNT
};

const char *history_format_name(enum history_format format); /* "bar_quotes" */
bool history_format_parse(const char *text, enum history_format *out);

struct history_input {
    const char *path;
    const char *symbol;         /* NULL: the one the file names, if it does */
    enum history_format format; /* of a CSV */
    nanos interval; /* of bars; 0: as the file says, or by the distances of its rows */
};

struct history_info {
    enum history_kind kind;
    char symbol[SYMBOL_MAX]; /* empty if neither file nor input names one */
    nanos interval;          /* of bars and bar quotes, else 0 */
    bool is_columnar;        /* a .pgh; the fields marked * are known only then */
    nanos first, last;       /* keys of the first and last row; of a CSV, last may be 0 */
    uint64_t rows;           /* * */
    uint64_t rounded; /* * numbers with more than 12 fraction digits, rounded half even */
    char digest[DIGEST_TEXT_MAX]; /* * SHA-256 of the contents */
    uint64_t bytes;               /* size of the file */
};

struct history;

/* Opens `count` inputs as one stream of the rows with from <= t < to, where t is a bar's start
 * and else the time; 0 means no bound. Everything that the headers and ends of the files can
 * tell is checked here. Of a columnar file each block is verified when it is read. */
enum err history_open(const struct history_input *inputs, int count, nanos from, nanos to,
                      struct history **out, struct fault *why) MUST_CHECK;
void history_close(struct history *history); /* NULL is fine */

/* The next row; *has is false after the last. After a failure there is nothing more to read,
 * and what was read before must not be taken for the whole. */
enum err history_next(struct history *history, struct history_row *row, bool *has,
                      struct fault *why) MUST_CHECK;

int history_input_count(const struct history *history);
const struct history_info *history_input_info(const struct history *history, int input);

/* Share of the files that is read, in thousandths. */
int history_permille(const struct history *history);

/* Book changes dropped because a snapshot already held them; places where changes are missing.
 */
uint64_t history_dropped(const struct history *history);
uint64_t history_gaps(const struct history *history);

#endif
