#include "venue/bar_venue.h"

#include <stdlib.h>

#include "base/rng.h"

#include "venue_check.h"

static struct product_table products;
static struct bus *bus;
static struct bar_venue *venue;
static struct venue_port port;
static nanos next_start;

static void begin(void)
{
    struct bar_venue_settings settings = {.fees = {dec("0.001"), dec("0.002")}};

    product_table_init(&products);
    add_product(&products, spot_product());
    bus = bus_new(1000);
    venue = bar_venue_new(&products, &settings);
    bar_venue_connect(venue, bus);
    bar_venue_deposit(venue, "USD", D(100000));
    port = bar_venue_port(venue);
    next_start = SECONDS(1700000040);
}

/* Random bars and orders: no fill is better than its bar allows, none is in the bar that
 * decided, and the account is what the fills add up to. */
struct random_order {
    struct order_request request;
    nanos decided; /* the end of the last bar it could have seen */
};

static struct bar random_bar(struct rng *rng, decimal before)
{
    decimal cent = dec("0.01"), prices[4];
    struct bar bar = {.start = next_start, .interval = MINUTES(1), .volume = D(100)};

    for (int i = 0; i < 4; i++)
        prices[i] = (decimal){before.units + cent.units * rng_between(rng, -200, 200)};
    bar.open = prices[0];
    bar.close = prices[1];
    bar.high = decimal_max(decimal_max(prices[0], prices[1]), prices[2]);
    bar.low = decimal_min(decimal_min(prices[0], prices[1]), prices[3]);
    next_start += MINUTES(1);
    return bar;
}

static struct order_request random_order(struct rng *rng, const char *id, decimal near)
{
    struct order_request request =
        market_order(id, rng_below(rng, 2) ? SIDE_BUY : SIDE_SELL, "1");
    decimal price = {near.units + DECIMAL_ONE / 100 * rng_between(rng, -150, 150)};

    request.size = (decimal){DECIMAL_ONE / 1000 * rng_between(rng, 1, 3000)};
    request.type = (enum order_type)rng_below(rng, ORDER_TYPE_COUNT);
    if (request.type == ORDER_LIMIT || request.type == ORDER_STOP_LIMIT)
        request.limit_price = price;
    if (request.type == ORDER_STOP || request.type == ORDER_STOP_LIMIT)
        request.stop_price = price;
    if (request.type == ORDER_LIMIT)
        request.tif = (enum time_in_force)rng_below(rng, TIF_COUNT);
    else if (request.type != ORDER_MARKET)
        request.tif = TIF_GTC;
    if (request.tif == TIF_GTD)
        request.expires = next_start + MINUTES(3);
    return request;
}

static void check_fill(const struct random_order *order, const struct fill *fill,
                       const struct bar *bar)
{
    const struct order_request *request = &order->request;
    bool buy = request->side == SIDE_BUY;

    assert_true(!decimal_is_less(fill->price, bar->low));
    assert_true(!decimal_is_less(bar->high, fill->price));
    assert_true(bar->start >= order->decided);
    if (request->type == ORDER_MARKET)
        assert_true(decimal_is_equal(fill->price, bar->open));
    if (request->type == ORDER_LIMIT || request->type == ORDER_STOP_LIMIT)
        assert_false(buy ? decimal_is_less(request->limit_price, fill->price)
                         : decimal_is_less(fill->price, request->limit_price));
    if (request->type == ORDER_STOP)
        assert_false(buy ? decimal_is_less(fill->price, request->stop_price)
                         : decimal_is_less(request->stop_price, fill->price));
}

TEST(random_fills_are_possible_causal_and_add_up)
{
    static struct random_order orders[1000];

    for (uint64_t seed = 1; seed <= 10; seed++) {
        struct rng rng = rng_stream(seed, "bars");
        decimal cash = D(100000), coins = DECIMAL_ZERO, price = D(100);
        const struct event *event;
        int count = 0, fills = 0;
        begin();
        while (count < 1000) {
            struct bar bar = random_bar(&rng, price);
            bar_venue_open_bar(venue, SPOT, &bar);
            bar_venue_close_bar(venue, SPOT, &bar);
            ledger_check(bar_venue_ledger(venue));
            while ((event = bus_pop(bus))) {
                const struct fill *fill = &event->report.fill;
                if (!event->report.has_fill)
                    continue;
                bool buy = fill->side == SIDE_BUY;
                check_fill(&orders[atoi(event->report.client_id.text)], fill, &bar);
                cash = decimal_sub(buy ? decimal_sub(cash, fill->value)
                                       : decimal_add(cash, fill->value),
                                   fill->fee);
                coins = buy ? decimal_add(coins, fill->size) : decimal_sub(coins, fill->size);
                fills++;
            }
            price = decimal_max(bar.close, D(50));
            for (int i = 0; i < 3 && count < 1000; i++, count++) {
                char id[12];
                snprintf(id, sizeof id, "%d", count);
                orders[count] =
                    (struct random_order){random_order(&rng, id, price), next_start};
                port.submit(port.ctx, &orders[count].request);
            }
        }
        if (!decimal_is_equal(cash, ledger_total(bar_venue_ledger(venue), "USD")) ||
            !decimal_is_equal(coins, ledger_total(bar_venue_ledger(venue), "BTC")))
            fail_msg("seed %llu: the account is not what its fills add up to",
                     (unsigned long long)seed);
        assert_true(fills > 150);
        bar_venue_free(venue);
        bus_free(bus);
    }
}
