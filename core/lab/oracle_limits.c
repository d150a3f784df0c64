/* V6: every limit of the settings, reckoned once more.
 *
 * Between the engine's knowledge and the truth lie messages on their way. Sizes are
 * held against the venue's own positions and orders, since fills that the engine
 * has not heard of move between what works and what is held, and the sum stays.
 * Values are reckoned at the time of the send, at the prices the engine then had,
 * from its open orders that were decided on before. Where prices could be taken
 * this way or that, the smaller value counts here: the engine may be stricter than
 * the rule, never laxer. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "lab/oracle_private.h"

/* What the rules look at. */
struct scene {
    const struct send *send;
    const struct order_request *request;
    const struct market *market;
    const struct limits *limits;
    const struct symbol_limits *own; /* NULL: the symbol has none */
    decimal equity, value;
    nanos now;
};

static void check_below(struct oracle *oracle, const char *what, decimal value, decimal limit)
{
    char is[DECIMAL_TEXT_MAX], most[DECIMAL_TEXT_MAX];

    if (!decimal_is_zero(limit) && decimal_compare(value, limit) > 0)
        oracle_complain(oracle, "%s is %s, the limit is %s", what, decimal_format(value, is),
                        decimal_format(limit, most));
}

static void check_share(struct oracle *oracle, const char *what, const struct scene *scene,
                        decimal value, decimal share)
{
    decimal equity = decimal_max(scene->equity, DECIMAL_ZERO);

    if (!decimal_is_zero(share))
        check_below(oracle, what, value,
                    decimal_max(decimal_mul(equity, share, ROUND_UP), (decimal){1}));
}

/* ---- one order ---- */

static decimal price_of(const struct oracle *oracle, const struct order_request *request)
{
    if (decimal_is_positive(request->limit_price))
        return request->limit_price;
    return market_touch(engine_market(oracle->engine, request->product), request->side);
}

static void check_order_value(struct oracle *oracle, const struct scene *scene)
{
    check_below(oracle, "order value", scene->value, scene->limits->max_order_value);
    if (scene->own)
        check_below(oracle, "order value of the symbol", scene->value,
                    scene->own->max_order_value);
}

static void check_order_size(struct oracle *oracle, const struct scene *scene)
{
    if (scene->own)
        check_below(oracle, "order size", scene->request->size, scene->own->max_order_size);
}

static void check_open_orders(struct oracle *oracle, const struct scene *scene)
{
    int64_t limit = scene->limits->max_open_orders;

    if (limit && !scene->send->is_edit && scene->send->open >= limit)
        oracle_complain(oracle, "%d orders are open, the limit is %lld", scene->send->open + 1,
                        (long long)limit);
}

static void check_price_band(struct oracle *oracle, const struct scene *scene)
{
    decimal limit = scene->request->limit_price, mark = scene->market->mark;

    if (decimal_is_zero(scene->limits->price_band_share) || decimal_is_zero(limit))
        return;
    check_below(oracle, "the distance of a limit price from the mark",
                decimal_abs(decimal_sub(limit, mark)),
                decimal_mul(mark, scene->limits->price_band_share, ROUND_UP));
}

static bool is_open_day(const struct limits *limits, nanos time)
{
    return limits->window_days >> nanos_weekday(time) & 1;
}

/* Whether the window that opened on the day of `time`, or on the day before, is open. */
static void check_window(struct oracle *oracle, const struct scene *scene)
{
    const struct limits *limits = scene->limits;
    nanos length = MINUTES(limits->window_end_minute - limits->window_start_minute);
    nanos today = nanos_day(scene->now);

    if (!limits->has_window)
        return;
    if (length < 0)
        length += DAYS(1);
    for (nanos day = today - DAYS(1); day <= today; day += DAYS(1)) {
        nanos opens = day + MINUTES(limits->window_start_minute);
        if (is_open_day(limits, day) && scene->now >= opens && scene->now < opens + length)
            return;
    }
    oracle_complain(oracle, "%s was sent outside the trading window",
                    scene->request->client_id.text);
}

static void check_shorts(struct oracle *oracle, const struct scene *scene)
{
    if (!scene->limits->allow_shorts && scene->request->side == SIDE_SELL &&
        scene->market->product->type == PRODUCT_FUTURE)
        oracle_complain(oracle, "%s may open a short position, and the profile has none",
                        scene->request->client_id.text);
}

static void check_limit_only(struct oracle *oracle, const struct scene *scene)
{
    enum order_type type = scene->request->type;

    if (scene->limits->limit_only && type != ORDER_LIMIT && type != ORDER_STOP_LIMIT)
        oracle_complain(oracle, "%s is no limit order", scene->request->client_id.text);
}

/* ---- rates ---- */

/* Rates are of decisions, in the order of leaving: one may wait, but not for longer than this.
 */
#define WAIT_MAX MINUTES(5)

static void check_rate(struct oracle *oracle, const char *what, nanos window, int64_t limit,
                       nanos now)
{
    int64_t count = 0;

    for (size_t i = oracle->sent_count; limit && i-- > 0;) {
        nanos decided = oracle->sent[i]->time;
        if (decided <= now - window - WAIT_MAX)
            break;
        count += decided > now - window;
    }
    if (limit && count > limit)
        oracle_complain(oracle, "%lld orders in one %s, the limit is %lld", (long long)count,
                        what, (long long)limit);
}

static void check_rates(struct oracle *oracle, const struct scene *scene)
{
    const struct limits *limits = scene->limits;

    if (scene->send->is_edit)
        return;
    check_rate(oracle, "second", SECONDS(1), limits->orders_per_second, scene->now);
    check_rate(oracle, "minute", MINUTES(1), limits->orders_per_minute, scene->now);
    check_rate(oracle, "hour", HOURS(1), limits->orders_per_hour, scene->now);
    check_rate(oracle, "day", DAYS(1), limits->orders_per_day, scene->now);
}

/* ---- positions ---- */

static decimal held_of(const struct oracle *oracle, product_ref product)
{
    return portfolio_position(engine_portfolio(oracle->engine), product)->size;
}

/* What works on a side of a product: all of it, or what was decided no later than `until`. */
struct working {
    decimal size, value, lowest; /* price */
};

static void add_working(const struct oracle *oracle, struct working *working,
                        product_ref product, decimal size, decimal price)
{
    bool is_first = decimal_is_zero(working->size);

    working->size = decimal_add(working->size, size);
    working->value = decimal_add(working->value, oracle_value_of(oracle, product, size, price));
    working->lowest = is_first ? price : decimal_min(working->lowest, price);
}

/* Under its present terms or those asked for, whichever are worth more. */
static void add_terms(const struct oracle *oracle, struct working *working,
                      const struct order *order)
{
    const struct order_change *asked = &order->asked;
    product_ref product = order->request.product;
    decimal price = decimal_min(price_of(oracle, &order->request), order->reserved_price);
    decimal size = order_remaining(order);
    decimal more = decimal_sub(asked->size, order->filled);

    if (order_is_edited(order) &&
        decimal_compare(oracle_value_of(oracle, product, more, asked->limit_price),
                        oracle_value_of(oracle, product, size, price)) > 0)
        add_working(oracle, working, product, more, asked->limit_price);
    else
        add_working(oracle, working, product, size, price);
}

static struct working working_of(const struct oracle *oracle, product_ref product,
                                 enum side side, order_number until)
{
    const struct oms *oms = engine_oms(oracle->engine);
    struct working working = {DECIMAL_ZERO, DECIMAL_ZERO, DECIMAL_ZERO};

    for (int i = 0; i < oms_open_count(oms); i++) {
        const struct order *order = oms_open(oms)[i];
        if (order->request.product == product && order->request.side == side &&
            order->number <= until)
            add_terms(oracle, &working, order);
    }
    return working;
}

/* Value of a position if all that works on a side fills; what only closes counts nothing. */
static decimal directed_value(const struct oracle *oracle, product_ref product, enum side side,
                              order_number until)
{
    struct working working = working_of(oracle, product, side, until);
    decimal held = held_of(oracle, product);
    decimal mark = portfolio_mark(engine_portfolio(oracle->engine), product);

    held = side == SIDE_SELL ? decimal_negate(held) : held;
    if (!decimal_is_negative(held))
        return decimal_add(oracle_value_of(oracle, product, held, mark), working.value);
    decimal beyond = decimal_max(decimal_add(held, working.size), DECIMAL_ZERO);
    return oracle_value_of(oracle, product, beyond, working.lowest);
}

static void check_position_value(struct oracle *oracle, const struct scene *scene)
{
    const struct symbol_limits *own = scene->own;
    decimal value = directed_value(oracle, scene->request->product, scene->request->side,
                                   scene->send->until);

    check_below(oracle, "position value", value, scene->limits->max_position_value);
    check_share(oracle, "position value as a share", scene, value,
                scene->limits->max_position_share);
    if (!own)
        return;
    check_below(oracle, "position value of the symbol", value, own->max_position_value);
    check_share(oracle, "position value of the symbol as a share", scene, value,
                own->max_position_share);
}

static void check_symbol_leverage(struct oracle *oracle, const struct scene *scene)
{
    const struct limits *limits = scene->limits;
    nanos time = scene->now - nanos_day(scene->now);
    bool is_day =
        time >= MINUTES(limits->day_start_minute) && time < MINUTES(limits->day_end_minute);

    if (scene->own)
        check_share(oracle, is_day ? "leverage by day" : "leverage by night", scene,
                    directed_value(oracle, scene->request->product, scene->request->side,
                                   scene->send->until),
                    is_day ? scene->own->max_leverage_day : scene->own->max_leverage_night);
}

/* Whether a product counts: it is held, or an order that was decided before may open it. */
static bool is_engaged(const struct oracle *oracle, product_ref product, order_number before)
{
    decimal held = held_of(oracle, product);
    struct working buys = working_of(oracle, product, SIDE_BUY, before);
    struct working sells = working_of(oracle, product, SIDE_SELL, before);
    bool is_spot = oracle_product(oracle, product)->type == PRODUCT_SPOT;

    return !decimal_is_zero(held) || decimal_is_positive(buys.size) ||
           (!is_spot && decimal_is_positive(sells.size));
}

static void check_positions(struct oracle *oracle, const struct scene *scene)
{
    order_number before = scene->send->until - 1;
    int64_t limit = scene->limits->max_positions, count = 1;

    /* An order that works is engaged, and an edit opens nothing else. */
    if (!limit || scene->send->is_edit || is_engaged(oracle, scene->request->product, before))
        return;
    for (int i = 0; i < oracle->setup.products->count; i++)
        count += is_engaged(oracle, (product_ref)i, before);
    if (count > limit)
        oracle_complain(oracle, "%lld positions are held or being entered, the limit is %lld",
                        (long long)count, (long long)limit);
}

/* ---- the account ---- */

/* The more that a product can come to, on either side; coins that are sold are no exposure. */
static decimal exposure_of(const struct oracle *oracle, product_ref product)
{
    if (oracle_product(oracle, product)->type == PRODUCT_SPOT)
        return directed_value(oracle, product, SIDE_BUY, UINT64_MAX);
    return decimal_max(directed_value(oracle, product, SIDE_BUY, UINT64_MAX),
                       directed_value(oracle, product, SIDE_SELL, UINT64_MAX));
}

static void check_exposure(struct oracle *oracle, const struct scene *scene)
{
    const struct limits *limits = scene->limits;
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < oracle->setup.products->count; i++)
        sum = decimal_add(sum, exposure_of(oracle, (product_ref)i));
    check_below(oracle, "exposure", sum, limits->max_exposure_value);
    check_share(oracle, "exposure as a share", scene, sum, limits->max_exposure_share);
    check_share(oracle, "exposure by leverage", scene, sum, limits->max_leverage);
}

static decimal margin(const struct oracle *oracle, bool initial)
{
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < oracle->setup.products->count; i++) {
        const struct product *product = oracle_product(oracle, (product_ref)i);
        decimal rate = initial ? product->initial_margin : product->maintenance_margin;
        if (product->type == PRODUCT_FUTURE)
            sum = decimal_add(
                sum, decimal_mul(exposure_of(oracle, (product_ref)i), rate, ROUND_DOWN));
    }
    return sum;
}

static void check_margin(struct oracle *oracle, const struct scene *scene)
{
    decimal buffer = scene->limits->min_liquidation_buffer_share;

    if (scene->market->product->type != PRODUCT_FUTURE)
        return;
    check_share(oracle, "initial margin", scene, margin(oracle, true), D(1));
    if (!decimal_is_zero(buffer))
        check_share(oracle, "maintenance margin beside the buffer", scene,
                    margin(oracle, false), decimal_sub(D(1), buffer));
}

/* What working buys of coins will take, and futures bind, without fees. */
static decimal bound_cash(const struct oracle *oracle)
{
    decimal sum = DECIMAL_ZERO;

    for (int i = 0; i < oracle->setup.products->count; i++) {
        const struct product *product = oracle_product(oracle, (product_ref)i);
        product_ref ref = (product_ref)i;
        decimal held = oracle_value_of(oracle, ref, decimal_abs(held_of(oracle, ref)),
                                       portfolio_mark(engine_portfolio(oracle->engine), ref));
        if (product->type == PRODUCT_SPOT)
            sum = decimal_add(sum, working_of(oracle, ref, SIDE_BUY, UINT64_MAX).value);
        else
            sum = decimal_add(sum, decimal_mul(held, product->initial_margin, ROUND_DOWN));
    }
    return sum;
}

/* Coins that are sold only reduce, and the venue itself asks for them. */
static void check_funds(struct oracle *oracle, const struct scene *scene)
{
    const struct portfolio *portfolio = engine_portfolio(oracle->engine);
    decimal cash = portfolio_balance(portfolio, scene->market->product->quote).total;
    bool sells_coins =
        scene->market->product->type == PRODUCT_SPOT && scene->request->side == SIDE_SELL;

    if (sells_coins)
        return;
    check_below(oracle, "what is bound and has to stay available",
                decimal_add(bound_cash(oracle), scene->limits->min_balance),
                decimal_max(cash, (decimal){1}));
}

/* ---- the book ---- */

static decimal bps_of(decimal distance, decimal of)
{
    return decimal_mul_div(distance, D(10000), of, ROUND_DOWN);
}

static void check_spread(struct oracle *oracle, const struct scene *scene)
{
    const struct quote *quote = &scene->market->quote;

    if (decimal_is_positive(quote->bid) && decimal_is_positive(quote->ask))
        check_below(oracle, "the spread in basis points",
                    bps_of(decimal_abs(decimal_sub(quote->ask, quote->bid)), quote->bid),
                    scene->limits->max_spread_bps);
}

/* Walks the book: what an order that takes would pay on average, and at last. */
static void check_slippage(struct oracle *oracle, const struct scene *scene)
{
    const struct order_request *request = scene->request;
    decimal touch = market_touch(scene->market, request->side);
    decimal rest = request->size, value = DECIMAL_ZERO, last = touch;
    const struct book_level *level;
    bool takes = request->type == ORDER_MARKET || request->type == ORDER_STOP;

    if (!takes || !scene->market->book || !decimal_is_positive(touch))
        return;
    for (int i = 0; decimal_is_positive(rest); i++) {
        level = order_book_level(scene->market->book, side_opposite(request->side), i);
        if (!level)
            break; /* too thin: a refusal, unless there is no limit */
        decimal part = decimal_min(rest, level->size);
        value = decimal_add(value, decimal_mul(part, level->price, ROUND_DOWN));
        rest = decimal_sub(rest, part);
        last = level->price;
    }
    decimal taken = decimal_sub(request->size, rest);
    if (decimal_is_zero(taken))
        return;
    decimal average = decimal_div(value, taken, ROUND_HALF_EVEN);
    check_below(oracle, "the slippage in basis points",
                bps_of(decimal_abs(decimal_sub(average, touch)), touch),
                decimal_add(scene->limits->max_slippage_bps,
                            decimal_is_zero(scene->limits->max_slippage_bps)
                                ? DECIMAL_ZERO
                                : (decimal){DECIMAL_ONE / 100}));
    check_below(oracle, "the impact in basis points",
                bps_of(decimal_abs(decimal_sub(last, touch)), touch),
                scene->limits->max_impact_bps);
}

/* ---- losses ---- */

/* Marks of the day that the journal's baseline is of. */
static void check_daily_loss(struct oracle *oracle, const struct scene *scene)
{
    const struct journal_sum *sum = &oracle->sum;
    decimal worst = DECIMAL_ZERO;

    if (nanos_day(scene->now) != sum->day)
        return;
    for (size_t i = oracle->equity_count; i-- > 0 && oracle->equities[i].time >= sum->day;)
        worst = decimal_max(worst, decimal_sub(sum->day_start, oracle->equities[i].equity));
    if (decimal_is_zero(worst))
        return;
    worst = decimal_add(worst, (decimal){1}); /* reaching it is enough */
    check_below(oracle, "the loss of the day", worst, scene->limits->daily_loss_value);
    if (!decimal_is_zero(scene->limits->daily_loss_share))
        check_below(oracle, "the loss of the day as a share", worst,
                    decimal_mul(sum->day_start, scene->limits->daily_loss_share, ROUND_UP));
}

static void check_drawdown(struct oracle *oracle, const struct scene *scene)
{
    decimal share = scene->limits->max_drawdown_share, peak = DECIMAL_ZERO;

    for (size_t i = 0; !decimal_is_zero(share) && i < oracle->equity_count; i++) {
        const struct equity_mark *mark = &oracle->equities[i];
        if (mark->time < oracle->sum.resumed)
            continue;
        peak = decimal_max(peak, mark->equity);
        check_below(oracle, "the fall of equity from its peak",
                    decimal_add(decimal_sub(peak, mark->equity), (decimal){1}),
                    decimal_mul(peak, share, ROUND_UP));
    }
}

/* Those that were told when it was decided that the order leaves. Its preview and a fill may
 * have come in one moment, the preview first. */
static int64_t losses_known(const struct journal_sum *sum, uint64_t previewed)
{
    int64_t known = sum->losses_in_row, kept = known < LOSSES_KEPT ? known : LOSSES_KEPT;

    for (int64_t i = 1; previewed && i <= kept; i++)
        if (sum->lost_at[(sum->losses_in_row - i) % LOSSES_KEPT] > previewed)
            known--;
    return known;
}

static void check_losses_in_row(struct oracle *oracle, const struct scene *scene)
{
    int64_t limit = scene->limits->max_losses_in_row;
    int64_t losses = losses_known(&oracle->sum, scene->send->previewed);

    if (limit && losses >= limit)
        oracle_complain(oracle, "%lld round trips in a row lost money, the limit is %lld",
                        (long long)losses, (long long)limit);
}

/* ---- all of them ---- */

static void (*const rules[])(struct oracle *oracle, const struct scene *scene) = {
    check_order_value, check_order_size,      check_open_orders, check_price_band,
    check_window,      check_shorts,          check_rates,       check_position_value,
    check_positions,   check_symbol_leverage, check_exposure,    check_margin,
    check_funds,       check_spread,          check_slippage,    check_daily_loss,
    check_drawdown,    check_losses_in_row,   check_limit_only,
};

void oracle_check_limits(struct oracle *oracle, const struct send *send)
{
    const struct limits *limits = &oracle->setup.settings->limits;
    struct scene scene = {.send = send,
                          .request = send->request,
                          .market = engine_market(oracle->engine, send->request->product),
                          .limits = limits,
                          .now = send->now};

    scene.own = limits_of_symbol(limits, scene.market->product->symbol);
    scene.value = oracle_value_of(oracle, send->request->product, send->request->size,
                                  price_of(oracle, send->request));
    if (!oracle_equity(oracle, &scene.equity))
        return; /* a share of what is not known */
    for (size_t i = 0; i < ARRAY_LEN(rules); i++)
        rules[i](oracle, &scene);
}

/* ---- equity ---- */

bool oracle_equity(const struct oracle *oracle, decimal *out)
{
    const struct portfolio *portfolio = engine_portfolio(oracle->engine);
    decimal sum = portfolio_balance(portfolio, oracle->setup.settings->currency).total;

    for (int i = 0; i < oracle->setup.products->count; i++) {
        const struct product *product = oracle_product(oracle, (product_ref)i);
        const position *held = portfolio_position(portfolio, (product_ref)i);
        bool is_spot = product->type == PRODUCT_SPOT;
        decimal size = is_spot ? portfolio_balance(portfolio, product->base).total : held->size;
        decimal mark = portfolio_mark(portfolio, (product_ref)i);
        if (!decimal_is_zero(size) && !decimal_is_positive(mark))
            return false;
        sum = decimal_add(sum, oracle_value_of(oracle, (product_ref)i, size, mark));
        if (!is_spot)
            sum = decimal_sub(sum, held->cost);
    }
    *out = sum;
    return true;
}

/* ---- sizes, at the venue ---- */

static decimal remaining_at_venue(const struct sim_order *order)
{
    return order->state == SIM_OPEN ? decimal_sub(order->request.size, order->filled)
                                    : DECIMAL_ZERO;
}

/* What an edit that may still arrive would add. */
static decimal edit_on_its_way(const struct sim_order *order, const struct order *ours)
{
    if (order->state != SIM_OPEN || !ours || !order_is_edited(ours))
        return DECIMAL_ZERO;
    return decimal_max(decimal_sub(ours->asked.size, order->request.size), DECIMAL_ZERO);
}

/* Held, working and on its way, in one direction. */
static decimal directed_size(const struct oracle *oracle, product_ref product, enum side side)
{
    /* Coins that somebody else bought may be sold by the engine, and are not its purchases;
     * those that he sells leave room if he is adopted. */
    bool is_adopted = oracle->setup.settings->reconcile.external_orders == EXTERNAL_ADOPT;
    decimal left = is_adopted ? oracle->sold[product] : DECIMAL_ZERO;
    decimal sum = side == SIDE_BUY ? decimal_sub(oracle->ours[product], left)
                                   : decimal_negate(oracle->positions[product]);

    for (size_t i = 0; i < oracle->active_count; i++) {
        const struct sent *sent = oracle->active[i];
        if (sent->product != product || sent->side != side)
            continue;
        const struct sim_order *order =
            simulator_find(oracle->setup.venue, &sent->client_id, &(venue_order_id){""});
        const struct order *ours =
            oms_find_client(engine_oms(oracle->engine), &sent->client_id);
        if (order)
            sum = decimal_add(
                sum, decimal_add(remaining_at_venue(order), edit_on_its_way(order, ours)));
        else if (ours && order_state_is_open(ours->state))
            sum = decimal_add(sum, sent->size);
    }
    return sum;
}

void oracle_check_sizes(struct oracle *oracle)
{
    const struct limits *limits = &oracle->setup.settings->limits;

    for (int i = 0; i < limits->symbol_count; i++) {
        const struct symbol_limits *own = &limits->symbols[i];
        product_ref product = product_table_find(oracle->setup.products, own->symbol);
        if (product == PRODUCT_NONE || decimal_is_zero(own->max_position_size))
            continue;
        check_below(oracle, "position and working buys",
                    directed_size(oracle, product, SIDE_BUY), own->max_position_size);
        check_below(oracle, "position and working sells",
                    directed_size(oracle, product, SIDE_SELL), own->max_position_size);
    }
}
