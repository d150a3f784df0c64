#include "engine/trace.h"

#include <assert.h>

#include "base/attr.h"
#include "base/names.h"

static const char *const stage_names[] = {
    [STAGE_KILL_SWITCH] = "kill_switch",
    [STAGE_DEGRADATION] = "degradation",
    [STAGE_SIZING] = "sizing",
    [STAGE_REDUCE_REQUEST] = "reduce_request",
    [STAGE_HARD_LIMITS] = "hard_limits",
    [STAGE_REDUCE_MODE] = "reduce_mode",
    [STAGE_MARK_STALENESS] = "mark_staleness",
    [STAGE_EXCHANGE_RULES] = "exchange_rules",
    [STAGE_PRE_TRADE] = "pre_trade",
    [STAGE_FUNDS] = "funds",
    [STAGE_SLIPPAGE] = "slippage",
    [STAGE_GUARDS] = "guards",
    [STAGE_PREVIEW] = "preview",
    [STAGE_SUBMISSION] = "submission",
};
static_assert(ARRAY_LEN(stage_names) == STAGE_COUNT, "name every stage");

static const char *const verdict_names[] = {
    [VERDICT_PASSED] = "passed",   [VERDICT_CHANGED] = "changed", [VERDICT_REFUSED] = "refused",
    [VERDICT_SKIPPED] = "skipped", [VERDICT_WAITING] = "waiting",
};
static_assert(ARRAY_LEN(verdict_names) == VERDICT_COUNT, "name every verdict");

const char *stage_name(enum stage stage)
{
    assert(stage < STAGE_COUNT);
    return stage_names[stage];
}

bool stage_parse(const char *text, enum stage *out)
{
    int found = names_find(stage_names, STAGE_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum stage)found;
    return true;
}

const char *verdict_name(enum verdict verdict)
{
    assert(verdict < VERDICT_COUNT);
    return verdict_names[verdict];
}

bool verdict_parse(const char *text, enum verdict *out)
{
    int found = names_find(verdict_names, VERDICT_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum verdict)found;
    return true;
}
