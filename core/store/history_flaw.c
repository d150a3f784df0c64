#include "store/history_flaw.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

static const struct {
    const char *name;
    bool is_fatal;
    const char *text, *remedy;
} flaws[] = {
    [HISTORY_FLAW_UNREADABLE] = {"unreadable", true, "rows that cannot be read",
                                 "correct or remove such rows"},
    [HISTORY_FLAW_DISORDER] = {"disorder", true, "rows older than the row before",
                               "sort the file: perigee data import --sort"},
    [HISTORY_FLAW_DUPLICATE] = {"duplicate", true, "bars or trades that occur again",
                                "remove one of the two"},
    [HISTORY_FLAW_OVERLAP] = {"overlap", true,
                              "bars that begin before the bar before has ended",
                              "give the right --interval, or remove such rows"},
    [HISTORY_FLAW_OHLC] = {"bad_ohlc", true,
                           "bars whose high or low does not enclose the other prices",
                           "correct or remove such rows"},
    [HISTORY_FLAW_PRICE] = {"bad_price", true, "prices that are not positive",
                            "correct or remove such rows"},
    [HISTORY_FLAW_SIZE] = {"bad_size", true,
                           "sizes or volumes that are negative or, of trades, zero",
                           "correct or remove such rows"},
    [HISTORY_FLAW_GAP] = {"gap", false, "places where bars, trades or book changes are missing",
                          NULL},
    [HISTORY_FLAW_MISALIGNED] = {"misaligned", false,
                                 "bars that do not start at a multiple of their interval (UTC)",
                                 NULL},
    [HISTORY_FLAW_CROSSED] = {"crossed", false, "quotes whose bid is above the ask", NULL},
    [HISTORY_FLAW_SKEW] = {"clock_skew", false,
                           "rows received before the venue says it sent them", NULL},
};
static_assert(ARRAY_LEN(flaws) == HISTORY_FLAW_COUNT, "name every flaw");

const char *history_flaw_name(enum history_flaw flaw)
{
    assert(flaw < HISTORY_FLAW_COUNT);
    return flaws[flaw].name;
}

const char *history_flaw_text(enum history_flaw flaw)
{
    assert(flaw < HISTORY_FLAW_COUNT);
    return flaws[flaw].text;
}

const char *history_flaw_remedy(enum history_flaw flaw)
{
    assert(flaw < HISTORY_FLAW_COUNT);
    return flaws[flaw].remedy;
}

bool history_flaw_is_fatal(enum history_flaw flaw)
{
    assert(flaw < HISTORY_FLAW_COUNT);
    return flaws[flaw].is_fatal;
}

/* The number that should go up by one from row to row; 0 where there is none. A book message
 * has several rows with the same numbers. */
static uint64_t row_id(const struct history_row *row)
{
    if (row->kind == HISTORY_TRADES)
        return row->trade.id;
    return row->kind == HISTORY_BOOK ? row->update_id : 0;
}

static uint64_t row_first_id(const struct history_row *row)
{
    return row->kind == HISTORY_BOOK ? row->level.first_id : row_id(row);
}

uint64_t history_track_missing(const struct history_track *track, const struct history_row *row)
{
    if (!track->has_row)
        return 0;
    if (row->kind == HISTORY_BARS) {
        nanos distance = row->bar.start - track->key;
        return distance > row->bar.interval && row->bar.interval > 0
                   ? (uint64_t)((distance - 1) / row->bar.interval)
                   : 0;
    }
    if (row->kind == HISTORY_BOOK && row->level.is_snapshot)
        return 0;
    uint64_t first = row_first_id(row);
    return track->id > 0 && first > track->id + 1 ? first - track->id - 1 : 0;
}

static uint32_t judge_order(const struct history_track *track, const struct history_row *row)
{
    nanos key = history_row_key(row);
    uint32_t found = 0;

    if (!track->has_row)
        return 0;
    if (key < track->key)
        return HISTORY_FLAW_BIT(HISTORY_FLAW_DISORDER);
    if (row->kind == HISTORY_BARS && key == track->key)
        return HISTORY_FLAW_BIT(HISTORY_FLAW_DUPLICATE);
    if (row->kind == HISTORY_BARS && key - track->key < row->bar.interval)
        found |= HISTORY_FLAW_BIT(HISTORY_FLAW_OVERLAP);
    if (row->kind == HISTORY_TRADES && row->trade.id != 0 && row->trade.id == track->id)
        found |= HISTORY_FLAW_BIT(HISTORY_FLAW_DUPLICATE);
    if (history_track_missing(track, row) > 0)
        found |= HISTORY_FLAW_BIT(HISTORY_FLAW_GAP);
    return found;
}

static uint32_t flag(bool is_found, enum history_flaw flaw)
{
    return is_found ? HISTORY_FLAW_BIT(flaw) : 0;
}

static uint32_t judge_bar(const struct bar *bar)
{
    decimal top = decimal_max(bar->open, bar->close);
    decimal bottom = decimal_min(bar->open, bar->close);
    decimal least = decimal_min(decimal_min(bottom, bar->low), bar->high);

    return flag(decimal_is_less(bar->high, top) || decimal_is_less(bottom, bar->low) ||
                    decimal_is_less(bar->high, bar->low),
                HISTORY_FLAW_OHLC) |
           flag(!decimal_is_positive(least), HISTORY_FLAW_PRICE) |
           flag(decimal_is_negative(bar->volume), HISTORY_FLAW_SIZE) |
           flag(bar->interval > 0 && bar->start % bar->interval != 0, HISTORY_FLAW_MISALIGNED);
}

/* A side of the book that is empty is quoted as price zero and size zero. */
static bool quote_side_is_priced(decimal price, decimal size)
{
    return decimal_is_positive(price) || (decimal_is_zero(price) && decimal_is_zero(size));
}

static uint32_t judge_quote(const struct quote *quote)
{
    return flag(!quote_side_is_priced(quote->bid, quote->bid_size) ||
                    !quote_side_is_priced(quote->ask, quote->ask_size),
                HISTORY_FLAW_PRICE) |
           flag(decimal_is_negative(quote->bid_size) || decimal_is_negative(quote->ask_size),
                HISTORY_FLAW_SIZE) |
           flag(decimal_is_positive(quote->ask) && decimal_is_less(quote->ask, quote->bid),
                HISTORY_FLAW_CROSSED);
}

static uint32_t judge_values(const struct history_row *row)
{
    switch (row->kind) {
    case HISTORY_BARS:
        return judge_bar(&row->bar);
    case HISTORY_TRADES:
        return flag(!decimal_is_positive(row->trade.price), HISTORY_FLAW_PRICE) |
               flag(!decimal_is_positive(row->trade.size), HISTORY_FLAW_SIZE);
    case HISTORY_QUOTES:
        return judge_quote(&row->quote);
    case HISTORY_BOOK:
        if (row->level.update.clears)
            return 0;
        return flag(!decimal_is_positive(row->level.update.price), HISTORY_FLAW_PRICE) |
               flag(decimal_is_negative(row->level.update.size), HISTORY_FLAW_SIZE);
    case HISTORY_KIND_COUNT:
        break;
    }
    return 0;
}

uint32_t history_track_judge(const struct history_track *track, const struct history_row *row)
{
    return judge_order(track, row) | judge_values(row) |
           flag(row->venue_time > row->time, HISTORY_FLAW_SKEW);
}

void history_track_add(struct history_track *track, const struct history_row *row)
{
    track->has_row = true;
    track->key = history_row_key(row);
    track->id = row_id(row);
}

/* Sentences */

struct decimal_text {
    char text[DECIMAL_TEXT_MAX];
};

static struct decimal_text as_text(decimal value)
{
    struct decimal_text out;

    decimal_format(value, out.text);
    return out;
}

static void explain_order(const char *format, const struct history_track *track,
                          const struct history_row *row, char *out)
{
    char now[NANOS_TEXT_MAX], before[NANOS_TEXT_MAX];

    snprintf(out, HISTORY_FLAW_TEXT_MAX, format, nanos_format(history_row_key(row), now),
             nanos_format(track->key, before));
}

static void explain_overlap(const struct history_track *track, const struct history_row *row,
                            char *out)
{
    char distance[NANOS_TEXT_MAX], interval[NANOS_TEXT_MAX];

    snprintf(out, HISTORY_FLAW_TEXT_MAX,
             "the bar begins %s after the one before it, but bars are %s long",
             nanos_format_duration(row->bar.start - track->key, distance),
             nanos_format_duration(row->bar.interval, interval));
}

static void explain_gap(const struct history_track *track, const struct history_row *row,
                        char *out)
{
    static const char *const what[] = {"bars", "trades", "quotes", "book messages"};
    char before[NANOS_TEXT_MAX];

    snprintf(out, HISTORY_FLAW_TEXT_MAX, "%" PRIu64 " %s are missing after %s",
             history_track_missing(track, row), what[row->kind],
             nanos_format(track->key, before));
}

static void explain_values(const struct history_row *row, char *out)
{
    switch (row->kind) {
    case HISTORY_BARS:
        snprintf(out, HISTORY_FLAW_TEXT_MAX, "open %s, high %s, low %s, close %s, volume %s",
                 as_text(row->bar.open).text, as_text(row->bar.high).text,
                 as_text(row->bar.low).text, as_text(row->bar.close).text,
                 as_text(row->bar.volume).text);
        break;
    case HISTORY_TRADES:
        snprintf(out, HISTORY_FLAW_TEXT_MAX, "price %s, size %s",
                 as_text(row->trade.price).text, as_text(row->trade.size).text);
        break;
    case HISTORY_QUOTES:
        snprintf(out, HISTORY_FLAW_TEXT_MAX, "bid %s of %s, ask %s of %s",
                 as_text(row->quote.bid).text, as_text(row->quote.bid_size).text,
                 as_text(row->quote.ask).text, as_text(row->quote.ask_size).text);
        break;
    case HISTORY_BOOK:
        snprintf(out, HISTORY_FLAW_TEXT_MAX, "%s level, price %s, size %s",
                 row->level.update.side == SIDE_BUY ? "bid" : "ask",
                 as_text(row->level.update.price).text, as_text(row->level.update.size).text);
        break;
    case HISTORY_KIND_COUNT:
        break;
    }
}

static void explain_own(const char *complaint, const struct history_row *row, char *out)
{
    char values[HISTORY_FLAW_TEXT_MAX];

    explain_values(row, values);
    snprintf(out, HISTORY_FLAW_TEXT_MAX, "%.60s: %.160s", complaint, values);
}

static void explain_times(const struct history_row *row, char *out)
{
    char span[NANOS_TEXT_MAX], time[NANOS_TEXT_MAX];

    if (row->venue_time > row->time)
        snprintf(out, HISTORY_FLAW_TEXT_MAX, "received %s before the venue's own stamp",
                 nanos_format_duration(row->venue_time - row->time, span));
    else
        snprintf(out, HISTORY_FLAW_TEXT_MAX, "the bar starts at %s, which is no multiple of %s",
                 nanos_format(history_row_key(row), time),
                 nanos_format_duration(row->bar.interval, span));
}

void history_flaw_explain(enum history_flaw flaw, const struct history_track *track,
                          const struct history_row *row, char out[HISTORY_FLAW_TEXT_MAX])
{
    switch (flaw) {
    case HISTORY_FLAW_DISORDER:
        explain_order("%s is older than the row before it (%s)", track, row, out);
        break;
    case HISTORY_FLAW_DUPLICATE:
        explain_order("%s occurs a second time, after %s", track, row, out);
        break;
    case HISTORY_FLAW_OVERLAP:
        explain_overlap(track, row, out);
        break;
    case HISTORY_FLAW_OHLC:
        explain_own("high or low does not enclose the other prices", row, out);
        break;
    case HISTORY_FLAW_PRICE:
        explain_own("a price is not positive", row, out);
        break;
    case HISTORY_FLAW_SIZE:
        explain_own(row->kind == HISTORY_TRADES ? "the size is not positive"
                                                : "a size or volume is negative",
                    row, out);
        break;
    case HISTORY_FLAW_GAP:
        explain_gap(track, row, out);
        break;
    case HISTORY_FLAW_CROSSED:
        explain_own("the bid is above the ask", row, out);
        break;
    case HISTORY_FLAW_MISALIGNED:
    case HISTORY_FLAW_SKEW:
        explain_times(row, out);
        break;
    case HISTORY_FLAW_UNREADABLE:
    case HISTORY_FLAW_COUNT:
        out[0] = '\0';
        break;
    }
}

enum err history_track_accept(struct history_track *track, const struct history_row *row,
                              struct fault *why)
{
    char text[HISTORY_FLAW_TEXT_MAX];
    uint32_t found = history_track_judge(track, row);

    for (int i = 0; found >> i != 0; i++) {
        enum history_flaw flaw = (enum history_flaw)i;
        if (!(found & HISTORY_FLAW_BIT(flaw)) || !history_flaw_is_fatal(flaw))
            continue;
        history_flaw_explain(flaw, track, row, text);
        return fail(why, ERR_REFUSED, "%s; %s", text, history_flaw_remedy(flaw));
    }
    history_track_add(track, row);
    return OK;
}
