--- The operator when things are stuck: scripts that hang, a venue that is silent, orders that
--- get lost. A running engine each time, and what its journal says afterwards.

local workshop = require("workshop")

local program, write, read = workshop.program, workshop.write, workshop.read
local folder

local function perigee(arguments)
   local code, out, err = workshop.run(arguments)
   return code, out .. err
end

--- Rests an entry far below the market and buys a little, each once.
local TRADER = [[
local trader = strategy.new("trader", {})
function trader:on_cycle(market)
   if not self.done and market.price then
      self.done = true
      return {
         buy("rests", { size = 0.001, limit = market.price * 0.95 }),
         buy("is held", { size = 0.001 }),
      }
   end
end
return trader
]]

--- Buys until something is held.
local STUBBORN = [[
local stubborn = strategy.new("stubborn", {})
function stubborn:on_fill() self.done = true end
function stubborn:on_cycle(market)
   if not self.done and market.price then return buy("until it is held", { size = 0.001 }) end
end
return stubborn
]]

--- Is busy for most of its time in every call, and never for all of it.
local BUSY = [[
local busy = strategy.new("busy", {})
function busy.on_cycle()
   local x = 0
   for i = 1, 2000000 do x = x + i end
end
busy.on_quote = busy.on_cycle
return busy
]]

local HUNG = [[
local hung = strategy.new("hung", {})
function hung.on_cycle() while true do end end
hung.on_quote = hung.on_cycle
return hung
]]

--- Has all the time it wants, and never comes back once trading is paused.
local ENDLESS = [[
local endless = strategy.new("endless", {})
function endless.on_cycle(_, market)
   while market.level == "paused" do end
end
return endless
]]

local HUNG_GUARD = [[
local hung = guard.new("hung_guard", {})
function hung.on_cycle() while true do end end
function hung.check() while true do end end
return hung
]]

local function profile(settings)
   local symbols = settings:match("symbols") and "" or 'symbols = { "BTC-USD" }, '
   return write("p.lua", ([[return {
      extends = "dev", %ssizing = { sizes = { ["BTC-USD"] = 0.001 } },
      store = { file = "%s/j.db" }, log = { level = "error" }, risk = { max_position_value = 1000 },
      %s
   }]]):format(symbols, folder, settings))
end

--- Starts a run and waits until the pattern shows in its status.
local function start(settings, speed, pattern)
   local path = profile(settings)
   os.execute(("PERIGEE_HOME=%s %s run --profile %s --speed %d --for 9000h --json >%s/run 2>&1 &"):format(
      folder, program, path, speed, folder))
   for _ = 1, 200 do
      local code, text = perigee("status --json --profile " .. path)
      if code == 0 and text:match(pattern) then
         return
      end
      os.execute("sleep 0.05")
   end
   error("the engine did not come so far: " .. read(folder .. "/run"))
end

local function say(command)
   return perigee(command .. " --json --profile " .. folder .. "/p.lua")
end

local function events(kind)
   local _, text = perigee(("events --kind %s --profile %s/p.lua"):format(kind, folder))
   return text
end

local function wait_for_the_end()
   for _ = 1, 400 do
      if read(folder .. "/run"):match("ended_by") or read(folder .. "/run"):match("perigee run: ") then
         return read(folder .. "/run")
      end
      os.execute("sleep 0.05")
   end
   error("the run did not end")
end

local function dies_by_a_kill()
   assert.equal(0, (say("kill --why 'it is stuck'")))
   assert.matches('"ended_by":"killed by an operator"', wait_for_the_end())
   assert.matches('"command":"kill","who":"[^"]+","why":"it is stuck"', events("command"))
end

describe("an operator", function()
   before_each(function()
      folder = workshop.open()
      write("trader.lua", TRADER)
   end)

   after_each(function()
      say("kill --why 'end of the test'")
      workshop.close()
   end)

   local function strategies(...)
      local list = {}
      for i, name in ipairs { ... } do
         list[i] = ('{ script = "%s/%s.lua" }'):format(folder, name)
      end
      return "strategies = { " .. table.concat(list, ", ") .. " }, "
   end

   it("kills an engine whose scripts are busy all the time", function()
      write("busy.lua", BUSY)
      local many = 'symbols = { "BTC-USD", "ETH-USD", "SOL-USD", "XRP-USD" }, cycle = "10ms", '
      start(strategies("busy") .. many .. 'scripts = { call_time = "10s" },', 1, '"ok":true')
      dies_by_a_kill()
   end)

   it("kills an engine whose scripts hang, and the one that hung is off", function()
      write("hung.lua", HUNG)
      start(strategies("hung", "trader") .. 'scripts = { call_time = "200ms" },', 5, '"script_errors":[3-9]')
      dies_by_a_kill()
      assert.matches("switched off", events("script"))
   end)

   it("kills an engine in the midst of a call that may take long, and blames nobody", function()
      write("endless.lua", ENDLESS)
      start(strategies("endless") .. 'cycle = "100ms", scripts = { call_time = "10s" },', 1, '"ok":true')
      assert.equal(0, (say("pause --why 'now it hangs'")))
      os.execute("sleep 1")
      dies_by_a_kill()
      assert.matches("calls of scripts are left out: an operator's kill comes first", events("script"))
      assert.not_matches("more than", events("script")) -- its time was not over
      assert.not_matches("switched off", events("script"))
   end)

   it("kills an engine whose guard hangs, and nothing new was risked", function()
      write("hung_guard.lua", HUNG_GUARD)
      start(strategies("trader") .. ('guards = { { script = "%s/hung_guard.lua" } },'):format(folder),
         5, '"hung_guard":{"trip":0,"recoverable":%d+,"critical":[1-9]')
      local _, status = say("status")
      assert.matches('"level":"reduce_only"', status)
      assert.matches('"source":"guard_failure"', status)
      assert.matches('"positions":{}', status)
      dies_by_a_kill()
   end)

   describe("before a silent venue", function()
      before_each(function()
         start(strategies("trader") .. 'mock = { silent_after = "5s" }, watch = { mark_stale_after = "2s" }', 10,
            '"open_orders":1,.*"source":"mark_stale"')
      end)

      it("kills, and the cancel of what rested is in the journal", function()
         dies_by_a_kill()
         assert.matches('"event":"ask_cancel"', events("order_event"))
      end)

      it("pauses, reduces only, halts, cancels and resumes", function()
         for _, case in ipairs {
            { "pause", "paused" },
            { "reduce-only", "paused" }, -- the pause holds on
            { "halt", "halted" },
            { "cancel-all", "halted" },
         } do
            local code, text = say(case[1] .. " --why 'to see'")
            assert.equal(0, code)
            assert.matches('"level":"' .. case[2] .. '"', text)
            assert.matches(('"command":"%s","who":"[^"]+","why":"to see"'):format(case[1]:gsub("-", "%%-")),
               events("command"))
         end
         local _, text = say("resume --why 'seen'")
         assert.not_matches("operator:", text)
         assert.matches('"command":"resume","who":"[^"]+","why":"seen"', events("command"))
      end)

      it("is told that a flatten has not closed anything", function()
         local code, text = say("flatten --why 'get out' --wait 1s")
         assert.equal(1, code)
         assert.matches("NOT FLAT after 1s, positions left: {\"BTC%-USD\":\"0%.001\"}", text)
         local _, status = say("status")
         assert.matches('"flatten":"working"', status)
      end)
   end)

   it("flattens through a venue that rejects and loses, and is told when it is done", function()
      write("stubborn.lua", STUBBORN)
      start(strategies("stubborn") .. 'degrade = { broker_failures = 100 }, ' ..
         'watch = { error_rate_share = "none" }, mock = { seed = 3, faults = { reject = "40%", ' ..
         'server_error = "20%", duplicate = "20%" } }, retry = { resolve_base = "100ms" }', 100, '"fills":[1-9]')
      local code, text = say("flatten --why 'get out' --wait 60s")
      assert.equal(0, code, text)
      assert.matches('"flatten":"done"', text)
      assert.matches('"positions":{}', text)
      assert.matches('"open_orders":0', text)
      assert.matches("flat: no position and no open order is left", events("guard"))
   end)
end)
