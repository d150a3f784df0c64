describe("perigee new strategy", function()
   local root, folder

   local function output(command)
      local pipe = assert(io.popen(command .. " 2>&1"))
      local text = pipe:read("a")
      local ok = pipe:close()
      return text, ok
   end

   setup(function()
      root = output("pwd"):gsub("\n", "")
      folder = os.tmpname()
      os.remove(folder)
      assert(os.execute("mkdir " .. folder))
      local text, ok = output("build/perigee new strategy my_channel --dir " .. folder)
      assert(ok, text)
   end)

   teardown(function()
      os.execute("rm -r " .. folder)
   end)

   it("writes a spec that passes", function()
      -- By the environment: busted splits its own options at blanks, and the tree's path may have one.
      local text, ok = output(("cd %s && LUA_PATH='%s/lua/?.lua;;' LUA_CPATH='%s/build/?.so;;' " ..
                               "busted --lua=/usr/bin/lua5.4 tests/lua/strategies/my_channel_spec.lua")
                              :format(folder, root, root))
      assert.is_true(ok, text)
      assert.matches("2 successes", text)
   end)

   it("writes scripts that luacheck likes", function()
      local text, ok = output(("luacheck -q --config .luacheckrc %s/lua"):format(folder))
      assert.is_true(ok, text)
   end)

   it("names the strategy after what was asked for", function()
      local file = assert(io.open(folder .. "/lua/strategies/my_channel.lua"))
      local text = file:read("a")
      file:close()
      assert.matches('strategy.new%("my_channel"', text)
      assert.no.matches("NAME", text)
   end)
end)
