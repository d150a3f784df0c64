--- Guards of a profile that are data, from the file to what a run refuses.

local workshop = require("workshop")

local write, perigee = workshop.write, workshop.run
local folder

--- Buys and sells in turn, every cycle.
local EAGER = [[
local eager = strategy.new("eager", {})
function eager:on_cycle(market)
   if not market.price then return end
   self.turn = not self.turn
   if self.turn then return buy("again", { size = 0.001 }) end
   return close("again")
end
return eager
]]

local function profile(settings)
   return write("p.lua", ([[
return {
   extends = "dev", symbols = { "BTC-USD" }, sizing = { sizes = { ["BTC-USD"] = 0.001 } },
   strategies = { { script = "%s/eager.lua" } }, log = { level = "error" }, risk = { max_losses_in_row = "none" },
   %s
}
]]):format(folder, settings))
end

local function trade(settings, span)
   local code, out, err = perigee(("run --fresh --speed max --for %s --json --profile %s"):format(
      span or "10m", profile(settings)))
   assert.equal(0, code, err)
   return out
end

local function events(kind)
   local _, out = perigee(("events --kind %s --profile %s/p.lua"):format(kind, folder))
   return out
end

--- Trades under these settings, and what level is held at the end.
local function then_level(level, settings, span)
   local out = trade(settings, span)
   assert.matches(('"level":"%s"'):format(level), out)
   return out
end

local function then_cause(pattern)
   assert.matches(pattern, (events("cause")))
end

local function describe_in_workshop(what, specs)
   describe(what, function()
      setup(function()
         folder = workshop.open()
         write("eager.lua", EAGER)
      end)
      teardown(function() workshop.close() end)
      specs()
   end)
end

describe_in_workshop("a guard written as data", function()
   it("holds when its figure passes the threshold, and not a step before", function()
      local rule = 'guards = { { metric = "orders", compare = "ge", threshold = %d, window = "1h" } }'
      local out = then_level("reduce_only", rule:format(20))
      local orders = tonumber(out:match('"orders":(%d+)'))
      assert.is_true(orders >= 20 and orders <= 22, orders)
      then_cause('"source":"guards.1:orders","why":"orders of the account is 20, broken when ge 20 %(count%)"')
      assert.matches('"positions":{}', out) -- the exit passed

      out = then_level("normal", rule:format(1000000))
      assert.is_true(tonumber(out:match('"orders":(%d+)')) > 100)
   end)

   it("pauses its symbol for a time and as long as it is broken", function()
      local out = trade('guards = { { metric = "position_age", compare = "ge", threshold = 0, ' ..
         'action = "pause", action_for = "1m" } }')
      assert.matches('"orders":0', out)
      assert.matches('"level":"paused","symbol":"BTC%-USD"', (events("cause"):gsub('"product"', '"symbol"')))
   end)

   it("warns without holding anything", function()
      then_level("normal", 'guards = { { metric = "fees_today", compare = "gt", threshold = 1, ' ..
         'warning_share = "50%", action = "warn", cooldown = "none" } }')
      local told = events("guard")
      assert.matches('guards.1:fees_today.-near to gt 1', told)
      assert.matches('guards.1:fees_today.-and should not be gt 1', told)
   end)

   it("halts beside guards that are scripts, under its own place in the list", function()
      then_level("halted", 'guards = { "max_drawdown", { metric = "fills", compare = "gt", threshold = 4, ' ..
         'window = "1d", action = "halt" } }')
      then_cause('"source":"guards.2:fills"')
   end)

   it("refuses new risk when its figure cannot be computed", function()
      -- With what these ask the clock is told, as at the start; that counts for ten minutes.
      local rule = 'guards = { { metric = "clock_skew", compare = "abs_gt", threshold = 9 } }'
      local rare = 'reconcile = { position_check_every = "1h", balance_check_every = "1h" }'
      local out = then_level("reduce_only", rule .. ", " .. rare, "15m")
      then_cause("clock_skew cannot be computed")
      assert.matches('"positions":{}', out)
   end)

   it("is checked with file, line and what was probably meant", function()
      local path = profile('guards = {\n      { metric = "spred_bps", threshold = 5 },\n   }')
      local code, out, err = perigee("config check " .. path)
      assert.equal(1, code)
      assert.matches('p.lua:5: guards.1.metric = "spred_bps".-did you mean "spread_bps"', out .. err)
   end)

   it("is explained", function()
      local path = profile('guards = { { metric = "spread_bps", threshold = 5, window = "none" } }')
      local code, out = perigee("config explain guards.1.metric guards.1.lasting --profile " .. path)
      assert.equal(0, code)
      assert.matches("guards.1.metric = spread_bps", out)
      assert.matches("docs/metrics.md", out)
      assert.matches("How long the rule must be broken", out)
   end)
end)

describe_in_workshop("the way to the venue", function()
   it("pauses everything when too many requests fail, and when a breaker opens", function()
      trade('mock = { faults = { server_error = "80%" } }')
      then_cause('"level":"paused".-"source":"broker"')
      then_cause('"level":"paused".-"source":"api_health"')
      trade('mock = { faults = { server_error = "40%" } }, degrade = { broker_failures = 100 }, ' ..
         'breaker = { failures = 100 }, watch = { error_rate_share = "20%" }')
      then_cause('"level":"paused".-"source":"error_rate"')
      assert.matches('"code":"paused"', events("order_event"))
   end)

   it("leaves room for exits when the request budget is nearly used up", function()
      local out = trade('watch = { rate_usage_share = "10%" }')
      then_cause('"source":"rate_usage","why":"a share of 0.1')
      assert.is_true(tonumber(out:match('"refusals":(%d+)')) > 0)
      then_level("normal", 'watch = { rate_usage_share = "30%" }')
   end)
end)

describe_in_workshop("the venue's clock", function()
   it("lets only exits pass when it is too far from ours", function()
      then_level("normal", 'mock = { clock_skew = "4s" }')
      then_level("reduce_only", 'mock = { clock_skew = "6s" }')
      then_cause('"source":"clock_skew","why":"the venue\'s clock differs by 5.95 s, limit is 5s"')
      then_level("normal", 'mock = { clock_skew = "6s" }, degrade = { clock_skew_max = "7s" }')
   end)
end)
