#include "store/history_row.h"

#include <assert.h>

#include "base/names.h"

static const char *const kind_names[] = {
    [HISTORY_BARS] = "bars",
    [HISTORY_TRADES] = "trades",
    [HISTORY_QUOTES] = "quotes",
    [HISTORY_BOOK] = "book",
};
static_assert(ARRAY_LEN(kind_names) == HISTORY_KIND_COUNT, "name every kind");

const char *history_kind_name(enum history_kind kind)
{
    assert(kind < HISTORY_KIND_COUNT);
    return kind_names[kind];
}

bool history_kind_parse(const char *text, enum history_kind *out)
{
    int kind = names_find(kind_names, HISTORY_KIND_COUNT, text);

    if (kind < 0)
        return false;
    *out = (enum history_kind)kind;
    return true;
}

nanos history_row_key(const struct history_row *row)
{
    return row->kind == HISTORY_BARS ? row->bar.start : row->time;
}

void history_row_to_event(const struct history_row *row, product_ref product, struct event *out)
{
    static const enum event_kind events[] = {
        [HISTORY_BARS] = EVENT_BAR,
        [HISTORY_TRADES] = EVENT_TRADE,
        [HISTORY_QUOTES] = EVENT_QUOTE,
        [HISTORY_BOOK] = EVENT_BOOK,
    };

    out->kind = events[row->kind];
    out->product = product;
    out->time = row->time;
    if (LIKELY(row->kind == HISTORY_BARS)) {
        const struct bar *bar =
            &row->bar; /* one by one: gcc copies the whole by `rep`, slowly */
        out->bar = (struct bar){bar->start, bar->interval, bar->open,  bar->high,
                                bar->low,   bar->close,    bar->volume};
        return;
    }
    switch (row->kind) {
    case HISTORY_TRADES:
        out->trade = row->trade;
        break;
    case HISTORY_QUOTES:
        out->quote = row->quote;
        break;
    case HISTORY_BOOK:
        out->book = row->level.update;
        break;
    default:
        break;
    }
}

/* Columns */

enum { FLAG_SELL = 1, FLAG_SNAPSHOT = 2, FLAG_CLEARS = 4, FLAG_GAP = 8, FLAGS_ALL = 15 };

static const struct {
    int count;
    struct history_column columns[HISTORY_COLUMNS_MAX];
} layouts[] = {
    [HISTORY_BARS] = {6,
                      {{"start", HISTORY_TYPE_TIME},
                       {"open", HISTORY_TYPE_DECIMAL},
                       {"high", HISTORY_TYPE_DECIMAL},
                       {"low", HISTORY_TYPE_DECIMAL},
                       {"close", HISTORY_TYPE_DECIMAL},
                       {"volume", HISTORY_TYPE_DECIMAL}}},
    [HISTORY_TRADES] = {6,
                        {{"time", HISTORY_TYPE_TIME},
                         {"venue_time", HISTORY_TYPE_TIME},
                         {"id", HISTORY_TYPE_COUNT_64},
                         {"taker", HISTORY_TYPE_FLAGS},
                         {"price", HISTORY_TYPE_DECIMAL},
                         {"size", HISTORY_TYPE_DECIMAL}}},
    [HISTORY_QUOTES] = {7,
                        {{"time", HISTORY_TYPE_TIME},
                         {"venue_time", HISTORY_TYPE_TIME},
                         {"update_id", HISTORY_TYPE_COUNT_64},
                         {"bid", HISTORY_TYPE_DECIMAL},
                         {"bid_size", HISTORY_TYPE_DECIMAL},
                         {"ask", HISTORY_TYPE_DECIMAL},
                         {"ask_size", HISTORY_TYPE_DECIMAL}}},
    [HISTORY_BOOK] = {7,
                      {{"time", HISTORY_TYPE_TIME},
                       {"venue_time", HISTORY_TYPE_TIME},
                       {"first_id", HISTORY_TYPE_COUNT_64},
                       {"update_id", HISTORY_TYPE_COUNT_64},
                       {"flags", HISTORY_TYPE_FLAGS},
                       {"price", HISTORY_TYPE_DECIMAL},
                       {"size", HISTORY_TYPE_DECIMAL}}},
};
static_assert(ARRAY_LEN(layouts) == HISTORY_KIND_COUNT, "lay out every kind");

int history_column_count(enum history_kind kind)
{
    return layouts[kind].count;
}

const struct history_column *history_column_get(enum history_kind kind, int column)
{
    assert(column >= 0 && column < layouts[kind].count);
    return &layouts[kind].columns[column];
}

static int level_flags(const struct history_level *level)
{
    return (level->update.side == SIDE_SELL ? FLAG_SELL : 0) |
           (level->is_snapshot ? FLAG_SNAPSHOT : 0) | (level->update.clears ? FLAG_CLEARS : 0) |
           (level->follows_gap ? FLAG_GAP : 0);
}

void history_row_pack(const struct history_row *row, int128 values[HISTORY_COLUMNS_MAX])
{
    values[0] = history_row_key(row);
    values[1] = row->venue_time;
    switch (row->kind) {
    case HISTORY_BARS:
        values[1] = row->bar.open.units;
        values[2] = row->bar.high.units;
        values[3] = row->bar.low.units;
        values[4] = row->bar.close.units;
        values[5] = row->bar.volume.units;
        break;
    case HISTORY_TRADES:
        values[2] = row->trade.id;
        values[3] = row->trade.taker == SIDE_SELL;
        values[4] = row->trade.price.units;
        values[5] = row->trade.size.units;
        break;
    case HISTORY_QUOTES:
        values[2] = row->update_id;
        values[3] = row->quote.bid.units;
        values[4] = row->quote.bid_size.units;
        values[5] = row->quote.ask.units;
        values[6] = row->quote.ask_size.units;
        break;
    case HISTORY_BOOK:
        values[2] = row->level.first_id;
        values[3] = row->update_id;
        values[4] = level_flags(&row->level);
        values[5] = row->level.update.price.units;
        values[6] = row->level.update.size.units;
        break;
    case HISTORY_KIND_COUNT:
        break;
    }
}

static bool value_fits(enum history_type type, int128 value)
{
    switch (type) {
    case HISTORY_TYPE_TIME:
        return value >= 0 && value <= INT64_MAX;
    case HISTORY_TYPE_DECIMAL:
        return decimal_is_in_range((decimal){value});
    case HISTORY_TYPE_COUNT_64:
        return value >= 0 && value <= UINT64_MAX;
    case HISTORY_TYPE_FLAGS:
        return value >= 0 && value <= FLAGS_ALL;
    }
    return false;
}

static void unpack_level(const int128 *values, struct history_row *out)
{
    int flags = (int)values[4];

    out->level.first_id = (uint64_t)values[2];
    out->update_id = (uint64_t)values[3];
    out->level.is_snapshot = flags & FLAG_SNAPSHOT;
    out->level.follows_gap = flags & FLAG_GAP;
    out->level.update.clears = flags & FLAG_CLEARS;
    out->level.update.side = flags & FLAG_SELL ? SIDE_SELL : SIDE_BUY;
    out->level.update.price.units = values[5];
    out->level.update.size.units = values[6];
}

bool history_row_unpack(enum history_kind kind, nanos interval,
                        const int128 values[HISTORY_COLUMNS_MAX], struct history_row *out)
{
    for (int i = 0; i < layouts[kind].count; i++)
        if (UNLIKELY(!value_fits(layouts[kind].columns[i].type, values[i])))
            return false;
    out->kind = kind;
    out->time = (nanos)values[0];
    out->venue_time = (nanos)values[1];
    out->update_id = 0;
    switch (kind) {
    case HISTORY_BARS:
        if (out->time > INT64_MAX - interval)
            return false;
        out->bar = (struct bar){
            .start = (nanos)values[0],
            .interval = interval,
            .open.units = values[1],
            .high.units = values[2],
            .low.units = values[3],
            .close.units = values[4],
            .volume.units = values[5],
        };
        out->time += interval;
        out->venue_time = 0;
        break;
    case HISTORY_TRADES:
        out->trade.id = (uint64_t)values[2];
        out->trade.taker = values[3] ? SIDE_SELL : SIDE_BUY;
        out->trade.price.units = values[4];
        out->trade.size.units = values[5];
        break;
    case HISTORY_QUOTES:
        out->update_id = (uint64_t)values[2];
        out->quote = (struct quote){
            .bid.units = values[3],
            .bid_size.units = values[4],
            .ask.units = values[5],
            .ask_size.units = values[6],
        };
        break;
    case HISTORY_BOOK:
        unpack_level(values, out);
        break;
    case HISTORY_KIND_COUNT:
        return false;
    }
    return true;
}
