#include "venue/faults.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "base/names.h"
#include "base/rng.h"

enum { RULES_MIN = 8 };

static const nanos span_default = MILLISECONDS(500);

struct rule {
    enum fault_point point;
    uint64_t nth;
    struct fault_case what;
};

struct fault_plan {
    struct rng rngs[FAULT_POINT_COUNT]; /* one each: traffic at one point shifts no other */
    decimal chances[FAULT_KIND_COUNT];
    bool has_chances;
    nanos span_min, span_max;
    uint64_t counts[FAULT_POINT_COUNT];
    struct rule *rules;
    size_t rule_count, rule_room;
};

static const char *const point_names[] = {
    [FAULT_AT_SUBMIT] = "submit", [FAULT_AT_CANCEL] = "cancel",   [FAULT_AT_AMEND] = "amend",
    [FAULT_AT_QUERY] = "query",   [FAULT_AT_PREVIEW] = "preview", [FAULT_AT_REPORT] = "report",
    [FAULT_AT_TICK] = "tick",
};
static_assert(ARRAY_LEN(point_names) == FAULT_POINT_COUNT, "name every point");

#define AT(point) (1u << FAULT_AT_##point)

enum {
    REQUESTS = AT(SUBMIT) | AT(CANCEL) | AT(AMEND) | AT(QUERY) | AT(PREVIEW),
    STREAMS = AT(REPORT) | AT(TICK),
};

static const struct {
    const char *name;
    unsigned points;
} kinds[] = {
    [FAULT_NONE] = {"none", REQUESTS | STREAMS},
    [FAULT_LOSE_REQUEST] = {"lose_request", REQUESTS},
    [FAULT_LOSE_ANSWER] = {"lose_answer", REQUESTS},
    [FAULT_LOSE_MESSAGE] = {"lose_message", STREAMS},
    [FAULT_NO_CONNECTION] = {"no_connection", REQUESTS},
    [FAULT_TIMEOUT] = {"timeout", REQUESTS},
    [FAULT_SERVER_BEFORE] = {"server_before", REQUESTS},
    [FAULT_SERVER_AFTER] = {"server_after", REQUESTS},
    [FAULT_HALF_ANSWER] = {"half_answer", REQUESTS},
    [FAULT_WRONG_BODY] = {"wrong_body", REQUESTS},
    [FAULT_RATE_LIMIT] = {"rate_limit", REQUESTS},
    [FAULT_REJECT] = {"reject", AT(SUBMIT) | AT(CANCEL) | AT(AMEND) | AT(PREVIEW)},
    [FAULT_HIDE] = {"hide", AT(SUBMIT)},
    [FAULT_DELAY] = {"delay", REQUESTS | AT(REPORT)},
    [FAULT_REORDER] = {"reorder", REQUESTS | AT(REPORT)},
    [FAULT_DUPLICATE] = {"duplicate", REQUESTS | STREAMS},
    [FAULT_GAP] = {"gap", STREAMS},
    [FAULT_DISCONNECT] = {"disconnect", STREAMS},
    [FAULT_UNAUTHORIZED] = {"unauthorized", REQUESTS},
};
static_assert(ARRAY_LEN(kinds) == FAULT_KIND_COUNT, "describe every kind");

const char *fault_point_name(enum fault_point point)
{
    assert(point < FAULT_POINT_COUNT);
    return point_names[point];
}

const char *fault_kind_name(enum fault_kind kind)
{
    assert(kind < FAULT_KIND_COUNT);
    return kinds[kind].name;
}

bool fault_kind_fits(enum fault_kind kind, enum fault_point point)
{
    assert(kind < FAULT_KIND_COUNT && point < FAULT_POINT_COUNT);
    return kinds[kind].points >> point & 1;
}

struct fault_plan *fault_plan_new(uint64_t seed)
{
    struct fault_plan *plan = mem_new(sizeof *plan);

    for (int i = 0; i < FAULT_POINT_COUNT; i++) {
        char name[32];
        snprintf(name, sizeof name, "faults:%s", point_names[i]);
        plan->rngs[i] = rng_stream(seed, name);
    }
    plan->span_min = MILLISECONDS(50);
    plan->span_max = SECONDS(2);
    return plan;
}

void fault_plan_free(struct fault_plan *plan)
{
    if (!plan)
        return;
    mem_free(plan->rules);
    mem_free(plan);
}

void fault_plan_set_chance(struct fault_plan *plan, enum fault_kind kind, decimal chance)
{
    assert(kind > FAULT_NONE && kind < FAULT_KIND_COUNT);
    assert(!decimal_is_negative(chance) && !decimal_is_less(D(1), chance));
    plan->chances[kind] = chance;
    plan->has_chances = plan->has_chances || !decimal_is_zero(chance);
}

void fault_plan_set_span(struct fault_plan *plan, nanos min, nanos max)
{
    assert(min >= 0 && min <= max);
    plan->span_min = min;
    plan->span_max = max;
}

void fault_plan_add_rule(struct fault_plan *plan, enum fault_point point, uint64_t nth,
                         struct fault_case what)
{
    assert(nth > 0 && fault_kind_fits(what.kind, point));
    if (plan->rule_count == plan->rule_room) {
        plan->rule_room = plan->rule_room ? 2 * plan->rule_room : RULES_MIN;
        plan->rules = mem_resize(plan->rules, plan->rule_room, sizeof *plan->rules);
    }
    plan->rules[plan->rule_count++] = (struct rule){point, nth, what};
}

static int kind_find(const char *name)
{
    for (int i = 0; i < FAULT_KIND_COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    return -1;
}

enum err fault_plan_parse_rule(struct fault_plan *plan, const char *text, struct fault *why)
{
    char point_name[16], kind_name[24], span[24] = "", rest[2] = "";
    struct fault_case what = {FAULT_NONE, span_default};
    unsigned long long nth = 0;
    int parts =
        sscanf(text, "%15s %llu %23s %23s %1s", point_name, &nth, kind_name, span, rest);

    if (parts < 3 || parts > 4 || nth == 0)
        return fail(why, ERR_PARSE,
                    "fault \"%s\": write it as POINT N KIND [SPAN], like "
                    "\"submit 2 lose_answer\" or \"tick 100 disconnect 30s\"",
                    text);
    int point = names_find(point_names, FAULT_POINT_COUNT, point_name);
    if (point < 0)
        return fail(why, ERR_PARSE,
                    "fault \"%s\": there is no point %s; use submit, cancel, amend, query, "
                    "preview, report or tick",
                    text, point_name);
    int kind = kind_find(kind_name);
    if (kind <= 0 || !fault_kind_fits((enum fault_kind)kind, (enum fault_point)point))
        return fail(why, ERR_PARSE, "fault \"%s\": %s cannot happen at a %s", text, kind_name,
                    point_name);
    if (parts == 4 && nanos_parse_duration(span, &what.span, why))
        return fault_prefix(why, "fault \"%s\"", text);
    what.kind = (enum fault_kind)kind;
    fault_plan_add_rule(plan, (enum fault_point)point, nth, what);
    return OK;
}

static bool happens(struct rng *rng, decimal chance)
{
    return !decimal_is_zero(chance) &&
           (int128)rng_below(rng, (uint64_t)DECIMAL_ONE) < chance.units;
}

static struct fault_case draw(struct fault_plan *plan, enum fault_point point)
{
    struct rng *rng = &plan->rngs[point];

    for (int i = FAULT_NONE + 1; i < FAULT_KIND_COUNT; i++) {
        enum fault_kind kind = (enum fault_kind)i;
        if (fault_kind_fits(kind, point) && happens(rng, plan->chances[i]))
            return (struct fault_case){kind, rng_between(rng, plan->span_min, plan->span_max)};
    }
    return (struct fault_case){FAULT_NONE, 0};
}

struct fault_case fault_plan_next(struct fault_plan *plan, enum fault_point point)
{
    uint64_t nth = ++plan->counts[point];

    for (size_t i = 0; i < plan->rule_count; i++)
        if (plan->rules[i].point == point && plan->rules[i].nth == nth)
            return plan->rules[i].what;
    if (!plan->has_chances)
        return (struct fault_case){FAULT_NONE, 0};
    return draw(plan, point);
}

uint64_t fault_plan_count(const struct fault_plan *plan, enum fault_point point)
{
    assert(point < FAULT_POINT_COUNT);
    return plan->counts[point];
}
