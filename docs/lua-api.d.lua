---@meta
-- Written by `perigee docs` from the tables that bind the API. Do not edit.

---@alias side "buy"|"sell"

--- Buys. Without a size it is an entry signal: the sizing rule says how much, and nothing happens while a long position or an entry at work is there; a short position is closed instead.
---@param reason string
---@param options? order_options
---@return decision
function buy(reason, options) end

--- Sells. Without a size it closes a long position; where nothing is held it enters a short one if the product allows that, and does nothing if not.
---@param reason string
---@param options? order_options
---@return decision
function sell(reason, options) end

--- Closes the position, whichever side it is on, with an order that can only reduce it. Does nothing when flat or when an order that closes it works already.
---@param reason string
---@param options? order_options
---@return decision
function close(reason, options) end

--- Does nothing, and says why. Returning nothing does the same without a word.
---@param reason? string
---@return decision
function hold(reason) end

--- Cancels one order, given as such or by its number: `cancel(order, "too late")`. With a reason alone it cancels the strategy's working orders on this market. Until the venue has answered they still count as working.
---@param what order|integer|string
---@param reason? string
---@return decision
function cancel(what, reason) end

--- Changes a working order of the strategy: `amend(order, { limit = 101, size = 2 })`. Where the venue cannot edit it, it is canceled, and once it is gone another takes its place for what is left; the number of the first still names it. One change at a time: while one is under way, or its outcome is not known, the next is refused.
---@param order order|integer
---@param changes amend_options
---@return decision
function amend(order, changes) end

--- Guards the position that is held: `protect("break even", { stop_loss = entry })`. What it says takes the place of all exits that guarded it; without levels there are none any more. `size` guards a part.
---@param reason string
---@param options? order_options
---@return decision
function protect(reason, options) end

--- One line to the log, at level info, limited in rate and length.
function print(...) end

--- What the module of that name returns: `"signals.momentum"` is lua/signals/momentum.lua. It runs once, in the same sandbox as the script.
---@param name string
---@return any
function require(name) end

--- The second argument of buy, sell, close and cancel: a table. Or the only one, with the `reason` in it: buy { reason = "it rises", symbol = "ETH-USD" }. An unknown option or a value of the wrong type is an error, not a guess.
---@class order_options
---@field size number|string|decimal? Base units, contracts of a future. Rounded down to the product's step. With a size the decision is an order, whatever is held.
---@field type string? "market", "limit", "stop" or "stop_limit"; by default what the prices say. "bracket" is what the prices say too, and has to have `stop_loss` and `take_profit`.
---@field limit number|string|decimal? Limit price. A buy's is rounded down to the product's step, a sell's up.
---@field stop number|string|decimal? The price that wakes a stop order.
---@field stop_loss number|string|decimal? Of buy, sell and protect: leave what is entered once the market is there. A price, or as "2%" a share of the price paid. The engine holds it, over restarts too.
---@field take_profit number|string|decimal? Likewise on the winning side. What one of them closes the others guard no more.
---@field trailing_stop number|string|decimal? Likewise, this far from the best price since: a distance, or a share of that price.
---@field tif string? How long it works: "gtc" until canceled, "gtd" until `expires`, "ioc" takes what is there, "fok" takes all or nothing. By default ioc for market orders, gtd where `expires` is given, else gtc.
---@field expires number? The end of a gtd order: seconds since 1970, UTC.
---@field post_only boolean? Whether the venue shall refuse it rather than let it take liquidity.
---@field reduce_only boolean? Whether it may only make the position smaller.
---@field confidence number? 0 to 1, for the sizing rule; 1 when it is left out.
---@field order integer? Of cancel and amend: the number of the order.
---@field symbol string? The market; by default the strategy's own. A portfolio strategy must name it.
local order_options = {}

--- The second argument of amend: a table of what shall change. What is left out stays.
---@class amend_options
---@field size number|string|decimal? The new size in all, what is filled of it included. No more than that is filled: the rest is canceled.
---@field limit number|string|decimal? The new limit price.
---@field stop number|string|decimal? The new price that wakes a stop order.
---@field reason string? Why.
local amend_options = {}

--- What decides. A handler returns nil, one decision or a list of them. One of on_bar, on_cycle, on_trade, on_quote and on_book must be there; a name that is like a handler's and is none is an error.
---@class strategy
---@field params table The parameters in force; reading one that was not declared is an error.
---@field check_params fun(params: table): boolean, string? What no range can say: true, or false and why these values do not go together, as in `return p.fast < p.slow, "fast must be less than slow"`. Asked before the script runs, by backtest, run and `perigee config check`. Sizing rules and guards may have it too.
---@field on_start fun(self: table, market: market, portfolio: portfolio): decision? Once, before anything else. Make indicators here: what is made later starts its warm-up later.
---@field on_bar fun(self: table, market: market, bar: bar): decision? A bar of the strategy's timeframe has ended. Indicators have seen it.
---@field on_cycle fun(self: table, market: market, portfolio: portfolio): decision? Each cycle of the engine, once a second unless the profile says otherwise; in a backtest after each bar.
---@field on_timer fun(self: table, market: market, portfolio: portfolio): decision? The first cycle after each multiple of `every`, counted from midnight UTC.
---@field every string? How often on_timer is called: `bot.every = "1h"`.
---@field on_trade fun(self: table, market: market, trade: trade): decision? Somebody traded.
---@field on_quote fun(self: table, market: market, quote: quote): decision? The best bid or ask changed.
---@field on_book fun(self: table, market: market): decision? A level of the book changed.
---@field on_order fun(self: table, market: market, order: order): decision? One of its orders changed its state.
---@field on_fill fun(self: table, market: market, fill: fill): decision? One of its orders was filled, wholly or in part.
---@field on_stop fun(self: table, market: market, portfolio: portfolio): decision? The engine is about to end.
---@field portfolio boolean? `bot.portfolio = true` makes one instance for all markets instead of one for each. Its handlers get `markets` in the place of `market`: markets["BTC-USD"], and pairs(markets) in the order of the symbols. bar, trade, quote, order and fill tell their `symbol`, on_book gets the market that changed as its second argument, and a decision must name its symbol. on_cycle comes once for all, after all bars of its time.
---@field on_save fun(self: table): table What must outlive a restart, as a table that JSON can hold, of at most 64 KiB. Asked for with every snapshot of the journal and when the engine ends. Indicators need not be in it.
---@field on_restore fun(self: table, saved: table, version: integer) Gets back what on_save returned, after on_start, with the version of the script that returned it. The two belong together.
---@field version integer? Of what on_save returns, 1 unless it says otherwise: `bot.version = 2`.
strategy = {}

--- A strategy: give it handlers and return it. One instance trades one market (or, with `portfolio`, all of them); its `self` and its indicators are its own. `self.params` holds the parameters in force.
---@param name string
---@param params? table
---@return strategy
function strategy.new(name, params) end

--- What says how large an entry is whose strategy left that open.
---@class sizing
---@field size fun(self: table, decision: decision, portfolio: portfolio, market: market): number|string|decimal? How large an entry is, in base units, contracts of a future. Nil or 0: no order. The engine rounds it down and its limits cap it.
sizing = {}

--- A sizing rule: give it `size` and return it.
---@param name string
---@param params? table
---@return sizing
function sizing.new(name, params) end

--- What may say no. It has no indicators; it sees the account and the market.
---@class guard
---@field check fun(self: table, order: order, portfolio: portfolio, market: market): boolean, string? Whether an order may go; if not, why not, for the trader. Never asked about orders that only reduce a position. An error refuses the order.
---@field on_cycle fun(self: table, portfolio: portfolio, market: market): table? Each cycle. `{ level = "reduce_only", seconds = 600, reason = "..." }` asks for a level of the engine: "reduce_only", "paused" or "halted". Without seconds it stays until an operator ends it. The market is nil where the cycle is one of all markets.
---@field on_save fun(self: table): table What must outlive a restart, as a table that JSON can hold, of at most 64 KiB. Asked for with every snapshot of the journal and when the engine ends. A guard that fails to restore it lets nothing new through.
---@field on_restore fun(self: table, saved: table, version: integer) Gets back what on_save returned, after on_start, with the version of the script that returned it. The two belong together.
---@field version integer? Of what on_save returns, 1 unless it says otherwise: `bot.version = 2`.
guard = {}

--- A guard: give it `check`, `on_cycle` or both, and return it.
---@param name string
---@param params? table
---@return guard
function guard.new(name, params) end

--- Declarations of parameters: the default first, then the range, both ends included, and a line of help. They stand in the table that strategy.new and its kind take; values come from the profile and the command line and are checked against them.
---@class param
param = {}

--- A whole number: `param.integer { 10, min = 2, max = 200, help = "bars" }`.
---@param declaration table
---@return param
function param.integer(declaration) end

--- Any number: `param.number { 0.02, min = 0, max = 1 }`.
---@param declaration table
---@return param
function param.number(declaration) end

--- True or false: `param.boolean { true }`.
---@param declaration table
---@return param
function param.boolean(declaration) end

--- Any text: `param.text { "1h" }`.
---@param declaration table
---@return param
function param.text(declaration) end

--- One word of a list: `param.choice { "sma", choices = { "sma", "ema" } }`.
---@param declaration table
---@return param
function param.choice(declaration) end

--- One product as it is known now, and the indicators on it. Every indicator of the catalogue is a method: market:sma(20), market:macd{fast = 8}. Lent for the call.
---@class market
---@field symbol string "BTC-USD".
---@field price number? The mark: middle of bid and ask, else the last trade, else the last close.
---@field bid number? Best bid; nil where there are no quotes.
---@field ask number? Best ask; nil where there are no quotes.
---@field spread_bps number? Ask over bid, in basis points.
---@field last number? Price of the last trade.
---@field time number Now: seconds since 1970, UTC, by the engine's clock.
---@field size_step number Sizes are multiples of it.
---@field price_step number Prices are multiples of it.
---@field min_size number Smallest order, in base units.
---@field min_value number Smallest order, in quote units.
---@field contract_size number Coins in one unit of size: those of a future's contract; 1 on spot.
---@field can_short boolean Whether the product may be sold short.
---@field level string What the engine may do with it now: "normal", "reduce_only", "paused" or "halted".
---@field position position What is held of it.
---@field bar bar? The last bar that ended; nil before the first.
local market = {}

--- Bars of a longer interval ("15m", "1h", "1d") and indicators on them. They show only bars that have ended.
---@param interval string
---@return frame
function market:bars(interval) end

--- Whether every indicator made on this market is past its warm-up.
---@return boolean
function market:ready() end

--- Size of the best levels of the book (default 5), 0 where no book is known.
---@param side side
---@param levels? integer
---@return number
function market:depth(side, levels) end

--- The strategy's open orders here, oldest first: a table each, with symbol, number, side, type, size, filled, limit_price, stop_price and state. For amend and cancel.
---@return table[]
function market:orders() end

--- The strategy's exits here, oldest first. For protect, which puts others in their place.
---@return exit[]
function market:exits() end

--- simple moving average
---@return indicator
function market:sma(...) end

--- exponential moving average
---@return indicator
function market:ema(...) end

--- linearly weighted moving average
---@return indicator
function market:wma(...) end

--- relative strength index (Wilder)
---@return indicator
function market:rsi(...) end

--- distance of two exponential averages, and its own average
---@return indicator
function market:macd(...) end

--- Bollinger bands: an average and a multiple of the deviation around it
---@return indicator
function market:bollinger(...) end

--- average true range (Wilder)
---@return indicator
function market:atr(...) end

--- average directional index (Wilder): how strong a trend is, and which way
---@return indicator
function market:adx(...) end

--- where the close lies in the range of the last n bars
---@return indicator
function market:stochastic(...) end

--- Donchian channel: the highest high and the lowest low
---@return indicator
function market:donchian(...) end

--- standard deviation
---@return indicator
function market:stddev(...) end

--- rate of change over n bars, in percent
---@return indicator
function market:roc(...) end

--- on-balance volume
---@return indicator
function market:obv(...) end

--- volume-weighted average price
---@return indicator
function market:vwap(...) end

--- distance from the mean in standard deviations
---@return indicator
function market:zscore(...) end

--- the highest of the last n
---@return indicator
function market:highest(...) end

--- the lowest of the last n
---@return indicator
function market:lowest(...) end

--- Bars of a longer interval, from market:bars("1h"). Every indicator of the catalogue is a method. It stays valid between calls.
---@class frame
---@field interval number Seconds of one bar.
---@field open number? Of the last bar that ended; nil before the first.
---@field high number? Likewise.
---@field low number? Likewise.
---@field close number? Likewise.
---@field volume number? Likewise.
local frame = {}

--- simple moving average
---@return indicator
function frame:sma(...) end

--- exponential moving average
---@return indicator
function frame:ema(...) end

--- linearly weighted moving average
---@return indicator
function frame:wma(...) end

--- relative strength index (Wilder)
---@return indicator
function frame:rsi(...) end

--- distance of two exponential averages, and its own average
---@return indicator
function frame:macd(...) end

--- Bollinger bands: an average and a multiple of the deviation around it
---@return indicator
function frame:bollinger(...) end

--- average true range (Wilder)
---@return indicator
function frame:atr(...) end

--- average directional index (Wilder): how strong a trend is, and which way
---@return indicator
function frame:adx(...) end

--- where the close lies in the range of the last n bars
---@return indicator
function frame:stochastic(...) end

--- Donchian channel: the highest high and the lowest low
---@return indicator
function frame:donchian(...) end

--- standard deviation
---@return indicator
function frame:stddev(...) end

--- rate of change over n bars, in percent
---@return indicator
function frame:roc(...) end

--- on-balance volume
---@return indicator
function frame:obv(...) end

--- volume-weighted average price
---@return indicator
function frame:vwap(...) end

--- distance from the mean in standard deviations
---@return indicator
function frame:zscore(...) end

--- the highest of the last n
---@return indicator
function frame:highest(...) end

--- the lowest of the last n
---@return indicator
function frame:lowest(...) end

--- An indicator on a market, made by methods like market:sma(20). It stays valid between calls.
---@class indicator
---@field value number? The first output now; nil until the warm-up is over.
---@field ready boolean Whether the warm-up is over.
local indicator = {}

--- An output by name, `ago` bars earlier (0 is now). Every output is also a field: `macd.signal`, `bollinger.upper`.
---@param output string
---@param ago? integer
---@return number?
function indicator:at(output, ago) end

--- Questions about indicators.
---@class ta
ta = {}

--- Whether a is above b now and was not one bar ago. Touching is not above. False during the warm-up of either.
---@param a indicator|number
---@param b indicator|number
---@return boolean
function ta.crossed_above(a, b) end

--- Whether a is below b now and was not one bar ago. Touching is not below. False during the warm-up of either.
---@param a indicator|number
---@param b indicator|number
---@return boolean
function ta.crossed_below(a, b) end

--- Both questions in one: how a crossed b on this bar; nil if it did not.
---@param a indicator|number
---@param b indicator|number
---@return "above"|"below"|nil
function ta.crossed(a, b) end

--- One bar that has ended. Lent for the call that brings it.
---@class bar
---@field open number First price of the interval.
---@field high number Highest price.
---@field low number Lowest price.
---@field close number Last price.
---@field volume number Traded size, in base units.
---@field start number When the interval began: seconds since 1970, UTC.
---@field time number When it ended, which is when the bar became known.
---@field symbol string Of which market.
local bar = {}

--- Somebody's trade. Lent for the call that brings it.
---@class trade
---@field price number What was paid.
---@field size number In base units.
---@field taker side The side that took liquidity: "buy" or "sell".
---@field symbol string Of which market.
local trade = {}

--- The best bid and ask. Lent for the call that brings it.
---@class quote
---@field bid number Best price somebody buys at.
---@field bid_size number And how much, in base units.
---@field ask number Best price somebody sells at.
---@field ask_size number And how much, in base units.
---@field symbol string Of which market.
local quote = {}

--- What is held of one product. Lent for the call.
---@class position
---@field size number Base units held; negative when short, 0 when flat.
---@field average_price number What was paid on average; 0 when flat.
---@field profit number Not yet realised, at the mark, in quote units.
---@field value number At the mark, in quote units; negative when short.
---@field is_long boolean Whether size > 0.
---@field is_short boolean Whether size < 0.
---@field is_flat boolean Whether nothing is held.
---@field opened number When it was opened: seconds since 1970; 0 when flat.
---@field stop_loss number? The stop that the price would reach first, trailing ones included; nil without one.
---@field take_profit number? Likewise the target.
---@field guarded number How much of it exits of the engine guard.
local position = {}

--- One of market:exits(): what the engine holds to leave a position by.
---@class exit
---@field number integer The engine's number of it, 1 upwards by age.
---@field state string "waiting" for the first fill of its entry, "armed", "triggered": on its way out, or "held_back".
---@field size number What it guards now, in base units.
---@field stop_loss number? Where its stop is now, trailing or not; nil without one, and while it waits for the price that a percentage is of.
---@field take_profit number? Likewise its target.
---@field is_trailing boolean Whether its stop follows the price.
---@field entry integer? The order whose fills it guards; nil after protect.
---@field code string? Why it is not out yet: "market_closed".
local exit = {}

--- The account. Lent for the call.
---@class portfolio
---@field equity number Everything at its mark, in the account's currency.
---@field cash number Of the account's currency, holds included.
---@field exposure number Sum of the values of all positions, without sign.
---@field realised number Profit of what was closed, fees not taken off.
---@field unrealised number Profit of what is held, at the marks.
---@field fees number Paid since the start.
---@field day_start_equity number Equity at 00:00 UTC.
---@field peak_equity number The highest so far.
---@field day_loss number Share of the day's first equity that is gone, 0.01 is 1 %; 0 in profit.
---@field drawdown number Share below the peak, 0.1 is 10 %.
---@field open_positions integer How many products are held.
---@field open_orders integer How many orders work.
---@field level string The engine's level: "normal", "reduce_only", "paused", "halted".
---@field currency string The account's, "USD".
local portfolio = {}

--- What is not held by orders, of the account's currency or another.
---@param currency? string
---@return number
function portfolio:available(currency) end

--- What is held of a product.
---@param symbol string
---@return position
function portfolio:position(symbol) end

--- An order: one that a guard is asked about, or one of the strategy's own. Lent for the call.
---@class order
---@field symbol string "BTC-USD".
---@field side side "buy" or "sell".
---@field type string "market", "limit", "stop" or "stop_limit".
---@field size number In base units.
---@field limit_price number? Nil without one.
---@field stop_price number? Nil without one.
---@field value number Size at the limit price, else at the mark, in quote units.
---@field reduce_only boolean Whether it may only reduce.
---@field state string? "NEW", "FILLED" and so on; nil under a guard's eyes.
---@field filled number Size filled so far.
---@field average_price number Of what is filled; 0 when nothing is.
---@field number integer The engine's number of it; 0 under a guard's eyes.
---@field reason string Why it was wanted.
local order = {}

--- An execution of one of the strategy's orders. Lent for the call.
---@class fill
---@field side side "buy" or "sell".
---@field size number In base units.
---@field price number What was paid.
---@field fee number In quote units; negative is a rebate.
---@field liquidity string "maker" or "taker".
---@field symbol string Of which market.
local fill = {}

--- What a sizing rule is asked to size. Lent for the call.
---@class decision
---@field action string "buy" or "sell".
---@field reason string In the strategy's words.
---@field confidence number 0 to 1; 1 when the strategy said nothing.
---@field limit_price number? Nil without one.
---@field stop_price number? Nil without one.
local decision = {}

--- An exact number. A number is taken as the shortest decimal that reads back as it: 0.1 is 0.1.
---@param value number|string
---@return decimal
function decimal(value) end

--- An exact number with 12 fraction digits. + - * / and comparisons work among decimals, and with numbers and texts on the other side of the operator.
---@class decimal
local decimal = {}

--- The multiple of step that rounding picks: "down" (default), "up", "floor", "ceiling", "half_up" or "half_even".
---@param step number|string|decimal
---@param rounding? string
---@return decimal
function decimal:quantize(step, rounding) end

--- The nearest number.
---@return number
function decimal:number() end

--- Time, by the engine's clock.
---@class time
time = {}

--- The engine's time: seconds since 1970, UTC.
---@return number
function time.now() end

--- JSON.
---@class json
json = {}

--- A value as JSON, limited in depth and size.
---@param value any
---@return string
function json.encode(value) end

--- And back.
---@param text string
---@return any
function json.decode(text) end

--- Lines in the engine's log, limited in length and rate.
---@class log
log = {}

--- Somebody must look now.
---@param text string
function log.error(text) end

--- Somebody should look today.
---@param text string
function log.warn(text) end

--- The story of the day.
---@param text string
function log.info(text) end

--- The rest.
---@param text string
function log.debug(text) end

