#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "app/command.h"
#include "app/config.h"
#include "app/profile_scripts.h"
#include "app/trades_file.h"
#include "base/json.h"
#include "base/text.h"
#include "lab/backtest.h"
#include "venue/catalogue.h"

static const struct arg_option options[] = {
    {"strategy", "NAME|FILE", "the strategy to test (required)", false, false},
    {"param", "K=V", "a parameter of the strategy", true, false},
    {"data", "FILE", "history: .csv or .pgh; SYMBOL=FILE for several products", true, true},
    {"symbol", "SYMBOL", "product of the files that name none (BTC-USD)", false, false},
    {"interval", "SPAN", "of the bars, where the file does not tell", false, false},
    {"timeframe", "SPAN", "of the strategy's bars (the data's interval)", false, false},
    {"from", "TIME", "first time, 2024-08-08 or 2024-08-08T12:00", false, false},
    {"to", "TIME", "end, not included", false, false},
    {"cash", "AMOUNT", "to start with (10000)", false, false},
    {"size", "SIZE", "of each entry in base units (the sizing rule's)", false, false},
    {"fee-rate", "RATE", "share of each fill's value, 0.001 is 0.1 % (0.006)", false, false},
    {"fill", "next-open|close", "where market orders fill (next-open)", false, false},
    {"slippage-bps", "BPS", "that market orders pay beyond the price (0)", false, false},
    {"participation", "SHARE", "of a bar's volume that may fill, 0..1 (0: no limit)", false,
     false},
    {"profile", "NAME|FILE", "its limits, guards and sizing rule hold", false, false},
    {"seed", "N", "of the scripts' random numbers (1)", false, false},
    {"trades-out", "FILE", "write the round trips as CSV", false, false},
    {NULL, NULL, NULL, false, false},
};

/* All that a command line asks for, and what must outlive the test. */
struct plan {
    struct product_table products;
    struct history_input inputs[64];
    char symbols[64][SYMBOL_MAX];
    struct param_value params[PARAMS_MAX];
    struct config *config; /* of the profile; NULL without one */
    struct profile_scripts *scripts;
    struct trades_file *trades; /* NULL: none are asked for */
    struct backtest_options options;
};

static enum err unknown_symbol(const char *symbol, struct fault *why)
{
    const char *names[PRODUCTS_MAX];
    int count = catalogue_count();

    for (int i = 0; i < count; i++)
        names[i] = catalogue_symbol(i);
    const char *near = text_nearest(symbol, names, count);
    return fail(why, ERR_USAGE, "unknown symbol '%s'%s%s%s; known are %s, %s and %d more",
                symbol, near ? ", did you mean '" : "", near ? near : "", near ? "'?" : "",
                names[0], names[1], count - 2);
}

static enum err add_product(struct plan *plan, const char *symbol, struct fault *why)
{
    struct product product;
    product_ref ref;

    if (product_table_find(&plan->products, symbol) != PRODUCT_NONE)
        return OK;
    if (!catalogue_find(symbol, &product, NULL))
        return unknown_symbol(symbol, why);
    return product_table_add(&plan->products, &product, &ref, why);
}

/* The product that a file says it is of; "" when it does not say. */
static enum err find_symbol(const char *path, nanos interval, char out[SYMBOL_MAX],
                            struct fault *why)
{
    struct history_input input = {.path = path, .interval = interval};
    struct history *history;
    enum err err = history_open(&input, 1, 0, 0, &history, why);

    if (err)
        return err;
    snprintf(out, SYMBOL_MAX, "%s", history_input_info(history, 0)->symbol);
    history_close(history);
    return OK;
}

/* `symbol`, NULL for none, is meant for files that name none: trading one product on the
 * prices of another would look like a result. */
static enum err choose_symbol(const char *path, const char *symbol, nanos interval,
                              char out[SYMBOL_MAX], struct fault *why)
{
    enum err err = find_symbol(path, interval, out, why);

    if (err)
        return err;
    if (!out[0])
        snprintf(out, SYMBOL_MAX, "%s", symbol ? symbol : "BTC-USD");
    else if (symbol && strcmp(symbol, out) != 0)
        return fail(why, ERR_USAGE,
                    "%s says that it is of %s, not of %s; --data %s=%s trades it as that all "
                    "the same",
                    path, out, symbol, symbol, path);
    else if (!catalogue_find(out, &(struct product){0}, NULL))
        return fail(why, ERR_USAGE,
                    "%s says that it is of %s, which is no product here; say which to trade on "
                    "it: --data BTC-USD=%s",
                    path, out, path);
    return OK;
}

/* "FILE", or "SYMBOL=FILE"; there may be = in the name of a file. */
static enum err add_input(struct plan *plan, const char *word, const char *symbol,
                          nanos interval, struct fault *why)
{
    int index = plan->options.input_count;
    const char *equals = access(word, F_OK) == 0 ? NULL : strchr(word, '=');
    enum err err = OK;

    if (index == (int)ARRAY_LEN(plan->inputs))
        return fail(why, ERR_USAGE, "--data: more than %zu files", ARRAY_LEN(plan->inputs));
    if (equals)
        snprintf(plan->symbols[index], SYMBOL_MAX, "%.*s", (int)(equals - word), word);
    else
        err = choose_symbol(word, symbol, interval, plan->symbols[index], why);
    if (err)
        return err;
    plan->inputs[index] = (struct history_input){.path = equals ? equals + 1 : word,
                                                 .symbol = plan->symbols[index],
                                                 .interval = interval};
    plan->options.input_count++;
    return add_product(plan, plan->symbols[index], why);
}

static enum err read_data(const struct args *args, struct plan *plan, struct fault *why)
{
    nanos interval = 0;
    enum err err = args_duration(args, "interval", &interval, why);

    if (!err && !args_has(args, "data"))
        return fail(why, ERR_USAGE, "--data is missing: name at least one file of bars");
    for (int i = 0; !err && args_text_at(args, "data", i); i++)
        err = add_input(plan, args_text_at(args, "data", i), args_text(args, "symbol", NULL),
                        interval, why);
    plan->options.inputs = plan->inputs;
    plan->options.products = &plan->products;
    if (!err)
        err = args_time(args, "from", &plan->options.from, why);
    if (!err)
        err = args_time(args, "to", &plan->options.to, why);
    if (!err && plan->options.to && plan->options.from >= plan->options.to)
        return fail(why, ERR_USAGE, "--from must lie before --to");
    return err;
}

/* One more after `count`. Of two values for one name the first would be ignored. */
static enum err read_param(const char *text, int count, struct plan *plan, struct fault *why)
{
    struct param_value *value = &plan->params[count];
    enum err err = param_value_parse(text, "--param", value, why);

    for (int i = 0; !err && i < count; i++)
        if (strcmp(plan->params[i].name, value->name) == 0)
            return fail(why, ERR_USAGE, "--param: %s is given twice, as %s and as %s",
                        value->name, plan->params[i].text, value->text);
    return err;
}

static enum err read_strategy(const struct args *args, struct plan *plan, struct fault *why)
{
    struct script_options *script = &plan->options.strategy;
    int64_t seed = 1;
    enum err err = args_int(args, "seed", 0, INT64_MAX, &seed, why);

    if (!args_has(args, "strategy"))
        return fail(why, ERR_USAGE, "--strategy is missing: a name like sma_cross, or a file");
    script->name = args_text(args, "strategy", NULL);
    script->seed = (uint64_t)seed;
    script->params = plan->params;
    for (int i = 0; !err && args_text_at(args, "param", i); i++) {
        if (i == PARAMS_MAX)
            return fail(why, ERR_USAGE, "--param: more than %d", PARAMS_MAX);
        err = read_param(args_text_at(args, "param", i), script->param_count, plan, why);
        script->param_count++;
    }
    return err ? err : args_duration(args, "timeframe", &script->timeframe, why);
}

static enum err positive(const char *name, decimal value, struct fault *why)
{
    char text[DECIMAL_TEXT_MAX];

    if (decimal_is_positive(value))
        return OK;
    return fail(why, ERR_USAGE, "--%s %s: must be more than 0", name,
                decimal_format(value, text));
}

static enum err share(const char *name, decimal value, struct fault *why)
{
    char text[DECIMAL_TEXT_MAX];

    if (!decimal_is_negative(value) && decimal_compare(value, D(1)) <= 0)
        return OK;
    return fail(why, ERR_USAGE, "--%s %s: must be a share, 0 to 1", name,
                decimal_format(value, text));
}

/* A size that no order could have is a mistake of the command line, not a thousand refusals. */
static enum err check_size(const struct plan *plan, decimal size, struct fault *why)
{
    char text[DECIMAL_TEXT_MAX], min[DECIMAL_TEXT_MAX];
    enum err err = positive("size", size, why);

    for (int i = 0; !err && i < plan->products.count; i++) {
        const struct product *product = &plan->products.items[i];
        if (decimal_compare(product_round_size(product, size), product->base_min_size) < 0)
            return fail(why, ERR_USAGE, "--size %s is below the minimum of %s, %s",
                        decimal_format(size, text), product->symbol,
                        decimal_format(product->base_min_size, min));
    }
    return err;
}

static enum err read_size(const struct args *args, struct plan *plan, struct fault *why)
{
    decimal size = DECIMAL_ZERO;
    enum err err = args_decimal(args, "size", &size, why);

    if (err || !args_has(args, "size"))
        return err;
    plan->options.settings.size_fixed = size;
    plan->options.sizing = NULL;
    return check_size(plan, size, why);
}

static enum err read_costs(const struct args *args, struct plan *plan, struct fault *why)
{
    struct bar_venue_settings *venue = &plan->options.venue;
    decimal rate = plan->options.settings.taker_rate;
    enum err err = args_decimal(args, "fee-rate", &rate, why);

    if (!err)
        err = share("fee-rate", rate, why);
    if (args_has(args, "fee-rate") || !plan->config)
        plan->options.settings.maker_rate = plan->options.settings.taker_rate = rate;
    venue->fees.maker_rate = plan->options.settings.maker_rate;
    venue->fees.taker_rate = plan->options.settings.taker_rate;
    if (!err)
        err = args_decimal(args, "slippage-bps", &venue->slippage_bps, why);
    if (!err && decimal_is_negative(venue->slippage_bps))
        return fail(why, ERR_USAGE, "--slippage-bps %s: must be 0 or more",
                    args_text(args, "slippage-bps", ""));
    if (!err)
        err = args_decimal(args, "participation", &venue->participation, why);
    return err ? err : share("participation", venue->participation, why);
}

static enum err read_fill(const struct args *args, struct plan *plan, struct fault *why)
{
    const char *fill = args_text(args, "fill", "next-open");

    if (strcmp(fill, "next-open") != 0 && strcmp(fill, "close") != 0)
        return fail(why, ERR_USAGE, "--fill %s: expected next-open or close", fill);
    plan->options.venue.market_fill =
        strcmp(fill, "close") == 0 ? BAR_FILL_CLOSE : BAR_FILL_OPEN;
    return OK;
}

static enum err read_money(const struct args *args, struct plan *plan, struct fault *why)
{
    struct backtest_options *test = &plan->options;
    enum err err;

    test->cash = D(10000);
    test->currency = test->settings.currency;
    err = args_decimal(args, "cash", &test->cash, why);
    if (!err)
        err = positive("cash", test->cash, why);
    if (!err)
        err = read_size(args, plan, why);
    if (!err)
        err = read_costs(args, plan, why);
    return err ? err : read_fill(args, plan, why);
}

/* Without a profile only the exchange's rules and the funds limit a test. */
static enum err read_profile(const struct args *args, struct plan *plan, struct fault *why)
{
    struct backtest_options *test = &plan->options;
    struct config_request request = {.profile = args_text(args, "profile", NULL)};

    engine_settings_init_unlimited(&test->settings);
    if (!request.profile)
        return OK;
    enum err err = config_load(&request, &plan->config, NULL, why);
    if (err)
        return err;
    plan->scripts = profile_scripts_new(&plan->config->run, 1);
    test->settings = plan->config->engine;
    test->settings.cycle_every = 0; /* a cycle follows each bar */
    test->guards = profile_scripts_guards(plan->scripts, &test->guard_count);
    test->sizing = profile_scripts_sizing(plan->scripts);
    return OK;
}

static void show_progress(int permille, uint64_t bars)
{
    fprintf(stderr, "\r%3d %%  %llu bars ", permille / 10, (unsigned long long)bars);
}

static void add_number(struct json_writer *w, const char *name, double number)
{
    json_add_double(w, name, number);
}

static void add_positions(struct json_writer *w, const struct plan *plan,
                          const struct backtest_result *result)
{
    json_open_object(w, "positions");
    for (int i = 0; i < plan->products.count; i++)
        json_add_decimal(w, plan->products.items[i].symbol, result->positions[i]);
    json_close_object(w);
}

static void add_params(struct json_writer *w, const struct param_set *params)
{
    json_open_object(w, "params");
    for (int i = 0; i < params->count; i++)
        json_add_text(w, params->items[i].name, params->items[i].value);
    json_close_object(w);
}

static void add_statistics(struct json_writer *w, const struct statistics *s)
{
    add_number(w, "total_return", s->total_return);
    add_number(w, "annual_return", s->annual_return);
    add_number(w, "max_drawdown", s->max_drawdown);
    add_number(w, "volatility", s->volatility);
    add_number(w, "sharpe", s->sharpe);
    add_number(w, "sortino", s->sortino);
    add_number(w, "calmar", s->calmar);
    add_number(w, "exposure", s->exposure);
    json_add_int(w, "trades", s->trips);
    add_number(w, "win_rate", s->win_rate);
    add_number(w, "profit_factor", s->profit_factor);
    add_number(w, "average_win", s->average_win);
    add_number(w, "average_loss", s->average_loss);
    add_number(w, "expectancy", s->expectancy);
    json_add_decimal(w, "gross_profit", s->gross_profit);
    json_add_decimal(w, "gross_loss", s->gross_loss);
    json_add_int(w, "losses_in_row", s->losses_in_row);
}

static void print_json(const struct plan *plan, const struct backtest_result *result)
{
    struct buf out = BUF_INIT;
    struct json_writer w = json_writer_init(&out);
    char first[NANOS_TEXT_MAX], last[NANOS_TEXT_MAX];

    json_open_object(&w, NULL);
    json_add_text(&w, "strategy", plan->options.strategy.name);
    add_params(&w, &result->params);
    json_add_text(&w, "first", nanos_format(result->first, first));
    json_add_text(&w, "last", nanos_format(result->last, last));
    json_add_int(&w, "bars", (int64_t)result->bars);
    json_add_int(&w, "orders", (int64_t)result->orders);
    json_add_int(&w, "open_orders", (int64_t)result->open_orders);
    json_add_int(&w, "refusals", (int64_t)result->refusals);
    json_add_int(&w, "fills", (int64_t)result->fills);
    json_add_decimal(&w, "cash", result->cash);
    json_add_decimal(&w, "final_equity", result->final_equity);
    json_add_decimal(&w, "buy_and_hold_equity", result->buy_and_hold);
    json_add_decimal(&w, "fees_paid", result->fees_paid);
    json_add_decimal(&w, "position", result->positions[0]);
    add_positions(&w, plan, result);
    add_statistics(&w, &result->statistics);
    json_add_text(&w, "decisions_hash", result->decisions_hash);
    add_number(&w, "elapsed_seconds", result->elapsed_seconds);
    add_number(&w, "reading_seconds", result->reading_seconds);
    add_number(&w, "trading_seconds", result->trading_seconds);
    add_number(&w, "bars_per_second", (double)result->bars / result->elapsed_seconds);
    json_close_object(&w);
    printf("%s\n", buf_text(&out));
    buf_clear(&out);
}

/* "12.34 %", "n/a" where undefined. */
static const char *percent(double share, char out[32])
{
    if (isnan(share))
        return "n/a";
    snprintf(out, 32, "%.2f %%", share * 100);
    return out;
}

static const char *ratio(double number, char out[32])
{
    if (isnan(number))
        return "n/a";
    snprintf(out, 32, "%.2f", number);
    return out;
}

static const char *money(decimal amount, char out[DECIMAL_TEXT_MAX])
{
    decimal cent = {DECIMAL_ONE / 100};

    return decimal_format(decimal_quantize(amount, cent, ROUND_HALF_EVEN), out);
}

static void print_money(const struct plan *plan, const struct backtest_result *result)
{
    const char *currency = plan->options.currency;
    char start[DECIMAL_TEXT_MAX], end[DECIMAL_TEXT_MAX], fees[DECIMAL_TEXT_MAX],
        hold[DECIMAL_TEXT_MAX], share_text[32];

    printf("equity         %s -> %s %s  (%s)\n", money(plan->options.cash, start),
           money(result->final_equity, end), currency,
           percent(result->statistics.total_return, share_text));
    printf("buy and hold   %s %s\n", money(result->buy_and_hold, hold), currency);
    printf("fees           %s %s\n", money(result->fees_paid, fees), currency);
}

/* "12.3 days", "5.0 hours": for reading, not for reckoning. */
static const char *rough_span(nanos span, char out[32])
{
    if (span >= DAYS(2))
        snprintf(out, 32, "%.1f days", (double)span / (double)DAYS(1));
    else
        snprintf(out, 32, "%.1f hours", (double)span / (double)HOURS(1));
    return out;
}

static void print_risk(const struct statistics *s)
{
    char a[32], b[32], c[32], d[32], longest[32];

    printf("drawdown       %s at worst, %s at longest\n", percent(s->max_drawdown, a),
           rough_span(s->longest_drawdown, longest));
    printf("a year         return %s, volatility %s\n", percent(s->annual_return, a),
           percent(s->volatility, b));
    printf("ratios         Sharpe %s, Sortino %s, Calmar %s (%lld daily returns, 365 a year)\n",
           ratio(s->sharpe, a), ratio(s->sortino, b), ratio(s->calmar, c), (long long)s->days);
    printf("exposure       %s of the bars\n", percent(s->exposure, d));
}

static void print_trades(const struct statistics *s, const char *currency)
{
    char a[32], b[32], best[DECIMAL_TEXT_MAX], worst[DECIMAL_TEXT_MAX];

    if (s->trips == 0) {
        printf("trades         none closed\n");
        return;
    }
    printf("trades         %lld, %s won, profit factor %s, at most %lld losses in a row\n",
           (long long)s->trips, percent(s->win_rate, a), ratio(s->profit_factor, b),
           (long long)s->losses_in_row);
    printf("a trade        %s %s expected, best %s, worst %s\n", ratio(s->expectancy, a),
           currency, money(s->best, best), money(s->worst, worst));
}

static void print_orders(const struct plan *plan, const struct backtest_result *result)
{
    char size[DECIMAL_TEXT_MAX];

    printf("orders         %llu done, %llu open at the end, %llu fills, %llu refused",
           (unsigned long long)result->orders, (unsigned long long)result->open_orders,
           (unsigned long long)result->fills, (unsigned long long)result->refusals);
    if (result->most_refused_count)
        printf(" (%s: %llu)", result->most_refused,
               (unsigned long long)result->most_refused_count);
    printf("\n");
    for (int i = 0; i < plan->products.count; i++)
        if (!decimal_is_zero(result->positions[i]))
            printf("still open     %s %s, marked at the last close\n",
                   decimal_format(result->positions[i], size), plan->products.items[i].symbol);
}

static void print_text(const struct plan *plan, const struct backtest_result *result)
{
    char first[NANOS_TEXT_MAX], last[NANOS_TEXT_MAX];

    printf("%s", plan->options.strategy.name);
    for (int i = 0; i < result->params.count; i++)
        printf(" %s=%s", result->params.items[i].name, result->params.items[i].value);
    printf("\n%llu bars from %s to %s\n\n", (unsigned long long)result->bars,
           nanos_format(result->first, first), nanos_format(result->last, last));
    print_money(plan, result);
    print_risk(&result->statistics);
    print_trades(&result->statistics, plan->options.currency);
    print_orders(plan, result);
    printf("decisions      %.16s\n", result->decisions_hash);
    printf("time           %.2f s, %.2f million bars a second\n", result->elapsed_seconds,
           (double)result->bars / result->elapsed_seconds / 1e6);
}

static enum err open_trades(const struct args *args, struct plan *plan, struct fault *why)
{
    const char *path = args_text(args, "trades-out", NULL);

    if (!path)
        return OK;
    enum err err =
        trades_file_open(path, plan->inputs, plan->options.input_count, &plan->trades, why);
    plan->options.trades_out = trades_file_stream(plan->trades);
    return err;
}

static enum err read_plan(const struct args *args, struct plan *plan, struct fault *why)
{
    enum err err = read_profile(args, plan, why);

    if (!err)
        err = read_strategy(args, plan, why);
    if (!err)
        err = read_data(args, plan, why);
    if (!err)
        err = read_money(args, plan, why);
    return err ? err : open_trades(args, plan, why);
}

static enum err backtest(const struct args *args, struct fault *why)
{
    static struct plan plan; /* large, and there is one per process */
    struct backtest_result result;
    enum err err = read_plan(args, &plan, why);

    if (!err && isatty(STDERR_FILENO))
        plan.options.progress = show_progress;
    if (!err)
        err = backtest_run(&plan.options, &result, why);
    if (plan.options.progress)
        fprintf(stderr, "\r%30s\r", "");
    enum err closing = trades_file_close(plan.trades, !err, why);
    err = err ? err : closing;
    if (!err && args_has(args, "json"))
        print_json(&plan, &result);
    else if (!err)
        print_text(&plan, &result);
    profile_scripts_free(plan.scripts);
    config_free(plan.config);
    return err;
}

const struct cli_command command_backtest = {
    .name = "backtest",
    .summary = "test a strategy on history",
    .words = "",
    .examples = "  perigee backtest --strategy sma_cross --data btc.csv\n"
                "  perigee backtest --strategy sma_cross --param fast=5 --param slow=20 --data "
                "btc.csv --size 0.1\n"
                "  perigee backtest --strategy ./mine.lua --data BTC-USD=btc.csv "
                "ETH-USD=eth.csv --json\n",
    .options = options,
    .run = backtest,
};
