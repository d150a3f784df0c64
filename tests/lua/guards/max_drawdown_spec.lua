local perigee = require("perigee.test")

--- Half of the account in one coin, bought at 100: a fall to 80 is a drawdown of a tenth.
local function fallen_to(close, params, bot_params)
   local options = {
      strategy = "tests/lua/fixtures/buy_once.lua",
      cash = 20000,
      params = { size = 100 },
      guards = { { script = "max_drawdown", params = params } },
   }
   for name, value in pairs(bot_params or {}) do
      options.params[name] = value
   end
   return perigee.bot(options):bars { 100, close }
end

describe("max_drawdown", function()
   it("lets orders pass above the limit", function()
      local bot = fallen_to(80.01, { limit = 0.1 }, { again_at = 80.01 })
      assert.equal(0, #bot.refusals)
      assert.equal(200, bot.position)
   end)

   it("refuses new risk at the limit, and says why", function()
      local bot = fallen_to(80, { limit = 0.1 }, { again_at = 80 })
      assert.equal("guard_veto", bot.refusals[1].refused)
      assert.match("10.00 %% below the peak, the limit is 10.00 %%", bot.refusals[1].detail)
      assert.equal(100, bot.position)
   end)

   it("lets an exit through whatever the loss", function()
      local bot = fallen_to(1, { limit = 0.1 }, { close_at = 1 })
      assert.equal(0, #bot.refusals)
      assert.equal(0, bot.position)
   end)

   it("asks for reduce-only at the second threshold", function()
      local params = { limit = 0.1, reduce_only_at = 0.2 }
      assert.equal("normal", fallen_to(60.01, params).account.level)
      assert.equal("reduce_only", fallen_to(60, params).account.level)
   end)

   it("stays in reduce-only when the price recovers", function()
      local bot = fallen_to(60, { reduce_only_at = 0.2 }):bars { 100, 120 }
      assert.equal("reduce_only", bot.account.level)
   end)

   it("measures from the highest equity, not from the first", function()
      local bot = fallen_to(200, { reduce_only_at = 0.2 }):bars { 140.01 }
      assert.equal("normal", bot.account.level)
      bot:bars { 140 }
      assert.equal("reduce_only", bot.account.level)
   end)
end)
