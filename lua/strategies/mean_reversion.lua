--- Buys far below the mean, sells far above it, leaves when the price is back.
---
--- Believes that a price several deviations from its recent mean has run too far and returns. Wrong
--- in trends, where "too far" is only the beginning: hence the stop, the trend filter and the pause
--- after a trade.

local exits = require("perigee.exits")

local reversion = strategy.new("mean_reversion", {
   lookback = param.integer { 20, min = 3, max = 400, help = "bars of the mean and the deviation" },
   entry_z = param.number { 2, min = 0.1, max = 10, help = "deviations that are too far" },
   exit_z = param.number { 0.5, min = 0, max = 10, help = "deviations that are back" },
   stop_loss = param.number { 0.03, min = 0, max = 1, help = "share of the entry price; 0: none" },
   take_profit = param.number { 0.06, min = 0, help = "share of the entry price; 0: none" },
   trailing_stop = param.number { 0, min = 0, max = 1, help = "share of the best price; 0: none" },
   shorts = param.boolean { false, help = "sell short where the product allows it" },
   cooldown = param.integer { 0, min = 0, max = 10000, help = "bars to rest after a position" },
   trend_window = param.integer { 0, min = 0, max = 400, help = "bars of its mean; 0: no filter" },
   trend_threshold = param.number { 0.01, min = 0, max = 1, help = "share off it that is a trend" },
   trend_override_z = param.number { 0, min = 0, max = 20, help = "deviations that ignore it" },
})

function reversion.check_params(params)
   return params.exit_z < params.entry_z, "exit_z must be less than entry_z"
end

function reversion:on_start(market)
   local p = self.params
   self.z = market:zscore(p.lookback)
   self.trend = p.trend_window > 0 and market:sma(p.trend_window) or nil
   self.rest = 0
end

--- Whether a trend forbids to enter on this side.
function reversion:is_against_trend(side, price)
   local p = self.params
   if not self.trend then
      return false
   elseif p.trend_override_z > 0 and math.abs(self.z.value) >= p.trend_override_z then
      return false
   end
   return side * (price - self.trend.value) / self.trend.value < -p.trend_threshold
end

function reversion:enter(market, price)
   local p, z = self.params, self.z.value
   local side = z < 0 and 1 or -1
   if math.abs(z) <= p.entry_z or self:is_against_trend(side, price) then
      return
   end
   local beyond = (math.abs(z) - p.entry_z) / p.entry_z
   local options = exits.levels(p, { confidence = math.min(0.95, 0.5 + 0.5 * beyond) })
   if side > 0 then
      return buy(("%.2f deviations below the mean"):format(-z), options)
   elseif p.shorts and market.can_short then
      return sell(("%.2f deviations above the mean"):format(z), options)
   end
end

--- A pause begins when the position is gone, whoever has closed it.
function reversion:watch(position)
   if position.is_flat and self.held then
      self.rest = self.params.cooldown
   end
   self.held = not position.is_flat
end

--- A position that begins and ends between two bars has been one.
function reversion:on_fill()
   self.held = true
end

function reversion:on_bar(market, bar)
   local position = market.position
   self:watch(position)
   if not market:ready() then
      return exits.guard(position, self.params)
   elseif self.rest > 0 then
      self.rest = self.rest - 1
   elseif position.is_flat then
      return self:enter(market, bar.close)
   end
   -- Back, or beyond: a price that jumped across its mean has returned as well.
   local side = position.is_long and 1 or -1
   if not position.is_flat and side * self.z.value >= -self.params.exit_z then
      return close(("back at its mean: z = %.2f"):format(self.z.value))
   end
   return exits.guard(position, self.params)
end

function reversion:on_save()
   return { held = self.held, rest = self.rest }
end

function reversion:on_restore(saved)
   self.held, self.rest = saved.held, saved.rest
end

return reversion
