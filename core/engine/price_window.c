#include "engine/price_window.h"

#include <assert.h>

#include "base/mem.h"

struct close {
    nanos time;
    decimal price;
};

struct price_window {
    int64_t length, count; /* count of all that ever came */
    struct close items[];
};

struct price_window *price_window_new(int64_t length)
{
    assert(length > 1 && length < 100000);
    struct price_window *window =
        mem_new(sizeof *window + (size_t)length * sizeof window->items[0]);

    window->length = length;
    return window;
}

void price_window_free(struct price_window *window)
{
    mem_free(window);
}

void price_window_add(struct price_window *window, nanos time, decimal close)
{
    window->items[window->count++ % window->length] = (struct close){time, close};
}

static int64_t held(const struct price_window *window)
{
    return window->count < window->length ? window->count : window->length;
}

/* 0 is the latest. */
static const struct close *at(const struct price_window *window, int64_t back)
{
    return &window->items[(window->count - 1 - back) % window->length];
}

bool price_window_spread(const struct price_window *window, int64_t length, decimal *out)
{
    decimal sum = DECIMAL_ZERO, mean, furthest = DECIMAL_ZERO;

    if (held(window) < length)
        return false;
    for (int64_t i = 0; i < length; i++)
        if (!decimal_try_add(sum, at(window, i)->price, &sum))
            return false;
    mean = decimal_div(sum, decimal_from_int(length), ROUND_HALF_EVEN);
    for (int64_t i = 0; i < length; i++)
        furthest = decimal_max(furthest, decimal_abs(decimal_sub(at(window, i)->price, mean)));
    return decimal_try_div(furthest, mean, ROUND_UP, out);
}

/* ---- correlation ---- */

enum { CHANGE_MAX = 1000000000 }; /* a thousandfold, in millionths */

/* (now - before) / before in millionths. */
static int64_t change(decimal before, decimal now)
{
    decimal share;

    if (!decimal_try_div(decimal_sub(now, before), before, ROUND_HALF_EVEN, &share))
        return 0;
    int128 millionths = share.units / (DECIMAL_ONE / 1000000);
    if (millionths > CHANGE_MAX)
        return CHANGE_MAX;
    return millionths < -CHANGE_MAX ? -CHANGE_MAX : (int64_t)millionths;
}

static int128 square_root(int128 n)
{
    int128 root = 0;

    for (int128 bit = (int128)1 << 62; bit; bit >>= 1)
        if ((root + bit) * (root + bit) <= n)
            root += bit;
    return root;
}

/* Sums over pairs of changes; with changes up to 1e9 and 1e5 of them far inside 128 bits. */
struct sums {
    int64_t n;
    int128 x, y, xx, yy, xy;
};

static void add_pair(struct sums *sums, int64_t x, int64_t y)
{
    sums->n++;
    sums->x += x;
    sums->y += y;
    sums->xx += (int128)x * x;
    sums->yy += (int128)y * y;
    sums->xy += (int128)x * y;
}

/* Steps both back to the next time that they share. */
static bool align(const struct price_window *a, int64_t *i, const struct price_window *b,
                  int64_t *k)
{
    while (*i < held(a) && *k < held(b)) {
        nanos x = at(a, *i)->time, y = at(b, *k)->time;
        if (x == y)
            return true;
        if (x > y)
            ++*i;
        else
            ++*k;
    }
    return false;
}

bool price_window_correlation(const struct price_window *a, const struct price_window *b,
                              int64_t length, int64_t *out)
{
    struct sums s = {0};
    int64_t i = 0, k = 0;

    if (!align(a, &i, b, &k))
        return false;
    while (s.n < length - 1) {
        const struct close *x = at(a, i++), *y = at(b, k++);
        if (!align(a, &i, b, &k))
            return false;
        add_pair(&s, change(at(a, i)->price, x->price), change(at(b, k)->price, y->price));
    }
    int128 deviations =
        square_root(s.n * s.xx - s.x * s.x) * square_root(s.n * s.yy - s.y * s.y);
    if (deviations == 0)
        return false;
    int128 r = (s.n * s.xy - s.x * s.y) * 1000000 / deviations;
    *out = r > 1000000 ? 1000000 : r < -1000000 ? -1000000 : (int64_t)r;
    return true;
}
