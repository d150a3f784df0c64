/* Strategies of several products: what they are told of and when, and that what they want in
 * one call is held against the limits together. */
#include "engine_world.h"

enum { TEN = 10 };

/* A strategy of two products beside the world's own, which takes notes in a world of its own.
 */
static struct world *given_listener(struct world *world, product_ref one, product_ref other)
{
    struct world *notes = mem_new(sizeof *notes);
    struct strategy_port port = {.ctx = notes,
                                 .name = "two",
                                 .product = PRODUCT_NONE,
                                 .wants = HOOK_BIT(HOOK_COUNT) - 1,
                                 .call = world_call};

    product_set_add(&port.products, one);
    product_set_add(&port.products, other);
    world_make_engine(world, "r1");
    engine_add_strategy(world->engine, &port);
    world_start(world);
    return notes;
}

static void given_bar(struct world *world, product_ref product, int64_t close)
{
    struct event event = {.kind = EVENT_BAR, .product = product, .time = world->now};

    event.bar = (struct bar){
        world->now - MINUTES(1), MINUTES(1), D(close), D(close), D(close), D(close), D(1)};
    bus_push(engine_bus(world->engine), &event);
}

TEST(it_is_called_once_a_cycle_and_told_each_event_of_its_products)
{
    struct world *world = world_new();
    struct world *notes = given_listener(world, BTC, ETH);

    world_price(world, BTC, "100");
    world_price(world, ETH, "10");
    world_price(world, BIP, "100");
    assert_int_equal(notes->calls[HOOK_START], 1);
    assert_int_equal(notes->calls[HOOK_TRADE], 2);
    assert_int_equal(notes->calls[HOOK_CYCLE], 0);
    world_wait(world, SECONDS(1));
    assert_int_equal(notes->calls[HOOK_CYCLE], 1);
    mem_free(notes);
    world_free(world);
}

/* The order of calls, by the letters of the strategies. */
struct diary {
    char text[64];
    const struct engine *engine;
    char marks[64]; /* of the last cycle of the portfolio strategy */
};

struct writer {
    struct diary *diary;
    char letter;
};

static enum err write_diary(void *ctx, const struct strategy_call *call,
                            struct decision_list *out, struct fault *why)
{
    const struct writer *writer = ctx;
    struct diary *diary = writer->diary;
    size_t len = strlen(diary->text);

    (void)out, (void)why;
    assert_int_equal(call->view->levels != NULL, writer->letter == 'P');
    snprintf(diary->text + len, sizeof diary->text - len, "%c%s ", writer->letter,
             call->hook == HOOK_BAR ? "bar" : "cycle");
    if (call->hook == HOOK_CYCLE && writer->letter == 'P')
        snprintf(diary->marks, sizeof diary->marks, "%lld %lld",
                 (long long)decimal_to_double(call->view->markets[BTC].mark),
                 (long long)decimal_to_double(call->view->markets[ETH].mark));
    return OK;
}

TEST(bars_of_one_time_come_before_the_cycles_and_the_portfolio_comes_last)
{
    struct world *world = world_new();
    struct diary diary = {.text = ""};
    struct writer writers[] = {{&diary, 'P'}, {&diary, 'B'}, {&diary, 'E'}};
    const product_ref products[] = {PRODUCT_NONE, BTC, ETH};

    world->settings.cycle_every = 0;
    world_make_engine(world, "r1");
    for (size_t i = 0; i < ARRAY_LEN(writers); i++) {
        struct strategy_port port = {.ctx = &writers[i],
                                     .name = "writer",
                                     .product = products[i],
                                     .wants = HOOK_BIT(HOOK_BAR) | HOOK_BIT(HOOK_CYCLE),
                                     .call = write_diary};
        engine_add_strategy(world->engine, &port);
    }
    world_start(world);
    given_bar(world, ETH, 20);
    given_bar(world, BTC, 100);
    world_turn(world);
    assert_string_equal(diary.text, "Pbar Ebar Pbar Bbar Bcycle Ecycle Pcycle ");
    assert_string_equal(diary.marks, "100 20");
    world_free(world);
}

TEST(one_that_fails_leaves_reduce_only_what_it_traded)
{
    struct world *world = world_new();
    struct world *notes = given_listener(world, ETH, BIP);

    notes->script_err = ERR_BUDGET;
    world_price(world, ETH, "10");
    then_level(world, PRODUCT_NONE, "normal");
    then_level(world, BTC, "normal");
    then_level(world, ETH, "reduce_only");
    then_level(world, BIP, "reduce_only");
    mem_free(notes);
    world_free(world);
}

TEST(one_that_traded_everything_leaves_one_cause_that_holds_everywhere)
{
    struct world *world = world_new();

    world_open(world, "1000");
    world->script_err = ERR_BUDGET;
    world_price(world, ETH, "10");
    then_level(world, PRODUCT_NONE, "reduce_only");
    world_free(world);
}

/* ---- ten wishes in one cycle ---- */

/* Ten products; change the settings, then let the strategy want them. */
static struct world *given_ten_products(void)
{
    static const char *const bases[TEN] = {"BTC", "ETH", "XRP",  "SOL", "LTC",
                                           "ADA", "BCH", "DOGE", "DOT", "UNI"};
    struct world *world = world_new();

    product_table_init(&world->products);
    for (int i = 0; i < TEN; i++) {
        struct product product = sample_spot(bases[i], "USD");
        product_ref ref;
        assert_int_equal(product_table_add(&world->products, &product, &ref, NULL), OK);
    }
    world->settings.market_cushion_share = DECIMAL_ZERO;
    return world;
}

/* One of each at 100, in one call. */
static void when_all_are_wanted(struct world *world, const char *cash)
{
    world_open(world, cash);
    for (int i = 0; i < TEN; i++)
        world_price(world, (product_ref)i, "100");
    for (int i = 0; i < TEN; i++)
        world->wishes[world->wish_count++] = world_wish(ACTION_BUY, (product_ref)i, "1");
    world_wait(world, SECONDS(1));
    assert_int_equal(world->calls[HOOK_CYCLE], 1);
}

/* So many left; every other was refused with this code. */
static void then_left(const struct world *world, int sent, const char *code)
{
    int refused = 0;

    then_sent(world, SENT_SUBMIT, sent);
    for (int i = 0; i < world->fact_count; i++)
        if (world->facts[i].kind == FACT_TRACE && world->facts[i].trace.code) {
            assert_string_equal(refusal_name(world->facts[i].trace.code), code);
            refused++;
        }
    assert_int_equal(refused, TEN - sent);
}

TEST(funds_that_earlier_orders_of_the_cycle_reserved_are_gone_for_later_ones)
{
    struct world *world = given_ten_products();

    when_all_are_wanted(world, "350");
    then_left(world, 3, "insufficient_funds");
    assert_decimal(portfolio_available(engine_portfolio(world->engine), "USD"), "50");
    world_free(world);
}

TEST(orders_at_work_count_in_the_exposure_of_later_ones)
{
    struct world *world = given_ten_products();

    world->settings.limits.max_exposure_value = D(400);
    when_all_are_wanted(world, "100000");
    then_left(world, 4, "pre_trade_exposure");
    world_free(world);
}

TEST(positions_being_entered_count_among_the_positions)
{
    struct world *world = given_ten_products();

    world->settings.limits.max_positions = 2;
    when_all_are_wanted(world, "100000");
    then_left(world, 2, "pre_trade_exposure");
    world_free(world);
}

TEST(orders_of_one_cycle_count_in_the_rate)
{
    struct world *world = given_ten_products();

    world->settings.limits.orders_per_second = 5;
    when_all_are_wanted(world, "100000");
    then_left(world, 5, "order_rate");
    world_free(world);
}
