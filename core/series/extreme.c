/* A queue of candidates, oldest first. An amount enters at the end and drives out
 * those there that are not better: they are older and can never be the extreme
 * again. So:
 *
 * 1. The candidates get strictly worse and strictly younger along the queue.
 * 2. All are among the last `length` amounts, and the latest amount is the last
 *    of them; the queue is never empty once something was pushed.
 * 3. The first is the extreme. */
#include "series/extreme.h"

#include <assert.h>

#include "base/mem.h"

void extreme_init(struct extreme *extreme, int length, bool is_lowest)
{
    assert(length >= 1);
    *extreme = (struct extreme){
        .length = length,
        .is_lowest = is_lowest,
        .candidates = mem_new_array((size_t)length, sizeof *extreme->candidates),
    };
}

void extreme_clear(struct extreme *extreme)
{
    mem_free(extreme->candidates);
    extreme->candidates = NULL;
}

static struct candidate *candidate_at(const struct extreme *extreme, int index)
{
    int slot = extreme->first + index;

    return &extreme->candidates[slot < extreme->length ? slot : slot - extreme->length];
}

static bool is_better(const struct extreme *extreme, int128 a, int128 b)
{
    return extreme->is_lowest ? a < b : a > b;
}

static void drop_first(struct extreme *extreme)
{
    extreme->first = extreme->first + 1 < extreme->length ? extreme->first + 1 : 0;
    extreme->count--;
}

void extreme_push(struct extreme *extreme, int128 units)
{
    int64_t number = ++extreme->pushes;

    if (extreme->count > 0 && candidate_at(extreme, 0)->number <= number - extreme->length)
        drop_first(extreme);
    while (extreme->count > 0 &&
           !is_better(extreme, candidate_at(extreme, extreme->count - 1)->units, units))
        extreme->count--;
    *candidate_at(extreme, extreme->count++) = (struct candidate){units, number};
}

int128 extreme_units(const struct extreme *extreme)
{
    assert(extreme->count > 0);
    return candidate_at(extreme, 0)->units;
}

/* Whether the candidate just loaded at `index` keeps invariant 1. */
static bool is_in_order(const struct extreme *extreme, int index)
{
    if (index == 0)
        return true;
    const struct candidate *before = candidate_at(extreme, index - 1);
    const struct candidate *it = candidate_at(extreme, index);
    return before->number < it->number && is_better(extreme, before->units, it->units);
}

void extreme_archive(struct extreme *extreme, struct archive *archive)
{
    archive_int64(archive, &extreme->pushes, 0, INT64_MAX / 2);
    archive_int(archive, &extreme->count, extreme->pushes > 0, extreme->length);
    for (int i = 0; i < extreme->count; i++) {
        struct candidate *it = candidate_at(extreme, i);
        archive_units(archive, &it->units, EXACT_LIMIT);
        archive_int64(archive, &it->number, extreme->pushes - extreme->length + 1,
                      extreme->pushes);
        if (!is_in_order(extreme, i))
            archive->has_failed = true;
    }
    if (extreme->count > 0 &&
        candidate_at(extreme, extreme->count - 1)->number != extreme->pushes)
        archive->has_failed = true;
}
