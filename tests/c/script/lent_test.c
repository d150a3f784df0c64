/* Strategies that misuse what they are lent and what they return. */
#include "hosts.h"

#include "base/log.h"

struct attack {
    const char *script, *end;
};

/* What on_bar does on the third bar, after `start` in on_start and `each` on every bar. */
static const char *third_bar(const char *start, const char *each, const char *third)
{
    static char said[FAULT_TEXT_MAX];
    char text[2048];
    struct rig *rig;

    snprintf(
        text, sizeof text,
        "local bot = strategy.new('bot', {})\nlocal n, kept = 0, nil "
        "function bot:on_start(market, portfolio) %s end "
        "function bot:on_bar(market, bar) n = n + 1 if n == 3 then %s end %s end return bot",
        start, third, each);
    rig = rig_start(text);
    snprintf(said, sizeof said, "nothing");
    for (int i = 1; i <= 3; i++) {
        if (rig_bar(rig, i))
            snprintf(said, sizeof said, "%s", without_folder(&rig->why));
        else if (rig->decisions.count)
            snprintf(said, sizeof said, "%.400s", rig->decisions.items[0].reason);
    }
    rig_clear(rig);
    return said;
}

#define SAY(what) "return hold(tostring(" what "))"

TEST(handles_are_no_tables)
{
    static const struct attack attacks[] = {
        {"return hold(tostring(getmetatable(market)))", "false"},
        {"return hold(tostring(getmetatable(bar)))", "false"},
        {"setmetatable(bar, {})", "bad argument #1 to 'setmetatable'"},
        {"rawset(bar, 'close', 1)", "table expected"},
        {"return hold(rawget(market, 'price'))", "table expected"},
        {"return hold(#bar)", "attempt to get length of"},
        {"return bar()", "attempt to call a bar value"},
        {"return hold(bar + 1)", "attempt to perform arithmetic on a bar value"},
        {"return hold(bar .. '')", "attempt to concatenate a bar value"},
        {"return hold(bar < bar)", "attempt to compare two bar values"},
        {"for k in pairs(market) do end", "table expected"},
        {"next(market)", "table expected"},
        {"bar.close = 1", "bar is read-only"},
        {"market.position.size = 1e9", "position is read-only"},
        {"return hold(bar[nil])", "bar has no such field"},
        {"return hold(bar[1])", "bar has no such field"},
        {"return hold(bar[0/0])", "bar has no such field"},
        {"return hold(bar[{}])", "bar has no such field"},
        {"return hold(bar[bar])", "bar has no such field"},
        {"return hold(bar[('close'):rep(100)])", "bar has no field"},
        {"return hold(bar.__index)", "bar has no field '__index'"},
        {"return hold(bar.__gc)", "bar has no field '__gc'"},
        {"return hold(tostring(bar['cl' .. 'ose']))", "3.0"},
        {"return hold(tostring(market.position.is_flat))", "true"},
        {"market.sma(bar, 5)", "expected a market, not a userdata"},
        {"market.sma(json.null, 5)", "expected a market"},
        {"market.sma(nil, 5)", "expected a market, not a nil"},
        {"market.ready({})", "expected a market, not a table"},
        {"market:sma(2).at(market, 'value')", "expected a indicator, not a userdata"},
        {"ta.crossed(market, bar)", "indicator or number expected"},
        {"ta.crossed(json.null, 1)", "indicator or number expected"},
        {"ta.crossed()", "indicator or number expected"},
        {"return hold(tostring(market:sma(1)[2^53]))", "not by number"},
        {"return hold(tostring(market:sma(1)[1.5]))", "not by number"},
        {"return hold(tostring(market:sma(1)[math.mininteger]))", "an indicator has no value"},
        {"json.encode(market)", "a userdata has no form in JSON"},
        {"string.rep(bar, 2)", "string expected, got bar"},
        {"table.concat(market)", "table expected"},
        {"for i = 1, 1e9 do market:sma(i % 400 + 1) end", "s.lua:2: "},
        {"for i = 1, 1e9 do market:bars((i + 1) .. 'm') end", "more than 8 timeframes"},
        {"while true do local _ = bar.close + market.price end", "stopped: more than 20 ms"},
        {"while true do pcall(function() return market.nope end) end", "stopped: "},
        {"while true do buy('x') end", "stopped: more than 20 ms"},
        {"while true do log.info('x') end", "stopped: "},
    };

    for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
        const char *said = third_bar("", "", attacks[i].script);
        if (!strstr(said, attacks[i].end))
            fail_msg("%s gave %s, not %s", attacks[i].script, said, attacks[i].end);
    }
}

TEST(a_log_is_limited_like_print)
{
    FILE *out = tmpfile();
    long lines = 0;

    assert_non_null(out);
    log_setup(&(struct log_options){.out = out, .level = LOG_DEBUG});
    third_bar("", "",
              "for i = 1, 300 do log.info('x') end log.info('a\\nb=\"c\" d', 1) "
              "log.debug(('y'):rep(1e5))");
    log_setup(&(struct log_options){.out = NULL, .level = LOG_INFO});
    rewind(out);
    for (int c; (c = getc(out)) != EOF;)
        lines += c == '\n';
    fclose(out);
    assert_in_range(lines, 150, 170);
}

TEST(what_was_lent_is_over_with_the_call_wherever_it_was_kept)
{
    static const char over[] = "lent for an earlier call";
    static const struct {
        const char *each, *third, *end;
    } cases[] = {
        {"kept = kept or bar", "return hold(kept.close)", over},
        {"kept = kept or function() return bar.close end", "return hold(kept())", over},
        {"kept = kept or coroutine.wrap(function() coroutine.yield(tostring(bar.close)) "
         "return bar.close end) if n == 1 then kept() end",
         "return hold(kept())", over},
        {"kept = kept or {bar}", "table.sort({1, 2}, function() return kept[1].close end)",
         over},
        {"kept = kept or bar",
         "return hold(tostring(select(2, pcall(function() return kept.close end))))", over},
        {"kept = kept or setmetatable({}, {__index = function(_, k) return bar[k] end})",
         "return hold(kept.close)", over},
        {"kept = kept or market.position", "return hold(tostring(kept.size))", over},
        {"kept = kept or market", SAY("kept.price"), "3.0"},
        {"kept = kept or market:sma(2)", SAY("kept.value"), "2.5"},
        {"self.on_bar = nil bot = nil", SAY("n"), "3"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *said = third_bar("", cases[i].each, cases[i].third);
        if (!strstr(said, cases[i].end))
            fail_msg("%s gave %s, not %s", cases[i].each, said, cases[i].end);
    }
}

/* cancel and its kind are Lua too, but not the trader's. */
TEST(a_mistake_inside_our_own_half_is_told_at_the_line_of_the_script)
{
    static const struct attack attacks[] = {
        {"return cancel(bar)", "s.lua:2: bar has no field 'number'"},
        {"return amend(bar, {size = 1})", "s.lua:2: bar has no field 'number'"},
        {"kept() return cancel(kept)", "s.lua:2: attempt to call"},
    };

    for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
        const char *said = third_bar("", "", attacks[i].script);
        if (strstr(said, attacks[i].end) != said)
            fail_msg("%s gave %s, not %s", attacks[i].script, said, attacks[i].end);
    }
}

TEST(a_decision_that_is_none_is_refused_quickly)
{
    static const struct attack attacks[] = {
        {"return print", "returned a function"},
        {"return bar", "returned a userdata"},
        {"return setmetatable({}, {__index = {action = 'buy'}}) ",
         "an empty table with a metatable"},
        {"return setmetatable({reason = 'x'}, {__index = {action = 'buy'}})",
         "without an action"},
        {"return {action = setmetatable({}, {__tostring = function() while true do end end})}",
         "'action' is a table"},
        {"return {action = 'buy\\0'}", "with the action 'buy\\x00'"},
        {"return {action = ('buy'):rep(1e5)}", "with the action 'buybuybuy"},
        {"return {action = 1}", "'action' is a number"},
        {"return {action = 'buy', [bar] = 1}", "a member that is no name, but a userdata"},
        {"return {action = 'buy', [('x'):rep(1e5)] = 1}", "a decision has no member 'xxxx"},
        {"return {action = 'buy', size = '1e999999999'}", "'size' is '1e999999999'"},
        {"return {action = 'buy', size = '0x10'}", "'size' is '0x10'"},
        {"return {action = 'buy', size = ('9'):rep(1e5)}", "'size' is '99999"},
        {"return {action = 'buy', size = 0/0}", "'size' is nan"},
        {"return {action = 'buy', size = math.huge}", "'size' is inf"},
        {"return {action = 'buy', size = -0.0}", "'size' is not more than 0"},
        {"return {action = 'buy', size = market}", "'size' is a userdata"},
        {"return {action = 'buy', size = json.null}", "'size' is a userdata"},
        {"return {action = 'buy', confidence = 1e308}", "'confidence'"},
        {"return {action = 'cancel', order = math.mininteger}", "'order' is -9.22"},
        {"return {action = 'cancel', order = 1.5}", "'order' is 1.5"},
        {"local t = {} for i = 1, 1e4 do t[i] = hold() end return t", " decisions in one call"},
        {"local t = {} t[1] = t return t", "without an action"},
        {"local t = {action = 'buy'} for i = 1, 1e4 do t['k' .. i] = i end return t",
         "s.lua:2: "},
        {"return {{action = 'hold', reason = 'all'}, 7}", "element 2 of the list is a number"},
    };

    for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
        const char *said = third_bar("", "", attacks[i].script);
        if (!strstr(said, attacks[i].end))
            fail_msg("%s gave %s, not %s", attacks[i].script, said, attacks[i].end);
    }
}
