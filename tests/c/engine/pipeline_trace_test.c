/* What the trace of an order tells: which stage changed its size and why, and the sentence and
 * the code of a refusal; and sizes at the edge of what can be reckoned. */
#include "engine/trace.h"

#include "engine/engine_private.h"
#include "engine/pipeline.h"
#include "engine_world.h"

static const struct trace *trace_of_last(const struct world *world)
{
    return &world_last_fact(world, FACT_TRACE)->trace;
}

#define then_verdict(world, stage, is)                                                         \
    assert_string_equal(verdict_name(trace_of_last(world)->verdicts[stage]), is)
#define then_size(world, stage, is) assert_decimal(trace_of_last(world)->sizes[stage], is)
#define then_detail(world, is)      assert_string_equal(trace_of_last(world)->detail, is)
#define then_left_with(world, field, is)                                                       \
    assert_decimal(world_last_sent(world, SENT_SUBMIT)->request.field, is)

static struct world *given_fixed_size(int64_t size)
{
    struct world *world = world_new();

    world->settings.size_fixed = D(size);
    return given_market(world, "10000");
}

/* ---- sizes of a rule ---- */

TEST(a_size_that_no_limit_caps_is_told_without_a_word)
{
    struct world *world = given_fixed_size(2);

    then_buy(world, BTC, NULL, "none");
    then_verdict(world, STAGE_SIZING, "passed");
    then_detail(world, "");
    world_free(world);
}

TEST(a_size_that_a_limit_caps_is_told_with_the_limit)
{
    struct world *world = given_fixed_size(8);

    world_limits(world)->max_order_value = D(500);
    then_buy(world, BTC, NULL, "none");
    then_verdict(world, STAGE_SIZING, "changed");
    then_detail(world, "order value caps 8 to 5");
    then_left_with(world, size, "5");
    world_free(world);
}

TEST(a_size_of_a_rule_may_flip_a_position_that_nothing_keeps_from_it)
{
    struct world *world = given_fixed_size(8);

    world_limits(world)->allow_shorts = true;
    world_hold(world, BIP, "2", "100");
    struct intent intent = {.origin = ORIGIN_OPERATOR};
    enum refusal code;
    intent.request = (struct order_request){
        .product = BIP, .side = SIDE_SELL, .type = ORDER_MARKET, .tif = TIF_IOC};
    intent.decision = world_wish(ACTION_SELL, BIP, NULL);
    engine_submit(world->engine, &intent, &code);
    world_turn(world);
    then_left_with(world, size, "8");
    world_free(world);
}

static enum err break_rule(void *ctx, const struct decision *decision, const struct view *view,
                           decimal *out, struct fault *why)
{
    (void)ctx, (void)decision, (void)view, (void)out;
    return fail(why, ERR_SCRIPT, "it broke");
}

TEST(a_sizing_rule_that_fails_is_quoted)
{
    struct world *world = given_fixed_size(2);

    world->engine->ports.sizing.size = break_rule;
    then_buy(world, BTC, NULL, "script_error");
    then_detail(world, "sizing rule: it broke");
    world_free(world);
}

/* ---- a share of equity, at the end of the numbers ---- */

static struct world *given_share(const char *cash, const char *share)
{
    struct world *world = world_new();

    world->settings.size_fraction = dec(share);
    world_open(world, cash);
    return world;
}

/* The size is left to the share of equity. */
static void when_bought_at(struct world *world, product_ref product, const char *price)
{
    world_price(world, product, price);
    world_buy(world, product, NULL);
}

/* Half a unit is none; a whole one would buy a step. */
TEST(the_share_that_is_spent_is_rounded_down)
{
    struct world *world = given_share("0.5", "0.000000000001");

    when_bought_at(world, BTC, "0.0001");
    then_code(world, "quantity_zero");
    world_free(world);
}

/* A contract costs 1.5 units, of which there are 3. */
TEST(what_one_costs_is_rounded_up)
{
    struct world *world = given_share("0.000000000003", "1");

    when_bought_at(world, BIP, "0.00000000015");
    then_size(world, STAGE_SIZING, "1");
    world_free(world);
}

TEST(how_many_that_are_is_rounded_down)
{
    struct world *world = given_share("2.999999999999", "1");

    when_bought_at(world, BIP, "300");
    then_code(world, "quantity_zero");
    world_free(world);
}

TEST(a_share_of_a_loss_buys_nothing)
{
    struct world *world = given_share("1000", "0.1");

    engine_set_balance(world->engine, "USD", D(-1000), "owed");
    when_bought_at(world, BTC, "100");
    then_code(world, "quantity_zero");
    world_free(world);
}

TEST(a_share_beyond_all_numbers_buys_nothing)
{
    struct world *world = given_share("10000", "1000000000000000000000000");

    when_bought_at(world, BTC, "100");
    then_code(world, "quantity_zero");
    world_free(world);
}

TEST(a_contract_beyond_all_numbers_is_not_bought)
{
    struct world *world = given_share("10000", "0.1");

    world->products.items[BIP].contract_size = dec("1000000000000000000000000");
    when_bought_at(world, BIP, "100");
    then_code(world, "quantity_zero");
    world_free(world);
}

TEST(a_number_of_coins_beyond_all_numbers_is_none)
{
    struct world *world = given_share("1000000000000000", "1");

    when_bought_at(world, BTC, "0.000000000001");
    then_code(world, "quantity_zero");
    world_free(world);
}

/* ---- what is made smaller ---- */

static void when_sold_reduce_only(struct world *world, const char *size)
{
    struct decision wish = world_wish(ACTION_SELL, BIP, size);

    wish.reduce_only = true;
    world_decide(world, wish);
    then_code(world, "none");
}

TEST(a_reduce_only_order_is_changed_only_if_it_is_too_large)
{
    struct world *world = given_fixed_size(1);

    world_hold(world, BIP, "5", "100");
    when_sold_reduce_only(world, "5");
    then_verdict(world, STAGE_REDUCE_REQUEST, "passed");
    world_say(world, world_last_order(world), REPORT_CANCELED);
    when_sold_reduce_only(world, "6");
    then_verdict(world, STAGE_REDUCE_REQUEST, "changed");
    then_size(world, STAGE_REDUCE_REQUEST, "5");
    then_verdict(world, STAGE_HARD_LIMITS, "passed"); /* which has changed nothing */
    world_free(world);
}

TEST(a_stop_is_rounded_to_the_steps_of_prices_before_it_leaves)
{
    struct world *world = given_fixed_size(1);
    struct decision wish = world_wish(ACTION_BUY, BTC, "1");

    wish.type = ORDER_STOP;
    wish.tif = TIF_GTC;
    wish.stop_price = dec("110.009");
    world_decide(world, wish);
    then_code(world, "none");
    then_left_with(world, stop_price, "110");
    world_free(world);
}

/* ---- rules of the venue ---- */

TEST(a_size_beyond_the_venues_is_invalid)
{
    struct world *world = given_market(world_new(), "10000000");

    then_limit(world, ACTION_BUY, BTC, "3400.1", "90", "invalid_size");
    then_limit(world, ACTION_BUY, BTC, "3400", "90", "none");
    world_free(world);
}

TEST(a_product_that_takes_limits_alone_refuses_by_its_rules)
{
    struct world *world = given_fixed_size(1);

    world->products.items[BTC].limit_only = true;
    then_buy(world, BTC, "1", "exchange_rules");
    then_limit(world, ACTION_BUY, BTC, "1", "90", "none");
    world_free(world);
}

TEST(what_is_refused_while_the_account_is_reconciled_says_so)
{
    struct world *world = given_fixed_size(1);

    world->engine->reconcile.is_starting = true;
    then_buy(world, BTC, "1", "reconciling");
    then_detail(world, "the account is being reconciled with the venue");
    world_free(world);
}

TEST(a_product_without_a_price_is_refused_before_everything_else)
{
    struct world *world = world_new();

    world_open(world, "1000");
    world->wishes[world->wish_count++] = world_wish(ACTION_BUY, ETH, "1");
    world_price(world, BTC, "100");
    then_code(world, "mark_staleness");
    then_detail(world, "no price of ETH-USD is known yet");
    then_verdict(world, 0, "refused");
    assert_int_equal(trace_of_last(world)->count, 1);
    assert_string_equal(stage_name(trace_of_last(world)->refused_by), "mark_staleness");
    world_free(world);
}

/* ---- guards ---- */

static enum err say_nothing(void *ctx, const struct order_request *request,
                            const struct view *view, bool *allow, char reason[GUARD_REASON_MAX],
                            struct fault *why)
{
    (void)ctx, (void)request, (void)view, (void)allow, (void)reason, (void)why;
    return OK;
}

static enum err say_yes(void *ctx, const struct order_request *request, const struct view *view,
                        bool *allow, char reason[GUARD_REASON_MAX], struct fault *why)
{
    (void)ctx, (void)request, (void)view, (void)reason, (void)why;
    *allow = true;
    return OK;
}

static enum err break_guard(void *ctx, const struct order_request *request,
                            const struct view *view, bool *allow, char reason[GUARD_REASON_MAX],
                            struct fault *why)
{
    (void)ctx, (void)request, (void)view, (void)allow, (void)reason;
    return fail(why, ERR_SCRIPT, "it broke");
}

static struct world *given_guard(struct guard_port guard)
{
    struct world *world = world_new();

    world_make_engine(world, "r1");
    engine_set_balance(world->engine, "USD", D(1000), "opening");
    engine_add_guard(world->engine, &guard);
    world_start(world);
    world_price(world, BTC, "100");
    return world;
}

TEST(a_guard_that_says_nothing_has_not_allowed_it)
{
    struct world *world = given_guard(
        (struct guard_port){.name = "mute", .has_check = true, .check = say_nothing});

    then_buy(world, BTC, "1", "guard_veto");
    world_free(world);
}

TEST(a_guard_that_allows_or_is_not_to_be_asked_lets_pass)
{
    struct world *world =
        given_guard((struct guard_port){.name = "kind", .has_check = true, .check = say_yes});

    then_buy(world, BTC, "1", "none");
    world_free(world);
    world = given_guard((struct guard_port){.name = "absent", .check = break_guard});
    then_buy(world, BTC, "1", "none");
    world_free(world);
}

TEST(a_guard_that_breaks_refuses_and_is_counted)
{
    struct world *world = given_guard(
        (struct guard_port){.name = "mine", .has_check = true, .check = break_guard});
    const struct guard_tally *tally = &world->engine->guards.tally;

    then_buy(world, BTC, "1", "guard_error");
    then_detail(world, "mine: it broke");
    assert_int_equal(guard_tally_get(tally, "mine", TALLY_RECOVERABLE), 1);
    world_free(world);
}

/* ---- the price it is reckoned at ---- */

TEST(the_cushion_of_a_market_order_is_rounded_up)
{
    struct world *world = world_new();
    struct intent intent = {.decision = world_wish(ACTION_BUY, BTC, "1")};
    struct order_request request;
    struct trace trace = {.count = 0};
    decimal price;

    world->settings.market_cushion_share = dec("0.5");
    world_open(world, "1000");
    world_price(world, BTC, "0.000000000001");
    struct view view = engine_view(world->engine, BTC);
    intent.request = (struct order_request){
        .product = BTC, .side = SIDE_BUY, .type = ORDER_MARKET, .tif = TIF_IOC, .size = D(1)};
    struct pipeline pipeline = engine_pipeline(world->engine, &view, &intent.request);
    pipeline.tally = NULL; /* nobody counts */
    pipeline_run(&pipeline, &intent, &request, &price, &trace);
    assert_decimal(price, "0.000000000002");
    world_free(world);
}

TEST(a_wish_without_a_price_is_told_with_its_size)
{
    struct world *world = world_new();

    world_open(world, "100000");
    world_price(world, BTC, "100");
    world->wishes[world->wish_count++] = world_wish(ACTION_BUY, ETH, "3");
    world_price(world, BTC, "100");
    const struct trace *trace = &world_last_fact(world, FACT_TRACE)->trace;
    assert_string_equal(refusal_name(trace->code), "mark_staleness");
    assert_int_equal(trace->count, 1);
    assert_decimal(trace->sizes[0], "3");
    world_free(world);
}
