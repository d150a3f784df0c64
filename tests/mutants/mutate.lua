-- Breaks the rules that guard money one at a time, and looks whether a test notices.
--
--    make mutants                                everything, a quarter of an hour
--    make mutants T="state limits degradation"   groups of targets.lua
--    make mutants T=engine/limits_book           sources, by the beginning of their names
--    make mutants JOBS=2                         so many at a time
--    make mutants T=recovery EVERY=4             a sample: each fourth
--
-- A mutant is the source with one token changed or one statement left out (operators.lua).
-- Mutants that compile to the same code as the original are not counted. What no test
-- notices and known.txt does not explain is printed, as is what known.txt explains though
-- a test notices it; either makes the exit code 1.
--
-- The tests of a source are linked once, with the source itself beside them as a shared
-- object; a mutant costs its compilation and the tests up to the first that fails. CC,
-- FLAGS and LIBS are taken from the environment, every object from the build under OUT.

package.path = "tests/mutants/?.lua;" .. package.path
local operators = require("operators")
local targets = require("targets")

local SECONDS = 5 -- of processor time for the tests; a mutant may run for ever
io.stdout:setvbuf("line")

local out, wanted, share, shares = arg[1], arg[2] or "", tonumber(arg[3]), tonumber(arg[4])
local jobs, every = tonumber(os.getenv("JOBS") or 1), tonumber(os.getenv("EVERY") or 1)
local cc, flags = os.getenv("CC") or "gcc", os.getenv("FLAGS") or ""
local libs = os.getenv("LIBS") or ""

local function is_wanted(target)
   for word in wanted:gmatch("%S+") do
      if target.group == word or target.source:sub(1, #word) == word then return true end
   end
   return not wanted:find("%S")
end

-- "core/engine/limits.c place: was => is :: why"
local function explanations()
   local known = {}
   for line in io.lines("tests/mutants/known.txt") do
      local key = line:match("^(core/.- => .-) :: ")
      if key then known[key] = true end
   end
   return known
end

local function read(path)
   local file = assert(io.open(path))
   local text = file:read("a")
   file:close()
   return text
end

local function shell(format, ...)
   return os.execute(format:format(...) .. " >/dev/null 2>&1") == true
end

---- One share of the mutants, in a folder of its own ----

local folder = ("%s/mutants/%s"):format(out, share or "")

local function compile(object)
   return shell("%s %s -w -O1 -g0 -c -o %s/%s %s/mutant.c", cc, flags, folder, object, folder)
end

local function link_mutant()
   return shell("%s -shared -o %s/mutant.so %s/mutant.o", cc, folder, folder)
end

local function link_tests(tests)
   local objects = {}
   for i, test in ipairs(tests) do objects[i] = ("%s/tests/c/%s_test.o"):format(out, test) end
   return shell("%s -o %s/tests %s %s/tests/c/check.o -Wl,--no-as-needed %s/mutant.so %s/libperigee.a "
      .. "-rdynamic %s", cc, folder, table.concat(objects, " "), out, folder, out, libs)
end

local function is_noticed()
   return not shell("ulimit -t %d; ulimit -c 0; CMOCKA_TEST_ABORT=1 LD_LIBRARY_PATH=%s %s/tests",
      SECONDS, folder, folder)
end

-- The tests must use the source that is beside them: without one they fail.
local function prepare(source, statements, tests)
   operators.write(folder .. "/mutant.c", statements)
   assert(compile("original.o") and compile("mutant.o") and link_mutant(), source .. " does not compile")
   assert(link_tests(tests), "the tests of " .. source .. " do not link: run make test-binaries first")
   assert(not is_noticed(), "the tests of " .. source .. " fail without a change")
   assert(shell("echo > %s/mutant.c", folder) and compile("mutant.o") and link_mutant() and is_noticed(),
      "the tests of " .. source .. " do without it")
end

local function run_target(target, known)
   local source = "core/" .. target.source .. ".c"
   local mutants, statements = operators.mutants_of(read(source))
   local count = { tried = 0, killed = 0, known = 0, survived = 0 }
   prepare(source, statements, target.tests)
   for i, mutant in ipairs(mutants) do
      if i % shares == share % shares then
         operators.write(folder .. "/mutant.c", statements, mutant)
         if compile("mutant.o") and not shell("cmp %s/mutant.o %s/original.o", folder, folder) then
            local key = ("%s %s: %s => %s"):format(source, mutant.where, mutant.was, mutant.is)
            local fate = link_mutant() and not is_noticed() and (known[key] and "known" or "survived")
               or "killed"
            count.tried, count[fate] = count.tried + 1, count[fate] + 1
            print(fate, mutant.line, key)
         end
      end
   end
   print("count", target.group, count.tried, count.killed, count.known, count.survived)
end

local function run_share()
   local known = explanations()
   os.execute("mkdir -p " .. folder)
   for _, target in ipairs(targets) do
      if is_wanted(target) then
         run_target(target, known)
         io.stdout:flush()
      end
   end
   print("done")
end

---- All of them ----

local function start(number)
   return assert(io.popen(("lua5.4 tests/mutants/mutate.lua %s '%s' %d %d"):format(out, wanted, number, jobs * every)))
end

local total, by_group, used, is_noticed_too = { 0, 0, 0, 0 }, {}, {}, {}

local function read_line(line)
   local fate, number, key = line:match("^(%l+)\t(%d+)\t(.*)$")
   if fate == "survived" then print(("survived, line %s: %s"):format(number, key)) end
   if fate == "known" then used[key] = true end
   if fate == "killed" then is_noticed_too[key] = true end
   local group, counts = line:match("^count\t(%S+)\t(.*)$")
   if not group then return line == "done" end
   local i, sum = 0, by_group[group] or { 0, 0, 0, 0 }
   for count in counts:gmatch("%d+") do
      i = i + 1
      sum[i], total[i] = sum[i] + tonumber(count), total[i] + tonumber(count)
   end
   by_group[group] = sum
end

local function say(what, sum)
   print(("%s: %d tried, %d killed, %d explained, %d survived"):format(what, table.unpack(sum)))
end

-- Explanations of what is noticed, or of lines that are no more.
local function stale()
   local count, sources = 0, {}
   for _, target in ipairs(targets) do
      if is_wanted(target) then sources["core/" .. target.source .. ".c"] = true end
   end
   for key in pairs(explanations()) do
      if sources[key:match("^%S+")] and not used[key] then
         print((is_noticed_too[key] and "explained, but noticed: " or "explains no mutant: ") .. key)
         count = count + 1
      end
   end
   return count
end

local function run_all()
   local pipes, is_whole = {}, true
   for i = 1, jobs do pipes[i] = start(i) end
   for _, pipe in ipairs(pipes) do
      local done = false
      for line in pipe:lines() do done = read_line(line) or done end
      is_whole = pipe:close() and done and is_whole
   end
   assert(is_whole, "not all mutants were tried")
   for _, target in ipairs(targets) do
      if by_group[target.group] then
         say(target.group, by_group[target.group])
         by_group[target.group] = nil
      end
   end
   say("mutants", total)
   local is_sample = every > 1
   os.exit((is_sample or stale() == 0) and total[4] == 0 and 0 or 1)
end

if share then run_share() else run_all() end
