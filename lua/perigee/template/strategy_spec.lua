local perigee = require("perigee.test")

describe("NAME", function()
   it("buys when the close leaves the channel upwards", function()
      local bot = perigee.bot { strategy = "NAME", params = { length = 3 } }
      bot:bars { 10, 11, 10, 12 }
      assert.equal("buy", bot.last_decision.action)
   end)

   it("does nothing inside the channel", function()
      local bot = perigee.bot { strategy = "NAME", params = { length = 3 } }
      bot:bars { 10, 12, 8, 10 }
      assert.equal(0, #bot.orders)
   end)
end)
