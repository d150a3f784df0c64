#include "venue/bar_venue.h"

#include "venue_check.h"

static struct product_table products;
static struct bus *bus;
static struct bar_venue *venue;
static struct venue_port port;

static void begin(const char *cash)
{
    struct bar bar = {.start = SECONDS(1700000040),
                      .interval = MINUTES(1),
                      .open = D(100),
                      .high = D(100),
                      .low = D(100),
                      .close = D(100),
                      .volume = D(10)};

    product_table_init(&products);
    add_product(&products, spot_product());
    bus = bus_new(1000);
    venue = bar_venue_new(&products,
                          &(struct bar_venue_settings){.fees = {dec("0.001"), dec("0.002")}});
    bar_venue_connect(venue, bus);
    bar_venue_deposit(venue, "USD", dec(cash));
    port = bar_venue_port(venue);
    bar_venue_open_bar(venue, SPOT, &bar);
    bar_venue_close_bar(venue, SPOT, &bar);
    drain(bus);
}

static void end(void)
{
    ledger_check(bar_venue_ledger(venue));
    bar_venue_free(venue);
    bus_free(bus);
}

static struct preview ask(struct order_request request)
{
    port.preview(port.ctx, 7, &request);
    struct event first = *bus_pop(bus), second = *bus_pop(bus);
    assert_int_equal(first.kind, EVENT_PREVIEW);
    assert_int_equal(second.kind, EVENT_ANSWER);
    assert_int_equal(second.answer.query, 7);
    assert_true(second.answer.is_complete && bus_is_empty(bus));
    return first.preview;
}

TEST(bars_preview_at_their_last_price_and_place_nothing)
{
    begin("1000");
    struct preview out = ask(market_order("a", SIDE_BUY, "2"));
    assert_int_equal(out.query, 7);
    assert_decimal("200", out.value);
    assert_decimal("200.4", out.total);
    assert_string_equal(out.reason, "");
    assert_int_equal(bar_venue_open_orders(venue), 0);
    assert_decimal("0", ledger_held(bar_venue_ledger(venue), "USD"));
    out = ask(limit_order("a", SIDE_BUY, "2", "90"));
    assert_decimal("180.18", out.total);
    end();
}

TEST(bars_refuse_in_a_preview_what_they_refuse_in_an_order)
{
    begin("100");
    assert_string_equal("PREVIEW_INSUFFICIENT_FUND",
                        ask(market_order("a", SIDE_BUY, "2")).reason);
    assert_string_equal("PREVIEW_INVALID_SIZE_PRECISION",
                        ask(market_order("a", SIDE_BUY, "0.0001")).reason);
    end();
}
