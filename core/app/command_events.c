/* perigee events: the journal, event by event. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/journal_query.h"
#include "base/text.h"

static const struct arg_option options[] = {
    JOURNAL_QUERY_OPTIONS,
    {.name = "kind", .value = "KIND", .help = "order, fill, cause, script...", .repeats = true},
    {.name = "order", .value = "ID", .help = "of this order: number, our id or the venue's"},
    {.name = "all", .help = "what snapshots say again, too"},
    {.name = NULL},
};

static enum err add_kind(struct journal_filter *filter, const char *name, struct fault *why)
{
    const char *names[FACT_KIND_COUNT];
    enum fact_kind kind;

    if (fact_kind_parse(name, &kind)) {
        filter->kinds |= JOURNAL_KIND(kind);
        return OK;
    }
    for (int i = 0; i < FACT_KIND_COUNT; i++)
        names[i] = fact_kind_name((enum fact_kind)i);
    const char *near = text_nearest(name, names, FACT_KIND_COUNT);
    return fail(why, ERR_USAGE, "--kind %s: no such kind of event%s%s%s", name,
                near ? "; did you mean '" : "", near ? near : "", near ? "'?" : "");
}

static bool print_row(void *to, const struct journal_row *row)
{
    struct journal_query *query = to;
    char time[NANOS_TEXT_MAX];

    query->rows++;
    if (args_has(query->args, "json"))
        journal_query_print_json(row);
    else
        printf("%8llu  %s  %-12s %.*s\n", (unsigned long long)row->sequence,
               nanos_format(row->time, time), fact_kind_name(row->kind), (int)row->len,
               row->json);
    return true;
}

static enum err run(const struct args *args, struct fault *why)
{
    struct journal_query query;
    const char *order = args_text(args, "order", NULL);
    enum err err = journal_query_open(&query, args, why);

    query.filter.with_restated = args_has(args, "all");

    for (int i = 0; !err && args_text_at(args, "kind", i); i++)
        err = add_kind(&query.filter, args_text_at(args, "kind", i), why);
    if (!err && order)
        err = journal_find_order(query.reader, order, &query.filter.order, why);
    if (!err)
        err = journal_read_events(query.reader, &query.filter, print_row, &query, why);
    journal_query_close(&query);
    return err;
}

const struct cli_command command_events = {
    .name = "events",
    .summary = "what happened, from the journal",
    .words = "",
    .examples = "  perigee events --limit 20\n"
                "  perigee events --kind fill --kind order_event --symbol BTC-USD\n"
                "  perigee events --order 17 --json\n",
    .options = options,
    .run = run,
};
