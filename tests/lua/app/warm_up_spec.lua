--- A run that ended, cleanly or not, goes on as if it never had: its indicators are warm.

local cjson = require("cjson")

local workshop = require("workshop")

local program, write, read, perigee = workshop.program, workshop.write, workshop.read, workshop.run
local folder

local PROFILE = [[
return {
   venue = "mock",
   symbols = { "BTC-USD" },
   cycle = "1s", timeframe = "10s",
   strategies = { { script = "%s", params = { %s } } },
   risk = { max_losses_in_row = "none", daily_loss_share = "none", max_drawdown_share = "none",
            orders_per_minute = "none", orders_per_hour = "none", orders_per_day = "none" },
   mock = { seed = %d, cash = 1000000, start = "2026-01-05T09:00" },
   log = { level = "error" },
}
]]

--- Writes the profile p.lua; the strategy is sma_cross with these averages unless a file is named.
local function profile(seed, params, script)
   write("p.lua", PROFILE:format(script or "sma_cross", params or "fast = 4, slow = 20", seed))
end

local function arguments(name, seconds)
   return ("run --profile %s/p.lua --journal %s/%s.db --for %ds --speed max"):format(folder, folder, name, seconds)
end

local function run(name, seconds)
   local code, _, err = perigee(arguments(name, seconds))
   assert.equal("", err)
   assert.equal(0, code)
end

--- Killed by SIGKILL, while it waits for real time, once it has come so far.
local function run_and_kill(name, seconds)
   local words = "PERIGEE_HOME=%s %s run --profile %s/p.lua --journal %s/%s.db --cycles %d --speed max >/dev/null && "
      .. "(PERIGEE_HOME=%s %s run --profile %s/p.lua --journal %s/%s.db --speed 20 & pid=$!; sleep 0.5; "
      .. "kill -9 $pid; wait $pid) >/dev/null 2>&1"
   os.execute(words:format(folder, program, folder, folder, name, seconds, folder, program, folder, folder, name))
end

--- The events of a kind; `time` is that of the day.
local function events(kind, name)
   local rows = {}
   perigee(("events --kind %s --json --journal %s/%s.db"):format(kind, folder, name))
   for line in io.lines(folder .. "/out") do
      rows[#rows + 1] = cjson.decode(line)
      rows[#rows].time = rows[#rows].time:sub(12, 19)
   end
   return rows
end

--- "time side" of each order.
local function orders(name)
   local list = {}
   for i, row in ipairs(events("order", name)) do
      list[i] = row.time .. " " .. row.fact.side
   end
   return list
end

describe("perigee run", function()
   before_each(function()
      folder = workshop.open()
   end)

   after_each(function()
      workshop.close()
   end)

   it("decides on the same bars, whether it was cut or not", function()
      for seed, cut in ipairs { 1203, 1210, 1799 } do
         profile(seed)
         run("whole" .. seed, 3000)
         run("cut" .. seed, cut)
         run("cut" .. seed, 3000 - cut)
         local whole = orders("whole" .. seed)
         assert.same(whole, orders("cut" .. seed))
         assert.is_true(#whole > 5, #whole .. " orders")
      end
   end)

   it("decides on the same bars after many cuts", function()
      profile(4)
      run("whole", 3000)
      for _ = 1, 20 do
         run("cut", 150) -- fifteen bars, and the slow average needs twenty
      end
      assert.same(orders("whole"), orders("cut"))
   end)

   it("decides on the same bars after it was killed", function()
      profile(5)
      run("whole", 3000)
      run_and_kill("cut", 1205)
      local cycles = events("cycle", "cut")
      local hours, minutes, seconds = cycles[#cycles].time:match("(%d+):(%d+):(%d+)")
      run("cut", 3000 - ((hours - 9) * 3600 + minutes * 60 + seconds))
      assert.same(orders("whole"), orders("cut"))
   end)

   it("goes on with what a script has saved, and calls nothing for bars of the past", function()
      write("counter.lua", [[
         local counter = strategy.new("counter", {})
         counter.version = 1
         function counter:on_start(market) self.slow = market:ema(30); self.bars = 0 end
         function counter:on_save() return { bars = self.bars } end
         function counter:on_restore(state) self.bars = state.bars end
         function counter:on_bar()
            self.bars = self.bars + 1
            if self.slow.ready and not self.told then
               self.told = true
               print("warm after " .. self.bars)
            end
         end
         return counter
      ]])
      profile(6, "", folder .. "/counter.lua")
      perigee(arguments("j", 600) .. " --log info")
      assert.matches("warm after 30", read(folder .. "/err"))
      perigee(arguments("j", 600) .. " --log info")
      assert.matches("warm after 61", read(folder .. "/err"))
      local states = events("state", "j")
      assert.equal(120, states[#states].fact.state.bars)
   end)
end)
