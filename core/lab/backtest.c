#include "lab/backtest.h"

#include <assert.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/exits.h"
#include "engine/oms.h"
#include "lab/bar_walk.h"
#include "lab/read_ahead.h"
#include "lab/recorder.h"

/* Rows of one file come in blocks that leave room in the nearest cache. */
enum { REPORT_EVERY = 32768, BLOCK_ROWS = 128, BLOCK_OF_ONE = 32, INPUTS_MAX = 64 };

_Static_assert(BLOCK_ROWS > INPUTS_MAX, "bars of one time fit a block");

struct test {
    const struct backtest_options *options;
    struct history *history;
    struct read_ahead *ahead;
    struct bar_venue *venue;
    struct engine *engine;
    const struct exits *exits; /* the engine's: most bars have none */
    struct equity_curve *curve;
    struct recorder *recorder;
    struct strategy_host *hosts[PRODUCTS_MAX];
    struct guard_host **guards; /* as many as the options have */
    struct sizing_host *sizing;
    int host_count, guard_count;

    product_ref refs[INPUTS_MAX]; /* product of each input */
    uint64_t bars;
    nanos first, last;
    decimal first_open, last_close; /* of the first product, for buy and hold */
    uint64_t next_look;             /* bars after which the clock is looked at */
    nanos next_report;
    nanos reading, trading; /* time spent */
    int block_rows;
    struct history_row block[BLOCK_ROWS];
};

static enum err open_history(struct test *test, struct fault *why)
{
    const struct backtest_options *options = test->options;

    assert(options->input_count <= (int)ARRAY_LEN(test->refs));
    enum err err = history_open(options->inputs, options->input_count, options->from,
                                options->to, &test->history, why);
    if (err)
        return err;
    for (int i = 0; i < options->input_count; i++) {
        const struct history_info *info = history_input_info(test->history, i);
        test->refs[i] = product_table_find(options->products, info->symbol);
        if (test->refs[i] == PRODUCT_NONE)
            return fail(why, ERR_MISSING, "%s holds %s, which is not traded in this test",
                        options->inputs[i].path, info->symbol);
    }
    return OK;
}

/* Bars that the strategy's timeframe is made of: the interval of the first file of bars. */
static nanos interval_of(const struct test *test)
{
    for (int i = 0; i < test->options->input_count; i++) {
        const struct history_info *info = history_input_info(test->history, i);
        if (info->kind == HISTORY_BARS)
            return info->interval;
    }
    return 0;
}

/* Longer bars are made of whole shorter ones, never the other way round. */
static enum err check_timeframe(const struct test *test, nanos timeframe, struct fault *why)
{
    char wanted[NANOS_TEXT_MAX], there[NANOS_TEXT_MAX];

    for (int i = 0; i < test->options->input_count; i++) {
        const struct history_info *info = history_input_info(test->history, i);
        if (info->kind == HISTORY_BARS && info->interval > 0 && timeframe % info->interval)
            return fail(why, ERR_RANGE,
                        "%s has bars of %s: bars of %s cannot be made of them; take a multiple "
                        "of %s as the timeframe",
                        test->options->inputs[i].path,
                        nanos_format_duration(info->interval, there),
                        nanos_format_duration(timeframe, wanted), there);
    }
    return OK;
}

static enum err add_strategies(struct test *test, struct fault *why)
{
    struct script_options script = test->options->strategy;

    if (!script.timeframe)
        script.timeframe = interval_of(test);
    enum err err = check_timeframe(test, script.timeframe, why);
    for (int i = 0; i < test->options->products->count && !err; i++) {
        struct strategy_host **host = &test->hosts[test->host_count];
        err = strategy_host_new(&script, test->options->products, (product_ref)i, host, why);
        if (err)
            break;
        test->host_count++;
        struct strategy_port port = strategy_host_port(*host);
        engine_add_strategy(test->engine, &port);
        if (port.product == PRODUCT_NONE)
            break; /* a portfolio strategy is there once */
    }
    return err;
}

static enum err add_guards(struct test *test, struct fault *why)
{
    const struct backtest_options *options = test->options;

    test->guards = mem_new_array((size_t)options->guard_count, sizeof(struct guard_host *));
    for (int i = 0; i < options->guard_count; i++) {
        enum err err = guard_host_new(&options->guards[i], options->products,
                                      &test->guards[test->guard_count], why);
        if (err)
            return err;
        struct guard_port port = guard_host_port(test->guards[test->guard_count++]);
        engine_add_guard(test->engine, &port);
    }
    return OK;
}

static enum err build(struct test *test, struct fault *why)
{
    const struct backtest_options *options = test->options;
    struct engine_ports ports = {{0}, {0}, {0}};
    enum err err = open_history(test, why);

    if (!err && options->sizing)
        err = sizing_host_new(options->sizing, options->products, &test->sizing, why);
    if (err)
        return err;
    test->curve = equity_curve_new();
    test->recorder = recorder_new(options->products, test->curve, options->trades_out);
    test->venue = bar_venue_new(options->products, &options->venue);
    ports.venue = bar_venue_port(test->venue);
    ports.journal = recorder_port(test->recorder);
    if (test->sizing)
        ports.sizing = sizing_host_port(test->sizing);
    test->engine = engine_new(&options->settings, options->products, &ports, "bt");
    test->exits = engine_exits(test->engine);
    bar_venue_connect(test->venue, engine_bus(test->engine));
    bar_venue_deposit(test->venue, options->currency, options->cash);
    engine_set_balance(test->engine, options->currency, options->cash, "opening");
    err = add_strategies(test, why);
    return err ? err : add_guards(test, why);
}

static void tear_down(struct test *test)
{
    engine_free(test->engine);
    for (int i = 0; i < test->host_count; i++)
        strategy_host_free(test->hosts[i]);
    for (int i = 0; i < test->guard_count; i++)
        guard_host_free(test->guards[i]);
    mem_free(test->guards);
    sizing_host_free(test->sizing);
    bar_venue_free(test->venue);
    recorder_free(test->recorder);
    equity_curve_free(test->curve);
    read_ahead_free(test->ahead);
    history_close(test->history);
}

/* A script that failed has said where and why; nothing after it would mean anything. */
static enum err check_scripts(const struct test *test, struct fault *why)
{
    const char *complaint = recorder_complaint(test->recorder);

    return complaint ? fail(why, ERR_SCRIPT, "%s", complaint) : OK;
}

static enum err turn(struct test *test, nanos now, struct fault *why)
{
    enum err err = engine_turn(test->engine, now, why);

    return err ? err : check_scripts(test, why);
}

static void note_bar(struct test *test, product_ref product, const struct bar *bar)
{
    if (test->bars++ == 0) {
        test->first = bar->start;
        equity_curve_start(test->curve, bar->start, test->options->cash);
    }
    test->last = bar->start + bar->interval;
    if (product != 0)
        return;
    if (decimal_is_zero(test->first_open))
        test->first_open = bar->open;
    test->last_close = bar->close;
}

static void mark_equity(struct test *test, nanos time)
{
    const struct portfolio *portfolio = engine_portfolio(test->engine);

    equity_curve_add(test->curve, time, portfolio_equity(portfolio),
                     portfolio_open_positions(portfolio) > 0);
}

/* What trades inside the bar: exits, then what rests. */
static enum err close_bar(struct test *test, product_ref product, const struct bar *bar,
                          struct fault *why)
{
    enum err err = OK;

    if (LIKELY(test->exits->count == 0)) {
        bar_venue_close_bar(test->venue, product, bar);
        return OK;
    }
    err = bar_walk_inside(test->engine, test->venue, product, bar, BAR_WALK_OPEN, why);
    bar_venue_close_bar(test->venue, product, bar);
    if (!err)
        err = bar_walk_inside(test->engine, test->venue, product, bar, BAR_WALK_CLOSED, why);
    return err;
}

static enum err step_bar(struct test *test, const struct history_row *row, struct fault *why)
{
    product_ref product = test->refs[row->source];
    struct bus *bus = engine_bus(test->engine);
    enum err err;

    if (UNLIKELY(test->exits->count))
        bar_walk_open(test->engine, product);
    bar_venue_open_bar(test->venue, product, &row->bar);
    if (!bus_is_empty(bus) && (err = turn(test, row->bar.start, why)))
        return err;
    err = close_bar(test, product, &row->bar, why);
    if (err)
        return err;
    history_row_to_event(row, product, bus_add(bus, EVENT_BAR));
    err = turn(test, row->time, why);
    if (err)
        return err;
    note_bar(test, product, &row->bar);
    mark_equity(test, row->time);
    return OK;
}

/* Opens the bars that start at `start`, and lets the engine hear of what traded there. */
static enum err open_bars(struct test *test, const struct history_row *rows, int count,
                          nanos start, struct fault *why)
{
    for (int i = 0; i < count; i++)
        if (rows[i].bar.start == start) {
            bar_walk_open(test->engine, test->refs[rows[i].source]);
            bar_venue_open_bar(test->venue, test->refs[rows[i].source], &rows[i].bar);
        }
    return bus_is_empty(engine_bus(test->engine)) ? OK : turn(test, start, why);
}

/* The least start above `after`; INT64_MAX: there is none. */
static nanos next_start(const struct history_row *rows, int count, nanos after)
{
    nanos next = INT64_MAX;

    for (int i = 0; i < count; i++)
        if (rows[i].bar.start > after && rows[i].bar.start < next)
            next = rows[i].bar.start;
    return next;
}

/* Bars of several products that end at one time. All of them trade before any is shown: in the
 * order of their starts, which differ where their lengths do, then in that of the files. */
static enum err step_bars(struct test *test, const struct history_row *rows, int count,
                          struct fault *why)
{
    enum err err = OK;

    for (nanos start = next_start(rows, count, INT64_MIN); start != INT64_MAX && !err;
         start = next_start(rows, count, start))
        err = open_bars(test, rows, count, start, why);
    if (err)
        return err;
    for (int i = 0; i < count && !err; i++)
        err = close_bar(test, test->refs[rows[i].source], &rows[i].bar, why);
    if (err)
        return err;
    for (int i = 0; i < count; i++)
        history_row_to_event(&rows[i], test->refs[rows[i].source],
                             bus_add(engine_bus(test->engine), EVENT_BAR));
    err = turn(test, rows[0].time, why);
    if (err)
        return err;
    for (int i = 0; i < count; i++)
        note_bar(test, test->refs[rows[i].source], &rows[i].bar);
    mark_equity(test, rows[0].time);
    return OK;
}

/* How many rows from here on are bars that end at one time, each of another product. */
static int count_together(const struct test *test, const struct history_row *rows, int count)
{
    product_set seen = {0};
    int together = 0;

    while (together < count && rows[together].kind == HISTORY_BARS &&
           rows[together].time == rows[0].time &&
           !product_set_has(seen, test->refs[rows[together].source]))
        product_set_add(&seen, test->refs[rows[together++].source]);
    return together;
}

/* Trades, quotes and books are seen by strategies; the bar venue does not trade on them. */
static enum err step_other(struct test *test, const struct history_row *row, struct fault *why)
{
    struct event event;

    bar_venue_move_time(test->venue, row->time);
    history_row_to_event(row, test->refs[row->source], &event);
    bus_push(engine_bus(test->engine), &event);
    return turn(test, row->time, why);
}

static void report_progress(struct test *test)
{
    const struct backtest_options *options = test->options;

    if (!options->progress || test->bars < test->next_look)
        return;
    test->next_look = test->bars + REPORT_EVERY;
    nanos now = clock_monotonic();
    if (now < test->next_report)
        return;
    test->next_report = now + MILLISECONDS(50);
    options->progress(read_ahead_permille(test->ahead), test->bars);
}

/* As many rows as there are, at most a block, are read before one of them that is bad; the
 * first `*count` are there already. */
static enum err read_block(struct test *test, int *count, struct fault *why)
{
    bool has = true;
    enum err err = OK;

    for (; *count < test->block_rows; ++*count) {
        err = read_ahead_next(test->ahead, &test->block[*count], &has, why);
        if (err || !has)
            break;
    }
    return err;
}

static enum err trade_block(struct test *test, int count, struct fault *why)
{
    enum err err = OK;

    for (int i = 0, rows; i < count && !err; i += rows) {
        const struct history_row *row = &test->block[i];
        rows = test->options->input_count == 1 ? 1 : count_together(test, row, count - i);
        if (rows > 1)
            err = step_bars(test, row, rows, why);
        else if (row->kind == HISTORY_BARS)
            err = step_bar(test, row, why);
        else
            err = step_other(test, row, why);
        rows += !rows; /* what is no bar is one row all the same */
        report_progress(test);
    }
    return err;
}

/* Rows at the end of a full block that may belong to what the next one begins with: bars of
 * the last time. There are at most as many as inputs. */
static int count_unfinished(const struct test *test, int count)
{
    int unfinished = 0;

    if (count < test->block_rows || test->options->input_count == 1)
        return 0;
    while (unfinished < count && test->block[count - 1 - unfinished].kind == HISTORY_BARS &&
           test->block[count - 1 - unfinished].time == test->block[count - 1].time)
        unfinished++;
    return unfinished;
}

/* Block by block, so that reading and trading can be timed apart at no cost; what trades sees
 * row by row. A bad row ends the test once those before it have traded. */
static enum err walk(struct test *test, struct fault *why)
{
    nanos start = clock_monotonic();
    int count = 0;

    test->block_rows = test->options->input_count == 1 ? BLOCK_OF_ONE : BLOCK_ROWS;
    for (;;) {
        enum err bad_row = read_block(test, &count, why);
        nanos read = clock_monotonic();
        bool is_last = count < test->block_rows;
        int kept = count_unfinished(test, count);
        enum err err = trade_block(test, count - kept, why);
        memmove(test->block, &test->block[count - kept], (size_t)kept * sizeof test->block[0]);
        count = kept;
        test->reading += read - start;
        start = clock_monotonic();
        test->trading += start - read;
        if (err || bad_row || is_last)
            return err ? err : bad_row;
    }
}

static void collect(struct test *test, struct backtest_result *out)
{
    const struct portfolio *portfolio = engine_portfolio(test->engine);
    struct engine_counters counters = engine_counters(test->engine);
    const struct backtest_options *options = test->options;

    memset(out, 0, sizeof *out);
    out->bars = test->bars;
    out->open_orders = (uint64_t)oms_open_count(engine_oms(test->engine));
    out->orders = counters.orders - out->open_orders;
    out->refusals = counters.refusals;
    out->fills = counters.fills;
    out->cash = portfolio_balance(portfolio, options->currency).total;
    out->final_equity = portfolio_equity(portfolio);
    out->fees_paid = portfolio_fees(portfolio);
    for (int i = 0; i < options->products->count; i++)
        out->positions[i] = portfolio_position(portfolio, (product_ref)i)->size;
    out->first = test->first;
    out->last = test->last;
    if (decimal_is_positive(test->first_open))
        out->buy_and_hold =
            decimal_mul_div(options->cash, test->last_close, test->first_open, ROUND_HALF_EVEN);
    enum refusal most = recorder_most_refused(test->recorder, &out->most_refused_count);
    snprintf(out->most_refused, sizeof out->most_refused, "%s", most ? refusal_name(most) : "");
    recorder_hash(test->recorder, out->decisions_hash);
    out->statistics = equity_curve_statistics(test->curve);
    out->params = *strategy_host_params(test->hosts[0]);
}

/* With one, a thread that reads would only take turns with the one that trades. */
static bool has_second_processor(void)
{
    cpu_set_t ours;

    return sched_getaffinity(0, sizeof ours, &ours) == 0 && CPU_COUNT(&ours) > 1;
}

/* Text takes half as long to read as to trade. The rows of a columnar file are made faster than
 * they are handed from one processor to the other. */
static bool reads_text(const struct test *test)
{
    for (int i = 0; i < test->options->input_count; i++)
        if (!history_input_info(test->history, i)->is_columnar)
            return true;
    return false;
}

static enum err run(struct test *test, struct fault *why)
{
    struct fact_run run = {.seed = test->options->strategy.seed};
    enum err err;

    snprintf(run.run, sizeof run.run, "backtest");
    snprintf(run.venue, sizeof run.venue, "bars");
    test->ahead = read_ahead_new(test->history, reads_text(test) && has_second_processor());
    err = engine_start(test->engine, &run, 0, why);
    if (!err)
        err = check_scripts(test, why);
    if (!err)
        err = walk(test, why);
    if (!err)
        err = engine_stop(test->engine, "end of data", test->last, why);
    if (!err)
        err = check_scripts(test, why);
    return err;
}

static enum err refuse_empty(const struct test *test, struct fault *why)
{
    const struct backtest_options *options = test->options;

    for (int i = 0; i < options->input_count; i++)
        if (history_input_info(test->history, i)->kind == HISTORY_BARS)
            return fail(why, ERR_MISSING, "no bars in the data%s",
                        options->from || options->to ? " between --from and --to" : "");
    return fail(why, ERR_MISSING, "%s holds no bars, and a backtest trades on bars",
                options->inputs[0].path);
}

enum err backtest_run(const struct backtest_options *options, struct backtest_result *out,
                      struct fault *why)
{
    struct test test = {.options = options};
    enum err err = build(&test, why);
    nanos start = clock_monotonic();

    if (!err)
        err = run(&test, why);
    if (!err && test.bars == 0)
        err = refuse_empty(&test, why);
    if (!err) {
        collect(&test, out);
        out->reading_seconds = (double)test.reading / 1e9;
        out->trading_seconds = (double)test.trading / 1e9;
        out->elapsed_seconds = (double)(clock_monotonic() - start) / 1e9;
    }
    tear_down(&test);
    return err;
}
