--- Buys when the price is above its average of 20 bars, leaves when it is below.
local bot = strategy.new("first_strategy", { length = param.integer { 20, min = 2, max = 400 } })

function bot:on_start(market) self.average = market:sma(self.params.length) end

function bot:on_bar(_, bar)
   if not self.average.ready then return end
   return bar.close > self.average.value and buy("above its average") or close("below it")
end
return bot
