#include "store/history_text.h"

#include <assert.h>
#include <inttypes.h>

/* Names of columns that store/history_schema.c knows. */
static const char *const headers[] = {
    [HISTORY_BARS] = "ts_ns,open,high,low,close,volume\n",
    [HISTORY_TRADES] = "local_ts_ns,exch_ts_ns,trade_id,price,size,taker\n",
    [HISTORY_QUOTES] = "local_ts_ns,exch_ts_ns,update_id,bid,bid_size,ask,ask_size\n",
    [HISTORY_BOOK] =
        "local_ts_ns,exch_ts_ns,first_update_id,update_id,is_snapshot,side,price,size\n",
};
static_assert(ARRAY_LEN(headers) == HISTORY_KIND_COUNT, "a header for every kind");

void history_text_header(enum history_kind kind, struct buf *out)
{
    buf_add_text(out, headers[kind]);
}

static void add_decimal(decimal value, struct buf *out)
{
    char text[DECIMAL_TEXT_MAX];

    buf_add(out, ",", 1);
    buf_add_text(out, decimal_format(value, text));
}

static void add_bar(const struct bar *bar, struct buf *out)
{
    buf_add_format(out, "%" PRId64, bar->start);
    add_decimal(bar->open, out);
    add_decimal(bar->high, out);
    add_decimal(bar->low, out);
    add_decimal(bar->close, out);
    add_decimal(bar->volume, out);
}

static void add_trade(const struct trade *trade, struct buf *out)
{
    buf_add_format(out, ",%" PRIu64, trade->id);
    add_decimal(trade->price, out);
    add_decimal(trade->size, out);
    buf_add_text(out, trade->taker == SIDE_BUY ? ",buy" : ",sell");
}

static void add_quote(const struct history_row *row, struct buf *out)
{
    buf_add_format(out, ",%" PRIu64, row->update_id);
    add_decimal(row->quote.bid, out);
    add_decimal(row->quote.bid_size, out);
    add_decimal(row->quote.ask, out);
    add_decimal(row->quote.ask_size, out);
}

static void add_level(const struct history_row *row, struct buf *out)
{
    const struct history_level *level = &row->level;

    buf_add_format(out, ",%" PRIu64 ",%" PRIu64 ",%s,%s", level->first_id, row->update_id,
                   level->is_snapshot ? "true" : "false",
                   level->update.side == SIDE_BUY ? "bid" : "ask");
    add_decimal(level->update.price, out);
    add_decimal(level->update.size, out);
}

void history_text_row(const struct history_row *row, struct buf *out)
{
    if (row->kind == HISTORY_BOOK && row->level.update.clears)
        return; /* the reader makes it from the first row of a snapshot */
    if (row->kind == HISTORY_BARS)
        add_bar(&row->bar, out);
    else
        buf_add_format(out, "%" PRId64 ",%" PRId64, row->time, row->venue_time);
    if (row->kind == HISTORY_TRADES)
        add_trade(&row->trade, out);
    else if (row->kind == HISTORY_QUOTES)
        add_quote(row, out);
    else if (row->kind == HISTORY_BOOK)
        add_level(row, out);
    buf_add(out, "\n", 1);
}
