#include <sys/stat.h>
#include <unistd.h>

#include "hosts.h"

static struct rig rig;

/* What loading the text says; the test's folder left out. */
static const char *complaint_at_load(const char *text)
{
    if (rig_load(&rig, text, NULL) == OK) {
        rig_clear(&rig);
        return "loaded";
    }
    portfolio_free(rig.portfolio);
    return without_folder(&rig.why);
}

/* What the first bar says. */
static const char *complaint_at_bar(const char *text)
{
    struct rig *it = rig_start(text);

    enum err err = rig_bar(it, 100);
    rig_clear(it);
    return err ? without_folder(&it->why) : "fine";
}

#define BOT          "local bot = strategy.new('bot', {})\n"
#define ON_BAR(body) BOT "function bot:on_bar(market, bar) " body " end\nreturn bot"

TEST(a_script_with_a_syntax_error_says_where)
{
    assert_string_equal(complaint_at_load("local bot = = 1\n"),
                        "s.lua:1: unexpected symbol near '='");
}

TEST(a_script_that_fails_while_it_loads_says_where)
{
    assert_string_equal(complaint_at_load(BOT "bot.x = nothing.y\nreturn bot"),
                        "s.lua:2: undefined variable 'nothing'");
}

TEST(a_script_that_returns_something_else_is_refused)
{
    assert_string_equal(complaint_at_load("return 1"),
                        "s.lua returns a number; its last line must return what "
                        "strategy.new(...) made");
    assert_string_equal(complaint_at_load("local x = 1"),
                        "s.lua returns a nil; its last line must return what "
                        "strategy.new(...) made");
    assert_string_equal(
        complaint_at_load("return {}"),
        "s.lua returns a table of its own; expected what strategy.new(...) made");
    assert_string_equal(complaint_at_load("return guard.new('g', {})"),
                        "s.lua returns a guard; expected what strategy.new(...) made");
}

TEST(a_name_that_cannot_stand_in_an_id_is_refused)
{
    assert_string_equal(complaint_at_load("return strategy.new('my bot', {})"),
                        "s.lua: 'my bot' is no name for a strategy: lower-case letters, digits "
                        "and _, a letter first, at most 47");
}

TEST(a_strategy_without_a_handler_is_refused)
{
    assert_string_equal(complaint_at_load(BOT "return bot"),
                        "s.lua: a strategy needs on_bar or on_cycle (or on_trade, on_quote, "
                        "on_book)");
}

TEST(a_misspelt_handler_is_refused_with_its_line_and_the_nearest_name)
{
    assert_string_equal(complaint_at_load(BOT "\nfunction bot:on_baar() end\nreturn bot"),
                        "s.lua:3: a strategy has no handler 'on_baar'; did you mean 'on_bar'?");
    assert_string_equal(complaint_at_load(BOT "function bot:OnBar() end\nreturn bot"),
                        "s.lua:2: a strategy has no handler 'OnBar'; did you mean 'on_bar'?");
    assert_string_equal(complaint_at_load(BOT "function bot:on_everything() end\nreturn bot"),
                        "s.lua:2: a strategy has no handler 'on_everything'");
}

TEST(a_handler_that_is_no_function_is_refused)
{
    assert_string_equal(complaint_at_load(BOT "bot.on_bar = 5\nreturn bot"),
                        "s.lua: on_bar is a number; it must be a function");
}

/* What a strategy with the parameters a = 1, b = 2 and this check says, given a. */
static const char *complaint_about_params(const char *check, const char *a)
{
    char text[512];
    struct param_value given = {.name = "a", .source = "--param"};
    struct script_options options = {.params = &given, .param_count = a ? 1 : 0};

    snprintf(given.text, sizeof given.text, "%s", a ? a : "");
    snprintf(
        text, sizeof text,
        "local bot = strategy.new('bot', { a = param.integer { 1 }, b = param.integer { 2 } "
        "})\n%s\nfunction bot:on_bar() end\nreturn bot",
        check);
    if (rig_load(&rig, text, &options) == OK) {
        rig_clear(&rig);
        return "loaded";
    }
    portfolio_free(rig.portfolio);
    return without_folder(&rig.why);
}

#define LESS "function bot.check_params(p) return p.a < p.b, 'a must be less than b' end"

TEST(parameters_that_do_not_go_together_are_refused_before_anything_runs)
{
    assert_string_equal(complaint_about_params(LESS, NULL), "loaded");
    assert_string_equal(complaint_about_params(LESS, "-5"), "loaded");
    assert_string_equal(complaint_about_params(LESS, "2"),
                        "--param: the parameters do not go together: a must be less than b "
                        "(says s.lua:2)");
    assert_int_equal(rig.why.code, ERR_USAGE);
}

TEST(a_check_of_parameters_that_answers_nothing_is_a_mistake_of_the_script)
{
    assert_string_equal(complaint_about_params("function bot.check_params() end", NULL),
                        "s.lua:2: check_params returned nil and nil; expected true, or false "
                        "and why");
    assert_string_equal(
        complaint_about_params("function bot.check_params() return false end", NULL),
        "s.lua:2: check_params returned boolean and nil; expected true, or false and why");
    assert_string_equal(complaint_about_params("bot.check_params = 5", NULL),
                        "s.lua: check_params is a number; it must be a function");
    assert_string_equal(
        complaint_about_params("function bot.check_params(p) return p.c end", NULL),
        "s.lua:2: there is no parameter 'c'; did you mean 'a'?");
    assert_string_equal(
        complaint_about_params("function bot.check_params() while true do end end", NULL),
        "s.lua:2: stopped: more than 1000 ms in one call");
}

TEST(other_functions_of_a_strategy_are_its_own_business)
{
    assert_string_equal(complaint_at_load(BOT "function bot:bar_on() end\n"
                                              "function bot:on_bar() end\nreturn bot"),
                        "loaded");
}

TEST(saving_and_restoring_belong_together)
{
    assert_string_equal(complaint_at_load(BOT "function bot:on_bar() end\n"
                                              "function bot:on_save() end\nreturn bot"),
                        "s.lua: on_save and on_restore belong together");
}

TEST(an_endless_loop_while_loading_ends)
{
    assert_string_equal(complaint_at_load("\nwhile true do end"),
                        "s.lua:2: stopped: more than 1000 ms in one call");
    assert_int_equal(rig.why.code, ERR_BUDGET);
}

TEST(a_memory_bomb_while_loading_ends)
{
    struct script_options patient = {.call_max = SECONDS(5)};
    const char *bomb = "local t = {}\nfor i = 1, 99 do t[i] = ('x'):rep(1e6) .. i end";

    assert_int_equal(rig_load(&rig, bomb, &patient), ERR_BUDGET);
    assert_string_equal(without_folder(&rig.why),
                        "s.lua:2: stopped: more than 16 MiB of memory");
    portfolio_free(rig.portfolio);
}

TEST(an_error_in_a_handler_says_where)
{
    assert_string_equal(complaint_at_bar(ON_BAR("\nlocal x = bar.close + nil")),
                        "s.lua:3: attempt to perform arithmetic on a nil value");
    assert_string_equal(complaint_at_bar(ON_BAR("error('by the script')")),
                        "s.lua:2: by the script");
    assert_string_equal(complaint_at_bar(ON_BAR("error({})")),
                        "s.lua:2: the error value is a table, not a message");
}

TEST(a_result_that_is_no_decision_says_which_handler_returned_it)
{
    assert_string_equal(complaint_at_bar(ON_BAR("return 5")),
                        "s.lua:2: returned a number; expected nil or a decision: buy(...), "
                        "sell(...), ...");
    assert_string_equal(complaint_at_bar(ON_BAR("return { 5 }")),
                        "s.lua:2: element 1 of the list is a number, not a decision");
}

TEST(a_handle_kept_for_later_says_so)
{
    assert_string_equal(
        complaint_at_bar(BOT "function bot:on_start(_, portfolio) self.kept = portfolio end\n"
                             "function bot:on_bar() return self.kept.equity end\nreturn bot"),
        "s.lua:3: this portfolio was lent for an earlier call; use it only inside the handler "
        "that "
        "received it");
}

/* What the seventh bar says when a script asks for the bar that it was lent `ago` calls before.
 */
static const char *complaint_about_a_bar_kept(int ago)
{
    static char said[FAULT_TEXT_MAX];
    char text[256];

    snprintf(text, sizeof text,
             BOT "bot.kept = {}\nfunction bot:on_bar(_, bar)\n"
                 "  table.insert(self.kept, bar)\n"
                 "  if self.kept[7] then return hold(tostring(self.kept[7 - %d].close)) end\n"
                 "end\nreturn bot",
             ago);
    struct rig *it = rig_start(text);
    enum err err = OK;
    for (int i = 1; i <= 7 && !err; i++)
        err = rig_bar(it, i);
    snprintf(said, sizeof said, "%.200s",
             err ? without_folder(&it->why) : it->decisions.items[0].reason);
    rig_clear(it);
    return said;
}

TEST(a_bar_kept_for_any_few_calls_says_so)
{
    assert_string_equal(complaint_about_a_bar_kept(0), "7.0");
    for (int ago = 1; ago <= 6; ago++)
        assert_string_equal(complaint_about_a_bar_kept(ago),
                            "s.lua:5: this bar was lent for an earlier call; use it only "
                            "inside the handler that received it");
}

TEST(a_field_that_is_not_there_suggests_one_that_is)
{
    assert_string_equal(complaint_at_bar(ON_BAR("return bar.clos")),
                        "s.lua:2: bar has no field 'clos'; did you mean 'close'?");
    assert_string_equal(complaint_at_bar(ON_BAR("return market.zzz")),
                        "s.lua:2: market has no field 'zzz'");
    assert_string_equal(complaint_at_bar(ON_BAR("bar.close = 1")), "s.lua:2: bar is read-only");
    assert_string_equal(complaint_at_bar(ON_BAR("return self.params.fsat")),
                        "s.lua:2: there is no parameter 'fsat'");
}

/* ---- budgets ---- */

/* Loops forever at a close of 13; returns how many bars it has seen since it began. */
#define LOOPER                                                                                 \
    BOT "function bot:on_start(market) self.sma = market:sma(3); self.n = 0 end\n"             \
        "function bot:on_bar(market, bar)\n"                                                   \
        "  self.n = self.n + 1\n"                                                              \
        "  while bar.close == 13 do end\n"                                                     \
        "  return hold(self.n .. ' ' .. tostring(self.sma.value))\n"                           \
        "end\n"

TEST(a_call_out_of_time_is_a_strike_and_the_strategy_goes_on_afresh)
{
    struct rig *it = rig_start(LOOPER "return bot");

    assert_int_equal(rig_bar(it, 10), OK);
    assert_int_equal(rig_bar(it, 13), ERR_SCRIPT);
    assert_string_equal(without_folder(&it->why), "s.lua:5: stopped: more than 20 ms in one "
                                                  "call");
    assert_int_equal(it->why.code, ERR_SCRIPT);
    assert_int_equal(it->decisions.count, 0);
    assert_int_equal(rig_bar(it, 16), OK);
    /* A fresh self; indicators that saw all three bars. */
    assert_string_equal(it->decisions.items[0].reason, "1 13.0");
    rig_clear(it);
}

TEST(a_rebuilt_strategy_has_what_it_saved_last)
{
    struct rig *it = rig_start(LOOPER "function bot:on_save() return { n = self.n } end\n"
                                      "function bot:on_restore(t) self.n = t.n end\n"
                                      "return bot");
    struct buf saved = BUF_INIT;

    assert_int_equal(rig_bar(it, 10), OK);
    assert_int_equal(it->port.save(it->port.ctx, &saved, &it->why), OK);
    assert_string_equal(buf_text(&saved), "{\"n\":1}");
    assert_int_equal(rig_bar(it, 11), OK);
    assert_int_equal(rig_bar(it, 13), ERR_SCRIPT);
    assert_int_equal(rig_bar(it, 12), OK);
    assert_string_equal(it->decisions.items[0].reason, "2 12.0");
    buf_clear(&saved);
    rig_clear(it);
}

TEST(a_rebuild_takes_the_text_that_was_loaded_not_the_file_of_today)
{
    struct rig *it = rig_start(LOOPER "return bot");

    script_path("this is no Lua");
    assert_int_equal(rig_bar(it, 13), ERR_SCRIPT);
    assert_int_equal(rig_bar(it, 10), OK);
    rig_clear(it);
}

TEST(a_strategy_that_cannot_start_again_stays_dead)
{
    struct rig *it = rig_start(
        BOT "function bot:on_start(market) if market.bar then error('not again') end end\n"
            "function bot:on_bar(_, bar) while bar.close == 13 do end end\nreturn bot");

    assert_int_equal(rig_bar(it, 13), ERR_BUDGET);
    rig_clear(it);
}

TEST(a_call_out_of_memory_ends_the_strategy)
{
    struct script_options patient = {.call_max = SECONDS(5)};
    const char *bomb = ON_BAR("local t = {} for i = 1, 99 do t[i] = ('x'):rep(1e6) .. i end");

    assert_int_equal(rig_load(&rig, bomb, &patient), OK);
    assert_int_equal(rig_bar(&rig, 10), ERR_BUDGET);
    assert_string_equal(without_folder(&rig.why),
                        "s.lua:2: stopped: more than 16 MiB of memory");
    assert_int_equal(rig_bar(&rig, 10), ERR_BUDGET);
    rig_clear(&rig);
}

TEST(on_start_out_of_time_ends_the_strategy)
{
    assert_int_equal(rig_load(&rig,
                              BOT "function bot:on_start() while true do end end\n"
                                  "function bot:on_bar() end\nreturn bot",
                              NULL),
                     OK);
    assert_int_equal(rig_hook(&rig, HOOK_START), ERR_BUDGET);
    rig_clear(&rig);
}

TEST(a_failed_call_leaves_no_decision)
{
    struct rig *it = rig_start(ON_BAR("return { buy('one'), { action = 'fly' } }"));

    assert_int_equal(rig_bar(it, 10), ERR_SCRIPT);
    assert_int_equal(it->decisions.count, 0);
    rig_clear(it);
}

TEST(indicators_cannot_eat_the_memory_of_the_host)
{
    assert_string_equal(
        complaint_at_bar(
            ON_BAR("for n = 1, 100 do market:donchian(n, { history = 16384 }) end")),
        "s.lua:2: donchian: the indicators of this script would keep more than 1048576 values");
}

/* ---- state over restarts ---- */

#define KEEPER                                                                                 \
    BOT "function bot:on_bar(market, bar) self.seen = (self.seen or 0) + 1\n"                  \
        "  return hold(tostring(self.seen)) end\n"                                             \
        "function bot:on_save() return { seen = self.seen } end\n"                             \
        "function bot:on_restore(saved) self.seen = saved.seen end\nreturn bot"

TEST(what_was_saved_comes_back)
{
    struct rig *it = rig_start(KEEPER);
    struct buf saved = BUF_INIT;

    assert_int_equal(rig_bar(it, 10), OK);
    assert_int_equal(rig_bar(it, 11), OK);
    assert_int_equal(it->port.save(it->port.ctx, &saved, &it->why), OK);
    rig_clear(it);
    it = rig_start(KEEPER);
    assert_int_equal(it->port.restore(it->port.ctx, buf_text(&saved), 1, &it->why), OK);
    assert_int_equal(rig_bar(it, 12), OK);
    assert_string_equal(it->decisions.items[0].reason, "3");
    buf_clear(&saved);
    rig_clear(it);
}

TEST(a_strategy_without_state_has_nothing_to_save)
{
    struct rig *it = rig_start(ON_BAR(""));

    assert_null(it->port.save);
    assert_null(it->port.restore);
    rig_clear(it);
}

static const char *complaint_at_save(const char *returned)
{
    char text[512];
    struct buf saved = BUF_INIT;

    snprintf(text, sizeof text,
             BOT "function bot:on_bar() end\nfunction bot:on_save() %s end\n"
                 "function bot:on_restore() end\nreturn bot",
             returned);
    struct rig *it = rig_start(text);
    enum err err = it->port.save(it->port.ctx, &saved, &it->why);
    assert_int_equal(saved.len, 0);
    buf_clear(&saved);
    rig_clear(it);
    return err ? without_folder(&it->why) : "fine";
}

TEST(what_cannot_be_saved_says_why)
{
    assert_string_equal(complaint_at_save("return 5"),
                        "s.lua:3: on_save returned a number; expected a table");
    assert_string_equal(complaint_at_save("error('no')"), "s.lua:3: no");
    assert_string_equal(complaint_at_save("return { f = print }"),
                        "s.lua:3: json.encode: a function has no form in JSON");
    assert_string_equal(complaint_at_save("local t = {} t.t = t return t"),
                        "s.lua:3: json.encode: nested over 32 levels, or a cycle");
}

TEST(state_that_is_no_json_is_refused)
{
    struct rig *it = rig_start(KEEPER);

    assert_int_equal(it->port.restore(it->port.ctx, "{", 1, &it->why), ERR_SCRIPT);
    assert_non_null(strstr(it->why.text, "json.decode"));
    rig_clear(it);
}

/* ---- what handlers see ---- */

TEST(trades_quotes_and_books_are_told)
{
    struct rig *it = rig_start(
        BOT "function bot:on_trade(market, t) return hold(t.price .. t.taker .. t.size) end\n"
            "function bot:on_quote(m, q) return hold(q.bid .. ' ' .. q.ask_size .. ' ' ..\n"
            "  m.bid .. ' ' .. m.ask .. ' ' .. m.spread_bps .. ' ' .. m.price) end\n"
            "function bot:on_book(market) return hold(market.symbol) end\nreturn bot");
    struct event event = {.kind = EVENT_TRADE, .trade = {D(100), D(2), SIDE_SELL, 0}};
    struct strategy_call call = {.hook = HOOK_TRADE, .event = &event, .view = &it->view};

    assert_int_equal(rig_call(it, &call), OK);
    assert_string_equal(it->decisions.items[0].reason, "100.0sell2.0");

    event = (struct event){.kind = EVENT_QUOTE, .quote = {D(100), D(3), D(101), D(4)}};
    market_apply(&it->markets[0], &event);
    call.hook = HOOK_QUOTE;
    assert_int_equal(rig_call(it, &call), OK);
    assert_string_equal(it->decisions.items[0].reason, "100.0 4.0 100.0 101.0 100.0 100.5");

    call.hook = HOOK_BOOK;
    assert_int_equal(rig_call(it, &call), OK);
    assert_string_equal(it->decisions.items[0].reason, "BTC-USD");
    rig_clear(it);
}

TEST(a_reason_is_made_fit_to_be_printed)
{
    struct rig *it = rig_start(ON_BAR("return hold('\\27[31mred\\n')"));

    assert_int_equal(rig_bar(it, 10), OK);
    assert_string_equal(it->decisions.items[0].reason, "\\x1B[31mred\\n");
    rig_clear(it);
}

TEST(a_module_that_is_nowhere_says_where_it_was_looked_for)
{
    const char *why = complaint_at_load("local m = require 'signals.nothing_like_it'");

    assert_non_null(strstr(why, "s.lua:1: cannot require 'signals.nothing_like_it': it is not "
                                "below lua/"));
    assert_non_null(strstr(why, "not compiled in"));
}

TEST(a_module_that_a_link_leads_out_of_the_tree_for_is_refused)
{
    char here[512];
    FILE *secret;

    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(check_tmp()), 0);
    assert_int_equal(mkdir("lua", 0777), 0);
    assert_int_equal(mkdir("lua/mine", 0777), 0);
    assert_non_null(secret = fopen("secret.lua", "w"));
    fputs("return 'secret'", secret);
    fclose(secret);
    assert_int_equal(symlink("../../secret.lua", "lua/mine/way_out.lua"), 0);
    const char *why = complaint_at_load("local m = require 'mine.way_out'");
    assert_int_equal(chdir(here), 0);
    assert_non_null(strstr(why, "s.lua:1: cannot require 'mine.way_out': "));
    assert_non_null(strstr(why, "leads out of the folder"));
}

/* ---- timers ---- */

static const char *cycle_at(struct rig *it, int64_t second)
{
    it->view.now = SECONDS(second);
    assert_int_equal(rig_hook(it, HOOK_CYCLE), OK);
    return it->decisions.count ? it->decisions.items[0].reason : "nothing";
}

TEST(a_timer_is_the_first_cycle_after_each_multiple)
{
    struct rig *it = rig_start(BOT "bot.every = '1m'\n"
                                   "function bot:on_timer() return hold('timer') end\n"
                                   "function bot:on_bar() end\nreturn bot");

    assert_true(it->port.wants & HOOK_BIT(HOOK_CYCLE));
    assert_string_equal(cycle_at(it, 1700000050), "nothing"); /* where it starts is no timer */
    assert_string_equal(cycle_at(it, 1700000099), "nothing");
    assert_string_equal(cycle_at(it, 1700000100), "timer");
    assert_string_equal(cycle_at(it, 1700000101), "nothing");
    assert_string_equal(cycle_at(it, 1700000500),
                        "timer"); /* missed ones are not made up for */
    assert_string_equal(cycle_at(it, 1700000501), "nothing");
    rig_clear(it);
}

TEST(a_timer_comes_before_the_cycle_it_falls_into)
{
    struct rig *it =
        rig_start(BOT "bot.every = '1m'\n"
                      "function bot:on_timer() return hold('timer') end\n"
                      "function bot:on_cycle() return hold('cycle') end\nreturn bot");

    assert_string_equal(cycle_at(it, 1700000050), "cycle");
    assert_string_equal(cycle_at(it, 1700000100), "timer");
    assert_int_equal(it->decisions.count, 2);
    assert_string_equal(it->decisions.items[1].reason, "cycle");
    rig_clear(it);
}

TEST(a_timer_needs_its_interval)
{
    assert_string_equal(complaint_at_load(BOT "function bot:on_bar() end\n"
                                              "function bot:on_timer() end\nreturn bot"),
                        "s.lua: on_timer and every belong together, like bot.every = \"1h\"");
    assert_string_equal(complaint_at_load(BOT "bot.every = '1h'\n"
                                              "function bot:on_bar() end\nreturn bot"),
                        "s.lua: on_timer and every belong together, like bot.every = \"1h\"");
    assert_string_equal(complaint_at_load(BOT "bot.every = 'soon'\n"
                                              "function bot:on_timer() end\nreturn bot"),
                        "s.lua: every must be a duration like \"15m\" or \"1h\"");
}

TEST(a_portfolio_strategy_says_so_by_true)
{
    assert_string_equal(complaint_at_load(BOT "bot.portfolio = 5\n"
                                              "function bot:on_cycle() end\nreturn bot"),
                        "s.lua: portfolio is a number; it must be true or false");
}

static enum err tell_of_order(struct rig *it)
{
    struct order order = {0};
    struct strategy_call call = {.hook = HOOK_ORDER, .view = &it->view, .order = &order};

    return rig_call(it, &call);
}

TEST(orders_that_answer_orders_come_to_an_end)
{
    struct rig *it = rig_start(BOT "function bot:on_bar() end\n"
                                   "function bot:on_order() return hold('again') end\n"
                                   "return bot");

    for (int i = 0; i < STRATEGY_TOLD_MAX; i++)
        assert_int_equal(tell_of_order(it), OK);
    assert_int_equal(tell_of_order(it), ERR_SCRIPT);
    assert_string_equal(without_folder(&it->why),
                        "s.lua: orders and fills of one instant led to more than 10000 calls; "
                        "what on_order or on_fill orders must not lead to the next order at "
                        "once");
    assert_int_equal(it->decisions.count, 0);
    it->view.now++;
    assert_int_equal(tell_of_order(it), OK);
    rig_clear(it);
}

TEST(starting_may_take_longer_than_a_call)
{
    static const char slow[] = "local n = 0 for i = 1, 2e7 do n = n + i end\n"; /* > 20 ms */
    char text[600];

    snprintf(text, sizeof text,
             "%s%sfunction bot:on_start()\n%send\nfunction bot:on_bar()\n%send\nreturn bot",
             slow, BOT, slow, slow);
    struct rig *it = rig_start(text);
    assert_int_equal(rig_bar(it, 10), ERR_SCRIPT);
    assert_string_equal(without_folder(&it->why),
                        "s.lua:7: stopped: more than 20 ms in one call");
    rig_clear(it);
}

/* ---- bars of the past ---- */

static void feed_past(struct rig *it, int count)
{
    for (int i = 0; i < count; i++) {
        struct bar bar = {it->next_bar, MINUTES(1), D(100), D(100), D(100), D(100), D(1)};
        it->port.feed(it->port.ctx, 0, &bar);
        it->next_bar += MINUTES(1);
    }
}

TEST(bars_of_the_past_warm_indicators_and_call_no_handler)
{
    struct rig *it =
        rig_start(BOT "function bot:on_start(market) self.mean = market:sma(5) end\n"
                      "function bot:on_bar(market, bar)\n"
                      "   self.bars = (self.bars or 0) + 1\n"
                      "   error(self.bars .. ' ' .. self.mean.value)\n"
                      "end\nreturn bot");

    feed_past(it, 4);
    assert_int_equal(rig_bar(it, 105), ERR_SCRIPT);
    assert_string_equal(without_folder(&it->why), "s.lua:5: 1 101.0");
    rig_clear(it);
}

TEST(a_strategy_says_how_many_bars_its_indicators_need)
{
    static const struct {
        const char *indicators;
        int64_t of_minutes, of_seconds; /* ten of them */
    } cases[] = {
        {"", 0, 0},
        {"market:sma(30)", 30, 30 * 6 + 6},
        {"market:sma(30); market:sma(7)", 30, 30 * 6 + 6},
        {"market:sma(30); market:bars('1h'):sma(2)", 3 * 60, 3 * 360},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char text[400];
        snprintf(text, sizeof text,
                 BOT "function bot:on_start(market) %s end\n"
                     "function bot:on_bar() end\nreturn bot",
                 cases[i].indicators);
        struct rig *it = rig_start(text);
        assert_int_equal(it->port.warm_up(it->port.ctx, MINUTES(1)), cases[i].of_minutes);
        assert_int_equal(it->port.warm_up(it->port.ctx, SECONDS(10)), cases[i].of_seconds);
        rig_clear(it);
    }
}
