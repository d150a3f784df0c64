/* The model. Each step the mid moves by a relative
 *
 *     m = volatility * (4/5 own + 3/5 common) + drift + pull + jump
 *
 * where own and common are near-normal draws of deviation 1 (sums of uniforms),
 * volatility and drift belong to the regime of the hour, the pull leads back to
 * the opening price with a time constant of a year, and jumps are rare. Numbers
 * are fixed point: moves in units of 2^-40, prices and sizes in units of 10^-12
 * held in 64 bits, which is what makes years of steps a matter of seconds.
 * Negative numbers are shifted right arithmetically, as both compilers do. */
#include "venue/synth.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

enum {
    MOVE_BITS = 40,
    NOISE_DEVIATION = 37837, /* of the sum of four uniforms below 2^16: sqrt(4 / 12) * 2^16 */
    PULL_STEPS = 256,        /* pull and spread are reckoned anew so often */
    LEVEL_GAP_CENTIBPS = 50, /* between levels of the book, near the best */
    SIZE_GROWTH = 512,       /* more than any order is larger than an ordinary one */
    STRAY_MAX = 50,          /* the price stays within the opening price times or by this */
};

static const nanos pull_time = DAYS(365);
static const nanos regime_min = MINUTES(5), regime_max = HOURS(2);

static const struct {
    const char *name;
    int weight;             /* how often it is chosen */
    int volatility_percent; /* of the ordinary, and so on */
    int drift_permille;     /* of the volatility of a step */
    int trades_percent, spread_percent, depth_percent;
    int buys_percent;      /* of the takers */
    int jumps_per_million; /* steps */
} regimes[] = {
    [SYNTH_QUIET] = {"quiet", 20, 40, 0, 40, 80, 130, 50, 5},
    [SYNTH_NORMAL] = {"normal", 40, 100, 0, 100, 100, 100, 50, 20},
    [SYNTH_RISING] = {"rising", 15, 90, 45, 130, 100, 100, 57, 20},
    [SYNTH_FALLING] = {"falling", 15, 100, -45, 130, 120, 90, 43, 30},
    [SYNTH_STORMY] = {"stormy", 10, 230, 0, 250, 300, 50, 50, 300},
};
static_assert(ARRAY_LEN(regimes) == SYNTH_REGIME_COUNT, "describe every regime");

/* Dividing by the same number millions of times: by its reciprocal. */
struct divisor {
    int64_t step;
    uint64_t reciprocal; /* 2^64 / step, rounded down */
};

struct synth {
    struct rng path, common, trades, book;
    struct divisor tick, size_step;
    int64_t size_min, size; /* units of 10^-12, as all prices and sizes here */
    int64_t opening, lowest, highest;
    int64_t volatility; /* of one step, ordinary; units of 2^-40 per unit of noise * 2^16 */
    int64_t trade_rate; /* per step, ordinary; units of 2^-16 */
    int spread_centibps;
    uint64_t seed;
    nanos now, step;

    int64_t mid;
    enum synth_regime regime;
    int64_t regime_left, pull_left, jump_left; /* steps */
    int64_t drift, pull;                       /* moves */
    int64_t fifth_of_volatility; /* of the regime, for draws five times too large */
    int64_t regime_trade_rate;
    int64_t spread_ticks, bid; /* in price steps */

    struct synth_step last; /* being read trade by trade */
    int trades_read;
    bool has_trade; /* one was read that belongs to the next bar */
    struct trade trade;
    nanos trade_time;
};

const char *synth_regime_name(enum synth_regime regime)
{
    assert(regime < SYNTH_REGIME_COUNT);
    return regimes[regime].name;
}

static struct divisor divisor_of(int64_t step)
{
    return (struct divisor){step, UINT64_MAX / (uint64_t)step};
}

/* n / step for n >= 0, exactly: the estimate is at most two too small. */
static int64_t in_steps(int64_t n, const struct divisor *by)
{
    int64_t quotient = (int64_t)(((int128)n * by->reciprocal) >> 64);

    while (n - quotient * by->step >= by->step)
        quotient++;
    return quotient;
}

static int64_t whole_steps(int64_t n, const struct divisor *by)
{
    return in_steps(n, by) * by->step;
}

static int64_t square_root(int128 x)
{
    int128 low = 0, high = INT64_C(1) << 62;

    while (low < high) {
        int128 middle = (low + high + 1) / 2;
        if (middle * middle <= x)
            low = middle;
        else
            high = middle - 1;
    }
    return (int64_t)low;
}

/* bps / 10^4 * sqrt(step / day), in moves per unit of noise. */
static int64_t volatility_of_step(int bps, nanos step)
{
    int128 day = (int128)bps * bps << 60; /* squared, with half the bits of a square of 2^40 */
    int64_t root = square_root(day / 100000000 * step / DAYS(1)) << 10;

    return root * 65536 / NOISE_DEVIATION;
}

/* `times` is by how much it may grow. */
static int64_t units(decimal a, int times)
{
    assert(a.units > 0 && a.units < INT64_MAX / times);
    return (int64_t)a.units;
}

static struct rng stream(uint64_t seed, const char *what, const char *symbol)
{
    char name[64];

    assert(strlen(what) + strlen(symbol) < sizeof name);
    strcat(strcpy(name, what), symbol);
    return rng_stream(seed, name);
}

/* When the next jump is due, if the regime lasts so long. */
static void choose_jump(struct synth *synth)
{
    int64_t mean = 1000000 / regimes[synth->regime].jumps_per_million;

    synth->jump_left = rng_between(&synth->path, 1, 2 * mean);
}

static void choose_regime(struct synth *synth)
{
    int64_t at = rng_between(&synth->path, 0, 99);
    int64_t steps_min = regime_min / synth->step + 1, steps_max = regime_max / synth->step + 1;
    int regime = 0;

    while (at >= regimes[regime].weight)
        at -= regimes[regime++].weight;
    synth->regime = (enum synth_regime)regime;
    synth->regime_left = rng_between(&synth->path, steps_min, steps_max);
    synth->fifth_of_volatility = synth->volatility * regimes[regime].volatility_percent / 500;
    synth->regime_trade_rate = synth->trade_rate * regimes[regime].trades_percent / 100;
    synth->drift =
        synth->volatility * NOISE_DEVIATION / 65536 * regimes[regime].drift_permille / 1000;
}

/* A share of a price, in whole price steps, at least one. */
static int64_t ticks_of(const struct synth *synth, int64_t centibps)
{
    int64_t ticks = (int64_t)((int128)synth->mid * centibps / 1000000 / synth->tick.step);

    return ticks > 0 ? ticks : 1;
}

/* What changes slowly with the price. */
static void look_around(struct synth *synth)
{
    int128 distance = (int128)(synth->opening - synth->mid) * (INT64_C(1) << MOVE_BITS);

    synth->pull = (int64_t)(distance / synth->mid * synth->step / pull_time);
    synth->spread_ticks = ticks_of(synth, (int64_t)synth->spread_centibps *
                                              regimes[synth->regime].spread_percent / 100);
    synth->pull_left = PULL_STEPS;
}

struct synth *synth_new(const struct product *product, const struct market_shape *shape,
                        uint64_t seed, nanos start, nanos step)
{
    struct synth *synth = mem_new(sizeof *synth);

    assert(step > 0 && step <= HOURS(1) && shape->trades_per_minute > 0);
    synth->path = stream(seed, "path:", shape->path);
    synth->common = rng_stream(seed, "path of all markets");
    synth->trades = stream(seed, "trades:", product->symbol);
    synth->book = stream(seed, "book:", product->symbol);
    synth->tick = divisor_of(units(product->price_increment, 1));
    synth->size_step = divisor_of(units(product->base_increment, 1));
    synth->size_min = units(product->base_min_size, 1);
    synth->size = units(shape->size, SIZE_GROWTH);
    synth->opening = synth->mid = units(shape->price, STRAY_MAX);
    synth->lowest = synth->opening / STRAY_MAX;
    synth->highest = synth->opening * STRAY_MAX;
    synth->volatility = volatility_of_step(shape->volatility_bps, step);
    synth->trade_rate = (int64_t)((int128)shape->trades_per_minute * 65536 * step / MINUTES(1));
    synth->spread_centibps = shape->spread_centibps;
    synth->seed = seed;
    synth->now = start - step;
    synth->step = step;
    choose_regime(synth);
    look_around(synth);
    return synth;
}

void synth_free(struct synth *synth)
{
    mem_free(synth);
}

/* Mean 0, deviation NOISE_DEVIATION; two of them together are near enough to normal. */
static int64_t noise(struct rng *rng)
{
    uint64_t a = rng_next(rng);

    return (int64_t)((a & 0xFFFF) + (a >> 16 & 0xFFFF) + (a >> 32 & 0xFFFF) + (a >> 48)) -
           4 * 65535 / 2;
}

/* From 20 to 60 ordinary deviations at once. */
static int64_t jump(struct synth *synth)
{
    int64_t size =
        synth->volatility * NOISE_DEVIATION / 65536 * rng_between(&synth->path, 20, 60);

    choose_jump(synth);
    return rng_below(&synth->path, 2) ? size : -size;
}

static void move(struct synth *synth)
{
    int64_t draw = 4 * noise(&synth->path) + 3 * noise(&synth->common);
    int64_t by = (synth->fifth_of_volatility * draw >> 16) + synth->drift + synth->pull;

    if (--synth->jump_left == 0)
        by += jump(synth);
    synth->mid += (int64_t)((int128)synth->mid * by >> MOVE_BITS);
    if (synth->mid < synth->lowest)
        synth->mid = synth->lowest;
    if (synth->mid > synth->highest)
        synth->mid = synth->highest;
    synth->pull_left--;
    if (--synth->regime_left == 0) {
        choose_regime(synth);
        synth->pull_left = 0;
    }
    if (synth->pull_left == 0)
        look_around(synth);
}

/* From half the ordinary size to one and a half, doubled up to four times by ever rarer luck,
 * in whole steps. */
static int64_t draw_size(const struct synth *synth, uint64_t draw)
{
    int64_t share = 32768 + (int64_t)(draw & 0xFFFF);
    int doublings = __builtin_ctzll(~(draw >> 16) | 1 << 4);
    int64_t size = (int64_t)((int128)synth->size * share >> 16) << doublings;

    size = whole_steps(size, &synth->size_step);
    return size < synth->size_min ? synth->size_min : size;
}

static void draw_takers(struct synth *synth, struct synth_step *out)
{
    uint64_t draw = rng_next(&synth->trades);
    int64_t rate = synth->regime_trade_rate;
    int64_t count = (rate >> 16) + ((int64_t)(draw & 0xFFFF) < (rate & 0xFFFF));

    out->taker_count = count < SYNTH_TRADES_MAX ? (int)count : SYNTH_TRADES_MAX;
    for (int i = 0; i < out->taker_count; i++) {
        draw = rng_next(&synth->trades);
        bool buys =
            (draw >> 32 & 0xFFFF) * 100 < 65536 * (uint64_t)regimes[synth->regime].buys_percent;
        out->takers[i].side = buys ? SIDE_BUY : SIDE_SELL;
        out->takers[i].size.units = draw_size(synth, draw);
    }
}

void synth_step(struct synth *synth, struct synth_step *out)
{
    move(synth);
    synth->now += synth->step;
    synth->bid = in_steps(synth->mid, &synth->tick) - (synth->spread_ticks - 1) / 2;
    assert(synth->bid > 0);
    out->time = synth->now;
    out->regime = synth->regime;
    out->mid.units = synth->mid;
    out->bid.units = synth->bid * synth->tick.step;
    out->ask.units = (synth->bid + synth->spread_ticks) * synth->tick.step;
    draw_takers(synth, out);
}

/* Level by level the orders stand further apart and are larger. */
void synth_ladder(struct synth *synth, struct synth_ladder *out)
{
    int64_t gap = ticks_of(synth, LEVEL_GAP_CENTIBPS);
    int64_t depth = regimes[synth->regime].depth_percent;

    for (int side = 0; side < SIDE_COUNT; side++) {
        for (int i = 0; i < SYNTH_LEVELS; i++) {
            int64_t away = gap * i * (i + 3) / 4;
            int64_t at =
                side == SIDE_BUY ? synth->bid - away : synth->bid + synth->spread_ticks + away;
            int64_t size = draw_size(synth, rng_next(&synth->book)) / 100 * depth * (i + 2);
            out->levels[side][i].price.units = (at > 0 ? at : 1) * synth->tick.step;
            out->levels[side][i].size.units = whole_steps(size, &synth->size_step);
        }
    }
}

/* Trades within a step are spread over it. */
static void read_trade(struct synth *synth)
{
    struct synth_step *last = &synth->last;

    while (synth->trades_read == last->taker_count) {
        synth_step(synth, last);
        synth->trades_read = 0;
    }
    int i = synth->trades_read++;
    synth->trade_time = last->time + i * (synth->step / SYNTH_TRADES_MAX);
    synth->trade.taker = last->takers[i].side;
    synth->trade.size = last->takers[i].size;
    synth->trade.price = synth->trade.taker == SIDE_BUY ? last->ask : last->bid;
    synth->trade.id++;
}

void synth_next_trade(struct synth *synth, nanos *time, struct trade *out)
{
    read_trade(synth);
    *time = synth->trade_time;
    *out = synth->trade;
}

void synth_next_bar(struct synth *synth, nanos interval, struct bar *out)
{
    if (!synth->has_trade)
        read_trade(synth);
    synth->has_trade = true;
    nanos start = synth->trade_time - synth->trade_time % interval;
    decimal price = synth->trade.price;
    *out = (struct bar){start, interval, price, price, price, price, DECIMAL_ZERO};
    for (; synth->trade_time < start + interval; read_trade(synth)) {
        price = synth->trade.price;
        out->high = decimal_max(out->high, price);
        out->low = decimal_min(out->low, price);
        out->close = price;
        out->volume = decimal_add(out->volume, synth->trade.size);
    }
}

decimal synth_funding_rate(const struct synth *synth, nanos time)
{
    struct rng rng = rng_stream(synth->seed ^ (uint64_t)time, "funding");

    return (decimal){rng_between(&rng, -300, 500) * (DECIMAL_ONE / 1000000)};
}

/* ---- where it stands ---- */

static const size_t streams[] = {offsetof(struct synth, path), offsetof(struct synth, common),
                                 offsetof(struct synth, trades), offsetof(struct synth, book)};
static const size_t numbers[] = {
    offsetof(struct synth, mid),
    offsetof(struct synth, regime_left),
    offsetof(struct synth, pull_left),
    offsetof(struct synth, jump_left),
    offsetof(struct synth, drift),
    offsetof(struct synth, pull),
    offsetof(struct synth, spread_ticks),
    offsetof(struct synth, bid),
    offsetof(struct synth, fifth_of_volatility),
    offsetof(struct synth, regime_trade_rate),
    offsetof(struct synth, now),
};
enum { STREAM_WORDS = 4 };
static_assert(ARRAY_LEN(streams) * STREAM_WORDS + ARRAY_LEN(numbers) + 1 == SYNTH_STATE_COUNT,
              "a place for each");

void synth_get_state(const struct synth *synth, int64_t out[SYNTH_STATE_COUNT])
{
    for (size_t i = 0; i < ARRAY_LEN(streams); i++, out += STREAM_WORDS)
        memcpy(out, (const char *)synth + streams[i], STREAM_WORDS * sizeof *out);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        memcpy(out++, (const char *)synth + numbers[i], sizeof *out);
    *out = synth->regime;
}

bool synth_set_state(struct synth *synth, const int64_t state[SYNTH_STATE_COUNT])
{
    int64_t regime = state[SYNTH_STATE_COUNT - 1];

    for (size_t i = 0; i < ARRAY_LEN(streams); i++, state += STREAM_WORDS)
        memcpy((char *)synth + streams[i], state, STREAM_WORDS * sizeof *state);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        memcpy((char *)synth + numbers[i], state++, sizeof *state);
    synth->regime = (enum synth_regime)regime;
    return regime >= 0 && regime < SYNTH_REGIME_COUNT && synth->mid >= synth->lowest &&
           synth->mid <= synth->highest && synth->regime_left > 0 && synth->pull_left > 0 &&
           synth->spread_ticks > 0;
}
