/* Scripts that try to hurt. After every attack another sandbox must still work and the attacked
 * one must still answer, dead or alive. */
#ifndef TESTS_SCRIPT_ATTACKS_H
#define TESTS_SCRIPT_ATTACKS_H

#include "scripts.h"

struct attack {
    const char *script;
    const char *end; /* what the answer contains; the answer is the returned value as text,
                        "error: ..." for an ordinary error, "budget: ..." for a death */
};

static const char TIME[] = "stopped: more than 10 ms";
static const char ANY[] = "stopped: "; /* time, work or memory, whatever is first */
static const char WORK[] = "stopped: too much work";
static const char MEMORY[] = "stopped: more than 4 MiB";

static const struct sandbox_limits tight = {
    .memory = 4 << 20,
    .call = MILLISECONDS(10),
    .extra = MILLISECONDS(10),
    .work = 1000000,
};

static inline void check_canary(void)
{
    static struct sandbox *canary;

    if (!canary)
        canary = new_sandbox(NULL);
    const char *script = "local t = {} for w in ('b a'):gmatch('%a') do t[w] = #w end "
                         "local s = '' for k, v in pairs(t) do s = s .. k .. v end "
                         "return s .. select('#', pcall(error))";
    assert_string_equal(run_in(canary, script, strlen(script)), "a1b12");
}

/* True when it ended as wanted. Attacks that are to end by something else than time get
 * plenty. */
static inline bool attack(const char *script, size_t len, const char *end)
{
    struct sandbox_options options = {.name = "attack", .limits = tight};
    char answer[ANSWER_MAX];

    if (strcmp(end, TIME) && strcmp(end, ANY))
        options.limits.call = SECONDS(10);
    struct sandbox *sandbox = new_sandbox(&options);
    strcpy(answer, run_in(sandbox, script, len));
    bool is_as_wanted = strstr(answer, end);
    if (!is_as_wanted)
        print_error("%.300s\n  gave   %.300s\n  wanted %s\n", script, answer, end);
    const char *again = run_in(sandbox, "return 'alive'", 14);
    assert_string_equal(again, sandbox_is_dead(sandbox) ? answer : "alive");
    sandbox_free(sandbox);
    check_canary();
    return is_as_wanted;
}

static inline void attack_all(const struct attack *attacks, size_t count)
{
    size_t as_wanted = 0;

    for (size_t i = 0; i < count; i++)
        as_wanted += attack(attacks[i].script, strlen(attacks[i].script), attacks[i].end);
    assert_int_equal(as_wanted, count);
}

#endif
