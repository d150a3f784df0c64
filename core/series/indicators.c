#include "series/indicators.h"

#include <assert.h>
#include <string.h>

#include "series/deviation.h"
#include "series/kind.h"
#include "series/source.h"

/* An average of a few percentages is added up afresh on every bar. */
enum { SMOOTHING_MAX = 100 };

#define LENGTH_FROM(least, usual)                                                              \
    {                                                                                          \
        "n", "bars to look at", INDICATOR_WHOLE, usual, least, WINDOW_LENGTH_MAX, NULL         \
    }
#define LENGTH(usual) LENGTH_FROM(1, usual)
#define SOURCE(usual)                                                                          \
    {                                                                                          \
        "source", "which number of the bar", INDICATOR_CHOICE, usual, 0, SOURCE_COUNT - 1,     \
            source_names                                                                       \
    }
#define DEVIATION_KIND(usual)                                                                  \
    {                                                                                          \
        "kind", "divide the squares by n - 1 or by n", INDICATOR_CHOICE, usual, 0,             \
            DEVIATION_KIND_COUNT - 1, deviation_kind_names                                     \
    }

static int one(const double *options)
{
    (void)options;
    return 1;
}

static int length(const double *options)
{
    return options[0] > 1 ? (int)options[0] : 1;
}

static int length_and_one(const double *options)
{
    return (int)options[0] + 1;
}

static int twice_length(const double *options)
{
    return 2 * (int)options[0];
}

static int macd_warm_up(const double *options)
{
    return (int)options[1] + (int)options[2] - 1;
}

static int stochastic_warm_up(const double *options)
{
    return (int)options[0] + (int)options[1] + (int)options[2] - 2;
}

static enum err check_macd(const double *options, struct fault *why)
{
    if (options[0] < options[1])
        return OK;
    return fail(why, ERR_RANGE, "macd: fast (%g) must be less than slow (%g)", options[0],
                options[1]);
}

static const struct indicator_info table[] = {
    {
        .name = "sma",
        .summary = "simple moving average",
        .notes = "The mean of the last n, from an exact sum: averages that are equal compare "
                 "equal.",
        .inputs = "source",
        .options = {LENGTH(20), SOURCE(SOURCE_CLOSE)},
        .outputs = {{"value", "the mean"}},
        .warm_up = length,
        .kind = &sma_kind,
    },
    {
        .name = "ema",
        .summary = "exponential moving average",
        .notes = "Moves 2/(n+1) of the way to each new number. Starts as the mean of the "
                 "first n.",
        .inputs = "source",
        .options = {LENGTH(20), SOURCE(SOURCE_CLOSE)},
        .outputs = {{"value", "the average"}},
        .warm_up = length,
        .kind = &ema_kind,
    },
    {
        .name = "wma",
        .summary = "linearly weighted moving average",
        .notes = "Weights n for the latest down to 1 for the oldest of n, from an exact sum.",
        .inputs = "source",
        .options = {LENGTH(20), SOURCE(SOURCE_CLOSE)},
        .outputs = {{"value", "the average"}},
        .warm_up = length,
        .kind = &wma_kind,
    },
    {
        .name = "rsi",
        .summary = "relative strength index (Wilder)",
        .notes = "100 * gain / (gain + loss), each the mean of the first n changes, then "
                 "Wilder's average. 100 when there was no loss, so also when nothing moved at "
                 "all.",
        .inputs = "source",
        .options = {LENGTH(14), SOURCE(SOURCE_CLOSE)},
        .outputs = {{"value", "0 to 100"}},
        .warm_up = length_and_one,
        .kind = &rsi_kind,
    },
    {
        .name = "macd",
        .summary = "distance of two exponential averages, and its own average",
        .notes = "fast EMA less slow EMA; the signal is the EMA of that, started as the mean "
                 "of its first `signal` values.",
        .inputs = "source",
        .options =
            {
                {"fast", "bars of the fast average", INDICATOR_WHOLE, 12, 1, WINDOW_LENGTH_MAX,
                 NULL},
                {"slow", "bars of the slow average", INDICATOR_WHOLE, 26, 2, WINDOW_LENGTH_MAX,
                 NULL},
                {"signal", "bars of the average of the distance", INDICATOR_WHOLE, 9, 1,
                 WINDOW_LENGTH_MAX, NULL},
                SOURCE(SOURCE_CLOSE),
            },
        .outputs =
            {
                {"value", "fast less slow"},
                {"signal", "its average"},
                {"histogram", "value less signal"},
            },
        .warm_up = macd_warm_up,
        .check = check_macd,
        .kind = &macd_kind,
    },
    {
        .name = "bollinger",
        .summary = "Bollinger bands: an average and a multiple of the deviation around it",
        .notes = "Population deviation, as Bollinger defines it, unless asked otherwise. The "
                 "width is (upper - lower) / middle; equal prices give three equal bands and "
                 "width 0.",
        .inputs = "source",
        .options =
            {
                LENGTH_FROM(2, 20),
                {"deviations", "how many deviations to the bands", INDICATOR_NUMBER, 2, 0.01,
                 100, NULL},
                DEVIATION_KIND(DEVIATION_POPULATION),
                SOURCE(SOURCE_CLOSE),
            },
        .outputs =
            {
                {"middle", "simple moving average"},
                {"upper", "middle plus the deviations"},
                {"lower", "middle less the deviations"},
                {"width", "upper less lower, as a part of middle"},
            },
        .warm_up = length,
        .kind = &bollinger_kind,
    },
    {
        .name = "atr",
        .summary = "average true range (Wilder)",
        .notes = "True range: the bar's range with the gap from the close before counted in. "
                 "The mean of the first n, then Wilder's average. Bars without range or gap "
                 "give 0.",
        .inputs = "high, low, close",
        .options = {LENGTH(14)},
        .outputs = {{"value", "in price"}},
        .warm_up = length_and_one,
        .kind = &atr_kind,
    },
    {
        .name = "adx",
        .summary = "average directional index (Wilder): how strong a trend is, and which way",
        .notes = "DI: smoothed movement up or down in percent of the smoothed true range; DX: "
                 "their difference in percent of their sum; ADX: the mean of the first n DX, "
                 "then Wilder's average. A market that never moved has 0 in all three.",
        .inputs = "high, low, close",
        .options = {LENGTH(14)},
        .outputs =
            {
                {"value", "strength, 0 to 100"},
                {"plus", "movement up (+DI), 0 to 100"},
                {"minus", "movement down (-DI), 0 to 100"},
            },
        .warm_up = twice_length,
        .kind = &adx_kind,
    },
    {
        .name = "stochastic",
        .summary = "where the close lies in the range of the last n bars",
        .notes = "k: (close - lowest) / (highest - lowest) in percent, averaged over `smooth` "
                 "bars; d: the average of k over `d` bars. A range of zero counts as 50.",
        .inputs = "high, low, close",
        .options =
            {
                LENGTH(14),
                {"smooth", "bars to average k over; 3 makes it the slow one", INDICATOR_WHOLE,
                 1, 1, SMOOTHING_MAX, NULL},
                {"d", "bars to average d over", INDICATOR_WHOLE, 3, 1, SMOOTHING_MAX, NULL},
            },
        .outputs =
            {
                {"k", "0 to 100"},
                {"d", "its average"},
            },
        .warm_up = stochastic_warm_up,
        .kind = &stochastic_kind,
    },
    {
        .name = "donchian",
        .summary = "Donchian channel: the highest high and the lowest low",
        .notes = "The latest bar belongs to it; a breakout compares with the channel a bar "
                 "earlier.",
        .inputs = "high, low",
        .options = {LENGTH(20)},
        .outputs =
            {
                {"upper", "highest high of n bars"},
                {"lower", "lowest low of n bars"},
                {"middle", "half way between"},
            },
        .warm_up = length,
        .kind = &donchian_kind,
    },
    {
        .name = "stddev",
        .summary = "standard deviation",
        .notes = "From exact sums: 0 if and only if the last n are all equal.",
        .inputs = "source",
        .options =
            {
                LENGTH_FROM(2, 20),
                DEVIATION_KIND(DEVIATION_SAMPLE),
                SOURCE(SOURCE_CLOSE),
            },
        .outputs = {{"value", "in units of the source"}},
        .warm_up = length,
        .kind = &stddev_kind,
    },
    {
        .name = "roc",
        .summary = "rate of change over n bars, in percent",
        .notes = "100 * (now - then) / then; 0 when then is 0.",
        .inputs = "source",
        .options = {LENGTH(10), SOURCE(SOURCE_CLOSE)},
        .outputs = {{"value", "percent"}},
        .warm_up = length_and_one,
        .kind = &roc_kind,
    },
    {
        .name = "obv",
        .summary = "on-balance volume",
        .notes = "Starts at 0; adds the volume of bars that close higher than the bar before "
                 "and takes away that of bars that close lower.",
        .inputs = "close, volume",
        .outputs = {{"value", "base units"}},
        .warm_up = one,
        .kind = &obv_kind,
    },
    {
        .name = "vwap",
        .summary = "volume-weighted average price",
        .notes = "The mean of (high + low + close) / 3 weighted by volume; where nothing was "
                 "traded, the plain mean. A session starts with the bar that opens on a new "
                 "day in UTC.",
        .inputs = "high, low, close, volume",
        .options = {{"n", "bars to look at; 0 for the session", INDICATOR_WHOLE, 0, 0,
                     WINDOW_LENGTH_MAX, NULL}},
        .outputs = {{"value", "a price"}},
        .warm_up = length,
        .kind = &vwap_kind,
    },
    {
        .name = "zscore",
        .summary = "distance from the mean in standard deviations",
        .notes = "Mean and sample deviation of the last n, the latest included; 0 when the "
                 "deviation is 0.",
        .inputs = "source",
        .options = {LENGTH_FROM(2, 20), SOURCE(SOURCE_CLOSE)},
        .outputs = {{"value", "deviations"}},
        .warm_up = length,
        .kind = &zscore_kind,
    },
    {
        .name = "highest",
        .summary = "the highest of the last n",
        .notes = "The latest bar belongs to it.",
        .inputs = "source",
        .options = {LENGTH(20), SOURCE(SOURCE_HIGH)},
        .outputs = {{"value", "in units of the source"}},
        .warm_up = length,
        .kind = &highest_kind,
    },
    {
        .name = "lowest",
        .summary = "the lowest of the last n",
        .notes = "The latest bar belongs to it.",
        .inputs = "source",
        .options = {LENGTH(20), SOURCE(SOURCE_LOW)},
        .outputs = {{"value", "in units of the source"}},
        .warm_up = length,
        .kind = &lowest_kind,
    },
};

int indicators_count(void)
{
    return (int)ARRAY_LEN(table);
}

const struct indicator_info *indicators_at(int index)
{
    assert(index >= 0 && index < indicators_count());
    return &table[index];
}

const struct indicator_info *indicators_find(const char *name)
{
    for (int i = 0; i < indicators_count(); i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    return NULL;
}
