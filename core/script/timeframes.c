#include "script/timeframes.h"

#include <assert.h>

void timeframes_init(struct timeframes *timeframes, nanos interval)
{
    *timeframes = (struct timeframes){.count = 1};
    timeframes->frames[0].interval = interval;
    timeframes->frames[0].builder = candle_builder_init(interval ? interval : MINUTES(1));
    timeframes->frames[0].series = series_set_new();
}

void timeframes_clear(struct timeframes *timeframes)
{
    for (int i = 0; i < timeframes->count; i++)
        series_set_free(timeframes->frames[i].series);
    timeframes->count = 0;
}

int timeframes_find(const struct timeframes *timeframes, nanos interval)
{
    for (int i = 0; i < timeframes->count; i++)
        if (timeframes->frames[i].interval == interval)
            return i;
    return -1;
}

int timeframes_add(struct timeframes *timeframes, nanos interval)
{
    struct frame *frame = &timeframes->frames[timeframes->count];

    assert(timeframes->count < FRAMES_MAX);
    frame->interval = interval;
    frame->builder = candle_builder_init(interval);
    frame->series = series_set_new();
    return timeframes->count++;
}

static void end_bar(struct frame *frame, const struct bar *bar)
{
    frame->bar = *bar;
    series_set_update(frame->series, bar);
}

/* Feeds a longer frame; a bar that ends exactly now is shown now, not with the next trade. */
static bool feed(struct frame *frame, const struct bar *bar)
{
    struct bar done;
    bool ended = false;

    if (frame->interval == bar->interval || frame->interval == 0) {
        end_bar(frame, bar);
        return true;
    }
    if (candle_builder_add_bar(&frame->builder, bar, &done)) {
        end_bar(frame, &done);
        ended = true;
    }
    if (candle_builder_flush(&frame->builder, bar->start + bar->interval, &done)) {
        end_bar(frame, &done);
        ended = true;
    }
    return ended;
}

/* The longer ones come first, so that a handler sees all that ended at this moment. */
bool timeframes_feed(struct timeframes *timeframes, const struct bar *bar)
{
    for (int i = timeframes->count - 1; i > 0; i--)
        feed(&timeframes->frames[i], bar);
    bool ended = feed(&timeframes->frames[0], bar);
    if (ended)
        timeframes->bar = &timeframes->frames[0].bar;
    return ended;
}

/* A longer bar may have begun before the first of the shorter ones that are there. */
static int64_t warm_up_of(const struct frame *frame, nanos interval)
{
    int64_t bars = series_set_warm_up(frame->series);

    if (bars == 0 || frame->interval <= interval || interval == 0)
        return bars;
    return (bars + 1) * (frame->interval / interval);
}

int64_t timeframes_warm_up(const struct timeframes *timeframes, nanos interval)
{
    int64_t most = 0;

    for (int i = 0; i < timeframes->count; i++) {
        int64_t bars = warm_up_of(&timeframes->frames[i], interval);
        most = bars > most ? bars : most;
    }
    return most;
}

bool timeframes_are_ready(const struct timeframes *timeframes)
{
    bool ready = true;

    for (int i = 0; i < timeframes->count; i++)
        ready = ready && series_set_is_ready(timeframes->frames[i].series);
    return ready;
}
