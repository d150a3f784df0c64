#include "venue/retry_policy.h"

#include <assert.h>

#include "base/attr.h"

enum { AS_SET = 0, ONCE = 1, TWICE = 2 };

/* clang-format off */
static const struct outcome_policy outcomes[] = {
    /*                         meaning        attempts fails  all    code */
    [OUTCOME_NONE]            = {MEANS_DOUBTFUL, AS_SET, true,  false, REFUSAL_UNKNOWN},
    [OUTCOME_ANSWERED]        = {MEANS_ANSWERED, ONCE,   false, false, REFUSAL_BROKER_REJECTED},
    [OUTCOME_NOT_SENT]        = {MEANS_NOT_DONE, ONCE,   false, false, REFUSAL_BROKER_UNAVAILABLE},
    [OUTCOME_NO_CONNECTION]   = {MEANS_NOT_DONE, AS_SET, true,  false, REFUSAL_NETWORK},
    [OUTCOME_BROKEN]          = {MEANS_DOUBTFUL, AS_SET, true,  false, REFUSAL_NETWORK},
    [OUTCOME_TIMEOUT]         = {MEANS_DOUBTFUL, AS_SET, true,  false, REFUSAL_TIMEOUT},
    [OUTCOME_UNREADABLE]      = {MEANS_DOUBTFUL, AS_SET, true,  false, REFUSAL_BROKER_UNAVAILABLE},
    [OUTCOME_BAD_REQUEST]     = {MEANS_NOT_DONE, ONCE,   false, false, REFUSAL_BROKER_REJECTED},
    [OUTCOME_UNAUTHORIZED]    = {MEANS_NOT_DONE, TWICE,  false, false, REFUSAL_AUTH},
    [OUTCOME_FORBIDDEN]       = {MEANS_NOT_DONE, ONCE,   false, false, REFUSAL_AUTH},
    [OUTCOME_MISSING]         = {MEANS_NOT_DONE, ONCE,   false, false, REFUSAL_BROKER_REJECTED},
    [OUTCOME_RATE_LIMIT]      = {MEANS_NOT_DONE, AS_SET, false, true,  REFUSAL_RATE_LIMIT},
    [OUTCOME_CLIENT_ERROR]    = {MEANS_NOT_DONE, ONCE,   false, false, REFUSAL_BROKER_REJECTED},
    [OUTCOME_SERVER_ERROR]    = {MEANS_DOUBTFUL, AS_SET, true,  false, REFUSAL_BROKER_UNAVAILABLE},
    [OUTCOME_BAD_GATEWAY]     = {MEANS_DOUBTFUL, AS_SET, true,  false, REFUSAL_BROKER_UNAVAILABLE},
    [OUTCOME_UNAVAILABLE]     = {MEANS_DOUBTFUL, AS_SET, true,  false, REFUSAL_BROKER_UNAVAILABLE},
    [OUTCOME_GATEWAY_TIMEOUT] = {MEANS_DOUBTFUL, AS_SET, true,  false, REFUSAL_TIMEOUT},
};
static_assert(ARRAY_LEN(outcomes) == OUTCOME_COUNT, "a row for every outcome");

static const struct errand_policy errands[] = {
    /*                       in doubt  passes the breaker */
    [ERRAND_NONE]          = {false, false},
    [ERRAND_SUBMIT]        = {true,  false},
    [ERRAND_CANCEL]        = {true,  true},
    [ERRAND_AMEND]         = {false, false},
    [ERRAND_QUERY_ORDER]   = {true,  false},
    [ERRAND_QUERY_ORDERS]  = {true,  false},
    [ERRAND_QUERY_FILLS]   = {true,  false},
    [ERRAND_QUERY_ACCOUNT] = {true,  false},
    [ERRAND_PREVIEW]       = {true,  false},
};
static_assert(ARRAY_LEN(errands) == ERRAND_COUNT, "a row for every errand");
/* clang-format on */

const struct outcome_policy *outcome_policy(enum outcome outcome)
{
    assert(outcome < OUTCOME_COUNT);
    return &outcomes[outcome];
}

const struct errand_policy *errand_policy(enum errand errand)
{
    assert(errand < ERRAND_COUNT);
    return &errands[errand];
}

bool retry_is_due(enum errand errand, enum outcome outcome, int64_t attempts, int64_t most)
{
    const struct outcome_policy *how = outcome_policy(outcome);

    if (attempts >= most || (how->attempts_max && attempts >= how->attempts_max))
        return false;
    return how->meaning == MEANS_NOT_DONE || errand_policy(errand)->repeats_doubt;
}

bool retry_reason_is_repeat(const char *reason)
{
    return refusal_of_venue(reason) == REFUSAL_DUPLICATE_INTENT;
}
