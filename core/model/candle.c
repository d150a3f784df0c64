#include "model/candle.h"

#include <assert.h>

bool bar_is_sane(const struct bar *bar)
{
    decimal top = decimal_max(bar->open, bar->close);
    decimal bottom = decimal_min(bar->open, bar->close);

    return decimal_is_positive(bar->low) && !decimal_is_less(bottom, bar->low) &&
           !decimal_is_less(bar->high, top) && !decimal_is_negative(bar->volume);
}

struct candle_builder candle_builder_init(nanos interval)
{
    assert(interval > 0);
    return (struct candle_builder){.interval = interval, .open_from = INT64_MIN};
}

/* Start of the interval that holds the time, also before 1970. */
static nanos start_of(nanos time, nanos interval)
{
    nanos past = time % interval;

    return time - (past < 0 ? past + interval : past);
}

static void begin(struct candle_builder *builder, const struct bar *piece, nanos start)
{
    builder->bar = *piece;
    builder->bar.start = start;
    builder->bar.interval = builder->interval;
    builder->has_bar = true;
    builder->open_from = start;
}

static void merge(struct bar *bar, const struct bar *piece, bool is_late)
{
    bar->high = decimal_max(bar->high, piece->high);
    bar->low = decimal_min(bar->low, piece->low);
    bar->volume = decimal_add(bar->volume, piece->volume);
    if (!is_late)
        bar->close = piece->close;
}

/* A trade is a piece too: a bar without length. */
static bool add(struct candle_builder *builder, const struct bar *piece, struct bar *done)
{
    nanos start = start_of(piece->start, builder->interval);
    bool is_late = start < builder->open_from;

    if (is_late)
        start = builder->open_from;
    bool completes = builder->has_bar && start > builder->bar.start;
    if (completes)
        *done = builder->bar;
    if (completes || !builder->has_bar)
        begin(builder, piece, start);
    else
        merge(&builder->bar, piece, is_late);
    return completes;
}

bool candle_builder_add_trade(struct candle_builder *builder, nanos time, decimal price,
                              decimal size, struct bar *done)
{
    struct bar piece = {.start = time,
                        .open = price,
                        .high = price,
                        .low = price,
                        .close = price,
                        .volume = size};

    return add(builder, &piece, done);
}

bool candle_builder_add_bar(struct candle_builder *builder, const struct bar *bar,
                            struct bar *done)
{
    assert(bar->interval > 0 && builder->interval % bar->interval == 0);
    return add(builder, bar, done);
}

bool candle_builder_flush(struct candle_builder *builder, nanos now, struct bar *done)
{
    nanos end = builder->bar.start + builder->interval;

    if (!builder->has_bar || now < end)
        return false;
    *done = builder->bar;
    builder->has_bar = false;
    builder->open_from = end;
    return true;
}
