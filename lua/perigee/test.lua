--- For specs: a strategy in the real sandbox, on the real engine, with bars made up by the spec.
---
---     local bot = perigee.bot { strategy = "sma_cross", params = { fast = 2, slow = 3 } }
---     bot:bars { 10, 9, 8, 9, 12 }
---     assert.equal("buy", bot.last_decision.action)
---
--- Options: strategy, params, symbol ("BTC-USD"), cash (1000000), size (1), fee_rate (0),
--- fill ("close" or "next-open"), timeframe ("1m"), guards and sizing ({ script = , params = }).
---
--- A strategy of several markets has `symbols`, and bars by symbol, those of one time together:
---
---     local bot = perigee.bot { strategy = "rotation", symbols = { "BTC-USD", "ETH-USD" } }
---     bot:bars { { ["BTC-USD"] = 10, ["ETH-USD"] = 5 }, { ["BTC-USD"] = 11, ["ETH-USD"] = 4 } }
---     assert.equal(1, bot.positions["BTC-USD"])

local core = require("perigee")

local bot = {}

--- A number is a bar that stands still at that price; a table has open, high, low, close, volume.
local function add_bar(to, symbol, bar)
   if type(bar) == "number" then
      bar = { close = bar }
   end
   local close = bar.close
   local open = bar.open or close
   local all = {
      symbol, open, bar.high or math.max(open, close), bar.low or math.min(open, close), close,
      bar.volume or 1,
   }
   table.move(all, 1, #all, #to + 1, to)
end

--- What is known at one time: a bar, or bars by symbol, fed in the order of the bot's symbols.
local function feed(self, row)
   local fed = {}
   if type(row) == "number" or row.close then
      add_bar(fed, self.symbols[1], row)
   else
      for symbol in pairs(row) do
         if not self.positions[symbol] then
            error("this bot does not trade '" .. tostring(symbol) .. "'", 3)
         end
      end
      for _, symbol in ipairs(self.symbols) do
         if row[symbol] then
            add_bar(fed, symbol, row[symbol])
         end
      end
   end
   self.core:feed(table.unpack(fed))
end

function bot:bars(list)
   for _, row in ipairs(list) do
      feed(self, row)
   end
   return self
end

--- As if the program had ended and started again: scripts save, start, and get back what they saved.
function bot:restart()
   self.core:restart()
   return self
end

local readers = {
   decisions = function(self) return self.core:decisions() end,
   fills = function(self) return self.core:fills() end,
   orders = function(self) return self.core:orders() end,
   account = function(self) return self.core:account() end,
   equity = function(self) return self.core:account().equity end,
   position = function(self) return self.core:account().position end,
   positions = function(self) return self.core:account().positions end,
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
   local symbols = options.symbols or { options.symbol or "BTC-USD" }
   return setmetatable({ core = core.bot(options), symbols = symbols }, meta)
end

return test
