--- For specs: a strategy in the real sandbox, on the real engine, with bars made up by the spec.
---
---     local bot = perigee.bot { strategy = "sma_cross", params = { fast = 2, slow = 3 } }
---     bot:bars { 10, 9, 8, 9, 12 }
---     assert.equal("buy", bot.last_decision.action)
---
--- Options: strategy, params, symbol ("BTC-USD"), cash (1000000), size (1), fee_rate (0),
--- fill ("close" or "next-open"), timeframe ("1m"), guards and sizing ({ script = , params = }).

local core = require("perigee")

local bot = {}

--- A number is a bar that stands still at that price; a table has open, high, low, close, volume.
local function feed(self, bar)
   if type(bar) == "number" then
      self.core:feed(bar, bar, bar, bar, 1)
      return
   end
   local close = bar.close
   local open = bar.open or close
   self.core:feed(open, bar.high or math.max(open, close), bar.low or math.min(open, close), close,
                  bar.volume or 1)
end

function bot:bars(list)
   for _, bar in ipairs(list) do
      feed(self, bar)
   end
   return self
end

local readers = {
   decisions = function(self) return self.core:decisions() end,
   fills = function(self) return self.core:fills() end,
   orders = function(self) return self.core:orders() end,
   account = function(self) return self.core:account() end,
   equity = function(self) return self.core:account().equity end,
   position = function(self) return self.core:account().position end,
   last_decision = function(self)
      local all = self.core:decisions()
      return all[#all]
   end,
   refusals = function(self)
      local refused = {}
      for _, order in ipairs(self.core:orders()) do
         if order.refused then
            refused[#refused + 1] = order
         end
      end
      return refused
   end,
}

local meta = {
   __index = function(self, key)
      if bot[key] then
         return bot[key]
      end
      local read = readers[key]
      if not read then
         error("a bot has no '" .. tostring(key) .. "'", 2)
      end
      return read(self)
   end,
}

local test = {}

function test.bot(options)
   return setmetatable({ core = core.bot(options) }, meta)
end

return test
