/* perigee positions: what is held, and the balances behind it. */
#include <stdio.h>

#include "app/command.h"
#include "app/journal_query.h"

static const struct arg_option options[] = {
    JOURNAL_QUERY_OPTIONS,
    {.name = NULL},
};

static void print_position(struct journal_query *query, const struct fact *fact)
{
    const position *held = &fact->position.position;
    char size[DECIMAL_TEXT_MAX], cost[DECIMAL_TEXT_MAX], realised[DECIMAL_TEXT_MAX],
        fees[DECIMAL_TEXT_MAX];

    printf("%-14s size %14s  cost %16s  realised %16s  fees %14s\n",
           journal_query_symbol(query, fact->position.product),
           decimal_format(held->size, size), decimal_format(held->cost, cost),
           decimal_format(held->realised, realised), decimal_format(held->fees, fees));
}

static void print_balance(struct journal_query *query, const struct fact *fact)
{
    char total[DECIMAL_TEXT_MAX];

    (void)query;
    printf("%-14s %s\n", fact->balance.currency, decimal_format(fact->balance.total, total));
}

static enum err run(const struct args *args, struct fault *why)
{
    struct journal_query query;
    enum err err = journal_query_open(&query, args, why);

    if (!err)
        err = journal_query_table(&query, "positions", print_position, why);
    if (!err && query.rows == 0 && !args_has(args, "json"))
        printf("no positions\n");
    if (!err && !query.filter.symbol)
        err = journal_query_table(&query, "balances", print_balance, why);
    journal_query_close(&query);
    return err;
}

const struct cli_command command_positions = {
    .name = "positions",
    .summary = "positions and balances from the journal",
    .words = "",
    .examples = "  perigee positions\n  perigee positions --symbol BTC-USD --json\n",
    .options = options,
    .run = run,
};
