/* One row of market history, whatever file it came from. Plain data. */
#ifndef STORE_HISTORY_ROW_H
#define STORE_HISTORY_ROW_H

#include "model/event.h"

enum history_kind {
    HISTORY_BARS,
    HISTORY_TRADES,
    HISTORY_QUOTES,
    HISTORY_BOOK,
    HISTORY_KIND_COUNT
};

const char *history_kind_name(enum history_kind kind); /* "bars" */
bool history_kind_parse(const char *text, enum history_kind *out);

/* A level of the book, or its clearing, and where it stands in the venue's sequence. */
struct history_level {
    struct book_update update;
    bool is_snapshot;  /* part of a snapshot; otherwise a change */
    bool follows_gap;  /* changes are missing before it: the book is wrong until a snapshot */
    uint64_t first_id; /* of the venue's message; update_id is its last. 0: unknown */
};

struct history_row {
    enum history_kind kind;
    int source;         /* index of the input it came from */
    nanos time;         /* when it became known: a bar's end, else the receiver's stamp */
    nanos venue_time;   /* the venue's stamp beside a receiver's; 0: there is none */
    uint64_t update_id; /* the venue's number of a quote or book change; 0: none */
    union {
        struct bar bar;
        struct trade trade;
        struct quote quote;
        struct history_level level;
    };
};

/* The event that tells the engine of it. A row that follows a gap is worth an EVENT_STREAM
 * before, which is the caller's to send. */
void history_row_to_event(const struct history_row *row, product_ref product,
                          struct event *out);

/* Rows of a kind as columns of 128-bit integers, for files (store/history_block.h): decimals
 * as units, times as nanoseconds, ids and flags as they are. */
enum { HISTORY_COLUMNS_MAX = 8 };

enum history_type {
    HISTORY_TYPE_TIME,
    HISTORY_TYPE_DECIMAL,
    HISTORY_TYPE_COUNT_64, /* an unsigned 64-bit number */
    HISTORY_TYPE_FLAGS
};

struct history_column {
    const char *name; /* "close" */
    enum history_type type;
};

int history_column_count(enum history_kind kind);
const struct history_column *history_column_get(enum history_kind kind, int column);

/* A bar's first column is its start; its interval is not a column. */
void history_row_pack(const struct history_row *row, int128 values[HISTORY_COLUMNS_MAX]);
/* False when a value does not fit its type. */
bool history_row_unpack(enum history_kind kind, nanos interval,
                        const int128 values[HISTORY_COLUMNS_MAX],
                        struct history_row *out) MUST_CHECK;

/* What orders the rows of a file: a bar's start, else the time. */
nanos history_row_key(const struct history_row *row);

#endif
