-- What a mutant is: one statement of a source with one token changed, or left out.
--
--    operators.mutants_of(lines) -> { { line, where, was, is, text }, ... }
--
-- `text` is the whole source with the change, `where` the function or table.

local operators = {}

-- Each: a Lua pattern for the token, and what takes its place.
local TOKENS = {
   { "<=", { "<", ">" } }, { ">=", { ">", "<" } }, { "==", { "!=" } }, { "!=", { "==" } },
   { " < ", { " <= ", " >= " } }, { " > ", { " >= ", " <= " } },
   { "&&", { "||" } }, { "||", { "&&" } },
   { " %+ ", { " - " } }, { " %- ", { " + " } }, { "%+%+", { "--" } }, { "%-%-", { "++" } },
   { "!([%a_])", { "%1" } },
   { "%f[%w_]true%f[^%w_]", { "false" } }, { "%f[%w_]false%f[^%w_]", { "true" } },
   { "ROUND_DOWN", { "ROUND_UP" } }, { "ROUND_UP", { "ROUND_DOWN" } },
   { "decimal_min%(", { "decimal_max(" } }, { "decimal_max%(", { "decimal_min(" } },
   { "decimal_add%(", { "decimal_sub(" } }, { "decimal_sub%(", { "decimal_add(" } },
   { "decimal_abs%(", { "(" } }, { "decimal_negate%(", { "(" } }, { "not_negative%(", { "(" } },
   { "UNLIMITED", { "DECIMAL_ZERO" } }, { "return DECIMAL_ZERO;", { "return D(1);" } },
   { "%f[%w_]D%(1%)", { "D(2)" } }, { "DAYS%(1%)", { "DAYS(2)" } },
   { "SIDE_BUY", { "SIDE_SELL" } }, { "SIDE_SELL", { "SIDE_BUY" } },
   { "PRODUCT_SPOT", { "PRODUCT_FUTURE" } }, { "PRODUCT_FUTURE", { "PRODUCT_SPOT" } },
   { "LEVEL_NORMAL", { "LEVEL_REDUCE_ONLY" } }, { "LEVEL_REDUCE_ONLY", { "LEVEL_PAUSED" } },
   { "LEVEL_PAUSED", { "LEVEL_REDUCE_ONLY", "LEVEL_HALTED" } }, { "LEVEL_HALTED", { "LEVEL_PAUSED" } },
   { "REFUSAL_[A-Z_]+", { "REFUSAL_NONE", "REFUSAL_UNKNOWN" } },
   { "= ORDER_[A-Z_]+,", { "= ORDER_STATE_NONE,", "= ORDER_UNKNOWN,", "= ORDER_CANCELED," } },
}

-- Comments go; their lines stay, so that numbers hold.
local function without_comments(text)
   return (text:gsub("/%*.-%*/", function(comment) return (comment:gsub("[^\n]", "")) end))
end

local function parens(line)
   local bare = line:gsub('"[^"]*"', ""):gsub("'.'", "")
   local _, opened = bare:gsub("[%(%[]", "")
   local _, closed = bare:gsub("[%)%]]", "")
   return opened - closed
end

local function goes_on(line, next_line)
   return line:find("[%w%)] [=?:|&+%-*/]+$") or line:find("=$")
      or (next_line and next_line:find("^%s+[?:&|+*/%-]+ "))
end

-- Statements on one line each: { { number, text }, ... }. Macros stay as they are.
local function statements_of(text)
   local raw, statements = {}, {}
   for line in (without_comments(text) .. "\n"):gmatch("(.-)\n") do
      raw[#raw + 1] = (line:gsub("%s+$", ""))
   end
   local i = 1
   while i <= #raw do
      local first, joined = i, raw[i]
      local in_macro = joined:find("^#") or joined:find("\\$")
      while not in_macro and joined ~= "" and i < #raw
         and (parens(joined) > 0 or goes_on(joined, raw[i + 1])) do
         i = i + 1
         joined = joined .. " " .. raw[i]:gsub("^%s+", "")
      end
      statements[#statements + 1] = { number = first, text = joined }
      i = i + 1
   end
   return statements
end

-- Assertions, texts and what the preprocessor reads are not rules; the arrows in a macro are.
local function is_rule(line)
   if line:find("assert%(") or line:find("^#") or line == "" then return false end
   return not line:find("\\$") or line:find("ORDER_") ~= nil
end

local function inside_text(line, at)
   local _, quotes = line:sub(1, at - 1):gsub('"', "")
   return quotes % 2 == 1
end

local function change_tokens(line, add)
   for _, token in ipairs(TOKENS) do
      local from = 1
      while true do
         local first, last = line:find(token[1], from)
         if not first then break end
         for _, with in ipairs(inside_text(line, first) and {} or token[2]) do
            local changed = line:sub(first, last):gsub(token[1], (with:gsub("%%([^1])", "%%%%%1")))
            add(line:sub(1, first - 1) .. changed .. line:sub(last + 1))
         end
         from = last + 1
      end
   end
end

-- A condition that is no comparison, the other way round.
local function turn_conditions(line, in_bool, add)
   local function turn(before, condition, after)
      local bare = condition and condition:gsub("%->", ".")
      if bare and not bare:find("[=<>!|?]") and not bare:find("&&") and not bare:find("^%l+$")
         and parens(bare) == 0 then
         add(before .. "!(" .. condition .. ")" .. after)
      end
   end
   turn(line:match("^(.*%f[%w_]if %()(.*)(%)[ {]*)$"))
   turn(line:match("^(.*return )(.-)( %? .*)$"))
   turn(line:match("^(.* = )(.-)( %? .*)$"))
   if in_bool then turn(line:match("^(%s+return )([^?]*)(;)$")) end
end

-- A statement, a case or a row of a table, left out. What frees stays: the sanitizers see leaks.
local function drop(line, add)
   local is_call = line:find("^%s+[%a_][%w_>.%[%]%-]*%(.*%);$") and not line:find("free%(")
   local is_assignment = line:find("^%s+[%a_*][%w_>.%[%]%-]* [%+%-|]?= .*;$")
   local is_step = line:find("^%s+[%a_][%w_>.%[%]%-]*[%+%-][%+%-];$")
   local is_word = line:find("^%s+return;$") or line:find("^%s+continue;$") or line:find("^%s+break;$")
   if is_call or is_assignment or is_step or is_word or line:find("^%s+case [%u_]+:$") then
      add(";")
   elseif line:find("^%s+{{.*},$") then
      add("")
   end
end

local function place_of(line, before)
   if not line:find("^[%a_]") and not line:find("^#define") then return before end
   return line:match("([%w_]+)%(.*%)$") or line:match("([%w_]+)%[.*= {?$")
      or line:match("^#define ([%w_]+)") or before
end

local function tidy(text) return (text:gsub("%s+\\$", ""):gsub("^%s+", ""):gsub("%s+", " ")) end

function operators.mutants_of(text)
   local statements, mutants, where, in_bool = statements_of(text), {}, "", false
   for i, statement in ipairs(statements) do
      local line = statement.text
      where = place_of(line, where)
      if line:find("^[%a_]") then in_bool = line:find("%f[%w_]bool [%w_]+%(") ~= nil end
      local function add(changed)
         mutants[#mutants + 1] = { at = i, line = statement.number, where = where, was = tidy(line),
            is = tidy(changed), changed = changed }
      end
      if is_rule(line) then
         change_tokens(line, add)
         turn_conditions(line, in_bool, add)
         drop(line, add)
      end
   end
   return mutants, statements
end

-- The source again, with or without a mutant.
function operators.write(path, statements, mutant)
   local file = assert(io.open(path, "w"))
   for i, statement in ipairs(statements) do
      file:write(mutant and mutant.at == i and mutant.changed or statement.text, "\n")
   end
   file:close()
end

return operators
