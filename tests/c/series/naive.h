/* Indicators the plain way: each value from all bars up to it, in long double,
 * with nothing carried over from bar to bar. Prices are in units, where they are
 * whole numbers that a long double holds exactly. */
#ifndef TESTS_SERIES_NAIVE_H
#define TESTS_SERIES_NAIVE_H

#include <math.h>

#include "series/source.h"

typedef long double number;

static number naive_get(const struct bar *bar, double source)
{
    return (number)source_units(bar, (enum source)source);
}

static number naive_mean(const struct bar *bars, int i, double n, double source)
{
    number sum = 0;

    for (int k = i; k > i - (int)n; k--)
        sum += naive_get(&bars[k], source);
    return sum / (number)n;
}

static number naive_deviation(const struct bar *bars, int i, double n, double less,
                              double source)
{
    number mean = naive_mean(bars, i, n, source), sum = 0;

    for (int k = i; k > i - (int)n; k--) {
        number x = naive_get(&bars[k], source) - mean;
        sum += x * x;
    }
    return sqrtl(sum / (number)(n - less));
}

static number naive_highest(const struct bar *bars, int i, double n, double source)
{
    number best = naive_get(&bars[i], source);

    for (int k = i; k > i - (int)n; k--)
        best = fmaxl(best, naive_get(&bars[k], source));
    return best;
}

static number naive_lowest(const struct bar *bars, int i, double n, double source)
{
    number best = naive_get(&bars[i], source);

    for (int k = i; k > i - (int)n; k--)
        best = fminl(best, naive_get(&bars[k], source));
    return best;
}

static void naive_sma(const struct bar *bars, int i, const double *o, number *out)
{
    *out = naive_mean(bars, i, o[0], o[1]);
}

static number naive_average(const struct bar *bars, int i, int n, double source)
{
    number value = naive_mean(bars, n - 1, n, source), part = 2.0L / (n + 1);

    for (int k = n; k <= i; k++)
        value = part * naive_get(&bars[k], source) + (1 - part) * value;
    return value;
}

static void naive_ema(const struct bar *bars, int i, const double *o, number *out)
{
    *out = naive_average(bars, i, (int)o[0], o[1]);
}

static void naive_wma(const struct bar *bars, int i, const double *o, number *out)
{
    number sum = 0, n = (number)o[0];

    for (int k = 0; k < (int)n; k++)
        sum += (n - k) * naive_get(&bars[i - k], o[1]);
    *out = sum / (n * (n + 1) / 2);
}

/* Wilder's average of xs[first..i]. */
static number naive_wilder(const number *xs, int first, int i, int n)
{
    number value = 0;

    for (int k = first; k < first + n; k++)
        value += xs[k] / n;
    for (int k = first + n; k <= i; k++)
        value = (value * (n - 1) + xs[k]) / n;
    return value;
}

enum { NAIVE_BARS_MAX = 2000 };

static void naive_rsi(const struct bar *bars, int i, const double *o, number *out)
{
    static number gains[NAIVE_BARS_MAX], losses[NAIVE_BARS_MAX];

    for (int k = 1; k <= i; k++) {
        number change = naive_get(&bars[k], o[1]) - naive_get(&bars[k - 1], o[1]);
        gains[k] = fmaxl(change, 0);
        losses[k] = fmaxl(-change, 0);
    }
    number gain = naive_wilder(gains, 1, i, (int)o[0]);
    number loss = naive_wilder(losses, 1, i, (int)o[0]);
    *out = loss == 0 ? 100 : 100 - 100 / (1 + gain / loss);
}

static void naive_macd(const struct bar *bars, int i, const double *o, number *out)
{
    number line = 0, signal = 0, part = 2 / ((number)o[2] + 1);
    int slow = (int)o[1], seed = (int)o[2];

    for (int k = slow - 1; k <= i; k++) {
        line = naive_average(bars, k, (int)o[0], o[3]) - naive_average(bars, k, slow, o[3]);
        if (k < slow - 1 + seed)
            signal += line / seed;
        else
            signal += part * (line - signal);
    }
    out[0] = line;
    out[1] = signal;
    out[2] = line - signal;
}

static void naive_bollinger(const struct bar *bars, int i, const double *o, number *out)
{
    number reach = (number)o[1] * naive_deviation(bars, i, o[0], o[2] == 0 ? 1 : 0, o[3]);

    out[0] = naive_mean(bars, i, o[0], o[3]);
    out[1] = out[0] + reach;
    out[2] = out[0] - reach;
    out[3] = out[0] == 0 ? 0 : (out[1] - out[2]) / out[0];
}

/* The true range and the movements up and down of bar k. */
static void naive_moves(const struct bar *bars, int k, number *range, number *up, number *down)
{
    number high = naive_get(&bars[k], SOURCE_HIGH), low = naive_get(&bars[k], SOURCE_LOW);
    number last = naive_get(&bars[k - 1], SOURCE_CLOSE);
    number rise = high - naive_get(&bars[k - 1], SOURCE_HIGH);
    number fall = naive_get(&bars[k - 1], SOURCE_LOW) - low;

    *range = fmaxl(high - low, fmaxl(fabsl(high - last), fabsl(low - last)));
    *up = rise > fall && rise > 0 ? rise : 0;
    *down = fall > rise && fall > 0 ? fall : 0;
}

static void naive_atr(const struct bar *bars, int i, const double *o, number *out)
{
    static number ranges[NAIVE_BARS_MAX];
    number up, down;

    for (int k = 1; k <= i; k++)
        naive_moves(bars, k, &ranges[k], &up, &down);
    *out = naive_wilder(ranges, 1, i, (int)o[0]);
}

static void naive_adx(const struct bar *bars, int i, const double *o, number *out)
{
    static number index[NAIVE_BARS_MAX];
    number range, up, down, ranges = 0, ups = 0, downs = 0;
    int n = (int)o[0];

    for (int k = 1; k <= i; k++) {
        number kept = k <= n ? 1 : 1 - 1.0L / n;
        naive_moves(bars, k, &range, &up, &down);
        ranges = ranges * kept + range;
        ups = ups * kept + up;
        downs = downs * kept + down;
        out[1] = ranges > 0 ? 100 * ups / ranges : 0;
        out[2] = ranges > 0 ? 100 * downs / ranges : 0;
        index[k] = out[1] + out[2] > 0 ? 100 * fabsl(out[1] - out[2]) / (out[1] + out[2]) : 0;
    }
    out[0] = naive_wilder(index, n, i, n);
}

static number naive_k(const struct bar *bars, int i, const double *o)
{
    number sum = 0;

    for (int k = i; k > i - (int)o[1]; k--) {
        number high = naive_highest(bars, k, o[0], SOURCE_HIGH);
        number low = naive_lowest(bars, k, o[0], SOURCE_LOW);
        number close = naive_get(&bars[k], SOURCE_CLOSE);
        sum += high > low ? 100 * (close - low) / (high - low) : 50;
    }
    return sum / (number)o[1];
}

static void naive_stochastic(const struct bar *bars, int i, const double *o, number *out)
{
    out[0] = naive_k(bars, i, o);
    out[1] = 0;
    for (int k = i; k > i - (int)o[2]; k--)
        out[1] += naive_k(bars, k, o) / (number)o[2];
}

static void naive_donchian(const struct bar *bars, int i, const double *o, number *out)
{
    out[0] = naive_highest(bars, i, o[0], SOURCE_HIGH);
    out[1] = naive_lowest(bars, i, o[0], SOURCE_LOW);
    out[2] = (out[0] + out[1]) / 2;
}

static void naive_stddev(const struct bar *bars, int i, const double *o, number *out)
{
    *out = naive_deviation(bars, i, o[0], o[1] == 0 ? 1 : 0, o[2]);
}

static void naive_roc(const struct bar *bars, int i, const double *o, number *out)
{
    number then = naive_get(&bars[i - (int)o[0]], o[1]);

    *out = then == 0 ? 0 : 100 * (naive_get(&bars[i], o[1]) - then) / then;
}

static void naive_obv(const struct bar *bars, int i, const double *o, number *out)
{
    (void)o;
    *out = 0;
    for (int k = 1; k <= i; k++) {
        number change =
            naive_get(&bars[k], SOURCE_CLOSE) - naive_get(&bars[k - 1], SOURCE_CLOSE);
        number volume = naive_get(&bars[k], SOURCE_VOLUME);
        *out += change > 0 ? volume : change < 0 ? -volume : 0;
    }
}

static void naive_vwap(const struct bar *bars, int i, const double *o, number *out)
{
    number prices = 0, products = 0, volumes = 0, count = 0;

    for (int k = i; k >= 0; k--) {
        bool is_inside =
            o[0] > 0 ? k > i - (int)o[0] : nanos_day(bars[k].start) == nanos_day(bars[i].start);
        if (!is_inside)
            break;
        number price = (naive_get(&bars[k], SOURCE_HIGH) + naive_get(&bars[k], SOURCE_LOW) +
                        naive_get(&bars[k], SOURCE_CLOSE)) /
                       3;
        number volume = naive_get(&bars[k], SOURCE_VOLUME);
        count++;
        prices += price;
        volumes += volume;
        products += price * volume;
    }
    *out = volumes > 0 ? products / volumes : prices / count;
}

static void naive_zscore(const struct bar *bars, int i, const double *o, number *out)
{
    number deviation = naive_deviation(bars, i, o[0], 1, o[1]);
    number distance = naive_get(&bars[i], o[1]) - naive_mean(bars, i, o[0], o[1]);

    *out = deviation > 0 ? distance / deviation : 0;
}

static void naive_high(const struct bar *bars, int i, const double *o, number *out)
{
    *out = naive_highest(bars, i, o[0], o[1]);
}

static void naive_low(const struct bar *bars, int i, const double *o, number *out)
{
    *out = naive_lowest(bars, i, o[0], o[1]);
}

struct naive {
    const char *name;
    void (*compute)(const struct bar *bars, int i, const double *options, number *out);
    int amounts; /* how many of the first outputs are in units */
};

static const struct naive naives[] = {
    {"sma", naive_sma, 1},
    {"ema", naive_ema, 1},
    {"wma", naive_wma, 1},
    {"rsi", naive_rsi, 0},
    {"macd", naive_macd, 3},
    {"bollinger", naive_bollinger, 3},
    {"atr", naive_atr, 1},
    {"adx", naive_adx, 0},
    {"stochastic", naive_stochastic, 0},
    {"donchian", naive_donchian, 3},
    {"stddev", naive_stddev, 1},
    {"roc", naive_roc, 0},
    {"obv", naive_obv, 1},
    {"vwap", naive_vwap, 1},
    {"zscore", naive_zscore, 0},
    {"highest", naive_high, 1},
    {"lowest", naive_low, 1},
};

#endif
