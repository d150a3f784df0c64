/* The second passage, of orders whose preview is there: what moved meanwhile, and restarts. */
#include "preview_world.h"

/* ---- what moved meanwhile ---- */

TEST(a_pause_that_came_while_it_waited_keeps_the_order_back)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    command(world, COMMAND_PAUSE);
    answer(world, "");
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(world_code(world), "paused");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    assert_decimal(world_held(world, "USD"), "0");
    world_free(world);
}

static void band(struct engine_settings *settings)
{
    settings->limits.price_band_share = dec("0.05");
}

TEST(a_market_that_moved_away_is_noticed_before_the_order_leaves)
{
    struct world *world = begin_with(band);

    world_limit(world, ACTION_BUY, BTC, "1", "96");
    world_price(world, BTC, "110");
    answer(world, "");
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(world_code(world), "invalid_price");
    world_free(world);
}

static void value_limit(struct engine_settings *settings)
{
    settings->limits.max_order_value = D(220);
}

TEST(a_limit_that_a_new_price_crosses_is_kept_and_one_that_it_does_not_lets_pass)
{
    for (int crosses = 0; crosses < 2; crosses++) {
        struct world *world = begin_with(value_limit);
        world_buy(world, BTC, "2");
        world_price(world, BTC, crosses ? "111" : "108");
        answer(world, "");
        assert_string_equal(world_state(world, 1), crosses ? "DENIED" : "PENDING_NEW");
        assert_string_equal(world_code(world), crosses ? "hard_limit" : "none");
        world_free(world);
    }
}

TEST(funds_are_reserved_at_the_price_that_it_leaves_at)
{
    struct world *world = begin();
    decimal before;

    world_buy(world, BTC, "2");
    before = world_held(world, "USD");
    world_price(world, BTC, "110");
    answer(world, "");
    decimal after = world_held(world, "USD");
    assert_decimal(decimal_sub(decimal_div(after, before, ROUND_HALF_EVEN), D(1)), "0.1");
    world_free(world);
}

static void rate(struct engine_settings *settings)
{
    settings->limits.orders_per_minute = 1;
}

TEST(the_rate_of_orders_holds_where_they_leave)
{
    struct world *world = begin_with(rate);

    world_buy(world, BTC, "1");
    uint64_t first = asked(world);
    world_buy(world, BTC, "1");
    uint64_t second = asked(world);
    assert_true(second != first);
    world_push(world, preview_of(first, ""));
    world_push(world, preview_of(second, ""));
    assert_string_equal(world_state(world, 1), "PENDING_NEW");
    assert_string_equal(world_state(world, 2), "DENIED");
    assert_string_equal(world_code(world), "order_rate");
    world_free(world);
}

TEST(an_order_does_not_stand_in_its_own_way_when_it_is_checked_again)
{
    struct world *world = begin();

    world_limit(world, ACTION_BUY, BTC, "10", "100"); /* all there is */
    assert_decimal(world_held(world, "USD"), "1000");
    answer(world, "");
    assert_string_equal(world_state(world, 1), "PENDING_NEW");
    assert_decimal(world_held(world, "USD"), "1000");
    world_free(world);
}

TEST(an_order_of_which_only_a_part_may_pass_now_does_not_leave)
{
    struct world *world = begin();

    world_price(world, BIP, "10");
    world_buy(world, BIP, "1");
    answer(world, "");
    world_say(world, 1, REPORT_ACCEPTED);
    world_fill(world, 1, "f1", "1", "10", "0");
    world_sell(world, BIP, "3");
    command(world, COMMAND_REDUCE_ONLY);
    answer(world, "");
    assert_string_equal(world_state(world, 2), "DENIED");
    assert_string_equal(world_code(world), "reduce_only");
    assert_string_equal(stage_name(last_trace(world)->refused_by), "reduce_mode");
    assert_string_equal(verdict(world, STAGE_REDUCE_MODE), "refused");
    assert_string_equal(verdict(world, STAGE_MARK_STALENESS), "none");
    assert_string_equal(last_move(world)->text,
                        "only less of it may pass since it was previewed");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    world_free(world);
}

static void a_tenth(struct engine_settings *settings)
{
    settings->size_fraction = dec("0.1");
}

TEST(what_the_sizing_decided_is_what_leaves)
{
    struct world *world = begin_with(a_tenth);

    world_buy(world, BTC, NULL);
    assert_decimal(world_last_sent(world, SENT_PREVIEW)->request.size, "1");
    world_price(world, BTC, "80");
    answer(world, "");
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "1");
    world_free(world);
}

static void tight_slippage(struct engine_settings *settings)
{
    settings->limits.max_slippage_bps = D(10);
    settings->degrade.slippage_failures = 2;
}

static void offer(struct world *world, const char *size)
{
    struct event clear = {.kind = EVENT_BOOK, .product = BTC, .book = {.clears = true}};
    struct event bid = {.kind = EVENT_BOOK, .product = BTC}, ask = bid, far = bid;

    bid.book = (struct book_update){.side = SIDE_BUY, .price = D(99), .size = D(100)};
    ask.book = (struct book_update){.side = SIDE_SELL, .price = D(100), .size = dec(size)};
    far.book = (struct book_update){.side = SIDE_SELL, .price = D(120), .size = D(100)};
    world_push(world, clear);
    world_push(world, bid);
    world_push(world, ask);
    world_push(world, far);
}

TEST(a_book_that_grew_thin_is_a_refusal_for_slippage_like_any_other)
{
    struct world *world = begin_with(tight_slippage);

    for (int i = 1; i <= 2; i++) {
        offer(world, "10");
        world_buy(world, BTC, "2");
        assert_string_equal(world_code(world), "none");
        offer(world, "1");
        answer(world, "");
        assert_string_equal(world_state(world, (order_number)i), "DENIED");
        assert_string_equal(world_code(world), "slippage_guard");
    }
    assert_string_equal(world_level(world, BTC), "normal"); /* a first passage ended the row */
    offer(world, "10");
    world_buy(world, BTC, "2");
    uint64_t first = asked(world);
    world_buy(world, BTC, "2");
    uint64_t second = asked(world);
    offer(world, "1");
    world_push(world, preview_of(first, ""));
    world_push(world, preview_of(second, ""));
    assert_string_equal(world_level(world, BTC), "paused");
    world_free(world);
}

TEST(a_second_passage_that_holds_ends_a_row_of_refusals_for_slippage)
{
    struct world *world = begin_with(tight_slippage);

    offer(world, "10");
    world_buy(world, BTC, "2");
    uint64_t query = asked(world);
    offer(world, "1");
    world_buy(world, BTC, "2");
    assert_string_equal(world_code(world), "slippage_guard");
    offer(world, "10");
    world_push(world, preview_of(query, ""));
    assert_string_equal(world_state(world, 1), "PENDING_NEW");
    offer(world, "1");
    world_buy(world, BTC, "2");
    assert_string_equal(world_code(world), "slippage_guard");
    assert_string_equal(world_level(world, BTC), "normal");
    world_free(world);
}

TEST(an_order_that_is_wanted_no_more_is_canceled_whatever_the_venue_says_in_that_turn)
{
    for (int is_preview = 0; is_preview < 2; is_preview++) {
        struct world *world = begin();
        struct event cancel_all = {.kind = EVENT_COMMAND,
                                   .product = PRODUCT_NONE,
                                   .command = {.kind = COMMAND_CANCEL_ALL, .who = "anna"}};
        world_buy(world, BTC, "2");
        struct event said =
            is_preview ? preview_of(asked(world), "") : end_of(asked(world), "no");
        bus_push(engine_bus(world->engine), &cancel_all);
        world_push(world, said);
        assert_string_equal(world_state(world, 1), "CANCELED");
        assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
        world_free(world);
    }
}

TEST(a_failure_that_comes_with_the_deadline_says_what_failed)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    world->now += world->settings.retry.answer_deadline;
    fail_to_answer(world);
    assert_string_equal(last_trace(world)->detail,
                        "no preview could be had: after 3 attempts: 503 Service Unavailable");
    world_free(world);
}

TEST(an_entry_whose_stop_was_passed_while_it_waited_does_not_leave)
{
    struct world *world = begin();
    struct decision buy = world_wish(ACTION_BUY, BTC, "1");

    buy.plan.stop = D(95);
    world_decide(world, buy);
    assert_string_equal(world_code(world), "none");
    world_price(world, BTC, "94");
    answer(world, "");
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(world_code(world), "invalid_price");
    world_free(world);
}

/* ---- the venue's contradictions ---- */

TEST(a_report_about_an_order_that_never_left_is_an_anomaly_and_moves_nothing)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    world_say(world, 1, REPORT_CANCELED);
    assert_string_equal(world_state(world, 1), "INITIALIZED");
    world_say(world, 1, REPORT_ACCEPTED);
    assert_string_equal(world_state(world, 1), "INITIALIZED");
    assert_true(world_facts(world, FACT_ANOMALY) >= 1);
    world_free(world);
}

/* ---- restarts ---- */

static void live_again(struct world *world)
{
    struct fault why = {OK, ""};

    engine_free(world->engine);
    world_make_engine(world, "r2");
    if (engine_recover(world->engine, world->now, &why))
        fail_msg("%s", why.text);
    world_start(world);
    world_turn(world);
}

TEST(an_order_that_waited_when_the_engine_ended_is_denied_and_holds_nothing)
{
    struct world *world = begin();

    world_limit(world, ACTION_BUY, BTC, "6", "100");
    uint64_t query = asked(world);
    int submits = world_sent(world, SENT_SUBMIT);
    live_again(world);
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_decimal(world_held(world, "USD"), "0");
    world_push(world, preview_of(query, ""));
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), submits);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDER), 0); /* there is nothing to find out */
    world_free(world);
}

TEST(an_engine_that_stops_leaves_no_order_that_waits)
{
    struct world *world = begin();
    struct fault why;

    world_limit(world, ACTION_BUY, BTC, "6", "100");
    assert_int_equal(engine_stop(world->engine, "done", world->now, &why), OK);
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(world_code(world), "order_preview");
    assert_decimal(world_held(world, "USD"), "0");
    world_free(world);
}

TEST(an_order_that_was_sent_after_its_preview_is_unknown_after_a_restart)
{
    struct world *world = begin();

    world_limit(world, ACTION_BUY, BTC, "6", "100");
    answer(world, "");
    live_again(world);
    assert_string_equal(world_state(world, 1), "UNKNOWN");
    assert_decimal(world_held(world, "USD"), "600");
    world_free(world);
}

static void snapshots(struct engine_settings *settings)
{
    settings->snapshot.every = SECONDS(1);
}

TEST(a_snapshot_remembers_that_an_order_waits)
{
    struct world *world = begin_with(snapshots);

    world_limit(world, ACTION_BUY, BTC, "6", "100");
    world_wait(world, SECONDS(2));
    const struct fact *restated = world_last_fact(world, FACT_ORDER);
    assert_true(restated->order.awaits_preview);
    live_again(world);
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_decimal(world_held(world, "USD"), "0");
    world_free(world);
}

TEST(a_price_that_a_preview_brought_is_there_after_a_restart)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    world_price(world, BTC, "110");
    answer(world, "");
    decimal held = world_held(world, "USD");
    live_again(world);
    assert_true(decimal_is_equal(held, world_held(world, "USD")));
    world_free(world);
}
