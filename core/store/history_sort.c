#include "store/history_sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "store/history_source.h"

struct placed_row {
    struct history_row row;
    uint64_t position; /* in its file */
};

struct history_sort {
    struct placed_row *rows;
    size_t count, cap;
    size_t next;
    uint64_t dropped;
    struct history_info info; /* of the first file, with the counts of all */
    char **paths;             /* of the inputs */
    int inputs;
    const char *position_name;
};

static enum err check_same(const struct history_sort *sort, const struct history_source *source,
                           struct fault *why)
{
    const struct history_info *a = &sort->info, *b = &source->info;

    if (b->kind == HISTORY_BOOK)
        return fail(why, ERR_REFUSED,
                    "%s: the rows of a book cannot be sorted, their order is their meaning",
                    source->path);
    if (sort->count == 0 ||
        (a->kind == b->kind && a->interval == b->interval && strcmp(a->symbol, b->symbol) == 0))
        return OK;
    return fail(why, ERR_REFUSED,
                "%s and %s differ in kind, symbol or interval; sort them one by one",
                sort->paths[0], source->path);
}

static void add_row(struct history_sort *sort, const struct history_row *row, int input,
                    uint64_t position)
{
    if (sort->count == sort->cap) {
        sort->cap = sort->cap ? 2 * sort->cap : 4096;
        sort->rows = mem_resize(sort->rows, sort->cap, sizeof *sort->rows);
    }
    struct placed_row *placed = &sort->rows[sort->count++];
    placed->row = *row;
    placed->row.source = input;
    placed->position = position;
}

static enum err read_source(struct history_sort *sort, struct history_source *source, int input,
                            struct fault *why)
{
    struct history_row row;
    bool has = true;
    enum err err = check_same(sort, source, why);

    if (sort->count == 0)
        sort->info = source->info;
    while (!err && has) {
        err = source->ops->next(source, &row, &has, why);
        if (!err && has)
            add_row(sort, &row, input, source->ops->position(source));
    }
    return err;
}

static enum err read_input(struct history_sort *sort, const struct history_input *input,
                           int index, struct fault *why)
{
    struct history_source *source;
    uint64_t rounded = sort->info.rounded;

    sort->paths[index] = mem_copy_text(input->path);
    enum err err = history_source_open(input, &source, why);
    if (err)
        return err;
    sort->position_name = source->position_name;
    err = read_source(sort, source, index, why);
    sort->info.rounded = rounded + source->info.rounded;
    history_source_close(source);
    return err;
}

/* By time; trades of one time by their number, so that a file that runs backwards does not keep
 * them reversed; what is left by the order in which it was read. */
static int compare_rows(const void *a, const void *b)
{
    const struct placed_row *x = a, *y = b;
    nanos key_x = history_row_key(&x->row), key_y = history_row_key(&y->row);

    if (key_x != key_y)
        return key_x < key_y ? -1 : 1;
    if (x->row.kind == HISTORY_TRADES && x->row.trade.id != y->row.trade.id)
        return x->row.trade.id < y->row.trade.id ? -1 : 1;
    if (x->row.source != y->row.source)
        return x->row.source - y->row.source;
    return (x->position > y->position) - (x->position < y->position);
}

static bool is_same(const struct history_row *a, const struct history_row *b)
{
    int128 x[HISTORY_COLUMNS_MAX], y[HISTORY_COLUMNS_MAX];

    history_row_pack(a, x);
    history_row_pack(b, y);
    for (int i = 0; i < history_column_count(a->kind); i++)
        if (x[i] != y[i])
            return false;
    return true;
}

static void drop_same(struct history_sort *sort)
{
    size_t kept = 0;

    for (size_t i = 0; i < sort->count; i++) {
        if (kept == 0 || !is_same(&sort->rows[kept - 1].row, &sort->rows[i].row))
            sort->rows[kept++] = sort->rows[i];
    }
    sort->dropped = sort->count - kept;
    sort->count = kept;
}

enum err history_sort_open(const struct history_input *inputs, int count,
                           struct history_sort **out, struct fault *why)
{
    struct history_sort *sort = mem_new(sizeof *sort);
    enum err err = OK;

    sort->inputs = count;
    sort->paths = mem_new_array((size_t)count, sizeof *sort->paths);
    for (int i = 0; i < count && !err; i++)
        err = read_input(sort, &inputs[i], i, why);
    if (err) {
        history_sort_close(sort);
        return err;
    }
    qsort(sort->rows, sort->count, sizeof *sort->rows, compare_rows);
    drop_same(sort);
    *out = sort;
    return OK;
}

void history_sort_close(struct history_sort *sort)
{
    if (!sort)
        return;
    for (int i = 0; i < sort->inputs; i++)
        mem_free(sort->paths[i]);
    mem_free(sort->paths);
    mem_free(sort->rows);
    mem_free(sort);
}

const struct history_row *history_sort_next(struct history_sort *sort)
{
    return sort->next < sort->count ? &sort->rows[sort->next++].row : NULL;
}

enum err history_sort_place(const struct history_sort *sort, enum err err, struct fault *why)
{
    if (!err || !why || sort->next == 0)
        return err;
    const struct placed_row *placed = &sort->rows[sort->next - 1];
    return fault_prefix(why, "%s: %s %llu: ", sort->paths[placed->row.source],
                        sort->position_name, (unsigned long long)placed->position);
}

const struct history_info *history_sort_info(const struct history_sort *sort)
{
    return &sort->info;
}

uint64_t history_sort_dropped(const struct history_sort *sort)
{
    return sort->dropped;
}
