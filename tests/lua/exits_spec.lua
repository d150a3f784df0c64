local scripts = require("scripts")

--- Buys one, once, with these options; what happened, as text: "buy 1 at 100, sell 1 at 95".
local function traded(options, bars, fill)
   local bot = scripts.bot([[
      function bot:on_bar()
         if not self.done then
            self.done = true
            return ]] .. options .. [[

         end
      end
   ]], { fill = fill or "next-open" })
   bot:bars(bars)
   local all = {}
   for _, done in ipairs(bot.fills) do
      all[#all + 1] = ("%s %g at %g"):format(done.side, done.size, done.price)
   end
   return table.concat(all, ", ")
end

local function bar(open, high, low, close)
   return { open = open, high = high, low = low, close = close, volume = 10 }
end

describe("exits", function()
   after_each(scripts.remove)

   it("leave a position at its stop, inside the bar", function()
      assert.equal("buy 1 at 100, sell 1 at 95",
         traded("buy('b', { size = 1, stop_loss = 95 })",
            { 100, bar(100, 101, 99, 100), bar(100, 100, 90, 99) }))
   end)

   it("trade at the open of a bar that opens beyond them", function()
      assert.equal("buy 1 at 100, sell 1 at 91",
         traded("buy('b', { size = 1, stop_loss = 95 })",
            { 100, bar(100, 101, 99, 100), bar(91, 100, 90, 99) }))
      assert.equal("buy 1 at 100, sell 1 at 112",
         traded("buy('b', { size = 1, take_profit = 110 })",
            { 100, bar(100, 101, 99, 100), bar(112, 113, 111, 112) }))
   end)

   it("take a stop before a target that the same bar reaches", function()
      assert.equal("buy 1 at 100, sell 1 at 95",
         traded("buy('b', { size = 1, stop_loss = 95, take_profit = 110 })",
            { 100, bar(100, 101, 99, 100), bar(100, 120, 90, 100) }))
   end)

   it("take a target that the bar has traded through", function()
      assert.equal("buy 1 at 100, sell 1 at 110",
         traded("buy('b', { size = 1, stop_loss = 95, take_profit = 110 })",
            { 100, bar(100, 101, 99, 100), bar(100, 111, 99, 100) }))
      assert.equal("buy 1 at 100",
         traded("buy('b', { size = 1, stop_loss = 95, take_profit = 110 })",
            { 100, bar(100, 101, 99, 100), bar(100, 110, 99, 100) }))
   end)

   it("count a stop in the bar of its entry, and a target not", function()
      assert.equal("buy 1 at 100, sell 1 at 95",
         traded("buy('b', { size = 1, stop_loss = 95 })", { 100, bar(100, 101, 94, 100) }))
      assert.equal("buy 1 at 100",
         traded("buy('b', { size = 1, take_profit = 110 })", { 100, bar(100, 120, 99, 100) }))
      -- A limit that fills inside the bar: the low below it came after.
      assert.equal("buy 1 at 96, sell 1 at 95",
         traded("buy('b', { size = 1, limit = 96, stop_loss = 95 })",
            { 100, bar(100, 101, 99, 100), bar(100, 101, 94, 100) }))
   end)

   it("follow the best price, from the bar after", function()
      assert.equal("buy 1 at 100, sell 1 at 105",
         traded("buy('b', { size = 1, trailing_stop = 5 })",
            { 100, bar(100, 100, 99, 100), bar(100, 110, 99, 108), bar(108, 109, 100, 101) }))
      -- What the same bar reached before its low is not known: the trail stood at 95.
      assert.equal("buy 1 at 100",
         traded("buy('b', { size = 1, trailing_stop = 5 })",
            { 100, bar(100, 100, 99, 100), bar(100, 110, 96, 108) }))
   end)

   it("are shares of the price that was paid", function()
      assert.equal("buy 1 at 200, sell 1 at 196",
         traded("buy('b', { size = 1, stop_loss = '2%' })",
            { 100, bar(200, 201, 199, 200), bar(200, 200, 190, 199) }))
   end)

   it("guard a position that is held, and are replaced", function()
      local bot = scripts.bot([[
         function bot:on_bar(market, bar)
            if market.position.is_flat then
               return self.done or buy("in", { size = 2, stop_loss = 50 })
            elseif bar.close > 105 then
               return protect("lock it in", { stop_loss = 104 })
            end
         end

         function bot:on_fill() self.done = hold() end
      ]], { fill = "next-open" })
      bot:bars { 100, bar(100, 101, 99, 100), bar(100, 108, 100, 107), bar(107, 107, 103, 104), 40 }
      assert.equal(2, #bot.fills)
      assert.equal(104, bot.fills[2].price)
      assert.equal(2, bot.fills[2].size)
   end)

   it("refuse an entry that would be left the moment it is made", function()
      local bot = scripts.bot([[
         function bot:on_bar() return buy("in", { size = 1, stop_loss = 105 }) end
      ]])
      bot:bars { 100 }
      assert.equal("invalid_price", bot.refusals[1].refused)
   end)

   it("can be read by the strategy that asked for them", function()
      local bot = scripts.bot([[
         function bot:on_bar(market)
            if not self.done then
               self.done = true
               return { buy("b", { size = 2, stop_loss = "5%", take_profit = 120 }),
                  buy("c", { size = 1, trailing_stop = 2 }) }
            end
            local seen = {}
            for i, exit in ipairs(market:exits()) do
               seen[i] = ("%d of %d %s %g %s %s %s"):format(exit.number, exit.entry, exit.state,
                  exit.size, exit.stop_loss, exit.take_profit, exit.is_trailing)
            end
            local position = market.position
            return hold(("%s; %s %s %g"):format(table.concat(seen, ", "), position.stop_loss,
               position.take_profit, position.guarded))
         end
      ]], { fill = "next-open" })
      bot:bars { 100, bar(100, 101, 99, 100) }
      assert.equal("1 of 1 armed 2 95.0 120.0 false, 2 of 2 armed 1 98.0 nil true; 98.0 120.0 3",
         bot.last_decision.reason)
      bot:bars { bar(100, 110, 99, 109) }
      assert.equal("1 of 1 armed 2 95.0 120.0 false, 2 of 2 armed 1 108.0 nil true; 108.0 120.0 3",
         bot.last_decision.reason)
   end)

   it("are none before there are any", function()
      assert.equal("0 nil nil 0.0", scripts.value("#market:exits(), market.position.stop_loss, "
         .. "market.position.take_profit, market.position.guarded"))
   end)

   it("have targets that may be far, and stops that may not", function()
      assert.equal("buy 1 at 100, sell 1 at 250",
         traded("buy('b', { size = 1, take_profit = '150%' })",
            { 100, bar(100, 101, 99, 100), bar(100, 251, 99, 240) }))
      assert.matches("stop_loss must be more than 0 %% and less than 100 %%, not 150%%",
         scripts.complaint("return buy('b', { size = 1, stop_loss = '150%' })"))
   end)

   describe("of parameters", function()
      local function levels(params)
         return scripts.value("(function(l) return text(l.stop_loss, l.take_profit, l.trailing_stop, "
            .. "l.confidence) end)(require('perigee.exits').levels(" .. params .. ", { confidence = 0.5 }))")
      end

      it("are percentages of what is asked for", function()
         assert.equal("2% 5% nil 0.5", levels("{ stop_loss = 0.02, take_profit = 0.05, trailing_stop = 0 }"))
         assert.equal("7% 150% 0.1% 0.5",
            levels("{ stop_loss = 0.07, take_profit = 1.5, trailing_stop = 0.001 }"))
         assert.equal("nil nil nil 0.5", levels("{ stop_loss = 1, trailing_stop = 1 }"))
      end)

      it("guard what came without an exit", function()
         local bot = scripts.bot([[
            local exits = require("perigee.exits")
            local params = { stop_loss = 0.1, take_profit = 0, trailing_stop = 0 }
            local times = 0
            function bot:on_bar(market)
               local guard = not market.position.is_flat and exits.guard(market.position, params)
               times = times + (guard and 1 or 0)
               return guard or market.position.is_flat and times == 0 and buy("bare", { size = 1 })
                  or hold(times .. " " .. market.position.guarded)
            end
         ]])
         bot:bars { 100, 100, 100 }
         assert.equal("1 1.0", bot.last_decision.reason)
         bot:bars { 90 }
         assert.equal("stop at 90", bot.orders[2].reason)
         assert.equal(0, bot.position)
      end)
   end)
end)
