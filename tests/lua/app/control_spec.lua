--- A running engine and its operator: commands over the socket, kept in the journal.

local program = (os.getenv("PERIGEE_ROOT") or ".") .. "/build/perigee"

local folder

local function perigee(arguments)
   local out = folder .. "/out"
   local _, _, code = os.execute(("PERIGEE_HOME=%s %s %s >%s 2>&1"):format(folder, program, arguments, out))
   local file = assert(io.open(out))
   local text = file:read("a")
   file:close()
   return code, text
end

--- Starts `perigee run` in the background and waits until it answers.
local function start(speed, profile)
   profile = profile or "dev"
   os.execute(("PERIGEE_HOME=%s %s run --profile %s --log error --speed %d --for 9000h >%s/run 2>&1 &")
      :format(folder, program, profile, speed or 200, folder))
   for _ = 1, 200 do
      if perigee("status --profile " .. profile) == 0 then
         return
      end
      os.execute("sleep 0.05")
   end
   error("the engine did not start")
end

local function level()
   local _, text = perigee("status --json")
   return text:match('"level":"(.-)"')
end

describe("the operator", function()
   setup(function()
      folder = os.tmpname()
      os.remove(folder)
      os.execute("mkdir -p " .. folder)
      start()
   end)

   teardown(function()
      perigee("kill --why 'end of the test'")
      os.execute("rm -rf " .. folder)
   end)

   it("pauses, and resumes", function()
      assert.equal("normal", level())
      assert.equal(0, (perigee("pause --why news")))
      assert.equal("paused", level())
      assert.equal(0, (perigee("resume --why 'news is out'")))
      assert.equal("normal", level())
   end)

   it("lets positions only get smaller", function()
      perigee("reduce-only --why weekend")
      assert.equal("reduce_only", level())
      perigee("resume --why monday")
   end)

   it("pauses one symbol alone", function()
      assert.equal(0, (perigee("pause --symbol ETH-USD --why 'a fork'")))
      local _, text = perigee("status --json")
      assert.matches('"level":"normal"', text)
      assert.matches('"levels":{"ETH%-USD":"paused"}', text)
      assert.matches('"symbol":"ETH%-USD","source":"operator:pause:', text)
      perigee("resume --symbol BTC-USD --why 'not this one'")
      assert.matches('"levels":{"ETH%-USD":"paused"}', select(2, perigee("status --json")))
      perigee("resume --symbol ETH-USD --why 'it is over'")
      assert.matches('"levels":{}', select(2, perigee("status --json")))
      assert.matches('"command":"pause","who":"[^"]+","why":"a fork","product":"ETH%-USD"',
         select(2, perigee("events --kind command")))
   end)

   it("is told of a symbol that is not traded, and that flat is for all", function()
      local code, text = perigee("pause --symbol ETH-UDS --why 'a slip'")
      assert.equal(1, code)
      assert.matches("ETH%-UDS is not among the symbols", text)
      code, text = perigee("cancel-all --symbol ETH-USD --why 'a slip'")
      assert.equal(2, code)
      assert.matches("%-%-symbol goes with pause", text)
   end)

   it("must say why", function()
      local code, text = perigee("halt")
      assert.equal(2, code)
      assert.matches("%-%-why is missing", text)
   end)

   it("finds everything it said in the journal, with who and why", function()
      perigee("cancel-all --why 'stale quotes'")
      local _, text = perigee("events --kind command")
      assert.matches('"command":"cancel%-all","who":".-","why":"stale quotes"', text)
   end)

   it("is shown levels and positions market by market", function()
      local function write(name, text)
         local file = assert(io.open(folder .. "/" .. name, "w"))
         file:write(text)
         file:close()
         return folder .. "/" .. name
      end
      local script = write("breaks.lua", [[
local breaks = strategy.new("breaks", {})
function breaks:on_cycle(market)
   if market.symbol == "SOL-USD" then error("not this one") end
   if market.symbol == "BTC-USD" then return buy("once") end
end
return breaks
]])
      local profile = write("tables.lua", ([[
return { extends = "dev", strategies = { { script = %q } } }
]]):format(script))
      start(200, profile)
      local text
      for _ = 1, 100 do
         text = select(2, perigee("status --profile " .. profile))
         if text:match("positions +BTC") and text:match("levels +SOL") then
            break
         end
         os.execute("sleep 0.05")
      end
      perigee("kill --why done --profile " .. profile)
      assert.matches("\nlevels         SOL%-USD +reduce_only\n", text)
      assert.matches("\npositions      BTC%-USD +0.001\n", text)
      assert.not_matches('[{}"]', text)
   end)

   it("cannot start a second engine on the journal", function()
      local code, text = perigee("run --profile dev --cycles 1 --speed max")
      assert.equal(1, code)
      assert.matches("perigee run: ", text)
   end)

   local function kill()
      assert.equal(0, (perigee("kill --why enough")))
      for _ = 1, 100 do
         if perigee("status") ~= 0 then
            break
         end
         os.execute("sleep 0.05")
      end
   end

   it("does not move time ahead of a market that cannot keep up", function()
      kill()
      start(1000000)
      perigee("cancel-all --why 'the engine is hours behind by now'")
      kill()
      local _, causes = perigee("events --kind cause")
      assert.is_nil(causes:match("mark_stale"), causes)
   end)

   it("ends the engine by killing it, and the journal is whole", function()
      start()
      kill()
      local code, text = perigee("verify")
      assert.equal(0, code)
      assert.matches("sums hold", text)
   end)
end)
