--- Leaving a position by its profit: stop loss, trailing stop, take profit.
---
--- Limits are shares of a price, 0.02 is 2 %; 0 switches one off. A stop comes before a target:
--- where both would do, the loss is what matters.

local exits = {}

--- The best price since the position was opened: what a trailing stop hangs on. Nil when flat.
---@param position position
---@param price number
---@param best number?  what this function returned before
---@return number?
function exits.best(position, price, best)
   if position.is_flat then
      return nil
   end
   best = best or position.average_price
   return position.is_long and math.max(best, price) or math.min(best, price)
end

local function percent(share)
   return ("%.2f %%"):format(share * 100)
end

--- Why the position must be left now; nil while it need not be.
---@param position position  not flat
---@param price number
---@param best number  from exits.best
---@param limits table  stop_loss, trailing_stop, take_profit
---@return string?
function exits.reason(position, price, best, limits)
   local side, entry = position.is_long and 1 or -1, position.average_price
   local gain, given_back = side * (price - entry) / entry, side * (best - price) / best
   if limits.stop_loss > 0 and gain <= -limits.stop_loss then
      return "stop loss: " .. percent(-gain) .. " lost"
   elseif limits.trailing_stop > 0 and given_back >= limits.trailing_stop then
      return "trailing stop: " .. percent(given_back) .. " off the best price"
   elseif limits.take_profit > 0 and gain >= limits.take_profit then
      return "take profit: " .. percent(gain) .. " gained"
   end
end

return exits
