#include "series/source.h"

const char *const source_names[SOURCE_COUNT + 1] = {
    [SOURCE_CLOSE] = "close", [SOURCE_OPEN] = "open",     [SOURCE_HIGH] = "high",
    [SOURCE_LOW] = "low",     [SOURCE_VOLUME] = "volume",
};
