local perigee = require("perigee.test")

local BTC, ETH, SOL = "BTC-USD", "ETH-USD", "SOL-USD"

describe("rotation", function()
   local function rotation(params, options)
      options = options or {}
      options.strategy = "rotation"
      options.symbols = options.symbols or { BTC, ETH, SOL }
      options.params = { hold = 1, length = 1, every = 1 }
      for name, value in pairs(params or {}) do
         options.params[name] = value
      end
      options.cash = options.cash or 10000
      return perigee.bot(options)
   end

   --- One bar for each time, of BTC, ETH and SOL.
   local function feed(bot, ...)
      for _, prices in ipairs { ... } do
         bot:bars { { [BTC] = prices[1], [ETH] = prices[2], [SOL] = prices[3] } }
      end
      return bot
   end

   it("buys the market that rose most", function()
      local bot = feed(rotation(), { 100, 100, 100 }, { 101, 103, 102 })
      assert.equal(1, #bot.fills)
      assert.equal(ETH, bot.fills[1].symbol)
      assert.near(95, bot.positions[ETH] * 103 / 100, 0.001)
      assert.equal(0, bot.positions[BTC])
   end)

   it("waits until strength is known", function()
      local bot = feed(rotation { length = 3 }, { 1, 1, 1 }, { 2, 2, 2 }, { 3, 3, 3 })
      assert.equal(0, #bot.decisions)
      feed(bot, { 4, 5, 6 })
      assert.equal(SOL, bot.last_decision.symbol)
   end)

   it("holds cash rather than what falls", function()
      local bot = feed(rotation { hold = 3 }, { 100, 100, 100 }, { 99, 101, 98 })
      assert.equal(1, #bot.fills)
      assert.equal(ETH, bot.fills[1].symbol)
   end)

   it("sells what is no longer strong, and buys what is with a later bar", function()
      local bot = feed(rotation(), { 100, 100, 100 }, { 110, 100, 100 })
      assert.equal(BTC, bot.last_decision.symbol)
      feed(bot, { 110, 120, 100 })
      assert.equal("close", bot.last_decision.action)
      assert.equal(0, bot.positions[BTC])
      feed(bot, { 110, 130, 100 })
      assert.equal("buy", bot.last_decision.action)
      assert.equal(ETH, bot.last_decision.symbol)
   end)

   it("divides the equity in equal parts", function()
      local bot = feed(rotation { hold = 2, invested = 0.9 }, { 100, 50, 10 }, { 110, 60, 12 })
      assert.equal(2, #bot.fills)
      assert.near(4500, bot.positions[ETH] * 60, 0.01)
      assert.near(4500, bot.positions[SOL] * 12, 0.01)
   end)

   it("leaves sizes to the sizing rule when it is told to invest nothing itself", function()
      local bot = rotation({ hold = 2, invested = 0 }, { size = 3 })
      feed(bot, { 100, 100, 100 }, { 110, 120, 100 }, { 120, 130, 90 }, { 130, 140, 80 })
      assert.equal(2, #bot.fills)
      assert.equal(3, bot.positions[BTC])
      assert.equal(3, bot.positions[ETH])
   end)

   it("chooses anew only every so many bars", function()
      local bot = feed(rotation { every = 3 }, { 100, 100, 100 }, { 110, 100, 100 },
                       { 110, 120, 100 })
      assert.equal(0, #bot.decisions)
      feed(bot, { 120, 121, 100 })
      assert.equal(BTC, bot.last_decision.symbol)
      feed(bot, { 120, 150, 100 }, { 120, 180, 100 })
      assert.equal(1, #bot.fills)
      feed(bot, { 120, 200, 100 })
      assert.equal("close", bot.last_decision.action)
   end)

   it("takes a tie in the order of the symbols", function()
      local bot = feed(rotation(), { 100, 100, 100 }, { 110, 110, 110 })
      assert.equal(BTC, bot.last_decision.symbol)
   end)

   it("decides the same whatever the order of the symbols", function()
      local function decide(symbols)
         local bot = rotation({ hold = 2 }, { symbols = symbols })
         feed(bot, { 100, 100, 100 }, { 104, 103, 105 }, { 104, 108, 106 }, { 106, 109, 110 })
         return bot.decisions
      end
      assert.same(decide { BTC, ETH, SOL }, decide { SOL, ETH, BTC })
   end)

   it("goes on where a market has no bar", function()
      local bot = rotation()
      bot:bars { { [BTC] = 100, [ETH] = 100 }, { [ETH] = 104 }, { [BTC] = 101, [ETH] = 106 } }
      assert.equal(ETH, bot.fills[1].symbol)
      assert.equal(1, #bot.fills)
   end)

   it("never wants more than there is, with orders that fill later and cost a fee", function()
      local bot = rotation({ hold = 2, invested = 0.98 }, { fill = "next-open", fee_rate = 0.006 })
      local price = 100
      for i = 1, 60 do
         price = price * (1 + 0.01 * math.sin(i))
         feed(bot, { price, 100 + 5 * math.sin(i / 3), 100 + 8 * math.cos(i / 5) })
         assert.is_true(bot.account.cash >= 0)
      end
      assert.is_true(#bot.fills > 10)
      assert.equal(0, #bot.refusals)
   end)
end)
