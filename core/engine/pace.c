/* The times of a day, oldest first, in one growing array; each window has an
 * index of its first time, which only moves forward. */
#include "engine/pace.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

struct pace {
    nanos *times;
    int64_t count, cap;
    int64_t first[PACE_WINDOW_COUNT];
};

static const struct {
    const char *name;
    nanos length;
} windows[] = {
    [PACE_SECOND] = {"second", SECONDS(1)},
    [PACE_MINUTE] = {"minute", MINUTES(1)},
    [PACE_HOUR] = {"hour", HOURS(1)},
    [PACE_DAY] = {"day", DAYS(1)},
};

struct pace *pace_new(void)
{
    return mem_new(sizeof(struct pace));
}

void pace_free(struct pace *pace)
{
    if (pace)
        mem_free(pace->times);
    mem_free(pace);
}

const char *pace_window_name(enum pace_window window)
{
    assert(window < PACE_WINDOW_COUNT);
    return windows[window].name;
}

/* Moves each window's first index past what has left it. */
static void advance(struct pace *pace, nanos now)
{
    for (int w = 0; w < PACE_WINDOW_COUNT; w++)
        while (pace->first[w] < pace->count &&
               pace->times[pace->first[w]] <= now - windows[w].length)
            pace->first[w]++;
}

/* Drops what even the day has left behind, once that is half of the array. */
static void compact(struct pace *pace)
{
    int64_t gone = pace->first[PACE_DAY];

    if (gone < 64 || gone * 2 < pace->count)
        return;
    pace->count -= gone;
    memmove(pace->times, pace->times + gone, (size_t)pace->count * sizeof pace->times[0]);
    for (int w = 0; w < PACE_WINDOW_COUNT; w++)
        pace->first[w] -= gone;
}

void pace_add(struct pace *pace, nanos time)
{
    advance(pace, time);
    compact(pace);
    if (pace->count == pace->cap) {
        pace->cap = pace->cap ? pace->cap * 2 : 64;
        pace->times = mem_resize(pace->times, (size_t)pace->cap, sizeof pace->times[0]);
    }
    pace->times[pace->count++] = time;
}

int64_t pace_count(struct pace *pace, enum pace_window window, nanos now)
{
    assert(window < PACE_WINDOW_COUNT);
    advance(pace, now);
    return pace->count - pace->first[window];
}

int64_t pace_kept(struct pace *pace, nanos now)
{
    return pace_count(pace, PACE_DAY, now);
}

nanos pace_at(const struct pace *pace, int64_t index)
{
    assert(index >= 0 && pace->first[PACE_DAY] + index < pace->count);
    return pace->times[pace->first[PACE_DAY] + index];
}
