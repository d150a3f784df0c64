/* The range prices kept to: highest, lowest, Donchian channel. */
#include "series/extreme.h"
#include "series/kind.h"
#include "series/source.h"

struct single {
    enum source source;
    struct extreme extreme;
};

static void highest_init(void *state, const double *options)
{
    struct single *single = state;

    extreme_init(&single->extreme, (int)options[0], false);
    single->source = (enum source)options[1];
}

static void lowest_init(void *state, const double *options)
{
    struct single *single = state;

    extreme_init(&single->extreme, (int)options[0], true);
    single->source = (enum source)options[1];
}

static void single_clear(void *state)
{
    struct single *single = state;

    extreme_clear(&single->extreme);
}

static void single_update(void *state, const struct bar *bar, double *out)
{
    struct single *single = state;

    extreme_push(&single->extreme, source_units(bar, single->source));
    *out = exact_value(extreme_units(&single->extreme));
}

static void single_archive(void *state, struct archive *archive)
{
    struct single *single = state;

    extreme_archive(&single->extreme, archive);
}

const struct indicator_kind highest_kind = {
    .size = sizeof(struct single),
    .init = highest_init,
    .clear = single_clear,
    .update = single_update,
    .archive = single_archive,
};

const struct indicator_kind lowest_kind = {
    .size = sizeof(struct single),
    .init = lowest_init,
    .clear = single_clear,
    .update = single_update,
    .archive = single_archive,
};

struct donchian {
    struct extreme highest, lowest;
    struct divisor by_two;
};

static void donchian_init(void *state, const double *options)
{
    struct donchian *donchian = state;

    extreme_init(&donchian->highest, (int)options[0], false);
    extreme_init(&donchian->lowest, (int)options[0], true);
    donchian->by_two = divisor_init(2);
}

static void donchian_clear(void *state)
{
    struct donchian *donchian = state;

    extreme_clear(&donchian->highest);
    extreme_clear(&donchian->lowest);
}

static void donchian_update(void *state, const struct bar *bar, double *out)
{
    struct donchian *donchian = state;

    extreme_push(&donchian->highest, amount_units(bar->high));
    extreme_push(&donchian->lowest, amount_units(bar->low));
    int128 high = extreme_units(&donchian->highest), low = extreme_units(&donchian->lowest);
    out[0] = exact_value(high);
    out[1] = exact_value(low);
    out[2] = exact_mean(high + low, &donchian->by_two);
}

static void donchian_archive(void *state, struct archive *archive)
{
    struct donchian *donchian = state;

    extreme_archive(&donchian->highest, archive);
    extreme_archive(&donchian->lowest, archive);
}

const struct indicator_kind donchian_kind = {
    .size = sizeof(struct donchian),
    .init = donchian_init,
    .clear = donchian_clear,
    .update = donchian_update,
    .archive = donchian_archive,
};
