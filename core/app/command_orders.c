/* perigee orders: what was ordered and what became of it; perigee orders trace ID: why. */
#include <stdio.h>
#include <string.h>

#include "app/command.h"
#include "app/journal_query.h"

static const struct arg_option options[] = {
    JOURNAL_QUERY_OPTIONS,
    {.name = "open", .help = "only those that work"},
    {.name = NULL},
};

static void print_order(struct journal_query *query, const struct fact *fact)
{
    const struct order *order = &fact->order;
    char size[DECIMAL_TEXT_MAX], filled[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX],
        time[NANOS_TEXT_MAX];

    printf("%6llu  %s  %-10s %-4s %-10s %12s  filled %12s at %-12s %-16s %s\n",
           (unsigned long long)order->number, nanos_format(order->created, time),
           journal_query_symbol(query, order->request.product), side_name(order->request.side),
           order_type_name(order->request.type), decimal_format(order->request.size, size),
           decimal_format(order->filled, filled),
           decimal_format(order_average_price(order), price), order_state_name(order->state),
           order->reason);
}

static void print_trace(struct journal_query *query, const struct fact *fact)
{
    const struct trace *trace = &fact->trace;
    char size[DECIMAL_TEXT_MAX];

    (void)query;
    for (int i = 0; i < trace->count; i++) {
        bool has_size = !decimal_is_zero(trace->sizes[i]); /* none before sizing */
        printf("  %-16s %s%s%s\n", stage_name((enum stage)i), verdict_name(trace->verdicts[i]),
               has_size ? ", size " : "",
               has_size ? decimal_format(trace->sizes[i], size) : "");
    }
    if (trace->detail[0])
        printf("  %s\n", trace->detail);
    if (trace->code)
        printf("  refused: %s. %s\n  remedy: %s\n", refusal_name(trace->code),
               refusal_text(trace->code), refusal_remedy(trace->code));
}

static void print_preview(const struct fact_preview *fact)
{
    const struct preview *preview = &fact->preview;
    char value[DECIMAL_TEXT_MAX], commission[DECIMAL_TEXT_MAX], total[DECIMAL_TEXT_MAX],
        price[DECIMAL_TEXT_MAX], bid[DECIMAL_TEXT_MAX], ask[DECIMAL_TEXT_MAX];
    decimal bps = decimal_mul(preview->slippage, D(10000), ROUND_HALF_EVEN);

    printf("  the venue's preview: value %s, commission %s, total %s\n",
           decimal_format(preview->value, value),
           decimal_format(preview->commission, commission),
           decimal_format(preview->total, total));
    printf("    fills at %s on average, bid %s, ask %s",
           decimal_format(preview->average_price, price),
           decimal_format(preview->best_bid, bid), decimal_format(preview->best_ask, ask));
    printf(", slips %s bps\n",
           decimal_format(
               decimal_quantize(bps, decimal_div(D(1), D(100), ROUND_DOWN), ROUND_HALF_EVEN),
               price));
    if (preview->reason[0])
        printf("    it would be refused: %s\n", preview->reason);
    if (preview->warning[0])
        printf("    warning: %s\n", preview->warning);
}

/* The table has the trace of the order itself; what the venue said before it left, and its
 * changes, are told by the events. */
static bool print_change(void *to, const struct journal_row *row)
{
    struct journal_query *query = to;
    struct fact fact;

    if (!journal_query_fact(query, row, &fact))
        return false;
    bool is_preview = fact.kind == FACT_PREVIEW;
    if (!is_preview && !fact.trace.is_amend)
        return true;
    if (args_has(query->args, "json")) {
        journal_query_print_json(row);
    } else if (is_preview) {
        print_preview(&fact.preview);
    } else {
        printf("  a change of it:\n");
        print_trace(query, &fact);
    }
    return true;
}

static enum err show_changes(struct journal_query *query, struct fault *why)
{
    struct journal_filter filter = {.order = query->filter.order,
                                    .kinds =
                                        JOURNAL_KIND(FACT_TRACE) | JOURNAL_KIND(FACT_PREVIEW)};
    enum err err = journal_read_events(query->reader, &filter, print_change, query, why);

    return err ? err : query->err;
}

static enum err show_trace(struct journal_query *query, const char *id, struct fault *why)
{
    enum err err = journal_find_order(query->reader, id, &query->filter.order, why);

    if (!err)
        err = journal_query_table(query, "orders", print_order, why);
    if (!err)
        err = journal_query_table(query, "traces", print_trace, why);
    return err ? err : show_changes(query, why);
}

static enum err run(const struct args *args, struct fault *why)
{
    struct journal_query query;
    const char *verb = args_positional(args, 0), *id = args_positional(args, 1);

    if (verb && (strcmp(verb, "trace") != 0 || !id))
        return fail(why, ERR_USAGE, "expected `perigee orders` or `perigee orders trace ID`");
    enum err err = journal_query_open(&query, args, why);
    query.filter.open_only = args_has(args, "open");
    if (!err)
        err = verb ? show_trace(&query, id, why)
                   : journal_query_table(&query, "orders", print_order, why);
    if (!err && query.rows == 0 && !args_has(args, "json"))
        printf("no orders\n");
    journal_query_close(&query);
    return err;
}

const struct cli_command command_orders = {
    .name = "orders",
    .summary = "orders from the journal, and why each went as it did",
    .words = "[trace ID]",
    .examples = "  perigee orders --open\n"
                "  perigee orders --symbol BTC-USD --limit 10\n"
                "  perigee orders trace 17  # what every stage of the pipeline said\n",
    .options = options,
    .words_max = 2,
    .run = run,
};
