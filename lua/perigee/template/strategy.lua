--- NAME: what it believes about markets, in a sentence.
---
--- When it is wrong: say that too.

local bot = strategy.new("NAME", {
   length = param.integer { 20, min = 2, max = 400, help = "bars of the channel" },
})

function bot:on_start(market)
   self.channel = market:donchian(self.params.length, { history = 2 })
end

function bot:on_bar(_, bar)
   local upper, lower = self.channel:at("upper", 1), self.channel:at("lower", 1)
   if not upper then
      return
   end
   if bar.close > upper then
      return buy("close above the channel")
   elseif bar.close < lower then
      return close("close below the channel")
   end
end

return bot
