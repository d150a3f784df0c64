/* perigee positions: what is held, the exits that guard it, and the balances behind it. */
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

static const char *share_or_price(decimal share, decimal price, char out[DECIMAL_TEXT_MAX + 2])
{
    char text[DECIMAL_TEXT_MAX];
    decimal per_cent;

    if (!decimal_is_positive(share) || decimal_is_positive(price) ||
        !decimal_try_mul(share, D(100), ROUND_HALF_EVEN, &per_cent))
        return decimal_is_positive(price) ? decimal_format(price, out) : "-";
    snprintf(out, DECIMAL_TEXT_MAX + 2, "%s%%", decimal_format(per_cent, text));
    return out;
}

static void print_exit(struct journal_query *query, const struct fact *fact)
{
    const struct fact_exit *exit = &fact->exit;
    char size[DECIMAL_TEXT_MAX], stop[DECIMAL_TEXT_MAX + 2], target[DECIMAL_TEXT_MAX + 2],
        trail[DECIMAL_TEXT_MAX + 2];

    printf("%-14s exit %llu %-9s guards %12s  stop %12s  target %12s  trail %10s  %s%s%s\n",
           journal_query_symbol(query, exit->product), (unsigned long long)exit->id,
           exit_state_name(exit->state), decimal_format(exit->size, size),
           share_or_price(exit->plan.stop_share, exit->plan.stop, stop),
           share_or_price(exit->plan.target_share, exit->plan.target, target),
           share_or_price(exit->plan.trail_share, exit->plan.trail, trail), exit->strategy,
           exit->code ? "  " : "", exit->code ? refusal_name(exit->code) : "");
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
    if (!err)
        err = journal_query_table(&query, "exits", print_exit, why);
    if (!err && !query.filter.symbol)
        err = journal_query_table(&query, "balances", print_balance, why);
    journal_query_close(&query);
    return err;
}

const struct cli_command command_positions = {
    .name = "positions",
    .summary = "positions, the exits that guard them, and balances from the journal",
    .words = "",
    .examples = "  perigee positions\n  perigee positions --symbol BTC-USD --json\n",
    .options = options,
    .run = run,
};
