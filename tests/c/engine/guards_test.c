/* Every guard of the engine, on both sides of its edge; and each trigger from what happens to
 * what is refused, what still passes, and how it ends. */
#include "engine/guards.h"

#include "engine/engine_private.h"
#include "engine/guards_private.h"
#include "engine_world.h"

static struct world *trader(struct world *world)
{
    world_open(world, "10000");
    world_price(world, BTC, "100");
    world_wait(world, SECONDS(1));
    return world;
}

static void cycle(struct world *world)
{
    world_wait(world, SECONDS(1));
}

static const struct fact_cause *cause(const struct world *world, const char *source,
                                      product_ref product)
{
    return degrade_find(world->engine->degrade, source, product);
}

static bool trips(const struct world *world, const char *source)
{
    return cause(world, source, PRODUCT_NONE) != NULL;
}

/* 10 BTC at 100; a price of 100 - x makes the loss 10 x. */
static struct world *invested(struct world *world)
{
    trader(world);
    world_hold(world, BTC, "10", "100");
    cycle(world);
    return world;
}

static void move_to(struct world *world, const char *price)
{
    world_price(world, BTC, price);
    cycle(world);
}

/* ---- causes ---- */

static int told(struct world *world, struct guard_trip trip)
{
    guards_hold(world->engine, &trip, "it happened");
    return world_facts(world, FACT_CAUSE);
}

TEST(a_cause_is_told_again_when_it_is_worse_longer_or_half_over)
{
    struct world *world = trader(world_new());
    struct guard_trip trip = {
        .source = "spikes", .level = LEVEL_REDUCE_ONLY, .product = BTC, .duration = 10};

    assert_int_equal(told(world, trip), 1);
    world->engine->now += 5;
    assert_int_equal(told(world, trip), 1);
    world->engine->now += 1;
    assert_int_equal(told(world, trip), 2);
    trip.level = LEVEL_PAUSED;
    assert_int_equal(told(world, trip), 3);
    trip.duration = 0;
    assert_int_equal(told(world, trip), 4);
    assert_int_equal(told(world, trip), 4); /* until an operator resumes: nothing is longer */
    trip.duration = DAYS(1);
    assert_int_equal(told(world, trip), 4);
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    world_free(world);
}

TEST(what_lasts_is_held_for_three_cycles_or_two_bars_and_at_least_five_seconds)
{
    struct world *world = trader(world_new());
    struct engine *engine = world->engine;

    engine->settings.cycle_every = SECONDS(1);
    assert_int_equal(guards_while_it_lasts(engine), SECONDS(5));
    engine->settings.cycle_every = SECONDS(10);
    assert_int_equal(guards_while_it_lasts(engine), SECONDS(30));
    engine->settings.cycle_every = 0; /* after every bar */
    assert_int_equal(guards_while_it_lasts(engine), SECONDS(5));
    engine->markets[BTC].bar.interval = MINUTES(5);
    engine->markets[ETH].bar.interval = MINUTES(1);
    assert_int_equal(guards_while_it_lasts(engine), MINUTES(10));
    world_free(world);
}

/* ---- equity ---- */

TEST(a_daily_loss_refuses_new_risk_until_midnight_and_lets_exits_pass)
{
    struct world *world = world_new();

    world->settings.limits.daily_loss_value = D(100);
    invested(world);
    move_to(world, "90.01");
    assert_false(trips(world, "daily_loss"));
    move_to(world, "90");
    assert_true(trips(world, "daily_loss"));
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "reduce_only");
    world_sell(world, BTC, "1");
    assert_string_equal(world_code(world), "none");
    nanos midnight = nanos_day(world->now) + DAYS(1);
    assert_int_equal(cause(world, "daily_loss", PRODUCT_NONE)->until, midnight);
    move_to(world, "100"); /* what is lost and won again does not open the day anew */
    assert_true(trips(world, "daily_loss"));
    world->now = midnight;
    world_turn(world);
    assert_false(trips(world, "daily_loss"));
    world_free(world);
}

TEST(a_daily_loss_is_also_a_share_of_the_days_first_equity)
{
    struct world *world = world_new();

    world->settings.limits.daily_loss_share = dec("0.01");
    invested(world);
    move_to(world, "90.01");
    assert_false(trips(world, "daily_loss"));
    move_to(world, "90");
    assert_true(trips(world, "daily_loss"));
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    world_free(world);
}

TEST(a_drawdown_is_measured_from_the_peak_and_waits_for_an_operator)
{
    struct world *world = world_new();

    world->settings.limits.max_drawdown_share = dec("0.1");
    invested(world);
    move_to(world, "1100"); /* equity 20000 */
    move_to(world, "900.01");
    assert_false(trips(world, "drawdown"));
    move_to(world, "900");
    assert_true(trips(world, "drawdown"));
    world_wait(world, DAYS(2));
    assert_true(trips(world, "drawdown"));
    world_free(world);
}

static void lose_a_round(struct world *world, const char *sell_price)
{
    static int trips_made;
    char id[32];

    world_hold(world, ETH, "1", "100");
    world_sell(world, ETH, "1");
    snprintf(id, sizeof id, "loss-%d", ++trips_made);
    world_fill(world, world_last_order(world), id, "1", sell_price, "0");
    cycle(world);
}

TEST(losses_in_a_row_refuse_new_risk_and_a_gain_between_them_does_not_count)
{
    struct world *world = world_new();

    world->settings.limits.max_losses_in_row = 2;
    trader(world);
    lose_a_round(world, "99");
    lose_a_round(world, "101");
    lose_a_round(world, "99");
    assert_false(trips(world, "losses_in_row"));
    lose_a_round(world, "99");
    assert_true(trips(world, "losses_in_row"));
    world_free(world);
}

TEST(equity_without_a_price_of_what_is_held_is_not_known_and_refuses_new_risk)
{
    struct world *world = world_new();

    world->settings.limits.daily_loss_value = D(100);
    world_make_engine(world, "r1");
    engine_set_balance(world->engine, "USD", D(10000), "opening");
    engine_set_balance(world->engine, "ETH", D(10), "opening");
    world_start(world);
    move_to(world, "100");
    assert_true(trips(world, "equity_unknown"));
    assert_int_equal(world_facts(world, FACT_BASELINE), 0);
    world_price(world, ETH, "10");
    world_wait(world, SECONDS(10));
    assert_false(trips(world, "equity_unknown"));
    assert_decimal(world->engine->watch.day_start, "10100");
    world_free(world);
}

/* ---- margin ---- */

/* 1000 contracts are worth 1000 at 100; margin 100, maintenance 50. */
static struct world *levered(struct world *world, const char *cash)
{
    world_open(world, cash);
    world_price(world, BIP, "100");
    world_buy(world, BIP, "1000");
    world_fill(world, 1, "f1", "1000", "100", "0");
    cycle(world);
    return world;
}

TEST(margin_beyond_its_share_of_equity_stops_new_risk_while_it_lasts)
{
    for (int i = 0; i < 2; i++) {
        struct world *world = world_new();
        world->settings.guards.margin_utilisation_share = i ? dec("0.0999") : dec("0.1");
        levered(world, "1000");
        assert_int_equal(trips(world, "margin_utilisation"), i);
        world_sell(world, BIP, "500");
        assert_string_equal(world_code(world), "none");
        world_fill(world, 2, "f2", "500", "100", "0");
        world_wait(world, SECONDS(10));
        assert_false(trips(world, "margin_utilisation"));
        world_free(world);
    }
}

TEST(equity_near_maintenance_stops_new_risk)
{
    for (int i = 0; i < 2; i++) {
        struct world *world = world_new();
        world->settings.limits.min_liquidation_buffer_share = dec("0.5");
        levered(world, "200"); /* maintenance may take 100 */
        move_to(world, "100");
        world_price(world, BIP, i ? "93" : "94"); /* equity 130 or 140: 46.5 of 65, 47 of 70 */
        world_limits(world)->min_liquidation_buffer_share = i ? dec("0.65") : dec("0.66");
        cycle(world);
        /* 130 * 0.35 = 45.5 < 46.5; 140 * 0.34 = 47.6 >= 47 */
        assert_int_equal(trips(world, "liquidation_buffer"), i);
        world_free(world);
    }
}

TEST(maintenance_may_take_all_that_the_buffer_leaves)
{
    for (int i = 0; i < 2; i++) {
        struct world *world = world_new();
        world->settings.limits.min_liquidation_buffer_share = dec("0.5");
        levered(world, "200");
        world_limits(world)->min_liquidation_buffer_share =
            i ? dec("0.7501") : dec("0.75"); /* 50 of 200 */
        move_to(world, "100");
        assert_int_equal(trips(world, "liquidation_buffer"), i);
        world_free(world);
    }
}

/* ---- the way to the venue ---- */

static order_number sent_order(struct world *world)
{
    world_limit(world, ACTION_BUY, BTC, "0.1", "50");
    return world_last_order(world);
}

TEST(failures_of_the_venue_in_a_row_pause_everything_for_a_while)
{
    struct world *world = trader(world_new());
    order_number numbers[5];

    for (int i = 0; i < 5; i++)
        numbers[i] = sent_order(world);
    world_say(world, numbers[0], REPORT_LOST);
    world_say(world, numbers[1], REPORT_LOST);
    world_say(world, numbers[2], REPORT_ACCEPTED);
    world_say(world, numbers[3], REPORT_LOST);
    world_say(world, numbers[4], REPORT_LOST);
    assert_string_equal(world_level(world, PRODUCT_NONE), "normal");
    world_hold(world, ETH, "1", "10"); /* answered: they begin anew */
    for (int i = 0; i < 3; i++) {
        world->wishes[0] = world_limit_wish(ACTION_SELL, ETH, "0.2", "20");
        world->wish_count = 1;
        world_price(world, ETH, "10");
        world_say(world, world_last_order(world), REPORT_LOST);
        world_say(world, world_last_order(world), REPORT_CANCELED);
    }
    assert_string_equal(world_level(world, PRODUCT_NONE), "paused");
    world_buy(world, ETH, "1");
    assert_string_equal(world_code(world), "paused");
    world_sell(world, ETH, "0.5");
    assert_string_equal(world_code(world), "none");
    world_wait(world, MINUTES(2));
    assert_null(cause(world, "broker", PRODUCT_NONE));
    world_free(world);
}

static void answers(struct world *world, int count, bool is_complete)
{
    for (int i = 0; i < count; i++) {
        struct event event = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};
        event.answer.query = 999;
        event.answer.is_complete = is_complete;
        world_push(world, event);
    }
}

static struct world *counting(void)
{
    struct world *world = world_new();

    world->settings.guards.error_rate_share = dec("0.5");
    world->settings.guards.error_rate_window = SECONDS(60);
    world->settings.guards.error_rate_min_requests = 10;
    world->settings.degrade.broker_failures = 100;
    return trader(world);
}

TEST(a_share_of_failed_requests_beyond_the_limit_pauses_everything)
{
    struct world *world = counting();

    answers(world, 5, true);
    answers(world, 5, false);
    cycle(world);
    assert_false(trips(world, "error_rate"));
    answers(world, 1, false);
    cycle(world);
    assert_true(trips(world, "error_rate"));
    assert_string_equal(world_level(world, BTC), "paused");
    world_wait(world, MINUTES(6));
    assert_false(trips(world, "error_rate"));
    world_free(world);
}

static void end_with(struct world *world, enum report_kind kind, enum outcome outcome)
{
    struct event event;

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    event = world_report(world, world_last_order(world), kind);
    event.report.outcome = outcome;
    world_push(world, event);
}

TEST(what_the_venue_refused_is_an_answer_and_what_was_not_sent_is_neither)
{
    struct world *world = trader(world_new());
    struct event query = {.kind = EVENT_ANSWER, .product = PRODUCT_NONE};

    query.answer.outcome = OUTCOME_NOT_SENT;
    for (int i = 0; i < 5; i++) {
        end_with(world, REPORT_REJECTED, OUTCOME_BAD_REQUEST);
        end_with(world, REPORT_WITHDRAWN, OUTCOME_NOT_SENT);
        world_push(world, query);
    }
    assert_false(trips(world, "broker"));
    end_with(world, REPORT_REJECTED, OUTCOME_NO_CONNECTION);
    end_with(world, REPORT_REJECTED, OUTCOME_RATE_LIMIT);
    end_with(world, REPORT_WITHDRAWN, OUTCOME_NOT_SENT);
    assert_false(trips(world, "broker"));
    end_with(world, REPORT_LOST, OUTCOME_TIMEOUT);
    assert_true(trips(world, "broker"));
    world_free(world);
}

TEST(attempts_that_are_made_again_count_in_the_error_rate_and_in_no_row)
{
    struct world *world = counting();
    struct event event = {.kind = EVENT_RETRY, .product = PRODUCT_NONE};

    event.retry = (struct retry_event){
        .errand = ERRAND_QUERY_ORDERS, .outcome = OUTCOME_TIMEOUT, .attempt = 1, .wait = 1};
    world->settings.degrade.broker_failures = 3;
    answers(world, 5, true);
    for (int i = 0; i < 5; i++)
        world_push(world, event);
    cycle(world);
    assert_false(trips(world, "error_rate"));
    world_push(world, event);
    cycle(world);
    assert_true(trips(world, "error_rate"));
    assert_false(trips(world, "broker"));
    world_free(world);
}

TEST(few_failures_prove_nothing_and_old_ones_are_forgotten)
{
    struct world *world = counting();

    answers(world, 9, false);
    cycle(world);
    assert_false(trips(world, "error_rate"));
    world_wait(world, SECONDS(59));
    answers(world, 9, false);
    cycle(world);
    assert_false(trips(world, "error_rate"));
    answers(world, 1, false);
    cycle(world);
    assert_true(trips(world, "error_rate"));
    world_free(world);
}

static void stream(struct world *world, enum stream_kind kind, enum stream_change change)
{
    struct event event = {.kind = EVENT_STREAM, .product = PRODUCT_NONE};

    event.stream = (struct stream_event){kind, change};
    world_push(world, event);
}

TEST(a_stream_that_is_down_lets_pass_what_reduces_and_one_that_is_back_pauses_a_moment)
{
    struct world *world = trader(world_new());

    stream(world, STREAM_USER, STREAM_UP);
    assert_string_equal(world_level(world, BTC), "normal");
    stream(world, STREAM_USER, STREAM_DOWN);
    assert_string_equal(world_level(world, BTC), "reduce_only");
    for (int i = 0; i < 20; i++)
        cycle(world);
    assert_string_equal(world_level(world, BTC), "reduce_only");
    stream(world, STREAM_USER, STREAM_UP);
    assert_string_equal(world_level(world, BTC), "paused");
    world_wait(world, SECONDS(29));
    assert_string_equal(world_level(world, BTC), "paused");
    world_wait(world, SECONDS(1));
    assert_string_equal(world_level(world, BTC), "normal");
    world_free(world);
}

TEST(silence_of_the_market_lets_pass_only_what_reduces_until_it_is_fresh)
{
    struct world *world = world_new();

    world->settings.guards.stream_stale_after = SECONDS(15);
    trader(world);
    world_price(world, BTC, "100");
    world_wait(world, SECONDS(15));
    assert_false(trips(world, "stream_stale"));
    cycle(world);
    assert_true(trips(world, "stream_stale"));
    assert_string_equal(world_level(world, ETH), "reduce_only");
    for (int i = 0; i < 10; i++) {
        world_price(world, BTC, "100");
        cycle(world);
    }
    assert_false(trips(world, "stream_stale"));
    world_free(world);
}

/* ---- what adapters measure ---- */

static void gauge(struct world *world, enum gauge which, const char *value)
{
    struct event event = {.kind = EVENT_GAUGE, .product = PRODUCT_NONE};

    event.gauge = (struct gauge_event){which, dec(value)};
    world_push(world, event);
    cycle(world);
}

TEST(figures_of_the_machine_and_the_way_to_the_venue_degrade_while_they_are_bad)
{
    static const struct {
        enum gauge gauge;
        const char *good, *bad, *source, *code;
    } cases[] = {
        {GAUGE_CLOCK_SKEW, "5", "5.000001", "clock_skew", "reduce_only"},
        {GAUGE_CLOCK_SKEW, "-5", "-5.000001", "clock_skew", "reduce_only"},
        {GAUGE_RATE_USAGE, "0.9", "0.9000001", "rate_usage", "reduce_only"},
        {GAUGE_DISK_FREE, "100", "99.9", "disk_low", "reduce_only"},
        {GAUGE_BREAKERS_OPEN, "0", "1", "api_health", "paused"},
    };

    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world *world = world_new();
        world->settings.guards.rate_usage_share = dec("0.9");
        world->settings.guards.disk_free_min = 100;
        trader(world);
        world_hold(world, BTC, "2", "100");
        gauge(world, cases[i].gauge, cases[i].good);
        assert_false(trips(world, cases[i].source));
        gauge(world, cases[i].gauge, cases[i].bad);
        assert_true(trips(world, cases[i].source));
        world_buy(world, BTC, "1");
        assert_string_equal(world_code(world), cases[i].code);
        world_sell(world, BTC, "1");
        assert_string_equal(world_code(world), "none");
        gauge(world, cases[i].gauge, cases[i].good);
        world_wait(world, SECONDS(6));
        assert_string_equal(world_level(world, BTC), "normal");
        world_free(world);
    }
}

TEST(a_figure_that_nobody_has_told_for_long_says_nothing)
{
    struct world *world = trader(world_new());
    decimal skew;

    assert_false(guards_gauge(world->engine, GAUGE_CLOCK_SKEW, &skew));
    gauge(world, GAUGE_CLOCK_SKEW, "60");
    world_wait(world, MINUTES(10) - SECONDS(1));
    assert_true(guards_gauge(world->engine, GAUGE_CLOCK_SKEW, &skew));
    assert_true(trips(world, "clock_skew"));
    world_wait(world, SECONDS(1));
    assert_false(guards_gauge(world->engine, GAUGE_CLOCK_SKEW, &skew));
    world_wait(world, SECONDS(10));
    assert_false(trips(world, "clock_skew"));
    world_free(world);
}

/* ---- slippage ---- */

static void quote(struct world *world, const char *bid, const char *ask)
{
    struct event event = {.kind = EVENT_QUOTE, .product = BTC};

    event.quote.bid = dec(bid);
    event.quote.ask = dec(ask);
    world_push(world, event);
}

TEST(refusals_for_slippage_in_a_row_pause_the_symbol)
{
    struct world *world = world_new();

    world->settings.limits.max_spread_bps = D(50);
    trader(world);
    quote(world, "100", "101");
    world_buy(world, BTC, "1");
    world_buy(world, BTC, "1");
    assert_string_equal(world_code(world), "slippage_guard");
    quote(world, "100", "100.1");
    world_buy(world, BTC, "1"); /* one that passes forgives */
    quote(world, "100", "101");
    world_buy(world, BTC, "1");
    world_buy(world, BTC, "1");
    assert_string_equal(world_level(world, BTC), "normal");
    world_buy(world, BTC, "1");
    assert_string_equal(world_level(world, BTC), "paused");
    assert_string_equal(world_level(world, ETH), "normal");
    world_wait(world, SECONDS(60));
    assert_string_equal(world_level(world, BTC), "normal");
    world_free(world);
}

/* ---- single symbols ---- */

TEST(a_stale_price_pauses_its_symbol_and_lets_exits_pass_as_configured)
{
    for (int allow = 0; allow < 2; allow++) {
        struct world *world = world_new();
        world->settings.guards.mark_stale_after = SECONDS(30);
        world->settings.guards.mark_stale_pause = MINUTES(2);
        world->settings.guards.mark_stale_allow_reduce = allow;
        trader(world);
        world_price(world, BTC, "100");
        world_wait(world, SECONDS(30));
        assert_null(cause(world, "mark_stale", BTC));
        cycle(world);
        assert_non_null(cause(world, "mark_stale", BTC));
        assert_null(cause(world, "mark_stale", ETH)); /* never priced, never stale */
        assert_int_equal(degrade_allows_reducing(world->engine->degrade, BTC), allow);
        world_price(world, BTC, "100");
        world_buy(world, BTC, "1");
        assert_string_equal(world_code(world), "paused");
        for (int i = 0; i < 13; i++) {
            world_price(world, BTC, "100");
            world_wait(world, SECONDS(10));
        }
        assert_null(cause(world, "mark_stale", BTC));
        world_free(world);
    }
}

static void bar(struct world *world, product_ref product, const char *close)
{
    struct event event = {.kind = EVENT_BAR, .product = product};
    decimal price = dec(close);

    event.bar = (struct bar){.start = world->now,
                             .interval = SECONDS(1),
                             .open = price,
                             .high = price,
                             .low = price,
                             .close = price};
    world_push(world, event);
}

TEST(a_close_far_from_the_mean_lets_the_symbol_only_reduce)
{
    for (int i = 0; i < 2; i++) {
        struct world *world = world_new();
        world->settings.guards.volatility_share = dec("0.1");
        world->settings.guards.volatility_window = 5;
        trader(world);
        for (int k = 0; k < 4; k++)
            bar(world, BTC, "100");
        bar(world, BTC, i ? "87.9" : "88"); /* of a mean of 97.6, 9.84 %; then more */
        if (i)
            bar(world, BTC, "87.9");
        bar(world, BTC, i ? "120" : "100");
        cycle(world);
        assert_int_equal(cause(world, "volatility", BTC) != NULL, i);
        world_free(world);
    }
}

TEST(a_close_exactly_as_far_as_allowed_is_quiet)
{
    for (int i = 0; i < 2; i++) {
        struct world *world = world_new();
        world->settings.guards.volatility_share = dec(i ? "0.399999999999" : "0.4");
        world->settings.guards.volatility_window = 5;
        trader(world);
        for (int k = 0; k < 5; k++)
            bar(world, BTC, k < 4 ? "110" : "60"); /* 40 from their mean of 100 */
        cycle(world);
        assert_int_equal(cause(world, "volatility", BTC) != NULL, i);
        world_free(world);
    }
}

static void level(struct world *world, enum side side, const char *price, const char *size)
{
    struct event event = {.kind = EVENT_BOOK, .product = BTC};

    event.book = (struct book_update){.side = side, .price = dec(price), .size = dec(size)};
    world_push(world, event);
}

TEST(a_thin_book_or_none_lets_the_symbol_only_reduce)
{
    struct world *world = world_new();

    world->settings.guards.min_depth_value = D(500);
    trader(world);
    assert_non_null(cause(world, "depth", BTC)); /* no book is known */
    level(world, SIDE_BUY, "100", "5");
    level(world, SIDE_SELL, "101", "5");
    world_wait(world, SECONDS(10));
    assert_null(cause(world, "depth", BTC));
    level(world, SIDE_BUY, "100", "4.9");
    level(world, SIDE_BUY, "99.4", "50"); /* too far away to count */
    cycle(world);
    assert_non_null(cause(world, "depth", BTC));
    level(world, SIDE_BUY, "99.5", "1");
    world_wait(world, SECONDS(10));
    assert_null(cause(world, "depth", BTC));
    world_free(world);
}

TEST(nothing_enters_that_moves_with_what_is_held)
{
    static const char *const walk[] = {"100", "101", "100", "103", "102", "104"};
    static const char *const against[] = {"100", "99", "101", "98", "100", "97"};

    for (int i = 0; i < 2; i++) {
        struct world *world = world_new();
        world->settings.guards.correlation_max = dec("0.8");
        world->settings.guards.correlation_window = 5;
        trader(world);
        world_hold(world, BTC, "1", "100");
        for (size_t k = 0; k < ARRAY_LEN(walk); k++) {
            bar(world, BTC, walk[k]);
            bar(world, ETH, i ? walk[k] : against[k]);
            world->now += SECONDS(1);
        }
        world_wait(world, SECONDS(10));
        assert_int_equal(cause(world, "correlation", ETH) != NULL, i);
        assert_null(cause(world, "correlation", BTC));
        world_free(world);
    }
}

TEST(an_order_that_waits_for_long_is_reported_once)
{
    struct world *world = world_new();

    world->settings.guards.order_stuck_after = MINUTES(5);
    trader(world);
    sent_order(world);
    world_say(world, 1, REPORT_ACCEPTED);
    world_wait(world, MINUTES(5) - SECONDS(1));
    assert_int_equal(world_facts(world, FACT_GUARD), 0);
    world_wait(world, SECONDS(2));
    cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    assert_int_equal(world_last_fact(world, FACT_GUARD)->note.order, 1);
    world_free(world);
}

TEST(a_position_that_no_exit_closes_is_reported_once)
{
    struct world *world = world_new();

    world->settings.guards.position_stuck_after = MINUTES(30);
    invested(world);
    world_wait(world, HOURS(2)); /* held on purpose: no exit, no word */
    assert_int_equal(world_facts(world, FACT_GUARD), 0);
    world_limit(world, ACTION_SELL, BTC, "10", "500");
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
    cycle(world);
    world_wait(world, MINUTES(30));
    assert_int_equal(world_facts(world, FACT_GUARD), 0);
    cycle(world);
    cycle(world);
    assert_int_equal(world_facts(world, FACT_GUARD), 1);
    world_free(world);
}

/* ---- guards of scripts ---- */

static enum err breaks(void *ctx, const struct view *view, struct guard_action *out,
                       struct fault *why)
{
    (void)ctx, (void)view, (void)out;
    return fail(why, ERR_SCRIPT, "nil value");
}

TEST(a_script_guard_that_fails_often_enough_degrades_everything)
{
    struct world *world = world_new();
    struct guard_port guard = {.name = "mine", .has_cycle = true, .cycle = breaks};

    world->settings.degrade.guard_failures = 2;
    world_make_engine(world, "r1");
    engine_add_guard(world->engine, &guard);
    world_start(world);
    cycle(world);
    assert_string_equal(world_level(world, BTC), "normal");
    assert_string_equal(world_last_fact(world, FACT_GUARD)->note.severity, "recoverable");
    cycle(world);
    assert_string_equal(world_level(world, BTC), "reduce_only");
    assert_string_equal(world_last_fact(world, FACT_GUARD)->note.severity, "critical");
    world_free(world);
}
