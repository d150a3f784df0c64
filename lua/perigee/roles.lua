--- What scripts return: strategies, sizing rules and guards.

local function maker(role)
   return {
      new = function(name, params)
         if type(name) ~= "string" then
            error(role .. ".new takes a name and a table of parameters", 2)
         end
         if params ~= nil and type(params) ~= "table" then
            error(role .. ".new takes a table of parameters", 2)
         end
         return { role = role, name = name, declared = params or {}, params = {} }
      end,
   }
end

return {
   strategy = maker("strategy"),
   sizing = maker("sizing"),
   guard = maker("guard"),
}
