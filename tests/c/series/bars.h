/* Bars for tests: made up on the spot, or read from golden/bars.csv. */
#ifndef TESTS_SERIES_BARS_H
#define TESTS_SERIES_BARS_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "series/exact.h"
#include "series/indicator.h"
#include "series/indicators.h"

#include "check.h"

static inline uint64_t seed_of_run(void)
{
    const char *text = getenv("PERIGEE_SEED");

    return text ? strtoull(text, NULL, 10) : 1;
}

static inline decimal parse_decimal(const char *text)
{
    struct fault why;
    decimal out = DECIMAL_ZERO;

    if (decimal_parse(text, strlen(text), &out, &why))
        fail_msg("%s", why.text);
    return out;
}

/* A bar that opens and stays at one price. */
static inline struct bar flat_bar(int64_t number, decimal price, decimal volume)
{
    return (struct bar){.start = MINUTES(number),
                        .interval = MINUTES(1),
                        .open = price,
                        .high = price,
                        .low = price,
                        .close = price,
                        .volume = volume};
}

/* What random_bars() makes: a walk in steps of `tick`, with everything that makes
 * indicators stumble. */
struct market {
    int64_t price, step; /* in ticks; the walk stays at 1 tick or above */
    decimal tick;
    double gap, flat, still, no_volume; /* chances of each bar */
};

static const struct market ordinary = {5000, 40, {DECIMAL_ONE / 100}, 0.05, 0.05, 0.2, 0.1};

static inline decimal ticks(const struct market *market, int64_t count)
{
    return (decimal){market->tick.units * count};
}

static inline int64_t random_step(const struct market *market, struct rng *rng)
{
    int64_t reach = rng_chance(rng, market->gap) ? 10 * market->step : market->step;

    return rng_chance(rng, market->still) ? 0 : rng_between(rng, -reach, reach);
}

static inline struct bar *random_bars(const struct market *market, uint64_t seed, int count)
{
    struct rng rng = rng_stream(seed, "bars");
    struct bar *bars = mem_new_array((size_t)count, sizeof *bars);
    int64_t price = market->price, minute = 0;

    for (int i = 0; i < count; i++) {
        int64_t open = price + random_step(market, &rng);
        int64_t close = open + random_step(market, &rng);
        bool is_flat = rng_chance(&rng, market->flat);
        open = open < 1 ? 1 : open;
        close = is_flat ? open : close < 1 ? 1 : close;
        int64_t high = open > close ? open : close, low = open < close ? open : close;
        high += is_flat ? 0 : rng_between(&rng, 0, market->step);
        low -= is_flat ? 0 : rng_between(&rng, 0, market->step);
        minute += rng_chance(&rng, 0.1) ? rng_between(&rng, 2, 400) : 1;
        bars[i] = flat_bar(minute, ticks(market, open), DECIMAL_ZERO);
        bars[i].high = ticks(market, high);
        bars[i].low = ticks(market, low < 1 ? 1 : low);
        bars[i].close = ticks(market, close);
        if (!rng_chance(&rng, market->no_volume))
            bars[i].volume.units = rng_between(&rng, 0, 5000) * (DECIMAL_ONE / 1000);
        price = close;
    }
    return bars;
}

static inline struct indicator *new_indicator(const char *name, const double *options)
{
    struct indicator *indicator;
    struct fault why;
    const struct indicator_info *info = indicators_find(name);

    assert_non_null(info);
    if (indicator_new(info, options, &indicator, &why))
        fail_msg("%s", why.text);
    return indicator;
}

static inline double value_of(const struct indicator *indicator, int output, int ago)
{
    double value;

    if (!indicator_value(indicator, output, ago, &value))
        fail_msg("%s has no value %d bars ago", indicator_info(indicator)->name, ago);
    return value;
}

/* The latest value of an output as text, "none" during the warm-up. */
static inline const char *shown(const struct indicator *indicator, int output)
{
    static char text[4][40];
    static int next;
    double value;
    char *out = text[next++ % 4];

    if (indicator_value(indicator, output, 0, &value))
        snprintf(out, sizeof text[0], "%.15g", value);
    else
        snprintf(out, sizeof text[0], "none");
    return out;
}

/* Options that keep every indicator's look-back short but different. */
static inline void short_options(const struct indicator_info *info, double *options)
{
    indicator_default_options(info, options);
    for (int i = 0; info->options[i].name; i++) {
        if (info->options[i].kind == INDICATOR_WHOLE)
            options[i] = 3 + i;
    }
}

#endif
