--- Takes no new risk once the account is too far below its peak; further down, only exits.
---
--- Believes that a bad run is more often a change of the market than bad luck. Wrong when it was
--- bad luck: then it sits out the recovery. Exits pass whatever the loss; nobody asks a guard.

local max_drawdown = guard.new("max_drawdown", {
   limit = param.number { 0.1, min = 0.001, max = 1, help = "share below the peak: no new risk" },
   reduce_only_at = param.number { 0.15, min = 0.001, max = 1, help = "share: only exits" },
})

function max_drawdown.check_params(params)
   return params.limit <= params.reduce_only_at, "limit must not be above reduce_only_at"
end

local function words(drawdown, limit)
   return ("%.2f %% below the peak, the limit is %.2f %%"):format(drawdown * 100, limit * 100)
end

---@param portfolio portfolio
---@return boolean allow
---@return string? reason
function max_drawdown:check(_, portfolio)
   if portfolio.drawdown < self.params.limit then
      return true
   end
   return false, words(portfolio.drawdown, self.params.limit)
end

---@param portfolio portfolio
---@return table? action  held until an operator ends it
function max_drawdown:on_cycle(portfolio)
   local limit = self.params.reduce_only_at
   if portfolio.drawdown >= limit then
      return { level = "reduce_only", reason = words(portfolio.drawdown, limit) }
   end
end

return max_drawdown
