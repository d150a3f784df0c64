#include "engine/decision.h"

#include <assert.h>

#include "base/attr.h"
#include "base/names.h"

static const char *const names[] = {
    [ACTION_HOLD] = "hold",       [ACTION_BUY] = "buy",       [ACTION_SELL] = "sell",
    [ACTION_CLOSE] = "close",     [ACTION_CANCEL] = "cancel", [ACTION_AMEND] = "amend",
    [ACTION_PROTECT] = "protect",
};
static_assert(ARRAY_LEN(names) == ACTION_COUNT, "name every action");

const char *action_name(enum action action)
{
    assert(action < ACTION_COUNT);
    return names[action];
}

bool action_parse(const char *text, enum action *out)
{
    int found = names_find(names, ACTION_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum action)found;
    return true;
}
