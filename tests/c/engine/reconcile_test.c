/* The books against the venue's: what is missing, too much or different is found, asked about,
 * and repaired once it is sure. */
#include "engine/reconcile.h"

#include "engine/engine_private.h"
#include "engine_world.h"

static struct world *trader(struct world *world)
{
    world_open(world, "100000");
    world_price(world, BTC, "100");
    world_price(world, BIP, "100");
    return world;
}

static void cycle(struct world *world)
{
    world_wait(world, SECONDS(1));
}

static void answer(struct world *world, uint64_t query, bool is_complete)
{
    struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    event.answer = (struct answer){.query = query, .is_complete = is_complete};
    world_push(world, event);
}

static uint64_t last_query(const struct world *world, enum sent_kind kind)
{
    return world_last_sent(world, kind)->query;
}

/* Waits for the next sweep, and answers it with nothing. */
static void empty_sweep(struct world *world)
{
    world_wait(world, SECONDS(60));
    answer(world, last_query(world, SENT_QUERY_ORDERS), true);
    answer(world, last_query(world, SENT_QUERY_FILLS), true);
}

static order_number working(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "2", "100");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    return world_last_order(world);
}

TEST(orders_and_fills_are_swept_every_minute_even_when_all_looks_well)
{
    struct world *world = trader(world_new());
    nanos start = world->now;

    world_wait(world, SECONDS(59));
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 0);
    cycle(world);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 1);
    assert_int_equal(world_sent(world, SENT_QUERY_FILLS), 1);
    assert_true(world_last_sent(world, SENT_QUERY_FILLS)->since < start);
    answer(world, last_query(world, SENT_QUERY_ORDERS), true);
    answer(world, last_query(world, SENT_QUERY_FILLS), true);
    world_wait(world, SECONDS(60));
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 2);
    assert_int_equal(world_last_sent(world, SENT_QUERY_FILLS)->since,
                     start + SECONDS(60) - MINUTES(5));
    world_free(world);
}

TEST(a_backtest_asks_nothing)
{
    struct world *world = world_new();

    world->settings.cycle_every = 0;
    trader(world);
    world_wait(world, DAYS(3));
    assert_int_equal(world->sent_count, 0);
    assert_int_equal(engine_next_deadline(world->engine), INT64_MAX);
    world_free(world);
}

TEST(a_failed_sweep_is_made_again_and_its_span_is_not_lost)
{
    struct world *world = trader(world_new());
    nanos start = world->now;

    world_wait(world, SECONDS(60));
    answer(world, last_query(world, SENT_QUERY_ORDERS), true);
    answer(world, last_query(world, SENT_QUERY_FILLS), false);
    world_wait(world, SECONDS(5));
    assert_int_equal(world_sent(world, SENT_QUERY_FILLS), 2);
    assert_int_equal(world_last_sent(world, SENT_QUERY_FILLS)->since, start - MINUTES(5));
    world_free(world);
}

TEST(anomalies_gaps_and_reconnects_make_a_sweep_due_at_once)
{
    struct world *world = trader(world_new());
    order_number number = working(world);
    struct event gap = {.kind = EVENT_STREAM, .product = PRODUCT_NONE};

    world_push(world, world_totals_event(world, number, REPORT_FILL, "-1", "0", "0"));
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 1);
    answer(world, last_query(world, SENT_QUERY_ORDERS), true);
    answer(world, last_query(world, SENT_QUERY_FILLS), true);
    gap.stream = (struct stream_event){STREAM_USER, STREAM_GAP};
    world_push(world, gap);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 1); /* not twice in a second */
    cycle(world);
    assert_int_equal(world_sent(world, SENT_QUERY_ORDERS), 2);
    world_free(world);
}

TEST(an_open_order_that_a_complete_listing_does_not_show_is_asked_about)
{
    struct world *world = trader(world_new());
    order_number number = working(world);

    empty_sweep(world);
    assert_string_equal(world_state(world, number), "UNKNOWN");
    assert_int_equal(world_sent(world, SENT_QUERY_ORDER), 1);
    assert_decimal(world_held(world, "USD"), "200");
    world_free(world);
}

TEST(an_order_that_is_listed_stays_and_an_incomplete_listing_says_nothing)
{
    struct world *world = trader(world_new());
    order_number number = working(world);

    world_wait(world, SECONDS(60));
    struct event event = world_report(world, number, REPORT_WORKING);
    event.report.query = last_query(world, SENT_QUERY_ORDERS);
    world_push(world, event);
    answer(world, event.report.query, true);
    answer(world, last_query(world, SENT_QUERY_FILLS), true);
    assert_string_equal(world_state(world, number), "NEW");
    world_wait(world, SECONDS(60));
    answer(world, last_query(world, SENT_QUERY_ORDERS), false);
    assert_string_equal(world_state(world, number), "NEW");
    world_free(world);
}

TEST(an_order_younger_than_the_listing_may_be_missing_from_it)
{
    struct world *world = trader(world_new());

    world_wait(world, SECONDS(55));
    order_number number = working(world);
    world_wait(world, SECONDS(5));
    answer(world, last_query(world, SENT_QUERY_ORDERS), true);
    assert_string_equal(world_state(world, number), "NEW");
    world_free(world);
}

TEST(a_fill_that_the_stream_lost_is_found_by_the_sweep)
{
    struct world *world = trader(world_new());
    order_number number = working(world);

    world_wait(world, SECONDS(60));
    struct event event = world_fill_event(world, number, "lost", "2", "100", "0");
    event.report.query = last_query(world, SENT_QUERY_FILLS);
    world_push(world, event);
    assert_string_equal(world_state(world, number), "FILLED");
    assert_decimal(world_position(world, BTC), "2");
    world_free(world);
}

TEST(an_order_that_ended_here_and_works_there_is_canceled_there_once_it_is_sure)
{
    struct world *world = trader(world_new());
    order_number number = working(world);

    world_say(world, number, REPORT_CANCELED);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(world_sent(world, SENT_CANCEL), 0);
        world_wait(world, SECONDS(60));
        struct event event = world_report(world, number, REPORT_WORKING);
        event.report.query = last_query(world, SENT_QUERY_ORDERS);
        world_push(world, event);
        answer(world, event.report.query, true);
        answer(world, last_query(world, SENT_QUERY_FILLS), true);
    }
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    assert_string_equal(world_level(world, PRODUCT_NONE), "reduce_only");
    world_free(world);
}

/* ---- orders of others ---- */

static struct event stranger(struct world *world, const char *client_id)
{
    struct event event = {.kind = EVENT_REPORT, .product = BTC};
    struct order_report *report = &event.report;

    (void)world;
    report->kind = REPORT_WORKING;
    strcpy(report->client_id.text, client_id);
    strcpy(report->venue_id.text, "v-else");
    report->has_request = true;
    report->request = sample_limit(SIDE_BUY, "3", "90");
    report->request.client_id = report->client_id;
    report->has_totals = true;
    report->total_size = D(1);
    report->total_value = D(90);
    return event;
}

static struct world *with_policy(enum external_orders policy)
{
    struct world *world = world_new();

    world->settings.reconcile.external_orders = policy;
    return trader(world);
}

TEST(an_order_of_somebody_else_counts_in_exposure_and_books_nothing_it_had_filled)
{
    struct world *world = with_policy(EXTERNAL_IGNORE);

    world_push(world, stranger(world, "theirs"));
    world_push(world, stranger(world, "theirs"));
    order_number number = world_last_order(world);
    assert_int_equal(number, 1);
    assert_string_equal(world_state(world, number), "PARTIALLY_FILLED");
    assert_string_equal(order_origin_name(world_order(world, number)->origin), "external");
    assert_decimal(oms_working_value(engine_oms(world->engine), PRODUCT_NONE), "180");
    assert_decimal(world_held(world, "USD"), "180");
    assert_decimal(world_position(world, BTC), "0");
    assert_int_equal(world_sent(world, SENT_CANCEL), 0);
    assert_int_equal(world_facts(world, FACT_REPAIR), 1);
    world_free(world);
}

TEST(coins_of_somebody_else_are_a_position_only_when_they_are_adopted)
{
    static const char *const held[] = {
        [EXTERNAL_IGNORE] = "0", [EXTERNAL_ADOPT] = "2", [EXTERNAL_CANCEL] = "0"};

    for (int policy = EXTERNAL_IGNORE; policy <= EXTERNAL_CANCEL; policy++) {
        struct world *world = with_policy((enum external_orders)policy);
        struct event theirs = stranger(world, "theirs");
        theirs.report.has_totals = false;
        world_push(world, theirs);
        world_fill(world, world_last_order(world), "t1", "2", "90", "1");
        assert_decimal(world_position(world, BTC), held[policy]);
        assert_decimal(portfolio_balance(engine_portfolio(world->engine), "BTC").total, "2");
        assert_decimal(world_cash(world), "99819");
        world_free(world);
    }
}

TEST(what_an_order_of_somebody_else_had_filled_is_not_filled_again_when_its_fills_are_told)
{
    struct world *world = with_policy(EXTERNAL_ADOPT);

    world_push(world, stranger(world, "theirs"));
    world_fill(world, world_last_order(world), "before", "1", "90", "0");
    assert_decimal(world_order(world, world_last_order(world))->filled, "1");
    assert_decimal(world_position(world, BTC), "0");
    assert_decimal(world_cash(world), "100000");
    world_fill(world, world_last_order(world), "after", "2", "90", "0");
    assert_string_equal(world_state(world, world_last_order(world)), "FILLED");
    assert_decimal(world_position(world, BTC), "2");
    world_free(world);
}

/* Somebody sells coins. */
static void sell_theirs(struct world *world, const char *size)
{
    struct event event = stranger(world, "theirs");

    event.report.request = sample_limit(SIDE_SELL, size, "100");
    event.report.request.client_id = event.report.client_id;
    event.report.has_totals = false;
    world_push(world, event);
    world_fill(world, world_last_order(world), "s1", size, "100", "0");
}

TEST(coins_that_somebody_else_sells_are_his_and_no_short_position)
{
    for (int policy = EXTERNAL_IGNORE; policy <= EXTERNAL_CANCEL; policy++) {
        struct world *world = with_policy((enum external_orders)policy);
        engine_set_balance(world->engine, "BTC", D(5), "there before");
        sell_theirs(world, "3");
        assert_decimal(world_position(world, BTC), "0");
        assert_decimal(portfolio_balance(engine_portfolio(world->engine), "BTC").total, "2");
        assert_decimal(world_cash(world), "100300");
        world_free(world);
    }
}

TEST(a_position_is_what_is_left_of_the_coins_after_somebody_else_has_sold_some)
{
    static const char *const left[][2] = {{"3", "2"}, {"6", "1"}, {"7", "0"}};

    for (size_t i = 0; i < ARRAY_LEN(left); i++) {
        struct world *world = with_policy(EXTERNAL_IGNORE);
        world_hold(world, BTC, "2", "100");
        engine_set_balance(world->engine, "BTC", D(7), "and five from before");
        sell_theirs(world, left[i][0]);
        assert_decimal(world_position(world, BTC), left[i][1]);
        world_free(world);
    }
}

TEST(what_somebody_else_gains_ends_no_row_of_losses)
{
    for (int policy = EXTERNAL_IGNORE; policy <= EXTERNAL_ADOPT; policy++) {
        struct world *world = with_policy((enum external_orders)policy);
        world_hold(world, BTC, "1", "100");
        world_sell(world, BTC, "1");
        world_fill(world, world_last_order(world), "loss", "1", "90", "0");
        assert_int_equal(world->engine->watch.losses_in_row, 1);
        world_hold(world, BTC, "2", "50");
        sell_theirs(world, "2"); /* at 100 */
        assert_int_equal(world->engine->watch.losses_in_row, 1);
        world_free(world);
    }
}

TEST(coins_from_before_that_the_bot_has_sold_are_not_covered_by_those_of_somebody_else)
{
    struct world *world = with_policy(EXTERNAL_IGNORE);

    engine_set_balance(world->engine, "BTC", D(5), "there before");
    world_sell(world, BTC, "1");
    world_fill(world, world_last_order(world), "ours", "1", "100", "0");
    assert_decimal(world_position(world, BTC), "-1");
    sell_theirs(world, "2");
    assert_decimal(world_position(world, BTC), "-1");
    world_free(world);
}

static void cancel_all(struct world *world)
{
    struct event event = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE};

    event.command.kind = COMMAND_CANCEL_ALL;
    world_push(world, event);
}

TEST(policy_says_what_becomes_of_the_orders_of_others)
{
    static const int at_once[] = {[EXTERNAL_CANCEL] = 1};
    static const int by_command[] = {[EXTERNAL_ADOPT] = 1, [EXTERNAL_CANCEL] = 1};

    for (int policy = EXTERNAL_IGNORE; policy <= EXTERNAL_CANCEL; policy++) {
        struct world *world = with_policy((enum external_orders)policy);
        world_push(world, stranger(world, ""));
        assert_int_equal(world_sent(world, SENT_CANCEL), at_once[policy]);
        cancel_all(world);
        assert_int_equal(world_sent(world, SENT_CANCEL), by_command[policy]);
        world_free(world);
    }
}

TEST(a_refused_cancel_of_the_order_of_somebody_else_is_asked_again_while_it_is_listed)
{
    struct world *world = with_policy(EXTERNAL_CANCEL);
    struct event listed = stranger(world, "theirs");

    world_push(world, listed);
    world_push(world, listed);
    assert_int_equal(world_sent(world, SENT_CANCEL), 1); /* one answer is still to come */
    struct event refused = world_report(world, world_last_order(world), REPORT_CANCEL_REFUSED);
    world_push(world, refused);
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    listed.report.query = 7;
    world_push(world, listed);
    assert_int_equal(world_sent(world, SENT_CANCEL), 2);
    world_free(world);
}

TEST(an_order_of_our_name_that_the_journal_does_not_know_is_ours_and_critical)
{
    struct world *world = with_policy(EXTERNAL_IGNORE);

    world_push(world, stranger(world, "perigee-r0-7"));
    assert_string_equal(world_last_fact(world, FACT_REPAIR)->note.severity, "critical");
    cancel_all(world);
    assert_int_equal(world_sent(world, SENT_CANCEL), 1);
    world_free(world);
}

TEST(an_order_of_somebody_else_that_makes_no_sense_is_not_taken_in)
{
    static const char *const sizes[] = {"0", "-1", "9000000000000000000000000", "1"};

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        struct world *world = with_policy(EXTERNAL_IGNORE);
        struct event event = stranger(world, "theirs");
        event.report.request.size = dec(sizes[i]);
        world_push(world, event);
        assert_int_equal(world_last_order(world), 0);
        world_free(world);
    }
}

/* ---- the account ---- */

static void balance(struct world *world, const char *currency, const char *total)
{
    struct event event = {.kind = EVENT_BALANCE, .product = PRODUCT_NONE};

    snprintf(event.balance.currency, CURRENCY_MAX, "%s", currency);
    event.balance.total = dec(total);
    event.balance.query = last_query(world, SENT_QUERY_ACCOUNT);
    world_push(world, event);
}

static void holding(struct world *world, const char *size, const char *price)
{
    struct event event = {.kind = EVENT_HOLDING, .product = BIP};

    event.holding.size = dec(size);
    event.holding.average_price = dec(price);
    event.holding.query = last_query(world, SENT_QUERY_ACCOUNT);
    world_push(world, event);
}

static void end_reading(struct world *world, bool is_complete)
{
    answer(world, last_query(world, SENT_QUERY_ACCOUNT), is_complete);
}

/* The minute's sweep is answered, so that only the account is of interest. */
static struct world *reading(struct world *world)
{
    world_wait(world, SECONDS(60));
    answer(world, last_query(world, SENT_QUERY_ORDERS), true);
    answer(world, last_query(world, SENT_QUERY_FILLS), true);
    return world;
}

/* A difference makes a sweep due, which explains nothing; then the next reading. */
static void sweep_again(struct world *world)
{
    world_wait(world, SECONDS(1));
    answer(world, last_query(world, SENT_QUERY_ORDERS), true);
    answer(world, last_query(world, SENT_QUERY_FILLS), true);
    world_wait(world, SECONDS(1));
}

TEST(a_balance_that_differs_is_repaired_once_three_readings_agree_and_degrades)
{
    struct world *world = reading(trader(world_new()));

    for (int i = 0; i < 3; i++) {
        assert_decimal(world_cash(world), "100000");
        balance(world, "USD", "99990");
        end_reading(world, true);
        sweep_again(world);
    }
    assert_decimal(world_cash(world), "99990");
    assert_string_equal(world_level(world, PRODUCT_NONE), "reduce_only");
    assert_string_equal(world_last_fact(world, FACT_REPAIR)->note.subject, "balance");
    world_wait(world, MINUTES(5));
    assert_null(degrade_find(world->engine->degrade, "drift", PRODUCT_NONE));
    world_free(world);
}

TEST(differences_that_change_or_are_tiny_or_not_read_whole_are_no_drift)
{
    static const char *const totals[] = {"99990", "99980", "99990", "99970", "99999.99"};
    struct world *world = reading(trader(world_new()));

    for (size_t i = 0; i < ARRAY_LEN(totals); i++) {
        balance(world, "USD", totals[i]);
        end_reading(world, true);
        sweep_again(world);
    }
    for (int i = 0; i < 5; i++) {
        balance(world, "USD", "5");
        end_reading(world, false);
        world_wait(world, SECONDS(60));
    }
    assert_decimal(world_cash(world), "100000");
    assert_int_equal(world_facts(world, FACT_REPAIR), 0);
    world_free(world);
}

TEST(how_many_readings_must_agree_and_what_is_nobodys_fault_are_settings)
{
    struct world *world = world_new();

    world->settings.degrade.drift_checks = 1;
    world->settings.reconcile.balance_tolerance = D(10);
    reading(trader(world));
    balance(world, "USD", "99990");
    end_reading(world, true);
    assert_int_equal(world_facts(world, FACT_REPAIR), 0);
    reading(world);
    balance(world, "USD", "99989.99");
    end_reading(world, true);
    sweep_again(world);
    assert_decimal(world_cash(world), "99989.99");
    assert_string_equal(world_level(world, PRODUCT_NONE), "reduce_only");
    world_free(world);
}

TEST(a_reading_that_may_have_crossed_with_a_fill_does_not_count)
{
    struct world *world = trader(world_new());
    order_number number = working(world);

    world_wait(world, SECONDS(60));
    for (int i = 0; i < 5; i++) {
        char id[16];
        balance(world, "USD", "99999");
        snprintf(id, sizeof id, "f%d", i);
        world_fill(world, number, id, "0.1", "100", "0");
        end_reading(world, true);
        sweep_again(world);
    }
    assert_decimal(world_cash(world), "99950");
    world_free(world);
}

TEST(a_difference_is_no_drift_before_sweeps_have_failed_to_explain_it)
{
    struct world *world = trader(world_new());
    order_number number = working(world);

    world_wait(world, SECONDS(60));
    for (int i = 0; i < 6; i++) { /* a fill that the stream lost; the sweeps fail */
        balance(world, "USD", "99800");
        end_reading(world, true);
        world_wait(world, SECONDS(1));
        answer(world, last_query(world, SENT_QUERY_ORDERS), false);
        answer(world, last_query(world, SENT_QUERY_FILLS), false);
        world_wait(world, SECONDS(5));
    }
    assert_int_equal(world_facts(world, FACT_REPAIR), 0);
    world_fill(world, number, "f1", "2", "100", "0");
    assert_decimal(world_cash(world), "99800");
    assert_decimal(world_position(world, BTC), "2");
    world_free(world);
}

TEST(a_future_that_the_venue_holds_is_held_here_once_it_is_sure)
{
    struct world *world = reading(trader(world_new()));

    for (int i = 0; i < 3; i++) {
        assert_decimal(world_position(world, BIP), "0");
        holding(world, "-7", "110");
        end_reading(world, true);
        sweep_again(world);
    }
    const position *held = portfolio_position(engine_portfolio(world->engine), BIP);
    assert_decimal(held->size, "-7");
    assert_decimal(held->cost, "-7.7");
    assert_string_equal(world_level(world, PRODUCT_NONE), "reduce_only");
    world_free(world);
}

TEST(exits_guard_what_is_left_of_a_position_at_once)
{
    struct world *world = trader(world_new());
    struct decision protect = world_wish(ACTION_PROTECT, BIP, NULL);

    world_hold(world, BIP, "5", "100");
    protect.plan.stop = D(90);
    world_decide(world, protect);
    assert_decimal(engine_exits(world->engine)->items[0].exit.size, "5");
    reading(world);
    for (int i = 0; i < 3; i++) {
        holding(world, "2", "100");
        end_reading(world, true);
        if (i < 2)
            sweep_again(world);
    }
    assert_decimal(world_position(world, BIP), "2");
    assert_decimal(engine_exits(world->engine)->items[0].exit.size, "2");
    world_free(world);
}

TEST(a_position_that_a_failed_reading_does_not_show_is_not_flat)
{
    struct world *world = trader(world_new());

    world_hold(world, BIP, "5", "100");
    reading(world);
    for (int i = 0; i < 5; i++) {
        end_reading(world, false);
        world_wait(world, SECONDS(60));
    }
    assert_decimal(world_position(world, BIP), "5");
    world_free(world);
}

TEST(coins_that_are_gone_cannot_be_sold_and_leave_the_position)
{
    struct world *world = trader(world_new());

    world_hold(world, BTC, "4", "100");
    reading(world);
    for (int i = 0; i < 3; i++) {
        balance(world, "BTC", "1");
        end_reading(world, true);
        sweep_again(world);
    }
    const position *held = portfolio_position(engine_portfolio(world->engine), BTC);
    assert_decimal(held->size, "1");
    assert_decimal(held->cost, "100");
    world_free(world);
}
