--- Live prices, play money: what a strategy would do today, filled by the rules
--- of the backtest. Nothing leaves for the venue.

return {
   description = "Live prices, simulated fills, no real orders",
   venue = "paper",
   symbols = { "BTC-USD", "ETH-USD" },
   timeframe = "5m",
   cycle = "5s",

   strategies = {
      { script = "sma_cross", params = { fast = 10, slow = 30 } },
   },

   sizing = { fraction = "10%" },

   risk = {
      max_position_share = "20%",
      max_exposure_share = "60%",
      daily_loss_share = "5%",
      max_drawdown_share = "15%",
   },

   monitor = { status_every = "1m" },
}
