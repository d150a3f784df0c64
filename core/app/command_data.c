/* perigee data: market history in files. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/data_job.h"

static const struct {
    const char *name;
    const char *options; /* that it understands */
    enum err (*run)(struct data_job *job, struct fault *why);
} verbs[] = {
    {"import", " symbol kind interval out force from to sort ", data_import},
    {"synth", " symbol kind interval out force from to rows seed step ", data_synth},
    {"info", " symbol kind interval ", data_info},
    {"check", " symbol kind interval ", data_check_files},
};

enum err data_job_inputs(const struct data_job *job,
                         struct history_input inputs[DATA_FILES_MAX], int *count,
                         struct fault *why)
{
    const char *kind = args_text(job->args, "kind", "any");
    struct history_input common = {.symbol = args_text(job->args, "symbol", NULL)};
    enum err err = args_duration(job->args, "interval", &common.interval, why);
    int n = 0;

    if (err)
        return err;
    if (!history_format_parse(kind, &common.format))
        return fail(
            why, ERR_USAGE,
            "--kind %s: expected bars, trades, quotes, bar_quotes, snapshots, deltas or "
            "book",
            kind);
    for (const char *path; (path = args_positional(job->args, n + 1)) != NULL; n++) {
        inputs[n] = common;
        inputs[n].path = path;
    }
    if (n == 0)
        return fail(why, ERR_USAGE, "%s needs at least one file; --help shows how",
                    args_positional(job->args, 0));
    *count = n;
    return OK;
}

enum err data_job_check_out(const struct data_job *job, const char *path, struct fault *why)
{
    if (args_has(job->args, "force") || access(path, F_OK) != 0)
        return OK;
    return fail(why, ERR_EXISTS,
                "%s is there already; --force writes over it, --out names another", path);
}

static const struct arg_option options[] = {
    {.name = "symbol", .value = "SYMBOL", .help = "product of the rows, such as BTC-USD"},
    {.name = "kind",
     .value = "KIND",
     .help = "bars, trades, quotes, bar_quotes, snapshots, deltas or book (by the columns)"},
    {.name = "interval",
     .value = "SPAN",
     .help = "length of a bar (by the distances of the rows)"},
    {.name = "out",
     .value = "FILE",
     .help = "file to write: .pgh, or .csv (import: the first "
             "file's name with .pgh)"},
    {.name = "force", .help = "write over a file that is there"},
    {.name = "from",
     .value = "TIME",
     .help = "import: the first moment; synth: where it begins "
             "(2024-01-01)"},
    {.name = "to", .value = "TIME", .help = "the first moment no longer wanted"},
    {.name = "sort", .help = "import: put rows in order, drop those that are there twice"},
    {.name = "rows", .value = "N", .help = "synth: so many rows (1440 without --to)"},
    {.name = "seed", .value = "N", .help = "synth: another number, another market (1)"},
    {.name = "step",
     .value = "SPAN",
     .help = "synth: time between two moves of the market (1s)"},
    {.name = NULL},
};

/* An option that the verb would not look at is refused rather than ignored. */
static enum err check_options(const struct data_job *job, size_t verb, struct fault *why)
{
    char word[32];

    for (const struct arg_option *option = options; option->name; option++) {
        snprintf(word, sizeof word, " %s ", option->name);
        if (args_has(job->args, option->name) && !strstr(verbs[verb].options, word))
            return fail(why, ERR_USAGE, "--%s means nothing to %s; --help shows what does",
                        option->name, verbs[verb].name);
    }
    return OK;
}

static enum err run(const struct args *args, struct fault *why)
{
    struct data_job job = {.args = args, .json = args_has(args, "json"), .out = BUF_INIT};
    const char *name = args_positional(args, 0);
    size_t verb = 0;

    while (verb < ARRAY_LEN(verbs) && strcmp(verbs[verb].name, name) != 0)
        verb++;
    if (verb == ARRAY_LEN(verbs))
        return fail(why, ERR_USAGE, "'%.40s' is not one of import, synth, info, check", name);
    enum err err = check_options(&job, verb, why);
    if (!err)
        err = verbs[verb].run(&job, why);
    if (!err || job.prints_anyway)
        fputs(buf_text(&job.out), stdout);
    buf_clear(&job.out);
    return err;
}

const struct cli_command command_data = {
    .name = "data",
    .summary = "import, make, describe and check market history",
    .words = "import FILE... | synth | info FILE... | check FILE...",
    .examples =
        "  perigee data check btc.csv                     # what is wrong with it, by line\n"
        "  perigee data import btc.csv --symbol BTC-USD   # writes btc.pgh, fast to read\n"
        "  perigee data import page*.csv --sort --out btc.pgh    # newest first, overlapping\n"
        "  perigee data import snap.csv deltas*.csv --out book.pgh\n"
        "  perigee data import btc.pgh --from 2024-01-01 --out part.csv\n"
        "  perigee data info btc.pgh --json\n"
        "  perigee data synth --symbol ETH-USD --interval 5m --rows 10000 --seed 7 --out "
        "eth.csv\n",
    .options = options,
    .words_min = 1,
    .words_max = DATA_FILES_MAX + 1,
    .run = run,
};
