#include "engine/degrade.h"

#include <assert.h>
#include <string.h>

#include "base/mem.h"

struct degrade {
    struct fact_cause causes[CAUSES_MAX];
    nanos ends[CAUSES_MAX]; /* INT64_MAX: not by itself */
    int count;
    uint64_t last_id;
};

struct degrade *degrade_new(void)
{
    return mem_new(sizeof(struct degrade));
}

void degrade_free(struct degrade *degrade)
{
    mem_free(degrade);
}

static int index_of(const struct degrade *degrade, uint64_t id)
{
    for (int i = 0; i < degrade->count; i++)
        if (degrade->causes[i].id == id)
            return i;
    return -1;
}

/* Adds what one cause holds to what another does, wherever: nothing is lowered. */
static void widen(struct fact_cause *to, const struct fact_cause *by)
{
    if (by->level > to->level)
        to->level = by->level;
    to->allow_reduce = to->allow_reduce && by->allow_reduce;
}

/* When the table is full, its last cause and all that come later become one that holds what any
 * of them held, everywhere, until an operator clears it. Too much is held then, never too
 * little. No cause but this one has the id 0. */
static struct fact_cause *overflow(struct degrade *degrade)
{
    int at = index_of(degrade, 0);

    if (at >= 0)
        return &degrade->causes[at];
    struct fact_cause *cause = &degrade->causes[CAUSES_MAX - 1];
    degrade->ends[CAUSES_MAX - 1] = INT64_MAX;
    cause->id = 0;
    cause->product = PRODUCT_NONE;
    cause->sticky = true;
    cause->until = cause->lingers = 0;
    strcpy(cause->source, "overflow");
    strcpy(cause->why, "more causes at one time than can be told apart");
    return cause;
}

/* One that lasts has no end until it is renewed. */
static void put(struct degrade *degrade, int at, const struct fact_cause *cause)
{
    bool is_timed = cause->until && !cause->sticky;

    degrade->causes[at] = *cause;
    degrade->ends[at] = is_timed ? cause->until : INT64_MAX;
}

void degrade_apply_cause(struct degrade *degrade, const struct fact_cause *cause)
{
    assert(cause->level > LEVEL_NORMAL && cause->level < LEVEL_COUNT);
    int at = index_of(degrade, cause->id);
    if (at >= 0)
        put(degrade, at, cause);
    else if (degrade->count < CAUSES_MAX)
        put(degrade, degrade->count++, cause);
    else
        widen(overflow(degrade), cause);
    if (cause->id > degrade->last_id)
        degrade->last_id = cause->id;
}

void degrade_apply_end(struct degrade *degrade, uint64_t id)
{
    int at = index_of(degrade, id);

    if (at < 0)
        return;
    degrade->count--;
    memmove(degrade->causes + at, degrade->causes + at + 1,
            (size_t)(degrade->count - at) * sizeof degrade->causes[0]);
    memmove(degrade->ends + at, degrade->ends + at + 1,
            (size_t)(degrade->count - at) * sizeof degrade->ends[0]);
}

void degrade_renew(struct degrade *degrade, uint64_t id, nanos end)
{
    int at = index_of(degrade, id);

    if (at < 0 || !degrade->causes[at].lingers)
        return;
    if (degrade->ends[at] == INT64_MAX || degrade->ends[at] < end)
        degrade->ends[at] = end;
}

nanos degrade_end(const struct degrade *degrade, const struct fact_cause *held)
{
    int at = index_of(degrade, held->id);

    return at < 0 ? INT64_MAX : degrade->ends[at];
}

const struct fact_cause *degrade_find(const struct degrade *degrade, const char *source,
                                      product_ref product)
{
    for (int i = 0; i < degrade->count; i++) {
        const struct fact_cause *cause = &degrade->causes[i];
        if (cause->product == product && strcmp(cause->source, source) == 0)
            return cause;
    }
    return NULL;
}

uint64_t degrade_id_for(const struct degrade *degrade, const char *source, product_ref product)
{
    const struct fact_cause *held = degrade_find(degrade, source, product);

    return held ? held->id : degrade->last_id + 1;
}

uint64_t degrade_last_id(const struct degrade *degrade)
{
    return degrade->last_id;
}

void degrade_set_last_id(struct degrade *degrade, uint64_t id)
{
    degrade->last_id = id;
}

static bool applies(const struct fact_cause *cause, product_ref product)
{
    return cause->product == PRODUCT_NONE || cause->product == product;
}

const struct fact_cause *degrade_worst(const struct degrade *degrade, product_ref product)
{
    const struct fact_cause *worst = NULL;

    for (int i = 0; i < degrade->count; i++) {
        const struct fact_cause *cause = &degrade->causes[i];
        if (applies(cause, product) && (!worst || cause->level > worst->level))
            worst = cause;
    }
    return worst;
}

enum level degrade_level(const struct degrade *degrade, product_ref product)
{
    const struct fact_cause *worst = degrade->count ? degrade_worst(degrade, product) : NULL;

    return worst ? worst->level : LEVEL_NORMAL;
}

bool degrade_allows_reducing(const struct degrade *degrade, product_ref product)
{
    for (int i = 0; i < degrade->count; i++) {
        const struct fact_cause *cause = &degrade->causes[i];
        if (applies(cause, product) && cause->level >= LEVEL_PAUSED && !cause->allow_reduce)
            return false;
    }
    return true;
}

int degrade_count(const struct degrade *degrade)
{
    return degrade->count;
}

const struct fact_cause *degrade_at(const struct degrade *degrade, int index)
{
    assert(index >= 0 && index < degrade->count);
    return &degrade->causes[index];
}

const struct fact_cause *degrade_expired(const struct degrade *degrade, nanos now)
{
    for (int i = 0; i < degrade->count; i++)
        if (degrade->ends[i] != INT64_MAX && degrade->ends[i] <= now)
            return &degrade->causes[i];
    return NULL;
}

nanos degrade_next_deadline(const struct degrade *degrade)
{
    nanos next = INT64_MAX;

    for (int i = 0; i < degrade->count; i++)
        if (degrade->ends[i] < next)
            next = degrade->ends[i];
    return next;
}
