--- A run that is killed at any moment goes on with the next one, and its books are the broker's.

local cjson = require("cjson")

local workshop = require("workshop")

local program, write, read, perigee = workshop.program, workshop.write, workshop.read, workshop.run
local folder

--- Killed by SIGKILL after so many seconds.
local function run_and_kill(arguments, seconds)
   local words = "PERIGEE_HOME=%s %s %s >/dev/null 2>%s/err & pid=$!; sleep %.3f; kill -9 $pid; wait $pid"
   os.execute((words .. " 2>/dev/null"):format(folder, program, arguments, folder, seconds))
end

local PROFILE = [[
return {
   venue = "mock",
   symbols = { "BTC-USD", "ETH-USD" },
   cycle = "1s",
   %s
   risk = { max_losses_in_row = "none", daily_loss_share = "none", max_drawdown_share = "none",
            orders_per_minute = "none", orders_per_hour = "none", orders_per_day = "none" },
   snapshot = { every = "%s" },
   retry = { unknown_escalate_after = "10m" },
   mock = { seed = 7, cash = 1000000, start = "2026-01-05T09:00", balances = { BTC = "2", ETH = "20" } },
   log = { level = "error" },
}
]]

local function journal_rows(command)
   local rows = {}
   local code, out = perigee(command .. " --json --journal " .. folder .. "/j.db")
   assert.equal(0, code)
   for line in out:gmatch("[^\n]+") do
      rows[#rows + 1] = cjson.decode(line)
   end
   return rows
end

--- What the broker's own file says: orders by client id, balances, how many fills.
local function broker(path)
   local truth = { orders = {}, balances = {}, fills = 0 }
   for line in io.lines(path or folder .. "/j.db.mock") do
      local row = cjson.decode(line)
      if row.order then
         truth.orders[row.order.client_id] = row.order
      elseif row.balance then
         truth.balances[row.balance.currency] = row.balance.total
      elseif row.fill then
         truth.fills = truth.fills + 1
      end
   end
   return truth
end

local STATES = { open = "NEW", filled = "FILLED", canceled = "CANCELED", expired = "EXPIRED" }

--- Every order of the journal against the broker's, both ways, and the money.
local function compare()
   local truth, known, fills = broker(), {}, 0
   for _, row in ipairs(journal_rows("orders")) do
      local order = row.fact
      local there = truth.orders[order.client_id]
      if order.state == "DENIED" or order.state == "REJECTED" then
         assert.is_nil(there, order.client_id .. " was never sent, and is there")
      else
         assert.is_table(there, order.client_id .. " is not there")
         local state = order.state == "PARTIALLY_FILLED" and "NEW" or order.state
         assert.equal(STATES[there.state], state, order.client_id)
         assert.equal(there.filled, order.filled or "0", order.client_id)
         assert.equal(there.fees, order.fees or "0", order.client_id)
         assert.is_nil(known[order.client_id], "twice")
         known[order.client_id] = true
      end
   end
   for id in pairs(truth.orders) do
      assert.is_true(known[id], "the journal does not know " .. id)
   end
   for _, row in ipairs(journal_rows("events --kind fill")) do
      fills = fills + (row.fact.inferred and 0 or 1)
   end
   for _, row in ipairs(journal_rows("positions")) do
      if row.fact.currency then
         assert.equal(truth.balances[row.fact.currency], row.fact.total, row.fact.currency)
      end
   end
   return truth, fills
end

describe("perigee run", function()
   before_each(function()
      folder = workshop.open()
      write("restless.lua", PROFILE:format('strategies = { { script = "tests/lua/fixtures/restless.lua" } },', "2s"))
      write("quiet.lua", PROFILE:format("", "1h"))
   end)

   after_each(function()
      workshop.close()
   end)

   local function run(profile, arguments)
      return ("run --profile %s/%s.lua --journal %s/j.db %s"):format(folder, profile, folder, arguments or "")
   end

   it("loses and doubles nothing, whenever it is killed", function()
      for i = 1, 6 do
         run_and_kill(run("restless", "--speed max"), 0.15 + 0.061 * i % 0.3)
         assert.equal("", read(folder .. "/err"):match("perigee run: .*") or "")
      end
      assert.equal(0, (perigee(run("quiet", "--for 4m --speed max"))))
      local code, out, err = perigee("verify --journal " .. folder .. "/j.db")
      assert.equal("", err)
      assert.equal(0, code)
      assert.matches("in %d+ runs", out)
      local truth = compare()
      assert.is_true(truth.fills > 5, truth.fills .. " fills")
   end)

   it("goes on where a clean stop ended", function()
      assert.equal(0, (perigee(run("restless", "--cycles 100 --speed max"))))
      local before = broker()
      local _, out = perigee(run("restless", "--cycles 100 --speed max --json"))
      assert.equal(100, cjson.decode(out).cycles)
      assert.is_true(cjson.decode(out).resumed)
      local states = journal_rows("events --kind state")
      assert.equal(200, states[#states].fact.state.decided) -- two symbols, a cycle each, both runs
      assert.is_true(broker().fills > before.fills)
      assert.equal(0, (perigee(run("quiet", "--for 4m --speed max"))))
      compare()
   end)

   it("gives no two starts the same name in client order ids", function()
      for _ = 1, 3 do
         perigee(run("restless", "--cycles 20 --speed max"))
      end
      local names, count = {}, 0
      for _, row in ipairs(journal_rows("events --kind run")) do
         assert.matches("^%w+$", row.fact.run)
         count = count + (names[row.fact.run] and 0 or 1)
         names[row.fact.run] = true
      end
      assert.equal(3, count)
   end)

   it("gives new names to the orders of an account whose journal is gone", function()
      perigee(run("restless", "--cycles 60 --speed max"))
      local before, count = broker().orders, 0
      os.execute(("rm %s/j.db %s/j.db.lock"):format(folder, folder))
      assert.equal(0, (perigee(run("restless", "--cycles 60 --speed max"))))
      for _, row in ipairs(journal_rows("orders")) do
         local is_ours = row.fact.origin ~= "external" and row.fact.state ~= "DENIED"
         count = count + (is_ours and 1 or 0)
         assert.is_falsy(is_ours and before[row.fact.client_id], row.fact.client_id .. " is another order's")
      end
      assert.is_true(count > 5, count .. " orders")
   end)

   it("begins anew with --fresh, and keeps every one before", function()
      for i = 1, 3 do
         local code = perigee(run("restless", "--fresh --cycles 20 --speed max"))
         assert.equal(0, code)
         local _, out = perigee("verify --journal " .. folder .. "/j.db")
         assert.matches("in 1 run,", out)
         for old = 1, i - 1 do
            assert.equal(0, (perigee(("verify --journal %s/j.db.%d"):format(folder, old))))
            assert.is_truthy(io.open(("%s/j.db.%d.mock"):format(folder, old)))
         end
      end
   end)

   it("gives the same journal for the same seed", function()
      local function hash(seed)
         perigee(run("restless", "--fresh --cycles 200 --speed max --json --seed " .. seed))
         return cjson.decode(read(folder .. "/out")).journal_hash
      end
      local first = hash(7)
      assert.equal(first, hash(7))
      assert.are_not.equal(first, hash(8))
   end)

   it("refuses to go on on another market", function()
      perigee(run("restless", "--cycles 20 --speed max"))
      local code, _, err = perigee(run("restless", "--cycles 20 --speed max --seed 9"))
      assert.equal(1, code)
      assert.matches("mock.seed 7", err)
      assert.matches("%-%-fresh", err)
   end)

   it("refuses a journal whose broker has forgotten it", function()
      perigee(run("restless", "--cycles 20 --speed max"))
      os.remove(folder .. "/j.db.mock")
      local code, _, err = perigee(run("restless", "--cycles 20 --speed max"))
      assert.equal(1, code)
      assert.matches("the mock broker's side of it is gone", err)
   end)

   it("ignores what of the broker's file was cut off", function()
      perigee(run("restless", "--cycles 60 --speed max"))
      local whole = read(folder .. "/j.db.mock")
      local file = assert(io.open(folder .. "/j.db.mock", "a"))
      file:write('{"balance":{"currency":"USD","total":"1"}}\n{"order":{"num')
      file:close()
      assert.is_true(#whole > 0)
      assert.equal(0, (perigee(run("quiet", "--for 4m --speed max"))))
      compare()
   end)

   it("names a broker's file that is damaged", function()
      perigee(run("restless", "--cycles 60 --speed max"))
      local text = read(folder .. "/j.db.mock")
      write("j.db.mock", (text:gsub('"total":"%d', '"total":"9', 1)))
      local code, _, err = perigee(run("restless", "--cycles 20 --speed max"))
      assert.equal(1, code)
      assert.matches("j.db.mock is damaged", err)
   end)

   it("knows a symbol that the profile no longer has", function()
      perigee(run("restless", "--cycles 100 --speed max"))
      write("one.lua", PROFILE:format("", "1h"):gsub('"BTC%-USD", "ETH%-USD"', '"BTC-USD"'))
      local code, out = perigee(run("one", "--for 4m --speed max --json"))
      assert.equal(0, code)
      assert.is_not_nil(out:match('"resumed":true'))
      compare()
   end)
end)
