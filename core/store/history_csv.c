/* A CSV as a source of rows.
 *
 * Opening reads the first rows twice: once to learn the unit of the time, the
 * length of the bars and the symbol, and then for good. */
#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "store/csv_value.h"
#include "store/history_interval.h"
#include "store/history_schema.h"
#include "store/history_source.h"

enum { SAMPLE_ROWS = 4096 };

struct csv_source {
    struct history_source base; /* first, so that one is the other */
    struct csv *csv;
    struct history_schema schema;
    char symbol[SYMBOL_MAX]; /* what the column says, in all rows */

    /* Snapshots begin with a row that clears the book, made here. */
    bool in_snapshot;
    nanos snapshot_time;
    uint64_t snapshot_id;
    bool has_level; /* read already, comes after the clearing row */
    struct history_row level;
};

/* Cells. After the first failure the rest of the row is left alone. */

struct reader {
    struct csv_source *source;
    const struct csv_cell *cells;
    enum err err;
    struct fault *why;
};

static bool has(const struct csv_source *source, enum history_field field)
{
    return source->schema.columns[field] >= 0;
}

static struct csv_cell get(const struct reader *r, enum history_field field)
{
    return r->cells[r->source->schema.columns[field]];
}

static void note(struct reader *r, enum history_field field, enum err err)
{
    if (UNLIKELY(err))
        r->err = csv_place(r->source->csv, r->source->schema.columns[field], err, r->why);
}

static void read_decimal(struct reader *r, enum history_field field, decimal *out)
{
    bool rounded = false;

    if (r->err)
        return;
    note(r, field, csv_read_decimal(get(r, field), out, &rounded, r->why));
    r->source->base.info.rounded += rounded;
}

/* 0 where the file has no such column. */
static void read_id(struct reader *r, enum history_field field, uint64_t *out)
{
    *out = 0;
    if (!r->err && has(r->source, field))
        note(r, field, csv_read_count(get(r, field), out, r->why));
}

static void read_stamp(struct reader *r, enum history_field field, struct csv_time *time,
                       nanos *out)
{
    *out = 0;
    if (!r->err && has(r->source, field))
        note(r, field, csv_read_time(time, get(r, field), out, r->why));
}

static void read_times(struct reader *r, struct history_row *row)
{
    struct history_schema *schema = &r->source->schema;

    read_stamp(r, HISTORY_FIELD_LOCAL_TIME, &schema->local_time, &row->time);
    read_stamp(r, HISTORY_FIELD_VENUE_TIME, &schema->venue_time, &row->venue_time);
    if (has(r->source, HISTORY_FIELD_LOCAL_TIME))
        return;
    row->time = row->venue_time;
    row->venue_time = 0;
}

static void read_side(struct reader *r, enum history_field field, enum side *out)
{
    if (!r->err)
        note(r, field, csv_read_side(get(r, field), out, r->why));
}

static void read_bool(struct reader *r, enum history_field field, bool *out)
{
    if (!r->err)
        note(r, field, csv_read_bool(get(r, field), out, r->why));
}

/* Rows of each format */

/* From the start of the bar that the time is, to its end. */
static void move_to_end(struct reader *r, struct history_row *row)
{
    nanos interval = r->source->base.info.interval;

    row->venue_time = 0;
    if (r->err)
        return;
    if (row->time > INT64_MAX - interval) {
        fail(r->why, ERR_RANGE, "the bar ends after the year 2261; correct or remove this row");
        r->err = csv_place(r->source->csv, -1, ERR_RANGE, r->why);
        return;
    }
    row->time += interval;
}

static void read_bar(struct reader *r, struct history_row *row)
{
    struct bar *bar = &row->bar;

    read_decimal(r, HISTORY_FIELD_OPEN, &bar->open);
    read_decimal(r, HISTORY_FIELD_HIGH, &bar->high);
    read_decimal(r, HISTORY_FIELD_LOW, &bar->low);
    read_decimal(r, HISTORY_FIELD_CLOSE, &bar->close);
    read_decimal(r, HISTORY_FIELD_VOLUME, &bar->volume);
    bar->start = row->time;
    bar->interval = r->source->base.info.interval;
    move_to_end(r, row);
}

/* The taker's side, from whichever column says something about it. */
static void read_taker(struct reader *r, enum side *out)
{
    if (has(r->source, HISTORY_FIELD_BUYER_IS_MAKER)) {
        bool buyer_is_maker = false;
        read_bool(r, HISTORY_FIELD_BUYER_IS_MAKER, &buyer_is_maker);
        *out = buyer_is_maker ? SIDE_SELL : SIDE_BUY;
    } else if (has(r->source, HISTORY_FIELD_MAKER_SIDE)) {
        enum side maker = SIDE_BUY;
        read_side(r, HISTORY_FIELD_MAKER_SIDE, &maker);
        *out = side_opposite(maker);
    } else {
        read_side(r, HISTORY_FIELD_SIDE, out);
    }
}

static void read_trade(struct reader *r, struct history_row *row)
{
    read_decimal(r, HISTORY_FIELD_PRICE, &row->trade.price);
    read_decimal(r, HISTORY_FIELD_SIZE, &row->trade.size);
    read_taker(r, &row->trade.taker);
    read_id(r, HISTORY_FIELD_TRADE_ID, &row->trade.id);
}

static void read_quote(struct reader *r, struct history_row *row)
{
    read_decimal(r, HISTORY_FIELD_BID, &row->quote.bid);
    read_decimal(r, HISTORY_FIELD_BID_SIZE, &row->quote.bid_size);
    read_decimal(r, HISTORY_FIELD_ASK, &row->quote.ask);
    read_decimal(r, HISTORY_FIELD_ASK_SIZE, &row->quote.ask_size);
    read_id(r, HISTORY_FIELD_UPDATE_ID, &row->update_id);
}

static void read_bar_quote(struct reader *r, struct history_row *row)
{
    read_decimal(r, HISTORY_FIELD_BID_CLOSE, &row->quote.bid);
    read_decimal(r, HISTORY_FIELD_BID_SIZE, &row->quote.bid_size);
    read_decimal(r, HISTORY_FIELD_ASK_CLOSE, &row->quote.ask);
    read_decimal(r, HISTORY_FIELD_ASK_SIZE, &row->quote.ask_size);
    move_to_end(r, row);
}

static void read_level(struct reader *r, struct history_row *row)
{
    struct history_level *level = &row->level;

    level->update.clears = level->follows_gap = false;
    level->is_snapshot = r->source->schema.format == HISTORY_FORMAT_SNAPSHOTS;
    read_side(r, HISTORY_FIELD_SIDE, &level->update.side);
    read_decimal(r, HISTORY_FIELD_PRICE, &level->update.price);
    read_decimal(r, HISTORY_FIELD_SIZE, &level->update.size);
    read_id(r, HISTORY_FIELD_FIRST_ID, &level->first_id);
    read_id(r, HISTORY_FIELD_UPDATE_ID, &row->update_id);
    if (r->source->schema.format == HISTORY_FORMAT_BOOK)
        read_bool(r, HISTORY_FIELD_IS_SNAPSHOT, &level->is_snapshot);
}

static const struct {
    enum history_kind kind;
    void (*read)(struct reader *r, struct history_row *row);
} formats[] = {
    [HISTORY_FORMAT_ANY] = {HISTORY_KIND_COUNT, NULL},
    [HISTORY_FORMAT_BARS] = {HISTORY_BARS, read_bar},
    [HISTORY_FORMAT_TRADES] = {HISTORY_TRADES, read_trade},
    [HISTORY_FORMAT_QUOTES] = {HISTORY_QUOTES, read_quote},
    [HISTORY_FORMAT_BAR_QUOTES] = {HISTORY_QUOTES, read_bar_quote},
    [HISTORY_FORMAT_SNAPSHOTS] = {HISTORY_BOOK, read_level},
    [HISTORY_FORMAT_DELTAS] = {HISTORY_BOOK, read_level},
    [HISTORY_FORMAT_BOOK] = {HISTORY_BOOK, read_level},
};
static_assert(ARRAY_LEN(formats) == HISTORY_FORMAT_COUNT, "read every format");

/* A file is of one symbol: mixing several would trade one on the prices of another. */
static void check_symbol(struct reader *r)
{
    struct csv_source *s = r->source;

    if (r->err || !has(s, HISTORY_FIELD_SYMBOL))
        return;
    struct csv_cell cell = get(r, HISTORY_FIELD_SYMBOL);
    bool is_symbol = cell.len > 0 && cell.len < SYMBOL_MAX;
    if (!s->symbol[0] && is_symbol)
        memcpy(s->symbol, cell.text, cell.len);
    if (is_symbol && strlen(s->symbol) == cell.len &&
        memcmp(s->symbol, cell.text, cell.len) == 0)
        return;
    if (is_symbol)
        fail(r->why, ERR_PARSE,
             "\"%.*s\" is another symbol than \"%s\" in the rows before; put each symbol into "
             "a file of its own",
             (int)cell.len, cell.text, s->symbol);
    else
        fail(r->why, ERR_PARSE, "expected a symbol such as BTC-USD, 1 to %d characters",
             SYMBOL_MAX - 1);
    note(r, HISTORY_FIELD_SYMBOL, ERR_PARSE);
}

static enum err read_row(struct csv_source *s, const struct csv_cell *cells,
                         struct history_row *row, struct fault *why)
{
    struct reader reader = {.source = s, .cells = cells, .why = why};

    row->kind = s->base.info.kind;
    row->source = 0;
    row->update_id = 0;
    read_times(&reader, row);
    formats[s->schema.format].read(&reader, row);
    check_symbol(&reader);
    return reader.err;
}

/* Snapshots */

/* Whether the row begins one, which is when it differs from the row before in time or id. */
static bool begins_snapshot(struct csv_source *s, const struct history_row *row)
{
    bool continues =
        s->in_snapshot && s->snapshot_time == row->time && s->snapshot_id == row->update_id;

    s->in_snapshot = row->level.is_snapshot;
    s->snapshot_time = row->time;
    s->snapshot_id = row->update_id;
    return s->in_snapshot && !continues;
}

static void make_clearing(struct history_row *row)
{
    row->level.update = (struct book_update){.clears = true};
}

/* The source */

static struct csv_source *as_csv(struct history_source *source)
{
    return (struct csv_source *)source;
}

static enum err next(struct history_source *source, struct history_row *row, bool *has_row,
                     struct fault *why)
{
    struct csv_source *s = as_csv(source);
    const struct csv_cell *cells;

    *has_row = true;
    if (s->has_level) {
        s->has_level = false;
        *row = s->level;
        return OK;
    }
    enum err err = csv_next(s->csv, &cells, why);
    *has_row = !err && cells;
    if (!err && cells)
        err = read_row(s, cells, row, why);
    if (err || !cells || row->kind != HISTORY_BOOK || !begins_snapshot(s, row))
        return err;
    s->level = *row;
    s->has_level = true;
    make_clearing(row);
    return OK;
}

static void skip_to(struct history_source *source, nanos key)
{
    (void)source, (void)key; /* lines have to be read to be counted */
}

static uint64_t position(const struct history_source *source)
{
    return csv_line(((const struct csv_source *)source)->csv);
}

static uint64_t bytes_read(const struct history_source *source)
{
    return csv_offset(((const struct csv_source *)source)->csv);
}

static void close_source(struct history_source *source)
{
    csv_close(as_csv(source)->csv);
    mem_free(source);
}

static const struct history_source_ops ops = {next, skip_to, position, bytes_read,
                                              close_source};

/* Opening */

/* The keys of the first rows that can be read; the error of the first row if none can. */
static enum err read_sample(struct csv_source *s, nanos *keys, int *count, struct fault *why)
{
    const struct csv_cell *cells = NULL;
    struct history_row row;
    enum err first = OK;

    *count = 0;
    for (int i = 0; i < SAMPLE_ROWS; i++) {
        struct fault *first_why = first || *count > 0 ? NULL : why;
        enum err err = csv_next(s->csv, &cells, first_why);
        if (!err && !cells)
            break;
        if (!err)
            err = read_row(s, cells, &row, first_why);
        if (err == ERR_IO && *count > 0)
            break; /* the one who reads that far is told */
        if (err == ERR_IO)
            return err;
        if (!err)
            keys[(*count)++] = history_row_key(&row);
        else if (!first)
            first = err;
    }
    if (*count == 0 && !first)
        return fail(why, ERR_PARSE, "%s: there is a line of column names but no row below it",
                    s->base.path);
    return *count == 0 ? first : OK;
}

static bool needs_interval(enum history_format format)
{
    return format == HISTORY_FORMAT_BARS || format == HISTORY_FORMAT_BAR_QUOTES;
}

static enum err find_interval(struct csv_source *s, const nanos *starts, int count,
                              struct fault *why)
{
    if (!needs_interval(s->schema.format)) {
        s->base.info.interval = 0;
        return OK;
    }
    if (s->base.info.interval == 0)
        s->base.info.interval = history_interval_find(starts, count);
    if (s->base.info.interval == 0)
        return fail(why, ERR_PARSE,
                    "%s: the distances of its rows do not tell how long a bar is; say it with "
                    "--interval, such as --interval 1m",
                    s->base.path);
    return OK;
}

/* Of a file that is in order; what is wrong with the last row shows when it is read. */
static void find_last(struct csv_source *s)
{
    struct history_row row;
    const struct csv_cell *cells = csv_peek_last(s->csv);

    if (cells && !read_row(s, cells, &row, NULL))
        s->base.info.last = history_row_key(&row);
}

static enum err learn(struct csv_source *s, struct fault *why)
{
    int count;
    nanos interval = s->base.info.interval;
    nanos *keys = mem_new_array(SAMPLE_ROWS, sizeof *keys);

    s->base.info.interval = 0; /* so that keys are starts */
    enum err err = read_sample(s, keys, &count, why);
    s->base.info.interval = interval;
    if (!err)
        err = find_interval(s, keys, count, why);
    if (!err) {
        s->base.info.first = keys[0];
        if (s->base.info.kind == HISTORY_QUOTES && keys[0] <= INT64_MAX - s->base.info.interval)
            s->base.info.first += s->base.info.interval; /* else its row will be refused */
        find_last(s);
        s->base.info.rounded = 0;
        err = csv_rewind(s->csv, why);
    }
    mem_free(keys);
    return err;
}

enum err history_csv_open(const struct history_input *input, struct history_source **out,
                          struct fault *why)
{
    struct csv *csv;
    enum err err = csv_open(input->path, &csv, why);

    if (err)
        return err;
    struct csv_source *s = mem_new(sizeof *s);
    s->csv = csv;
    s->base.ops = &ops;
    s->base.path = csv_path(csv);
    s->base.position_name = "line";
    s->base.info.interval = input->interval;
    s->base.info.bytes = csv_size(csv);
    err = history_schema_find(csv, input->format, &s->schema, why);
    if (!err) {
        s->base.info.kind = formats[s->schema.format].kind;
        s->base.is_snapshots = s->schema.format == HISTORY_FORMAT_SNAPSHOTS;
        err = learn(s, why);
    }
    if (err) {
        close_source(&s->base);
        return err;
    }
    memcpy(s->base.info.symbol, s->symbol, SYMBOL_MAX);
    *out = &s->base;
    return OK;
}
