/* The last `length` amounts of a series and their exact sum. Starts as zeros:
 * whether enough amounts came in is the owner's business. */
#ifndef SERIES_WINDOW_H
#define SERIES_WINDOW_H

#include "series/archive.h"
#include "series/exact.h"

/* Long enough for a week of minutes. */
enum { WINDOW_LENGTH_MAX = 10080 };

struct window {
    int length, next; /* next: the oldest, about to be replaced */
    int128 *values;
    int128 sum;
    struct divisor by_length;
};

void window_init(struct window *window, int length);
void window_clear(struct window *window);

/* Takes one amount and returns the one that left, `length` amounts ago. */
static inline int128 window_push(struct window *window, int128 units)
{
    int128 *slot = &window->values[window->next];
    int128 left = *slot;

    *slot = units;
    window->sum += units - left;
    window->next++;
    if (window->next == window->length)
        window->next = 0;
    return left;
}

/* The amount `ago` steps before the latest one; 0 <= ago < length. */
static inline int128 window_at(const struct window *window, int ago)
{
    int slot = window->next - 1 - ago;

    return window->values[slot < 0 ? slot + window->length : slot];
}

static inline double window_mean(const struct window *window)
{
    return exact_mean(window->sum, &window->by_length);
}

void window_archive(struct window *window, struct archive *archive);

#endif
