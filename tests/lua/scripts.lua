--- For specs: scripts written where they are tested.

local perigee = require("perigee.test")

local scripts = {}

local written = {}

--- A file with this text; removed at the end.
function scripts.file(text)
   local path = os.tmpname()
   os.remove(path)
   path = path .. ".lua"
   local file = assert(io.open(path, "w"))
   file:write(text)
   file:close()
   written[#written + 1] = path
   return path
end

function scripts.remove()
   for _, path in ipairs(written) do
      os.remove(path)
   end
   written = {}
end

--- A bot whose strategy has this text ; `bot` is the strategy, returned at the end.
function scripts.bot(body, options)
   options = options or {}
   options.strategy = scripts.file("local bot = strategy.new('bot', {})\n" .. body .. "\nreturn bot")
   return perigee.bot(options)
end

--- For scripts: joins what it is given as text.
scripts.text = [[
local function text(...)
   local all = table.pack(...)
   for i = 1, all.n do
      all[i] = tostring(all[i])
   end
   return table.concat(all, " ")
end
]]

--- What expressions, divided by commas, are inside on_bar after the bars: as text, divided by
--- blanks; "error" where they fail. `start` runs in on_start.
function scripts.value(expression, bars, start, options)
   local handlers = ([[
function bot:on_start(market, portfolio) local _ = market, portfolio; %s end
function bot:on_bar(market, bar)
   local ok, said = pcall(function() local _ = market, bar; return text(%s) end)
   return hold(ok and said or "error")
end]]):format(start or "", expression)
   return scripts.bot(scripts.text .. handlers, options):bars(bars or { 10 }).last_decision.reason
end

--- What a handler's body says when it fails, without the folder of its file: "s.lua:3: ...".
function scripts.complaint(body)
   local ok, why = pcall(function()
      scripts.bot("function bot:on_bar(market, bar)\nlocal _ = market, bar\n" .. body .. "\nend"):bars { 10 }
   end)
   assert(not ok, "nothing was wrong")
   return (why:gsub("/[%w_/]*/lua_%w+%.lua", "s.lua"))
end

return scripts
