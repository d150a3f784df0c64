/* What the order management system forgets, and when. That it keeps orders and
 * holds right is shown with the engine around it. */
#include "engine/oms.h"

#include "base/mem.h"

#include "engine_world.h"

struct desk {
    struct product_table products;
    struct portfolio *portfolio;
    struct oms *oms;
};

static struct desk *desk_new(void)
{
    struct desk *desk = mem_new(sizeof *desk);
    struct product product = sample_spot("BTC", "USD");
    product_ref ref;

    product_table_init(&desk->products);
    assert_int_equal(product_table_add(&desk->products, &product, &ref, NULL), OK);
    desk->portfolio = portfolio_new(&desk->products, "USD");
    portfolio_set_balance(desk->portfolio, "USD", D(1000000));
    desk->oms = oms_new(&desk->products, desk->portfolio, DECIMAL_ZERO);
    return desk;
}

static void desk_free(struct desk *desk)
{
    oms_free(desk->oms);
    portfolio_free(desk->portfolio);
    mem_free(desk);
}

static void add(struct desk *desk, order_number number)
{
    struct order order = {.number = number,
                          .request = sample_limit(SIDE_BUY, "1", "10"),
                          .reserved_price = D(10),
                          .state = ORDER_UNKNOWN};

    snprintf(order.request.client_id.text, sizeof order.request.client_id.text, "c-%d",
             (int)number);
    snprintf(order.venue_id.text, sizeof order.venue_id.text, "v-%d", (int)number);
    oms_add(desk->oms, &order);
}

static void end(struct desk *desk, order_number number)
{
    assert_true(
        oms_apply(desk->oms, number, ORDER_EVENT_CANCEL, &(venue_order_id){""}, (nanos)number));
}

static bool is_known(const struct desk *desk, order_number number)
{
    client_order_id client = {""};
    venue_order_id venue = {""};
    const struct order *order = oms_find(desk->oms, number);

    snprintf(client.text, sizeof client.text, "c-%d", (int)number);
    snprintf(venue.text, sizeof venue.text, "v-%d", (int)number);
    assert_ptr_equal(oms_find_client(desk->oms, &client), order);
    assert_ptr_equal(oms_find_venue(desk->oms, &venue), order);
    return order != NULL;
}

TEST(the_orders_that_ended_first_are_forgotten_first)
{
    struct desk *desk = desk_new();

    for (order_number n = 1; n <= 5; n++)
        add(desk, n);
    end(desk, 3);
    end(desk, 1);
    end(desk, 5);
    oms_forget_old(desk->oms, 2);
    assert_false(is_known(desk, 3));
    assert_true(is_known(desk, 1));
    assert_true(is_known(desk, 2));
    assert_true(is_known(desk, 4));
    assert_true(is_known(desk, 5));
    oms_forget_old(desk->oms, 0);
    assert_int_equal(oms_open_count(desk->oms), 2);
    assert_true(is_known(desk, 2) && is_known(desk, 4));
    oms_check(desk->oms);
    desk_free(desk);
}

TEST(an_order_that_works_through_thousands_of_others_is_not_forgotten)
{
    struct desk *desk = desk_new();

    add(desk, 1);
    for (order_number n = 2; n <= 5000; n++) {
        add(desk, n);
        end(desk, n);
        oms_forget_old(desk->oms, 8);
    }
    assert_true(is_known(desk, 1));
    assert_false(is_known(desk, 4992));
    for (order_number n = 4993; n <= 5000; n++)
        assert_true(is_known(desk, n));
    end(desk, 1);
    oms_forget_old(desk->oms, 0);
    assert_int_equal(oms_next_number(desk->oms), 5001);
    add(desk, 5001);
    oms_check(desk->oms);
    desk_free(desk);
}

/* Refused here, and never sent. */
static void deny(struct desk *desk, order_number number)
{
    struct order order = {
        .number = number, .request = sample_limit(SIDE_BUY, "1", "10"), .state = ORDER_DENIED};

    snprintf(order.request.client_id.text, sizeof order.request.client_id.text, "c-%d",
             (int)number);
    oms_add(desk->oms, &order);
}

TEST(an_order_that_was_sent_is_not_forgotten_for_the_sake_of_those_that_were_refused)
{
    struct desk *desk = desk_new();

    add(desk, 1);
    end(desk, 1);
    for (order_number n = 2; n <= 5000; n++) {
        deny(desk, n);
        oms_forget_old(desk->oms, 8);
    }
    assert_true(is_known(desk, 1));
    assert_null(oms_find(desk->oms, 4992));
    assert_non_null(oms_find(desk->oms, 4993));
    oms_check(desk->oms);
    desk_free(desk);
}

TEST(an_order_that_ended_long_ago_is_forgotten_although_there_is_room)
{
    struct desk *desk = desk_new();

    for (order_number n = 1; n <= 4; n++)
        add(desk, n);
    end(desk, 2);
    end(desk, 3);
    oms_forget_before(desk->oms, 3);
    assert_false(is_known(desk, 2));
    assert_true(is_known(desk, 1) && is_known(desk, 3));
    oms_forget_before(desk->oms, 1000);
    assert_true(is_known(desk, 1) && is_known(desk, 4));
    assert_false(is_known(desk, 3));
    oms_check(desk->oms);
    desk_free(desk);
}

TEST(fills_of_an_order_that_was_forgotten_are_none_of_the_next_in_its_place)
{
    struct desk *desk = desk_new();
    struct fill fill = {.order = 1, .side = SIDE_BUY, .size = dec("0.01"), .value = dec("0.1")};

    add(desk, 1);
    for (int i = 0; i < 20; i++) {
        snprintf(fill.id.text, sizeof fill.id.text, "f-%d", i);
        assert_true(oms_apply_fill(desk->oms, &fill));
    }
    for (int i = 0; i < 20; i++) {
        snprintf(fill.id.text, sizeof fill.id.text, "f-%d", i);
        assert_true(oms_has_fill(desk->oms, 1, &fill.id));
    }
    end(desk, 1);
    oms_forget_old(desk->oms, 0);
    add(desk, 2);
    assert_false(oms_has_fill(desk->oms, 2, &fill.id));
    desk_free(desk);
}
