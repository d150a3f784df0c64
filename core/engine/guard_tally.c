#include "engine/guard_tally.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/attr.h"

static const char *const names[] = {
    [TALLY_TRIP] = "trip",
    [TALLY_RECOVERABLE] = "recoverable",
    [TALLY_CRITICAL] = "critical",
};
static_assert(ARRAY_LEN(names) == TALLY_KIND_COUNT, "name every kind");

const char *tally_kind_name(enum tally_kind kind)
{
    assert(kind < TALLY_KIND_COUNT);
    return names[kind];
}

static int find(const struct guard_tally *tally, const char *guard)
{
    for (int i = 0; i < tally->count; i++)
        if (strncmp(tally->rows[i].guard, guard, TALLY_NAME_MAX - 1) == 0)
            return i;
    return -1;
}

static int add_row(struct guard_tally *tally, const char *guard)
{
    bool is_last = tally->count >= TALLY_ROWS - 1;

    if (tally->count == TALLY_ROWS)
        return TALLY_ROWS - 1;
    struct guard_count *row = &tally->rows[tally->count];
    snprintf(row->guard, sizeof row->guard, "%s", is_last ? "others" : guard);
    return tally->count++;
}

void guard_tally_add(struct guard_tally *tally, const char *guard, enum tally_kind kind)
{
    int row = find(tally, guard);

    if (row < 0)
        row = add_row(tally, guard);
    tally->rows[row].counts[kind]++;
}

uint64_t guard_tally_get(const struct guard_tally *tally, const char *guard,
                         enum tally_kind kind)
{
    int row = find(tally, guard);

    return row < 0 ? 0 : tally->rows[row].counts[kind];
}
