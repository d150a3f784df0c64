/* Strategies of several products: what they are told of and when, and that what they want in
 * one call is held against the limits together. */
#include "engine_world.h"

enum { TEN = 10 };

/* A port beside the world's own strategy, which takes notes in a world of its own. */
static struct strategy_port listener(struct world *notes, const char *name, product_ref product)
{
    struct strategy_port port = {.ctx = notes,
                                 .product = product,
                                 .wants = HOOK_BIT(HOOK_COUNT) - 1,
                                 .call = world_call};

    snprintf(port.name, sizeof port.name, "%s", name);
    return port;
}

static void push_bar(struct world *world, product_ref product, int64_t close)
{
    struct event event = {.kind = EVENT_BAR, .product = product, .time = world->now};

    event.bar = (struct bar){
        world->now - MINUTES(1), MINUTES(1), D(close), D(close), D(close), D(close), D(1)};
    bus_push(engine_bus(world->engine), &event);
}

TEST(it_is_called_once_a_cycle_and_told_each_event_of_its_products)
{
    struct world *world = world_new();
    struct world *notes = mem_new(sizeof *notes);
    struct strategy_port port = listener(notes, "two", PRODUCT_NONE);

    product_set_add(&port.products, BTC);
    product_set_add(&port.products, ETH);
    world_make_engine(world, "r1");
    engine_add_strategy(world->engine, &port);
    world_start(world);
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
    push_bar(world, ETH, 20);
    push_bar(world, BTC, 100);
    world_turn(world);
    assert_string_equal(diary.text, "Pbar Ebar Pbar Bbar Bcycle Ecycle Pcycle ");
    assert_string_equal(diary.marks, "100 20");
    world_free(world);
}

TEST(one_that_fails_leaves_reduce_only_what_it_traded)
{
    struct world *world = world_new();
    struct world *notes = mem_new(sizeof *notes);
    struct strategy_port port = listener(notes, "two", PRODUCT_NONE);

    product_set_add(&port.products, ETH);
    product_set_add(&port.products, BIP);
    world_make_engine(world, "r1");
    engine_add_strategy(world->engine, &port);
    world_start(world);
    notes->script_err = ERR_BUDGET;
    world_price(world, ETH, "10");
    assert_int_equal(engine_level(world->engine, PRODUCT_NONE), LEVEL_NORMAL);
    assert_int_equal(engine_level(world->engine, BTC), LEVEL_NORMAL);
    assert_int_equal(engine_level(world->engine, ETH), LEVEL_REDUCE_ONLY);
    assert_int_equal(engine_level(world->engine, BIP), LEVEL_REDUCE_ONLY);
    mem_free(notes);
    world_free(world);
}

TEST(one_that_traded_everything_leaves_one_cause_that_holds_everywhere)
{
    struct world *world = world_new();

    world_open(world, "1000");
    world->script_err = ERR_BUDGET;
    world_price(world, ETH, "10");
    assert_int_equal(engine_level(world->engine, PRODUCT_NONE), LEVEL_REDUCE_ONLY);
    world_free(world);
}

/* ---- ten wishes in one cycle ---- */

/* Ten products at 100 each; the strategy wants one of each in one call. */
static struct world *ten_wishes(const char *cash, void (*limit)(struct engine_settings *))
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
    limit(&world->settings);
    world_open(world, cash);
    for (int i = 0; i < TEN; i++)
        world_price(world, (product_ref)i, "100");
    for (int i = 0; i < TEN; i++)
        world->wishes[world->wish_count++] = world_wish(ACTION_BUY, (product_ref)i, "1");
    world_wait(world, SECONDS(1));
    assert_int_equal(world->calls[HOOK_CYCLE], 1);
    return world;
}

static int count_sent(const struct world *world)
{
    int count = 0;

    for (int i = 0; i < world->sent_count; i++)
        count += world->sent[i].kind == SENT_SUBMIT;
    return count;
}

/* Every refusal has this code; how many there are. */
static int count_refused(const struct world *world, enum refusal code)
{
    int count = 0;

    for (int i = 0; i < world->fact_count; i++)
        if (world->facts[i].kind == FACT_TRACE && world->facts[i].trace.code) {
            assert_string_equal(refusal_name(world->facts[i].trace.code), refusal_name(code));
            count++;
        }
    return count;
}

static void no_limit(struct engine_settings *settings)
{
    settings->market_cushion_share = DECIMAL_ZERO;
}

TEST(funds_that_earlier_orders_of_the_cycle_reserved_are_gone_for_later_ones)
{
    struct world *world = ten_wishes("350", no_limit);

    assert_int_equal(count_sent(world), 3);
    assert_int_equal(count_refused(world, REFUSAL_INSUFFICIENT_FUNDS), 7);
    assert_decimal(portfolio_available(engine_portfolio(world->engine), "USD"), "50");
    world_free(world);
}

static void limit_exposure(struct engine_settings *settings)
{
    no_limit(settings);
    settings->limits.max_exposure_value = D(400);
}

TEST(orders_at_work_count_in_the_exposure_of_later_ones)
{
    struct world *world = ten_wishes("100000", limit_exposure);

    assert_int_equal(count_sent(world), 4);
    assert_int_equal(count_refused(world, REFUSAL_PRE_TRADE_EXPOSURE), 6);
    world_free(world);
}

static void limit_positions(struct engine_settings *settings)
{
    no_limit(settings);
    settings->limits.max_positions = 2;
}

TEST(positions_being_entered_count_among_the_positions)
{
    struct world *world = ten_wishes("100000", limit_positions);

    assert_int_equal(count_sent(world), 2);
    assert_int_equal(count_refused(world, REFUSAL_PRE_TRADE_EXPOSURE), 8);
    world_free(world);
}

static void limit_rate(struct engine_settings *settings)
{
    no_limit(settings);
    settings->limits.orders_per_second = 5;
}

TEST(orders_of_one_cycle_count_in_the_rate)
{
    struct world *world = ten_wishes("100000", limit_rate);

    assert_int_equal(count_sent(world), 5);
    assert_int_equal(count_refused(world, REFUSAL_ORDER_RATE), 5);
    world_free(world);
}
