--- Requests on their way to the venue, as a trader sees them: budgets, retries, breakers.

local workshop = require("workshop")

local program, write, read = workshop.program, workshop.write, workshop.read
local folder

local function perigee(arguments)
   local code, out, err = workshop.run(arguments)
   return code, out .. err
end

--- Rests many entries far below the market, all in one cycle, when the start is surely over.
local MANY = [[
local many = strategy.new("many", {})
function many:on_cycle(market)
   self.cycle = (self.cycle or 0) + 1
   if self.cycle ~= 20 then return end
   local orders = {}
   for i = 1, 16 do
      orders[i] = buy("rests", { size = 0.001, limit = market.price * (0.99 - i / 1000) })
   end
   return orders
end
return many
]]

local function profile(settings)
   return write("p.lua", ([[return {
      extends = "dev", symbols = { "BTC-USD" }, sizing = { sizes = { ["BTC-USD"] = 0.001 } },
      store = { file = "%s/j.db" }, log = { level = "error" }, strategies = { "%s/many.lua" },
      risk = { orders_per_second = 100, max_open_orders = 100, max_position_value = 10000,
               max_position_share = "none", max_exposure_share = "none", price_band_share = "none" },
      %s
   }]]):format(folder, folder, settings))
end

local function run(settings, bounds)
   local path = profile(settings)
   local code, out = perigee(("run --fresh --profile %s --speed max --json %s"):format(path, bounds or "--cycles 36"))
   assert.equal(0, code, out)
   return out
end

local function events(kind)
   local _, text = perigee(("events --kind %s --limit 1000 --profile %s/p.lua"):format(kind, folder))
   return text
end

local function count(text, pattern)
   local _, n = text:gsub(pattern, "")
   return n
end

--- Seconds from the first to the last event of this kind at an order.
local function span_of(event)
   local first, last
   for minutes, seconds in events("order_event"):gmatch('T%d%d:(%d%d):([%d.]+)Z[^\n]-"event":"' .. event .. '"') do
      local time = 60 * tonumber(minutes) + tonumber(seconds)
      first, last = first or time, time
   end
   return last - first
end

describe("requests", function()
   before_each(function()
      folder = workshop.open()
      write("many.lua", MANY)
   end)

   after_each(function()
      workshop.close()
   end)

   it("leave at once as far as the burst reaches, and then as the budget says", function()
      run("budget = { orders_per_second = 2, orders_burst = 4 }")
      assert.equal(16, count(events("order_event"), '"event":"accept"'))
      assert.is_true(math.abs(span_of("accept") - 6) < 0.1, tostring(span_of("accept")))
      run("budget = { orders_per_second = 100, orders_burst = 100 }")
      assert.is_true(span_of("accept") < 0.1)
   end)

   it("that could not leave in time are withdrawn, with the code of the budget", function()
      run('budget = { orders_per_second = 1, orders_burst = 1 }, retry = { answer_deadline = "5s" }')
      local told = events("order_event")
      assert.equal(5, count(told, '"event":"accept"'))
      assert.equal(11, count(told, '"event":"deny","code":"rate_limit"'))
   end)

   it("are made as often as retry.attempts says", function()
      run('mock = { faults = { server_error = 0.3 } }, retry = { attempts = 2 }, breaker = { failures = 100 }, ' ..
         'watch = { error_rate_share = "none" }, degrade = { broker_failures = 100 }')
      assert.is_true(count(events("anomaly"), "attempt 1 at submit failed: 503") > 0)
      assert.equal(0, count(events("anomaly"), "attempt 2 at submit failed"))
   end)

   it("with a token that was refused are made once more with another, and open no breaker", function()
      run('mock = { faults = { unauthorized = 0.5 } }, retry = { attempts = 5 }, breaker = { failures = 1 }, ' ..
         'watch = { error_rate_share = "none" }, degrade = { broker_failures = 100 }', "--cycles 60")
      assert.is_true(count(events("anomaly"), "attempt 1 at submit failed: 401") > 0)
      assert.equal(0, count(events("anomaly"), "attempt 2 at submit failed"))
      assert.is_true(count(events("order_event"), '"event":"reject","code":"auth"') > 0)
      assert.is_nil(events("cause"):match("api_health"))
   end)

   it("stop while the breaker is open, and everything is paused", function()
      run('mock = { faults = { server_error = 1 } }, breaker = { failures = 3, cool_down = "1h" }', "--cycles 40")
      assert.matches('"source":"api_health"', events("cause"))
   end)

   it("that cancel leave and are answered before a killed engine ends", function()
      local path = profile('budget = { cancels_per_second = 2, cancels_burst = 2, orders_per_second = 20, ' ..
         'orders_burst = 20 }')
      os.execute(("PERIGEE_HOME=%s %s run --profile %s --speed 10 --json >%s/run 2>&1 &"):format(
         folder, program, path, folder))
      for _ = 1, 200 do
         local _, status = perigee("status --json --profile " .. path)
         if status:match('"open_orders":16') then
            break
         end
         os.execute("sleep 0.05")
      end
      local code, answer = perigee(("kill --why 'a test' --json --profile %s"):format(path))
      assert.equal(0, code)
      assert.matches('"requests":{"waiting":%d+,"on_the_way":%d+', answer)
      assert.matches('"cancels_breaker":"closed"', answer)
      for _ = 1, 400 do
         if read(folder .. "/run"):match("ended_by") then
            break
         end
         os.execute("sleep 0.05")
      end
      assert.matches('"open_orders":0', read(folder .. "/run"))
      assert.equal(16, count(events("order_event"), '"event":"cancel",'))
   end)

   describe("for a preview", function()
      local function trace(number)
         local code, text = perigee(("orders trace %d --profile %s/p.lua"):format(number, folder))
         assert.equal(0, code, text)
         return text
      end

      it("leave before each order, and what the venue said is in its trace", function()
         run("orders = { preview = true }")
         assert.equal(16, count(events("preview"), '"commission":"'))
         assert.equal(16, count(events("order_event"), '"event":"accept"'))
         local text = trace(1)
         assert.matches("preview +passed", text)
         assert.matches("submission +passed", text)
         assert.matches("the venue's preview: value [%d.]+, commission [%d.]+, total [%d.]+\n", text)
         assert.matches("fills at [%d.]+ on average, bid [%d.]+, ask [%d.]+, slips 0 bps\n", text)
         assert.equal(0, (perigee(("verify --profile %s/p.lua"):format(folder))))
      end)

      it("do not leave when nobody asks for them", function()
         run("")
         assert.equal("", (events("preview"):gsub("no events\n", "")))
         assert.matches("preview +skipped", trace(1))
      end)

      it("that the venue would refuse keep the order here, with its reason", function()
         run("orders = { preview = true }, mock = { cash = 60 }")
         local text = trace(2)
         assert.matches("refused: ", text)
         assert.equal(0, count(events("order_event"), '"event":"reject"'))
         run("orders = { preview = true }, mock = { faults = { reject = '100%' } }")
         text = trace(1)
         assert.matches("preview +refused", text)
         assert.is_nil(text:find("submission", 1, true))
         assert.matches("PREVIEW_RISK_PROXY_FAILURE %(broker_unavailable%)", text)
         assert.matches("refused: order_preview%. ", text)
         assert.matches("remedy: .*orders%.preview = false", text)
         assert.equal(0, count(events("order_event"), '"event":"send"'))
      end)

      it("that nobody answers keep the order here, and nothing of it is in doubt", function()
         run('orders = { preview = true }, mock = { silent_after = "15s" }', "--cycles 40")
         assert.equal(0, count(events("order_event"), '"event":"send"'))
         assert.matches("no preview could be had: .*no answer", trace(1))
         assert.equal(0, count(events("order_event"), '"event":"lose"'))
         assert.equal(16, count(events("order_event"), '"event":"deny"'))
      end)
   end)
end)
