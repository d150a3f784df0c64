--- Exits as parameters of a strategy say them: shares, 0.02 is 2 %, 0 is none.
---
---     local levels = exits.levels(self.params)
---     return buy("up", levels)
---
--- The engine holds them then, over restarts too: docs/exits.md.

local exits = {}

local names = { "stop_loss", "take_profit", "trailing_stop" }

--- Options for buy, sell and protect; empty when the parameters ask for none.
---@param params table  stop_loss, take_profit, trailing_stop
---@param more table?  other options, which are added
---@return table
function exits.levels(params, more)
   local levels = {}
   for _, name in ipairs(names) do
      local share = params[name] or 0
      -- A stop that gives away everything is none.
      if share > 0 and (share < 1 or name == "take_profit") then
         levels[name] = ("%.10g%%"):format(share * 100)
      end
   end
   for name, value in pairs(more or {}) do
      levels[name] = value
   end
   return levels
end

--- Protects what is held and not yet guarded: coins from before, or from elsewhere.
---@param position position
---@param params table  as above
---@return decision?
function exits.guard(position, params)
   if position.guarded < math.abs(position.size) then
      local levels = exits.levels(params)
      return next(levels) and protect("held without an exit", levels) or nil
   end
end

return exits
