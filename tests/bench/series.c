/* Nanoseconds of processor time for each update of each indicator, on a random
 * walk of minutes.
 *
 * usage: series [BARS]       (default 1,000,000; the best of three runs is shown)
 *
 * Links the program's library. The last line is a series_set with two averages
 * and the reading of both, which is what a crossover strategy costs a bar. */
#include <assert.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/mem.h"
#include "base/rng.h"
#include "series/indicators.h"
#include "series/series_set.h"

enum { RUNS = 3 };

static struct bar *make_bars(int count)
{
    struct rng rng = rng_stream(1, "bench");
    struct bar *bars = mem_new_array((size_t)count, sizeof *bars);
    int128 cent = DECIMAL_ONE / 100, price = 6000000;

    for (int i = 0; i < count; i++) {
        int64_t step = rng_between(&rng, -1000, 1000), wick = rng_between(&rng, 0, 500);
        int128 open = price, close = price + step > 100000 ? price + step : price;
        price = close;
        bars[i] = (struct bar){
            .start = MINUTES(i),
            .interval = MINUTES(1),
            .open = {open * cent},
            .high = {((open > close ? open : close) + wick) * cent},
            .low = {((open < close ? open : close) - wick) * cent},
            .close = {close * cent},
            .volume = {(int128)rng_between(&rng, 0, 99999) * (DECIMAL_ONE / 1000)},
        };
    }
    return bars;
}

/* Nanoseconds a bar, the best of some runs; *check keeps the work from being left out. */
static double time_indicator(const struct indicator_info *info, const double *options,
                             const struct bar *bars, int count, double *check)
{
    clock_t best = LONG_MAX;

    for (int run = 0; run < RUNS; run++) {
        struct indicator *indicator;
        enum err err = indicator_new(info, options, &indicator, NULL);
        assert(!err);
        clock_t start = clock();
        for (int i = 0; i < count; i++)
            indicator_update(indicator, &bars[i]);
        clock_t took = clock() - start;
        best = took < best ? took : best;
        if (!indicator_value(indicator, 0, 0, check))
            *check = 0;
        indicator_free(indicator);
    }
    return (double)best * (1e9 / CLOCKS_PER_SEC) / count;
}

static double time_two_averages(const struct bar *bars, int count, double *check)
{
    clock_t best = LONG_MAX;

    for (int run = 0; run < RUNS; run++) {
        struct series_set *set = series_set_new();
        struct indicator *fast, *slow;
        enum err err =
            series_set_add(set, indicators_find("sma"), (double[]){10, 0}, 0, &fast, NULL);
        assert(!err);
        err = series_set_add(set, indicators_find("sma"), (double[]){30, 0}, 0, &slow, NULL);
        assert(!err);
        int above = 0;
        clock_t start = clock();
        for (int i = 0; i < count; i++) {
            double a, b;
            series_set_update(set, &bars[i]);
            above +=
                indicator_value(fast, 0, 0, &a) && indicator_value(slow, 0, 0, &b) && a > b;
        }
        clock_t took = clock() - start;
        best = took < best ? took : best;
        *check = above;
        series_set_free(set);
    }
    return (double)best * (1e9 / CLOCKS_PER_SEC) / count;
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 1000000;
    double check = 0;

    if (count < 1) {
        fprintf(stderr, "usage: %s [BARS]\n", argv[0]);
        return 2;
    }
    struct bar *bars = make_bars(count);
    for (int i = 0; i < indicators_count(); i++) {
        const struct indicator_info *info = indicators_at(i);
        struct buf usage = BUF_INIT;
        double options[INDICATOR_OPTIONS_MAX];
        indicator_default_options(info, options);
        indicator_format_call(info, options, &usage);
        double took = time_indicator(info, options, bars, count, &check);
        printf("%-20s %7.1f ns a bar   last %.10g\n", buf_text(&usage), took, check);
        buf_clear(&usage);
    }
    double took = time_two_averages(bars, count, &check);
    printf("%-20s %7.1f ns a bar   above on %.0f bars\n", "sma(10) and sma(30)", took, check);
    mem_free(bars);
    return 0;
}
