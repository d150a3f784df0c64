#include "engine/strategy.h"

#include <assert.h>

#include "base/attr.h"

static const char *const names[] = {
    [HOOK_START] = "on_start", [HOOK_CYCLE] = "on_cycle", [HOOK_BAR] = "on_bar",
    [HOOK_TRADE] = "on_trade", [HOOK_QUOTE] = "on_quote", [HOOK_BOOK] = "on_book",
    [HOOK_ORDER] = "on_order", [HOOK_FILL] = "on_fill",   [HOOK_TIMER] = "on_timer",
    [HOOK_STOP] = "on_stop",
};
static_assert(ARRAY_LEN(names) == HOOK_COUNT, "name every hook");

const char *hook_name(enum hook hook)
{
    assert(hook < HOOK_COUNT);
    return names[hook];
}
