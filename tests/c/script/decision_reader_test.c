#include "hosts.h"

static struct rig rig;

/* The decision that a bar handler returns, as text; or the fault without its place. */
static const char *returned(const char *expression)
{
    static char said[FAULT_TEXT_MAX];
    char text[1024], size[DECIMAL_TEXT_MAX], limit[DECIMAL_TEXT_MAX], stop[DECIMAL_TEXT_MAX],
        confidence[DECIMAL_TEXT_MAX];

    snprintf(text, sizeof text,
             "local bot = strategy.new('bot', {})\n"
             "function bot:on_bar() return %s end\nreturn bot",
             expression);
    if (rig_load(&rig, text, NULL))
        fail_msg("%s", rig.why.text);
    if (rig_bar(&rig, 10)) {
        const char *why = without_folder(&rig.why);
        assert_memory_equal(why, "s.lua:2: ", 9);
        snprintf(said, sizeof said, "%s", why + 9);
    } else if (rig.decisions.count != 1) {
        snprintf(said, sizeof said, "%d decisions", rig.decisions.count);
    } else {
        const struct decision *d = &rig.decisions.items[0];
        char order[32] = "";
        if (d->order)
            snprintf(order, sizeof order, " order %d", (int)d->order);
        snprintf(said, sizeof said, "%s '%s' %s %s size %s limit %s stop %s conf %s%s%s%s",
                 action_name(d->action), d->reason, order_type_name(d->type),
                 time_in_force_name(d->tif), d->has_size ? decimal_format(d->size, size) : "-",
                 decimal_format(d->limit_price, limit), decimal_format(d->stop_price, stop),
                 decimal_format(d->confidence, confidence), d->post_only ? " post" : "",
                 d->reduce_only ? " reduce" : "", order);
    }
    rig_clear(&rig);
    return said;
}

TEST(nothing_is_no_decision)
{
    assert_string_equal(returned("nil"), "0 decisions");
    assert_string_equal(returned("{}"), "0 decisions");
}

TEST(a_short_form_is_a_market_order_without_a_size)
{
    assert_string_equal(returned("buy('up')"),
                        "buy 'up' market ioc size - limit 0 stop 0 conf 1");
    assert_string_equal(returned("hold()"), "hold '' market ioc size - limit 0 stop 0 conf 1");
}

TEST(the_first_of_thousands_of_results_counts)
{
    assert_string_equal(returned("(function() local t = {} for i = 1, 8000 do t[i] = i end "
                                 "t[1] = buy('b') return table.unpack(t) end)()"),
                        "buy 'b' market ioc size - limit 0 stop 0 conf 1");
    assert_string_equal(returned("nil, buy('b')"), "0 decisions");
    assert_string_equal(returned("table.unpack({})"), "0 decisions");
}

TEST(prices_choose_the_type)
{
    assert_string_equal(returned("sell('s', { limit = 5 })"),
                        "sell 's' limit gtc size - limit 5 stop 0 conf 1");
    assert_string_equal(returned("sell('s', { stop = 4 })"),
                        "sell 's' stop gtc size - limit 0 stop 4 conf 1");
    assert_string_equal(returned("sell('s', { stop = 4, limit = 5 })"),
                        "sell 's' stop_limit gtc size - limit 5 stop 4 conf 1");
    assert_string_equal(returned("sell('s', { limit = 5, tif = 'fok', type = 'limit' })"),
                        "sell 's' limit fok size - limit 5 stop 0 conf 1");
    assert_string_equal(
        returned("buy('b', { type = 'bracket', stop_loss = 4, take_profit = 6 })"),
        "buy 'b' market ioc size - limit 0 stop 0 conf 1");
    assert_string_equal(
        returned("buy('b', { type = 'bracket', limit = 5, stop_loss = 4, take_profit = 6 })"),
        "buy 'b' limit gtc size - limit 5 stop 0 conf 1");
    assert_string_equal(returned("sell('s', { limit = 5, expires = 1800000000 })"),
                        "sell 's' limit gtd size - limit 5 stop 0 conf 1");
}

TEST(amounts_are_numbers_texts_or_decimals)
{
    assert_string_equal(returned("buy('b', { size = 0.1 })"),
                        "buy 'b' market ioc size 0.1 limit 0 stop 0 conf 1");
    assert_string_equal(returned("buy('b', { size = '0.1' })"),
                        "buy 'b' market ioc size 0.1 limit 0 stop 0 conf 1");
    assert_string_equal(returned("buy('b', { size = decimal('0.3') / 3 })"),
                        "buy 'b' market ioc size 0.1 limit 0 stop 0 conf 1");
}

TEST(flags_and_confidence_are_read)
{
    assert_string_equal(
        returned(
            "buy('b', { post_only = true, reduce_only = true, confidence = 0, limit = 1 })"),
        "buy 'b' limit gtc size - limit 1 stop 0 conf 0 post reduce");
}

TEST(an_amend_names_the_order_and_what_changes)
{
    assert_string_equal(returned("amend(7, { limit = 101, size = 2, reason = 'nearer' })"),
                        "amend 'nearer' limit gtc size 2 limit 101 stop 0 conf 1 order 7");
    assert_string_equal(returned("amend({ number = 7 }, { stop = 95 })"),
                        "amend '' stop gtc size - limit 0 stop 95 conf 1 order 7");
    assert_string_equal(returned("cancel(7, 'too late')"),
                        "cancel 'too late' market ioc size - limit 0 stop 0 conf 1 order 7");
    assert_string_equal(returned("cancel { reason = 'too late', order = 7 }"),
                        "cancel 'too late' market ioc size - limit 0 stop 0 conf 1 order 7");
    assert_string_equal(
        returned("amend('all', {})"),
        "amend takes an order or its number, then a table of what shall change");
    assert_string_equal(returned("amend(7, 5)"),
                        "amend takes a table of what shall change after "
                        "the order: size, limit or stop");
    assert_string_equal(returned("amend(7, { reason = 'why not' })"),
                        "amend: nothing changes; give a size, a limit or a stop");
    assert_string_equal(returned("amend(7, { sise = 5 })"), "amend has no option 'sise'");
}

TEST(several_decisions_come_as_a_list)
{
    assert_string_equal(returned("{ cancel('old'), buy('new') }"), "2 decisions");
    assert_string_equal(returned("{ buy('a'), 5 }"),
                        "element 2 of the list is a number, not a decision");
    assert_string_equal(returned("(function() local t = {} for i = 1, 65 do t[i] = hold() end "
                                 "return t end)()"),
                        "more than 64 decisions in one call");
}

/* Tables made by hand pass no check in Lua. */
TEST(a_member_of_the_wrong_shape_says_which_and_what_was_expected)
{
    static const struct {
        const char *returned, *says;
    } cases[] = {
        {"5", "returned a number; expected nil or a decision: buy(...), sell(...), ..."},
        {"'buy'", "returned a string; expected nil or a decision: buy(...), sell(...), ..."},
        {"{ reason = 'x' }",
         "expected a decision (buy, sell, close, hold, cancel, amend or protect), not a table "
         "without an action"},
        {"{ action = 'fly' }",
         "expected a decision (buy, sell, close, hold, cancel, amend or protect), not a "
         "table with the action 'fly'"},
        {"{ action = 5 }", "the decision's 'action' is a number; expected text"},
        {"{ action = 'buy', sise = 1 }",
         "a decision has no member 'sise'; did you mean 'size'?"},
        {"{ action = 'buy', stop_los = 1 }",
         "a decision has no member 'stop_los'; did you mean 'stop_loss'?"},
        {"{ action = 'buy', stop_loss = '100%' }",
         "the decision's 'stop_loss' is not more than 0 % and less than 100 %"},
        {"{ action = 'buy', take_profit = 'far' }",
         "the decision's 'take_profit' is 'far'; expected a price, or a share of the price "
         "paid like \"2%\""},
        {"{ action = 'buy', trailing_stop = -1 }",
         "the decision's 'trailing_stop' is not more than 0"},
        {"{ action = 'buy', [2.5] = 1 }",
         "the decision has a member that is no name, but a number"},
        {"{ action = 'buy', reason = {} }",
         "the decision's 'reason' is a table; expected text"},
        {"{ action = 'buy', size = 0 }", "the decision's 'size' is not more than 0"},
        {"{ action = 'buy', size = -1 }", "the decision's 'size' is not more than 0"},
        {"{ action = 'buy', size = 1e-30 }",
         "the decision's 'size' is 1e-30; expected a number from 1e-12 "
         "to 1e25, a decimal, or text like \"0.1\""},
        {"{ action = 'buy', size = 0/0 }",
         "the decision's 'size' is nan; expected a number from 1e-12 "
         "to 1e25, a decimal, or text like \"0.1\""},
        {"{ action = 'buy', size = 1e300 }",
         "the decision's 'size' is 1e+300; expected a number from 1e-12 "
         "to 1e25, a decimal, or text like \"0.1\""},
        {"{ action = 'buy', size = 'ten' }",
         "the decision's 'size' is 'ten'; expected a number from 1e-12 "
         "to 1e25, a decimal, or text like \"0.1\""},
        {"{ action = 'buy', post_only = 1 }",
         "the decision's 'post_only' is a number; expected true or false"},
        {"{ action = 'buy', confidence = 1.1 }",
         "the decision's 'confidence' is not from 0 to 1"},
        {"{ action = 'buy', confidence = -0.1 }",
         "the decision's 'confidence' is not from 0 to 1"},
        {"{ action = 'buy', confidence = true }",
         "the decision's 'confidence' is a boolean; expected a number from 0 to 1"},
        {"{ action = 'buy', type = 'iceberg' }",
         "the decision's type 'iceberg' is not market, limit, stop, stop_limit or bracket"},
        {"{ action = 'buy', type = 'bracket', stop_loss = 5 }",
         "a decision of the type 'bracket' is a buy or sell with 'stop_loss' and "
         "'take_profit'"},
        {"{ action = 'protect', type = 'bracket', stop_loss = 5, take_profit = 9 }",
         "a decision of the type 'bracket' is a buy or sell with 'stop_loss' and "
         "'take_profit'"},
        {"{ action = 'buy', tif = 'day' }",
         "the decision's tif 'day' is not gtc, gtd, ioc or fok"},
        {"{ action = 'buy', expires = -5 }",
         "the decision's 'expires' is no time in seconds since 1970"},
        {"{ action = 'cancel', order = 1.5 }",
         "the decision's 'order' is 1.5; expected an order's number"},
        {"{ action = 'amend', size = 1 }", "an amend names no order: add order = its number"},
        {"{ action = 'amend', order = 3 }",
         "an amend changes nothing: give a size, a limit or a stop"},
        {"{ action = 'buy', symbol = 'BIP-20DEC30-CDE' }",
         "the decision's symbol: this strategy does not trade BIP-20DEC30-CDE"},
        {"{ action = 'buy', symbol = 'XYZ' }",
         "the decision's symbol: there is no market 'XYZ' in this run"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(returned(cases[i].returned), cases[i].says);
}

TEST(a_value_is_shown_short_and_harmless)
{
    assert_string_equal(
        returned("{ action = 'buy', size = ('9\\n'):rep(1000) }"),
        "the decision's 'size' is '9\\n9\\n9\\n9\\n9\\n9\\n9\\n9\\n9\\n9\\n9\\n9...'; "
        "expected a number from 1e-12 to 1e25, a decimal, or text like \"0.1\"");
    assert_string_equal(returned("{ action = 'buy', size = -1/0 }"),
                        "the decision's 'size' is -inf; expected a number from 1e-12 to 1e25, "
                        "a decimal, or text like \"0.1\"");
}

TEST(nothing_in_what_is_returned_is_ignored)
{
    static const char extra[] = "the list of decisions holds more than its elements 1 to 1: "
                                "decisions in a list are numbered without holes, and members "
                                "are in the decisions";
    static const char empty[] =
        "returned an empty table with a metatable; what a decision says "
        "must be in the table itself";

    assert_string_equal(returned("{ buy('a'), action = 'sell' }"), extra);
    assert_string_equal(returned("{ buy('a'), [3] = sell('b') }"), extra);
    assert_string_equal(returned("{ buy('a'), [0.5] = 1, [true] = 2, x = 3 }"), extra);
    assert_string_equal(returned("setmetatable({}, { __index = buy('a') })"), empty);
    assert_string_equal(returned("setmetatable({}, { __len = function() error('x') end })"),
                        empty);
    assert_string_equal(returned("setmetatable({ buy('a'), buy('b') }, {})"), "2 decisions");
}
