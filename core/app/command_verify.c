/* perigee verify: is the journal whole, and does it add up? */
#include <stdio.h>
#include <unistd.h>

#include "app/command.h"
#include "app/config_args.h"
#include "app/journal_file.h"
#include "base/json.h"
#include "store/journal_verify.h"

static const struct arg_option options[] = {
    JOURNAL_FILE_OPTIONS,
    {.name = NULL},
};

static void show_progress(void *to, uint64_t done, uint64_t all)
{
    (void)to;
    fprintf(stderr, "\r%llu of %llu events ", (unsigned long long)done,
            (unsigned long long)all);
}

static void print_json(const char *path, const struct journal_report *report)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);
    char first[NANOS_TEXT_MAX], last[NANOS_TEXT_MAX];

    json_open_object(&w, NULL);
    json_add_text(&w, "journal", path);
    json_add_bool(&w, "ok", true);
    json_add_int(&w, "events", (int64_t)report->events);
    json_add_int(&w, "runs", (int64_t)report->runs);
    json_add_int(&w, "orders", (int64_t)report->orders);
    json_add_int(&w, "fills", (int64_t)report->fills);
    json_add_int(&w, "snapshots", (int64_t)report->snapshots);
    json_add_text(&w, "first", nanos_format(report->first, first));
    json_add_text(&w, "last", nanos_format(report->last, last));
    json_add_text(&w, "hash", report->hash);
    json_close_object(&w);
    printf("%s\n", buf_text(&out));
    buf_clear(&out);
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void print_text(const char *path, const struct journal_report *report)
{
    char first[NANOS_TEXT_MAX], last[NANOS_TEXT_MAX];

    printf("%s\n%llu event%s in %llu run%s, from %s to %s\n", path,
           (unsigned long long)report->events, plural(report->events),
           (unsigned long long)report->runs, plural(report->runs),
           nanos_format(report->first, first), nanos_format(report->last, last));
    printf("chain holds: every event is the one that was written, and none is missing\n");
    printf("sums hold:   %llu order%s, %llu fill%s; positions, balances and tables agree with "
           "them\n",
           (unsigned long long)report->orders, plural(report->orders),
           (unsigned long long)report->fills, plural(report->fills));
    printf("hash         %s\n", report->hash);
}

static enum err run(const struct args *args, struct fault *why)
{
    char path[JOURNAL_PATH_MAX];
    struct journal_report report;
    enum err err = journal_file_from_args(args, path, why);
    struct journal_verify_options verify = {.path = path};

    if (err)
        return err;
    if (isatty(STDERR_FILENO))
        verify.progress = show_progress;
    err = journal_verify(&verify, &report, why);
    if (verify.progress)
        fprintf(stderr, "\r%40s\r", "");
    if (!err && args_has(args, "json"))
        print_json(path, &report);
    else if (!err)
        print_text(path, &report);
    return err;
}

const struct cli_command command_verify = {
    .name = "verify",
    .summary = "prove that a journal is whole and adds up",
    .words = "",
    .examples =
        "  perigee verify --profile dev\n  perigee verify --journal perigee.db --json\n",
    .options = options,
    .run = run,
};
