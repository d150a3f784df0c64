/* The pipeline, as an order of the engine goes through it: every stage, their order, what
 * reduces, what is made smaller, and that many orders of one turn share one room. */
#include "engine/trace.h"

#include "engine/engine_private.h"
#include "engine/pipeline.h"
#include "engine_world.h"

static struct world *market_world(void)
{
    struct world *world = world_new();

    world->settings.limits.allow_shorts = true;
    return world;
}

static struct world *opened(struct world *world)
{
    return given_market(world, "10000");
}

/* As if no price of the product had ever come. */
static void world_fresh_market(struct world *world, product_ref product)
{
    struct market *market = &world->engine->markets[product];

    *market = (struct market){.product = market->product, .ref = product};
}

static const struct trace *last_trace(const struct world *world)
{
    return &world_last_fact(world, FACT_TRACE)->trace;
}

static void assert_refused(const struct world *world, const char *code, enum stage stage)
{
    const struct trace *trace = last_trace(world);

    assert_string_equal(refusal_name(trace->code), code);
    assert_string_equal(stage_name(trace->refused_by), stage_name(stage));
    assert_int_equal(trace->count, stage + 1);
    assert_true(trace->detail[0]);
    assert_string_equal(world_state(world, trace->order), "DENIED");
}

static void assert_left(const struct world *world, const char *size)
{
    const struct trace *trace = last_trace(world);

    assert_string_equal(refusal_name(trace->code), "none");
    assert_int_equal(trace->count, STAGE_COUNT);
    assert_string_equal(world_state(world, trace->order), "PENDING_NEW");
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, size);
}

TEST(an_order_that_passes_every_stage_leaves_and_says_so)
{
    struct world *world = opened(market_world());

    world_buy(world, BTC, "1");
    assert_left(world, "1");
    world_free(world);
}

/* The trace is written in place: whatever was in that memory must not show. */
TEST(a_trace_says_nothing_that_the_passage_did_not)
{
    struct world *world = opened(market_world());
    struct view view = engine_view(world->engine, BTC);
    struct intent intent = {.decision = world_wish(ACTION_BUY, BTC, "1")};
    struct order_request request;
    struct trace trace;
    decimal price;

    intent.request = (struct order_request){
        .product = BTC, .side = SIDE_BUY, .type = ORDER_MARKET, .tif = TIF_IOC, .size = D(1)};
    struct pipeline pipeline = engine_pipeline(world->engine, &view, &intent.request);
    memset(&trace, 0xFF, sizeof trace);
    assert_int_equal(pipeline_run(&pipeline, &intent, &request, &price, &trace), REFUSAL_NONE);
    assert_false(trace.is_amend);
    assert_int_equal(trace.order, 0);
    assert_int_equal(trace.code, REFUSAL_NONE);
    assert_string_equal(trace.detail, "");
    world_free(world);
}

TEST(the_kill_switch_refuses_even_what_reduces)
{
    struct world *world = market_world();

    world->settings.kill_switch = true;
    opened(world);
    world_buy(world, BTC, "1");
    assert_refused(world, "kill_switch", STAGE_KILL_SWITCH);
    world_free(world);
}

static void hold_level(struct world *world, enum level level, product_ref product,
                       bool allow_reduce)
{
    engine_add_cause(world->engine, level, product, "test", "to see", 0, allow_reduce);
}

TEST(a_pause_refuses_and_lets_reducing_orders_pass_if_its_cause_says_so)
{
    for (int allow = 0; allow < 2; allow++) {
        struct world *world = opened(market_world());
        world_hold(world, BTC, "2", "100");
        hold_level(world, LEVEL_PAUSED, BTC, allow);
        world_buy(world, BTC, "1");
        assert_refused(world, "paused", STAGE_DEGRADATION);
        world_sell(world, BTC, "1");
        if (allow)
            assert_left(world, "1");
        else
            assert_refused(world, "paused", STAGE_DEGRADATION);
        world_buy(world, ETH, "1");
        assert_left(world, "1");
        world_free(world);
    }
}

TEST(a_halt_refuses_what_reduces_too)
{
    struct world *world = opened(market_world());

    world_hold(world, BTC, "2", "100");
    hold_level(world, LEVEL_HALTED, PRODUCT_NONE, true);
    world_sell(world, BTC, "1");
    assert_refused(world, "paused", STAGE_DEGRADATION);
    world_free(world);
}

TEST(reduce_only_clamps_to_the_position_and_refuses_what_opens)
{
    struct world *world = opened(market_world());

    world_hold(world, BIP, "5", "100");
    hold_level(world, LEVEL_REDUCE_ONLY, PRODUCT_NONE, true);
    world_sell(world, BIP, "8");
    assert_left(world, "5");
    assert_true(world_last_sent(world, SENT_SUBMIT)->request.reduce_only);
    world_sell(world, BIP, "1"); /* all of it is on its way out already */
    assert_refused(world, "reduce_only", STAGE_REDUCE_MODE);
    world_buy(world, BIP, "1");
    assert_refused(world, "reduce_only", STAGE_REDUCE_MODE);
    world_free(world);
}

TEST(a_profile_that_trades_reduce_only_refuses_what_opens)
{
    struct world *world = market_world();

    world->settings.reduce_only = true;
    opened(world);
    world_buy(world, BTC, "1");
    assert_refused(world, "reduce_only", STAGE_REDUCE_MODE);
    world_free(world);
}

TEST(a_reduce_only_request_never_flips_and_needs_a_position)
{
    struct world *world = opened(market_world());
    struct decision wish = world_wish(ACTION_SELL, BIP, "8");

    wish.reduce_only = true;
    world_decide(world, wish);
    assert_refused(world, "reduce_only_empty", STAGE_REDUCE_REQUEST);
    world_hold(world, BIP, "5", "100");
    world_decide(world, wish);
    assert_left(world, "5");
    world_free(world);
}

/* ---- sizes ---- */

TEST(an_undersized_order_is_refused_and_never_enlarged)
{
    struct world *world = opened(market_world());

    world_buy(world, BTC, "0.0001");
    assert_refused(world, "min_notional", STAGE_EXCHANGE_RULES);
    world_buy(world, BTC, "0.00009999");
    assert_refused(world, "invalid_size", STAGE_EXCHANGE_RULES);
    world_buy(world, BTC, "0.000000001");
    assert_refused(world, "quantity_zero", STAGE_SIZING);
    world_buy(world, BIP, "0.9");
    assert_refused(world, "quantity_zero", STAGE_SIZING);
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    world_free(world);
}

TEST(a_size_is_rounded_down_to_the_step_before_any_check)
{
    struct world *world = opened(market_world());

    world_buy(world, BIP, "3.9");
    assert_left(world, "3");
    assert_int_equal(last_trace(world)->verdicts[STAGE_SIZING], VERDICT_CHANGED);
    world_free(world);
}

TEST(a_negative_size_is_refused)
{
    struct world *world = opened(market_world());

    world_buy(world, BTC, "-1");
    assert_refused(world, "invalid_size", STAGE_SIZING);
    world_free(world);
}

TEST(a_limit_refuses_a_size_of_its_own_and_caps_one_of_the_sizing_rule)
{
    struct world *world = market_world();

    world->settings.limits.max_order_value = D(300);
    world->settings.size_fixed = D(5);
    opened(world);
    world_buy(world, BTC, "5");
    assert_refused(world, "hard_limit", STAGE_HARD_LIMITS);
    world_buy(world, BTC, NULL);
    assert_left(world, "3");
    assert_decimal(last_trace(world)->sizes[STAGE_SIZING], "3");
    world_free(world);
}

TEST(an_entry_without_a_size_is_worth_its_share_of_equity)
{
    struct world *world = market_world();

    world->settings.size_fraction = dec("0.1");
    opened(world);
    world_buy(world, BTC, NULL);
    assert_left(world, "10");
    world_free(world);
}

/* ---- what the venue and the account say ---- */

TEST(orders_for_a_closed_product_are_refused_and_so_are_wrong_prices)
{
    struct world *world = opened(market_world());

    world->products.items[BTC].trading_disabled = true;
    world_buy(world, BTC, "1");
    assert_refused(world, "market_closed", STAGE_EXCHANGE_RULES);
    world->products.items[BTC].trading_disabled = false;
    world_limit(world, ACTION_BUY, BTC, "1", "0");
    assert_refused(world, "exchange_rules", STAGE_EXCHANGE_RULES);
    world_limit(world, ACTION_BUY, BTC, "1", "-5");
    assert_refused(world, "exchange_rules", STAGE_EXCHANGE_RULES);
    world_free(world);
}

/* A restart finds positions before the first price of the day. */
TEST(a_position_without_any_price_can_be_reduced_all_the_same)
{
    struct world *world = opened(market_world());

    world_hold(world, BTC, "2", "100");
    world_fresh_market(world, BTC);
    world->wishes[world->wish_count++] = world_wish(ACTION_BUY, BTC, "1");
    world->wishes[world->wish_count++] = world_wish(ACTION_CLOSE, BTC, NULL);
    world_price(world, ETH, "10");
    assert_left(world, "2");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 2);
    world_free(world);
}

TEST(without_a_price_nothing_leaves)
{
    struct world *world = market_world();

    world_open(world, "10000");
    world->wishes[world->wish_count++] = world_wish(ACTION_BUY, ETH, "1");
    world_price(world, BTC, "100");
    assert_string_equal(world_code(world), "mark_staleness");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 0);
    world_free(world);
}

TEST(a_stale_mark_refuses_new_risk_and_lets_exits_pass_as_configured)
{
    for (int allow = 0; allow < 2; allow++) {
        struct world *world = market_world();
        world->settings.guards.mark_stale_after = SECONDS(30);
        world->settings.guards.mark_stale_allow_reduce = allow;
        world->settings.cycle_every = DAYS(1);
        opened(world);
        world_hold(world, BTC, "2", "100");
        world_wait(world, SECONDS(30));
        world->wishes[world->wish_count++] = world_wish(ACTION_BUY, BTC, "1");
        world_price(world, ETH, "10");
        assert_string_equal(world_code(world), "none");
        world_wait(world, 1);
        world->wishes[world->wish_count++] = world_wish(ACTION_BUY, BTC, "1");
        world_price(world, ETH, "10");
        assert_refused(world, "mark_staleness", STAGE_MARK_STALENESS);
        world->wishes[world->wish_count++] = world_wish(ACTION_SELL, BTC, "1");
        world_price(world, ETH, "10");
        assert_string_equal(world_code(world), allow ? "none" : "mark_staleness");
        world_free(world);
    }
}

TEST(a_purpose_with_an_unknown_order_gets_no_second_one)
{
    struct world *world = opened(market_world());

    world_buy(world, BTC, "1");
    world_say(world, world_last_order(world), REPORT_LOST);
    world_buy(world, BTC, "1");
    assert_refused(world, "duplicate_intent", STAGE_PRE_TRADE);
    world_buy(world, ETH, "1");
    assert_left(world, "1");
    world_free(world);
}

TEST(funds_that_are_held_buy_nothing)
{
    struct world *world = opened(market_world());

    world_buy(world, BTC, "60");
    assert_left(world, "60");
    world_buy(world, BTC, "40.00000001");
    assert_refused(world, "insufficient_funds", STAGE_FUNDS);
    world_buy(world, BTC, "40");
    assert_left(world, "40");
    world_free(world);
}

/* ---- guards ---- */

struct rule {
    bool allow;
    enum err err;
    int asked;
};

static enum err judge(void *ctx, const struct order_request *request, const struct view *view,
                      bool *allow, char reason[GUARD_REASON_MAX], struct fault *why)
{
    struct rule *rule = ctx;

    (void)request, (void)view;
    rule->asked++;
    if (rule->err)
        return fail(why, rule->err, "divided by zero");
    *allow = rule->allow;
    snprintf(reason, GUARD_REASON_MAX, "not today");
    return OK;
}

static struct world *guarded(struct rule *rule)
{
    struct world *world = market_world();
    struct guard_port guard = {.ctx = rule, .name = "mine", .has_check = true, .check = judge};

    world_make_engine(world, "r1");
    engine_add_guard(world->engine, &guard);
    engine_set_balance(world->engine, "USD", D(10000), "opening");
    world_start(world);
    world_price(world, BTC, "100");
    return world;
}

TEST(a_guard_that_objects_or_fails_refuses_new_risk_and_is_not_asked_about_exits)
{
    struct rule rule = {.allow = true};
    struct world *world = guarded(&rule);

    world_hold(world, BTC, "2", "100");
    rule.allow = false;
    world_buy(world, BTC, "1");
    assert_refused(world, "guard_veto", STAGE_GUARDS);
    rule.err = ERR_SCRIPT;
    world_buy(world, BTC, "1");
    assert_refused(world, "guard_error", STAGE_GUARDS);
    world_sell(world, BTC, "1");
    assert_left(world, "1");
    assert_int_equal(rule.asked, 3);
    world_free(world);
}

/* ---- what reduces ---- */

TEST(an_order_that_reduces_passes_all_but_exchange_rules_and_funds)
{
    struct rule rule = {.allow = true};
    struct world *world = guarded(&rule);

    world_hold(world, BTC, "2", "100");
    rule.allow = false;
    world_sell(world, BTC, "2");
    assert_left(world, "2");
    world_free(world);
}

TEST(many_sells_of_one_position_reduce_it_once)
{
    struct world *world = opened(market_world());
    struct decision wish = world_wish(ACTION_SELL, BIP, "3");

    world_hold(world, BIP, "5", "100");
    wish.reduce_only = true;
    for (int i = 0; i < 3; i++)
        world->wishes[world->wish_count++] = wish;
    world_price(world, BIP, "100");
    assert_int_equal(world_sent(world, SENT_SUBMIT), 3); /* the entry, 3, and the other 2 */
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.size, "2");
    assert_refused(world, "reduce_only_empty", STAGE_REDUCE_REQUEST);
    world_free(world);
}

/* ---- ten symbols in one turn ---- */

static struct world *ten_symbols(void)
{
    struct world *world = market_world();
    char base[8];

    for (int i = 0; i < 7; i++) {
        product_ref ref;
        snprintf(base, sizeof base, "C%d", i);
        struct product product = sample_spot(base, "USD");
        assert_int_equal(product_table_add(&world->products, &product, &ref, NULL), OK);
    }
    return world;
}

static decimal buy_all_at_once(struct world *world)
{
    world_open(world, "10000");
    decimal sum = DECIMAL_ZERO, value;

    for (int i = 0; i < world->products.count; i++)
        world_price(world, (product_ref)i, "100");
    for (int i = 0; i < world->products.count; i++)
        world->wishes[world->wish_count++] =
            world_wish(ACTION_BUY, (product_ref)i, i == BIP ? "2000" : "20");
    world_price(world, BTC, "100");
    for (int i = 0; i < world->sent_count; i++) {
        const struct order_request *request = &world->sent[i].request;
        const struct product *product = &world->products.items[request->product];
        assert_true(product_value(product, request->size, D(100), &value));
        sum = decimal_add(sum, value);
    }
    return sum;
}

TEST(ten_symbols_in_one_turn_cannot_together_cross_what_one_could_not)
{
    struct world *world = ten_symbols();

    world->settings.limits.max_exposure_value = D(7000);
    assert_decimal(buy_all_at_once(world), "6000");
    world_free(world);

    world = ten_symbols();
    world->settings.limits.max_exposure_share = dec("0.5");
    assert_decimal(buy_all_at_once(world), "4000");
    world_free(world);

    world = ten_symbols();
    world->settings.limits.max_positions = 2;
    assert_decimal(buy_all_at_once(world), "4000");
    world_free(world);

    world = ten_symbols();
    world->settings.limits.max_open_orders = 1;
    assert_decimal(buy_all_at_once(world), "2000");
    world_free(world);

    world = ten_symbols();
    world->settings.limits.orders_per_second = 3;
    assert_decimal(buy_all_at_once(world), "6000");
    world_free(world);

    world = ten_symbols(); /* nothing but the funds: 10000, of which the future needs 200 */
    assert_decimal(buy_all_at_once(world), "10000");
    world_free(world);
}

/* ---- what there is to reduce ---- */

TEST(a_short_is_bought_back_and_not_turned_into_a_long)
{
    struct world *world = opened(market_world());

    world_sell(world, BIP, "2");
    when_accepted(world);
    world_fill(world, world_last_order(world), "short", "2", "100", "0");
    hold_level(world, LEVEL_REDUCE_ONLY, BIP, true);
    world_buy(world, BIP, "3");
    assert_left(world, "2");
    world_free(world);
}

/* Of 5 that were held 2 are sold: 3 more may follow, by changing the same order. */
TEST(what_a_changed_order_has_filled_is_reduced_already)
{
    struct world *world = opened(market_world());

    world_hold(world, BTC, "5", "100");
    world_limit(world, ACTION_SELL, BTC, "4", "110");
    when_accepted(world);
    order_number number = world_last_order(world);
    world_fill(world, number, "f1", "2", "110", "0");
    hold_level(world, LEVEL_PAUSED, BTC, true);
    struct decision change = {.action = ACTION_AMEND, .product = BTC, .order = number};
    change.has_size = true;
    change.size = dec("5.1");
    world_decide(world, change);
    then_code(world, "paused");
    change.size = D(5);
    world_decide(world, change);
    then_code(world, "none");
    world_free(world);
}
