--- Holds the strongest of several markets in equal parts, and cash in place of what falls.
---
--- Believes that what rose most of late goes on rising most. Pays fees and the spread for every
--- change of mind, and loses where all markets turn at once. It takes what is held of its markets
--- for its own, and closes what it has not chosen.

local rotation = strategy.new("rotation", {
   hold = param.integer { 3, min = 1, max = 32, help = "how many markets to hold at most" },
   length = param.integer { 20, min = 1, max = 400, help = "bars that strength is measured over" },
   every = param.integer { 5, min = 1, max = 1000, help = "bars from one choice to the next" },
   invested = param.number { 0.95, min = 0, max = 0.98, help = "share; 0: the sizing rule sizes" },
})

rotation.portfolio = true

function rotation:on_start(markets)
   self.strength, self.chosen, self.bars = {}, {}, 0
   for symbol, market in pairs(markets) do
      self.strength[symbol] = market:roc(self.params.length)
   end
end

function rotation:on_bar(_, bar)
   self.ended = bar.time
end

--- The strongest of those that rise, at most as many as are to be held: a set of symbols.
function rotation:choose(markets)
   local rising, chosen = {}, {}
   for symbol in pairs(markets) do
      local strength = self.strength[symbol].value
      if strength and strength > 0 then
         rising[#rising + 1] = { symbol = symbol, strength = strength }
      end
   end
   table.sort(rising, function(a, b)
      if a.strength ~= b.strength then
         return a.strength > b.strength
      end
      return a.symbol < b.symbol
   end)
   for place = 1, math.min(self.params.hold, #rising) do
      chosen[rising[place].symbol] = true
   end
   return chosen
end

--- Whether the venue takes an order of this size; what is left of a position may be too little.
local function is_tradable(market, size)
   return market.price and size >= market.min_size and size * market.price >= market.min_value
end

function rotation:leave(markets)
   local decisions = {}
   for symbol, market in pairs(markets) do
      if not self.chosen[symbol] and is_tradable(market, math.abs(market.position.size)) then
         decisions[#decisions + 1] = close("no longer among the strongest", { symbol = symbol })
      end
   end
   return decisions
end

--- Entries that the profile's sizing rule sizes; what is held already is not bought again.
function rotation:signal()
   local decisions = {}
   for symbol in pairs(self.chosen) do
      decisions[#decisions + 1] = buy("among the strongest", { symbol = symbol })
   end
   return decisions
end

--- Buys equal parts of what is chosen and not held, as far as the cash goes.
function rotation:enter(markets, portfolio)
   if self.params.invested == 0 then
      return self:signal()
   end
   local decisions, cash = {}, portfolio:available() * self.params.invested
   local part = portfolio.equity * self.params.invested / self.params.hold
   for symbol in pairs(self.chosen) do
      local market = markets[symbol]
      local size = math.min(part, cash) / market.price
      if not is_tradable(market, math.abs(market.position.size)) and is_tradable(market, size) then
         cash = cash - size * market.price
         decisions[#decisions + 1] = buy("among the strongest", { symbol = symbol, size = size })
      end
   end
   return decisions
end

--- Once for each time at which bars end. What is given up is sold first; what takes its place is
--- bought with a later bar, when the cash for it is there.
function rotation:on_cycle(markets, portfolio)
   if self.ended == self.seen then
      return nil
   end
   self.seen, self.bars = self.ended, self.bars + 1
   if (self.bars - 1) % self.params.every == 0 then
      self.chosen = self:choose(markets)
   end
   if portfolio.open_orders > 0 then
      return nil
   end
   local leaving = self:leave(markets)
   return #leaving > 0 and leaving or self:enter(markets, portfolio)
end

function rotation:on_save()
   return { chosen = self.chosen, bars = self.bars }
end

function rotation:on_restore(saved)
   self.chosen, self.bars = saved.chosen, saved.bars
end

return rotation
