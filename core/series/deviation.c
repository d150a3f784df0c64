/* With n amounts x of sum S, the variance is (n * sum(x^2) - S^2) / n^2, or over
 * n * (n - 1) for a sample. When x replaces an old amount y and the sum goes from S
 * to T, the numerator grows by
 *
 *     n * (x^2 - y^2) - (T^2 - S^2)  =  (x - y) * (n * (x + y) - (T + S))
 *
 * which is one product of exact integers. The zeros a window starts with are
 * amounts like any other, so filling it needs no case of its own. */
#include "series/deviation.h"

#include <assert.h>
#include <math.h>

const char *const deviation_kind_names[DEVIATION_KIND_COUNT + 1] = {
    [DEVIATION_SAMPLE] = "sample",
    [DEVIATION_POPULATION] = "population",
};

void deviation_init(struct deviation *deviation, int length, enum deviation_kind kind)
{
    int64_t less = kind == DEVIATION_SAMPLE ? length - 1 : length;

    assert(less > 0);
    window_init(&deviation->window, length);
    deviation->spread = wide_from(0);
    deviation->divisor = wide_product((int128)DECIMAL_ONE * DECIMAL_ONE, less * length);
}

void deviation_clear(struct deviation *deviation)
{
    window_clear(&deviation->window);
}

void deviation_push(struct deviation *deviation, int128 units)
{
    struct window *window = &deviation->window;
    int128 sum = window->sum;
    int128 left = window_push(window, units);
    int128 both = window->length * (units + left) - (sum + window->sum);

    deviation->spread = wide_add(deviation->spread, wide_product(units - left, both));
}

double deviation_value(const struct deviation *deviation)
{
    return sqrt(wide_ratio(deviation->spread, deviation->divisor));
}

void deviation_archive(struct deviation *deviation, struct archive *archive)
{
    struct window *window = &deviation->window;

    window_archive(window, archive);
    if (!archive_is_loading(archive))
        return;
    deviation->spread = wide_sub(wide_from(0), wide_product(window->sum, window->sum));
    for (int i = 0; i < window->length; i++) {
        int128 units = window->values[i];
        deviation->spread =
            wide_add(deviation->spread, wide_product(window->length * units, units));
    }
}
