local perigee = require("perigee.test")

-- Averages of 2 and 4 bars and an RSI of 2 are warm after 4 bars; a test says what else it needs.
local quick = { short = 2, long = 4, rsi = 2, cross_bars = 1 }

local function with(options, params)
   options = options or {}
   options.strategy = "baseline"
   options.params = {}
   for _, set in ipairs { quick, params or {} } do
      for name, value in pairs(set) do
         options.params[name] = value
      end
   end
   return perigee.bot(options)
end

--- Enters by crossing and trend alone, and leaves by neither: for tests of stops and targets.
local function held(params, options)
   params.rsi_weight = 0
   params.exit_weight = 1
   return with(options, params):bars { 102, 101, 100, 99, 100, 104 }
end

local function last_reason(bot)
   return bot.orders[#bot.orders].reason
end

local future = "BIP-20DEC30-CDE"

describe("baseline", function()
   describe("entering", function()
      it("buys when a crossing and the trend speak up together", function()
         local bot = with(nil, { rsi_weight = 0 }):bars { 102, 101, 100, 99, 100, 104 }
         assert.equal("buy", bot.last_decision.action)
         assert.equal("up: cross, trend", bot.last_decision.reason)
         assert.near(0.7, bot.last_decision.confidence, 1e-9)
         assert.equal(1, bot.position)
      end)

      it("does nothing in a market that stands still", function()
         assert.equal(0, #with():bars({ 100, 100, 100, 100, 100, 100, 100 }).orders)
      end)

      it("waits for the slowest indicator", function()
         local bars = { 102, 101, 100, 99, 100, 104 }
         assert.equal(0, #with(nil, { rsi = 6, rsi_weight = 0 }):bars(bars).decisions)
         assert.equal(1, #with(nil, { rsi = 5, rsi_weight = 0 }):bars(bars).decisions)
         assert.equal(0, #with(nil, { long = 7, rsi_weight = 0 }):bars(bars).decisions)
      end)

      it("needs the weight of entry_weight, and no more", function()
         local bars = { 102, 101, 100, 99, 100, 104 }
         local weights = { rsi_weight = 0, cross_weight = 0.25, trend_weight = 0.25 }
         weights.entry_weight = 0.5
         assert.equal(1, #with(nil, weights):bars(bars).orders)
         weights.entry_weight = 0.51
         assert.equal(0, #with(nil, weights):bars(bars).orders)
      end)

      it("takes a crossing as fresh for cross_bars", function()
         -- It crosses in the last bar but one; the RSI of 6 is warm only in the last.
         local bars = { 102, 101, 100, 99, 100, 104, 104 }
         local weights = { rsi = 6, rsi_weight = 0, trend_weight = 0, entry_weight = 0.4 }
         assert.equal(0, #with(nil, weights):bars(bars).orders)
         weights.cross_bars = 2
         assert.equal(1, #with(nil, weights):bars(bars).orders)
      end)

      it("buys an oversold market when that alone is enough", function()
         local weights = { rsi_weight = 0.6, trend_weight = 0, cross_weight = 0 }
         local bars = { 100, 99, 98, 98.3 } -- an RSI of 23
         assert.equal("up: rsi", with(nil, weights):bars(bars).last_decision.reason)
         weights.oversold = 20
         assert.equal(0, #with(nil, weights):bars(bars).decisions)
         weights.oversold = 30
         weights.rsi = 3 -- which makes it 9
         weights.oversold = 15
         assert.equal(1, #with(nil, weights):bars(bars).decisions)
      end)

      it("does nothing when both sides weigh the same", function()
         local weights = { rsi_weight = 0.5, trend_weight = 0.5, cross_weight = 0 }
         assert.equal(0, #with(nil, weights):bars({ 100, 99, 98, 97, 96 }).decisions)
      end)

      it("compares averages of the lengths it was given", function()
         local bars = { 102, 101, 100, 99, 100, 104 }
         local only_cross = { rsi_weight = 0, trend_weight = 0, entry_weight = 0.4 }
         assert.equal(1, #with(nil, only_cross):bars(bars).orders)
         local from_above = { 130, 130, 102, 101, 100, 99, 100, 104 }
         assert.equal(1, #with(nil, only_cross):bars(from_above).orders)
         only_cross.long = 7
         assert.equal(0, #with(nil, only_cross):bars(from_above).orders)
         local jump = { 102, 101, 100, 99, 97, 101 }
         local crossing = { rsi_weight = 0, trend_weight = 0, entry_weight = 0.4, short = 2 }
         assert.equal(0, #with(nil, crossing):bars(jump).orders)
         crossing.short = 1
         assert.equal(1, #with(nil, crossing):bars(jump).orders)
      end)

      it("refuses a short average that is not shorter", function()
         assert.error_matches(function() with(nil, { short = 4 }) end,
                              "short must be less than long %(says lua/strategies/baseline.lua:%d+%)")
      end)
   end)

   describe("selling short", function()
      local falling = { 9800, 9900, 10000, 10100, 10000, 9600 }
      local weights = { rsi_weight = 0, shorts = true }

      it("does so where the product and the parameter allow it", function()
         local bot = with({ symbol = future }, weights):bars(falling)
         assert.equal("down: cross, trend", bot.last_decision.reason)
         assert.equal(-1, bot.position)
      end)

      it("does not when the parameter is false", function()
         local bot = with({ symbol = future }, { rsi_weight = 0, shorts = false }):bars(falling)
         assert.equal(0, #bot.decisions)
      end)

      it("does not on a spot product", function()
         assert.equal(0, #with({ symbol = "BTC-USD" }, weights):bars(falling).decisions)
      end)

      it("sells an overbought market when that alone is enough", function()
         local rising = { 9600, 9700, 9800, 9770 } -- an RSI of 77
         local rsi = { rsi_weight = 0.6, trend_weight = 0, cross_weight = 0, shorts = true }
         assert.equal(-1, with({ symbol = future }, rsi):bars(rising).position)
         rsi.overbought = 80
         assert.equal(0, #with({ symbol = future }, rsi):bars(rising).orders)
      end)

      it("covers at the stop above the entry", function()
         local short = { rsi_weight = 0, shorts = true, exit_weight = 1, stop_loss = 0.02 }
         local bot = with({ symbol = future }, short):bars(falling):bars { 9785 }
         assert.equal(-1, bot.position)
         bot:bars { 9790 } -- 9792, to the price step
         assert.equal(0, bot.position)
         assert.equal("stop at 9790", last_reason(bot))
      end)

      it("trails the lowest price", function()
         local short = { rsi_weight = 0, shorts = true, exit_weight = 1, trailing_stop = 0.01,
                         take_profit = 0 }
         local bot = with({ symbol = future }, short):bars(falling):bars { 9000, 9085 }
         assert.equal(-1, bot.position)
         bot:bars { 9090 }
         assert.equal(0, bot.position)
      end)
   end)

   describe("leaving", function()
      it("stops at the loss of stop_loss", function()
         local bot = held { stop_loss = 0.25 }
         bot:bars { 78.01 }
         assert.equal(1, bot.position)
         bot:bars { 78 }
         assert.equal(0, bot.position)
         assert.equal("stop at 78", last_reason(bot))
      end)

      it("does not stop when stop_loss is 0", function()
         assert.equal(1, held({ stop_loss = 0 }):bars({ 10 }).position)
      end)

      it("takes the profit of take_profit", function()
         local bot = held { take_profit = 0.25 }
         bot:bars { 129.99 }
         assert.equal(1, bot.position)
         bot:bars { 130 }
         assert.equal(0, bot.position)
         assert.equal("target at 130", last_reason(bot))
      end)

      it("takes no profit when take_profit is 0", function()
         assert.equal(1, held({ take_profit = 0 }):bars({ 1000 }).position)
      end)

      it("trails the best price", function()
         local bot = held { take_profit = 0, trailing_stop = 0.25 }
         bot:bars { 400, 300.01 }
         assert.equal(1, bot.position)
         bot:bars { 300 }
         assert.equal(0, bot.position)
         assert.equal("trail at 300", last_reason(bot))
      end)

      it("forgets the best price of the position before", function()
         local bot = held { stop_loss = 0, take_profit = 0, trailing_stop = 0.25 }
         bot:bars { 400, 300 }
         assert.equal(0, bot.position)
         bot:bars { 100, 90, 80, 70, 70, 75, 95, 100 }
         assert.equal(1, bot.position)
         bot:bars { 90 }
         assert.equal(1, bot.position)
      end)

      it("is stopped inside a bar, before the indicators are looked at", function()
         local bot = with(nil, { rsi_weight = 0, exit_weight = 0.1 })
         bot:bars { 102, 101, 100, 99, 100, 104, { open = 104, high = 104, low = 50, close = 103 } }
         assert.equal("stop at 101.92", last_reason(bot))
         assert.equal(101.92, bot.fills[2].price)
      end)

      it("leaves at a level that it was given before a restart", function()
         local bot = held { stop_loss = 0.25, take_profit = 0, trailing_stop = 0.2 }
         bot:bars({ 200 }):restart()
         bot:bars { 161 }
         assert.equal(1, bot.position)
         bot:bars { 159 }
         assert.equal("trail at 160", last_reason(bot))
      end)

      it("leaves by the indicators when what is against it weighs enough", function()
         local fall = { 102, 101, 100, 99, 100, 104, 104, 104, 104, 103.5 }
         -- A crossing down (0.4) and half a trend (0.15).
         local bot = with(nil, { rsi_weight = 0, exit_weight = 0.55 }):bars(fall)
         assert.equal("against the position: cross, trend", bot.last_decision.reason)
         assert.equal(0, bot.position)
         assert.equal(1, with(nil, { rsi_weight = 0, exit_weight = 0.56 }):bars(fall).position)
      end)
   end)
end)
