--- Follows the faster average across the slower one.
---
--- Believes that a price above its longer mean goes on rising for a while. Earns in trends, and
--- pays fees for every false start while the market goes sideways.

local cross = strategy.new("sma_cross", {
   fast = param.integer { 10, min = 2, max = 200, help = "bars of the faster average" },
   slow = param.integer { 30, min = 3, max = 400, help = "bars of the slower average" },
})

function cross.check_params(params)
   return params.fast < params.slow, "fast must be less than slow"
end

function cross:on_start(market)
   self.fast = market:sma(self.params.fast)
   self.slow = market:sma(self.params.slow)
end

function cross:on_bar()
   local crossed = ta.crossed(self.fast, self.slow)
   if crossed == "above" then
      return buy("fast average rose above the slow one")
   elseif crossed == "below" then
      return close("fast average fell below the slow one")
   end
end

return cross
