#include "model/side.h"

#include <assert.h>
#include <strings.h>

#include "base/attr.h"

static const char *const names[] = {
    [SIDE_BUY] = "buy",
    [SIDE_SELL] = "sell",
};
static_assert(ARRAY_LEN(names) == SIDE_COUNT, "name every side");

const char *side_name(enum side side)
{
    assert(side < SIDE_COUNT);
    return names[side];
}

bool side_parse(const char *text, enum side *out)
{
    for (int i = 0; i < SIDE_COUNT; i++) {
        if (strcasecmp(text, names[i]) == 0) {
            *out = (enum side)i;
            return true;
        }
    }
    return false;
}
