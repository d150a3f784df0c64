/* What happens by itself: the crowd's moves, expiries, funding, liquidations.
 *
 * One step of a market: the makers take back what no longer fits and put their
 * ladder in order, then the takers of the step trade, then the new picture is
 * told. A maker's order whose price still fits stays, and keeps its place in
 * the queue, until half of it is gone. */
#include <assert.h>
#include <string.h>

#include "venue/id_text.h"
#include "venue/simulator_private.h"

static const nanos funding_every = HOURS(8);

static void open_market(struct simulator *sim, product_ref product)
{
    struct sim_market *market = &sim->markets[product];
    struct match_listener listener = {&market->ctx, sim_on_trade, sim_on_end};
    const struct product *rules = sim_product(sim, product);
    struct market_shape shape;
    struct product unused;

    market->ctx = (struct sim_book_ctx){sim, product};
    candles_init(&market->candles, sim->setup.candle);
    market->book = matching_new(&listener);
    if (sim->setup.no_crowd || !catalogue_find(rules->symbol, &unused, &shape))
        return;
    market->synth =
        synth_new(rules, &shape, sim->setup.seed, sim->setup.start, sim->setup.step);
    matching_set_last_price(market->book, shape.price);
    sim->next_step = sim->setup.start;
}

void sim_open_markets(struct simulator *sim)
{
    sim->next_step = sim->next_funding = INT64_MAX;
    for (int i = 0; i < sim->products->count; i++) {
        open_market(sim, (product_ref)i);
        if (sim->products->items[i].type == PRODUCT_FUTURE)
            sim->next_funding = (sim->setup.start / funding_every + 1) * funding_every;
    }
}

void sim_close_markets(struct simulator *sim)
{
    for (int i = 0; i < sim->products->count; i++) {
        matching_free(sim->markets[i].book);
        synth_free(sim->markets[i].synth);
        sim_clear_queue(&sim->markets[i].queue);
        candles_clear(&sim->markets[i].candles);
    }
}

/* Telling */

static bool quote_is_equal(const struct quote *a, const struct quote *b)
{
    return decimal_is_equal(a->bid, b->bid) && decimal_is_equal(a->bid_size, b->bid_size) &&
           decimal_is_equal(a->ask, b->ask) && decimal_is_equal(a->ask_size, b->ask_size);
}

struct quote simulator_quote(const struct simulator *sim, product_ref product)
{
    struct match_level bid = matching_best(sim->markets[product].book, SIDE_BUY);
    struct match_level ask = matching_best(sim->markets[product].book, SIDE_SELL);

    return (struct quote){bid.price, bid.size, ask.price, ask.size};
}

decimal simulator_last_price(const struct simulator *sim, product_ref product)
{
    return matching_last_price(sim->markets[product].book);
}

int simulator_book(const struct simulator *sim, product_ref product, enum side side,
                   struct book_update out[SIM_BOOK_LEVELS])
{
    const struct matching *book = sim->markets[product].book;
    int count = matching_depth(book, side);

    count = count < SIM_BOOK_LEVELS ? count : SIM_BOOK_LEVELS;
    for (int i = 0; i < count; i++) {
        struct match_level level = matching_level(book, side, i);
        out[i] = (struct book_update){.side = side, .price = level.price, .size = level.size};
    }
    return count;
}

static void tell_level(const struct simulator *sim, product_ref product,
                       const struct book_update *level, decimal size)
{
    struct book_update update = *level;

    update.size = size;
    sim->listener.on_book(sim->listener.ctx, product, &update);
}

/* What differs between the levels told last and those of now; both best first. */
static void tell_side(struct simulator *sim, product_ref product, enum side side)
{
    struct sim_market *market = &sim->markets[product];
    struct book_update now[SIM_BOOK_LEVELS];
    const struct book_update *old = market->levels[side];
    int old_count = market->level_count[side], count;
    int i = 0, k = 0;

    count = simulator_book(sim, product, side, now);
    while (i < old_count || k < count) {
        int order = i == old_count ? 1 : -1;
        if (i < old_count && k < count)
            order = decimal_compare(old[i].price, now[k].price) * (side == SIDE_BUY ? -1 : 1);
        if (order < 0) {
            tell_level(sim, product, &old[i++], DECIMAL_ZERO);
            continue;
        }
        if (order > 0 || !decimal_is_equal(old[i].size, now[k].size))
            tell_level(sim, product, &now[k], now[k].size);
        i += order == 0;
        k++;
    }
    memcpy(market->levels[side], now, sizeof now);
    market->level_count[side] = count;
}

static void tell_book(struct simulator *sim, product_ref product)
{
    static const struct book_update clearing = {.clears = true};

    if (!sim->listener.on_book)
        return;
    if (!sim->markets[product].has_told_book)
        sim->listener.on_book(sim->listener.ctx, product, &clearing);
    sim->markets[product].has_told_book = true;
    tell_side(sim, product, SIDE_BUY);
    tell_side(sim, product, SIDE_SELL);
}

void sim_publish(struct simulator *sim, product_ref product)
{
    struct sim_market *market = &sim->markets[product];
    struct quote quote = simulator_quote(sim, product);
    bool is_whole = !decimal_is_zero(quote.bid) && !decimal_is_zero(quote.ask);

    tell_book(sim, product);
    if (!is_whole || quote_is_equal(&quote, &market->quote))
        return;
    market->quote = quote;
    if (sim_product(sim, product)->type == PRODUCT_FUTURE)
        ledger_set_mark(sim->ledger, product,
                        decimal_div(decimal_add(quote.bid, quote.ask), D(2), ROUND_HALF_EVEN));
    if (sim->listener.on_quote)
        sim->listener.on_quote(sim->listener.ctx, product, &quote);
}

void simulator_retell(struct simulator *sim)
{
    for (int i = 0; i < sim->products->count; i++) {
        struct sim_market *market = &sim->markets[i];
        market->has_told_book = false;
        market->level_count[SIDE_BUY] = market->level_count[SIDE_SELL] = 0;
        market->quote = (struct quote){0};
        sim_publish(sim, (product_ref)i);
    }
}

/* The crowd */

static void submit_crowd(struct sim_market *market, uint32_t owner, enum side side,
                         enum order_type type, decimal size, decimal limit_price, match_id *id)
{
    struct match_order order = {
        .owner = owner,
        .side = side,
        .type = type,
        .tif = type == ORDER_MARKET ? TIF_IOC : TIF_GTC,
        .size = size,
        .limit_price = limit_price,
    };
    bool taken = matching_submit(market->book, &order, id);

    assert(taken); /* the crowd posts nothing */
}

void simulator_crowd_order(struct simulator *sim, product_ref product, enum side side,
                           enum order_type type, decimal size, decimal limit_price, nanos now)
{
    match_id id;

    sim_move_time(sim, now);
    submit_crowd(&sim->markets[product], OWNER_ANYBODY, side, type, size, limit_price, &id);
    if (sim->setup.fills_at_touch)
        sim_touch_orders(sim, product);
    sim_settle_down(sim, product);
}

/* Whether a maker's order still fits its place in the ladder. */
static bool still_fits(const struct sim_market *market, int side, int level, decimal price)
{
    struct match_view view;

    if (!decimal_is_equal(market->maker_prices[side][level], price) ||
        !matching_find(market->book, market->makers[side][level], &view))
        return false;
    decimal half = {market->maker_sizes[side][level].units / 2};
    return !decimal_is_less(view.remaining, half);
}

static void order_ladder(struct sim_market *market)
{
    struct synth_ladder ladder;
    bool stays[SIDE_COUNT][SYNTH_LEVELS];

    synth_ladder(market->synth, &ladder);
    for (int side = 0; side < SIDE_COUNT; side++)
        for (int i = 0; i < SYNTH_LEVELS; i++) {
            stays[side][i] = still_fits(market, side, i, ladder.levels[side][i].price);
            if (!stays[side][i])
                matching_cancel(market->book, market->makers[side][i]);
        }
    for (int side = 0; side < SIDE_COUNT; side++)
        for (int i = 0; i < SYNTH_LEVELS; i++) {
            if (stays[side][i])
                continue;
            market->maker_prices[side][i] = ladder.levels[side][i].price;
            market->maker_sizes[side][i] = ladder.levels[side][i].size;
            submit_crowd(market, OWNER_MAKERS, (enum side)side, ORDER_LIMIT,
                         ladder.levels[side][i].size, ladder.levels[side][i].price,
                         &market->makers[side][i]);
        }
}

static void step_market(struct simulator *sim, product_ref product)
{
    struct sim_market *market = &sim->markets[product];
    struct synth_step step;
    match_id id;

    if (!market->synth)
        return;
    synth_step(market->synth, &step);
    order_ladder(market);
    for (int i = 0; i < step.taker_count; i++)
        submit_crowd(market, OWNER_ANYBODY, step.takers[i].side, ORDER_MARKET,
                     step.takers[i].size, DECIMAL_ZERO, &id);
    if (sim->setup.fills_at_touch)
        sim_touch_orders(sim, product);
    market->quote =
        (struct quote){0}; /* told even if nothing moved: silence looks like death */
    sim_settle_down(sim, product);
}

/* Futures */

static decimal mark_of(const struct simulator *sim, product_ref product)
{
    const struct quote *quote = &sim->markets[product].quote;

    if (decimal_is_zero(quote->bid))
        return simulator_last_price(sim, product);
    return decimal_div(decimal_add(quote->bid, quote->ask), D(2), ROUND_HALF_EVEN);
}

/* A positive rate is paid by longs to shorts. */
static void pay_funding(struct simulator *sim, product_ref product)
{
    const struct synth *synth = sim->markets[product].synth;
    decimal size = ledger_position(sim->ledger, product).size, value;

    if (!synth || decimal_is_zero(size) ||
        !product_value(sim_product(sim, product), size, mark_of(sim, product), &value))
        return;
    decimal paid = decimal_mul(value, synth_funding_rate(synth, sim->now), ROUND_HALF_EVEN);
    sim->funding_paid = decimal_add(sim->funding_paid, paid);
    simulator_deposit(sim, sim_product(sim, product)->quote, decimal_negate(paid));
}

static void close_by_force(struct simulator *sim, product_ref product)
{
    decimal size = ledger_position(sim->ledger, product).size;
    struct order_request request = {
        .product = product,
        .side = decimal_is_positive(size) ? SIDE_SELL : SIDE_BUY,
        .type = ORDER_MARKET,
        .tif = TIF_IOC,
        .reduce_only = true,
        .size = decimal_abs(size),
    };

    for (uint64_t i = sim->open_count; i-- > 0;) {
        const struct sim_order *order = &sim->orders[sim->open[i]]->order;
        if (order->request.product == product)
            simulator_cancel(sim, &order->request.client_id, &order->venue_id, sim->now);
    }
    id_text_format(request.client_id.text, "liquidation-", ++sim->liquidations, 0);
    sim_submit_as(sim, &request, true, sim->now);
}

/* Positions that their account can no longer carry are closed by the venue. */
static void check_margin(struct simulator *sim)
{
    for (int i = 0; i < sim->products->count; i++) {
        const struct product *product = &sim->products->items[i];
        if (product->type != PRODUCT_FUTURE ||
            decimal_is_zero(ledger_position(sim->ledger, (product_ref)i).size))
            continue;
        if (decimal_is_less(ledger_equity(sim->ledger, product->quote),
                            ledger_maintenance(sim->ledger, product->quote)))
            close_by_force(sim, (product_ref)i);
    }
}

/* Time */

static nanos next_expiry(const struct simulator *sim)
{
    nanos next = INT64_MAX;

    for (int i = 0; i < sim->products->count; i++) {
        nanos time = matching_next_expiry(sim->markets[i].book);
        next = time < next ? time : next;
    }
    if (!sim->setup.fills_at_touch)
        return next;
    for (uint64_t i = 0; i < sim->open_count; i++) {
        const struct order_request *request = &sim->orders[sim->open[i]]->order.request;
        if (request->tif == TIF_GTD && request->expires < next)
            next = request->expires;
    }
    return next;
}

nanos simulator_next_time(const struct simulator *sim)
{
    nanos next = next_expiry(sim);

    next = sim->next_step < next ? sim->next_step : next;
    if (sim->edits) {
        nanos edit = sim_next_edit(sim);
        next = edit < next ? edit : next;
    }
    return sim->next_funding < next ? sim->next_funding : next;
}

static void expire(struct simulator *sim)
{
    for (int i = 0; i < sim->products->count; i++)
        if (matching_next_expiry(sim->markets[i].book) <= sim->now) {
            matching_expire(sim->markets[i].book, sim->now);
            sim_publish(sim, (product_ref)i);
        }
    if (sim->setup.fills_at_touch)
        sim_touch_expire(sim);
}

static void step(struct simulator *sim)
{
    for (int i = 0; i < sim->products->count; i++)
        step_market(sim, (product_ref)i);
    check_margin(sim);
    sim->next_step += sim->setup.step;
}

static void fund(struct simulator *sim)
{
    for (int i = 0; i < sim->products->count; i++)
        if (sim->products->items[i].type == PRODUCT_FUTURE)
            pay_funding(sim, (product_ref)i);
    sim->next_funding += funding_every;
}

void simulator_advance(struct simulator *sim, nanos now)
{
    nanos next;

    while ((next = simulator_next_time(sim)) <= now) {
        sim_move_time(sim, next > sim->now ? next : sim->now);
        expire(sim);
        sim_edit_due(sim);
        if (sim->next_step <= sim->now)
            step(sim);
        if (sim->next_funding <= sim->now)
            fund(sim);
    }
    sim_move_time(sim, now);
}
