--- Enters when moving averages and RSI together speak for a side, each with its weight.
---
--- Believes that a fresh crossing, the side of the long average and an exhausted RSI say more
--- together than alone. Wrong in markets without direction, where each crossing is soon taken back,
--- and after jumps, when averages tell what has been.

local exits = require("perigee.exits")

local baseline = strategy.new("baseline", {
   short = param.integer { 5, min = 1, max = 200, help = "bars of the short average" },
   long = param.integer { 20, min = 2, max = 400, help = "bars of the long average" },
   rsi = param.integer { 14, min = 2, max = 200, help = "bars of the RSI" },
   overbought = param.number { 70, min = 50, max = 100, help = "RSI that exhausts a rise" },
   oversold = param.number { 30, min = 0, max = 50, help = "RSI that exhausts a fall" },
   cross_bars = param.integer { 3, min = 1, max = 50, help = "bars for which a crossing is fresh" },
   cross_weight = param.number { 0.4, min = 0, max = 1, help = "of a fresh crossing" },
   rsi_weight = param.number { 0.3, min = 0, max = 1, help = "of an exhausted RSI" },
   trend_weight = param.number { 0.3, min = 0, max = 1, help = "of the side of the long average" },
   entry_weight = param.number { 0.5, min = 0, max = 1, help = "that an entry needs" },
   exit_weight = param.number { 0.5, min = 0, max = 1, help = "against the position that ends it" },
   stop_loss = param.number { 0.02, min = 0, max = 1, help = "share of the entry price; 0: none" },
   take_profit = param.number { 0.05, min = 0, help = "share of the entry price; 0: none" },
   trailing_stop = param.number { 0, min = 0, max = 1, help = "share of the best price; 0: none" },
   shorts = param.boolean { false, help = "sell short where the product allows it" },
})

function baseline.check_params(params)
   return params.short < params.long, "short must be less than long"
end

function baseline:on_start(market)
   local p = self.params
   self.short, self.long, self.rsi = market:sma(p.short), market:sma(p.long), market:rsi(p.rsi)
end

local function sign(x)
   return x > 0 and 1 or x < 0 and -1 or 0
end

--- What speaks for each side: 1 up, -1 down, 0 nothing.
function baseline:read(price)
   local p, ago = self.params, self.params.cross_bars
   local now = sign(self.short.value - self.long.value)
   local before = self.long[ago] and sign(self.short[ago] - self.long[ago])
   return {
      cross = before and before ~= now and now or 0,
      rsi = self.rsi.value <= p.oversold and 1 or self.rsi.value >= p.overbought and -1 or 0,
      trend = sign(price - self.long.value),
   }
end

--- The weight of what speaks for a side, and the words for it.
function baseline:weigh(signs, side, trend_share)
   local p, weight, words = self.params, 0, {}
   local function add(name, part)
      if signs[name] == side and part > 0 then
         weight, words[#words + 1] = weight + part, name
      end
   end
   add("cross", p.cross_weight)
   add("rsi", p.rsi_weight)
   add("trend", p.trend_weight * trend_share)
   return weight, table.concat(words, ", ")
end

function baseline:enter(market, signs)
   local up, why_up = self:weigh(signs, 1, 1)
   local down, why_down = self:weigh(signs, -1, 1)
   local least = self.params.entry_weight
   if up > down and up >= least then
      return buy("up: " .. why_up, exits.levels(self.params, { confidence = math.min(up, 1) }))
   elseif down > up and down >= least and self.params.shorts and market.can_short then
      return sell("down: " .. why_down, exits.levels(self.params, { confidence = math.min(down, 1) }))
   end
end

function baseline:on_bar(market, bar)
   local position = market.position
   if not market:ready() then
      return exits.guard(position, self.params)
   end
   local signs = self:read(bar.close)
   if position.is_flat then
      return self:enter(market, signs)
   end
   -- A trend against the position counts half: it is slow, and an exit is the stop's business.
   local against, why = self:weigh(signs, position.is_long and -1 or 1, 0.5)
   if against >= self.params.exit_weight and against > 0 then
      return close("against the position: " .. why)
   end
   return exits.guard(position, self.params)
end

return baseline
