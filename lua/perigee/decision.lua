--- What handlers return: buy, sell, close, hold, cancel, amend,
--- protect.
---
--- A reason, then a table that says more: buy("it rises", { size = 0.1, limit = 100.5 }); or one
--- table with all of it: buy { reason = "it rises", symbol = "ETH-USD" }. The core checks every
--- decision again; these checks are here because they can name the line.

local find_symbol_mistake = ... -- what is wrong with a symbol; nil: nothing

local error, pairs, type = error, pairs, type

local function amount(value)
   local number = type(value) == "number"
   if number and (value ~= value or value <= 0 or value == math.huge) then
      return "more than 0 and finite, not " .. (value == value and value or "nan")
   end
   local is_one = number or type(value) == "string" or tostring(value):match("^%d")
   return not is_one and "a number, a decimal or text like \"0.1\", not a " .. type(value)
end

local function is(kind)
   return function(value)
      return type(value) ~= kind and "a " .. kind .. ", not a " .. type(value)
   end
end

-- A price, or a share of the price that is paid: 95, "95.5", "2%". A stop is less than all of it.
local function level(most)
   return function(value)
      if type(value) == "string" and value:match("%%$") then
         local share = tonumber((value:gsub("%s*%%$", "")))
         return not (share and share > 0 and share < most)
            and ("more than 0 %% and less than %d %%, not %s"):format(most, value)
      end
      return amount(value)
   end
end

local options = {
   stop_loss = level(100),
   take_profit = level(10000),
   trailing_stop = level(100),
   size = amount,
   type = is("string"),
   limit = amount,
   stop = amount,
   tif = is("string"),
   expires = is("number"),
   post_only = is("boolean"),
   reduce_only = is("boolean"),
   confidence = is("number"),
   order = is("number"),
   symbol = is("string"),
}

local function check(action, name, value)
   local find_mistake = options[name]
   if not find_mistake then
      error(action .. " has no option '" .. tostring(name) .. "'", 4)
   end
   local expected = find_mistake(value)
   if expected then
      error(action .. ": " .. name .. " must be " .. expected, 4)
   end
   local mistake = name == "symbol" and find_symbol_mistake(value)
   if mistake then
      error(action .. ": " .. mistake, 4)
   end
end

local function make(action, reason, given)
   local kind = type(reason)
   local is_one_table = kind == "table" and given == nil
   if is_one_table then
      reason, given = reason.reason, reason
      kind = type(reason)
   end
   if kind ~= "string" and kind ~= "nil" then
      error(action .. " takes a reason as text, then a table of options", 3)
   elseif given ~= nil and type(given) ~= "table" then
      error(action .. " takes a table of options after the reason", 3)
   end
   local decision = { action = action, reason = reason }
   if given then
      for name, value in pairs(given) do
         if not (is_one_table and name == "reason") then
            check(action, name, value)
            decision[name] = value
         end
      end
   end
   return decision
end

-- The number of an order, or an order itself; nil when it is neither.
local function number_of(order)
   local kind = type(order)
   if kind == "number" then
      return order
   end
   return (kind == "userdata" or kind == "table") and order.number or nil
end

local function name_order(decision, order)
   decision.order = number_of(order)
   decision.symbol = decision.symbol or type(order) ~= "number" and order.symbol or nil
   return decision
end

local actions = {}

function actions.cancel(what, more)
   local decision
   if not number_of(what) then
      decision = make("cancel", what, more)
      return decision
   end
   decision = make("cancel", more)
   return name_order(decision, what)
end

function actions.amend(order, changes)
   if not number_of(order) then
      error("amend takes an order or its number, then a table of what shall change", 2)
   elseif type(changes) ~= "table" then
      error("amend takes a table of what shall change after the order: size, limit or stop", 2)
   end
   local decision = make("amend", changes)
   if not (decision.size or decision.limit or decision.stop) then
      error("amend: nothing changes; give a size, a limit or a stop", 2)
   end
   return name_order(decision, order)
end

for _, action in ipairs { "buy", "sell", "close", "hold", "protect" } do
   actions[action] = function(reason, given)
      -- No tail call: the levels of error() count on this function's frame.
      local decision = make(action, reason, given)
      return decision
   end
end

return actions
