/* Prices weighed by what was traded: on-balance volume and VWAP. */
#include "series/kind.h"
#include "series/source.h"
#include "series/window.h"

/* What a sum over a session or a life can reach: 10^16 a bar for 2^30 bars, which is a bar a
 * second for 34 years. */
#define SUM_LIMIT (EXACT_LIMIT << 30)

struct obv {
    bool has_last;
    int128 last, balance;
};

static void obv_init(void *state, const double *options)
{
    (void)state, (void)options;
}

static void obv_update(void *state, const struct bar *bar, double *out)
{
    struct obv *obv = state;
    int128 close = amount_units(bar->close), volume = amount_units(bar->volume);

    if (obv->has_last && close > obv->last)
        obv->balance += volume;
    else if (obv->has_last && close < obv->last)
        obv->balance -= volume;
    obv->has_last = true;
    obv->last = close;
    *out = exact_value(obv->balance);
}

static void obv_archive(void *state, struct archive *archive)
{
    struct obv *obv = state;

    archive_bool(archive, &obv->has_last);
    archive_units(archive, &obv->last, EXACT_LIMIT);
    archive_units(archive, &obv->balance, SUM_LIMIT);
}

const struct indicator_kind obv_kind = {
    .size = sizeof(struct obv),
    .init = obv_init,
    .update = obv_update,
    .archive = obv_archive,
};

/* Over the last `length` bars, or since midnight UTC if that is zero. Prices are
 * typical prices times three: high + low + close. The windows know what leaves,
 * so a session has none. */
struct vwap {
    int length;
    nanos day;
    int64_t bars;
    int128 prices, volumes;
    wide products;
    struct window price_window, volume_window;
};

static void vwap_init(void *state, const double *options)
{
    struct vwap *vwap = state;

    vwap->length = (int)options[0];
    if (vwap->length == 0)
        return;
    window_init(&vwap->price_window, vwap->length);
    window_init(&vwap->volume_window, vwap->length);
}

static void vwap_clear(void *state)
{
    struct vwap *vwap = state;

    window_clear(&vwap->price_window);
    window_clear(&vwap->volume_window);
}

static void start_session(struct vwap *vwap, nanos time)
{
    if (vwap->bars > 0 && nanos_day(time) == vwap->day)
        return;
    vwap->day = nanos_day(time);
    vwap->bars = 0;
    vwap->prices = vwap->volumes = 0;
    vwap->products = wide_from(0);
}

static void count_bar(struct vwap *vwap, int128 price, int128 volume)
{
    vwap->bars++;
    vwap->prices += price;
    vwap->volumes += volume;
    vwap->products = wide_add(vwap->products, wide_product(price, volume));
}

static void roll_window(struct vwap *vwap, int128 price, int128 volume)
{
    int128 left_price = window_push(&vwap->price_window, price);
    int128 left_volume = window_push(&vwap->volume_window, volume);

    if (vwap->bars < vwap->length)
        return;
    vwap->bars--;
    vwap->prices -= left_price;
    vwap->volumes -= left_volume;
    vwap->products = wide_sub(vwap->products, wide_product(left_price, left_volume));
}

/* Without any volume all bars weigh the same. */
static double weighted_price(const struct vwap *vwap)
{
    if (vwap->volumes > 0)
        return wide_ratio(vwap->products, wide_product(vwap->volumes, 3 * DECIMAL_ONE));
    return wide_ratio(wide_from(vwap->prices), wide_product(vwap->bars, 3 * DECIMAL_ONE));
}

static void vwap_update(void *state, const struct bar *bar, double *out)
{
    struct vwap *vwap = state;
    int128 price = amount_units(bar->high) + amount_units(bar->low) + amount_units(bar->close);
    int128 volume = amount_units(bar->volume);

    if (vwap->length == 0)
        start_session(vwap, bar->start);
    else
        roll_window(vwap, price, volume);
    count_bar(vwap, price, volume);
    *out = weighted_price(vwap);
}

static void vwap_archive(void *state, struct archive *archive)
{
    struct vwap *vwap = state;

    archive_int64(archive, &vwap->day, INT64_MIN, INT64_MAX);
    archive_int64(archive, &vwap->bars, 0, vwap->length > 0 ? vwap->length : INT64_C(1) << 30);
    archive_units(archive, &vwap->prices, 3 * SUM_LIMIT);
    archive_units(archive, &vwap->volumes, SUM_LIMIT);
    archive_wide(archive, &vwap->products);
    if (vwap->length == 0)
        return;
    window_archive(&vwap->price_window, archive);
    window_archive(&vwap->volume_window, archive);
}

const struct indicator_kind vwap_kind = {
    .size = sizeof(struct vwap),
    .init = vwap_init,
    .clear = vwap_clear,
    .update = vwap_update,
    .archive = vwap_archive,
};
