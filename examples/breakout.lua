--- Buys a new high of many bars; leaves when the price falls back by a few average ranges.
---
--- Believes that a price nobody has sold at for long has room above it. Wrong whenever the high was
--- only touched: most breakouts fail, and the few that do not must pay for them.

local bot = strategy.new("breakout", {
   length = param.integer { 20, min = 2, max = 400, help = "bars of the channel" },
   ranges = param.number { 3, min = 0.5, max = 20, help = "average ranges from top to stop" },
   trend = param.text { "1h", help = "only above its average of 20 bars of this interval" },
})

function bot:on_start(market)
   self.channel = market:donchian(self.params.length)
   self.range = market:atr(14)
   self.trend = market:bars(self.params.trend):sma(20)
end

function bot:on_bar(market, bar)
   local upper = self.channel:at("upper", 1) -- the channel before this bar
   if market.position.is_long then
      self.top = math.max(self.top or bar.high, bar.high)
      if bar.close < self.top - self.params.ranges * self.range.value then
         return close(("fell back from %.2f"):format(self.top))
      end
   elseif upper and market:ready() and bar.close > upper and bar.close > self.trend.value then
      self.top = bar.high
      return buy("new high of " .. self.params.length .. " bars")
   end
end

return bot
