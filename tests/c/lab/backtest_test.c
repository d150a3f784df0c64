#include "lab/backtest.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "base/mem.h"
#include "base/rng.h"
#include "check.h"
#include "venue/catalogue.h"

enum { BARS = 3000 };

/* Prices in cents, and what the rule of sma_cross must come to, in whole numbers: an oracle
 * that shares no code with the engine. */
struct history_oracle {
    int64_t open[BARS], close[BARS];
};

static void make_bars(struct history_oracle *h, uint64_t seed, int64_t swing)
{
    struct rng rng = rng_stream(seed, "bars");
    int64_t price = 6000000;

    for (int i = 0; i < BARS; i++) {
        h->open[i] = price + rng_between(&rng, -swing, swing);
        price = h->open[i] + rng_between(&rng, -swing, swing);
        h->close[i] = price;
    }
}

static const char *write_bars(const struct history_oracle *h)
{
    static char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/bars.csv", check_tmp());
    file = fopen(path, "w");
    assert_non_null(file);
    fputs("ts_ms,open,high,low,close,volume\n", file);
    for (int i = 0; i < BARS; i++) {
        int64_t high = h->open[i] > h->close[i] ? h->open[i] : h->close[i];
        int64_t low = h->open[i] < h->close[i] ? h->open[i] : h->close[i];
        fprintf(file, "%lld,%lld.%02lld,%lld.%02lld,%lld.%02lld,%lld.%02lld,1\n",
                1704067200000LL + i * 60000LL, (long long)h->open[i] / 100,
                (long long)h->open[i] % 100, (long long)high / 100, (long long)high % 100,
                (long long)low / 100, (long long)low % 100, (long long)h->close[i] / 100,
                (long long)h->close[i] % 100);
    }
    fclose(file);
    return path;
}

struct expected {
    int64_t orders, position;
    int64_t equity, fees; /* in units of 10^-5: cents times a fee of a thousandth */
};

/* Buys 1 at the next open when the fast mean rises above the slow one and nothing is held;
 * sells it when it falls below. The means are compared as sums, multiplied out. */
static struct expected expect(const struct history_oracle *h, int fast, int slow, int64_t cash)
{
    struct expected e = {.equity = cash * 100000};
    int64_t fast_sum = 0, slow_sum = 0;
    int pending = 0, before = 2;

    for (int i = 0; i < BARS; i++) {
        if (pending) {
            e.equity -= pending * h->open[i] * 1000 + h->open[i];
            e.fees += h->open[i];
            e.position += pending;
            e.orders++;
            pending = 0;
        }
        fast_sum += h->close[i] - (i >= fast ? h->close[i - fast] : 0);
        slow_sum += h->close[i] - (i >= slow ? h->close[i - slow] : 0);
        if (i < slow - 1)
            continue;
        int64_t difference = fast_sum * slow - slow_sum * fast;
        int now = (difference > 0) - (difference < 0);
        if (before != 2 && now > 0 && before <= 0 && e.position == 0)
            pending = 1;
        else if (before != 2 && now < 0 && before >= 0 && e.position > 0)
            pending = -1;
        before = now;
    }
    e.equity += e.position * h->close[BARS - 1] * 1000;
    return e;
}

static struct backtest_options options_of(const struct history_input *input,
                                          const struct product_table *products,
                                          const struct param_value *params)
{
    struct backtest_options options = {
        .products = products,
        .inputs = input,
        .input_count = 1,
        .strategy = {.name = "sma_cross", .params = params, .param_count = 2, .seed = 1},
        .currency = "USD",
        .cash = D(1000000000),
    };

    engine_settings_init_unlimited(&options.settings);
    options.settings.size_fixed = D(1);
    options.settings.taker_rate = options.settings.maker_rate = (decimal){DECIMAL_ONE / 1000};
    options.venue.fees.maker_rate = options.venue.fees.taker_rate = options.settings.taker_rate;
    return options;
}

static struct product_table *products_of(const char *symbol)
{
    static struct product_table products;
    struct product product;
    product_ref ref;

    product_table_init(&products);
    assert_true(catalogue_find(symbol, &product, NULL));
    assert_int_equal(product_table_add(&products, &product, &ref, NULL), OK);
    return &products;
}

static void check_against_oracle(uint64_t seed, int64_t swing, int fast, int slow)
{
    struct history_oracle *h = mem_new(sizeof *h);
    struct param_value params[2];
    struct backtest_result *result = mem_new(sizeof *result);
    struct fault why = {OK, ""};
    char text[64];

    make_bars(h, seed, swing);
    struct history_input input = {.path = write_bars(h), .symbol = "BTC-USD"};
    snprintf(text, sizeof text, "fast=%d", fast);
    assert_int_equal(param_value_parse(text, "test", &params[0], &why), OK);
    snprintf(text, sizeof text, "slow=%d", slow);
    assert_int_equal(param_value_parse(text, "test", &params[1], &why), OK);
    struct backtest_options options = options_of(&input, products_of("BTC-USD"), params);
    if (backtest_run(&options, result, &why))
        fail_msg("%s", why.text);
    struct expected e = expect(h, fast, slow, 1000000000);

    assert_int_equal(result->bars, BARS);
    assert_int_equal(result->orders, e.orders);
    assert_int_equal(result->fills, e.orders);
    assert_true(decimal_is_equal(result->positions[0], D(e.position)));
    assert_true(result->final_equity.units == (int128)e.equity * (DECIMAL_ONE / 100000));
    assert_true(result->fees_paid.units == (int128)e.fees * (DECIMAL_ONE / 100000));
    mem_free(h);
    mem_free(result);
}

TEST(orders_and_equity_agree_with_whole_numbers_to_the_last_unit)
{
    static const int lengths[][2] = {{2, 3}, {3, 10}, {10, 30}, {20, 90}};

    for (uint64_t seed = 1; seed <= 4; seed++)
        check_against_oracle(seed, 2000, lengths[seed - 1][0], lengths[seed - 1][1]);
}

/* Prices that move by a cent make equal averages common: a sum that drifted would get them
 * wrong. */
TEST(equal_averages_are_ties_and_not_crossings)
{
    for (uint64_t seed = 10; seed <= 14; seed++)
        check_against_oracle(seed, 1, 4, 8);
}

static const char *write_script(const char *name, const char *text)
{
    static char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", check_tmp(), name);
    file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void fails_with(const char *script, const char *text, enum err code, const char *words)
{
    struct history_oracle *h = mem_new(sizeof *h);
    struct backtest_result *result = mem_new(sizeof *result);
    struct fault why = {OK, ""};

    make_bars(h, 1, 2000);
    struct history_input input = {.path = write_bars(h), .symbol = "BTC-USD"};
    struct backtest_options options = options_of(&input, products_of("BTC-USD"), NULL);
    options.strategy.param_count = 0;
    options.strategy.name = write_script(script, text);
    assert_int_equal(backtest_run(&options, result, &why), code);
    if (!strstr(why.text, words))
        fail_msg("got: %s\nwant: %s", why.text, words);
    mem_free(h);
    mem_free(result);
}

TEST(the_first_error_of_a_script_ends_the_test_and_names_its_line)
{
    fails_with("late.lua",
               "local bot = strategy.new(\"late\")\n"
               "function bot:on_bar(market, bar)\n"
               "   self.count = (self.count or 0) + 1\n"
               "   if self.count == 100 then error(\"at the hundredth\") end\n"
               "end\n"
               "return bot\n",
               ERR_SCRIPT, "late.lua:4: at the hundredth");
}

/* With `count` guards of that text and a sizing rule, NULL for none; what it ended with. */
static const char *ends_with(const char *guard, int count, const char *sizing)
{
    static char path[256];
    static struct fault why;
    struct history_oracle *h = mem_new(sizeof *h);
    struct backtest_result *result = mem_new(sizeof *result);
    struct script_options guards[20] = {{0}}, rule = {0};

    make_bars(h, 1, 2000);
    struct history_input input = {.path = write_bars(h), .symbol = "BTC-USD"};
    struct backtest_options options = options_of(&input, products_of("BTC-USD"), NULL);
    options.strategy.param_count = 0;
    snprintf(path, sizeof path, "%s", write_script("guard.lua", guard ? guard : ""));
    for (int i = 0; i < count; i++)
        guards[i].name = path;
    options.guards = guards;
    options.guard_count = count;
    if (sizing) {
        rule.name = write_script("rule.lua", sizing);
        options.sizing = &rule;
        options.settings.size_fixed = DECIMAL_ZERO;
    }
    enum err err = backtest_run(&options, result, &why);
    mem_free(h);
    mem_free(result);
    return err ? why.text : "the end";
}

TEST(a_guard_or_sizing_rule_that_fails_ends_the_test_too)
{
    static const char check[] = "local g = guard.new('g')\n"
                                "function g:check() return nil + 1 end\nreturn g\n";
    static const char cycle[] = "local g = guard.new('g')\n"
                                "function g:on_cycle() error('lost') end\nreturn g\n";
    static const char size[] = "local s = sizing.new('s')\n"
                               "function s:size() error('no idea') end\nreturn s\n";

    assert_non_null(strstr(ends_with(check, 1, NULL), "guard.lua:2: attempt to perform arith"));
    assert_non_null(strstr(ends_with(cycle, 1, NULL), "guard.lua:2: lost"));
    assert_non_null(strstr(ends_with(NULL, 0, size), "rule.lua:2: no idea"));
}

TEST(as_many_guards_as_a_profile_may_have)
{
    assert_string_equal(ends_with("local g = guard.new('g')\n"
                                  "function g:check() return true end\nreturn g\n",
                                  20, NULL),
                        "the end");
}

TEST(a_bar_that_was_kept_raises_when_it_is_used_later)
{
    fails_with("keeper.lua",
               "local bot = strategy.new(\"keeper\")\n"
               "function bot:on_bar(market, bar)\n"
               "   if self.kept then print(self.kept.close) end\n"
               "   self.kept = bar\n"
               "   if market.time then return nil end\n"
               "end\n"
               "function bot:on_cycle() print(self.kept.close) end\n"
               "return bot\n",
               ERR_SCRIPT, "lent for an earlier call");
}

/* ---- several products ---- */

/* `count` bars of `minutes` each; the i-th stands still at first + i. */
static const char *write_steps(const char *name, int minutes, int count, int first)
{
    static char paths[4][256];
    static int used;
    char *path = paths[used++ % 4];

    snprintf(path, sizeof paths[0], "%s/%s", check_tmp(), name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("ts_ms,open,high,low,close,volume\n", file);
    for (int i = 0; i < count; i++)
        fprintf(file, "%lld,%d,%d,%d,%d,1\n", 1704067200000LL + i * minutes * 60000LL,
                first + i, first + i, first + i, first + i);
    fclose(file);
    return path;
}

/* Runs a script on three products, which begin at 1000, 2000 and 3000. */
static struct backtest_result *run_three(const char *text, int minutes_of_third)
{
    static const char *const symbols[] = {"BTC-USD", "ETH-USD", "SOL-USD"};
    static struct product_table products;
    struct backtest_result *result = mem_new(sizeof *result);
    struct fault why = {OK, ""};
    int third = 200 / minutes_of_third;
    struct history_input inputs[] = {
        {.path = write_steps("btc.csv", 1, 200, 1000), .symbol = symbols[0]},
        {.path = write_steps("eth.csv", 1, 200, 2000), .symbol = symbols[1]},
        {.path = write_steps("sol.csv", minutes_of_third, third, 3000), .symbol = symbols[2]},
    };
    struct backtest_options options = options_of(inputs, &products, NULL);

    product_table_init(&products);
    for (int i = 0; i < 3; i++) {
        struct product product;
        product_ref ref;
        assert_true(catalogue_find(symbols[i], &product, NULL));
        assert_int_equal(product_table_add(&products, &product, &ref, NULL), OK);
    }
    options.input_count = 3;
    options.strategy.param_count = 0;
    options.strategy.timeframe = MINUTES(minutes_of_third);
    options.strategy.name = write_script("three.lua", text);
    if (backtest_run(&options, result, &why))
        fail_msg("%s", why.text);
    return result;
}

/* Three times two hundred rows: blocks of rows end in the middle of a time. */
TEST(bars_of_one_time_are_all_there_when_the_cycle_comes)
{
    struct backtest_result *result =
        run_three("local bot = strategy.new(\"three\")\n"
                  "bot.portfolio = true\n"
                  "bot.n = 0\n"
                  "function bot:on_cycle(markets)\n"
                  "   self.n = self.n + 1\n"
                  "   local btc, eth = markets[\"BTC-USD\"], markets[\"ETH-USD\"]\n"
                  "   local sol = markets[\"SOL-USD\"]\n"
                  "   assert(btc.price == 999 + self.n)\n"
                  "   assert(eth.price == 1999 + self.n)\n"
                  "   assert(sol.price == 2999 + self.n)\n"
                  "   assert(btc.bar.time == sol.bar.time)\n"
                  "end\n"
                  "function bot:on_stop()\n"
                  "   assert(self.n == 200)\n"
                  "end\n"
                  "return bot\n",
                  1);
    assert_int_equal(result->bars, 600);
    mem_free(result);
}

TEST(bars_of_other_lengths_that_end_at_one_time_are_shown_together)
{
    struct backtest_result *result =
        run_three("local bot = strategy.new(\"three\")\n"
                  "bot.portfolio = true\n"
                  "function bot:on_cycle(markets)\n"
                  "   local btc, sol = markets[\"BTC-USD\"], markets[\"SOL-USD\"]\n"
                  "   if time.now() % 300 == 0 then\n"
                  "      assert(sol.bar.time == time.now() and btc.bar.time == time.now())\n"
                  "      assert((btc.price - 1004) / 5 == sol.price - 3000)\n"
                  "      return { buy(\"now\", { symbol = \"SOL-USD\", size = 1 }) }\n"
                  "   end\n"
                  "end\n"
                  "return bot\n",
                  5);
    assert_int_equal(result->bars, 440);
    assert_int_equal(result->orders, 39); /* the last one's open never comes */
    assert_true(decimal_is_equal(result->positions[2], D(39)));
    mem_free(result);
}

/* As many as there can be: the bars of one time are more than half of a block. */
TEST(bars_of_sixty_four_products_are_shown_together)
{
    static struct product_table products;
    struct history_input inputs[PRODUCTS_MAX] = {{0}};
    struct backtest_result *result = mem_new(sizeof *result);
    struct fault why = {OK, ""};
    const char *path = write_steps("one.csv", 1, 20, 1000);
    struct backtest_options options = options_of(inputs, &products, NULL);

    product_table_init(&products);
    for (int i = 0; i < PRODUCTS_MAX; i++) {
        struct product product;
        product_ref ref;
        assert_true(catalogue_find("BTC-USD", &product, NULL));
        snprintf(product.symbol, sizeof product.symbol, "C%02d-USD", i);
        snprintf(product.base, sizeof product.base, "C%02d", i);
        assert_int_equal(product_table_add(&products, &product, &ref, NULL), OK);
        inputs[i] = (struct history_input){.path = path, .symbol = products.items[ref].symbol};
    }
    options.input_count = PRODUCTS_MAX;
    options.strategy.param_count = 0;
    options.strategy.name =
        write_script("all.lua", "local bot = strategy.new(\"all\")\n"
                                "bot.portfolio = true\n"
                                "bot.n = 0\n"
                                "function bot:on_cycle(markets)\n"
                                "   self.n = self.n + 1\n"
                                "   assert(markets[\"C00-USD\"].price == 999 + self.n)\n"
                                "   assert(markets[\"C63-USD\"].price == 999 + self.n)\n"
                                "end\n"
                                "function bot:on_stop() assert(self.n == 20) end\n"
                                "return bot\n");
    if (backtest_run(&options, result, &why))
        fail_msg("%s", why.text);
    assert_int_equal(result->bars, 20 * PRODUCTS_MAX);
    mem_free(result);
}

TEST(strategies_of_one_product_each_see_the_same_moment)
{
    struct backtest_result *result = run_three("local bot = strategy.new(\"each\")\n"
                                               "function bot:on_cycle(market, portfolio)\n"
                                               "   if not self.exposure then\n"
                                               "      self.exposure = portfolio.exposure\n"
                                               "      return { buy(\"one\", { size = 1 }) }\n"
                                               "   end\n"
                                               "end\n"
                                               "function bot:on_stop(_, portfolio)\n"
                                               "   assert(self.exposure == 0)\n"
                                               "   assert(portfolio.open_positions == 3)\n"
                                               "end\n"
                                               "return bot\n",
                                               1);
    assert_int_equal(result->fills, 3);
    mem_free(result);
}
