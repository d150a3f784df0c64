#include "hosts.h"

#include "engine/guard.h"

static struct rig rig;
static struct guard_host *host;
static struct guard_port guard;
static struct order_request request;
static char reason[GUARD_REASON_MAX];
static bool allow;

static enum err load(const char *text)
{
    struct script_options options = {.name = script_path(text)};

    rig_init(&rig);
    request = (struct order_request){.product = 0,
                                     .side = SIDE_BUY,
                                     .type = ORDER_LIMIT,
                                     .size = D(2),
                                     .limit_price = D(50)};
    enum err err = guard_host_new(&options, &rig.products, &host, &rig.why);
    if (!err)
        guard = guard_host_port(host);
    return err;
}

static void clear(void)
{
    guard_host_free(host);
    portfolio_free(rig.portfolio);
    host = NULL;
}

static enum err check(void)
{
    allow = false;
    return guard.check(guard.ctx, &request, &rig.view, &allow, reason, &rig.why);
}

#define GUARD       "local g = guard.new('g', {})\n"
#define CHECK(body) GUARD "function g:check(order, portfolio, market) " body " end\nreturn g"
#define CYCLE(body) GUARD "function g:on_cycle(portfolio, market) " body " end\nreturn g"

/* What the guard answers about an order. */
static const char *answer(const char *text)
{
    static char said[FAULT_TEXT_MAX + 16];

    if (load(text))
        fail_msg("%s", rig.why.text);
    if (check())
        snprintf(said, sizeof said, "error: %s", without_folder(&rig.why));
    else
        snprintf(said, sizeof said, "%s: %s", allow ? "allow" : "refuse", reason);
    clear();
    return said;
}

/* What its cycle asks for. */
static const char *asked(const char *text)
{
    static char said[FAULT_TEXT_MAX + 16];
    struct guard_action action = {.level = LEVEL_NORMAL, .global = true};

    if (load(text))
        fail_msg("%s", rig.why.text);
    if (guard.cycle(guard.ctx, &rig.view, &action, &rig.why))
        snprintf(said, sizeof said, "error: %s", without_folder(&rig.why));
    else
        snprintf(said, sizeof said, "%s %g s: %s", level_name(action.level),
                 (double)action.duration / 1e9, action.reason);
    clear();
    return said;
}

TEST(a_guard_allows_or_refuses_with_its_reason)
{
    assert_string_equal(answer(CHECK("return true")), "allow: no reason given");
    assert_string_equal(answer(CHECK("return false, 'too dear'")), "refuse: too dear");
    assert_string_equal(answer(CHECK("return false")), "refuse: no reason given");
}

TEST(a_guard_sees_the_order)
{
    assert_string_equal(answer(CHECK("return false, table.concat({ order.symbol, order.side, "
                                     "order.type, order.size, order.limit_price, "
                                     "tostring(order.stop_price), order.value, "
                                     "tostring(order.reduce_only), tostring(order.state), "
                                     "order.filled, order.number }, ' ')")),
                        "refuse: BTC-USD buy limit 2.0 50.0 nil 100.0 false nil 0.0 0");
}

TEST(a_guard_sees_the_market_of_the_order_and_its_last_bar)
{
    const char *text =
        CHECK("return market.bar ~= nil and market.bar.close == 7, market.symbol "
              ".. ' ' .. tostring(market.bar)");
    struct event event = {.kind = EVENT_BAR};

    assert_int_equal(load(text), OK);
    assert_int_equal(check(), OK);
    assert_string_equal(reason, "BTC-USD nil");
    event.product = 1;
    event.bar = (struct bar){0, MINUTES(1), D(7), D(7), D(7), D(7), D(1)};
    market_apply(&rig.markets[1], &event);
    request.product = 1;
    assert_int_equal(check(), OK);
    assert_string_equal(reason, "BIP-20DEC30-CDE bar");
    assert_true(allow);
    clear();
}

TEST(a_guard_sees_the_position_and_the_bar_of_the_market_it_is_asked_about)
{
    const char *text = CHECK("return true, market.symbol .. ' ' .. market.position.size .. ' ' "
                             ".. (market.bar and market.bar.close or 'none')");
    struct event event = {.kind = EVENT_BAR};

    assert_int_equal(load(text), OK);
    portfolio_set_position(rig.portfolio, 0, &(position){.size = D(3)});
    for (int product = 0; product < 2; product++) {
        event.product = (product_ref)product;
        event.bar.interval = MINUTES(1);
        event.bar.close = decimal_from_int(7 + product);
        market_apply(&rig.markets[product], &event);
    }
    assert_int_equal(check(), OK);
    assert_string_equal(reason, "BTC-USD 3.0 7.0");
    request.product = 1;
    assert_int_equal(check(), OK);
    assert_string_equal(reason, "BIP-20DEC30-CDE 0.0 8.0");
    clear();
}

TEST(a_guard_that_answers_nonsense_fails_with_its_place)
{
    assert_string_equal(answer(CHECK("")), "error: s.lua:2: check returned a nil and a nil; "
                                           "expected true, or false and a reason");
    assert_string_equal(answer(CHECK("return 1")),
                        "error: s.lua:2: check returned a number and a nil; expected true, or "
                        "false and a reason");
    assert_string_equal(answer(CHECK("return false, {}")),
                        "error: s.lua:2: check returned a boolean and a table; expected true, "
                        "or false and a reason");
    assert_string_equal(answer(CHECK("error('broken')")), "error: s.lua:2: broken");
}

TEST(a_guard_has_no_indicators)
{
    assert_string_equal(answer(CHECK("return market:sma(20)")),
                        "error: s.lua:2: indicators belong to strategies; a guard or sizing "
                        "rule has none");
    assert_string_equal(answer(CHECK("return market:bars('1h')")),
                        "error: s.lua:2: timeframes belong to strategies; a guard or sizing "
                        "rule has none");
    assert_string_equal(answer(CHECK("return market:ready()")), "allow: no reason given");
}

TEST(a_guard_out_of_time_fails_closed_from_then_on)
{
    assert_int_equal(load(CHECK("while true do end")), OK);
    assert_int_equal(check(), ERR_BUDGET);
    assert_string_equal(without_folder(&rig.why), "s.lua:2: stopped: more than 20 ms in one "
                                                  "call");
    assert_int_equal(check(), ERR_BUDGET);
    assert_string_equal(without_folder(&rig.why),
                        "s.lua broke its budget earlier; restart or reload it");
    clear();
}

TEST(a_guard_asks_for_a_level)
{
    assert_string_equal(asked(CYCLE("")), "normal 0 s: ");
    assert_string_equal(asked(CYCLE("return { level = 'reduce_only', reason = 'it fell' }")),
                        "reduce_only 0 s: it fell");
    assert_string_equal(asked(CYCLE("return { level = 'paused', seconds = 1.5 }")),
                        "paused 1.5 s: no reason given");
    assert_string_equal(asked(CYCLE("return { level = 'halted', reason = market.symbol }")),
                        "halted 0 s: BTC-USD");
}

TEST(an_action_of_the_wrong_shape_says_what_is_wrong)
{
    assert_string_equal(asked(CYCLE("return 5")),
                        "error: s.lua:2: what on_cycle returned is a number; expected nil or { "
                        "level =, seconds =, reason = }");
    assert_string_equal(asked(CYCLE("return { level = 'panic' }")),
                        "error: s.lua:2: what on_cycle returned has no such level; expected "
                        "\"reduce_only\", \"paused\" or \"halted\"");
    assert_string_equal(asked(CYCLE("return {}")),
                        "error: s.lua:2: what on_cycle returned has no level");
    for (int i = 0; i < 4; i++) {
        static const char *const bad[] = {"0", "-1", "'5 minutes'", "0/0"};
        char text[256];
        snprintf(text, sizeof text, CYCLE("return { level = 'paused', seconds = %s }"), bad[i]);
        assert_string_equal(asked(text), "error: s.lua:2: what on_cycle returned has seconds "
                                         "that are no number above 0");
    }
    assert_string_equal(asked(CYCLE("return { level = 'paused', secs = 5 }")),
                        "error: s.lua:2: what on_cycle returned has a member 'secs' that is "
                        "unknown; expected level, seconds, reason");
    assert_string_equal(asked(CYCLE("return { level = 'paused', reason = 5 }")),
                        "error: s.lua:2: what on_cycle returned has a member 'reason' that is "
                        "no text; expected level, seconds, reason");
}

TEST(a_guard_without_a_handler_or_with_a_misspelt_one_is_refused)
{
    assert_int_equal(load(GUARD "return g"), ERR_SCRIPT);
    assert_string_equal(without_folder(&rig.why), "s.lua: a guard needs check or on_cycle");
    portfolio_free(rig.portfolio);
    assert_int_equal(load(GUARD "function g:Check() end return g"), ERR_SCRIPT);
    assert_string_equal(without_folder(&rig.why),
                        "s.lua:2: a guard has no handler 'Check'; did you mean 'check'?");
    portfolio_free(rig.portfolio);
}

/* ---- sizing ---- */

static const char *sized(const char *body)
{
    static char said[FAULT_TEXT_MAX + 16];
    char text[512], number[DECIMAL_TEXT_MAX];
    struct sizing_host *sizing;
    struct decision decision = {.action = ACTION_BUY, .confidence = D(1), .reason = "why"};
    decimal size;

    snprintf(text, sizeof text,
             "local s = sizing.new('s', {})\n"
             "function s:size(decision, portfolio, market) %s end\nreturn s",
             body);
    struct script_options options = {.name = script_path(text)};
    rig_init(&rig);
    if (sizing_host_new(&options, &rig.products, &sizing, &rig.why))
        fail_msg("%s", rig.why.text);
    struct sizing_port port = sizing_host_port(sizing);
    if (port.size(port.ctx, &decision, &rig.view, &size, &rig.why))
        snprintf(said, sizeof said, "error: %s", without_folder(&rig.why));
    else
        snprintf(said, sizeof said, "%s", decimal_format(size, number));
    sizing_host_free(sizing);
    portfolio_free(rig.portfolio);
    return said;
}

TEST(a_sizing_rule_returns_a_number_a_text_a_decimal_or_nothing)
{
    assert_string_equal(sized("return 0.1"), "0.1");
    assert_string_equal(sized("return '0.25'"), "0.25");
    assert_string_equal(sized("return decimal('3') / 4"), "0.75");
    assert_string_equal(sized(""), "0");
    assert_string_equal(sized("return 0"), "0");
}

TEST(a_sizing_rule_sees_the_decision_and_the_account)
{
    assert_string_equal(
        sized("return decision.action == 'buy' and decision.reason == 'why' and "
              "decision.confidence == 1 and not decision.limit_price and "
              "portfolio.equity / 100"),
        "100");
}

TEST(a_size_that_is_none_is_refused)
{
    static const char *const bad[] = {"return -1",     "return 0/0", "return 1/0",
                                      "return 'much'", "return {}",  "return true"};

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const char *said = sized(bad[i]);
        assert_non_null(strstr(said, "error: s.lua:2: size returned a "));
        assert_non_null(strstr(said, "that is no size; expected base units, 0 or more"));
    }
}

TEST(a_sizing_rule_needs_its_one_function)
{
    struct sizing_host *sizing;
    struct script_options options = {.name = script_path("return sizing.new('s', {})")};

    rig_init(&rig);
    assert_int_equal(sizing_host_new(&options, &rig.products, &sizing, &rig.why), ERR_SCRIPT);
    assert_string_equal(without_folder(&rig.why),
                        "s.lua: a sizing rule needs size(self, decision, portfolio, market)");
    portfolio_free(rig.portfolio);
}
