--- Mistakes that others made, where only a whole run can show that they are not made here; and
--- that every test docs/known-mistakes.md names is there.

local workshop = require("workshop")

local root, write, read, perigee = workshop.root, workshop.write, workshop.read, workshop.run

local function run(arguments, environment)
   local code, out, err = perigee("run --fresh --speed max --log error --json " .. arguments, environment)
   assert.equal(0, code, err)
   return out
end

local function number(text, name)
   return tonumber(text:match(('"%s":(%%d+)'):format(name)))
end

--- What every order of the last run was: a list of { time, side, size, state }.
local function orders(arguments)
   local _, text = perigee("orders --limit 100000 " .. arguments)
   local list = {}
   local line = "(%d%d:%d%d:%d%d)Z%s+%S+%s+(%a+)%s+%a+%s+(%S+)%s+filled.-([A-Z_]+)%s"
   for time, side, size, state in text:gmatch(line) do
      list[#list + 1] = { time = time, side = side, size = tonumber(size), state = state }
   end
   return list
end

local function sent(list)
   local left = {}
   for _, order in ipairs(list) do
      if order.state ~= "DENIED" then
         left[#left + 1] = order
      end
   end
   return left
end

describe("a run", function()
   setup(function()
      workshop.open()
   end)

   teardown(function()
      workshop.close()
   end)

   it("trades with the profile that comes along", function()
      local out = run("--profile dev --for 30m")
      assert.is_true(number(out, "orders") > 10)
      assert.equal(number(out, "orders"), number(out, "fills"))
   end)

   it("trades once averages of 200 bars are ready, and not before", function()
      local slow = "--profile dev --set symbols=BTC-USD --set strategies.1.params.fast=50 " ..
         "--set strategies.1.params.slow=200"
      assert.equal(0, number(run(slow .. " --for 33m"), "orders"))
      assert.is_true(number(run(slow .. " --for 3h"), "orders") > 0)
   end)

   it("keeps the canary to its hour, its size and its rates", function()
      local out = run("--profile canary --for 90m --set mock.seed=1")
      local list = orders("--profile canary")
      assert.is_true(#list > #sent(list), "nothing was refused")
      assert.is_true(number(out, "orders") >= 2)
      for _, order in ipairs(sent(list)) do
         assert.is_true(order.size <= 0.01)
         assert.is_true(order.side == "sell" or (order.time >= "14:00:00" and order.time < "15:00:00"), order.time)
      end
   end)

   it("sends nothing while the kill switch is on, and says what it would have done", function()
      local out = run("--profile dev --for 20m --set risk.kill_switch=true")
      assert.equal(0, number(out, "orders"))
      assert.is_true(number(out, "refusals") > 0)
      assert.equal(0, #sent(orders("--profile dev")))
   end)

   it("limits what a variable of the environment says", function()
      local out = run("--profile dev --for 20m", "PERIGEE_RISK_MAX_ORDER_VALUE=1")
      assert.equal(0, number(out, "orders"))
      assert.is_true(number(out, "refusals") > 0)
   end)

   it("never shows the state of one symbol to another, nor changes a figure by reading it", function()
      local script = write("own.lua", [[
local own = strategy.new("own", {})
function own:on_start(market) self.average = market:sma(3) end
function own:on_cycle(market)
   if self.symbol and self.symbol ~= market.symbol then error("I was " .. self.symbol) end
   self.symbol = market.symbol
   local first = self.average.value
   for _ = 1, 3 do
      if self.average.value ~= first then error("it changed") end
   end
end
return own
]])
      local path = write("own_profile.lua", ([[return { extends = "dev", strategies = { { script = "%s" } } }]]):format(
         script))
      local out = run("--for 5m --profile " .. path)
      assert.equal(0, number(out, "script_errors"))
   end)
end)

describe("docs/known-mistakes.md", function()
   it("names tests that are there", function()
      local page = read(root .. "/docs/known-mistakes.md")
      local count = 0
      for name, path in page:gmatch("`([^`]+)` in `(tests/[^`]+)`") do
         local text = read(root .. "/" .. path)
         local is_there = text:find("TEST(" .. name .. ")", 1, true) or text:find('it("' .. name, 1, true)
         assert.is_truthy(is_there, name .. " is not in " .. path)
         count = count + 1
      end
      assert.is_true(count > 50)
   end)
end)
