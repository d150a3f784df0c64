#include "engine/level.h"

#include <assert.h>

#include "base/attr.h"
#include "base/names.h"

static const char *const names[] = {
    [LEVEL_NORMAL] = "normal",
    [LEVEL_REDUCE_ONLY] = "reduce_only",
    [LEVEL_PAUSED] = "paused",
    [LEVEL_HALTED] = "halted",
};
static_assert(ARRAY_LEN(names) == LEVEL_COUNT, "name every level");

const char *level_name(enum level level)
{
    assert(level < LEVEL_COUNT);
    return names[level];
}

bool level_parse(const char *text, enum level *out)
{
    int found = names_find(names, LEVEL_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum level)found;
    return true;
}
