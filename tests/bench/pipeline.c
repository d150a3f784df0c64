/* What an order's way through all stages costs, without any input or output: every limit of
 * the settings is on, ten products are watched, orders of nine of them work. Checks first
 * that the order passes, and that each limit was asked.
 *
 *     pipeline [orders]      (100000)
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/journal_null.h"
#include "engine/pipeline.h"
#include "venue/bar_venue.h"
#include "venue/catalogue.h"

static const char *const symbols[] = {"BTC-USD", "ETH-USD",  "SOL-USD", "XRP-USD",  "LTC-USD",
                                      "ADA-USD", "DOGE-USD", "BCH-USD", "AVAX-USD", "LINK-USD"};

static void must(enum err err, const struct fault *why)
{
    if (!err)
        return;
    fprintf(stderr, "pipeline: %s\n", why->text);
    exit(1);
}

static void add_products(struct product_table *products)
{
    product_table_init(products);
    for (size_t i = 0; i < ARRAY_LEN(symbols); i++) {
        struct product product;
        struct fault why;
        product_ref ref;
        if (!catalogue_find(symbols[i], &product, NULL))
            abort();
        must(product_table_add(products, &product, &ref, &why), &why);
    }
}

/* Each limit is there, and far enough. */
static void set_limits(struct limits *limits)
{
    const decimal money = D(100000), share = {DECIMAL_ONE / 2};

    limits->max_order_value = limits->max_position_value = limits->max_exposure_value = money;
    limits->max_position_share = limits->max_exposure_share = share;
    limits->max_leverage = D(2);
    limits->max_positions = limits->max_open_orders = 100;
    limits->orders_per_second = limits->orders_per_minute = 1000;
    limits->orders_per_hour = limits->orders_per_day = 1000;
    limits->price_band_share = share;
    limits->min_balance = D(1);
    limits->max_slippage_bps = limits->max_impact_bps = limits->max_spread_bps = D(500);
    limits->min_liquidation_buffer_share = share;
    limits->has_window = true;
    limits->window_end_minute = 1440;
    limits->window_days = 127;
    limits->symbol_count = 1;
    strcpy(limits->symbols[0].symbol, symbols[0]);
    limits->symbols[0].max_order_size = limits->symbols[0].max_position_size = D(10);
    limits->symbols[0].max_order_value = limits->symbols[0].max_position_value = money;
    limits->symbols[0].max_position_share = share;
    limits->symbols[0].max_leverage_day = limits->symbols[0].max_leverage_night = D(2);
}

static void set_market(struct engine *engine, product_ref product)
{
    struct event trade = {.kind = EVENT_TRADE, .product = product, .time = SECONDS(1)};
    struct event quote = {.kind = EVENT_QUOTE, .product = product, .time = SECONDS(1)};

    trade.trade = (struct trade){.price = D(100), .size = D(1)};
    quote.quote = (struct quote){D(99), D(50), D(101), D(50)};
    bus_push(engine->bus, &trade);
    bus_push(engine->bus, &quote);
    for (int i = 0; i < 20; i++) {
        struct event level = {.kind = EVENT_BOOK, .product = product, .time = SECONDS(1)};
        bool is_bid = i % 2;
        level.book = (struct book_update){.side = is_bid ? SIDE_BUY : SIDE_SELL,
                                          .price = D(is_bid ? 99 - i / 2 : 101 + i / 2),
                                          .size = D(5)};
        bus_push(engine->bus, &level);
    }
}

static struct intent intent_for(product_ref product)
{
    struct intent intent = {.strategy = "bench"};

    intent.request = (struct order_request){.product = product,
                                            .side = SIDE_BUY,
                                            .type = ORDER_LIMIT,
                                            .tif = TIF_GTC,
                                            .size = {DECIMAL_ONE * 2},
                                            .limit_price = D(100)};
    intent.decision.product = product;
    return intent;
}

static int compare(const void *a, const void *b)
{
    const nanos *one = a, *two = b;

    return (*one > *two) - (*one < *two);
}

static void measure(struct engine *engine, int count)
{
    nanos *times = mem_new_array((size_t)count, sizeof *times);
    const struct intent intent = intent_for(0);

    for (int i = 0; i < count; i++) {
        struct order_request request = intent.request;
        struct trace trace;
        decimal price;
        nanos start = clock_monotonic();
        struct view view = engine_view(engine, 0);
        struct pipeline pipeline = engine_pipeline(engine, &view, &request);
        enum refusal code = pipeline_run(&pipeline, &intent, &request, &price, &trace);
        times[i] = clock_monotonic() - start;
        if (code || pipeline.idle_limits) {
            fprintf(stderr, "pipeline: the order is refused (%s) or not asked all limits\n",
                    refusal_name(code));
            exit(1);
        }
    }
    qsort(times, (size_t)count, sizeof *times, compare);
    printf("all stages, every limit on   median %8.2f us   p99 %8.2f us\n",
           (double)times[count / 2] / 1000, (double)times[count / 100 * 99] / 1000);
    mem_free(times);
}

int main(int argc, char **argv)
{
    static struct product_table products;
    struct engine_settings settings;
    struct fault why = {OK, ""};
    const struct fact_run run = {.run = "bench", .venue = "bars"};

    add_products(&products);
    engine_settings_init_unlimited(&settings);
    set_limits(&settings.limits);
    settings.limits.limit_only = true;
    settings.cycle_every = SECONDS(1);
    const struct bar_venue_settings bars = {.market_fill = BAR_FILL_OPEN};
    struct bar_venue *venue = bar_venue_new(&products, &bars);
    struct journal_null *journal = journal_null_new(false);
    struct engine_ports ports = {.venue = bar_venue_port(venue),
                                 .journal = journal_null_port(journal)};
    struct engine *engine = engine_new(&settings, &products, &ports, "bench");
    bar_venue_connect(venue, engine_bus(engine));
    bar_venue_deposit(venue, "USD", D(1000000));
    engine_set_balance(engine, "USD", D(1000000), "opening");
    must(engine_start(engine, &run, SECONDS(1), &why), &why);
    for (int i = 0; i < products.count; i++)
        set_market(engine, (product_ref)i);
    must(engine_turn(engine, SECONDS(1), &why), &why);
    for (int i = 1; i < products.count; i++) {
        struct intent intent = intent_for((product_ref)i);
        enum refusal code;
        engine_submit(engine, &intent, &code);
        assert(code == REFUSAL_NONE);
    }
    must(engine_turn(engine, SECONDS(1), &why), &why);
    measure(engine, argc > 1 ? atoi(argv[1]) : 100000);
    engine_free(engine);
    bar_venue_free(venue);
    journal_null_free(journal);
    return 0;
}
