--- What handlers return: buy, sell, close, hold, cancel.
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

local options = {
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

local actions = {}
for _, action in ipairs { "buy", "sell", "close", "hold", "cancel" } do
   actions[action] = function(reason, given)
      -- No tail call: the levels of error() count on this function's frame.
      local decision = make(action, reason, given)
      return decision
   end
end

return actions
