local perigee = require("perigee.test")

describe("sma_cross", function()
   local function cross(options)
      options = options or {}
      options.strategy = "sma_cross"
      options.params = options.params or { fast = 2, slow = 3 }
      return perigee.bot(options)
   end

   it("buys when the fast average rises above the slow one", function()
      local bot = cross()
      bot:bars { 10, 9, 8, 9, 12 }
      assert.equal("buy", bot.last_decision.action)
      assert.equal(1, #bot.fills)
   end)

   it("closes when the fast average falls below the slow one", function()
      local bot = cross()
      bot:bars { 10, 9, 8, 9, 12, 12, 8, 4 }
      assert.equal("close", bot.last_decision.action)
      assert.equal(0, bot.position)
   end)

   it("does nothing while the averages are equal", function()
      local bot = cross()
      bot:bars { 10, 10, 10, 10, 10, 10 }
      assert.equal(0, #bot.decisions)
   end)

   it("waits until the slow average is warm", function()
      local bot = cross { params = { fast = 2, slow = 5 } }
      bot:bars { 10, 9, 8, 9 }
      assert.equal(0, #bot.decisions)
   end)

   it("compares averages of the lengths it was given", function()
      local bars = { 20, 9, 8, 9, 9 }
      assert.equal(1, #cross({ params = { fast = 2, slow = 3 } }):bars(bars).orders)
      assert.equal(0, #cross({ params = { fast = 2, slow = 5 } }):bars(bars).orders)
   end)

   it("refuses a fast average that is not faster", function()
      assert.error_matches(function() cross { params = { fast = 3, slow = 3 } } end,
                           "fast must be less than slow %(says lua/strategies/sma_cross.lua:%d+%)")
   end)

   it("does not buy twice", function()
      local bot = cross()
      bot:bars { 10, 9, 8, 9, 12, 12, 12, 12, 13 }
      assert.equal(1, #bot.orders)
   end)

   it("refuses a parameter that it does not have", function()
      assert.error_matches(function()
         cross { params = { fsat = 2 } }
      end, "no parameter 'fsat'; did you mean 'fast'")
   end)
end)
