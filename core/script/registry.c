#include "script/registry.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"
#include "script/api.h"
#include "series/indicators.h"

/* ---- what is written in Lua, or is the sandbox's own ---- */

static const struct entry global_entries[] = {
    {ENTRY_FUNCTION, "buy", "buy(reason: string, options?: order_options): decision",
     "Buys. Without a size it is an entry signal: the sizing rule says how much, and nothing "
     "happens while a long position or an entry at work is there; a short position is closed "
     "instead.",
     NULL},
    {ENTRY_FUNCTION, "sell", "sell(reason: string, options?: order_options): decision",
     "Sells. Without a size it closes a long position; where nothing is held it enters a short "
     "one if the product allows that, and does nothing if not.",
     NULL},
    {ENTRY_FUNCTION, "close", "close(reason: string, options?: order_options): decision",
     "Closes the position, whichever side it is on, with an order that can only reduce it. "
     "Does "
     "nothing when flat or when an order that closes it works already.",
     NULL},
    {ENTRY_FUNCTION, "hold", "hold(reason?: string): decision",
     "Does nothing, and says why. Returning nothing does the same without a word.", NULL},
    {ENTRY_FUNCTION, "cancel", "cancel(what: order|integer|string, reason?: string): decision",
     "Cancels one order, given as such or by its number: `cancel(order, \"too late\")`. With a "
     "reason alone it cancels the strategy's working orders on this market. Until the venue "
     "has "
     "answered they still count as working.",
     NULL},
    {ENTRY_FUNCTION, "amend", "amend(order: order|integer, changes: amend_options): decision",
     "Changes a working order of the strategy: `amend(order, { limit = 101, size = 2 })`. "
     "Where "
     "the venue cannot edit it, it is canceled, and once it is gone another takes its place "
     "for "
     "what is left; the number of the first still names it. One change at a time: while one is "
     "under way, or its outcome is not known, the next is refused.",
     NULL},
    {ENTRY_FUNCTION, "protect", "protect(reason: string, options?: order_options): decision",
     "Guards the position that is held: `protect(\"break even\", { stop_loss = entry })`. What "
     "it "
     "says takes the place of all exits that guarded it; without levels there are none any "
     "more. `size` guards a part.",
     NULL},
    {ENTRY_FUNCTION, "print", "print(...)",
     "One line to the log, at level info, limited in rate and length.", NULL},
    {ENTRY_FUNCTION, "require", "require(name: string): any",
     "What the module of that name returns: `\"signals.momentum\"` is "
     "lua/signals/momentum.lua. "
     "It runs once, in the same sandbox as the script.",
     NULL},
    {0},
};

const struct group api_globals = {"", "What handlers return, and a few functions.", false,
                                  global_entries};

static const struct entry option_entries[] = {
    {ENTRY_FIELD, "size", "number|string|decimal?",
     "Base units, contracts of a future. Rounded down to the product's step. With a size the "
     "decision is an order, whatever is held.",
     NULL},
    {ENTRY_FIELD, "type", "string?",
     "\"market\", \"limit\", \"stop\" or \"stop_limit\"; by default what the prices say. "
     "\"bracket\" is what the prices say too, and has to have `stop_loss` and `take_profit`.",
     NULL},
    {ENTRY_FIELD, "limit", "number|string|decimal?",
     "Limit price. A buy's is rounded down to the product's step, a sell's up.", NULL},
    {ENTRY_FIELD, "stop", "number|string|decimal?", "The price that wakes a stop order.", NULL},
    {ENTRY_FIELD, "stop_loss", "number|string|decimal?",
     "Of buy, sell and protect: leave what is entered once the market is there. A price, or as "
     "\"2%\" a share of the price paid. The engine holds it, over restarts too.",
     NULL},
    {ENTRY_FIELD, "take_profit", "number|string|decimal?",
     "Likewise on the winning side. What one of them closes the others guard no more.", NULL},
    {ENTRY_FIELD, "trailing_stop", "number|string|decimal?",
     "Likewise, this far from the best price since: a distance, or a share of that price.",
     NULL},
    {ENTRY_FIELD, "tif", "string?",
     "How long it works: \"gtc\" until canceled, \"gtd\" until `expires`, \"ioc\" takes what "
     "is there, \"fok\" takes all or nothing. By default ioc for market orders, gtd where "
     "`expires` is given, else gtc.",
     NULL},
    {ENTRY_FIELD, "expires", "number?", "The end of a gtd order: seconds since 1970, UTC.",
     NULL},
    {ENTRY_FIELD, "post_only", "boolean?",
     "Whether the venue shall refuse it rather than let it take liquidity.", NULL},
    {ENTRY_FIELD, "reduce_only", "boolean?", "Whether it may only make the position smaller.",
     NULL},
    {ENTRY_FIELD, "confidence", "number?",
     "0 to 1, for the sizing rule; 1 when it is left out.", NULL},
    {ENTRY_FIELD, "order", "integer?", "Of cancel and amend: the number of the order.", NULL},
    {ENTRY_FIELD, "symbol", "string?",
     "The market; by default the strategy's own. A portfolio strategy must name it.", NULL},
    {0},
};

static const struct entry amend_entries[] = {
    {ENTRY_FIELD, "size", "number|string|decimal?",
     "The new size in all, what is filled of it included. No more than that is filled: the "
     "rest "
     "is canceled.",
     NULL},
    {ENTRY_FIELD, "limit", "number|string|decimal?", "The new limit price.", NULL},
    {ENTRY_FIELD, "stop", "number|string|decimal?", "The new price that wakes a stop order.",
     NULL},
    {ENTRY_FIELD, "reason", "string?", "Why.", NULL},
    {0},
};

static const struct group amend_options = {
    "amend_options",
    "The second argument of amend: a table of what shall change. What is left out stays.", true,
    amend_entries};

static const struct group order_options = {
    "order_options",
    "The second argument of buy, sell, close and cancel: a table. Or the only one, with the "
    "`reason` in it: buy { reason = \"it rises\", symbol = \"ETH-USD\" }. An unknown option or "
    "a "
    "value of the wrong type is an error, not a guess.",
    true, option_entries};

/* clang-format off */
#define STATE_ENTRIES(remark)                                                                  \
    {ENTRY_FIELD, "on_save", "fun(self): table",                                               \
     "What must outlive a restart, as a table that JSON can hold, of at most 64 KiB. Asked "   \
     "for with every snapshot of the journal and when the engine ends. " remark, NULL},        \
    {ENTRY_FIELD, "on_restore", "fun(self, saved: table, version: integer)",                   \
     "Gets back what on_save returned, after on_start, with the version of the script that "   \
     "returned it. The two belong together.", NULL},                                           \
    {ENTRY_FIELD, "version", "integer?",                                                       \
     "Of what on_save returns, 1 unless it says otherwise: `bot.version = 2`.", NULL}
/* clang-format on */

static const struct entry strategy_entries[] = {
    {ENTRY_FUNCTION, "new", "new(name: string, params?: table): strategy",
     "A strategy: give it handlers and return it. One instance trades one market (or, with "
     "`portfolio`, all of them); its `self` "
     "and its indicators are its own. `self.params` holds the parameters in force.",
     NULL},
    {ENTRY_FIELD, "params", "table",
     "The parameters in force; reading one that was not declared is an error.", NULL},
    {ENTRY_FIELD, "check_params", "fun(params): boolean, string?",
     "What no range can say: true, or false and why these values do not go together, as in "
     "`return p.fast < p.slow, \"fast must be less than slow\"`. Asked before the script runs, "
     "by backtest, run and `perigee config check`. Sizing rules and guards may have it too.",
     NULL},
    {ENTRY_FIELD, "on_start", "fun(self, market, portfolio): decision?",
     "Once, before anything else. Make indicators here: what is made later starts its warm-up "
     "later.",
     NULL},
    {ENTRY_FIELD, "on_bar", "fun(self, market, bar): decision?",
     "A bar of the strategy's timeframe has ended. Indicators have seen it.", NULL},
    {ENTRY_FIELD, "on_cycle", "fun(self, market, portfolio): decision?",
     "Each cycle of the engine, once a second unless the profile says otherwise; in a backtest "
     "after each bar.",
     NULL},
    {ENTRY_FIELD, "on_timer", "fun(self, market, portfolio): decision?",
     "The first cycle after each multiple of `every`, counted from midnight UTC.", NULL},
    {ENTRY_FIELD, "every", "string?", "How often on_timer is called: `bot.every = \"1h\"`.",
     NULL},
    {ENTRY_FIELD, "on_trade", "fun(self, market, trade): decision?", "Somebody traded.", NULL},
    {ENTRY_FIELD, "on_quote", "fun(self, market, quote): decision?",
     "The best bid or ask changed.", NULL},
    {ENTRY_FIELD, "on_book", "fun(self, market): decision?", "A level of the book changed.",
     NULL},
    {ENTRY_FIELD, "on_order", "fun(self, market, order): decision?",
     "One of its orders changed its state.", NULL},
    {ENTRY_FIELD, "on_fill", "fun(self, market, fill): decision?",
     "One of its orders was filled, wholly or in part.", NULL},
    {ENTRY_FIELD, "on_stop", "fun(self, market, portfolio): decision?",
     "The engine is about to end.", NULL},
    {ENTRY_FIELD, "portfolio", "boolean?",
     "`bot.portfolio = true` makes one instance for all markets instead of one for each. Its "
     "handlers get `markets` in the place of `market`: markets[\"BTC-USD\"], and "
     "pairs(markets) "
     "in the order of the symbols. bar, trade, quote, order and fill tell their `symbol`, "
     "on_book gets the market that changed as its second argument, and a decision must name "
     "its symbol. on_cycle comes once for all, after all bars of its time.",
     NULL},
    STATE_ENTRIES("Indicators need not be in it."),
    {0},
};

const struct group api_strategy = {
    "strategy",
    "What decides. A handler returns nil, one decision or a list of them. One of on_bar, "
    "on_cycle, on_trade, on_quote and on_book must be there; a name that is like a handler's "
    "and "
    "is none is an error.",
    false, strategy_entries};

static const struct entry sizing_entries[] = {
    {ENTRY_FUNCTION, "new", "new(name: string, params?: table): sizing",
     "A sizing rule: give it `size` and return it.", NULL},
    {ENTRY_FIELD, "size", "fun(self, decision, portfolio, market): number|string|decimal?",
     "How large an entry is, in base units, contracts of a future. Nil or 0: no order. The "
     "engine rounds it down and its limits cap it.",
     NULL},
    {0},
};

static const struct group api_sizing = {
    "sizing", "What says how large an entry is whose strategy left that open.", false,
    sizing_entries};

static const struct entry guard_entries[] = {
    {ENTRY_FUNCTION, "new", "new(name: string, params?: table): guard",
     "A guard: give it `check`, `on_cycle` or both, and return it.", NULL},
    {ENTRY_FIELD, "check", "fun(self, order, portfolio, market): boolean, string?",
     "Whether an order may go; if not, why not, for the trader. Never asked about orders that "
     "only reduce a position. An error refuses the order.",
     NULL},
    {ENTRY_FIELD, "on_cycle", "fun(self, portfolio, market): table?",
     "Each cycle. `{ level = \"reduce_only\", seconds = 600, reason = \"...\" }` asks for a "
     "level of the engine: \"reduce_only\", \"paused\" or \"halted\". Without seconds it stays "
     "until an operator ends it. The market is nil where the cycle is one of all markets.",
     NULL},
    STATE_ENTRIES("A guard that fails to restore it lets nothing new through."),
    {0},
};

static const struct group api_guard = {
    "guard", "What may say no. It has no indicators; it sees the account and the market.",
    false, guard_entries};

static const struct entry param_entries[] = {
    {ENTRY_FUNCTION, "integer", "integer(declaration: table): param",
     "A whole number: `param.integer { 10, min = 2, max = 200, help = \"bars\" }`.", NULL},
    {ENTRY_FUNCTION, "number", "number(declaration: table): param",
     "Any number: `param.number { 0.02, min = 0, max = 1 }`.", NULL},
    {ENTRY_FUNCTION, "boolean", "boolean(declaration: table): param",
     "True or false: `param.boolean { true }`.", NULL},
    {ENTRY_FUNCTION, "text", "text(declaration: table): param",
     "Any text: `param.text { \"1h\" }`.", NULL},
    {ENTRY_FUNCTION, "choice", "choice(declaration: table): param",
     "One word of a list: `param.choice { \"sma\", choices = { \"sma\", \"ema\" } }`.", NULL},
    {0},
};

const struct group api_param = {
    "param",
    "Declarations of parameters: the default first, then the range, both ends included, and a "
    "line of help. They stand in the table that strategy.new and its kind take; values come "
    "from the profile and the command line and are checked against them.",
    false, param_entries};

static const struct entry decimal_library_entries[] = {
    {ENTRY_FUNCTION, "decimal", "decimal(value: number|string): decimal",
     "An exact number. A number is taken as the shortest decimal that reads back as it: 0.1 is "
     "0.1.",
     NULL},
    {0},
};

const struct group api_decimal_library = {"", "Exact numbers.", false, decimal_library_entries};

static const struct entry time_entries[] = {
    {ENTRY_FUNCTION, "now", "now(): number", "The engine's time: seconds since 1970, UTC.",
     NULL},
    {0},
};

const struct group api_time = {"time", "Time, by the engine's clock.", false, time_entries};

static const struct entry json_entries[] = {
    {ENTRY_FUNCTION, "encode", "encode(value: any): string",
     "A value as JSON, limited in depth and size.", NULL},
    {ENTRY_FUNCTION, "decode", "decode(text: string): any", "And back.", NULL},
    {0},
};

const struct group api_json = {"json", "JSON.", false, json_entries};

static const struct entry log_entries[] = {
    {ENTRY_FUNCTION, "error", "error(text: string)", "Somebody must look now.", NULL},
    {ENTRY_FUNCTION, "warn", "warn(text: string)", "Somebody should look today.", NULL},
    {ENTRY_FUNCTION, "info", "info(text: string)", "The story of the day.", NULL},
    {ENTRY_FUNCTION, "debug", "debug(text: string)", "The rest.", NULL},
    {0},
};

const struct group api_log = {"log", "Lines in the engine's log, limited in length and rate.",
                              false, log_entries};

static const struct group *const groups[] = {
    &api_globals,   &order_options, &amend_options,
    &api_strategy,  &api_sizing,    &api_guard,
    &api_param,     &api_market,    &api_frame,
    &api_indicator, &api_ta,        &api_bar,
    &api_trade,     &api_quote,     &api_position,
    &api_exit,      &api_portfolio, &api_order,
    &api_fill,      &api_decision,  &api_decimal_library,
    &api_decimal,   &api_time,      &api_json,
    &api_log,
};

const struct group *registry_at(int index)
{
    return index >= 0 && (size_t)index < ARRAY_LEN(groups) ? groups[index] : NULL;
}

const struct group *registry_find(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        if (groups[i]->name[0] && strcmp(groups[i]->name, name) == 0)
            return groups[i];
    return NULL;
}

/* ---- pages ---- */

static const char *title_of(const struct group *group)
{
    return group->name[0]          ? group->name
           : group == &api_globals ? "Decisions and globals"
                                   : "decimal()";
}

/* A type inside a table: its bars would end the cell. */
static void write_type(const char *type, struct buf *out)
{
    for (; *type; type++) {
        if (*type == '|')
            buf_add_text(out, "\\");
        buf_add(out, type, 1);
    }
}

static void write_fields(const struct group *group, struct buf *out)
{
    bool is_open = false;

    for (const struct entry *entry = group->entries; entry->name; entry++) {
        if (entry->kind != ENTRY_FIELD)
            continue;
        if (!is_open)
            buf_add_text(out, "| field | type | |\n|---|---|---|\n");
        is_open = true;
        buf_add_format(out, "| `%s` | `", entry->name);
        write_type(entry->usage, out);
        buf_add_format(out, "` | %s |\n", entry->doc);
    }
    if (is_open)
        buf_add_text(out, "\n");
}

static void write_functions(const struct group *group, struct buf *out)
{
    for (const struct entry *entry = group->entries; entry->name; entry++) {
        if (entry->kind == ENTRY_FIELD)
            continue;
        const char *join = !group->name[0] ? "" : entry->kind == ENTRY_METHOD ? ":" : ".";
        buf_add_format(out, "### `%s%s%s`\n\n%s\n\n", group->name, join, entry->usage,
                       entry->doc);
    }
}

static void write_group(const struct group *group, struct buf *out)
{
    buf_add_format(out, "## %s\n\n%s\n\n", title_of(group), group->doc);
    write_fields(group, out);
    write_functions(group, out);
}

static void write_option(const struct indicator_option *option, struct buf *out)
{
    buf_add_format(out, "- `%s`: %s (default %.10g", option->name, option->summary,
                   option->initial);
    if (option->kind == INDICATOR_CHOICE)
        buf_add_format(out, ", `%s`", option->choices[(int)option->initial]);
    buf_add_format(out, ", %.10g to %.10g)\n", option->min, option->max);
}

static void write_indicator(const struct indicator_info *info, struct buf *out)
{
    double options[INDICATOR_OPTIONS_MAX];

    indicator_default_options(info, options);
    buf_add_text(out, "### `");
    indicator_format_usage(info, out);
    buf_add_format(out, "`\n\n%s %s\n\n", info->summary, info->notes);
    for (const struct indicator_option *option = info->options; option->name; option++)
        write_option(option, out);
    for (const struct indicator_output *output = info->outputs; output->name; output++)
        buf_add_format(out, "- output `%s`: %s\n", output->name, output->summary);
    buf_add_format(out, "- warm-up with the defaults: %d bars of %s\n\n",
                   info->warm_up(options), info->inputs);
}

static const char introduction[] =
    "# The Lua API\n\n"
    "This page is written by `perigee docs` from the tables that bind the API: what is not "
    "here "
    "does not exist.\n\n"
    "A script is one file that returns a strategy, a sizing rule or a guard. It runs in a "
    "sandbox with Lua 5.4's `string`, `table`, `math`, `utf8` and `coroutine` and without "
    "files, "
    "network, clock or debugging; globals are read-only, and a call has a budget of time and "
    "memory. Prices and sizes are plain numbers; where a size or a price is handed back, "
    "`0.1`, `\"0.1\"` and `decimal(\"0.1\")` are the same. Times are seconds since 1970, UTC, "
    "by "
    "the engine's clock.\n\n"
    "What a handler is given (market, bar, portfolio and so on) is lent for that call. Keep "
    "numbers (`self.last = bar.close`), not the bar: using it outside the handler, or in the "
    "next call, is an error that says so. Indicators and frames stay valid.\n\n";

void registry_write_markdown(struct buf *out)
{
    buf_add_text(out, introduction);
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        write_group(groups[i], out);
    buf_add_text(
        out, "## Indicators\n\nMethods of a market and of a frame: `market:sma(20)`, "
             "`market:macd { fast = 8 }`, `market:bars(\"1h\"):atr(14)`. Options are given in "
             "their order, by name in a table, or both; the same request gives the same "
             "indicator. 64 values are kept, or as many as `{ history = 500 }` asks "
             "for.\n\n");
    for (int i = 0; i < indicators_count(); i++)
        write_indicator(indicators_at(i), out);
}

/* "sma(length: integer): indicator" -> names of its arguments, for a LuaLS function stub. */
static void write_stub(const char *prefix, const char *join, const char *usage, struct buf *out)
{
    const char *open = strchr(usage, '('), *at = open + 1;

    buf_add_format(out, "function %s%s%.*s(", prefix, join, (int)(open - usage), usage);
    for (int n = 0; *at && *at != ')'; n++) {
        size_t len = strcspn(at, ":?,)");
        buf_add_format(out, "%s%.*s", n ? ", " : "", (int)len, at);
        at += len;
        at += strcspn(at, ",)");
        at += strspn(at, ", ");
    }
    buf_add_text(out, ") end\n\n");
}

/* ---@param lines and the ---@return of a usage. */
static void write_types(const char *usage, struct buf *out)
{
    const char *at = strchr(usage, '(') + 1, *result;

    while (*at && *at != ')') {
        size_t name = strcspn(at, ":,)");
        if (at[name] == ':') {
            size_t len = strcspn(at + name + 1, ",)");
            buf_add_format(out, "---@param %.*s %.*s\n", (int)name, at, (int)len - 1,
                           at + name + 2);
            at += name + 1 + len;
        } else {
            at += name;
        }
        at += strspn(at, ", ");
    }
    result = strstr(at, "): ");
    if (result)
        buf_add_format(out, "---@return %s\n", result + 3);
}

static void write_meta_entry(const struct group *group, const struct entry *entry,
                             struct buf *out)
{
    buf_add_format(out, "--- %s\n", entry->doc);
    write_types(entry->usage, out);
    if (group->name[0])
        write_stub(group->name, entry->kind == ENTRY_METHOD ? ":" : ".", entry->usage, out);
    else
        write_stub("", "", entry->usage, out);
}

/* "fun(self, market): decision?" with types: an argument named after a class is one. */
static void write_meta_type(const char *usage, struct buf *out)
{
    const char *at = strncmp(usage, "fun(", 4) == 0 ? usage + 4 : NULL;

    if (!at) {
        buf_add_text(out, usage);
        return;
    }
    buf_add_text(out, "fun(");
    while (*at && *at != ')') {
        char name[32];
        size_t len = strcspn(at, ":,)");
        snprintf(name, sizeof name, "%.*s", (int)len, at);
        buf_add(out, at, len);
        if (at[len] != ':')
            buf_add_format(out, ": %s", registry_find(name) ? name : "table");
        at += len;
        len = strcspn(at, ",)");
        len += strspn(at + len, ", ");
        buf_add(out, at, len);
        at += len;
    }
    buf_add_text(out, at);
}

static void write_meta_field(const struct entry *entry, struct buf *out)
{
    buf_add_format(out, "---@field %s ", entry->name);
    write_meta_type(entry->usage, out);
    buf_add_format(out, " %s\n", entry->doc);
}

static void write_meta_group(const struct group *group, struct buf *out)
{
    const struct entry *entry;

    if (group->name[0]) {
        buf_add_format(out, "--- %s\n---@class %s\n", group->doc, group->name);
        for (entry = group->entries; entry->name; entry++)
            if (entry->kind == ENTRY_FIELD && entry->name[0] != '[')
                write_meta_field(entry, out);
        buf_add_format(out, "%s%s = {}\n\n", group->is_class ? "local " : "", group->name);
    }
    for (entry = group->entries; entry->name; entry++)
        if (entry->kind != ENTRY_FIELD)
            write_meta_entry(group, entry, out);
}

static void write_meta_indicators(const char *class, struct buf *out)
{
    for (int i = 0; i < indicators_count(); i++) {
        const struct indicator_info *info = indicators_at(i);
        buf_add_format(out, "--- %s\n---@return indicator\nfunction %s:%s(...) end\n\n",
                       info->summary, class, info->name);
    }
}

void registry_write_meta(struct buf *out)
{
    buf_add_text(out, "---@meta\n-- Written by `perigee docs` from the tables that bind the "
                      "API. Do not edit.\n\n"
                      "---@alias side \"buy\"|\"sell\"\n\n");
    for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
        write_meta_group(groups[i], out);
        if (groups[i] == &api_market || groups[i] == &api_frame)
            write_meta_indicators(groups[i]->name, out);
    }
}

static bool write_help_in(const struct group *group, const char *name, struct buf *out)
{
    bool found = false;

    for (const struct entry *entry = group->entries; entry->name; entry++) {
        if (strcmp(entry->name, name) != 0)
            continue;
        buf_add_format(out, "%s%s%s\n  %s\n", group->name,
                       !group->name[0]               ? ""
                       : entry->kind == ENTRY_METHOD ? ":"
                                                     : ".",
                       entry->kind == ENTRY_FIELD ? entry->name : entry->usage, entry->doc);
        found = true;
    }
    return found;
}

bool registry_write_help(const char *name, struct buf *out)
{
    const struct group *group = registry_find(name);
    const struct indicator_info *info = indicators_find(name);
    const char *dot = strpbrk(name, ".:");
    bool found = group || info;
    char prefix[64];

    if (group)
        write_group(group, out);
    if (info)
        write_indicator(info, out);
    if (dot) {
        snprintf(prefix, sizeof prefix, "%.*s", (int)(dot - name), name);
        group = registry_find(prefix);
        return group && write_help_in(group, dot + 1, out);
    }
    for (size_t i = 0; i < ARRAY_LEN(groups); i++)
        found = write_help_in(groups[i], name, out) || found;
    return found;
}
