--- The first hours of a new strategy: one market, at most 0.01 BTC, one hour a
--- day on weekdays, and out at the first sign of trouble.
--- As it is here it rehearses on the mock broker, starting on a Monday five minutes
--- before the hour. With real money: venue = "coinbase", and no `mock`.

return {
   description = "One market, 0.01 BTC at most, 14:00 to 15:00 UTC, tight breakers",
   venue = "mock",
   symbols = { "BTC-USD" },
   timeframe = "1m",
   cycle = "1s",

   strategies = {
      { script = "sma_cross", params = { fast = 5, slow = 20 } },
   },

   sizing = { sizes = { ["BTC-USD"] = 0.001 } },

   risk = {
      symbols = {
         ["BTC-USD"] = { max_order_size = 0.01, max_position_size = 0.01 },
      },
      window = { from = "14:00", to = "15:00", days = "mon-fri" },

      max_leverage = 1,
      max_positions = 1,
      max_open_orders = 4,
      orders_per_minute = 2,
      orders_per_hour = 20,
      orders_per_day = 50,

      daily_loss_share = "1%",
      max_drawdown_share = "2%",
      max_losses_in_row = 2,
      min_balance = 100,

      max_slippage_bps = 20,
      max_impact_bps = 20,
      max_spread_bps = 20,
      price_band_share = "2%",
   },

   watch = {
      mark_stale_after = "10s",
      volatility_share = "5%",
      min_depth_value = 10000,
      error_rate_share = "20%",
      order_stuck_after = "1m",
   },

   degrade = {
      broker_failures = 2,
      broker_pause = "10m",
      slippage_failures = 2,
      slippage_pause = "10m",
      script_strikes = 1,
   },

   -- Half of what the venue allows one account.
   budget = {
      orders_per_second = 2,
      orders_burst = 2,
      cancels_per_second = 5,
      cancels_burst = 3,
      queries_per_second = 2,
      queries_burst = 1,
   },

   mock = {
      cash = 10000,
      start = "2026-01-05T13:55",
   },

   log = { level = "debug" },
   monitor = { status_every = "10s" },
}
