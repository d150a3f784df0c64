local perigee = require("perigee.test")
local scripts = require("scripts")

local value = scripts.value

--- A bar with a range, closing at the price.
local function ranged(price)
   return { open = price - 1, high = price + 2, low = price - 2, close = price, volume = 5 }
end

describe("the script API", function()
   after_each(scripts.remove)

   describe("of a market", function()
      it("tells its symbol, rules and price", function()
         assert.equal("BTC-USD", value("market.symbol"))
         assert.equal("10.0", value("market.price"))
         assert.equal("1e-08 0.01", value("market.size_step, market.price_step"))
         assert.equal("1e-08 1.0", value("market.min_size, market.min_value"))
         assert.equal("1.0 false", value("market.contract_size, market.can_short"))
      end)

      it("of a future tells its contract", function()
         local future = { symbol = "BIP-20DEC30-CDE" }
         assert.equal("0.01 true", value("market.contract_size, market.can_short", { 10000 }, nil, future))
      end)

      it("has no quotes, trades and book in a backtest of bars", function()
         for _, field in ipairs { "bid", "ask", "spread_bps", "last" } do
            assert.equal("nil", value("market." .. field))
         end
         assert.equal("0.0", value("market:depth('buy') + market:depth('sell', 20)"))
      end)

      it("tells the time, the level, the position and the last bar", function()
         assert.equal("1704067260.0", value("market.time"))
         assert.equal("normal", value("market.level"))
         assert.equal("true", value("market.position.is_flat"))
         assert.equal("11.0", value("market.bar.close", { 10, 11 }))
      end)

      it("has no bar before the first", function()
         assert.equal("true", value("self.none", { 10 }, "self.none = market.bar == nil"))
      end)

      it("is ready when every indicator is", function()
         local start = "self.a, self.b = market:sma(2), market:sma(3)"
         assert.equal("false", value("market:ready()", { 1, 2 }, start))
         assert.equal("true", value("market:ready()", { 1, 2, 3 }, start))
         assert.equal("true", value("market:ready()", { 1 }))
      end)
   end)

   it("of a bar tells prices, volume and times", function()
      assert.equal("9.0 12.0 8.0 10.0 5.0", value(
         "bar.open, bar.high, bar.low, bar.close, bar.volume", { ranged(10) }))
      assert.equal("1704067200.0 60.0", value("bar.start, bar.time - bar.start"))
   end)

   describe("of indicators", function()
      it("gives the value now, earlier ones and nil in the warm-up", function()
         local start = "self.sma = market:sma(2)"
         assert.equal("nil", value("self.sma.value", { 1 }, start))
         assert.equal("1.5", value("self.sma.value", { 1, 2 }, start))
         assert.equal("2.5 1.5 nil", value(
            "self.sma[0], self.sma[1], self.sma[2]", { 1, 2, 3 }, start))
         assert.equal("false true", value(
            "self.slow.ready, self.sma.ready", { 1, 2 },
            start .. " self.slow = market:sma(3)"))
      end)

      it("takes options in order, by name, and both", function()
         for _, options in ipairs { "(2, 'high')", "{ n = 2, source = 'high' }", "(2, { source = 'high' })" } do
            assert.equal("12.5", value("self.it.value", { ranged(10), ranged(11) }, "self.it = market:sma" .. options))
         end
      end)

      it("keeps as many values as asked", function()
         local bars = {}
         for i = 1, 100 do
            bars[i] = i
         end
         assert.equal("1.0", value("self.it[99]", bars, "self.it = market:sma(1, { history = 100 })"))
      end)

      it("has outputs by name, now and earlier", function()
         local start = "self.it = market:donchian(2)"
         assert.equal("13.0 8.0", value("self.it.upper, self.it.lower", { ranged(10), ranged(11) }, start))
         assert.equal("12.0", value("self.it:at('upper', 1)", { ranged(10), ranged(10), ranged(11) }, start))
         assert.equal("13.0", value("self.it:at('upper')", { ranged(10), ranged(11) }, start))
      end)

      it("is one and the same for the same request", function()
         assert.equal("2.5", value("market:sma(2).value", { 1, 2, 3 }, "self.made = market:sma(2)"))
      end)

      it("starts the warm-up of one that is made late when it is made", function()
         assert.equal("nil", value("market:sma(2).value", { 1, 2 }))
         assert.equal("2.5", value("market:sma(2).value", { 1, 2, 3 }))
      end)
   end)

   describe("of longer timeframes", function()
      local start = "self.slow = market:bars('5m') self.sma = self.slow:sma(2)"

      it("shows only bars that have ended", function()
         assert.equal("nil", value("self.slow.close", { 1, 2, 3, 4 }, start))
         assert.equal("5.0", value("self.slow.close", { 1, 2, 3, 4, 5 }, start))
         assert.equal("5.0", value("self.slow.close", { 1, 2, 3, 4, 5, 6, 7 }, start))
      end)

      it("builds them from the bars below", function()
         assert.equal("1.0 5.0 1.0 5.0 5.0 300.0", value(
            "self.slow.open, self.slow.high, self.slow.low, self.slow.close, self.slow.volume, self.slow.interval",
            { 1, 2, 3, 4, 5 }, start))
      end)

      it("has indicators on them", function()
         assert.equal("nil", value("self.sma.value", { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, start))
         assert.equal("7.5", value("self.sma.value", { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, start))
      end)

      it("makes the market wait for them", function()
         assert.equal("false", value("market:ready()", { 1, 2, 3, 4, 5, 6, 7, 8, 9 }, start))
         assert.equal("true", value("market:ready()", { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 }, start))
      end)
   end)

   describe("of ta", function()
      local start = "self.a, self.b = market:sma(1), market:sma(2)"

      it("tells when one crosses the other", function()
         assert.equal("true", value("ta.crossed_above(self.a, self.b)", { 3, 2, 4 }, start))
         assert.equal("false", value("ta.crossed_above(self.a, self.b)", { 3, 2, 4, 5 }, start))
         assert.equal("true", value("ta.crossed_below(self.a, self.b)", { 2, 3, 1 }, start))
         assert.equal("false", value("ta.crossed_below(self.a, self.b)", { 3, 2, 4 }, start))
      end)

      it("tells which way in one question", function()
         assert.equal("above", value("ta.crossed(self.a, self.b)", { 3, 2, 4 }, start))
         assert.equal("below", value("ta.crossed(self.a, self.b)", { 2, 3, 1 }, start))
         assert.equal("nil", value("ta.crossed(self.a, self.b)", { 3, 2, 4, 5 }, start))
         assert.equal("nil", value("ta.crossed(self.a, self.b)", { 3, 4 }, start))
         assert.equal("nil", value("ta.crossed(0/0, self.b)", { 3, 2, 4 }, start))
      end)

      it("takes touching for no crossing", function()
         assert.equal("nil", value("ta.crossed(self.a, 3)", { 2, 3 }, start))
         assert.equal("above", value("ta.crossed(self.a, 3)", { 2, 3, 4 }, start))
         assert.equal("below", value("ta.crossed(self.a, 3)", { 4, 3, 2 }, start))
      end)

      it("takes numbers too", function()
         assert.equal("true", value("ta.crossed_above(self.a, 3)", { 2, 4 }, start))
         assert.equal("false", value("ta.crossed_above(self.a, 4)", { 2, 4 }, start))
      end)

      it("is false in the warm-up", function()
         assert.equal("false", value("ta.crossed_above(self.a, self.b)", { 3, 4 }, start))
      end)
   end)

   describe("of the account", function()
      local function account(expression, bars)
         local handlers = ([[
function bot:on_bar(_, bar) if bar.close == 100 then return buy("in", { size = 10 }) end end
function bot:on_cycle(market, portfolio) local _ = market return hold(text(%s)) end]]):format(expression)
         local bot = scripts.bot(scripts.text .. handlers, { cash = 10000, fee_rate = 0.001 })
         return bot:bars(bars).last_decision.reason
      end

      it("tells what there is and what it is worth", function()
         assert.equal("10000.0", account("portfolio.equity", { 50 }))
         assert.equal("8999.0 10099.0", account("portfolio.cash, portfolio.equity", { 100, 110 }))
         assert.equal("1100.0 100.0 1.0", account(
            "portfolio.exposure, portfolio.unrealised, portfolio.fees", { 100, 110 }))
         assert.equal("0.0 1 0 USD normal", account(
            "portfolio.realised, portfolio.open_positions, portfolio.open_orders, portfolio.currency, portfolio.level",
            { 100, 110 }))
         assert.equal("8999.0 10.0", account("portfolio:available(), portfolio:available('BTC')", { 100, 110 }))
      end)

      it("tells how far it is below its marks", function()
         assert.equal("10000.0 10099.0", account("portfolio.day_start_equity, portfolio.peak_equity", { 100, 110, 60 }))
         assert.near(501 / 10000, tonumber(account("portfolio.day_loss", { 100, 110, 50 })), 1e-9)
         assert.near(600 / 10099, tonumber(account("portfolio.drawdown", { 100, 110, 50 })), 1e-9)
         assert.equal("0.0 0.0", account("portfolio.day_loss, portfolio.drawdown", { 50 }))
      end)

      it("tells the position", function()
         local fields = {}
         for name in ("size average_price profit value is_long is_short is_flat opened"):gmatch("%S+") do
            fields[#fields + 1] = "portfolio:position('BTC-USD')." .. name
         end
         local all = table.concat(fields, ", ")
         assert.equal("10.0 100.0 100.0 1100.0 true false false 1704067260.0", account(all, { 100, 110 }))
         assert.equal("0.0 0.0 0.0 0.0 false false true 0.0", account(all, { 50 }))
      end)

      it("knows no product that is not traded", function()
         assert.matches("no product 'XYZ' in this run", scripts.complaint(
            "end function bot:on_cycle(_, portfolio) return portfolio:position('XYZ')"))
      end)
   end)

   describe("of orders and fills", function()
      local function told(handler, kind, expression)
         local handlers = ([[
function bot:on_bar() if not self.once then self.once = true return buy("in", { size = 2, limit = 100 }) end end
function bot:%s(market, %s) local _ = market return hold(text(%s)) end]]):format(handler, kind, expression)
         return scripts.bot(scripts.text .. handlers):bars { 110, 90 }.decisions
      end

      it("tells each change of an order", function()
         local states = {}
         for _, decision in ipairs(told("on_order", "order", "order.state, order.filled")) do
            states[#states + 1] = decision.action == "hold" and decision.reason or nil
         end
         assert.equal("NEW 0.0", states[1])
      end)

      it("tells what the order is", function()
         local list = told("on_fill", "_", "'filled'")
         assert.equal("filled", list[#list].reason)
         list = told("on_order", "o", "o.symbol, o.side, o.type, o.size, o.limit_price, o.stop_price, "
            .. "o.value, o.reduce_only, o.average_price, o.number, o.reason")
         assert.equal("BTC-USD buy limit 2.0 100.0 nil 200.0 false 0.0 1 in", list[2].reason)
      end)

      it("tells what was paid", function()
         local list = told("on_fill", "f", "table.concat({ f.side, f.size, f.price, f.fee }, ' ')")
         assert.equal("buy 2.0 90.0 0.0", list[#list].reason)
         list = told("on_fill", "f", "f.liquidity")
         assert.matches("^[mt]aker$", list[#list].reason)
      end)
   end)

   describe("of decimals", function()
      it("is exact where numbers are not", function()
         assert.equal("0.3", value("decimal('0.1') + decimal('0.2')"))
         assert.equal("true", value("decimal(0.1) + 0.2 == decimal('0.3')"))
      end)

      it("has the four operations and a sign", function()
         assert.equal("-1.5", value("-(decimal(3) / 2)"))
         assert.equal("1 6", value("decimal(3) - 2, 2 * decimal('3')"))
      end)

      it("compares", function()
         assert.equal("true true false", value("decimal(1) < decimal(2), decimal(2) <= 2, decimal(1) == decimal(2)"))
      end)

      it("rounds to a step, down unless told otherwise", function()
         local function rounded(number, rounding)
            local call = "decimal('%s'):quantize('0.1'%s)"
            return value(call:format(number, rounding and (", '%s'"):format(rounding) or ""))
         end
         assert.equal("1.2", rounded("1.27"))
         assert.equal("-1.2", rounded("-1.27", "down"))
         assert.equal("1.3", rounded("1.21", "up"))
         assert.equal("-1.3", rounded("-1.27", "floor"))
         assert.equal("-1.2", rounded("-1.27", "ceiling"))
         assert.equal("1.3", rounded("1.25", "half_up"))
         assert.equal("1.2", rounded("1.25", "half_even"))
         assert.equal("error", rounded("1.25", "sideways"))
      end)

      it("becomes a number", function()
         assert.equal("0.5", value("decimal('0.25'):number() * 2"))
      end)
   end)

   describe("of parameters", function()
      local path = "tests/lua/fixtures/every_kind.lua"

      local function seen(params)
         return perigee.bot({ strategy = path, params = params }):bars({ 10 }).last_decision.reason
      end

      it("gives each its type", function()
         assert.equal("integer 3, float 0.5, boolean true, string 1h, string slow", seen {})
      end)

      it("takes what is given", function()
         assert.equal("integer 4, float 2.0, boolean false, string 2h, string fast",
                      seen { whole = 4, share = 2, flag = false, word = "2h", pace = "fast" })
      end)

      it("keeps to range and choices", function()
         assert.error_matches(function() seen { whole = 6 } end,
                              "parameter whole=6 is out of range: 1 to 5 %(declared at .*every_kind.lua:4%)")
         assert.error_matches(function() seen { pace = "idle" } end, "pace=idle is not one of: slow fast")
      end)
   end)
end)
