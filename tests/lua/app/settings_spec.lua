--- Every key that docs/settings.md lists does something: the same busy minutes on the mock broker,
--- run with another value, leave another journal or another log. What cannot be seen that way
--- stands in `elsewhere`, with the file of the test that shows it.

local root = os.getenv("PERIGEE_ROOT") or "."
local program = "'" .. io.popen("realpath '" .. root .. "/build/perigee'"):read("l") .. "'"

local folder

local function read(path)
   local file = assert(io.open(path))
   local text = file:read("a")
   file:close()
   return text
end

local function write(name, text)
   local file = assert(io.open(folder .. "/" .. name, "w"))
   file:write(text)
   file:close()
end

local profile = [[
return {
   symbols = { "BTC-USD", "ETH-USD", "BIP-20DEC30-CDE" },
   timeframe = "5s",
   strategies = { { script = "FOLDER/busy.lua" } },
   sizing = { fraction = "2%" },
   fees = { maker_rate = "0.01%", taker_rate = "0.02%" },
   mock = { seed = 3, cash = 10000, start = "2026-01-05T09:00" },
   risk = {
      allow_shorts = true,
      orders_per_second = "none", orders_per_minute = "none", daily_loss_share = "none",
      max_drawdown_share = "none", max_losses_in_row = "none", max_position_share = "none",
      max_exposure_share = "none", max_leverage = "none", max_slippage_bps = "none",
      max_impact_bps = "none", max_spread_bps = "none", price_band_share = "none",
   },
}
]]

local scripts = {
   failing = "local it = strategy.new('failing')\nfunction it:on_cycle() error('no') end\nreturn it",
   hungry = "local it = strategy.new('hungry')\n"
      .. "function it:on_cycle() self.t = ('x'):rep(900000) .. ('y'):rep(900000) end\nreturn it",
   endless = "local it = strategy.new('endless')\nfunction it:on_cycle() while true do end end\nreturn it",
   slow_start = "local it = strategy.new('slow_start')\nfunction it:on_start() while true do end end\n"
      .. "function it:on_cycle() end\nreturn it",
   leaving = "local it = strategy.new('leaving')\nfunction it:on_cycle(market)\n"
      .. "if market.price then return buy('in', { size = 100 / market.price / market.contract_size, "
      .. "stop_loss = '0.01%', take_profit = '0.01%' }) end end\nreturn it",
   failing_guard = "local it = guard.new('failing_guard')\nfunction it:on_cycle() error('no') end\nreturn it",
}

--- The hash of the journal, and what was logged, after a run with these settings.
local function run(settings)
   local words = {}
   for _, setting in ipairs(settings) do
      words[#words + 1] = ("--set '%s'"):format(setting:gsub("FOLDER", folder))
   end
   os.execute(("rm -f %s/j.db*"):format(folder))
   local command = "cd %s && PERIGEE_HOME=%s %s run --profile busy_profile.lua --journal j.db --cycles 120"
      .. " --speed max --json %s >out 2>err"
   os.execute(command:format(folder, folder, program, table.concat(words, " ")))
   local err = read(folder .. "/err")
   local hash = read(folder .. "/out"):match('"journal_hash":"(%x+)"')
   return hash or error(err), err
end

local drop = { "mock.faults.drop=20%" }
local errors = { "mock.faults.server_error=20%", "watch.error_rate_min_requests=1", "watch.error_rate_share=5%" }
local drops = { "mock.faults.drop=30%", "watch.error_rate_min_requests=4", "watch.error_rate_share=20%" }
local failing = { "mock.faults.server_error=40%" }
local breaking = {
   "mock.faults.server_error=20%", "breaker.failures=1", "breaker.cool_down=1s", "retry.attempts=1",
   "degrade.broker_failures=100", "mock.latency=500ms",
}
local stale = { "mock.step=10s", "watch.mark_stale_after=2s" }
local leaving = { "strategies.1.script=FOLDER/leaving.lua" }
local limits = { leaving[1], "exits.order=limit", "exits.limit_share=0%" }
local rejected = { leaving[1], "mock.faults.reject=70%" }
local averages = {
   "strategies.1.script=sma_cross", "strategies.1.params.fast=2", "strategies.1.params.slow=4",
}
local fees = { "guards.1.metric=fees_today", "guards.1.threshold=0.05" }
local spread = { "guards.1.metric=spread_bps", "guards.1.threshold=1" }
local tiny_slippage = { "risk.max_slippage_bps=0.1", "degrade.slippage_failures=1" }

--- The other value, and the settings under which it makes a difference.
local shown = {
   ["bot"] = { "spec" },
   ["currency"] = { "EUR" },
   ["cycle"] = { "2s" },
   ["description"] = { "in a word" },
   ["symbols"] = { "BTC-USD" },
   ["timeframe"] = { "10s", averages },
   ["sizing.fraction"] = { "4%" },
   ["sizing.size"] = { "1" },
   ["sizing.sizes.SYMBOL"] = { "0.002" },
   ["sizing.rule"] = { "fixed_fraction" },
   ["sizing.params.NAME"] = { "0.3", { "sizing.rule=fixed_fraction" }, key = "sizing.params.fraction" },
   ["orders.preview"] = { "true" },
   ["orders.market_cushion_share"] = { "40%", { "mock.cash=900" } },
   ["exits.order"] = { "limit", leaving },
   ["exits.limit_share"] = { "0.2%", limits },
   ["exits.limit_step_share"] = { "0%", limits },
   ["exits.limit_max_share"] = { "0.01%", limits },
   ["exits.retry_base"] = { "5s", rejected },
   ["exits.retry_cap"] = { "1s", rejected },

   ["fees.maker_rate"] = { "3%", { "mock.cash=900" } },
   ["fees.taker_rate"] = { "3%" },

   ["risk.kill_switch"] = { "true" },
   ["risk.reduce_only"] = { "true" },
   ["risk.allow_shorts"] = { "false" },
   ["risk.limit_only"] = { "true" },
   ["risk.max_order_value"] = { "300" },
   ["risk.max_position_value"] = { "500" },
   ["risk.max_position_share"] = { "5%" },
   ["risk.max_exposure_value"] = { "900" },
   ["risk.max_exposure_share"] = { "8%" },
   ["risk.max_leverage"] = { "0.1" },
   ["risk.max_positions"] = { "1" },
   ["risk.max_open_orders"] = { "1" },
   ["risk.orders_per_second"] = { "1" },
   ["risk.orders_per_minute"] = { "5" },
   ["risk.orders_per_hour"] = { "5" },
   ["risk.orders_per_day"] = { "5" },
   ["risk.daily_loss_value"] = { "0.1" },
   ["risk.daily_loss_share"] = { "0.01%" },
   ["risk.max_drawdown_share"] = { "0.01%" },
   ["risk.max_losses_in_row"] = { "1" },
   ["risk.price_band_share"] = { "1%" },
   ["risk.min_balance"] = { "9500" },
   ["risk.max_slippage_bps"] = { "0.1" },
   ["risk.max_impact_bps"] = { "0.1" },
   ["risk.max_spread_bps"] = { "0.1" },
   ["risk.min_liquidation_buffer_share"] = { "90%", { "mock.cash=1000" } },
   ["risk.window.from"] = { "10:00" },
   ["risk.window.to"] = { "09:01" },
   ["risk.window.days"] = { "sat sun" },
   ["risk.day.from"] = { "09:01", { "risk.symbols.BTC-USD.max_leverage_day=0.05" } },
   ["risk.day.to"] = { "09:01", { "risk.day.from=08:00", "risk.symbols.BTC-USD.max_leverage_day=0.05" } },
   ["risk.symbols.SYMBOL.max_order_size"] = { "0.003" },
   ["risk.symbols.SYMBOL.max_order_value"] = { "200" },
   ["risk.symbols.SYMBOL.max_position_size"] = { "0.005" },
   ["risk.symbols.SYMBOL.max_position_value"] = { "300" },
   ["risk.symbols.SYMBOL.max_position_share"] = { "3%" },
   ["risk.symbols.SYMBOL.max_leverage_day"] = { "0.03" },
   ["risk.symbols.SYMBOL.max_leverage_night"] = { "0.03", { "risk.day.from=12:00" } },

   ["watch.mark_stale_after"] = { "2s", { "mock.step=10s" } },
   ["watch.mark_stale_allow_reduce"] = { "false", stale },
   ["watch.mark_stale_pause"] = { "1s", stale },
   ["watch.stream_stale_after"] = { "1s", { "mock.silent_after=30s" } },
   ["watch.volatility_share"] = { "0.01%", { "watch.volatility_window=5" } },
   ["watch.volatility_window"] = { "6", { "watch.volatility_share=0.05%" } },
   ["watch.correlation_max"] = { "0.1", { "watch.correlation_window=10" } },
   ["watch.correlation_window"] = { "12", { "watch.correlation_max=0.1" } },
   ["watch.min_depth_value"] = { "100000000" },
   ["watch.position_stuck_after"] = { "1s", { "mock.latency=3s" } },
   ["watch.order_stuck_after"] = { "1s" },
   ["watch.error_rate_share"] = { "none", { "mock.faults.server_error=70%", "watch.error_rate_min_requests=1" } },
   ["watch.error_rate_window"] = { "1s", drops },
   ["watch.error_rate_min_requests"] = { "1000", errors },
   ["watch.margin_utilisation_share"] = { "1%" },
   ["watch.rate_usage_share"] = { "5%", { "budget.orders_per_second=1" } },
   ["watch.disk_free_min"] = { "1000000" },

   ["degrade.broker_failures"] = { "1", { "mock.faults.server_error=10%" } },
   ["degrade.broker_pause"] = { "1s", { "mock.faults.server_error=20%", "degrade.broker_failures=1" } },
   ["degrade.slippage_failures"] = { "1", { "risk.max_slippage_bps=0.1" } },
   ["degrade.slippage_pause"] = { "5s", tiny_slippage },
   ["degrade.guard_failures"] = { "3", { "guards.1.script=FOLDER/failing_guard.lua" } },
   ["degrade.api_health_pause"] = { "5s", errors },
   ["degrade.reconnect_pause"] = { "1s", { "mock.faults.disconnect=5%" } },
   ["degrade.script_strikes"] = { "1", { "strategies.1.script=FOLDER/failing.lua" } },
   ["degrade.clock_skew_max"] = { "1s", { "mock.clock_skew=3s" } },
   ["degrade.cancel_entries"] = { "false", { "risk.daily_loss_share=0.01%" } },

   ["retry.attempts"] = { "2", failing },
   ["retry.base"] = { "2s", failing },
   ["retry.cap"] = { "600ms", failing },
   ["retry.factor"] = { "5", failing },
   ["retry.jitter_share"] = { "90%", failing },
   ["retry.attempt_timeout"] = { "1s", { "mock.latency=6s" } },
   ["budget.orders_per_second"] = { "1", { "budget.orders_burst=1" } },
   ["budget.orders_burst"] = { "1", { "budget.orders_per_second=1" } },
   ["budget.cancels_per_second"] = { "1", { "budget.cancels_burst=1" } },
   ["budget.cancels_burst"] = { "1", { "budget.cancels_per_second=1" } },
   ["budget.queries_per_second"] = { "1", { "budget.queries_burst=1" } },
   ["budget.queries_burst"] = { "1", { "budget.queries_per_second=1" } },
   ["breaker.failures"] = { "1", failing },
   ["breaker.cool_down"] = { "2s", { failing[1], "breaker.failures=1" } },
   ["breaker.successes"] = { "1", breaking },
   ["retry.answer_deadline"] = { "1500ms", { "mock.latency=3s" } },
   ["retry.resolve_base"] = { "100ms", drop },
   ["retry.resolve_cap"] = { "1s", drop },
   ["retry.unknown_escalate_after"] = { "1s", drop },
   ["reconcile.order_sweep_every"] = { "5s", drop },
   ["reconcile.position_check_every"] = { "5s", drop },
   ["reconcile.balance_check_every"] = { "5s", drop },
   ["snapshot.every"] = { "10s" },
   ["snapshot.facts"] = { "10" },

   ["strategies.N.script"] = { "sma_cross" },
   ["strategies.N.params.NAME"] = { "2", key = "strategies.1.params.seed" },
   ["strategies.N.symbols"] = { "BTC-USD" },
   ["strategies.N.timeframe"] = { "10s", averages },
   ["guards.N.script"] = { "FOLDER/failing_guard.lua" },
   ["guards.N.params.NAME"] = { "0.001", { "guards.1.script=max_drawdown" }, key = "guards.1.params.limit" },
   ["guards.N.metric"] = { "exposure", fees },
   ["guards.N.compare"] = { "lt", fees },
   ["guards.N.threshold"] = { "0.1", fees },
   ["guards.N.symbols"] = { "ETH-USD", spread },
   ["guards.N.warning_share"] = { "50%", fees },
   ["guards.N.window"] = { "5s", { "guards.1.metric=orders", "guards.1.threshold=20", "guards.1.window=30s" } },
   ["guards.N.lasting"] = { "10s", fees },
   ["guards.N.cooldown"] = { "1s", { fees[1], fees[2], "guards.1.action=warn" } },
   ["guards.N.action"] = { "pause", fees },
   ["guards.N.action_for"] = { "5s", spread },
   ["guards.N.scope"] = { "all", spread },

   ["mock.seed"] = { "4" },
   ["mock.cash"] = { "500" },
   ["mock.start"] = { "2026-02-05T09:00" },
   ["mock.step"] = { "2s" },
   ["mock.latency"] = { "1s" },
   ["mock.clock_skew"] = { "10s" },
   ["mock.silent_after"] = { "10s" },
   ["mock.silent_for"] = { "10s", { "mock.silent_after=10s" } },
   ["mock.deterministic_fills"] = { "true" },
   ["mock.balances.NAME"] = { "1", key = "mock.balances.BTC" },
   ["mock.faults.drop"] = { "20%" },
   ["mock.faults.reorder"] = { "50%" },
   ["mock.faults.delay"] = { "20%" },
   ["mock.faults.delay_max"] = { "1s", { "mock.faults.delay=20%" } },
   ["mock.faults.reject"] = { "20%" },
   ["mock.faults.rate_limit"] = { "20%" },
   ["mock.faults.server_error"] = { "20%" },
   ["mock.faults.unauthorized"] = { "20%" },
   ["mock.faults.disconnect"] = { "5%" },
   ["scripts.memory_mib"] = { "1", { "strategies.1.script=FOLDER/hungry.lua" } },
   ["scripts.call_time"] = { "2ms", { "strategies.1.script=FOLDER/endless.lua" } },
   ["scripts.start_time"] = { "2ms", { "strategies.1.script=FOLDER/slow_start.lua", "scripts.start_time=20ms" } },
   ["log.level"] = { "debug" },
   ["log.format"] = { "json" },
   ["monitor.status_every"] = { "10s" },
}

local elsewhere = {
   ["venue"] = "tests/lua/app/cli_spec.lua",
   ["degrade.drift_checks"] = "tests/c/engine/reconcile_test.c",
   ["reconcile.external_orders"] = "tests/c/engine/reconcile_test.c",
   ["reconcile.holdings"] = "tests/c/engine/recover_test.c",
   ["reconcile.balance_tolerance"] = "tests/c/engine/reconcile_test.c",
   ["mock.faults.duplicate"] = "tests/c/venue/engine_on_mock_test.c", -- what comes twice leaves no trace
   ["mock.speed"] = "tests/lua/app/settings_spec.lua",
   ["store.file"] = "tests/lua/app/settings_spec.lua",
}

--- The key as it is written where SYMBOL, N and NAME stand for something.
local function spelled(key)
   return shown[key].key or key:gsub("%.SYMBOL", ".BTC-USD"):gsub("%.N%.", ".1.")
end

describe("the setting", function()
   local before = {} -- by the settings that are the same in both runs

   setup(function()
      -- In memory where there is such a place: a run syncs its journal after every order.
      folder = io.popen("mktemp -d -p /dev/shm 2>/dev/null || mktemp -d"):read("l")
      write("busy_profile.lua", (profile:gsub("FOLDER", folder)))
      write("busy.lua", read(root .. "/tests/lua/fixtures/busy.lua"))
      for name, text in pairs(scripts) do
         write(name .. ".lua", text)
      end
   end)

   teardown(function()
      os.execute("rm -rf " .. folder)
   end)

   local keys = {}
   for key in pairs(shown) do
      keys[#keys + 1] = key
   end
   table.sort(keys)

   for _, key in ipairs(keys) do
      it(key .. " changes what happens", function()
         local value, given = shown[key][1], shown[key][2] or {}
         local same = table.concat(given, " ")
         before[same] = before[same] or { run(given) }
         local settings = { table.unpack(given) }
         settings[#settings + 1] = spelled(key) .. "=" .. value
         local hash, log = run(settings)
         assert.is_true(hash ~= before[same][1] or log ~= before[same][2], "nothing changed")
      end)
   end

   it("changes nothing when it stays as it is", function()
      for same, first in pairs(before) do
         local given = {}
         for setting in same:gmatch("%S+") do
            given[#given + 1] = setting
         end
         assert.same(first, { run(given) })
      end
   end)

   it("mock.speed decides how long simulated time takes", function()
      local words = "PERIGEE_HOME=%s timeout -s INT %s %s run --profile %s/busy_profile.lua --for 2h --log error"
         .. " --set mock.speed=%s --set strategies.1.script=sma_cross --json --journal %s/s.db >%s/out"
      os.execute(words:format(folder, "300", program, folder, "none", folder, folder))
      assert.matches('"ended_by":"time is over"', read(folder .. "/out"))
      os.execute(words:format(folder, "0.5", program, folder, "1", folder, folder))
      assert.matches('"ended_by":"interrupted"', read(folder .. "/out"))
   end)

   it("store.file is where the journal goes", function()
      local words = "PERIGEE_HOME=%s %s run --profile %s/busy_profile.lua --cycles 2 --speed max --log error"
         .. " --set store.file=%s/elsewhere.db --json >%s/out"
      os.execute(words:format(folder, program, folder, folder, folder))
      assert.truthy(read(folder .. "/out"):find('"journal":"' .. folder .. '/elsewhere.db"', 1, true))
      assert.truthy(io.open(folder .. "/elsewhere.db"))
   end)

   it("is shown to work, whichever of them it is", function()
      local missing, listed = {}, {}
      for line in read(root .. "/docs/settings.md"):gmatch("[^\n]+") do
         local key = line:match("^| `(.-)` |")
         if key then
            listed[key] = true
            local is_shown = shown[key] or elsewhere[key] or line:find("*Not honoured yet.*", 1, true)
            missing[#missing + 1] = not is_shown and key or nil
         end
      end
      assert.same({}, missing)
      for key in pairs(shown) do
         assert.is_true(listed[key], key .. " is no setting any more")
      end
      for key, file in pairs(elsewhere) do
         local name = key:match("[%w_]+$")
         assert.is_true(listed[key], key .. " is no setting any more")
         assert.matches(name == "duplicate" and "DUPLICATE" or name, read(root .. "/" .. file))
      end
   end)
end)
