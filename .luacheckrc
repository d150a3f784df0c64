std = "lua54"
max_line_length = 120
read_globals = {
   "strategy", "sizing", "guard", "param", "ta", "json", "log", "time", "decimal",
   "buy", "sell", "close", "hold", "cancel", "amend", "protect",
}
files["tests/lua"].std = "lua54+busted"
files["tests/lua"].max_line_length = 120
files["lua/perigee/template/strategy_spec.lua"].std = "lua54+busted"
