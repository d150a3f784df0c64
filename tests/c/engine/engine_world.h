/* An engine with a venue that only takes notes, a journal in memory, and one
 * strategy that does as it is told: what the tests of the engine share. */
#ifndef TESTS_ENGINE_WORLD_H
#define TESTS_ENGINE_WORLD_H

#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "engine/engine_private.h"
#include "engine/oms.h"

#include "model/model_sample.h"

enum { SENT_MAX = 4096, BTC = 0, ETH = 1, BIP = 2 };

enum sent_kind {
    SENT_SUBMIT,
    SENT_CANCEL,
    SENT_AMEND,
    SENT_QUERY_ORDER,
    SENT_QUERY_ORDERS,
    SENT_QUERY_FILLS,
    SENT_QUERY_ACCOUNT,
    SENT_PREVIEW
};

struct sent {
    enum sent_kind kind;
    struct order_request request; /* of SUBMIT and PREVIEW; of others the client id alone */
    venue_order_id venue_id;
    uint64_t query;
    nanos since;
};

struct world {
    struct product_table products;
    struct engine_settings settings;
    struct engine *engine;
    nanos now;

    struct sent sent[SENT_MAX];
    int sent_count;

    struct fact *facts;
    int fact_count, fact_cap, committed;
    bool cannot_edit; /* the venue; before world_open */
    bool commit_fails, synced;
    bool sent_uncommitted; /* something left before what led to it was committed */

    struct decision wishes[DECISIONS_MAX];
    int wish_count;
    struct strategy_call seen;
    int calls[HOOK_COUNT];
    enum err script_err; /* what the strategy's next call ends with */
};

/* ---- the journal ---- */

static inline uint64_t world_append(void *ctx, const struct fact *fact)
{
    struct world *world = ctx;

    if (world->fact_count == world->fact_cap) {
        world->fact_cap = world->fact_cap ? world->fact_cap * 2 : 256;
        world->facts = mem_resize(world->facts, (size_t)world->fact_cap, sizeof *world->facts);
    }
    world->facts[world->fact_count++] = *fact;
    if (fact->kind == FACT_STATE)
        world->facts[world->fact_count - 1].state.json = mem_copy_text(fact->state.json);
    return (uint64_t)world->fact_count;
}

static inline enum err world_commit(void *ctx, bool sync, struct fault *why)
{
    struct world *world = ctx;

    if (world->commit_fails)
        return fail(why, ERR_IO, "the disk is full");
    world->committed = world->fact_count;
    world->synced = sync;
    return OK;
}

/* The beginning of the last snapshot that was ended, or the first fact of all. */
static inline int world_last_snapshot(const struct world *world)
{
    bool is_ended = false;

    for (int i = world->fact_count; i-- > 0;) {
        const struct fact *fact = &world->facts[i];
        if (fact->kind == FACT_SNAPSHOT && !fact->snapshot_ends && is_ended)
            return i;
        is_ended = is_ended || (fact->kind == FACT_SNAPSHOT && fact->snapshot_ends);
    }
    return 0;
}

static inline enum err
world_replay(void *ctx, enum err (*each)(void *to, const struct fact *fact, struct fault *why),
             void *to, struct fault *why)
{
    struct world *world = ctx;
    int count = world->fact_count;

    for (int i = world_last_snapshot(world); i < count; i++) {
        struct fact fact = world->facts[i];
        fact.sequence = (uint64_t)i + 1;
        enum err err = each(to, &fact, why);
        if (err)
            return err;
    }
    return OK;
}

/* ---- the venue ---- */

static inline struct sent *world_note(struct world *world, enum sent_kind kind)
{
    assert_true(world->sent_count < SENT_MAX);
    struct sent *sent = &world->sent[world->sent_count++];
    *sent = (struct sent){.kind = kind};
    if (world->committed != world->fact_count)
        world->sent_uncommitted = true;
    return sent;
}

static inline void world_submit(void *ctx, const struct order_request *request)
{
    world_note(ctx, SENT_SUBMIT)->request = *request;
}

static inline void world_cancel(void *ctx, const client_order_id *client_id,
                                const venue_order_id *venue_id)
{
    struct sent *sent = world_note(ctx, SENT_CANCEL);

    sent->request.client_id = *client_id;
    sent->venue_id = *venue_id;
}

static inline void world_amend(void *ctx, const struct venue_amend *amend)
{
    struct sent *sent = world_note(ctx, SENT_AMEND);

    sent->request.client_id = amend->client_id;
    sent->request.size = amend->size;
    sent->request.limit_price = amend->limit_price;
}

static inline void world_query_order(void *ctx, uint64_t query,
                                     const client_order_id *client_id,
                                     const venue_order_id *venue_id)
{
    struct sent *sent = world_note(ctx, SENT_QUERY_ORDER);

    sent->query = query;
    sent->request.client_id = *client_id;
    sent->venue_id = *venue_id;
}

static inline void world_query_orders(void *ctx, uint64_t query, nanos since)
{
    struct sent *sent = world_note(ctx, SENT_QUERY_ORDERS);

    sent->query = query;
    sent->since = since;
}

static inline void world_query_fills(void *ctx, uint64_t query, nanos since)
{
    struct sent *sent = world_note(ctx, SENT_QUERY_FILLS);

    sent->query = query;
    sent->since = since;
}

static inline void world_query_account(void *ctx, uint64_t query)
{
    world_note(ctx, SENT_QUERY_ACCOUNT)->query = query;
}

static inline void world_preview(void *ctx, uint64_t query, const struct order_request *request)
{
    struct sent *sent = world_note(ctx, SENT_PREVIEW);

    sent->query = query;
    sent->request = *request;
}

/* ---- the strategy ---- */

static inline enum err world_call(void *ctx, const struct strategy_call *call,
                                  struct decision_list *out, struct fault *why)
{
    struct world *world = ctx;

    world->calls[call->hook]++;
    world->seen = *call;
    if (world->script_err) {
        enum err err = world->script_err;
        world->script_err = OK;
        return fail(why, err, "the script broke");
    }
    for (int i = 0; i < world->wish_count; i++)
        out->items[out->count++] = world->wishes[i];
    world->wish_count = 0;
    return OK;
}

/* ---- making ---- */

static inline struct engine_ports world_ports(struct world *world)
{
    struct engine_ports ports = {{0}, {0}, {0}};

    ports.venue = (struct venue_port){
        .ctx = world,
        .name = "notes",
        .can_amend = !world->cannot_edit,
        .submit = world_submit,
        .cancel = world_cancel,
        .amend = world_amend,
        .query_order = world_query_order,
        .query_orders = world_query_orders,
        .query_fills = world_query_fills,
        .query_account = world_query_account,
        .preview = world_preview,
    };
    ports.journal = (struct journal_port){
        .ctx = world, .append = world_append, .commit = world_commit, .replay = world_replay};
    return ports;
}

/* BTC-USD, ETH-USD and a future; settings without limits, cycles of a second. Change the
 * settings, then world_open. */
static inline struct world *world_new(void)
{
    struct world *world = mem_new(sizeof *world);
    struct product products[] = {sample_spot("BTC", "USD"), sample_spot("ETH", "USD"),
                                 sample_future()};

    product_table_init(&world->products);
    for (size_t i = 0; i < ARRAY_LEN(products); i++) {
        product_ref ref;
        assert_int_equal(product_table_add(&world->products, &products[i], &ref, NULL), OK);
    }
    engine_settings_init_unlimited(&world->settings);
    world->settings.taker_rate = world->settings.maker_rate = DECIMAL_ZERO;
    world->settings.cycle_every = SECONDS(1);
    world->now = SECONDS(1700000000); /* 2023-11-14T22:13:20Z */
    return world;
}

static inline void world_make_engine(struct world *world, const char *run)
{
    struct engine_ports ports = world_ports(world);
    struct strategy_port strategy = {
        .ctx = world, .name = "told", .product = PRODUCT_NONE, .call = world_call};

    strategy.wants = HOOK_BIT(HOOK_COUNT) - 1;
    world->engine = engine_new(&world->settings, &world->products, &ports, run);
    engine_add_strategy(world->engine, &strategy);
}

static inline void world_start(struct world *world)
{
    struct fact_run run = {.run = "test"};
    struct fault why = {OK, ""};

    assert_int_equal(engine_start(world->engine, &run, world->now, &why), OK);
}

static inline void world_open(struct world *world, const char *cash)
{
    world_make_engine(world, "r1");
    engine_set_balance(world->engine, "USD", dec(cash), "opening");
    world_start(world);
}

static inline void world_free(struct world *world)
{
    engine_free(world->engine);
    for (int i = 0; i < world->fact_count; i++)
        if (world->facts[i].kind == FACT_STATE)
            mem_free((char *)world->facts[i].state.json);
    mem_free(world->facts);
    mem_free(world);
}

/* Limits that a test changes while the engine runs, which no program does: from here on every
 * row is asked, set or not. */
static inline struct limits *world_limits(struct world *world)
{
    world->engine->idle_limits = 0;
    return &world->engine->settings.limits;
}

/* ---- moving ---- */

static inline void world_turn(struct world *world)
{
    struct fault why = {OK, ""};

    if (engine_turn(world->engine, world->now, &why))
        fail_msg("the turn failed: %s", why.text);
    assert_false(world->sent_uncommitted);
    oms_check(engine_oms(world->engine));
    portfolio_check(engine_portfolio(world->engine));
}

static inline void world_wait(struct world *world, nanos span)
{
    world->now += span;
    world_turn(world);
}

static inline void world_push(struct world *world, struct event event)
{
    event.time = world->now;
    bus_push(engine_bus(world->engine), &event);
    world_turn(world);
}

static inline void world_price(struct world *world, product_ref product, const char *price)
{
    struct event event = {.kind = EVENT_TRADE, .product = product};

    event.trade = (struct trade){.price = dec(price), .size = D(1)};
    world_push(world, event);
}

static inline struct decision world_wish(enum action action, product_ref product,
                                         const char *size)
{
    struct decision decision = {
        .action = action, .product = product, .type = ORDER_MARKET, .tif = TIF_IOC};

    decision.has_size = size != NULL;
    if (size)
        decision.size = dec(size);
    return decision;
}

/* The strategy wants this, on a trade at the last price. */
static inline void world_decide(struct world *world, struct decision decision)
{
    decimal price = engine_market(world->engine, decision.product)->mark;
    char text[DECIMAL_TEXT_MAX];

    world->wishes[world->wish_count++] = decision;
    world_price(world, decision.product, decimal_format(price, text));
}

static inline void world_buy(struct world *world, product_ref product, const char *size)
{
    world_decide(world, world_wish(ACTION_BUY, product, size));
}

static inline void world_sell(struct world *world, product_ref product, const char *size)
{
    world_decide(world, world_wish(ACTION_SELL, product, size));
}

static inline struct decision world_limit_wish(enum action action, product_ref product,
                                               const char *size, const char *price)
{
    struct decision decision = world_wish(action, product, size);

    decision.type = ORDER_LIMIT;
    decision.tif = TIF_GTC;
    decision.limit_price = dec(price);
    return decision;
}

static inline void world_limit(struct world *world, enum action action, product_ref product,
                               const char *size, const char *price)
{
    world_decide(world, world_limit_wish(action, product, size, price));
}

/* ---- the venue's word ---- */

static inline const struct order *world_order(const struct world *world, order_number number)
{
    const struct order *order = oms_find(engine_oms(world->engine), number);

    assert_non_null(order);
    return order;
}

static inline struct event world_report(struct world *world, order_number number,
                                        enum report_kind kind)
{
    const struct order *order = world_order(world, number);
    struct event event = {.kind = EVENT_REPORT, .product = order->request.product};

    event.report.kind = kind;
    event.report.client_id = order->request.client_id;
    snprintf(event.report.venue_id.text, VENUE_ORDER_ID_MAX, "v-%llu",
             (unsigned long long)number);
    return event;
}

static inline void world_say(struct world *world, order_number number, enum report_kind kind)
{
    world_push(world, world_report(world, number, kind));
}

static inline struct event world_fill_event(struct world *world, order_number number,
                                            const char *id, const char *size, const char *price,
                                            const char *fee)
{
    const struct order *order = world_order(world, number);
    const struct product *product = &world->products.items[order->request.product];
    struct event event = world_report(world, number, REPORT_FILL);
    struct fill *fill = &event.report.fill;

    event.report.has_fill = true;
    *fill = (struct fill){
        .product = order->request.product,
        .side = order->request.side,
        .size = dec(size),
        .price = dec(price),
        .fee = dec(fee),
        .time = world->now,
    };
    snprintf(fill->id.text, FILL_ID_MAX, "%s", id);
    assert_true(product_value(product, fill->size, fill->price, &fill->value));
    return event;
}

static inline void world_fill(struct world *world, order_number number, const char *id,
                              const char *size, const char *price, const char *fee)
{
    world_push(world, world_fill_event(world, number, id, size, price, fee));
}

static inline struct event world_totals_event(struct world *world, order_number number,
                                              enum report_kind kind, const char *size,
                                              const char *value, const char *fees)
{
    struct event event = world_report(world, number, kind);

    event.report.has_totals = true;
    event.report.total_size = dec(size);
    event.report.total_value = dec(value);
    event.report.total_fees = dec(fees);
    return event;
}

/* Buys at the venue's hands, whole and at once: a position to work with. */
static inline order_number world_hold(struct world *world, product_ref product,
                                      const char *size, const char *price)
{
    static int fills;
    char id[32];

    world_price(world, product, price);
    order_number number = oms_next_number(engine_oms(world->engine));
    world_buy(world, product, size);
    snprintf(id, sizeof id, "hold-%d", ++fills);
    world_say(world, number, REPORT_ACCEPTED);
    world_fill(world, number, id, size, price, "0");
    return number;
}

/* ---- looking ---- */

static inline const char *world_state(const struct world *world, order_number number)
{
    return order_state_name(world_order(world, number)->state);
}

static inline order_number world_last_order(const struct world *world)
{
    return oms_next_number(engine_oms(world->engine)) - 1;
}

static inline int world_sent(const struct world *world, enum sent_kind kind)
{
    int count = 0;

    for (int i = 0; i < world->sent_count; i++)
        count += world->sent[i].kind == kind;
    return count;
}

static inline const struct sent *world_last_sent(const struct world *world, enum sent_kind kind)
{
    for (int i = world->sent_count; i-- > 0;)
        if (world->sent[i].kind == kind)
            return &world->sent[i];
    fail_msg("nothing of the kind was sent");
    return NULL;
}

static inline int world_facts(const struct world *world, enum fact_kind kind)
{
    int count = 0;

    for (int i = 0; i < world->fact_count; i++)
        count += world->facts[i].kind == kind;
    return count;
}

/* The last fact of a kind, NULL if there is none. */
static inline const struct fact *world_last_fact(const struct world *world, enum fact_kind kind)
{
    for (int i = world->fact_count; i-- > 0;)
        if (world->facts[i].kind == kind)
            return &world->facts[i];
    return NULL;
}

/* Code of the last order that was passed through the pipeline: "none" when it left. */
static inline const char *world_code(const struct world *world)
{
    const struct fact *fact = world_last_fact(world, FACT_TRACE);

    assert_non_null(fact);
    return refusal_name(fact->trace.code);
}

static inline decimal world_position(const struct world *world, product_ref product)
{
    return portfolio_position(engine_portfolio(world->engine), product)->size;
}

static inline decimal world_cash(const struct world *world)
{
    return portfolio_balance(engine_portfolio(world->engine), "USD").total;
}

static inline decimal world_held(const struct world *world, const char *currency)
{
    return portfolio_balance(engine_portfolio(world->engine), currency).hold;
}

static inline const char *world_level(const struct world *world, product_ref product)
{
    return level_name(engine_level(world->engine, product));
}

/* ---- the words of a test ---- */

/* Opens with cash; BTC at 100, ETH at 10, and BIP at 100, of which a contract is worth 1. */
static inline struct world *given_market(struct world *world, const char *cash)
{
    world_open(world, cash);
    world_price(world, BTC, "100");
    world_price(world, ETH, "10");
    world_price(world, BIP, "100");
    return world;
}

static inline void when_commanded(struct world *world, enum command_kind kind)
{
    struct event event = {.kind = EVENT_COMMAND, .product = PRODUCT_NONE};

    event.command.kind = kind;
    snprintf(event.command.who, sizeof event.command.who, "anna");
    snprintf(event.command.why, sizeof event.command.why, "a test");
    world_push(world, event);
}

static inline void when_quoted(struct world *world, product_ref product, const char *bid,
                               const char *ask)
{
    struct event event = {.kind = EVENT_QUOTE, .product = product};

    event.quote = (struct quote){dec(bid), D(1), dec(ask), D(1)};
    world_push(world, event);
}

static inline void when_accepted(struct world *world)
{
    world_say(world, world_last_order(world), REPORT_ACCEPTED);
}

/* Macros, so that a failure names the line of the test. */
#define then_code(world, code)        assert_string_equal(world_code(world), code)
#define then_refused(world)           assert_string_not_equal(world_code(world), "none")
#define then_state(world, n, is)      assert_string_equal(world_state(world, n), is)
#define then_level(world, p, is)      assert_string_equal(world_level(world, p), is)
#define then_held(world, amount)      assert_decimal(world_held(world, "USD"), amount)
#define then_sent(world, kind, count) assert_int_equal(world_sent(world, kind), count)

/* The pipeline's answer to an order: "none" when it left. */
#define then_buy(world, product, size, code)                                                   \
    do {                                                                                       \
        world_buy(world, product, size);                                                       \
        then_code(world, code);                                                                \
    } while (0)
#define then_sell(world, product, size, code)                                                  \
    do {                                                                                       \
        world_sell(world, product, size);                                                      \
        then_code(world, code);                                                                \
    } while (0)
#define then_limit(world, action, product, size, price, code)                                  \
    do {                                                                                       \
        world_limit(world, action, product, size, price);                                      \
        then_code(world, code);                                                                \
    } while (0)

#endif
