local scripts = require("scripts")

describe("amend", function()
   after_each(scripts.remove)

   it("changes a working order, and the order trades at its new terms", function()
      local bot = scripts.bot [[
         function bot:on_bar(market, bar)
            local order = market:orders()[1]
            if not order then
               return self.done or buy("cheap", { limit = 90, size = 2 })
            end
            if order.limit_price == 90 then
               return amend(order, { limit = 95, size = 3, reason = "nearer" })
            end
         end

         function bot:on_fill() self.done = hold() end
      ]]
      bot:bars { 100, 100, { open = 96, high = 96, low = 94, close = 96 } }
      assert.equal(1, #bot.fills)
      assert.equal(3, bot.fills[1].size)
      assert.equal(95, bot.fills[1].price)
      assert.equal(1, #bot.orders)
   end)

   it("takes an order that was told of, and cancels it by its number", function()
      local bot = scripts.bot [[
         function bot:on_bar()
            return self.number and cancel(self.number, "changed my mind")
               or buy("cheap", { limit = 90, size = 2 })
         end

         function bot:on_order(market, order)
            if order.state == "NEW" and not self.number then
               self.number = order.number
               return amend(order, { size = 1 })
            end
         end
      ]]
      bot:bars { 100, 100, { open = 96, high = 96, low = 80, close = 96 } }
      assert.equal(0, #bot.fills)
   end)

   it("names the line where its arguments make no sense", function()
      local bot = scripts.bot [[
         function bot:on_bar()
            return amend(7, {})
         end
      ]]
      local ok, message = pcall(bot.bars, bot, { 100 })
      assert.is_false(ok)
      assert.matches(":2: amend: nothing changes; give a size, a limit or a stop", tostring(message))
   end)
end)
