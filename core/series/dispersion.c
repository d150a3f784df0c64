/* How far prices lie from their mean: standard deviation, Bollinger bands, z-score. */
#include "series/deviation.h"
#include "series/kind.h"
#include "series/source.h"

struct stddev {
    enum source source;
    struct deviation deviation;
};

static void stddev_init(void *state, const double *options)
{
    struct stddev *stddev = state;

    deviation_init(&stddev->deviation, (int)options[0], (enum deviation_kind)options[1]);
    stddev->source = (enum source)options[2];
}

static void stddev_clear(void *state)
{
    struct stddev *stddev = state;

    deviation_clear(&stddev->deviation);
}

static void stddev_update(void *state, const struct bar *bar, double *out)
{
    struct stddev *stddev = state;

    deviation_push(&stddev->deviation, source_units(bar, stddev->source));
    *out = deviation_value(&stddev->deviation);
}

static void stddev_archive(void *state, struct archive *archive)
{
    struct stddev *stddev = state;

    deviation_archive(&stddev->deviation, archive);
}

const struct indicator_kind stddev_kind = {
    .size = sizeof(struct stddev),
    .init = stddev_init,
    .clear = stddev_clear,
    .update = stddev_update,
    .archive = stddev_archive,
};

struct bollinger {
    enum source source;
    double multiple;
    struct deviation deviation;
};

static void bollinger_init(void *state, const double *options)
{
    struct bollinger *bollinger = state;

    deviation_init(&bollinger->deviation, (int)options[0], (enum deviation_kind)options[2]);
    bollinger->multiple = options[1];
    bollinger->source = (enum source)options[3];
}

static void bollinger_clear(void *state)
{
    struct bollinger *bollinger = state;

    deviation_clear(&bollinger->deviation);
}

static void bollinger_update(void *state, const struct bar *bar, double *out)
{
    struct bollinger *bollinger = state;

    deviation_push(&bollinger->deviation, source_units(bar, bollinger->source));
    double middle = window_mean(&bollinger->deviation.window);
    double reach = bollinger->multiple * deviation_value(&bollinger->deviation);
    out[0] = middle;
    out[1] = middle + reach;
    out[2] = middle - reach;
    out[3] = middle == 0 ? 0 : 2 * reach / middle;
}

static void bollinger_archive(void *state, struct archive *archive)
{
    struct bollinger *bollinger = state;

    deviation_archive(&bollinger->deviation, archive);
}

const struct indicator_kind bollinger_kind = {
    .size = sizeof(struct bollinger),
    .init = bollinger_init,
    .clear = bollinger_clear,
    .update = bollinger_update,
    .archive = bollinger_archive,
};

struct zscore {
    enum source source;
    struct deviation deviation;
};

static void zscore_init(void *state, const double *options)
{
    struct zscore *zscore = state;

    deviation_init(&zscore->deviation, (int)options[0], DEVIATION_SAMPLE);
    zscore->source = (enum source)options[1];
}

static void zscore_clear(void *state)
{
    struct zscore *zscore = state;

    deviation_clear(&zscore->deviation);
}

/* The distance from the mean is (n * x - sum) / n, rounded once: a price a hair from its mean
 * keeps its sign and its digits. */
static void zscore_update(void *state, const struct bar *bar, double *out)
{
    struct zscore *zscore = state;
    const struct window *window = &zscore->deviation.window;
    int128 units = source_units(bar, zscore->source);

    deviation_push(&zscore->deviation, units);
    double deviation = deviation_value(&zscore->deviation);
    double distance = exact_mean(window->length * units - window->sum, &window->by_length);
    *out = deviation > 0 ? distance / deviation : 0;
}

static void zscore_archive(void *state, struct archive *archive)
{
    struct zscore *zscore = state;

    deviation_archive(&zscore->deviation, archive);
}

const struct indicator_kind zscore_kind = {
    .size = sizeof(struct zscore),
    .init = zscore_init,
    .clear = zscore_clear,
    .update = zscore_update,
    .archive = zscore_archive,
};
