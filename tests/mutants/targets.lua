-- Sources that guard money, by what they are about, and the tests each is shown to: its own
-- first, since most mutants die of the first test.

local LIMITS = "limits limits_rounding limits_audit pipeline amend audit engine metric guards"
local GUARDS = "guards guards_voice guards_symbol triggers metric metric_guard audit snapshot engine"
local EXITS = "exits exit_triggers exit_orders exit_terms exits_random recover amend audit"

local targets = {
   { "state", "model/order_state", "model/order_state model/order" },
   { "limits", "engine/limits", LIMITS },
   { "limits", "engine/limits_figures", LIMITS },
   { "limits", "engine/limits_order", LIMITS },
   { "limits", "engine/limits_position", LIMITS },
   { "limits", "engine/limits_margin", LIMITS },
   { "limits", "engine/limits_book", LIMITS },
   { "degradation", "engine/degrade", "degrade commands triggers snapshot audit engine" },
   { "degradation", "engine/level", "level" },
   { "degradation", "engine/closing", "closing clearance commands pipeline" },
   { "degradation", "engine/clearance", "clearance closing commands triggers audit amend" },
   { "guards", "engine/guards", GUARDS },
   { "guards", "engine/guards_symbol", GUARDS },
   { "guards", "engine/metric_guard", "metric_guard guard_memory metric guards lasting snapshot" },
   { "guards", "engine/metric_memory", "guard_memory metric_guard metric snapshot" },
   { "guards", "engine/guard_memory", "guard_memory guards snapshot" },
   { "guards", "engine/guard_tally", "guard_tally guards snapshot" },
   { "guards", "engine/equity_watch", "equity_watch guards snapshot" },
   { "guards", "engine/request_watch", "triggers guards" },
   { "guards", "engine/pace", "pace limits snapshot" },
   { "guards", "engine/price_window", "price_window guards" },
   { "pipeline", "engine/pipeline", "pipeline pipeline_trace exits amend audit limits_audit commands "
      .. "preview engine portfolio_strategy" },
   { "pipeline", "engine/preview", "preview" },
   { "pipeline", "engine/amend", "amend amend_told audit report commands" },
   { "recovery", "engine/recover", "recover recover_sound snapshot resolver exits amend" },
   { "recovery", "engine/reconcile", "reconcile recover audit" },
   { "recovery", "engine/reconcile_account", "reconcile recover audit" },
   { "recovery", "engine/reconcile_adopt", "reconcile recover audit" },
   { "exits", "engine/exit", EXITS },
   { "exits", "engine/exit_triggers", EXITS },
   { "exits", "engine/exit_orders", EXITS },
   { "exits", "engine/exits", EXITS },
}

-- Names without a folder are tests of the engine.
for _, target in ipairs(targets) do
   target.group, target.source, target.tests = target[1], target[2], {}
   for test in target[3]:gmatch("%S+") do
      table.insert(target.tests, test:find("/") and test or "engine/" .. test)
   end
end

return targets
