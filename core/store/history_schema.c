#include "store/history_schema.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"

/* Names are lower case with underscores; those of times come without their unit ("ts" covers
 * "ts_ms"). The first name that the file has wins, so a file may carry unix and date columns.
 */
static const struct {
    const char *name;  /* for people */
    const char *names; /* of columns */
} fields[] = {
    [HISTORY_FIELD_LOCAL_TIME] = {"receiver's time", "local_ts local_time local_timestamp "
                                                     "received_time receive_ts recv_ts"},
    [HISTORY_FIELD_VENUE_TIME] =
        {"time", "exch_ts exchange_ts exch_time exchange_time event_time venue_time ts time "
                 "timestamp unix open_time start_time start datetime date t"},
    [HISTORY_FIELD_SYMBOL] = {"symbol", "symbol product_id product pair instrument"},
    [HISTORY_FIELD_OPEN] = {"open", "open open_price o"},
    [HISTORY_FIELD_HIGH] = {"high", "high high_price h"},
    [HISTORY_FIELD_LOW] = {"low", "low low_price l"},
    [HISTORY_FIELD_CLOSE] = {"close", "close close_price c"},
    [HISTORY_FIELD_VOLUME] = {"volume", "volume base_volume vol v"},
    [HISTORY_FIELD_PRICE] = {"price", "price px p"},
    [HISTORY_FIELD_SIZE] = {"size", "size qty quantity amount sz volume q"},
    [HISTORY_FIELD_SIDE] = {"side", "aggressor aggressor_side taker_side taker side"},
    [HISTORY_FIELD_MAKER_SIDE] = {"maker's side", "maker_side"},
    [HISTORY_FIELD_BUYER_IS_MAKER] = {"buyer is maker", "is_buyer_maker isbuyermaker "
                                                        "buyer_maker buyer_is_maker"},
    [HISTORY_FIELD_TRADE_ID] = {"trade id", "trade_id tradeid agg_trade_id id"},
    [HISTORY_FIELD_BID] = {"bid", "bid_px bid bid_price best_bid best_bid_price"},
    [HISTORY_FIELD_BID_SIZE] = {"bid size", "bid_qty bid_size bid_quantity bid_amount bid_sz "
                                            "best_bid_qty best_bid_size best_bid_quantity"},
    [HISTORY_FIELD_ASK] = {"ask", "ask_px ask ask_price best_ask best_ask_price"},
    [HISTORY_FIELD_ASK_SIZE] = {"ask size", "ask_qty ask_size ask_quantity ask_amount ask_sz "
                                            "best_ask_qty best_ask_size best_ask_quantity"},
    [HISTORY_FIELD_BID_CLOSE] = {"bid close", "bid_close close_bid"},
    [HISTORY_FIELD_ASK_CLOSE] = {"ask close", "ask_close close_ask"},
    [HISTORY_FIELD_FIRST_ID] = {"first update id", "first_update_id"},
    [HISTORY_FIELD_UPDATE_ID] = {"update id", "update_id last_update_id lastupdateid "
                                              "sequence sequence_num"},
    [HISTORY_FIELD_IS_SNAPSHOT] = {"is snapshot", "is_snapshot snapshot"},
};
static_assert(ARRAY_LEN(fields) == HISTORY_FIELD_COUNT, "name every field");

enum { REQUIRED_MAX = 6 };

static const struct {
    const char *name;
    const char *fields; /* for people */
    int count;
    enum history_field required[REQUIRED_MAX];
} formats[] = {
    [HISTORY_FORMAT_ANY] = {"any", "", 0, {0}},
    [HISTORY_FORMAT_BARS] = {"bars",
                             "open, high, low, close, volume",
                             5,
                             {HISTORY_FIELD_OPEN, HISTORY_FIELD_HIGH, HISTORY_FIELD_LOW,
                              HISTORY_FIELD_CLOSE, HISTORY_FIELD_VOLUME}},
    [HISTORY_FORMAT_TRADES] = {"trades",
                               "price, size, side",
                               3,
                               {HISTORY_FIELD_PRICE, HISTORY_FIELD_SIZE, HISTORY_FIELD_SIDE}},
    [HISTORY_FORMAT_QUOTES] = {"quotes",
                               "bid, bid_size, ask, ask_size",
                               4,
                               {HISTORY_FIELD_BID, HISTORY_FIELD_BID_SIZE, HISTORY_FIELD_ASK,
                                HISTORY_FIELD_ASK_SIZE}},
    [HISTORY_FORMAT_BAR_QUOTES] = {"bar_quotes",
                                   "bid_close, bid_size, ask_close, ask_size",
                                   4,
                                   {HISTORY_FIELD_BID_CLOSE, HISTORY_FIELD_BID_SIZE,
                                    HISTORY_FIELD_ASK_CLOSE, HISTORY_FIELD_ASK_SIZE}},
    [HISTORY_FORMAT_SNAPSHOTS] = {"snapshots",
                                  "side, price, size",
                                  3,
                                  {HISTORY_FIELD_SIDE, HISTORY_FIELD_PRICE,
                                   HISTORY_FIELD_SIZE}},
    [HISTORY_FORMAT_DELTAS] = {"deltas",
                               "side, price, size",
                               3,
                               {HISTORY_FIELD_SIDE, HISTORY_FIELD_PRICE, HISTORY_FIELD_SIZE}},
    [HISTORY_FORMAT_BOOK] = {"book",
                             "side, price, size, is_snapshot",
                             4,
                             {HISTORY_FIELD_SIDE, HISTORY_FIELD_PRICE, HISTORY_FIELD_SIZE,
                              HISTORY_FIELD_IS_SNAPSHOT}},
};
static_assert(ARRAY_LEN(formats) == HISTORY_FORMAT_COUNT, "describe every format");

const char *history_field_name(enum history_field field)
{
    assert(field < HISTORY_FIELD_COUNT);
    return fields[field].name;
}

const char *history_field_names(enum history_field field)
{
    assert(field < HISTORY_FIELD_COUNT);
    return fields[field].names;
}

const char *history_format_name(enum history_format format)
{
    assert(format < HISTORY_FORMAT_COUNT);
    return formats[format].name;
}

bool history_format_parse(const char *text, enum history_format *out)
{
    for (int format = 0; format < HISTORY_FORMAT_COUNT; format++) {
        if (strcmp(text, formats[format].name) == 0) {
            *out = (enum history_format)format;
            return true;
        }
    }
    return false;
}

const char *history_format_fields(enum history_format format)
{
    assert(format < HISTORY_FORMAT_COUNT);
    return formats[format].fields;
}

/* Columns by name */

enum { NAME_MAX_LEN = 48 };

static void normalise(const char *name, size_t len, char out[NAME_MAX_LEN])
{
    size_t n = len < NAME_MAX_LEN - 1 ? len : NAME_MAX_LEN - 1;

    for (size_t i = 0; i < n; i++) {
        char c = (char)tolower((unsigned char)name[i]);
        out[i] = c == ' ' || c == '-' || c == '.' ? '_' : c;
    }
    out[n] = '\0';
}

static bool is_time(enum history_field field)
{
    return field == HISTORY_FIELD_LOCAL_TIME || field == HISTORY_FIELD_VENUE_TIME;
}

/* Whether the column's name is this word; times without their unit. */
static bool column_is_named(const struct csv *csv, int column, enum history_field field,
                            const char *word, size_t word_len)
{
    char name[NAME_MAX_LEN];
    const char *header = csv_column_name(csv, column);
    size_t len = strlen(header);

    if (is_time(field))
        csv_time_of_name(header, &len);
    normalise(header, len, name);
    return strlen(name) == word_len && memcmp(name, word, word_len) == 0;
}

static int find_word(const struct csv *csv, enum history_field field, const char *word,
                     size_t len)
{
    for (int column = 0; column < csv_column_count(csv); column++)
        if (column_is_named(csv, column, field, word, len))
            return column;
    return -1;
}

static int find_column(const struct csv *csv, enum history_field field)
{
    int column = -1;

    for (const char *word = fields[field].names; *word && column < 0;) {
        size_t len = strcspn(word, " ");
        column = find_word(csv, field, word, len);
        word += len + (word[len] == ' ');
    }
    return column;
}

void history_schema_write_markdown(struct buf *out)
{
    buf_add_text(
        out,
        "# CSV files of market history\n\nThis page is written by `perigee docs`. Columns are "
        "found "
        "by name, in any order and any case; others are ignored. Commas, semicolons or tabs, "
        "quotes and CRLF are fine. Times are ISO 8601 or unix times whose unit the name says "
        "(`ts_s`, `ts_ms`, `ts_us`, `ts_ns`) or their size shows; all rows must agree.\n\n"
        "| format | needs, besides a time |\n|---|---|\n");
    for (int i = HISTORY_FORMAT_ANY + 1; i < HISTORY_FORMAT_COUNT; i++)
        buf_add_format(out, "| %s | %s |\n", formats[i].name, formats[i].fields);
    buf_add_text(out,
                 "\nBooks are deltas with a first update id, snapshots with only an update "
                 "id, or both with a column that tells them apart; where the columns leave "
                 "it open, `--kind` decides.\n\n| what | may be called |\n|---|---|\n");
    for (int i = 0; i < HISTORY_FIELD_COUNT; i++)
        buf_add_format(out, "| %s | %s |\n", fields[i].name, fields[i].names);
}

/* Formats by columns */

static bool has(const struct history_schema *schema, enum history_field field)
{
    return schema->columns[field] >= 0;
}

static bool has_taker(const struct history_schema *schema)
{
    return has(schema, HISTORY_FIELD_SIDE) || has(schema, HISTORY_FIELD_MAKER_SIDE) ||
           has(schema, HISTORY_FIELD_BUYER_IS_MAKER);
}

/* The first field that the format misses, HISTORY_FIELD_COUNT if none. */
static enum history_field find_missing(const struct history_schema *schema,
                                       enum history_format format)
{
    for (int i = 0; i < formats[format].count; i++) {
        enum history_field field = formats[format].required[i];
        bool is_there = format == HISTORY_FORMAT_TRADES && field == HISTORY_FIELD_SIDE
                            ? has_taker(schema)
                            : has(schema, field);
        if (!is_there)
            return field;
    }
    return HISTORY_FIELD_COUNT;
}

static bool fits(const struct history_schema *schema, enum history_format format)
{
    return find_missing(schema, format) == HISTORY_FIELD_COUNT;
}

static enum history_format recognise(const struct history_schema *schema)
{
    static const enum history_format certain[] = {HISTORY_FORMAT_BARS,
                                                  HISTORY_FORMAT_BAR_QUOTES,
                                                  HISTORY_FORMAT_QUOTES, HISTORY_FORMAT_BOOK};

    for (size_t i = 0; i < ARRAY_LEN(certain); i++)
        if (fits(schema, certain[i]))
            return certain[i];
    if (!fits(schema, HISTORY_FORMAT_TRADES))
        return HISTORY_FORMAT_ANY;
    if (has(schema, HISTORY_FIELD_FIRST_ID))
        return HISTORY_FORMAT_DELTAS;
    if (has(schema, HISTORY_FIELD_UPDATE_ID) && !has(schema, HISTORY_FIELD_TRADE_ID))
        return HISTORY_FORMAT_SNAPSHOTS;
    return HISTORY_FORMAT_TRADES;
}

/* Messages */

static void list_columns(const struct csv *csv, struct buf *out)
{
    for (int i = 0; i < csv_column_count(csv); i++)
        buf_add_format(out, "%s%.20s", i > 0 ? ", " : "", csv_column_name(csv, i));
}

static bool header_looks_like_row(const struct csv *csv)
{
    const char *first = csv_column_name(csv, 0);

    return isdigit((unsigned char)first[0]) || first[0] == '-';
}

static enum err refuse_unknown(const struct csv *csv, struct fault *why)
{
    struct buf columns = BUF_INIT;

    list_columns(csv, &columns);
    if (header_looks_like_row(csv))
        fail(why, ERR_PARSE,
             "the first line must name the columns, but reads %.90s; put a line such as "
             "ts_ms,open,high,low,close,volume before it",
             buf_text(&columns));
    else
        fail(
            why, ERR_PARSE,
            "the columns (%.120s) do not say what this is: bars need a time and %s; trades %s; "
            "quotes %s; books %s and an update id; rename the columns",
            buf_text(&columns), formats[HISTORY_FORMAT_BARS].fields,
            formats[HISTORY_FORMAT_TRADES].fields, formats[HISTORY_FORMAT_QUOTES].fields,
            formats[HISTORY_FORMAT_DELTAS].fields);
    buf_clear(&columns);
    return csv_place(csv, -1, ERR_PARSE, why);
}

static enum err refuse_missing(const struct csv *csv, enum history_format format,
                               enum history_field field, struct fault *why)
{
    struct buf columns = BUF_INIT;

    list_columns(csv, &columns);
    fail(why, ERR_PARSE,
         "no column for the %s of %s; it may be called %s; the columns are %.120s; rename one",
         fields[field].name, formats[format].name, fields[field].names, buf_text(&columns));
    buf_clear(&columns);
    return csv_place(csv, -1, ERR_PARSE, why);
}

/* Two columns of one name, one of which is used, leave open which is meant. */
static enum err check_unique(const struct csv *csv, int column, struct fault *why)
{
    for (int other = 0; other < csv_column_count(csv); other++) {
        if (other == column ||
            strcasecmp(csv_column_name(csv, other), csv_column_name(csv, column)) != 0)
            continue;
        fail(why, ERR_PARSE, "two columns are named \"%.40s\"; rename or remove one",
             csv_column_name(csv, column));
        return csv_place(csv, -1, ERR_PARSE, why);
    }
    return OK;
}

static struct csv_time time_of_column(const struct csv *csv, int column)
{
    size_t len;

    return column < 0 ? (struct csv_time){0}
                      : csv_time_of_name(csv_column_name(csv, column), &len);
}

enum err history_schema_find(const struct csv *csv, enum history_format wanted,
                             struct history_schema *out, struct fault *why)
{
    struct history_schema schema = {.format = wanted};

    for (int field = 0; field < HISTORY_FIELD_COUNT; field++)
        schema.columns[field] = find_column(csv, (enum history_field)field);
    if (wanted == HISTORY_FORMAT_ANY)
        schema.format = recognise(&schema);
    if (schema.format == HISTORY_FORMAT_ANY)
        return refuse_unknown(csv, why);
    enum history_field missing = find_missing(&schema, schema.format);
    if (missing == HISTORY_FIELD_COUNT && !has(&schema, HISTORY_FIELD_LOCAL_TIME) &&
        !has(&schema, HISTORY_FIELD_VENUE_TIME))
        missing = HISTORY_FIELD_VENUE_TIME;
    if (missing != HISTORY_FIELD_COUNT)
        return refuse_missing(csv, schema.format, missing, why);
    for (int field = 0; field < HISTORY_FIELD_COUNT; field++) {
        enum err err =
            schema.columns[field] < 0 ? OK : check_unique(csv, schema.columns[field], why);
        if (err)
            return err;
    }
    schema.local_time = time_of_column(csv, schema.columns[HISTORY_FIELD_LOCAL_TIME]);
    schema.venue_time = time_of_column(csv, schema.columns[HISTORY_FIELD_VENUE_TIME]);
    *out = schema;
    return OK;
}
