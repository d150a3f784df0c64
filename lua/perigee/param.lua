--- Declarations of parameters: type, default, range, help.
---
--- `param.integer { 10, min = 2, max = 200, help = "bars" }` and its kind stand in the table that
--- strategy.new takes; the values in force are then in self.params.

local function declare(kind, options)
   if type(options) ~= "table" then
      error("param." .. kind .. " takes a table: { default, min = , max = , help = }", 3)
   end
   if options[1] == nil then
      error("param." .. kind .. " needs a default as its first value", 3)
   end
   return { kind = kind, default = options[1], min = options.min, max = options.max,
            choices = options.choices, help = options.help }
end

local param = {}

function param.integer(options)
   return declare("integer", options)
end

function param.number(options)
   return declare("number", options)
end

function param.boolean(options)
   return declare("boolean", options)
end

function param.text(options)
   return declare("text", options)
end

function param.choice(options)
   return declare("choice", options)
end

return param
