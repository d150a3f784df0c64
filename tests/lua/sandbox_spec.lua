local perigee = require("perigee.test")
local scripts = require("scripts")

describe("the sandbox, for those who write scripts,", function()
   after_each(scripts.remove)

   describe("has none of", function()
      for _, name in ipairs { "io", "os", "debug", "package", "dofile", "load", "loadfile", "loadstring" } do
         it(name, function()
            assert.equal("nil", scripts.value("rawget(_G, '" .. name .. "')"))
            assert.matches("undefined variable '" .. name .. "'", scripts.complaint("return " .. name))
         end)
      end

      for _, name in ipairs { "string.dump", "string.pack", "coroutine.close" } do
         it(name, function()
            assert.equal("nil", scripts.value(name))
         end)
      end
   end)

   it("says which name was meant by nothing, and where", function()
      assert.matches("s.lua:4: undefined variable 'markte'", scripts.complaint("return markte.price"))
   end)

   it("keeps globals and libraries as they are", function()
      assert.matches("s.lua:4: ", scripts.complaint("counter = 1"))
      assert.matches("s.lua:4: ", scripts.complaint("string.format = nil"))
      assert.matches("s.lua:4: ", scripts.complaint("buy = sell"))
      assert.matches("s.lua:4: ", scripts.complaint("rawset(ta, 'crossed_above', nil)"))
   end)

   it("knows the engine's time and no other", function()
      assert.equal("1704067260.0", scripts.value("time.now()"))
   end)

   it("draws the same numbers in every run", function()
      local function throws(options)
         options.strategy = "tests/lua/fixtures/dice.lua"
         return perigee.bot(options):bars({ 10 }).last_decision.reason
      end
      assert.equal(throws {}, throws {})
      assert.no.equal(throws {}, throws { symbol = "ETH-USD" })
   end)

   it("shows no addresses", function()
      assert.no.matches("0x", scripts.value("tostring({}) .. tostring(print) .. tostring(market)"))
   end)

   it("has JSON there and back", function()
      assert.equal('{"a":[1,2]}', scripts.value("json.encode { a = { 1, 2 } }"))
      assert.equal("2", scripts.value("json.decode('[1,2]')[2]"))
   end)

   it("writes to the log, and goes on", function()
      assert.equal("done", scripts.value("log.debug('b') or 'done'"))
   end)

   it("finds modules of the tree and nothing else", function()
      assert.equal("table", scripts.value("type(require('perigee.exits'))"))
      assert.matches("cannot require 'perigee.nothing'", scripts.complaint("require('perigee.nothing')"))
      assert.matches("s.lua:4: require wants names", scripts.complaint("require('../secret')"))
   end)

   it("ends an endless loop", function()
      assert.matches("s.lua:4: stopped: more than 20 ms", scripts.complaint("while true do end"))
   end)

   it("cannot be talked out of it", function()
      assert.matches("stopped: more than 20 ms",
                     scripts.complaint("while true do pcall(function() while true do end end) end"))
   end)

   describe("lends handles for a call:", function()
      local function kept(start, use)
         local bot = scripts.bot(("function bot:on_start(market, portfolio) %s end\n"):format(start) ..
                                 ("function bot:on_bar() return hold(tostring(%s)) end"):format(use))
         local ok, why = pcall(bot.bars, bot, { 10 })
         return ok and bot.last_decision.reason or why
      end

      it("a market", function()
         assert.matches("this market was lent for an earlier call",
                        kept("local _ = portfolio; self.kept = market", "self.kept.price"))
      end)

      it("a portfolio", function()
         assert.matches("this portfolio was lent for an earlier call",
                        kept("local _ = market; self.kept = portfolio", "self.kept.equity"))
      end)

      it("a position", function()
         assert.matches("this position was lent for an earlier call",
                        kept("local _ = portfolio; self.kept = market.position", "self.kept.size"))
      end)

      it("but not an indicator or a frame", function()
         assert.equal("nil", kept("local _ = portfolio; self.kept = market:sma(2)", "self.kept.value"))
         assert.equal("300.0", kept("local _ = portfolio; self.kept = market:bars('5m')", "self.kept.interval"))
      end)
   end)

   describe("catches mistakes where they are made:", function()
      local mistakes = {
         { "buy(5)", "s.lua:4: buy takes a reason as text, then a table of options" },
         { "buy('x', 5)", "s.lua:4: buy takes a table of options after the reason" },
         { "buy('x', { sise = 1 })", "s.lua:4: buy has no option 'sise'" },
         { "buy('x', { size = -1 })", "s.lua:4: buy: size must be more than 0 and finite, not %-1" },
         { "buy('x', { size = 0/0 })", "s.lua:4: buy: size must be more than 0 and finite, not" },
         { "buy('x', { limit = {} })", "s.lua:4: buy: limit must be a number, a decimal or text" },
         { "sell('x', { post_only = 1 })", "s.lua:4: sell: post_only must be a boolean, not a number" },
         { "return bar.clos", "s.lua:4: bar has no field 'clos'; did you mean 'close'" },
         { "return market:smaa(3)", "s.lua:4: market has no field 'smaa'" },
         { "bar.close = 1", "s.lua:4: bar is read%-only" },
         { "return market.depth('buy')", "s.lua:4: expected a market, not a string; methods are called with a colon" },
         { "return self.params.lenght", "s.lua:4: there is no parameter 'lenght'" },
         { "return market:sma(self.lenght)", "s.lua:4: sma: n must be a number, not a nil" },
         { "return market:sma('20')", "s.lua:4: sma: n must be a number, not a string" },
         { "return market:sma(0)", "s.lua:4: sma: n must be a whole number from 1 to" },
         { "return market:sma(2, 'opne')", "s.lua:4: sma: source must be one of" },
         { "return market:sma(2, 1)", "s.lua:4: sma: source must be text, not a number" },
         { "return market:sma(2, 'close', 3)", "s.lua:4: sma takes at most 2 options, not 3" },
         { "return market:macd { fsat = 3 }", "s.lua:4: macd has no option 'fsat'; did you mean 'fast'" },
         { "return market:macd { fast = 30 }", "s.lua:4: macd: fast %(30%) must be less than slow" },
         { "return market:sma(3, { history = 1e9 })", "s.lua:4: sma: history must be a whole number" },
         { "return market:sma(3)[99]", "s.lua:4: only 64 values are kept; ask for more .* {history = 100}" },
         { "return market:sma(3)[-1]", "s.lua:4: an indicator has no value %-1 bars ago" },
         { "return market:sma(3).valu", "s.lua:4: sma has no output 'valu'; did you mean 'value'" },
         { "return market:macd():at('signl')", "s.lua:4: macd has no output 'signl'; did you mean 'signal'" },
         { "return market:bars('soon')", "s.lua:4: bad argument #1 to 'bars'" },
         { "return market:bars('90s')", "must be a multiple of the strategy's own" },
         { "return market:depth('up')", "s.lua:4: bad argument #1 to 'depth' %(expected \"buy\" or \"sell\"%)" },
         { "return ta.crossed_above(1, 'x')", "s.lua:4: bad argument #2 to 'crossed_above'" },
         { "return decimal('ten')", "s.lua:4: bad argument #1 to 'decimal'" },
         { "return decimal(1) / 0", "division by zero" },
         { "return 5", "s.lua:2: returned a number; expected nil or a decision" },
         { "return { action = 'fly' }", "s.lua:2: expected a decision" },
         { "error('my own words')", "s.lua:4: my own words" },
      }
      for _, case in ipairs(mistakes) do
         it(case[1], function()
            assert.matches(case[2], scripts.complaint(case[1]))
         end)
      end
   end)
end)
