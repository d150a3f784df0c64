/* Workload W1 and its two ceilings: a million made-up minutes, and the sma_cross rule on them.
 *
 *     w1 make BARS FILE.csv     writes the series
 *     w1 loop FILE.csv          the rule in a bare loop, and with a bare Lua callback per bar
 *
 * The series is one that any program can make: xorshift64* from a fixed seed, four steps of
 * at most ten dollars a minute. `loop` keeps only what the rule needs: the sums of the last
 * ten and thirty closes in cents, a position, and cash; no sandbox, orders, ledger, journal
 * or statistics. What an engine adds to that is to be compared with it, in the same run. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <lauxlib.h>

#include "base/mem.h"
#include "store/history.h"

enum { FAST = 10, SLOW = 30, RUNS = 5 };

/* ---- the series ---- */

static uint64_t next_random(void)
{
    static uint64_t state = 0x9E3779B97F4A7C15u;

    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 2685821657736338717u;
}

static void print_cents(FILE *out, int64_t cents)
{
    fprintf(out, "%" PRId64 ".%02" PRId64 ",", cents / 100, cents % 100);
}

static int make_series(int count, const char *path)
{
    FILE *out = fopen(path, "w");
    int64_t price = 6000000, time = 1609459200000; /* cents; 2021-01-01 in milliseconds */

    if (!out) {
        perror(path);
        return 1;
    }
    fputs("ts_ms,open,high,low,close,volume\n", out);
    for (int i = 0; i < count; i++, time += 60000) {
        int64_t open = price, high = price, low = price;
        for (int step = 0; step < 4; step++) {
            price += (int64_t)((next_random() >> 33) % 2001) - 1000;
            price = price < 100000 ? 100000 : price;
            high = price > high ? price : high;
            low = price < low ? price : low;
        }
        int volume = (int)((next_random() >> 40) % 100000);
        fprintf(out, "%" PRId64 ",", time);
        print_cents(out, open);
        print_cents(out, high);
        print_cents(out, low);
        print_cents(out, price);
        fprintf(out, "%d.%03d\n", volume / 1000, volume % 1000);
    }
    return fclose(out) == 0 ? 0 : 1;
}

/* ---- the rule ---- */

struct prices {
    int64_t *open, *close; /* cents */
    int count;
};

static struct prices load(const char *path)
{
    struct prices prices = {0};
    struct history *history;
    struct history_input input = {.path = path};
    struct history_row row;
    struct fault why;
    bool has = true;
    int cap = 1 << 20;

    prices.open = mem_new_array((size_t)cap, sizeof *prices.open);
    prices.close = mem_new_array((size_t)cap, sizeof *prices.close);
    enum err err = history_open(&input, 1, 0, 0, &history, &why);
    while (!err && has && prices.count < cap) {
        err = history_next(history, &row, &has, &why);
        if (err || !has)
            break;
        prices.open[prices.count] = (int64_t)(row.bar.open.units / (DECIMAL_ONE / 100));
        prices.close[prices.count++] = (int64_t)(row.bar.close.units / (DECIMAL_ONE / 100));
    }
    if (err) {
        fprintf(stderr, "w1: %s\n", why.text);
        exit(1);
    }
    history_close(history);
    return prices;
}

/* -1 sell, 1 buy, 0 nothing, from sums whose means are compared: now and a bar before. */
static int decide_in_c(void *unused, const int64_t now[2], const int64_t before[2])
{
    (void)unused;
    if (now[0] * SLOW > now[1] * FAST && before[0] * SLOW <= before[1] * FAST)
        return 1;
    return now[0] * SLOW < now[1] * FAST && before[0] * SLOW >= before[1] * FAST ? -1 : 0;
}

static int decide_in_lua(void *state, const int64_t now[2], const int64_t before[2])
{
    lua_State *L = state;

    lua_pushvalue(L, 1);
    lua_pushnumber(L, (double)(now[0] * SLOW));
    lua_pushnumber(L, (double)(now[1] * FAST));
    lua_pushnumber(L, (double)(before[0] * SLOW));
    lua_pushnumber(L, (double)(before[1] * FAST));
    if (lua_pcall(L, 4, 1, 0) != LUA_OK)
        abort();
    int decision = (int)lua_tointeger(L, -1);
    lua_settop(L, 1);
    return decision;
}

typedef int decider(void *state, const int64_t now[2], const int64_t before[2]);

struct passage {
    int orders;
    double equity;
};

/* Inlined into both loops, with the decider known. */
static inline __attribute__((always_inline)) struct passage trade(const struct prices *p,
                                                                  decider *decide, void *state)
{
    int64_t now[2] = {0}, before[2];
    int position = 0, pending = 0;
    struct passage out = {0, 1e9};

    for (int i = 0; i < p->count; i++) {
        if (pending) {
            double price = (double)p->open[i] / 100;
            out.equity -= pending * price + price * 0.001;
            out.orders++;
            position += pending;
            pending = 0;
        }
        before[0] = now[0], before[1] = now[1];
        now[0] += p->close[i] - (i >= FAST ? p->close[i - FAST] : 0);
        now[1] += p->close[i] - (i >= SLOW ? p->close[i - SLOW] : 0);
        if (i < SLOW)
            continue;
        int wish = decide(state, now, before);
        if ((wish > 0 && position == 0) || (wish < 0 && position > 0))
            pending = wish;
    }
    out.equity += position * (double)p->close[p->count - 1] / 100;
    return out;
}

static struct passage loop_in_c(const struct prices *prices, void *state)
{
    return trade(prices, decide_in_c, state);
}

static struct passage loop_in_lua(const struct prices *prices, void *state)
{
    return trade(prices, decide_in_lua, state);
}

static void measure(const char *name, const struct prices *prices,
                    struct passage (*loop)(const struct prices *prices, void *state),
                    void *state)
{
    struct passage outcome = {0};
    clock_t best = LONG_MAX;

    for (int run = 0; run < RUNS; run++) {
        clock_t start = clock(); /* processor time: machines are shared */
        outcome = loop(prices, state);
        clock_t took = clock() - start;
        best = took < best ? took : best;
    }
    printf("%s %.2f %d %.2f\n", name,
           (double)prices->count / (double)best * CLOCKS_PER_SEC / 1e6, outcome.orders,
           outcome.equity);
}

static int run_loops(const char *path)
{
    static const char script[] = "return function(fast, slow, fast_before, slow_before)\n"
                                 "   if fast > slow and fast_before <= slow_before then\n"
                                 "      return 1\n"
                                 "   elseif fast < slow and fast_before >= slow_before then\n"
                                 "      return -1\n"
                                 "   end\n"
                                 "end\n";
    struct prices prices = load(path);
    lua_State *L = luaL_newstate();

    if (!L || luaL_dostring(L, script))
        return 1;
    measure("c", &prices, loop_in_c, NULL);
    measure("lua", &prices, loop_in_lua, L);
    lua_close(L);
    mem_free(prices.open);
    mem_free(prices.close);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "make") == 0)
        return make_series(atoi(argv[2]), argv[3]);
    if (argc == 3 && strcmp(argv[1], "loop") == 0)
        return run_loops(argv[2]);
    fprintf(stderr, "usage: w1 make BARS FILE.csv | w1 loop FILE.csv\n");
    return 2;
}
