--- The program as a person meets it: what it prints, where, and its exit code.

local workshop = require("workshop")

local program, write, read, perigee = workshop.program, workshop.write, workshop.read, workshop.run
local folder

local function fails(code, pattern, arguments)
   local got, out, err = perigee(arguments)
   assert.equal("", out)
   assert.matches(pattern, err)
   assert.equal(code, got)
end

--- Minutes with a price that swings, so that averages cross.
local function bars(count, broken)
   local lines = { "ts_ms,open,high,low,close,volume" }
   local price = 60000
   for i = 1, count do
      local open = price + 7
      price = 60000 + math.floor(500 * math.sin(i / 20))
      local high, low = math.max(open, price), math.min(open, price)
      lines[#lines + 1] = ("%d,%d,%d,%d,%d,1.5"):format(1704067200000 + i * 60000, open, high, low, price)
      if i == broken then
         lines[#lines] = ("%d,%d,%d,oops,%d,1.5"):format(1704067200000 + i * 60000, open, high, price)
      end
   end
   return table.concat(lines, "\n") .. "\n"
end

describe("the program", function()
   local data

   setup(function()
      folder = workshop.open()
      data = write("bars.csv", bars(600))
   end)

   teardown(function()
      workshop.close()
   end)

   it("says what it was built with", function()
      local code, out = perigee("--version")
      assert.equal(0, code)
      for _, part in ipairs { "perigee", "lua", "sqlite", "openssl", "libuv" } do
         assert.matches(part .. "%s+%S", out)
      end
   end)

   it("shows help with examples for every command", function()
      for _, command in ipairs { "backtest", "config", "new", "docs", "verify", "run", "data", "events" } do
         local code, out = perigee(command .. " --help")
         assert.equal(0, code)
         assert.matches("usage: perigee " .. command, out)
         assert.matches("examples:", out)
      end
   end)

   it("says of a command that is planned what to do until it is there", function()
      fails(2, "this version has no 'tui' yet; until then: look at a running engine: perigee status", "tui")
      local _, out = perigee("--help")
      assert.not_matches("tui", out)
   end)

   it("prints pages, their list and what it wrote as JSON", function()
      local _, list = perigee("docs --json")
      assert.matches('{"pages":{.*"codes":"codes.md".*}}', list)
      local _, page = perigee("docs codes --json")
      assert.matches('^{"page":"codes","text":"# Why an order did not leave\\n', page)
      local _, written = perigee("docs --json --out " .. folder .. "/pages")
      assert.matches('{"written":%[".*/codes.md".*%]}', written)
      fails(2, "name a page %(commands, codes", "docs")
   end)

   it("leaves the page that was there when a new one cannot be written whole", function()
      local pages = folder .. "/pages"
      perigee("docs --out " .. pages)
      local before = read(pages .. "/commands.md")
      -- No file may grow beyond 1 KiB: what a full disk does, for everybody.
      local _, _, code = os.execute(("bash -c 'trap \"\" XFSZ; ulimit -f 1; %s docs --out %s' 2>%s/err"):format(
         program, pages, folder))
      assert.equal(1, code)
      assert.matches("commands.md: ", read(folder .. "/err"))
      assert.equal(before, read(pages .. "/commands.md"))
      assert.is_nil(io.open(pages .. "/commands.md.new"))
   end)

   --- With a shell around it that is short of something.
   local function without(preparation, arguments, pattern)
      local _, _, code = os.execute(("bash -c '%s %s %s' >/dev/null 2>%s/err"):format(
         preparation, program, arguments, folder))
      assert.matches(pattern, read(folder .. "/err"))
      assert.equal(1, code)
   end

   it("says that there is no folder for the journal, and what to do", function()
      local run = "run --fresh --cycles 1"
      without("env -u HOME -u XDG_STATE_HOME -u PERIGEE_HOME", run, "no folder for the journal: set PERIGEE_HOME")
      local file = write("file", "")
      without("env PERIGEE_HOME=" .. file, run, "/file/dev: Not a directory; set PERIGEE_HOME to a folder")
   end)

   it("says that a file cannot grow, and leaves none behind", function()
      without("ulimit -f 1;", "data synth --rows 100000 --out " .. folder .. "/grown.pgh",
              "grown.pgh: cannot write it: File too large")
      assert.is_nil(io.popen("ls " .. folder):read("a"):match("grown"))
   end)

   it("does not start where scripts could overrun the stack", function()
      without("ulimit -s 512;", "--version", "stack may only grow to 512 KiB, .* ulimit %-s 8192")
   end)

   it("says which words a command takes when they are missing", function()
      fails(2, "needs 1 more word.*\nusage: perigee data import FILE", "data")
      fails(2, "\nusage: perigee run %[options%]\n", "run --profil dev")
   end)

   it("suggests the command that was meant", function()
      fails(2, "unknown command 'backtset'; did you mean 'backtest'", "backtset")
   end)

   describe("backtest", function()
      local function backtest(more)
         return ("backtest --strategy sma_cross --data %s %s"):format(data, more or "")
      end

      it("prints a summary", function()
         local code, out = perigee(backtest("--size 0.01"))
         assert.equal(0, code)
         assert.matches("equity", out)
         assert.matches("Sharpe", out)
      end)

      it("decides the same in two processes", function()
         local _, first = perigee(backtest("--size 0.01 --json"))
         local _, second = perigee(backtest("--size 0.01 --json"))
         local hash = first:match('"decisions_hash":"(%x+)"')
         assert.equal(64, #hash)
         assert.equal(hash, second:match('"decisions_hash":"(%x+)"'))
      end)

      it("decides otherwise with another parameter", function()
         local _, first = perigee(backtest("--size 0.01 --json"))
         local _, second = perigee(backtest("--size 0.01 --json --param fast=3"))
         assert.not_equal(first:match('"decisions_hash":"(%x+)"'), second:match('"decisions_hash":"(%x+)"'))
      end)

      it("names file, row and column of a broken row", function()
         local broken = write("broken.csv", bars(70010, 70000))
         fails(1, "broken.csv: line 70001, column \"low\"", "backtest --strategy sma_cross --data " .. broken)
      end)

      it("names the line of a syntax error", function()
         local script = write("syntax.lua", "local x = 1\nlocal y = = 2\n")
         fails(1, "syntax.lua:2:", ("backtest --strategy %s --data %s"):format(script, data))
      end)

      local function strategy(name, body)
         return write(name .. ".lua", ("local bot = strategy.new(%q)\nfunction bot:on_bar()\n%s\nend\nreturn bot\n")
            :format(name, body))
      end

      it("ends a strategy that loops for ever", function()
         local script = strategy("forever", "while true do end")
         fails(1, "forever.lua:3: stopped: more than", ("backtest --strategy %s --data %s"):format(script, data))
      end)

      it("ends a strategy that allocates for ever", function()
         local script = strategy("hungry", "local t = {} while true do t[#t + 1] = ('x'):rep(1000) .. #t end")
         fails(1, "hungry.lua:3: ", ("backtest --strategy %s --data %s"):format(script, data))
      end)

      it("says what a strategy returned that is no decision", function()
         local script = strategy("nonsense", "return 42")
         fails(1, "nonsense.lua:2: returned a number", ("backtest --strategy %s --data %s"):format(script, data))
      end)

      it("says where a decision was made that cannot be", function()
         local script = strategy("endless", "return buy('all of it', { size = 0 / 0 })")
         fails(1, "endless.lua:2: buy: size must be more than 0 and finite, not nan\n",
            ("backtest --strategy %s --data %s"):format(script, data))
      end)

      it("refuses the bar of an earlier call instead of showing the present one", function()
         local script = write("hoarder.lua", [[
local bot = strategy.new("hoarder")
function bot:on_bar(market, bar)
   if self.last and bar.close > self.last.close then return buy("it rose") end
   self.last = bar
end
return bot
]])
         fails(1, "hoarder.lua:3: this bar was lent for an earlier call",
            ("backtest --strategy %s --data %s"):format(script, data))
      end)

      it("names a file that is not there", function()
         fails(1, "nowhere.csv", "backtest --strategy sma_cross --data nowhere.csv")
      end)

      it("names a strategy that is not there, and the one that was meant", function()
         fails(1, "sma_cros", "backtest --strategy sma_cros --data " .. data)
      end)

      it("suggests the symbol that was meant", function()
         fails(2, "unknown symbol 'BTC%-UDS', did you mean 'BTC%-USD'", backtest("--symbol BTC-UDS"))
      end)

      describe("with a file that says of which product it is", function()
         local eth

         setup(function()
            eth = folder .. "/eth.pgh"
            perigee("data synth --symbol ETH-USD --rows 100 --out " .. eth)
         end)

         it("trades that", function()
            local _, out = perigee("backtest --strategy sma_cross --size 1 --json --data " .. eth)
            assert.matches('"positions":{"ETH%-USD":', out)
         end)

         it("trades another only when told so", function()
            fails(2, "says that it is of ETH%-USD, not of BTC%-USD; %-%-data BTC%-USD=.*eth.pgh trades it",
                  "backtest --strategy sma_cross --symbol BTC-USD --data " .. eth)
            local _, out = perigee("backtest --strategy sma_cross --size 1 --json --data BTC-USD=" .. eth)
            assert.matches('"positions":{"BTC%-USD":', out)
         end)

         it("refuses one that is none", function()
            local foreign = write("usdt.csv", "symbol," .. bars(60):gsub("\n(%d)", "\nBTCUSDT,%1"))
            fails(2, "usdt.csv says that it is of BTCUSDT, which is no product here; .* %-%-data BTC%-USD=",
                  "backtest --strategy sma_cross --data " .. foreign)
         end)
      end)

      it("does not write its trades over its data", function()
         local before = read(data)
         fails(2, "%-%-trades%-out .*: the test reads that file, and would write over it",
               backtest("--trades-out " .. data))
         assert.equal(before, read(data))
      end)

      it("takes one value for a parameter", function()
         fails(2, "%-%-param: fast is given twice, as 10 and as 12", backtest("--param fast=10 --param fast=12"))
      end)

      it("refuses a number that is too large to be one", function()
         fails(2, "%-%-seed 99999999999999999999: expected 0 to 9223372036854775807",
               backtest("--seed 99999999999999999999"))
      end)

      it("finds a file with = in its name", function()
         local odd = write("fast=10.csv", bars(60))
         local code = perigee("backtest --strategy sma_cross --size 0.01 --data " .. odd)
         assert.equal(0, code)
      end)

      it("says that trades are no bars", function()
         local trades = write("trades.csv", "ts_ms,price,size,side\n1704067200000,5,1,buy\n")
         fails(1, "trades.csv holds no bars, and a backtest trades on bars",
               "backtest --strategy sma_cross --data " .. trades)
      end)

      it("says of a strategy that is not there where it was looked for, and what to do", function()
         write("crossing.lua", "return nil")
         fails(1, "there is no file .*/crosing.lua; did you mean '.*/crossing.lua'%?; known by name: .*sma_cross.*;"
               .. " perigee new strategy NAME writes one",
               ("backtest --strategy %s/crosing.lua --data %s"):format(folder, data))
      end)

      it("refuses a size below the minimum", function()
         fails(2, "is below the minimum of BTC%-USD", backtest("--size 0.000000001"))
      end)

      it("refuses a parameter out of its range", function()
         fails(2, "parameter fast=1 is out of range", backtest("--param fast=1"))
      end)

      it("refuses parameters that do not go together", function()
         fails(2, "%-%-param: the parameters do not go together: fast must be less than slow",
               "backtest --strategy sma_cross --param fast=30 --param slow=10 --data " .. data)
      end)

      it("refuses a timeframe that the bars of the data cannot make", function()
         fails(1, "bars of 90s cannot be made of them", backtest("--timeframe 90s"))
         fails(1, "bars of 30s cannot be made of them", backtest("--timeframe 30s"))
      end)

      it("refuses slippage in the trader's favour", function()
         fails(2, "slippage%-bps %-5: must be 0 or more", backtest("--slippage-bps -5"))
      end)

      it("keeps bytes that steer a terminal out of its messages", function()
         local odd = write("odd.csv", "a\27[31m,b,c\n1,2,3\n")
         fails(1, "a\\x1b%[31m", "backtest --strategy sma_cross --data " .. odd)
      end)

      it("writes the round trips", function()
         local path = folder .. "/trips.csv"
         local code = perigee(backtest("--size 0.01 --trades-out " .. path))
         assert.equal(0, code)
         local text = read(path)
         assert.matches("^symbol,side,opened,closed,size,entry_price,exit_price,profit,fees\n", text)
         assert.matches("\nBTC%-USD,long,2024", text)
      end)

      it("fills at the close or at the next open, as asked", function()
         local _, open = perigee(backtest("--size 0.01 --json"))
         local _, close = perigee(backtest("--size 0.01 --json --fill close"))
         assert.not_equal(open:match('"final_equity":"(.-)"'), close:match('"final_equity":"(.-)"'))
      end)

      it("takes fees, slippage and participation into account", function()
         local function equity(more)
            local _, out = perigee(backtest("--size 1 --cash 1000000 --json " .. more))
            return tonumber(out:match('"final_equity":"(.-)"'))
         end
         local free = equity("--fee-rate 0")
         assert.is_true(equity("--fee-rate 0.001") < free)
         assert.is_true(equity("--fee-rate 0 --slippage-bps 5") < free)
         assert.not_equal(free, equity("--fee-rate 0 --participation 0.1"))
      end)

      it("keeps to the time that is asked for", function()
         local _, out = perigee(backtest("--json --from 2024-01-01T02:00 --to 2024-01-01T05:00"))
         assert.equal("180", out:match('"bars":(%d+)'))
      end)
   end)

   describe("a portfolio strategy", function()
      --- Minutes of a market whose price swings with this period around `middle`.
      local function swing(name, middle, period)
         local lines = { "ts_ms,open,high,low,close,volume" }
         for i = 1, 600 do
            local price = middle + math.floor(middle / 50 * math.sin(i / period))
            lines[#lines + 1] = ("%d,%d,%d,%d,%d,5"):format(1704067200000 + i * 60000, price, price, price, price)
         end
         return name .. "=" .. write(name .. ".csv", table.concat(lines, "\n") .. "\n")
      end

      local function all(more)
         local files = { swing("BTC-USD", 60000, 20), swing("ETH-USD", 3000, 33), swing("SOL-USD", 200, 47) }
         return ("backtest --strategy rotation --param hold=1 --fee-rate 0.001 --cash 100000 --data %s %s"):format(
            table.concat(files, " "), more or "")
      end

      it("trades several files of data with one account", function()
         local code, out = perigee(all("--json"))
         assert.equal(0, code)
         assert.matches('"bars":1800', out)
         for _, symbol in ipairs { "BTC-USD", "ETH-USD", "SOL-USD" } do
            assert.truthy(out:find('"' .. symbol .. '":"', 1, true))
         end
         assert.is_true(tonumber(out:match('"fills":(%d+)')) > 10)
         local _, again = perigee(all("--json"))
         assert.equal(out:match('"decisions_hash":"(%x+)"'), again:match('"decisions_hash":"(%x+)"'))
      end)

      it("is told that a market is not in the run, where it asks for it", function()
         local path = write("pair.lua", [[
local pair = strategy.new("pair", {})
pair.portfolio = true
function pair:on_cycle(markets)
   if markets["LTC-USD"].price then return nil end
end
return pair
]])
         fails(1, "pair.lua:4: there is no market 'LTC%-USD' in this run",
               ("backtest --strategy %s --data %s"):format(path, swing("BTC-USD", 60000, 20)))
      end)

      it("must name the symbol of a decision", function()
         local path = write("nameless.lua", [[
local nameless = strategy.new("nameless", {})
nameless.portfolio = true
function nameless:on_cycle()
   return buy("anything")
end
return nameless
]])
         fails(1, "nameless.lua:3: the decision names no symbol",
               ("backtest --strategy %s --data %s"):format(path, swing("BTC-USD", 60000, 20)))
      end)

      it("runs on the symbols that the profile gives it", function()
         local path = write("rotating.lua", [[
return {
   extends = "dev",
   strategies = {
      {
         script = "rotation",
         params = { hold = 2, length = 2, every = 1, invested = 0 },
         symbols = { "BTC-USD", "ETH-USD", "LTC-USD" },
      },
      { script = "sma_cross", symbols = { "SOL-USD" } },
   },
}
]])
         local run = "run --cycles 150 --speed max --log error --json --profile " .. path
         local code, out, err = perigee(run .. " --journal " .. folder .. "/rotating.db")
         assert.same({ 0, "" }, { code, err })
         assert.matches('"script_errors":0', out)
         assert.is_true(tonumber(out:match('"fills":(%d+)')) > 2)
         local _, orders = perigee("orders --limit 1000 --journal " .. folder .. "/rotating.db")
         assert.matches("BTC%-USD", orders)
         assert.not_matches("XRP%-USD", orders)
         assert.equal(0, (perigee("verify --journal " .. folder .. "/rotating.db")))
      end)
   end)

   describe("new", function()
      it("writes a strategy that runs, and never over one that is there", function()
         local code, out = perigee("new strategy mine --dir " .. folder)
         assert.equal(0, code)
         assert.matches("lua/strategies/mine.lua", out)
         assert.equal(0, (perigee(("backtest --strategy %s/lua/strategies/mine.lua --data %s"):format(folder, data))))
         fails(1, "is there already", "new strategy mine --dir " .. folder)
      end)

      it("says where the spec can run when the folder is not a source tree", function()
         local _, out = perigee("new strategy elsewhere --dir " .. folder)
         assert.matches("needs Perigee's source tree", out)
         assert.is_nil(out:match("busted tests"))
      end)

      it("escapes what it prints as JSON", function()
         local _, out = perigee(([[new strategy quoted --dir '%s/a"b' --json]]):format(folder))
         assert.matches('a\\"b/lua/strategies/quoted.lua', out)
      end)

      it("refuses a folder with a name too long to use", function()
         fails(2, "longer than 200 characters", "new strategy lost --dir " .. folder .. ("/x"):rep(200))
      end)

      it("refuses a name that is none", function()
         fails(2, "is no name for a script", "new strategy 'Bad Name' --dir " .. folder)
      end)
   end)

   describe("run", function()
      local function profile(name, text)
         return write(name .. ".lua", 'return {\n   extends = "dev",\n' .. text .. "\n}\n")
      end

      local function run(more)
         return "run --cycles 3 --speed max --log error " .. (more or "")
      end

      it("tells every mistake of a profile with its line", function()
         local path = profile("wrong", '   cycle = 5,\n   symbls = { "BTC-USD" },')
         local code, out, err = perigee(run("--profile " .. path))
         assert.same({ 1, "" }, { code, out })
         assert.matches("wrong.lua:3: cycle = 5 is of the wrong type", err)
         assert.matches("wrong.lua:4: unknown key 'symbls'; did you mean 'symbols'", err)
      end)

      it("names the line that asks for a product that the mock does not have", function()
         local path = profile("stranger", '   symbols = { "NOPE-USD" },')
         fails(1, "stranger.lua:3: symbols: the mock venue has no product NOPE%-USD", run("--profile " .. path))
         local typo = write("typo.lua", 'return { extends = "dev", symbols = { "BTC-UDS" } }')
         fails(1, "typo.lua:1: symbols: .* no product BTC%-UDS, did you mean BTC%-USD%?; it has BTC%-USD, ETH%-USD, ",
               run("--profile " .. typo))
         fails(1, "stranger.lua:3: symbols", "config check " .. path)
      end)

      it("calls a parameter out of range in a profile a failure, not wrong usage", function()
         local path = profile("far", '   strategies = { { script = "sma_cross", params = { fast = 3000 } } },')
         fails(1, "far.lua:3: parameter fast=3000", run("--profile " .. path))
         fails(1, "far.lua:3: parameter fast=3000", "config check " .. path)
      end)

      it("names the line of parameters that do not go together", function()
         local path = profile("slower", '   strategies = { { script = "sma_cross", params = { fast = 40 } } },')
         fails(1, "slower.lua:3: the parameters do not go together: fast must", "config check " .. path)
         fails(1, "slower.lua:3: the parameters do not go together: fast must", run("--profile " .. path))
      end)

      it("names the line of a size that no order could have", function()
         local own = profile("dust", '   sizing = { sizes = { ["BTC-USD"] = "0.000000001" } },')
         fails(1, "dust.lua:3: sizing.sizes.BTC%-USD: 0.000000001 is below the smallest order of BTC%-USD, ",
               "config check " .. own)
         fails(1, "dust.lua:3: sizing.sizes.BTC%-USD", run("--profile " .. own))
         local general = write("speck.lua", [[
return {
   symbols = { "DOGE-USD" },
   strategies = { { script = "sma_cross" } },
   sizing = { size = 0.01 },
}
]])
         fails(1, "speck.lua:4: sizing.size: 0.01 is below the smallest order of DOGE%-USD",
               "config check " .. general)
      end)

      it("counts one order as one when it proves a journal", function()
         local script = write("once.lua", [[
local once = strategy.new("once", {})
function once:on_cycle(market)
   if market.price then return buy("once") end
end
return once
]])
         local keys = '   symbols = { "BTC-USD" }, strategies = { { script = %q } },'
         local path = profile("single", keys:format(script))
         local journal = folder .. "/single.db"
         local command = "run --cycles 9 --speed max --log error --profile %s --journal %s"
         assert.equal(0, (perigee(command:format(path, journal))))
         local _, out = perigee("verify --journal " .. journal)
         assert.matches("sums hold:   1 order, 1 fill; ", out)
         assert.matches(" in 1 run, from", out)
      end)

      it("wants a profile to have a name", function()
         fails(2, "the name of the profile is empty", run("--profile ''"))
         fails(2, "the name of the profile is empty", "config check ''")
      end)

      it("names the keys that this version does not honour", function()
         fails(1, "does not honour.*venue = coinbase %(lua/profiles/prod.lua:%d+%)\n", run("--profile prod"))
      end)

      it("leaves the last journal where it is when it cannot start", function()
         local journal = folder .. "/kept.db"
         assert.equal(0, (perigee(run("--journal " .. journal))))
         local path = profile("broken", '   strategies = { { script = "nowhere" } },')
         fails(1, "no 'nowhere' in", run(("--profile %s --journal %s"):format(path, journal)))
         assert.equal(0, (perigee("verify --journal " .. journal)))
      end)

      it("never moves a file that is no journal", function()
         local path = write("letter.txt", ("a letter to a friend\n"):rep(100))
         fails(1, "letter.txt: .*the file is no database", run("--journal " .. path))
         assert.matches("^a letter", read(path))
      end)

      it("never moves a journal that is damaged", function()
         local journal = folder .. "/damaged.db"
         assert.equal(0, (perigee(run("--journal " .. journal))))
         local file = assert(io.open(journal, "r+b"))
         file:seek("set", 100)
         file:write(("\255"):rep(20))
         file:close()
         local before = read(journal)
         fails(1, "damaged.db: .*the file is damaged", run("--journal " .. journal))
         assert.is_true(before == read(journal))
      end)

      it("refuses to print to what is closed, and keeps the journal whole", function()
         local journal = folder .. "/closed.db"
         local command = ("PERIGEE_HOME=%s %s %s --journal %s >&- 2>&-"):format(folder, program, run(), journal)
         local _, _, code = os.execute(command)
         assert.equal(1, code)
         assert.equal(0, (perigee("verify --journal " .. journal)))
      end)
   end)
end)
