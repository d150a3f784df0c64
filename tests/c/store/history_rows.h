/* Rows of market history as the tests make, print and compare them. */
#ifndef TESTS_STORE_HISTORY_ROWS_H
#define TESTS_STORE_HISTORY_ROWS_H

#include <inttypes.h>

#include "base/rng.h"
#include "files.h"
#include "store/history.h"
#include "store/history_writer.h"

/* "time what..." as a person would note it down. */
static inline const char *row_text(const struct history_row *row, char out[400])
{
    char time[NANOS_TEXT_MAX], number[5][DECIMAL_TEXT_MAX];
    const struct history_level *level = &row->level;

    nanos_format(row->time, time);
    switch (row->kind) {
    case HISTORY_BARS:
        snprintf(
            out, 400, "%s bar %s %s %s %s %s", time, decimal_format(row->bar.open, number[0]),
            decimal_format(row->bar.high, number[1]), decimal_format(row->bar.low, number[2]),
            decimal_format(row->bar.close, number[3]),
            decimal_format(row->bar.volume, number[4]));
        break;
    case HISTORY_TRADES:
        snprintf(out, 400, "%s %s %s at %s id %" PRIu64, time,
                 row->trade.taker == SIDE_BUY ? "buy" : "sell",
                 decimal_format(row->trade.size, number[0]),
                 decimal_format(row->trade.price, number[1]), row->trade.id);
        break;
    case HISTORY_QUOTES:
        snprintf(out, 400, "%s bid %s of %s, ask %s of %s, id %" PRIu64, time,
                 decimal_format(row->quote.bid, number[0]),
                 decimal_format(row->quote.bid_size, number[1]),
                 decimal_format(row->quote.ask, number[2]),
                 decimal_format(row->quote.ask_size, number[3]), row->update_id);
        break;
    default:
        snprintf(out, 400, "%s %s%s %s of %s, id %" PRIu64 "%s", time,
                 level->is_snapshot ? "snapshot " : "",
                 level->update.clears             ? "clear"
                 : level->update.side == SIDE_BUY ? "bid"
                                                  : "ask",
                 decimal_format(level->update.price, number[0]),
                 decimal_format(level->update.size, number[1]), row->update_id,
                 level->follows_gap ? " gap" : "");
    }
    return out;
}

/* All rows of some files, one a line, or the message of the failure. */
static inline const char *rows_of_inputs(const struct history_input *inputs, int count,
                                         nanos from, nanos to)
{
    static char out[20000];
    char text[400];
    struct history *history;
    struct history_row row;
    struct fault why;
    bool has = true;
    size_t n = 0;

    out[0] = '\0';
    if (history_open(inputs, count, from, to, &history, &why))
        return strcpy(out, why.text);
    while (has) {
        if (history_next(history, &row, &has, &why)) {
            assert_int_equal(history_next(history, &row, &has, NULL), why.code);
            strcpy(out, why.text);
            break;
        }
        if (has && n < sizeof out)
            n += (size_t)snprintf(out + n, sizeof out - n, "%s\n", row_text(&row, text));
    }
    history_close(history);
    return out;
}

static inline const char *rows_of(const char *path)
{
    return rows_of_inputs(&(struct history_input){.path = path}, 1, 0, 0);
}

static inline void assert_row_equal(const struct history_row *a, const struct history_row *b)
{
    char left[400], right[400];

    assert_int_equal(a->kind, b->kind);
    assert_string_equal(row_text(a, left), row_text(b, right));
    assert_int_equal(a->venue_time, b->venue_time);
    if (a->kind == HISTORY_BARS)
        assert_int_equal(a->bar.interval, b->bar.interval);
    if (a->kind == HISTORY_BOOK)
        assert_int_equal(a->level.first_id, b->level.first_id);
}

/* A positive decimal of a random size and fineness. */
static inline decimal random_price(struct rng *rng)
{
    static const char *const steps[] = {"0.01", "0.000000000001", "5", "0.05", "1000000000"};
    int128 step = dec(steps[rng_below(rng, ARRAY_LEN(steps))]).units;

    return (decimal){step * (int128)(1 + (rng_next(rng) >> (24 + rng_below(rng, 40))))};
}

/* The row after `row`, of its kind, with random contents that no check refuses. */
static inline void make_next_row(struct rng *rng, struct history_row *row)
{
    decimal a = random_price(rng), b = random_price(rng), c = random_price(rng);
    uint64_t id_before = row->update_id;
    nanos step = (nanos)rng_below(rng, 5) * (nanos)rng_below(rng, SECONDS(1));

    if (row->kind == HISTORY_BARS) {
        row->bar.start += row->bar.interval * (nanos)(1 + rng_below(rng, 3));
        row->time = row->bar.start + row->bar.interval;
        row->bar.open = a;
        row->bar.close = b;
        row->bar.high = decimal_max(a, b);
        row->bar.low = decimal_min(a, b);
        row->bar.volume = rng_chance(rng, 0.1) ? DECIMAL_ZERO : c;
        return;
    }
    row->time += step;
    row->venue_time = rng_chance(rng, 0.5) ? row->time + SECONDS(1) : 0;
    row->update_id = row->kind == HISTORY_TRADES ? 0 : row->update_id + 1 + rng_below(rng, 9);
    if (row->kind == HISTORY_TRADES)
        row->trade = (struct trade){.price = a,
                                    .size = b,
                                    .taker = rng_chance(rng, 0.5) ? SIDE_BUY : SIDE_SELL,
                                    .id = row->trade.id + 1 + rng_below(rng, 9)};
    else if (row->kind == HISTORY_QUOTES)
        row->quote = (struct quote){a, b, c, b};
    else
        row->level = (struct history_level){
            .update = {.side = rng_chance(rng, 0.5) ? SIDE_BUY : SIDE_SELL,
                       .price = a,
                       .size = rng_chance(rng, 0.3) ? DECIMAL_ZERO : b},
            .first_id = id_before + 1,
        };
}

static inline struct history_row first_row(enum history_kind kind)
{
    struct history_row row = {.kind = kind, .time = DAYS(17000)};

    if (kind == HISTORY_BARS)
        row.bar = (struct bar){.start = DAYS(17000), .interval = MINUTES(5)};
    return row;
}

/* A columnar file of so many random rows. */
static inline const char *write_random(const char *name, enum history_kind kind, int rows,
                                       struct rng *rng)
{
    const char *path = tmp_path(name);
    struct history_writer *writer;
    struct history_row row = first_row(kind);
    struct fault why;

    assert_int_equal(history_writer_open(path, kind, "BTC-USD",
                                         kind == HISTORY_BARS ? MINUTES(5) : 0, &writer, &why),
                     OK);
    for (int i = 0; i < rows; i++) {
        make_next_row(rng, &row);
        if (history_writer_add(writer, &row, &why))
            fail_msg("%s", why.text);
    }
    if (history_writer_commit(writer, &why))
        fail_msg("%s", why.text);
    history_writer_close(writer);
    return path;
}

#endif
