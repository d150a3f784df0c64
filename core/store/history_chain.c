#include "store/history_chain.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"

void history_chain_add(struct history_chain *chain, struct history_source *source, int input)
{
    chain->links = mem_resize(chain->links, (size_t)chain->count + 1, sizeof *chain->links);
    chain->links[chain->count++] = (struct history_link){source, input};
}

void history_chain_clear(struct history_chain *chain)
{
    for (int i = 0; i < chain->count; i++)
        history_source_close(chain->links[i].source);
    mem_free(chain->links);
    *chain = (struct history_chain){0};
}

static int compare_links(const void *a, const void *b)
{
    const struct history_link *x = a, *y = b;
    nanos first_x = x->source->info.first, first_y = y->source->info.first;

    if (first_x != first_y)
        return first_x < first_y ? -1 : 1;
    return x->input - y->input;
}

/* Ticks may share a time, and a recording may be cut there; bars may not. */
static bool overlap(const struct history_info *earlier, const struct history_info *later)
{
    return earlier->interval > 0 ? earlier->last >= later->first : earlier->last > later->first;
}

static enum err check_neighbours(const struct history_source *earlier,
                                 const struct history_source *later, struct fault *why)
{
    char last[NANOS_TEXT_MAX], first[NANOS_TEXT_MAX];

    if (!overlap(&earlier->info, &later->info))
        return OK;
    return fail(
        why, ERR_REFUSED,
        "%s and %s overlap: the first reaches to %s, the second begins at %s; leave one "
        "out, or, if they are of different products, say which (--data SYMBOL=FILE)",
        earlier->path, later->path, nanos_format(earlier->info.last, last),
        nanos_format(later->info.first, first));
}

enum err history_chain_sort(struct history_chain *chain, struct fault *why)
{
    enum err err = OK;

    if (chain->count > 1)
        qsort(chain->links, (size_t)chain->count, sizeof *chain->links, compare_links);
    for (int i = 1; i < chain->count && !err; i++)
        err = check_neighbours(chain->links[i - 1].source, chain->links[i].source, why);
    return err;
}

void history_chain_skip_to(struct history_chain *chain, nanos from)
{
    assert(chain->current == 0 && !chain->track.has_row);
    chain->from = from;
    for (int i = 0; i < chain->count; i++) {
        struct history_source *source = chain->links[i].source;
        source->ops->skip_to(source, from);
    }
}

/* The next row of the files from the current one on. */
static enum err next_of_any(struct history_chain *chain, struct history_row *row, bool *has,
                            struct fault *why)
{
    for (; chain->current < chain->count; chain->current++) {
        struct history_link *link = &chain->links[chain->current];
        enum err err = link->source->ops->next(link->source, row, has, why);
        row->source = link->input;
        if (err || *has)
            return err;
    }
    *has = false;
    return OK;
}

enum err history_chain_next(struct history_chain *chain, struct history_row *row, bool *has,
                            struct fault *why)
{
    do {
        enum err err = next_of_any(chain, row, has, why);
        if (err || !*has)
            return err;
        err = history_track_accept(&chain->track, row, why);
        if (UNLIKELY(err))
            return history_source_place(chain->links[chain->current].source, err, why);
    } while (history_row_key(row) < chain->from);
    return OK;
}
