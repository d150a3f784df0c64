local perigee = require("perigee.test")

local function run(name, params, options)
   options = options or {}
   options.strategy = "examples/" .. name .. ".lua"
   options.params = params
   return perigee.bot(options)
end

describe("examples/first_strategy", function()
   it("fits into ten lines", function()
      local count = 0
      for _ in io.lines("examples/first_strategy.lua") do
         count = count + 1
      end
      assert.equal(10, count)
   end)

   it("buys above its average and leaves below it", function()
      local bot = run("first_strategy", { length = 3 }):bars { 10, 10, 12 }
      assert.equal(1, bot.position)
      bot:bars { 8 }
      assert.equal(0, bot.position)
   end)

   it("waits for its average", function()
      assert.equal(0, #run("first_strategy", { length = 3 }):bars({ 10, 12 }).decisions)
   end)
end)

describe("examples/breakout", function()
   local function warm(params)
      params.length = params.length or 5
      params.trend = params.trend or "1m"
      local bot = run("breakout", params)
      for _ = 1, 20 do
         bot:bars { { open = 100, high = 101, low = 99, close = 100 } }
      end
      return bot
   end

   it("buys a new high", function()
      assert.equal(1, warm({}):bars({ 102 }).position)
   end)

   it("does not buy at the old high", function()
      assert.equal(0, warm({}):bars({ 101 }).position)
   end)

   it("remembers as many bars as it was told", function()
      local quiet = { 100, 100, 100 }
      local high = { { open = 100, high = 110, low = 100, close = 100 } }
      assert.equal(1, warm({ length = 3 }):bars(high):bars(quiet):bars({ 105 }).position)
      assert.equal(0, warm({ length = 5 }):bars(high):bars(quiet):bars({ 105 }).position)
   end)

   it("leaves when the price falls back by a few ranges", function()
      local bot = warm({ ranges = 2 }):bars { 103, 100 }
      assert.equal(1, bot.position)
      bot:bars { 98 }
      assert.equal(0, bot.position)
   end)

   it("asks the longer timeframe, and only its bars that have ended", function()
      assert.equal(0, warm({ trend = "2m" }):bars({ 102 }).position)
      local bot = warm { trend = "2m" }
      for _ = 1, 20 do
         bot:bars { { open = 100, high = 101, low = 99, close = 100 } }
      end
      assert.equal(1, bot:bars({ 102 }).position)
   end)
end)

describe("examples/dip_buyer", function()
   local params = { depth = 0.01, gain = 0.02, patience = 3 }

   it("buys a dip at its limit and sells above", function()
      local bot = run("dip_buyer", params)
      bot:bars { 100, { open = 100, high = 100, low = 98.5, close = 99.5 } }
      assert.equal(1, bot.position)
      assert.equal(99, bot.fills[1].price)
      bot:bars { { open = 99.5, high = 101, low = 99.5, close = 101 } }
      assert.near(100.98, bot.fills[2].price, 0.01)
      assert.equal(0, bot.position)
   end)

   it("does nothing while the price stays away", function()
      local bot = run("dip_buyer", params):bars { 100, 101 }
      assert.equal(0, #bot.fills)
      assert.equal(1, #bot.orders)
   end)

   it("moves its limit when it has waited long enough", function()
      local bot = run("dip_buyer", params):bars { 100, 101, 110, 110 }
      assert.equal(2, #bot.orders)
      bot:bars { { open = 110, high = 110, low = 108, close = 109 } }
      assert.near(108.9, bot.fills[1].price, 1e-9)
   end)
end)
