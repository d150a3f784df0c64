/* perigee docs: the reference pages, from the tables in the program. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/command.h"
#include "app/run_settings.h"
#include "base/json.h"
#include "engine/limits.h"
#include "engine/refusal.h"
#include "engine/settings.h"
#include "script/registry.h"
#include "store/history_schema.h"

static const struct arg_option options[] = {
    {"out", "FOLDER", "write every page there instead of printing one", false, false},
    {NULL, NULL, NULL, false, false},
};

static void write_commands(struct buf *out)
{
    buf_add_text(
        out,
        "# Commands\n\nThis page is written by `perigee docs` from the table of commands.\n");
    for (int i = 0; cli_command_at(i); i++) {
        buf_add_format(out, "\n## perigee %s\n\n```\n", cli_command_at(i)->name);
        cli_write_help(cli_command_at(i), out);
        buf_add_text(out, "```\n");
    }
}

static void write_codes(struct buf *out)
{
    buf_add_text(
        out,
        "# Why an order did not leave\n\nThis page is written by `perigee docs`. The codes are "
        "stable: journals, logs and metrics use them.\n\n"
        "| code | what it means | what to do |\n|---|---|---|\n");
    for (int code = 1; code < REFUSAL_COUNT; code++)
        buf_add_format(out, "| `%s` | %s | %s |\n", refusal_name((enum refusal)code),
                       refusal_text((enum refusal)code), refusal_remedy((enum refusal)code));
    buf_add_text(out, "\n## The limits behind them\n\n| limit | setting | stage | code "
                      "|\n|---|---|---|---|\n");
    struct limit_info info;
    for (int i = 0; limits_describe(i, &info); i++)
        buf_add_format(out, "| %s | `%s` | %s | `%s` |\n", info.name, info.setting,
                       stage_name(info.stage), refusal_name(info.code));
}

static void write_settings(struct buf *out)
{
    static struct engine_settings engine;
    static struct run_settings run;
    struct options *all = options_new();

    engine_settings_add(&engine, all);
    run_settings_add(&run, all);
    buf_add_text(
        out, "# Settings\n\nThis page is written by `perigee docs` from the tables of options. "
             "docs/profiles.md says how to set them.\n\n");
    options_write_markdown(all, out);
    options_free(all);
}

static void write_metric(enum metric metric, struct buf *out)
{
    struct metric_info info = metric_describe(metric);

    buf_add_format(out, "| `%s` | %s | %s | %s |\n", info.name, info.unit,
                   info.over_window ? "yes" : "", info.help);
}

static void write_metrics_of(bool of_symbol, struct buf *out)
{
    buf_add_text(out, "| metric | unit | window | what it is |\n|---|---|---|---|\n");
    for (int i = METRIC_NONE + 1; i < METRIC_COUNT; i++)
        if (metric_describe((enum metric)i).of_symbol == of_symbol)
            write_metric((enum metric)i, out);
}

static void write_metrics(struct buf *out)
{
    buf_add_text(out, "# Metrics\n\nThis page is written by `perigee docs`. These are the "
                      "figures that a rule in a profile's `guards` can watch;\n"
                      "[profiles.md](profiles.md#guards-written-as-data) says how, "
                      "[settings.md](settings.md) has the keys.\n\n"
                      "Shares are written as 0.05. A figure with a window is reckoned over the "
                      "rule's `window`,\nor since the engine started when that is less.\n\n"
                      "## Of the account\n\n");
    write_metrics_of(false, out);
    buf_add_text(out, "\n## Of each symbol\n\n");
    write_metrics_of(true, out);
    buf_add_text(out, "\n## How they compare\n\n");
    for (int i = 0; comparison_names[i]; i++)
        buf_add_format(out, "%s`%s`", i ? ", " : "", comparison_names[i]);
    buf_add_text(out, ": greater than, greater or equal, less than, less or equal, equal, not "
                      "equal;\n`abs_` compares the figure without its sign.\n");
}

static const struct page {
    const char *name, *file;
    void (*write)(struct buf *out);
} pages[] = {
    {"commands", "commands.md", write_commands},
    {"codes", "codes.md", write_codes},
    {"settings", "settings.md", write_settings},
    {"metrics", "metrics.md", write_metrics},
    {"data-files", "data-files.md", history_schema_write_markdown},
    {"lua-api", "lua-api.md", registry_write_markdown},
    {"lua-meta", "lua-api.d.lua", registry_write_meta},
};

/* Beside its place first: a full disk leaves the page that was there. */
static enum err write_text(const char *path, const struct buf *text, struct fault *why)
{
    char beside[520];

    snprintf(beside, sizeof beside, "%s.new", path);
    errno = 0;
    FILE *file = fopen(beside, "w");
    bool written = file && fwrite(buf_text(text), 1, text->len, file) == text->len;
    if (file && fclose(file) != 0)
        written = false;
    if (written && rename(beside, path) == 0)
        return OK;
    int reason = errno;
    remove(beside);
    return fail(why, ERR_IO, "%s: %s", path, strerror(reason ? reason : EIO));
}

static enum err write_file(const char *folder, const struct page *page,
                           struct json_writer *written, struct fault *why)
{
    struct buf text = BUF_INIT;
    char path[512];

    snprintf(path, sizeof path, "%.400s/%s", folder, page->file);
    page->write(&text);
    enum err err = write_text(path, &text, why);
    buf_clear(&text);
    json_add_text(written, NULL, path);
    return err;
}

static enum err write_all(const char *folder, bool as_json, struct fault *why)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);
    enum err err = OK;

    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        return fail(why, ERR_IO, "%s: %s", folder, strerror(errno));
    json_open_object(&w, NULL);
    json_open_array(&w, "written");
    for (size_t i = 0; i < ARRAY_LEN(pages) && !err; i++)
        err = write_file(folder, &pages[i], &w, why);
    json_close_array(&w);
    json_close_object(&w);
    if (!err && as_json)
        printf("%s\n", buf_text(&out));
    buf_clear(&out);
    return err;
}

static void print_page(const struct page *page, bool as_json)
{
    struct buf text = BUF_INIT, out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    page->write(&text);
    json_open_object(&w, NULL);
    json_add_text(&w, "page", page->name);
    json_add_text(&w, "text", buf_text(&text));
    json_close_object(&w);
    printf("%s%s", buf_text(as_json ? &out : &text), as_json ? "\n" : "");
    buf_clear(&text);
    buf_clear(&out);
}

static void print_list(void)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);

    json_open_object(&w, NULL);
    json_open_object(&w, "pages");
    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        json_add_text(&w, pages[i].name, pages[i].file);
    json_close_object(&w);
    json_close_object(&w);
    printf("%s\n", buf_text(&out));
    buf_clear(&out);
}

static enum err name_a_page(struct fault *why)
{
    char names[200] = "";
    size_t len = 0;

    for (size_t i = 0; i < ARRAY_LEN(pages); i++)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? ", " : "",
                                pages[i].name);
    return fail(why, ERR_USAGE, "name a page (%s), or a folder for all of them: --out FOLDER",
                names);
}

static enum err run(const struct args *args, struct fault *why)
{
    const char *folder = args_text(args, "out", NULL), *name = args_positional(args, 0);
    bool as_json = args_has(args, "json");

    if (folder)
        return write_all(folder, as_json, why);
    if (!name && as_json) {
        print_list();
        return OK;
    }
    for (size_t i = 0; name && i < ARRAY_LEN(pages); i++)
        if (strcmp(pages[i].name, name) == 0) {
            print_page(&pages[i], as_json);
            return OK;
        }
    return name_a_page(why);
}

const struct cli_command command_docs = {
    .name = "docs",
    .summary = "print a reference page, or write them all",
    .words = "[PAGE]",
    .examples = "  perigee docs codes\n  perigee docs --out docs\n"
                "  perigee docs --json  # which pages there are\n",
    .options = options,
    .words_max = 1,
    .run = run,
};
