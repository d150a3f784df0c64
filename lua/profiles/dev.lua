--- For writing strategies and trying them out: the mock broker, ten markets,
--- entries the size of a thousandth of a bitcoin, and everything in the log.
--- The same seed gives the same day, with every fill whole and at once.

return {
   description = "Mock broker, ten markets, tiny sizes, everything logged",
   venue = "mock",
   symbols = {
      "BTC-USD", "ETH-USD", "SOL-USD", "XRP-USD", "LTC-USD",
      "ADA-USD", "DOGE-USD", "BCH-USD", "AVAX-USD", "LINK-USD",
   },
   timeframe = "10s",
   cycle = "1s",

   strategies = {
      { script = "sma_cross", params = { fast = 5, slow = 20 } },
   },

   -- 0.001 BTC, and about as much money in each of the others.
   sizing = {
      sizes = {
         ["BTC-USD"] = 0.001,
         ["ETH-USD"] = 0.02,
         ["SOL-USD"] = 0.4,
         ["XRP-USD"] = 100,
         ["LTC-USD"] = 0.7,
         ["ADA-USD"] = 130,
         ["DOGE-USD"] = 400,
         ["BCH-USD"] = 0.15,
         ["AVAX-USD"] = 2,
         ["LINK-USD"] = 4,
      },
   },

   risk = {
      max_order_value = 500,
      max_position_value = 1000,
      daily_loss_share = "5%",
   },

   mock = {
      seed = 1,
      cash = 10000,
      start = "2026-01-05T09:00",
      deterministic_fills = true,
   },

   log = { level = "debug" },
}
