local perigee = require("perigee.test")

local function counter(params, guards)
   return perigee.bot {
      strategy = "tests/lua/fixtures/counter.lua",
      params = params,
      guards = guards,
   }
end

describe("bot:restart", function()
   it("gives a strategy back what it saved, and the version that saved it", function()
      local bot = counter():bars { 100, 100 }:restart():bars { 100 }
      assert.equal("bar 3, restored by version 2", bot.last_decision.reason)
   end)

   it("keeps positions, orders and money", function()
      local bot = counter():bars { 100, 100, 100 }
      local before = bot.account
      bot:restart()
      assert.equal(1, bot.position)
      assert.same(before.cash, bot.account.cash)
      bot:bars { 100, 100, 100 }
      assert.equal(2, bot.position)
      assert.equal(2, #bot.orders)
   end)

   it("may be done again and again", function()
      local bot = counter()
      for _ = 1, 6 do
         bot:bars { 100 }:restart()
      end
      assert.equal(2, bot.position)
   end)

   it("keeps what a guard remembers", function()
      local guards = { { script = "tests/lua/fixtures/quota.lua", params = { most = 1 } } }
      local bot = counter(nil, guards):bars { 100, 100, 100 }:restart():bars { 100, 100, 100 }
      assert.equal("guard_veto", bot.refusals[1].refused)
      assert.equal("1 have passed", bot.refusals[1].detail:match("%d have passed"))
   end)

   it("warms indicators up again", function()
      local bot = perigee.bot { strategy = "sma_cross", params = { fast = 2, slow = 3 } }
      bot:bars { 10, 9, 8, 9 }:restart():bars { 12 }
      assert.equal(0, #bot.orders)
   end)

   it("says where it is when on_save returns what is no data", function()
      assert.error_matches(function() counter({ bad = "function" }):restart() end, "on_save: .*function")
      assert.error_matches(function() counter({ bad = "text" }):restart() end,
                           "counter.lua:%d+: on_save returned a string; expected a table")
   end)

   it("refuses a state that is too large", function()
      assert.error_matches(function() counter({ bad = "large" }):restart() end,
                           "on_save: 70004 bytes as JSON, and at most 65536 are kept")
   end)
end)
