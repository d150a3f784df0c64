local perigee = require("perigee.test")

local future = "BIP-20DEC30-CDE"

local function with(options, params)
   options = options or {}
   options.strategy = "mean_reversion"
   options.params = { lookback = 4, entry_z = 1.2, exit_z = 0.5 }
   for name, value in pairs(params or {}) do
      options.params[name] = value
   end
   return perigee.bot(options)
end

local function last_reason(bot)
   return bot.orders[#bot.orders].reason
end

--- The deviation of the last of { 100, 101, 100, low } from the mean of the four: -1.4 and more.
local dip, spike = { 100, 101, 100, 90 }, { 10000, 9900, 10000, 11000 }

describe("mean_reversion", function()
   describe("entering", function()
      it("buys far below the mean", function()
         local bot = with():bars(dip)
         assert.equal("buy", bot.last_decision.action)
         assert.equal("1.49 deviations below the mean", bot.last_decision.reason)
         assert.equal(1, bot.position)
      end)

      it("does nothing at entry_z, and something beyond it", function()
         local at = { 100, 100, 100, 90 } -- exactly 1.5
         assert.equal(0, #with(nil, { entry_z = 1.5 }):bars(at).orders)
         assert.equal(1, #with(nil, { entry_z = 1.49 }):bars(at).orders)
      end)

      it("does nothing in a market that stands still", function()
         assert.equal(0, #with():bars({ 100, 100, 100, 100, 100, 100 }).decisions)
      end)

      it("waits for lookback bars", function()
         assert.equal(0, #with(nil, { lookback = 5 }):bars(dip).decisions)
         assert.equal(1, #with(nil, { lookback = 5 }):bars({ 100, 100, 101, 100, 90 }).decisions)
      end)

      it("is surer the further away the price is, up to 0.95", function()
         local at = { 100, 100, 100, 90 }
         local confidence = with(nil, { entry_z = 1.25 }):bars(at).last_decision.confidence
         assert.near(0.5 + 0.5 * 0.25 / 1.25, confidence, 1e-9)
         confidence = with(nil, { entry_z = 0.6 }):bars(at).last_decision.confidence
         assert.near(0.95, confidence, 1e-9)
      end)

      it("refuses an exit that is further out than the entry", function()
         assert.error_matches(function() with(nil, { entry_z = 1, exit_z = 1 }) end,
                              "exit_z must be less than entry_z %(says lua.strategies.mean_reversion.lua:%d+%)")
      end)
   end)

   describe("selling short", function()
      it("does so where the product and the parameter allow it", function()
         local bot = with({ symbol = future }, { shorts = true }):bars(spike)
         assert.equal("1.49 deviations above the mean", bot.last_decision.reason)
         assert.equal(-1, bot.position)
      end)

      it("does not when the parameter is false", function()
         assert.equal(0, #with({ symbol = future }, { shorts = false }):bars(spike).decisions)
      end)

      it("does not on a spot product", function()
         assert.equal(0, #with(nil, { shorts = true }):bars(spike).decisions)
      end)

      it("covers when the price is back", function()
         local bot = with({ symbol = future }, { shorts = true }):bars(spike):bars { 10200 }
         assert.equal(0, bot.position)
      end)
   end)

   describe("leaving", function()
      local patient = { stop_loss = 0, take_profit = 0 }

      local function patiently(params)
         for name, value in pairs(patient) do
            params[name] = params[name] or value
         end
         return with(nil, params):bars(dip)
      end

      it("leaves when the price is back within exit_z", function()
         local back = { 94 } -- z is -0.43
         local bot = patiently({ exit_z = 0.5 }):bars(back)
         assert.equal("back at its mean: z = -0.43", bot.last_decision.reason)
         assert.equal(0, bot.position)
         assert.equal(1, patiently({ exit_z = 0.4 }):bars(back).position)
      end)

      it("leaves when the price jumped across its mean", function()
         assert.equal(0, patiently({ exit_z = 0.1 }):bars({ 120 }).position)
      end)

      it("stops at the loss of stop_loss", function()
         local bot = patiently { stop_loss = 0.5 }
         bot:bars { 45.01 }
         assert.equal(1, bot.position)
         bot:bars { 45 }
         assert.equal(0, bot.position)
         assert.equal("stop at 45", last_reason(bot))
      end)

      it("stops before it asks whether the price is back", function()
         local bot = patiently { stop_loss = 0.1, exit_z = 1.19, cooldown = 1 }
         bot:bars { 80 }
         assert.equal("stop at 81", last_reason(bot))
      end)

      it("takes the profit of take_profit", function()
         local function gains(close)
            return patiently({ take_profit = 0.1, exit_z = 0 }):bars { 80, 70, close }
         end
         assert.equal("target at 99", last_reason(gains(99.01))) -- traded through by a price step
         assert.match("^back at its mean", last_reason(gains(98.99)))
      end)

      it("trails the best price", function()
         local bot = patiently { exit_z = 0, trailing_stop = 0.25 }
         bot:bars { 91, 68.3 }
         assert.equal(1, bot.position)
         bot:bars { 68.25 }
         assert.equal(0, bot.position)
         assert.equal("trail at 68.25", last_reason(bot))
      end)
   end)

   describe("resting", function()
      -- Bought at 90, stopped at the open of the bar at 80, which is the first to rest in; then
      -- two dips one after the other.
      local function entries(cooldown, tail)
         local bot = with(nil, { cooldown = cooldown, stop_loss = 0.1, exit_z = 0, entry_z = 1.4 })
         bot:bars(dip):bars { 80 }:bars(tail)
         return #bot.orders - 2
      end
      local soon = { 80, 80, 70 }

      it("enters again at once without a cooldown", function()
         assert.equal(1, entries(0, soon))
      end)

      it("lets cooldown bars pass after a position", function()
         assert.equal(1, entries(3, soon))
         assert.equal(0, entries(4, soon))
      end)
   end)

   describe("with a trend filter", function()
      -- The mean of six bars is 95.17; the last close lies 5.4 % below it.
      local bars = { 90, 90, 100, 101, 100, 90 }

      it("does not buy into a fall", function()
         local filter = { trend_window = 6, trend_threshold = 0.05 }
         assert.equal(0, #with(nil, filter):bars(bars).orders)
      end)

      it("calls it a fall only beyond the threshold", function()
         local filter = { trend_window = 6, trend_threshold = 0.06 }
         assert.equal(1, #with(nil, filter):bars(bars).orders)
      end)

      it("looks at as many bars as trend_window says", function()
         local filter = { trend_window = 7, trend_threshold = 0.05 }
         local lower = { 50, 90, 90, 100, 101, 100, 90 }
         assert.equal(1, #with(nil, filter):bars(lower).orders)
      end)

      it("ignores the trend when the price is further away than the override", function()
         local filter = { trend_window = 6, trend_threshold = 0.05, trend_override_z = 1.5 }
         assert.equal(0, #with(nil, filter):bars(bars).orders)
         filter.trend_override_z = 1.4
         assert.equal(1, #with(nil, filter):bars(bars).orders)
      end)

      it("does not sell into a rise", function()
         local filter = { trend_window = 6, trend_threshold = 0.04, shorts = true }
         local rise = { 11000, 11000, 10000, 9900, 10000, 11000 }
         assert.equal(0, #with({ symbol = future }, filter):bars(rise).orders)
         filter.trend_window = 0
         assert.equal(1, #with({ symbol = future }, filter):bars(rise).orders)
      end)
   end)
end)
