/* Strategies that declare `portfolio = true`: one instance, several markets. */
#include "hosts.h"

static struct rig rig;

#define BOT "local bot = strategy.new('bot', {})\nbot.portfolio = true\n"

/* Of the rig's products those in `markets`; of none: all. */
static struct rig *start_on(const char *text, product_set markets)
{
    struct script_options options = {.markets = markets};

    if (rig_load(&rig, text, &options) ||
        (rig.port.wants & HOOK_BIT(HOOK_START) && rig_hook(&rig, HOOK_START)))
        fail_msg("%s", rig.why.text);
    return &rig;
}

static struct rig *start(const char *text)
{
    return start_on(text, (product_set){0});
}

static enum err bar_of(struct rig *it, product_ref product, int64_t close)
{
    struct event event = {.kind = EVENT_BAR, .product = product};

    event.bar = (struct bar){
        it->next_bar, MINUTES(1), D(close), D(close), D(close), D(close), D(1),
    };
    event.time = it->next_bar + MINUTES(1);
    market_apply(&it->markets[product], &event);
    struct strategy_call call = {.hook = HOOK_BAR, .event = &event, .view = &it->view};
    return rig_call(it, &call);
}

static const char *last_reason(const struct rig *it)
{
    assert_true(it->decisions.count > 0);
    return it->decisions.items[it->decisions.count - 1].reason;
}

/* What a cycle of a strategy with this body, which begins in line 4, says. */
static const char *complaint_at_cycle(const char *body)
{
    static char said[FAULT_TEXT_MAX];
    char text[1024];

    snprintf(text, sizeof text, BOT "function bot:on_cycle(markets)\n%s\nend\nreturn bot",
             body);
    struct rig *it = start(text);
    enum err err = rig_hook(it, HOOK_CYCLE);
    snprintf(said, sizeof said, "%s", err ? without_folder(&it->why) : "fine");
    rig_clear(it);
    return said;
}

TEST(it_is_there_once_for_all_products)
{
    struct rig *it = start(BOT "function bot:on_cycle() end\nreturn bot");

    assert_int_equal(it->port.product, PRODUCT_NONE);
    assert_true(product_set_has(it->port.products, 0));
    assert_true(product_set_has(it->port.products, 1));
    assert_false(product_set_has(it->port.products, 2));
    rig_clear(it);
}

TEST(markets_are_found_by_symbol_and_visited_in_the_order_of_their_symbols)
{
    struct rig *it = start(BOT "function bot:on_cycle(markets)\n"
                               "  local all = markets['BTC-USD'].symbol\n"
                               "  for symbol, market in pairs(markets) do\n"
                               "    all = all .. ' ' .. symbol .. '=' .. market.symbol end\n"
                               "  return hold { reason = all, symbol = 'BTC-USD' }\n"
                               "end\nreturn bot");

    assert_int_equal(rig_hook(it, HOOK_CYCLE), OK);
    assert_string_equal(last_reason(it), "BTC-USD BIP-20DEC30-CDE=BIP-20DEC30-CDE "
                                         "BTC-USD=BTC-USD");
    rig_clear(it);
}

#define OF_EACH_MARKET                                                                         \
    BOT "function bot:on_start(markets)\n"                                                     \
        "  self.sma, self.long = {}, {}\n"                                                     \
        "  for symbol, market in pairs(markets) do\n"                                          \
        "    self.sma[symbol] = market:sma(2)\n"                                               \
        "    self.long[symbol] = market:bars('2m')\n"                                          \
        "  end\n"                                                                              \
        "end\n"                                                                                \
        "function bot:on_bar(markets, bar)\n"                                                  \
        "  local it, bip = bar.symbol, 'BIP-20DEC30-CDE'\n"                                    \
        "  local other = markets[it == bip and 'BTC-USD' or bip]\n"                            \
        "  return hold { symbol = it, reason = table.concat({ it:sub(1, 3), bar.close,\n"      \
        "    tostring(self.sma[it].value), tostring(other.bar and other.bar.close),\n"         \
        "    tostring(self.long[it].open), tostring(other:ready()) }, ' ') }\n"                \
        "end\nreturn bot"

TEST(bars_indicators_and_longer_timeframes_are_kept_for_each_market)
{
    struct rig *it = start(OF_EACH_MARKET);

    it->next_bar = SECONDS(1700000040) / MINUTES(2) * MINUTES(2);
    assert_int_equal(bar_of(it, 0, 10), OK);
    assert_string_equal(last_reason(it), "BTC 10.0 nil nil nil false");
    assert_int_equal(bar_of(it, 1, 50), OK);
    assert_string_equal(last_reason(it), "BIP 50.0 nil 10.0 nil false");
    it->next_bar += MINUTES(1);
    assert_int_equal(bar_of(it, 1, 70), OK);
    assert_string_equal(last_reason(it), "BIP 70.0 60.0 10.0 50.0 false");
    assert_int_equal(bar_of(it, 0, 14), OK);
    assert_string_equal(last_reason(it), "BTC 14.0 12.0 70.0 10.0 true");
    assert_int_equal(it->decisions.items[0].product, 0);
    rig_clear(it);
}

#define TOLD(handler, argument, symbol)                                                        \
    "function bot:" handler "(_, " argument ") return hold { reason = '" handler               \
    "', symbol = " symbol " } end\n"

TEST(what_else_is_told_says_of_which_market)
{
    struct rig *it = start(
        BOT TOLD("on_trade", "trade", "trade.symbol") TOLD("on_quote", "quote", "quote.symbol")
            TOLD("on_book", "market", "market.symbol") TOLD("on_order", "order", "order.symbol")
                TOLD("on_fill", "fill", "fill.symbol") "return bot");
    struct event event = {.kind = EVENT_TRADE, .product = 1};
    struct order order = {.request = {.product = 1}};
    struct fill fill = {.side = SIDE_BUY};
    const struct strategy_call calls[] = {
        {.hook = HOOK_TRADE, .event = &event, .view = &it->view},
        {.hook = HOOK_QUOTE, .event = &event, .view = &it->view},
        {.hook = HOOK_BOOK, .event = &event, .view = &it->view},
        {.hook = HOOK_ORDER, .order = &order, .view = &it->view},
        {.hook = HOOK_FILL, .order = &order, .fill = &fill, .view = &it->view},
    };

    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        assert_int_equal(rig_call(it, &calls[i]), OK);
        assert_string_equal(last_reason(it), hook_name(calls[i].hook));
        assert_int_equal(it->decisions.items[0].product, 1);
    }
    rig_clear(it);
}

TEST(a_market_kept_from_the_start_is_the_market_of_now)
{
    struct rig *it =
        start(BOT "function bot:on_start(markets) self.btc = markets['BTC-USD'] end\n"
                  "function bot:on_cycle(markets)\n"
                  "  return hold { symbol = 'BTC-USD',\n"
                  "    reason = tostring(self.btc.price) } end\nreturn bot");

    it->markets[0].mark = D(42);
    assert_int_equal(rig_hook(it, HOOK_CYCLE), OK);
    assert_string_equal(last_reason(it), "42.0");
    rig_clear(it);
}

TEST(a_decision_without_a_symbol_is_refused)
{
    assert_string_equal(complaint_at_cycle("return buy('up')"),
                        "s.lua:3: the decision names no symbol; a portfolio strategy says "
                        "which market it means: symbol = \"BTC-USD\"");
}

TEST(a_symbol_that_is_not_there_is_refused_in_its_line_with_the_nearest)
{
    assert_string_equal(complaint_at_cycle("\nreturn {buy('up', { symbol = 'BTC-USDD' })}"),
                        "s.lua:5: buy: there is no market 'BTC-USDD' in this run; did you mean "
                        "'BTC-USD'?");
    assert_string_equal(complaint_at_cycle("return {sell { reason = 'x', symbol = 'GOLD' }}"),
                        "s.lua:4: sell: there is no market 'GOLD' in this run");
    assert_string_equal(
        complaint_at_cycle("return { action = 'buy', symbol = 'GOLD' }"),
        "s.lua:3: the decision's symbol: there is no market 'GOLD' in this run");
    assert_string_equal(complaint_at_cycle("return markets['BTC-USSD'].price"),
                        "s.lua:4: there is no market 'BTC-USSD' in this run; did you mean "
                        "'BTC-USD'?");
    assert_string_equal(complaint_at_cycle("return markets[1].price"),
                        "s.lua:4: markets have symbols as keys, not a number");
}

TEST(markets_cannot_be_changed)
{
    assert_string_equal(complaint_at_cycle("markets['BTC-USD'] = nil"),
                        "s.lua:4: this table is read-only (field 'BTC-USD')");
}

TEST(it_sees_and_trades_only_the_markets_it_was_given)
{
    product_set futures = {0};
    product_set_add(&futures, 1);
    struct rig *it = start_on(BOT "function bot:on_cycle(markets)\n"
                                  "  local n, last = 0, nil\n"
                                  "  for symbol in pairs(markets) do n, last = n + 1, symbol "
                                  "end\n"
                                  "  return hold { symbol = last, reason = n .. '' }\n"
                                  "end\n"
                                  "function bot:on_order()\n"
                                  "  return { buy { symbol = 'BTC-USD' } }\n"
                                  "end\nreturn bot",
                              futures);

    assert_int_equal(rig_hook(it, HOOK_CYCLE), OK);
    assert_string_equal(last_reason(it), "1");
    assert_int_equal(it->decisions.items[0].product, 1);
    assert_false(product_set_has(it->port.products, 0));
    assert_int_equal(rig_hook(it, HOOK_ORDER), ERR_SCRIPT);
    assert_string_equal(without_folder(&it->why),
                        "s.lua:9: buy: this strategy does not trade BTC-USD");
    rig_clear(it);
}

TEST(decisions_on_several_markets_leave_one_call)
{
    struct rig *it =
        start(BOT "function bot:on_cycle(markets)\n"
                  "  local wishes = {}\n"
                  "  for symbol in pairs(markets) do\n"
                  "    wishes[#wishes + 1] = buy('all', { symbol = symbol, size = 1 })\n"
                  "  end\n  return wishes\nend\nreturn bot");

    assert_int_equal(rig_hook(it, HOOK_CYCLE), OK);
    assert_int_equal(it->decisions.count, 2);
    assert_int_equal(it->decisions.items[0].product, 1);
    assert_int_equal(it->decisions.items[1].product, 0);
    rig_clear(it);
}

TEST(a_market_tells_its_own_level)
{
    static const enum level levels[] = {LEVEL_NORMAL, LEVEL_PAUSED};
    struct rig *it = start(BOT "function bot:on_cycle(markets)\n"
                               "  return hold { symbol = 'BTC-USD', reason =\n"
                               "    markets['BTC-USD'].level .. ' '\n"
                               "    .. markets['BIP-20DEC30-CDE'].level }\n"
                               "end\nreturn bot");

    it->view.levels = levels;
    assert_int_equal(rig_hook(it, HOOK_CYCLE), OK);
    assert_string_equal(last_reason(it), "normal paused");
    rig_clear(it);
}

TEST(one_out_of_time_goes_on_afresh_with_its_indicators_warm)
{
    struct rig *it =
        start(BOT "function bot:on_start(markets) self.sma = markets['BTC-USD']:sma(2) end\n"
                  "function bot:on_bar(markets, bar)\n"
                  "  while bar.close == 13 do end\n"
                  "  return hold { symbol = bar.symbol, reason = tostring(self.sma.value) }\n"
                  "end\nreturn bot");

    assert_int_equal(bar_of(it, 0, 10), OK);
    assert_int_equal(bar_of(it, 1, 13), ERR_SCRIPT);
    assert_int_equal(bar_of(it, 0, 20), OK);
    assert_string_equal(last_reason(it), "15.0");
    rig_clear(it);
}
