--- Real money. Copy it, say what you trade and how much you can lose, and
--- run `perigee config check` and the canary before it.

return {
   description = "Live trading on Coinbase",
   venue = "coinbase",
   symbols = { "BTC-USD", "ETH-USD" },
   timeframe = "5m",
   cycle = "1s",

   strategies = {
      { script = "sma_cross", params = { fast = 10, slow = 30 } },
   },

   sizing = { fraction = "5%" },

   orders = { preview = true },

   risk = {
      max_order_value = 5000,
      max_position_share = "20%",
      max_exposure_share = "60%",
      max_leverage = 1,
      orders_per_minute = 20,
      orders_per_hour = 200,
      daily_loss_share = "3%",
      max_drawdown_share = "15%",
      max_losses_in_row = 6,
      min_balance = 500,
   },

   watch = { min_depth_value = 50000 },

   log = { level = "info", format = "json" },
   monitor = { listen = "127.0.0.1:9090", status_every = "1m" },
}
