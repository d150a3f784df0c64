#include "engine/preview.h"

#include "engine/degrade.h"
#include "engine/engine_private.h"
#include "engine/recover.h"

#include "engine_world.h"

/* A world in which every order that takes risk waits for its preview. BTC at 100. */
static struct world *begin_with(void (*change)(struct engine_settings *settings))
{
    struct world *world = world_new();

    world->settings.preview = true;
    world->settings.limits.allow_shorts = true;
    if (change)
        change(&world->settings);
    world_open(world, "1000");
    world_price(world, BTC, "100");
    return world;
}

static struct world *begin(void)
{
    return begin_with(NULL);
}

static struct event preview_of(uint64_t query, const char *reason)
{
    struct event event = {.kind = EVENT_PREVIEW, .preview = {.query = query}};

    event.preview.total = dec("101.2");
    event.preview.commission = dec("1.2");
    snprintf(event.preview.reason, sizeof event.preview.reason, "%s", reason);
    return event;
}

static struct event end_of(uint64_t query, const char *text)
{
    struct event event = {.kind = EVENT_ANSWER, .answer = {.query = query}};

    event.answer.is_complete = text[0] == '\0';
    event.answer.outcome = text[0] ? OUTCOME_UNAVAILABLE : OUTCOME_ANSWERED;
    snprintf(event.answer.text, sizeof event.answer.text, "%s", text);
    return event;
}

static uint64_t asked(const struct world *world)
{
    return world_last_sent(world, SENT_PREVIEW)->query;
}

/* The venue's whole answer to the last question; "": it would take the order. */
static void answer(struct world *world, const char *reason)
{
    uint64_t query = asked(world);

    world_push(world, preview_of(query, reason));
    world_push(world, end_of(query, ""));
}

static void fail_to_answer(struct world *world)
{
    world_push(world, end_of(asked(world), "after 3 attempts: 503 Service Unavailable"));
}

static const struct fact_order_event *last_move(const struct world *world)
{
    return &world_last_fact(world, FACT_ORDER_EVENT)->order_event;
}

static const struct trace *last_trace(const struct world *world)
{
    return &world_last_fact(world, FACT_TRACE)->trace;
}

static const char *verdict(const struct world *world, enum stage stage)
{
    return (int)stage < last_trace(world)->count
               ? verdict_name(last_trace(world)->verdicts[stage])
               : "none";
}

static void command(struct world *world, enum command_kind kind)
{
    world_push(world, (struct event){.kind = EVENT_COMMAND,
                                     .product = PRODUCT_NONE,
                                     .command = {.kind = kind, .who = "anna"}});
}

/* ---- waiting ---- */

TEST(an_order_that_takes_risk_waits_for_its_preview_and_leaves_when_the_venue_would_take_it)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    assert_string_equal(world_state(world, 1), "INITIALIZED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    assert_int_equal(world_sent(world, SENT_PREVIEW), 1);
    assert_decimal(world_last_sent(world, SENT_PREVIEW)->request.size, "2");
    assert_string_equal(verdict(world, STAGE_PREVIEW), "waiting");
    assert_string_equal(verdict(world, STAGE_SUBMISSION), "none");

    assert_int_equal(engine_counters(world->engine).orders, 0);
    answer(world, "");
    assert_string_equal(world_state(world, 1), "PENDING_NEW");
    assert_int_equal(engine_counters(world->engine).orders, 1);
    assert_int_equal(last_move(world)->code, REFUSAL_NONE);
    assert_int_equal(last_trace(world)->order, 1);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "2");
    assert_string_equal(verdict(world, STAGE_PREVIEW), "passed");
    assert_string_equal(verdict(world, STAGE_SUBMISSION), "passed");
    assert_true(world->synced);
    world_free(world);
}

TEST(a_question_needs_no_sync_and_the_order_after_it_does)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    assert_false(world->synced);
    answer(world, "");
    world_free(world);
}

TEST(without_the_setting_nobody_is_asked_and_the_stage_is_skipped)
{
    struct world *world = world_new();

    world_open(world, "1000");
    world_price(world, BTC, "100");
    world_buy(world, BTC, "1");
    assert_int_equal(world_sent(world, SENT_PREVIEW), 0);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    assert_string_equal(verdict(world, STAGE_PREVIEW), "skipped");
    world_free(world);
}

TEST(what_the_venue_said_is_a_fact_beside_the_trace)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    answer(world, "");
    const struct fact_preview *fact = &world_last_fact(world, FACT_PREVIEW)->preview;
    assert_int_equal(fact->order, 1);
    assert_decimal(fact->preview.total, "101.2");
    assert_decimal(fact->preview.commission, "1.2");
    world_free(world);
}

TEST(an_order_that_only_reduces_does_not_wait)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "");
    world_say(world, 1, REPORT_ACCEPTED);
    world_fill(world, 1, "f1", "2", "100", "0");
    world_sell(world, BTC, "2");
    assert_int_equal(world_sent(world, SENT_PREVIEW), 1);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 2);
    assert_string_equal(verdict(world, STAGE_PREVIEW), "skipped");
    world_free(world);
}

TEST(an_order_that_goes_through_flat_waits)
{
    struct world *world = begin();

    world_buy(world, BIP, "1");
    assert_string_equal(world_code(world), "mark_staleness");
    world_price(world, BIP, "10");
    world_buy(world, BIP, "1");
    answer(world, "");
    world_say(world, 2, REPORT_ACCEPTED);
    world_fill(world, 2, "f1", "1", "10", "0");
    world_sell(world, BIP, "3");
    assert_string_equal(world_state(world, 3), "INITIALIZED");
    assert_int_equal(world_sent(world, SENT_PREVIEW), 2);
    world_free(world);
}

TEST(a_change_of_an_order_is_not_previewed)
{
    struct world *world = begin();

    world_limit(world, ACTION_BUY, BTC, "1", "90");
    answer(world, "");
    world_say(world, 1, REPORT_ACCEPTED);
    struct decision amend = world_wish(ACTION_AMEND, BTC, "3");
    amend.order = 1;
    world_decide(world, amend);
    assert_int_equal(world_sent(world, SENT_AMEND), 1);
    assert_int_equal(world_sent(world, SENT_PREVIEW), 1);
    assert_string_equal(verdict(world, STAGE_PREVIEW), "skipped");
    world_free(world);
}

/* ---- what waits counts ---- */

TEST(funds_of_an_order_that_waits_are_reserved_and_given_back_when_it_is_denied)
{
    struct world *world = begin();

    world_limit(world, ACTION_BUY, BTC, "6", "100");
    assert_decimal(world_held(world, "USD"), "600");
    world_limit(world, ACTION_BUY, BTC, "5", "100");
    assert_string_equal(world_code(world), "insufficient_funds");
    answer(world, "PREVIEW_INSUFFICIENT_FUND");
    assert_decimal(world_held(world, "USD"), "0");
    world_limit(world, ACTION_BUY, BTC, "5", "100");
    assert_string_equal(world_code(world), "none");
    world_free(world);
}

static void one_position(struct engine_settings *settings)
{
    settings->limits.max_positions = 1;
}

TEST(room_of_an_order_that_waits_is_not_given_to_another)
{
    struct world *world = begin_with(one_position);

    world_price(world, ETH, "10");
    world_buy(world, BTC, "1");
    world_buy(world, ETH, "1");
    assert_string_equal(world_code(world), "pre_trade_exposure");
    assert_int_equal(oms_open_count(engine_oms(world->engine)), 1);
    world_free(world);
}

TEST(a_strategy_sees_the_order_that_waits_among_its_orders)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    world_wait(world, SECONDS(1));
    assert_int_equal(oms_open_count(engine_oms(world->engine)), 1);
    assert_decimal(oms_working_size(engine_oms(world->engine), BTC, SIDE_BUY), "1");
    world_free(world);
}

/* ---- refusals ---- */

TEST(what_the_venue_would_refuse_is_denied_with_its_reason)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "PREVIEW_INSUFFICIENT_FUND");
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    assert_string_equal(world_code(world), "order_preview");
    assert_string_equal(verdict(world, STAGE_PREVIEW), "refused");
    assert_string_equal(stage_name(last_trace(world)->refused_by), "preview");
    assert_string_equal(last_trace(world)->detail,
                        "PREVIEW_INSUFFICIENT_FUND (insufficient_funds)");
    assert_string_equal(last_move(world)->reason, "PREVIEW_INSUFFICIENT_FUND");
    assert_int_equal(last_move(world)->code, REFUSAL_ORDER_PREVIEW);
    assert_int_equal(world_last_fact(world, FACT_PREVIEW)->preview.order, 1);
    world_free(world);
}

TEST(a_warning_of_the_venue_holds_nothing_back)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    struct event event = preview_of(asked(world), "");
    strcpy(event.preview.warning, "BIG_ORDER");
    world_push(world, event);
    assert_string_equal(world_state(world, 1), "PENDING_NEW");
    assert_string_equal(world_last_fact(world, FACT_PREVIEW)->preview.preview.warning,
                        "BIG_ORDER");
    world_free(world);
}

TEST(an_order_whose_preview_cannot_be_had_is_denied)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    fail_to_answer(world);
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(world_code(world), "order_preview");
    assert_string_equal(last_trace(world)->detail,
                        "no preview could be had: after 3 attempts: 503 Service Unavailable");
    assert_int_equal(world_facts(world, FACT_PREVIEW), 0);
    assert_int_equal(engine_counters(world->engine).refusals, 1);
    world_free(world);
}

TEST(an_answer_that_says_nothing_is_no_preview)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    world_push(world, end_of(asked(world), ""));
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(last_trace(world)->detail,
                        "no preview could be had: the answer does not say");
    world_free(world);
}

TEST(while_previews_cannot_be_had_what_reduces_still_leaves)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "");
    world_say(world, 1, REPORT_ACCEPTED);
    world_fill(world, 1, "f1", "2", "100", "0");
    world_buy(world, BTC, "1");
    fail_to_answer(world);
    assert_string_equal(world_code(world), "order_preview");
    world_sell(world, BTC, "2");
    assert_string_equal(world_state(world, 3), "PENDING_NEW");
    world_free(world);
}

TEST(the_strategy_is_told_that_its_order_was_denied)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    int told = world->calls[HOOK_ORDER];
    answer(world, "PREVIEW_INSUFFICIENT_FUND");
    assert_int_equal(world->calls[HOOK_ORDER], told + 1);
    world_free(world);
}

/* ---- time ---- */

TEST(without_an_answer_by_the_deadline_the_order_is_denied_and_a_later_one_finds_nobody)
{
    struct world *world = begin();
    nanos deadline = world->settings.retry.answer_deadline;

    world_buy(world, BTC, "2");
    uint64_t query = asked(world);
    assert_true(engine_next_deadline(world->engine) <= world->now + deadline);
    world_wait(world, deadline - 1);
    assert_string_equal(world_state(world, 1), "INITIALIZED");
    world_wait(world, 1);
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(last_trace(world)->detail,
                        "no preview could be had: no answer within 10s");
    world_push(world, preview_of(query, ""));
    world_push(world, end_of(query, ""));
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    world_free(world);
}

TEST(an_engine_whose_orders_have_been_answered_waits_for_nothing)
{
    for (int way = 0; way < 4; way++) {
        struct world *world = begin();
        world_buy(world, BTC, "2");
        assert_true(world->engine->previews.next < INT64_MAX);
        if (way == 0)
            answer(world, "");
        else if (way == 1)
            fail_to_answer(world);
        else if (way == 2)
            command(world, COMMAND_CANCEL_ALL);
        else
            world_wait(world, world->settings.retry.answer_deadline);
        assert_int_equal(world->engine->previews.count, 0);
        assert_true(world->engine->previews.next == INT64_MAX);
        assert_true(engine_next_deadline(world->engine) > world->now);
        world_free(world);
    }
}

TEST(an_answer_that_comes_with_the_deadline_is_too_late)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    world->now += world->settings.retry.answer_deadline;
    world_push(world, preview_of(asked(world), ""));
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    world_free(world);
}

TEST(an_answer_that_comes_twice_sends_once)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "");
    uint64_t query = asked(world);
    world_push(world, preview_of(query, ""));
    world_push(world, end_of(query, ""));
    assert_int_equal(world_sent(world, SENT_SUBMIT), 1);
    world_free(world);
}

TEST(answers_find_their_orders_in_any_sequence)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    uint64_t first = asked(world);
    world_buy(world, BTC, "2");
    uint64_t second = asked(world);
    world_push(world, preview_of(second, ""));
    assert_string_equal(world_state(world, 1), "INITIALIZED");
    assert_string_equal(world_state(world, 2), "PENDING_NEW");
    world_push(world, preview_of(first, "PREVIEW_INVALID_NO_LIQUIDITY"));
    assert_string_equal(world_state(world, 1), "DENIED");
    assert_string_equal(world_state(world, 2), "PENDING_NEW");
    world_free(world);
}

/* ---- cancels ---- */

TEST(an_order_that_waits_is_canceled_at_once_and_its_answer_is_not_heard)
{
    struct world *world = begin();

    world_limit(world, ACTION_BUY, BTC, "6", "100");
    uint64_t query = asked(world);
    int told = world->calls[HOOK_ORDER];
    world_decide(world, world_wish(ACTION_CANCEL, BTC, NULL));
    assert_string_equal(world_state(world, 1), "CANCELED");
    assert_int_equal(world->calls[HOOK_ORDER], told + 1);
    assert_string_equal(last_move(world)->text, "canceled while it waited for its preview");
    assert_int_equal(last_move(world)->code, REFUSAL_NONE);
    assert_decimal(world_held(world, "USD"), "0");
    assert_int_equal(world_sent(world, SENT_CANCEL), 0);
    world_push(world, preview_of(query, ""));
    assert_string_equal(world_state(world, 1), "CANCELED");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    world_free(world);
}

TEST(an_operator_who_cancels_all_reaches_orders_that_wait)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    world_buy(world, BTC, "2");
    command(world, COMMAND_CANCEL_ALL);
    assert_string_equal(world_state(world, 1), "CANCELED");
    assert_string_equal(world_state(world, 2), "CANCELED");
    world_free(world);
}

TEST(a_flatten_ends_orders_that_wait_and_does_not_wait_itself)
{
    struct world *world = begin();

    world_buy(world, BTC, "2");
    answer(world, "");
    world_say(world, 1, REPORT_ACCEPTED);
    world_fill(world, 1, "f1", "2", "100", "0");
    world_buy(world, BTC, "1");
    command(world, COMMAND_FLATTEN);
    assert_string_equal(world_state(world, 2), "CANCELED");
    assert_string_equal(world_state(world, 3), "PENDING_NEW");
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "2");
    world_free(world);
}

TEST(the_last_resort_cancels_nothing_that_never_left)
{
    struct world *world = begin();

    world_buy(world, BTC, "1");
    assert_int_equal(engine_cancel_unjournaled(world->engine, true), 0);
    assert_int_equal(world_sent(world, SENT_CANCEL), 0);
    world_free(world);
}

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
