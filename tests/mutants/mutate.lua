-- Breaks the rules that guard money one at a time, and looks whether a test notices.
--
--    lua5.4 tests/mutants/mutate.lua OUT [FILE]      (make mutants [T=engine/limits])
--
-- A mutant is the source with one token changed: a comparison inverted or its edge
-- moved, an `and` for an `or`, a sum for a difference, a rounding or a bound turned
-- round, an arrow or a row dropped, a call or an assignment left out (but no free: the
-- sanitizers see leaks). Mutants that
-- compile to the same code as the original are not counted. What no test notices and
-- known.txt does not explain is printed, and the exit code is 1.
--
-- CC and FLAGS are taken from the environment, every object from the build under OUT.

local LIMITS = "engine/limits engine/limits_rounding engine/limits_audit engine/amend engine/audit "
   .. "engine/pipeline engine/engine"

-- A source, and the tests it is shown to.
local TARGETS = {
   { "model/order_state", "model/order_state model/order engine/audit" },
   { "engine/limits", LIMITS },
   { "engine/limits_figures", LIMITS },
   { "engine/limits_order", LIMITS },
   { "engine/limits_position", LIMITS },
   { "engine/limits_margin", LIMITS },
   { "engine/limits_book", LIMITS },
   { "engine/pipeline", "engine/pipeline engine/amend engine/audit engine/engine engine/limits_audit" },
   { "engine/pace", "engine/pace engine/limits" },
   { "engine/level", "engine/level" },
   { "engine/degrade", "engine/degrade engine/audit engine/commands engine/engine engine/guards "
      .. "engine/triggers engine/snapshot" },
   { "engine/guards", "engine/guards engine/triggers engine/metric engine/metric_guard engine/audit engine/engine" },
   { "engine/equity_watch", "engine/equity_watch engine/guards engine/snapshot" },
}

local SECONDS = 20 -- for one test; a mutant may run for ever

-- Each: a Lua pattern for the token, and what takes its place.
local TOKENS = {
   { "<=", { "<", ">" } }, { ">=", { ">", "<" } }, { "==", { "!=" } }, { "!=", { "==" } },
   { " < ", { " <= ", " >= " } }, { " > ", { " >= ", " <= " } },
   { "&&", { "||" } }, { "||", { "&&" } },
   { " %+ ", { " - " } }, { " %- ", { " + " } },
   { "!([%a_])", { "%1" } },
   { "return true;", { "return false;" } }, { "return false;", { "return true;" } },
   { "ROUND_DOWN", { "ROUND_UP" } }, { "ROUND_UP", { "ROUND_DOWN" } },
   { "decimal_min%(", { "decimal_max(" } }, { "decimal_max%(", { "decimal_min(" } },
   { "decimal_add%(", { "decimal_sub(" } }, { "decimal_sub%(", { "decimal_add(" } },
   { "decimal_abs%(", { "(" } }, { "decimal_negate%(", { "(" } }, { "not_negative%(", { "(" } },
   { "SIDE_BUY", { "SIDE_SELL" } }, { "SIDE_SELL", { "SIDE_BUY" } },
   { "= ORDER_[A-Z_]+,", { "= ORDER_STATE_NONE,", "= ORDER_UNKNOWN,", "= ORDER_CANCELED," } },
}

local function shell(format, ...)
   local ok = os.execute(format:format(...) .. " >/dev/null 2>&1")
   return ok == true
end

local function lines_of(path)
   local lines = {}
   for line in io.lines(path) do lines[#lines + 1] = line end
   return lines
end

-- Comments, preprocessor lines, assertions and texts are not rules.
local function code_lines(lines)
   local code, in_comment, in_macro = {}, false, false
   for i, line in ipairs(lines) do
      local starts_comment = line:find("^%s*/%*")
      local is_macro = in_macro or line:find("^#")
      in_macro = is_macro and line:find("\\$") ~= nil
      if starts_comment then in_comment = true end
      code[i] = not in_comment and not line:find("assert%(") and not line:find("^#include")
         and not (is_macro and not line:find("ORDER_"))
      if in_comment and line:find("%*/") then in_comment = false end
   end
   return code
end

local function inside_text(line, at)
   local _, quotes = line:sub(1, at - 1):gsub('"', "")
   return quotes % 2 == 1
end

local function token_mutants(line, each)
   for _, token in ipairs(TOKENS) do
      local from = 1
      while true do
         local first, last = line:find(token[1], from)
         if not first then break end
         if not inside_text(line, first) then
            for _, with in ipairs(token[2]) do
               local changed = line:sub(first, last):gsub(token[1], (with:gsub("%%([^1])", "%%%%%1")))
               if changed ~= line:sub(first, last) then
                  each(line:sub(1, first - 1) .. changed .. line:sub(last + 1))
               end
            end
         end
         from = last + 1
      end
   end
end

-- A statement or a row of a table on a line of its own, left out.
local function dropped(line)
   local is_call = line:find("^%s+[%a_][%w_>.%[%]%-]*%(.*%);$") and not line:find("free%(")
   local is_assignment = line:find("^%s+[%a_][%w_>.%[%]%-]* [%+%-|]?= .*;$")
   local is_row = line:find("^%s+{{.*},$")
   local is_case = line:find("^%s+case [%u_]+:$")
   if is_call or is_assignment or is_case then return ";" end
   if is_row then return "" end
end

local function mutants_of(lines)
   local mutants, code = {}, code_lines(lines)
   for i, line in ipairs(lines) do
      if code[i] then
         local function add(changed) mutants[#mutants + 1] = { line = i, was = line, is = changed } end
         token_mutants(line, add)
         local without = dropped(line)
         if without then add(without) end
      end
   end
   return mutants
end

local function trim(text) return (text:gsub("^%s+", ""):gsub("%s+$", "")) end

-- "core/engine/limits.c: was => is: why"
local function known_survivors(path)
   local known = {}
   for line in io.lines(path) do
      local key = line:match("^(core/.- => .-) :: ")
      if key then known[key] = true end
   end
   return known
end

local out, only = arg[1], arg[2]
local cc, flags = os.getenv("CC") or "gcc", os.getenv("FLAGS") or ""
local libs = os.getenv("LIBS") or ""
local folder = out .. "/mutants"
local known = known_survivors("tests/mutants/known.txt")
os.execute("mkdir -p " .. folder)

local function write(path, lines, mutant)
   local file = assert(io.open(path, "w"))
   for i, line in ipairs(lines) do
      file:write(mutant and mutant.line == i and mutant.is or line, "\n")
   end
   file:close()
end

local function compile(to)
   return shell("%s %s -w -O1 -g0 -c -o %s %s/mutant.c", cc, flags, to, folder)
end

local function is_noticed(tests)
   for test in tests:gmatch("%S+") do
      local program = folder .. "/test"
      if not shell("%s -o %s %s/mutant.o %s/tests/c/%s_test.o %s/tests/c/check.o %s/libperigee.a -rdynamic %s",
         cc, program, folder, out, test, out, out, libs) then
         error("cannot link " .. test .. ": run make test-binaries first")
      end
      if not shell("timeout %d %s", SECONDS, program) then return true end
   end
   return false
end

local total = { tried = 0, killed = 0, known = 0, survived = 0 }

local function try(source, lines, tests, mutant)
   write(folder .. "/mutant.c", lines, mutant)
   if not compile(folder .. "/mutant.o") or
      shell("cmp %s/mutant.o %s/original.o", folder, folder) then
      return
   end
   total.tried = total.tried + 1
   local key = ("%s: %s => %s"):format(source, trim(mutant.was), trim(mutant.is))
   if is_noticed(tests) then
      total.killed = total.killed + 1
   elseif known[key] then
      total.known = total.known + 1
   else
      total.survived = total.survived + 1
      print(("%s:%d survived\n  was %s\n  is  %s"):format(source, mutant.line, trim(mutant.was), trim(mutant.is)))
   end
end

for _, target in ipairs(TARGETS) do
   if not only or only == target[1] then
      local source = "core/" .. target[1] .. ".c"
      local lines = lines_of(source)
      write(folder .. "/mutant.c", lines)
      assert(compile(folder .. "/original.o"), source .. " does not compile")
      assert(os.rename(folder .. "/original.o", folder .. "/mutant.o") and not is_noticed(target[2]),
         "the tests of " .. source .. " fail without a change")
      compile(folder .. "/original.o")
      local before = total.tried
      for _, mutant in ipairs(mutants_of(lines)) do try(source, lines, target[2], mutant) end
      print(("%-28s %d mutants"):format(source, total.tried - before))
   end
end

print(("mutants: %d tried, %d killed, %d explained, %d survived"):format(
   total.tried, total.killed, total.known, total.survived))
os.exit(total.survived == 0 and 0 or 1)
