--- Every entry is worth the same share of what the account is worth.
---
--- Believes that nobody knows which trade will be the good one, so that none deserves more; or,
--- with by_confidence, that the strategy does know. Wrong when stops differ much: then equal values
--- are unequal risks.

local fixed_fraction = sizing.new("fixed_fraction", {
   fraction = param.number { 0.1, min = 0, max = 1, help = "share of equity in one entry" },
   by_confidence = param.boolean { false, help = "take the share times the decision's confidence" },
   max_value = param.number { 0, min = 0, help = "most that one entry may be worth; 0: no limit" },
})

---@param decision decision
---@param portfolio portfolio
---@param market market
---@return number?  base units (contracts of a future), rounded down by the engine
function fixed_fraction:size(decision, portfolio, market)
   local p, price = self.params, decision.limit_price or market.price
   if not price then
      return nil
   end
   local value = portfolio.equity * p.fraction
   if p.by_confidence then
      value = value * decision.confidence
   end
   if p.max_value > 0 then
      value = math.min(value, p.max_value)
   end
   return math.max(value, 0) / (price * market.contract_size)
end

return fixed_fraction
