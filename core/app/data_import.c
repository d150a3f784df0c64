/* perigee data import: CSVs, or columnar files, into one file. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/data_job.h"
#include "store/history_sort.h"
#include "store/history_writer.h"

struct import {
    struct history_input inputs[DATA_FILES_MAX];
    int count;
    nanos from, to;
    char path[1024];
    struct history_info info; /* of what is written */
    struct history_writer *writer;
    uint64_t rows, dropped;
    bool shows_progress;
};

static enum err find_out(const struct data_job *job, struct import *import, struct fault *why)
{
    const char *out = args_text(job->args, "out", NULL);
    const char *first = import->inputs[0].path;
    size_t len = strlen(first);

    if (!out && import->count > 1)
        return fail(why, ERR_USAGE, "several files become one: name it with --out FILE.pgh");
    if (!out && len > 4 && strcmp(first + len - 4, ".csv") == 0)
        len -= 4;
    int n = out ? snprintf(import->path, sizeof import->path, "%s", out)
                : snprintf(import->path, sizeof import->path, "%.*s.pgh", (int)len, first);
    if (n < 0 || (size_t)n >= sizeof import->path)
        return fail(why, ERR_USAGE, "--out: the path is too long");
    return data_job_check_out(job, import->path, why);
}

static enum err read_words(const struct data_job *job, struct import *import, struct fault *why)
{
    enum err err = data_job_inputs(job, import->inputs, &import->count, why);

    if (!err)
        err = args_time(job->args, "from", &import->from, why);
    if (!err)
        err = args_time(job->args, "to", &import->to, why);
    return err ? err : find_out(job, import, why);
}

static enum err open_writer(struct import *import, const struct history_info *info,
                            struct fault *why)
{
    import->info = *info;
    return history_writer_open(import->path, info->kind, info->symbol, info->interval,
                               &import->writer, why);
}

static enum err check_same(const struct history *history, const struct import *import,
                           struct fault *why)
{
    const struct history_info *first = history_input_info(history, 0);

    for (int i = 1; i < import->count; i++) {
        const struct history_info *info = history_input_info(history, i);
        if (info->kind != first->kind || info->interval != first->interval ||
            strcmp(info->symbol, first->symbol) != 0)
            return fail(why, ERR_USAGE,
                        "%s and %s differ in kind, symbol or interval; a file holds one, so "
                        "import them one by one",
                        import->inputs[0].path, import->inputs[i].path);
    }
    return OK;
}

static void show_progress(const struct import *import, int permille)
{
    if (import->shows_progress && import->rows % 65536 == 0)
        fprintf(stderr, "\rimporting %3d %%", permille / 10);
}

static enum err copy_rows(struct import *import, struct history *history, struct fault *why)
{
    struct history_row row;
    bool has = true;
    enum err err = OK;

    while (!err && has) {
        err = history_next(history, &row, &has, why);
        if (!err && has) {
            err = history_writer_add(import->writer, &row, why);
            import->rows++;
            show_progress(import, history_permille(history));
        }
    }
    for (int i = 0; i < import->count; i++)
        import->info.rounded += history_input_info(history, i)->rounded;
    import->dropped = history_dropped(history);
    return err;
}

static enum err import_in_order(struct import *import, struct fault *why)
{
    struct history *history;
    enum err err =
        history_open(import->inputs, import->count, import->from, import->to, &history, why);

    if (err)
        return err;
    err = check_same(history, import, why);
    if (!err)
        err = open_writer(import, history_input_info(history, 0), why);
    import->info.rounded = 0;
    if (!err)
        err = copy_rows(import, history, why);
    history_close(history);
    return err;
}

static bool is_in_range(const struct import *import, const struct history_row *row)
{
    nanos key = history_row_key(row);

    return key >= import->from && (import->to == 0 || key < import->to);
}

static enum err import_sorted(struct import *import, struct fault *why)
{
    struct history_sort *sort;
    const struct history_row *row;
    enum err err = history_sort_open(import->inputs, import->count, &sort, why);

    if (err)
        return err;
    err = open_writer(import, history_sort_info(sort), why);
    while (!err && (row = history_sort_next(sort)) != NULL) {
        if (!is_in_range(import, row))
            continue;
        err = history_sort_place(sort, history_writer_add(import->writer, row, why), why);
        import->rows++;
    }
    import->dropped = history_sort_dropped(sort);
    history_sort_close(sort);
    return err;
}

static enum err report(struct data_job *job, struct import *import, struct fault *why)
{
    enum err err = data_report_written(job, import->path, &import->info, import->rows, why);

    if (!err && !job->json && import->info.rounded > 0)
        buf_add_format(&job->out, "  %llu numbers had more than 12 fraction digits: rounded\n",
                       (unsigned long long)import->info.rounded);
    if (!err && !job->json && import->dropped > 0)
        buf_add_format(&job->out, "  %llu rows dropped: %s\n",
                       (unsigned long long)import->dropped,
                       import->info.kind == HISTORY_BOOK ? "a snapshot held them already"
                                                         : "they were there twice");
    return err;
}

enum err data_import(struct data_job *job, struct fault *why)
{
    static struct import import; /* large, and there is one per process */
    bool sorts = args_has(job->args, "sort");

    import = (struct import){.shows_progress = isatty(STDERR_FILENO) != 0};
    enum err err = read_words(job, &import, why);
    if (!err)
        err = sorts ? import_sorted(&import, why) : import_in_order(&import, why);
    if (!err) {
        history_writer_set_rounded(import.writer, import.info.rounded);
        err = history_writer_commit(import.writer, why);
    }
    history_writer_close(import.writer);
    if (import.shows_progress)
        fprintf(stderr, "\r%20s\r", "");
    return err ? err : report(job, &import, why);
}
