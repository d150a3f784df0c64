/* Which columns of a CSV mean what: the names that are understood, and the
 * formats that they make up. Both are tables in the .c, which the messages and
 * docs/data-files.md are made from. */
#ifndef STORE_HISTORY_SCHEMA_H
#define STORE_HISTORY_SCHEMA_H

#include "base/buf.h"
#include "store/csv_value.h"
#include "store/history.h"

enum history_field {
    HISTORY_FIELD_LOCAL_TIME, /* the receiver's stamp */
    HISTORY_FIELD_VENUE_TIME, /* the venue's, or the only one */
    HISTORY_FIELD_SYMBOL,
    HISTORY_FIELD_OPEN,
    HISTORY_FIELD_HIGH,
    HISTORY_FIELD_LOW,
    HISTORY_FIELD_CLOSE,
    HISTORY_FIELD_VOLUME,
    HISTORY_FIELD_PRICE,
    HISTORY_FIELD_SIZE,
    HISTORY_FIELD_SIDE,           /* of a trade the taker's, of a level its own */
    HISTORY_FIELD_MAKER_SIDE,     /* of a trade */
    HISTORY_FIELD_BUYER_IS_MAKER, /* of a trade, true or false */
    HISTORY_FIELD_TRADE_ID,
    HISTORY_FIELD_BID,
    HISTORY_FIELD_BID_SIZE,
    HISTORY_FIELD_ASK,
    HISTORY_FIELD_ASK_SIZE,
    HISTORY_FIELD_BID_CLOSE,
    HISTORY_FIELD_ASK_CLOSE,
    HISTORY_FIELD_FIRST_ID, /* of a book message */
    HISTORY_FIELD_UPDATE_ID,
    HISTORY_FIELD_IS_SNAPSHOT,
    HISTORY_FIELD_COUNT
};

const char *history_field_name(enum history_field field);  /* "taker side" */
const char *history_field_names(enum history_field field); /* "side aggressor taker ..." */

struct history_schema {
    enum history_format format;
    int columns[HISTORY_FIELD_COUNT]; /* of the CSV, -1: not there */
    struct csv_time local_time, venue_time;
};

/* ERR_PARSE when the columns fit no format, or not the wanted one. */
enum err history_schema_find(const struct csv *csv, enum history_format wanted,
                             struct history_schema *out, struct fault *why) MUST_CHECK;

/* The reference page of both. */
void history_schema_write_markdown(struct buf *out);

/* The fields a format must have besides a time, as text: "open, high, low, close, volume". */
const char *history_format_fields(enum history_format format);

#endif
