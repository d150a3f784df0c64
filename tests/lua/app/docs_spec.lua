--- Every command that README.md and docs/*.md show is run, so that no page rots.
---
--- What is long is shortened (rows, cycles, seeds); files that a page names are made first.

local root = os.getenv("PERIGEE_ROOT") or "."

local folder

local function read(path)
   local file = assert(io.open(path))
   local text = file:read("a")
   file:close()
   return text
end

local function write(path, text)
   local file = assert(io.open(path, "w"))
   file:write(text)
   file:close()
end

local function lines_of(command)
   local pipe = assert(io.popen(command))
   local lines = {}
   for line in pipe:lines() do
      lines[#lines + 1] = line
   end
   pipe:close()
   return lines
end

--- Absolute, because commands run in a folder of their own.
local base = root:sub(1, 1) == "/" and root or lines_of("pwd")[1] .. "/" .. root
--- For the shell: the tree may lie in a folder with a blank in its name.
local function quote(path)
   return "'" .. path:gsub("'", "'\\''") .. "'"
end

local program = quote(base .. "/build/perigee")
local pages = lines_of(("ls %s/README.md %s/docs/*.md"):format(quote(base), quote(base)))

--- In the temporary folder; code and all that was printed.
local function shell(command)
   local out = folder .. "/.out"
   local _, _, code = os.execute(("cd %s && { %s; } >%s 2>&1 </dev/null"):format(folder, command, out))
   return code, read(out)
end

local function perigee(home, words)
   return shell(("PERIGEE_HOME=%s/%s %s %s"):format(folder, home, program, words))
end

--- "perigee ..." on a line of its own, in a block or indented, without comment: the words after it.
local function shown_commands()
   local found, is_there = {}, {}
   for _, page in ipairs(pages) do
      for line in read(page):gmatch("[^\n]+") do
         local words = line:match("^%s*%$?%s*perigee (%l.*)$")
         words = words and words:gsub("%s+#.*$", "")
         if words and not words:match("^[%l-]+:") and not is_there[words] then
            is_there[words] = true
            found[#found + 1] = { page = page:match("[^/]+$"), words = words }
         end
      end
   end
   return found
end

local shorter = {
   { "%-%-rows %d+", "--rows 3000" },
   { "%-%-cycles %d+", "--cycles 20" },
   { "%-%-for %S+", "--for 20s" },
   { "%-%-speed %d+", "--speed max" },
   { "%-%-seeds %d+", "--seeds 2" },
   { "%-%-hours %d+", "--hours 1" },
}

local function shortened(words)
   for _, change in ipairs(shorter) do
      words = words:gsub(change[1], change[2])
   end
   if words:match("^run ") and not words:match("%-%-cycles") and not words:match("%-%-for") then
      words = words .. " --cycles 20 --speed max"
   end
   return words
end

local operator = {
   status = true, pause = true, resume = true, halt = true, flatten = true, kill = true,
   ["reduce-only"] = true, ["cancel-all"] = true,
}

--- Which state a command needs: a running engine, a journal that is over, or nothing.
local function home_of(words)
   local verb = words:match("^%S+")
   local reads = { events = true, orders = true, positions = true, verify = true }
   return operator[verb] and "live" or reads[verb] and "over" or "fresh"
end

local function wait_for_engine()
   for _ = 1, 200 do
      if perigee("live", "status") == 0 then
         return
      end
      os.execute("sleep 0.05")
   end
   error("the engine did not start")
end

--- One that `kill` ended is followed by another.
local function start_engine()
   if perigee("live", "status") ~= 0 then
      os.execute(("cd %s && PERIGEE_HOME=%s/live %s run --log error --speed 50 >/dev/null 2>&1 &")
         :format(folder, folder, program))
      wait_for_engine()
   end
end

--- The files that the pages speak of.
local function make_files()
   local readme = read(base .. "/README.md")
   local strategy = assert(readme:match("```lua\n(.-)```"), "README.md shows no strategy")
   write(folder .. "/breakout.lua", strategy)
   write(folder .. "/mine.lua", strategy)
   local synth = {
      "--symbol BTC-USD --rows 3000 --out btc.csv",
      "--symbol BTC-USD --rows 3000 --out btc.pgh",
      "--symbol ETH-USD --rows 3000 --out eth.csv",
   }
   for _, words in ipairs(synth) do
      assert.same({ 0, "" }, { perigee("fresh", "data synth --json " .. words .. " >/dev/null") })
   end
   shell("head -n 500 btc.csv >page1.csv; sed -n '1p;400,900p' btc.csv >page2.csv")
   write(folder .. "/snap.csv", "symbol,ts_ms,side,price,size,update_id\n"
      .. "BTC-USD,1704067200000,bid,100,1,1\nBTC-USD,1704067200000,ask,101,1,1\n")
   write(folder .. "/deltas1.csv", "symbol,ts_ms,side,price,size,first_update_id,last_update_id\n"
      .. "BTC-USD,1704067201000,bid,100,2,2,2\n")
end

--- Fresh copies, without the one that a command is about to write: it never writes over a file.
local function lay_out(words)
   local source = words:match("^data import (%S+)%.csv")
   local output = words:match("%-%-out (%S+)") or source and source .. ".pgh"
   shell("cp kept/* . && rm -f " .. (words:match("^data ") and output or ""))
end

local function make_journal()
   local code = perigee("over", "run --profile dev --cycles 900 --speed max --log error")
   assert.equal(0, code)
   shell("cp over/dev/perigee.db perigee.db; mkdir kept && cp *.* kept")
end

describe("the pages", function()
   setup(function()
      folder = os.tmpname()
      os.remove(folder)
      os.execute("mkdir -p " .. folder)
      make_files()
      make_journal()
   end)

   teardown(function()
      perigee("live", "kill --why 'end of the test'")
      os.execute("rm -rf " .. folder)
   end)

   it("show commands", function()
      assert.is_true(#shown_commands() > 20)
   end)

   for _, shown in ipairs(shown_commands()) do
      it(("%s: perigee %s"):format(shown.page, shown.words), function()
         local words, home = shortened(shown.words), home_of(shown.words)
         if home == "live" then
            start_engine()
         end
         lay_out(words)
         local code, text = perigee(home, words)
         assert.same({ 0 }, { code }, text)
      end)
   end

   it("speak of no command that is not there", function()
      for _, page in ipairs(pages) do
         for verb in read(page):gmatch("`perigee ([%l-]+)") do
            local code = perigee("fresh", verb .. " --help")
            assert.same({ page, verb, 0 }, { page, verb, code })
         end
      end
   end)

   it("link to pages that are there", function()
      for _, page in ipairs(pages) do
         local at = page:match("^(.*)/")
         for link in read(page):gmatch("%]%(([^)#]+)") do
            local is_here = link:match("^https?:") or os.execute(("test -e %s/%s"):format(quote(at), link))
            assert.same({ page, link, true }, { page, link, is_here and true })
         end
      end
   end)
end)
