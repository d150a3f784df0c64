/* What bars do beyond the bar before them: true range (ATR) and directional
 * movement (ADX). Wilder, New Concepts in Technical Trading Systems, 1978. */
#include "series/kind.h"
#include "series/smooth.h"
#include "series/source.h"

/* The three prices of a bar that the next one is measured by. */
struct reach {
    int128 high, low, close;
};

static struct reach reach_of(const struct bar *bar)
{
    return (struct reach){amount_units(bar->high), amount_units(bar->low),
                          amount_units(bar->close)};
}

static void reach_archive(struct reach *reach, struct archive *archive)
{
    archive_units(archive, &reach->high, EXACT_LIMIT);
    archive_units(archive, &reach->low, EXACT_LIMIT);
    archive_units(archive, &reach->close, EXACT_LIMIT);
}

/* The range of a bar with a gap from the close before it counted in. */
static int128 true_range(const struct reach *before, const struct reach *now)
{
    int128 high = now->high > before->close ? now->high : before->close;
    int128 low = now->low < before->close ? now->low : before->close;

    return high - low;
}

struct atr {
    bool has_last;
    struct reach last;
    struct smooth range;
};

static void atr_init(void *state, const double *options)
{
    struct atr *atr = state;

    atr->range = smooth_wilder((int)options[0]);
}

static void atr_update(void *state, const struct bar *bar, double *out)
{
    struct atr *atr = state;
    struct reach now = reach_of(bar);

    if (atr->has_last)
        smooth_push_units(&atr->range, true_range(&atr->last, &now));
    atr->has_last = true;
    atr->last = now;
    *out = atr->range.value;
}

static void atr_archive(void *state, struct archive *archive)
{
    struct atr *atr = state;

    archive_bool(archive, &atr->has_last);
    reach_archive(&atr->last, archive);
    smooth_archive(&atr->range, archive);
}

const struct indicator_kind atr_kind = {
    .size = sizeof(struct atr),
    .init = atr_init,
    .update = atr_update,
    .archive = atr_archive,
};

/* Wilder smooths sums (s - s/n + x) of ranges and movements; averages are those
 * sums over n, and only their ratios are used. */
struct adx {
    bool has_last;
    struct reach last;
    struct smooth range, plus, minus, index;
};

static void adx_init(void *state, const double *options)
{
    struct adx *adx = state;

    adx->range = smooth_wilder((int)options[0]);
    adx->plus = smooth_wilder((int)options[0]);
    adx->minus = smooth_wilder((int)options[0]);
    adx->index = smooth_wilder((int)options[0]);
}

/* A bar moves in one direction or none: the one in which it went further. */
static void push_movement(struct adx *adx, const struct reach *now)
{
    int128 up = now->high - adx->last.high;
    int128 down = adx->last.low - now->low;

    smooth_push_units(&adx->range, true_range(&adx->last, now));
    smooth_push_units(&adx->plus, up > down && up > 0 ? up : 0);
    smooth_push_units(&adx->minus, down > up && down > 0 ? down : 0);
}

static double percent(double part, double whole)
{
    return whole > 0 ? 100 * part / whole : 0;
}

static void adx_update(void *state, const struct bar *bar, double *out)
{
    struct adx *adx = state;
    struct reach now = reach_of(bar);

    if (adx->has_last)
        push_movement(adx, &now);
    adx->has_last = true;
    adx->last = now;
    if (!smooth_is_ready(&adx->range))
        return;
    double plus = percent(adx->plus.value, adx->range.value);
    double minus = percent(adx->minus.value, adx->range.value);
    double apart = plus > minus ? plus - minus : minus - plus;
    smooth_push(&adx->index, percent(apart, plus + minus));
    out[0] = adx->index.value;
    out[1] = plus;
    out[2] = minus;
}

static void adx_archive(void *state, struct archive *archive)
{
    struct adx *adx = state;

    archive_bool(archive, &adx->has_last);
    reach_archive(&adx->last, archive);
    smooth_archive(&adx->range, archive);
    smooth_archive(&adx->plus, archive);
    smooth_archive(&adx->minus, archive);
    smooth_archive(&adx->index, archive);
}

const struct indicator_kind adx_kind = {
    .size = sizeof(struct adx),
    .init = adx_init,
    .update = adx_update,
    .archive = adx_archive,
};
