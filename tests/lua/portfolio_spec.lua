--- Orders of a strategy that trades several markets: listed, changed and canceled.

local perigee = require("perigee.test")

describe("a strategy of several markets", function()
   local path

   setup(function()
      path = os.tmpname() .. ".lua"
      local file = assert(io.open(path, "w"))
      file:write([[
local lister = strategy.new("lister", {})
lister.portfolio = true

local steps = {
   function() return {
      buy("low", { symbol = "BTC-USD", size = 1, limit = 50 }),
      buy { reason = "lower", symbol = "ETH-USD", size = 1, limit = 40 },
   } end,
   function(markets)
      local mine = markets["ETH-USD"]:orders()
      assert(#mine == 1 and mine[1].symbol == "ETH-USD" and mine[1].limit_price == 40)
      return { amend(mine[1], { limit = 45 }) }
   end,
   function(markets)
      assert(markets["ETH-USD"]:orders()[1].limit_price == 45)
      return { cancel(markets["BTC-USD"]:orders()[1]), cancel("all of it", { symbol = "ETH-USD" }) }
   end,
   function(markets)
      assert(#markets["BTC-USD"]:orders() == 0 and #markets["ETH-USD"]:orders() == 0)
   end,
   function() return cancel("nothing named") end,
}

function lister:on_cycle(markets)
   self.step = (self.step or 0) + 1
   return steps[self.step](markets)
end

return lister
]])
      file:close()
   end)

   teardown(function()
      os.remove(path)
   end)

   it("finds, changes and cancels its orders market by market", function()
      local bot = perigee.bot { strategy = path, symbols = { "BTC-USD", "ETH-USD" } }
      local bar = { ["BTC-USD"] = 100, ["ETH-USD"] = 100 }
      bot:bars { bar, bar, bar, bar }
      local told = {}
      for _, decision in ipairs(bot.decisions) do
         told[#told + 1] = decision.action .. " " .. decision.symbol
      end
      assert.same({ "buy BTC-USD", "buy ETH-USD", "amend ETH-USD", "cancel BTC-USD", "cancel ETH-USD" }, told)
      assert.error_matches(function() bot:bars { bar } end, "the decision names no symbol")
   end)

   it("is fed only what it trades, each market once at a time", function()
      local bot = perigee.bot { strategy = path, symbols = { "BTC-USD", "ETH-USD" } }
      assert.error_matches(function() bot:bars { { ["SOL-USD"] = 1 } } end, "does not trade 'SOL%-USD'")
      assert.error_matches(function() perigee.bot { strategy = path, symbols = { "NOPE-USD" } } end,
                           "unknown symbol 'NOPE%-USD'")
      assert.error_matches(function() perigee.bot { strategy = path, symbols = {} } end, "symbols names no product")
   end)
end)
