local perigee = require("perigee.test")

--- The size of an entry at a close of 100 (or the given one) with 10000 of cash.
local function size(params, bot_params, options)
   options = options or {}
   options.strategy = "tests/lua/fixtures/buy_once.lua"
   options.params = bot_params
   options.cash = 10000
   options.sizing = { script = "fixed_fraction", params = params }
   local bot = perigee.bot(options):bars { options.price or 100 }
   assert.equal(1, #bot.orders)
   return bot.orders[1].size, bot
end

describe("fixed_fraction", function()
   it("gives every entry the same share of equity", function()
      assert.near(10, (size { fraction = 0.1 }), 1e-9)
      assert.near(25, (size { fraction = 0.25 }), 1e-9)
   end)

   it("takes a tenth unless told otherwise", function()
      assert.near(10, (size {}), 1e-9)
   end)

   it("orders nothing for a share of 0", function()
      local _, bot = size { fraction = 0 }
      assert.equal("quantity_zero", bot.refusals[1].refused)
   end)

   it("ignores the confidence unless asked", function()
      assert.near(10, (size({}, { confidence = 0.5 })), 1e-9)
   end)

   it("takes the share times the confidence when asked", function()
      assert.near(5, (size({ by_confidence = true }, { confidence = 0.5 })), 1e-9)
      assert.near(10, (size({ by_confidence = true }, { confidence = 1 })), 1e-9)
   end)

   it("never makes an entry worth more than max_value", function()
      assert.near(4, (size { max_value = 400 }), 1e-9)
      assert.near(10, (size { max_value = 1000 }), 1e-9)
      assert.near(10, (size { max_value = 0 }), 1e-9)
   end)

   it("reckons with the limit price where there is one", function()
      assert.near(20, (size({}, { limit = 50 })), 1e-9)
   end)

   it("counts contracts, not coins, of a future", function()
      -- A contract is a hundredth of a coin: 1000 buys ten at 10000.
      local contracts = size({}, {}, { symbol = "BIP-20DEC30-CDE", price = 10000 })
      assert.equal(10, contracts)
   end)

   it("leaves a size that the strategy chose alone", function()
      assert.equal(3, (size({}, { size = 3 })))
   end)
end)
