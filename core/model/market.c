#include "model/market.h"

#include <assert.h>

/* A thousand times more than anything was ever worth. What is garbled on the way must not get
 * into products of prices and sizes. */
#define MARK_MAX D(1000000000000)

static void set_mark(struct market *market, decimal mark, nanos time)
{
    if (!decimal_is_positive(mark) || decimal_is_less(MARK_MAX, mark))
        return;
    market->mark = mark;
    market->mark_time = time;
}

static decimal middle(decimal bid, decimal ask)
{
    return (decimal){(bid.units + ask.units) / 2};
}

static bool has_both_sides(const struct quote *quote)
{
    return decimal_is_positive(quote->bid) && decimal_is_positive(quote->ask);
}

static void apply_quote(struct market *market, const struct event *event)
{
    market->quote = event->quote;
    market->quote_time = event->time;
    if (has_both_sides(&event->quote))
        set_mark(market, middle(event->quote.bid, event->quote.ask), event->time);
}

static void apply_trade(struct market *market, const struct event *event)
{
    market->trade = event->trade;
    market->trade_time = event->time;
    if (!has_both_sides(&market->quote))
        set_mark(market, event->trade.price, event->time);
}

static void apply_bar(struct market *market, const struct event *event)
{
    market->bar = event->bar;
    market->bar_time = event->time;
    if (!has_both_sides(&market->quote))
        set_mark(market, event->bar.close, event->time);
}

static void apply_book(struct market *market, const struct book_update *update)
{
    if (!market->book)
        market->book = order_book_new();
    if (update->clears)
        order_book_clear(market->book);
    else
        order_book_set_level(market->book, update->side, update->price, update->size);
}

void market_apply(struct market *market, const struct event *event)
{
    assert(event->product == market->ref);
    if (event->kind == EVENT_BAR)
        apply_bar(market, event);
    else if (event->kind == EVENT_TRADE)
        apply_trade(market, event);
    else if (event->kind == EVENT_QUOTE)
        apply_quote(market, event);
    else if (event->kind == EVENT_BOOK)
        apply_book(market, &event->book);
}

decimal market_touch(const struct market *market, enum side side)
{
    decimal touch = side == SIDE_BUY ? market->quote.ask : market->quote.bid;

    return decimal_is_positive(touch) ? touch : market->mark;
}
