/* The way out: what is refused, rejected or not taken, and how much is said about it. */
#include "exits_world.h"

static struct product *btc(struct world *world)
{
    return &world->products.items[BTC];
}

static const struct fact_exit *exit_at(const struct world *world, int index)
{
    assert_true(index < exits(world)->count);
    return &exits(world)->items[index].exit;
}

static void command(struct world *world, enum command_kind kind)
{
    struct event event = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE};

    event.command.kind = kind;
    world_push(world, event);
}

static int notes(const struct world *world, const char *severity)
{
    int count = 0;

    for (int i = 0; i < world->fact_count; i++)
        count += world->facts[i].kind == FACT_GUARD &&
                 strcmp(world->facts[i].note.subject, "exit") == 0 &&
                 strcmp(world->facts[i].note.severity, severity) == 0;
    return count;
}

static int causes(const struct world *world)
{
    int count = 0;

    for (int i = 0; i < world->fact_count; i++)
        count += world->facts[i].kind == FACT_CAUSE &&
                 strcmp(world->facts[i].cause.source, "exit_failed") == 0;
    return count;
}

/* Facts about orders and exits, and causes of exits: the world's venue answers no question, and
 * that is written down too. */
static int written(const struct world *world)
{
    int count = 0;

    for (int i = 0; i < world->fact_count; i++) {
        const struct fact *fact = &world->facts[i];
        bool is_order = fact->kind == FACT_ORDER || fact->kind == FACT_TRACE ||
                        fact->kind == FACT_ORDER_EVENT || fact->kind == FACT_EXIT;
        count += is_order;
    }
    return count + causes(world) + notes(world, "critical") + notes(world, "warning");
}

/* Cycles and prices, for so many seconds; how many facts that made. */
static int pass(struct world *world, int seconds)
{
    int before = written(world);
    decimal mark = engine_market(world->engine, BTC)->mark;
    char price[DECIMAL_TEXT_MAX];

    for (int i = 0; i < seconds; i++) {
        world_wait(world, SECONDS(1));
        world_price(world, BTC, decimal_format(mark, price));
    }
    return written(world) - before;
}

static struct event rejected(struct world *world, order_number number, const char *reason)
{
    struct event event = world_report(world, number, REPORT_REJECTED);

    snprintf(event.report.reason, sizeof event.report.reason, "%s", reason);
    return event;
}

/* A position of 2, out of which all but `left` has gone when the stop was reached. */
static struct world *left_with(const char *left)
{
    struct world *world = trader();
    char size[DECIMAL_TEXT_MAX];

    guarded(world, plan("95", NULL, NULL));
    world_price(world, BTC, "95");
    order_number out = world_last_order(world);
    world_fill(world, out, "o1", decimal_format(decimal_sub(D(2), dec(left)), size), "95", "0");
    world_say(world, out, REPORT_CANCELED);
    world_wait(world, SECONDS(2));
    return world;
}

/* ---- too small ---- */

TEST(a_rest_below_the_minimum_is_said_once_and_waits_in_silence)
{
    struct world *world = left_with("0.00009999");
    order_number last = world_last_order(world);

    assert_string_equal(first(world), "held_back 0.00009999");
    assert_string_equal(refusal_name(exit_at(world, 0)->code), "invalid_size");
    assert_string_equal(world_last_fact(world, FACT_TRACE)->trace.detail,
                        "size 0.00009999: the size is below the product's minimum");
    assert_int_equal(notes(world, "warning"), 1);
    assert_int_equal(pass(world, 300), 0);
    assert_int_equal(world_last_order(world), last);
    assert_int_equal(engine_level(world->engine, BTC), LEVEL_NORMAL);
    world_free(world);
}

TEST(a_rest_at_the_minimum_leaves)
{
    struct world *world = left_with("0.0001");

    btc(world)->quote_min_size = DECIMAL_ZERO;
    world_wait(world, SECONDS(2));
    assert_decimal(world_order(world, world_last_order(world))->request.size, "0.0001");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

TEST(a_rest_that_is_worth_too_little_leaves_when_it_is_worth_more)
{
    struct world *world = left_with("0.01");

    assert_string_equal(refusal_name(exit_at(world, 0)->code), "min_notional");
    pass(world, 1);
    assert_int_equal(pass(world, 100), 0);
    world_price(world, BTC, "99.99");
    assert_string_equal(first(world), "held_back 0.01");
    world_price(world, BTC, "100");
    assert_string_equal(first(world), "triggered 0.01");
    world_free(world);
}

TEST(a_rest_below_a_step_waits_too)
{
    struct world *world = left_with("0.00000001");

    btc(world)->base_increment = dec("0.0000001");
    pass(world, 3);
    assert_string_equal(first(world), "held_back 0.00000001");
    assert_string_equal(refusal_name(exit_at(world, 0)->code), "quantity_zero");
    assert_int_equal(pass(world, 100), 0);
    world_free(world);
}

TEST(a_rest_leaves_when_the_rules_let_it)
{
    struct world *world = left_with("0.00009999");

    pass(world, 2);
    btc(world)->base_min_size = dec("0.00001");
    btc(world)->quote_min_size = DECIMAL_ZERO;
    pass(world, 1);
    assert_string_equal(first(world), "triggered 0.00009999");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

TEST(a_rest_leaves_with_the_next_exit_of_its_side)
{
    struct world *world = left_with("0.00009999");

    order_number more = enter(world, ACTION_BUY, "1", plan("90", NULL, NULL));
    world_say(world, more, REPORT_ACCEPTED);
    world_fill(world, more, "in2", "1", "95", "0");
    assert_int_equal(exits(world)->count, 2);
    pass(world, 5);
    assert_int_equal(exits(world)->count, 2);
    world_price(world, BTC, "90");
    assert_int_equal(exits(world)->count, 1);
    assert_string_equal(first(world), "triggered 1.00009999");
    assert_decimal(world_order(world, world_last_order(world))->request.size, "1.00009999");
    world_fill(world, world_last_order(world), "o2", "1.00009999", "90", "0");
    assert_string_equal(first(world), "none");
    assert_decimal(world_position(world, BTC), "0");
    world_free(world);
}

/* What of the entry is on its way needs it. */
TEST(a_rest_whose_entry_may_still_be_filled_stays_by_itself)
{
    struct world *world = trader();
    order_number entry = enter(world, ACTION_BUY, "2", plan("95", NULL, NULL));

    world_say(world, entry, REPORT_ACCEPTED);
    world_fill(world, entry, "in", "0.00009999", "100", "0");
    world_say(world, entry, REPORT_CANCELED);
    world_price(world, BTC, "95");
    pass(world, 2);
    assert_string_equal(first(world), "held_back 0.00009999");
    order_number more = enter(world, ACTION_BUY, "1", plan("90", NULL, NULL));
    world_say(world, more, REPORT_ACCEPTED);
    world_fill(world, more, "in2", "1", "95", "0");
    world_price(world, BTC, "90");
    assert_int_equal(exits(world)->count, 2);
    assert_decimal(world_order(world, world_last_order(world))->request.size, "1");
    world_fill(world, entry, "late", "1", "100", "0");
    pass(world, 1);
    assert_string_equal(first(world), "triggered 1.00009999");
    world_free(world);
}

TEST(a_size_that_the_venue_refused_is_sent_again_when_it_has_grown)
{
    struct world *world = trader();
    order_number entry = enter(world, ACTION_BUY, "2", plan("95", NULL, NULL));

    world_say(world, entry, REPORT_ACCEPTED);
    world_fill(world, entry, "in", "0.5", "100", "0");
    world_price(world, BTC, "95");
    order_number out = world_last_order(world);
    world_push(world, rejected(world, out, "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL"));
    assert_string_equal(first(world), "held_back 0.5");
    assert_int_equal(notes(world, "critical"), 1); /* our rules say it is large enough */
    pass(world, 10);
    assert_int_equal(world_last_order(world), out);
    world_fill(world, entry, "more", "0.5", "100", "0");
    pass(world, 1);
    assert_int_equal(world_last_order(world), out + 1);
    assert_string_equal(first(world), "triggered 1");
    world_free(world);
}

TEST(a_rest_that_waits_does_so_after_a_restart)
{
    struct world *world = left_with("0.00009999");
    order_number last = world_last_order(world);

    restart(world);
    world_price(world, BTC, "95");
    pass(world, 10);
    assert_string_equal(first(world), "held_back 0.00009999");
    assert_int_equal(world_last_order(world), last);
    world_free(world);
}

TEST(a_size_that_the_venue_alone_finds_too_small_is_not_sent_again_until_something_changes)
{
    struct world *world = left_with("0.05");

    pass(world, 1);
    world_push(world, rejected(world, world_last_order(world),
                               "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"));
    assert_string_equal(first(world), "held_back 0.05");
    assert_int_equal(notes(world, "warning"), 1);
    order_number last = world_last_order(world);
    assert_int_equal(pass(world, 300), 0);
    btc(world)->quote_min_size = dec("0.5");
    pass(world, 1);
    assert_int_equal(world_last_order(world), last + 1);
    world_push(world, rejected(world, last + 1, "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL"));
    pass(world, 3);
    world->now += HOURS(1) - SECONDS(5);
    pass(world, 1);
    assert_int_equal(world_last_order(world), last + 1);
    pass(world, 2);
    assert_int_equal(world_last_order(world), last + 2); /* an hour is over */
    assert_int_equal(notes(world, "warning"), 1);
    world_free(world);
}

/* ---- held back by more than its size ---- */

TEST(what_is_refused_is_journaled_once_and_leaves_as_soon_as_it_may)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    command(world, COMMAND_HALT);
    world_price(world, BTC, "94");
    assert_string_equal(world_code(world), "paused");
    assert_string_equal(first(world), "held_back 2");
    assert_int_equal(notes(world, "critical"), 0);
    order_number refused = world_last_order(world);
    pass(world, 20);
    assert_int_equal(notes(world, "critical"), 1);
    assert_int_equal(pass(world, 600), 0);
    assert_int_equal(world_last_order(world), refused);
    command(world, COMMAND_RESUME);
    assert_non_null(world_last_fact(world, FACT_CAUSE));
    pass(world, 1);
    assert_int_equal(world_last_order(world), refused + 1);
    assert_string_equal(first(world), "triggered 2");
    world_free(world);
}

TEST(a_product_whose_exit_fails_may_only_be_reduced_until_none_does)
{
    struct world *world = world_new();

    world->settings.degrade.broker_failures = 1000000; /* it answers no questions */
    world_open(world, "100000");
    world_price(world, BTC, "100");
    guarded(world, plan("95", NULL, NULL));
    btc(world)->cancel_only = true;
    world_price(world, BTC, "95");
    assert_int_equal(engine_level(world->engine, BTC), LEVEL_NORMAL);
    pass(world, 6);
    assert_int_equal(engine_level(world->engine, BTC), LEVEL_REDUCE_ONLY);
    pass(world, 10);
    assert_int_equal(pass(world, 600), 0);
    assert_int_equal(causes(world), 2); /* it began, and it lasts */
    assert_int_equal(engine_level(world->engine, BTC), LEVEL_REDUCE_ONLY);
    btc(world)->cancel_only = false;
    pass(world, 10);
    assert_int_equal(engine_level(world->engine, BTC), LEVEL_NORMAL);
    world_free(world);
}

TEST(whatever_a_product_does_not_take_is_said_once_and_waited_for)
{
    static const struct {
        size_t flag;
        const char *code;
    } rows[] = {
        {offsetof(struct product, cancel_only), "market_closed"},
        {offsetof(struct product, view_only), "market_closed"},
        {offsetof(struct product, trading_disabled), "market_closed"},
        {offsetof(struct product, post_only), "exchange_rules"},
    };

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct world *world = trader();
        guarded(world, plan("95", NULL, NULL));
        bool *flag = (bool *)((char *)btc(world) + rows[i].flag);
        *flag = true;
        world_price(world, BTC, "95");
        assert_string_equal(first(world), "held_back 2");
        assert_string_equal(refusal_name(exit_at(world, 0)->code), rows[i].code);
        pass(world, 20);
        assert_int_equal(notes(world, "critical"), 1);
        assert_int_equal(pass(world, 300), 0);
        *flag = false;
        pass(world, 1);
        assert_string_equal(first(world), "triggered 2");
        assert_string_equal(world_code(world), "none");
        world_free(world);
    }
}

/* ---- kinds of orders ---- */

static const char *last_sent(const struct world *world)
{
    static char text[96];
    const struct order_request *request = &world_last_sent(world, SENT_SUBMIT)->request;
    char size[DECIMAL_TEXT_MAX], price[DECIMAL_TEXT_MAX];

    snprintf(text, sizeof text, "%s %s %s at %s", order_type_name(request->type),
             time_in_force_name(request->tif), decimal_format(request->size, size),
             decimal_format(request->limit_price, price));
    return text;
}

TEST(where_only_limits_are_taken_each_that_nobody_took_is_followed_by_a_cheaper_one)
{
    static const char *const sent[] = {"limit ioc 2 at 94.52", "limit ioc 2 at 94.05",
                                       "limit ioc 2 at 93.57"};
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    btc(world)->limit_only = true;
    world_price(world, BTC, "95");
    for (size_t i = 0; i < ARRAY_LEN(sent); i++) {
        assert_string_equal(last_sent(world), sent[i]);
        world_say(world, world_last_order(world), REPORT_CANCELED);
        pass(world, 1 << i);
    }
    assert_int_equal(notes(world, "critical"), 1); /* three that came to nothing */
    assert_string_equal(last_sent(world), "limit ioc 2 at 93.1");
    world_fill(world, world_last_order(world), "o1", "1", "93.5", "0");
    world_say(world, world_last_order(world), REPORT_CANCELED);
    pass(world, 8);
    assert_string_equal(last_sent(world), "limit ioc 1 at 94.52"); /* it got somewhere */
    world_free(world);
}

TEST(a_restart_knows_how_often_nobody_took_it)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    btc(world)->limit_only = true;
    world_price(world, BTC, "95");
    world_say(world, world_last_order(world), REPORT_CANCELED);
    restart(world);
    world_price(world, BTC, "95");
    assert_string_equal(last_sent(world), "limit ioc 2 at 94.05");
    world_free(world);
}

TEST(the_settings_can_ask_for_limits_where_market_orders_are_taken)
{
    struct world *world = world_new();

    world->settings.exits.order = EXIT_BY_LIMIT;
    world->settings.exits.limit_share = dec("0.01");
    world_open(world, "100000");
    world_price(world, BTC, "100");
    guarded(world, plan("95", NULL, NULL));
    world_price(world, BTC, "95");
    assert_string_equal(last_sent(world), "limit ioc 2 at 94.05");
    world_free(world);
}

TEST(the_waits_between_orders_are_the_settings)
{
    struct world *world = world_new();
    int sent[3];

    world->settings.exits.retry_base = SECONDS(10);
    world->settings.exits.retry_cap = SECONDS(15);
    world_open(world, "100000");
    world_price(world, BTC, "100");
    guarded(world, plan("95", NULL, NULL));
    world_price(world, BTC, "95");
    for (int i = 0; i < 3; i++) {
        world_say(world, world_last_order(world), REPORT_CANCELED);
        pass(world, i ? 14 : 9);
        sent[i] = world_sent(world, SENT_SUBMIT);
        pass(world, 1);
        assert_int_equal(world_sent(world, SENT_SUBMIT), sent[i] + 1);
    }
    world_free(world);
}

TEST(in_an_auction_an_order_rests_and_is_called_back_when_the_auction_was_not_its)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    btc(world)->auction_mode = true;
    world_price(world, BTC, "95");
    order_number resting = world_last_order(world);
    assert_string_equal(last_sent(world), "limit gtc 2 at 94.52");
    world_say(world, resting, REPORT_ACCEPTED);
    assert_int_equal(pass(world, 300), 0);
    btc(world)->auction_mode = false;
    world_price(world, BTC, "90");
    assert_string_equal(world_state(world, resting), "PENDING_CANCEL");
    world_say(world, resting, REPORT_CANCELED);
    pass(world, 2);
    assert_string_equal(last_sent(world), "market ioc 2 at 0");
    world_free(world);
}

TEST(a_strategy_that_cancels_its_orders_does_not_cancel_those_of_exits)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    btc(world)->auction_mode = true;
    world_price(world, BTC, "95");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
    assert_string_equal(world_state(world, world_last_order(world)), "NEW");
    world_free(world);
}

TEST(an_order_that_takes_its_time_is_not_called_back)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    world_price(world, BTC, "95");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    assert_int_equal(pass(world, 100), 0);
    assert_int_equal(world_sent(world, SENT_CANCEL), 0);
    world_free(world);
}

TEST(what_rests_is_left_alone_where_nothing_could_take_its_place)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    btc(world)->auction_mode = true;
    world_price(world, BTC, "95");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    btc(world)->auction_mode = false;
    btc(world)->cancel_only = true;
    assert_int_equal(pass(world, 100), 0);
    world_free(world);
}

/* ---- rejections ---- */

TEST(an_order_that_the_venue_rejects_is_followed_by_another)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    world_price(world, BTC, "94");
    order_number out = world_last_order(world);
    world_push(world, rejected(world, out, "INSUFFICIENT_FUND"));
    assert_string_equal(refusal_name(exit_at(world, 0)->code), "insufficient_funds");
    world_wait(world, SECONDS(2));
    assert_int_equal(world_last_order(world), out + 1);
    assert_string_equal(world_state(world, out + 1), "PENDING_NEW");
    world_free(world);
}

TEST(three_rejections_are_said_once_and_the_next_are_a_minute_apart)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    world_price(world, BTC, "94");
    for (int i = 0; i < 20; i++) {
        world_push(world, rejected(world, world_last_order(world), "INSUFFICIENT_FUND"));
        pass(world, 60);
    }
    assert_int_equal(notes(world, "critical"), 1);
    assert_true(world_sent(world, SENT_SUBMIT) <= 23);
    world_fill(world, world_last_order(world), "out", "2", "94", "0");
    assert_string_equal(first(world), "none");
    world_wait(world, SECONDS(5));
    assert_string_equal(world_last_fact(world, FACT_CAUSE_END)->cause_end.why,
                        "exit_failed is over");
    world_free(world);
}

/* ---- what is in the way ---- */

TEST(a_cancel_of_what_is_in_the_way_is_asked_for_once_a_second)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    world_limit(world, ACTION_SELL, BTC, "2", "120");
    order_number resting = world_last_order(world);
    world_say(world, resting, REPORT_ACCEPTED);
    world_price(world, BTC, "94");
    for (int i = 0; i < 10; i++) {
        world_say(world, resting, REPORT_CANCEL_REFUSED);
        world_price(world, BTC, "94");
    }
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    world_wait(world, SECONDS(1));
    assert_int_equal(world_sent(world, SENT_CANCEL), 2);
    world_free(world);
}

TEST(what_stays_in_the_way_is_said)
{
    struct world *world = trader();

    guarded(world, plan("95", NULL, NULL));
    world_limit(world, ACTION_SELL, BTC, "2", "120");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    world_price(world, BTC, "94");
    pass(world, 4);
    assert_string_equal(first(world), "triggered 2");
    pass(world, 10);
    assert_string_equal(first(world), "held_back 2");
    assert_string_equal(refusal_name(exit_at(world, 0)->code), "reduce_only_empty");
    assert_int_equal(notes(world, "critical"), 1);
    world_free(world);
}
