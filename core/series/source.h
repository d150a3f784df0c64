/* The number of a bar that an indicator of one series looks at. */
#ifndef SERIES_SOURCE_H
#define SERIES_SOURCE_H

#include "model/candle.h"
#include "series/exact.h"

enum source { SOURCE_CLOSE, SOURCE_OPEN, SOURCE_HIGH, SOURCE_LOW, SOURCE_VOLUME, SOURCE_COUNT };

/* By number, and NULL after the last one. */
extern const char *const source_names[SOURCE_COUNT + 1];

/* An amount in units, held within +-EXACT_LIMIT. */
static inline int128 amount_units(decimal amount)
{
    if (LIKELY(amount.units == (int64_t)amount.units))
        return amount.units; /* up to nine million: most prices, tested cheaply */
    if (UNLIKELY(amount.units > EXACT_LIMIT))
        return EXACT_LIMIT;
    if (UNLIKELY(amount.units < -EXACT_LIMIT))
        return -EXACT_LIMIT;
    return amount.units;
}

static inline int128 source_units(const struct bar *bar, enum source source)
{
    switch (source) {
    case SOURCE_OPEN:
        return amount_units(bar->open);
    case SOURCE_HIGH:
        return amount_units(bar->high);
    case SOURCE_LOW:
        return amount_units(bar->low);
    case SOURCE_VOLUME:
        return amount_units(bar->volume);
    case SOURCE_CLOSE:
    case SOURCE_COUNT:
        break;
    }
    return amount_units(bar->close);
}

#endif
