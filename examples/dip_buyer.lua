--- Waits with a limit order below the price; sells at a limit above what it paid.
---
--- Believes that small dips are noise that pays those who wait. Wrong in a fall: then it owns what
--- goes on falling, and needs a guard to end it.

local bot = strategy.new("dip_buyer", {
   depth = param.number { 0.01, min = 0.0001, max = 0.5, help = "share below the close to buy at" },
   gain = param.number { 0.01, min = 0.0001, max = 1, help = "share above the entry to sell at" },
   patience = param.integer { 10, min = 2, max = 1000, help = "bars until the limit is moved" },
})

function bot:on_bar(market, bar)
   local position, p = market.position, self.params
   if position.is_long then
      return close("the dip is over", { limit = position.average_price * (1 + p.gain) })
   end
   -- A signal that repeats does nothing while its order works: no need to remember the order.
   self.age = ((self.age or 0) + 1) % p.patience
   if self.age == 0 then
      return cancel("waited long enough")
   end
   return buy("a dip", { limit = bar.close * (1 - p.depth), post_only = true })
end

return bot
