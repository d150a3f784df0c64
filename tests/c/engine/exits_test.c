/* Exits that the engine holds: they never make a position larger, never guard more than there
 * is, and are not forgotten. */
#include "exits_world.h"

TEST(an_exit_waits_for_its_entry_and_is_armed_by_what_fills)
{
    struct world *world = trader();
    order_number number = enter(world, ACTION_BUY, "2", plan("95", NULL, NULL));

    assert_string_equal(first(world), "waiting 0");
    world_price(world, BTC, "90");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    world_price(world, BTC, "100");
    world_say(world, number, REPORT_ACCEPTED);
    world_fill(world, number, "f1", "0.5", "100", "0");
    assert_string_equal(first(world), "armed 0.5");
    world_fill(world, number, "f2", "1.5", "100", "0");
    assert_string_equal(first(world), "armed 2");
    world_free(world);
}

TEST(a_stop_sends_a_reduce_only_order_of_its_size)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    world_price(world, BTC, "95.01");
    assert_string_equal(first(world), "armed 2");
    world_price(world, BTC, "95");
    assert_string_equal(first(world), "triggered 2");
    const struct order *order = world_order(world, world_last_order(world));
    assert_string_equal(order_origin_name(order->origin), "emulation");
    assert_string_equal(order->reason, "stop at 95");
    assert_true(order->request.reduce_only && order->request.side == SIDE_SELL);
    assert_decimal(order->request.size, "2");
    world_fill(world, order->number, "out", "2", "95", "0");
    assert_string_equal(first(world), "none");
    assert_decimal(world_position(world, BTC), "0");
    world_free(world);
}

TEST(a_target_looks_at_what_an_order_would_get)
{
    struct world *world = trader();
    struct event quote = {.kind = EVENT_QUOTE, .product = BTC};

    guarded(world, plan(NULL, "110", NULL));
    quote.quote = (struct quote){dec("108"), D(1), dec("114"), D(1)};
    world_push(world, quote); /* the middle is beyond the target, the bid is not */
    assert_string_equal(first(world), "armed 2");
    quote.quote.bid = dec("110");
    world_push(world, quote);
    assert_string_equal(first(world), "triggered 2");
    world_free(world);
}

TEST(a_trailing_stop_follows_the_best_price_and_never_back)
{
    struct world *world = trader();

    guarded(world, plan(NULL, NULL, "5"));
    world_price(world, BTC, "110");
    world_price(world, BTC, "106");
    assert_decimal(exit_stop_level(&exits(world)->items[0].exit), "105");
    world_price(world, BTC, "105");
    assert_string_equal(first(world), "triggered 2");
    assert_string_equal(world_order(world, world_last_order(world))->reason, "trail at 105");
    world_free(world);
}

TEST(a_short_position_is_left_the_other_way_round)
{
    struct world *world = world_new();
    struct decision wish = world_wish(ACTION_SELL, BIP, "10");

    world->settings.limits.allow_shorts = true;
    world_open(world, "100000");
    world_price(world, BIP, "60000");
    wish.plan.stop_share = dec("0.1");
    wish.plan.trail_share = dec("0.05");
    wish.plan.target = dec("50000");
    world_decide(world, wish);
    order_number number = world_last_order(world);
    world_say(world, number, REPORT_ACCEPTED);
    world_fill(world, number, "in", "10", "60000", "0");
    assert_decimal(exit_stop_level(&exits(world)->items[0].exit), "63000");
    world_price(world, BIP, "56000");
    assert_decimal(exit_stop_level(&exits(world)->items[0].exit), "58800");
    world_price(world, BIP, "58800");
    assert_string_equal(first(world), "triggered 10");
    const struct order *order = world_order(world, world_last_order(world));
    assert_true(order->request.side == SIDE_BUY && order->request.reduce_only);
    world_free(world);
}

TEST(what_one_leg_closes_the_others_guard_no_more)
{
    struct world *world = trader();

    guarded(world, plan("95", "110", NULL));
    world_price(world, BTC, "110");
    order_number out = world_last_order(world);
    world_fill(world, out, "o1", "0.5", "110", "0");
    assert_string_equal(first(world), "triggered 1.5");
    world_say(world, out, REPORT_CANCELED); /* the book was thin */
    world_wait(world, SECONDS(2));
    assert_decimal(world_order(world, world_last_order(world))->request.size, "1.5");
    world_free(world);
}

TEST(a_position_that_shrinks_otherwise_takes_from_the_oldest_exit)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    order_number more = enter(world, ACTION_BUY, "1", plan("90", NULL, NULL));
    world_fill(world, more, "more", "1", "100", "0");
    assert_int_equal(exits(world)->count, 2);
    world_sell(world, BTC, "1.5");
    world_fill(world, world_last_order(world), "s1", "1.5", "100", "0");
    assert_string_equal(first(world), "armed 0.5");
    assert_decimal(exits(world)->items[1].exit.size, "1");
    world_sell(world, BTC, "1.5");
    world_fill(world, world_last_order(world), "s2", "1.5", "100", "0");
    assert_string_equal(first(world), "none");
    world_free(world);
}

TEST(a_position_that_turns_around_ends_its_exits)
{
    struct world *world = world_new();
    struct decision wish = world_wish(ACTION_BUY, BIP, "10");

    world->settings.limits.allow_shorts = true;
    world_open(world, "100000");
    world_price(world, BIP, "60000");
    wish.plan.stop = dec("59000");
    world_decide(world, wish);
    world_fill(world, world_last_order(world), "in", "10", "60000", "0");
    world_sell(world, BIP, "15");
    world_fill(world, world_last_order(world), "turn", "15", "60000", "0");
    assert_string_equal(first(world), "none");
    world_free(world);
}

TEST(an_entry_that_is_left_is_not_entered_any_further)
{
    struct world *world = trader();
    struct decision wish = world_limit_wish(ACTION_BUY, BTC, "2", "99");

    wish.plan = plan("95", NULL, NULL);
    world_decide(world, wish);
    order_number number = world_last_order(world);
    world_say(world, number, REPORT_ACCEPTED);
    world_fill(world, number, "f1", "1", "99", "0");
    world_price(world, BTC, "94");
    assert_string_equal(world_state(world, number), "PENDING_CANCEL");
    order_number out = world_last_order(world);
    world_fill(world, out, "out", "1", "94", "0");
    assert_string_equal(first(world), "triggered 0");
    world_fill(world, number, "f2", "0.5", "99", "0"); /* it was on its way */
    world_wait(world, SECONDS(2));
    assert_decimal(world_order(world, world_last_order(world))->request.size, "0.5");
    world_free(world);
}

TEST(an_order_whose_outcome_is_unknown_is_not_doubled)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    world_price(world, BTC, "94");
    order_number out = world_last_order(world);
    world_say(world, out, REPORT_LOST);
    for (int i = 0; i < 10; i++)
        world_wait(world, SECONDS(1));
    assert_int_equal(world_last_order(world), out);
    world_free(world);
}

TEST(exits_pass_where_only_reducing_orders_do)
{
    struct world *world = trader();
    struct event pause = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE};

    guarded(world, plan("95", NULL, NULL));
    pause.command.kind = COMMAND_PAUSE;
    world_push(world, pause);
    world_price(world, BTC, "94");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

TEST(orders_that_hold_what_an_exit_has_to_sell_are_canceled_first)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    world_limit(world, ACTION_SELL, BTC, "2", "120");
    order_number resting = world_last_order(world);
    world_say(world, resting, REPORT_ACCEPTED);
    world_price(world, BTC, "94");
    assert_string_equal(world_state(world, resting), "PENDING_CANCEL");
    assert_int_equal(world_last_order(world), resting);
    world_say(world, resting, REPORT_CANCELED);
    world_price(world, BTC, "94");
    assert_decimal(world_order(world, world_last_order(world))->request.size, "2");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

TEST(an_exit_survives_a_restart_whatever_state_it_is_in)
{
    struct world *world = trader();
    order_number number = enter(world, ACTION_BUY, "2", plan("95", NULL, "10"));

    world_say(world, number, REPORT_ACCEPTED);
    world_fill(world, number, "f1", "1", "100", "0");
    world_price(world, BTC, "120");
    restart(world);
    assert_string_equal(first(world), "armed 1");
    assert_decimal(exit_stop_level(&exits(world)->items[0].exit), "110");
    world_fill(world, number, "f2", "1", "100", "0");
    assert_string_equal(first(world), "armed 2");
    world_price(world, BTC, "109");
    order_number out = world_last_order(world);
    assert_string_equal(first(world), "triggered 2");
    restart(world);
    assert_string_equal(world_state(world, out), "UNKNOWN");
    world_fill(world, out, "o1", "2", "109", "0");
    assert_string_equal(first(world), "none");
    world_free(world);
}

TEST(an_exit_whose_entry_never_was_ends)
{
    struct world *world = trader();
    order_number number = enter(world, ACTION_BUY, "2", plan("95", NULL, NULL));

    world_say(world, number, REPORT_REJECTED);
    world_wait(world, MINUTES(11));
    assert_string_equal(first(world), "none");
    world_free(world);
}

TEST(a_late_fill_of_an_ended_entry_is_guarded)
{
    struct world *world = trader();
    order_number number = enter(world, ACTION_BUY, "2", plan("95", NULL, NULL));

    world_say(world, number, REPORT_CANCELED);
    world_wait(world, SECONDS(5));
    world_fill(world, number, "late", "1", "100", "0");
    assert_string_equal(first(world), "armed 1");
    world_free(world);
}

TEST(what_protects_a_position_is_put_in_the_place_of_what_did)
{
    struct world *world = trader();
    struct decision wish = world_wish(ACTION_PROTECT, BTC, NULL);

    guarded(world, plan("95", NULL, NULL));
    wish.plan = plan("99", "130", NULL);
    world_decide(world, wish);
    assert_int_equal(exits(world)->count, 1);
    assert_decimal(exit_stop_level(&exits(world)->items[0].exit), "99");
    wish.plan = plan(NULL, NULL, NULL);
    world_decide(world, wish);
    assert_string_equal(first(world), "none");
    world_free(world);
}

TEST(what_is_protected_anew_leaves_the_rest_of_an_entry_its_exit)
{
    struct world *world = trader();
    struct decision wish = world_wish(ACTION_PROTECT, BTC, NULL);
    order_number number = enter(world, ACTION_BUY, "2", plan("95", NULL, NULL));

    world_say(world, number, REPORT_ACCEPTED);
    world_fill(world, number, "f1", "0.5", "100", "0");
    wish.plan = plan("99", NULL, NULL);
    world_decide(world, wish);
    assert_int_equal(exits(world)->count, 2);
    assert_string_equal(first(world), "waiting 0");
    assert_decimal(exits(world)->items[1].exit.size, "0.5");
    world_fill(world, number, "f2", "1.5", "100", "0");
    assert_string_equal(first(world), "armed 1.5");
    assert_decimal(exit_stop_level(&exits(world)->items[0].exit), "95");
    world_free(world);
}

TEST(however_many_exits_there_are_all_are_looked_at)
{
    enum { MANY = 70 };
    struct world *world = trader();
    char id[16];

    for (int i = 0; i < MANY; i++) {
        order_number number = enter(world, ACTION_BUY, "0.1", plan("95", NULL, NULL));
        snprintf(id, sizeof id, "in-%d", i);
        world_fill(world, number, id, "0.1", "100", "0");
    }
    assert_int_equal(exits(world)->count, MANY);
    world_price(world, BTC, "95");
    for (int i = 0; i < MANY; i++)
        assert_string_equal(exit_state_name(exits(world)->items[i].exit.state), "triggered");
    world_free(world);
}

TEST(exits_that_are_told_in_any_order_are_kept_by_age)
{
    static const uint64_t ids[] = {3, 1, 2, 5, 4, 1};
    struct exits kept = {.items = NULL};

    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        struct fact_exit exit = {.id = ids[i], .state = EXIT_ARMED, .size = D(1)};
        exits_apply(&kept, &exit);
    }
    assert_int_equal(kept.count, 5);
    for (int i = 0; i < kept.count; i++)
        assert_int_equal(kept.items[i].exit.id, i + 1);
    exits_apply(&kept, &(struct fact_exit){.id = 3, .state = EXIT_ENDED});
    assert_int_equal(kept.items[2].exit.id, 4);
    exits_clear(&kept);
}

TEST(an_entry_made_anew_keeps_its_exits)
{
    struct world *world = world_new();
    struct decision wish = world_limit_wish(ACTION_BUY, BTC, "2", "99"), change;

    world->cannot_edit = true;
    world_open(world, "100000");
    world_price(world, BTC, "100");
    wish.plan = plan("95", NULL, NULL);
    world_decide(world, wish);
    order_number old = world_last_order(world);
    world_say(world, old, REPORT_ACCEPTED);
    change = (struct decision){.action = ACTION_AMEND, .product = BTC, .order = old};
    change.limit_price = dec("98");
    world_decide(world, change);
    world_push(world, world_totals_event(world, old, REPORT_CANCELED, "0", "0", "0"));
    order_number number = world_last_order(world);
    assert_int_not_equal(number, old);
    world_say(world, number, REPORT_ACCEPTED);
    world_fill(world, number, "f1", "2", "98", "0");
    assert_string_equal(first(world), "armed 2");
    world_free(world);
}

TEST(reduce_only_orders_are_made_smaller_when_the_position_is)
{
    struct world *world = world_new();
    struct decision wish = world_limit_wish(ACTION_SELL, BIP, "6", "70000");
    order_number resting[2];

    world->settings.limits.allow_shorts = true;
    world_open(world, "100000");
    world_hold(world, BIP, "10", "60000");
    wish.reduce_only = true;
    for (int i = 0; i < 2; i++) {
        wish.size = dec(i ? "4" : "6");
        world_decide(world, wish);
        resting[i] = world_last_order(world);
        world_say(world, resting[i], REPORT_ACCEPTED);
    }
    world_fill(world, resting[0], "r1", "1", "70000", "0"); /* its own: nothing to cut */
    assert_int_equal(world_sent(world, SENT_AMEND), 0);
    world_sell(world, BIP, "6");
    world_fill(world, world_last_order(world), "s1", "6", "60000", "0");
    assert_decimal(world_position(world, BIP), "3");
    assert_decimal(world_last_sent(world, SENT_AMEND)->request.size,
                   "4"); /* 1 filled, 3 left */
    assert_string_equal(world_state(world, resting[1]), "PENDING_CANCEL");
    world_free(world);
}

TEST(a_bar_alone_triggers_too_and_takes_the_stop_first)
{
    struct world *world = trader();
    struct event bar = {.kind = EVENT_BAR, .product = BTC};

    guarded(world, plan("95", "110", NULL));
    bar.bar = (struct bar){world->now, MINUTES(1), D(100), D(101), D(99), D(100), D(1)};
    world_push(world, bar); /* the bar in which it was armed */
    bar.bar = (struct bar){world->now, MINUTES(1), D(100), D(120), D(90), D(100), D(1)};
    world_push(world, bar);
    assert_string_equal(world_order(world, world_last_order(world))->reason, "stop at 95");
    world_free(world);
}
