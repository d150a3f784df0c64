#include "series/smooth.h"

struct smooth smooth_ema(int length)
{
    return (struct smooth){.length = length, .period = (length + 1) / 2.0};
}

struct smooth smooth_wilder(int length)
{
    return (struct smooth){.length = length, .period = length};
}

static void step(struct smooth *smooth, double number)
{
    smooth->value += (number - smooth->value) / smooth->period;
}

void smooth_push_units(struct smooth *smooth, int128 units)
{
    if (smooth_is_ready(smooth)) {
        step(smooth, exact_value(units));
        return;
    }
    smooth->units += units;
    if (++smooth->count == smooth->length) {
        struct divisor by = divisor_init((uint64_t)smooth->length);
        smooth->value = exact_mean(smooth->units, &by);
    }
}

void smooth_push(struct smooth *smooth, double number)
{
    if (smooth_is_ready(smooth)) {
        step(smooth, number);
        return;
    }
    smooth->sum += number;
    if (++smooth->count == smooth->length)
        smooth->value = smooth->sum / smooth->length;
}

void smooth_archive(struct smooth *smooth, struct archive *archive)
{
    archive_int(archive, &smooth->count, 0, smooth->length);
    archive_units(archive, &smooth->units, smooth->length * 4 * EXACT_LIMIT);
    archive_double(archive, &smooth->sum);
    archive_double(archive, &smooth->value);
}
