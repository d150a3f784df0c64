#include "base/breaker.h"

#include <assert.h>

#include "base/attr.h"

static const char *const names[] = {
    [BREAKER_CLOSED] = "closed",
    [BREAKER_HALF_OPEN] = "half_open",
    [BREAKER_OPEN] = "open",
};
static_assert(ARRAY_LEN(names) == BREAKER_STATE_COUNT, "name every state");

const char *breaker_state_name(enum breaker_state state)
{
    assert(state < BREAKER_STATE_COUNT);
    return names[state];
}

struct breaker breaker_init(int64_t failures_max, int64_t successes, nanos cool_down)
{
    assert(failures_max > 0 && successes > 0 && cool_down > 0);
    return (struct breaker){
        .failures_max = failures_max, .successes = successes, .cool_down = cool_down};
}

static void enter(struct breaker *breaker, enum breaker_state state)
{
    breaker->state = state;
    breaker->count = 0;
    breaker->is_probing = false;
}

enum breaker_answer breaker_ask(struct breaker *breaker, nanos now)
{
    if (breaker->state == BREAKER_CLOSED)
        return BREAKER_PASS;
    if (breaker->state == BREAKER_OPEN && now < breaker->until)
        return BREAKER_REFUSE;
    if (breaker->state == BREAKER_OPEN)
        enter(breaker, BREAKER_HALF_OPEN);
    if (breaker->is_probing)
        return BREAKER_WAIT;
    breaker->is_probing = true;
    return BREAKER_PASS;
}

void breaker_succeed(struct breaker *breaker)
{
    if (breaker->state == BREAKER_CLOSED) {
        breaker->count = 0;
        return;
    }
    if (breaker->state == BREAKER_OPEN)
        enter(breaker, BREAKER_HALF_OPEN);
    breaker->is_probing = false;
    if (++breaker->count >= breaker->successes)
        enter(breaker, BREAKER_CLOSED);
}

void breaker_fail(struct breaker *breaker, nanos now)
{
    if (breaker->state == BREAKER_OPEN)
        return;
    if (breaker->state == BREAKER_CLOSED && ++breaker->count < breaker->failures_max)
        return;
    enter(breaker, BREAKER_OPEN);
    breaker->until = now + breaker->cool_down;
}

void breaker_learn_nothing(struct breaker *breaker)
{
    breaker->is_probing = false;
}
