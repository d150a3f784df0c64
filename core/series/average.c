/* Averages of one series: simple, exponential, linearly weighted. */
#include "series/kind.h"
#include "series/smooth.h"
#include "series/source.h"
#include "series/window.h"

struct sma {
    enum source source;
    struct window window;
};

static void sma_init(void *state, const double *options)
{
    struct sma *sma = state;

    window_init(&sma->window, (int)options[0]);
    sma->source = (enum source)options[1];
}

static void sma_clear(void *state)
{
    struct sma *sma = state;

    window_clear(&sma->window);
}

static void sma_update(void *state, const struct bar *bar, double *out)
{
    struct sma *sma = state;

    window_push(&sma->window, source_units(bar, sma->source));
    *out = window_mean(&sma->window);
}

static void sma_archive(void *state, struct archive *archive)
{
    struct sma *sma = state;

    window_archive(&sma->window, archive);
}

const struct indicator_kind sma_kind = {
    .size = sizeof(struct sma),
    .init = sma_init,
    .clear = sma_clear,
    .update = sma_update,
    .archive = sma_archive,
};

struct ema {
    enum source source;
    struct smooth average;
};

static void ema_init(void *state, const double *options)
{
    struct ema *ema = state;

    ema->average = smooth_ema((int)options[0]);
    ema->source = (enum source)options[1];
}

static void ema_update(void *state, const struct bar *bar, double *out)
{
    struct ema *ema = state;

    smooth_push_units(&ema->average, source_units(bar, ema->source));
    *out = ema->average.value;
}

static void ema_archive(void *state, struct archive *archive)
{
    struct ema *ema = state;

    smooth_archive(&ema->average, archive);
}

const struct indicator_kind ema_kind = {
    .size = sizeof(struct ema),
    .init = ema_init,
    .update = ema_update,
    .archive = ema_archive,
};

/* Weights 1 for the oldest to n for the latest. A new amount takes one weight
 * from each of the n before it, which is their plain sum, and brings n of its own. */
struct wma {
    enum source source;
    struct window window;
    int128 weighted;
    struct divisor by_weights;
};

static void wma_init(void *state, const double *options)
{
    struct wma *wma = state;
    uint64_t length = (uint64_t)options[0];

    window_init(&wma->window, (int)length);
    wma->by_weights = divisor_init(length * (length + 1) / 2);
    wma->source = (enum source)options[1];
}

static void wma_clear(void *state)
{
    struct wma *wma = state;

    window_clear(&wma->window);
}

static void wma_update(void *state, const struct bar *bar, double *out)
{
    struct wma *wma = state;
    int128 units = source_units(bar, wma->source);

    wma->weighted += wma->window.length * units - wma->window.sum;
    window_push(&wma->window, units);
    *out = exact_mean(wma->weighted, &wma->by_weights);
}

static void wma_archive(void *state, struct archive *archive)
{
    struct wma *wma = state;
    int length = wma->window.length;

    window_archive(&wma->window, archive);
    if (!archive_is_loading(archive))
        return;
    wma->weighted = 0;
    for (int ago = 0; ago < length; ago++)
        wma->weighted += (length - ago) * window_at(&wma->window, ago);
}

const struct indicator_kind wma_kind = {
    .size = sizeof(struct wma),
    .init = wma_init,
    .clear = wma_clear,
    .update = wma_update,
    .archive = wma_archive,
};
