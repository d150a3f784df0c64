/* Bars of two products come one by one: what one shows must not trade in the past of the other.
 */
#include "venue/bar_venue.h"

#include "base/mem.h"
#include "venue_check.h"

struct scene {
    struct product_table products;
    struct bus *bus;
    struct bar_venue *venue;
    struct venue_port port;
};

static const nanos begin = SECONDS(1700000040);

static struct scene *scene_new(void)
{
    struct scene *scene = mem_new(sizeof *scene);
    struct bar_venue_settings settings = {.fees = {dec("0.001"), dec("0.002")}};

    product_table_init(&scene->products);
    add_product(&scene->products, spot_product());
    add_product(&scene->products, future_product());
    scene->bus = bus_new(1000);
    scene->venue = bar_venue_new(&scene->products, &settings);
    bar_venue_connect(scene->venue, scene->bus);
    bar_venue_deposit(scene->venue, "USD", D(100000));
    scene->port = bar_venue_port(scene->venue);
    return scene;
}

static void scene_free(struct scene *scene)
{
    ledger_check(bar_venue_ledger(scene->venue));
    bar_venue_free(scene->venue);
    bus_free(scene->bus);
    mem_free(scene);
}

static void bar(struct scene *scene, product_ref product, nanos start, nanos interval,
                const char *open, const char *high, const char *low, const char *close)
{
    struct bar bar = {start, interval, dec(open), dec(high), dec(low), dec(close), D(10)};

    bar_venue_open_bar(scene->venue, product, &bar);
    bar_venue_close_bar(scene->venue, product, &bar);
}

static void submit(struct scene *scene, struct order_request request)
{
    scene->port.submit(scene->port.ctx, &request);
}

static void minute(struct scene *scene, product_ref product, int number, const char *open,
                   const char *high, const char *low, const char *close)
{
    bar(scene, product, begin + MINUTES(number), MINUTES(1), open, high, low, close);
}

TEST(a_decision_on_one_bar_does_not_fill_at_the_older_open_of_another)
{
    struct scene *scene = scene_new();

    minute(scene, SPOT, 0, "100", "100", "100", "100");
    minute(scene, FUTURE, 1, "100", "100", "100", "100"); /* ends, and lets buy: */
    submit(scene, market_order("a", SIDE_BUY, "1"));
    assert_string_equal("accepted a", reports(scene->bus));
    minute(scene, SPOT, 1, "90", "200", "90", "200"); /* began before that */
    assert_string_equal("", reports(scene->bus));
    minute(scene, SPOT, 2, "201", "201", "201", "201");
    assert_string_equal("fill a 1 @ 201 taker", reports(scene->bus));
    scene_free(scene);
}

TEST(stops_and_limits_placed_inside_a_longer_bar_do_not_trade_in_it)
{
    struct scene *scene = scene_new();

    minute(scene, SPOT, 0, "100", "100", "100", "100");
    bar_venue_move_time(scene->venue, begin + MINUTES(30));
    submit(scene, limit_order("l", SIDE_BUY, "1", "95"));
    reports(scene->bus);
    bar(scene, SPOT, begin + MINUTES(1), MINUTES(59), "100", "110", "80", "100");
    assert_string_equal("", reports(scene->bus));
    bar(scene, SPOT, begin + MINUTES(60), MINUTES(60), "100", "110", "80", "100");
    assert_string_equal("fill l 1 @ 95 maker", reports(scene->bus));
    scene_free(scene);
}
