/* perigee data synth: a market that never was, from the generator of the embedded
 * venue. The same words give the same rows on every machine. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/data_job.h"
#include "store/history_writer.h"
#include "venue/synth.h"

enum { ROWS_DEFAULT = 1440, ROWS_MAX = 1000000000 };

struct maker {
    struct synth *synth;
    struct product product;
    struct history_info info;
    struct history_writer *writer;
    nanos from, to;
    int64_t rows_max; /* 0: no bound */
    uint64_t rows;
    struct synth_ladder ladder; /* of the step before; for books */
    uint64_t steps;
};

/* Rows of each kind. Each call makes one or, of a book, as many as a step changes. */

static enum err add(struct maker *maker, struct history_row *row, struct fault *why)
{
    row->kind = maker->info.kind;
    maker->rows++;
    return history_writer_add(maker->writer, row, why);
}

static bool is_wanted(const struct maker *maker, nanos key)
{
    return maker->to == 0 || key < maker->to;
}

static enum err make_bar(struct maker *maker, bool *goes_on, struct fault *why)
{
    struct history_row row = {.kind = HISTORY_BARS};

    synth_next_bar(maker->synth, maker->info.interval, &row.bar);
    row.time = row.bar.start + row.bar.interval;
    *goes_on = is_wanted(maker, row.bar.start);
    return *goes_on ? add(maker, &row, why) : OK;
}

static enum err make_trade(struct maker *maker, bool *goes_on, struct fault *why)
{
    struct history_row row = {.kind = HISTORY_TRADES};

    synth_next_trade(maker->synth, &row.time, &row.trade);
    row.trade.id = maker->rows + 1;
    *goes_on = is_wanted(maker, row.time);
    return *goes_on ? add(maker, &row, why) : OK;
}

static nanos take_step(struct maker *maker, struct synth_ladder *ladder)
{
    struct synth_step step;

    synth_step(maker->synth, &step);
    synth_ladder(maker->synth, ladder);
    maker->steps++;
    return step.time;
}

static enum err make_quote(struct maker *maker, bool *goes_on, struct fault *why)
{
    struct synth_ladder ladder;
    struct history_row row = {.kind = HISTORY_QUOTES, .time = take_step(maker, &ladder)};

    row.update_id = maker->steps;
    row.quote = (struct quote){
        .bid = ladder.levels[SIDE_BUY][0].price,
        .bid_size = ladder.levels[SIDE_BUY][0].size,
        .ask = ladder.levels[SIDE_SELL][0].price,
        .ask_size = ladder.levels[SIDE_SELL][0].size,
    };
    *goes_on = is_wanted(maker, row.time);
    return *goes_on ? add(maker, &row, why) : OK;
}

/* The size at a price in a ladder, zero where it has no level. */
static decimal size_at(const struct synth_ladder *ladder, enum side side, decimal price)
{
    for (int i = 0; i < SYNTH_LEVELS; i++)
        if (decimal_is_equal(ladder->levels[side][i].price, price))
            return ladder->levels[side][i].size;
    return DECIMAL_ZERO;
}

static enum err add_level(struct maker *maker, struct history_row *row, enum side side,
                          decimal price, decimal size, struct fault *why)
{
    row->level.update = (struct book_update){.side = side, .price = price, .size = size};
    return add(maker, row, why);
}

/* What of `before` is gone, and what of `now` is new or has another size. */
static enum err add_changes(struct maker *maker, struct history_row *row, enum side side,
                            const struct synth_ladder *before, const struct synth_ladder *now,
                            struct fault *why)
{
    enum err err = OK;

    for (int i = 0; i < SYNTH_LEVELS && !err && before; i++) {
        decimal price = before->levels[side][i].price;
        if (decimal_is_zero(size_at(now, side, price)))
            err = add_level(maker, row, side, price, DECIMAL_ZERO, why);
    }
    for (int i = 0; i < SYNTH_LEVELS && !err; i++) {
        decimal price = now->levels[side][i].price, size = now->levels[side][i].size;
        if (!before || !decimal_is_equal(size_at(before, side, price), size))
            err = add_level(maker, row, side, price, size, why);
    }
    return err;
}

/* A snapshot, and then the changes of each step. */
static enum err make_levels(struct maker *maker, bool *goes_on, struct fault *why)
{
    struct synth_ladder ladder;
    struct history_row row = {.kind = HISTORY_BOOK, .time = take_step(maker, &ladder)};
    bool is_first = maker->steps == 1;
    enum err err = OK;

    *goes_on = is_wanted(maker, row.time);
    if (!*goes_on)
        return OK;
    row.update_id = row.level.first_id = maker->steps;
    row.level.is_snapshot = is_first;
    row.level.update.clears = is_first;
    if (is_first)
        err = history_writer_add(maker->writer, &row, why);
    for (int side = 0; side < SIDE_COUNT && !err; side++)
        err = add_changes(maker, &row, (enum side)side, is_first ? NULL : &maker->ladder,
                          &ladder, why);
    maker->ladder = ladder;
    return err;
}

static enum err (*const makers[])(struct maker *, bool *, struct fault *) = {
    [HISTORY_BARS] = make_bar,
    [HISTORY_TRADES] = make_trade,
    [HISTORY_QUOTES] = make_quote,
    [HISTORY_BOOK] = make_levels,
};

/* Words */

static enum err read_kind(const struct args *args, struct maker *maker, struct fault *why)
{
    const char *kind = args_text(args, "kind", "bars");

    if (!history_kind_parse(kind, &maker->info.kind))
        return fail(why, ERR_USAGE, "--kind %s: expected bars, trades, quotes or book", kind);
    if (maker->info.kind != HISTORY_BARS && args_has(args, "interval"))
        return fail(why, ERR_USAGE, "--interval is the length of a bar; %s have none", kind);
    if (maker->info.kind == HISTORY_BARS)
        maker->info.interval = MINUTES(1);
    return args_duration(args, "interval", &maker->info.interval, why);
}

static enum err read_range(const struct args *args, struct maker *maker, struct fault *why)
{
    enum err err = nanos_parse("2024-01-01", &maker->from, why);

    if (!err)
        err = args_time(args, "from", &maker->from, why);
    if (!err)
        err = args_time(args, "to", &maker->to, why);
    if (!err && maker->from < 0)
        return fail(why, ERR_USAGE, "--from: before 1970 there was no time");
    if (!err && maker->to != 0 && maker->to <= maker->from)
        return fail(why, ERR_USAGE, "--from must lie before --to");
    if (!err && !args_has(args, "to"))
        maker->rows_max = ROWS_DEFAULT;
    return err ? err : args_int(args, "rows", 1, ROWS_MAX, &maker->rows_max, why);
}

static enum err make_market(const struct args *args, struct maker *maker, struct fault *why)
{
    const char *symbol = args_text(args, "symbol", "BTC-USD");
    struct market_shape shape;
    nanos step = SECONDS(1);
    int64_t seed = 1;
    enum err err = args_int(args, "seed", 0, INT64_MAX, &seed, why);

    if (!err)
        err = args_duration(args, "step", &step, why);
    if (err)
        return err;
    if (step > HOURS(1))
        return fail(why, ERR_USAGE, "--step: a market moves at least once an hour");
    if (!catalogue_find(symbol, &maker->product, &shape))
        return fail(why, ERR_USAGE,
                    "--symbol %s: not in the catalogue of made-up markets, which "
                    "begins with %s",
                    symbol, catalogue_symbol(0));
    memcpy(maker->info.symbol, maker->product.symbol, SYMBOL_MAX);
    maker->synth = synth_new(&maker->product, &shape, (uint64_t)seed, maker->from, step);
    return OK;
}

static enum err make_rows(struct maker *maker, struct fault *why)
{
    bool shows = isatty(STDERR_FILENO) != 0, goes_on = true;
    uint64_t bound = maker->rows_max > 0 ? (uint64_t)maker->rows_max : UINT64_MAX;
    enum err err = OK;

    while (!err && goes_on && maker->rows < bound) {
        err = makers[maker->info.kind](maker, &goes_on, why);
        if (shows && maker->steps % 16384 == 0 && maker->rows % 16384 == 0)
            fprintf(stderr, "\r%llu rows", (unsigned long long)maker->rows);
    }
    if (shows)
        fprintf(stderr, "\r%24s\r", "");
    return err ? err : history_writer_commit(maker->writer, why);
}

enum err data_synth(struct data_job *job, struct fault *why)
{
    static struct maker maker; /* large, and there is one per process */
    const char *out = args_text(job->args, "out", NULL);

    maker = (struct maker){0};
    if (!out)
        return fail(why, ERR_USAGE, "--out is missing: name a file to write, .pgh or .csv");
    if (args_positional(job->args, 1))
        return fail(why, ERR_USAGE, "synth reads no file; the one to write is named by --out");
    enum err err = read_kind(job->args, &maker, why);
    if (!err)
        err = read_range(job->args, &maker, why);
    if (!err)
        err = data_job_check_out(job, out, why);
    if (!err)
        err = make_market(job->args, &maker, why);
    if (!err)
        err = history_writer_open(out, maker.info.kind, maker.info.symbol, maker.info.interval,
                                  &maker.writer, why);
    if (!err)
        err = make_rows(&maker, why);
    history_writer_close(maker.writer);
    synth_free(maker.synth);
    return err ? err : data_report_written(job, out, &maker.info, maker.rows, why);
}
