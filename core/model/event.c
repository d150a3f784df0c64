#include "model/event.h"

#include <assert.h>

#include "base/attr.h"
#include "base/names.h"

static const char *const event_kinds[] = {
    [EVENT_BAR] = "bar",         [EVENT_TRADE] = "trade",   [EVENT_QUOTE] = "quote",
    [EVENT_BOOK] = "book",       [EVENT_REACH] = "reach",   [EVENT_CYCLE] = "cycle",
    [EVENT_TIMER] = "timer",     [EVENT_REPORT] = "report", [EVENT_BALANCE] = "balance",
    [EVENT_HOLDING] = "holding", [EVENT_ANSWER] = "answer", [EVENT_STREAM] = "stream",
    [EVENT_COMMAND] = "command", [EVENT_GAUGE] = "gauge",   [EVENT_RETRY] = "retry",
    [EVENT_PREVIEW] = "preview",
};
static_assert(ARRAY_LEN(event_kinds) == EVENT_KIND_COUNT, "name every kind of event");

static const char *const report_kinds[] = {
    [REPORT_ACCEPTED] = "accepted",
    [REPORT_REJECTED] = "rejected",
    [REPORT_FILL] = "fill",
    [REPORT_CANCELED] = "canceled",
    [REPORT_CANCEL_REFUSED] = "cancel_refused",
    [REPORT_REPLACED] = "replaced",
    [REPORT_REPLACE_REFUSED] = "replace_refused",
    [REPORT_EXPIRED] = "expired",
    [REPORT_WORKING] = "working",
    [REPORT_NOT_FOUND] = "not_found",
    [REPORT_LOST] = "lost",
    [REPORT_CANCEL_TAKEN] = "cancel_taken",
    [REPORT_WITHDRAWN] = "withdrawn",
};
static_assert(ARRAY_LEN(report_kinds) == REPORT_KIND_COUNT, "name every kind of report");

/* As they are typed: these are words of the command line. */
static const char *const command_kinds[] = {
    [COMMAND_PAUSE] = "pause",
    [COMMAND_RESUME] = "resume",
    [COMMAND_REDUCE_ONLY] = "reduce-only",
    [COMMAND_HALT] = "halt",
    [COMMAND_FLATTEN] = "flatten",
    [COMMAND_CANCEL_ALL] = "cancel-all",
    [COMMAND_KILL] = "kill",
    [COMMAND_STOP] = "stop",
};
static_assert(ARRAY_LEN(command_kinds) == COMMAND_KIND_COUNT, "name every command");

static const char *const gauges[] = {
    [GAUGE_CLOCK_SKEW] = "clock_skew",
    [GAUGE_RATE_USAGE] = "rate_usage",
    [GAUGE_BREAKERS_OPEN] = "breakers_open",
    [GAUGE_DISK_FREE] = "disk_free",
};
static_assert(ARRAY_LEN(gauges) == GAUGE_COUNT, "name every gauge");

const char *event_kind_name(enum event_kind kind)
{
    assert(kind < EVENT_KIND_COUNT);
    return event_kinds[kind];
}

const char *report_kind_name(enum report_kind kind)
{
    assert(kind < REPORT_KIND_COUNT);
    return report_kinds[kind];
}

const char *command_kind_name(enum command_kind kind)
{
    assert(kind < COMMAND_KIND_COUNT);
    return command_kinds[kind];
}

bool command_kind_parse(const char *text, enum command_kind *out)
{
    int found = names_find(command_kinds, COMMAND_KIND_COUNT, text);

    if (found < 0)
        return false;
    *out = (enum command_kind)found;
    return true;
}

const char *gauge_name(enum gauge gauge)
{
    assert(gauge < GAUGE_COUNT);
    return gauges[gauge];
}

decimal gauge_clock_skew(nanos stamp, nanos asked, nanos answered)
{
    nanos skew = stamp < asked ? stamp - asked : stamp > answered ? stamp - answered : 0;

    return (decimal){(int128)skew * (DECIMAL_ONE / SECONDS(1))};
}
