/* How far and how fast a price has moved: RSI, MACD, stochastic, rate of change. */
#include "base/mem.h"
#include "series/extreme.h"
#include "series/kind.h"
#include "series/smooth.h"
#include "series/source.h"
#include "series/window.h"

struct rsi {
    enum source source;
    bool has_last;
    int128 last;
    struct smooth gain, loss;
};

static void rsi_init(void *state, const double *options)
{
    struct rsi *rsi = state;

    rsi->gain = smooth_wilder((int)options[0]);
    rsi->loss = smooth_wilder((int)options[0]);
    rsi->source = (enum source)options[1];
}

/* 100 - 100 / (1 + gain / loss), without the infinity of its inner quotient. */
static double strength(double gain, double loss)
{
    return loss > 0 ? 100 * gain / (gain + loss) : 100;
}

static void rsi_update(void *state, const struct bar *bar, double *out)
{
    struct rsi *rsi = state;
    int128 units = source_units(bar, rsi->source), change = units - rsi->last;

    rsi->last = units;
    if (!rsi->has_last) {
        rsi->has_last = true;
        return;
    }
    smooth_push_units(&rsi->gain, change > 0 ? change : 0);
    smooth_push_units(&rsi->loss, change < 0 ? -change : 0);
    *out = strength(rsi->gain.value, rsi->loss.value);
}

static void rsi_archive(void *state, struct archive *archive)
{
    struct rsi *rsi = state;

    archive_bool(archive, &rsi->has_last);
    archive_units(archive, &rsi->last, EXACT_LIMIT);
    smooth_archive(&rsi->gain, archive);
    smooth_archive(&rsi->loss, archive);
}

const struct indicator_kind rsi_kind = {
    .size = sizeof(struct rsi),
    .init = rsi_init,
    .update = rsi_update,
    .archive = rsi_archive,
};

struct macd {
    enum source source;
    struct smooth fast, slow, signal;
};

static void macd_init(void *state, const double *options)
{
    struct macd *macd = state;

    macd->fast = smooth_ema((int)options[0]);
    macd->slow = smooth_ema((int)options[1]);
    macd->signal = smooth_ema((int)options[2]);
    macd->source = (enum source)options[3];
}

static void macd_update(void *state, const struct bar *bar, double *out)
{
    struct macd *macd = state;
    int128 units = source_units(bar, macd->source);

    smooth_push_units(&macd->fast, units);
    smooth_push_units(&macd->slow, units);
    if (!smooth_is_ready(&macd->slow))
        return;
    out[0] = macd->fast.value - macd->slow.value;
    smooth_push(&macd->signal, out[0]);
    out[1] = macd->signal.value;
    out[2] = out[0] - out[1];
}

static void macd_archive(void *state, struct archive *archive)
{
    struct macd *macd = state;

    smooth_archive(&macd->fast, archive);
    smooth_archive(&macd->slow, archive);
    smooth_archive(&macd->signal, archive);
}

const struct indicator_kind macd_kind = {
    .size = sizeof(struct macd),
    .init = macd_init,
    .update = macd_update,
    .archive = macd_archive,
};

/* The mean of the last few doubles, added up afresh each time and in order of
 * age: nothing to drift, and no trace of what has left. */
struct mean {
    int length, next;
    double *numbers;
};

static struct mean mean_init(int length)
{
    return (struct mean){.length = length,
                         .numbers = mem_new_array((size_t)length, sizeof(double))};
}

static double mean_push(struct mean *mean, double number)
{
    double sum = 0;

    mean->numbers[mean->next] = number;
    mean->next = mean->next + 1 < mean->length ? mean->next + 1 : 0;
    for (int i = mean->next; i < mean->length; i++)
        sum += mean->numbers[i];
    for (int i = 0; i < mean->next; i++)
        sum += mean->numbers[i];
    return sum / mean->length;
}

static void mean_archive(struct mean *mean, struct archive *archive)
{
    archive_int(archive, &mean->next, 0, mean->length - 1);
    for (int i = 0; i < mean->length; i++)
        archive_double(archive, &mean->numbers[i]);
}

struct stochastic {
    struct extreme highest, lowest;
    struct mean k, d;
};

static void stochastic_init(void *state, const double *options)
{
    struct stochastic *stochastic = state;

    extreme_init(&stochastic->highest, (int)options[0], false);
    extreme_init(&stochastic->lowest, (int)options[0], true);
    stochastic->k = mean_init((int)options[1]);
    stochastic->d = mean_init((int)options[2]);
}

static void stochastic_clear(void *state)
{
    struct stochastic *stochastic = state;

    extreme_clear(&stochastic->highest);
    extreme_clear(&stochastic->lowest);
    mem_free(stochastic->k.numbers);
    mem_free(stochastic->d.numbers);
}

static double percent_of_range(int128 units, int128 low, int128 high)
{
    return high > low ? 100 * exact_value(units - low) / exact_value(high - low) : 50;
}

static void stochastic_update(void *state, const struct bar *bar, double *out)
{
    struct stochastic *stochastic = state;

    extreme_push(&stochastic->highest, amount_units(bar->high));
    extreme_push(&stochastic->lowest, amount_units(bar->low));
    double k = percent_of_range(amount_units(bar->close), extreme_units(&stochastic->lowest),
                                extreme_units(&stochastic->highest));
    out[0] = mean_push(&stochastic->k, k);
    out[1] = mean_push(&stochastic->d, out[0]);
}

static void stochastic_archive(void *state, struct archive *archive)
{
    struct stochastic *stochastic = state;

    extreme_archive(&stochastic->highest, archive);
    extreme_archive(&stochastic->lowest, archive);
    mean_archive(&stochastic->k, archive);
    mean_archive(&stochastic->d, archive);
}

const struct indicator_kind stochastic_kind = {
    .size = sizeof(struct stochastic),
    .init = stochastic_init,
    .clear = stochastic_clear,
    .update = stochastic_update,
    .archive = stochastic_archive,
};

struct roc {
    enum source source;
    struct window window;
};

static void roc_init(void *state, const double *options)
{
    struct roc *roc = state;

    window_init(&roc->window, (int)options[0]);
    roc->source = (enum source)options[1];
}

static void roc_clear(void *state)
{
    struct roc *roc = state;

    window_clear(&roc->window);
}

static void roc_update(void *state, const struct bar *bar, double *out)
{
    struct roc *roc = state;
    int128 units = source_units(bar, roc->source);
    int128 before = window_push(&roc->window, units);

    *out = before == 0 ? 0 : 100 * exact_value(units - before) / exact_value(before);
}

static void roc_archive(void *state, struct archive *archive)
{
    struct roc *roc = state;

    window_archive(&roc->window, archive);
}

const struct indicator_kind roc_kind = {
    .size = sizeof(struct roc),
    .init = roc_init,
    .clear = roc_clear,
    .update = roc_update,
    .archive = roc_archive,
};
