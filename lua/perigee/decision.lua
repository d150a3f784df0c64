--- What handlers return: buy, sell, close, hold, cancel.
---
--- The second argument says more: { size = 0.1, type = "limit", limit = 100.5, confidence = 0.8 }.

local allowed = {
   size = true, type = true, limit = true, stop = true, tif = true, expires = true,
   post_only = true, reduce_only = true, confidence = true,
   take_profit = true, stop_loss = true, trailing = true, order = true, symbol = true,
}

local function maker(action)
   return function(reason, options)
      if reason ~= nil and type(reason) ~= "string" then
         error(action .. " takes a reason as text, then a table of options", 2)
      end
      local decision = { action = action, reason = reason }
      if options == nil then
         return decision
      end
      for key, value in pairs(options) do
         if not allowed[key] then
            error(action .. " has no option '" .. tostring(key) .. "'", 2)
         end
         decision[key] = value
      end
      return decision
   end
end

return {
   buy = maker("buy"),
   sell = maker("sell"),
   close = maker("close"),
   hold = maker("hold"),
   cancel = maker("cancel"),
}
